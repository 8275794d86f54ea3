// What somebody without a mouse sees and holds: `learner` answers for the notebook in front of them in JupyterLab.
globalThis.learner ||= (() => {
  const notebook = () => jupyterapp.shell.currentWidget.content;
  const view = () => document.querySelector(".jp-WindowedPanel-outer");
  const PARTS = [".mf-head", ".mf-stage", ".mf-sentence", ".mf-slot", ".mf-controls"];

  const cellOf = (element) => notebook().widgets.findIndex((cell) => cell.node.contains(element));
  /** How much of an element can be seen, from 0 to 1. */
  const seen = (element) => {
    const box = element.getBoundingClientRect();
    const outer = view().getBoundingClientRect();
    const shown = Math.min(box.bottom, outer.bottom) - Math.max(box.top, outer.top);
    return box.height ? Math.max(0, shown) / Math.min(box.height, outer.height) : 0;
  };
  /** Whether at least the frame of an element can be seen. */
  const inSight = (element) => {
    const { top, bottom } = element.getBoundingClientRect();
    const outer = view().getBoundingClientRect();
    return top < outer.bottom - 4 && bottom > outer.top + 4;
  };
  const named = (element) =>
    `${element.tagName.toLowerCase()} ${(element.getAttribute("aria-label") || element.textContent).trim().slice(0, 40)}`;

  return {
    cells: () =>
      notebook().widgets.map(({ model }, index) => {
        notebook().widgets[index].node.dataset.number = index;
        return { id: model.id, kind: model.type, source: model.sharedModel.source };
      }),
    /** Forget what was stored, so that a number in brackets says that a cell was run now. */
    forget: () => {
      for (const { model } of notebook().widgets) if (model.type === "code") model.executionCount = null;
    },
    isRun: (index) => {
      const { model } = notebook().widgets[index];
      return model.type !== "code" || (model.executionCount !== null && model.executionState === "idle");
    },
    outputs: (index) => notebook().widgets[index].model.outputs?.toJSON() ?? [],
    where: () => {
      const here = document.activeElement;
      return {
        what: named(here),
        cell: cellOf(here),
        active: notebook().activeCellIndex,
        mode: notebook().mode,
        isCell: here.classList.contains("jp-Cell"),
        isPlayer: here.closest(".mf") !== null,
        isBet: here.closest(".mf-bet") !== null,
        isEditor: here.closest(".cm-content") !== null,
        isInSight: inSight(notebook().activeCell.node),
        scroll: view().scrollTop,
      };
    },
    /** What is shown of the output of a cell, from 0 to 1. */
    output: (index) => seen(notebook().widgets[index].node.querySelector(".jp-OutputArea-output")),
    player: () => {
      const root = document.activeElement.closest(".mf");
      if (!root) return null;
      const outer = view().getBoundingClientRect();
      const options = [...root.querySelectorAll(".mf-option")];
      return {
        holds: root.contains(document.activeElement) && root.querySelector(".mf-stage") !== null,
        counter: root.querySelector(".mf-counter")?.textContent ?? "",
        prompt: root.querySelector(".mf-prompt")?.textContent ?? "",
        options: options.map((item) => item.textContent.replace(/^\d\s*/, "").trim()),
        verdict: root.querySelector(".mf-verdict")?.className.replace("mf-verdict", "").trim() ?? "",
        card: [...root.querySelectorAll(".mf-card")].some((item) => item.checkVisibility()),
        views: root.querySelectorAll(".mf-tabs button[aria-pressed]").length,
        hidden: PARTS.filter((part) => {
          const box = root.querySelector(part).getBoundingClientRect();
          // A bet takes the place of the sentence.
          if (part === ".mf-sentence" && options.length) return false;
          return box.top < outer.top - 1 || box.bottom > outer.bottom + 1;
        }),
        scroll: view().scrollTop,
      };
    },
  };
})();
