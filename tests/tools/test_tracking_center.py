"""Message Tracking Center: what it finds, how far it follows, and that it claims no more than the logs show."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given

import mailflow
from mailflow.organization.model import Mailbox
from mailflow.tools.tracking_center import WAITING, Found, History, TrackingCenter
from mailflow.tools.tracking_rows import EVENTS, TrackingLog, TrackingRow
from mailflow.trace import Trace
from mailflow.trace.clock import START
from tests.organization.test_every_setting import sites
from tests.simulation.test_properties import scenarios
from tests.tools.tracking import tracking

ANNA, BEN, PIERRE, KIM, NIX = (
    "anna@contoso.com",
    "ben@contoso.com",
    "pierre@contoso.com",
    "kim@fabrikam.com",
    "nix@contoso.com",
)


def run(*to: str, without: str = "", until: float | None = None, scenario: mailflow.Scenario | None = None) -> Trace:
    made = scenario or mailflow.Scenario(tracking("two sites", without=without))
    return made.send(mailflow.Message.write(ANNA, to or [BEN, PIERRE, KIM, NIX], subject="Lunch?"), at=1).run(until)


def only(found: Found) -> History:
    assert len(found) == 1
    return found[0]


def verdicts(history: History) -> dict[str, str]:
    return {answer.recipient: f"{answer.verdict} {answer.server}" for answer in history.answers}


# -- following ----------------------------------------------------------------------------------------------------------


def test_every_recipient_is_followed_to_the_end() -> None:
    history = only(mailflow.tracking_center(run()).find(sender=ANNA))
    assert verdicts(history) == {
        BEN: "delivered LON02",
        PIERRE: "delivered PAR02",
        KIM: "handed on LONFE",
        NIX: "returned LON01",
    }
    assert [stop.server for stop in history.stops] == ["LON01", "LON02", "LONFE", "PAR01", "PAR02"]
    assert history.remarks == ()
    assert {answer.sure for answer in history.answers} == {"documented"}
    said = str(history)
    assert "pierre@contoso.com: delivered to the store of PAR02 at 2003-10-6 9:00:02 GMT [documented]" in said
    assert "to mail.fabrikam.com, of which there is no log [documented]" in said
    assert "1031  Message transferred to lon02.contoso.com through SMTP: ben@contoso.com" in said
    assert "1027  SMTP Store Driver: Message Submitted From Store: …/CN=BEN, …/CN=PIERRE, kim@fabrikam.com" in said


def test_the_trail_stops_at_a_server_that_does_not_track() -> None:
    history = only(mailflow.tracking_center(run(without="LON02")).find(sender=ANNA))
    assert verdicts(history) == {
        BEN: "handed on LON01",
        PIERRE: "handed on LON01",
        KIM: "handed on LONFE",
        NIX: "returned LON01",
    }
    assert [stop.server for stop in history.stops] == ["LON01", "LONFE"]
    assert history.answers[0].says.endswith("to LON02, which does not track messages")
    assert history.remarks == (
        "LON02, which got it from LON01, does not track messages: the trail ends there. That is no fault yet.",
        "The log of PAR01 has this id, too: search there for the rest.",
    )


def test_what_came_before_the_first_log_is_unknown() -> None:
    history = only(mailflow.tracking_center(run(without="LON01")).find(recipients=BEN))
    assert history.remarks == (
        "It came to LON02 from LON01, which does not track messages: what came before is unknown.",
    )


def test_a_search_on_one_server_follows_from_there() -> None:
    history = only(mailflow.tracking_center(run()).find(recipients=PIERRE, server="PAR01"))
    assert [stop.server for stop in history.stops] == ["PAR01", "PAR02"]
    assert verdicts(history) == {PIERRE: "delivered PAR02"}
    assert history.remarks == ("It came to PAR01 from LON02: what came before stands in the log of that server.",)


def test_a_message_in_a_circle_is_followed_once() -> None:
    trace = run(PIERRE)
    rows = list(mailflow.tracking_log(trace, "LON01"))
    back = [
        row._replace(server="LON02", partner="lon01.contoso.com") for row in rows if row.event in (1033, 1034, 1031)
    ]
    (history,) = mailflow.tracking_center(logs_of([*rows, *back])).find(sender=ANNA)
    assert len(history.stops) == 2
    assert history.answers[0].verdict == "handed on"


def logs_of(rows: Iterable[TrackingRow]) -> TrackingLog:
    kept = list(rows)
    return TrackingLog("made by hand", lambda: iter(kept))


# -- searching ----------------------------------------------------------------------------------------------------------


def two_messages() -> TrackingCenter:
    scenario = mailflow.Scenario(tracking("two sites"))
    scenario.send(mailflow.Message.write(ANNA, [BEN, KIM], subject="First"), at=1)
    scenario.send(mailflow.Message.write(PIERRE, BEN, subject="Second"), at=3600)
    return mailflow.tracking_center(scenario.run())


def subjects(found: Found) -> list[str]:
    return sorted(history.subject for history in found)


def test_each_criterion_narrows_the_search() -> None:
    center = two_messages()
    assert subjects(center.find()) == ["First", "Second"]
    assert subjects(center.find(sender="Pierre@contoso.com")) == ["Second"]
    assert subjects(center.find(recipients=[BEN])) == ["First", "Second"]
    assert subjects(center.find(recipients=[BEN, KIM])) == ["First"]
    assert subjects(center.find(server="LONFE")) == ["First"]
    later = START + timedelta(seconds=1800)
    assert subjects(center.find(since=later)) == ["Second"]
    assert subjects(center.find(until=later.replace(tzinfo=None))) == ["First"]
    (first,) = center.find(sender=ANNA)
    assert subjects(center.find(message_id=f"<{first.message_id}>")) == ["First"]
    assert subjects(center.find(message_id="nothing@contoso.com")) == []


def test_a_directory_name_before_categorization_fits_an_address() -> None:
    scenario = mailflow.Scenario(tracking("one server")).stop("global catalog", "LON01")
    trace = scenario.send(mailflow.Message.write(ANNA, BEN), at=1).run(60)
    history = only(mailflow.tracking_center(trace).find(sender=ANNA, recipients=BEN))
    assert history.sender == ANNA
    assert history.answers[0].says.startswith("stuck in Messages awaiting directory lookup of LON01")
    assert not mailflow.tracking_center(trace).find(recipients="ben@elsewhere.example", sender=KIM)


def test_the_system_s_own_messages_are_found_by_their_id_only() -> None:
    trace = run(NIX)
    center = mailflow.tracking_center(trace)
    assert len(center.find()) == 1
    (name,) = {row.message_id for row in mailflow.tracking_log(trace, "LON01") if row.sender == "<>"}
    assert verdicts(only(center.find(message_id=name))) == {ANNA: "delivered LON01"}


def test_a_search_where_nothing_is_tracked_says_so() -> None:
    nowhere = mailflow.Scenario(mailflow.load("one server")).send(mailflow.Message.write(ANNA, BEN)).run()
    found = mailflow.tracking_center(nowhere).find()
    assert (
        str(found)
        == "0 messages found.\nNo server tracks messages: switch it on before the run, with message_tracking = true for a server or its policy."
    )
    found = mailflow.tracking_center(run(without="LON02")).find(server="LON02")
    assert str(found) == "0 messages found.\nLON02 does not track messages: there is nothing to search."
    with pytest.raises(ValueError, match="no log of a server 'LON09'; there is LON01, LON02"):
        mailflow.tracking_center(run()).find(server="LON09")


# -- verdicts -----------------------------------------------------------------------------------------------------------

BASE = TrackingRow(
    when=datetime(2003, 8, 12, 0, 58, 14, tzinfo=UTC), client_ip="", client_name="", partner="", server="MAIL01", server_ip="",
    recipient=BEN, event=0, message_id="a@b", priority=0, report_status=None, total_bytes=1, recipients=1, originated="", encryption=0,
    version="", linked_id="", subject="", sender=ANNA,
)  # fmt: skip


def verdict(*events: int, partner: str = "") -> str:
    rows = [BASE._replace(event=event, partner=partner if event in (1031, 7) else "") for event in events]
    (answer,) = only(mailflow.tracking_center(logs_of(rows)).find()).answers
    return f"{answer.verdict}: {answer.says} [{answer.sure}]"


FRONT = (1027, 1019, 1025, 1024)


@pytest.mark.parametrize(
    ("events", "said"),
    [
        # K-E7, documented: rows of Microsoft's own tool and what it concludes.
        ((*FRONT, 1033, 1034), "stuck: stuck in a link queue of MAIL01, as far as its log goes: the last entry is 1034 at 2003-8-12 0:58:14 GMT [documented]"),
        ((*FRONT, 1033, 1034, 1031), "handed on: handed on by MAIL01 at 2003-8-12 0:58:14 GMT to mx.example, of which there is no log [documented]"),
        ((*FRONT, 1030), "returned: returned by MAIL01 with a report at 2003-8-12 0:58:14 GMT: read its code, for this is right only if"),
        ((1019, 1021), "in Badmail: put into Badmail by MAIL01 at 2003-8-12 0:58:14 GMT: SMTP is configured wrongly there, or"),
        ((*FRONT, 1033, 1036, 1023, 1028), "delivered: delivered to the store of MAIL01 at 2003-8-12 0:58:14 GMT [documented]"),
        # The rest is inferred (O-10).
        ((1019,), "stuck in Messages pending submission"),
        ((1019, 1025), "stuck in Messages pending submission"),
        ((1019, 1025, 1024), "stuck in Messages awaiting directory lookup"),
        ((1019, 1025, 1024, 1033), "stuck in Messages waiting to be routed, or with an unreachable destination"),
        ((1019, 1025, 1024, 1033, 1036), "stuck in Local delivery"),
        ((1019, 1025, 1024, 1033, 1034, 1020), "stuck in a transfer that has begun and not ended, in a link queue of "),
        ((1019, 1025, 1024, 1042), "redirected: redirected by MAIL01 to the alternate recipient [documented]"),
        ((1019, 1025, 1024, 1033, 1038, 1029, 7), "handed on: handed on by the MTA by MAIL01"),
        ((1019, 1026), "stuck in a place that this number does not tell: event 1026 of MAIL01"),
    ],
)  # fmt: skip
def test_the_answer_follows_from_the_entries(events: tuple[int, ...], said: str) -> None:
    assert said in verdict(*events, partner="mx.example")


def test_only_the_documented_rules_say_that_they_are() -> None:
    for event in WAITING:
        assert ("[documented]" in verdict(event)) == (event == 1034), event
    assert {event for event in EVENTS if event not in WAITING} == {1021, 1028, 1030, 1031, 1042, 7}


def test_a_transfer_without_a_partner_names_nobody() -> None:
    assert "to another host, which the entry does not name" in verdict(1031)


def test_a_group_is_not_named_after_categorization() -> None:
    trace = mailflow.Scenario(tracking("one server")).send(mailflow.Message.write(ANNA, "sales@contoso.com")).run()
    history = only(mailflow.tracking_center(trace).find(recipients="sales@contoso.com"))
    first, *members = history.answers
    assert (first.recipient, first.verdict, first.sure) == ("sales@contoso.com", "replaced", "inferred")
    assert members
    assert {answer.verdict for answer in members} <= {"delivered", "handed on"}


def test_a_redirected_recipient() -> None:
    made = mailflow.load("one server")
    people = tuple(
        replace(item, forward_to="finn") if isinstance(item, Mailbox) and item.name == "ben" else item
        for item in made.recipients
    )
    trace = mailflow.Scenario(tracking(replace(made, recipients=people))).send(mailflow.Message.write(ANNA, BEN)).run()
    assert verdicts(only(mailflow.tracking_center(trace).find())) == {
        BEN: "redirected LON01",
        "finn@contoso.com": "delivered LON01",
    }


def test_two_people_of_one_first_part_are_not_mixed_up() -> None:
    rows = [
        BASE._replace(event=1024, recipient="/O=X/CN=RECIPIENTS/CN=BEN"),
        BASE._replace(event=1033),
        BASE._replace(event=1033, recipient="ben@other.example"),
    ]
    answers = only(mailflow.tracking_center(logs_of(rows)).find()).answers
    assert [answer.recipient for answer in answers] == ["/O=X/CN=RECIPIENTS/CN=BEN", BEN, "ben@other.example"]


def test_the_mta_is_followed_like_smtp() -> None:
    x400 = replace(sites(), connectors=tuple(item for item in sites().connectors if item.kind == "X.400"))
    trace = mailflow.Scenario(tracking(x400)).send(mailflow.Message.write(ANNA, PIERRE)).run()
    history = only(mailflow.tracking_center(trace).find())
    assert [stop.server for stop in history.stops] == ["LON01", "PAR02"]
    assert verdicts(history) == {PIERRE: "delivered PAR02"}


def test_a_server_reached_by_another_name_is_found_by_who_handed_on() -> None:
    rows = [
        row._replace(partner="alias.example") for row in mailflow.tracking_log(run(BEN), "LON01") if row.event == 1031
    ]
    trace = run(BEN)
    others = list(mailflow.tracking_log(trace, "LON02"))
    history = only(mailflow.tracking_center(logs_of([*rows, *others])).find())
    assert verdicts(history) == {BEN: "delivered LON02"}


def test_a_tracking_server_without_an_entry_is_said() -> None:
    trace = run(BEN)
    sent = next(event for event in trace if event.tracking == 1031)
    history = only(mailflow.tracking_center(trace, sent.number).find())
    assert history.answers[0].says.endswith("to LON02, whose log has no entry of it for this recipient")


# -- real files ---------------------------------------------------------------------------------------------------------


def test_files_of_several_servers_and_days_are_searched_together() -> None:
    trace = run()
    texts = [str(mailflow.tracking_log(trace, name)) for name in ("PAR02", "LON02", "LON01", "PAR01", "LONFE")]
    logs = [mailflow.read_tracking_log(text) for text in texts]
    from_files = mailflow.tracking_center(logs)
    assert verdicts(only(from_files.find(sender=ANNA))) == verdicts(
        only(mailflow.tracking_center(trace).find(sender=ANNA))
    )
    one = mailflow.tracking_center(logs[2]).find(sender=ANNA)
    assert verdicts(only(one))[BEN] == "handed on LON01"
    assert only(one).answers[0].says.endswith("to lon02.contoso.com, of which there is no log")


# -- forms --------------------------------------------------------------------------------------------------------------


def test_a_search_in_a_notebook_is_escaped() -> None:
    trace = mailflow.Scenario(tracking("one server")).send(mailflow.Message.write(ANNA, BEN, subject="<script>&")).run()
    found = mailflow.tracking_center(trace).find()
    shown = found._repr_html_()
    assert all(history._repr_html_() in shown for history in found)
    assert "&lt;script&gt;&amp;" in shown
    assert "<script>" not in shown
    assert shown.startswith("<div><p>1 message found.</p>")
    assert found[:1] == found.histories
    assert str(found).splitlines()[1] == found[0].title


# -- center and trace ---------------------------------------------------------------------------------------------------


@pytest.mark.no_cover
@given(scenarios())
def test_the_center_claims_what_happened_and_no_more(scenario: mailflow.Scenario) -> None:
    scenario.organization = tracking(scenario.organization)
    trace = scenario.run()
    center = mailflow.tracking_center(trace)
    ids = {row.message_id for log in center.logs.values() for row in log}
    claimed: set[tuple[str, str]] = set()
    for name in ids:
        history = only(center.find(message_id=name))
        claimed |= {(name, answer.recipient.lower()) for answer in history.answers if answer.verdict == "delivered"}
    happened = {
        (row.message_id, row.recipient.lower()) for log in center.logs.values() for row in log if row.event == 1028
    }
    assert claimed == happened
