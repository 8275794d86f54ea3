"""One decision: the run, `mailflow.route` and the restrictions of connectors."""

import os
import random
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from itertools import count
from typing import Any, Literal, NamedTuple, TypedDict, TypeVar

import pytest

import mailflow
from mailflow.organization.check import faults
from mailflow.organization.model import (
    AddressSpace,
    AnyConnector,
    AnyRecipient,
    ExternalHost,
    Group,
    Mailbox,
    Organization,
    PolicyDomain,
    RecipientPolicy,
    RoutingGroup,
    RoutingGroupConnector,
    Server,
    SmtpConnector,
    VirtualServer,
)
from mailflow.routing.choice import Map
from mailflow.routing.decision import RULES, Decision, Directory, Target, decide
from mailflow.routing.restrictions import Question, restriction, restrictions, withdraw
from mailflow.routing.route import Route
from mailflow.simulation.world import World
from mailflow.trace import Trace
from mailflow.trace.effects import Ended
from mailflow.trace.hop import Hop
from mailflow.transport import places
from mailflow.transport.mail import Destination, Mail
from mailflow.transport.node import Node
from tests.conftest import altered

Item = TypeVar("Item")


@pytest.fixture
def small_mail_only() -> Iterator[None]:
    """A restriction that no setting of the model knows: three connectors take no large mail."""

    @restriction(code="5.7.1")
    def nothing_large(connector: AnyConnector, question: Question) -> str:
        named = connector.name in ("London-Paris", "Internet", "Seattle-Brussels")
        return "it wants no large mail" if named and question.size > 50_000 else ""

    yield
    withdraw("nothing_large")


def sent(organization: Organization, size: int, to: str) -> tuple[Trace, float]:
    message = mailflow.Message.write("anna@contoso.com", to, attachments={"a": size} if size else None)
    return mailflow.Scenario(organization).send(message).run(), message.size / 1024


def test_a_restriction_from_outside_is_told_and_obeyed_between_routing_groups(small_mail_only: None) -> None:
    organization = mailflow.load("two sites")
    small, _ = sent(organization, 0, "pierre@contoso.com")
    large, size_kb = sent(organization, 60_000, "pierre@contoso.com")
    assert small.status()["m1"][0][1] == "delivered"
    assert large.status()["m1"][0][1:] == ("bounced", "5.7.1")
    found = mailflow.route(large, "LON01", "pierre@contoso.com", size_kb=size_kb)
    assert (found.outcome, found.rule) == ("no route", "no_way_admits")
    assert [(item.reason, item.why) for item in found.candidates] == [("nothing_large", "it wants no large mail")]


def test_a_restriction_from_outside_is_told_and_obeyed_for_address_spaces(small_mail_only: None) -> None:
    organization = mailflow.load("one server")
    spare = altered(organization.connectors[0], name="Spare", address_spaces=(AddressSpace(cost=90),))
    organization = replace(organization, connectors=(*organization.connectors, spare))
    large, size_kb = sent(organization, 60_000, "kim@fabrikam.com")
    found = mailflow.route(large, "LON01", "kim@fabrikam.com", size_kb=size_kb)
    assert (found.connector, found.cost) == ("Spare", 90)
    routed = next(event for event in large if event.step.key == "queuing.routed")
    assert "the connector Spare " in routed.sentence
    assert {item.connector: item.reason for item in found.candidates} == {
        "Internet (*)": "nothing_large",
        "Spare (*)": "won",
    }


def test_a_restriction_is_asked_only_where_one_of_its_settings_is_not_the_default() -> None:
    asked: list[str] = []

    @restriction("oversize_kb")
    def listens(connector: AnyConnector, question: Question) -> str:
        asked.append(connector.name)
        return ""

    try:
        organization = mailflow.reconfigure(mailflow.load("two sites"), "London-Paris", oversize_kb=10)
        sent(organization, 0, "pierre@contoso.com")
        mailflow.route(organization, "LON01", "pierre@contoso.com")
    finally:
        withdraw("listens")
    assert set(asked) == {"London-Paris"}


def test_a_restriction_needs_settings_that_exist_and_a_name_of_its_own() -> None:
    with pytest.raises(ValueError, match="no connector has a setting 'max_size'"):
        restriction("max_size")

    def size_limit(connector: AnyConnector, question: Question) -> str:
        return ""

    with pytest.raises(ValueError, match="two restrictions are called 'size_limit'"):
        restriction("cost")(size_limit)


