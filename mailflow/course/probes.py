"""How judges look at an attempt: they run it, and run it again with other seeds, people, servers and failures."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import lru_cache
from typing import NamedTuple

from mailflow.messages import Message
from mailflow.names import MessageId, message_of
from mailflow.organization import Organization, load
from mailflow.organization.model import Mailbox, Priority
from mailflow.simulation import Parameters, Scenario
from mailflow.trace import Trace
from mailflow.trace.effects import Ended, Moved, ServiceState

DAY, HOUR = 86_400.0, 3_600.0
SEEDS = (0, 1, 2)
"""Other seeds: what holds for a single one was luck."""


class Objection(Exception):
    """Why an attempt does not solve its task, as a sentence for the learner."""


def needs(holds: object, otherwise: str) -> None:
    """Go on if this holds.

    Raises:
        Objection: it does not.
    """
    if not holds:
        raise Objection(otherwise)


def only_in(organization: Organization, name: str) -> None:
    """See that an attempt is about a ready-made organization as it comes.

    Raises:
        Objection: it is about another one, or that one was changed.
    """
    needs(
        organization == load(name), f"This is about mailflow.load({name!r}) as it comes. Yours is another organization."
    )


def only_connectors(organization: Organization, name: str) -> None:
    """See that an attempt is about a ready-made organization of which nothing but connectors differs.

    Raises:
        Objection: something else does.
    """
    usual = load(name)
    needs(
        replace(organization, connectors=usual.connectors) == usual,
        f"Change connectors of mailflow.load({name!r}) and nothing else: servers, people and routing groups stay as they are.",
    )


def replayed(
    scenario: Scenario, *, organization: Organization | None = None, seed: int | None = None, leave_out: str = ""
) -> Scenario:
    """The same script in another organization, with another seed, or without the verbs of one word."""
    made = Scenario(
        organization or scenario.organization,
        seed=scenario.seed if seed is None else seed,
        parameters=scenario.parameters,
    )
    for action in scenario.script:
        if action.verb.word != leave_out:
            made.act(action.verb, at=action.at)
    return made


def runs(scenario: Scenario, until: float = DAY) -> Iterator[Trace]:
    """The run itself, then the runs with other seeds."""
    yield scenario.run(until=until)
    for seed in SEEDS:
        if seed != scenario.seed:
            yield replayed(scenario, seed=seed).run(until=until)


def sent_by_people(trace: Trace) -> list[MessageId]:
    """The messages that somebody sent: no report and no copy for an archive."""
    return [MessageId(name) for name, data in trace.messages.items() if data["kind"] == "message"]


def ends(trace: Trace, message: str) -> dict[str, tuple[str, str]]:
    """The state and detail of each recipient of a message, by address in lower case."""
    return {address.lower(): (state, detail) for address, state, detail in trace.status().get(message, ())}


def first_server(trace: Trace, message: str) -> str:
    """The server of the organization that had a message first; empty when none had it."""
    servers = {item["name"] for item in trace.organization["servers"]}
    return next((event.server for event in trace if event.message == message and event.server in servers), "")


def passed(trace: Trace, message: str = "m1") -> list[str]:
    """The servers of the organization on which a message lay, each visit, in order."""
    return visits(trace).get(message, [])


def visits(trace: Trace) -> dict[str, list[str]]:
    """For each message the servers of the organization on which it lay, each visit, in order."""
    servers = {item["name"] for item in trace.organization["servers"]}
    found: dict[str, list[str]] = {}
    for _, server, _, _, mail, place, effects, _ in trace.records:
        seen = [(mail, str(server))] if place else []
        seen += [(item.mail, str(item.server)) for item in effects if isinstance(item, Moved)]
        for which, name in seen:
            way = found.setdefault(message_of(which), [])
            if name in servers and way[-1:] != [name]:
                way.append(name)
    return found


def services_stopped(trace: Trace) -> list[str]:
    """The services that stopped in a run, such as "SMTP on LON02", in order."""
    effects = (effect for record in trace.records for effect in record[6])
    return [f"{item.service} on {item.server}" for item in effects if isinstance(item, ServiceState) and not item.up]


def connectors_used(trace: Trace, message: str = "m1") -> list[str]:
    """The connectors that the routing engines chose for a message, in order."""
    chosen = (
        event.values["connector"] for event in trace if event.step.key == "queuing.routed" and event.message == message
    )
    return [str(name) for name in dict.fromkeys(chosen) if name]


def groups_passed(trace: Trace, message: str = "m1") -> list[str]:
    """The routing groups that a message passed, each visit, in order."""
    group_of = {item["name"]: item["routing_group"] for item in trace.organization["servers"]}
    found: list[str] = []
    for server in passed(trace, message):
        if not found or found[-1] != group_of[server]:
            found.append(group_of[server])
    return found


def with_people(organization: Organization, **servers: str) -> Organization:
    """The organization with somebody new on each of these servers; ``newcomer="SEA01"`` is newcomer@ its domain."""
    made = tuple(
        Mailbox(name=name, display_name=name.title(), server=server, store=organization.server[server].mailbox_stores[0].name,
                addresses=(f"{name}@{organization.domain}",))
        for name, server in servers.items()
    )  # fmt: skip
    return replace(organization, recipients=(*organization.recipients, *made))


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
        sentence = f"{with_it}{what}{whose} to {way.to}, sent at {clock(at)}, is {state}."
        needs(not late, sentence[0].upper() + sentence[1:])
    return {name: way for name, way in visits(trace).items() if name in posted}


def clock(seconds: float) -> str:
    """The time of day of a moment of a run, which begins at nine."""
    minutes = int(9 * 60 + seconds // 60)
    return f"{minutes // 60 % 24:02}:{minutes % 60:02}"


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


def letter(sender: str, to: str | Iterable[str], kb: int = 0, priority: Priority = "normal") -> Message:
    """A message for a probe, of a given size in KB."""
    return _letter(sender, (to,) if isinstance(to, str) else tuple(to), kb, priority)


@lru_cache(maxsize=64)
def _letter(sender: str, to: tuple[str, ...], kb: int, priority: Priority) -> Message:
    """Probes send the same messages again and again, and a large one takes a while to write."""
    attached = {"probe.bin": kb * 1024} if kb else None
    return Message.write(sender, to, subject="Probe", attachments=attached, priority=priority)
