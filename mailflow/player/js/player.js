// The player of one trace. It needs the trace and nothing else: no kernel, no network.

/** @import { Breaking } from "./breaking.js" */
/** @import { Reached } from "./route.js" */
/** @import { Hooks, Options, Reply, TapeEvent, TraceData, View } from "./types.js" */

import { Controls, isElsewhere, keysOf, pressesSomething } from "./controls.js";
import { button, html, keepShortcutsAway, write } from "./dom.js";
import { isStop } from "./levels.js";
import { fly, positions } from "./motion.js";
import { present } from "./present.js";
import { Questions } from "./questions.js";
import { makeExtras, makeView, viewNames } from "./registry.js";
import { Share } from "./share.js";
import { Tape } from "./tape.js";
import { Transcript } from "./transcript.js";

const EMPTY = "This trace is empty: nothing was sent. Add scenario.send(...) and run it again.";
const HELP =
  "Keys: ← → step, Home and End, space plays, n next decision, numbers for the views, p presents, s shares, " +
  "Page Up and Page Down for a remote control, Escape leaves.";

let players = 0;

export class Player {
  /**
   * @param {HTMLElement} element
   * @param {TraceData} data
   * @param {Options} [options]
   * @param {Hooks} [hooks]
   */
  constructor(element, data, options = {}, hooks = {}) {
    this.tape = new Tape(data);
    this.options = options;
    this.hooks = hooks;
    players += 1;
    this.id = `mf${players}`;
    this.cursor = this.clamped(options.cursor ?? 0);
    this.answers = { ...(options.answers || {}) };
    this.server = options.server || "";
    this.open = new Set(this.wanted());
    /** @type {Record<string, View>} */
    this.views = {};
    /** The message that the tables show; empty for the one that moves. */
    this.picked = "";
    /** @type {Record<string, Reached>} what Dijkstra's algorithm has settled, or looks at, by routing group */
    this.settled = {};
    /** @type {Breaking | null} */
    this.breaking = null;
    const { title, name } = data.organization;
    this.title = options.title || title || name;
    this.root = html("div", {
      class: "mf",
      role: "region",
      "aria-label": `Player: ${this.title}`,
      tabindex: 0,
      onfocusin: keepShortcutsAway,
      onkeydown: (event) => this.key(event),
    });
    element.replaceChildren(this.root);
    this.stage = html("div", { class: "mf-stage" });
    this.say = html("p", { class: "mf-sentence", "aria-live": "polite", "aria-atomic": "true" });
    this.why = html("p", { class: "mf-why" });
    this.help = html("p", { class: "mf-help", hidden: true }, HELP);
    this.sharing = new Share(this);
    this.questions = new Questions(this);
    this.controls = new Controls(this);
    this.transcript = new Transcript(this);
    this.keys = keysOf(this);
    this.tabs = new Map(viewNames().map((name) => [name, this.tab(name)]));
    if (this.tape.length) this.build();
    else this.root.append(html("p", { class: "mf-note" }, EMPTY));
  }

  // ---- what is shown ----

  /** The event that is shown. */
  get event() {
    return this.tape.events[this.cursor];
  }

  /** The question that waits for an answer. */
  get asking() {
    return this.questions.asking;
  }

  /** @param {number} number */
  clamped(number) {
    return Math.max(0, Math.min(this.tape.length - 1, number));
  }

  // The views to open at first.
  wanted() {
    const { views } = this.options;
    return (views?.length ? views : ["Map", "Server"]).filter((name) => viewNames().includes(name));
  }

  /**
   * The other side of an event: the name of a server, or of a host outside.
   *
   * @param {TapeEvent} event
   */
  peer(event) {
    const name = this.tape.value(event, "peer");
    if (!name) return "";
    const { servers } = this.tape.data.organization;
    const server = servers.find((item) => item.fqdn.toLowerCase() === String(name).toLowerCase());
    return server ? server.name : String(name);
  }

  /** The server to look inside: the chosen one, or the last one that acted. */
  shownServer() {
    if (this.server) return this.server;
    const servers = this.tape.data.organization.servers.map((server) => server.name);
    for (let number = this.cursor; number >= 0; number -= 1) {
      const { server } = this.tape.events[number];
      if (servers.includes(server)) return server;
    }
    return servers[0];
  }

  /** What another player of the same organization takes over. */
  keep() {
    return { views: [...this.open], server: this.server };
  }

  // ---- building ----

