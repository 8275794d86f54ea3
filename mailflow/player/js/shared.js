// What parts of their own are made with: their bundles take it from that of the player.

export { NEW, reveal, seenBefore } from "./changes.js";
export { shapeOf } from "./chips.js";
export { button, columns, copyText, html, scrolled, select, svg, table, write } from "./dom.js";
export { factChips } from "./facts.js";
export { clock, counted, placeName } from "./format.js";
export { isRefused, talkOf } from "./ladder.js";
export { Player } from "./player.js";
export { addExtra, addMaker, addMapLayer, addView, addVoice, hasPart } from "./registry.js";
export { carrierOf } from "./session.js";
export { messageOf } from "./tape.js";
