// Levels of a run: as a story of beats, in detail, or every step; and whom the learner follows.

/** @import { Player } from "./player.js" */
/** @import { Beat, Change, Chapter, Followed, Level } from "./types.js" */

/**
 * The levels by the name that a reader sees.
 *
 * @type {Record<Level, string>}
 */
export const LEVELS = { story: "Story", detail: "In detail", everything: "Every step" };

export class Levels {
  /** @param {Player} player */
  constructor(player) {
    this.player = player;
    const { stories, level, follow } = player.options;
    const [story] = stories || [];
    /** @type {Beat[]} */
    this.beats = story?.beats || [];
    /** @type {Chapter[]} */
    this.chapters = story?.chapters || [];
    /** @type {Followed[]} */
    this.follows = follow || [];
    /** @type {number | null} */
    this.followed = null;
    /** @type {Set<string> | null} the MailMsgs of what is followed */
    this.mails = null;
    /** @type {number[]} */
    this.stops = [];
    /** @type {Level} */
    this.level = level || (this.beats.length ? "story" : "everything");
    this.find();
  }

  /**
   * Show the run at another level, or follow somebody else.
   *
   * @param {Change} change
   */
  set({ level = this.level, followed = this.followed }) {
    this.level = level;
    this.followed = followed;
    this.find();
  }

  // The steps that the learner stops at, in order; never none.
  find() {
    const { tape } = this.player;
    const followed = this.followed === null ? null : stepsOf(this.follows[this.followed].steps);
    this.mails = followed && new Set([...followed].map((number) => tape.events[number].mail));
    const wanted = this.atThisLevel().filter((number) => !followed || followed.has(number));
    this.stops = wanted.length ? wanted : [tape.length - 1];
  }

  atThisLevel() {
    const { events } = this.player.tape;
    if (this.level === "story") return this.beats.map((beat) => beat.at);
    const told = this.level === "detail" ? events.filter((event) => event.step.level !== "everything") : events;
    return told.map((event) => event.number);
  }

  /**
   * The first stop after a step; the last one where there is none.
   *
   * @param {number} number
   */
  after(number) {
    return this.stops.find((stop) => stop > number) ?? this.last;
  }

  /**
   * The last stop before a step; the first one where there is none.
   *
   * @param {number} number
   */
  before(number) {
    return this.stops.findLast((stop) => stop < number) ?? this.stops[0];
  }

  /**
   * The place of a step among the stops: of the last one that it has reached.
   *
   * @param {number} number
   */
  placeOf(number) {
    return Math.max(
      0,
      this.stops.findLastIndex((stop) => stop <= number),
    );
  }

  /**
   * The last stop that a step has reached; the first one where it has reached none.
   *
   * @param {number} number
   */
  reached(number) {
    return this.stops[this.placeOf(number)];
  }

  /** The last stop. */
  get last() {
    return this.stops[this.stops.length - 1];
  }

  /**
   * The number of the beat that a step belongs to.
   *
   * @param {number} number
   */
  beatOf(number) {
    return this.beats.findIndex((beat) => beat.first <= number && number <= beat.last);
  }

  /**
   * What is told at a step: the beat, where the story is told and has one here, else the sentence of the step.
   *
   * @param {number} number
   */
  words(number) {
    const { tape } = this.player;
    const beat = this.level === "story" ? this.beats.find((item) => item.at === number) : undefined;
    return beat ? beat.text : tape.sentence(tape.events[number]);
  }

  /**
   * Where the chapter before or after a step begins: its first stop.
   *
   * @param {number} number
   * @param {1 | -1} direction
   */
  chapter(number, direction) {
    const starts = this.chapters.map((chapter) => this.beats[chapter.beat].at);
    const found = direction > 0 ? starts.find((at) => at > number) : starts.findLast((at) => at < number);
    return found ?? (direction > 0 ? this.last : this.stops[0]);
  }

  /**
   * Whether a MailMsg belongs to what is followed; all do where nobody is.
   *
   * @param {string} mail
   */
  concerns(mail) {
    return !this.mails || this.mails.has(mail);
  }
}

/**
 * Steps are written as ranges: "0-2,5,7-8".
 *
 * @param {string} ranges
 * @returns {Set<number>}
 */
function stepsOf(ranges) {
  const found = new Set();
  for (const range of ranges.split(",").filter(Boolean)) {
    const [first, last = first] = range.split("-").map(Number);
    for (let number = first; number <= last; number += 1) found.add(number);
  }
  return found;
}

/** @import { TapeEvent } from "./types.js" */

/**
 * Whether an event is one to stop at: something is decided, or a recipient's way ends.
 *
 * @param {TapeEvent} event
 */
export function isStop(event) {
  return Boolean(event.step.decision) || event.effects.some(([name]) => name === "end");
}
