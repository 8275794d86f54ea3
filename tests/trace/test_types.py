"""What the parts of the model hand each other cannot be mixed up: a type checker says so."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SWAPPED = Path(__file__).with_name("swapped.py")


def test_swapped_values_are_refused_and_nothing_else() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "mypy", "--no-error-summary", "--follow-imports=silent", str(SWAPPED)],
        capture_output=True,
        text=True,
        cwd=ROOT,
    )
    refused = {int(line.split(":")[1]) for line in done.stdout.splitlines() if ": error:" in line}
    marked = {number for number, line in enumerate(SWAPPED.read_text().splitlines(), 1) if "  # " in line}
    assert len(marked) >= 10
    assert refused == marked, done.stdout
