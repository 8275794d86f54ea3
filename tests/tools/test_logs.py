"""Event log, protocol log, BadMail, counters, and the tools on the wire: what documents say of them, and nothing else."""

import doctest
import re
from collections.abc import Callable
from dataclasses import replace
from importlib import import_module
from typing import Any, cast

import pytest

import mailflow
import mailflow.tools
from mailflow.organization.model import Organization, PolicyDomain, SmtpConnector
from mailflow.plots import counter_chart
from mailflow.tools import badmail, counters, event_log, protocol_log, smtpdiag, telnet
from mailflow.tools.bad_mail import UNLIMITED, is_written
from mailflow.tools.events import BY_CODE, EVENTS, LEFT_OUT
from mailflow.tools.listing import Listing
from mailflow.tools.performance import CLIENT_OUT, COUNTERS, FILES, LIMITS, STORE_OUT, Counters, growth_alarms, verdict
from mailflow.tools.port25 import NO_HOST

ONE = mailflow.load("one server")
TWO = mailflow.load("two servers")


def letter(to: str | list[str] = "carla@contoso.com", sender: str = "anna@contoso.com") -> mailflow.Message:
    return mailflow.Message.write(sender, to)


def events(listing: Listing) -> list[str]:
    return listing.column("Event")


def first_connector(organization: Organization, **settings: tuple[str, ...]) -> Organization:
    found = [item for item in organization.connectors if isinstance(item, SmtpConnector)]
    rest = tuple(item for item in organization.connectors if item is not found[0])
    return replace(organization, connectors=(*rest, replace(found[0], **settings)))  # type: ignore[arg-type]  # whatever a test sets


@pytest.mark.parametrize("name", mailflow.tools.__all__)
def test_each_tool_is_found_and_its_example_holds(name: str) -> None:
    tool = getattr(mailflow.tools, name)
    assert tool.__name__ == name
    assert tool.__module__ == mailflow.tools._HOME[name]
    examples = doctest.DocTestFinder(recurse=False).find(tool, globs={})
    assert sum(len(test.examples) for test in examples) > 1
    assert [doctest.DocTestRunner(verbose=False).run(test).failed for test in examples] == [0]
    assert import_module(tool.__module__).__all__
    with pytest.raises(AttributeError, match="no attribute 'hammer'"):
        mailflow.tools.hammer  # noqa: B018


# -- the event log ----------------------------------------------------------------------------------------------------


def test_a_link_that_fails_leaves_a_warning_at_every_level_and_a_silent_name_service_none() -> None:
    trace = mailflow.Scenario(TWO).fail("LON02").send(letter()).run(until=90)
    assert events(event_log(trace, "LON01")) == ["4006", "4006"]
    assert len(event_log(trace, "LON01", 13)) == 1
    silent = mailflow.Scenario(ONE).fail("DNS").send(letter("kim@fabrikam.com")).run(until=90)
    assert any(event.step.key == "link.failed" for event in silent)
    assert events(event_log(silent, "LON01", level="Maximum")) == []


def test_who_puts_mail_off_is_a_cause_as_well() -> None:
    later = tuple(replace(host, replies={"kim@fabrikam.com": "451 4.7.1 Later"}) for host in ONE.external_hosts)
    trace = mailflow.Scenario(replace(ONE, external_hosts=later)).send(letter("kim@fabrikam.com")).run(until=30)
    assert set(events(event_log(trace, "LON01"))) == {"4006"}
    assert events(event_log(trace, "LON01", levels={"SMTP Protocol": "Minimum"})) == ["4006"]
    found = event_log(trace, "LON01", levels={"SMTP Protocol": "Medium"})
    assert events(found).count("") == 2, "4.x.x as well, from each host once"
    everything = event_log(trace, "LON01", levels={"SMTP Protocol": "Field Engineering"})
    assert "answered 250" in str(everything)


@pytest.mark.parametrize(("to", "number"), [("nix@contoso.com", "3028"), ("kim@nowhere.example", "3018")])
def test_reports_carry_code_recipient_and_message_id_from_minimum_on(to: str, number: str) -> None:
    tracked = mailflow.reconfigure(ONE, "LON01", message_tracking=True)
    trace = mailflow.Scenario(tracked).send(letter(to)).run()
    assert events(event_log(trace, "LON01")) == []
    found = event_log(trace, "LON01", level="Minimum")
    assert events(found) == [number]
    assert to in str(found)
    assert trace.message_ids["m1.1"] in str(found)  # type: ignore[index]  # it ran, so there are some


