"""Queue Viewer with buttons: each of them makes another future, and refuses what Queue Viewer refuses."""

import pytest

import mailflow
from mailflow.player.queue_widget import QueueControls
from mailflow.simulation import ScenarioError
from mailflow.tools.queue_viewer import QueueViewer
from mailflow.transport.places import FREEZABLE, name_of

LINK = "lon02.contoso.com"


def viewer(until: float = 300, **more: int) -> QueueControls:
    message = mailflow.Message.write("anna@contoso.com", "carla@contoso.com")
    made = mailflow.Scenario(mailflow.load("two servers")).fail("LON02").send(message).restore("LON02", at=100)
    return mailflow.queue_viewer(made, "LON01", **more, until=until)


def ends(shown: QueueControls) -> str:
    return shown.trace.status()["m1"][0][1]


def test_a_frozen_queue_keeps_what_would_have_been_delivered_and_undo_lets_it_go() -> None:
    shown = viewer(step=14)
    assert ends(shown) == "delivered"
    shown._queue.value = LINK
    shown._buttons["Freeze"].click()
    assert "another future" in shown._said.value
    assert ends(shown) == "waiting"
    assert shown.viewer[LINK].state == "Frozen"
    assert shown._buttons["Freeze"].disabled
    assert not shown._buttons["Unfreeze"].disabled
    shown._undo.click()
    assert ends(shown) == "delivered"
    assert shown.act("Freeze", LINK)
    assert shown.act("Unfreeze", LINK)
    assert ends(shown) == "delivered"
    assert len(shown.scenario.script) == 5


def test_system_queues_are_offered_with_what_is_documented_for_them() -> None:
    shown = viewer(step=14)
    assert [*shown._queue.options] == [*(name_of(place) for place in FREEZABLE), LINK]
    assert shown._queue.value == LINK, "a link queue comes first"
    shown._queue.value = "Local delivery"
    assert [name for name in shown._buttons if not shown._buttons[name].disabled] == ["Freeze", "Disable Outbound Mail"]
    assert shown._message.options == ()
    shown.server = "LON02"
    shown._queue.value = "Local delivery"
    shown._buttons["Freeze"].click()
    assert shown.viewer["Local delivery"].state == "Frozen"
    assert shown._queue.value == "Local delivery"
    assert not shown._buttons["Unfreeze"].disabled
    assert ends(shown) == "waiting"


def test_one_message_is_frozen_unfrozen_and_deleted() -> None:
    shown = viewer(step=14)
    ((label, mail),) = shown._message.options
    assert label == f"{mail}, anna@contoso.com to carla@contoso.com"
    shown._for_message["Freeze"].click()
    assert f"Freeze: {mail} in {LINK} on LON01" in shown._said.value
    assert ends(shown) == "waiting"
    assert shown.viewer[LINK].messages[0].state == "Frozen"
    assert [name for name, button in shown._for_message.items() if button.disabled] == ["Freeze"]
    shown._for_message["Unfreeze"].click()
    assert ends(shown) == "delivered"
    for action, end in (("Delete (with NDR)", "bounced"), ("Delete (no NDR)", "deleted")):
        shown.act(action, LINK, mail)
        assert ends(shown) == end
        assert shown._message.value is None
        shown.undo()
    with pytest.raises(
        ScenarioError, match=r"'Unfreeze' is not possible for 'm9.1 in .*' on LON01 now; possible is: none"
    ):
        shown.act("Unfreeze", LINK, "m9.1")


def test_deleting_ends_the_message_with_or_without_a_report() -> None:
    for action, messages, end in (
        ("Delete All Messages (NDR)", 2, "bounced"),
        ("Delete All Messages (no NDR)", 1, "deleted"),
    ):
        shown = viewer(step=14)
        shown.act(action, LINK)
        assert (ends(shown), len(shown.trace.messages)) == (end, messages)


def test_a_forced_connection_is_tried_at_once() -> None:
    shown = viewer(step=14)
    before = sum(event.step.key == "link.failed" for event in shown.trace)
    shown.act("Force Connection", LINK)
    assert sum(event.step.key == "link.failed" for event in shown.trace) == before + 1


def test_outbound_mail_is_switched_for_the_server() -> None:
    shown = viewer(step=14)
    shown._buttons["Disable Outbound Mail"].click()
    assert shown.viewer.outbound_disabled
    assert ends(shown) == "waiting"
    assert shown._buttons["Disable Outbound Mail"].disabled
    shown.act("Enable Outbound Mail")
    assert ends(shown) == "delivered"


def test_what_the_queue_does_not_offer_is_refused_and_changes_nothing() -> None:
    shown = viewer(step=14)
    before = shown.scenario
    with pytest.raises(
        ScenarioError, match=r"'Unfreeze' is not possible for 'lon02.contoso.com' on LON01 now; possible is: Freeze"
    ):
        shown.act("Unfreeze", LINK)
    with pytest.raises(
        ScenarioError, match="'Freeze' is not possible for 'Failed message retry queue' on LON01 now; possible is: none"
    ):
        shown.act("Freeze", "Failed message retry queue")
    assert shown.scenario is before
    assert shown.undo() == "Nothing to undo."
    shown._buttons["Unfreeze"].click()
    assert "not possible" in shown._said.value
    assert "Nothing to undo" in (shown._undo.click() or shown._said.value)


def test_it_looks_at_any_server_and_step() -> None:
    shown = viewer()
    assert not [queue for queue in shown.viewer if queue.number]
    assert shown._queue.value is None
    assert all(shown._buttons[name].disabled for name in ("Freeze", "Unfreeze", "Force Connection"))
    assert shown._message.value is None
    assert all(button.disabled for button in shown._for_message.values())
    shown.step = 14
    assert shown.step == 14
    assert shown.viewer[LINK].number == 1
    assert shown._queue.value == LINK
    shown.server = "LON02"
    assert (shown.server, shown.viewer.server) == ("LON02", "LON02")
    assert repr(shown).startswith("Queue Viewer: LON02, 8 queues, 0 messages, ")
    shown._step.value = 5
    assert shown._moment.value == "00:00:00.038"
    data = shown._repr_mimebundle_()
    assert "<table " in str(data["text/html"])
    assert data["text/plain"] == repr(shown)


def test_the_scenario_that_was_given_stays_as_it_was() -> None:
    made = mailflow.Scenario(mailflow.load("two servers")).send(
        mailflow.Message.write("anna@contoso.com", "carla@contoso.com")
    )
    shown = mailflow.queue_viewer(made)
    shown.act("Disable Outbound Mail")
    assert len(made.script) == 1
    with pytest.raises(ValueError, match="server: no server 'X'"):
        mailflow.queue_viewer(made, "X")
    plain = mailflow.queue_viewer(made.run())
    assert isinstance(plain, QueueViewer)
    assert plain.server == "LON01"
