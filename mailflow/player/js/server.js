// View: inside one server, with its processes, components and queues.

/** @import { Player } from "./player.js" */
/** @import { Child, MailState, ServerData, State } from "./types.js" */

import { chip } from "./chips.js";
import { html, select, write } from "./dom.js";
import { counted } from "./format.js";
import { stoppedServices } from "./tape.js";

/** The queues of the advanced queuing engine by their Queue Viewer names; the rare ones show only while in use. */
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
const MOST_CHIPS = 6;

export class ServerView {
  /** @param {Player} player */
  constructor(player) {
    this.player = player;
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
    this.grid = html("div", { class: "mf-grid" });
    this.name = "";
    this.here = false;
    this.component = "";
    /** @type {Record<string, [string, MailState][]>} */
    this.places = {};
    /** @type {string[]} */
    this.off = [];
    /** @type {Record<string, string>} */
    this.queues = {};
    /** @type {ServerData | undefined} */
    this.server = undefined;
    const bar = html("div", { class: "mf-bar" }, this.heading, this.about, this.pick);
    this.element = html("div", { class: "mf-inside" }, bar, this.grid);
  }

  /** @param {State} state */
  update(state) {
    const { player } = this;
    const name = player.shownServer();
    this.queues = state.queues;
    this.name = name;
    this.here = player.event.server === name;
    this.component = this.here ? player.event.step.component : "";
    this.places = {};
    for (const [mail, item] of state.mails) {
      if (item.server !== name) continue;
      this.places[item.place] ||= [];
      this.places[item.place].push([mail, item]);
    }
    this.off = stoppedServices(state, name);
    this.server = player.tape.data.organization.servers.find((server) => server.name === name);
    this.head();
    this.grid.replaceChildren(this.store(), this.exipc(), this.inetinfo());
  }

  head() {
    const { player, server, name } = this;
    write(this.heading, name);
    write(this.about, server ? ` ${server.fqdn} · ${server.role}` : " outside");
    write(this.following, `follow the message${player.server ? "" : ` (${name})`}`);
    if (this.pick.value !== player.server) this.pick.value = player.server;
  }

  /**
   * @param {string} title
   * @param {string} kind
   * @param {Child[]} children
   */
  process(title, kind, ...children) {
    return html("div", { class: `mf-process${kind}` }, html("h3", {}, title), ...children);
  }

  /**
   * @param {string} label
   * @param {string} component
   * @param {string} off
   * @param {Child[]} children
   */
  part(label, component, off, ...children) {
    const active = this.component === component ? " mf-active" : "";
    const problem = off ? html("span", { class: "mf-off" }, ` ✕ ${off}`) : "";
    const props = { class: `mf-part${active}${off ? " mf-down" : ""}`, "aria-label": label };
    return html("section", props, html("h4", {}, label, problem), ...children);
  }

  /**
   * @param {string} label
   * @param {string} place
   * @param {string} [status]
   */
  queue(label, place, status = "") {
    const mails = this.places[place] || [];
    const { event } = this.player;
    const now = this.here && event.place === place && mails.some(([mail]) => mail === event.mail);
    const kind = `mf-queue${now ? " mf-active" : ""}${mails.length ? " mf-full" : ""}`;
    return html(
      "div",
      { class: kind, "data-place": place },
      html("span", { class: "mf-label" }, label, status ? html("em", { class: `mf-is-${status}` }, ` ${status}`) : ""),
      html("span", { class: "mf-count", "aria-label": counted(mails.length, "message") }, String(mails.length)),
      mails.length ? this.chips(mails) : "",
    );
  }

  /** @param {[string, MailState][]} mails */
  chips(mails) {
    const shown = mails.slice(0, MOST_CHIPS).map(([mail, item]) => chip(this.player, mail, item));
    const more = mails.length > MOST_CHIPS ? `+${mails.length - MOST_CHIPS}` : "";
    return html("span", { class: "mf-chips" }, shown, more);
  }

