"""Cheapest ways through a graph of routing groups, by networkx: the only module that loads this large library.

Source: R100.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

import networkx as nx

from mailflow.organization.model import AnyConnector


class Tree(NamedTuple):
    """All cheapest ways from one routing group: cost to each, and the leg that reaches it as (connector, from)."""

    costs: dict[str, float]
    legs: dict[str, tuple[str, str]]
    firsts: dict[str, str]


class Graph:
    """Routing groups as nodes, and the cheapest connector between two of them as a one-way edge."""

    def __init__(self, groups: Iterable[str], edges: Iterable[tuple[AnyConnector, str]]) -> None:
        self._graph: nx.DiGraph[str] = nx.DiGraph()
        self._graph.add_nodes_from(groups)
        for connector, target in edges:
            known = self._graph.get_edge_data(connector.routing_group, target)
            if known is None or (connector.cost, connector.name) < (known["weight"], known["connector"]):
                self._graph.add_edge(connector.routing_group, target, weight=connector.cost, connector=connector.name)

    def tree(self, source: str) -> Tree:
        """The cheapest ways from one routing group to all others, by Dijkstra's algorithm (Source: R100)."""
        before, costs = nx.dijkstra_predecessor_and_distance(self._graph, source)
        legs: dict[str, tuple[str, str]] = {}
        firsts: dict[str, str] = {}
        for end in costs:
            if end != source:
                near = before[end][0]
                legs[end] = (self._graph[near][end]["connector"], near)
                firsts[end] = firsts.get(near) or legs[end][0]
        return Tree(costs, legs, firsts)
