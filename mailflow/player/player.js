// The player: shows one trace, or two side by side, with one cursor. It needs the trace and nothing else: no kernel, no network.

const SVG = "http://www.w3.org/2000/svg";
const QUEUES = ["Messages pending submission", "Messages awaiting directory lookup", "Messages waiting to be routed", "Local delivery",
  "Messages with an unreachable destination", "DSN messages pending submission", "Failed message retry queue", "Messages queued for deferred delivery"];
const RARE = new Set(QUEUES.slice(4));
const VIEWS = ["Map", "Server", "Ladder", "Tables"];
const MOST_OPEN = 60;
const SPEEDS = [0.5, 1, 2, 4];
const SHAPES = ["●", "■", "▲", "◆", "★", "⬟"];

// ---- small helpers: every text goes in as a text node, never as markup ----

function h(tag, props = {}, ...children) {
  const el = props.svg ? document.createElementNS(SVG, tag) : document.createElement(tag);
  for (const [key, value] of Object.entries(props)) {
    if (key === "svg" || value === undefined || value === null || value === false) continue;
    if (key.startsWith("on")) el.addEventListener(key.slice(2), value);
    else el.setAttribute(key, value === true ? "" : value);
  }
  el.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== ""));
  return el;
}
const s = (tag, props = {}, ...children) => h(tag, { ...props, svg: true }, ...children);
const short = (text, most) => (text.length > most ? text.slice(0, most - 1) + "…" : text);
const messageOf = (mail) => mail.split(".")[0];
const shapeOf = (mail) => SHAPES[(parseInt(messageOf(mail).slice(1), 10) - 1) % SHAPES.length] || "●";
const hueOf = (mail) => "mf-hue" + ((parseInt(messageOf(mail).slice(1), 10) - 1) % 6);

// A text that stays the same must not be laid out again.
function write(el, text) { if (el.textContent !== text) el.textContent = text; }
function told(value) {
  if (Array.isArray(value)) return value.length > 1 ? value.slice(0, -1).join(", ") + " and " + value[value.length - 1] : String(value[0] ?? "");
  const text = value === null || value === undefined ? "" : String(value);
  return text.includes("\n") ? text.split("\n").map((line) => line.slice(4)).join(", ") : text;
}

function clock(seconds) {
  const ms = Math.round(seconds * 1000), two = (n) => String(n).padStart(2, "0");
  return `${two(Math.floor(ms / 3600000))}:${two(Math.floor(ms / 60000) % 60)}:${two(Math.floor(ms / 1000) % 60)}.${String(ms % 1000).padStart(3, "0")}`;
}

// ---- the trace: events and the state after each of them ----

class Tape {
  constructor(data) {
    this.data = data;
    this.events = data.events.map(([time, server, step, mail, place, values, effects, rule], number) => ({
      number, time, server, step: data.steps[step], mail, place, values, effects, rule,
    }));
    this.kept = new Map([[-1, { messages: {}, mails: new Map(), queues: {}, services: {}, outside: {}, marked: {}, tables: {} }]]);
  }
  get length() { return this.events.length; }
  value(event, name) { return event.values[event.step.fields.indexOf(name)]; }
  sentence(event) {
    return event.step.sentence.replace(/\{(\w+)\}/g, (_, name) => (name === "server" ? event.server : name === "mail" ? event.mail : told(this.value(event, name))));
  }
  rule(event) { return this.data.rules[event.rule || event.step.rule]; }
  at(number) {
    let start = number;
    while (!this.kept.has(start)) start -= 1;
    const state = copy(this.kept.get(start));
    for (let i = start + 1; i <= number; i += 1) {
      apply(state, this.events[i]);
      if (i % 25 === 0 || i === number) this.kept.set(i, copy(state));
    }
    return state;
  }
}

function copy(state) {
  const made = {};
  for (const part in state) made[part] = { ...state[part] };
  for (const key in made.messages) made.messages[key] = made.messages[key].map((item) => ({ ...item }));
  made.mails = new Map([...state.mails].map(([key, item]) => [key, { ...item, recipients: [...item.recipients] }]));
  return made;
}

function leave(state, mail, index) {
  const item = state.mails.get(mail);
  item.recipients = item.recipients.filter((other) => other !== index);
  if (!item.recipients.length) state.mails.delete(mail);
}

const EFFECTS = {
  message(state, [id, mail, addresses]) {
    state.messages[id] = addresses.map((address) => ({ address, how: "envelope", mail, state: "", detail: "" }));
    state.mails.set(mail, { server: "", place: "outbox", recipients: addresses.map((_, i) => i) });
  },
  recipient(state, [mail, index, address, how]) {
    state.messages[messageOf(mail)][index] = { address, how, mail, state: "", detail: "" };
    state.mails.get(mail).recipients.push(index);
  },
  mail(state, [made, old, indexes]) {
    const source = state.mails.get(old);
    state.mails.set(made, { server: source.server, place: source.place, recipients: [...indexes] });
    for (const index of indexes) { state.messages[messageOf(old)][index].mail = made; leave(state, old, index); }
  },
  at(state, [mail, server, place]) {
    const item = state.mails.get(mail);
    state.mails.delete(mail);
    state.mails.set(mail, { ...item, server, place });
  },
  end(state, [mail, index, end, detail]) {
    Object.assign(state.messages[messageOf(mail)][index], { mail: "", state: end, detail, at: state.mails.get(mail).server });
    leave(state, mail, index);
  },
  queue(state, [server, place, text]) { state.queues[server + "|" + place] = text; },
  service(state, [server, service, up]) { state.services[server + "|" + service] = up; },
  outside(state, [name, up]) { state.outside[name] = up; },
  marked(state, [name, up]) { state.marked[name] = up; },
  table(state, [server, entries]) { state.tables[server] = entries ? { ...state.tables[server], ...Object.fromEntries(entries) } : null; },
  deleted() {},
};

function apply(state, event) {
  for (const [name, ...rest] of event.effects) EFFECTS[name](state, rest);
  if (event.place !== null && state.mails.has(event.mail)) EFFECTS.at(state, [event.mail, event.server, event.place]);
}

const isDown = (state, name) => state.outside[name] === false || state.marked[name] === false;
const stopped = (state, server) => Object.keys(state.services).filter((key) => key.startsWith(server + "|") && !state.services[key]).map((key) => key.split("|")[1]);

