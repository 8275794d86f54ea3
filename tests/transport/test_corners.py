"""The less travelled ways: X.400, smart hosts, restrictions of connectors, services that stop half-way."""

from dataclasses import replace
from datetime import datetime, timedelta
from email.utils import format_datetime
from typing import Any, Unpack

import pytest

import mailflow
from mailflow.organization import (
    AddressSpace,
    Contact,
    GlobalSettings,
    Group,
    MailboxStore,
    Organization,
    SmtpConnector,
    VirtualServer,
    X400Connector,
    complete,
)
from mailflow.organization.check import warnings
from mailflow.simulation import Parameters
from mailflow.trace import START, Trace
from mailflow.transport import places
from tests.conftest import Script, Sending, Wording, altered, changed, ends

FIRST = "First Routing Group"


@pytest.fixture
def one() -> Organization:
    return mailflow.load("one server")


def run(
    organization: Organization,
    sender: str,
    to: str | list[str],
    *,
    until: float | None = None,
    script: Script | None = None,
    parameters: Parameters | None = None,
    way: Sending | None = None,
    **fields: Unpack[Wording],
) -> Trace:
    scenario = mailflow.Scenario(organization, parameters=parameters)
    if script:
        script(scenario)
    return scenario.send(mailflow.Message.write(sender, to, **fields), **(way or {})).run(until)


def x400(one: Organization, **fields: Any) -> Organization:
    connector = X400Connector(
        name="X400", routing_group=FIRST, local_bridgehead="LON01", remote_bridgehead="x400.fabrikam.com",
        address_spaces=(AddressSpace(pattern="*", type="X400"),), **fields,
    )  # fmt: skip
    contact = Contact(name="old", target_address="X400:c=US;a= ;p=Fabrikam;s=Kim")
    return complete(replace(one, connectors=(*one.connectors, connector), recipients=(*one.recipients, contact)))


def test_x400_address_goes_out_through_the_mta(one: Organization) -> None:
    scenario = run(x400(one), "anna@contoso.com", "old@contoso.com", until=0.5)
    assert {item.place for item in scenario.at().mails.values()} <= {places.MTA}


def test_x400_without_connector_is_returned(one: Organization) -> None:
    contact = Contact(name="old", target_address="X400:c=US;a= ;p=Fabrikam;s=Kim")
    organization = complete(replace(one, recipients=(*one.recipients, contact)))
    assert ends(run(organization, "anna@contoso.com", "old@contoso.com"))["old@contoso.com"] == ("bounced", "5.0.0")


def test_x400_between_routing_groups_when_it_is_the_cheapest() -> None:
    world = mailflow.load("worldwide")
    cheap = tuple(altered(item, cost=1) if item.kind == "X.400" else item for item in world.connectors)
    trace = run(replace(world, connectors=cheap), "dora@contoso.com", "paulo@contoso.com")
    keys = [event.step.key for event in trace]
    assert "mta.transferred" in keys
    assert "submission.from-mta" in keys
    assert ends(trace)["paulo@contoso.com"][0] == "delivered"
    stopped = run(
        replace(world, connectors=cheap), "dora@contoso.com", "paulo@contoso.com",
        script=lambda s: s.stop("MTA", "BER03").start("MTA", "BER03", at=1000).stop("SMTP", "SAO01", at=1100).start("SMTP", "SAO01", at=1300),
    )  # fmt: skip
    assert ends(stopped)["paulo@contoso.com"][0] == "delivered"
    gone = run(
        replace(world, connectors=cheap),
        "dora@contoso.com",
        "paulo@contoso.com",
        script=lambda s: s.stop("MTA", "BER03"),
    )
    assert ends(gone)["paulo@contoso.com"] == ("bounced", "4.4.7")


