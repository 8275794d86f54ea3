"""How people, servers and messages are called where a run is told, and how each beat reads.

Everything comes from the typed fields of the tellings and from the state; no sentence is read.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Container, Iterable, Sequence
from dataclasses import replace
from functools import cached_property
from itertools import takewhile
from typing import TypeVar

from mailflow.linkstate.tellings import (
    MasterReturned,
    TableCarried,
    TableForgotten,
    TableGiven,
    TablePushed,
    TableSent,
    VersionRaised,
)
from mailflow.names import MailId, message_of
from mailflow.simulation.tellings import Composed, Dropped, NetworkChanged, Refused, ServiceChanged
from mailflow.trace import Event, Trace, clock, told
from mailflow.trace.effects import Ended, NetworkState, Split, TableState
from mailflow.trace.follow import Manifest
from mailflow.trace.telling import kind_of
from mailflow.transport.node import HTTP, IIS_ADMIN, IMAP4, POP3, SMTP
from mailflow.transport.tellings import (
    Bifurcated,
    Bounced,
    Categorized,
    CrossedToStore,
    Delivered,
    ExipcBacksUp,
    Expanded,
    Forwarded,
    HandedToStore,
    JournalReported,
    MailMsgMade,
    NotificationMade,
    QueuedLocally,
    RecipientsResolved,
    Rewritten,
    Routed,
)
from mailflow.transport.tellings_smtp import (
    Connected,
    ConnectionFailed,
    ContentSent,
    Ehlo,
    MailFrom,
    RcptTo,
    Rerouted,
)

T = TypeVar("T")

NEXT_HOST = "_try_hosts"
"""The rule by which a connection goes to another host than the first one."""

FIRST_RETRY = 2
"""The attempt that is announced when the first one has failed; that failure has a beat of its own."""

TABLES = (TablePushed, TableGiven, TableSent, TableCarried)
"""The tellings in which a whole link state table reaches a server."""

NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")


def number(count: int) -> str:
    """A small number as a word."""
    return NUMBERS[count] if count < len(NUMBERS) else str(count)


class Scene:
    """A trace with what one needs to speak of it: names of people and servers, and what each MailMsg carries."""

    def __init__(self, trace: Trace) -> None:
        self.trace = trace
        self.manifest = Manifest(trace)

    @cached_property
    def events(self) -> list[Event]:
        """Every event, with its telling as it is declared: a trace that was read before has tuples of its own."""
        return [replace(event, telling=kind_of(event.step)(*event.telling)) for event in self.trace]

    @cached_property
    def _short(self) -> dict[str, str]:
        homes = [str(address) for address in self.trace.organization["homes"]]
        local = Counter(address.partition("@")[0].lower() for address in homes)
        alone = [address for address in homes if local[address.partition("@")[0].lower()] == 1]
        return {address.lower(): address.partition("@")[0].capitalize() for address in alone}

    def person(self, address: str) -> str:
        """Whoever has a mailbox here by the name that the address begins with; everybody else by address."""
        return self._short.get(address.lower(), address)

    def people(self, addresses: Iterable[str]) -> str:
        """Several of them, each once."""
        return told(list(dict.fromkeys(map(self.person, addresses))))

    @cached_property
    def _servers(self) -> dict[str, str]:
        servers = self.trace.organization["servers"]
        return {name.lower(): item["name"] for item in servers for name in (item["name"], item["fqdn"])}

    def server(self, name: str) -> str:
        """A server of the organization as it is written there, whichever of its names is given; else the name itself."""
        return self._servers.get(name.lower(), name)

    def inside(self, name: str) -> bool:
        """Whether this is a server of the organization."""
        return name.lower() in self._servers

    def subject(self, mail: MailId) -> str:
        """The subject of a message in quotes."""
        message = self.trace.messages.get(message_of(mail))
        return f"“{message['subject']}”" if message and message["subject"] else "a message"

    def cargo(self, event: Event) -> str:
        """Whom a MailMsg is for, by name."""
        cargo = self.manifest.cargo[event.number]
        known = self.manifest.recipients.get(cargo.message, [])
        return self.people(known[index].address for index in sorted(cargo.recipients))

    def is_report(self, event: Event) -> bool:
        """Whether a step is about a notification."""
        message = self.trace.messages.get(event.message)
        return bool(message and message["kind"] != "message")

    def is_journal(self, event: Event) -> bool:
        """Whether a step is about journal copies alone."""
        cargo = self.manifest.touched(event.number)
        known = self.manifest.recipients.get(cargo.message, [])
        return bool(cargo.recipients) and all(known[index].how == "journal" for index in cargo.recipients)

    def ends(self, event: Event, state: str) -> list[str]:
        """The addresses that come to this end in a step."""
        known = self.manifest.recipients
        ended = [item for item in event.effects if isinstance(item, Ended) and item.state == state]
        return [known[message_of(item.mail)][item.recipient].address for item in ended]

    def receiver(self, event: Event) -> str:
        """Who gets a whole table in a step."""
        peer = str(getattr(event.telling, "peer", ""))
        return str(event.server) if isinstance(event.telling, TablePushed) else peer

    @cached_property
    def sent(self) -> dict[MailId, Event]:
        """For each MailMsg that another server made when it took mail over: the step in which it did."""
        found = [event for event in self.events if isinstance(event.telling, ContentSent)]
        return {item.made: event for event in found for item in event.effects if isinstance(item, Split)}

    def giver(self, event: Event) -> str:
        """Who gives a whole table away in a step."""
        return str(event.values.get("peer", "")) if isinstance(event.telling, TablePushed) else str(event.server)

    def learns(self, event: Event) -> bool:
        """Whether the table that arrives in a step holds something new for who gets it."""
        tables = [item for item in event.effects if isinstance(item, TableState)]
        return any(item.server == self.receiver(event) and item.entries for item in tables)

    def news(self, event: Event) -> str:
        """What is new in the table of a step."""
        return str(event.values.get("news", ""))

    @cached_property
    def first_told(self) -> dict[str, int]:
        """For each piece of news the first step in which a table brings it to somebody."""
        found: dict[str, int] = {}
        for event in self.events:
            if isinstance(event.telling, TABLES) and self.learns(event):
                found.setdefault(self.news(event), event.number)
        return found

    def knowing(self, event: Event) -> int:
        """How many servers hold what is new in the table of a step, once it has arrived."""
        tables = [item for item in event.effects if isinstance(item, TableState) and item.entries]
        new = dict(tables[-1].entries or ()) if tables else {}
        held = self.trace.at(event.number).tables.values()
        return sum(1 for table in held if table and new.items() <= table.items())


Words = Callable[[Scene, Sequence[Event]], str]
_WORDS: dict[type, Words] = {}


def words(*kinds: type) -> Callable[[Words], Words]:
    """Declare how beats of some kinds of tellings read; a beat may stand for several steps of one kind."""

    def declare(function: Words) -> Words:
        _WORDS.update(dict.fromkeys(kinds, function))
        return function

    return declare


def words_of(kind: type[T]) -> Callable[[Callable[[Scene, Event, T], str]], Callable[[Scene, Event, T], str]]:
    """Declare how a beat of one kind of tellings reads: by its last step, and by the first telling in it."""

    def declare(function: Callable[[Scene, Event, T], str]) -> Callable[[Scene, Event, T], str]:
        words(kind)(lambda scene, events: function(scene, events[-1], _all(events, kind)[0]))
        return function

    return declare


def told_as(scene: Scene, events: Sequence[Event]) -> str:
    """How one beat reads: each kind of telling in it as it is declared above, else by the sentences of its steps."""
    kinds = dict.fromkeys(_WORDS.get(type(event.telling)) for event in events)
    parts = []
    for say in kinds:
        own = [event for event in events if _WORDS.get(type(event.telling)) is say]
        parts.append(say(scene, own) if say else " ".join(event.sentence for event in own))
    return " ".join(parts)


def hops(scene: Scene, mail: MailId) -> list[Event]:
    """The steps in which a MailMsg, and those it came from, went from one server to the next."""
    found: list[Event] = []
    while hop := scene.sent.get(mail):
        found.insert(0, hop)
        mail = hop.mail
    return found


def journey(scene: Scene, event: Event, spoken: Container[int]) -> str:
    """How a MailMsg came to where it is, as far as no beat has said so; ``spoken`` are the steps that are told.

    Empty when all of it is told.
    """
    before = [
        *takewhile(
            lambda hop: hop.number not in spoken and hop.number < event.number, reversed(hops(scene, event.mail))
        )
    ]
    if not before:
        return ""
    untold = before[::-1]
    by = f" by {told([item.server for item in untold[1:]])}" if untold[1:] else ""
    return f"{untold[0].mail} travels from {untold[0].server}{by} to {scene.server(str(untold[-1].values['peer']))}, where it is {event.mail}. "


def _all(events: Sequence[Event], kind: type[T]) -> list[T]:
    return [event.telling for event in events if isinstance(event.telling, kind)]


@words_of(Composed)
def _composed(scene: Scene, event: Event, one: Composed) -> str:
    message = scene.trace.messages.get(event.message)
    outlook = message is None or message["via"] == "mapi"
    lies = f" It lies in the Outbox as {event.mail}." if outlook else f" Here it is called {event.mail}."
    return f"{scene.person(one.sender)} writes {scene.subject(event.mail)} to {scene.people(one.recipients)}.{lies}"


@words(Dropped)
def _dropped(scene: Scene, events: Sequence[Event]) -> str:
    event = events[-1]
    what = scene.subject(event.mail)
    return f"Somebody puts {what} as a text file into the Pickup folder of {event.server}. It is called {event.mail}."


@words(HandedToStore)
def _to_store(_: Scene, events: Sequence[Event]) -> str:
    mails = told([event.mail for event in events])
    return f"Outlook hands {mails} to Store.exe on {events[-1].server} by MAPI."


@words_of(MailMsgMade)
def _made(scene: Scene, event: Event, one: MailMsgMade) -> str:
    whom = scene.people(one.recipients)
    return f"In Inetinfo.exe the store driver makes the MailMsg {event.mail} of it: an envelope for {whom}, and a pointer to the content."


@words_of(RecipientsResolved)
def _resolved(scene: Scene, event: Event, one: RecipientsResolved) -> str:
    who, found = scene.people(one.recipients), told(one.found)
    return f"The categorizer of {event.server} looks up in Active Directory who {who} {'is' if len(one.recipients) == 1 else 'are'}: {found}."


@words(Expanded)
def _expanded(_: Scene, events: Sequence[Event]) -> str:
    groups = [f"{one.group} becomes {told(one.members)}" for one in _all(events, Expanded)]
    skipped = "".join(one.skipped for one in _all(events, Expanded))
    return (
        f"The categorizer replaces {'a group' if len(groups) == 1 else 'groups'} by members: {told(groups)}.{skipped}"
    )


@words(Forwarded)
def _forwarded(scene: Scene, events: Sequence[Event]) -> str:
    ways = [
        f"{scene.person(one.recipient)} has an alternate recipient: the mail goes to {scene.person(one.other)} {one.kept}."
        for one in _all(events, Forwarded)
    ]
    return " ".join(ways)


@words(Rewritten)
def _rewritten(scene: Scene, events: Sequence[Event]) -> str:
    ways = [f"{scene.person(one.recipient)} becomes {one.target}" for one in _all(events, Rewritten)]
    return f"A contact stands for an address outside: {told(ways)}."


@words(Bifurcated, JournalReported)
def _copies(scene: Scene, events: Sequence[Event]) -> str:
    reasons = list(dict.fromkeys(one.why for one in _all(events, Bifurcated)))
    tellings = [event.telling for event in events]
    names = [one.recipients for one in tellings if isinstance(one, Bifurcated | JournalReported)]
    made = [f"{event.mail} for {scene.people(whom)}" for event, whom in zip(events, names, strict=True)]
    many = f"{number(len(made))} copies" if len(made) > 1 else "a copy"
    reports = " The journal gets a report of its own." if _all(events, JournalReported) else ""
    because = f", because {told(reasons)}" if reasons else ""
    return f"The categorizer of {events[-1].server} makes {many}: {told(made)}{because}.{reports}"


@words(Categorized)
def _categorized(scene: Scene, events: Sequence[Event]) -> str:
    marks = [
        f"{event.mail} for {scene.people(one.recipients)} as {one.mark}{_body(one)}"
        for event, one in zip(events, _all(events, Categorized), strict=True)
    ]
    verb = "It waits" if len(marks) == 1 else "They wait"
    return f"The categorizer of {events[-1].server} marks {'; '.join(marks)}. {verb} to be routed."


def _body(one: Categorized) -> str:
    words = one.format.strip(", ")
    return f" ({words})" if words else ""


@words(Rerouted, Routed)
def _routed(scene: Scene, events: Sequence[Event]) -> str:
    asked = [event for event in events if isinstance(event.telling, Routed)]
    if not asked:
        return " ".join(event.sentence for event in events)
    event, (one, *_rest) = asked[-1], _all(asked, Routed)
    cargo = scene.cargo(event)
    whom = f"{event.mail} for {cargo}" if cargo else event.mail
    begin = f"The routing engine of {event.server} is asked about {whom}"
    for left in _all(events, Rerouted):
        begin = (
            f"The table of {event.server} has changed, so {whom} leaves the link queue {left.link} and is routed anew"
        )
    return f"{begin}: {one.why}. It joins the link queue {one.link}."


@words(QueuedLocally)
def _queued(scene: Scene, events: Sequence[Event]) -> str:
    whom = scene.people([address for one in _all(events, QueuedLocally) for address in one.recipients])
    mails = told([event.mail for event in events])
    return f"The mailbox of {whom} is on {events[-1].server} itself, so {mails} {_go(events)} to Local delivery."


@words(CrossedToStore)
def _crossed(_: Scene, events: Sequence[Event]) -> str:
    mails = told([event.mail for event in events])
    return f"The store driver puts {mails} into Client_out_queue of EXIPC on {events[-1].server}: back to the store process."


def _go(events: Sequence[Event]) -> str:
    return "goes" if len(events) == 1 else "go"


@words(Delivered)
def _delivered(scene: Scene, events: Sequence[Event]) -> str:
    readers = [address for event in events for address in scene.ends(event, "delivered")]
    taken = [
        f"{store} of {server} takes {told([event.mail for event in events if (_store(event), event.server) == (store, server)])}"
        for store, server in dict.fromkeys((_store(event), event.server) for event in events)
    ]
    have = "has" if len(set(readers)) == 1 else "have"
    return f"{told(taken)}. {scene.people(readers)} {have} {_what(scene, events[-1])} ✔"


def _what(scene: Scene, event: Event) -> str:
    """What somebody has got, by its subject where a run has several messages."""
    if scene.is_report(event):
        return "the report"
    if scene.is_journal(event):
        return "the journal copy"
    written = [item["subject"] for item in scene.trace.messages.values() if item["kind"] == "message"]
    return scene.subject(event.mail) if len(set(written)) > 1 else "it"


def _store(event: Event) -> str:
    return str(event.telling._asdict().get("store", ""))


@words_of(ContentSent)
def _handed_over(scene: Scene, event: Event, one: ContentSent) -> str:
    peer, whom = scene.server(one.peer), scene.people(one.recipients)
    sends = f"{event.server} sends {event.mail} to {peer}, which says {one.reply[:3]}"
    if made := next((effect.made for effect in event.effects if isinstance(effect, Split)), ""):
        return f"{sends}: from now on {peer} answers for {whom}. Its copy is {made}."
    return f"{sends}: the mail for {whom} has left the organization ✔"


@words_of(Connected)
def _connected(scene: Scene, event: Event, one: Connected) -> str:
    what = f" for {event.mail}" if event.mail else ""
    if event.rule.name == NEXT_HOST:
        peer = scene.server(one.peer)
        return f"The host before could not be reached, or said no. So {event.server} turns to the next one: {peer} answers {one.reply[:3]}."
    return f"{event.server} opens TCP port 25 of {scene.server(one.peer)}{what}, which answers {one.reply[:3]}."


@words_of(Ehlo)
def _ehlo(scene: Scene, event: Event, one: Ehlo) -> str:
    return f"{event.server} says EHLO, and {scene.server(one.peer)} lists what it can do."


@words_of(MailFrom)
def _mail(scene: Scene, event: Event, one: MailFrom) -> str:
    return f"{event.server} begins with {one.command.partition(' SIZE')[0]}. {scene.server(one.peer)} answers {one.reply[:3]}."


@words_of(RcptTo)
def _recipient(scene: Scene, event: Event, one: RcptTo) -> str:
    return f"{event.server} names a recipient with {one.command}. {scene.server(one.peer)} answers {one.reply[:3]}, because {one.why}."


@words_of(Refused)
def _refused(scene: Scene, event: Event, one: Refused) -> str:
    return f"{event.server} gives up on {scene.people(one.recipients)} at {one.verb}: {one.reply}. For them it never entered the organization ✘"


@words_of(Bounced)
def _bounced(scene: Scene, event: Event, one: Bounced) -> str:
    return f"{event.server} gives up on {scene.people(one.recipients)} with status {one.code}: {one.why} ✘"


@words_of(NotificationMade)
def _reported(scene: Scene, event: Event, one: NotificationMade) -> str:
    return f"{event.server} writes {event.mail} to {scene.person(one.sender)}, a report ({one.kind}, {one.code}): a sender must learn what became of the mail."


@words_of(ServiceChanged)
def _service(_: Scene, event: Event, one: ServiceChanged) -> str:
    return f"The {service(one.service)} of {event.server} {one.change}."


def service(name: str) -> str:
    """A service by the name that a sentence needs."""
    return f"{name} service" if name in (SMTP, IIS_ADMIN, HTTP, POP3, IMAP4) else name


@words(NetworkChanged)
def _network(_: Scene, events: Sequence[Event]) -> str:
    one, *more = _all(events, NetworkChanged)
    if not more:
        return f"{one.name} {one.change}."
    names = told([one.name, *(item.name for item in more)])
    if any(isinstance(item, NetworkState) and item.up for item in events[0].effects):
        return f"{names} work again."
    return f"{names} fail; nobody notices before somebody tries to use or to reach them."


@words(ConnectionFailed)
def _failed(scene: Scene, events: Sequence[Event]) -> str:
    event, tries = events[-1], _all(events, ConnectionFailed)
    one = tries[-1]
    peer = scene.server(one.peer)
    again = f"attempt {one.attempt} follows in {one.pause}, {one.phase}"
    if len(tries) == 1 and one.attempt > FIRST_RETRY:
        return (
            f"{event.server} tries {peer} again, in vain: {one.why}. The link queue {one.link} stays in Retry; {again}."
        )
    if len(tries) == 1:
        return f"{event.server} cannot reach {peer}: {one.why}. The link queue {one.link} goes into Retry; {again}."
    first, last = clock(events[0].time), clock(event.time)
    tried = f"{event.server} tries {number(len(tries))} more times to reach {peer}, from {first[:8]} to {last[:8]}, in vain."
    return f"{tried} The link queue {one.link} stays in Retry; {again}."


@words_of(ExipcBacksUp)
def _backs_up(scene: Scene, event: Event, one: ExipcBacksUp) -> str:
    state = scene.trace.at(event.number)
    waiting = len(state.queues(event.server)[state.mails[event.mail].place])
    why = f"{event.mail} stays in {one.queue} of {event.server}: the {one.gate} service on the other side does not take it."
    return f"{why} {number(waiting).capitalize()} {'message waits' if waiting == 1 else 'messages wait'} there now."


@words(TableForgotten)
def _forgotten(_: Scene, events: Sequence[Event]) -> str:
    return f"The link state table of {events[-1].server} was in memory only and is gone."


@words(MasterReturned, VersionRaised)
def _raised(_: Scene, events: Sequence[Event]) -> str:
    returned, changes = _all(events, MasterReturned), _all(events, VersionRaised)
    if not returned:
        return " ".join(event.sentence for event in events)
    (one, *_rest) = returned
    queue = f"its State Change Queue of {number(one.number)} {'change' if one.number == 1 else 'changes'}"
    taken = told([f"{item.what} ({item.part} number, now {item.new})" for item in changes])
    master = f"{events[-1].server}, the master of {one.group},"
    return f"{master} rebuilds its table and works off {queue}{f'. It takes in: {taken}' if taken else ''}."


@words(*TABLES)
def _news(scene: Scene, events: Sequence[Event]) -> str:
    known, total = scene.knowing(events[-1]), len(scene.trace.organization["servers"])
    how = [
        _by(kind, [scene.receiver(event) for event in events if type(event.telling) is kind])
        for kind in dict.fromkeys(type(event.telling) for event in events)
    ]
    news = scene.news(events[-1])
    first = any(event.number == scene.first_told[news] for event in events)
    begin = f"The news is: {news}. It reaches" if first else "The news goes on to"
    count = f"all {total}" if known == total else f"{known} of {total}"
    return f"{begin} {', and '.join(how)}. Now {count} servers know it."


def _by(kind: type, receivers: Sequence[str]) -> str:
    way = PORTS[kind] if len(receivers) == 1 else PORTS[kind].replace("its master", "their masters")
    return f"{told(receivers)} {way}"


PORTS: dict[type, str] = {
    TablePushed: "from its master on port 691",
    TableGiven: "on port 691",
    TableSent: "by X-LINK2STATE on port 25",
    TableCarried: "by the MTA",
}
