"""Questions that come back after days: what was answered rightly waits longer, what was not comes soon again."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import overload

from mailflow.course.exercises import tasks
from mailflow.course.feedback import Feedback
from mailflow.course.poster import Poster
from mailflow.course.progress import FILE, Progress, today
from mailflow.facts.closest import closest
from mailflow.facts.mistake import InputError
from mailflow.facts.words import counted
from mailflow.player.bet_widget import Asked, Bet
from mailflow.player.score_widget import Carried, Score

NOTHING = object()
"""Says that no choice was given: ``...`` and ``None`` are what somebody may give who has not chosen yet."""

AT_ONCE = 3
"""So many questions are asked at a time."""


@dataclass(frozen=True, slots=True)
class Question:
    """A question with its choices; ``right`` is the number of the right one, from 1. Its name begins with its notebook."""

    name: str
    ask: str
    choices: tuple[str, ...]
    right: int
    why: str

    @property
    def notebook(self) -> str:
        """The number of the notebook that taught it, such as "03"."""
        return self.name[:2]


@cache
def questions() -> dict[str, Question]:
    """All questions by name, in the order of the notebooks."""
    text = (files(__package__) / "recall.toml").read_text(encoding="utf-8")
    return {
        name: Question(name, item["ask"], tuple(item["choices"]), item["right"], item["why"])
        for name, item in tomllib.loads(text).items()
    }


def due(progress: Progress, notebook: str = "") -> list[Question]:
    """The questions to ask today, weakest and oldest first: those of this notebook that are new, and what is due of others.

    Without a notebook only what was asked before is due.
    """
    asked = [item for item in questions().values() if progress.asked_before(item.name) or item.notebook == notebook]
    ready = [item for item in asked if progress.due(item.name) <= today()]
    return sorted(ready, key=lambda item: (progress.box(item.name), progress.due(item.name)))


@dataclass(frozen=True, slots=True, repr=False)
class Report:
    """What is solved, found and due: of one notebook, and of the course."""

    notebook: str
    solved: tuple[tuple[str, bool, str], ...]
    course: int
    ask: tuple[Question, ...]
    waiting: int
    note: str
    bets: tuple[int, int] = (0, 0)

    def __repr__(self) -> str:
        lines = self._lines()
        for item in self.ask:
            lines += ["", *_told(item)]
        return "\n".join(lines)

    def _lines(self) -> list[str]:
        done = sum(item[1] for item in self.solved)
        head = [f"Notebook {self.notebook}: {done} of {len(self.solved)} solved."] if self.notebook else []
        rows = [
            f"  {'✔' if solved else '…'} {name}{f' ({more})' if more else ''}" for name, solved, more in self.solved
        ]
        right, placed = self.bets
        won = [f"Bets: {right} of {placed} right."] if placed else []
        total = f"Course: {self.course} solved so far."
        return [*head, *rows, *won, total, self._due(), *([f"Note: {self.note}."] if self.note else [])]

    def poster(self) -> Poster:
        """The whole system as a picture, of which each notebook fills in its part. Its ``save`` writes it for a printer.

        Example:
            >>> import mailflow
            >>> mailflow.progress().poster().parts["00"]
            Part(state='empty', star=False)
        """
        return Poster.of(Progress.here())

    def _due(self) -> str:
        if not self.ask:
            return "Nothing to recall today."
        more = f", {self.waiting} more wait" if self.waiting else ""
        return f"To recall today: {counted(len(self.ask), 'question')}{more}."

    def _repr_mimebundle_(self, **kwargs: object) -> tuple[dict[str, object], dict[str, object]]:
        return self._shown()._repr_mimebundle_(**kwargs)

    def _shown(self) -> Score:
        """The score as a notebook shows it: its questions are there to be clicked, and the file to be carried."""

        def lines() -> list[str]:
            return [line.strip() for line in progress(self.notebook)._lines()]

        carried = Carried(FILE, lambda text: Progress.here().take(text), lambda: Progress.here().text())
        return Score(repr(self), lines, carried, *_to_click(self.ask))


def _call(item: Question) -> str:
    """What to type for an answer."""
    return f'mailflow.recall("{item.name}", ...)  # the number of your choice'


def _told(item: Question) -> list[str]:
    return [
        item.ask,
        *(f"  {number} {choice}" for number, choice in enumerate(item.choices, start=1)),
        f"  {_call(item)}",
    ]


def progress(notebook: str = "") -> Report:
    """What you solved, which ways you found, and what to recall today: of one notebook and of the course.

    It is kept in ``mailflow-progress.json`` beside the notebooks: yours to read, copy and delete. No notebook needs it. A
    notebook shows the questions that are due to be clicked, and below them two buttons that download the file and upload
    one, for whoever goes on elsewhere. What is uploaded is added to what is known here: nothing of either is lost.

    Example:
        >>> import mailflow
        >>> [name for name, _, _ in mailflow.progress("00").solved]
        ['first delivery']

    Args:
        notebook: its number, such as "03"; without one, the course alone.

    Raises:
        ValueError: there is no such notebook.
    """
    known = sorted({item.notebook for item in questions().values()})
    if notebook and notebook not in known:
        raise InputError(f"progress({notebook!r}): notebooks are named by two digits in quotes: {', '.join(known)}")
    held, mine = Progress.here(), tasks(notebook=notebook) if notebook else {}
    ready = due(held, notebook)
    return Report(
        notebook,
        tuple((name, held.solved(name), _ways(held, name, item.ways)) for name, item in mine.items()),
        len(held.all_solved()),
        tuple(ready[:AT_ONCE]),
        max(0, len(ready) - AT_ONCE),
        held.note,
        held.bets(notebook),
    )


def _ways(held: Progress, name: str, ways: int) -> str:
    return f"{min(len(held.ways(name)), ways)} of {ways} ways" if ways else ""


@overload
def recall(question: str) -> Bet: ...


@overload
def recall(question: str, choice: object) -> Feedback: ...


def recall(question: str, choice: object = NOTHING) -> Feedback | Bet:
    """Answer a question that `progress` asks; it says when the question comes again. Or warm up before a notebook.

    With the number of a notebook alone it asks three questions of the notebooks before it, the weakest and oldest first.

    Example:
        >>> import mailflow
        >>> mailflow.recall("00 scenario", ...)
        Not answered yet: What is a scenario made of? 1 A trace and a player; 2 An organization and a script of timed actions; 3 A message and its recipients
        >>> mailflow.recall("00 scenario", 1).solved
        False

    Args:
        question: its name, or the number of a notebook, such as "03".
        choice: the number of your choice, from 1, or its words; without one the question is asked with its choices to
            click.
    """
    known = questions()
    if choice is NOTHING and isinstance(question, str) and (asks := _asks(question)):
        return _clickable(asks)
    if not isinstance(question, str) or question not in known:
        like = closest(str(question), known)
        remedy = f"Did you mean {like!r}?" if like else "mailflow.progress(...) names those that are due."
        return Feedback(str(question), False, f"There is no question {question!r}. {remedy}")
    asked = known[question]
    told = "; ".join(f"{number} {text}" for number, text in enumerate(asked.choices, start=1))
    if choice is ... or choice is None:
        return Feedback(question, None, f"{asked.ask} {told}")
    number = _number(choice, asked.choices)
    if not number:
        return Feedback(question, False, f"{choice!r} is no choice. Give a number: {told}")
    right = number == asked.right
    when = Progress.here().recalled(question, right)
    again = (
        f"It comes again on {when:%d %B %Y}."
        if right
        else f"It comes again today. You chose: {asked.choices[number - 1]}."
    )
    return Feedback(question, right, f"{asked.why} {again}")


def _asks(name: str) -> list[Question]:
    """The question of this name, or those to warm up with before the notebook of this number."""
    known = questions()
    if name in known:
        return [known[name]]
    if name not in {item.notebook for item in known.values()}:
        return []
    held = Progress.here()
    earlier = [item for item in known.values() if item.notebook < name]
    fresh = sorted(
        (item for item in earlier if held.due(item.name) <= today()),
        key=lambda item: (
            not held.asked_before(item.name),
            held.box(item.name),
            held.due(item.name),
            -int(item.notebook),
        ),
    )
    return fresh[:AT_ONCE] or earlier[-AT_ONCE:]


def _clickable(asks: Sequence[Question]) -> Bet:
    asked, keep = _to_click(asks)
    return Bet(asked, "Recall", keep)


def _to_click(asks: Sequence[Question]) -> tuple[list[Asked], Callable[[int, int], None]]:
    """Questions as a widget asks them, and what keeps an answer."""

    def keep(index: int, chosen: int) -> None:
        Progress.here().recalled(asks[index].name, chosen == asks[index].right)

    return [Asked(item.ask, item.choices, item.right, item.why) for item in asks], keep


def _number(choice: object, choices: Sequence[str]) -> int:
    """The number of a choice as somebody may give it: a number, its digits, or its words; 0 when it is none."""
    if isinstance(choice, str):
        words = [text.lower() for text in choices]
        if choice.strip().lower() in words:
            return words.index(choice.strip().lower()) + 1
        choice = int(choice) if choice.strip().isdecimal() else 0
    fits = isinstance(choice, int) and not isinstance(choice, bool) and 1 <= choice <= len(choices)
    return int(str(choice)) if fits else 0


__all__ = ["Question", "Report", "due", "progress", "questions", "recall"]
