"""The score at the end of a notebook: what is solved, what is due as questions to click, and the file to carry away."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from html import escape
from typing import NamedTuple

import traitlets

from mailflow.player.bet_widget import Asked, Bet

__all__ = ["NOTHING", "Carried", "Score"]

NOTHING = "There is nothing to download yet: nothing is solved, bet or recalled."


class Carried(NamedTuple):
    """A file that learners carry away: its name, how what is in it is taken in (which says how that went), and its text now."""

    name: str
    take: Callable[[str], str]
    text: Callable[[], str]


class Score(Bet):
    """A score with the questions that are due, and two buttons: one downloads the progress file, one uploads another.

    Attributes:
        score: the lines of the score, which change as questions are answered and files are taken in.
    """

    score = traitlets.List(traitlets.Unicode()).tag(sync=True)

    def __init__(
        self,
        words: str,
        lines: Callable[[], list[str]],
        carried: Carried,
        asked: Sequence[Asked],
        keep: Callable[[int, int], None],
    ) -> None:
        self._words, self._lines, self._carried = words, lines, carried
        super().__init__(asked, "Recall", keep, score=lines())
        self.on_msg(self._heard)

    def __repr__(self) -> str:
        return self._words

    def _still(self) -> str:
        return f"<p>{'<br>'.join(map(escape, self.score))}</p>{super()._still()}"

    def _placed(self, index: int, chosen: int) -> None:
        super()._placed(index, chosen)
        self.score = self._lines()

    def _heard(self, _: object, message: dict[str, object], __: object) -> None:
        """The browser asks for the file, or gives one."""
        if isinstance(given := message.get("given"), str):
            self.send({"said": self._carried.take(given)})
            self.score = self._lines()
        elif text := self._carried.text():
            name = self._carried.name
            self.send({"said": f"{name} is in your downloads. Upload it here next time.", "file": text, "name": name})
        else:
            self.send({"said": NOTHING})
