"""The browser side as text: the player, and the part for link state where a trace needs it."""

from __future__ import annotations

from collections.abc import Iterable
from importlib.resources import files

from mailflow.trace import Trace

VIEWS = ("Map", "Server", "Ladder", "Tables")
LINK_STATE_VIEWS = ("Link state", "Route")

SHORT = 8_000
"""Letters of a text that somebody can still paste; large attachments make it longer."""


def needs_link_state(views: Iterable[str], route: tuple[str, str] | None = None) -> bool:
    """Whether one of these views, or the route that is asked for, belongs to the part for link state."""
    return route is not None or any(name in LINK_STATE_VIEWS for name in views)


def offered(trace: Trace) -> str:
    """What the player gives under *Share*, without the step; empty when it is too long to paste, or not known."""
    return trace.recipe if len(trace.recipe) <= SHORT else ""


def source(*, link_state: bool = False) -> str:
    """The browser module. The part for link state follows the player in the same module, so that it can use its views."""
    return _read("player.js") + (_read("link_state.js") if link_state else "")


def style(*, link_state: bool = False) -> str:
    """The style sheet."""
    return _read("player.css") + (_read("link_state.css") if link_state else "")


def _read(name: str) -> str:
    return (files("mailflow.player") / name).read_text(encoding="utf-8")
