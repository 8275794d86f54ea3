// Two runs side by side with one cursor.

/** @import { Tape } from "./tape.js" */
/** @import { Hooks, Level, Options } from "./types.js" */

import { html } from "./dom.js";
import { Player } from "./player.js";
import { firstDifference } from "./tape.js";

/** @typedef {{ players: Player[], first: number }} Pair the two players, and the first step at which they differ */

/**
 * Show two traces; the player of the first is given back.
 *
 * @param {HTMLElement} element
 * @param {Options} options
 * @param {Hooks} hooks
 */
export function compare(element, options, hooks) {
  const sides = [html("div"), html("div")];
  const note = html("p", { class: "mf-note" });
  /** @type {Pair} */
  const pair = { players: [], first: -1 };
  const { players } = pair;
  const follow = following(pair, hooks);
  const { labels = [], traces = [], stories, map } = options;
  /** @type {(index: number) => (level: Level | undefined) => void} */
  const same = (index) => (level) => {
    const other = players[1 - index];
    if (level && other && other.levels.level !== level) other.tellAt({ level });
  };
  sides.forEach((side, index) => {
    const plans = map?.slice(index, index + 1);
    const told = { questions: [], stories: stories?.slice(index, index + 1), map: plans?.length ? plans : map };
    const own = { ...options, title: labels[index], ...told };
    players.push(new Player(side, traces[index], own, { cursor: follow(index), level: same(index) }));
  });
  const first = firstDifference(players[0].tape, players[1].tape);
  pair.first = first;
  describe(note, first, () => players[0].go(first));
  const head = html("div", { class: "mf mf-compare-head" }, note);
  element.replaceChildren(head, html("div", { class: "mf-compare" }, ...sides));
  return players[0];
}

/**
 * @param {HTMLElement} note
 * @param {number} first
 * @param {() => void} go
 */
function describe(note, first, go) {
  if (first < 0) note.append("The two runs are equal.");
  else {
    const there = html("button", { type: "button", onclick: go }, "Go there");
    note.append(`The first difference is at step ${first + 1}. `, there);
  }
}

/**
 * When one player moves, the other follows.
 *
 * @param {Pair} pair
 * @param {Hooks} hooks
 * @returns {(index: number) => (cursor: number) => void}
 */
function following(pair, hooks) {
  const { players } = pair;
  let moving = false;
  return (index) => (cursor) => {
    const other = players[1 - index];
    if (!other || moving) return;
    moving = true;
    other.go(twin(players[index].tape, other.tape, cursor, pair.first));
    moving = false;
    hooks.cursor?.(players[0].cursor);
  };
}

/**
 * Up to the first difference both sides are at one step; after it they are at one time.
 *
 * @param {Tape} from
 * @param {Tape} to
 * @param {number} cursor
 * @param {number} first
 */
function twin(from, to, cursor, first) {
  if (first < 0 || cursor < first) return cursor;
  const { time } = from.events[cursor];
  let at = to.length - 1;
  while (at > 0 && to.events[at].time > time) at -= 1;
  return at;
}
