// View: the run as a text. Chapters and beats, the one that is shown unfolded into its steps.

/** @import { Player } from "./player.js" */

import { html } from "./dom.js";
import { clock } from "./format.js";

export class StoryView {
  /** @param {Player} player */
  constructor(player) {
    this.player = player;
    this.element = html("div", { class: "mf-storyview", "data-part": "story" });
    this.shown = "";
  }

  update() {
    const { levels, cursor } = this.player;
    const open = levels.beatOf(cursor);
    const shown = `${open} ${levels.level} ${levels.followed}`;
    if (shown !== this.shown) {
      this.shown = shown;
      this.element.replaceChildren(...(levels.beats.length ? this.beats(open) : [this.steps(0, Infinity)]));
    }
    this.mark();
  }

  // What is not laid out yet cannot be scrolled.
  seen() {
    this.mark();
  }

  /** @param {number} open */
  beats(open) {
    const { beats, chapters } = this.player.levels;
    const titles = Object.fromEntries(chapters.map((chapter) => [chapter.beat, chapter.title]));
    return beats.flatMap((beat, number) => [
      titles[number] ? html("h4", {}, titles[number]) : "",
      this.line(beat.at, beat.text, "mf-beat"),
      number === open && beat.last > beat.first ? this.steps(beat.first, beat.last) : "",
    ]);
  }

  /**
   * @param {number} first
   * @param {number} last
   */
  steps(first, last) {
    const { tape } = this.player;
    const events = tape.events.slice(first, last + 1);
    const lines = events.map((event) =>
      html("li", {}, this.line(event.number, tape.sentence(event), "mf-single", event.time)),
    );
    return html("ol", { class: "mf-steps", start: first + 1 }, ...lines);
  }

  /**
   * @param {number} number
   * @param {string} text
   * @param {string} kind
   * @param {number | null} [time] in seconds
   */
  line(number, text, kind, time = null) {
    const props = { type: "button", class: kind, "data-step": number, onclick: () => this.player.go(number) };
    return html("button", props, time === null ? "" : html("span", { class: "mf-clock" }, `${clock(time)} `), text);
  }

  // Mark the step that is shown, and keep it in sight.
  mark() {
    const { cursor, levels } = this.player;
    for (const old of this.element.querySelectorAll("[aria-current]")) old.removeAttribute("aria-current");
    const beat = levels.beats[levels.beatOf(cursor)];
    for (const number of new Set([cursor, beat?.at])) {
      for (const line of this.element.querySelectorAll(`[data-step="${number}"]`))
        line.setAttribute("aria-current", "step");
    }
    const [current] = this.element.querySelectorAll("[aria-current]");
    if (current instanceof HTMLElement) this.element.scrollTop = current.offsetTop - this.element.clientHeight / 3;
  }
}
