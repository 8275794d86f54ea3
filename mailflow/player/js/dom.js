// Making elements. Every text goes in as a text node, never as markup.

/** @import { Child, Props } from "./types.js" */

const SVG = "http://www.w3.org/2000/svg";

/**
 * @template {Element} Made
 * @param {Made} made
 * @param {Props} props
 * @param {Child[]} children
 * @returns {Made}
 */
function filled(made, props, children) {
  for (const [name, value] of Object.entries(props)) {
    if (value === undefined || value === null || value === false) continue;
    if (typeof value === "function") made.addEventListener(name.slice(2), /** @type {EventListener} */ (value));
    else made.setAttribute(name, value === true ? "" : String(value));
  }
  made.append(...children.flat().filter(isShown));
  return made;
}

/**
 * @param {Node | string | null | undefined} child
 * @returns {child is Node | string}
 */
function isShown(child) {
  return child !== null && child !== undefined && child !== "";
}

/**
 * An HTML element; `on…` adds a listener, `true` an empty attribute; false, null and undefined add nothing.
 *
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {Props} [props]
 * @param {Child[]} children
 * @returns {HTMLElementTagNameMap[Tag]}
 */
export function html(tag, props = {}, ...children) {
  return filled(document.createElement(tag), props, children);
}

/**
 * An SVG element, made as `html` makes its own.
 *
 * @template {keyof SVGElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {Props} [props]
 * @param {Child[]} children
 * @returns {SVGElementTagNameMap[Tag]}
 */
export function svg(tag, props = {}, ...children) {
  return filled(document.createElementNS(SVG, tag), props, children);
}

/**
 * A button with a name for a screen reader.
 *
 * @param {string} text
 * @param {string} label
 * @param {() => void} action
 * @param {Props} [props]
 */
export function button(text, label, action, props = {}) {
  return html("button", { type: "button", "aria-label": label, title: label, onclick: action, ...props }, text);
}

/**
 * A choice of one value among some.
 *
 * @param {string} label
 * @param {(value: string) => void} choose
 * @param {readonly Child[]} options
 */
export function select(label, choose, ...options) {
  const made = html("select", { "aria-label": label, onchange: () => choose(made.value) }, ...options);
  return made;
}

/**
 * Set the text of an element; a text that stays the same must not be laid out again.
 *
 * @param {Element} element
 * @param {string} text
 */
export function write(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

/**
 * A listener that acts on Enter, for what is no button of its own.
 *
 * @param {(event: KeyboardEvent) => void} action
 * @returns {(event: KeyboardEvent) => void}
 */
export function onEnter(action) {
  return (event) => {
    if (event.key !== "Enter") return;
    action(event);
    event.stopPropagation();
  };
}

/** JupyterLab passes over what carries this mark, and over all that it lies in, when it looks for its shortcuts. */
export const MARK = "data-lm-suppress-shortcuts";

/**
 * Keep the shortcuts of JupyterLab away from what has the focus.
 *
 * @param {Event} event
 */
export function keepShortcutsAway(event) {
  if (event.target instanceof Element) event.target.setAttribute(MARK, "");
}

/**
 * Copy the text of an element, or select it where the browser does not allow that.
 *
 * @param {HTMLElement} source
 * @param {HTMLElement} status
 */
export async function copyText(source, status) {
  try {
    await navigator.clipboard.writeText(source.textContent);
    status.textContent = "Copied.";
  } catch {
    source.focus();
    getSelection()?.selectAllChildren(source);
    status.textContent = "Copy what is selected.";
  }
}

/**
 * A table; `rows` are `tr` elements. A head without a text is named for a screen reader only.
 *
 * @param {string[]} heads
 * @param {HTMLTableRowElement[]} rows
 * @param {string} [unnamed] the name of a head without a text
 */
export function table(heads, rows, unnamed = "") {
  const head = heads.map((text) => html("th", { scope: "col" }, text || html("span", { class: "mf-hidden" }, unnamed)));
  return html("table", {}, html("thead", {}, html("tr", {}, ...head)), html("tbody", {}, ...rows));
}

/**
 * The widths of the columns of a table; "" shares what is left.
 *
 * @param {string[]} widths
 */
export function columns(widths) {
  const made = widths.map(() => html("col"));
  made.forEach((column, index) => {
    column.style.width = widths[index];
  });
  return html("colgroup", {}, ...made);
}

/**
 * A part that scrolls by itself, and can be scrolled by keyboard.
 *
 * @param {string} label
 * @param {Child[]} children
 */
export function scrolled(label, ...children) {
  return html("div", { class: "mf-scroll", tabindex: 0, role: "region", "aria-label": label }, ...children);
}
