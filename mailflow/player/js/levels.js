// Which steps of a run deserve a stop.

/** Whether an event is one to stop at: something is decided, or a recipient's way ends. */
export function isStop(event) {
  return event.step.decision || event.effects.some(([name]) => name === "end");
}
