// View: inside one server, with its processes, components and queues. Every part has a fixed place: from step to step
// only chips, signs and the tree of the categorizer change.

/** @import { Player } from "./player.js" */
/** @import { Delivery } from "./inside.js" */
/** @import { Child, MailState, ServerData, State } from "./types.js" */

import { chip, hueOf, shapeOf } from "./chips.js";
import { button, html, select, write } from "./dom.js";
import { counted } from "./format.js";
import { deliveriesOf, inCategorizer, lastCategorized, nameOf, treeOf } from "./inside.js";
import { messageOf, stoppedServices } from "./tape.js";
import { keepInSight, TreePanel } from "./tree.js";

/** The queues of the advanced queuing engine by their Queue Viewer names; the rare ones have the smaller slots. */
const USUAL_QUEUES = [
  "Messages pending submission",
  "Messages awaiting directory lookup",
  "Messages waiting to be routed",
  "Local delivery",
];
const RARE_QUEUES = [
  "Messages with an unreachable destination",
  "DSN messages pending submission",
  "Failed message retry queue",
  "Messages queued for deferred delivery",
];
const LOOKUP = "queue/Messages awaiting directory lookup";
const SEND_QUEUE = "store/send queue";
const STORE_OUT = "exipc/Store_out_queue";
const RECENT = 3;
/** The width in CSS pixels from which EXIPC has a column of its own. */
const WIDE = 760;
/** The room for chips in a link queue, in CSS pixels; and in rows where EXIPC is tall. */
const ROOM = 142;
const ROWS = 5;
const MORE = 22;
const LETTER = 7.5;

/** @type {[sign: string, meaning: string][]} */
export const SIGNS = [
  ["● m1.1", "a MailMsg: the first copy of message 1; filled with colour while it moves"],
  ["○ m1.1", "hollow and dashed: a handle on a MailMsg; only the handle crosses EXIPC"],
  ["⋯ m1.1", "the content of the message, which stays where it lies"],
  ["▶", "the component that acts now"],
  ["Ben ✔", "Ben has the message in his mailbox"],
  ["✕ stopped", "a service that does not run, or a dismounted store"],
  ["✕ no catalog", "no global catalog answers; ✕ scanner: the virus scanner hangs"],
  ["⇢", "a link queue, with the server or domain it leads to"],
  ["+2", "two more"],
  ["▾ ⤳ ✕", "in the tree: a group that is opened, a recipient who is forwarded, one who is turned down"],
  ["◌", "in the tree: not in the directory"],
  ["⤲", "in the tree: a second way to the same person; one copy only"],
];

/**
 * @typedef {object} Slot A queue in its place.
 * @property {HTMLElement} element
 * @property {HTMLElement} status
 * @property {HTMLElement} chips
 * @property {HTMLElement} count
 * @property {number} room the width for its chips, in CSS pixels
 * @property {string} told what its chips show
 */

/**
 * @typedef {object} Box A component in its place; `off` says what is wrong with it.
 * @property {HTMLElement} element
 * @property {HTMLElement} off
 */

/**
 * The name that Queue Viewer, or a learner, has for a place.
 *
 * @param {string} place
 */
export function queueName(place) {
  const [kind, ...rest] = place.split("/");
  if (kind === "link") return rest[0];
  return rest.join("/") || { outbox: "Outbox", mta: "Microsoft MTA" }[kind] || kind;
}

