"""Write everything for teachers: `make teaching`, or `python -m scripts.teaching`; with ``--check``, only say what is stale."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from scripts.teaching import gift, guides, slides, student
from scripts.teaching.lesson import FOLDER, Lesson, course


def committed(lessons: Sequence[Lesson]) -> dict[str, str]:
    """The text of every file that git keeps, by its name below the folder."""
    made = {f"guides/{item.path.stem}.md": guides.guide(item) for item in lessons}
    return made | {"timetable.md": guides.timetable(lessons), "questions.gift": gift.gift(lessons)}


def built(lessons: Sequence[Lesson]) -> dict[str, str]:
    """The text of every file that is made anew where it is needed."""
    copies = {f"build/students/{item.path.name}": student.copy(item) for item in lessons}
    return copies | {f"build/slides/{item.path.stem}.html": slides.page(item) for item in lessons}


def stale(lessons: Sequence[Lesson], folder: Path = FOLDER) -> list[str]:
    """The committed files that say something else than they should, are missing, or belong to no notebook."""
    wanted = committed(lessons)
    there = {f"guides/{path.name}" for path in (folder / "guides").glob("*.md")}
    differing = [name for name, text in wanted.items() if not _says(folder / name, text)]
    return sorted({*differing, *(there - wanted.keys())})


def _says(path: Path, text: str) -> bool:
    return path.is_file() and path.read_text(encoding="utf-8") == text


def write(lessons: Sequence[Lesson], folder: Path = FOLDER) -> None:
    """Write every file, and remove the guides of notebooks that are gone."""
    wanted = committed(lessons)
    for path in (folder / "guides").glob("*.md"):
        if f"guides/{path.name}" not in wanted:
            path.unlink()
    for name, text in (wanted | built(lessons)).items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8", newline="\n")


def main(words: Sequence[str]) -> int:
    """Write, or check; what is wrong with the notes is said in one line."""
    try:
        lessons = course()
        if "--check" in words:
            old = stale(lessons)
            print(
                *(f"teaching/{name} is out of date: run `make teaching`" for name in old),
                sep="\n",
                end="\n" if old else "",
            )
            return 1 if old else 0
        write(lessons)
    except ValueError as error:
        print(f"teaching: {error}", file=sys.stderr)
        return 1
    for item in lessons:
        if not item.notes:
            print(
                f"notebook {item.number} has no notes: its guide has what it says itself (teaching/notes/{item.number}.toml)"
            )
    print(
        f"wrote guides, timetable and questions for {len(lessons)} notebooks, and copies and slides in {FOLDER / 'build'}"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
