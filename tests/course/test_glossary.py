"""Every word of the glossary has a sentence and facts, and is found as somebody may write it."""

import subprocess
import sys

import pytest

import mailflow
from mailflow.course.glossary import KINDS, also_called, entries
from mailflow.facts import SURE, fact
from mailflow.messages.dsn import STATUS
from mailflow.tools.events import EVENTS
from mailflow.trace.telling import step_of, tellings
from mailflow.transport import places


@pytest.mark.parametrize("name", entries())
def test_an_entry_says_something_and_names_its_facts(name: str) -> None:
    item = entries()[name]
    assert item.kind in KINDS
    assert item.says.endswith(".")
    assert item.says[0].isupper() or not item.says[0].isalpha()
    assert item.numbers
    assert all(fact(number) for number in item.numbers)
    assert item.sure in SURE
    assert "\n" not in repr(item)
    assert mailflow.what_is(item.name) is item


def test_all_queues_codes_and_events_are_there() -> None:
    for place in (*places.SYSTEM_QUEUES, places.STORE_OUT, places.CLIENT_OUT):
        assert mailflow.what_is(place.partition("/")[2]).kind == "queue"
    for code in STATUS:
        assert mailflow.what_is(code).kind == "status code"
    for kind in tellings().values():
        number = step_of(kind).tracking
        if number is not None:
            assert mailflow.what_is(number).kind == "tracking event"


@pytest.mark.parametrize(
    "word", ["bridgehead", "Bridgeheads", " BRIDGEHEAD ", "bridgehead server", "bridgehead servers"]
)
def test_a_word_is_found_as_somebody_may_write_it(word: str) -> None:
    assert mailflow.what_is(word).name == "bridgehead"


def test_words_of_two_parts() -> None:
    assert mailflow.what_is("front-end  Servers").name == "front-end server"
    assert mailflow.what_is("smtp virtual servers").name == "SMTP virtual server"
    assert mailflow.what_is("back-end").name == "back-end server"
    assert mailflow.what_is("EXIPC")._repr_html_().startswith("<p><b>EXIPC</b> (term): ")


@pytest.mark.parametrize(
    ("word", "name"),
    [("NDR", "non-delivery report"), ("message tracking logs", "message tracking"), ("Active Directory", "directory"), ("virtual servers", "SMTP virtual server"), ("glitch retries", "glitch retry"), ("mx", "MX record"), (4006, "4006"), ("958", "958")],
)  # fmt: skip
def test_a_word_is_found_by_what_else_it_is_called(word: object, name: str) -> None:
    assert mailflow.what_is(word).name == name


def test_an_event_is_as_sure_as_what_a_fact_says_of_it() -> None:
    assert fact("K71").sure == "unconfirmed"
    assert mailflow.what_is(4006).sure == "documented"


def test_a_code_is_as_sure_as_what_the_table_says_of_it() -> None:
    assert fact("T115").sure == "unconfirmed"
    sure = {code: mailflow.what_is(code).sure for code in STATUS}
    assert {code for code, how in sure.items() if how != "documented"} == {"5.5.3"}


def test_an_event_of_the_tracking_log_cites_the_fact_that_names_it() -> None:
    for item in (item for item in entries().values() if item.kind == "tracking event"):
        (number,) = item.numbers
        assert number == ("T170" if int(item.name) <= 1018 else "T171")
        assert item.sure == "documented twice"


def test_the_events_of_the_tracking_log_are_there_for_who_has_just_begun() -> None:
    """Tellings are loaded when somebody needs them, and here nobody has."""
    asked = "import mailflow; print([mailflow.what_is(number).says for number in (1019, 1020, 1031)])"
    done = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == str(["Submitted to advanced queuing.", "MAIL FROM.", "Content transferred."])


def test_another_name_leads_to_one_word_that_is_there() -> None:
    others = [other.lower() for names in also_called().values() for other in names]
    assert len(others) == len(set(others))
    assert not set(others) & set(entries())
    assert {name.lower() for name in also_called()} <= set(entries())


def test_events_of_the_log_are_those_that_the_model_writes() -> None:
    told = {int(item.name) for item in entries().values() if item.kind == "event"}
    assert told - set(EVENTS) == {9548}, "that one is written by the store"


def test_a_notebook_without_new_words_is_named_as_such() -> None:
    with pytest.raises(
        LookupError, match="notebook 11 brings no new words; 00, 01, 02, 03, 04, 05, 06, 07, 08, 09, 10 do"
    ):
        mailflow.what_is("11")


@pytest.mark.parametrize(
    ("word", "hint"),
    [("bridgehad", "did you mean 'bridgehead'?"), ("trackng log", "did you mean 'message tracking'?"), ("5.7.9", "did you mean '5."), ("zzzzzz", "ask for a term"), (None, "has no None"), ([], "has no \\[\\]"), ("", "has no ''")],
)  # fmt: skip
def test_a_word_that_is_not_there_gets_one_line(word: object, hint: str) -> None:
    with pytest.raises(LookupError, match=hint):
        mailflow.what_is(word)
