"""A real JupyterLab on loopback, with copies of the notebooks, and pages of a real browser."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import pytest

from tests.browser.running import ROOT, running_lab
from tests.pages import failures

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Locator, Page

ARTEFACTS = ROOT / "test-artefacts"


class Shoot(Protocol):
    """Keep a screenshot as an artefact of the tests."""

    def __call__(self, target: "Page | Locator", name: str) -> None: ...


@pytest.fixture(scope="session")
def lab_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What JupyterLab shows: notebooks that may be changed."""
    folder = tmp_path_factory.mktemp("lab")
    shutil.copytree(ROOT / "notebooks", folder / "notebooks")
    return folder


@pytest.fixture(scope="session")
def lab(lab_folder: Path, chromium: "Browser") -> Iterator[str]:
    """The address of a running JupyterLab, in which what a learner does is kept beside the notebooks."""
    with running_lab(lab_folder) as address:
        yield address


@pytest.fixture
def page(chromium: "Browser") -> "Iterator[Page]":
    """A page with time enough for JupyterLab."""
    context = chromium.new_context(viewport={"width": 1300, "height": 1000})
    opened = context.new_page()
    opened.set_default_timeout(60_000)
    yield opened
    context.close()


@pytest.fixture
def errors(page: "Page") -> list[str]:
    """What goes wrong in the scripts of the page during the test."""
    return failures(page)


@pytest.fixture
def shoot() -> Shoot:
    """Keep a screenshot as an artefact of the tests."""

    def take(target: "Page | Locator", name: str) -> None:
        ARTEFACTS.mkdir(exist_ok=True)
        target.screenshot(path=str(ARTEFACTS / f"{name}.png"))

    return take
