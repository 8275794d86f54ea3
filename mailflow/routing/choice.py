"""Which next hop? Least cost over connectors that are up, inside; closest address space, then cost, outside.

The functions read the organization and the set of connectors that routing has marked down. Every server is given the
same set at the same
instant: how this knowledge spreads from server to server is not modelled here.

Source: R2, R100-R107, R115.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import networkx as nx

from mailflow.facts import rule
from mailflow.organization.model import (
    AddressSpace,
    AnyConnector,
    Organization,
    RoutingGroupConnector,
    X400Connector,
)
from mailflow.organization.spaces import space_matches, specificity


class Question(NamedTuple):
    """What routing needs to know of a message: its size, sender, priority and whether a system sent it."""

    size: int = 0
    sender: str = ""
    sender_groups: frozenset[str] = frozenset()
    priority: str = "normal"
    system: bool = False


class Map:
    """The organization as routing sees it: routing groups are nodes, connectors are one-way edges.

    Source: R2, R20, R100.
    """

    def __init__(self, organization: Organization, down: frozenset[str]) -> None:
        self.organization = organization
        self.down = down
        self._paths: dict[tuple[str, frozenset[str]], tuple[dict[str, float], dict[str, list[str]]]] = {}

    def _graph(self, excluded: frozenset[str]) -> nx.DiGraph[str]:
        graph: nx.DiGraph[str] = nx.DiGraph()
        graph.add_nodes_from(group.name for group in self.organization.routing_groups)
        for connector in self.organization.connectors:
            if connector.name in excluded:
                continue
            for target in targets(connector):
                known = graph.get_edge_data(connector.routing_group, target)
                if known is None or (connector.cost, connector.name) < (known["weight"], known["connector"]):
                    graph.add_edge(connector.routing_group, target, weight=connector.cost, connector=connector.name)
        return graph

    @rule
    def least_cost(self, source: str, target: str, question: Question) -> tuple[float, str] | None:
        """Total cost and first connector of the cheapest way between two routing groups, over links that are up.

        A connector whose restrictions exclude the message does not exist for it. Ties go to the name that sorts first,
        which is the model's choice.

        Source: R100, R102, R109, R114.
        """
        excluded = frozenset(
            item.name for item in self.organization.connectors if item.name in self.down or not admits(item, question)
        )
        key = (source, excluded)
        if key not in self._paths:
            graph = self._graph(excluded)
            costs: dict[str, float]
            paths: dict[str, list[str]]
            costs, paths = nx.single_source_dijkstra(graph, source)  # type: ignore[assignment]
            firsts = {
                end: [graph[path[0]][path[1]]["connector"]] if len(path) > 1 else [] for end, path in paths.items()
            }
            self._paths[key] = (costs, firsts)
        costs, firsts = self._paths[key]
        return (costs[target], firsts[target][0]) if firsts.get(target) else None

    def connected(self, source: str, target: str, question: Question | None = None) -> bool:
        """Whether connectors lead from one routing group to the other, up or down, for this message or for any at
        all.
        """
        excluded = (
            frozenset(item.name for item in self.organization.connectors if not admits(item, question))
            if question
            else frozenset()
        )
        graph = self._graph(excluded)
        return target in graph and nx.has_path(graph, source, target)

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
        for connector, space in self._spaces(group, question, kind):
            if not space_matches(space.pattern, domain):
                continue
            inside = 0.0 if connector.routing_group == group else self._cost(group, connector.routing_group, question)
            total = inside + space.cost
            exact, length = specificity(space.pattern)
            rank = (-exact, -length, connector.name in self.down, total, connector.name)
            if best is None or rank < best[0]:
                best = (rank, connector, space, total)
        return best[1:] if best else None

    def _cost(self, source: str, target: str, question: Question) -> float:
        way = self.least_cost(source, target, question)
        return way[0] if way else float("inf")

    def _spaces(self, group: str, question: Question, kind: str) -> Iterator[tuple[AnyConnector, AddressSpace]]:
        for connector in self.organization.connectors:
            if isinstance(connector, RoutingGroupConnector) or not admits(connector, question):
                continue
            if connector.scope == "routing group" and connector.routing_group != group:
                continue
            for space in connector.address_spaces:
                if space.type == kind:
                    yield connector, space


def targets(connector: AnyConnector) -> tuple[str, ...]:
    """The routing groups that a connector leads to."""
    if isinstance(connector, RoutingGroupConnector):
        return (connector.to,)
    return connector.connected_routing_groups


def bridgeheads(connector: AnyConnector) -> tuple[str, ...]:
    """The local bridgehead servers of a connector; none means "any local server" (Source: R20, R25)."""
    return (connector.local_bridgehead,) if isinstance(connector, X400Connector) else connector.local_bridgeheads


@rule
def admits(connector: AnyConnector, question: Question) -> bool:
    """Size, priority, message type and sender restrictions of a connector exclude single messages from it.

    Source: R20, R21, R24, R105, R114.
    """
    if connector.max_message_kb is not None and question.size > connector.max_message_kb * 1024:
        return False
    if question.priority not in connector.priorities:
        return False
    if ("system" if question.system else "non-system") not in connector.message_types:
        return False
    names = question.sender_groups
    if connector.only_from and not names.intersection(connector.only_from):
        return False
    return not names.intersection(connector.not_from)
