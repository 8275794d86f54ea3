"""What teachers get is made of the notebooks as they are, and says where to look."""

import html
import json
import os
import re
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import nbformat
import pytest

import mailflow
from mailflow.facts import facts
from scripts.teaching import __main__ as teaching
from scripts.teaching import gift, guides, slides, student
from scripts.teaching.lesson import LISTS, NOTES, Lesson, course, read, source, texts
from tests.pages import opened_page

if TYPE_CHECKING:
    from playwright.sync_api import Browser

ROOT = Path(__file__).resolve().parents[2]
FIRST = ROOT / "notebooks" / "00-start-here.ipynb"


@pytest.fixture(scope="module")
def lessons() -> list[Lesson]:
    return course()


def test_what_is_committed_is_what_the_notebooks_say(lessons: list[Lesson]) -> None:
    assert teaching.stale(lessons) == [], "run `make teaching`"


def test_a_guide_that_is_old_missing_or_left_over_is_named_and_mended(lessons: list[Lesson], tmp_path: Path) -> None:
    teaching.write(lessons[:1], tmp_path)
    assert teaching.stale(lessons[:1], tmp_path) == []
    (tmp_path / "guides" / "77-gone.md").touch()
    (tmp_path / "timetable.md").unlink()
    (tmp_path / "guides" / "00-start-here.md").write_text("old", encoding="utf-8")
    assert teaching.stale(lessons[:1], tmp_path) == ["guides/00-start-here.md", "guides/77-gone.md", "timetable.md"]
    teaching.write(lessons[:1], tmp_path)
    assert teaching.stale(lessons[:1], tmp_path) == []


def test_the_command_checks_and_says_what_is_wrong(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(teaching, "course", list)
    monkeypatch.setattr(teaching, "stale", lambda _: ["timetable.md"])
    assert teaching.main(["--check"]) == 1
    assert capsys.readouterr().out == "teaching/timetable.md is out of date: run `make teaching`\n"

    def broken() -> list[Lesson]:
        raise ValueError("teaching/notes/00.toml: no")

    monkeypatch.setattr(teaching, "course", broken)
    assert teaching.main([]) == 1
    assert capsys.readouterr().err == "teaching: teaching/notes/00.toml: no\n"


# -- notes and guides


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("skip", "teaching/notes/00.toml: Expected '='"),
        ("[[steps]]\na = 1", "teaching/notes/00.toml: there is no 'steps'; there is skip, before, ask, wrong, argued"),
        (
            '[[argued]]\npoint = "a"',
            "teaching/notes/00.toml: each argued has point, answer, in this order, and not point",
        ),
        (
            '[skip]\n"00-99" = "x"',
            "teaching/notes/00.toml: notebook 00 has no cell '00-99'; mend or remove what names it",
        ),
        (
            '[before]\n"00-98" = "x"',
            "teaching/notes/00.toml: notebook 00 has no cell '00-98'; mend or remove what names it",
        ),
        (
            '[before]\n"00-09 queue-99" = "x"',
            "teaching/notes/00.toml: cell '00-09' has no bet 'queue-99'; mend or remove what names it",
        ),
        (
            '[[wrong]]\nsays = "a"\ncell = "00-09"\nwords = "gone"\nwhy = "b"',
            "teaching/notes/00.toml: no step, text or output of cell '00-09' says 'gone'; mend the words",
        ),
    ],
)
def test_notes_that_fit_no_longer_are_one_clear_error(text: str, told: str, tmp_path: Path) -> None:
    (tmp_path / "00.toml").write_text(text, encoding="utf-8")
    with pytest.raises(ValueError, match=re.escape(told)):
        read(FIRST, tmp_path)


def test_a_notebook_without_notes_has_a_guide_of_what_it_says_itself(tmp_path: Path) -> None:
    text = guides.guide(read(FIRST, tmp_path))
    assert "## What the notebook asks" in text
    assert "## Tasks, with solutions" in text
    assert "What many believe" not in text


def named(lesson: Lesson) -> Iterator[tuple[str, str]]:
    for kind in ("ask", "wrong"):
        yield from ((item["cell"], item["words"]) for item in lesson.notes.get(kind, []))


def test_every_bet_of_the_course_gives_a_reason(lessons: list[Lesson]) -> None:
    bets = [(lesson, cell, bet) for lesson in lessons for cell in lesson.widgets for bet in lesson.bets(cell)]
    assert len(bets) > 50
    assert [cell for lesson, cell, bet in bets if not (bet.why or lesson.told.get(cell, {}).get("shown"))] == []
    assert "####\n" not in gift.gift(lessons)


