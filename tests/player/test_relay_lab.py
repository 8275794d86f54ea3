"""The relay lab: what it shows without a kernel, what it escapes, and how it is used in a real browser."""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import mailflow
from mailflow.player import relay_lab as room
from mailflow.transport.matrix import relay_matrix
from tests.pages import opened_page, serious

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

ORGANIZATION = mailflow.load("one server")


def test_it_says_what_it_is_and_shows_a_table_without_widgets() -> None:
    shown = mailflow.relay_lab(ORGANIZATION)
    assert repr(shown) == "Relay lab: LON01. Run this cell to change its settings."
    data, _ = shown._repr_mimebundle_()
    assert data["text/plain"] == repr(shown)
    page = str(data["text/html"])
    assert "With its own settings it is no open relay." in page
    assert page.count("<tr>") == 4
    assert "application/vnd.jupyter.widget-view+json" in data


def test_an_open_relay_is_named_in_the_table() -> None:
    table = relay_matrix(ORGANIZATION, "LON01")
    mode = next(item for item in table["settings"] if item["key"] == "relay_mode")
    mode["start"] = 1
    assert "an open relay: victim@elsewhere.example gets 250" in room.still(table)


def test_hostile_names_are_escaped() -> None:
    table = relay_matrix(ORGANIZATION, "LON01")
    table["server"] = "<img src=x onerror=alert(1)>"
    assert "<img" not in room.still(table)


@pytest.mark.parametrize("wrong", [{"server": "LON9"}, {"client": "nobody"}, {"recipient": "nobody"}])
def test_unknown_names_are_told(wrong: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="there is"):
        mailflow.relay_lab(ORGANIZATION, **wrong)


@pytest.fixture(params=["light", "dark"])
def opened(chromium: "Browser", tmp_path: Path, request: pytest.FixtureRequest) -> "Iterator[Page]":
    hostile = replace(ORGANIZATION, title="</script><img src=x onerror=alert(1)>")
    path = mailflow.relay_page(hostile, tmp_path / "lab.html")
    ready = ".mf-lab-verdict code"
    with opened_page(chromium, path, ready, width=1100, height=950, color_scheme=request.param) as page:
        yield page


def test_the_page_holds_all_it_needs(tmp_path: Path) -> None:
    text = mailflow.relay_page(ORGANIZATION, tmp_path / "lab.html").read_text(encoding="utf-8")
    assert "src=" not in text
    assert "<link" not in text
    table = text.split('id="table">')[1].split("</script>")[0]
    assert json.loads(table) == json.loads(json.dumps(relay_matrix(ORGANIZATION, "LON01")))


@pytest.mark.browser
def test_settings_by_mouse_and_back(opened: "Page") -> None:
    verdict, banner = opened.locator(".mf-lab-verdict code"), opened.locator(".mf-lab-banner")
    assert verdict.inner_text() == "550 5.7.1 Unable to relay for victim@elsewhere.example"
    assert "no open relay" in banner.inner_text()
    opened.get_by_label("all except the list below").check()
    assert verdict.inner_text() == "250 2.1.5 victim@elsewhere.example"
    assert "This is an open relay" in banner.inner_text()
    assert opened.locator(".mf-lab-accepts b").inner_text() == "list of computers"
    opened.get_by_role("button", name="Back to the server's own settings").click()
    assert verdict.inner_text().startswith("550")
    assert opened.locator("img").count() == 0


@pytest.mark.browser
def test_the_matrix_by_keyboard(opened: "Page") -> None:
    opened.locator('[data-cell="stranger foreign"]').focus()
    opened.keyboard.press("ArrowDown")
    opened.keyboard.press("ArrowDown")
    opened.keyboard.press("ArrowDown")
    assert opened.get_by_label("A travelling user", exact=True).is_checked()
    assert opened.evaluate("document.activeElement.dataset.cell") == "user foreign"
    assert opened.locator(".mf-lab-verdict code").inner_text().startswith("250")
    opened.keyboard.press("ArrowLeft")
    opened.keyboard.press("Tab")
    assert opened.locator("[data-to=partner]").get_attribute("aria-pressed") == "true"
    opened.locator("[data-to=local]").click()
    assert opened.locator(".mf-lab-unasked").count() > 0
    assert opened.evaluate("document.activeElement.dataset.to") == "local"


@pytest.mark.browser
def test_axe_finds_nothing_serious(opened: "Page") -> None:
    assert serious(opened) == []


@pytest.mark.browser
def test_every_cell_of_the_table_is_what_the_browser_shows(opened: "Page") -> None:
    table = relay_matrix(ORGANIZATION, "LON01")
    _, rows = room.start_row(table)
    shown = [cell.get_attribute("title") for cell in opened.locator("[data-cell]").all()]
    assert shown == [verdict["reply"] for row in rows for verdict in row]
