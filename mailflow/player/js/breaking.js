// Breaking things: something fails, or comes back, at the step that is shown; Python works out the new future.

/** @import { Player } from "./player.js" */
/** @import { MapBox } from "./boxes.js" */
/** @import { MapView } from "./map.js" */
/** @import { Point, Reply } from "./types.js" */

import { copyText, html, onEnter, select, svg } from "./dom.js";

/** For how long an answer of the kernel is awaited, in milliseconds. */
const PATIENCE = 20000;
/** A break comes a millisecond after the step that is shown: so many seconds, and a little more. */
const SOON = 0.0011;

export class Breaking {
  /** @param {Player} player */
  constructor(player) {
    this.player = player;
    const { options } = player;
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.patience = undefined;
    /** @type {Set<string>} what was turned and waits for its new future */
    this.pending = new Set();
    this.status = html("span", { role: "status", class: "mf-note" });
    this.script = html("pre", { tabindex: 0, "aria-label": "The script so far" }, options.script || "");
    this.element = html("div", {}, this.bar(), this.copying());
    if (options.told) this.status.textContent = options.told;
  }

  bar() {
    const { undo } = this.player.options;
    const pick = this.pick();
    const now = { type: "button", onclick: () => this.turn(pick.value) };
    const back = { type: "button", onclick: () => this.send({ type: "undo" }), disabled: !undo };
    return html(
      "div",
      { class: "mf-bar mf-break" },
      html("b", {}, "Break it, now:"),
      pick,
      html("button", now, "Take down or bring back"),
      html("button", back, undo ? `Undo (${undo})` : "Undo"),
      this.status,
    );
  }

  pick() {
    const { connectors, servers, routing_groups: groups } = this.player.tape.data.organization;
    const masters = groups.filter((group) => group.master);
    /** @type {[label: string, names: string[]][]} */
    const things = [
      ["Connectors", connectors.map((item) => item.name)],
      ["Servers", servers.map((item) => item.name)],
      ["Routing group masters", masters.map((group) => `routing engine of ${group.master}`)],
    ];
    /** @type {(name: string) => HTMLElement} */
    const option = (name) => html("option", { value: name }, name);
    const kinds = things.map(([label, names]) => html("optgroup", { label }, ...names.map(option)));
    return select("What to take down or bring back", () => {}, ...kinds);
  }

  copying() {
    const copy = { type: "button", onclick: () => copyText(this.script, this.status) };
    const summary = html("summary", {}, "The script, to copy into a cell");
    return html("details", {}, summary, this.script, html("button", copy, "Copy"));
  }

  /**
   * What goes down, or comes back, right after the step that is shown, because the learner wanted it so; the last last.
   *
   * @returns {string[]}
   */
  get coming() {
    const { tape, cursor, options } = this.player;
    const until = tape.events[cursor].time + SOON;
    const next = options.undo ? tape.events.slice(cursor + 1) : [];
    const past = next.findIndex((event) => event.time > until);
    return next.slice(0, past < 0 ? next.length : past).flatMap(({ effects }) =>
      effects.flatMap((effect) => {
        if (effect[0] === "service") return [`${effect[2]} of ${effect[1]}`];
        return effect[0] === "outside" ? [effect[1]] : [];
      }),
    );
  }

  /**
   * Take something down, or bring it back, after the step that is shown; a second time takes that back.
   *
   * @param {string} name
   */
  turn(name) {
    const { coming, pending } = this;
    if (coming.includes(name) && coming[coming.length - 1] !== name) {
      this.status.textContent = "Undo takes back what was changed last, and that was something else.";
      return;
    }
    const back = pending.has(name) || coming.includes(name);
    if (!this.send(back ? { type: "undo" } : { type: "break", name })) return;
    if (!pending.delete(name)) pending.add(name);
  }

  /**
   * Ask the kernel; whether it could be asked.
   *
   * @param {{ type: "break", name: string } | { type: "undo" }} message
   */
  send(message) {
    const { player, status } = this;
    if (!player.hooks.act) {
      status.textContent = "This page has no kernel, and a new future needs one. Run the notebook to break things.";
      return false;
    }
    player.pause();
    status.textContent = "Working out the new future …";
    clearTimeout(this.patience);
    this.patience = setTimeout(() => {
      status.textContent = "No answer from the kernel. Run this cell first, then try again.";
    }, PATIENCE);
    try {
      player.hooks.act({ ...message, step: player.cursor });
    } catch {
      status.textContent = "No kernel is connected. Run this cell first, then try again.";
      return false;
    }
    return true;
  }

  /**
   * What the kernel answered.
   *
   * @param {Reply} message
   */
  heard(message) {
    clearTimeout(this.patience);
    this.pending.clear();
    this.player.redraw("Map");
    this.status.textContent = message.text;
  }
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
    /** @type {[names: string[], element: Element][]} what may wait for a new future, with what shows it */
    this.parts = [];
  }

  draw() {
    const { map } = this;
    const { hooks, options } = map.player;
    if (!hooks.act || !options.breakable) return;
    for (const { line, under, over } of map.wires) this.grip(line.connector, under, over);
    for (const box of map.boxes.values()) if (box.node.kind === "server") this.levers(box);
  }

  update() {
    const { breaking } = this.map.player;
    if (!breaking) return;
    const { coming, pending } = breaking;
    /** @type {(name: string) => boolean} */
    const waits = (name) => pending.has(name) !== coming.includes(name);
    for (const [names, part] of this.parts) part.classList.toggle("mf-pending", names.some(waits));
  }

  /**
   * Something is taken down or brought back; a second time takes that back.
   *
   * @param {string} name
   */
  turn(name) {
    this.map.player.breaking?.turn(name);
    this.update();
  }

  /**
   * A connector is taken hold of along its line, or by its label.
   *
   * @param {string} name
   * @param {Element} under
   * @param {Element | null} over
   */
  grip(name, under, over) {
    const act = () => this.turn(name);
    const handle = under.querySelector(".mf-grip");
    handle?.setAttribute("aria-label", `connector ${name}: take down or bring back`);
    handle?.setAttribute("role", "button");
    handle?.setAttribute("tabindex", "0");
    handle?.addEventListener("keydown", (event) => event instanceof KeyboardEvent && onEnter(act)(event));
    for (const part of over ? [under, over] : [under]) {
      part.classList.add("mf-breakable");
      part.addEventListener("click", act);
      this.parts.push([[name], part]);
    }
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
      const at = { x: x + w - 2 * side - 4, y: y + 2 };
      levers.push(this.lever(at, side, "★", label, `routing engine of ${id}`));
      box.isMaster = false;
    }
    box.reserved = levers.length * (side + 2) - 2;
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
    const act = () => this.turn(target);
    const props = { class: "mf-lever", tabindex: 0, role: "button", "aria-label": label };
    const made = svg(
      "g",
      { ...props, onclick: act, onkeydown: onEnter(act) },
      svg("rect", { x, y, width: side, height: side, rx: 4 }),
      svg("text", { x: x + side / 2, y: y + side / 2 + 4.5, "text-anchor": "middle", class: "mf-leversign" }, text),
      svg("text", { x: x + side / 2, y: y + side / 2 + 4.5, "text-anchor": "middle", class: "mf-wait" }, "…"),
      svg("title", {}, label),
    );
    this.parts.push([[target], made]);
    return made;
  }
}
