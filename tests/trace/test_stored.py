"""A stored trace reads back as it was, also one from before events named their rules."""

import json
from typing import Any

import pytest

import mailflow
from mailflow.linkstate.tellings import GivenUp
from mailflow.trace import Trace, TraceError, step_of
from mailflow.trace.effects import Marked


@pytest.fixture(scope="module")
def trace() -> Trace:
    letter = mailflow.Message.write("anna@contoso.com", "bruno@contoso.com")
    scenario = mailflow.Scenario(mailflow.load("worldwide"), parameters=mailflow.Parameters.exchange_2000())
    return scenario.fail("London-Brussels").send(letter).run(until=600)


def as_it_was(trace: Trace) -> dict[str, Any]:
    """The trace as an earlier version would have stored it."""
    data: dict[str, Any] = json.loads(trace.to_json())
    for step in data["steps"]:
        del step["level"]
    for event in data["events"]:
        event[6] = [
            ["outside", f"marked:{rest[0]}", rest[1]] if kind == "marked" else [kind, *rest] for kind, *rest in event[6]
        ]
        del event[7:]
    return data


def test_tellings_effects_and_rules_come_back_as_they_were(trace: Trace) -> None:
    again = Trace.from_json(trace.to_json())
    assert [event.telling for event in again] == [event.telling for event in trace]
    assert [event.effects for event in again] == [event.effects for event in trace]
    assert [event.rule for event in again] == [event.rule for event in trace]
    assert isinstance(next(event.telling for event in again if event.step.key == "routing.gave-up"), GivenUp)
    assert any(isinstance(effect, Marked) for event in again for effect in event.effects)


def test_a_transcript_is_broken_between_words_where_a_width_is_given(trace: Trace) -> None:
    lines = trace.transcript(width=60).splitlines()
    assert all(len(line) <= 60 or len(line.split()) == 1 for line in lines)
    assert sum(not line.startswith(" ") for line in lines) == len(trace)
    assert " ".join(" ".join(lines).split()) == " ".join(trace.transcript().split())
    letter = trace.transcript("m1", width=60)
    assert " ".join(letter.split()) == " ".join(trace.transcript("m1").split())


@pytest.mark.parametrize("width", [39, "60", 60.5])
def test_a_width_without_room_is_refused(trace: Trace, width: Any) -> None:
    with pytest.raises(
        ValueError, match=r"transcript\(width\): .* is no number of at least 40; write, for example, width=100"
    ):
        trace.transcript(width=width)


def test_an_older_trace_opens_with_the_rule_of_each_kind_of_step(trace: Trace) -> None:
    again = Trace.from_json(json.dumps(as_it_was(trace)))
    assert again.transcript() == trace.transcript()
    assert again.at() == trace.at()
    assert again.at().marked == {"London-Brussels": False}
    assert all(event.rule.name == event.step.rules[0] for event in again)
    assert {event.step.level for event in again} == {"everything"}


def test_a_step_that_was_told_otherwise_keeps_its_words(trace: Trace) -> None:
    data = json.loads(trace.to_json())
    place = next(number for number, step in enumerate(data["steps"]) if step["key"] == "routing.gave-up")
    data["steps"][place]["sentence"] = "{server} gives {connector} up after {seconds} s."
    again = Trace.from_json(json.dumps(data))
    event = next(event for event in again if event.step.key == "routing.gave-up")
    assert event.sentence == f"{event.server} gives London-Brussels up after 60 s."
    assert event.values == {"connector": "London-Brussels", "seconds": 60.0}
    assert again.to_json() == json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    assert "used up" in step_of(GivenUp).sentence


@pytest.mark.parametrize("effect", [["nonsense", 1], ["end", "m1.1"]])
def test_an_effect_that_does_not_exist_is_damage(trace: Trace, effect: list[int | str]) -> None:
    data = json.loads(trace.to_json())
    data["events"][0][6] = [effect]
    with pytest.raises(TraceError, match="a damaged trace"):
        Trace.from_json(json.dumps(data))
