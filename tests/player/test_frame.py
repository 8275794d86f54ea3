"""The frame of the player on small screens, what stands back while somebody is followed, and what lines look like."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import pytest

import mailflow
from mailflow.player.breakable import BreakablePlayer
from mailflow.player.page import html
from mailflow.trace import Trace
from tests.pages import opened_page, with_all_parts

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

LETTER = mailflow.Message.write("sara@contoso.com", "bruno@contoso.com", subject="Which way?")
BREAKS = ("breakable", "script", "things", "costs", "undo", "redo", "told", "changes")


@pytest.fixture(scope="module")
def scenario() -> mailflow.Scenario:
    return mailflow.Scenario(mailflow.load("four corners")).fail("Tokyo-Brussels").send(LETTER, at=1)


@pytest.fixture(scope="module")
def trace(scenario: mailflow.Scenario) -> Trace:
    return scenario.run(until=700)


@pytest.fixture(scope="module")
def breakable(scenario: mailflow.Scenario, trace: Trace, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A page with the bar for breaking things, and every view."""
    player = BreakablePlayer(scenario, 700, (), None, views=["Map"])
    bar = json.dumps({name: player.options[name] for name in BREAKS if name in player.options})
    text = html(trace, views=["Map"], route=("TOK01", "bruno@contoso.com"), title="Four corners: break it")
    path = tmp_path_factory.mktemp("pages") / "page.html"
    path.write_text(text.replace('{"views"', f'{bar[:-1]},"views"'), encoding="utf-8")
    return path


@pytest.fixture
def opened(chromium: "Browser", breakable: Path) -> "Iterator[Page]":
    with opened_page(chromium, breakable, ".mf-break", width=966, height=768, reduced_motion="reduce") as page:
        yield page


OUTSIDE = """[...document.querySelectorAll(".mf-head *, .mf-controls *, .mf-break > *")].filter((item) => {
  const [frame, box] = [player.root.getBoundingClientRect(), item.getBoundingClientRect()];
  return box.width && (box.left < frame.left || box.right > frame.right || box.bottom > frame.bottom);
}).map((item) => item.outerHTML)"""
FULL = """[...document.querySelectorAll(".mf-head button, .mf-controls button")].filter(
  (item) => item.scrollWidth > item.clientWidth + 1 || item.getBoundingClientRect().height < 24
).map((item) => item.outerHTML)"""


@pytest.mark.browser
@pytest.mark.parametrize("size", [(390, 844), (360, 740), (552, 640), (690, 768), (966, 768)])
def test_tabs_counter_and_bar_stay_inside_the_frame(opened: "Page", size: tuple[int, int]) -> None:
    width, height = size
    opened.set_viewport_size({"width": width, "height": height})
    for step in (0, "player.tape.length - 1"):
        opened.evaluate(f"player.go({step})")
        assert opened.evaluate(OUTSIDE) == []
        assert opened.evaluate(FULL) == []
        assert opened.evaluate("player.controls.counter.getBoundingClientRect().width") > 40


@pytest.mark.browser
def test_the_bar_for_breaking_leaves_the_whole_map_in_sight_on_a_laptop(opened: "Page") -> None:
    over = "(({ scrollHeight, clientHeight }) => scrollHeight - clientHeight)(document.querySelector('.mf-sheet'))"
    assert opened.evaluate(over) <= 0
    smallest = """Math.min(...[...document.querySelectorAll(".mf-svg text")].filter((item) => item.textContent)
      .map((item) => Number.parseFloat(getComputedStyle(item).fontSize) * player.views.Map.scale))"""
    assert opened.evaluate(smallest) >= 10.99


@pytest.mark.browser
def test_who_is_not_followed_stands_back_also_after_a_view_was_drawn_anew(chromium: "Browser", tmp_path: Path) -> None:
    message = mailflow.Message.write("anna@contoso.com", ["ben@contoso.com", "pierre@contoso.com"])
    trace = mailflow.Scenario(mailflow.load("two sites")).send(message).run()
    path = mailflow.page(trace, tmp_path / "page.html", views=["Map"])
    with opened_page(chromium, path, ".mf-sentence", width=966, height=768) as page:
        pierre = page.evaluate("player.levels.follows.findIndex((item) => item.name.includes('pierre'))")
        page.evaluate("player.tellAt({ level: 'everything' })")
        page.evaluate(
            "player.go(player.tape.events.findLast(({ number }) => player.tape.at(number).mails.size > 1).number)"
        )
        page.evaluate(f"player.tellAt({{ followed: {pierre}, level: 'everything' }})")
        aside = "[...document.querySelectorAll('[data-mail].mf-aside')].map((item) => item.dataset.mail)"
        before = page.evaluate(aside)
        assert before
        page.evaluate("player.redraw('Map')")
        assert page.evaluate(aside) == before


