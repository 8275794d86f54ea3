// View: the ladder, who said what to whom on the wire. Everybody who talks in a run is a column of it.

/** @import { Player } from "./player.js" */
/** @import { Says, TapeEvent } from "./types.js" */

import { reveal, seenBefore } from "./changes.js";
import { button, html } from "./dom.js";
import { clock, counted, short } from "./format.js";
import { heard } from "./registry.js";

/** Between two lines that are so many seconds apart stands the time. */
const PAUSE = 1;
/** Between an arrow in sight and the edge, in CSS pixels: half a column, so that it is seen whose line it ends at. */
const MARGIN = 60;
/** Columns that are wide enough for most words. */
const ROOM = 3;
/** Columns that are in sight at once on a laptop; a line between two that are further apart names both. */
const IN_SIGHT = 6;

/** @type {[sign: string, meaning: string][]} */
export const LADDER_SIGNS = [
  ["──▸", "what is said, from the one who says it"],
  ["╌╌✕", "refused (a reply 4xx or 5xx), or nobody answers"],
  ["▸ 250 (19 lines)", "a long reply: open it with a click, or Enter"],
  ["XEXCH50", "a verb that only Exchange has"],
  ["▌", "said in this step; the last line is in bold type"],
];

/**
 * One line of a conversation: `failed` where the other side was not there.
 *
 * @typedef {Says & { event: TapeEvent, from: string, to: string, failed: boolean }} Line
 */

/**
 * All that is said in a run, in order.
 *
 * @param {Player} player
 * @returns {Line[]}
 */
export function talkOf(player) {
  return player.tape.events.flatMap((event) => lineOf(player, event) ?? []);
}

/**
 * @param {Player} player
 * @param {TapeEvent} event
 * @returns {Line | null}
 */
function lineOf(player, event) {
  const { tape } = player;
  /** @type {(name: string) => string} */
  const text = (name) => String(tape.value(event, name) ?? "").trim();
  const { key } = event.step;
  if (key === "mta.transferred") {
    const says = { speaker: event.server, said: `X.400: ${event.mail} ${text("way")}`, answer: "" };
    return { ...says, event, from: event.server, to: serverOf(player, text("target")), failed: false };
  }
  const peer = player.peer(event);
  if (!peer) return null;
  if (key === "link.failed") {
    return {
      event,
      speaker: event.server,
      said: "connect",
      answer: text("why"),
      from: event.server,
      to: peer,
      failed: true,
    };
  }
  const says = heard(player, event) ?? { speaker: event.server, said: text("command"), answer: text("reply") };
  if (!says.said) return null;
  return { ...says, event, from: says.speaker, to: says.speaker === peer ? event.server : peer, failed: false };
}

/**
 * @param {Player} player
 * @param {string} name
 */
function serverOf(player, name) {
  const { servers } = player.tape.data.organization;
  return servers.find((server) => server.fqdn.toLowerCase() === name.toLowerCase())?.name ?? name;
}

/**
 * Whether a line was refused, or not heard at all.
 *
 * @param {Line} line
 */
export function isRefused(line) {
  return line.failed || /^[45]\d\d/.test(line.answer);
}

/**
 * Who talks: in the order in which they first do, or where they are many, those of a routing group side by side.
 *
 * @param {Player} player
 * @param {Line[]} lines
 */
function columnsOf(player, lines) {
  const names = [...new Set(lines.flatMap(({ from, to }) => [from, to]))];
  if (names.length <= IN_SIGHT) return names;
  const { routing_groups: groups, servers } = player.tape.data.organization;
  const inside = groups.flatMap(({ name }) => servers.filter((server) => server.routing_group === name));
  const known = inside.map((server) => server.name);
  return [...known.filter((name) => names.includes(name)), ...names.filter((name) => !known.includes(name))];
}

export class LadderView {
  /** @param {Player} player */
  constructor(player) {
    this.player = player;
    this.lines = talkOf(player);
    this.names = columnsOf(player, this.lines);
    /** @type {Map<Line, HTMLElement>} */
    this.rows = new Map();
    this.note = html("p", { class: "mf-note" });
    this.talk = html("ol", { class: "mf-talk" });
    this.boxes = this.heads();
    this.peers = html("div", { class: "mf-peers" }, ...this.boxes);
    this.rungs = html("div", { class: "mf-rungs" }, this.peers, this.lives(), this.talk);
    this.rungs.style.setProperty("--mf-columns", String(this.names.length));
    this.coming = html("p", { class: "mf-coming" });
    this.element = html("div", { class: "mf-ladder" }, this.note, this.rungs, this.coming);
  }

