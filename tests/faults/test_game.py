"""What a learner meets: a complaint, looks that are counted, hints, kind refusals, and no way round."""

import re
from collections.abc import Callable
from dataclasses import replace
from random import Random
from typing import Any

import pytest

import mailflow
from mailflow import faults
from mailflow.faults import KINDS, disable_outbound_mail, enable_outbound_mail, fail, setting, start, stop
from mailflow.faults.draft import Draft, Kind
from mailflow.faults.game import Fault, written
from mailflow.faults.looks import Tools, signs
from mailflow.trace.clock import START

ALL = sorted(KINDS)
anything: Any = mailflow
"""For calls that the type checker would refuse."""


def test_all_tools_can_be_opened_and_each_look_is_counted() -> None:
    case = mailflow.fault("f12", seed=1)
    server = case.servers[0]
    shown = [
        *(case.tracking_center(), case.tracking_log(server), case.queues(server), case.event_log(server)),
        *(case.protocol_log(server), case.counters(server), case.badmail(server), case.winroute(server)),
        *(
            case.telnet(server, "HELO me"),
            case.nslookup("fabrikam.com"),
            case.smtpdiag("a@contoso.com", "kim@fabrikam.com"),
        ),
    ]
    assert all(map(str, shown))
    assert len(case.looks) == len(shown)
    assert str(case.nslookup("fabrikam.com")) == "DNS request timed out."
    assert set(case.smtpdiag("a@contoso.com", "kim@fabrikam.com").column("Found")) == {"DNS request timed out."}
    assert "13 looks" in repr(case)


def test_what_is_looked_at_is_the_present() -> None:
    case = mailflow.fault("F1", seed=1)
    (wrong,) = case._draft.wrong
    server = str(getattr(wrong, "server", ""))
    now = case._draft.now
    assert (case.queues(server).when - START).total_seconds() == now
    lengths = case.counters(server)["SMTP Server\\Categorizer Queue Length"]
    assert len(lengths) == now // 30 + 1
    assert lengths[-1] > 0


def test_a_goal_that_is_due_soon_is_looked_at_soon() -> None:
    case = mailflow.fault("F15B", seed=1)
    told = case.wait()
    assert not told.solved
    assert told.text.startswith("30 minutes later this does not hold: ")


def test_telnet_meets_a_server_as_it_is_now() -> None:
    case = mailflow.fault("F10", seed=0)
    silent = [name for name in case.servers if "Connect failed" in str(case.telnet(name))]
    assert str(case.telnet("PAR02" if "PAR02" in case.servers else "MAD01")).startswith("220 ")
    assert silent == [str(item) for item in [getattr(case._draft.wrong[0], "server", "")]]


def test_winroute_of_a_stopped_engine_gives_no_answer() -> None:
    case = mailflow.fault("F9", seed=0)
    server = case.servers[0]
    steps = (stop("routing engine", server),)
    shown = signs(Tools(case._stage.now(steps), case._stage.organization(steps)))
    assert "Link state table" not in shown["WinRoute", server]


def test_nothing_of_a_case_gives_it_away() -> None:
    for name in ALL:
        case = mailflow.fault(name, seed=2)
        shown = repr(case) + case._repr_html_() + " ".join(dir(case))
        told = [case._kind.title, case._draft.cause, *case._draft.hints, *map(written, case._draft.wrong)]
        assert [text for text in told if text in shown] == []
    assert repr(mailflow.fault(seed=3)).startswith("A fault, seed 3")


def test_a_case_tells_every_word_of_an_answer() -> None:
    """Who has seen that a queue is frozen knows what to write."""
    case = mailflow.fault("F18", seed=3)
    rows = dict(line.split(": ", 1) for line in repr(case).splitlines()[1:])
    verbs = [name for name in faults.__all__ if name.islower() and name != "fault"]
    assert sorted(re.findall(r"(\w+)\(", rows["Steps"])) == verbs
    answers = re.findall(r"(\w+)\(", rows["Answers"])
    assert all(callable(getattr(case, name)) for name in answers)
    judged = [
        name for name, item in vars(type(case)).items() if "Feedback" in str(getattr(item, "__annotations__", ""))
    ]
    assert sorted(answers) == sorted(name for name in judged if not name.startswith("_"))


