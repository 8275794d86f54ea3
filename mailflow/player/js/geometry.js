// Lines between boxes. A box has x, y, w and h; a point x and y; a bend is the point that a line goes to on its way.

const centre = (box) => ({ x: box.x + box.w / 2, y: box.y + box.h / 2 });

/** The distance of two points, never 0. */
export function distance(from, to) {
  return Math.hypot(to.x - from.x, to.y - from.y) || 1;
}

/** The point at a share of the way, from 0 to 1. */
export function along(from, bend, to, share) {
  const middle = bend || { x: (from.x + to.x) / 2, y: (from.y + to.y) / 2 };
  const rest = 1 - share;
  const at = (axis) => rest * rest * from[axis] + 2 * rest * share * middle[axis] + share * share * to[axis];
  return { x: at("x"), y: at("y") };
}

/** Move a line to its left, so that the two directions run side by side. */
export function aside(from, to, bend) {
  const length = distance(from, to);
  const x = ((to.y - from.y) / length) * 4;
  const y = (-(to.x - from.x) / length) * 4;
  return [from, to, bend].map((point) => point && { x: point.x + x, y: point.y + y });
}

function cut(box, from, to) {
  const across = to.x - from.x;
  const down = to.y - from.y;
  const scale = Math.min(
    across ? box.w / 2 / Math.abs(across) : Number.POSITIVE_INFINITY,
    down ? box.h / 2 / Math.abs(down) : Number.POSITIVE_INFINITY,
  );
  return { x: from.x + across * scale, y: from.y + down * scale };
}

/** Where a line between two boxes leaves the one and enters the other; with a bend it goes there first. */
export function edge(one, other, bend = null) {
  const [from, to] = [centre(one), centre(other)];
  return [cut(one, from, bend || to), cut(other, to, bend || from)];
}

const inside = (point, box) =>
  point.x > box.x - 6 && point.x < box.x + box.w + 6 && point.y > box.y - 6 && point.y < box.y + box.h + 6;

/** Where a line between two boxes has to bend, so that it runs behind none of the others; null if it need not. */
export function bendAround(one, other, others) {
  const [from, to] = [centre(one), centre(other)];
  const length = distance(from, to);
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
