"""Lines: which connectors share a track, the way of each track, and the one-way lines on it."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from math import hypot
from typing import TYPE_CHECKING

from mailflow.player.layout.blocks import group_id
from mailflow.player.layout.cast import OUTSIDE, Cast
from mailflow.player.layout.measures import CELL, INSET, LANE, Rect
from mailflow.player.layout.tracks import Tracks, Way

if TYPE_CHECKING:
    from mailflow.trace.described import ConnectorData

Point = tuple[float, float]
Line = list[Point]

_AHEAD = ((1, 0), (1, 1), (0, 1), (-1, 1), (-1, 0), (-1, -1), (0, -1), (1, -1))


@dataclass(frozen=True)
class Spot:
    """Where a line may end: a server, a host, a closed group, or the frame of a group of which any server will do."""

    name: str
    rect: Rect
    frame: str
    inset: float = INSET


@dataclass(frozen=True)
class Half:
    """One direction of a track: a connector, and the servers at its ends."""

    connector: ConnectorData
    to: str
    heads: tuple[str, ...]
    tails: tuple[str, ...]


@dataclass
class Track:
    """What joins two places: a way over the sheet for all connectors between them. ``a`` and ``b`` name its spots."""

    a: str
    b: str
    halves: list[Half] = field(default_factory=list)
    way: Way = field(default_factory=list)
    ends: tuple[int, int] = (0, 0)
    branches: dict[str, tuple[Way, int, int]] = field(default_factory=dict)

    def has(self, head: str) -> bool:
        """Whether a connector from this end is on it."""
        return any(half.heads[0] == head for half in self.halves)


def tracks_of(cast: Cast, spots: Mapping[str, Spot], home: Mapping[str, str]) -> list[Track]:
    """The tracks of all connectors, those with the shortest way first. ``home`` is the spot of a server or group."""
    found: dict[tuple[frozenset[str], int], Track] = {}
    for item in cast.connectors:
        for to in item["to"] or [OUTSIDE]:
            if to == item["routing_group"] or group_id(to) not in home:
                continue  # a connector that leads nowhere has no line
            heads = _named(item["local_bridgeheads"], home) or (home[group_id(item["routing_group"])],)
            inside = [name for name in item["remote_bridgeheads"] if name in cast.groups.get(to, ())]
            tails = _named(inside, home) or (home[group_id(to)],)
            pair, number = frozenset((heads[0], tails[0])), 0
            while (track := found.setdefault((pair, number), Track(heads[0], tails[0]))).has(heads[0]):
                number += 1  # a track has one line in each direction
            track.halves.append(Half(item, to, heads, tails))
    return sorted(found.values(), key=lambda track: _far(spots[track.a].rect, spots[track.b].rect))


def _named(names: Iterable[str], home: Mapping[str, str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(home[name] for name in names if name in home))


def _far(a: Rect, b: Rect) -> float:
    return hypot(a.x + a.w / 2 - b.x - b.w / 2, a.y + a.h / 2 - b.y - b.h / 2)


class Drawn:
    """Finds the ways of tracks and sessions, and turns them into lines of points in pixels."""

    def __init__(self, sheet: Tracks, spots: Mapping[str, Spot], *, sharing: bool) -> None:
        self.sheet, self.spots, self.sharing = sheet, spots, sharing
        self.missed = 0

    def lay(self, track: Track) -> None:
        """Find the way of a track and of its branches to further bridgeheads."""
        found = self._search(track.a, track.b)
        if found is None:
            self.missed += 1
            return
        track.way, track.ends = found
        if not self.sharing:
            self.sheet.take(track.way, *track.ends)
        others = dict.fromkeys(name for half in track.halves for name in (*half.heads, *half.tails))
        for name in others:
            if name not in (track.a, track.b):
                self._branch(track, name)

    def _branch(self, track: Track, name: str) -> None:
        """Another bridgehead joins the track on its own side, as soon as it can."""
        near = self.spots[name].frame == self.spots[track.a].frame
        middle = len(track.way) // 2
        steps = [*zip(track.way, track.way[1:], strict=False)]
        if near:
            goals = {b: self.sheet.direction(a, b) for a, b in steps[: max(1, middle)]}
        else:
            goals = {a: (self.sheet.direction(a, b) + 4) % 8 for a, b in steps[min(middle, len(steps) - 1) :]}
        starts = self.sheet.ports(self.spots[name].rect)
        way = self.sheet.search(starts, goals, (self.spots[name].frame,))
        if way is None:
            self.missed += 1
            return
        track.branches[name] = (way, starts[way[0]], track.way.index(way[-1]))
        if not self.sharing:  # pragma: no branch: very large maps have few further bridgeheads
            self.sheet.take(way, starts[way[0]], goals[way[-1]], joins=True)

    def _search(self, a: str, b: str, starts: Mapping[int, int] | None = None) -> tuple[Way, tuple[int, int]] | None:
        one, two = self.spots[a], self.spots[b]
        starts = self.sheet.ports(one.rect) if starts is None else starts
        goals = {cell: (away + 4) % 8 for cell, away in self.sheet.ports(two.rect).items()}
        way = self.sheet.search(starts, goals, (one.frame, two.frame))
        return None if way is None else (way, (starts[way[0]], goals[way[-1]]))

    def along(self, track: Track, a: str, b: str) -> Line:
        """The lane from one bridgehead of a track to another, on the right of its middle; empty where there is none."""
        joined = self._joined(track, a, b)
        return aside(self._points(*joined, self.spots[a], self.spots[b]), LANE) if joined else []

    def middle(self, track: Track) -> Line:
        """The middle of a track."""
        return self._points(track.way, track.ends, self.spots[track.a], self.spots[track.b]) if track.way else []

    def _joined(self, track: Track, a: str, b: str) -> tuple[Way, tuple[int, int]] | None:
        start, finish = self._part(track, a), self._part(track, b)
        if start is None or finish is None:
            return None
        (first, away, i), (last, back, j) = start, finish
        main = track.way[min(i, j) : max(i, j) + 1]
        way = [*first, *(main if i <= j else main[::-1]), *last[::-1]]
        return [cell for n, cell in enumerate(way) if n == 0 or cell != way[n - 1]], (away, (back + 4) % 8)

    def _part(self, track: Track, name: str) -> tuple[Way, int, int] | None:
        """The way from a bridgehead to the track, the direction in which it leaves, and where on the track that is."""
        if not track.way:
            return None
        if name == track.a:
            return [], track.ends[0], 0
        if name == track.b:
            return [], (track.ends[1] + 4) % 8, len(track.way) - 1
        return track.branches.get(name)

    def session(self, a: str, b: str) -> Line:
        """A way between two places that no connector joins. It takes no room: it is drawn while it lasts."""
        found = self._search(a, b)
        return self._points(*found, self.spots[a], self.spots[b]) if found else []

    def onward(self, track: Track, a: str, host: str) -> Line:
        """Along a track to the frame of the hosts outside, and on to one of them."""
        joined = self._joined(track, a, OUTSIDE)
        if not joined:
            return []
        way, (away, into) = joined
        found = self._search(OUTSIDE, host, {way[-1]: into})
        if not found:
            return []
        more, (_, last) = found
        return aside(self._points([*way, *more[1:]], (away, last), self.spots[a], self.spots[host]), LANE)

    def _points(self, way: Way, ends: tuple[int, int], a: Spot, b: Spot) -> Line:
        w = self.sheet.w
        middle = [((cell % w + 0.5) * CELL, (cell // w + 0.5) * CELL) for cell in way]
        (ax, ay), (bx, by) = _AHEAD[ends[0]], _AHEAD[ends[1]]
        out, into = CELL / 2 + a.inset, CELL / 2 + b.inset
        first = (middle[0][0] - ax * out, middle[0][1] - ay * out)
        last = (middle[-1][0] + bx * into, middle[-1][1] + by * into)
        return straightened([first, *middle, last])


def straightened(points: Sequence[Point]) -> Line:
    """The same line without the points at which it does not bend."""
    kept = [points[0]]
    for before, here, after in zip(points, points[1:], points[2:], strict=False):
        cross = (here[0] - before[0]) * (after[1] - here[1]) - (here[1] - before[1]) * (after[0] - here[0])
        if abs(cross) > 1e-9:
            kept.append(here)
    return [*kept, points[-1]]


def aside(points: Sequence[Point], distance: float) -> Line:
    """The line beside another one, on its right, as one drives."""
    normals = []
    for (ax, ay), (bx, by) in itertools.pairwise(points):
        length = hypot(bx - ax, by - ay)
        normals.append((-(by - ay) / length, (bx - ax) / length))
    moved = []
    for (x, y), one, two in zip(points, [normals[0], *normals], [*normals, normals[-1]], strict=True):
        scale = distance / (1 + one[0] * two[0] + one[1] * two[1])
        moved.append((round(x + (one[0] + two[0]) * scale, 1), round(y + (one[1] + two[1]) * scale, 1)))
    return moved
