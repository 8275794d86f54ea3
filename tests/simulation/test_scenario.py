"""The scenario's own interface: errors that help, and scripts that read well."""

import gc
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

import mailflow
from mailflow.simulation import Scenario
from mailflow.trace import Trace, TraceError


@pytest.fixture
def scenario() -> Scenario:
    return mailflow.Scenario(mailflow.load("two sites"))


@pytest.mark.parametrize(
    ("call", "text"),
    [
        (lambda s: s.stop("SMPT", "LON01"), "did you mean 'SMTP'?"),
        (lambda s: s.stop("SMTP"), "say on which server"),
        (lambda s: s.stop("SMTP", "LON9"), "no server 'LON9'; did you mean"),
        (lambda s: s.stop("antivirus", "LON01"), "LON01 has no virus scanner; its server needs antivirus = true"),
        (lambda s: s.fail("London-Pariss"), "did you mean 'London-Paris'?"),
        (lambda s: s.fail("x" * 50), "there is"),
        (lambda s: s.freeze("DSN messages pending submission", "LON01"), "is a system queue"),
        (lambda s: s.send(mailflow.Message.write("a@b.example", "c@d.example"), by="mapi"), "has no mailbox"),
        (lambda s: s.send(mailflow.Message.write("a@b.example", "c@d.example"), by="fax"), "a message enters by"),
        (lambda s: s.send(mailflow.Message.write("a@b.example", "c@d.example"), at=-1), "0 or more"),
        (lambda s: s.send(mailflow.Message.write("a@b.example", "c@d.example"), at=float("nan")), "0 or more"),
    ],
)
def test_wrong_actions_say_what_would_be_right(
    scenario: Scenario, call: Callable[[Scenario], object], text: str
) -> None:
    with pytest.raises(mailflow.ScenarioError, match=r"."):
        call(scenario)
    try:
        call(scenario)
    except mailflow.ScenarioError as error:
        assert text in str(error)
    assert scenario.script == ()


def test_script_reads_as_data_and_in_order(scenario: Scenario) -> None:
    scenario.restore("London-Paris", at=9).fail("London-Paris", at=3).send(
        mailflow.Message.write("anna@contoso.com", "ben@contoso.com")
    )
    assert [action.as_data()["verb"] for action in scenario.script] == ["send", "fail", "restore"]
    assert repr(scenario) == "Scenario in 'Contoso' with 3 actions"


def test_a_standard_message_can_be_sent_with_an_envelope_of_its_own(scenario: Scenario) -> None:
    from email.message import EmailMessage

    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "boss@example.com", "all@example.com", "P2 is not P1"
    message.set_content("x")
    trace = scenario.send(message, sender="anna@contoso.com", to=["ben@contoso.com"]).run()
    assert trace.status() == {"m1": [("ben@contoso.com", "delivered", "LON02, Mailbox Store")]}
    assert trace.messages["m1"]["recipients"] == ["ben@contoso.com"]


def test_progress_is_reported(scenario: Scenario) -> None:
    seen: list[float] = []
    message = mailflow.Message.write("anna@contoso.com", "ben@contoso.com")
    scenario.send(message).send(message, at=5).run(progress=seen.append)
    assert seen == [0.5, 1.0]


def test_empty_scenario_gives_an_empty_trace(scenario: Scenario) -> None:
    trace = scenario.run()
    assert len(trace) == 0
    assert trace.at().mails == {}
    assert trace.transcript() == ""


def test_a_run_in_which_nothing_happens_knows_no_message(scenario: Scenario) -> None:
    with pytest.raises(ValueError, match=r"^arrived: no 'm1'; there is none$"):
        scenario.run().arrived("m1")