def test_a_server_name_in_a_policy_is_named() -> None:
    policy = TWO.recipient_policies[0]
    made = replace(policy, domains=(*policy.domains, PolicyDomain(domain="lon02.contoso.com")))
    trace = mailflow.Scenario(replace(TWO, recipient_policies=(made, *TWO.recipient_policies[1:]))).send(letter()).run()
    assert events(event_log(trace, "LON01")) == ["9006"]


def test_a_directory_that_is_away_hops_and_too_many_recipients() -> None:
    away = mailflow.Scenario(ONE).stop("global catalog", "LON01").send(letter("ben@contoso.com")).run(until=30)
    assert events(event_log(away, "LON01")) == ["4004"]
    rings = mailflow.Message(b"Received: x\r\n" * 40 + b"Subject: x\r\n\r\n", "kim@fabrikam.com", ["ben@contoso.com"])
    round_ = mailflow.Scenario(ONE).send(rings, by="smtp", server="LON01").run()
    assert events(event_log(round_, "LON01", level="Minimum")) == ["12065"]
    few = replace(ONE, global_settings=replace(ONE.global_settings, max_recipients=1))
    many = mailflow.Scenario(few).send(letter(["ben@contoso.com", "kim@fabrikam.com"])).run()
    assert events(event_log(many, "LON01", level="Minimum")) == ["9000"]


def test_restrictions_that_are_not_checked_are_told_when_routing_starts() -> None:
    limited = first_connector(ONE, only_from=(ONE.recipients[0].name,))
    trace = mailflow.Scenario(limited).run()
    assert events(event_log(trace, "LON01")) == ["957"]
    checked = replace(limited, servers=(replace(limited.servers[0], check_connector_restrictions=True),))
    assert events(event_log(mailflow.Scenario(checked).run(), "LON01")) == []


def test_link_state_leaves_its_events() -> None:
    leaf = (
        mailflow.Scenario(mailflow.load("two sites"))
        .fail("London-Paris")
        .send(letter("pierre@contoso.com"))
        .run(until=900)
    )
    assert "994" not in events(event_log(leaf, "LON02"))
    assert events(event_log(leaf, "LON02", level="Medium")).count("994") == 1
    ring = mailflow.load("worldwide")
    down = mailflow.Scenario(ring).fail("London-Brussels").send(letter("bruno@contoso.com")).run(until=5000)
    masters = [item.master for item in ring.routing_groups]
    assert any("974" in events(event_log(down, name)) for name in masters)
    group = mailflow.load("two sites").routing_groups[0]
    gone = mailflow.Scenario(mailflow.load("two sites")).delete_server(group.master).run()
    others = [item.name for item in mailflow.load("two sites").servers if item.routing_group == group.name]
    assert any("958" in events(event_log(gone, name)) for name in others)


def test_a_stranger_offers_no_exchange_properties_and_one_that_is_refused_is_told_on_both_sides() -> None:
    strict = tuple(
        replace(item, virtual_servers=tuple(replace(one, authentication=()) for one in item.virtual_servers))
        for item in TWO.servers
    )
    trace = mailflow.Scenario(replace(TWO, servers=strict)).send(letter()).run()
    assert any(str(event.values.get("reply", "")).startswith("504") for event in trace)
    assert "7004" in events(event_log(trace, "LON01", level="Medium"))
    assert "7010" in events(event_log(trace, "LON02", level="Medium"))
    assert "7004" not in events(event_log(trace, "LON01", level="Minimum"))


def test_a_refusal_that_comes_again_is_written_once_and_that_of_others_never() -> None:
    twice = mailflow.Scenario(ONE).send(letter("nobody@fabrikam.com")).send(letter("nobody@fabrikam.com"), at=5)
    assert events(event_log(twice.run(), "LON01", levels={"SMTP Protocol": "Minimum"})) == [""]
    sites = mailflow.load("two sites")
    strict = tuple(
        replace(item, virtual_servers=tuple(replace(one, authentication=()) for one in item.virtual_servers))
        for item in sites.servers
    )
    trace = (
        mailflow.Scenario(replace(sites, servers=strict)).send(letter("ben@contoso.com", "pierre@contoso.com")).run()
    )
    quiet = [item.name for item in strict if not any(event.server == item.name for event in trace)]
    told = {item.name: events(event_log(trace, item.name, level="Medium")) for item in strict}
    assert any("7004" in numbers for numbers in told.values())
    assert all(told[name] == [] for name in quiet)


