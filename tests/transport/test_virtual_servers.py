"""Several SMTP virtual servers on one server: each has its own address, port and settings (Source: T24)."""

from dataclasses import replace
from typing import Any, Unpack

import pytest

import mailflow
from mailflow.organization import Organization, Server, VirtualServer, reconfigure
from mailflow.organization.model import RoutingGroupConnector, SmtpConnector
from mailflow.plots import relay_decisions
from mailflow.routing.recorded import table_of
from mailflow.trace import Trace
from mailflow.transport.matrix import relay_matrix
from mailflow.transport.relay import Attempt, decide, open_relay
from mailflow.transport.wire import listening
from tests.conftest import Script, Sending, Wording, altered, changed, ends

INTERNET_IP = "192.0.2.60"
FOREIGN = "victim@elsewhere.example"


def with_internet(organization: Organization, server: str = "LON01", **settings: Any) -> Organization:
    """The organization with a second virtual server, called Internet, on an address of its own."""
    internet = VirtualServer(**{"name": "Internet", "ip": INTERNET_IP, **settings})
    return changed(organization, server, virtual_servers=(*organization.server[server].virtual_servers, internet))


@pytest.fixture
def one() -> Organization:
    return mailflow.load("one server")


# -- relaying -----------------------------------------------------------------------------------------------------------


def test_each_virtual_server_decides_with_its_own_settings(one: Organization) -> None:
    two = with_internet(one, relay_list=("0.0.0.0/0",))
    attempt = Attempt("198.51.100.77", FOREIGN)
    assert not decide(two, "LON01", attempt).accepted
    assert decide(two, "LON01", attempt, virtual_server="Internet").accepted
    assert open_relay(two, "LON01") is None
    found = open_relay(two, "LON01", "Internet")
    assert found is not None
    assert found.recipient == FOREIGN
    with pytest.raises(KeyError, match="Intranet"):
        decide(two, "LON01", attempt, virtual_server="Intranet")


def test_the_relay_lab_shows_the_virtual_server_that_is_named(one: Organization) -> None:
    two = with_internet(one, relay_list=("192.0.2.200",), filters=("recipient",))
    assert relay_matrix(two, "LON01") == relay_matrix(one, "LON01")
    table = relay_matrix(two, "LON01", "Internet")
    assert table["server"] == "LON01, Internet"
    assert table["settings"][2]["options"][0]["label"] == "192.0.2.200"
    assert repr(mailflow.relay_lab(two, virtual_server="Internet")).startswith("Relay lab: LON01, Internet.")
    with pytest.raises(
        ValueError, match=r"LON01 has no virtual server 'Intern'; there is Default SMTP Virtual Server, Internet"
    ):
        mailflow.relay_lab(two, virtual_server="Intern")


def test_a_chart_of_relay_decisions_of_one_virtual_server(one: Organization) -> None:
    two = with_internet(one, relay_list=("0.0.0.0/0",))
    assert "Refused: none" in relay_decisions(two, "LON01", "Internet").words
    assert "Refused: none" not in relay_decisions(two, "LON01").words


def test_a_setting_of_one_virtual_server_is_changed(one: Organization) -> None:
    two = reconfigure(with_internet(one), "LON01", virtual_server="Internet", max_message_kb=100)
    assert [item.max_message_kb for item in two.servers[0].virtual_servers] == [None, 100]
    with pytest.raises(ValueError, match="has no virtual server 'Intranet'"):
        reconfigure(two, "LON01", virtual_server="Intranet", max_message_kb=100)


def test_virtual_servers_of_one_server_differ_in_name(one: Organization) -> None:
    double = with_internet(one, name="Default SMTP Virtual Server")
    with pytest.raises(
        mailflow.OrganizationError, match=r'2 are called "Default SMTP Virtual Server"; names must differ'
    ):
        mailflow.organization.complete(double)
    with pytest.raises(mailflow.OrganizationError, match=r'virtual server "Internet".ip: "here" is no IP address'):
        mailflow.organization.complete(with_internet(one, ip="here"))


# -- who connects reaches which -----------------------------------------------------------------------------------------


