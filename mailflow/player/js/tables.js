// View: recipients, queues, message tracking, what was said in the sessions, and one message in full; one at a time.

/** @import { Player } from "./player.js" */
/** @import { RecipientState, State } from "./types.js" */

import { NEW, reveal, seenBefore } from "./changes.js";
import { shapeOf } from "./chips.js";
import { button, columns, html, scrolled, select, table } from "./dom.js";
import { clock, counted, placeName } from "./format.js";
import { isRefused, talkOf } from "./ladder.js";
import { messageOf } from "./tape.js";

/** The height of the head of a table, in CSS pixels. */
const HEAD = 28;

/**
 * A row of a table: what it is known by, its cells, the MailMsgs it is about, and where it stands in the picture.
 *
 * @typedef {{ key: string, cells: (string | Node)[], text: string, mails: string[], spot?: string, kind?: string }} Row
 */

/**
 * @typedef {{ heads: string[], none: string, wide: string[],
 *   rows: (state: State, at: number) => Row[] }} Sheet a table, with the width of each column but the last
 */

/** @type {[sign: string, meaning: string][]} */
export const TABLES_SIGNS = [
  [NEW, "made or changed in this step"],
  ["↳", "comes from the recipient above it: a member of a group, or a forward"],
  ["✔ ✕ →", "at the end: delivered; refused, bounced or lost; handed on"],
];

/** @type {Record<string, string>} how a recipient came to its message */
const CAME = { envelope: "named by the sender", member: "member of", forward: "forwarded by", journal: "journal" };
/** @type {Record<string, string>} a sign for each end that is none of those that fail */
const MARKS = { delivered: "✔", relayed: "✔", expanded: "→", redirected: "→" };

export class TablesView {
  /** @param {Player} player */
  constructor(player) {
    this.player = player;
    this.lines = talkOf(player);
    this.ends = endsOf(player);
    /** @type {Record<string, Sheet>} */
    this.sheets = {
      Recipients: {
        heads: ["change", "message", "recipient", "how it came", "where it is now", "end"],
        none: "No message yet. Step on.",
        wide: ["62px", "84px", "22%", "21%", "21%"],
        rows: (state) => this.recipients(state),
      },
      Queues: {
        heads: ["change", "server", "queue", "mail", "state", "MailMsg"],
        none: "Nothing is in a queue now.",
        wide: ["62px", "90px", "36%", "52px", "90px"],
        rows: (state) => queues(state),
      },
      Tracking: {
        heads: ["change", "time", "server", "event", "what", "MailMsg"],
        none: "Nothing is logged yet.",
        wide: ["62px", "112px", "110px", "64px", "46%"],
        rows: (_, at) => this.tracked(at),
      },
      Sessions: {
        heads: ["change", "time", "who says", "to", "what", "answer"],
        none: "Nobody has spoken yet.",
        wide: ["62px", "112px", "14%", "14%", "25%"],
        rows: (_, at) => this.said(at),
      },
    };
    this.shown = "Recipients";
    /** @type {Map<string, HTMLElement>} */
    this.tabs = new Map([...Object.keys(this.sheets), "Message"].map((name) => [name, this.tab(name)]));
    this.picking = html("span", {});
    this.body = scrolled("Recipients");
    const tabs = html("div", { class: "mf-sheets", role: "group", "aria-label": "Tables" }, ...this.tabs.values());
    const bar = html("div", { class: "mf-bar" }, tabs, this.picking);
    this.element = html("div", { class: "mf-tables" }, bar, this.body);
  }

  /** @param {string} name */
  tab(name) {
    const open = () => {
      this.shown = name;
      this.player.redraw("Tables");
    };
    return button(name, `${name} table`, open, { "aria-pressed": "false" });
  }

  /** @param {State} state */
  update(state) {
    const sheet = this.sheets[this.shown];
    for (const [name, tab] of this.tabs) tab.setAttribute("aria-pressed", String(name === this.shown));
    this.pick(Object.keys(state.messages));
    this.body.setAttribute("aria-label", this.shown);
    if (sheet) this.fill(sheet, state);
    else this.body.replaceChildren(this.details(state));
    this.seen();
  }

