"""The Jupyter side of the player: a widget that hands the trace to the browser once and then listens."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable, Sequence
from functools import cache
from html import escape
from importlib.resources import files
from typing import Any

import anywidget
import ipywidgets
import traitlets

from mailflow.player.picture import alternative, picture
from mailflow.player.questions import Question, questions
from mailflow.trace import Trace

# Every player of a notebook is saved with its own copy of `_esm`, so that is a few lines; the player itself is saved
# once, in PlayerCode.
STUB = """
const loaded = (globalThis.mailflowPlayers ||= new Map());
async function load(model) {
  const code = await model.widget_manager.get_model(model.get("code").slice("IPY_MODEL_".length));
  const key = code.get("key");
  if (!loaded.has(key)) {
    const url = URL.createObjectURL(new Blob([code.get("source")], { type: "text/javascript" }));
    loaded.set(key, import(url).finally(() => URL.revokeObjectURL(url)));
    const style = document.createElement("style");
    style.textContent = code.get("style");
    document.head.append(style);
  }
  return loaded.get(key);
}
export default { async render({ model, el }) { return (await load(model)).render({ model, el }); } };
"""


def module() -> str:
    """The source of the browser module."""
    return (files("mailflow.player") / "player.js").read_text(encoding="utf-8")


def style() -> str:
    """The style sheet."""
    return (files("mailflow.player") / "player.css").read_text(encoding="utf-8")


class PlayerCode(ipywidgets.Widget):  # type: ignore[misc]
    """Holds the browser module and style for all players of a kernel, so that a saved notebook stores them once."""

    source = traitlets.Unicode().tag(sync=True)
    style = traitlets.Unicode().tag(sync=True)
    key = traitlets.Unicode().tag(sync=True)


@cache
def shared_code() -> PlayerCode:
    """The one `PlayerCode` of this kernel."""
    source, css = module(), style()
    return PlayerCode(source=source, style=css, key=hashlib.sha256((source + css).encode()).hexdigest()[:16])


class Player(anywidget.AnyWidget):
    """A player of one trace, or of two side by side. After it is shown, no step needs the kernel.

    Attributes:
        cursor: the event that is shown, from 0. Set it to move the player; read it to know where the learner is.
        answers: what the learner predicted so far, by question: {"chosen": index, "right": bool, "skipped": bool}.
        questions: the predictions of this player.
    """

    _esm = STUB
    code = traitlets.Instance(PlayerCode).tag(sync=True, **ipywidgets.widget_serialization)
    # A text, not a dict: the notebook file would otherwise spread it over a line for each number.
    trace = traitlets.Unicode().tag(sync=True)
    other = traitlets.Unicode().tag(sync=True)
    options = traitlets.Dict().tag(sync=True)
    cursor = traitlets.Int(0).tag(sync=True)
    answers = traitlets.Dict().tag(sync=True)

    def __init__(
        self, trace: Trace, *, questions: Sequence[Question] = (), other: Trace | None = None, **options: Any
    ) -> None:
        self._trace = trace
        self.questions = tuple(questions)
        shown = {**options, "questions": [item.as_data() for item in questions]}
        start = shown.pop("cursor", 0)
        texts = {"trace": trace.to_json(), "other": other.to_json() if other else ""}
        super().__init__(code=shared_code(), options=shown, cursor=start, **texts)

    @property
    def score(self) -> str:
        """How the predictions went, in words."""
        right = sum(1 for item in self.answers.values() if item.get("right"))
        return f"{right} of {len(self.questions)} predictions right, {len(self.answers)} answered"

    def __repr__(self) -> str:
        name = self._trace.organization.get("title") or self._trace.organization["name"]
        asked = f", {len(self.questions)} predictions" if self.questions else ""
        return f"Player: {name}, {len(self._trace)} steps{asked}. Run this cell to step through it."

    def _repr_mimebundle_(self, **kwargs: Any) -> Any:
        bundle = super()._repr_mimebundle_(**kwargs)
        data = dict(bundle[0] if isinstance(bundle, tuple) else bundle or {})
        data["text/plain"] = repr(self)
        data["text/html"] = still(self._trace, self.options.get("still", 0))
        return data, {}


def still(trace: Trace, step: int = 0) -> str:
    """The still picture of a step as an HTML image with its text, which every notebook viewer shows."""
    words = alternative(trace, step)
    encoded = base64.b64encode(picture(trace, step).encode()).decode()
    caption = f"Still picture. Run this cell to step through all {len(trace)} steps."
    image = f'<img alt="{escape(words, quote=True)}" src="data:image/svg+xml;base64,{encoded}" style="max-width:100%">'
    return f"<figure>{image}<figcaption>{caption}</figcaption></figure>"


def play(
    trace: Trace,
    *,
    ask: Iterable[str] = (),
    views: Sequence[str] = ("Map", "Server"),
    server: str = "",
    step: int = 0,
    title: str = "",
    still_step: int | None = None,
) -> Player:
    """Show a trace in the player.

    Args:
        ask: kinds of predictions, see `mailflow.player.questions.questions`; at most one is asked for a step.
        views: which views are open: "Map", "Server", "Ladder", "Tables".
        server: look inside this server; by default the one where the message is.
        step: the event to start at.
        still_step: the event on the still picture; by default the last one.

    Raises:
        ValueError: a view, server or kind of question that does not exist.
    """
    _check(trace, views, server)
    asked = questions(trace, ask)
    last = len(trace) - 1 if still_step is None else still_step
    return Player(
        trace, questions=asked, views=list(views), server=server, title=title, cursor=step, still=max(0, last)
    )


def compare(
    before: Trace, after: Trace, *, labels: tuple[str, str] = ("before", "after"), views: Sequence[str] = ("Map",)
) -> Player:
    """Show two traces side by side with one cursor; the first step at which they differ is named.

    Raises:
        ValueError: a view that does not exist.
    """
    _check(before, views, "")
    return Player(before, other=after, views=list(views), labels=list(labels), still=max(0, len(before) - 1))


def _check(trace: Trace, views: Sequence[str], server: str) -> None:
    known = ("Map", "Server", "Ladder", "Tables")
    for name in views:
        if name not in known:
            raise ValueError(f"views: no view {name!r}; there is {', '.join(known)}")
    servers = [item["name"] for item in trace.organization["servers"]]
    if server and server not in servers:
        raise ValueError(f"server: no server {server!r}; there is {', '.join(servers[:8])}")
