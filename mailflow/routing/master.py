"""What a routing group master does with a change: it writes it into the entry of its group and raises the version.

Source: R9, R11, R48.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

from mailflow.facts import rule
from mailflow.names import Named, RuleName, rule_of
from mailflow.organization.model import Organization
from mailflow.plain import Plain
from mailflow.routing.entries import Member, Part, bridgeheads, entry_of, is_up
from mailflow.routing.table import GroupEntry

if TYPE_CHECKING:
    from mailflow.trace.described import Availability

Kind = Literal["down", "up", "stopped", "started", "lost", "back", "master", "restarted", "configuration"]

RAISES: dict[Kind, Part] = {
    "down": "minor",
    "up": "minor",
    "stopped": "user",
    "started": "user",
    "lost": "user",
    "back": "user",
    "master": "user",
    "restarted": "user",
    "configuration": "major",
}

ALWAYS: frozenset[Kind] = frozenset({"master", "restarted", "stopped", "started"})
"""What raises the version even if nothing else in the entry is different."""


@dataclass(frozen=True, slots=True, repr=False, eq=False)
class Change(Plain):
    """Something that a routing group master is told: what happened, on which server, to which connector, or to which service if not
    SMTP.
    """

    kind: Kind
    server: str
    connector: str = ""
    service: str = ""

    def __str__(self) -> str:
        service = self.service or "SMTP service"
        return {
            "down": f"{self.server} cannot use the connector {self.connector}",
            "up": f"{self.server} can use the connector {self.connector} again",
            "stopped": f"the {service} of {self.server} stopped",
            "started": f"the {service} of {self.server} runs again",
            "lost": f"{self.server} is not connected",
            "back": f"{self.server} is connected again",
            "master": f"{self.server} is the master now",
            "restarted": f"the routing engine of {self.server} started",
            "configuration": "an administrator changed the configuration",
        }[self.kind]

    def undoes(self, other: Change) -> bool:
        """Whether the two cancel each other, as DOWN and UP of one connector do (Source: R87)."""
        return {self.kind, other.kind} == {"down", "up"} and (self.server, self.connector) == (
            other.server,
            other.connector,
        )


def joined(waiting: Iterable[Change], change: Change) -> list[Change]:
    """What waits once one more change has come: the change and what it undoes cancel each other (Source: R87)."""
    before = list(waiting)
    rest = [item for item in before if not item.undoes(change)]
    return rest if len(rest) < len(before) else [*rest, change]


@rule
def written(entry: GroupEntry, change: Change, directory: Organization) -> GroupEntry:
    """Only the master raises a version: major for configuration, minor for a connector, user for services and members.

    A service raises it even where the entry says nothing else of it.

    Source: R9, R11, R48, O20.
    """
    made = _content(entry, change, directory)
    if made == entry and change.kind not in ALWAYS:
        return entry
    return replace(made, version=entry.version.raised(RAISES[change.kind]))


def rule_behind(change: Change) -> RuleName:
    """The rule by which a change alters the entry of its routing group; for the others it is that of the versions."""
    behind: dict[Kind, Named] = {
        "configuration": configured,
        "down": is_up,
        "up": is_up,
        "stopped": _virtual_server,
        "started": _virtual_server,
        "lost": _virtual_server,
    }
    return rule_of(written if change.service else behind.get(change.kind, written))


def _content(entry: GroupEntry, change: Change, directory: Organization) -> GroupEntry:
    if change.service:
        return entry
    if change.kind == "configuration":
        return configured(entry, directory)
    if change.kind == "master":
        return replace(entry, master=change.server)
    if change.kind in ("down", "up"):
        return _bridgehead(entry, change)
    if change.kind in ("stopped", "started"):
        return _virtual_server(entry, change)
    if change.kind in ("lost", "back"):
        members = tuple(
            Member(item.server, change.kind == "back" if item.server == change.server else item.connected)
            for item in entry.members
        )
        return _virtual_server(replace(entry, members=members), change)
    return entry


def _bridgehead(entry: GroupEntry, change: Change) -> GroupEntry:
    availability: Literal["CONN_AVAIL", "CONN_NOT_AVAIL"] = "CONN_AVAIL" if change.kind == "up" else "CONN_NOT_AVAIL"
    return replace(
        entry,
        connectors=tuple(
            item.with_bridgehead(change.server, availability) if item.name == change.connector else item
            for item in entry.connectors
        ),
    )


@rule
def _virtual_server(entry: GroupEntry, change: Change) -> GroupEntry:
    """A bridgehead whose SMTP service stopped, or whose master has lost it, cannot use its connectors.

    That the table then says VS_NOT_STARTED, or CONN_NOT_AVAIL for a lost server, is unconfirmed.

    Source: R52, R85.
    """
    states: dict[str, Availability] = {"stopped": "VS_NOT_STARTED", "lost": "CONN_NOT_AVAIL"}
    gone = states.get(change.kind, "CONN_AVAIL")
    return replace(
        entry,
        connectors=tuple(
            item.with_bridgehead(change.server, gone)
            if any(
                head.server == change.server and _may_change(head.availability, change.kind)
                for head in item.bridgeheads
            )
            else item
            for item in entry.connectors
        ),
    )


def _may_change(now: str, kind: Kind) -> bool:
    """A service that starts again does not repair a connector whose network is broken."""
    return kind in ("stopped", "lost", "back") or now == "VS_NOT_STARTED"


@rule
def configured(entry: GroupEntry, directory: Organization) -> GroupEntry:
    """The master reads the configuration of its own routing group from the directory; states that it knows stay.

    Source: R9.
    """
    members = directory.members_of(entry.name)
    connectors = []
    for connector in directory.connectors:
        if connector.routing_group != entry.name:
            continue
        known = entry.connector.get(connector.name)
        if known is not None and bridgeheads(known.connector) == bridgeheads(connector):
            connectors.append(replace(known, connector=connector))
        else:
            connectors.append(entry_of(connector, members))
    connected = {item.server: item.connected for item in entry.members}
    return replace(
        entry,
        members=tuple(Member(item.name, connected.get(item.name, True)) for item in members),
        connectors=tuple(connectors),
    )
