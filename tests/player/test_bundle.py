"""The bundles: small, and what the sources give."""

import gzip
import json
import shutil
from pathlib import Path

import pytest

from mailflow.player.source import bundle
from scripts import player_bundle
from scripts.node import ROOT

LOCK = json.loads((ROOT / "package-lock.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    ("names", "most"),
    [
        (["main"], 30_000),
        (["main", "part_link_state"], 40_000),
        (["relay_lab"], 8_000),
        (["main", "part_tables", "part_save"], 33_500),
        (["main", *player_bundle.PARTS], 47_000),
    ],
)
def test_bundles_with_their_styles_are_small(names: list[str], most: int) -> None:
    """What every player is; with link state; the relay lab; with what waits for a click; and with every part."""
    text = "".join(bundle(f"{name}.{kind}") for kind in ("js", "css") for name in names)
    assert len(gzip.compress(text.encode(), 9)) <= most


def test_a_part_takes_only_what_the_player_gives(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    sources = tmp_path / "sources"
    for kind in ("js", "css"):
        shutil.copytree(player_bundle.PLAYER / kind, sources / kind)
    shared = sources / "js" / "shared.js"
    text = shared.read_text(encoding="utf-8")
    shared.write_text(text.replace('export { carrierOf } from "./session.js";\n', ""), encoding="utf-8")
    monkeypatch.setattr(player_bundle, "PLAYER", sources)
    monkeypatch.setattr(player_bundle, "BUNDLE", tmp_path)
    assert player_bundle.main([]) == 1
    assert capsys.readouterr().err == "mailflow: part_link_state takes carrierOf from the player; add it to shared.js\n"


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
