"""The message tracking log as a file: its columns, its rows, its event numbers, and the orders in which they come.

Source: K14, K27, K28, T166, T167, T170, T171.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, date, datetime, time
from functools import lru_cache
from html import escape
from itertools import chain, groupby, islice
from pathlib import Path
from typing import Final, NamedTuple

from mailflow.facts.words import counted

__all__ = [
    "COLUMNS",
    "EVENTS",
    "LEFT_OUT",
    "ORDERS",
    "Damage",
    "EventKind",
    "Order",
    "TrackingLog",
    "TrackingRow",
    "written",
]

COLUMNS: Final = (
    "Date",
    "Time",
    "client-ip",
    "Client-hostname",
    "Partner-Name",
    "Server-hostname",
    "server-IP",
    "Recipient-Address",
    "Event-ID",
    "MSGID",
    "Priority",
    "Recipient-Report-Status",
    "total-bytes",
    "Number-Recipients",
    "Origination-Time",
    "Encryption",
    "service-Version",
    "Linked-MSGID",
    "Message-Subject",
    "Sender-Address",
)
"""The 20 columns in their order (Source: K14)."""

TITLE: Final = "# Message Tracking Log File"
HEADER: Final = (TITLE, "# Exchange System Attendant Version 6.5.7638.1", "#" + "\t".join(COLUMNS))
"""The three lines above the rows. That the names of the columns follow their sign directly is inferred (Source: K14, K42, T166)."""

SHOWN: Final = 200
"""So many rows does a table in a notebook have; the text has them all."""


class TrackingRow(NamedTuple):
    """One row: one recipient of one message, at one event.

    A text that is empty, and a number that is None, stand as a hyphen in the file. ``when`` is in UTC. ``priority`` is -1, 0 or 1,
    ``report_status`` 0 or 1 in a report and None otherwise, ``total_bytes`` in bytes. ``originated`` is a point in time where a real
    file has one, and else the text that stands there.

    Source: K14, K16, K17, T167.
    """

    when: datetime
    client_ip: str
    client_name: str
    partner: str
    server: str
    server_ip: str
    recipient: str
    event: int
    message_id: str
    priority: int | None
    report_status: int | None
    total_bytes: int | None
    recipients: int | None
    originated: datetime | str
    encryption: int | None
    version: str
    linked_id: str
    subject: str
    sender: str


class EventKind(NamedTuple):
    """What an event number means, and how Message Tracking Center names it, as far as a document says (Source: K28, T169)."""

    meaning: str
    label: str = ""


EVENTS: Final[Mapping[int, EventKind]] = {
    0: EventKind("the MTA took the message over from another one"),
    7: EventKind("the MTA transferred the message to another one"),
    1019: EventKind("submitted to advanced queuing", "SMTP: Message Submitted to Advanced Queuing"),
    1020: EventKind("transfer to another host begins", "SMTP: Started Outbound Transfer of Message"),
    1021: EventKind("put into the BadMail folder", "SMTP: Message sent to badmail directory"),
    1023: EventKind("handed to the store by advanced queuing", "SMTP: Message delivered locally"),
    1024: EventKind("handed to the categorizer", "SMTP: Message Submitted to Categorizer"),
    1025: EventKind("submission to advanced queuing begins", "SMTP: Started Message Submission to Advanced Queue"),
    1027: EventKind("submitted from the store", "SMTP Store Driver: Message Submitted From Store"),
    1028: EventKind("delivered to the store by the store driver"),
    1029: EventKind("handed to the MTA by the store driver"),
    1030: EventKind("a non-delivery report was decided on"),
    1031: EventKind("transfer to another host has ended", "Message transferred through SMTP"),
    1032: EventKind("categorization will be tried again"),
    1033: EventKind("categorized, waits for routing", "SMTP: Message Categorized and Queued For Routing"),
    1034: EventKind("routed, in a link queue", "SMTP: Message Routed and Queued For Remote Delivery"),
    1035: EventKind("routing will be tried again"),
    1036: EventKind("queued for local delivery"),
    1037: EventKind("local delivery will be tried again"),
    1038: EventKind("routed, queued for the MTA"),
    1042: EventKind("redirected to the alternate recipient"),
}
"""The numbers that a log of this model can have (Source: K28, T169, T170, T171)."""

LEFT_OUT: Final[Mapping[str, str]] = {
    "1022": "advanced queuing does not fail for good in this model",
    "1026": "no document was found that says what it means",
    "1039-1041": "the Intelligent Message Filter is not part of this model",
    "1-6, 8-34, 43": "the MTA of this model transfers messages; it carries no probes and no reports of its own, and expands no groups",
    "50-52, 1000-1018": "written by gateways and by the Internet Mail Service of Exchange 5.5, which this model has not",
}
"""The numbers that no log of this model has, and why (Source: K28, T170, T171)."""


class Order(NamedTuple):
    """In which order the events of a message come on one server, how sure that is, and what the order rests on."""

    events: tuple[int, ...]
    sure: str
    why: str


_FRONT = (1019, 1025, 1024)
ORDERS: Final[Mapping[str, Order]] = {
    "from the store to another host": Order(
        (1027, *_FRONT, 1033, 1034, 1020, 1031),
        "documented",
        "Microsoft published this order by the names of the events; the numbers for them are inferred (T172)",
    ),
    "from the store to the same server": Order(
        (1027, *_FRONT, 1033, 1036, 1023, 1028),
        "unconfirmed",
        "the events are documented, their order is not (T173, O-10)",
    ),
    "by SMTP to this server": Order(
        (*_FRONT, 1033, 1036, 1023, 1028),
        "inferred",
        "that 1019 comes first is documented, the rest is not (T164, O-10)",
    ),
    "by SMTP and on to another host": Order(
        (*_FRONT, 1033, 1034, 1020, 1031), "inferred", "built from the published order (T173, O-10)"
    ),
    "categorizer returns it": Order((*_FRONT, 1030), "inferred", "no document has the order (O-10)"),
    "directory is away": Order((*_FRONT, 1032), "inferred", "no document has the order (O-10)"),
    "store is away": Order((*_FRONT, 1033, 1036, 1037), "inferred", "no document has the order (O-10)"),
    "to the MTA": Order((*_FRONT, 1033, 1038, 1029, 7), "inferred", "no document has the order (O-10)"),
    "from the MTA": Order((0, *_FRONT, 1033), "inferred", "no document has the order (O-10)"),
    "report": Order(
        _FRONT, "inferred", "no document tells how they are tracked: here like any message that is new in transport"
    ),
    "journal report": Order(
        (1033,), "inferred", "no document tells how they are tracked: here from the categorizer on, which makes them"
    ),
}
"""The orders that the model keeps to, by case (Source: O-10, T172, T173)."""


class Damage(NamedTuple):
    """A line of a file that is no row, counted from 1, and what is wrong with it."""

    line: int
    why: str

    def __str__(self) -> str:
        return f"line {self.line}: {self.why}"


class TrackingLog:
    """The message tracking log of one server, or what was read from a file.

    ``for row in log`` makes one row after the other, so that a log of any length takes little memory; ``rows`` are all of them.
    ``str(log)`` is the text of the file, which a spreadsheet opens: three header lines, then columns between tabs. Where it covers
    several days, the server has a file for each; `save` writes those (Source: K5, T162).

    Attributes:
        title: whose log this is, or the file it came from.
        damaged: the lines of a file that are no rows.
    """

    def __init__(
        self,
        title: str,
        rows: Callable[[], Iterator[TrackingRow]],
        damaged: tuple[Damage, ...] = (),
        lines: Callable[[], Iterator[str]] | None = None,
    ) -> None:
        self.title = title
        self._rows = rows
        self._lines = lines or (lambda: map(written, rows()))
        self.damaged = damaged

    def __iter__(self) -> Iterator[TrackingRow]:
        return self._rows()

    @property
    def rows(self) -> tuple[TrackingRow, ...]:
        """Every row, in the order of the file."""
        return tuple(self)

    def lines(self) -> Iterator[str]:
        """The lines of the text, one after the other, without their ends."""
        return chain(HEADER, self._lines())

    def __str__(self) -> str:
        return "".join(f"{line}\r\n" for line in self.lines())

    def __repr__(self) -> str:
        lost = f", {counted(len(self.damaged), 'damaged line')}" if self.damaged else ""
        return f"{self.title}: {counted(sum(1 for _ in self._lines()), 'row')}{lost}"

    def _repr_html_(self) -> str:
        head = "".join(f"<th>{escape(name)}</th>" for name in COLUMNS)
        lines = list(islice(self._lines(), SHOWN + 1))
        body = "".join(
            "<tr>" + "".join(f"<td>{escape(text)}</td>" for text in line.split("\t")) + "</tr>"
            for line in lines[:SHOWN]
        )
        more = f"<p>The first {SHOWN} rows.</p>" if len(lines) > SHOWN else ""
        lost = "".join(f"<li>{escape(str(item))}</li>" for item in self.damaged)
        return (
            f"<div><p>{escape(self.title)}</p><div style='overflow-x:auto;max-height:28em'>"
            f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>{more}"
            f"{f'<ul>{lost}</ul>' if lost else ''}</div>"
        )

    def save(self, folder: str | Path) -> list[Path]:
        """Write a file for each day, such as ``20031006.log``, into a folder, and return their paths (Source: K5).

        Raises:
            OSError: the folder cannot be written to.
        """
        made: list[Path] = []
        for day, lines in groupby(self._lines(), key=lambda line: line.partition("\t")[0]):
            made.append(Path(folder) / name_of_day(_day(day)))
            with made[-1].open("w", encoding="utf-8", newline="") as file:
                file.writelines(f"{line}\r\n" for line in chain(HEADER, lines))
        return made


def name_of_day(day: date) -> str:
    """The name of the file of a day, by UTC (Source: K5)."""
    return f"{day:%Y%m%d}.log"


TWO: Final = [f"{number:02}" for number in range(100)]
"""The numbers below a hundred in two digits: to look one up takes a third of the time of formatting it."""


def spelt(when: datetime) -> str:
    """Date and time as a row has them: no leading zero in the date nor in the hour (Source: K20, T167)."""
    return f"{day_spelt(when)} {clock_spelt(when.hour, when.minute, when.second)}"


def day_spelt(day: date) -> str:
    """The first half of it."""
    return f"{day.year}-{day.month}-{day.day}"


def clock_spelt(hour: int, minute: int, second: int) -> str:
    """The second half of it."""
    return f"{hour}:{TWO[minute]}:{TWO[second]} GMT"


time_written = lru_cache(maxsize=1024)(spelt)
"""The same, remembered."""


def row_of(line: str) -> TrackingRow:
    """The row that `written` wrote as a line. A real file may be another one: `mailflow.read_tracking_log` reads those."""
    day, clock, *texts, event, name, rest = line.split("\t", 10)
    return TrackingRow._make((_moment(f"{day} {clock}"), *map(_text, texts), int(event), _text(name), *_behind(rest)))


@lru_cache(maxsize=1024)
def _behind(cells: str) -> tuple[object, ...]:
    """What stands behind the id, from the priority on: all rows of a message share it."""
    priority, status, size, number, begun, encryption, *texts = cells.split("\t")
    counts = map(_count, (priority, status, size, number))
    return (*counts, _moment(begun), _count(encryption), *map(_text, texts))


def _text(cell: str) -> str:
    return "" if cell == "-" else cell


def _count(cell: str) -> int | None:
    return None if cell == "-" else int(cell)


@lru_cache(maxsize=256)
def _moment(text: str) -> datetime:
    day, clock, _ = text.split(" ")
    hour, minute, second = map(int, clock.split(":"))
    return datetime.combine(_day(day), time(hour, minute, second, tzinfo=UTC))


def _day(text: str) -> date:
    year, month, day = map(int, text.split("-"))
    return date(year, month, day)


def written(row: TrackingRow) -> str:
    """A row as a line of the file. A tab or the end of a line inside a text becomes a space."""
    when, ip, client, partner, server, server_ip, recipient, event, name, priority = row[:10]
    status, size, number, begun, encryption, version, linked, subject, sender = row[10:]
    # Written out: a busy server has hundreds of thousands of these lines.
    line = (
        f"{stamp_written(when)}\t{ip or '-'}\t{client or '-'}\t{partner or '-'}\t{server or '-'}\t{server_ip or '-'}\t{recipient or '-'}\t{event}"
        f"\t{name or '-'}\t{_number(priority)}\t{_number(status)}\t{_number(size)}\t{_number(number)}\t{_begun(begun)}\t{_number(encryption)}"
        f"\t{version or '-'}\t{linked or '-'}\t{subject or '-'}\t{sender or '-'}"
    )
    if line.count("\t") == len(COLUMNS) - 1 and "\n" not in line and "\r" not in line:
        return line
    return "\t".join([stamp_written(when), *map(_field, row[1:])])


@lru_cache(maxsize=256)
def stamp_written(when: datetime) -> str:
    """The first two fields of a row."""
    return stamped(time_written(when))


def stamped(written: str) -> str:
    """A time that is written already, as the first two columns have it."""
    return written.replace(" ", "\t", 1)


def _number(value: int | None) -> str:
    return "-" if value is None else str(value)


def _begun(value: datetime | str) -> str:
    return time_written(value) if isinstance(value, datetime) else value or "-"


def _field(value: object) -> str:
    if isinstance(value, datetime):
        return time_written(value)
    return "-" if value is None or value == "" else plain(str(value))


_ENDS = str.maketrans("\t\r\n", "   ")


def plain(text: str) -> str:
    """A text without what would end a field or a line."""
    return text.translate(_ENDS) if "\t" in text or "\n" in text or "\r" in text else text
