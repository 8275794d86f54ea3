"""What the labels of a map say of costs, where a script changes them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from mailflow.player.layout import Layout
from mailflow.trace import Trace

__all__ = ["prices"]


class _Change(NamedTuple):
    at: float
    connector: str
    cost: int


def prices(trace: Trace, plan: Layout) -> dict[str, list[tuple[float, str]]]:
    """For each connector whose label says a cost that changes: from which second on it says what.

    One label for both ways says both costs where they differ: "cost 40/10".
    """
    before = {item["name"]: item["cost"] for item in trace.organization["connectors"] if item["to"]}
    changes = [item for item in _changes(trace) if item.connector in before]
    found = {}
    for wire in plan.wires:
        if wire.label is None or wire.connector not in before:
            continue
        ends = (wire.end, wire.start)
        back = [item.connector for item in plan.wires if item.label is None and (item.start, item.end) == ends]
        costs = {name: before[name] for name in (wire.connector, *back) if name in before}
        word = "cost " if wire.label.text.startswith("cost ") else ""
        told = [(0.0, wire.label.text)]
        for change in changes:
            if change.connector in costs:
                costs[change.connector] = change.cost
                values = costs.values() if len(set(costs.values())) > 1 else (costs[wire.connector],)
                told.append((change.at, word + "/".join(map(str, values))))
        if told[1:]:
            found[wire.connector] = told
    return found


def _changes(trace: Trace) -> Iterator[_Change]:
    for action in trace.script:
        match action:
            case {"verb": "change connector", "at": float(at), "name": str(name), "settings": {"cost": int(cost)}}:
                yield _Change(at, name, cost)
