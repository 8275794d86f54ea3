// Share: a line of Python that opens the step that is shown in another notebook.

/** @import { Player } from "./player.js" */

import { button, copyText, html } from "./dom.js";

export class Share {
  /** @param {Player} player */
  constructor(player) {
    this.player = player;
    this.element = html("p", { class: "mf-share", hidden: true });
  }

  open() {
    const { options, cursor } = this.player;
    if (!options.share) return;
    const line = html("code", {}, `mailflow.play("${options.share}:${cursor}")`);
    const status = html("span", { role: "status" });
    const close = button("Close", "Close the line", () => this.close());
    this.element.replaceChildren("This line opens this step in another notebook. ", status, line, close);
    this.element.hidden = false;
    copyText(line, status);
  }

  close() {
    this.hide();
    this.player.root.focus();
  }

  /** A line for another step would mislead. */
  hide() {
    this.element.hidden = true;
  }
}
