// Motion inside a server: each chip flies from where it was, a copy from where its original was. Only what moved is animated.

/** @import { Effect } from "./types.js" */

const VIEWS = ".mf-inside";
const CHIPS = ".mf-inside [data-mail]";
const FLIGHT = { duration: 320, easing: "ease-in-out" };

/**
 * Where every chip is now.
 *
 * @param {Element} stage
 * @returns {Map<string, DOMRect>}
 */
export function positions(stage) {
  const found = new Map();
  for (const chip of stage.querySelectorAll(CHIPS)) {
    const box = chip.getBoundingClientRect();
    if (box.width) found.set(viewOf(chip) + mailOf(chip), box);
  }
  return found;
}

/**
 * Let every chip fly from where it was.
 *
 * @param {Element} stage
 * @param {Map<string, DOMRect>} before
 * @param {Effect[]} effects
 */
export function fly(stage, before, effects) {
  if (!before.size || matchMedia("(prefers-reduced-motion: reduce)").matches) return;
  const originals = new Map(effects.flatMap((effect) => (effect[0] === "mail" ? [[effect[1], effect[2]]] : [])));
  /** @type {[Element, Keyframe[]][]} */
  const moves = [];
  for (const chip of stage.querySelectorAll(CHIPS)) {
    const mail = mailOf(chip);
    const from = before.get(viewOf(chip) + mail) || before.get(viewOf(chip) + originals.get(mail));
    const frames = from && flight(chip, from);
    if (frames) moves.push([chip, frames]);
  }
  // Measure all, then move all: in turns, every move would make the browser lay out the page again.
  for (const [chip, frames] of moves) chip.animate(frames, FLIGHT);
}

/** @type {(chip: Element) => string} */
const viewOf = (chip) => chip.closest(VIEWS)?.className ?? "";

/** @type {(chip: Element) => string} */
const mailOf = (chip) => chip.getAttribute("data-mail") ?? "";

/**
 * @param {Element} chip
 * @param {DOMRect} from
 * @returns {Keyframe[] | null}
 */
function flight(chip, from) {
  const to = chip.getBoundingClientRect();
  const drawn = chip instanceof SVGElement ? chip.ownerSVGElement : null;
  const scale = drawn?.getScreenCTM()?.a ?? 1;
  const across = (from.left - to.left) / scale;
  const down = (from.top - to.top) / scale;
  if (Math.abs(across) + Math.abs(down) < 2) return null;
  if (!drawn) return [{ transform: `translate(${across}px,${down}px)` }, { transform: "none" }];
  const [x, y] = (chip.getAttribute("transform")?.match(/[-\d.]+/g) || [0, 0]).map(Number);
  /** @type {(right: number, below: number) => Keyframe} */
  const moved = (right, below) => ({ transform: `translate(${right}px,${below}px)` });
  return [moved(x + across, y + down), moved(x, y)];
}
