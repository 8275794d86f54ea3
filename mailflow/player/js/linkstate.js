// Link state: which server holds which version (a layer of the map), what is said on port 691 (a voice of the ladder),
// and the view of the tables of two servers as one.

/** @import { Player } from "./player.js" */
/** @import { MapView } from "./map.js" */
/** @import { EntryData, Props, Says, State, TapeEvent } from "./types.js" */

import { NEW, seenBefore } from "./changes.js";
import { columns, html, scrolled, select, write } from "./dom.js";
import { counted } from "./format.js";
import { carrierOf } from "./session.js";

/** A table with more routing groups shows only what changed or differs. */
const MOST_ROWS = 30;

// ---- what a server knows ----

/** @type {WeakMap<Player, Record<string, string>>} the entries that every table starts with, by routing group */
const FIRST = new WeakMap();

/**
 * The entry of a routing group in the table of a server; null while its routing engine is stopped.
 *
 * @param {Player} player
 * @param {State} state
 * @param {string} server
 * @param {string} group
 * @returns {EntryData | null}
 */
export function entryOf(player, state, server, group) {
  const { entries = {} } = player.tape.data.link_state;
  const held = state.tables[server];
  if (held === null) return null;
  return entries[held?.[group] ?? firstEntries(player)[group]] ?? null;
}

/**
 * @param {Player} player
 * @returns {Record<string, string>}
 */
function firstEntries(player) {
  const { initial = [], entries = {} } = player.tape.data.link_state;
  const found = FIRST.get(player) ?? Object.fromEntries(initial.map((name) => [entries[name].group, name]));
  FIRST.set(player, found);
  return found;
}

/**
 * The routing group that the news under way are about: the one whose entry changed last.
 *
 * @param {Player} player
 * @returns {string}
 */
function focusOf(player) {
  for (let number = player.cursor; number >= 0; number -= 1) {
    for (const effect of player.tape.events[number].effects) {
      if (effect[0] === "table" && effect[2]?.length) return effect[2][effect[2].length - 1][0];
    }
  }
  return player.tape.data.organization.routing_groups[0]?.name ?? "";
}

// ---- layer of the map: who holds the newest link state, and which version ----

/** Products that keep no link state table. */
const WITHOUT_TABLE = ["5.5", "2007"];

export class VersionsLayer {
  /** @param {MapView} map */
  constructor(map) {
    this.map = map;
    const { tape } = map.player;
    this.able = new Set(
      tape.data.organization.servers
        .filter((item) => !WITHOUT_TABLE.includes(item.product ?? ""))
        .map((item) => item.name),
    );
    this.hasNews = tape.events.some(({ effects }) => effects.some((effect) => effect[0] === "table"));
    this.full = html("i");
    this.words = html("span");
    const bar = html("span", { class: "mf-newsbar", "aria-hidden": "true" }, this.full);
    this.legend = html("p", { class: "mf-legend", "aria-live": "off" }, bar, this.words);
    if (map.opened) map.opened.tells = (server) => this.tell(server);
    /** @type {Set<string>} the servers that hold everything that is new */
    this.informed = new Set();
    /** @type {Record<string, string>} the version that each server holds of the group that news are about */
    this.held = {};
  }

  draw() {
    if (this.hasNews) this.map.element.prepend(this.legend);
  }

  /** @param {State} state */
  update(state) {
    if (!this.hasNews) return;
    const { map, able } = this;
    const group = focusOf(map.player);
    const newest = newestOf(state);
    /** @type {(name: string) => boolean} */
    const knows = (name) => [...newest].every(([about, entry]) => state.tables[name]?.[about] === entry);
    this.informed = new Set(newest.size ? [...able].filter(knows) : []);
    this.held = {};
    for (const name of able) this.held[name] = entryOf(map.player, state, name, group)?.version ?? "none";
    for (const box of map.boxes.values()) {
      const names = box.names.filter((name) => able.has(name));
      const informed = names.filter((name) => this.informed.has(name)).length;
      const version = this.held[names[0]] ?? "";
      box.known = newest.size && names.length ? { version, informed, able: names.length } : null;
    }
    this.tellAll(group, newest.get(group));
  }

  /**
   * @param {string} group
   * @param {string | undefined} entry
   */
  tellAll(group, entry) {
    const { able, informed } = this;
    const version = this.map.player.tape.data.link_state.entries?.[entry ?? ""]?.version;
    const news = version ? ` (${group} ${version})` : "";
    const known = `${informed.size} of ${counted(able.size, "server")} know the newest link state${news}`;
    this.full.style.width = `${able.size && entry ? (100 * informed.size) / able.size : 0}%`;
    write(this.words, entry ? known : "No news of link state yet: all tables are as at the start");
  }