  heads() {
    return this.names.map((name) => {
      const props = { class: "mf-peer", "data-spot": `server:${name}`, "data-part": "box", title: name };
      return html("b", props, html("span", {}, ...name.split(/(?<=\.)/).flatMap((part) => [html("wbr"), part])));
    });
  }

  lives() {
    return html("div", { class: "mf-lives", "aria-hidden": "true" }, ...this.names.map(() => html("i")));
  }

  update() {
    const { cursor } = this.player;
    const past = this.lines.filter((line) => line.event.number <= cursor);
    const none = this.lines.length ? "Nobody has spoken yet. Step on." : "Nobody speaks to anybody in this run.";
    this.note.textContent = past.length ? "" : none;
    this.note.hidden = past.length > 0;
    this.rungs.hidden = !this.lines.length;
    this.fill(past);
    this.mark(past);
    this.hide(past);
    this.offer();
    this.seen();
  }

  /**
   * Who is still to talk is no secret, unless there are bets: one may be about just that.
   *
   * @param {Line[]} past
   */
  hide(past) {
    if (!this.player.questions?.all.length) return;
    const known = new Set(past.flatMap(({ from, to }) => [from, to]));
    this.boxes.forEach((box, index) => {
      box.style.visibility = known.has(this.names[index]) ? "" : "hidden";
    });
  }

  /** The verbs that are still to come, while a bet can be answered with them. */
  offer() {
    const verbs = (this.player.asking?.where ?? []).flatMap((where) => (where?.kind === "verb" ? [where.name] : []));
    const order = ["MAIL", "RCPT", "DATA"].filter((verb) => verbs.includes(verb));
    const marks = order.map((verb) => html("b", { "data-spot": `verb:${verb}`, "data-part": "chip" }, verb));
    this.coming.replaceChildren(...(marks.length ? ["Still to come: ", ...marks] : []));
  }

  /** @param {Line[]} past */
  fill(past) {
    const { children } = this.talk;
    while (children.length > past.length) this.talk.lastElementChild?.remove();
    for (const line of past.slice(children.length)) this.talk.append(this.row(line));
  }

  /** @param {Line[]} past */
  mark(past) {
    const since = seenBefore(this.player);
    const last = past[past.length - 1];
    for (const line of past) {
      const row = this.row(line);
      const now = line.event.number > since;
      row.classList.toggle("mf-now", now);
      row.classList.toggle("mf-current", now && line === last);
      row.classList.toggle("mf-aside", !this.player.levels.concerns(line.event.mail));
      if (now && line === last) row.setAttribute("aria-current", "step");
      else row.removeAttribute("aria-current");
    }
  }

  /** Bring the last line into sight, across as well as down: what is said, and first of all who says it to whom. */
  seen() {
    const row = this.talk.lastElementChild;
    if (!(row instanceof HTMLElement) || !this.element.isConnected) return;
    reveal(this.element, row, this.peers.offsetHeight);
    for (const part of [".mf-words", ".mf-wire"]) this.across([...row.querySelectorAll(part)]);
  }

  /**
   * The left end comes first where there is no room for all.
   *
   * @param {Element[]} parts
   */
  across(parts) {
    const view = this.element.getBoundingClientRect();
    const boxes = parts.map((part) => part.getBoundingClientRect()).filter((box) => box.width);
    const left = Math.min(...boxes.map((box) => box.left)) - view.left - MARGIN;
    const right = Math.max(...boxes.map((box) => box.right)) - view.right + MARGIN;
    if (left < 0) this.element.scrollLeft += left;
    else if (right > 0) this.element.scrollLeft += Math.min(right, left);
  }

  /** @param {Line} line */
  row(line) {
    const found = this.rows.get(line) ?? this.made(line);
    this.rows.set(line, found);
    return found;
  }

