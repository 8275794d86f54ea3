"""The bundles: small, and what the sources give."""

import gzip
import json
from pathlib import Path

import pytest

from mailflow.player.source import bundle
from scripts import player_bundle
from scripts.node import ROOT

LOCK = json.loads((ROOT / "package-lock.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize(("name", "most"), [("main", 36_000), ("main_link_state", 44_600), ("relay_lab", 5_300)])
def test_a_bundle_with_its_style_is_small(name: str, most: int) -> None:
    """The aim is 30, 40 and 8 KB; what is added has to be taken away elsewhere."""
    assert len(gzip.compress((bundle(f"{name}.js") + bundle(f"{name}.css")).encode(), 9)) <= most


def test_the_bundles_are_what_the_sources_give() -> None:
    assert player_bundle.stale() == []


def test_a_stale_bundle_is_noticed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, content in player_bundle.contents(player_bundle.BUNDLE).items():
        (tmp_path / name).write_bytes(content)
    (tmp_path / "page.js").write_bytes(b"old")
    (tmp_path / "forgotten.js").write_bytes(b"")
    monkeypatch.setattr(player_bundle, "BUNDLE", tmp_path)
    assert player_bundle.main(["--check"]) == 1
    assert "stale bundles of the player: forgotten.js, page.js. Run: make player" in capsys.readouterr().err


def test_the_packages_are_pinned_with_hashes_and_without_addresses() -> None:
    text = (ROOT / "package-lock.json").read_text(encoding="utf-8")
    assert "://" not in text
    assert all("integrity" in item for path, item in LOCK["packages"].items() if path)
    wanted = json.loads((ROOT / "package.json").read_text(encoding="utf-8"))["devDependencies"]
    assert {LOCK["packages"][f"node_modules/{name}"]["version"] for name in wanted} == set(wanted.values())
