"""Where messages pile up: the queues of a server in the order of the way, and the place of the pile tells the cause."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import groupby
from math import sqrt
from textwrap import fill
from typing import TYPE_CHECKING, Final

from mailflow.facts.mistake import InputError
from mailflow.plots.charts import GROUND, Chart
from mailflow.plots.numbers import Cell, Numbers
from mailflow.plots.themed import GREY
from mailflow.tools.phases import PHASES, of_queue
from mailflow.tools.queue_viewer import queues
from mailflow.trace import Trace
from mailflow.transport import places

if TYPE_CHECKING:
    from matplotlib.axes import Axes

LINKS: Final = "link queues"
ALWAYS: Final = (
    *map(
        places.name_of,
        (
            places.PENDING_SUBMISSION,
            places.AWAITING_LOOKUP,
            places.WAITING_TO_BE_ROUTED,
            places.UNREACHABLE,
            places.LOCAL_DELIVERY,
        ),
    ),
    LINKS,
)
SELDOM: Final = (*map(places.name_of, (places.DSN_PENDING, places.FAILED_RETRY, places.DEFERRED)), places.NAMES["mta"])


def pile_up(runs: Mapping[str, Trace], server: str, at: int = -1) -> Chart:
    """How many messages lie in each queue of a server at the end of one or several runs, a row for each run.

    The queues stand in the order of the way, below the phase that they belong to (Source: K101). All link queues share one column. Queues
    that are seldom used stand there only when one of the runs has something in them.

    Args:
        runs: the runs by the words that stand before their rows.
        server: whose queues.
        at: the step at which each is looked at, the last by default.

    Raises:
        ValueError: no such server, or no run.
        IndexError: there is no such step.
    """
    if not runs:
        raise InputError('pile_up: give a run by its name, {"Monday": trace}')
    found = {label: _counts(trace, server, at) for label, trace in runs.items()}
    names = _columns(found.values())
    rows: list[list[Cell]] = [[label, *(counts.get(name, 0) for name in names)] for label, counts in found.items()]
    told = "; ".join(f"{label}: {_told(counts, names)}" for label, counts in found.items())
    most = max((number for counts in found.values() for number in counts.values()), default=1)

    def draw(axes: Axes) -> None:
        axes.grid(visible=False)
        axes.spines[:].set_visible(False)
        for row, counts in enumerate(found.values()):
            axes.axhline(row, color=GREY, alpha=0.4, linewidth=1, zorder=0)
            for column, name in enumerate(names):
                _spot(axes, column, row, counts.get(name, 0), most)
        _bands(axes, names)
        axes.set_xticks(range(len(names)), [fill(name, 14) for name in names], fontsize=9)
        axes.set_yticks(range(len(found)), list(found))
        axes.tick_params(length=0)
        axes.set(xlim=(-0.5, len(names) - 0.5), ylim=(len(found) - 0.5, -0.5))

    said = f"Chart of where messages wait on {server}. {told}."
    return Chart((9.0, 1.5 + 0.5 * len(found)), said, draw, numbers=Numbers(("", *names), rows))


def _counts(trace: Trace, server: str, at: int) -> dict[str, int]:
    """How many messages each column has."""
    found: dict[str, int] = {}
    for queue in queues(trace, server, at).by_number:
        name = LINKS if queue.is_link else queue.name
        found[name] = found.get(name, 0) + queue.number
    return found


def _columns(found: Iterable[Mapping[str, int]]) -> tuple[str, ...]:
    seen = {name for counts in found for name in counts}
    names = [*ALWAYS, *(name for name in SELDOM if name in seen)]
    return tuple(sorted(names, key=lambda name: PHASES.index(of_queue(name))))


def _told(counts: Mapping[str, int], names: tuple[str, ...]) -> str:
    return ", ".join(f"{counts[name]} in {name}" for name in names if name in counts) or "no queue holds anything"


def _bands(axes: Axes, names: tuple[str, ...]) -> None:
    """The phases above the columns, every second one shaded."""
    start = 0
    for number, (phase, inside) in enumerate(groupby(names, key=of_queue)):
        width = len(list(inside))
        if number % 2:
            axes.axvspan(start - 0.5, start + width - 0.5, color=GREY, alpha=0.15, linewidth=0, zorder=-1)
        axes.annotate(
            phase, (start + (width - 1) / 2, 1.02), xycoords=("data", "axes fraction"), ha="center", weight="bold"
        )
        start += width


def _spot(axes: Axes, column: int, row: int, number: int, most: int) -> None:
    """A circle whose area tells the number, which stands in it; a dot for none."""
    if not number:
        axes.plot(column, row, ".", color=GREY, markersize=4)
        return
    size = 12 + 16 * sqrt(number / most)
    axes.plot(column, row, "o", color=GROUND, markersize=size)
    axes.annotate(
        str(number), (column, row), color="white", weight="bold", ha="center", va="center_baseline", fontsize=9
    )
