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


def person(name: str, **settings: Any) -> Organization:
    """The organization with other settings of one mailbox."""
    made = mailflow.load("two servers")
    return replace(
        made, recipients=tuple(replace(item, **settings) if item.name == name else item for item in made.recipients)
    )


def two(**settings: Any) -> Organization:
    """The organization with other settings of Ben's mailbox, on LON02 beside Carla's."""
    return person("ben", **settings)


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


def archiving() -> mailflow.Scenario:
    """LON02 archives into the mailbox "journal", which is deleted."""
    return mailflow.Scenario(mailflow.load("two servers")).delete_mailbox("journal@contoso.com")


def test_mail_of_a_store_whose_journal_mailbox_is_gone_stays_in_the_categorizer() -> None:
    to_itself = mailflow.Message.write("anna@contoso.com", "anna@contoso.com")
    trace = archiving().send(letter(BEN), at=1).send(to_itself, at=2).run()
    assert [state for name in ("m1", "m2") for _, state, _ in trace.status()[name]] == ["waiting", "delivered"]
    assert queues(trace, "LON02")["Messages awaiting directory lookup"].number == 1
    assert event_log(trace, "LON02").column("Event") == ["9003", "9004"]
    assert event_log(trace, "LON01").rows == ()


def test_a_mailbox_can_be_deleted_once_and_no_move_finds_it_afterwards() -> None:
    late = mailflow.Scenario(two()).delete_mailbox("journal", at=1).delete_mailbox("journal", at=2)
    trace = late.move_mailbox("journal", "LON02", at=3).run()
    assert len(trace) == 1
    caught = mailflow.Scenario(two()).move_mailbox("journal", "LON02", lasts=60).delete_mailbox("journal", at=1)
    assert [event.step.key for event in caught.run()] == ["administrator.move", "administrator.delete-mailbox"]


def test_mail_for_a_mailbox_that_is_deleted_on_the_move_comes_back() -> None:
    trace = moved(lasts=60).delete_mailbox("ben", at=30).send(letter(BEN), at=1).run()
    assert [state for address, state, _ in trace.status()["m1"] if address == BEN] == ["bounced"]


def test_a_mailbox_that_others_need_is_not_deleted() -> None:
    with pytest.raises(
        mailflow.ScenarioError, match=r'ben still stands in mailbox "anna".forward_to; take it out there first'
    ):
        mailflow.Scenario(person("anna", forward_to="ben")).delete_mailbox("ben")
    groups = mailflow.Scenario(mailflow.load("two sites")).delete_mailbox("anna", at=1)
    both = mailflow.Message.write("ben@contoso.com", "both-sites@contoso.com")
    assert "anna@contoso.com" not in {address for address, _, _ in groups.send(both, at=2).run().status()["m1"]}


@pytest.mark.parametrize(
    "queue",
    [
        "Messages pending submission",
        "Messages awaiting directory lookup",
        "Messages waiting to be routed",
        "Local delivery",
    ],
)
def test_a_frozen_system_queue_lets_nothing_out_until_it_is_thawed(queue: str) -> None:
    frozen = mailflow.Scenario(two()).freeze(queue, "LON02").send(letter(BEN), at=1)
    shown = queues(frozen.run(until=600), "LON02")[queue]
    assert (shown.state, shown.actions) == ("Frozen", ("Unfreeze", "Find Messages"))
    assert (BEN,) in [item.recipients for item in shown.messages]
    assert event_log(frozen.run(until=600), "LON02").rows == ()
    thawed = frozen.unfreeze(queue, "LON02", at=900).run()
    assert [round(time) for time in arrived(thawed, to=BEN)] == [900]
    assert queues(thawed, "LON02")[queue].state == "Ready"
