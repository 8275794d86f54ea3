// What is wrong with players as they are painted: `measure.at(root, where, player)` gives one line for each fault.
// Nothing is asked of the layout, only of boxes, texts and paths on the screen; `player` tells the state they have to show.
globalThis.measure ||= (() => {
  const TYPE = 11;
  const TARGET = 24;
  const EVERY = 4;
  const SLACK = 1.5;
  const LOW = 130;
  const FRAME = [".mf-head", ".mf-stage", ".mf-slot", ".mf-controls"];
  /** Where each step button was seen first, by window. */
  const steps = new WeakMap();

  const box = (element) => {
    const { left, top, right, bottom } = element.getBoundingClientRect();
    return { left, top, right, bottom };
  };
  const wide = ({ left, right }) => right - left;
  const high = ({ top, bottom }) => bottom - top;
  const meet = (one, other) => ({
    left: Math.max(one.left, other.left),
    top: Math.max(one.top, other.top),
    right: Math.min(one.right, other.right),
    bottom: Math.min(one.bottom, other.bottom),
  });
  const overlap = (one, other, slack = SLACK) => {
    const both = meet(one, other);
    return wide(both) > slack && high(both) > slack;
  };
  const within = (outer, inner, slack = SLACK) =>
    inner.left >= outer.left - slack &&
    inner.top >= outer.top - slack &&
    inner.right <= outer.right + slack &&
    inner.bottom <= outer.bottom + slack;
  const named = (words) => `“${words.trim().replace(/\s+/g, " ").slice(0, 40)}”`;
  const seen = (element) =>
    element.checkVisibility({ visibilityProperty: true }) && !element.closest(".mf-hidden, option, title");

  // The part of the screen on which an element can be seen: what clips it or scrolls around it.
  const WINDOW = () => ({ left: 0, top: 0, right: innerWidth, bottom: innerHeight });
  const EVERYWHERE = () => ({ left: -1e6, top: -1e6, right: 1e6, bottom: 1e6 });
  const sight = (element, from = WINDOW) => {
    let found = from();
    const outer = element.parentElement.closest(".jp-WindowedPanel-outer");
    if (outer && from === WINDOW) found = meet(found, box(outer));
    for (let around = element.parentElement; around; around = around.parentElement) {
      if (around.matches("body, .jp-Cell")) break;
      const { overflowX, overflowY } = getComputedStyle(around);
      if (overflowX !== "visible" || overflowY !== "visible") found = meet(found, box(around));
    }
    return found;
  };

  const scale = (element) => (element instanceof SVGElement ? (element.getScreenCTM()?.a ?? 1) : 1);

  /** Every text on the screen with its holder and its box. */
  const textsOf = (root) => {
    const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
    const found = [];
    const range = document.createRange();
    while (walker.nextNode()) {
      const holder = walker.currentNode.parentElement;
      if (!walker.currentNode.data.trim() || !seen(holder)) continue;
      range.selectNodeContents(walker.currentNode);
      const lines = [...range.getClientRects()].filter((line) => line.width > 0.5);
      if (!lines.length) continue;
      // Its own holder may clip it, too.
      const clip = sight(walker.currentNode, EVERYWHERE);
      found.push({ words: walker.currentNode.data, holder, lines, box: box(range), clip });
    }
    return found;
  };

  // ---- the frame ----

  const inPlace = (root) => {
    const found = [];
    const view = sight(root);
    const frame = box(root);
    if (high(frame) > high(view) + SLACK) found.push("the player is higher than what can be seen of it at once");
    for (const name of FRAME) {
      const part = box(root.querySelector(name));
      if (!within(frame, part, 0.5) || high(part) <= 0) found.push(`${name} is not inside the player`);
      else if (!within(view, part)) found.push(`${name} is not in sight`);
    }
    const slot = root.querySelector(".mf-slot");
    const over = slot.scrollHeight - slot.clientHeight;
    if (over > 0) found.push(`${over} px of the words are cut off`);
    return found;
  };

  const stepStays = (root) => {
    const { left, top, right, bottom } = box(root.querySelector(".mf-step"));
    const { left: x, top: y } = box(root);
    const here = [left - x, top - y, right - x, bottom - y].map(Math.round).join(" ");
    const size = `${innerWidth} ${innerHeight} ${root.matches(".mf-present")}`;
    const known = steps.get(root) ?? {};
    known[size] ??= here;
    steps.set(root, known);
    return known[size] === here ? [] : [`the step button is at ${here} and was at ${known[size]}`];
  };

  const acting = (root) =>
    [...root.querySelectorAll(".mf-stage > div")].flatMap((view) => {
      const lit = [...view.querySelectorAll(".mf-active, .mf-now")].filter(seen);
      if (!lit.length) return [];
      const stage = box(root.querySelector(".mf-stage"));
      // In a picture that has but little room part of it is enough: one scrolls there.
      const most = high(stage) < LOW ? 20 : 60;
      const whole = lit.some((part) => {
        const clip = meet(sight(part), stage);
        const place = box(part.querySelector(".mf-box") ?? part);
        const both = meet(clip, place);
        // A row ends before the padding of the part that scrolls.
        return wide(both) >= Math.min(wide(place), wide(clip)) - 10 && high(both) >= Math.min(high(place), most) - 3;
      });
      return whole ? [] : [`what acts in ${view.className} is not in sight`];
    });

  // In forced colours, too, one sees which view is open.
  const pressed = (root) => {
    const [on, off] = ["true", "false"].map((is) => root.querySelector(`.mf-tabs [aria-pressed=${is}]`));
    if (!on || !off) return [];
    const same = getComputedStyle(on).backgroundColor === getComputedStyle(off).backgroundColor;
    return same ? ["the tab of the open view looks like the others"] : [];
  };

  // ---- texts ----

  const type = (texts) =>
    texts.flatMap(({ words, holder }) => {
      const size = Number.parseFloat(getComputedStyle(holder).fontSize) * scale(holder);
      return size < TYPE - 0.05 ? [`${named(words)} is ${size.toFixed(1)} px`] : [];
    });

  // A text that goes on where one can scroll, or that is shortened and told in full by a title, is not cut.
  const cut = (root, texts) =>
    texts.flatMap(({ words, holder, box: place }) => {
      for (let around = holder; around && root.contains(around); around = around.parentElement) {
        const { overflowX, overflowY } = getComputedStyle(around);
        if (overflowX === "visible" && overflowY === "visible") continue;
        const frame = box(around);
        const told = around.closest("[title]")?.getAttribute("title") ?? "";
        if (told.includes(words.trim().replace(/…$/, ""))) return [];
        const wider = !/auto|scroll/.test(overflowX) && (place.right > frame.right + 2 || place.left < frame.left - 2);
        const higher =
          !/auto|scroll/.test(overflowY) && (place.bottom > frame.bottom + 2 || place.top < frame.top - 2);
        if (wider || higher) return [`${named(words)} is cut`];
        if (/auto|scroll/.test(overflowX) && /auto|scroll/.test(overflowY)) return [];
      }
      return [];
    });

  // Of two side by side, what is chosen for both stands above them.
  const inside = (root, texts) =>
    texts.flatMap(({ words, holder, lines, clip }) => {
      const whole = box(root.closest(".mf-compare") && holder.closest(".mf-once") ? root.closest(".mf-compare").parentElement : root);
      const out = lines.map((line) => meet(line, clip)).some((line) => wide(line) > 1 && high(line) > 1 && !within(whole, line));
      return out ? [`${named(words)} leaves the player`] : [];
    });

  const apart = (root, texts) => {
    const found = [];
    const card = root.querySelector(".mf-card:not([hidden])");
    const shown = texts
      .filter(({ holder }) => !card || card.contains(holder) || !holder.closest(".mf-scene"))
      .filter(({ holder }) => !holder.closest("select"))
      .flatMap(({ words, holder, lines, clip }) =>
        lines.map((line) => ({ words, holder, line: meet(line, clip) })).filter(({ line }) => wide(line) > 2 && high(line) > 2),
      )
      .sort((one, other) => one.line.top - other.line.top);
    for (const [number, one] of shown.entries()) {
      for (const other of shown.slice(number + 1)) {
        if (other.line.top >= one.line.bottom - 2) break;
        if (one.holder === other.holder || hidden(one) || hidden(other)) continue;
        // Boxes of type are taller than its letters: lines may touch by a few pixels.
        const both = meet(one.line, other.line);
        if (wide(both) > 2 && high(both) > 5) found.push(`${named(one.words)} lies on ${named(other.words)}`);
      }
    }
    return found;
  };

  // Whether something else lies over a text, as a head that stays lies over the rows that scroll under it.
  const hidden = ({ holder, line }) => {
    const top = document.elementFromPoint((line.left + line.right) / 2, (line.top + line.bottom) / 2);
    if (holder instanceof SVGElement || getComputedStyle(holder).pointerEvents === "none") return false;
    for (let over = top; over && !over.contains(holder) && !holder.contains(over); over = over.parentElement) {
      if (!/^rgba\(.*, 0\)$|^transparent$/.test(getComputedStyle(over).backgroundColor)) return true;
    }
    return false;
  };

  const TARGETS = "button, select, summary, input, [role=button]:not(.mf-grip)";

  // What is painted small may be pressed around it, too: asked is who gets a press at the ends of 24 pixels.
  const targets = (root) =>
    [...root.querySelectorAll(TARGETS)].filter(seen).flatMap((target) => {
      const place = box(target.querySelector?.(":scope > .mf-box") ?? target);
      const far = TARGET / 2 - 1;
      const [x, y] = [(place.left + place.right) / 2, (place.top + place.bottom) / 2];
      // What lies at the edge of what scrolls is whole when one scrolls to it.
      const round = { left: x - far, top: y - far, right: x + far, bottom: y + far };
      const whole = wide(place) && within(sight(target), round, -1);
      // A pixel less, and one at each end below: boxes lie between pixels.
      if (!whole || (wide(place) >= TARGET - 1 && high(place) >= TARGET - 1)) return [];
      // What lies under the categorizer's tree or a card is pressed when that is closed.
      const over = document.elementFromPoint(x, y)?.closest(".mf-people, .mf-card");
      if (over && !over.contains(target)) return [];
      const ends = [];
      if (high(place) < TARGET - 1) ends.push([x, y - far], [x, y + far]);
      if (wide(place) < TARGET - 1) ends.push([x - far, y], [x + far, y]);
      if (ends.every(([left, top]) => document.elementFromPoint(left, top)?.closest(TARGETS) === target)) return [];
      const name = target.getAttribute("aria-label") || target.textContent || target.tagName;
      return [`${named(name)} can be pressed on ${wide(place).toFixed(1)} by ${high(place).toFixed(1)} px`];
    });

  // ---- the map ----

  const pointsOf = (path) => {
    const matrix = path.getScreenCTM();
    const found = [];
    for (let way = 0, end = path.getTotalLength(); way <= end; way += EVERY) {
      found.push(path.getPointAtLength(way).matrixTransform(matrix));
    }
    return found;
  };

  /** The boxes that the line of a connector may touch: those of its bridgeheads. */
  const ownOf = (player, name) => {
    const { connectors, servers } = player.tape.data.organization;
    const connector = connectors.find((item) => item.name === name);
    if (!connector) return new Set();
    const inGroups = (groups) => servers.filter((item) => groups.includes(item.routing_group)).map((item) => item.name);
    const near = connector.local_bridgeheads.length ? connector.local_bridgeheads : inGroups([connector.routing_group]);
    const far = connector.remote_bridgeheads.length ? connector.remote_bridgeheads : inGroups(connector.to);
    const closed = new Map([...player.views.Map.boxes.values()].flatMap(({ names, node }) => names.map((one) => [one, node.id])));
    return new Set([...near, ...far].flatMap((one) => [one, closed.get(one)]));
  };

  const map = (root, player) => {
    const view = root.querySelector(".mf-stage > .mf-map");
    if (!view || !seen(view)) return [];
    const found = [];
    const all = (selector) => [...view.querySelectorAll(selector)].filter(seen);
    const nodes = all(".mf-node").map((node) => [node.dataset.node, box(node.querySelector(".mf-box"))]);
    const active = new Set(all(".mf-active").map((node) => node.dataset.node));
    for (const path of all(".mf-wire, .mf-beam")) {
      const name = path.closest("[data-spot]")?.dataset.spot.replace("connector:", "") ?? "";
      const own = name ? ownOf(player, name) : active;
      const points = pointsOf(path);
      for (const [node, place] of nodes) {
        const inside = ({ x, y }) =>
          x > place.left + 1 && x < place.right - 1 && y > place.top + 1 && y < place.bottom - 1;
        if (!own.has(node) && points.some(inside)) found.push(`the line of ${name || "the session"} runs through ${node}`);
      }
    }
    const svg = box(view.querySelector(".mf-svg"));
    for (const label of all("[data-part=label]")) {
      const place = box(label);
      const words = named(label.textContent || "port");
      for (const [node, other] of nodes) if (overlap(place, other)) found.push(`${words} lies on the box ${node}`);
      for (const title of all(".mf-grouptext")) {
        if (overlap(place, box(title))) found.push(`${words} lies on ${named(title.textContent)}`);
      }
      if (!within(svg, place)) found.push(`${words} leaves the picture`);
    }
    for (const text of all(".mf-node text")) {
      const own = box(text.closest(".mf-node").querySelector(".mf-box"));
      if (text.textContent && !within(own, box(text), 2)) found.push(`${named(text.textContent)} leaves its box`);
    }
    return [...found, ...mapChips(view, player, new Map(nodes))];
  };

  const mapChips = (view, player, nodes) => {
    const found = [];
    const state = player.tape.at(player.cursor);
    const homes = new Map([...player.views.Map.boxes.values()].flatMap(({ names, node }) => names.map((one) => [one, node.id])));
    const chips = [...view.querySelectorAll(".mf-token")].filter(seen);
    for (const chip of chips) {
      const place = box(chip);
      const { mail, home } = chip.dataset;
      if (!within(nodes.get(home), place)) found.push(`the chip ${named(chip.textContent)} is not in the box ${home}`);
      if (!mail) continue;
      const server = state.mails.get(mail)?.server;
      if (!server) found.push(`${mail} has a chip and is nowhere`);
      else if ((homes.get(server) ?? server) !== home) found.push(`${mail} is on ${server}, its chip in ${home}`);
    }
    for (const [number, chip] of chips.entries()) {
      for (const other of chips.slice(number + 1)) {
        if (overlap(box(chip), box(other))) found.push(`${named(chip.textContent)} lies on ${named(other.textContent)}`);
      }
    }
    for (const home of nodes.keys()) {
      const there = [...state.mails.values()].filter(({ server }) => (homes.get(server) ?? server) === home).length;
      const mine = chips.filter((chip) => chip.dataset.home === home);
      const told = mine.reduce((sum, chip) => sum + (chip.dataset.mail ? 1 : Number.parseInt(chip.textContent, 10)), 0);
      if (told !== there) found.push(`${there} MailMsgs are on ${home}, and chips for ${told}`);
    }
    return found;
  };

  // ---- the inside of a server ----

  const server = (root, player) => {
    const view = root.querySelector(".mf-stage > .mf-inside");
    if (!view || !seen(view)) return [];
    const found = [];
    const name = player.shownServer();
    const state = player.tape.at(player.cursor);
    for (const chip of view.querySelectorAll("[data-part=chip]")) {
      const { mail } = chip.dataset;
      const { server: home, place } = state.mails.get(mail) ?? {};
      const slot = chip.closest("[data-place]");
      if (home !== name || place !== slot?.dataset.place) {
        found.push(`${mail} is in ${place} of ${home}, its chip in ${slot?.dataset.place} of ${name}`);
      } else if (!within(box(slot), box(chip))) found.push(`the chip of ${mail} leaves ${place}`);
    }
    for (const [mail, { server: home, place }] of state.mails) {
      const slot = home === name && view.querySelector(`[data-place="${CSS.escape(place)}"]`);
      if (slot && !slot.querySelector(`[data-mail="${CSS.escape(mail)}"], .mf-more`)) found.push(`${mail} in ${place} has no chip`);
    }
    for (const part of view.querySelectorAll("[data-part=box]")) {
      for (const other of view.querySelectorAll("[data-part=box]")) {
        if (part === other || part.contains(other) || other.contains(part)) continue;
        if (overlap(box(part), box(other))) found.push(`${part.ariaLabel} lies on ${other.ariaLabel}`);
      }
    }
    return found;
  };

  // ---- all of it ----

  /** What is wrong with a player now. Without `player` only what needs no state is looked at. */
  const at = (root, where, player = null) => {
    const texts = textsOf(root);
    const found = [...inPlace(root), ...stepStays(root), ...acting(root), ...pressed(root), ...type(texts), ...cut(root, texts), ...inside(root, texts)];
    found.push(...apart(root, texts), ...targets(root));
    if (player) found.push(...map(root, player), ...server(root, player));
    return [...new Set(found)].map((fault) => `${where}: ${fault}`);
  };

  const settled = () => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(done, 30))));

  /** A player, and beside it the one that it is compared with. */
  const all = (player, where) =>
    [...document.querySelectorAll(".mf:has(.mf-stage)")].flatMap((root, side, { length }) => {
      // Where the window is too narrow for two, they stand one under the other.
      if (length > 1) root.scrollIntoView({ block: "nearest" });
      return at(root, side ? `${where} beside` : where, root === player.root ? player : null);
    });

  /** At steps, in the order in which they are given. */
  const walk = (player, numbers, where = "") => {
    if (player.questions) player.questions.silenced = true;
    const level = numbers.every((number) => player.levels.stops.includes(number)) ? "story" : "everything";
    if (player.levels.level !== level) player.tellAt({ level });
    return numbers.flatMap((number) => {
      player.go(number);
      return all(player, `${where} ${level} step ${number + 1}`);
    });
  };

  /** At each bet and at each verdict. */
  const bets = (player, where) => {
    const found = [];
    if (player.questions) player.questions.silenced = false;
    player.tellAt({ level: "story" });
    for (const question of player.questions?.all ?? []) {
      const ask = () => {
        player.go(question.at - 1);
        player.questions.pose(question);
      };
      ask();
      found.push(...all(player, `${where} bet ${question.id}`));
      question.options.forEach((_, index) => {
        ask();
        player.questions.answer(index);
        found.push(...all(player, `${where} answer ${index} to ${question.id}`));
      });
      player.answers = {};
    }
    player.questions?.clear();
    return found;
  };

  /** The step at which most is under way. */
  const fullest = (player) => {
    const counts = player.tape.events.map((_, number) => player.tape.at(number).mails.size);
    return counts.indexOf(Math.max(...counts));
  };
  /** The beat with the most words. */
  const longest = (player) =>
    player.levels.stops.reduce((most, number) => (player.levels.words(number).length > player.levels.words(most).length ? number : most));

  return { at, all, walk, bets, settled, fullest, longest };
})();
