"""The application log of a server, as far as its diagnostics logging lets it through: events that a document knows, in our words.

Source: K50, K67, K68, K69, K70, K71, K73, O-18, T77, T85, T87, T180.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Final, NamedTuple

from mailflow.facts import rule
from mailflow.facts.kinds import need_server
from mailflow.facts.mistake import InputError
from mailflow.names import message_of
from mailflow.tools.listing import Listing
from mailflow.trace import Record, Trace
from mailflow.trace.clock import START
from mailflow.trace.effects import Marked
from mailflow.trace.telling import step_of

__all__ = ["CATEGORIES", "EVENTS", "LEFT_OUT", "LEVELS", "EventKind", "event_log"]

LEVELS: Final = ("None", "Minimum", "Medium", "Maximum", "Field Engineering")
"""The levels of a category, the last one by the registry only (Source: K67, T180)."""

ROUTING, CATEGORIZER, CONNECTIONS = "Routing Engine/Service", "Categorizer", "Connection Manager"
QUEUING, PROTOCOL, REPORTS = "Queuing Engine", "SMTP Protocol", "Non-delivery reports"
CATEGORIES: Final = (ROUTING, CATEGORIZER, CONNECTIONS, QUEUING, PROTOCOL, REPORTS)
"""Categories of MSExchangeTransport; that the last one is called so is unconfirmed (Source: K69)."""

COLUMNS: Final = ("Time (UTC)", "Type", "Source", "Category", "Event", "What it says")
SOURCE = "MSExchangeTransport"


class EventKind(NamedTuple):
    """An event: its type, its category, the level that it needs, and how sure it is that it comes here and at that level."""

    type: str
    category: str
    level: str
    sure: str


EVENTS: Final[Mapping[int, EventKind]] = {
    957: EventKind("Warning", ROUTING, "None", "inferred"),
    958: EventKind("Warning", ROUTING, "None", "documented"),
    974: EventKind("", ROUTING, "None", "inferred"),
    994: EventKind("", ROUTING, "Medium", "documented"),
    3001: EventKind("Error", REPORTS, "None", "documented"),
    3002: EventKind("Information", REPORTS, "Minimum", "inferred"),
    3003: EventKind("Warning", REPORTS, "None", "documented"),
    3015: EventKind("", REPORTS, "Minimum", "inferred"),
    3018: EventKind("", REPORTS, "Minimum", "inferred"),
    3028: EventKind("Information", REPORTS, "Minimum", "inferred"),
    4004: EventKind("Warning", QUEUING, "None", "inferred"),
    4006: EventKind("Warning", CONNECTIONS, "None", "documented"),
    7004: EventKind("", PROTOCOL, "Medium", "documented"),
    7010: EventKind("", PROTOCOL, "Medium", "documented"),
    9000: EventKind("", CATEGORIZER, "Minimum", "inferred"),
    9003: EventKind("", CATEGORIZER, "None", "inferred"),
    9004: EventKind("", CATEGORIZER, "None", "inferred"),
    9006: EventKind("Warning", CATEGORIZER, "None", "documented"),
    12065: EventKind("", QUEUING, "Minimum", "inferred"),
}
"""The events that this model can write (Source: K71, O-18). No document has the levels of most: warnings and errors are written at every
level, everything else needs *Minimum*, unless a document says more. That is inferred: a failing link is found by its warning without
logging being raised, and a frozen queue leaves no event."""

LEFT_OUT: Final[Mapping[str, str]] = {
    "756": "stands for a report with 5.1.1 in Exchange 2000; Exchange 2003 has numbers from 3001 on",
    "1706": "servers of this model always know each other",
    "3008, 3030": "the codes behind them are not documented",
    "6004, 6008, 9035": "stand for mail that is trapped in the categorizer, as 9003 and 9004 do; when which pair comes is not documented",
    "9297": "needs Exchange 2000 before SP1",
    "929, 935, 961, 962, 1709, 4000, 4001, 4007, 6003, 7002": "no document was found that says what they mean",
}
"""Numbers that this log never has, and why (Source: K71)."""

BY_CODE: Final[Mapping[str, int]] = {
    "4.3.1": 3001,
    "4.3.2": 3002,
    "4.4.1": 3003,
    "5.1.1": 3028,
    "5.3.0": 3015,
    "5.4.0": 3018,
}
"""The event of a non-delivery report by its status code. That of 5.1.1 and that of 5.3.0 are inferred (Source: K71)."""

ADVICE: Final[Mapping[int, str]] = {
    3015: "Look at the routes with WinRoute.",
    3018: "Ask nslookup, and see that no HOSTS file overrides.",
    3028: "See whether the mailbox exists, and look at the recipient policies.",
}


def event_log(
    trace: Trace, server: str, at: int = -1, *, level: str = "None", levels: Mapping[str, str] | None = None
) -> Listing:
    """What the application log of a server holds after a step: what transport wrote, as its diagnostics logging lets it.

    Events about reports carry the code, the recipient and the Message-ID, with which *Message Tracking Center* goes on. Refusals of
    other servers stand under *SMTP Protocol*; no document has the number of those events, so they show none (Source: K70, K73).

    Example:
        >>> import mailflow
        >>> from mailflow.tools import event_log
        >>> message = mailflow.Message.write("anna@contoso.com", "carla@contoso.com")
        >>> trace = mailflow.Scenario(mailflow.load("two servers")).fail("LON02").send(message).run(until=30)
        >>> event_log(trace, "LON01").column("Event")
        ['4006']

    Args:
        level: of every category, one of `LEVELS`. A log holds what was let through then: raise it before the run that you look at.
        levels: of single categories, such as {"SMTP Protocol": "Medium"}.

    Raises:
        ValueError: no such server, level or category.
        IndexError: there is no such step.
    """
    known = [item["name"] for item in trace.organization["servers"]]
    need_server(server, known)
    chosen = _chosen(level, levels or {})
    last = trace.number(at) if len(trace) else -1
    writer = _Writer(trace, server, chosen)
    rows = tuple(row for record in trace.records[: last + 1] for row in writer.over(record))
    return Listing(f"Application log of {server}, {SOURCE}", COLUMNS, (*writer.at_start(), *rows))


def _chosen(level: str, levels: Mapping[str, str]) -> dict[str, int]:
    for name in levels:
        if name not in CATEGORIES:
            raise InputError(f"levels: no category {name!r}; there is {', '.join(CATEGORIES)}")
    for value in (level, *levels.values()):
        if value not in LEVELS:
            raise InputError(f"no level {value!r}; there is {', '.join(LEVELS)}")
    return {name: LEVELS.index(levels.get(name, level)) for name in CATEGORIES}


@rule
def protocol_events(reply: str, level: int) -> bool:
    """The category SMTP Protocol writes 5xx replies at Minimum, 4xx replies as well above it, and everything with Field Engineering.

    Source: K70.
    """
    return level >= {"5": 1, "4": 2}.get(reply[:1], 4)


class _Writer:
    """Goes over a trace and knows what one server writes into its log."""

    def __init__(self, trace: Trace, server: str, levels: Mapping[str, int]) -> None:
        self.trace = trace
        self.server = server
        self.levels = levels
        (self.data,) = (item for item in trace.organization["servers"] if item["name"] == server)
        self.said: set[str] = set()

    def at_start(self) -> Iterator[tuple[str, ...]]:
        """Event 957 comes when the routing engine reads its connectors."""
        if self.data.get("check_connector_restrictions"):
            return
        names = [
            item["name"]
            for item in self.trace.organization["connectors"]
            if self.server in item["local_bridgeheads"] and _restricted(item.get("settings", {}))
        ]
        if names:
            yield from self._row(
                0.0,
                957,
                f"Restrictions of senders on {', '.join(names)} are not checked: CheckConnectorRestrictions is not set.",
            )

    def over(self, record: Record) -> Iterator[tuple[str, ...]]:
        """The rows that one event of the trace makes."""
        time, server, kind, values, _, _, effects, _ = record
        key, told = step_of(kind).key, dict(zip(step_of(kind).fields, values, strict=True))
        if key.startswith("smtp."):
            yield from self._session(time, server, key, told)
        if server != self.server:
            return
        yield from self._own(record, key, told)
        for effect in effects:
            if isinstance(effect, Marked) and not effect.up:
                yield from self._row(time, 974, f"The connector {effect.connector} is down.")

    def _own(self, record: Record, key: str, told: Mapping[str, object]) -> Iterator[tuple[str, ...]]:
        time = record[0]
        match key:
            case "link.failed" if told["cause"] != "dns":
                yield from self._row(time, 4006, f"Mail for {told['link']} could not be sent: {told['why']}.")
            case "link.put-off":
                yield from self._row(
                    time, 4006, f"Mail for {told['link']} could not be sent to {told['peer']}: an SMTP error."
                )
            case "queuing.lookup-retry":
                yield from self._row(time, 4004, f"Categorization failed: the {told['gate']} does not answer.")
            case "queuing.hops":
                yield from self._row(time, 12065, f"A message has {told['hops']} hops, more than {told['most']}.")
            case "routing.no-master":
                yield from self._row(time, 958, f"The master of {told['group']} is an object that is gone.")
            case "routing.left-up":
                yield from self._row(time, 994, f"The state of {told['connector']} is not passed on.")
            case "categorizer.no-journal":
                text = f"Mail is trapped in the categorizer: the journal mailbox {told['mailbox']} of {told['store']} is gone."
                for number in (9003, 9004):
                    yield from self._row(time, number, text)
            case "delivery.deferred" if "disabled" in str(told["why"]):
                text = f"The account of {told['recipient']} is disabled and has no master SID."
                yield (_clock(time), "", "MSExchangeIS", "", "9548", text)
            case "notification.bounced":
                yield from self._report(record, told)

    def _report(self, record: Record, told: Mapping[str, object]) -> Iterator[tuple[str, ...]]:
        time, code = record[0], str(told["code"])
        if code == "5.5.3":
            yield from self._row(time, 9000, "A message has too many recipients.")
        if record[7] == "own_name_is_a_domain":
            yield from self._row(
                time, 9006, f"The name of another server is a domain of this organization: {told['why']}."
            )
        if code in BY_CODE:
            number = BY_CODE[code]
            name = self.trace.message_ids.get(record[4], "") or self.trace.messages[message_of(record[4])].get("id", "")
            about = f" (Message-ID {name})" if name else ""
            people = told["recipients"]
            assert isinstance(people, (tuple, list))
            text = (
                f"A non-delivery report with {code} was made for {', '.join(people)}{about}. {ADVICE.get(number, '')}"
            )
            yield from self._row(time, number, text.rstrip())

    def _session(self, time: float, server: str, key: str, told: Mapping[str, object]) -> Iterator[tuple[str, ...]]:
        reply, command = str(told.get("reply", "")), str(told.get("command", ""))
        if key == "smtp.xexch50" and reply.startswith("504"):
            if server == self.server:
                yield from self._row(time, 7004, f"{told['peer']} refused XEXCH50: {reply}.")
            elif told["peer"] == self.data["fqdn"]:
                yield from self._row(time, 7010, f"XEXCH50 of {server} was refused: {reply}.")
        elif server == self.server and command and protocol_events(reply, self.levels[PROTOCOL]):
            yield from self._once(time, f"{told['peer']} answered {reply.splitlines()[0]} to {command}.")

    def _once(self, time: float, text: str) -> Iterator[tuple[str, ...]]:
        """What the category SMTP Protocol writes; duplicates are dropped (Source: K70)."""
        if text not in self.said:
            self.said.add(text)
            yield (_clock(time), "", SOURCE, PROTOCOL, "", text)

    def _row(self, time: float, number: int, text: str) -> Iterator[tuple[str, ...]]:
        kind = EVENTS[number]
        if self.levels[kind.category] >= LEVELS.index(kind.level):
            yield (_clock(time), kind.type, SOURCE, kind.category, str(number), text)


def _restricted(settings: Mapping[str, object]) -> bool:
    return bool(settings.get("only_from") or settings.get("not_from"))


def _clock(time: float) -> str:
    return f"{START + timedelta(seconds=time):%Y-%m-%d %H:%M:%S}"