def test_every_step_that_a_guide_names_says_so(lessons: list[Lesson]) -> None:
    """Counted here once more, from what the notebook stores and not by what the guide is made with."""
    seen = 0
    for lesson in lessons:
        text = guides.guide(lesson)
        for cell, words in named(lesson):
            found = re.search(
                rf"\(`{cell}`\), (?:before )?(step \d+|what it shows|its text)( of the second run)?[^\n]*“{re.escape(words)}”",
                text,
            )
            assert found, (cell, words)
            if not found[1].startswith("step "):
                folded = lesson.told.get(cell, {}).get("shown", "")
                assert any(words in said for said in (*texts(lesson.cells[cell]), folded))
                continue
            seen += 1
            run = lesson.sentences[cell][1 if found[2] else 0]
            assert words in run[int(found[1].removeprefix("step ")) - 1]
    assert seen > 10


def test_the_notes_cite_facts_that_exist_and_every_kind_is_used(lessons: list[Lesson]) -> None:
    for path in NOTES.glob("*.toml"):
        cited = set(re.findall(r"\b[A-Z]{1,2}\d+\b", path.read_text(encoding="utf-8"))) - {"LON01", "LON02", "SEA01"}
        assert {number for number in cited if number[0] in "TRSCK"} <= set(facts()), path.name
    assert all(lesson.notes.get(kind) for lesson in lessons if lesson.notes for kind in (*LISTS, "skip"))


def test_links_of_guides_and_timetable_lead_somewhere() -> None:
    for path in (ROOT / "teaching").rglob("*.md"):
        for target in re.findall(r"\]\(([^)#]+)", path.read_text(encoding="utf-8")):
            assert (path.parent / target).exists(), (path.name, target)


def test_minutes_follow_the_formula(tmp_path: Path) -> None:
    lesson = read(FIRST, tmp_path)
    (do_it,) = (section for section in lesson.sections if section.title == "Do it")
    words = len(source(lesson.cells["00-18"]).split()) - 3
    assert do_it.minutes == pytest.approx(words / 180 + 4)
    player = next(section for section in lesson.sections if section.title == "The player")
    beats, bets = len(lesson.beside["00-09"]["stories"][0]["beats"]), len(lesson.bets("00-09"))
    assert player.minutes == pytest.approx(
        (len(source(lesson.cells["00-08"]).split()) - 3) / 180 + beats / 4 + bets / 2
    )


def test_the_day_has_breaks_and_no_gaps(lessons: list[Lesson]) -> None:
    rows = [re.fullmatch(r"\| (\d\d):(\d\d) \| (\d\d):(\d\d) \| (.*) \|", row) for row in guides.day(lessons)]
    times = [(60 * int(row[1]) + int(row[2]), 60 * int(row[3]) + int(row[4]), row[5]) for row in rows if row]
    assert len(times) == len(rows)
    assert all(a[1] == b[0] for a, b in pairwise(times))
    worked = 0
    for start, end, what in times:
        worked = 0 if what in ("break", "lunch") else worked + end - start
        assert worked <= max(guides.AT_MOST, end - start)
    assert [what for *_, what in times].count("lunch") == 1
    assert sum(end - start for start, end, what in times if what.startswith("[")) == sum(
        item.minutes for item in lessons
    )


def test_six_lessons_hold_every_notebook_once(lessons: list[Lesson]) -> None:
    groups = guides.grouped(lessons, 6)
    assert [item for group in groups for item in group] == lessons
    longest = max(sum(item.minutes for item in group) for group in groups)
    assert longest <= sum(item.minutes for item in lessons) / 6 + max(item.minutes for item in lessons)
    assert len(guides.grouped(lessons[:2], 6)) == 2


# -- questions


def parsed(text: str) -> list[tuple[str, str, list[tuple[bool, str]], str]]:
    """A reader of GIFT, letter by letter: name, question, choices and feedback of each."""
    found = []
    for block in re.split(r"\n\n+", text.strip()):
        if block.startswith(("//", "$CATEGORY")):
            continue
        parts: list[tuple[str, str]] = [("", "")]
        rest = iter(block)
        for letter in rest:
            if letter == "\\":
                escape = next(rest)
                parts[-1] = (parts[-1][0], parts[-1][1] + ("\n" if escape == "n" else escape))
            elif letter in "~=#{}:":
                parts.append((letter, ""))
            else:
                parts[-1] = (parts[-1][0], parts[-1][1] + letter)
        marks = "".join(mark for mark, _ in parts)
        assert re.fullmatch(r"::::\{[~=]+####\}", marks), (marks, block)
        said = [text.strip() for _, text in parts]
        choices = [(mark == "=", text.strip()) for mark, text in parts if mark in ("~", "=")]
        found.append((said[2], said[4].removeprefix("[plain]"), choices, said[-2]))
    return found


