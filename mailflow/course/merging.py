"""What a progress file may hold, and how the knowledge of two of them becomes one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

INTERVALS = (1, 3, 7, 21, 60)
"""Days until a question is asked again, after the first right answer in a row, the second, and so on."""


def _is_number(held: object) -> bool:
    return isinstance(held, int) and not isinstance(held, bool)


def _is_bet(held: object) -> bool:
    return isinstance(held, dict) and _is_number(held.get("choice")) and isinstance(held.get("right"), bool)


def _is_recalled(held: object) -> bool:
    if not isinstance(held, dict) or not _is_number(held.get("box")):
        return False
    try:
        date.fromisoformat(str(held.get("due")))
    except ValueError:
        return False
    return True


SHAPES: Mapping[str, Callable[[object], bool]] = {
    "solved": lambda held: isinstance(held, str),
    "hints": lambda held: isinstance(held, int) and not isinstance(held, bool) and held >= 0,
    "ways": lambda held: isinstance(held, list) and all(isinstance(way, str) for way in held),
    "bets": _is_bet,
    "recalled": _is_recalled,
}
"""The parts of a progress file, and whether an entry of one has the shape that the course gives it."""


def sound(data: Mapping[str, Any]) -> tuple[dict[str, Any], list[str]]:
    """A progress file without what has another shape, and the names of that: of a whole part, or of an entry of one."""
    made, wrong = dict(data), []
    for name in SHAPES.keys() & data.keys():
        part = made.pop(name)
        if not isinstance(part, dict):
            wrong.append(name)
            continue
        made[name] = {key: held for key, held in part.items() if SHAPES[name](held)}
        wrong += [f"{name}: {key}" for key in part if key not in made[name]]
    return made, sorted(wrong)


def _answered(held: Mapping[str, Any]) -> tuple[int, int]:
    """The day of an answer, which follows from the day on which the question is due; then what is weaker is greater."""
    box = min(max(held["box"], -1), len(INTERVALS) - 1)
    return date.fromisoformat(held["due"]).toordinal() - (INTERVALS[box] if box >= 0 else 0), -box


BETTER: Mapping[str, Callable[[Any, Any], Any]] = {
    "solved": min,
    "hints": max,
    "ways": lambda mine, other: list(dict.fromkeys([*mine, *other])),
    "bets": lambda mine, other: mine,
    "recalled": lambda mine, other: max(mine, other, key=_answered),
}
"""Which of two entries knows more."""


def merged(mine: Mapping[str, Any], other: Mapping[str, Any]) -> dict[str, Any]:
    """What two progress files know together. Both are `sound`.

    Nothing that one of them knows is lost: what is solved in one of them is solved, on the earlier day; the ways found are
    those of both; of the hints seen the greater number counts. Of a bet the choice here stays, since the first one counts
    and no file has its day. Of a question the later answer counts, for it knows better what is in the head today; of two
    on one day the weaker one, because to be asked once more costs less than to forget. Anything else that this file holds
    stays as it is here, and what only the other holds is added.
    """
    made = {**other, **mine}
    for name in BETTER.keys() & made.keys():
        ours, theirs = mine.get(name, {}), other.get(name, {})
        both = {key: BETTER[name](ours[key], theirs[key]) for key in ours.keys() & theirs.keys()}
        made[name] = {**theirs, **ours, **both}
    return made
