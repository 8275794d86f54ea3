"""Link state tables in a trace: each entry once, tables as differences, and the tables rebuilt from there.

Source: R40, R42.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, TypeGuard

from mailflow.facts.kinds import need_server
from mailflow.facts.mistake import InputError
from mailflow.facts.words import counted
from mailflow.organization.load import made
from mailflow.organization.model import (
    AddressSpace,
    AnyConnector,
    Organization,
    RoutingGroupConnector,
    SmtpConnector,
    X400Connector,
)
from mailflow.routing.entries import (
    Bridgehead,
    ConnectorEntry,
    Member,
    Version,
    bridgeheads,
    changed_settings,
    far_ends,
    targets,
)
from mailflow.routing.table import GroupEntry, Table, flipped
from mailflow.trace import Trace

if TYPE_CHECKING:
    from mailflow.trace.described import ConnectorData, EntryData, LinkStateData, SpaceData

_SHOWN = frozenset({"name", "routing_group", "to", "cost", "connected_routing_groups", "address_spaces", "smart_host"})
_ENDS = frozenset({"local_bridgeheads", "local_bridgehead", "remote_bridgeheads", "remote_bridgehead"})

Pairs = tuple[tuple[str, str], ...]


class Register:
    """Every table and entry of a run, each of them once.

    Servers that know the same share one table object, so that thousands of servers cost little more than one, and
    "is it news?" is a look at two references. Caches know a table by its digest.

    Sharing is safe because a table is a value. Nobody assigns to a table or to an entry once it is made (an entry is
    frozen, and the groups of a table are a `Mapping`): a change makes new ones. What they work out about themselves
    (text, digest, size) depends on nothing else. So one server's news can never show up in the table of another.
    """

    def __init__(self, organization: Organization) -> None:
        self._configured = organization.connector
        self._tables: dict[str, Table] = {}
        self._entries: dict[bytes, str] = {}
        self._data: dict[str, EntryData] = {}
        self._initial: list[str] = []
        self.first: Table | None = None
        self._merged: dict[tuple[str, str], Table] = {}
        self._differences: dict[tuple[str, str], tuple[Pairs, str]] = {}

    def begin(self, table: Table) -> None:
        """The table that every server starts with."""
        self.first = table
        self._initial = [self._entry(entry) for entry in table.groups.values()]

    def intern(self, table: Table) -> Table:
        """The one object for this content."""
        return self._tables.setdefault(table.digest, table)

    def merged(self, mine: Table, other: Table) -> Table:
        """Both tables in one: of each routing group the newer entry."""
        key = (mine.digest, other.digest)
        if key not in self._merged:
            self._merged[key] = self.intern(mine.merged(other))
        return self._merged[key]

    def _entry(self, entry: GroupEntry) -> str:
        if entry.digest not in self._entries:
            name = self._entries[entry.digest] = f"e{len(self._entries)}"
            self._data[name] = entry_data(entry, self._configured)
        return self._entries[entry.digest]

    def difference(self, before: Table, after: Table) -> Pairs:
        """The routing groups whose entry changed, each with the name of its new entry."""
        return self._compared(before, after)[0]

    def since_start(self, table: Table) -> Pairs:
        """The routing groups whose entry is not the one that every server started with."""
        assert self.first is not None
        return self.difference(self.first, table)

    def news_since_start(self, table: Table) -> str:
        """What differs from the table that every server started with, in words."""
        assert self.first is not None
        return self.news(self.first, table)

    def news(self, before: Table, after: Table) -> str:
        """What changed, in words: versions, and connectors whose state is another one."""
        return self._compared(before, after)[1]

    def _compared(self, before: Table, after: Table) -> tuple[Pairs, str]:
        key = (before.digest, after.digest)
        if key not in self._differences:
            changed = after.changed_since(before)
            pairs = tuple((entry.name, self._entry(entry)) for entry in changed)
            words = [_news(before.groups.get(entry.name), entry) for entry in changed[:4]]
            more = [counted(len(changed) - 4, "more routing group")] if len(changed) > 4 else []
            self._differences[key] = (pairs, "; ".join([*words, *more]) or "nothing")
        return self._differences[key]

    def data(self) -> LinkStateData:
        """Everything for the trace, as plain JSON data."""
        return {"initial": self._initial, "entries": self._data}


def _news(before: GroupEntry | None, after: GroupEntry) -> str:
    known = before.connector if before else {}
    changes = [f"{item.name} {'UP' if item.up else 'DOWN'}" for item in flipped(before, after)]
    changes += [f"{item.name} added" for item in after.connectors if before and item.name not in known]
    changes += [f"{name} removed" for name in known if name not in after.connector]
    changes += [
        f"{item.name} changed"
        for item in after.connectors
        if item.name in known and item.connector != known[item.name].connector
    ]
    seen = {item.server: item.connected for item in before.members} if before else {}
    changes += [
        f"{item.server} {'connected' if item.connected else 'not connected'}"
        for item in after.members
        if item.connected != seen.get(item.server, True)
    ]
    if before and before.master != after.master:
        changes.append(f"master {after.master}")
    return f"{after.name} {after.version}" + (f" ({', '.join(changes)})" if changes else "")


# -- entries and connectors as plain data ---------------------------------------------------------------------------


def entry_data(entry: GroupEntry, configured: Mapping[str, AnyConnector]) -> EntryData:
    """An entry as plain JSON data; a connector is written out only where the organization has another one."""
    data: EntryData = {
        "group": entry.name,
        "master": entry.master,
        "version": str(entry.version),
        "members": [(item.server, item.connected) for item in entry.members],
        "connectors": [
            (item.name, item.up, [(head.server, head.availability) for head in item.bridgeheads])
            for item in entry.connectors
        ],
    }
    other = [connector_data(item.connector) for item in entry.connectors if configured.get(item.name) != item.connector]
    if other:
        data["configured"] = other
    return data


def connector_data(item: AnyConnector) -> ConnectorData:
    """A connector as plain JSON data, for maps and tables (Source: R20)."""
    data: ConnectorData = {
        "name": item.name,
        "kind": item.kind,
        "routing_group": item.routing_group,
        "to": list(targets(item)),
        "cost": item.cost,
        "address_spaces": [_space_data(space) for space in getattr(item, "address_spaces", ())],
        "local_bridgeheads": list(bridgeheads(item)),
        "remote_bridgeheads": [] if isinstance(item, SmtpConnector) else list(far_ends(item)),
        "smart_host": getattr(item, "smart_host", ""),
    }
    if settings := changed_settings(item, _SHOWN | _ENDS):
        data["settings"] = settings
    return data


def _space_data(space: AddressSpace) -> SpaceData:
    data: SpaceData = {"pattern": space.pattern, "cost": space.cost}
    if space.type != "SMTP":
        data["type"] = space.type
    return data


def is_connector(data: object) -> TypeGuard[ConnectorData]:
    """Whether data from outside has what every connector needs."""
    # These types are for type checkers, and only a shared text asks one of them something.
    from mailflow.trace.described import ConnectorData

    return isinstance(data, Mapping) and data.keys() >= ConnectorData.__required_keys__


def connector_from(data: ConnectorData) -> AnyConnector:
    """The connector that `connector_data` wrote."""
    given: dict[str, object] = {
        key: tuple(value) if isinstance(value, (list, tuple)) else value
        for key, value in data.get("settings", {}).items()
    }
    given |= {"name": data["name"], "routing_group": data["routing_group"], "cost": data["cost"]}
    local, remote = tuple(data["local_bridgeheads"]), tuple(data["remote_bridgeheads"])
    spaces = tuple(made(AddressSpace, item) for item in data["address_spaces"])
    if data["kind"] == RoutingGroupConnector.kind:
        given |= {"to": data["to"][0], "local_bridgeheads": local, "remote_bridgeheads": remote}
        return made(RoutingGroupConnector, given)
    given |= {"address_spaces": spaces, "connected_routing_groups": tuple(data["to"])}
    if data["kind"] == X400Connector.kind:
        return made(X400Connector, {**given, "local_bridgehead": local[0], "remote_bridgehead": remote[0]})
    return made(SmtpConnector, {**given, "local_bridgeheads": local, "smart_host": data["smart_host"]})


def table_of(trace: Trace, server: str, step: int = -1) -> Table:
    """The link state table of one server after a step of a trace.

    Raises:
        ValueError: no such server, or a trace without link state.
    """
    need_server(server, (item["name"] for item in trace.organization["servers"]))
    if not trace.link_state:
        raise InputError("this trace holds no link state: it was made from records alone")
    held = trace.at(step).tables.get(server, {}) if len(trace) else {}
    if held is None:
        raise InputError(
            f"the routing engine of {server} is stopped at this step: it has no table, and nobody answers on TCP port 691"
        )
    entries = trace.link_state["entries"]
    names = {entries[name]["group"]: name for name in trace.link_state["initial"]} | dict(held)
    connectors = {item["name"]: connector_from(item) for item in trace.organization["connectors"]}
    fqdns = {item["name"]: item["fqdn"] for item in trace.organization["servers"]}
    groups = {
        group: _entry_from(entries[names[group]], trace.organization["name"], connectors, fqdns)
        for group in sorted(names)
    }
    return Table(trace.organization["name"], groups)


def _entry_from(
    data: EntryData, organization: str, connectors: Mapping[str, AnyConnector], fqdns: Mapping[str, str]
) -> GroupEntry:
    known = dict(connectors) | {item["name"]: connector_from(item) for item in data.get("configured", ())}
    return GroupEntry(
        organization,
        data["group"],
        data["master"],
        Version.read(data["version"]),
        tuple(Member(*item) for item in data["members"]),
        tuple(
            ConnectorEntry(known[name], tuple(Bridgehead(server, fqdns[server], state) for server, state in heads), up)
            for name, up, heads in data["connectors"]
        ),
    )
