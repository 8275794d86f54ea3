"""The recipe of CONTRIBUTING.md for a view, followed as it stands: the view is there, in the browser and for Python."""

import json
import re
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import mailflow
from mailflow.player import source
from mailflow.player.page import html
from mailflow.trace import clock
from scripts import player_bundle
from scripts.node import ROOT
from tests.pages import opened_page

if TYPE_CHECKING:
    from playwright.sync_api import Browser

TEXT = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
RECIPE = re.split(r"^##", TEXT.split("### A view of the player\n", 1)[1], flags=re.MULTILINE)[0]


@pytest.fixture
def bundled(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Bundles of the sources with the view of the recipe."""
    sources, bundles = tmp_path / "sources", tmp_path / "bundle"
    for kind in ("js", "css"):
        shutil.copytree(player_bundle.PLAYER / kind, sources / kind)
    (module,) = re.findall(r"```js\n(.*?)```", RECIPE, re.DOTALL)
    (name,) = re.findall(r"here `(\w+\.js)`", RECIPE)
    (line,) = re.findall(r"`(addView\(.*?\);)`", RECIPE)
    (sources / "js" / name).write_text(module, encoding="utf-8")
    main = sources / "js" / "main.js"
    text = main.read_text(encoding="utf-8")
    main.write_text(f'import {{ ClockView }} from "./{name}";\n{text}{line}\n', encoding="utf-8")
    monkeypatch.setattr(player_bundle, "PLAYER", sources)
    assert player_bundle.build(bundles) == 0
    return bundles


@pytest.mark.browser
def test_a_view_of_the_player(
    chromium: "Browser", bundled: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "Clock" in json.loads((bundled / "views.json").read_text(encoding="utf-8"))
    monkeypatch.setattr(source, "bundle", lambda name: (bundled / name).read_text(encoding="utf-8"))
    letter = mailflow.Message.write("anna@contoso.com", "ben@contoso.com")
    trace = mailflow.Scenario(mailflow.load("one server")).send(letter, at=61.5).run()
    path = tmp_path / "page.html"
    path.write_text(html(trace, views=["Clock"]), encoding="utf-8")
    with opened_page(chromium, path, ".mf-clock-view", width=900, height=700) as page:
        assert page.inner_text(".mf-clock-view") == "00:01:01.500"
        page.evaluate("player.go(player.tape.length - 1)")
        assert page.inner_text(".mf-clock-view") == clock(trace[-1].time)
