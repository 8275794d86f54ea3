"""The trace of one run: a sequence of events, each with its time, place, rule and sentence."""

from __future__ import annotations

import json
from bisect import bisect_right
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from operator import itemgetter
from typing import TYPE_CHECKING, NamedTuple, TypeGuard, overload

from mailflow.facts import Rule, rule_named
from mailflow.facts.kinds import misfit, need, need_one_of
from mailflow.facts.mistake import InputError, Mistake, NoSuchStep
from mailflow.facts.words import counted
from mailflow.names import USUAL, EmailAddress, MailId, MessageId, Place, RuleName, ServerName, message_of
from mailflow.plain import Plain
from mailflow.trace.clock import START, clock
from mailflow.trace.effects import Effects, effects_from, plain
from mailflow.trace.state import Record, State, Timeline
from mailflow.trace.telling import Kind, Step, StepData, Telling, kind_of, step_of, told

if TYPE_CHECKING:
    from mailflow.messages import Message
    from mailflow.messages.stamps import Stamps
    from mailflow.trace.described import (
        EventData,
        LinkStateData,
        MessageData,
        OrganizationData,
        RuleData,
        TraceData,
    )

FORMAT = "mailflow trace 1"
NARROWEST = 40
"""A transcript has at least so many characters a line."""

Messages = Mapping[str, "MessageData"]
"""What a view shows of each message, by name."""

Script = Sequence[Mapping[str, object]]
"""What somebody did, in the order of time, as plain JSON data."""


class TraceError(Mistake, ValueError):
    """A stored trace that cannot be read. Says what is wrong with it."""


@dataclass(frozen=True, slots=True, repr=False, eq=False)
class Event(Plain):
    """One event of a trace.

    ``time`` is in seconds since the start of the scenario. ``telling`` is what happened, as a tuple with named fields.
    ``recipients`` are the addresses that the MailMsg carries before the event. ``rule`` is the rule of the model that
    made it happen.

    Example:
        >>> import mailflow
        >>> message = mailflow.Message.write("anna@contoso.com", "ben@contoso.com", subject="Lunch?")
        >>> event = mailflow.Scenario(mailflow.load("one server")).send(message).run()[0]
        >>> event.sentence
        'anna@contoso.com writes “Lunch?” to ben@contoso.com. It lies in the Outbox as m1.1.'
        >>> event.rule.name, event.rule.numbers
        ('write_message', ('T161',))
    """

    number: int
    time: float
    server: ServerName
    telling: Telling
    mail: MailId
    place: Place | None
    effects: Effects
    recipients: tuple[EmailAddress, ...]
    rule: Rule

    @property
    def step(self) -> Step:
        """The kind of thing that happened."""
        return step_of(self.telling)

    @property
    def values(self) -> Mapping[str, object]:
        """The fields of the telling by name."""
        return self.telling._asdict()

    @property
    def component(self) -> str:
        """The component that acts."""
        return self.step.component

    @property
    def message(self) -> MessageId:
        """The message that the MailMsg points to; empty for an event that concerns none."""
        return message_of(self.mail)

    @property
    def tracking(self) -> int | None:
        """The number of the message tracking event, if Exchange logs one here (Source: T170, T171)."""
        return self.step.tracking

    @property
    def sentence(self) -> str:
        """Who does what, and why, in one or two sentences."""
        words = {name: told(value) for name, value in self.values.items()}
        return self.step.sentence.format(server=self.server, mail=self.mail, **words)

    def __str__(self) -> str:
        return f"{clock(self.time)}  {self.sentence}"


class Change(NamedTuple):
    """What one event changes: its number, its time in seconds, and its effects."""

    number: int
    time: float
    effects: Effects


