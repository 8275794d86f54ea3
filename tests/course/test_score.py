"""The score asks what is due to be clicked, spoils nothing where nothing runs, and carries the learner's file."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import mailflow
from mailflow.course.merging import merged
from mailflow.course.progress import FILE, FORMAT, Progress
from mailflow.course.recall import questions
from mailflow.player.score_widget import NOTHING, Score
from mailflow.player.widget import STUB
from tests.pages import opened_page

from .conftest import Calendar

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

VIEW = "application/vnd.jupyter.widget-view+json"


def shown(notebook: str = "00") -> tuple[Score, dict[str, object]]:
    """The widget that a notebook shows, and the bundle in which it comes."""
    made = mailflow.progress(notebook)._shown()
    return made, made._repr_mimebundle_()[0]


def said(made: Score, message: dict[str, object], monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """What the kernel answers to a message of the browser."""
    answers: list[dict[str, str]] = []
    monkeypatch.setattr(made, "send", answers.append)
    made._handle_custom_msg(message, [])
    (answer,) = answers
    return answer


def test_what_is_stored_has_the_score_and_folds_the_answers() -> None:
    made, data = shown()
    told, _ = mailflow.progress("00")._repr_mimebundle_()
    assert {**data, VIEW: None} == {**told, VIEW: None}
    assert data["text/plain"] == repr(made) == repr(mailflow.progress("00"))
    text = str(data["text/html"])
    assert text.startswith("<div><p>Notebook 00: 0 of 1 solved.<br>… first delivery<br>Course: 0 solved so far.")
    open_to_all = "".join(part.partition("</details>")[2] for part in f"</details>{text}".split("<details>"))
    asked = [item for item in questions().values() if item.notebook == "00"]
    assert [item.ask for item in made.asked] == [item.ask for item in asked]
    for item in asked:
        assert item.why not in open_to_all + repr(made)
    assert text.count("<summary>Answer</summary>") == len(asked) == 3


def test_a_click_answers_and_the_score_counts_down(calendar: Calendar) -> None:
    made, _ = shown()
    assert made.score[-1] == "To recall today: 3 questions."
    made.chosen = [questions()["00 scenario"].right, 0, 0]
    assert made.score[-1] == "To recall today: 2 questions."
    assert Progress.here().box("00 scenario") == 0


def test_where_nothing_is_due_the_score_stands_alone() -> None:
    made, data = shown("")
    assert made.asked == ()
    assert data["text/html"] == "<div><p>Course: 0 solved so far.<br>Nothing to recall today.</p></div>"


def test_the_file_goes_out_and_comes_back(learner: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made, _ = shown()
    assert said(made, {"want": "file"}, monkeypatch) == {"said": NOTHING}
    Progress.here().tried("first delivery", solved=True)
    answer = said(made, {"want": "file"}, monkeypatch)
    assert answer["name"] == FILE
    assert answer["file"] == learner.read_text(encoding="utf-8")
    learner.unlink()
    again = said(made, {"given": answer["file"]}, monkeypatch)
    assert again == {"said": "Taken in: 1 thing not known here. What was known here stays."}
    assert made.score[1] == "✔ first delivery"
    assert learner.read_text(encoding="utf-8") == answer["file"]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "This is no progress file of the course (Expecting value: line 1 column 1 (char 0)). Nothing is changed."),
        ("[]", "This is no progress file of the course (it has no format number). Nothing is changed."),
        (f'{{"format": {FORMAT + 1}}}', "This file comes from a newer version of the course. Nothing is changed."),
        ('{"format": 1, "hints": 3}', "Nothing in it is new here. "
         "Left out, since it cannot be read: hints."),
    ],
)  # fmt: skip
def test_a_file_that_cannot_be_taken_in_changes_nothing(learner: Path, text: str, told: str) -> None:
    Progress.here().tried("first delivery", solved=True)
    before = learner.read_text(encoding="utf-8")
    assert Progress.here().take(text) == told
    assert learner.read_text(encoding="utf-8") == before


HERE = {
    "format": 1,
    "note": "here",
    "solved": {"a": "2026-01-05", "b": "2026-01-01"},
    "hints": {"a": 3},
    "ways": {"m": ["one", "two"]},
    "bets": {"00 x": {"choice": 1, "right": False}},
    "recalled": {
        "later here": {"box": -1, "due": "2026-03-01"},
        "later there": {"box": 4, "due": "2026-03-01"},
        "same day": {"box": 0, "due": "2026-01-02"},
    },
}
THERE = {
    "format": 1,
    "more": 7,
    "solved": {"a": "2026-01-02", "c": "2026-01-03"},
    "hints": {"a": 1, "b": 1},
    "ways": {"m": ["two", "three"]},
    "bets": {"00 x": {"choice": 2, "right": True}, "00 y": {"choice": 1, "right": True}},
    "recalled": {
        "later here": {"box": 2, "due": "2026-03-01"},
        "later there": {"box": 0, "due": "2026-02-02"},
        "same day": {"box": -1, "due": "2026-01-01"},
    },
}


def test_two_files_become_one_that_knows_what_both_know() -> None:
    both = merged(HERE, THERE)
    assert both == {
        "format": 1,
        "note": "here",
        "more": 7,
        "solved": {"a": "2026-01-02", "b": "2026-01-01", "c": "2026-01-03"},
        "hints": {"a": 3, "b": 1},
        "ways": {"m": ["one", "two", "three"]},
        "bets": {"00 x": {"choice": 1, "right": False}, "00 y": {"choice": 1, "right": True}},
        "recalled": {
            "later here": {"box": -1, "due": "2026-03-01"},
            "later there": {"box": 0, "due": "2026-02-02"},
            "same day": {"box": -1, "due": "2026-01-01"},
        },
    }
    assert merged(both, THERE) == merged(both, HERE) == both, "once is as good as twice"
    assert merged(THERE, HERE)["recalled"] == both["recalled"], "whichever comes first"


def test_a_file_of_long_ago_or_with_an_odd_box_can_be_taken_in(learner: Path) -> None:
    learner.write_text('{"format": 1, "recalled": {"00 scenario": {"box": 99, "due": "0001-01-01"}}}', encoding="utf-8")
    given = {"format": 1, "recalled": {"00 scenario": {"box": -9, "due": "0001-01-01"}}}
    assert Progress.here().take("\ufeff" + json.dumps(given)).startswith("Taken in: 1 thing ")


@pytest.fixture
def opened(chromium: "Browser", tmp_path: Path) -> "Iterator[Page]":
    """A score on a page, with a kernel that remembers what it hears and answers with what a test says."""
    made = mailflow.progress()._shown()
    code = {name: getattr(made.code, name) for name in ("source", "style", "key")}
    path = tmp_path / "score.html"
    path.write_text(
        f"""<!doctype html><html lang="en"><meta charset="utf-8"><title>Score</title><main></main><script type="module">
{STUB.replace("export default", "const stub =")}
const code = {json.dumps(code)};
globalThis.heard = [];
globalThis.hears = {{}};
const model = {{
  told: "[]", chosen: [], score: ["Course: 0 solved so far."], code: "IPY_MODEL_code",
  widget_manager: {{ get_model: async () => ({{ get: (name) => code[name] }}) }},
  get(name) {{ return this[name]; }}, send: (message) => heard.push(message),
  on: (name, act) => {{ hears[name] = act; }}, off: (name) => {{ delete hears[name]; }},
}};
globalThis.model = model;
globalThis.end = await stub.render({{ model, el: document.querySelector("main") }});
</script></html>""",
        encoding="utf-8",
    )
    with opened_page(chromium, path, ".mf-carry", width=700, height=300) as page:
        yield page


@pytest.mark.browser
def test_the_buttons_have_names_and_work_by_keyboard(opened: "Page", tmp_path: Path) -> None:
    group = opened.get_by_role("group", name="Your progress file")
    # From here on, as the browser takes a moment to begin: the dialog of a busy one could come before.
    opened.on("filechooser", lambda _: None)
    opened.keyboard.press("Tab")
    assert opened.evaluate("document.activeElement.textContent") == "Download your progress"
    opened.keyboard.press("Enter")
    assert opened.evaluate("heard") == [{"want": "file"}]
    with opened.expect_download() as download:
        opened.evaluate("hears['msg:custom']({ said: 'There.', file: '{}', name: 'mine.json' })")
    assert download.value.suggested_filename == "mine.json"
    assert Path(download.value.path()).read_text(encoding="utf-8") == "{}"
    assert group.get_by_role("status").inner_text() == "There."
    (tmp_path / "given.json").write_text("[1]", encoding="utf-8")
    opened.keyboard.press("Tab")
    opened.wait_for_function("document.activeElement.textContent === 'Upload your progress'")
    with opened.expect_file_chooser() as chooser:
        opened.keyboard.press("Space")
    chooser.value.set_files(tmp_path / "given.json")
    opened.wait_for_function("heard.length === 2")
    assert opened.evaluate("heard[1]") == {"given": "[1]"}
    opened.evaluate("model.score = ['Course: 1 solved so far.']; hears['change:score']()")
    assert "Course: 1 solved" in opened.locator("main").inner_text()
    opened.evaluate("end()")
    assert opened.evaluate("Object.keys(hears)") == []


@pytest.mark.browser
def test_a_file_that_is_too_large_and_a_kernel_that_is_silent_are_told(opened: "Page", tmp_path: Path) -> None:
    (tmp_path / "large.json").write_text(" " * 1_000_001, encoding="utf-8")
    status = opened.get_by_role("status")
    opened.locator("input").set_input_files(tmp_path / "large.json")
    opened.wait_for_function("document.querySelector('[role=status]').textContent")
    assert status.inner_text() == "This file is too large to be a progress file. Nothing is changed."
    assert opened.evaluate("heard") == []
    opened.get_by_role("button", name="Download your progress").click()
    opened.wait_for_function("document.querySelector('[role=status]').textContent")
    assert status.inner_text().startswith("No answer yet.")
