"""What a trace says of the world around its events, as the plain data of its JSON: the shape that every reader relies on.

Tuples stand for lists of a fixed shape: a trace that was read from JSON has lists there.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final, Literal, NotRequired, TypedDict, get_args

from mailflow.names import MailId, Place, RuleName, ServerName
from mailflow.trace.telling import StepData

__all__ = [
    "ConnectorData",
    "EntryData",
    "HostData",
    "LinkStateData",
    "MessageData",
    "OrganizationData",
    "RoutingData",
    "RoutingGroupData",
    "RuleData",
    "ServerData",
    "SettingsData",
    "SpaceData",
    "TraceData",
    "TrackingData",
    "VirtualServerData",
]

Availability = Literal["CONN_AVAIL", "CONN_NOT_AVAIL", "VS_NOT_STARTED"]
"""Whether a bridgehead can use its connector (Source: R50, R52)."""

AVAILABILITIES: Final[tuple[Availability, ...]] = get_args(Availability)


class SpaceData(TypedDict):
    """One address space of a connector; without a ``type`` an SMTP one."""

    pattern: str
    cost: int
    type: NotRequired[str]


class SettingsData(TypedDict, total=False):
    """Settings of a connector that differ from their default and have no place of their own."""

    settings: dict[str, object]


# What may be missing stands in a base: `__required_keys__` is read at run time, where NotRequired is but a text.
class ConnectorData(SettingsData):
    """One connector (Source: R20)."""

    name: str
    kind: str
    routing_group: str
    to: list[str]
    cost: int
    address_spaces: list[SpaceData]
    local_bridgeheads: list[str]
    remote_bridgeheads: list[str]
    smart_host: str


class RoutingGroupData(TypedDict):
    """One routing group and its master."""

    name: str
    master: str


class VirtualServerData(TypedDict):
    """One virtual server; ``max_message_kb`` is None where it has no limit."""

    name: str
    smart_host: str
    max_message_kb: int | None


class TrackingData(TypedDict):
    """How a server tracks messages: with subjects or without, and for how many days its log files stay; None for ever."""

    subjects: bool
    days: int | None


class ServerData(TypedDict):
    """One server; without a ``product`` it runs Exchange 2003. ``smart_host`` is that of its default virtual server.
    ``virtual_servers``, the default one first, stand here when there is more to know of them than that. ``own_domain`` says that a
    recipient policy has its FQDN as a domain. Without ``tracking`` it does not track messages.
    """

    name: str
    fqdn: str
    ip: str
    routing_group: str
    role: str
    stores: list[str]
    product: NotRequired[str]
    check_connector_restrictions: NotRequired[bool]
    smart_host: NotRequired[str]
    virtual_servers: NotRequired[list[VirtualServerData]]
    own_domain: NotRequired[bool]
    tracking: NotRequired[TrackingData]


class HostData(TypedDict):
    """One host outside, and the domains that it accepts mail for."""

    name: str
    ip: str
    accepts: list[str]


class RoutingData(TypedDict, total=False):
    """What somebody must know to decide again as a run decided. ``senders`` are names by address."""

    senders: Mapping[str, Sequence[str]]
    no_route_waits: bool
    unmatched_returned: bool


class OrganizationData(RoutingData):
    """The part of an organization that a map of it needs. ``homes`` is the server of each mailbox, by address."""

    name: str
    title: str
    domain: str
    routing_groups: list[RoutingGroupData]
    servers: list[ServerData]
    connectors: list[ConnectorData]
    homes: dict[str, str]
    external_hosts: list[HostData]


class MessageData(TypedDict):
    """What a view shows of one message: envelope, size in bytes, structure, and the start of its source.

    Where somebody tracks, ``ids`` are the Message-IDs that servers gave it, each by the MailMsg that had it first, and ``id`` the one
    that it came with.
    """

    kind: str
    via: str
    sender: str
    recipients: list[str]
    subject: str
    size: int
    priority: str
    format: str
    structure: str
    defects: list[str]
    preview: str
    id: NotRequired[str]
    ids: NotRequired[dict[MailId, str]]


class EntryData(TypedDict):
    """One routing group in a link state table.

    ``members`` are (server, connected), ``connectors`` (name, up, bridgeheads), and bridgeheads (server, availability).
    ``configured`` are the connectors that are not as the organization of the trace has them.
    """

    group: str
    master: str
    version: str
    members: list[tuple[str, bool]]
    connectors: list[tuple[str, bool, list[tuple[str, Availability]]]]
    configured: NotRequired[list[ConnectorData]]


class LinkStateData(TypedDict, total=False):
    """Every entry of a link state table that occurs, by name, and the names that each table starts with; empty in a trace
    that was made from records alone.
    """

    initial: list[str]
    entries: dict[str, EntryData]


class RuleData(TypedDict):
    """One rule of the model, as `mailflow.facts.Rule` has it."""

    title: str
    numbers: Sequence[str]
    sure: str
    qualname: str


EventData = tuple[
    float, ServerName, int, MailId, Place | None, Sequence[object], Sequence[Sequence[object]], *tuple[RuleName, ...]
]
"""time, server, number of the step, MailMsg, place it moves to, values, effects, and the rule where it is not the usual one."""


class TraceData(TypedDict):
    """A whole trace. ``script`` is what `mailflow.simulation.plan.Action` says of itself."""

    format: str
    organization: OrganizationData
    seed: int
    script: Sequence[Mapping[str, object]]
    rules: dict[str, RuleData]
    steps: list[StepData]
    messages: Mapping[str, MessageData]
    link_state: LinkStateData
    events: list[EventData]
