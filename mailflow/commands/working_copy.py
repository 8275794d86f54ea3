"""The folder a learner works in: a copy of the course that follows its updates and loses nothing a learner wrote.

Written is what stands in the cells. A notebook that was only run counts as unchanged: its outputs come back when it is run again.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import mailflow
from mailflow.commands.terminal import Refused

PACKAGE = Path(mailflow.__file__).resolve().parent
RECORD = ".mailflow.json"
Record = dict[str, dict[str, str]]


def original() -> Path:
    """The folder of the course's own notebooks: inside an installed package, beside it in a checkout.

    Raises:
        Refused: the notebooks are missing.
    """
    for folder in (PACKAGE / "course" / "notebooks", PACKAGE.parent / "notebooks"):
        if any(folder.glob("*.ipynb")):
            return folder
    raise Refused(f"the notebooks of the course are missing beside {PACKAGE}; install the package again")


def usual() -> Path:
    """Where to work unless told otherwise: `my-course` in a checkout, else `mailflow-course` in the current folder."""
    root = PACKAGE.parent
    return root / "my-course" if original().parent == root else Path.cwd() / "mailflow-course"


def find(name: str) -> str:
    """The file of the notebook meant by a number or the start of a name: "3", "03" and "03-queues" are the same one.

    Raises:
        Refused: it is not one notebook.
    """
    names = [path.name for path in sorted(original().glob("*.ipynb"))]
    start = name.zfill(2) + "-" if name.isdecimal() else Path(name).name
    found = [known for known in names if known.startswith(start)]
    if len(found) != 1:
        raise Refused(f"there is no notebook {name!r}; there are {', '.join(known[:2] for known in names)}")
    return found[0]


def bring(folder: Path, again: str = "") -> list[str]:
    """Copy the course into a folder, or refresh what is there, and return what a learner should know.

    Args:
        again: the file of a notebook that starts anew; the one there is kept under another name.

    Raises:
        Refused: the folder cannot be written.
    """
    try:
        return _bring_all(folder, again)
    except OSError as error:
        place = folder if folder.is_file() else Path(error.filename or folder)
        reason = "this is a file, not a folder" if folder.is_file() else error.strerror
        raise Refused(f"cannot work in {place}: {reason}. Name another folder: mailflow lab FOLDER") from error


def _bring_all(folder: Path, again: str) -> list[str]:
    folder.mkdir(parents=True, exist_ok=True)
    sources = sorted(original().glob("*.ipynb"))
    told, record = _recorded(folder, any((folder / source.name).exists() for source in sources))
    for source in sources:
        mine = folder / source.name
        told += _anew(source, mine) if source.name == again else _refresh(source, mine, record.get(source.name))
        record[source.name] = {"cells": _cells(source), "file": _file(source)}
    _write(folder / RECORD, json.dumps({"notebooks": record}, indent=1).encode())
    return told


def _recorded(folder: Path, used: bool) -> tuple[list[str], Record]:
    """What was copied here before. Without that, every notebook that differs is taken for the learner's own."""
    path = folder / RECORD
    try:
        found = json.loads(path.read_text(encoding="utf-8"))["notebooks"]
        return [], {str(name): {"cells": str(item["cells"]), "file": str(item["file"])} for name, item in found.items()}
    except FileNotFoundError:
        fault = "is missing"
    except (ValueError, KeyError, TypeError, AttributeError):
        fault = "is damaged"
    line = f"{path} {fault}, so every notebook that differs counts as changed by you; nothing of yours is overwritten."
    return ([line] if used or fault == "is damaged" else []), {}


def _refresh(source: Path, mine: Path, known: dict[str, str] | None) -> list[str]:
    if not mine.exists() or (known and _file(mine) == known["file"]):
        return _copy(source, mine)
    written, offered = _cells(mine), _cells(source)
    if written == offered:
        return []
    if known and written == known["cells"]:
        return _copy(source, mine)
    if known and offered == known["cells"]:
        return []
    return _beside(source, mine)


def _copy(source: Path, mine: Path) -> list[str]:
    if not mine.exists() or _file(mine) != _file(source):
        _write(mine, source.read_bytes())
    return []


def _beside(source: Path, mine: Path) -> list[str]:
    """Put a newer version beside a notebook that the learner changed."""
    names = _names(mine, "new")
    new = next(path for path in names if not path.exists() or _cells(path) == _cells(source))
    if new.exists():
        return []
    _copy(source, new)
    return [f"{mine.name} has a newer version; yours is untouched, the newer one is {new.name!r}."]


def _anew(source: Path, mine: Path) -> list[str]:
    """Start a notebook again; what was there is kept."""
    if not mine.exists() or _file(mine) == _file(source):
        return [*_copy(source, mine), f"{mine.name} is as it was at the start."]
    kept = next(path for path in _names(mine, f"kept {date.today():%Y-%m-%d}") if not path.exists())
    mine.rename(kept)
    _copy(source, mine)
    return [
        f"{mine.name} starts again; yours is kept as {kept.name!r}. If it is open: menu File, Reload Notebook from Disk."
    ]


def _names(mine: Path, word: str) -> Iterator[Path]:
    """Names to put a file beside another: "name (new).ipynb", "name (new 2).ipynb" and so on."""
    yield mine.with_name(f"{mine.stem} ({word}){mine.suffix}")
    number = 2
    while True:
        yield mine.with_name(f"{mine.stem} ({word} {number}){mine.suffix}")
        number += 1


def _file(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _cells(path: Path) -> str:
    """A fingerprint of what stands in the cells. Of a file that is no notebook any more: of the whole file."""
    try:
        cells = json.loads(path.read_bytes())["cells"]
        text = json.dumps([[cell["cell_type"], "".join(cell["source"])] for cell in cells])
    except (ValueError, KeyError, TypeError):
        return _file(path)
    return hashlib.sha256(text.encode()).hexdigest()


def _write(path: Path, content: bytes) -> None:
    """Write a file whole or not at all, also when the power fails in between."""
    part = path.with_name(f".{path.name}.part")
    part.write_bytes(content)
    part.replace(path)
