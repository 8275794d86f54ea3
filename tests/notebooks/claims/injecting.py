"""Changes that part prose and output: another number in either, another word or a lost line in an output.

Every number of the prose is a place for a change, unless it is no claim: the number of a fact, a product, an RFC, a heading,
an item of a list, or of a section that speaks of no output (:data:`ELSEWHERE`). Of an output every number, every word of
:data:`WORDS` and every line is one. What a notebook's claims leave open on purpose, ``silent`` names with its reason.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from typing import NamedTuple

from .reading import BOOK, NUMBER, Notebook, template
from .reading import WORDS as NUMBERS

WORDS = [
    ("delivered", "bounced", "waiting", "relayed", "expanded", "redirected"),
    ("accepted", "refused"),
    ("passes", "refuses", "accepts"),
    ("deliver", "bounce", "defer"),
    ("UP", "DOWN"),
    ("up", "down"),
    ("True", "False"),
    ("YES", "NO"),
    ("major", "minor", "user"),
    ("back-end", "front-end"),
    ("failure", "delay"),
    ("local", "remote"),
]
GROUP_OF = {word: group for group in WORDS for word in group}
WORD = re.compile(rf"\b(?:{'|'.join(sorted(GROUP_OF, key=len, reverse=True))})\b")

ELSEWHERE = (
    "Warm-up",
    "An everyday picture",
    "Do it",
    "Mission",
    "Your score",
    "What the article says",
    "Then and now",
    "Map of the course",
)
NO_CLAIM = re.compile(
    r"^#.*$|^\*About.*$|^\d+\. |^ *```[\s\S]*?```|`[^`\d][^`]*`|\[[^\]]*\]\([^)]*\)|Exchange \(?Server \)?\d+|\b(?:Exchange|Server|of|practice) 20\d\d\b"
    r"|Exchange 5\.5|\b2003\b|\b2000\b|\b2007\b|RFC \d+|X\.400|\d\.x\.x|v\d",
    re.MULTILINE,
)
PRONOUNS = {"one", "second", "once", "both", "zero"}
"""Words that are seldom numbers: places for a change only where a claim reads them as one."""

ASKED = r"\d+ predictions?|\ANot answered yet.*|\ANew words of notebook .*|\ANotebook \d\d: [\s\S]*|\APoster of .*"
"""How many questions a player asks is never a claim, nor is what an exercise asks for, nor what somebody has solved."""


class Place(NamedTuple):
    """Where a change can be made: in the ``source`` or ``output`` of a cell."""

    cell: str
    part: str
    start: int
    end: int


def places(notebook: Notebook) -> list[Place]:
    """All places of a notebook, in reading order."""
    found, title = [], ""
    for key, cell in notebook.cells.items():
        part = "source" if cell.kind == "markdown" else "output"
        text = cell.source if part == "source" else cell.output
        quiet = [match.span() for match in re.finditer(ASKED, text)]
        quiet += [
            match.span() for mine, pattern, _ in BOOK.silent if mine == key for match in re.finditer(pattern, text)
        ]
        spans = sorted(set(_of_prose(key, text, title) if part == "source" else _of_output(text)))
        found += [Place(key, part, *span) for span in spans if not _within(span, quiet)]
        if part == "source":
            title = _sections(text, title)[-1][0]
    return found


def _within(span: tuple[int, int], others: list[tuple[int, int]]) -> bool:
    return any(first <= span[0] and span[1] <= last for first, last in others)


def _of_prose(key: str, text: str, title: str) -> Iterator[tuple[int, int]]:
    skipped = [match.span() for match in NO_CLAIM.finditer(text)]
    skipped += [span for name, span in _sections(text, title) if name.startswith(ELSEWHERE)]
    for match in re.finditer(rf"(?<![\w.])(?:{NUMBER})\b(?!-)", text):
        if not _within(match.span(), skipped) and match.group().lower() not in PRONOUNS:
            yield match.span()
    for item in BOOK.claims:
        pattern, numbers = template(item.says)
        if item.prose == key and (found := pattern.search(text)):
            yield from (found.span(name) for name in numbers)


def _sections(text: str, title: str) -> list[tuple[str, tuple[int, int]]]:
    """The sections of a cell, each with its title and extent; the first has the title of the cell before."""
    heads = [(0, title)] + [(match.start(), match.group(1)) for match in re.finditer(r"^## (.*)$", text, re.MULTILINE)]
    ends = [start for start, _ in heads[1:]] + [len(text)]
    return [(name, (start, end)) for (start, name), end in zip(heads, ends, strict=True)]


def _of_output(text: str) -> Iterator[tuple[int, int]]:
    yield from (match.span() for match in re.finditer(r"\d+", text))
    yield from (match.span() for match in WORD.finditer(text))
    if len(text.splitlines()) > 1:
        yield from (match.span() for match in re.finditer(r"^.*\S.*\n?", text, re.MULTILINE))


def changed(notebook: Notebook, place: Place, draw: random.Random) -> Notebook:
    """The notebook after a change at this place."""
    text = getattr(notebook.cells[place.cell], place.part)
    old = text[place.start : place.end]
    return notebook.changed(place.cell, **{place.part: text[: place.start] + _other(old, draw) + text[place.end :]})


def _other(old: str, draw: random.Random) -> str:
    """Something else of the same kind; nothing instead of a line."""
    if re.fullmatch(r"[\d,.]+", old):
        digits = [index for index, letter in enumerate(old) if letter.isdigit()]
        at = draw.choice(digits)
        return old[:at] + draw.choice([letter for letter in "123456789" if letter != old[at]]) + old[at + 1 :]
    if old.lower() in NUMBERS:
        return draw.choice([word for word, value in NUMBERS.items() if value != NUMBERS[old.lower()]])
    return draw.choice([word for word in GROUP_OF[old] if word != old]) if old in GROUP_OF else ""


def survives(notebook: Notebook, cell: str) -> bool:
    """Whether no claim about this cell fails."""
    for item in BOOK.claims:
        if cell in item.cells:
            try:
                item.check(notebook)
            except Exception:
                return False
    return True