export class ServerView {
  /** @param {Player} player */
  constructor(player) {
    this.player = player;
    this.deliveries = deliveriesOf(player.tape);
    this.heading = html("b");
    this.about = html("span");
    this.following = html("option", { value: "" });
    const names = player.tape.data.organization.servers.map((server) => server.name);
    /** @param {string} value */
    const choose = (value) => {
      player.server = value;
      player.draw();
    };
    this.pick = select(
      "Server to look inside",
      choose,
      this.following,
      ...names.map((name) => html("option", { value: name }, name)),
    );
    this.grid = html("div", { class: "mf-grid", "data-part": "grid" });
    this.tree = new TreePanel(() => this.toggleTree());
    /** @type {"" | "open" | "closed"} what the reader wants of the tree; "" for: while the categorizer works */
    this.treeWanted = "";
    this.name = "";
    this.width = 0;
    this.component = "";
    /** @type {Record<string, [string, MailState][]>} */
    this.places = {};
    /** @type {Map<string, Slot>} */
    this.slots = new Map();
    /** @type {Map<string, Box>} */
    this.boxes = new Map();
    /** @type {Map<string, Slot>} the mailbox stores by name */
    this.stores = new Map();
    this.linkList = html("div", { class: "mf-linklist", tabindex: 0, role: "group", "aria-label": "Link queues" });
    const bar = html("div", { class: "mf-bar" }, this.heading, this.about, this.pick);
    this.element = html("div", { class: "mf-inside" }, bar, this.grid);
  }

  seen() {
    this.player.redraw("Server");
  }

  /** @param {State} state */
  update(state) {
    const { player } = this;
    const width = this.element.clientWidth;
    const name = player.shownServer();
    const server = player.tape.data.organization.servers.find((item) => item.name === name);
    const { event } = player;
    const { component, key } = event.step;
    // Of a session both ends act.
    const acts = [event.server, key.startsWith("smtp.") && player.peer(event)];
    this.component = acts.includes(name) ? component : "";
    this.sort(state, name);
    if (name !== this.name) this.build(name, server);
    if (width !== this.width) this.measure(width);
    this.head(server);
    this.fill(state);
    this.fillStores(state);
    this.fillLinks(state);
    this.mark(stoppedServices(state, name));
    this.drawTree(state);
    if (width) this.follow();
  }

  /** @param {number} width */
  measure(width) {
    this.width = width;
    for (const slot of this.slots.values()) slot.room = slot.chips.clientWidth - 10;
  }

  // Which MailMsg is in which place of this server.
  /**
   * @param {State} state
   * @param {string} name
   */
  sort(state, name) {
    this.places = {};
    for (const [mail, item] of state.mails) {
      if (item.server !== name) continue;
      this.places[item.place] ||= [];
      this.places[item.place].push([mail, item]);
    }
  }

  /** @param {ServerData | undefined} server */
  head(server) {
    const { player, name } = this;
    const away = player.event.server && player.event.server !== name ? ` · now ${player.event.server} acts` : "";
    write(this.heading, name);
    this.heading.setAttribute("data-spot", `server:${name}`);
    write(this.about, server ? `${server.fqdn} · ${server.role}${away}` : "outside");
    this.about.title = this.about.textContent ?? "";
    write(this.following, `follow the step${player.server ? "" : ` (${name})`}`);
    if (this.pick.value !== player.server) this.pick.value = player.server;
  }

  // ---- the parts, made once for a server ----

  /**
   * @param {string} name
   * @param {ServerData | undefined} server
   */
  build(name, server) {
    this.name = name;
    this.slots.clear();
    this.boxes.clear();
    this.stores.clear();
    this.treeWanted = "";
    this.width = 0;
    this.grid.replaceChildren(this.store(server), this.exipc(), this.inetinfo(server));
  }

  /**
   * Whether anything of this run is ever in a place of this server.
   *
   * @param {string} place
   */
  uses(place) {
    return this.player.tape.events.some((event) => event.server === this.name && event.place === place);
  }

  /**
   * @param {string} label
   * @param {string} component
   * @param {Child[]} children
   */
  box(label, component, ...children) {
    const off = html("span", { class: "mf-off" });
    const props = { class: "mf-part", "aria-label": label, "data-part": "box", "data-component": component };
    const element = html("section", props, html("h4", {}, html("span", {}, label), off), ...children);
    this.boxes.set(component, { element, off });
    return element;
  }

  /**
   * @param {string} label
   * @param {string} place
   */
  queue(label, place) {
    const slot = makeSlot(label, "");
    slot.element.setAttribute("data-place", place);
    slot.element.setAttribute("data-spot", `queue:${queueName(place)}`);
    this.slots.set(place, slot);
    return slot.element;
  }

