// Two runs side by side with one cursor.

import { html } from "./dom.js";
import { Player } from "./player.js";
import { firstDifference } from "./tape.js";

/** Show two traces; the player of the first is given back. */
export function compare(element, options, hooks) {
  const sides = [html("div"), html("div")];
  const note = html("p", { class: "mf-note" });
  const players = [];
  const follow = following(players, hooks);
  const same = (index) => (level) => {
    const other = players[1 - index];
    if (level && other && other.levels.level !== level) other.tellAt({ level });
  };
  sides.forEach((side, index) => {
    const own = { ...options, title: options.labels[index], questions: [], stories: [options.stories?.[index]] };
    players.push(new Player(side, options.traces[index], own, { cursor: follow(index), level: same(index) }));
  });
  const first = firstDifference(players[0].tape, players[1].tape);
  players.first = first;
  describe(note, first, () => players[0].go(first));
  const head = html("div", { class: "mf mf-compare-head" }, note);
  element.replaceChildren(head, html("div", { class: "mf-compare" }, ...sides));
  return players[0];
}

function describe(note, first, go) {
  if (first < 0) note.append("The two runs are equal.");
  else {
    const there = html("button", { type: "button", onclick: go }, "Go there");
    note.append(`The first difference is at step ${first + 1}. `, there);
  }
}

// When one player moves, the other follows.
function following(players, hooks) {
  let moving = false;
  return (index) => (cursor) => {
    const other = players[1 - index];
    if (!other || moving) return;
    moving = true;
    other.go(twin(players[index].tape, other.tape, cursor, players.first));
    moving = false;
    hooks.cursor?.(players[0].cursor);
  };
}

// Up to the first difference both sides are at one step; after it they are at one time.
function twin(from, to, cursor, first) {
  if (first < 0 || cursor < first) return cursor;
  const { time } = from.events[cursor];
  let at = to.length - 1;
  while (at > 0 && to.events[at].time > time) at -= 1;
  return at;
}