def test_every_question_of_the_course_comes_back_from_the_file(lessons: list[Lesson]) -> None:
    found = parsed(gift.gift(lessons))
    assert all(sum(right for right, _ in choices) == 1 for _, _, choices, _ in found)
    assert len({name for name, *_ in found}) == len(found)
    by_name = {name: item for name, *item in found}
    for lesson in lessons:
        for item in lesson.recall:
            choices = [(number == item.right, text) for number, text in enumerate(item.choices, start=1)]
            assert by_name[item.name] == [item.ask, choices, item.why]
    rights = [(ask, text) for _, ask, choices, _ in found for right, text in choices if right]
    for lesson in lessons:
        for bet in (bet for cell in lesson.widgets for bet in lesson.bets(cell)):
            times = sum(ask.endswith(bet.prompt) and text == bet.options[bet.answer] for ask, text in rights)
            assert times == 1, f"asked {times} times in the course: {bet.prompt}"


def test_a_bet_can_be_asked_where_nobody_sees_its_notebook(lessons: list[Lesson]) -> None:
    bets = {(cell, bet.id): bet for lesson in lessons for cell in lesson.widgets for bet in lesson.bets(cell)}
    assert [name for name, bet in bets.items() if not bet.before] == [], "say in teaching/notes what goes before it"
    assert all(bet.before.endswith(".") and "  " not in bet.before for bet in bets.values())
    answers: dict[str, set[str]] = {}
    for bet in bets.values():
        answers.setdefault(bet.alone, set()).add(bet.options[bet.answer])
    assert [ask for ask, right in answers.items() if len(right) > 1] == [], "the same question, with two answers"
    feedback = {name: why for name, *_, why in parsed(gift.gift(lessons))}
    assert "after 48.0 hours" in feedback["05-20 bet"], "without a reason, what is shown with the answer"
    assert len(feedback["11-10 bet"].splitlines()) > 6, "a table keeps its lines"
    for lesson in lessons:
        for cell in lesson.told:
            assert f"<p>{html.escape(lesson.bets(cell)[0].before)}</p><h2>" in slides.page(lesson)


def test_a_guide_calls_each_bet_by_its_name_as_the_report_of_a_class_does(lessons: list[Lesson]) -> None:
    for lesson in lessons:
        assert lesson.names.keys() == lesson.told.keys()
        for cell, name in lesson.names.items():
            assert name.startswith(f"{lesson.number} ")
            assert f"(`{cell}`), bet *{name}*: {lesson.told[cell]['ask']}" in guides.guide(lesson)


def test_whatever_has_a_meaning_there_is_escaped() -> None:
    nasty = "a ~b =c #d {e} :f \\g ::h:: ####i \\~ </p>\n\n[j] $CATEGORY: k // l"
    flat = " ".join(nasty.split())
    assert parsed(gift.question(nasty, nasty, [nasty, "x"], 0, nasty)) == [
        (flat, flat, [(True, flat), (False, "x")], nasty.replace("\n\n", "\n"))
    ]


# -- copies for students


def test_a_copy_has_the_same_code_and_no_answer(lessons: list[Lesson]) -> None:
    for lesson in lessons:
        text = student.copy(lesson)
        made: Any = nbformat.reads(text, as_version=4)
        nbformat.validate(made)
        assert [cell.source for cell in made.cells if cell.cell_type == "code"] == [
            source(cell) for cell in lesson.data["cells"] if cell["cell_type"] == "code"
        ]
        assert not any(cell.get("outputs") for cell in made.cells)
        assert "widgets" not in made.metadata
        assert "<details" not in text
        for question, answer in lesson.folds:
            assert f"- {question}" in "".join(cell.source + "\n" for cell in made.cells)
            assert answer not in "".join(cell.source for cell in made.cells)


