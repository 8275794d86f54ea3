// Entry point: the relay lab as a classic script, for a page that is opened as a file.

export { lab } from "./relay_lab.js";
