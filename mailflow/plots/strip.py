"""The ten steps of a message to the next server as a strip, lit as far as it has come."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mailflow.facts.kinds import need
from mailflow.facts.mistake import InputError
from mailflow.plots.charts import COLOURS, GROUND, Chart
from mailflow.plots.numbers import Numbers
from mailflow.plots.themed import GREY
from mailflow.trace import Trace

if TYPE_CHECKING:
    from matplotlib.axes import Axes

STATIONS = (
    ("client.compose", "written", "Outlook"),
    ("submission.to-store", "taken", "Store.exe"),
    ("submission.from-store", "MailMsg\nmade", "Inetinfo.exe"),
    ("categorizer.recipients", "addresses\nlooked up", "Inetinfo.exe"),
    ("categorizer.limits", "limits\nchecked", "Inetinfo.exe"),
    ("categorizer.categorized", "form\ndecided", "Inetinfo.exe"),
    ("queuing.routed", "way found", "Inetinfo.exe"),
    ("smtp.connect", "session\nopened", "Inetinfo.exe"),
    ("link.converted", "body\nconverted", "Store.exe"),
    ("smtp.content", "content\nsent", "Inetinfo.exe"),
)
"""The kind of event at each station, what happens there, and in which process."""

HOLDERS = {"Outlook": COLOURS[4], "Store.exe": GROUND, "Inetinfo.exe": COLOURS[0]}


def ten_steps(trace: Trace, message: str = "m1", *, until: float | None = None) -> Chart:
    """The ten steps from *Send* to the next server as a strip; those are lit that the message has behind it.

    They stand in the order of the documents: limits before copies, and the way before the link queue (T54, T64). An
    article that counts ten as well has some of them the other way round.

    Args:
        trace: a run in which somebody sends from Outlook to a mailbox on another server.
        message: which message.
        until: seconds; what happens later stays dark. By default the whole run counts.

    Raises:
        ValueError: there is no such message.
    """
    need("ten_steps", trace, Trace, "trace", "give what a scenario's .run() returned")
    if message not in trace.letters:
        raise InputError(f"ten_steps: no message {message!r}; there is {', '.join(trace.letters)}")
    times = [first_time(trace, message, key, until) for key, _, _ in STATIONS]
    lit = [number for number, time in enumerate(times, start=1) if time is not None]
    names = [name.replace("\n", " ") for _, name, _ in STATIONS]

    def draw(axes: Axes) -> None:
        for number, ((_, name, holder), time) in enumerate(zip(STATIONS, times, strict=True), start=1):
            fill, edge, ink = ("none", GREY, None) if time is None else (HOLDERS[holder], HOLDERS[holder], "white")
            if number < len(STATIONS):
                axes.plot([number + 0.24, number + 0.76], [0, 0], color=GREY, linewidth=3)
            axes.scatter([number], [0], s=620, facecolors=fill, edgecolors=edge, linewidths=1.5)
            axes.text(number, 0, str(number), ha="center", va="center_baseline", color=ink)
            axes.text(number, -0.42, name, ha="center", va="top", fontsize=9)
            axes.text(number, 0.4, holder, ha="center", va="bottom", fontsize=9)
        axes.set(xlim=(0.4, 10.6), ylim=(-1.25, 0.75))
        axes.axis("off")

    rows = [
        (number, name, holder, "dark" if time is None else f"{1000 * time:.0f} ms")
        for number, (name, (_, _, holder), time) in enumerate(zip(names, STATIONS, times, strict=True), start=1)
    ]
    dark = [f"{number} {name}" for number, name, _, when in rows if when == "dark"]
    words = f"Strip of the ten steps of {message}: {len(lit)} are lit{'; dark: ' + ', '.join(dark) if dark else ''}."
    return Chart((9.6, 1.7), words, draw, numbers=Numbers(("step", "what", "where", "at"), rows))


def first_time(trace: Trace, message: str, key: str, until: float | None) -> float | None:
    """When something of a kind first happened to a message, in seconds; None when it did not by then."""
    found = (event for event in trace if (event.step.key, event.message) == (key, message))
    return next((event.time for event in found if until is None or event.time <= until), None)