  /** @param {ServerData | undefined} server */
  store(server) {
    const stores = server?.stores ?? [];
    for (const name of stores) this.stores.set(name, makeSlot(`▤ ${name}`, " mf-mailboxes"));
    const list = [...this.stores.values()].map((slot) => slot.element);
    const none = html("p", { class: "mf-note" }, "no mailbox store");
    const mailboxes = html("div", { class: "mf-stores" }, ...(list.length ? list : [none]));
    return html(
      "div",
      { class: "mf-left" },
      this.box("Outlook", "client", this.queue("Outbox", "outbox")),
      this.box("Store.exe", "information store", this.queue("Send queue", SEND_QUEUE), mailboxes),
    );
  }

  exipc() {
    return this.box(
      "EXIPC",
      "EXIPC",
      html("p", { class: "mf-about" }, "shared memory: handles cross, messages stay"),
      this.queue("Store_out_queue →", STORE_OUT),
      this.queue("←\u00a0Client_out_queue", "exipc/Client_out_queue"),
    );
  }

  /** @param {ServerData | undefined} server */
  inetinfo(server) {
    const usual = USUAL_QUEUES.map((label) => this.queue(label, `queue/${label}`));
    const rare = RARE_QUEUES.map((label) => {
      const element = this.queue(label, `queue/${label}`);
      element.classList.toggle("mf-idle", !this.uses(`queue/${label}`));
      return element;
    });
    const engine = this.box("Advanced queuing engine", "advanced queuing", ...usual, ...rare);
    const side = html(
      "div",
      { class: "mf-side" },
      this.box("Store driver", "store driver"),
      this.categorizer(),
      this.box("Routing engine", "routing engine"),
      this.smtp(server),
      this.mta(),
      this.tree.element,
    );
    const two = html("div", { class: "mf-two" }, engine, side);
    return html("div", { class: "mf-process" }, html("h3", {}, "Inetinfo.exe (IIS)"), two);
  }

  categorizer() {
    this.opens = button("tree", "Who becomes whom", () => this.toggleTree(), { class: "mf-opens" });
    const element = this.box("Message categorizer", "categorizer");
    // What is wrong stands beside the button: the name leaves no room for it.
    element.append(html("div", { class: "mf-row" }, this.opens, this.boxes.get("categorizer")?.off));
    return element;
  }

  /** @param {ServerData | undefined} server */
  smtp(server) {
    const virtual = (server?.virtual_servers ?? []).map(({ name }) => {
      const off = html("span", { class: "mf-off" });
      const element = html("span", { class: "mf-virtual", "data-part": "virtual" }, name, off);
      this.boxes.set(`virtual ${name}`, { element, off });
      return element;
    });
    return this.box(
      "SMTP service",
      "SMTP service",
      virtual.length ? html("div", { class: "mf-virtuals" }, ...virtual) : "",
      this.queue("Received, in \\Queue", "smtp/receiving"),
      this.uses("smtp/Pickup") ? this.queue("Pickup", "smtp/Pickup") : "",
      this.linkList,
    );
  }

  mta() {
    const { events } = this.player.tape;
    const acts = events.some((event) => event.server === this.name && event.step.component === "MTA");
    return acts || this.uses("mta") ? this.box("Microsoft MTA", "MTA", this.queue("To X.400", "mta")) : "";
  }

  // ---- what changes from step to step ----

  /** @param {State} state */
  fill(state) {
    for (const [place, slot] of this.slots) {
      const mails = this.places[place] ?? [];
      this.fillSlot(slot, place, mails, state.queues[`${this.name}|${place}`] ?? "");
    }
    // A handle in Store_out_queue stands for a message that still lies in the store.
    const handles = this.places[STORE_OUT] ?? [];
    const left = handles.slice(0, 1).map(([mail]) => contentOf(mail, handles.length));
    const send = this.slots.get(SEND_QUEUE)?.chips;
    for (const content of send?.querySelectorAll("[data-part=content]") ?? []) content.remove();
    send?.append(...left);
  }

