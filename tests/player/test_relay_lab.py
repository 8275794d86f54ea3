"""The relay lab: what it shows without a kernel, what it escapes, and how it is used in a real browser."""

import json
import random
from collections.abc import Iterator
from dataclasses import replace
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import mailflow
from mailflow.player import relay_lab as room
from mailflow.transport.matrix import clients_of, relay_matrix
from mailflow.transport.relay import Attempt, decide
from tests.pages import in_both_themes, opened_page, serious, theme

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


@pytest.fixture
def opened(chromium: "Browser", tmp_path: Path, request: pytest.FixtureRequest) -> "Iterator[Page]":
    hostile = replace(ORGANIZATION, title="</script><img src=x onerror=alert(1)>")
    path = mailflow.page(mailflow.relay_lab(hostile), tmp_path / "lab.html")
    ready = ".mf-lab-verdict code"
    with opened_page(chromium, path, ready, width=966, height=700, color_scheme=theme(request)) as page:
        yield page


def test_the_page_holds_all_it_needs(tmp_path: Path) -> None:
    text = mailflow.page(mailflow.relay_lab(ORGANIZATION), tmp_path / "lab.html").read_text(encoding="utf-8")
    assert "src=" not in text
    assert "<link" not in text
    table = text.split('id="table">')[1].split("</script>")[0]
    assert json.loads(table) == json.loads(json.dumps(relay_matrix(ORGANIZATION, "LON01")))


@pytest.mark.browser
def test_settings_by_mouse_and_back(opened: "Page") -> None:
    verdict, banner = opened.locator(".mf-lab-verdict code"), opened.locator(".mf-lab-banner").first
    assert verdict.inner_text() == "550 5.7.1 Unable to relay for victim@elsewhere.example"
    assert "no open relay" in banner.inner_text()
    opened.get_by_label("The list of computers names").select_option("all except the list below")
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
    assert opened.inner_text(".mf-lab-rules h3") == "A travelling user to victim@elsewhere.example"
    assert opened.evaluate("document.activeElement.dataset.cell") == "user foreign"
    assert opened.locator(".mf-lab-verdict code").inner_text().startswith("250")
    opened.keyboard.press("ArrowLeft")
    assert opened.locator('[data-cell="user partner"]').get_attribute("aria-current") == "true"
    opened.locator('[data-cell="stranger local"]').click()
    assert opened.locator(".mf-lab-unasked").count() > 0
    assert opened.evaluate("document.activeElement.dataset.cell") == "stranger local"
    opened.evaluate(
        "Object.assign(document.querySelector('.mf-lab').parentElement, { className: 'jp-Cell', tabIndex: 0 })"
    )
    opened.keyboard.press("Escape")
    assert opened.evaluate("document.activeElement.className") == "jp-Cell", "as a cell of JupyterLab has the keys"


@in_both_themes("opened")
@pytest.mark.browser
def test_axe_finds_nothing_serious(opened: "Page") -> None:
    assert serious(opened) == []


@pytest.mark.browser
def test_every_cell_of_the_table_is_what_the_browser_shows(opened: "Page") -> None:
    table = relay_matrix(ORGANIZATION, "LON01")
    _, rows = room.start_row(table)
    shown = [cell.get_attribute("title") for cell in opened.locator("[data-cell]").all()]
    assert shown == [verdict["reply"] for row in rows for verdict in row]


def chosen(page: "Page", **options: int) -> None:
    for key, option in options.items():
        page.get_by_label(LABELS[key]).select_option(index=option)


LABELS = {item["key"]: item["label"] for item in relay_matrix(ORGANIZATION, "LON01")["settings"]}


@pytest.mark.browser
def test_both_directions_are_told_and_nobody_rejoices_where_nobody_can_write(opened: "Page") -> None:
    foreign, ours = opened.locator(".mf-lab-banner").all()
    assert foreign.inner_text() == "✓ This is no open relay. No stranger reaches a foreign recipient."
    assert ours.inner_text() == "✓ Strangers can write to us. At RCPT TO: 250 2.1.5 anna@contoso.com"
    chosen(opened, anonymous=1)
    assert foreign.inner_text() == "– This is no open relay. But no stranger reaches anybody at all."
    assert ours.inner_text().startswith("✕ No stranger can write to us. At MAIL FROM: 454 5.7.3")
    assert opened.locator(".mf-lab-banner.mf-lab-yes").count() == 0
    assert "✓" not in foreign.inner_text() + ours.inner_text()


