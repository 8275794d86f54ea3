"""What the routing engines of a running world answer: for a MailMsg that must leave its server, the next hop."""

from __future__ import annotations

import random
from typing import Protocol

from mailflow.linkstate.engines import LinkState
from mailflow.organization.model import Organization
from mailflow.organization.query import restricted_as
from mailflow.routing.decision import Directory, decide, same_routing_group
from mailflow.routing.restrictions import Question
from mailflow.routing.sending import keep_to_size, sent_by
from mailflow.trace.hop import Hop
from mailflow.transport.directory import resolve
from mailflow.transport.mail import Destination, Mail
from mailflow.transport.node import Node
from mailflow.transport.parameters import Parameters


class Surroundings(Protocol):
    """The world, as far as a routing engine asks it."""

    organization: Organization
    parameters: Parameters
    rng: random.Random
    link_state: LinkState


class Hops:
    """Asks `mailflow.routing.decision` for each MailMsg, and remembers what does not change."""

    def __init__(self, world: Surroundings) -> None:
        self.world = world
        self.directory = Directory.of(
            world.organization,
            no_route_waits=world.parameters.no_route_waits,
            unmatched_returned=world.parameters.unmatched_returned,
        )
        self._neighbours: dict[tuple[str, str], Hop] = {}
        self._senders: dict[str, frozenset[str]] = {}

    def configured(self) -> None:
        """An administrator changed connectors: of whom mail is taken may be another question now."""
        self._senders.clear()

    def next_hop(self, node: Node, mail: Mail, destination: Destination) -> Hop:
        """The routing engine's answer for one MailMsg.

        The way inside a routing group never changes: what is asked most is worked out once.
        """
        kind, target = destination
        known = self._neighbours.get((node.name, target)) if kind == "server" else None
        if known is not None:
            return known if node.unlimited else self._by_virtual_server(node, mail, known)
        world = self.world
        map_ = world.link_state.map_of(node.name)
        directory = self.directory.with_smart_host(node.name, node.holder(mail).settings.smart_host)
        hop = decide(map_, directory, node.name, destination, self._question(mail), world.rng).hop
        if hop.rule == same_routing_group.__name__:
            self._neighbours[node.name, target] = hop
        return self._by_virtual_server(node, mail, hop)

    def _question(self, mail: Mail) -> Question:
        """What routing must know about this message (Source: R114)."""
        if mail.sender not in self._senders:
            self._senders[mail.sender] = self._groups_of(mail.sender)
        message = mail.message
        return Question(
            size=mail.size,
            sender=mail.sender,
            sender_groups=self._senders[mail.sender],
            priority=message.priority,
            system=mail.is_report,
        )

    def _groups_of(self, address: str) -> frozenset[str]:
        organization = self.world.organization
        entry = resolve(organization, address) if address else None
        return frozenset() if entry is None else restricted_as(organization, entry.name)

    def _by_virtual_server(self, node: Node, mail: Mail, hop: Hop) -> Hop:
        """The hop with the virtual server that sends to it, if that one takes the size."""
        if node.unlimited:
            return hop
        connector = self.world.organization.connector.get(hop.connector)
        if len(node.server.virtual_servers) > 1:
            hop = sent_by(hop, connector, node.name, node.virtual_server.name, mail.virtual_server)
        limit = node.instances[hop.virtual_server].settings.max_message_kb
        return hop if limit is None else keep_to_size(hop, connector, limit, mail.size, system=mail.is_report)
