"""A day of mail on one way: every priority, size and hour, and a report. What gets through all of it is open."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import NamedTuple

from mailflow.course.probes import DAY, HOUR, ends, letter, needs, sent_by_people, visits, with_people
from mailflow.names import message_of
from mailflow.organization import Organization
from mailflow.organization.model import Mailbox, Priority
from mailflow.simulation import Parameters, Scenario
from mailflow.trace import Trace
from mailflow.trace.clock import time_of_day
from mailflow.trace.effects import Ended

FULL = "full"
"""Somebody whose mailbox is full: what is for them comes back, as a report."""
SMALL, LARGE, HUGE = 0, 3_000, 7_000
"""Attachments, in KB. The largest is just below the limit that ready-made organizations have for everybody."""
PROMPT = 600.0
"""Mail that nothing holds up is there after so many seconds, even if a line fails at first."""


class Way(NamedTuple):
    """Mail from somebody to somebody that a probe sends; with a client it enters by SMTP, at this server or by MX records."""

    sender: str
    to: str
    client: str = ""
    server: str = ""


class Posted(NamedTuple):
    """One message of a day of mail: when it was sent, in seconds, and what it is, for a learner."""

    at: float
    what: str


def day_of_mail(
    organization: Organization,
    way: Way,
    *,
    failing: str = "",
    largest: int = HUGE,
    parameters: Parameters | None = None,
) -> tuple[Trace, dict[str, Posted]]:
    """A day with mail of every priority, size and hour on one way, and a report; each message of it by its name.

    The report answers what the recipient wrote to `FULL`, on the sender's server.
    """
    scenario = Scenario(organization, parameters=parameters or Parameters())
    if failing:
        scenario.fail(failing)
    posted = sorted(_plan(largest))
    for at, size, priority in posted:
        message = letter(way.sender, way.to, size, priority)
        if way.client:
            scenario.send(message, at=at, by="smtp", server=way.server or None, client=way.client)
        else:
            scenario.send(message, at=at)
    scenario.send(letter(way.to, f"{FULL}@{organization.domain}"), at=7 * HOUR)
    trace = scenario.run(until=DAY + PROMPT)
    names = sorted(sent_by_people(trace), key=lambda name: int(name[1:]))
    own = [name for name in names if trace.messages[name]["recipients"] == [way.to]]
    told = {
        name: Posted(at, f"mail of {size:,} KB" if size else f"mail of {priority} priority")
        for name, (at, size, priority) in zip(own, posted, strict=True)
    }
    reports = [name for name, data in trace.messages.items() if data["kind"] == "delivery status notification"]
    return trace, told | {name: Posted(7 * HOUR, "a report") for name in reports}


def _plan(largest: int) -> Iterator[tuple[float, int, Priority]]:
    """When mail of a day is sent, in seconds, its size in KB, and its priority: small and large every hour, the others some times."""
    for hour in range(24):
        yield hour * HOUR + 60, SMALL, "normal"
        yield hour * HOUR + 1800, min(LARGE, largest), "normal"
        if hour % 8 == 0:
            yield from ((hour * HOUR + 900, SMALL, "high"), (hour * HOUR + 2700, SMALL, "low"))
    yield 6 * HOUR + 900, largest, "normal"


def carried(
    organization: Organization,
    way: Way,
    *,
    failing: str = "",
    largest: int = HUGE,
    parameters: Parameters | None = None,
) -> dict[str, list[str]]:
    """See that all mail of a day gets through on one way within minutes, and answer with the servers that each message passed.

    Raises:
        Objection: some does not.
    """
    trace, posted = day_of_mail(organization, way, failing=failing, largest=largest, parameters=parameters)
    arrived = _arrivals(trace)
    with_it = f"With {failing} down, " if failing else ""
    needs(any(item.what == "a report" for item in posted.values()), f"{with_it}{way.to} gets no reports any more.")
    for name, (at, what) in posted.items():
        late = arrived.get(name, DAY * 2) - at > PROMPT
        state = next(
            (state for state, _ in ends(trace, name).values() if state not in ("delivered", "relayed")), "late"
        )
        whose = f" from {way.sender}" if what != "a report" else ""
        sentence = f"{with_it}{what}{whose} to {way.to}, sent at {time_of_day(at)}, is {state}."
        needs(not late, sentence[0].upper() + sentence[1:])
    return {name: way for name, way in visits(trace).items() if name in posted}


def _arrivals(trace: Trace) -> dict[str, float]:
    """When each message came to its end, with the last of its recipients, in seconds; of those that arrived."""
    found: dict[str, float] = {}
    for record in trace.records:
        for effect in record[6]:
            if isinstance(effect, Ended) and effect.state in ("delivered", "relayed"):
                found[message_of(effect.mail)] = record[0]
    return found


def with_full(organization: Organization, server: str) -> Organization:
    """The organization with `FULL` on this server."""
    made = with_people(organization, **{FULL: server})
    *others, full = made.recipients
    assert isinstance(full, Mailbox)
    return replace(made, recipients=(*others, replace(full, quota_kb=0, used_kb=1)))