  /**
   * @param {Sheet} sheet
   * @param {State} state
   */
  fill(sheet, state) {
    const { player } = this;
    const at = seenBefore(player);
    const before = new Map(sheet.rows(player.tape.at(at), at).map(({ key, text }) => [key, text]));
    const rows = sheet.rows(state, player.cursor).filter(({ mails }) => this.wanted(mails));
    const made = rows.map((row) => this.row(row, before.get(row.key) !== row.text));
    const none = html("p", { class: "mf-note" }, sheet.none);
    const { scrollTop } = this.body;
    const whole = table(["", ...sheet.heads.slice(1)], made, sheet.heads[0]);
    // Columns stay where they are, whatever is in them.
    whole.prepend(columns(sheet.wide));
    whole.setAttribute("aria-label", this.shown);
    this.body.replaceChildren(rows.length ? whole : none);
    this.body.scrollTop = scrollTop;
  }

  /**
   * @param {Row} row
   * @param {boolean} fresh
   */
  row({ cells, mails, spot, kind }, fresh) {
    const { levels } = this.player;
    const aside = !(mails.length ? mails : [""]).some((mail) => levels.concerns(mail));
    const names = [fresh ? "mf-fresh-row" : "", aside ? "mf-aside" : ""].filter(Boolean).join(" ");
    const last = cells.length - 1;
    const shown = cells.map((cell, column) => html("td", { class: column === last ? kind : null }, cell));
    return html(
      "tr",
      { class: names, "data-part": "row", "data-spot": spot },
      html("td", {}, fresh ? NEW : ""),
      ...shown,
    );
  }

  /** Bring what is new into sight. */
  seen() {
    const fresh = [...this.body.querySelectorAll(".mf-fresh-row")].at(-1);
    if (fresh instanceof HTMLElement) reveal(this.body, fresh, HEAD);
  }

  /**
   * Whether a row is about the message that was picked.
   *
   * @param {string[]} mails
   */
  wanted(mails) {
    const { picked } = this.player;
    return !picked || mails.some((mail) => messageOf(mail) === picked);
  }

  /** @param {string[]} messages */
  pick(messages) {
    const { player } = this;
    if (!messages.includes(player.picked)) player.picked = "";
    /** @param {string} value */
    const choose = (value) => {
      player.picked = value;
      player.redraw("Tables");
    };
    if (this.picking.dataset.names !== messages.join(" ")) {
      const options = messages.map((name) => html("option", { value: name }, `${shapeOf(name)} ${name}`));
      const all = html("option", { value: "" }, "All messages");
      this.picking.replaceChildren(select("Message to show", choose, all, ...options));
      this.picking.dataset.names = messages.join(" ");
    }
    const [menu] = this.picking.getElementsByTagName("select");
    menu.value = player.picked;
  }

  // ---- the tables ----

  /**
   * @param {State} state
   * @returns {Row[]}
   */
  recipients(state) {
    return Object.entries(state.messages).flatMap(([id, items]) =>
      inOrder(items).map(({ item, index, depth }) => this.recipient(state, id, items, item, index, depth)),
    );
  }

  /**
   * @param {State} state
   * @param {string} id
   * @param {RecipientState[]} items
   * @param {RecipientState} item
   * @param {number} index
   * @param {number} depth
   * @returns {Row}
   */
  recipient(state, id, items, item, index, depth) {
    const parent = item.parent === null ? "" : items[item.parent].address;
    const mail = item.mail || this.ends.get(`${id}|${index}`) || id;
    const now = state.mails.get(item.mail);
    const left = item.state === "relayed" ? item.detail.split(",")[0] : (item.at ?? "");
    const where = now ? [now.server, placeName(now.place)].filter(Boolean).join(": ") : left;
    const mark = MARKS[item.state] ?? "✕";
    const end = item.state ? `${mark} ${[item.state, item.detail].filter(Boolean).join(": ")}` : "under way";
    const name = `${"\u00a0\u00a0\u00a0".repeat(Math.max(0, depth - 1))}${depth ? "↳\u00a0" : ""}${item.address}`;
    const cells = [id, name, [CAME[item.how] ?? item.how, parent].filter(Boolean).join(" "), where, end];
    const kind = item.state ? `mf-end-${item.state}` : "";
    return {
      key: `${id}|${index}`,
      cells,
      text: cells.join("|"),
      mails: [mail],
      spot: `recipient:${item.address}`,
      kind,
    };
  }

