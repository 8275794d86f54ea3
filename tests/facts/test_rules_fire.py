"""Every rule of the model is seen at work in the event of a run, or the table below says why it cannot be."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache
from importlib import import_module
from pkgutil import walk_packages
from typing import Any, Unpack

import pytest

import mailflow
from mailflow.facts import rules
from mailflow.organization import complete
from mailflow.organization.model import (
    AddressSpace,
    Contact,
    Group,
    MailboxStore,
    Organization,
    PolicyDomain,
    SmtpConnector,
)
from mailflow.simulation import Parameters, Scenario
from mailflow.trace import Trace, step_of, tellings
from mailflow.transport.parameters import Durations
from tests.conftest import Sending, Wording
from tests.linkstate.test_engines import by_x400, flapping, island, loop_company

for found in walk_packages(mailflow.__path__, "mailflow."):
    if not found.name.endswith("__main__"):
        import_module(found.name)

Settings = dict[str, Any]
"""Settings by name, whatever their types."""

LISTENER = "answers a client that types; the sessions of a run say the same by other rules"
CHECK = "refuses an organization before there is a run"
PART = "works inside a decision; the rule that decided is cited"
ASKED = "answers somebody who looks at a run, and makes nothing happen"
SILENT = {
    "_auth": LISTENER,
    "_bdat": LISTENER,
    "_mail": LISTENER,
    "_only_exchange": LISTENER,
    "_starttls": LISTENER,
    "_vrfy": LISTENER,
    "service_id": LISTENER,
    "command": LISTENER,
    "_bridgehead_virtual_servers": CHECK,
    "_connector": CHECK,
    "_limits": CHECK,
    "_mode": CHECK,
    "_policies": CHECK,
    "_virtual_servers": CHECK,
    "accepted_senders": PART,
    "answering": PART,
    "listening": PART,
    "sent_by": PART,
    "allowed_priorities": PART,
    "allowed_types": PART,
    "bridgeheads": PART,
    "closest_space": PART,
    "in_scope": PART,
    "least_cost": PART,
    "next_bridgeheads": PART,
    "refusal": PART,
    "rejected_senders": PART,
    "senders_are_checked": PART,
    "size_limit": PART,
    "space_matches": PART,
    "targets": PART,
    "revealed": PART,
    "_recipients": PART,
    "_pass_on": PART,
    "find_by_name": PART,
    "stamp": "writes a line that the message shows to whoever opens it",
    "note_arrival": "writes a line that the message shows to whoever opens it",
    "code_for_transport": "lets a size grow that later events tell",
    "_tarpit": "holds a reply back: what is seen is the time at which it comes",
    "_takes_part": "says who tells nothing: where it fires, nothing happens",
    "guid": "names objects inside a packet, of which an event shows the size",
    "take": "puts packets together that somebody feeds to it; in a run a table travels whole",
    "blocks": ASKED,
    "conclude": ASKED,
    "dijkstra": ASKED,
    "growth_alarms": ASKED,
    "gwart": ASKED,
    "is_written": ASKED,
    "kept_from": ASKED,
    "open_relay": ASKED,
    "protocol_events": ASKED,
    "raw": ASKED,
    "referrals": ASKED,
    "verdict": ASKED,
}
"""The rules that no event cites, and why."""

STRANGER: Sending = {"by": "smtp", "server": "LON01"}


def letter(to: str | list[str], sender: str = "anna@contoso.com", **fields: Unpack[Wording]) -> mailflow.Message:
    return mailflow.Message.write(sender, to, **fields)


def one(virtual: Settings | None = None, everywhere: Settings | None = None, **server: Any) -> Organization:
    """The ready-made single server with other settings."""
    made = mailflow.load("one server")
    first = made.servers[0]
    door = replace(first.virtual_servers[0], **(virtual or {}))
    return replace(
        made,
        servers=(replace(first, virtual_servers=(door,), **server),),
        global_settings=replace(made.global_settings, **(everywhere or {})),
    )


def connectors(name: str, **changes: Settings) -> Organization:
    """A ready-made organization with other settings of connectors, by name with underscores."""
    made = mailflow.load(name)
    known = {key.replace("_", "-"): value for key, value in changes.items()}
    return replace(made, connectors=tuple(replace(item, **known.get(item.name, {})) for item in made.connectors))


def edited(name: str, recipient: str, **changes: Any) -> Organization:
    """A ready-made organization with other settings of a recipient."""
    made = mailflow.load(name)
    items = (replace(item, **changes) if item.name == recipient else item for item in made.recipients)
    return replace(made, recipients=tuple(items))


def without_connectors(virtual: Settings | None = None) -> Organization:
    return replace(one(virtual), connectors=())


def every_kind() -> Iterator[Scenario]:
    """Mail inside one server, and out of it."""
    late = datetime(2003, 10, 6, 11, 0, tzinfo=UTC)
    organization = one()
    people = [item.primary for item in organization.recipients]
    yield Scenario(organization).send(letter([*people, "nix@contoso.com", "kim@fabrikam.com"]))
    yield Scenario(organization).send(letter("ben@contoso.com", deliver_after=late))
    small = tuple(
        replace(item, max_receive_kb=1) if isinstance(item, Group) else item for item in organization.recipients
    )
    groups = [item.primary for item in small if isinstance(item, Group)]
    yield Scenario(replace(organization, recipients=small)).send(letter(groups, attachments={"big.bin": 200_000}))
    yield Scenario(one({"max_message_kb": 1})).send(letter("kim@fabrikam.com", attachments={"big.bin": 200_000}))
    yield Scenario(organization).send(letter("board@contoso.com", "carla@contoso.com"))
    yield Scenario(organization).send(letter("ben@contoso.com"), by="pickup", server="LON01")
    inside = tuple(
        replace(item, target_address="ben@contoso.com") if isinstance(item, Contact) else item
        for item in organization.recipients
    )
    contacts = [item.primary for item in inside if isinstance(item, Contact)]
    yield Scenario(replace(organization, recipients=inside)).send(letter(contacts))
    stores = (MailboxStore(journal_to="journal"), MailboxStore(name="Archived Store"))
    own = replace(organization, servers=(replace(organization.servers[0], mailbox_stores=stores),))
    yield Scenario(own).send(letter(["ben@contoso.com", "journal@contoso.com"]))
    two = Scenario(mailflow.load("two servers")).stop("SMTP", "LON01")
    yield two.send(letter("carla@contoso.com", "ben@contoso.com"), at=1)
    moving = Scenario(mailflow.load("two servers")).move_mailbox("ben", "LON01")
    yield moving.send(letter("ben@contoso.com"), at=1)
    stiff = Scenario(organization).freeze("Messages awaiting directory lookup")
    yield stiff.send(letter("ben@contoso.com"), at=1)
    handled = Scenario(organization).fail("fabrikam.com").send(letter("kim@fabrikam.com"))
    yield handled.freeze("fabrikam.com", message="m1", at=9).delete("fabrikam.com", message="m1", at=10)
    walled = mailflow.reconfigure(mailflow.load("two sites"), "PAR01", filtering_firewall=True)
    yield Scenario(walled).send(letter("pierre@contoso.com"), at=1)
    yield from slow_or_deleted()
    archived = Scenario(mailflow.load("two servers")).delete_mailbox("journal")
    yield archived.send(letter("ben@contoso.com"), at=1).read("journal", at=2)
    yield Scenario(organization).send(letter("anna@contoso.com", "kim@fabrikam.com"), client="mail.fabrikam.com")
    yield Scenario(organization).send(letter("ben@contoso.com", "iris@contoso.com", attachments={"big.bin": 200_000}))
    yield Scenario(organization).send(letter("iris@contoso.com", attachments={"big.bin": 200_000}))
    yield Scenario(organization).send(letter(people[:5], "iris@contoso.com"))
    yield Scenario(organization).send(letter("x..y@contoso.com", "kim@fabrikam.com"), **STRANGER)
    yield Scenario(organization).send(
        letter("anna@contoso.com", "kim@fabrikam.com"), helo=True, by="smtp", server="LON01"
    )
    yield Scenario(organization).send(
        letter("nix@contoso.com", "kim@fabrikam.com"), notify="NEVER", by="smtp", server="LON01"
    )
    received = b"".join(b"Received: from a by b\r\n" for _ in range(40))
    looping = received + b"From: kim@fabrikam.com\r\nTo: anna@contoso.com\r\nSubject: x\r\n\r\nHi.\r\n"
    yield Scenario(organization).send(looping)
    second = organization.recipients[0]
    named_twice = replace(second, addresses=(*second.addresses, second.primary, "sales-desk@contoso.com"))
    yield Scenario(replace(organization, recipients=(named_twice, *organization.recipients[1:]))).send(
        letter("sales-desk@contoso.com", "kim@fabrikam.com"), **STRANGER
    )


def slow_or_deleted() -> Iterator[Scenario]:
    """Lists that take long, permissions that are missing, a scanner in a store, and a host that answers late."""
    slow = Parameters(durations=Durations(restriction=1.0))
    strict = edited("one server", "ben", accept_from=("anna",))
    strict = replace(strict, servers=(replace(strict.servers[0], check_connector_restrictions=True),))
    (internet,) = (item for item in strict.connectors if item.name == "Internet")
    strict = replace(strict, connectors=(replace(internet, only_from=("anna",)),))
    to_both = letter(["ben@contoso.com", "kim@fabrikam.com"])
    yield Scenario(strict, parameters=slow).send(to_both)
    yield Scenario(one(inherited_permissions=False)).send(letter("ben@contoso.com"))
    stores = (MailboxStore(scanner_deletes=(".exe",)), MailboxStore(name="Archived Store"))
    yield Scenario(one(mailbox_stores=stores)).send(letter("ben@contoso.com", attachments={"a.exe": b"MZ"}))
    hosts = tuple(replace(item, late_answer_to_data=True) for item in one().external_hosts)
    yield Scenario(replace(one(), external_hosts=hosts)).send(letter("kim@fabrikam.com"))


def stopped() -> Iterator[Scenario]:
    """What waits while something does not run, and what becomes of it."""
    for service in ("SMTP", "information store", "routing engine", "global catalog", "antivirus"):
        scenario = Scenario(one()).stop(service).start(service, at=200_000)
        yield scenario.send(letter(["ben@contoso.com", "kim@fabrikam.com"]), at=1)
        yield Scenario(one()).stop(service, at=0.044).start(service, at=10).send(letter("ben@contoso.com"))
    yield Scenario(one()).pause().resume(at=5).send(letter("anna@contoso.com", "kim@fabrikam.com"), at=1)
    named = mailflow.load("two servers")
    domains = tuple(
        replace(item, domains=(*item.domains, PolicyDomain(domain="lon02.contoso.com")))
        for item in named.recipient_policies
    )
    yield Scenario(replace(named, recipient_policies=domains)).send(letter("carla@contoso.com"))
    yield Scenario(one()).stop("Mailbox Store").send(letter("ben@contoso.com"), at=1)
    yield (
        Scenario(one())
        .stop("information store", at=0.03)
        .start("information store", at=9)
        .send(letter("nix@contoso.com"))
    )
    kim = letter("kim@fabrikam.com")
    yield Scenario(one()).disable_outbound_mail().send(kim, at=1).enable_outbound_mail(at=9)
    queued = Scenario(one()).fail("mail.fabrikam.com").send(kim).freeze("fabrikam.com", at=10)
    yield queued.delete("fabrikam.com", at=20)
    yield Scenario(one()).stop("SMTP").send(letter("anna@contoso.com", "kim@fabrikam.com"), **STRANGER)
    yield Scenario(one()).stop("IIS Admin").read("anna").read("anna", by="http", at=1)
    yield Scenario(mailflow.load("two sites")).read("anna", by="http", server="LONFE")


def at_the_door() -> Iterator[Scenario]:
    """What the virtual server says to clients, verb by verb."""
    filters = ("connection", "sender", "recipient")
    kim = letter("ben@contoso.com", "kim@fabrikam.com")
    foreign = letter("victim@elsewhere.example", "kim@fabrikam.com")
    yield Scenario(one()).send(foreign, **STRANGER)
    yield Scenario(one()).send(foreign, account="anna", by="smtp", server="LON01")
    yield Scenario(one({"denied_clients": ("203.0.113.99",)})).send(
        kim, client="203.0.113.99", by="smtp", server="LON01"
    )
    yield Scenario(one({"anonymous": False})).send(kim, **STRANGER)
    yield Scenario(one({"require_tls": True, "certificate": "mail.contoso.com"})).send(kim, **STRANGER)
    yield Scenario(one({"max_recipients": 1})).send(
        letter(["ben@contoso.com", "carla@contoso.com"], "kim@fabrikam.com"), **STRANGER
    )
    yield Scenario(one({"max_session_kb": 1})).send(
        letter("ben@contoso.com", "kim@fabrikam.com", text="x" * 3000), **STRANGER
    )
    for settings in (
        {"blocked_senders": ("kim@fabrikam.com",)},
        {"blocked_clients": ("203.0.113.99", "198.51.100.25")},
        {"blocked_recipients": ("ben@contoso.com",)},
    ):
        yield Scenario(one({"filters": filters}, settings)).send(kim, client="203.0.113.99", by="smtp", server="LON01")
    relays = SmtpConnector(
        name="Partner",
        routing_group="First Routing Group",
        local_bridgeheads=("LON01",),
        address_spaces=(AddressSpace(pattern="partner.example"),),
        relay_to_address_spaces=True,
    )
    organization = one()
    partner = replace(organization, connectors=(*organization.connectors, relays))
    yield Scenario(partner).send(letter("pat@partner.example", "kim@fabrikam.com"), **STRANGER)


def ways_out() -> Iterator[Scenario]:
    """How the next hop is chosen, and what is returned because there is none."""
    kim = letter("kim@fabrikam.com")
    yield Scenario(without_connectors()).send(kim)
    narrow = connectors("one server", Internet={"address_spaces": (AddressSpace(pattern="adatum.com"),)})
    yield Scenario(narrow, parameters=Parameters(unmatched_returned=True)).send(kim)
    yield Scenario(without_connectors({"smart_host": "[198.51.100.25]"})).send(kim)
    yield Scenario(without_connectors({"smart_host": "198.51.100.25"})).send(kim)
    policies = one().recipient_policies
    shared = replace(
        one({"forward_unresolved_to": "mail.fabrikam.com"}),
        recipient_policies=(
            *policies,
            replace(policies[0], domains=(replace(policies[0].domains[0], domain="contoso.com"),)),
        ),
    )
    yield Scenario(shared).send(letter("nix@contoso.com"))
    teletex = Contact(name="teletex", target_address="X400:c=DE;a=Telekom;s=Meyer")
    known = one()
    yield Scenario(complete(replace(known, recipients=(*known.recipients, teletex)))).send(
        letter("teletex@contoso.com")
    )
    yield Scenario(connectors("one server", Internet={"max_message_kb": 1})).send(
        letter("kim@fabrikam.com", text="x" * 9999)
    )
    yield Scenario(connectors("two sites", London_Paris={"max_message_kb": 1})).send(
        letter("pierre@contoso.com", text="x" * 9999)
    )
    alone = mailflow.load("two sites")
    alone = replace(alone, connectors=tuple(item for item in alone.connectors if item.name != "London-Paris"))
    yield Scenario(alone).send(letter("pierre@contoso.com"))
    without = Parameters.exchange_2000(some_stay_up=False)
    two = Scenario(mailflow.load("two sites"), parameters=without).fail("Internet")
    yield two.send(kim).send(kim, at=2000)


def between_servers() -> Iterator[Scenario]:
    """Link state, masters, and the MTA."""
    old = Parameters.exchange_2000()
    bruno = letter("bruno@contoso.com")
    for parameters in (None, old, Parameters(hold_back_seconds=60)):
        broken = Scenario(mailflow.load("worldwide"), parameters=parameters).fail("London-Brussels").send(bruno)
        yield broken.restore("London-Brussels", at=2000).change("London-Paris", cost=7, at=3000)
    world = mailflow.load("worldwide")
    quiet = tuple(replace(item, suppress_state_changes=True) for item in world.servers)
    yield Scenario(replace(world, servers=quiet)).fail("London-Brussels").send(bruno)
    for name in ("LON02", "BRU01"):
        yield (
            Scenario(world)
            .stop("routing engine", name)
            .fail("London-Brussels", at=1)
            .send(bruno, at=2)
            .start("routing engine", name, at=1000)
        )
        yield Scenario(world).fail(name, at=10).restore(name, at=1000)
        yield Scenario(world).stop("SMTP", name, at=10)
        yield (
            Scenario(world)
            .delete_server(name, at=1)
            .stop("routing engine", "BRU02", at=10)
            .start("routing engine", "BRU02", at=20)
        )
    yield Scenario(connectors("worldwide", London_Paris={"local_bridgeheads": ("LON02",)})).set_master(
        "London", "LON02", replication_lag=3000
    )
    sites = mailflow.load("two sites")
    pierre = letter("pierre@contoso.com", "ben@contoso.com")
    yield Scenario(sites).fail("London-Paris").send(pierre)
    yield Scenario(sites, parameters=old).fail("London-Paris").send(pierre).send(pierre, at=4000)
    yield Scenario(sites).fail("Internet").send(letter("kim@fabrikam.com"))
    yield (
        Scenario(connectors("two sites", London_Paris={"remote_bridgeheads": ("PAR02", "PAR01")}))
        .stop("SMTP", "PAR01")
        .send(pierre, at=1)
    )
    nora = letter("sven@contoso.com", "nora@contoso.com")
    yield Scenario(complete(island(Middle="5.5"))).change("Middle-South", cost=9).send(nora, at=5)
    yield Scenario(by_x400()).change("North-Middle", cost=9).send(nora, at=5).send(nora, at=500)
    yield Scenario(by_x400()).stop("MTA", "N1").send(nora)
    yield Scenario(loop_company(False)).fail("North-South").send(nora, at=1)


@cache
def runs() -> tuple[Trace, ...]:
    batteries = (every_kind, stopped, at_the_door, ways_out, between_servers)
    made = [scenario.run(until=260_000) for battery in batteries for scenario in battery()]
    return (*made, flapping(Parameters()))


@cache
def fired() -> frozenset[str]:
    return frozenset(event.rule.name for trace in runs() for event in trace)


def test_every_rule_is_seen_at_work_or_it_is_said_why_not() -> None:
    assert set(rules()) - fired() - set(SILENT) == set()


def test_nothing_is_excused_that_is_seen_or_gone() -> None:
    assert set(SILENT) & fired() == set()
    assert set(SILENT) - set(rules()) == set()


def test_an_event_cites_a_rule_that_its_step_may_cite() -> None:
    for trace in runs():
        for event in trace:
            assert event.rule.name in event.step.rules, f"{event.step.key} cites {event.rule.name}"


def test_a_step_may_cite_no_rule_that_is_never_seen() -> None:
    may = {name for kind in tellings().values() for name in step_of(kind).rules}
    assert may - fired() == set()


@pytest.mark.parametrize("index", [0, -1])
def test_the_rule_that_fired_is_kept_in_json(index: int) -> None:
    trace = runs()[index]
    again = Trace.from_json(trace.to_json())
    assert [event.rule for event in again] == [event.rule for event in trace]
    assert [event.telling for event in again] == [event.telling for event in trace]
