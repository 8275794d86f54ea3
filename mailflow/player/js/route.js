// View: the route, with every candidate, and Dijkstra's algorithm step by step (a layer of the map).

/** @import { Player } from "./player.js" */
/** @import { MapView } from "./map.js" */
/** @import { Box, Candidate, Route } from "./types.js" */

import { html, scrolledTable, svg } from "./dom.js";

/** @typedef {{ kind: "seen" | "done", text: string }} Reached how far Dijkstra's algorithm is with a routing group */
export class RouteView {
  /** @param {Player} player */
  constructor(player) {
    this.player = player;
    this.at = 0;
    /** @type {Route | null} */
    this.shown = null;
    this.element = html("div", { class: "mf-route" });
  }

  update() {
    const routes = this.player.options.routes || [];
    const found = [...routes].reverse().find((item) => item.step <= this.player.cursor) || routes[0];
    if (!found) {
      const none = "No route is asked here. Use play(..., route=(server, recipient)).";
      this.element.replaceChildren(html("p", { class: "mf-note" }, none));
      return;
    }
    if (this.shown === found) return;
    this.shown = found;
    this.at = 0;
    this.player.settled = {};
    this.draw(found);
  }

  /** @param {Route} shown */
  draw(shown) {
    const step = shown.settled[this.at - 1];
    const hint = "Press ▶ to settle the routing group with the least cost so far.";
    this.element.replaceChildren(
      this.answer(shown),
      this.candidates(shown),
      this.bar(shown),
      html("p", { class: "mf-note", role: "status" }, step ? step.text : hint),
    );
  }

  /** @param {Route} shown */
  answer(shown) {
    const { source, recipient, outcome, cost, why, next_hop: hops } = shown.answer;
    const price = cost === null ? "" : `, cost ${cost}`;
    const next = hops.length ? `; next hop ${hops.join(" or ")}` : "";
    return html("p", {}, html("b", {}, `${source} → ${recipient}: ${outcome}${price}. `), `${why}${next}.`);
  }

  /** @param {Route} shown */
  candidates(shown) {
    const { candidates } = shown.answer;
    if (!candidates.length) return "";
    const heads = ["", "connector", "path", "cost", "verdict"];
    return scrolledTable("Candidates", heads, candidates.map(candidateRow), "chosen");
  }

  /** @param {Route} shown */
  bar(shown) {
    const { settled } = shown;
    /** @type {(by: number) => () => void} */
    const turn = (by) => () => this.turn(shown, by);
    const back = { type: "button", class: "mf-back", "aria-label": "One routing group back", onclick: turn(-1) };
    const on = { type: "button", class: "mf-on", "aria-label": "Settle the next routing group", onclick: turn(1) };
    return html(
      "div",
      { class: "mf-bar" },
      html("span", {}, "Dijkstra, step by step:"),
      html("button", back, "◀"),
      html("span", { class: "mf-counter" }, `${this.at} / ${settled.length}`),
      html("button", on, "▶"),
    );
  }

  /**
   * @param {Route} shown
   * @param {number} by
   */
  turn(shown, by) {
    this.at = Math.max(0, Math.min(shown.settled.length, this.at + by));
    this.light(shown);
    this.draw(shown);
    const pressed = this.element.querySelector(by > 0 ? ".mf-on" : ".mf-back");
    if (pressed instanceof HTMLElement) pressed.focus();
  }

  /**
   * What the algorithm has settled so far, and what it looks at, by routing group.
   *
   * @param {Route} shown
   */
  light(shown) {
    const { settled } = shown;
    /** @type {Record<string, Reached>} */
    const found = {};
    for (const [name, cost] of Object.entries(settled[this.at - 1]?.tentative || {})) {
      found[name] = { kind: "seen", text: `≤ ${cost}` };
    }
    for (const item of settled.slice(0, this.at)) found[item.group] = { kind: "done", text: `✓ ${item.cost}` };
    this.player.settled = found;
    this.player.redraw("Map");
  }
}

/** @param {Candidate} candidate */
function candidateRow({ chosen, connector, path, cost, why }) {
  const cells = [chosen ? "➤" : "", connector, path.join(" › "), cost === null ? "–" : String(cost), why];
  return html("tr", { class: chosen ? "mf-fresh-row" : "" }, ...cells.map((text) => html("td", {}, text)));
}

// ---- layer of the map: the routing groups that Dijkstra's algorithm has settled, or looks at ----

export class SettledLayer {
  /** @param {MapView} map */
  constructor(map) {
    this.map = map;
    /** @type {SVGElement | null} */
    this.halo = null;
  }

  draw() {
    this.halo = null;
  }

  update() {
    const { map } = this;
    const found = Object.entries(map.player.settled).filter(([name]) => map.groups[name]);
    this.halo?.remove();
    this.halo = svg("g", {}, ...found.map(([name, how]) => ring(map.groups[name], how)));
    map.picture.insertBefore(this.halo, map.tokens);
  }
}

/**
 * @param {Box} box
 * @param {Reached} reached
 */
function ring(box, { kind, text }) {
  return svg(
    "g",
    { class: `mf-lit mf-lit-${kind}` },
    svg("rect", { x: box.x - 4, y: box.y - 4, width: box.w + 8, height: box.h + 8, rx: 14 }),
    svg("text", { x: box.x + box.w - 10, y: box.y + 21, "text-anchor": "end" }, text),
  );
}
