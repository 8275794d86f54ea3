"""A run as a story: the beats that a person would tell, each with the steps that it unfolds into, in chapters."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Container, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import NamedTuple
from weakref import WeakKeyDictionary

from mailflow.facts.kinds import need, need_list
from mailflow.facts.mistake import InputError
from mailflow.linkstate.tellings import (
    GivenUp,
    MasterLost,
    MasterReturned,
    Reported,
    ReportKept,
    TableForgotten,
    TableRebuilt,
    VersionRaised,
)
from mailflow.plain import Plain
from mailflow.player.words import FIRST_RETRY, NEXT_HOST, TABLES, Scene, hops, journey, service, told_as
from mailflow.simulation.tellings import Composed, Dropped, NetworkChanged, Refused, ServiceChanged
from mailflow.trace import Event, Step, Trace, told
from mailflow.trace.effects import Ended, NetworkState, ServiceState
from mailflow.trace.follow import followable
from mailflow.trace.telling import step_of, tellings
from mailflow.transport.places import name_of
from mailflow.transport.tellings import (
    AwaitingLookup,
    Bifurcated,
    Bounced,
    Categorized,
    CrossedToStore,
    Delivered,
    Expanded,
    Forwarded,
    HandedToStore,
    JournalReported,
    NotificationMade,
    PendingSubmission,
    QueuedLocally,
    Rewritten,
    Routed,
)
from mailflow.transport.tellings_smtp import (
    Connected,
    ConnectionFailed,
    ContentRefused,
    ContentSent,
    MailFrom,
    Quit,
    RcptTo,
    Rerouted,
)

__all__ = ["Beat", "Chapter", "Story", "outline", "story"]

FEWEST, AIM, MOST = 8, 14, 20
"""How many beats a story has at least, about, and at most; fewer only where the run is short."""


@dataclass(frozen=True, slots=True, repr=False, eq=False)
class Beat(Plain):
    """One beat: it is told when step ``at`` has happened, and unfolds into the steps from ``first`` to ``last``.

    ``arrived`` are the names of those to whom mail is delivered in these steps.
    """

    at: int
    first: int
    last: int
    text: str
    mail: str
    server: str
    arrived: tuple[str, ...] = ()


class Chapter(NamedTuple):
    """Beats under one title, from number ``beat`` on, which begins with step ``first``."""

    title: str
    beat: int
    first: int


@dataclass(frozen=True, slots=True, repr=False, eq=False)
class Story(Plain):
    """A run as its beats, in chapters. ``str()`` gives it as a text."""

    beats: tuple[Beat, ...]
    chapters: tuple[Chapter, ...]

    def __str__(self) -> str:
        lines: list[str] = []
        titles = {chapter.beat: chapter.title for chapter in self.chapters}
        for number, beat in enumerate(self.beats):
            if number in titles:
                lines += ["", titles[number]] if lines else [titles[number]]
            lines.append(f"  {number + 1}. {beat.text}")
        return "\n".join(lines)

    __repr__ = __str__

    def as_data(self) -> dict[str, object]:
        """The story as plain JSON data."""
        return {
            "beats": [asdict(beat) for beat in self.beats],
            "chapters": [chapter._asdict() for chapter in self.chapters],
        }


def story(trace: Trace, tell: Iterable[str] = ()) -> Story:
    """A run as a person would tell it: 8 to 20 beats, fewer where it is short.

    Example:
        >>> import mailflow
        >>> message = mailflow.Message.write("anna@contoso.com", "ben@contoso.com", subject="Lunch?")
        >>> trace = mailflow.Scenario(mailflow.load("one server")).send(message).run()
        >>> told = mailflow.story(trace)
        >>> for beat in (told.beats[0], told.beats[-1]):
        ...     print(beat.text)
        Anna writes “Lunch?” to Ben. It lies in the Outbox as m1.1.
        Mailbox Store of LON01 takes m1.1. Ben has it ✔

    Args:
        tell: what matters here besides the usual: components ("categorizer") or kinds of steps ("dns", "smtp.rcpt").

    Raises:
        ValueError: nothing of that name can be told.
    """
    need("story", trace, Trace, "trace", "give what a scenario's .run() returned")
    need_list("story(tell)", tell, "tell=['dns']")
    wanted = tuple(tell)
    kept = _KEPT.setdefault(trace, {})
    if wanted not in kept:
        _check(wanted)
        scene = Scene(trace)
        groups = _distinct(scene, _chosen(scene, wanted))
        kept[wanted] = Story(tuple(_beats(scene, groups)), tuple(_chapters(scene, groups)))
    return kept[wanted]


# A player asks for it twice: to tell it, and to ask at most one question on the way to each beat.
_KEPT: WeakKeyDictionary[Trace, dict[tuple[str, ...], Story]] = WeakKeyDictionary()


def outline(*traces: Trace, tell: Iterable[str] = ()) -> dict[str, object]:
    """What a player is told of the story of each trace, and of what can be followed in the first one, as plain JSON data.

    "stories" has for each trace its beats and chapters; "follow" what can be followed: its "kind", "name", and "steps", a text
    such as "0-5,7".
    """
    wanted = tuple(tell)
    found = [{"kind": item.kind, "name": item.name, "steps": item.ranges} for item in followable(traces[0])]
    return {"stories": [story(trace, wanted).as_data() for trace in traces], "follow": found}


def _check(wanted: Sequence[str]) -> None:
    steps = [step_of(kind) for kind in tellings().values()]
    known = {name for step in steps for name in (step.component, step.key, step.key.partition(".")[0])}
    for name in wanted:
        if name not in known:
            short = sorted(item for item in known if "." not in item)
            raise InputError(f"story: nothing is called {name!r}; there is {', '.join(short)}")


# -- which steps are told ---------------------------------------------------------------------------------------------

CORE = (Composed, Dropped, ServiceChanged, NetworkChanged, Delivered, Bounced, Refused)
"""What a run cannot be told without."""

ALWAYS = (*CORE, ConnectionFailed, VersionRaised)
"""Tellings that are worth a beat however often they come."""

COPIES = (Bifurcated, JournalReported)
TOGETHER = (
    *COPIES,
    Categorized,
    QueuedLocally,
    CrossedToStore,
    Expanded,
    Forwarded,
    Rewritten,
    HandedToStore,
    PendingSubmission,
    AwaitingLookup,
)
"""Tellings of which several on one server about one message make one beat."""

LIMITS = (0.0, 0.5, 1.0, 1.5, 2.0, 3.0)
UNTOLD = 9.0


class _Scores:
    """How far each step is from being told: 0 for what makes the story, more for stations, verbs, repeats and side stories."""

    def __init__(self, scene: Scene, wanted: Sequence[str]) -> None:
        self.scene, self.wanted = scene, wanted
        self.seen: dict[object, tuple[str, str]] = {}
        self.told: set[object] = set()

    def of(self, event: Event) -> float:
        """The score of one step; ask in the order of the trace."""
        again = self._again(event)
        if isinstance(event.telling, Quit):
            return UNTOLD
        if isinstance(event.telling, TABLES):
            return 0.0 if self.scene.learns(event) else UNTOLD
        return self._level(event) + again + self._aside(event)

    def _level(self, event: Event) -> float:
        if _wanted(event.step, self.wanted) or _turned_down(event):
            return 0.0
        if isinstance(event.telling, VersionRaised) and len(self.scene.trace.organization["servers"]) == 1:
            return UNTOLD  # there is nobody to tell
        return {"story": 0.0, "detail": 2.0 if event.place else 3.0, "everything": 4.0}[event.step.level]

    def _again(self, event: Event) -> float:
        """What a repeat costs: nothing for what is always told, half for one more hop, the most for stations and verbs."""
        kind: object = type(event.telling)
        if isinstance(event.telling, Routed):
            kind = (kind, event.message, event.telling.connector or event.telling.link)
        here = (event.server, event.message)
        first = self.seen.setdefault(kind, here)
        fresh = first == here and (isinstance(event.telling, TOGETHER) or kind not in self.told)
        self.told.add(kind)
        if fresh or isinstance(event.telling, ALWAYS):
            return 0.0
        if isinstance(event.telling, ContentSent):
            return 0.0 if any(isinstance(item, Ended) for item in event.effects) else 0.5
        return 1.0 if event.step.level == "story" else 2.0

    def _aside(self, event: Event) -> float:
        """What a side story costs: of a journal copy or a report one tells that it is made, and that it arrives."""
        if not _aside(self.scene, event):
            return 0.0
        return 0.5 if isinstance(event.telling, (*ALWAYS, *COPIES, NotificationMade)) else 2.0


def _wanted(step: Step, wanted: Iterable[str]) -> bool:
    return any(step.component == name or f"{step.key}.".startswith(f"{name}.") for name in wanted)


def _turned_down(event: Event) -> bool:
    """Whether somebody says no or does not answer, so that the run takes another way from here."""
    if event.rule.name == NEXT_HOST:
        return True
    reply = str(event.values.get("reply", "2"))
    return isinstance(event.telling, Connected | MailFrom | RcptTo | ContentRefused) and not reply.startswith("2")


def _chosen(scene: Scene, wanted: Sequence[str]) -> list[list[Event]]:
    """The steps that are told, those together that make one beat: as near to `AIM` beats as the run allows."""
    scores = _Scores(scene, wanted)
    scored = [(scores.of(event), event) for event in scene.events]
    for joins in (_joins, _joins_loosely):
        tries = [_joined(scene, [event for score, event in scored if score <= limit], joins) for limit in LIMITS]
        if fitting := [groups for groups in tries if FEWEST <= len(groups) <= MOST]:
            return min(fitting, key=lambda groups: abs(len(groups) - AIM))
    return _filled(scene, scored)


def _filled(scene: Scene, scored: Sequence[tuple[float, Event]]) -> list[list[Event]]:
    """As much as fits: beginnings and ends first, then by score, and what comes again after what comes for the first time."""
    met: Counter[type] = Counter()
    order: list[tuple[float, int, int]] = []
    for score, event in scored:
        if score < UNTOLD:
            weight = -1.0 if isinstance(event.telling, CORE) and not _aside(scene, event) else score
            order.append((weight, met[type(event.telling)], event.number))
            met[type(event.telling)] += 1
    ranked = [number for *_, number in sorted(order)]

    def groups(count: int) -> list[list[Event]]:
        chosen = set(ranked[:count])
        return _joined(scene, [event for _, event in scored if event.number in chosen], _joins_loosely)

    counts = range(len(ranked) + 1)
    return groups(bisect_right(counts, MOST, key=lambda count: len(groups(count))) - 1)


# -- which of them make one beat --------------------------------------------------------------------------------------

FOLLOWING = {
    TableForgotten: (ServiceChanged,),
    TableRebuilt: (ServiceChanged,),
    MasterReturned: (ServiceChanged,),
    MasterLost: (TableForgotten,),
    ReportKept: (GivenUp,),
    VersionRaised: (GivenUp, MasterReturned, ServiceChanged, VersionRaised),
    Routed: (Rerouted,),
}
"""What is told in one breath with what led to it."""

Joins = Callable[[Scene, Sequence[Event], Event], bool]


def _joined(scene: Scene, events: Sequence[Event], joins: Joins) -> list[list[Event]]:
    groups: list[list[Event]] = []
    for event in events:
        if groups and joins(scene, groups[-1], event):
            groups[-1].append(event)
        else:
            groups.append([event])
    return groups


def _joins(scene: Scene, group: Sequence[Event], event: Event) -> bool:
    """Whether a step belongs to the beat before it."""
    last, telling = group[-1], event.telling
    here = (event.message, event.server) == (last.message, last.server)
    if isinstance(telling, TABLES):
        same = isinstance(last.telling, TABLES) and scene.news(last) == scene.news(event)
        return same and scene.giver(event) not in {scene.receiver(item) for item in group}
    if isinstance(last.telling, FOLLOWING.get(type(telling), ())):
        return event.time - last.time < 0.1
    if type(telling) is not type(last.telling):
        return isinstance(telling, COPIES) and isinstance(last.telling, COPIES) and here
    if isinstance(telling, NetworkChanged):
        return event.time - last.time < 0.1 and _ups(event) == _ups(last)
    if isinstance(telling, Delivered):
        same = event.message == last.message and scene.is_journal(event) == scene.is_journal(last)
        return same and event.time - last.time < 1
    if isinstance(telling, ConnectionFailed):
        return here and telling.link == last.values["link"] and last.values["attempt"] != FIRST_RETRY
    return isinstance(telling, TOGETHER) and here


def _joins_loosely(scene: Scene, group: Sequence[Event], event: Event) -> bool:
    """The same where there is much to tell: the way of a piece of news is one beat as long as nothing comes between."""
    if isinstance(event.telling, TABLES) and isinstance(group[-1].telling, TABLES):
        return scene.news(group[-1]) == scene.news(event)
    return _joins(scene, group, event)


def _distinct(scene: Scene, groups: Sequence[list[Event]]) -> list[list[Event]]:
    """The same without beats that would read like the one before; of a run in which nothing is told, its last step."""
    found: list[list[Event]] = []
    for group in groups:
        if found and told_as(scene, found[-1]) == told_as(scene, group):
            found[-1] = group
        else:
            found.append(group)
    return found or [[event] for event in scene.events[-1:]]


def _beats(scene: Scene, groups: Sequence[Sequence[Event]]) -> Iterator[Beat]:
    first = 0
    spoken = {event.number for group in groups for event in group}
    for number, group in enumerate(groups):
        event = group[-1]
        last = event.number if number + 1 < len(groups) else len(scene.trace) - 1
        steps = scene.events[first : last + 1]
        arrived = tuple(scene.person(address) for item in steps for address in scene.ends(item, "delivered"))
        text = journey(scene, group[0], spoken) + told_as(scene, group)
        spoken |= {hop.number for item in group for hop in hops(scene, item.mail)}
        yield Beat(event.number, first, last, text, str(event.mail), str(event.server), arrived)
        first = last + 1


# -- chapters ---------------------------------------------------------------------------------------------------------


class _Key(NamedTuple):
    """What a chapter is about: a server's inside ("home"), the way to one ("wire"), something else; and its name."""

    kind: str
    name: str = ""


