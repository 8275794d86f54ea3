"""The learner's folder: it follows the course and loses nothing."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from mailflow.commands import working_copy
from mailflow.commands.terminal import Refused
from mailflow.commands.working_copy import RECORD, bring, find, original, usual

QUEUES = "03-queues.ipynb"


def notebook(*cells: str, ran: int = 0) -> bytes:
    listed = [
        {
            "cell_type": "code",
            "source": text.splitlines(True),
            "outputs": [ran] * ran,
            "execution_count": ran,
            "metadata": {},
        }
        for text in cells
    ]
    return json.dumps({"cells": listed, "metadata": {"widgets": ran}, "nbformat": 4, "nbformat_minor": 5}).encode()


@pytest.fixture
def course(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An installed course of two notebooks."""
    package = tmp_path / "site" / "mailflow"
    folder = package / "course" / "notebooks"
    folder.mkdir(parents=True)
    (folder / "00-start.ipynb").write_bytes(notebook("start"))
    (folder / QUEUES).write_bytes(notebook("first", "second"))
    monkeypatch.setattr(working_copy, "PACKAGE", package)
    return folder


@pytest.fixture
def mine(tmp_path: Path, course: Path) -> Path:
    """The learner's folder after the first start."""
    folder = tmp_path / "mine"
    assert bring(folder) == []
    return folder


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def test_the_first_start_copies_the_course(mine: Path, course: Path) -> None:
    assert names(mine) == {"00-start.ipynb", QUEUES, RECORD}
    assert (mine / QUEUES).read_bytes() == (course / QUEUES).read_bytes()


def test_a_second_start_changes_nothing_and_says_nothing(mine: Path) -> None:
    before = {path.name: path.read_bytes() for path in mine.iterdir()}
    assert bring(mine) == []
    assert {path.name: path.read_bytes() for path in mine.iterdir()} == before


def test_an_untouched_notebook_is_refreshed_silently_also_when_only_its_outputs_are_new(
    mine: Path, course: Path
) -> None:
    for newer in (notebook("first", "second", "third"), notebook("first", "second", "third", ran=1)):
        (course / QUEUES).write_bytes(newer)
        assert bring(mine) == []
        assert (mine / QUEUES).read_bytes() == newer
    assert len(names(mine)) == 3


def test_a_notebook_that_was_only_run_keeps_its_outputs_until_its_cells_are_new(mine: Path, course: Path) -> None:
    ran = notebook("first", "second", ran=7)
    (mine / QUEUES).write_bytes(ran)
    assert bring(mine) == []
    assert (mine / QUEUES).read_bytes() == ran
    (course / QUEUES).write_bytes(notebook("first", "other"))
    assert bring(mine) == []
    assert (mine / QUEUES).read_bytes() == notebook("first", "other")


def test_a_changed_notebook_is_never_overwritten_and_its_newer_version_comes_beside_it_once(
    mine: Path, course: Path
) -> None:
    changed = notebook("first", "my own answer")
    (mine / QUEUES).write_bytes(changed)
    assert bring(mine) == []
    (course / QUEUES).write_bytes(notebook("first", "newer"))
    told = bring(mine)
    assert told == [f"{QUEUES} has a newer version; yours is untouched, the newer one is '03-queues (new).ipynb'."]
    assert (mine / QUEUES).read_bytes() == changed
    assert (mine / "03-queues (new).ipynb").read_bytes() == notebook("first", "newer")
    (mine / "03-queues (new).ipynb").unlink()
    assert bring(mine) == []
    assert names(mine) == {"00-start.ipynb", QUEUES, RECORD}


def test_a_newer_version_that_the_learner_works_in_is_kept_too(mine: Path, course: Path) -> None:
    (mine / QUEUES).write_bytes(notebook("mine"))
    (course / QUEUES).write_bytes(notebook("newer"))
    bring(mine)
    (mine / "03-queues (new).ipynb").write_bytes(notebook("mine as well"))
    (course / QUEUES).write_bytes(notebook("newest"))
    assert "'03-queues (new 2).ipynb'" in bring(mine)[0]
    assert (mine / "03-queues (new).ipynb").read_bytes() == notebook("mine as well")
    assert (mine / QUEUES).read_bytes() == notebook("mine")


def test_a_notebook_that_was_deleted_comes_back(mine: Path, course: Path) -> None:
    (mine / QUEUES).unlink()
    assert bring(mine) == []
    assert (mine / QUEUES).read_bytes() == (course / QUEUES).read_bytes()


