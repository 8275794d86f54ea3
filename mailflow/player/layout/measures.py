"""The measures of a map: cells, sizes of boxes, and how wide a text is.

A map is planned on a sheet of square cells. Boxes cover whole cells, lines run from the middle of one cell to the middle of
the next, so that two lines are never nearer than a cell, and a line is never nearer than half a cell to a box.
"""

from __future__ import annotations

from math import ceil
from typing import Final, NamedTuple

CELL: Final = 15
"""The side of a cell in CSS pixels."""

WIDTH = 60
"""The width, in cells, that every map takes if it can: 900 pixels."""

MARGIN: Final = 1
"""Cells round a map that hold no box, so that a line can run there."""

INSET: Final = 1.5
"""Pixels that a box is smaller than its cells, on each side."""

LANE: Final = 3.5
"""Pixels between the middle of a track and each of the two one-way lines on it."""


class Rect(NamedTuple):
    """A rectangle: in cells while a map is planned, in pixels when it is drawn."""

    x: float
    y: float
    w: float
    h: float

    def meets(self, other: Rect, gap: float = 0) -> bool:
        """Whether two rectangles overlap, or are nearer than ``gap``."""
        return (
            self.x < other.x + other.w + gap
            and other.x < self.x + self.w + gap
            and self.y < other.y + other.h + gap
            and other.y < self.y + self.h + gap
        )


class Size(NamedTuple):
    """How large things are drawn: a box in cells, the cells between boxes, type and the longest name in pixels.

    ``height`` is how high a map may be, in cells.
    """

    w: int
    h: int
    row_gap: int
    column_gap: int
    group_gap: int
    type: float
    small: float
    longest: float
    height: int


SIZES: Final = (
    Size(9, 4, 2, 3, 6, 15, 12, 190, 26),
    Size(7, 3, 1, 2, 4, 13, 11.5, 150, 26),
    Size(5, 2, 0, 1, 3, 12, 11, 120, 28),
)
"""From roomy to tight: the first one that fits is taken."""

_NARROW, _WIDE = frozenset("iljtfrI.,:;'|!()[]- "), frozenset("mwMW@%")


def text_width(text: str, size: float, *, bold: bool = False) -> float:
    """About how many pixels a text takes, rather too many than too few: nobody knows the fonts of a reader."""
    ems = sum(0.39 if letter in _NARROW else 1.0 if letter in _WIDE else 0.645 for letter in text)
    return ems * size * (1.12 if bold else 1.0)


def cells(pixels: float) -> int:
    """So many whole cells hold it."""
    return ceil(pixels / CELL)


def shortened(text: str, size: float, most: float, *, bold: bool = False) -> str:
    """A text that takes at most so many pixels, with an ellipsis where it had to be cut."""
    if text_width(text, size, bold=bold) <= most:
        return text
    kept = text
    while kept and text_width(f"{kept}…", size, bold=bold) > most:
        kept = kept[:-1]
    return f"{kept}…"
