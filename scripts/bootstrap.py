"""Make the environment of the course in .venv, from the lock file, and run one task in it.

    python scripts/bootstrap.py            make or refresh the environment
    python scripts/bootstrap.py lab        and open JupyterLab on the first notebook
    python scripts/bootstrap.py test       and run every test

Needs Python 3.11 to 3.14 and nothing else. With uv on the PATH it takes seconds; without, pip takes a minute or two.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
LOCK = ROOT / "requirements" / "lock.txt"
# JupyterLab saves the state of widgets; nbconvert shows the picture of a player, since a page has no kernel.
SETTINGS = (
    ROOT / "share" / "jupyter" / "lab" / "settings" / "overrides.json",
    ROOT / "etc" / "jupyter" / "jupyter_nbconvert_config.json",
)
SUPPORTED = ((3, 11), (3, 14))


def python_of(environment: Path) -> Path:
    """The interpreter of an environment."""
    return environment / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def say(text: str) -> None:
    """Tell the user what happens, at once."""
    print(f"mailflow: {text}", flush=True)


def fail(problem: str, remedy: str) -> int:
    """Say what is wrong and what to do."""
    print(f"\nmailflow: {problem}\n          {remedy}", file=sys.stderr)
    return 1


def stamp() -> str:
    """What the environment was made from; when it changes, the environment is made anew."""
    parts = [
        LOCK.read_bytes(),
        (ROOT / "pyproject.toml").read_bytes(),
        *(path.read_bytes() for path in SETTINGS),
        sys.version.encode(),
    ]
    return hashlib.sha256(b"\0".join(parts)).hexdigest()


def run(*command: str | Path) -> None:
    """Run a command and stop when it fails."""
    subprocess.run([str(part) for part in command], cwd=ROOT, check=True)


def install() -> None:
    """Make the environment, install the pinned packages and mailflow itself, and store JupyterLab's settings in it."""
    uv = shutil.which("uv")
    shutil.rmtree(VENV, ignore_errors=True)
    if uv:
        say("making .venv with uv ...")
        run(uv, "venv", "--quiet", "--python", sys.executable, VENV)
        run(uv, "pip", "install", "--python", python_of(VENV), "--require-hashes", "-r", LOCK)
        run(uv, "pip", "install", "--quiet", "--python", python_of(VENV), "--no-deps", "-e", ROOT)
    else:
        say("making .venv with venv and pip; this takes a minute or two (uv would take seconds) ...")
        run(sys.executable, "-m", "venv", VENV)
        run(
            python_of(VENV),
            "-m",
            "pip",
            "install",
            "--disable-pip-version-check",
            "--progress-bar",
            "on",
            "--require-hashes",
            "-r",
            LOCK,
        )
        run(python_of(VENV), "-m", "pip", "install", "--disable-pip-version-check", "--quiet", "--no-deps", "-e", ROOT)
    for source in SETTINGS:
        target = VENV / source.relative_to(ROOT)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(source, target)
    (VENV / "stamp").write_text(stamp())


TASKS: dict[str, list[list[str]]] = {
    "install": [],
    "lab": [["-m", "jupyterlab", "notebooks/00-start-here.ipynb"]],
    "test": [["scripts/test.py"]],
    "notebooks": [["scripts/notebooks.py"]],
    "lint": [["-m", "ruff", "check", "."], ["-m", "ruff", "format", "--check", "."], ["-m", "mypy"]],
    "bench": [["benchmarks/run.py"]],
}


def main(arguments: list[str]) -> int:
    """Make the environment if needed, then run the task."""
    task = arguments[0] if arguments else "install"
    if task not in TASKS:
        return fail(f"there is no task {task!r}.", f"Choose one of: {', '.join(TASKS)}.")
    if not SUPPORTED[0] <= sys.version_info[:2] <= SUPPORTED[1]:
        found = ".".join(map(str, sys.version_info[:3]))
        return fail(
            f"Python {found} is not supported; 3.11 to 3.14 are.",
            "Install one of them, then: make PYTHON=/path/to/python3.12 " + task,
        )
    try:
        if not (VENV / "stamp").exists() or (VENV / "stamp").read_text() != stamp():
            install()
        for command in TASKS[task]:
            run(python_of(VENV), *command, *arguments[1:])
    except subprocess.CalledProcessError as error:
        if error.returncode > 0 and task not in ("install",) and (VENV / "stamp").exists():
            return error.returncode
        return fail(
            f"this command failed: {' '.join(map(str, error.cmd))}",
            "Its own message stands above. README.md, 'When something fails', has the usual causes.",
        )
    except KeyboardInterrupt:
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
