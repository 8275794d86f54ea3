"""Reading a notebook as a learner does: what its prose says, what stands beside it, and what its code holds.

A claim quotes a sentence. ``{name}`` in the quotation is a number that is read from the prose, in digits or as a word, and
``{name:text}`` any other text. So the claim fails when the sentence is no longer there, and when its number says something
else than the output.
"""

from __future__ import annotations

import ast
import contextlib
import html
import io
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any

from mailflow.trace import Event, Trace
from scripts.glossary_links import unlinked

FOLDER = Path(__file__).resolve().parents[3] / "notebooks"
PATHS = {path.stem[:2]: path for path in sorted(FOLDER.glob("*.ipynb"))}

ONES = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"]
WORDS = {word: number for number, word in enumerate(ONES)} | {"thirty": 30, "once": 1, "twice": 2, "both": 2}
WORDS |= {"second": 2, "third": 3, "fourth": 4, "fifth": 5}
NUMBER = rf"\d+(?:,\d{{3}})*(?:\.\d+)?|(?i:{'|'.join(sorted(WORDS, key=len, reverse=True))})"

Said = Mapping[str, Any]


@dataclass(frozen=True)
class Cell:
    """A cell with its source, and all that its outputs say as text."""

    kind: str
    source: str
    output: str = ""


@dataclass(frozen=True)
class Notebook:
    """A notebook by the ids of its cells."""

    path: Path
    cells: Mapping[str, Cell]

    def changed(self, cell: str, **parts: str) -> Notebook:
        """The same notebook with another source or another output in one cell."""
        return replace(self, cells={**self.cells, cell: replace(self.cells[cell], **parts)})


@dataclass(frozen=True)
class Shown:
    """The output that a claim is about, and the names that the code has made by then."""

    code: str
    text: str
    names: dict[str, Any]

    @property
    def lines(self) -> list[str]:
        return self.text.splitlines()

    @property
    def value(self) -> Any:
        """The output as the Python value that it spells."""
        return ast.literal_eval(self.text)

    @property
    def unbroken(self) -> list[str]:
        """The lines, each with what goes on below it, further in."""
        return re.sub(r"\n +", " ", self.text).splitlines()

    @property
    def words(self) -> str:
        """The text with one blank wherever there is room, as if no line had been broken."""
        return flat(self.text)

    def rows(self, separator: str = "->") -> dict[str, str]:
        """Lines such as ``this -> that``."""
        parts = (line.split(separator, 1) for line in self.lines if separator in line)
        return {left.strip(): right.strip() for left, right in parts}

    def number(self, pattern: str) -> float:
        """The one number that a pattern with a group finds in the output."""
        (found,) = re.findall(pattern, self.text)
        return value_of(found)

    def last(self) -> Any:
        """What the last expression of the code makes, once more."""
        (made,) = (part for part in ast.parse(self.code).body[-1:] if isinstance(part, ast.Expr))
        return eval(compile(ast.Expression(made.value), "cell", "eval"), self.names)

    def plays(self, trace: Trace) -> None:
        """The player that stands here was made from this trace: its organization, and as many steps."""
        title, steps = trace.organization["title"], len(trace)
        assert re.match(rf"Player: {re.escape(title)}, {steps} steps", self.text), (title, steps, self.text)


def flat(text: str) -> str:
    """A text on one line."""
    return " ".join(text.split())


@dataclass(frozen=True)
class Claim:
    """One sentence of a notebook, and what has to hold for it."""

    prose: str
    says: str
    of: tuple[str, ...]
    holds: Callable[..., None]

    @property
    def cells(self) -> set[str]:
        return {self.prose, *self.of}

    def check(self, notebook: Notebook) -> None:
        """Raise AssertionError unless the sentence stands in the prose and is true."""
        said = quoted(self.says, notebook.cells[self.prose].source)
        names = run(notebook.path)
        last = self.of[-1] if self.of else next(reversed(names))
        shown = [Shown(notebook.cells[cell].source, notebook.cells[cell].output, names[last]) for cell in self.of]
        self.holds(said, *(shown or [Shown("", "", names[last])]))


