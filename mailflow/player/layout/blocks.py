"""Blocks: what is moved about as a whole. A routing group with its servers, or the frame of the hosts outside."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import ceil, sqrt

from mailflow.plain import Plain
from mailflow.player.layout.cast import OUTSIDE, Cast, Place
from mailflow.player.layout.measures import CELL, MARGIN, Rect, Size, cells, text_width


@dataclass(frozen=True, repr=False, eq=False)
class Block(Plain):
    """A frame in cells, with its boxes relative to its corner. A closed one shows only how many servers it has."""

    name: str
    title: str
    w: int
    h: int
    boxes: Mapping[str, Rect]
    closed: int = 0

    @property
    def outside(self) -> bool:
        """Whether this is the frame of the hosts outside."""
        return self.name == OUTSIDE


def group_id(name: str) -> str:
    """How a map names a routing group, so that a server may have the same name."""
    return f"group:{name}"


def title_size(name: str) -> int:
    """Cells that the title of a frame takes in the first row of it."""
    return cells(text_width(name, 12, bold=True) + 12)


def degrees(cast: Cast) -> Counter[str]:
    """How many lines may end at each server and group."""
    ends: Counter[str] = Counter()
    seen: set[frozenset[str]] = set()
    for item in cast.connectors:
        here, there = item["local_bridgeheads"][:1], item["remote_bridgeheads"][:1]
        ends.update((*item["local_bridgeheads"][1:], *item["remote_bridgeheads"][1:]))
        if not there or frozenset((*here, *there)) not in seen:
            ends.update((*here, *there))
            seen.add(frozenset((*here, *there)))
    pairs = {frozenset((item["routing_group"], to)) for item in cast.connectors for to in (item["to"] or [OUTSIDE])}
    ends.update({group_id(name): sum(name in pair for pair in pairs) for name in cast.groups})
    return ends


def group_block(cast: Cast, name: str, size: Size, ends: Mapping[str, int]) -> Block:
    """The frame of an open routing group with its servers."""
    members = cast.groups[name]
    places = cast.places.get("servers", {})
    given = {server: places[server] for server in members if server in places}
    by_hand = bool(members) and len(set(given.values())) == len(members)
    slots = _by_hand(given) if by_hand else _stacked(members, size, ends)
    wide = {server: _width(server, size, ends.get(server, 0)) for server in members}
    crowded = any(ends.get(server, 0) > 2 * size.h for server, (_, y) in slots.items() if y == 0)
    boxes, w, h = _boxes(slots, wide, size, 2 if crowded or size.h > 2 else 1)
    return Block(group_id(name), name, max(w, title_size(name) + 1), h, boxes)


def closed_block(cast: Cast, name: str, ends: Mapping[str, int]) -> Block:
    """A closed routing group: one box, wide enough for its lines."""
    lines = ends.get(group_id(name), 0)
    return Block(
        group_id(name), name, max(7, title_size(name) + 1, ceil(lines / 2)), 3, {}, closed=len(cast.groups[name])
    )


def outside_block(cast: Cast, size: Size, *, row: bool) -> Block:
    """The frame of the hosts outside, in one row or in one column."""
    slots = {name: (number, 0) if row else (0, number) for number, name in enumerate(cast.outside)}
    wide = {name: _width(name, size, 0) for name in cast.outside}
    boxes, w, h = _boxes(slots, wide, size, 1)
    return Block(OUTSIDE, OUTSIDE, max(w, title_size(OUTSIDE) + 1), h if boxes else 2, boxes)


def _width(name: str, size: Size, lines: int) -> int:
    text = min(size.longest, text_width(name, size.type, bold=True))
    return max(size.w, cells(text + 14), lines - 2 * size.h + 2)


def _stacked(members: Sequence[str], size: Size, ends: Mapping[str, int]) -> dict[str, tuple[int, int]]:
    """Servers in columns, at most three high if they are few. One with more lines than its sides hold comes first."""
    order = sorted(members, key=lambda name: ends.get(name, 0) <= 2 * size.h + 2)
    rows = max(3, ceil(sqrt(1.5 * len(members))))
    columns = ceil(len(members) / rows) or 1
    return {name: (number % columns, number // columns) for number, name in enumerate(order)}


def _by_hand(given: Mapping[str, Place]) -> dict[str, tuple[int, int]]:
    columns = sorted({place[0] for place in given.values()})
    rows = sorted({place[1] for place in given.values()})
    return {name: (columns.index(x), rows.index(y)) for name, (x, y) in given.items()}


def _boxes(
    slots: Mapping[str, tuple[int, int]], wide: Mapping[str, int], size: Size, top: int
) -> tuple[dict[str, Rect], int, int]:
    """The boxes of a frame, and its width and height: a track on each side, the title above, a track below.

    ``top`` is the rows above the first box: more than one where lines leave upwards.
    """
    columns = max((x for x, _ in slots.values()), default=-1) + 1
    rows = max((y for _, y in slots.values()), default=-1) + 1
    widths = [max(wide[name] for name, (x, _) in slots.items() if x == column) for column in range(columns)]
    left = [MARGIN + sum(widths[:column]) + column * size.column_gap for column in range(columns)]
    boxes = {
        name: Rect(left[x] + (widths[x] - wide[name]) // 2, top + y * (size.h + size.row_gap), wide[name], size.h)
        for name, (x, y) in slots.items()
    }
    w = 2 * MARGIN + sum(widths) + max(0, columns - 1) * size.column_gap
    return boxes, w, top + rows * size.h + max(0, rows - 1) * size.row_gap + 1


def pixels(rect: Rect, inset: float = 0) -> Rect:
    """A rectangle of cells in pixels."""
    return Rect(rect.x * CELL + inset, rect.y * CELL + inset, rect.w * CELL - 2 * inset, rect.h * CELL - 2 * inset)
