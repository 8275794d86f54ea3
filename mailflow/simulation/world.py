"""The running world: all servers, the network between them, and the outside. The only place that knows transport and
routing alike.
"""

from __future__ import annotations

import random
from collections.abc import Iterable
from typing import TYPE_CHECKING

import simpy

from mailflow.facts import rule
from mailflow.linkstate.engines import LinkState
from mailflow.messages import Message
from mailflow.messages.stamps import id_once_more, received_by_mta
from mailflow.names import (
    NO_MAIL,
    USUAL,
    ConnectorName,
    GroupName,
    HostName,
    MailId,
    MessageId,
    RuleName,
    ServerName,
    rule_of,
)
from mailflow.organization.check import is_ip
from mailflow.organization.model import Mailbox, Organization
from mailflow.organization.query import any_without_master, named_by_connectors, senders
from mailflow.simulation.tellings import KeptByClient, Refused
from mailflow.trace import Record, Telling
from mailflow.trace.effects import Effects
from mailflow.trace.hop import Hop
from mailflow.transport import places, queuing
from mailflow.transport.mail import Destination, Letter, Mail, MailRecipient
from mailflow.transport.node import Gate, Instance, Node
from mailflow.transport.parameters import Parameters
from mailflow.transport.record import Speaker
from mailflow.transport.submission import submit_from_mta
from mailflow.transport.tellings import MtaTransferred
from mailflow.transport.wire import SMTP_PORT, Client, Receiver, date_at, listening
from mailflow.transport.work import Clock, Steps

if TYPE_CHECKING:
    from mailflow.dns import MxAnswer
    from mailflow.linkstate.detection import Detection
    from mailflow.linkstate.exchange import Exchange
    from mailflow.simulation.hops import Hops
    from mailflow.trace.described import RoutingData


class Outsider(Speaker):
    """A client or host outside that sends by SMTP. What it cannot hand over stays with it: its own retries are not
    modelled.

    Source: T59, T61.
    """

    def __init__(self, world: World, client: Client, hello: str = "") -> None:
        super().__init__(ServerName(client.name), world.env, world.records)
        self.world = world
        self.client = client
        self.fqdn = HostName(hello or client.name)
        self.durations = world.parameters.durations

    def refused(self, mail: Mail, recipients: list[MailRecipient], verb: str, reply: str) -> None:
        """The server refused these recipients."""
        end_at_refusal(self, mail, recipients, verb, reply)


@rule
def end_at_refusal(outsider: Outsider, mail: Mail, recipients: list[MailRecipient], verb: str, reply: str) -> None:
    """A recipient that is refused during the session ends there; telling its sender is up to the client.

    Source: T94, T138, S8.
    Sure: documented.
    """
    ended = mail.end(recipients, "refused", f"{verb}: {reply}")
    names = tuple(item.address for item in recipients)
    outsider.note(Refused(recipients=names, reply=reply, verb=verb), mail.id, None, ended)


