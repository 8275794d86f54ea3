"""A learner goes through a notebook in JupyterLab without a mouse, at 1366x768 with the file browser open."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import ConsoleMessage, Page
from playwright.sync_api import TimeoutError as Late

from mailflow.commands import working_copy
from mailflow.course.exercises import tasks
from mailflow.course.progress import FILE, Progress
from tests.browser.conftest import ARTEFACTS, Shoot
from tests.browser.learner import Learner, attempt, task_of, wrong
from tests.browser.test_lab import KERNEL, PATIENCE, open_notebook
from tests.player.notebooks import FOLDER, NOTEBOOKS

pytestmark = [pytest.mark.browser, pytest.mark.timeout(900)]


def opened(page: Page, lab: str, folder: Path, notebook: str, shoot: Callable[[str], None]) -> Learner:
    """Somebody before a notebook of their working copy, which is open and whose kernel is ready."""
    page.set_viewport_size({"width": 1366, "height": 768})
    open_notebook(page, lab, f"{folder.name}/{notebook}")
    try:
        page.wait_for_function(f"{KERNEL} === 'idle'", timeout=PATIENCE / 3)
    except Late:  # on a busy machine JupyterLab gives up before the kernel has started: README says what helps
        page.reload()
        page.wait_for_function(f"{KERNEL} === 'idle'", timeout=PATIENCE)
    assert page.locator(".jp-DirListing").first.is_visible()
    return Learner(page, notebook, shoot)


def complaints_of(page: Page) -> list[str]:
    """What the console of the page reports as an error from now on; the list grows."""
    found: list[str] = []

    def hear(message: ConsoleMessage) -> None:
        if message.type == "error":
            found.append(f"{message.text} {message.location.get('url', '')}")

    page.on("console", hear)
    return found


@pytest.mark.parametrize("notebook", NOTEBOOKS)
def test_a_learner_walks_a_notebook_by_keyboard_alone(
    page: Page,
    lab: str,
    lab_folder: Path,
    notebook: str,
    all_of_them: bool,
    errors: list[str],
    shoot: Shoot,
) -> None:
    if not all_of_them and notebook != NOTEBOOKS[0]:
        pytest.skip("`make soak` walks all notebooks")
    folder = lab_folder / f"course-{notebook[:2]}"
    working_copy.bring(folder)
    complaints = complaints_of(page)
    learner = opened(page, lab, folder, notebook, lambda name: shoot(page, f"walk/{name}"))
    learner.walk()
    page.evaluate("jupyterapp.shell.currentWidget.sessionContext.shutdown()")
    assert not learner.found, "\n".join(learner.found)
    assert (errors, complaints) == ([], [])
    kept = Progress(folder / FILE)
    assert learner.solved == list(tasks(notebook=notebook[:2]))
    assert all(kept.solved(task) for task in learner.solved)
    assert kept.bets(notebook[:2]) == (learner.bets["right"], sum(learner.bets.values()))


SPOILT = {
    "error": 'raise ValueError("no such server")',
    "warning": 'import warnings\n\nwarnings.warn("old", stacklevel=1)',
    "score": 'import mailflow\n\nmailflow.progress("00")',
    "thief": "import mailflow\nfrom IPython.display import HTML, Javascript, display\n\n"
    "display(HTML('<details><summary>Words</summary>two</details>'))\n"
    'Javascript(\'addEventListener("keydown", (event) => event.key === "Tab" && event.preventDefault(), true)\')',
    "task": 'attempt = ...\nmailflow.check("first delivery", attempt)',
}
"""Cells in which something stands in the way, by name."""


def test_what_stands_in_the_way_is_told_with_its_cell(
    page: Page, lab: str, lab_folder: Path, all_of_them: bool, shoot: Shoot
) -> None:
    if not all_of_them:
        pytest.skip("`make soak` tries it")
    folder = lab_folder / "spoilt"
    folder.mkdir()
    head = {"cell_type": "markdown", "id": "head", "metadata": {}, "source": "# Spoilt"}
    code: dict[str, object] = {"cell_type": "code", "metadata": {}, "outputs": [], "execution_count": None}
    spoilt = ({**code, "id": name, "source": source} for name, source in SPOILT.items())
    cells = [head, *spoilt, {**head, "id": "end", "source": "The end"}]
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3"}}
    written = {"cells": cells, "metadata": kernel, "nbformat": 4, "nbformat_minor": 5}
    (folder / "spoilt.ipynb").write_text(json.dumps(written), encoding="utf-8")
    shots = ARTEFACTS / "walk" / "spoilt"
    shutil.rmtree(shots, ignore_errors=True)
    learner = opened(page, lab, folder, "spoilt.ipynb", lambda name: shoot(page, f"walk/spoilt/{name}"))
    learner.walk()
    told = "\n".join(learner.found)
    assert "spoilt.ipynb error: an error: ValueError: no such server" in told
    assert "spoilt.ipynb warning: a warning: " in told
    assert "spoilt.ipynb thief: Tab never reaches a fold" in told
    assert "spoilt.ipynb task: an error: NameError: name 'organization' is not defined" in told
    assert "spoilt.ipynb task: 'Solved: ' was expected" in told
    assert len(list(shots.glob("*.png"))) == len(learner.found) == 5
    assert learner.solved == []


@pytest.mark.parametrize("notebook", NOTEBOOKS)
def test_every_exercise_has_a_wrong_attempt_and_a_place_for_it(notebook: str) -> None:
    cells = json.loads((FOLDER / notebook).read_text(encoding="utf-8"))["cells"]
    texts = ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]
    sources = {task: source for source in texts if (task := task_of(source))}
    assert list(sources) == list(tasks(notebook=notebook[:2]))
    for task, source in sources.items():
        for code in (wrong(task), tasks()[task].solution):
            written = attempt(source, code)
            compile(written, task, "exec")
            assert code.strip() in written
            assert written.splitlines()[-1] == source.splitlines()[-1]
