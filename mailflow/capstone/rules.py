"""The rules of the brief: what a design may not do, each fault in one line with its place and its remedy."""

from __future__ import annotations

from collections.abc import Iterator

from mailflow.capstone.figures import gateways
from mailflow.capstone.terms import Terms
from mailflow.organization import (
    Mailbox,
    Organization,
    RoutingGroupConnector,
    SmtpConnector,
    X400Connector,
    loads,
)
from mailflow.organization.check import faults as broken
from mailflow.transport.relay import Attempt, decide

STRANGER = Attempt("203.0.113.99")
KEEPS = ("recipient_policies", "zones", "external_hosts", "global_settings", "mode")
"""What a design leaves as the brief has it."""


def faults(asked: Terms, organization: Organization) -> list[str]:
    """Every way in which a design breaks the rules; none for one that may be judged."""
    found = [*broken(organization), *_sites(asked, organization)]
    if found:
        return found
    return [
        *_people(asked, organization),
        *_world(asked, organization),
        *_servers(asked, organization),
        *_lines(asked, organization),
        *_internet(asked, organization),
    ]


def _sites(asked: Terms, organization: Organization) -> Iterator[str]:
    """A server hands mail directly to the others of its routing group (Source: R1): across sites nobody pays for that line."""
    names = [site.name for site in asked.sites]
    for group in organization.routing_groups:
        if group.name not in names:
            yield f'routing group "{group.name}": is no site; each routing group is one of {", ".join(names)}'
    for name in names:
        if not [item for item in organization.servers if item.routing_group == name]:
            yield f'site "{name}": has no server; its people need one whose routing_group is "{name}"'
    if len(organization.servers) > asked.servers:
        yield f"servers: {len(organization.servers)} are too many for one judgement; take {asked.servers} at most"


def _people(asked: Terms, organization: Organization) -> Iterator[str]:
    """Exactly the people of the brief, each at the own site, and nothing that keeps mail from them or turns it aside."""
    usual = {person: site.name for site in asked.sites for person in site.people}
    known = {item.name: item for item in organization.recipients}
    for name in usual.keys() - known.keys():
        yield f'mailbox "{name}": is missing; everybody of the brief has a mailbox'
    for name, item in known.items():
        if name not in usual or not isinstance(item, Mailbox):
            yield f'{item.kind} "{name}": is not in the brief; take it out'
            continue
        if (group := organization.server[item.server].routing_group) != usual[name]:
            yield f'mailbox "{name}": works in {usual[name]} and lies in {group}; give a server of {usual[name]}'
        if item != _plain(asked, item):
            yield f'mailbox "{name}": has settings of its own; leave all but its server and its store'


def _plain(asked: Terms, item: Mailbox) -> Mailbox:
    """A mailbox as the brief has it."""
    address = f"{item.name}@{asked.domain}"
    return Mailbox(name=item.name, display_name=item.name.title(), server=item.server, store=item.store, addresses=(address,))  # fmt: skip


def _world(asked: Terms, organization: Organization) -> Iterator[str]:
    homes = {site.name: organization.members_of(site.name)[0].name for site in asked.sites}
    usual = _bare(asked, homes)
    for key in KEEPS:
        if getattr(organization, key) != getattr(usual, key):
            yield f"{key}: the brief says it; leave it out"


def _bare(asked: Terms, homes: dict[str, str]) -> Organization:
    """The organization of the brief with one server a site and no connector."""
    import tomli_w  # only those who design need it

    servers = [{"name": name, "routing_group": site} for site, name in homes.items()]
    return loads(tomli_w.dumps({**asked.fixed(homes), "servers": servers}))


def _servers(asked: Terms, organization: Organization) -> Iterator[str]:
    for server in organization.servers:
        if server.product != "2003":
            yield f'server "{server.name}": product is {server.product}; the brief buys Exchange 2003'
        for item in server.virtual_servers:
            place = f'server "{server.name}", virtual server "{item.name}"'
            for key in ("smart_host", "forward_unresolved_to", "copy_ndr_to"):
                if getattr(item, key):
                    yield f"{place}: {key} leads mail past the lines; leave it empty"


def _lines(asked: Terms, organization: Organization) -> Iterator[str]:
    names = ", ".join(line.name for line in asked.lines)
    for item in organization.connectors:
        place = f'connector "{item.name}"'
        if isinstance(item, RoutingGroupConnector) and asked.line(item.routing_group, item.to) is None:
            yield f"{place}: no line joins {item.routing_group} and {item.to}; for hire are {names}"
        if isinstance(item, X400Connector):
            yield f"{place}: X.400 is not in the brief; join sites by routing group connectors"
        if isinstance(item, SmtpConnector) and (item.connected_routing_groups or item.smart_host):
            yield f"{place}: leads past the lines; leave connected_routing_groups and smart_host out"


def _internet(asked: Terms, organization: Organization) -> Iterator[str]:
    """Without a connector for every domain each server would send by itself, and need no line (Source: T58)."""
    out = [
        item
        for item in organization.connectors
        if isinstance(item, SmtpConnector)
        and item.scope == "organization"
        and any(space.pattern == "*" for space in item.address_spaces)
    ]
    if not out:
        yield 'connectors: none leads to the Internet; one of kind "SMTP" needs address_spaces = [{ pattern = "*" }]'
        return
    people = [item.primary for item in organization.recipients]
    open_to_all = [name for name in gateways(organization) if all(_hears(organization, name, who) for who in people)]
    if not open_to_all:
        yield "servers: every gateway refuses some stranger's mail to your own people; let one gateway take it"


def _hears(organization: Organization, server: str, address: str) -> bool:
    """Whether a gateway takes a stranger's mail to somebody of the organization."""
    return decide(organization, server, STRANGER._replace(address=address)).accepted
