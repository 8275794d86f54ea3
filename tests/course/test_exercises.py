"""Exercises and missions: right answers pass in several spellings, wrong ones get one line about what happened, silly
ones one clear line, and a check never raises.
"""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

import mailflow
from mailflow.course import ANSWER, LINES, RECORDS, RUN, SCRIPT, SETTINGS, exercise
from mailflow.course.exercises import TASKS, TRIES, goal, tasks
from mailflow.organization import AddressSpace, Organization, SmtpConnector
from mailflow.trace import Trace
from mailflow.transport.parameters import Durations

from .attempts import RIGHT, WRONG, Make

NAMES = list(tasks())
MISSIONS = [name for name, item in tasks().items() if item.ways]
EXERCISES = [name for name in NAMES if name not in MISSIONS]

SPELT = pytest.mark.no_cover
"""Other spellings of one answer take the same way through the judge; another way of a mission takes its own."""
right = [
    pytest.param(name, make, id=f"{name}-{number}", marks=() if name in MISSIONS else SPELT)
    for name in RIGHT
    for number, make in enumerate(RIGHT[name])
]
wrong = [pytest.param(name, make, words, id=f"{name}-{label}") for name in WRONG for label, make, words in WRONG[name]]


@pytest.mark.parametrize(("name", "make"), right)
def test_a_right_answer_passes_however_it_is_written(name: str, make: Make) -> None:
    feedback = mailflow.check(name, make())
    assert feedback.solved is True, feedback
    assert feedback.hints == ()
    assert feedback.solution == ""


@pytest.mark.parametrize(("name", "make", "words"), wrong)
def test_a_wrong_answer_gets_a_line_about_what_happened(name: str, make: Make, words: str) -> None:
    feedback = mailflow.check(name, make())
    assert feedback.solved is False
    assert words in feedback.text
    assert "\n" not in feedback.text


def test_every_exercise_has_ten_wrong_answers_and_every_mission_some() -> None:
    assert set(RIGHT) == set(WRONG) == set(NAMES)
    for name in EXERCISES:
        assert len(WRONG[name]) >= 10, name
    for name in MISSIONS:
        assert len(WRONG[name]) >= 6, name


def cells() -> dict[str, Any]:
    """What the notebook has defined when it comes to an exercise."""
    one = mailflow.load("one server")
    return {
        "mailflow": mailflow,
        "organization": one,
        "replace": replace,
        "AddressSpace": AddressSpace,
        "SmtpConnector": SmtpConnector,
        "careless": mailflow.reconfigure(one, "LON01", relay_mode="all except the list below"),
        "puzzle": mailflow.reconfigure(one, "LON01", authenticated_may_relay=False, relay_list=["192.0.2.0/24"]),
        "split": mailflow.load("two sites"),
        "four": mailflow.load("four corners"),
        "brief": mailflow.brief(),
    }


@pytest.mark.parametrize("name", NAMES)
def test_the_reference_solution_passes_and_says_why(name: str) -> None:
    space = cells()
    exec(tasks()[name].solution, space)
    feedback = mailflow.check(name, space["attempt"])
    assert feedback.solved is True, feedback
    assert "\n# Why: " in tasks()[name].solution


@pytest.mark.parametrize("name", NAMES)
def test_the_stub_is_not_answered_yet(name: str) -> None:
    for stub in (..., None):
        assert repr(mailflow.check(name, stub)) == f"Not answered yet: {goal(name)}"
    assert mailflow.check(name, (1, ..., 3)).solved is None
    if name in MISSIONS:
        assert mailflow.check(name, [..., None, ...]).solved is None
        assert mailflow.check(name, []).solved is None


def silly() -> Iterator[object]:
    """What no exercise takes."""
    yield from (7, 1.5, True, b"bytes", {}, {"a": 1}, object(), ValueError("mine"), mailflow, len, mailflow.load)
    yield from (mailflow.Scenario, lambda: 1, range(3), frozenset(), iter([]), NotImplemented, type)
    yield mailflow.Message.write("anna@contoso.com", "ben@contoso.com")
    yield mailflow.Parameters()


@pytest.mark.parametrize("name", NAMES)
def test_a_silly_answer_gets_one_clear_line_and_costs_no_try(name: str) -> None:
    for attempt in silly():
        feedback = mailflow.check(name, attempt)
        assert feedback.solved is False
        assert "This needs " in feedback.text
        assert ", and you gave " in feedback.text
        assert "\n" not in feedback.text
        assert feedback.hints == ()
    assert "the brackets are missing" in mailflow.check(name, len).text
    assert "you gave the class Scenario itself" in mailflow.check(name, mailflow.Scenario).text


@pytest.mark.parametrize("name", [name for name in NAMES if tasks()[name].takes is not RECORDS])
def test_a_text_is_no_attempt_where_none_is_asked_for(name: str) -> None:
    assert mailflow.check(name, "Carla").text.endswith("and you gave a str.")


