// A box on the map: a server, a host outside, or a closed routing group, with what it says of itself.

/** @import { MapView } from "./map.js" */
/** @import { PlanNode, Point } from "./types.js" */

import { hueOf, shapeOf } from "./chips.js";
import { onEnter, svg, write } from "./dom.js";
import { counted } from "./format.js";
import { fitted, fitting, widthOf } from "./measure.js";

/** Chips that find room in one box at most. */
const SLOTS = 3;
/** From this height on a box has a row between its name and its chips. */
const TALL = 54;
/** A narrower box leaves less room at its sides. */
const NARROW = 90;
const GROUP_TYPE = 12;

/** @typedef {{ version: string, informed: number, able: number }} Known what a box knows of the newest link state */

/**
 * What happens now, by server: what does not work, who has got mail in this step and how many have theirs; by box: the
 * MailMsgs there.
 *
 * @typedef {{ isDown: (name: string) => boolean, stopped: Map<string, string[]>, arrived: Map<string, string[]>,
 *   done: Map<string, number>, mails: Map<string, string[]>, acting: Set<string>, gone: Set<string> }} Now
 */

export class MapBox {
  /**
   * @param {MapView} map
   * @param {PlanNode} node
   * @param {string[]} names the servers that it stands for
   */
  constructor(map, node, names) {
    this.map = map;
    this.node = node;
    this.names = names;
    const server = map.organization.servers.find((item) => item.name === node.id);
    this.isMaster = map.masters.has(node.id);
    this.isFrontEnd = server?.role === "front-end";
    /** Pixels at the upper right that something else needs. */
    this.reserved = 0;
    /** @type {Known | null} */
    this.known = null;
    const { x, y, w, h } = node;
    const rx = node.kind === "host" ? 12 : 5;
    this.fill = svg("rect", { x, y, width: 0, height: h, rx, class: "mf-fill" });
    this.name = svg("text", { class: "mf-name" });
    this.version = svg("text", { class: "mf-version", "text-anchor": "end" });
    this.note = svg("text", { class: "mf-state" });
    this.done = svg("text", { class: "mf-done", "text-anchor": "end" });
    const cross = `M${x + 3} ${y + 3}L${x + w - 3} ${y + h - 3}M${x + w - 3} ${y + 3}L${x + 3} ${y + h - 3}`;
    this.element = svg(
      "g",
      this.looks(),
      svg("rect", { x, y, width: w, height: h, rx, class: "mf-box", "data-part": "box" }),
      this.fill,
      this.isFrontEnd ? svg("rect", { x: x + 1, y: y + 3, width: 4, height: h - 6, class: "mf-front" }) : "",
      svg("path", { d: cross, class: "mf-out" }),
      this.name,
      this.version,
      this.note,
      this.done,
      svg("title", {}, this.about()),
    );
    /** @type {SVGElement[]} */
    this.chips = [];
  }

  looks() {
    const { id, kind } = this.node;
    const name = id.replace(/^group:/, "");
    const spot = kind === "group" ? id : `server:${id}`;
    const marks = { "data-node": id, "data-spot": spot };
    if (kind === "host") return { class: "mf-node mf-host", role: "img", "aria-label": this.about(), ...marks };
    /** @type {(event: Event) => void} */
    const open = (event) => {
      // Else the key that opens a group would press the button that gets the focus.
      event.preventDefault();
      if (kind === "group") this.map.opened?.show(name);
      else this.map.look(name);
    };
    const acts = { tabindex: 0, role: "button", onclick: open, onkeydown: onEnter(open) };
    const door = kind === "group" ? { "data-door": name } : {};
    const label = kind === "group" ? this.about() : `${this.kind()} ${name}`;
    return { class: "mf-node", "aria-label": label, ...marks, ...acts, ...door };
  }

  kind() {
    if (this.node.kind === "host") return this.isClient() ? "client" : "mail host outside";
    return this.isFrontEnd ? "front-end server" : "server";
  }

  /** Whether it acts, and is no host: a host that DNS names may be nowhere. */
  isClient() {
    const { id } = this.node;
    const { organization, player } = this.map;
    return (
      !organization.external_hosts.some(({ name }) => name === id) &&
      player.tape.events.some(({ server }) => server === id)
    );
  }

  about() {
    const { id, kind, servers = 0 } = this.node;
    if (kind === "group") return `open routing group ${id.replace(/^group:/, "")}, ${counted(servers, "server")}`;
    return `${this.kind()} ${id}${this.isMaster ? ", routing group master" : ""}`;
  }

