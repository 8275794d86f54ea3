"""What learners handed in: their notebooks and progress files, read as data. Nothing of them is run here.

A folder has a folder for each learner, or files named ``LEARNER_`` and then what the course calls them; what Moodle puts behind
the name of a learner is known. What a notebook is says its text and not its name. Whatever cannot be read is a remark, and the others are read all the same.
"""

from __future__ import annotations

import ast
import json
import os
import re
import stat
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

from mailflow.course.exercises import Task, tasks
from mailflow.course.progress import FORMAT, understood
from mailflow.plain import Plain

MOST_BYTES = 20_000_000
"""A notebook of the course with all its players is a hundred times smaller."""

MOST_FILES = 200
"""So many files of one learner are read; the course has a tenth of that."""

MOODLE = "_assignsubmission_file"
"""What Moodle puts behind the name and number of a learner when all that was handed in is downloaded at once."""

TITLE = re.compile(r"# (\d\d) · ")
WAYS = re.compile(r"(\d{1,3}) of \d{1,3} ways found")
STATES = ("not answered", "tried", "solved")
"""From nothing to all; of two files that say something else, the better one counts."""

VERDICTS = {"Not answered yet: ": STATES[0], "Not yet: ": STATES[1], "Solved: ": STATES[2]}
"""How the text of a check begins in a stored output."""


@dataclass(frozen=True, slots=True, repr=False, eq=False)
class Done(Plain):
    """What one learner did of one task.

    ``state`` is one of `STATES`; ``on`` the day of the solution, where the progress says it; ``ways`` how many ways of a
    mission were found; ``source`` who says so: "progress", "notebook", or "run"; ``told`` what a run gave.
    """

    task: str
    state: str = STATES[0]
    on: date | None = None
    ways: int = 0
    late: bool = False
    source: str = ""
    told: str = ""


@dataclass(frozen=True, slots=True, repr=False, eq=False)
class Attempt(Plain):
    """A cell that checks a task, in a notebook that was handed in. ``before`` and ``code`` are its code, never run here."""

    task: str
    before: tuple[str, ...]
    code: str


@dataclass(slots=True)
class HandIn:
    """All that one learner handed in: which notebooks, what is done, what is to be said of it, and the attempts.

    ``bets`` says of each bet whether it was won, where the progress says it.
    """

    learner: str
    notebooks: set[str] = field(default_factory=set)
    done: dict[str, Done] = field(default_factory=dict)
    remarks: list[str] = field(default_factory=list)
    attempts: list[Attempt] = field(default_factory=list)
    bets: dict[str, bool] = field(default_factory=dict)

    def add(self, found: Done) -> None:
        """Keep the better of what is known of a task: what is solved, then what was in time, then more ways."""
        known = self.done.get(found.task)
        if known is None or _worth(found) > _worth(known):
            self.done[found.task] = found


def _worth(item: Done) -> tuple[int, bool, int, bool]:
    return STATES.index(item.state), not item.late, item.ways, item.on is not None


def plain(text: str) -> str:
    """A text from outside for a terminal: what is no printable character is written as its number."""
    return "".join(
        letter if letter.isprintable() else letter.encode("unicode_escape", "surrogatepass").decode() for letter in text
    )


def read(folder: Path, due: datetime | None = None) -> list[HandIn]:
    """Everybody's, by name.

    Args:
        folder: what was handed in.
        due: what is later is marked as late: a file by its date, a solution by the day in the progress.

    Raises:
        ValueError: there is no such folder, or nothing in it.
    """
    if not folder.is_dir():
        raise ValueError(f"{folder} is no folder; give the one with what was handed in")
    found: dict[str, HandIn] = {}
    for learner, path in _files(folder):
        mine = found.setdefault(learner, HandIn(learner))
        if path is not None:
            _take(mine, path, due)
    if not found:
        raise ValueError(f"{folder} is empty; it should have a folder for each learner")
    for mine in found.values():
        if not mine.notebooks and not mine.done and not mine.remarks:
            mine.remarks.append("nothing is handed in")
    return [found[name] for name in sorted(found)]


def _files(folder: Path) -> Iterator[tuple[str, Path | None]]:
    """Each learner with each file; hidden ones and links to folders are left alone."""
    for entry in sorted(folder.iterdir()):
        if entry.name.startswith("."):
            continue
        if entry.is_symlink() or not entry.is_dir():
            yield _named(entry.name)[0] if "_" in entry.name else entry.stem, entry
            continue
        learner = entry.name.partition(MOODLE)[0]
        yield learner, None
        for path in _below(entry):
            yield learner, path


def _named(name: str) -> tuple[str, str]:
    """Whose file it is by its name, and what it is called besides."""
    learner, moodle, rest = name.partition(MOODLE)
    if moodle:
        return learner, rest.removeprefix("_")
    learner, _, rest = name.partition("_")
    return learner, rest


def _below(folder: Path) -> list[Path]:
    found: list[Path] = []
    for place, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        found += [Path(place, name) for name in sorted(names) if not name.startswith(".")]
        if len(found) > MOST_FILES:
            break
    return found[: MOST_FILES + 1]


def _take(mine: HandIn, path: Path, due: datetime | None) -> None:
    """Read one file, or say why not."""
    name = plain(path.name)
    kind = path.suffix.lower()
    if kind not in (".ipynb", ".json"):
        remedy = "; unpack it first" if kind in (".zip", ".gz", ".7z", ".rar") else ""
        mine.remarks.append(f"{name} is neither a notebook nor a progress file{remedy}")
        return
    try:
        text, when = _text(path)
        (_notebook if kind == ".ipynb" else _progress)(mine, path, text, late=bool(due and when > due), due=due)
    except OSError as error:
        mine.remarks.append(f"{name} cannot be read: {error.strerror or error}")
    except (ValueError, RecursionError) as error:
        mine.remarks.append(f"{name} cannot be read: {plain(str(error))[:200]}")
    else:
        if due and when > due:
            mine.remarks.append(f"{name} is late: {when:%Y-%m-%d %H:%M}")


