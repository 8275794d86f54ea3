// Which steps of a run deserve a stop.

/** @import { TapeEvent } from "./types.js" */

/**
 * Whether an event is one to stop at: something is decided, or a recipient's way ends.
 *
 * @param {TapeEvent} event
 */
export function isStop(event) {
  return Boolean(event.step.decision) || event.effects.some(([name]) => name === "end");
}
