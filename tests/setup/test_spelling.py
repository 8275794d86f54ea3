"""Which words are looked at: those that somebody wrote, in files and in the cells of notebooks."""

import json
import subprocess
from pathlib import Path

import pytest

from scripts import spelling

ROOT = Path(__file__).resolve().parents[2]


def test_of_a_notebook_its_cells_are_read_each_line_with_its_place() -> None:
    told = {"cells": [{"id": "a", "source": ["one\n", "two"], "outputs": ["four"]}, {"id": "b", "source": "three"}]}
    assert spelling.cells(json.dumps(told)) == "a: one\na: two\nb: three\n"


def test_what_a_program_made_is_left_out() -> None:
    names = [
        "README.md",
        "mailflow/player/bundle/main.js",
        "docs/player.png",
        "Makefile",
        "requirements/held.in",
        "a.py",
    ]
    assert [*spelling.prose(names)] == ["README.md", "Makefile", "a.py"]


def test_every_notebook_and_every_prose_file_is_handed_on(monkeypatch: pytest.MonkeyPatch) -> None:
    run: list[list[str]] = []

    class Done:
        returncode = 65

    def note(command: list[str], **_: object) -> Done:
        run.append(command)
        assert all(Path(name).read_text(encoding="utf-8") for name in command if name.endswith(".ipynb.txt"))
        return Done()

    names = spelling.listed()
    monkeypatch.setattr(spelling, "listed", lambda: names)
    monkeypatch.setattr(subprocess, "run", note)
    assert spelling.main() == 65
    (command,) = run
    notebooks = {path.name for path in (ROOT / "notebooks").glob("*.ipynb")}
    assert {Path(name).name.removesuffix(".txt") for name in command if name.endswith(".ipynb.txt")} == notebooks
    assert {"README.md", "mailflow/course/recall.toml", "mailflow/player/js/tape.js"} <= set(command)
