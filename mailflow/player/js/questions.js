// Predictions: asked before the step that answers them, and settled by it.

import { button, html } from "./dom.js";

export class Questions {
  constructor(player) {
    this.player = player;
    this.asking = null;
    this.element = html("div", { class: "mf-ask" });
  }

  /** The question to ask before a step, if it is not answered yet. */
  before(number) {
    const asked = this.player.options.questions || [];
    return asked.find((item) => item.at === number && !this.player.answers[item.id]);
  }

  /** Take away whatever is asked, or was answered. */
  clear() {
    this.asking = null;
    this.element.replaceChildren();
  }

  pose(question) {
    this.player.pause();
    this.asking = question;
    const name = this.player.id + question.id;
    const choice = (text, index) => html("label", {}, html("input", { type: "radio", name, value: index }), ` ${text}`);
    const skip = () => this.settle({ skipped: true, right: false, chosen: null });
    const buttons = html(
      "div",
      {},
      button("Answer", "Answer", () => this.answer(form)),
      button("Skip", "Skip this question", skip),
    );
    const legend = html("legend", {}, `Predict: ${question.prompt}`);
    const form = html("fieldset", {}, legend, ...question.options.map(choice), buttons);
    this.element.replaceChildren(form);
    form.querySelector("input").focus();
  }

  answer(form) {
    const chosen = form.querySelector("input:checked");
    if (!chosen) {
      form.querySelector("legend").textContent = `Choose one answer, or skip. ${this.asking.prompt}`;
      return;
    }
    const index = Number(chosen.value);
    this.settle({ chosen: index, right: index === this.asking.answer, skipped: false });
  }

  settle(result) {
    const { player, asking: question } = this;
    player.answers = { ...player.answers, [question.id]: result };
    player.hooks.answers?.(player.answers);
    player.go(question.at);
    const props = { class: result.right ? "mf-right" : "mf-wrong", role: "status" };
    this.element.replaceChildren(html("p", props, verdict(question, result) + question.why));
    player.root.focus({ preventScroll: true });
  }
}

function verdict({ options, answer }, { skipped, right, chosen }) {
  if (skipped) return `What happened: ${options[answer]}. `;
  if (right) return `✔ Right: ${options[answer]}. `;
  return `✘ Not quite. You chose ${options[chosen]}; what happened is ${options[answer]}. `;
}
