"""The still picture: what it draws of a step, and what is painted in a browser."""

import re
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest

import mailflow
from mailflow.names import MailId
from mailflow.player.knowledge import knowledge
from mailflow.player.layout import layout, point_at
from mailflow.player.picture import _clear, _traveller, alternative, picture
from mailflow.trace import Trace
from tests.pages import opened_page
from tests.player.test_layout import branching, random_one, ready
from tests.simulation.test_golden import CASES

WRITE = mailflow.Message.write
OLD = mailflow.Parameters.exchange_2000()
PAINTED = """() => [...document.querySelectorAll("svg")].map((svg) => {
  const sheet = svg.getBoundingClientRect();
  return [sheet.width, [...svg.querySelectorAll("text")].map((item) => {
    const { x, y, width, height } = item.getBoundingClientRect();
    return [item.textContent, parseFloat(getComputedStyle(item).fontSize), x - sheet.x, y, width, height];
  })];
})"""


@cache
def broken() -> Trace:
    """A line is down, a service is stopped, and mail waits."""
    scenario = mailflow.Scenario(mailflow.load("two sites"), parameters=OLD)
    scenario.fail("London-Paris").stop("SMTP", "PAR02").fail("mail.fabrikam.com")
    for number in range(6):
        scenario.send(WRITE("anna@contoso.com", ["pierre@contoso.com", "x@example.com"]), at=1 + number)
    return scenario.run(70)


@cache
def news() -> Trace:
    scenario = mailflow.Scenario(mailflow.load("worldwide")).fail("London-Brussels")
    return scenario.send(WRITE("anna@contoso.com", "bruno@contoso.com"), at=1).run(600)


def step_of(trace: Trace, key: str, **values: str) -> int:
    return next(
        event.number
        for event in trace
        if event.step.key == key and all(event.values[name] == value for name, value in values.items())
    )


def test_what_is_down_is_down_in_shape_label_and_line() -> None:
    trace = broken()
    step = (
        step_of(trace, "link.unreachable") if any(e.step.key == "link.unreachable" for e in trace) else len(trace) - 1
    )
    svg = picture(trace, step)
    assert "✕ cost 10" in svg
    assert "✕ SMTP" in svg
    assert 'stroke-dasharray="5 5"' in svg
    assert svg.count('m0 -10l-10 10"') == 1
    assert "Down: mail.fabrikam.com, London-Paris." in alternative(trace, step) or "London-Paris" in alternative(
        trace, step
    )


def test_mail_that_cannot_cross_stays_where_it_is() -> None:
    trace = broken()
    tried = [
        e.number
        for e in trace
        if e.mail and e.server == "LON02" and e.values.get("peer") in ("PAR01", "par01.contoso.com")
    ]
    assert tried
    svg = picture(trace, tried[-1])
    assert 'stroke-dasharray="9 6"' in svg
    plan = layout(trace)
    box = plan.nodes["LON02"].box
    chips = re.findall(r'<rect x="([\d.]+)" y="([\d.]+)" width="[\d.]+" height="13"', svg)
    assert chips
    assert any(box.x < float(x) < box.x + box.w and box.y < float(y) < box.y + box.h for x, y in chips)
    assert re.search(r">\+\d<", svg), "more mail waits than there is room for"


def test_a_message_travels_on_its_line() -> None:
    trace = ready("two sites")
    step = next(
        e.number for e in trace if e.mail and e.server == "LON02" and e.values.get("peer") == "par01.contoso.com"
    )
    line = layout(trace).path("LON02", "PAR01")
    svg = picture(trace, step)
    assert "M" + "L".join(f"{x:g} {y:g}" for x, y in line) + '" fill="none" stroke="#0060a0" stroke-width="4"' in svg
    chip = re.search(r'<rect x="([\d.]+)" y="([\d.]+)" width="([\d.]+)" height="13" rx="6.5" fill="#0060a0"', svg)
    assert chip
    x, y, width = map(float, chip.groups())
    assert line[0][0] < x + width / 2 < line[-1][0]
    assert y + 6.5 == pytest.approx(line[0][1], abs=0.1)


def test_servers_that_know_the_news_are_filled() -> None:
    trace = news()
    counts = [known.informed for number in range(len(trace)) if (known := knowledge(trace, trace.at(number)))]
    assert len(counts[0]) < 5
    assert len(counts[-1]) == 25
    half = next(n for n in range(len(trace)) if (k := knowledge(trace, trace.at(n))) and len(k.informed) == 13)
    svg = picture(trace, half)
    assert "13 of 25 servers know the newest link state" in svg
    assert svg.count(">●<") == svg.count('fill="#cfe6d9"') == 13
    assert svg.count(">○<") == 12
    assert "13 of 25" in alternative(trace, half)
    assert any(
        "link state" in picture(trace, e.number) for e in trace if e.step.key.startswith("routing.") and not e.mail
    )


