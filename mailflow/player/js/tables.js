// View: recipients, queues, message tracking, and one message in full.

/** @import { Player } from "./player.js" */
/** @import { RecipientState, State } from "./types.js" */

import { html, scrolledTable, select } from "./dom.js";
import { clock, placeName } from "./format.js";
import { messageOf } from "./tape.js";

export class TablesView {
  /** @param {Player} player */
  constructor(player) {
    this.player = player;
    this.element = html("div", { class: "mf-tables" });
  }

  /** @param {State} state */
  update(state) {
    const { player } = this;
    const messages = Object.keys(state.messages);
    const followed = messageOf(player.event.mail) || messages[0];
    const picked = messages.includes(player.picked) ? player.picked : followed;
    this.element.replaceChildren(
      table("Recipients", ["msg", "address", "how", "state", "where"], recipients(state)),
      table("Queues", ["server", "queue", "count", "state", "MailMsg"], queues(state)),
      table(`Message tracking of ${picked || "–"}`, ["time", "server", "event", "what"], this.tracked(picked)),
      this.details(picked, messages),
    );
  }

  /**
   * @param {string} message
   * @returns {string[][]}
   */
  tracked(message) {
    const { tape, cursor } = this.player;
    const past = tape.events.slice(0, cursor + 1).filter((event) => !message || messageOf(event.mail) === message);
    return past.flatMap(({ time, server, step }) =>
      typeof step.tracking === "number" ? [[clock(time), server, String(step.tracking), step.title]] : [],
    );
  }

  /**
   * @param {string} id
   * @param {string[]} messages
   */
  details(id, messages) {
    const message = this.player.tape.data.messages[id];
    if (!message) return html("section");
    const facts = [
      ["kind", message.kind],
      ["from (envelope)", message.sender || "<>"],
      ["to (envelope)", message.recipients.join(", ")],
      ["subject", message.subject],
      ["size", `${message.size} bytes`],
      ["priority", message.priority],
      ["entered by", message.via],
      ["defects", message.defects.join("; ") || "none"],
    ];
    const source = html("pre", { tabindex: 0, "aria-label": "Source of the message" }, message.preview);
    return html(
      "section",
      {},
      html("h4", {}, "Message ", this.pick(id, messages)),
      html("dl", {}, ...facts.flatMap(([name, value]) => [html("dt", {}, name), html("dd", {}, value)])),
      html("pre", { tabindex: 0, "aria-label": "Structure" }, message.structure),
      html("details", {}, html("summary", {}, "Source"), source),
    );
  }

  /**
   * @param {string} id
   * @param {string[]} messages
   */
  pick(id, messages) {
    /** @param {string} value */
    const choose = (value) => {
      this.player.picked = value;
      this.player.draw();
    };
    const options = messages.map((name) => html("option", { value: name, selected: name === id }, name));
    return select("Message to show", choose, ...options);
  }
}

/** @param {State} state */
function recipients(state) {
  /** @type {(item: RecipientState) => string} */
  const where = (item) => {
    const mail = state.mails.get(item.mail);
    return mail ? `${mail.server}: ${placeName(mail.place)}` : "";
  };
  /** @type {(id: string, item: RecipientState) => string[]} */
  const row = (id, item) => [
    id,
    item.address,
    item.how,
    item.state || "waiting",
    item.state ? item.detail : where(item),
  ];
  return Object.entries(state.messages).flatMap(([id, items]) => items.map((item) => row(id, item)));
}

/** @param {State} state */
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
    return [server, placeName(place), String(mails.length), status, mails.join(" ")];
  });
}

/**
 * @param {string} title
 * @param {string[]} heads
 * @param {string[][]} rows
 */
function table(title, heads, rows) {
  /** @type {(text: string, column: number) => string | undefined} */
  const kind = (text, column) => (column === 3 && heads[3] === "state" ? `mf-end-${text}` : undefined);
  /** @type {(row: string[]) => HTMLElement[]} */
  const cells = (row) => row.map((text, column) => html("td", { class: kind(text, column) }, text));
  const body = rows.map((row) => html("tr", {}, ...cells(row)));
  const shown = rows.length ? scrolledTable(title, heads, body) : html("p", { class: "mf-note" }, "empty");
  return html("section", {}, html("h4", {}, title), shown);
}