def test_a_file_that_is_no_notebook_any_more_counts_as_changed(mine: Path, course: Path) -> None:
    (mine / QUEUES).write_bytes(b"<<<<<<< mine")
    (course / QUEUES).write_bytes(notebook("newer"))
    assert len(bring(mine)) == 1
    assert (mine / QUEUES).read_bytes() == b"<<<<<<< mine"


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (lambda record: record.unlink(), "is missing"),
        (lambda record: record.write_text("{"), "is damaged"),
        (lambda record: record.write_bytes(b"\xff"), "is damaged"),
        (lambda record: record.write_text('{"notebooks": [1]}'), "is damaged"),
        (lambda record: record.write_text('{"notebooks": {"a": 1}}'), "is damaged"),
        (lambda record: record.write_text("[]"), "is damaged"),
    ],
)
def test_without_its_record_it_says_so_once_and_overwrites_nothing(
    mine: Path, course: Path, damage: Callable[[Path], object], said: str
) -> None:
    (mine / QUEUES).write_bytes(notebook("mine"))
    damage(mine / RECORD)
    told = bring(mine)
    assert len(told) == 2
    assert said in told[0]
    assert (mine / QUEUES).read_bytes() == notebook("mine")
    assert (mine / "03-queues (new).ipynb").read_bytes() == (course / QUEUES).read_bytes()
    damage(mine / RECORD)
    assert len(bring(mine)) == 1, "the newer version lies there already"
    assert bring(mine) == []


def test_starting_again_keeps_every_earlier_attempt(mine: Path, course: Path) -> None:
    for attempt in ("one", "two", "three"):
        (mine / QUEUES).write_bytes(notebook(attempt))
        (told,) = bring(mine, again=QUEUES)
        assert "starts again; yours is kept as '03-queues (kept 2" in told
        assert (mine / QUEUES).read_bytes() == (course / QUEUES).read_bytes()
    kept = {path.read_bytes() for path in mine.glob("03-queues (kept *).ipynb")}
    assert kept == {notebook("one"), notebook("two"), notebook("three")}


def test_starting_again_what_is_fresh_keeps_nothing_aside(mine: Path, tmp_path: Path) -> None:
    assert bring(mine, again=QUEUES) == [f"{QUEUES} is as it was at the start."]
    assert bring(tmp_path / "other", again=QUEUES) == [f"{QUEUES} is as it was at the start."]
    assert names(mine) == names(tmp_path / "other") == {"00-start.ipynb", QUEUES, RECORD}


def test_a_notebook_is_found_by_number_start_or_path(course: Path) -> None:
    assert {find(name) for name in ("3", "03", "03-q", QUEUES, f"my-course/{QUEUES}")} == {QUEUES}
    for name in ("7", "0", "", "queues"):
        if name == "0":
            assert find(name) == "00-start.ipynb"
            continue
        with pytest.raises(Refused, match="there are 00, 03"):
            find(name)


def test_a_folder_that_is_a_file_or_cannot_be_written_is_refused_in_one_line(
    tmp_path: Path, course: Path, mine: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(Refused, match=r"file: this is a file, not a folder. Name another folder: mailflow lab FOLDER"):
        bring(tmp_path / "file")
    with pytest.raises(Refused, match="cannot work in"):
        bring(tmp_path / "file" / "deeper")

    def denied(path: Path, _content: bytes) -> int:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(Path, "write_bytes", denied)
    with pytest.raises(Refused, match=r"Permission denied. Name another folder") as refused:
        bring(mine)
    assert "\n" not in str(refused.value)


def test_nothing_is_half_written(mine: Path, course: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = (mine / QUEUES).read_bytes()
    (course / QUEUES).write_bytes(notebook("newer"))

    def full(_part: Path, _target: Path) -> Path:
        raise OSError(28, "No space left on device", str(mine))

    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(Refused, match="No space left"):
        bring(mine)
    assert (mine / QUEUES).read_bytes() == before


def test_the_folder_lies_in_the_checkout_or_here(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    root = Path(__file__).resolve().parents[2]
    monkeypatch.chdir(tmp_path)
    assert original() == root / "notebooks"
    assert usual() == root / "my-course"
    assert "/my-course/" in (root / ".gitignore").read_text(encoding="utf-8").split()
    request.getfixturevalue("course")
    assert usual() == tmp_path / "mailflow-course"


def test_a_package_without_notebooks_says_so(course: Path) -> None:
    for path in course.iterdir():
        path.unlink()
    with pytest.raises(Refused, match="install the package again"):
        original()