class Trace(Sequence[Event]):
    """What happened in one run, from the first event to the last.

    It is a sequence: ``trace[5]``, ``len(trace)``, ``for event in trace``. Equal inputs give equal traces, byte for byte.

    Example:
        >>> import mailflow
        >>> message = mailflow.Message.write("anna@contoso.com", "ben@contoso.com", subject="Lunch?")
        >>> trace = mailflow.Scenario(mailflow.load("one server")).send(message).run()
        >>> trace
        Trace of 14 events, 1 message, in 'Contoso'
        >>> trace.status()
        {'m1': [('ben@contoso.com', 'delivered', 'LON01, Mailbox Store')]}
        >>> [item.place for item in trace.at(3).mails.values()]
        ['queue/Messages pending submission']

    Attributes:
        link_state: every entry of a link state table that occurs, by name, and the names that each table starts with.
        letters: the messages themselves, notifications included, by name; empty in a trace that was read from JSON.
        positions: where the organization file puts objects on a map, by table and name. What is shown, not what happened:
            neither the JSON nor a shared text has it.
    """

    def __init__(
        self,
        records: list[Record],
        *,
        organization: OrganizationData,
        messages: Messages | Callable[[], Messages],
        script: Script | Callable[[], Script] = (),
        seed: int = 0,
        letters: Mapping[str, Message] | None = None,
        ids: Mapping[MailId, str] | None = None,
        archives: Mapping[str, Mapping[str, Message]] | None = None,
        arrivals: Mapping[str, Sequence[tuple[tuple[EmailAddress, ...], Message, Stamps]]] | None = None,
        rules: Mapping[str, Rule] | None = None,
        link_state: LinkStateData | None = None,
        recipe: Callable[[], str] | None = None,
        positions: Mapping[str, Mapping[str, tuple[float, float]]] | None = None,
    ) -> None:
        self.records = records
        self.organization = organization
        self._described = messages
        self._script = script
        self.seed = seed
        self.letters: Mapping[str, Message] = letters or {}
        self.link_state: LinkStateData = link_state or {}
        self._ids = ids or {}
        self._archives = archives or {}
        self._arrivals = arrivals or {}
        self._recipe = recipe
        self.positions: Mapping[str, Mapping[str, tuple[float, float]]] = positions or {}
        self._timeline = Timeline(records)
        self._rules = dict(rules or {})

    def __len__(self) -> int:
        return len(self.records)

    @overload
    def __getitem__(self, index: int) -> Event: ...
    @overload
    def __getitem__(self, index: slice) -> list[Event]: ...
    def __getitem__(self, index: int | slice) -> Event | list[Event]:
        if isinstance(index, slice):
            return [self._event(number) for number in range(len(self))[index]]
        return self._event(self.number(index))

    def __iter__(self) -> Iterator[Event]:
        return (self._event(number) for number in range(len(self)))

    def __repr__(self) -> str:
        name = self.organization.get("name", "")
        return f"Trace of {counted(len(self), 'event')}, {counted(len(self.messages), 'message')}, in {name!r}"

    @cached_property
    def messages(self) -> Messages:
        """What a view shows of each message: envelope, size, structure, defects, the start of its source.

        Worked out when somebody looks: reading the structure of every message takes longer than some runs.
        """
        return self._described() if callable(self._described) else self._described

    @cached_property
    def script(self) -> Script:
        """What somebody did, in the order of time, as plain JSON data. Written when somebody reads it, as `messages` are."""
        return self._script() if callable(self._script) else self._script

    @cached_property
    def _carried(self) -> list[tuple[EmailAddress, ...]]:
        before: list[tuple[EmailAddress, ...]] = []
        walk = self._timeline.walk()
        state = State()
        for _, _, _, _, name, *_ in self.records:
            mail = state.mails.get(name)
            before.append(tuple(state.messages[mail.message][i].address for i in mail.recipients) if mail else ())
            state = next(walk)
        return before

    def _event(self, number: int) -> Event:
        time, server, kind, values, mail, place, effects, rule = self.records[number]
        fired = self.rule(rule or step_of(kind).rules[0])
        return Event(number, time, server, kind(*values), mail, place, effects, self._carried[number], fired)

    def rule(self, name: str) -> Rule:
        """The rule of that name: title, fact numbers, and how sure they are."""
        if name not in self._rules:
            self._rules[name] = rule_named(name)
        return self._rules[name]

    def number(self, step: int) -> int:
        """The number of an event from 0; negative numbers count from the end.

        Raises:
            IndexError: there is no such event.
            TraceError: that is no whole number.
        """
        if not isinstance(step, int) or isinstance(step, bool):
            raise TraceError(misfit("step", step, "step", "write a whole number; trace.step_at(seconds) gives one"))
        if not -len(self) <= step < len(self):
            raise NoSuchStep(f"step {step}: the trace has {counted(len(self), 'event')}, numbered from 0")
        return range(len(self))[step]

    def at(self, step: int = -1) -> State:
        """The state after event number ``step``; negative numbers count from the end.

        Raises:
            IndexError: there is no such event.
        """
        if not self.records:
            return State()
        return self._timeline.at(self.number(step))

    def step_at(self, seconds: float) -> int:
        """The last event up to a time in seconds; 0 when that time is before the first one.

        Raises:
            TraceError: that is no number.
        """
        if not isinstance(seconds, (int, float)) or isinstance(seconds, bool):
            raise TraceError(misfit("step_at", seconds, "time in seconds", "write a number without quotes"))
        return max(0, bisect_right(self.records, seconds, key=itemgetter(0)) - 1)

    def states(self) -> Iterator[State]:
        """The state after each event, in order. One object that moves on: copy what you keep."""
        return self._timeline.walk()

    def transcript(self, message: str | None = None, *, width: int | None = None) -> str:
        """The sentences of the run, one a line, with the clock before them; of one message only, if you name it.

        Args:
            message: which message; by default all of them.
            width: so many characters has a line that is more than one long word; the rest goes on below. By default no line is broken.

        Raises:
            ValueError: no such message in this run, or the width is no number, or leaves no room for words.
        """
        if message is not None:
            self._need_message("transcript(message)", message)
        told = [str(event) for event in self if message in (None, event.message)]
        if width is None:
            return "\n".join(told)
        if not isinstance(width, int) or width < NARROWEST:
            remedy = "write, for example, width=100"
            raise InputError(misfit("transcript(width)", width, f"number of at least {NARROWEST}", remedy))
        from textwrap import fill  # only who prints for a screen needs it

        below = " " * len(clock(0) + "  ")
        return "\n".join(
            fill(line, width, subsequent_indent=below, break_long_words=False, break_on_hyphens=False) for line in told
        )

    def archived(self, message: str) -> dict[str, Message]:
        """The copies of a message that were made for journal mailboxes, by address; empty in a trace read from JSON (Source: T160).

        Raises:
            ValueError: no such message in this run.
        """
        self._need_message("archived", message)
        return dict(self._archives.get(message, {}))

    def arrived(self, message: str) -> dict[EmailAddress, Message]:
        """What each recipient got of a message, with the Received lines of the servers on its way, the newest on top.

        For a recipient outside that is what was handed over to the host there. ``content`` is what an .eml file holds.
        Empty in a trace read from JSON (Source: T109, T110).

        Raises:
            ValueError: no such message in this run.
        """
        self._need_message("arrived", message)
        from mailflow.messages import stamped  # a trace that is only read needs no mail library

        found = self._arrivals.get(message, ())
        return {
            address: stamped(content, lines.written(START))
            for addresses, content, lines in found
            for address in addresses
        }

    def _need_message(self, place: str, message: str) -> None:
        """See that a text is the name of a message that some event of the run concerns."""
        need(place, message, str, "name of a message", "write, for example, 'm1'")
        if message not in self._names:
            need_one_of(place, message, self._names)

    @cached_property
    def _names(self) -> Mapping[str, None]:
        """The messages that some event of the run concerns, in order. Kept, as somebody may ask for one message after the other."""
        return dict.fromkeys(filter(None, (message_of(mail) for _, _, _, _, mail, *_ in self.records)))

    @cached_property
    def message_ids(self) -> Mapping[MailId, str]:
        """The Message-IDs that servers gave, each by the MailMsg that had it first; known where a server tracks messages (Source: T110)."""
        stored = (data.get("ids", {}) for data in ({} if callable(self._described) else self._described).values())
        return self._ids or {mail: name for ids in stored for mail, name in ids.items()}

    def status(self, step: int = -1) -> dict[str, list[tuple[str, str, str]]]:
        """For each message: (address, state, detail or place) of every recipient after ``step``."""
        state = self.at(step)
        return {message: state.where(message) for message in state.messages}

    def changes(self) -> Iterator[Change]:
        """What each event changes, without the rest of it: a large trace is soon read through."""
        return (Change(number, time, effects) for number, (time, _, _, _, _, _, effects, _) in enumerate(self.records))

    def to_dict(self) -> TraceData:
        """The trace as plain JSON data. Each step and rule is written once; events point to them.

        An event names its rule only where it is not the usual one of the step.
        """
        used = list(dict.fromkeys(kind for _, _, kind, *_ in self.records))
        steps = [step_of(kind) for kind in used]
        place_of = {kind: number for number, kind in enumerate(used)}
        usual = {kind: step.rules[0] for kind, step in zip(used, steps, strict=True)}
        rules = {rule or usual[kind] for _, _, kind, *_, rule in self.records} | set(usual.values())
        return {
            "format": FORMAT,
            "organization": self.organization,
            "seed": self.seed,
            "script": list(self.script),
            "rules": {name: _rule_data(self.rule(name)) for name in sorted(rules)},
            "steps": [step.as_data() for step in steps],
            "messages": self.messages,
            "link_state": self.link_state,
            "events": [
                (time, server, place_of[kind], mail, place, values, plain(effects), *_unusual(rule, usual[kind]))
                for time, server, kind, values, mail, place, effects, rule in self.records
            ],
        }

    @cached_property
    def recipe(self) -> str:
        """How to make this trace again, as a text; empty for a trace that was read from JSON, which does not hold it."""
        return self._recipe() if self._recipe else ""

    def share(self, step: int = 0) -> str:
        """A short text that opens this run at a step elsewhere: `mailflow.play` and `mailflow.shared` read it.

        Raises:
            TraceError: the trace was read from JSON.
        """
        if not self.recipe:
            raise TraceError("this trace was read from JSON and does not hold its scenario; share the JSON instead")
        return f"{self.recipe}:{self.number(step) if len(self) else 0}"

    def to_json(self) -> str:
        """The trace as JSON text; `from_json` reads it back."""
        return json.dumps(self.to_dict(), ensure_ascii=False, separators=(",", ":"))

    @classmethod
    def from_json(cls, text: str) -> Trace:
        """Read a trace that `to_json` wrote.

        Raises:
            TraceError: the text is not JSON, or not a trace of this format.
        """
        if not isinstance(text, str):
            raise TraceError(misfit("from_json", text, "text", "give what to_json() wrote"))
        try:
            data = json.loads(text)
        except json.JSONDecodeError as error:
            raise TraceError(f"not a trace: no JSON at line {error.lineno}, column {error.colno}") from error
        if not _is_trace(data):
            raise TraceError(f'not a trace: the key "format" must be {FORMAT!r}')
        try:
            return cls._from_dict(data)
        except (KeyError, IndexError, TypeError, ValueError) as error:
            raise TraceError(f"a damaged trace: {type(error).__name__}: {error}") from error

    @classmethod
    def _from_dict(cls, data: TraceData) -> Trace:
        known = [_kind(item) for item in data["steps"]]
        records = [_record(known, item) for item in data["events"]]
        rules = {name: _rule(name, item) for name, item in data["rules"].items()}
        return cls(
            records,
            organization=data["organization"],
            messages=data["messages"],
            script=data["script"],
            seed=data["seed"],
            rules=rules,
            link_state=data["link_state"],
        )


