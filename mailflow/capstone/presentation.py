"""A presentation: three Share lines, each a run that opens at the step of which somebody speaks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from html import escape
from typing import NamedTuple

from mailflow.capstone.figures import Fate, fates
from mailflow.capstone.sheet import Sheet
from mailflow.capstone.storms import Letter, letters, scenario, seeds
from mailflow.trace import Trace, clock, step_of


class Slide(NamedTuple):
    """One thing to show: a heading, what to say, the Share line, and the run that it opens."""

    heading: str
    say: str
    line: str
    trace: Trace


@dataclass(frozen=True, slots=True, repr=False)
class Presentation:
    """Three slides. ``mailflow.play(slide.line)`` shows one here, and a player opens its line anywhere."""

    slides: tuple[Slide, ...]

    def __iter__(self) -> Iterator[Slide]:
        return iter(self.slides)

    def __len__(self) -> int:
        return len(self.slides)

    def __getitem__(self, number: int) -> Slide:
        return self.slides[number]

    def __repr__(self) -> str:
        return "\n".join(f"{number}. {slide.heading}: {slide.say}" for number, slide in enumerate(self.slides, start=1))

    def _repr_html_(self) -> str:
        items = "".join(
            f"<li><b>{escape(slide.heading)}.</b> {escape(slide.say)}<details><summary>Share line</summary>"
            f"<code style='overflow-wrap:anywhere'>{escape(slide.line)}</code></details></li>"
            for slide in self.slides
        )
        return f"<ol>{items}</ol>"


def presentation(sheet: Sheet) -> Presentation:
    """The letter that took longest in all storms of a sheet and arrived: on a calm day, when the storm hits, and how it ends."""
    seed, letter, number = _worst(sheet)
    until = sheet.terms.storm.seconds
    calm, stormy = (
        scenario(sheet.terms, sheet.design, seed, [letter], calm=quiet).run(until=until) for quiet in (True, False)
    )
    usual, fate = fates(calm, until)[0], fates(stormy, until)[0]
    hit = _trouble(stormy)
    return Presentation(
        (
            Slide("A calm day", f"{letter.sender} writes to {letter.to}: {_took(usual)}.", calm.share(_last(calm, usual)), calm),
            Slide("The storm", f"Storm {number}, at {clock(stormy[hit].time)}: {stormy[hit].sentence}", stormy.share(hit), stormy),
            Slide("How it ends", f"The same letter: {_took(fate)}.", stormy.share(_last(stormy, fate)), stormy),
        )
    )  # fmt: skip


def _worst(sheet: Sheet) -> tuple[str, Letter, int]:
    """The storm and the letter that took longest and arrived, and the number of the storm, from 1."""
    found: list[tuple[tuple[bool, float], str, Letter, int]] = []
    for number, seed in enumerate(seeds(sheet.terms, sheet.word), start=1):
        trace = scenario(sheet.terms, sheet.design, seed).run(until=sheet.terms.storm.seconds)
        mail = letters(sheet.terms, seed)
        every = fates(trace, sheet.terms.storm.seconds)
        found += [((fate.arrived, fate.took), seed, letter, number) for fate, letter in zip(every, mail, strict=True)]
    _, seed, letter, number = max(found, key=lambda item: item[0])
    return seed, letter, number


def _took(fate: Fate) -> str:
    if not fate.arrived:
        return f"it {'still waits' if not fate.state else f'is {fate.state}'} after {fate.took / 60:.0f} minutes"
    return (
        f"it arrives after {fate.took:.1f} seconds"
        if fate.took < 120
        else f"it arrives after {fate.took / 60:.0f} minutes"
    )


def _last(trace: Trace, fate: Fate) -> int:
    """The step at which the fate of a message is known."""
    return trace.step_at(fate.sent + fate.took)


def _trouble(trace: Trace) -> int:
    """The step at which a connection fails first, or else the one at which something breaks; 0 when all is well."""
    keys = [step_of(record[2]).key for record in trace.records]
    return next((keys.index(key) for key in ("link.failed", "administrator.network") if key in keys), 0)
