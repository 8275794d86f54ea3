"""What a kernel holds after a notebook: a class server has one for each learner."""

import sys
from functools import cache
from math import inf

import pytest

from benchmarks.run import FIGURE, ROOT, SOME, code_of, ground_of, kernel, loaded_by

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")

AIM = 8
"""Megabytes over an empty kernel, or over one with a bare figure where the notebook has charts."""
SLACK = 1.5
"""What a notebook takes that needs several servers, SMTP or link state, as the second does."""
MORE = 2.2
"""The same for the fourth, which has a run behind each of its bets: 9.4 MB."""
WAYS = 1.0
"""The same for the third, which has two servers, SMTP and five runs: 8.7 MB."""
NOISE = 0.6
"""Two measurements of one notebook differ by up to half a megabyte."""
STRIP = """
strip = Figure(figsize=(9.6, 1.7), layout="constrained")
axes = strip.subplots()
for number in range(1, 11):
    axes.plot([number, number + 1], [0, 0], linewidth=3)
    axes.scatter([number], [0], s=620)
    axes.text(number, 0, str(number), ha="center")
    axes.text(number, -0.4, "way found", va="top", fontsize=9)
    axes.text(number, 0.4, "Inetinfo.exe", va="bottom", fontsize=9)
strip.savefig(io.BytesIO(), format="png", dpi=92)
strip.savefig(io.BytesIO(), format="png", dpi=92, transparent=True)
del strip, axes"""
"""What matplotlib by itself takes for circles and words, drawn for a white page and for one of any theme: 1.3 MB more than for
bare axes."""


@cache
def least(*ground: str) -> float:
    """Megabytes that a kernel holds after these cells: the least of three measurements, since what disturbs one adds to it."""
    return min(kernel(list(ground)) for _ in range(3))


def check_over(cells: list[str], ground: list[str], most: float) -> None:
    """Cells take less than so many megabytes over other ones: seen in one of three measurements, the first that shows it."""
    more = inf
    for _ in range(3):
        more = min(more, kernel(cells) - least(*ground))
        if more < most:
            return
    pytest.fail(f"{AIM} MB is the aim; this is {more:.1f}")


def notebook(number: str) -> list[str]:
    (path,) = (ROOT / "notebooks").glob(f"{number}-*.ipynb")
    return code_of(path)


def test_the_first_notebook_takes_little_more_than_an_empty_kernel() -> None:
    cells = notebook("00")
    assert ground_of(cells) == loaded_by(cells) == []
    check_over(cells, [], AIM + NOISE)


def test_a_notebook_with_a_strip_takes_little_more_than_one_that_matplotlib_draws() -> None:
    cells = notebook("02")
    assert ground_of(cells) == [FIGURE]
    assert loaded_by(cells) == []
    check_over(cells, [FIGURE, STRIP], AIM + WAYS)


def test_a_notebook_with_a_chart_takes_little_more_than_a_bare_figure() -> None:
    """Up to its first look-up in DNS: dnspython alone takes more than 2 MB."""
    cells = notebook("01")[:7]
    assert ground_of(cells) == [FIGURE]
    assert loaded_by(cells) == []
    check_over(cells, [FIGURE], AIM + NOISE)


@pytest.mark.parametrize(("number", "wanted", "slack"), [("01", ["dns"], SLACK), ("04", ["dns", "networkx"], MORE)])
def test_a_notebook_that_needs_more_libraries_takes_little_more_than_those(
    number: str, wanted: list[str], slack: float
) -> None:
    cells = notebook(number)
    assert loaded_by(cells) == wanted
    check_over(cells, [*ground_of(cells), *(SOME[name] for name in wanted)], AIM + slack)
