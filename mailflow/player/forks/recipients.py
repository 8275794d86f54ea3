"""Who of several recipients does not get a message."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from mailflow.names import MessageId, message_of
from mailflow.player.forks.answers import transaction
from mailflow.player.forks.fork import Fork, Option, Spot, fork, refuted, sentence
from mailflow.player.words import Scene
from mailflow.trace import Event, clock
from mailflow.trace.effects import Ended
from mailflow.trace.follow import Copy
from mailflow.transport.tellings import (
    Bounced,
    Categorized,
    RecipientsResolved,
)
from mailflow.transport.tellings_smtp import MailFrom, RcptTo

GOT = {"delivered": "delivers it", "relayed": "hands it over"}


@fork("recipient")
def _recipient(scene: Scene) -> Iterator[Fork]:
    """Who of several recipients is given up, or turned down?"""
    for event in scene.events:
        if isinstance(event.telling, RecipientsResolved):
            yield from _bouncing(scene, event)
        elif isinstance(event.telling, MailFrom):
            yield from _turned_down(scene, event)


def _bouncing(scene: Scene, event: Event) -> Iterator[Fork]:
    """Somebody whom the categorizer gives up on, among those whom the message reaches."""
    given_up = _given_up(scene, event)
    got, carried = _got(scene, event.message), list(map(str, event.recipients))
    wrong = tuple(
        refuted(scene.person(address), got[address], Spot("recipient", address))
        for address in carried
        if address in got
    )
    if given_up is None or str(given_up.one.recipients[0]) not in carried:
        return
    address = str(given_up.one.recipients[0])
    prompt = f"{event.mail} is for {scene.people(carried)}, whom the categorizer of {event.server} looks up now. On whom does it give up?"
    right = Option(scene.person(address), Spot("recipient", address))
    why = sentence(given_up.one.why)
    yield Fork("recipient", event.number, prompt, right, wrong, why, 3.0, (address,), (given_up.number,))


class _GivenUp(NamedTuple):
    number: int
    one: Bounced


def _given_up(scene: Scene, start: Event) -> _GivenUp | None:
    """Where the categorizer gives up on somebody in the work that begins here."""
    found = next(
        (
            event
            for event in scene.events[start.number :]
            if event.mail == start.mail and isinstance(event.telling, Bounced | Categorized)
        ),
        None,
    )
    return _GivenUp(found.number, found.telling) if found and isinstance(found.telling, Bounced) else None


def _got(scene: Scene, message: str) -> dict[str, str]:
    """Everybody who gets a message in this run, and nothing else happens to, with how."""
    known = scene.manifest.recipients
    ends: dict[str, list[tuple[str, Event]]] = {}
    for event in scene.events:
        for item in event.effects:
            if isinstance(item, Ended) and message_of(item.mail) == message:
                ends.setdefault(known[message_of(item.mail)][item.recipient].address, []).append((item.state, event))
    got = {
        address: f"{scene.person(address)} gets it: {found[0][1].server} {GOT[found[0][0]]} at {clock(found[0][1].time)[:8]}"
        for address, found in ends.items()
        if all(state in GOT for state, _ in found)
    }
    unsure = _unsure(scene, message)
    return {address: how for address, how in (got | _groups(scene, message, got)).items() if address not in unsure}


def _unsure(scene: Scene, message: str) -> set[str]:
    """Everybody of whose copies, or of whose members', one has not arrived: it may still wait when the run ends."""
    known = scene.manifest.recipients.get(MessageId(message), [])
    open_ = (index for index, one in enumerate(known) if one.state not in (*GOT, "expanded"))
    return {
        str(known[above].address) for index in open_ for above in scene.manifest.line(Copy(MessageId(message), index))
    }


def _groups(scene: Scene, message: str, got: Mapping[str, str]) -> dict[str, str]:
    """The groups all of whose members are among those who get a message."""
    known = scene.manifest.recipients.get(MessageId(message), [])
    members: dict[int, list[str]] = {}
    for index, one in enumerate(known):
        if one.state != "expanded":
            copy = Copy(MessageId(message), index)
            for above in scene.manifest.line(copy) - {index}:
                members.setdefault(above, []).append(one.address)
    return {
        known[group].address: f"{scene.person(known[group].address)} is a group, and all its members get it"
        for group, found in members.items()
        if known[group].state == "expanded" and all(address in got for address in found)
    }


def _turned_down(scene: Scene, event: Event) -> Iterator[Fork]:
    """Somebody whom the other side turns down at RCPT TO, among those whom it takes."""
    named = [item for item in transaction(scene, event) if isinstance(item.one, RcptTo)]
    refused = [item for item in named if item.code[0] == "5"]
    taken = [item for item in named if item.code == "250"]
    if not refused or not taken:
        return
    peer = scene.server(named[0].one.peer)
    spots = {item: Spot("recipient", item.command.partition("<")[2].partition(">")[0]) for item in named}
    wrong = tuple(
        refuted(scene.person(spots[item].name), f"{peer} takes this one: {item.why}", spots[item]) for item in taken
    )
    first = refused[0]
    whom = scene.people(spots[item].name for item in named)
    prompt = f"{event.server} is going to name {whom} to {peer}. Whom does {peer} refuse?"
    right = Option(scene.person(spots[first].name), spots[first])
    key = (peer, spots[first].name)
    tells = tuple(item.number for item in named)
    yield Fork("recipient", named[0].number, prompt, right, wrong, sentence(first.why), 3.0, key, tells)
