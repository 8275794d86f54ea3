// What Python's own traces do not show; that every state of theirs agrees is a test of test_tape.py.

import assert from "node:assert/strict";
import { test } from "node:test";
import { firstDifference } from "../../../mailflow/player/js/compare.js";
import { isStop } from "../../../mailflow/player/js/levels.js";
import { isDown, stoppedServices, Tape } from "../../../mailflow/player/js/tape.js";

/** @import { Effect, EventData, TraceData } from "../../../mailflow/player/js/types.js" */

const step = { key: "k", title: "", component: "", rule: "r", sentence: "{server} {mail} {what}", fields: ["what"] };

/** @param {{ effects?: Effect[], what?: string }[]} events @returns {Tape} */
function tape(...events) {
  /** @type {EventData[]} */
  const rows = events.map(({ effects = [], what = "" }, number) => [number, "A", 0, "m1.1", null, [what], effects]);
  const organization = { name: "", title: "", domain: "", routing_groups: [], servers: [], connectors: [], homes: {} };
  /** @type {TraceData} */
  const data = {
    format: "",
    organization: { ...organization, external_hosts: [] },
    seed: 0,
    script: [],
    rules: {},
    steps: [step],
    messages: {},
    link_state: {},
    events: rows,
  };
  return new Tape(data);
}

test("going back does not change what was seen before", () => {
  /** @type {Effect[]} */
  const create = [["message", "m1", "m1.1", ["ben", "carla"]]];
  const run = tape({ effects: create }, { effects: [["end", "m1.1", 0, "delivered", ""]] });
  assert.deepEqual(run.at(1).mails.get("m1.1")?.recipients, [1]);
  assert.deepEqual(run.at(0).mails.get("m1.1")?.recipients, [0, 1]);
  assert.deepEqual(run.at(-1).messages, {});
});

test("who holds a state cannot change the tape", () => {
  const run = tape({ effects: [["message", "m1", "m1.1", ["ben"]]] });
  run.at(0).mails.clear();
  run.at(0).messages.m1[0].state = "lost";
  assert.equal(run.at(0).mails.size, 1);
  assert.equal(run.at(0).messages.m1[0].state, "");
});

test("a damaged trace is named, not shown", () => {
  const run = tape({ effects: [["at", "m9.1", "A", "outbox"]] });
  assert.throws(() => run.at(0), /damaged: it speaks of m9.1/);
});

test("what is down, and what is stopped", () => {
  const run = tape({
    effects: [
      ["outside", "A", false],
      ["marked", "A-B", false],
      ["service", "A", "SMTP", false],
      ["service", "A", "MTA", true],
      ["service", "AB", "MTA", false],
    ],
  });
  const state = run.at(0);
  assert.deepEqual(
    ["A", "A-B", "B"].map((name) => isDown(state, name)),
    [true, true, false],
  );
  assert.deepEqual(stoppedServices(state, "A"), ["SMTP"]);
});

test("a queue without a state has none", () => {
  const run = tape({ effects: [["queue", "A", "link/B", "Retry"]] }, { effects: [["queue", "A", "link/B", ""]] });
  assert.deepEqual(run.at(0).queues, { "A|link/B": "Retry" });
  assert.deepEqual(run.at(1).queues, {});
});

test("the first difference is the first other sentence, or the end of the shorter run", () => {
  const long = tape({ what: "x" }, { what: "y" }, { what: "z" });
  assert.deepEqual(firstDifference(long, tape({ what: "x" }, { what: "other" })), [1, 1]);
  assert.deepEqual(firstDifference(long, tape({ what: "x" })), [1, 0]);
  assert.equal(firstDifference(long, tape({ what: "x" }, { what: "y" }, { what: "z" })), null);
});

test("what an administrator changes is no difference by itself", () => {
  const plain = tape({ what: "x" }, { what: "y" }, { what: "z" });
  const changed = tape({ what: "down" }, { what: "x" }, { what: "y" }, { what: "other" });
  changed.events[0].step = { ...step, key: "administrator.network" };
  assert.deepEqual(firstDifference(plain, changed), [2, 3]);
  assert.equal(firstDifference(plain, tape({ what: "x" }, { what: "y" }, { what: "z" })), null);
});

test("what a master takes in of two changes is no difference, but it is where nothing changed", () => {
  const [one, other] = ["SMTP", "store"].map((what) =>
    tape({ what }, { what }, { what: "x" }, { what: `${what} waits` }),
  );
  for (const { events } of [one, other]) {
    events[0].step = { ...step, key: "administrator.service" };
    events[1].step = { ...step, key: "routing.raised" };
  }
  assert.deepEqual(firstDifference(one, other), [3, 3]);
  assert.deepEqual(firstDifference(one, tape({ what: "x" })), [1, 0]);
});

test("an end is worth a stop, and so is a decision", () => {
  const run = tape({}, { effects: [["end", "m1.1", 0, "delivered", ""]] });
  const [plain, end] = run.events;
  assert.deepEqual([plain, end, { ...plain, step: { ...step, decision: "way" } }].map(isStop), [false, true, true]);
});
