"""The state after a step: who holds which MailMsg, and what has become of every recipient."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Final, assert_never, get_args

from mailflow.names import EmailAddress, MailId, MessageId, Place, RuleName, ServerName
from mailflow.trace.effects import (
    Added,
    Created,
    Deleted,
    Effect,
    Effects,
    End,
    Ended,
    Marked,
    Moved,
    NetworkState,
    QueueState,
    ServiceState,
    Split,
    TableState,
)
from mailflow.trace.telling import Kind

FINAL_STATES: Final[tuple[End, ...]] = get_args(End)
"""The states that end a recipient. A recipient without one is waiting where its MailMsg is."""

Record = tuple[float, ServerName, Kind, tuple[object, ...], MailId, Place | None, Effects, RuleName]
"""time in seconds, server, kind of telling and what it says, MailMsg, place it moves to, effects on the state, and the rule
that fired where it is not the usual one.
"""
NOWHERE = ServerName("")
OUTBOX = Place("outbox")


@dataclass(slots=True)
class RecipientState:
    """One recipient of one message. ``mail`` is the MailMsg that still carries it, ``state`` its end, if it has one."""

    address: EmailAddress
    how: str
    parent: int | None = None
    mail: MailId | None = None
    state: str = ""
    detail: str = ""


@dataclass(slots=True)
class MailState:
    """One MailMsg: the message it points to, where it is, since when, and the recipients it carries (by index)."""

    message: str
    server: ServerName
    place: Place
    since: float
    recipients: list[int]


@dataclass(slots=True)
class State:
    """Everything that can be known after one step of a trace. Read it; only `apply` changes it.

    ``outside`` tells what has a network, ``marked`` which connectors the routing engines call up. ``tables`` holds, for
    each server whose link state table is not the one it started with, the names of the entries that differ; None while
    its routing engine is stopped. ``deleted`` are objects that are gone from the directory.
    """

    time: float = 0.0
    step: int = -1
    messages: dict[str, list[RecipientState]] = field(default_factory=dict)
    mails: dict[MailId, MailState] = field(default_factory=dict)
    queue_states: dict[tuple[str, str], str] = field(default_factory=dict)
    services: dict[tuple[str, str], bool] = field(default_factory=dict)
    outside: dict[str, bool] = field(default_factory=dict)
    marked: dict[str, bool] = field(default_factory=dict)
    tables: dict[str, dict[str, str] | None] = field(default_factory=dict)
    deleted: frozenset[str] = frozenset()

    def copy(self) -> State:
        """An independent copy."""
        return State(
            self.time,
            self.step,
            {key: [replace(item) for item in items] for key, items in self.messages.items()},
            {key: replace(item, recipients=list(item.recipients)) for key, item in self.mails.items()},
            dict(self.queue_states),
            dict(self.services),
            dict(self.outside),
            dict(self.marked),
            dict(self.tables),
            self.deleted,
        )

    def queues(self, server: str) -> dict[Place, list[MailId]]:
        """The MailMsgs at each place of a server, in the order in which they came."""
        places: dict[Place, list[MailId]] = {}
        for mail, item in self.mails.items():
            if item.server == server:
                places.setdefault(item.place, []).append(mail)
        return places

    def where(self, message: str) -> list[tuple[str, str, str]]:
        """For each recipient of a message: address, state ("waiting" while it has no end) and the detail or place."""
        return [
            (item.address, item.state or "waiting", item.detail if item.state else self._location(item.mail))
            for item in self.messages[message]
        ]

    def _location(self, mail: MailId | None) -> str:
        if mail is None:
            return ""
        return f"{self.mails[mail].server}: {self.mails[mail].place}"

    def apply(self, step: int, record: Record) -> None:
        """Carry the state over one event of the trace."""
        time, server, _, _, mail, place, effects, _ = record
        self.time, self.step = time, step
        for effect in effects:
            self._change(effect)
        if place is not None and mail in self.mails:
            self._move(mail, server, place)

    def _change(self, effect: Effect) -> None:
        match effect:
            case Created(message, mail, addresses):
                self._create(message, mail, addresses)
            case Added():
                self._add(effect)
            case Split(made, source, indexes):
                self._split(made, source, indexes)
            case Moved(mail, server, place):
                self._move(mail, server, place)
            case Ended():
                self._end(effect)
            case TableState(holder, entries):
                self.tables[holder] = None if entries is None else {**(self.tables.get(holder) or {}), **dict(entries)}
            case _:
                self._turn(effect)

    def _turn(self, effect: QueueState | ServiceState | NetworkState | Marked | Deleted) -> None:
        """Something outside the messages is in another state now."""
        match effect:
            case QueueState(server, place, ""):
                self.queue_states.pop((server, place), None)
            case QueueState(server, place, state):
                self.queue_states[server, place] = state
            case ServiceState(server, service, up):
                self.services[server, service] = up
            case NetworkState(name, up):
                self.outside[name] = up
            case Marked(connector, up):
                self.marked[connector] = up
            case Deleted(name):
                self.deleted |= {name}
            case _:
                assert_never(effect)

    def _create(self, message: MessageId, mail: MailId, addresses: Sequence[EmailAddress]) -> None:
        recipients = [RecipientState(address, "envelope", None, mail) for address in addresses]
        self.messages[message] = recipients
        self.mails[mail] = MailState(message, NOWHERE, OUTBOX, self.time, list(range(len(recipients))))

    def _add(self, added: Added) -> None:
        recipients = self.messages[self.mails[added.mail].message]
        if added.recipient != len(recipients):
            raise ValueError(f"recipient {added.recipient} of {added.mail} is out of turn: {len(recipients)} are known")
        recipients.append(RecipientState(added.address, added.how, added.parent, added.mail))
        self.mails[added.mail].recipients.append(added.recipient)

    def _split(self, made: MailId, source: MailId, indexes: Sequence[int]) -> None:
        old = self.mails[source]
        self.mails[made] = MailState(old.message, old.server, old.place, self.time, list(indexes))
        for index in indexes:
            self._leave(source, index)
            self.messages[old.message][index].mail = made

    def _move(self, mail: MailId, server: ServerName, place: Place) -> None:
        item = self.mails.pop(mail)
        item.server, item.place, item.since = server, place, self.time
        self.mails[mail] = item

    def _end(self, ended: Ended) -> None:
        recipient = self.messages[self.mails[ended.mail].message][ended.recipient]
        if recipient.state or recipient.mail != ended.mail:
            raise ValueError(f"{recipient.address} of {ended.mail} ends twice: {recipient.state} and {ended.state}")
        recipient.mail, recipient.state, recipient.detail = None, ended.state, ended.detail
        self._leave(ended.mail, ended.recipient)

    def _leave(self, mail: MailId, index: int) -> None:
        carried = self.mails[mail].recipients
        carried.remove(index)
        if not carried:
            del self.mails[mail]


class Timeline:
    """States of a trace by step, for reading in any order. Keeps a state every so often, so that going back is cheap."""

    def __init__(self, records: Sequence[Record], every: int = 500) -> None:
        self._records = records
        self._every = every
        self._kept: dict[int, State] = {-1: State()}

    def at(self, step: int) -> State:
        """The state after ``step``; -1 is the start."""
        start = max(kept for kept in self._kept if kept <= step)
        state = self._kept[start].copy()
        for number in range(start + 1, step + 1):
            state.apply(number, self._records[number])
            if number % self._every == 0:
                self._kept[number] = state.copy()
        return state

    def walk(self) -> Iterator[State]:
        """The state after every step, in order. It is one object that moves on: copy what you keep."""
        state = State()
        for number, record in enumerate(self._records):
            state.apply(number, record)
            yield state
