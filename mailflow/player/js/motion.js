// Motion: each chip flies from where it was, a copy from where its original was. Only what moved is animated.

const VIEWS = ".mf-map, .mf-inside";
const FLIGHT = { duration: 320, easing: "ease-in-out" };

/** Where every chip is now. */
export function positions(stage) {
  const found = new Map();
  for (const chip of stage.querySelectorAll("[data-mail]")) {
    const box = chip.getBoundingClientRect();
    if (box.width) found.set(viewOf(chip) + chip.dataset.mail, box);
  }
  return found;
}

/** Let every chip fly from where it was. */
export function fly(stage, before, effects) {
  if (!before.size || matchMedia("(prefers-reduced-motion: reduce)").matches) return;
  const originals = {};
  for (const [name, made, old] of effects) if (name === "mail") originals[made] = old;
  const moves = [];
  for (const chip of stage.querySelectorAll("[data-mail]")) {
    const { mail } = chip.dataset;
    const from = before.get(viewOf(chip) + mail) || before.get(viewOf(chip) + originals[mail]);
    const frames = from && flight(chip, from);
    if (frames) moves.push([chip, frames]);
  }
  // Measure all, then move all: in turns, every move would make the browser lay out the page again.
  for (const [chip, frames] of moves) chip.animate(frames, FLIGHT);
}

const viewOf = (chip) => chip.closest(VIEWS)?.className;

function flight(chip, from) {
  const to = chip.getBoundingClientRect();
  const drawn = chip.ownerSVGElement;
  const scale = drawn ? drawn.getScreenCTM().a : 1;
  const across = (from.left - to.left) / scale;
  const down = (from.top - to.top) / scale;
  if (Math.abs(across) + Math.abs(down) < 2) return null;
  if (!drawn) return [{ transform: `translate(${across}px,${down}px)` }, { transform: "none" }];
  const [x, y] = (chip.getAttribute("transform")?.match(/[-\d.]+/g) || [0, 0]).map(Number);
  const moved = (right, below) => ({ transform: `translate(${right}px,${below}px)` });
  return [moved(x + across, y + down), moved(x, y)];
}
