"""The three phases of a message's way through a server, and in which of them a queue or an event lies.

Source: K101, T184.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Literal

__all__ = ["PHASES", "Phase", "of_event", "of_queue"]

Phase = Literal["submission", "processing", "delivery"]

PHASES: Final[tuple[Phase, ...]] = ("submission", "processing", "delivery")
"""The phases in their order: whoever looks for a message finds its phase first (Source: K101)."""

_EVENTS: Final[Mapping[int, Phase]] = {
    0: "submission", 1019: "submission", 1025: "submission", 1027: "submission",
    1024: "processing", 1030: "processing", 1032: "processing", 1033: "processing", 1035: "processing", 1042: "processing",
}  # fmt: skip
_QUEUES: Final[Mapping[str, Phase]] = {
    "Messages pending submission": "submission",
    "DSN messages pending submission": "submission",
    "Messages awaiting directory lookup": "processing",
    "Messages waiting to be routed": "processing",
    "Messages with an unreachable destination": "processing",
}


def of_event(number: int) -> Phase:
    """The phase of an entry of the tracking log. Documents name the phases; which number lies in which is inferred (Source: K28, K101)."""
    return _EVENTS.get(number, "delivery")


def of_queue(name: str) -> Phase:
    """The phase of a queue, by its name in Queue Viewer; a link queue is one of delivery. Inferred as well (Source: K101, T29)."""
    return _QUEUES.get(name, "delivery")
