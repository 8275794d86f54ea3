"""How the events of a run are recorded."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import TypeVarTuple

from mailflow.names import USUAL, HostName, MailId, Place, RuleName, ServerName
from mailflow.trace import Record, Telling
from mailflow.trace.effects import Effects
from mailflow.transport.mail import Mail, MailRecipient
from mailflow.transport.parameters import Durations
from mailflow.transport.work import Clock

Values = TypeVarTuple("Values")


class Recorder:
    """Whoever has a name and tells what happens: a server, or a client or host outside. Nothing of a run is called more often."""

    def __init__(self, name: ServerName, clock: Clock, records: list[Record]) -> None:
        self.name = name
        self.env = clock
        self.records = records

    def note(
        self, told: Telling, mail: MailId, place: Place | None = None, effects: Effects = (), rule: RuleName = USUAL
    ) -> None:
        """Record one event, now: what happened, to which MailMsg, where it moves, what changes, and the rule that fired where
        it is not the usual one.
        """
        self.records.append((self.env.now, self.name, type(told), told, mail, place, effects, rule))

    def jot(
        self,
        kind: Callable[[*Values], Telling],
        values: tuple[*Values],
        mail: MailId,
        place: Place | None = None,
        effects: Effects = (),
        rule: RuleName = USUAL,
    ) -> None:
        """The same for what happens to every message: the telling is made from its values when somebody reads it."""
        self.records.append((self.env.now, self.name, kind, values, mail, place, effects, rule))


class Speaker(Recorder, ABC):
    """Whoever sends: an Exchange server, or a client or host outside."""

    fqdn: HostName
    durations: Durations

    @abstractmethod
    def refused(self, mail: Mail, recipients: list[MailRecipient], verb: str, reply: str) -> None:
        """The other side refused these recipients for good."""
