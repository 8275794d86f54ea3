"""Where does this message go next? One decision, rule by rule, for the run and for everybody who asks why.

Everything here is pure: link state map, what the directory says, server, destination, question and chance in; next hop,
the rule that made it the answer, and every candidate that lost, out. The candidates are worked out when somebody asks
for them, by the functions that choose.

Source: R100-R107, R111, R114, R115.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal, NamedTuple

from mailflow.facts import rule
from mailflow.facts.mistake import InputError
from mailflow.names import ConnectorName, QueueName, rule_of
from mailflow.organization.model import (
    AddressSpace,
    AnyConnector,
    Organization,
    RoutingGroupConnector,
    Server,
    SmtpConnector,
    X400Connector,
)
from mailflow.plain import Plain
from mailflow.routing.choice import Map, Offer, Way, dearer, in_scope
from mailflow.routing.entries import ConnectorEntry, bridgeheads, far_ends, targets
from mailflow.routing.restrictions import Question, Reason, restrictions
from mailflow.trace.hop import NO_CONNECTOR, NO_QUEUE, Hop, HopType

Kind = Literal["server", "host", "domain", "gateway"]
Target = tuple[str, str]
"""What is asked for: a `Kind`, and the name of the server, the smart host, the domain outside or the X.400 address."""


class Sender(NamedTuple):
    """One virtual server as far as it matters to what it sends."""

    name: str
    smart_host: str = ""
    max_message_kb: int | None = None


class Place(NamedTuple):
    """One server as the directory describes it to routing: its routing group, its FQDN, the smart host of the virtual server
    that holds the mail, and all its virtual servers, the default one first. ``own_domain`` says that a recipient policy has the FQDN
    as a domain.
    """

    name: str
    group: str
    fqdn: str
    exchange_55: bool = False
    smart_host: str = ""
    senders: tuple[Sender, ...] = ()
    own_domain: bool = False

    def sender(self, name: str = "") -> Sender:
        """A virtual server by its name, empty for the default one.

        Raises:
            ValueError: there is none of that name.
        """
        for item in self.senders:
            if name in ("", item.name):
                return item
        known = ", ".join(item.name for item in self.senders)
        raise InputError(f"{self.name} has no virtual server {name!r}; there is {known}")

    @classmethod
    def of(cls, server: Server) -> Place:
        """The place of a configured server."""
        return cls(
            server.name,
            server.routing_group,
            server.fqdn,
            server.product == "5.5",
            server.virtual_servers[0].smart_host,
            tuple(Sender(item.name, item.smart_host, item.max_message_kb) for item in server.virtual_servers),
        )


class Directory(NamedTuple):
    """What a decision takes from the directory: the servers, and what to do where documents disagree.

    With ``no_route_waits`` a message for which no connector exists waits as unreachable instead of being returned
    (Source: R115). With ``unmatched_returned`` an address outside that no address space matches, although there are some,
    is returned instead of being sent by DNS (Source: R115, T76). ``checking`` are the servers that look at the lists of
    senders of their connectors (Source: T43).
    """

    servers: Mapping[str, Place]
    no_route_waits: bool = False
    unmatched_returned: bool = False
    checking: frozenset[str] = frozenset()

    @classmethod
    def of(
        cls, organization: Organization, *, no_route_waits: bool = False, unmatched_returned: bool = False
    ) -> Directory:
        """The directory of an organization."""
        checking = frozenset(item.name for item in organization.servers if item.check_connector_restrictions)
        domains = organization.local_domains
        servers = {
            item.name: Place.of(item)._replace(own_domain=item.fqdn.lower() in domains) for item in organization.servers
        }
        return cls(servers, no_route_waits, unmatched_returned, checking)

    def with_smart_host(self, server: str, smart_host: str) -> Directory:
        """The directory for mail that a virtual server with this smart host holds (Source: T133)."""
        here = self.servers[server]
        if here.smart_host == smart_host:
            return self
        return self._replace(servers={**self.servers, server: here._replace(smart_host=smart_host)})


class Case:
    """What a single rule may look at: the question with all that it meets.

    ``goal`` is the routing group that the mail must reach, ``offer`` the address space that is the closest match; only
    mail for outside has one.
    """

    __slots__ = ("directory", "goal", "here", "kind", "map", "offer", "question", "rng", "target")

    def __init__(
        self, map_: Map, directory: Directory, server: str, target: Target, question: Question, rng: random.Random
    ) -> None:
        self.map = map_
        self.directory = directory
        self.here = directory.servers[server]
        self.kind, self.target = target
        if directory.checking:
            question = question._replace(checked=map_.checked_by(directory.checking))
        self.question = question
        self.rng = rng
        self.offer: Offer | None = None
        self.goal = ""
        if self.kind == "server":
            self.goal = directory.servers[self.target].group
        elif self.kind != "host":
            self.offer = map_.closest_space(self.here.group, self.target, question, self.spaces)
            self.goal = self.offer.connector.routing_group if self.offer else ""

    @property
    def spaces(self) -> str:
        """The kind of address spaces that are looked through."""
        return "X400" if self.kind == "gateway" else "SMTP"

    def excluded(self) -> frozenset[str]:
        """The connectors that do not exist for this message: those that are down, and those that do not admit it."""
        return self.map.table.down | self.map.shut(self.question)


# -- the rules, in order ----------------------------------------------------------------------------------------------


@rule
def forward_unresolved(case: Case) -> Hop | None:
    """Mail that a virtual server forwards because it cannot resolve the recipient goes to the host named there.

    Source: T76.
    """
    if case.kind != "host":
        return None
    why = f"this virtual server sends what it cannot resolve to {case.target}"
    return Hop(type="smart host", link=QueueName(case.target), target=case.target, hosts=(case.target,), why=why)


@rule
def own_name_is_a_domain(case: Case) -> Hop | None:
    """A recipient policy that has the full name of a server as a domain breaks the way to that server: 5.4.8.

    Source: T80, T115.
    Sure: documented.
    """
    if case.kind != "server" or not case.directory.servers[case.target].own_domain:
        return None
    fqdn = case.directory.servers[case.target].fqdn
    why = (
        f"a recipient policy has {fqdn}, the full name of {case.target}, as a domain, so the way there leads back here"
    )
    return Hop(type="no route", link=NO_QUEUE, target=case.target, why=why, code="5.4.8")


@rule
def same_routing_group(case: Case) -> Hop | None:
    """Servers of one routing group hand mail to each other directly, with no connector between them.

    Source: R1, T56, T136.
    """
    if case.kind != "server" or case.goal != case.here.group:
        return None
    why = f"{case.target} is in the same routing group, so the mail goes there directly"
    return _direct(case, case.target, why)


@rule
def wait_for_closest_space(case: Case) -> Hop | None:
    """While the connector with the closest address space is down its mail waits; no less specific one is used instead.

    Source: R105.
    """
    if case.offer is None or not case.offer.rank.down:
        return None
    why = f"the connector {case.offer.connector.name} is marked down"
    return Hop(type="unreachable", link=NO_QUEUE, target=case.target, why=why)


@rule
def own_connector(case: Case) -> Hop | None:
    """The connector with the closest address space belongs to this routing group: the mail leaves through it.

    Source: R103, R106, R107.
    """
    if case.offer is None or case.goal != case.here.group:
        return None
    return _through(case, case.offer.connector.name, _closest(case.offer))


@rule
def cheapest_way(case: Case) -> Hop | None:
    """Towards another routing group the first connector of the cheapest way is next.

    Source: R100, R101, R102, R107.
    Sure: documented.
    """
    way = case.map.least_cost(case.here.group, case.goal, case.question) if case.goal else None
    if way is None:
        return None
    cost, name = way
    if case.offer is not None:
        return _through(case, name, f"{_closest(case.offer)}; the first step to {case.goal} is {name}")
    why = f"{case.goal} is reached at the least cost of {cost:g} through the connector {name}"
    return _through(case, name, why)


@rule
def every_way_down(case: Case) -> Hop | None:
    """Connectors lead there, and one on each way is down: mail waits as unreachable.

    Source: R115, O32.
    """
    if not case.goal or not case.map.connected(case.here.group, case.goal, case.map.shut(case.question)):
        return None
    return Hop(type="unreachable", link=NO_QUEUE, target=case.goal, why=f"every way to {case.goal} is marked down")


@rule
def no_way_admits(case: Case) -> Hop | None:
    """Connectors lead there, and none of the ways admits this message: it is returned.

    Source: R105, R115, T115.
    Sure: inferred.
    """
    source, goal, map_ = case.here.group, case.goal, case.map
    if not goal or not map_.connected(source, goal):
        return None
    codes = (
        item.code
        for item in restrictions()
        if item.code != "5.0.0" and map_.connected(source, goal, map_.shut(case.question, spared=item.name))
    )
    why = f"the connectors from {source} to {goal} do not admit this message"
    return Hop(type="no route", link=NO_QUEUE, target=goal, why=why, code=next(codes, "5.0.0"))


@rule
def no_connector_leads_there(case: Case) -> Hop | None:
    """No connector leads to that routing group: the mail is returned, or waits; the documents overlap here.

    Source: R115, T115, O32.
    Sure: inferred.
    """
    if not case.goal:
        return None
    kind: HopType = "unreachable" if case.directory.no_route_waits else "no route"
    why = f"no connector leads from {case.here.group} to {case.goal}"
    return Hop(type=kind, link=NO_QUEUE, target=case.goal, why=why, code="5.0.0")


@rule
def no_space_admits(case: Case) -> Hop | None:
    """Address spaces match, and the restrictions of all their connectors exclude this message: it is returned.

    The virtual server does not send it by itself: a restricted connector for all addresses is how administrators keep
    people from the Internet. The code follows from the kind of restriction, which is inferred.

    Source: K115, R24, R105, T115.
    Sure: inferred.
    """
    refused = case.map.closest_refusal(case.here.group, case.target, case.question, case.spaces)
    if refused is None:
        return None
    offer, reason = refused
    why = f"no connector for {case.target} admits this message: {offer.connector.name} has the closest address space, and {reason.why}"
    return Hop(type="no route", link=NO_QUEUE, target=case.target, why=why, code=reason.code)


@rule
def no_gateway(case: Case) -> Hop | None:
    """Mail for an X.400 address that no connector covers is returned: a virtual server speaks SMTP only.

    Source: T115, R115.
    Sure: inferred.
    """
    if case.kind != "gateway":
        return None
    why = f"no X.400 connector covers {case.target}"
    return Hop(type="no route", link=NO_QUEUE, target=case.target, why=why, code="5.0.0")


@rule
def smart_host_of_virtual_server(case: Case) -> Hop | None:
    """What no connector matches goes to the smart host of the virtual server.

    Source: T58, T133.
    """
    host = case.here.smart_host
    if not host:
        return None
    why = f"no connector matches {case.target}, and the virtual server has the smart host {host}"
    return Hop(type="smart host", link=QueueName(host), target=case.target, hosts=(host,), why=why)


@rule
def no_space_matches(case: Case) -> Hop | None:
    """Connectors have address spaces, and none of them matches: returned, if asked for; other documents say DNS.

    Source: R115, T76, T115.
    """
    if not case.directory.unmatched_returned or not any(
        in_scope(connector, case.here.group) for connector, _ in case.map.spaces(case.spaces)
    ):
        return None
    why = f"no address space of any connector matches {case.target}"
    return Hop(type="no route", link=NO_QUEUE, target=case.target, why=why, code="5.0.0")


@rule
def dns_of_virtual_server(case: Case) -> Hop | None:
    """What no connector matches is delivered by DNS by the virtual server itself, when it has no smart host.

    Source: T58, T76, T122, T132.
    """
    why = f"no connector matches {case.target}, so the virtual server delivers by DNS itself"
    return Hop(type="dns", link=QueueName(case.target), target=case.target, why=why)


RULES: tuple[Callable[[Case], Hop | None], ...] = (
    forward_unresolved,
    own_name_is_a_domain,
    same_routing_group,
    wait_for_closest_space,
    own_connector,
    cheapest_way,
    every_way_down,
    no_way_admits,
    no_connector_leads_there,
    no_space_admits,
    no_gateway,
    smart_host_of_virtual_server,
    no_space_matches,
    dns_of_virtual_server,
)
"""Every rule, in the order of looking: the first that answers decides. The last one always does."""

BY_VIRTUAL_SERVER = frozenset({smart_host_of_virtual_server.__name__, dns_of_virtual_server.__name__})
"""The rules by which no connector is used for an address outside."""


def decide(
    map_: Map, directory: Directory, server: str, target: Target, question: Question, rng: random.Random
) -> Decision:
    """The next hop for one message on one server.

    Args:
        map_: the link state map of that server.
        directory: what the directory says of the servers.
        server: the server that decides.
        target: what is asked for.
        question: what connector restrictions look at.
        rng: chance, for the order of bridgeheads (Source: R111).

    Raises:
        KeyError: a server that the directory does not have.
    """
    case = Case(map_, directory, server, target, question, rng)
    says, hop = next((says, hop) for says in RULES if (hop := says(case)) is not None)
    return Decision(case, hop._replace(rule=rule_of(says)))


# -- through a connector ----------------------------------------------------------------------------------------------


def _closest(offer: Offer) -> str:
    return (
        f"the address space {offer.space.pattern} of the connector {offer.connector.name} is the closest match, "
        f"at a total cost of {offer.rank.cost:g}"
    )


def _direct(case: Case, target: str, why: str, through: ConnectorName = NO_CONNECTOR) -> Hop:
    kind: HopType = "mta" if by_rpc(case.directory.servers, case.here.name, target) else "server"
    return Hop(kind, QueueName(case.directory.servers[target].fqdn), target, why, hosts=(target,), through=through)


@rule
def by_rpc(servers: Mapping[str, Place], one: str, other: str) -> bool:
    """With an Exchange 5.5 server at either end the MTAs speak RPC, inside a routing group and over its connectors.

    Source: R20, R132.
    Sure: documented.
    """
    return any(name in servers and servers[name].exchange_55 for name in (one, other))


@rule
def next_bridgeheads(entry: ConnectorEntry, server: str) -> tuple[str, ...]:
    """A server that is no bridgehead of the connector sends to one that the table shows available; when none is, to any.

    Empty on a bridgehead: it sends to the far end.

    Source: R101, R111, T57.
    """
    heads = bridgeheads(entry.connector)
    return (entry.available() or heads) if heads and server not in heads else ()


def _through(case: Case, connector_name: str, why: str) -> Hop:
    """Send through a connector, or first to its bridgehead when this server is none (Source: T57, R101, R111)."""
    entry, name = case.map.table.connectors[connector_name], ConnectorName(connector_name)
    connector, target = entry.connector, case.target
    if heads := next_bridgeheads(entry, case.here.name):
        chosen = case.rng.choice(heads)
        return _direct(case, chosen, f"{why}, and {chosen} is its bridgehead", through=name)
    kind: HopType
    if isinstance(connector, RoutingGroupConnector):
        hosts = _shuffled(connector.remote_bridgeheads, case.rng)
        kind = "mta" if by_rpc(case.directory.servers, case.here.name, hosts[0]) else "connector"
    elif isinstance(connector, X400Connector):
        hosts, kind = (connector.remote_bridgehead,), "mta"
    elif connector.smart_host:
        hosts, kind = far_ends(connector), "smart host"
    else:
        return _by_dns(case, connector, why)
    link, schedule = _admitted(case, connector, name)
    return Hop(
        type=kind,
        link=QueueName(link),
        target=target,
        hosts=hosts,
        connector=name,
        why=why,
        schedule=schedule,
        remote_triggered=isinstance(connector, SmtpConnector) and connector.remote_triggered,
        through=name,
    )


def _admitted(case: Case, connector: AnyConnector, link: str) -> tuple[str, tuple[str, ...]]:
    """The link queue of a message and when it may send: large messages have a queue and a schedule of their own
    (Source: R20).
    """
    if connector.oversize_kb is None or case.question.size <= connector.oversize_kb * 1024:
        return link, connector.schedule
    return f"{link} (oversize)", connector.oversize_schedule


def _by_dns(case: Case, connector: SmtpConnector, why: str) -> Hop:
    if case.here.smart_host:
        why = f"{why}, by DNS, because the connector's setting wins over the virtual server's smart host"
    link, schedule = _admitted(case, connector, case.target)
    return Hop(
        type="dns",
        link=QueueName(link),
        target=case.target,
        connector=ConnectorName(connector.name),
        why=why,
        schedule=schedule,
        remote_triggered=connector.remote_triggered,
        through=ConnectorName(connector.name),
    )


def _shuffled(hosts: tuple[str, ...], rng: random.Random) -> tuple[str, ...]:
    return hosts if len(hosts) == 1 else tuple(rng.sample(hosts, len(hosts)))


# -- the decision, and what it was chosen from ------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, repr=False, eq=False)
class Candidate(Plain):
    """One way that was looked at: its connector and address space, the routing groups it passes, its cost, and the verdict.

    ``reason`` names what decided about it: "won", the name of a restriction, or the part of the rule in which it lost.
    ``costs`` are what the cost is the sum of: one for each connector on the path, then that of the address space.
    ``name`` is that of the connector alone.
    """

    connector: str
    path: tuple[str, ...]
    cost: float | None
    chosen: bool
    why: str
    reason: str = ""
    costs: tuple[float, ...] = ()
    name: str = ""


class Decision(NamedTuple):
    """The next hop with the case that led to it. All else is worked out from the case when somebody asks."""

    case: Case
    hop: Hop

    @property
    def rule(self) -> str:
        """The rule of the model that made this the answer."""
        return self.hop.rule

    @property
    def legs(self) -> tuple[tuple[str, str], ...]:
        """The way to the routing group that the mail must reach, as (connector, routing group it leads to)."""
        case = self.case
        way = case.map.way(case.here.group, case.goal, case.excluded()) if self.hop.through else None
        return way.legs if way else ()

    @property
    def cost(self) -> float | None:
        """The whole cost of the way that was chosen; None when no connector is used."""
        case = self.case
        if not self.hop.through:
            return None
        return case.offer.rank.cost if case.offer else case.map.inside(case.here.group, case.goal, case.question)

    @property
    def hosts(self) -> tuple[str, ...]:
        """Every host that may be next, before chance has its say; empty when DNS says."""
        if not self.hop.through:
            return self.hop.hosts
        entry = self.case.map.table.connectors[self.hop.through]
        return next_bridgeheads(entry, self.case.here.name) or far_ends(entry.connector)

    @property
    def candidates(self) -> tuple[Candidate, ...]:
        """Every way that was looked at: the chosen one first, then by cost."""
        if self.case.kind in ("domain", "gateway"):
            return tuple(sorted(_offers(self.case), key=_order))
        if not self.case.goal or self.case.goal == self.case.here.group:
            return ()
        found = _Legs(self.case)
        return (*sorted(found.first(), key=_order), *found.would_be())


def _order(item: Candidate) -> tuple[bool, float, str]:
    return (not item.chosen, float("inf") if item.cost is None else item.cost, item.connector)


def _offers(case: Case) -> Iterator[Candidate]:
    """Every address space with what was said about it."""
    here, excluded = case.here.group, case.excluded()
    for connector, space in case.map.spaces(case.spaces):
        offer = case.map.offer(connector, space, here, case.question)
        way = case.map.way(here, connector.routing_group, excluded)
        path = (here, *(group for _, group in way.legs)) if way else (here,)
        cost = offer.rank.cost if offer.rank.cost < float("inf") else None
        costs = () if cost is None else (*(_costs(case.map, way) if way else ()), space.cost)
        reason = _said(case, offer, connector, space)
        shown = f"{connector.name} ({space.pattern})"
        yield Candidate(shown, path, cost, reason.name == "won", reason.why, reason.name, costs, connector.name)


def _costs(where: Map, way: Way) -> tuple[float, ...]:
    """The cost of each leg of a way."""
    return tuple(where.table.connectors[name].connector.cost for name, _ in way.legs)


def _said(case: Case, offer: Offer, connector: AnyConnector, space: AddressSpace) -> Reason:
    if unfit := case.map.unfit(connector, space, case.here.group, case.target, case.question):
        return unfit
    assert case.offer is not None
    if offer == case.offer:
        return Reason("won", "closest address space" + (", DOWN: mail waits for it" if offer.rank.down else ""))
    return offer.lost_to(case.offer)


_Summed = tuple[float, tuple[str, ...], tuple[float, ...]]
"""A way as its cost, the routing groups it passes, and what the cost is the sum of."""


class _Legs:
    """The ways to another routing group, by the connector that each begins with."""

    def __init__(self, case: Case) -> None:
        self.case = case
        self.map = case.map
        self.here = case.here.group
        self.excluded = case.excluded()
        self.best = case.map.least_cost(self.here, case.goal, case.question)

    def first(self) -> Iterator[Candidate]:
        """Each connector that leaves this routing group, with the best way that begins with it."""
        leaving = [item for item in self.map.table.groups[self.here].connectors if targets(item.connector)]
        others = self.excluded | {item.name for item in leaving}
        for item in leaving:
            path, cost, costs = (self.here, *targets(item.connector)), None, tuple[float, ...]()
            reason = self._out(item)
            if reason is None and (ways := list(self._ways(item.connector, others))):
                cost, path, costs = min(ways)
                reason = self._won_or_lost(item.name, cost)
            reason = reason or Reason("no way on", f"no way leads on from there to {self.case.goal}")
            yield Candidate(item.name, path, cost, reason.name == "won", reason.why, reason.name, costs, item.name)

    def _ways(self, connector: AnyConnector, others: frozenset[str]) -> Iterator[_Summed]:
        for near in targets(connector):
            if near in self.map.table.groups and (rest := self.map.way(near, self.case.goal, others)) is not None:
                path = (self.here, near, *(group for _, group in rest.legs))
                yield connector.cost + rest.cost, path, (connector.cost, *_costs(self.map, rest))

    def _won_or_lost(self, name: str, cost: float) -> Reason:
        assert self.best is not None
        return Reason("won", "least cost") if name == self.best[1] else dearer(cost, self.best[0])

    def would_be(self) -> Iterator[Candidate]:
        """Connectors further away that would give a cheaper way if they were up and took the message."""
        for name in sorted(self.excluded):
            entry = self.map.table.connectors[name]
            reason = self._out(entry)
            if reason is None or entry.connector.routing_group == self.here:
                continue
            way = self.map.way(self.here, self.case.goal, self.excluded - {name})
            if way is not None and (self.best is None or way.cost < self.best[0]):
                path = (self.here, *(group for _, group in way.legs))
                why = f"would be cheaper, but {reason.why}"
                yield Candidate(name, path, way.cost, False, why, reason.name, _costs(self.map, way), name)

    def _out(self, entry: ConnectorEntry) -> Reason | None:
        if not entry.up:
            return Reason("down", "it is DOWN in this server's table")
        return self.map.refusal(entry.connector, self.case.question)