@pytest.mark.parametrize("name", NAMES)
def test_attempts_of_another_kind_or_about_nothing_never_raise(name: str) -> None:
    broken = mailflow.Scenario(mailflow.load("one server"))
    vars(broken)["organization"] = None
    empty = mailflow.Scenario(mailflow.load("one server"))
    read = Trace.from_json(empty.run().to_json())
    for attempt in (broken, empty, empty.run(), read, mailflow.load("one server"), "", "x", (1, 2, 3), ()):
        feedback = mailflow.check(name, attempt)
        assert feedback.solved is False
        assert "\n" not in feedback.text


def test_a_trace_that_holds_no_scenario_cannot_be_run_again() -> None:
    letter = mailflow.Message.write("anna@contoso.com", "carla@contoso.com")
    trace = mailflow.Scenario(mailflow.load("one server")).send(letter).run()
    assert mailflow.check("first delivery", trace).solved is True
    read = Trace.from_json(trace.to_json())
    assert mailflow.check("first delivery", read).text.startswith("This trace does not hold its scenario")


def test_a_script_stands_for_its_run_and_no_durations_but_those_of_the_model_do() -> None:
    feedback = mailflow.check("who is wrong", (mailflow.Scenario(mailflow.load("worldwide")), 0, []))
    assert feedback.text == "After 0 seconds no connector is dead."
    slow = mailflow.Parameters(durations=Durations(exipc=3))
    feedback = mailflow.check("first delivery", mailflow.Scenario(mailflow.load("one server"), parameters=slow))
    assert feedback.text.endswith("leave the durations in its parameters alone.")


def test_an_organization_that_cannot_work_is_said_to_be_so_in_one_line() -> None:
    two = mailflow.load("two sites")
    broken = replace(two, connectors=tuple(replace(item, routing_group="Rome") for item in two.connectors))
    feedback = mailflow.check("second bridgehead", broken)
    assert feedback.text.startswith("This organization does not work: ")
    assert not feedback.text.endswith("?.")
    assert mailflow.check("first delivery", mailflow.Scenario(broken)).text.startswith(
        "This organization does not work"
    )


# -- hints and solutions ----------------------------------------------------------------------------------------------


def send(to: str) -> mailflow.Scenario:
    letter = mailflow.Message.write("anna@contoso.com", to)
    return mailflow.Scenario(mailflow.load("one server")).send(letter)


@pytest.mark.parametrize("name", NAMES)
def test_three_hints_come_one_by_one_and_then_the_solution(name: str) -> None:
    asked = tasks()[name]
    assert len(asked.hints) == TRIES == 3
    make = next(make for _, make, _ in WRONG[name] if not asked.ways or not isinstance(make(), list))
    shown = []
    for _ in range(TRIES):
        feedback = mailflow.check(name, make())
        shown.append((feedback.hints, bool(feedback.solution)))
    assert shown == [(asked.hints[:1], False), (asked.hints[:2], False), (asked.hints, True)]
    assert mailflow.check(name, ...).hints == ()


def test_hints_and_the_solution_can_be_asked_for() -> None:
    first, second, *_ = tasks()["first delivery"].hints
    assert mailflow.check("first delivery", ..., show="hint").hints == (first,)
    assert repr(mailflow.check("first delivery", ..., show="hint")).endswith(f"Hint 1: {first}\nHint 2: {second}")
    shown = mailflow.check("first delivery", ..., show="solution")
    assert shown.solution == tasks()["first delivery"].solution
    assert "Solution:\nattempt = mailflow.Scenario(" in repr(shown)
    assert "<details><summary>Solution</summary><pre>attempt" in shown._repr_html_()
    assert "<ol style='margin:4px 0'><li>" in shown._repr_html_()
    solved = mailflow.check("first delivery", send("carla@contoso.com"), show="solution")
    assert solved.solved is True
    assert solved.solution
    assert 'write show="hint" or show="solution"' in mailflow.check("first delivery", ..., show="answer").text


def test_a_name_that_no_exercise_has_is_answered_with_the_one_that_was_meant() -> None:
    assert mailflow.check("first delivry", None).text == (
        "There is no task 'first delivry'. Did you mean 'first delivery'?"
    )
    assert "Did you mean 'first delivery'?" in mailflow.check("FIRST DELIVERY", None).text
    assert "Tasks: first delivery, exipc backs up" in mailflow.check("zzzzzz", None).text


def test_what_learners_wrote_is_escaped() -> None:
    shown = mailflow.check("<b>", None)._repr_html_()
    assert "<b>" not in shown.replace("<b>", "", 1)


# -- missions ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("number", [f"{number:02}" for number in range(3, 11)])
def test_every_notebook_from_03_on_has_two_missions(number: str) -> None:
    assert len([name for name in MISSIONS if tasks()[name].notebook == number]) >= 2


