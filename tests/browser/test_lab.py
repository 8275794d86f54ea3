"""The course as a learner meets it: a notebook in JupyterLab, in a real browser."""

import xml.etree.ElementTree as ET

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Shoot
from tests.pages import serious

pytestmark = [pytest.mark.browser, pytest.mark.timeout(400)]

NOTEBOOK = "notebooks/00-start-here.ipynb"


ACTIVE = "el => el.closest('.jp-Cell').classList.contains('jp-mod-active')"

PATIENCE = 180_000
"""Milliseconds: on a machine that does other work too, JupyterLab takes its time to start a kernel."""

CELLS = "jupyterapp.shell.currentWidget.content.widgets.length"
PLAYERS = """jupyterapp.shell.currentWidget.content.widgets.flatMap(
  (cell, index) => cell.model.sharedModel.source.includes("mailflow.play(") ? [index] : [])"""

KERNEL = "jupyterapp.shell.currentWidget?.sessionContext?.session?.kernel?.status"


def open_notebook(page: Page, lab: str, name: str = NOTEBOOK) -> None:
    page.goto(f"{lab}/lab/tree/{name}?reset", timeout=PATIENCE)
    page.wait_for_selector(".jp-Notebook .jp-MarkdownOutput h1", timeout=PATIENCE)


def begin_all(page: Page) -> None:
    """Choose *Run All Cells*, as soon as the kernel can hear of it: before that, the choice is lost without a word."""
    page.wait_for_function(f"{KERNEL} === 'idle'", timeout=PATIENCE)
    page.get_by_role("menuitem", name="Run", exact=True).click()
    page.get_by_role("menuitem", name="Run All Cells", exact=True).click()


def run_all(page: Page) -> None:
    begin_all(page)
    page.wait_for_selector(".mf-sentence", state="attached", timeout=PATIENCE)
    page.wait_for_function(
        f"{KERNEL} === 'idle' && !document.querySelector('.jp-Notebook-ExecutionIndicator[data-status=busy]')",
        timeout=PATIENCE,
    )


def test_a_notebook_that_was_not_run_shows_a_picture(page: Page, lab: str, shoot: Shoot) -> None:
    open_notebook(page, lab)
    page.wait_for_selector(".jp-OutputArea-output figure img, .mf-sentence", state="attached")
    assert "model not found" not in page.content().lower()
    shoot(page, "lab-not-run")


def test_run_all_step_both_ways_and_predict(page: Page, lab: str, shoot: Shoot, errors: list[str]) -> None:
    open_notebook(page, lab)
    run_all(page)
    player = player_of(page, 0)
    shoot(page, "lab-light")
    first = player.locator(".mf-sentence").inner_text()
    player.get_by_role("button", name="On (right arrow)").click()
    second = player.locator(".mf-sentence").inner_text()
    assert first != second
    player.get_by_role("button", name="Back (left arrow)").click()
    assert player.locator(".mf-sentence").inner_text() == first
    with page.expect_download() as download:
        player.press("g")
    picture = ET.fromstring(download.value.path().read_text(encoding="utf-8"))
    assert picture.findtext("{http://www.w3.org/2000/svg}desc") == first, (
        "the picture is saved, and no cell hears the key"
    )
    on_to_a_bet(player)
    shoot(page, "lab-asked")
    player.locator(".mf-option").first.click()
    assert player.locator(".mf-right, .mf-wrong").count() == 1
    shoot(page, "lab-answered")
    assert errors == []


def player_of(page: Page, number: int) -> Locator:
    """A player of the notebook by its number, in sight: JupyterLab draws only the cells around the window.

    It draws a cell that comes into sight once more, so this waits until the player is the same one for a while.
    """
    index = page.evaluate(PLAYERS)[number]
    page.evaluate("index => jupyterapp.shell.currentWidget.content.scrollToItem(index, 'center')", index)
    player = page.locator(f'[data-windowed-list-index="{index}"] .mf')
    player.wait_for(state="attached")
    player.scroll_into_view_if_needed()
    for _ in range(20):
        drawn = player.element_handle()
        page.wait_for_timeout(500)
        if drawn.evaluate("el => el.isConnected"):
            break
    return player


def on_to_a_bet(player: Locator) -> None:
    """By keyboard from decision to decision until a bet is offered, which has the focus then.

    The player is given the keys anew each time: JupyterLab draws a cell that has just come into sight once more, without the focus.
    """
    for _ in range(30):
        player.press("n")
        if player.locator(".mf-option").count():
            expect(player.locator(".mf-option").first).to_be_focused()
            return
    raise AssertionError("no bet is offered")


