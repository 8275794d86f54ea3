"""The connectors in the directory at any time of a script."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import replace
from typing import ClassVar, NamedTuple, Protocol

from mailflow.organization.check import connector_faults, limit_faults
from mailflow.organization.model import AnyConnector, Organization
from mailflow.simulation.errors import ScenarioError, meant


class Change(Protocol):
    """What changes one connector at some time."""

    word: ClassVar[str]
    method: ClassVar[str]
    adds: ClassVar[bool]

    def after(self, before: AnyConnector | None) -> AnyConnector | None:
        """The connector as the change leaves it; None where there is none."""

    def told(self, after: AnyConnector | None) -> str:
        """The change in words."""


class _Planned(NamedTuple):
    at: float
    change: Change
    after: AnyConnector | None


class Directory:
    """What a script so far makes of each connector, in the order of time.

    A change is looked at where it stands in time, and later changes of the same connector again, until nothing differs:
    a script that is written in its own order costs the same for each of its changes.
    """

    def __init__(self, organization: Organization) -> None:
        self.organization = organization
        self._planned: dict[str, list[_Planned]] = {}

    def copy(self) -> Directory:
        """An independent copy."""
        made = Directory(self.organization)
        made._planned = {name: list(items) for name, items in self._planned.items()}
        return made

    def plan(self, name: str, change: Change, at: float) -> None:
        """Add a change of the connector ``name``; what is refused changes nothing.

        Raises:
            ScenarioError: no such connector at that time, or what the change makes of it is not allowed, then or later.
        """
        planned = self._planned.get(name, [])
        known = {**self.organization.connector, **dict.fromkeys(self._planned)}
        if name not in known and not change.adds:
            raise ScenarioError(f"{change.method}: no connector {name!r}{meant(name, known)}")
        place = bisect_right(planned, at, key=lambda item: item.at)
        was = planned[place - 1].after if place else self.organization.connector.get(name)
        made = [_Planned(at, change, self._after(name, change, at, was))]
        for later in planned[place:]:
            if made[-1].after == was:
                break
            was = later.after
            made.append(later._replace(after=self._after(name, later.change, later.at, made[-1].after)))
        if change.adds:
            self._check_limits(name, made[-1])
        planned[place : place + len(made) - 1] = made
        self._planned[name] = planned

    def _after(self, name: str, change: Change, at: float, before: AnyConnector | None) -> AnyConnector | None:
        if (before is None) != change.adds:
            there = "there is no connector" if before is None else "there is already a connector"
            raise ScenarioError(f"{change.word} at {at:g} seconds: {there} {name!r} at that time")
        after = change.after(before)
        if after is not None:
            _refuse(change.told(after), connector_faults(self.organization, after))
        return after

    def _check_limits(self, name: str, added: _Planned) -> None:
        last = {**self.organization.connector, **{key: items[-1].after for key, items in self._planned.items()}}
        there = tuple(item for item in {**last, name: added.after}.values() if item is not None)
        _refuse(added.change.told(added.after), limit_faults(replace(self.organization, connectors=there)))


def _refuse(what: str, faults: list[str]) -> None:
    if faults:
        raise ScenarioError("\n".join([f"{what} is not possible:", *(f"  {line}" for line in faults)]))
