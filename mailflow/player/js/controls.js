// The controls under the story, the keys, and playing by itself.

/** @import { Player } from "./player.js" */

import { button, html, select } from "./dom.js";
import { clock } from "./format.js";
import { isPresented, present } from "./present.js";
import { viewNames } from "./registry.js";

const SPEEDS = [0.5, 1, 2, 4];
/** How long a step stands at speed 1, in milliseconds. */
const STEP = 1600;
const PRESSED = "button, summary, [role=button]";

export class Controls {
  /** @param {Player} player */
  constructor(player) {
    this.player = player;
    this.speed = 1;
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.timer = undefined;
    const scrub = () => {
      this.pause();
      player.go(Number(this.slider.value));
    };
    const last = player.tape.length - 1;
    this.slider = html("input", { type: "range", min: 0, max: last, "aria-label": "Step", oninput: scrub });
    this.counter = html("span", { class: "mf-counter" });
    this.playButton = button("Play", "Play (space)", () => this.play());
    this.element = html(
      "div",
      { class: "mf-controls" },
      button("|◀", "To the start (Home)", () => player.go(0)),
      button("◀", "One step back (left arrow)", () => player.go(player.cursor - 1)),
      this.playButton,
      button("▶", "One step on (right arrow)", () => player.forward()),
      button("▶|", "To the end (End)", () => player.go(last)),
      button("next decision", "To the next decision (n)", () => player.nextStop()),
      this.slider,
      this.counter,
      this.speeds(),
    );
  }

  speeds() {
    /** @param {string} value */
    const choose = (value) => {
      this.speed = Number(value);
    };
    const options = SPEEDS.map((speed) => html("option", { value: speed, selected: speed === 1 }, `${speed}×`));
    return select("Speed", choose, ...options);
  }

  update() {
    const { cursor, tape, event } = this.player;
    this.counter.textContent = `${cursor + 1} / ${tape.length}   ${clock(event.time)}`;
    this.slider.value = String(cursor);
    this.slider.setAttribute("aria-valuetext", `step ${cursor + 1} of ${tape.length}`);
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
    this.timer = setTimeout(() => {
      player.forward();
      if (player.asking || player.cursor >= player.tape.length - 1) this.pause();
      else if (this.timer) this.tick();
    }, STEP / this.speed);
  }
}

/**
 * What the keys do inside a player.
 *
 * @param {Player} player
 * @returns {Record<string, () => void>}
 */
export function keysOf(player) {
  const { controls } = player;
  const back = () => {
    player.pause();
    player.go(player.cursor - 1);
  };
  const views = viewNames().map((name, index) => [index + 1, () => player.toggle(name)]);
  return {
    ArrowRight: () => player.forward(),
    ArrowLeft: back,
    PageDown: () => player.forward(),
    PageUp: () => player.go(player.cursor - 1),
    Home: () => player.go(0),
    End: () => player.go(player.tape.length - 1),
    " ": () => controls.play(),
    n: () => player.nextStop(),
    p: () => present(player),
    s: () => player.sharing.open(),
    "?": () => player.toggleHelp(),
    Escape: () => {
      if (isPresented(player)) present(player);
    },
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
  return typing || event.ctrlKey || event.metaKey || event.altKey;
}

/**
 * Whether a space presses what has the focus.
 *
 * @param {KeyboardEvent} event
 */
export function pressesSomething(event) {
  return event.key === " " && event.target instanceof Element && event.target.closest(PRESSED) !== null;
}
