"""Where labels stand: on their own line, on no other label, and on no box."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Sequence
from math import hypot

from mailflow.player.layout.lines import Line, Point
from mailflow.player.layout.measures import CELL, Rect

HEIGHT = 14
STEP = 5
_AIR = 2


class Labels:
    """Finds a free place for one label after the other."""

    def __init__(self, solids: Iterable[Rect], size: Rect) -> None:
        self.taken: dict[tuple[int, int], list[Rect]] = {}
        self.size = size
        self.lines: dict[tuple[int, int], set[int]] = {}
        for rect in solids:
            self._add(rect)

    def _add(self, rect: Rect) -> None:
        for cell in _cells(rect):
            self.taken.setdefault(cell, []).append(rect)

    def line(self, number: int, points: Sequence[Point]) -> None:
        """A line runs here; labels of others keep away from it if they can."""
        for x, y in walked(points, STEP):
            self.lines.setdefault((int(x // CELL), int(y // CELL)), set()).add(number)

    def place(self, number: int, points: Line, width: float, *, beside: bool) -> Rect | None:
        """The best place for the label of a line; None where every place is taken."""
        ways = [*walked(points, STEP)]
        best: tuple[float, int, Rect] | None = None
        for at, (x, y) in enumerate(ways):
            for shift, (dx, dy) in enumerate(_shifts(ways, at, width, beside=beside)):
                rect = Rect(round(x + dx - width / 2, 1), round(y + dy - HEIGHT / 2, 1), width, HEIGHT)
                bad = abs(at - len(ways) / 2) / len(ways) + (0.2 + hypot(dx, dy) / 60 if shift else 0)
                if best is not None and bad >= best[0]:
                    continue
                bad += 4 * self._others(number, rect)
                if (best is None or bad < best[0]) and self.free(rect):
                    best = (bad, at, rect)
        if best is None:
            return None
        self._add(best[2])
        return best[2]

    def _others(self, number: int, rect: Rect) -> int:
        near = Rect(rect.x - _AIR, rect.y - _AIR, rect.w + 2 * _AIR, rect.h + 2 * _AIR)
        return len({other for cell in _cells(near) for other in self.lines.get(cell, ())} - {number})

    def free(self, rect: Rect) -> bool:
        """Whether a rectangle lies on the map, and on no box and no label."""
        inside = rect.x > 1 and rect.y > 1 and rect.x + rect.w < self.size.w - 1 and rect.y + rect.h < self.size.h - 1
        return inside and not any(
            rect.meets(other, _AIR) for cell in _cells(rect, _AIR) for other in self.taken.get(cell, ())
        )


def _shifts(ways: Sequence[Point], at: int, width: float, *, beside: bool) -> Iterator[Point]:
    """On the line first, or beside it first; the right hand is the side of a one-way line."""
    ax, ay = ways[max(0, at - 1)]
    bx, by = ways[min(len(ways) - 1, at + 1)]
    length = hypot(bx - ax, by - ay) or 1
    nx, ny = -(by - ay) / length, (bx - ax) / length
    far = abs(nx) * (width / 2 + 3) + abs(ny) * (HEIGHT / 2 + 3)
    if not beside:
        yield (0, 0)
    yield (nx * far, ny * far)
    if not beside:
        yield (-nx * far, -ny * far)


def _cells(rect: Rect, air: float = 0) -> Iterator[tuple[int, int]]:
    for x in range(int((rect.x - air) // CELL), int((rect.x + rect.w + air) // CELL) + 1):
        for y in range(int((rect.y - air) // CELL), int((rect.y + rect.h + air) // CELL) + 1):
            yield x, y


def walked(points: Sequence[Point], step: float) -> Iterator[Point]:
    """Points on a line, so many pixels apart."""
    for (ax, ay), (bx, by) in itertools.pairwise(points):
        length = hypot(bx - ax, by - ay)
        count = max(1, round(length / step))
        yield from ((ax + (bx - ax) * k / count, ay + (by - ay) * k / count) for k in range(count))
    yield points[-1]
