"""What becomes of a message, and in which form it is handed on."""

from __future__ import annotations

import re
from collections.abc import Iterator

from mailflow.names import message_of
from mailflow.player.forks.fork import Fork, Option, fork, refuted, sentence
from mailflow.player.words import Scene
from mailflow.simulation.tellings import Refused
from mailflow.trace import Event, clock
from mailflow.trace.effects import Ended
from mailflow.transport.tellings import (
    Bifurcated,
    Bounced,
    Categorized,
    Forwarded,
    RecipientsResolved,
    RecipientUnknown,
)
from mailflow.transport.tellings_smtp import Connected, ContentRefused, MailFrom, RcptTo

ENDS = {
    "delivered": "it is delivered",
    "relayed": "it is handed over to a host outside",
    "bounced": "it is returned, with a report to the sender",
    "refused": "it is refused before it enters",
    "redirected": "it goes to somebody else instead",
    "badmail": "it goes to the BadMail folder",
    "deleted": "an administrator deletes it",
}


IN_SIGHT = ("delivered", "relayed")
"""Ends that nobody need bet on: a MailMsg in Client_out_queue, or a recipient whom the other side has taken, shows them."""


@fork("outcome")
def _outcome(scene: Scene) -> Iterator[Fork]:
    """What becomes of one recipient whose state changes in this step?"""
    for event in scene.events:
        ended = [item for item in event.effects if isinstance(item, Ended) and item.state in ENDS]
        if not ended or event.message not in scene.trace.messages:
            continue
        first = ended[0]
        known = scene.manifest.recipients[message_of(first.mail)][first.recipient]
        if first.state in IN_SIGHT or known.how == "journal" or scene.is_report(event):
            continue
        who = scene.person(known.address)
        given = _given_away(scene, event, str(known.address))
        wrong = tuple(
            refuted(ENDS[state], why)
            for state in ("delivered", "bounced", "relayed", "redirected")
            if state != first.state and (why := _not_so(scene, event, str(known.address), first.state, state))
        )
        when = "in this step" if given == [event.number] else "now"
        prompt = f"What becomes of {scene.subject(event.mail)} ({event.mail}) for {who} {when}?"
        why = sentence(_reason(scene, event, first.state))
        right = Option(ENDS[first.state])
        yield Fork("outcome", given[0], prompt, right, wrong, why, 3.0, (who, first.state), tuple(given[1:]))


def _given_away(scene: Scene, event: Event, address: str) -> list[int]:
    """The step in which it ends for a recipient, after those that say so already: nobody is there, or the other side says no."""
    past = [item for item in scene.events[: event.number] if item.mail == event.mail]
    unknown = any(isinstance(item.telling, RecipientUnknown) and item.telling.recipient == address for item in past)
    said = [item.number for item in past if _says_so(item, address, unknown=unknown)]
    return [*(said if isinstance(event.telling, Bounced | Refused) else ()), event.number]


def _says_so(event: Event, address: str, *, unknown: bool) -> bool:
    one = event.telling
    match one:
        case RecipientsResolved():
            return unknown and address in one.recipients
        case RecipientUnknown():
            return one.recipient == address
        case RcptTo():
            return one.reply[0] == "5" and f"<{address}>" in one.command
        case MailFrom() | Connected() | ContentRefused():
            return one.reply[0] == "5"
    return False


def _not_so(scene: Scene, event: Event, address: str, state: str, other: str) -> str:
    """Why a recipient does not come to another end; empty where that other end is none for such an address."""
    homes = {str(name).lower(): server for name, server in scene.trace.organization["homes"].items()}
    home, domain = homes.get(address.lower(), ""), address.rpartition("@")[2].lower()
    own = domain == scene.trace.organization["domain"].lower()
    why = _reason(scene, event, state)
    if other == "delivered":
        return why if home and state != "relayed" else f"no mailbox of this organization has the address {address}"
    if other == "relayed":
        return f"{domain} is a domain of this organization, so that no host outside gets it" if own else why
    if other == "redirected":
        return f"no alternate recipient is set for {scene.person(address)}" if home else ""
    return why


def _reason(scene: Scene, event: Event, state: str) -> str:
    """Why it ends as it does, as a clause."""
    one = event.telling
    match one:
        case Bounced():
            return one.why
        case Forwarded():
            return f"an alternate recipient is set, {scene.person(one.other)}"
    if state == "refused":
        return f"the answer at {event.values.get('verb', 'the door')} is {event.values.get('reply', 'no')}"
    return f"{event.server} brings it to another end at {clock(event.time)[:8]}"


@fork("format")
def _format(scene: Scene) -> Iterator[Fork]:
    """As what is the body rendered?"""
    for event in scene.events:
        one = event.telling
        right = one.format.strip(", ").removeprefix("body as ") if isinstance(one, Categorized) else ""
        if right in FORMATS:
            assert isinstance(one, Categorized)
            address = one.recipients[0]
            wrong = tuple(refuted(name, _not_as(scene, str(address), name, right)) for name in FORMATS if name != right)
            prompt = f"As what will the store render the body of {scene.subject(event.mail)} for {scene.people(one.recipients)}?"
            why = _as(scene, str(address), right)
            at, tells = _format_told(scene, event, right), (event.number,)
            yield Fork("format", at, prompt, Option(right), wrong, why, 2.0, (right,), tells)


def _format_told(scene: Scene, event: Event, name: str) -> int:
    """The step that first names a format for a message: a copy may be made because its recipients need another one."""
    copies = (
        item.number
        for item in scene.events[: event.number]
        if isinstance(item.telling, Bifurcated)
        and (item.message, item.server) == (event.message, event.server)
        and name in re.findall("|".join(FORMATS), item.telling.why)
    )
    return next(copies, event.number)


FORMATS = ("S/TNEF", "MIME", "TNEF", "plain text")


def _as(scene: Scene, address: str, right: str) -> str:
    who = scene.person(address)
    if right == "S/TNEF":
        return (
            f"{who} has a mailbox on another server of this organization, and such servers hand the body on as S/TNEF."
        )
    return f"For {who} the settings of the domain and of the contact give {right}."


def _not_as(scene: Scene, address: str, name: str, right: str) -> str:
    who = scene.person(address)
    if right == "S/TNEF":
        return f"{name} is for the outside, and {who} has a mailbox in this organization"
    if name == "S/TNEF":
        return f"S/TNEF is for servers of this organization, and {who} is outside"
    return f"for {who} the settings of the domain and of the contact give {right}, not {name}"
