// How wide a text is on the map.

const FAMILY = 'system-ui, "Segoe UI", "DejaVu Sans", sans-serif';
/** @type {Map<string, number>} */
const known = new Map();
/** @type {CanvasRenderingContext2D | null} */
let sheet = null;

/**
 * The width of a text in pixels.
 *
 * @param {string} text
 * @param {number} size
 */
export function widthOf(text, size) {
  const key = `${size} ${text}`;
  let width = known.get(key);
  if (width === undefined) {
    sheet ??= document.createElement("canvas").getContext("2d");
    if (!sheet) return text.length * size * 0.7;
    sheet.font = `600 ${size}px ${FAMILY}`;
    width = sheet.measureText(text).width;
    known.set(key, width);
  }
  return width;
}

/**
 * A text cut so that it takes at most so many pixels; empty where hardly a letter fits.
 *
 * @param {string} text
 * @param {number} size
 * @param {number} most
 */
export function fitted(text, size, most) {
  if (widthOf(text, size) <= most) return text;
  let kept = text;
  while (kept && widthOf(`${kept}…`, size) > most) kept = kept.slice(0, -1);
  return kept.length > 1 ? `${kept}…` : "";
}

/**
 * The first of some texts that takes at most so many pixels; empty if none does.
 *
 * @param {string[]} texts
 * @param {number} size
 * @param {number} most
 */
export function fitting(texts, size, most) {
  return texts.find((text) => widthOf(text, size) <= most) ?? "";
}
