// A card over the picture: a fact, the signs and keys, a line to copy. It takes no room and moves nothing.

/** @import { Player } from "./player.js" */

import { button, html } from "./dom.js";

export class Card {
  /** @param {Player} player */
  constructor(player) {
    this.player = player;
    /** @type {HTMLElement | null} */
    this.from = null;
    this.element = html("div", { class: "mf-card", role: "dialog", hidden: true, "data-part": "card" });
  }

  get isOpen() {
    return !this.element.hidden;
  }

  /**
   * Show something under a title; the focus comes back to where it was.
   *
   * @param {string} title
   * @param {(Node | string)[]} content
   */
  show(title, ...content) {
    this.from = /** @type {HTMLElement} */ (document.activeElement);
    const close = button("✕", "Close (Escape)", () => this.close(), { class: "mf-close" });
    this.element.setAttribute("aria-label", title);
    this.element.replaceChildren(html("h3", {}, title), close, ...content);
    this.element.hidden = false;
    close.focus({ preventScroll: true });
  }

  close() {
    this.hide();
    const { from, player } = this;
    (from && player.root.contains(from) ? from : player.root).focus({ preventScroll: true });
  }

  /** Away with it; whoever draws cares for the focus. */
  hide() {
    this.element.hidden = true;
  }
}
