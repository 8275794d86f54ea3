"""Bets in the prose as a notebook shows them: the answer comes after the choice, and is folded where nothing runs."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from html import escape

import traitlets

from mailflow.player.esm_widget import EsmWidget
from mailflow.player.source import bundle

__all__ = ["Bet"]


class Bet(EsmWidget):
    """A question whose answer appears after the choice.

    What a notebook stores holds the answer folded, so that nothing stands open before the choice; its plain text is the
    question alone.

    Attributes:
        right: the number of the right choice, from 1.
        chosen: the number of the choice, 0 before there is one.
    """

    _esm = traitlets.Unicode(bundle("bet.js")).tag(sync=True)
    _css = traitlets.Unicode(bundle("bet.css")).tag(sync=True)
    told = traitlets.Unicode().tag(sync=True)
    chosen = traitlets.Int().tag(sync=True)

    def __init__(
        self,
        ask: str,
        choices: tuple[str, ...],
        right: int,
        *,
        why: str = "",
        shown: str = "",
        chosen: int = 0,
        keep: Callable[[int], None],
    ) -> None:
        self.right = right
        self._ask, self._choices, self._why, self._shown = ask, choices, why, shown
        told = {"ask": ask, "choices": choices, "right": right, "why": why, "shown": shown}
        super().__init__(told=json.dumps(told, ensure_ascii=False), chosen=chosen)
        self._placed = keep
        self.observe(self._keep, "chosen")

    def _keep(self, change: Mapping[str, int]) -> None:
        if change["new"]:
            self._placed(change["new"])

    def __repr__(self) -> str:
        return "\n".join(
            [f"Bet: {self._ask}", *(f"  {number} {text}" for number, text in enumerate(self._choices, start=1))]
        )

    def _repr_mimebundle_(self, **kwargs: object) -> tuple[dict[str, object], dict[str, object]]:
        data, _ = super()._repr_mimebundle_(**kwargs)
        return {**data, "text/html": self._folded()}, {}

    def _folded(self) -> str:
        """The question, and the answer in a fold, for whoever shows a notebook without running it."""
        listed = "".join(f"<li>{escape(text)}</li>" for text in self._choices)
        shown = f"<pre>{escape(self._shown)}</pre>" if self._shown else ""
        return (
            f"<div><p><b>Your bet.</b> {escape(self._ask)}</p><ol>{listed}</ol><details><summary>Answer</summary>"
            f"<p><b>{escape(self._choices[self.right - 1])}.</b> {escape(self._why)}</p>{shown}</details></div>"
        )