// ---- chips: one for each MailMsg, the same in every view ----

function chip(player, mail, item) {
  const message = player.tape.data.messages[messageOf(mail)] || {};
  const label = `${mail}: ${message.subject || ""}, ${item.recipients.length} recipient${item.recipients.length === 1 ? "" : "s"}`;
  const el = h("button", { class: `mf-chip ${hueOf(mail)}`, type: "button", "data-mail": mail, title: label, "aria-label": label,
    onclick: () => { player.picked = messageOf(mail); player.show("Tables"); } }, h("span", { "aria-hidden": "true" }, shapeOf(mail)), " " + mail);
  if (mail === player.event.mail) el.classList.add("mf-now");
  return el;
}

// ---- view: map ----

class MapView {
  constructor(player) {
    this.player = player;
    this.organization = player.tape.data.organization;
    this.el = h("div", { class: "mf-map" });
    this.place();
    this.draw();
  }
  strangers() {
    const known = new Set([...this.organization.servers.map((x) => x.name), ...this.organization.external_hosts.map((x) => x.name), ""]);
    return [...new Set(this.player.tape.events.map((event) => event.server))].filter((name) => !known.has(name));
  }
  // Routing groups go into columns, the outside into a column at the right: short lines and nothing on top of anything else.
  // A large organization starts with its routing groups closed: one box each, opened on demand.
  place() {
    const members = {};
    for (const server of this.organization.servers) (members[server.routing_group] ||= []).push(server);
    const groups = this.organization.routing_groups.map((group) => ({ name: group.name, master: group.master, servers: members[group.name] || [] }));
    this.large = this.organization.servers.length > MOST_OPEN;
    this.closed ||= new Set(this.large ? groups.map((group) => group.name) : []);
    this.el.classList.toggle("mf-large", this.large);
    const columns = groups.length <= 3 ? groups.length || 1 : Math.ceil(Math.sqrt(groups.length * 1.3));
    this.boxes = {}; this.groups = {};
    let top = 16, height = 0;
    const width = 212, pitch = this.large ? 264 : 300;
    groups.forEach((group, i) => {
      const column = i % columns;
      if (column === 0 && i) { top += height + 56; height = 0; }
      const closed = this.closed.has(group.name), own = closed ? 64 : 42 + group.servers.length * 62;
      const x = 16 + column * pitch, y = top + (columns > 2 && column % 2 ? 22 : 0);
      const box = this.groups[group.name] = { x, y, w: width, h: own, master: group.master, servers: group.servers, closed };
      group.servers.forEach((server, j) => { this.boxes[server.name] = closed ? box : { x: x + 12, y: y + 32 + j * 62, w: width - 24, h: 52, server }; });
      height = Math.max(height, own + (columns > 2 ? 22 : 0));
    });
    const right = 16 + columns * pitch;
    const seen = new Set(this.player.tape.events.flatMap((event) => [event.server, this.player.peer(event), this.player.tape.value(event, "name")]));
    const outside = [...this.organization.external_hosts.filter((host) => seen.has(host.name)), ...this.strangers().map((name) => ({ name, ip: "client" }))];
    outside.forEach((host, i) => { this.boxes[host.name] = { x: right + 12, y: 48 + i * 62, w: width, h: 52, host }; });
    this.outside = outside.length ? { x: right, y: 16, w: width + 24, h: 42 + outside.length * 62 } : null;
    this.w = (outside.length ? right + width + 40 : right - pitch + width + 16);
    this.h = Math.max(top + height, this.outside ? this.outside.y + this.outside.h : 0) + 16;
  }
  draw() {
    const svg = s("svg", { viewBox: `0 0 ${this.w} ${this.h}`, class: "mf-svg", role: "group", "aria-label": "Map of the organization" });
    const wires = s("g", {}), labels = s("g", {});
    svg.append(wires);
    svg.style.maxWidth = `${Math.round(this.w * 1.25)}px`;
    if (this.large) { svg.style.minWidth = `${Math.round(this.w * 0.62)}px`; svg.style.maxHeight = "none"; }
    this.lines = {}; this.nodes = {};
    for (const [name, box] of Object.entries(this.groups)) {
      svg.append(s("rect", { x: box.x, y: box.y, width: box.w, height: box.h, rx: 12, class: "mf-group" }),
        s("text", { x: box.x + 12, y: box.y + 21, class: "mf-grouptext" }, short(name, 26)));
      if (this.large) svg.append(this.door(name, box));
    }
    if (this.outside) {
      const box = this.outside;
      svg.append(s("rect", { x: box.x, y: box.y, width: box.w, height: box.h, rx: 26, class: "mf-outside" }),
        s("text", { x: box.x + 20, y: box.y + 21, class: "mf-grouptext" }, "Outside"));
    }
    const pairs = {};
    svg.append(labels);
    for (const connector of this.organization.connectors) this.connector(wires, labels, connector, pairs);
    for (const [name, box] of Object.entries(this.boxes)) if (!box.closed) svg.append(this.node(name, box));
    this.tokens = s("g", {});
    svg.append(this.tokens);
    this.svg = svg;
    this.el.replaceChildren(svg);
  }
  // A closed group shows how many servers it has; the door opens and closes it.
  door(name, box) {
    const turn = () => { if (!this.closed.delete(name)) this.closed.add(name); this.place(); this.draw(); this.player.draw(); this.svg.querySelector(`[data-door="${CSS.escape(name)}"]`)?.focus(); };
    const label = `${box.closed ? "open" : "close"} routing group ${name}, ${box.servers.length} servers`;
    return s("g", { class: "mf-node mf-door", tabindex: 0, role: "button", "aria-label": label, "data-door": name, onclick: turn, onkeydown: (event) => { if (event.key === "Enter") { turn(); event.stopPropagation(); } } },
      s("rect", { x: box.x + 12, y: box.y + 30, width: box.w - 24, height: 22, rx: 5, class: "mf-box", ...(box.closed ? {} : { y: box.y + 4, x: box.x + box.w - 40, width: 30 }) }),
      s("text", { x: box.closed ? box.x + 20 : box.x + box.w - 30, y: box.closed ? box.y + 46 : box.y + 20, class: "mf-doortext" }, box.closed ? `▸ ${box.servers.length} servers` : "▾"), s("title", {}, label));
  }
  // Wires run behind the boxes, their labels in front. The label of a way out sits at its far end, clear of other groups.
  connector(wires, labels, connector, pairs) {
    const from = this.groups[connector.routing_group];
    const ends = connector.to.length ? connector.to.map((name) => this.groups[name]) : this.outside ? [this.outside] : [];
    for (const [i, to] of ends.entries()) {
      const inside = connector.to.length > 0;
      const key = inside ? [connector.routing_group, connector.to[i]].sort().join("|") : connector.name;
      const twin = key in pairs;
      if (!twin) pairs[key] = inside ? this.bend(from, to) : null;
      const [a, b, bend] = inside ? aside(...edge(from, to, pairs[key]), pairs[key]) : edge(from, to), t = inside ? 0.5 : 1 - 34 / Math.hypot(b.x - a.x, b.y - a.y);
      const { x, y } = along(a, bend, b, t);
      const line = s("g", { class: "mf-line" }, s("path", { d: `M${a.x} ${a.y}` + (bend ? `Q${bend.x} ${bend.y} ` : "L") + `${b.x} ${b.y}`, class: "mf-wire" }));
      const label = s("g", { class: "mf-line" });
      if (!twin) label.append(s("text", { x, y: y - 6, class: "mf-wiretext" }, inside ? `cost ${connector.cost}` : short(connector.name, 16)));
      label.append(s("text", { x, y: y + (twin ? 22 : 9), class: "mf-cross" }, `✕ ${short(connector.name, 24)} down`), s("title", {}, `${connector.name}: ${connector.kind} connector, cost ${connector.cost}`));
      (this.lines[connector.name] ||= []).push(line, label);
      wires.append(line);
      labels.append(label);
    }
  }
  // A wire that would run behind another routing group goes round it.
  bend(from, to) {
    const others = Object.values(this.groups).filter((box) => box !== from && box !== to);
    const mid = { x: (from.x + from.w / 2 + to.x + to.w / 2) / 2, y: (from.y + from.h / 2 + to.y + to.h / 2) / 2 };
    const dx = to.x + to.w / 2 - from.x - from.w / 2, dy = to.y + to.h / 2 - from.y - from.h / 2, length = Math.hypot(dx, dy) || 1;
    const hits = (point) => point.y < 4 || point.x < 4 || others.some((box) => point.x > box.x - 6 && point.x < box.x + box.w + 6 && point.y > box.y - 6 && point.y < box.y + box.h + 6);
    for (const off of [0, 90, -90, 180, -180, 280, -280, 400, -400]) {
      const at = { x: mid.x - (dy / length) * off, y: mid.y + (dx / length) * off }, [a, b] = edge(from, to, off ? at : null);
      if (![0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9].some((t) => hits(along(a, off ? at : null, b, t)))) return off ? at : null;
    }
    return null;
  }
  node(name, box) {
    const kind = box.host ? (box.host.ip === "client" ? "client" : "mail host outside") : box.server.role === "front-end" ? "front-end server" : "server";
    const open = () => { if (!box.host) { this.player.server = name; this.player.show("Server"); } };
    const el = s("g", { class: "mf-node" + (box.host ? " mf-host" : ""), tabindex: 0, role: "button", "aria-label": `${kind} ${name}`, onclick: open,
      onkeydown: (event) => { if (event.key === "Enter") { open(); event.stopPropagation(); } } });
    const master = !box.host && this.groups[box.server.routing_group].master === name;
    el.append(s("rect", { x: box.x, y: box.y, width: box.w, height: box.h, rx: 6, class: "mf-box" }),
      s("text", { x: box.x + 9, y: box.y + 19, class: "mf-name" }, short(name, 22)),
      s("text", { x: box.x + box.w - 8, y: box.y + 19, class: "mf-badge", "text-anchor": "end" }, (master ? "★ " : "") + (kind === "front-end server" ? "front-end" : "")),
      s("text", { x: box.x + 9, y: box.y + 44, class: "mf-state" }), s("text", { x: box.x + box.w - 8, y: box.y + 44, class: "mf-done", "text-anchor": "end" }),
      s("title", {}, `${kind} ${name}${master ? ", routing group master" : ""}`));
    this.nodes[name] = el;
    return el;
  }
  update(state) {
    const { event } = this.player;
    const peer = this.player.peer(event), done = {};
    for (const items of Object.values(state.messages)) for (const item of items) { const name = { delivered: item.at, relayed: item.detail }[item.state]; if (name) done[name] = (done[name] || 0) + 1; }
    for (const [name, el] of Object.entries(this.nodes)) {
      const down = isDown(state, name), off = stopped(state, name);
      el.classList.toggle("mf-active", name === event.server || name === peer);
      el.classList.toggle("mf-down", down);
      write(el.querySelector(".mf-done"), done[name] ? `✓ ${done[name]}` : "");
      write(el.querySelector(".mf-state"), down ? "✕ down" : off.length ? "✕ " + short(off.join(", "), 20) : "");
    }
    for (const [name, lines] of Object.entries(this.lines)) for (const line of lines) line.classList.toggle("mf-down", isDown(state, name));
    this.wire(event, peer);
    this.place_tokens(state);
    if (this.large) this.follow(this.boxes[event.server]);
  }
  // A large map is larger than its frame: keep what happens in sight.
  follow(box) {
    if (!box) return;
    const frame = this.el, scale = this.w ? frame.scrollWidth / this.w : 1, x = (box.x + box.w / 2) * scale, y = (box.y + box.h / 2) * scale;
    if (x < frame.scrollLeft + 40 || x > frame.scrollLeft + frame.clientWidth - 40) frame.scrollLeft = x - frame.clientWidth / 2;
    if (y < frame.scrollTop + 40 || y > frame.scrollTop + frame.clientHeight - 40) frame.scrollTop = y - frame.clientHeight / 2;
  }
  wire(event, peer) {
    this.beam?.remove();
    const a = this.boxes[event.server], b = this.boxes[peer];
    if (!a || !b || a === b) return;
    const [from, to] = edge(a, b);
    this.beam = s("path", { d: `M${from.x} ${from.y}L${to.x} ${to.y}`, class: "mf-beam" });
    this.svg.insertBefore(this.beam, this.tokens);
  }
  place_tokens(state) {
    const slots = {};
    const wanted = [];
    for (const [mail, item] of state.mails) {
      const box = this.boxes[item.server];
      if (!box) continue;
      const home = box.closed ? this.organization.servers.find((server) => server.name === item.server).routing_group : item.server;
      const slot = (slots[home] = (slots[home] ?? -1) + 1);
      if (slot < 3) wanted.push({ mail, x: box.x + 8 + slot * 46, y: box.y + 27 });
      else if (slot === 3) wanted.push({ mail: "+" + item.server, more: true, x: box.x + 152, y: box.y + 27, box: item.server });
    }
    this.tokens.replaceChildren(...wanted.map(({ mail, x, y, more, box }) => {
      const text = more ? "…" : `${shapeOf(mail)}${mail}`;
      const g = s("g", { "data-mail": mail, transform: `translate(${x} ${y})`, class: `mf-token ${more ? "" : hueOf(mail)}` + (mail === this.player.event.mail ? " mf-now" : "") });
      if (!more) g.append(s("rect", { width: 44, height: 18, rx: 9 }));
      g.append(s("text", { x: more ? 0 : 22, y: 13, "text-anchor": "middle" }, short(text, 7)), s("title", {}, more ? `more on ${box}` : mail));
      return g;
    }));
  }
}

