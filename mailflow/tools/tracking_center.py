"""Message Tracking Center: search the logs, follow a message from server to server by its id, and say where it is.

Source: K24, K30, K31, K32, K33, K34, K35, K36, K37, T165, O-10.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from html import escape
from itertools import groupby
from typing import Literal, NamedTuple, overload

from mailflow.facts import rule
from mailflow.facts.kinds import need, need_list
from mailflow.facts.mistake import InputError
from mailflow.tools.ladder import Ladder, rungs
from mailflow.tools.tracking_log import tracked, tracking_log
from mailflow.tools.tracking_rows import COLUMNS, EVENTS, TrackingLog, TrackingRow, time_written, written
from mailflow.trace import Trace

__all__ = ["Answer", "Found", "History", "Stop", "TrackingCenter", "Verdict", "tracking_center"]

Verdict = Literal["delivered", "handed on", "returned", "in Badmail", "redirected", "replaced", "stuck"]
"""What the logs say of a recipient; of a *stuck* one no more than where its last entry is."""

ARRIVED = 1019
DELIVERED, RETURNED, BADMAIL, REDIRECTED, ROUTED = 1028, 1030, 1021, 1042, 1034
HANDED_ON = (1031, 7)
BEFORE_CATEGORIZATION = (1019, 1024, 1025, 1027)
AFTER_CATEGORIZATION = (1030, 1033, 1042)

WAITING: Mapping[int, str] = {
    0: "the store driver, after the MTA took it over",
    1019: "Messages pending submission",
    1020: "a transfer that has begun and not ended, in a link queue",
    1023: "the queue to the store: handed over, and not yet delivered",
    1024: "Messages awaiting directory lookup",
    1025: "Messages pending submission",
    1027: "the store driver, before advanced queuing",
    1029: "the queue of the MTA",
    1032: "Messages awaiting directory lookup",
    1033: "Messages waiting to be routed, or with an unreachable destination",
    1034: "a link queue",
    1035: "Messages waiting to be routed",
    1036: "Local delivery",
    1037: "Local delivery",
    1038: "the queue of the MTA",
}
"""Where a message waits, by its last entry. For 1034 Microsoft's own tool says so; the rest is inferred (Source: K31, O-10)."""


class Answer(NamedTuple):
    """What became of a recipient by the logs, on which ``server`` the decisive entry is, and how ``sure`` the rule is that says so."""

    recipient: str
    verdict: Verdict
    server: str
    says: str
    sure: str

    def __str__(self) -> str:
        return f"{self.recipient}: {self.says} [{self.sure}]"


class Stop(NamedTuple):
    """A server on the way, and the rows that its log has of the message."""

    server: str
    rows: tuple[TrackingRow, ...]

    def lines(self) -> Iterator[str]:
        """One line for each event: time, number, name, and the recipients that it names."""
        for (when, event, partner), rows in groupby(self.rows, key=lambda row: (row.when, row.event, row.partner)):
            names = list(dict.fromkeys(_short(row.recipient) for row in rows))
            yield f"{time_written(when)}  {event:>4}  {_named(event, partner)}: {', '.join(names)}"


@dataclass(frozen=True, slots=True)
class History:
    """One message as the center shows it.

    ``answers`` say what became of each recipient, ``stops`` are the servers on the way with their rows, and ``remarks`` say where the
    trail ends without an end of the message. ``partners`` are servers by the names that entries give them; `ladder` shows the way.
    """

    message_id: str
    sender: str
    subject: str
    answers: tuple[Answer, ...]
    stops: tuple[Stop, ...]
    remarks: tuple[str, ...]
    partners: Mapping[str, str] = field(default_factory=dict)

    @property
    def ladder(self) -> Ladder:
        """The way as a picture: a line for each server, time downwards, and an arrow wherever it was handed on."""
        found = [(number, rung) for number, stop in enumerate(self.stops) for rung in rungs(*stop, self.partners)]
        found.sort(key=lambda item: (item[1].when, item[0]))
        return Ladder(self.title, tuple(rung for _, rung in found))

    @property
    def data(self) -> dict[str, object]:
        """The same as plain data: what became of each recipient, and the rows of each server by the names of their columns."""
        stops = {
            stop.server: [dict(zip(COLUMNS, written(row).split("\t"), strict=True)) for row in stop.rows]
            for stop in self.stops
        }
        return {
            "message_id": self.message_id,
            "sender": self.sender,
            "subject": self.subject,
            "answers": [answer._asdict() for answer in self.answers],
            "remarks": list(self.remarks),
            "servers": stops,
        }

    @property
    def title(self) -> str:
        """Id, sender and subject in one line."""
        return f"{self.message_id} from {self.sender}" + (f": {self.subject}" if self.subject else "")

    def __str__(self) -> str:
        lines = [self.title, *(f"  {answer}" for answer in self.answers), *(f"  {remark}" for remark in self.remarks)]
        for stop in self.stops:
            lines += [f"  {stop.server}", *(f"    {line}" for line in stop.lines())]
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        return self.html()

    def html(self) -> str:
        """The answers, and the way with its rows to be opened, as HTML in which everything is escaped."""
        answers = "".join(f"<li>{escape(str(answer))}</li>" for answer in self.answers)
        remarks = "".join(f"<p>{escape(remark)}</p>" for remark in self.remarks)
        stops = "".join(
            f"<details><summary>{escape(stop.server)}</summary>"
            f"<pre style='overflow:auto'>{escape(chr(10).join(stop.lines()))}</pre></details>"
            for stop in self.stops
        )
        way = f"<details><summary>The way as a ladder</summary>{self.ladder._repr_html_()}</details>"
        return f"<div><p>{escape(self.title)}</p><ul>{answers}</ul>{remarks}{way}{stops}</div>"


