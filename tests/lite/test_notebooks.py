"""Notebooks as a page gets them: the same, but for what needs a socket."""

import json
from typing import Any

import pytest

from scripts.lite_notebooks import WHY, in_a_page, need_sockets
from scripts.node import ROOT

NOTEBOOKS = ROOT / "notebooks"


def cells(*sources: str) -> list[dict[str, Any]]:
    return [
        {"cell_type": "code", "id": str(number), "metadata": {}, "source": [text], "outputs": [], "execution_count": 1}
        for number, text in enumerate(sources)
    ]


def test_only_cells_that_open_a_socket_or_live_on_one_are_prose_in_a_page() -> None:
    changed = {}
    for path in sorted(NOTEBOOKS.glob("*.ipynb")):
        before = json.loads(path.read_text(encoding="utf-8"))
        after = in_a_page(before)
        assert [cell["id"] for cell in after["cells"]] == [cell["id"] for cell in before["cells"]]
        pairs = zip(before["cells"], after["cells"], strict=True)
        changed[path.name[:2]] = [(old["source"], new["source"]) for old, new in pairs if old != new]
    assert {number: len(found) for number, found in changed.items() if found} == {"05": 1, "06": 1}
    for old, new in (pair for found in changed.values() for pair in found):
        assert new.startswith(WHY)
        assert "".join(old) in new


def test_a_name_that_is_set_again_needs_no_socket_any_more() -> None:
    live = "from mailflow.live import SmtpServer\nwith SmtpServer(one) as server: taken = 1"
    found = need_sockets(cells("taken = 0", live, "print(taken)", "taken = 2", "print(taken)", "server.port"))
    assert list(found) == ["1", "2", "5"]


@pytest.mark.parametrize(
    ("output", "shown"),
    [
        ({"output_type": "stream", "name": "stdout", "text": ["250 ok\n"]}, "```\n250 ok\n```"),
        ({"output_type": "execute_result", "data": {"text/plain": ["{1: 2}"]}}, "```\n{1: 2}\n```"),
        ({"output_type": "display_data", "data": {"text/html": ["<p>a</p>"], "text/plain": ["a"]}}, "<p>a</p>"),
    ],
)
def test_what_a_cell_gave_is_shown_below_its_code(output: dict[str, Any], shown: str) -> None:
    (cell,) = cells("from mailflow.live import DnsServer\nDnsServer")
    cell["outputs"] = [output]
    (told,) = in_a_page({"metadata": {}, "cells": [cell]})["cells"]
    assert told["cell_type"] == "markdown"
    assert told["source"].endswith(f"There they show:\n\n{shown}")
