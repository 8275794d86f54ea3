"""The picture as a file of its own: it stands alone, looks as it did, and what it holds is data."""

import xml.etree.ElementTree as ET
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import mailflow
from mailflow.trace import Trace
from tests.pages import Looks, in_both_themes, opened_page, theme

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

EVIL = "a\x01b </title><script>window.hacked=1</script>"
SVG = "{http://www.w3.org/2000/svg}"
XHTML = "{http://www.w3.org/1999/xhtml}"


@pytest.fixture(scope="module")
def trace() -> Trace:
    message = mailflow.Message.write("anna@contoso.com", ["pierre@contoso.com", "kim@fabrikam.com"], subject="Hello")
    return mailflow.Scenario(mailflow.load("two sites")).send(message).run()


@pytest.fixture
def opened(request: pytest.FixtureRequest, chromium: "Browser", trace: Trace, tmp_path: Path) -> "Iterator[Page]":
    path = mailflow.page(trace, tmp_path / "page.html", title="Two <sites>")
    settings: Looks = {"color_scheme": theme(request), "reduced_motion": "reduce"}
    with opened_page(chromium, path, ".mf-sentence", width=966, height=768, **settings) as page:
        page.evaluate("player.go(player.levels.stops[4])")
        yield page


def saved(page: "Page", target: Path) -> ET.Element:
    """The file that the key G gives."""
    page.focus(".mf")
    with page.expect_download() as download:
        page.keyboard.press("g")
    download.value.save_as(target)
    number = page.evaluate("player.cursor") + 1
    assert download.value.suggested_filename == f"Two-sites-step-{number}.svg"
    return ET.fromstring(target.read_text(encoding="utf-8"))


@in_both_themes("opened")
@pytest.mark.browser
def test_a_map_is_saved_as_lines_and_letters_that_need_no_style_sheet(
    opened: "Page", trace: Trace, tmp_path: Path
) -> None:
    file = saved(opened, tmp_path / "map.svg")
    assert file.findtext(f"{SVG}title") == "Two <sites>"
    assert file.findtext(f"{SVG}desc") == opened.inner_text(".mf-sentence")
    texts = {"".join(item.itertext()) for item in file.iter(f"{SVG}text")}
    for server in trace.organization["servers"]:
        assert any(server["name"] in text for text in texts), server["name"]
    assert not list(file.iter(f"{SVG}style"))
    assert not list(file.iter(f"{SVG}foreignObject"))
    styled = [item.get("style", "") for item in file.iter() if item.tag in {f"{SVG}path", f"{SVG}text"}]
    assert styled
    assert all("fill:" in style and "font-size:" in style and "var(" not in style for style in styled)
    shown = opened.evaluate("getComputedStyle(document.querySelector('.mf-name')).fill")
    name = next(item for item in file.iter(f"{SVG}text") if item.get("class") == "mf-name")
    assert f"fill:{shown}" in str(name.get("style")), "light or dark, as it is shown"


@pytest.mark.browser
def test_a_saved_file_shows_what_the_page_showed(opened: "Page", tmp_path: Path) -> None:
    """What is painted of it stands where it stood in the player."""
    names = "[...document.querySelectorAll('.mf-name')].map((item) => [item.textContent, item.getBoundingClientRect()])"
    start = "document.querySelector('.mf-svg').getBoundingClientRect()"
    boxes = f"(() => {{ const all = {start}; return {names}.map(([text, box]) => [text, box.x - all.x, box.y - all.y]); }})()"
    before = opened.evaluate(boxes)
    saved(opened, tmp_path / "map.svg")
    opened.goto((tmp_path / "map.svg").as_uri())
    after = opened.evaluate(f"{names}.map(([text, box]) => [text, box.x, box.y])")
    assert [row[0] for row in after] == [row[0] for row in before]
    for one, other in zip(before, after, strict=True):
        assert one[1:] == pytest.approx(other[1:], abs=1.5)


@in_both_themes("opened")
@pytest.mark.browser
@pytest.mark.parametrize("view", ["Server", "Tables", "Ladder", "Story"])
def test_any_other_view_is_saved_with_its_style_and_all_its_rows(opened: "Page", tmp_path: Path, view: str) -> None:
    opened.evaluate(f"player.server = 'PAR01', player.go(player.tape.length - 1), player.toggle('{view}')")
    assert opened.evaluate("player.visible()") == [view]
    words = opened.evaluate("document.querySelector('.mf-stage > div').textContent")
    file = saved(opened, tmp_path / "view.svg")
    (held,) = file.iter(f"{SVG}foreignObject")
    assert "".join(held.itertext()).split() == words.split()
    menus = "[...document.querySelectorAll('.mf-stage select')].map((menu) => menu.selectedOptions[0].textContent)"
    chosen = opened.evaluate(menus)
    # Opened alone, it is as large as all it holds, and has its colours.
    ink = opened.evaluate("getComputedStyle(player.root).color")
    opened.goto((tmp_path / "view.svg").as_uri())
    assert opened.evaluate("getComputedStyle(document.querySelector('.mf')).color") == ink
    assert opened.evaluate(menus) == chosen
    over = """[...document.querySelectorAll('.mf-stage > div, .mf-scroll')]
        .filter((item) => item.scrollHeight > item.clientHeight + 1).map((item) => item.className)"""
    assert opened.evaluate(over) == []


@pytest.mark.browser
def test_the_card_of_signs_saves_it_too_and_text_stays_data(chromium: "Browser", tmp_path: Path) -> None:
    message = mailflow.Message.write("anna@contoso.com", "ben@contoso.com", subject=EVIL.replace("\x01", ""))
    trace = mailflow.Scenario(mailflow.load("one server")).send(message).run()
    path = mailflow.page(trace, tmp_path / "page.html", views=["Tables"])
    with opened_page(chromium, path, ".mf-sentence", width=1366, height=768) as page:
        # It is drawn once more as soon as it knows its width.
        page.wait_for_function("player.columns === 2")
        page.evaluate("(text) => { player.say.textContent = text; }", EVIL)
        page.get_by_role("button", name="Signs and keys").click()
        with page.expect_download() as download:
            page.get_by_role("button", name="Save the picture as an SVG file").click()
        download.value.save_as(tmp_path / "two.svg")
        file = ET.fromstring((tmp_path / "two.svg").read_text(encoding="utf-8"))
        assert file.findtext(f"{SVG}desc") == EVIL.replace("\x01", "\ufffd"), "what XML cannot hold is replaced"
        assert [item.tag for item in file.iter() if item.tag in {f"{SVG}script", f"{XHTML}script"}] == []
        page.goto((tmp_path / "two.svg").as_uri())
        assert page.evaluate("window.hacked") is None