def test_smart_host_of_a_connector_and_of_the_virtual_server(one: Organization) -> None:
    smart = altered(one.connectors[0], smart_host="[198.51.100.10]")
    trace = run(replace(one, connectors=(smart,)), "anna@contoso.com", "kim@fabrikam.com")
    assert ends(trace)["kim@fabrikam.com"] == ("relayed", "mail.fabrikam.com")
    assert next(e.values["link"] for e in trace if e.step.key == "queuing.routed") == "Internet"
    bare = changed(
        replace(one, connectors=()), "LON01", virtual_servers=(VirtualServer(smart_host="backup.fabrikam.com"),)
    )
    assert ends(run(bare, "carla@contoso.com", "kim@fabrikam.com"))["kim@fabrikam.com"][1] == "backup.fabrikam.com"
    own = run(
        changed(one, "LON01", virtual_servers=(VirtualServer(smart_host="backup.fabrikam.com"),)),
        "anna@contoso.com",
        "kim@fabrikam.com",
    )
    assert ends(own)["kim@fabrikam.com"][1] == "mail.fabrikam.com", "the connector's setting wins (T133)"


@pytest.mark.parametrize(
    ("written", "end"),
    [
        ("198.51.100.10", ("bounced", "4.4.9")),
        ("[198.51.100.10]", ("relayed", "mail.fabrikam.com")),
        ("198.51.100.10, mail.fabrikam.com", ("relayed", "mail.fabrikam.com")),
    ],
)
def test_a_smart_host_by_address_needs_brackets_t133(one: Organization, written: str, end: tuple[str, str]) -> None:
    organization = replace(one, connectors=(altered(one.connectors[0], smart_host=written),))
    assert ends(run(organization, "anna@contoso.com", "kim@fabrikam.com"))["kim@fabrikam.com"] == end
    assert any("is looked up as a name; write [198.51.100.10]" in line for line in warnings(organization)) is (
        not written.startswith("[")
    )


@pytest.mark.parametrize(("returned", "end"), [(False, "relayed"), (True, "bounced")])
def test_an_address_that_no_address_space_matches_leaves_by_dns_or_is_returned_r115(
    one: Organization, returned: bool, end: str
) -> None:
    other = replace(
        one, connectors=(altered(one.connectors[0], address_spaces=(AddressSpace(pattern="example.net"),)),)
    )
    rules = Parameters(unmatched_returned=returned)
    trace = run(other, "anna@contoso.com", "kim@fabrikam.com", parameters=rules)
    assert ends(trace)["kim@fabrikam.com"][0] == end
    found = mailflow.route(trace, "LON01", "kim@fabrikam.com")
    assert found.rule == ("no_space_matches" if returned else "dns_of_virtual_server")
    bare = run(replace(one, connectors=()), "anna@contoso.com", "kim@fabrikam.com", parameters=rules)
    assert ends(bare)["kim@fabrikam.com"][0] == "relayed", "without any connector the virtual server sends"


@pytest.mark.parametrize(("checks", "end"), [(False, "relayed"), (True, "bounced")])
def test_senders_are_looked_at_only_where_the_source_bridgehead_checks_them_t43(
    one: Organization, checks: bool, end: str
) -> None:
    connectors = (altered(one.connectors[0], only_from=("ben",)),)
    organization = changed(replace(one, connectors=connectors), "LON01", check_connector_restrictions=checks)
    trace = run(organization, "anna@contoso.com", "kim@fabrikam.com")
    assert ends(trace)["kim@fabrikam.com"][0] == end
    assert (
        mailflow.route(trace, "LON01", "kim@fabrikam.com", sender="anna@contoso.com").outcome == "connector"
    ) is not checks
    assert any("event 957" in line for line in warnings(organization)) is not checks


def test_no_connector_at_all_delivers_by_dns(one: Organization) -> None:
    trace = run(replace(one, connectors=()), "anna@contoso.com", ["kim@fabrikam.com", "x@[198.51.100.10]"])
    assert ends(trace)["kim@fabrikam.com"][0] == "relayed"
    assert ends(trace)["x@[198.51.100.10]"] == ("bounced", "5.7.1"), "that host takes no mail for an address literal"


def test_unresolved_recipients_can_go_to_another_host(one: Organization) -> None:
    shared = changed(one, "LON01", virtual_servers=(VirtualServer(forward_unresolved_to="backup.fabrikam.com"),))
    assert ends(run(shared, "anna@contoso.com", "nix@contoso.com"))["nix@contoso.com"] == ("bounced", "5.7.1")


