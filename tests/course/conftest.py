"""Progress of nobody, and days that pass when a test says so."""

from datetime import date, timedelta
from pathlib import Path

import pytest

from mailflow.course import progress, recall


@pytest.fixture(autouse=True)
def learner(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A learner who begins: the file of their progress, which is not there yet."""
    path = tmp_path / "mailflow-progress.json"
    monkeypatch.setenv(progress.WHERE, str(path))
    monkeypatch.setattr(progress, "_MEMORY", {})
    monkeypatch.setattr(progress, "_SET_ASIDE", {})
    return path


class Calendar:
    """What day it is."""

    def __init__(self) -> None:
        self.day = date(2026, 1, 5)

    def __call__(self) -> date:
        return self.day

    def passes(self, days: int) -> None:
        self.day += timedelta(days=days)


@pytest.fixture
def calendar(monkeypatch: pytest.MonkeyPatch) -> Calendar:
    """The fifth of January 2026, and whatever day comes after it."""
    made = Calendar()
    monkeypatch.setattr(progress, "today", made)
    monkeypatch.setattr(recall, "today", made)
    return made
