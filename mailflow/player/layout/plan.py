"""The layout of a map: where its boxes stand, how its lines run, and where its labels are."""

from __future__ import annotations

import itertools
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from math import hypot
from typing import TYPE_CHECKING, Literal, NamedTuple
from weakref import WeakKeyDictionary

from mailflow.plain import Plain
from mailflow.player.layout.blocks import (
    Block,
    closed_block,
    degrees,
    group_block,
    group_id,
    outside_block,
    pixels,
    title_size,
)
from mailflow.player.layout.cast import OUTSIDE, Cast, Place, cast_of
from mailflow.player.layout.labels import Labels, walked
from mailflow.player.layout.lines import Drawn, Line, Point, Spot, Track, tracks_of
from mailflow.player.layout.measures import CELL, INSET, SIZES, Rect, Size, shortened, text_width
from mailflow.player.layout.placing import Sheet, placed_by_hand, placed_by_search
from mailflow.player.layout.tracks import Tracks
from mailflow.trace import Trace

if TYPE_CHECKING:
    from mailflow.trace.described import ConnectorData

MOST_SERVERS, MOST_GROUPS = 60, 24
"""A larger organization is shown with its routing groups closed."""

MOST_APART = 60
"""With more boxes than this in a large organization lines may share their way, and have no labels."""

LONGEST_LABEL = 130
CROSS = 12
"""Pixels that a label keeps for the cross of a connector that is down."""

NodeKind = Literal["server", "host", "group"]
Level = Literal["servers", "groups"]


class Node(NamedTuple):
    """A box on the map. A closed routing group is one; ``servers`` is how many it has."""

    id: str
    kind: NodeKind
    box: Rect
    label: str
    group: str
    servers: int = 0


class Frame(NamedTuple):
    """The frame around the servers of an open routing group, or around the hosts outside."""

    id: str
    box: Rect
    title: str


class Label(NamedTuple):
    """A label and the room that is kept for it."""

    text: str
    box: Rect


class Wire(NamedTuple):
    """A one-way connector: the line from its first bridgehead to the first one at the other end, then those of the others.

    Two connectors of one track with the same label share it: the second one has none. ``cross`` is where it is crossed
    out while it is down.
    """

    connector: str
    start: str
    end: str
    lines: tuple[Line, ...]
    label: Label | None
    cross: Point


@dataclass(frozen=True, repr=False, eq=False)
class Layout(Plain):
    """Where everything on a map is, in CSS pixels at its natural size. Type is in pixels, too, and never below 11.

    ``level`` is "groups" where routing groups start closed; ``node_of`` is the box that stands for each server or host.
    """

    level: Level
    size: tuple[int, int]
    type: float
    small: float
    nodes: Mapping[str, Node]
    frames: Mapping[str, Frame]
    wires: tuple[Wire, ...]
    node_of: Mapping[str, str]
    talks: tuple[tuple[str, str], ...]
    by_hand: bool
    faults: int = field(compare=False, default=0)
    _drawn: Drawn | None = field(compare=False, repr=False, default=None)
    _tracks: tuple[Track, ...] = field(compare=False, repr=False, default=())

    def path(self, a: str, b: str) -> Line:
        """The way from one server or host to another: along a connector that joins them, else round all boxes.

        Empty where both are in one box, or one of them is not on the map.
        """
        one, two = self.node_of.get(a, ""), self.node_of.get(b, "")
        if not one or not two or one == two or self._drawn is None:
            return []
        if (one, two) not in self._found:
            self._found[one, two] = self._path(self._drawn, one, two)
        return self._found[one, two]

    @cached_property
    def _found(self) -> dict[tuple[str, str], Line]:
        return {}

    @cached_property
    def _by_ends(self) -> dict[tuple[str, str], Track]:
        found: dict[tuple[str, str], Track] = {}
        for track in self._tracks:
            for half in track.halves:
                for pair in ((head, tail) for head in half.heads for tail in half.tails):
                    found.setdefault(pair, track)
        return found

    def _path(self, drawn: Drawn, a: str, b: str) -> Line:
        if track := self._by_ends.get((a, b)) or self._by_ends.get((b, a)):
            return drawn.along(track, a, b)
        if a < b or self.nodes[a].kind == "host":
            return self._loose(drawn, a, b)
        return self.path(b, a)[::-1]

    def _loose(self, drawn: Drawn, a: str, b: str) -> Line:
        """A way that is no connector's own; to a host outside it follows one as far as it goes."""
        if self.nodes[a].kind == "host":
            return self._loose(drawn, b, a)[::-1] if self.nodes[b].kind != "host" else drawn.session(a, b)
        track = self._by_ends.get((a, OUTSIDE)) if self.nodes[b].kind == "host" else None
        return (drawn.onward(track, a, b) if track else []) or drawn.session(a, b)

    @cached_property
    def paths(self) -> dict[tuple[str, str], Line]:
        """The ways of all sessions of the run, by the two boxes that they join."""
        pairs = dict.fromkeys((self.node_of.get(a, ""), self.node_of.get(b, "")) for a, b in self.talks)
        found = {pair: self.path(*pair) for pair in pairs}
        return {pair: line for pair, line in found.items() if line}

    def as_data(self) -> dict[str, object]:
        """The layout as JSON data for the browser."""
        return {
            "level": self.level,
            "size": list(self.size),
            "type": [self.type, self.small],
            "nodes": [_node_data(item) for item in self.nodes.values()],
            "groups": [{"id": item.id, "title": item.title, **_box_data(item.box)} for item in self.frames.values()],
            "lines": [_wire_data(item) for item in self.wires],
            "paths": {f"{a}>{b}": _flat(line) for (a, b), line in self.paths.items()},
            "node_of": {name: node for name, node in self.node_of.items() if name != node},
        }