@pytest.mark.parametrize(
    ("fields", "message", "code"),
    [
        ({"max_message_kb": 1}, {"attachments": {"a": 5000}}, "5.2.3"),
        ({"only_from": ("ben",)}, {}, "5.7.1"),
        ({"not_from": ("everybody",)}, {}, "5.7.1"),
        ({"priorities": ("high",)}, {}, "5.0.0"),
    ],
)
def test_what_the_only_connector_refuses_is_returned_and_not_sent_by_dns_r105(
    one: Organization, fields: dict[str, Any], message: Wording, code: str
) -> None:
    organization = replace(one, connectors=(altered(one.connectors[0], **fields),))
    organization = changed(organization, "LON01", check_connector_restrictions=True)
    trace = run(organization, "anna@contoso.com", "kim@fabrikam.com", **message)
    assert ends(trace)["kim@fabrikam.com"] == ("bounced", code)
    size_kb = trace.letters["m1"].size / 1024
    found = mailflow.route(trace, "LON01", "kim@fabrikam.com", sender="anna@contoso.com", size_kb=size_kb)
    assert (found.outcome, found.rule) == ("no route", "no_space_admits")


@pytest.mark.parametrize(
    ("fields", "message", "through"),
    [
        ({"max_message_kb": 1}, {"attachments": {"a": 5000}}, False),
        ({"max_message_kb": 100}, {}, True),
        ({"priorities": ("high",)}, {}, False),
        ({"priorities": ("high",)}, {"priority": "high"}, True),
        ({"message_types": ("system",)}, {}, False),
        ({"only_from": ("ben",)}, {}, False),
        ({"only_from": ("sales",)}, {}, True),
        ({"not_from": ("everybody",)}, {}, False),
        ({"scope": "routing group"}, {}, True),
    ],
)
def test_restrictions_make_a_message_fall_through_to_another_connector_r105(
    one: Organization, fields: dict[str, Any], message: Wording, through: bool
) -> None:
    close = SmtpConnector(
        name="Fabrikam", routing_group=FIRST, local_bridgeheads=("LON01",),
        address_spaces=(AddressSpace(pattern="fabrikam.com", cost=90),), **fields,
    )  # fmt: skip
    organization = changed(one, "LON01", check_connector_restrictions=True)
    organization = replace(organization, connectors=(*one.connectors, close))
    trace = run(organization, "anna@contoso.com", "kim@fabrikam.com", **message)
    why = next(event.values["why"] for event in trace if event.step.key == "queuing.routed")
    assert ("connector Fabrikam" in str(why)) is through


def test_scope_hides_a_connector_from_other_routing_groups() -> None:
    sites = mailflow.load("two sites")
    local = tuple(
        altered(item, scope="routing group") if item.name == "Internet" else item for item in sites.connectors
    )
    trace = run(replace(sites, connectors=local), "odile@contoso.com", "kim@fabrikam.com")
    assert next(e.values["link"] for e in trace if e.step.key == "queuing.routed") == "fabrikam.com", (
        "by DNS from Paris itself"
    )


def test_a_specific_connector_that_is_down_makes_mail_wait_r105(one: Organization) -> None:
    def close(name: str) -> SmtpConnector:
        return SmtpConnector(name=name, routing_group=FIRST, local_bridgeheads=("LON01",), smart_host="mail.fabrikam.com",
                             address_spaces=(AddressSpace(pattern="fabrikam.com"),))  # fmt: skip

    organization = replace(one, connectors=(*one.connectors, close("Fabrikam")))
    rules = Parameters(keep_up_without_alternative=False)
    trace = run(
        organization,
        "anna@contoso.com",
        "kim@fabrikam.com",
        until=400,
        script=lambda s: s.fail("Fabrikam"),
        parameters=rules,
    )
    assert {item.place for item in trace.at().mails.values()} == {places.UNREACHABLE}
    whole = run(
        organization, "anna@contoso.com", "kim@fabrikam.com", script=lambda s: s.fail("Fabrikam"), parameters=rules
    )
    assert ends(whole)["kim@fabrikam.com"] == ("bounced", "4.4.7")
    two = replace(one, connectors=(*one.connectors, close("Fabrikam"), close("Second")))
    assert (
        ends(run(two, "anna@contoso.com", "kim@fabrikam.com", script=lambda s: s.fail("Fabrikam")))["kim@fabrikam.com"][
            0
        ]
        == "relayed"
    )


