"""The worked examples of message tracking, by their numbers; K-E7 to K-E9 stand with the tools that they are about."""

import re
from collections.abc import Mapping

import pytest

import mailflow
from mailflow.tools.tracking_rows import TrackingRow
from mailflow.trace import Trace
from tests.tools.tracking import tracked, tracking

ANNA, BEN, CARLA, PIERRE, KIM = (
    "anna@contoso.com",
    "ben@contoso.com",
    "carla@contoso.com",
    "pierre@contoso.com",
    "kim@fabrikam.com",
)
FRONT = [1019, 1025, 1024]
ON = [*FRONT, 1033, 1034, 1020, 1031]
HOME = [*FRONT, 1033, 1036, 1023, 1028]


def run(name: str, sender: str, *to: str) -> Trace:
    client = "mail.fabrikam.com" if sender == KIM else ""
    message = mailflow.Message.write(sender, list(to), subject="Lunch?")
    return mailflow.Scenario(tracking(name)).send(message, client=client).run()


def logs(trace: Trace) -> Mapping[str, tuple[TrackingRow, ...]]:
    """The rows of each server that wrote any."""
    found = {server: mailflow.tracking_log(trace, server).rows for server in tracked(trace)}
    return {server: rows for server, rows in found.items() if rows}


def events(trace: Trace) -> dict[str, list[int]]:
    return {server: [row.event for row in rows] for server, rows in logs(trace).items()}


def test_ke1_local_by_mapi() -> None:
    assert events(run("one server", ANNA, BEN)) == {"LON01": [1027, *HOME]}


def test_ke2_in_one_group_by_mapi_under_one_id() -> None:
    found = logs(run("two servers", ANNA, CARLA))
    name = found["LON01"][0].message_id
    hers = {server: [row.event for row in rows if row.message_id == name] for server, rows in found.items()}
    assert hers == {"LON01": [1027, *ON], "LON02": HOME}
    assert {row.recipient for rows in found.values() for row in rows if row.message_id != name} == {
        "journal@contoso.com"
    }


def test_ke3_through_two_bridgeheads_there_are_as_many_transfers_as_hops() -> None:
    seen = events(run("two sites", ANNA, PIERRE))
    assert seen == {"LON01": [1027, *ON], "LON02": ON, "PAR01": ON, "PAR02": HOME}
    assert sum(each.count(1031) for each in seen.values()) == 3


def test_ke4_two_domains_outside_share_the_front_and_have_a_link_queue_each() -> None:
    people = [KIM, "lee@northwindtraders.com"]
    (rows,) = logs(run("one server", ANNA, *people)).values()
    assert [row.event for row in rows if row.recipient == KIM] == [1027, *ON]
    assert [row.event for row in rows if row.recipient == people[1]] == [1027, *ON]
    assert {row.recipients for row in rows if row.event in (1027, *FRONT)} == {2}
    assert {row.partner.partition(".")[2] for row in rows if row.event == 1020} == {
        "fabrikam.com",
        "northwindtraders.com",
    }


def test_ke5_from_outside_there_is_no_submission_from_a_store() -> None:
    assert events(run("one server", KIM, BEN)) == {"LON01": HOME}


@pytest.mark.parametrize(("sender", "first"), [(ANNA, [1027]), (KIM, [])])
def test_ke6_an_unknown_recipient_is_returned_under_a_new_id(sender: str, first: list[int]) -> None:
    (rows,) = logs(run("one server", sender, "nix@contoso.com")).values()
    lost = [row for row in rows if row.message_id == rows[0].message_id]
    report = [row for row in rows if row not in lost]
    assert [row.event for row in lost] == [*first, *FRONT, 1030]
    assert {row.sender for row in report} == {"<>"}
    assert len({row.message_id for row in report}) == 1
    assert report[0].event == 1019


@pytest.mark.parametrize(
    ("sender", "way", "shape"),
    [
        (ANNA, "default", r"[0-9A-F]{32}([0-9A-F]{4}|[0-9A-F]{6})@lon01\.contoso\.com"),
        (KIM, "default", r"[0-9a-f]{12}\$[0-9a-f]{8}\$[0-9a-f]{8}@[a-z.]+"),
        (ANNA, "pickup", r"LON01[^@]*[0-9a-f]{8}@lon01\.contoso\.com"),
    ],
)
def test_ke10_an_id_shows_who_made_it(sender: str, way: str, shape: str) -> None:
    message = mailflow.Message.write(sender, BEN)
    scenario = mailflow.Scenario(tracking("one server"))
    if way == "pickup":
        scenario.send(message, by="pickup", server="LON01")
    else:
        scenario.send(message, client="mail.fabrikam.com" if sender == KIM else "")
    ids = {row.message_id for row in mailflow.tracking_log(scenario.run(), "LON01")}
    assert all(re.fullmatch(shape, name) for name in ids), ids
    assert len(ids) == 1