@pytest.mark.parametrize("name", MISSIONS)
def test_the_ways_of_a_mission_are_counted_one_by_one(name: str) -> None:
    attempts = RIGHT[name][0]()
    assert isinstance(attempts, list)
    ways = tasks()[name].ways
    for number, attempt in enumerate(attempts, start=1):
        feedback = mailflow.check(name, attempt)
        assert feedback.text.startswith(f"{number} of {ways} ways found: ")
        assert feedback.solved is (number == ways)
    assert mailflow.progress(tasks()[name].notebook).course == 1


def test_an_attempt_that_is_none_stands_beside_those_that_count() -> None:
    good = RIGHT["the same door"][0]()
    assert isinstance(good, list)
    feedback = mailflow.check("the same door", [good[0], 7, ..., "x"])
    assert feedback.text.startswith(
        "1 of 3 ways found: an MX record. Number 2: This needs the records of a zone, as text, and you gave an int. Number 4: "
    )


def test_a_mission_says_which_attempts_of_the_list_are_the_same_way_and_which_are_none() -> None:
    text = mailflow.check("the same door", ["@ MX 1 a\na A 192.0.2.91", 7, "@ MX 2 b\nb A 192.0.2.91", ..., 8]).text
    assert text == (
        "1 of 3 ways found: an MX record. Numbers 1 and 3 of your list are the same way: an MX record. "
        "Numbers 2 and 5: This needs the records of a zone, as text, and you gave an int."
    )
    assert "Number" not in mailflow.check("the same door", [7]).text
    assert "Number" not in mailflow.check("the same door", {7}).text


# -- exercises from outside -------------------------------------------------------------------------------------------


def test_an_exercise_from_outside_is_checked_like_the_others() -> None:
    def declare(answer: str) -> None:
        @exercise("a cheap line", "Make London-Paris cheaper than 10.", takes=SETTINGS, hints=["Cost."])
        def cheap_line(organization: Organization) -> tuple[bool, str]:
            return organization.connector["London-Paris"].cost < 10, answer

    two = mailflow.load("two sites")
    try:
        declare("first")
        declare("It costs what it costs.")  # as in a cell that runs twice
        assert repr(mailflow.check("a cheap line", ...)) == "Not answered yet: Make London-Paris cheaper than 10."
        assert repr(mailflow.check("a cheap line", two)) == "Not yet: It costs what it costs.\nHint 1: Cost."
        assert mailflow.check("a cheap line", mailflow.reconfigure(two, "London-Paris", cost=3)).solved is True
        assert "needs an organization" in mailflow.check("a cheap line", "3").text
        with pytest.raises(ValueError, match="two exercises are called 'a cheap line'"):
            exercise("a cheap line", "Another one.")(lambda trace: (True, ""))
    finally:
        del TASKS["a cheap line"]
    with pytest.raises(ValueError, match="takes is RUN, SCRIPT, SETTINGS, RECORDS, ANSWER or LINES"):
        exercise("a cheap line", "Make it cheap.", takes=(int,))


def test_a_judge_that_looks_at_one_run_is_given_its_trace() -> None:
    assert {RUN, SCRIPT, SETTINGS, RECORDS, ANSWER, LINES} >= {item.takes for item in tasks().values()}
    try:

        @exercise("any event", "Let anything happen.")
        def any_event(trace: Trace) -> tuple[bool, str]:
            return len(trace) > 0, f"{len(trace)} events."

        assert mailflow.check("any event", send("carla@contoso.com")).text.endswith(" events.")
        assert mailflow.check("any event", send("carla@contoso.com").run()).solved is True
        assert repr(mailflow.check("any event", mailflow.Scenario(mailflow.load("one server")))) == "Not yet: 0 events."
    finally:
        del TASKS["any event"]


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (mailflow.ScenarioError("stop: no service 'SMPT';\n  did you mean 'SMTP'?"), "stop: no service 'SMPT'; did you mean 'SMTP'?"),
        (KeyError("LON99"), "KeyError: 'LON99'"),
    ],
)  # fmt: skip
def test_what_goes_wrong_while_running_is_told_in_one_line(error: Exception, told: str) -> None:
    def judge(trace: Trace) -> tuple[bool, str]:
        raise error

    try:
        exercise("goes wrong", "Let it go wrong.")(judge)
        assert mailflow.check("goes wrong", send("carla@contoso.com")).text == f"Running it failed: {told}"
    finally:
        del TASKS["goes wrong"]


def test_a_trace_whose_recipe_does_not_open_is_said_to_be_so() -> None:
    trace = send("carla@contoso.com").run()
    vars(trace)["recipe"] = "x"
    assert mailflow.check("first delivery", trace).text.startswith("This trace does not hold its scenario")
