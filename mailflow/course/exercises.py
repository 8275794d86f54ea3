"""Exercises and missions. A check runs what the learner built, and runs it again under probes. It never compares with
a typed answer, knows none of the wrong ones, and never raises.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from pkgutil import iter_modules

from mailflow.course.feedback import Feedback
from mailflow.course.probes import DAY, Objection
from mailflow.course.progress import Progress
from mailflow.facts.closest import closest
from mailflow.facts.mistake import InputError
from mailflow.facts.words import a, listed
from mailflow.organization import Organization, OrganizationError
from mailflow.organization.check import faults
from mailflow.plain import Plain
from mailflow.simulation import Scenario, ScenarioError
from mailflow.trace import Trace
from mailflow.transport.parameters import Parameters

Verdict = tuple[bool, str]

RUN: tuple[type, ...] = (Scenario, Trace)
SCRIPT: tuple[type, ...] = (Trace, Scenario)
SETTINGS: tuple[type, ...] = (Organization,)
RECORDS: tuple[type, ...] = (str,)
ANSWER: tuple[type, ...] = (tuple,)
LINES: tuple[type, ...] = (list,)
WANTED = {
    RUN: "a scenario or a trace",
    SCRIPT: "a scenario",
    SETTINGS: "an organization",
    RECORDS: "the records of a zone, as text",
    ANSWER: "a trace, a time in seconds and names, as (trace, seconds, names)",
    LINES: "a list of Share lines",
}

NO_SCENARIO = "This trace does not hold its scenario. Give the scenario itself."
TRIES = 3
"""So many wrong attempts bring all hints, and then the solution."""

Judge = Callable[..., Verdict]
"""Who judges an attempt: a function of the one thing that the exercise takes. What that is stands in ``takes`` and is held
against the attempt before the judge sees it, which a type for all exercises in one table cannot say."""


@dataclass(frozen=True, slots=True, repr=False, eq=False)
class Task(Plain):
    """What an exercise asks for, which kinds of attempt it takes, and who judges what came of it.

    ``ways`` is 0 for an exercise; a mission has so many ways to find, and its judge names the one that it saw.
    ``notebook`` is the number of the notebook that asks for it, such as "03"; empty for an exercise from outside.
    """

    goal: str
    judge: Judge
    takes: tuple[type, ...] = RUN
    hints: tuple[str, ...] = ()
    solution: str = ""
    ways: int = 0
    notebook: str = ""


TASKS: dict[str, Task] = {}
"""Every exercise and mission by its name, in the order in which they are declared; see `tasks`."""


@cache
def _files() -> list[str]:
    """The modules that declare what comes with the course, in the order of the notebooks."""
    from mailflow.course import tasks as room  # it declares its tasks with this module

    return sorted(f"{room.__name__}.{item.name}" for item in iter_modules(room.__path__))


def tasks(*, until: str = "", notebook: str = "") -> dict[str, Task]:
    """Every exercise and mission by its name, or those of one notebook.

    With ``until`` files are read until one declares that task: a kernel holds the judges that it needs.
    """
    for module in _files():
        if until in TASKS:
            break
        if module.rsplit(".c", 1)[1].startswith(notebook):
            import_module(module)
    return {name: item for name, item in TASKS.items() if notebook in ("", item.notebook)}


def exercise(
    name: str,
    goal: str,
    *,
    takes: tuple[type, ...] = RUN,
    hints: Iterable[str] = (),
    solution: str = "",
    ways: int = 0,
    notebook: str = "",
) -> Callable[[Judge], Judge]:
    """Declare an exercise, here or outside this package: the function below judges what an attempt came to.

    It gets the trace of a run, or what ``takes`` names instead, and answers whether that solves the task, and with a
    sentence: what happened. The same function declared again takes the place of the first.

    Args:
        name: what `check` is asked for.
        goal: what is to be done, in a sentence.
        takes: RUN (a scenario, which is run for a day, or a trace), SCRIPT (a scenario that the judge runs itself),
            SETTINGS (an organization), RECORDS (a zone), ANSWER or LINES (a list of Share lines).
        hints: what helps, from a nudge to nearly the answer; each wrong attempt brings one more.
        solution: code that solves it, with its reason; shown after `TRIES` wrong attempts or on request.
        ways: for a mission, how many different ways there are to find. The judge then answers with the name of the way
            as its sentence.
        notebook: the number of the notebook that asks for it.

    Raises:
        ValueError: another exercise has that name, or there is no such kind of attempt.
    """
    if not any(takes is kind for kind in WANTED):
        raise InputError(f"{name!r}: takes is RUN, SCRIPT, SETTINGS, RECORDS, ANSWER or LINES, not {takes!r}")

    def declare(judge: Judge) -> Judge:
        known = TASKS[name].judge if name in TASKS else judge
        if (known.__module__, known.__qualname__) != (judge.__module__, judge.__qualname__):
            raise InputError(f"two exercises are called {name!r}: {known.__module__} and {judge.__module__}")
        TASKS[name] = Task(goal, judge, takes, tuple(hints), solution.strip("\n"), ways, notebook)
        return judge

    return declare


def check(task: str, attempt: object, *, show: str = "") -> Feedback:
    """Check an attempt at a task: a scenario (it is run), a trace, an organization, the records of a zone, or an answer.

    ``None`` and ``...`` count as "not answered yet". A mission takes one attempt or a list of them, and counts the ways
    found. Whatever goes wrong while running becomes a hint. Each wrong attempt brings one more hint; after three, the
    solution and its reason can be unfolded.

    Args:
        task: the name of the exercise or mission.
        attempt: what you made.
        show: "hint" for one more hint now, "solution" for the solution.

    Example:
        >>> import mailflow
        >>> mailflow.check("first delivery", ...)
        Not answered yet: Send any message so that Carla receives it.
        >>> message = mailflow.Message.write("anna@contoso.com", "carla@contoso.com")
        >>> mailflow.check("first delivery", mailflow.Scenario(mailflow.load("one server")).send(message))
        Solved: Carla has the message.
    """
    try:
        return _checked(task, attempt, show)
    except Exception as error:  # whatever was given: a list, say, that cannot be gone through
        return Feedback(task if type(task) is str else "", False, _failed(error))


def _checked(task: str, attempt: object, show: str) -> Feedback:
    known = tasks(until=task if isinstance(task, str) else "")
    if not isinstance(task, str) or task not in known:
        like = closest(str(task), known) or closest(str(task).lower(), known)
        remedy = f"Did you mean {like!r}?" if like else f"Tasks: {', '.join(known)}."
        return Feedback(str(task), False, f"There is no task {task!r}. {remedy}")
    asked, progress = known[task], Progress.here()
    if show and show not in ("hint", "solution"):
        return Feedback(task, False, f'check(show={show!r}): write show="hint" or show="solution".')
    feedback = (_mission if asked.ways else _exercise)(task, asked, attempt, progress)
    return _helped(feedback, asked, progress, show)


def _helped(feedback: Feedback, asked: Task, progress: Progress, show: str) -> Feedback:
    """The feedback with the hints and the solution that are due by now."""
    if show:
        progress.asked(feedback.task, show)
    seen = progress.hints(feedback.task) if show or feedback.solved is False else 0
    due = show == "solution" or (feedback.solved is False and seen >= TRIES)
    if feedback.solved and show != "solution":
        return feedback
    hints = asked.hints[:seen]
    return Feedback(feedback.task, feedback.solved, feedback.text, hints, asked.solution if due else "")


def _unanswered(attempt: object) -> bool:
    return (
        attempt is None
        or attempt is ...
        or (isinstance(attempt, (tuple, list)) and any(item is ... for item in attempt))
    )


def _exercise(task: str, asked: Task, attempt: object, progress: Progress) -> Feedback:
    if _unanswered(attempt):
        return Feedback(task, None, asked.goal)
    if fault := _misfit(asked, attempt):
        return Feedback(task, False, fault)
    solved, text = _judged(asked, attempt)
    progress.tried(task, solved)
    return Feedback(task, solved, text)


def _mission(task: str, asked: Task, attempt: object, progress: Progress) -> Feedback:
    """Each attempt of a list is judged by itself. What was found before counts as well."""
    items = list(attempt) if isinstance(attempt, (list, set)) else [attempt]
    tried = {number: item for number, item in enumerate(items, start=1) if not _unanswered(item)}
    if not tried:
        return Feedback(task, None, asked.goal)
    wrong = {number: _misfit(asked, item) for number, item in tried.items()}
    judged = {
        number: (False, wrong[number]) if wrong[number] else _judged(asked, item) for number, item in tried.items()
    }
    found = _numbers((text, number) for number, (solved, text) in judged.items() if solved)
    other = _numbers((text, number) for number, (solved, text) in judged.items() if not solved)
    for way in found:
        progress.tried(task, False, way=way)
    if any(not solved and not wrong[number] for number, (solved, _) in judged.items()):
        progress.tried(task, False)
    ways = dict.fromkeys([*found, *progress.ways(task)])
    count = f"{min(len(ways), asked.ways)} of {asked.ways} ways found"
    if len(ways) >= asked.ways:
        progress.tried(task, True)
    same = [
        f"{_places(numbers)} of your list are the same way: {way}." for way, numbers in found.items() if numbers[1:]
    ]
    said = [
        f"{_places(numbers)}: {text}" if items[1:] and isinstance(attempt, list) else text
        for text, numbers in other.items()
    ]
    lines = [f"{count}: {'; '.join(ways)}." if ways else f"{count}.", *same, *said]
    return Feedback(task, len(ways) >= asked.ways, " ".join(lines))


def _numbers(told: Iterable[tuple[str, int]]) -> dict[str, list[int]]:
    """The places in the list of which the same was said, by what was said."""
    found: dict[str, list[int]] = {}
    for text, number in told:
        found.setdefault(text, []).append(number)
    return found


def _places(numbers: list[int]) -> str:
    return f"{'Numbers' if numbers[1:] else 'Number'} {listed(map(str, numbers))}"


def _misfit(asked: Task, attempt: object) -> str:
    """Why an attempt is none at all, in one line; empty when it is one."""
    if isinstance(attempt, asked.takes):
        return ""
    given = f"the class {attempt.__name__} itself" if isinstance(attempt, type) else a(type(attempt).__name__)
    remedy = " Call it: the brackets are missing." if callable(attempt) and not isinstance(attempt, type) else ""
    return f"This needs {WANTED[asked.takes]}, and you gave {given}.{remedy}"


def _judged(asked: Task, attempt: object) -> Verdict:
    try:
        return asked.judge(_prepared(asked, attempt))
    except Objection as reason:
        return False, str(reason)
    except Exception as error:  # a learner's mistake must end as a hint, whatever it is
        return False, _failed(error)


def _failed(error: Exception) -> str:
    """What went wrong, in one line. An error of a learner's own need not be able to say it."""
    own = isinstance(error, ValueError) and type(error).__module__.startswith("mailflow")
    try:
        said = str(error)
    except Exception:  # as above
        said = ""
    kind = "" if own else f"{type(error).__name__}: "
    return " ".join(f"Running it failed: {kind}{said}".split()).removesuffix(":")


