"""Each notebook offers the words that it is the first to use, so that none stands there unexplained."""

import json
import re
from pathlib import Path

import pytest

import mailflow
from mailflow.course.glossary import entries, first_words
from scripts.glossary_links import unlinked

FOLDER = Path(__file__).resolve().parents[2] / "notebooks"
PATHS = {path.name[:2]: path for path in sorted(FOLDER.glob("*.ipynb"))}
ELSEWHERE = re.compile(
    r"^## (?:Map of the course|Then and now)$.*?(?=^## |\Z)|\[[^\]]*\]\([^)]*\)", re.MULTILINE | re.DOTALL
)
"""What names words that this notebook does not teach yet: the map of the course, later names of things, and links to notebooks."""


def prose(number: str) -> str:
    """What a notebook says, besides that."""
    cells = json.loads(PATHS[number].read_text(encoding="utf-8"))["cells"]
    told = "\n\n".join("".join(cell["source"]) for cell in cells if cell["cell_type"] == "markdown")
    return ELSEWHERE.sub("", unlinked(told))


def first_use(name: str) -> str:
    """The first notebook whose prose uses a word; empty when none does."""
    pattern = re.compile(rf"(?<![\w-]){re.escape(name)}(?:s|es)?(?![\w-])", re.IGNORECASE)
    return next((number for number in PATHS if pattern.search(prose(number))), "")


def test_every_word_is_offered_where_it_is_used_first() -> None:
    words = [item.name for item in entries().values() if item.kind in ("term", "queue")]
    found = {name: number for name in words if (number := first_use(name))}
    assert {name: number for number, names in first_words().items() for name in names} == found


@pytest.mark.parametrize("number", first_words())
def test_the_notebook_asks_for_its_words_in_a_cell(number: str) -> None:
    cells = json.loads(PATHS[number].read_text(encoding="utf-8"))["cells"]
    assert f'mailflow.what_is("{number}")' in "\n".join("".join(cell["source"]) for cell in cells)


def test_the_words_of_a_notebook_lie_in_a_fold() -> None:
    told = mailflow.what_is("02")
    assert str(told) == f"New words of notebook 02: {', '.join(first_words()['02'])}"
    page = told._repr_html_()
    assert page.startswith(f"<details><summary>New words: {', '.join(first_words()['02'])}</summary><p><b>")
    assert page.count("<p>") == len(first_words()["02"])


def test_a_notebook_that_is_not_there_has_no_words() -> None:
    with pytest.raises(LookupError, match="has no '99'"):
        mailflow.what_is("99")
