"""The pages that load themselves anew while the sources of the player are edited."""

import shutil
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from scripts import player_dev


@pytest.fixture
def sources(tmp_path: Path) -> Path:
    for folder in ("js", "css"):
        shutil.copytree(player_dev.SOURCES / folder, tmp_path / "sources" / folder)
    return tmp_path / "sources"


def wait_for(port: int) -> None:
    """Until somebody listens."""
    end = time.monotonic() + 30
    while True:
        try:
            socket.create_connection(("127.0.0.1", port)).close()
        except OSError:
            assert time.monotonic() < end, "nobody listens"
            time.sleep(0.05)
        else:
            return


@pytest.fixture
def address(tmp_path: Path, sources: Path) -> Iterator[str]:
    folder = tmp_path / "served"
    folder.mkdir()
    assert {"two-sites", "relay-lab"} <= set(player_dev.write(folder))
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with player_dev.served(folder, port, sources) as server:
        wait_for(port)
        yield f"http://127.0.0.1:{port}"
        assert server.stdin is not None
        server.stdin.close()
        assert server.wait(20) == 0


@pytest.mark.browser
def test_a_page_loads_itself_anew_and_stays_at_its_step(chromium: Browser, address: str, sources: Path) -> None:
    page = chromium.new_page()
    page.goto(f"{address}/two-sites.html")
    page.wait_for_selector(".mf-sentence")
    step = page.evaluate("player.go(player.levels.stops[3]), player.cursor")
    module = sources / "js" / "controls.js"
    text = module.read_text(encoding="utf-8")
    assert '"|◀"' in text
    module.write_text(text.replace('"|◀"', '"onwards"'), encoding="utf-8")
    page.get_by_role("button", name="To the start (Home)").get_by_text("onwards").wait_for()
    assert page.evaluate("player.cursor") == step
    page.goto(f"{address}/relay-lab.html")
    page.wait_for_selector(".mf-lab-verdict code")
    page.close()
