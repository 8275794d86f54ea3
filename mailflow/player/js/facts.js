// Facts: the chips with fact numbers under the sentence, and the card that each of them opens.

/** @import { Player } from "./player.js" */
/** @import { RuleData } from "./types.js" */

import { html } from "./dom.js";

/**
 * The chips of a rule: a button for each fact, which says how sure the rule is.
 *
 * @param {Player} player
 * @param {RuleData} rule
 */
export function factChips(player, rule) {
  const kind = rule.sure.split(" ")[0];
  const chips = rule.numbers.map((number) => {
    const label = `Fact ${number}: read it`;
    const props = { type: "button", class: `mf-sure mf-sure-${kind}`, "aria-label": label, title: label };
    return html("button", { ...props, "data-part": "fact", onclick: () => showFact(player, number) }, number);
  });
  return [...chips, html("span", {}, rule.sure)];
}

/**
 * Open the card of a fact: its clauses, how sure each is, and the documents.
 *
 * @param {Player} player
 * @param {string} number
 */
export function showFact(player, number) {
  const fact = player.options.facts?.[number];
  if (!fact) {
    const line = html("code", {}, `mailflow.fact("${number}")`);
    player.card.show(`Fact ${number}`, html("p", {}, "Its text is not part of this page. In a notebook: "), line);
    return;
  }
  const clauses = fact.clauses.map(([sure, says]) =>
    html("li", {}, ...withCode(says), " ", html("i", {}, `(${sure})`)),
  );
  player.card.show(`Fact ${number}`, html("ul", {}, ...clauses), html("p", {}, `From: ${fact.origin}.`));
}

/**
 * A fact marks commands and names of files with backticks.
 *
 * @param {string} text
 */
function withCode(text) {
  return text.split("`").map((part, number) => (number % 2 ? html("code", {}, part) : part));
}
