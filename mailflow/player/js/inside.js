// What a trace tells of the inside of a server: who got mail there, and who became whom in its categorizer.

/** @import { Tape } from "./tape.js" */
/** @import { RecipientState, State, TapeEvent } from "./types.js" */

import { counted } from "./format.js";
import { messageOf } from "./tape.js";

/**
 * @typedef {object} Delivery A recipient, by number, got the mail in a store at a step.
 * @property {number} number
 * @property {string} store
 * @property {string} mail
 * @property {number} index
 */

/**
 * @typedef {object} Person A recipient in the tree of the categorizer.
 * @property {number} index
 * @property {string} address
 * @property {string} how
 * @property {string} sign
 * @property {"" | "good" | "bad" | "odd" | "gone"} kind
 * @property {string} words what has become of it
 * @property {string[]} notes
 * @property {string} mail the MailMsg that carries it, "" at its end
 * @property {boolean} fresh whether it changes in the step that is shown
 * @property {Person[]} children
 */

/**
 * @typedef {object} Told What the categorizer of a server has told of a message so far, by address or "#" and number.
 * @property {boolean} looked whether the recipients have been looked up
 * @property {Map<string, string>} found of a long list only the first ones are told
 * @property {Set<string>} unknown
 * @property {Map<string, string[]>} notes
 */

/** @type {Record<string, [sign: string, kind: Person["kind"], words: string]>} */
const ENDS = {
  delivered: ["✔", "good", "delivered"],
  relayed: ["✔", "good", "passed on"],
  expanded: ["▾", "gone", "group"],
  redirected: ["⤳", "gone", "forwarded"],
};

/**
 * What a person is called in the picture: "Ben" for ben@contoso.com.
 *
 * @param {string} address
 */
export function nameOf(address) {
  const words = address.split("@")[0].split(/[._]/).filter(Boolean);
  return words.map((word) => word[0].toUpperCase() + word.slice(1)).join(" ");
}

/**
 * Every delivery of a trace by server, in order.
 *
 * @param {Tape} tape
 * @returns {Map<string, Delivery[]>}
 */
export function deliveriesOf(tape) {
  /** @type {Map<string, Delivery[]>} */
  const found = new Map();
  for (const event of tape.events) {
    for (const effect of event.effects) {
      if (effect[0] !== "end" || effect[3] !== "delivered") continue;
      const [, mail, index] = effect;
      const store = String(tape.value(event, "store") ?? "");
      if (!found.has(event.server)) found.set(event.server, []);
      found.get(event.server)?.push({ number: event.number, store, mail, index });
    }
  }
  return found;
}

/**
 * The MailMsg whose tree the categorizer of a server shows at a step; "" if its work is done.
 *
 * @param {Tape} tape
 * @param {State} state
 * @param {string} server
 * @param {number} number
 * @param {string} lookup the place where a MailMsg is while the categorizer works on it
 */
export function inCategorizer(tape, state, server, number, lookup) {
  const last = lastCategorized(tape, server, number);
  if (!last) return "";
  if (last.number === number) return last.mail;
  const message = messageOf(last.mail);
  const stays = [...state.mails].some(
    ([mail, item]) => messageOf(mail) === message && item.server === server && item.place === lookup,
  );
  return stays ? last.mail : "";
}

/**
 * The last step up to a number in which the categorizer of a server worked on a MailMsg.
 *
 * @param {Tape} tape
 * @param {string} server
 * @param {number} number
 */
export function lastCategorized(tape, server, number) {
  for (let at = number; at >= 0; at -= 1) {
    const event = tape.events[at];
    if (event.server === server && event.mail && event.step.component === "categorizer") return event;
  }
  return undefined;
}

/**
 * Who became whom, as far as the categorizer of a server has come: a tree of all recipients of a message.
 *
 * @param {Tape} tape
 * @param {State} state
 * @param {string} server
 * @param {number} number
 * @param {string} mail
 * @returns {Person[]}
 */
