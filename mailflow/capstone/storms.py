"""Storms: what fails and who writes to whom, drawn by seed. Mail and the fate of a line are the same for every design."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache
from random import Random
from typing import NamedTuple

from mailflow.capstone.terms import Terms
from mailflow.messages import Message
from mailflow.organization import Organization, RoutingGroupConnector
from mailflow.simulation import Scenario

BUSY = 2 / 3
"""Mail is sent and things break in this part of a storm; the rest of the time is left for what waits."""


class Failure(NamedTuple):
    """A line or a server that breaks: ``names`` are its connectors, or the server itself; times in seconds."""

    what: str
    names: tuple[str, ...]
    start: float
    end: float


class Letter(NamedTuple):
    """One message of a storm: two addresses, and seconds after the start."""

    sender: str
    to: str
    at: float


def seeds(asked: Terms, word: str) -> tuple[str, ...]:
    """The storms that a word stands for."""
    return tuple(f"{word}/{number}" for number in range(asked.storm.storms))


def failures(asked: Terms, organization: Organization, seed: str) -> list[Failure]:
    """What breaks in a storm, in order.

    Each line and each server has dice of its own: having more of them changes nothing for the others. Those of a server
    belong to its site and its place among the names there.
    """
    found: list[Failure] = []
    for line in asked.lines:
        found += _drawn(asked, f"{seed}/{line.name}", line.fails, line.name, _over(organization, line.between))
    for site in asked.sites:
        for number, name in enumerate(sorted(item.name for item in organization.members_of(site.name))):
            found += _drawn(asked, f"{seed}/{site.name}/{number}", asked.storm.server_fails, name, (name,))
    return sorted(found, key=lambda item: item.start)


def _over(organization: Organization, between: Sequence[str]) -> tuple[str, ...]:
    """The connectors that lead over a line."""
    return tuple(
        item.name
        for item in organization.connectors
        if isinstance(item, RoutingGroupConnector) and {item.routing_group, item.to} == set(between)
    )


def _drawn(asked: Terms, seed: str, chance: float, what: str, names: tuple[str, ...]) -> Iterator[Failure]:
    dice = Random(seed)
    roll, start, minutes = dice.random(), dice.random(), dice.uniform(*asked.storm.minutes)
    if names and roll < chance:
        begins = start * asked.storm.seconds * BUSY
        yield Failure(what, names, begins, begins + 60 * minutes)


def letters(asked: Terms, seed: str) -> list[Letter]:
    """Who writes to whom in a storm, in order."""
    dice = Random(f"{seed}/mail")
    people = [f"{person}@{asked.domain}" for site in asked.sites for person in site.people]
    found = []
    for _ in range(asked.storm.messages):
        sender, colleague = dice.sample(people, 2)
        to = asked.outside.person if dice.random() < asked.storm.outside else colleague
        found.append(Letter(sender, to, dice.random() * asked.storm.seconds * BUSY))
    return sorted(found, key=lambda item: item.at)


def scenario(
    asked: Terms, organization: Organization, seed: str, mail: Sequence[Letter] | None = None, *, calm: bool = False
) -> Scenario:
    """One storm over one design, as a script; with these letters only, and without the failures when it is calm."""
    made = Scenario(organization, seed=Random(seed).getrandbits(30))
    for failure in () if calm else failures(asked, organization, seed):
        for name in failure.names:
            made.fail(name, at=failure.start).restore(name, at=failure.end)
    for letter in letters(asked, seed) if mail is None else mail:
        made.send(_written(letter.sender, letter.to), at=letter.at)
    return made


@lru_cache(maxsize=256)
def _written(sender: str, to: str) -> Message:
    """A message from one to the other: the same few are sent again and again, and writing takes longer than delivering."""
    return Message.write(sender, to, subject="In a storm")
