"""What a chart has drawn, as plain numbers."""

from collections.abc import Iterable

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle
from matplotlib.typing import ColorType

from mailflow.plots.charts import Chart


def axes_of(chart: Chart) -> Axes:
    return chart.figure.axes[0]


def across(line: Line2D) -> list[float]:
    """How far right each point of a line stands."""
    return [float(value) for value in np.asarray(line.get_xdata(), dtype=float)]


def up(line: Line2D) -> list[float]:
    """How high each point of a line stands."""
    return [float(value) for value in np.asarray(line.get_ydata(), dtype=float)]


def shade(colour: ColorType) -> tuple[int, ...]:
    """A colour as red, green and blue to 255."""
    return tuple(round(255 * part) for part in to_rgb(colour))


def widths(bars: Iterable[Artist]) -> list[float]:
    """How long each bar of a group is."""
    return [bar.get_width() for bar in bars if isinstance(bar, Rectangle)]
