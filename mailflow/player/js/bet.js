// Entry point: bets in the prose. A question and its choices come first, the answer and its output after the choice.

import { Carry } from "./carry.js";
import { html, keepShortcutsAway } from "./dom.js";
import { giveBack, isForJupyter, listen } from "./focus.js";

/** @typedef {{ label: string, ask: string, choices: string[], right: number, why: string, shown: string }} Told what a bet says; `right` is from 1 */
/** @import { CarryModel } from "./carry.js" */
/** @typedef {CarryModel & { get(name: "told"): string, get(name: "chosen"): number[], get(name: "score"): string[] | undefined, set(name: "chosen", value: number[]): void, save_changes(): void }} BetModel `score` is there where one is shown */

const ALL = "mailflow-show-all-answers";
const KEYS =
  "By keyboard: Tab leads from the cell into its bet, a number or Enter answers, Esc leads back to the cell.";
/** @type {Record<string, number>} */
const MOVES = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 };

class Bet {
  /**
   * @param {Told} told
   * @param {number} chosen the number of the choice that was made before, or 0
   * @param {(chosen: number) => void} changed
   */
  constructor(told, chosen, changed) {
    this.told = told;
    this.changed = changed;
    this.settled = false;
    this.buttons = told.choices.map((text, index) =>
      html(
        "button",
        { type: "button", "aria-keyshortcuts": String(index + 1), onclick: () => this.choose(index + 1) },
        text,
      ),
    );
    this.verdict = html("p", { class: "mf-bet-verdict" });
    this.shown = html("pre", { tabindex: 0, "aria-label": "What happens" });
    this.answer = html("div", { role: "status" });
    this.root = html("div", {
      class: "mf-bet",
      role: "group",
      "aria-label": `${told.label} ${told.ask}`,
      onfocusin: keepShortcutsAway,
      onkeydown: (event) => this.key(event),
    });
    this.root.append(
      html("p", {}, html("b", {}, `${told.label} `), told.ask),
      html("div", { class: "mf-bet-choices" }, ...this.buttons),
      this.answer,
    );
    if (chosen) this.reveal(chosen);
  }

  /**
   * What JupyterLab has to hear goes on to it; every other key stays here.
   *
   * @param {KeyboardEvent} event
   */
  key(event) {
    if (isForJupyter(event)) return;
    event.stopPropagation();
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const act = keyed(event.key, this.buttons.length);
    if (!act) return;
    event.preventDefault();
    if ("choose" in act) this.choose(act.choose);
    else if ("move" in act) this.move(act.move);
    else giveBack(this.root);
  }

  /** @param {number} by */
  move(by) {
    const { buttons } = this;
    const here = buttons.findIndex((item) => item.matches(":focus"));
    buttons[(here + by + buttons.length) % buttons.length].focus();
  }

  /** @param {number} number */
  choose(number) {
    if (this.settled) return;
    this.reveal(number);
    this.changed(number);
  }

  /** @param {number} number the choice, or 0 to show the answer without one */
  reveal(number) {
    const { choices, right, why, shown } = this.told;
    this.settled = true;
    this.buttons.forEach((item, index) => {
      // A button that is disabled would lose the focus, and the keys with it.
      item.setAttribute("aria-disabled", "true");
      item.classList.toggle("mf-bet-right", index + 1 === right);
      item.classList.toggle("mf-bet-wrong", index + 1 === number && number !== right);
      const mark = index + 1 === right ? "✔ " : index + 1 === number ? "✘ " : "";
      item.textContent = mark + choices[index];
    });
    const verdict = number === 0 ? "The answer" : number === right ? "Right" : "Not so. Right is";
    this.verdict.replaceChildren(html("b", {}, `${verdict}: `), choices[right - 1], why ? `. ${why}` : ".");
    this.shown.textContent = shown;
    this.answer.replaceChildren(this.verdict, ...(shown ? [this.shown] : []));
  }
}

/**
 * What a key means in a bet with some choices: a choice, by its number from 1; a move among them; or to leave.
 *
 * @param {string} key
 * @param {number} choices
 * @returns {{ choose: number } | { move: number } | { leave: true } | null}
 */
export function keyed(key, choices) {
  const number = Number(key);
  if (number >= 1 && number <= choices) return { choose: number };
  if (MOVES[key]) return { move: MOVES[key] };
  return key === "Escape" ? { leave: true } : null;
}

/** The first bet of a page says how to reach one by keyboard, and offers to show the answers of all. */
function offer() {
  const show = () => document.dispatchEvent(new Event(ALL));
  const all = html(
    "button",
    { type: "button", class: "mf-bet-all", onclick: show },
    "Show all answers of this notebook",
  );
  return html("p", { class: "mf-bet-keys" }, KEYS, " ", all);
}

/** @param {{ model: BetModel, el: HTMLElement }} widget */
export function render({ model, el: element }) {
  listen();
  /** @type {Told[]} */
  const told = JSON.parse(model.get("told"));
  const bets = told.map(
    (item, index) =>
      new Bet(item, model.get("chosen")[index], (chosen) => {
        model.set("chosen", model.get("chosen").with(index, chosen));
        model.save_changes();
      }),
  );
  const score = html("div");
  const count = () => score.replaceChildren(...(model.get("score") ?? []).map((line) => html("div", {}, line)));
  const carry = model.get("score") ? new Carry(model) : null;
  count();
  if (carry) model.on("change:score", count);
  const open = () => {
    for (const bet of bets) if (!bet.settled) bet.reveal(0);
  };
  document.addEventListener(ALL, open);
  if (!document.querySelector(".mf-bet-all")) bets.at(-1)?.root.append(offer());
  element.replaceChildren(...(carry ? [score] : []), ...bets.map((bet) => bet.root), ...(carry ? [carry.root] : []));
  return () => {
    document.removeEventListener(ALL, open);
    if (carry) model.off("change:score", count);
    carry?.end();
  };
}
