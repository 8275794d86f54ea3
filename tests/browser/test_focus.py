"""Who has the keys in JupyterLab: the player of a cell that was just run by keyboard, else the notebook."""

import json

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.running import ROOT
from tests.browser.test_lab import CELLS, PATIENCE, open_notebook, run_all

pytestmark = [pytest.mark.browser, pytest.mark.timeout(400)]

NOTEBOOK = "notebooks/00-start-here.ipynb"
IDLE = "jupyterapp.shell.currentWidget?.sessionContext?.session?.kernel?.status === 'idle'"
IN_A_PLAYER = "document.activeElement.closest('.mf') !== null"
ACTIVE_CELL = "[...document.querySelectorAll('.jp-Cell')].findIndex(cell => cell.matches('.jp-mod-active'))"
OUTSIDE = """parts => {
  const view = document.querySelector(".jp-WindowedPanel-outer").getBoundingClientRect();
  const within = (box) => box.top >= view.top && box.bottom <= view.bottom && box.height > 0;
  return parts.filter((part) => !within(part.getBoundingClientRect())).map((part) => part.className);
}"""


def cells(name: str) -> list[str]:
    """The kinds of the cells of a notebook, "player" where one is made."""
    read = json.loads((ROOT / name).read_text(encoding="utf-8"))["cells"]
    return ["player" if "mailflow.play(" in "".join(cell["source"]) else cell["cell_type"] for cell in read]


def at_the_first_cell(page: Page, lab: str) -> None:
    open_notebook(page, lab, NOTEBOOK)
    page.wait_for_function(IDLE, timeout=PATIENCE)
    page.locator(".jp-Notebook .jp-Cell").first.click()


def outside(player: Locator) -> list[str]:
    """What is not in sight of the parts that a learner needs at every step."""
    parts = player.locator(".mf-sentence, .mf-slot, .mf-step, .mf-controls, .mf-stage")
    found: list[str] = parts.evaluate_all(OUTSIDE)
    return found


@pytest.fixture
def page(page: Page) -> Page:
    page.set_viewport_size({"width": 1366, "height": 768})
    return page


def test_the_player_of_a_cell_run_by_keyboard_has_the_keys(page: Page, lab: str, errors: list[str]) -> None:
    at_the_first_cell(page, lab)
    number = cells(NOTEBOOK).index("player")
    for _ in range(number + 1):
        page.keyboard.press("Shift+Enter")
        page.wait_for_timeout(100)
    player = page.locator(".mf").first
    expect(player).to_be_focused(timeout=PATIENCE)
    page.wait_for_timeout(500)
    assert outside(player) == []
    assert page.evaluate(ACTIVE_CELL) == number + 1, "the next cell stays the one that runs next"
    page.keyboard.press("ArrowRight")
    expect(player.locator(".mf-counter").first).to_contain_text("beat 2 of")
    for key in ("b", "d", "d", "Alt+Enter"):
        page.keyboard.press(key)
    assert page.evaluate(CELLS) == len(cells(NOTEBOOK))
    page.keyboard.press("Escape")
    assert not page.evaluate(IN_A_PLAYER)
    page.keyboard.press("ArrowDown")
    assert page.evaluate(ACTIVE_CELL) == number + 2, "the keys are the notebook's again"
    assert errors == []


def test_from_a_button_inside_a_cell_is_run_and_the_notebook_saved(page: Page, lab: str) -> None:
    at_the_first_cell(page, lab)
    number = cells(NOTEBOOK).index("player")
    for _ in range(number + 1):
        page.keyboard.press("Shift+Enter")
        page.wait_for_timeout(100)
    player = page.locator(".mf").first
    expect(player).to_be_focused(timeout=PATIENCE)
    saved = "jupyterapp.shell.currentWidget.context.model.dirty"
    assert page.evaluate(saved) is True
    player.get_by_role("button", name="On (right arrow)").focus()
    page.keyboard.press("Control+s")
    page.wait_for_function(f"{saved} === false")
    player.get_by_role("button", name="On (right arrow)").focus()
    page.keyboard.press("b")
    assert page.evaluate(CELLS) == len(cells(NOTEBOOK)), "the other keys are kept away as before"
    page.keyboard.press("Shift+Enter")
    page.wait_for_function(f"{ACTIVE_CELL} === {number + 2}")
    expect(player.locator(".mf-counter").first).to_contain_text("beat 1 of")


def test_after_run_all_the_notebook_keeps_the_keys(page: Page, lab: str) -> None:
    at_the_first_cell(page, lab)
    run_all(page)
    page.wait_for_timeout(500)
    assert not page.evaluate(IN_A_PLAYER)


def test_a_notebook_that_is_opened_again_keeps_the_keys(page: Page, lab: str) -> None:
    at_the_first_cell(page, lab)
    run_all(page)
    page.evaluate("jupyterapp.commands.execute('docmanager:save')")
    page.reload()
    page.wait_for_selector(".jp-Notebook .jp-MarkdownOutput h1", timeout=PATIENCE)
    page.wait_for_function(IDLE, timeout=PATIENCE)
    page.locator(".jp-Notebook .jp-Cell").first.click()
    seen = 0
    for _ in cells(NOTEBOOK):
        page.keyboard.press("ArrowDown")
        page.wait_for_timeout(200)
        seen = max(seen, page.locator(".mf").count())
        assert not page.evaluate(IN_A_PLAYER)
    assert seen, "a player was shown"
