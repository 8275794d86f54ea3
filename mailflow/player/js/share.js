// Share: a line of Python that opens the step that is shown in another notebook.

/** @import { Player } from "./player.js" */

import { copyText, html } from "./dom.js";

/**
 * Show the line on a card, and copy it.
 *
 * @param {Player} player
 */
export function share(player) {
  const { options, cursor } = player;
  if (!options.share) return;
  const line = html("code", { class: "mf-line-to-copy" }, `mailflow.play("${options.share}:${cursor}")`);
  const status = html("span", { role: "status" });
  player.card.show("Share this step", html("p", {}, "This line opens this step in another notebook. ", status), line);
  copyText(line, status);
}
