"""The score sheet of a design: each figure beside its goal and those of the reference designs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from html import escape
from typing import Any

from mailflow.capstone.figures import Figures
from mailflow.capstone.terms import REFERENCES, Goal, Terms
from mailflow.facts.words import counted
from mailflow.organization import Organization
from mailflow.tools.listing import aligned, table

NAMES = {
    "in_time": "In time",
    "delay": "Mean delay, minutes",
    "lost": "Lost or returned",
    "open_relays": "Open relays",
    "link_state": "Link state a storm, KB",
    "price": "Price a month, euros",
}
"""The columns of `Figures` in words."""

MARKS = {True: "✔", False: "✘"}


def written(column: str, value: float) -> str:
    """One figure as a person reads it."""
    return f"{value:.1%}" if column == "in_time" else f"{value:.1f}" if column == "delay" else f"{value:,.0f}"


@dataclass(frozen=True, slots=True, repr=False)
class Sheet:
    """What a design came to. ``print`` it for a text, show it in a notebook for a table, take ``data`` for numbers.

    Attributes:
        terms: what was asked for.
        design: the organization that was judged.
        word: what the storms were drawn from.
        faults: rules that it breaks; then nothing was judged.
        yours: its figures, or None.
        references: those of the reference designs in the same storms.
    """

    terms: Terms
    design: Organization
    word: str
    faults: tuple[str, ...] = ()
    yours: Figures | None = None
    references: Mapping[str, Figures] | None = None

    @property
    def title(self) -> str:
        """What was judged, in a line."""
        if self.yours is None:
            count = len(self.faults)
            return f"Not judged: {count} {'rule is' if count == 1 else 'rules are'} broken"
        met = sum(self.met.values())
        return f"{met} of {len(self.met)} goals met in {self.terms.storm.storms} storms drawn from {self.word!r}"

    @property
    def met(self) -> dict[str, bool]:
        """Whether each goal is met, by the name of its figure; empty when nothing was judged."""
        return {goal.column: self._meets(goal) for goal in self.terms.goals} if self.yours else {}

    @property
    def survives(self) -> bool:
        """Whether every goal is met."""
        return bool(self.met) and all(self.met.values())

    @property
    def beats(self) -> dict[str, list[str]]:
        """For each reference design, the figures in which this one is better."""
        return {name: self._better(other) for name, other in (self.references or {}).items()}

    @property
    def data(self) -> list[dict[str, Any]]:
        """A dictionary for each figure: its name, yours, those of the reference designs, the goal, and whether it is met."""
        if self.yours is None:
            return []
        return [
            {
                "figure": goal.column,
                "yours": getattr(self.yours, goal.column),
                **{name: getattr(other, goal.column) for name, other in (self.references or {}).items()},
                "goal": self._bound(goal),
                "met": self._meets(goal),
            }
            for goal in self.terms.goals
        ]

    def _bound(self, goal: Goal) -> float:
        """The least or the most that meets a goal."""
        more = float(goal.most if goal.least is None else goal.least)  # type: ignore[arg-type]  # one of them is given
        return more + (getattr((self.references or {})[goal.than], goal.column) if goal.than else 0)

    def _meets(self, goal: Goal) -> bool:
        value, bound = getattr(self.yours, goal.column), self._bound(goal)
        if goal.least is not None:
            return bool(value >= bound)
        return bool(value < bound if goal.than else value <= bound)

    def _better(self, other: Figures) -> list[str]:
        higher = {goal.column for goal in self.terms.goals if goal.least is not None}
        pairs = [(name, getattr(self.yours, name), getattr(other, name)) for name in NAMES]
        return [name for name, mine, theirs in pairs if (mine > theirs if name in higher else mine < theirs)]

    @property
    def columns(self) -> tuple[str, ...]:
        """The head of the table."""
        return ("Figure", "Yours", *REFERENCES, "Goal", "Met")

    @property
    def rows(self) -> list[tuple[str, ...]]:
        """The table, as texts."""
        return [self._row(goal) for goal in self.terms.goals] if self.yours else []

    def _row(self, goal: Goal) -> tuple[str, ...]:
        others = [written(goal.column, getattr((self.references or {})[name], goal.column)) for name in REFERENCES]
        mine = written(goal.column, getattr(self.yours, goal.column))
        return (NAMES[goal.column], mine, *others, self.goal(goal), MARKS[self._meets(goal)])

    def goal(self, goal: Goal) -> str:
        """A goal in words."""
        bound = written(goal.column, self._bound(goal))
        if goal.least is not None:
            return f"at least {bound} ({goal.than} and {counted(round(100 * goal.least), 'point')} more)"
        if goal.than:
            return f"below {bound} ({goal.than})"
        return f"at most {bound}" if bound != "0" else "none"

    @property
    def remarks(self) -> list[str]:
        """In which figures it beats which reference design."""
        said = {
            name: ", ".join(NAMES[item].partition(",")[0].lower() for item in won) for name, won in self.beats.items()
        }
        return [f"Better than {name} in: {won or 'nothing'}." for name, won in said.items()]

    def __str__(self) -> str:
        body = aligned([self.columns, *self.rows]) if self.yours else [f"  {line}" for line in self.faults]
        return "\n".join([self.title, *body, *self.remarks])

    __repr__ = __str__

    def _repr_html_(self) -> str:
        listed = "".join(f"<li>{escape(line)}</li>" for line in self.faults)
        body = table(self.columns, self.rows) if self.yours else f"<ul>{listed}</ul>"
        said = "".join(f"<p>{escape(line)}</p>" for line in self.remarks)
        return f"<div><p><b>{escape(self.title)}</b></p>{body}{said}</div>"