def published(organization: Organization) -> Organization:
    """The organization with an MX record that leads to the second address of LON01."""
    zones = tuple(
        replace(zone, records=f"@ 3600 IN MX 10 mail.contoso.com.\nmail 3600 IN A {INTERNET_IP}\n")
        if zone.name == "contoso.com"
        else zone
        for zone in organization.zones
    )
    return replace(organization, zones=zones)


def from_outside(
    organization: Organization,
    recipient: str = "anna@contoso.com",
    script: Script = lambda scenario: scenario,
    **way: Unpack[Sending],
) -> Trace:
    scenario = mailflow.Scenario(organization)
    script(scenario)
    return scenario.send(mailflow.Message.write("kim@fabrikam.com", recipient), **way).run(until=3600)


@pytest.mark.parametrize(
    ("ip", "port", "found"),
    [
        ("192.0.2.10", 25, "all"),
        ("192.0.2.60", 25, "own"),
        ("192.0.2.60", 2525, "odd"),
        ("192.0.2.10", 2525, "odd"),
        ("192.0.2.10", 26, None),
    ],
)
def test_who_listens_is_told_by_address_and_port_t24(ip: str, port: int, found: str | None) -> None:
    servers = (
        VirtualServer(name="all"),
        VirtualServer(name="own", ip="192.0.2.60"),
        VirtualServer(name="odd", port=2525),
    )
    here = listening(Server(name="LON01", routing_group="A", virtual_servers=servers), ip, port)
    assert (here and here.name) == found


def test_mail_reaches_the_virtual_server_whose_address_dns_names(one: Organization) -> None:
    closed = published(with_internet(one, denied_clients=("198.51.100.0/24",)))
    trace = from_outside(closed)
    assert any("the server does not accept the connection" in event.sentence for event in trace)
    assert ends(from_outside(closed, server="LON01"))["anna@contoso.com"][0] == "delivered"


def test_the_trace_says_which_virtual_server_answers(one: Organization) -> None:
    trace = from_outside(published(with_internet(one)))
    [connected] = [event for event in trace if event.step.key == "smtp.connect-elsewhere"]
    assert connected.sentence.startswith(
        "mail.fabrikam.com opens TCP port 25 of lon01.contoso.com, where the virtual server Internet listens (connect)."
    )
    assert ends(trace)["anna@contoso.com"][0] == "delivered"


def test_nobody_listens_where_no_virtual_server_does() -> None:
    servers = mailflow.load("two servers")
    odd = changed(servers, "LON02", virtual_servers=(VirtualServer(port=2525),))
    trace = mailflow.Scenario(odd).send(mailflow.Message.write("anna@contoso.com", "ben@contoso.com")).run(until=50)
    assert any("nobody listens on port 25 of LON02" in event.sentence for event in trace)
    other = changed(servers, "LON02", virtual_servers=(VirtualServer(ip=INTERNET_IP),))
    trace = mailflow.Scenario(other).send(mailflow.Message.write("anna@contoso.com", "ben@contoso.com")).run(until=50)
    assert any("nobody listens on port 25 of LON02" in event.sentence for event in trace)


def test_what_a_virtual_server_took_is_held_to_its_settings(one: Organization) -> None:
    strict = published(with_internet(one, max_hop_count=10, copy_ndr_to="ben@contoso.com"))
    looping = mailflow.Message.read(
        b"Received: x\r\n" * 12 + b"Subject: s\r\n\r\nb", sender="kim@fabrikam.com", to=["anna@contoso.com"]
    )
    trace = mailflow.Scenario(strict).send(looping).run(until=3600)
    assert ends(trace)["anna@contoso.com"] == ("bounced", "4.4.6")
    assert ends(trace, "m2")["ben@contoso.com"][0] == "delivered"
    assert ends(mailflow.Scenario(strict).send(looping, server="LON01").run())["anna@contoso.com"][0] == "delivered"


def test_unresolved_recipients_go_where_their_virtual_server_says(one: Organization) -> None:
    passing = published(with_internet(one, forward_unresolved_to="[198.51.100.11]"))
    trace = from_outside(passing, "nobody@contoso.com")
    assert any("forwards mail with unresolved recipients to [198.51.100.11]" in event.sentence for event in trace)
    assert ends(from_outside(passing, "nobody@contoso.com", server="LON01"))["nobody@contoso.com"] == (
        "bounced",
        "5.1.1",
    )