def _is_trace(data: object) -> TypeGuard[TraceData]:
    """Whether JSON from outside says that it is a trace. What it holds is looked at where it is read: see `TraceError`."""
    return isinstance(data, dict) and data.get("format") == FORMAT


def _tuple(values: Sequence[object]) -> tuple[object, ...]:
    return tuple(_tuple(item) if isinstance(item, list) else item for item in values)


def _unusual(rule: RuleName, usual: RuleName) -> tuple[RuleName, ...]:
    """What an event says about its rule: nothing where that is the usual one of its step."""
    return () if rule in ("", usual) else (rule,)


def _kind(data: StepData) -> type[Telling]:
    """The telling that a stored step stands for: the one of today, unless it was told otherwise then."""
    return kind_of(
        Step(
            key=data["key"],
            title=data["title"],
            component=data["component"],
            rules=(RuleName(data["rule"]),),
            sentence=data["sentence"],
            fields=tuple(data["fields"]),
            level=data.get("level", "everything"),
            tracking=data.get("tracking"),
            decision=data.get("decision", ""),
        )
    )


def _record(known: Sequence[Kind], event: EventData) -> Record:
    time, server, step, mail, place, values, effects, *rule = event
    telling = known[step](*_tuple(values))
    changes = effects_from([_tuple(item) for item in effects])
    return (time, server, known[step], telling, mail, place, changes, rule[0] if rule else USUAL)


def _rule(name: str, data: RuleData) -> Rule:
    return Rule(name, data["title"], tuple(data["numbers"]), data["sure"], data["qualname"])


def _rule_data(rule: Rule) -> RuleData:
    return {"title": rule.title, "numbers": rule.numbers, "sure": rule.sure, "qualname": rule.qualname}
