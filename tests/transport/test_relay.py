"""The relay decision, rule by rule; open relays and their counter-examples; the table of the relay lab."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import mailflow
from mailflow.messages import AddressError, parse_path
from mailflow.organization import GlobalSettings, Organization, SmtpConnector, VirtualServer, Zone
from mailflow.organization.model import AddressSpace
from mailflow.transport.examples import PRINTER
from mailflow.transport.matrix import relay_matrix
from mailflow.transport.relay import RULES, Attempt, canonical, decide, open_relay, strangers

STRANGER, FOREIGN = "198.51.100.4", "victim@elsewhere.example"
ONLY, EXCEPT = "only the list below", "all except the list below"
ORGANIZATION = mailflow.load("one server")


def changed(
    organization: Organization = ORGANIZATION,
    *,
    globally: dict[str, Any] | None = None,
    connectors: tuple[SmtpConnector, ...] = (),
    zones: tuple[Zone, ...] = (),
    **fields: Any,
) -> Organization:
    server = replace(organization.servers[0], virtual_servers=(VirtualServer(**fields),))
    return replace(
        organization, servers=(server,), connectors=(*organization.connectors, *connectors),
        zones=(*organization.zones, *zones), global_settings=GlobalSettings(**(globally or {})),
    )  # fmt: skip


def relaying(pattern: str) -> SmtpConnector:
    return SmtpConnector(
        name="Relay", routing_group="First Routing Group", local_bridgeheads=("LON01",), relay_to_address_spaces=True,
        address_spaces=(AddressSpace(pattern=pattern),),
    )  # fmt: skip


def attempt(address: str = FOREIGN, **fields: Any) -> Attempt:
    return Attempt(fields.pop("ip", STRANGER), address, **fields)


@pytest.mark.parametrize(
    ("fields", "globally", "tried", "verb", "reply"),
    [
        ({"anonymous": False}, {}, attempt(), "MAIL FROM", "454 5.7.3 Client does not have permission"),
        ({"anonymous": False}, {}, attempt("anna@contoso.com", authenticated=True), "RCPT TO", "250 2.1.5"),
        ({"require_tls": True}, {}, attempt(), "MAIL FROM", "530 5.7.0 Must issue a STARTTLS command first"),
        ({"require_tls": True}, {}, attempt("anna@contoso.com", tls=True), "RCPT TO", "250 2.1.5"),
        ({"filters": ("sender",)}, {"blocked_senders": ("spam@bad.example",)}, attempt(sender="SPAM@bad.example"), "MAIL FROM", "554 5.1.0"),
        ({"filters": ("sender",)}, {"blocked_senders": ("@bad.example",)}, attempt(sender="x@bad.example"), "MAIL FROM", "554 5.1.0"),
        ({"filters": ("sender",)}, {"filter_blank_sender": True}, attempt(sender=""), "MAIL FROM", "554 5.1.0"),
        ({"filters": ("sender",)}, {"blocked_senders": ("@bad.example",)}, attempt("anna@contoso.com", sender="x@notbad.example"), "RCPT TO", "250"),
        ({}, {"blocked_senders": ("@bad.example",)}, attempt("anna@contoso.com", sender="x@bad.example"), "RCPT TO", "250"),
        ({"filters": ("connection",)}, {"blocked_clients": ("198.51.100.0/24",)}, attempt("anna@contoso.com"), "RCPT TO", "550 5.7.1 198.51.100.4 has been blocked"),
        ({"filters": ("connection",)}, {"blocked_clients": ("198.51.100.0/24",), "accepted_clients": ("198.51.100.4",)}, attempt("anna@contoso.com"), "RCPT TO", "250"),
        ({"filters": ("connection",)}, {"blocked_clients": ("198.51.100.0/24",), "block_list_exceptions": ("Anna@contoso.com",)}, attempt("anna@contoso.com"), "RCPT TO", "250"),
    ],
)  # fmt: skip
def test_each_filter_speaks_at_its_verb(
    fields: dict[str, Any], globally: dict[str, Any], tried: Attempt, verb: str, reply: str
) -> None:
    verdict = decide(changed(globally=globally, **fields), "LON01", tried)
    assert verdict.verb == verb
    assert verdict.reply.startswith(reply)
    assert verdict.accepted is reply.startswith("250")


def test_block_lists_are_asked_by_reversed_octets_t152() -> None:
    zone = Zone(
        name="bl.example",
        records="@ 60 IN SOA ns.bl.example. h.bl.example. 1 1 1 1 1\n4.100.51.198 60 IN A 127.0.0.2\n",
    )
    listing = changed(globally={"block_lists": ("bl.example",)}, zones=(zone,), filters=("connection",))
    assert (
        decide(listing, "LON01", attempt("anna@contoso.com")).reply
        == "550 5.7.1 198.51.100.4 has been blocked by bl.example"
    )
    assert decide(listing, "LON01", attempt("anna@contoso.com", ip="198.51.100.5")).accepted


def test_every_rule_is_looked_at_in_the_documented_order() -> None:
    verdict = decide(ORGANIZATION, "LON01", attempt())
    assert [look.rule for look in verdict.looks] == [name for name, _, _ in RULES]
    assert [look.outcome for look in verdict.looks] == ["passes"] * (len(RULES) - 1) + ["refuses"]
    assert decide(ORGANIZATION, "LON01", attempt(), at="connect").reply == "220"


@pytest.mark.parametrize(
    ("text", "meant", "accepted"),
    [
        ("spamtest", "spamtest@contoso.com", True),
        ("<anna@contoso.com>", "anna@contoso.com", True),
        ("victim%elsewhere.example@contoso.com", "victim%elsewhere.example@contoso.com", True),
        ("victim%elsewhere.example", "victim%elsewhere.example@contoso.com", True),
        ("elsewhere.example!victim", "elsewhere.example!victim@contoso.com", True),
        ('"victim@elsewhere.example"', '"victim@elsewhere.example"@contoso.com', True),
        ("<@contoso.com,@b.example:victim@elsewhere.example>", FOREIGN, False),
        ("<@b.example:anna@contoso.com>", "anna@contoso.com", True),
    ],
)
def test_tricks_with_addresses_t93_t146(text: str, meant: str, accepted: bool) -> None:
    assert str(canonical(ORGANIZATION, text)) == meant
    assert decide(ORGANIZATION, "LON01", attempt(text)).accepted is accepted


@pytest.mark.parametrize("text", ["victim@elsewhere.example@contoso.com", "<a@b", "a b@contoso.com", "@contoso.com"])
def test_what_is_no_address_is_refused(text: str) -> None:
    assert canonical(ORGANIZATION, text) is None
    assert decide(ORGANIZATION, "LON01", attempt(text)).reply == "501 5.5.4 Invalid Address"
    with pytest.raises(AddressError):
        parse_path(text)


@pytest.mark.parametrize(
    ("fields", "connectors", "is_open"),
    [
        ({}, (), False),
        ({"relay_mode": EXCEPT}, (), True),
        ({"relay_mode": EXCEPT, "relay_list": ("198.51.100.0/24",)}, (), True),
        ({"relay_mode": EXCEPT, "relay_list": ("0.0.0.0/0",)}, (), False),
        ({"relay_list": (PRINTER,)}, (), False),
        ({"relay_list": ("203.0.113.0/24",)}, (), False),
        ({"relay_list": ("0.0.0.0/0",)}, (), True),
        ({"relay_list": ("0.0.0.0/1", "128.0.0.0/1")}, (), True),
        ({"relay_list": ("*.partner.example",)}, (), False),
        ({"anonymous": False, "relay_mode": EXCEPT}, (), False),
        ({"relay_mode": EXCEPT, "allowed_clients": ("192.0.2.0/24",)}, (), False),
        ({"relay_mode": EXCEPT, "denied_clients": ("8.0.0.0/8",)}, (), True),
        ({}, (relaying("partner.example"),), False),
        ({}, (relaying("*"),), True),
    ],
)
def test_open_relay_is_derived_with_a_proof_s7(
    fields: dict[str, Any], connectors: tuple[SmtpConnector, ...], is_open: bool
) -> None:
    organization = changed(connectors=connectors, **fields)
    found = open_relay(organization, "LON01")
    assert (found is not None) is is_open
    if found:
        verdict = decide(organization, "LON01", Attempt(found.client_ip, found.recipient))
        assert verdict == found.verdict
        assert verdict.accepted
        assert found.recipient.partition("@")[2] not in organization.local_domains


def test_strangers_are_named_by_no_list() -> None:
    listed = changed(relay_list=("203.0.113.0/24",))
    assert not [ip for ip in strangers(listed, "LON01") if ip.startswith("203.0.113.")]


@pytest.mark.parametrize(("network", "is_open"), [("20.0.0.0/8", False), ("20.0.0.0/7", True)])
def test_a_network_on_a_list_names_somebody_up_to_a_bound(network: str, is_open: bool) -> None:
    listed = changed(relay_list=(network,))
    assert any(ip.startswith("20.") for ip in strangers(listed, "LON01")) is is_open
    assert (open_relay(listed, "LON01") is not None) is is_open


@settings(max_examples=60, deadline=None)
@given(
    st.fixed_dictionaries({
        "anonymous": st.booleans(),
        "relay_mode": st.sampled_from([ONLY, EXCEPT]),
        "relay_list": st.lists(st.sampled_from([PRINTER, "203.0.113.0/24", "0.0.0.0/0", "*.a.example"]), max_size=2).map(tuple),
        "authenticated_may_relay": st.booleans(),
        "require_tls": st.booleans(),
    }),
    st.sampled_from([STRANGER, PRINTER, "203.0.113.9"]), st.booleans(), st.booleans(),
)  # fmt: skip
def test_the_sender_address_never_opens_a_way_out_t138(
    fields: dict[str, Any], ip: str, authenticated: bool, tls: bool
) -> None:
    organization = changed(**fields)
    asked = [
        decide(organization, "LON01", Attempt(ip, FOREIGN, sender, authenticated=authenticated, tls=tls))
        for sender in ("anna@contoso.com", "x@elsewhere.example", "")
    ]
    assert asked[0][:3] == asked[1][:3] == asked[2][:3]


def test_the_table_of_the_relay_lab() -> None:
    table = relay_matrix(ORGANIZATION, "LON01")
    combinations = 1
    for setting in table["settings"]:
        combinations *= len(setting["options"])
    width = len(table["clients"]) * len(table["recipients"])
    assert len(table["open"]) == combinations
    assert len(table["cells"]) == combinations * width
    assert {rule["name"] for rule in table["rules"]} >= {look[0] for look in table["looks"]}
    start = 0
    for setting in table["settings"]:
        start = start * len(setting["options"]) + setting["start"]
    assert table["open"][start] is None, "a default server is no open relay (T139)"
    keys = [(client["key"], recipient["key"]) for client in table["clients"] for recipient in table["recipients"]]
    row = {key: table["verdicts"][cell] for key, cell in zip(keys, table["cells"][start * width :], strict=False)}
    assert row["stranger", "foreign"]["reply"] == "550 5.7.1 Unable to relay for victim@elsewhere.example"
    assert row["stranger", "unknown"]["accepted"]
    assert row["user", "foreign"]["accepted"]
    assert sum(item is not None for item in table["open"]) > 0


def test_a_table_without_mailbox_or_shared_domain() -> None:
    policy = replace(ORGANIZATION.recipient_policies[0], domains=ORGANIZATION.recipient_policies[0].domains[:1])
    bare = replace(ORGANIZATION, recipients=(), recipient_policies=(policy,))
    assert [item["key"] for item in relay_matrix(bare, "LON01")["recipients"]] == [
        "local",
        "unknown",
        "partner",
        "foreign",
        "percent",
    ]
