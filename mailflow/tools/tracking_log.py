"""The message tracking log of a server, made from the trace of a run.

Source: K5, K14, K18, K19, K20, K29, T162, T164, T167, O-10.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from datetime import datetime, timedelta
from operator import itemgetter
from typing import TYPE_CHECKING

from mailflow.facts import rule
from mailflow.facts.kinds import need, need_server
from mailflow.facts.mistake import InputError
from mailflow.tools.tracking_rows import TrackingLog, row_of
from mailflow.tools.tracking_walk import Walk
from mailflow.trace import Trace
from mailflow.trace.clock import START

if TYPE_CHECKING:
    from mailflow.trace.described import TrackingData

__all__ = ["TrackingLog", "tracking_log"]


def tracking_log(trace: Trace, server: str, at: int = -1) -> TrackingLog:
    """The message tracking log that a server has after a step of a trace.

    A server that is not told to does not track: switch it on with ``message_tracking=True`` before the run, as a log can only tell what
    was recorded at the time (K3, K13). Rows go on beyond the categorizer, as those of Exchange 2003 do (K12, T163). They are made one
    after the other as somebody reads them.

    What no document says is inferred here: that a client stands in the row with which a message arrives, and the other host of a
    transfer as the partner; that a mailbox stands in its directory form, made of the names of organization and mailbox, until the
    message is categorized, and a contact in the form of its target address from there on. The size is that of the message as its
    sender made it, without the lines that servers write on top, and ``Encryption`` is always 0 (K19, T165, T167).

    Example:
        >>> import mailflow
        >>> organization = mailflow.reconfigure(mailflow.load("one server"), "LON01", message_tracking=True)
        >>> message = mailflow.Message.write("anna@contoso.com", "ben@contoso.com", subject="Lunch?")
        >>> trace = mailflow.Scenario(organization).send(message).run()
        >>> [row.event for row in mailflow.tracking_log(trace, "LON01")]
        [1027, 1019, 1025, 1024, 1033, 1036, 1023, 1028]

    Raises:
        ValueError: no such server, or one that does not track messages.
        IndexError: there is no such step.
    """
    need("tracking_log", trace, Trace, "trace", "give what a scenario's .run() returned")
    settings = _settings(trace, server)
    last = trace.number(at) if len(trace) else -1

    def lines() -> Iterator[str]:
        return _lines(trace, server, settings, last)

    return TrackingLog(f"Message tracking log of {server}", lambda: map(row_of, lines()), lines=lines)


def tracked(trace: Trace) -> dict[str, bool]:
    """Each server of the organization, and whether it tracks messages (Source: K3)."""
    return {item["name"]: "tracking" in item for item in trace.organization["servers"]}


def _settings(trace: Trace, server: str) -> TrackingData:
    servers = {item["name"]: item for item in trace.organization["servers"]}
    need_server(server, servers)
    if "tracking" in servers[server]:
        return servers[server]["tracking"]
    remedy = f'mailflow.reconfigure(organization, "{server}", message_tracking=True)'
    raise InputError(f"{server} does not track messages; switch it on before the run: {remedy}")


@rule
def kept_from(last: datetime, days: int | None) -> datetime | None:
    """Files that are older than the number of days are removed: the first day that is still there, None for all of them.

    Source: K7, K9.
    """
    return (
        None if days is None else datetime(last.year, last.month, last.day, tzinfo=last.tzinfo) - timedelta(days=days)
    )


def _lines(trace: Trace, server: str, settings: TrackingData, last: int) -> Iterator[str]:
    records = trace.records
    now = _moment(records[last][0]) if records else START
    kept = kept_from(now, settings["days"])
    first = 0 if kept is None else bisect_left(records, (kept - START).total_seconds(), key=itemgetter(0))
    return Walk(trace, server, subjects=settings["subjects"]).lines(records, first, last + 1)


def _moment(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)
