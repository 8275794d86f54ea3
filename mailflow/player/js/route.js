// View: the route, with every candidate, and Dijkstra's algorithm, done by the learner (with a layer of the map).

/** @import { Player } from "./player.js" */
/** @import { MapView } from "./map.js" */
/** @import { Box, Candidate, Route } from "./types.js" */

import { button, html, scrolled, svg, table, write } from "./dom.js";
import { counted } from "./format.js";

/** @typedef {{ kind: "seen" | "done", text: string }} Reached how far Dijkstra's algorithm is with a routing group */

const ASKED = ["connector", "next hop"];
const TASK = "Click the routing group to settle next, here or on the map: the one with the least cost so far.";

/** @type {[sign: string, meaning: string][]} */
export const ROUTE_SIGNS = [
  ["➤", "the way that is taken"],
  ["20 + 10 + 5 = 35", "the cost of each connector on the way, and that of the address space where there is one"],
  ["✓ 15", "settled: no way there costs less"],
  ["≤ 20", "a way there at this cost is known, and there may be a better one"],
  ["∞", "no way there is known yet"],
];

export class RouteView {
  /** @param {Player} player */
  constructor(player) {
    this.player = player;
    /** Routing groups that are settled. */
    this.at = 0;
    this.wrong = 0;
    /** @type {Route | null} */
    this.shown = null;
    /** @type {Map<string, HTMLElement>} */
    this.groups = new Map();
    this.answer = html("p", { class: "mf-answer" });
    this.ways = scrolled("Candidates");
    this.choices = html("div", { class: "mf-settle", role: "group", "aria-label": "Routing groups" });
    this.told = html("p", { class: "mf-note", role: "status" });
    this.score = html("span", { class: "mf-counter" });
    this.hand = html(
      "section",
      { class: "mf-dijkstra" },
      html("h4", {}, "Dijkstra, by hand"),
      this.told,
      this.choices,
      html(
        "div",
        { class: "mf-bar" },
        button("Do it for me", "Settle the next routing group", () => this.forMe()),
        button("Start again", "Start Dijkstra's algorithm again", () => this.restart()),
        this.score,
      ),
    );
    this.element = html(
      "div",
      { class: "mf-route" },
      this.answer,
      html("div", { class: "mf-routing" }, this.ways, this.hand),
    );
  }

  update() {
    const found = this.routeAt(this.player.cursor);
    if (!found) {
      const none = "No route is asked here. Use play(..., route=(server, recipient)).";
      this.element.replaceChildren(html("p", { class: "mf-note" }, none));
      return;
    }
    const same = JSON.stringify(this.shown?.settled) === JSON.stringify(found.settled);
    this.shown = found;
    if (!same) this.begin(found);
    this.show(found);
  }

  /**
   * The route as it is at a step.
   *
   * @param {number} step
   */
  routeAt(step) {
    const routes = this.player.options.routes || [];
    return routes.findLast((item) => item.step <= step) || routes[0];
  }

  /** @param {Route} shown */
  show(shown) {
    const asked = this.isAsked(shown);
    this.hand.hidden = asked || !shown.settled.length;
    if (asked) {
      const { source, recipient } = shown.answer;
      const says = this.player.asking ? "asked just now, so answer first" : "a bet on it comes first";
      write(this.answer, `${source} → ${recipient}: ${says}.`);
    } else this.answer.replaceChildren(...answerOf(shown));
    this.ways.replaceChildren(candidates(shown, asked));
  }

  /**
   * Whether a bet is open, or still to come, whose answer this view shows.
   *
   * @param {Route} shown
   */
  isAsked(shown) {
    const { answers, asking, cursor, questions, tape } = this.player;
    const { source, connector, next_hop: hops } = shown.answer;
    const later = questions && !questions.silent ? questions.all : [];
    const open = later.filter(({ at, id }) => at > cursor && !answers[id] && this.routeAt(at - 1) === shown);
    return (asking ? [asking] : open).some(
      ({ kind, at, options, answer }) =>
        ASKED.includes(kind) && (tape.events[at].server === source || [connector, ...hops].includes(options[answer])),
    );
  }

