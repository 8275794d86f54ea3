"""The browser side as text, bundled from the modules in `js/` and `css/`."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final, Literal, get_args

from mailflow.trace import Trace

Part = Literal["bets", "compare", "groups", "link_state"]
"""What only some players need: bets, a second run, closed routing groups, link state with the route and breaking."""
PARTS: Final[tuple[Part, ...]] = get_args(Part)
Later = Literal["tables", "save"]
"""What waits for a click: the view with tables, unless it is open from the start, and saving the picture."""
LATER: Final[tuple[Later, ...]] = get_args(Later)

SHORT = 8_000
"""Letters of a text that somebody can still paste; large attachments make it longer."""


def bundle(name: str) -> str:
    """One file of what `scripts/player_bundle.py` makes of the sources."""
    return (Path(__file__).parent / "bundle" / name).read_text(encoding="utf-8")


VIEWS: tuple[str, ...] = tuple(json.loads(bundle("views.json")))
LINK_STATE_VIEWS: tuple[str, ...] = tuple(json.loads(bundle("views_link_state.json")))[len(VIEWS) :]


def wanted(views: Iterable[str], route: tuple[str, str] | None = None) -> tuple[Part, ...]:
    """The parts that these views, or the route that is asked for, belong to."""
    whole = route is not None or any(name in LINK_STATE_VIEWS for name in views)
    return ("link_state",) if whole else ()


def opened(views: Iterable[str]) -> tuple[Later, ...]:
    """The parts that need not wait for a click, with these views open from the start."""
    return ("tables",) if "Tables" in views else ()


def offered(trace: Trace) -> str:
    """What the player gives under *Share*, without the step; empty when it is too long to paste, or not known."""
    return trace.recipe if len(trace.recipe) <= SHORT else ""


def source(part: Part | Later | Literal[""] = "") -> str:
    """The player, or a part of it, as an ES module; a part imports from "mailflow", in place of which the address of the player is put."""
    return bundle(f"{_file(part)}.js")


def script(parts: Sequence[Part] = PARTS) -> str:
    """The player with some parts as a classic script, for a page that is opened as a file; it defines ``mailflowPlayer``.

    On a page nothing waits for a click.
    """
    return "".join(bundle(name) for name in ("page.js", *(f"{_file(part)}_page.js" for part in (*parts, *LATER))))


def style(parts: Sequence[Part] = PARTS) -> str:
    """The style sheet of the player with some parts."""
    return style_of("") + "".join(style_of(part) for part in (*parts, *LATER))


def style_of(part: Part | Later | Literal[""]) -> str:
    """The style sheet of the player, or what a part adds to it."""
    return bundle(f"{_file(part)}.css")


def _file(part: str) -> str:
    return f"part_{part}" if part else "main"


def inline(code: str) -> str:
    """Code that cannot end the script element it stands in."""
    return code.replace("</script", "<\\/script")
