// View: the map of the organization, with what is down, who talks to whom, and where every MailMsg is.

/** @import { Now } from "./boxes.js" */
/** @import { Player } from "./player.js" */
/** @import { Box, Layer, PlanFrame, PlanLine, Session, State } from "./types.js" */

import { chipText, MapBox, put } from "./boxes.js";
import { html, svg } from "./dom.js";
import { fitted, widthOf } from "./measure.js";
import { Plan } from "./plan.js";
import { makeLayers, makerOf } from "./registry.js";
import { sessionOf } from "./session.js";
import { isDown, messageOf } from "./tape.js";
import { trails, travel } from "./travel.js";
import { SessionLine, tellWire, wire } from "./wires.js";

/** The size of type of names, in CSS pixels, down to which a map may be drawn smaller; and how far larger than planned. */
const SMALLEST = 10.44;
const LARGEST = 1.6;
/** With less room than this for each pixel of a name, lines have no labels, so that more of the map is in sight. */
const SIMPLE = 0.05;
/** What a box needs then, in CSS pixels: the height of its two rows, and the width beside its name. */
const ROWS = 27;
const SIDES = 14;
/** How near what happens comes to the edge of a sheet that scrolls, one part in so many: a line beside it is in sight, too. */
const NEAR = 9;
/** The smallest type in CSS pixels, as painted. */
const LEAST_TYPE = 11;

/** What the signs of the map mean. @type {[sign: string, meaning: string][]} */
export const MAP_SIGNS = [
  ["→", "a connector, from bridgehead to bridgehead"],
  ["cost 10/5", "what a connector costs, and the one back"],
  ["━ 25 ▸", "a session on port 25, 691 or X.400, in the direction of the arrow"],
  ["● m1.2", "a MailMsg at its server; +4: four more are there"],
  ["Ben ✔", "mail arrives for Ben; ✓ 2: two recipients have theirs"],
  ["✕", "down, or a service is stopped"],
  ["★", "routing group master"],
  ["▌", "front-end server"],
];

/** @typedef {{ line: PlanLine, under: SVGElement, over: SVGElement | null, text: string,
 *   prices?: [at: number, text: string][] }} Wire a connector as drawn */

export class MapView {
  /** @param {Player} player */
  constructor(player) {
    this.player = player;
    this.organization = player.tape.data.organization;
    this.plan = new Plan(player.options.map?.[0]);
    this.masters = new Set(this.organization.routing_groups.map((group) => group.master));
    /** Where type is large there is more to take away; but what can be pressed keeps its size. */
    this.type = player.options.breakable ? 12 : this.plan.data.type[0];
    this.smallest = SMALLEST / this.type;
    /** Before there is room: larger than a map is ever drawn. */
    this.scale = 9;
    /** @type {Map<string, MapBox>} by id */
    this.boxes = new Map();
    /** @type {Wire[]} */
    this.wires = [];
    /** @type {Record<string, Box>} the frame of each routing group, or its box if it is closed */
    this.groups = Object.fromEntries(
      [...this.plan.data.groups, ...this.plan.data.nodes]
        .filter((item) => item.id.startsWith("group:"))
        .map((item) => [item.id.slice(6), item]),
    );
    /** @type {Map<string, string>} the server of each MailMsg, as shown last */
    this.places = new Map();
    /** @type {Map<string, string>} the address of the only recipient of a MailMsg */
    this.whose = new Map();
    /** @type {number | null} the step that was shown last */
    this.shown = null;
    this.session = new SessionLine(this);
    /** The sheet for a closed group, where there is one. */
    this.opened = makerOf("group")?.(this);
    this.tokens = svg("g", { onclick: (event) => this.pressed(event) });
    this.picture = this.draw();
    this.sheet = html("div", { class: "mf-sheet" }, this.picture);
    this.element = html("div", { class: "mf-map" }, this.sheet, this.opened?.element);
    /** @type {Layer[]} */
    this.layers = makeLayers(this);
    for (const layer of this.layers) layer.draw();
    new ResizeObserver(() => this.fit()).observe(this.sheet);
  }

