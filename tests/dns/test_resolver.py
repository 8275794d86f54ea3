"""DNS: answers of zones, every way a look-up can end, what nslookup prints, and what the scenario makes of it."""

import random
import time
from collections.abc import Iterable
from dataclasses import replace

import dns.flags
import dns.message
import dns.opcode
import dns.rcode
import pytest
from dns.message import Message

import mailflow
from mailflow.dns import Exchanger, MxAnswer, ask_mx
from mailflow.dns.resolver import Resolver
from mailflow.organization import Organization, Zone
from tests.conftest import Sending

SOA = "@ 3600 IN SOA ns.{0}. host.{0}. 7 900 600 86400 3600\n"


def zone(name: str, records: str) -> Zone:
    return Zone(name=name, records=SOA.format(name) + "$TTL 60\n" + records)


ZONES = (
    zone("two.example", """@ MX 20 b
@ MX 10 a
@ TXT "v=spf1"
@ NS ns
a A 192.0.2.1
a A 192.0.2.2
b A 192.0.2.3
b AAAA 2001:db8::3
www CNAME two.example.
out CNAME far.example.
far CNAME nix.two.example.
one CNAME round
round CNAME one
away CNAME slow.example.
lost CNAME unknown.test.
deep.under A 192.0.2.9
*.wild MX 5 a
x.y.wild A 192.0.2.8
"""),
    zone("mixed.example", """@ MX 10 twice
@ MX 20 twice
@ MX 30 gone
@ MX 40 host.slow.example.
@ MX 50 alias
twice A 192.0.2.4
alias CNAME twice
"""),
    zone("waits.example", "@ MX 10 host.slow.example.\n"),
    zone("bare.example", "@ A 192.0.2.5\n"),
    zone("null.example", "@ MX 0 .\n"),
    zone("slow.example", "host A 192.0.2.6\n"),
    zone("mute.example", "@ MX 10 host\nhost A 192.0.2.7\n"),
    Zone(name="nosoa.example", records="www 60 IN A 192.0.2.7\n"),
)  # fmt: skip
NO_NAMES = [
    f"{'a' * 64}.test",
    f"{'a.' * 127}test",
    "a..test",
    ".test",
    "a\\999.test",
    "test\\",
    "\u2028.test",
    "\ud800.test",
]
RESOLVER = Resolver(ZONES, failing=["slow.example"], silent=["mute.example"])


def look(domain: str, own_names: Iterable[str] = (), *, null_mx: bool = False) -> MxAnswer:
    return ask_mx(RESOLVER, domain, random.Random(0), own_names, null_mx=null_mx)


@pytest.mark.parametrize(
    ("domain", "outcome", "hosts"),
    [
        ("two.example", "deliver", ("a.two.example", "b.two.example")),
        ("TWO.example.", "deliver", ("a.two.example", "b.two.example")),
        ("www.two.example", "deliver", ("a.two.example", "b.two.example")),
        ("m.wild.two.example", "deliver", ("a.two.example",)),
        ("y.wild.two.example", "bounce", ()),
        ("z.y.wild.two.example", "bounce", ()),
        ("under.two.example", "bounce", ()),
        ("nix.two.example", "bounce", ()),
        ("one.two.example", "bounce", ()),
        ("far.two.example", "bounce", ()),
        ("lost.two.example", "bounce", ()),
        ("away.two.example", "defer", ()),
        ("bare.example", "deliver", ("bare.example",)),
        ("mixed.example", "deliver", ("twice.mixed.example", "alias.mixed.example")),
        ("waits.example", "defer", ()),
        ("slow.example", "defer", ()),
        ("mute.example", "defer", ()),
        ("null.example", "bounce", ()),
        ("nowhere.test", "bounce", ()),
    ],
)
def test_outcomes(domain: str, outcome: str, hosts: tuple[str, ...]) -> None:
    answer = look(domain)
    assert (answer.outcome, answer.hosts) == (outcome, hosts), answer
    assert bool(answer.code) is (outcome == "bounce")


def test_the_list_says_what_was_left_out() -> None:
    assert look("mixed.example").exchangers == (
        Exchanger(10, "twice.mixed.example", ("192.0.2.4",)),
        Exchanger(20, "twice.mixed.example", ("192.0.2.4",), "listed before with a better preference"),
        Exchanger(30, "gone.mixed.example", (), "no address"),
        Exchanger(40, "host.slow.example", (), "no answer about its address just now"),
        Exchanger(50, "alias.mixed.example", ("192.0.2.4",)),
    )
    assert look("two.example").exchangers[1].addresses == ("192.0.2.3", "2001:db8::3")


