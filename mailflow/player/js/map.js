// View: the map of the organization, with what is down, who acts, and where every MailMsg is.

/** @import { Player } from "./player.js" */
/** @import { Box, ConnectorData, GroupBox, Layer, NodeBox, Outsider, Point, Props, ServerData, State, TapeEvent } from "./types.js" */

import { hueOf, shapeOf } from "./chips.js";
import { html, onEnter, svg, writePart } from "./dom.js";
import { counted, short } from "./format.js";
import { along, aside, bendAround, distance, edge } from "./geometry.js";
import { makeLayers } from "./registry.js";
import { isDown, stoppedServices } from "./tape.js";

/** An organization with more servers starts with its routing groups closed. */
const MOST_OPEN = 60;
const MARGIN = 16;
const GROUP_WIDTH = 212;
const SERVER_HEIGHT = 52;
const SERVER_PITCH = 62;
/** Tokens that find room in one box. */
const SLOTS = 3;

/** @typedef {{ name: string, master: string, servers: ServerData[] }} Group */

export class MapView {
  /** @param {Player} player */
  constructor(player) {
    this.player = player;
    this.organization = player.tape.data.organization;
    this.element = html("div", { class: "mf-map" });
    this.w = 0;
    this.h = 0;
    this.large = this.organization.servers.length > MOST_OPEN;
    /** @type {Record<string, NodeBox>} */
    this.boxes = {};
    /** @type {Record<string, GroupBox>} */
    this.groups = {};
    /** @type {Box | null} */
    this.outside = null;
    /** @type {Record<string, SVGElement[]>} */
    this.lines = {};
    /** @type {Record<string, SVGElement>} */
    this.nodes = {};
    this.picture = svg("svg");
    this.wires = svg("g");
    this.labels = svg("g");
    this.tokens = svg("g");
    /** @type {SVGElement | null} */
    this.beam = null;
    this.closed = new Set(this.large ? this.organization.routing_groups.map((group) => group.name) : []);
    /** @type {Layer[]} */
    this.layers = makeLayers(this);
    this.lay();
    this.draw();
  }

  // ---- where everything lies ----

  // Routing groups go into columns, the outside into a column at the right: short lines and nothing on top of
  // anything else. A large organization starts with its routing groups closed: one box each, opened on demand.
  lay() {
    const groups = this.members();
    this.element.classList.toggle("mf-large", this.large);
    this.boxes = {};
    this.groups = {};
    const pitch = this.large ? 264 : 300;
    const columns = groups.length <= 3 ? groups.length || 1 : Math.ceil(Math.sqrt(groups.length * 1.3));
    const bottom = this.layGroups(groups, columns, pitch);
    const right = MARGIN + columns * pitch;
    this.layOutside(right);
    this.w = this.outside ? right + GROUP_WIDTH + 40 : right - pitch + GROUP_WIDTH + MARGIN;
    this.h = Math.max(bottom, this.outside ? this.outside.y + this.outside.h : 0) + MARGIN;
  }

  /** @returns {Group[]} */
  members() {
    /** @type {Record<string, ServerData[]>} */
    const members = {};
    for (const server of this.organization.servers) {
      members[server.routing_group] ||= [];
      members[server.routing_group].push(server);
    }
    return this.organization.routing_groups.map(({ name, master }) => ({
      name,
      master,
      servers: members[name] || [],
    }));
  }

  /**
   * @param {Group[]} groups
   * @param {number} columns
   * @param {number} pitch
   */
  layGroups(groups, columns, pitch) {
    const shift = columns > 2 ? 22 : 0;
    let top = MARGIN;
    let height = 0;
    groups.forEach((group, number) => {
      const column = number % columns;
      if (column === 0 && number) {
        top += height + 56;
        height = 0;
      }
      const box = this.layGroup(group, MARGIN + column * pitch, top + (column % 2 ? shift : 0));
      height = Math.max(height, box.h + shift);
    });
    return top + height;
  }

  /**
   * @param {Group} group
   * @param {number} x
   * @param {number} y
   */
  layGroup({ name, master, servers }, x, y) {
    const closed = this.closed.has(name);
    const h = closed ? 64 : 42 + servers.length * SERVER_PITCH;
    const box = { x, y, w: GROUP_WIDTH, h, master, servers, closed };
    this.groups[name] = box;
    servers.forEach((server, row) => {
      const own = { x: x + 12, y: y + 32 + row * SERVER_PITCH, w: GROUP_WIDTH - 24, h: SERVER_HEIGHT, server };
      this.boxes[server.name] = closed ? box : own;
    });
    return box;
  }

