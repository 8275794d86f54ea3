"""A notebook for students: the same cells, and no answer in it: nothing that was stored by a run, no answers in folds."""

from __future__ import annotations

import json
from typing import Any

from scripts.teaching.lesson import FOLD, Lesson, source

OPEN = r"- \1"


def copy(lesson: Lesson) -> str:
    """The notebook as text."""
    metadata = {key: value for key, value in lesson.data["metadata"].items() if key != "widgets"}
    made = {**lesson.data, "cells": [_cell(cell) for cell in lesson.data["cells"]], "metadata": metadata}
    return json.dumps(made, indent=1, ensure_ascii=False, sort_keys=True) + "\n"


def _cell(cell: dict[str, Any]) -> dict[str, Any]:
    if cell["cell_type"] == "code":
        return {**cell, "outputs": [], "execution_count": None}
    return {**cell, "source": FOLD.sub(OPEN, source(cell))}
