"""The linters reach every file of the project, and what is left out is left out by name and with a reason."""

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
FOLDERS = ("mailflow", "tests", "scripts", "benchmarks")
FILES = sorted({path for folder in FOLDERS for path in (ROOT / folder).rglob("*.py")} | {ROOT / "setup.py"})
EXCUSED = re.compile(r"# type: ignore\[[a-z, -]+\]  # \S+ \S+")
"""A comment that switches the type checker off for one kind of fault, and says why."""


def test_the_linter_reaches_every_file() -> None:
    command = [sys.executable, "-m", "ruff", "check", "--show-files", "."]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    reached = {Path(line) for line in done.stdout.splitlines() if line.endswith(".py")}
    assert set(FILES) <= reached


def test_the_type_checker_reaches_every_file_but_the_one_that_is_wrong_on_purpose() -> None:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["mypy"]
    assert settings["strict"] is True
    reached = [path for path in FILES if any(path.is_relative_to(ROOT / name) for name in settings["files"])]
    assert reached == FILES
    left_out = [name for path in FILES for rule in settings["exclude"] if re.search(rule, name := named(path))]
    assert left_out == ["tests/trace/swapped.py"]


def named(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def unexcused(text: str) -> list[str]:
    """The lines that switch the type checker off, for too much or without a reason."""
    return [line.strip() for line in text.splitlines() if "# type: " + "ignore" in line and not EXCUSED.search(line)]


@pytest.mark.parametrize("path", FILES, ids=named)
def test_what_the_type_checker_shall_not_see_is_narrow_and_has_a_reason(path: Path) -> None:
    if path != Path(__file__):
        assert unexcused(path.read_text(encoding="utf-8")) == []


def test_a_missing_reason_is_noticed() -> None:
    lines = [
        "a = b  # type: ignore[misc]  # it has no types",
        "a = b  # type: ignore[misc]",
        "a = b  # type: ignore  # it has no types",
        "a = b",
    ]
    assert unexcused("\n".join(lines)) == lines[1:3]