def _box_data(box: Rect) -> dict[str, float]:
    return {"x": _number(box.x), "y": _number(box.y), "w": _number(box.w), "h": _number(box.h)}


def _node_data(item: Node) -> dict[str, object]:
    more = {"servers": item.servers} if item.kind == "group" else {"group": item.group}
    return {"id": item.id, "kind": item.kind, "label": item.label, **more, **_box_data(item.box)}


def _wire_data(item: Wire) -> dict[str, object]:
    label = {"text": item.label.text, **_box_data(item.label.box)} if item.label else None
    return {
        "connector": item.connector,
        "from": item.start,
        "to": item.end,
        "points": [_flat(line) for line in item.lines],
        "label": label,
        "cross": [_number(value) for value in item.cross],
    }


def _flat(line: Line) -> list[float]:
    return [_number(value) for point in line for value in point]


def _number(value: float) -> float:
    return int(value) if value == int(value) else round(value, 1)


# -- making one ---------------------------------------------------------------------------------------------------------

_KEPT: WeakKeyDictionary[Trace, dict[frozenset[str], Layout]] = WeakKeyDictionary()


def layout(*traces: Trace, opened: Collection[str] = ()) -> Layout:
    """The layout of the map of a trace; of several traces of one organization, one layout for all of them.

    Where every routing group has a position in the organization file, it is laid out as the file says, else by a search.

    Args:
        opened: routing groups that are open where an organization is so large that its groups are closed.
    """
    if len(traces) > 1:
        return planned(cast_of(*traces), opened)
    kept = _KEPT.setdefault(traces[0], {})
    if frozenset(opened) not in kept:
        kept[frozenset(opened)] = planned(cast_of(*traces), opened)
    return kept[frozenset(opened)]


def layouts(*traces: Trace) -> list[Layout]:
    """The layouts of traces that are shown side by side: one for all of them where they are of one organization."""
    wholes = [trace.organization for trace in traces]
    same = all(whole[key] == wholes[0][key] for whole in wholes for key in ("routing_groups", "servers", "connectors"))
    return [layout(*traces)] if same else [layout(trace) for trace in traces]


def planned(cast: Cast, opened: Collection[str] = ()) -> Layout:
    """The layout of a cast: the first try without a fault, or the one with the fewest."""
    servers = sum(len(members) for members in cast.groups.values())
    large = servers > MOST_SERVERS or len(cast.groups) > MOST_GROUPS
    closed = frozenset(name for name in cast.groups if large and name not in opened)
    best: Layout | None = None
    for size, sheet, blocks, by_hand in _tries(cast, closed):
        made = _Plan(cast, size, sheet, blocks, by_hand=by_hand, large=large).layout()
        if best is None or made.faults < best.faults:
            best = made
        if not made.faults or large:
            break
    assert best is not None
    return best


_Try = tuple[Size, Sheet, Sequence[Block], bool]


