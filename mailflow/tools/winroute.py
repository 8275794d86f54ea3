"""WinRoute: the link state table of one server in three panes, as the tool of that name shows it.

Source: R55, R56.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from html import escape
from pathlib import Path

from mailflow.facts import rule
from mailflow.facts.kinds import need
from mailflow.facts.words import counted
from mailflow.routing.entries import ConnectorEntry, far_ends, targets
from mailflow.routing.orginfo import OrgInfoError, directory_names, read, write
from mailflow.routing.packet import guid, hyphenated
from mailflow.routing.recorded import table_of
from mailflow.routing.table import GroupEntry, Table
from mailflow.trace import Trace

__all__ = ["WinRoute", "winroute"]

NOT_FOUND = "[object_not_found_in_DS]"


@dataclass(frozen=True, slots=True)
class WinRoute:
    """The three panes: ``tree`` (interpreted), ``address_spaces``, and ``raw`` (the packet itself)."""

    table: Table
    title: str

    @property
    def tree(self) -> str:
        """The upper pane: digest, organization, and each routing group with members, connectors and states."""
        lines = [self.title, f"  digest        {self.table.digest}", f"  organization  {self.table.organization}"]
        for entry in self.table.groups.values():
            lines += _group_lines(entry)
        return "\n".join(lines)

    @property
    def address_spaces(self) -> str:
        """The middle pane: every address space with its cost, connector, routing group and state."""
        rows = [("type", "address space", "cost", "connector", "routing group", "state"), *self._spaces()]
        widths = [max(len(row[i]) for row in rows) for i in range(6)]
        return "\n".join(
            "  ".join(text.ljust(width) for text, width in zip(row, widths, strict=True)).rstrip() for row in rows
        )

    def _spaces(self) -> list[tuple[str, ...]]:
        return [
            (space.type, space.pattern, str(space.cost), item.name, _found(entry.name), _state(item))
            for entry in self.table.groups.values()
            for item in entry.connectors
            for space in getattr(item.connector, "address_spaces", ())
        ]

    @property
    @rule
    def raw(self) -> str:
        """The lower pane is the packet as it travels; saved as text, its length is the size of the organization's data.

        Source: R44, R54, R55.
        """
        return write(self.table)

    def __str__(self) -> str:
        return "\n\n".join((self.tree, self.address_spaces, self.raw))

    def __repr__(self) -> str:
        return f"WinRoute: {self.title}, {counted(len(self.table.groups), 'routing group')}, {self.table.size} bytes"

    def _repr_html_(self) -> str:
        panes = (("Tree", self.tree), ("Address spaces", self.address_spaces), ("Raw text", self.raw))
        shown = "".join(
            f"<details{' open' if number == 0 else ''}><summary>{name}</summary>"
            f"<pre style='max-height:22em;overflow:auto;white-space:{'pre-wrap;overflow-wrap:anywhere' if number == 2 else 'pre'}'>"
            f"{escape(text)}</pre></details>"
            for number, (name, text) in enumerate(panes)
        )
        return f"<div>{shown}</div>"

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the packet to a file, as WinRoute does with its .rte files."""
        Path(path).write_text(self.raw, encoding="utf-8")

    @classmethod
    def open(cls, path: str | os.PathLike[str], directory: Trace | None = None) -> WinRoute:
        """Open a saved file.

        Args:
            directory: a trace whose organization gives the objects their names; without one each is "not found".

        Raises:
            OrgInfoError: the file holds no packet, or a damaged one.
            OSError: the file cannot be read.
        """
        text = Path(path).read_text(encoding="utf-8")
        try:
            return cls(read(text, _names(directory, -1) if directory else {}), f"Saved table {Path(path).name}")
        except OrgInfoError as error:
            raise OrgInfoError(f"{path}: {error}") from error


def winroute(trace: Trace, server: str, at: int = -1) -> WinRoute:
    """Connect WinRoute to TCP port 691 of a server and show the table that it holds after a step.

    An object that the directory no longer has is shown as ``[object_not_found_in_DS]`` (Source: R55, R57).

    Example:
        >>> import mailflow
        >>> message = mailflow.Message.write("anna@contoso.com", "pierre@contoso.com")
        >>> trace = mailflow.Scenario(mailflow.load("two sites")).send(message).run()
        >>> print(str(mailflow.winroute(trace, "LON01")).splitlines()[0])
        Link state table of LON01, TCP port 691

    Raises:
        ValueError: no such server, or its routing engine is stopped, so that nobody answers.
    """
    need("winroute", trace, Trace, "trace", "give what a scenario's .run() returned")
    table = read(write(table_of(trace, server, at)), _names(trace, at))
    return WinRoute(table, f"Link state table of {server}, TCP port 691")


def _names(trace: Trace, at: int) -> Mapping[str, str]:
    gone = trace.at(at).deleted
    organization = trace.organization
    groups = (item["name"] for item in organization["routing_groups"])
    servers = (item["name"] for item in organization["servers"] if item["name"] not in gone)
    return directory_names(organization["name"], groups, servers)


def _found(name: str) -> str:
    return NOT_FOUND if guid("", "", name) == name else name


def _state(item: ConnectorEntry) -> str:
    return "UP" if item.up else "DOWN"


def _group_lines(entry: GroupEntry) -> list[str]:
    own = guid(entry.organization, "routing group", entry.name)
    lines = [
        f"  {_found(entry.name)}  version {entry.version}",
        f"    GUID       {hyphenated(own)}",
        f"    master     {_found(entry.master) if entry.master else NOT_FOUND}",
        "    members",
        *(f"      {_found(item.server):<24} connected {'YES' if item.connected else 'NO'}" for item in entry.members),
        "    connectors",
    ]
    for item in entry.connectors:
        lines += _connector_lines(item)
    return lines


def _connector_lines(item: ConnectorEntry) -> list[str]:
    connector = item.connector
    leads = f" to {', '.join(map(_found, targets(connector)))}" if targets(connector) else ""
    heads = [f"        BH     {_found(head.server):<18} {head.availability}" for head in item.bridgeheads]
    far = [f"        TARGBH {name}" for name in far_ends(connector)]
    said = [f"{item.name} ({connector.kind}){leads}", *_costs(item), f"STATE {_state(item)}"]
    return [f"      {', '.join(said)}", *heads, *far]


def _costs(item: ConnectorEntry) -> list[str]:
    """The cost of the way to a routing group, and that of each address space, which carries its own (R20)."""
    own = [f"cost {item.connector.cost}"] if targets(item.connector) else []
    return own + [f"{space.pattern} cost {space.cost}" for space in getattr(item.connector, "address_spaces", ())]
