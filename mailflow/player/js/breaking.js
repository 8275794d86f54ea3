// Breaking things: something fails, comes back, or costs more, at the step that is shown; Python works out the new future.

/** @import { Player } from "./player.js" */
/** @import { MapBox } from "./boxes.js" */
/** @import { MapView, Wire } from "./map.js" */
/** @import { Act, ChangeData, Point, Reopened, Reply, State } from "./types.js" */

import { button, copyText, html, select, svg, write } from "./dom.js";

/** For how long an answer of the kernel is awaited, in milliseconds. */
const PATIENCE = 20000;
/** How long after the last key a cost is told to the kernel, in milliseconds. */
const LAST_KEY = 400;
/** How far a pointer moves for one more of the cost, in CSS pixels. */
const NOTCH = 6;
const MOST = 100;
/** The cost in the label of a connector. */
const COSTS = /(?<=^(cost )?)[\d/]+$/;
/** How wide and high a lever may be pressed: 24 CSS pixels, and somewhat more, as a map may be drawn smaller. */
const PRESS = 27;
const NOW = { type: "button", class: "mf-now-button", "data-key": "now" };
const COST = { type: "number", min: 1, max: MOST, "data-key": "cost" };
/** @type {Record<string, number>} */
const KEYS = { "+": 1, "=": 1, ArrowUp: 1, "-": -1, "\u2212": -1, ArrowDown: -1 };
/** The services that are stopped inside a server, where they are drawn: by the component that does their work. */
const SERVICES = Object.entries({
  "information store": "information store",
  "routing engine": "routing engine",
  "SMTP service": "SMTP",
});

export class Breaking {
  /** @param {Player} player */
  constructor(player) {
    this.player = player;
    const { changes, costs, reopened } = player.options;
    /** @type {ChangeData[]} what was done so far */
    this.changes = changes || [];
    /** @type {Record<string, [at: number, cost: number][]>} the cost of each connector over time */
    this.costs = costs || {};
    /** @type {Act[]} what was asked for, and is not answered yet */
    this.asked = reopened?.asked || [];
    /** @type {{ name: string, cost: number } | null} a cost that is being set */
    this.setting = null;
    this.shows = false;
    /** @type {Set<{ update: () => void }>} what else shows that something waits */
    this.watchers = new Set();
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.patience = undefined;
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.lastKey = undefined;
    this.pick = select("What to take down or bring back", () => this.update(), ...this.kinds());
    this.pick.setAttribute("data-key", "pick");
    this.now = html("button", { ...NOW, onclick: () => this.turn(this.pick.value) });
    this.cost = html("input", { ...COST, onchange: () => this.recost(this.pick.value, this.cost.value) });
    this.costLabel = html("label", {}, "cost ", this.cost);
    this.status = html("span", { role: "status", class: "mf-told", "data-part": "told" });
    this.element = this.bar();
    this.listen();
    this.tell(player.options.told || "Click what is to fail, now; or drag a cost.");
    if (this.asked.length) this.wait();
    // The player is whole only when whoever makes it is done.
    if (reopened) queueMicrotask(() => this.takeUp(reopened));
  }

  // ---- the bar ----

  kinds() {
    /** @type {(name: string) => HTMLElement} */
    const option = (name) => html("option", { value: name }, name);
    const things = this.player.options.things || [];
    return things.map(([label, names]) => html("optgroup", { label }, ...names.map(option)));
  }

  bar() {
    const { undo, redo } = this.player.options;
    const back = { "data-key": "undo", disabled: !undo };
    const again = { "data-key": "redo", disabled: !redo };
    return html(
      "div",
      { class: "mf-break", role: "group", "aria-label": "Break it now", "data-part": "break" },
      this.pick,
      this.now,
      this.costLabel,
      button("Undo", undo ? `Undo (${undo})` : "Undo", () => this.send({ type: "undo" }), back),
      button("Redo", redo ? `Redo (${redo})` : "Redo", () => this.send({ type: "redo" }), again),
      button("Script", "The script so far, to copy", () => this.script(), { "data-key": "script" }),
      this.status,
    );
  }

  /** @param {string} text */
  tell(text) {
    write(this.status, text);
    this.status.title = text;
  }

