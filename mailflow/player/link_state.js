
// Link state in the player: versions on the map, two tables side by side, the route, and breaking things. Follows player.js in one module.

VIEWS.push("Link state", "Route");

const MOST_ROWS = 30;

// ---- what a server knows ----

function entryOf(player, state, server, group) {
  const known = player.tape.data.link_state, held = state.tables[server];
  if (!known.initial || held === null) return null;
  player.firstEntries ||= Object.fromEntries(known.initial.map((name) => [known.entries[name].group, name]));
  return known.entries[(held && held[group]) || player.firstEntries[group]];
}

// The routing group that the news under way are about: the one whose entry changed last.
function focusOf(player) {
  for (let i = player.cursor; i >= 0; i -= 1)
    for (const [name, , entries] of player.tape.events[i].effects) if (name === "table" && entries && entries.length) return entries[entries.length - 1][0];
  return player.tape.data.organization.routing_groups[0]?.name;
}
const newer = (a, b) => { const [x, y] = [a, b].map((text) => text.split(".").map((part) => parseInt(part, 16))); for (let i = 0; i < 3; i += 1) if (x[i] !== y[i]) return x[i] > y[i]; return false; };
const wireOf = (event) => (event.step.key === "routing.by-mta" ? "X.400" : ["routing.reported", "routing.pushed", "routing.given", "routing.started", "routing.attached"].includes(event.step.key) ? "691" : event.step.fields.includes("command") || event.step.key.startsWith("routing.") ? "25" : "");

// ---- the map: who holds which version ----

