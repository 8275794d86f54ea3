"""Measure what a person waits for, and print a table: `make bench`.

Figures are ratios within one run wherever that is possible, because machines are noisy. ``--quick`` leaves out the long
ones.
"""

from __future__ import annotations

import gc
import gzip
import json
import os
import random
import resource
import smtplib
import socket
import subprocess
import sys
import tempfile
import threading
import time
import tracemalloc
from collections.abc import Callable, Generator
from functools import cache
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

import dns.message
import networkx
import simpy

import mailflow
from mailflow.commands.jupyter import TRIM
from mailflow.dns import ask_mx
from mailflow.dns.resolver import Resolver
from mailflow.live import DnsServer
from mailflow.organization import RoutingGroupConnector
from mailflow.player.page import html
from mailflow.routing.choice import Map
from mailflow.routing.recorded import table_of
from mailflow.trace.effects import TableState
from mailflow.transport.relay import Attempt, decide

if TYPE_CHECKING:
    from aiosmtpd.smtp import SMTP, Envelope, Session
    from playwright.sync_api import Page

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
CHROMIUM = Path(os.environ.get("CHROMIUM", "/usr/bin/chromium"))


def row(what: str, figure: str) -> None:
    print(f"{what:58} {figure}", flush=True)


MEMORY = "print(open('/proc/self/status').read().split('{kind}:')[1].split()[0])"
"""Kilobytes of a process, as Linux counts them; what `resource` says of a child includes its parent."""


COMPILED = {key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}
"""An environment in which modules are compiled once and for all, as those of an installed package are."""


def fresh(*codes: str, times: int = 5) -> list[tuple[float, float]]:
    """Least seconds and median peak megabytes of fresh interpreters, one code after the other, so that all meet the same
    noise. A first round compiles the modules.
    """
    rounds = []
    for _ in range(1 + times):
        rounds.append([_once(code) for code in codes])
    return [(min(s for s, _ in each), median(m for _, m in each)) for each in zip(*rounds[1:], strict=True)]


def _once(code: str) -> tuple[float, float]:
    command = [sys.executable, "-c", f"{code}\n{MEMORY.format(kind='VmHWM')}"]
    start = time.perf_counter()
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT, env=COMPILED)
    return time.perf_counter() - start, float(done.stdout.split()[-1]) / 1024


LIBRARIES = "import simpy, email.message, email.policy, email.headerregistry, tomllib, dataclasses"
"""What a run cannot do without."""

RUN = """import mailflow
letter = mailflow.Message.write("anna@contoso.com", "{to}@contoso.com")
trace = mailflow.Scenario(mailflow.load("{name}")).send(letter).run()"""


def first_second() -> None:
    """What somebody waits for who starts a kernel: the first run, beside the libraries that it needs."""
    one, two = RUN.format(name="one server", to="ben"), RUN.format(name="two sites", to="pierre")
    codes = ("", "import mailflow", LIBRARIES, one, "import networkx", two, f"{one}\nmailflow.play(trace)")
    bare, door, libraries, run, graph, sites, played = fresh(*codes)
    row("import mailflow, over bare Python", over(door, bare))
    row("libraries of a run, over bare Python", over(libraries, bare))
    row("first run, over its libraries", f"{over(run, libraries)}  {run[0] / libraries[0]:4.1f} times their time")
    row("first run with link state, over networkx", over(sites, graph))
    row("first run with a player, over bare Python", over(played, bare))


def over(one: tuple[float, float], other: tuple[float, float]) -> str:
    return f"{1000 * (one[0] - other[0]):6.0f} ms  {one[1] - other[1]:6.1f} MB"


FIGURE = """import io
from matplotlib.figure import Figure
figure = Figure(figsize=(8, 4), layout="constrained")
figure.subplots()
figure.savefig(io.BytesIO(), format="png", dpi=96)"""
HELD = "import gc; gc.collect()\n" + MEMORY.format(kind="VmRSS")
KERNEL = {"MALLOC_TRIM_THRESHOLD_": TRIM, **COMPILED}
"""The environment of a kernel, as `mailflow lab` makes it."""


def kernel(cells: list[str]) -> float:
    """Megabytes that a kernel holds after it ran these cells. The package is compiled before, as an installed one is."""
    compile_package()
    return float(said([*cells, HELD])) / 1024


@cache
def compile_package() -> None:
    """Compile the package, once for all measurements."""
    subprocess.run([sys.executable, "-m", "compileall", "-q", "mailflow"], check=True, cwd=ROOT, env=COMPILED)


