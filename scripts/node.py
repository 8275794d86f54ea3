"""Node for those who change the player: where it is, and the packages of package-lock.json, installed when they are asked for.

Node comes as a Python package with the other tools of a developer. Who only learns needs none: the bundles lie ready.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from contextlib import suppress
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LOCK = ROOT / "package-lock.json"
INSTALLED = ROOT / "node_modules" / "installed-from.json"
"""A copy of the lock, beside what was installed from it."""


class NoNodeError(RuntimeError):
    """There is no Node."""


def program(name: str) -> str:
    """Where ``node`` or ``npm`` is: in the environment of this Python, else on the PATH.

    Raises:
        NoNodeError: it is in neither.
    """
    beside = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
    found = shutil.which(name, path=beside)
    if found is None:
        raise NoNodeError(f"there is no {name}: run this through make, which installs it with the other tools.")
    return found


def packages() -> Path:
    """The folder of the packages of package-lock.json, brought up to date.

    Raises:
        NoNodeError: there is no npm.
        subprocess.CalledProcessError: npm failed; it has said why.
    """
    wanted = LOCK.read_text(encoding="utf-8")
    if not INSTALLED.exists() or INSTALLED.read_text(encoding="utf-8") != wanted:
        _install(wanted)
    return INSTALLED.parent


def _install(wanted: str) -> None:
    """Install into a folder of its own, then put it in place: two at once, or one interrupted, leave nothing half."""
    with tempfile.TemporaryDirectory(dir=ROOT, prefix=".node_modules-") as name:
        fresh = Path(name)
        for needed in ("package.json", LOCK.name, ".npmrc"):
            shutil.copy(ROOT / needed, fresh)
        npm("ci", folder=fresh)
        (fresh / "node_modules" / INSTALLED.name).write_text(wanted, encoding="utf-8")
        with suppress(OSError):
            INSTALLED.parent.rename(fresh / "old")
        with suppress(OSError):  # somebody else was faster, with the same
            (fresh / "node_modules").rename(INSTALLED.parent)


def lock() -> None:
    """Work out package-lock.json anew from package.json: versions and hashes, and no addresses.

    Raises:
        NoNodeError: there is no npm.
        subprocess.CalledProcessError: npm failed; it has said why.
    """
    npm("update", "--package-lock-only")
    data = json.loads(LOCK.read_text(encoding="utf-8"))
    for package in data["packages"].values():
        package.pop("funding", None)
    LOCK.write_text(json.dumps(data, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def npm(*arguments: str, folder: Path = ROOT) -> None:
    """Run npm in a folder, by default that of the project."""
    beside = os.pathsep.join([str(Path(program("node")).parent), os.environ.get("PATH", "")])
    command = [program("npm"), *arguments, "--no-progress", "--loglevel=error"]
    subprocess.run(command, cwd=folder, check=True, env={**os.environ, "PATH": beside}, stdout=sys.stderr)


def node(*arguments: str | Path) -> int:
    """Run Node in the folder of the project; its exit status.

    Raises:
        NoNodeError: there is no Node.
    """
    return subprocess.run([program("node"), *arguments], cwd=ROOT).returncode


def tool(*command: str | Path) -> int:
    """Run a command of an installed package, such as ``tool("esbuild/bin/esbuild", "--version")``; its exit status.

    Raises:
        NoNodeError: there is no Node.
    """
    return node(packages() / command[0], *command[1:])
