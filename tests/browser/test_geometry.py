"""All of a player on one screen: measured in JupyterLab, at every beat of every player of every notebook, from what is painted."""

import random
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import Page

import mailflow
from tests.browser.test_lab import PATIENCE, open_notebook, run_all
from tests.pages import Looks, opened_page
from tests.player.notebooks import NOTEBOOKS, Shown, shown

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]

MEASURE = (Path(__file__).with_name("measure.js")).read_text(encoding="utf-8")
"""Gives `measured(player, root, beats)`: what is wrong with each of these beats, and at each bet and verdict."""
SOME = 10
"""How many beats besides the first, the fullest and the last are measured in each run of the tests; `make soak` measures all."""


@pytest.fixture
def some(request: pytest.FixtureRequest) -> int | None:
    """How many beats to measure; None for all."""
    return None if request.config.getoption("--hypothesis-profile") == "soak" else SOME


def wrong(page: Page, some: int | None) -> list[str]:
    """What is wrong with the one player of a page, at some of its beats or at all, at each bet and at each verdict."""
    beats = page.evaluate("player.levels.stops")
    drawn = beats if some is None else random.Random(1).sample(beats, min(some, len(beats)))
    chosen = sorted({*beats[:1], *beats[-1:], *drawn})
    found: list[str] = page.evaluate(f"(beats) => {{ {MEASURE}; return measured(player, beats) }}", chosen)
    return found


def players(notebook: str) -> list[Shown]:
    return list(shown(notebook))


def page_of(item: Shown, path: Path, **more: Any) -> Path:
    return mailflow.page(item.trace, path, ask=item.ask, tell=item.tell, **more)


SIZES = [(966, 768), (1366, 768), (1024, 640), (1952, 1080), (390, 844)]
LOOKS: list[Looks] = [{"color_scheme": "light"}, {"color_scheme": "dark"}, {"forced_colors": "active"}]


@pytest.mark.parametrize("notebook", NOTEBOOKS)
def test_every_player_of_a_notebook_has_its_parts_in_place(
    chromium: "Browser", notebook: str, some: int | None, tmp_path: Path
) -> None:
    found = {}
    for number, item in enumerate(players(notebook)):
        path = page_of(item, tmp_path / f"{number}.html")
        with opened_page(chromium, path, ".mf-sentence", width=966, height=768, reduced_motion="reduce") as page:
            found[f"{item.cell} {number}"] = wrong(page, some)
    assert {name: faults for name, faults in found.items() if faults} == {}


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("looks", LOOKS, ids=["light", "dark", "forced"])
def test_at_every_size_and_in_every_look(
    chromium: "Browser", size: tuple[int, int], looks: Looks, tmp_path: Path
) -> None:
    path = page_of(players("02-the-ten-steps.ipynb")[0], tmp_path / "page.html")
    with opened_page(chromium, path, ".mf-sentence", width=size[0], height=size[1], **looks) as page:
        assert wrong(page, 1) == []


IN_SIGHT = """(root) => {
  root.scrollIntoView({ block: "nearest" });
  const view = document.querySelector(".jp-WindowedPanel-outer").getBoundingClientRect();
  return [".mf-head", ".mf-stage", ".mf-sentence", ".mf-slot", ".mf-controls"].filter((part) => {
    const box = root.querySelector(part).getBoundingClientRect();
    return box.top < view.top || box.bottom > view.bottom || box.left < view.left || box.right > view.right;
  });
}"""


@pytest.mark.parametrize("notebook", ["02-the-ten-steps", "05-mx-records"])
def test_in_jupyterlab_with_its_file_browser_open_all_is_in_sight(page: Page, lab: str, notebook: str) -> None:
    page.set_viewport_size({"width": 1366, "height": 768})
    open_notebook(page, lab, f"notebooks/{notebook}.ipynb")
    run_all(page)
    page.wait_for_selector(".mf-stage", timeout=PATIENCE)
    for number in range(page.locator(".mf:has(.mf-stage)").count()):
        root = page.locator(".mf:has(.mf-stage)").nth(number)
        root.scroll_into_view_if_needed()
        page.wait_for_timeout(300)
        assert root.evaluate(IN_SIGHT) == []
        step = root.locator(".mf-step")
        before = step.bounding_box()
        for _ in range(4):
            step.click()
            assert step.bounding_box() == before
            if root.locator(".mf-option").count():
                root.get_by_role("button", name="Skip", exact=False).first.click()
        assert root.evaluate(IN_SIGHT) == []
