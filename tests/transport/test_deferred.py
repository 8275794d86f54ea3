"""Mailboxes that take nothing for a while: mail for them waits in the queue for deferred delivery, and comes round."""

from dataclasses import replace
from typing import Any

import pytest

import mailflow
from mailflow.organization import Organization
from mailflow.tools import event_log
from mailflow.tools.queue_viewer import queues
from mailflow.trace import Trace

BEN, CARLA = "ben@contoso.com", "carla@contoso.com"
DEFERRED = "Messages queued for deferred delivery"


def letter(*to: str) -> mailflow.Message:
    return mailflow.Message.write("anna@contoso.com", to)


def two(**settings: Any) -> Organization:
    """The organization with other settings of Ben's mailbox, on LON02 beside Carla's."""
    made = mailflow.load("two servers")
    return replace(
        made, recipients=tuple(replace(item, **settings) if item.name == "ben" else item for item in made.recipients)
    )


def arrived(trace: Trace, *, to: str) -> list[float]:
    """When messages were written into a mailbox, in seconds."""
    delivered = (event for event in trace if event.step.key == "delivery.delivered")
    return [event.time for event in delivered if to in str(event.values["recipients"])]


def moved(*, lasts: float = 2400.0) -> mailflow.Scenario:
    return mailflow.Scenario(two()).move_mailbox("Ben@Contoso.com".lower(), "LON01", lasts=lasts)


def test_mail_for_a_mailbox_that_is_moved_comes_round_every_half_hour() -> None:
    """The move ends after forty minutes, and the mail of the first minute is there after sixty (K-E17)."""
    trace = moved().send(letter(BEN, CARLA)).send(letter(BEN), at=2500).run()
    assert [round(time / 60) for time in arrived(trace, to=BEN)] == [42, 60]
    assert round(arrived(trace, to=CARLA)[0]) == 0
    assert {detail for address, _, detail in trace.status()["m1"] if address == BEN} == {"LON01, Mailbox Store"}


def test_queue_viewer_shows_what_waits_for_a_mailbox() -> None:
    trace = moved().send(letter(BEN)).run(until=600)
    (waiting,) = queues(trace, "LON02")[DEFERRED].messages
    assert waiting.recipients == (BEN,)
    assert event_log(trace, "LON02").rows == ()


def test_a_mailbox_takes_with_it_how_full_it_is() -> None:
    trace = mailflow.Scenario(two(quota_kb=10, used_kb=20)).move_mailbox("ben", "LON01").send(letter(BEN), at=700).run()
    assert [state for address, state, _ in trace.status()["m1"] if address == BEN] == ["bounced"]


def test_a_second_move_before_its_turn_makes_it_wait_again_and_a_move_at_the_same_time_is_none() -> None:
    script = moved(lasts=60).move_mailbox("ben", "LON01", at=30).send(letter(BEN), at=1)
    again = script.copy().act(mailflow.simulation.verbs.MoveMailbox("ben", "LON01", 600.0), at=1700)
    assert int(arrived(script.run(), to=BEN)[0]) == 1801
    assert int(arrived(again.run(), to=BEN)[0]) == 3601


def test_an_account_without_a_master_gets_nothing_for_ever() -> None:
    trace = mailflow.Scenario(two(account_disabled=True)).send(letter(BEN, CARLA)).run()
    assert [state for address, state, _ in trace.status()["m1"] if address == BEN] == ["waiting"]
    assert event_log(trace, "LON02").column("Event") == ["9548"]
    cured = mailflow.Scenario(two(account_disabled=True, external_account="SELF")).send(letter(BEN)).run()
    assert arrived(cured, to=BEN)
    assert event_log(cured, "LON02").rows == ()


def test_a_service_that_is_stopped_keeps_what_waits() -> None:
    trace = moved().send(letter(BEN), at=1).stop("SMTP", "LON02", at=60).start("SMTP", "LON02", at=9000).run()
    assert [round(time / 60) for time in arrived(trace, to=BEN)] == [150]


@pytest.mark.parametrize(
    ("mailbox", "server", "lasts", "words"),
    [
        ("ben", "LON02", 60, "the mailbox of ben is on LON02 already"),
        ("ben", "LON9", 60, "no server 'LON9'"),
        ("everybody", "LON01", 60, "nobody has a mailbox 'everybody'"),
        ("ben", "LON01", "60", "write the number without quotes"),
    ],
)
def test_a_move_that_cannot_be_is_refused_in_one_line(mailbox: str, server: str, lasts: Any, words: str) -> None:
    with pytest.raises(mailflow.ScenarioError, match=words) as found:
        mailflow.Scenario(two()).move_mailbox(mailbox, server, lasts=lasts)
    assert "\n" not in str(found.value)
