// The trace: its events, and the state after each of them. The same as mailflow.trace.State of Python.

/** @import { Effect, MailState, RecipientState, State, TapeEvent, TraceData, Value } from "./types.js" */

import { told } from "./format.js";

/** A state is kept after so many events, so that no step works out more than these. */
const KEPT_EVERY = 25;

/**
 * The message of a MailMsg: "m1" of "m1.2".
 *
 * @param {string} mail
 */
export function messageOf(mail) {
  return mail.split(".")[0];
}

export class Tape {
  /** @param {TraceData} data */
  constructor(data) {
    this.data = data;
    /** @type {TapeEvent[]} */
    this.events = data.events.map(([time, server, step, mail, place, values, effects, rule], number) => ({
      number,
      time,
      server,
      step: data.steps[step],
      mail,
      place,
      values,
      effects,
      rule,
    }));
    /** @type {Map<number, State>} */
    this.kept = new Map();
  }

  get length() {
    return this.events.length;
  }

  /**
   * A field of an event by its name.
   *
   * @param {TapeEvent} event
   * @param {string} name
   * @returns {Value | undefined}
   */
  value(event, name) {
    return event.values[event.step.fields.indexOf(name)];
  }

  /**
   * What an event tells, as a sentence.
   *
   * @param {TapeEvent} event
   */
  sentence(event) {
    return event.step.sentence.replace(/\{(\w+)\}/g, (_, name) => {
      if (name === "server") return event.server;
      if (name === "mail") return event.mail;
      return told(this.value(event, name));
    });
  }

  /**
   * The rule that an event follows.
   *
   * @param {TapeEvent} event
   */
  rule(event) {
    return this.data.rules[event.rule || event.step.rule];
  }

  /**
   * The state after an event; -1 is the one before the first.
   *
   * @param {number} number
   * @returns {State}
   */
  at(number) {
    let start = number;
    while (start >= 0 && !this.kept.has(start)) start -= 1;
    const state = copied(this.kept.get(start) ?? emptyState());
    for (let next = start + 1; next <= number; next += 1) {
      apply(state, this.events[next]);
      if (next % KEPT_EVERY === 0 || next === number) this.kept.set(next, copied(state));
    }
    return state;
  }
}

/** @returns {State} */
function emptyState() {
  return {
    messages: {},
    mails: new Map(),
    queues: {},
    services: {},
    outside: {},
    marked: {},
    tables: {},
    deleted: new Set(),
  };
}

/**
 * @param {State} state
 * @returns {State}
 */
function copied(state) {
  const messages = Object.entries(state.messages).map(([id, items]) => [id, items.map((item) => ({ ...item }))]);
  /** @type {[string, MailState][]} */
  const mails = [...state.mails].map(([mail, item]) => [mail, { ...item, recipients: [...item.recipients] }]);
  return {
    messages: Object.fromEntries(messages),
    mails: new Map(mails),
    queues: { ...state.queues },
    services: { ...state.services },
    outside: { ...state.outside },
    marked: { ...state.marked },
    tables: { ...state.tables },
    deleted: new Set(state.deleted),
  };
}

/**
 * @param {State} state
 * @param {string} mail
 */
function known(state, mail) {
  const item = state.mails.get(mail);
  if (!item) throw new Error(`this trace is damaged: it speaks of ${mail}, which is not under way`);
  return item;
}

/**
 * @param {State} state
 * @param {string} mail
 * @param {number} index
 */
function leave(state, mail, index) {
  const item = known(state, mail);
  item.recipients = item.recipients.filter((other) => other !== index);
  if (!item.recipients.length) state.mails.delete(mail);
}

/**
 * What an effect does to the state.
 *
 * @param {State} state
 * @param {Effect} effect
 * @param {number} time in seconds
 */
