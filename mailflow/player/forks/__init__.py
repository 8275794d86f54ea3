"""Where a run could have gone otherwise: what a learner can be asked, with the reason against every other answer.

Each kind is a function that reads a trace and finds its forks. The right answer and every reason are worked out from the
trace: from the routing decision with its losing candidates, the verdict of a server, the state, the clock. A kind is loaded
when somebody is asked a question of it.
"""

from __future__ import annotations

from importlib import import_module

from mailflow.player.forks.fork import EASY, FORKS, Finder, Fork, Option, Spot

__all__ = ["EASY", "KINDS", "Fork", "Option", "Spot", "finder"]

KINDS = {
    "connector": "routing",
    "next hop": "routing",
    "host": "hosts",
    "queue": "queues",
    "outcome": "ends",
    "format": "ends",
    "verdict": "answers",
    "command": "answers",
    "recipient": "recipients",
    "tracking": "tracking",
    "informed": "link_state",
    "version": "link_state",
    "table": "link_state",
}
"""Every kind of question there is, with the module that finds its forks."""


def finder(kind: str) -> Finder:
    """The function that finds the forks of a kind, which is one of `KINDS`."""
    import_module(f"{__name__}.{KINDS[kind]}")
    return FORKS[kind]
