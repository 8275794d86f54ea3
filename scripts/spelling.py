"""Look for misspelt words in prose, code, comments, and the cells of notebooks.

    python -m scripts.spelling

Words that codespell takes for others and that are right here stand in ``[tool.codespell]`` of pyproject.toml. Of a notebook
its cells are read: what it stores besides is no prose.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
KINDS = {".py", ".md", ".toml", ".js", ".mjs", ".ts", ".css", ".html", ".yml", ".yaml", ".cff", ".in", ""}
LEFT_OUT = ("mailflow/player/bundle/", "tests/simulation/golden/", "node_modules/", "requirements/")
"""What a program makes, or others wrote."""


def listed(root: Path = ROOT) -> list[str]:
    """Every file of the project that git knows or would take."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=True)
    return [name for name in done.stdout.splitlines() if (root / name).is_file()]


def prose(names: list[str]) -> Iterator[str]:
    """Those of the files that somebody wrote."""
    return (name for name in names if Path(name).suffix in KINDS and not name.startswith(LEFT_OUT))


def cells(notebook: str) -> str:
    """The sources of a notebook's cells, each line behind the id of its cell, as codespell then names the place."""
    found = json.loads(notebook)["cells"]
    return "".join(f"{cell['id']}: {line}\n" for cell in found for line in "".join(cell["source"]).splitlines())


def main() -> int:
    """Read everything; the exit status is that of codespell: how many words it found."""
    names = listed()
    with tempfile.TemporaryDirectory() as folder:
        copies = []
        for name in (name for name in names if name.endswith(".ipynb")):
            copy = Path(folder, f"{Path(name).name}.txt")
            copy.write_text(cells((ROOT / name).read_text(encoding="utf-8")), encoding="utf-8")
            copies.append(str(copy))
        command = [
            sys.executable,
            "-m",
            "codespell_lib",
            "--context",
            "0",
            "--toml",
            "pyproject.toml",
            *prose(names),
            *copies,
        ]
        return subprocess.run(command, cwd=ROOT).returncode


if __name__ == "__main__":
    sys.exit(main())
