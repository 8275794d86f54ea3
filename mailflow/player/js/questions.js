// Bets: placed before the step that settles them, by key, by mouse, or in the picture where the answer has a place there.

/** @import { Player } from "./player.js" */
/** @import { Answer, Question, Spot } from "./types.js" */

import { button, html } from "./dom.js";
import { factChips } from "./facts.js";
import { counted } from "./format.js";

const SHOW_ALL = "mailflow:show-all-answers";
/** @type {Record<string, number>} */
const MOVES = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 };

/**
 * The view in which answers stand.
 *
 * @type {Record<Spot["kind"], string>}
 */
const VIEWS = { server: "Map", connector: "Map", queue: "Server", recipient: "Tables", verb: "Ladder" };

/** Shared by all players of a page: whether the learner wants to see all answers. */
const page = /** @type {typeof globalThis & { mailflowShowsAnswers?: boolean }} */ (globalThis);

export class Questions {
  /** @param {Player} player */
  constructor(player) {
    this.player = player;
    /** @type {Question | null} */
    this.asking = null;
    /** The step to go to once it is settled. */
    this.to = 0;
    /** @type {HTMLElement[]} */
    this.choices = [];
    this.silenced = false;
    this.prompt = html("p", { class: "mf-prompt", id: `${player.id}-prompt` });
    this.element = html("div", { "data-part": "question" });
    document.addEventListener(SHOW_ALL, () => this.reveal());
  }

  /** @returns {Question[]} */
  get all() {
    return this.player.options.questions || [];
  }

  /** Whether nobody is asked any more: the learner said so, here or for the whole notebook. */
  get silent() {
    return this.silenced || Boolean(page.mailflowShowsAnswers);
  }

  /**
   * The first open bet that a move from one step to another passes.
   *
   * @param {number} from
   * @param {number} to
   */
  between(from, to) {
    return this.silent ? undefined : firstOpen(this.all, this.player.answers, from, to);
  }

  /** Take away whatever is asked, or was answered. */
  clear() {
    this.asking = null;
    this.choices = [];
    this.player.root.classList.remove("mf-asking");
    this.point();
    this.element.replaceChildren();
  }

  /**
   * Ask; `to` is the step to go to once it is settled.
   *
   * @param {Question} question
   * @param {number} [to]
   */
  pose(question, to = question.at) {
    this.player.pause();
    this.asking = question;
    this.to = to;
    this.choices = question.options.map((text, index) => this.choice(text, index));
    this.prompt.textContent = question.prompt;
    const group = { class: "mf-choices", role: "group", "aria-labelledby": this.prompt.id };
    this.element.replaceChildren(this.ways(), this.prompt, html("div", group, ...this.choices));
    this.player.root.classList.add("mf-asking");
    // A view may hide what is asked.
    this.player.drawViews();
    this.bring(question);
    this.showChoices();
    this.choices[0].focus({ preventScroll: true });
  }

  /**
   * @param {string} text
   * @param {number} index
   */
  choice(text, index) {
    const props = { class: "mf-option", "aria-keyshortcuts": String(index + 1) };
    const made = button(` ${text}`, text, () => this.answer(index), props);
    made.prepend(html("kbd", { "aria-hidden": "true" }, String(index + 1)));
    return made;
  }

  ways() {
    return html(
      "div",
      { class: "mf-ways" },
      button("Skip", "Skip this bet (Escape)", () => this.skip()),
      button("Skip all", "Skip all bets of this player", () => this.skipAll()),
      button("Show all answers", "Show all answers in this notebook", () =>
        document.dispatchEvent(new Event(SHOW_ALL)),
      ),
    );
  }

  /**
   * Bring the view to the front in which the answers stand, unless all of them stand in what is in sight.
   *
   * @param {Question} question
   */
  bring({ where = [] }) {
    const missing = where.find((spot) => spot && !this.spots(spot).some(isPainted));
    if (missing && !this.player.visible().includes(VIEWS[missing.kind])) this.player.show(VIEWS[missing.kind]);
  }

