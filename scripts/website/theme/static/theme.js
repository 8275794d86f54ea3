// Light or dark: what the reader chose, or the system. Runs before anything is seen. The players read it from the body, as they do in
// JupyterLab.

(() => {
  const KEY = "mailflow-theme";
  const system = matchMedia("(prefers-color-scheme: dark)");

  /** What was chosen here before; a browser may keep nothing for pages that are opened as files. */
  function chosen() {
    try {
      return localStorage.getItem(KEY);
    } catch {
      return null;
    }
  }

  /** @returns {boolean} */
  const isDark = () => (chosen() ?? (system.matches ? "dark" : "light")) === "dark";

  function show(dark = isDark()) {
    document.documentElement.dataset.theme = dark ? "dark" : "light";
    document.body.dataset.jpThemeLight = String(!dark);
    const button = document.querySelector("button.switch");
    if (button) button.textContent = dark ? "Light" : "Dark";
  }

  function turn() {
    const dark = document.documentElement.dataset.theme !== "dark";
    try {
      localStorage.setItem(KEY, dark ? "dark" : "light");
    } catch {
      // It holds for this page.
    }
    show(dark);
  }

  document.documentElement.classList.add("scripted");
  system.addEventListener("change", () => show());
  Object.assign(globalThis, { mailflowTheme: { show, turn } });
})();
