"""Finding the way of a line over a sheet of cells, in eight directions, round every box that is not its own."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping, Sequence
from heapq import heappop, heappush
from math import inf, sqrt
from typing import Final

from mailflow.player.layout.measures import Rect

Way = list[int]
"""Cells by number, from the first outside the one box to the last before the other."""

_STEPS: Final = ((1, 0), (1, 1), (0, 1), (-1, 1), (-1, 0), (-1, -1), (0, -1), (1, -1))
_DIAGONAL: Final = sqrt(2)
_TURN: Final = (0.0, 0.9, 2.2)
_TURNS: Final = tuple((turn, _TURN[abs(turn)]) for turn in (0, 1, -1, 2, -2))
_CROSSING, _SHARED, _BEND = 5.0, 30.0, 16
"""What it costs, in cells, to cross a line and to lie on one; and the mark of a cell where a line bends or ends."""


class Tracks:
    """A sheet of cells: what is solid, which frame a cell belongs to, and the lines that run there."""

    def __init__(self, w: int, h: int) -> None:
        self.w, self.h = w, h
        self._blocked = bytearray(w * h)
        self.used = bytearray(w * h)
        self.diagonals: set[tuple[int, int]] = set()
        self.shared = 0
        self._frames: dict[str, Sequence[int]] = {}
        for x in range(w):
            self._blocked[x] = self._blocked[(h - 1) * w + x] = 2
        for y in range(h):
            self._blocked[y * w] = self._blocked[y * w + w - 1] = 2

    def _cells(self, rect: Rect) -> list[int]:
        x, y, w, h = map(int, rect)
        return [row * self.w + column for row in range(y, y + h) for column in range(x, x + w)]

    def frame(self, name: str, rect: Rect) -> None:
        """A frame: only lines of its own may enter it."""
        inside = self._cells(rect)
        self._frames[name] = inside
        for cell in inside:
            self._blocked[cell] = 1

    def solid(self, rect: Rect) -> None:
        """A box or a title: nothing may enter it."""
        for cell in self._cells(rect):
            self._blocked[cell] = 2

    def ports(self, rect: Rect) -> dict[int, int]:
        """The free cells around a box, each with the direction that leads away from it."""
        x, y, w, h = map(int, rect)
        around = [((y - 1) * self.w + x + i, 6) for i in range(w)] + [((y + h) * self.w + x + i, 2) for i in range(w)]
        around += [((y + i) * self.w + x - 1, 4) for i in range(h)] + [((y + i) * self.w + x + w, 0) for i in range(h)]
        return {cell: direction for cell, direction in around if self._blocked[cell] < 2}

    def search(self, starts: Mapping[int, int], goals: Mapping[int, int], frames: Iterable[str]) -> Way | None:
        """The best way from a start to a goal: cells with the direction in which the line leaves, or arrives."""
        if not starts or not goals:
            return None
        closed = bytearray(self._blocked)
        for name in frames:
            for cell in self._frames.get(name, ()):
                closed[cell] &= 2
        return _Search(self, closed, goals).run(starts)

    def take(self, way: Way, first: int, last: int, *, joins: bool = False) -> None:
        """A line runs here from now on; ``first`` and ``last`` are the directions of its ends. A branch joins another line."""
        directions = [self.direction(a, b) for a, b in itertools.pairwise(way)]
        for cell, before, after in zip(way, [first, *directions], [*directions, last], strict=True):
            mark = 1 << before % 4 | 1 << after % 4
            meets = self.used[cell] & (_BEND | mark) or (before != after and self.used[cell])
            self.shared += bool(meets and not (joins and cell == way[-1]))
            self.used[cell] |= 1 << before % 4 | 1 << after % 4 | (_BEND if before != after else 0)
        for cell, direction in zip(way, directions, strict=False):
            if direction % 2:
                self.diagonals.add(self.diagonal(cell, direction))

    def direction(self, a: int, b: int) -> int:
        """The direction from a cell to the next one."""
        return _STEPS.index((b % self.w - a % self.w, b // self.w - a // self.w))

    def diagonal(self, cell: int, direction: int) -> tuple[int, int]:
        """A diagonal step by its upper left corner, and which of the two it is."""
        dx, dy = _STEPS[direction]
        return cell + min(dx, 0) + min(dy, 0) * self.w, dx * dy


class _Search:
    """One search: A* over cells and the direction in which one comes to them; a state is cell * 8 + direction."""

    def __init__(self, tracks: Tracks, closed: bytearray, goals: Mapping[int, int]) -> None:
        self.tracks, self.closed, self.goals = tracks, closed, goals
        w = tracks.w
        xs, ys = [cell % w for cell in goals], [cell // w for cell in goals]
        self.low, self.high = (min(xs), min(ys)), (max(xs), max(ys))
        self.offsets = [dx + dy * w for dx, dy in _STEPS]
        self.left: dict[int, float] = {}
        self.heap: list[tuple[float, int]] = []
        self.cost: list[float] = [inf] * (8 * len(closed))
        self.came: dict[int, int] = {}

    def run(self, starts: Mapping[int, int]) -> Way | None:
        heap, cost, goals = self.heap, self.cost, self.goals
        for (cell, direction), extra in zip(starts.items(), _off_middle(starts, self.tracks.w), strict=True):
            self._reach(cell, direction, extra + self._on_others(cell, direction), -1)
        done = bytearray(len(cost))
        best, end = inf, -1
        while heap and heap[0][0] < best:
            state = heappop(heap)[1]
            if done[state]:
                continue
            done[state] = 1
            cell = state >> 3
            if cell in goals and (bend := abs((goals[cell] - state + 4) % 8 - 4)) <= 2:
                total = cost[state] + _TURN[bend] + (_SHARED if bend and self.tracks.used[cell] else 0)
                if total < best:
                    best, end = total, state
            self._expand(state)
        return self._way(end) if end >= 0 else None

    def _way(self, end: int) -> Way:
        way = [end >> 3]
        while (end := self.came[end]) >= 0:
            way.append(end >> 3)
        return way[::-1]

    def _expand(self, state: int) -> None:
        cell, came = state >> 3, state & 7
        closed, used, offsets = self.closed, self.tracks.used, self.offsets
        so_far, crowded = self.cost[state], used[cell]
        for turn, price in _TURNS:
            direction = (came + turn) & 7
            after = cell + offsets[direction]
            if closed[after]:
                continue
            if crowded and turn:
                price += _SHARED
            if direction & 1:
                # No corner of a box may be cut.
                if closed[cell + offsets[direction - 1]] or closed[cell + offsets[(direction + 1) & 7]]:
                    continue
                corner, kind = self.tracks.diagonal(cell, direction)
                price += _DIAGONAL + (_CROSSING if (corner, -kind) in self.tracks.diagonals else 0.0)
            else:
                price += 1.0
            if used[after]:
                price += self._on_others(after, direction)
            self._reach(after, direction, so_far + price, state)

    def _reach(self, cell: int, direction: int, cost: float, before: int) -> None:
        state = cell * 8 + direction
        if cost < self.cost[state]:
            self.cost[state], self.came[state] = cost, before
            rest = self.left.get(cell)
            if rest is None:
                rest = self.left[cell] = self._rest(cell)
            heappush(self.heap, (cost + rest, state))

    def _rest(self, cell: int) -> float:
        y, x = divmod(cell, self.tracks.w)
        dx = max(self.low[0] - x, x - self.high[0], 0)
        dy = max(self.low[1] - y, y - self.high[1], 0)
        return max(dx, dy) + (_DIAGONAL - 1) * min(dx, dy)

    def _on_others(self, cell: int, direction: int) -> float:
        used = self.tracks.used[cell]
        if not used:
            return 0.0
        return _SHARED if used & (_BEND | 1 << direction % 4) else _CROSSING


def _off_middle(ports: Mapping[int, int], w: int) -> list[float]:
    """What it costs to leave at the end of a side and not in the middle of it."""
    along = [cell // w if direction % 4 == 0 else cell % w for cell, direction in ports.items()]
    sides: dict[int, list[int]] = {}
    for at, direction in zip(along, ports.values(), strict=True):
        sides.setdefault(direction, []).append(at)
    middles = {direction: (min(items) + max(items)) / 2 for direction, items in sides.items()}
    return [0.3 * abs(at - middles[direction]) for at, direction in zip(along, ports.values(), strict=True)]
