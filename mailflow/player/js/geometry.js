// Lines between boxes. A box has x, y, w and h; a point x and y; a bend is the point that a line goes to on its way.

/** @import { Box, Point } from "./types.js" */

/** @type {(box: Box) => Point} */
const centre = (box) => ({ x: box.x + box.w / 2, y: box.y + box.h / 2 });

/**
 * The distance of two points, never 0.
 *
 * @param {Point} from
 * @param {Point} to
 */
export function distance(from, to) {
  return Math.hypot(to.x - from.x, to.y - from.y) || 1;
}

/**
 * The point at a share of the way, from 0 to 1.
 *
 * @param {Point} from
 * @param {Point | null} bend
 * @param {Point} to
 * @param {number} share
 */
export function along(from, bend, to, share) {
  const middle = bend || { x: (from.x + to.x) / 2, y: (from.y + to.y) / 2 };
  const rest = 1 - share;
  /** @type {(axis: "x" | "y") => number} */
  const at = (axis) => rest * rest * from[axis] + 2 * rest * share * middle[axis] + share * share * to[axis];
  return { x: at("x"), y: at("y") };
}

/**
 * Move a line to its left, so that the two directions run side by side.
 *
 * @param {Point} from
 * @param {Point} to
 * @param {Point | null} bend
 * @returns {{ start: Point, end: Point, bend: Point | null }}
 */
export function aside(from, to, bend) {
  const length = distance(from, to);
  const x = ((to.y - from.y) / length) * 4;
  const y = (-(to.x - from.x) / length) * 4;
  /** @type {(point: Point) => Point} */
  const moved = (point) => ({ x: point.x + x, y: point.y + y });
  return { start: moved(from), end: moved(to), bend: bend && moved(bend) };
}

/**
 * @param {Box} box
 * @param {Point} from
 * @param {Point} to
 */
function cut(box, from, to) {
  const across = to.x - from.x;
  const down = to.y - from.y;
  const scale = Math.min(
    across ? box.w / 2 / Math.abs(across) : Number.POSITIVE_INFINITY,
    down ? box.h / 2 / Math.abs(down) : Number.POSITIVE_INFINITY,
  );
  return { x: from.x + across * scale, y: from.y + down * scale };
}

/**
 * Where a line between two boxes leaves the one and enters the other; with a bend it goes there first.
 *
 * @param {Box} one
 * @param {Box} other
 * @param {Point | null} [bend]
 * @returns {[start: Point, end: Point]}
 */
export function edge(one, other, bend = null) {
  const [from, to] = [centre(one), centre(other)];
  return [cut(one, from, bend || to), cut(other, to, bend || from)];
}

/** @type {(point: Point, box: Box) => boolean} */
const inside = (point, box) =>
  point.x > box.x - 6 && point.x < box.x + box.w + 6 && point.y > box.y - 6 && point.y < box.y + box.h + 6;

/**
 * Where a line between two boxes has to bend, so that it runs behind none of the others; null if it need not.
 *
 * @param {Box} one
 * @param {Box} other
 * @param {Box[]} others
 * @returns {Point | null}
 */
export function bendAround(one, other, others) {
  const [from, to] = [centre(one), centre(other)];
  const length = distance(from, to);
  /** @type {(point: Point) => boolean} */
  const hits = (point) => point.y < 4 || point.x < 4 || others.some((box) => inside(point, box));
  for (const off of [0, 90, -90, 180, -180, 280, -280, 400, -400]) {
    const x = (from.x + to.x) / 2 - ((to.y - from.y) / length) * off;
    const y = (from.y + to.y) / 2 + ((to.x - from.x) / length) * off;
    const bend = off ? { x, y } : null;
    const [start, end] = edge(one, other, bend);
    const points = [1, 2, 3, 4, 5, 6, 7, 8, 9].map((tenth) => along(start, bend, end, tenth / 10));
    if (!points.some(hits)) return bend;
  }
  return null;
}