def _tries(cast: Cast, closed: Collection[str]) -> Iterator[_Try]:
    ends = degrees(cast)
    places = _places(cast)
    tight = SIZES[-1]
    if places is not None:
        for size, spread in (*((size, 1.0) for size in SIZES), *((tight, spread) for spread in (1.15, 1.35, 1.6, 2.0))):
            blocks = [*_blocks(cast, size, ends, closed, row=_above_or_below(places))]
            gaps = (size.group_gap, size.group_gap - 1)
            sheets = [placed_by_hand(blocks, places, gap, size.height, spread) for gap in gaps]
            fitting = [sheet for sheet in sheets if sheet and (sheet.fits(size) or size is tight)]
            yield from ((size, sheet, blocks, True) for sheet in fitting[:1])
    for size in SIZES:
        blocks = [*_blocks(cast, size, ends, closed, row=False)]
        edges = _edges(cast, blocks)
        sheet = placed_by_search(blocks, edges, size.group_gap, size.height)
        if sheet.fits(size) or size is tight:
            yield size, sheet, blocks, False
    for gap in range(tight.group_gap + 1, tight.group_gap + 7):
        yield tight, placed_by_search(blocks, edges, gap, tight.height), blocks, False


def _blocks(cast: Cast, size: Size, ends: Mapping[str, int], closed: Collection[str], *, row: bool) -> Iterator[Block]:
    for name in cast.groups:
        yield closed_block(cast, name, ends) if name in closed else group_block(cast, name, size, ends)
    if cast.outside or any(not item["to"] for item in cast.connectors):
        yield outside_block(cast, size, row=row)


def _edges(cast: Cast, blocks: Sequence[Block]) -> list[tuple[int, int]]:
    number = {item.name: place for place, item in enumerate(blocks)}
    pairs = [
        (number[group_id(item["routing_group"])], number[group_id(to) if to else OUTSIDE])
        for item in cast.connectors
        for to in item["to"] or [""]
        if to in cast.groups or not to
    ]
    return list(dict.fromkeys((min(pair), max(pair)) for pair in pairs if pair[0] != pair[1]))


def _places(cast: Cast) -> dict[str, Place] | None:
    """Where the file puts each block; None where it does not say it of every routing group."""
    groups, hosts = cast.places.get("routing_groups", {}), cast.places.get("external_hosts", {})
    if not cast.groups or any(name not in groups for name in cast.groups):
        return None
    found = {group_id(name): (float(groups[name][0]), float(groups[name][1])) for name in cast.groups}
    right = max(x for x, _ in found.values()) + 1
    middle = sum(y for _, y in found.values()) / len(found)
    given = [*(hosts[name] for name in cast.outside if name in hosts), *hosts.values(), (right, middle)]
    return {**found, OUTSIDE: (float(given[0][0]), float(given[0][1]))}


def _above_or_below(places: Mapping[str, Place]) -> bool:
    """Whether the hosts outside stand in a row of their own, above or below all groups."""
    rows = [place[1] for name, place in places.items() if name != OUTSIDE]
    return not min(rows) <= places[OUTSIDE][1] <= max(rows)


