// Entry point: the relay lab. Set the relay settings of a server and see who may relay. Every answer is looked up in a
// table that came with it.

/** @import { Child, Chosen, MatrixData, Model, Party, RelayRuleData, SettingData, VerdictData } from "./types.js" */

import { copyText, html, keepShortcutsAway } from "./dom.js";

const SAYS = { passes: "no objection", accepts: "accepts here", refuses: "refuses here" };
/** @type {Record<string, [down: number, across: number]>} */
const STEPS = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] };

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
    /** @type {Map<string, HTMLSelectElement>} */
    this.picks = new Map(table.settings.map((setting) => [setting.key, this.pick(setting)]));
    this.foreign = html("p", { role: "status" });
    this.ours = html("p", { role: "status" });
    this.who = html("h3");
    this.way = html("ol", { class: "mf-lab-way" });
    this.verdict = html("p", { class: "mf-lab-verdict", role: "status", "aria-live": "polite" });
    this.matrix = html("div", { class: "mf-lab-matrix" });
    this.count = html("span", { role: "status" });
    this.found = html("p", { class: "mf-lab-found" });
    this.code = html("pre", { tabindex: 0, "aria-label": "These settings as Python" });
    this.copied = html("small", { role: "status" });
    this.root = this.whole();
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
    const copy = { type: "button", onclick: () => copyText(this.code, this.copied) };
    return html(
      "div",
      props,
      html("div", { class: "mf-head" }, title, html("button", reset, "Back to the server's own settings")),
      html("div", { class: "mf-lab-banners" }, this.foreign, this.ours),
      html(
        "div",
        { class: "mf-lab-desk" },
        section("Settings", "set", html("h3", {}, "Settings"), this.settings()),
        section("Verdicts", "all", html("h3", {}, "Who may send to whom, with these settings"), this.matrix),
        section("The way through the rules", "rules", this.who, this.verdict, this.way),
        section("Ways to an open relay", "ways", html("h3", {}, this.count), this.found),
        section(
          "As Python",
          "code",
          html("h3", {}, "As Python ", html("button", copy, "Copy"), this.copied),
          this.code,
        ),
      ),
    );
  }

  settings() {
    const labels = this.table.settings.map(({ key, label, about }) =>
      html("label", { title: about }, label, this.picks.get(key)),
    );
    return html("div", { class: "mf-lab-settings" }, ...labels);
  }

  /** @param {SettingData} setting */
  pick({ key, options }) {
    const choices = options.map(({ label }, index) => html("option", { value: index }, label));
    /** @type {HTMLSelectElement} */
    const made = html("select", { onchange: () => this.set(key, Number(made.value)) }, ...choices);
    return made;
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
    this.draw();
    this.changed(this.chosen);
  }

  reset() {
    this.chosen.settings = {};
    this.draw();
    this.changed(this.chosen);
  }

  // ---- what changes ----

  draw() {
    const { table } = this;
    for (const setting of table.settings) {
      const pick = this.picks.get(setting.key);
      if (pick) pick.value = String(this.optionOf(setting));
    }
    this.trace();
    this.grid();
    const now = this.combination();
    this.warn(table.open[now], table.verdicts[table.incoming[now]]);
    this.discover(table.way[now], table.open[now] !== null);
    this.code.textContent = this.python();
    this.copied.textContent = "";
  }

  /** The chosen client and recipient, rule by rule. */
  trace() {
    const { clients, recipients, rules, looks } = this.table;
    const { client, recipient } = this.chosen;
    const verdict = this.at(client, recipient);
    const from = clients.find((item) => item.key === client);
    const to = recipients.find((item) => item.key === recipient);
    this.who.textContent = `${from?.label} to ${to?.address}`;
    const found = new Map(
      verdict.looks.map((index) => looks[index]).map(([rule, outcome, why]) => [rule, { outcome, why }]),
    );
    this.way.replaceChildren(...rules.map((rule) => look(rule, found.get(rule.name))));
    this.verdict.replaceChildren(html("span", {}, `At ${verdict.verb}: `), html("code", {}, verdict.reply));
    this.verdict.className = `mf-lab-verdict ${colour(verdict.accepted)}`;
  }

  /**
   * Both directions: may strangers send through this server, and may they write to us?
   *
   * @param {Record<string, string> | null} proof
   * @param {VerdictData} incoming
   */
  warn(proof, incoming) {
    const shut = !proof && !incoming.accepted;
    banner(
      this.foreign,
      proof ? "no" : shut ? "dull" : "yes",
      proof ? "✕ This is an open relay." : `${shut ? "–" : "✓"} This is no open relay.`,
      proof
        ? `A stranger at ${proof.client} got ${proof.reply}`
        : shut
          ? "But no stranger reaches anybody at all."
          : "No stranger reaches a foreign recipient.",
    );
    const { accepted, verb, reply } = incoming;
    banner(
      this.ours,
      accepted ? "yes" : "no",
      accepted ? "✓ Strangers can write to us." : "✕ No stranger can write to us.",
      `At ${verb}: ${reply}`,
    );
  }

  /**
   * Count the ways that the learner found.
   *
   * @param {number} way
   * @param {boolean} isOpen
   */
  discover(way, isOpen) {
    const { ways } = this.table;
    const { found } = this.chosen;
    if (way >= 0 && !found.includes(way)) this.chosen.found = [...found, way];
    const now = this.chosen.found;
    const several = way < 0 && isOpen ? "found. Several at once: take one back." : "to an open relay found";
    this.count.textContent = ways.length
      ? `${now.length} of ${ways.length} ways ${several}`
      : "It is an open relay as it stands";
    const names = now.map((number) => `✔ ${ways[number]}`);
    this.found.replaceChildren(
      ...(names.length || !ways.length ? names : ["None yet."]).map((text) => html("span", {}, text)),
    );
  }

  /** The settings that differ from those of the server, as code. */
  python() {
    const { call, settings } = this.table;
    const changed = settings.filter((setting) => this.optionOf(setting) !== setting.start);
    const options = changed.map((setting) => setting.options[this.optionOf(setting)]);
    const given = options.map(({ argument }) => argument).filter(Boolean);
    const lines = options.flatMap((option) => option.lines);
    const imports = new Set(lines.filter((line) => line.startsWith("from ")));
    const made = given.length ? [`organization = ${call}${given.join(", ")})`] : [];
    const all = [...made, ...imports, ...lines.filter((line) => !imports.has(line))];
    return all.length ? all.join("\n") : "# as the server is";
  }

  grid() {
    const { clients, recipients } = this.table;
    /** @type {(item: Party) => HTMLElement} */
    const head = (item) => html("th", { scope: "col", title: item.address }, item.label);
    /** @type {(client: Party) => HTMLElement} */
    const row = (client) => {
      const name = html("th", { scope: "row", title: `${client.ip}, ${client.about}` }, client.label);
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
    if (event.key === "Escape") {
      // The active cell of JupyterLab, whose keys work again then.
      /** @type {HTMLElement | null} */
      const around = this.root.closest(".jp-Cell");
      around?.focus({ preventScroll: true });
    }
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

/**
 * @param {HTMLElement} element
 * @param {string} kind
 * @param {string} says
 * @param {string} why
 */
function banner(element, kind, says, why) {
  element.className = `mf-lab-banner mf-lab-${kind}`;
  element.replaceChildren(html("b", {}, says), ` ${why}`);
}

/** @type {(accepted: boolean) => string} */
const colour = (accepted) => (accepted ? "mf-lab-yes" : "mf-lab-no");
/** @type {(verdict: VerdictData) => string} */
const sign = (verdict) => (verdict.accepted ? "✓ " : "✕ ") + verdict.reply.slice(0, 3);
/** @type {(items: Party[], key: string, step: number) => Party | undefined} */
const neighbour = (items, key, step) => items[items.findIndex((item) => item.key === key) + step];

/**
 * @param {string} title
 * @param {string} place
 * @param {Child[]} children
 */
function section(title, place, ...children) {
  return html("section", { "aria-label": title, class: `mf-lab-${place}` }, ...children);
}

/**
 * A rule on the way, with what it said, if it was asked.
 *
 * @param {RelayRuleData} rule
 * @param {Look | undefined} found
 */
function look(rule, found) {
  const source = `${rule.numbers.join(", ")}; ${rule.sure}`;
  // The facts behind a rule take room only where it decides.
  const why = found && found.why + (found.outcome === "passes" ? "" : ` (${source})`);
  return html(
    "li",
    { class: found ? `mf-lab-${found.outcome}` : "mf-lab-unasked", title: `${rule.title} (${source})` },
    html("span", { class: "mf-lab-verb" }, rule.verb),
    html("b", {}, rule.name),
    html("em", {}, found ? SAYS[found.outcome] : "not asked"),
    why ? html("small", {}, why) : "",
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
  const party = { client: model.get("client"), recipient: model.get("recipient") };
  const chosen = { settings, ...party, found: [...model.get("found")] };
  lab(element, JSON.parse(model.get("table")), chosen, (now) => {
    model.set("settings", now.settings);
    model.set("client", now.client);
    model.set("recipient", now.recipient);
    model.set("found", now.found);
    model.save_changes();
  });
}

export default { render };
