"""The questions of the course for Moodle, in its format GIFT: those that come back, and those of the players."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from scripts.teaching.lesson import Lesson

SPECIAL = re.compile(r"[\\~=#{}:]")
"""What has a meaning in GIFT; a backslash before it takes that away."""


def escaped(text: str) -> str:
    """A text as GIFT takes it: on one line, with nothing that has a meaning there, and as words and no HTML."""
    return SPECIAL.sub(r"\\\g<0>", " ".join(text.split()))


def plain(text: str) -> str:
    """A choice or a reason, which has the format of its question unless its beginning says another one, or percents."""
    return ("[plain]" if text.startswith(("[", "%")) else "") + escaped(text)


def reason(text: str) -> str:
    """Why an answer is right, or what is shown with it. Each line stays one: what is shown may be a table."""
    lines = filter(str.strip, text.splitlines())
    return r"\n".join(escaped(line) if number else plain(line) for number, line in enumerate(lines))


def question(name: str, ask: str, choices: Sequence[str], right: int, why: str) -> str:
    """One question; ``right`` counts from 0."""
    rows = (f"\t{'=' if number == right else '~'}{plain(text)}\n" for number, text in enumerate(choices))
    return f"::{escaped(name)}::[plain]{escaped(ask)} {{\n{''.join(rows)}\t####{reason(why)}\n}}\n"


def of(lesson: Lesson, seen: set[tuple[str, str]]) -> Iterator[str]:
    """The questions of one notebook, but those that are ``seen``: what several players ask, each at its step, is asked once."""
    yield f"$CATEGORY: mailflow/{lesson.path.stem}\n"
    for item in lesson.recall:
        yield question(item.name, item.ask, item.choices, item.right - 1, item.why)
    for cell in lesson.widgets:
        shown = lesson.told.get(cell, {}).get("shown", "")
        for bet in lesson.bets(cell):
            if (asked := (bet.prompt, bet.options[bet.answer])) not in seen:
                seen.add(asked)
                yield question(f"{cell} {bet.id}", bet.alone, bet.options, bet.answer, bet.why or shown)


def gift(lessons: Sequence[Lesson]) -> str:
    """The whole file."""
    seen: set[tuple[str, str]] = set()
    return "\n".join(["// Made by `make teaching`.\n", *(text for lesson in lessons for text in of(lesson, seen))])
