"""The charts of the course. Colours are those of Okabe and Ito; line styles and labels say the same."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property
from importlib.util import find_spec
from itertools import pairwise
from typing import TYPE_CHECKING

from mailflow.facts.kinds import need_server
from mailflow.names import MailId, Place, QueueName
from mailflow.plots import themed
from mailflow.plots.numbers import Cell, Numbers
from mailflow.plots.themed import GREY
from mailflow.tools.performance import LIMITS, Counters, verdict
from mailflow.trace import Trace
from mailflow.transport import places

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#8C6D00", "#56B4E9")
GROUND = "#C25500"
"""The orange below white text, which is read on it."""
STYLES = ("-", "--", "-.", ":", (0, (5, 1, 1, 1, 1, 1)), (0, (1, 1)))
PROCESSES = ("outside", "client", "Store.exe", "EXIPC", "Inetinfo.exe", "Emsmta.exe")


class Chart:
    """A chart with its meaning in words. It is drawn whenever it is shown, and only what to draw is kept: a notebook holds
    every chart that it showed, and a drawn figure takes megabytes.

    Text that your function gives no colour follows the page, light or dark; so nothing is drawn below it, and what is drawn
    needs a colour that is seen on both.

    Where there is no matplotlib, as in a page of the browser edition, a chart shows its words and its numbers as a table.

    Attributes:
        size: width and height in inches.
        words: what the chart shows.
        numbers: what it draws, as a table; without one its words stand alone.
    """

    def __init__(
        self,
        size: tuple[float, float],
        words: str,
        draw: Callable[[Axes], None],
        *,
        numbers: Numbers | None = None,
    ) -> None:
        self.size = size
        self.words = words
        self.numbers = numbers
        self._draw = draw

    @cached_property
    def figure(self) -> Figure:
        """The matplotlib figure, yours to change. It is made when you first ask for it, and shown from then on.

        Raises:
            RuntimeError: there is no matplotlib.
        """
        if not _drawable():
            raise RuntimeError(
                "there is no matplotlib here, so a chart has no figure; its numbers are in chart.numbers"
            )
        return self._drawn()

    def _drawn(self) -> Figure:
        # For its weight: a chart may be made, and its numbers read, without a picture.
        from matplotlib.figure import Figure

        figure = Figure(figsize=self.size, layout="constrained", facecolor="none")
        axes = figure.subplots()
        axes.set_facecolor("none")
        axes.spines[["top", "right"]].set_visible(False)
        axes.spines[:].set_color(GREY)
        axes.tick_params(color=GREY)
        axes.grid(axis="x", color=GREY, alpha=0.4, linewidth=0.6)
        axes.set_axisbelow(True)
        self._draw(axes)
        if (
            axes.get_ylabel()
        ):  # upright, between title and axis: turned text is hard to read, and cannot follow the page
            axes.yaxis.label.set(rotation=0, horizontalalignment="left", verticalalignment="bottom")
            axes.yaxis.set_label_coords(0, 1.02)
            axes.set_title(axes.get_title(), pad=24)
        return figure

    def __repr__(self) -> str:
        return self.words

    def _repr_mimebundle_(self, **kwargs: object) -> tuple[dict[str, object], dict[str, object]]:
        if not _drawable():
            numbers = self.numbers or Numbers((), ())
            return {"text/html": numbers.html(self.words), "text/plain": numbers.text(self.words)}, {}
        figure = self.figure if "figure" in vars(self) else self._drawn()
        data: dict[str, object] = {
            "image/png": themed.on_white(figure),
            "text/html": themed.html(figure, self.words),
            "text/plain": self.words,
        }
        return data, {"image/png": {"alt": self.words}}


def _drawable() -> bool:
    return find_spec("matplotlib") is not None


def queue_lengths(trace: Trace, server: str, *, queues: Sequence[str] = ()) -> Chart:
    """How many messages lie in each queue of a server, over time in seconds.

    Args:
        trace: the run.
        server: whose queues.
        queues: only these, by their Queue Viewer names; by default every queue that held something.
    """
    need_server(server, (item["name"] for item in trace.organization["servers"]))
    times: list[float] = [0.0]
    counts: list[dict[QueueName, int]] = [{}]
    for state in trace.states():
        times.append(state.time)
        found: dict[QueueName, int] = {}
        for place, mails in state.queues(server).items():
            if place.startswith(("queue/", "link/")):
                name = places.name_of(place)
                found[name] = found.get(name, 0) + len(mails)
        counts.append(found)
    seen = {name for found in counts for name in found}
    names = list(map(QueueName, queues)) if queues else sorted(seen, key=_queue_order)

    def draw(axes: Axes) -> None:
        for number, name in enumerate(names):
            lengths = [found.get(name, 0) for found in counts]
            colour, line = COLOURS[number % 6], STYLES[number % 6]
            axes.step(times, lengths, where="post", label=name, color=colour, linestyle=line, linewidth=2)
        axes.set(xlabel="seconds", ylabel="messages", title=f"Queues of {server}")
        axes.locator_params(axis="y", integer=True)
        if names:
            axes.figure.legend(loc="outside lower center", ncols=2, frameon=False)

    most = {name: max(found.get(name, 0) for found in counts) for name in names}
    words = "; ".join(f"{name}: at most {count}" for name, count in most.items()) or "no queue held anything"
    together = [[found.get(name, 0) for name in names] for found in counts]
    changed = [0, *(number for number, (old, new) in enumerate(pairwise(together), 1) if old != new)]
    rows: list[list[Cell]] = [[f"{times[number]:.3f}", *together[number]] for number in changed] if names else []
    numbers = Numbers(("seconds", *names), rows)
    said = f"Chart of the queues of {server} over {times[-1]:.2f} seconds. {words}."
    return Chart((8.4, 3.4), said, draw, numbers=numbers)


def counter_chart(found: Counters, *names: str) -> Chart:
    """Counters over time in seconds, with the limit above which a document calls them an error (Source: K89, K90).

    Args:
        found: from `mailflow.tools.counters`.
        names: only these; by default those that were ever above 0, or all if none was.

    Raises:
        KeyError: no such counter.
    """
    shown = names or tuple(name for name, values in found.series.items() if max(values)) or tuple(found.series)
    series = {name: found[name] for name in shown}
    limits = {name: LIMITS[name].error for name in shown if name in LIMITS}

    def draw(axes: Axes) -> None:
        for number, (name, values) in enumerate(series.items()):
            colour, line = COLOURS[number % 6], STYLES[number % 6]
            axes.step(found.times, values, where="post", label=name, color=colour, linestyle=line, linewidth=2)
            limit = limits.get(name)
            if limit is not None and max(values) > limit / 4:
                axes.axhline(limit, color=colour, linewidth=1)
                axes.annotate(f"error above {limit:,}", (found.times[0], limit), ha="left", va="bottom", fontsize=9)
        axes.set(xlabel="seconds", ylabel="messages", title=f"Counters of {found.server}")
        axes.locator_params(axis="y", integer=True)
        axes.figure.legend(loc="outside lower center", ncols=2, frameon=False)

    told = "; ".join(f"{name}: at most {max(values)}, {_judged(name, max(values))}" for name, values in series.items())
    rows = [[f"{time:.3f}", *values] for time, *values in zip(found.times, *series.values(), strict=True)]
    said = f"Chart of counters of {found.server} over {found.times[-1]:g} seconds. {told}."
    return Chart((8.4, 3.4), said, draw, numbers=Numbers(("seconds", *series), rows))


def _judged(name: str, most: int) -> str:
    return verdict(name, most) or "which no document judges"


def _queue_order(name: QueueName) -> tuple[int, str]:
    system = [places.name_of(place) for place in places.SYSTEM_QUEUES]
    return (system.index(name), "") if name in system else (len(system), name)


BEHIND = {"outbox": "client", "store": "Store.exe", "exipc": "EXIPC", "mta": "Emsmta.exe"}
"""The process behind a part of a server, where it is not Inetinfo.exe (Source: T1, T8, T20, T21)."""


def process_of(server: str, place: Place, known: set[str]) -> str:
    """The process that holds a MailMsg at a place (Source: T1, T8, T20, T21)."""
    if server not in known:
        return "outside"
    return BEHIND.get(places.part_of(place), "Inetinfo.exe")


def holders(trace: Trace, message: str = "m1") -> Chart:
    """Which process of which server holds a message, and for how long."""
    known = {item["name"] for item in trace.organization["servers"]}
    spans: dict[tuple[str, str], list[tuple[float, float]]] = {}
    open_since: dict[MailId, tuple[tuple[str, str], float]] = {}
    for state in trace.states():
        now = {
            mail: (item.server, process_of(item.server, item.place, known))
            for mail, item in state.mails.items()
            if item.message == message
        }
        for mail, (key, since) in list(open_since.items()):
            if now.get(mail) != key:
                spans.setdefault(key, []).append((since, state.time))
                del open_since[mail]
        for mail, key in now.items():
            open_since.setdefault(mail, (key, state.time))
    end = trace[-1].time if len(trace) else 0.0
    for key, since in open_since.values():
        spans.setdefault(key, []).append((since, end))
    labels = [f"{server}: {process}" for server, process in spans]

    def draw(axes: Axes) -> None:
        for row, ((_, process), bars) in enumerate(spans.items()):
            colour = COLOURS[PROCESSES.index(process) % 6]
            axes.broken_barh([(1000 * a, 1000 * (b - a)) for a, b in bars], (row - 0.35, 0.7), facecolors=colour)
        axes.set(xlabel="milliseconds", yticks=range(len(labels)), yticklabels=labels, title=f"Who holds {message}")
        axes.invert_yaxis()

    totals = [
        f"{label} {sum(1000 * (b - a) for a, b in bars):.0f} ms"
        for label, bars in zip(labels, spans.values(), strict=True)
    ]
    size = (8.4, 0.9 + 0.42 * max(1, len(spans)))
    rows = sorted(
        (1000 * a, 1000 * b, label) for label, bars in zip(labels, spans.values(), strict=True) for a, b in bars
    )
    numbers = Numbers(("who holds it", "from ms", "to ms"), [(label, a, b) for a, b, label in rows])
    return Chart(size, f"Chart of who holds {message}: {'; '.join(totals)}.", draw, numbers=numbers)


def retry_timetable(trace: Trace, server: str) -> Chart:
    """When a server tried a link that did not answer: glitch retries, then the retry intervals, delay notice and
    expiry.

    Source: T104, T105, T106.
    """
    tried = [event for event in trace if event.server == server and event.step.key == "link.failed"]
    late = [event.time / 60 for event in trace if event.server == server and event.step.key == "notification.late"]
    ended = [event.time / 60 for event in trace if event.server == server and event.step.key == "notification.bounced"]
    start = tried[0].time / 60 if tried else 0.0
    minutes = [event.time / 60 - start for event in tried]
    rows = (
        ("attempt", minutes, "|"),
        ("delay notice", [x - start for x in late], "o"),
        ("returned", [x - start for x in ended], "X"),
    )

    def draw(axes: Axes) -> None:
        for row, (_, values, marker) in enumerate(rows):
            axes.plot(values, [row] * len(values), marker, color=COLOURS[row], markersize=9, linestyle="none")
        axes.set(
            xlabel="after the first failure (logarithmic scale)",
            yticks=range(3),
            yticklabels=[name for name, _, _ in rows],
            ylim=(2.6, -0.6),
        )
        axes.set_xscale("symlog", linthresh=10)
        end = max((value for _, values, _ in rows for value in values), default=1.0)
        axes.set_xlim(-1, 2 * end)
        named = {0: "0", 3: "3 min", 10: "10 min", 60: "1 h", 720: "12 h", 2880: "2 days"}
        ticks = [minutes for minutes in named if minutes <= end + 5]
        axes.set_xticks(ticks, [named[minutes] for minutes in ticks])
        axes.minorticks_off()
        axes.set_title(f"Retries of {server}")

    first = ", ".join(f"{value:.0f}" for value in minutes[:9])
    told = sorted((value, name) for name, values, _ in rows for value in values)
    return Chart(
        (8.4, 2.2),
        f"Chart of {len(minutes)} attempts of {server}; the first at minutes {first}; delay notices: {len(late)}; returned: {len(ended)}.",
        draw,
        numbers=Numbers(("minutes after the first failure", "what"), told),
    )
