"""A walk through a story, beat by beat, meets every bet once: the browser's own levels and bets, for every player of the course and every golden trace."""

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest

import mailflow
from mailflow.player.forks import KINDS
from mailflow.player.questions import questions
from mailflow.player.widget import Player
from mailflow.trace import Trace
from mailflow.trace.packing import unpacked
from tests.player.asking import asking
from tests.player.notebooks import FOLDER, NOTEBOOKS, shown
from tests.simulation.test_golden import CASES

Walk = Callable[[Trace, Mapping[str, Any]], dict[str, Any]]


@pytest.fixture(scope="module")
def walk() -> Iterator[Walk]:
    """The bets that a walk at each level meets, asked of one process of Node for all tests."""
    with asking("walk.js") as ask:
        yield lambda trace, options: ask({"trace": trace.to_dict(), "options": options})


def check(walk: Walk, player: Player) -> None:
    """Nothing is left out, at no level; and in the story no beat has to be left half told for a bet."""
    wanted = [item.id for item in player.questions]
    options = {"questions": [], **json.loads(unpacked(player.beside)), "cursor": player.cursor}
    for level, walked in walk(player.shown, options).items():
        met = [name for name, _ in walked["met"]]
        assert met == wanted, level
        assert walked["score"].startswith(f"Your bets: {len(wanted)} of {len(wanted)} bet"), level
        assert walked["score"].endswith("right."), "all are asked"
        if level == "story":
            assert all(whole for _, whole in walked["met"]), met


ASKING = [name for name in NOTEBOOKS if "ask=[" in (FOLDER / name).read_text(encoding="utf-8")]


@pytest.mark.parametrize("notebook", ASKING)
def test_a_walk_meets_every_bet_of_the_players_of_the_course(notebook: str, walk: Walk) -> None:
    for player in dict.fromkeys(item.player for item in shown(notebook) if item.player.questions):
        check(walk, player)


def golden(name: str, *, fails: bool) -> Trace:
    case = CASES[name]
    scenario = mailflow.Scenario(mailflow.load(name), parameters=case.parameters)
    if fails:
        letter = mailflow.Message.write(*case.met_by, subject="Golden")
        return scenario.fail(case.fails).send(letter, at=1).restore(case.fails, at=1000).run(until=1500)
    return scenario.send(mailflow.Message.write(case.sender, case.to, subject="Golden")).run()


@pytest.mark.parametrize("fails", [False, True], ids=["message", "failure"])
@pytest.mark.parametrize("name", CASES)
def test_a_walk_from_any_step_meets_every_bet_that_lies_ahead(name: str, fails: bool, walk: Walk) -> None:
    trace = golden(name, fails=fails)
    for step in (0, 1, len(trace) // 3, len(trace) // 2, len(trace) - 1):
        player = mailflow.play(trace, ask=list(KINDS), step=step)
        assert all(item.at > step for item in player.questions)
        check(walk, player)
    assert player.questions == ()


def test_after_a_break_only_what_lies_ahead_is_asked(walk: Walk) -> None:
    letter = mailflow.Message.write("anna@contoso.com", "pierre@contoso.com")
    player = mailflow.play(
        mailflow.Scenario(mailflow.load("two sites")).send(letter), ask=["queue", "next hop"], until=700
    )
    before = player.questions
    player.cursor = before[0].at
    player.break_("London-Paris", player.cursor)
    assert before != player.questions != ()
    assert all(item.at > player.cursor for item in player.questions)
    check(walk, player)


def test_of_the_forks_on_the_way_to_one_beat_the_best_is_asked() -> None:
    trace = golden("one server", fails=False)
    beats = [beat.at for beat in mailflow.story(trace).beats]
    asked = questions(trace, KINDS, 99)
    places = [sum(at < item.at for at in beats) for item in asked]
    assert len(set(places)) == len(places)
    finer = questions(trace, KINDS, 99, tell=["categorizer", "smtp"])
    assert len(finer) > len(asked), "more beats have room for more"
    assert questions(mailflow.Scenario(mailflow.load("one server")).run(), KINDS) == []