  script() {
    const { card, options } = this.player;
    const text = html("pre", { tabindex: 0, "aria-label": "The script so far" }, options.script || "");
    const copied = html("span", { role: "status", class: "mf-note" });
    const copy = button("Copy", "Copy the script", () => copyText(text, copied));
    const says = "Paste it into a cell of a new notebook: it makes this very run.";
    card.show("The script", html("p", {}, says), text, html("div", { class: "mf-bar" }, copy, copied));
    this.shows = true;
  }

  // ---- in the picture ----

  listen() {
    const { root } = this.player;
    root.classList.add("mf-breakable");
    root.addEventListener("click", (event) => this.clicked(event));
    root.addEventListener("keydown", (event) => this.key(event), { capture: true });
    root.addEventListener("pointerdown", (event) => this.grab(event));
  }

  /** @param {Event} event */
  clicked(event) {
    const name = named(event.target, "data-breaks");
    if (name && !named(event.target, "data-cost")) this.turn(name);
  }

  // Enter and space click a button by themselves.
  /** @param {KeyboardEvent} event */
  key(event) {
    const { key, target } = event;
    const by = event.ctrlKey || event.metaKey || event.altKey ? 0 : KEYS[key];
    const name = target instanceof HTMLButtonElement ? "" : named(target, "data-breaks");
    const costly = named(target, "data-cost") || (this.costOf(name) && name);
    if (costly && by) this.nudge(costly, by);
    else if (name && (key === "Enter" || key === " ")) this.turn(name);
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  /**
   * One more or one less; a row of keys is one change.
   *
   * @param {string} name
   * @param {number} by
   */
  nudge(name, by) {
    this.offer(name, this.priceOf(name) + by);
    clearTimeout(this.lastKey);
    this.lastKey = setTimeout(() => this.settle(), LAST_KEY);
  }

  /** @param {PointerEvent} event */
  grab(event) {
    const name = named(event.target, "data-cost");
    if (!name || event.button !== 0) return;
    event.preventDefault();
    if (event.target instanceof SVGElement) event.target.closest("g")?.focus({ preventScroll: true });
    const start = { x: event.clientX, y: event.clientY, cost: this.costOf(name) };
    const done = new AbortController();
    /** @type {(event: PointerEvent) => void} */
    const move = (to) =>
      this.offer(name, start.cost + Math.round((to.clientX - start.x - to.clientY + start.y) / NOTCH));
    const end = () => {
      done.abort();
      this.settle();
    };
    addEventListener("pointermove", move, { signal: done.signal });
    addEventListener("pointerup", end, { signal: done.signal });
    addEventListener("pointercancel", end, { signal: done.signal });
  }

  /**
   * Show a cost that is not set yet.
   *
   * @param {string} name
   * @param {number} cost
   */
  offer(name, cost) {
    this.setting = { name, cost: Math.max(1, Math.min(MOST, cost)) };
    this.choose(name);
    this.redraw();
    this.tell(`${name}: cost ${this.setting.cost} instead of ${this.costOf(name)}.`);
  }

  settle() {
    const { setting } = this;
    this.setting = null;
    if (setting && setting.cost !== this.costOf(setting.name)) this.recost(setting.name, String(setting.cost));
    else this.redraw();
  }

  /** The map says what connectors cost. */
  redraw() {
    this.player.redraw("Map");
    this.update();
  }

  /**
   * What a connector costs, as it is drawn: what is being set comes first.
   *
   * @param {string} name
   */
  priceOf(name) {
    return this.setting?.name === name ? this.setting.cost : this.costOf(name);
  }

  // ---- what is so now ----

  /**
   * What a connector costs at the step that is shown, as far as anybody knows; 0 where it has no cost.
   *
   * @param {string} name
   */
  costOf(name) {
    const asked = this.asked.findLast((act) => act.type === "cost" && act.name === name);
    if (asked?.cost) return asked.cost;
    const { cursor, event } = this.player;
    const here = this.changes.filter((change) => change.step === cursor).map((change) => change.at);
    const until = Math.max(event.time, ...here);
    return this.costs[name]?.findLast(([at]) => at <= until)?.[1] ?? 0;
  }

  /** The names of what was changed at this step, and what the picture does not show yet. */
  get pending() {
    const { cursor, event, tape } = this.player;
    const state = tape.at(cursor);
    /** @type {Set<string>} */
    const names = new Set();
    for (const { name, step, at, word } of this.changes) {
      const up = word === "restore" || word === "start";
      const seen = word === "change connector" ? event.time >= at : this.isUp(state, name) === up;
      if (cursor >= step && event.time <= at && !seen) names.add(name);
    }
    for (const act of this.asked) {
      if (act.type === "cost" && act.name) names.add(act.name);
      // Asked for once more, it is taken back.
      if (act.type === "break" && act.name && !names.delete(act.name)) names.add(act.name);
    }
    return names;
  }

  /**
   * @param {State} state
   * @param {string} name
   */
  isUp(state, name) {
    const { connectors, servers } = this.player.tape.data.organization;
    const [, service, server] = /^(.+) of (.+)$/.exec(name) || [];
    const isService = servers.some((item) => item.name === server) && !connectors.some((item) => item.name === name);
    return (isService ? state.services[`${server}|${service}`] : state.outside[name]) ?? true;
  }

  /** Bring bar and picture to the step that is shown. */
  update() {
    const { player, setting } = this;
    this.handServices();
    const name = this.pick.value;
    const waiting = this.pending;
    const isUp = this.isUp(player.tape.at(player.cursor), name) !== this.isBroken(waiting, name);
    write(this.now, isUp ? "Take down" : "Bring back");
    this.now.setAttribute("aria-label", `${isUp ? "Take down" : "Bring back"} ${name}`);
    const cost = this.priceOf(name);
    this.costLabel.style.visibility = cost ? "visible" : "hidden";
    this.cost.setAttribute("aria-label", `Cost of ${name}`);
    if (document.activeElement !== this.cost || setting) this.cost.value = String(cost);
    for (const [kind, wanted] of /** @type {[string, Set<string>][]} */ ([
      ["data-breaks", waiting],
      ["data-cost", this.costly(waiting)],
    ])) {
      for (const part of player.stage.querySelectorAll(`[${kind}]`)) {
        part.classList.toggle("mf-pending", wanted.has(part.getAttribute(kind) ?? ""));
      }
    }
    for (const watcher of this.watchers) watcher.update();
  }

  /** Inside a server each service has a lever beside its name. */
  handServices() {
    const { player } = this;
    for (const [component, service] of SERVICES) {
      const head = player.stage.querySelector(`.mf-inside [data-component="${component}"] > h4:not(:has(button))`);
      const name = `${service} of ${player.shownServer()}`;
      head?.append(button("✕", `${name}: stop or start`, () => {}, { class: "mf-halt", "data-breaks": name }));
    }
  }

  /**
   * Whether the other state of something is waiting to be seen.
   *
   * @param {Set<string>} waiting
   * @param {string} name
   */
  isBroken(waiting, name) {
    return waiting.has(name) && !this.costly(waiting).has(name);
  }

  /**
   * Which of the names wait for another cost.
   *
   * @param {Set<string>} waiting
   */
  costly(waiting) {
    const acts = [...this.changes.filter(({ word }) => word === "change connector"), ...this.asked.filter(isCost)];
    return new Set(acts.map(({ name }) => name ?? "").filter((name) => waiting.has(name)));
  }

  // ---- asking ----

  /**
   * Take something down, or bring it back, after the step that is shown; a second time takes that back.
   *
   * @param {string} name
   */
  turn(name) {
    const again = this.pending.has(name);
    const up = this.isUp(this.player.tape.at(this.player.cursor), name);
    const says = again ? `${name} stays as it was` : `${name} ${up ? "goes down" : "comes back"} now`;
    this.choose(name);
    this.send({ type: "break", name }, says);
  }

  /**
   * @param {string} name
   * @param {string} text the new cost
   */
  recost(name, text) {
    const cost = Number(text);
    if (!Number.isInteger(cost) || cost < 1 || cost > MOST) {
      this.tell(`A cost is a whole number from 1 to ${MOST}.`);
      return;
    }
    this.send({ type: "cost", name, cost }, `${name} costs ${cost} now`);
  }

  /** @param {string} name */
  choose(name) {
    if ([...this.pick.options].some((option) => option.value === name)) this.pick.value = name;
  }

  /**
   * @param {Act} act
   * @param {string} [says]
   */
  send(act, says = "") {
    const { player } = this;
    if (!player.hooks.act) {
      this.tell("No kernel runs here, and a new future needs one. Run the notebook to break things.");
      return;
    }
    player.pause();
    this.asked.push(act);
    this.tell(says ? `${says}. Working out what follows …` : "Working out what follows …");
    this.redraw();
    this.wait();
    try {
      player.hooks.act({ ...act, step: player.cursor });
    } catch {
      this.give("No kernel is connected. Run this cell first, then try again.");
    }
  }

  wait() {
    clearTimeout(this.patience);
    this.patience = setTimeout(
      () => this.give("No answer from the kernel. Run this cell first, then try again."),
      PATIENCE,
    );
  }

  /**
   * Nobody answers: nothing is under way any more.
   *
   * @param {string} text
   */
  give(text) {
    clearTimeout(this.patience);
    this.asked.length = 0;
    this.tell(text);
    this.redraw();
  }

  /**
   * What the kernel answered.
   *
   * @param {Reply} message
   */
  heard(message) {
    this.asked.shift();
    if (this.asked.length) return;
    clearTimeout(this.patience);
    this.tell(message.text);
    this.redraw();
  }

  // ---- from one future to the next ----

  /**
   * What the player of the new future takes over: this one goes.
   *
   * @returns {Reopened}
   */
  keep() {
    clearTimeout(this.patience);
    const { card, root } = this.player;
    const { activeElement } = document;
    const holder = activeElement?.closest("[data-key], [data-breaks], [data-cost], .mf-step");
    return {
      asked: this.asked,
      picked: this.pick.value,
      script: this.shows && card.isOpen,
      presented: root.matches(".mf-present"),
      focus: root.contains(activeElement) ? (holder ? selectorOf(holder) : "") : null,
    };
  }

  /** @param {Reopened} reopened */
  takeUp({ picked, script, focus, presented }) {
    const { root } = this.player;
    root.classList.toggle("mf-present", presented);
    if (picked) this.choose(picked);
    this.update();
    const found = focus ? root.querySelector(focus) : root;
    const isUsable = (found instanceof HTMLElement || found instanceof SVGElement) && !found.matches(":disabled");
    if (focus !== null) (isUsable ? found : root).focus({ preventScroll: true });
    if (script) this.script();
  }
}

/**
 * @param {Element | null} element
 * @param {Record<string, string>} props
 */
function give(element, props) {
  for (const [name, value] of Object.entries(props)) element?.setAttribute(name, value);
}

/** @param {Act} act */
function isCost(act) {
  return act.type === "cost";
}

/**
 * What an attribute of an element, or of one around it, names.
 *
 * @param {EventTarget | null} target
 * @param {string} attribute
 */
function named(target, attribute) {
  return (target instanceof Element && target.closest(`[${attribute}]`)?.getAttribute(attribute)) || "";
}

/** @param {Element} element */
function selectorOf(element) {
  const attribute = ["data-key", "data-cost", "data-breaks"].find((name) => element.hasAttribute(name));
  return attribute ? `[${attribute}="${CSS.escape(element.getAttribute(attribute) ?? "")}"]` : ".mf-step";
}

/**
 * The bar for breaking things, where a player allows it.
 *
 * @param {Player} player
 * @returns {HTMLElement | null}
 */
export function makeBreaking(player) {
  if (!player.options.breakable) return null;
  player.breaking = new Breaking(player);
  return player.breaking.element;
}

// ---- layer of the map: what can be broken where it is drawn ----

export class LeversLayer {
  /** @param {MapView} map */
  constructor(map) {
    this.map = map;
    /** @type {[names: string[], element: Element][]} what shows that something else waits for a new future */
    this.parts = [];
    /** @type {[wire: Wire, names: string[]][]} labels with a cost, and whose it is: of both ways, where it is the same */
    this.prices = [];
  }

