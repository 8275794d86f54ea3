import assert from "node:assert/strict";
import { test } from "node:test";
import { clock, counted, placeName, short, told } from "../../../mailflow/player/js/format.js";

test("a clock has hours, minutes, seconds and thousandths, and goes on after a day", () => {
  assert.equal(clock(0), "00:00:00.000");
  assert.equal(clock(3723.0456), "01:02:03.046");
  assert.equal(clock(100 * 3600 + 59.9999), "100:01:00.000");
});

test("from the middle a clock rounds to the even thousandth, as Python does", () => {
  assert.deepEqual([0.0005, 0.0015, 0.0025].map(clock), ["00:00:00.000", "00:00:00.002", "00:00:00.002"]);
});

test("a text is cut only where it is too long", () => {
  assert.equal(short("London", 6), "London");
  assert.equal(short("London", 5), "Lond…");
});

test("one thing, many things", () => {
  assert.deepEqual(
    [0, 1, 2].map((number) => counted(number, "message")),
    ["0 messages", "1 message", "2 messages"],
  );
});

test("lists, replies and numbers read as Python tells them", () => {
  assert.equal(told(["a", "b", "c"]), "a, b and c");
  assert.equal(told(["a"]), "a");
  assert.equal(told([]), "");
  assert.equal(told(null), "");
  assert.equal(told(undefined), "");
  assert.equal(told("250-SIZE\n250 OK"), "SIZE, OK");
  assert.deepEqual([60, 0.5, 90.123456, 1234567].map(told), ["60", "0.5", "90.1235", "1234567"]);
});

test("a place is named for a reader", () => {
  assert.equal(placeName("link/London/LON02"), "link London");
  assert.equal(placeName("queue/Local delivery"), "Local delivery");
  assert.equal(placeName("outbox"), "outbox");
});