  get size() {
    return this.map.sized(this.node.kind === "group" ? GROUP_TYPE : this.map.plan.data.type[0]);
  }

  get small() {
    return this.map.sized(this.map.plan.data.type[1]);
  }

  get hasThreeRows() {
    return this.node.h >= TALL && !this.map.isSimple;
  }

  /** @param {Now} now */
  paint(now) {
    const down = this.names.filter(now.isDown);
    const classes = this.element.classList;
    classes.toggle(
      "mf-active",
      this.names.some((name) => now.acting.has(name)),
    );
    classes.toggle("mf-down", down.length > 0 && down.length === this.names.length);
    classes.toggle("mf-off", down.length > 0 || this.names.some((name) => now.stopped.has(name)));
    classes.toggle("mf-gone", now.gone.has(this.node.id));
    this.knows();
    this.head();
    this.foot(now, this.offOf(now, down));
  }

  knows() {
    const { informed = 0, able = 0 } = this.known ?? {};
    this.fill.setAttribute("width", String(able ? (this.node.w * informed) / able : 0));
    this.version.classList.toggle("mf-fresh", able > 0 && informed === able);
  }

  head() {
    const { y, h, label } = this.node;
    const name = fitted(`${this.isMaster ? "★ " : ""}${label}`, this.size, this.right - this.left + 2);
    put(this.name, name, this.left, y + this.size - 2 + Math.max(0, h - 27) / 8);
  }

  get left() {
    return this.node.x + (this.isFrontEnd ? 9 : 7);
  }

  get right() {
    return this.node.x + this.node.w - 5 - (this.map.isSimple ? 0 : this.reserved);
  }

  /**
   * What is known of the newest link state: in the row in the middle, else in the last one if it is free, else beside
   * the name. A closed group says it in the last row by itself.
   *
   * @param {boolean} free
   */
  tellVersion(free) {
    const { x, y, w, h, kind } = this.node;
    const { size, small, left, right } = this;
    if (kind === "group" && free) put(this.version, "", x, y);
    else if (this.hasThreeRows) put(this.version, fitting(this.versions(), small, w - 12), x + w - 6, this.middle);
    else if (free) put(this.version, fitting(this.versions(), small, w - 10), x + w - 5, y + h - 5);
    else {
      const room = right - left - widthOf(this.name.textContent ?? "", size) - 4;
      put(this.version, fitting(this.versions(), small, room), right, Number(this.name.getAttribute("y")));
    }
  }

  get middle() {
    return this.node.y + this.node.h / 2 + 7;
  }

  /** What may be said of the version, the longest first. */
  versions() {
    const { known } = this;
    if (!known?.able) return [];
    const sign = known.informed === known.able ? "●" : "○";
    if (this.node.kind === "group") return [`${known.informed}/${known.able}`, sign];
    return [`${sign} ${known.version}`, known.version, sign];
  }

  /**
   * What does not work there.
   *
   * @param {Now} now
   * @param {string[]} down
   */
  offOf({ stopped }, down) {
    if (this.node.kind === "group") {
      const off = this.names.filter((name) => down.includes(name) || stopped.has(name)).length;
      return off ? `✕ ${off} off` : "";
    }
    if (down.length) return "✕ down";
    const services = stopped.get(this.node.id) ?? [];
    return services.length ? `✕ ${services.join(", ")}` : "";
  }

  /**
   * The last row: what is off, who waits there, and who has got mail.
   *
   * @param {Now} now
   * @param {string} off
   */
  foot(now, off) {
    const { x, y, w, h } = this.node;
    const { small } = this;
    const mails = now.mails.get(this.node.id) ?? [];
    const bottom = y + h - 5;
    const edge = w < NARROW ? 4 : 6;
    const got = this.got(now, w - 2 * edge - (mails.length ? this.wide(`+${mails.length}`) : 0));
    put(this.done, got, x + w - edge, bottom);
    const right = x + w - edge - (got ? widthOf(got, small) + 4 : 0);
    let left = x + edge + (this.isFrontEnd ? 3 : 0);
    const tall = this.hasThreeRows;
    const free = !off && !got && !mails.length;
    this.tellVersion(free);
    const version = (tall || free) && this.version.textContent ? widthOf(this.version.textContent, small) + 6 : 0;
    const room = tall || free ? w - 13 - version : right - left - (mails.length ? this.wide("+9") : 0);
    const cut = fitted(off, small, room);
    const note = off ? (cut === off || cut.length > 5 ? cut : "✕") : this.idle(mails, room);
    put(this.note, note, left, tall ? this.middle : bottom);
    if (note && !tall) left += widthOf(note, small) + 4;
    this.chips = this.placed(mails, left, right);
  }

