"""Reading a real message tracking log, of Exchange 2000 or 2003, into the same rows as those of a run.

Source: C6, K14, K15, K20, K21, T167, T168.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path

from mailflow.facts.kinds import misfit
from mailflow.facts.mistake import Mistake
from mailflow.tools.tracking_rows import COLUMNS, Damage, TrackingLog, TrackingRow

__all__ = ["TrackingLogError", "read_tracking_log"]

EXTRA = 1
"""So many fields more than its header names may a row have (Source: K21, T168)."""

NEEDED = ("date", "time", "eventid", "msgid")
_DATE = re.compile(r"([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})")
_TIME = re.compile(r"([0-9]{1,2}):([0-9]{1,2}):([0-9]{1,2})(?: GMT)?")
_NUMBER = re.compile(r"-?[0-9]{1,18}")


class TrackingLogError(Mistake, ValueError):
    """A text that is no tracking log at all. Says where it came from, what is missing and what to give instead.

    Example:
        >>> import mailflow
        >>> mailflow.read_tracking_log("missing.log")
        Traceback (most recent call last):
            ...
        mailflow.tools.tracking_reader.TrackingLogError: missing.log: cannot be read (No such file or directory); give the path of a file such as 20031006.log
    """


def read_tracking_log(source: str | os.PathLike[str]) -> TrackingLog:
    r"""Read a tracking log from the path of its file, or from its text.

    Columns are found by the names in the header, in any order and in capitals or not; those that are missing stay empty. A row may have one field
    more than the header. A line that is damaged is left out and named in ``damaged``; all others are kept. Times are in UTC.

    Example:
        >>> import mailflow
        >>> log = mailflow.read_tracking_log("#Date\tTime\tEvent-ID\tMSGID\n2002-2-6\t16:50:23\t1027\ta@b.example\noops\n")
        >>> [(str(row.when), row.event, row.message_id) for row in log]
        [('2002-02-06 16:50:23+00:00', 1027, 'a@b.example')]
        >>> [str(item) for item in log.damaged]
        ['line 3: 1 field instead of 4']

    Raises:
        TrackingLogError: the file cannot be read, or no line names the columns.
    """
    if not isinstance(source, (str, os.PathLike)):
        raise TrackingLogError(
            misfit("read_tracking_log", source, "path or text", "give the path of a file such as 20031006.log")
        )
    if isinstance(source, str) and ("\n" in source or source.startswith("#")):
        return _read(source, "Tracking log")
    return _read(_content(source), os.fspath(source))


def _content(source: str | os.PathLike[str]) -> str:
    try:
        data = Path(source).read_bytes()
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        raise TrackingLogError(
            f"{os.fspath(source)}: cannot be read ({reason}); give the path of a file such as 20031006.log"
        ) from error
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return data.decode("utf-16", "replace")
    if 0 in data[:2]:  # a header begins with #, so its other byte tells the order
        return data.decode("utf-16-be" if data[0] == 0 else "utf-16-le", "replace")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1252", "replace")


def _read(text: str, place: str) -> TrackingLog:
    reader = _Reader()
    rows = tuple(reader.rows(text))
    if not reader.columns:
        raise TrackingLogError(
            f"{place}: no line names the columns {', '.join(COLUMNS[:3])} and so on; give a message tracking log of Exchange 2000 or 2003"
        )
    return TrackingLog(place, lambda: iter(rows), tuple(reader.damaged))


class _Damaged(ValueError):
    """What is wrong with a line."""


class _Reader:
    """Goes over the lines of a file. ``columns`` are the names that hold for the next row, as they are compared."""

    def __init__(self) -> None:
        self.columns: tuple[str, ...] = ()
        self.damaged: list[Damage] = []
        self.known: dict[str, str] = {}

    def rows(self, text: str) -> Iterator[TrackingRow]:
        for number, line in enumerate(text.split("\n"), 1):
            line = line.removesuffix("\r")
            if line.strip() and not self._is_header(line):
                try:
                    yield self._row(line)
                except _Damaged as error:
                    self.damaged.append(Damage(number, str(error)))

    def _is_header(self, line: str) -> bool:
        names = tuple(_compared(name) for name in line.removeprefix("#").split("\t"))
        if set(NEEDED) <= set(names):
            self.columns = names
            return True
        return line.startswith("#")

    def _row(self, line: str) -> TrackingRow:
        if not self.columns:
            raise _Damaged("stands above the names of the columns")
        fields = line.split("\t")
        if not len(self.columns) <= len(fields) <= len(self.columns) + EXTRA:
            count = "1 field" if len(fields) == 1 else f"{len(fields)} fields"
            raise _Damaged(f"{count} instead of {len(self.columns)}")
        found = dict(zip(self.columns, fields, strict=False))
        return TrackingRow(
            when=_moment(found["date"], found["time"]),
            client_ip=self._text(found, "clientip"),
            client_name=self._text(found, "clienthostname"),
            partner=self._text(found, "partnername"),
            server=self._text(found, "serverhostname"),
            server_ip=self._text(found, "serverip"),
            recipient=self._text(found, "recipientaddress"),
            event=_event(found["eventid"]),
            message_id=self._text(found, "msgid"),
            priority=_number(found, "priority"),
            report_status=_number(found, "recipientreportstatus"),
            total_bytes=_number(found, "totalbytes"),
            recipients=_number(found, "numberrecipients"),
            originated=_originated(self._text(found, "originationtime")),
            encryption=_number(found, "encryption"),
            version=self._text(found, "serviceversion"),
            linked_id=self._text(found, "linkedmsgid"),
            subject=self._text(found, "messagesubject"),
            sender=self._text(found, "senderaddress"),
        )

    def _text(self, found: Mapping[str, str], name: str) -> str:
        """A text; one that comes again takes no memory again."""
        text = found.get(name, "")
        return "" if text == "-" else self.known.setdefault(text, text)


def _compared(name: str) -> str:
    return name.strip().replace("-", "").replace(" ", "").lower()


def _moment(day: str, time: str) -> datetime:
    date, clock = _DATE.fullmatch(day.strip()), _TIME.fullmatch(time.strip())
    if date is None or clock is None:
        raise _Damaged(f"no date and time: {_shown(day)}, {_shown(time)}")
    year, month, date_, hour, minute, second = map(int, (*date.groups(), *clock.groups()))
    try:
        return datetime(year, month, date_, hour, minute, second, tzinfo=UTC)
    except ValueError as error:
        raise _Damaged(f"no date and time: {_shown(day)}, {_shown(time)}") from error


def _originated(text: str) -> datetime | str:
    """A point in time, as real files have it; a duration, as the Knowledge Base says, stays a text (Source: C6, T167)."""
    day, _, time = text.partition(" ")
    try:
        return _moment(day, time)
    except _Damaged:
        return text


def _event(text: str) -> int:
    if not text.strip().isascii() or not text.strip().isdigit() or len(text) > 9:
        raise _Damaged(f"no event number: {_shown(text)}")
    return int(text)


def _number(found: Mapping[str, str], name: str) -> int | None:
    text = found.get(name, "").strip()
    if text in ("", "-"):
        return None
    if not _NUMBER.fullmatch(text):
        raise _Damaged(f"no number in {name}: {_shown(text)}")
    return int(text)


def _shown(text: str) -> str:
    return repr(text if len(text) <= 40 else f"{text[:40]}…")