def said(cells: list[str]) -> str:
    """What the last of these cells prints in a fresh kernel."""
    from jupyter_client.manager import start_new_kernel

    manager, client = start_new_kernel(
        kernel_name="python3", cwd=str(ROOT / "notebooks"), env=KERNEL, stderr=subprocess.DEVNULL
    )
    printed: list[str] = []
    try:
        for cell in cells:
            printed.clear()
            client.execute_interactive(
                cell, timeout=120, output_hook=lambda message: printed.append(message["content"].get("text", ""))
            )
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)
    return "".join(printed)


EVERY = {"ipywidgets": "import ipywidgets\nipywidgets.DOMWidget()", "SimPy, email": LIBRARIES}
"""The libraries of every notebook."""
SOME = {
    "dns": "import dns.message, dns.resolver, dns.zone",
    "networkx": "import networkx",
    "aiosmtpd": "import aiosmtpd.smtp",
}
"""The libraries of notebooks that look up a name, have a second routing group, or listen on a port, by module."""


def kernels() -> None:
    """What a kernel holds after each notebook, over an empty one, or over one with a bare figure where it has charts. The aim
    is 8 MB, and no notebook can be within it that needs networkx: that alone is more. So each row also tells what is left without
    the libraries that only some notebooks need.
    """
    empty, figure = kernel([]), kernel([FIGURE])
    row("empty kernel", f"{empty:6.1f} MB")
    row("kernel with a bare figure, over an empty kernel", f"{figure - empty:6.1f} MB")
    for what, code in {**EVERY, **SOME}.items():
        row(f"   {what}, over that", f"{kernel([FIGURE, code]) - figure:6.1f} MB")
    for path in sorted((ROOT / "notebooks").glob("*.ipynb")):
        cells = code_of(path)
        ground = ground_of(cells)
        bare = figure if ground else empty
        wanted = loaded_by(cells)
        more = kernel(cells)
        without = f"{more - kernel([*ground, *map(SOME.__getitem__, wanted)]):5.1f} MB without {', '.join(wanted)}"
        row(
            f"after {path.stem}, over {'a bare figure' if ground else 'an empty kernel'}",
            f"{more - bare:6.1f} MB  {without if wanted else ''}".rstrip(),
        )


def ground_of(cells: list[str]) -> list[str]:
    """What the memory of a notebook is measured over: a bare figure where it has charts, and nothing else."""
    return [FIGURE] if any("plots" in cell for cell in cells) else []


def loaded_by(cells: list[str]) -> list[str]:
    """Which of the libraries that only some notebooks need are loaded after these cells."""
    return said([*cells, f"import sys\nprint(*(name for name in {list(SOME)} if name in sys.modules))"]).split()


def code_of(path: Path) -> list[str]:
    """The code cells of a notebook."""
    import nbformat

    return [cell.source for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == "code"]


