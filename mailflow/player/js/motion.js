// Motion inside a server: each chip flies from where it was, a copy from where its original was. Only what moved is animated.

/** @import { Effect } from "./types.js" */

const VIEWS = ".mf-inside";
const CHIPS = ".mf-inside [data-mail]";
/** What has arrived comes from where its MailMsg was. */
const ARRIVED = ".mf-inside [data-from]";
const FLIGHT = { duration: 420, easing: "ease-in-out" };

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
    if (box.width) found.set(mailOf(chip), box);
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
  for (const double of stage.querySelectorAll(".mf-flies")) double.remove();
  if (!before.size || matchMedia("(prefers-reduced-motion: reduce)").matches) return;
  const originals = new Map(effects.flatMap((effect) => (effect[0] === "mail" ? [[effect[1], effect[2]]] : [])));
  /** @type {[HTMLElement, DOMRect, DOMRect][]} */
  const moves = [];
  for (const chip of stage.querySelectorAll(`${CHIPS}, ${ARRIVED}`)) {
    const mail = mailOf(chip);
    const from = before.get(mail) ?? before.get(originals.get(mail) ?? "");
    const to = chip.getBoundingClientRect();
    if (from && chip instanceof HTMLElement && isFar(from, to)) moves.push([chip, from, to]);
  }
  // Measure all, then move all: in turns, every move would make the browser lay out the page again.
  for (const [chip, from, to] of moves) send(chip, from, to);
}

/** @type {(chip: Element) => string} */
const mailOf = (chip) => chip.getAttribute("data-mail") ?? chip.getAttribute("data-from") ?? "";

/** @type {(from: DOMRect, to: DOMRect) => boolean} */
const isFar = (from, to) => to.width > 0 && Math.abs(from.left - to.left) + Math.abs(from.top - to.top) >= 2;

/**
 * A queue shows no more than fits into it, so a double flies above all of them, and the chip is there when it lands.
 *
 * @param {HTMLElement} chip
 * @param {DOMRect} from
 * @param {DOMRect} to
 */
function send(chip, from, to) {
  const view = chip.closest(VIEWS);
  if (!view) return;
  const double = /** @type {HTMLElement} */ (chip.cloneNode(true));
  for (const name of ["data-mail", "data-from", "data-part", "data-spot"]) double.removeAttribute(name);
  double.classList.add("mf-flies");
  double.setAttribute("aria-hidden", "true");
  double.inert = true;
  view.append(double);
  const start = double.getBoundingClientRect();
  /** @type {(box: DOMRect) => Keyframe} */
  const at = (box) => ({ transform: `translate(${box.left - start.left}px,${box.top - start.top}px)` });
  const flight = double.animate([at(from), at(to)], { ...FLIGHT, fill: "both" });
  const wait = chip.animate([{ opacity: 0 }, { opacity: 0 }], FLIGHT);
  const land = () => {
    double.remove();
    wait.cancel();
  };
  flight.onfinish = land;
  flight.oncancel = land;
}
