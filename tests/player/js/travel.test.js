import assert from "node:assert/strict";
import test from "node:test";
import { trails } from "../../../mailflow/player/js/travel.js";

/** @import { Effect, TapeEvent } from "../../../mailflow/player/js/types.js" */

/** @type {(server: string, mail: string, place: string | null, ...effects: Effect[]) => TapeEvent} */
const event = (server, mail, place, ...effects) => ({
  number: 0,
  time: 0,
  server,
  step: { key: "x", title: "", component: "", rule: "", sentence: "", fields: [] },
  mail,
  place,
  values: [],
  effects,
});

test("a copy goes on from where its original was", () => {
  const events = [
    event("A", "m1.1", "queue/x"),
    event("A", "m1.1", null, ["mail", "m1.2", "m1.1", [0]], ["at", "m1.2", "B", "queue/y"]),
    event("C", "m1.2", "queue/z"),
  ];
  const found = trails(events, new Map([["m1.1", "A"]]));
  assert.deepEqual(found.get("m1.1"), { servers: ["A"], split: true });
  assert.deepEqual(found.get("m1.2"), { servers: ["A", "B", "C"], split: false });
});

test("a new message starts nowhere, and a long jump is no journey", () => {
  const made = event("A", "m1.1", "outbox", ["message", "m1", "m1.1", ["x@y"]]);
  assert.deepEqual(trails([made], new Map()).get("m1.1"), { servers: ["A"], split: false });
  assert.equal(
    trails(
      Array.from({ length: 200 }, () => made),
      new Map(),
    ).size,
    0,
  );
});
