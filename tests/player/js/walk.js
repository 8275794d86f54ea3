// Answers a Python test: for each line of input, a trace and the options of its player, which bets a learner meets who
// walks on from stop to stop at each level, where each leads to, and what the score says at the end.

import { createInterface } from "node:readline";
import { Levels } from "../../../mailflow/player/js/levels.js";
import { firstOpen, landing, scored } from "../../../mailflow/player/js/questions.js";
import { Tape } from "../../../mailflow/player/js/tape.js";

/** @import { Player } from "../../../mailflow/player/js/player.js" */
/** @import { Answer, Level, Options } from "../../../mailflow/player/js/types.js" */

/** @param {Tape} tape @param {Options} options @param {Level} level */
function walk(tape, options, level) {
  const levels = new Levels(/** @type {Player} */ ({ tape, options: { ...options, level } }));
  const { questions = [], cursor: start = 0 } = options;
  /** @type {Record<string, Answer>} */
  const answers = {};
  const met = [];
  let cursor = level === "story" ? levels.reached(start) : start;
  while (cursor < levels.last) {
    const target = levels.after(cursor);
    const question = firstOpen(questions, answers, cursor, target);
    cursor = target;
    if (question) {
      answers[question.id] = { chosen: question.answer, right: true, skipped: false };
      cursor = landing(questions, answers, question.at, target);
      met.push([question.id, cursor === target]);
    }
  }
  return { met, score: scored(questions, answers) };
}

for await (const line of createInterface({ input: process.stdin })) {
  const { trace, options } = JSON.parse(line);
  const tape = new Tape(trace);
  /** @type {Level[]} */
  const levels = ["story", "detail", "everything"];
  const walks = Object.fromEntries(levels.map((level) => [level, walk(tape, options, level)]));
  process.stdout.write(`${JSON.stringify(walks)}\n`);
}
