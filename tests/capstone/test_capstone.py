"""The last task: the brief, the rules, the storms, the figures, the score sheet, the report and the presentation."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from IPython.core.formatters import DisplayFormatter

import mailflow
from mailflow.capstone import storms
from mailflow.capstone.figures import Fate, Figures, fates, figures, hired, price
from mailflow.capstone.rules import faults
from mailflow.capstone.sheet import Sheet
from mailflow.capstone.storms import BUSY, failures, letters, scenario, seeds
from mailflow.capstone.terms import DESIGNS, REFERENCES, terms
from mailflow.organization import (
    AddressSpace,
    Contact,
    Mailbox,
    MailboxStore,
    Organization,
    OrganizationError,
    RoutingGroupConnector,
    SmtpConnector,
    VirtualServer,
    X400Connector,
)
from mailflow.tools.listing import HANGING

BRIEF = mailflow.brief()
ANY: Any = BRIEF
TERMS = terms()
FEW = tuple(f"test/{number}" for number in range(3))
"""Few storms, where it is about the way and not about the figures."""


def quick() -> mailflow.capstone.Brief:
    """The brief with two storms only."""
    return mailflow.capstone.Brief(replace(TERMS, storm=TERMS.storm._replace(storms=2)))


@pytest.fixture(scope="module")
def sheet() -> Sheet:
    return BRIEF.practise(BRIEF.design("star"))


# -- the brief and its designs ----------------------------------------------------------------------------------------


def test_the_brief_says_its_terms_as_text_and_as_a_table() -> None:
    for line in TERMS.lines:
        assert f"{line.name}: {line.price} euros, fails in {line.fails:.0%}" in str(BRIEF)
        assert line.name in BRIEF._repr_html_()
    for site in TERMS.sites:
        for person in site.people:
            assert person.title() in str(BRIEF)
    assert "at most 760 euros a month" in str(BRIEF)


@pytest.mark.parametrize("name", DESIGNS)
def test_every_design_of_the_brief_keeps_its_rules(name: str) -> None:
    assert faults(TERMS, BRIEF.design(name)) == []
    assert BRIEF.design(BRIEF.text(name)) == BRIEF.design(name)


def home_of_maria(design: Organization) -> str:
    return next(item.server for item in design.recipients if isinstance(item, Mailbox) and item.name == "maria")


def test_people_live_on_the_first_server_of_their_site_or_where_the_design_says() -> None:
    assert home_of_maria(BRIEF.design("pairs")) == "MAD01"
    text = f'{BRIEF.text("pairs")}\n[[mailboxes]]\nname = "maria"\nserver = "MAD02"\n'
    assert home_of_maria(BRIEF.design(text)) == "MAD02"


def test_the_text_of_a_design_is_shown_line_by_line_and_whole() -> None:
    text = BRIEF.text("star")
    shown, _ = DisplayFormatter().format(text)  # type: ignore[no-untyped-call]  # of IPython
    assert shown["text/plain"] == text
    shape = ElementTree.fromstring(shown["text/html"])
    assert "white-space:pre-wrap" in shape.attrib["style"], "what does not fit stands below, and is not out of sight"
    assert "word-break:normal" in shape.attrib["style"], "JupyterLab breaks a text of its own in the middle of a word"
    assert ["".join(line.itertext()).rstrip("\n") for line in shape] == text.splitlines()
    assert {line.attrib["style"] for line in shape} == {HANGING}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('servers = [{ nmae = "A", routing_group = "Paris" }]', 'did you mean "name"?'),
        ('servers = [{ name = "A", routing_group = 7 }, 3]', "routing_group: must be a text"),
        ("serves = 3", 'did you mean "servers"?'),
        ("servers = 3", "must be a list of tables"),
        ("servers = [", "not TOML: "),
        ("stra", "did you mean 'star'?"),
        ("", "there is 'star', 'ring', 'mesh', 'pairs'"),
        ("zones = []", "zones: the brief says it; leave it out"),
        (7, "give it in quotes"),
    ],
)
def test_a_design_that_cannot_be_read_is_named_with_place_and_remedy(text: Any, words: str) -> None:
    with pytest.raises(OrganizationError, match=re.escape(words)):
        BRIEF.design(text)


# -- the rules --------------------------------------------------------------------------------------------------------

RING = BRIEF.design("ring")


def server(name: str = "BRU01", **settings: Any) -> Organization:
    return mailflow.reconfigure(RING, name, **settings)


def person(**settings: Any) -> Organization:
    made = tuple(replace(item, **settings) if item.name == "maria" else item for item in RING.recipients)
    return replace(RING, recipients=made)


def connectors(*made: Any, without: str = "") -> Organization:
    kept = tuple(item for item in RING.connectors if item.name != without)
    return replace(RING, connectors=(*kept, *made))


def out(**settings: Any) -> Organization:
    usual = RING.connector["Internet"]
    assert isinstance(usual, SmtpConnector)
    return connectors(replace(usual, **settings), without="Internet")


def crowded() -> Organization:
    rows = "".join(f'  {{ name = "X{number}", routing_group = "Paris" }},\n' for number in range(16))
    return BRIEF.design(BRIEF.text("ring").replace("servers = [\n", f"servers = [\n{rows}"))


TO_BERLIN = RoutingGroupConnector(name="L", routing_group="Paris", to="Berlin", remote_bridgeheads=("BER01",))
X400 = X400Connector(name="X", routing_group="Paris", local_bridgehead="PAR01", remote_bridgehead="MAD01", connected_routing_groups=("Madrid",))  # fmt: skip
PAST = SmtpConnector(
    name="P", routing_group="Paris", local_bridgeheads=("PAR01",), connected_routing_groups=("Berlin",)
)

CHEATS: list[tuple[str, Callable[[], Organization], str]] = [
    ("one routing group for all", lambda: mailflow.one_routing_group(RING), "has no server; its people need one"),
    ("a group that is no site", lambda: mailflow.load("four corners"), 'routing group "Seattle": is no site; each routing group is one of'),
    ("a site without a server", lambda: BRIEF.design('servers = [{ name = "A", routing_group = "Paris" }]'), 'site "Madrid": has no server'),
    ("more servers than a judge bears", crowded, "servers: 21 are too many"),
    ("no users", lambda: replace(RING, recipients=()), 'mailbox "maria": is missing'),
    ("users who move to the hub", lambda: person(server="BRU01"), "works in Madrid and lies in Brussels"),
    ("mail that is turned aside", lambda: person(forward_to="bruno"), "has settings of its own"),
    ("a mailbox that is full", lambda: person(quota_kb=0), "has settings of its own"),
    ("somebody more", lambda: replace(RING, recipients=(*RING.recipients, Contact(name="x", target_address="x@a.example", addresses=("x@contoso.com",)))), 'contact "x": is not in the brief'),
    ("another Internet", lambda: replace(RING, external_hosts=()), "external_hosts: the brief says it"),
    ("filters for everybody", lambda: replace(RING, global_settings=replace(RING.global_settings, blocked_senders=("@contoso.com",))), "global_settings: the brief says it"),
    ("servers of another time", lambda: server(product="2007"), "the brief buys Exchange 2003"),
    ("a smart host", lambda: server(smart_host="mail.fabrikam.com"), "smart_host leads mail past the lines"),
    ("tries without a pause", lambda: server(retry_minutes=[0, 0, 0, 0]), "each interval must be at least 1 minute"),
    ("a line that nobody lets", lambda: connectors(TO_BERLIN), "no line joins Paris and Berlin"),
    ("X.400", lambda: connectors(X400), "X.400 is not in the brief"),
    ("an SMTP connector between sites", lambda: connectors(PAST), "leads past the lines"),
    ("no way out", lambda: connectors(without="Internet"), "none leads to the Internet"),
    ("a way out for one site", lambda: out(scope="routing group"), "none leads to the Internet"),
    ("a way out to one domain", lambda: out(address_spaces=(AddressSpace(pattern="fabrikam.com"),)), "none leads to the Internet"),
    ("no stranger gets in", lambda: server(anonymous=False), "every gateway refuses some stranger's mail"),
    ("a bridgehead that is not there", lambda: out(local_bridgeheads=("GONE",)), "GONE"),
]  # fmt: skip


@pytest.mark.parametrize(("make", "words"), [pytest.param(make, words, id=name) for name, make, words in CHEATS])
def test_a_design_that_breaks_a_rule_is_not_judged_and_told_why(make: Callable[[], Organization], words: str) -> None:
    design = make()
    found = BRIEF.judge(design)
    assert [line for line in found.faults if words in line], found
    assert (found.yours, found.rows, found.data, found.met, found.beats) == (None, [], [], {}, {})
    assert not found.survives
    assert words in str(found)
    assert found.title.startswith("Not judged: ")
    with pytest.raises(ValueError, match="present: not judged"):
        BRIEF.present(found)


def second_virtual_server() -> Organization:
    made = (VirtualServer(), VirtualServer(name="B", port=26, relay_list=("0.0.0.0/0",)))
    servers = tuple(replace(item, virtual_servers=made) if item.name == "BRU01" else item for item in RING.servers)
    return replace(RING, servers=servers)


WASTE: list[tuple[str, Callable[[], Organization], str]] = [
    ("it refuses the mail of its people", lambda: server(max_message_kb=0), "lost"),
    ("a connector takes nobody's mail", lambda: mailflow.reconfigure(RING, "Madrid-Berlin", priorities=["high"]), "in_time"),
    ("it gives up at once", lambda: server(expiration_hours=0.01), "lost"),
    ("lines by night only", lambda: mailflow.reconfigure(RING, "Brussels-Paris", schedule=["22:00-23:00"]), "delay"),
    ("it relays for the world", lambda: server(relay_mode="all except the list below"), "open_relays"),
    ("a second virtual server relays", second_virtual_server, "open_relays"),
]  # fmt: skip


@pytest.mark.parametrize(("make", "figure"), [pytest.param(make, figure, id=name) for name, make, figure in WASTE])
def test_a_design_that_keeps_the_rules_and_serves_nobody_misses_a_goal(
    make: Callable[[], Organization], figure: str
) -> None:
    found = quick().judge(make(), "test")
    assert found.faults == ()
    assert found.met[figure] is False
    assert not found.survives


# -- the storms -------------------------------------------------------------------------------------------------------


def test_a_storm_is_the_same_each_time_and_another_by_another_word() -> None:
    storms._written.cache_clear()
    first, again, other = (
        scenario(TERMS, RING, seed).run(until=600).to_json() for seed in ("test/0", "test/0", "test/1")
    )
    assert first == again != other
    assert seeds(TERMS, "a") != seeds(TERMS, "b")
    assert len(set(seeds(TERMS, "a"))) == TERMS.storm.storms


def test_mail_and_the_fate_of_a_line_are_the_same_for_every_design() -> None:
    lines = {line.name for line in TERMS.lines}
    for seed in FEW:
        star, mesh = (
            [item for item in failures(TERMS, BRIEF.design(name), seed) if item.what in lines]
            for name in ("star", "mesh")
        )
        assert {(item.what, item.start, item.end) for item in star} <= {
            (item.what, item.start, item.end) for item in mesh
        }
    assert letters(TERMS, "test/0") == letters(TERMS, "test/0") != letters(TERMS, "test/1")


def test_more_servers_in_one_site_change_no_dice_of_the_others() -> None:
    servers = {item.name for item in RING.servers}
    for number in range(20):
        alone, more = (
            {
                (item.what, item.start)
                for item in failures(TERMS, BRIEF.design(name), f"s/{number}")
                if item.what in servers
            }
            for name in ("mesh", "pairs")
        )
        assert alone == more


def test_what_breaks_is_mended_and_every_line_and_server_breaks_some_time() -> None:
    mesh = BRIEF.design("mesh")
    every = [item for number in range(120) for item in failures(TERMS, mesh, f"many/{number}")]
    assert {item.what for item in every} == {line.name for line in TERMS.lines} | {item.name for item in mesh.servers}
    shortest, longest = TERMS.storm.minutes
    for item in every:
        assert 0 <= item.start <= TERMS.storm.seconds * BUSY
        assert 60 * shortest <= item.end - item.start <= 60 * longest
    share = sum(item.what == "Brussels-Madrid" for item in every) / 120
    assert abs(share - 0.6) < 0.15


def test_a_broken_line_takes_both_directions_along() -> None:
    found = next(item for number in range(9) for item in failures(TERMS, RING, f"two/{number}") if "-" in item.what)
    assert len(found.names) == 2
    one, other = (RING.connector[name] for name in found.names)
    assert one.routing_group == getattr(other, "to", "")


# -- figures ----------------------------------------------------------------------------------------------------------


def test_each_message_has_one_fate() -> None:
    star, seed = BRIEF.design("star"), "test/0"
    trace = scenario(TERMS, star, seed).run(until=TERMS.storm.seconds)
    found = fates(trace, TERMS.storm.seconds)
    assert [fate.sent for fate in found] == [letter.at for letter in letters(TERMS, seed)]
    status = trace.status()
    for fate in found:
        ((_, state, _),) = status[fate.message]
        assert fate.state == ("" if state == "waiting" else state)
    assert {fate.state for fate in found} >= {"delivered", "relayed"}


def test_what_waits_at_the_end_counts_until_then_and_a_returned_message_is_lost() -> None:
    waits, back = Fate("m1", 600, 10_200, ""), Fate("m2", 600, 5, "bounced")
    assert (waits.arrived, back.arrived) == (False, False)
    found = figures(TERMS, server(expiration_hours=0.01), FEW)
    assert found.lost > 0
    patient = figures(TERMS, RING, FEW)
    assert patient.lost == 0
    assert patient.delay < found.delay


def test_a_price_is_what_the_list_says() -> None:
    assert {str(line.name) for line in hired(TERMS, RING)} == {
        "Brussels-London", "Brussels-Paris", "London-Berlin", "Berlin-Madrid", "Paris-Madrid",
    }  # fmt: skip
    assert price(TERMS, RING) == 5 * TERMS.server + TERMS.gateway + 30 + 20 + 60 + 70 + 60
    two = out(local_bridgeheads=("BRU01",), name="Second")
    assert price(TERMS, replace(two, connectors=(*two.connectors, RING.connector["Internet"]))) == price(TERMS, RING)


def test_a_store_that_archives_changes_no_figure_of_the_mail() -> None:
    archived = server("MAD01", mailbox_stores=[MailboxStore(journal_to="bruno")])
    assert figures(TERMS, archived, FEW).lost == 0


# -- the score sheet --------------------------------------------------------------------------------------------------


def test_the_reference_designs_differ_in_every_way_that_costs(sheet: Sheet) -> None:
    assert sheet.references is not None
    rows = [sheet.references[name] for name in REFERENCES]
    for one, other in pairwise(rows):
        assert one.in_time < other.in_time
        assert one.delay > other.delay
        assert one.link_state < other.link_state
        assert one.price < other.price
    assert all((item.lost, item.open_relays) == (0, 0) for item in rows)
    assert sheet.references["star"] == sheet.yours


def test_no_design_of_the_brief_survives_and_two_servers_a_site_are_no_cure(sheet: Sheet) -> None:
    others = sheet.references or {}
    pairs = BRIEF.practise(BRIEF.design("pairs"))
    assert not any(Sheet(TERMS, RING, "practice", (), figures, others).survives for figures in others.values())
    assert not pairs.survives
    assert pairs.yours is not None
    assert pairs.yours.in_time < others["mesh"].in_time
    assert pairs.yours.price > others["mesh"].price


def test_a_sheet_says_the_same_as_text_as_table_and_as_data(sheet: Sheet) -> None:
    assert repr(sheet) == str(sheet)
    for row in sheet.rows:
        for cell in row:
            assert cell in str(sheet)
            assert cell in sheet._repr_html_()
    assert [row["figure"] for row in sheet.data] == [*Figures._fields]
    assert [row["yours"] for row in sheet.data] == [*(sheet.yours or ())]
    assert {row["figure"]: row["met"] for row in sheet.data} == sheet.met
    assert sheet.title == f"{sum(sheet.met.values())} of 6 goals met in 16 storms drawn from 'practice'"
    ring = next(row["ring"] for row in sheet.data if row["figure"] == "in_time")
    assert f"at least {ring + 0.01:.1%} (ring and 1 point more)" in str(sheet)
    assert ": 1 point more than the ring" in str(BRIEF)
    assert sheet.beats["star"] == []
    assert "Better than star in: nothing." in str(sheet)
    assert sheet.beats["mesh"] == ["link_state", "price"]


def test_the_storms_of_a_design_are_drawn_from_it() -> None:
    judge = quick().judge
    again, other = BRIEF.design("star"), mailflow.reconfigure(BRIEF.design("star"), "Brussels-Paris", cost=11)
    assert judge(BRIEF.design("star")).word == judge(again).word
    assert judge(other).word != judge(again).word
    assert judge(other, "12 June").word == "12 June"
    assert judge(other, "12 June").references == judge(again, "12 June").references


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: ANY.judge(...), "judge: "),
        (lambda: ANY.judge(RING, 3), "judge(word): "),
        (lambda: ANY.report(RING, "x.html"), "give what brief.judge(...) returned"),
        (lambda: ANY.present("x"), "give what brief.judge(...) returned"),
    ],
)
def test_what_is_no_design_or_no_sheet_is_named(call: Callable[[], object], words: str) -> None:
    with pytest.raises(ValueError, match=re.escape(words)):
        call()


# -- the report -------------------------------------------------------------------------------------------------------


def test_a_report_holds_the_organization_its_map_and_its_figures(sheet: Sheet, tmp_path: Path) -> None:
    text = BRIEF.report(sheet, tmp_path / "report.html", "Ada").read_text(encoding="utf-8")
    assert text.count("<svg") == 1
    for name in (*sheet.design.server, *sheet.design.connector):
        assert name in text
    for row in sheet.rows:
        assert all(f">{cell}</td>" in text for cell in row)
    assert "Designed by Ada" in text
    assert not re.search(r"<script|<link|https?://(?!www\.w3\.org)", text)
    ElementTree.fromstring(text.removeprefix("<!doctype html>").replace('<meta charset="utf-8"><meta name="viewport" content="width=device-width">', ""))  # fmt: skip


def test_every_name_in_a_report_is_escaped(sheet: Sheet, tmp_path: Path) -> None:
    evil = BRIEF.design(BRIEF.text("star").replace("LON01", "<b>&").replace('name = "London-Brussels"', 'name = "<i>"'))
    other = replace(sheet, design=evil)
    text = BRIEF.report(other, tmp_path / "r.html", "<script>alert(1)</script>").read_text(encoding="utf-8")
    assert "<script" not in text
    assert "<i>" not in text
    assert "<b>&<" not in text
    assert "&lt;b&gt;&amp;" in text
    broken = BRIEF.judge(replace(evil, recipients=()))
    faulty = BRIEF.report(broken, tmp_path / "f.html").read_text(encoding="utf-8")
    assert "is missing; everybody" in faulty
    assert "<svg" not in faulty


# -- the presentation -------------------------------------------------------------------------------------------------


def test_a_presentation_is_three_lines_that_open_at_their_step(sheet: Sheet) -> None:
    shown = quick().present(quick().practise(sheet.design))
    assert len(shown) == 3
    assert [slide.heading for slide in shown] == ["A calm day", "The storm", "How it ends"]
    calm, hit, end = (mailflow.shared(slide.line) for slide in shown)
    assert not [action for action in calm.scenario.script if action.verb.word == "fail"]
    for found, slide in zip((calm, hit, end), shown, strict=True):
        trace = found.scenario.run(until=found.until)
        assert trace[found.step].sentence == slide.trace[found.step].sentence
    assert shown[1].trace[hit.step].sentence in shown[1].say
    ((_, state, _),) = shown[2].trace.status(end.step)["m1"]
    assert state in ("delivered", "relayed")
    assert all(slide.line in shown._repr_html_() for slide in shown)
    assert repr(shown).splitlines()[2].startswith("3. How it ends: The same letter: it arrives after ")


def calmed(**storm: Any) -> mailflow.capstone.Brief:
    """The brief with one storm in which nothing breaks."""
    weather = TERMS.storm._replace(storms=1, server_fails=0, **storm)
    return mailflow.capstone.Brief(
        replace(TERMS, storm=weather, lines=tuple(line._replace(fails=0) for line in TERMS.lines))
    )


def test_where_nothing_breaks_the_storm_is_shown_from_its_first_step() -> None:
    brief = calmed()
    shown = brief.present(brief.practise(RING))
    assert mailflow.shared(shown[1].line).step == 0
    assert shown[2].say.endswith(" seconds.")


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"schedule": ["22:00-23:00"]}, "it still waits after "),
        ({"max_message_kb": 0}, "it is bounced after 0 minutes."),
    ],
)
def test_a_letter_that_never_arrives_is_shown_as_it_is(settings: dict[str, Any], words: str) -> None:
    brief, design = calmed(messages=1, outside=1), RING
    for name in RING.connector:
        design = mailflow.reconfigure(design, name, **settings)
    assert words in brief.present(brief.judge(design, "one letter"))[2].say
