"""The way of one message as a still picture: a line for each server, time downwards, and a rung wherever it was handed on.

Source: K29, K30, K101.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from html import escape
from itertools import groupby
from typing import Final, NamedTuple

from mailflow.tools.phases import PHASES, Phase, of_event
from mailflow.tools.tracking_rows import TrackingRow, time_written

__all__ = ["MOST", "Ladder", "Rung", "rungs"]

MOST: Final = 60
"""So many rungs does a picture have; its text has them all."""

HANDED_ON: Final = (1031, 7)
ENDS: Final[Mapping[int, str]] = {1028: "delivered", 1030: "returned", 1021: "Badmail"}
PAPER, INK, DIM, LINE, BAD = "#ffffff", "#16191d", "#555b64", "#c3c9d0", "#a83a00"
COLOURS: Final[Mapping[Phase, str]] = {"submission": "#0060a0", "processing": "#8c6d00", "delivery": "#00694d"}
LEFT, TOP, ROW, LANE, RIGHT = 84, 58, 24, 170, 92


class Rung(NamedTuple):
    """What a server wrote of a message in one phase and second: the numbers, and the host that it was handed to, if it was."""

    when: datetime
    server: str
    phase: Phase
    events: tuple[int, ...]
    to: str

    def __str__(self) -> str:
        on = f" --> {self.to}" if self.to else ""
        return f"{time_written(self.when)}  {self.server}{on}  {self.phase}: {' '.join(map(str, self.events))}"


def rungs(server: str, rows: Sequence[TrackingRow], known: Mapping[str, str]) -> Iterator[Rung]:
    """The rungs of one server. ``known`` are the servers by the names that its entries give to partners."""

    def together(row: TrackingRow) -> tuple[datetime, Phase, str]:
        to = known.get(row.partner, row.partner) if row.event in HANDED_ON else ""
        return row.when, of_event(row.event), to

    for (when, phase, to), found in groupby(rows, key=together):
        yield Rung(when, server, phase, tuple(dict.fromkeys(row.event for row in found)), to)


@dataclass(frozen=True, slots=True)
class Ladder:
    """Show it in a notebook for the picture, ``print`` it for a text, take ``svg`` for a file.

    Within one second the log has no order between servers; there the rungs stand in the order of the trail.

    Attributes:
        title: the message.
        rungs: from the first to the last.
    """

    title: str
    rungs: tuple[Rung, ...]

    @property
    def lanes(self) -> tuple[str, ...]:
        """The servers that wrote of it, in the order of the trail, and the hosts that got it from them and have no log here."""
        return tuple(
            dict.fromkeys([*(rung.server for rung in self.rungs), *(rung.to for rung in self.rungs if rung.to)])
        )

    def __str__(self) -> str:
        return "\n".join([self.title, *map(str, self.rungs)])

    def __repr__(self) -> str:
        return f"Ladder: {self.title}, {len(self.rungs)} rungs"

    def _repr_html_(self) -> str:
        data = b64encode(self.svg.encode()).decode()
        shown = f'<img alt="{escape(str(self))}" src="data:image/svg+xml;base64,{data}" style="max-width:none">'
        return f'<div tabindex="0" style="overflow-x:auto">{shown}</div>'

    @property
    def svg(self) -> str:
        """The picture, on paper of its own, so that it is as readable in a dark notebook."""
        x = {name: LEFT + LANE * (0.5 + number) for number, name in enumerate(self.lanes)}
        shown = self.rungs[:MOST]
        bottom = TOP + ROW * len(shown)
        width, height = LEFT + LANE * len(x) + RIGHT, bottom + 34
        parts = [
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}" '
            f'font-family="Helvetica, Arial, sans-serif" font-size="12" fill="{INK}">',
            f'<rect width="{width}" height="{height}" fill="{PAPER}"/>',
            _text(12, 18, _cut(self.title, width // 7), weight="bold"),
            *(f'<path d="M{at:g} {TOP - 12}V{bottom - 4}" stroke="{LINE}" stroke-width="2"/>' for at in x.values()),
            *(_text(at, TOP - 18, _cut(name, 24), anchor="middle", weight="bold") for name, at in x.items()),
            *self._drawn(shown, x),
            *_legend(bottom + 20),
        ]
        if len(self.rungs) > MOST:
            parts.append(_text(width - 12, bottom + 20, f"The first {MOST} of {len(self.rungs)} rungs.", anchor="end"))
        return "".join([*parts, "</svg>"])

    def _drawn(self, shown: Sequence[Rung], x: Mapping[str, float]) -> Iterator[str]:
        said = ""
        last = {rung.server: number for number, rung in enumerate(self.rungs)}
        for number, rung in enumerate(shown):
            y, at = TOP + ROW * number, x[rung.server]
            clock = f"{rung.when.hour}:{rung.when:%M:%S}"
            if clock != said:
                yield _text(12, y + 4, clock, colour=DIM)
                said = clock
            if rung.to:
                yield _arrow(at, x[rung.to], y)
            yield _mark(rung.phase, at, y)
            ended = next((f"  {word}" for event, word in ENDS.items() if event in rung.events), "")
            left_here = not ended and not rung.to and number == last[rung.server]
            told = " ".join(map(str, rung.events)) + (ended or ("  …" if left_here else ""))
            yield _label(at, y, told, over=bool(rung.to), bad=left_here or bool(ended and 1028 not in rung.events))


def _label(at: float, y: float, told: str, *, over: bool, bad: bool) -> str:
    """The numbers, beside the line; where an arrow goes out, above it."""
    return _text(at + 10, y - 4 if over else y + 4, told, size=11, colour=BAD if bad else INK)


def _mark(phase: Phase, at: float, y: float) -> str:
    """A circle, a square or a triangle: the shape says the same as the colour."""
    colour = COLOURS[phase]
    if phase == PHASES[0]:
        return f'<circle cx="{at:g}" cy="{y:g}" r="5" fill="{colour}"/>'
    if phase == PHASES[1]:
        return f'<rect x="{at - 5:g}" y="{y - 5:g}" width="10" height="10" fill="{colour}"/>'
    return f'<path d="M{at - 6:g} {y + 5:g}h12l-6 -11z" fill="{colour}"/>'


def _arrow(start: float, end: float, y: float) -> str:
    if start == end:
        return ""
    back = 6 if end > start else -6
    tip = end - back
    head = f"M{tip:g} {y:g}l{-back:g} -4v8z"
    return (
        f'<path d="M{start:g} {y:g}H{tip:g}" stroke="{COLOURS["delivery"]}" stroke-width="2"/>'
        f'<path d="{head}" fill="{COLOURS["delivery"]}"/>'
    )


def _legend(y: float) -> Iterator[str]:
    for number, phase in enumerate(PHASES):
        yield _mark(phase, 18 + 100 * number, y - 4) + _text(28 + 100 * number, y, phase, size=11, colour=DIM)


def _text(
    x: float, y: float, text: str, *, anchor: str = "start", size: int = 12, weight: str = "normal", colour: str = INK
) -> str:
    return (
        f'<text x="{x:g}" y="{y:g}" text-anchor="{anchor}" font-size="{size}" font-weight="{weight}" fill="{colour}">'
        f"{escape(text)}</text>"
    )


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[: most - 1]}…"
