"""The linters reach every file of the project, and what is left out is left out by name."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def test_the_linter_reaches_every_file() -> None:
    command = [sys.executable, "-m", "ruff", "check", "--show-files", "."]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    reached = {Path(line) for line in done.stdout.splitlines() if line.endswith(".py")}
    folders = ("mailflow", "tests", "scripts", "benchmarks")
    wanted = {path for folder in folders for path in (ROOT / folder).rglob("*.py")} | {ROOT / "setup.py"}
    assert wanted <= reached
