"""Notebooks as the browser edition serves them: the same cells, except for those that open a socket.

A page has no sockets. Whatever asks `mailflow.live` for a listener, and whatever reads what came of it, is shown with its
code and what it gave in JupyterLab, and is not run.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import Any

Json = dict[str, Any]
KERNEL = {"name": "python", "display_name": "Python (Pyodide)", "language": "python"}
WHY = "**Not in a page.** The next lines open a socket, and a page in a browser has none. They run in JupyterLab (`make lab`):"
GAVE = "There they show:"


def in_a_page(notebook: Json) -> Json:
    """The notebook for the kernel of the page."""
    metadata = {**notebook["metadata"], "kernelspec": KERNEL}
    sockets = set(need_sockets(notebook["cells"]))
    cells = [told(cell) if cell["id"] in sockets else cell for cell in notebook["cells"]]
    return {**notebook, "metadata": metadata, "cells": cells}


def need_sockets(cells: list[Json]) -> Iterator[str]:
    """The ids of the cells that import `mailflow.live`, or that read a name which only such a cell sets."""
    unset: set[str] = set()
    for cell in cells:
        if cell["cell_type"] == "code":
            tree = ast.parse("".join(cell["source"]))
            modules = {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
            if "mailflow.live" in modules or unset & set(_read(tree)):
                unset |= set(_set(tree))
                yield cell["id"]
            else:
                unset -= set(_set(tree))


def _read(tree: ast.AST) -> Iterator[str]:
    return (node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load))


def _set(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id
        elif isinstance(node, ast.alias):
            yield (node.asname or node.name).partition(".")[0]


def told(cell: Json) -> Json:
    """A code cell as prose: why it does not run here, its code, and what it gave."""
    parts = [WHY, _fenced("".join(cell["source"]), "python")]
    for output in cell["outputs"]:
        data = output.get("data", {"text/plain": output.get("text", [])})
        if "text/html" in data:
            parts.append(f"{GAVE}\n\n{''.join(data['text/html'])}")
        else:
            parts.append(f"{GAVE}\n\n{_fenced(''.join(data['text/plain']))}")
    return {"cell_type": "markdown", "id": cell["id"], "metadata": {}, "source": "\n\n".join(parts)}


def _fenced(text: str, language: str = "") -> str:
    return f"```{language}\n{text.rstrip()}\n```"
