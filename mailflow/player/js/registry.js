// What a player consists of. An entry point registers its parts here; no module changes another one. What only some players need
// is a part of its own (`part_….js`), which Python sends along where it is needed.

/** @import { MapView } from "./map.js" */
/** @import { Player } from "./player.js" */
/** @import { Kind, Layer, PartMakers, Says, TapeEvent } from "./types.js" */

/** @type {Map<string, Required<Kind>>} */
const views = new Map();
/** @type {((map: MapView) => Layer | null)[]} */
const layers = [];
/** @type {((player: Player, event: TapeEvent) => Says | null)[]} */
const voices = [];
/** @type {((player: Player) => HTMLElement | null)[]} */
const extras = [];
/** @type {Partial<PartMakers>} */
const makers = {};

/**
 * Add a view: `make(player)` gives an object with `element` and `update(state)`; `signs` are pairs of a sign of its picture and what
 * it means; `when(player)` says whether a player has it. Views stand in the order in which they are added. What a
 * bet can be answered with carries `data-spot`, such as "server:LON01"; what a click or Enter takes down carries
 * `data-breaks`, such as "LON01" or "SMTP of LON01", and the cost of a connector `data-cost` with its name.
 *
 * @param {string} name
 * @param {Kind} kind
 */
export function addView(name, { make, signs = [], when = () => true }) {
  views.set(name, { make, signs, when });
}

/**
 * Add a layer to the map: `make(map)` gives `draw()` and, where wanted, `update(state)`; or nothing.
 *
 * @param {(map: MapView) => Layer | null} make
 */
export function addMapLayer(make) {
  layers.push(make);
}

/**
 * Let the ladder hear more than SMTP: `voice(player, event)` gives `speaker`, `said`, `answer`, or nothing.
 *
 * @param {(player: Player, event: TapeEvent) => Says | null} voice
 */
export function addVoice(voice) {
  voices.push(voice);
}

/**
 * Add something below the controls: `make(player)` gives an element, or nothing.
 *
 * @param {(player: Player) => HTMLElement | null} make
 */
export function addExtra(make) {
  extras.push(make);
}

/**
 * Say how something is made that a player has once, in a part of its own; a player whose part was not sent does without.
 *
 * @template {keyof PartMakers} Name
 * @param {Name} name
 * @param {PartMakers[Name]} make
 */
export function addMaker(name, make) {
  makers[name] = make;
}

/**
 * How something is made, if its part is there.
 *
 * @template {keyof PartMakers} Name
 * @param {Name} name
 * @returns {Partial<PartMakers>[Name]}
 */
export function makerOf(name) {
  return makers[name];
}

/**
 * Whether a player has a part. One that says nothing of parts has all that are there: another player of the page may have
 * brought some along.
 *
 * @param {Player} player
 * @param {string} part
 */
export function hasPart({ options }, part) {
  return options.parts?.includes(part) ?? true;
}

/** The names of all views, in order. */
export function allViews() {
  return [...views.keys()];
}

/** @param {string} name */
function kindOf(name) {
  const kind = views.get(name);
  if (!kind) throw new Error(`no view ${name}`);
  return kind;
}

/**
 * The names of the views that a player has, in order.
 *
 * @param {Player} player
 */
export function viewNames(player) {
  return [...views].filter(([, { when }]) => when(player)).map(([name]) => name);
}

/**
 * The signs of a view, each with what it means.
 *
 * @param {string} name
 */
export function signsOf(name) {
  return kindOf(name).signs;
}

/**
 * Make a view of a player.
 *
 * @param {string} name
 * @param {Player} player
 */
export function makeView(name, player) {
  const view = kindOf(name).make(player);
  // What scrolls can be scrolled by keyboard.
  const scrolls = { tabindex: 0, role: "group", "aria-label": `${name} view` };
  for (const [key, value] of Object.entries(scrolls)) view.element.setAttribute(key, String(value));
  return view;
}

/**
 * The layers of a map.
 *
 * @param {MapView} map
 */
export function makeLayers(map) {
  return layers.map((make) => make(map)).filter((layer) => layer !== null);
}

/**
 * What the first voice that knows an event says of it.
 *
 * @param {Player} player
 * @param {TapeEvent} event
 */
export function heard(player, event) {
  for (const voice of voices) {
    const says = voice(player, event);
    if (says) return says;
  }
  return null;
}

/**
 * Whatever stands below the controls.
 *
 * @param {Player} player
 */
export function makeExtras(player) {
  return extras.map((make) => make(player)).filter((extra) => extra !== null);
}
