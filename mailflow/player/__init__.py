"""The player: one widget for every trace of the course. `page` needs nothing but the standard library; the widget
needs Jupyter.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mailflow.player.page import page
    from mailflow.player.picture import picture
    from mailflow.player.questions import questions
    from mailflow.player.widget import Player, compare, play

_HOME = {
    "page": "page",
    "picture": "picture",
    "questions": "questions",
    "Player": "widget",
    "compare": "widget",
    "play": "widget",
}

__all__ = ["Player", "compare", "page", "picture", "play", "questions"]


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"mailflow.player.{_HOME[name]}"), name)