def test_nothing_is_known_of_link_state_before_there_is_news() -> None:
    assert knowledge(ready("two sites"), ready("two sites").at(0)) is None


def test_what_travels_is_named_and_finds_a_place() -> None:
    trace = ready("two sites")
    plan = layout(trace)
    line = plan.path("LON02", "PAR01")
    event = next(event for event in trace if event.mail and event.values.get("peer") == "par01.contoso.com")
    assert event.mail in _traveller(plan, line, event)
    assert _traveller(plan, line, replace(event, mail=MailId(""))) == ""
    assert _clear(plan, line, 5000) == point_at(line, 0.5)


def test_a_long_word_is_cut() -> None:
    trace = (
        mailflow.Scenario(mailflow.load("one server"))
        .send(WRITE("anna@contoso.com", "ben@contoso.com", subject="W" * 300))
        .run()
    )
    assert "W…" in picture(trace, 0)


def pictures() -> dict[str, str]:
    """Pictures by what they show: the first step, one in the middle, and the last one, of many traces."""
    made = {name: ready(name) for name in CASES} | {f"random {seed}": random_one(seed) for seed in (0, 5, 27)}
    made |= {"broken": broken(), "news": news(), "branching": branching()}
    return {
        f"{name}, {step}": picture(trace, step)
        for name, trace in made.items()
        for step in (0, len(trace) // 2, len(trace) - 1)
    }


def test_a_large_organization_opens_the_group_that_acts() -> None:
    scenario = mailflow.Scenario(mailflow.grown(30, 2, seed=1), parameters=OLD).fail("G0-G1")
    trace = scenario.send(WRITE("user0@contoso.com", "user1@contoso.com")).run(900)
    svg = picture(trace, len(trace) - 1)
    assert "2 servers" in svg or "/2" in svg
    assert f">{trace[len(trace) - 1].server}<" in svg
    assert re.search(r">[012]/2<", svg), "a closed group says how many of its servers know the news"
    assert picture(trace, 0).startswith("<svg")


def test_a_small_map_is_no_higher_than_what_is_on_it() -> None:
    trace = mailflow.Scenario(mailflow.load("one server")).send(WRITE("anna@contoso.com", "ben@contoso.com")).run()
    plan = layout(trace)
    (frame,) = (item.box for item in plan.frames.values() if item.id.startswith("group:"))
    ((_, top, width, height),) = (map(int, box.split()) for box in re.findall(r'viewBox="(.+?)"', picture(trace, 4)))
    assert width == 900
    assert f'<g transform="translate({(900 - plan.size[0]) // 2})">' in picture(trace, 4), "in the middle"
    assert 16 <= frame.y - top <= 32
    assert 16 <= top + height - frame.y - frame.h <= 100, "below it stands the sentence"


@pytest.mark.browser
def test_the_words_of_a_chip_stay_off_its_edge(chromium: Any, tmp_path: Path) -> None:
    path = tmp_path / "pictures.html"
    path.write_text(f'<meta charset="utf-8"><title>Pictures</title>{"".join(pictures().values())}', encoding="utf-8")
    with opened_page(chromium, path, "svg", width=1366, height=768) as page:
        rooms = page.evaluate(
            """() => [...document.querySelectorAll("rect[rx='6.5']")].map((chip) => {
              const [one, other] = [chip, chip.nextElementSibling].map((part) => part.getBoundingClientRect());
              return Math.min(other.left - one.left, one.right - other.right);
            })"""
        )
    assert len(rooms) > 10
    assert min(rooms) >= 2, rooms


@pytest.mark.browser
def test_what_is_painted_is_large_enough_and_overlaps_nothing(chromium: Any, tmp_path: Path) -> None:
    path = tmp_path / "pictures.html"
    shown = pictures()
    path.write_text(f'<meta charset="utf-8"><title>Pictures</title>{"<br>".join(shown.values())}', encoding="utf-8")
    with opened_page(chromium, path, "svg", width=1366, height=768) as page:
        painted = page.evaluate(PAINTED)
    for name, (width, texts) in zip(shown, painted, strict=True):
        assert min(size for _, size, *_ in texts) >= 11, name
        assert not [text for text, _, x, _, w, _ in texts if x < 0 or x + w > width], name
        assert _overlapping(texts) == [], name


def _overlapping(texts: list[Any]) -> list[tuple[str, str]]:
    """Pairs of texts whose letters touch: the box of a line of text is higher than its letters."""
    return [
        (one[0], other[0])
        for number, one in enumerate(texts)
        for other in texts[:number]
        if one[2] < other[2] + other[4]
        and other[2] < one[2] + one[4]
        and one[3] + 0.25 * one[5] < other[3] + 0.8 * other[5]
        and other[3] + 0.25 * other[5] < one[3] + 0.8 * one[5]
    ]