@pytest.mark.browser
def test_the_ways_that_were_found_are_counted_one_at_a_time(opened: "Page") -> None:
    count = opened.locator(".mf-lab-ways h3")
    assert count.inner_text() == "0 of 3 ways to an open relay found"
    chosen(opened, relay_mode=1, connector=2)
    assert count.inner_text() == "1 of 3 ways found. Several at once: take one back."
    chosen(opened, relay_mode=0)
    assert count.inner_text() == "2 of 3 ways to an open relay found"
    chosen(opened, connector=0, relay_mode=1)
    assert count.inner_text() == "2 of 3 ways to an open relay found", "the same way once more"
    opened.get_by_role("button", name="Back to the server's own settings").click()
    chosen(opened, relay_list=2)
    assert count.inner_text() == "3 of 3 ways to an open relay found"
    assert len(opened.locator(".mf-lab-found span").all()) == 3
    assert opened.evaluate("relayLab.chosen.found.toSorted()") == [0, 1, 2]


@pytest.mark.browser
def test_all_of_it_is_in_sight_at_once_and_nothing_moves(opened: "Page", all_of_them: bool) -> None:
    table = relay_matrix(ORGANIZATION, "LON01")
    clients = [item["key"] for item in table["clients"]]
    settings = list(product(*(range(len(item["options"])) for item in table["settings"])))
    if not all_of_them:
        settings = random.Random(0).sample(settings, 20)
    seen = opened.evaluate(
        """([clients, recipients, combinations]) => {
          const { chosen, table } = relayLab;
          const seen = new Set();
          for (const client of clients) for (const recipient of recipients) for (const options of combinations) {
            Object.assign(chosen, { client, recipient });
            table.settings.forEach(({ key }, at) => { chosen.settings[key] = options[at]; });
            relayLab.draw();
            const cut = [...document.querySelectorAll(".mf-lab th, .mf-lab td, .mf-lab label, .mf-lab li, .mf-lab select")]
              .filter((item) => item.scrollWidth > item.clientWidth + 1).map((item) => item.textContent);
            const places = [".mf-lab", ".mf-lab-set", ".mf-lab-matrix", ".mf-lab-verdict", ".mf-lab-code pre"].map((name) => {
              const { x, y, width, height } = document.querySelector(name).getBoundingClientRect();
              return [x, y, width, height];
            });
            seen.add(JSON.stringify([cut, places]));
          }
          return [...seen];
        }""",
        [clients, [item["key"] for item in table["recipients"]], settings],
    )
    assert len(seen) == 1, f"something moves or is cut: {seen}"
    ((cut, ((_, _, width, height), *_)),) = map(json.loads, seen)
    assert cut == []
    assert (width, height <= 620) == (934, True)
    small = opened.evaluate(
        "() => [...document.querySelectorAll('.mf-lab *')].filter((item) => parseFloat(getComputedStyle(item).fontSize) < 11).length"
    )
    assert small == 0
    gaps = opened.evaluate(
        """() => [...document.querySelectorAll(".mf-lab th[scope=col]")].map((item) => {
          const range = document.createRange();
          range.selectNodeContents(item);
          return item.getBoundingClientRect().right - range.getBoundingClientRect().right;
        }).slice(0, -1)"""
    )
    assert min(gaps) >= 3, f"the word of one column stands on that of the next: {gaps}"


@pytest.mark.browser
@pytest.mark.parametrize("width", [552, 390])
def test_narrow_windows_scroll_down_only(opened: "Page", width: int) -> None:
    opened.set_viewport_size({"width": width, "height": 844})
    assert opened.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert serious(opened) == []


