// Help: every sign of the views in sight, and the keys.

/** @import { Player } from "./player.js" */

import { button, html } from "./dom.js";
import { signsOf } from "./registry.js";

/** @type {[sign: string, meaning: string][]} */
const KEYS = [
  ["→ ←", "on and back"],
  ["Shift → ←", "a single step"],
  ["[ ]", "chapter"],
  ["Home End", "start and end"],
  ["Space", "play, pause"],
  ["n", "next bet or decision"],
  ["l", "story, in detail, every step"],
  ["1 2 3 …", "views"],
  ["p", "present"],
  ["s", "share"],
  ["g", "save the picture"],
  ["Esc", "skip a bet, close, leave"],
];
/** @type {[sign: string, meaning: string][]} */
const SURE = [
  ["documented twice", "two documents say so"],
  ["documented", "one document says so"],
  ["inferred", "follows from documents; none says it"],
  ["unconfirmed", "no document at hand: a setting that you can change"],
];

/**
 * Open the card that explains everything in sight.
 *
 * @param {Player} player
 */
export function showHelp(player) {
  const signs = player.visible().flatMap(signsOf);
  /** @type {(pairs: [string, string][]) => HTMLElement} */
  const list = (pairs) =>
    html("dl", {}, ...pairs.flatMap(([sign, text]) => [html("dt", {}, sign), html("dd", {}, text)]));
  player.card.show(
    "Signs and keys",
    signs.length ? html("h4", {}, "In the picture") : "",
    signs.length ? list(signs) : "",
    html("h4", {}, "How sure a rule is"),
    list(SURE),
    html("h4", {}, "Keys"),
    list(KEYS),
    button("Save the picture (SVG)", "Save the picture as an SVG file (g)", () => player.save()),
  );
}
