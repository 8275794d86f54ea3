"""A still picture of one step, as SVG: for a page without a kernel, for hand-outs, and for everybody who cannot run
widgets.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from html import escape
from math import atan2, cos, pi, sin
from typing import NamedTuple

from mailflow.facts.kinds import need
from mailflow.player.knowledge import Knowledge, knowledge
from mailflow.player.layout import Layout, layout, point_at
from mailflow.player.layout.cast import server_names
from mailflow.player.layout.lines import Line, Point
from mailflow.player.layout.measures import CELL, WIDTH, Rect, shortened, text_width
from mailflow.player.layout.plan import Frame, Label, Node, Wire
from mailflow.player.prices import prices
from mailflow.trace import Event, State, Trace, clock

__all__ = ["alternative", "picture"]

INK, DIM, EDGE, ACCENT, SOFT, BAD, GOOD, PAPER, KNOWS = (
    "#16191d", "#555b64", "#8a929c", "#0060a0", "#e3f0fa", "#a83a00", "#00694d", "#ffffff", "#cfe6d9",
)  # fmt: skip
SHEET = "#f6f7f9"
SHAPES = "●■▲◆★⬟"
SMALL = 11
"""The smallest type in pixels."""

SIDE, LINE_HEIGHT, SENTENCE, MOST_LINES = 16, 21, 15, 5
AROUND = 24
"""Pixels above and below all that is on the map."""


class _Now(NamedTuple):
    """What is drawn: a layout, and how everything is after one step."""

    plan: Layout
    state: State
    event: Event | None
    peer: str
    known: Knowledge | None
    prices: Mapping[str, Sequence[tuple[float, str]]]

    def down(self, name: str) -> bool:
        return self.state.outside.get(name) is False or self.state.marked.get(name) is False

    @property
    def cut_off(self) -> bool:
        """Whether the two that would talk cannot: one of them is down, or every connector from the one to the other is."""
        if self.event is None:
            return False
        names = (self.event.server, self.peer)
        ends = tuple(self.plan.node_of.get(name, name) for name in names)
        joining = [wire.connector for wire in self.plan.wires if (wire.start, wire.end) == ends]
        return any(self.down(name) for name in names) or bool(joining and all(map(self.down, joining)))


def alternative(trace: Trace, step: int = 0) -> str:
    """The picture in words: where everything is after a step."""
    if not len(trace):
        return "An empty trace."
    event = trace[step]
    state = trace.at(step)
    places = [
        f"{mail} on {item.server} in {item.place.rpartition('/')[2]}" for mail, item in list(state.mails.items())[:6]
    ]
    down = [name for name, up in {**state.outside, **state.marked}.items() if not up]
    known = knowledge(trace, state)
    return " ".join(
        [
            f"Step {event.number + 1} of {len(trace)}. {event.sentence}",
            f"Under way: {'; '.join(places)}." if places else "Nothing is under way.",
            *([f"Down: {', '.join(down)}."] if down else []),
            *([f"{known.sentence}."] if known else []),
        ]
    )


def picture(trace: Trace, step: int = 0) -> str:
    """The map after one step as a self-contained SVG, with the sentence under it. Equal traces give equal text.

    Example:
        >>> import mailflow
        >>> message = mailflow.Message.write("anna@contoso.com", "ben@contoso.com")
        >>> trace = mailflow.Scenario(mailflow.load("one server")).send(message).run()
        >>> mailflow.picture(trace, 3).startswith("<svg")
        True
    """
    need("picture", trace, Trace, "trace", "give what a scenario's .run() returned")
    state = trace.at(step)
    event = trace[step] if len(trace) else None
    plan = _plan(trace, event)
    now = _Now(plan, state, event, _peer(trace, event), knowledge(trace, state), prices(trace, plan))
    width = WIDTH * CELL
    top, bottom = _span(now)
    below = [*_below(now, width, bottom)]
    total = bottom - top + (below[-1][0] + SIDE if below else 0)
    aside = max(0, width - now.plan.size[0]) // 2
    parts = "".join([f'<g transform="translate({aside})">', *_map(now), "</g>", *(text for _, text in below)])
    label = escape(alternative(trace, step), quote=True)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 {top} {width} {total}" width="{width}" height="{total}" role="img" aria-label="{label}" '
        f'font-family="system-ui, Segoe UI, DejaVu Sans, sans-serif"><rect y="{top}" width="{width}" height="{total}" rx="12" fill="{SHEET}"/>{parts}</svg>'
    )


def _plan(trace: Trace, event: Event | None) -> Layout:
    """The layout; of a large organization, with the routing group open in which something happens."""
    plan = layout(trace)
    if plan.level == "servers" or event is None:
        return plan
    home = plan.node_of.get(event.server, "")
    return layout(trace, opened=(home.removeprefix("group:"),)) if home.startswith("group:") else plan


def _span(now: _Now) -> tuple[int, int]:
    """Where a map begins and ends from top to bottom: at what is drawn on it, with room for a chip on an outer line."""
    plan = now.plan
    labels = [wire.label.box for wire in plan.wires if wire.label]
    frames = [item.box for item in plan.frames.values()]
    boxes = [*frames, *(item.box for item in plan.nodes.values()), *labels]
    talks = [*plan.talks, *([(now.event.server, now.peer)] if now.event else [])]
    lines = [*(line for wire in plan.wires for line in wire.lines), *(plan.path(*pair) for pair in talks)]
    heights = [y for line in lines for _, y in line]
    first = min([*heights, *(box.y for box in boxes)], default=0)
    last = max([*heights, *(box.y + box.h for box in boxes)], default=plan.size[1])
    return max(0, int(first) - AROUND), min(plan.size[1], int(last) + AROUND)


def _peer(trace: Trace, event: Event | None) -> str:
    found = str(event.values.get("peer", "")) if event else ""
    return server_names(trace.organization).get(found.lower(), found)


def _map(now: _Now) -> Iterator[str]:
    yield from (_frame(item) for item in now.plan.frames.values())
    yield from (part for wire in now.plan.wires for part in _wire(wire, down=now.down(wire.connector)))
    session = now.plan.path(now.event.server, now.peer) if now.event else []
    through = not now.cut_off
    if session:
        yield _stroke(session, ACCENT if through else BAD, 4, dash="" if through else "9 6")
        yield _arrowhead(session, ACCENT if through else BAD, 10, 5)
    yield from (_cross(wire) for wire in now.plan.wires if now.down(wire.connector))
    yield from (_wire_label(item, item.label, now) for item in now.plan.wires if item.label)
    travelling = now.event.mail if now.event and session and through else ""
    for node in now.plan.nodes.values():
        yield from _node(node, now, travelling)
    if session and now.event and through:
        yield _traveller(now.plan, session, now.event)


def _frame(item: Frame) -> str:
    outside = not item.id.startswith("group:")
    style = (
        f'fill="none" stroke="{EDGE}" stroke-dasharray="2 5" stroke-linecap="round"'
        if outside
        else f'fill="{PAPER}" stroke="{EDGE}"'
    )
    return f'<rect {_at(item.box)} rx="{18 if outside else 8}" {style}/>' + _text(
        item.box.x + 8, item.box.y + 13, item.title, DIM, 12, bold=True
    )


# -- lines --------------------------------------------------------------------------------------------------------------


def _wire(wire: Wire, *, down: bool) -> Iterator[str]:
    colour = BAD if down else DIM
    for line in wire.lines:
        yield _stroke(line, colour, 1.5, dash="5 5" if down else "")
        yield _arrowhead(line, colour, 7, 3)


def _cross(wire: Wire) -> str:
    x, y = wire.cross
    return f'<path d="M{x - 5:g} {y - 5:g}l10 10m0 -10l-10 10" stroke="{BAD}" stroke-width="2.5"/>'


def _wire_label(wire: Wire, label: Label, now: _Now) -> str:
    box = label.box
    down = now.down(wire.connector)
    told = [text for at, text in now.prices.get(wire.connector, ()) if at <= now.state.time]
    words = told[-1] if told else label.text
    text = f"✕ {words}" if down else words
    width = min(box.w, text_width(text, SMALL, bold=down) + 6)
    behind = Rect(round(box.x + (box.w - width) / 2, 1), box.y, round(width, 1), box.h)
    return f'<rect {_at(behind)} rx="4" fill="{SHEET}"/>' + _text(
        box.x + box.w / 2, box.y + 11, text, BAD if down else DIM, SMALL, bold=down, anchor="middle"
    )


def _stroke(line: Line, colour: str, width: float, dash: str = "") -> str:
    style = f' stroke-dasharray="{dash}"' if dash else ""
    path = "M" + "L".join(f"{x:g} {y:g}" for x, y in line)
    return f'<path d="{path}" fill="none" stroke="{colour}" stroke-width="{width}" stroke-linejoin="round"{style}/>'


def _arrowhead(line: Line, colour: str, length: float, half: float) -> str:
    (ax, ay), (bx, by) = line[-2], line[-1]
    angle = atan2(by - ay, bx - ax)
    corners = [(bx, by)]
    for side in (1, -1):
        corners.append(
            (
                bx - length * cos(angle) + side * half * cos(angle + pi / 2),
                by - length * sin(angle) + side * half * sin(angle + pi / 2),
            )
        )
    return f'<path d="M{"L".join(f"{x:.1f} {y:.1f}" for x, y in corners)}Z" fill="{colour}"/>'


# -- boxes and chips ----------------------------------------------------------------------------------------------------


def _node(node: Node, now: _Now, travelling: str) -> Iterator[str]:
    here = [name for name, home in now.plan.node_of.items() if home == node.id]
    acting = now.event is not None and (now.event.server in here or now.peer in here)
    off = _off(node, here, now)
    knows = bool(now.known and here and all(name in now.known.informed for name in here))
    fill = KNOWS if knows else SOFT if acting else PAPER if node.kind == "host" else SHEET
    stroke = BAD if off else ACCENT if acting else EDGE
    dash = ' stroke-dasharray="6 4"' if off else ""
    box = node.box
    yield f'<rect {_at(box)} rx="{5 if node.kind != "host" else 12}" fill="{fill}" stroke="{stroke}" stroke-width="{2.5 if acting else 1.5}"{dash}/>'
    size = 12 if node.kind == "group" else now.plan.type
    line = round(box.y + size - 1 + (box.h - 27) / 8, 1)
    yield _text(box.x + 7, line, node.label, INK, size, bold=True)
    if now.known and node.kind != "host":
        yield _text(
            box.x + box.w - 5, line, _known_of(here, now.known), GOOD if knows else DIM, SMALL, bold=True, anchor="end"
        )
    yield from _contents(node, now, here, travelling, off)


def _off(node: Node, here: Sequence[str], now: _Now) -> str:
    """What does not work there, in the words that fit."""
    if any(now.down(name) for name in here):
        return "✕ down"
    stopped = [service for (server, service), up in now.state.services.items() if server in here and not up]
    return f"✕ {', '.join(stopped)}" if stopped else ""


def _known_of(here: Sequence[str], known: Knowledge) -> str:
    count = sum(name in known.informed for name in here)
    if len(here) > 1:
        return f"{count}/{len(here)}"
    return "●" if count else "○"


def _contents(node: Node, now: _Now, here: Sequence[str], travelling: str, off: str) -> Iterator[str]:
    """The second line of a box: what is off, who waits there, and how many have their mail."""
    box, size = node.box, max(SMALL, now.plan.small)
    y = box.y + box.h - 5
    left, right = box.x + 6, box.x + box.w - 6
    arrived = _arrived(now.state, here)
    if arrived:
        text = f"✓{arrived}"
        yield _text(right, y, text, GOOD, size, bold=True, anchor="end")
        right -= text_width(text, size, bold=True) + 3
    if off:
        fitting = shortened(off, size, right - left, bold=True)
        yield _text(left, y, fitting, BAD, size, bold=True)
        left += text_width(fitting, size, bold=True) + 4
    mails = [mail for mail, item in now.state.mails.items() if item.server in here and mail != travelling]
    for number, mail in enumerate(mails):
        width = _chip_width(mail)
        more = f"+{len(mails) - number}"
        last = number == len(mails) - 1
        if left + width + (0 if last else text_width(more, SMALL) + 3) > right:
            if left + text_width(more, SMALL) <= right + 4:  # pragma: no branch: else it is full
                yield _text(left, y, more, ACCENT, SMALL, bold=True)
            return
        yield _chip(left, box.y + box.h - 14, mail, now.event is not None and mail == now.event.mail)
        left += width + 3
    if node.kind == "group" and not mails and not off:
        yield _text(left, y, f"{node.servers} servers", DIM, SMALL)


def _arrived(state: State, here: Sequence[str]) -> int:
    """How many recipients have their mail there: in a mailbox of a server, or handed over to a host."""
    ends = [item for items in state.messages.values() for item in items if item.state in ("delivered", "relayed")]
    return sum(item.detail.partition(",")[0] in here for item in ends)


def _chip_width(mail: str) -> float:
    return text_width(f"● {mail}", SMALL, bold=True) + 10


def _chip(x: float, y: float, mail: str, now: bool) -> str:
    message = mail.partition(".")[0].removeprefix("m")
    shape = SHAPES[(int(message) - 1) % len(SHAPES)] if message.isdecimal() else "▤"
    fill, ink = (ACCENT, PAPER) if now else (PAPER, ACCENT)
    width = _chip_width(mail)
    return (
        f'<rect x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="13" rx="6.5" fill="{fill}" stroke="{ACCENT}"/>'
        + _text(x + width / 2, y + 10.3, f"{shape} {mail}", ink, SMALL, bold=True, anchor="middle")
    )


def _traveller(plan: Layout, session: Line, event: Event) -> str:
    """What is on its way: the message of the step, or what the servers tell each other."""
    words = event.mail or ("link state" if event.step.key.startswith("routing.") else "")
    if not words:
        return ""
    width = _chip_width(words)
    x, y = _clear(plan, session, width)
    return _chip(x - width / 2, y - 6.5, words, True)


def _clear(plan: Layout, session: Line, width: float) -> Point:
    """Where the middle of a chip covers no label and no box: on the line, at the side of it, or close above or below."""
    taken = [*(item.box for item in plan.nodes.values()), *(item.label.box for item in plan.wires if item.label)]
    shares = [0.5 + sign * step / 40 for step in range(17) for sign in (1, -1)]
    for dx, dy in (
        (0.0, 0.0),
        (width / 2, 0.0),
        (-width / 2, 0.0),
        (0.0, 11.0),
        (0.0, -11.0),
        (0.0, 17.0),
        (0.0, -17.0),
    ):
        for share in shares:
            x, y = point_at(session, share)
            chip = Rect(x + dx - width / 2, y + dy - 6.5, width, 13)
            inside = chip.x >= 0 and chip.x + width <= plan.size[0]
            if inside and not any(chip.meets(box, 0.5) for box in taken):
                return x + dx, y + dy
    return point_at(session, 0.5)


# -- the sentence -------------------------------------------------------------------------------------------------------


def _below(now: _Now, width: int, top: int) -> Iterator[tuple[int, str]]:
    """What stands under the map: each line with its distance from it."""
    y = 0
    if now.known:
        y += 14
        share = len(now.known.informed) / max(1, now.known.total)
        bar = f'<rect x="{SIDE}" y="{top + y - 10}" width="160" height="11" rx="3" fill="{PAPER}" stroke="{EDGE}"/>'
        full = f'<rect x="{SIDE}" y="{top + y - 10}" width="{160 * share:.1f}" height="11" rx="3" fill="{GOOD}"/>'
        yield y, bar + full + _text(SIDE + 170, top + y, now.known.sentence, DIM, 13)
        y += 6
    if now.event is None:
        return
    for line in _wrapped(f"{clock(now.event.time)}  {now.event.sentence}", width - 2 * SIDE)[:MOST_LINES]:
        y += LINE_HEIGHT
        yield y, _text(SIDE, top + y, line, INK, SENTENCE)


def _wrapped(text: str, room: float) -> list[str]:
    """A text in lines that are not wider than the room; a word that is wider is cut."""
    lines = [""]
    for word in text.split(" "):
        longer = f"{lines[-1]} {word}" if lines[-1] else word
        if text_width(longer, SENTENCE) <= room:
            lines[-1] = longer
        else:
            lines.append(shortened(word, SENTENCE, room))
    return lines


def _at(box: Rect) -> str:
    return f'x="{box.x:g}" y="{box.y:g}" width="{box.w:g}" height="{box.h:g}"'


def _text(x: float, y: float, text: object, colour: str, size: float, *, bold: bool = False, anchor: str = "") -> str:
    weight = ' font-weight="600"' if bold else ""
    where = f' text-anchor="{anchor}"' if anchor else ""
    return f'<text x="{x:g}" y="{y:g}" fill="{colour}" font-size="{size:g}"{weight}{where}>{escape(str(text))}</text>'