@dataclass(frozen=True, slots=True)
class Found(Sequence[History]):
    """The messages that a search found, and what is to be said of the search itself."""

    histories: tuple[History, ...]
    remarks: tuple[str, ...]

    @overload
    def __getitem__(self, index: int) -> History: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[History, ...]: ...
    def __getitem__(self, index: int | slice) -> History | tuple[History, ...]:
        return self.histories[index]

    def __len__(self) -> int:
        return len(self.histories)

    @property
    def data(self) -> list[dict[str, object]]:
        """Each message that was found, as plain data."""
        return [item.data for item in self]

    def _heads(self) -> list[str]:
        count = "1 message" if len(self) == 1 else f"{len(self)} messages"
        return [f"{count} found.", *self.remarks]

    def __str__(self) -> str:
        return "\n".join([*self._heads(), *map(str, self.histories)])

    def _repr_html_(self) -> str:
        return self.html()

    def html(self) -> str:
        """The same as HTML."""
        heads = "".join(f"<p>{escape(line)}</p>" for line in self._heads())
        return f"<div>{heads}{''.join(item.html() for item in self.histories)}</div>"


@dataclass(frozen=True, slots=True)
class TrackingCenter:
    """The logs that can be searched, by server. ``silent`` are the servers that do not track, ``full`` the full names of all.

    A search reads through the logs and keeps what it found, whatever their length.
    """

    logs: Mapping[str, TrackingLog]
    silent: tuple[str, ...] = ()
    full: Mapping[str, str] = field(default_factory=dict)

    def find(
        self,
        *,
        sender: str = "",
        recipients: str | Iterable[str] = (),
        server: str = "",
        since: datetime | None = None,
        until: datetime | None = None,
        message_id: str = "",
    ) -> Found:
        """Search for messages and follow each from where it was found to the end.

        Every criterion that is given must fit. With ``server`` only the log of that server is searched, and what came before it stays unknown,
        as in the product. Messages of the system, which have the empty sender, are found by their id only (K34, K36).

        Args:
            sender: an address; a directory name fits that ends with the part before the @.
            recipients: one address or several, which must all be named.
            server: the server whose log is searched; all by default.
            since: no row before this; without a time zone it is UTC.
            until: no row after this.
            message_id: with or without its brackets.

        Raises:
            ValueError: there is no such server.
        """
        if server and server not in self.logs and server not in self.silent:
            raise InputError(
                f"no log of a server {server!r}; there is {', '.join([*self.logs, *self.silent][:8]) or 'none'}"
            )
        wanted = _Wanted(
            sender.lower(),
            tuple(item.lower() for item in ([recipients] if isinstance(recipients, str) else recipients) if item),
            _utc(since),
            _utc(until),
            message_id.strip().removeprefix("<").removesuffix(">"),
        )
        found = self._matching(wanted, [server] if server else list(self.logs))
        rows = self._rows_of(set(found))
        histories = tuple(self._history(name, rows[name], server) for name in found)
        return Found(histories, tuple(self._remarks(server)))

    def _remarks(self, server: str) -> Iterator[str]:
        if server in self.silent:
            yield f"{server} does not track messages: there is nothing to search."
        elif not self.logs and not self.full:
            yield "No log has a row: no server wrote down a message in this time."
        elif not self.logs:
            yield "No server tracks messages: switch it on before the run, with message_tracking = true for a server or its policy."

    def _matching(self, wanted: _Wanted, servers: list[str]) -> list[str]:
        """The ids of the messages that fit, in the order in which they were first seen."""
        seen: dict[str, _Seen] = {}
        for name in servers:
            for row in self.logs.get(name, ()):
                if wanted.message_id in ("", row.message_id) and (wanted.message_id or row.sender != "<>"):
                    seen.setdefault(row.message_id, _Seen()).add(row, wanted)
        return [name for name, item in seen.items() if item.fits(wanted)]

    def _rows_of(self, ids: set[str]) -> dict[str, dict[str, list[TrackingRow]]]:
        """By message, then by server, every row of these messages."""
        found: dict[str, dict[str, list[TrackingRow]]] = {name: {} for name in ids}
        for server, log in self.logs.items() if ids else ():
            for row in log:
                if row.message_id in ids:
                    found[row.message_id].setdefault(server, []).append(row)
        return found

    def _history(self, message_id: str, rows: Mapping[str, list[TrackingRow]], server: str) -> History:
        trail = _Trail(self, rows)
        trail.follow([server] if server else trail.starts())
        first = trail.stops[0].rows[0]
        sender = next((row.sender for row in trail.stops[0].rows if not row.sender.startswith("EX:")), first.sender)
        answers, remarks = tuple(trail.answers()), tuple(trail.remarks())
        return History(message_id, sender, first.subject, answers, tuple(trail.stops), remarks, trail.partners())

    def server_of(self, host: str, among: Iterable[str]) -> str:
        """The server that a host name stands for; empty for a foreign one.

        Where no full names are known, as with files, the first part of the name does, but only for one of ``among``.
        """
        wanted = host.lower()
        if not wanted:
            return ""
        for name in (*self.logs, *self.silent):
            if wanted in (name.lower(), self.full.get(name, name).lower()):
                return name
        label = wanted.partition(".")[0]
        return "" if self.full else next((name for name in among if name.lower().partition(".")[0] == label), "")