@rule
def client_keeps(outsider: Outsider, mail: Mail, why: str) -> None:
    """A message that could not be handed over stays with the sending side.

    Source: T59, T126.
    """
    names = tuple(item.address for item in mail.recipients)
    outsider.note(KeptByClient(recipients=names, why=why), mail.id)


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
        self.tracks = any(map(organization.tracking, organization.servers))
        self.ids: dict[MailId, str] = {}
        self.given: dict[str, int] = {}
        self.broken: set[str] = set()
        self.moving: dict[str, Gate] = {}
        self.some_without_master = any_without_master(organization)
        self.scanners = {
            (server.name, store.name): tuple(map(str.lower, store.scanner_deletes))
            for server in organization.servers
            for store in server.mailbox_stores
            if store.scanner_deletes
        }
        mailboxes: dict[str, dict[str, float]] = {}
        for item in organization.recipients:
            if isinstance(item, Mailbox):
                mailboxes.setdefault(item.server, {})[item.name] = float(item.used_kb)
        self.nodes = {
            server.name: Node(server, self, queuing, self.records, mailboxes.get(server.name, {}))
            for server in organization.servers
        }
        self._by_fqdn = {node.fqdn.lower(): node for node in self.nodes.values()}
        self._by_ip = {item.ip: item.name for item in organization.external_hosts}
        for server in organization.servers:
            for ip in (server.ip, *(item.ip for item in server.virtual_servers if item.ip)):
                self._by_ip.setdefault(ip, server.name)
        self._names: dict[str, ServerName] = {}
        self._answering: dict[tuple[str, str], Instance | None] = {}
        self._changed: dict[str, simpy.Event] = {}
        self.listed = named_by_connectors(organization)
        self.link_state = LinkState(self)
        self._exchange: Exchange | None = None
        self._detection: Detection | None = None
        self._hops: Hops | None = None

    # No `cached_property`: it asks an object for its dictionary, and from then on Python looks up each attribute of that object
    # slowly. Of a world a run asks many.
    @property
    def exchange(self) -> Exchange:
        """What bridgeheads tell each other of link state."""
        if self._exchange is None:
            # Where there is one routing group, it has nothing to do.
            from mailflow.linkstate.exchange import Exchange

            self._exchange = Exchange(self.link_state)
        return self._exchange

    @property
    def detection(self) -> Detection:
        """How routing engines notice failures."""
        if self._detection is None:
            # In most runs nothing fails.
            from mailflow.linkstate.detection import Detection

            self._detection = Detection(self.link_state)
        return self._detection

    def close(self) -> None:
        """Let go of everything once the run is over, so that no circle of references keeps it in memory."""
        # Servers, their links and the world know each other, and the collector is off during a run: only when these parts
        # forget everything do reference counts free them at once. Whoever still holds one gets an AttributeError from it,
        # never a stale answer. What only points at them (exchange, detection) goes with the world.
        nodes = self.nodes.values()
        links = [link for node in nodes for link in node.links.values()]
        for part in (*links, *nodes, self.link_state, self.env, self):
            part.__dict__.clear()

    def note(self, told: Telling, effects: Effects = (), rule: RuleName = USUAL) -> None:
        """Record one event that happens on no server."""
        self.records.append((self.env.now, ServerName(""), type(told), told, NO_MAIL, None, effects, rule))

    # -- messages ---------------------------------------------------------------------------------------------------

    def new_letter(self, kind: str, message: Message, via: str) -> Letter:
        """Register a message under the next number."""
        name = MessageId(f"m{len(self.letters) + 1}")
        letter = self.letters[name] = Letter(name, message, kind, via)
        return letter

    def unused_id(self, name: str) -> str:
        """A Message-ID that nobody has given yet: the same message may be sent again, and is another one then (Source: K22)."""
        times = self.given.get(name, 0)
        self.given[name] = times + 1
        return id_once_more(name, times) if times else name

    def named(self, mail: Mail, name: str) -> None:
        """A server gave a MailMsg this Message-ID; kept where somebody tracks messages, as nobody else asks for it."""
        if self.tracks:
            self.ids[mail.id] = name

    # -- network ----------------------------------------------------------------------------------------------------

    def _node(self, host: str) -> Node | None:
        return self.nodes.get(host) or self._by_fqdn.get(host.lower())

    def host_named(self, host: str) -> ServerName:
        """The organization's name for a host given by name, FQDN, IP address, or a name in DNS; the text itself for a
        stranger.
        """
        if host not in self._names:
            self._names[host] = ServerName(self._host_named(host))
        return self._names[host]

    def _host_named(self, host: str) -> str:
        text = host.strip("[]").lower()
        if node := self._node(host.strip("[]")):
            return node.name
        for item in self.organization.external_hosts:
            if text == item.name.lower():
                return item.name
        return next((self._by_ip[ip] for ip in (text, *self._addresses(text)) if ip in self._by_ip), text)

    def _addresses(self, name: str) -> tuple[str, ...]:
        """The addresses of a name in the zones of the organization file."""
        from mailflow.dns import resolver_of  # as in `ask_mx`

        return resolver_of(self.organization.zones).addresses(name)[0]

    @rule
    def answering(self, node: Node, target: str, virtual_server: str = "") -> Instance | None:
        """A client reaches the virtual server that it names, or the one that listens on port 25 of the address that its target stands for.

        The name and FQDN of a server stand for its own address, another name for what DNS says.

        Source: T24, T127, T136.
        """
        try:
            return self._answering[target, virtual_server]
        except KeyError:
            found = self._listener(node, target.strip("[]").lower(), virtual_server)
            return self._answering.setdefault((target, virtual_server), found)

    def _listener(self, node: Node, target: str, virtual_server: str) -> Instance | None:
        if virtual_server:
            return node.instances[virtual_server]
        own = target in (node.name.lower(), node.fqdn.lower())
        addresses = (node.server.ip,) if own else (target, *self._addresses(target))
        ip = next(ip for ip in addresses if self._by_ip.get(ip) == node.name)
        found = listening(node.server, ip)
        return node.instances[found.name] if found else None

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

    def reachable(self, source: str, target: str, connector: str, virtual_server: str = "") -> str:
        """Why an SMTP connection cannot be made, as a clause; empty when it can (Source: T24, T44, T48, R80)."""
        why = self.find_by_name(source, target) or self.connected(source, target, connector, virtual_server)
        if why:
            return why
        node = self.nodes.get(self.host_named(target))
        found = self.answering(node, target, virtual_server) if node else None
        return (
            f"{found.settings.name} of {target} is paused and takes no new connection" if found and found.paused else ""
        )

    @rule
    def find_by_name(self, source: str, target: str) -> str:
        """A server finds another one of the organization by the address record of its full name: without DNS it finds it no longer.

        Its own DNS servers are asked, never the external ones of a virtual server. That Windows remembers an answer for a while is left
        out of this model.

        Source: K120, T124, T136.
        """
        if "DNS" not in self.broken or source not in self.nodes or is_ip(target.strip("[]")):
            return ""
        name = self.host_named(target)
        if name == source or name not in self.nodes:
            return ""
        return f"no DNS server answers, and {name} is found by the address record of its full name"

    def connected(self, source: str, target: str, connector: str, virtual_server: str = "") -> str:
        """Why an SMTP connection cannot stand, as a clause; empty when it can. Who is connected asks no DNS any more."""
        if self.broken and (why := self.linked(source, target, connector)):
            return why
        name = self._names.get(target) or self.host_named(target)
        node = self.nodes.get(name)
        if node is not None:
            found = self.answering(node, target, virtual_server)
            if found is not None and found.open:
                return ""
            port = found.settings.port if found else SMTP_PORT
            return f"nobody listens on port {port} of {target}"
        return "" if name in self.organization.external_host else f"no host {target} answers"

    def receiver(self, client: Client, target: str, virtual_server: str = "") -> Receiver:
        """A fresh session with the virtual server that answers at ``target``."""
        # A message from Outlook to its own server needs no SMTP.
        from mailflow.transport.smtp import ExchangeReceiver, OutsideReceiver

        name = self.host_named(target)
        node = self.nodes.get(name)
        if node is None:
            return OutsideReceiver(self.organization.external_host[name])
        found = self.answering(node, target, virtual_server)
        return ExchangeReceiver(node, client, settings=found.settings if found else None)

    def ask_mx(self, domain: str, node: Node | None, external_dns: tuple[str, ...] = ()) -> MxAnswer:
        """Ask the DNS for the exchangers of a domain; without a DNS server the answer is "try later".

        A virtual server with external DNS servers asks those and no others for names outside (Source: T124, T127,
        T132).
        """
        from mailflow.dns import MxAnswer, ask_mx, resolver_of  # mail inside the organization asks for no exchanger

        servers = external_dns or ("DNS",)
        if all(name in self.broken for name in servers):
            which = "no DNS server" if servers == ("DNS",) else "none of the external DNS servers"
            return MxAnswer("defer", (), f"{which} answers")
        if domain.startswith("["):
            return MxAnswer("deliver", (domain,), "an address literal needs no DNS")
        failing = frozenset(zone.name for zone in self.organization.zones if zone.name in self.broken)
        resolver = resolver_of(self.organization.zones, failing)
        return ask_mx(resolver, domain, self.rng, _own(node) if node else (), null_mx=self.parameters.null_mx)

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

    def pass_on(self, connector: ConnectorName, target: GroupName) -> None:
        """A bridgehead has news for a neighbouring routing group."""
        self.exchange.pass_on(connector, target)

    def connection_failed(self, node: Node, connector: str) -> None:
        """The glitch retries of a connector are used up on one of its bridgeheads."""
        self.detection.connection_failed(node, ConnectorName(connector))

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
        self.some_without_master = any_without_master(organization)
        self.listed |= named_by_connectors(organization)
        for node in self.nodes.values():
            node.configured(organization)
        if self._hops is not None:
            self._hops.configured()
        self.link_state.directory_changed(organization, groups)

    def routing_data(self) -> RoutingData:
        """What somebody must know to decide again as this world decided, as plain JSON data; little or nothing, mostly."""
        data: RoutingData = {}
        if self.listed:
            data["senders"] = {key: list(names) for key, names in senders(self.organization, self.listed).items()}
        if self.parameters.no_route_waits:
            data["no_route_waits"] = True
        if self.parameters.unmatched_returned:
            data["unmatched_returned"] = True
        return data

    @property
    def hops(self) -> Hops:
        """What the routing engines answer to advanced queuing."""
        if self._hops is None:
            # Where all mail stays on its server, nobody asks.
            from mailflow.simulation.hops import Hops

            self._hops = Hops(self)
        return self._hops

    def next_hop(self, node: Node, mail: Mail, destination: Destination) -> Hop:
        """The routing engine's answer for one MailMsg."""
        return (self._hops or self.hops).next_hop(node, mail, destination)

    def transfer_by_mta(self, node: Node, mail: Mail, hop: Hop) -> Steps:
        """Carry a MailMsg by X.400 or RPC: to a server of the organization, or out of it (Source: R20, R132, T20, T62)."""
        from mailflow.routing.decision import by_rpc  # as in `hops`

        target = self.nodes.get(self.host_named(hop.hosts[0]))
        rpc = by_rpc(self.hops.directory.servers, node.name, hop.hosts[0])
        way = (
            "by RPC, because an Exchange 5.5 server takes part," if rpc else f"over the X.400 connector {hop.connector}"
        )
        telling = MtaTransferred(way=way, target=HostName(hop.hosts[0]))
        fired = rule_of(by_rpc) if rpc else USUAL
        if target is None:
            mail.arrive(mail.recipients)
            node.note(telling, mail.id, None, mail.end(mail.recipients, "relayed", hop.hosts[0]), fired)
            return
        items = list(mail.recipients)
        made, split = mail.split(items)
        effects = split, made.move(target.name, places.MTA, target.memory)
        node.note(telling, mail.id, None, effects, fired)
        made.hops += 1
        made.virtual_server = ""
        made.stamps = made.stamps.under(received_by_mta(node.name, self.organization.name, date_at(int(self.env.now))))
        for item in items:
            item.enter_next_server()
        yield self.parameters.durations.mta
        yield from submit_from_mta(target, made)


def _own(node: Node) -> tuple[str, ...]:
    """The name and the addresses by which a server finds itself in an MX list."""
    others = (item.ip for item in node.server.virtual_servers if item.ip)
    return (node.fqdn, *([node.server.ip] if node.server.ip else []), *others)


__all__ = ["Outsider", "World"]
