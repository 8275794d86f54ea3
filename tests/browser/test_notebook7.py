"""The course in Notebook 7, which some prefer to JupyterLab: run all, and every player lives."""

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import Shoot
from tests.browser.test_geometry import shown_in, stepped
from tests.browser.test_lab import PATIENCE, begin_all
from tests.player.notebooks import shown

pytestmark = [pytest.mark.browser, pytest.mark.timeout(400)]

NOTEBOOK = "02-the-ten-steps.ipynb"
OF_NOTEBOOK = "Cannot read properties of undefined (reading 'schema')"
"""Notebook 7.6 looks for the settings of a part that it has not loaded, without a line of ours on the way."""


def test_run_all_with_every_player_alive(page: Page, lab: str, shoot: Shoot, errors: list[str]) -> None:
    page.set_viewport_size({"width": 1366, "height": 768})
    page.goto(f"{lab}/notebooks/notebooks/{NOTEBOOK}", timeout=PATIENCE)
    page.wait_for_selector(".jp-Notebook .jp-MarkdownOutput h1", timeout=PATIENCE)
    begin_all(page)
    page.wait_for_selector(".mf-sentence", state="attached", timeout=PATIENCE)
    wanted = len({id(item.player) for item in shown(NOTEBOOK)})
    page.wait_for_function(
        "wanted => document.querySelectorAll('.mf .mf-stage').length >= wanted", arg=wanted, timeout=PATIENCE
    )
    found = {number: stepped(root, 3) for number, root in enumerate(shown_in(page))}
    assert len(found) >= wanted
    assert [fault for faults in found.values() for fault in faults] == []
    shoot(page, "notebook-7")
    assert [error for error in errors if error != OF_NOTEBOOK] == []
