// Levels of a run: which steps are stops, and where the keys lead.

import assert from "node:assert/strict";
import { test } from "node:test";
import { isStop, Levels } from "../../../mailflow/player/js/levels.js";

/** @import { Player } from "../../../mailflow/player/js/player.js" */
/** @import { Effect, Options, TapeEvent } from "../../../mailflow/player/js/types.js" */

const TOLD = ["story", "detail", "everything"];

/** @type {(number: number, more?: { decision?: string, effects?: Effect[] }) => TapeEvent} */
function event(number, { decision = "", effects = [] } = {}) {
  const level = /** @type {"story" | "detail" | "everything"} */ (TOLD[number % 3]);
  const step = { key: "", title: "", component: "", rule: "", sentence: `step ${number}`, fields: [], level, decision };
  return {
    number,
    time: number,
    server: "A",
    step,
    mail: number < 6 ? "m1.1" : "m2.1",
    place: "",
    values: [],
    effects,
  };
}

const beats = [
  { at: 1, first: 0, last: 2, text: "one" },
  { at: 5, first: 3, last: 6, text: "two" },
  { at: 8, first: 7, last: 9, text: "three" },
];
const chapters = [
  { beat: 0, title: "First" },
  { beat: 2, title: "Then" },
];
const follow = [
  { kind: "message", name: "m2", steps: "6-8" },
  { kind: "server", name: "B", steps: "0,2-3,9" },
];

/** @type {(options?: Options) => Levels} */
function levels(options = { stories: [{ beats, chapters }], follow }) {
  const events = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9].map((number) => event(number));
  /** @type {(event: TapeEvent) => string} */
  const sentence = (item) => item.step.sentence;
  const part = { options, tape: { events, length: events.length, sentence } };
  return new Levels(/** @type {Player} */ (/** @type {unknown} */ (part)));
}

test("a run with a story starts as one; without one every step is told", () => {
  assert.deepEqual(levels().stops, [1, 5, 8]);
  assert.deepEqual(levels({}).stops, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  assert.equal(levels({ stories: [{ beats, chapters }], level: "detail" }).level, "detail");
});

test("in detail the steps of the last level are left out", () => {
  const made = levels();
  made.set({ level: "detail" });
  assert.deepEqual(made.stops, [0, 1, 3, 4, 6, 7, 9]);
});

test("on and back lead to stops from wherever one is, and end at the first and the last", () => {
  const made = levels();
  assert.deepEqual([made.after(0), made.after(1), made.after(6), made.after(8), made.after(9)], [1, 5, 8, 8, 8]);
  assert.deepEqual([made.before(9), made.before(5), made.before(1), made.before(0)], [8, 1, 1, 1]);
  assert.deepEqual([made.placeOf(0), made.placeOf(4), made.placeOf(9)], [0, 0, 2]);
  assert.deepEqual([made.reached(0), made.reached(4), made.reached(9), made.last], [1, 1, 8, 8]);
});

test("whoever is followed has the stops, and only its MailMsgs concern anybody", () => {
  const made = levels();
  made.set({ followed: 0 });
  assert.deepEqual(made.stops, [8]);
  assert.deepEqual([made.concerns("m2.1"), made.concerns("m1.1")], [true, false]);
  made.set({ level: "everything", followed: 1 });
  assert.deepEqual(made.stops, [0, 2, 3, 9]);
  made.set({ level: "story" });
  assert.deepEqual(made.stops, [9], "a story without a beat of it ends at the last step");
  made.set({ followed: null });
  assert.deepEqual([made.stops, made.concerns("m1.1")], [[1, 5, 8], true]);
});

test("chapters lead to their first beat, and past the last one to the end", () => {
  const made = levels();
  assert.deepEqual([made.chapter(0, 1), made.chapter(1, 1), made.chapter(8, 1)], [1, 8, 8]);
  assert.deepEqual([made.chapter(9, -1), made.chapter(8, -1), made.chapter(1, -1)], [8, 1, 1]);
});

test("a beat is told as the story tells it, any other step by its sentence", () => {
  const made = levels();
  assert.deepEqual([made.words(5), made.words(4)], ["two", "step 4"]);
  assert.deepEqual([made.beatOf(4), made.beatOf(99)], [1, -1]);
  made.set({ level: "everything" });
  assert.equal(made.words(5), "step 5");
});

test("one stops where something is decided or a way ends", () => {
  assert.equal(isStop(event(0)), false);
  assert.equal(isStop(event(0, { decision: "queue" })), true);
  assert.equal(isStop(event(0, { effects: [["end", "m1.1", 0, "delivered", ""]] })), true);
  assert.equal(isStop(event(0, { effects: [["deleted", "x"]] })), false);
});