  /** @param {number} x */
  layOutside(x) {
    const hosts = this.outsiders();
    hosts.forEach((host, row) => {
      this.boxes[host.name] = { x: x + 12, y: 48 + row * SERVER_PITCH, w: GROUP_WIDTH, h: SERVER_HEIGHT, host };
    });
    const h = 42 + hosts.length * SERVER_PITCH;
    this.outside = hosts.length ? { x, y: MARGIN, w: GROUP_WIDTH + 24, h } : null;
  }

  /**
   * Hosts outside that this run speaks of, and clients of no organization.
   *
   * @returns {Outsider[]}
   */
  outsiders() {
    const { tape } = this.player;
    const { servers, external_hosts: hosts } = this.organization;
    const known = new Set([...servers.map((item) => item.name), ...hosts.map((item) => item.name), ""]);
    /** @type {(event: TapeEvent) => string[]} */
    const named = (event) => [event.server, this.player.peer(event), String(tape.value(event, "name") ?? "")];
    const seen = new Set(tape.events.flatMap(named));
    const strangers = [...new Set(tape.events.map((event) => event.server))].filter((name) => !known.has(name));
    return [...hosts.filter((host) => seen.has(host.name)), ...strangers.map((name) => ({ name, ip: "client" }))];
  }

  // ---- what is drawn once ----

  draw() {
    const props = { viewBox: `0 0 ${this.w} ${this.h}`, class: "mf-svg", role: "group" };
    const picture = svg("svg", { ...props, "aria-label": "Map of the organization" });
    this.picture = picture;
    this.lines = {};
    this.nodes = {};
    this.wires = svg("g");
    this.labels = svg("g");
    this.tokens = svg("g");
    this.size();
    picture.append(this.wires);
    for (const [name, box] of Object.entries(this.groups)) picture.append(...this.group(name, box));
    if (this.outside) picture.append(...this.frame(this.outside, "Outside", { rx: 26, class: "mf-outside" }, 20));
    picture.append(this.labels);
    this.connectors();
    for (const [name, box] of Object.entries(this.boxes)) if (!box.closed) picture.append(this.node(name, box));
    picture.append(this.tokens);
    this.element.replaceChildren(picture);
    for (const layer of this.layers) layer.draw();
  }

  size() {
    const { style } = this.picture;
    style.maxWidth = `${Math.round(this.w * 1.25)}px`;
    if (!this.large) return;
    style.minWidth = `${Math.round(this.w * 0.62)}px`;
    style.maxHeight = "none";
  }

  /**
   * @param {Box} box
   * @param {string} title
   * @param {Props} props
   * @param {number} indent
   */
  frame(box, title, props, indent) {
    return [
      svg("rect", { x: box.x, y: box.y, width: box.w, height: box.h, ...props }),
      svg("text", { x: box.x + indent, y: box.y + 21, class: "mf-grouptext" }, title),
    ];
  }

  /**
   * @param {string} name
   * @param {GroupBox} box
   */
  group(name, box) {
    const frame = this.frame(box, short(name, 26), { rx: 12, class: "mf-group" }, 12);
    return this.large ? [...frame, this.door(name, box)] : frame;
  }

  /**
   * A closed group shows how many servers it has; the door opens and closes it.
   *
   * @param {string} name
   * @param {GroupBox} box
   */
  door(name, box) {
    const turn = () => this.turn(name);
    const label = `${box.closed ? "open" : "close"} routing group ${name}, ${counted(box.servers.length, "server")}`;
    const props = { class: "mf-node mf-door", tabindex: 0, role: "button", "aria-label": label, "data-door": name };
    const place = box.closed
      ? { x: box.x + 12, y: box.y + 30, width: box.w - 24 }
      : { x: box.x + box.w - 40, y: box.y + 4, width: 30 };
    const text = box.closed ? { x: box.x + 20, y: box.y + 46 } : { x: box.x + box.w - 30, y: box.y + 20 };
    return svg(
      "g",
      { ...props, onclick: turn, onkeydown: onEnter(turn) },
      svg("rect", { ...place, height: 22, rx: 5, class: "mf-box" }),
      svg("text", { ...text, class: "mf-doortext" }, box.closed ? `▸ ${counted(box.servers.length, "server")}` : "▾"),
      svg("title", {}, label),
    );
  }

  /** @param {string} name */
  turn(name) {
    if (!this.closed.delete(name)) this.closed.add(name);
    this.lay();
    this.draw();
    this.player.draw();
    const door = this.picture.querySelector(`[data-door="${CSS.escape(name)}"]`);
    if (door instanceof SVGElement) door.focus();
  }

