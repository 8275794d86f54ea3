"""Pure decisions: relay (O-7), unknown recipients (O-23), MX choice (O-15), EHLO list (O-2), content formats."""

import random
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

import mailflow
from mailflow.dns import ask_mx
from mailflow.dns.resolver import Resolver
from mailflow.organization import GlobalSettings, MessageFormat, Organization, SmtpConnector, VirtualServer, Zone
from mailflow.organization.model import AddressSpace
from mailflow.organization.spaces import space_matches, specificity
from mailflow.simulation import Parameters
from mailflow.simulation.world import World
from mailflow.transport import relay
from mailflow.transport.directory import content_format
from mailflow.transport.node import SMTP
from mailflow.transport.relay import Attempt, Verdict
from mailflow.transport.smtp import ExchangeReceiver, keywords
from mailflow.transport.wire import Client, code_in

LISTED, OTHER = "192.0.2.99", "203.0.113.7"
ONLY, EXCEPT = "only the list below", "all except the list below"


@pytest.fixture(scope="module")
def organization() -> Organization:
    return mailflow.load("one server")


def with_settings(organization: Organization, *, server: dict[str, Any] | None = None, **settings: Any) -> Organization:
    """The organization with other settings of its first virtual server."""
    changed = replace(organization.servers[0], virtual_servers=(VirtualServer(**settings),), **(server or {}))
    return replace(organization, servers=(changed, *organization.servers[1:]))


def decide(
    organization: Organization, address: str, *, ip: str = OTHER, authenticated: bool = False, **settings: Any
) -> Verdict:
    relaying = with_settings(organization, relay_list=("192.0.2.0/24",), **settings)
    return relay.decide(relaying, "LON01", Attempt(ip, address, authenticated=authenticated), at="RCPT TO")


@pytest.mark.parametrize(
    ("address", "keywords_", "accepted"),
    [
        ("anna@contoso.com", {}, True),
        ("who@shared.contoso.com", {}, True),
        ("kim@fabrikam.com", {"relay_mode": ONLY}, False),
        ("kim@fabrikam.com", {"relay_mode": ONLY, "ip": LISTED}, True),
        ("kim@fabrikam.com", {"relay_mode": EXCEPT}, True),
        ("kim@fabrikam.com", {"relay_mode": EXCEPT, "ip": LISTED}, False),
        ("kim@fabrikam.com", {"authenticated": True}, True),
        ("kim@fabrikam.com", {"authenticated": True, "authenticated_may_relay": False}, False),
        ("kim@fabrikam.com", {"authenticated": True, "authenticated_may_relay": False, "ip": LISTED}, True),
    ],
)
def test_relay_table_o7(organization: Organization, address: str, keywords_: dict[str, Any], accepted: bool) -> None:
    verdict = decide(organization, address, **keywords_)
    assert verdict.accepted is accepted
    expected = f"250 2.1.5 {address} " if accepted else f"550 5.7.1 Unable to relay for {address}"
    assert verdict.reply == expected
    assert verdict.looks[0].rule == "connection filter"
    assert [look.outcome for look in verdict.looks[:-1]] == ["passes"] * (len(verdict.looks) - 1)
    assert verdict.looks[-1].outcome == ("accepts" if accepted else "refuses")


def test_relay_domains_of_a_connector(organization: Organization) -> None:
    relay = SmtpConnector(
        name="Partners", routing_group="First Routing Group", local_bridgeheads=("LON01",), relay_to_address_spaces=True,
        address_spaces=(AddressSpace(pattern="*.partner.example"),),
    )  # fmt: skip
    open_for_partner = replace(organization, connectors=(*organization.connectors, relay))
    assert decide(open_for_partner, "a@mail.partner.example").accepted
    assert not decide(open_for_partner, "a@fabrikam.com").accepted


