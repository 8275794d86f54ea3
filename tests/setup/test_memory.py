"""What a kernel holds after a notebook: a class server has one for each learner."""

import sys

import pytest

from benchmarks.run import FIGURE, ROOT, SOME, code_of, ground_of, kernel, loaded_by

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")

AIM = 8
"""Megabytes over an empty kernel, or over one with a bare figure where the notebook has charts."""
SLACK = 1.5
"""What the notebooks take that need several servers, SMTP or link state: 8.8 MB for the second, 9.1 for the fourth. Two measurements of one
notebook differ by up to a fifth of a megabyte.
"""
CLOSE = 0.9
"""The same for the notebook that everybody opens first, which takes 8.3 to 8.6 MB."""


def notebook(number: str) -> list[str]:
    (path,) = (ROOT / "notebooks").glob(f"{number}-*.ipynb")
    return code_of(path)


@pytest.mark.parametrize(("number", "slack"), [("00", CLOSE), ("02", SLACK)])
def test_a_notebook_takes_little_more_than_an_empty_kernel(number: str, slack: float) -> None:
    cells = notebook(number)
    assert ground_of(cells) == loaded_by(cells) == []
    more = kernel(cells) - kernel([])
    assert more < AIM + slack, f"{AIM} MB is the aim; this is {more:.1f}"


def test_a_notebook_with_a_chart_takes_little_more_than_a_bare_figure() -> None:
    """Up to its first look-up in DNS: dnspython alone takes more than 2 MB."""
    cells = notebook("01")[:7]
    assert ground_of(cells) == [FIGURE]
    assert loaded_by(cells) == []
    more = kernel(cells) - kernel([FIGURE])
    assert more < AIM + SLACK, f"{AIM} MB is the aim; this is {more:.1f}"


@pytest.mark.parametrize(("number", "wanted"), [("01", ["dns"]), ("04", ["dns", "networkx"])])
def test_a_notebook_that_needs_more_libraries_takes_little_more_than_those(number: str, wanted: list[str]) -> None:
    cells = notebook(number)
    assert loaded_by(cells) == wanted
    more = kernel(cells) - kernel([*ground_of(cells), *(SOME[name] for name in wanted)])
    assert more < AIM + SLACK, f"{AIM} MB is the aim; this is {more:.1f}"
