"""Nobody who saw only the text of a task gets a wrong attempt accepted.

Each attempt runs in a namespace of its own and is judged as the first one of somebody who begins.
"""

import re
from pathlib import Path

import pytest

import mailflow
from mailflow.simulation.verbs import base
from tests.course.strangers import RIGHT_WAYS, WRONG


def flat(attempts: dict[str, list[tuple[str, str]]]) -> list[tuple[str, str, str]]:
    return [(task, name, code) for task, items in attempts.items() for name, code in items]


def names(attempts: dict[str, list[tuple[str, str]]]) -> list[str]:
    return [f"{task}: {name}" for task, name, _ in flat(attempts)]


def verdict(task: str, code: str, folder: Path, patch: pytest.MonkeyPatch) -> str:
    """What is said of an attempt; the first line, without hints."""
    patch.setenv("MAILFLOW_PROGRESS", str(folder / "progress.json"))
    patch.setattr(base, "_VERBS", dict(base._VERBS))  # an attempt may bring a verb of its own
    namespace: dict[str, object] = {"mailflow": mailflow}
    exec(code, namespace)
    return repr(mailflow.check(task, namespace["attempt"])).split("\nHint ")[0]


def ways(said: str) -> int:
    found = re.match(r"\w[\w ]*: (\d+) of \d+ ways found", said)
    return int(found[1]) if found else 0


@pytest.mark.no_cover
@pytest.mark.parametrize(("task", "name", "code"), flat(WRONG), ids=names(WRONG))
def test_a_wrong_attempt_is_refused_in_one_clear_line(
    task: str, name: str, code: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = verdict(task, code, tmp_path, monkeypatch)
    assert said.startswith("Not yet: ")
    assert ways(said) <= RIGHT_WAYS.get((task, name), 0)
    assert "\n" not in said
    assert not re.search(r"[A-Z]\w+Error|Traceback", said)


def test_every_task_has_four_wrong_attempts_and_names_are_unique() -> None:
    assert all(len(items) >= 4 for items in WRONG.values())
    every = names(WRONG)
    assert len(every) == len(set(every))
    assert {f"{task}: {name}" for task, name in RIGHT_WAYS} <= set(every)
