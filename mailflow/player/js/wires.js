// Lines of the map: connectors from bridgehead to bridgehead, and the session of the step that is shown.

/** @import { MapView } from "./map.js" */
/** @import { ConnectorData, PlanLine, Point, Session } from "./types.js" */

import { svg } from "./dom.js";
import { widthOf } from "./measure.js";
import { arrowhead, drawn, pointAt, pointsOf } from "./plan.js";
import { travel } from "./travel.js";

/** What a table looks like while it travels: its width and height. */
const SIGN = { w: 18, h: 14 };

/**
 * A connector in words: kind, cost and address spaces.
 *
 * @param {string} name
 * @param {ConnectorData | undefined} connector
 * @param {[at: number, text: string][]} [prices] what its label says from which second on, where its cost changes
 */
export function aboutConnector(name, connector, prices) {
  if (!connector) return name;
  const { kind, cost, address_spaces: spaces } = connector;
  const told = spaces.map((space) => `${space.type ?? "SMTP"}:${space.pattern} (cost ${space.cost})`);
  const costs = prices ? prices.map(([, text]) => text).join(", then ") : `cost ${cost}`;
  return `${name}: ${kind} connector, ${costs}${told.length ? `; address spaces ${told.join(", ")}` : ""}`;
}

/**
 * A connector's line: under everything its wire, with an invisible grip; over the session its label.
 *
 * @param {PlanLine} line
 * @param {ConnectorData | undefined} connector
 * @param {[at: number, text: string][]} [prices]
 */
export function wire({ connector: name, points, label, cross: [x, y] }, connector, prices) {
  const about = aboutConnector(name, connector, prices);
  const ways = points.map(pointsOf);
  const spot = { class: "mf-line", "data-spot": `connector:${name}` };
  const paths = ways.flatMap((way) => [
    svg("path", { d: drawn(way), class: "mf-wire", "data-part": "wire" }),
    svg("path", { d: arrowhead(way, 8, 3.5), class: "mf-tip" }),
  ]);
  const under = svg(
    "g",
    spot,
    ...paths,
    svg("path", { d: `M${x - 5} ${y - 5}l10 10m0 -10l-10 10`, class: "mf-cross" }),
    svg("text", { x, y: y - 4, class: "mf-wait", "text-anchor": "middle" }, "…"),
    svg("path", { d: ways.map(drawn).join(""), class: "mf-grip" }, svg("title", {}, about)),
  );
  if (!label) return { under, over: null, text: "" };
  const place = { x: label.x + label.w / 2, y: label.y + 11, "text-anchor": "middle" };
  const sheet = svg("rect", { y: label.y, height: label.h, rx: 4, class: "mf-labelsheet" });
  const words = svg("text", { ...place, class: "mf-wiretext", "data-part": "label" });
  return { under, over: svg("g", spot, sheet, words, svg("title", {}, about)), text: label.text };
}

/** The session of a step, drawn along its way, with what it is carried by; news of link state travel on it. */
export class SessionLine {
  /** @param {MapView} map */
  constructor(map) {
    this.map = map;
    this.line = svg("g", { "data-part": "session" });
    this.port = svg("g", { class: "mf-port" });
    /** @type {Map<string, Point>} */
    this.places = new Map();
  }

  /**
   * @param {Session | null} session
   * @param {boolean} cut whether the two cannot talk
   */
  show(session, cut) {
    const way = session ? this.map.plan.path(session.from, session.to) : [];
    this.line.setAttribute("class", `mf-session${cut ? " mf-cut" : ""}`);
    this.port.setAttribute("class", `mf-port${cut ? " mf-cut" : ""}`);
    if (!session || !way.length) {
      this.line.replaceChildren();
      this.port.replaceChildren();
      return;
    }
    // Its direction is to be seen however small the map is drawn.
    const grown = Math.max(1, 1 / this.map.scale);
    this.line.replaceChildren(
      svg("path", { d: drawn(way), class: "mf-beam" }),
      svg("path", { d: arrowhead(way, 12 * grown, 6.5 * grown), class: "mf-beamhead" }),
    );
    this.port.replaceChildren(...this.label(session, way, cut));
  }

  /**
   * @param {Session} session
   * @param {Point[]} way
   * @param {boolean} cut
   */
  label({ carrier, news, from, to }, way, cut) {
    const size = this.map.sized(11.5);
    const text = `${cut ? "✕ " : ""}${carrier}`;
    if (!carrier || this.map.isSimple) return [];
    const words = widthOf(text, size);
    const sign = news ? SIGN.w + 5 : 0;
    const w = words + sign + 30;
    const h = 19;
    const key = `${from}>${to}>${Math.round(w)}`;
    const place = this.places.get(key) ?? this.map.plan.clear(way, w, h);
    this.places.set(key, place);
    const { x, y } = place;
    const left = x - w / 2;
    const turn = turnAt(way, place);
    return [
      svg("rect", { x: left, y: y - h / 2, width: w, height: h, rx: h / 2, class: "mf-pill", "data-part": "label" }),
      news ? table(left + 8, y - SIGN.h / 2) : "",
      svg("text", { x: left + sign + 8, y: y + size * 0.36 }, text),
      svg("path", { d: "M5 0L-4 -4.5L-4 4.5Z", transform: `translate(${x + w / 2 - 12} ${y}) rotate(${turn})` }),
    ];
  }

  /**
   * Let the table travel.
   *
   * @param {Session | null} session
   * @param {boolean} cut
   */
  move(session, cut) {
    if (!session?.news || cut) return;
    const way = this.map.plan.path(session.from, session.to);
    const sign = svg("g", { class: "mf-news" }, table(0, 0));
    const journey = travel(sign, way, SIGN);
    if (!journey) return;
    this.map.tokens.append(sign);
    journey.onfinish = () => sign.remove();
  }
}

/**
 * The direction of a line where it is nearest to a point, in degrees.
 *
 * @param {Point[]} way
 * @param {Point} point
 */
function turnAt(way, point) {
  const shares = Array.from({ length: 41 }, (_, index) => pointAt(way, index / 40));
  /** @type {(other: Point) => number} */
  const far = (other) => Math.hypot(other.x - point.x, other.y - point.y);
  return shares.reduce((best, other) => (far(other) < far(best) ? other : best)).turn;
}

/**
 * The sign for a link state table.
 *
 * @param {number} x
 * @param {number} y
 */
function table(x, y) {
  const { w, h } = SIGN;
  const lines = `M${x} ${y + 4.5}h${w}M${x} ${y + 9}h${w}M${x + 7} ${y}v${h}`;
  return svg("g", { class: "mf-table" }, svg("rect", { x, y, width: w, height: h, rx: 2 }), svg("path", { d: lines }));
}

/**
 * What a label says of a connector, on a sheet that just holds it.
 *
 * @param {PlanLine} line
 * @param {Element} over
 * @param {string} text
 * @param {number} size of its type
 */
export function tellWire({ label }, over, text, size) {
  const [sheet, words] = over.children;
  if (!label || (words.textContent === text && over.getAttribute("data-size") === String(size))) return;
  const width = widthOf(text, size) + 4;
  words.textContent = text;
  over.setAttribute("data-size", String(size));
  sheet.setAttribute("x", String(label.x + (label.w - width) / 2));
  sheet.setAttribute("width", String(width));
}
