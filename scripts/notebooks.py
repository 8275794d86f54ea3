"""Run the notebooks from a fresh kernel and store their outputs, so that running again changes no byte.

    python scripts/notebooks.py [--check] [NOTEBOOK ...]

With ``--check`` nothing is written; the exit status is 1 when a stored output is out of date.
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import Any

import nbformat
from nbclient import NotebookClient

from mailflow.trace.packing import unpacked

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "notebooks"
METADATA = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}
PACKED = re.compile(r"H4sI[A-Za-z0-9+/]+=*")
MODEL_ID = re.compile(r"(?<![0-9a-f])[0-9a-f]{32}(?![0-9a-f])")


def executed(path: Path) -> str:
    """The notebook as text after a run, with everything that differs from run to run made equal."""
    notebook = nbformat.read(path, as_version=4)
    client = NotebookClient(
        notebook,
        timeout=120,
        kernel_name="python3",
        resources={"metadata": {"path": str(path.parent)}},
        store_widget_state=True,
    )
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


def main(arguments: list[str]) -> int:
    """Run the named notebooks, or all of them."""
    check = "--check" in arguments
    named = [Path(name) for name in arguments if not name.startswith("--")]
    stale = 0
    for path in named or sorted(FOLDER.glob("*.ipynb")):
        print(f"{path.name} ...", end=" ", flush=True)
        text = executed(path)
        if text == path.read_text(encoding="utf-8"):
            print("up to date")
        elif check:
            stale += 1
            print("OUT OF DATE: run `make notebooks`")
        else:
            path.write_text(text, encoding="utf-8")
            print(f"stored, {len(text) // 1000} KB")
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
