"""The Jupyter side of the player: a widget that hands the trace to the browser once and then listens."""

from __future__ import annotations

import base64
import hashlib
import json
import time
from collections.abc import Collection, Mapping, Sequence
from functools import cache
from html import escape
from typing import Literal, TypedDict, Unpack

import ipywidgets
import traitlets

from mailflow.facts.words import counted
from mailflow.player import aside
from mailflow.player.esm_widget import EsmWidget
from mailflow.player.picture import alternative, picture
from mailflow.player.questions import Question
from mailflow.player.source import LATER, Later, Part, offered, opened, source, style_of
from mailflow.trace import Trace
from mailflow.trace.packing import packed

__all__ = ["STUB", "Player", "PlayerCode", "code_of"]

# Every player of a notebook is saved with its own copy of `_esm`, so that is a few lines; the player itself is saved
# once, in PlayerCode, and so is each of its parts. Long texts are saved packed: a notebook file is to stay small.
STUB = """
const loaded = (globalThis.mailflowPlayers ||= new Map());
function unpack(text) {
  const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
  return new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"))).text();
}
async function load(model) {
  const codeOf = (name) => model.widget_manager.get_model(name.slice("IPY_MODEL_".length));
  const { url, module } = await once(await codeOf(model.get("code")));
  for (const part of model.get("parts") ?? []) await once(await codeOf(part), url);
  return { module, load: async (part) => once(await codeOf(model.get("later")[part]), url) };
}
function once(code, player) {
  const key = code.get("key");
  if (!loaded.has(key)) loaded.set(key, start(code, player));
  return loaded.get(key);
}
async function start(code, player) {
  const [source, css] = await Promise.all([unpack(code.get("source")), unpack(code.get("style"))]);
  const style = document.createElement("style");
  style.textContent = css;
  document.head.append(style);
  const whole = source.replaceAll('"mailflow"', JSON.stringify(player));
  const url = URL.createObjectURL(new Blob([whole], { type: "text/javascript" }));
  return { url, module: await import(url) };
}
export default { async render({ model, el }) {
  const { module, load: more } = await load(model);
  return module.render({ model, el, unpack, load: more });
} };
"""

JUST_NOW = 15.0
"""Seconds: how long after it was shown a player may still take the focus."""


class PlayerCode(ipywidgets.Widget):  # type: ignore[misc]  # ipywidgets comes without types
    """Holds the browser module and style for all players of a kernel, or all bets, so that a saved notebook stores them once."""

    source = traitlets.Unicode().tag(sync=True)
    style = traitlets.Unicode().tag(sync=True)
    key = traitlets.Unicode().tag(sync=True)


@cache
def shared_code(part: Part | Later | Literal[""]) -> PlayerCode:
    """The one `PlayerCode` of this kernel for the player, or for a part of it."""
    # A part belongs to one player: another version of that, in a notebook that is open beside, has its own.
    return code_of(source(part), style_of(part), source() if part else "")


def code_of(module: str, css: str, base: str = "") -> PlayerCode:
    """A module and its style, to be kept for every widget that they show, and what the module is a part of."""
    key = hashlib.sha256((base + module + css).encode()).hexdigest()[:16]
    return PlayerCode(source=packed(module), style=packed(css), key=key)


class Shown(TypedDict, total=False):
    """What is open in a player, and where it starts."""

    server: str
    title: str
    cursor: int
    views: list[str]
    tables: list[str]
    still: int | None
    labels: list[str]
    tell: list[str]


class ChangeData(TypedDict):
    """What the learner did: to what, after which step, when (in seconds), and the word of the verb."""

    name: str
    step: int
    at: float
    word: str


class Scripted(TypedDict, total=False):
    """The script behind a trace as text, whether and where it can be broken, and what the learner did so far.

    ``things`` are pairs of a kind and the names of that kind; ``costs`` holds for each connector pairs of seconds and
    the cost from then on; ``undo`` and ``redo`` count what can be undone and done again, ``told`` is the last change.
    """

    breakable: bool
    script: str
    things: list[list[str | list[str]]]
    changes: list[ChangeData]
    costs: dict[str, list[list[float]]]
    undo: int
    redo: int
    told: str


class Options(Shown, Scripted, total=False):
    """Everything that the browser is told beside the trace."""


