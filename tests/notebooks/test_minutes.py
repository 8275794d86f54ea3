"""How long a notebook takes, by a formula: what its first cell says is what comes out."""

import json
import re
from pathlib import Path

import pytest

import mailflow
from mailflow.course.exercises import tasks
from tests.player.notebooks import FOLDER, NOTEBOOKS, shown

WORDS_A_MINUTE, BEAT, BET, EXERCISE = 180, 0.25, 0.5, 4
"""How many words of prose are read in a minute, and how many minutes a beat, a bet and an exercise take."""

SAID = re.compile(
    r"\*About (?P<formula>\d+) minutes(?:,(?: and)? about (?P<missions>\d+) for the missions)?"
    r"(?:, and about (?P<open>\d+) for (?P<what>[^*]+))?\.\*"
)
LEEWAY = 0.5
"""So many minutes what is said may be off: it is rounded."""

AT_MOST = 25
"""How many minutes a notebook may take that teaches one chapter, 00 to 09."""

OPEN = {"10": "three faults that you find alone", "11": "a design of your own"}
"""Work without an end of its own, which the formula does not know: a notebook says how long to count for it."""


def cells(name: str, kind: str) -> list[str]:
    stored = json.loads((FOLDER / name).read_text(encoding="utf-8"))["cells"]
    return ["".join(cell["source"]) for cell in stored if cell["cell_type"] == kind]


def beats(name: str) -> int:
    """The beats of every player from where it starts; of a comparison those of the longer run."""
    found: dict[int, int] = {}
    for item in shown(name):
        told = mailflow.story(item.trace, item.tell).beats
        found[id(item.player)] = max(found.get(id(item.player), 0), sum(beat.last >= item.cursor for beat in told))
    return sum(found.values())


def minutes(name: str) -> tuple[float, float]:
    """How long a notebook takes, and how long its missions take besides."""
    prose = re.sub(r"\]\([^)]*\)", "", "\n".join(cells(name, "markdown")))
    code = "\n".join(cells(name, "code"))
    asked = {id(item.player): len(item.player.questions) for item in shown(name)}
    bets = sum(asked.values()) + code.count("mailflow.bet(")
    mine = [tasks()[task] for task in re.findall(r'mailflow\.check\("([^"]+)"', code)]
    missions = sum(task.ways > 0 for task in mine)
    read = len(re.findall(r"\w[\w'.-]*", prose)) / WORDS_A_MINUTE
    return read + beats(name) * BEAT + bets * BET + (len(mine) - missions) * EXERCISE, missions * EXERCISE


@pytest.mark.parametrize("name", NOTEBOOKS, ids=lambda name: Path(name).stem)
def test_a_notebook_says_how_long_it_takes(name: str) -> None:
    found = SAID.search(cells(name, "markdown")[0])
    assert found
    whole, missions = minutes(name)
    assert abs(int(found["formula"]) - whole) <= LEEWAY, f"{name} takes {whole:.1f} minutes"
    assert int(found["missions"] or 0) == missions
    assert found["what"] == OPEN.get(name[:2])
    assert whole <= AT_MOST or name >= "10", f"{name} takes {whole:.1f} minutes"
