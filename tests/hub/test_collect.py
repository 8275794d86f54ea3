"""Collecting copies what honest learners have, and is not fooled by the others."""

import os
from pathlib import Path

import pytest

from hub.collect import MOST_BYTES, collect, main


@pytest.fixture
def learners(tmp_path: Path) -> Path:
    folder = tmp_path / "learners"
    for name in ("anna", "ben"):
        course = folder / name / "mailflow-course"
        course.mkdir(parents=True)
        (course / "09-when-links-fail.ipynb").write_text(f"{{}} {name}", encoding="utf-8")
        (course / "03-queues-and-the-categorizer.ipynb").write_text("{}", encoding="utf-8")
    (folder / "anna" / "mailflow-course" / "mailflow-progress.json").write_text("{}", encoding="utf-8")
    (folder / "carla").mkdir()
    return folder


def test_each_learner_has_a_folder(learners: Path, tmp_path: Path) -> None:
    told = collect(learners, tmp_path / "in", "09")
    assert told == ["anna: 2 files", "ben: 1 file", "carla: 0 files"]
    found = sorted(path.relative_to(tmp_path / "in").as_posix() for path in (tmp_path / "in").rglob("*.*"))
    assert found == [
        "anna/09-when-links-fail.ipynb",
        "anna/mailflow-progress.json",
        "ben/09-when-links-fail.ipynb",
    ]
    assert (tmp_path / "in" / "ben" / "09-when-links-fail.ipynb").read_text(encoding="utf-8") == "{} ben"


def test_what_is_no_plain_file_is_left_and_named(learners: Path, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("key", encoding="utf-8")
    course = learners / "ben" / "mailflow-course"
    (course / "01-components.ipynb").symlink_to(secret)
    (course / "02-the-ten-steps.ipynb").mkdir()
    with (course / "04-four-destinations.ipynb").open("wb") as huge:
        huge.truncate(MOST_BYTES + 1)
    if hasattr(os, "mkfifo"):
        os.mkfifo(course / "05-mx-records.ipynb")
    told = collect(learners, tmp_path / "in")
    assert "ben: 01-components.ipynb is left out: it is no plain file" in told
    assert "ben: 02-the-ten-steps.ipynb is left out: it is no plain file" in told
    assert "ben: 04-four-destinations.ipynb is left out: it has 20,000,001 bytes, more than 20,000,000" in told
    assert "ben: 2 files" in told
    assert not list((tmp_path / "in").rglob("01-*"))


def test_a_learner_who_is_a_link_to_another_is_left_out(learners: Path, tmp_path: Path) -> None:
    (learners / "dora").symlink_to(learners / "anna")
    (learners / "emil").mkdir()
    (learners / "emil" / "mailflow-course").symlink_to(learners / "anna" / "mailflow-course")
    told = collect(learners, tmp_path / "in")
    assert "emil: 0 files" in told
    assert not any(line.startswith("dora") for line in told)


def test_a_folder_that_is_missing_is_said_in_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(tmp_path / "in"), "--from", str(tmp_path / "nowhere")]) == 1
    assert capsys.readouterr().err == f"collect: there is no folder {tmp_path / 'nowhere'}; name it with --from\n"


def test_it_says_what_it_found(learners: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(tmp_path / "in"), "--from", str(learners), "--notebook", "03"]) == 0
    assert capsys.readouterr().out == "anna: 2 files\nben: 1 file\ncarla: 0 files\n"