class LinkMapView extends MapView {
  draw() {
    super.draw();
    this.legend = h("p", { class: "mf-legend", "aria-live": "off" });
    this.el.prepend(this.legend);
    this.marks = {};
    const organization = this.organization;
    for (const [name, box] of Object.entries(this.boxes)) {
      if (box.closed || box.host) continue;
      this.marks[name] = s("text", { x: box.x + box.w - 8, y: box.y + 36, "text-anchor": "end", class: "mf-version" });
      this.nodes[name].append(this.marks[name]);
    }
    this.counts = {};
    for (const [name, box] of Object.entries(this.groups)) if (box.closed) {
      this.counts[name] = s("text", { x: box.x + box.w - 18, y: box.y + 46, "text-anchor": "end", class: "mf-version" });
      this.svg.insertBefore(this.counts[name], this.tokens);
    }
    for (const connector of organization.connectors) this.grip(connector);
    if (this.player.hooks.act && this.player.options.breakable) for (const [name, node] of Object.entries(this.nodes)) if (!this.boxes[name].host) this.levers(name, node, this.boxes[name]);
  }
  // On each server a lever for its network; on a master another one for its routing engine.
  levers(name, node, box) {
    const lever = (x, text, label, target) => {
      const act = (event) => { event.stopPropagation(); this.player.break(target); };
      return s("g", { class: "mf-lever", tabindex: 0, role: "button", "aria-label": label, onclick: act, onkeydown: (event) => { if (event.key === "Enter") act(event); } },
        s("rect", { x: x - 9, y: box.y + 4, width: 18, height: 18, rx: 4 }), s("text", { x, y: box.y + 18, "text-anchor": "middle" }, text), s("title", {}, label));
    };
    const right = box.x + box.w - (box.server.role === "front-end" ? 82 : 16), master = this.groups[box.server.routing_group].master === name;
    node.after(lever(right, "✕", `server ${name}: take down or bring back`, name));
    if (master) write(node.querySelector(".mf-badge"), "");
    if (master) node.after(lever(right - 22, "★", `routing engine of ${name}, the master: stop or start`, `routing engine of ${name}`));
  }
  // A connector can be taken down and brought back where it is drawn.
  grip(connector) {
    const [line, label] = this.lines[connector.name] || [];
    if (!line || !this.player.hooks.act || !this.player.options.breakable) return;
    const act = () => this.player.break(connector.name);
    line.append(s("path", { d: line.firstChild.getAttribute("d"), class: "mf-grip", tabindex: 0, role: "button", "aria-label": `connector ${connector.name}: take down or bring back`, onclick: act,
      onkeydown: (event) => { if (event.key === "Enter") { act(); event.stopPropagation(); } } }, s("title", {}, `${connector.name}: click to take it down or bring it back`)));
    if (label) label.style.pointerEvents = "none";
  }
  update(state) {
    super.update(state);
    const { player } = this, group = focusOf(player), held = {};
    let best = "";
    for (const server of this.organization.servers) {
      const entry = entryOf(player, state, server.name, group);
      held[server.name] = entry ? entry.version : "none";
      if (entry && entry.version !== best && (!best || newer(entry.version, best))) best = entry.version;
    }
    let fresh = 0;
    const perGroup = {};
    for (const server of this.organization.servers) {
      const is = held[server.name] === best;
      fresh += is;
      if (is) perGroup[server.routing_group] = (perGroup[server.routing_group] || 0) + 1;
      const mark = this.marks[server.name];
      if (!mark) continue;
      write(mark, `${is ? "●" : held[server.name] === "none" ? "✕" : "○"} ${held[server.name]}`);
      mark.classList.toggle("mf-fresh", is);
    }
    for (const [name, text] of Object.entries(this.counts)) { write(text, `● ${perGroup[name] || 0} of ${this.groups[name].servers.length}`); text.classList.toggle("mf-fresh", perGroup[name] === this.groups[name].servers.length); }
    const all = this.organization.servers.length;
    write(this.legend, `What the servers know of ${group}: ● newest version ${best} on ${fresh} of ${all} servers` + (fresh < all ? `, ○ an older one on ${all - fresh}` : ", all agree"));
    this.lit(player.lit);
  }
  wire(event, peer) {
    super.wire(event, peer);
    this.port?.remove();
    const text = wireOf(event), a = this.boxes[event.server], b = this.boxes[peer];
    if (!text || !a || !b || a === b) return;
    const [from, to] = edge(a, b), back = event.step.key === "routing.pushed";
    this.port = s("g", { class: "mf-port" }, s("rect", { x: (from.x + to.x) / 2 - 30, y: (from.y + to.y) / 2 - 11, width: 60, height: 22, rx: 11 }), s("text", { x: (from.x + to.x) / 2, y: (from.y + to.y) / 2 + 4, "text-anchor": "middle" }, `${back ? "◂ " : ""}${text}${back ? "" : " ▸"}`));
    this.svg.insertBefore(this.port, this.tokens);
  }
  // Routing groups that the teaching view of Dijkstra has settled or looks at.
  lit(groups = {}) {
    this.halo?.remove();
    this.halo = s("g", {}, ...Object.entries(groups).filter(([name]) => this.groups[name]).map(([name, [kind, text]]) => {
      const box = this.groups[name];
      return s("g", { class: "mf-lit mf-lit-" + kind }, s("rect", { x: box.x - 4, y: box.y - 4, width: box.w + 8, height: box.h + 8, rx: 14 }), s("text", { x: box.x + box.w - 10, y: box.y + 21, "text-anchor": "end" }, text));
    }));
    this.svg.insertBefore(this.halo, this.tokens);
  }
}
KINDS.Map = LinkMapView;

// ---- the ladder also shows port 691 and the MTA ----

KINDS.Ladder = class extends LadderView {
  speaker(event) { return event.step.key === "routing.pushed" ? this.player.peer(event) : event.server; }
  says(event) {
    const { tape } = this.player, size = tape.value(event, "size");
    if (event.step.key === "routing.orginfo") return [`${tape.value(event, "command")} … ${size} bytes`, ""];
    if (event.step.fields.includes("command") || !event.step.key.startsWith("routing.")) return super.says(event);
    const what = tape.value(event, "what");
    if (!wireOf(event)) return ["", ""];
    return [`${wireOf(event) === "25" ? "TCP 25" : wireOf(event) === "691" ? "TCP 691" : wireOf(event)}: ${what || (size ? `the whole table, ${size} bytes` : event.step.title)}`, ""];
  }
};

// ---- view: two tables side by side, with what this step changed ----

