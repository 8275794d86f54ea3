"""What a check says: one line, the hints so far, and the solution once it is due."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape

MARKS = {True: "Solved", False: "Not yet", None: "Not answered yet"}
SIGNS = {True: "✔", False: "✘", None: "…"}
COLOURS = {True: "#00694d", False: "#a83a00", None: "#0060a0"}


@dataclass(frozen=True, slots=True)
class Feedback:
    """What a check says. ``solved`` is True, False, or None before an attempt.

    ``hints`` are those given so far, the latest last; ``solution`` is code with its reason, empty until it is due.
    """

    task: str
    solved: bool | None
    text: str
    hints: tuple[str, ...] = ()
    solution: str = ""

    def __repr__(self) -> str:
        lines = [f"{MARKS[self.solved]}: {self.text}"]
        lines += [f"Hint {number}: {hint}" for number, hint in enumerate(self.hints, start=1)]
        return "\n".join([*lines, *([f"Solution:\n{self.solution}"] if self.solution else [])])

    def _repr_html_(self) -> str:
        box = f"border-left:4px solid {COLOURS[self.solved]};padding:4px 12px;margin:4px 0"
        hints = "".join(f"<li>{escape(hint)}</li>" for hint in self.hints)
        listed = f"<ol style='margin:4px 0'>{hints}</ol>" if hints else ""
        folded = f"<details><summary>Solution</summary><pre>{escape(self.solution)}</pre></details>"
        return (
            f'<div role="status" style="{box}"><b>{SIGNS[self.solved]} {MARKS[self.solved]}.</b> {escape(self.text)}'
            f"{listed}{folded if self.solution else ''}</div>"
        )
