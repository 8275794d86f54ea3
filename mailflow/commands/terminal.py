"""What commands say to a person."""

from __future__ import annotations


def say(text: str) -> None:
    """Tell the user what happens, at once."""
    print(f"mailflow: {text}", flush=True)  # noqa: T201


class Refused(ValueError):
    """Something a command will not or cannot do; the text says what, and what to do instead."""
