"""The score asks what is due to be clicked, spoils nothing where nothing runs, and carries the learner's file."""

import json
from pathlib import Path

import pytest

import mailflow
from mailflow.course.merging import merged
from mailflow.course.progress import FILE, FORMAT, Progress
from mailflow.course.recall import questions
from mailflow.course.score import NOTHING, Score

from .conftest import Calendar

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
    assert again == {"said": "Taken in: 1 thing that this course did not know. What it knew stays."}
    assert made.score[1] == "✔ first delivery"
    assert learner.read_text(encoding="utf-8") == answer["file"]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "This is no progress file of the course (Expecting value: line 1 column 1 (char 0)). Nothing is changed."),
        ("[]", "This is no progress file of the course (it has no format number). Nothing is changed."),
        (f'{{"format": {FORMAT + 1}}}', "This file comes from a newer version of the course. Nothing is changed."),
        ('{"format": 1, "hints": 3}', "Taken in: 0 things that this course did not know. What it knew stays. "
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
