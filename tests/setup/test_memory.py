"""What a kernel holds after a notebook: a class server has one for each learner."""

import sys

import pytest

from benchmarks.run import FIGURE, ROOT, code_of, kernel

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")

AIM = 8
"""Megabytes; a machine that measures three times as much has found a fault."""


@pytest.mark.parametrize(("name", "ground"), [("00-start-here", []), ("01-components", [FIGURE])])
def test_a_notebook_takes_little_more_than_the_libraries_of_every_kernel(name: str, ground: list[str]) -> None:
    more = kernel(code_of(ROOT / "notebooks" / f"{name}.ipynb")) - kernel(ground)
    assert more < 3 * AIM, f"{AIM} MB is the aim; this is {more:.1f}"
