"""A message as a ladder: of a run and of a real file, and the phases that its marks stand for."""

from typing import TYPE_CHECKING
from xml.etree import ElementTree

import pytest

import mailflow
from mailflow.tools.ladder import MOST, Ladder, Rung
from mailflow.tools.phases import PHASES, of_event, of_queue
from mailflow.tools.tracking_rows import COLUMNS, EVENTS
from mailflow.trace.clock import START
from mailflow.transport import places

from .tracking import tracking

if TYPE_CHECKING:
    from playwright.sync_api import Browser

SVG = "{http://www.w3.org/2000/svg}"


def texts(ladder: Ladder) -> list[str]:
    return [str(item.text) for item in ElementTree.fromstring(ladder.svg).iter(f"{SVG}text")]


def run(to: str = "pierre@contoso.com", subject: str = "Plan") -> mailflow.Scenario:
    letter = mailflow.Message.write("anna@contoso.com", [to, "nobody@contoso.com"], subject=subject)
    return mailflow.Scenario(tracking("two sites")).send(letter)


def ladder_of(scenario: mailflow.Scenario) -> Ladder:
    return mailflow.tracking_center(scenario.run(until=60)).find(sender="anna@contoso.com")[0].ladder


def test_every_queue_and_every_number_has_a_phase() -> None:
    assert {of_event(number) for number in EVENTS} == set(PHASES)
    assert [of_event(number) for number in (1027, 1019, 1025, 1024, 1033, 1034, 1020, 1031)] == (
        ["submission"] * 3 + ["processing"] * 2 + ["delivery"] * 3
    )
    assert {of_queue(str(places.name_of(place))) for place in places.SYSTEM_QUEUES} == set(PHASES)
    assert of_queue("lon02.contoso.com") == "delivery"


def test_a_rung_for_each_second_phase_and_hop_and_a_line_for_each_server() -> None:
    ladder = ladder_of(run())
    assert ladder.lanes == ("LON01", "LON02", "PAR01", "PAR02")
    assert [(rung.server, rung.to) for rung in ladder.rungs if rung.to] == [
        ("LON01", "LON02"), ("LON02", "PAR01"), ("PAR01", "PAR02"),
    ]  # fmt: skip
    first, *_, last = ladder.rungs
    assert (first.server, first.phase, first.events) == ("LON01", "submission", (1027, 1019, 1025))
    assert (last.server, last.phase, last.events) == ("PAR02", "delivery", (1036, 1023, 1028))
    assert str(last).endswith("PAR02  delivery: 1036 1023 1028")
    said = texts(ladder)
    assert {"LON01", "PAR02", "9:00:00", "1024 1030 1033  returned", "1036 1023 1028  delivered", *PHASES} <= set(said)
    assert repr(ladder).startswith("Ladder: ")


def test_what_has_not_ended_goes_on_in_dots_and_a_foreign_host_has_a_line() -> None:
    stuck = ladder_of(run().fail("London-Paris"))
    assert texts(stuck)[-4] == "1034  …"
    out = ladder_of(run("kim@fabrikam.com"))
    assert out.lanes[-1] == "mail.fabrikam.com"
    assert out.svg.count('stroke="#00694d"') == 2


def test_a_real_file_becomes_a_ladder_with_the_servers_that_its_names_stand_for() -> None:
    row = "2003-10-6\t{time} GMT\t-\t{client}\t{partner}\t{server}\t-\tb@b.example\t{event}\tid@a.example\t0\t-\t9\t1\t-\t0\t-\t-\t-\ta@a.example"
    lines = ["#" + "\t".join(COLUMNS)]
    for time, server, event, partner, client in (
        ("9:00:00", "A", 1019, "-", "-"),
        ("9:00:01", "A", 1031, "b.contoso.example", "-"),
        ("9:05:00", "B", 1019, "-", "a.contoso.example"),
        ("9:06:00", "B", 1028, "-", "-"),
    ):
        lines.append(row.format(time=time, server=server, event=event, partner=partner, client=client))
    log = mailflow.read_tracking_log("\n".join(lines))
    (history,) = mailflow.tracking_center(log).find(sender="a@a.example")
    assert history.ladder.lanes == ("A", "B")
    assert [rung.to for rung in history.ladder.rungs] == ["", "B", "", ""]
    shown = history._repr_html_()
    assert "<summary>The way as a ladder</summary><div" in shown
    assert "data:image/svg+xml;base64," in shown


def test_text_from_outside_is_escaped_and_long_names_are_cut() -> None:
    ladder = Ladder('<b>"x"</b>' * 60, (Rung(START, "A" * 40, "submission", (1019,), "A" * 40),))
    assert "<b>" not in ladder.svg
    assert "<b>" not in ladder._repr_html_()
    assert f"{'A' * 23}…" in texts(ladder)
    assert ladder.svg.count("<path") == 2  # a line and the mark in the legend; a hop to itself has no arrow


def test_a_long_way_is_cut_in_the_picture_and_whole_as_text() -> None:
    many = tuple(Rung(START, "A", "submission", (1019,), "") for _ in range(MOST + 1))
    ladder = Ladder("x", many)
    assert texts(ladder)[-1] == f"The first {MOST} of {MOST + 1} rungs."
    assert len(str(ladder).splitlines()) == MOST + 2


@pytest.mark.parametrize("number", [0, 99999])
def test_a_number_of_which_nothing_is_known_counts_as_delivery(number: int) -> None:
    assert of_event(number) == ("delivery" if number else "submission")


@pytest.mark.browser
def test_in_a_narrow_window_the_picture_keeps_its_size_and_scrolls_by_itself(chromium: "Browser") -> None:
    page = chromium.new_page(viewport={"width": 390, "height": 800})
    page.set_content(f"<style>img {{ max-width: 100% }}</style>{ladder_of(run())._repr_html_()}")
    assert page.evaluate("document.images[0].width === document.images[0].naturalWidth")
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.contains(document.images[0])")
    page.close()
