// Entry point: the player with link state as a classic script, for a page that is opened as a file.

export { mount } from "./main_link_state.js";
