// Answers a Python test: for each line of input, a trace as JSON, what the player makes of every event of it: a digest
// of its state, clock and sentence. A line with a number before the trace asks for that event in full.

import { createHash } from "node:crypto";
import { createInterface } from "node:readline";
import { clock } from "../../../mailflow/player/js/format.js";
import { Tape } from "../../../mailflow/player/js/tape.js";

/** @import { State } from "../../../mailflow/player/js/types.js" */

/** @type {(items: Iterable<[string, unknown]>) => [string, unknown][]} */
const sorted = (items) => [...items].sort(([one], [other]) => (one < other ? -1 : 1));

/** @param {State} state */
function plain(state) {
  const messages = Object.entries(state.messages).map(([id, recipients]) => [
    id,
    recipients.map(({ address, how, parent, mail, state: end, detail }) => [address, how, parent, mail, end, detail]),
  ]);
  const mails = [...state.mails].map(([mail, item]) => [
    mail,
    item.server,
    item.place,
    clock(item.since),
    item.recipients,
  ]);
  const tables = Object.entries(state.tables).map(([server, held]) => [server, held && sorted(Object.entries(held))]);
  return {
    messages,
    mails,
    queues: sorted(Object.entries(state.queues)),
    services: sorted(Object.entries(state.services)),
    outside: sorted(Object.entries(state.outside)),
    marked: sorted(Object.entries(state.marked)),
    tables,
    deleted: [...state.deleted].sort(),
  };
}

/** @param {Tape} tape @param {number} number */
function seen(tape, number) {
  const event = tape.events[number];
  const told = [clock(event.time), tape.sentence(event), tape.rule(event).title];
  return JSON.stringify([plain(tape.at(number)), told]);
}

/** @param {string} text */
const digest = (text) => createHash("sha256").update(text).digest("hex").slice(0, 16);

for await (const line of createInterface({ input: process.stdin })) {
  const { trace, show } = JSON.parse(line);
  const tape = new Tape(trace);
  const numbers = tape.events.map((event) => event.number);
  const forward = numbers.map((number) => digest(seen(tape, number)));
  // Once more from the end, on a tape that has kept nothing yet.
  const fresh = new Tape(trace);
  const back = numbers.toReversed().map((number) => digest(seen(fresh, number)));
  const answer = { forward, back: back.toReversed(), shown: show === null ? "" : seen(tape, show) };
  process.stdout.write(`${JSON.stringify(answer)}\n`);
}