def test_filters_see_anonymous_clients_only_o23(organization: Organization) -> None:
    settings = GlobalSettings(
        blocked_clients=("203.0.113.0/24",), blocked_recipients=("journal@contoso.com",), filter_unknown_recipients=True
    )
    strict = replace(organization, global_settings=settings)
    every: dict[str, Any] = {"filters": ("connection", "recipient")}
    assert decide(strict, "anna@contoso.com", **every).reply.startswith("550 5.7.1 203.0.113.7")
    assert (
        decide(strict, "journal@contoso.com", ip=LISTED, **every).reply
        == "550 5.7.1 Requested action not taken; mailbox not available"
    )
    assert decide(strict, "nix@contoso.com", ip=LISTED, **every).reply == "550 5.1.1 User unknown"
    assert decide(strict, "anna@contoso.com", ip=LISTED, **every).accepted
    assert decide(strict, "nix@contoso.com", ip=LISTED, authenticated=True, **every).accepted
    assert decide(strict, "nix@contoso.com").accepted, "the filter must be ticked on the virtual server too (T149)"
    assert decide(strict, "nix@contoso.com", ip=LISTED, filters=("connection",)).accepted


@pytest.mark.parametrize(
    ("settings", "name", "accepted"),
    [
        ({}, "", True),
        ({"denied_clients": ("203.0.113.0/24",)}, "", False),
        ({"allowed_clients": ("192.0.2.0/24",)}, "", False),
        ({"allowed_clients": ("*.fabrikam.com",)}, "mail.fabrikam.com", True),
    ],
)
def test_connection_control(organization: Organization, settings: dict[str, Any], name: str, accepted: bool) -> None:
    attempt = Attempt(OTHER, "anna@contoso.com", client_name=name)
    verdict = relay.decide(with_settings(organization, **settings), "LON01", attempt)
    assert verdict.accepted is accepted
    assert verdict.verb == ("RCPT TO" if accepted else "connect")
    assert verdict.reply.startswith("250" if accepted else "421 4.3.2")


@pytest.fixture
def receiver(organization: Organization) -> Callable[..., ExchangeReceiver]:
    def make(*, exchange: str = "", account: str = "", **settings: Any) -> ExchangeReceiver:
        changed = replace(organization.servers[0], virtual_servers=(VirtualServer(**settings),))
        world = World(replace(organization, servers=(changed,)), Parameters(), 0)
        return ExchangeReceiver(world.nodes["LON01"], Client(name="c", ip=OTHER, exchange=exchange, account=account))

    return make


def test_replies_of_the_virtual_server(receiver: Callable[..., ExchangeReceiver]) -> None:
    assert receiver().greet().startswith("220 lon01.contoso.com Microsoft ESMTP MAIL Service, Version: 6.0.3790")
    assert receiver(denied_clients=(OTHER,)).greet().startswith("421")
    assert (
        receiver(anonymous=False).mail("a@b.example", 1)
        == "454 5.7.3 Client does not have permission to submit mail to this server."
    )
    assert receiver(max_message_kb=1).mail("a@b.example", 2000).startswith("552")
    assert receiver().mail("a@b.example", 1) == "250 2.1.0 a@b.example....Sender OK"
    assert receiver().authenticate().startswith("535")
    assert receiver(account="anna").authenticate().startswith("235")
    assert receiver(exchange="Contoso").authenticate().startswith("235")
    assert receiver(exchange="Fabrikam").authenticate().startswith("535")
    full = receiver(max_recipients=1)
    full.mail("a@b.example", 1)
    assert [full.rcpt(f"{name}@contoso.com").reply[:3] for name in ("anna", "ben")] == ["250", "552"]


def test_healthy_ehlo_list_o2(organization: Organization) -> None:
    lines = keywords(VirtualServer(max_message_kb=5120))
    assert lines[:11] == [
        "TURN", "ATRN", "SIZE 5242880", "ETRN", "PIPELINING", "DSN", "ENHANCEDSTATUSCODES", "8bitmime", "BINARYMIME", "CHUNKING", "VRFY",
    ]  # fmt: skip
    assert lines[-2:] == ["X-LINK2STATE", "XEXCH50"]
    assert "X-EXPS GSSAPI NTLM LOGIN" in lines
    assert "STARTTLS" in keywords(VirtualServer(certificate=True))
    assert not any(line.startswith("AUTH") for line in keywords(VirtualServer(authentication=())))


