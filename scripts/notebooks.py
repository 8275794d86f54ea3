"""Run the notebooks from a fresh kernel and store their outputs, so that running again changes no byte.

    python -m scripts.notebooks [--all | --check] [NOTEBOOK ...]

A notebook is left alone when neither it nor the package nor the lock has changed since its outputs were stored; ``--all``
runs every one, and one that is named is run in any case. With ``--check`` every one is run and nothing is written; the
exit status is 1 when a stored output is out of date.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import nbformat
from nbclient import NotebookClient

from mailflow.trace.packing import unpacked
from scripts.contents import entries, wanted
from scripts.glossary_links import with_links

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "notebooks"
SEEN = ROOT / ".notebooks.json"
"""What the notebooks that need not run again were made from. No part of the project: without it, all run."""

METADATA = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}
PACKED = re.compile(r"H4sI[A-Za-z0-9+/]+=*")
MODEL_ID = re.compile(r"(?<![0-9a-f])[0-9a-f]{32}(?![0-9a-f])")


def executed(path: Path) -> str:
    """The notebook as text after a run, with links to its words and everything that differs from run to run made equal."""
    notebook = nbformat.from_dict(with_links(nbformat.read(path, as_version=4)))
    client = NotebookClient(
        notebook,
        timeout=120,
        kernel_name="python3",
        resources={"metadata": {"path": str(path.parent)}},
        store_widget_state=True,
        coalesce_streams=True,  # when a kernel hands over what it printed is chance
    )
    os.environ["MAILFLOW_PROGRESS"] = "off"  # as somebody who begins
    client.execute()
    return kept(normalised(notebook), path.read_text(encoding="utf-8"))


def kept(text: str, stored: str) -> str:
    """Packed texts as they are stored, where they say the same: each zlib compresses in a way of its own."""
    known = {unpacked(letters): letters for letters in PACKED.findall(stored)}
    return PACKED.sub(lambda found: known.get(unpacked(found.group(0)), found.group(0)), text)


def normalised(notebook: Any) -> str:
    """Fixed metadata, no timings, and widget models numbered in the order in which they appear."""
    widgets = notebook.metadata.get("widgets")
    notebook.metadata = nbformat.from_dict({**METADATA, **({"widgets": widgets} if widgets else {})})
    for cell in notebook.cells:
        cell.metadata.pop("execution", None)
        for output in cell.get("outputs", []):
            output.pop("transient", None)
    text = json.dumps(notebook, indent=1, ensure_ascii=False, sort_keys=True) + "\n"
    names = models(notebook)
    text = MODEL_ID.sub(lambda found: names.get(found.group(0), found.group(0)), text)
    return json.dumps(json.loads(text), indent=1, ensure_ascii=False, sort_keys=True) + "\n"


def models(notebook: Any) -> dict[str, str]:
    """A fixed name for each widget model: shown ones first, in reading order, then what they refer to."""
    state = notebook.metadata.get("widgets", {}).get("application/vnd.jupyter.widget-state+json", {}).get("state", {})
    waiting = [
        output["data"]["application/vnd.jupyter.widget-view+json"]["model_id"]
        for cell in notebook.cells
        for output in cell.get("outputs", [])
        if "application/vnd.jupyter.widget-view+json" in output.get("data", {})
    ]
    order: dict[str, str] = {}
    while waiting or len(order) < len(state):
        if not waiting:
            waiting = sorted(
                (key for key in state if key not in order),
                key=lambda key: json.dumps(state[key].get("state"), sort_keys=True),
            )[:1]
        key = waiting.pop(0)
        if key in order:
            continue
        order[key] = f"{len(order) + 1:032x}"
        inside = json.dumps(state.get(key, {}).get("state", {}), sort_keys=True)
        waiting += [name for name in re.findall(r"IPY_MODEL_([0-9a-f]{32})", inside) if name not in order]
    return order


def made_from(root: Path = ROOT) -> str:
    """A fingerprint of all that a notebook's outputs come from besides itself: the package, the lock, this script."""
    package = (path for path in (root / "mailflow").rglob("*") if path.is_file() and "__pycache__" not in path.parts)
    return fingerprint(
        sys.version, [*package, root / "requirements" / "develop.txt", root / "scripts" / "notebooks.py"]
    )


def fingerprint(start: str, paths: Iterable[Path]) -> str:
    """A fingerprint of files with their names."""
    found = hashlib.sha256(start.encode())
    for path in sorted(paths):
        found.update(f"\0{path.name}\0".encode() + hashlib.sha256(path.read_bytes()).digest())
    return found.hexdigest()


def seen() -> dict[str, str]:
    """From what each notebook was made when its outputs were last stored or found right."""
    try:
        found = json.loads(SEEN.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def remember(path: Path, sources: str) -> None:
    """The outputs in this file are what its cells give with these sources."""
    SEEN.write_text(json.dumps(seen() | {path.name: fingerprint(sources, [path])}, indent=1), encoding="utf-8")


def list_notebooks(*, check: bool) -> int:
    """Bring the lists of notebooks up to date, and return how many were not."""
    stale = {path: text for path, text in wanted(entries()).items() if text != path.read_text(encoding="utf-8")}
    for path, text in stale.items():
        print(f"{path.name} ... {'OUT OF DATE: run `make notebooks`' if check else 'lists the notebooks anew'}")
        if not check:
            path.write_text(text, encoding="utf-8")
    return len(stale)


def refresh(path: Path, *, check: bool) -> bool:
    """Run a notebook and store its outputs if they differ; whether they still do."""
    text = executed(path)
    if text == path.read_text(encoding="utf-8"):
        print("up to date")
    elif check:
        print("OUT OF DATE: run `make notebooks`")
        return True
    else:
        path.write_text(text, encoding="utf-8")
        print(f"stored, {len(text) // 1000} KB")
    return False


def main(arguments: list[str]) -> int:
    """Run the named notebooks, or all that may have changed."""
    check = "--check" in arguments
    named = [Path(name) for name in arguments if not name.startswith("--")]
    every = bool(named) or check or "--all" in arguments
    stale = list_notebooks(check=check)
    sources, known = made_from(), seen()
    for path in named or sorted(FOLDER.glob("*.ipynb")):
        print(f"{path.name} ...", end=" ", flush=True)
        if not every and known.get(path.name) == fingerprint(sources, [path]):
            print("nothing changed since its outputs were stored")
        elif refresh(path, check=check):
            stale += 1
        elif not check:
            remember(path, sources)
    return 1 if stale and check else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
