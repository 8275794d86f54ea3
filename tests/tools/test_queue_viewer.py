"""Queue Viewer: its columns, states and messages, in every situation that fills a queue."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import mailflow
from mailflow.organization.model import SmtpConnector
from mailflow.tools.queue_viewer import CAUSES, COLUMNS, PILE_UP, QueueViewer
from mailflow.transport.places import SYSTEM_QUEUES, name_of, part_of
from tests.linkstate.test_engines import by_x400
from tests.simulation.test_properties import scenarios
from tests.tools.tracking import tracking

LINK = "lon02.contoso.com"
KIM = "kim@fabrikam.com"


def letter(to: str = "carla@contoso.com", sender: str = "anna@contoso.com", **more: str) -> mailflow.Message:
    return mailflow.Message.write(sender, to, **more)  # type: ignore[arg-type]  # whatever a test wants to say


def scenario(name: str = "two servers") -> mailflow.Scenario:
    """One of the ready-made organizations, with a virus scanner on each server."""
    made = mailflow.load(name)
    return mailflow.Scenario(replace(made, servers=tuple(replace(item, antivirus=True) for item in made.servers)))


def held(viewer: QueueViewer) -> dict[str, int]:
    return {queue.name: queue.number for queue in viewer if queue.number}


def test_system_queues_are_listed_under_their_names_of_2003_and_empty_on_a_healthy_server() -> None:
    viewer = mailflow.queues(scenario().send(letter()).run(), "LON01")
    assert [queue.name for queue in viewer] == [name_of(place) for place in SYSTEM_QUEUES]
    assert {(queue.number, queue.state, queue.protocol) for queue in viewer} == {(0, "Ready", "SMTP")}
    assert {queue.source for queue in viewer} == {"Default SMTP Virtual Server"}
    assert repr(viewer) == "Queue Viewer: LON01, 8 queues, 0 messages"
    assert set(PILE_UP) >= {queue.name for queue in viewer}


def test_a_link_in_retry_has_every_column() -> None:
    trace = scenario().fail("LON02").send(letter(), at=1).send(letter(), at=2).run(until=30)
    queue = mailflow.queues(trace, "LON01")[LINK]
    first = datetime(2003, 10, 6, 9, 0, 1, tzinfo=UTC)
    assert (queue.state, queue.number, queue.is_link) == ("Retry", 2, True)
    assert queue.total_bytes == sum(trace.messages[name]["size"] for name in ("m1", "m2"))
    assert queue.oldest is not None
    assert queue.oldest.replace(microsecond=0) == first
    assert queue.retry is not None
    assert queue.retry.replace(microsecond=0) == first.replace(minute=1)
    assert queue.information == CAUSES["connection"]
    assert queue.suspicion.facts == "T48"
    row = mailflow.queues(trace, "LON01").rows[-1]
    assert tuple(row) == COLUMNS
    assert (row["Name"], row["Number of messages"], row["Time next connection retry"]) == (LINK, "2", "09:01:01")


def test_retry_times_follow_the_intervals_of_the_virtual_server() -> None:
    trace = scenario().fail("LON02").send(letter()).run(until=1900)
    failed = [event for event in trace if event.step.key == "link.failed"]
    waits = [mailflow.queues(trace, "LON01", event.number)[LINK].retry for event in failed]
    seconds = [(when - datetime(2003, 10, 6, 9, tzinfo=UTC)).total_seconds() for when in waits if when]
    assert [round(due - event.time) for due, event in zip(seconds, failed, strict=True)] == [60, 60, 60, 600, 600, 600]
    assert [round(event.time, 3) for event in failed[1:]] == [round(due, 3) for due in seconds[:-1]]


def test_the_pane_says_only_what_a_document_lists() -> None:
    dns = mailflow.queues(scenario("one server").fail("DNS").send(letter(KIM)).run(until=30), "LON01")
    assert dns["fabrikam.com"].state == "Retry"
    assert dns["fabrikam.com"].information == ""
    made = mailflow.load("one server")
    later = tuple(replace(host, replies={KIM: "451 4.7.1 Later"}) for host in made.external_hosts)
    greylisted = mailflow.Scenario(replace(made, external_hosts=later)).send(letter(KIM))
    busy = mailflow.queues(greylisted.run(until=30), "LON01")
    assert busy["fabrikam.com"].information == CAUSES["put off"]
    assert "fabrikam.com: The last connection was ended by an SMTP protocol error." in str(busy)
    ways = tuple(
        replace(item, smart_host="mail.fabrikam.com") for item in made.connectors if isinstance(item, SmtpConnector)
    )
    made = replace(made, connectors=ways)
    smart = mailflow.Scenario(made).fail("mail.fabrikam.com").send(letter("pat@example.com")).run(until=30)
    assert mailflow.queues(smart, "LON01")["Internet"].information == CAUSES["smart host"]


def test_what_an_administrator_does_shows_in_the_state_and_in_what_is_offered() -> None:
    made = scenario().fail("LON02").send(letter()).freeze(LINK, "LON01", at=10).unfreeze(LINK, "LON01", at=20)
    trace = made.disable_outbound_mail("LON01", at=30).enable_outbound_mail("LON01", at=40).run(until=50)

    def at(seconds: float) -> QueueViewer:
        return mailflow.queues(trace, "LON01", trace.step_at(seconds))

    assert [at(second)[LINK].state for second in (5, 15, 25, 35, 45)] == [
        "Retry",
        "Frozen",
        "Retry",
        "Disabled",
        "Retry",
    ]
    assert [at(second).outbound_disabled for second in (5, 35, 45)] == [False, True, False]
    assert (
        at(35)._repr_html_().count("Outbound mail is disabled") == str(at(35)).count("Outbound mail is disabled") == 1
    )
    assert at(15)[LINK].retry is None
    assert at(5)[LINK].actions[:2] == ("Freeze", "Force Connection")
    assert at(15)[LINK].actions[:2] == ("Unfreeze", "Find Messages")
    assert at(5)["Local delivery"].actions == ("Freeze", "Find Messages")
    assert at(5)["Failed message retry queue"].actions == ("Find Messages",)


@pytest.mark.parametrize(
    ("service", "queue"),
    [
        ("antivirus", "Messages pending submission"),
        ("global catalog", "Messages awaiting directory lookup"),
        ("routing engine", "Messages waiting to be routed"),
        ("Mailbox Store", "Local delivery"),
    ],
)
def test_mail_piles_up_where_the_documents_say(service: str, queue: str) -> None:
    """Source: O-19."""
    to = "ben@contoso.com" if service == "Mailbox Store" else "carla@contoso.com"
    viewer = mailflow.queues(scenario().stop(service, "LON01").send(letter(to)).run(until=60), "LON01")
    assert held(viewer) == {queue: 1}
    assert viewer[queue].state == ("Retry" if queue == "Local delivery" else "Ready")
    assert viewer.by_number == (viewer[queue],)


def test_a_session_makes_a_link_active_and_a_drained_one_disappears() -> None:
    trace = scenario().send(letter()).run()
    states = [
        next((queue.state for queue in mailflow.queues(trace, "LON01", number) if queue.is_link), "")
        for number in range(len(trace))
    ]
    assert [state for state, before in zip(states[1:], states, strict=False) if state != before] == [
        "Ready",
        "Active",
        "",
    ]


def test_the_messages_of_a_queue_have_columns_too() -> None:
    made = tracking("two servers")
    sent = mailflow.Scenario(made).fail("LON02")
    sent.send(letter(subject="Plan <b>")).send(letter(sender=KIM), by="smtp", server="LON01", at=1)
    viewer = mailflow.queues(sent.run(until=30), "LON01")
    one, two = viewer[LINK].messages
    assert (one.sender, one.subject, one.priority) == ("anna@contoso.com", "Plan <b>", "normal")
    assert "carla@contoso.com" in one.recipients
    assert one.message_id.endswith("@lon01.contoso.com")
    assert one.submitted < two.submitted
    found = mailflow.tracking_center(sent.run(until=30)).find(message_id=one.message_id)
    assert "Plan" in str(found)
    page = viewer._repr_html_()
    assert "Plan &lt;b&gt;" in page
    assert "<b>Plan" not in page
    assert [item.sender for item in viewer.find(sender="KIM@fabrikam.com")] == [KIM]
    assert viewer.find(recipient="carla@contoso.com", state="Retry", most=1) == [one]
    assert viewer.find(queue="Local delivery") == []
    without = mailflow.queues(
        mailflow.Scenario(tracking("two servers", subjects=False)).fail("LON02").send(letter()).run(9), "LON01"
    )
    assert without[LINK].messages[0].subject == ""


def test_a_report_waits_under_the_empty_sender() -> None:
    trace = scenario("one server").send(letter("nix@contoso.com")).run()
    made = next(event.number for event in trace if event.step.key == "notification.made")
    (message,) = mailflow.queues(trace, "LON01", made)["DSN messages pending submission"].messages
    assert (message.sender, message.recipients) == ("<>", ("anna@contoso.com",))
    assert message.submitted.replace(microsecond=0) == datetime(2003, 10, 6, 9, tzinfo=UTC)


def test_mail_for_the_mta_stands_under_x400() -> None:
    made = by_x400()
    trace = mailflow.Scenario(made).send(letter("sven@contoso.com", sender="nora@contoso.com")).run()
    waits = next(event for event in trace if event.step.key == "mta.handed")
    queue = mailflow.queues(trace, waits.server, waits.number)["Microsoft MTA"]
    assert (queue.protocol, queue.source, queue.number) == ("X.400", "Microsoft MTA", 1)
    assert queue.actions == ("Find Messages",)
    assert queue.suspicion.facts == "T49, K61"


def test_what_is_not_there_is_said() -> None:
    trace = scenario().send(letter()).run()
    with pytest.raises(ValueError, match="no server 'LON09'; there is LON01, LON02"):
        mailflow.queues(trace, "LON09")
    with pytest.raises(IndexError, match="events, numbered from 0"):
        mailflow.queues(trace, "LON01", 999)
    with pytest.raises(KeyError, match="no queue 'x' on LON01 now; there is Messages pending submission"):
        mailflow.queues(trace, "LON01")["x"]


def test_several_virtual_servers_are_all_named_and_a_trace_of_nothing_has_empty_queues() -> None:
    made = mailflow.load("one server")
    second = replace(made.servers[0].virtual_servers[0], name="Second", port=26)
    made = replace(
        made, servers=(replace(made.servers[0], virtual_servers=(*made.servers[0].virtual_servers, second)),)
    )
    empty = mailflow.Scenario(made).run()
    assert {queue.source for queue in mailflow.queues(empty, "LON01")} == {"Default SMTP Virtual Server, Second"}


def test_a_trace_read_from_json_shows_the_same() -> None:
    trace = scenario().fail("LON02").send(letter()).run(until=30)
    assert str(mailflow.queues(mailflow.Trace.from_json(trace.to_json()), "LON01")) == str(
        mailflow.queues(trace, "LON01")
    )


# -- one story ---------------------------------------------------------------------------------------------------------

LAST = {
    "Messages pending submission": {1027, 1019, 1025},
    "Messages awaiting directory lookup": {1024, 1032},
    "Messages waiting to be routed": {1033, 1035, 1034, 1020},
    "Local delivery": {1036, 1037},
    "Microsoft MTA": {1038},
}
"""What the log has of a message that waits there (O-10); a link queue has 1034 of it."""

UNWRITTEN = {"Messages pending submission", "Messages awaiting directory lookup"}
"""Where a message can lie that has no row yet: one from the Pickup folder until it is submitted, and a journal report until it is categorized."""


def check_one_story(trace: mailflow.Trace, step: int) -> None:
    """Queue Viewer counts what the state holds, and the tracking log knows how each message came into its queue."""
    state = trace.at(step)
    for item in trace.organization["servers"]:
        viewer = mailflow.queues(trace, item["name"], step)
        shown = sorted(message.mail for queue in viewer for message in queue.messages)
        held = [
            mail
            for place, mails in state.queues(item["name"]).items()
            for mail in mails
            if part_of(place) in ("queue", "link", "mta")
        ]
        assert shown == sorted(held)
        logged: dict[str, set[int]] = {}
        for row in mailflow.tracking_log(trace, item["name"], step):
            logged.setdefault(row.message_id, set()).add(row.event)
        for queue in viewer:
            wanted = {1034} if queue.is_link else LAST.get(queue.name, set())
            for message in queue.messages:
                told = logged.get(message.message_id)
                assert not wanted or (wanted & told if told else queue.name in UNWRITTEN), (queue.name, message)


@settings(max_examples=15)
@given(scenarios(), st.floats(0, 1))
def test_queues_log_and_trace_tell_the_same_story(made: mailflow.Scenario, part: float) -> None:
    made.organization = tracking(made.organization)
    trace = made.run(until=4000)
    for step in {int(part * (len(trace) - 1)), len(trace) - 1} if len(trace) else set():
        check_one_story(trace, step)


def test_each_step_tells_the_same_story_of_what_is_picked_up_and_what_is_archived() -> None:
    made = tracking("one server")
    archiving = replace(made, global_settings=replace(made.global_settings, envelope_journaling=True))
    message = letter("carla@contoso.com")
    trace = mailflow.Scenario(archiving).send(message, at=10).send(message, by="pickup", server="LON01").run()
    assert "categorizer.journal-report" in {event.step.key for event in trace}
    for step in range(len(trace)):
        check_one_story(trace, step)


def test_another_story_is_noticed() -> None:
    trace = mailflow.Scenario(tracking("two servers")).fail("LON02").send(letter()).run(until=30)
    check_one_story(trace, len(trace) - 1)
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(LAST, "Local delivery", {1028})
        local = mailflow.Scenario(tracking("two servers")).stop("Mailbox Store", "LON02").send(letter()).run(until=30)
        with pytest.raises(AssertionError, match="Local delivery"):
            check_one_story(local, len(local) - 1)
