"""The game: a complaint, the tools, and what you make of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import timedelta
from functools import cached_property
from html import escape
from random import Random
from typing import TYPE_CHECKING

from mailflow.course.feedback import Feedback
from mailflow.facts.kinds import need_one_of
from mailflow.facts.mistake import InputError
from mailflow.facts.words import counted
from mailflow.faults import cases as cases  # declares them
from mailflow.faults.draft import DAY, HOUR, KINDS, Draft, Kind
from mailflow.faults.looks import Signs, Tools, signs
from mailflow.faults.stage import ROUNDS, Stage, ends, subject
from mailflow.faults.steps import Setting, Step
from mailflow.names import message_of
from mailflow.simulation import Verb
from mailflow.tools.bad_mail import badmail
from mailflow.tools.performance import Counters, counters
from mailflow.tools.protocol import ProtocolLog, protocol_log
from mailflow.tools.queue_viewer import QueueViewer, queues
from mailflow.tools.tracking_center import TrackingCenter, tracking_center
from mailflow.tools.tracking_log import tracking_log
from mailflow.tools.winroute import WinRoute, winroute
from mailflow.trace import Trace
from mailflow.trace.clock import START
from mailflow.transport.relay import open_relay

if TYPE_CHECKING:
    from mailflow.player.widget import Player
    from mailflow.tools.listing import Listing
    from mailflow.tools.nslookup import Lookup
    from mailflow.tools.port25 import Telnet
    from mailflow.tools.tracking_rows import TrackingLog

__all__ = ["Fault", "fault"]

LOOKS = (
    *("tracking_center()", "tracking_log(server)", "queues(server)", "event_log(server)", "protocol_log(server)"),
    *("counters(server)", "badmail(server)", "winroute(server)", "telnet(server, lines)", "nslookup(name)"),
    "smtpdiag(sender, recipient)",
)
ANSWERS = "diagnose(step, ...) or no_fault(); repair(step, ...) or wait(); hint(), give_up()"
STEPS = (
    *("stop(service, server)", "start(service, server)", "fail(connector or server)", "restore(connector or server)"),
    *("freeze(queue, server)", "unfreeze(queue, server)", "setting(name, key=value)", "set_master(group, server)"),
    *(
        "disable_outbound_mail(server)",
        "enable_outbound_mail(server)",
        "delete_mailbox(mailbox)",
        "delete_server(server)",
    ),
)
FOUND, CURED = "found", "cured"


def fault(name: str = "", seed: int = 0) -> Fault:
    """A fault to find: somebody complains, and you have the tools and not the configuration.

    Say what it was with `Fault.diagnose` or `Fault.no_fault`, and cure it with `Fault.repair` or `Fault.wait`, in the
    words of `mailflow.faults`: ``stop("Mailbox Store", "LON01")``, ``setting("Internet", cost=5)``. Seeds make variants:
    other servers, people and times.

    Example:
        >>> import mailflow
        >>> from mailflow.faults import start, stop
        >>> case = mailflow.fault("F3", seed=1)
        >>> case.diagnose(stop("SMTP", "LON01")).solved
        False
        >>> case.no_fault().solved
        False

    Args:
        name: the kind of fault, such as "F7"; without one any.
        seed: which variant.

    Raises:
        ValueError: there is no such kind of fault.
    """
    name = str(name).upper()
    if name:
        need_one_of("fault", name, KINDS)
    if isinstance(seed, bool) or not isinstance(seed, int):
        raise InputError(
            f"fault(seed): {seed!r} is no whole number; write, for example, fault({name or 'F3'!r}, seed=3)"
        )
    return Fault(KINDS[name or Random(seed).choice(list(KINDS))], seed, shown=name)


class Fault:
    """One case, as `fault` gives it. Each look is counted; each wrong answer brings a hint."""

    def __init__(self, kind: Kind, seed: int, *, shown: str = "") -> None:
        self._kind, self._seed, self._shown = kind, seed, shown
        self._draft: Draft = kind.draw(Random(f"{kind.name} {seed}"))
        self._stage = Stage(self._draft, seed)
        self._looks: list[str] = []
        self._hints = 0
        self._solved: set[str] = set()

    def __dir__(self) -> list[str]:
        return [name for name in super().__dir__() if not name.startswith("_")]

    # -- what you are told
    # ----------------------------------------------------------------------------------------------------------

    @property
    def complaint(self) -> str:
        """What somebody says."""
        return self._draft.complaint

    @property
    def goal(self) -> str:
        """What must be true afterwards."""
        return self._draft.goal

    @property
    def servers(self) -> list[str]:
        """The servers of the organization."""
        return sorted(self._draft.healthy.server)

    @property
    def looks(self) -> list[str]:
        """Which tools you opened, in order."""
        return list(self._looks)

    def __repr__(self) -> str:
        return "\n".join([self._name, *(f"{word}: {text}" for word, text in self._told())])

    @property
    def _name(self) -> str:
        return f"Fault {self._shown}, seed {self._seed}" if self._shown else f"A fault, seed {self._seed}"

    def _told(self) -> list[tuple[str, str]]:
        return [
            ("Complaint", self.complaint),
            ("Goal", self.goal),
            ("Servers", ", ".join(self.servers)),
            ("Tools", ", ".join(LOOKS)),
            ("Answers", ANSWERS),
            ("Steps", f"from mailflow.faults: {', '.join(STEPS)}"),
            ("So far", f"{counted(len(self._looks), 'look')}, {self._so_far}"),
        ]

    @property
    def _so_far(self) -> str:
        return ", ".join(what for what in (FOUND, CURED) if what in self._solved) or "nothing found yet"

    def _repr_html_(self) -> str:
        rows = "".join(
            f"<tr><th style='text-align:left;vertical-align:top'>{word}</th><td style='text-align:left'>{escape(text)}</td></tr>"
            for word, text in self._told()
        )
        return f"<table><caption>{escape(self._name)}</caption>{rows}</table>"

    # -- looking
    # ----------------------------------------------------------------------------------------------------------

    @cached_property
    def _tools(self) -> Tools:
        wrong = self._draft.wrong
        return Tools(self._stage.now(wrong), self._stage.organization(wrong))

    def _look(self, name: str, server: str = "") -> Tools:
        self._looks.append(f"{name} {server}".strip())
        return self._tools

    def tracking_center(self) -> TrackingCenter:
        """Search the tracking logs of all servers that keep one."""
        return tracking_center(self._look("tracking_center").trace)

    def tracking_log(self, server: str) -> TrackingLog:
        """The tracking log of a server."""
        return tracking_log(self._look("tracking_log", server).trace, server)

    def queues(self, server: str) -> QueueViewer:
        """Queue Viewer on a server."""
        shown = queues(self._look("queues", server).trace, server)
        return replace(shown, when=START + timedelta(seconds=self._draft.now))

    def event_log(self, server: str) -> Listing:
        """The application log of a server; diagnostics logging was raised to Medium before."""
        return self._look("event_log", server).event_log(server)

    def protocol_log(self, server: str) -> ProtocolLog:
        """The protocol log of a server's default virtual server."""
        return protocol_log(self._look("protocol_log", server).trace, server)

    def counters(self, server: str) -> Counters:
        """Performance counters of a server."""
        return counters(self._look("counters", server).trace, server, until=self._draft.now)

    def badmail(self, server: str) -> Listing:
        """What came to the BadMail folder of a server."""
        return badmail(self._look("badmail", server).trace, server)

    def winroute(self, server: str) -> WinRoute:
        """WinRoute on a server."""
        return winroute(self._look("winroute", server).trace, server)

    def telnet(self, server: str, typed: str | Iterable[str] = ()) -> Telnet:
        """Connect to port 25 of a server and type some lines, as somebody outside."""
        return self._look("telnet", server).telnet(server, typed)

    def nslookup(self, name: str, kind: str = "MX") -> Lookup:
        """Look up a name as the servers do."""
        return self._look("nslookup", name).nslookup(name, kind)

    def smtpdiag(self, sender: str, recipient: str) -> Listing:
        """Check names and connections from one address to another."""
        return self._look("smtpdiag", recipient).smtpdiag(sender, recipient)

    # -- answering
    # ----------------------------------------------------------------------------------------------------------

    def diagnose(self, *steps: Step) -> Feedback:
        """Say what was wrong. It is staged in the healthy organization, and counts when every tool then shows the same.

        Raises:
            ValueError: no step is given, or something that is none.
        """
        _need_steps("diagnose", steps, "no_fault")
        return self._judged(FOUND, self._unlike, steps)

    def no_fault(self) -> Feedback:
        """Say that everything works as it should."""
        return self._judged(FOUND, self._unlike, ())

    def repair(self, *steps: Step) -> Feedback:
        """Do something about it. It counts when the goal holds later, nothing else broke, and each step was needed.

        Raises:
            ValueError: no step is given, or something that is none.
        """
        _need_steps("repair", steps, "wait")
        return self._judged(CURED, self._in_vain, steps)

    def wait(self) -> Feedback:
        """Do nothing, and look again later: after a day, unless the goal says otherwise."""
        return self._judged(CURED, self._in_vain, ())

    def hint(self) -> Feedback:
        """One more hint."""
        self._hints = min(self._hints + 1, len(self._draft.hints))
        return self._feedback(None, "You asked for a hint.")

    def give_up(self) -> Feedback:
        """What it was, and what cures it."""
        self._solved |= {FOUND, CURED}
        return self._feedback(None, f"You asked for the answer. {self._kind.title}. {self._draft.cause}")

    def story(self, *, cured: bool = False) -> Player:
        """The case in the player, once it is found: what happened until you were asked, open where the message of the complaint was last.

        With ``cured`` you see the same mail with what cures it, and once more after that; settings that cure it hold from the start there.

        Raises:
            ValueError: it is not found yet.
        """
        from mailflow.player.show import play  # ipywidgets, for who looks at it alone

        if FOUND not in self._solved:
            raise InputError("story: this would tell what was wrong; diagnose it first, or give_up()")
        if cured:
            told = self._stage.scenario(self._draft.wrong, self._draft.cure).run(until=self._draft.now + HOUR)
            return play(told, title=f"Cured: {self._kind.title}")
        told = self._tools.trace
        return play(told, title=self._kind.title, step=_last_of(told, subject(0, ROUNDS[0])))

    def _judged(self, what: str, judge: Callable[[Sequence[Step]], str], steps: Sequence[Step]) -> Feedback:
        try:
            objection = judge(steps)
        except ValueError as error:  # of a name or a value: nobody learns anything of the case, and no hint is due
            return self._feedback(False, str(error))
        if objection:
            self._hints = min(self._hints + 1, len(self._draft.hints))
            return self._feedback(False, objection)
        self._solved.add(what)
        told = (
            f"{self._kind.title}. {self._draft.cause}"
            if what == FOUND
            else f"{self.goal} That holds now, and nothing else broke."
        )
        return self._feedback(True, f"{told} ({counted(len(self._looks), 'look')})")

    def _feedback(self, solved: bool | None, text: str) -> Feedback:
        done = {FOUND, CURED} <= self._solved
        cure = "\n".join(map(written, self._draft.cure)) or "case.wait()"
        hints = () if solved else self._draft.hints[: self._hints]
        return Feedback(f"fault {self._shown}".strip(), solved, text, hints, cure if done and not solved else "")

    # -- judging
    # ----------------------------------------------------------------------------------------------------------

    @cached_property
    def _signs(self) -> Signs:
        return signs(self._tools)

    def _unlike(self, steps: Sequence[Step]) -> str:
        """Why a diagnosis does not count: what would show something else; empty when it counts."""
        claimed = signs(Tools(self._stage.now(steps), self._stage.organization(steps)))
        other = [place for place in self._signs if claimed.get(place) != self._signs[place]]
        if not other:
            return ""
        tool, server = other[0]
        more = f", and {counted(len(other) - 1, 'other look')}" if len(other) > 1 else ""
        return f"Had it been that, {tool} of {server} would show something else{more}."

    def _in_vain(self, steps: Sequence[Step]) -> str:
        """Why a repair does not count; empty when it does."""
        if wrong := self._fails(steps):
            return wrong
        for number, step in enumerate(steps):
            if not self._fails([*steps[:number], *steps[number + 1 :]]):
                return f"The goal holds without {written(step)} as well. Do only what is needed."
        return ""

    def _fails(self, steps: Sequence[Step]) -> str:
        trace = self._stage.later(self._draft.wrong, steps)
        wanted = [end for _, end in self._draft.letters]
        again, before = ends(trace, ROUNDS[1]), ends(trace, ROUNDS[0])
        if not all(came_to(found, end) for found, end in zip(again, wanted, strict=False)):
            later = "A day" if self._draft.within == DAY else f"{self._draft.within / 60:g} minutes"
            return f"{later} later this does not hold: {self.goal}"
        held = ends(self._tools.trace, ROUNDS[0])
        waited = (number for number, _ in enumerate(wanted) if any(state == "waiting" for _, state in held[number]))
        if not all(came_to(before[number], wanted[number]) for number in waited):
            return "New mail comes through, and what had waited does not."
        if again[len(wanted) :] != self._healthy[len(wanted) :]:
            return "The goal holds, and other mail now comes out otherwise than it should."
        if self._opens(steps):
            return "The goal holds, and now strangers may relay."
        return ""

    @cached_property
    def _healthy(self) -> list[list[tuple[str, str]]]:
        return ends(self._stage.later((), ()), ROUNDS[1])

    def _opens(self, steps: Sequence[Step]) -> bool:
        """Whether a server relays for strangers after a repair that did not before it was needed."""
        before, after = self._draft.healthy, self._stage.organization(self._draft.wrong, steps)
        return any(open_relay(after, name) and not open_relay(before, name) for name in before.server)


def _last_of(trace: Trace, subject: str) -> int:
    """The last step in the story of the message with this subject."""
    name = next(name for name, data in trace.messages.items() if data["subject"] == subject)
    steps = (number for number, record in enumerate(trace.records) if record[4] and message_of(record[4]) == name)
    return max(steps, key=lambda number: (trace[number].step.level == "story", number))


def _need_steps(what: str, steps: Sequence[object], otherwise: str) -> None:
    if not steps:
        raise InputError(f"{what}: say which step, such as stop('SMTP', 'LON01'), or write case.{otherwise}()")
    for step in steps:
        if not isinstance(step, (Verb, Setting)):
            raise InputError(
                f"{what}: {step!r} is no step; take one from mailflow.faults, such as stop('SMTP', 'LON01')"
            )


def came_to(found: Iterable[tuple[str, str]], end: str) -> bool:
    """Whether a message came to an end for all its recipients."""
    return all(state == end for _, state in found)


def written(step: Step) -> str:
    """A step as one would write it."""
    if isinstance(step, Setting):
        return f"setting({step.name!r}, {', '.join(f'{key}={value!r}' for key, value in step.values.items())})"
    return f"{step.word.replace(' ', '_')}({', '.join(repr(value) for value in step.as_data().values() if value)})"