class LinkStateView {
  constructor(player) {
    this.player = player;
    const names = player.tape.data.organization.servers.map((server) => server.name);
    const pick = (which, label) => h("select", { "aria-label": label, onchange: (e) => { this[which] = e.target.value; player.draw(); } },
      which === "left" ? h("option", { value: "" }, "the server of this step") : h("option", { value: "" }, "no second table"), ...names.map((name) => h("option", { value: name }, name)));
    [this.left, this.right] = player.options.tables || ["", ""];
    this.picks = [pick("left", "First table"), pick("right", "Second table")];
    this.body = h("div", { class: "mf-two-tables" });
    this.el = h("div", { class: "mf-linkstate" }, h("div", { class: "mf-bar" }, h("b", {}, "Link state table of"), this.picks[0], h("span", {}, "beside"), this.picks[1]), this.body);
  }
  update(state) {
    const { player } = this;
    this.picks[0].value = this.left; this.picks[1].value = this.right;
    const moved = player.event.effects.find(([name]) => name === "table");
    const first = this.left || (moved && moved[1]) || player.shownServer();
    const before = player.tape.at(player.cursor - 1);
    const shown = this.right ? [first, this.right] : [first];
    this.body.replaceChildren(...shown.map((name, i) => this.table(state, before, name, shown[1 - i])));
  }
  table(state, before, server, other) {
    const { player } = this, title = `Table of ${server}`;
    if (state.tables[server] === null) return h("section", {}, h("h4", {}, title), h("p", { class: "mf-note" }, "The routing engine is stopped: the table was in memory only."));
    const groups = player.tape.data.organization.routing_groups, many = groups.length > MOST_ROWS && !this.all;
    let plain = 0;
    const rows = groups.map((group) => {
      const entry = entryOf(player, state, server, group.name), old = entryOf(player, before, server, group.name), beside = other && entryOf(player, state, other, group.name);
      const fresh = entry !== old, differs = beside && beside !== entry;
      if (many && !fresh && !differs && entry === player.tape.data.link_state.entries[player.firstEntries[group.name]]) { plain += 1; return ""; }
      const down = entry.connectors.filter(([, up]) => !up).map(([name]) => name + " DOWN");
      const away = entry.connectors.flatMap(([name, up, heads]) => (up ? heads.filter(([, is]) => is !== "CONN_AVAIL").map(([head, is]) => `${name}: ${head} ${is}`) : []));
      const lost = entry.members.filter(([, is]) => !is).map(([name]) => name + " not connected");
      const says = [...down, ...away, ...lost].join(", ") || "all UP";
      const was = fresh && old ? ` (was ${old.version})` : "";
      return h("tr", { class: fresh ? "mf-fresh-row" : differs ? "mf-differs" : "" }, h("td", {}, fresh ? "✱ new" : differs ? "≠" : ""), h("td", {}, group.name), h("td", {}, entry.version + was), h("td", {}, entry.master || "none"), h("td", {}, says));
    });
    const kinds = ["", "routing group", "version", "master", "states"];
    return h("section", {}, h("h4", {}, title), h("div", { class: "mf-scroll", tabindex: 0, role: "region", "aria-label": title }, h("table", {}, h("thead", {}, h("tr", {}, ...kinds.map((text) => h("th", { scope: "col" }, text || h("span", { class: "mf-hidden" }, "change"))))), h("tbody", {}, ...rows.filter(Boolean)))),
      plain ? h("p", { class: "mf-note" }, `${plain} more routing groups are as they were at the start. `, h("button", { type: "button", onclick: () => { this.all = true; player.draw(); } }, "Show all")) : "");
  }
}
KINDS["Link state"] = LinkStateView;

// ---- view: the route, with every candidate, and Dijkstra's algorithm step by step ----