COLOURS = """(() => {
  const looks = (group, part, name) => getComputedStyle(group.querySelector(part))[name];
  return [...document.querySelectorAll(".mf-line")].filter((group) => group.querySelector(".mf-wire")).map((group) =>
    [group.dataset.spot, looks(group, ".mf-wire", "stroke"), looks(group, ".mf-tip", "fill")]);
})()"""


@pytest.mark.browser
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_an_arrowhead_has_the_colour_of_its_line(
    chromium: "Browser", breakable: Path, scheme: Literal["light", "dark"]
) -> None:
    with opened_page(
        chromium, breakable, ".mf-break", width=1366, height=768, color_scheme=scheme, reduced_motion="reduce"
    ) as page:
        page.evaluate("player.go(0)")
        found = page.evaluate(COLOURS)
        assert found
        assert all(wire == tip for _, wire, tip in found)
        assert len({wire for _, wire, _ in found}) == 2, "the one that is down differs"
        # A session, and what is said on the ladder: the head is painted as its line is.
        page.evaluate("player.go(player.tape.events.findIndex((event) => event.step.key === 'smtp.ehlo'))")
        beam = "['.mf-beam', '.mf-beamhead'].map((name) => getComputedStyle(document.querySelector(name)))"
        assert page.evaluate(f"(([line, head]) => line.stroke === head.fill)({beam})")
        page.evaluate("player.show('Ladder')")
        ladder = """[...document.querySelectorAll(".mf-talk .mf-wire")].every((wire) => {
          const [line, head] = [getComputedStyle(wire), getComputedStyle(wire, "::after")];
          return wire.matches(".mf-on") ? head.borderLeftColor === line.borderTopColor
            : head.borderRightColor === line.borderTopColor;
        })"""
        assert page.evaluate(ladder)


@pytest.mark.browser
def test_dijkstra_is_done_on_the_map_too(opened: "Page") -> None:
    def click(group: str) -> None:
        opened.locator(f'[data-part="frame"][data-spot="group:{group}"] text').click()

    hint = opened.locator(".mf-hint")
    click("Tokyo")
    assert hint.is_hidden(), "nobody has opened the route yet"
    opened.evaluate("player.show('Route'), player.show('Map')")
    click("Tokyo")
    assert hint.inner_text().startswith("✔ Tokyo is settled at cost 0.")
    click("Seattle")
    assert "✘ Seattle stands at 10; Brussels at 5 is less." in hint.inner_text()
    click("Brussels")
    assert "London ∞ → 15" in hint.inner_text()
    assert opened.locator(".mf-lit-done").count() == 2
    opened.evaluate("player.show('Route')")
    assert "2 of 4 settled, 1 wrong" in opened.inner_text(".mf-dijkstra")
    # Side by side the view says it, and the map need not.
    opened.set_viewport_size({"width": 1500, "height": 900})
    opened.wait_for_selector(".mf-stage > :nth-child(2)")
    click("Seattle")
    assert hint.is_hidden()
    assert "✔ Seattle is settled at cost 10" in opened.inner_text(".mf-dijkstra")


@pytest.mark.browser
@pytest.mark.parametrize(
    ("view", "kind", "names"),
    [
        ("Ladder", "verb", ["EHLO", "RCPT"]),
        ("Tables", "recipient", ["ben@contoso.com", "pierre@contoso.com"]),
        ("Server", "recipient", ["ben@contoso.com", "pierre@contoso.com"]),
        ("Map", "recipient", ["ben@contoso.com", "pierre@contoso.com"]),
    ],
)
def test_a_bet_on_a_verb_or_a_recipient_is_answered_in_the_picture(
    chromium: "Browser", tmp_path: Path, view: str, kind: str, names: list[str]
) -> None:
    message = mailflow.Message.write("anna@contoso.com", ["ben@contoso.com", "pierre@contoso.com"])
    trace = mailflow.Scenario(mailflow.load("two sites")).send(message).run()
    path = mailflow.page(trace, tmp_path / "page.html", views=[view])
    path.write_text(with_all_parts(path.read_text(encoding="utf-8")), encoding="utf-8")
    # The categorizer's tree stands while it works; the verbs, once they were said.
    # On the map the MailMsg of a single recipient stands for that one.
    step = {
        "Server": "event.step.component === 'categorizer'",
        "Map": "[...player.tape.at(event.number).mails.values()].filter((item) => item.recipients.length === 1).length > 1",
    }.get(view, "event.step.key === 'smtp.rcpt'")
    with opened_page(chromium, path, ".mf-sentence", width=966, height=768, reduced_motion="reduce") as page:
        page.evaluate("player.tellAt({ level: 'everything' })")
        page.evaluate(f"player.go(player.tape.events.findLast((event) => {step}).number)")
        page.evaluate(
            """([kind, names]) => player.bet.call(Object.assign(player, { options: { ...player.options, questions: [{
                id: "q", at: player.cursor + 1, kind: "test", prompt: "Which one?", options: names, answer: 1, why: "So.",
                why_not: ["Not so.", ""], where: names.map((name) => ({ kind, name })) }] } }), player.cursor + 1)""",
            [kind, names],
        )
        spots = page.locator(f'.mf-choice[data-spot="{kind}:{names[1]}"]')
        assert page.locator(f'.mf-choice[data-spot="{kind}:{names[0]}"]').count() >= 1
        spots.first.click()
        assert page.evaluate("player.answers.q") == {"chosen": 1, "right": True, "skipped": False}
        assert page.locator(".mf-right").count() == 1