  /** @param {string} server */
  tell(server) {
    const version = this.held[server];
    return this.hasNews && version ? `${this.informed.has(server) ? "●" : "○"} ${version}` : "";
  }
}

/**
 * The newest entry of every routing group that has news. Entries are named in the order in which they came up.
 *
 * @param {State} state
 * @returns {Map<string, string>}
 */
function newestOf(state) {
  /** @type {Map<string, string>} */
  const newest = new Map();
  for (const table of Object.values(state.tables)) {
    for (const [group, entry] of Object.entries(table ?? {})) {
      const other = newest.get(group);
      if (!other || Number(entry.slice(1)) > Number(other.slice(1))) newest.set(group, entry);
    }
  }
  return newest;
}

// ---- voice of the ladder: port 691 and the MTA ----

/**
 * What is said of link state; nothing for an event of SMTP.
 *
 * @param {Player} player
 * @param {TapeEvent} event
 * @returns {Says | null}
 */
export function linkStateVoice(player, event) {
  const { tape } = player;
  const { key, fields, title } = event.step;
  const speaker = key === "routing.pushed" ? player.peer(event) : event.server;
  const size = tape.value(event, "size");
  if (key === "routing.orginfo") {
    return { speaker, said: `${tape.value(event, "command")} … ${size} bytes`, answer: "" };
  }
  if (fields.includes("command") || !key.startsWith("routing.")) return null;
  const carrier = carrierOf(player, event);
  const what = tape.value(event, "what") || (size ? `the whole table, ${size} bytes` : title);
  return { speaker, said: `${carrier === "X.400" ? carrier : `TCP ${carrier}`}: ${what}`, answer: "" };
}

// ---- view: the tables of two servers as one, with what this step changed ----

/** @type {[sign: string, meaning: string][]} */
export const LINK_STATE_SIGNS = [
  [NEW, "a table has another entry of this routing group since the last step; the version it had stands beside it"],
  ["≠", "the two servers know different things of this routing group"],
  ["1.2.0", "version of the entry: major, minor and user number, in hexadecimal"],
  ["DOWN", "a connector that none of its source bridgeheads can use"],
];

/**
 * What a table says of a routing group, and what it said before this step.
 *
 * @typedef {{ server: string, entry: EntryData | null, old: EntryData | null }} Held
 */

/**
 * A routing group in the tables of all chosen servers: whether this step changed it in one of them, whether they differ,
 * and whether all is as it was at the start.
 *
 * @typedef {{ group: string, held: Held[], fresh: boolean, differs: boolean, plain: boolean }} Compared
 */

export class LinkStateView {
  /** @param {Player} player */
  constructor(player) {
    this.player = player;
    const [left = "", right = ""] = player.options.tables ?? [];
    this.left = left;
    this.right = right;
    this.all = false;
    this.state = player.tape.at(-1);
    this.before = this.state;
    this.leftPick = this.pick("left", "First table", "the server of this step");
    this.rightPick = this.pick("right", "Second table", "no second table");
    this.body = scrolled("Link state table");
    this.rest = html("p", { class: "mf-note mf-rest" });
    const title = html("b", {}, "Link state table of");
    const bar = html("div", { class: "mf-bar" }, title, this.leftPick, html("span", {}, "beside"), this.rightPick);
    this.element = html("div", { class: "mf-linkstate" }, bar, this.body, this.rest);
  }

  /**
   * @param {"left" | "right"} side
   * @param {string} label
   * @param {string} none
   */
  pick(side, label, none) {
    /** @param {string} value */
    const choose = (value) => {
      this[side] = value;
      this.player.redraw("Link state");
    };
    const names = this.player.tape.data.organization.servers.map((server) => server.name);
    const options = names.map((name) => html("option", { value: name }, name));
    const nothing = html("option", { value: "" }, none);
    return select(label, choose, nothing, ...options);
  }

  /** @param {State} state */
  update(state) {
    const { player } = this;
    this.leftPick.value = this.left;
    this.rightPick.value = this.right;
    this.state = state;
    this.before = player.tape.at(seenBefore(player));
    const first = this.left || this.latest() || player.acting;
    const servers = this.right && this.right !== first ? [first, this.right] : [first];
    const groups = player.tape.data.organization.routing_groups.map((group) => group.name);
    const rows = groups.map((group) => this.compared(servers, group)).sort((one, other) => rank(one) - rank(other));
    const shown = groups.length > MOST_ROWS && !this.all ? rows.filter((row) => !row.plain) : rows;
    this.body.setAttribute("aria-label", `Link state table of ${servers.join(" and ")}`);
    this.body.replaceChildren(this.table(servers, shown));
    this.more(rows.length - shown.length);
  }