  /** @param {Line} line */
  made(line) {
    const { event, from, to, said, answer } = line;
    const verb = said.split(/[ :]/)[0].toUpperCase();
    const before = this.lines[this.lines.indexOf(line) - 1];
    const later = before && event.time - before.event.time >= PAUSE;
    const props = {
      "data-part": "row",
      "data-step": event.number,
      "data-spot": `verb:${verb}`,
      title: clock(event.time),
    };
    return html(
      "li",
      props,
      later ? html("p", { class: "mf-later" }, clock(event.time)) : null,
      this.arrow(from, to, line.failed ? "mf-say mf-bad mf-lost" : "mf-say", said),
      this.answer(line, answer),
    );
  }

  /**
   * @param {Line} line
   * @param {string} answer
   */
  answer(line, answer) {
    if (!answer) return null;
    const { from, to } = line;
    if (line.failed) return this.arrow(to, from, "mf-unheard mf-bad", `✕ ${answer}`);
    const kind = isRefused(line) ? "mf-reply mf-bad" : "mf-reply";
    const lines = answer.split("\n");
    if (lines.length > 1) return this.folded(line, lines);
    return this.arrow(to, from, kind, `${isRefused(line) ? "✕ " : ""}${answer}`);
  }

  /**
   * A reply of many lines: its code, how many they are, and the verbs that only Exchange has; all of it on demand.
   *
   * @param {Line} line
   * @param {string[]} lines
   */
  folded({ from, to }, lines) {
    const whole = html("pre", { hidden: true, tabindex: 0, "aria-label": "The whole reply" }, ...lines.flatMap(marked));
    const sum = `${lines[0].slice(0, 3)} (${counted(lines.length, "line")})`;
    const opener = button(`▸ ${sum}`, `${sum}: show them all`, () => this.unfold(opener, whole, sum), {
      class: "mf-fold",
      "aria-expanded": "false",
    });
    const verbs = [...new Set(lines.flatMap((text) => exchangeVerb(text) ?? []))].map((verb) => html("mark", {}, verb));
    return [this.arrow(to, from, "mf-reply", opener, ...verbs), whole];
  }

  /**
   * @param {HTMLElement} opener
   * @param {HTMLElement} whole
   * @param {string} sum
   */
  unfold(opener, whole, sum) {
    whole.hidden = !whole.hidden;
    opener.setAttribute("aria-expanded", String(!whole.hidden));
    opener.textContent = `${whole.hidden ? "▸" : "▾"} ${sum}`;
    const row = opener.closest("li");
    if (row) reveal(this.element, row, this.peers.offsetHeight);
  }

  /**
   * @param {string} from
   * @param {string} to
   * @param {string} kind
   * @param {(Node | string)[]} words
   */
  arrow(from, to, kind, ...words) {
    const [start, end] = [this.names.indexOf(from), this.names.indexOf(to)];
    const [left, right] = [Math.min(start, end), Math.max(start, end)];
    // The words begin at the left end of the arrow, if there is room for them.
    const room = this.names.length - left;
    const side = room >= Math.min(ROOM, right + 1) ? "mf-after" : "mf-before";
    const whole = words.map((word) => (typeof word === "string" ? word : word.textContent)).join(" ");
    const text = html("span", { class: "mf-words", "data-part": "label", title: whole }, ...words.map(cut));
    const wire = html("i", { class: `mf-wire ${end > start ? "mf-on" : "mf-back"}`, "data-part": "wire" });
    const far = right - left >= IN_SIGHT;
    if (far) text.prepend(html("b", { "aria-hidden": "true" }, `${from} → ${to} `));
    const who = html("span", { class: "mf-hidden" }, `${from} to ${to}: `);
    const made = html("div", { class: `mf-arrow ${kind} ${side}` }, who, text, wire);
    made.style.setProperty("--mf-left", String(left));
    made.style.setProperty("--mf-right", String(right));
    return made;
  }
}

/** Longer ones are cut by their place anyway; this keeps a kilobyte of a digest out of the page. */
const MOST = 160;

/** @type {(word: Node | string) => Node | string} */
const cut = (word) => (typeof word === "string" ? short(word, MOST) : word);

/**
 * The verb of a line of the reply to EHLO that only Exchange has.
 *
 * @param {string} text
 */
function exchangeVerb(text) {
  return text.slice(4).match(/^X[-A-Z0-9]+/)?.[0] ?? null;
}

/** @type {(text: string) => (Node | string)[]} */
const marked = (text) => (exchangeVerb(text) ? [html("mark", {}, text), "\n"] : [`${text}\n`]);
