// Levels of a run: as a story of beats, in detail, or every step; and whom the learner follows.

/** The levels by the name that a reader sees. */
export const LEVELS = { story: "Story", detail: "In detail", everything: "Every step" };

export class Levels {
  constructor(player) {
    this.player = player;
    const { stories, level, follow } = player.options;
    const [story] = stories || [];
    this.beats = story?.beats || [];
    this.chapters = story?.chapters || [];
    this.follows = follow || [];
    this.followed = null;
    this.level = level || (this.beats.length ? "story" : "everything");
    this.find();
  }

  /** Show the run at another level, or follow somebody else. */
  set({ level = this.level, followed = this.followed }) {
    this.level = level;
    this.followed = followed;
    this.find();
  }

  // The steps that the learner stops at, in order; never none.
  find() {
    const { tape } = this.player;
    const chosen = this.follows[this.followed];
    const followed = chosen && stepsOf(chosen.steps);
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

  /** The first stop after a step; the last one where there is none. */
  after(number) {
    return this.stops.find((stop) => stop > number) ?? this.stops[this.stops.length - 1];
  }

  /** The last stop before a step; the first one where there is none. */
  before(number) {
    return this.stops.findLast((stop) => stop < number) ?? this.stops[0];
  }

  /** The place of a step among the stops: of the last one that it has reached. */
  placeOf(number) {
    return Math.max(
      0,
      this.stops.findLastIndex((stop) => stop <= number),
    );
  }

  /** Whether nothing is left to go to. */
  isEnd(number) {
    return number >= this.stops[this.stops.length - 1];
  }

  /** The number of the beat that a step belongs to. */
  beatOf(number) {
    return this.beats.findIndex((beat) => beat.first <= number && number <= beat.last);
  }

  /** What is told at a step: the beat, where the story is told and has one here, else the sentence of the step. */
  words(number) {
    const { tape } = this.player;
    const beat = this.level === "story" && this.beats.find((item) => item.at === number);
    return beat ? beat.text : tape.sentence(tape.events[number]);
  }

  /** Where the chapter before or after a step begins: its first stop. */
  chapter(number, direction) {
    const starts = this.chapters.map((chapter) => this.beats[chapter.beat].at);
    const found = direction > 0 ? starts.find((at) => at > number) : starts.findLast((at) => at < number);
    return found ?? (direction > 0 ? this.stops[this.stops.length - 1] : this.stops[0]);
  }

  /** Whether a MailMsg belongs to what is followed; all do where nobody is. */
  concerns(mail) {
    return !this.mails || this.mails.has(mail);
  }
}

// Steps are written as ranges: "0-2,5,7-8".
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
