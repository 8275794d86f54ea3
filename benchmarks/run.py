"""Measure what a person waits for, and print a table: `make bench`.

Figures are ratios within one run wherever that is possible, because machines are noisy. ``--quick`` leaves out the long
ones.
"""

from __future__ import annotations

import gc
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

import simpy

import mailflow

ROOT = Path(__file__).resolve().parent.parent
CHROMIUM = Path(os.environ.get("CHROMIUM", "/usr/bin/chromium"))


def row(what: str, figure: str) -> None:
    print(f"{what:58} {figure}", flush=True)


def fresh(code: str) -> tuple[float, float]:
    """Seconds and peak megabytes of a fresh interpreter, medians of five."""
    seconds, peaks = [], []
    script = f"{code}\nimport resource; print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)"
    for _ in range(5):
        start = time.perf_counter()
        done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, cwd=ROOT)
        seconds.append(time.perf_counter() - start)
        peaks.append(float(done.stdout.split()[-1]))
    return median(seconds), median(peaks)


def imports() -> None:
    bare, bare_memory = fresh("")
    for what, code in (
        ("import mailflow", "import mailflow"),
        ("load and run one message", RUN),
        ("the same, with the player", RUN + "\nmailflow.play(trace)"),
    ):
        seconds, memory = fresh(code)
        row(f"{what}, over bare Python", f"{1000 * (seconds - bare):6.0f} ms  {memory - bare_memory:6.1f} MB")


RUN = """import mailflow
trace = mailflow.Scenario(mailflow.load("two servers")).send(mailflow.Message.write("anna@contoso.com",
"ben@contoso.com")).run()"""


def plain(messages: int, events: int, gap: float) -> float:
    """Seconds that plain SimPy needs for the same number of events, in as many processes."""
    environment = simpy.Environment()

    def process():
        for _ in range(events // messages):
            yield environment.timeout(0.01)

    def drive():
        for _ in range(messages):
            environment.process(process())
            yield environment.timeout(gap)

    start = time.process_time()
    environment.process(drive())
    environment.run()
    return time.process_time() - start


def pipeline(name: str, messages: int, gap: float = 0.02) -> None:
    """The least time of several runs beside the least time of plain SimPy, in turns: both meet the same noise."""
    message = mailflow.Message.write("anna@contoso.com", "ben@contoso.com")
    scenario = mailflow.Scenario(mailflow.load(name))
    for number in range(messages):
        scenario.send(message, at=number * gap)
    ours, theirs = [], []
    for _ in range(max(2, min(20, 20_000 // messages))):
        trace = None
        gc.collect()
        start = time.process_time()
        trace = scenario.run()
        ours.append(time.process_time() - start)
        theirs.append(plain(messages, len(trace), gap))
    each = min(ours) / messages
    figure = f"{1 / each:7.0f} messages/s  {1e6 * each:5.0f} us each  {min(ours) / min(theirs):4.1f} times plain SimPy"
    row(f"{name}, {messages:,} messages, {len(trace):,} events", figure)


def sizes() -> None:
    folder = ROOT / "mailflow" / "player"
    row(
        "player.js + player.css",
        f"{sum((folder / name).stat().st_size for name in ('player.js', 'player.css')) / 1000:6.1f} KB",
    )
    for path in sorted((ROOT / "notebooks").glob("*.ipynb")):
        row(path.name, f"{path.stat().st_size / 1000:6.1f} KB")
    message = mailflow.Message.write("anna@contoso.com", "ben@contoso.com")
    trace = mailflow.Scenario(mailflow.load("two servers")).send(message).run()
    row(f"trace of {len(trace)} events as JSON", f"{len(trace.to_json()) / 1000:6.1f} KB")


PAINT = """async () => {
  const frame = () => new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
  const work = [], painted = [];
  for (let i = 0; i < 60; i += 1) {
    await frame();
    const start = performance.now();
    player.go(player.cursor + 1);
    work.push(performance.now() - start);
    await frame();
    painted.push(performance.now() - start);
  }
  const middle = (list) => list.sort((a, b) => a - b)[list.length / 2];
  return [middle(work), middle(painted)];
}"""


def browser() -> None:
    if not CHROMIUM.exists():
        row("browser figures", f"left out: no browser at {CHROMIUM}")
        return
    from playwright.sync_api import sync_playwright

    organization = mailflow.load("worldwide")
    message = mailflow.Message.write("anna@contoso.com", ["world@contoso.com", "kim@fabrikam.com"])
    trace = mailflow.Scenario(organization).send(message).run()
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        path = mailflow.page(trace, Path(folder) / "page.html")
        opened = playwright.chromium.launch(executable_path=str(CHROMIUM), args=["--no-sandbox", "--disable-gpu"])
        page = opened.new_page(viewport={"width": 1300, "height": 1000})
        start = time.perf_counter()
        page.goto(path.as_uri())
        page.wait_for_selector(".mf-sentence")
        row(f"static page, {len(trace)} events: to first paint", f"{1000 * (time.perf_counter() - start):6.0f} ms")
        page.evaluate("player.go(100)")
        work, painted = page.evaluate(PAINT)
        row(
            f"one step, {len(organization.servers)} servers, map and server view",
            f"{work:6.1f} ms of work, {painted:6.1f} ms to the next frame",
        )
        opened.close()


def main(arguments: list[str]) -> None:
    imports()
    quick = "--quick" in arguments
    for name in ("one server", "two servers"):
        for messages in (100, 1_000) if quick else (100, 1_000, 10_000):
            pipeline(name, messages)
    if not quick:
        pipeline("one server", 100_000)
    sizes()
    browser()
    row("peak memory of this run", f"{resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:6.0f} MB")


if __name__ == "__main__":
    main(sys.argv[1:])