  draw() {
    const { map } = this;
    if (!map.player.options.breakable) return;
    map.player.breaking?.watchers.add(this);
    for (const wire of map.wires) this.grip(wire);
    for (const box of map.boxes.values()) if (box.node.kind === "server") this.levers(box);
  }

  update() {
    const { breaking } = this.map.player;
    if (!breaking) return;
    const { pending } = breaking;
    for (const [wire, names] of this.prices) {
      const [cost, ...others] = names.map((name) => breaking.priceOf(name));
      const told = others.every((other) => other === cost) ? cost : [cost, ...others].join("/");
      wire.text = wire.text.replace(COSTS, String(told));
      give(wire.over, { "aria-valuenow": String(cost) });
      const title = wire.over?.querySelector("title");
      if (title) write(title, names.map((name) => `${name}: cost ${breaking.priceOf(name)}`).join("; "));
    }
    for (const [names, part] of this.parts) {
      part.classList.toggle(
        "mf-pending",
        names.some((name) => pending.has(name)),
      );
    }
  }

  /**
   * A connector is taken hold of along its line, or by its label; a label that says its cost is for the cost.
   *
   * @param {Wire} wire
   */
  grip(wire) {
    const { under, over, text } = wire;
    const { connector: name } = wire.line;
    const label = `connector ${name}: take down or bring back`;
    give(under.querySelector(".mf-grip"), { role: "button", tabindex: "0", "aria-label": label, "data-breaks": name });
    this.parts.push([[name], under]);
    if (over && COSTS.test(text) && this.map.player.breaking?.costOf(name)) this.price(wire);
    else give(over, { "data-breaks": name });
  }