  // ---- what is drawn once ----

  draw() {
    const { nodes, groups, lines, size } = this.plan.data;
    const [w, h] = size;
    const connectors = new Map(this.organization.connectors.map((item) => [item.name, item]));
    this.wires = lines.map((line) => {
      const prices = this.player.options.prices?.[0]?.[line.connector];
      return { line, prices, ...wire(line, connectors.get(line.connector), prices) };
    });
    const home = this.homes();
    for (const node of nodes) this.boxes.set(node.id, new MapBox(this, node, home.get(node.id) ?? [node.id]));
    const overs = this.wires.flatMap(({ over }) => over ?? []);
    return svg(
      "svg",
      { viewBox: `0 0 ${w} ${h}`, class: "mf-svg", role: "group", "aria-label": "Map of the organization" },
      ...groups.map(frame),
      ...this.wires.map(({ under }) => under),
      this.session.line,
      ...overs,
      ...[...this.boxes.values()].map((box) => box.element),
      this.session.port,
      this.tokens,
    );
  }

  /**
   * The servers that stand in each closed group.
   *
   * @returns {Map<string, string[]>}
   */
  homes() {
    const found = new Map();
    for (const [name, id] of Object.entries(this.plan.data.node_of)) found.set(id, [...(found.get(id) ?? []), name]);
    return found;
  }

  // ---- how large it is drawn ----

  seen() {
    this.fit();
    // A sheet that was away has forgotten how far it was scrolled.
    this.player.redraw("Map");
  }

  // As large as there is room for, and never so small that it cannot be read.
  fit() {
    const { clientWidth: width, clientHeight: height } = this.sheet;
    const { size, type, groups } = this.plan.data;
    const { style } = this.picture;
    const [w, h] = size;
    if (!width || !height || !w) return;
    const fitting = Math.min(width / w, height / h, LARGEST);
    const scale = Math.max(fitting / this.type < SIMPLE ? this.simplest() : this.smallest, fitting);
    if (Math.abs(scale - this.scale) < 0.001) return;
    this.scale = scale;
    this.picture.classList.toggle("mf-simple", this.isSimple);
    style.width = `${w * scale}px`;
    style.height = `${h * scale}px`;
    style.setProperty("--name", `${this.sized(type[0])}px`);
    style.setProperty("--small", `${this.sized(type[1])}px`);
    style.setProperty("--least", `${this.sized(11)}px`);
    this.picture.querySelectorAll(".mf-grouptext").forEach((text, index) => {
      const { title, x, y, w } = groups[index];
      const size = this.sized(12);
      put(text, fitted(title, size, w - 12), x + 8, y + size);
    });
    this.player.redraw("Map");
  }

  /** Whether boxes and frames alone have words. */
  get isSimple() {
    return this.scale < this.smallest;
  }

  /** How small a map may be drawn so that every box still says its name and who is there. */
  simplest() {
    const servers = this.plan.data.nodes.filter(({ kind }) => kind !== "host");
    const least = servers.map(({ w, h, label }) => Math.max(ROWS / h, (widthOf(label, LEAST_TYPE) + SIDES) / w));
    return Math.min(this.smallest, Math.max(...least, 0));
  }

  /**
   * The size of type that is planned with so many pixels, and painted with no fewer than can be read.
   *
   * @param {number} planned
   */
  sized(planned) {
    return Math.max(planned, LEAST_TYPE / this.scale);
  }

  // ---- what a learner does with it ----

  /** @param {string} name */
  look(name) {
    this.player.server = name;
    this.player.show("Server");
  }

  /**
   * A chip lies on its box, and so does a press on it.
   *
   * @param {MouseEvent} event
   */
  pressed({ target }) {
    const home = target instanceof Element ? target.closest("[data-home]")?.getAttribute("data-home") : null;
    const box = this.boxes.get(home ?? "");
    box?.element.dispatchEvent(new MouseEvent("click", { bubbles: true }));
  }

