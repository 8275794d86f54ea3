"""The first use of each word of the glossary leads to the fold that explains it, in every notebook."""

import json
import re
from pathlib import Path

import pytest

from mailflow.course.glossary import entries, first_words
from scripts.glossary_links import HEADING, LINK, linked, meant, unlinked, words

FOLDER = Path(__file__).resolve().parents[2] / "notebooks"
PATHS = sorted(FOLDER.glob("*.ipynb"))


def prose(path: Path) -> list[str]:
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    return ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "markdown"]


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)
def test_each_word_is_linked_where_it_is_used_first(path: Path) -> None:
    cells = prose(path)
    assert linked(cells) == cells, "run `make notebooks`"
    found = [meant(link["text"]) for text in cells for link in LINK.finditer(text)]
    assert len(found) == len(set(found)) > 0


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)
def test_no_word_of_the_prose_is_without_a_link(path: Path) -> None:
    """Looked for without the pattern that makes the links: in plain sentences, one line each."""
    cells = prose(path)
    found = {meant(link["text"]) for text in cells for link in LINK.finditer(text)}
    text = "\n".join(unlinked(cell) for cell in cells[1:] if "| notebook | question |" not in cell)
    text = re.sub(r"(?m)^#.*$|\[[^\]]*\]\([^)]*\)|<summary>.*?</summary>|```[\s\S]*?```|`[^`\n]*`", "", text)
    used = {name for name in words() if re.search(rf"(?<![\w-]){re.escape(name)}s?(?![\w-])", text, re.IGNORECASE)}
    inside = {"cost", "directory", "envelope", "transport", "submission", "master", "connector", "routing group"}
    inside |= {"hop", "retry", "smtp"}
    assert used - found <= inside, "only words that also stand within others, or in an everyday meaning"


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)
def test_each_link_leads_to_a_fold_that_has_the_word(path: Path) -> None:
    for text in prose(path):
        for link in LINK.finditer(text):
            name = meant(link["text"])
            assert name in map(str.lower, first_words()[link["file"][:2]])
            says, _, where = link["says"].partition(" Notebook ")
            assert says in re.sub(r" \([^)]*\)", "", entries()[name].says)
            assert where == ("" if path.name == link["file"] else f"{link['file'][:2]}, {HEADING}.")
            target = json.loads((FOLDER / link["file"]).read_text(encoding="utf-8"))["cells"]
            texts = ["".join(cell["source"]) for cell in target]
            assert sum(f"## {HEADING}" in item for item in texts) == 1
            assert any(f'mailflow.what_is("{link["file"][:2]}")' in item for item in texts)


def test_a_word_is_linked_once_with_its_marks_and_not_within_another() -> None:
    title = "# 99 · On connectors\n\n**What is a connector?**\n\n*About 5 minutes.*"
    one, two = linked(
        [title, "## Connector\n\n`connector` **Connectors** wait in *Local delivery*, a connector. It costs much."]
    )
    assert one == title
    assert unlinked(two).endswith("*Local delivery*, a connector. It costs much.")
    assert re.findall(r"\[[^\]]*\]\([\w.-]+", two) == [
        "[**Connectors**](00-start-here.ipynb",
        "[*Local delivery*](00-start-here.ipynb",
    ]
    assert linked([one, two]) == [one, two]


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("**routing group master**", "master"),
        ("Active Directory", "directory"),
        ("`X-LINK2STATE`", "x-link2state"),
        ("MX records", "mx record"),
    ],
)
def test_what_a_link_means(text: str, name: str) -> None:
    assert meant(text) == name
