"""A notebook as a teacher sees it: its sections with their minutes, its bets, and what its notes say besides.

The notes of notebook 03 are `teaching/notes/03.toml`: what a notebook does not say itself. They name a step by a cell and words
of the step's sentence, so that a step that is gone is noticed, and one that has moved is found.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from math import ceil
from pathlib import Path
from typing import Any, NamedTuple

from mailflow.course.exercises import Task, tasks
from mailflow.course.recall import Question, questions
from mailflow.trace import Trace
from mailflow.trace.packing import unpacked
from scripts.contents import ROOT, Entry, entry
from scripts.glossary_links import unlinked

FOLDER = ROOT / "teaching"
NOTES = FOLDER / "notes"
VIEW = "application/vnd.jupyter.widget-view+json"
STATE = "application/vnd.jupyter.widget-state+json"
WORDS, BEAT, BET, EXERCISE = 180, 0.25, 0.5, 4.0
"""Words that are read in a minute, and the minutes of a beat of a story, of a bet, and of an exercise or mission."""

LISTS = {
    "ask": ("question", "cell", "words", "answer"),
    "wrong": ("says", "cell", "words", "why"),
    "argued": ("point", "answer"),
}
ASKED = "Bet."
"""How a bet of the prose begins; questions of the warm-up, which come from the same list for all, begin otherwise."""

OF_CELLS = ("skip", "before")
"""What the notes say of a cell: why it may be skipped, and what to say before its bets where the notebook is not seen."""

NAMED = re.compile(r'mailflow\.bet\("([^"]+)"')
FOLD = re.compile(r"<details><summary>(.*?)</summary>\s*(.*?)\s*</details>", re.DOTALL)
STATED = re.compile(r"\*About \d[^*]*\*")


class Bet(NamedTuple):
    """A question; in a player it is asked before the step ``at``, counted from 1, of ``steps``. In the prose ``at`` is 0.

    ``before`` is what the prose around it says, or its player shows, for where it is asked without its notebook.
    """

    id: str
    at: int
    steps: int
    prompt: str
    options: tuple[str, ...]
    answer: int
    why: str
    before: str = ""

    @property
    def alone(self) -> str:
        """The question for somebody who does not see the notebook."""
        return f"{self.before} {self.prompt}".strip()


class Section(NamedTuple):
    """What stands below one heading, and how long it takes."""

    title: str
    minutes: float
    cells: tuple[str, ...]


@dataclass
class Lesson:
    """One notebook and its notes. ``notes`` is empty where nobody has written any."""

    path: Path
    data: dict[str, Any]
    notes: dict[str, Any] = field(default_factory=dict)

    @cached_property
    def entry(self) -> Entry:
        """Its number, title and question."""
        return entry(self.path)

    @property
    def number(self) -> str:
        """Such as "03"."""
        return self.entry.number

    @cached_property
    def cells(self) -> Mapping[str, dict[str, Any]]:
        """Its cells by their ids."""
        return {cell["id"]: cell for cell in self.data["cells"]}

    @cached_property
    def widgets(self) -> Mapping[str, dict[str, Any]]:
        """What each player, bet and other widget of the notebook was given, by its cell."""
        state = self.data["metadata"].get("widgets", {}).get(STATE, {}).get("state", {})
        return {
            cell["id"]: state[output["data"][VIEW]["model_id"]]["state"]
            for cell in self.data["cells"]
            for output in cell.get("outputs", [])
            if VIEW in output.get("data", {})
        }

    @property
    def players(self) -> Mapping[str, dict[str, Any]]:
        """The players: traces and what lies beside them, still packed."""
        return {cell: traits for cell, traits in self.widgets.items() if "trace" in traits}

    @cached_property
    def told(self) -> Mapping[str, dict[str, Any]]:
        """The bets in the prose: question, choices, the number of the right one, and what is shown with the answer."""
        return {cell: asked[0] for cell, asked in self._asked.items() if asked[0]["label"] == ASKED}

    @cached_property
    def warm_up(self) -> list[dict[str, Any]]:
        """What the course asks at the start of somebody who never answered anything: question, choices and the reason of the right one."""
        return [one for asked in self._asked.values() for one in asked if one["label"] != ASKED]

    @cached_property
    def _asked(self) -> Mapping[str, list[dict[str, Any]]]:
        """What is asked in the prose and at the start; not what is due at the end, which is the same again."""
        return {
            cell: json.loads(traits["told"])
            for cell, traits in self.widgets.items()
            if "told" in traits and "score" not in traits
        }

    @property
    def stated(self) -> int:
        """The minutes that the notebook promises, with its missions and with work that has no end of its own."""
        found = STATED.search(source(self.data["cells"][0]))
        return sum(map(int, re.findall(r"\d+", found[0]))) if found else 0

    @property
    def open(self) -> list[tuple[str, str]]:
        """What it promises for work that has no end of its own: minutes, and which work."""
        found = STATED.search(source(self.data["cells"][0]))
        return re.findall(r"about (\d+) for (?!the missions)([^,*]+)\.", found[0]) if found else []

    @cached_property
    def tasks(self) -> Mapping[str, Task]:
        """Its exercises and missions."""
        return tasks(notebook=self.number)

    @property
    def recall(self) -> list[Question]:
        """Its questions that come back."""
        return [item for item in questions().values() if item.notebook == self.number]

    @cached_property
    def folds(self) -> list[tuple[str, str]]:
        """The questions whose answer is folded away, with the answer."""
        return [pair for cell in self.data["cells"] for pair in FOLD.findall(source(cell))]

    @cached_property
    def beside(self) -> Mapping[str, dict[str, Any]]:
        """Stories and bets of each player."""
        return {name: json.loads(unpacked(traits["beside"])) for name, traits in self.players.items()}

    @cached_property
    def sentences(self) -> Mapping[str, list[list[str]]]:
        """The sentence of each step of each run, by the cell of the player; two runs where they stand side by side."""
        return {
            name: [_sentences(traits[key]) for key in ("trace", "other") if traits[key]]
            for name, traits in self.players.items()
        }

    @cached_property
    def names(self) -> Mapping[str, str]:
        """What each bet in the prose is called, by its cell: so progress and the report of a class name it."""
        found = {cell: NAMED.search(source(item)) for cell, item in self.cells.items()}
        return {cell: named[1] for cell, named in found.items() if named}

    def bets(self, cell: str) -> list[Bet]:
        """What a widget asks, in order."""
        notes = self.notes.get("before", {})
        before = notes.get(cell, "")
        if cell in self.told:
            told = self.told[cell]
            return [Bet("bet", 0, 0, told["ask"], tuple(told["choices"]), told["right"] - 1, told["why"], before)]
        if cell not in self.players:
            return []
        steps = len(self.sentences[cell][0])
        asked = [
            Bet(item["id"], item["at"] + 1, steps, item["prompt"], tuple(item["options"]), item["answer"], item["why"])
            for item in self.beside[cell]["questions"]
        ]
        return [bet._replace(before=notes.get(f"{cell} {bet.id}", before)) for bet in asked]

    def section_of(self, cell: str) -> str:
        """The heading below which a cell stands."""
        return next(section.title for section in self.sections if cell in section.cells)

    @cached_property
    def sections(self) -> list[Section]:
        """Every section in order, with its minutes by the formula."""
        found: list[tuple[str, list[float], list[str]]] = []
        for cell in self.data["cells"]:
            for title, text in pieces(cell):
                if title or not found:
                    found.append((title, [], []))
                found[-1][1].append(len(text.split()) / WORDS)
            if cell["cell_type"] == "code":
                found[-1][1].append(self._doing(cell))
            found[-1][2].append(cell["id"])
        return [Section(title, sum(minutes), tuple(cells)) for title, minutes, cells in found]

    def _doing(self, cell: dict[str, Any]) -> float:
        """The minutes of a code cell: the beats and bets of its player, and the tasks that it checks."""
        beside = self.beside.get(cell["id"], {"stories": [], "questions": []})
        beats = sum(len(story["beats"]) for story in beside["stories"][:1])
        checks = sum(f'mailflow.check("{name}"' in source(cell) for name in self.tasks)
        bets = len(beside["questions"]) + (cell["id"] in self.told)
        return beats * BEAT + bets * BET + checks * EXERCISE

    @property
    def minutes(self) -> int:
        """What to count for all of it, to five minutes: by the formula, or what it promises where its tasks take longer."""
        by_formula = sum(section.minutes for section in self.sections)
        return max(5, 5 * ceil(self.stated / 5), 5 * round(by_formula / 5))

    def where(self, cell: str, words: str) -> str:
        """Where in a cell words stand: the number of a step in a player, or its text or output.

        Raises:
            ValueError: there is no such cell, or no such words in it.
        """
        place = f"teaching/notes/{self.number}.toml"
        if cell not in self.cells:
            raise ValueError(f"{place}: notebook {self.number} has no cell {cell!r}; mend or remove what names it")
        for run, name in zip(self.sentences.get(cell, []), ("", " of the second run"), strict=False):
            at = next((number for number, sentence in enumerate(run, start=1) if words in sentence), 0)
            if at:
                return f"step {at}{name}"
        told = self.told.get(cell, {})
        said = [*texts(self.cells[cell]), told.get("why", ""), told.get("shown", "")]
        if not any(words in text for text in said):
            raise ValueError(f"{place}: no step, text or output of cell {cell!r} says {words!r}; mend the words")
        return "what it shows" if self.cells[cell]["cell_type"] == "code" else "its text"


def _sentences(letters: str) -> list[str]:
    return [event.sentence for event in Trace.from_json(unpacked(letters))]


def source(cell: Mapping[str, Any]) -> str:
    """The text of a cell, without links to the words of the course."""
    return unlinked("".join(cell["source"]))


def texts(cell: Mapping[str, Any]) -> Iterator[str]:
    """All that a cell says: its source, and its outputs as text."""
    yield source(cell)
    for output in cell.get("outputs", []):
        yield "".join(output.get("text", output.get("data", {}).get("text/plain", "")))


def pieces(cell: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """A cell of prose cut at its headings, each with its title; what stands before the first has none."""
    if cell["cell_type"] == "code":
        return
    title, lines = "", list[str]()
    for line in source(cell).splitlines():
        found = re.match(r"##? (.+)", line)
        if found:
            if lines:
                yield title, "\n".join(lines)
            title, lines = found[1], []
        else:
            lines.append(line)
    yield title, "\n".join(lines)


def read(path: Path, notes: Path = NOTES) -> Lesson:
    """A notebook with its notes, which may be missing: then its guide has what the notebook says alone.

    Raises:
        ValueError: the notes are no TOML, or have a key or a cell that is none.
    """
    lesson = Lesson(path, json.loads(path.read_text(encoding="utf-8")))
    place = notes / f"{lesson.number}.toml"
    if place.exists():
        try:
            lesson.notes = tomllib.loads(place.read_text(encoding="utf-8"))
        except tomllib.TOMLDecodeError as error:
            raise ValueError(f"teaching/notes/{place.name}: {error}") from error
        _check(lesson)
    return lesson


def _check(lesson: Lesson) -> None:
    """See that the notes have what a guide needs, and nothing else.

    Raises:
        ValueError: they have not.
    """
    place = f"teaching/notes/{lesson.number}.toml"
    for key, value in lesson.notes.items():
        if key not in OF_CELLS and key not in LISTS:
            raise ValueError(f"{place}: there is no {key!r}; there is {', '.join((*OF_CELLS, *LISTS))}")
        for item in [] if key in OF_CELLS else value:
            if tuple(item) != LISTS[key]:
                raise ValueError(
                    f"{place}: each {key} has {', '.join(LISTS[key])}, in this order, and not {', '.join(item)}"
                )
            if "cell" in item:
                lesson.where(item["cell"], item["words"])
    for name in (name for key in OF_CELLS for name in lesson.notes.get(key, {})):
        cell, _, bet = name.partition(" ")
        lesson.where(cell, "")
        if bet and bet not in (one.id for one in lesson.bets(cell)):
            raise ValueError(f"{place}: cell {cell!r} has no bet {bet!r}; mend or remove what names it")


def course(folder: Path = ROOT / "notebooks", notes: Path = NOTES) -> list[Lesson]:
    """Every notebook there is, in order."""
    return [read(path, notes) for path in sorted(folder.glob("*.ipynb"))]