const along = (a, bend, b, t) => { const m = bend || { x: (a.x + b.x) / 2, y: (a.y + b.y) / 2 }, u = 1 - t; return { x: u * u * a.x + 2 * u * t * m.x + t * t * b.x, y: u * u * a.y + 2 * u * t * m.y + t * t * b.y }; };
// The two directions run side by side, each on its left.
function aside(a, b, bend) {
  const length = Math.hypot(b.x - a.x, b.y - a.y) || 1, x = ((b.y - a.y) / length) * 4, y = (-(b.x - a.x) / length) * 4;
  return [a, b, bend].map((point) => point && { x: point.x + x, y: point.y + y });
}
// Where a line between two boxes leaves the one and enters the other; with a bend it goes there first.
function edge(a, b, bend = null) {
  const ca = { x: a.x + a.w / 2, y: a.y + a.h / 2 }, cb = { x: b.x + b.w / 2, y: b.y + b.h / 2 };
  const cut = (box, from, to) => {
    const dx = to.x - from.x, dy = to.y - from.y;
    const scale = Math.min(dx ? box.w / 2 / Math.abs(dx) : Infinity, dy ? box.h / 2 / Math.abs(dy) : Infinity);
    return { x: from.x + dx * scale, y: from.y + dy * scale };
  };
  return [cut(a, ca, bend || cb), cut(b, cb, bend || ca)];
}