  /**
   * What a box says that has nothing else to say.
   *
   * @param {string[]} mails
   * @param {number} room
   */
  idle(mails, room) {
    const { node, known, small } = this;
    if (mails.length && !this.hasThreeRows) return "";
    if (this.isFrontEnd) return fitting(["front-end", "FE"], small, room);
    if (node.kind !== "group") return node.kind === "host" && this.isClient() && node.id !== "client" ? "client" : "";
    const servers = counted(this.names.length, "server");
    if (!known?.able) return fitting([servers], small, room);
    const share = `${known.informed} of ${known.able}`;
    return fitting([`${share} informed`, `${share} know`, `${known.informed}/${known.able}`], small, room);
  }

  /**
   * Who has got mail in this step, else how many have theirs.
   *
   * @param {Now} now
   * @param {number} room
   */
  got({ arrived, done }, room) {
    const names = this.names.flatMap((name) => arrived.get(name) ?? []);
    const number = this.names.reduce((sum, name) => sum + (done.get(name) ?? 0), 0);
    if (!names.length) return number ? `✓ ${number}` : "";
    const texts = [names.join(", "), `${names[0]} +${names.length - 1}`].map((text) => `${text} ✔`);
    return fitting(names.length > 1 ? texts : texts.slice(0, 1), this.small, room) || `✔ ${number}`;
  }

  /**
   * The chips that find room, and how many more there are.
   *
   * @param {string[]} mails
   * @param {number} left
   * @param {number} right
   */
  placed(mails, left, right) {
    const { y, h } = this.node;
    const chips = [];
    const top = y + h - this.small - 3;
    const words = mails.map(chipText);
    const [first = ""] = words;
    // In a narrow box several do without their shapes, so that at least one stands beside the number of the others.
    const tight = mails.length > 1 && this.wide(first) + this.wide("+9") > right - left;
    let x = left;
    for (const [number, mail] of mails.entries()) {
      const text = tight ? mail : words[number];
      const width = this.wide(text);
      const more = number < mails.length - 1 ? widthOf(`+${mails.length - number - 1}`, this.small) + 3 : 0;
      if (number === SLOTS || x + width + more > right) {
        chips.push(this.more(mails.slice(number), x, top));
        break;
      }
      chips.push(this.chip(mail, text, { x, y: top }));
      x += width + 3;
    }
    return chips;
  }

  /**
   * The width of a chip.
   *
   * @param {string} text
   */
  wide(text) {
    return widthOf(text, this.small) + 7;
  }

  /**
   * @param {string} mail
   * @param {string} text
   * @param {Point} at
   */
  chip(mail, text, at) {
    const { small } = this;
    const width = this.wide(text);
    const { player } = this.map;
    const now = mail === player.event.mail ? " mf-now" : "";
    const subject = player.tape.data.messages[mail.split(".")[0]]?.subject ?? "";
    const whose = this.map.whose.get(mail);
    const props = {
      "data-mail": mail,
      "data-spot": whose ? `recipient:${whose}` : null,
      "data-home": this.node.id,
      "data-part": "chip",
      "data-size": `${width} ${small + 2}`,
    };
    return svg(
      "g",
      { ...props, transform: `translate(${at.x} ${at.y})`, class: `mf-token ${hueOf(mail)}${now}` },
      svg("rect", { width, height: small + 2, rx: (small + 2) / 2 }),
      svg("text", { x: width / 2, y: small - 0.6, "text-anchor": "middle" }, text),
      svg("title", {}, `${mail} ${subject}`),
    );
  }

  /**
   * @param {string[]} mails
   * @param {number} x
   * @param {number} top
   */
  more(mails, x, top) {
    return svg(
      "g",
      { transform: `translate(${x} ${top})`, class: "mf-token mf-more", "data-home": this.node.id },
      svg("text", { x: 0, y: this.small - 0.6 }, `+${mails.length}`),
      svg("title", {}, mails.join(", ")),
    );
  }
}

/** @type {(mail: string) => string} */
export const chipText = (mail) => `${shapeOf(mail)} ${mail}`;

/**
 * @param {Element} element
 * @param {string} text
 * @param {number} x
 * @param {number} y
 */
export function put(element, text, x, y) {
  write(element, text);
  for (const [name, at] of Object.entries({ x, y })) {
    if (element.getAttribute(name) !== `${at}`) element.setAttribute(name, `${at}`);
  }
}