  /**
   * A cost is dragged by its label, or turned by keys. A label for both ways turns the first, and says both if they differ.
   *
   * @param {Wire} wire
   */
  price(wire) {
    const { line, over } = wire;
    const { connector: name, label } = line;
    if (!over || !label) return;
    const back = this.map.wires.filter(
      (item) => !item.over && item.line.from === line.to && item.line.to === line.from,
    );
    this.prices.push([wire, [name, ...back.map((item) => item.line.connector)]]);
    const range = { role: "spinbutton", "aria-valuemin": "1", "aria-valuemax": String(MOST) };
    give(over, { ...range, tabindex: "0", "aria-label": `Cost of ${name}`, "data-cost": name });
    const { x, y, w: width, h } = label;
    over.append(svg("rect", { x, y: y + (h - PRESS) / 2, width, height: PRESS, class: "mf-leverpad" }));
  }

  /**
   * On each server a lever for its network; on a master another one for its routing engine.
   *
   * @param {MapBox} box
   */
  levers(box) {
    const { x, y, w, id } = box.node;
    const side = Math.min(20, box.node.h / 2);
    const levers = [
      this.lever({ x: x + w - side - 2, y: y + 2 }, side, "✕", `server ${id}: take down or bring back`, id),
    ];
    if (box.isMaster) {
      const label = `routing engine of ${id}, the master: stop or start`;
      const at = { x: x + w - side - PRESS - 2, y: y + 2 };
      levers.push(this.lever(at, side, "★", label, `routing engine of ${id}`));
      box.isMaster = false;
    }
    box.reserved = side + (levers.length - 1) * PRESS;
    box.element.after(...levers);
    this.parts.push([[id, `routing engine of ${id}`], box.element]);
  }

  /**
   * @param {Point} at
   * @param {number} side
   * @param {string} text
   * @param {string} label
   * @param {string} target
   */
  lever({ x, y }, side, text, label, target) {
    const edge = (PRESS - side) / 2;
    const props = { class: "mf-lever", tabindex: 0, role: "button", "aria-label": label };
    return svg(
      "g",
      { ...props, "data-breaks": target },
      svg("path", { d: `M${x - edge} ${y - edge}h${PRESS}v${PRESS}h${-PRESS}z`, class: "mf-leverpad" }),
      svg("rect", { x, y, width: side, height: side, rx: 4 }),
      svg("text", { x: x + side / 2, y: y + side / 2 + 4.5, "text-anchor": "middle", class: "mf-leversign" }, text),
      svg("text", { x: x + side / 2, y: y + side / 2 + 4.5, "text-anchor": "middle", class: "mf-wait" }, "…"),
      svg("title", {}, label),
    );
  }
}
