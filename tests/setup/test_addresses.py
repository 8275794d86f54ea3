"""Addresses in organizations, tests and notebooks are nobody's: they are reserved for documents, or private."""

import ipaddress
import json
import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FOUR = re.compile(r"(?<![\d.])\d{1,3}(?:\.\d{1,3}){3}(?![\d./])")


def texts() -> dict[str, str]:
    found: dict[str, str] = {}
    for folder, pattern in (("mailflow", "*.toml"), ("mailflow", "*.py"), ("tests", "*.py"), ("benchmarks", "*.py")):
        found |= {str(path.relative_to(ROOT)): path.read_text("utf-8") for path in (ROOT / folder).rglob(pattern)}
    for path in (ROOT / "notebooks").glob("*.ipynb"):
        cells = json.loads(path.read_text("utf-8"))["cells"]
        shown = [cell["source"] for cell in cells] + [
            output.get("text", "") for cell in cells for output in cell.get("outputs", ())
        ]
        found[path.name] = "\n".join("".join(text) for text in shown)
    return found


def is_somebodys(text: str) -> bool:
    return ipaddress.IPv4Address(text).is_global


def test_no_address_belongs_to_somebody() -> None:
    real = set()
    for name, text in texts().items():
        for found in FOUR.findall(text):
            backwards = ".".join(reversed(found.split(".")))  # as a block list has them
            if max(map(int, found.split("."))) < 256 and all(map(is_somebodys, (found, backwards))):
                real.add((name, found))
    assert real == set()
