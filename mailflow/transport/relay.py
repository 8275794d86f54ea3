"""The decision at RCPT TO: accept this recipient from this client, or refuse with which reply?

`decide` is pure: virtual server, organization, client and recipient in; verdict, reply and every rule looked at out.
"""

from __future__ import annotations

import ipaddress
from functools import lru_cache
from typing import NamedTuple

from mailflow.facts import rule
from mailflow.organization.model import Organization, SmtpConnector, VirtualServer
from mailflow.organization.spaces import space_matches


class Verdict(NamedTuple):
    """``accepted``, the reply on the wire, a reason as a clause, and the rules that were looked at, in order."""

    accepted: bool
    reply: str
    why: str
    looked_at: tuple[str, ...]


@rule
def decide_recipient(
    organization: Organization,
    virtual_server: VirtualServer,
    *,
    client_ip: str,
    client_name: str,
    authenticated: bool,
    address: str,
    server: str,
) -> Verdict:
    """A recipient is accepted for a local domain, a relay domain of a connector, an authenticated client or a granted
    computer.

    The order: filters, local domain, connector, authentication, list of computers (Exchange never looks at the sender
    here).

    Source: T94, T138, T139, T140, T143, T156, O-7.
    """
    domain = address.rpartition("@")[2].lower()
    looked = ["filters"]
    refused = _filtered(organization, virtual_server, client_ip, authenticated, address)
    if refused:
        return Verdict(False, refused[0], refused[1], tuple(looked))
    looked.append("local domain")
    if domain in organization.local_domains:
        return Verdict(True, f"250 2.1.5 {address} ", f"{domain} is on a recipient policy", tuple(looked))
    looked.append("connector with relay domains")
    if connector := _relaying_connector(organization, server, domain):
        return Verdict(True, f"250 2.1.5 {address} ", f'connector "{connector}" relays for {domain}', tuple(looked))
    looked.append("authenticated clients")
    if authenticated and virtual_server.authenticated_may_relay:
        return Verdict(True, f"250 2.1.5 {address} ", "the client has authenticated", tuple(looked))
    looked.append("list of computers")
    listed = any(_matches(entry, client_ip, client_name) for entry in virtual_server.relay_list)
    if listed == (virtual_server.relay_mode == "only the list below"):
        why = f"the list of computers lets {client_ip} relay"
        return Verdict(True, f"250 2.1.5 {address} ", why, tuple(looked))
    why = f"{domain} is no local domain and {client_ip} may not relay"
    return Verdict(False, f"550 5.7.1 Unable to relay for {address}", why, tuple(looked))


@rule
def may_connect(virtual_server: VirtualServer, client_ip: str, client_name: str) -> bool:
    """Connection control: a list of computers that alone may connect, or that may not.

    Source: T156, O-7.
    """
    if any(_matches(entry, client_ip, client_name) for entry in virtual_server.denied_clients):
        return False
    allowed = virtual_server.allowed_clients
    return not allowed or any(_matches(entry, client_ip, client_name) for entry in allowed)


def _filtered(
    organization: Organization, virtual_server: VirtualServer, client_ip: str, authenticated: bool, address: str
) -> tuple[str, str] | None:
    """The reply of a connection or recipient filter; filters see anonymous clients only (Source: T95, T97, T149,
    T150, T153).
    """
    settings = organization.global_settings
    if authenticated or not virtual_server.filters:
        return None
    if "connection" in virtual_server.filters and any(
        _matches(item, client_ip, "") for item in settings.blocked_clients
    ):
        return f"550 5.7.1 {client_ip} has been blocked", f"the connection filter blocks {client_ip}"
    if "recipient" not in virtual_server.filters:
        return None
    if address.lower() in (item.lower() for item in settings.blocked_recipients):
        return "550 5.7.1 Requested action not taken; mailbox not available", f"the recipient filter blocks {address}"
    domain = address.rpartition("@")[2].lower()
    if (
        settings.filter_unknown_recipients
        and organization.local_domains.get(domain)
        and address.lower() not in organization.by_address
    ):
        return "550 5.1.1 User unknown", f"{address} is not in the directory"
    return None


def _relaying_connector(organization: Organization, server: str, domain: str) -> str:
    """The connector whose address spaces anybody may relay to through this server; the text of that option is
    unconfirmed (Source: T142).
    """
    for connector in organization.connectors:
        if (
            isinstance(connector, SmtpConnector)
            and connector.relay_to_address_spaces
            and server in connector.local_bridgeheads
            and any(space_matches(space.pattern, domain) for space in connector.address_spaces)
        ):
            return connector.name
    return ""


@lru_cache(maxsize=4096)
def _matches(entry: str, client_ip: str, client_name: str) -> bool:
    """Whether a list entry (address, network or domain) names the client; domain names cost a reverse look-up
    (Source: T140).
    """
    try:
        return ipaddress.ip_address(client_ip) in ipaddress.ip_network(entry, strict=False)
    except ValueError:
        name, wanted = client_name.lower(), entry.lower().removeprefix("*.")
        return bool(name) and (name == wanted or name.endswith("." + wanted))
