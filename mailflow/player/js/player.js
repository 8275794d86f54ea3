// The player of one trace. It needs the trace and nothing else: no kernel, no network.

/** @import { Breaking } from "./breaking.js" */
/** @import { Reached } from "./route.js" */
/** @import { Change, Hooks, Options, Reply, TapeEvent, TraceData, View } from "./types.js" */

import { Card } from "./card.js";
import { Controls, isElsewhere, keysOf, pressesSomething } from "./controls.js";
import { button, html, keepShortcutsAway, write } from "./dom.js";
import { factChips } from "./facts.js";
import { giveBack, isForJupyter } from "./focus.js";
import { showHelp } from "./help.js";
import { isStop, Levels } from "./levels.js";
import { fly, positions } from "./motion.js";
import { isPresented, present } from "./present.js";
import { makeExtras, makerOf, makeView, viewNames } from "./registry.js";
import { share } from "./share.js";
import { Tape } from "./tape.js";

const EMPTY = "This trace is empty: nothing was sent. Add scenario.send(...) and run it again.";
/** The widths in CSS pixels from which two views lie side by side; in large type they need more. */
const WIDE = 1180;
const WIDE_PRESENTED = 1600;
/** From how many letters on a text is set in smaller type, and in the smallest, so that its place holds all of it. */
const LONG = 240;
const LONGEST = 400;

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
    /** @type {string[]} the views that were opened, the last one last */
    this.open = [];
    /** @type {Record<string, View>} */
    this.views = {};
    this.columns = 1;
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
      "data-part": "player",
      tabindex: 0,
      onfocusin: keepShortcutsAway,
      onkeydown: (event) => this.key(event),
    });
    element.replaceChildren(this.root);
    this.stage = html("div", { class: "mf-stage", "data-part": "picture" });
    this.stage.addEventListener("click", (event) => this.clicked(event), { capture: true });
    this.say = html("p", {
      class: "mf-sentence",
      "aria-live": "polite",
      "aria-atomic": "true",
      "data-part": "sentence",
    });
    this.why = html("p", { class: "mf-why" });
    this.card = new Card(this);
    this.levels = new Levels(this);
    this.questions = makerOf("bets")?.(this);
    this.controls = new Controls(this);
    this.keys = keysOf(this);
    /** @type {Map<string, HTMLElement>} */
    this.tabs = new Map(viewNames(this).map((name) => [name, this.tab(name)]));
    if (this.tape.length) this.build();
    else this.root.append(html("p", { class: "mf-note" }, EMPTY));
  }

  // ---- what is shown ----

  /** The event that is shown. */
  get event() {
    return this.tape.events[this.cursor];
  }

  /** Whether nothing is left to go to. */
  get isOver() {
    return this.cursor >= this.levels.last;
  }

  /** The question that waits for an answer. */
  get asking() {
    return this.questions?.asking ?? null;
  }

  /** @param {number} number */
  clamped(number) {
    return Math.max(0, Math.min(this.tape.length - 1, number));
  }

  // The views to open at first.
  wanted() {
    const { views } = this.options;
    return (views?.length ? views : ["Map", "Server"]).filter((name) => viewNames(this).includes(name));
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
    return this.server || this.acting;
  }

  /** The server that acted last, whichever one somebody looks into. */
  get acting() {
    const servers = this.tape.data.organization.servers.map((server) => server.name);
    const past = this.tape.events.slice(0, this.cursor + 1);
    return past.findLast(({ server }) => servers.includes(server))?.server ?? servers[0];
  }

  /** What another player of the same organization takes over. */
  keep() {
    const { level } = this.levels;
    return { views: [...this.open].reverse(), server: this.server, level, reopened: this.breaking?.keep() };
  }

  // ---- building ----

  build() {
    this.open = this.wanted().reverse();
    // After a break the step stays, even where the new story tells no beat of its own.
    const jumps = this.levels.level === "story" && !this.options.reopened;
    if (jumps) this.cursor = this.levels.reached(this.cursor);
    const scene = html("div", { class: "mf-scene" }, this.stage, this.card.element);
    const slot = html("div", { class: "mf-slot" }, this.say, this.why, this.questions?.element);
    this.root.append(this.head(), scene, ...makeExtras(this), slot, this.controls.element);
    this.watch();
    this.draw();
  }

  head() {
    const sharing = button("Share", "Share this step as a text (s)", () => share(this));
    return html(
      "div",
      { class: "mf-head" },
      html("b", { title: this.title }, this.title),
      html("div", { class: "mf-tabs", role: "group", "aria-label": "Views" }, ...this.tabs.values()),
      this.options.share ? sharing : "",
      button("Present", "Present (p)", () => present(this), { class: "mf-once" }),
      button("?", "Signs and keys (question mark)", () => showHelp(this), { class: "mf-once" }),
    );
  }

  /** @param {string} name */
  tab(name) {
    const props = { "data-view": name, "aria-pressed": "false" };
    return button(name, `${name} view`, () => this.toggle(name), props);
  }

  // How many views lie side by side depends on the width of the player, not on that of the window.
  watch() {
    new ResizeObserver(([{ contentRect }]) => {
      const columns = contentRect.width >= (isPresented(this) ? WIDE_PRESENTED : WIDE) ? 2 : 1;
      // In a frame of another size, what acts may have moved out of sight.
      if (columns === this.columns) for (const name of this.visible()) this.redraw(name);
      else {
        this.columns = columns;
        this.draw();
      }
    }).observe(this.root);
  }

  // ---- drawing ----

  draw() {
    const { root } = this;
    const held = root.matches(":focus-within");
    const before = positions(this.stage);
    this.drawViews();
    this.tell();
    this.controls.update();
    this.breaking?.update();
    this.card.hide();
    // Whoever pressed what is gone now still has the keys.
    if (held && !root.querySelector(":focus")?.getClientRects().length) root.focus({ preventScroll: true });
    fly(this.stage, before, this.event.effects);
  }

  /** The views in sight: as many of the open ones as there is room for, those that were opened last. */
  visible() {
    const kept = this.open.slice(-this.columns);
    return viewNames(this).filter((name) => kept.includes(name));
  }

  drawViews() {
    const state = this.tape.at(this.cursor);
    const shown = this.visible();
    for (const name of shown) {
      this.views[name] ||= makeView(name, this);
      this.views[name].update(state);
    }
    const wanted = shown.map((name) => this.views[name].element);
    const { children } = this.stage;
    const same = wanted.length === children.length && wanted.every((view, index) => children[index] === view);
    if (!same) {
      this.stage.replaceChildren(...wanted);
      for (const name of shown) this.views[name].seen?.();
    }
    for (const [name, tab] of this.tabs) tab.setAttribute("aria-pressed", String(shown.includes(name)));
    this.dim();
  }

  /** While somebody is followed, the MailMsgs of all others stand back; what can answer an open bet stands out. */
  dim() {
    this.questions?.point();
    for (const mark of this.stage.querySelectorAll("[data-mail]")) {
      mark.classList.toggle("mf-aside", !this.levels.concerns(mark.getAttribute("data-mail") ?? ""));
    }
  }

  tell() {
    const { event } = this;
    const rule = this.tape.rule(event);
    const words = this.levels.words(this.cursor);
    write(this.say, words);
    this.say.classList.toggle("mf-long", words.length > LONG);
    this.say.classList.toggle("mf-longest", words.length > LONGEST);
    this.why.replaceChildren(html("b", {}, event.step.component), ` · ${rule.title} `, ...factChips(this, rule));
  }

  /**
   * Draw one view anew, if it is in sight.
   *
   * @param {string} name
   */
  redraw(name) {
    if (!this.visible().includes(name)) return;
    this.views[name].update(this.tape.at(this.cursor));
    this.dim();
    this.breaking?.update();
  }

  /**
   * Make a view anew, whose part has come.
   *
   * @param {string} name
   */
  remake(name) {
    delete this.views[name];
    this.drawViews();
  }

  /** Save the picture. */
  async save() {
    await this.hooks.load?.("save");
    makerOf("save")?.(this);
  }

  /**
   * Open a view; one that is in sight gives way, unless it is the last one.
   *
   * @param {string} name
   */
  toggle(name) {
    const { open } = this;
    if (!this.visible().includes(name)) this.show(name);
    else if (this.visible().length > 1) {
      this.open = open.filter((other) => other !== name);
      this.draw();
    }
  }

  /**
   * Open a view.
   *
   * @param {string} name
   */
  show(name) {
    this.open = [...this.open.filter((other) => other !== name), name];
    this.draw();
  }

  /**
   * A bet can be answered in the picture; a link there must not act at the same time.
   *
   * @param {MouseEvent} event
   */
  clicked(event) {
    if (!this.questions?.clicked(event.target)) return;
    event.stopPropagation();
    event.preventDefault();
  }

  // ---- moving ----

  /**
   * Show a step.
   *
   * @param {number} number
   */
  go(number) {
    if (!this.tape.length) return;
    const from = this.cursor;
    const target = this.clamped(number);
    this.questions?.clear();
    if (target === from) {
      this.questions?.score();
      return;
    }
    this.cursor = target;
    this.draw();
    this.questions?.passed(from, target);
    this.hooks.cursor?.(target);
  }

  /** On to the next stop, or to the bet that comes before it. */
  forward() {
    if (this.asking) {
      this.questions?.remind();
      return;
    }
    this.bet(this.levels.after(this.cursor));
  }

  back() {
    this.pause();
    this.go(this.levels.before(this.cursor));
  }

  /**
   * Go to a step, unless a bet has to be placed before.
   *
   * @param {number} target
   */
  bet(target) {
    const question = this.questions?.between(this.cursor, target);
    if (question) this.questions?.pose(question, target);
    else this.go(target);
  }

  /** To the next bet, decision, or end of a recipient's way. */
  nextStop() {
    this.pause();
    if (this.asking) return;
    const decision = this.tape.events.findIndex((event, number) => number > this.cursor && isStop(event));
    const target = decision < 0 ? Infinity : decision;
    const at = this.questions?.between(this.cursor, target)?.at || 0;
    if (at - 1 > this.cursor) this.go(at - 1);
    this.bet(at || target);
  }

  /**
   * Tell the run at another level, or follow somebody else; the step stays, or the story's last beat before it.
   *
   * @param {Change} change
   */
  tellAt(change) {
    this.pause();
    this.levels.set(change);
    const { level } = this.levels;
    this.hooks.level?.(level);
    const target = level === "story" ? this.levels.reached(this.cursor) : this.cursor;
    if (target === this.cursor) this.draw();
    else this.go(target);
  }

  pause() {
    this.controls.pause();
  }

  /**
   * Escape: a card closes, then a presentation ends, then the focus goes back to where the player stands.
   *
   * @param {boolean} presented
   */
  leave(presented) {
    if (this.card.isOpen) this.card.close();
    else if (presented) present(this);
    else giveBack(this.root);
  }

  /** @param {KeyboardEvent} event */
  key(event) {
    if (!isForJupyter(event)) event.stopPropagation();
    if (isElsewhere(event) || pressesSomething(event)) return;
    if (this.questions?.key(event.key)) {
      event.preventDefault();
      return;
    }
    const act = this.keys[event.key];
    if (!act) return;
    event.preventDefault();
    act(event);
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