// ---- view: inside one server ----

class ServerView {
  constructor(player) {
    this.player = player;
    this.heading = h("b", {});
    this.about = h("span", {});
    this.follow = h("option", { value: "" });
    this.pick = h("select", { "aria-label": "Server to look inside", onchange: (e) => { player.server = e.target.value; player.draw(); } },
      this.follow, ...player.tape.data.organization.servers.map((server) => h("option", { value: server.name }, server.name)));
    this.grid = h("div", { class: "mf-grid" });
    this.el = h("div", { class: "mf-inside" }, h("div", { class: "mf-bar" }, this.heading, this.about, this.pick), this.grid);
  }
  update(state) {
    const { player } = this, name = player.shownServer(), event = player.event;
    this.here = event.server === name;
    this.component = this.here ? event.step.component : "";
    this.places = {};
    for (const [mail, item] of state.mails) if (item.server === name) (this.places[item.place] ||= []).push([mail, item]);
    const off = stopped(state, name);
    const known = player.tape.data.organization.servers.find((server) => server.name === name);
    write(this.heading, name);
    write(this.about, known ? ` ${known.fqdn} · ${known.role}` : " outside");
    write(this.follow, `follow the message${player.server ? "" : ` (${name})`}`);
    if (this.pick.value !== player.server) this.pick.value = player.server;
    this.grid.replaceChildren(this.store(off, known), this.exipc(), this.inetinfo(state, name, off));
  }
  part(label, component, off, ...children) {
    const down = off ? " mf-down" : "";
    return h("section", { class: "mf-part" + (this.component === component ? " mf-active" : "") + down, "aria-label": label },
      h("h4", {}, label, off ? h("span", { class: "mf-off" }, " ✕ " + off) : ""), ...children);
  }
  queue(label, place, state = "") {
    const mails = this.places[place] || [];
    const now = this.here && mails.some(([mail]) => mail === this.player.event.mail) && this.player.event.place === place;
    return h("div", { class: "mf-queue" + (now ? " mf-active" : "") + (mails.length ? " mf-full" : ""), "data-place": place },
      h("span", { class: "mf-label" }, label, state ? h("em", { class: "mf-is-" + state }, ` ${state}`) : ""),
      h("span", { class: "mf-count", "aria-label": `${mails.length} messages` }, String(mails.length)),
      mails.length ? h("span", { class: "mf-chips" }, mails.slice(0, 6).map(([mail, item]) => chip(this.player, mail, item)), mails.length > 6 ? `+${mails.length - 6}` : "") : "");
  }
  store(off, known) {
    const down = off.find((name) => name === "information store") ? "stopped" : "";
    const stores = (known?.stores || []).map((name) => h("div", { class: "mf-queue mf-plain" }, h("span", { class: "mf-label" }, "▤ " + name, off.includes(name) ? h("span", { class: "mf-off" }, " ✕ dismounted") : "")));
    return h("div", {}, h("div", { class: "mf-process" }, h("h3", {}, "Outlook"), this.part("MAPI client", "client", "", this.queue("Outbox", "outbox"))),
      h("div", { class: "mf-process" }, h("h3", {}, "Store.exe"), this.part("Information store", "information store", down, this.queue("Send queue", "store/send queue"), ...stores)));
  }
  exipc() {
    return h("div", { class: "mf-process mf-exipc" }, h("h3", {}, "EXIPC"), this.part("Shared memory", "EXIPC", "",
      this.queue("Store_out_queue →", "exipc/Store_out_queue"), this.queue("← Client_out_queue", "exipc/Client_out_queue")));
  }
  inetinfo(state, name, off) {
    const has = (service) => (off.includes(service) ? "stopped" : "");
    const stateOf = (place) => state.queues[name + "|" + place] || "";
    const system = QUEUES.filter((label) => !RARE.has(label) || this.places["queue/" + label]).map((label) => this.queue(label, "queue/" + label, stateOf("queue/" + label)));
    const links = {};
    for (const place of Object.keys(this.places)) if (place.startsWith("link/")) (links[place.split("/")[1]] ||= []).push(place);
    const linkParts = Object.entries(links).map(([hop, inside]) => h("div", { class: "mf-link" }, h("div", { class: "mf-label" }, "⇢ " + hop, h("em", { class: "mf-is-" + (stateOf("link/" + hop) || "Ready") }, " " + (stateOf("link/" + hop) || "Ready"))),
      ...inside.map((place) => this.queue(place.split("/").slice(2).join("/"), place))));
    return h("div", { class: "mf-process mf-inetinfo" }, h("h3", {}, "Inetinfo.exe (IIS)"), h("div", { class: "mf-two" },
      h("div", {}, this.part("Advanced queuing engine", "advanced queuing", "", ...system)),
      h("div", {}, this.part("Store driver", "store driver", ""), this.part("Message categorizer", "categorizer", off.includes("global catalog") ? "no global catalog" : ""),
        this.part("Routing engine", "routing engine", has("routing engine")),
        this.part("SMTP service", "SMTP service", has("SMTP"), this.queue("Received, in \\Queue", "smtp/receiving"),
          this.places["smtp/Pickup"] ? this.queue("Pickup", "smtp/Pickup") : "", h("div", { class: "mf-links" }, h("span", { class: "mf-label" }, "Link queues"), linkParts.length ? linkParts : h("i", {}, " none now"))),
        this.places.mta || this.component === "MTA" ? this.part("Microsoft MTA", "MTA", has("MTA"), this.queue("To X.400", "mta")) : "")));
  }
}

