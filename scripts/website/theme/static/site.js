// What a page of the site does: it puts players where the notebook stored what they show, and helps with folds, printing and the theme.

/** @import { Options } from "../../../../mailflow/player/js/types.js" */

(() => {
  /** @type {any} what the other scripts of a page define */
  const page = globalThis;

  /** What the players of a page tell each other when a reader wants to see all answers. */
  const SHOW_ALL = "mailflow:show-all-answers";

  /** @param {string} text stored packed, so that a page stays small */
  async function unpacked(text) {
    if (!text) return null;
    const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
    const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
    return JSON.parse(await new Response(stream).text());
  }

  /** @type {Record<string, (element: Element, told: any) => Promise<void>>} */
  const KINDS = {
    player: async (element, told) => {
      const [first, other, beside] = await Promise.all([told.trace, told.other, told.beside].map(unpacked));
      const traces = other ? { traces: [first, other] } : {};
      // Breaking needs a kernel that works out the new future.
      const options = { ...told.options, ...beside, ...traces, cursor: told.cursor, breakable: false };
      page.mailflowPlayer.mount(element, first, options);
    },
    lab: async (element, told) => {
      const chosen = { settings: {}, client: told.client, recipient: told.recipient, found: [] };
      page.mailflowRelay.lab(element, JSON.parse(told.table), chosen);
    },
  };

  /** One after the other, the first one first; between two the page can answer. */
  async function live() {
    for (const place of document.querySelectorAll(".alive")) {
      const told = JSON.parse(place.querySelector("script")?.textContent ?? "{}");
      const element = place.querySelector(".live");
      if (!element) continue;
      await KINDS[place.getAttribute("data-kind") ?? ""](element, told);
      place.classList.add("is-live");
      performance.mark("mailflow-live");
      await new Promise((done) => setTimeout(done));
    }
  }

  /** A page that asks gets a button that opens all its folds and answers the bets of its players. */
  function answers() {
    const folds = [...document.querySelectorAll("main details")];
    const title = document.querySelector("main h1");
    if (!folds.length || !title) return;
    const button = document.createElement("button");
    button.type = "button";
    button.className = "unfold";
    button.textContent = "Show all answers";
    button.addEventListener("click", () => document.dispatchEvent(new Event(SHOW_ALL)));
    document.addEventListener(SHOW_ALL, () => {
      for (const item of folds) item.toggleAttribute("open", true);
      button.remove();
    });
    title.after(button);
  }

  /** On paper, folds are open. */
  function paper() {
    /** @type {Element[]} */
    let closed = [];
    addEventListener("beforeprint", () => {
      closed = [...document.querySelectorAll("main details:not([open])")];
      for (const item of closed) item.toggleAttribute("open", true);
    });
    addEventListener("afterprint", () => {
      for (const item of closed) item.toggleAttribute("open", false);
    });
  }

  /** What is wider than the page scrolls by itself, and by keyboard. */
  function scrolling() {
    for (const table of document.querySelectorAll("main table")) {
      const wide = document.createElement("div");
      wide.className = "wide";
      table.replaceWith(wide);
      wide.append(table);
    }
    for (const item of document.querySelectorAll("main pre, main .wide")) {
      const { scrollWidth, clientWidth, scrollHeight, clientHeight } = item;
      if (scrollWidth > clientWidth || scrollHeight > clientHeight) item.setAttribute("tabindex", "0");
    }
  }

  document.querySelector("button.switch")?.addEventListener("click", page.mailflowTheme.turn);
  page.mailflowTheme.show();
  answers();
  paper();
  scrolling();
  live();
})();