  // ---- what changes with every step ----

  /** @param {State} state */
  update(state) {
    const { player } = this;
    const session = sessionOf(player);
    const cut = session !== null && this.plan.cutOff(session.from, session.to, (name) => isDown(state, name));
    const now = this.now(state, session);
    for (const item of this.wires) {
      item.text = item.prices?.findLast(([at]) => at <= player.event.time)?.[1] ?? item.text;
    }
    for (const layer of this.layers) layer.update?.(state);
    for (const box of this.boxes.values()) box.paint(now);
    for (const item of this.wires) tell(item, state, this.sized(11));
    this.session.show(session, cut);
    this.tokens.replaceChildren(...[...this.boxes.values()].flatMap((box) => box.chips));
    this.opened?.update(now);
    this.follow(session);
    this.move(state, session, cut);
  }

  /**
   * @param {State} state
   * @param {Session | null} session
   * @returns {Now}
   */
  now(state, session) {
    /** @type {Now["stopped"]} */
    const stopped = new Map();
    for (const [key, up] of Object.entries(state.services)) {
      const [server, service] = key.split("|");
      if (!up) stopped.set(server, [...(stopped.get(server) ?? []), service]);
    }
    /** @type {Now["mails"]} */
    const mails = new Map();
    this.whose.clear();
    for (const [mail, { server, recipients }] of state.mails) {
      const home = this.plan.home(server);
      mails.set(home, [...(mails.get(home) ?? []), mail]);
      const [first] = recipients;
      if (recipients.length === 1) this.whose.set(mail, state.messages[messageOf(mail)][first].address);
    }
    return {
      isDown: (name) => isDown(state, name),
      stopped,
      mails,
      arrived: this.arrivals(state),
      done: doneBy(state),
      acting: new Set([this.player.event.server, session?.from ?? "", session?.to ?? ""]),
      gone: state.deleted,
    };
  }

  /**
   * The server of a MailMsg.
   *
   * @param {string} mail
   */
  serverOf(mail) {
    return this.player.tape.at(this.player.cursor).mails.get(mail)?.server ?? "";
  }

  /**
   * Who has got mail, by server: in this step, or in this beat where the story is told. A beat knows the names.
   *
   * @param {State} state
   * @returns {Map<string, string[]>}
   */
  arrivals(state) {
    const { levels, cursor, tape } = this.player;
    const beat = levels.beats[levels.beatOf(cursor)];
    const told = beat && levels.level === "story" ? beat.first : cursor;
    const names = [...(beat?.arrived ?? [])];
    /** @type {Map<string, string[]>} */
    const found = new Map();
    for (const { number, server, effects } of tape.events.slice(beat?.first ?? cursor, cursor + 1)) {
      for (const effect of effects) {
        if (effect[0] !== "end" || effect[3] !== "delivered") continue;
        const address = state.messages[messageOf(effect[1])][effect[2]].address;
        const name = names.shift() ?? address.split("@")[0];
        if (number >= told) found.set(server, [...(found.get(server) ?? []), name]);
      }
    }
    return found;
  }

  /**
   * A map that is larger than its sheet: keep in sight what happens, at least the server that acts, or the connector that
   * fails.
   *
   * @param {Session | null} session
   */
  follow(session) {
    const { sheet, scale } = this;
    const { event, tape } = this.player;
    const name = tape.value(event, "name");
    const ends = session ?? this.plan.data.lines.find(({ connector }) => connector === name);
    const names = [event.server, ends?.to ?? "", ends?.from ?? ""];
    const nodes = names.flatMap((name) => this.boxes.get(this.plan.home(name))?.node ?? []);
    if (!nodes.length) return;
    sheet.scrollLeft = shifted(
      sheet.scrollLeft,
      sheet.clientWidth,
      nodes.map(({ x, w: width }) => [x * scale, (x + width) * scale]),
    );
    sheet.scrollTop = shifted(
      sheet.scrollTop,
      sheet.clientHeight,
      nodes.map(({ y, h: height }) => [y * scale, (y + height) * scale]),
    );
  }