TITLES = {
    "in": "From outside",
    "wire": "Over the wire to {}",
    "trouble": "{} cannot get through",
    "news": "The news travels",
    "journal": "The journal copy",
    "report": "The report to {}",
    "delivered": "Delivered",
    "out": "Handed over to {}",
    "change": "{}",
    "decide": "The categorizer of {} decides",
    "sort": "{}: the copies go their ways",
}


def _chapters(scene: Scene, groups: Sequence[Sequence[Event]]) -> Iterator[Chapter]:
    """A chapter for each scene: a server, a wire, a failure, the way of a piece of news, a journal copy, a report.

    What was left comes back in no second chapter: where copies go side by side, the story stays where it is.
    """
    starts: list[tuple[int, list[_Key]]] = []
    opened: set[_Key] = set()
    for number, key in enumerate(_keys(scene, groups)):
        if key in opened:
            continue
        opened.add(key)
        if starts and number - starts[-1][0] == 1 and (starts[-1][1][-1].kind, key.kind) in RUNNING_ON:
            starts[-1][1].append(key)
        else:
            starts.append((number, [key]))
    for number, keys in starts:
        first = groups[number - 1][-1].number + 1 if number else 0
        yield Chapter(_title(scene, keys), number, first)


MANY = 4
"""Beats that the categorizer of one server needs for a chapter."""

