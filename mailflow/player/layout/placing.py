"""Where blocks stand: by hand, as the organization file says, or by a search for short lines that cross little."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from math import ceil, hypot, inf, sqrt

from mailflow.plain import Plain
from mailflow.player.layout.blocks import Block
from mailflow.player.layout.cast import Place
from mailflow.player.layout.measures import MARGIN, WIDTH, Rect, Size

Slot = tuple[int, int]
Edge = tuple[int, int]

SEARCHED = 26
"""Blocks up to which crossings are looked at; beyond, only the length of lines is."""

APART = 12
"""Cells between one routing group and the hosts outside: a line there has room for its label and for what travels."""

EDGE_OF_SHEET = 2 * MARGIN
"""Cells round what a search places: a line may run round all of it. What is placed by hand goes without."""


@dataclass(frozen=True, repr=False, eq=False)
class Sheet(Plain):
    """Blocks on a sheet, in cells: the rectangle of each, and the size of it all."""

    rects: Mapping[str, Rect]
    w: int
    h: int

    def fits(self, size: Size) -> bool:
        """Whether the map takes no more room than every map has."""
        return self.w <= WIDTH and self.h <= size.height


def _room(blocks: Sequence[Block], height: int) -> Slot:
    """The width and height of the sheet: with one routing group less than every map may take, so that it is drawn larger."""
    if len(blocks) > 2:
        return WIDTH, height
    width = min(WIDTH, sum(item.w for item in blocks) + APART * (len(blocks) - 1) + 2 * MARGIN)
    return width, max(ceil(height * width / WIDTH), *(item.h + 2 * MARGIN for item in blocks))


# -- by hand ------------------------------------------------------------------------------------------------------------


def placed_by_hand(
    blocks: Sequence[Block], places: Mapping[str, Place], gap: int, height: int, spread: float = 1.0
) -> Sheet | None:
    """Blocks with their middle where the file says, in units that are as large as the sheet allows.

    None where two of them would be nearer than ``gap``.
    """
    at = {item.name: places[item.name] for item in blocks}
    width, height = _room(blocks, height)
    xs = _spread([(at[item.name][0], item.w) for item in blocks], width * spread)
    ys = _spread([(at[item.name][1], item.h) for item in blocks], height * spread)
    rects = {item.name: Rect(x, y, item.w, item.h) for item, x, y in zip(blocks, xs, ys, strict=True)}
    if any(one.meets(other, gap) for one, other in combinations(rects.values(), 2)):
        return None
    w = max(round(width * spread), *(round(rect.x + rect.w) + MARGIN for rect in rects.values()))
    h = max(height, *(round(rect.y + rect.h) + MARGIN for rect in rects.values()))
    return Sheet(rects, w, h)


def _spread(items: Sequence[tuple[float, int]], room: float) -> list[int]:
    """The lower ends of boxes of these (middle, length), stretched to fill the room."""
    low = min(middle for middle, _ in items)
    far = max(middle for middle, _ in items) - low
    inner = room - 2 * MARGIN
    if not far:
        return [round(MARGIN + (inner - length) / 2) for _, length in items]
    # The first box may reach past the one with the lowest middle: the unit is the largest that keeps all of them inside.
    first = max(length / 2 for middle, length in items if middle == low)
    last = max(length / 2 for middle, length in items if middle == low + far)
    unit = (inner - first - last) / far
    ends = [MARGIN + first + (middle - low) * unit - length / 2 for middle, length in items]
    shift = MARGIN - min(MARGIN, *ends)
    return [round(end + shift) for end in ends]


# -- by search ----------------------------------------------------------------------------------------------------------


def placed_by_search(blocks: Sequence[Block], edges: Sequence[Edge], gap: int, height: int) -> Sheet:
    """Blocks in a grid of columns and rows, with ``gap`` cells or more between them. Edges are pairs of block numbers."""
    if not blocks:
        return Sheet({}, WIDTH, height)
    wide = sum(item.w for item in blocks) / len(blocks) + gap
    high = sum(item.h for item in blocks) / len(blocks) + gap
    wanted = sqrt(len(blocks) * WIDTH / height * high / wide)
    columns = min(len(blocks), max(1, round(wanted), ceil(len(blocks) / 3) if len(blocks) <= 3 else 1))
    slots = _searched(len(blocks), edges, columns)
    return _sheet(blocks, slots, gap, height)


def _sheet(blocks: Sequence[Block], slots: Sequence[Slot], gap: int, height: int) -> Sheet:
    width, height = _room(blocks, height)
    across = gap if width == WIDTH else APART
    left, w = _tracks([(x, item.w) for item, (x, _) in zip(blocks, slots, strict=True)], across, width)
    top, h = _tracks([(y, item.h) for item, (_, y) in zip(blocks, slots, strict=True)], gap, height)
    rects = {}
    for item, (x, y) in zip(blocks, slots, strict=True):
        (x0, x1), (y0, y1) = left[x], top[y]
        rects[item.name] = Rect(x0 + (x1 - item.w) // 2, y0 + (y1 - item.h) // 2, item.w, item.h)
    return Sheet(rects, w, h)


def _tracks(items: Sequence[tuple[int, int]], gap: int, room: int) -> tuple[dict[int, Slot], int]:
    """Begin and length of each column (or row), and the length of it all; what room is left goes between them."""
    used = sorted({track for track, _ in items})
    lengths = {track: max(length for at, length in items if at == track) for track in used}
    need = sum(lengths.values()) + gap * (len(used) - 1) + 2 * EDGE_OF_SHEET
    spare = max(0, room - need)
    more = spare // len(used) if len(used) > 1 else 0
    begin, found = EDGE_OF_SHEET + (spare - more * (len(used) - 1)) // 2, {}
    for track in used:
        found[track] = (begin, lengths[track])
        begin += lengths[track] + gap + more
    return found, max(need, room)


def _searched(count: int, edges: Sequence[Edge], columns: int) -> list[Slot]:
    """A slot for each block: first those with many lines in the middle, then exchanges as long as one is better."""
    rows = ceil(count / columns)
    free = [(x, y) for y in range(rows) for x in range(columns)]
    near: list[list[int]] = [[] for _ in range(count)]
    for one, two in edges:
        near[one].append(two)
        near[two].append(one)
    slots = _seeded(near, free, columns, rows)
    board = _Board(slots, edges, near, crossings=count <= SEARCHED)
    spots = [*free]
    for _ in range(4 if count <= SEARCHED else 2):
        if not any(board.improve(number, spots) for number in range(count)):
            break
    return board.slots


def _seeded(near: Sequence[Sequence[int]], free: Sequence[Slot], columns: int, rows: int) -> list[Slot]:
    """Blocks with many lines to those that stand already come next, as near to them as there is room."""
    left, found = list(free), dict[int, Slot]()
    joined = [0] * len(near)
    while len(found) < len(near):
        waiting = (number for number in range(len(near)) if number not in found)
        chosen = max(waiting, key=lambda number: (joined[number], len(near[number]), -number))
        known = [found[other] for other in near[chosen] if other in found]
        found[chosen] = _nearest(left, known or [((columns - 1) / 2, (rows - 1) / 2)])
        left.remove(found[chosen])
        for other in near[chosen]:
            joined[other] += 1
    return [found[number] for number in range(len(near))]


def _nearest(slots: Sequence[Slot], known: Sequence[Place]) -> Slot:
    return min(slots, key=lambda slot: (sum(hypot(slot[0] - x, slot[1] - y) for x, y in known), slot))


class _Board:
    """Who stands in which slot, and how good that is."""

    def __init__(
        self, slots: list[Slot], edges: Sequence[Edge], near: Sequence[Sequence[int]], *, crossings: bool
    ) -> None:
        self.slots, self.near, self.crossings = slots, near, crossings
        self.holder = {slot: number for number, slot in enumerate(slots)}
        self.edges = list(dict.fromkeys(edges))
        self.own: list[list[Edge]] = [[edge for edge in self.edges if number in edge] for number in range(len(slots))]

    def improve(self, number: int, spots: Sequence[Slot]) -> bool:
        """Move one block to the slot that is best for it and for whoever stands there; whether that helped."""
        best, kept = 0.0, None
        for slot in self._worth(number, spots):
            before = self._cost(number, self.holder.get(slot))
            home = self._exchange(number, slot)
            gain = before - self._cost(number, self.holder.get(home), before - best)
            self._exchange(number, home)
            if gain > best + 1e-9:
                best, kept = gain, slot
        if kept is not None:
            self._exchange(number, kept)
        return kept is not None

    def _worth(self, number: int, spots: Sequence[Slot]) -> Iterator[Slot]:
        """Slots to try: all of a small map, in a large one those near the middle of the neighbours."""
        own = self.slots[number]
        if self.crossings:
            yield from (slot for slot in spots if slot != own)
            return
        known = [self.slots[other] for other in self.near[number]] or [own]
        x, y = sum(slot[0] for slot in known) / len(known), sum(slot[1] for slot in known) / len(known)
        yield from sorted((slot for slot in spots if slot != own), key=lambda slot: hypot(slot[0] - x, slot[1] - y))[
            :12
        ]

    def _exchange(self, number: int, slot: Slot) -> Slot:
        home, other = self.slots[number], self.holder.get(slot)
        self.slots[number], self.holder[slot] = slot, number
        if other is None:
            del self.holder[home]
        else:
            self.slots[other], self.holder[home] = home, other
        return home

    def _cost(self, one: int, two: int | None, enough: float = inf) -> float:
        """How bad the lines of one or two blocks are; once it is bad ``enough``, how bad exactly does not matter."""
        edges = self.own[one] if two is None else [*self.own[one], *(edge for edge in self.own[two] if one not in edge)]
        cost = sum(self._length(edge) for edge in edges)
        for edge in edges if self.crossings else ():
            if cost >= enough:
                break
            cost += self._crossed(*edge)
        return cost

    def _length(self, edge: Edge) -> float:
        """How long a line is, and longer with each block in its way."""
        (ax, ay), (bx, by) = self.slots[edge[0]], self.slots[edge[1]]
        dx, dy = bx - ax, by - ay
        cost = hypot(dx, dy)
        steps = max(abs(dx), abs(dy)) if self.crossings else 0
        for k in range(1, steps):
            if (round(ax + dx * k / steps), round(ay + dy * k / steps)) in self.holder:
                cost += 1.5
        return cost

    def _crossed(self, a: int, b: int) -> int:
        """How many other lines cross this one."""
        slots = self.slots
        (ax, ay), (bx, by) = slots[a], slots[b]
        dx, dy, count = bx - ax, by - ay, 0
        for c, d in self.edges:
            if c in (a, b) or d in (a, b):
                continue
            (cx, cy), (ex, ey) = slots[c], slots[d]
            # Both ends of each line lie on different sides of the other one.
            if (dx * (cy - ay) - dy * (cx - ax)) * (dx * (ey - ay) - dy * (ex - ax)) < 0:
                fx, fy = ex - cx, ey - cy
                count += (fx * (ay - cy) - fy * (ax - cx)) * (fx * (by - cy) - fy * (bx - cx)) < 0
        return count
