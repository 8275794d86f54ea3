"""Every player of the course, by running the code of the notebooks with something else in place of `play` and `compare`."""

import json
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple
from unittest.mock import patch

import mailflow
from mailflow.player.widget import Player

FOLDER = Path(__file__).resolve().parents[2] / "notebooks"


class Shown(NamedTuple):
    """One trace of one player: the cell it stands in, what is asked there and what its story tells, and the player."""

    cell: str
    trace: mailflow.Trace
    ask: tuple[str, ...]
    tell: tuple[str, ...]
    cursor: int
    player: Player


@cache
def shown(notebook: str) -> tuple[Shown, ...]:
    """What the players of a notebook show, in order; both sides of a comparison."""
    found: list[Shown] = []
    cell = ""
    play, compare = mailflow.play, mailflow.compare

    def playing(trace: Any, **options: Any) -> Any:
        player = play(trace, **options)
        tell = tuple(options.get("tell", ()))
        found.append(Shown(cell, player.shown, tuple(options.get("ask", ())), tell, player.cursor, player))
        return player

    def comparing(before: Any, after: Any, **options: Any) -> Any:
        player = compare(before, after, **options)
        found.extend(Shown(cell, trace, (), tuple(options.get("tell", ())), 0, player) for trace in (before, after))
        return player

    names: dict[str, Any] = {}
    with patch.object(mailflow, "play", playing), patch.object(mailflow, "compare", comparing):
        for item in json.loads((FOLDER / notebook).read_text(encoding="utf-8"))["cells"]:
            if item["cell_type"] == "code":
                cell = item["id"]
                exec(compile("".join(item["source"]), cell, "exec"), names)
    return tuple(found)


NOTEBOOKS = sorted(path.name for path in FOLDER.glob("*.ipynb"))
