"""Single messages in Queue Viewer: one that is frozen stays, the others go past it, and each is deleted alone (T177)."""

from typing import Any

import pytest

import mailflow
from mailflow.tools.queue_viewer import QueueShown, queues
from tests.simulation.test_properties import check_invariant

LINK, HOUR = "lon02.contoso.com", 3600


def three() -> mailflow.Scenario:
    """Three messages that wait for LON02 from the first second on, until its network works again at 40 seconds."""
    scenario = mailflow.Scenario(mailflow.load("two servers")).fail("LON02").restore("LON02", at=40)
    for number in range(3):
        scenario.send(mailflow.Message.write("anna@contoso.com", "carla@contoso.com", subject=str(number)), at=number)
    return scenario


def shown(trace: mailflow.Trace, seconds: float) -> QueueShown:
    return queues(trace, "LON01", trace.step_at(seconds))[LINK]


def ends(trace: mailflow.Trace) -> list[str]:
    check_invariant(trace)
    return [people[0][1] for people in trace.status().values()]


def told(trace: mailflow.Trace) -> list[tuple[str, str]]:
    """What was done to messages, and by which rule."""
    return [(event.sentence, event.rule.name) for event in trace if event.step.key == "administrator.message"]


def test_a_frozen_message_waits_while_the_others_go_past_it_and_goes_once_it_is_unfrozen() -> None:
    """The worked example of the documentation: a large message blocks the queue; it is frozen, and goes when the others are through."""
    made = three().freeze(LINK, "LON01", message="m1", at=10)
    trace = made.run(until=500)
    assert ends(trace) == ["waiting", "delivered", "delivered"]
    assert trace.status()["m1"] == [("carla@contoso.com", "waiting", f"LON01: link/{LINK}/LON02")]
    assert [message.state for message in shown(trace, 20).messages] == ["Frozen", "Retry", "Retry"]
    assert [message.mail for message in queues(trace, "LON01").find(state="Frozen")] == ["m1.1"]
    assert (shown(trace, 499).state, shown(trace, 499).number) == ("Ready", 1)
    thawed = made.unfreeze(LINK, "LON01", message="m1", at=300).run()
    assert ends(thawed) == ["delivered"] * 3
    assert shown(thawed, 300).messages[0].state == "Ready"
    assert told(thawed) == [
        (f"An administrator opens Queue Viewer on LON01: {verb}, the message m1 in {LINK}.", "freeze_message")
        for verb in ("freeze", "unfreeze")
    ]


def test_to_freeze_or_unfreeze_a_message_forces_no_connection_while_others_wait() -> None:
    made = three().freeze(LINK, "LON01", message="m2", at=10).unfreeze(LINK, "LON01", message="m2", at=20)
    tries, without = (
        [event.time for event in run if event.step.key in ("link.failed", "smtp.connect") and event.server == "LON01"]
        for run in (made.run(), three().run())
    )
    assert tries == without
    order = [event.message for event in made.run() if event.step.key == "smtp.mail" and event.server == "LON01"]
    assert order == ["m1", "m3", "m2"], "it lines up at the end"


def test_the_messages_of_a_frozen_queue_are_not_frozen_themselves() -> None:
    trace = three().freeze(LINK, "LON01", at=10).run(until=30)
    assert shown(trace, 30).state == "Frozen"
    assert [shown(trace, 30).actions_on(message)[0] for message in shown(trace, 30).messages] == ["Freeze"] * 3


def test_a_queue_of_frozen_messages_can_be_frozen_as_a_whole_too() -> None:
    made = three()
    for name in ("m1", "m2", "m3"):
        made.freeze(LINK, "LON01", message=name, at=10)
    made.unfreeze(LINK, "LON01", message="m9", at=90).freeze(LINK, "LON01", at=100)
    trace = made.run(until=200)
    assert shown(trace, 50).retry is not None
    assert shown(trace, 90).retry is None, "that time is over"
    assert shown(trace, 199).state == "Frozen"
    both = made.unfreeze(LINK, "LON01", at=200).unfreeze(LINK, "LON01", message="m3", at=210).run(until=300)
    assert ends(both) == ["waiting", "waiting", "delivered"]


