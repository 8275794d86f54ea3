// Entry point: the player as an anywidget, with the views that every trace has.

/** @import { Answer, Hooks, Level, Model, Options, Reply, TraceData } from "./types.js" */

import { askForFocus, listen, take } from "./focus.js";
import { LADDER_SIGNS, LadderView } from "./ladder.js";
import { later } from "./later.js";
import { MAP_SIGNS, MapView } from "./map.js";
import { Player } from "./player.js";
import { addView, makerOf } from "./registry.js";
import { ServerView, SIGNS } from "./server.js";
import { StoryView } from "./story.js";

export * from "./shared.js";

addView("Map", { make: (player) => new MapView(player), signs: MAP_SIGNS });
addView("Server", { make: (player) => new ServerView(player), signs: SIGNS });
addView("Ladder", { make: (player) => new LadderView(player), signs: LADDER_SIGNS });
addView("Tables", later("Tables", "tables"));
addView("Story", { make: (player) => new StoryView(player) });

/**
 * Show a trace in an element, or two of them (`options.traces`) side by side.
 *
 * @param {HTMLElement} element
 * @param {TraceData} data
 * @param {Options} [options]
 * @param {Hooks} [hooks]
 */
export function mount(element, data, options = {}, hooks = {}) {
  const compare = options.traces && makerOf("compare");
  return compare ? compare(element, options, hooks) : new Player(element, data, options, hooks);
}

/**
 * Show the player of a widget model.
 *
 * Whoever loads this module from a notebook file also knows how to `unpack` what is stored there, and to `load` a part.
 *
 * @param {{ model: Model, el: HTMLElement, unpack: (text: string) => Promise<string>,
 *   load: (part: string) => Promise<unknown> }} widget
 */
export async function render({ model, el: element, unpack, load }) {
  listen();
  const hooks = { ...hooksOf(model), load };
  /** @param {"trace" | "other" | "beside"} name */
  const unpacked = async (name) => (model.get(name) ? JSON.parse(await unpack(model.get(name))) : null);
  /** @type {Player} */
  let player;
  const open = async (kept = {}) => {
    const [first, other] = await Promise.all([unpacked("trace"), unpacked("other")]);
    const traces = other ? { traces: [first, other] } : {};
    const now = { cursor: model.get("cursor"), answers: model.get("answers"), level: model.get("level") };
    const beside = await unpacked("beside");
    player = mount(element, first, { ...model.get("options"), ...beside, ...kept, ...traces, ...now }, hooks);
  };
  await open();
  /** @type {Record<string, (message: Reply) => void>} */
  const heard = {
    "change:cursor": () => {
      if (model.get("cursor") !== player.cursor) player.go(model.get("cursor"));
    },
    "change:level": () => {
      if (model.get("level") !== player.levels.level) player.tellAt({ level: model.get("level") });
    },
    // A new trace of the same organization: stay where we are, with the views that are open.
    "change:trace": () => {
      player.pause();
      open(player.keep());
    },
    "msg:custom": (message) => (message.focus ? take(element, player.root) : player.heard(message)),
  };
  for (const [name, act] of Object.entries(heard)) model.on(name, act);
  askForFocus(element, model);
  return () => {
    player.pause();
    for (const [name, act] of Object.entries(heard)) model.off(name, act);
  };
}

/**
 * @param {Model} model
 * @returns {Hooks}
 */
function hooksOf(model) {
  /** @type {(name: "cursor" | "answers" | "level") => (value: number | Record<string, Answer> | Level) => void} */
  const keep = (name) => (value) => {
    model.set(name, value);
    model.save_changes();
  };
  return {
    cursor: keep("cursor"),
    answers: keep("answers"),
    level: keep("level"),
    act: (message) => model.send(message),
  };
}

export default { render, mount };
