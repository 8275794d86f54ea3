"""What the charts draw is what they say, also where there is nothing to draw."""

from dataclasses import replace
from itertools import pairwise

import pytest

import mailflow
from mailflow.names import Place
from mailflow.organization import Zone
from mailflow.plots import backscatter, holders, mx_choices, queue_lengths, relay_decisions, retry_timetable
from mailflow.plots.charts import process_of
from mailflow.trace import Trace
from tests.plots.reading import across, axes_of, up, widths

LETTER = mailflow.Message.write("anna@contoso.com", "ben@contoso.com")


def waiting() -> Trace:
    """Three messages that wait for the global catalog."""
    scenario = mailflow.Scenario(mailflow.load("one server")).stop("global catalog").start("global catalog", at=9)
    for second in range(3):
        scenario.send(LETTER, at=second)
    return scenario.run()


def test_queue_lengths_draws_each_queue_as_it_grows_and_falls() -> None:
    trace = waiting()
    chart = queue_lengths(trace, "LON01")
    lines = {str(line.get_label()): line for line in axes_of(chart).lines}
    lookup = lines["Messages awaiting directory lookup"]
    assert max(up(lookup)) == 3
    assert up(lookup)[-1] == 0
    assert across(lookup) == [0.0, *(state.time for state in trace.states())]
    assert chart.figure.legends[0].texts[0].get_text() in lines
    assert not any("store" in name.lower() or "outbox" in name.lower() for name in lines), "only queues are drawn"


def test_queue_lengths_draws_only_the_queues_that_are_named() -> None:
    name = "Messages awaiting directory lookup"
    chart = queue_lengths(waiting(), "LON01", queues=[name])
    assert [line.get_label() for line in axes_of(chart).lines] == [name]
    assert repr(chart).endswith(f"{name}: at most 3.")


def test_a_server_whose_queues_held_nothing_has_no_legend() -> None:
    trace = mailflow.Scenario(mailflow.load("two sites")).send(LETTER).run()
    chart = queue_lengths(trace, "PAR02")
    assert repr(chart).endswith("no queue held anything.")
    assert (len(axes_of(chart).lines), chart.figure.legends) == (0, [])


def test_holders_draws_a_row_for_each_process_and_as_long_as_it_holds_the_message() -> None:
    trace = (
        mailflow.Scenario(mailflow.load("two sites"))
        .send(mailflow.Message.write("x@fabrikam.com", "ben@contoso.com"), by="smtp", server="LON01")
        .run()
    )
    chart = holders(trace)
    axes = axes_of(chart)
    states = [state.copy() for state in trace.states()]
    held: dict[str, float] = {}
    for before, after in pairwise(states):
        for item in before.mails.values():
            known = {server["name"] for server in trace.organization["servers"]}
            label = f"{item.server}: {process_of(item.server, item.place, known)}"
            held[label] = held.get(label, 0) + 1000 * (after.time - before.time)
    drawn = {
        label.get_text(): sum(path.get_extents().width for path in row.get_paths())
        for row, label in zip(axes.collections, axes.get_yticklabels(), strict=True)
    }
    assert drawn == pytest.approx(held)
    assert all(f"{label} {length:.0f} ms" in repr(chart) for label, length in held.items())


def test_whoever_holds_a_message_at_the_end_holds_it_until_the_last_step() -> None:
    trace = (
        mailflow.Scenario(mailflow.load("one server"))
        .send(LETTER)
        .stop("global catalog", at=1)
        .send(LETTER, at=2)
        .run(until=5)
    )
    held = trace.at()
    assert any(item.message == "m2" for item in held.mails.values()), "the second message waits"
    last = axes_of(holders(trace, "m2")).collections[-1]
    assert max(path.get_extents().xmax for path in last.get_paths()) == pytest.approx(1000 * trace[-1].time)


def test_holders_of_a_run_without_steps_is_empty() -> None:
    chart = holders(mailflow.Scenario(mailflow.load("one server")).run())
    assert len(axes_of(chart).collections) == 0