def test_no_way_between_routing_groups_is_returned_or_waits() -> None:
    sites = mailflow.load("two sites")
    apart = replace(sites, connectors=tuple(item for item in sites.connectors if item.kind == "SMTP"))
    assert ends(run(apart, "anna@contoso.com", "pierre@contoso.com"))["pierre@contoso.com"] == ("bounced", "5.0.0")
    waits = run(apart, "anna@contoso.com", "pierre@contoso.com", until=60, parameters=Parameters(no_route_waits=True))
    assert {item.place for item in waits.at().mails.values()} == {places.UNREACHABLE}
    assert ends(run(apart, "pierre@contoso.com", "kim@fabrikam.com"))["kim@fabrikam.com"] == ("bounced", "5.0.0")


def test_remote_triggered_connector_waits_for_the_other_side(one: Organization) -> None:
    pulled = altered(one.connectors[0], smart_host="mail.fabrikam.com", remote_triggered=True)
    trace = run(replace(one, connectors=(pulled,)), "anna@contoso.com", "kim@fabrikam.com", until=60)
    assert trace.at().queue_states["LON01", "link/Internet"] == "Remote"
    assert ends(run(replace(one, connectors=(pulled,)), "anna@contoso.com", "kim@fabrikam.com"))[
        "kim@fabrikam.com"
    ] == ("bounced", "4.4.7")


def test_oversize_schedule_has_a_link_of_its_own(one: Organization) -> None:
    night = altered(
        one.connectors[0], smart_host="mail.fabrikam.com", oversize_kb=10, oversize_schedule=("20:00-22:00",)
    )
    trace = run(
        replace(one, connectors=(night,)), "anna@contoso.com", "kim@fabrikam.com", attachments={"a": 50_000}, until=60
    )
    assert trace.at().queue_states["LON01", "link/Internet (oversize)"] == "Scheduled"


def test_an_empty_group_ends_without_anybody(one: Organization) -> None:
    organization = complete(replace(one, recipients=(*one.recipients, Group(name="empty"))))
    assert ends(run(organization, "anna@contoso.com", "empty@contoso.com")) == {
        "empty@contoso.com": ("expanded", "empty")
    }


def test_forwarding_to_somebody_who_is_on_the_list_already(one: Organization) -> None:
    trace = run(one, "anna@contoso.com", ["david@contoso.com", "emma@contoso.com", "finn@contoso.com"])
    assert ends(trace)["david@contoso.com"] == ("redirected", "emma@contoso.com")
    assert [state for state, _ in ends(trace).values()].count("delivered") == 2


def test_a_person_can_restrict_senders(one: Organization) -> None:
    people = tuple(replace(item, reject_from=("circle-a",)) if item.name == "finn" else item for item in one.recipients)
    assert ends(run(replace(one, recipients=people), "anna@contoso.com", "finn@contoso.com"))["finn@contoso.com"] == (
        "bounced",
        "5.7.1",
    )


def test_a_global_limit_in_one_direction_counts_for_both(one: Organization) -> None:
    limited = replace(one, global_settings=GlobalSettings(max_send_kb=None, max_receive_kb=10))
    states = ends(run(limited, "anna@contoso.com", "kim@fabrikam.com", attachments={"a": 20_000}))
    assert states["kim@fabrikam.com"] == ("bounced", "5.2.3")
    free = replace(one, global_settings=GlobalSettings(max_send_kb=None, max_receive_kb=None))
    assert (
        ends(run(free, "anna@contoso.com", "ben@contoso.com", attachments={"a": 9_000_000}))["ben@contoso.com"][0]
        == "delivered"
    )


def test_a_group_takes_no_message_over_its_own_limit_t71(one: Organization) -> None:
    people = tuple(replace(item, max_receive_kb=10) if item.name == "sales" else item for item in one.recipients)
    limited = replace(one, recipients=people)
    large = ends(run(limited, "carla@contoso.com", ["everybody@contoso.com"], attachments={"a": 20_000}))
    assert large["sales@contoso.com"] == ("bounced", "5.2.3")
    assert large["finn@contoso.com"][0] == "delivered"
    small = ends(run(limited, "carla@contoso.com", "sales@contoso.com"))
    assert {small[f"{name}@contoso.com"][0] for name in ("anna", "ben")} == {"delivered"}
    none = run(limited, "carla@contoso.com", "everybody@contoso.com", attachments={"a": 20_000})
    assert any("larger than the 10 KB that Sales may receive" in event.sentence for event in none)


