"""Run every test: the rooms and the browser first, then all notebooks against their stored outputs."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TWICE = ("-n", "2", "--dist", "loadfile", "--no-loadscope-reorder")
"""Two processes, a file at a time, in the order of tests/conftest.py: what a file prepares for its tests is prepared once."""


def main(arguments: list[str]) -> int:
    """Run both parts even if the first fails; the result is that of the worse."""
    pytest = [sys.executable, "-m", "pytest", "-q"]
    notebooks = sorted(str(path.relative_to(ROOT)) for path in (ROOT / "notebooks").glob("*.ipynb"))
    print("mailflow: tests of the package and, with Chromium, of the browser side", flush=True)
    coverage = [] if arguments else ["--cov", "--cov-report=term", "--cov-fail-under=100"]
    first = subprocess.run(
        [*pytest, *TWICE, "tests", "--ignore=tests/doors", *coverage, *arguments], cwd=ROOT
    ).returncode
    print("mailflow: notebooks, strictly against their stored outputs", flush=True)
    begins = {**os.environ, "MAILFLOW_PROGRESS": "off"}
    second = subprocess.run([*pytest, "--nbval", *TWICE, *notebooks], cwd=ROOT, env=begins).returncode
    return first or second


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