class _Plan:
    """One try: boxes, then tracks, then labels."""

    def __init__(
        self, cast: Cast, size: Size, sheet: Sheet, blocks: Sequence[Block], *, by_hand: bool, large: bool
    ) -> None:
        self.cast, self.size, self.sheet, self.by_hand, self.large = cast, size, sheet, by_hand, large
        self.tracks = Tracks(int(sheet.w), int(sheet.h))
        self.nodes: dict[str, Node] = {}
        self.frames: dict[str, Frame] = {}
        self.spots: dict[str, Spot] = {}
        self.home: dict[str, str] = {}
        for block in blocks:
            self._stand(block, sheet.rects[block.name])

    def _stand(self, block: Block, at: Rect) -> None:
        self.home[group_id(OUTSIDE) if block.outside else block.name] = block.name
        self.spots[block.name] = Spot(block.name, at, block.name, 0)
        if block.closed:
            label = shortened(block.title, 12, block.w * CELL - 10, bold=True)
            self.nodes[block.name] = Node(block.name, "group", pixels(at), label, "", block.closed)
            self.tracks.solid(at)
            self.home |= dict.fromkeys(self.cast.groups[block.title], block.name)
            return
        self.frames[block.name] = Frame(block.name, pixels(at), block.title)
        self.tracks.frame(block.name, at)
        self.tracks.solid(Rect(at.x, at.y, title_size(block.title), 1))
        for name, box in block.boxes.items():
            rect = Rect(at.x + box.x, at.y + box.y, box.w, box.h)
            label = shortened(name, self.size.type, box.w * CELL - 12, bold=True)
            kind: NodeKind = "host" if block.outside else "server"
            self.nodes[name] = Node(name, kind, pixels(rect, INSET), label, block.title)
            self.spots[name] = Spot(name, rect, block.name)
            self.home[name] = name
            self.tracks.solid(rect)

    def layout(self) -> Layout:
        drawn = Drawn(self.tracks, self.spots, sharing=len(self.frames) + len(self.nodes) > MOST_APART and self.large)
        tracks = tracks_of(self.cast, self.spots, self.home)
        for track in tracks:
            drawn.lay(track)
        self.unplaced = 0
        wires = tuple(self._wires(drawn, tracks))
        w, h = int(self.sheet.w) * CELL, int(self.sheet.h) * CELL
        return Layout(
            level="groups" if self.large else "servers",
            size=(w, h),
            type=self.size.type,
            small=self.size.small,
            nodes=self.nodes,
            frames=self.frames,
            wires=wires,
            node_of={name: node for name, node in self.home.items() if not name.startswith("group:")},
            talks=self.cast.talks,
            by_hand=self.by_hand,
            faults=self.unplaced + 4 * drawn.missed + self.tracks.shared,
            _drawn=drawn,
            _tracks=tuple(tracks),
        )

    def _wires(self, drawn: Drawn, tracks: Sequence[Track]) -> Iterator[Wire]:
        size = Rect(0, 0, self.sheet.w * CELL, self.sheet.h * CELL)
        boxes = [*(item.box for item in self.nodes.values()), *(item.box for item in self.frames.values())]
        labels = Labels(boxes, size)
        laid = [(number, track) for number, track in enumerate(tracks) if track.way]
        for number, track in laid:
            labels.line(number, drawn.middle(track))
        placed = {
            number: [None] * len(track.halves) if drawn.sharing else [*self._labels(drawn, labels, number, track)]
            for number, track in laid
        }
        for number, track in laid:
            for half, label in zip(track.halves, placed[number], strict=True):
                pairs = [*((a, half.tails[0]) for a in half.heads), *((half.heads[0], b) for b in half.tails[1:])]
                lines = tuple(line for pair in pairs if (line := drawn.along(track, *pair)))
                yield Wire(
                    half.connector["name"], half.heads[0], half.tails[0], lines, label, _free_point(lines[0], labels)
                )

    def _labels(self, drawn: Drawn, labels: Labels, number: int, track: Track) -> Iterator[Label | None]:
        """A label for each connector of a track, or one for both where they say the same."""
        texts = [self._text(half.connector) for half in track.halves]
        both = len(set(texts)) == 1
        for place, (half, text) in enumerate(zip(track.halves, texts, strict=True)):
            if both and place:
                yield None
                continue
            lane = drawn.middle(track) if both else drawn.along(track, half.heads[0], half.tails[0])
            width = round(text_width(text, 11) + CROSS + 8)
            box = labels.place(number, lane, width, beside=not both)
            self.unplaced += box is None
            yield Label(text, box) if box else None

    def _text(self, connector: ConnectorData) -> str:
        cost = f"cost {connector['cost']}" if self.size is not SIZES[-1] else str(connector["cost"])
        return cost if connector["to"] else shortened(connector["name"], 11, LONGEST_LABEL)


def _free_point(line: Line, labels: Labels) -> Point:
    """The point of a line nearest its middle that has room for a cross."""
    ways = [*walked(line, 3)]
    order = sorted(range(len(ways)), key=lambda at: abs(at - len(ways) / 2))
    at = next((at for at in order if labels.free(Rect(ways[at][0] - 5, ways[at][1] - 5, 10, 10))), order[0])
    return round(ways[at][0], 1), round(ways[at][1], 1)


def length_of(line: Sequence[Point]) -> float:
    """How long a line is, in pixels."""
    return sum(hypot(bx - ax, by - ay) for (ax, ay), (bx, by) in itertools.pairwise(line))


def point_at(line: Sequence[Point], share: float) -> Point:
    """The point at a share of a line's length, from 0 to 1."""
    rest = length_of(line) * share
    for (ax, ay), (bx, by) in itertools.pairwise(line):
        step = hypot(bx - ax, by - ay)
        if step and rest <= step:
            return ax + (bx - ax) * rest / step, ay + (by - ay) * rest / step
        rest -= step
    return line[-1]