@pytest.mark.parametrize("moment", [0.036, 0.044, 0.050, 0.074, 0.0765])
@pytest.mark.parametrize("service", ["SMTP", "information store", "Mailbox Store", "routing engine", "global catalog"])
def test_a_service_may_stop_at_any_moment_and_mail_goes_on_later(
    one: Organization, service: str, moment: float
) -> None:
    trace = run(
        one,
        "anna@contoso.com",
        ["ben@contoso.com", "kim@fabrikam.com"],
        script=lambda s: s.stop(service, at=moment).start(service, at=100),
    )
    assert {state for state, _ in ends(trace).values()} == {"delivered", "relayed"}


def test_a_store_that_never_comes_back_returns_the_mail(one: Organization) -> None:
    trace = run(one, "carla@contoso.com", "ben@contoso.com", script=lambda s: s.stop("Mailbox Store", at=0.07))
    assert ends(trace)["ben@contoso.com"] == ("bounced", "4.4.7")


def test_next_server_may_refuse_the_connection_or_be_full() -> None:
    servers = mailflow.load("two servers")
    closed = changed(servers, "LON02", virtual_servers=(VirtualServer(denied_clients=("192.0.2.10",)),))
    trace = run(closed, "anna@contoso.com", "ben@contoso.com")
    assert any("does not accept the connection" in event.sentence for event in trace)
    small = changed(servers, "LON02", virtual_servers=(VirtualServer(max_message_kb=1),))
    assert ends(run(small, "anna@contoso.com", "ben@contoso.com", attachments={"a": 5000}))["ben@contoso.com"] == (
        "bounced",
        "5.3.4",
    )
    full = run(
        servers,
        "anna@contoso.com",
        ["ben@contoso.com", "carla@contoso.com"],
        parameters=Parameters(mailmsg_limit=1),
        until=900,
    )
    assert full.status()["m1"]


def test_a_session_breaks_off_when_the_other_side_goes_down() -> None:
    servers = mailflow.load("two servers")
    scenario = mailflow.Scenario(servers)
    for _ in range(3):
        scenario.send(mailflow.Message.write("anna@contoso.com", "ben@contoso.com"))
    scenario.fail("LON02", at=0.4).restore("LON02", at=50)
    trace = scenario.run()
    assert any("the connection broke" in event.sentence for event in trace)
    assert {ends(trace, name)["ben@contoso.com"][0] for name in ("m1", "m2", "m3")} == {"delivered"}


def test_clients_that_cannot_hand_over_keep_their_mail(one: Organization) -> None:
    way: Sending = {"by": "smtp", "server": "LON01", "client": "198.51.100.11"}
    down = run(one, "kim@fabrikam.com", "anna@contoso.com", script=lambda s: s.stop("SMTP"), way=way)
    assert ends(down)["anna@contoso.com"][0] == "waiting"
    denied = changed(one, "LON01", virtual_servers=(VirtualServer(denied_clients=("198.51.100.0/24",)),))
    assert ends(run(denied, "kim@fabrikam.com", "anna@contoso.com", way=way))["anna@contoso.com"][0] == "waiting"
    private = changed(one, "LON01", virtual_servers=(VirtualServer(anonymous=False),))
    refused = ends(run(private, "kim@fabrikam.com", "anna@contoso.com", way=way))["anna@contoso.com"]
    assert refused == ("refused", "MAIL FROM: 454 5.7.3 Client does not have permission to submit mail to this server.")


def test_one_message_for_two_strange_domains_goes_to_two_hosts(one: Organization) -> None:
    trace = run(one, "kim@fabrikam.com", ["anna@contoso.com", "lee@northwindtraders.com"], way={"by": "smtp"})
    assert ends(trace)["anna@contoso.com"][0] == "delivered"
    assert ends(trace)["lee@northwindtraders.com"][0] == "relayed"


