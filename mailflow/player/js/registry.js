// What a player consists of. An entry point registers its parts here; no module changes another one.

const views = new Map();
const layers = [];
const voices = [];
const extras = [];

/**
 * Add a view: `make(player)` gives an object with `element` and `update(state)`; `wants` is the width in CSS pixels
 * below which its picture scrolls instead of shrinking, 0 for none. Views stand in the order in which they are added.
 */
export function addView(name, { make, wants = 0 }) {
  views.set(name, { make, wants });
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

/** The names of all views, in order. */
export function viewNames() {
  return [...views.keys()];
}

/** Make a view of a player. */
export function makeView(name, player) {
  const { make, wants } = views.get(name);
  const view = make(player);
  if (wants) view.element.style.setProperty("--mf-wants", `${wants}px`);
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
