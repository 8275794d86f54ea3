import assert from "node:assert/strict";
import { test } from "node:test";
import { along, aside, bendAround, distance, edge } from "../../../mailflow/player/js/geometry.js";

const left = { x: 0, y: 0, w: 100, h: 50 };
const right = { x: 300, y: 0, w: 100, h: 50 };

test("a line begins and ends at the edges of its boxes", () => {
  assert.deepEqual(edge(left, right), [
    { x: 100, y: 25 },
    { x: 300, y: 25 },
  ]);
});

test("with a bend it leaves towards the bend", () => {
  const [from, to] = edge(left, right, { x: 50, y: 500 });
  assert.equal(from.y, 50);
  assert.ok(to.y === 50 && to.x < 350);
});

test("the two directions run side by side", () => {
  const [from, to] = edge(left, right);
  const there = aside(from, to, null);
  const back = aside(to, from, null);
  assert.equal(distance(there.start, back.end), 8);
  assert.equal(there.bend, null);
});

test("half of the way is the middle, and a bend pulls it", () => {
  const [from, to] = edge(left, right);
  assert.deepEqual(along(from, null, to, 0.5), { x: 200, y: 25 });
  assert.equal(along(from, { x: 200, y: 125 }, to, 0.5).y, 75);
});

test("a line goes round a box that is in its way, and straight where none is", () => {
  const between = { x: 170, y: 0, w: 60, h: 60 };
  const bend = bendAround(left, right, [between]);
  assert.ok(bend);
  const [from, to] = edge(left, right, bend);
  for (let share = 0.1; share < 1; share += 0.1) {
    const { x, y } = along(from, bend, to, share);
    assert.ok(x < between.x || x > between.x + between.w || y < between.y || y > between.y + between.h);
  }
  assert.equal(bendAround(left, right, [{ x: 170, y: 400, w: 60, h: 60 }]), null);
});
