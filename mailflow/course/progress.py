"""What a learner did so far: a small file beside the notebooks that belongs to the learner.

It can be deleted, carried to another computer, and read: it is JSON. No notebook needs it. Whatever is wrong with it is
said in one line, and the course goes on.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from errno import EACCES
from pathlib import Path
from typing import Any

from mailflow.course.merging import INTERVALS as INTERVALS
from mailflow.course.merging import SHAPES, merged, sound
from mailflow.facts.words import counted

FILE = "mailflow-progress.json"
FORMAT = 1
WHERE = "MAILFLOW_PROGRESS"
"""The environment variable that names another file, or says "off": then nothing is written."""

UNTIL = "what you do now counts until you leave"

_MEMORY: dict[str, tuple[dict[str, Any], str]] = {}
"""What is not in a file, with the reason, by the file it should be in: it counts until the session ends."""

_SET_ASIDE: dict[str, str] = {}
"""What was said of a damaged file, by the file: whoever warms up first meets the damage, and hears of it at the end."""


def today() -> date:
    """The day on which something is done."""
    return date.today()


def file() -> Path | None:
    """Where progress is kept: beside the notebooks, or where the environment says; None for nowhere."""
    named = os.environ.get(WHERE, "")
    return None if named == "off" else Path(named or FILE).absolute()


def understood(text: str) -> dict[str, Any]:
    """A progress file as data.

    Raises:
        ValueError: it is no JSON, or no progress.
        RecursionError: it is nested too deeply to be one.
    """
    data = json.loads(text)
    if not isinstance(data, dict) or not isinstance(data.get("format"), int):
        raise ValueError("it has no format number")
    return data


def _beside(path: Path) -> Path:
    """A name beside a damaged file, under which it can be kept."""
    other, number = path.with_suffix(".damaged.json"), 1
    while other.exists():
        number += 1
        other = path.with_suffix(f".damaged-{number}.json")
    return other


def _few(names: Sequence[str]) -> str:
    """The first three of some names from a file, in one line."""
    more = f" and {len(names) - 3} more" if names[3:] else ""
    shown = (" ".join(name[:60].split()).encode("utf-8", "replace").decode() for name in names[:3])
    return ", ".join(shown) + more


class Progress:
    """What is solved, tried and recalled. Each change reads the file anew first, so that two notebooks may be open.

    ``note`` is one line about what is wrong with the file; empty when all is well.
    """

    def __init__(self, path: Path | None) -> None:
        self.path = path
        self.note = ""
        self.data = self._read()

    @classmethod
    def here(cls) -> Progress:
        """That of the notebook that runs."""
        return cls(file())

    # -- what is known
    # ----------------------------------------------------------------------------------------------------------

    def solved(self, task: str) -> bool:
        """Whether a task was ever solved."""
        return task in self._part("solved")

    def all_solved(self) -> list[str]:
        """Every task that was ever solved."""
        return list(self._part("solved"))

    def touched(self) -> list[str]:
        """Every task of which something is known: solved, tried, or helped with."""
        return sorted({*self._part("solved"), *self._part("hints"), *self._part("ways")})

    def hints(self, task: str) -> int:
        """How many hints are due: one for each wrong attempt, and each that was asked for."""
        return int(self._part("hints").get(task, 0))

    def ways(self, task: str) -> list[str]:
        """The ways of a mission that were found."""
        return list(self._part("ways").get(task, []))

    def box(self, question: str) -> int:
        """How often in a row a question was answered rightly when it was due; -1 when it was never asked."""
        held = self._part("recalled").get(question)
        return max(held["box"], -1) if held else -1

    def asked_before(self, question: str) -> bool:
        """Whether a question was ever answered."""
        return question in self._part("recalled")

    def due(self, question: str) -> date:
        """The day on which to ask a question again; long ago when it was never asked."""
        held = self._part("recalled").get(question)
        return date.fromisoformat(held["due"]) if held else date.min

    def bet(self, name: str) -> int:
        """The number of the choice in a bet; 0 when there was none."""
        held = self._part("bets").get(name)
        return int(held["choice"]) if held else 0

    def bets(self, notebook: str = "") -> tuple[int, int]:
        """How many bets were right, and how many there were: of one notebook, or of the course."""
        mine = [held["right"] for name, held in self._part("bets").items() if name.startswith(notebook)]
        return sum(mine), len(mine)

    def text(self) -> str:
        """The file as it is to be carried away; empty when nothing is known yet."""
        return self._text() if any(map(self._part, SHAPES)) else ""

    # -- what happens
    # -----------------------------------------------------------------------------------------------------------

    def tried(self, task: str, solved: bool, way: str = "") -> None:
        """An attempt was judged: it solved the task, or found a way of a mission, or neither."""
        self.data = self._read()
        if way:
            self._set("ways", task, list(dict.fromkeys([*self.ways(task), way])))
        elif solved:
            self._set("solved", task, self._part("solved").get(task) or today().isoformat())
        else:
            self._set("hints", task, self.hints(task) + 1)
        self._write()

    def asked(self, task: str, what: str) -> None:
        """A hint or the solution was asked for."""
        if what == "hint":
            self.tried(task, solved=False)

    def placed(self, bet: str, choice: int, right: bool) -> None:
        """A bet was placed. The first choice counts, since the answer is known after it."""
        self.data = self._read()
        if not self.bet(bet):
            self._set("bets", bet, {"choice": choice, "right": right})
            self._write()

    def recalled(self, question: str, right: bool) -> date:
        """A question was answered; returns when it is due again. A right answer before its day changes nothing."""
        self.data = self._read()
        if right and self.due(question) > today():
            return self.due(question)
        box = min(self.box(question) + 1, len(INTERVALS) - 1) if right else -1
        when = today() + timedelta(days=INTERVALS[box] if right else 0)
        self._set("recalled", question, {"box": box, "due": when.isoformat()})
        self._write()
        return when

    def take(self, text: str) -> str:
        """Take in what another progress file knows, as `merged` says, and say in one line what came of it.

        A file that is broken or comes from a newer version changes nothing.
        """
        try:
            other = understood(text.removeprefix("\ufeff"))
        except (ValueError, RecursionError) as error:
            return f"This is no progress file of the course ({error}). Nothing is changed."
        if other["format"] > FORMAT:
            return "This file comes from a newer version of the course. Nothing is changed."
        other, wrong = sound(other)
        mine = self._read()
        self.data = merged(mine, other)
        self._write()
        new = sum(held != mine.get(name, {}).get(key) for name in SHAPES for key, held in self._part(name).items())
        left = f" Left out, since it cannot be read: {_few(wrong)}." if wrong else ""
        told = f"Taken in: {counted(new, 'thing')} not known here. What was known here stays."
        return f"{told if new else 'Nothing in it is new here.'}{left}"

    # -- the file
    # -----------------------------------------------------------------------------------------------------------

    def _part(self, name: str) -> Mapping[str, Any]:
        part: Mapping[str, Any] = self.data.get(name, {})
        return part

    def _set(self, part: str, key: str, value: object) -> None:
        self.data[part] = {**self._part(part), key: value}

    def _read(self) -> dict[str, Any]:
        if self.path is None or str(self.path) in _MEMORY:
            data, self.note = _MEMORY.get(str(self.path), ({}, ""))
            return {"format": FORMAT, **data}
        self.note = _SET_ASIDE.get(str(self.path), "")
        try:
            data = understood(self.path.read_text(encoding="utf-8-sig"))
        except FileNotFoundError:
            return {"format": FORMAT}
        except OSError as error:
            return self._apart(f"{self.path.name} cannot be read ({error.strerror}); {UNTIL}")
        except (ValueError, RecursionError) as error:
            return self._set_aside(str(error))
        if data["format"] > FORMAT:
            return self._apart(
                f"{self.path.name} comes from a newer version of this course and stays as it is; {UNTIL}"
            )
        data, wrong = sound(data)
        return self._repaired(self.path, data, _few(wrong)) if wrong else data

    def _repaired(self, path: Path, sound: dict[str, Any], wrong: str) -> dict[str, Any]:
        """A file of which a part cannot be read is kept under another name as it is, and the rest of it goes on."""
        other = _beside(path)
        try:
            other.write_bytes(path.read_bytes())
        except OSError:
            return self._apart(f"{path.name} is damaged (it cannot be read: {wrong}); {UNTIL}", sound)
        self.note = (
            f"{path.name} was damaged (it cannot be read: {wrong}); it is kept as {other.name}, and the rest goes on"
        )
        _SET_ASIDE[str(path)] = self.note
        self.data = sound
        self._write()
        return sound

    def _set_aside(self, fault: str) -> dict[str, Any]:
        """A damaged file is kept under another name, and a new one begins."""
        assert self.path is not None
        other = _beside(self.path)
        try:
            self.path.rename(other)
        except OSError:
            return self._apart(f"{self.path.name} is damaged ({fault}); {UNTIL}")
        self.note = f"{self.path.name} was damaged ({fault}); it is kept as {other.name}, and a new one begins"
        _SET_ASIDE[str(self.path)] = self.note
        return {"format": FORMAT}

    def _apart(self, note: str, known: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """Leave the file alone, and go on without it, with what is known of it."""
        self.note = note
        data = {"format": FORMAT, **(known or {})}
        _MEMORY[str(self.path)] = (data, note)
        return data

    def _text(self) -> str:
        return json.dumps(self.data, indent=1, ensure_ascii=False, sort_keys=True) + "\n"

    def _write(self) -> None:
        """Write the file whole or not at all; what cannot be written is kept in memory."""
        if self.path is None or str(self.path) in _MEMORY:
            _MEMORY[str(self.path)] = (self.data, self.note)
            return
        new = self.path.with_name(f".{self.path.name}.{os.getpid()}")
        try:
            if self.path.exists() and not os.access(self.path, os.W_OK):
                raise PermissionError(EACCES, "it is read-only")
            # Half a character, which JSON may hold and UTF-8 may not, goes back as it came: as an escape.
            new.write_text(self._text(), encoding="utf-8", errors="backslashreplace")
            new.replace(self.path)
        except OSError as error:
            new.unlink(missing_ok=True)
            self.note = f"{self.path.name} cannot be written ({error.strerror}); {UNTIL}"
            _MEMORY[str(self.path)] = (self.data, self.note)
