"""`mailflow report handed-in`: who solved what, from the notebooks and progress files of a class."""

from __future__ import annotations

import argparse
import csv
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, time
from os import cpu_count
from pathlib import Path

from mailflow.course.exercises import TASKS, tasks
from mailflow.course.handed_in import STATES, WAYS, Done, HandIn, plain, read
from mailflow.course.rerun import MEGABYTES, SECONDS, limits, rerun
from mailflow.facts.words import counted

COLUMNS = ("learner", "notebook", "task", "state", "on", "ways", "late", "source", "told", "remarks")
MOST_BETS = 10
"""So many bets are told: what to talk about in the next lesson."""

FORMULA = tuple("=+-@\t\r")
"""What makes a spreadsheet compute a cell instead of showing it."""


def fill(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    parser.description = (
        "Say who solved what. The folder has a folder for each learner, as hub/collect.py makes them, or files that are named "
        "LEARNER_ and then as in the course. Nothing of a learner's is run, unless --run says so."
    )
    parser.add_argument("folder", type=Path, help="the folder with what was handed in")
    parser.add_argument("--csv", action="store_true", help="print a row for each learner and task, for a spreadsheet")
    parser.add_argument(
        "--due", type=_moment, metavar="TIME", help='mark what is later, such as "2026-10-06" or "2026-10-06 18:00"'
    )
    parser.add_argument("--run", action="store_true", help="run each attempt anew; this runs other people's code")
    parser.add_argument(
        "--seconds",
        type=_number,
        default=SECONDS,
        metavar="NUMBER",
        help=f"with --run: so long may an attempt take, by default {SECONDS}",
    )
    parser.add_argument(
        "--memory",
        type=_number,
        default=MEGABYTES,
        metavar="MB",
        help=f"with --run: so much may it need, by default {MEGABYTES}",
    )


def _moment(text: str) -> datetime:
    """A day means its end."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f'{text!r} is no time; write "2026-10-06 18:00"') from error
    found = found.astimezone().replace(tzinfo=None) if found.tzinfo else found
    return found if len(text) > 10 else datetime.combine(found.date(), time.max)


def _number(text: str) -> int:
    if text.isdecimal() and 0 < int(text) < 100_000:
        return int(text)
    raise argparse.ArgumentTypeError(f"{text!r} is no number from 1 to 99999")


def run(options: argparse.Namespace) -> int:
    """Read the folder, and print what it says."""
    found = read(options.folder, options.due)
    if options.run:
        attempts = counted(sum(len(mine.attempts) for mine in found), "attempt")
        whose = f"{attempts} of {counted(len(found), 'learner')}"
        told = f"This runs other people's code on this machine: {whose}, {limits(options.seconds, options.memory)}."
        print(f"{told}\nIt is no sandbox: stop now (Ctrl+C) if you do not trust them.", file=sys.stderr)  # noqa: T201
        run_all(found, options.seconds, options.memory)
    if options.csv:
        write = csv.writer(sys.stdout, lineterminator="\n")
        write.writerow(COLUMNS)
        write.writerows(rows(found))
        return 0
    for line in table(found):
        print(line)  # noqa: T201
    return 0


def run_all(found: Sequence[HandIn], seconds: int, megabytes: int) -> None:
    """Judge every attempt anew. What a run says counts, whatever stored outputs and progress say."""
    work = [(mine, attempt) for mine in found for attempt in mine.attempts]
    with ThreadPoolExecutor(cpu_count() or 1) as pool:
        answers = list(pool.map(lambda item: rerun(item[1], seconds, megabytes), work))
    told: dict[tuple[str, str], Done] = {}
    for (mine, attempt), (solved, text) in zip(work, answers, strict=True):
        state = {True: STATES[2], False: STATES[1], None: STATES[0]}[solved]
        key = (mine.learner, attempt.task)
        if key not in told or STATES.index(state) > STATES.index(told[key].state):
            told[key] = replace(mine.done[attempt.task], state=state, source="run", told=text)
    for mine in found:
        for task, known in [*mine.done.items()]:
            now = told.get((mine.learner, task))
            if now is None:
                continue
            if known.state == "solved" and now.state != "solved":
                some = _some_ways(now)
                finds = f"finds {some}; the others stand in the {known.source} alone" if some else "does not"
                mine.remarks.append(f"{task}: the {known.source} says solved, and the run {finds}")
                if some:
                    continue
            mine.done[task] = now
        alone = sum(done.state == "solved" and done.source == "progress" for done in mine.done.values())
        if alone:
            mine.remarks.append(
                f"{counted(alone, 'task')} solved by the progress alone: no attempt was handed in to run"
            )


def _some_ways(done: Done) -> str:
    """Of a mission that is not solved, which ways were found, such as "1 of 3 ways found"; empty where none was.

    Ways may have been found one after another in one cell, of which the last is left: a run does not know the others.
    """
    ways = WAYS.search(done.told)
    return ways[0].removesuffix(" found") if ways and int(ways[1]) else ""


# -- what is printed
# --------------------------------------------------------------------------------------------------------------------


def rows(found: Sequence[HandIn]) -> Iterator[list[str]]:
    """A row for each learner and task. What a spreadsheet would compute is quoted."""
    for mine in found:
        remarks = "; ".join(mine.remarks)
        for name, task in tasks().items():
            done = mine.done.get(name, Done(name, "not handed in"))
            late = "late" if done.late else ""
            ways = str(done.ways) if task.ways else ""
            cells = [mine.learner, task.notebook, name, done.state, str(done.on or ""), ways, late, done.source]
            yield [_cell(text) for text in (*cells, done.told, remarks)]


def _cell(text: str) -> str:
    shown = plain(text)
    return f"'{shown}" if text.startswith(FORMULA) else shown


def table(found: Sequence[HandIn]) -> Iterator[str]:
    """Who solved how much of which notebook, how many solved which task, and what is to be said of whom."""
    numbers = sorted({task.notebook for task in tasks().values() if task.notebook})
    names = [_short(mine.learner) for mine in found]
    width = max(map(len, (*names, "learner")))
    yield f"{'learner':{width}}  {'  '.join(f'{number:>4}' for number in numbers)}   all"
    for name, mine in zip(names, found, strict=True):
        each = "  ".join(f"{_count(mine, number):>4}" for number in numbers)
        solved = sum(done.state == "solved" for done in mine.done.values())
        yield f"{name:{width}}  {each}  {solved:4}".rstrip()
    yield "2/3 = two of three solved, * = one of them late, . = not handed in"
    yield from ("", *_tasks(found))
    if lost := _bets(found):
        yield from ("", *lost)
    remarks = [f"{name}: {remark}" for name, mine in zip(names, found, strict=True) for remark in mine.remarks]
    if remarks:
        yield from ("", *remarks)


def _short(name: str) -> str:
    shown = plain(name)
    return shown if len(shown) <= 28 else f"{shown[:27]}…"


def _count(mine: HandIn, number: str) -> str:
    wanted = tasks(notebook=number)
    done = [mine.done[name] for name in wanted if name in mine.done]
    solved = [item for item in done if item.state == "solved"]
    if not done and number not in mine.notebooks:
        return "."
    return f"{len(solved)}/{len(wanted)}{'*' if any(item.late for item in solved) else ''}"


def _tasks(found: Sequence[HandIn]) -> Iterator[str]:
    width = max(map(len, TASKS))
    yield f"{'task':{width + 4}}solved  tried"
    for name, task in tasks().items():
        states = [mine.done[name].state for mine in found if name in mine.done]
        yield f"{task.notebook:4}{name:{width}}{states.count('solved'):6}{states.count('tried'):7}"


def _bets(found: Sequence[HandIn]) -> list[str]:
    """The bets that most of those who placed them lost, the hardest first: what a class believes before it looks.

    A bet of one learner alone says nothing of a class, and may be one that somebody made up.
    """
    placed = {name: [mine.bets[name] for mine in found if name in mine.bets] for mine in found for name in mine.bets}
    told = [(answers.count(True), len(answers), _short(name)) for name, answers in placed.items() if len(answers) > 1]
    hard = sorted(item for item in told if 2 * item[0] < item[1])
    hard.sort(key=lambda item: item[0] / item[1])
    lines = [f"{name:{max(map(len, TASKS)) + 4}}{right:6}{number:7}" for right, number, name in hard[:MOST_BETS]]
    return [f"{'bet that most lost':{max(map(len, TASKS)) + 4}}   won placed", *lines] if lines else []