def test_null_mx_is_younger_than_exchange_2003_t131() -> None:
    assert "no mail exchanger has an address" in look("null.example").why
    assert "takes no mail" in look("null.example", null_mx=True).why


def test_own_names_t128() -> None:
    assert look("two.example", own_names=["B.two.example"]).hosts == ("a.two.example",)
    loop = look("two.example", own_names=["a.two.example"])
    assert (loop.outcome, loop.code) == ("loop", "5.3.5")


@pytest.mark.parametrize(
    ("domain", "own"),
    [
        ("self.example", "real.self.example"),
        ("self.example", "192.0.2.44"),
        ("self.example", "2001:db8::44"),
        ("bare.example", "192.0.2.5"),
        ("bare.example", "bare.example"),
    ],
)
def test_a_server_finds_itself_by_an_alias_and_by_its_address_t128(domain: str, own: str) -> None:
    resolver = Resolver(
        [*ZONES, zone("self.example", "@ MX 10 mx\nmx CNAME real\nreal A 192.0.2.44\nreal AAAA 2001:db8::44\n")]
    )
    loop = ask_mx(resolver, domain, random.Random(0), own_names=[own])
    assert (loop.outcome, loop.code, loop.hosts) == ("loop", "5.3.5", ())
    assert ask_mx(resolver, domain, random.Random(0), own_names=["192.0.2.45"]).outcome == "deliver"


def test_a_server_does_not_send_to_its_own_address(organization: Organization) -> None:
    server = organization.servers[0]
    own = zone("own.example", f"@ MX 10 other\nother A {server.ip}\n")
    scenario = mailflow.Scenario(replace(organization, zones=(*organization.zones, own)))
    trace = scenario.send(mailflow.Message.write("anna@contoso.com", "kim@own.example")).run()
    assert trace.status()["m1"][0][1:] == ("bounced", "5.3.5")


def answered(resolver: Resolver, query: Message) -> Message:
    found = resolver.answer(query)
    assert found is not None
    return found


def answer(name: str, kind: str = "MX", rdclass: str = "IN", use_edns: int | None = None) -> Message:
    return answered(RESOLVER, dns.message.make_query(name, kind, rdclass, use_edns=use_edns))


def test_real_messages() -> None:
    found = answer("two.example")
    assert found.flags & dns.flags.AA
    assert [str(item) for item in found.answer[0]] == ["20 b", "10 a"] or len(found.answer[0]) == 2
    assert {rrset.name.to_text() for rrset in found.additional} == {"a.two.example.", "b.two.example."}
    assert answer("nix.two.example").rcode() == dns.rcode.NXDOMAIN
    assert answer("nix.two.example").authority[0].to_text().split()[3] == "SOA"
    assert answer("bare.example").rcode() == dns.rcode.NOERROR
    assert answer("under.two.example", "A").rcode() == dns.rcode.NOERROR
    assert answer("mail.nosoa.example").authority == []
    assert answer("two.example", "ANY").answer
    assert answer("www.two.example", "CNAME").answer[0].to_text().endswith("two.example.")
    assert answer("contoso.test").rcode() == dns.rcode.NXDOMAIN
    assert not answer("contoso.test").flags & dns.flags.AA
    assert answer("two.example", rdclass="CH").rcode() == dns.rcode.REFUSED
    assert answer("slow.example").rcode() == dns.rcode.SERVFAIL
    assert RESOLVER.answer(dns.message.make_query("mute.example", "MX")) is None
    assert answer("away.two.example").answer[0].to_text().endswith("slow.example.")
    assert answer("lost.two.example").rcode() == dns.rcode.NOERROR
    assert answer("far.two.example").rcode() == dns.rcode.NXDOMAIN


def test_a_chain_that_nobody_follows_to_its_end() -> None:
    links = "".join(f"n{number} CNAME n{number + 1}\n" for number in range(300)) + "n300 MX 1 n300\nn300 A 192.0.2.1\n"
    resolver = Resolver([zone("long.example", links)])
    told = answered(resolver, dns.message.make_query("n0.long.example", "MX"))
    assert (told.rcode(), told.answer) == (dns.rcode.SERVFAIL, [])
    assert ask_mx(resolver, "n0.long.example", random.Random(0)).outcome == "defer"
    assert ask_mx(resolver, "n284.long.example", random.Random(0)).hosts == ("n300.long.example",)
    assert ask_mx(resolver, "n283.long.example", random.Random(0)).outcome == "defer"


