"""The course in Notebook 7, which some prefer to JupyterLab: run all, and every player lives."""

import pytest
from playwright.sync_api import Error, Page

from tests.browser.conftest import Shoot
from tests.browser.test_geometry import shown_in, stepped
from tests.browser.test_lab import PATIENCE, begin_all
from tests.player.notebooks import shown

pytestmark = [pytest.mark.browser, pytest.mark.timeout(400)]

NOTEBOOK = "02-the-ten-steps.ipynb"
OF_NOTEBOOK = "/static/notebook/"
"""The scripts of Notebook 7, which asks at its start for commands and settings of parts that it has not loaded yet."""


def of_others(error: Error) -> bool:
    """Whether a script that is not Notebook 7's own had a part in an error, or nobody can say."""
    frames = [line for line in (error.stack or "").splitlines() if "://" in line]
    return not frames or any(OF_NOTEBOOK not in line for line in frames)


def test_run_all_with_every_player_alive(page: Page, lab: str, shoot: Shoot) -> None:
    errors: list[Error] = []
    page.on("pageerror", lambda error: errors.append(error))
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
    assert [f"{error.message}: {error.stack}" for error in errors if of_others(error)] == []
    with page.expect_event("pageerror", predicate=of_others):  # one of ours is noticed
        page.evaluate("""async () => {
            const module = await import("data:text/javascript,export default () => { throw Error(1); }");
            setTimeout(module.default);
        }""")
