// Focus: the player of a cell that was just run by keyboard has the keys; never after Run All, on reopening, or on a
// page. And what JupyterLab has to hear is heard there, wherever in a player the focus is.

/** @import { Model } from "./types.js" */

import { MARK } from "./dom.js";

const MODIFIERS = ["Shift", "Control", "Alt", "Meta"];

/** @typedef {{ last: "unknown" | "run" | "other" }} Seen what the learner did last, as far as one was here to see it */

/** Shared by all players of a page, whichever bundle they come from. */
const page = /** @type {typeof globalThis & { mailflowSaw?: Seen }} */ (globalThis);
const LISTENING = { capture: true, passive: true };
/** What carries the mark in a player, or in a bet in the prose. */
const MARKED = `[${MARK}]:is(.mf, .mf *, .mf-bet, .mf-bet *)`;

/** See from now on what the learner does. */
export function listen() {
  if (page.mailflowSaw) return;
  page.mailflowSaw = { last: "unknown" };
  for (const kind of ["pointerdown", "wheel"]) window.addEventListener(kind, () => noted("other"), LISTENING);
  window.addEventListener("keydown", keyed, LISTENING);
}

/** @param {"run" | "other"} last */
function noted(last) {
  page.mailflowSaw = { last };
}

/** @param {KeyboardEvent} event */
function keyed(event) {
  if (MODIFIERS.includes(event.key)) return;
  noted(event.key === "Enter" && (event.shiftKey || event.ctrlKey || event.metaKey || event.altKey) ? "run" : "other");
  if (isForJupyter(event)) letThrough(event.target);
}

/**
 * Whether a key runs a cell or saves the notebook: JupyterLab hears it wherever in a player the focus is.
 *
 * @param {KeyboardEvent} event
 */
export function isForJupyter({ key, shiftKey, ctrlKey, metaKey, altKey }) {
  const accel = ctrlKey || metaKey;
  return !altKey && ((key === "Enter" && accel !== shiftKey) || (key === "s" && accel && !shiftKey));
}

/**
 * Take the marks away while JupyterLab looks for them, right after this.
 *
 * @param {EventTarget | null} target
 */
function letThrough(target) {
  /** @type {Element[]} */
  const marked = [];
  for (let item = target instanceof Element ? target.closest(MARKED) : null; item; item = item.closest(MARKED)) {
    marked.push(item);
    item.removeAttribute(MARK);
  }
  setTimeout(() => {
    for (const item of marked) item.setAttribute(MARK, "");
  });
}

/**
 * Give the focus back: in JupyterLab to the active cell, so that its keys work again; elsewhere to whoever holds what had it.
 *
 * @param {HTMLElement} root
 */
export function giveBack(root) {
  const active = root.closest(".jp-Notebook")?.querySelector(".jp-Cell.jp-mod-active");
  const holder = active ?? root.parentElement?.closest("[tabindex]");
  if (holder instanceof HTMLElement) holder.focus({ preventScroll: true });
  else if (document.activeElement instanceof HTMLElement) document.activeElement.blur();
}

/**
 * Whether the learner ran one cell by keyboard, this one, and did nothing since.
 *
 * @param {HTMLElement} element in the output of a cell
 */
function isAwaited(element) {
  const cell = element.closest(".jp-Cell");
  if (!cell || !navigator.userActivation?.hasBeenActive || !isLastRun()) return false;
  const cells = [...document.querySelectorAll(".jp-Notebook .jp-Cell")];
  const active = cells.findIndex((item) => item.classList.contains("jp-mod-active"));
  const near = cells[active] === cell || cells[active - 1] === cell;
  const waits = cells.some((item) => item !== cell && item.querySelector(".jp-InputPrompt")?.textContent === "[*]:");
  return near && !waits;
}

function isLastRun() {
  const { last } = page.mailflowSaw ?? { last: "unknown" };
  if (last !== "unknown") return last === "run";
  const { activeElement } = document;
  return Boolean(activeElement?.closest(".jp-Notebook") && !activeElement.closest(".jp-Toolbar"));
}

/**
 * Ask the kernel whether what an element shows was made just now; `take` follows where it was.
 *
 * @param {HTMLElement} element
 * @param {Model} model
 */
export function askForFocus(element, model) {
  if (isAwaited(element)) model.send({ type: "focus" });
}

/**
 * Take the keys, and bring all of an element into sight. The notebook is not told, so the next cell stays the one that
 * runs next.
 *
 * @param {HTMLElement} element
 * @param {HTMLElement} root the player in it
 */
export function take(element, root) {
  if (!isAwaited(element)) return;
  const silent = (/** @type {Event} */ event) => event.stopPropagation();
  root.addEventListener("focusin", silent);
  root.addEventListener("pointerdown", () => root.removeEventListener("focusin", silent), { once: true });
  root.focus({ preventScroll: true });
  // JupyterLab measures a cell that has grown in the next frame, and may scroll to the cell that runs next.
  const show = () => root.matches(":focus") && element.scrollIntoView({ block: "nearest" });
  show();
  for (const wait of [50, 300]) setTimeout(show, wait);
}
