// The transcript: every step as a line, made when it is opened.

/** @import { Player } from "./player.js" */
/** @import { TapeEvent } from "./types.js" */

import { html } from "./dom.js";
import { clock } from "./format.js";

export class Transcript {
  /** @param {Player} player */
  constructor(player) {
    this.player = player;
    this.lines = html("ol", { class: "mf-transcript" });
    const summary = html("summary", {}, `Transcript, ${player.tape.length} steps`);
    this.element = html("details", { ontoggle: () => this.fill() }, summary, this.lines);
  }

  fill() {
    if (!this.element.open || this.lines.children.length) return;
    this.lines.append(...this.player.tape.events.map((event) => this.line(event)));
    this.mark();
  }

  /** @param {TapeEvent} event */
  line(event) {
    const { player } = this;
    const time = html("span", { class: "mf-clock" }, clock(event.time));
    const props = { type: "button", onclick: () => player.go(event.number) };
    return html("li", {}, html("button", props, time, ` ${player.tape.sentence(event)}`));
  }

  /** Mark the step that is shown, and keep it in sight. */
  mark() {
    this.lines.querySelector("[aria-current]")?.removeAttribute("aria-current");
    const line = this.lines.children[this.player.cursor];
    if (!(line instanceof HTMLElement)) return;
    line.setAttribute("aria-current", "step");
    this.lines.scrollTop = line.offsetTop - this.lines.offsetTop - 60;
  }
}
