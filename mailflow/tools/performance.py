"""Performance counters of a server as series over time, their documented limits, and the monitor that watches a queue grow.

Source: K59, K60, K89, K90, T6.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal, NamedTuple

from mailflow.facts import rule
from mailflow.facts.kinds import need_server
from mailflow.facts.mistake import InputError
from mailflow.facts.words import counted
from mailflow.tools.listing import Listing
from mailflow.trace import State, Trace
from mailflow.transport import places

__all__ = ["COUNTERS", "LIMITS", "Counters", "Limit", "Verdict", "counters", "growth_alarms", "verdict"]

Verdict = Literal["fine", "warning", "error", ""]
"""What a limit says of a value; empty where no document does."""

CATEGORIZER = r"SMTP Server\Categorizer Queue Length"
LOCAL = r"SMTP Server\Local Queue Length"
REMOTE = r"SMTP Server\Remote Queue Length"
CLIENT_OUT = r"Epoxy\Client Out Queue Length"
STORE_OUT = r"Epoxy\Store Out Queue Length"
FILES = "files in the Queue folder"
COUNTERS: Final = (CATEGORIZER, LOCAL, REMOTE, CLIENT_OUT, STORE_OUT)
"""The counters that this model has (Source: K90, T6)."""


class Limit(NamedTuple):
    """From where on a value is a warning or an error, by a document: fine below ``fine``, an error above ``error``."""

    fine: int
    error: int | None
    warning: int | None = None


LIMITS: Final = {
    CATEGORIZER: Limit(10, 10),
    LOCAL: Limit(1000, 1000),
    REMOTE: Limit(1000, 1000),
    CLIENT_OUT: Limit(50, None),
    FILES: Limit(50_000, 90_000 - 1, 50_000),
}
"""The published limits. For the value of a limit itself none says anything, but for the number of files (Source: K89, K90, T17)."""


@rule
def verdict(counter: str, value: float) -> Verdict:
    """Fine below the limit of a counter, an error above it. The value of the limit itself is not documented, nor what has no limit.

    Source: K89, K90, T17.
    """
    limit = LIMITS.get(counter)
    if limit is None:
        return ""
    if limit.error is not None and value > limit.error:
        return "error"
    if limit.warning is not None and value >= limit.warning:
        return "warning"
    return "fine" if value < limit.fine else ""


def _told(counter: str, value: float) -> str:
    """The verdict in words, also where documents give none."""
    limit = LIMITS.get(counter)
    otherwise = f"not below {limit.fine}, as is normal; no document says more" if limit else "no limit documented"
    return verdict(counter, value) or otherwise


@rule
def growth_alarms(numbers: Sequence[float], minutes: int) -> list[int]:
    """A growth monitor counts the minutes since a number last fell, and raises an alarm after so many: also for one message that is stuck.

    An empty queue raises none, which is inferred.

    Source: K59, K60.
    Sure: inferred.
    """
    since, found = 0, []
    for number, value in enumerate(numbers):
        since = 0 if not number or value < numbers[number - 1] or not value else since + 1
        if since >= minutes:
            found.append(number)
    return found


@dataclass(frozen=True, slots=True)
class Counters:
    """Series of counters of one server: ``times`` in seconds, and a value for each of them by the name of the counter."""

    server: str
    times: tuple[float, ...]
    series: dict[str, tuple[int, ...]]

    def __getitem__(self, counter: str) -> tuple[int, ...]:
        if counter not in self.series:
            raise KeyError(f"no counter {counter!r}; there is {', '.join(self.series)}")
        return self.series[counter]

    def percentile(self, counter: str, share: float = 90) -> int:
        """The value that so many per cent of the samples do not exceed; the pages ask for 90 (Source: K89)."""
        values = sorted(self[counter])
        return values[max(0, -(-len(values) * int(share) // 100) - 1)]

    @property
    def listing(self) -> Listing:
        """For each counter its largest value, the 90th percentile, and what the limit says of the largest."""
        rows = tuple(
            (name, str(max(values)), str(self.percentile(name)), _told(name, max(values)))
            for name, values in self.series.items()
        )
        return Listing(
            f"Counters of {self.server}, {counted(len(self.times), 'sample')}",
            ("Counter", "Maximum", "90 %", "Verdict"),
            rows,
        )

    def __str__(self) -> str:
        return str(self.listing)

    def __repr__(self) -> str:
        return self.listing.title

    def _repr_html_(self) -> str:
        return self.listing._repr_html_()


def counters(trace: Trace, server: str, *, every: float = 30.0, until: float | None = None) -> Counters:
    r"""Sample the counters of a server, every 30 seconds unless you say otherwise, from the start to the end of a trace.

    Example:
        >>> import mailflow
        >>> from mailflow.tools import counters
        >>> message = mailflow.Message.write("anna@contoso.com", "carla@contoso.com")
        >>> trace = mailflow.Scenario(mailflow.load("two servers")).fail("LON02").send(message).run(until=90)
        >>> counters(trace, "LON01")["SMTP Server\\Remote Queue Length"]
        (0, 1, 1)

    Args:
        every: seconds between two samples.
        until: the last second; by default that of the last event.

    Raises:
        ValueError: no such server, or no time between two samples.
    """
    known = [item["name"] for item in trace.organization["servers"]]
    need_server(server, known)
    if every <= 0:
        raise InputError(f"every={every!r}: give a number of seconds above 0")
    end = until if until is not None else (trace.records[-1][0] if len(trace) else 0.0)
    times = [number * every for number in range(int(end // every) + 1)]
    found: dict[str, list[int]] = {name: [] for name in COUNTERS}
    now, due = dict.fromkeys(COUNTERS, 0), 0
    for state in trace.states():
        while due < len(times) and times[due] < state.time:
            due = _sampled(found, now, due)
        now = _values(state, server)
    while due < len(times):
        due = _sampled(found, now, due)
    return Counters(server, tuple(times), {name: tuple(values) for name, values in found.items()})


def _sampled(found: dict[str, list[int]], now: dict[str, int], due: int) -> int:
    for name, value in now.items():
        found[name].append(value)
    return due + 1


def _values(state: State, server: str) -> dict[str, int]:
    held = {place: len(mails) for place, mails in state.queues(server).items()}
    return {
        CATEGORIZER: held.get(places.AWAITING_LOOKUP, 0),
        LOCAL: held.get(places.LOCAL_DELIVERY, 0),
        REMOTE: sum(number for place, number in held.items() if places.part_of(place) == "link"),
        CLIENT_OUT: held.get(places.CLIENT_OUT, 0),
        STORE_OUT: held.get(places.STORE_OUT, 0),
    }
