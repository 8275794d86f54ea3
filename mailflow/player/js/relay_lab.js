// Entry point: the relay lab. Set the relay settings of a server and see who may relay. Every answer is looked up in a
// table that came with it.

/** @import { Child, Chosen, MatrixData, Model, Party, RelayRuleData, SettingData, VerdictData } from "./types.js" */

import { html, keepShortcutsAway } from "./dom.js";

const SAYS = { passes: "no objection", accepts: "accepts here", refuses: "refuses here" };
/** @type {Record<string, [down: number, across: number]>} */
const STEPS = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] };
let labs = 0;

/** @typedef {{ outcome: "passes" | "accepts" | "refuses", why: string }} Look what a rule said when it was asked */

class Lab {
  /**
   * @param {HTMLElement} element
   * @param {MatrixData} table
   * @param {Chosen} chosen
   * @param {(chosen: Chosen) => void} changed
   */
  constructor(element, table, chosen, changed) {
    this.table = table;
    this.chosen = chosen;
    this.changed = changed;
    labs += 1;
    this.id = `mf-lab${labs}-`;
    this.settings = html("fieldset", { class: "mf-lab-settings" });
    this.who = html("fieldset");
    this.whom = html("div", { class: "mf-lab-whom", role: "group", "aria-label": "Recipient" });
    this.way = html("ol", { class: "mf-lab-way" });
    this.verdict = html("p", { class: "mf-lab-verdict", role: "status", "aria-live": "polite" });
    this.matrix = html("div", { class: "mf-lab-matrix" });
    this.banner = html("p", { class: "mf-lab-banner", role: "status", "aria-live": "polite" });
    this.root = this.whole();
    this.build();
    this.draw();
    element.replaceChildren(this.root);
  }

  // ---- what stays ----

  whole() {
    const { server, organization } = this.table;
    const props = {
      class: "mf mf-lab",
      role: "region",
      "aria-label": `Relay lab: ${server}`,
      onfocusin: keepShortcutsAway,
      onkeydown: (/** @type {KeyboardEvent} */ event) => this.key(event),
    };
    const title = html("b", {}, `Relay lab: who may send through ${server} (${organization})?`);
    const reset = { type: "button", onclick: () => this.reset() };
    return html(
      "div",
      props,
      html("div", { class: "mf-head" }, title, html("button", reset, "Back to the server's own settings")),
      this.banner,
      html(
        "div",
        { class: "mf-lab-columns" },
        section("Settings", this.settings),
        section("Who sends, to whom", this.who, this.whom),
        section("The way through the rules", this.way, this.verdict),
      ),
      html("h3", {}, "Everybody to everybody, with these settings"),
      this.matrix,
    );
  }

  build() {
    const legend = html("legend", { class: "mf-hidden" }, "Settings");
    this.settings.replaceChildren(legend, ...this.table.settings.map((setting) => this.setting(setting)));
    const clients = this.table.clients.map((client) => this.client(client));
    this.who.replaceChildren(html("legend", {}, "Client"), ...clients);
  }

  /**
   * @param {string} name
   * @param {string} label
   * @param {boolean} checked
   * @param {() => void} change
   */
  radio(name, label, checked, change) {
    const props = { type: "radio", name: this.id + name, checked, onchange: change };
    return html("label", {}, html("input", props), ` ${label}`);
  }

  /** @param {SettingData} setting */
  setting({ key, label, about, options, start }) {
    const now = this.optionOf({ key, start });
    const choices = options.map((option, index) =>
      this.radio(key, option.label, index === now, () => this.set(key, index)),
    );
    return html("fieldset", { title: about }, html("legend", {}, label), ...choices);
  }

  /** @param {Party} party */
  client({ key, label, ip, about }) {
    const choose = () => this.choose(key, this.chosen.recipient);
    const choice = this.radio("client", label, key === this.chosen.client, choose);
    return html("div", {}, choice, html("small", {}, `${ip}, ${about}`));
  }

  // ---- looking up ----

  /** @param {{ key: string, start: number }} setting */
  optionOf({ key, start }) {
    return this.chosen.settings[key] ?? start;
  }

  combination() {
    return this.table.settings.reduce((sum, setting) => sum * setting.options.length + this.optionOf(setting), 0);
  }

  /**
   * @param {string} client
   * @param {string} recipient
   * @returns {VerdictData}
   */
  at(client, recipient) {
    const { clients, recipients, cells, verdicts } = this.table;
    const row = clients.findIndex((item) => item.key === client);
    const column = recipients.findIndex((item) => item.key === recipient);
    return verdicts[cells[(this.combination() * clients.length + row) * recipients.length + column]];
  }

  // ---- choosing ----

  /**
   * @param {string} key
   * @param {number} option
   */
  set(key, option) {
    this.chosen.settings = { ...this.chosen.settings, [key]: option };
    this.draw();
    this.changed(this.chosen);
  }

  /**
   * @param {string} client
   * @param {string} recipient
   */
  choose(client, recipient) {
    Object.assign(this.chosen, { client, recipient });
    this.build();
    this.draw();
    this.changed(this.chosen);
  }

  reset() {
    this.chosen.settings = {};
    this.build();
    this.draw();
    this.changed(this.chosen);
  }

  // ---- what changes ----

  draw() {
    const { client, recipient } = this.chosen;
    const verdict = this.at(client, recipient);
    const recipients = this.table.recipients.map((item) => this.recipient(item));
    this.whom.replaceChildren(html("b", {}, "Recipient"), ...recipients);
    const looks = verdict.looks.map((index) => this.table.looks[index]);
    const found = new Map(looks.map(([rule, outcome, why]) => [rule, { outcome, why }]));
    this.way.replaceChildren(...this.table.rules.map((rule) => look(rule, found.get(rule.name))));
    this.verdict.replaceChildren(html("span", {}, `At ${verdict.verb}: `), html("code", {}, verdict.reply));
    this.verdict.className = `mf-lab-verdict ${colour(verdict.accepted)}`;
    this.grid();
    this.warn(this.table.open[this.combination()]);
  }

