// The learner's file, carried away and back: the kernel has it, and only a browser can give it to somebody or take it.

import { html, keepShortcutsAway } from "./dom.js";
import { giveBack, isForJupyter } from "./focus.js";

/** @typedef {{ said: string, file?: string, name?: string }} Answer what the kernel says, and the file when it was asked for */
/** @typedef {{ send(message: object): void, on(name: string, act: (message: Answer) => void): void, off(name: string, act: (message: Answer) => void): void }} CarryModel */

const LARGEST = 1_000_000;
const PATIENCE = 5_000;
const SILENCE = "No answer yet. When the kernel is not running, run this cell and press again.";

export class Carry {
  /** @param {CarryModel} model */
  constructor(model) {
    this.model = model;
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.waiting = undefined;
    this.said = html("p", { role: "status" });
    this.file = html("input", { type: "file", accept: ".json", hidden: true, onchange: () => this.give() });
    this.root = html(
      "div",
      {
        class: "mf-bet mf-carry",
        role: "group",
        "aria-label": "Your progress file",
        onfocusin: keepShortcutsAway,
        onkeydown: (event) => this.key(event),
      },
      html("button", { type: "button", onclick: () => this.ask({ want: "file" }) }, "Download your progress"),
      html("button", { type: "button", onclick: () => this.file.click() }, "Upload your progress"),
      this.file,
      this.said,
    );
    this.hear = (/** @type {Answer} */ answer) => this.heard(answer);
    model.on("msg:custom", this.hear);
  }

  /** @param {KeyboardEvent} event */
  key(event) {
    if (isForJupyter(event)) return;
    event.stopPropagation();
    if (event.key === "Escape") giveBack(this.root);
  }

  /** @param {object} message */
  ask(message) {
    this.told("");
    this.waiting = setTimeout(() => this.told(SILENCE), PATIENCE);
    this.model.send(message);
  }

  async give() {
    const [chosen] = this.file.files ?? [];
    if (!chosen) return;
    if (chosen.size > LARGEST) this.told("This file is too large to be a progress file. Nothing is changed.");
    else this.ask({ given: await chosen.text() });
    this.file.value = "";
  }

  /** @param {Answer} answer */
  heard({ said, file, name }) {
    this.told(said);
    if (!file) return;
    const url = URL.createObjectURL(new Blob([file], { type: "application/json" }));
    html("a", { href: url, download: name }).click();
    setTimeout(() => URL.revokeObjectURL(url), PATIENCE);
  }

  /** @param {string} text */
  told(text) {
    clearTimeout(this.waiting);
    this.said.textContent = text;
  }

  end() {
    clearTimeout(this.waiting);
    this.model.off("msg:custom", this.hear);
  }
}