  /**
   * @param {number} at
   * @returns {Row[]}
   */
  tracked(at) {
    return this.player.tape.events.slice(0, at + 1).flatMap(({ number, time, server, step, mail }) => {
      if (typeof step.tracking !== "number") return [];
      const cells = [clock(time), server, String(step.tracking), step.title, mail];
      return [{ key: String(number), cells, text: "", mails: mail ? [mail] : [] }];
    });
  }

  /**
   * @param {number} at
   * @returns {Row[]}
   */
  said(at) {
    const past = this.lines.filter(({ event }) => event.number <= at);
    return past.map((line) => {
      const { event, from, to, said, answer } = line;
      const kind = isRefused(line) ? "mf-end-refused" : "";
      const cells = [clock(event.time), from, to, said, folded(isRefused(line) ? `✕ ${answer}` : answer)];
      return { key: String(event.number), cells, text: "", mails: event.mail ? [event.mail] : [], kind };
    });
  }

  /** @param {State} state */
  details(state) {
    const { player } = this;
    const id = player.picked || messageOf(player.event.mail) || Object.keys(state.messages)[0];
    const message = player.tape.data.messages[id];
    if (!message) return html("p", { class: "mf-note" }, "No message yet. Step on.");
    const facts = [
      ["message", id],
      ["kind", message.kind],
      ["from (envelope)", message.sender || "<>"],
      ["to (envelope)", message.recipients.join(", ")],
      ["subject", message.subject],
      ["size", counted(message.size, "byte")],
      ["priority", message.priority],
      ["entered by", message.via],
      ["defects", message.defects.join("; ") || "none"],
    ];
    const source = html("pre", { tabindex: 0, "aria-label": "Source of the message" }, message.preview);
    return html(
      "section",
      {},
      html("dl", {}, ...facts.flatMap(([name, value]) => [html("dt", {}, name), html("dd", {}, value)])),
      html("pre", { tabindex: 0, "aria-label": "Structure" }, message.structure),
      html("details", {}, html("summary", {}, "Source"), source),
    );
  }
}

/**
 * The MailMsg in which each recipient came to its end, by message and number.
 *
 * @param {Player} player
 * @returns {Map<string, string>}
 */
function endsOf(player) {
  const found = new Map();
  for (const effect of player.tape.events.flatMap((event) => event.effects)) {
    if (effect[0] === "end") found.set(`${messageOf(effect[1])}|${effect[2]}`, effect[1]);
  }
  return found;
}

/**
 * Recipients with those that come from them right below, and how far down that is.
 *
 * @param {RecipientState[]} items
 * @param {number | null} parent
 * @param {number} depth
 * @returns {{ item: RecipientState, index: number, depth: number }[]}
 */
function inOrder(items, parent = null, depth = 0) {
  return items.flatMap((item, index) =>
    item.parent === parent ? [{ item, index, depth }, ...inOrder(items, index, depth + 1)] : [],
  );
}

/**
 * @param {State} state
 * @returns {Row[]}
 */
function queues(state) {
  /** @type {Record<string, string[]>} */
  const filled = {};
  for (const [mail, item] of state.mails) {
    const key = `${item.server}|${item.place}`;
    filled[key] ||= [];
    filled[key].push(mail);
  }
  return Object.entries(filled).map(([key, mails]) => {
    const [server, place] = key.split("|");
    const queue = place.startsWith("link/") ? place.split("/").slice(0, 2).join("/") : place;
    const status = state.queues[`${server}|${queue}`] || "";
    const cells = [server, placeName(place), String(mails.length), status, mails.join(" ")];
    return { key, cells, text: cells.join("|"), mails };
  });
}

/**
 * A reply of many lines opens on demand.
 *
 * @param {string} answer
 */
function folded(answer) {
  const lines = answer.split("\n");
  if (lines.length < 2) return answer;
  const sum = `${lines[0].slice(0, 3)} (${counted(lines.length, "line")})`;
  return html("details", {}, html("summary", {}, sum), html("pre", { tabindex: 0 }, answer));
}