  // Wires run behind the boxes, their labels in front. Of two connectors between the same groups the second is the
  // twin, drawn beside the first. The label of a way out sits at its far end, clear of other groups.
  connectors() {
    /** @type {Record<string, Point | null>} */
    const bends = {};
    for (const connector of this.organization.connectors) {
      const from = this.groups[connector.routing_group];
      for (const name of connector.to) this.inner(connector, from, name, bends);
      if (!connector.to.length && this.outside) this.wayOut(connector, from, this.outside);
    }
  }

  /**
   * @param {ConnectorData} connector
   * @param {GroupBox} from
   * @param {string} name
   * @param {Record<string, Point | null>} bends
   */
  inner(connector, from, name, bends) {
    const to = this.groups[name];
    const key = [connector.routing_group, name].sort().join("|");
    const twin = key in bends;
    if (!twin) {
      const others = Object.values(this.groups).filter((box) => box !== from && box !== to);
      bends[key] = bendAround(from, to, others);
    }
    const line = aside(...edge(from, to, bends[key]), bends[key]);
    this.connector(connector, { ...line, share: 0.5 }, twin ? null : `cost ${connector.cost}`);
  }

  /**
   * @param {ConnectorData} connector
   * @param {GroupBox} from
   * @param {Box} outside
   */
  wayOut(connector, from, outside) {
    const [start, end] = edge(from, outside);
    const share = 1 - 34 / distance(start, end);
    this.connector(connector, { start, end, bend: null, share }, short(connector.name, 16));
  }

  /**
   * @param {ConnectorData} connector
   * @param {{ start: Point, end: Point, bend: Point | null, share: number }} line
   * @param {string | null} text nothing on a twin
   */
  connector(connector, { start, end, bend, share }, text) {
    const { x, y } = along(start, bend, end, share);
    const way = bend ? `Q${bend.x} ${bend.y} ` : "L";
    const path = svg("path", { d: `M${start.x} ${start.y}${way}${end.x} ${end.y}`, class: "mf-wire" });
    const line = svg("g", { class: "mf-line" }, path);
    const about = `${connector.name}: ${connector.kind} connector, cost ${connector.cost}`;
    const label = svg(
      "g",
      { class: "mf-line" },
      text === null ? "" : svg("text", { x, y: y - 6, class: "mf-wiretext" }, text),
      svg("text", { x, y: y + (text === null ? 22 : 9), class: "mf-cross" }, `✕ ${short(connector.name, 24)} down`),
      svg("title", {}, about),
    );
    this.lines[connector.name] ||= [];
    this.lines[connector.name].push(line, label);
    this.wires.append(line);
    this.labels.append(label);
  }

  /** @param {NodeBox} box */
  kindOf(box) {
    if (box.host) return box.host.ip === "client" ? "client" : "mail host outside";
    return box.server?.role === "front-end" ? "front-end server" : "server";
  }

  /**
   * @param {string} name
   * @param {NodeBox} box
   */
  node(name, box) {
    const kind = this.kindOf(box);
    const master = box.server !== undefined && this.groups[box.server.routing_group].master === name;
    const badge = (master ? "★ " : "") + (kind === "front-end server" ? "front-end" : "");
    const open = () => this.look(name, box);
    const right = box.x + box.w - 8;
    this.nodes[name] = svg(
      "g",
      {
        class: `mf-node${box.host ? " mf-host" : ""}`,
        tabindex: 0,
        role: "button",
        "aria-label": `${kind} ${name}`,
        onclick: open,
        onkeydown: onEnter(open),
      },
      svg("rect", { x: box.x, y: box.y, width: box.w, height: box.h, rx: 6, class: "mf-box" }),
      svg("text", { x: box.x + 9, y: box.y + 19, class: "mf-name" }, short(name, 22)),
      svg("text", { x: right, y: box.y + 19, class: "mf-badge", "text-anchor": "end" }, badge),
      svg("text", { x: box.x + 9, y: box.y + 44, class: "mf-state" }),
      svg("text", { x: right, y: box.y + 44, class: "mf-done", "text-anchor": "end" }),
      svg("title", {}, `${kind} ${name}${master ? ", routing group master" : ""}`),
    );
    return this.nodes[name];
  }

  /**
   * @param {string} name
   * @param {NodeBox} box
   */
  look(name, box) {
    if (box.host) return;
    this.player.server = name;
    this.player.show("Server");
  }

  // ---- what changes with every step ----

