"""The long search: which part runs, and what is said when the second cannot."""

import importlib.util
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from scripts import soak

ROOT = Path(__file__).resolve().parents[2]


class Started:
    """What the script would have started, and what each of that would have returned: 0 where nothing is said."""

    def __init__(self) -> None:
        self.commands: list[list[str]] = []
        self.codes: list[int] = []

    def run(self, command: list[str], **_: object) -> SimpleNamespace:
        self.commands.append(command)
        return SimpleNamespace(returncode=self.codes.pop(0) if self.codes else 0)


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> Started:
    made = Started()
    monkeypatch.setattr(soak, "subprocess", made)
    return made


def test_without_atheris_the_first_part_runs_and_one_line_says_what_to_install(
    started: Started, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    assert soak.main(["-x"]) == 0
    assert len(started.commands) == 2
    assert {"--hypothesis-profile=soak", "-x", *soak.TESTS} <= set(started.commands[0])
    assert capsys.readouterr().out.count("\n") == 1


def test_with_atheris_the_third_part_follows_the_others(
    started: Started, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: object())
    started.codes[:] = [0, 0, 77]
    assert soak.main(["--seconds", "5"]) == 77
    assert started.commands[1][1:] == [str(ROOT / "scripts" / "crowd.py"), "--seconds", "5"]
    assert started.commands[2][2:] == ["--guided", "--seconds", "5"]
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("codes", [[1], [0, 1]])
def test_what_a_part_finds_ends_the_search(started: Started, codes: list[int]) -> None:
    started.codes[:] = list(codes)
    assert soak.main([]) == 1
    assert len(started.commands) == len(codes)


def test_the_profile_of_the_long_search_runs_every_test_it_names() -> None:
    command = [sys.executable, "-m", "pytest", "--hypothesis-profile=soak", "--collect-only", "-q", *soak.TESTS]
    said = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    for test in soak.TESTS:
        assert test in said


def test_a_crowd_of_honest_and_hostile_clients_loses_nothing_and_grows_nothing() -> None:
    command = [sys.executable, str(ROOT / "scripts" / "crowd.py"), "--seconds", "12"]
    found = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=200, check=False)
    assert found.returncode == 0, found.stdout + found.stderr
    assert int(found.stdout.split()[0]) > 12
    assert "longest" in found.stdout
