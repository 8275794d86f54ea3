"""One variant of a case: the organization as it should be, its mail, what is wrong with it, and what cures it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random
from typing import Literal, NamedTuple, TypeAlias

from mailflow.faults.steps import Step
from mailflow.organization import Organization
from mailflow.simulation import Parameters, Verb
from mailflow.simulation.scenario import Way

HOUR, DAY = 3_600.0, 86_400.0
"""So long after the begin of a fault somebody complains, in seconds, unless a case says otherwise."""

End: TypeAlias = Literal["delivered", "relayed", "bounced", "refused", "waiting"]


@dataclass(frozen=True)
class Letter:
    """A message that somebody sends: ``kb`` is the size of an attachment, ``by`` how it enters, ``client`` a computer outside."""

    sender: str
    to: str
    kb: int = 0
    by: Way | None = None
    server: str = ""
    client: str = ""


@dataclass(frozen=True, kw_only=True)
class Draft:
    """A variant, as a case draws it.

    Attributes:
        healthy: the organization without the fault.
        complaint: what somebody says, as they would say it.
        goal: what must be true afterwards, in a sentence.
        letters: the mail that the complaint is about, each with the end that the goal wants.
        controls: other mail, which must come out as in the healthy organization: three at least.
        wrong: what is wrong; nothing, where nothing is.
        cure: what cures it; nothing, where waiting is right.
        around: what happens beside it, in the healthy organization as well: seconds from the begin of the fault, and a step, or a letter
            of which nobody speaks.
        parameters: where documents disagree, which of them this case follows.
        begins, now: when the fault begins, and when you are asked, in seconds.
        first: seconds from the begin of the fault, or from its repair, to the first message.
        within: so many seconds after a repair the goal is looked at.
        hints: from a nudge to nearly the answer.
        cause: what it was, in two or three sentences, with the numbers of the facts.
    """

    healthy: Organization
    complaint: str
    goal: str
    letters: tuple[tuple[Letter, End], ...]
    controls: tuple[Letter, ...]
    wrong: tuple[Step, ...] = ()
    cure: tuple[Step, ...] = ()
    around: tuple[tuple[float, Verb | Letter], ...] = ()
    parameters: Parameters = field(default_factory=Parameters)
    begins: float = 60.0
    first: float = 60.0
    now: float = HOUR
    within: float = DAY
    hints: tuple[str, ...] = field(default=())
    cause: str = ""


Draw: TypeAlias = Callable[[Random], Draft]


class Kind(NamedTuple):
    """A kind of fault: its name, such as "F3", what it is called once it is found, and what draws a variant."""

    name: str
    title: str
    draw: Draw


KINDS: dict[str, Kind] = {}
"""Every kind by its name, in the order in which they are declared."""


def case(name: str, title: str) -> Callable[[Draw], Draw]:
    """Declare a kind of fault: the function below draws a variant of it."""

    def declare(draw: Draw) -> Draw:
        KINDS[name] = Kind(name, title, draw)
        return draw

    return declare