RUNNING_ON = (("wire", "wire"), ("in", "wire"))
"""Chapters that a single beat does not make alone."""


def _title(scene: Scene, keys: Sequence[_Key]) -> str:
    if keys[0].kind == "home":
        start, end = _start_of_home(scene, keys[0].name), _end_of_home(scene, keys[0].name)
        return f"{keys[0].name}: {f'in {start}' if end == f'to {start}' else f'from {start} {end}'}"
    kinds = dict.fromkeys(key.kind for key in keys)
    names = [key.name for key in keys if key.name]
    if "in" in kinds and names:
        return f"From outside to {told(names)}"
    return TITLES[keys[0].kind].format(told(names))


def _keys(scene: Scene, groups: Sequence[Sequence[Event]]) -> Iterator[_Key]:
    home = next((str(item[0].server) for item in groups if item[0].mail and scene.inside(item[0].server)), "")
    ending = [number for number, group in enumerate(groups) if _arrives(scene, group[-1])]
    climax = ending[-1] if ending else -1
    decided = Counter(group[0].server for group in groups if group[0].component == "categorizer")
    busy = {server for server, count in decided.items() if count >= MANY}
    current = _Key("home", home)
    for number, group in enumerate(groups):
        current = (
            _climax(scene, group) if number == climax else _key(scene, group, current, busy, aside=number > climax)
        )
        yield current


