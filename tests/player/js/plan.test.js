import assert from "node:assert/strict";
import test from "node:test";
import { arrowhead, drawn, Plan, pointAt, pointsOf, walked } from "../../../mailflow/player/js/plan.js";

/** @import { MapPlan, PlanNode } from "../../../mailflow/player/js/types.js" */

/** @type {(id: string, x: number) => PlanNode} */
const node = (id, x) => ({ id, kind: "server", label: id, group: "G", x, y: 40, w: 60, h: 40 });
/** @type {MapPlan} */
const data = {
  level: "servers",
  size: [400, 120],
  type: [12, 11],
  nodes: [node("A", 0), node("B", 300), { ...node("group:G", 150), kind: "group", y: 90, h: 20 }],
  groups: [],
  lines: [
    {
      connector: "A-B",
      from: "A",
      to: "B",
      points: [[60, 60, 300, 60]],
      label: { text: "cost 1", x: 170, y: 50, w: 20, h: 20 },
      cross: [100, 60],
    },
  ],
  paths: { "A>B": [60, 60, 300, 60] },
  node_of: { C: "group:G" },
};

test("a way is known in both directions, and to nobody who is not on the map", () => {
  const plan = new Plan(data);
  assert.deepEqual(plan.path("A", "B"), pointsOf([60, 60, 300, 60]));
  assert.deepEqual(plan.path("B", "A"), pointsOf([300, 60, 60, 60]));
  assert.deepEqual([plan.path("A", "X"), plan.path("A", "A")], [[], []]);
  assert.deepEqual([plan.home("C"), plan.home("A"), plan.home("X")], ["group:G", "A", ""]);
  assert.equal(plan.journey(["A", "B", "A"]).length, 4);
  assert.deepEqual(new Plan().path("A", "B"), []);
});

test("two cannot talk when one is down, or every connector between them", () => {
  const plan = new Plan(data);
  /** @type {(...down: string[]) => boolean[]} */
  const cut = (...down) => [
    plan.cutOff("A", "B", (name) => down.includes(name)),
    plan.cutOff("B", "A", (name) => down.includes(name)),
  ];
  assert.deepEqual(
    [cut(), cut("A-B"), cut("B")],
    [
      [false, false],
      [true, false],
      [true, true],
    ],
  );
});

test("what is put on a line covers no label and no box", () => {
  const plan = new Plan(data);
  const { x, y } = plan.clear(plan.path("A", "B"), 40, 16);
  assert.ok(Math.abs(x - 180) > 20 + 10 || Math.abs(y - 60) > 8 + 10, `${x} ${y}`);
  assert.ok(x - 20 >= 60 && x + 20 <= 300);
  const crowded = new Plan({ ...data, nodes: [{ ...node("A", 0), y: 0, w: 400, h: 120 }] });
  assert.equal(crowded.clear(plan.path("A", "B"), 40, 16).x, 180, "the middle, where there is no room at all");
});

test("points along a line", () => {
  const line = pointsOf([0, 0, 30, 0, 30, 10]);
  assert.deepEqual(
    walked(line).map(({ at }) => at),
    [0, 30, 40],
  );
  assert.deepEqual(pointAt(line, 0.5), { x: 20, y: 0, turn: 0 });
  assert.deepEqual(pointAt(line, 1), { x: 30, y: 10, turn: 90 });
  assert.equal(drawn(line), "M0 0L30 0L30 10");
  assert.equal(arrowhead(line, 4, 2), "M30 10L28 6L32 6Z");
});
