"""Pages of a real browser: one that remembers what went wrong in it, and what axe-core finds on it."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def opened_page(chromium, path: Path, ready: str, *, width: int, height: int, **settings) -> Iterator:
    """A page that shows a file, once the element ``ready`` is there. No script of it may fail, and none may open a dialog."""
    context = chromium.new_context(viewport={"width": width, "height": height}, **settings)
    page = context.new_page()
    page.errors = []
    page.on("pageerror", lambda error: page.errors.append(str(error)))
    page.on("dialog", lambda dialog: page.errors.append(dialog.message))
    page.goto(path.as_uri())
    page.wait_for_selector(ready)
    yield page
    assert page.errors == []
    context.close()


def serious(page, **where) -> list[tuple]:
    """What axe-core finds serious or critical: the rule, the first elements, and what is wrong with the first."""
    from axe_playwright_python.sync_playwright import Axe

    return [
        (item["id"], [node["html"][:200] for node in item["nodes"]], item["nodes"][0]["any"][:1])
        for item in Axe().run(page, **where).response["violations"]
        if item["impact"] in ("serious", "critical")
    ]