  /** @param {State} state */
  update(state) {
    const { event } = this.player;
    const peer = this.player.peer(event);
    const done = arrivals(state);
    for (const [name, node] of Object.entries(this.nodes)) {
      const down = isDown(state, name);
      const off = stoppedServices(state, name);
      node.classList.toggle("mf-active", name === event.server || name === peer);
      node.classList.toggle("mf-down", down);
      writePart(node, ".mf-done", done[name] ? `✓ ${done[name]}` : "");
      writePart(node, ".mf-state", down ? "✕ down" : off.length ? `✕ ${short(off.join(", "), 20)}` : "");
    }
    for (const [name, lines] of Object.entries(this.lines)) {
      for (const line of lines) line.classList.toggle("mf-down", isDown(state, name));
    }
    this.wire(event, peer);
    this.placeTokens(state);
    if (this.large) this.follow(this.boxes[event.server]);
    for (const layer of this.layers) layer.update?.(state);
  }

  /**
   * A large map is larger than its frame: keep what happens in sight.
   *
   * @param {Box | undefined} box
   */
  follow(box) {
    if (!box) return;
    const frame = this.element;
    const scale = this.w ? frame.scrollWidth / this.w : 1;
    const x = (box.x + box.w / 2) * scale;
    const y = (box.y + box.h / 2) * scale;
    /** @type {(at: number, start: number, size: number) => boolean} */
    const outside = (at, start, size) => at < start + 40 || at > start + size - 40;
    if (outside(x, frame.scrollLeft, frame.clientWidth)) frame.scrollLeft = x - frame.clientWidth / 2;
    if (outside(y, frame.scrollTop, frame.clientHeight)) frame.scrollTop = y - frame.clientHeight / 2;
  }

  /**
   * @param {TapeEvent} event
   * @param {string} peer
   */
  wire(event, peer) {
    this.beam?.remove();
    const from = this.boxes[event.server];
    const to = this.boxes[peer];
    if (from && to && from !== to) {
      const [start, end] = edge(from, to);
      this.beam = svg("path", { d: `M${start.x} ${start.y}L${end.x} ${end.y}`, class: "mf-beam" });
      this.picture.insertBefore(this.beam, this.tokens);
    }
    for (const layer of this.layers) layer.wire?.(event, peer);
  }

  /** @param {State} state */
  placeTokens(state) {
    /** @type {Record<string, number>} */
    const filled = {};
    const tokens = [];
    for (const [mail, item] of state.mails) {
      const box = this.boxes[item.server];
      if (!box) continue;
      const home = box.closed ? this.groupOf(item.server) : item.server;
      filled[home] = (filled[home] ?? -1) + 1;
      const slot = filled[home];
      if (slot < SLOTS) tokens.push(this.token(mail, box.x + 8 + slot * 46, box.y + 27));
      else if (slot === SLOTS) tokens.push(this.more(item.server, box.x + 152, box.y + 27));
    }
    this.tokens.replaceChildren(...tokens);
  }

  /** @param {string} name */
  groupOf(name) {
    return this.organization.servers.find((server) => server.name === name)?.routing_group ?? "";
  }

  /**
   * @param {string} mail
   * @param {number} x
   * @param {number} y
   */
  token(mail, x, y) {
    const now = mail === this.player.event.mail ? " mf-now" : "";
    return svg(
      "g",
      { "data-mail": mail, transform: `translate(${x} ${y})`, class: `mf-token ${hueOf(mail)}${now}` },
      svg("rect", { width: 44, height: 18, rx: 9 }),
      svg("text", { x: 22, y: 13, "text-anchor": "middle" }, short(`${shapeOf(mail)} ${mail}`, 8)),
      svg("title", {}, mail),
    );
  }

  /**
   * @param {string} server
   * @param {number} x
   * @param {number} y
   */
  more(server, x, y) {
    return svg(
      "g",
      { "data-mail": `+${server}`, transform: `translate(${x} ${y})`, class: "mf-token" },
      svg("text", { x: 0, y: 13, "text-anchor": "middle" }, "…"),
      svg("title", {}, `more on ${server}`),
    );
  }
}

/**
 * How many recipients each server, or host outside, got.
 *
 * @param {State} state
 * @returns {Record<string, number>}
 */
function arrivals(state) {
  /** @type {Record<string, number>} */
  const done = {};
  for (const recipients of Object.values(state.messages)) {
    for (const item of recipients) {
      const name = item.state === "delivered" ? item.at : item.state === "relayed" ? item.detail : "";
      if (name) done[name] = (done[name] || 0) + 1;
    }
  }
  return done;
}
