import assert from "node:assert/strict";
import { test } from "node:test";
import { hueOf, shapeOf } from "../../../mailflow/player/js/chips.js";

test("all copies of a message have its shape and colour; another message has others", () => {
  assert.equal(shapeOf("m2.1"), shapeOf("m2.13"));
  assert.equal(hueOf("m2.1"), hueOf("m2.13"));
  assert.notEqual(shapeOf("m2.1"), shapeOf("m3.1"));
  assert.notEqual(hueOf("m2.1"), hueOf("m3.1"));
});
