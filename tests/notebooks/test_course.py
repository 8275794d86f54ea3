"""The notebooks themselves: shape, links, facts, size, and what is stored in them."""

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any, TypedDict

import pytest

from mailflow.facts import cited_in, fact
from scripts.contents import entries, wanted

FOLDER = Path(__file__).resolve().parents[2] / "notebooks"
CONFIG = "mailflow/course/jupyter/jupyter_config.json"
NOTEBOOKS = sorted(FOLDER.glob("*.ipynb"))
WIDEST_CODE, WIDEST_OUTPUT = 114, 110
"""JupyterLab shows 117 characters at 1366x768 beside its file browser: code beyond is cut, and output is broken within a word."""


STILL = {"Player": r'<img alt="Step \d+', "Relay lab": "<table>", "Bet": "<details><summary>Answer</summary>"}
STILL["Recall"] = STILL["Notebook"] = STILL["Bet"]
"""What a reader without a kernel sees of each kind of widget."""


class Output(TypedDict):
    """What a cell left behind."""

    output_type: str
    data: dict[str, Any]  # by kind of content: text, lines of text, or a reference to a widget


class Cell(TypedDict):
    """A cell of a notebook; only one with code has a number and outputs."""

    cell_type: str
    source: list[str]
    execution_count: int | None
    outputs: list[Output]


class Notebook(TypedDict):
    """A notebook as it is stored."""

    cells: list[Cell]
    metadata: dict[str, Any]


@pytest.fixture(params=NOTEBOOKS, ids=lambda path: path.stem)
def notebook(request: pytest.FixtureRequest) -> Notebook:
    stored: Notebook = json.loads(request.param.read_text(encoding="utf-8"))
    return stored


def sources(notebook: Notebook, kind: str) -> list[str]:
    return ["".join(cell["source"]) for cell in notebook["cells"] if cell["cell_type"] == kind]


def test_the_notebooks_are_numbered_from_00_without_a_gap() -> None:
    assert len(NOTEBOOKS) >= 10
    assert [path.stem[:2] for path in NOTEBOOKS] == [f"{number:02}" for number in range(len(NOTEBOOKS))]


@pytest.mark.parametrize("number", range(len(NOTEBOOKS)), ids=lambda number: NOTEBOOKS[number].stem)
def test_each_notebook_ends_with_one_line_that_leads_back_and_on(number: int) -> None:
    last = json.loads(NOTEBOOKS[number].read_text(encoding="utf-8"))["cells"][-1]
    links = re.findall(r"\]\(([^)]+)\)", "".join(last["source"]))
    back = [path.name for path in NOTEBOOKS[:number][-1:]]
    assert (last["cell_type"], len(last["source"].splitlines())) == ("markdown", 1)
    assert links == [*back, NOTEBOOKS[(number + 1) % len(NOTEBOOKS)].name]


@pytest.mark.parametrize("path", wanted(entries()), ids=lambda path: path.name)
def test_the_readme_and_the_map_list_each_notebook_as_it_calls_itself(path: Path) -> None:
    assert wanted(entries())[path] == path.read_text(encoding="utf-8"), "run `make notebooks`"


def test_cells_are_short_run_in_order_and_store_no_error(notebook: Notebook) -> None:
    code = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]
    assert [cell["execution_count"] for cell in code] == list(range(1, len(code) + 1))
    for text in sources(notebook, "code"):
        assert len([line for line in text.splitlines() if line.strip()]) <= 15
        assert max(map(len, text.splitlines() or [""])) <= WIDEST_CODE, text
        assert "%" not in text.lstrip()[:1]
        assert "import *" not in text
    assert not any(output["output_type"] == "error" for cell in code for output in cell["outputs"])


def test_printed_lines_are_not_broken_within_a_word(notebook: Notebook) -> None:
    """What is printed is shown as it is; whatever else has only a text is, too."""
    outputs = [output for cell in notebook["cells"] for output in cell.get("outputs", [])]
    bare = [output.get("data", {"text/plain": output.get("text", "")}) for output in outputs]
    for text in ("".join(data["text/plain"]) for data in bare if data.keys() == {"text/plain"}):
        assert max(map(len, text.splitlines() or [""])) <= WIDEST_OUTPUT, text


def test_the_name_of_each_of_two_runs_is_short(notebook: Notebook) -> None:
    """A longer one is cut where both stand side by side in JupyterLab on a laptop."""
    for text in sources(notebook, "code"):
        for names in re.findall(r"labels=\(([^)]*)\)", text):
            assert max(map(len, re.findall(r'"([^"]*)"', names))) <= 18, names


def test_shape(notebook: Notebook) -> None:
    prose = "\n".join(sources(notebook, "markdown"))
    assert prose.startswith("# ")
    assert "minutes" in prose
    for heading in ("## Do it", "## Recap"):
        assert heading in prose
    assert "mailflow.check(" in "\n".join(sources(notebook, "code"))


def test_links_lead_somewhere_and_facts_exist(notebook: Notebook) -> None:
    for text in sources(notebook, "markdown"):
        for target in re.findall(r"\]\(([^)#]+)\)", text):
            assert (FOLDER / target).exists(), target
        for number in cited_in(text):
            assert fact(number)


def test_every_player_stores_its_picture_with_words_and_its_state(notebook: Notebook) -> None:
    state = (
        notebook["metadata"].get("widgets", {}).get("application/vnd.jupyter.widget-state+json", {}).get("state", {})
    )
    for cell in notebook["cells"]:
        for output in cell.get("outputs", []):
            data = output.get("data", {})
            view = data.get("application/vnd.jupyter.widget-view+json")
            if view:
                assert view["model_id"] in state
                words = "".join(data["text/plain"])
                kind = re.sub(r"^Notebook \d\d$", "Notebook", words.split(":")[0])
                assert kind in STILL
                assert re.search(STILL[kind], "".join(data["text/html"]))


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_size(path: Path) -> None:
    assert path.stat().st_size <= 300_000


@pytest.mark.parametrize("form", ["html", "markdown"])
def test_a_page_without_a_kernel_shows_every_picture(tmp_path: Path, form: str) -> None:
    names = [path.name for path in NOTEBOOKS]
    command = [
        sys.executable,
        "-m",
        "nbconvert",
        f"--config={FOLDER.parent / CONFIG}",
        "--to",
        form,
        "--output-dir",
        str(tmp_path),
        *names,
    ]
    subprocess.run(command, cwd=FOLDER, check=True, capture_output=True)
    for path in NOTEBOOKS:
        text = (
            (tmp_path / path.name).with_suffix({"html": ".html", "markdown": ".md"}[form]).read_text(encoding="utf-8")
        )
        stored = path.read_text(encoding="utf-8")
        labs = stored.count('"Relay lab: ')
        bets, recalls = stored.count('"Bet: '), stored.count('"Recall: ')
        scores = len(re.findall(r'"Notebook \d\d: \d of \d solved\.\\n', stored))  # each asks what its notebook taught
        players = stored.count("widget-view+json") - labs - bets - recalls - scores
        if form == "html":
            assert text.count("<summary>Answer</summary>") == bets + 3 * (recalls + scores)
        assert players > 0
        assert text.count("Run this cell to change the settings.") == labs
        assert text.count('<img alt="Step') == players
        assert "Run this cell to step through" in text


def test_running_a_notebook_again_changes_no_byte() -> None:
    from scripts.notebooks import executed

    path = NOTEBOOKS[0]
    assert executed(path) == path.read_text(encoding="utf-8")