def test_without_glitch_retries_the_interval_starts_at_once(one: Organization) -> None:
    trace = run(
        one,
        "anna@contoso.com",
        "kim@fabrikam.com",
        script=lambda s: s.fail("DNS"),
        parameters=Parameters(glitch_retries=0),
        until=700,
    )
    failed = [event.time for event in trace if event.step.key == "link.failed"]
    assert failed[1] - failed[0] == pytest.approx(600, abs=1)


def test_a_journaling_store_without_journal_mailbox_here(one: Organization) -> None:
    plain = changed(one, "LON01", mailbox_stores=(MailboxStore(), MailboxStore(name="Archived Store")))
    assert "journal@contoso.com" not in ends(run(plain, "carla@contoso.com", "anna@contoso.com"))


def test_x400_leaves_the_organization_when_the_far_end_answers(one: Organization) -> None:
    connector = X400Connector(
        name="X400", routing_group=FIRST, local_bridgehead="LON01", remote_bridgehead="mail.fabrikam.com",
        address_spaces=(AddressSpace(pattern="*", type="X400"),),
    )  # fmt: skip
    contact = Contact(name="old", target_address="X400:c=US;a= ;p=Fabrikam;s=Kim")
    organization = complete(
        replace(one, connectors=(*one.connectors, connector), recipients=(*one.recipients, contact))
    )
    assert ends(run(organization, "anna@contoso.com", "old@contoso.com"))["old@contoso.com"] == (
        "relayed",
        "mail.fabrikam.com",
    )


def test_the_last_recipient_may_be_redirected_to_somebody_gone(one: Organization) -> None:
    people = tuple(altered(item, forward_to="ben") if item.name == "david" else item for item in one.recipients)
    trace = run(replace(one, recipients=people), "anna@contoso.com", ["ben@contoso.com", "david@contoso.com"])
    assert ends(trace) == {
        "ben@contoso.com": ("delivered", "LON01, Mailbox Store"),
        "david@contoso.com": ("redirected", "ben@contoso.com"),
    }


def test_a_forward_to_a_group_that_refused_already_ends(one: Organization) -> None:
    people = tuple(altered(item, forward_to="board") if item.name == "david" else item for item in one.recipients)
    trace = run(replace(one, recipients=people), "finn@contoso.com", ["board@contoso.com", "david@contoso.com"])
    assert ends(trace) == {
        "board@contoso.com": ("bounced", "5.7.1"),
        "david@contoso.com": ("redirected", "board@contoso.com"),
    }


def test_directory_back_while_the_smtp_service_is_still_stopped(one: Organization) -> None:
    def script(scenario: mailflow.Scenario) -> None:
        scenario.stop("global catalog").stop("SMTP", at=1).start("global catalog", at=2).start("SMTP", at=5)

    trace = run(one, "anna@contoso.com", "ben@contoso.com", script=script)
    assert ends(trace)["ben@contoso.com"][0] == "delivered"
    assert trace[-1].time > 5


@pytest.mark.parametrize(
    ("reply", "end"), [("554 5.6.0 Rejected", ("bounced", "5.6.0")), ("451 4.3.0 Later", ("bounced", "4.4.7"))]
)
def test_the_content_may_be_refused(one: Organization, reply: str, end: tuple[str, str]) -> None:
    hosts = tuple(replace(host, replies={"DATA": reply}) for host in one.external_hosts)
    assert (
        ends(run(replace(one, external_hosts=hosts), "anna@contoso.com", "kim@fabrikam.com"))["kim@fabrikam.com"] == end
    )


@pytest.mark.parametrize("moment", [0.08, 0.1, 0.13, 0.2, 0.25, 0.3, 0.35])
def test_an_administrator_may_delete_at_any_moment_of_a_session(one: Organization, moment: float) -> None:
    scenario = mailflow.Scenario(one)
    for _ in range(3):
        scenario.send(mailflow.Message.write("anna@contoso.com", "kim@fabrikam.com"))
    trace = scenario.delete("fabrikam.com", ndr=False, at=moment).run()
    states = [ends(trace, name)["kim@fabrikam.com"][0] for name in ("m1", "m2", "m3")]
    assert set(states) <= {"relayed", "deleted"}
    assert states[0] == "relayed", "what is being transferred stays"


