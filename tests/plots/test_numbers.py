"""Where there is no matplotlib a chart shows its words and, as a table, the numbers that it would draw."""

import subprocess
import sys
from collections.abc import Callable
from html import unescape
from itertools import pairwise
from re import findall
from typing import cast

import pytest

import mailflow
from mailflow.plots import (
    Chart,
    Numbers,
    backscatter,
    flapping,
    holders,
    informed,
    mx_choices,
    queue_lengths,
    relay_decisions,
    retry_timetable,
    ten_steps,
    traffic,
    versions,
)
from mailflow.trace import Trace
from tests.plots.reading import across, axes_of, up, widths

LETTER = mailflow.Message.write("anna@contoso.com", "ben@contoso.com")


def waiting() -> Trace:
    scenario = mailflow.Scenario(mailflow.load("one server")).stop("global catalog").start("global catalog", at=9)
    return scenario.send(LETTER).send(LETTER, at=1).run()


def retried() -> Trace:
    scenario = mailflow.Scenario(mailflow.load("two sites")).fail("London-Paris")
    return scenario.send(mailflow.Message.write("ben@contoso.com", "pierre@contoso.com")).run(until=4 * 86400)


def spread() -> Trace:
    letter = mailflow.Message.write("sara@contoso.com", "bruno@contoso.com")
    return mailflow.Scenario(mailflow.load("four corners")).fail("Tokyo-Brussels").send(letter).run(until=240)


def moment() -> int:
    """The step at which a master has raised its version and nobody else knows."""
    return next(event.number for event in spread() if event.step.key == "routing.raised")


def flapped() -> Chart:
    letter = mailflow.Message.write("sara@contoso.com", "bruno@contoso.com")
    return flapping(mailflow.load("four corners"), "Tokyo-Brussels", letter, times=1)


CHARTS: dict[str, Callable[[], Chart]] = {
    "queue_lengths": lambda: queue_lengths(waiting(), "LON01"),
    "holders": lambda: holders(waiting()),
    "ten_steps": lambda: ten_steps(waiting()),
    "retry_timetable": lambda: retry_timetable(retried(), "LON02"),
    "informed": lambda: informed(spread(), "Brussels", since="link.failed"),
    "traffic": lambda: traffic([mailflow.grown(2, 1, shape="hub")]),
    "flapping": flapped,
    "versions": lambda: versions(spread(), moment()),
    "relay_decisions": lambda: relay_decisions(mailflow.load("one server"), "LON01"),
    "mx_choices": lambda: mx_choices(mailflow.load("one server"), "fabrikam.com", tries=20),
    "backscatter": lambda: backscatter(mailflow.load("one server"), "LON01", messages=3),
}


def rows(chart: Chart) -> list[list[object]]:
    assert chart.numbers is not None
    assert {len(row) for row in chart.numbers.rows} <= {len(chart.numbers.columns)}
    return [list(row) for row in chart.numbers.rows]


def shown(chart: Chart, kind: str) -> str:
    return cast("str", chart._repr_mimebundle_()[0][kind])


@pytest.fixture
def nothing_draws(monkeypatch: pytest.MonkeyPatch) -> None:
    """No matplotlib, as in a page of the browser edition."""
    for name in [name for name in sys.modules if name.partition(".")[0] == "matplotlib"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "matplotlib", None)


@pytest.mark.parametrize("name", CHARTS)
@pytest.mark.usefixtures("nothing_draws")
def test_every_chart_shows_its_words_and_its_numbers(name: str) -> None:
    chart = CHARTS[name]()
    bundle, metadata = chart._repr_mimebundle_()
    assert (set(bundle), metadata) == ({"text/html", "text/plain"}, {})
    html, text = shown(chart, "text/html"), shown(chart, "text/plain")
    assert unescape(html).startswith(f"<p>{chart.words}</p>")
    assert text.startswith(f"{chart.words}\n\n")
    told = rows(chart)
    assert told
    assert html.count("<tr>") == len(text.splitlines()) - 2 == len(told) + 1
    cells = [unescape(cell) for cell in findall(r"<td[^>]*>(.*?)</td>", html)]
    assert cells == [written(cell) for row in told for cell in row]
    assert all(cell in text for cell in cells)


def written(cell: object) -> str:
    if isinstance(cell, float):
        return f"{cell:,.2f}"
    return f"{cell:,}" if isinstance(cell, int) else str(cell)


@pytest.mark.usefixtures("nothing_draws")
def test_a_chart_of_your_own_without_numbers_shows_its_words() -> None:
    chart = Chart((2, 1), "A & B.", lambda axes: None)
    assert (shown(chart, "text/html"), shown(chart, "text/plain")) == ("<p>A &amp; B.</p>", "A & B.")


