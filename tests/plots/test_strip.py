"""The strip is lit as far as the message has come, and says so."""

import numpy as np
import pytest

import mailflow
from mailflow.plots import Chart, ten_steps
from mailflow.plots.strip import STATIONS
from tests.plots.reading import axes_of, shade
from tests.plots.test_themed import BLACK, WHITE, contrast

LETTER = mailflow.Message.write("anna@contoso.com", "ben@contoso.com")


def dark(chart: Chart) -> list[bool]:
    """Whether each circle is an empty ring."""
    return [not len(circle.get_facecolor()) for circle in axes_of(chart).collections]


def test_every_step_to_the_next_server_is_lit_in_order() -> None:
    chart = ten_steps(mailflow.Scenario(mailflow.load("two servers")).send(LETTER).run())
    assert repr(chart) == "Strip of the ten steps of m1: 10 are lit."
    assert chart.numbers is not None
    times = [float(str(row[3]).removesuffix(" ms")) for row in chart.numbers.rows]
    assert times == sorted(times)
    assert not any(dark(chart))


@pytest.mark.parametrize(("until", "lit"), [(0.0, 1), (0.05, 3), (60.0, 7), (None, 10)])
def test_what_has_not_happened_yet_is_dark(until: float | None, lit: int) -> None:
    late = mailflow.Scenario(mailflow.load("two servers")).fail("LON02").restore("LON02", at=100).send(LETTER).run()
    chart = ten_steps(late, until=until)
    assert dark(chart) == [number > lit for number in range(1, len(STATIONS) + 1)]
    assert repr(chart).startswith(f"Strip of the ten steps of m1: {lit} are lit")


def test_its_numbers_and_its_line_are_seen_in_light_and_in_dark() -> None:
    late = mailflow.Scenario(mailflow.load("two servers")).fail("LON02").restore("LON02", at=100).send(LETTER).run()
    axes = axes_of(ten_steps(late, until=60))
    numbers = {text.get_text(): text for text in axes.texts if text.get_text().isdigit()}
    for number, circle in enumerate(axes.collections, start=1):
        for ground in np.asarray(circle.get_facecolor(), dtype=float):
            filled = tuple(round(255 * part) for part in ground[:3])
            assert contrast(shade(str(numbers[str(number)].get_color())), filled) >= 4.5, number
    assert len(axes.lines) == len(STATIONS) - 1
    for line in axes.lines:
        assert line.get_alpha() is None, "a line that lets the page through is paler than its colour"
        assert min(contrast(shade(line.get_color()), page) for page in (WHITE, BLACK)) >= 3


def test_a_message_that_is_not_there_is_told() -> None:
    trace = mailflow.Scenario(mailflow.load("two servers")).send(LETTER).run()
    with pytest.raises(ValueError, match="no message 'm9'; there is m1"):
        ten_steps(trace, "m9")
