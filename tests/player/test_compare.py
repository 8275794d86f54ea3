"""Two runs side by side, in a real browser."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import mailflow
from mailflow.player.aside import aside, parts
from mailflow.player.page import html
from mailflow.trace import Trace
from tests.pages import opened_page, serious, with_all_parts

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser

ALONE = "[...document.querySelectorAll('.mf-compare > div')]"


@pytest.fixture(scope="module")
def runs() -> tuple[Trace, Trace]:
    message = mailflow.Message.write("anna@contoso.com", ["ben@contoso.com", "pierre@contoso.com"])
    calm = mailflow.Scenario(mailflow.load("two sites")).send(message)
    return calm.run(), calm.copy().fail("London-Paris").restore("London-Paris", at=70).run()


def page_of(runs: tuple[Trace, Trace], path: Path) -> Path:
    """What `mailflow.compare` shows, as a page; `players` are the two."""
    told = {"views": ["Map"], "labels": ["up", "down"], "traces": [run.to_dict() for run in runs], **aside(*runs)}
    told["parts"] = list(parts(*runs))
    text = with_all_parts(html(runs[0]))
    start = text.index('id="options">') + len('id="options">')
    end = text.index("</script>", start)
    hooks = "{ level: (value) => { globalThis.level = value; } }"
    mounted = text[end:].replace('read("options"))', f'read("options"), {hooks})')
    path.write_text(text[:start] + json.dumps(told).replace("<", "\\u003c") + mounted, encoding="utf-8")
    return path


@pytest.fixture
def opened(chromium: "Browser", runs: tuple[Trace, Trace], tmp_path: Path) -> "Iterator[Page]":
    path = page_of(runs, tmp_path / "page.html")
    with opened_page(chromium, path, ".mf-sentence", width=966, height=768, reduced_motion="reduce") as page:
        yield page


@pytest.fixture(scope="module")
def letters() -> tuple[Trace, Trace]:
    """One server with SMTP stopped, whose letter waits in EXIPC; and one that is put off by a host and asks its backup."""
    one = mailflow.load("one server")
    stopped = mailflow.Scenario(one).stop("SMTP").send(mailflow.Message.write("anna@contoso.com", "ben@contoso.com"))
    busy = mailflow.Scenario(one).send(mailflow.Message.write("anna@contoso.com", "busy@fabrikam.com"))
    return stopped.run(), busy.run()


def outside(page: "Page", selector: str) -> list[str]:
    """Those of some parts in sight that are not wholly inside their stage, or do not hold all of their words."""
    found: list[str] = page.evaluate(
        """parts => [...document.querySelectorAll(".mf-stage")].flatMap((stage) => {
          const frame = stage.getBoundingClientRect();
          return [...stage.querySelectorAll(parts)].filter((part) => part.checkVisibility()).filter((part) => {
            const box = part.getBoundingClientRect();
            const out = box.left < frame.left || box.right > frame.right || box.top < frame.top || box.bottom > frame.bottom;
            return out || part.scrollWidth > part.clientWidth || part.scrollHeight > part.clientHeight;
          }).map((part) => part.textContent);
        })""",
        selector,
    )
    return found


def test_the_whole_of_both_servers_is_in_sight_and_all_who_talk_are_whole_columns(
    chromium: "Browser", letters: tuple[Trace, Trace], tmp_path: Path
) -> None:
    path = page_of(letters, tmp_path / "page.html")
    with opened_page(chromium, path, ".mf-sentence", width=966, height=768, reduced_motion="reduce") as page:
        for width in (966, 1366):
            page.set_viewport_size({"width": width, "height": 768})
            for button in page.get_by_role("button", name="Server view").all():
                button.click()
            page.locator(".mf-compare .mf").first.focus()
            page.keyboard.press("End")
            assert page.locator(".mf-inside").count() == 2
            assert outside(page, ".mf-inside, .mf-inside .mf-part") == []
            assert page.locator('[data-place="exipc/Store_out_queue"] [data-mail]').count() == 1
            for button in page.get_by_role("button", name="Ladder view").all():
                button.click()
            names = page.locator(".mf-compare > :nth-child(2) .mf-peer").all_inner_texts()
            assert names == ["LON01", "DNS", "mail.fabrikam.com", "backup.fabrikam.com"]
            assert page.locator(".mf-compare > :nth-child(2) .mf-ladder").evaluate(
                "ladder => ladder.scrollWidth <= ladder.clientWidth"
            )
            assert outside(page, ".mf-peer") == []


def steps(page: "Page") -> list[int]:
    """The steps that the two players show, from 0."""
    numbers = page.locator(".mf-compare .mf-counter:not(.mf-time)").all_inner_texts()
    return [int(text.split()[1]) - 1 for text in numbers]


def test_the_first_difference_is_what_comes_of_the_change(opened: "Page", runs: tuple[Trace, Trace]) -> None:
    opened.get_by_label("How much is told").first.select_option("everything")
    opened.get_by_role("button", name="Go there").click()
    calm, broken = (run[step] for run, step in zip(runs, steps(opened), strict=True))
    assert not broken.step.key.startswith("administrator."), "that the link was taken down is the change itself"
    assert calm.sentence != broken.sentence
    before = [
        [event.sentence for event in run[:step] if not event.step.key.startswith("administrator.")]
        for run, step in zip(runs, steps(opened), strict=True)
    ]
    assert before[0] == before[1]


@pytest.mark.parametrize("side", [0, 1])
def test_from_the_end_of_one_run_each_step_on_leads_on_in_the_other(opened: "Page", side: int) -> None:
    opened.locator(".mf-compare .mf").nth(side).focus()
    opened.keyboard.press("End")
    counters = opened.locator(".mf-compare .mf-counter:not(.mf-time)")
    seen = [counters.all_inner_texts()]
    told = opened.locator(".mf-compare .mf-sentence").nth(side).inner_text()
    for _ in range(40):
        opened.keyboard.press("ArrowRight")
        seen.append(counters.all_inner_texts())
    beats = [[int(text.split()[1]) for text in pair] for pair in seen]
    assert {pair[side] for pair in beats} == {beats[0][side]}, "the one with the keys stays at its end"
    assert opened.locator(".mf-compare .mf-sentence").nth(side).inner_text() == told
    gone = [pair[1 - side] for pair in beats]
    assert gone == sorted(gone)
    _, _, _, last = seen[0][1 - side].split()
    assert gone[-1] == int(last)
    assert set(range(gone[0], gone[-1])) <= set(gone), "none is passed over"


def test_what_plays_by_itself_goes_on_until_both_are_at_their_ends(
    chromium: "Browser", runs: tuple[Trace, Trace], tmp_path: Path
) -> None:
    with opened_page(chromium, page_of(runs, tmp_path / "page.html"), ".mf-sentence", width=966, height=768) as page:
        page.clock.install()
        stories: Any = aside(*runs)["stories"]
        lasts = [len(story["beats"]) for story in stories]
        shorter = lasts.index(min(lasts))
        page.locator(".mf-compare .mf").nth(shorter).focus()
        page.keyboard.press("End")
        page.locator(".mf-play").nth(shorter).click()
        page.clock.run_for(200_000)
        assert page.locator(".mf-play").nth(shorter).inner_text() == "Play"
        counters = page.locator(".mf-compare .mf-counter:not(.mf-time)").all_inner_texts()
        assert [[int(word) for word in text.split() if word.isdigit()] for text in counters] == [[n, n] for n in lasts]


def test_a_run_in_which_nothing_happens_stands_beside_one(
    chromium: "Browser", runs: tuple[Trace, Trace], tmp_path: Path
) -> None:
    idle = mailflow.Scenario(mailflow.load("two sites")).run()
    for pair in ((idle, runs[0]), (runs[0], idle)):
        path = page_of(pair, tmp_path / "page.html")
        with opened_page(chromium, path, ".mf", width=966, height=768) as page:
            assert page.locator(".mf-compare-head").inner_text() == "The runs first differ at step 1. Go there"
            for side in (0, 1):
                page.locator(".mf-compare .mf").nth(side).focus()
                page.keyboard.press("ArrowRight")
            assert page.locator(".mf-compare .mf-counter:not(.mf-time)").inner_text().startswith("beat 3 ")


def test_each_step_of_either_run_can_be_reached(opened: "Page", runs: tuple[Trace, Trace]) -> None:
    opened.get_by_label("How much is told").first.select_option("everything")
    for side, run in enumerate(runs):
        root = opened.locator(".mf-compare .mf").nth(side)
        root.focus()
        opened.keyboard.press("Home")
        seen = [steps(opened)[side]]
        for _ in range(len(run) - 1):
            opened.keyboard.press("ArrowRight")
            seen.append(steps(opened)[side])
        assert seen == list(range(len(run)))


def test_a_story_beside_a_story_goes_on_in_beats(opened: "Page", runs: tuple[Trace, Trace]) -> None:
    stories: Any = aside(*runs)["stories"]
    beats = [[beat["text"] for beat in story["beats"]] for story in stories]
    opened.get_by_role("button", name="Go there").click()
    for side in (0, 1):
        opened.locator(".mf-compare .mf").nth(side).focus()
        at = steps(opened)[side]
        for place in range(at, len(beats[side])):
            told = opened.locator(".mf-sentence").all_inner_texts()
            assert steps(opened)[side] == place
            assert told[side] == beats[side][place]
            assert told[1 - side] in beats[1 - side], "a step that no story tells"
            opened.keyboard.press("ArrowRight")


def test_how_closely_both_are_told_is_kept(opened: "Page") -> None:
    opened.get_by_label("How much is told").first.select_option("detail")
    assert opened.evaluate("level") == "detail"
    opened.locator(".mf-compare .mf").nth(1).focus()
    opened.keyboard.press("l")
    assert opened.evaluate("level") == "everything", "chosen at the second one, too"


def test_both_fit_one_screen_and_what_is_chosen_for_both_stands_once(opened: "Page") -> None:
    for part in (".mf-head", ".mf-stage", ".mf-slot", ".mf-controls"):
        one, other = (opened.locator(f".mf-compare {part}").nth(side).bounding_box() for side in (0, 1))
        assert one
        assert other
        assert (one["y"], one["height"]) == (other["y"], other["height"]), part
        assert one["y"] + one["height"] <= 647, part
    line = opened.locator(".mf-compare-head").bounding_box()
    assert line
    for item in opened.locator(".mf-compare > :nth-child(1) .mf-once").all():
        box = item.bounding_box()
        assert box
        assert box["y"] >= line["y"], "a notebook cuts what stands above the line"
    for name in ("Present (p)", "Signs and keys (question mark)", "How much is told", "Speed"):
        assert [item.is_visible() for item in opened.get_by_label(name).all()] == [True, False], name
    assert serious(opened) == []


@pytest.mark.parametrize("side", [0, 1])
def test_presented_both_fill_the_screen_side_by_side_until_either_ends_it(opened: "Page", side: int) -> None:
    opened.set_viewport_size({"width": 1280, "height": 720})
    opened.evaluate("document.querySelector('.mf-compare').requestFullscreen = undefined")
    player = opened.locator(".mf-compare .mf").nth(side)
    player.focus()
    opened.keyboard.press("p")
    opened.keyboard.press("ArrowRight")
    one, other = (opened.locator(".mf-compare .mf").nth(number).bounding_box() for number in (0, 1))
    assert one == {"x": 0, "y": 0, "width": 640, "height": 720}
    assert other == {**one, "x": 640}
    heights = opened.locator(".mf-stage").evaluate_all("all => all.map((stage) => stage.clientHeight)")
    assert heights[0] == heights[1] >= 300
    sizes = opened.locator(".mf-sentence").evaluate_all(
        "all => all.map((say) => parseFloat(getComputedStyle(say).fontSize))"
    )
    assert sizes[0] == sizes[1] >= 18
    assert serious(opened) == []
    player.locator(".mf-why button").first.click()
    opened.keyboard.press("Escape")
    assert opened.locator(".mf-present").count() == 1, "the card closes first"
    opened.keyboard.press("Escape")
    assert opened.locator(".mf-present").count() == 0
    assert opened.locator(".mf-compare").evaluate("both => both.getBoundingClientRect().height") < 720


def test_presented_both_fill_the_whole_screen_and_end_with_it(
    windowed: "Browser", runs: tuple[Trace, Trace], tmp_path: Path
) -> None:
    path = page_of(runs, tmp_path / "page.html")
    with opened_page(windowed, path, ".mf-sentence", width=1280, height=720) as page:
        page.get_by_role("button", name="Present (p)").first.click()
        page.wait_for_function("document.fullscreenElement?.matches('.mf-compare')")
        page.evaluate("document.exitFullscreen()")
        page.wait_for_function("!document.querySelector('.mf-present')")


@pytest.mark.browser
def test_both_maps_are_whole_side_by_side_and_say_what_matters(opened: "Page") -> None:
    sheets = opened.locator(".mf-sheet").evaluate_all(
        "all => all.map((sheet) => [sheet.scrollWidth - sheet.clientWidth, sheet.scrollHeight - sheet.clientHeight])"
    )
    assert sheets == [[0, 0], [0, 0]]
    assert opened.locator(".mf-compare .mf-simple").count() == 2
    titles = opened.locator(".mf-compare .mf-grouptext")
    assert [text for text in titles.all_text_contents() if text[:3] != "Out"] == ["London", "Paris"] * 2
    assert titles.first.is_visible()
    for name in ("LON01", "PAR02"):
        boxes = opened.locator(f'[data-node="{name}"]')
        assert [name in text for text in boxes.all_text_contents()] == [True, True]
        assert all(
            height >= 24 for height in boxes.evaluate_all("all => all.map((box) => box.getBoundingClientRect().height)")
        )
    opened.set_viewport_size({"width": 1900, "height": 900})
    opened.wait_for_function("document.querySelectorAll('.mf-compare .mf-simple').length === 0")
    assert opened.locator(".mf-wiretext").first.is_visible()
