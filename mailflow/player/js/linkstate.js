// Link state: which server holds which version (a layer of the map), what is said on port 691 (a voice of the ladder),
// and the view of the tables of two servers as one.

/** @import { Player } from "./player.js" */
/** @import { MapView } from "./map.js" */
/** @import { EntryData, Props, Says, ServerData, State, TapeEvent } from "./types.js" */

import { NEW, seenBefore } from "./changes.js";
import { columns, html, scrolled, select, svg, write } from "./dom.js";
import { counted } from "./format.js";
import { edge } from "./geometry.js";

/** A table with more routing groups shows only what changed or differs. */
const MOST_ROWS = 30;
const ON_PORT_691 = ["routing.reported", "routing.pushed", "routing.given", "routing.started", "routing.attached"];

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

/**
 * A version is three hexadecimal numbers; the first that differs decides.
 *
 * @param {string} version
 * @param {string} other
 */
function isNewer(version, other) {
  const [mine, theirs] = [version, other].map((text) => text.split(".").map((part) => Number.parseInt(part, 16)));
  const differs = [0, 1, 2].find((part) => mine[part] !== theirs[part]);
  return differs !== undefined && mine[differs] > theirs[differs];
}

/**
 * What carries an event of link state: a TCP port, X.400, or nothing.
 *
 * @param {TapeEvent} event
 */
function carrierOf(event) {
  const { key, fields } = event.step;
  if (key === "routing.by-mta") return "X.400";
  if (ON_PORT_691.includes(key)) return "691";
  return fields.includes("command") || key.startsWith("routing.") ? "25" : "";
}

// ---- layer of the map: who holds which version ----

export class VersionsLayer {
  /** @param {MapView} map */
  constructor(map) {
    this.map = map;
    this.legend = html("p", { class: "mf-legend", "aria-live": "off" });
    /** @type {Record<string, SVGElement>} */
    this.marks = {};
    /** @type {Record<string, SVGElement>} */
    this.counts = {};
    /** @type {SVGElement | null} */
    this.port = null;
  }

  draw() {
    const { map } = this;
    map.element.prepend(this.legend);
    this.marks = {};
    for (const [name, box] of Object.entries(map.boxes)) {
      if (box.closed || box.host) continue;
      this.marks[name] = label(box.x + box.w - 8, box.y + 36);
      map.nodes[name].append(this.marks[name]);
    }
    this.counts = {};
    for (const [name, box] of Object.entries(map.groups)) {
      if (!box.closed) continue;
      this.counts[name] = label(box.x + box.w - 18, box.y + 46);
      map.picture.insertBefore(this.counts[name], map.tokens);
    }
  }

  /** @param {State} state */
  update(state) {
    const { servers } = this.map.organization;
    const group = focusOf(this.map.player);
    const { held, best } = this.versions(state, group);
    const fresh = servers.filter((server) => held[server.name] === best);
    for (const [name, mark] of Object.entries(this.marks)) {
      const is = held[name] === best;
      write(mark, `${is ? "●" : held[name] === "none" ? "✕" : "○"} ${held[name]}`);
      mark.classList.toggle("mf-fresh", is);
    }
    this.count(fresh);
    const older = servers.length - fresh.length;
    const rest = older ? `, ○ an older one on ${older}` : ", all agree";
    const newest = `● newest version ${best} on ${fresh.length} of ${servers.length} servers`;
    write(this.legend, `What the servers know of ${group}: ${newest}${rest}`);
  }

  /**
   * @param {State} state
   * @param {string} group
   */
  versions(state, group) {
    /** @type {Record<string, string>} */
    const held = {};
    let best = "";
    for (const { name } of this.map.organization.servers) {
      const entry = entryOf(this.map.player, state, name, group);
      held[name] = entry ? entry.version : "none";
      if (entry && (!best || isNewer(entry.version, best))) best = entry.version;
    }
    return { held, best };
  }

  /** @param {ServerData[]} fresh */
  count(fresh) {
    for (const [name, mark] of Object.entries(this.counts)) {
      const all = this.map.groups[name].servers.length;
      const number = fresh.filter((server) => server.routing_group === name).length;
      write(mark, `● ${number} of ${all}`);
      mark.classList.toggle("mf-fresh", number === all);
    }
  }

  /**
   * The port on which something is said, on the line between the two.
   *
   * @param {TapeEvent} event
   * @param {string} peer
   */
  wire(event, peer) {
    this.port?.remove();
    const carrier = carrierOf(event);
    const from = this.map.boxes[event.server];
    const to = this.map.boxes[peer];
    if (!carrier || !from || !to || from === to) return;
    const [start, end] = edge(from, to);
    const x = (start.x + end.x) / 2;
    const y = (start.y + end.y) / 2;
    const text = event.step.key === "routing.pushed" ? `◂ ${carrier}` : `${carrier} ▸`;
    this.port = svg(
      "g",
      { class: "mf-port" },
      svg("rect", { x: x - 30, y: y - 11, width: 60, height: 22, rx: 11 }),
      svg("text", { x, y: y + 4, "text-anchor": "middle" }, text),
    );
    this.map.picture.insertBefore(this.port, this.map.tokens);
  }
}

/**
 * @param {number} x
 * @param {number} y
 */
function label(x, y) {
  return svg("text", { x, y, "text-anchor": "end", class: "mf-version" });
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
  const carrier = carrierOf(event);
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
    const first = this.left || this.latest() || player.shownServer();
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
      columns(["80px", "15%", ...servers.flatMap(() => ["104px", "84px", ""])]),
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
