// Predictions: asked before the step that answers them, and settled by it.

/** @import { Player } from "./player.js" */
/** @import { Answer, Question } from "./types.js" */

import { button, html } from "./dom.js";

export class Questions {
  /** @param {Player} player */
  constructor(player) {
    this.player = player;
    /** @type {Question | null} */
    this.asking = null;
    this.element = html("div", { class: "mf-ask" });
  }

  /**
   * The question to ask before a step, if it is not answered yet.
   *
   * @param {number} number
   */
  before(number) {
    const asked = this.player.options.questions || [];
    return asked.find((item) => item.at === number && !this.player.answers[item.id]);
  }

  /** Take away whatever is asked, or was answered. */
  clear() {
    this.asking = null;
    this.element.replaceChildren();
  }

  /** @param {Question} question */
  pose(question) {
    this.player.pause();
    this.asking = question;
    const name = this.player.id + question.id;
    /** @type {(text: string, index: number) => HTMLElement} */
    const choice = (text, index) => html("label", {}, html("input", { type: "radio", name, value: index }), ` ${text}`);
    const skip = () => this.settle(question, { skipped: true, right: false, chosen: null });
    const buttons = html(
      "div",
      {},
      button("Answer", "Answer", () => this.answer(question, form)),
      button("Skip", "Skip this question", skip),
    );
    const legend = html("legend", {}, `Predict: ${question.prompt}`);
    const form = html("fieldset", {}, legend, ...question.options.map(choice), buttons);
    this.element.replaceChildren(form);
    form.querySelector("input")?.focus();
  }

  /**
   * @param {Question} question
   * @param {HTMLElement} form
   */
  answer(question, form) {
    const chosen = form.querySelector("input:checked");
    if (!(chosen instanceof HTMLInputElement)) {
      const legend = form.querySelector("legend");
      if (legend) legend.textContent = `Choose one answer, or skip. ${question.prompt}`;
      return;
    }
    const index = Number(chosen.value);
    this.settle(question, { chosen: index, right: index === question.answer, skipped: false });
  }

  /**
   * @param {Question} question
   * @param {Answer} result
   */
  settle(question, result) {
    const { player } = this;
    player.answers = { ...player.answers, [question.id]: result };
    player.hooks.answers?.(player.answers);
    player.go(question.at);
    const props = { class: result.right ? "mf-right" : "mf-wrong", role: "status" };
    this.element.replaceChildren(html("p", props, verdict(question, result) + question.why));
    player.root.focus({ preventScroll: true });
  }
}

/**
 * @param {Question} question
 * @param {Answer} answer
 * @returns {string}
 */
function verdict({ options, answer }, { skipped, right, chosen }) {
  if (skipped || chosen === null) return `What happened: ${options[answer]}. `;
  if (right) return `✔ Right: ${options[answer]}. `;
  return `✘ Not quite. You chose ${options[chosen]}; what happened is ${options[answer]}. `;
}
