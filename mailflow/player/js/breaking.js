// Breaking things: something fails, or comes back, at the step that is shown; Python works out the new future.

/** @import { Player } from "./player.js" */
/** @import { MapView } from "./map.js" */
/** @import { NodeBox, Reply, ServerData } from "./types.js" */

import { copyText, html, onEnter, select, svg, writePart } from "./dom.js";

/** For how long an answer of the kernel is awaited, in milliseconds. */
const PATIENCE = 20000;

export class Breaking {
  /** @param {Player} player */
  constructor(player) {
    this.player = player;
    const { options } = player;
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.patience = undefined;
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
   * Take something down, or bring it back, after the step that is shown.
   *
   * @param {string} name
   */
  turn(name) {
    this.send({ type: "break", name });
  }

  /** @param {{ type: "break", name: string } | { type: "undo" }} message */
  send(message) {
    const { player, status } = this;
    if (!player.hooks.act) {
      status.textContent = "This page has no kernel, and a new future needs one. Run the notebook to break things.";
      return;
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
    }
  }

  /**
   * What the kernel answered.
   *
   * @param {Reply} message
   */
  heard(message) {
    clearTimeout(this.patience);
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
  }

  draw() {
    const { map } = this;
    const { hooks, options } = map.player;
    if (!hooks.act || !options.breakable) return;
    for (const connector of map.organization.connectors) this.grip(connector.name);
    for (const [name, node] of Object.entries(map.nodes)) {
      const box = map.boxes[name];
      if (box.server) this.levers(name, node, box, box.server);
    }
  }

  /**
   * A connector is taken hold of along its line.
   *
   * @param {string} name
   */
  grip(name) {
    const [line, label] = this.map.lines[name] || [];
    if (!line) return;
    const act = () => this.map.player.breaking?.turn(name);
    const props = { d: line.firstElementChild?.getAttribute("d"), class: "mf-grip", tabindex: 0, role: "button" };
    const title = svg("title", {}, `${name}: click to take it down or bring it back`);
    const about = { "aria-label": `connector ${name}: take down or bring back` };
    line.append(svg("path", { ...props, ...about, onclick: act, onkeydown: onEnter(act) }, title));
    label.style.pointerEvents = "none";
  }

  /**
   * On each server a lever for its network; on a master another one for its routing engine.
   *
   * @param {string} name
   * @param {Element} node
   * @param {NodeBox} box
   * @param {ServerData} server
   */
  levers(name, node, box, server) {
    const right = box.x + box.w - (server.role === "front-end" ? 82 : 16);
    node.after(this.lever(right, box.y, "✕", `server ${name}: take down or bring back`, name));
    if (this.map.groups[server.routing_group].master !== name) return;
    const label = `routing engine of ${name}, the master: stop or start`;
    writePart(node, ".mf-badge", "");
    node.after(this.lever(right - 22, box.y, "★", label, `routing engine of ${name}`));
  }

  /**
   * @param {number} x
   * @param {number} y
   * @param {string} text
   * @param {string} label
   * @param {string} target
   */
  lever(x, y, text, label, target) {
    /** @type {(event: Event) => void} */
    const act = (event) => {
      event.stopPropagation();
      this.map.player.breaking?.turn(target);
    };
    const props = { class: "mf-lever", tabindex: 0, role: "button", "aria-label": label };
    return svg(
      "g",
      { ...props, onclick: act, onkeydown: onEnter(act) },
      svg("rect", { x: x - 9, y: y + 4, width: 18, height: 18, rx: 4 }),
      svg("text", { x, y: y + 18, "text-anchor": "middle" }, text),
      svg("title", {}, label),
    );
  }
}
