"""Faults and warnings of an organization: does every name lead somewhere, and does it keep to the limits of the
product?
"""

from __future__ import annotations

import ipaddress
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence

from mailflow.facts import rule
from mailflow.facts.closest import closest
from mailflow.organization.model import (
    AnyConnector,
    Contact,
    ExternalHost,
    Group,
    Mailbox,
    Organization,
    QueryGroup,
    RoutingGroup,
    RoutingGroupConnector,
    Server,
    SmtpConnector,
    X400Connector,
)
from mailflow.organization.query import FilterError, parse

FARTHEST = 1000
"""The largest number in a position."""

_WINDOW = re.compile(r"([01]\d|2[0-3]):[0-5]\d-([01]\d|2[0-3]):[0-5]\d")
_DOMAIN = re.compile(r"(?!-)[A-Za-z0-9_-]{1,63}(\.[A-Za-z0-9_-]{1,63})*")


def faults(organization: Organization, *, zones: bool = True) -> list[str]:
    """Everything that keeps the organization from working, one line each: place, what is wrong, what would be right.

    Without ``zones`` their records are not read: for zones that have been read before, because that takes its time.
    """
    return [
        *_names(organization),
        *_policies(organization),
        *(line for server in organization.servers for line in _server(organization, server)),
        *_server_policies(organization),
        *_masters(organization),
        *_mode(organization),
        *(line for connector in organization.connectors for line in _connector(organization, connector)),
        *_recipients(organization),
        *_limits(organization),
        *(_zones(organization) if zones else ()),
        *_hosts(organization),
        *_positions(organization),
    ]


def connector_faults(organization: Organization, connector: AnyConnector) -> list[str]:
    """The faults that one connector would have in an organization."""
    unnamed = [] if connector.name.strip() else ["connector: a name is empty"]
    return [*unnamed, *_connector(organization, connector)]


def limit_faults(organization: Organization) -> list[str]:
    """Where an organization has more servers or connectors than Exchange allows."""
    return list(_limits(organization))


def _unknown(place: str, kind: str, name: str, known: Iterable[str]) -> str:
    names = list(known)
    meant = closest(name, names)
    hint = f'did you mean "{meant}"?' if meant else f"there is {', '.join(names[:8])}" if names else "there is none"
    return f'{place}: no {kind} "{name}"; {hint}'


def _names(organization: Organization) -> Iterator[str]:
    lists: dict[str, Iterable[str]] = {
        "server": (item.name for item in organization.servers),
        "routing group": (item.name for item in organization.routing_groups),
        "connector": (item.name for item in organization.connectors),
        "recipient": (item.name for item in organization.recipients),
        "external host": (item.name for item in organization.external_hosts),
        "server policy": (item.name for item in organization.server_policies),
        "zone": (item.name for item in organization.zones),
    }
    for kind, names in lists.items():
        for name, count in Counter(names).items():
            if count > 1:
                yield f'{kind} "{name}": {count} have this name; names must differ'
            if not name.strip():
                yield f"{kind}: a name is empty"
    if not organization.servers:
        yield "servers: at least one server is needed"
    addresses = Counter(address.lower() for item in organization.recipients for address in item.addresses)
    for address, count in addresses.items():
        if count > 1:
            yield f'recipients: {count} have the address "{address}"; an address belongs to one object (5.1.4 otherwise)'
        if not re.fullmatch(r"[^@\s<>]+@[^@\s<>]+", address):
            yield f'recipients: "{address}" is no address; write name@domain'


@rule
def _policies(organization: Organization) -> Iterator[str]:
    """The primary domain of the first policy must be one the organization is authoritative for.

    Source: T76, T143.
    Sure: documented.
    """
    if not organization.recipient_policies:
        yield "recipient_policies: at least one is needed; its first domain is the default domain"
    for number, policy in enumerate(organization.recipient_policies):
        place = f'recipient policy "{policy.name}"'
        if not policy.domains:
            yield f"{place}.domains: at least one domain is needed"
        elif number == 0 and not policy.domains[0].authoritative:
            yield f"{place}.domains: the primary domain of the first policy must be authoritative"
        for item in policy.domains:
            if not _DOMAIN.fullmatch(item.domain):
                yield f'{place}.domains: "{item.domain}" is no domain name'


def _server_policies(organization: Organization) -> Iterator[str]:
    """Each name leads to a server, and no server has two policies (Source: K2)."""
    holder: dict[str, str] = {}
    for policy in organization.server_policies:
        place = f'server policy "{policy.name}".servers'
        for name in policy.servers:
            if name not in organization.server:
                yield _unknown(place, "server", name, organization.server)
            elif (other := holder.setdefault(name, policy.name)) != policy.name:
                yield f'{place}: "{name}" has the server policy "{other}" already; keep it in one of them'


