"""The running world: all servers, the network between them, and the outside. The only place that knows transport and
routing alike.
"""

from __future__ import annotations

import random
from collections.abc import Iterable
from typing import Any

import simpy

from mailflow.dns import MxAnswer, ask_mx, resolver_of
from mailflow.facts import rule
from mailflow.linkstate.detection import Detection
from mailflow.linkstate.engines import LinkState
from mailflow.linkstate.exchange import Exchange
from mailflow.messages import Message
from mailflow.organization.model import Mailbox, Organization, RoutingGroupConnector, SmtpConnector, X400Connector
from mailflow.organization.query import restricted_as
from mailflow.routing.choice import Question
from mailflow.routing.entries import ConnectorEntry, bridgeheads, far_ends
from mailflow.trace import Record, Step, step
from mailflow.trace.hop import Hop
from mailflow.transport import places, queuing
from mailflow.transport.delivery import MTA_TRANSFER
from mailflow.transport.directory import resolve
from mailflow.transport.mail import Destination, Letter, Mail, MailRecipient
from mailflow.transport.node import Node
from mailflow.transport.parameters import Parameters
from mailflow.transport.smtp import Client, ExchangeReceiver, OutsideReceiver, Receiver
from mailflow.transport.submission import submit_from_mta
from mailflow.transport.work import Clock, Steps

REFUSED = step(
    "smtp.refused",
    "Refused",
    "SMTP service",
    rule="end_at_refusal",
    sentence="{server} gives up on {recipients}: {reply} at {verb}. The message never entered the organization.",
)
CLIENT_WAITS = step(
    "smtp.client-waits",
    "Kept by the client",
    "client",
    rule="client_keeps",
    sentence="{server} keeps {mail} for {recipients}: {why}.",
)


class Outsider:
    """A client or host outside that sends by SMTP. What it cannot hand over stays with it: its own retries are not
    modelled.

    Source: T59, T61.
    """

    def __init__(self, world: World, client: Client) -> None:
        self.world = world
        self.client = client
        self.name = self.fqdn = client.name
        self.durations = world.parameters.durations

    def note(
        self,
        step: Step,
        mail: str,
        place: str | None = None,
        values: tuple[Any, ...] = (),
        effects: tuple[Any, ...] = (),
    ) -> None:
        """Record one event of this client."""
        self.world.records.append((self.world.env.now, self.name, step, mail, place, values, effects))

    def refused(self, mail: Mail, recipients: list[MailRecipient], verb: str, reply: str) -> None:
        """The server refused these recipients."""
        end_at_refusal(self, mail, recipients, verb, reply)

    def gone(self, mail: Mail) -> None:
        """Nothing to count outside."""


@rule
def end_at_refusal(outsider: Outsider, mail: Mail, recipients: list[MailRecipient], verb: str, reply: str) -> None:
    """A recipient that is refused during the session ends there; telling its sender is up to the client.

    Source: T94, T138, S8.
    """
    effects = tuple(("end", mail.id, item.index, "refused", f"{verb}: {reply}") for item in recipients)
    mail.drop(recipients)
    names = tuple(item.address for item in recipients)
    outsider.note(REFUSED, mail.id, None, (names, reply, verb), effects)


@rule
def client_keeps(outsider: Outsider, mail: Mail, why: str) -> None:
    """A message that could not be handed over stays with the sending side.

    Source: T59, T126.
    """
    outsider.note(CLIENT_WAITS, mail.id, None, (tuple(item.address for item in mail.recipients), why))


