"""What is wrong with a layout, measured at points every four pixels along its lines."""

from collections.abc import Iterator, Sequence
from itertools import combinations, pairwise

from mailflow.player.layout import Layout
from mailflow.player.layout.labels import walked
from mailflow.player.layout.lines import Line, Point
from mailflow.player.layout.measures import Rect, text_width
from mailflow.trace import Trace

EVERY = 4
TITLE_HEIGHT = 14


def holds(box: Rect, x: float, y: float, inside: float = 0.0) -> bool:
    return box.x + inside < x < box.x + box.w - inside and box.y + inside < y < box.y + box.h - inside


def within(outer: Rect, inner: Rect) -> bool:
    return (
        outer.x <= inner.x
        and outer.y <= inner.y
        and inner.x + inner.w <= outer.x + outer.w
        and inner.y + inner.h <= outer.y + outer.h
    )


def lines(plan: Layout) -> Iterator[tuple[str, frozenset[str], Line]]:
    """Every line by name, with the boxes that are its own."""
    for wire in plan.wires:
        own = {wire.start, wire.end}
        for line in wire.lines:
            ends = {item.id for item in plan.nodes.values() for end in (line[0], line[-1]) if at_border(item.box, *end)}
            yield wire.connector, frozenset(own | ends), line
    for (a, b), line in plan.paths.items():
        yield f"{a}>{b}", frozenset((a, b)), line


def at_border(box: Rect, x: float, y: float) -> bool:
    return holds(box, x, y, -1.5) and not holds(box, x, y, 1.5)


def frame_of(plan: Layout, name: str) -> str:
    """The frame that a box stands in; a frame is in itself."""
    if name in plan.frames or plan.nodes[name].kind == "group":
        return name
    return next(item.id for item in plan.frames.values() if within(item.box, plan.nodes[name].box))


def faults(plan: Layout) -> list[str]:
    """One line for each thing that is wrong."""
    return [*_boxes(plan), *_lines(plan), *_labels(plan), *_type(plan)]


def boxes(plan: Layout) -> dict[str, Rect]:
    """Every box and every frame by name."""
    return {item.id: item.box for item in plan.nodes.values()} | {item.id: item.box for item in plan.frames.values()}


def _boxes(plan: Layout) -> Iterator[str]:
    named = boxes(plan)
    for kind in (plan.nodes, plan.frames):
        for one, other in combinations(kind, 2):
            if named[one].meets(named[other]):
                yield f"{one} lies on {other}"
    for name, box in named.items():
        if not within(Rect(0, 0, *plan.size), box):
            yield f"{name} is cut off"
    for node in plan.nodes.values():
        if node.kind != "group" and sum(within(frame.box, node.box) for frame in plan.frames.values()) != 1:
            yield f"{node.id} is in no frame"


def _lines(plan: Layout) -> Iterator[str]:
    for name, own, line in lines(plan):
        frames = {frame_of(plan, item) for item in own}
        for part in pairwise(line):
            near = _around(part)
            nodes = [item for item in plan.nodes.values() if item.box.meets(near)]
            others = [item for item in plan.frames.values() if item.box.meets(near)]
            for x, y in walked(part, EVERY):
                if not holds(Rect(0, 0, *plan.size), x, y):
                    yield f"{name} leaves the map at {x:.0f}, {y:.0f}"
                for node in nodes:
                    if holds(node.box, x, y, 1.5 if node.id in own else -0.5):
                        yield f"{name} runs through {node.id} at {x:.0f}, {y:.0f}"
                for frame in others:
                    title = Rect(frame.box.x + 8, frame.box.y, text_width(frame.title, 12, bold=True), TITLE_HEIGHT)
                    if holds(title, x, y):
                        yield f"{name} runs through the title of {frame.id}"
                    if frame.id not in frames and holds(frame.box, x, y, -0.5):
                        yield f"{name} runs through {frame.id} at {x:.0f}, {y:.0f}"


def _around(line: Sequence[Point]) -> Rect:
    """A rectangle around a line, a little larger than needed."""
    xs, ys = [x for x, _ in line], [y for _, y in line]
    return Rect(min(xs) - 1, min(ys) - 1, max(xs) - min(xs) + 2, max(ys) - min(ys) + 2)


def _labels(plan: Layout) -> Iterator[str]:
    labels = [item.label for item in plan.wires if item.label]
    for one, other in combinations(labels, 2):
        if one.box.meets(other.box):
            yield f"label {one.text} lies on label {other.text}"
    for label in labels:
        if not within(Rect(0, 0, *plan.size), label.box):
            yield f"label {label.text} is cut off"
        for name, box in boxes(plan).items():
            if label.box.meets(box):
                yield f"label {label.text} lies on {name}"
        if text_width(f"✕ {label.text}", 11) > label.box.w:
            yield f"label {label.text} is too wide"


def _type(plan: Layout) -> Iterator[str]:
    if min(plan.type, plan.small) < 11:
        yield "type below 11 pixels"
    for node in plan.nodes.values():
        size = 12 if node.kind == "group" else plan.type
        if text_width(node.label, size, bold=True) > node.box.w - 7:
            yield f"the name {node.label} is wider than its box"
    for frame in plan.frames.values():
        if text_width(frame.title, 12, bold=True) > frame.box.w - 8:
            yield f"the title {frame.title} is wider than its frame"


def lost(plan: Layout, trace: Trace) -> list[str]:
    """What a map should show and does not: connectors that do not end at their bridgeheads, labels, sessions."""
    found = []
    named = boxes(plan)
    wires = {(wire.connector, wire.end): wire for wire in plan.wires}
    for connector in trace.organization["connectors"]:
        mine = [wire for (name, _), wire in wires.items() if name == connector["name"]]
        if len(mine) != max(1, len(connector["to"])):
            found.append(f"{connector['name']}: {len(mine)} wires")
        for wire in mine:
            starts = {plan.node_of.get(name, wire.start) for name in connector["local_bridgeheads"]} or {wire.start}
            met = {name for name in starts for line in wire.lines if at_border(named[name], *line[0])}
            ends = {plan.node_of.get(name, wire.end) for name in connector["remote_bridgeheads"]} or {wire.end}
            reached = {name for name in ends for line in wire.lines if at_border(named[name], *line[-1])}
            if met != starts or reached != ends:
                found.append(f"{connector['name']} joins {met} and {reached}, not {starts} and {ends}")
    for a, b in plan.talks:
        one, two = plan.node_of.get(a), plan.node_of.get(b)
        if one and two and one != two:
            line = plan.paths.get((one, two))
            if (
                not line
                or not at_border(plan.nodes[one].box, *line[0])
                or not at_border(plan.nodes[two].box, *line[-1])
            ):
                found.append(f"no way from {a} to {b}")
    return found


def crossings(plan: Layout) -> list[tuple[str, str]]:
    """The connectors whose lines cross."""
    return [
        (one.connector, other.connector)
        for one, other in combinations(plan.wires, 2)
        if any(_cross(a, b) for a in one.lines for b in other.lines)
    ]


def _cross(one: Line, other: Line) -> bool:
    return any(_sides(a, b, c, d) for a, b in pairwise(one) for c, d in pairwise(other))


def _sides(a: tuple[float, float], b: tuple[float, float], c: tuple[float, float], d: tuple[float, float]) -> bool:
    def side(p: tuple[float, float], q: tuple[float, float], r: tuple[float, float]) -> float:
        return (q[0] - p[0]) * (r[1] - p[1]) - (q[1] - p[1]) * (r[0] - p[0])

    return side(a, b, c) * side(a, b, d) < 0 and side(c, d, a) * side(c, d, b) < 0