@pytest.mark.browser
def test_every_choice_is_whole(opened: "Page") -> None:
    """Also beside the file browser of JupyterLab on a projector of 1280x720, and on a phone."""
    for width in (966, 880, 552, 390):
        opened.set_viewport_size({"width": width, "height": 720})
        cut = opened.evaluate(
            """() => [...document.querySelectorAll(".mf-lab select")].filter((pick) => {
              const wide = pick.cloneNode(true);
              wide.style.cssText = "position: absolute; width: auto";
              pick.after(wide);
              const needs = wide.offsetWidth;
              wide.remove();
              return needs > pick.offsetWidth;
            }).map((pick) => pick.textContent)"""
        )
        assert cut == [], width
        if width > 600:
            assert opened.evaluate(
                "({ scrollWidth, clientWidth }) => scrollWidth <= clientWidth", opened.query_selector(".mf-lab-matrix")
            )
            assert opened.evaluate("document.querySelector('.mf-lab').offsetHeight <= 620")


@pytest.mark.browser
@pytest.mark.parametrize("virtual_server", ["", "Front door"])
def test_the_line_to_copy_makes_the_same_verdicts(chromium: "Browser", tmp_path: Path, virtual_server: str) -> None:
    """For every combination of settings: the code runs, and every cell is what the changed organization says."""
    organization = ORGANIZATION
    if virtual_server:
        server = organization.server["LON01"]
        second = replace(server.virtual_servers[0], name=virtual_server, port=2525)
        organization = replace(
            organization, servers=(replace(server, virtual_servers=(*server.virtual_servers, second)),)
        )
    path = mailflow.page(mailflow.relay_lab(organization, virtual_server=virtual_server), tmp_path / "lab.html")
    table = relay_matrix(organization, "LON01", virtual_server)
    combinations = list(product(*(range(len(item["options"])) for item in table["settings"])))
    with opened_page(chromium, path, ".mf-lab-verdict code", width=966, height=700) as page:
        codes = page.evaluate(
            """combinations => combinations.map((options) => {
              const { chosen, table } = relayLab;
              table.settings.forEach(({ key }, at) => { chosen.settings[key] = options[at]; });
              relayLab.draw();
              return document.querySelector(".mf-lab-code pre").textContent;
            })""",
            combinations,
        )
    assert len(set(codes)) == len(combinations)
    width = len(table["clients"]) * len(table["recipients"])
    for number, code in enumerate(codes):
        names = {"mailflow": mailflow, "organization": organization}
        exec(code, names)
        changed = names["organization"]
        assert isinstance(changed, mailflow.Organization)
        told = [table["verdicts"][cell]["reply"] for cell in table["cells"][number * width : (number + 1) * width]]
        made = [
            decide(
                changed, "LON01", Attempt(person["ip"], to["address"], **standing), virtual_server=virtual_server
            ).reply.rstrip()
            for (person, standing), to in product(clients_of(), table["recipients"])
        ]
        assert made == told, code


def test_ways_are_worked_out_from_all_combinations_and_not_known_beforehand() -> None:
    table = relay_matrix(ORGANIZATION, "LON01")
    assert len(table["ways"]) == 3
    sizes = [len(item["options"]) for item in table["settings"]]
    for number, options in enumerate(product(*map(range, sizes))):
        changed = [place for place, option in enumerate(options) if option != table["settings"][place]["start"]]
        way = table["way"][number]
        assert way < 0 or table["open"][number], "what is closed is no way"
        if table["open"][number] and len(changed) == 1:
            assert table["settings"][changed[0]]["label"] in table["ways"][way]
    wide = mailflow.reconfigure(ORGANIZATION, "LON01", relay_mode="all except the list below")
    already = relay_matrix(wide, "LON01")
    assert already["ways"] == []
    assert set(already["way"]) == {-1}
    shut = mailflow.reconfigure(ORGANIZATION, "LON01", anonymous=False)
    assert all(label.startswith("Anonymous access: yes; ") for label in relay_matrix(shut, "LON01")["ways"])


def test_whether_strangers_can_write_to_us() -> None:
    table = relay_matrix(ORGANIZATION, "LON01")
    half = len(table["incoming"]) // 2
    accepted = [table["verdicts"][index]["accepted"] for index in table["incoming"]]
    assert accepted == [True] * half + [False] * half, "anonymous access turns slowest"


def test_what_was_found_can_be_read_in_python() -> None:
    shown = mailflow.relay_lab(ORGANIZATION)
    assert shown.found == []
    shown.found = [1]
    assert shown.get_state()["found"] == [1]
