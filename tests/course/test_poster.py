"""The poster fills in as notebooks are done, and says in words what it shows."""

import base64
import html
import re
import xml.etree.ElementTree as ElementTree
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import mailflow
from mailflow.course.exercises import tasks
from mailflow.course.poster import ON_PAPER, ON_SCREEN, PARTS, Part, Poster
from mailflow.course.progress import Progress
from tests.pages import opened_page

if TYPE_CHECKING:
    from playwright.sync_api import Browser

SVG = "{http://www.w3.org/2000/svg}"


def groups(text: str) -> dict[str, str]:
    """The state in which each part is drawn."""
    found = (item.get("class", "").split() for item in ElementTree.fromstring(text).iter(f"{SVG}g"))
    return {names[1][1:]: names[2] for names in found if names[:1] == ["part"]}


def test_each_notebook_has_a_part(learner: Path) -> None:
    assert list(PARTS) == sorted({task.notebook for task in tasks().values()})
    poster = mailflow.progress().poster()
    assert set(poster.parts.values()) == {Part("empty", star=False)}
    assert groups(poster.svg()) == dict.fromkeys(PARTS, "empty")
    assert str(poster).startswith("Poster of the whole system: 0 of 12 parts filled in. Not begun: 00 one message; 01 ")
    assert not learner.exists()


def test_a_part_fills_in_as_its_notebook_is_done(learner: Path) -> None:
    held = Progress.here()
    held.tried("first delivery", solved=True)
    held.tried("two and a spare", solved=True)
    for way in ("one", "two", "three"):
        held.tried("plans for a load", solved=False, way=way)
        held.tried("the same door", solved=False, way=way)
    held.tried("exipc backs up", solved=False)
    held.placed("02 body", 1, right=False)
    held.tried("back to Anna", solved=False, way="one")
    poster = mailflow.progress().poster()
    drawn = groups(poster.svg())
    assert {number: state for number, state in drawn.items() if state != "empty"} == {
        "00": "done",
        "01": "begun",
        "02": "begun",
        "03": "begun",
        "05": "done",
    }
    assert [number for number, part in poster.parts.items() if part.star] == ["05"]
    assert poster.svg().count("★") == 2, "at its part and in the legend"
    assert "2 of 12 parts filled in. Filled in: 00 one message; 05 MX records, every way found. Begun: 01 " in str(
        poster
    )


def test_a_notebook_with_two_exercises_is_done_when_both_are(learner: Path) -> None:
    held = Progress.here()
    held.tried("present it", solved=True)
    assert Poster.of(held).parts["11"].state == "begun"
    held.tried("an organization that survives", solved=True)
    assert Poster.of(held).parts["11"].state == "done"


@pytest.mark.parametrize("on_paper", [False, True])
def test_it_is_drawn_whole_with_its_words_and_nothing_from_elsewhere(on_paper: bool, learner: Path) -> None:
    poster = Poster({number: Part("done", star=True) for number in PARTS})
    text = poster.svg(on_paper=on_paper)
    assert not re.search("@[a-z0-9]+@", text)
    assert (ON_PAPER if on_paper else ON_SCREEN)["paper"] in text
    root = ElementTree.fromstring(text)
    assert root.get("aria-label") == str(poster)
    assert len(groups(text)) == 12
    assert not re.search(r"(?:href|src)=|url\(|<script", text)
    assert len(text) < 10_000


def test_a_notebook_shows_it_as_a_picture_with_its_words(learner: Path) -> None:
    poster = mailflow.progress().poster()
    shown = poster._repr_html_()
    image = r'<img alt="([^"]*)" style="[^"]*" src="data:image/svg\+xml;base64,([^"]*)">'
    found = re.fullmatch(f'<div tabindex="0" style="overflow-x:auto">{image}</div>', shown)
    assert found
    assert html.unescape(found[1]) == str(poster)
    assert base64.b64decode(found[2]).decode() == poster.svg()


@pytest.mark.browser
def test_on_a_telephone_it_scrolls_and_its_words_can_be_read(
    chromium: "Browser", tmp_path: Path, learner: Path
) -> None:
    path = tmp_path / "poster.html"
    path.write_text(f"<body style='margin:8px'>{mailflow.progress().poster()._repr_html_()}", encoding="utf-8")
    with opened_page(chromium, path, "img", width=390, height=844) as page:
        drawn = page.evaluate("document.querySelector('img').clientWidth")
        assert page.evaluate("document.documentElement.scrollWidth") == 390
        assert page.evaluate("document.querySelector('div').scrollWidth") >= drawn > 390
    sizes = [float(size) for size in re.findall(r"font-size:([\d.]+)px", Poster.of(Progress.here()).svg())]
    assert min(sizes) * drawn / 960 >= 10


def test_it_is_saved_for_a_printer(tmp_path: Path, learner: Path) -> None:
    poster = mailflow.progress().poster()
    where = poster.save(tmp_path / "poster.svg")
    assert where == tmp_path / "poster.svg"
    assert where.read_text(encoding="utf-8") == poster.svg(on_paper=True)
    with pytest.raises(OSError, match="nowhere"):
        poster.save(tmp_path / "nowhere" / "poster.svg")