  /** The server whose table this step changed last. */
  latest() {
    const { tape, cursor } = this.player;
    const news = tape.events.slice(seenBefore(this.player) + 1, cursor + 1).flatMap((event) => event.effects);
    return news.findLast((effect) => effect[0] === "table")?.[1];
  }

  /**
   * @param {string[]} servers
   * @param {Compared[]} rows
   */
  table(servers, rows) {
    const stopped = servers.filter((server) => this.state.tables[server] === null);
    /** @type {(text: string, props?: Props) => HTMLElement} */
    const head = (text, props = {}) => html("th", { scope: "col", ...props }, text);
    const above = servers.map((server) => {
      const text = stopped.includes(server)
        ? `${server}: its routing engine is stopped, and its table is gone`
        : server;
      return head(text, { colspan: 3, scope: "colgroup", class: "mf-of", "data-spot": `server:${server}` });
    });
    const change = html("th", { scope: "col", rowspan: 2 }, html("span", { class: "mf-hidden" }, "change"));
    const below = servers.flatMap(() => [head("version", { class: "mf-of" }), head("master"), head("states")]);
    return html(
      "table",
      {},
      columns(["80px", "12%", ...servers.flatMap(() => ["12%", "11%", ""])]),
      html(
        "thead",
        {},
        html("tr", {}, change, head("routing group", { rowspan: 2 }), ...above),
        html("tr", {}, ...below),
      ),
      html("tbody", {}, ...rows.map(tableRow)),
    );
  }

  /**
   * The entry of a routing group in each table, and the one before this step.
   *
   * @param {string[]} servers
   * @param {string} group
   * @returns {Compared}
   */
  compared(servers, group) {
    const { player, state, before } = this;
    const held = servers.map((server) => ({
      server,
      entry: entryOf(player, state, server, group),
      old: entryOf(player, before, server, group),
    }));
    const first = player.tape.data.link_state.entries?.[firstEntries(player)[group]];
    const fresh = held.some(({ entry, old }) => entry !== old);
    const differs = held.some(({ entry }) => entry !== held[0].entry);
    return { group, held, fresh, differs, plain: !fresh && !differs && held[0].entry === first };
  }

  /** @param {number} number */
  more(number) {
    this.rest.hidden = !number;
    const all = () => {
      this.all = true;
      this.player.redraw("Link state");
    };
    const are = number === 1 ? "is as it was" : "are as they were";
    const text = `${counted(number, "more routing group")} ${are} at the start. `;
    if (number) this.rest.replaceChildren(text, html("button", { type: "button", onclick: all }, "Show all"));
  }
}

/**
 * What is new comes first, then what differs.
 *
 * @param {Compared} compared
 */
function rank({ fresh, differs }) {
  return fresh ? 0 : differs ? 1 : 2;
}

/** @param {Compared} compared */
function tableRow({ group, held, fresh, differs }) {
  const mark = [fresh ? NEW : "", differs ? "≠" : ""].filter(Boolean).join(" ");
  const kind = fresh ? "mf-fresh-row" : differs ? "mf-differs" : "";
  const name = html("th", { scope: "row" }, group);
  const props = { class: kind, "data-part": "row", "data-spot": `group:${group}` };
  return html("tr", props, html("td", {}, mark), name, ...held.flatMap(cellsOf));
}

/** @param {Held} held */
function cellsOf({ server, entry, old }) {
  const was = entry !== old && old ? ` (was ${old.version})` : "";
  const says = entry ? [entry.version + was, entry.master || "none", statesOf(entry)] : ["none", "none", ""];
  const kind = entry === old ? "" : " mf-changed";
  return says.map((text, column) => html("td", { class: (column ? "" : "mf-of") + kind, "data-server": server }, text));
}

/** @param {EntryData} entry */
function statesOf({ connectors, members }) {
  const down = connectors.filter(([, up]) => !up).map(([name]) => `${name} DOWN`);
  const away = connectors.flatMap(([name, up, heads]) => {
    const unreachable = up ? heads.filter(([, is]) => is !== "CONN_AVAIL") : [];
    return unreachable.map(([head, is]) => `${name}: ${head} ${is}`);
  });
  const lost = members.filter(([, connected]) => !connected).map(([name]) => `${name} not connected`);
  return [...down, ...away, ...lost].join(", ") || "all UP";
}