  /**
   * @param {Slot} slot
   * @param {string} place
   * @param {[string, MailState][]} mails
   * @param {string} status
   */
  fillSlot(slot, place, mails, status) {
    const { event } = this.player;
    const here = mails.some(([mail]) => mail === event.mail);
    slot.element.classList.toggle("mf-active", Boolean(this.component) && here && event.place === place);
    slot.element.classList.toggle("mf-full", mails.length > 0);
    write(slot.status, status);
    slot.status.className = `mf-is-${status}`;
    write(slot.count, String(mails.length));
    slot.count.setAttribute("aria-label", counted(mails.length, "message"));
    // Most queues stay as they are from step to step; these are not laid out again.
    const told = [
      status,
      slot.room,
      here && event.mail,
      ...mails.map(([mail, item]) => [mail, item.recipients.length]),
    ];
    if (slot.told === told.join(" ")) return;
    slot.told = told.join(" ");
    slot.chips.replaceChildren(...this.chips(mails, place, slot.room - (status ? 8 + LETTER * status.length : 0)));
  }

  /**
   * As many chips as there is room for; the one that moves is among them.
   *
   * @param {[string, MailState][]} mails
   * @param {string} place
   * @param {number} room
   */
  chips(mails, place, room) {
    const handles = place.startsWith("exipc/");
    const most = handles && this.width >= WIDE ? ROWS : fitting(mails, room);
    const now = mails.findIndex(([mail]) => mail === this.player.event.mail);
    const shown = now < most ? mails.slice(0, most) : [...mails.slice(0, most - 1), mails[now]];
    const more = mails.length > most ? [html("span", { class: "mf-more" }, `+${mails.length - most}`)] : [];
    return [...shown.map(([mail, item]) => chip(this.player, mail, item, handles)), ...more];
  }

  /** @param {State} state */
  fillStores(state) {
    const { cursor } = this.player;
    const all = (this.deliveries.get(this.name) ?? []).filter(({ number }) => number <= cursor);
    const [first] = this.stores.keys();
    for (const [store, slot] of this.stores) {
      const mine = all.filter((item) => (this.stores.has(item.store) ? item.store : first) === store);
      const arrivals = mine.slice(-RECENT).toReversed();
      const more = mine.length > RECENT ? [html("span", { class: "mf-more" }, `+${mine.length - RECENT}`)] : [];
      slot.element.classList.toggle(
        "mf-active",
        arrivals.some(({ number }) => number === cursor),
      );
      write(slot.count, mine.length ? String(mine.length) : "");
      slot.count.setAttribute("aria-label", `${mine.length} delivered`);
      slot.chips.replaceChildren(...arrivals.map((item) => this.arrival(state, item)), ...more);
    }
  }

  /**
   * @param {State} state
   * @param {Delivery} delivery
   */
  arrival(state, { number, mail, index }) {
    const message = messageOf(mail);
    const { address } = state.messages[message][index];
    const subject = this.player.tape.data.messages[message]?.subject ?? "";
    const now = number === this.player.cursor;
    const props = {
      class: `mf-chip mf-arrived ${hueOf(mail)}${now ? " mf-now" : ""}`,
      "data-part": "arrival",
      "data-spot": `recipient:${address}`,
      "data-from": now && mail,
      title: `${address} has ${message}: ${subject}`,
    };
    return html("span", props, `${nameOf(address)} ✔`);
  }

  /** @param {State} state */
  fillLinks(state) {
    /** @type {Record<string, string[]>} */
    const hops = {};
    for (const place of Object.keys(this.places)) {
      if (!place.startsWith("link/")) continue;
      const hop = place.split("/")[1];
      hops[hop] ||= [];
      hops[hop].push(place);
    }
    const links = Object.entries(hops).map(([hop, places]) => this.link(state, hop, places));
    this.linkList.replaceChildren(...(links.length ? links : [html("p", { class: "mf-note" }, "no link queue now")]));
  }

  /**
   * @param {State} state
   * @param {string} hop
   * @param {string[]} places
   */
  link(state, hop, places) {
    const status = state.queues[`${this.name}|link/${hop}`] || "Ready";
    const label = html("div", { class: "mf-label" }, `⇢ ${hop} `, html("em", { class: `mf-is-${status}` }, status));
    const queues = places.map((place) => {
      const slot = makeSlot(place.split("/").slice(2).join("/"), " mf-destination");
      slot.element.setAttribute("data-place", place);
      this.fillSlot(slot, place, this.places[place], "");
      return slot.element;
    });
    return html("div", { class: "mf-link", "data-spot": `queue:${hop}`, "data-part": "link" }, label, ...queues);
  }

