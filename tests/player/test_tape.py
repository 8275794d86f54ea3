"""The player's own state machine: fed every event of every golden trace and of 200 random ones, it agrees with Python's."""

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

import mailflow
from mailflow.names import ServerName
from mailflow.trace import State, Trace, clock
from tests.player.asking import asking
from tests.simulation.test_golden import CASES
from tests.simulation.test_properties import scenarios
from tests.simulation.test_sharing import everything

Ask = Callable[[Trace, int | None], dict[str, Any]]


@pytest.fixture(scope="module")
def player() -> Iterator[Ask]:
    """What the player makes of a trace, asked of one process of Node for all tests."""
    with asking("states.js") as ask:
        yield lambda trace, show: ask({"trace": trace.to_dict(), "show": show})


def by_name(items: Mapping[Any, object]) -> list[list[object]]:
    keys = ("|".join(key) if isinstance(key, tuple) else key for key in items)
    return sorted(map(list, zip(keys, items.values(), strict=True)), key=lambda item: str(item[0]))


def plain(state: State) -> dict[str, object]:
    return {
        "messages": [
            [key, [[r.address, r.how, r.parent, r.mail or "", r.state, r.detail] for r in items]]
            for key, items in state.messages.items()
        ],
        "mails": [
            [key, item.server, item.place, clock(item.since), item.recipients] for key, item in state.mails.items()
        ],
        "queues": by_name(state.queue_states),
        "services": by_name(state.services),
        "outside": by_name(state.outside),
        "marked": by_name(state.marked),
        "tables": [[name, held if held is None else by_name(held)] for name, held in state.tables.items()],
        "deleted": sorted(state.deleted),
    }


def seen(trace: Trace) -> list[str]:
    """Every event with its state, as the player writes it."""
    told = ((clock(event.time), event.sentence, event.rule.title) for event in trace)
    both = zip(map(plain, trace.states()), told, strict=True)
    return [json.dumps(item, ensure_ascii=False, separators=(",", ":")) for item in both]


def digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def agree(player: Ask, trace: Trace) -> None:
    ours = seen(trace)
    wanted = [digest(text) for text in ours]
    answer = player(trace, None)
    for direction in ("forward", "back"):
        if answer[direction] != wanted:
            step = next(
                number for number, pair in enumerate(zip(answer[direction], wanted, strict=True)) if len(set(pair)) > 1
            )
            assert json.loads(player(trace, step)["shown"]) == json.loads(ours[step]), f"{direction}, step {step}"
            raise AssertionError(f"{direction}, step {step}: equal only when it is asked for by itself")


def sent(name: str) -> Trace:
    message = mailflow.Message.write(CASES[name].sender, CASES[name].to, subject="Golden")
    return mailflow.Scenario(mailflow.load(name)).send(message).run()


def failed(name: str) -> Trace:
    case = CASES[name]
    scenario = mailflow.Scenario(mailflow.load(name), parameters=case.parameters).fail(case.fails)
    scenario.send(mailflow.Message.write(*case.met_by, subject="Golden"), at=1).restore(case.fails, at=1000)
    return scenario.run(until=5000)


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("run", [sent, failed])
def test_every_state_of_every_golden_trace(player: Ask, name: str, run: Callable[[str], Trace]) -> None:
    agree(player, run(name))


def test_every_state_of_a_run_with_every_verb(player: Ask) -> None:
    agree(player, everything().run(4000))


@pytest.mark.timeout(900)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(scenarios())
def test_every_state_of_random_traces(player: Ask, scenario: mailflow.Scenario) -> None:
    agree(player, scenario.run())


def test_a_difference_is_noticed(player: Ask) -> None:
    trace = sent("one server")
    time, _, kind, values, mail, place, effects, rule = trace.records[5]
    other = mailflow.Trace.from_json(trace.to_json())
    other.records[5] = (time, ServerName("LON02"), kind, values, mail, place, effects, rule)
    with pytest.raises(AssertionError, match="step 5"):
        agree(lambda _, show: player(other, show), trace)