def test_mail_for_a_stopped_store_expires_by_the_virtual_server_that_took_it(one: Organization) -> None:
    hasty = published(with_internet(one, local_expiration_hours=1))
    stopped = from_outside(hasty, script=lambda scenario: scenario.stop("Mailbox Store"))
    assert ends(stopped)["anna@contoso.com"][0] == "waiting"
    scenario = mailflow.Scenario(hasty).stop("Mailbox Store").start("Mailbox Store", at=7200)
    ways: tuple[Sending, ...] = ({}, {"server": "LON01"})
    states = [
        ends(scenario.copy().send(mailflow.Message.write("kim@fabrikam.com", "anna@contoso.com"), **way).run())
        for way in ways
    ]
    assert [state["anna@contoso.com"][0] for state in states] == ["bounced", "delivered"]


def test_a_script_names_the_virtual_server(one: Organization) -> None:
    two = with_internet(one, port=2525, copy_ndr_to="ben@contoso.com")
    write = mailflow.Message.write("kim@fabrikam.com", "nobody@contoso.com")
    for by in ("smtp", "pickup"):
        scenario = mailflow.Scenario(two).send(write, by=by, server="LON01", virtual_server="Internet")
        trace = scenario.run(until=3600)
        assert "ben@contoso.com" in ends(trace, "m2")
        assert mailflow.shared(trace.share()).scenario.run(until=3600).transcript() == trace.transcript()
        assert "virtual_server='Internet'" in scenario.code()
    by_smtp = mailflow.Scenario(two).send(write, virtual_server="Internet").run(until=3600)
    assert any(
        "opens TCP port 2525 of lon01.contoso.com, where the virtual server Internet" in e.sentence for e in by_smtp
    )
    assert "ben@contoso.com" not in ends(mailflow.Scenario(two).send(write, server="LON01").run(), "m2")


@pytest.mark.parametrize(
    ("sender", "named", "text"),
    [
        ("kim@fabrikam.com", "Intern", "send: LON01 has no virtual server 'Intern'; did you mean 'Internet'?"),
        ("anna@contoso.com", "Internet", "Outlook reaches no virtual server"),
    ],
)
def test_a_script_that_names_no_virtual_server_is_told(one: Organization, sender: str, named: str, text: str) -> None:
    scenario = mailflow.Scenario(with_internet(one))
    with pytest.raises(mailflow.ScenarioError) as error:
        scenario.send(mailflow.Message.write(sender, "ben@contoso.com"), virtual_server=named)
    assert text in str(error.value)


# -- who sends ----------------------------------------------------------------------------------------------------------


def by_internet(organization: Organization, connector: str = "Internet", server: str = "LON01") -> Organization:
    """The organization with the virtual server Internet as the bridgehead of a connector."""
    made = altered(organization.connector[connector], bridgehead_virtual_servers={server: "Internet"})
    return replace(
        organization, connectors=tuple(made if item.name == connector else item for item in organization.connectors)
    )


def sent(
    organization: Organization,
    to: str = "kim@fabrikam.com",
    sender: str = "anna@contoso.com",
    until: float | None = None,
    **fields: Unpack[Wording],
) -> Trace:
    return mailflow.Scenario(organization).send(mailflow.Message.write(sender, to, **fields)).run(until)


def links(trace: Trace) -> list[str]:
    return [str(event.values["link"]) for event in trace if event.step.key == "queuing.routed"]


def test_a_connector_sends_by_the_virtual_server_that_is_its_bridgehead(one: Organization) -> None:
    trace = sent(by_internet(with_internet(one)))
    assert links(trace) == ["fabrikam.com (Internet)"]
    assert links(sent(with_internet(one))) == ["fabrikam.com"]
    assert ends(trace)["kim@fabrikam.com"][0] == "relayed"


def test_retry_intervals_are_those_of_the_virtual_server_that_sends(one: Organization) -> None:
    slow = by_internet(with_internet(one, retry_minutes=(33, 33, 33, 33)))
    down = mailflow.Scenario(slow).fail("mail.fabrikam.com").fail("backup.fabrikam.com")
    trace = down.send(mailflow.Message.write("anna@contoso.com", "kim@fabrikam.com")).run(until=3600)
    assert any("follows in 33 minutes" in event.sentence for event in trace)


