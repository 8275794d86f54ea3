"""What only some players need comes with them alone, and what waits for a click comes with that: as a notebook loads it."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import mailflow
from mailflow.player.layout import layouts
from mailflow.player.source import LATER, PARTS, source
from mailflow.player.widget import STUB, Player, PlayerCode, shared_code
from tests.pages import opened_page

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

LETTER = mailflow.Message.write("anna@contoso.com", "ben@contoso.com")


def scenario(name: str = "one server") -> mailflow.Scenario:
    return mailflow.Scenario(mailflow.load(name)).send(LETTER)


def parts_of(player: Player) -> list[str]:
    """The parts that are sent with a player, which its options name."""
    named = player.options["parts"]
    assert player.parts[: len(named)] == [shared_code(part) for part in named]
    assert player.later == {part: shared_code(part) for part in LATER}
    return [next(name for name in (*PARTS, *LATER) if code is shared_code(name)) for code in player.parts]


def test_a_player_has_the_parts_that_it_needs() -> None:
    trace = scenario().run()
    assert parts_of(mailflow.play(trace)) == []
    assert parts_of(mailflow.play(trace, ask=["queue"])) == ["bets"]
    assert parts_of(mailflow.play(trace, views=["Map", "Tables"])) == ["tables"]
    assert parts_of(mailflow.play(trace, views=["Route"])) == ["link_state"]
    assert parts_of(mailflow.play(trace, route=("LON01", "ben@contoso.com"))) == ["link_state"]
    assert parts_of(mailflow.compare(trace, trace)) == ["compare"]
    assert parts_of(mailflow.compare(trace, trace, views=["Link state"])) == ["compare", "link_state"]
    assert parts_of(mailflow.play(scenario())) == ["link_state"]
    assert parts_of(mailflow.play(scenario(), ask=["queue"])) == ["bets", "link_state"]
    large = mailflow.Scenario(mailflow.grown(30, 2, seed=1)).run(until=1)
    assert parts_of(mailflow.play(large)) == ["groups"]
    assert [plan.level for plan in layouts(large)] == ["groups"]


def test_every_part_is_stored_once_and_belongs_to_this_player() -> None:
    codes = [shared_code(name) for name in ("", *PARTS, *LATER)]
    assert len({code.key for code in codes}) == len(codes)
    assert mailflow.play(scenario().run()).code is codes[0]
    for name in (*PARTS, *LATER):
        assert 'from"mailflow"' in source(name)
    assert '"mailflow"' not in source()


def told(code: PlayerCode) -> dict[str, str]:
    return {name: getattr(code, name) for name in ("source", "style", "key")}


@pytest.fixture
def opened(chromium: "Browser", tmp_path: Path) -> "Iterator[Page]":
    """A player with link state and bets, and below it one with neither, as a notebook shows both."""
    players = [mailflow.play(scenario(), ask=["queue"]), mailflow.play(scenario().run(), views=["Map"])]
    names = ("trace", "other", "beside", "options", "cursor", "answers")
    models = [
        {name: getattr(player, name) for name in names}
        | {"code": "IPY_MODEL_", "parts": [f"IPY_MODEL_{part}" for part in parts_of(player)]}
        | {"later": {part: f"IPY_MODEL_{part}" for part in player.later}}
        for player in players
    ]
    codes = {name: told(shared_code(name)) for name in ("", *PARTS, *LATER)}
    path = tmp_path / "players.html"
    path.write_text(
        f"""<!doctype html><html lang="en"><meta charset="utf-8"><title>Players</title>
<main><div id="one"></div><div id="two"></div></main><script type="module">
{STUB.replace("export default", "const stub =")}
const codes = {json.dumps(codes).replace("<", chr(92) + "u003c")};
globalThis.asked = [];
const manager = {{ get_model: async (name) => {{ asked.push(name); return {{ get: (field) => codes[name][field] }}; }} }};
const models = {json.dumps(models).replace("<", chr(92) + "u003c")}.map((traits) => ({{
  widget_manager: manager, get: (name) => traits[name], set: (name, value) => {{ traits[name] = value; }},
  save_changes: () => {{}}, on: () => {{}}, off: () => {{}}, send: () => {{}},
}}));
for (const [at, model] of models.entries()) await stub.render({{ model, el: document.querySelectorAll("main > div")[at] }});
globalThis.ready = true;
</script></html>""",
        encoding="utf-8",
    )
    with opened_page(chromium, path, "#two .mf-sentence", width=966, height=768, reduced_motion="reduce") as page:
        page.wait_for_function("globalThis.ready")
        yield page


@pytest.mark.browser
def test_players_of_one_page_have_their_own_parts_and_load_the_rest_on_a_click(opened: "Page") -> None:
    first, second = opened.locator("#one"), opened.locator("#two")
    views = ["Map", "Server", "Ladder", "Tables", "Story"]
    assert first.locator(".mf-tabs button").all_inner_texts() == [*views, "Link state"], "no route is asked"
    assert second.locator(".mf-tabs button").all_inner_texts() == views
    assert first.locator(".mf-break").count() == 1
    assert opened.evaluate("asked.filter((name) => name)") == ["bets", "link_state"]
    assert opened.evaluate("document.querySelectorAll('head style').length") == 3
    second.get_by_role("button", name="Tables view").click()
    second.locator(".mf-tables [aria-label='Recipients']").first.wait_for()
    assert second.locator("[aria-label='Tables view']").count() == 2, "the button and the view"
    first.get_by_role("button", name="Tables view").click()
    first.locator(".mf-tables [aria-label='Recipients']").first.wait_for()
    with opened.expect_download() as download:
        second.locator(".mf-sentence").click()
        second.locator(".mf").focus()
        opened.keyboard.press("g")
    assert download.value.suggested_filename == "One-server-step-1.svg"
    assert opened.evaluate("asked.filter((name) => name).slice(2)") == ["tables", "save"]
    assert opened.evaluate("mailflowPlayers.size") == 5
