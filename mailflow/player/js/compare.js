// Two runs side by side with one cursor.

/** @import { Tape } from "./tape.js" */
/** @import { Hooks, Level, Options, TapeEvent } from "./types.js" */

import { html } from "./dom.js";
import { Player } from "./player.js";

const TAKEN_IN = "routing.raised";

/** @typedef {{ players: Player[], first: number[] }} Pair the two players, and where each first differs, which may be never */

/**
 * Show two traces; the player of the first is given back.
 *
 * @param {HTMLElement} element
 * @param {Options} options
 * @param {Hooks} hooks
 */
export function compare(element, options, hooks) {
  const sides = [html("div"), html("div")];
  /** @type {Pair} */
  const pair = { players: [], first: [Infinity, Infinity] };
  const { players } = pair;
  const follow = following(pair, hooks);
  const { labels = [], traces = [], stories, map, prices } = options;
  /** @type {(index: number) => (level: Level | undefined) => void} */
  const same = (index) => (level) => {
    const other = players[1 - index];
    if (!level || !other) return;
    if (other.levels.level !== level) other.tellAt({ level });
    if (!index) hooks.level?.(level);
  };
  sides.forEach((side, index) => {
    const told = { questions: [], stories: stories?.slice(index, index + 1), map: map?.[index] ? [map[index]] : map };
    const own = { ...options, title: labels[index], ...told, prices: prices?.slice(index) };
    players.push(new Player(side, traces[index], own, { cursor: follow(index), level: same(index) }));
  });
  goOnAlone(players);
  const first = firstDifference(players[0].tape, players[1].tape);
  if (first) pair.first = first;
  const told = described(first, (step) => players[0].go(players[0].levels.after(step - 1)));
  players[1].go(twin(pair, 0, players[0].cursor));
  const head = html("div", { class: "mf mf-compare-head" }, html("p", { class: "mf-note" }, ...told));
  element.replaceChildren(head, html("div", { class: "mf-compare" }, ...sides));
  return players[0];
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
    other.go(twin(pair, index, cursor));
    moving = false;
    hooks.cursor?.(players[0].cursor);
  };
}

/**
 * Once one run is at its end, each step on leads on in the other: what comes there later is seen by the same key.
 *
 * @param {Player[]} players
 */
function goOnAlone(players) {
  const ways = players.map((player) => player.forward.bind(player));
  const ends = players.map(({ levels }) => levels.isEnd.bind(levels));
  players.forEach((player, index) => {
    const other = players[1 - index];
    const isOver = () => ends[index](player.cursor);
    const areOver = () => isOver() && ends[1 - index](other.cursor);
    player.forward = () => areOver() || ways[isOver() ? 1 - index : index]();
    player.levels.isEnd = areOver;
  });
}

/**
 * The step of the other player that goes with a step of one: up to the first difference the one that tells the same, after
 * it the last stop that is no later, so that a story goes on in beats.
 *
 * @param {Pair} pair
 * @param {number} index the player that has moved
 * @param {number} cursor
 */
function twin({ players, first }, index, cursor) {
  const { tape } = players[index];
  const { tape: to, levels } = players[1 - index];
  const mine = first[index];
  const theirs = first[1 - index];
  if (cursor === mine) return theirs;
  if (cursor < mine) return sameStep(tape, to, cursor);
  return levels.stops[levels.placeOf(lastUntil(to, tape.events[cursor].time, theirs))];
}

/** @type {(from: Tape, to: Tape, cursor: number) => number} */
function sameStep(from, to, cursor) {
  const place = unforced(from).findLastIndex((event) => event.number <= cursor);
  return unforced(to)[place]?.number ?? 0;
}

/** @type {(tape: Tape, time: number, least: number) => number} */
function lastUntil(tape, time, least) {
  return Math.max(
    least,
    tape.events.findLastIndex((event) => event.time <= time),
  );
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
  const most = Math.max(mine.length, theirs.length);
  for (let place = 0; place < most; place += 1) {
    const [here, there] = [mine[place], theirs[place]];
    if (said(one, here) !== said(other, there))
      return [here?.number ?? one.length - 1, there?.number ?? other.length - 1];
  }
  return null;
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
