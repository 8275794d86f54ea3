// What a player consists of. An entry point registers its parts here; no module changes another one.

const views = new Map();
const layers = [];
const voices = [];
const extras = [];

/**
 * Add a view: `make(player)` gives an object with `element` and `update(state)`; `wants` is the width in CSS pixels
 * below which its picture scrolls instead of shrinking, 0 for none; `signs` are pairs of a sign of its picture and what
 * it means; `when(player)` says whether a player has it. Views stand in the order in which they are added. What a
 * bet can be answered with carries `data-spot`, such as "server:LON01".
 */
export function addView(name, { make, wants = 0, signs = [], when = () => true }) {
  views.set(name, { make, wants, signs, when });
}

/** Add a layer to the map: `make(map)` gives `draw()`, `update(state)` and, where wanted, `wire(event, peer)`. */
export function addMapLayer(make) {
  layers.push(make);
}

/** Let the ladder hear more than SMTP: `voice(player, event)` gives `speaker`, `said`, `answer`, or nothing. */
export function addVoice(voice) {
  voices.push(voice);
}

/** Add something below the controls: `make(player)` gives an element, or nothing. */
export function addExtra(make) {
  extras.push(make);
}

/** The names of the views that a player has, in order. */
export function viewNames(player) {
  return [...views.keys()].filter((name) => views.get(name).when(player));
}

/** The signs of a view, each with what it means. */
export function signsOf(name) {
  return views.get(name).signs;
}

/** Make a view of a player. */
export function makeView(name, player) {
  const { make, wants } = views.get(name);
  const view = make(player);
  if (wants) view.element.style.setProperty("--mf-wants", `${wants}px`);
  // What scrolls can be scrolled by keyboard.
  const scrolls = { tabindex: 0, role: "group", "aria-label": `${name} view` };
  for (const [key, value] of Object.entries(scrolls)) view.element.setAttribute(key, value);
  return view;
}

/** The layers of a map. */
export function makeLayers(map) {
  return layers.map((make) => make(map));
}

/** What the first voice that knows an event says of it. */
export function heard(player, event) {
  for (const voice of voices) {
    const says = voice(player, event);
    if (says) return says;
  }
  return null;
}

/** Whatever stands below the controls. */
export function makeExtras(player) {
  return extras.map((make) => make(player)).filter(Boolean);
}