def plain(messages: int, events: int, gap: float) -> float:
    """Seconds that plain SimPy needs for the same number of events, in as many processes."""
    environment = simpy.Environment()

    def process() -> Generator[simpy.Event]:
        for _ in range(events // messages):
            yield environment.timeout(0.01)

    def drive() -> Generator[simpy.Event]:
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
    assert trace is not None
    each = min(ours) / messages
    figure = f"{1 / each:7.0f} messages/s  {1e6 * each:5.0f} us each  {min(ours) / min(theirs):4.1f} times plain SimPy"
    row(f"{name}, {messages:,} messages, {len(trace):,} events", figure)


def share_of_logs(messages: int, times: int, gap: float = 0.02) -> tuple[float, mailflow.Trace]:
    """What part of the time of a run it takes to stream its tracking log, the least of both in turns; and the trace of the run."""
    organization = mailflow.reconfigure(mailflow.load("one server"), "LON01", message_tracking=True)
    message = mailflow.Message.write("anna@contoso.com", "ben@contoso.com")
    scenario = mailflow.Scenario(organization)
    for number in range(messages):
        scenario.send(message, at=number * gap)
    trace, ran, streamed = None, [], []
    for _ in range(times):
        trace = None
        gc.collect()
        start = time.thread_time()
        trace = scenario.run()
        ran.append(time.thread_time() - start)
        start = time.thread_time()
        stream(trace)
        streamed.append(time.thread_time() - start)
    assert trace is not None
    return min(streamed) / min(ran), trace


def stream(trace: mailflow.Trace) -> int:
    """Go over the lines of a log and forget them; how many there are."""
    return sum(1 for _ in mailflow.tracking_log(trace, "LON01").lines())


def logs(messages: int) -> None:
    """What it takes to stream the tracking log of a run, beside the run itself, and what it holds meanwhile.

    The aims are 15 % and 50 MB. The first is not reached: it takes more than a fifth. A tenth is what a loop takes in Python that goes over
    the events of each message and puts its eight lines together, with all their parts made before; the rest goes into those parts.
    """
    share, trace = share_of_logs(messages, 3)
    tracemalloc.start()
    lines = stream(trace)
    held = tracemalloc.get_traced_memory()[1] / 1e6
    tracemalloc.stop()
    row(
        f"tracking log of {messages:,} messages, {lines:,} lines",
        f"{share:7.0%} of the time of the run  {held:4.1f} MB more",
    )


class Nothing:
    """What a listener does at least: take every message and forget it."""

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 - the name is given by aiosmtpd
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
        most = 64_000
        named = [(recipients(listener.port, most), recipients(bare.port, most)) for _ in range(2)]
        ours, theirs = min(item[0] for item in named), min(item[1] for item in named)
        row(
            f"one message to {most} recipients",
            f"{ours:7.2f} s  {ours / theirs:4.2f} times the time of a bare aiosmtpd",
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


def recipients(port: int, many: int) -> float:
    """Seconds that one message to so many recipients takes."""
    lines = b"".join(b"RCPT TO:<user%d@contoso.com>\r\n" % number for number in range(many))
    with socket.create_connection(("127.0.0.1", port)) as client:
        replies = client.makefile("rb")
        start = time.perf_counter()
        threading.Thread(
            target=client.sendall, args=(b"HELO c\r\nMAIL FROM:<kim@fabrikam.com>\r\n" + lines + b"DATA\r\n",)
        ).start()
        for _ in range(many + 3):
            assert replies.readline()[:3] in (b"220", b"250")
        assert replies.readline()[:3] == b"354"
        client.sendall(b"Subject: x\r\n\r\n.\r\n")
        assert replies.readline()[:3] == b"250"
        return time.perf_counter() - start


def answers() -> None:
    """The DNS server beside dnspython, which only reads the question and writes the answer."""
    server = DnsServer(mailflow.load("one server"))
    packet = dns.message.make_query("fabrikam.com", "MX").to_wire()
    told = dns.message.from_wire(server.reply_to(packet) or b"")

    def rate(work: Callable[[], object]) -> float:
        start = time.perf_counter()
        for _ in range(2000):
            work()
        return 2000 / (time.perf_counter() - start)

    ours = rate(lambda: server.reply_to(packet, most=4096))
    theirs = rate(lambda: (dns.message.from_wire(packet), told.to_wire()))
    row("DNS answers", f"{ours:7.0f} a second  {ours / theirs:4.2f} of dnspython's own rate")


def decisions() -> None:
    organization = mailflow.load("one server")
    resolver, rng = Resolver(organization.zones), random.Random(0)
    attempt = Attempt("198.51.100.4", "victim@elsewhere.example")
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
    folder = ROOT / "mailflow" / "player" / "bundle"
    parts = sorted(path.stem for path in folder.glob("part_*.css"))
    bundles = {
        "player": ["main"],
        "player with link state": ["main", "part_link_state"],
        "player with all parts": ["main", *parts],
        "relay lab": ["relay_lab"],
    }
    for title, names in bundles.items():
        text = b"".join((folder / f"{name}{kind}").read_bytes() for kind in (".js", ".css") for name in names)
        row(f"{title} with its style, gzipped", f"{len(gzip.compress(text, 9)) / 1000:6.1f} KB")
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


def report_steps(where: str, page: Page) -> None:
    work, painted, idle = page.evaluate(PAINT)
    figure = f"{work:6.1f} ms of work, {painted:6.1f} ms to the next frame (an idle frame: {idle:.1f} ms)"
    row(f"one step, {where}", figure)


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
        report_steps("50 servers, map and server view, static page", page)
        large_player(page)
        in_lab(folder, opened.new_page(viewport={"width": 1300, "height": 1000}))
        opened.close()


def in_lab(folder: Path, page: Page) -> None:
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
        report_steps("50 servers, map and server view, JupyterLab", page)
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


SIZES = ((10, 5), (50, 7), (150, 7), (1000, 10))
"""Routing groups, and servers in each."""


def link_failure(groups: int, servers: int) -> tuple[float, float, float, float, int, int]:
    """Seconds for the whole story of one failed link, for all new routes, and for two floors; deliveries; peak megabytes."""
    organization = mailflow.grown(groups, servers, seed=1)
    start = time.perf_counter()
    broken = mailflow.route(organization, "G0S0", "user1@contoso.com").connector
    scenario = mailflow.Scenario(organization, parameters=mailflow.Parameters.exchange_2000()).fail(broken)
    letter = mailflow.Message.write("user0@contoso.com", "user1@contoso.com")
    trace = scenario.send(letter, at=1).run(until=400)
    story = time.perf_counter() - start
    deliveries = sum(isinstance(effect, TableState) for change in trace.changes() for effect in change.effects)
    start = time.perf_counter()
    table = table_of(trace, "G0S0")
    shared = Map(table)
    for group in table.groups:
        shared.tree(group, table.down)
    routes = time.perf_counter() - start
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    assert len({tuple(sorted((trace.at().tables.get(item.name) or {}).items())) for item in organization.servers}) == 1
    return story, routes, flood(organization), oracle(organization), deliveries, peak


def flood(organization: mailflow.Organization) -> float:
    """The floor for spreading: a breadth-first search over servers and connectors that only counts."""
    graph: networkx.Graph[str] = networkx.Graph()
    for server in organization.servers:
        graph.add_edge(f"{server.routing_group}S0", server.name)
    for connector in organization.connectors:
        assert isinstance(connector, RoutingGroupConnector)
        graph.add_edge(connector.local_bridgeheads[0], connector.remote_bridgeheads[0])
    start = time.perf_counter()
    reached = sum(1 for _ in networkx.bfs_edges(graph, "G0S0"))
    took = time.perf_counter() - start
    assert reached == graph.number_of_nodes() - 1
    return took


def oracle(organization: mailflow.Organization) -> float:
    """All-pairs routes by networkx alone, over the same graph."""
    graph: networkx.DiGraph[str] = networkx.DiGraph()
    for connector in organization.connectors:
        assert isinstance(connector, RoutingGroupConnector)
        graph.add_edge(connector.routing_group, connector.to, weight=connector.cost)
    start = time.perf_counter()
    for _ in networkx.all_pairs_dijkstra(graph):
        pass
    return time.perf_counter() - start


def link_state(sizes: tuple[tuple[int, int], ...]) -> None:
    measured = []
    for groups, servers in sizes:
        code = f"import json; from benchmarks.run import link_failure; print(json.dumps(link_failure({groups}, {servers})))"
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
        story, routes, floor, bare, deliveries, peak = json.loads(done.stdout)
        what = f"{groups} routing groups, {groups * servers:,} servers: one link failure"
        row(
            what,
            f"{story:6.2f} s  {deliveries:6,} deliveries, {1e6 * story / deliveries:4.0f} us each, flood {floor:.3f} s",
        )
        row("   all new routes", f"{routes:6.2f} s  networkx, all pairs {bare:6.2f} s; peak {peak:4} MB")
        measured.append((deliveries, story))
    plot(measured)


def plot(measured: list[tuple[int, float]]) -> None:
    """Seconds over deliveries, both in powers of ten: near-linear growth is a line of slope one."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(6, 4), layout="constrained")
    axes = figure.subplots()
    counts, seconds = zip(*measured, strict=True)
    axes.loglog(counts, seconds, marker="o", label="one link failure, to the last server")
    axes.loglog(counts, [seconds[-1] * count / counts[-1] for count in counts], linestyle="--", label="linear")
    axes.set_xlabel("tables delivered")
    axes.set_ylabel("seconds")
    axes.legend()
    target = ROOT / "test-artefacts"
    target.mkdir(exist_ok=True)
    figure.savefig(target / "link-state-growth.png")
    row("growth of a link failure, as a plot", "test-artefacts/link-state-growth.png")


def large_player(page: Page) -> None:
    """A step of the player with 150 routing groups: the groups are drawn first."""
    organization = mailflow.grown(150, 7, seed=1)
    broken = mailflow.route(organization, "G0S0", "user1@contoso.com").connector
    letter = mailflow.Message.write("user0@contoso.com", "user1@contoso.com")
    scenario = mailflow.Scenario(organization, parameters=mailflow.Parameters.exchange_2000()).fail(broken)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "page.html"
        path.write_text(html(scenario.send(letter, at=1).run(until=400), views=["Map", "Link state"]), encoding="utf-8")
        page.goto(path.as_uri())
        page.wait_for_selector(".mf-legend")
        report_steps("150 routing groups, 1,050 servers", page)


def main(arguments: list[str]) -> None:
    if sys.platform == "linux":
        first_second()
        kernels()
    quick = "--quick" in arguments
    for name in ("one server", "two servers"):
        for messages in (100, 1_000) if quick else (100, 1_000, 10_000):
            pipeline(name, messages)
    if not quick:
        pipeline("one server", 100_000)
    logs(1_000 if quick else 100_000)
    decisions()
    answers()
    link_state(SIZES[:3] if quick else SIZES)
    listeners(200 if quick else 1000)
    sizes()
    browser()
    row("peak memory of this run", f"{resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:6.0f} MB")


if __name__ == "__main__":
    main(sys.argv[1:])
