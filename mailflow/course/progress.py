"""What a learner did so far: a small file beside the notebooks that belongs to the learner.

It can be deleted, carried to another computer, and read: it is JSON. No notebook needs it. Whatever is wrong with it is
said in one line, and the course goes on.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from datetime import date, timedelta
from errno import EACCES
from pathlib import Path
from typing import Any

FILE = "mailflow-progress.json"
FORMAT = 1
WHERE = "MAILFLOW_PROGRESS"
"""The environment variable that names another file, or says "off": then nothing is written."""

INTERVALS = (1, 3, 7, 21, 60)
"""Days until a question is asked again, after the first right answer in a row, the second, and so on."""

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
        number = self._part("hints").get(task, 0)
        return number if isinstance(number, int) else 0

    def ways(self, task: str) -> list[str]:
        """The ways of a mission that were found."""
        found = self._part("ways").get(task, [])
        return [str(way) for way in found] if isinstance(found, list) else []

    def box(self, question: str) -> int:
        """How often in a row a question was answered rightly when it was due; -1 when it was never asked."""
        held = self._part("recalled").get(question)
        number = held.get("box") if isinstance(held, dict) else None
        return max(number, -1) if isinstance(number, int) else -1

    def asked_before(self, question: str) -> bool:
        """Whether a question was ever answered."""
        return question in self._part("recalled")

    def due(self, question: str) -> date:
        """The day on which to ask a question again; long ago when it was never asked."""
        held = self._part("recalled").get(question)
        try:
            return date.fromisoformat(str(held["due"])) if isinstance(held, dict) else date.min
        except (KeyError, ValueError):
            return date.min

    def bet(self, name: str) -> int:
        """The number of the choice in a bet; 0 when there was none."""
        held = self._part("bets").get(name)
        number = held.get("choice") if isinstance(held, dict) else None
        return number if isinstance(number, int) else 0

    def bets(self, notebook: str = "") -> tuple[int, int]:
        """How many bets were right, and how many there were: of one notebook, or of the course."""
        mine = [held for name, held in self._part("bets").items() if name.startswith(notebook)]
        return sum(isinstance(held, dict) and held.get("right") is True for held in mine), len(mine)

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

    # -- the file
    # -----------------------------------------------------------------------------------------------------------

    def _part(self, name: str) -> Mapping[str, Any]:
        part = self.data.get(name)
        return part if isinstance(part, dict) else {}

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
        return data

    def _set_aside(self, fault: str) -> dict[str, Any]:
        """A damaged file is kept under another name, and a new one begins."""
        assert self.path is not None
        other = self.path.with_suffix(".damaged.json")
        number = 1
        while other.exists():
            number += 1
            other = self.path.with_suffix(f".damaged-{number}.json")
        try:
            self.path.rename(other)
        except OSError:
            return self._apart(f"{self.path.name} is damaged ({fault}); {UNTIL}")
        self.note = f"{self.path.name} was damaged ({fault}); it is kept as {other.name}, and a new one begins"
        _SET_ASIDE[str(self.path)] = self.note
        return {"format": FORMAT}

    def _apart(self, note: str) -> dict[str, Any]:
        """Leave the file alone, and go on without it."""
        self.note = note
        _MEMORY[str(self.path)] = ({}, note)
        return {"format": FORMAT}

    def _write(self) -> None:
        """Write the file whole or not at all; what cannot be written is kept in memory."""
        if self.path is None or str(self.path) in _MEMORY:
            _MEMORY[str(self.path)] = (self.data, self.note)
            return
        new = self.path.with_name(f".{self.path.name}.{os.getpid()}")
        text = json.dumps(self.data, indent=1, ensure_ascii=False, sort_keys=True) + "\n"
        try:
            if self.path.exists() and not os.access(self.path, os.W_OK):
                raise PermissionError(EACCES, "it is read-only")
            # Half a character, which JSON may hold and UTF-8 may not, goes back as it came: as an escape.
            new.write_text(text, encoding="utf-8", errors="backslashreplace")
            new.replace(self.path)
        except OSError as error:
            new.unlink(missing_ok=True)
            self.note = f"{self.path.name} cannot be written ({error.strerror}); {UNTIL}"
            _MEMORY[str(self.path)] = (self.data, self.note)