@pytest.mark.browser
def test_a_bet_brings_the_view_to_the_front_in_which_its_answers_stand(chromium: "Browser", tmp_path: Path) -> None:
    message = mailflow.Message.write("anna@contoso.com", "kim@fabrikam.com")
    trace = mailflow.Scenario(mailflow.load("one server")).send(message).run()
    path = mailflow.page(trace, tmp_path / "page.html", ask=["queue", "host"], views=["Ladder"])
    step = "(({ x, y }) => [x, y])(player.root.querySelector('.mf-step').getBoundingClientRect())"
    seen: list[tuple[str, list[str]]] = []
    with opened_page(chromium, path, ".mf-sentence", width=966, height=768, reduced_motion="reduce") as page:
        stood = page.evaluate(step)
        assert (
            page.locator(".mf-peer").evaluate_all(
                "all => all.map((box) => box.checkVisibility({ visibilityProperty: true }))"
            )
            == [False] * 3
        ), "who is going to talk is not told before a bet on it"
        page.evaluate("player.root.focus()")
        while not page.evaluate("player.isOver"):
            page.keyboard.press("ArrowRight")
            if page.evaluate("player.asking !== null"):
                seen.append((page.evaluate("player.asking.kind"), page.evaluate("player.visible()")))
                assert page.locator(".mf-option").first.evaluate("(option) => option === document.activeElement")
                assert page.evaluate(step) == stood
                answers = page.evaluate("player.asking.where.map(({ kind, name }) => `${kind}:${name}`)")
                for spot in answers:
                    assert page.locator(f'.mf-choice[data-spot="{spot}"]').first.is_visible()
                # What is drawn anew meanwhile can be clicked as well.
                page.evaluate("player.draw()")
                page.locator(f'.mf-choice[data-spot="{answers[0]}"]').first.click()
                assert page.evaluate("player.asking === null")
        assert page.evaluate(step) == stood
        assert "Your bets: " in page.inner_text(".mf-slot")
        page.evaluate("player.show('Ladder')")
        assert page.locator(".mf-peer").last.is_visible()
    assert sorted(seen)[0] == ("host", ["Map"])
    assert {view for kind, view in ((kind, *views) for kind, views in seen) if kind == "queue"} == {"Server"}


@pytest.mark.browser
def test_of_two_bets_on_one_way_the_first_is_paid_off_before_the_second(chromium: "Browser", tmp_path: Path) -> None:
    message = mailflow.Message.write("anna@contoso.com", "ben@contoso.com")
    trace = mailflow.Scenario(mailflow.load("one server")).send(message).run()
    path = mailflow.page(trace, tmp_path / "page.html", ask=["queue"], views=["Map"])
    with opened_page(chromium, path, ".mf-sentence", width=390, height=844, reduced_motion="reduce") as page:
        first, second, *_ = page.evaluate("player.questions.all.map((item) => item.at)")
        end = page.evaluate("player.levels.last")
        page.evaluate(f"player.bet({end})")
        page.locator(".mf-option").first.click()
        assert page.evaluate("player.cursor") == first
        assert page.locator(".mf-verdict").count() == 1
        page.evaluate(f"player.bet({end})")
        page.get_by_role("button", name="Skip all").click()
        assert page.evaluate("[player.cursor, player.asking]") == [end, None]
        assert page.evaluate("Object.keys(player.answers).length") == 2, second
        assert "1 skipped" in page.inner_text(".mf-slot")