def test_what_is_asked_wrongly_gets_one_clear_error() -> None:
    trace = mailflow.Scenario(ONE).run()
    for tool in (event_log, protocol_log, badmail, counters):
        with pytest.raises(ValueError, match="no server 'X'; there is LON01"):
            tool(trace, "X")
    with pytest.raises(ValueError, match="no level 'X'; there is None"):
        event_log(trace, "LON01", level="X")
    with pytest.raises(ValueError, match="levels: no category 'X'"):
        event_log(trace, "LON01", levels={"X": "None"})
    with pytest.raises(ValueError, match="fields: no field 'x'"):
        protocol_log(trace, "LON01", fields=["x"])
    with pytest.raises(ValueError, match="every=0: give a number of seconds above 0"):
        counters(trace, "LON01", every=0)
    with pytest.raises(ValueError, match="no column 'x'; there is Time"):
        badmail(trace, "LON01").column("x")
    with pytest.raises(KeyError, match="no counter 'x'"):
        counters(trace, "LON01")["x"]


@pytest.mark.parametrize("tool", [event_log, badmail, protocol_log])
def test_a_step_that_is_not_there_is_said(tool: Callable[..., object]) -> None:
    trace = mailflow.Scenario(ONE).send(letter()).run()
    with pytest.raises(IndexError, match=f"step 999: the trace has {len(trace)} events, numbered from 0"):
        tool(trace, "LON01", at=999)


def test_numbers_are_either_modelled_or_left_out_with_a_reason() -> None:
    assert set(BY_CODE.values()) <= set(EVENTS)
    assert not {str(number) for number in EVENTS} & {part for key in LEFT_OUT for part in key.split(", ")}
    assert all(LEFT_OUT.values())


# -- the protocol log -------------------------------------------------------------------------------------------------


def test_a_command_is_a_record_as_published() -> None:
    """Source: K-E11."""
    trace = mailflow.Scenario(ONE).send(letter("anna@contoso.com", "kim@fabrikam.com")).run()
    lines = str(protocol_log(trace, "LON01")).splitlines()
    assert lines[:2] == ["#Version: 1.0", "#Fields: time c-ip cs-method cs-uri-stem sc-status"]
    assert "09:00:00 198.51.100.10 MAIL FROM - 250" in lines
    full = protocol_log(
        trace, "LON01", fields=("s-sitename", "s-computername", "s-ip", "cs-uri-query"), virtual_server=2
    )
    assert ("SMTPSVC2", "LON01", ONE.servers[0].ip, "FROM:<kim@fabrikam.com>") in [
        (*row[:3], row[3].split("+")[0]) for row in full.listing
    ]
    assert "<table " in full._repr_html_()
    assert repr(full) == f"Protocol log of LON01: {len(full.listing)} rows"


def test_the_iis_format_has_fifteen_fields_between_commas() -> None:
    """Source: K-E11."""
    published = "192.0.2.1, contoso.com, 8/18/06, 13:17:37, SMTPSVC1, MAIL01, 198.51.100.1, 90, 42, 0, 250, 0, MAIL FROM, -, FROM:<maria@contoso.com>,"
    trace = mailflow.Scenario(ONE).send(letter("anna@contoso.com", "kim@fabrikam.com")).run()
    log = protocol_log(trace, "LON01", form="IIS")
    (line,) = (line for line in str(log).splitlines() if "FROM:<kim@fabrikam.com>" in line)
    assert line.startswith(
        "198.51.100.10, mail.fabrikam.com, 10/6/03, 09:00:00, SMTPSVC1, LON01, 192.0.2.10, -, -, -, 250, 0, "
    )
    assert line.count(", ") == published.count(", ") == len(log.listing.columns) - 1
    theirs, ours = published.split(", "), line.split(", ")
    assert [ours[number] for number in (4, 10, 11, 12, 13)] == [theirs[number] for number in (4, 10, 11, 12, 13)]
    assert re.fullmatch(r"FROM:<kim@fabrikam\.com> SIZE=[0-9]+,", ours[14])
    with pytest.raises(ValueError, match="form: no format 'NCSA'; there is W3C, IIS"):
        protocol_log(trace, "LON01", form=cast(Any, "NCSA"))


