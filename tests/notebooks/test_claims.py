"""What the prose says is what the outputs show, and a change in either is noticed."""

import html
import json
import random
import re
from collections.abc import Iterator
from importlib import import_module
from pkgutil import iter_modules

import pytest

from . import claims
from .claims.injecting import Place, changed, places, survives
from .claims.reading import BOOK, PATHS, Claim, read

for module in iter_modules(claims.__path__):
    import_module(f"{claims.__name__}.{module.name}")

SEEDS = range(1)


def name(item: Claim) -> str:
    return f"{item.prose}-{item.holds.__name__}"


@pytest.mark.no_cover
@pytest.mark.parametrize("item", BOOK.claims, ids=name)
def test_what_the_prose_claims_is_so(item: Claim) -> None:
    item.check(read(PATHS[item.prose[:2]]))


def test_a_claim_stands_in_the_file_of_its_notebook_and_has_a_name_of_its_own() -> None:
    assert {item.holds.__module__.rsplit(".", 1)[1][:3] for item in BOOK.claims} == {f"c{number}" for number in PATHS}
    for item in BOOK.claims:
        assert item.holds.__module__.rsplit(".", 1)[1].startswith(f"c{item.prose[:2]}_")
        assert {cell[:2] for cell in item.cells} == {item.prose[:2]}
    names = [name(item) for item in BOOK.claims]
    assert sorted(set(names)) == sorted(names)


@pytest.mark.parametrize("number", PATHS)
def test_each_output_has_a_claim_or_a_reason_for_none(number: str) -> None:
    """A reason counts for a whole output when nothing of it is left that could be changed."""
    notebook = read(PATHS[number])
    claimed = {cell for item in BOOK.claims for cell in item.of}
    shown = {key for key, cell in notebook.cells.items() if cell.output}
    assert sorted(shown.intersection(place.cell for place in places(notebook)) - claimed) == []


@pytest.mark.parametrize(("cell", "pattern", "why"), BOOK.silent)
def test_what_is_left_open_is_there(cell: str, pattern: str, why: str) -> None:
    found = read(PATHS[cell[:2]]).cells[cell]
    assert re.search(pattern, found.source if found.kind == "markdown" else found.output)
    assert len(why.split()) > 2


def surviving(number: str, drawn: list[Place], seed: int) -> list[str]:
    """Where a change went unnoticed, with what stands there then."""
    notebook, draw = read(PATHS[number]), random.Random(seed)
    found = []
    for place in drawn:
        other = changed(notebook, place, draw)
        if survives(other, place.cell):
            text = getattr(other.cells[place.cell], place.part)
            found.append(f"{place.cell} {place.part}: …{text[max(0, place.start - 40) : place.end + 40]}…")
    return found


@pytest.mark.no_cover
@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("number", PATHS)
def test_every_change_of_a_number_a_word_or_a_line_is_caught(number: str, seed: int) -> None:
    """At every place one change; the seed draws which, and in what order they come."""
    every = places(read(PATHS[number]))
    assert len(every) > 50
    assert surviving(number, random.Random(seed).sample(every, len(every)), seed) == []


@pytest.mark.no_cover
@pytest.mark.parametrize("number", PATHS)
def test_it_is_the_claims_that_catch_a_change(number: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A cell as it is passes, and without claims everything does."""
    notebook = read(PATHS[number])
    assert all(survives(notebook, cell) for cell in notebook.cells)
    every = places(notebook)
    monkeypatch.setattr(BOOK, "claims", [])
    assert len(surviving(number, every, 0)) == len(every)


def seen_and_read() -> Iterator[tuple[str, str, str]]:
    """What a page shows of a table, and the text of it that the claims read; players and one-line texts aside."""
    for path in PATHS.values():
        for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
            for output in cell.get("outputs", []):
                data = output.get("data", {})
                text = "".join(data.get("text/plain", ""))
                if "text/html" in data and "\n" in text and not text.startswith(("Bet: ", "Recall: ")):
                    page = re.sub("<ol>.*?</ol>", numbered, "".join(data["text/html"]), flags=re.DOTALL)
                    yield cell["id"], html.unescape(re.sub("<[^>]+>", " ", page)), text


def numbered(found: re.Match[str]) -> str:
    """A list as a page shows it, with a number before each item."""
    items = found[0].split("<li>")
    return " ".join(f"{number or ''} {item}" for number, item in enumerate(items))


@pytest.mark.parametrize(("cell", "seen", "text"), list(seen_and_read()))
def test_a_page_shows_the_numbers_that_the_claims_read(cell: str, seen: str, text: str) -> None:
    read_by_claims = "\n".join(line for line in text.splitlines() if not line.startswith("  next hop"))
    assert set(re.findall(r"\d+", read_by_claims)) <= set(re.findall(r"\d+", seen)), cell
