// What is new at a step: since the stop that a learner came from.

/** @import { Player } from "./player.js" */

/**
 * The step that the learner saw before this one; -1 at the first stop.
 *
 * @param {Player} player
 */
export function seenBefore(player) {
  const before = player.levels.before(player.cursor);
  return before < player.cursor ? before : -1;
}

/** How a row that this step made or changed is marked. */
export const NEW = "✱ new";

/**
 * Scroll an element, and nothing around it, until a part of it is in sight below its sticky head.
 *
 * @param {HTMLElement} scroller
 * @param {HTMLElement} part
 * @param {number} head the height of what sticks at the top, in CSS pixels
 */
export function reveal(scroller, part, head) {
  const [all, own] = [scroller.getBoundingClientRect(), part.getBoundingClientRect()];
  const top = own.top - all.top - scroller.clientTop;
  const below = top + own.height - scroller.clientHeight;
  if (top < head) scroller.scrollTop += top - head;
  else if (below > 0) scroller.scrollTop += Math.min(below, top - head);
}
