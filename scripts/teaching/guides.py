"""The guide of a notebook and the timetable, as Markdown."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import combinations

from scripts.teaching.lesson import Bet, Lesson, pieces

MADE = "<!-- Made by `make teaching` from the notebook and teaching/notes. Change those. -->"
ARTICLE = "What the article says"
THEN = re.compile(r"^(?:### |\*\*)Then and now", re.MULTILINE)
LESSONS = 6
DAY = 9 * 60
"""When a day begins, in minutes after midnight."""

BREAK, LUNCH, AT_MOST, NOON = 15, 60, 90, 12 * 60


def guide(lesson: Lesson) -> str:
    """The guide of one notebook."""
    about = lesson.entry
    head = [f"# {about.number} · {about.title[0].upper()}{about.title[1:]}: guide for teachers", "", MADE, ""]
    head += [f"[The notebook](../../notebooks/{about.file}) asks: {about.question}", ""]
    parts = (_minutes, _bets, _asked, _wrong, _argued, _answers, _tasks)
    return "\n".join([*head, *(line for part in parts for line in part(lesson))]).rstrip() + "\n"


def _minutes(lesson: Lesson) -> Iterator[str]:
    skip = lesson.notes.get("skip", {})
    yield from ("## Minutes", "")
    yield (
        f"Count {lesson.minutes} in class. By the formula the sections take 180 words a minute, 15 seconds a beat, 30 seconds a bet and "
        f"4 minutes a task; the notebook promises about {lesson.stated}, and the longer of both counts."
        + "".join(f" About {minutes} of them are for {what}, and stand in no section." for minutes, what in lesson.open)
    )
    yield from ("", "| section | minutes | may be skipped |", "| --- | --- | --- |")
    for section in lesson.sections:
        left = "; ".join(f"`{cell}`: {skip[cell]}" for cell in section.cells if cell in skip)
        yield f"| {section.title} | {max(1, round(section.minutes))} | {left} |"
    yield ""


def _bets(lesson: Lesson) -> Iterator[str]:
    """What the notebook asks by itself: the class votes before anybody chooses."""
    asked = [(cell, bet) for cell in lesson.widgets for bet in lesson.bets(cell)]
    how = "Let the class vote before you choose. Steps are counted as the player counts them at *Every step*."
    rows = []
    for cell, bet in asked:
        when = f", before step {bet.at} of {bet.steps}" if bet.at else ""
        named = f", bet *{lesson.names[cell]}*" if cell in lesson.names else ""
        rows.append(f"- {place(lesson, cell)}{named}{when}: {bet.prompt} {choices(bet)} {bet.why}".rstrip())
    yield from _listed("What the notebook asks, and when", rows, how, "")


def _listed(title: str, rows: Sequence[str], *before: str) -> Iterator[str]:
    """A section with a list, if there is something to list."""
    if rows:
        yield from (f"## {title}", "", *before, *rows, "")


def place(lesson: Lesson, cell: str) -> str:
    """Where a cell stands, for somebody who looks at the notebook."""
    return f"*{lesson.section_of(cell)}* (`{cell}`)"


def choices(bet: Bet) -> str:
    """The choices in a row, the right one in bold."""
    return "; ".join(f"**{text}**" if n == bet.answer else text for n, text in enumerate(bet.options)) + "."


def _asked(lesson: Lesson) -> Iterator[str]:
    rows = []
    for item in lesson.notes.get("ask", []):
        where = f"{place(lesson, item['cell'])}, before {lesson.where(item['cell'], item['words'])}"
        rows.append(f"- {where} (“{item['words']}”): {item['question']} {item['answer']}")
    yield from _listed("What to ask besides", rows)


def _wrong(lesson: Lesson) -> Iterator[str]:
    rows = []
    for item in lesson.notes.get("wrong", []):
        where = f"{place(lesson, item['cell'])}, {lesson.where(item['cell'], item['words'])}"
        rows.append(f"- *{item['says']}* See {where}: “{item['words']}”. {item['why']}")
    yield from _listed("What many believe, and what refutes it", rows)


def _argued(lesson: Lesson) -> Iterator[str]:
    """The notes, and what the notebook itself says of article and documents."""
    noted = [f"- *{item['point']}* {item['answer']}" for item in lesson.notes.get("argued", [])]
    told = [
        line.replace("](0", "](../../notebooks/0").replace("](1", "](../../notebooks/1")
        for cell in lesson.data["cells"]
        for title, text in pieces(cell)
        if title.startswith(ARTICLE)
        for line in THEN.split(text)[0].splitlines()
        if line.startswith("- ")
    ]
    yield from _listed("What is often argued", [*noted, *told])


def _answers(lesson: Lesson) -> Iterator[str]:
    asked = [f"- {question}{'' if question.endswith('?') else ':'} {answer}" for question, answer in lesson.folds]
    asked += [f"- {one['ask']} **{one['choices'][one['right'] - 1]}.** {one['why']}" for one in lesson.warm_up]
    yield from _listed("Warm-up and folds, with answers", asked)
    yield from ("## Questions that come back", "")
    for item in lesson.recall:
        yield f"- {item.ask} **{item.choices[item.right - 1]}.** {item.why}"
    yield ""


def _tasks(lesson: Lesson) -> Iterator[str]:
    if lesson.tasks:
        yield from ("## Tasks, with solutions", "")
    for name, task in lesson.tasks.items():
        yield from (f"**{name}**{f' (a mission: {task.ways} ways)' if task.ways else ''}: {task.goal}", "")
        yield from (f"{number}. {hint}" for number, hint in enumerate(task.hints, start=1))
        yield from ("", "```python", task.solution, "```", "")


# -- timetable
# --------------------------------------------------------------------------------------------------------------------


def timetable(lessons: Sequence[Lesson]) -> str:
    """One day, and six lessons, from the minutes of the guides."""
    lines = [
        "# Timetable",
        "",
        MADE,
        "",
        "The minutes are those of the guides. Missions are the first to become homework.",
        "",
    ]
    lines += ["## One day", "", "| from | to | what |", "| --- | --- | --- |", *day(lessons), ""]
    lines += [f"## {LESSONS} lessons", "", "| lesson | minutes | notebooks |", "| --- | --- | --- |"]
    for number, group in enumerate(grouped(lessons, LESSONS), start=1):
        names = ", ".join(f"[{item.number} {item.entry.title}](guides/{item.path.stem}.md)" for item in group)
        lines.append(f"| {number} | {sum(item.minutes for item in group)} | {names} |")
    return "\n".join(lines) + "\n"


def day(lessons: Sequence[Lesson]) -> Iterator[str]:
    """The rows of a day: a break before more than 90 minutes have passed, and lunch for the first one after noon."""
    now, since, eaten = DAY, 0, False
    for number, lesson in enumerate(lessons):
        if number and since + lesson.minutes > AT_MOST:
            lunch = not eaten and now + lesson.minutes > NOON
            length, word = (LUNCH, "lunch") if lunch else (BREAK, "break")
            eaten = eaten or lunch
            yield _row(now, now + length, word)
            now, since = now + length, 0
        title = f"[{lesson.number} {lesson.entry.title}](guides/{lesson.path.stem}.md)"
        yield _row(now, now + lesson.minutes, title)
        now, since = now + lesson.minutes, since + lesson.minutes


def _row(start: int, end: int, what: str) -> str:
    return f"| {start // 60:02}:{start % 60:02} | {end // 60:02}:{end % 60:02} | {what} |"


def grouped(lessons: Sequence[Lesson], count: int) -> list[Sequence[Lesson]]:
    """The notebooks in their order, cut so that the longest lesson is as short as can be; of equals, the most even cut."""
    cuts = combinations(range(1, len(lessons)), min(count, len(lessons)) - 1)
    ways = ([lessons[a:b] for a, b in zip((0, *cut), (*cut, len(lessons)), strict=True)] for cut in cuts)
    return min(ways, key=lambda way: sorted((sum(item.minutes for item in group) for group in way), reverse=True))
