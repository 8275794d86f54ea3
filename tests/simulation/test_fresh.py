"""Rooms are loaded when they are needed. So a run in a fresh interpreter must find every rule that it names."""

import subprocess
import sys

import pytest

from tests.simulation.test_golden import CASES
from tests.simulation.test_sharing import everything

READ = "print(len([event.rule.title for event in trace]), len(trace))"


def read(code: str) -> tuple[int, int]:
    """How many rules were found, and how many events there are, in a fresh interpreter."""
    command = [sys.executable, "-c", f"{code}\n{READ}"]
    found = subprocess.run(command, capture_output=True, text=True, check=False)
    assert found.returncode == 0, found.stderr
    rules, events = map(int, found.stdout.split())
    return rules, events


@pytest.mark.parametrize("name", CASES)
def test_every_rule_of_a_run_is_found(name: str) -> None:
    case = CASES[name]
    rules, events = read(
        f"import mailflow\n"
        f"message = mailflow.Message.write({case.sender!r}, {case.to!r})\n"
        f"trace = mailflow.Scenario(mailflow.load({name!r})).send(message).run()"
    )
    assert rules == events > 0


def test_every_rule_of_a_run_with_every_verb_is_found() -> None:
    scenario = everything()
    rules, events = read(scenario.code(4000))
    assert rules == events == len(scenario.run(4000))