  /** @param {Party} party */
  recipient({ key, label, address }) {
    const { client, recipient } = this.chosen;
    const found = this.at(client, key);
    const choose = () => this.again(() => this.choose(client, key), `[data-to="${key}"]`);
    const props = { type: "button", "aria-pressed": String(key === recipient), onclick: choose, "data-to": key };
    const verdict = html("span", { class: colour(found.accepted) }, sign(found));
    return html("button", props, html("span", {}, label), html("code", {}, address), verdict);
  }

  /** @param {Record<string, string> | null} proof */
  warn(proof) {
    this.banner.className = `mf-lab-banner ${colour(!proof)}`;
    this.banner.replaceChildren(
      html("b", {}, proof ? "✕ This is an open relay. " : "✓ This is no open relay. "),
      proof
        ? `A stranger at ${proof.client} reached ${proof.recipient}: ${proof.reply}`
        : "No stranger reaches a foreign recipient.",
    );
  }

  grid() {
    const { clients, recipients } = this.table;
    /** @type {(item: Party) => HTMLElement} */
    const head = (item) => html("th", { scope: "col", title: item.address }, item.label);
    /** @type {(client: Party) => HTMLElement} */
    const row = (client) => {
      const name = html("th", { scope: "row" }, client.label);
      return html("tr", {}, name, ...recipients.map((item) => this.cell(client, item)));
    };
    const heads = html("tr", {}, html("th", { scope: "col" }, "from, to"), ...recipients.map(head));
    const caption = html("caption", { class: "mf-hidden" }, "Verdict for each client and recipient");
    const body = html("tbody", {}, ...clients.map(row));
    this.matrix.replaceChildren(html("table", {}, caption, html("thead", {}, heads), body));
  }

  /**
   * @param {Party} client
   * @param {Party} recipient
   */
  cell(client, recipient) {
    const found = this.at(client.key, recipient.key);
    const here = client.key === this.chosen.client && recipient.key === this.chosen.recipient;
    const name = `${client.key} ${recipient.key}`;
    const choose = () => this.choose(client.key, recipient.key);
    const props = {
      type: "button",
      class: colour(found.accepted),
      "data-cell": name,
      "aria-current": here ? "true" : null,
      title: found.reply,
      "aria-label": `${client.label} to ${recipient.label}: ${found.reply}`,
      onclick: () => this.again(choose, `[data-cell="${name}"]`),
    };
    return html("td", {}, html("button", props, sign(found)));
  }

  /**
   * Drawing replaces the button that was pressed, so the focus has to be given back.
   *
   * @param {() => void} action
   * @param {string} selector
   */
  again(action, selector) {
    action();
    const pressed = this.root.querySelector(selector);
    if (pressed instanceof HTMLElement) pressed.focus();
  }

  /** @param {KeyboardEvent} event */
  key(event) {
    event.stopPropagation();
    const cell = event.target instanceof HTMLElement ? event.target.dataset.cell : undefined;
    const step = STEPS[event.key];
    if (!cell || !step) return;
    event.preventDefault();
    const [from, to] = cell.split(" ");
    const row = neighbour(this.table.clients, from, step[0]);
    const column = neighbour(this.table.recipients, to, step[1]);
    if (!row || !column) return;
    this.again(() => this.choose(row.key, column.key), `[data-cell="${row.key} ${column.key}"]`);
  }
}

/** @type {(accepted: boolean) => string} */
const colour = (accepted) => (accepted ? "mf-lab-yes" : "mf-lab-no");
/** @type {(verdict: VerdictData) => string} */
const sign = (verdict) => (verdict.accepted ? "✓ " : "✕ ") + verdict.reply.slice(0, 3);
/** @type {(items: Party[], key: string, step: number) => Party | undefined} */
const neighbour = (items, key, step) => items[items.findIndex((item) => item.key === key) + step];

/**
 * @param {string} title
 * @param {Child[]} children
 */
function section(title, ...children) {
  return html("section", { "aria-label": title }, html("h3", {}, title), ...children);
}

/**
 * A rule on the way, with what it said, if it was asked.
 *
 * @param {RelayRuleData} rule
 * @param {Look | undefined} found
 */
function look(rule, found) {
  const source = ` (${rule.numbers.join(", ")}; ${rule.sure})`;
  return html(
    "li",
    { class: found ? `mf-lab-${found.outcome}` : "mf-lab-unasked" },
    html("span", { class: "mf-lab-verb" }, rule.verb),
    html("b", {}, rule.name),
    html("em", {}, found ? SAYS[found.outcome] : "not asked"),
    html("small", { title: rule.title }, found ? found.why : "", source),
  );
}

/**
 * Show the relay lab in an element; `changed` hears of every choice.
 *
 * @param {HTMLElement} element
 * @param {MatrixData} table
 * @param {Chosen} chosen
 * @param {(chosen: Chosen) => void} [changed]
 */
export function lab(element, table, chosen, changed = () => {}) {
  return new Lab(element, table, chosen, changed);
}

/** @param {{ model: Model, el: HTMLElement }} widget */
function render({ model, el: element }) {
  const settings = { ...model.get("settings") };
  const chosen = { settings, client: model.get("client"), recipient: model.get("recipient") };
  lab(element, JSON.parse(model.get("table")), chosen, (now) => {
    model.set("settings", now.settings);
    model.set("client", now.client);
    model.set("recipient", now.recipient);
    model.save_changes();
  });
}

export default { render };