def test_the_same_function_declared_again_takes_the_place_of_the_first() -> None:
    def cell(words: str) -> Callable[[AnyConnector, Question], str]:
        @mailflow.restriction("cost")
        def dear(connector: AnyConnector, question: Question) -> str:
            return words

        return dear

    try:
        cell("one")
        second = cell("two")
        assert [item.says for item in restrictions() if item.name == "dear"] == [second]
    finally:
        withdraw("dear")


# -- the run and the explanation, over organizations that are drawn -----------------------------------------------------

DECISIONS = int(os.environ.get("MAILFLOW_DECISIONS", "2400"))
"""How many decisions are looked at; more of them to look longer."""

OUTSIDE = ("example.net", "fabrikam.com", "deep.example.net", "example.org")
PATTERNS = ("*", "*", "*.net", "example.net", "fabrikam.com", "*.com")
SIZES = (0, 20_000, 90_000)
CONTENTS = {
    (size, priority): mailflow.Message.write(
        "anna@contoso.com", "ben@contoso.com", priority=priority, attachments={"a": size}
    ).content
    for size in SIZES
    for priority in ("high", "normal", "low")
}
REASONS = {
    *(item.name for item in restrictions()),
    "cost",
    "down",
    "in_scope",
    "no way",
    "no way on",
    "space_matches",
    "specificity",
    "tie",
}


class Restricted(TypedDict, total=False):
    """What a connector may refuse."""

    max_message_kb: int
    priorities: tuple[Literal["high", "normal", "low"], ...]
    message_types: tuple[Literal["system", "non-system"], ...]
    only_from: tuple[str, ...]
    not_from: tuple[str, ...]