class _Wanted(NamedTuple):
    sender: str
    recipients: tuple[str, ...]
    since: datetime | None
    until: datetime | None
    message_id: str


class _Seen:
    """What the rows of one message have shown of the criteria."""

    def __init__(self) -> None:
        self.sender = self.in_time = False
        self.recipients: set[str] = set()

    def add(self, row: TrackingRow, wanted: _Wanted) -> None:
        self.sender = self.sender or not wanted.sender or _is(row.sender, wanted.sender)
        self.in_time = self.in_time or (
            (wanted.since is None or row.when >= wanted.since) and (wanted.until is None or row.when <= wanted.until)
        )
        self.recipients |= {item for item in wanted.recipients if _is(row.recipient, item)}

    def fits(self, wanted: _Wanted) -> bool:
        return self.sender and self.in_time and self.recipients == set(wanted.recipients)


class _Trail:
    """The way of one message through the logs."""

    def __init__(self, center: TrackingCenter, rows: Mapping[str, list[TrackingRow]]) -> None:
        self.center = center
        self.rows = rows
        self.stops: list[Stop] = []
        self.ends: dict[str, str] = {}

    def starts(self) -> list[str]:
        """Where the message entered: the servers to which none of the others handed it on."""
        reached = {self._next(row) for rows in self.rows.values() for row in rows if row.event in HANDED_ON}
        unknown = [name for name in self.rows if name not in reached] or list(self.rows)[:1]
        return sorted(unknown, key=lambda name: (self.rows[name][0].when, self.rows[name][0].event != 1027))

    def follow(self, starts: list[str]) -> None:
        """Go from server to server, as long as one tracks. A server behind one that does not is left out (Source: K35, T165)."""
        for start in starts:
            waiting = [start]
            while waiting:
                name = waiting.pop(0)
                if name not in (stop.server for stop in self.stops) and not self._is_behind(name):
                    self.stops.append(Stop(name, tuple(self.rows[name])))
                    waiting += self._handed_on(name)

    def _handed_on(self, name: str) -> list[str]:
        """The servers that the trail leads to from one; those that do not track are noted down as its ends."""
        found = list(dict.fromkeys(self._next(row) for row in self.rows[name] if row.event in HANDED_ON))
        for item in found:
            if item in self.center.silent:
                self.ends.setdefault(item, name)
        return [item for item in found if item in self.rows]

    def _is_behind(self, name: str) -> bool:
        """Whether the message came there from a server at which the trail has ended."""
        return any(
            self.center.server_of(row.client_name, ()) in self.ends for row in self.rows[name] if row.client_name
        )

    def _next(self, row: TrackingRow) -> str:
        """The server to which an entry hands a recipient on: the partner, or the one whose log says that it came from here."""
        known = self.center.server_of(row.partner, self.rows)
        return known or next((name for name in self.rows if self._came_from(row, name)), "")

    def _came_from(self, row: TrackingRow, name: str) -> bool:
        return any(
            item.event == ARRIVED
            and item.recipient == row.recipient
            and item.when >= row.when
            and self.center.server_of(item.client_name, self.rows) == row.server
            for item in self.rows[name]
        )

    def partners(self) -> dict[str, str]:
        """The servers on the trail, by the names under which messages were handed to them."""
        handed = [row for stop in self.stops for row in stop.rows if row.event in HANDED_ON]
        return {row.partner: name for row in handed if (name := self._next(row))}

    def remarks(self) -> Iterator[str]:
        """Where the trail begins and ends though the message came from somewhere, or went on."""
        first = self.stops[0]
        before = self.center.server_of(first.rows[0].client_name, self.rows)
        if before in self.center.silent:
            yield f"It came to {first.server} from {before}, which does not track messages: what came before is unknown."
        elif before:
            yield f"It came to {first.server} from {before}: what came before stands in the log of that server."
        for name, before in self.ends.items():
            yield f"{name}, which got it from {before}, does not track messages: the trail ends there. That is no fault yet."
        seen = {stop.server for stop in self.stops}
        for name in self.rows:
            if name not in seen and self._is_behind(name):
                yield f"The log of {name} has this id, too: search there for the rest."

    # -- what became of each recipient ------------------------------------------------------------------------------

    def answers(self) -> Iterator[Answer]:
        """What became of each recipient, in the order in which they are first named."""
        people = self._people()
        done: set[str] = set()
        for stop in self.stops:
            for row in stop.rows:
                person = people[row.recipient]
                if person not in done:
                    done.add(person)
                    yield self._answer(person, {name for name, other in people.items() if other == person}, stop)

    def _people(self) -> dict[str, str]:
        """By each recipient as a row names it, the name to show: the SMTP form of a directory name where exactly one fits (K19)."""
        named = dict.fromkeys(row.recipient for stop in self.stops for row in stop.rows)
        found: dict[str, str] = {}
        for name in named:
            fitting = [other for other in named if name.startswith("/") and _is(name, other.lower()) and other != name]
            found[name] = fitting[0] if len(fitting) == 1 else name
        return found

    def _answer(self, person: str, names: set[str], stop: Stop) -> Answer:
        stops = {item.server: item for item in self.stops}
        been = {stop.server}
        while True:
            rows = [row for row in stop.rows if row.recipient in names]
            last = rows[-1]
            following = stops.get(self._next(last)) if last.event in HANDED_ON else None
            if (
                following is None
                or following.server in been
                or not any(row.recipient in names for row in following.rows)
            ):
                return conclude(person, stop, rows, self._beyond(last))
            been.add(following.server)
            stop = following

    def _beyond(self, row: TrackingRow) -> str:
        """What can be known of the host that a message was handed on to."""
        name = self._next(row)
        if not row.partner:
            return "another host, which the entry does not name"
        if name in self.center.silent:
            return f"{name}, which does not track messages"
        if name:
            return f"{name}, whose log has no entry of it for this recipient"
        return f"{row.partner}, of which there is no log"


