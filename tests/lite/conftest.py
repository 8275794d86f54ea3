"""The browser edition, built once, behind a static host; and a browser that reaches that host and nobody else."""

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from scripts import lite
from tests.conftest import CHROMIUM, CHROMIUM_ARGUMENTS
from tests.lite.host import Sent, hosted

if TYPE_CHECKING:
    from playwright.sync_api import Browser, ConsoleMessage, Page

PATIENCE = 180_000
"""Milliseconds: on a machine that does other work too, a kernel in a page takes its time to start."""
GAVE_UP = "[anywidget] Failed to initialize model."
"""What anywidget says after two seconds, which is no time on a machine that does too much else."""
ALONE = "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"


@dataclass
class Visit:
    """Browsers at the course, and what goes wrong in them."""

    host: str
    sent: Sent
    browser: "Browser"
    wrong: list[str]

    def open(self, name: str) -> "Page":
        """A notebook in the browser of somebody who was never here: nothing is stored or cached."""
        page = self.browser.new_context(viewport={"width": 1366, "height": 768}).new_page()
        page.set_default_timeout(PATIENCE)
        page.on("pageerror", lambda error: self._failed(str(error)))
        page.on("console", lambda message: self._read(message))
        page.on("request", lambda request: self._asked(request.url))
        page.goto(f"{self.host}/any/path/lab/index.html?path={name}")
        page.wait_for_selector(".jp-Notebook .jp-MarkdownOutput h1")
        return page

    def _failed(self, error: str) -> None:
        if not (GAVE_UP in error and os.getloadavg()[0] > (os.cpu_count() or 1)):
            self.wrong.append(error)

    def _asked(self, url: str) -> None:
        if not url.startswith((self.host, "blob:", "data:")):
            self.wrong.append(f"asked for {url}")

    def _read(self, message: "ConsoleMessage") -> None:
        if "net::ERR" in message.text:
            self.wrong.append(message.text)


@pytest.fixture(scope="session")
def edition(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The browser edition below a path. Its application can be asked by the tests."""
    target = tmp_path_factory.mktemp("lite") / "any" / "path"
    lite.build(target)
    config = target / "jupyter-lite.json"
    whole = json.loads(config.read_text(encoding="utf-8"))
    whole["jupyter-config-data"]["exposeAppInBrowser"] = True
    config.write_text(json.dumps(whole), encoding="utf-8")
    return target


@pytest.fixture(scope="session")
def alone(chromium: "Browser") -> "Iterator[Browser]":
    """A browser for which there is no other machine."""
    browser = chromium.browser_type.launch(executable_path=str(CHROMIUM), args=[*CHROMIUM_ARGUMENTS, ALONE])
    yield browser
    browser.close()


@pytest.fixture
def visit(edition: Path, alone: "Browser") -> Iterator[Visit]:
    with hosted(edition.parents[1]) as (host, sent):
        visit = Visit(host, sent, alone, [])
        yield visit
        for context in alone.contexts:
            context.close()
    assert (visit.wrong, [path for path in sent.missing if path != "/favicon.ico"]) == ([], [])
