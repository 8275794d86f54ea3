"""Rows of the article that are easily lost: each of them runs."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

import mailflow
from mailflow.organization import Contact, Mailbox, Organization, SmtpConnector, VirtualServer, X400Connector
from mailflow.plots import sent as tables
from mailflow.routing.referrals import referrals
from mailflow.trace import Event, Trace
from mailflow.transport import categorizer
from mailflow.transport.mail import Mail
from mailflow.transport.node import Node

READY = ("one server", "two servers", "two sites", "hub and spokes", "four corners", "worldwide")


def events(trace: Trace, *kinds: str) -> list[Event]:
    return [event for event in trace if event.step.key in kinds]


def peers(trace: Trace) -> list[tuple[str, str]]:
    """Who opened a session to whom."""
    return [(event.server, str(event.values["peer"]).split(".")[0].upper()) for event in events(trace, "smtp.connect")]


def sent(organization: Organization, to: str | list[str], sender: str = "anna@contoso.com") -> Trace:
    return mailflow.Scenario(organization).send(mailflow.Message.write(sender, to)).run()


def end(trace: Trace, message: str = "m1") -> tuple[str, str]:
    return trace.status()[message][0][1:]


def home(organization: Organization, address: str) -> str:
    """The server of somebody's mailbox."""
    person = organization.by_address[address]
    assert isinstance(person, Mailbox)
    return person.server


def served_by(*virtual_servers: VirtualServer) -> Organization:
    """One server that listens as each of them."""
    one = mailflow.load("one server")
    return replace(one, servers=(replace(one.servers[0], virtual_servers=virtual_servers),))


def test_several_configurations_of_one_protocol_through_virtual_servers() -> None:
    inside = VirtualServer(name="Inside", relay_list=("192.0.2.0/24",))
    outside = VirtualServer(name="Internet", ip="192.0.2.60")
    organization = served_by(inside, outside)
    letter = mailflow.Message.write("printer@contoso.com", "kim@fabrikam.com")
    ends = {
        name: end(
            mailflow.Scenario(organization)
            .send(letter, by="smtp", server="LON01", client="192.0.2.200", virtual_server=name)
            .run()
        )
        for name in ("Inside", "Internet")
    }
    assert ends == {
        "Inside": ("relayed", "mail.fabrikam.com"),
        "Internet": ("refused", "RCPT TO: 550 5.7.1 Unable to relay for kim@fabrikam.com"),
    }


def test_a_front_end_server_takes_mail_in_and_passes_it_to_the_back_end() -> None:
    sites = mailflow.load("two sites")
    trace = sent(sites, "anna@contoso.com", "kim@fabrikam.com")
    assert peers(trace)[0] == ("mail.fabrikam.com", "LONFE")
    assert peers(trace)[1] == ("LONFE", home(sites, "anna@contoso.com"))
    assert end(trace)[0] == "delivered"


@pytest.mark.parametrize(("rich", "copies"), [((True, False), 1), ((True, True), 0), ((False, False), 0)])
def test_a_message_is_split_by_format_alone(rich: tuple[bool, bool], copies: int) -> None:
    one = mailflow.load("one server")
    people = [
        Contact(
            name=name,
            display_name=name,
            addresses=(f"{name}@contoso.com",),
            target_address=f"{name}@fabrikam.com",
            rich_text=wanted,
        )
        for name, wanted in zip(("kim", "lou"), rich, strict=True)
    ]
    trace = sent(replace(one, recipients=(*one.recipients, *people)), ["kim@contoso.com", "lou@contoso.com"])
    assert len(events(trace, "categorizer.bifurcated")) == copies
    assert {event.values["format"] for event in events(trace, "link.converted")} == {
        "TNEF" if wanted else "MIME" for wanted in rich
    }


@pytest.mark.parametrize("kind", ["standard", "bcc", "envelope"])
def test_the_three_kinds_of_journaling(kind: str) -> None:
    one = mailflow.load("one server")
    if kind == "bcc":
        one = mailflow.reconfigure(one, "LON01", bcc_journaling=True)
    if kind == "envelope":
        one = replace(one, global_settings=replace(one.global_settings, envelope_journaling=True))
    letter = mailflow.Message.write("carla@contoso.com", "sales@contoso.com", bcc=["finn@contoso.com"])
    trace = mailflow.Scenario(one).send(letter).run()
    (added,) = events(trace, "categorizer.journaled")
    assert f"({kind} journaling)" in added.sentence
    assert bool(events(trace, "categorizer.journal-report")) == (kind == "envelope")
    (report,) = trace.archived("m1").values()
    assert ("finn@contoso.com" in str(report.content)) == (kind != "standard"), "Bcc"
    assert ("anna@contoso.com" in str(report.content)) == (kind != "standard"), "a member of the group"
    assert end(trace)[0] == "expanded"


