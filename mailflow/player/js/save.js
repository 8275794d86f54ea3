// Save: the picture that is shown as a file of its own, with its styles, its colours and its sentence in it.

/** @import { Player } from "./player.js" */

import { html, svg } from "./dom.js";

/** What makes a picture of lines and letters look as it does. */
const LOOKS = [
  "fill",
  "stroke",
  "stroke-width",
  "stroke-dasharray",
  "stroke-linecap",
  "stroke-linejoin",
  "opacity",
  "font-family",
  "font-size",
  "font-weight",
  "text-anchor",
];
/** What XML cannot hold, and text of a message may. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are the characters that are meant
const FORBIDDEN = /[\0-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]/g;
const BETWEEN = 10;

/**
 * Save the views in sight as one SVG file.
 *
 * @param {Player} player
 */
export function save(player) {
  const url = URL.createObjectURL(new Blob([pictureOf(player)], { type: "image/svg+xml" }));
  const name = `${player.title} step ${player.cursor + 1}`.replace(/[^\p{L}\p{N}]+/gu, "-");
  html("a", { href: url, download: `${name}.svg` }).click();
  setTimeout(() => URL.revokeObjectURL(url), 1000);
}

/**
 * The views in sight as the text of an SVG file: the map as lines and letters, which any program shows; what is made of
 * HTML as such, which a browser shows. Colours are those in sight, light or dark.
 *
 * @param {Player} player
 */
export function pictureOf(player) {
  const { root, title, say } = player;
  const views = player.visible().map((name) => player.views[name].element);
  const parts = views.map((view) => partOf(player, view));
  const width = parts.reduce((sum, part) => sum + part.width + BETWEEN, -BETWEEN);
  const height = Math.max(...parts.map((part) => part.height));
  let left = 0;
  for (const { element, width: own } of parts) {
    element.setAttribute("x", String(left));
    left += own + BETWEEN;
  }
  const { backgroundColor } = getComputedStyle(views[0]);
  const file = svg(
    "svg",
    { width, height, viewBox: `0 0 ${width} ${height}`, role: "img" },
    svg("title", {}, title),
    svg("desc", {}, say.textContent ?? ""),
    svg("rect", { width, height, style: `fill:${backgroundColor}` }),
    ...parts.map(({ element }) => element),
  );
  if (parts.some(({ element }) => element instanceof SVGForeignObjectElement)) file.prepend(styleOf(root));
  return new XMLSerializer().serializeToString(file).replace(FORBIDDEN, "\ufffd");
}

/**
 * A view as a part of the file, with all that is scrolled away.
 *
 * @param {Player} player
 * @param {Element} view
 * @returns {{ element: SVGElement, width: number, height: number }}
 */
function partOf({ root }, view) {
  const map = view.querySelector(":scope .mf-sheet > svg");
  const { width, height } = (map ?? view).getBoundingClientRect();
  if (map instanceof SVGSVGElement) {
    const element = painted(map);
    for (const [name, value] of Object.entries({ width, height })) element.setAttribute(name, String(value));
    return { element, width, height };
  }
  const all = [view, ...view.querySelectorAll("*")];
  const more = Math.max(...all.map((item) => item.scrollHeight - item.clientHeight));
  const aside = Math.max(...all.map((item) => item.scrollWidth - item.clientWidth));
  const size = { width: Math.ceil(width + aside), height: Math.ceil(height + more) };
  // The style of a view asks for what is around it in a player.
  const frame = html("div", { class: "mf-stage" }, copied(view));
  const style = `${coloursOf(root)};height:100%;padding:0;border:0;max-width:none`;
  const player = html("div", { class: root.className, style }, frame);
  return { element: svg("foreignObject", size, player), ...size };
}

/**
 * A copy of a view in which every menu shows what is chosen.
 *
 * @param {Element} view
 */
function copied(view) {
  const copy = /** @type {Element} */ (view.cloneNode(true));
  const chosen = [...view.querySelectorAll("select")].map((menu) => menu.selectedIndex);
  copy.querySelectorAll("select").forEach((menu, index) => {
    menu.options[chosen[index]]?.setAttribute("selected", "");
  });
  return copy;
}

/**
 * A copy of a drawing that carries its style in itself; what is not shown is left out.
 *
 * @param {SVGSVGElement} drawing
 */
function painted(drawing) {
  const copy = /** @type {SVGSVGElement} */ (drawing.cloneNode(true));
  const originals = drawing.querySelectorAll("*");
  [...copy.querySelectorAll("*")].forEach((element, index) => {
    const style = getComputedStyle(originals[index]);
    if (style.display === "none" || element.matches(".mf-grip")) element.remove();
    element.setAttribute("style", LOOKS.map((name) => `${name}:${style.getPropertyValue(name)}`).join(";"));
  });
  return copy;
}

/**
 * The style sheets of the player and its parts, wherever the page holds them.
 *
 * @param {Element} root
 */
function styleOf(root) {
  const sheets = [...root.ownerDocument.querySelectorAll("style")].map((sheet) => sheet.textContent ?? "");
  return svg("style", {}, sheets.filter((text) => text.includes(".mf-")).join("\n"));
}

/**
 * The colours of a player as they are now, whatever theme they come from.
 *
 * @param {Element} root
 */
function coloursOf(root) {
  const style = getComputedStyle(root);
  const names = new Set(styleOf(root).textContent?.match(/--[\w-]+(?=:)/g));
  return [...names]
    .map((name) => [name, style.getPropertyValue(name)])
    .filter(([, value]) => value)
    .map((pair) => pair.join(":"))
    .join(";");
}
