"""Where messages pile up, as a picture: the place tells the phase and the cause."""

from datetime import UTC, datetime

import pytest

import mailflow
from mailflow import plots
from tests.plots.reading import axes_of, shade
from tests.plots.test_themed import contrast


def run(cause: str = "", to: str = "pierre@contoso.com") -> mailflow.Trace:
    company = mailflow.reconfigure(mailflow.load("two sites"), "LON02", antivirus=True)
    scenario = mailflow.Scenario(company)
    if cause == "London-Paris":
        scenario.fail(cause)
    elif cause:
        scenario.stop(cause, "LON02")
    for second in (1, 2):
        scenario.send(mailflow.Message.write("ben@contoso.com", [to]), at=second)
    return scenario.run(until=30)


def test_the_number_in_a_spot_is_read() -> None:
    axes = axes_of(plots.pile_up({"antivirus": run("antivirus")}, "LON02"))
    (spot,) = [line for line in axes.lines if line.get_marker() == "o"]
    (number,) = [text for text in axes.texts if text.get_text() == "2"]
    assert contrast(shade(number.get_color()), shade(spot.get_color())) >= 4.5


def test_each_cause_has_a_place_of_its_own() -> None:
    causes = ("", "antivirus", "global catalog", "routing engine", "London-Paris")
    chart = plots.pile_up({cause or "well": run(cause) for cause in causes}, "LON02")
    assert chart.words == (
        "Chart of where messages wait on LON02. well: no queue holds anything; antivirus: 2 in Messages pending submission; "
        "global catalog: 2 in Messages awaiting directory lookup; routing engine: 2 in Messages waiting to be routed; "
        "London-Paris: 2 in link queues."
    )
    assert chart.numbers is not None
    assert chart.numbers.columns[1:] == (
        "Messages pending submission", "Messages awaiting directory lookup", "Messages waiting to be routed",
        "Messages with an unreachable destination", "Local delivery", "link queues",
    )  # fmt: skip
    assert [row[1:] for row in chart.numbers.rows] == [
        [0, 0, 0, 0, 0, 0], [2, 0, 0, 0, 0, 0], [0, 2, 0, 0, 0, 0], [0, 0, 2, 0, 0, 0], [0, 0, 0, 0, 0, 2],
    ]  # fmt: skip


def test_it_draws_a_circle_for_each_pile_below_its_phase() -> None:
    chart = plots.pile_up({"Monday": run("antivirus"), "Tuesday": run("London-Paris")}, "LON02")
    (axes,) = chart.figure.axes
    said = [text.get_text() for text in axes.texts]
    assert said.count("2") == 2
    assert said[-3:] == ["submission", "processing", "delivery"]
    assert [label.get_text() for label in axes.get_yticklabels()] == ["Monday", "Tuesday"]


def test_a_queue_that_is_seldom_used_stands_there_when_it_holds_something() -> None:
    later = mailflow.Message.write(
        "ben@contoso.com", "pierre@contoso.com", deliver_after=datetime(2003, 11, 1, tzinfo=UTC)
    )
    trace = mailflow.Scenario(mailflow.load("two sites")).send(later).run(until=30)
    chart = plots.pile_up({"deferred": trace}, "LON02")
    assert chart.words.endswith("deferred: 1 in Messages queued for deferred delivery.")
    assert chart.numbers is not None
    assert chart.numbers.columns[-1] == "Messages queued for deferred delivery"


def test_what_is_no_server_or_no_run_is_said() -> None:
    with pytest.raises(ValueError, match="give a run by its name"):
        plots.pile_up({}, "LON02")
    with pytest.raises(ValueError, match="no server 'LON99'"):
        plots.pile_up({"Monday": run()}, "LON99")
