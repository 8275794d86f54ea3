"""Measure what a person waits for, and print a table: `make bench`.

Figures are ratios within one run wherever that is possible, because machines are noisy. ``--quick`` leaves out the long
ones.
"""

from __future__ import annotations

import gc
import os
import random
import resource
import smtplib
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

import simpy

import mailflow
from mailflow.transport.dns import Resolver, ask_mx
from mailflow.transport.relay import Attempt, decide

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
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


class Nothing:
    """What a listener does at least: take every message and forget it."""

    async def handle_DATA(self, server, session, envelope) -> str:  # noqa: N802 - the name is given by aiosmtpd
        return "250 OK"


def deliver(port: int, messages: int) -> float:
    """Messages a second that one client hands over in one session."""
    with smtplib.SMTP("127.0.0.1", port, local_hostname="client") as client:
        client.ehlo()
        start = time.perf_counter()
        for _ in range(messages):
            client.sendmail("kim@fabrikam.com", ["anna@contoso.com"], b"Subject: x\r\n\r\nHello.\r\n")
        return messages / (time.perf_counter() - start)


def listeners(messages: int) -> None:
    """The real listener beside aiosmtpd with a handler that does nothing, in turns; and how many sessions it holds."""
    from aiosmtpd.controller import Controller

    from mailflow.live import SmtpServer
    from tests.browser.running import free_port

    bare = Controller(Nothing(), hostname="127.0.0.1", port=free_port())
    bare.start()
    with SmtpServer(mailflow.load("one server"), most_messages=10**6) as listener:
        pairs = [(deliver(listener.port, messages), deliver(bare.port, messages)) for _ in range(5)]
        ours, theirs = max(item[0] for item in pairs), max(item[1] for item in pairs)
        row(
            "SMTP listener, one client",
            f"{ours:7.0f} messages/s  {theirs / ours:4.1f} times the time of a bare aiosmtpd",
        )
        idle = [socket.create_connection(("127.0.0.1", listener.port)) for _ in range(450)]
        for connection in idle:
            connection.recv(200)
        row(
            "sessions held at once, and messages/s beside them",
            f"{listener.sessions:7d} {deliver(listener.port, messages):7.0f}",
        )
        for connection in idle:
            connection.close()
    bare.stop()


def decisions() -> None:
    organization = mailflow.load("one server")
    resolver, rng = Resolver(organization.zones), random.Random(0)
    attempt = Attempt("198.41.0.4", "victim@elsewhere.example")
    for what, work in (
        ("relay decision, all ten rules", lambda: decide(organization, "LON01", attempt)),
        ("mail exchangers of a domain", lambda: ask_mx(resolver, "fabrikam.com", rng)),
        ("whether a server is an open relay", lambda: mailflow.open_relay(organization, "LON01")),
    ):
        start = time.perf_counter()
        for _ in range(500):
            work()
        row(what, f"{500 / (time.perf_counter() - start):7.0f} a second")


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
  const player = document.querySelector(".mf");
  const press = (key) => player.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true }));
  const work = [], painted = [];
  press("Home");
  for (let i = 0; i < 60; i += 1) {
    await frame();
    const start = performance.now();
    press("ArrowRight");
    work.push(performance.now() - start);
    player.getBoundingClientRect();
    await frame();
    painted.push(performance.now() - start);
  }
  const idle = [];
  for (let i = 0; i < 30; i += 1) {
    const start = performance.now();
    await frame();
    idle.push(performance.now() - start);
  }
  const middle = (list) => list.sort((a, b) => a - b)[Math.floor(list.length / 2)];
  return [middle(work), middle(painted), middle(idle)];
}"""

FIFTY = """from dataclasses import replace
import mailflow
base = mailflow.load("worldwide")
more = tuple(replace(item, name=item.name + "X", ip="", fqdn="") for item in base.servers)
organization = replace(base, servers=base.servers + more)
message = mailflow.Message.write("anna@contoso.com", ["world@contoso.com", "kim@fabrikam.com"])
trace = mailflow.Scenario(organization).send(message).run()
"""


def fifty() -> mailflow.Trace:
    """The trace of a message to everybody in a company of fifty servers."""
    names: dict[str, mailflow.Trace] = {}
    exec(FIFTY, names)
    return names["trace"]


def report_steps(where: str, page) -> None:
    work, painted, idle = page.evaluate(PAINT)
    figure = f"{work:6.1f} ms of work, {painted:6.1f} ms to the next frame (an idle frame: {idle:.1f} ms)"
    row(f"one step, 50 servers, map and server view, {where}", figure)


def browser() -> None:
    if not CHROMIUM.exists():
        row("browser figures", f"left out: no browser at {CHROMIUM}")
        return
    from playwright.sync_api import sync_playwright

    trace = fifty()
    with tempfile.TemporaryDirectory() as name, sync_playwright() as playwright:
        folder = Path(name)
        path = mailflow.page(trace, folder / "page.html")
        opened = playwright.chromium.launch(executable_path=str(CHROMIUM), args=["--no-sandbox", "--disable-gpu"])
        page = opened.new_page(viewport={"width": 1300, "height": 1000})
        start = time.perf_counter()
        page.goto(path.as_uri())
        page.wait_for_selector(".mf-sentence")
        row(f"static page, {len(trace)} events: to first paint", f"{1000 * (time.perf_counter() - start):6.0f} ms")
        report_steps("static page", page)
        in_lab(folder, opened.new_page(viewport={"width": 1300, "height": 1000}))
        opened.close()


def in_lab(folder: Path, page) -> None:
    """First paint after a cell ran, and one step, inside a real JupyterLab."""
    import nbformat

    from tests.browser.running import running_lab

    book = nbformat.read(ROOT / "notebooks" / "00-start-here.ipynb", as_version=4)
    book.cells = [nbformat.v4.new_code_cell(source) for source in (FIFTY, "mailflow.play(trace)")]
    nbformat.write(book, folder / "bench.ipynb")
    with running_lab(folder) as address:
        page.goto(f"{address}/lab/tree/bench.ipynb?reset")
        page.wait_for_selector(".jp-Notebook-ExecutionIndicator[data-status=idle]")
        page.get_by_text("Python 3 (ipykernel) | Idle").wait_for()
        page.get_by_role("menuitem", name="Run", exact=True).click()
        page.get_by_role("menuitem", name="Run All Cells", exact=True).click()
        page.wait_for_selector(".mf-sentence")
        page.wait_for_timeout(1000)
        report_steps("JupyterLab", page)
        page.locator(".jp-CodeCell").nth(1).locator(".cm-content").click()
        page.evaluate("document.querySelector('.mf').dataset.old = 1")
        took = page.evaluate(
            """async () => {
              const start = performance.now();
              jupyterapp.commands.execute("notebook:run-cell");
              while (!document.querySelector(".mf:not([data-old]) .mf-sentence")) await new Promise(requestAnimationFrame);
              await new Promise(requestAnimationFrame);
              return performance.now() - start;
            }"""
        )
        row(f"JupyterLab, {len(fifty())} events: to first paint of a cell, kernel warm", f"{took:6.0f} ms")


def main(arguments: list[str]) -> None:
    imports()
    quick = "--quick" in arguments
    for name in ("one server", "two servers"):
        for messages in (100, 1_000) if quick else (100, 1_000, 10_000):
            pipeline(name, messages)
    if not quick:
        pipeline("one server", 100_000)
    decisions()
    listeners(200 if quick else 1000)
    sizes()
    browser()
    row("peak memory of this run", f"{resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:6.0f} MB")


if __name__ == "__main__":
    main(sys.argv[1:])
