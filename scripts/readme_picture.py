"""Take the picture of the player that README.md begins with.

    python scripts/readme_picture.py

Needs Chromium, and Playwright from the developers' packages. Writes ``docs/player.png``.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright

import mailflow

ROOT = Path(__file__).resolve().parent.parent
TO = ["pierre@contoso.com", "kim@fabrikam.com"]
SHOWN = "queuing.routed"
WIDTH = 1000


def main() -> int:
    """Open a run as a page, go to the step at which a message is routed, and take the picture."""
    chromium = os.environ.get("CHROMIUM") or shutil.which("chromium")
    message = mailflow.Message.write("anna@contoso.com", TO, subject="Lunch?")
    trace = mailflow.Scenario(mailflow.load("two sites")).send(message).run()
    step = next(event.number for event in trace if event.step.key == SHOWN)
    beats = sum(beat.at < step for beat in mailflow.story(trace).beats)
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        path = mailflow.page(trace, Path(folder, "page.html"))
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        view = browser.new_page(viewport={"width": WIDTH, "height": 768})
        view.goto(path.as_uri())
        view.locator(".mf").focus()
        for _ in range(beats):
            view.keyboard.press("ArrowRight")
        view.evaluate("document.activeElement.blur()")  # no focus ring in a picture
        view.wait_for_timeout(1000)
        view.locator(".mf").screenshot(path=ROOT / "docs" / "player.png")
        browser.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