def test_keyboard_alone_plays_and_the_notebook_keeps_its_cells(page: Page, lab: str) -> None:
    open_notebook(page, lab)
    run_all(page)
    player = player_of(page, 1)
    player.focus()
    cells = page.evaluate(CELLS)
    counter = player.locator(".mf-counter").first
    start = counter.inner_text()
    page.keyboard.press("ArrowRight")
    assert counter.inner_text() != start
    page.keyboard.press("Home")
    assert counter.inner_text() == start
    for key in ("b", "a", "m", "d", "d", "x"):
        page.keyboard.press(key)
    assert page.evaluate(CELLS) == cells, "no shortcut of the notebook may fire from inside the player"
    page.keyboard.press("1")
    assert player.get_by_role("button", name="Map view").get_attribute("aria-pressed") == "true"
    player = player_of(page, 0)
    on_to_a_bet(player)
    for key in ("ArrowDown", "ArrowRight", "b", "d", "d"):
        page.keyboard.press(key)
    options = player.locator(".mf-option")
    expect(options.nth(2 % options.count())).to_be_focused()
    page.keyboard.press("1")
    assert player.locator(".mf-right, .mf-wrong").count() == 1
    player.get_by_role("button", name="Share this step as a text (s)").focus()
    for key in ("b", "d", "d", "2", "m", "y", "ArrowLeft"):
        page.keyboard.press(key)
    assert page.evaluate(CELLS) == cells, "nor may one fire from a control inside it"
    assert player.evaluate(ACTIVE) is True, "nor may the notebook move on"
    bet = page.locator(".mf-bet").first
    scroll_to(page, bet)
    bet.get_by_role("button").first.focus()
    for key in ("b", "a", "x", "d", "d", "m", "y", "ArrowDown", "j"):
        page.keyboard.press(key)
    assert page.evaluate(CELLS) == cells, "nor from a bet in the prose"
    expect(bet.get_by_role("button").nth(1)).to_be_focused()
    page.keyboard.press("1")
    expect(bet.locator(".mf-bet-verdict")).to_be_visible()
    page.evaluate("jupyterapp.shell.currentWidget.content.activeCell.model.setMetadata('seen', true)")
    page.keyboard.press("Control+s")
    page.wait_for_function("jupyterapp.shell.currentWidget.context.model.dirty === false")
    assert bet.evaluate(ACTIVE) is True
    page.keyboard.press("Escape")
    page.keyboard.press("ArrowDown")
    assert bet.evaluate(ACTIVE) is False, "the keys are the notebook's again"


def go_dark(page: Page) -> None:
    """As the system of the reader does: the course asks JupyterLab to follow it."""
    page.emulate_media(color_scheme="dark")
    page.wait_for_selector("body[data-jp-theme-light=false]", state="attached")
    page.wait_for_timeout(500)


def background(player: Locator) -> list[int]:
    """The colour behind a player: red, green, blue."""
    text = player.evaluate("el => getComputedStyle(el).backgroundColor")
    return [int(part) for part in text.strip("rgb()").split(",")[:3]]


def test_light_and_dark_axe_finds_nothing_serious_in_any_player(page: Page, lab: str, shoot: Shoot) -> None:
    open_notebook(page, lab)
    run_all(page)
    players = page.locator(".mf")
    for number in range(players.count()):
        players.nth(number).scroll_into_view_if_needed()
    assert serious(page, context=".mf") == []
    players.first.scroll_into_view_if_needed()
    assert sum(background(players.first)) > 600
    go_dark(page)
    for number in range(players.count()):
        players.nth(number).scroll_into_view_if_needed()
    assert serious(page, context=".mf") == []
    players.first.scroll_into_view_if_needed()
    shoot(page, "lab-dark")
    assert sum(background(players.first)) < 200


def test_run_saved_and_reopened_without_a_kernel_it_still_plays(page: Page, lab: str, shoot: Shoot) -> None:
    open_notebook(page, lab)
    run_all(page)
    first = page.locator(".mf").first
    scroll_to(page, first)
    for _ in range(2):
        first.get_by_role("button", name="On (right arrow)").click()
    first.get_by_label("How much is told").select_option("everything")
    first.get_by_role("button", name="On (right arrow)").click()
    left = first.locator(".mf-sentence").inner_text()
    page.wait_for_timeout(300)
    page.evaluate("jupyterapp.commands.execute('docmanager:save')")
    page.wait_for_function(
        "async () => (await (await fetch('/api/contents/notebooks/00-start-here.ipynb')).json()).content.metadata.widgets"
    )
    page.evaluate(
        """async () => {
          const xsrf = document.cookie.match(/_xsrf=([^;]+)/)?.[1] ?? "";
          for (const item of await (await fetch("/api/sessions")).json())
            await fetch("/api/sessions/" + item.id, { method: "DELETE", headers: { "X-XSRFToken": xsrf } });
        }"""
    )
    assert page.evaluate("async () => (await (await fetch('/api/kernels')).json()).length") == 0
    page.goto(f"{lab}/lab/tree/{NOTEBOOK}?reset")
    player = page.locator(".mf").first
    lost = page.locator(".jp-OutputArea-output", has_text="model not found")
    player.locator(".mf-sentence").or_(lost).first.wait_for()
    if lost.count():  # the widget manager asks a kernel that still starts, and gives up: README says what helps
        page.reload()
    player.locator(".mf-sentence").wait_for()
    assert "model not found" not in page.content().lower()
    before = player.locator(".mf-sentence").inner_text()
    assert before == left, "it opens at the step that was saved"
    assert player.get_by_label("How much is told").input_value() == "everything", "and is told as closely"
    player.get_by_role("button", name="Back (left arrow)").click()
    assert player.locator(".mf-sentence").inner_text() != before
    shoot(page, "lab-reopened")


