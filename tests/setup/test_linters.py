"""The linters reach every file of the project, and what is left out is left out by name and with a reason."""

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from scripts.node import packages, program

ROOT = Path(__file__).resolve().parents[2]
FOLDERS = ("mailflow", "tests", "scripts", "benchmarks", "hub")
FILES = sorted({path for folder in FOLDERS for path in (ROOT / folder).rglob("*.py")} | {ROOT / "setup.py"})
EXCUSED = re.compile(r"# type: ignore\[[a-z, -]+\]  # \S+ \S+")
"""A comment that switches the type checker off for one kind of fault, and says why."""
UNTESTED = re.compile(r"# pragma: no (cover|branch): \S+ \S+")
"""A comment that says why no test goes there."""


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
    """The lines that the type checker or the tests need not see, for too much or without a reason."""
    rules = {"# type: " + "ignore": EXCUSED, "# pragma: " + "no": UNTESTED}
    return [
        line.strip()
        for line in text.splitlines()
        for mark, rule in rules.items()
        if mark in line and not rule.search(line)
    ]


@pytest.mark.parametrize("path", FILES, ids=named)
def test_what_type_checker_and_tests_need_not_see_is_narrow_and_has_a_reason(path: Path) -> None:
    if path != Path(__file__):
        assert unexcused(path.read_text(encoding="utf-8")) == []


def test_a_missing_reason_is_noticed() -> None:
    lines = [
        "a = b  # type: ignore[misc]  # it has no types",
        "a = b  # type: ignore[misc]",
        "a = b  # type: ignore  # it has no types",
        "if a:  # pragma: no branch",
        "if a:  # pragma: no branch: nobody calls it otherwise",
        "a = b",
    ]
    assert unexcused("\n".join(lines)) == lines[1:4]


def test_branches_count_and_no_file_of_the_package_is_left_out() -> None:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["coverage"]
    assert settings["run"] == {"source": ["mailflow"], "branch": True}
    assert set(settings["report"]["exclude_also"]) <= {
        "pragma: no cover",
        "if TYPE_CHECKING:",
        r"^\s*\.\.\.$",
        "raise NotImplementedError",
        r"assert_never\(",
    }


def test_the_linter_of_the_player_reaches_every_file() -> None:
    command = [program("node"), str(packages() / "@biomejs" / "biome" / "bin" / "biome"), "check"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    folders = (
        ROOT / "mailflow" / "player" / "js",
        ROOT / "mailflow" / "player" / "css",
        ROOT / "tests" / "player" / "js",
        ROOT / "scripts" / "teaching" / "static",
        ROOT / "scripts" / "website" / "theme" / "static",
    )
    files = [path for folder in folders for path in folder.iterdir()] + [*(ROOT / "scripts").glob("*.mjs")]
    assert {path.suffix for path in files} == {".js", ".ts", ".css", ".json", ".mjs"}
    assert f"Checked {len([*files, *ROOT.glob('[!.]*.json')]) - 1} files" in done.stderr + done.stdout, (
        "package-lock.json is npm's"
    )
