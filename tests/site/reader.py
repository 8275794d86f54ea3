"""Somebody who reads a page of the site with the keyboard alone: presses Tab from its start to its end, opens every fold,
and steps every player to its last beat.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from playwright.sync_api import Page

FAR = 6_000
"""So many places to stop at no page has."""

HERE = """() => {
  const here = document.activeElement;
  const { top, bottom, left, right } = here.getBoundingClientRect();
  const known = here.dataset.passed === "yes";
  here.dataset.passed = "yes";
  return {
    what: `${here.tagName.toLowerCase()} ${(here.getAttribute("aria-label") || here.textContent).trim().slice(0, 40)}`,
    isNowhere: here === document.body,
    isPassed: known,
    isPlayer: here.matches(".mf") && here.querySelector(".mf-stage") !== null,
    isFold: here.tagName === "SUMMARY",
    isOpen: here.closest("details")?.open ?? false,
    isInSight: top < innerHeight && bottom > 0 && left < innerWidth && right > 0,
  };
}"""

PLAYER = """() => {
  const root = document.activeElement.closest(".mf");
  return root && {
    counter: root.querySelector(".mf-counter").textContent,
    asks: root.querySelectorAll(".mf-option").length,
    verdict: root.querySelector(".mf-verdict")?.textContent ?? "",
    scroll: scrollY,
  };
}"""

MISSED = """() => [
  ...document.querySelectorAll(".live .mf:has(.mf-stage):not([data-passed])"),
  ...document.querySelectorAll(".live .mf-lab:not(:has(select[data-passed]))"),
  ...[...document.querySelectorAll("main details:not([open])")].filter((fold) => fold.checkVisibility()),
].map((item) => item.textContent.trim().slice(0, 60))"""
"""Players, relay labs and folds that Tab never came to."""


class Reader:
    """Somebody in front of a page whose players are live."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.found: list[str] = []
        """What stood in the way."""
        self.stops = self.players = self.bets = self.folds = 0

    def walk(self) -> None:
        """Press Tab until the page is at its end."""
        for _ in range(FAR):
            self.page.keyboard.press("Tab")
            here: dict[str, Any] = self.page.evaluate(HERE)
            if here["isNowhere"] or here["isPassed"]:
                break
            self.stops += 1
            if not here["isInSight"]:
                self.found.append(f"{here['what']} has the focus and is out of sight")
            if here["isFold"] and not here["isOpen"]:
                self._unfold(here["what"])
            if here["isPlayer"]:
                self._play()
        self.found += [f"Tab never leads to {text}" for text in self.page.evaluate(MISSED)]

    def _unfold(self, what: str) -> None:
        self.page.keyboard.press("Enter")
        self.folds += 1
        if not self.page.evaluate("document.activeElement.closest('details').open"):
            self.found.append(f"Enter does not open the fold {what}")

    def _play(self) -> None:
        """Step to the end, answer each bet with the first choice and the next one in turn, and stay where one is."""
        self.players += 1
        first: dict[str, Any] = self.page.evaluate(PLAYER)
        seen = first
        for _ in range(4 * _beats(first["counter"])[1] + 20):
            if not seen["asks"] and len(set(_beats(seen["counter"]))) == 1:
                return
            self._step(asked=bool(seen["asks"]))
            now = self.page.evaluate(PLAYER)
            if now is None:
                self.found.append(f"the player has lost the keys after {seen['counter']}")
                return
            if abs(now["scroll"] - first["scroll"]) > 1:
                self.found.append(f"the page moved at {now['counter']}")
            seen = now
        self.found.append(f"the end of a player is never reached, but {seen['counter']}")

    def _step(self, *, asked: bool) -> None:
        if not asked:
            self.page.keyboard.press("ArrowRight")
            return
        self.bets += 1
        self.page.keyboard.press(str(1 + self.bets % 2))
        if not self.page.evaluate(PLAYER)["verdict"]:
            self.found.append("a bet was answered, and nothing is said of it")


def _beats(counter: str) -> tuple[int, int]:
    here, all_of_them = map(int, re.findall(r"\d+", counter)[:2])
    return here, all_of_them