def test_a_chain_that_leads_to_itself() -> None:
    told = answer("one.two.example")
    assert (told.rcode(), told.answer) == (dns.rcode.SERVFAIL, [])
    assert "point at each other" in look("one.two.example").why


CHILD = zone("parent.example", """@ NS ns
ns A 192.0.2.1
child NS ns.child
child NS ns.elsewhere.test.
ns.child A 192.0.2.2
ns.child AAAA 2001:db8::2
child DS 1 8 2 0000000000000000000000000000000000000000000000000000000000000000
way CNAME www.child
""")  # fmt: skip


@pytest.mark.parametrize("name", ["child.parent.example", "www.child.parent.example", "a.b.c.ns.child.parent.example"])
def test_below_a_delegation_others_are_asked(name: str) -> None:
    resolver = Resolver([CHILD])
    told = answered(resolver, dns.message.make_query(name, "MX"))
    assert (told.rcode(), told.answer, told.flags & dns.flags.AA) == (dns.rcode.NOERROR, [], 0)
    assert [rrset.to_text().split()[:4] for rrset in told.authority] == [
        ["child.parent.example.", "60", "IN", "NS"]
    ] or len(told.authority[0]) == 2
    assert {rrset.to_text().split()[-1] for rrset in told.additional} == {"192.0.2.2", "2001:db8::2"}
    assert ask_mx(resolver, name, random.Random(0)).outcome == "defer"


def test_a_delegation_is_described_above_it() -> None:
    resolver = Resolver([CHILD])
    assert answered(resolver, dns.message.make_query("child.parent.example", "DS")).answer
    followed = answered(resolver, dns.message.make_query("way.parent.example", "A"))
    assert (len(followed.answer), len(followed.authority)) == (1, 1)
    own = Resolver([CHILD, zone("child.parent.example", "www MX 5 @\n@ A 192.0.2.9\n")])
    assert ask_mx(own, "way.parent.example", random.Random(0)).hosts == ("child.parent.example",)


def test_whole_zones_and_later_versions_of_edns_are_refused() -> None:
    for kind in ("AXFR", "IXFR"):
        told = answer("two.example", kind)
        assert (told.rcode(), told.answer) == (dns.rcode.REFUSED, [])
    told = answer("two.example", use_edns=1)
    assert (told.rcode(), told.edns, told.answer) == (dns.rcode.BADVERS, 0, [])


def test_what_does_not_exist_is_remembered_for_the_minimum() -> None:
    told = Resolver([Zone(name="a.example", records="@ 3600 IN SOA ns h 1 2 3 4 60\n")])
    assert answered(told, dns.message.make_query("x.a.example", "MX")).authority[0].ttl == 60
    assert answered(told, dns.message.make_query("a.example", "SOA")).answer[0].ttl == 3600


def test_a_look_up_costs_the_same_however_large_the_zone_is() -> None:
    took = []
    for many in (100, 20_000):
        resolver = Resolver([zone("big.example", "".join(f"host{number} A 192.0.2.1\n" for number in range(many)))])
        for name in (".".join("a" * 100) + ".big.example", "host50.big.example"):
            query = dns.message.make_query(name, "MX")
            started = time.perf_counter()
            for _ in range(50):
                resolver.answer(query)
            took.append((time.perf_counter() - started) / 50)
    assert max(took) < 0.01
    assert took[2] < 5 * took[0]


def test_what_is_no_query() -> None:
    query = dns.message.make_query("two.example", "MX")
    query.set_opcode(dns.opcode.NOTIFY)
    assert answered(RESOLVER, query).rcode() == dns.rcode.NOTIMP
    empty = dns.message.make_query("two.example", "MX")
    empty.question = []
    assert answered(RESOLVER, empty).rcode() == dns.rcode.FORMERR


@pytest.fixture(scope="module")
def organization() -> Organization:
    return replace(mailflow.load("one server"), zones=(*mailflow.load("one server").zones, *ZONES))