def test_hints_come_in_stages_and_the_cause_when_it_is_given_up() -> None:
    case = mailflow.fault("F18", seed=1)
    assert [len(case.hint().hints), len(case.hint().hints), len(case.no_fault().hints), len(case.hint().hints)] == [
        1,
        2,
        3,
        3,
    ]
    with pytest.raises(ValueError, match="story: this would tell what was wrong"):
        case.story()
    told = case.give_up()
    assert "A frozen queue takes mail and sends none" in told.text
    assert told.solution.startswith("unfreeze(")
    assert "steps" in repr(case.story())
    assert len(case.story(cured=True).shown) > len(case.story().shown)
    waiting = mailflow.fault("F11", seed=1).give_up()
    assert waiting.solution == "case.wait()"


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("F17", "does not accept mail from this sender"),
        ("F3", "cannot take it"),
        ("KB883522", "no success is told"),
    ],
)
def test_the_story_shows_the_fault_and_opens_where_the_message_was_last(name: str, wanted: str) -> None:
    case = mailflow.fault(name, seed=1)
    case.give_up()
    told = case.story()
    assert wanted in told.shown[told.cursor].sentence


def test_a_found_case_tells_its_cause_and_a_cured_one_its_goal() -> None:
    case = mailflow.fault("F18", seed=1)
    case.queues(case.servers[0])
    assert case.diagnose(*case._draft.wrong).text.endswith("(1 look)")
    told = case.repair(*case._draft.cure)
    assert told.solved
    assert told.text.startswith(case.goal)
    assert repr(case).endswith("1 look, found, cured")


def test_a_wrong_diagnosis_names_a_look_that_tells_it_apart() -> None:
    case = mailflow.fault("F3", seed=1)
    told = case.diagnose(fail("DNS"))
    assert not told.solved
    assert "would show something else" in told.text
    assert len(told.hints) == 1


def test_what_fits_no_organization_costs_no_hint() -> None:
    case = mailflow.fault("F3", seed=1)
    server = case.servers[0]
    for told, words in (
        (case.diagnose(stop("SMPT", server)), "did you mean 'SMTP'?"),
        (case.repair(setting(server, max_mesage_kb=3)), "did you mean 'max_message_kb'?"),
        (case.repair(setting("ana", max_send_kb=3)), "nothing is called 'ana'; did you mean 'anna'?"),
        (case.repair(setting("anna", max_sendkb=3)), "no setting 'max_sendkb'; did you mean 'max_send_kb'?"),
        (case.repair(setting("global settings", zzz=3)), "no setting 'zzz'; there is"),
        (case.repair(setting("anna", max_send_kb="much")), "max_send_kb"),
    ):
        assert not told.solved
        assert words in told.text
        assert told.hints == ()


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: anything.fault("F99"), "fault: no 'F99'; did you mean 'F9'?"),
        (lambda: anything.fault("zzz"), "fault: no 'ZZZ'; there is"),
        (lambda: anything.fault("F3", "x"), "fault\\(seed\\): 'x' is no whole number"),
        (lambda: anything.fault("F3").diagnose(), "or write case.no_fault\\(\\)"),
        (lambda: anything.fault("F3").repair(), "or write case.wait\\(\\)"),
        (lambda: anything.fault("F3").repair(3), "repair: 3 is no step"),
    ],
)  # fmt: skip
def test_what_makes_no_sense_gets_one_line(call: Callable[[], object], words: str) -> None:
    with pytest.raises(ValueError, match=words) as found:
        call()
    assert "\n" not in str(found.value)


def test_outbound_mail_can_be_disabled_and_enabled_in_a_case_of_your_own() -> None:
    draw = KINDS["F12"].draw

    def mine(random: Random) -> Draft:
        draft = draw(random)
        servers = list(draft.healthy.server)
        return replace(
            draft, wrong=tuple(map(disable_outbound_mail, servers)), cure=tuple(map(enable_outbound_mail, servers))
        )

    case = Fault(Kind("X1", "Outbound mail was disabled", mine), 1)
    assert case.diagnose(*case._draft.wrong).solved
    assert not case.repair(start("SMTP", case.servers[0])).solved
    assert not case.wait().solved


def test_names_are_looked_up_where_dns_answers() -> None:
    assert "mail.fabrikam.com" in str(mailflow.fault("F8", seed=1).nslookup("fabrikam.com"))


def test_a_star_leaves_the_case_alone() -> None:
    names: dict[str, object] = {"case": "mine"}
    exec("from mailflow.faults import *", names)
    assert names["case"] == "mine"
    assert names["stop"] is stop


def test_a_name_that_is_not_there_is_none() -> None:
    import mailflow.faults

    with pytest.raises(AttributeError, match="has no attribute 'nothing'"):
        _ = mailflow.faults.nothing
