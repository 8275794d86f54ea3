"""The one error of a scenario, and the hints that its texts share."""

from __future__ import annotations

from collections.abc import Iterable

from mailflow.facts.closest import closest
from mailflow.facts.mistake import Mistake

LATEST = 1e9
"""The latest time of an action, in seconds: thirty years after the start, well before calendars end."""


class ScenarioError(Mistake, ValueError):
    """An action that this organization does not allow. Names the action, what is wrong, and what would be right.

    Example:
        >>> import mailflow
        >>> mailflow.Scenario(mailflow.load("one server")).stop("SMPT")
        Traceback (most recent call last):
            ...
        mailflow.simulation.errors.ScenarioError: stop: LON01 has no service, store or virtual server 'SMPT'; did you mean 'SMTP'?
    """


def meant(name: str, known: Iterable[str]) -> str:
    """What was probably meant by a name, or what there is, as the end of a sentence."""
    names = list(known)
    like = closest(str(name), names)
    return f"; did you mean {like!r}?" if like else f"; there is {', '.join(map(repr, names[:8])) or 'none'}"


def seconds(place: str, value: float) -> float:
    """A time in seconds as a float.

    Args:
        place: where the value stands, such as "stop(at=%)"; "%" becomes the value.

    Raises:
        ScenarioError: no number, less than 0, or later than `LATEST`.
    """
    try:
        sound = not isinstance(value, bool) and bool(0 <= value <= LATEST)
    except TypeError:
        sound = False
    if not sound:
        remedy = "; write the number without quotes" if isinstance(value, str) else ""
        shown = place.replace("%", repr(value))
        raise ScenarioError(f"{shown}: time is in seconds from the start, 0 or more, at most {LATEST:g}{remedy}")
    return float(value) + 0.0  # -0.0 becomes 0.0
