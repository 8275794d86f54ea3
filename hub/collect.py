"""Collect what learners did: their notebooks and progress, copied from the hub's folder into one folder to look through.

    python hub/collect.py handed-in                  from my-hub/learners
    python hub/collect.py handed-in --notebook 09    only notebook 09 and the progress
    python hub/collect.py handed-in --from /srv/hub/learners

Each learner gets a folder of that name. Whatever a learner put in place of a file (a link to somebody else's, a folder,
a pipe, something huge) is left where it is and said in one line. Nothing of a learner's is changed or run.
"""

from __future__ import annotations

import argparse
import os
import shutil
import stat
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
COURSE = "mailflow-course"
MOST_BYTES = 20_000_000
"""A notebook of the course with all its players is a hundred times smaller."""


def wanted(folder: Path, notebook: str) -> Iterator[Path]:
    """What of a learner's folder is handed in."""
    yield from sorted(folder.glob(f"{notebook}*.ipynb"))
    yield from sorted(folder.glob("*progress*.json"))


def fault(path: Path) -> str:
    """Why something is not collected; empty for an honest file."""
    found = path.lstat()
    if not stat.S_ISREG(found.st_mode):
        return "it is no plain file"
    if found.st_size > MOST_BYTES:
        return f"it has {found.st_size:,} bytes, more than {MOST_BYTES:,}"
    return ""


def copy(path: Path, target: Path) -> None:
    """Copy one file. It is opened without following a link, should it have become one a moment ago."""
    target.parent.mkdir(parents=True, exist_ok=True)
    with os.fdopen(os.open(path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0)), "rb") as source, target.open("wb") as out:
        shutil.copyfileobj(source, out)
    times = path.lstat()
    os.utime(target, (times.st_atime, times.st_mtime))


def collect(learners: Path, target: Path, notebook: str = "") -> list[str]:
    """Copy what each learner has, and return a line for each learner and for each thing left out."""
    told = []
    for learner in sorted(item for item in learners.iterdir() if item.is_dir() and not item.is_symlink()):
        copied = 0
        course = learner / COURSE
        for path in () if course.is_symlink() else wanted(course, notebook):
            why = fault(path)
            if why:
                told.append(f"{learner.name}: {path.name} is left out: {why}")
            else:
                copy(path, target / learner.name / path.name)
                copied += 1
        told.append(f"{learner.name}: {copied} {'file' if copied == 1 else 'files'}")
    return told


def main(arguments: Sequence[str] | None = None) -> int:
    """Collect, and say what was found."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("target", type=Path, help="the folder to copy into; what is there from before is replaced")
    parser.add_argument(
        "--from", dest="learners", type=Path, default=ROOT / "my-hub" / "learners", help="the learners' folders"
    )
    parser.add_argument("--notebook", default="", metavar="NN", help="only this one, such as 09")
    options = parser.parse_args(arguments)
    if not options.learners.is_dir():
        print(f"collect: there is no folder {options.learners}; name it with --from", file=sys.stderr)
        return 1
    for line in collect(options.learners, options.target, options.notebook):
        print(line)
    return 0


if __name__ == "__main__":
    sys.exit(main())
