"""The page with every term of the course: what `mailflow.what_is` says, and the words of the course itself in `terms.toml`."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from mailflow.course.glossary import also_called, entries

FILE = Path(__file__).with_name("terms.toml")
PAGE = "glossary"


class Term(NamedTuple):
    """A term of the field: what else it is called, in one sentence what it is, and the facts behind that."""

    name: str
    says: str
    facts: tuple[str, ...] = ()
    also: tuple[str, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """Everything it is called."""
        return (self.name, *self.also)

    @property
    def anchor(self) -> str:
        """Where it stands on the page."""
        return "term-" + re.sub(r"[^a-z0-9]+", "-", self.name.lower()).strip("-")


def terms(file: Path = FILE) -> list[Term]:
    """All terms, in the order of the alphabet."""
    found = tomllib.loads(file.read_text(encoding="utf-8"))
    made = [Term(name, item["says"]) for name, item in found.items()]
    also = also_called()
    made += [
        Term(item.name, item.says, item.numbers, tuple(also.get(item.name, ())))
        for item in entries().values()
        if item.kind in ("term", "queue")
    ]
    return sorted(made, key=lambda term: term.name.lower())


def first_told(term: Term, prose: Mapping[str, str]) -> str:
    """The first notebook, by its file, whose prose has the term; empty when none has."""
    names = "|".join(re.escape(name) for name in term.names)
    pattern = re.compile(rf"(?<![\w-])(?:{names})(?:s|es)?(?![\w-])", re.IGNORECASE)
    return next((file for file, text in prose.items() if pattern.search(text)), "")


def page(known: list[Term], prose: Mapping[str, str]) -> str:
    """The page as MyST.

    Args:
        prose: what each notebook says, by its file, in the order of the course.
    """
    lines = [
        "# Glossary",
        "",
        "The terms of the course, each in a sentence. The numbers are its [facts](docs/facts.md).",
        "",
    ]
    letter = ""
    for term in known:
        if term.name[0].upper() != letter:
            letter = term.name[0].upper()
            lines += [f"## {letter}", ""]
        lines += entry(term, first_told(term, prose))
    return "\n".join(lines)


def entry(term: Term, file: str) -> list[str]:
    """One term as an item of a definition list."""
    also = f" (also: {', '.join(term.also)})" if term.also else ""
    cited = f" ({', '.join(term.facts)})" if term.facts else ""
    told = (
        f" *First met in [{file[:2]} {file[3:].removesuffix('.ipynb').replace('-', ' ')}](notebooks/{file})*"
        if file
        else ""
    )
    return [f"({term.anchor})=", f"**{term.name}**{also}", f": {term.says.removesuffix('.')}{cited}.{told}", ""]