@pytest.mark.parametrize(
    ("server", "place", "process"),
    [
        ("LON01", "store/ben@contoso.com", "Store.exe"),
        ("LON01", "outbox", "client"),
        ("LON01", "exipc/in", "EXIPC"),
        ("LON01", "mta/x", "Emsmta.exe"),
        ("LON01", "queue/x", "Inetinfo.exe"),
        ("mail.fabrikam.com", "store", "outside"),
    ],
)
def test_every_place_belongs_to_a_process(server: str, place: str, process: str) -> None:
    assert process_of(server, Place(place), {"LON01"}) == process


def test_retry_timetable_draws_attempts_notices_and_returns_from_the_first_failure_on() -> None:
    trace = (
        mailflow.Scenario(mailflow.load("two sites"))
        .fail("London-Paris")
        .send(mailflow.Message.write("anna@contoso.com", "pierre@contoso.com"), at=60)
        .run(until=4 * 86400)
    )
    server = next(event.server for event in trace if event.step.key == "link.failed")
    chart = retry_timetable(trace, server)
    drawn = [across(line) for line in axes_of(chart).lines]
    for values, key in zip(drawn, ("link.failed", "notification.late", "notification.bounced"), strict=True):
        minutes = [event.time / 60 for event in trace if event.server == server and event.step.key == key]
        start = next(event.time / 60 for event in trace if event.server == server and event.step.key == "link.failed")
        assert values == [minute - start for minute in minutes]
    assert drawn[0][0] == 0
    assert f"Chart of {len(drawn[0])} attempts of {server}" in repr(chart)
    assert repr(chart).endswith(f"delay notices: {len(drawn[1])}; returned: {len(drawn[2])}.")
    assert drawn[1], "this run has a delay notice"
    assert drawn[2], "this run has a return"


def test_relay_decisions_draws_what_it_says() -> None:
    chart = relay_decisions(mailflow.load("one server"), "LON01")
    marks = [text.get_text().split("\n")[0] for text in axes_of(chart).texts]
    assert (marks.count("accepted"), marks.count("refused")) == (14, 4)
    assert repr(chart).count("550") == 4
    colours = axes_of(chart).images[0].get_array()
    assert colours is not None
    assert colours.sum() == 14


def test_exchangers_of_the_same_preference_share_the_first_place() -> None:
    pair = Zone(name="pair.example", records="@ MX 10 a\n@ MX 10 b\na A 192.0.2.81\nb A 192.0.2.82")
    chart = mx_choices(replace(mailflow.load("one server"), zones=(pair,)), "pair.example", tries=100)
    first, second = map(widths, axes_of(chart).containers)
    assert sum(first) == sum(second) == 100
    assert all(width > 20 for width in first), "either is tried first now and then"
    assert all(a + b == 100 for a, b in zip(first, second, strict=True))
    legend = axes_of(chart).get_legend()
    assert legend is not None
    assert [text.get_text() for text in legend.texts] == ["first", "second"]


def test_the_exchanger_that_is_tried_first_is_on_top() -> None:
    records = "@ MX 20 a\n@ MX 10 z\n@ MX 10 y\na A 192.0.2.81\ny A 192.0.2.82\nz A 192.0.2.83"
    three = Zone(name="three.example", records=records)
    axes = axes_of(mx_choices(replace(mailflow.load("one server"), zones=(three,)), "three.example", tries=10))
    assert [label.get_text() for label in axes.get_yticklabels()] == [f"{host}.three.example" for host in "yza"]
    assert axes.yaxis_inverted(), "the first row is drawn at the top"


def test_a_domain_without_an_exchanger_has_no_legend() -> None:
    axes = axes_of(mx_choices(mailflow.load("one server"), "nowhere.test", tries=2))
    assert (axes.get_legend(), len(axes.containers)) == (None, 0)


def test_backscatter_draws_what_it_says() -> None:
    axes = axes_of(backscatter(mailflow.load("one server"), "LON01", messages=3))
    refused, reports = map(widths, axes.containers)
    assert (refused, reports) == ([0, 3], [3, 0])
    assert [text.get_text().strip() for text in axes.texts] == ["0", "3", "3", "0"]
