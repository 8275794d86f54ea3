// Travelling on the map: what goes from one server to another goes along the line between them.

/** @import { Point, TapeEvent } from "./types.js" */

import { walked } from "./plan.js";

/** More steps at once are a jump, and a jump is not shown as a journey. */
const MOST_STEPS = 150;

/** @typedef {{ servers: string[], split: boolean }} Trail the servers of a MailMsg in order; whether copies go on */

/** Whether the reader wants no motion. */
export const isStill = () => matchMedia("(prefers-reduced-motion: reduce)").matches;

/**
 * Where each MailMsg has been in some steps; a copy begins where its original was.
 *
 * @param {TapeEvent[]} events
 * @param {Map<string, string>} places the server of each MailMsg before them
 * @returns {Map<string, Trail>}
 */
export function trails(events, places) {
  /** @type {Map<string, Trail>} */
  const found = new Map();
  /** @type {(mail: string) => Trail} */
  const trail = (mail) => {
    const start = places.get(mail);
    const kept = found.get(mail) ?? { servers: start ? [start] : [], split: false };
    found.set(mail, kept);
    return kept;
  };
  /** @type {(mail: string, server: string) => void} */
  const reach = (mail, server) => {
    const { servers } = trail(mail);
    if (servers[servers.length - 1] !== server) servers.push(server);
  };
  for (const event of events.length > MOST_STEPS ? [] : events) {
    for (const effect of event.effects) {
      if (effect[0] === "at") reach(effect[1], effect[2]);
      if (effect[0] !== "mail") continue;
      const old = trail(effect[2]);
      old.split = true;
      found.set(effect[1], { servers: [...old.servers], split: false });
    }
    if (event.mail && event.place !== null) reach(event.mail, event.server);
  }
  return found;
}

/**
 * Let something that stands at a place come there along a line.
 *
 * @param {SVGElement} mover drawn with `translate(x y)`
 * @param {Point[]} line
 * @param {{ w: number, h: number, home?: Point | undefined }} size its size, and where it stands at last
 * @returns {Animation | null}
 */
export function travel(mover, line, { w, h, home }) {
  if (line.length < 2 || isStill()) return null;
  const points = walked(line);
  const length = points[points.length - 1].at || 1;
  const arrives = home ? 0.92 : 1;
  const frames = points.map(({ x, y, at }) => ({
    transform: `translate(${x - w / 2}px,${y - h / 2}px)`,
    offset: (at / length) * arrives,
  }));
  if (home) frames.push({ transform: `translate(${home.x}px,${home.y}px)`, offset: 1 });
  return mover.animate(frames, { duration: Math.min(1300, 350 + length * 1.6), easing: "ease-in-out" });
}