class Player(EsmWidget):
    """A player of one trace, or of two side by side. After it is shown, no step needs the kernel.

    Attributes:
        cursor: the event that is shown, from 0. Set it to move the player; read it to know where the learner is.
        level: how closely the run is told: "story", "detail" or "everything".
        answers: what the learner predicted so far, by question: {"chosen": index, "right": bool, "skipped": bool}.
        questions: the predictions of this player.
        shown: the trace that is shown.
    """

    _esm = traitlets.Unicode(STUB).tag(sync=True)
    code = traitlets.Instance(PlayerCode).tag(sync=True, **ipywidgets.widget_serialization)
    parts = traitlets.List(traitlets.Instance(PlayerCode)).tag(sync=True, **ipywidgets.widget_serialization)
    # What waits for a click, by name.
    later = traitlets.Dict(traitlets.Instance(PlayerCode)).tag(sync=True, **ipywidgets.widget_serialization)
    # A text, not a dict: the notebook file would otherwise spread it over a line for each number.
    trace = traitlets.Unicode().tag(sync=True)
    other = traitlets.Unicode().tag(sync=True)
    # What belongs to the trace besides: see `mailflow.player.aside`.
    beside = traitlets.Unicode().tag(sync=True)
    options = traitlets.Dict().tag(sync=True)
    cursor = traitlets.Int(0).tag(sync=True)
    level = traitlets.Enum(["story", "detail", "everything"], "story").tag(sync=True)
    answers = traitlets.Dict().tag(sync=True)

    def __init__(
        self,
        trace: Trace,
        *,
        questions: Sequence[Question] = (),
        other: Trace | None = None,
        parts: Collection[Part] = (),
        route: tuple[str, str] | None = None,
        **options: Unpack[Options],
    ) -> None:
        self.shown = trace
        self.questions = tuple(questions)
        shown = (trace,) if other is None else (trace, other)
        told = aside.aside(*shown, questions=questions, route=route, tell=options.get("tell", ()))
        needed = aside.parts(*shown, questions=questions, wanted=parts)
        settings: dict[str, object] = {**options, "parts": list(needed)}
        if other is None:
            settings["share"] = offered(trace)
        settings.pop("cursor", None)
        texts = {"trace": packed(trace.to_json()), "other": packed(other.to_json()) if other else ""}
        texts["beside"] = packed_json(told)
        super().__init__(
            code=shared_code(""),
            parts=[shared_code(part) for part in (*needed, *opened(options.get("views", ())))],
            later={part: shared_code(part) for part in LATER},
            options=settings,
            cursor=options.get("cursor", 0),
            **texts,
        )
        self._displayed = -JUST_NOW
        self.on_msg(self._heard)

    @property
    def score(self) -> str:
        """How the predictions went, in words."""
        right = sum(1 for item in self.answers.values() if item.get("right"))
        return f"{right} of {counted(len(self.questions), 'prediction')} right, {len(self.answers)} answered"

    def __repr__(self) -> str:
        name = self.shown.organization.get("title") or self.shown.organization["name"]
        asked = f", {counted(len(self.questions), 'prediction')}" if self.questions else ""
        return f"Player: {name}, {counted(len(self.shown), 'step')}{asked}. Run this cell to step through it."

    def _heard(self, _widget: object, message: Mapping[str, object], _buffers: object) -> None:
        """The browser asks whether it shows what was run just now, or something that it opened again."""
        if message.get("type") == "focus" and time.monotonic() - self._displayed < JUST_NOW:
            self._displayed = -JUST_NOW
            self.send({"focus": True})

    def _repr_mimebundle_(self, **kwargs: object) -> tuple[dict[str, object], dict[str, object]]:
        self._displayed = time.monotonic()
        data, _ = super()._repr_mimebundle_(**kwargs)
        chosen = self.options.get("still")
        data["text/html"] = still(
            self.shown, max(0, min(self.cursor, len(self.shown) - 1)) if chosen is None else chosen
        )
        return data, {}


def still(trace: Trace, step: int = 0) -> str:
    """The still picture of a step as an HTML image with its text, which every notebook viewer shows."""
    words = alternative(trace, step)
    encoded = base64.b64encode(picture(trace, step).encode()).decode()
    caption = f"Still picture of step {step + 1}. Run this cell to step through all {len(trace)}."
    image = f'<img alt="{escape(words, quote=True)}" src="data:image/svg+xml;base64,{encoded}" style="max-width:100%">'
    return f"<figure>{image}<figcaption>{caption}</figcaption></figure>"


def packed_json(data: Mapping[str, object]) -> str:
    """Plain data, as the browser unpacks it."""
    return packed(json.dumps(data, ensure_ascii=False, separators=(",", ":")))
