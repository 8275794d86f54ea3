// The trace: its events, and the state after each of them. The same as mailflow.trace.State of Python.

import { told } from "./format.js";

/** A state is kept after so many events, so that no step works out more than these. */
const KEPT_EVERY = 25;

/** The message of a MailMsg: "m1" of "m1.2". */
export function messageOf(mail) {
  return mail.split(".")[0];
}

export class Tape {
  constructor(data) {
    this.data = data;
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
    this.kept = new Map([[-1, emptyState()]]);
  }

  get length() {
    return this.events.length;
  }

  /** A field of an event by its name. */
  value(event, name) {
    return event.values[event.step.fields.indexOf(name)];
  }

  /** What an event tells, as a sentence. */
  sentence(event) {
    return event.step.sentence.replace(/\{(\w+)\}/g, (_, name) => {
      if (name === "server") return event.server;
      if (name === "mail") return event.mail;
      return told(this.value(event, name));
    });
  }

  /** The rule that an event follows. */
  rule(event) {
    return this.data.rules[event.rule || event.step.rule];
  }

  /** The state after an event; -1 is the one before the first. */
  at(number) {
    let start = number;
    while (!this.kept.has(start)) start -= 1;
    const state = copied(this.kept.get(start));
    for (let next = start + 1; next <= number; next += 1) {
      apply(state, this.events[next]);
      if (next % KEPT_EVERY === 0 || next === number) this.kept.set(next, copied(state));
    }
    return state;
  }
}

function emptyState() {
  return { messages: {}, mails: new Map(), queues: {}, services: {}, outside: {}, marked: {}, tables: {} };
}

function copied(state) {
  const made = {};
  for (const part in state) made[part] = { ...state[part] };
  for (const id in made.messages) made.messages[id] = made.messages[id].map((item) => ({ ...item }));
  const mails = [...state.mails].map(([mail, item]) => [mail, { ...item, recipients: [...item.recipients] }]);
  made.mails = new Map(mails);
  return made;
}

function leave(state, mail, index) {
  const item = state.mails.get(mail);
  item.recipients = item.recipients.filter((other) => other !== index);
  if (!item.recipients.length) state.mails.delete(mail);
}

/** What each effect of an event does to the state. */
const EFFECTS = {
  message(state, [id, mail, addresses]) {
    state.messages[id] = addresses.map((address) => ({ address, how: "envelope", mail, state: "", detail: "" }));
    state.mails.set(mail, { server: "", place: "outbox", recipients: addresses.map((_, index) => index) });
  },
  recipient(state, [mail, index, address, how]) {
    state.messages[messageOf(mail)][index] = { address, how, mail, state: "", detail: "" };
    state.mails.get(mail).recipients.push(index);
  },
  mail(state, [made, old, indexes]) {
    const source = state.mails.get(old);
    state.mails.set(made, { server: source.server, place: source.place, recipients: [...indexes] });
    for (const index of indexes) {
      state.messages[messageOf(old)][index].mail = made;
      leave(state, old, index);
    }
  },
  at(state, [mail, server, place]) {
    const item = state.mails.get(mail);
    state.mails.delete(mail);
    state.mails.set(mail, { ...item, server, place });
  },
  end(state, [mail, index, end, detail]) {
    const at = state.mails.get(mail).server;
    Object.assign(state.messages[messageOf(mail)][index], { mail: "", state: end, detail, at });
    leave(state, mail, index);
  },
  queue(state, [server, place, text]) {
    state.queues[`${server}|${place}`] = text;
  },
  service(state, [server, service, up]) {
    state.services[`${server}|${service}`] = up;
  },
  outside(state, [name, up]) {
    state.outside[name] = up;
  },
  marked(state, [name, up]) {
    state.marked[name] = up;
  },
  table(state, [server, entries]) {
    state.tables[server] = entries ? { ...state.tables[server], ...Object.fromEntries(entries) } : null;
  },
  deleted() {},
};

function apply(state, event) {
  for (const [name, ...rest] of event.effects) EFFECTS[name](state, rest);
  if (event.place !== null && state.mails.has(event.mail)) {
    EFFECTS.at(state, [event.mail, event.server, event.place]);
  }
}

/** Whether a server, host or connector is down. */
export function isDown(state, name) {
  return state.outside[name] === false || state.marked[name] === false;
}

/** The services of a server that are stopped. */
export function stoppedServices(state, server) {
  const keys = Object.keys(state.services).filter((key) => key.startsWith(`${server}|`) && !state.services[key]);
  return keys.map((key) => key.split("|")[1]);
}

/** The first step at which two runs tell something else; -1 where they are equal. */
export function firstDifference(one, other) {
  const most = Math.max(one.length, other.length);
  for (let number = 0; number < most; number += 1) {
    const [mine, theirs] = [one.events[number], other.events[number]];
    if (!mine || !theirs || one.sentence(mine) !== other.sentence(theirs)) return number;
  }
  return -1;
}