IN_WORDS = {"Outbox": "the Outbox", "Pickup": "the Pickup folder"}
"""Places that a title names otherwise than a list of queues."""


def _start_of_home(scene: Scene, home: str) -> str:
    """Where mail begins on the server where it is written."""
    kinds = {type(event.telling) for event in scene.events if event.server == home}
    return "the Pickup folder" if Dropped in kinds and Composed not in kinds else "the Outbox"


def _end_of_home(scene: Scene, home: str) -> str:
    """How far mail gets on the server where it is written: to the line, a mailbox, a queue in which it waits, or no further."""
    if any(
        event.server == home and isinstance(event.telling, ContentSent | ConnectionFailed) for event in scene.events
    ):
        return "to the line"
    state = scene.trace.at()
    waiting = [name_of(item.place) for item in state.mails.values() if item.server == home]
    if waiting:
        return f"to {IN_WORDS.get(waiting[0], waiting[0])}"
    delivered = any(item.state == "delivered" for known in state.messages.values() for item in known)
    return "to the mailbox" if delivered else "to the categorizer"


def _arrives(scene: Scene, event: Event) -> bool:
    """Whether somebody gets the message itself, or it leaves the organization, in a step."""
    ends = [item.state for item in event.effects if isinstance(item, Ended)]
    return not _aside(scene, event) and bool({"delivered", "relayed"} & set(ends))


