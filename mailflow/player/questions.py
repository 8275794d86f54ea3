"""Predictions: what happens next? At most five for a player, at forks only, each with the reason against every wrong answer."""

from __future__ import annotations

import hashlib
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass

from mailflow.facts.mistake import InputError
from mailflow.plain import Plain
from mailflow.player.beats import Story, story
from mailflow.player.forks import EASY, KINDS, Fork, Option, finder
from mailflow.player.words import Scene
from mailflow.trace import Trace

__all__ = ["MOST", "Question", "questions"]

MOST = 5
"""Questions that one player asks at most."""

CHOICES = 4
"""Answers that one question has at most."""

FEW = 2
"""How often a player asks at most what is easy, of each kind."""


@dataclass(frozen=True, slots=True, repr=False, eq=False)
class Question(Plain):
    """One prediction. It is asked before event number ``at``; ``answer`` is the index of the right option.

    ``why`` is the reason for the right answer. ``why_not`` has for each option the reason against it, empty for the right one,
    and ``where`` the spot in the picture that stands for it: {"kind": "server", "connector", "queue", "recipient" or "verb",
    "name": its name}, or None.
    """

    id: str
    at: int
    kind: str
    prompt: str
    options: tuple[str, ...]
    answer: int
    why: str
    why_not: tuple[str, ...] = ()
    where: tuple[dict[str, str] | None, ...] = ()

    def as_data(self) -> dict[str, object]:
        """The question as plain JSON data."""
        return asdict(self)


def questions(
    trace: Trace, ask: Iterable[str], most: int = MOST, *, tell: Iterable[str] = (), start: int = 0
) -> list[Question]:
    """The best predictions of some kinds that a trace allows, in its order: at most one on the way to each beat of its story.

    Kinds: "queue" (where does the MailMsg go next?), "next hop" (where does the routing engine send it?), "host" (which host
    outside is talked to?), "format" (how is the body rendered?), "verdict" (what does the server answer?), "command" (at which
    command does the other side say no?), "recipient" (who of several is given up?), "tracking" (which tracking event is
    logged?), "outcome" (what becomes of a recipient?); for link state "connector" (which connector now?), "informed" (who
    learns it next?), "version" (which of the three numbers rises?), "table" (does this server's table change?).

    What was answered before is not asked again; each kind gets its turn, and of one kind the decisive ones come first.

    Args:
        most: how many at most.
        tell: what belongs to the story besides the usual, as in `mailflow.story`.
        start: the event that a player shows first; nothing is asked about what lies before it.

    Raises:
        ValueError: a kind that does not exist; ``tell`` names nothing that can be told.
    """
    kinds = list(dict.fromkeys(ask))
    for kind in kinds:
        if kind not in KINDS:
            raise InputError(f"ask={kind!r}: no such kind of question; there is {', '.join(KINDS)}")
    if not kinds:
        return []
    scene, stops = Scene(trace), _Stops(story(trace, tell), start)
    pools = [[fork for fork in _fresh(finder(kind)(scene)) if stops.ahead(fork)] for kind in kinds]
    return sorted(map(_question, _best(pools, most, len(trace), stops)), key=lambda item: item.at)


class _Stops:
    """Where a learner stops who walks through a story, beat by beat."""

    def __init__(self, told: Story, start: int) -> None:
        self.steps = [beat.at for beat in told.beats]
        self.first = max(start, self.steps[0]) if self.steps else start

    def ahead(self, fork: Fork) -> bool:
        """Whether a walk from the start comes past it."""
        return bool(self.steps) and self.first < fork.at <= self.steps[-1]

    def between(self, one: Fork, other: Fork) -> bool:
        """Whether a walk stops between two forks, so that both can be asked."""
        return bisect_left(self.steps, one.at) != bisect_left(self.steps, other.at)


def _fresh(found: Iterable[Fork]) -> list[Fork]:
    """The forks that are none but once: what was answered is known, and a single way is no fork."""
    answered: set[tuple[object, ...]] = set()
    fresh: list[Fork] = []
    for fork in found:
        if fork.at > 0 and _distinct(fork) and fork.key not in answered:
            fresh.append(fork)
        answered.add(fork.key)
    return fresh


def _best(pools: Sequence[list[Fork]], most: int, steps: int, stops: _Stops) -> list[Fork]:
    """Kind by kind the weightiest fork, and of equal ones the one that is farthest from what is asked already."""
    chosen: list[Fork] = []
    while len(chosen) < most and any(pools):
        for pool in pools:
            taken = {fork.at for fork in chosen}
            pool[:] = [fork for fork in pool if all(_apart(fork, other, stops) for other in chosen)]
            if pool and len(chosen) < most:
                best = max(pool, key=lambda fork: (fork.weight, _distance(fork, taken, steps), -fork.at))
                chosen.append(best)
                easy = sum((fork.kind, fork.weight) == (best.kind, EASY) for fork in chosen)
                pool[:] = [fork for fork in pool if fork is not best and (fork.weight > EASY or easy < FEW)]
    return chosen


def _apart(one: Fork, other: Fork, stops: _Stops) -> bool:
    """Whether one can be asked after the other: a beat lies between them, and neither tells the other."""
    return stops.between(one, other) and not one.overlaps(other)


def _distance(fork: Fork, taken: set[int], steps: int) -> int:
    return min((abs(fork.at - at) for at in taken), default=steps)


def _question(fork: Fork) -> Question:
    """Put the right answer among the wrong ones, in an order that depends on their text only."""
    key = f"{fork.kind}-{fork.at}"
    options = sorted([fork.right, *_distinct(fork)], key=lambda item: _hash(key + item.text))
    return Question(
        key,
        fork.at,
        fork.kind,
        fork.prompt,
        tuple(item.text for item in options),
        options.index(fork.right),
        fork.why,
        tuple(item.why_not for item in options),
        tuple(item.spot and item.spot._asdict() for item in options),
    )


def _distinct(fork: Fork) -> list[Option]:
    """The first wrong answers, each text once."""
    texts = {item.text: item for item in reversed(fork.wrong) if item.text != fork.right.text}
    return [item for item in fork.wrong if texts.get(item.text) is item][: CHOICES - 1]


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
