// The categorizer at work: who becomes whom. A panel over the right part of a server, that grows step by step.

/** @import { Person } from "./inside.js" */

import { hueOf, shapeOf } from "./chips.js";
import { button, html, write } from "./dom.js";
import { nameOf } from "./inside.js";

export class TreePanel {
  /** @param {() => void} close */
  constructor(close) {
    this.title = html("b");
    this.list = html("div", { class: "mf-people", tabindex: 0, role: "group", "aria-label": "Who becomes whom" });
    const head = html("h4", {}, this.title, button("✕", "Close the tree", close));
    const panel = { class: "mf-tree", "data-part": "tree", hidden: true };
    this.element = html(
      "section",
      { ...panel, "aria-label": "Message categorizer: who becomes whom" },
      head,
      this.list,
    );
  }

  /** @param {boolean} open */
  show(open) {
    this.element.hidden = !open;
  }

  /**
   * @param {string} mail
   * @param {Person[]} tree
   * @param {boolean} active whether the categorizer acts in the step that is shown
   */
  draw(mail, tree, active) {
    write(this.title, `Message categorizer: ${mail}`);
    this.element.classList.toggle("mf-active", active);
    const empty = html("p", { class: "mf-note" }, "Nothing was categorized here yet.");
    this.list.replaceChildren(tree.length ? branch(tree) : empty);
    const fresh = [...this.list.querySelectorAll(".mf-fresh")].at(-1);
    if (fresh instanceof HTMLElement) keepInSight(this.list, fresh);
  }
}

/** @type {(people: Person[]) => HTMLElement} */
const branch = (people) => html("ul", {}, ...people.map(entry));

/** @type {(one: Person) => HTMLElement} */
function entry(one) {
  const line = html(
    "div",
    {
      class: `mf-person mf-${one.kind || "plain"}${one.fresh ? " mf-fresh" : ""}`,
      "data-part": "recipient",
      "data-spot": `recipient:${one.address}`,
      title: one.address,
    },
    html("span", { class: "mf-sign", "aria-hidden": "true" }, one.sign),
    html("b", {}, nameOf(one.address)),
    one.words ? html("span", {}, one.words) : "",
    one.mail ? html("span", { class: `mf-tag ${hueOf(one.mail)}` }, `${shapeOf(one.mail)} ${one.mail}`) : "",
    ...one.notes.map((text) => html("i", {}, text)),
  );
  return html("li", {}, line, one.children.length ? branch(one.children) : "");
}

/**
 * Scroll a list, and nothing around it, until one of its entries is in sight.
 *
 * @param {HTMLElement} list
 * @param {HTMLElement} one
 * @param {number} [margin] in CSS pixels
 */
export function keepInSight(list, one, margin = 0) {
  const [frame, box] = [list.getBoundingClientRect(), one.getBoundingClientRect()];
  const below = box.bottom + margin - frame.bottom;
  const above = frame.top - box.top + margin;
  if (above > 0) list.scrollTop -= above;
  else if (below > 0) list.scrollTop += Math.min(below, -above);
}