class Drawn:
    """An organization with everything that a decision looks at."""

    def __init__(self, seed: int) -> None:
        self.rng = random.Random(seed)
        self.groups = "ABCDE"[: self.rng.randint(3, 5)]
        self.members = {
            group: [f"{group}{number}" for number in range(self.rng.randint(1, 3))] for group in self.groups
        }
        self.people = [f"user-{name.lower()}" for names in self.members.values() for name in names]

    def chance(self, share: float) -> bool:
        return self.rng.random() < share

    def some(self, names: Iterable[Item], least: int = 1) -> tuple[Item, ...]:
        known = list(names)
        return tuple(self.rng.sample(known, self.rng.randint(least, len(known))))

    def restricted(self) -> Restricted:
        rng, who = self.rng, [*self.people, "staff", "sales"]
        made: Restricted = {}
        if self.chance(0.2):
            made["max_message_kb"] = rng.choice([10, 60])
        if self.chance(0.1):
            made["priorities"] = self.some(("high", "normal", "low"))
        if self.chance(0.1):
            made["message_types"] = self.some(("system", "non-system"))
        if self.chance(0.15):
            made["only_from"] = tuple(rng.sample(who, 2))
        if self.chance(0.15):
            made["not_from"] = tuple(rng.sample(who, 2))
        return made

    def between(self) -> Iterator[RoutingGroupConnector]:
        for here in self.groups:
            for there in self.groups:
                if here != there and self.chance(0.45):
                    yield RoutingGroupConnector(
                        name=f"{here}-{there}",
                        routing_group=here,
                        to=there,
                        cost=self.rng.randint(1, 4),
                        local_bridgeheads=self.some(self.members[here]) if self.chance(0.8) else (),
                        remote_bridgeheads=self.some(self.members[there]),
                        **self.restricted(),
                    )

    def outwards(self) -> Iterator[SmtpConnector]:
        for number in range(self.rng.randint(0, 4)):
            group = self.rng.choice(self.groups)
            patterns = dict.fromkeys(self.rng.choice(PATTERNS) for _ in range(self.rng.randint(1, 2)))
            yield SmtpConnector(
                name=f"out {number}",
                routing_group=group,
                local_bridgeheads=self.some(self.members[group]),
                address_spaces=tuple(AddressSpace(pattern=item, cost=self.rng.randint(1, 3)) for item in patterns),
                scope="routing group" if self.chance(0.3) else "organization",
                smart_host="gate.example.org" if self.chance(0.5) else "",
                **self.restricted(),
            )

    def limit(self) -> int | None:
        return self.rng.choice([30, 60]) if self.chance(0.15) else None

    def server(self, name: str, number: int) -> Server:
        virtual = [
            VirtualServer(smart_host="backup.example.org" if self.chance(0.4) else "", max_message_kb=self.limit())
        ]
        if self.chance(0.4):
            host = "gate.example.org" if self.chance(0.5) else ""
            virtual.append(VirtualServer(name="Partners", port=2525, smart_host=host, max_message_kb=self.limit()))
        ip, fqdn = f"10.0.0.{number + 1}", f"{name.lower()}.contoso.com"
        checks = self.chance(0.7)
        return Server(
            name=name,
            routing_group=name[0],
            ip=ip,
            fqdn=fqdn,
            virtual_servers=tuple(virtual),
            check_connector_restrictions=checks,
        )

    def recipients(self) -> Iterator[AnyRecipient]:
        for person in self.people:
            server = person.removeprefix("user-").upper()
            addresses = (f"{person}@contoso.com",)
            yield Mailbox(name=person, server=server, store="Mailbox Store", addresses=addresses)
        yield Group(name="sales", members=self.some(self.people), addresses=("sales@contoso.com",))
        yield Group(name="staff", members=("sales", self.people[0]), addresses=("staff@contoso.com",))

    def organization(self) -> Organization:
        names = [name for members in self.members.values() for name in members]
        return Organization(
            name="Contoso",
            servers=tuple(self.server(name, number) for number, name in enumerate(names)),
            routing_groups=tuple(RoutingGroup(name=name) for name in self.groups),
            connectors=(*self.between(), *self.outwards()),
            recipients=tuple(self.recipients()),
            recipient_policies=(RecipientPolicy(domains=(PolicyDomain(domain="contoso.com"),)),),
            external_hosts=(
                ExternalHost(name="gate.example.org", ip="192.0.2.7", accepts=OUTSIDE),
                ExternalHost(name="backup.example.org", ip="192.0.2.8", accepts=OUTSIDE),
            ),
        )

    def scenario(self) -> mailflow.Scenario:
        organization, rng = self.organization(), self.rng
        assert faults(organization) == []
        rules = mailflow.Parameters(
            no_route_waits=self.chance(0.3),
            unmatched_returned=self.chance(0.3),
            keep_up_without_alternative=self.chance(0.3),
            oscillation_changes=0,
        )
        made = mailflow.Scenario(organization, seed=rng.randint(0, 9), parameters=rules)
        for item in organization.connectors:
            if self.chance(0.25):
                made.fail(item.name, at=rng.choice([0, 0, 500]))
                if self.chance(0.3):
                    made.restore(item.name, at=800)
            if self.chance(0.1):
                made.change(item.name, at=700, **{"cost": rng.randint(1, 4), **self.restricted()})
        for server in organization.servers:
            if self.chance(0.15):
                made.stop("SMTP", server.name, at=rng.choice([0, 450]))
                if self.chance(0.3):
                    made.start("SMTP", server.name, at=800)
        for number in range(30):
            sender = f"{rng.choice(self.people)}@contoso.com"
            to = [f"{rng.choice(self.people)}@contoso.com", f"kim@{rng.choice(OUTSIDE)}"]
            content = CONTENTS[rng.choice(SIZES), rng.choice(["high", "normal", "low"])]
            way: dict[str, Any] = {}
            if self.chance(0.5):
                door = rng.choice(organization.servers)
                way = {"by": "smtp", "server": door.name, "account": sender.partition("@")[0]}
                way["virtual_server"] = rng.choice(door.virtual_servers).name
            made.send(mailflow.Message(content, sender, to), at=number + rng.choice([0, 400, 900]), **way)
        return made


class Asked(NamedTuple):
    """Which server asked, for which mail, and where it is to go."""

    server: str
    mail: str
    sender: str
    size: int
    priority: str
    virtual_server: str
    destination: Destination


class Hopped(NamedTuple):
    """A decision of a run: the step before it, what was asked, the hop, its cost, and whether the mail waited already."""

    step: int
    asked: Asked
    hop: Hop
    cost: float | None
    again: bool