  // ---- Dijkstra's algorithm ----

  /** @param {Route} shown */
  begin({ settled }) {
    const names = this.player.tape.data.organization.routing_groups.map((group) => group.name);
    const reached = new Set(settled.map((item) => item.group));
    this.groups = new Map(names.filter((name) => reached.has(name)).map((name) => [name, this.group(name)]));
    this.choices.replaceChildren(...this.groups.values());
    this.restart();
  }

  /** @param {string} name */
  group(name) {
    return button("", name, () => this.choose(name), { "data-spot": `group:${name}`, "data-part": "chip" });
  }

  restart() {
    this.at = 0;
    this.wrong = 0;
    this.tell(TASK);
  }

  forMe() {
    const next = this.shown?.settled[this.at];
    if (next) this.settle();
  }

  /**
   * What each routing group stands at, of those that are seen and not settled.
   *
   * @returns {Record<string, number>}
   */
  standing() {
    const { settled = [] } = this.shown ?? {};
    return this.at ? settled[this.at - 1].tentative : { [settled[0].group]: settled[0].cost };
  }

  /**
   * The learner says which routing group is settled next.
   *
   * @param {string} name
   */
  choose(name) {
    const { settled = [] } = this.shown ?? {};
    const done = settled.slice(0, this.at).find((item) => item.group === name);
    const next = settled[this.at];
    if (done) this.tell(`${name} is settled already, at ${done.cost}. ${next ? TASK : ""}`);
    else if (name === next.group) this.settle();
    else this.refuse(name, next.group, next.cost);
  }

  settle() {
    const { settled = [] } = this.shown ?? {};
    const before = this.standing();
    const { group, cost, tentative } = settled[this.at];
    this.at += 1;
    const better = Object.entries(tentative).filter(([name, now]) => before[name] !== now);
    const news = better.map(([name, now]) => `${name} ${before[name] ?? "∞"} → ${now}`).join(", ");
    const rest = this.at < settled.length ? "" : ` All are settled, with ${counted(this.wrong, "wrong choice")}.`;
    this.tell(`✔ ${group} is settled at cost ${cost}. ${news || "No neighbour gets a lower cost"}.${rest}`);
  }

  /**
   * @param {string} name
   * @param {string} next
   * @param {number} cost
   */
  refuse(name, next, cost) {
    const stands = this.standing()[name];
    if (stands === cost) {
      this.tell(`${name} stands at ${cost} as well: of equal ones the name decides here, and ${next} comes first.`);
      return;
    }
    this.wrong += 1;
    const unseen = `No way to ${name} is known yet: no settled routing group has a connector to it.`;
    this.tell(`✘ ${stands === undefined ? unseen : `${name} stands at ${stands}; ${next} at ${cost} is less.`}`);
  }

  /** @param {string} text */
  tell(text) {
    write(this.told, text);
    this.light();
    const { settled = [] } = this.shown ?? {};
    write(this.score, `${this.at} of ${settled.length} settled, ${this.wrong} wrong`);
    for (const [name, group] of this.groups) {
      const { kind, text: stands } = this.player.settled[name] ?? { kind: "", text: "∞" };
      write(group, `${name} ${stands}`);
      group.setAttribute("aria-label", `${name} ${stands}`);
      group.title = stands === "∞" ? "no way there is known yet" : "";
      group.className = kind ? `mf-${kind}` : "";
    }
  }

  /** What the algorithm has settled so far, and what it looks at, by routing group. */
  light() {
    const { settled = [] } = this.shown ?? {};
    /** @type {Record<string, Reached>} */
    const found = {};
    if (settled.length) {
      for (const [name, cost] of Object.entries(this.standing())) found[name] = { kind: "seen", text: `≤ ${cost}` };
    }
    for (const { group, cost } of settled.slice(0, this.at)) found[group] = { kind: "done", text: `✓ ${cost}` };
    this.player.settled = found;
    this.player.redraw("Map");
  }
}

