"""Links from the prose of a notebook to its words: the first use of each leads to the fold that explains it.

A link is never written by hand: `make notebooks` puts it where a word is used first, with its sentence as the title that the
pointer shows. It leads to the heading *New words* of the notebook that uses the word first. JupyterLab scrolls to it in the notebook
that is read, but opens another one at its top, so there the title names notebook and heading; on the site a link leads to the
glossary.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from typing import Any

from mailflow.course.glossary import Entry, entries, first_words
from scripts.contents import FOLDER

HEADING = "New words"
LINK = re.compile(rf'\[(?P<text>[^\]]*)\]\((?P<file>[\w.-]+)#{HEADING.replace(" ", "-")} "(?P<says>[^"]*)"\)')
UNTOUCHED = (
    r"^## Map of the course$[\s\S]*?(?=^## |\Z)|^#.*$|```[\s\S]*?```|<summary>.*?</summary>|<[^>]+>|\[[^\]]*\]\([^)]*\)"
)
"""The list of all notebooks, headings, blocks of code, questions of folds, tags, and links."""
EVERYDAY = (
    r"company's cost|it costs\b|them costs|costs? (?:two days|a little|money)|directory (?:service|lookup)|queue directories"
    r"|costs nothing|\*?envelope\*? kind|kinds of transport"
)
"""Words of the glossary in their everyday meaning, or in another name."""
LONGER = {"directory": "(?:Active )?directory", "master": "(?:routing group )?master"}
"""Words that a link covers together with the word before."""


@cache
def words() -> Mapping[str, tuple[Entry, str]]:
    """Each word that notebooks use, in lower case, with its entry and the file of the notebook that uses it first."""
    files = {path.name[:2]: path.name for path in FOLDER.glob("*.ipynb")}
    known = entries()
    return {
        name.lower(): (known[name.lower()], files[number]) for number, names in first_words().items() for name in names
    }


@cache
def _pattern() -> re.Pattern[str]:
    """A word in the prose with its marks, or what is to be left alone; the longest word first."""
    names = "|".join(LONGER.get(name, re.escape(name)) for name in sorted(words(), key=len, reverse=True))
    coded = "|".join(re.escape(name) for name in words() if re.search("[_-]", name))
    word = rf"(?P<mark>\*\*|\*|)(?<![\w-])(?P<word>{names})(?:s|es)?(?![\w-])(?P=mark)"
    return re.compile(rf"{UNTOUCHED}|{EVERYDAY}|`(?P<code>{coded})`|`[^`\n]*`|{word}", re.MULTILINE | re.IGNORECASE)


def _name(found: re.Match[str]) -> str:
    """The word that was found, in lower case; empty for what is left alone."""
    return re.sub("^(?:active|routing group) (?=directory|master)", "", (found["word"] or found["code"] or "").lower())


def unlinked(text: str) -> str:
    """A text without the links of this module."""
    return LINK.sub(lambda found: found["text"], text)


def linked(cells: list[str]) -> list[str]:
    """The cells of prose of one notebook, with a link at the first use of each word; its title and question stay bare."""
    seen: set[str] = set()

    def first(found: re.Match[str]) -> str:
        name = _name(found)
        if not name or name in seen:
            return found[0]
        seen.add(name)
        entry, file = words()[name]
        where = "" if file.startswith(own) else f" Notebook {file[:2]}, {HEADING}."
        return f'[{found[0]}]({file}#{HEADING.replace(" ", "-")} "{_title(entry)}{where}")'

    bare = [unlinked(text) for text in cells]
    own = bare[0].removeprefix("# ")[:2]
    title, about, rest = bare[0].partition("*About ")
    return [title + about + _pattern().sub(first, rest), *(_pattern().sub(first, text) for text in bare[1:])]


def _title(entry: Entry) -> str:
    """The sentence of a word as the title of a link: without what stands in brackets, which would end the link."""
    return re.sub(r" \([^)]*\)", "", entry.says).replace('"', "'")


def meant(text: str) -> str:
    """The word, in lower case, that the text of a link stands for."""
    found = _pattern().fullmatch(text)
    assert found, text
    return _name(found)


def with_links(notebook: dict[str, Any]) -> dict[str, Any]:
    """A notebook whose prose has its links."""
    prose = iter(linked(["".join(cell["source"]) for cell in notebook["cells"] if cell["cell_type"] == "markdown"]))
    cells = [{**cell, "source": next(prose)} if cell["cell_type"] == "markdown" else cell for cell in notebook["cells"]]
    return {**notebook, "cells": cells}
