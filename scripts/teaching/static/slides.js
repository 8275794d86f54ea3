// The slides of a notebook: one is shown at a time, and its player is made when it is shown first.

(() => {
  /** @type {any} what the script before this one defines */
  const page = globalThis;
  const slides = /** @type {HTMLElement[]} */ ([...document.querySelectorAll(".slide")]);
  /** @type {Map<HTMLElement, any>} */
  const players = new Map();
  let shown = 0;

  /** @param {string} text */
  async function unpacked(text) {
    if (!text) return null;
    const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
    const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
    return JSON.parse(await new Response(stream).text());
  }

  /** @param {HTMLElement} slide */
  async function make(slide) {
    const told = JSON.parse(slide.querySelector("script")?.textContent ?? "{}");
    const [first, other, beside] = await Promise.all([told.trace, told.other, told.beside].map(unpacked));
    const traces = other ? { traces: [first, other] } : {};
    // Breaking needs a kernel that works out the new future.
    const options = { ...told.options, ...beside, ...traces, cursor: told.cursor, breakable: false };
    const player = page.mailflowPlayer.mount(slide.querySelector(".stage"), first, options);
    players.set(slide, player);
    if (!other) player.root.classList.add("mf-present");
    player.draw();
  }

  /** @param {number} number */
  async function go(number) {
    players.get(slides[shown])?.pause();
    shown = Math.max(0, Math.min(number, slides.length - 1));
    for (const [index, slide] of slides.entries()) slide.hidden = index !== shown;
    const slide = slides[shown];
    const place = document.getElementById("place");
    if (place) place.textContent = `${shown + 1} of ${slides.length}`;
    history.replaceState(null, "", `#${shown + 1}`);
    if (slide.classList.contains("player") && !players.has(slide)) await make(slide);
    const player = players.get(slide);
    if (player) player.root.focus();
    else document.body.focus();
    document.body.dataset.ready = String(shown + 1);
  }

  function wholeScreen() {
    if (document.fullscreenElement) document.exitFullscreen();
    else document.documentElement.requestFullscreen().catch(() => {});
  }

  /**
   * What a key means to the slides as such; whether it means anything. A clicker has one button that darkens the screen, which
   * sends a full stop, and one that sends F5 and Escape by turns. A player here is presented, and Escape ends nothing of that.
   *
   * @param {string} key
   * @param {any} player
   */
  function ofSlides(key, player) {
    if (document.body.classList.contains("black") || [".", "b"].includes(key)) document.body.classList.toggle("black");
    else if (["F5", "p"].includes(key)) wholeScreen();
    else return key === "Escape" && !!player && !player.card.isOpen && !player.asking;
    return true;
  }

  // A clicker sends PageDown and PageUp: it steps through a player, and goes on to the next slide from its last step.
  document.addEventListener(
    "keydown",
    (event) => {
      const player = players.get(slides[shown]);
      const own = event.key === " " ? "button, summary" : "select, textarea, input:not([type=range])";
      const isElsewhere = event.target instanceof HTMLElement && event.target.closest(own) !== null;
      if (isElsewhere || event.ctrlKey || event.metaKey || event.altKey) return;
      if (ofSlides(event.key, player)) {
        event.preventDefault();
        event.stopPropagation();
        return;
      }
      const forward = ["PageDown", "ArrowRight", " "].includes(event.key);
      const back = ["PageUp", "ArrowLeft"].includes(event.key);
      const ends =
        player &&
        ((event.key === "PageDown" && player.cursor >= player.levels.last) ||
          (event.key === "PageUp" && player.cursor <= player.levels.stops[0]));
      const by =
        event.key === ">" || (forward && (!player || ends))
          ? 1
          : event.key === "<" || (back && (!player || ends))
            ? -1
            : 0;
      if (!by) return;
      event.preventDefault();
      event.stopPropagation();
      go(shown + by);
    },
    { capture: true },
  );
  document.addEventListener(
    "click",
    (event) => {
      const pressed = event.target instanceof Element && event.target.closest('button[title^="Present"]');
      if (!pressed) return;
      event.stopPropagation();
      wholeScreen();
    },
    { capture: true },
  );
  document.getElementById("back")?.addEventListener("click", () => go(shown - 1));
  document.getElementById("next")?.addEventListener("click", () => go(shown + 1));
  go(Number(location.hash.slice(1) || 1) - 1);
})();