function change(state, effect, time) {
  switch (effect[0]) {
    case "message":
      return create(state, effect, time);
    case "recipient":
      return add(state, effect);
    case "mail":
      return split(state, effect, time);
    case "at":
      return move(state, effect[1], effect[2], effect[3], time);
    case "end":
      return end(state, effect);
    case "table":
      return learn(state, effect);
    case "queue":
      return mark(state, effect);
    case "service":
      state.services[`${effect[1]}|${effect[2]}`] = effect[3];
      return;
    case "outside":
      state.outside[effect[1]] = effect[2];
      return;
    case "marked":
      state.marked[effect[1]] = effect[2];
      return;
    case "deleted":
      state.deleted.add(effect[1]);
      return;
  }
}

/** @type {(state: State, effect: Extract<Effect, ["message", ...unknown[]]>, time: number) => void} */
function create(state, [, id, mail, addresses], time) {
  state.messages[id] = addresses.map((address) => recipient(mail, address, "envelope", null));
  const recipients = addresses.map((_, index) => index);
  state.mails.set(mail, { server: "", place: "outbox", since: time, recipients });
}

/** @type {(mail: string, address: string, how: string, parent: number | null) => RecipientState} */
function recipient(mail, address, how, parent) {
  return { address, how, parent, mail, state: "", detail: "" };
}

/** @type {(state: State, effect: Extract<Effect, ["recipient", ...unknown[]]>) => void} */
function add(state, [, mail, index, address, how, parent]) {
  state.messages[messageOf(mail)][index] = recipient(mail, address, how, parent);
  known(state, mail).recipients.push(index);
}

/** @type {(state: State, effect: Extract<Effect, ["mail", ...unknown[]]>, time: number) => void} */
function split(state, [, made, old, indexes], time) {
  const { server, place } = known(state, old);
  state.mails.set(made, { server, place, since: time, recipients: [...indexes] });
  for (const index of indexes) {
    state.messages[messageOf(old)][index].mail = made;
    leave(state, old, index);
  }
}

/**
 * Whoever comes last stands last.
 *
 * @param {State} state
 * @param {string} mail
 * @param {string} server
 * @param {string} place
 * @param {number} time
 */
function move(state, mail, server, place, time) {
  const item = known(state, mail);
  state.mails.delete(mail);
  state.mails.set(mail, { ...item, server, place, since: time });
}

/** @type {(state: State, effect: Extract<Effect, ["end", ...unknown[]]>) => void} */
function end(state, [, mail, index, how, detail]) {
  const at = known(state, mail).server;
  Object.assign(state.messages[messageOf(mail)][index], { mail: "", state: how, detail, at });
  leave(state, mail, index);
}

/** @type {(state: State, effect: Extract<Effect, ["queue", ...unknown[]]>) => void} */
function mark(state, [, server, place, text]) {
  if (text) state.queues[`${server}|${place}`] = text;
  else delete state.queues[`${server}|${place}`];
}

/** @type {(state: State, effect: Extract<Effect, ["table", ...unknown[]]>) => void} */
function learn(state, [, server, entries]) {
  state.tables[server] = entries ? { ...state.tables[server], ...Object.fromEntries(entries) } : null;
}

/**
 * @param {State} state
 * @param {TapeEvent} event
 */
function apply(state, event) {
  const { time, mail, server, place } = event;
  for (const effect of event.effects) change(state, effect, time);
  if (place !== null && state.mails.has(mail)) move(state, mail, server, place, time);
}

/**
 * Whether a server, host or connector is down.
 *
 * @param {State} state
 * @param {string} name
 */
export function isDown(state, name) {
  return state.outside[name] === false || state.marked[name] === false;
}

/**
 * The services of a server that are stopped.
 *
 * @param {State} state
 * @param {string} server
 */
export function stoppedServices(state, server) {
  const keys = Object.keys(state.services).filter((key) => key.startsWith(`${server}|`) && !state.services[key]);
  return keys.map((key) => key.split("|")[1]);
}
