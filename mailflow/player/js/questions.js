// Bets: placed before the step that settles them, by key, by mouse, or in the picture where the answer has a place there.

import { button, html } from "./dom.js";
import { counted } from "./format.js";

const SHOW_ALL = "mailflow:show-all-answers";

export class Questions {
  constructor(player) {
    this.player = player;
    this.asking = null;
    this.choices = [];
    this.element = html("div", { class: "mf-ask", "data-part": "question" });
    document.addEventListener(SHOW_ALL, () => this.reveal());
  }

  get all() {
    return this.player.options.questions || [];
  }

  /** Whether nobody is asked any more: the learner said so, here or for the whole notebook. */
  get silent() {
    return Boolean(this.silenced || globalThis.mailflowShowsAnswers);
  }

  /** The first open bet that a move from one step to another passes. */
  between(from, to) {
    if (this.silent) return undefined;
    return this.all.find(({ at, id }) => from < at && at <= to && !this.player.answers[id]);
  }

  /** Take away whatever is asked, or was answered. */
  clear() {
    this.asking = null;
    this.choices = [];
    this.player.root.classList.remove("mf-asking");
    for (const spot of this.player.stage.querySelectorAll(".mf-choice")) spot.classList.remove("mf-choice");
    this.element.replaceChildren();
  }

  /** Ask; `to` is the step to go to once it is settled. */
  pose(question, to = question.at) {
    this.player.pause();
    this.asking = question;
    this.to = to;
    this.choices = question.options.map((text, index) => this.choice(text, index));
    const prompt = html("p", { class: "mf-prompt", id: `${this.player.id}-prompt` }, question.prompt);
    const group = { class: "mf-choices", role: "group", "aria-labelledby": prompt.id };
    this.element.replaceChildren(this.ways(), prompt, html("div", group, ...this.choices));
    this.player.root.classList.add("mf-asking");
    this.point();
    this.choices[0].focus({ preventScroll: true });
  }

  choice(text, index) {
    const props = { class: "mf-option", "aria-keyshortcuts": String(index + 1) };
    return button(
      [html("kbd", { "aria-hidden": "true" }, String(index + 1)), ` ${text}`],
      text,
      () => this.answer(index),
      props,
    );
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

  // An answer that has a place in the picture can be given there.
  point() {
    (this.asking.where || []).forEach((where, index) => {
      if (where) for (const spot of this.spots(where)) spot.classList.add("mf-choice");
      else return;
      if (!this.spots(where).length) this.choices[index].classList.add("mf-unseen");
    });
  }

  spots({ kind, name }) {
    return [...this.player.stage.querySelectorAll(`[data-spot="${CSS.escape(`${kind}:${name}`)}"]`)];
  }

  /** Whether a click in the picture was an answer. */
  clicked(target) {
    const spot = this.asking && target.closest?.(".mf-choice[data-spot]");
    if (!spot) return false;
    const index = this.asking.where.findIndex((where) => where && `${where.kind}:${where.name}` === spot.dataset.spot);
    this.answer(index);
    return true;
  }

  /** What a key means while a bet is open; whether it means anything. */
  key(name) {
    if (!this.asking) return false;
    const move = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[name];
    const number = Number(name);
    if (move) this.move(move);
    else if (name === "Escape") this.skip();
    else if (number >= 1 && number <= this.choices.length) this.answer(number - 1);
    else return name !== "Enter" && name !== " " && name !== "Tab" && this.remind();
    return true;
  }

  move(by) {
    const here = this.choices.indexOf(document.activeElement);
    this.choices[(here + by + this.choices.length) % this.choices.length].focus({ preventScroll: true });
  }

  /** Say why nothing moves. */
  remind() {
    this.element.querySelector(".mf-prompt").textContent = `Answer first, or skip: ${this.asking.prompt}`;
    return true;
  }

  answer(index) {
    this.settle({ chosen: index, right: index === this.asking.answer, skipped: false });
  }

  skip() {
    this.settle({ skipped: true, right: false, chosen: null });
  }

  skipAll() {
    this.silenced = true;
    this.skip();
  }

  reveal() {
    globalThis.mailflowShowsAnswers = true;
    if (this.asking) this.skip();
  }

  settle(result) {
    const { player, asking: question, to } = this;
    player.answers = { ...player.answers, [question.id]: result };
    player.hooks.answers?.(player.answers);
    player.go(to);
    this.tell(question, result);
    player.root.focus({ preventScroll: true });
  }

  tell(question, result) {
    const kind = result.right ? "mf-right" : result.skipped ? "mf-skipped" : "mf-wrong";
    this.element.replaceChildren(html("p", { class: `mf-verdict ${kind}`, role: "status" }, verdict(question, result)));
  }

  /** What is said at a step where nothing was answered just now: an answer that was passed, or the score at the end. */
  passed(from, to) {
    const question = this.silent && this.all.find(({ at }) => from < at && at <= to);
    if (question) {
      this.tell(question, { skipped: true, right: false, chosen: null });
      return;
    }
    if (this.all.length && this.player.levels.isEnd(to))
      this.element.replaceChildren(html("p", { class: "mf-verdict", role: "status" }, this.score()));
  }

  /** How the bets went. */
  score() {
    const given = this.all.map(({ id }) => this.player.answers[id]).filter(Boolean);
    const right = given.filter((item) => item.right).length;
    const skipped = given.filter((item) => item.skipped).length;
    const open = this.all.length - given.length;
    const rest = [skipped ? `${skipped} skipped` : "", open ? `${open} not asked` : ""].filter(Boolean).join(", ");
    return `Your bets: ${right} of ${counted(this.all.length, "bet")} right${rest ? `, ${rest}` : ""}.`;
  }
}

function verdict({ prompt, options, answer, why, why_not: whyNot }, { skipped, right, chosen }) {
  if (skipped) return `${prompt} ${options[answer]}. ${why}`;
  if (right) return `✔ Right: ${options[answer]}. ${why}`;
  return `✘ ${options[chosen]}: ${whyNot?.[chosen] || "no"} It is ${options[answer]}.`;
}