  // ---- motion ----

  /**
   * Going on, what has changed its server travels along the lines between.
   *
   * @param {State} state
   * @param {Session | null} session
   * @param {boolean} cut
   */
  move(state, session, cut) {
    const { cursor, tape } = this.player;
    const last = this.shown;
    const before = this.places;
    this.shown = cursor;
    if (last === cursor) return;
    this.places = new Map([...state.mails].map(([mail, { server }]) => [mail, server]));
    if (last === null || last > cursor || !this.element.isConnected) return;
    for (const [mail, { servers, split }] of trails(tape.events.slice(last + 1, cursor + 1), before)) {
      const way = this.plan.journey(servers);
      const here = state.mails.has(mail);
      if (way.length && (here || !split)) this.send(mail, way, here);
    }
    this.session.move(session, cut);
  }

  /**
   * Let a chip travel; one that has arrived for good, or has found no room in its box, is drawn for the way only.
   *
   * @param {string} mail
   * @param {{ x: number, y: number }[]} way
   * @param {boolean} here
   */
  send(mail, way, here) {
    const chip = here && this.tokens.querySelector(`[data-mail="${CSS.escape(mail)}"]`);
    if (chip instanceof SVGElement) {
      const [w, h] = numbers(chip.getAttribute("data-size"));
      const [x, y] = numbers(chip.getAttribute("transform"));
      travel(chip, way, { w, h, home: { x, y } });
      return;
    }
    const [box] = this.boxes.values();
    const guest = box.chip(mail, chipText(mail), { x: -99, y: -99 });
    const journey = travel(guest, way, { w: box.wide(chipText(mail)), h: 14 });
    if (!journey) return;
    guest.removeAttribute("data-home");
    this.tokens.append(guest);
    journey.onfinish = () => guest.remove();
  }
}

/** @param {PlanFrame} item */
function frame({ id, x, y, w, h }) {
  const inside = id.startsWith("group:");
  const looks = inside ? { rx: 8, class: "mf-group" } : { rx: 18, class: "mf-outside" };
  return svg(
    "g",
    { "data-part": "frame", "data-spot": inside ? id : null },
    svg("rect", { x, y, width: w, height: h, ...looks }),
    svg("text", { class: "mf-grouptext" }),
  );
}

/**
 * @param {Wire} item
 * @param {State} state
 * @param {number} size of the type of labels
 */
function tell({ line, under, over, text }, state, size) {
  const down = isDown(state, line.connector);
  if (over) tellWire(line, over, down ? `✕ ${text}` : text, size);
  for (const part of over ? [under, over] : [under]) {
    part.classList.toggle("mf-down", down);
    part.classList.toggle("mf-gone", state.deleted.has(line.connector));
  }
}

/**
 * How many recipients have their mail, by server or by host outside.
 *
 * @param {State} state
 * @returns {Map<string, number>}
 */
function doneBy(state) {
  const found = new Map();
  for (const recipients of Object.values(state.messages)) {
    for (const { state: end, at, detail } of recipients) {
      const name = end === "relayed" ? detail.split(",")[0] : end === "delivered" && at;
      if (name) found.set(name, (found.get(name) ?? 0) + 1);
    }
  }
  return found;
}

/**
 * The numbers in a text.
 *
 * @param {string | null} text
 */
function numbers(text) {
  return (text?.match(/-?[\d.]+/g) ?? [0, 0]).map(Number);
}

/**
 * Where to scroll so that spans are in sight: all of them, or as many of the first ones as there is room for.
 *
 * @param {number} at
 * @param {number} room
 * @param {number[][]} spans
 */
function shifted(at, room, spans) {
  const near = room / NEAR;
  let [low, high] = spans[0];
  for (const [from, to] of spans) {
    if (Math.max(high, to) - Math.min(low, from) > room - 2 * near) continue;
    [low, high] = [Math.min(low, from), Math.max(high, to)];
  }
  return Math.max(0, Math.min(low - near, Math.max(at, high + near - room)));
}
