// A card over the picture: a fact, the signs and keys, a line to copy. It takes no room and moves nothing.

import { button, html } from "./dom.js";

export class Card {
  constructor(player) {
    this.player = player;
    this.element = html("div", { class: "mf-card", role: "dialog", hidden: true, "data-part": "card" });
  }

  get isOpen() {
    return !this.element.hidden;
  }

  /** Show something under a title; the focus comes back to where it was. */
  show(title, ...content) {
    this.from = document.activeElement;
    const close = button("✕", "Close (Escape)", () => this.close(), { class: "mf-close" });
    this.element.setAttribute("aria-label", title);
    this.element.replaceChildren(html("h3", {}, title), close, ...content);
    this.element.hidden = false;
    close.focus({ preventScroll: true });
  }

  close() {
    this.hide();
    const target = this.player.root.contains(this.from) ? this.from : this.player.root;
    target.focus({ preventScroll: true });
  }

  /** Away with it, and leave the focus alone. */
  hide() {
    this.element.hidden = true;
  }
}