@pytest.fixture
def folders() -> Iterator[list[str]]:
    """Where the content of each message lies when the categorizer sees it."""
    seen: list[str] = []

    def look_where(node: Node, mail: Mail, sender: object) -> None:
        seen.append(mail.content_in)

    categorizer.inspection(look_where)
    yield seen
    categorizer.withdraw("look_where")


def test_the_queue_directories_lie_in_the_folder_of_exchange(folders: list[str]) -> None:
    organization = served_by(VirtualServer(), VirtualServer(name="Second", ip="192.0.2.60"))
    letter = mailflow.Message.write("kim@fabrikam.com", "anna@contoso.com")
    for name in ("Default SMTP Virtual Server", "Second"):
        mailflow.Scenario(organization).send(letter, by="smtp", server="LON01", virtual_server=name).run()
    sent(organization, "ben@contoso.com")
    assert folders == [r"\Mailroot\vsi 1\Queue", r"\Mailroot\vsi 2\Queue", "the streaming database"], "S18, T50, T15"


def test_the_virtual_server_sends_to_the_internet_without_a_connector() -> None:
    bare = replace(mailflow.load("one server"), connectors=())
    assert end(sent(bare, "kim@fabrikam.com")) == ("relayed", "mail.fabrikam.com")
    smart = mailflow.reconfigure(bare, "LON01", smart_host="backup.fabrikam.com")
    assert peers(sent(smart, "kim@fabrikam.com")) == [("LON01", "BACKUP")]


def test_the_first_server_is_the_master_and_the_role_moves_by_hand() -> None:
    sites = mailflow.load("two sites")
    assert [group.master for group in sites.routing_groups] == ["LON01", "PAR01"]
    first = {
        group: next(item.name for item in sites.servers if item.routing_group == group) for group in ("London", "Paris")
    }
    assert first == {"London": "LON01", "Paris": "PAR01"}
    gone = mailflow.Scenario(sites).fail("LON01", at=1).run(until=4000)
    assert not events(gone, "routing.master"), "nobody takes over (R12)"
    moved = mailflow.Scenario(sites).set_master("London", "LON02", at=1).run()
    assert mailflow.winroute(moved, "PAR02").table.groups["London"].master == "LON02"


def joined(kind: str) -> Organization:
    """London and Paris, joined by another kind of connector."""
    sites = mailflow.load("two sites")
    ways = [("London", "LON02", "Paris", "PAR01"), ("Paris", "PAR01", "London", "LON02")]
    made: list[SmtpConnector | X400Connector] = []
    for here, head, there, far in ways:
        if kind == "SMTP":
            made.append(
                SmtpConnector(
                    name=f"To {there}",
                    routing_group=here,
                    local_bridgeheads=(head,),
                    connected_routing_groups=(there,),
                    smart_host=far,
                )
            )
        else:
            made.append(
                X400Connector(
                    name=f"To {there}",
                    routing_group=here,
                    local_bridgehead=head,
                    remote_bridgehead=far,
                    connected_routing_groups=(there,),
                )
            )
    kept = [item for item in sites.connectors if item.name not in ("London-Paris", "Paris-London")]
    return replace(sites, connectors=(*kept, *made))


@pytest.mark.parametrize(("kind", "carried"), [("SMTP", "smtp.content"), ("X.400", "mta.transferred")])
def test_smtp_and_x400_connectors_join_routing_groups(kind: str, carried: str) -> None:
    trace = sent(joined(kind), "pierre@contoso.com")
    assert end(trace)[0] == "delivered"
    assert "LON02" in [event.server for event in events(trace, carried)]