class Watched:
    """Every decision of a run."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.found: list[Hopped] = []
        self.again = False
        self.cost: float | None = None
        next_hop, stands = World.next_hop, World.stands

        def watched_decide(
            map_: Map, directory: Directory, server: str, target: Target, question: Question, rng: random.Random
        ) -> Decision:
            decision = decide(map_, directory, server, target, question, rng)
            self.cost = decision.cost
            return decision

        def watched_next_hop(world: World, node: Node, mail: Mail, destination: Destination) -> Hop:
            self.cost = None
            hop = next_hop(world, node, mail, destination)
            priority = mail.letter.message.priority
            asked = Asked(node.name, mail.id, mail.sender, mail.size, priority, mail.virtual_server, destination)
            self.found.append(Hopped(len(world.records) - 1, asked, hop, self.cost, self.again))
            return hop

        def watched_stands(world: World, node: Node, hop: Hop, mail: Mail) -> bool:
            self.again = True
            try:
                return stands(world, node, hop, mail)
            finally:
                self.again = False

        monkeypatch.setattr("mailflow.simulation.hops.decide", watched_decide)
        monkeypatch.setattr(World, "next_hop", watched_next_hop)
        monkeypatch.setattr(World, "stands", watched_stands)


def told(trace: Trace, step: int, asked: Asked) -> Route:
    server, _, sender, size, priority, holder, (kind, target) = asked
    recipient = target if kind == "server" else f"kim@{target}"
    return mailflow.route(
        trace, server, recipient, at=step, size_kb=size / 1024, sender=sender, priority=priority, system=not sender,
        virtual_server=holder,
    )  # fmt: skip


def check_hop(found: Route, hop: Hop, cost: float | None, asked: Asked) -> None:
    """What was told is what the hop says: outcome, rule, connector, cost, and the hosts that may be next."""
    assert (found.rule, found.virtual_server) == (hop.rule, hop.virtual_server)
    if hop.type in ("unreachable", "no route"):
        assert (found.outcome, found.next_hop, found.cost) == (hop.type, (), None)
        return
    assert found.connector == hop.through
    assert all(sum(item.costs) == (item.cost or 0) for item in found.candidates)
    inside = asked.destination[0] == "server"
    if hop.through:
        assert found.outcome == "connector"
        assert found.cost == cost
        assert cost is not None
        assert [item.cost for item in found.candidates if item.chosen] == [cost]
        assert all((item.cost or 0) > cost for item in found.candidates if item.reason == "cost")
    else:
        assert found.outcome == ("same routing group" if inside else "virtual server")
        assert found.cost == (0 if inside else None)
    if hop.through and not hop.connector:
        assert set(hop.hosts) <= set(found.next_hop), "one of the bridgeheads, by chance"
    else:
        assert set(found.next_hop) == (set(hop.hosts) or ({hop.target} if hop.connector else set()))


def check_deed(trace: Trace, step: int, asked: Asked, hop: Hop) -> None:
    """What the run did at the very next step with this mail is what the hop says."""
    event = trace[step + 1]
    assert event.mail == asked.mail
    ends = [(effect.state, effect.detail) for effect in event.effects if isinstance(effect, Ended)]
    if hop.type == "no route":
        assert set(ends) <= {("bounced", hop.code), ("badmail", hop.code)}
        assert ends
    elif hop.type == "unreachable":
        assert event.place == places.UNREACHABLE
    else:
        assert event.place == places.link(hop.link, asked.destination[1])


def test_what_route_tells_is_what_the_run_did(monkeypatch: pytest.MonkeyPatch) -> None:
    watched = Watched(monkeypatch)
    reasons: Counter[str] = Counter()
    rules: Counter[str] = Counter()
    by: set[str] = set()
    for seed in count():
        trace = Drawn(seed).scenario().run(until=1500)
        trace = Trace.from_json(trace.to_json()) if seed % 2 else trace
        for step, asked, hop, cost, again in watched.found:
            found = told(trace, step, asked)
            check_hop(found, hop, cost, asked)
            if not again:
                check_deed(trace, step, asked, hop)
            reasons.update(item.reason for item in found.candidates if not item.chosen)
            rules[found.rule] += 1
            by.add(found.virtual_server)
        watched.found.clear()
        if rules.total() >= DECISIONS:
            break
    assert set(reasons) == REASONS
    assert min(reasons.values()) >= 10, reasons
    assert set(rules) == {item.__name__ for item in RULES} - {
        "forward_unresolved",
        "own_name_is_a_domain",
        "no_gateway",
    } | {"keep_to_size"}
    assert by >= {"", "Partners"}


def test_route_knows_the_smart_host_of_the_virtual_server_t133() -> None:
    one = mailflow.load("one server")
    smart = replace(one.servers[0], virtual_servers=(VirtualServer(smart_host="backup.fabrikam.com"),))
    organization = replace(one, servers=(smart,), connectors=())
    for where in (organization, sent(organization, 0, "kim@fabrikam.com")[0]):
        found = mailflow.route(where, "LON01", "kim@fabrikam.com")
        assert (found.outcome, found.next_hop) == ("virtual server", ("backup.fabrikam.com",))
        assert found.rule == "smart_host_of_virtual_server"


def test_route_asks_the_virtual_server_that_holds_the_mail_t133() -> None:
    one = mailflow.load("one server")
    usual = one.servers[0].virtual_servers[0]
    doors = (
        replace(usual, max_message_kb=100),
        VirtualServer(name="Partners", port=2525, smart_host="backup.fabrikam.com"),
    )
    organization = replace(one, servers=(replace(one.servers[0], virtual_servers=doors),), connectors=())
    for where in (organization, sent(organization, 0, "kim@fabrikam.com")[0]):
        found = mailflow.route(where, "LON01", "kim@fabrikam.com", virtual_server="Partners")
        assert (found.next_hop, found.virtual_server) == (("backup.fabrikam.com",), "Partners")
        assert "\n  sent by   Partners" in str(found)
        default = mailflow.route(where, "LON01", "kim@fabrikam.com")
        assert (default.rule, default.virtual_server) == ("dns_of_virtual_server", "")
        large = mailflow.route(where, "LON01", "kim@fabrikam.com", size_kb=101)
        assert (large.outcome, large.rule, large.next_hop) == ("no route", "keep_to_size", ())
        assert "Larger than the 100 KB that the virtual server sends." in str(large)
        assert mailflow.route(where, "LON01", "kim@fabrikam.com", size_kb=101, virtual_server="Partners").next_hop
        with pytest.raises(
            ValueError, match="LON01 has no virtual server 'x'; there is Default SMTP Virtual Server, Partners"
        ):
            mailflow.route(where, "LON01", "kim@fabrikam.com", virtual_server="x")


@pytest.mark.parametrize(("waits", "outcome"), [(True, "unreachable"), (False, "no route")])
def test_a_connector_in_a_group_that_no_connector_reaches_r115(waits: bool, outcome: str) -> None:
    two = mailflow.load("two sites")
    london = replace(two, connectors=tuple(item for item in two.connectors if item.name == "Internet"))
    scenario = mailflow.Scenario(london, parameters=mailflow.Parameters(no_route_waits=waits))
    trace = scenario.send(mailflow.Message.write("pierre@contoso.com", "kim@fabrikam.com")).run(until=60)
    assert mailflow.route(trace, "PAR02", "kim@fabrikam.com").outcome == outcome
    assert trace.status()["m1"][0][1] == ("waiting" if waits else "bounced")


def test_of_equally_close_spaces_the_one_that_is_up_is_taken_although_it_is_dearer_r105() -> None:
    one = mailflow.load("one server")
    near, far = (
        altered(one.connectors[0], name=name, smart_host="mail.fabrikam.com", address_spaces=(AddressSpace(cost=cost),))
        for name, cost in (("Near", 1), ("Far", 50))
    )
    organization = replace(one, connectors=(near, far))
    scenario = mailflow.Scenario(organization, parameters=mailflow.Parameters.exchange_2000()).fail("Near")
    trace = scenario.send(mailflow.Message.write("anna@contoso.com", "kim@fabrikam.com"), at=1).run(until=900)
    assert trace.status()["m1"][0][1] == "relayed"
    found = mailflow.route(trace, "LON01", "kim@fabrikam.com")
    assert (found.connector, found.cost) == ("Far", 50)
    assert [(item.connector, item.reason) for item in found.candidates] == [("Far (*)", "won"), ("Near (*)", "down")]
