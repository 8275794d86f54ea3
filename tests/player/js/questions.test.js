// Bets, as far as they need no page: which one comes next, what is said of an answer, and the score.

import assert from "node:assert/strict";
import { test } from "node:test";
import { firstOpen, landing, scored, shift, verdict } from "../../../mailflow/player/js/questions.js";

/** @import { Answer, Question } from "../../../mailflow/player/js/types.js" */

/** @type {(id: string, at: number) => Question} */
const question = (id, at) => ({
  id,
  at,
  kind: "queue",
  prompt: "Which queue?",
  options: ["Local delivery", "London-Paris", "fabrikam.com"],
  answer: 1,
  why: "Pierre is in Paris.",
  why_not: ["Pierre is not in London.", "", ""],
  where: [null, null, null],
});
/** @type {(chosen: number | null, right?: boolean) => Answer} */
const answer = (chosen, right = false) => ({ chosen, right, skipped: chosen === null });
const bets = [question("a", 3), question("b", 7), question("c", 9)];

test("a bet comes before the step that settles it, once", () => {
  assert.equal(firstOpen(bets, {}, 0, 2), undefined);
  assert.equal(firstOpen(bets, {}, 0, 3)?.id, "a");
  assert.equal(firstOpen(bets, {}, 3, 20)?.id, "b", "nobody bets on what is in sight");
  assert.equal(firstOpen(bets, { b: answer(null) }, 3, 20)?.id, "c");
  assert.equal(firstOpen(bets, {}, 20, 3), undefined, "on the way back nothing is asked");
});

test("where two bets lie on one way, the first one is paid off before the second", () => {
  assert.equal(landing(bets, { a: answer(0) }, 3, 8), 3);
  assert.equal(landing(bets, { a: answer(0), b: answer(1) }, 7, 8), 8);
  assert.equal(landing(bets, { a: answer(0), b: answer(1) }, 3, 8), 8, "the second one has its answer already");
});

test("a wrong answer is told why it is wrong, and what is right", () => {
  assert.equal(verdict(bets[0], answer(1, true)), "✔ Right: London-Paris. Pierre is in Paris.");
  assert.equal(
    verdict(bets[0], answer(0)),
    "✘ Local delivery: Pierre is not in London. Right is: London-Paris.",
    "its own reason",
  );
  assert.equal(verdict(bets[0], answer(2)), "✘ fabrikam.com: no. Right is: London-Paris.", "where there is no reason");
  assert.equal(verdict(bets[0], answer(null)), "Which queue? London-Paris. Pierre is in Paris.");
});

test("the score counts what is right, skipped and not asked", () => {
  assert.equal(scored(bets, {}), "Your bets: 0 of 3 bets right, 3 not asked.");
  assert.equal(
    scored(bets, { a: answer(1, true), b: answer(null) }),
    "Your bets: 1 of 3 bets right, 1 skipped, 1 not asked.",
  );
  assert.equal(scored(bets.slice(0, 1), { a: answer(1, true) }), "Your bets: 1 of 1 bet right.");
});

test("a view scrolls no farther than it must to show the answers: all of them, or the first one", () => {
  assert.equal(
    shift(
      [
        [20, 60],
        [80, 120],
      ],
      200,
    ),
    0,
    "all are in sight",
  );
  assert.equal(
    shift(
      [
        [20, 60],
        [150, 250],
      ],
      300,
    ),
    0,
  );
  assert.equal(
    shift(
      [
        [120, 160],
        [150, 250],
      ],
      200,
    ),
    62,
    "to the last one",
  );
  assert.equal(
    shift(
      [
        [-30, 20],
        [40, 80],
      ],
      200,
    ),
    -42,
    "back to the first one",
  );
  assert.equal(
    shift(
      [
        [300, 340],
        [20, 60],
      ],
      200,
    ),
    152,
    "no room for both",
  );
});