export function treeOf(tape, state, server, number, mail) {
  const message = messageOf(mail);
  const recipients = state.messages[message] ?? [];
  const told = toldOf(tape, server, number, message);
  const event = tape.events[number];
  const fresh = changedIn(event, message);
  const about = messageOf(event.mail) === message && tape.value(event, "recipient");
  const people = recipients.map((item, index) => person(item, index, told, fresh.has(index) || item.address === about));
  people.forEach((one, index) => {
    const { parent } = recipients[index];
    if (parent !== null) people[parent].children.push(one);
  });
  for (const one of people) if (one.sign === "▾") one.words = `group of ${counted(one.children.length, "recipient")}`;
  return people.filter((_, index) => recipients[index].parent === null);
}

/** @type {(item: RecipientState, index: number, told: Told, fresh: boolean) => Person} */
function person({ address, how, mail, state, detail }, index, { looked, found, unknown, notes }, fresh) {
  const key = address.toLowerCase();
  const [sign, kind, words] = looks(state, detail, unknown.has(key), found.get(key) ?? (looked ? "" : undefined), how);
  const said = [key, `#${index}`].flatMap((about) => notes.get(about) ?? []);
  return { index, address, how, sign, kind, words, notes: said, mail, fresh, children: [] };
}

/** @type {(state: string, detail: string, unknown: boolean, found: string | undefined, how: string) => [string, Person["kind"], string]} */
function looks(state, detail, unknown, found, how) {
  if (state in ENDS) return ENDS[state];
  if (state) return ["✕", "bad", `${unknown ? "unknown, " : ""}${state} ${detail}`];
  // What nobody here knows may still be known elsewhere: it turns red where it is turned down.
  if (unknown) return ["◌", "odd", "not in the directory"];
  if (how === "journal") return ["▤", "", "journal"];
  if (found !== undefined) return ["•", "", found];
  return how === "envelope" ? ["?", "", ""] : ["•", "", ""];
}

/** @type {(tape: Tape, server: string, number: number, message: string) => Told} */
function toldOf(tape, server, number, message) {
  /** @type {Told} */
  const told = { looked: false, found: new Map(), unknown: new Set(), notes: new Map() };
  for (const event of tape.events.slice(0, number + 1)) {
    const known = READ[event.step.key];
    if (known && event.server === server && messageOf(event.mail) === message) known(tape, event, told);
  }
  return told;
}

/** @type {(told: Told, address: unknown, text: string) => void} */
function note({ notes }, address, text) {
  const key = String(address).toLowerCase();
  notes.set(key, [...(notes.get(key) ?? []), text]);
}

/** @type {Record<string, (tape: Tape, event: TapeEvent, told: Told) => void>} */
const READ = {
  "categorizer.recipients": (tape, event, told) => {
    const [who, found] = ["recipients", "found"].map((name) => tape.value(event, name));
    told.looked = true;
    if (!Array.isArray(who) || !Array.isArray(found)) return;
    who.forEach((address, index) => {
      told.found.set(address.toLowerCase(), found[index]);
    });
  },
  "categorizer.unknown": (tape, event, told) => {
    told.unknown.add(String(tape.value(event, "recipient")).toLowerCase());
  },
  "categorizer.expanded": (tape, event, told) => {
    const skipped = String(tape.value(event, "skipped") ?? "").trim();
    const [group] = event.effects.filter((effect) => effect[0] === "end");
    if (skipped && group) note(told, `#${group[2]}`, skipped);
  },
  "categorizer.target": (tape, event, told) => {
    note(told, tape.value(event, "recipient"), `→ ${tape.value(event, "target")}`);
  },
  // Whom it is forwarded to was on the list already: two ways lead to one person.
  "categorizer.forwarded": (tape, event, told) => {
    if (event.effects.some(([name]) => name === "recipient")) return;
    const [from, to] = ["recipient", "other"].map((name) => String(tape.value(event, name)));
    note(told, from, `⤳ also to ${nameOf(to)}`);
    note(told, to, `⤲ also from ${nameOf(from)}: one copy`);
  },
};

/** @type {(event: TapeEvent, message: string) => Set<number>} */
function changedIn(event, message) {
  /** @type {Set<number>} */
  const found = new Set();
  for (const effect of event.effects) {
    if ((effect[0] === "recipient" || effect[0] === "end") && messageOf(effect[1]) === message) found.add(effect[2]);
    else if (effect[0] === "mail" && messageOf(effect[1]) === message) for (const index of effect[3]) found.add(index);
  }
  return found;
}
