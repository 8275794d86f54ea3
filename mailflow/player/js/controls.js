// The controls under the story, the keys, and playing by itself.

/** @import { Player } from "./player.js" */
/** @import { Level } from "./types.js" */

import { button, html, select } from "./dom.js";
import { clock } from "./format.js";
import { showHelp } from "./help.js";
import { LEVELS } from "./levels.js";
import { isPresented, present } from "./present.js";
import { viewNames } from "./registry.js";
import { share } from "./share.js";

const SPEEDS = [0.5, 1, 2, 4];
/** How long a step stands at speed 1, in milliseconds: time to look, and time for each letter that is to be read. */
const LOOK = 1200;
const LETTER = 45;
const PRESSED = "button, summary, [role=button]";

export class Controls {
  /** @param {Player} player */
  constructor(player) {
    this.player = player;
    this.speed = 1;
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.timer = undefined;
    this.level = this.levelPick();
    this.slider = html("input", { type: "range", min: 0, "aria-label": "Step", oninput: () => this.scrub() });
    this.counter = html("span", { class: "mf-counter" });
    this.time = html("span", { class: "mf-counter mf-time" });
    this.playButton = button("Play", "Play (space)", () => this.play(), { class: "mf-play" });
    const step = { class: "mf-step", "data-part": "step" };
    this.element = html(
      "div",
      { class: "mf-controls", "data-part": "controls" },
      html(
        "div",
        { class: "mf-bar" },
        button("|◀", "To the start (Home)", () => player.go(player.levels.stops[0])),
        button("◀", "Back (left arrow)", () => player.back()),
        button("▶", "On (right arrow)", () => player.forward(), step),
        this.playButton,
        button("▶|", "To the end (End)", () => player.go(player.levels.last)),
        this.slider,
        this.counter,
        this.time,
      ),
      html("div", { class: "mf-bar mf-choosing mf-once" }, this.level, this.followPick(), this.speeds()),
    );
  }

  scrub() {
    this.pause();
    this.player.go(this.player.levels.stops[Number(this.slider.value)]);
  }

  levelPick() {
    const { levels } = this.player;
    const choices = Object.entries(LEVELS).filter(([level]) => level !== "story" || levels.beats.length);
    return picker("How much is told (l)", choices, levels.level, (level) =>
      this.player.tellAt({ level: /** @type {Level} */ (level) }),
    );
  }

  followPick() {
    const { follows } = this.player.levels;
    if (follows.length < 2) return "";
    const named = follows.map((item, index) => [String(index), `Follow ${item.name}`]);
    return picker("Whom to follow", [["", "Follow all"], ...named], "", (chosen) =>
      this.player.tellAt({ followed: chosen === "" ? null : Number(chosen) }),
    );
  }

  speeds() {
    const speeds = SPEEDS.map((speed) => [String(speed), `${speed}×`]);
    return picker("Speed", speeds, "1", (speed) => {
      this.speed = Number(speed);
    });
  }

  /** The next level, and after the last one the first. */
  turnLevel() {
    const values = [...this.level.options].map((option) => option.value);
    const level = values[(values.indexOf(this.level.value) + 1) % values.length];
    this.player.tellAt({ level: /** @type {Level} */ (level) });
  }

  update() {
    const { cursor, event, levels, tape } = this.player;
    const place = levels.placeOf(cursor);
    const inBeats = levels.level === "story";
    const told = inBeats ? `beat ${place + 1} of ${levels.stops.length}` : `step ${cursor + 1} of ${tape.length}`;
    this.counter.textContent = told;
    this.time.textContent = clock(event.time);
    this.slider.max = String(levels.stops.length - 1);
    this.slider.value = String(place);
    this.slider.setAttribute("aria-valuetext", told);
    this.level.value = levels.level;
  }

  play() {
    if (this.timer) {
      this.pause();
      return;
    }
    this.called("Pause");
    this.tick();
  }

  pause() {
    clearTimeout(this.timer);
    this.timer = undefined;
    this.called("Play");
  }

  /** @param {string} name */
  called(name) {
    this.playButton.textContent = name;
    this.playButton.setAttribute("aria-label", `${name} (space)`);
  }

  tick() {
    const { player } = this;
    const pause = (LOOK + LETTER * (player.say.textContent ?? "").length) / this.speed;
    this.timer = setTimeout(() => {
      player.forward();
      if (player.asking || player.isOver) this.pause();
      else if (this.timer) this.tick();
    }, pause);
  }
}

/**
 * @param {string} label
 * @param {string[][]} choices pairs of a value and its text
 * @param {string} value
 * @param {(value: string) => void} choose
 */
function picker(label, choices, value, choose) {
  const options = choices.map(([name, text]) => html("option", { value: name, selected: name === value }, text));
  const made = select(label, choose, ...options);
  made.title = label;
  return made;
}

/**
 * What the keys do inside a player.
 *
 * @param {Player} player
 * @returns {Record<string, (event: KeyboardEvent) => void>}
 */
export function keysOf(player) {
  const { controls, levels } = player;
  const views = viewNames(player).map((name, index) => [index + 1, () => player.toggle(name)]);
  return {
    ArrowRight: (event) => (event.shiftKey ? player.go(player.cursor + 1) : player.forward()),
    ArrowLeft: (event) => (event.shiftKey ? player.go(player.cursor - 1) : player.back()),
    PageDown: () => player.forward(),
    PageUp: () => player.back(),
    Home: () => player.go(levels.stops[0]),
    End: () => player.go(levels.last),
    "]": () => player.go(levels.chapter(player.cursor, 1)),
    "[": () => player.go(levels.chapter(player.cursor, -1)),
    " ": () => controls.play(),
    l: () => controls.turnLevel(),
    n: () => player.nextStop(),
    p: () => present(player),
    s: () => share(player),
    g: () => player.save(),
    "?": () => showHelp(player),
    Escape: () => player.leave(isPresented(player)),
    ...Object.fromEntries(views),
  };
}

/**
 * Whether a key belongs to what has the focus, or to the browser, and not to the player.
 *
 * @param {KeyboardEvent} event
 */
export function isElsewhere(event) {
  const { target } = event;
  const field = target instanceof HTMLInputElement && target.type !== "range";
  const typing = field || target instanceof HTMLSelectElement || target instanceof HTMLTextAreaElement;
  return typing || event.ctrlKey || event.metaKey || event.altKey || (event.shiftKey && event.key === "Enter");
}

/**
 * Whether a key presses what has the focus.
 *
 * @param {KeyboardEvent} event
 */
export function pressesSomething(event) {
  const { key, target } = event;
  return [" ", "Enter"].includes(key) && target instanceof Element && target.closest(PRESSED) !== null;
}
