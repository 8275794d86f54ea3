"""Which of the hosts that DNS names for a domain a server tries."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from mailflow.names import MailId
from mailflow.player.forks.fork import Fork, Option, Spot, fork, refuted
from mailflow.player.layout.cast import exchangers
from mailflow.player.words import Scene
from mailflow.trace import Event
from mailflow.trace.telling import told
from mailflow.transport.tellings import (
    Routed,
)
from mailflow.transport.tellings_smtp import Connected, MxAsked


@fork("host")
def _host(scene: Scene) -> Iterator[Fork]:
    """Which of the hosts of a domain outside takes the connection?"""
    domains: dict[MailId, str] = {}
    for event in scene.events:
        one = event.telling
        if isinstance(one, Routed):
            domains[event.mail] = one.destination
        if not isinstance(one, Connected) or event.mail not in domains or scene.inside(one.peer):
            continue
        domain, peer = domains[event.mail], str(one.peer)
        asked, records = _preferences(scene, event)
        wrong = tuple(
            refuted(name, why, Spot("server", name))
            for name in records
            if name != peer and (why := _not_host(scene, event, name, peer, records))
        )
        if peer in records:
            # What DNS answers is told with the order in which the hosts are tried: the first of them is asked for before.
            first = not any(isinstance(item.telling, Connected) for item in asked[1:])
            named = told([f"{preference} {name}" for name, preference in records.items()])
            prompt = (
                f"DNS names {named} for {domain}. Which of them does {event.server} talk to about {event.mail}?"
                if first
                else f"Which host of {domain} does {event.server} talk to about {event.mail} now?"
            )
            why = f"Of the hosts that are left, {peer} has the lowest preference, {records[peer]}."
            at, right = asked[0].number if first else event.number, Option(peer, Spot("server", peer))
            yield Fork("host", at, prompt, right, wrong, why, 3.0, (domain, peer), (event.number,))


def _preferences(scene: Scene, event: Event) -> tuple[list[Event], dict[str, int]]:
    """What happened to a MailMsg since DNS was asked for its mail exchangers, and what these are, each with its preference."""
    past = [item for item in scene.events[: event.number] if item.mail == event.mail]
    start = next((place for place in reversed(range(len(past))) if isinstance(past[place].telling, MxAsked)), len(past))
    since = past[start:]
    return since, exchangers(str(since[0].values["reply"])) if since else {}


def _not_host(scene: Scene, event: Event, name: str, right: str, records: Mapping[str, int]) -> str:
    """Why a server does not talk to another host of the domain; empty where chance alone decided."""
    if scene.trace.at(event.number).outside.get(name) is False:
        return f"{name} is down"
    tried = [item for item in scene.events[: event.number] if item.mail == event.mail]
    said = [item for item in tried if item.values.get("peer") == name and str(item.values.get("reply", "2"))[0] in "45"]
    if said:
        return f"{name} has answered {said[-1].values['reply']}"
    later = records[name] > records[right]
    return f"{name} has preference {records[name]}, and {right} with {records[right]} comes first" if later else ""
