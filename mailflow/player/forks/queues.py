"""Into which queue a message goes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from mailflow.names import MailId, Place
from mailflow.player.forks.fork import EASY, Fork, Option, Spot, fork, refuted, sentence
from mailflow.player.words import Scene
from mailflow.trace import Event
from mailflow.trace.effects import Created
from mailflow.transport import places

STATIONS = tuple(
    map(
        places.name_of,
        (
            places.STORE_OUT,
            places.PENDING_SUBMISSION,
            places.AWAITING_LOOKUP,
            places.WAITING_TO_BE_ROUTED,
            places.LOCAL_DELIVERY,
            places.CLIENT_OUT,
            places.UNREACHABLE,
            places.FAILED_RETRY,
            places.DSN_PENDING,
            places.DEFERRED,
        ),
    )
)
"""The queues that every server has, in the order in which mail meets them; then those for what is not usual."""

ENOUGH = 3
"""Wrong answers to work out where many would do."""

FORKING = tuple(map(places.name_of, (places.LOCAL_DELIVERY, places.UNREACHABLE, places.FAILED_RETRY, places.DEFERRED)))
"""Queues into which not all mail goes."""


@fork("queue")
def _queue(scene: Scene) -> Iterator[Fork]:
    """Into which queue does the MailMsg go?"""
    visited: dict[MailId, list[str]] = {}
    for event in scene.events:
        been = visited.setdefault(event.mail, [])
        name = places.name_of(event.place) if event.place else ""
        made = any(isinstance(item, Created) for item in event.effects)
        if name in STATIONS and been and not made and name != been[-1]:
            wrong = _other_queues(scene, event, name, been)
            prompt = f"{event.mail} for {scene.cargo(event)} is in {_the(been[-1])} of {event.server}. Into which queue does it go next?"
            right = Option(name, Spot("queue", name))
            why = sentence(_there(scene, event))
            yield Fork("queue", event.number, prompt, right, wrong, why, EASY + (name in FORKING), (name,))
        if name:
            been.append(name)


def _the(name: str) -> str:
    """A queue inside a sentence: what has no name of its own gets an article."""
    return f"the {name}" if name[0].islower() else name


def _other_queues(scene: Scene, event: Event, right: str, been: Sequence[str]) -> tuple[Option, ...]:
    """The queues next to the right one in the order of stations, without the one in which the MailMsg is."""
    place = STATIONS.index(right)
    near = sorted(
        (name for name in STATIONS if name not in (right, been[-1])), key=lambda n: abs(STATIONS.index(n) - place)
    )
    return tuple(refuted(name, _not_there(scene, event, name, been), Spot("queue", name)) for name in near[:ENOUGH])


def _there(scene: Scene, event: Event) -> str:
    """Why a MailMsg goes to the queue to which it goes."""
    mail, server, whom = event.mail, event.server, scene.cargo(event)
    service = event.values.get("service", "store")
    reasons = {
        places.STORE_OUT: f"the handle of {mail} crosses EXIPC there, while the content stays in the store",
        places.PENDING_SUBMISSION: f"the sinks of OnSubmission look at {mail} before the categorizer does",
        places.AWAITING_LOOKUP: f"{mail} stays there while the categorizer works on it",
        places.WAITING_TO_BE_ROUTED: f"the categorizer is done with {mail}, and now it is decided where it goes",
        places.LOCAL_DELIVERY: f"the mailbox of {whom} is on {server} itself",
        places.CLIENT_OUT: f"the store process takes {mail} from there",
        places.UNREACHABLE: str(event.values.get("why", "no way leads there")),
        places.FAILED_RETRY: f"the {service} of {server} is stopped, so the content cannot be fetched",
        places.DSN_PENDING: f"{mail} is a report, and reports are submitted from there",
        places.DEFERRED: f"the mailbox of {whom} {event.values['why']}"
        if "why" in event.values
        else "its sender asked for a later delivery",
    }
    return reasons[Place(str(event.place))]


def _not_there(scene: Scene, event: Event, name: str, been: Sequence[str]) -> str:
    """Why a MailMsg does not go to another queue now."""
    mail, server, whom, right = event.mail, event.server, scene.cargo(event), event.place
    if name in been:
        return f"{mail} has been there already"
    store = scene.trace.at(event.number).services.get((server, "information store"), True)
    local = {
        places.WAITING_TO_BE_ROUTED: f"{mail} waits to be routed first, wherever the mailbox of {whom} is",
        places.AWAITING_LOOKUP: f"nobody has looked up yet where {whom} has a mailbox",
        places.PENDING_SUBMISSION: f"nobody has looked up yet where {whom} has a mailbox",
    }
    here = f"the mailbox of {whom} is on {server} itself"
    ways = here if right == places.LOCAL_DELIVERY else "nobody has missed one yet"
    content = "runs" if store else "is stopped, but nobody asks for the content yet"
    reasons = {
        places.STORE_OUT: f"it leads out of the store process, and {mail} did not come from there",
        places.PENDING_SUBMISSION: f"{mail} is still on the store's side of EXIPC"
        if right == places.STORE_OUT
        else f"{mail} is past it",
        places.AWAITING_LOOKUP: f"the sinks of OnSubmission look at {mail} first",
        places.WAITING_TO_BE_ROUTED: f"the categorizer has not worked on {mail} yet",
        places.LOCAL_DELIVERY: local.get(Place(str(right)), f"{mail} is not sorted for a mailbox on {server}"),
        places.CLIENT_OUT: f"it leads back to the store process, and {mail} passes Local delivery first",
        places.UNREACHABLE: f"that is for mail without a way: {ways}",
        places.FAILED_RETRY: f"that is for mail whose content cannot be fetched; the information store of {server} {content}",
        places.DSN_PENDING: f"that is for reports, and {mail} is {'past it' if scene.is_report(event) else 'none'}",
        places.DEFERRED: "that is for mail whose sender asked for a later delivery, or whose mailbox takes nothing yet",
    }
    return {str(places.name_of(place)): why for place, why in reasons.items()}[name]