// ---- view: ladder ----

class LadderView {
  constructor(player) {
    this.player = player;
    this.el = h("div", { class: "mf-ladder" });
    this.talk = player.tape.events.filter((event) => event.step.fields.includes("peer") && this.says(event)[0]);
  }
  speaker(event) { return event.server; }
  // What one side says and the other answers; an answer may be missing.
  says(event) { return ["command", "reply"].map((name) => String(this.player.tape.value(event, name) ?? "").trim()); }
  update() {
    const now = this.player.cursor;
    const past = this.talk.filter((event) => event.number <= now);
    if (!past.length) {
      this.el.replaceChildren(h("p", { class: "mf-note" }, this.talk.length ? "Nobody has spoken SMTP yet. Step on." : "No SMTP session takes place in this scenario."));
      return;
    }
    const last = past[past.length - 1], peer = (event) => this.player.peer(event);
    const same = (event) => [event.server, peer(event)].sort().join("|") === [last.server, peer(last)].sort().join("|");
    const rows = past.filter(same).slice(-7);
    const left = last.server, right = peer(last), width = 820, xl = 120, xr = 700, gap = 58, height = 56 + rows.length * gap;
    const svg = s("svg", { viewBox: `0 0 ${width} ${height}`, class: "mf-svg mf-talk", role: "img", "aria-label": `SMTP dialogue between ${left} and ${right}` });
    for (const [x, name] of [[xl, left], [xr, right]]) {
      svg.append(s("rect", { x: x - 105, y: 6, width: 210, height: 28, rx: 6, class: "mf-box" }), s("text", { x, y: 25, "text-anchor": "middle", class: "mf-name" }, short(name, 27)),
        s("line", { x1: x, x2: x, y1: 34, y2: height, class: "mf-life" }));
    }
    rows.forEach((event, i) => {
      const y = 62 + i * gap, current = event.number === now ? " mf-current" : "";
      const [said, answer] = this.says(event), reply = answer.split("\n"), bad = /^[45]/.test(reply[0]), back = this.speaker(event) !== left;
      svg.append(arrow(back ? xr : xl, back ? xl : xr, y, said, "mf-say1" + current));
      if (answer) svg.append(arrow(back ? xl : xr, back ? xr : xl, y + 24, (bad ? "✕ " : "") + reply[0] + (reply.length > 1 ? `  (+${reply.length - 1} lines)` : ""), "mf-say2" + current + (bad ? " mf-bad" : "")));
    });
    this.el.replaceChildren(svg, this.lines(last));
  }
  lines(event) {
    const reply = this.says(event)[1].split("\n");
    return reply.length > 1 ? h("pre", { tabindex: 0, "aria-label": "The whole reply" }, reply.join("\n")) : "";
  }
}

function arrow(x1, x2, y, text, kind) {
  const tip = x2 > x1 ? -8 : 8;
  return s("g", { class: "mf-arrow " + kind }, s("line", { x1, x2, y1: y, y2: y }), s("path", { d: `M${x2} ${y}l${tip} -4v8z` }),
    s("text", { x: 410, y: y - 5, "text-anchor": "middle" }, short(text, 78)), s("title", {}, text));
}

// ---- view: tables ----

class TablesView {
  constructor(player) {
    this.player = player;
    this.el = h("div", { class: "mf-tables" });
  }
  update(state) {
    const { tape, cursor, event } = this.player;
    const messages = Object.keys(state.messages);
    const picked = messages.includes(this.player.picked) ? this.player.picked : messageOf(event.mail) || messages[0];
    const rows = messages.flatMap((id) => state.messages[id].map((item) => [id, item.address, item.how, item.state || "waiting", item.state ? item.detail : where(state, item)]));
    const queues = {};
    for (const [mail, item] of state.mails) (queues[item.server + "|" + item.place] ||= []).push(mail);
    const queueRows = Object.entries(queues).map(([key, mails]) => { const [server, place] = key.split("|"); return [server, named(place), String(mails.length), state.queues[`${server}|${place.startsWith("link/") ? place.split("/").slice(0, 2).join("/") : place}`] || "", mails.join(" ")]; });
    const tracked = tape.events.slice(0, cursor + 1).filter((item) => item.step.tracking !== null && (!picked || messageOf(item.mail) === picked))
      .map((item) => [clock(item.time), item.server, String(item.step.tracking), item.step.title]);
    this.el.replaceChildren(table("Recipients", ["msg", "address", "how", "state", "where"], rows), table("Queues", ["server", "queue", "count", "state", "MailMsg"], queueRows),
      table(`Message tracking of ${picked || "–"}`, ["time", "server", "event", "what"], tracked), this.details(picked, messages));
  }
  details(id, messages) {
    const message = this.player.tape.data.messages[id];
    if (!message) return h("section", {});
    const pick = h("select", { "aria-label": "Message to show", onchange: (e) => { this.player.picked = e.target.value; this.player.draw(); } }, ...messages.map((name) => h("option", { value: name, ...(name === id ? { selected: true } : {}) }, name)));
    const facts = [["kind", message.kind], ["from (envelope)", message.sender || "<>"], ["to (envelope)", message.recipients.join(", ")], ["subject", message.subject], ["size", `${message.size} bytes`], ["priority", message.priority], ["entered by", message.via], ["defects", message.defects.join("; ") || "none"]];
    return h("section", {}, h("h4", {}, "Message ", pick), h("dl", {}, ...facts.flatMap(([key, value]) => [h("dt", {}, key), h("dd", {}, value)])),
      h("pre", { tabindex: 0, "aria-label": "Structure" }, message.structure), h("details", {}, h("summary", {}, "Source"), h("pre", { tabindex: 0, "aria-label": "Source of the message" }, message.preview)));
  }
}

