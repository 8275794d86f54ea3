"""How judges look at an attempt: they run it, and run it again with other seeds, people, servers and failures."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import lru_cache

from mailflow.messages import Message
from mailflow.names import MessageId, message_of
from mailflow.organization import Organization, load
from mailflow.organization.model import Mailbox, Priority
from mailflow.simulation import Scenario
from mailflow.trace import Trace
from mailflow.trace.effects import Moved, ServiceState

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


def letter(sender: str, to: str | Iterable[str], kb: int = 0, priority: Priority = "normal") -> Message:
    """A message for a probe, of a given size in KB."""
    return _letter(sender, (to,) if isinstance(to, str) else tuple(to), kb, priority)


@lru_cache(maxsize=64)
def _letter(sender: str, to: tuple[str, ...], kb: int, priority: Priority) -> Message:
    """Probes send the same messages again and again, and a large one takes a while to write."""
    attached = {"probe.bin": kb * 1024} if kb else None
    return Message.write(sender, to, subject="Probe", attachments=attached, priority=priority)