def scroll_to(page: Page, target: Locator) -> None:
    """JupyterLab draws cells only near the window and may draw them anew while it settles: scroll until it stands."""
    for _ in range(120):
        if target.is_visible():
            page.wait_for_timeout(300)
            if target.is_visible():
                target.scroll_into_view_if_needed()
                return
        page.locator(".jp-WindowedPanel-outer").first.hover()
        page.mouse.wheel(0, 600)
        page.wait_for_timeout(200)
    raise AssertionError(f"{target} never came into view")


def first_shown(page: Page, lab: str, notebook: str, what: str) -> Locator:
    """Run a notebook and bring the first of something into view."""
    open_notebook(page, lab, notebook)
    run_all(page)
    found = page.locator(what).first
    scroll_to(page, found)
    return found


def test_the_relay_lab_works_inside_the_notebook(page: Page, lab: str, shoot: Shoot, errors: list[str]) -> None:
    relay = first_shown(page, lab, "notebooks/06-relaying.ipynb", ".mf-lab")
    verdict = relay.locator(".mf-lab-verdict code")
    expect(verdict).to_have_text("550 5.7.1 Unable to relay for victim@elsewhere.example", timeout=30_000)
    relay.get_by_label("The list of computers names").select_option("all except the list below")
    expect(verdict).to_have_text("250 2.1.5 victim@elsewhere.example", timeout=30_000)
    expect(relay.locator(".mf-lab-banner").first).to_contain_text("This is an open relay")
    expect(relay.locator(".mf-lab-ways h3")).to_have_text("1 of 3 ways to an open relay found")
    cells = page.evaluate(CELLS)
    relay.locator('[data-cell="stranger foreign"]').focus()
    for key in ("ArrowDown", "b", "d", "d"):
        page.keyboard.press(key)
    expect(relay.locator(".mf-lab-rules h3")).to_contain_text("The branch printer to")
    assert page.evaluate(CELLS) == cells, "no shortcut of the notebook may fire from inside the relay lab"
    shoot(page, "lab-relay")
    assert errors == []


def test_breaking_a_link_by_keyboard_and_mouse_and_undoing_it(
    page: Page, lab: str, shoot: Shoot, errors: list[str]
) -> None:
    player = first_shown(page, lab, "notebooks/09-when-links-fail.ipynb", ".mf")
    status = player.locator(".mf-told")
    counter = player.locator(".mf-controls .mf-counter").first
    player.get_by_label("How much is told").select_option("everything")
    player.get_by_role("button", name="On (right arrow)").click()
    before = counter.inner_text()
    player.locator('[data-breaks="Seattle-London"]').first.focus()
    page.keyboard.press("Enter")
    expect(status).to_contain_text("Seattle-London goes down now")
    expect(status).to_contain_text("Seattle-London goes down at", timeout=60_000)
    expect(counter).not_to_have_text(before, timeout=60_000)
    assert counter.inner_text().split(" of ")[0] == before.split(" of ")[0], "the step stays, the run is another one"
    player.get_by_role("button", name="The script so far, to copy").click()
    expect(player.get_by_label("The script so far", exact=True)).to_contain_text("scenario.fail('Seattle-London'")
    shoot(page, "lab-broken")
    page.keyboard.press("Escape")
    for number, (name, told) in enumerate(
        (("Tokyo-Brussels", "comes back"), ("LON01", "goes down"), ("routing engine of SEA01", "goes down")), start=2
    ):
        player.get_by_label("What to take down or bring back").select_option(name)
        player.locator("[data-key=now]").click()
        expect(status).to_contain_text(f"{name} {told} at", timeout=60_000)
        expect(player.get_by_role("button", name=f"Undo ({number})")).to_be_visible(timeout=60_000)
    for number in (4, 3, 2, 1):
        player.get_by_role("button", name=f"Undo ({number})").click(timeout=60_000)
    expect(player.get_by_role("button", name="Undo", exact=True)).to_be_disabled(timeout=60_000)
    player.get_by_role("button", name="Redo (4)").click()
    expect(player.get_by_role("button", name="Undo (1)")).to_be_visible(timeout=60_000)
    player.get_by_role("button", name="Undo (1)").click()
    expect(counter).to_have_text(before, timeout=60_000)
    assert errors == []
