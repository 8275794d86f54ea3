"""A chart is read on a light and on a dark page: its words are text of the page, and the rest is seen on both."""

import io
import re
from base64 import b64decode
from html import unescape
from html.parser import HTMLParser
from typing import TYPE_CHECKING

import numpy as np
import pytest
from matplotlib.axes import Axes
from PIL import Image

from mailflow.plots import COLOURS, Chart
from mailflow.plots.themed import GREY, INK, SMALLEST, taken_apart

if TYPE_CHECKING:
    from playwright.sync_api import Browser

WHITE, BLACK = (255, 255, 255), (17, 17, 17)


def drawn(axes: Axes) -> None:
    axes.plot([0, 5], [0, 1], color=COLOURS[0])
    axes.set(xlabel="seconds", ylabel="mail & more", title="Queues")
    axes.text(2, 0.5, "two\nlines", color=INK, ha="center", weight="bold", fontsize=6)
    axes.text(4, 0.5, "turned", rotation=90)
    axes.text(3, 0.2, "turned, too", rotation=90, color=COLOURS[1])
    axes.set_yticks([0, 1], ["low", "high"])


@pytest.fixture
def chart() -> Chart:
    return Chart((5, 3), "A <line>.", drawn)


def shown(chart: Chart) -> str:
    return str(chart._repr_mimebundle_()[0]["text/html"])


def spans(html: str) -> dict[str, str]:
    """The text that stands on the picture, and the style of each piece."""
    return {unescape(text): style for style, text in re.findall(r'<span style="([^"]+)">([^<]*)</span>', html)}


def picture(html: str) -> Image.Image:
    found = re.search(r"base64,([^\"]+)", html)
    assert found
    return Image.open(io.BytesIO(b64decode(found[1]))).convert("RGBA")


def contrast(one: tuple[int, ...], other: tuple[int, ...]) -> float:
    """As the guidelines for accessible content measure it."""

    def light(colour: tuple[int, ...]) -> float:
        parts = [part / 255 for part in colour]
        red, green, blue = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    bright, dim = sorted((light(one), light(other)), reverse=True)
    return (bright + 0.05) / (dim + 0.05)


def rgb(colour: str) -> tuple[int, ...]:
    return tuple(bytes.fromhex(colour[1:]))


def test_its_text_follows_the_page_unless_it_has_a_colour(chart: Chart) -> None:
    styles = spans(shown(chart))
    assert {"Queues", "seconds", "mail & more", "low", "high", "two", "lines"} <= styles.keys()
    assert "turned" not in styles
    assert [text for text, style in styles.items() if "color" in style] == ["two", "lines"]
    assert f"color:{INK}" in styles["two"]
    assert "font-weight:bold" in styles["two"]
    assert f"font-size:{SMALLEST}px" in styles["two"]
    assert "right:" in styles["low"]
    assert "text-align:center" in styles["Queues"]
    assert "text-align" not in styles["mail & more"]


def test_nothing_in_its_picture_hides_in_a_page(chart: Chart) -> None:
    pixels = np.asarray(picture(shown(chart))).reshape(-1, 4).tolist()
    opaque = {tuple(pixel[:3]) for pixel in pixels if pixel[3] > 240}
    assert {pixel[3] for pixel in pixels} >= {0}
    assert opaque
    assert min(contrast(pixel, page) for pixel in opaque for page in (WHITE, BLACK)) > 3


@pytest.mark.parametrize("colour", [GREY, *COLOURS[:3], COLOURS[4]])
def test_its_colours_are_seen_on_both(colour: str) -> None:
    assert min(contrast(rgb(colour), page) for page in (WHITE, BLACK)) > 3


@pytest.mark.parametrize("ground", ["#fbd9c8", "#c9ecdf"])
def test_text_on_a_pale_ground_is_read(ground: str) -> None:
    assert contrast(rgb(INK), rgb(ground)) > 7


def test_a_page_can_tell_it_from_other_pictures(chart: Chart) -> None:
    assert shown(chart).startswith('<div class="chart" ')


def test_an_empty_chart_is_shown() -> None:
    assert not spans(shown(Chart((2, 1), "Nothing.", lambda axes: axes.set_axis_off())))


def test_a_figure_keeps_its_resolution(chart: Chart) -> None:
    before = chart.figure.dpi
    image, _ = taken_apart(chart.figure)
    assert (chart.figure.dpi, image.size) == (before, (460, 276))


class Bare(HTMLParser):
    """What a reader of notebooks shows that takes all styles away: text and pictures that are not hidden."""

    def __init__(self) -> None:
        super().__init__()
        self.depth, self.text = 0, ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag != "img":
            self.depth += bool(self.depth or ("hidden", None) in attrs)

    def handle_endtag(self, tag: str) -> None:
        self.depth -= bool(self.depth)

    def handle_data(self, data: str) -> None:
        self.text += "" if self.depth else data


def test_without_styles_its_words_stand_there(chart: Chart) -> None:
    reader = Bare()
    reader.feed(shown(chart))
    assert reader.text == "A <line>."


def test_a_browser_puts_the_text_where_it_was_drawn(chart: Chart, chromium: "Browser") -> None:
    with chromium.new_page() as tab:
        tab.set_content(f'<body style="color:rgb(250, 250, 250);background:#111">{shown(chart)}')
        boxes = tab.eval_on_selector_all(
            "span",
            "all => all.map(one => [one.textContent, one.getBoundingClientRect().toJSON(), getComputedStyle(one).color])",
        )
        found = {text: (box, colour) for text, box, colour in boxes}
        assert found["Queues"][1] == "rgb(250, 250, 250)"
        _, labels = taken_apart(chart.figure)
        left, top = tab.eval_on_selector(
            "img", "img => [img.getBoundingClientRect().left, img.getBoundingClientRect().top]"
        )
        for label in labels:
            box, _ = found[label.text]
            assert abs(box["left"] + box["width"] / 2 - left - label.left - label.width / 2) < 8, label
            assert 0 < label.baseline - (box["top"] - top) < 1.2 * label.size, label
        assert not tab.locator("p").is_visible()
        assert tab.get_by_role("img", name="A <line>.").is_visible()
