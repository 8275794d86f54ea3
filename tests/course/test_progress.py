"""The learner's file: whatever is wrong with it is said in one line, nothing is lost, and the course goes on."""

import json
import os
from pathlib import Path

import pytest

import mailflow
from mailflow.course import progress
from mailflow.course.progress import FILE, WHERE, Progress, file

from .conftest import Calendar


def solve(name: str = "first delivery") -> None:
    letter = mailflow.Message.write("anna@contoso.com", "carla@contoso.com")
    assert mailflow.check(name, mailflow.Scenario(mailflow.load("one server")).send(letter)).solved


def fail() -> mailflow.course.Feedback:
    return mailflow.check("first delivery", mailflow.Scenario(mailflow.load("one server")))


def test_nothing_is_written_before_somebody_tries(learner: Path) -> None:
    assert str(mailflow.progress("00")).startswith(
        "Notebook 00: 0 of 1 solved.\n  … first delivery\nCourse: 0 solved so far."
    )
    mailflow.check("first delivery", ...)
    mailflow.check("first delivery", "silly")
    assert not learner.exists()


def test_what_is_solved_is_kept_with_its_day(learner: Path, calendar: Calendar) -> None:
    solve()
    assert json.loads(learner.read_text(encoding="utf-8")) == {"format": 1, "solved": {"first delivery": "2026-01-05"}}
    calendar.passes(3)
    solve()
    assert json.loads(learner.read_text(encoding="utf-8"))["solved"] == {"first delivery": "2026-01-05"}
    assert "Notebook 00: 1 of 1 solved.\n  ✔ first delivery" in str(mailflow.progress("00"))
    assert mailflow.progress().course == 1
    assert [item.name for item in learner.parent.iterdir()] == [learner.name]


def test_ways_and_hints_outlast_a_session(learner: Path) -> None:
    mailflow.check("the same door", "@ A 192.0.2.91")
    assert len(fail().hints) == 1
    assert mailflow.check("the same door", "@ MX 1 a\na A 192.0.2.91").text.startswith("2 of 3 ways found")
    assert "the same door (2 of 3 ways)" in str(mailflow.progress("05"))
    assert len(fail().hints) == 2
    assert json.loads(learner.read_text(encoding="utf-8"))["hints"] == {"first delivery": 2}


def test_two_open_notebooks_do_not_overwrite_each_other(learner: Path) -> None:
    one, two = Progress.here(), Progress.here()
    one.tried("first delivery", solved=True)
    two.tried("three queues", solved=True)
    assert set(json.loads(learner.read_text(encoding="utf-8"))["solved"]) == {"first delivery", "three queues"}


def test_what_the_file_holds_besides_stays(learner: Path) -> None:
    learner.write_text(
        '{"format": 1, "note": "mine", "solved": {"of a course of mine": "2025-01-01"}}', encoding="utf-8"
    )
    solve()
    held = json.loads(learner.read_text(encoding="utf-8"))
    assert held["note"] == "mine"
    assert set(held["solved"]) == {"of a course of mine", "first delivery"}


@pytest.mark.parametrize("text", ["", "{", "[]", "7", '"text"', "{}", '{"format": "1"}', "[" * 100_000], ids=range(8))
def test_a_damaged_file_is_set_aside_and_a_new_one_begins(learner: Path, text: str) -> None:
    learner.write_text(text, encoding="utf-8")
    note = mailflow.progress().note
    assert note.startswith("mailflow-progress.json was damaged (")
    assert note.endswith("; it is kept as mailflow-progress.damaged.json, and a new one begins")
    assert "\n" not in note
    assert learner.with_suffix(".damaged.json").read_text(encoding="utf-8") == text
    solve()
    assert mailflow.progress().course == 1
    learner.write_text(text, encoding="utf-8")
    assert "damaged-2.json" in mailflow.progress().note


def test_a_file_that_is_no_text_is_set_aside_too(learner: Path) -> None:
    learner.write_bytes(b"\xff\xfe\x00")
    assert "was damaged" in str(mailflow.progress())


def test_who_warms_up_with_a_damaged_file_hears_of_it_at_the_end(learner: Path) -> None:
    learner.write_text("{", encoding="utf-8")
    mailflow.recall("02")
    note = mailflow.progress("02").note
    assert "it is kept as mailflow-progress.damaged.json, and a new one begins" in note
    solve()
    assert mailflow.progress("02").note == note


def test_a_file_that_another_program_saved_with_a_mark_in_front_is_read(learner: Path) -> None:
    learner.write_text('{"format": 1, "solved": {"first delivery": "2026-01-01"}}', encoding="utf-8-sig")
    shown = mailflow.progress("00")
    assert (shown.course, shown.note) == (1, "")


def test_half_a_character_in_the_file_goes_back_as_it_came(learner: Path) -> None:
    learner.write_text('{"format": 1, "ways": {"the same door": ["\\ud83d"]}}', encoding="utf-8")
    solve()
    assert json.loads(learner.read_text(encoding="utf-8"))["ways"] == {"the same door": ["\ud83d"]}


