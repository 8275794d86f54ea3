"""The course as a learner meets it: a notebook in JupyterLab, in a real browser."""

import pytest

pytestmark = [pytest.mark.browser, pytest.mark.timeout(400)]

NOTEBOOK = "notebooks/00-start-here.ipynb"


def open_notebook(page, lab, name=NOTEBOOK):
    page.goto(f"{lab}/lab/tree/{name}?reset")
    page.wait_for_selector(".jp-Notebook .jp-MarkdownOutput h1")


def run_all(page):
    page.get_by_role("menuitem", name="Run", exact=True).click()
    page.get_by_role("menuitem", name="Run All Cells", exact=True).click()
    page.wait_for_selector(".mf-sentence")
    page.wait_for_function("!document.querySelector('.jp-Notebook-ExecutionIndicator[data-status=busy]')")


def test_a_notebook_that_was_not_run_shows_a_picture(page, lab, shoot):
    open_notebook(page, lab)
    page.wait_for_selector(".jp-OutputArea-output figure img, .mf-sentence", state="attached")
    assert "model not found" not in page.content().lower()
    shoot(page, "lab-not-run")


def test_run_all_step_both_ways_and_predict(page, lab, shoot):
    open_notebook(page, lab)
    run_all(page)
    player = page.locator(".mf").first
    player.scroll_into_view_if_needed()
    shoot(page, "lab-light")
    first = player.locator(".mf-sentence").inner_text()
    player.get_by_role("button", name="One step on (right arrow)").click()
    second = player.locator(".mf-sentence").inner_text()
    assert first != second
    player.get_by_role("button", name="One step back (left arrow)").click()
    assert player.locator(".mf-sentence").inner_text() == first
    player.get_by_role("button", name="To the next decision (n)").click()
    question = player.locator("fieldset")
    question.wait_for()
    question.locator("input").first.check()
    question.get_by_role("button", name="Answer").click()
    assert player.locator(".mf-right, .mf-wrong").count() == 1
    shoot(page, "lab-answered")
    assert page.errors == []


def test_keyboard_alone_plays_and_the_notebook_keeps_its_cells(page, lab):
    open_notebook(page, lab)
    run_all(page)
    player = page.locator(".mf").nth(1)
    player.scroll_into_view_if_needed()
    player.focus()
    cells = page.locator(".jp-Cell").count()
    counter = player.locator(".mf-counter")
    start = counter.inner_text()
    page.keyboard.press("ArrowRight")
    assert counter.inner_text() != start
    page.keyboard.press("Home")
    assert counter.inner_text() == start
    for key in ("b", "a", "m", "d", "d", "x"):
        page.keyboard.press(key)
    assert page.locator(".jp-Cell").count() == cells, "no shortcut of the notebook may fire from inside the player"
    page.keyboard.press("1")
    assert player.get_by_role("button", name="Map view").get_attribute("aria-pressed") == "true"


def test_dark_theme(page, lab, shoot):
    open_notebook(page, lab)
    run_all(page)
    page.evaluate("jupyterapp.commands.execute('apputils:change-theme', { theme: 'JupyterLab Dark' })")
    page.wait_for_selector("body[data-jp-theme-light=false]", state="attached")
    page.wait_for_timeout(500)
    player = page.locator(".mf").first
    player.scroll_into_view_if_needed()
    shoot(page, "lab-dark")
    background = player.evaluate("el => getComputedStyle(el).backgroundColor")
    assert sum(int(part) for part in background.strip("rgb()").split(",")[:3]) < 200, background
