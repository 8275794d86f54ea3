"""Dijkstra's algorithm in slow motion: one step for each routing group that is settled. For teaching only.

The routes themselves come from a library (`mailflow.routing.choice`); a test holds the two against each other.

Source: R100.
"""

from __future__ import annotations

from dataclasses import dataclass

from mailflow.facts import rule
from mailflow.facts.mistake import InputError
from mailflow.routing.choice import Map
from mailflow.routing.table import Table


@dataclass(frozen=True, slots=True)
class Settled:
    """One step: ``group`` has its final cost, reached by ``connector``; ``improved`` are the neighbours that got a lower
    cost through it, ``tentative`` every routing group seen and not settled yet, with its cost so far.
    """

    group: str
    cost: float
    connector: str
    improved: tuple[str, ...]
    tentative: dict[str, float]

    def __str__(self) -> str:
        by = f" by {self.connector}" if self.connector else ""
        news = f"; better ways now to {', '.join(self.improved)}" if self.improved else ""
        return f"{self.group} is settled at cost {self.cost:g}{by}{news}."


@rule
def dijkstra(table: Table, source: str) -> list[Settled]:
    """Always settle the routing group with the least cost so far, then look whether it makes its neighbours cheaper.

    Args:
        table: a link state table; connectors that are DOWN are left out.
        source: the routing group to start from.

    Raises:
        ValueError: the table has no such routing group.

    Source: R100, R102.
    Sure: documented.
    """
    if source not in table.groups:
        raise InputError(f"no routing group {source!r} in the table; there is {', '.join(table.groups)}")
    edges = [(item, target) for item, target in Map(table).edges() if item.name not in table.down]
    tentative: dict[str, tuple[float, str]] = {source: (0, "")}
    done: list[Settled] = []
    settled: set[str] = set()
    while tentative:
        group = min(tentative, key=lambda name: (tentative[name][0], name))
        cost, connector = tentative.pop(group)
        settled.add(group)
        improved = []
        for item, target in edges:
            if item.routing_group != group or target in settled:
                continue
            if target not in tentative or cost + item.cost < tentative[target][0]:
                tentative[target] = (cost + item.cost, item.name)
                improved.append(target)
        waiting = {name: known[0] for name, known in tentative.items()}
        done.append(Settled(group, cost, connector, tuple(dict.fromkeys(improved)), waiting))
    return done