def _prepared(asked: Task, attempt: object) -> object:
    """What the judge is given: a run for those who look at one, a script for those who run it themselves."""
    if asked.takes is SCRIPT and isinstance(attempt, Trace):
        if not attempt.recipe:
            raise Objection(NO_SCENARIO)
        attempt = _repeated(attempt)
    if isinstance(attempt, Scenario) and attempt.parameters.durations != Parameters().durations:
        raise Objection("This is about the model as it comes: leave the durations in its parameters alone.")
    organization = attempt.organization if isinstance(attempt, Scenario) else attempt
    if isinstance(organization, Organization) and (wrong := faults(organization)):
        raise Objection(_broken(wrong[0]))
    return attempt.run(until=DAY) if asked.takes is RUN and isinstance(attempt, Scenario) else attempt


def _repeated(trace: Trace) -> Scenario:
    """The scenario of a trace.

    Raises:
        Objection: no scenario can be made of it; as a rule because its organization does not work.
    """
    from mailflow.simulation import shared  # for a trace alone

    try:
        return shared(trace.share()).scenario
    except ScenarioError as error:
        cause = error.__cause__
        raise Objection(_broken(cause.faults[0]) if isinstance(cause, OrganizationError) else NO_SCENARIO) from error


def _broken(fault: str) -> str:
    return f"This organization does not work: {fault.rstrip('.?')}{'?' if fault.endswith('?') else '.'}"


def goal(task: str) -> str:
    """What a task asks for."""
    return tasks()[task].goal