/** @param {Route} shown */
function answerOf({ answer }) {
  const { source, recipient, outcome, cost, why, next_hop: hops } = answer;
  const price = cost === null ? "" : `, cost ${cost}`;
  const next = hops.length ? `; next hop ${hops.join(" or ")}` : "";
  return [html("b", {}, `${source} → ${recipient}: ${outcome}${price}: `), `${why}${next}.`];
}

/**
 * The candidates; where they are asked about, without their costs, what became of them, and the order that tells it.
 *
 * @param {Route} shown
 * @param {boolean} asked
 */
function candidates({ answer }, asked) {
  const found = answer.candidates;
  if (!found.length) return html("p", { class: "mf-note" }, "No connector is needed.");
  if (!asked) return table(["", "connector", "path", "cost", "verdict"], found.map(candidateRow), "chosen");
  const hidden = [...found].sort((one, other) => (one.connector < other.connector ? -1 : 1));
  return table(["connector", "path"], hidden.map(hiddenRow));
}

/** @type {(candidate: Candidate) => string} */
const spotOf = ({ connector }) => `connector:${connector.split(" (")[0]}`;

/** @param {Candidate} candidate */
function hiddenRow(candidate) {
  const cells = [candidate.connector, candidate.path.join(" › ")];
  return html(
    "tr",
    { "data-part": "row", "data-spot": spotOf(candidate) },
    ...cells.map((text) => html("td", {}, text)),
  );
}

/** @param {Candidate} candidate */
function candidateRow(candidate) {
  const { chosen, connector, path, why } = candidate;
  const cells = [chosen ? "➤" : "", connector, path.join(" › "), sumOf(candidate), why];
  const props = { class: chosen ? "mf-fresh-row" : "", "data-part": "row", "data-spot": spotOf(candidate) };
  return html("tr", props, ...cells.map((text) => html("td", {}, text)));
}

/** @param {Candidate} candidate */
function sumOf({ cost, costs }) {
  if (cost === null) return "–";
  return costs.length > 1 ? `${costs.join(" + ")} = ${cost}` : String(cost);
}

// ---- layer of the map: the routing groups that Dijkstra's algorithm has settled, or looks at ----

export class SettledLayer {
  /** @param {MapView} map */
  constructor(map) {
    this.map = map;
    this.halo = svg("g", { class: "mf-halo" });
    this.told = html("p", { class: "mf-hint", role: "status", hidden: true });
  }

  draw() {
    const { element, picture, tokens } = this.map;
    picture.insertBefore(this.halo, tokens);
    picture.addEventListener("click", (event) => this.clicked(event.target));
    element.append(this.told);
  }

  /** The view whose algorithm is done here, while it offers that. */
  get route() {
    const { Route } = this.map.player.views;
    return Route instanceof RouteView && !Route.hand.hidden ? Route : null;
  }

  /**
   * The frame of an open routing group settles it. What is said of it stands here where the view itself is out of sight.
   *
   * @param {EventTarget | null} target
   */
  clicked(target) {
    const { route } = this;
    const frame = target instanceof Element ? target.closest("[data-part=frame][data-spot]") : null;
    const name = frame?.getAttribute("data-spot")?.slice("group:".length) ?? "";
    this.told.hidden = true;
    if (!route?.groups.has(name)) return;
    route.choose(name);
    this.told.hidden = route.element.isConnected;
    write(this.told, route.told.textContent ?? "");
  }

  update() {
    const { map } = this;
    map.picture.classList.toggle("mf-settling", this.route !== null);
    const found = Object.entries(map.player.settled).filter(([name]) => map.groups[name]);
    this.halo.replaceChildren(...found.map(([name, how]) => ring(map.groups[name], how)));
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
