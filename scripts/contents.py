"""The lists of notebooks, in README.md and on the map of notebook 00, made from what each says of itself; and README's links.

A notebook begins with ``# 03 · Its title`` and, in bold, the question it answers.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import NamedTuple

from scripts import address

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "notebooks"
README = ROOT / "README.md"
MAP = FOLDER / "00-start-here.ipynb"
IN_README = "| notebook | the question it answers |\n| --- | --- |\n"
ON_THE_MAP = "| | notebook | question |\n| --- | --- | --- |\n"


class Entry(NamedTuple):
    """One notebook: its file, its number, its title as it reads in a sentence, and its question."""

    file: str
    number: str
    title: str
    question: str


def entries(folder: Path = FOLDER) -> list[Entry]:
    """Every notebook in order.

    Raises:
        ValueError: a notebook does not say its number, title and question.
    """
    return [entry(path) for path in sorted(folder.glob("*.ipynb"))]


def entry(path: Path) -> Entry:
    """What a notebook says of itself.

    Raises:
        ValueError: its first cell does not begin with number and title, or asks no question in bold.
    """
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    text = "".join(cells[0]["source"]) if cells else ""
    found = re.match(r"# (\d\d) · (.+)\n+\*\*(.+?)\*\*(?!\*)", text)
    if found is None or not path.name.startswith(f"{found[1]}-"):
        begin = f"# {path.name[:2]} · Title"
        raise ValueError(f"{path.name}: its first cell must begin with {begin!r} and then ask its question in bold")
    number, title, question = found.groups()
    return Entry(path.name, number, title if title[1:2].isupper() else title[0].lower() + title[1:], question)


def readme(text: str, known: list[Entry]) -> str:
    """The README with a row for each notebook."""
    rows = [f"| [{item.number} {item.title}](notebooks/{item.file}) | {item.question} |\n" for item in known]
    return replaced(text, IN_README, rows)


def course_map(text: str, known: list[Entry]) -> str:
    """Notebook 00, as text, with a row for each notebook."""
    first = known[0].number
    rows = [
        f"| {item.number} | {item.title if item.number == first else f'[{item.title}]({item.file})'} | {item.question} |\n"
        for item in known
    ]
    notebook = json.loads(text)
    for cell in notebook["cells"]:
        whole = "".join(cell["source"])
        if ON_THE_MAP in whole:
            cell["source"] = replaced(whole, ON_THE_MAP, rows)
    return json.dumps(notebook, indent=1, ensure_ascii=False, sort_keys=True) + "\n"


def replaced(text: str, head: str, rows: list[str]) -> str:
    """A text in which the rows of the table with that head are others.

    Raises:
        ValueError: there is no such table.
    """
    before, found, after = text.partition(head)
    if not found:
        raise ValueError(f"there is no table that begins with {head.splitlines()[0]!r}")
    return before + head + "".join(rows) + re.sub(r"\A(\|.*(\n|\Z))+", "", after)


def wanted(known: list[Entry]) -> dict[Path, str]:
    """What each file with a list should hold."""
    made = {README: readme, MAP: course_map}
    texts = {path: make(path.read_text(encoding="utf-8"), known) for path, make in made.items()}
    return texts | {README: address.readme(texts[README], address.address())}