def test_mail_from_and_to_exchange_5_5_goes_by_rpc() -> None:
    sites = mailflow.load("two sites")
    old = replace(sites, mode="mixed")
    for name in ("PAR01", "PAR02"):
        old = mailflow.reconfigure(old, name, product="5.5")
    trace = sent(old, "pierre@contoso.com")
    assert end(trace)[0] == "delivered"
    assert any("by RPC" in event.sentence for event in events(trace, "mta.transferred"))


def test_reason_one_a_slow_line_is_crossed_once() -> None:
    split = mailflow.load("two sites")
    both = ["pierre@contoso.com", "odile@contoso.com"]
    crossing = [
        len([pair for pair in peers(sent(organization, both)) if pair[0][:3] != pair[1][:3]])
        for organization in (split, mailflow.one_routing_group(split))
    ]
    assert crossing == [1, 2]


def test_reason_two_an_unreliable_line_makes_no_news_between_groups() -> None:
    split = mailflow.load("two sites")
    letter = mailflow.Message.write("anna@contoso.com", "pierre@contoso.com")
    counts = []
    for organization, names in (
        (mailflow.one_routing_group(split), ("PAR01", "PAR02")),
        (split, ("London-Paris", "Paris-London")),
    ):
        scenario = mailflow.Scenario(organization).send(letter, at=1)
        for name in names:
            scenario.fail(name).restore(name, at=600)
        counts.append(tables(scenario.run())[0])
    assert counts[0] > counts[1] == 0


def test_reason_three_an_indirect_way_over_several_hops_is_laid_out_by_connectors() -> None:
    """In one routing group everybody opens a session to everybody; groups in a row hand on from neighbour to neighbour."""
    hub = mailflow.load("hub and spokes")
    assert peers(sent(hub, "pierre@contoso.com"))[:2] == [("LON01", "BRU01"), ("BRU01", "PAR01")]
    flat = mailflow.one_routing_group(hub)
    assert peers(sent(flat, "pierre@contoso.com")) == [("LON01", home(flat, "pierre@contoso.com"))]


def test_reason_four_a_schedule_holds_for_all_mail_between_two_places() -> None:
    night = mailflow.reconfigure(mailflow.load("two sites"), "London-Paris", schedule=["20:00-06:00"])
    trace = sent(night, ["pierre@contoso.com", "ben@contoso.com"])
    arrived: dict[str, float] = {
        event.recipients[0]: event.time for event in events(trace, "delivery.delivered") if event.message == "m1"
    }
    assert arrived["ben@contoso.com"] < 60
    assert 11 * 3600 <= arrived["pierre@contoso.com"] < 12 * 3600, "from nine in the morning to eight in the evening"


def test_reason_five_a_connector_keeps_clients_from_public_folders() -> None:
    world = mailflow.load("worldwide")
    assert "London" in referrals(world, "Cape Town")
    assert (
        referrals(mailflow.reconfigure(world, "Cape Town-London", no_public_folder_referrals=True), "Cape Town") == {}
    )


def test_the_master_collects_over_port_691_and_bridgeheads_tell_over_port_25() -> None:
    world = mailflow.reconfigure(mailflow.load("worldwide"), "London-Brussels", local_bridgeheads=["LON02"])
    letter = mailflow.Message.write("anna@contoso.com", "bruno@contoso.com")
    trace = mailflow.Scenario(world).fail("London-Brussels").send(letter).run(until=240)
    (reported,) = events(trace, "routing.reported")
    assert reported.sentence.startswith("LON02 tells its routing group master LON01 over TCP port 691")
    assert all("X-LINK2STATE" in event.sentence for event in events(trace, "routing.orginfo"))
    assert {event.server for event in events(trace, "routing.pushed")} >= {"LON02", "LON03", "PAR02"}


@pytest.mark.parametrize("name", READY)
def test_by_default_no_server_is_an_open_relay(name: str) -> None:
    organization = mailflow.load(name)
    assert [mailflow.open_relay(organization, server.name) for server in organization.servers] == [None] * len(
        organization.servers
    )


def test_unsolicited_mail_goes_through_a_server_that_is_one() -> None:
    careless = mailflow.reconfigure(mailflow.load("one server"), "LON01", relay_mode="all except the list below")
    spam = mailflow.Message.write("offers@spam.example", "kim@fabrikam.com")
    trace = mailflow.Scenario(careless).send(spam, by="smtp", server="LON01", client="198.51.100.4").run()
    assert end(trace) == ("relayed", "mail.fabrikam.com")
