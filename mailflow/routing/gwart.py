"""The GWART: what Exchange 5.5 servers know instead of a link state table. Next hops and costs, never up or down.

Source: R130, R131, R133.
"""

from __future__ import annotations

from typing import NamedTuple

from mailflow.facts import rule
from mailflow.facts.mistake import InputError
from mailflow.organization.model import Organization, RoutingGroupConnector
from mailflow.routing.choice import Map
from mailflow.routing.restrictions import Question
from mailflow.routing.table import from_directory


class GwartLine(NamedTuple):
    """One line: type of address, address space, cost, and the connection to use (Source: R133)."""

    type: str
    space: str
    cost: int
    connection: str

    def __str__(self) -> str:
        return f"{self.type},{self.space},{self.cost},{self.connection},"

    @classmethod
    def read(cls, text: str) -> GwartLine:
        """The line written as ``text``.

        Raises:
            ValueError: it has not four fields, or its cost is no number.
        """
        parts = [part.strip() for part in text.rstrip(",").split(",")]
        if len(parts) != 4:
            raise InputError(f"{text!r} is no line of a GWART: type, address space, cost, connection")
        return cls(parts[0], parts[1], int(parts[2]), parts[3])


@rule
def gwart(organization: Organization, group: str) -> list[GwartLine]:
    """In mixed mode the MTA writes the routes of its routing group into the directory, for the 5.5 servers to read.

    It is taken from the directory alone: what is up or down never enters it.

    Raises:
        ValueError: no such routing group, or an organization in native mode, where nobody reads a GWART.

    Source: R130, R131, R133, O11.
    """
    if organization.mode != "mixed":
        raise InputError(f"{organization.name} is in native mode: no Exchange 5.5 server reads a GWART there")
    if group not in organization.routing_group:
        raise InputError(f"no routing group {group!r}; there is {', '.join(organization.routing_group)}")
    map_ = Map(from_directory(organization))
    lines = []
    for target in organization.routing_group:
        if target != group and (way := map_.least_cost(group, target, Question())) is not None:
            lines.append(GwartLine("EX", f"/O={organization.name.upper()}/OU={target.upper()};", int(way[0]), way[1]))
    for connector in organization.connectors:
        if isinstance(connector, RoutingGroupConnector):
            continue
        inside = map_.inside(group, connector.routing_group, Question())
        if inside < float("inf"):
            lines += [
                GwartLine(item.type, f"{item.pattern};", int(inside) + item.cost, connector.name)
                for item in connector.address_spaces
            ]
    return sorted(lines)