def _server(organization: Organization, server: Server) -> Iterator[str]:
    place = f'server "{server.name}"'
    if server.routing_group not in organization.routing_group:
        yield _unknown(f"{place}.routing_group", "routing group", server.routing_group, organization.routing_group)
    if server.ip and not is_ip(server.ip):
        yield f'{place}.ip: "{server.ip}" is no IP address'
    if not server.virtual_servers:
        yield f"{place}.virtual_servers: at least one SMTP virtual server is needed"
    yield from _virtual_servers(server, place)
    for item in server.virtual_servers:
        if item.name in {store.name for store in server.mailbox_stores}:
            yield f'{place}.virtual_servers: "{item.name}" is also a mailbox store; names must differ'
    for name, count in Counter(item.name for item in server.mailbox_stores).items():
        if count > 1:
            yield f'{place}.mailbox_stores: {count} are called "{name}"'
    for store in server.mailbox_stores:
        if store.journal_to and not isinstance(organization.recipient.get(store.journal_to), Mailbox):
            mailboxes = [item.name for item in organization.recipients if isinstance(item, Mailbox)]
            yield _unknown(f'{place}, store "{store.name}".journal_to', "mailbox", store.journal_to, mailboxes)


@rule
def _virtual_servers(server: Server, place: str) -> Iterator[str]:
    """Virtual servers of one server differ in name, and in IP address or port; the hop count lies between 10 and 256.

    Source: T24, T25, R118.
    Sure: documented.
    """
    for (ip, port), count in Counter((item.ip, item.port) for item in server.virtual_servers).items():
        if count > 1:
            yield f"{place}.virtual_servers: {count} listen on {ip or 'all addresses'} port {port}; each needs its own IP address and port"
    for name, count in Counter(item.name for item in server.virtual_servers).items():
        if count > 1:
            yield f'{place}.virtual_servers: {count} are called "{name}"; names must differ'
    for item in server.virtual_servers:
        where = f'{place}, virtual server "{item.name}"'
        if item.ip and not is_ip(item.ip):
            yield f'{where}.ip: "{item.ip}" is no IP address'
        if not 1 <= item.port <= 65_535:
            yield f"{where}.port: must be 1 to 65535, is {item.port}"
        if not 10 <= item.max_hop_count <= 256:
            yield f"{where}.max_hop_count: must be 10 to 256, is {item.max_hop_count}"
        if min(item.retry_minutes) <= 0:
            yield f"{where}.retry_minutes: each interval must be at least 1 minute"
    yield from list_faults(server, place)


def list_faults(server: Server, place: str) -> Iterator[str]:
    """What stands on a list of computers of a server and names none."""
    for item in server.virtual_servers:
        for text in (*item.relay_list, *item.allowed_clients, *item.denied_clients):
            numbers = not text.strip("0123456789./")  # 192.0.2.300 is no address, and no domain either
            if not (_is_network(text) or (_DOMAIN.fullmatch(text.removeprefix("*.")) and not numbers)):
                yield f'{place}, virtual server "{item.name}": "{text}" is no IP address, network or domain'


def _masters(organization: Organization) -> Iterator[str]:
    for group in organization.routing_groups:
        names = [item.name for item in organization.members_of(group.name)]
        if group.master and group.master not in names:
            yield _unknown(f'routing group "{group.name}".master', "member", group.master, names)


@rule
def _mode(organization: Organization) -> Iterator[str]:
    """Exchange 5.5 servers exist only in mixed mode. That Exchange 2007 servers need native mode is unconfirmed.

    Source: R7, R130, R134.
    Sure: unconfirmed.
    """
    unfit = "5.5" if organization.mode == "native" else "2007"
    for server in organization.servers:
        if server.product == unfit:
            other = "mixed" if organization.mode == "native" else "native"
            yield f'server "{server.name}".product: "{unfit}" does not fit mode "{organization.mode}"; write mode = "{other}"'


@rule
def _connector(organization: Organization, connector: AnyConnector) -> Iterator[str]:
    """What a connector must have: bridgeheads in the right groups, a cost of 1 to 100, and somewhere to lead.

    Source: R20, R22, R108.
    Sure: documented.
    """
    place = f'connector "{connector.name}"'
    groups = organization.routing_group
    if connector.routing_group not in groups:
        yield _unknown(f"{place}.routing_group", "routing group", connector.routing_group, groups)
        return
    if not 1 <= connector.cost <= 100:
        yield f"{place}.cost: must be 1 to 100, is {connector.cost}"
    yield from _bridgeheads(organization, connector, place)
    for window in (*connector.schedule, *connector.oversize_schedule):
        if not _WINDOW.fullmatch(window):
            yield f'{place}.schedule: "{window}" is no window; write "HH:MM-HH:MM"'
    for name in (*connector.only_from, *connector.not_from):
        if name not in organization.recipient:
            yield _unknown(f"{place}.only_from/not_from", "recipient", name, organization.recipient)
    if isinstance(connector, RoutingGroupConnector):
        return
    for target in connector.connected_routing_groups:
        if target not in groups:
            yield _unknown(f"{place}.connected_routing_groups", "routing group", target, groups)
    if not connector.address_spaces and not connector.connected_routing_groups:
        yield f"{place}: needs an address space or a connected routing group"
    for space in connector.address_spaces:
        if not 1 <= space.cost <= 100:
            yield f'{place}, address space "{space.pattern}".cost: must be 1 to 100, is {space.cost}'


