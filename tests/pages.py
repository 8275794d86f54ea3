"""Pages of a real browser: one whose scripts may not fail, and what axe-core finds on it."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Literal, TypedDict, Unpack

import pytest

from mailflow.player.source import inline, script, style

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page


class Looks(TypedDict, total=False):
    """What a reader has set in the system: see `playwright.sync_api.Browser.new_context`."""

    color_scheme: Literal["light", "dark"]
    reduced_motion: Literal["reduce", "no-preference"]
    forced_colors: Literal["active", "none"]


def theme(request: pytest.FixtureRequest) -> Literal["light", "dark"]:
    """The theme for which a fixture opens its page: the light one, unless a test is `in_both_themes`."""
    chosen: Literal["light", "dark"] = getattr(request, "param", "light")
    return chosen


def in_both_themes(fixture: str) -> pytest.MarkDecorator:
    """Run a test about what is seen with the page of a fixture in light and in dark; what is done is the same in both."""
    return pytest.mark.parametrize(fixture, ["light", "dark"], indirect=True)


def with_all_parts(text: str) -> str:
    """A page of a player that is given more than its own trace needs: with all parts of the player."""
    for given, whole in ((inline(script(())), inline(script())), (style(()), style())):
        assert given in text
        text = text.replace(given, whole)
    return text


def failures(page: "Page") -> list[str]:
    """What goes wrong in the scripts of a page from now on; the list grows."""
    found: list[str] = []
    page.on("pageerror", lambda error: found.append(str(error)))
    return found


@contextmanager
def opened_page(
    chromium: "Browser", path: Path, ready: str, *, width: int, height: int, **looks: Unpack[Looks]
) -> "Iterator[Page]":
    """A page that shows a file, once the element ``ready`` is there. No script of it may fail, and none may open a dialog."""
    context = chromium.new_context(viewport={"width": width, "height": height}, **looks)
    page = context.new_page()
    errors = failures(page)
    page.on("dialog", lambda dialog: errors.append(dialog.message))
    page.goto(path.as_uri())
    page.wait_for_selector(ready)
    yield page
    assert errors == []
    context.close()


def serious(page: "Page", **where: str) -> list[tuple[str, list[str], list[dict[str, object]]]]:
    """What axe-core finds serious or critical: the rule, the first elements, and what is wrong with the first."""
    from axe_playwright_python.sync_playwright import Axe

    return [
        (item["id"], [node["html"][:200] for node in item["nodes"]], item["nodes"][0]["any"][:1])
        for item in Axe().run(page, **where).response["violations"]
        if item["impact"] in ("serious", "critical")
    ]