def test_what_goes_out_says_so_in_the_field_of_the_user() -> None:
    trace = mailflow.Scenario(ONE).send(letter("kim@fabrikam.com")).run()
    found = protocol_log(trace, "LON01", fields=("cs-username", "cs-method", "c-ip", "sc-status")).listing
    assert found.rows[0] == ("OutboundConnectionResponse", "-", "198.51.100.10", "220")
    assert found.rows[1] == ("OutboundConnectionCommand", "EHLO", "198.51.100.10", "-")
    stranger = mailflow.Scenario(ONE).send(
        letter("anna@contoso.com", "x@y.example"), by="smtp", server="LON01", client="203.0.113.7"
    )
    assert set(protocol_log(stranger.run(), "LON01").listing.column("c-ip")) == {"203.0.113.7"}
    named = mailflow.Scenario(ONE).send(
        letter("anna@contoso.com", "x@y.example"), by="smtp", server="LON01", client="pc 7"
    )
    assert set(protocol_log(named.run(), "LON01", fields=("cs-username", "c-ip")).listing.rows) == {("pc+7", "-")}


# -- BadMail ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("service_pack", "max_kb", "kb", "written"),
    [(0, 0, 9_999_999, True), (1, 0, 0, False), (1, 1024, 1020, True), (1, 1024, 1024, False), (2, UNLIMITED, 9_999_999, True)],
)  # fmt: skip
def test_badmail_before_and_after_the_service_pack(service_pack: int, max_kb: int, kb: int, written: bool) -> None:
    """Source: K-E14."""
    assert is_written(service_pack, max_kb, kb * 1024) is written


def test_a_full_folder_keeps_the_old_files() -> None:
    lost = mailflow.Message(b"Subject: x\r\n\r\n" + b"y" * 1500, "", ["nix@contoso.com"])
    scenario = mailflow.Scenario(ONE)
    for second in range(3):
        scenario.send(lost, by="pickup", server="LON01", at=second)
    found = badmail(scenario.run(), "LON01", max_kb=2)
    assert found.column("Written") == ["yes", "yes", "no"]
    assert found.column("Files")[0] == "m1.1.BAD m1.1.BDR m1.1.BDP"
    assert found.remarks == ("6 files, 3028 bytes.",)
    assert badmail(scenario.run(until=0.5), "LON01", max_kb=2).column("Written") == ["yes"]


# -- counters ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        (next(iter(LIMITS)), 9, "fine"), (next(iter(LIMITS)), 10, ""), (next(iter(LIMITS)), 11, "error"),
        (r"SMTP Server\Local Queue Length", 999, "fine"), (r"SMTP Server\Local Queue Length", 1001, "error"),
        (r"Epoxy\Client Out Queue Length", 50, ""), (r"Epoxy\Store Out Queue Length", 1, ""),
        (FILES, 49_999, "fine"), (FILES, 50_000, "warning"), (FILES, 90_000, "error"),
    ],
)  # fmt: skip
def test_limits_are_the_published_ones(name: str, value: int, said: str) -> None:
    """Source: K-E12."""
    assert verdict(name, value) == said


def test_the_growth_monitor_raises_an_alarm_for_one_message_that_is_stuck() -> None:
    """Source: K-E13."""
    stuck = [5, 4, 3, 2, *[1] * 12]
    assert growth_alarms(stuck, 10)[0] == 4 + 10
    assert growth_alarms(range(5, 16), 10) == [10]
    assert growth_alarms([3, 2, 1, 0, *[0] * 20], 10) == []


def test_counters_are_sampled_and_charted() -> None:
    scenario = mailflow.Scenario(TWO).fail("LON02").stop("global catalog", "LON01", at=100)
    for number in range(40):
        scenario.send(letter(), at=5 * number)
    found = counters(scenario.run(until=200), "LON01", every=10, until=210)
    categorizer, remote = r"SMTP Server\Categorizer Queue Length", r"SMTP Server\Remote Queue Length"
    assert found[remote][:3] == (0, 2, 4)
    assert max(found[categorizer]) > 10
    assert found.percentile(categorizer) <= max(found[categorizer])
    assert found.percentile(remote, 0) == 0
    assert (
        dict(zip(found.listing.column("Counter"), found.listing.column("Verdict"), strict=True))[categorizer] == "error"
    )
    chart = counter_chart(found)
    assert f"{categorizer}: at most {max(found[categorizer])}, error" in repr(chart)
    texts = [text.get_text() for text in chart.figure.axes[0].texts]
    assert texts == ["error above 10"]
    assert "image/png" in chart._repr_mimebundle_()[0]
    quiet = counter_chart(counters(mailflow.Scenario(ONE).run(), "LON01"))
    assert "which no document judges" in repr(quiet)
    assert repr(counter_chart(found, remote)).count("at most") == 1
    assert repr(found) == "Counters of LON01, 22 samples"
    assert str(found) == str(found.listing)
    assert "<table " in found._repr_html_()


