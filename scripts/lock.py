"""Work out the pinned versions anew: what a learner needs, what a developer needs, and what each pin asks for itself.

    python -m scripts.lock

Writes ``requirements/learn.txt`` and ``requirements/develop.txt`` (all that ``learn.txt`` has, at the same versions, and
more), with hashes and for every supported system and Python, and beside them ``requirements/requires.json``: the
requirements that each pinned package states in its own metadata. With them a test proves that nothing is missing, so
that nothing has to be resolved at installation. ``package-lock.json`` holds the tools for the sources of the player.

``requirements/lite.txt`` and ``requirements/lite-requires.json`` are the same for the browser edition: pure wheels only,
one hash each, for the Python of Pyodide.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from scripts import node

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "requirements"
LEARN, DEVELOP, REQUIRES = FOLDER / "learn.txt", FOLDER / "develop.txt", FOLDER / "requires.json"
HUB = FOLDER / "hub.txt"
"""What a class server needs: all that ``learn.txt`` has, and JupyterHub, at the versions of ``develop.txt``."""
HELD = FOLDER / "held.in"
"""What is held below a release, and why."""
LITE_IN, LITE, LITE_REQUIRES = FOLDER / "lite.in", FOLDER / "lite.txt", FOLDER / "lite-requires.json"
LITE_PYTHON = "3.14"
"""The Python of the pyodide that package.json names."""
LITE_TARGET = ("--platform", "any", "--implementation", "py", "--abi", "none", "--python-version", LITE_PYTHON)
LITE_WITHOUT = ("jupyterlab", "matplotlib")
"""What mailflow asks for and a page cannot have: JupyterLite stands for the one, tables for the other."""
LITE_STAND_IN = "widgetsnbextension"
"""ipywidgets asks for it, for a server; the kernel brings an empty one."""
PIN = re.compile(r"^([A-Za-z0-9._-]+==[^\s;\\]+)(?: ; ([^\\\n]+))?", re.MULTILINE)


def compiled(group: str, output: Path, *constraints: str | Path) -> None:
    """Let uv choose versions for a group of pyproject.toml; pins that still fit stay as they are."""
    options = ["--group", group, "--universal", "--python-version", "3.11", "--generate-hashes"]
    resolved("pyproject.toml", output, *options, *constraints)


def resolved(wanted: str | Path, output: Path, *options: str | Path) -> None:
    """Let uv choose versions, and write down no index."""
    command = ["uv", "pip", "compile", wanted, "--output-file", output, *options]
    command += ["--quiet", "--no-emit-index-url", "--no-header", "--no-annotate"]
    subprocess.run([*map(str, command)], cwd=ROOT, check=True)


def pins(lock: Path) -> dict[str, str]:
    """The pins of a lock, each with its marker; the marker is empty where the pin holds everywhere."""
    return {pin: (marker or "").strip() for pin, marker in PIN.findall(lock.read_text(encoding="utf-8"))}


def target(marker: str) -> tuple[str, ...]:
    """For which system and Python to ask for a pin that is not meant for all of them, as options of pip."""
    system = {"'win32'": "win_amd64", "'nt'": "win_amd64", "'darwin'": "macosx_11_0_arm64"}
    platform = next((tag for name, tag in system.items() if f"== {name}" in marker and "or" not in marker), "")
    older = re.search(r"python_full_version < '3\.(\d+)", marker)
    newer = re.search(r"python_full_version >= '3\.(\d+)", marker)
    python = f"3.{int(older.group(1)) - 1 if older.group(1) != '11' else 11}" if older else ""
    python = f"3.{max(int(newer.group(1)), 12)}" if newer else python
    options = (["--platform", platform] if platform else []) + (["--python-version", python] if python else [])
    return (*options, "--only-binary=:all:", "--target", "unused") if options else ()


def asked(wanted: Iterable[str], options: Iterable[str]) -> Iterator[tuple[str, dict[str, object]]]:
    """What the metadata of these pins says, without installing one."""
    for pin, item in reported(wanted, options):
        metadata = item["metadata"]
        requires = sorted(metadata.get("requires_dist", []))
        yield pin, {"python": metadata.get("requires_python", ""), "requires": requires}


def reported(wanted: Iterable[str], options: Iterable[str]) -> Iterator[tuple[str, dict[str, Any]]]:
    """What pip would install for these pins, each with its metadata and the hash of the file that it chose."""
    with tempfile.TemporaryDirectory() as folder:
        listed, report = Path(folder, "pins.txt"), Path(folder, "report.json")
        listed.write_text("\n".join(wanted), encoding="utf-8")
        command = [sys.executable, "-m", "pip", "install", "--quiet", "--dry-run", "--ignore-installed", "--no-deps"]
        command += ["--disable-pip-version-check", "--ignore-requires-python"]
        command += ["--report", str(report), "--requirement", str(listed), *options]
        subprocess.run(command, cwd=folder, check=True)
        for item in json.loads(report.read_text(encoding="utf-8"))["install"]:
            name = re.sub(r"[._-]+", "-", item["metadata"]["name"]).lower()
            yield f"{name}=={item['metadata']['version']}", item


def lock_lite() -> None:
    """Lock the browser edition: the versions of ``develop.txt`` where they are there, and nothing but pure wheels.

    What uv would also take, a wheel for one system, may not stay in the lock: its hash is left out.
    """
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["dependencies"]
    wanted = [text for text in project if not text.startswith(LITE_WITHOUT)]
    with tempfile.TemporaryDirectory() as folder:
        listed, chosen = Path(folder, "lite.in"), Path(folder, "lite.txt")
        listed.write_text("\n".join([LITE_IN.read_text(encoding="utf-8"), *wanted]), encoding="utf-8")
        options = ["--python-platform", "wasm32-pyodide2024", "--python-version", LITE_PYTHON]
        options += ["--no-python-downloads", "--only-binary", ":all:", "--no-emit-package", LITE_STAND_IN]
        resolved(listed, chosen, *options, "--constraint", str(DEVELOP))
        names = [*pins(chosen)]
    found = dict(reported(names, [*LITE_TARGET, "--only-binary=:all:", "--target", "unused"]))
    hashes = {pin: item["download_info"]["archive_info"]["hashes"]["sha256"] for pin, item in found.items()}
    LITE.write_text("".join(f"{pin} \\\n    --hash=sha256:{hashes[pin]}\n" for pin in sorted(hashes)), encoding="utf-8")
    requires = {pin: sorted(item["metadata"].get("requires_dist", [])) for pin, item in sorted(found.items())}
    LITE_REQUIRES.write_text(json.dumps(requires, indent=1) + "\n", encoding="utf-8")


def main() -> int:
    """Write all locks, and what stands beside them."""
    compiled("build", LEARN, "--constraint", HELD)
    compiled("develop", DEVELOP, "--constraint", LEARN)
    compiled("hub", HUB, "--constraint", DEVELOP)
    by_target: dict[tuple[str, ...], list[str]] = {}
    for pin, marker in pins(DEVELOP).items():
        by_target.setdefault(target(marker), []).append(pin)
    found = {pin: says for options, wanted in by_target.items() for pin, says in asked(wanted, options)}
    REQUIRES.write_text(json.dumps(dict(sorted(found.items())), indent=1) + "\n", encoding="utf-8")
    lock_lite()
    node.lock()
    return 0


if __name__ == "__main__":
    sys.exit(main())
