"""What the message tracking log says next."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from mailflow.player.forks.fork import EASY, Fork, Option, fork, refuted
from mailflow.player.words import Scene
from mailflow.trace import Event, clock


@fork("tracking")
def _tracking(scene: Scene) -> Iterator[Fork]:
    """Which message tracking event comes next?"""
    logged = [event for event in scene.events if event.tracking is not None and event.tracking >= 1000]
    entries: dict[int | None, list[Event]] = {}
    for event in logged:
        entries.setdefault(event.tracking, []).append(event)
    names = {number: f"{number}: {found[0].step.title}" for number, found in entries.items()}
    known: set[int | None] = set()
    for event in logged:
        if event.tracking in known:
            continue
        known.add(event.tracking)
        wrong = tuple(
            refuted(names[number], _not_logged(event, found))
            for number, found in entries.items()
            if number != event.tracking
        )
        prompt = f"Which message tracking event is logged next for {event.message} on {event.server}?"
        right = Option(names[event.tracking])
        yield Fork("tracking", event.number, prompt, right, wrong, event.sentence, EASY, (event.tracking,))


def _not_logged(event: Event, entries: Sequence[Event]) -> str:
    here = [item for item in entries if (item.message, item.server) == (event.message, event.server)]
    later = [item for item in here if item.number > event.number]
    if later:
        return f"it comes later, at {clock(later[0].time)}"
    if here:
        return f"it has been logged already, at {clock(here[-1].time)}"
    return f"nothing of that kind happens to {event.message} on {event.server}"
