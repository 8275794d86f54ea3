// Entry point: the player as a classic script, for a page that is opened as a file.

export { mount } from "./main.js";
export * from "./shared.js";
