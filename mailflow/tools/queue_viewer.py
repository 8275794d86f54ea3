"""Queue Viewer: every queue of a server after a step of a run, with its columns, its state, and the messages in it.

Source: K43, K44, K45, K46, K48, K50, K62, K63, T29, T33, T36, T37, T40, T48, T174, T175, T177, T178.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from html import escape
from typing import Final, NamedTuple

from mailflow.facts.kinds import need, need_server
from mailflow.facts.words import counted
from mailflow.names import MailId, Place, message_of
from mailflow.tools.listing import aligned, table
from mailflow.trace import Record, State, Trace
from mailflow.trace.clock import START
from mailflow.trace.effects import Created, QueueState, Split
from mailflow.trace.telling import step_of
from mailflow.transport import places

__all__ = ["COLUMNS", "PILE_UP", "QueueShown", "QueueViewer", "QueuedMessage", "Suspicion", "queues"]

COLUMNS: Final = (
    "Name",
    "Protocol",
    "Source",
    "State",
    "Number of messages",
    "Total message size (KB)",
    "Time oldest message submitted",
    "Time next connection retry",
)
"""The columns of the list of queues (Source: K45, T178)."""

MESSAGE_COLUMNS: Final = ("Sender", "Priority", "Subject", "Recipients", "Size (bytes)", "Submitted", "State")
"""The columns of the list of messages (Source: K46)."""

DEFAULT_VIRTUAL_SERVER = "Default SMTP Virtual Server"
READY = "Ready"
NOT_FROZEN = "X.400"

FREEZE, UNFREEZE, FORCE, FIND = "Freeze", "Unfreeze", "Force Connection", "Find Messages"
DELETE, DELETE_SILENTLY = "Delete All Messages (NDR)", "Delete All Messages (no NDR)"
DELETE_ONE, DELETE_ONE_SILENTLY = "Delete (with NDR)", "Delete (no NDR)"
FROZEN = "Frozen"

CAUSES: Final[Mapping[str, str]] = {
    "connection": "The remote server cannot be connected to.",
    "smart host": "The smart host cannot be reached.",
    "put off": "The last connection was ended by an SMTP protocol error.",
}
"""What the pane *Additional queue information* says of a link in Retry, in our own words. Only causes that a document lists stand here;
that the pane tells them is inferred for the first two. For a name service without an answer none was found (Source: K50, T48)."""


class Suspicion(NamedTuple):
    """What to think of first when a queue grows, where to look next, and the facts behind it."""

    first: str
    next_tool: str
    facts: str


PILE_UP: Final[Mapping[str, Suspicion]] = {
    "Messages pending submission": Suspicion(
        "an event sink, such as a virus scanner, or a busy processor", "list the sinks, and stop the one", "T41"
    ),
    "Messages awaiting directory lookup": Suspicion(
        "a global catalog, a bad object, a journal mailbox", "logging of DSAccess and Categorizer", "T42, K52"
    ),
    "Messages waiting to be routed": Suspicion(
        "routing, or connector restrictions that are checked", "WinRoute, logging of Routing Engine/Service", "T43"
    ),
    "Local delivery": Suspicion(
        "a store that is dismounted or slow, or scanned", "is it mounted? the log of MSExchangeIS", "T44, K55"
    ),
    "Messages with an unreachable destination": Suspicion(
        "no route, or every connector is down", "WinRoute, logging of Queuing Engine", "T45"
    ),
    "DSN messages pending submission": Suspicion(
        "a stopped store, its conversion, or a flood of reports", "whose mail is reported?", "T46"
    ),
    "Failed message retry queue": Suspicion("DNS or SMTP", "the event log", "T47"),
    "Messages queued for deferred delivery": Suspicion(
        "mailboxes that are moved, or senders who asked to wait", "wait half an hour, then look at the accounts", "T38"
    ),
    "Microsoft MTA": Suspicion("the MTA, or the system behind it", "logging of MSExchangeMTA", "T49, K61"),
    "a link queue": Suspicion(
        "that one host: DNS, port 25, a refusal", "nslookup, then telnet, then logging of SMTP Protocol", "T48"
    ),
}
"""The first suspicion for each queue that grows; a link queue goes by the name of its next hop, so all of them share one line."""


@dataclass(frozen=True, slots=True)
class QueuedMessage:
    """One message in a queue: the columns of the message list, and the MailMsg that it is here.

    ``message_id`` is what *Message Tracking Center* is asked for; empty where no server tracks messages. ``size`` is in bytes.
    ``subject`` is empty where subjects are not logged, because Queue Viewer shows them only then. ``state`` is *Frozen* for a message that
    is frozen itself; those of a frozen queue are not (Source: K11, K24, K46, T177).
    """

    mail: MailId
    sender: str
    priority: str
    subject: str
    recipients: tuple[str, ...]
    size: int
    submitted: datetime
    state: str
    message_id: str

    def cells(self) -> tuple[str, ...]:
        """The row as texts, in the order of `MESSAGE_COLUMNS`."""
        return (
            self.sender,
            self.priority,
            self.subject,
            ", ".join(self.recipients),
            str(self.size),
            f"{self.submitted:%H:%M:%S}",
            self.state,
        )


@dataclass(frozen=True, slots=True)
class QueueShown:
    """One queue: its columns, the messages in it, the oldest first, and what an administrator can do to it.

    ``retry`` is when the next attempt is due, None where no time is set. ``information`` is the pane *Additional queue information*;
    empty where no document tells its words. ``is_link`` tells a link queue from a system queue.
    """

    name: str
    protocol: str
    source: str
    state: str
    messages: tuple[QueuedMessage, ...]
    retry: datetime | None
    information: str
    is_link: bool

    @property
    def number(self) -> int:
        """How many messages wait."""
        return len(self.messages)

    @property
    def total_bytes(self) -> int:
        """The sizes of its messages together."""
        return sum(item.size for item in self.messages)

    @property
    def oldest(self) -> datetime | None:
        """When the oldest message was submitted to this server."""
        return min((item.submitted for item in self.messages), default=None)

    @property
    def suspicion(self) -> Suspicion:
        """What to think of first if this queue grows."""
        return PILE_UP.get(self.name) or PILE_UP["a link queue"]

    @property
    def actions(self) -> tuple[str, ...]:
        """What Queue Viewer offers here and this model can carry out: for system queues that is to find messages, and to freeze
        those in front of a part of the server.

        A queue of X.400 cannot be frozen; a remote queue can often not be forced; the two queues of reports and failed messages have no
        *Delete All* (Source: K49, T36, T37, T176, T177).
        """
        switch = UNFREEZE if self.state == FROZEN else FREEZE
        if not self.is_link:
            return (switch, FIND) if places.freezable(self.name) else (FIND,)
        force = (FORCE,) if self.state in ("Retry", "Scheduled") else ()
        return (switch, *force, FIND, DELETE, DELETE_SILENTLY)

    def actions_on(self, message: QueuedMessage) -> tuple[str, ...]:
        """What Queue Viewer offers for one message and this model can carry out: in a link queue, to freeze or unfreeze it, and to delete it
        with a report to its sender or without (Source: T177).
        """
        switch = UNFREEZE if message.state == FROZEN else FREEZE
        return (switch, DELETE_ONE, DELETE_ONE_SILENTLY) if self.is_link else ()

    def cells(self) -> tuple[str, ...]:
        """The row as texts, in the order of `COLUMNS`."""
        return (
            self.name,
            self.protocol,
            self.source,
            self.state,
            str(self.number),
            f"{self.total_bytes / 1024:.1f}" if self.number else "0",
            f"{self.oldest:%H:%M:%S}" if self.oldest else "",
            f"{self.retry:%H:%M:%S}" if self.retry else "",
        )


@dataclass(frozen=True, slots=True)
class QueueViewer:
    """The queues of one server after one step. ``print`` it for a text, show it in a notebook for a table, take ``rows`` for data.

    ``viewer["Local delivery"]`` is one queue, ``for queue in viewer`` all of them, in the order of the list.
    """

    server: str
    step: int
    when: datetime
    shown: tuple[QueueShown, ...]
    outbound_disabled: bool

    def __iter__(self) -> Iterator[QueueShown]:
        return iter(self.shown)

    def __len__(self) -> int:
        return len(self.shown)

    def __getitem__(self, name: str) -> QueueShown:
        for item in self.shown:
            if item.name == name:
                return item
        raise KeyError(f"no queue {name!r} on {self.server} now; there is {', '.join(item.name for item in self)}")

    @property
    def rows(self) -> list[dict[str, str]]:
        """The list of queues as data: a dictionary for each, by column."""
        return [dict(zip(COLUMNS, item.cells(), strict=True)) for item in self]

    @property
    def by_number(self) -> tuple[QueueShown, ...]:
        """The queues that hold something in the order in which to read them: the biggest number first (Source: K63)."""
        return tuple(sorted((item for item in self if item.number), key=lambda item: -item.number))

    def find(
        self, *, queue: str = "", sender: str = "", recipient: str = "", state: str = "", most: int = 100
    ) -> list[QueuedMessage]:
        """*Find Messages*: those of a sender, to a recipient, in a state, at most so many (Source: K44).

        Raises:
            KeyError: no such queue.
        """
        inside = [self[queue]] if queue else list(self)
        found = [
            item
            for one in inside
            for item in one.messages
            if sender.lower() in ("", item.sender.lower())
            and (not recipient or recipient.lower() in map(str.lower, item.recipients))
            and state in ("", item.state)
        ]
        return found[:most]

    def __str__(self) -> str:
        head = f"Queues of {self.server} at {self.when:%H:%M:%S} UTC, after step {self.step}"
        off = "\nOutbound mail is disabled: no link queue sends." if self.outbound_disabled else ""
        lines = "\n".join(aligned([COLUMNS, *(item.cells() for item in self)]))
        panes = [f"\n{item.name}: {item.information}" for item in self if item.information]
        return f"{head}{off}\n{lines}{''.join(panes)}"

    def __repr__(self) -> str:
        waiting = sum(item.number for item in self)
        return f"Queue Viewer: {self.server}, {counted(len(self), 'queue')}, {counted(waiting, 'message')}"

    def _repr_html_(self) -> str:
        panes = "".join(
            f"<p><b>{escape(item.name)}</b>, additional queue information: {escape(item.information)}</p>"
            for item in self
            if item.information
        )
        inside = "".join(
            f"<details><summary>{escape(item.name)}: {counted(item.number, 'message')}</summary>"
            f"{table(MESSAGE_COLUMNS, [one.cells() for one in item.messages])}</details>"
            for item in self
            if item.number
        )
        off = "<p>Outbound mail is disabled: no link queue sends.</p>" if self.outbound_disabled else ""
        head = f"<p>Queues of {escape(self.server)} at {self.when:%H:%M:%S} UTC, after step {self.step}</p>"
        return f"<div>{head}{off}{table(COLUMNS, [item.cells() for item in self])}{panes}{inside}</div>"


def queues(trace: Trace, server: str, at: int = -1) -> QueueViewer:
    """Open Queue Viewer on a server after a step of a trace.

    The system queues are always listed, link queues while there is something to send, that of the MTA while it holds something. The time
    of the next retry belongs to state *Retry*. Which of several virtual servers holds a message is no part of a trace, so a queue names
    all of them as its source. A queue that nothing holds back and that no session empties is *Ready*; that system queues are called so
    is inferred (Source: K45, T33, T40, T175).

    Example:
        >>> import mailflow
        >>> message = mailflow.Message.write("anna@contoso.com", "carla@contoso.com")
        >>> trace = mailflow.Scenario(mailflow.load("two servers")).fail("LON02").send(message).run(until=60)
        >>> queue = mailflow.queues(trace, "LON01")["lon02.contoso.com"]
        >>> queue.state, queue.number, f"{queue.retry:%H:%M:%S}"
        ('Retry', 1, '09:01:00')

    Raises:
        ValueError: this is no trace, or there is no such server.
        IndexError: there is no such step.
    """
    need("queues", trace, Trace, "trace", "give what a scenario's .run() returned")
    known = {item["name"]: item for item in trace.organization["servers"]}
    need_server(server, known)
    state = trace.at(at)
    last = trace.number(at) if len(trace) else -1
    told = _Told(server)
    for record in trace.records[: last + 1]:
        told.over(record)
    names = [item["name"] for item in known[server].get("virtual_servers", ())] or [DEFAULT_VIRTUAL_SERVER]
    looked = _Look(trace, server, state, told, ", ".join(names), _subjects(trace, server))
    when = START + timedelta(seconds=state.time)
    return QueueViewer(server, last, when, tuple(looked.all()), told.disabled)


def _subjects(trace: Trace, server: str) -> bool:
    """Whether subjects are logged on a server (Source: K11)."""
    (found,) = (item for item in trace.organization["servers"] if item["name"] == server)
    return found["tracking"]["subjects"] if "tracking" in found else False


class _Told:
    """What the events up to a step told of the queues of one server, besides the state of the run."""

    def __init__(self, server: str) -> None:
        self.server = server
        self.disabled = False
        self.submitted: dict[MailId, float] = {}
        self.due: dict[str, tuple[float | None, str]] = {}
        self.source: dict[MailId, MailId] = {}
        self.frozen: set[MailId] = set()

    def over(self, record: Record) -> None:
        time, server, kind, values, mail, _, effects, _ = record
        key = step_of(kind).key
        for effect in effects:
            match effect:
                case Created():
                    self.submitted[effect.mail] = time
                case Split():
                    self.submitted[effect.made] = self.submitted[effect.source]
                    self.source[effect.made] = effect.source
                case QueueState() if effect.server == self.server:
                    self.due.pop(effect.place, None)
        if server != self.server:
            return
        if key == "queuing.submitted":
            self.submitted[mail] = time
        elif key == "administrator.message":
            (self.frozen.add if values[0] == "freeze" else self.frozen.discard)(mail)
        elif key == "administrator.outbound":
            self.disabled = values[0] == "Disable Outbound Mail"
        elif key in ("link.failed", "link.put-off", "link.held"):
            self._link(key, time, dict(zip(step_of(kind).fields, values, strict=True)))

    def id_of(self, mail: MailId, given: Mapping[MailId, str]) -> str:
        """The Message-ID that a server gave a MailMsg, or the one that it is a copy of; empty for none."""
        while mail not in given and mail in self.source:
            mail = self.source[mail]
        return given.get(mail, "")

    def _link(self, key: str, time: float, told: Mapping[str, object]) -> None:
        seconds = told.get("seconds")
        cause = str(told.get("cause", "")) if key == "link.failed" else "put off" if key == "link.put-off" else ""
        due = time + float(seconds) if isinstance(seconds, (int, float)) else None
        self.due[f"link/{told['link']}"] = (due, CAUSES.get(cause, ""))


class _Look:
    """Makes the rows of a viewer."""

    def __init__(self, trace: Trace, server: str, state: State, told: _Told, source: str, subjects: bool) -> None:
        self.trace = trace
        self.server = server
        self.state = state
        self.told = told
        self.source = source
        self.subjects = subjects

    def all(self) -> Iterator[QueueShown]:
        held: dict[str, list[MailId]] = {}
        for place, mails in self.state.queues(self.server).items():
            held.setdefault(_queue_of(place), []).extend(mails)
        for place in places.SYSTEM_QUEUES:
            yield self._queue(place, held.get(place, []), "SMTP")
        for link in sorted({*held, *self._told_of()}):
            if places.part_of(Place(link)) == "link":
                yield self._queue(link, held.get(link, []), "SMTP")
        if places.MTA in held:
            yield self._queue(places.MTA, held[places.MTA], NOT_FROZEN)

    def _told_of(self) -> list[str]:
        return [place for server, place in self.state.queue_states if server == self.server]

    def _queue(self, place: str, mails: list[MailId], protocol: str) -> QueueShown:
        state = self.state.queue_states.get((self.server, place), READY)
        due, information = self.told.due.get(place, (None, ""))
        messages = sorted((self._message(mail, state) for mail in mails), key=lambda item: item.submitted)
        return QueueShown(
            name=places.name_of(Place(place)),
            protocol=protocol,
            source=places.name_of(places.MTA) if protocol == NOT_FROZEN else self.source,
            state=state,
            messages=tuple(messages),
            retry=None if due is None or due < self.state.time else START + timedelta(seconds=due),
            information=information,
            is_link=places.part_of(Place(place)) == "link",
        )

    def _message(self, mail: MailId, state: str) -> QueuedMessage:
        item = self.trace.messages[message_of(mail)]
        people = self.state.messages[message_of(mail)]
        given = self.told.id_of(mail, self.trace.message_ids) or item.get("id", "")
        return QueuedMessage(
            mail=mail,
            sender=item["sender"] or "<>",
            priority=item["priority"],
            subject=item["subject"] if self.subjects else "",
            recipients=tuple(people[number].address for number in self.state.mails[mail].recipients),
            size=item["size"],
            submitted=START + timedelta(seconds=self.told.submitted[mail]),
            state=FROZEN if mail in self.told.frozen else READY if state == FROZEN else state,
            message_id=given.strip("<>"),
        )


def _queue_of(place: Place) -> str:
    """The queue that a place belongs to: a link holds a queue for each destination (Source: T34)."""
    return f"link/{places.name_of(place)}" if places.part_of(place) == "link" else place
