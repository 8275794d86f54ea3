"""The link state table: what one server knows of all routing groups, their members and their connectors.

A table is a value. A change makes a new one, servers that know the same hold the same object, and no server ever looks
into the table of another.

Source: R40, R42, R45, R46, R47.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from mailflow.facts import rule
from mailflow.facts.words import counted
from mailflow.organization.model import AnyConnector, Organization, SmtpConnector
from mailflow.plain import Plain
from mailflow.routing.entries import ConnectorEntry, Member, Version, bridgeheads, entry_of, far_ends
from mailflow.routing.packet import HEADER, group_text

WITHOUT_LINK_STATE = frozenset({"5.5", "2007"})
"""Products whose servers keep no link state table (Source: R130, R134)."""


@dataclass(frozen=True, repr=False, eq=False)
class GroupEntry(Plain):
    """A routing group in the table: its master, version, members and connectors.

    ``master`` is "" when the directory names a server that does not exist (Source: R14).
    """

    organization: str
    name: str
    master: str
    version: Version
    members: tuple[Member, ...]
    connectors: tuple[ConnectorEntry, ...]

    @cached_property
    def connector(self) -> Mapping[str, ConnectorEntry]:
        """The connectors by name."""
        return {item.name: item for item in self.connectors}

    @cached_property
    def text(self) -> str:
        """The group as it stands in an OrgInfo packet."""
        return group_text(self.organization, self.name, self.master, self.version, self.members, self.connectors)

    @cached_property
    def digest(self) -> bytes:
        """MD5 over `text`."""
        return hashlib.md5(self.text.encode(), usedforsecurity=False).digest()


class Table:
    """The link state table of one server at one moment.

    Attributes:
        organization: the name of the organization.
        groups: the routing groups by name, in a fixed order.
    """

    __slots__ = ("__dict__", "groups", "organization")

    def __init__(self, organization: str, groups: Mapping[str, GroupEntry]) -> None:
        self.organization = organization
        self.groups = groups

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Table) and self.digest == other.digest

    def __repr__(self) -> str:
        return f"Table of {counted(len(self.groups), 'routing group')}, digest {self.digest}"

    @cached_property
    @rule
    def digest(self) -> str:
        """The MD5 digest of a whole table: equal digests mean equal knowledge.

        It is taken over the digests of the routing groups in this model's own text form; what exactly Exchange put into
        it is not documented.

        Source: R46.
        """
        whole = hashlib.md5(usedforsecurity=False)
        for entry in self.groups.values():
            whole.update(entry.digest)
        return whole.hexdigest()

    @cached_property
    def size(self) -> int:
        """Bytes of the OrgInfo packet that carries this table. A figure of this model (Source: R53, R54)."""
        return HEADER + sum(len(entry.text.encode()) for entry in self.groups.values())

    @cached_property
    def connectors(self) -> Mapping[str, ConnectorEntry]:
        """All connectors by name."""
        return {name: item for entry in self.groups.values() for name, item in entry.connector.items()}

    @cached_property
    def down(self) -> frozenset[str]:
        """The names of the connectors in state DOWN."""
        return frozenset(name for name, item in self.connectors.items() if not item.up)

    def with_group(self, entry: GroupEntry) -> Table:
        """The table with another entry for one routing group."""
        return Table(self.organization, {**self.groups, entry.name: entry})

    @rule
    def merged(self, other: Table) -> Table:
        """Of each routing group a server keeps the entry with the highest version it has seen.

        Two different entries with the same version stay as they are: nobody can say which is newer. Of two that no
        master has announced yet the model takes the greater digest, so that both sides take the same one.

        Source: R46, R48, R49.
        """
        newer = {
            name: entry
            for name, entry in other.groups.items()
            if name not in self.groups or _is_newer(entry, self.groups[name])
        }
        if not newer:
            return self
        groups = {**self.groups, **newer}
        return Table(self.organization, dict(sorted(groups.items())))

    def changed_since(self, older: Table | None) -> tuple[GroupEntry, ...]:
        """The entries that differ from another table."""
        known = older.groups if older else {}
        # Identity comes first: tables share most of their entries, and to compare two that are equal is to look at all of them.
        return tuple(
            entry for name, entry in self.groups.items() if known.get(name) is not entry and known.get(name) != entry
        )


FIRST = Version()
UNANNOUNCED = Version(0, 0, 0)
"""What a server that has just started knows of a routing group: its configuration, and no word of a master yet."""


def _is_newer(entry: GroupEntry, known: GroupEntry) -> bool:
    if entry.version == known.version == UNANNOUNCED:
        return entry.digest > known.digest
    return entry.version > known.version


@rule
def stays_up(connector: AnyConnector, organization: Organization) -> str:
    """Some connectors are never marked DOWN: SMTP by DNS, "any local server", and those with an old bridgehead.

    Source: R90.
    """
    if isinstance(connector, SmtpConnector) and not connector.smart_host:
        return "it delivers by DNS, so there is no single next hop that could be down"
    if not bridgeheads(connector):
        return "any local server may use it, so there is no bridgehead that could say it is down"
    ends = (*bridgeheads(connector), *far_ends(connector))
    old = next(
        (
            name
            for name in ends
            if name in organization.server and organization.server[name].product in WITHOUT_LINK_STATE
        ),
        "",
    )
    return f"its bridgehead {old} is no Exchange 2000 or 2003 server" if old else ""


def master_of(organization: Organization, group: str) -> str:
    """The routing group master by the directory: the one set, or the first server of the group; "" when the one set is
    no server of the group (Source: R8, R14).
    """
    members = [item.name for item in organization.members_of(group)]
    named = organization.routing_group[group].master
    return (named if named in members else "") if named else (members[0] if members else "")


@rule
def from_directory(organization: Organization, version: Version = FIRST) -> Table:
    """On start a server fills its table from the directory: every connector UP, every member connected.

    Source: R41.
    """
    connectors: dict[str, list[AnyConnector]] = {group.name: [] for group in organization.routing_groups}
    for item in organization.connectors:
        connectors[item.routing_group].append(item)
    groups = {}
    for name in sorted(organization.routing_group):
        members = organization.members_of(name)
        groups[name] = GroupEntry(
            organization.name,
            name,
            master_of(organization, name),
            version,
            tuple(Member(item.name) for item in members),
            tuple(entry_of(item, members) for item in connectors[name]),
        )
    return Table(organization.name, groups)


def flipped(before: GroupEntry | None, after: GroupEntry) -> tuple[ConnectorEntry, ...]:
    """The connectors whose state is another one than before; a new connector counts as one that was UP."""
    known = before.connector if before else {}
    return tuple(item for item in after.connectors if item.up != (known[item.name].up if item.name in known else True))