  build() {
    const story = html("div", { class: "mf-story" }, this.say, this.why, this.questions.element);
    const extra = html("div", { class: "mf-extra" }, ...makeExtras(this));
    this.root.append(
      this.head(),
      this.help,
      this.sharing.element,
      this.stage,
      story,
      this.controls.element,
      extra,
      this.transcript.element,
    );
    this.draw();
  }

  head() {
    const share = button("Share", "Share this step as a text (s)", () => this.sharing.open());
    return html(
      "div",
      { class: "mf-head" },
      html("b", {}, this.title),
      html("div", { class: "mf-tabs", role: "group", "aria-label": "Views" }, ...this.tabs.values()),
      this.options.share ? share : "",
      button("Present", "Present (p)", () => present(this)),
      button("?", "Keys (question mark)", () => this.toggleHelp()),
    );
  }

  /** @param {string} name */
  tab(name) {
    const props = { "data-view": name, "aria-pressed": "false" };
    return button(name, `${name} view`, () => this.toggle(name), props);
  }

  // ---- drawing ----

  draw() {
    const before = positions(this.stage);
    this.drawViews();
    this.tell();
    this.controls.update();
    this.transcript.mark();
    this.sharing.hide();
    fly(this.stage, before, this.event.effects);
  }

  drawViews() {
    const state = this.tape.at(this.cursor);
    const shown = viewNames().filter((name) => this.open.has(name));
    for (const name of shown) {
      this.views[name] ||= makeView(name, this);
      this.views[name].update(state);
    }
    const wanted = shown.map((name) => this.views[name].element);
    const { children } = this.stage;
    const same = wanted.length === children.length && wanted.every((view, index) => children[index] === view);
    if (!same) this.stage.replaceChildren(...wanted);
    for (const [name, tab] of this.tabs) tab.setAttribute("aria-pressed", String(this.open.has(name)));
  }

  tell() {
    const { event } = this;
    const rule = this.tape.rule(event);
    const sure = { class: `mf-sure mf-sure-${rule.sure.split(" ")[0]}` };
    write(this.say, this.tape.sentence(event));
    this.why.replaceChildren(
      html("b", {}, event.step.component),
      ` · ${rule.title} `,
      html("span", sure, `${rule.numbers.join(", ")} · ${rule.sure}`),
    );
  }

  /**
   * Draw one view anew, if it is open.
   *
   * @param {string} name
   */
  redraw(name) {
    if (this.open.has(name)) this.views[name].update(this.tape.at(this.cursor));
  }

  /**
   * Open a view, or close it; the last one stays.
   *
   * @param {string} name
   */
  toggle(name) {
    if (this.open.has(name) && this.open.size > 1) this.open.delete(name);
    else this.open.add(name);
    this.draw();
  }

  /**
   * Open a view.
   *
   * @param {string} name
   */
  show(name) {
    this.open.add(name);
    this.draw();
  }

  toggleHelp() {
    this.help.hidden = !this.help.hidden;
  }

  // ---- moving ----

  /**
   * Show a step.
   *
   * @param {number} number
   */
  go(number) {
    if (!this.tape.length) return;
    const target = this.clamped(number);
    this.questions.clear();
    if (target === this.cursor) return;
    this.cursor = target;
    this.draw();
    this.hooks.cursor?.(target);
  }

  /** One step on, or the question that comes before it. */
  forward() {
    if (this.asking) return;
    const target = this.cursor + 1;
    const question = this.questions.before(target);
    if (question) this.questions.pose(question);
    else this.go(target);
  }

  /** To the next question, decision, or end of a recipient's way. */
  nextStop() {
    this.pause();
    for (let number = this.cursor + 1; number < this.tape.length; number += 1) {
      const question = this.questions.before(number);
      if (question) {
        this.go(number - 1);
        this.questions.pose(question);
        return;
      }
      if (isStop(this.tape.events[number])) {
        this.go(number);
        return;
      }
    }
    this.go(this.tape.length - 1);
  }

  pause() {
    this.controls.pause();
  }

  /** @param {KeyboardEvent} event */
  key(event) {
    if (isElsewhere(event)) return;
    const act = pressesSomething(event) ? null : this.keys[event.key];
    event.stopPropagation();
    if (!act) return;
    event.preventDefault();
    act();
  }

  /**
   * What the kernel says of a break that was asked for.
   *
   * @param {Reply} message
   */
  heard(message) {
    this.breaking?.heard(message);
  }
}