ZONES = Resolver(
    [
        Zone(name="two.example", records="@ 60 MX 20 b\n@ 60 MX 10 a\na 60 A 192.0.2.1\nb 60 A 192.0.2.2\n"),
        Zone(name="even.example", records="@ 60 MX 10 a\n@ 60 MX 10 b\na 60 A 192.0.2.1\nb 60 AAAA 2001:db8::1\n"),
        Zone(
            name="bare.example",
            records="@ 60 A 192.0.2.1\nwww 60 CNAME @\nx 60 CNAME y\ny 60 CNAME x\ndeep.er 60 A 192.0.2.9\n",
        ),
        Zone(name="dead.example", records="@ 60 MX 10 gone\n@ 60 A 192.0.2.1\n"),
        Zone(name="none.example", records="@ 60 TXT hello\n"),
        Zone(name="null.example", records="@ 60 MX 0 .\n"),
    ]
)


@pytest.mark.parametrize(
    ("domain", "outcome", "hosts"),
    [
        ("two.example", "deliver", ("a.two.example", "b.two.example")),
        ("TWO.example", "deliver", ("a.two.example", "b.two.example")),
        ("bare.example", "deliver", ("bare.example",)),
        ("www.bare.example", "deliver", ("bare.example",)),
        ("x.bare.example", "bounce", ()),
        ("er.bare.example", "bounce", ()),
        ("dead.example", "bounce", ()),
        ("none.example", "bounce", ()),
        ("null.example", "bounce", ()),
        ("missing.two.example", "bounce", ()),
        ("nowhere.test", "bounce", ()),
    ],
)
def test_mx_cases_o15(domain: str, outcome: str, hosts: tuple[str, ...]) -> None:
    answer = ask_mx(ZONES, domain.lower(), random.Random(0))
    assert (answer.outcome, answer.hosts) == (outcome, hosts)
    assert answer.code == ("" if outcome == "deliver" else "5.4.0")


def test_equal_preference_is_tried_in_random_order() -> None:
    orders = {ask_mx(ZONES, "even.example", random.Random(seed)).hosts for seed in range(20)}
    assert orders == {("a.even.example", "b.even.example"), ("b.even.example", "a.even.example")}


def test_a_server_in_the_list_drops_what_is_not_closer() -> None:
    assert ask_mx(ZONES, "two.example", random.Random(0), ["b.two.example"]).hosts == ("a.two.example",)
    assert ask_mx(ZONES, "two.example", random.Random(0), ["a.two.example"]).outcome == "loop"


@pytest.mark.parametrize(
    ("pattern", "domain", "matches"),
    [
        ("*", "a.example", True),
        ("a.example", "a.example", True),
        ("a.example", "b.a.example", False),
        ("*.net", "x.net", True),
        ("*.net", "net", False),
    ],
)
def test_address_spaces(pattern: str, domain: str, matches: bool) -> None:
    assert space_matches(pattern, domain) is matches


def test_only_the_part_up_to_the_first_wildcard_counts_r104() -> None:
    assert specificity("*.company.example") == specificity("abc.*.company.example") < specificity("company.example")


def test_content_formats(organization: Organization) -> None:
    formats = (
        MessageFormat(domain="*", body="plain", rich_text="never"),
        MessageFormat(domain="*.example", body="uuencode", rich_text="never"),
        MessageFormat(domain="fabrikam.com", rich_text="always"),
    )
    changed = replace(organization, global_settings=GlobalSettings(message_formats=formats))
    found = [content_format(changed, domain, None) for domain in ("x.test", "a.example", "fabrikam.com")]
    assert found == ["plain text", "uuencode", "TNEF"]
    assert (
        content_format(replace(organization, global_settings=GlobalSettings(message_formats=())), "x.test", None)
        == "MIME"
    )


def test_codes_in_replies() -> None:
    assert code_in("550 5.1.1 User unknown") == "5.1.1"
    assert code_in("554 no") == "5.5.0"
    assert SMTP == "SMTP"