def test_trace_is_a_sequence(scenario: Scenario) -> None:
    trace = scenario.send(mailflow.Message.write("anna@contoso.com", "ben@contoso.com")).run()
    assert trace[0].number == 0
    assert trace[-1].number == len(trace) - 1
    assert [event.number for event in trace[2:4]] == [2, 3]
    with pytest.raises(IndexError):
        trace[len(trace)]
    assert str(trace[0]).startswith("00:00:00.000  anna@contoso.com writes")
    assert "m1.1" in trace.transcript("m1")
    for ask in (trace.transcript, trace.archived, trace.arrived):
        with pytest.raises(ValueError, match=rf"^{ask.__name__}.*: no 'm9'; there is 'm1'$"):
            ask("m9")
        letter: Any = trace.letters["m1"]
        with pytest.raises(ValueError, match=r": a Message is no name of a message; write, for example, 'm1'$"):
            ask(letter)
    assert repr(trace) == f"Trace of {len(trace)} events, 1 message, in 'Contoso'"


@pytest.mark.parametrize("text", ["", "[]", '{"format": "x"}', '{"format": "mailflow trace 1"}'])
def test_damaged_stored_trace_is_one_clear_error(text: str) -> None:
    with pytest.raises(TraceError, match="trace"):
        Trace.from_json(text)


def test_every_event_names_a_rule_with_facts(scenario: Scenario) -> None:
    scenario.fail("London-Paris", at=0).send(
        mailflow.Message.write("anna@contoso.com", ["pierre@contoso.com", "kim@fabrikam.com", "nix@contoso.com"])
    )
    for event in scenario.run():
        assert event.rule.numbers
        assert event.rule.sure in ("documented twice", "documented", "inferred", "unconfirmed")
        assert event.sentence
        assert "{" not in event.sentence
        assert "\n" not in event.sentence


@pytest.mark.parametrize("until", [None, 60.0])
def test_a_run_leaves_nothing_in_circles(until: float | None) -> None:
    scenario = mailflow.Scenario(mailflow.load("two servers")).fail("LON02", at=10).stop("SMTP", "LON01", at=30)
    for number in range(50):
        scenario.send(mailflow.Message.write("anna@contoso.com", "ben@contoso.com"), at=number)
    scenario.run(until=until)
    gc.collect()
    trace = scenario.run(until=until)
    assert gc.collect() < 200
    assert len(trace.messages) >= 50


@pytest.mark.parametrize("enabled", [True, False])
def test_a_run_leaves_the_garbage_collector_as_it_was(scenario: Scenario, enabled: bool) -> None:
    before = gc.isenabled()
    (gc.enable if enabled else gc.disable)()
    try:
        scenario.run()
        assert gc.isenabled() == enabled
    finally:
        (gc.enable if before else gc.disable)()


def test_what_somebody_froze_stays_frozen(scenario: Scenario) -> None:
    gc.freeze()
    try:
        frozen = gc.get_freeze_count()
        scenario.run()
        # Not equal: what was frozen may still be freed one by one, by whoever holds the last reference to it.
        assert gc.get_freeze_count() > 0.99 * frozen > 0
    finally:
        gc.unfreeze()


def test_connectors_are_changed_while_they_are_there() -> None:
    scenario = mailflow.Scenario(mailflow.load("two sites"))
    added = replace(scenario.organization.connector["London-Paris"], name="Second")
    scenario.add(added, at=10).change("Second", cost=3, at=20)
    with pytest.raises(
        mailflow.ScenarioError, match="change connector at 20 seconds: there is no connector 'Second' at"
    ):
        scenario.remove("Second", at=15)
    with pytest.raises(mailflow.ScenarioError, match="remove connector at 5 seconds: there is no connector 'Second'"):
        scenario.remove("Second", at=5)
    scenario.remove("Second", at=30)
    with pytest.raises(mailflow.ScenarioError, match="add connector at 25 seconds: there is already a connector"):
        scenario.add(added, at=25)
    assert len(scenario.script) == 3, "what was refused is not in the script"
    scenario.add(added, at=40).run(until=60)
