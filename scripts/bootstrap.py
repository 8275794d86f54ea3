"""Make the environment of the course in .venv, from a lock file, and run one task in it.

    python scripts/bootstrap.py lab        open the course in JupyterLab
    python scripts/bootstrap.py test       run every test
    python scripts/bootstrap.py            make or refresh the environment

Needs Python 3.11 to 3.14 and nothing else. With uv on the PATH it takes seconds; without, pip takes half a minute. Only
what a task needs is installed: a learner downloads no browser driver, linter or type checker.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Literal, NamedTuple

if TYPE_CHECKING:
    from scripts.installing import EDITABLE, LOCKED, PIP, InstallError, Progress, counted, run
else:  # run as a file, by a Python that knows no package of ours
    from installing import EDITABLE, LOCKED, PIP, InstallError, Progress, counted, run

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
Role = Literal["learn", "develop", "hub"]
LOCKS: dict[Role, Path] = {
    "learn": ROOT / "requirements" / "learn.txt",
    "develop": ROOT / "requirements" / "develop.txt",
    "hub": ROOT / "requirements" / "hub.txt",
}
SUPPORTED = ((3, 11), (3, 14))


class Task(NamedTuple):
    """What a task runs in the environment, and for whom that environment is made."""

    role: Role
    commands: Sequence[Sequence[str]] = ()


TASKS: dict[str, Task] = {
    "install": Task("learn"),
    "lab": Task("learn", [["-m", "mailflow", "lab"]]),
    "test": Task("develop", [["scripts/test.py"]]),
    "doors": Task("develop", [["-m", "pytest", "-q", "-s", "tests/doors"]]),
    "golden": Task("develop", [["-m", "tests.simulation.test_golden"]]),
    "notebooks": Task("develop", [["-m", "scripts.notebooks"]]),
    "lint": Task(
        "develop",
        [
            ["-m", "ruff", "check", "."],
            ["-m", "ruff", "format", "--check", "."],
            ["-m", "mypy"],
            ["-m", "scripts.spelling"],
            ["-m", "scripts.player_lint"],
            ["-m", "scripts.player_bundle", "--check"],
        ],
    ),
    "hub-install": Task("hub"),
    "hub": Task("hub", [["-m", "jupyterhub", "-f", "hub/jupyterhub_config.py"]]),
    "player-dev": Task("develop", [["-m", "scripts.player_dev"]]),
    "player": Task("develop", [["-m", "scripts.player_bundle"]]),
    "lite": Task("develop", [["-m", "scripts.lite"]]),
    "site": Task("develop", [["-m", "scripts.lite"], ["-m", "scripts.website"]]),
    "teaching": Task("develop", [["-m", "scripts.teaching"]]),
    "bench": Task("develop", [["benchmarks/run.py"]]),
    "soak": Task("develop", [["scripts/soak.py"]]),
    "changelog": Task("develop", [["scripts/changelog.py"]]),
    "lock": Task("develop", [["-m", "scripts.lock"]]),
}


def python_of(environment: Path) -> Path:
    """The interpreter of an environment."""
    return environment / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def say(text: str) -> None:
    """Tell the user what happens, at once."""
    print(f"mailflow: {text}", flush=True)


def fail(problem: str, remedy: str) -> int:
    """Say what is wrong and what to do."""
    print(f"mailflow: {problem} {remedy}", file=sys.stderr)
    return 1


def digest(*parts: bytes) -> str:
    """A fingerprint of what an environment is made from."""
    return hashlib.sha256(b"\0".join(parts)).hexdigest()


def wanted(role: Role) -> dict[str, str]:
    """What the environment must have been made from, by role."""
    made = {"learn": digest(sys.version.encode(), LOCKS["learn"].read_bytes(), (ROOT / "pyproject.toml").read_bytes())}
    return made | ({} if role == "learn" else {role: digest(LOCKS[role].read_bytes())})


def found() -> dict[str, str]:
    """What the environment was made from, as far as it was finished."""
    try:
        stored = json.loads((VENV / "stamp.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return stored if isinstance(stored, dict) and python_of(VENV).exists() else {}


def ready(role: Role) -> bool:
    """Whether the environment is there and up to date."""
    return wanted(role).items() <= found().items()


def packages_folder() -> Path:
    """Where the packages of the environment lie."""
    version = f"python{sys.version_info[0]}.{sys.version_info[1]}"
    return VENV / ("Lib/site-packages" if os.name == "nt" else f"lib/{version}/site-packages")


def make_environment(uv: str | None, log: Path) -> None:
    """An empty environment, instead of whatever is left of an older or unfinished one.

    Raises:
        InstallError: this Python cannot make one.
    """
    shutil.rmtree(VENV, ignore_errors=True)
    if uv:
        return run([uv, "venv", "--quiet", "--allow-existing", "--python", sys.executable, VENV], log)
    try:
        return run([sys.executable, "-m", "venv", VENV], log)
    except InstallError as error:
        remedy = "On Debian and Ubuntu: apt install python3-venv. Anywhere: install uv. Then run the command again."
        raise InstallError("this Python cannot make an environment (its module venv is incomplete).", remedy) from error


def install(role: Role) -> None:
    """Make the environment, or add to it what the role needs on top, and mailflow itself.

    Raises:
        InstallError: a step failed; what was finished before is kept for the next try.
    """
    uv = shutil.which("uv")
    log = ROOT / ".venv-install.log"
    log.unlink(missing_ok=True)
    lock = LOCKS[role]
    how = "with uv, in seconds" if uv else "with pip, in about a minute (uv would take seconds)"
    say(f"installing the pinned packages into .venv {how} ...")
    into: list[str | Path] = [uv, "pip", "install", "--python", python_of(VENV)] if uv else [python_of(VENV), *PIP]
    # Before anything is counted: an old environment goes away first, and its packages would count backwards.
    if not ready("learn"):
        make_environment(uv, log)
    with Progress(counted(lock), packages_folder()) as progress:
        run([*into, *LOCKED, "-r", lock], log, progress)
        run([*into, *EDITABLE, ROOT], log)
        run([python_of(VENV), "-m", "compileall", "-q", ROOT / "mailflow"], log)
    (VENV / "stamp.json").write_text(json.dumps(found() | wanted(role)), encoding="utf-8")


def perform(task: Task, arguments: Sequence[str]) -> int:
    """Run the commands of a task, one after the other, until one fails; its exit status is the result."""
    environment = {**os.environ, "PATH": os.pathsep.join([str(python_of(VENV).parent), os.environ.get("PATH", "")])}
    # Ctrl+C reaches the command as well, which ends in its own time: subprocess.run would kill it after a moment.
    before = signal.signal(signal.SIGINT, lambda *_: None)
    try:
        for command in task.commands:
            words = [str(python_of(VENV)), *command, *arguments]
            if status := subprocess.run(words, cwd=ROOT, env=environment).returncode:
                return status
    finally:
        signal.signal(signal.SIGINT, before)
    return 0


def main(arguments: Sequence[str]) -> int:
    """Make the environment if needed, then run the task."""
    name = arguments[0] if arguments else "install"
    if name not in TASKS:
        return fail(f"there is no task {name!r}.", f"Choose one of: {', '.join(TASKS)}.")
    if not SUPPORTED[0] <= sys.version_info[:2] <= SUPPORTED[1]:
        version = ".".join(map(str, sys.version_info[:3]))
        remedy = f"Install one of them, then: make PYTHON=/path/to/python3.12 {name}"
        return fail(f"Python {version} is not supported; 3.11 to 3.14 are.", remedy)
    task = TASKS[name]
    try:
        if not ready(task.role):
            install(task.role)
        return perform(task, arguments[1:])
    except InstallError as error:
        return fail(error.problem, error.remedy)
    except OSError as error:
        return fail(f"{error.filename}: {error.strerror}.", "Check that the folder can be written and has room.")
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