class World:
    """All running servers of one organization, and the network they see. Implements
    `mailflow.transport.node.Network` and `mailflow.linkstate.engines.Surroundings`.
    """

    def __init__(self, organization: Organization, parameters: Parameters, seed: int) -> None:
        self.organization = organization
        self.parameters = parameters
        self.env = Clock()
        self.rng = random.Random(seed)
        self.records: list[Record] = []
        self.letters: dict[str, Letter] = {}
        self.vias: dict[str, str] = {}
        self.broken: set[str] = set()
        mailboxes: dict[str, dict[str, float]] = {}
        for item in organization.recipients:
            if isinstance(item, Mailbox):
                mailboxes.setdefault(item.server, {})[item.name] = float(item.used_kb)
        self.nodes = {
            server.name: Node(server, self, queuing, self.records, mailboxes.get(server.name, {}))
            for server in organization.servers
        }
        self._exchange_55 = {server.name for server in organization.servers if server.product == "5.5"}
        self._by_fqdn = {node.fqdn.lower(): node for node in self.nodes.values()}
        self._names: dict[str, str] = {}
        self._neighbours: dict[tuple[str, str], Hop] = {}
        self._changed: dict[str, simpy.Event] = {}
        self._senders: dict[str, frozenset[str]] = {}
        self.link_state = LinkState(self)
        self.exchange = Exchange(self.link_state)
        self.detection = Detection(self.link_state)

    def close(self) -> None:
        """Let go of everything once the run is over, so that no circle of references keeps it in memory."""
        # Servers, their links and the world know each other, and the collector is off during a run: only when these parts
        # forget everything do reference counts free them at once. Whoever still holds one gets an AttributeError from it,
        # never a stale answer. What only points at them (exchange, detection) goes with the world.
        nodes = self.nodes.values()
        links = [link for node in nodes for link in node.links.values()]
        for part in (*links, *nodes, self.link_state, self.env, self):
            part.__dict__.clear()

    # -- messages ---------------------------------------------------------------------------------------------------

    def new_letter(self, kind: str, message: Message, via: str) -> Letter:
        """Register a message under the next number."""
        letter = Letter(f"m{len(self.letters) + 1}", message, kind)
        self.letters[letter.id] = letter
        self.vias[letter.id] = via
        return letter

    # -- network ----------------------------------------------------------------------------------------------------

    def _node(self, host: str) -> Node | None:
        return self.nodes.get(host) or self._by_fqdn.get(host.lower())

    def host_named(self, host: str) -> str:
        """The organization's name for a host given by name, FQDN or IP address; the text itself for a stranger."""
        if host not in self._names:
            self._names[host] = self._host_named(host)
        return self._names[host]

    def _host_named(self, host: str) -> str:
        text = host.strip("[]").lower()
        if node := self._node(host.strip("[]")):
            return node.name
        for item in self.organization.external_hosts:
            if text in (item.name.lower(), item.ip):
                return item.name
        for server in self.organization.servers:
            if text == server.ip:
                return server.name
        return text

    def linked(self, source: str, target: str, connector: str) -> str:
        """Why no network leads there, as a clause; empty when one does (Source: R80)."""
        if not self.broken:
            return ""
        if connector in self.broken:
            return f"the network link of {connector} is down"
        name = self.host_named(target)
        if name in self.broken:
            return f"{name} is down"
        return f"{source} has no network" if source in self.broken else ""

    def reachable(self, source: str, target: str, connector: str) -> str:
        """Why an SMTP connection cannot stand, as a clause; empty when it can (Source: T44, T48, R80)."""
        if why := self.linked(source, target, connector):
            return why
        name = self.host_named(target)
        node = self.nodes.get(name)
        if node is not None:
            return "" if node.smtp.open else f"nobody listens on port 25 of {target}"
        return "" if name in self.organization.external_host else f"no host {target} answers"

    def receiver(self, client: Client, target: str) -> Receiver:
        """A fresh session with the SMTP service at ``target``."""
        name = self.host_named(target)
        node = self.nodes.get(name)
        return ExchangeReceiver(node, client) if node else OutsideReceiver(self.organization.external_host[name])

    def ask_mx(self, domain: str, node: Node | None) -> MxAnswer:
        """Ask the DNS for the exchangers of a domain; without a DNS server the answer is "try later".

        A virtual server with external DNS servers asks those and no others for names outside (Source: T124, T127,
        T132).
        """
        servers = (node.virtual_server.external_dns if node else ()) or ("DNS",)
        if all(name in self.broken for name in servers):
            which = "no DNS server" if servers == ("DNS",) else "none of the external DNS servers"
            return MxAnswer("defer", (), f"{which} answers")
        if domain.startswith("["):
            return MxAnswer("deliver", (domain,), "an address literal needs no DNS")
        failing = frozenset(zone.name for zone in self.organization.zones if zone.name in self.broken)
        resolver = resolver_of(self.organization.zones, failing)
        return ask_mx(resolver, domain, self.rng, (node.fqdn,) if node else (), null_mx=self.parameters.null_mx)

    # -- routing ----------------------------------------------------------------------------------------------------

    def map_changed(self, node: Node) -> simpy.Event:
        """Fires when the routing engine of a server calculates anew."""
        if node.name not in self._changed:
            self._changed[node.name] = self.env.event()
        return self._changed[node.name]

    def table_changed(self, server: str) -> None:
        """A server's link state table changed: its routes are worked out anew (Source: R101, R116)."""
        node = self.nodes[server]
        for link in list(node.links.values()):
            link.reset_routes()
        waiting = self._changed.pop(server, None)
        if waiting is not None:
            waiting.succeed()

    def pass_on(self, connector: str, target: str) -> None:
        """A bridgehead has news for a neighbouring routing group."""
        self.exchange.pass_on(connector, target)

    def connection_failed(self, node: Node, connector: str) -> None:
        """The glitch retries of a connector are used up on one of its bridgeheads."""
        self.detection.connection_failed(node, connector)

    def link_state_first(self, node: Node, host: str) -> Steps:
        """What two bridgeheads tell each other in a session before any mail."""
        return self.exchange.in_session(node.name, self.host_named(host))

    def stands(self, node: Node, hop: Hop, mail: Mail) -> bool:
        """Whether the routing engine would still choose this hop; a bridgehead that is still good is kept."""
        new = self.next_hop(node, mail, mail.recipients[0].destination)
        if (new.through, new.connector, new.type) != (hop.through, hop.connector, hop.type):
            return False
        if not hop.through or hop.connector:
            return True
        entry = self.link_state.entry(node.name, hop.through)
        return entry is None or hop.target in entry.available() or new.target not in entry.available()

    def configured(self, organization: Organization, groups: Iterable[str]) -> None:
        """An administrator changed connectors of these routing groups in the directory."""
        self.organization = organization
        self._senders.clear()
        for node in self.nodes.values():
            node.configured(organization)
        self.link_state.directory_changed(organization, groups)

    def question(self, mail: Mail) -> Question:
        """What routing must know about this message (Source: R114)."""
        if mail.sender not in self._senders:
            self._senders[mail.sender] = self._groups_of(mail.sender)
        message = mail.letter.message
        return Question(
            size=message.size,
            sender=mail.sender,
            sender_groups=self._senders[mail.sender],
            priority=message.priority,
            system=mail.is_report,
        )

    def _groups_of(self, address: str) -> frozenset[str]:
        entry = resolve(self.organization, address) if address else None
        if entry is None:
            return frozenset()
        return restricted_as(self.organization, entry.name)

    def next_hop(self, node: Node, mail: Mail, destination: Destination) -> Hop:
        """The routing engine's answer for one MailMsg."""
        kind, target = destination
        if kind == "server":
            return self._to_server(node, self.nodes[target], mail)
        if kind == "host":
            why = f"this virtual server sends what it cannot resolve to {target}"
            return Hop(type="smart host", link=target, target=target, hosts=(target,), why=why)
        return self._to_outside(node, target, self.question(mail), "X400" if kind == "gateway" else "SMTP")

    def _to_server(self, node: Node, target: Node, mail: Mail) -> Hop:
        source_group, target_group = node.server.routing_group, target.server.routing_group
        if source_group == target_group:
            return self._neighbour(node, target)
        question = self.question(mail)
        way = self.link_state.map_of(node.name).least_cost(source_group, target_group, question)
        if way is None:
            return self._no_way(node, target_group, question)
        cost, name = way
        why = f"{target_group} is reached at the least cost of {cost:g} through the connector {name}"
        return self._through(node, name, target.name, why, question)

    def _neighbour(self, node: Node, target: Node) -> Hop:
        """The way inside a routing group, which never changes: what is asked most is worked out once."""
        hop = self._neighbours.get((node.name, target.name))
        if hop is None:
            why = f"{target.name} is in the same routing group, so the mail goes there directly"
            hop = self._neighbours[node.name, target.name] = self._direct(node, target, why)
        return hop

    @rule
    def _direct(self, node: Node, target: Node, why: str, through: str = "") -> Hop:
        """Servers of one routing group hand mail to each other directly, with no connector between them.

        Source: R1, T56, T136.
        """
        kind: Any = "mta" if self.by_rpc(node.name, target.name) else "server"
        return Hop(kind, target.fqdn, target.name, why, hosts=(target.name,), through=through)

    @rule
    def by_rpc(self, one: str, other: str) -> bool:
        """With an Exchange 5.5 server at either end the MTAs speak RPC, inside a routing group and over its connectors.

        Source: R20, R132.
        """
        return one in self._exchange_55 or other in self._exchange_55

    def _no_way(self, node: Node, target: str, question: Question) -> Hop:
        """Every way down: wait. No connector, or none for this message: return it; the documents overlap here
        (Source: R115, T115, O32).
        """
        source, map_ = node.server.routing_group, self.link_state.map_of(node.name)
        if map_.connected(source, target, question):
            return Hop(type="unreachable", link="", target=target, why=f"every way to {target} is marked down")
        if map_.connected(source, target):
            why = f"the connectors from {source} to {target} do not admit this message"
            smaller = question._replace(size=0)
            code = "5.2.3" if map_.connected(source, target, smaller) else "5.0.0"
            return Hop(type="no route", link="", target=target, why=why, code=code)
        kind: Any = "unreachable" if self.parameters.no_route_waits else "no route"
        return Hop(type=kind, link="", target=target, why=f"no connector leads from {source} to {target}", code="5.0.0")

    def _through(self, node: Node, name: str, target: str, why: str, question: Question) -> Hop:
        """Send through a connector, or first to its bridgehead when this server is none (Source: T57, R101, R111)."""
        entry = self.link_state.map_of(node.name).table.connectors[name]
        connector = entry.connector
        heads = bridgeheads(connector)
        if heads and node.name not in heads:
            chosen = self._bridgehead(entry, heads)
            return self._direct(node, self.nodes[chosen], f"{why}, and {chosen} is its bridgehead", through=name)
        if isinstance(connector, RoutingGroupConnector):
            hosts = self._shuffled(connector.remote_bridgeheads)
            kind: Any = "mta" if self.by_rpc(node.name, hosts[0]) else "connector"
        elif isinstance(connector, X400Connector):
            hosts, kind = (connector.remote_bridgehead,), "mta"
        elif connector.smart_host:
            hosts, kind = far_ends(connector), "smart host"
        else:
            return self._by_dns(node, connector, target, why)
        large = connector.oversize_kb is not None and question.size > connector.oversize_kb * 1024
        schedule = connector.oversize_schedule if large else connector.schedule
        return Hop(
            type=kind,
            link=f"{name} (oversize)" if large else name,
            target=target,
            hosts=hosts,
            connector=name,
            why=why,
            schedule=schedule,
            remote_triggered=isinstance(connector, SmtpConnector) and connector.remote_triggered,
            through=name,
        )

    def _by_dns(self, node: Node, connector: SmtpConnector, target: str, why: str) -> Hop:
        if node.virtual_server.smart_host and not connector.smart_host:
            why = f"{why}, by DNS, because the connector's setting wins over the virtual server's smart host"
        return Hop(
            type="dns",
            link=target,
            target=target,
            connector=connector.name,
            why=why,
            schedule=connector.schedule,
            remote_triggered=connector.remote_triggered,
            through=connector.name,
        )

    def _to_outside(self, node: Node, domain: str, question: Question, kind: str) -> Hop:
        group, map_ = node.server.routing_group, self.link_state.map_of(node.name)
        found = map_.closest_space(group, domain, question, kind)
        if found is None:
            return self._without_connector(node, domain, kind)
        connector, space, cost = found
        why = f"the address space {space.pattern} of the connector {connector.name} is the closest match, at a total cost of {cost:g}"
        if connector.name in map_.table.down:
            return Hop(type="unreachable", link="", target=domain, why=f"the connector {connector.name} is marked down")
        if connector.routing_group == group:
            return self._through(node, connector.name, domain, why, question)
        way = map_.least_cost(group, connector.routing_group, question)
        if way is None:
            return self._no_way(node, connector.routing_group, question)
        return self._through(
            node, way[1], domain, f"{why}; the first step to {connector.routing_group} is {way[1]}", question
        )

    def _without_connector(self, node: Node, domain: str, kind: str) -> Hop:
        """No connector matches: the virtual server itself sends, to its smart host or by DNS (Source: T58, T76, T122,
        T132, T133).
        """
        if kind == "X400":
            return Hop(type="no route", link="", target=domain, why=f"no X.400 connector covers {domain}", code="5.0.0")
        host = node.virtual_server.smart_host
        if host:
            why = f"no connector matches {domain}, and the virtual server has the smart host {host}"
            return Hop(type="smart host", link=host, target=domain, hosts=(host,), why=why)
        why = f"no connector matches {domain}, so the virtual server delivers by DNS itself"
        return Hop(type="dns", link=domain, target=domain, why=why)

    @rule
    def _bridgehead(self, entry: ConnectorEntry, heads: tuple[str, ...]) -> str:
        """One of the bridgeheads that the table shows available, at random; when none is, any.

        Source: R111.
        """
        return self.rng.choice(entry.available() or heads)

    def _shuffled(self, hosts: tuple[str, ...]) -> tuple[str, ...]:
        return hosts if len(hosts) == 1 else tuple(self.rng.sample(hosts, len(hosts)))

    def transfer_by_mta(self, node: Node, mail: Mail, hop: Hop) -> Steps:
        """Carry a MailMsg by X.400 or RPC: to a server of the organization, or out of it (Source: R20, R132, T20, T62)."""
        target = self.nodes.get(self.host_named(hop.hosts[0]))
        rpc = self.by_rpc(node.name, hop.hosts[0])
        way = (
            "by RPC, because an Exchange 5.5 server takes part," if rpc else f"over the X.400 connector {hop.connector}"
        )
        values = (way, hop.hosts[0])
        if target is None:
            ended = tuple(("end", mail.id, item.index, "relayed", hop.hosts[0]) for item in mail.recipients)
            node.note(MTA_TRANSFER, mail.id, None, values, ended)
            mail.recipients = []
            node.mailmsgs -= 1
            return
        items = list(mail.recipients)
        made = mail.split(items)
        effects = (("mail", made.id, mail.id, Mail.indexes(items)), ("at", made.id, target.name, places.MTA))
        node.note(MTA_TRANSFER, mail.id, None, values, effects)
        node.mailmsgs -= 1
        target.mailmsgs += 1
        made.hops += 1
        for item in items:
            item.enter_next_server()
        yield self.parameters.durations.mta
        yield from submit_from_mta(target, made)


__all__ = ["Outsider", "World"]
