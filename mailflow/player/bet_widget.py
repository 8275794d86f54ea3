"""Bets in the prose as a notebook shows them: the answer comes after the choice, and is folded where nothing runs."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from html import escape
from typing import NamedTuple

import ipywidgets
import traitlets

from mailflow.player.esm_widget import EsmWidget
from mailflow.player.source import bundle
from mailflow.player.widget import STUB, PlayerCode, code_of

__all__ = ["Asked", "Bet"]


@cache
def _code() -> PlayerCode:
    """The code of all bets of this kernel."""
    return code_of(bundle("bet.js"), bundle("bet.css"))


class Asked(NamedTuple):
    """One question: its choices, the number of the right one from 1, the reason, and what to show with the answer."""

    ask: str
    choices: tuple[str, ...]
    right: int
    why: str = ""
    shown: str = ""


class Bet(EsmWidget):
    """Questions whose answers appear after the choice.

    What a notebook stores holds the answers folded, so that nothing stands open before the choice; its plain text is the
    questions alone.

    Attributes:
        asked: the questions.
        chosen: the number of each choice from 1, and 0 before there is one.
    """

    _esm = traitlets.Unicode(STUB).tag(sync=True)
    code = traitlets.Instance(PlayerCode).tag(sync=True, **ipywidgets.widget_serialization)
    told = traitlets.Unicode().tag(sync=True)
    chosen = traitlets.List(traitlets.Int()).tag(sync=True)

    def __init__(
        self,
        asked: Sequence[Asked],
        label: str,
        keep: Callable[[int, int], None],
        *,
        chosen: Sequence[int] = (),
        **more: object,
    ) -> None:
        self.asked, self._label, self._hand = tuple(asked), label, keep
        told = [{"label": f"{label}.", **item._asdict()} for item in asked]
        super().__init__(
            code=_code(), told=json.dumps(told, ensure_ascii=False), chosen=list(chosen) or [0] * len(told), **more
        )
        self.observe(self._keep, "chosen")

    def _keep(self, change: Mapping[str, list[int]]) -> None:
        for index, (old, new) in enumerate(zip(change["old"], change["new"], strict=True)):
            if new and new != old:
                self._placed(index, new)

    def _placed(self, index: int, chosen: int) -> None:
        self._hand(index, chosen)

    def __repr__(self) -> str:
        return "\n".join(
            line
            for item in self.asked
            for line in (
                f"{self._label}: {item.ask}",
                *(f"  {number} {text}" for number, text in enumerate(item.choices, start=1)),
            )
        )

    def _repr_mimebundle_(self, **kwargs: object) -> tuple[dict[str, object], dict[str, object]]:
        data, _ = super()._repr_mimebundle_(**kwargs)
        return {**data, "text/html": f"<div>{self._still()}</div>"}, {}

    def _still(self) -> str:
        return "".join(map(self._folded, self.asked))

    def _folded(self, item: Asked) -> str:
        """A question, and its answer in a fold, for whoever shows a notebook without running it."""
        listed = "".join(f"<li>{escape(text)}</li>" for text in item.choices)
        shown = f"<pre>{escape(item.shown)}</pre>" if item.shown else ""
        return (
            f"<p><b>{self._label}.</b> {escape(item.ask)}</p><ol>{listed}</ol><details><summary>Answer</summary>"
            f"<p><b>{escape(item.choices[item.right - 1].rstrip('.'))}.</b> {escape(item.why)}</p>{shown}</details>"
        )