def _aside(scene: Scene, event: Event) -> bool:
    return bool(event.mail) and (scene.is_report(event) or scene.is_journal(event))


def _climax(scene: Scene, group: Sequence[Event]) -> _Key:
    if scene.ends(group[-1], "delivered"):
        return _Key("delivered")
    return _Key("out", scene.server(str(group[-1].values.get("peer", ""))))


def _key(scene: Scene, group: Sequence[Event], current: _Key, busy: Container[str], *, aside: bool) -> _Key:
    """What the chapter of a beat is about; ``current`` where it goes on with what is told already.

    ``busy`` are the servers whose categorizer has a chapter of its own.
    """
    event = group[0]
    if _aside(scene, event):
        return _side(scene, event) if aside else current
    if event.component == "administrator":
        return _Key("change", _change(group))
    if isinstance(event.telling, ConnectionFailed):
        return _Key("trouble", str(event.server))
    if isinstance(event.telling, (VersionRaised, Reported, *TABLES)):
        return _Key("news")
    if isinstance(event.telling, Composed | Dropped) and scene.inside(event.server):
        return _Key("home", str(event.server))
    if event.component == "categorizer" and event.server in busy:
        return _Key("decide", str(event.server))
    if current == _Key("decide", str(event.server)) and event.component in ("routing engine", "information store"):
        return _Key("sort", str(event.server))
    return _place(scene, event) or current


def _side(scene: Scene, event: Event) -> _Key:
    if scene.is_report(event):
        return _Key("report", scene.person(scene.trace.messages[event.message]["recipients"][0]))
    return _Key("journal")


def _place(scene: Scene, event: Event) -> _Key | None:
    """Where the message is, or is being sent to."""
    if isinstance(event.telling, Composed) and not scene.inside(event.server):
        return _Key("in")
    peer = str(event.values.get("peer", ""))
    if event.mail and event.component == "SMTP service" and scene.inside(peer):
        return _Key("wire", scene.server(peer))
    return None


def _ups(event: Event) -> list[bool]:
    """Whether what changes in the network in a step works from then on."""
    return [item.up for item in event.effects if isinstance(item, NetworkState)]


def _change(group: Sequence[Event]) -> str:
    """What an administrator, or fate, did, as a title."""
    event = group[0]
    changed = next(iter(event.effects), None)
    if isinstance(changed, NetworkState):
        names = [item.name for step in group for item in step.effects if isinstance(item, NetworkState)]
        one = len(names) == 1
        works, fails = ("works again", "fails") if one else ("work again", "fail")
        return f"{told(names)} {works if changed.up else fails}"
    if isinstance(changed, ServiceState):
        return f"The {service(changed.service)} of {changed.server} {'runs again' if changed.up else 'stops'}"
    return event.step.title