  /** An answer that has a place in the picture can be given there, whatever is drawn anew meanwhile. */
  point() {
    // A view that was away when the bet was settled still shows what could answer it.
    for (const spot of this.player.stage.querySelectorAll(".mf-choice")) spot.classList.remove("mf-choice");
    for (const where of this.asking?.where ?? []) {
      if (where) for (const spot of this.spots(where)) spot.classList.add("mf-choice");
    }
  }

  /** Where a view scrolls: as many of the answers in sight as there is room for, and the page stays where it is. */
  showChoices() {
    const { stage } = this.player;
    const all = [...stage.querySelectorAll(".mf-choice")].filter(isPainted);
    const view = [...stage.children].find((item) => item.contains(all[0]));
    const spots = all.filter((spot) => view?.contains(spot));
    for (let item = spots[0]?.parentElement; item && item !== stage; item = item.parentElement) {
      const { left, top } = item.getBoundingClientRect();
      const boxes = spots.map((spot) => spot.getBoundingClientRect());
      item.scrollLeft += shift(
        boxes.map((box) => [box.left - left, box.right - left]),
        item.clientWidth,
      );
      item.scrollTop += shift(
        boxes.map((box) => [box.top - top, box.bottom - top]),
        item.clientHeight,
      );
    }
  }

  /** @param {Spot} spot */
  spots({ kind, name }) {
    return [...this.player.stage.querySelectorAll(`[data-spot="${CSS.escape(`${kind}:${name}`)}"]`)];
  }

  /**
   * Whether a click in the picture was an answer.
   *
   * @param {EventTarget | null} target
   */
  clicked(target) {
    const spot = target instanceof Element ? target.closest(".mf-choice[data-spot]") : null;
    if (!this.asking?.where || !spot) return false;
    const name = spot.getAttribute("data-spot");
    const index = this.asking.where.findIndex((where) => where && `${where.kind}:${where.name}` === name);
    this.answer(index);
    return true;
  }

  /**
   * What a key means while a bet is open; whether it means anything.
   *
   * @param {string} name
   */
  key(name) {
    if (!this.asking) return false;
    const move = MOVES[name];
    const number = Number(name);
    if (move) this.move(move);
    // Who presents has a remote control: on, and back.
    else if (name === "Escape" || (name === "PageDown" && this.player.root.matches(".mf-present"))) this.skip();
    else if (name === "PageUp") this.back();
    else if (number >= 1 && number <= this.choices.length) this.answer(number - 1);
    else return name !== "Enter" && name !== " " && name !== "Tab" && this.remind();
    return true;
  }

  /** @param {number} by */
  move(by) {
    const here = this.choices.findIndex((choice) => choice.matches(":focus"));
    this.choices[(here + by + this.choices.length) % this.choices.length].focus({ preventScroll: true });
  }

  /** Say why nothing moves. */
  remind() {
    if (this.asking) this.prompt.textContent = `Answer first, or skip: ${this.asking.prompt}`;
    return true;
  }

  /** @param {number} index */
  answer(index) {
    this.settle({ chosen: index, right: index === this.asking?.answer, skipped: false });
  }

  /** Look once more; the bet comes again with the step after it. */
  back() {
    this.player.root.focus({ preventScroll: true });
    this.player.back();
  }

  skip() {
    this.settle({ skipped: true, right: false, chosen: null });
  }

  skipAll() {
    this.silenced = true;
    this.skip();
  }

  reveal() {
    page.mailflowShowsAnswers = true;
    if (this.asking) this.skip();
  }

  /** @param {Answer} result */
  settle(result) {
    const { player, asking: question, to } = this;
    if (!question) return;
    player.answers = { ...player.answers, [question.id]: result };
    player.hooks.answers?.(player.answers);
    player.go(this.silent ? to : landing(this.all, player.answers, question.at, to));
    this.tell(question, result);
    player.root.focus({ preventScroll: true });
  }

