"""A poster of the whole system: each notebook has a part of it, which fills in as the notebook is done."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from html import escape
from importlib.resources import files
from pathlib import Path
from typing import Literal, NamedTuple

from mailflow.course.exercises import TASKS, tasks
from mailflow.course.progress import Progress
from mailflow.facts.words import counted

State = Literal["empty", "begun", "done"]

PARTS = {
    "00": "one message", "01": "a server and its processes", "02": "the ten steps", "03": "queues and categorizer",
    "04": "four destinations", "05": "MX records", "06": "who may relay", "07": "routing groups and connectors",
    "08": "link state", "09": "a link that fails", "10": "the tracking log", "11": "an organization that survives",
}  # fmt: skip
"""What is to be seen of each notebook."""

TOLD: Mapping[State, str] = {"done": "Filled in", "begun": "Begun", "empty": "Not begun"}

ON_SCREEN = {
    "paper": "#10233f", "ink": "#f3f7fc", "dim": "#a9bdd8", "line": "#4f6d96", "c0": "#ffd166", "c1": "#7cc4ff",
    "c2": "#ffa877", "c3": "#6fe3b4", "c4": "#f6a8da", "c5": "#c9bbff", "c6": "#ff8a8a",
}  # fmt: skip
"""A blueprint, which stands on light and on dark pages alike."""
ON_PAPER = {
    "paper": "#ffffff", "ink": "#16191d", "dim": "#555b64", "line": "#a8b0ba", "c0": "#8a6100", "c1": "#0060a0",
    "c2": "#b34700", "c3": "#00694d", "c4": "#9c3f7f", "c5": "#5b45b5", "c6": "#b3261e",
}  # fmt: skip
"""The same for a printer."""


class Part(NamedTuple):
    """How far a notebook is: its exercises solved or not, and whether every way of its missions was found."""

    state: State
    star: bool


class Poster:
    """The poster as it is now. A notebook shows it, ``save`` writes it for a printer; its text says the same in words."""

    def __init__(self, parts: Mapping[str, Part]) -> None:
        self.parts = dict(parts)

    @classmethod
    def of(cls, held: Progress) -> Poster:
        """That of a learner."""
        touched = _touched(held)
        return cls({number: _part(held, number, number in touched) for number in PARTS})

    def __repr__(self) -> str:
        lists = []
        for state, told in TOLD.items():
            mine = [
                f"{number} {PARTS[number]}{', every way found' if part.star else ''}"
                for number, part in self.parts.items()
                if part.state == state
            ]
            lists += [f"{told}: {'; '.join(mine)}."] if mine else []
        return f"Poster of the whole system: {self._count()}. {' '.join(lists)}"

    def _count(self) -> str:
        done = sum(part.state == "done" for part in self.parts.values())
        return f"{done} of {counted(len(self.parts), 'part')} filled in"

    def svg(self, *, on_paper: bool = False) -> str:
        """The picture as SVG text: a blueprint, or black on white for a printer."""
        told = {**(ON_PAPER if on_paper else ON_SCREEN), "words": escape(repr(self)), "count": self._count()}
        for number, part in self.parts.items():
            told |= {number: part.state, f"s{number}": "★" if part.star else ""}
        text = (files(__package__) / "poster.svg").read_text(encoding="utf-8")
        for name, value in told.items():
            text = text.replace(f"@{name}@", value)
        return text

    def save(self, path: str | Path = "mailflow-poster.svg") -> Path:
        """Write the picture for a printer, and return where it is.

        Raises:
            OSError: it cannot be written there.
        """
        where = Path(path).absolute()
        where.write_text(self.svg(on_paper=True), encoding="utf-8")
        return where

    def _repr_html_(self) -> str:
        letters = base64.b64encode(self.svg().encode()).decode()
        style = "width:960px;max-width:max(100%,840px);height:auto;background:none;padding:0;border:0"
        image = f'<img alt="{escape(repr(self))}" style="{style}" src="data:image/svg+xml;base64,{letters}">'
        # On a telephone it scrolls, as the charts do: as narrow as the page, its words would be five pixels high.
        return f'<div tabindex="0" style="overflow-x:auto">{image}</div>'


def _touched(held: Progress) -> set[str]:
    """The notebooks of whose tasks something is known. Only as many are loaded: to know them all takes a megabyte."""
    names = held.touched()
    for name in names:
        tasks(until=name)
    return {TASKS[name].notebook for name in names if name in TASKS}


def _part(held: Progress, number: str, touched: bool) -> Part:
    if not touched:
        return Part("begun" if held.bets(number)[1] else "empty", False)
    mine = tasks(notebook=number)
    exercises = [name for name, task in mine.items() if not task.ways]
    missions = {name: task.ways for name, task in mine.items() if task.ways}
    star = bool(missions) and all(len(held.ways(name)) >= ways for name, ways in missions.items())
    return Part("done" if all(map(held.solved, exercises)) else "begun", star)
