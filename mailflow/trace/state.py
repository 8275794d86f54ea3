"""The state after a step: who holds which MailMsg, and what has become of every recipient."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any, Final

FINAL_STATES: Final = ("delivered", "relayed", "bounced", "refused", "expanded", "redirected", "badmail", "deleted")
"""The states that end a recipient. A recipient without one is waiting where its MailMsg is.

*expanded* and *redirected* stand for groups and forwarded mailboxes: their recipients carry on. *badmail* ends a
delivery status notification that can be neither delivered nor returned; *deleted* is an administrator's doing in Queue
Viewer (Source: T52, T114, T177).
"""


@dataclass(slots=True)
class RecipientState:
    """One recipient of one message. ``mail`` is the MailMsg that still carries it, ``state`` its end, if it has one."""

    address: str
    how: str
    parent: int | None = None
    mail: str | None = None
    state: str = ""
    detail: str = ""


@dataclass(slots=True)
class MailState:
    """One MailMsg: the message it points to, where it is, since when, and the recipients it carries (by index)."""

    message: str
    server: str
    place: str
    since: float
    recipients: list[int]


@dataclass(slots=True)
class State:
    """Everything that can be known after one step of a trace. Read it; only `apply` changes it.

    ``tables`` holds, for each server whose link state table is not the one it started with, the names of the entries
    that differ; None while its routing engine is stopped. ``deleted`` are objects that are gone from the directory.
    """

    time: float = 0.0
    step: int = -1
    messages: dict[str, list[RecipientState]] = field(default_factory=dict)
    mails: dict[str, MailState] = field(default_factory=dict)
    queue_states: dict[tuple[str, str], str] = field(default_factory=dict)
    services: dict[tuple[str, str], bool] = field(default_factory=dict)
    outside: dict[str, bool] = field(default_factory=dict)
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
            dict(self.tables),
            self.deleted,
        )

    def queues(self, server: str) -> dict[str, list[str]]:
        """The MailMsgs at each place of a server, in the order in which they came."""
        places: dict[str, list[str]] = {}
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

    def _location(self, mail: str | None) -> str:
        if mail is None:
            return ""
        return f"{self.mails[mail].server}: {self.mails[mail].place}"

    def apply(self, step: int, record: Iterable[Any]) -> None:
        """Carry the state over one event of the trace."""
        time, server, _, mail, place, _, effects = record
        self.time, self.step = time, step
        for effect in effects:
            getattr(self, "_" + effect[0])(*effect[1:], server=server)
        if place is not None and mail in self.mails:
            self._at(mail, server, place, server=server)

    def _message(self, message: str, mail: str, addresses: Iterable[str], *, server: str) -> None:
        recipients = [RecipientState(address, "envelope", None, mail) for address in addresses]
        self.messages[message] = recipients
        self.mails[mail] = MailState(message, server, "outbox", self.time, list(range(len(recipients))))

    def _recipient(self, mail: str, index: int, address: str, how: str, parent: int | None, *, server: str) -> None:
        recipients = self.messages[self.mails[mail].message]
        if index != len(recipients):
            raise ValueError(f"recipient {index} of {mail} is out of turn: {len(recipients)} are known")
        recipients.append(RecipientState(address, how, parent, mail))
        self.mails[mail].recipients.append(index)

    def _mail(self, new: str, old: str, indexes: Iterable[int], *, server: str) -> None:
        source = self.mails[old]
        taken = list(indexes)
        self.mails[new] = MailState(source.message, source.server, source.place, self.time, taken)
        for index in taken:
            self._leave(old, index)
            self.messages[source.message][index].mail = new

    def _at(self, mail: str, at_server: str, place: str, *, server: str) -> None:
        item = self.mails.pop(mail)
        item.server, item.place, item.since = at_server, place, self.time
        self.mails[mail] = item

    def _end(self, mail: str, index: int, state: str, detail: str, *, server: str) -> None:
        recipient = self.messages[self.mails[mail].message][index]
        if recipient.state or recipient.mail != mail:
            raise ValueError(f"{recipient.address} of {mail} ends twice: {recipient.state} and {state}")
        recipient.mail, recipient.state, recipient.detail = None, state, detail
        self._leave(mail, index)

    def _leave(self, mail: str, index: int) -> None:
        carried = self.mails[mail].recipients
        carried.remove(index)
        if not carried:
            del self.mails[mail]

    def _queue(self, at_server: str, place: str, state: str, *, server: str) -> None:
        if state:
            self.queue_states[at_server, place] = state
        else:
            self.queue_states.pop((at_server, place), None)

    def _service(self, at_server: str, service: str, up: bool, *, server: str) -> None:
        self.services[at_server, service] = up

    def _outside(self, name: str, up: bool, *, server: str) -> None:
        self.outside[name] = up

    def _table(self, holder: str, entries: Iterable[tuple[str, str]] | None, *, server: str) -> None:
        self.tables[holder] = None if entries is None else {**(self.tables.get(holder) or {}), **dict(entries)}

    def _deleted(self, name: str, *, server: str) -> None:
        self.deleted |= {name}


class Timeline:
    """States of a trace by step, for reading in any order. Keeps a state every so often, so that going back is cheap."""

    def __init__(self, records: list[tuple[Any, ...]], every: int = 500) -> None:
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
