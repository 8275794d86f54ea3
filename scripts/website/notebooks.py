"""Notebooks for the site: their stored outputs, with places where a script puts players, and exercises as prose.

Nothing is run. What a player shows lies in the widget state that the notebook stores. The code of the player, which each
notebook stores as well, is left out: all pages share one file of it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from functools import cache
from html import escape, unescape
from typing import Any

from mailflow.course.exercises import tasks
from scripts.glossary_links import LINK, meant
from scripts.website.glossary import PAGE, Term, terms

VIEW = "application/vnd.jupyter.widget-view+json"
STATE = "application/vnd.jupyter.widget-state+json"
PLAYERS: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "mailflow.player.widget.Player": ("player", ("trace", "other", "beside", "options", "cursor")),
    "mailflow.player.breakable.BreakablePlayer": ("player", ("trace", "other", "beside", "options", "cursor")),
    "mailflow.player.relay_lab.RelayLab": ("lab", ("table", "client", "recipient")),
}
"""For each widget that a page can show: what the script of the site calls it, and the traits that it needs."""

CHECKS = re.compile(r"\bmailflow\.check\(\s*[\"']([^\"']+)")
TASK = re.compile(r"^Not answered yet: ")
CAPTION = re.compile(
    r"<figcaption>Still picture of step (\d+)\. Run this cell to step through all (\d+)\.</figcaption>"
)
LEADS_ON = re.compile(r"(?:Back|Next): \[")
"""How the last cell of a notebook begins. A page has buttons of its own there."""
GAP = re.compile(r"(?<=\S)(?<!:\d\d\.\d{3})(?: {2,}|\t)(?=\S)")
"""What lies between two columns of a text. A sentence behind a time is prose."""
PRE = re.compile(r"<pre[^>]*>(?P<text>.*?)</pre>", re.DOTALL)
RUN_THIS_CELL = re.compile(r" Run this cell to [a-z ]+\.")


def for_site(notebook: dict[str, Any], where: str) -> dict[str, Any]:
    """The notebook as the site shows it.

    Args:
        where: HTML that says where the notebook can be run; it stands below the title and in each exercise.

    Raises:
        ValueError: an output shows a widget whose state the notebook does not store.
    """
    state = notebook["metadata"].get("widgets", {}).get(STATE, {}).get("state", {})
    cells = [shown(cell, state, where) for cell in notebook["cells"] if not LEADS_ON.match(joined(cell["source"]))]
    if cells and joined(cells[0]["source"]).startswith("# "):
        cells.insert(1, without_a_kernel(where))
    metadata = {key: value for key, value in notebook["metadata"].items() if key != "widgets"}
    return {**notebook, "cells": cells, "metadata": metadata}


def without_a_kernel(where: str) -> dict[str, Any]:
    """What stands below the title of a page: which of the things that its prose asks for cannot be done here."""
    text = (
        f'<p class="needs">Here you read, bet and step. Running a cell, and keeping a score, need a kernel. {where}</p>'
    )
    return {"cell_type": "markdown", "id": "without-a-kernel", "metadata": {}, "source": text}


def shown(cell: dict[str, Any], state: Mapping[str, Any], where: str) -> dict[str, Any]:
    """One cell: a widget becomes a place for the script, a check becomes a note, and a picture keeps its words."""
    if cell["cell_type"] != "code":
        return {**cell, "source": LINK.sub(to_glossary, joined(cell["source"]))}
    outputs = [marked({**output, **alive(output, state, where)}) for output in cell["outputs"]]
    if found := CHECKS.search(joined(cell["source"])):
        outputs = [{**output, **exercise(output, where, found[1])} for output in outputs]
    words = [output["metadata"]["image/png"]["alt"] for output in outputs if "image/png" in output.get("data", {})]
    metadata = {**cell["metadata"], "mystnb": {"image": {"alt": words[0]}}} if words else cell["metadata"]
    if any(is_a_table(joined(output.get("text", ""))) for output in outputs):
        metadata = {**metadata, "tags": [*metadata.get("tags", ()), "columns"]}
    return {**cell, "outputs": outputs, "metadata": metadata}


def marked(output: dict[str, Any]) -> dict[str, Any]:
    """The output with a mark on each table that its HTML shows as text."""
    data = output.get("data", {})
    if "text/html" not in data:
        return output
    return {**output, "data": {**data, "text/html": PRE.sub(in_columns, joined(data["text/html"]))}}


def in_columns(found: re.Match[str]) -> str:
    """A text as HTML, marked if it is a table."""
    return found[0].replace("<pre", '<pre class="columns"', 1) if is_a_table(unescape(found["text"])) else found[0]


def is_a_table(text: str) -> bool:
    """Whether a text stands in columns, so that it scrolls where prose wraps: most of its lines have a gap."""
    lines = text.splitlines()
    return len(lines) > 1 and 2 * sum(GAP.search(line) is not None for line in lines) > len(lines)


def to_glossary(found: re.Match[str]) -> str:
    """A link to a word of the course as one to the glossary of the site."""
    term = terms_of_the_course()[meant(found["text"])]
    return f'<a class="term" href="../{PAGE}.html#{term.anchor}" title="{escape(term.says)}">{found["text"]}</a>'


@cache
def terms_of_the_course() -> Mapping[str, Term]:
    """The terms of the site by each of their names in lower case."""
    return {name.lower(): term for term in terms() for name in term.names}


def joined(text: str | list[str]) -> str:
    """A text of a notebook file, which may be stored as its lines."""
    return "".join(text)


def alive(output: dict[str, Any], state: Mapping[str, Any], where: str) -> dict[str, Any]:
    """What changes in an output that shows a widget: the place of a player, or the still picture of any other widget.

    Raises:
        ValueError: the notebook does not store the state of that widget.
    """
    data = dict(output.get("data", {}))
    view = data.pop(VIEW, None)
    if view is None:
        return {}
    if view["model_id"] not in state:
        raise ValueError(
            f"the notebook stores no state for the widget {view['model_id']}: run it, and store its outputs"
        )
    model = state[view["model_id"]]["state"]
    still = joined(data.get("text/html", ""))
    known = PLAYERS.get(model.get("_anywidget_id", ""))
    if known is not None:
        kind, traits = known
        data["text/html"] = place(kind, {name: model[name] for name in traits}, still)
        if model.get("options", {}).get("breakable"):
            data["text/html"] += (
                f'<p class="needs">Here the run can be stepped through. Breaking it needs a kernel. {where}</p>'
            )
    return {"data": data}


def place(kind: str, traits: Mapping[str, object], still: str) -> str:
    """Where the script of the site shows a player; the still picture is what is printed, and seen without scripts."""
    still = CAPTION.sub(r"<figcaption>Step \1 of \2.</figcaption>", still)
    told = json.dumps(traits, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c")
    return (
        f'<div class="alive" data-kind="{kind}"><script type="application/json">{told}</script>'
        f'<div class="still">{RUN_THIS_CELL.sub("", still)}</div><div class="live"></div></div>'
    )


def exercise(output: dict[str, Any], where: str, name: str) -> dict[str, Any]:
    """What changes in the output of a check: its task, folds with its hints and solution, and where it can be tried. An answer needs a kernel."""
    data = output.get("data", {})
    task = TASK.sub("", joined(data.get("text/plain", "")))
    if not task:
        return {}
    text = (
        f'<div class="exercise"><p><strong>Your turn.</strong> {escape(task)}</p>'
        f"{folds(name)}<p>Checking an answer needs a kernel, and this page has none. {where}</p></div>"
    )
    return {"data": {"text/html": text, "text/plain": task}}


def folds(name: str) -> str:
    """The hints and the solution of a task, each in a fold of its own, so that one can be opened without the next."""
    asked = tasks().get(name)
    if asked is None:
        return ""
    told = [(f"Hint {number}", f"<p>{escape(hint)}</p>") for number, hint in enumerate(asked.hints, start=1)]
    told.append(("Solution", f"<pre>{escape(asked.solution)}</pre>"))
    return "".join(f"<details><summary>{word}</summary>{text}</details>" for word, text in told)
