"""Who is on a map: the organization, whoever takes part of the world outside, and who talks to whom."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from mailflow.plain import Plain
from mailflow.trace import Trace
from mailflow.trace.telling import step_of
from mailflow.transport.tellings_smtp import MxAsked

if TYPE_CHECKING:
    from mailflow.trace.described import ConnectorData, OrganizationData

OUTSIDE = "Outside"
"""The title of the frame around the hosts outside."""

REPLY = step_of(MxAsked).fields.index("reply")

Place = tuple[float, float]


@dataclass(frozen=True, repr=False, eq=False)
class Cast(Plain):
    """What a map shows. ``talks`` are the pairs of names that a session of the run joins, in the direction of its events.

    ``groups`` has the servers of each routing group, ``outside`` the hosts and clients outside that take part, and the hosts
    that DNS names: which of them takes part is no secret that the map may tell before.
    """

    groups: Mapping[str, tuple[str, ...]]
    connectors: tuple[ConnectorData, ...]
    outside: tuple[str, ...]
    talks: tuple[tuple[str, str], ...]
    places: Mapping[str, Mapping[str, Place]] = field(default_factory=dict)


def cast_of(*traces: Trace) -> Cast:
    """Who is on the map of a trace, or of several traces of one organization."""
    organization = traces[0].organization
    groups: dict[str, list[str]] = {item["name"]: [] for item in organization["routing_groups"]}
    for server in organization["servers"]:
        groups.setdefault(server["routing_group"], []).append(server["name"])
    return Cast(
        {name: tuple(members) for name, members in groups.items()},
        tuple(organization["connectors"]),
        tuple(dict.fromkeys(name for trace in traces for name in _outside(trace))),
        tuple(dict.fromkeys(pair for trace in traces for pair in _talks(trace))),
        traces[0].positions,
    )


def _outside(trace: Trace) -> list[str]:
    organization = trace.organization
    inside = {item["name"] for item in organization["servers"]}
    active = {str(server) for _, server, *_ in trace.records} - inside - {""}
    named = {value for _, _, _, values, *_ in trace.records for value in values if isinstance(value, str)}
    replies = (str(values[REPLY]) for _, _, kind, values, *_ in trace.records if kind is MxAsked)
    asked = {name for reply in replies for name in exchangers(reply)}
    hosts = [item["name"] for item in organization["external_hosts"]]
    others = (active | asked) - {*hosts, *inside}
    return [*(name for name in hosts if name in active | named | asked), *sorted(others)]


def exchangers(reply: str) -> dict[str, int]:
    """The hosts that a reply to a question for MX records names, each with its preference."""
    pairs = (record.partition(" ") for record in reply.split(", "))
    return {name: int(preference) for preference, _, name in pairs if preference.isdecimal()}


def server_names(organization: OrganizationData) -> dict[str, str]:
    """The name of each server by its FQDN in lower case, which is how the other side of a session knows it."""
    return {item["fqdn"].lower(): item["name"] for item in organization["servers"]}


def _talks(trace: Trace) -> list[tuple[str, str]]:
    known = server_names(trace.organization)
    found: dict[tuple[str, str], None] = {}
    for _, server, kind, values, *_ in trace.records:
        names = step_of(kind).fields
        if "peer" in names:
            peer = str(values[names.index("peer")])
            found[str(server), known.get(peer.lower(), peer)] = None
    return [pair for pair in found if all(pair) and pair[0] != pair[1]]