def test_a_copy_runs(
    lessons: list[Lesson], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("MAILFLOW_PROGRESS", "off")
    names: dict[str, object] = {}
    for cell in json.loads(student.copy(lessons[0]))["cells"]:
        if cell["cell_type"] == "code":
            exec(compile(source(cell), cell["id"], "exec"), names)
    assert isinstance(names["second"], type(names["trace"]))
    assert "T11" in capsys.readouterr().out
    assert names["mailflow"] is mailflow


# -- slides


def test_a_bet_in_the_prose_is_asked_everywhere_and_its_answer_is_folded(tmp_path: Path) -> None:
    data = json.loads(FIRST.read_text(encoding="utf-8"))
    told = {
        "label": "Bet.",
        "ask": "How many <b>?",
        "choices": ["one", "two"],
        "right": 2,
        "why": "One each.",
        "shown": "2 & 3",
    }
    view = {"application/vnd.jupyter.widget-view+json": {"model_id": "f" * 32}}
    states = data["metadata"]["widgets"]["application/vnd.jupyter.widget-state+json"]["state"]
    states["f" * 32] = {"state": {"told": json.dumps([told]), "chosen": [0]}}
    bet = {"cell_type": "code", "id": "x", "metadata": {}, "source": "1", "outputs": [{"data": view}]}
    data["cells"].insert(3, bet)
    path = tmp_path / FIRST.name
    path.write_text(json.dumps(data), encoding="utf-8")
    lesson = read(path, tmp_path)
    assert (
        "- *What you are looking at* (`x`): How many <b>? one; **two**. One each." in guides.guide(lesson).splitlines()
    )
    assert ("x bet", "How many <b>?", [(False, "one"), (True, "two")], "One each.") in parsed(gift.gift([lesson]))
    assert "<h2>How many &lt;b&gt;?</h2>" in slides.page(lesson)
    assert "<summary>Answer</summary><p><strong>two.</strong> One each.</p><pre>2 &amp; 3</pre>" in slides.page(lesson)
    assert lesson.where("x", "2 & 3") == "what it shows"
    before = sum(section.minutes for section in read(FIRST, tmp_path).sections)
    assert sum(section.minutes for section in lesson.sections) == pytest.approx(before + 0.5)


@pytest.mark.browser
def test_slides_work_as_a_file_with_the_keyboard(chromium: "Browser", lessons: list[Lesson], tmp_path: Path) -> None:
    path = tmp_path / "01.html"
    path.write_text(slides.page(lessons[1]), encoding="utf-8")
    assert not re.search(r"""(src|href)=["']?(https?:)?//""", path.read_text(encoding="utf-8"))
    with opened_page(chromium, path, "body[data-ready='1']", width=1280, height=720) as page:
        page.context.set_offline(True)
        assert page.locator("h1:visible").inner_text() == "01 · Components"
        page.keyboard.press("PageDown")
        page.wait_for_selector("body[data-ready='2']")
        page.keyboard.press(">")
        page.wait_for_selector("body[data-ready='3']")
        player = page.locator(".mf-present:visible")
        box = player.bounding_box()
        assert box is not None
        assert (box["x"], box["y"], box["width"], round(box["height"])) == (0, 0, 1280, 684)
        first = player.inner_text()
        page.keyboard.press("PageDown")
        assert player.inner_text() != first
        assert page.evaluate("document.body.dataset.ready") == "3", "a clicker steps through the player first"
        page.keyboard.press("End")
        page.locator("button:visible", has_text="Present").focus()
        page.keyboard.press("PageDown")
        page.wait_for_selector("body[data-ready='4']")
        page.keyboard.press("<")
        page.wait_for_selector("body[data-ready='3']")
        for key in (".", "b"):
            page.keyboard.press(key)
            assert page.evaluate("getComputedStyle(document.body, '::after').backgroundColor") == "rgb(0, 0, 0)"
            page.keyboard.press("PageUp")
            assert page.evaluate("document.body.className") == "", "the next key only makes it light again"
        page.keyboard.press("Escape")
        page.keyboard.press("Escape")
        page.evaluate(
            "document.documentElement.requestFullscreen = async () => { document.body.dataset.whole = 'yes'; }"
        )
        page.keyboard.press("F5")
        assert page.evaluate("document.body.dataset.whole") == "yes"
        page.evaluate("delete document.body.dataset.whole")
        page.locator("button:visible", has_text="Present").click()
        assert page.evaluate("document.body.dataset.whole") == "yes"
        assert page.evaluate("document.body.dataset.ready") == "3"
        assert player.bounding_box() == box, "it stays presented, whatever a clicker sends"
        player.focus()
        assert page.evaluate("document.documentElement.scrollHeight <= innerHeight")
        assert page.evaluate("document.activeElement.classList.contains('mf')")


def test_text_of_a_notebook_is_no_markup_on_a_slide(tmp_path: Path) -> None:
    data = json.loads(FIRST.read_text(encoding="utf-8"))
    data["cells"][-1] = {
        "cell_type": "markdown",
        "id": "x",
        "metadata": {},
        "source": "## Recap\n\n<script>alert(1)</script> **fine**",
    }
    path = tmp_path / "00-<b>.ipynb"
    path.write_text(json.dumps(data), encoding="utf-8")
    text = slides.page(read(path, tmp_path))
    assert "<script>alert" not in text
    assert "<strong>fine</strong>" in text
    assert os.sep not in path.name