  /**
   * Light what acts, and say what is stopped.
   *
   * @param {string[]} stopped
   */
  mark(stopped) {
    /** @type {Record<string, string>} */
    const faults = {};
    for (const service of stopped) {
      if (service === "SMTP") faults["SMTP service"] = "✕ stopped";
      else if (service === "global catalog") faults.categorizer = "✕ no catalog";
      else if (service === "antivirus") faults["advanced queuing"] = "✕ scanner";
      else faults[this.boxes.has(service) ? service : `virtual ${service}`] = "✕ stopped";
    }
    for (const [component, { element, off }] of this.boxes) {
      element.classList.toggle("mf-active", component === this.component);
      element.classList.toggle("mf-down", component in faults);
      write(off, faults[component] ?? "");
    }
    for (const [store, slot] of this.stores) {
      slot.element.classList.toggle("mf-down", stopped.includes(store));
      write(slot.status, stopped.includes(store) ? "✕ dismounted" : "");
    }
  }

  // ---- the tree of the categorizer ----

  /** @param {State} state */
  drawTree(state) {
    const { tape, cursor } = this.player;
    const working = inCategorizer(tape, state, this.name, cursor, LOOKUP);
    if (!working && this.treeWanted === "closed") this.treeWanted = "";
    const open = this.treeWanted ? this.treeWanted === "open" : Boolean(working);
    this.opens?.setAttribute("aria-expanded", String(open));
    this.tree.show(open);
    if (!open) return;
    const mail = working || lastCategorized(tape, this.name, cursor)?.mail || "";
    this.tree.draw(mail, treeOf(tape, state, this.name, cursor, mail), this.component === "categorizer");
  }

  toggleTree() {
    this.treeWanted = this.tree.element.hidden ? "open" : "closed";
    this.player.redraw("Server");
    this.opens?.focus({ preventScroll: true });
  }

  // Where not all of the server is in sight, as on a phone: scroll to the part that acts.
  follow() {
    const acting = [".mf-tree.mf-active:not([hidden])", ".mf-queue.mf-active", ".mf-part.mf-active"];
    const part = acting.map((kind) => this.grid.querySelector(kind)).find(Boolean);
    if (!(part instanceof HTMLElement)) return;
    for (const frame of [part.closest(".mf-stores, .mf-linklist"), this.element]) {
      if (frame instanceof HTMLElement && frame.scrollHeight > frame.clientHeight) keepInSight(frame, part, 4);
    }
  }
}

/**
 * How many chips fit into so many CSS pixels, with a sign for the rest; at least one.
 *
 * @param {[string, MailState][]} mails
 * @param {number} room
 */
export function fitting(mails, room) {
  let [left, most] = [room, 0];
  for (const [mail] of mails) {
    left -= 29 + LETTER * mail.length;
    const rest = most + 1 < mails.length ? MORE : 0;
    if (left < rest) break;
    most += 1;
  }
  return Math.max(1, most);
}

/** @type {(label: string, kind: string) => Slot} */
function makeSlot(label, kind) {
  const status = html("em");
  const count = html("span", { class: "mf-count", role: "img" });
  const chips = html("span", { class: "mf-chips" });
  const name = html("span", { class: "mf-label" }, label);
  const element = html("div", { class: `mf-queue${kind}`, "data-part": "queue" }, name, chips, status, count);
  return { element, status, chips, count, room: ROOM, told: "" };
}

/** @type {(mail: string, number: number) => HTMLElement} */
function contentOf(mail, number) {
  const title = "the content of the message, which stays where it lies";
  const props = { class: `mf-tag ${hueOf(mail)}`, "data-part": "content", title };
  return html("span", props, `⋯ ${number > 1 ? `×${number}` : `${shapeOf(mail)} ${mail}`}`);
}
