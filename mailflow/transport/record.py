"""How the events of a run are recorded."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol, TypeVarTuple

from mailflow.names import USUAL, MailId, Place, RuleName, ServerName
from mailflow.trace import Record, Telling
from mailflow.trace.effects import Effects
from mailflow.transport.work import Clock

Values = TypeVarTuple("Values")


class Note(Protocol):
    """How an event is recorded: what happened, to which MailMsg, where it moves, what changes, and the rule that fired
    where it is not the usual one.
    """

    def __call__(
        self, told: Telling, mail: MailId, place: Place | None = None, effects: Effects = (), rule: RuleName = USUAL
    ) -> None:
        """Record one event, now."""
        ...


class Jot(Protocol):
    """The same for what happens to every message: the telling is made from its values when somebody reads it."""

    def __call__(
        self,
        kind: Callable[[*Values], Telling],
        values: tuple[*Values],
        mail: MailId,
        place: Place | None = None,
        effects: Effects = (),
        rule: RuleName = USUAL,
    ) -> None:
        """Record one event, now."""
        ...


def recorders(clock: Clock, server: ServerName, records: list[Record]) -> tuple[Note, Jot]:
    """What records the events of one server. They know all they need without looking: nothing is called more often."""
    record = records.append

    def note(
        told: Telling, mail: MailId, place: Place | None = None, effects: Effects = (), rule: RuleName = USUAL
    ) -> None:
        record((clock.now, server, type(told), told, mail, place, effects, rule))

    def jot(
        kind: Callable[[*Values], Telling],
        values: tuple[*Values],
        mail: MailId,
        place: Place | None = None,
        effects: Effects = (),
        rule: RuleName = USUAL,
    ) -> None:
        record((clock.now, server, kind, values, mail, place, effects, rule))

    return note, jot
