"""Small things that no scenario reaches by itself."""

import pytest

import mailflow
from mailflow.messages import Message
from mailflow.names import EmailAddress, MailId, MessageId
from mailflow.organization import Zone
from mailflow.organization.model import ExternalHost
from mailflow.simulation import Parameters
from mailflow.simulation.world import World
from mailflow.trace import told
from mailflow.transport.mail import Letter, Mail
from mailflow.transport.smtp import OutsideReceiver
from mailflow.transport.wire import Client


def test_hosts_are_found_by_name_fqdn_and_address() -> None:
    world = World(mailflow.load("one server"), Parameters(), 0)
    names = ["LON01", "lon01.contoso.com", "[192.0.2.10]", "198.51.100.10", "MAIL.fabrikam.com", "stranger.example"]
    assert [world.host_named(name) for name in names] == [
        "LON01",
        "LON01",
        "LON01",
        "mail.fabrikam.com",
        "mail.fabrikam.com",
        "stranger.example",
    ]
    assert world.reachable("LON01", "stranger.example", "") == "no host stranger.example answers"
    world.broken.add("LON01")
    assert world.reachable("LON01", "mail.fabrikam.com", "") == "LON01 has no network"


def test_a_host_outside_offers_no_authentication_and_may_limit_size() -> None:
    host = OutsideReceiver(ExternalHost(name="h.example", ip="192.0.2.1", accepts=("h.example",), max_message_kb=1))
    assert host.authenticate().startswith("504")
    assert (host.helo("c"), host.keywords) == ("250 h.example", frozenset())
    assert host.mail("a@b.example", 2000).startswith("552")
    assert host.rcpt("x@other.example").reply == "554 5.7.1 Relay access denied"


def test_values_in_sentences() -> None:
    assert [told(value) for value in (None, 1.0, ("a",), ("a", "b", "c"), "250-x\n250 y")] == [
        "",
        "1",
        "a",
        "a, b and c",
        "x, y",
    ]


def test_status_of_a_bounced_message_has_no_place() -> None:
    trace = (
        mailflow.Scenario(mailflow.load("one server")).send(Message.write("anna@contoso.com", "nix@contoso.com")).run()
    )
    state = trace.at()
    assert state._location(None) == ""


def test_unknown_names_of_the_package() -> None:
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = mailflow.nothing
    assert "play" in dir(mailflow)


def test_negative_time_limit_is_refused() -> None:
    with pytest.raises(mailflow.ScenarioError, match="0 or more"):
        mailflow.Scenario(mailflow.load("one server")).run(until=-1)
    assert len(mailflow.Scenario(mailflow.load("one server")).run(until=0)) == 0


def test_a_message_object_sent_twice_is_read_once() -> None:
    from email.message import EmailMessage

    made = EmailMessage()
    made["From"], made["To"] = "anna@contoso.com", "ben@contoso.com"
    made.set_content("x")
    scenario = mailflow.Scenario(mailflow.load("one server")).send(made).send(made, at=1)
    letters = scenario.run().letters
    assert letters["m1"] is letters["m2"]


def test_an_empty_picture() -> None:
    trace = mailflow.Scenario(mailflow.load("one server")).run()
    assert mailflow.picture(trace, -1).startswith("<svg")
    from mailflow.player.picture import alternative

    assert alternative(trace) == "An empty trace."


def test_a_mail_knows_its_size_and_whether_it_reports() -> None:
    letter = Letter(MessageId("m1"), Message.write("a@b.example", "c@d.example"), "message")
    assert Mail(MailId("m1.1"), letter, letter.message, EmailAddress(""), [], "x").is_report
    assert Mail(MailId("m1.1"), letter, letter.message, EmailAddress(""), [], "x").size == letter.message.size
    assert Client(name="c", ip="192.0.2.1").account == ""
    assert Zone(name="x", records="").records == ""