class RouteView {
  constructor(player) {
    this.player = player;
    this.at = 0;
    this.el = h("div", { class: "mf-route" });
  }
  update() {
    const routes = this.player.options.routes || [];
    const found = [...routes].reverse().find((item) => item.step <= this.player.cursor) || routes[0];
    if (!found) { this.el.replaceChildren(h("p", { class: "mf-note" }, "No route is asked here. Use play(..., route=(server, recipient)).")); return; }
    if (this.shown === found) return;
    this.shown = found;
    this.at = 0;
    this.player.lit = {};
    this.draw();
  }
  draw() {
    const { answer, settled } = this.shown;
    const rows = answer.candidates.map((item) => h("tr", { class: item.chosen ? "mf-fresh-row" : "" }, h("td", {}, item.chosen ? "➤" : ""), h("td", {}, item.connector), h("td", {}, item.path.join(" › ")), h("td", {}, item.cost === null ? "–" : String(item.cost)), h("td", {}, item.why)));
    const cost = answer.cost === null ? "" : `, cost ${answer.cost}`;
    const step = settled[this.at - 1], turn = (by) => { this.at = Math.max(0, Math.min(settled.length, this.at + by)); this.light(); this.draw(); this.el.querySelector(by > 0 ? ".mf-on" : ".mf-back")?.focus(); };
    this.el.replaceChildren(
      h("p", {}, h("b", {}, `${answer.source} → ${answer.recipient}: ${answer.outcome}${cost}. `), answer.why + (answer.next_hop.length ? `; next hop ${answer.next_hop.join(" or ")}` : "") + "."),
      rows.length ? h("div", { class: "mf-scroll", tabindex: 0, role: "region", "aria-label": "Candidates" }, h("table", {}, h("thead", {}, h("tr", {}, ...["", "connector", "path", "cost", "verdict"].map((text) => h("th", { scope: "col" }, text || h("span", { class: "mf-hidden" }, "chosen"))))), h("tbody", {}, ...rows))) : "",
      h("div", { class: "mf-bar" }, h("span", {}, "Dijkstra, step by step:"), h("button", { type: "button", class: "mf-back", "aria-label": "One routing group back", onclick: () => turn(-1) }, "◀"), h("span", { class: "mf-counter" }, `${this.at} / ${settled.length}`), h("button", { type: "button", class: "mf-on", "aria-label": "Settle the next routing group", onclick: () => turn(1) }, "▶")),
      h("p", { class: "mf-note", role: "status" }, step ? step.text : "Press ▶ to settle the routing group with the least cost so far."));
  }
  light() {
    const { settled } = this.shown, lit = {};
    for (const [name, cost] of Object.entries(settled[this.at - 1]?.tentative || {})) lit[name] = ["seen", `≤ ${cost}`];
    settled.slice(0, this.at).forEach((item) => { lit[item.group] = ["done", `✓ ${item.cost}`]; });
    this.player.lit = lit;
    if (this.player.open.has("Map")) this.player.views.Map.lit(lit);
  }
}
KINDS.Route = RouteView;

// ---- break it: cut the script here, let something fail, play the new future ----

EXTRAS.push((player) => {
  const { options, hooks } = player;
  if (!options.breakable) return;
  const organization = player.tape.data.organization;
  const things = [["Connectors", organization.connectors.map((item) => item.name)], ["Servers", organization.servers.map((item) => item.name)], ["Routing group masters", organization.routing_groups.filter((group) => group.master).map((group) => `routing engine of ${group.master}`)]];
  const pick = h("select", { "aria-label": "What to take down or bring back" }, ...things.map(([label, names]) => h("optgroup", { label }, ...names.map((name) => h("option", { value: name }, name)))));
  const status = h("span", { role: "status", class: "mf-note" });
  const script = h("pre", { tabindex: 0, "aria-label": "The script so far" }, options.script || "");
  const send = (message) => {
    if (!hooks.act) { status.textContent = "This page has no kernel, and a new future needs one. Run the notebook to break things."; return; }
    player.pause();
    status.textContent = "Working out the new future …";
    clearTimeout(player.patience);
    player.patience = setTimeout(() => { status.textContent = "No answer from the kernel. Run this cell first, then try again."; }, 20000);
    try { hooks.act({ ...message, step: player.cursor }); } catch { status.textContent = "No kernel is connected. Run this cell first, then try again."; }
  };
  player.break = (name) => send({ type: "break", name });
  player.heard = (message) => { clearTimeout(player.patience); status.textContent = message.text; };
  player.extra.append(h("div", { class: "mf-bar mf-break" }, h("b", {}, "Break it, now:"), pick, h("button", { type: "button", onclick: () => player.break(pick.value) }, "Take down or bring back"),
    h("button", { type: "button", onclick: () => send({ type: "undo" }), ...(options.undo ? {} : { disabled: true }) }, options.undo ? `Undo (${options.undo})` : "Undo"), status),
    h("details", {}, h("summary", {}, "The script, to copy into a cell"), script, h("button", { type: "button", onclick: () => clip(script, status) }, "Copy")));
  if (options.told) status.textContent = options.told;
});
