"""A real JupyterLab on loopback, with copies of the notebooks, and pages of a real browser."""

import shutil

import pytest

from tests.browser.running import ROOT, running_lab

ARTEFACTS = ROOT / "test-artefacts"


@pytest.fixture(scope="session")
def lab(tmp_path_factory, chromium):
    """The address of a running JupyterLab whose notebooks may be changed."""
    folder = tmp_path_factory.mktemp("lab")
    shutil.copytree(ROOT / "notebooks", folder / "notebooks")
    with running_lab(folder) as address:
        yield address


@pytest.fixture
def page(chromium):
    """A page that remembers errors of its scripts."""
    context = chromium.new_context(viewport={"width": 1300, "height": 1000})
    opened = context.new_page()
    opened.set_default_timeout(60_000)
    opened.errors = []
    opened.on("pageerror", lambda error: opened.errors.append(str(error)))
    yield opened
    context.close()


@pytest.fixture
def shoot():
    """Keep a screenshot as an artefact of the tests."""

    def take(target, name: str) -> None:
        ARTEFACTS.mkdir(exist_ok=True)
        target.screenshot(path=str(ARTEFACTS / f"{name}.png"))

    return take
