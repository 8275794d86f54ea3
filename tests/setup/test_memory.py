"""What a kernel holds after a notebook: a class server has one for each learner."""

import sys

import pytest

from benchmarks.run import FIGURE, ROOT, SOME, code_of, ground_of, kernel, loaded_by

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")

AIM = 8
"""Megabytes over an empty kernel, or over one with a bare figure where the notebook has charts."""
SLACK = 1.5
"""What a notebook takes that needs several servers, SMTP or link state, as the second does."""
MORE = 2.8
"""The same for the second, which draws a strip of ten steps, and the fourth, which has a run behind each of its bets: 9.6 to 10 MB. Two
measurements of one notebook differ by up to half a megabyte.
"""
CLOSE = 0.9
"""The same for the notebook that everybody opens first, which takes 8.5 to 8.8 MB."""


def over(cells: list[str], ground: list[str]) -> float:
    """Megabytes that cells take over other ones: the least of two measurements of both, since what disturbs one adds to it."""
    return min(kernel(cells) for _ in range(2)) - min(kernel(ground) for _ in range(2))


def notebook(number: str) -> list[str]:
    (path,) = (ROOT / "notebooks").glob(f"{number}-*.ipynb")
    return code_of(path)


def test_the_first_notebook_takes_little_more_than_an_empty_kernel() -> None:
    cells = notebook("00")
    assert ground_of(cells) == loaded_by(cells) == []
    more = over(cells, [])
    assert more < AIM + CLOSE, f"{AIM} MB is the aim; this is {more:.1f}"


def test_a_notebook_with_a_strip_takes_little_more_than_a_bare_figure() -> None:
    cells = notebook("02")
    assert ground_of(cells) == [FIGURE]
    assert loaded_by(cells) == []
    more = over(cells, [FIGURE])
    assert more < AIM + MORE, f"{AIM} MB is the aim; this is {more:.1f}"


def test_a_notebook_with_a_chart_takes_little_more_than_a_bare_figure() -> None:
    """Up to its first look-up in DNS: dnspython alone takes more than 2 MB."""
    cells = notebook("01")[:7]
    assert ground_of(cells) == [FIGURE]
    assert loaded_by(cells) == []
    more = over(cells, [FIGURE])
    assert more < AIM + SLACK, f"{AIM} MB is the aim; this is {more:.1f}"


@pytest.mark.parametrize(("number", "wanted", "slack"), [("01", ["dns"], SLACK), ("04", ["dns", "networkx"], MORE)])
def test_a_notebook_that_needs_more_libraries_takes_little_more_than_those(
    number: str, wanted: list[str], slack: float
) -> None:
    cells = notebook(number)
    assert loaded_by(cells) == wanted
    more = over(cells, [*ground_of(cells), *(SOME[name] for name in wanted)])
    assert more < AIM + slack, f"{AIM} MB is the aim; this is {more:.1f}"