  /**
   * @param {Question} question
   * @param {Answer} result
   */
  tell(question, result) {
    const { player } = this;
    const kind = result.right ? "mf-right" : result.skipped ? "mf-skipped" : "mf-wrong";
    const said = html("span", { role: "status" }, verdict(question, result));
    // Whoever jumps on may stand at another step by now.
    const chips = factChips(player, player.tape.rule(player.tape.events[question.at]));
    this.element.replaceChildren(html("p", { class: `mf-verdict ${kind}` }, said, " ", ...chips));
    this.score();
  }

  /** At the end, how the bets went. */
  score() {
    const { answers, isOver } = this.player;
    if (!this.all.length || !isOver) return;
    this.element.append(html("p", { class: "mf-verdict", role: "status" }, scored(this.all, answers)));
  }

  /**
   * What is said at a step where nothing was answered just now: an answer that was passed, or the score at the end.
   *
   * @param {number} from
   * @param {number} to
   */
  passed(from, to) {
    const isTold = this.silent && !this.player.isOver;
    const question = isTold && this.all.find(({ at }) => from < at && at <= to);
    if (question) this.tell(question, { skipped: true, right: false, chosen: null });
    else this.score();
  }
}

/** @type {(part: Element) => boolean} */
const isPainted = (part) => part.getClientRects().length > 0 && getComputedStyle(part).visibility === "visible";

/** How far in CSS pixels an answer stays from the edge of a view that scrolls. */
const NEAR = 12;

/**
 * How far to scroll so that spans are in sight: all of them, else the first one.
 *
 * @param {number[][]} spans from the left, or the top, of what is in sight
 * @param {number} room
 */
export function shift(spans, room) {
  const whole = [Math.min(...spans.map(([start]) => start)), Math.max(...spans.map(([, end]) => end))];
  const [start, end] = whole[1] - whole[0] + 2 * NEAR > room ? spans[0] : whole;
  if (start < NEAR) return start - NEAR;
  return Math.max(0, Math.min(end + NEAR - room, start - NEAR));
}

/**
 * The first question between two steps, the later one included, that has no answer yet.
 *
 * @param {Question[]} questions
 * @param {Record<string, Answer>} answers
 * @param {number} from
 * @param {number} to
 */
export function firstOpen(questions, answers, from, to) {
  return questions.find(({ at, id }) => from < at && at <= to && !answers[id]);
}

/**
 * The step to go to when a bet is settled: as far as was wanted, unless another bet comes before.
 *
 * @param {Question[]} questions
 * @param {Record<string, Answer>} answers
 * @param {number} at the step of the bet
 * @param {number} to
 */
export function landing(questions, answers, at, to) {
  return firstOpen(questions, answers, at, to) ? at : to;
}

/**
 * How the bets went, as a sentence.
 *
 * @param {Question[]} questions
 * @param {Record<string, Answer>} answers
 */
export function scored(questions, answers) {
  const given = questions.map(({ id }) => answers[id]).filter(Boolean);
  const right = given.filter((item) => item.right).length;
  const skipped = given.filter((item) => item.skipped).length;
  const open = questions.length - given.length;
  const rest = [skipped ? `${skipped} skipped` : "", open ? `${open} not asked` : ""].filter(Boolean).join(", ");
  return `Your bets: ${right} of ${counted(questions.length, "bet")} right${rest ? `, ${rest}` : ""}.`;
}

/**
 * What is said of an answer: the right one with its reason, and before it the reason against a wrong one.
 *
 * @param {Question} question
 * @param {Answer} answer
 * @returns {string}
 */
export function verdict({ prompt, options, answer, why, why_not: whyNot }, { skipped, right, chosen }) {
  if (skipped || chosen === null) return `${prompt} ${options[answer]}. ${why}`;
  if (right) return `✔ Right: ${options[answer]}. ${why}`;
  return `✘ ${options[chosen]}: ${whyNot?.[chosen] || "no."} Right is: ${options[answer]}.`;
}
