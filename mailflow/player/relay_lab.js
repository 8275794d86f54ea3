// The relay lab: set the relay settings of a server and see who may relay. Every answer is looked up in a table that came with it.

function h(tag, props = {}, ...children) {
  const el = document.createElement(tag);
  for (const [key, value] of Object.entries(props)) {
    if (value === undefined || value === null || value === false) continue;
    if (key.startsWith("on")) el.addEventListener(key.slice(2), value);
    else el.setAttribute(key, value === true ? "" : value);
  }
  el.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== ""));
  return el;
}

const SAYS = { passes: "no objection", accepts: "accepts here", refuses: "refuses here" };
const mark = (verdict) => (verdict.accepted ? "✓ " : "✕ ") + verdict.reply.slice(0, 3);
let labs = 0;

class Lab {
  constructor(el, table, chosen, changed) {
    this.table = table;
    this.chosen = chosen;
    this.changed = changed;
    this.id = `mf-lab${(labs += 1)}-`;
    this.settings = h("fieldset", { class: "mf-lab-settings" });
    this.who = h("fieldset", {});
    this.whom = h("div", { class: "mf-lab-whom", role: "group", "aria-label": "Recipient" });
    this.way = h("ol", { class: "mf-lab-way" });
    this.verdict = h("p", { class: "mf-lab-verdict", role: "status", "aria-live": "polite" });
    this.matrix = h("div", { class: "mf-lab-matrix" });
    this.banner = h("p", { class: "mf-lab-banner", role: "status", "aria-live": "polite" });
    this.root = h("div", { class: "mf mf-lab", role: "region", "aria-label": `Relay lab: ${table.server}`, onfocusin: (event) => event.target.setAttribute("data-lm-suppress-shortcuts", ""), onkeydown: (event) => this.key(event) },
      h("div", { class: "mf-head" }, h("b", {}, `Relay lab: who may send through ${table.server} (${table.organization})?`),
        h("button", { type: "button", onclick: () => this.reset() }, "Back to the server's own settings")),
      this.banner,
      h("div", { class: "mf-lab-columns" }, h("section", { "aria-label": "Settings" }, h("h3", {}, "Settings"), this.settings),
        h("section", { "aria-label": "Who sends, to whom" }, h("h3", {}, "Who sends, to whom"), this.who, this.whom),
        h("section", { "aria-label": "The way through the rules" }, h("h3", {}, "The way through the rules"), this.way, this.verdict)),
      h("h3", {}, "Everybody to everybody, with these settings"), this.matrix);
    this.build();
    this.draw();
    el.replaceChildren(this.root);
  }
  radio(name, label, on, change) {
    return h("label", {}, h("input", { type: "radio", name: this.id + name, checked: on, onchange: change }), " " + label);
  }
  build() {
    this.settings.replaceChildren(h("legend", { class: "mf-lab-hidden" }, "Settings"), ...this.table.settings.map((setting) => h("fieldset", { title: setting.about }, h("legend", {}, setting.label),
      ...setting.options.map((option, i) => this.radio(setting.key, option.label, i === this.option(setting), () => this.set(setting.key, i))))));
    this.who.replaceChildren(h("legend", {}, "Client"), ...this.table.clients.map((client) =>
      h("div", {}, this.radio("client", client.label, client.key === this.chosen.client, () => this.choose(client.key, this.chosen.recipient)), h("small", {}, `${client.ip}, ${client.about}`))));
  }
  option(setting) { return this.chosen.settings[setting.key] ?? setting.start; }
  combination() { return this.table.settings.reduce((sum, setting) => sum * setting.options.length + this.option(setting), 0); }
  at(client, recipient) {
    const { clients, recipients, cells, verdicts } = this.table;
    const index = (this.combination() * clients.length + clients.findIndex((item) => item.key === client)) * recipients.length + recipients.findIndex((item) => item.key === recipient);
    return verdicts[cells[index]];
  }
  set(key, option) { this.chosen.settings = { ...this.chosen.settings, [key]: option }; this.draw(); this.changed(this.chosen); }
  choose(client, recipient) { Object.assign(this.chosen, { client, recipient }); this.build(); this.draw(); this.changed(this.chosen); }
  reset() { this.chosen.settings = {}; this.build(); this.draw(); this.changed(this.chosen); }
  draw() {
    const { client, recipient } = this.chosen, verdict = this.at(client, recipient);
    this.whom.replaceChildren(h("b", {}, "Recipient"), ...this.table.recipients.map((item) => {
      const found = this.at(client, item.key);
      return h("button", { type: "button", "aria-pressed": String(item.key === recipient), onclick: () => this.again(() => this.choose(client, item.key), `[data-to="${item.key}"]`), "data-to": item.key },
        h("span", {}, item.label), h("code", {}, item.address), h("span", { class: found.accepted ? "mf-lab-yes" : "mf-lab-no" }, mark(found)));
    }));
    const looks = new Map(verdict.looks.map((index) => this.table.looks[index]).map(([rule, outcome, why]) => [rule, { outcome, why }]));
    this.way.replaceChildren(...this.table.rules.map((rule) => {
      const look = looks.get(rule.name);
      return h("li", { class: look ? "mf-lab-" + look.outcome : "mf-lab-unasked" }, h("span", { class: "mf-lab-verb" }, rule.verb), h("b", {}, rule.name), h("em", {}, look ? SAYS[look.outcome] : "not asked"),
        h("small", { title: rule.title }, look ? look.why : "", ` (${rule.numbers.join(", ")}; ${rule.sure})`));
    }));
    this.verdict.replaceChildren(h("span", {}, `At ${verdict.verb}: `), h("code", {}, verdict.reply));
    this.verdict.className = "mf-lab-verdict " + (verdict.accepted ? "mf-lab-yes" : "mf-lab-no");
    this.grid();
    const proof = this.table.open[this.combination()];
    this.banner.className = "mf-lab-banner " + (proof ? "mf-lab-no" : "mf-lab-yes");
    this.banner.replaceChildren(h("b", {}, proof ? "✕ This is an open relay. " : "✓ This is no open relay. "),
      proof ? `A stranger at ${proof.client} reached ${proof.recipient}: ${proof.reply}` : "No stranger reaches a foreign recipient.");
  }
  grid() {
    const { clients, recipients } = this.table;
    this.matrix.replaceChildren(h("table", {}, h("caption", { class: "mf-lab-hidden" }, "Verdict for each client and recipient"),
      h("thead", {}, h("tr", {}, h("th", { scope: "col" }, "from, to"), ...recipients.map((item) => h("th", { scope: "col", title: item.address }, item.label)))),
      h("tbody", {}, ...clients.map((client) => h("tr", {}, h("th", { scope: "row" }, client.label), ...recipients.map((item) => {
        const found = this.at(client.key, item.key), here = client.key === this.chosen.client && item.key === this.chosen.recipient;
        return h("td", {}, h("button", { type: "button", class: found.accepted ? "mf-lab-yes" : "mf-lab-no", "data-cell": `${client.key} ${item.key}`, "aria-current": here ? "true" : null, title: found.reply,
          "aria-label": `${client.label} to ${item.label}: ${found.reply}`, onclick: () => this.again(() => this.choose(client.key, item.key), `[data-cell="${client.key} ${item.key}"]`) }, mark(found)));
      }))))));
  }
  // Drawing replaces the button that was pressed, so the focus has to be given back.
  again(action, selector) { action(); this.root.querySelector(selector)?.focus(); }
  key(event) {
    event.stopPropagation();
    const cell = event.target.dataset?.cell;
    const step = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] }[event.key];
    if (!cell || !step) return;
    event.preventDefault();
    const { clients, recipients } = this.table, [from, to] = cell.split(" ");
    const row = clients[clients.findIndex((item) => item.key === from) + step[0]], column = recipients[recipients.findIndex((item) => item.key === to) + step[1]];
    if (row && column) this.again(() => this.choose(row.key, column.key), `[data-cell="${row.key} ${column.key}"]`);
  }
}

export function lab(el, table, chosen, changed = () => {}) { return new Lab(el, table, chosen, changed); }

export default {
  render({ model, el }) {
    const chosen = { settings: { ...model.get("settings") }, client: model.get("client"), recipient: model.get("recipient") };
    lab(el, JSON.parse(model.get("table")), chosen, (now) => {
      for (const name of ["settings", "client", "recipient"]) model.set(name, now[name]);
      model.save_changes();
    });
  },
};
