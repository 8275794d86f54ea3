"""Which next hop? Least cost over connectors that are up, inside; closest address space, then cost, outside.

A server chooses from its own link state table and from nothing else.

Source: R2, R100-R107, R115.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from mailflow.facts import rule
from mailflow.organization.model import AddressSpace, AnyConnector, RoutingGroupConnector
from mailflow.organization.spaces import space_matches, specificity
from mailflow.routing.entries import targets
from mailflow.routing.restrictions import Question, Reason, Restriction, first_refusal, restrictions_on
from mailflow.routing.table import Table

if TYPE_CHECKING:
    from mailflow.routing.graph import Graph, Tree


class Way(NamedTuple):
    """A way between two routing groups: total cost, and its legs as (connector, routing group it leads to)."""

    cost: float
    legs: tuple[tuple[str, str], ...]


class Rank(NamedTuple):
    """How good an address space is for a message; the least is best: exact match, length of the match, whether the
    connector is down, the whole cost, the name of the connector.
    """

    exact: int
    length: int
    down: bool
    cost: float
    name: str


class Offer(NamedTuple):
    """An address space that could take a message: its rank, and the connector that it belongs to."""

    rank: Rank
    connector: AnyConnector
    space: AddressSpace

    def lost_to(self, best: Offer) -> Reason:
        """Why another one is taken: the first part of the rank in which they differ (Source: R103, R104, R106)."""
        mine, its = self.rank, best.rank
        if mine[:2] != its[:2]:
            return Reason("specificity", f"less specific than {best.space.pattern}")
        if mine.down != its.down:
            return Reason("down", "it is DOWN in this server's table")
        if mine.cost == float("inf") and mine.cost != its.cost:
            return Reason("no way", "no way leads to its routing group")
        return dearer(mine.cost, its.cost)


def dearer(cost: float, best: float | None) -> Reason:
    """Why a way lost whose cost is this one, against the best."""
    if best is None or cost == best:
        return Reason("tie", "the same cost; another one was taken")
    return Reason("cost", f"costs {cost:g}, the best way {best:g}")


class Map:
    """A link state table as routing sees it: routing groups are nodes, connectors are one-way edges.

    Source: R2, R20, R100.
    """

    def __init__(self, table: Table) -> None:
        self.table = table
        self._trees: dict[tuple[str, frozenset[str]], Tree] = {}
        self._graphs: dict[frozenset[str], Graph] = {}
        self._checked: dict[frozenset[str], frozenset[str]] = {}
        self._spaces: dict[str, tuple[tuple[AnyConnector, AddressSpace], ...]] = {}

    def _graph(self, excluded: frozenset[str]) -> Graph:
        if excluded not in self._graphs:
            from mailflow.routing.graph import Graph  # networkx is heavy, and one routing group needs no way

            edges = ((connector, target) for connector, target in self.edges() if connector.name not in excluded)
            self._graphs[excluded] = Graph(self.table.groups, edges)
        return self._graphs[excluded]

    def edges(self) -> Iterator[tuple[AnyConnector, str]]:
        """Each connector with each routing group it leads to; a routing group that the table lacks is none."""
        for entry in self.table.connectors.values():
            for target in targets(entry.connector):
                if target in self.table.groups:
                    yield entry.connector, target

    @cached_property
    def restricted(self) -> Mapping[str, tuple[Restriction, ...]]:
        """The restrictions that are set on each connector that has any."""
        found = ((name, restrictions_on(entry.connector)) for name, entry in self.table.connectors.items())
        return {name: asked for name, asked in found if asked}

    @rule
    def refusal(self, connector: AnyConnector, question: Question) -> Reason | None:
        """The restrictions of a connector exclude single messages from it: the first one that does, or None.

        Source: R20, R21, R24, R105, R114.
        Sure: documented.
        """
        asked = self.restricted.get(connector.name)
        return first_refusal(asked, connector, question) if asked else None

    def checked_by(self, servers: frozenset[str]) -> frozenset[str]:
        """The connectors of which one of these servers is a source bridgehead."""
        if servers not in self._checked:
            self._checked[servers] = frozenset(
                name
                for name, entry in self.table.connectors.items()
                if any(head.server in servers for head in entry.bridgeheads)
            )
        return self._checked[servers]

    def shut(self, question: Question, spared: str = "") -> frozenset[str]:
        """The connectors whose restrictions exclude this message (Source: R105, R114); one restriction can be spared."""
        connectors = self.table.connectors
        return frozenset(
            name
            for name, asked in self.restricted.items()
            if first_refusal(
                asked if not spared else tuple(item for item in asked if item.name != spared),
                connectors[name].connector,
                question,
            )
        )

    def tree(self, source: str, excluded: frozenset[str]) -> Tree:
        """The cheapest ways from one routing group to all others, by Dijkstra's algorithm (Source: R100)."""
        key = (source, excluded)
        if key not in self._trees:
            self._trees[key] = self._graph(excluded).tree(source)
        return self._trees[key]

    @rule
    def least_cost(self, source: str, target: str, question: Question) -> tuple[float, str] | None:
        """Total cost and first connector of the cheapest way between two routing groups, over links that are up.

        A connector whose restrictions exclude the message does not exist for it. Between equal costs the model takes
        what it finds first in the order of names; the documents disagree.

        Source: R100, R102, R109, R114.
        Sure: documented.
        """
        tree = self.tree(source, self.table.down | self.shut(question))
        return (tree.costs[target], tree.firsts[target]) if target in tree.firsts else None

    def way(self, source: str, target: str, excluded: frozenset[str]) -> Way | None:
        """The whole cheapest way, without the excluded connectors (Source: R101)."""
        if source == target:
            return Way(0, ())
        tree = self.tree(source, excluded)
        if target not in tree.costs:
            return None
        legs: list[tuple[str, str]] = []
        end = target
        while end != source:
            connector, near = tree.legs[end]
            legs.append((connector, end))
            end = near
        return Way(tree.costs[target], tuple(reversed(legs)))

    def connected(self, source: str, target: str, excluded: frozenset[str] = frozenset()) -> bool:
        """Whether connectors lead from one routing group to the other, up or down, without the excluded ones."""
        return source in self.table.groups and target in self.tree(source, excluded).costs

    @rule
    def closest_space(self, group: str, domain: str, question: Question, kind: str = "SMTP") -> Offer | None:
        """For an address outside: connectors in scope that admit the message, then the closest address space, then the
        least total cost.

        A connector that is down still counts: mail for it waits, and no less specific one is used instead.

        Source: R103, R104, R105, R106, R107.
        """
        best: Offer | None = None
        for connector, space in self.spaces(kind):
            if self.unfit(connector, space, group, domain, question) is None:
                offer = self.offer(connector, space, group, question)
                if best is None or offer.rank < best.rank:
                    best = offer
        return best

    def closest_refusal(self, group: str, domain: str, question: Question, kind: str) -> tuple[Offer, Reason] | None:
        """Of the address spaces that match and whose connectors do not admit the message, the closest one, and why not."""
        refused = [
            (self.offer(connector, space, group, question), reason)
            for connector, space in self.spaces(kind)
            if space_matches(space.pattern, domain)
            and in_scope(connector, group)
            and (reason := self.refusal(connector, question))
        ]
        return min(refused, key=lambda item: item[0].rank, default=None)

    def unfit(
        self, connector: AnyConnector, space: AddressSpace, group: str, domain: str, question: Question
    ) -> Reason | None:
        """Why an address space is none for this message and the servers of a routing group; None when it is one."""
        if not space_matches(space.pattern, domain):
            return Reason("space_matches", f"does not match {domain}")
        if not in_scope(connector, group):
            return Reason("in_scope", f"only for servers of {connector.routing_group}")
        return self.refusal(connector, question)

    def offer(self, connector: AnyConnector, space: AddressSpace, group: str, question: Question) -> Offer:
        """An address space with its rank for the servers of a routing group (Source: R103, R104, R107)."""
        exact, length = specificity(space.pattern)
        total = self.inside(group, connector.routing_group, question) + space.cost
        rank = Rank(-exact, -length, connector.name in self.table.down, total, connector.name)
        return Offer(rank, connector, space)

    def inside(self, source: str, target: str, question: Question) -> float:
        """The cost of the way to the routing group that owns a connector; 0 inside it, infinite without a way."""
        if source == target:
            return 0.0
        way = self.least_cost(source, target, question)
        return way[0] if way else float("inf")

    def spaces(self, kind: str) -> tuple[tuple[AnyConnector, AddressSpace], ...]:
        """Every address space of a kind, with its connector."""
        if kind not in self._spaces:
            self._spaces[kind] = tuple(
                (entry.connector, space)
                for entry in self.table.connectors.values()
                if not isinstance(entry.connector, RoutingGroupConnector)
                for space in entry.connector.address_spaces
                if space.type == kind
            )
        return self._spaces[kind]


@rule
def in_scope(connector: AnyConnector, group: str) -> bool:
    """A connector with the scope "routing group" exists only for the servers of its own routing group.

    Source: R20, R106.
    Sure: documented.
    """
    return (
        isinstance(connector, RoutingGroupConnector)
        or connector.scope == "organization"
        or connector.routing_group == group
    )