def _text(path: Path) -> tuple[str, datetime]:
    """The text of a file and when it was written.

    Raises:
        OSError: it cannot be read.
        ValueError: it is a link, a pipe or the like, empty, too large, or no text.
    """
    found = path.lstat()
    if not stat.S_ISREG(found.st_mode):
        raise ValueError("it is no plain file")
    if found.st_size > MOST_BYTES:
        raise ValueError(f"it has {found.st_size:,} bytes, more than {MOST_BYTES:,}")
    text = path.read_bytes().decode("utf-8-sig")
    if not text.strip():
        raise ValueError("it is empty")
    return text, datetime.fromtimestamp(found.st_mtime)


# -- progress
# --------------------------------------------------------------------------------------------------------------------


def _progress(mine: HandIn, path: Path, text: str, *, late: bool, due: datetime | None) -> None:
    """What the course wrote down for the learner; days decide what is late, whenever the file was handed in."""
    data = understood(text)
    if data["format"] > FORMAT:
        raise ValueError("it comes from a newer version of this course")
    solved, hints, ways = (_part(data, name) for name in ("solved", "hints", "ways"))
    for task in tasks():
        found = ways.get(task)
        count = len({str(way) for way in found}) if isinstance(found, list) else 0
        if task in solved:
            day = _day(solved[task])
            mine.add(Done(task, "solved", day, count, bool(due and day and day > due.date()), "progress"))
        elif count or hints.get(task):
            mine.add(Done(task, "tried", None, count, late, "progress"))
    for name, held in _part(data, "bets").items():
        if isinstance(held, dict) and isinstance(held.get("right"), bool):
            mine.bets.setdefault(name, held["right"])


def _part(data: Mapping[str, Any], name: str) -> dict[str, Any]:
    part = data.get(name)
    return part if isinstance(part, dict) else {}


def _day(text: object) -> date | None:
    try:
        return date.fromisoformat(str(text))
    except ValueError:
        return None


# -- notebooks
# --------------------------------------------------------------------------------------------------------------------


def _notebook(mine: HandIn, path: Path, text: str, *, late: bool, due: datetime | None) -> None:
    """What a notebook's stored outputs say of its checks."""
    data = json.loads(text)
    cells = data.get("cells") if isinstance(data, dict) else None
    if not isinstance(cells, list):
        raise ValueError("it is no notebook")
    known = tasks()
    before: list[str] = []
    seen: list[str] = []
    for cell in (item for item in cells if isinstance(item, dict) and item.get("cell_type") == "code"):
        code = joined(cell.get("source"))
        for task, found in told(checked(code), cell.get("outputs")):
            if task in known:
                seen.append(task)
                mine.add(replace(found, late=late))
                mine.attempts.append(Attempt(task, tuple(before), code))
        before.append(code)
    number = number_of(cells, known, seen)
    if not number:
        raise ValueError("it is no notebook of this course")
    mine.notebooks.add(number)
    if not any(name.startswith(number) for name in (path.name, _named(path.name)[1])):
        mine.remarks.append(f"{plain(path.name)} is notebook {number} under another name")


def joined(source: object) -> str:
    """The text of a cell, which may be stored as its lines; empty when it is neither."""
    lines = source if isinstance(source, list) else [source]
    return "".join(line for line in lines if isinstance(line, str))


def number_of(cells: Iterable[object], known: Mapping[str, Task], seen: Iterable[str]) -> str:
    """Which notebook of the course this is, by its title, or else by the first task it checks; empty for none."""
    titles = (TITLE.match(joined(cell.get("source"))) for cell in cells if isinstance(cell, dict))
    title = next((found[1] for found in titles if found), "")
    return title or next((known[task].notebook for task in seen), "")


def checked(code: str) -> list[str]:
    """The tasks that a cell checks, in the order of its text, which is read and not run."""
    try:
        tree = ast.parse(code)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return []
    found = [
        (node.lineno, node.col_offset, str(node.args[0].value))
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and "check" in (getattr(node.func, "attr", ""), getattr(node.func, "id", ""))
        and node.args
        and isinstance(node.args[0], ast.Constant)
        and isinstance(node.args[0].value, str)
    ]
    return [name for _, _, name in sorted(found)]


def told(names: Sequence[str], outputs: object) -> Iterator[tuple[str, Done]]:
    """What the stored outputs of a cell say of the tasks that it checks. A cell shows what its last line gives, so that of
    several checks the last one is shown, unless each is displayed.
    """
    texts = [_text_of(output) for output in (outputs if isinstance(outputs, list) else [])]
    verdicts = [(state, text) for text in texts for begins, state in VERDICTS.items() if text.startswith(begins)]
    unseen = [(STATES[0], "")] * (len(names) - len(verdicts))
    for name, (state, text) in zip(names, (*unseen, *verdicts[-len(names) :]), strict=False):
        ways = WAYS.search(text)
        yield name, Done(name, state, None, int(ways[1]) if ways else 0, source="notebook")


def _text_of(output: object) -> str:
    data = output.get("data") if isinstance(output, dict) else None
    return joined(data.get("text/plain")) if isinstance(data, dict) else ""