  store() {
    const down = this.off.includes("information store") ? "stopped" : "";
    const stores = (this.server?.stores || []).map((name) => this.mailboxStore(name));
    const outbox = this.part("MAPI client", "client", "", this.queue("Outbox", "outbox"));
    const send = this.queue("Send queue", "store/send queue");
    return html(
      "div",
      {},
      this.process("Outlook", "", outbox),
      this.process("Store.exe", "", this.part("Information store", "information store", down, send, ...stores)),
    );
  }

  /** @param {string} name */
  mailboxStore(name) {
    const off = this.off.includes(name) ? html("span", { class: "mf-off" }, " ✕ dismounted") : "";
    return html("div", { class: "mf-queue mf-plain" }, html("span", { class: "mf-label" }, `▤ ${name}`, off));
  }

  exipc() {
    const queues = [
      this.queue("Store_out_queue →", "exipc/Store_out_queue"),
      this.queue("← Client_out_queue", "exipc/Client_out_queue"),
    ];
    return this.process("EXIPC", " mf-exipc", this.part("Shared memory", "EXIPC", "", ...queues));
  }

  /** @param {string} service */
  stopped(service) {
    return this.off.includes(service) ? "stopped" : "";
  }

  /** @param {string} place */
  statusOf(place) {
    return this.queues[`${this.name}|${place}`] || "";
  }

  inetinfo() {
    const rare = RARE_QUEUES.filter((label) => this.places[`queue/${label}`]);
    const labels = [...USUAL_QUEUES, ...rare];
    const queues = labels.map((label) => this.queue(label, `queue/${label}`, this.statusOf(`queue/${label}`)));
    const catalog = this.off.includes("global catalog") ? "no global catalog" : "";
    const right = html(
      "div",
      {},
      this.part("Store driver", "store driver", ""),
      this.part("Message categorizer", "categorizer", catalog),
      this.part("Routing engine", "routing engine", this.stopped("routing engine")),
      this.smtp(),
      this.mta(),
    );
    const left = html("div", {}, this.part("Advanced queuing engine", "advanced queuing", "", ...queues));
    return this.process("Inetinfo.exe (IIS)", " mf-inetinfo", html("div", { class: "mf-two" }, left, right));
  }

  smtp() {
    const links = this.links();
    return this.part(
      "SMTP service",
      "SMTP service",
      this.stopped("SMTP"),
      this.queue("Received, in \\Queue", "smtp/receiving"),
      "smtp/Pickup" in this.places ? this.queue("Pickup", "smtp/Pickup") : "",
      html(
        "div",
        { class: "mf-links" },
        html("span", { class: "mf-label" }, "Link queues"),
        links.length ? links : html("i", {}, " none now"),
      ),
    );
  }

  links() {
    /** @type {Record<string, string[]>} */
    const hops = {};
    for (const place of Object.keys(this.places)) {
      if (!place.startsWith("link/")) continue;
      const hop = place.split("/")[1];
      hops[hop] ||= [];
      hops[hop].push(place);
    }
    return Object.entries(hops).map(([hop, places]) => this.link(hop, places));
  }

  /**
   * @param {string} hop
   * @param {string[]} places
   */
  link(hop, places) {
    const status = this.statusOf(`link/${hop}`) || "Ready";
    const label = html(
      "div",
      { class: "mf-label" },
      `⇢ ${hop}`,
      html("em", { class: `mf-is-${status}` }, ` ${status}`),
    );
    const queues = places.map((place) => this.queue(place.split("/").slice(2).join("/"), place));
    return html("div", { class: "mf-link" }, label, ...queues);
  }

  mta() {
    if (!this.places.mta && this.component !== "MTA") return "";
    return this.part("Microsoft MTA", "MTA", this.stopped("MTA"), this.queue("To X.400", "mta"));
  }
}
