"""`make lab` as the first command: how long until a learner sees the picture, and what is left behind."""

import os
import shutil
import signal
import socket
import subprocess
import time
import urllib.request

import pytest

from tests.doors.conftest import Door, Stopwatch

FIRST = ".mf, .jp-OutputArea-output img"
"""The player, or the picture that stands for it until its cell is run."""


def last_line(process: subprocess.Popen[str], seconds: float = 280) -> list[str]:
    """The address, which is the last line that `make lab` prints while it goes on."""
    assert process.stdout
    lines: list[str] = []
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        line = process.stdout.readline()
        assert line, f"make lab ended: {''.join(lines)}"
        lines.append(line.strip())
        if lines[-1].startswith("http://127.0.0.1:"):
            return lines
    raise AssertionError(lines)


def seen(address: str) -> None:
    """Wait until a browser shows the first picture."""
    sync_api = pytest.importorskip("playwright.sync_api")
    chromium = os.environ.get("CHROMIUM") or shutil.which("chromium")
    if not chromium:
        pytest.skip("no Chromium")
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 1366, "height": 768})
        page.goto(address)
        page.wait_for_selector(FIRST, timeout=60_000, state="attached")
        browser.close()


def ended(process: subprocess.Popen[str]) -> None:
    os.killpg(process.pid, signal.SIGTERM)
    process.communicate(timeout=30)


@pytest.mark.browser
@pytest.mark.parametrize(("way", "at_most"), [("uv", 15), ("clone", 60)])
def test_from_the_first_command_to_the_first_picture(way: str, at_most: float, request: pytest.FixtureRequest) -> None:
    door = request.getfixturevalue(way)
    door.environment = {name: value for name, value in door.environment.items() if "DISPLAY" not in name}
    for number, (name, limit) in enumerate({"first": at_most, "second": 8}.items()):
        watch = Stopwatch()
        process = door.start("lab")
        try:
            lines = last_line(process)
            assert len(lines) < 40
            if hasattr(os, "geteuid") and os.geteuid() == 0:
                assert any("you are root" in line for line in lines)
            seen(lines[-1])
            print(f"\ndoors: {way}: the {name} start shows its picture after {watch.seconds:.1f} s (aim: {limit} s)")
            assert watch.seconds < 3 * limit
        finally:
            ended(process)
        if not number:
            assert clean(door), "learning leaves the checkout as it was"


def clean(door: Door) -> bool:
    done = subprocess.run(["git", "status", "--porcelain"], cwd=door.folder, capture_output=True, text=True)
    return done.returncode == 0 and not done.stdout


def test_a_busy_port_takes_the_next(uv: Door) -> None:
    with socket.socket() as busy:
        try:
            busy.bind(("127.0.0.1", 8888))
            busy.listen()
        except OSError:
            pass  # somebody else has it: as good
        process = uv.start("lab")
        try:
            address = last_line(process)[-1]
            assert ":8888/" not in address
            with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(address, timeout=20) as answer:
                assert answer.status == 200
        finally:
            ended(process)
