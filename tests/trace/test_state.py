"""The state of a trace at any step, and what a broken trace says."""

import pickle
import tomllib
from copy import copy
from importlib.resources import files
from typing import Any

import pytest

import mailflow
import mailflow.transport.tellings
from mailflow.facts import SURE, UnknownFact, cited_in, fact, facts, rule, rule_named, weakest
from mailflow.names import EmailAddress, MailId, MessageId, Place, RuleName, ServerName
from mailflow.trace import State, Telling, clock, telling
from mailflow.trace.clock import seconds_until_open
from mailflow.trace.effects import Added, Created, Effect, Ended


def test_any_step_in_any_order_equals_a_walk() -> None:
    scenario = mailflow.Scenario(mailflow.load("worldwide"))
    for second in range(12):
        scenario.send(mailflow.Message.write("anna@contoso.com", ["world@contoso.com", "kim@fabrikam.com"]), at=second)
    trace = scenario.run()
    assert len(trace) > 1500, "more than one kept state"
    walked = {state.step: state.copy() for state in trace.states() if state.step % 97 == 0}
    for number in sorted(walked, key=lambda n: -n):
        assert trace.at(number) == walked[number]


def test_impossible_effects_are_refused() -> None:
    state, mail, no = State(), MailId("m1.1"), EmailAddress("x@y.example")
    both = (EmailAddress("a@b.example"), EmailAddress("c@d.example"))

    def happens(*effects: Effect, place: Place | None = None) -> None:
        state.apply(0, (0.0, ServerName("S"), Nothing, (), mail, place, effects, RuleName("")))

    happens(Created(MessageId("m1"), mail, both), place=Place("outbox"))
    happens(Ended(mail, 0, "delivered", ""))
    with pytest.raises(ValueError, match="ends twice"):
        happens(Ended(mail, 0, "bounced", ""))
    with pytest.raises(ValueError, match="out of turn"):
        happens(Added(mail, 5, no, "member", 0))


def test_a_step_is_declared_once() -> None:
    with pytest.raises(ValueError, match="declared twice"):
        telling("queuing.submitted", "x", level="story", rules=("submit",), sentence="")(Nothing)


@pytest.mark.parametrize(
    ("sentence", "unsaid", "differs"),
    [("{server} sees {one} and {two}.", (), "two"), ("{mail}.", (), "one"), ("{one}.", ("three",), "three")],
)
def test_a_sentence_and_its_tuple_name_the_same_fields(sentence: str, unsaid: tuple[str, ...], differs: str) -> None:
    with pytest.raises(ValueError, match=f"differ in {differs}$"):
        telling("no.such", "x", level="story", rules=("submit",), sentence=sentence, unsaid=unsaid)(One)


class Nothing(Telling):
    """Nothing at all."""


class One(Telling):
    """One value."""

    one: str


class Two(Telling):
    """Two values."""

    one: str
    two: int


def test_a_telling_is_a_tuple_with_named_fields() -> None:
    told = Two("a", two=2)
    assert tuple(told) == ("a", 2)
    assert told == Two(two=2, one="a")
    assert (told.one, told.two, told._asdict()) == ("a", 2, {"one": "a", "two": 2})
    assert repr(told) == "Two(one='a', two=2)"
    assert pickle.loads(pickle.dumps(told)) == told == copy(told)
    assert type(copy(told)) is Two
    with pytest.raises(AttributeError):
        told.one = "b"  # type: ignore[misc]  # this is what is tried


@pytest.mark.parametrize(
    ("values", "named"), [((), {}), (("a",), {}), (("a", 2, 3), {}), (("a",), {"one": "b"}), (("a", 2), {"three": 3})]
)
def test_values_that_do_not_fit_the_fields_are_refused(values: tuple[Any, ...], named: dict[str, Any]) -> None:
    with pytest.raises(TypeError, match="Two takes one, two"):
        Two(*values, **named)
    with pytest.raises(TypeError, match="Nothing takes nothing"):
        Nothing(*values, 1, **named)


def test_clock_and_schedules() -> None:
    assert clock(3725.5) == "01:02:05.500"
    assert seconds_until_open((), 0) == 0
    assert seconds_until_open(("08:00-10:00",), 0) == 0
    assert seconds_until_open(("20:00-06:00",), 0) == 11 * 3600
    assert seconds_until_open(("20:00-06:00",), 12 * 3600) == 0
    assert seconds_until_open(("20:00-06:00",), 20 * 3600) == 0
    assert seconds_until_open(("10:00-11:00", "09:30-09:40"), 0) == 1800
    assert seconds_until_open(("00:00-00:00",), 5) == 0


def test_facts_are_complete_and_readable() -> None:
    known = facts()
    assert [f"T{n}" for n in range(1, 188) if f"T{n}" not in known] == []
    assert {f"S{n}" for n in range(1, 21)} | {f"C{n}" for n in range(1, 10)} <= set(known)
    assert {f"K{n}" for n in range(1, 125)} | {f"N{n}" for n in range(1, 88)} <= set(known)
    for item in known.values():
        assert item.sure in SURE
        assert item.says.strip()
        assert item.number in str(item)
    with pytest.raises(UnknownFact, match="no fact"):
        fact("T9999")


def test_an_entry_read_alone_says_the_same_as_the_whole_file() -> None:
    whole = tomllib.loads((files("mailflow.facts") / "facts.toml").read_text(encoding="utf-8"))
    titles = whole.pop("sources")
    found = {
        item.number: {
            "sources": list(item.sources),
            "clauses": [{"sure": clause.sure, "says": clause.says} for clause in item.clauses],
            "where": item.where,
            **({"why": item.why} if item.why else {}),
        }
        for item in facts().values()
    }
    for entry in whole.values():
        entry["sources"] = [titles[code] for code in entry["sources"]]
    assert found == whole


def test_citations() -> None:
    assert cited_in("see T64, R100-R103 and O-11; T64 again") == ["T64", "R100", "R101", "R102", "R103", "O-11"]
    assert cited_in("K111-K113, N1-2") == ["K111", "K112", "K113", "N1", "N2"]
    assert weakest(["T1", "T104"]) in SURE
    with pytest.raises(UnknownFact, match="no rule"):
        rule_named("nothing of that name")


def test_a_rule_needs_a_source_and_a_name_of_its_own() -> None:
    @rule
    def a_rule_without_source() -> None:
        """Says nothing."""

    with pytest.raises(ValueError, match="cites no fact"):
        rule_named("a_rule_without_source")
    from mailflow.facts import _RULES

    del _RULES["a_rule_without_source"]

    def submit() -> None:
        """Another one.

        Source: T1.
        """

    with pytest.raises(ValueError, match="two rules are called 'submit'"):
        rule(submit)


def test_the_queues_of_a_server_are_its_own() -> None:
    letter = mailflow.Message.write("anna@contoso.com", ["ben@contoso.com", "kim@fabrikam.com", "pierre@contoso.com"])
    trace = (
        mailflow.Scenario(mailflow.load("two sites"))
        .fail("mail.fabrikam.com")
        .fail("backup.fabrikam.com")
        .fail("London-Paris")
        .send(letter)
        .run(until=5)
    )
    state = trace.at()
    servers = {item.server for item in state.mails.values()}
    assert len(servers) > 1, "mail waits on several servers"
    for server in servers:
        assert {mail for mails in state.queues(server).values() for mail in mails} == {
            mail for mail, item in state.mails.items() if item.server == server
        }
