"""Bundle the player: the modules and style sheets of mailflow/player become few, small files that a notebook carries.

    python -m scripts.player_bundle            write mailflow/player/bundle anew
    python -m scripts.player_bundle --check    fail if it is not what the sources give

A bundle is named as its entry point. Those for a notebook are ES modules; those for a page are classic scripts, which
a browser also runs from a file, and which define the name given here.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from scripts.node import ROOT, NoNodeError, program, tool

PLAYER = ROOT / "mailflow" / "player"
BUNDLE = PLAYER / "bundle"
MODULES = ("main", "main_link_state", "relay_lab", "bet")
SCRIPTS = {"page": "mailflowPlayer", "page_link_state": "mailflowPlayer", "relay_lab_page": "mailflowRelay"}
STYLES = ("main", "main_link_state", "relay_lab", "bet")
OPTIONS = ("--bundle", "--minify", "--charset=utf8", "--legal-comments=none", "--log-level=warning")
SCRIPT_OPTIONS = (*OPTIONS, "--target=es2022")


def commands(folder: Path) -> Iterator[list[str | Path]]:
    """The calls of esbuild that make all bundles in a folder."""
    code, style = PLAYER / "js", PLAYER / "css"
    yield [*(code / f"{name}.js" for name in MODULES), *SCRIPT_OPTIONS, "--format=esm", f"--outdir={folder}"]
    for name, known in SCRIPTS.items():
        options = ("--format=iife", f"--global-name={known}", f"--outfile={folder / name}.js")
        yield [code / f"{name}.js", *SCRIPT_OPTIONS, *options]
    yield [*(style / f"{name}.css" for name in STYLES), *OPTIONS, f"--outdir={folder}"]


def build(folder: Path) -> int:
    """Make all bundles in a folder, and the list of views for Python; the status of the first call that failed, or 0."""
    for command in commands(folder):
        if status := tool("esbuild/bin/esbuild", *command):
            return status
    (folder / "views.json").write_bytes(views("main"))
    (folder / "views_link_state.json").write_bytes(views("main_link_state"))
    return 0


def views(name: str) -> bytes:
    """The views that an entry point adds, in order, as JSON."""
    code = f"""await import({json.dumps((PLAYER / "js" / f"{name}.js").as_uri())});
    const {{ allViews }} = await import({json.dumps((PLAYER / "js" / "registry.js").as_uri())});
    process.stdout.write(JSON.stringify(allViews()));"""
    command = [program("node"), "--input-type=module", "--eval", code]
    return subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE).stdout


def contents(folder: Path) -> dict[str, bytes]:
    """Every file of a folder."""
    return {path.name: path.read_bytes() for path in folder.glob("*")}


def stale() -> list[str]:
    """The bundles that are not what the sources give."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        if build(folder):
            return ["all of them: they cannot be built"]
        made, stored = contents(folder), contents(BUNDLE)
    return sorted(name for name in {*made, *stored} if made.get(name) != stored.get(name))


def main(arguments: Sequence[str]) -> int:
    """Build, or check."""
    try:
        if "--check" not in arguments:
            return build(BUNDLE)
        found = stale()
    except NoNodeError as error:
        print(f"mailflow: {error}", file=sys.stderr)
        return 1
    if found:
        print(f"mailflow: stale bundles of the player: {', '.join(found)}. Run: make player", file=sys.stderr)
    return int(bool(found))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
