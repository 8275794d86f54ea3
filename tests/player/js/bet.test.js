// Bets in the prose, as far as they need no page: what a key means.

import assert from "node:assert/strict";
import { test } from "node:test";
import { keyed } from "../../../mailflow/player/js/bet.js";

test("a number is a choice, an arrow goes from one to the next, Escape leaves, and nothing else means anything", () => {
  assert.deepEqual(keyed("1", 3), { choose: 1 });
  assert.deepEqual(keyed("3", 3), { choose: 3 });
  assert.deepEqual(keyed("ArrowDown", 3), { move: 1 });
  assert.deepEqual(keyed("ArrowLeft", 3), { move: -1 });
  assert.deepEqual(keyed("Escape", 3), { leave: true });
  for (const key of ["4", "0", "b", "a", "d", "x", "Enter", " ", "Tab"]) assert.equal(keyed(key, 3), null);
});