def test_external_dns_servers_are_those_of_the_virtual_server_that_sends(one: Organization) -> None:
    own = by_internet(with_internet(one, external_dns=("192.0.2.250",)))
    write = mailflow.Message.write("anna@contoso.com", "kim@fabrikam.com")
    trace = mailflow.Scenario(own).fail("192.0.2.250").send(write).run(until=30)
    assert any("none of the external DNS servers answers" in event.sentence for event in trace)
    assert ends(mailflow.Scenario(own).fail("DNS").send(write).run())["kim@fabrikam.com"][0] == "relayed"


def test_a_virtual_server_with_an_address_of_its_own_comes_from_there() -> None:
    sites = mailflow.load("two sites")
    line = sites.connector["London-Paris"]
    assert isinstance(line, RoutingGroupConnector)
    head, there = line.local_bridgeheads[0], line.remote_bridgeheads[0]
    closed = changed(sites, there, virtual_servers=(VirtualServer(denied_clients=(INTERNET_IP,)),))
    both = by_internet(with_internet(closed, head), "London-Paris", head)
    trace = sent(both, "pierre@contoso.com", until=600)
    assert any("London-Paris (Internet)" in link for link in links(trace))
    assert ends(trace)["pierre@contoso.com"][0] == "waiting"
    open_ = replace(both, connectors=closed.connectors)
    assert ends(sent(open_, "pierre@contoso.com", until=600))["pierre@contoso.com"][0] == "delivered"


def test_only_the_virtual_server_that_is_a_bridgehead_relays_for_its_connector_t142(one: Organization) -> None:
    relaying = tuple(altered(item, relay_to_address_spaces=True) for item in one.connectors)
    two = by_internet(with_internet(replace(one, connectors=relaying)))
    attempt = Attempt("198.51.100.77", FOREIGN)
    assert decide(two, "LON01", attempt, virtual_server="Internet").accepted
    assert not decide(two, "LON01", attempt).accepted
    table = relay_matrix(two, "LON01", "Internet")
    assert table["open"][0] is not None


@pytest.mark.parametrize(
    ("named", "text"),
    [
        ({"LON9": "Internet"}, 'no local bridgehead "LON9"; did you mean "LON01"?'),
        ({"LON01": "Intern"}, 'no virtual server on LON01 called "Intern"; did you mean "Internet"?'),
    ],
)
def test_a_bridgehead_must_be_a_virtual_server_that_exists(one: Organization, named: dict[str, str], text: str) -> None:
    wrong = altered(with_internet(one).connectors[0], bridgehead_virtual_servers=named)
    with pytest.raises(mailflow.OrganizationError) as error:
        mailflow.organization.complete(replace(with_internet(one), connectors=(wrong,)))
    assert text in str(error.value)


def test_virtual_servers_and_bridgeheads_are_written_to_a_file_and_read_back(one: Organization) -> None:
    two = by_internet(with_internet(one))
    assert mailflow.loads(mailflow.organization.dumps(two)) == two
    assert hash(two.connectors[0])


def test_a_bridgehead_stands_in_link_state_and_in_a_trace(one: Organization) -> None:
    trace = sent(by_internet(with_internet(one)))
    held = mailflow.Trace.from_json(trace.to_json())
    table = table_of(held, "LON01")
    in_table = table.connectors["Internet"].connector
    assert isinstance(in_table, SmtpConnector)
    assert in_table.bridgehead_virtual_servers == {"LON01": "Internet"}
    scenario = mailflow.Scenario(with_internet(one)).change(
        "Internet", bridgehead_virtual_servers={"LON01": "Internet"}
    )
    changed_ = scenario.send(mailflow.Message.write("anna@contoso.com", "kim@fabrikam.com"), at=10).run()
    assert links(changed_) == ["fabrikam.com (Internet)"]


LARGE: Wording = {"attachments": {"a": 200_000}}


def test_a_virtual_server_sends_nothing_over_its_own_limit_r27(one: Organization) -> None:
    small = by_internet(with_internet(one, max_message_kb=100))
    trace = sent(small, **LARGE)
    assert ends(trace)["kim@fabrikam.com"] == ("bounced", "5.2.3")
    assert any("larger than the 100 KB that the virtual server sends" in event.sentence for event in trace)
    assert ends(sent(small))["kim@fabrikam.com"][0] == "relayed"
    assert ends(sent(with_internet(one, max_message_kb=100), **LARGE))["kim@fabrikam.com"][0] == "relayed"


