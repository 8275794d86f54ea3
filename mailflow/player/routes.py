"""The route view's data: what a server's routing engine answers at each step at which its table changed."""

from __future__ import annotations

from mailflow.routing.recorded import table_of
from mailflow.trace import Trace
from mailflow.trace.effects import TableState


def answers(trace: Trace, route: tuple[str, str] | None) -> list[dict[str, object]]:
    """For (server, recipient): the answer with all candidates, and Dijkstra's steps, from each step on that changes it.

    Raises:
        ValueError: no such server or recipient.
    """
    if route is None:
        return []
    server, recipient = route
    group = next((item["routing_group"] for item in trace.organization["servers"] if item["name"] == server), "")
    return [_answer(trace, server, recipient, group, step) for step in _changes(trace, server)]


def _changes(trace: Trace, server: str) -> list[int]:
    """Step 0 and every step that gives the server another table."""
    steps = {0}
    for number, _, effects in trace.changes():
        tables = [effect for effect in effects if isinstance(effect, TableState)]
        if any(effect.server == server and effect.entries is not None for effect in tables):
            steps.add(number)
    return sorted(steps)


def _answer(trace: Trace, server: str, recipient: str, group: str, step: int) -> dict[str, object]:
    # Most players show no route.
    from mailflow.routing.dijkstra import dijkstra
    from mailflow.routing.route import route as ask_route

    answer = ask_route(trace, server, recipient, at=step)
    settled = [
        {"group": item.group, "cost": item.cost, "tentative": item.tentative, "text": str(item)}
        for item in dijkstra(table_of(trace, server, step), group)
    ]
    return {"step": step, "answer": answer.as_data(), "settled": settled}