def test_a_value_that_no_document_judges_is_told_with_what_is_normal() -> None:
    series: dict[str, tuple[int, ...]] = {**dict.fromkeys(COUNTERS, (10,)), CLIENT_OUT: (50,), STORE_OUT: (9,)}
    at_limit = Counters("LON01", (0.0,), series)
    assert repr(at_limit) == "Counters of LON01, 1 sample"
    verdicts = at_limit.listing.column("Verdict")
    assert verdicts[0] == "not below 10, as is normal; no document says more"
    assert verdicts[3] == "not below 50, as is normal; no document says more"
    assert verdicts[4] == "no limit documented"


# -- on the wire ------------------------------------------------------------------------------------------------------


def test_telnet_types_a_whole_message() -> None:
    typed = "EHLO me\nMAIL FROM:<kim@fabrikam.com>\nRCPT TO:<anna@contoso.com>\nDATA\nSubject: x\n\n..hidden dot\n.\nQUIT\nNOOP"
    shown = telnet(ONE, "lon01.contoso.com", typed)
    assert shown.text.splitlines()[-1] == "Connection to host lost."
    assert "250 2.6.0" in repr(shown)
    assert shown.taken[0].content.endswith(b"\r\n\r\n.hidden dot\r\n")
    assert "&lt;kim@fabrikam.com&gt;" in shown._repr_html_()


def test_telnet_sends_chunks_and_credentials() -> None:
    typed = ["EHLO me", "MAIL FROM:<kim@fabrikam.com>", "RCPT TO:<anna@contoso.com>", "BDAT 14 LAST", "Subject: x", ""]
    assert len(telnet(ONE, "LON01", typed).taken) == 1
    assert "535" in str(telnet(ONE, "LON01", ["EHLO me", "AUTH LOGIN", "YQ==", "Yg=="]))


def test_telnet_to_nobody_and_as_another_computer() -> None:
    assert str(telnet(ONE, "nobody.example")) == NO_HOST
    assert "port 26" in str(telnet(ONE, "LON01", port=26))
    assert "[192.0.2.50]" in str(telnet(ONE, ONE.servers[0].ip, ["EHLO me"], client_ip="192.0.2.50"))


def test_smtpdiag_asks_names_and_hosts() -> None:
    found = smtpdiag(ONE, "anna@contoso.com", "nobody@fabrikam.com")
    assert found.column("Result")[1:] == ["passed", "passed", "failed", "passed"]
    unknown = smtpdiag(replace(ONE, external_hosts=()), "anna@contoso.com", "kim@fabrikam.com")
    assert "no such host is reachable" in str(unknown)
    broken = smtpdiag(ONE, "anna@contoso.com", "kim@fabrikam.com", away={"mail.fabrikam.com"})
    assert broken.column("Result")[-2:] == ["failed", "passed"]
    zone = smtpdiag(ONE, "anna@contoso.com", "kim@fabrikam.com", away={"fabrikam.com"})
    assert zone.column("Result") == ["information", "passed", "failed"]
    silent = smtpdiag(ONE, "anna@contoso.com", "kim@fabrikam.com", away={"DNS"})
    assert silent.column("Result") == ["failed"] * 3
    for wrong in ("kim", "kim@@"):
        with pytest.raises(ValueError, match=r"recipient='kim.* is not an address; write name@domain"):
            smtpdiag(ONE, "anna@contoso.com", wrong)


def test_a_listing_has_text_data_and_a_table_that_ends_somewhere() -> None:
    long = Listing("<Long>", ("A",), tuple((str(number),) for number in range(300)), ("<remark>",))
    page = long._repr_html_()
    assert "The first 200 rows." in page
    assert "&lt;Long&gt;" in page
    assert "<remark>" not in page
    assert (len(long), long.data[299], len(list(long))) == (300, {"A": "299"}, 300)
    assert repr(long) == "<Long>: 300 rows"
    assert "The first" not in Listing("x", ("A",), ())._repr_html_()