@rule
def conclude(person: str, stop: Stop, rows: Sequence[TrackingRow], beyond: str) -> Answer:
    """An entry 1028 is a delivery, 1030 a report, 1021 Badmail; else the last entry counts: 1031 has handed the message on, and 1034 leaves it in a link queue.

    ``rows`` are those of one recipient on one server, ``beyond`` the host that the last one names. The other queues that a last entry stands
    for are inferred.

    Source: K30, K31, K32, K35, O-10.
    """
    by_event = {row.event: row for row in rows}
    last, server = rows[-1], stop.server
    if row := by_event.get(DELIVERED):
        return Answer(
            person, "delivered", server, f"delivered to the store of {server} at {time_written(row.when)}", "documented"
        )
    if row := by_event.get(BADMAIL):
        why = "SMTP is configured wrongly there, or it could be neither delivered nor returned"
        return Answer(
            person,
            "in Badmail",
            server,
            f"put into Badmail by {server} at {time_written(row.when)}: {why}",
            "documented",
        )
    if row := by_event.get(RETURNED):
        why = "read its code, for this is right only if the recipient does not exist"
        return Answer(
            person,
            "returned",
            server,
            f"returned by {server} with a report at {time_written(row.when)}: {why}",
            "documented",
        )
    if last.event in HANDED_ON:
        how = "" if last.event == HANDED_ON[0] else " by the MTA"
        says = f"handed on{how} by {server} at {time_written(last.when)} to {beyond}"
        return Answer(person, "handed on", server, says, "documented" if last.event == HANDED_ON[0] else "inferred")
    if last.event == REDIRECTED:
        return Answer(person, "redirected", server, f"redirected by {server} to the alternate recipient", "documented")
    return _unfinished(person, stop, last)


