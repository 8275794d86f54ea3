"""A fork, its answers, and how the function that finds a kind of fork is declared."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Literal, NamedTuple

from mailflow.player.words import Scene


class Spot(NamedTuple):
    """Where in the picture an answer stands, so that it can be clicked there."""

    kind: Literal["server", "connector", "queue", "recipient", "verb"]
    name: str


class Option(NamedTuple):
    """One answer: its text, where it stands in the picture, if it does, and why it is not the right one ("" if it is)."""

    text: str
    spot: Spot | None = None
    why_not: str = ""


class Fork(NamedTuple):
    """Something that can be asked before step ``at``.

    ``why`` is the reason for the right answer. Of two forks the one with more ``weight`` is the better question; one with
    a ``key`` that has been there is answered already. ``tells`` are further steps that are no question any more once this one
    is answered.
    """

    kind: str
    at: int
    prompt: str
    right: Option
    wrong: tuple[Option, ...]
    why: str
    weight: float
    key: tuple[object, ...]
    tells: tuple[int, ...] = ()

    def overlaps(self, other: Fork) -> bool:
        """Whether the answer to one of the two tells of a step that the other one asks about."""
        return not {self.at, *self.tells}.isdisjoint({other.at, *other.tells})


EASY = 1.0
"""The weight of a fork at which most learners guess right: a station of a chain, a usual answer."""

Finder = Callable[[Scene], Iterator[Fork]]
FORKS: dict[str, Finder] = {}
"""For each kind of question the function that finds its forks."""


def fork(kind: str) -> Callable[[Finder], Finder]:
    """Declare the function that finds the forks of a kind."""

    def declare(function: Finder) -> Finder:
        FORKS[kind] = function
        return function

    return declare


def sentence(text: str) -> str:
    """A clause as a sentence; a name stays as it is written."""
    first = text.partition(" ")[0].rstrip(",:;")
    begun = f"{text[0].upper()}{text[1:]}" if first.isalpha() else text
    return begun if text[-1] in ".!?" else f"{begun}."


def refuted(text: str, why: str, spot: Spot | None = None) -> Option:
    """An answer that is wrong, with the reason against it."""
    return Option(text, spot, sentence(why))