@dataclass
class Book:
    """All claims, and all that claims nothing."""

    claims: list[Claim] = field(default_factory=list)
    silent: list[tuple[str, str, str]] = field(default_factory=list)


BOOK = Book()


def claim(
    prose: str, says: str, *, of: str | tuple[str, ...] = ()
) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """The decorated function holds what a sentence in the cell ``prose`` says of the outputs of the cells ``of``.

    It gets the numbers and texts of the sentence, and each output as :class:`Shown`. Without ``of`` it gets one, whose
    names are those at the end of the notebook.
    """

    def keep(holds: Callable[..., None]) -> Callable[..., None]:
        BOOK.claims.append(Claim(prose, says, (of,) if isinstance(of, str) else of, holds))
        return holds

    return keep


def silent(cell: str, pattern: str, why: str) -> None:
    """What the pattern finds in this cell is no claim, or no claim is about it; ``why`` says so in words."""
    BOOK.silent.append((cell, pattern, why))


def value_of(text: str) -> float:
    """A number from digits or from its word."""
    if text.lower() in WORDS:
        return WORDS[text.lower()]
    number = float(text.replace(",", ""))
    return int(number) if number.is_integer() else number


@cache
def template(says: str) -> tuple[re.Pattern[str], frozenset[str]]:
    """A quotation as a pattern, and which of its gaps are numbers."""
    parts = re.split(r"\{(\w+)(:text)?\}", " ".join(says.split()))
    pattern, numbers = _literal(parts[0]), set()
    for name, is_text, after in zip(parts[1::3], parts[2::3], parts[3::3], strict=True):
        pattern += f"(?P<{name}>.+?)" if is_text else rf"(?P<{name}>(?<![\w.])(?:{NUMBER})\b)"
        numbers |= set() if is_text else {name}
        pattern += _literal(after)
    return re.compile(pattern), frozenset(numbers)


def _literal(text: str) -> str:
    return re.escape(text).replace(r"\ ", r"\s+")


def quoted(says: str, prose: str) -> Said:
    """The gaps of a quotation, filled from the prose. AssertionError says that it does not stand there."""
    pattern, numbers = template(says)
    found = pattern.search(prose)
    assert found, f"the prose does not say: {says}"
    return {name: value_of(text) if name in numbers else text for name, text in found.groupdict().items()}


@cache
def read(path: Path) -> Notebook:
    """A notebook with the outputs that are stored in it."""
    cells = {}
    for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
        said = [output.get("text") or shown(output.get("data", {})) for output in cell.get("outputs", [])]
        cells[cell["id"]] = Cell(
            cell["cell_type"], unlinked("".join(cell["source"])), "".join("".join(text) for text in said)
        )
    return Notebook(path, cells)


def shown(data: Mapping[str, Any]) -> str:
    """What an output shows as text; of a bet what is shown with its answer, which lies in its fold."""
    text = "".join(data.get("text/plain", ""))
    if not text.startswith(("Bet: ", "Recall: ")):
        return text
    return "".join(
        html.unescape(told) for told in re.findall(r"<pre>(.*?)</pre>", "".join(data["text/html"]), re.DOTALL)
    )


@cache
def run(path: Path) -> dict[str, dict[str, Any]]:
    """The names that are known after each code cell, run in a fresh namespace."""
    names: dict[str, Any] = {"__name__": path.stem}
    known = {}
    for key, cell in read(path).cells.items():
        if cell.kind == "code":
            with contextlib.redirect_stdout(io.StringIO()):
                exec(compile(cell.source, f"{path.name} {key}", "exec"), names)
            known[key] = dict(names)
    return known


def keys(trace: Trace) -> list[str]:
    """What kinds of things happened, in order."""
    return [event.step.key for event in trace]


def of_kind(trace: Trace, *kinds: str) -> list[Event]:
    """The events of these kinds, in order."""
    return [event for event in trace if event.step.key in kinds]


def word(event: Event, name: str) -> str:
    """A value of an event, such as its ``reply``, as text."""
    return str(event.values[name])