@pytest.mark.parametrize(("ndr", "end"), [(True, "bounced"), (False, "deleted")])
def test_one_message_is_deleted_frozen_or_not(ndr: bool, end: str) -> None:
    made = three().freeze(LINK, "LON01", message="m1", at=10)
    made.delete(LINK, "LON01", message="m1", ndr=ndr, at=20).delete(LINK, "LON01", message="m2.1", ndr=ndr, at=21)
    trace = made.run()
    assert ends(trace)[:3] == [end, end, "delivered"]
    assert len(trace.status()) == (5 if ndr else 3)
    assert [rule for _, rule in told(trace)] == ["freeze_message", "delete_message", "delete_message"]


def test_all_messages_of_a_queue_are_deleted_frozen_ones_too() -> None:
    trace = three().freeze(LINK, "LON01", message="m1", at=10).delete(LINK, "LON01", ndr=False, at=20).run()
    assert ends(trace) == ["deleted"] * 3
    assert not shown(trace, 30).number


def test_a_frozen_message_is_reported_late_and_expires() -> None:
    trace = three().freeze(LINK, "LON01", message="m1", at=10).run()
    reports = [event.time // HOUR for event in trace if event.step.key == "notification.made"]
    assert reports == [12, 48]
    assert ends(trace)[:3] == ["bounced", "delivered", "delivered"]


@pytest.mark.parametrize("verb", ["freeze", "unfreeze", "delete"])
def test_what_is_not_there_is_told_and_nothing_happens(verb: str) -> None:
    for queue, message in ((LINK, "m9"), ("fabrikam.com", "m1")):
        trace = getattr(three(), verb)(queue, "LON01", message=message, at=10).run()
        assert told(trace)[0][0].endswith(
            f"the message {message} in {queue}. It is not there to be treated so now, so nothing happens."
        )
        assert ends(trace) == ["delivered"] * 3


def test_a_message_that_is_being_transferred_is_not_caught() -> None:
    sending = next(event for event in three().run() if event.step.key == "smtp.mail")
    trace = three().freeze(LINK, "LON01", message=sending.message, at=sending.time + 0.001).run()
    assert "It is not there" in told(trace)[0][0]
    assert ends(trace) == ["delivered"] * 3


@pytest.mark.parametrize(
    ("queue", "message", "words"),
    [
        (
            LINK,
            "lunch",
            r"freeze\(message='lunch'\): messages are called m1, m2, … in the order in which they are sent",
        ),
        ("Local delivery", "m1", "'Local delivery' is a system queue; single messages can be treated in link queues"),
        (LINK, 1, r"freeze\(message\)"),
    ],
)
def test_what_names_no_message_of_a_link_queue_is_refused(queue: str, message: Any, words: str) -> None:
    with pytest.raises(mailflow.ScenarioError, match=words):
        three().freeze(queue, "LON01", message=message)


def test_a_script_says_so_of_a_message_alone() -> None:
    made = three().freeze(LINK, "LON01", at=5).freeze(LINK, "LON01", message="m1", at=10)
    made.delete(LINK, "LON01", message="m2", ndr=False, at=11)
    done = [entry for entry in made.run().script if entry["verb"] not in ("send", "fail", "restore")]
    assert [sorted(entry) for entry in done] == [
        ["at", "queue", "server", "verb"],
        ["at", "message", "queue", "server", "verb"],
        ["at", "message", "queue", "server", "verb"],
    ]
    code = made.code()
    assert f"scenario.freeze('{LINK}', 'LON01', at=5)" in code
    assert f"scenario.freeze('{LINK}', 'LON01', message='m1', at=10)" in code
    assert f"scenario.delete('{LINK}', 'LON01', message='m2', ndr=False, at=11)" in code
    assert mailflow.shared(made.run().share()).scenario.run().to_json() == made.run().to_json()
