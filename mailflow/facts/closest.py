"""What somebody probably meant who wrote a name that does not exist."""

from __future__ import annotations

from collections.abc import Iterable


def closest(name: str, known: Iterable[str]) -> str | None:
    """The known name that is most like this one, or None where none is like it."""
    from difflib import get_close_matches  # nobody who makes no mistake needs it

    return next(iter(get_close_matches(name, list(known), n=1)), None)
