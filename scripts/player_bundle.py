"""Bundle the player: the modules and style sheets of mailflow/player become few, small files that a notebook carries.

    python -m scripts.player_bundle            write mailflow/player/bundle anew
    python -m scripts.player_bundle --check    fail if it is not what the sources give

A bundle is named as its entry point. Those for a notebook are ES modules; those for a page, named with ``_page`` or as
``page`` itself, are classic scripts, which a browser also runs from a file, and which define the name given here. A part
holds only what is its own: whatever else it needs it takes from the player that is there already.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tempfile
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path

from scripts.node import ROOT, NoNodeError, packages, program, tool

PLAYER = ROOT / "mailflow" / "player"
BUNDLE = PLAYER / "bundle"
PARTS = tuple(sorted(path.stem for path in (PLAYER / "js").glob("part_*.js")))
MODULES = ("main", "relay_lab", "bet")
SCRIPTS = {"page": "mailflowPlayer", "relay_lab_page": "mailflowRelay"}
STYLES = (*MODULES, *PARTS)
OPTIONS = ("--bundle", "--minify", "--charset=utf8", "--legal-comments=none", "--log-level=warning")
MODULE_OPTIONS = (*OPTIONS, "--target=es2022", "--format=esm")
IMPORT = re.compile(r'import\{([^}]*)\}from"\./\w+\.js";')
"""How esbuild writes that a part takes something from a module which is not in it."""

TERSER = """const [terser, ...files] = process.argv.slice(1);
const { readFileSync, writeFileSync } = await import("node:fs");
const { minify } = (await import(terser)).default;
for (const file of files) {
  const options = { ecma: 2022, module: !file.endsWith("page.js"), compress: { passes: 2 } };
  writeFileSync(file, (await minify(readFileSync(file, "utf8"), options)).code);
}"""
"""Makes files smaller than esbuild leaves them."""


def commands(folder: Path, notes: Path) -> Iterator[list[str | Path]]:
    """The calls of esbuild that make all bundles in a folder but those of parts, with its notes on what went into them."""
    code, style = PLAYER / "js", PLAYER / "css"
    yield [*(code / f"{name}.js" for name in MODULES), *MODULE_OPTIONS, f"--metafile={notes}", f"--outdir={folder}"]
    for name, known in SCRIPTS.items():
        options = ("--target=es2022", "--format=iife", f"--global-name={known}", f"--outfile={folder / name}.js")
        yield [code / f"{name}.js", *OPTIONS, *options]
    yield [*(style / f"{name}.css" for name in STYLES), *OPTIONS, f"--outdir={folder}"]


def build(folder: Path) -> int:
    """Make all bundles in a folder, and the list of views for Python; the status of the first call that failed, or 0.

    Raises:
        LookupError: a part wants what ``shared.js`` does not give.
    """
    with tempfile.TemporaryDirectory() as name:
        notes = Path(name, "notes.json")
        for command in commands(folder, notes):
            if status := tool("esbuild/bin/esbuild", *command):
                return status
        outputs = json.loads(notes.read_bytes())["outputs"]
    (main,) = [output for output in outputs.values() if output["entryPoint"].endswith("/main.js")]
    if status := _parts(folder, {Path(path).name for path in main["inputs"]}, main["exports"]):
        return status
    (folder / "views.json").write_bytes(views("main"))
    (folder / "views_link_state.json").write_bytes(views("whole"))
    terser = (packages() / "terser" / "dist" / "bundle.min.js").as_uri()
    command = [program("node"), "--input-type=module", "--eval", TERSER, terser, *map(str, folder.glob("*.js"))]
    return subprocess.run(command, cwd=ROOT).returncode


def _parts(folder: Path, there: Collection[str], given: Collection[str]) -> int:
    """Make the parts, as modules and as classic scripts, without the modules that are there already."""
    entries = [PLAYER / "js" / f"{name}.js" for name in PARTS]
    outside = [f"--external:./{name}" for name in there]
    if status := tool("esbuild/bin/esbuild", *entries, *MODULE_OPTIONS, *outside, f"--outdir={folder}"):
        return status
    for name in PARTS:
        path = folder / f"{name}.js"
        text = path.read_text(encoding="utf-8")
        taken = [item.split(" as ")[0] for names in IMPORT.findall(text) for item in names.split(",")]
        if missing := sorted({*taken} - {*given}):
            raise LookupError(f"{name} takes {', '.join(missing)} from the player; add it to shared.js")
        path.write_text(IMPORT.sub(r'import{\1}from"mailflow";', text), encoding="utf-8")
        own = IMPORT.sub(lambda found: f"const{{{found[1].replace(' as ', ':')}}}=mailflowPlayer;", text)
        (folder / f"{name}_page.js").write_text(f"(()=>{{{own}}})();\n", encoding="utf-8")
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
    except (NoNodeError, LookupError) as error:
        print(f"mailflow: {error}", file=sys.stderr)
        return 1
    if found:
        print(f"mailflow: stale bundles of the player: {', '.join(found)}. Run: make player", file=sys.stderr)
    return int(bool(found))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