const named = (place) => (place.startsWith("link/") ? "link " + place.split("/")[1] : place.split("/").slice(1).join("/") || place);
const where = (state, item) => { const mail = state.mails.get(item.mail); return mail ? `${mail.server}: ${named(mail.place)}` : ""; };

function table(title, heads, rows) {
  return h("section", {}, h("h4", {}, title), rows.length ? h("div", { class: "mf-scroll", tabindex: 0, role: "region", "aria-label": title }, h("table", {},
    h("thead", {}, h("tr", {}, ...heads.map((text) => h("th", { scope: "col" }, text)))), h("tbody", {}, ...rows.map((row) => h("tr", {}, ...row.map((text, i) => h("td", { class: i === 3 && heads[3] === "state" ? "mf-end-" + text : undefined }, text))))))) : h("p", { class: "mf-note" }, "empty"));
}

const KINDS = { Map: MapView, Server: ServerView, Ladder: LadderView, Tables: TablesView };

// ---- the player itself ----

// JupyterLab looks for this mark on what has the focus, before its shortcuts.
const quiet = (event) => event.target.setAttribute("data-lm-suppress-shortcuts", "");

let players = 0;
const EXTRAS = [];

async function clip(from, status) {
  try { await navigator.clipboard.writeText(from.textContent); status.textContent = "Copied."; } catch { from.focus(); getSelection().selectAllChildren(from); status.textContent = "Copy what is selected."; }
}

