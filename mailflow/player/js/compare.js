// Two runs side by side with one cursor.

/** @import { Tape } from "./tape.js" */
/** @import { Hooks, Options, TapeEvent } from "./types.js" */

import { html } from "./dom.js";
import { Player } from "./player.js";

const TAKEN_IN = "routing.raised";

/** One of two players. */
class Side extends Player {
  /** @type {Side} the one beside it, once there is one */
  other = this;
  /** The step at which it first differs from the other one, which may be never. */
  first = Infinity;

  /** @returns {Side | undefined} who goes on: this one, from its end on the other, and nobody once both are at their ends */
  get next() {
    return [this, this.other].find(({ cursor, levels }) => cursor < levels.last);
  }

  get isOver() {
    return !this.next;
  }

  // What comes later in the other run is seen by the same key.
  forward() {
    const { next } = this;
    if (next === this) super.forward();
    else next?.forward();
  }

  /**
   * The step of the other one that goes with the one shown here: up to the first difference the one that tells the same, after
   * it the last stop that is no later, so that a story goes on in beats.
   */
  twin() {
    const { cursor, event, first, tape, other } = this;
    if (cursor === first) return other.first;
    if (cursor < first) {
      const place = unforced(tape).findLastIndex((item) => item.number <= cursor);
      return unforced(other.tape)[place]?.number ?? 0;
    }
    const last = other.tape.events.findLastIndex((item) => item.time <= event.time);
    return other.levels.reached(Math.max(other.first, last));
  }
}

/**
 * Show two traces; the player of the first is given back.
 *
 * @param {HTMLElement} element
 * @param {Options} options
 * @param {Hooks} hooks
 */
export function compare(element, options, hooks) {
  const { labels = [], traces = [], stories, map, prices } = options;
  const places = [html("div"), html("div")];
  let moving = false;
  const sides = places.map((place, index) => {
    const told = { questions: [], stories: stories?.slice(index, index + 1), map: map?.[index] ? [map[index]] : map };
    const own = { ...options, title: labels[index], ...told, prices: prices?.slice(index) };
    /** @type {Side} */
    const side = new Side(place, traces[index], own, {
      cursor() {
        if (moving) return;
        moving = true;
        side.other.go(side.twin());
        moving = false;
        hooks.cursor?.(sides[0].cursor);
      },
      level(level) {
        if (side.other.levels.level !== level) side.other.tellAt({ level });
        if (!index) hooks.level?.(level);
      },
    });
    return side;
  });
  const [one, other] = sides;
  one.other = other;
  other.other = one;
  const first = firstDifference(one.tape, other.tape);
  if (first) [one.first, other.first] = first;
  other.go(one.twin());
  const told = described(first, (step) => one.go(one.levels.after(step - 1)));
  const head = html("div", { class: "mf mf-compare-head" }, html("p", { class: "mf-note" }, ...told));
  const both = html("div", { class: "mf-compare" }, ...places);
  element.replaceChildren(head, both);
  presentBoth(sides, both);
  return one;
}

/**
 * @param {[number, number] | null} first
 * @param {(step: number) => void} go
 */
function described(first, go) {
  if (!first) return ["The two runs go the same way."];
  const [one, other] = first.map((step) => step + 1);
  const where = one === other ? `step ${one}` : `steps ${one} and ${other}`;
  const there = html("button", { type: "button", onclick: () => go(first[0]) }, "Go there");
  return [`The runs first differ at ${where}. `, there];
}

/**
 * Whichever run has the keys, both are presented side by side: who compares them for others wants them to see both.
 *
 * @param {Player[]} players
 * @param {HTMLElement} both
 */
function presentBoth([first, second], both) {
  const { root } = first;
  root.requestFullscreen = () => both.requestFullscreen?.() ?? Promise.resolve();
  both.onfullscreenchange = (event) => root.onfullscreenchange?.(event);
  second.keys.p = first.keys.p;
  second.keys.Escape = (event) => {
    if (root.matches(".mf-present") && !second.card.isOpen) first.keys.p(event);
    else second.leave(false);
  };
}

/**
 * The steps of a run without those in which somebody changes the organization or breaks something.
 *
 * @param {Tape} tape
 */
function unforced(tape) {
  return tape.events.filter((event) => !event.step.key.startsWith("administrator."));
}

/**
 * The first steps at which two runs tell something else, one of each run; null where they tell the same. What was changed
 * from outside is no difference by itself, only what comes of it; nor is it where a master takes in the one change or the other.
 *
 * @param {Tape} one
 * @param {Tape} other
 * @returns {[one: number, other: number] | null}
 */
export function firstDifference(one, other) {
  const [mine, theirs] = [unforced(one), unforced(other)];
  const longer = mine.length > theirs.length ? mine : theirs;
  const place = longer.findIndex((_, at) => said(one, mine[at]) !== said(other, theirs[at]));
  if (place < 0) return null;
  return [mine[place]?.number ?? Math.max(0, one.length - 1), theirs[place]?.number ?? Math.max(0, other.length - 1)];
}

/**
 * What an event says for a comparison: a master that takes in a change says the same whatever it is.
 *
 * @param {Tape} tape
 * @param {TapeEvent | undefined} event
 */
function said(tape, event) {
  return event && (event.step.key === TAKEN_IN || tape.sentence(event));
}
