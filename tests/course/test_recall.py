"""Questions come back after days, the weakest and oldest first; and each is answerable, with a reason."""

from collections import Counter

import pytest

import mailflow
from mailflow.course.exercises import tasks
from mailflow.course.progress import INTERVALS, Progress
from mailflow.course.recall import AT_ONCE, due, questions
from mailflow.facts import cited_in, fact

from .conftest import Calendar

ASKED = "00 scenario"


def names(notebook: str = "") -> list[str]:
    return [item.name for item in due(Progress.here(), notebook)]


@pytest.mark.parametrize("name", questions())
def test_a_question_has_choices_a_right_one_and_a_reason(name: str) -> None:
    item = questions()[name]
    assert 3 <= len(set(item.choices)) == len(item.choices)
    assert 1 <= item.right <= len(item.choices)
    assert item.ask.endswith("?")
    assert item.why.endswith(".")
    assert all(fact(number) for number in cited_in(item.why))
    assert item.choices[item.right - 1] not in item.ask


def test_every_notebook_has_questions_and_the_right_choice_is_not_always_in_one_place() -> None:
    count = Counter(item.notebook for item in questions().values())
    assert set(count) == {item.notebook for item in tasks().values()}
    assert min(count.values()) >= 3
    assert all(number >= 5 for number in Counter(item.right for item in questions().values()).values())


def test_a_right_answer_waits_longer_each_time(calendar: Calendar) -> None:
    right = questions()[ASKED].right
    for days in (*INTERVALS, INTERVALS[-1]):
        assert mailflow.recall(ASKED, right).solved is True
        assert names() == []
        calendar.passes(days - 1)
        assert names() == []
        calendar.passes(1)
        assert names() == [ASKED]


def test_a_right_answer_counts_when_it_is_due_and_not_five_times_in_a_minute(calendar: Calendar) -> None:
    right = questions()[ASKED].right
    for _ in range(5):
        assert mailflow.recall(ASKED, right).text.endswith("It comes again on 06 January 2026.")
    calendar.passes(1)
    assert mailflow.recall(ASKED, right).text.endswith("It comes again on 09 January 2026.")


def test_a_wrong_answer_comes_again_today_and_begins_anew(calendar: Calendar) -> None:
    right = questions()[ASKED].right
    for _ in range(3):
        mailflow.recall(ASKED, right)
    feedback = mailflow.recall(ASKED, 1)
    assert feedback.solved is False
    assert "It comes again today. You chose: A trace and a player." in feedback.text
    assert names() == [ASKED]
    told = mailflow.recall(ASKED, right).text
    assert told.endswith("It comes again on 06 January 2026.")
    assert told.startswith(questions()[ASKED].why)


def test_the_weakest_and_oldest_come_first(calendar: Calendar) -> None:
    mailflow.recall("01 crossing", questions()["01 crossing"].right)
    calendar.passes(1)
    mailflow.recall(ASKED, questions()[ASKED].right)
    mailflow.recall("02 glitch", 1)
    calendar.passes(9)
    assert names() == ["02 glitch", "01 crossing", ASKED]
    assert names("03")[:4] == ["03 lookup", "03 order", "03 expiry", "02 glitch"]


def test_a_notebook_asks_three_at_a_time_and_says_how_many_wait(calendar: Calendar) -> None:
    for name in ("00 inferred", "01 crossing"):
        mailflow.recall(name, 0.5)
        mailflow.recall(name, 2)
    shown = mailflow.progress("03")
    assert len(shown.ask) == AT_ONCE == 3
    assert "To recall today: 3 questions, 2 more wait." in str(shown)
    for item in shown.ask:
        assert f'mailflow.recall("{item.name}", ...)  # the number of your choice' in str(shown)
        assert item.why not in str(shown)


@pytest.mark.parametrize(
    "choice",
    [2, "2", " 2 ", "An organization and a script of timed actions", "an ORGANIZATION and a script of timed actions"],
)
def test_a_choice_may_be_given_in_several_ways(choice: object) -> None:
    assert mailflow.recall(ASKED, choice).solved is True


@pytest.mark.parametrize("choice", [0, 4, -1, "x", "4", "", True, 2.0, [2], (), object, "²"])
def test_what_is_no_choice_is_said_in_one_line_and_costs_nothing(choice: object) -> None:
    feedback = mailflow.recall(ASKED, choice)
    assert feedback.solved is False
    assert "is no choice. Give a number: 1 A trace" in feedback.text
    assert names() == []


def test_a_question_is_asked_again_when_there_is_no_answer_and_named_when_it_is_mistyped() -> None:
    assert mailflow.recall(ASKED, ...).solved is None
    assert mailflow.recall(ASKED, None).solved is None
    assert mailflow.recall("00 scenari", 1).text == "There is no question '00 scenari'. Did you mean '00 scenario'?"
    assert "names those that are due" in mailflow.recall("zzz", 1).text
    assert "There is no question []" in mailflow.recall([], 1).text  # type: ignore[call-overload]  # as a learner may write it


def test_a_question_can_be_asked_by_click() -> None:
    asked = mailflow.recall(ASKED)
    assert str(asked).startswith("Recall: What is a scenario made of?\n  1 ")
    asked.chosen = [questions()[ASKED].right]
    assert Progress.here().box(ASKED) == 0


def test_the_warm_up_asks_three_questions_of_earlier_notebooks_the_weakest_first(calendar: Calendar) -> None:
    known = questions()
    of_two = [item.ask for item in known.values() if item.notebook == "02"]
    assert [item.ask for item in mailflow.recall("03").asked] == of_two
    mailflow.recall("00 inferred", 1)
    mailflow.recall("01 crossing", known["01 crossing"].right)
    first, second, third = mailflow.recall("03").asked
    assert (first.ask, second.ask, third.ask) == (known["00 inferred"].ask, *of_two[:2])
    calendar.passes(1)
    assert [item.ask for item in mailflow.recall("03").asked][:2] == [
        known["00 inferred"].ask,
        known["01 crossing"].ask,
    ]
    made = mailflow.recall("01")
    made.chosen = [item.right for item in made.asked]
    again = mailflow.recall("01").asked
    assert [item.ask for item in again] == [item.ask for item in known.values() if item.notebook == "00"]


@pytest.mark.parametrize("wrong", ["99", "00", "zzz"])
def test_no_notebook_before_it_is_no_question(wrong: str) -> None:
    assert "There is no question" in str(mailflow.recall(wrong))