@pytest.mark.parametrize(
    ("name", "kind", "line"),
    [
        ("two.example", "MX", "two.example\tMX preference = 10, mail exchanger = a.two.example"),
        ("two.example", "mx", "a.two.example\tinternet address = 192.0.2.1"),
        ("two.example", "MX", "b.two.example\tAAAA IPv6 address = 2001:db8::3"),
        ("null.example", "MX", "null.example\tMX preference = 0, mail exchanger = (root)"),
        ("www.two.example", "MX", "www.two.example\tcanonical name = two.example"),
        ("two.example", "NS", "two.example\tnameserver = ns.two.example"),
        ("two.example", "TXT", 'two.example\ttext = "v=spf1"'),
        ("bare.example", "MX", "\tprimary name server = ns.bare.example"),
        ("www.nosoa.example", "MX", "*** No MX records available for www.nosoa.example"),
        ("nix.two.example", "MX", "*** dns.internet.example can't find nix.two.example: Non-existent domain"),
        ("slow.example", "MX", "*** dns.internet.example can't find slow.example: Server failed"),
        ("mute.example", "MX", "*** dns.internet.example can't find mute.example: No response from server"),
        ("nowhere.test", "MX", "*** dns.internet.example can't find nowhere.test: Non-existent domain"),
    ],
)
def test_nslookup_prints_as_windows_does_t134(
    organization: Organization, monkeypatch: pytest.MonkeyPatch, name: str, kind: str, line: str
) -> None:
    failing = {"failing": ["slow.example"], "silent": ["mute.example"]}
    monkeypatch.setattr("mailflow.tools.nslookup.Resolver", lambda zones: Resolver(zones, **failing))
    found = mailflow.nslookup(organization, name, kind)
    assert str(found).splitlines()[:3] == ["Server:  dns.internet.example", "Address:  192.0.2.53", ""]
    assert line in str(found).splitlines()
    assert repr(found) == str(found)


def test_nslookup_escapes_and_refuses(organization: Organization) -> None:
    assert "&lt;b&gt;" in mailflow.nslookup(organization, "<b>.example")._repr_html_()
    with pytest.raises(ValueError, match="no such kind of record here; use one of MX, A"):
        mailflow.nslookup(organization, "two.example", "PTR")
    with pytest.raises(ValueError, match="is no domain name"):
        mailflow.nslookup(organization, "a..b")


def test_external_dns_servers_are_asked_instead_t124() -> None:
    organization = mailflow.load("one server")
    server = organization.servers[0]
    virtual = replace(server.virtual_servers[0], external_dns=("192.0.2.250", "192.0.2.251"))
    changed = replace(organization, servers=(replace(server, virtual_servers=(virtual,)),))
    message = mailflow.Message.write("anna@contoso.com", "kim@fabrikam.com")

    def end(*broken: str) -> str:
        scenario = mailflow.Scenario(changed)
        for name in broken:
            scenario.fail(name)
        trace = scenario.send(message, at=1).run(until=60)
        return trace.status()["m1"][0][1]

    assert end("DNS", "192.0.2.250") == "relayed"
    assert end("192.0.2.250", "192.0.2.251") == "waiting"


def test_a_zone_that_fails_makes_mail_wait_and_not_bounce_t127() -> None:
    scenario = mailflow.Scenario(mailflow.load("one server")).fail("fabrikam.com").restore("fabrikam.com", at=1000)
    scenario.send(mailflow.Message.write("anna@contoso.com", "kim@fabrikam.com"), at=1)
    trace = scenario.run()
    assert trace.status()["m1"][0][1] == "relayed"
    assert trace.records[-1][0] > 1000


@pytest.mark.parametrize("name", NO_NAMES, ids=range(len(NO_NAMES)))
def test_a_name_that_dns_cannot_hold_does_not_exist(name: str) -> None:
    assert RESOLVER.ask(name, "MX") == (name.lower(), dns.rcode.NXDOMAIN, (), False)
    assert RESOLVER.addresses(name) == ((), False)
    answer = ask_mx(RESOLVER, name, random.Random(0))
    assert (answer.outcome, answer.code) == ("bounce", "5.4.0")


@pytest.mark.parametrize("name", NO_NAMES, ids=range(len(NO_NAMES)))
def test_mail_to_and_from_such_a_name_ends_in_a_known_state(name: str) -> None:
    scenario = mailflow.Scenario(mailflow.load("one server"))
    scenario.send(mailflow.Message(b"\r\n", "anna@contoso.com", (f"kim@{name}", "ben@contoso.com")))
    scenario.send(mailflow.Message(b"\r\n", "kim@fabrikam.com", (f"kim@{name}", "ben@contoso.com")))
    outside: Sending = {"by": "pickup", "server": "LON01"}
    scenario.send(mailflow.Message(b"\r\n", f"kim@{name}", ("nobody@contoso.com", "ben@contoso.com")), **outside)
    status = scenario.run().status()
    assert [state for _, state, _ in status["m1"]] == ["bounced", "delivered"]
    assert [state for _, state, _ in status["m2"]] == ["waiting", "delivered"]
    assert [state for _, state, _ in status["m3"]] == ["bounced", "delivered"]
    reports = {address: (state, detail) for message in ("m4", "m5") for address, state, detail in status[message]}
    assert reports[f"kim@{name}"] == ("badmail", "5.4.0")
