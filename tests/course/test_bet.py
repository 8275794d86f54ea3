"""A bet asks first: what is stored shows no answer before the choice, and the first choice counts."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import mailflow
from mailflow.course.progress import Progress
from mailflow.player import bet_widget
from mailflow.player.bet_widget import Bet
from mailflow.player.widget import STUB
from tests.pages import opened_page

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

COPIES = {"one copy": 1, "two <copies>": 2}


def placed(answer: object = 2, **more: str) -> Bet:
    return mailflow.bet("03 copies", "How many copies?", COPIES, answer, **more)


def html_of(made: Bet) -> str:
    return str(made._repr_mimebundle_()[0]["text/html"])


def test_the_plain_text_is_the_question_alone() -> None:
    bet_widget._code.cache_clear()
    made = placed(why="Because.", show="m1.1\nm1.2")
    assert repr(made) == "Bet: How many copies?\n  1 one copy\n  2 two <copies>"
    assert made._repr_mimebundle_()[0]["text/plain"] == repr(made)


def test_the_answer_is_folded_and_every_text_is_escaped() -> None:
    text = html_of(placed(why="1 < 2.", show="<b>m1.1</b>"))
    open_to_all, folded = text.split("<details><summary>Answer</summary>")
    assert "m1.1" not in open_to_all
    assert "<p><b>two &lt;copies&gt;.</b> 1 &lt; 2.</p><pre>&lt;b&gt;m1.1&lt;/b&gt;</pre></details>" in folded
    assert "<pre>" not in html_of(placed())


def test_the_answer_may_be_a_function_and_the_reason_an_event() -> None:
    message = mailflow.Message.write("anna@contoso.com", "ben@contoso.com")
    trace = mailflow.Scenario(mailflow.load("one server")).send(message).run()
    made = mailflow.bet("03 where", "Where?", ["A", "B"], lambda: "B", why=trace[0], show={"m1": [1, 2]})
    (item,) = made.asked
    assert (item.right, item.why, item.shown) == (2, trace[0].sentence, "{'m1': [1, 2]}")


def test_the_first_choice_is_kept_and_shown_again() -> None:
    made = placed()
    assert (made.chosen, Progress.here().bet("03 copies")) == ([0], 0)
    made.chosen = [2]
    made.chosen = [1]
    made.chosen = [0]
    assert placed().chosen == [2]
    assert Progress.here().bets("03") == Progress.here().bets() == (1, 1)
    assert Progress.here().bets("04") == (0, 0)
    assert "Bets: 1 of 1 right." in repr(mailflow.progress("03"))
    assert "Bets" not in repr(mailflow.progress("04"))


@pytest.mark.parametrize(
    ("kept", "count"), [('"7"', 0), ('{"choice": "two", "right": false}', 0), ('{"choice": 9, "right": false}', 1)]
)
def test_what_somebody_wrote_into_the_file_is_no_choice(learner: Path, kept: str, count: int) -> None:
    learner.write_text(f'{{"format": 1, "bets": {{"03 copies": {kept}}}}}', encoding="utf-8")
    assert placed().chosen == [0]
    assert Progress.here().bets() == (0, count)


@pytest.fixture
def opened(chromium: "Browser", tmp_path: Path) -> "Iterator[Page]":
    """Two bets on a page, as a notebook shows them, with models that remember what is set."""
    made = [placed(show="m1.1\nm1.2", why="<i>Forms</i> differ."), placed(1)]
    code = {name: getattr(made[0].code, name) for name in ("source", "style", "key")}
    path = tmp_path / "bets.html"
    path.write_text(
        f"""<!doctype html><html lang="en"><meta charset="utf-8"><title>Bets</title>
