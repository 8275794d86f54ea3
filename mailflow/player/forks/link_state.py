"""Who learns of a change, what it does to the version number, and whether a table changes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from mailflow.linkstate.tellings import VersionRaised
from mailflow.player.forks.fork import EASY, Fork, Option, Spot, fork, refuted, sentence
from mailflow.player.words import TABLES, Scene
from mailflow.trace import Event, clock


class _Learning(NamedTuple):
    number: int
    time: float
    giver: str


@fork("informed")
def _informed(scene: Scene) -> Iterator[Fork]:
    """Who learns the news next?"""
    servers = [item["name"] for item in scene.trace.organization["servers"]]
    for start in [event for event in scene.events if isinstance(event.telling, VersionRaised)]:
        learned = _learned(scene, start)
        for name, one in learned.items():
            event = scene.events[one.number]
            knowing = {start.server, *(other for other, item in learned.items() if item.number < one.number)}
            at_once = {other for other, item in learned.items() if abs(item.time - one.time) < 1e-6}
            wrong = tuple(
                refuted(other, _not_yet(scene, other, learned.get(other), knowing, one), Spot("server", other))
                for other in servers
                if other not in knowing | at_once | {name}
            )
            prompt = f"{scene.news(event)}: which server learns this next?"
            right = Option(name, Spot("server", name))
            yield Fork(
                "informed",
                one.number,
                prompt,
                right,
                wrong,
                f"{one.giver} gives its table to {name} at {clock(one.time)}.",
                2.0,
                (start.number, type(event.telling).__name__, len(knowing) > 1),
            )


def _learned(scene: Scene, start: Event) -> dict[str, _Learning]:
    """Who learns of a version from whom, and when, up to the next one."""
    found: dict[str, _Learning] = {}
    for event in scene.events[start.number + 1 :]:
        if isinstance(event.telling, VersionRaised):
            break
        if isinstance(event.telling, TABLES) and scene.learns(event):
            found.setdefault(scene.receiver(event), _Learning(event.number, event.time, scene.giver(event)))
    return found


def _not_yet(scene: Scene, name: str, one: _Learning | None, knowing: Iterable[str], now: _Learning) -> str:
    if one is None:
        return f"nobody brings it to {name} before the next change"
    if one.giver in knowing:
        return f"{one.giver} knows it, but reaches {name} only at {clock(one.time)}, not at {clock(now.time)}"
    return f"{name} hears it from {one.giver}, which does not know it yet itself"


CAUSES = {
    "major": "an administrator changes the configuration in the directory",
    "minor": "a connector goes down or comes up",
    "user": "a service or a server stops, starts, or changes its role",
}


@fork("version")
def _version(scene: Scene) -> Iterator[Fork]:
    """Which of the three numbers rises?"""
    for event in scene.events:
        one = event.telling
        if isinstance(one, VersionRaised):
            wrong = tuple(
                refuted(part, f"the {part} number rises when {cause}; here {one.what}")
                for part, cause in CAUSES.items()
                if part != one.part
            )
            prompt = f"{sentence(one.what)} Which number of the version of {one.group} rises?"
            why = f"The {one.part} number rises when {CAUSES[one.part]}."
            yield Fork("version", event.number, prompt, Option(one.part), wrong, why, 3.0, (one.part,))


@fork("table")
def _table(scene: Scene) -> Iterator[Fork]:
    """Does the table of who gets one change?"""
    for event in scene.events:
        if isinstance(event.telling, TABLES):
            receiver, giver, changes = scene.receiver(event), scene.giver(event), scene.learns(event)
            yes, no = "yes, it holds something new", "no, it stays as it is"
            news = f"new in it is {scene.news(event)}"
            nothing = f"{giver} knows nothing that {receiver} does not know"
            wrong = refuted(no, news) if changes else refuted(yes, nothing)
            prompt = f"{receiver} is about to get the whole table of {giver}. Does its own table change?"
            right = Option(yes if changes else no)
            yield Fork(
                "table",
                event.number,
                prompt,
                right,
                (wrong,),
                sentence(news if changes else nothing),
                EASY if changes else 2.0,
                (changes,),
            )
