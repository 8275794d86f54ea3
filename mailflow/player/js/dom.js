// Making elements. Every text goes in as a text node, never as markup.

const SVG = "http://www.w3.org/2000/svg";

function filled(made, props, children) {
  for (const [name, value] of Object.entries(props)) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
    else made.setAttribute(name, value === true ? "" : value);
  }
  made.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== ""));
  return made;
}

/** An HTML element; `on…` adds a listener, `true` an empty attribute; false, null and undefined add nothing. */
export function html(tag, props = {}, ...children) {
  return filled(document.createElement(tag), props, children);
}

/** An SVG element, made as `html` makes its own. */
export function svg(tag, props = {}, ...children) {
  return filled(document.createElementNS(SVG, tag), props, children);
}

/** A button with a name for a screen reader. */
export function button(text, label, action, props = {}) {
  return html("button", { type: "button", "aria-label": label, title: label, onclick: action, ...props }, text);
}

/** Set the text of an element; a text that stays the same must not be laid out again. */
export function write(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

/** A listener that acts on Enter, for what is no button of its own. */
export function onEnter(action) {
  return (event) => {
    if (event.key !== "Enter") return;
    action(event);
    event.stopPropagation();
  };
}

/** JupyterLab looks for this mark on what has the focus, before its shortcuts. */
export function keepShortcutsAway(event) {
  event.target.setAttribute("data-lm-suppress-shortcuts", "");
}

/** Copy the text of an element, or select it where the browser does not allow that. */
export async function copyText(source, status) {
  try {
    await navigator.clipboard.writeText(source.textContent);
    status.textContent = "Copied.";
  } catch {
    source.focus();
    getSelection().selectAllChildren(source);
    status.textContent = "Copy what is selected.";
  }
}

/** A table that scrolls by itself; `rows` are `tr` elements. A head without a text is named for a screen reader only. */
export function scrolledTable(label, heads, rows, unnamed = "") {
  const head = heads.map((text) => html("th", { scope: "col" }, text || html("span", { class: "mf-hidden" }, unnamed)));
  const table = html("table", {}, html("thead", {}, html("tr", {}, ...head)), html("tbody", {}, ...rows));
  return html("div", { class: "mf-scroll", tabindex: 0, role: "region", "aria-label": label }, table);
}