<main><div id="one"></div><div id="two"></div></main><script type="module">
{STUB.replace("export default", "const stub =")}
const code = {json.dumps(code)};
const manager = {{ get_model: async () => ({{ get: (name) => code[name] }}) }};
globalThis.models = {json.dumps([item.told for item in made])}.map((told) => ({{
  told, chosen: [0], saved: 0, code: "IPY_MODEL_code", widget_manager: manager,
  get(name) {{ return this[name]; }}, set(name, value) {{ this[name] = value; }}, save_changes() {{ this.saved += 1; }},
}}));
globalThis.ends = [];
for (const [at, model] of models.entries()) ends.push(await stub.render({{ model, el: document.querySelectorAll("main > div")[at] }}));
</script></html>""",
        encoding="utf-8",
    )
    with opened_page(chromium, path, "#two .mf-bet", width=700, height=500) as page:
        yield page


@pytest.mark.browser
def test_a_bet_by_keyboard_and_all_answers_at_once(opened: "Page") -> None:
    first, second = opened.locator("#one .mf-bet"), opened.locator("#two .mf-bet")
    assert "m1.1" not in first.inner_text()
    opened.keyboard.press("Tab")
    opened.keyboard.press("Enter")
    assert "Not so. Right is: two <copies>. <i>Forms</i> differ." in first.inner_text()
    assert "m1.2" in first.inner_text()
    opened.add_style_tag(content="pre { word-break: break-all }")  # as JupyterLab does for all outputs
    assert first.locator("pre").evaluate("shown => getComputedStyle(shown).wordBreak") == "normal", "no word is broken"
    assert opened.evaluate("document.activeElement.textContent").startswith("✘ "), "the keys stay where they were"
    opened.keyboard.press("Enter")
    opened.keyboard.press("Tab")
    opened.keyboard.press("Space")
    assert opened.evaluate("[models[0].chosen, models[0].saved]") == [[1], 1]
    keys = opened.locator(".mf-bet-keys")
    assert keys.inner_text().startswith("By keyboard: Tab leads from the cell into its bet, a number or Enter answers")
    assert keys.count() == opened.locator(".mf-bet-all").count() == 1
    opened.locator(".mf-bet-all").click()
    assert "The answer: one copy." in second.inner_text()
    assert "Not so" in first.inner_text()
    assert opened.evaluate("[models[1].chosen, models[1].saved]") == [[0], 0]
    assert opened.evaluate("ends.map((end) => typeof end)") == ["function"] * 2


HEARD = """() => {
  globalThis.heard = [];
  // As JupyterLab does: it passes over a key of whatever lies in something with this mark.
  const hear = ({ key, target }) => target.closest("[data-lm-suppress-shortcuts]") || heard.push(key);
  document.addEventListener("keydown", hear, true);
}"""


@pytest.mark.browser
def test_a_number_answers_and_no_shortcut_of_the_notebook_fires_from_a_bet(opened: "Page") -> None:
    first, second = opened.locator("#one .mf-bet"), opened.locator("#two .mf-bet")
    opened.keyboard.press("Tab")
    opened.evaluate(HEARD)
    for key in ("b", "a", "x", "d", "d", "m", "y", "3", "0", "ArrowDown", "ArrowDown", "ArrowUp"):
        opened.keyboard.press(key)
    assert opened.evaluate("document.activeElement.textContent") == "two <copies>"
    assert opened.evaluate("models[0].chosen") == [0]
    opened.keyboard.press("2")
    assert "Right: two <copies>." in first.inner_text()
    opened.keyboard.press("1")
    assert opened.evaluate("[models[0].chosen, models[0].saved]") == [[2], 1], "the first choice counts"
    assert opened.evaluate("heard") == []
    for key in ("Shift+Enter", "Control+Enter", "Control+s"):
        opened.keyboard.press(key)
    assert opened.evaluate("heard") == ["Enter", "Enter", "s"]
    opened.keyboard.press("Alt+1")
    opened.keyboard.press("Escape")
    assert opened.evaluate("document.activeElement === document.body")
    second.locator("button").first.focus()
    opened.keyboard.press("b")
    assert opened.evaluate("heard").count("b") == 0
