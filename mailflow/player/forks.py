"""Where a run could have gone otherwise: what a learner can be asked, with the reason against every other answer.

Each kind is a function that reads a trace and finds its forks. The right answer and every reason are worked out from the
trace: from the routing decision with its losing candidates, the verdict of a server, the state, the clock.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Literal, NamedTuple

from mailflow.linkstate.tellings import VersionRaised
from mailflow.names import MailId, MessageId, Place, message_of
from mailflow.player.layout.cast import exchangers
from mailflow.player.words import TABLES, Scene
from mailflow.simulation.tellings import Refused
from mailflow.trace import Event, clock
from mailflow.trace.effects import Created, Ended
from mailflow.trace.follow import Copy
from mailflow.trace.telling import told
from mailflow.transport import places
from mailflow.transport.tellings import (
    Bifurcated,
    Bounced,
    Categorized,
    Forwarded,
    RecipientsResolved,
    RecipientUnknown,
    Routed,
)
from mailflow.transport.tellings_smtp import Connected, ContentRefused, ContentSent, MailFrom, MxAsked, Quit, RcptTo

__all__ = ["FORKS", "Fork", "Option", "Spot"]


class Spot(NamedTuple):
    """Where in the picture an answer stands, so that it can be clicked there."""

    kind: Literal["server", "connector", "queue", "recipient", "verb"]
    name: str


class Option(NamedTuple):
    """One answer: its text, where it stands in the picture, if it does, and why it is not the right one ("" if it is)."""

    text: str
    spot: Spot | None = None
    why_not: str = ""


class Fork(NamedTuple):
    """Something that can be asked before step ``at``.

    ``why`` is the reason for the right answer. Of two forks the one with more ``weight`` is the better question; one with
    a ``key`` that has been there is answered already. ``tells`` are further steps that are no question any more once this one
    is answered.
    """

    kind: str
    at: int
    prompt: str
    right: Option
    wrong: tuple[Option, ...]
    why: str
    weight: float
    key: tuple[object, ...]
    tells: tuple[int, ...] = ()

    def overlaps(self, other: Fork) -> bool:
        """Whether the answer to one of the two tells of a step that the other one asks about."""
        return not {self.at, *self.tells}.isdisjoint({other.at, *other.tells})


EASY = 1.0
"""The weight of a fork at which most learners guess right: a station of a chain, a usual answer."""

Finder = Callable[[Scene], Iterator[Fork]]
FORKS: dict[str, Finder] = {}
"""For each kind of question the function that finds its forks."""


def fork(kind: str) -> Callable[[Finder], Finder]:
    """Declare the function that finds the forks of a kind."""

    def declare(function: Finder) -> Finder:
        FORKS[kind] = function
        return function

    return declare


def sentence(text: str) -> str:
    """A clause as a sentence; a name stays as it is written."""
    first = text.partition(" ")[0].rstrip(",:;")
    begun = f"{text[0].upper()}{text[1:]}" if first.isalpha() else text
    return begun if text[-1] in ".!?" else f"{begun}."


def _no(text: str, why: str, spot: Spot | None = None) -> Option:
    return Option(text, spot, sentence(why))


# -- routing ----------------------------------------------------------------------------------------------------------


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
        wrong = tuple(_no(item.connector, item.why, Spot("connector", item.connector)) for item in losers)
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
        yield _no(one.connector, why, Spot("connector", one.connector))
    if goal and goal != group and one.destination != right:
        why = f"{one.destination} is in {goal}, and from {group} that routing group is reached through a connector only"
        yield _no(one.destination, why, Spot("server", one.destination))
    for loser in _losers(scene, event, one.connector) if one.connector else []:
        yield _no(loser.connector, loser.why, Spot("connector", loser.connector))
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
            yield _no(name, why, Spot("server", name))


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
            _no(name, why, Spot("server", name))
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


# -- queues -----------------------------------------------------------------------------------------------------------

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
    return tuple(_no(name, _not_there(scene, event, name, been), Spot("queue", name)) for name in near[:ENOUGH])


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
        places.DEFERRED: "its sender asked for a later delivery",
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
        places.DEFERRED: "that is for mail whose sender asked for a later delivery",
    }
    return {str(places.name_of(place)): why for place, why in reasons.items()}[name]


# -- what becomes of it -----------------------------------------------------------------------------------------------

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
            _no(ENDS[state], why)
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
            wrong = tuple(_no(name, _not_as(scene, str(address), name, right)) for name in FORMATS if name != right)
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


# -- what a server answers --------------------------------------------------------------------------------------------

REPLIES = {"250": "250: yes", "550": "550: no, for good", "451": "451: not now, try again later"}


@fork("verdict")
def _verdict(scene: Scene) -> Iterator[Fork]:
    """What does the server answer?"""
    for event in scene.events:
        one = event.telling
        if not isinstance(one, RcptTo | MailFrom) or (isinstance(one, MailFrom) and one.reply.startswith("250")):
            continue
        peer, code = scene.server(one.peer), one.reply[:3]
        why = one.why if isinstance(one, RcptTo) else f"it answers {one.reply}"
        verb = one.command.partition(" SIZE")[0]
        right = Option(REPLIES.get(code, one.reply))
        wrong = tuple(_no(text, _not_said(peer, code, other, why)) for other, text in REPLIES.items() if other != code)
        decisive = code != "250" or event.rule.name in ("list_of_computers", "authenticated_relay", "connector_relay")
        prompt = f"{event.server} says {verb}. What does {peer} answer?"
        yield Fork(
            "verdict",
            event.number,
            prompt,
            right,
            wrong,
            sentence(why),
            3.0 if decisive else EASY,
            (code, event.rule.name),
        )


def _not_said(peer: str, code: str, other: str, why: str) -> str:
    """Why a server does not give another reply."""
    if other == "250":
        return f"{peer} does not take it: {why}"
    if other == "550":
        return f"nothing forbids it: {why}" if code == "250" else f"that would be the end of it: {why}"
    return f"{peer} can decide at once: {why}"


# -- at which command it ends, and for whom ----------------------------------------------------------------------------

_Command = MailFrom | RcptTo | ContentSent | ContentRefused
VERBS = {"MAIL FROM": "MAIL", "RCPT TO": "RCPT", "the content (DATA or BDAT)": "DATA"}
"""The commands at which a server can say no to a message, each with its verb."""
NONE = "at none, it takes all of it"


class _Said(NamedTuple):
    """A command with its reply, by the name of the command."""

    number: int
    name: str
    one: _Command

    @property
    def command(self) -> str:
        return self.one.command.partition(" SIZE")[0]

    @property
    def code(self) -> str:
        return self.one.reply[:3]

    @property
    def why(self) -> str:
        return self.one.why if isinstance(self.one, RcptTo) else f"the reply is {self.one.reply}"


def _transaction(scene: Scene, start: Event) -> list[_Said]:
    """What is said of one message in a session, from MAIL FROM on, as far as it comes."""
    names = {MailFrom: "MAIL FROM", RcptTo: "RCPT TO"}
    said: list[_Said] = []
    for event in scene.events[start.number :]:
        one = event.telling
        if (event.mail, event.server) != (start.mail, start.server):
            continue
        if said and isinstance(one, MailFrom | Connected | Quit):
            break
        if isinstance(one, MailFrom | RcptTo | ContentSent | ContentRefused):
            said.append(_Said(event.number, names.get(type(one), "the content (DATA or BDAT)"), one))
            if isinstance(one, ContentSent | ContentRefused):
                break
    return said


@fork("command")
def _command(scene: Scene) -> Iterator[Fork]:
    """At which command of a session does the other side say no?"""
    for event in scene.events:
        if not isinstance(event.telling, MailFrom):
            continue
        said = _transaction(scene, event)
        refused = next((item for item in said if item.code[0] in "45"), None)
        if refused is None and not isinstance(said[-1].one, ContentSent):
            continue
        peer = scene.server(event.telling.peer)
        right = refused.name if refused else NONE
        options = {name: Option(name, Spot("verb", verb)) for name, verb in VERBS.items()} | {NONE: Option(NONE)}
        wrong = tuple(
            item._replace(why_not=sentence(_not_at(name, said, refused, peer)))
            for name, item in options.items()
            if name != right
        )
        prompt = f"{event.server} wants to hand over {event.mail} for {scene.cargo(event)}. At which command does {peer} first say no?"
        why = _no_to(refused) if refused else f"{peer} answers {said[-1].code} to the content"
        weight = 3.0 if refused else EASY
        tells = tuple(item.number for item in said)
        yield Fork("command", event.number, prompt, options[right], wrong, sentence(why), weight, (peer, right), tells)


def _no_to(refused: _Said) -> str:
    return f"{refused.command} gets {refused.one.reply}"


def _not_at(name: str, said: Sequence[_Said], refused: _Said | None, peer: str) -> str:
    """Why a session does not first fail at this command, or at all."""
    if name == NONE:
        assert refused is not None
        return _no_to(refused)
    before = [item for item in said if item.name == name and (refused is None or item.number < refused.number)]
    if before:
        return f"{peer} answers {before[0].code} to {before[0].command}"
    assert refused is not None
    return f"{refused.command} comes before it, and gets {refused.code}"


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
        _no(scene.person(address), got[address], Spot("recipient", address)) for address in carried if address in got
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
    named = [item for item in _transaction(scene, event) if isinstance(item.one, RcptTo)]
    refused = [item for item in named if item.code[0] == "5"]
    taken = [item for item in named if item.code == "250"]
    if not refused or not taken:
        return
    peer = scene.server(named[0].one.peer)
    spots = {item: Spot("recipient", item.command.partition("<")[2].partition(">")[0]) for item in named}
    wrong = tuple(
        _no(scene.person(spots[item].name), f"{peer} takes this one: {item.why}", spots[item]) for item in taken
    )
    first = refused[0]
    whom = scene.people(spots[item].name for item in named)
    prompt = f"{event.server} is going to name {whom} to {peer}. Whom does {peer} refuse?"
    right = Option(scene.person(spots[first].name), spots[first])
    key = (peer, spots[first].name)
    tells = tuple(item.number for item in named)
    yield Fork("recipient", named[0].number, prompt, right, wrong, sentence(first.why), 3.0, key, tells)


@fork("tracking")
def _tracking(scene: Scene) -> Iterator[Fork]:
    """Which message tracking event comes next?"""
    logged = [event for event in scene.events if event.tracking is not None and event.tracking >= 1000]
    entries: dict[int | None, list[Event]] = {}
    for event in logged:
        entries.setdefault(event.tracking, []).append(event)
    names = {number: f"{number}: {found[0].step.title}" for number, found in entries.items()}
    known: set[int | None] = set()
    for event in logged:
        if event.tracking in known:
            continue
        known.add(event.tracking)
        wrong = tuple(
            _no(names[number], _not_logged(event, found))
            for number, found in entries.items()
            if number != event.tracking
        )
        prompt = f"Which message tracking event is logged next for {event.message} on {event.server}?"
        right = Option(names[event.tracking])
        yield Fork("tracking", event.number, prompt, right, wrong, event.sentence, EASY, (event.tracking,))


def _not_logged(event: Event, entries: Sequence[Event]) -> str:
    here = [item for item in entries if (item.message, item.server) == (event.message, event.server)]
    later = [item for item in here if item.number > event.number]
    if later:
        return f"it comes later, at {clock(later[0].time)}"
    if here:
        return f"it has been logged already, at {clock(here[-1].time)}"
    return f"nothing of that kind happens to {event.message} on {event.server}"


# -- link state -------------------------------------------------------------------------------------------------------


class _Learning(NamedTuple):
    number: int
    time: float
    giver: str


@fork("informed")
def _informed(scene: Scene) -> Iterator[Fork]:
    """Who learns the news next?"""
    servers = [item["name"] for item in scene.trace.organization["servers"]]
    for start in [event for event in scene.events if isinstance(event.telling, VersionRaised)]:
        learned = _learned(scene, start)
        for name, one in learned.items():
            event = scene.events[one.number]
            knowing = {start.server, *(other for other, item in learned.items() if item.number < one.number)}
            at_once = {other for other, item in learned.items() if abs(item.time - one.time) < 1e-6}
            wrong = tuple(
                _no(other, _not_yet(scene, other, learned.get(other), knowing, one), Spot("server", other))
                for other in servers
                if other not in knowing | at_once | {name}
            )
            prompt = f"{scene.news(event)}: which server learns this next?"
            right = Option(name, Spot("server", name))
            yield Fork(
                "informed",
                one.number,
                prompt,
                right,
                wrong,
                f"{one.giver} gives its table to {name} at {clock(one.time)}.",
                2.0,
                (start.number, type(event.telling).__name__, len(knowing) > 1),
            )


def _learned(scene: Scene, start: Event) -> dict[str, _Learning]:
    """Who learns of a version from whom, and when, up to the next one."""
    found: dict[str, _Learning] = {}
    for event in scene.events[start.number + 1 :]:
        if isinstance(event.telling, VersionRaised):
            break
        if isinstance(event.telling, TABLES) and scene.learns(event):
            found.setdefault(scene.receiver(event), _Learning(event.number, event.time, scene.giver(event)))
    return found


def _not_yet(scene: Scene, name: str, one: _Learning | None, knowing: Iterable[str], now: _Learning) -> str:
    if one is None:
        return f"nobody brings it to {name} before the next change"
    if one.giver in knowing:
        return f"{one.giver} knows it, but reaches {name} only at {clock(one.time)}, not at {clock(now.time)}"
    return f"{name} hears it from {one.giver}, which does not know it yet itself"


CAUSES = {
    "major": "an administrator changes the configuration in the directory",
    "minor": "a connector goes down or comes up",
    "user": "a service or a server stops, starts, or changes its role",
}


@fork("version")
def _version(scene: Scene) -> Iterator[Fork]:
    """Which of the three numbers rises?"""
    for event in scene.events:
        one = event.telling
        if isinstance(one, VersionRaised):
            wrong = tuple(
                _no(part, f"the {part} number rises when {cause}; here {one.what}")
                for part, cause in CAUSES.items()
                if part != one.part
            )
            prompt = f"{sentence(one.what)} Which number of the version of {one.group} rises?"
            why = f"The {one.part} number rises when {CAUSES[one.part]}."
            yield Fork("version", event.number, prompt, Option(one.part), wrong, why, 3.0, (one.part,))


@fork("table")
def _table(scene: Scene) -> Iterator[Fork]:
    """Does the table of who gets one change?"""
    for event in scene.events:
        if isinstance(event.telling, TABLES):
            receiver, giver, changes = scene.receiver(event), scene.giver(event), scene.learns(event)
            yes, no = "yes, it holds something new", "no, it stays as it is"
            news = f"new in it is {scene.news(event)}"
            nothing = f"{giver} knows nothing that {receiver} does not know"
            wrong = _no(no, news) if changes else _no(yes, nothing)
            prompt = f"{receiver} is about to get the whole table of {giver}. Does its own table change?"
            right = Option(yes if changes else no)
            yield Fork(
                "table",
                event.number,
                prompt,
                right,
                (wrong,),
                sentence(news if changes else nothing),
                EASY if changes else 2.0,
                (changes,),
            )
