"""A drawn chart as HTML that is read on a light and on a dark page: its words are text, in the colour of the page around it."""

from __future__ import annotations

import io
from base64 import b64encode
from collections import Counter
from html import escape
from typing import TYPE_CHECKING, Literal, NamedTuple

if TYPE_CHECKING:
    from matplotlib.backend_bases import GraphicsContextBase
    from matplotlib.figure import Figure
    from matplotlib.font_manager import FontProperties
    from matplotlib.text import Text
    from PIL.Image import Image

GREY = "#7d858d"
"""Lines that are no data: seen on white and on black."""
INK = "#1b1f24"
"""Text on a pale ground. Text without a colour of its own follows the page, light or dark."""
DPI = 92
SHADES = 64
"""So many colours, with those between a line and what is beside it, are stored of a chart."""
SMALLEST = 11
"""No text is smaller, in pixels."""
LINE_HEIGHT = 1.2
BASELINE = 0.95
"""How far below the top of its line a letter stands, as a part of its size, in the fonts of browsers."""
FOLLOWS = "#000000"
"""Text of this colour, which nobody gave another one, follows the page."""


class Label(NamedTuple):
    """One line of text of a drawn chart: its baseline from the top left, in pixels, and how it looks."""

    text: str
    left: float
    baseline: float
    width: float
    aligned: str
    size: int
    weight: str
    colour: str

    def html(self, whole: int, usual: int) -> str:
        """The line in its place on a chart of so many pixels width, where most letters have the usual size. Its edge, or its
        middle, stays where it was drawn.
        """
        top = f"top:{self.baseline - BASELINE * self.size:.0f}px"
        if self.aligned == "right":
            place = f"right:{whole - self.left - self.width:.0f}px"
        elif self.aligned == "center":
            place = f"left:{self.left - self.width / 2:.0f}px;width:{2 * self.width:.0f}px;text-align:center"
        else:
            place = f"left:{self.left:.0f}px"
        size = "" if self.size == usual else f";font-size:{self.size}px"
        weight = "" if self.weight == "normal" else f";font-weight:{self.weight}"
        colour = "" if self.colour == FOLLOWS else f";color:{self.colour}"
        return f'<span style="position:absolute;{place};{top}{size}{weight}{colour}">{escape(self.text)}</span>'


def html(figure: Figure, words: str) -> str:
    """A figure as a picture without ground, and its text above it. Where a page takes styles away, its words stand instead."""
    drawn, labels = taken_apart(figure)
    width, height = drawn.size
    usual, _ = Counter(label.size for label in labels).most_common(1)[0] if labels else (SMALLEST, 0)
    over = "".join(label.html(width, usual) for label in labels)
    picture = f'<img alt="{escape(words)}" src="data:image/png;base64,{b64encode(png(drawn)).decode()}" style="max-width:none">'
    style = f"display:block;position:relative;width:{width}px;height:{height}px;font-size:{usual}px;line-height:{LINE_HEIGHT};white-space:pre"
    return (
        f'<div class="chart" tabindex="0" style="overflow-x:auto;overflow-y:hidden">'
        f'<div hidden style="{style}">{picture}<div aria-hidden="true">{over}</div></div></div>'
        f'<p style="display:none">{escape(words)}</p>'
    )


def png(drawn: Image) -> bytes:
    """A drawn picture as a file of few bytes: told apart by a palette, its colours take a third, and a notebook stores them all."""
    from PIL import Image  # comes with matplotlib, and a chart is a table where that is missing

    stored = io.BytesIO()
    drawn.quantize(SHADES, method=Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE).save(
        stored, format="png", optimize=True
    )
    return stored.getvalue()


def on_white(figure: Figure) -> bytes:
    """A figure as a picture for readers who show no HTML, text and all."""
    from PIL import Image  # for its weight, as above

    drawn = io.BytesIO()
    figure.savefig(drawn, format="png", dpi=DPI)
    picture = Image.open(drawn).convert("RGBA")
    return png(Image.alpha_composite(Image.new("RGBA", picture.size, "white"), picture).convert("RGB"))


def taken_apart(figure: Figure) -> tuple[Image, list[Label]]:
    """What is drawn but text, and the text. Turned text and formulas stay in the picture, in grey."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg  # for its weight, like Pillow, which comes with it
    from matplotlib.colors import to_hex
    from PIL import Image

    was, figure.dpi = figure.dpi, DPI
    canvas = FigureCanvasAgg(figure)
    renderer = canvas.get_renderer()  # type: ignore[no-untyped-call]  # of matplotlib
    paint = renderer.draw_text
    labels: list[Label] = []

    def note(
        gc: GraphicsContextBase,
        x: float,
        y: float,
        s: str,
        prop: FontProperties,
        angle: float,
        ismath: bool | Literal["TeX"] = False,
        mtext: Text | None = None,
    ) -> None:
        colour = to_hex(gc.get_rgb())
        if angle or ismath:
            if colour == FOLLOWS:
                gc.set_foreground(GREY)
            paint(gc, x, y, s, prop, angle, ismath, mtext)
            return
        width, _, _ = renderer.get_text_width_height_descent(s, prop, ismath)
        size = max(SMALLEST, round(prop.get_size_in_points() * DPI / 72))
        aligned = mtext.get_horizontalalignment() if mtext else "center"  # a line of several does not say
        labels.append(Label(s, x, y, width, aligned, size, str(prop.get_weight()), colour))

    renderer.draw_text = note  # what draws asks the renderer for it
    figure.draw(renderer)
    drawn = Image.frombytes("RGBA", canvas.get_width_height(), bytes(canvas.buffer_rgba()))  # type: ignore[no-untyped-call]  # of matplotlib
    figure.dpi = was
    return drawn, labels