class Player {
  constructor(el, data, options = {}, hooks = {}) {
    this.tape = new Tape(data);
    this.options = options;
    this.hooks = hooks;
    this.id = "mf" + ++players;
    this.cursor = Math.max(0, Math.min(this.tape.length - 1, options.cursor ?? 0));
    this.answers = { ...(options.answers || {}) };
    this.server = options.server || "";
    this.speed = 1;
    this.open = new Set((options.views && options.views.length ? options.views : ["Map", "Server"]).filter((name) => VIEWS.includes(name)));
    this.views = {};
    this.root = h("div", { class: "mf", role: "region", "aria-label": `Player: ${options.title || data.organization.title || data.organization.name}`, tabindex: 0, onfocusin: quiet, onkeydown: (event) => this.key(event) });
    el.replaceChildren(this.root);
    if (this.tape.length) { this.build(); EXTRAS.forEach((extra) => extra(this)); this.draw(); } else this.root.append(h("p", { class: "mf-note" }, "This trace is empty: nothing was sent. Add scenario.send(...) and run it again."));
  }
  get event() { return this.tape.events[this.cursor]; }
  peer(event) {
    const name = this.tape.value(event, "peer");
    if (!name) return "";
    const server = this.tape.data.organization.servers.find((item) => item.fqdn.toLowerCase() === String(name).toLowerCase());
    return server ? server.name : String(name);
  }
  shownServer() {
    if (this.server) return this.server;
    const servers = this.tape.data.organization.servers.map((server) => server.name);
    for (let i = this.cursor; i >= 0; i -= 1) if (servers.includes(this.tape.events[i].server)) return this.tape.events[i].server;
    return servers[0];
  }
  button(text, label, action, props = {}) { return h("button", { type: "button", "aria-label": label, title: label, onclick: action, ...props }, text); }
  build() {
    const tabs = h("div", { class: "mf-tabs", role: "group", "aria-label": "Views" }, ...VIEWS.map((name) => this.button(name, `${name} view`, () => this.toggle(name), { "data-view": name, "aria-pressed": "false" })));
    this.stage = h("div", { class: "mf-stage" });
    this.say = h("p", { class: "mf-sentence", "aria-live": "polite", "aria-atomic": "true" });
    this.why = h("p", { class: "mf-why" });
    this.ask = h("div", { class: "mf-ask" });
    this.slider = h("input", { type: "range", min: 0, max: this.tape.length - 1, "aria-label": "Step", oninput: (e) => { this.pause(); this.go(Number(e.target.value)); } });
    this.counter = h("span", { class: "mf-counter" });
    this.playButton = this.button("Play", "Play (space)", () => this.play());
    const speed = h("select", { "aria-label": "Speed", onchange: (e) => { this.speed = Number(e.target.value); } }, ...SPEEDS.map((x) => h("option", { value: x, ...(x === 1 ? { selected: true } : {}) }, x + "×")));
    const controls = h("div", { class: "mf-controls" }, this.button("|◀", "To the start (Home)", () => this.go(0)), this.button("◀", "One step back (left arrow)", () => this.go(this.cursor - 1)), this.playButton,
      this.button("▶", "One step on (right arrow)", () => this.forward()), this.button("▶|", "To the end (End)", () => this.go(this.tape.length - 1)), this.button("next decision", "To the next decision (n)", () => this.interesting()), this.slider, this.counter, speed);
    this.lines = h("ol", { class: "mf-transcript" });
    this.details = h("details", { ontoggle: () => this.transcript() }, h("summary", {}, `Transcript, ${this.tape.length} steps`), this.lines);
    this.helpBox = h("p", { class: "mf-help", hidden: true }, "Keys: ← → step, Home and End, space plays, n next decision, numbers for the views, p presents, s shares, Page Up and Page Down for a remote control, Escape leaves.");
    const head = h("div", { class: "mf-head" }, h("b", {}, this.options.title || this.tape.data.organization.title || this.tape.data.organization.name), tabs,
      ...(this.options.share ? [this.button("Share", "Share this step as a text (s)", () => this.share())] : []), this.button("Present", "Present (p)", () => this.present()), this.button("?", "Keys (question mark)", () => { this.helpBox.hidden = !this.helpBox.hidden; }));
    this.extra = h("div", { class: "mf-extra" });
    this.shareBox = h("p", { class: "mf-share", hidden: true });
    this.root.append(head, this.helpBox, this.shareBox, this.stage, h("div", { class: "mf-story" }, this.say, this.why, this.ask), controls, this.extra, this.details);
  }
  share() {
    if (!this.options.share) return;
    const line = h("code", {}, `mailflow.play("${this.options.share}:${this.cursor}")`), status = h("span", { role: "status" });
    this.shareBox.replaceChildren("This line opens this step in another notebook. ", status, line, this.button("Close", "Close the line", () => { this.draw(); this.root.focus(); }));
    this.shareBox.hidden = false;
    clip(line, status);
  }
  toggle(name) {
    if (this.open.has(name) && this.open.size > 1) this.open.delete(name); else this.open.add(name);
    this.draw();
  }
  show(name) { this.open.add(name); this.draw(); }
  draw() {
    const before = this.positions();
    const state = this.tape.at(this.cursor), event = this.event;
    const shown = VIEWS.filter((name) => this.open.has(name));
    for (const name of shown) { this.views[name] ||= new KINDS[name](this); this.views[name].update(state); }
    const wanted = shown.map((name) => this.views[name].el);
    if (wanted.length !== this.stage.children.length || wanted.some((el, i) => this.stage.children[i] !== el)) this.stage.replaceChildren(...wanted);
    for (const button of this.root.querySelectorAll("[data-view]")) button.setAttribute("aria-pressed", String(this.open.has(button.dataset.view)));
    const text = this.tape.sentence(event), rule = this.tape.rule(event);
    write(this.say, text);
    this.why.replaceChildren(h("b", {}, event.step.component), ` · ${rule.title} `, h("span", { class: "mf-sure mf-sure-" + rule.sure.split(" ")[0] }, `${rule.numbers.join(", ")} · ${rule.sure}`));
    this.counter.textContent = `${this.cursor + 1} / ${this.tape.length}   ${clock(event.time)}`;
    this.slider.value = this.cursor;
    this.slider.setAttribute("aria-valuetext", `step ${this.cursor + 1} of ${this.tape.length}`);
    this.mark();
    this.shareBox.hidden = true;
    this.animate(before);
  }
  // Only what moved is animated: each chip flies from where it was, a copy from where its original was.
  positions() {
    const found = new Map();
    for (const el of this.stage?.querySelectorAll("[data-mail]") || []) {
      const box = el.getBoundingClientRect();
      if (box.width) found.set(el.closest(".mf-map, .mf-inside")?.className + el.dataset.mail, box);
    }
    return found;
  }
  animate(before) {
    if (!before.size || matchMedia("(prefers-reduced-motion: reduce)").matches) return;
    const origin = {}, moves = [];
    for (const [name, made, old] of this.event.effects) if (name === "mail") origin[made] = old;
    for (const el of this.stage.querySelectorAll("[data-mail]")) {
      const view = el.closest(".mf-map, .mf-inside")?.className, mail = el.dataset.mail;
      const from = before.get(view + mail) || before.get(view + origin[mail]);
      if (!from) continue;
      const to = el.getBoundingClientRect(), scale = el.ownerSVGElement ? el.ownerSVGElement.getScreenCTM().a : 1;
      const dx = (from.left - to.left) / scale, dy = (from.top - to.top) / scale;
      if (Math.abs(dx) + Math.abs(dy) < 2) continue;
      const base = el.getAttribute("transform")?.match(/[-\d.]+/g) || [0, 0];
      const end = el.ownerSVGElement ? `translate(${base[0]}px,${base[1]}px)` : "none";
      const start = el.ownerSVGElement ? `translate(${Number(base[0]) + dx}px,${Number(base[1]) + dy}px)` : `translate(${dx}px,${dy}px)`;
      moves.push([el, [{ transform: start }, { transform: end }]]);
    }
    // Measure all, then move all: in turns, every move would make the browser lay out the page again.
    for (const [el, frames] of moves) el.animate(frames, { duration: 320, easing: "ease-in-out" });
  }
  keep() { return { views: [...this.open], server: this.server }; }
  question(target) { return (this.options.questions || []).find((item) => item.at === target && !this.answers[item.id]); }
  forward() {
    if (this.asking) return;
    const target = this.cursor + 1, question = this.question(target);
    if (question) this.pose(question); else this.go(target);
  }
  go(number) {
    const target = Math.max(0, Math.min(this.tape.length - 1, number));
    this.asking = null;
    this.ask.replaceChildren();
    if (target === this.cursor) return;
    this.cursor = target;
    this.draw();
    this.hooks.cursor?.(target);
  }
  pose(question) {
    this.pause();
    this.asking = question;
    const form = h("fieldset", {}, h("legend", {}, "Predict: " + question.prompt), ...question.options.map((text, i) => h("label", {}, h("input", { type: "radio", name: this.id + question.id, value: i }), " " + text)),
      h("div", {}, this.button("Answer", "Answer", () => this.answer(form)), this.button("Skip", "Skip this question", () => this.settle({ skipped: true, right: false, chosen: null }))));
    this.ask.replaceChildren(form);
    form.querySelector("input").focus();
  }
  answer(form) {
    const chosen = form.querySelector("input:checked");
    if (!chosen) { form.querySelector("legend").textContent = "Choose one answer, or skip. " + this.asking.prompt; return; }
    const index = Number(chosen.value);
    this.settle({ chosen: index, right: index === this.asking.answer, skipped: false });
  }
  settle(result) {
    const question = this.asking;
    this.answers = { ...this.answers, [question.id]: result };
    this.hooks.answers?.(this.answers);
    this.go(question.at);
    const right = question.options[question.answer];
    const text = result.skipped ? `What happened: ${right}. ` : result.right ? `✔ Right: ${right}. ` : `✘ Not quite. You chose ${question.options[result.chosen]}; what happened is ${right}. `;
    this.ask.replaceChildren(h("p", { class: result.right ? "mf-right" : "mf-wrong", role: "status" }, text + question.why));
    this.root.focus({ preventScroll: true });
  }
  interesting() {
    this.pause();
    for (let i = this.cursor + 1; i < this.tape.length; i += 1) {
      const event = this.tape.events[i], question = this.question(i);
      if (question) { this.go(i - 1); this.pose(question); return; }
      if (event.step.decision || event.effects.some(([name]) => name === "end")) { this.go(i); return; }
    }
    this.go(this.tape.length - 1);
  }
  play() { if (this.timer) { this.pause(); return; } this.playButton.textContent = "Pause"; this.playButton.setAttribute("aria-label", "Pause (space)"); this.tick(); }
  pause() { clearTimeout(this.timer); this.timer = 0; this.playButton.textContent = "Play"; this.playButton.setAttribute("aria-label", "Play (space)"); }
  tick() {
    this.timer = setTimeout(() => {
      this.forward();
      if (this.asking || this.cursor >= this.tape.length - 1) this.pause(); else if (this.timer) this.tick();
    }, 1600 / this.speed);
  }
  present() {
    const full = this.root.classList.toggle("mf-present");
    if (full) this.root.requestFullscreen?.().catch(() => {}); else if (document.fullscreenElement) document.exitFullscreen();
    this.draw();
  }
  key(event) {
    const typing = ["SELECT", "TEXTAREA"].includes(event.target.tagName) || (event.target.tagName === "INPUT" && event.target.type !== "range");
    if (typing || event.ctrlKey || event.metaKey || event.altKey) return;
    const onButton = event.target.closest("button, summary, [role=button]") !== null;
    const act = { ArrowRight: () => this.forward(), ArrowLeft: () => { this.pause(); this.go(this.cursor - 1); }, PageDown: () => this.forward(), PageUp: () => this.go(this.cursor - 1), Home: () => this.go(0), End: () => this.go(this.tape.length - 1),
      " ": onButton ? null : () => this.play(), n: () => this.interesting(), p: () => this.present(), s: () => this.share(), "?": () => { this.helpBox.hidden = !this.helpBox.hidden; }, Escape: () => { if (this.root.classList.contains("mf-present")) this.present(); },
      ...Object.fromEntries(VIEWS.map((name, i) => [i + 1, () => this.toggle(name)])) }[event.key];
    event.stopPropagation();
    if (act) { event.preventDefault(); act(); }
  }
  transcript() {
    if (!this.details.open || this.lines.children.length) return;
    this.lines.append(...this.tape.events.map((event) => h("li", {}, h("button", { type: "button", onclick: () => this.go(event.number) }, h("span", { class: "mf-clock" }, clock(event.time)), " " + this.tape.sentence(event)))));
    this.mark();
  }
  mark() {
    this.lines.querySelector("[aria-current]")?.removeAttribute("aria-current");
    const line = this.lines.children[this.cursor];
    if (line) { line.setAttribute("aria-current", "step"); this.lines.scrollTop = line.offsetTop - this.lines.offsetTop - 60; }
  }
}

