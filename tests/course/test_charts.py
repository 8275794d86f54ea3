"""Charts are drawn when they are shown, and only what to draw is kept."""

import gc
import weakref

import pytest
from matplotlib.figure import Figure

import mailflow
from mailflow.plots import Chart, holders


@pytest.fixture
def chart() -> Chart:
    letter = mailflow.Message.write("anna@contoso.com", "ben@contoso.com")
    return holders(mailflow.Scenario(mailflow.load("one server")).send(letter).run())


def pixels(chart: Chart) -> bytes:
    picture = chart._repr_mimebundle_()[0]["image/png"]
    assert isinstance(picture, bytes)
    return picture


def test_a_chart_that_was_shown_keeps_no_figure() -> None:
    drawn = []
    chart = Chart((2, 1), "A line.", lambda axes: drawn.append(weakref.ref(axes.figure)))
    assert pixels(chart).startswith(b"\x89PNG")
    gc.collect()
    assert [figure() for figure in drawn] == [None]


def test_a_chart_is_the_same_each_time(chart: Chart) -> None:
    assert pixels(chart) == pixels(chart)


def test_a_figure_that_somebody_changed_is_the_one_that_is_shown(chart: Chart) -> None:
    before = pixels(chart)
    assert isinstance(chart.figure, Figure)
    assert pixels(chart) == before
    chart.figure.axes[0].set_title("Mine")
    assert pixels(chart) != before
