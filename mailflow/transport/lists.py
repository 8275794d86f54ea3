"""What it costs to look through lists of senders: those of recipients in the categorizer, those of connectors in routing.

Nothing here is asked unless `Durations.restriction` is above 0.
"""

from __future__ import annotations

from collections.abc import Iterable

from mailflow.facts import rule
from mailflow.names import rule_of
from mailflow.organization.model import AnyConnector, Organization, X400Connector
from mailflow.organization.query import everybody
from mailflow.transport import places
from mailflow.transport.mail import Destination, Mail
from mailflow.transport.node import Node
from mailflow.transport.tellings import ListsLookedThrough
from mailflow.transport.work import Steps


@rule
def look_through_lists(node: Node, mail: Mail) -> Steps:
    """Who may send to a recipient is looked up name by name, the members of groups as well: a message to a group whose members have
    long lists stays in Messages awaiting directory lookup.

    That the time grows with the number of names is inferred. Other messages do not wait for this one, which is a choice of this model.

    Source: K52.
    Sure: inferred.
    """
    entries = (item.entry for item in mail.recipients if item.entry is not None)
    names = _counted(
        node.organization, (name for entry in entries for name in (*entry.accept_from, *entry.reject_from))
    )
    queue = places.name_of(places.AWAITING_LOOKUP)
    if names:
        node.note(ListsLookedThrough(names=names, what="its recipients", queue=queue), mail.id)
        yield names * node.durations.restriction


@rule
def look_through_connectors(node: Node, mail: Mail, destination: Destination) -> Steps:
    """A source bridgehead that checks the senders on its connectors looks through their lists for each message that leaves its routing
    group: with large groups on them, Messages waiting to be routed grows.

    Which messages that are, and that the time grows with the number of names, is inferred.

    Source: D4, T43.
    Sure: inferred.
    """
    organization, (kind, target) = node.organization, destination
    inside = kind == "server" and organization.server[target].routing_group == node.server.routing_group
    if inside or not node.server.check_connector_restrictions:
        return
    mine = (item for item in organization.connectors if _starts_at(item, node.name))
    names = _counted(organization, (name for item in mine for name in (*item.only_from, *item.not_from)))
    queue = places.name_of(places.WAITING_TO_BE_ROUTED)
    if names:
        fired = rule_of(look_through_connectors)
        node.note(ListsLookedThrough(names=names, what="the connectors here", queue=queue), mail.id, rule=fired)
        yield names * node.durations.restriction


def _starts_at(connector: AnyConnector, server: str) -> bool:
    """Whether a server is a source bridgehead of a connector."""
    if isinstance(connector, X400Connector):
        return connector.local_bridgehead == server
    return server in connector.local_bridgeheads


def _counted(organization: Organization, listed: Iterable[str]) -> int:
    return sum(1 for name in listed for _ in everybody(organization, name))