function firstDifference(a, b) {
  const most = Math.max(a.length, b.length);
  for (let i = 0; i < most; i += 1) if (!a.events[i] || !b.events[i] || a.sentence(a.events[i]) !== b.sentence(b.events[i])) return i;
  return -1;
}

function compare(el, options, hooks) {
  const [left, right] = [h("div", {}), h("div", {})], [a, b] = options.traces.map((data) => new Tape(data)), first = firstDifference(a, b);
  const note = h("p", { class: "mf-note" }, first < 0 ? "The two runs are equal." : `The first difference is at step ${first + 1}. `);
  const made = [];
  // Up to the first difference both sides are at one step; after it they are at one time.
  const twin = (from, to, cursor) => {
    if (first < 0 || cursor < first) return cursor;
    const time = from.tape.events[cursor].time;
    let at = to.tape.length - 1;
    while (at > 0 && to.tape.events[at].time > time) at -= 1;
    return at;
  };
  let moving = false;
  const follow = (other) => (cursor) => {
    if (!made[other] || moving) return;
    moving = true;
    made[other].go(twin(made[1 - other], made[other], cursor));
    moving = false;
    hooks.cursor?.(made[0].cursor);
  };
  [left, right].forEach((side, i) => made.push(new Player(side, options.traces[i], { ...options, title: options.labels[i], questions: [] }, { cursor: follow(1 - i) })));
  if (first >= 0) note.append(h("button", { type: "button", onclick: () => made[0].go(first) }, "Go there"));
  el.replaceChildren(h("div", { class: "mf mf-compare-head" }, note), h("div", { class: "mf-compare" }, left, right));
  return made[0];
}

export function mount(el, data, options = {}, hooks = {}) {
  return options.traces ? compare(el, options, hooks) : new Player(el, data, options, hooks);
}

// Whoever loads this module from a notebook file also knows how to unpack what is stored there.
export async function render({ model, el, unpack }) {
  const hooks = {
    cursor: (value) => { model.set("cursor", value); model.save_changes(); },
    answers: (value) => { model.set("answers", value); model.save_changes(); },
  };
  hooks.act = (message) => model.send(message);
  let player;
  const open = async (more = {}) => {
    const [trace, other] = await Promise.all(["trace", "other"].map(async (name) => (model.get(name) ? JSON.parse(await unpack(model.get(name))) : null)));
    player = mount(el, trace, { ...model.get("options"), ...more, ...(other ? { traces: [trace, other] } : {}), cursor: model.get("cursor"), answers: model.get("answers") }, hooks);
  };
  await open();
  const moved = () => { if (model.get("cursor") !== player.cursor) player.go(model.get("cursor")); };
  // A new trace of the same organization: stay where we are, with the views that are open.
  const replaced = () => { player.pause(); open(player.keep()); };
  const heard = (message) => player.heard?.(message);
  model.on("change:cursor", moved);
  model.on("change:trace", replaced);
  model.on("msg:custom", heard);
  return () => { player.pause?.(); model.off("change:cursor", moved); model.off("change:trace", replaced); model.off("msg:custom", heard); };
}

export default { render, mount };
