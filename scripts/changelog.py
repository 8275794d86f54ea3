"""Join the fragments in changes/ and what stands under Unreleased into the section of a version.

    python scripts/changelog.py VERSION

A fragment is ``changes/some-words.added.md``, ``.changed.md`` or ``.fixed.md`` and holds one entry without its dash.
"""

from __future__ import annotations

import re
import sys
from datetime import date
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
KINDS = ("added", "changed", "fixed")
UNRELEASED = "## [Unreleased]\n"


def fragments(folder: Path) -> dict[str, list[Path]]:
    """The fragments of each kind, in the order of their names.

    Raises:
        ValueError: a file that is no fragment, or an empty one.
    """
    found: dict[str, list[Path]] = {kind: [] for kind in KINDS}
    for path in sorted(folder.glob("*")):
        name = re.fullmatch(r"[a-z0-9-]+\.(\w+)\.md", path.name)
        if name is None or name[1] not in KINDS:
            raise ValueError(f"{path.name}: call it some-words.KIND.md, where KIND is {', '.join(KINDS)}")
        if not path.read_text(encoding="utf-8").strip():
            raise ValueError(f"{path.name}: it says nothing")
        found[name[1]].append(path)
    return found


def as_entry(text: str) -> str:
    """A fragment as an entry of a list; lines after the first are indented."""
    return "- " + "\n  ".join(line.strip() for line in text.strip().removeprefix("- ").splitlines()) + "\n"


def joined(text: str, version: str, day: date, found: dict[str, list[Path]]) -> str:
    """The changelog in which all that is unreleased makes up the section of a version.

    Raises:
        ValueError: there is no section Unreleased, the version is there already, or nothing has changed.
    """
    before, heading, rest = text.partition(UNRELEASED)
    if not heading:
        raise ValueError(f"there is no line {UNRELEASED.strip()!r}")
    if f"## [{version}]" in text:
        raise ValueError(f"version {version} is there already")
    written, older = re.split(r"(?=^## )|\Z", rest, maxsplit=1, flags=re.MULTILINE)
    lists = dict(
        re.findall(r"^### (\w+)\n\n(.*?\n)(?=\n*(?:^### |\Z))", written.rstrip() + "\n", re.DOTALL | re.MULTILINE)
    )
    for kind, paths in found.items():
        entries = "".join(as_entry(path.read_text(encoding="utf-8")) for path in paths)
        lists[kind.title()] = lists.get(kind.title(), "").rstrip("\n") + "\n" * bool(lists.get(kind.title())) + entries
    sections = [f"### {title}\n\n{entries}\n" for title, entries in lists.items() if entries]
    if not sections:
        raise ValueError("nothing has changed")
    return "".join([before, heading, f"\n## [{version}] - {day}\n\n", *sections, older]).rstrip() + "\n"


def main(arguments: list[str], root: Path = ROOT) -> int:
    """Write the section and remove the fragments that are in it."""
    if len(arguments) != 1 or not re.fullmatch(r"\d+\.\d+\.\d+\S*", arguments[0]):
        print("changelog: say which version, for instance: make changelog VERSION=1.2.0", file=sys.stderr)
        return 1
    path = root / "CHANGELOG.md"
    try:
        found = fragments(root / "changes")
        path.write_text(joined(path.read_text(encoding="utf-8"), arguments[0], date.today(), found), encoding="utf-8")
    except ValueError as error:
        print(f"changelog: {error}", file=sys.stderr)
        return 1
    for fragment in (item for paths in found.values() for item in paths):
        fragment.unlink()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
