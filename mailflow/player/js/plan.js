// The layout of a map, as Python computes it: where its boxes are, and the way from one to another.

/** @import { Box, MapPlan, PlanNode, Point } from "./types.js" */

/** A trace without a layout has an empty map. @type {MapPlan} */
const NOTHING = {
  level: "servers",
  size: [0, 0],
  type: [12, 11],
  nodes: [],
  groups: [],
  lines: [],
  paths: {},
  node_of: {},
};

export class Plan {
  /** @param {MapPlan} [data] */
  constructor(data = NOTHING) {
    this.data = data;
    /** @type {Map<string, PlanNode>} */
    this.nodes = new Map(data.nodes.map((node) => [node.id, node]));
  }

  /**
   * The box that stands for a server or host; empty if none does.
   *
   * @param {string} name
   */
  home(name) {
    const id = this.data.node_of[name] ?? name;
    return this.nodes.has(id) ? id : "";
  }

  /**
   * The way from one server or host to another; empty where both are in one box, or one is not on the map.
   *
   * @param {string} from
   * @param {string} to
   * @returns {Point[]}
   */
  path(from, to) {
    const [one, two] = [this.home(from), this.home(to)];
    const { paths } = this.data;
    const there = paths[`${one}>${two}`];
    if (there) return pointsOf(there);
    return pointsOf(paths[`${two}>${one}`] ?? []).reverse();
  }

  /**
   * The way through several servers, in order.
   *
   * @param {string[]} names
   */
  journey(names) {
    return names.slice(1).flatMap((name, index) => this.path(names[index], name));
  }

  /**
   * Whether two that would talk cannot: one of them is down, or every connector from the one to the other is.
   *
   * @param {string} from
   * @param {string} to
   * @param {(name: string) => boolean} isDown
   */
  cutOff(from, to, isDown) {
    const [one, two] = [this.home(from), this.home(to)];
    const joining = this.data.lines.filter((line) => line.from === one && line.to === two);
    return isDown(from) || isDown(to) || (joining.length > 0 && joining.every((line) => isDown(line.connector)));
  }

  /**
   * Where the middle of something covers no label and no box: on a line, at the side of it, or close above or below.
   *
   * @param {Point[]} line
   * @param {number} w
   * @param {number} h
   */
  clear(line, w, h) {
    const taken = [...this.data.nodes, ...this.data.lines.flatMap((item) => item.label ?? []), ...this.titles()];
    const [width, height] = this.data.size;
    /** @type {(point: Point) => boolean} */
    const isFree = ({ x, y }) => {
      const box = { x: x - w / 2, y: y - h / 2, w, h };
      const inside = box.x >= 0 && box.y >= 0 && box.x + w <= width && box.y + h <= height;
      return inside && !taken.some((other) => meets(box, other));
    };
    for (const [dx, dy] of ASIDE) {
      const free = SHARES.map((share) => shifted(pointAt(line, share), dx, dy)).find(isFree);
      if (free) return free;
    }
    return pointAt(line, 0.5);
  }

  /** The room of the titles of frames. */
  titles() {
    return this.data.groups.map(({ x, y, w, title }) => ({ x: x + 8, y, w: Math.min(w - 8, title.length * 9), h: 16 }));
  }
}

/** From the middle of a line to its ends. */
const SHARES = Array.from({ length: 19 }, (_, step) => 0.5 + ((step % 2 ? 1 : -1) * Math.ceil(step / 2)) / 20);

/** From a line outwards, in eight directions. */
const ASIDE = Array.from({ length: 161 }, (_, step) => {
  const far = Math.ceil(step / 8) * 6;
  const turn = (step % 8) * (Math.PI / 4);
  return [far * Math.cos(turn), far * Math.sin(turn)];
});

/** @type {(point: Point, dx: number, dy: number) => Point} */
const shifted = ({ x, y }, dx, dy) => ({ x: x + dx, y: y + dy });

/** @type {(one: Box, other: Box) => boolean} */
const meets = (one, other) =>
  one.x < other.x + other.w + 0.5 &&
  other.x < one.x + one.w + 0.5 &&
  one.y < other.y + other.h + 0.5 &&
  other.y < one.y + one.h + 0.5;

/**
 * @param {number[]} flat
 * @returns {Point[]}
 */
export function pointsOf(flat) {
  return Array.from({ length: flat.length / 2 }, (_, index) => ({ x: flat[2 * index], y: flat[2 * index + 1] }));
}

/**
 * The points of a line, each with its distance from the start.
 *
 * @param {Point[]} line
 * @returns {(Point & { at: number })[]}
 */
export function walked(line) {
  let at = 0;
  return line.map((point, index) => {
    if (index) at += Math.hypot(point.x - line[index - 1].x, point.y - line[index - 1].y);
    return { ...point, at };
  });
}

/**
 * The point at a share of a line's length, from 0 to 1, and the direction there in degrees.
 *
 * @param {Point[]} line
 * @param {number} share
 * @returns {Point & { turn: number }}
 */
export function pointAt(line, share) {
  const points = walked(line);
  const rest = points[points.length - 1].at * share;
  const next = Math.max(
    1,
    points.findIndex((point, index) => index > 0 && point.at >= rest - 1e-6),
  );
  const [a, b] = [points[next - 1], points[next]];
  const part = b.at > a.at ? (rest - a.at) / (b.at - a.at) : 0;
  const turn = (Math.atan2(b.y - a.y, b.x - a.x) * 180) / Math.PI;
  return { x: a.x + (b.x - a.x) * part, y: a.y + (b.y - a.y) * part, turn };
}

/**
 * A line as the data of an SVG path.
 *
 * @param {Point[]} line
 */
export function drawn(line) {
  return `M${line.map(({ x, y }) => `${x} ${y}`).join("L")}`;
}

/**
 * The head of an arrow at the end of a line.
 *
 * @param {Point[]} line
 * @param {number} length
 * @param {number} half
 */
export function arrowhead(line, length, half) {
  const [from, to] = line.slice(-2);
  const way = Math.hypot(to.x - from.x, to.y - from.y) || 1;
  const [dx, dy] = [(to.x - from.x) / way, (to.y - from.y) / way];
  const [x, y] = [to.x - dx * length, to.y - dy * length];
  return `M${to.x} ${to.y}L${x - dy * half} ${y + dx * half}L${x + dy * half} ${y - dx * half}Z`;
}
