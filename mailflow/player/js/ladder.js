// View: the ladder, who said what to whom on the wire.

/** @import { Player } from "./player.js" */
/** @import { Says, TapeEvent } from "./types.js" */

import { html, svg } from "./dom.js";
import { counted, short } from "./format.js";
import { heard } from "./registry.js";

const WIDTH = 820;
const LEFT = 120;
const RIGHT = 700;
const ROW = 58;
/** Rows that are in sight. */
const MOST_ROWS = 7;

export class LadderView {
  /** @param {Player} player */
  constructor(player) {
    this.player = player;
    this.element = html("div", { class: "mf-ladder" });
    /** @type {(event: TapeEvent) => boolean} */
    const speaks = (event) => event.step.fields.includes("peer") && this.says(event).said !== "";
    this.talk = player.tape.events.filter(speaks);
  }

  /**
   * Who speaks, what is said, and what the other side answers; an answer may be missing.
   *
   * @param {TapeEvent} event
   * @returns {Says}
   */
  says(event) {
    const { tape } = this.player;
    /** @type {(name: string) => string} */
    const text = (name) => String(tape.value(event, name) ?? "").trim();
    return heard(this.player, event) || { speaker: event.server, said: text("command"), answer: text("reply") };
  }

  update() {
    const past = this.talk.filter((event) => event.number <= this.player.cursor);
    if (!past.length) {
      const none = "No SMTP session takes place in this scenario.";
      const text = this.talk.length ? "Nobody has spoken SMTP yet. Step on." : none;
      this.element.replaceChildren(html("p", { class: "mf-note" }, text));
      return;
    }
    const last = past[past.length - 1];
    /** @type {(event: TapeEvent) => string} */
    const pair = (event) => [event.server, this.player.peer(event)].sort().join("|");
    const rows = past.filter((event) => pair(event) === pair(last)).slice(-MOST_ROWS);
    this.element.replaceChildren(this.dialogue(last, rows), this.reply(last));
  }

  /**
   * @param {TapeEvent} last
   * @param {TapeEvent[]} rows
   */
  dialogue(last, rows) {
    const [left, right] = [last.server, this.player.peer(last)];
    const height = 56 + rows.length * ROW;
    const label = `SMTP dialogue between ${left} and ${right}`;
    const props = { viewBox: `0 0 ${WIDTH} ${height}`, class: "mf-svg mf-talk", role: "img", "aria-label": label };
    return svg(
      "svg",
      props,
      ...lifeline(LEFT, left, height),
      ...lifeline(RIGHT, right, height),
      ...rows.flatMap((event, row) => this.exchange(event, 62 + row * ROW, left)),
    );
  }

  /**
   * @param {TapeEvent} event
   * @param {number} y
   * @param {string} left
   */
  exchange(event, y, left) {
    const current = event.number === this.player.cursor ? " mf-current" : "";
    const { speaker, said, answer } = this.says(event);
    const [from, to] = speaker === left ? [LEFT, RIGHT] : [RIGHT, LEFT];
    const command = arrow(from, to, y, said, `mf-say1${current}`);
    if (!answer) return [command];
    const lines = answer.split("\n");
    const bad = /^[45]/.test(lines[0]);
    const more = lines.length > 1 ? `  (+${counted(lines.length - 1, "line")})` : "";
    const text = (bad ? "✕ " : "") + lines[0] + more;
    return [command, arrow(to, from, y + 24, text, `mf-say2${current}${bad ? " mf-bad" : ""}`)];
  }

  /** @param {TapeEvent} event */
  reply(event) {
    const { answer } = this.says(event);
    return answer.includes("\n") ? html("pre", { tabindex: 0, "aria-label": "The whole reply" }, answer) : "";
  }
}

/**
 * @param {number} x
 * @param {string} name
 * @param {number} height
 */
function lifeline(x, name, height) {
  return [
    svg("rect", { x: x - 105, y: 6, width: 210, height: 28, rx: 6, class: "mf-box" }),
    svg("text", { x, y: 25, "text-anchor": "middle", class: "mf-name" }, short(name, 27)),
    svg("line", { x1: x, x2: x, y1: 34, y2: height, class: "mf-life" }),
  ];
}

/**
 * @param {number} from
 * @param {number} to
 * @param {number} y
 * @param {string} text
 * @param {string} kind
 */
function arrow(from, to, y, text, kind) {
  const tip = to > from ? -8 : 8;
  return svg(
    "g",
    { class: `mf-arrow ${kind}` },
    svg("line", { x1: from, x2: to, y1: y, y2: y }),
    svg("path", { d: `M${to} ${y}l${tip} -4v8z` }),
    svg("text", { x: WIDTH / 2, y: y - 5, "text-anchor": "middle" }, short(text, 78)),
    svg("title", {}, text),
  );
}