@pytest.mark.usefixtures("nothing_draws")
def test_who_asks_for_the_figure_itself_is_told_what_there_is() -> None:
    with pytest.raises(RuntimeError, match=r"no matplotlib here.*chart\.numbers"):
        _ = Chart((2, 1), "A line.", lambda axes: None).figure


def test_names_and_figures_are_aligned_and_escaped() -> None:
    numbers = Numbers(("name", "KB"), [("<b>", 1234.567), ("c", 2)])
    assert numbers.text("Said.") == "Said.\n\nname  KB\n<b>   1,234.57\nc     2"
    html = numbers.html("Said.")
    assert '<td style="text-align:left">&lt;b&gt;</td><td style="text-align:right">1,234.57</td>' in html
    assert '<th scope="col" style="text-align:left">name</th><th scope="col" style="text-align:right">KB</th>' in html


def test_charts_can_be_counted_with_matplotlib_left_alone() -> None:
    code = "import sys; from mailflow import plots; print(plots.sent, 'matplotlib' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split()[-1] == "False"


def test_the_rows_of_queue_lengths_are_the_corners_of_its_lines() -> None:
    chart = queue_lengths(waiting(), "LON01")
    assert chart.numbers is not None
    lines = axes_of(chart).lines
    assert list(chart.numbers.columns) == ["seconds", *(line.get_label() for line in lines)]
    points = list(zip(across(lines[0]), *map(up, lines), strict=True))
    corners = [points[0], *(new for old, new in pairwise(points) if old[1:] != new[1:])]
    assert rows(chart) == [[f"{time:.3f}", *counts] for time, *counts in corners]


def test_the_rows_of_holders_are_its_bars() -> None:
    chart = holders(waiting())
    axes = axes_of(chart)
    drawn = [
        (path.get_extents().xmin, path.get_extents().xmax, label.get_text())
        for bars, label in zip(axes.collections, axes.get_yticklabels(), strict=True)
        for path in bars.get_paths()
    ]
    told = [(a, b, label) for label, a, b in rows(chart)]
    assert told == sorted(told)
    assert [label for _, _, label in told] == [label for _, _, label in sorted(drawn)]
    assert [edge for *edges, _ in told for edge in edges] == pytest.approx(
        [edge for *edges, _ in sorted(drawn) for edge in edges]
    )


def test_the_rows_of_retry_timetable_are_its_marks_in_time() -> None:
    chart = retry_timetable(retried(), "LON02")
    axes = axes_of(chart)
    names = [label.get_text() for label in axes.get_yticklabels()]
    drawn = [(x, name) for line, name in zip(axes.lines, names, strict=True) for x in across(line)]
    assert rows(chart) == [list(mark) for mark in sorted(drawn)]
    assert {name for _, name in drawn} == {"attempt", "delay notice", "returned"}


def test_the_rows_of_lines_are_their_points() -> None:
    chart = informed(spread(), "Brussels", since="link.failed")
    line = axes_of(chart).lines[0]
    assert rows(chart) == [list(point) for point in zip(across(line), up(line), strict=True)]
    chart = traffic([mailflow.grown(groups, 1, shape="hub") for groups in (2, 3)])
    lines = axes_of(chart).lines
    assert rows(chart) == [list(point) for point in zip(across(lines[0]), *map(up, lines), strict=True)]


def test_the_rows_of_bars_are_their_lengths() -> None:
    chart = flapped()
    bars = widths(axes_of(chart).patches)
    assert [row[2] for row in rows(chart)] == bars
    assert [f"{row[1]} tables" for row in rows(chart)] == [text.get_text() for text in axes_of(chart).texts]
    for chart in (CHARTS["mx_choices"](), CHARTS["backscatter"]()):
        drawn = list(zip(*map(widths, axes_of(chart).containers), strict=True))
        assert rows(chart) == [
            [label.get_text(), *values] for label, values in zip(axes_of(chart).get_yticklabels(), drawn, strict=True)
        ]


def test_the_rows_of_grids_are_their_cells() -> None:
    for chart in (CHARTS["versions"](), CHARTS["relay_decisions"]()):
        axes = axes_of(chart)
        drawn = {text.get_position(): text.get_text().replace("\n", ": ") for text in axes.texts}
        names = [label.get_text() for label in axes.get_yticklabels()]
        told = rows(chart)
        assert [row[0] for row in told] == names
        assert {(x, y): cell for y, row in enumerate(told) for x, cell in enumerate(row[1:])} == drawn
    assert any("○" in str(cell) for row in rows(CHARTS["versions"]()) for cell in row)
