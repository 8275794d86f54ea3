"""The browser edition, built once, behind a static host; and a browser that reaches that host and nobody else."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from scripts import lite
from tests.conftest import CHROMIUM, CHROMIUM_ARGUMENTS
from tests.lite.host import Sent, hosted

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page

PATIENCE = 180_000
"""Milliseconds: on a machine that does other work too, a kernel in a page takes its time to start."""
ALONE = "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"


@dataclass
class Visit:
    """A learner's browser at the course, with nothing stored and nothing cached yet."""

    host: str
    sent: Sent
    context: "BrowserContext"
    wrong: list[str]

    def open(self, name: str) -> "Page":
        """A page with a notebook."""
        page = self.context.new_page()
        page.set_default_timeout(PATIENCE)
        page.on("pageerror", lambda error: self.wrong.append(str(error)))
        page.on("console", lambda message: self._read(message))
        page.on("request", lambda request: self._asked(request.url))
        page.goto(f"{self.host}/any/path/lab/index.html?path={name}")
        page.wait_for_selector(".jp-Notebook .jp-MarkdownOutput h1")
        return page

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
        context = alone.new_context(viewport={"width": 1366, "height": 768})
        visit = Visit(host, sent, context, [])
        yield visit
        context.close()
    assert (visit.wrong, [path for path in sent.missing if path != "/favicon.ico"]) == ([], [])