def _unfinished(person: str, stop: Stop, last: TrackingRow) -> Answer:
    """No end and no handing on: what the last entry leaves open."""
    later = stop.rows[stop.rows.index(last) + 1 :]
    if last.event in BEFORE_CATEGORIZATION and any(row.event in AFTER_CATEGORIZATION for row in later):
        says = f"not named by {stop.server} after categorization: its members stand there for a group, the target address for a contact"
        return Answer(person, "replaced", stop.server, says, "inferred")
    where = WAITING.get(last.event, f"a place that this number does not tell: {_named(last.event, '')}")
    says = f"stuck in {where} of {stop.server}, as far as its log goes: the last entry is {last.event} at {time_written(last.when)}"
    return Answer(person, "stuck", stop.server, says, "documented" if last.event == ROUTED else "inferred")


def tracking_center(source: Trace | TrackingLog | Iterable[TrackingLog], at: int = -1) -> TrackingCenter:
    """Open the tracking center over the logs of a run, or over logs that were read from files.

    Example:
        >>> import mailflow
        >>> organization = mailflow.reconfigure(mailflow.load("two servers"), "LON01", message_tracking=True)
        >>> message = mailflow.Message.write("anna@contoso.com", "ben@contoso.com")
        >>> trace = mailflow.Scenario(organization).send(message).run()
        >>> (found,) = mailflow.tracking_center(trace).find(recipients="ben@contoso.com")
        >>> print(found.answers[0].says)
        handed on by LON01 at 2003-10-6 9:00:00 GMT to LON02, which does not track messages

    Args:
        at: the step of a trace at which the logs are looked at.

    Raises:
        ValueError: a file holds no row, so that nobody knows whose it is.
    """
    if isinstance(source, Trace):
        on = tracked(source)
        logs = {name: tracking_log(source, name, at) for name, tracks in on.items() if tracks}
        full = {item["name"]: item["fqdn"] for item in source.organization["servers"]}
        return TrackingCenter(logs, tuple(name for name, tracks in on.items() if not tracks), full)
    logs_of = [source] if isinstance(source, TrackingLog) else source
    need_list("tracking_center", logs_of, "tracking_center(trace)")
    by_server: dict[str, list[TrackingRow]] = {}
    for log in logs_of:
        need("tracking_center", log, TrackingLog, "tracking log", "read one with mailflow.read_tracking_log(path)")
        for row in log:
            by_server.setdefault(row.server, []).append(row)
    return TrackingCenter({name: _joined(name, rows) for name, rows in by_server.items()})


def _joined(name: str, rows: list[TrackingRow]) -> TrackingLog:
    """The rows of several files of one server, in order of time."""
    rows.sort(key=lambda row: row.when)
    return TrackingLog(f"Message tracking log of {name}", lambda: iter(rows))


def _named(event: int, partner: str) -> str:
    """An event as the center names it, or what it means where no name is known."""
    kind = EVENTS.get(event)
    if kind is None:
        return f"event {event}"
    name = kind.label or kind.meaning
    return name.replace("transferred through", f"transferred to {partner} through") if partner else name


def _short(name: str) -> str:
    """A name as a line has room for it: of a directory name its last part."""
    return f"…/{name.rpartition('/')[2]}" if name.startswith("/") else name


def _is(name: str, wanted: str) -> bool:
    """Whether a name of a row is an address in lower case: itself, or a directory name that ends with its first part (K19)."""
    known = name.lower().removeprefix("ex:")
    return known == wanted or (known.startswith("/") and known.rpartition("/cn=")[2] == wanted.partition("@")[0])


def _utc(moment: datetime | None) -> datetime | None:
    return moment.replace(tzinfo=UTC) if moment is not None and moment.tzinfo is None else moment
