"""Errors about what somebody wrote. A notebook shows whose line it was and what is wrong with it, and not the way through the package."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["InputError", "Mistake", "NoSuchStep", "NoSuchWord"]

LONGEST = 100
"""So many letters of a line are shown."""

HERE = str(Path(__file__).resolve().parents[1])
GENERATED = "<string>"
"""Where Python says that code is which `dataclasses` makes: between a line of the learner and a check in this package."""


class Mistake:
    """Base of an exception whose message says all: what is wrong, where, and what to write.

    Everywhere but in a notebook such an error is shown as any other one.
    """

    def _render_traceback_(self) -> list[str]:
        """The lines that IPython shows in place of a traceback."""
        return [*_line_of(self), f"{type(self).__name__}: {self}"]


class InputError(Mistake, ValueError):
    """A value that cannot be used. Names the place, the value, and what to write."""


class NoSuchWord(Mistake, LookupError):
    """A word that the course does not know. Says what it knows."""


class NoSuchStep(Mistake, IndexError):
    """A step that a run does not have. Says how many it has."""


def _line_of(error: object) -> Iterator[str]:
    """The innermost line outside the package that led to an error, if its text is known."""
    import linecache  # only who made a mistake needs these
    import traceback

    for frame, number in reversed(list(traceback.walk_tb(getattr(error, "__traceback__", None)))):
        name = frame.f_code.co_filename
        if not name.startswith(HERE) and name != GENERATED:
            if text := linecache.getline(name, number).strip():
                yield from (f"In line {number}: {text if len(text) <= LONGEST else f'{text[: LONGEST - 1]}…'}", "")
            return
