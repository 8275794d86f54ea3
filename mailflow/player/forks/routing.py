"""Which way mail goes: over which connector, and to which server next."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal, NamedTuple

from mailflow.player.forks.fork import Fork, Option, Spot, fork, refuted, sentence
from mailflow.player.words import Scene
from mailflow.trace import Event
from mailflow.transport.tellings import (
    Routed,
)


class _Loser(NamedTuple):
    connector: str
    why: str


def _group_of(scene: Scene, server: str) -> str:
    return next((item["routing_group"] for item in scene.trace.organization["servers"] if item["name"] == server), "")


def _losers(scene: Scene, event: Event, chosen: str) -> list[_Loser]:
    """The connectors that this server could have taken, with the reason against each: those that start in its routing
    group, or for mail to outside those in scope. Empty where the decision cannot be asked for again.
    """
    telling = event.telling
    assert isinstance(telling, Routed)
    message = scene.trace.messages.get(event.message)
    inside = bool(_group_of(scene, telling.destination))
    if message is None or (not inside and "." not in telling.destination):
        return []
    target = telling.destination if inside else f"somebody@{telling.destination}"
    # Few players ask for the next hop.
    from mailflow.routing.route import route

    try:
        answer = route(
            scene.trace,
            event.server,
            target,
            at=event.number,
            size_kb=message["size"] / 1024,
            sender=message["sender"],
            priority=message["priority"],
            system=message["kind"] != "message",
        )
    except ValueError:
        return []
    if answer.connector != chosen:
        return []
    own = {item["name"]: item["routing_group"] for item in scene.trace.organization["connectors"]}
    here = _group_of(scene, event.server)
    found: dict[str, str] = {}
    for item in answer.candidates:
        name = item.name
        starts = own.get(name) == here if inside else name in own
        if starts and name != chosen and item.reason != "tie":
            found.setdefault(name, f"{name} {item.why}" if item.reason == "cost" else f"{name}: {item.why}")
    return [_Loser(name, why) for name, why in found.items()]


@fork("connector")
def _connector(scene: Scene) -> Iterator[Fork]:
    """Which connector now?"""
    for event in scene.events:
        one = event.telling
        if not isinstance(one, Routed) or not one.connector:
            continue
        losers = _losers(scene, event, one.connector)
        wrong = tuple(refuted(item.connector, item.why, Spot("connector", item.connector)) for item in losers)
        goal = _group_of(scene, one.destination)
        where = f"{one.destination} in {goal}" if goal else one.destination
        prompt = f"Which connector does {event.server} choose for {scene.subject(event.mail)} to {where} now?"
        right = Option(one.connector, Spot("connector", one.connector))
        down = any("DOWN" in item.why for item in losers)
        yield Fork(
            "connector",
            event.number,
            prompt,
            right,
            wrong,
            sentence(one.why),
            3.0 + down,
            (goal or one.destination, one.connector),
        )


@fork("next hop")
def _next_hop(scene: Scene) -> Iterator[Fork]:
    """Where does the routing engine send it?"""
    for event in scene.events:
        one = event.telling
        if isinstance(one, Routed):
            right = _hop(scene, one.link, one.connector)
            wrong = tuple(_other_hops(scene, event, one, right.text))
            whom = scene.cargo(event)
            prompt = f"Where does the routing engine of {event.server} send {event.mail} for {whom} next?"
            key = (one.destination, one.connector or one.link)
            yield Fork(
                "next hop", event.number, prompt, right, wrong, sentence(one.why), 2.0 + bool(one.connector), key
            )


def _hop(scene: Scene, link: str, connector: str) -> Option:
    if scene.inside(link):
        return Option(scene.server(link), Spot("server", scene.server(link)))
    kind: Literal["connector", "queue"] = "connector" if connector and link.startswith(connector) else "queue"
    return Option(link, Spot(kind, connector if kind == "connector" else link))


def _other_hops(scene: Scene, event: Event, one: Routed, right: str) -> Iterator[Option]:
    here, group, goal = str(event.server), _group_of(scene, event.server), _group_of(scene, one.destination)
    if one.connector and scene.inside(right):
        why = f"{here} is no bridgehead of {one.connector}; {right} is one"
        yield refuted(one.connector, why, Spot("connector", one.connector))
    if goal and goal != group and one.destination != right:
        why = f"{one.destination} is in {goal}, and from {group} that routing group is reached through a connector only"
        yield refuted(one.destination, why, Spot("server", one.destination))
    for loser in _losers(scene, event, one.connector) if one.connector else []:
        yield refuted(loser.connector, loser.why, Spot("connector", loser.connector))
    heads = next(
        (item["local_bridgeheads"] for item in scene.trace.organization["connectors"] if item["name"] == one.connector),
        [],
    )
    for item in scene.trace.organization["servers"]:
        name = item["name"]
        if item["routing_group"] == group and name not in (here, right, *heads):
            why = (
                f"{name} is no bridgehead of {one.connector}"
                if one.connector
                else f"the mailbox is on {one.destination}"
            )
            yield refuted(name, why, Spot("server", name))
