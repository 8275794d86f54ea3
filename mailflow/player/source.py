"""The browser side as text, bundled from the modules in `js/` and `css/`."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

from mailflow.trace import Trace

SHORT = 8_000
"""Letters of a text that somebody can still paste; large attachments make it longer."""


def bundle(name: str) -> str:
    """One file of what `scripts/player_bundle.py` makes of the sources."""
    return (Path(__file__).parent / "bundle" / name).read_text(encoding="utf-8")


VIEWS: tuple[str, ...] = tuple(json.loads(bundle("views.json")))
LINK_STATE_VIEWS: tuple[str, ...] = tuple(json.loads(bundle("views_link_state.json")))[len(VIEWS) :]


def needs_link_state(views: Iterable[str], route: tuple[str, str] | None = None) -> bool:
    """Whether one of these views, or the route that is asked for, belongs to the part for link state."""
    return route is not None or any(name in LINK_STATE_VIEWS for name in views)


def offered(trace: Trace) -> str:
    """What the player gives under *Share*, without the step; empty when it is too long to paste, or not known."""
    return trace.recipe if len(trace.recipe) <= SHORT else ""


def source(*, link_state: bool = False) -> str:
    """The player as an ES module, with or without the part for link state."""
    return bundle("main_link_state.js" if link_state else "main.js")


def script(*, link_state: bool = False) -> str:
    """The player as a classic script, for a page that is opened as a file; it defines ``mailflowPlayer``."""
    return bundle("page_link_state.js" if link_state else "page.js")


def style(*, link_state: bool = False) -> str:
    """The style sheet."""
    return bundle("main_link_state.css" if link_state else "main.css")


def inline(code: str) -> str:
    """Code that cannot end the script element it stands in."""
    return code.replace("</script", "<\\/script")
