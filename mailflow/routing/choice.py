"""Which next hop? Least cost over connectors that are up, inside; closest address space, then cost, outside.

A server chooses from its own link state table and from nothing else.

Source: R2, R100-R107, R115.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from mailflow.facts import rule
from mailflow.organization.model import AddressSpace, AnyConnector, RoutingGroupConnector
from mailflow.organization.spaces import space_matches, specificity
from mailflow.routing.entries import targets
from mailflow.routing.table import Table

if TYPE_CHECKING:
    from mailflow.routing.graph import Graph, Tree


class Question(NamedTuple):
    """What routing needs to know of a message: its size, sender, priority and whether a system sent it."""

    size: int = 0
    sender: str = ""
    sender_groups: frozenset[str] = frozenset()
    priority: str = "normal"
    system: bool = False


class Way(NamedTuple):
    """A way between two routing groups: total cost, and its legs as (connector, routing group it leads to)."""

    cost: float
    legs: tuple[tuple[str, str], ...]

    @property
    def first(self) -> str:
        """The connector of the first leg."""
        return self.legs[0][0]


class Map:
    """A link state table as routing sees it: routing groups are nodes, connectors are one-way edges.

    Source: R2, R20, R100.
    """

    def __init__(self, table: Table) -> None:
        self.table = table
        self._trees: dict[tuple[str, frozenset[str]], Tree] = {}
        self._graphs: dict[frozenset[str], Graph] = {}

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

    def shut(self, question: Question) -> frozenset[str]:
        """The connectors whose restrictions exclude this message (Source: R105, R114)."""
        return frozenset(item.name for item in self.table.restricted if not admits(item, question))

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
        """
        tree = self.tree(source, self.table.down | self.shut(question))
        return (tree.costs[target], tree.firsts[target]) if target in tree.firsts else None

    def way(self, source: str, target: str, excluded: frozenset[str]) -> Way | None:
        """The whole cheapest way, without the excluded connectors (Source: R101)."""
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

    def connected(self, source: str, target: str, question: Question | None = None) -> bool:
        """Whether connectors lead from one routing group to the other, up or down, for this message or for any at
        all.
        """
        excluded = self.shut(question) if question else frozenset[str]()
        return source in self.table.groups and target in self.tree(source, excluded).costs

    @rule
    def closest_space(
        self, group: str, domain: str, question: Question, kind: str = "SMTP"
    ) -> tuple[AnyConnector, AddressSpace, float] | None:
        """For an address outside: connectors in scope that admit the message, then the closest address space, then the
        least total cost.

        A connector that is down still counts: mail for it waits, and no less specific one is used instead.

        Source: R103, R104, R105, R106, R107.
        """
        best: tuple[tuple[object, ...], AnyConnector, AddressSpace, float] | None = None
        for connector, space in self.spaces(kind):
            if (
                not space_matches(space.pattern, domain)
                or not in_scope(connector, group)
                or not admits(connector, question)
            ):
                continue
            total = self.inside(group, connector.routing_group, question) + space.cost
            exact, length = specificity(space.pattern)
            rank = (-exact, -length, connector.name in self.table.down, total, connector.name)
            if best is None or rank < best[0]:
                best = (rank, connector, space, total)
        return best[1:] if best else None

    def inside(self, source: str, target: str, question: Question) -> float:
        """The cost of the way to the routing group that owns a connector; 0 inside it, infinite without a way."""
        if source == target:
            return 0.0
        way = self.least_cost(source, target, question)
        return way[0] if way else float("inf")

    def spaces(self, kind: str) -> Iterator[tuple[AnyConnector, AddressSpace]]:
        """Every address space of a kind, with its connector."""
        for entry in self.table.connectors.values():
            if not isinstance(entry.connector, RoutingGroupConnector):
                for space in entry.connector.address_spaces:
                    if space.type == kind:
                        yield entry.connector, space


@rule
def in_scope(connector: AnyConnector, group: str) -> bool:
    """A connector with the scope "routing group" exists only for the servers of its own routing group.

    Source: R20, R106.
    """
    return (
        isinstance(connector, RoutingGroupConnector)
        or connector.scope == "organization"
        or connector.routing_group == group
    )


@rule
def admits(connector: AnyConnector, question: Question) -> bool:
    """Size, priority, message type and sender restrictions of a connector exclude single messages from it.

    Source: R20, R21, R24, R105, R114.
    """
    return not refusal(connector, question)


def refusal(connector: AnyConnector, question: Question) -> str:
    """Which restriction of a connector excludes the message, as a clause; empty when none does (Source: R114)."""
    limit = connector.max_message_kb
    if limit is not None and question.size > limit * 1024:
        return f"it takes messages of at most {limit:,} KB and this one has {question.size / 1024:,.0f} KB"
    if question.priority not in connector.priorities:
        return f"it takes no messages of {question.priority} priority"
    kind = "system" if question.system else "non-system"
    if kind not in connector.message_types:
        return f"it takes no {kind} messages"
    if connector.only_from and not question.sender_groups.intersection(connector.only_from):
        return f"only {', '.join(connector.only_from)} may use it"
    if question.sender_groups.intersection(connector.not_from):
        return f"{', '.join(connector.not_from)} may not use it"
    return ""