def _bridgeheads(organization: Organization, connector: AnyConnector, place: str) -> Iterator[str]:
    here = [item.name for item in organization.members_of(connector.routing_group)]
    local = (connector.local_bridgehead,) if isinstance(connector, X400Connector) else connector.local_bridgeheads
    for name in local:
        if name not in here:
            yield _unknown(
                f"{place}.local_bridgeheads", f'server in routing group "{connector.routing_group}" called', name, here
            )
    if not isinstance(connector, X400Connector):
        yield from _bridgehead_virtual_servers(organization, connector, local or here, place)
    if isinstance(connector, SmtpConnector):
        if not local:
            yield f"{place}.local_bridgeheads: an SMTP connector needs at least one"
        return
    if isinstance(connector, X400Connector):
        foreign = not connector.connected_routing_groups
        if not foreign and connector.remote_bridgehead not in organization.server:
            yield _unknown(f"{place}.remote_bridgehead", "server", connector.remote_bridgehead, organization.server)
        return
    if connector.to not in organization.routing_group:
        yield _unknown(f"{place}.to", "routing group", connector.to, organization.routing_group)
        return
    if connector.to == connector.routing_group:
        yield f"{place}.to: leads back to its own routing group"
    there = [item.name for item in organization.members_of(connector.to)]
    if not connector.remote_bridgeheads:
        yield f"{place}.remote_bridgeheads: at least one is needed"
    for name in connector.remote_bridgeheads:
        if name not in there:
            yield _unknown(
                f"{place}.remote_bridgeheads", f'server in routing group "{connector.to}" called', name, there
            )


@rule
def _bridgehead_virtual_servers(
    organization: Organization, connector: RoutingGroupConnector | SmtpConnector, local: Sequence[str], place: str
) -> Iterator[str]:
    """A bridgehead of a connector is an SMTP virtual server of one of its local servers.

    Source: R20, R26.
    """
    for server, name in connector.bridgehead_virtual_servers.items():
        if server not in local or server not in organization.server:
            yield _unknown(f"{place}.bridgehead_virtual_servers", "local bridgehead", server, local)
            continue
        known = [item.name for item in organization.server[server].virtual_servers]
        if name not in known:
            yield _unknown(f"{place}.bridgehead_virtual_servers", f"virtual server on {server} called", name, known)


def _recipients(organization: Organization) -> Iterator[str]:
    known = organization.recipient
    for item in organization.recipients:
        place = f'{item.kind} "{item.name}"'
        for name in (*item.accept_from, *item.reject_from):
            if name not in known:
                yield _unknown(f"{place}.accept_from/reject_from", "recipient", name, known)
        if isinstance(item, Mailbox):
            yield from _mailbox(organization, item, place)
        elif isinstance(item, Contact):
            if "@" not in item.target_address and not item.target_address.upper().startswith("X400:"):
                yield f'{place}.target_address: "{item.target_address}" is no address; write name@domain or X400:...'
        else:
            yield from _group(organization, item, place)


def _mailbox(organization: Organization, item: Mailbox, place: str) -> Iterator[str]:
    server = organization.server.get(item.server)
    if server is None:
        yield _unknown(f"{place}.server", "server", item.server, organization.server)
        return
    stores = [store.name for store in server.mailbox_stores]
    if (item.store and item.store not in stores) or not stores:
        yield _unknown(f"{place}.store", f"mailbox store on {server.name} called", item.store, stores)
    if item.forward_to and item.forward_to not in organization.recipient:
        yield _unknown(f"{place}.forward_to", "recipient", item.forward_to, organization.recipient)


def _group(organization: Organization, item: Group | QueryGroup, place: str) -> Iterator[str]:
    if item.expansion_server and item.expansion_server not in organization.server:
        yield _unknown(f"{place}.expansion_server", "server", item.expansion_server, organization.server)
    if isinstance(item, Group):
        for name in item.members:
            if name not in organization.recipient:
                yield _unknown(f"{place}.members", "recipient", name, organization.recipient)
        return
    try:
        parse(item.filter)
    except FilterError as error:
        yield f"{place}.filter: {error}"


