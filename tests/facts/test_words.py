"""Words that go with a number or with the next word."""

import pytest

import mailflow
from mailflow.facts.words import a, counted, listed


@pytest.mark.parametrize(("number", "said"), [(0, "0 messages"), (1, "1 message"), (2, "2 messages")])
def test_what_is_counted_stands_in_the_plural_unless_there_is_one(number: int, said: str) -> None:
    assert counted(number, "message") == said


@pytest.mark.parametrize(("word", "said"), [("int", "an int"), ("list", "a list"), ("Organization", "an Organization")])
def test_the_article_goes_with_the_word(word: str, said: str) -> None:
    assert a(word) == said


def test_what_there_is_one_of_is_told_so() -> None:
    message = mailflow.Message.write("anna@contoso.com", "ben@contoso.com")
    scenario = mailflow.Scenario(mailflow.load("one server")).send(message)
    assert repr(scenario) == "Scenario in 'Contoso' with 1 action"
    assert repr(scenario.run()) == "Trace of 14 events, 1 message, in 'Contoso'"


def test_things_stand_in_a_row_as_a_person_says_them() -> None:
    assert [listed(items) for items in ("", "A", "AB", "ABC")] == ["", "A", "A and B", "A, B and C"]
    assert listed(iter("AB"), "or") == "A or B"
