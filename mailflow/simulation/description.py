"""What a trace says about an organization and about messages, as plain JSON data."""

from __future__ import annotations

from collections.abc import Container, Mapping
from typing import TYPE_CHECKING

from mailflow.messages import Message
from mailflow.names import MailId, message_of
from mailflow.organization.model import ExternalHost, Mailbox, Organization, RoutingGroup, Server, ServerPolicy
from mailflow.routing.recorded import connector_data
from mailflow.transport.mail import Letter

if TYPE_CHECKING:
    from mailflow.trace.described import MessageData, OrganizationData, ServerData


def map_data(organization: Organization) -> OrganizationData:
    """The part of an organization that a map of it needs, as plain JSON data."""
    return {
        "name": organization.name,
        "title": organization.title,
        "domain": organization.domain,
        "routing_groups": [{"name": item.name, "master": item.master} for item in organization.routing_groups],
        "servers": [
            _server_data(item, organization.local_domains, organization.tracking(item)) for item in organization.servers
        ],
        "connectors": [connector_data(item) for item in organization.connectors],
        "homes": {item.primary: item.server for item in organization.recipients if isinstance(item, Mailbox)},
        "external_hosts": [
            {"name": item.name, "ip": item.ip, "accepts": list(item.accepts)} for item in organization.external_hosts
        ],
    }


def positions(organization: Organization) -> dict[str, dict[str, tuple[float, float]]]:
    """Where the file puts routing groups, servers and external hosts on a map, by table and name."""
    tables: dict[str, tuple[RoutingGroup | Server | ExternalHost, ...]] = {
        "routing_groups": organization.routing_groups,
        "servers": organization.servers,
        "external_hosts": organization.external_hosts,
    }
    return {key: {item.name: item.position for item in items if item.position} for key, items in tables.items()}


def _server_data(item: Server, domains: Container[str], tracking: Server | ServerPolicy | None) -> ServerData:
    data: ServerData = {
        "name": item.name,
        "fqdn": item.fqdn,
        "ip": item.ip,
        "routing_group": item.routing_group,
        "role": item.role,
        "stores": [store.name for store in item.mailbox_stores],
    }
    if tracking:
        data["tracking"] = {"subjects": tracking.subject_logging, "days": tracking.tracking_days}
    if item.product != "2003":
        data["product"] = item.product
    if item.check_connector_restrictions:
        data["check_connector_restrictions"] = True
    if host := item.virtual_servers[0].smart_host:
        data["smart_host"] = host
    if item.fqdn.lower() in domains:
        data["own_domain"] = True
    if len(item.virtual_servers) > 1 or item.virtual_servers[0].max_message_kb is not None:
        data["virtual_servers"] = [
            {"name": one.name, "smart_host": one.smart_host, "max_message_kb": one.max_message_kb}
            for one in item.virtual_servers
        ]
    return data


def messages_data(letters: Mapping[str, Letter], ids: Mapping[MailId, str] | None = None) -> dict[str, MessageData]:
    """What a view shows of each message, by name. ``ids`` are the Message-IDs that servers gave; None when nobody tracks."""
    made = {key: _message_data(letter.message, letter.kind, letter.via) for key, letter in letters.items()}
    if ids is not None:
        for key, letter in letters.items():
            made[key]["id"], made[key]["ids"] = letter.message.own_id, {}
        for mail, name in ids.items():
            made[message_of(mail)]["ids"][mail] = name
    return made


def _message_data(message: Message, kind: str, via: str) -> MessageData:
    """What a view shows of a message: its envelope, structure and the start of its source."""
    return {
        "kind": kind,
        "via": via,
        "sender": message.sender,
        "recipients": list(message.recipients),
        "subject": message.subject,
        "size": message.size,
        "priority": message.priority,
        "format": message.format,
        "structure": message.outline(),
        "defects": list(message.defects),
        "preview": message.content[:PREVIEW].decode("ascii", "replace"),
    }


PREVIEW = 2000
"""Bytes of a message that a trace shows."""