@rule
def _limits(organization: Organization) -> Iterator[str]:
    """At most 1,000 servers in an organization and 1,000 connectors in a routing group.

    Source: R16.
    """
    if len(organization.servers) > MOST_SERVERS:
        yield f"servers: {len(organization.servers)} are more than the {MOST_SERVERS:,} of an organization"
    for name, count in Counter(item.routing_group for item in organization.connectors).items():
        if count > MOST_CONNECTORS:
            yield f'routing group "{name}": {count} connectors are more than the {MOST_CONNECTORS:,} of a routing group'


MOST_SERVERS = 1_000
MOST_CONNECTORS = 1_000


def _zones(organization: Organization) -> Iterator[str]:
    if not organization.zones:
        return
    from mailflow.organization.zones import parsed  # needs dnspython, which is slow to load

    for zone in organization.zones:
        try:
            parsed(zone)
        except ValueError as error:
            yield f'zone "{zone.name}".records: {error}'


def _hosts(organization: Organization) -> Iterator[str]:
    for host in organization.external_hosts:
        place = f'external host "{host.name}"'
        if not is_ip(host.ip):
            yield f'{place}.ip: "{host.ip}" is no IP address'
        for address, reply in host.replies.items():
            if not re.match(r"[245]\d\d[ -]", reply):
                yield f'{place}.replies "{address}": "{reply}" is no reply; it starts with three digits, such as 550'


def _positions(organization: Organization) -> Iterator[str]:
    """What a map cannot show: a place far away, and two routing groups, or two servers of one group, in one place."""
    tables: dict[str, tuple[RoutingGroup | Server | ExternalHost, ...]] = {
        "routing group": organization.routing_groups,
        "server": organization.servers,
        "external host": organization.external_hosts,
    }
    seen: dict[tuple[str, str, object], str] = {}
    for kind, items in tables.items():
        for item in items:
            if not item.position:
                continue
            place = f'{kind} "{item.name}".position'
            if not all(0 <= value <= FARTHEST for value in item.position):
                yield f"{place}: must be two numbers from 0 to {FARTHEST}, is {list(item.position)}"
            shared = (kind, item.routing_group if isinstance(item, Server) else "", item.position)
            if kind != "external host" and seen.setdefault(shared, item.name) != item.name:
                yield f'{place}: "{seen[shared]}" stands there already; positions must differ'


def warnings(organization: Organization) -> tuple[str, ...]:
    """What works but surprises, one line each (Source: R16, T79, T80, T133)."""
    return tuple(_warnings(organization))


def _warnings(organization: Organization) -> Iterator[str]:
    domains: Mapping[str, bool] = organization.local_domains
    for item in organization.recipients:
        for address in item.addresses:
            if address.rpartition("@")[2].lower() not in domains:
                yield f'{item.kind} "{item.name}": no recipient policy has the domain of {address}, so mail from outside is refused'
    for server in organization.servers:
        if server.fqdn.lower() in domains:
            yield f'server "{server.name}": its own name {server.fqdn} is a domain of a recipient policy, which breaks routing to it (5.4.8)'
        for virtual in server.virtual_servers:
            yield from _bare(f'server "{server.name}"', virtual.smart_host, virtual.forward_unresolved_to)
    for connector in organization.connectors:
        if (connector.only_from or connector.not_from) and not _checked(organization, connector):
            yield f'connector "{connector.name}": no source bridgehead has check_connector_restrictions, so nobody looks at its senders (event 957)'
        if isinstance(connector, SmtpConnector):
            yield from _bare(f'connector "{connector.name}"', *connector.smart_host.replace(";", ",").split(","))
    for name, count in Counter(item.routing_group for item in organization.connectors).items():
        if count > WARNING_CONNECTORS:
            yield f'routing group "{name}": {count} connectors; from {WARNING_CONNECTORS} on the product\'s own check warns'
    if len(organization.routing_groups) > RECOMMENDED_GROUPS:
        yield f"{len(organization.routing_groups)} routing groups are more than the recommended {RECOMMENDED_GROUPS}"


def _checked(organization: Organization, connector: AnyConnector) -> bool:
    named = (connector.local_bridgehead,) if isinstance(connector, X400Connector) else connector.local_bridgeheads
    servers = organization.members_of(connector.routing_group)
    return any(item.check_connector_restrictions for item in servers if not named or item.name in named)


def _bare(place: str, *hosts: str) -> Iterator[str]:
    for host in hosts:
        if is_ip(host.strip()):
            yield f"{place}: the smart host {host.strip()} is looked up as a name; write [{host.strip()}]"


RECOMMENDED_GROUPS = 150
WARNING_CONNECTORS = 900


def is_ip(text: str) -> bool:
    """Whether a text is an IP address, without square brackets around it."""
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def _is_network(text: str) -> bool:
    try:
        ipaddress.ip_network(text, strict=False)
    except ValueError:
        return False
    return True