def test_a_connector_with_a_limit_of_its_own_overrides_its_virtual_server_r27(one: Organization) -> None:
    own = replace(one, connectors=(replace(one.connectors[0], max_message_kb=1000),))
    assert ends(sent(by_internet(with_internet(own, max_message_kb=100)), **LARGE))["kim@fabrikam.com"][0] == "relayed"


def test_local_mail_meets_no_virtual_server(one: Organization) -> None:
    small = changed(one, "LON01", virtual_servers=(VirtualServer(max_message_kb=100),))
    assert ends(sent(small, "ben@contoso.com", **LARGE))["ben@contoso.com"][0] == "delivered"
    assert ends(sent(small, **LARGE))["kim@fabrikam.com"] == ("bounced", "5.2.3")


# -- stopping -----------------------------------------------------------------------------------------------------------


def test_one_virtual_server_stops_and_the_others_go_on(one: Organization) -> None:
    two = published(with_internet(one))
    stopped = from_outside(two, script=lambda scenario: scenario.stop("Internet", "LON01"))
    assert any("nobody listens on port 25 of mail.contoso.com" in event.sentence for event in stopped)
    inside = from_outside(two, script=lambda scenario: scenario.stop("Internet", "LON01"), server="LON01")
    assert ends(inside)["anna@contoso.com"][0] == "delivered"


def test_with_the_smtp_service_all_virtual_servers_stop(one: Organization) -> None:
    stopped = from_outside(published(with_internet(one)), script=lambda scenario: scenario.stop("SMTP"))
    assert any("nobody listens on port 25 of mail.contoso.com" in event.sentence for event in stopped)


@pytest.mark.parametrize("moment", [1.1, 1.2])
def test_what_a_stopped_virtual_server_holds_waits_in_its_queues(one: Organization, moment: float) -> None:
    scenario = mailflow.Scenario(published(with_internet(one))).stop("Internet", at=moment).start("Internet", at=100)
    trace = scenario.send(mailflow.Message.write("kim@fabrikam.com", "anna@contoso.com"), at=1).run()
    [delivered] = [event for event in trace if event.step.key == "delivery.delivered"]
    assert delivered.time >= 100


def test_a_link_of_a_stopped_virtual_server_waits_for_it(one: Organization) -> None:
    scenario = mailflow.Scenario(by_internet(with_internet(one))).stop("Internet").start("Internet", at=100)
    trace = scenario.send(mailflow.Message.write("anna@contoso.com", "kim@fabrikam.com"), at=1).run()
    [sent_] = [event for event in trace if event.step.key == "smtp.content"]
    assert sent_.time > 100
    assert ends(sent(with_internet(one)))["kim@fabrikam.com"][0] == "relayed"


def test_a_virtual_server_is_not_called_like_a_store(one: Organization) -> None:
    with pytest.raises(mailflow.OrganizationError, match='"Mailbox Store" is also a mailbox store; names must differ'):
        mailflow.organization.complete(with_internet(one, name="Mailbox Store"))


# -- smart hosts --------------------------------------------------------------------------------------------------------


def test_mail_that_no_connector_takes_leaves_by_the_virtual_server_that_holds_it(one: Organization) -> None:
    smart = with_internet(replace(one, connectors=()), smart_host="backup.fabrikam.com", relay_list=("0.0.0.0/0",))
    write = mailflow.Message.write("kim@fabrikam.com", "lee@fabrikam.com")
    trace = mailflow.Scenario(smart).send(write, server="LON01", virtual_server="Internet").run()
    assert links(trace) == ["backup.fabrikam.com (Internet)"]
    assert ends(trace)["lee@fabrikam.com"] == ("relayed", "backup.fabrikam.com")
    assert links(sent(smart)) == ["fabrikam.com"]


def test_a_report_leaves_by_the_virtual_server_that_took_the_message(one: Organization) -> None:
    smart = with_internet(replace(one, connectors=()), smart_host="backup.fabrikam.com")
    write = mailflow.Message.write("kim@fabrikam.com", "nobody@contoso.com")
    trace = mailflow.Scenario(smart).send(write, server="LON01", virtual_server="Internet").run()
    assert links(trace) == ["backup.fabrikam.com (Internet)"]
