"""Pip refuses a hash-pinned lock when a package is asked for with an extra and a newer release of it has appeared.

So a lock that was fine on the day it was made could not be installed a week later, and nobody had changed a line. What
is installed here is the lock itself, with such a package held one release back, under the oldest pip that a supported
Python brings and under the newest.
"""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from scripts.installing import LOCKED, PIP

ROOT = Path(__file__).resolve().parents[2]
LEARN = (ROOT / "requirements" / "learn.txt").read_text(encoding="utf-8")
REQUIRES = json.loads((ROOT / "requirements" / "requires.json").read_text(encoding="utf-8"))
ENTRY = r"^{}==[^\\]*\\\n(?: +--hash=.*\n)+"
HELD = "jsonschema"
"""Asked for as ``jsonschema[format-nongpl]``, and made of Python alone."""


def ran(*words: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([str(word) for word in words], capture_output=True, text=True, timeout=280)


def python_with(pip: str, folder: Path) -> Path:
    """A fresh environment with that pip in it."""
    assert ran(sys.executable, "-m", "venv", folder).returncode == 0
    python = folder / "bin" / "python"
    assert ran(python, "-m", "pip", "install", "--quiet", "--upgrade", pip).returncode == 0
    return python


def found(pattern: str, text: str) -> str:
    match = re.search(pattern, text)
    assert match, text
    return match.group()


def held_back(python: Path, folder: Path) -> str:
    """The learner's lock as it would read if it had been made before the last release of one package."""
    printed = ran(python, "-m", "pip", "index", "versions", HELD).stdout
    versions = found(r"(?<=Available versions: ).*", printed).split(", ")
    older = versions[versions.index(found(rf"(?<=\n{HELD}==)\S+", LEARN)) + 1]
    fetched = ran(python, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", folder, f"{HELD}=={older}")
    assert fetched.returncode == 0, fetched.stderr
    (wheel,) = folder.glob("*.whl")
    digest = found(r"sha256:\w+", ran(python, "-m", "pip", "hash", wheel).stdout)
    entry = f"{HELD}=={older} \\\n    --hash={digest}\n"
    text, count = re.subn(ENTRY.format(HELD), lambda _: entry, LEARN, flags=re.MULTILINE)
    assert count == 1
    return text


def test_the_package_held_back_is_asked_for_with_an_extra() -> None:
    askers = [text for item in REQUIRES.values() for text in item["requires"] if text.startswith(HELD)]
    assert any(Requirement(text).extras for text in askers)


@pytest.mark.parametrize("pip", ["pip==23.2.1", "pip"])
def test_the_lock_installs_after_a_newer_release_appeared(pip: str, tmp_path: Path) -> None:
    python = python_with(pip, tmp_path / "environment")
    lock = tmp_path / "lock.txt"
    lock.write_text(held_back(python, tmp_path), encoding="utf-8")
    if pip != "pip":
        resolved = ran(python, "-m", "pip", "install", "--quiet", "--dry-run", "--require-hashes", "-r", lock)
        assert "must have their versions pinned" in resolved.stderr, "this pip would not mind: the test proves nothing"
    done = ran(python, *PIP, *LOCKED, "-r", lock)
    assert done.returncode == 0, done.stderr