def test_a_damaged_file_that_cannot_be_moved_stays_and_the_course_goes_on(
    learner: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(self: Path, target: Path) -> None:
        raise PermissionError(13, "Permission denied")

    learner.write_text("{", encoding="utf-8")
    monkeypatch.setattr(Path, "rename", refused)
    assert mailflow.progress().note.startswith("mailflow-progress.json is damaged (")
    solve()
    assert mailflow.progress().course == 1
    assert learner.read_text(encoding="utf-8") == "{"


def test_a_file_of_a_newer_version_stays_as_it_is(learner: Path) -> None:
    text = '{"format": 2, "solved": "in another way"}'
    learner.write_text(text, encoding="utf-8")
    solve()
    shown = mailflow.progress("00")
    assert shown.note == (
        "mailflow-progress.json comes from a newer version of this course and stays as it is; what you do now counts until you leave"
    )
    assert shown.course == 1
    assert f"Note: {shown.note}." in str(shown)
    assert learner.read_text(encoding="utf-8") == text


ODD = {
    "format": 1,
    "note": "mine",
    "solved": {"first delivery": "2026-01-01", "three queues": True},
    "hints": {"first delivery": "many", "by London": -1, "second bridgehead": True, "who is wrong": 2},
    "ways": {"the same door": 3, "two truths": [1], "turn it round": ["a"]},
    "bets": {"00 typo": 7, "01 a": {"choice": "two", "right": True}, "02 b": {"choice": 1}, "03 c": {"choice": 2, "right": True}},
    "recalled": {"00 scenario": 7, "00 inferred": {"box": "x"}, "01 crossing": {"box": 1, "due": "some\nday"},
                 "02 glitch": {"box": 0, "due": "2026-01-01"}},
}  # fmt: skip


def test_what_has_another_shape_is_told_and_kept_beside_and_the_rest_goes_on(learner: Path) -> None:
    text = json.dumps(ODD)
    learner.write_text(text, encoding="utf-8")
    note = mailflow.progress().note
    assert note == (
        "mailflow-progress.json was damaged (it cannot be read: bets: 00 typo, bets: 01 a, bets: 02 b and 9 more); "
        "it is kept as mailflow-progress.damaged.json, and the rest goes on"
    )
    assert learner.with_suffix(".damaged.json").read_text(encoding="utf-8") == text
    held = json.loads(learner.read_text(encoding="utf-8"))
    assert held == {
        "format": 1,
        "note": "mine",
        "solved": {"first delivery": "2026-01-01"},
        "hints": {"who is wrong": 2},
        "ways": {"turn it round": ["a"]},
        "bets": {"03 c": {"choice": 2, "right": True}},
        "recalled": {"02 glitch": {"box": 0, "due": "2026-01-01"}},
    }
    solve()
    assert mailflow.progress().note == note, "it is said as long as the session lasts"
    assert len(list(learner.parent.iterdir())) == 2, "one copy is enough"


def test_a_whole_part_of_another_shape_is_named_in_one_line(learner: Path) -> None:
    learner.write_text('{"format": 1, "solved": [], "ways": {"a\\n\\ud83d": 3}}', encoding="utf-8")
    note = mailflow.progress().note
    assert "(it cannot be read: solved, ways: a ?)" in note
    assert Progress.here().all_solved() == []


def test_a_file_with_an_odd_part_that_cannot_be_copied_stays(learner: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(self: Path, data: bytes) -> int:
        raise PermissionError(13, "Permission denied")

    text = '{"format": 1, "solved": {"three queues": "2026-01-01"}, "hints": 3}'
    learner.write_text(text, encoding="utf-8")
    monkeypatch.setattr(Path, "write_bytes", refused)
    assert mailflow.progress().note == (
        "mailflow-progress.json is damaged (it cannot be read: hints); what you do now counts until you leave"
    )
    solve()
    assert mailflow.progress().course == 2
    assert learner.read_text(encoding="utf-8") == text


@pytest.mark.parametrize("box", [-10, -1, 99])
def test_a_box_that_somebody_wrote_by_hand_is_brought_into_range(learner: Path, calendar: Calendar, box: int) -> None:
    held = {"00 scenario": {"box": box, "due": "2026-01-05"}}
    learner.write_text(json.dumps({"format": 1, "recalled": held}), encoding="utf-8")
    assert mailflow.recall("00 scenario", 2).solved
    assert json.loads(learner.read_text(encoding="utf-8"))["recalled"]["00 scenario"]["box"] == (4 if box > 0 else 0)


def test_what_cannot_be_written_counts_until_the_session_ends(learner: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    learner.write_text('{"format": 1}', encoding="utf-8")
    monkeypatch.setattr(os, "access", lambda path, mode: False)
    solve()
    shown = mailflow.progress("00")
    assert shown.course == 1
    assert (
        shown.note
        == "mailflow-progress.json cannot be written (it is read-only); what you do now counts until you leave"
    )
    assert learner.read_text(encoding="utf-8") == '{"format": 1}'
    fail()
    assert len(fail().hints) == 2


def test_a_folder_that_is_gone_or_a_folder_in_its_place_is_survived(
    learner: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(WHERE, str(learner.parent / "gone" / "mine.json"))
    solve()
    assert mailflow.progress().note.startswith("mine.json cannot be written (No such file or directory)")
    monkeypatch.setenv(WHERE, str(learner.parent))
    solve()
    assert " cannot be read (Is a directory); " in mailflow.progress().note
    assert mailflow.progress().course == 1


def test_the_file_lies_beside_the_notebooks_unless_the_environment_says_otherwise(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv(WHERE)
    assert file() == tmp_path / FILE
    monkeypatch.setenv(WHERE, "off")
    assert file() is None
    solve()
    assert mailflow.progress().course == 1
    assert not list(tmp_path.iterdir())


def test_a_day_is_that_of_the_computer() -> None:
    assert progress.today().isoformat() >= "2024"


def test_a_notebook_is_named_by_its_number() -> None:
    with pytest.raises(ValueError, match=r"progress\('3'\): notebooks are named by two digits in quotes: 00, 01, "):
        mailflow.progress("3")