@pytest.mark.parametrize(
    ("limited", "to"),
    [
        (VirtualServer(expiration_hours=1), "kim@fabrikam.com"),
        (VirtualServer(local_expiration_hours=1), "ben@contoso.com"),
    ],
)
def test_mail_may_expire_before_its_sender_is_told_of_a_delay_t105(
    one: Organization, limited: VirtualServer, to: str
) -> None:
    hasty = changed(one, "LON01", virtual_servers=(limited,))
    scenario = mailflow.Scenario(hasty).stop("Mailbox Store", at=1).start("Mailbox Store", at=30_000)
    scenario.fail("mail.fabrikam.com").fail("backup.fabrikam.com")
    trace = scenario.send(mailflow.Message.write("carla@contoso.com", to), at=2).run()
    assert ends(trace)[to] == ("bounced", "4.4.7")
    first = next(event for event in trace if event.step.key == "notification.bounced")
    assert 3600 <= first.time < 3605


@pytest.mark.parametrize(("kb", "waits"), [(None, False), (10, True), (10_000, False)])
def test_large_mail_has_a_schedule_of_its_own_by_dns_too_r20(one: Organization, kb: int, waits: bool) -> None:
    late = altered(one.connectors[0], oversize_kb=kb, oversize_schedule=("20:00-21:00",))
    trace = run(replace(one, connectors=(late,)), "anna@contoso.com", "kim@fabrikam.com", attachments={"a": 20_000})
    assert any("fabrikam.com (oversize)" in event.sentence for event in trace) == waits
    assert any("the connector opens at 20:00" in event.sentence for event in trace) == waits
    assert (trace[-1].time > 39_600) == waits


def test_the_mta_keeps_the_schedule_of_its_connector_r20(one: Organization) -> None:
    late = x400(one, schedule=("20:00-21:00",))
    host = replace(late.external_hosts[0], name="x400.fabrikam.com")
    late = replace(late, external_hosts=(*late.external_hosts, host))
    trace = run(late, "anna@contoso.com", "old@contoso.com")
    assert any("stays in the MTA queue of LON01: the connector opens at 20:00" in event.sentence for event in trace)
    assert ends(trace)["old@contoso.com"][0] == "relayed"
    assert 39_600 <= trace[-1].time < 39_700


def test_two_who_forward_to_each_other_and_keep_a_copy_each_get_one(one: Organization) -> None:
    other = {"ben": "david", "david": "ben"}
    people = tuple(
        altered(item, forward_to=other[item.name], deliver_and_redirect=True) if item.name in other else item
        for item in one.recipients
    )
    trace = run(replace(one, recipients=people), "anna@contoso.com", "ben@contoso.com")
    assert ends(trace) == {
        "ben@contoso.com": ("delivered", "LON01, Mailbox Store"),
        "david@contoso.com": ("delivered", "LON01, Mailbox Store"),
    }
    assert len(trace.messages) == 1, "no report"


def test_a_service_that_stops_again_at_once_is_told_once(one: Organization) -> None:
    def script(scenario: mailflow.Scenario) -> None:
        scenario.stop("SMTP").start("SMTP", at=5).stop("SMTP", at=5).start("SMTP", at=9)

    trace = run(one, "anna@contoso.com", "ben@contoso.com", script=script)
    assert ends(trace)["ben@contoso.com"][0] == "delivered"
    assert [event.step.key for event in trace].count("submission.exipc-backs-up") == 1
    assert next(event.time for event in trace if event.step.key == "submission.from-store") == 9


def deferred(one: Organization, until: datetime) -> Trace:
    head = f"From: anna@contoso.com\r\nTo: ben@contoso.com\r\nDeferred-Delivery: {format_datetime(until)}\r\n\r\nx"
    letter = mailflow.Message.read(head.encode())
    return mailflow.Scenario(one).send(letter).run()


def test_a_time_for_delivery_that_is_over_holds_nothing_back(one: Organization) -> None:
    past, future = (deferred(one, START + timedelta(seconds=seconds)) for seconds in (-60, 60))
    assert "queuing.deferred" not in [event.step.key for event in past]
    assert past[-1].time < 60 < future[-1].time
    assert "queuing.deferred" in [event.step.key for event in future]
