"""Thirty learners log in at the bell: how long until the last one sees a player, and what that costs in memory.

    python benchmarks/class_of_thirty.py                  29 by script and one in Chromium
    python benchmarks/class_of_thirty.py --learners 5

Starts JupyterHub with configurable-http-proxy on loopback, as hub/jupyterhub_config.py says, in an environment that has
both (``--python``, ``--proxy``). A learner by script does what a browser does, without drawing: logs in through the form,
lets the server start, opens notebook 00, starts its kernel, runs every cell and takes every output. The one in Chromium
runs all cells by the menu; her seconds count until a player is on the screen and a step was made. Everybody shares the
processors with the hub, Chromium and this program, so a real class, whose browsers run elsewhere, waits less.
"""

from __future__ import annotations

import argparse
import json
import os
import secrets
import signal
import subprocess
import sys
import tempfile
import threading
import time
import uuid
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple

import requests
import websocket

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tests.browser.running import free_port  # noqa: E402

NOTEBOOK = "00-start-here.ipynb"
PLAYER = "application/vnd.jupyter.widget-view+json"
PASSWORD = "bell-bell-bell"
PATIENCE_S = 300


class Seen(NamedTuple):
    """What one learner waited for, in seconds after the bell."""

    server: float
    player: float
    finished: float


class Learner:
    """A browser without a screen."""

    def __init__(self, address: str, name: str) -> None:
        self.address, self.name = address, name
        self.web = requests.Session()
        self.web.trust_env = False

    def come_in(self) -> None:
        """Log in through the form, let the server start, and get its cookies."""
        self._ok(self.web.get(f"{self.address}/hub/login", timeout=PATIENCE_S))
        form = {"username": self.name, "password": PASSWORD, "_xsrf": self._xsrf("/hub/")}
        self._ok(self.web.post(f"{self.address}/hub/login", data=form, timeout=PATIENCE_S))
        until = time.monotonic() + PATIENCE_S
        while True:
            answer = self._ok(self.web.get(f"{self.address}/hub/spawn/{self.name}", timeout=PATIENCE_S))
            if f"/user/{self.name}/" in answer.url and "spawn-pending" not in answer.url:
                return
            if time.monotonic() > until:
                raise TimeoutError(f"the server of {self.name} did not start: {answer.url}")
            time.sleep(1)

    def run_all(self) -> Iterator[str]:
        """Run every code cell of the notebook, and yield the type of each output as it comes.

        Raises:
            RuntimeError: a cell failed.
        """
        base = f"{self.address}/user/{self.name}"
        notebook = self._ok(self.web.get(f"{base}/api/contents/{NOTEBOOK}", timeout=PATIENCE_S)).json()
        wanted: dict[str, object] = {
            "path": NOTEBOOK,
            "name": NOTEBOOK,
            "type": "notebook",
            "kernel": {"name": "python3"},
        }
        token = {"X-XSRFToken": self._xsrf(f"/user/{self.name}/")}
        session = self._ok(
            self.web.post(f"{base}/api/sessions", data=json.dumps(wanted), headers=token, timeout=PATIENCE_S)
        )
        kernel = session.json()["kernel"]["id"]
        channel = websocket.create_connection(
            f"{base.replace('http', 'ws', 1)}/api/kernels/{kernel}/channels?session_id={uuid.uuid4().hex}",
            header={"Cookie": self._cookies(base)},
            timeout=PATIENCE_S,
            http_no_proxy=["*"],
        )
        try:
            for cell in notebook["content"]["cells"]:
                if cell["cell_type"] == "code":
                    yield from self._run(channel, "".join(cell["source"]))
        finally:
            channel.close()

    def _run(self, channel: websocket.WebSocket, code: str) -> Iterator[str]:
        number = uuid.uuid4().hex
        header = {
            "msg_id": number,
            "username": self.name,
            "session": number,
            "msg_type": "execute_request",
            "version": "5.3",
        }
        content = {"code": code, "silent": False, "store_history": True, "allow_stdin": False, "stop_on_error": True}
        channel.send(
            json.dumps({"header": header, "parent_header": {}, "metadata": {}, "content": content, "channel": "shell"})
        )
        while True:
            said: dict[str, Any] = json.loads(channel.recv())
            if said["parent_header"].get("msg_id") != number:
                continue
            if said["msg_type"] == "error":
                raise RuntimeError(f"{self.name}: {said['content']['evalue']}")
            yield from said["content"].get("data", {})
            if said["msg_type"] == "status" and said["content"]["execution_state"] == "idle":
                return

    def _ok(self, answer: requests.Response) -> requests.Response:
        if not answer.ok:
            raise RuntimeError(f"{self.name}: {answer.status_code} {answer.url}: {answer.text[:300]}")
        return answer

    def _xsrf(self, path: str) -> str:
        return next(item.value or "" for item in self.web.cookies if item.name == "_xsrf" and item.path == path)

    def _cookies(self, base: str) -> str:
        return str(requests.Request("GET", f"{base}/", cookies=self.web.cookies).prepare().headers.get("Cookie", ""))


def by_script(address: str, name: str, bell: threading.Barrier) -> Seen:
    """One learner, from the bell to the last cell."""
    learner = Learner(address, name)
    bell.wait()
    start = time.monotonic()
    learner.come_in()
    server = time.monotonic() - start
    player = 0.0
    for kind in learner.run_all():
        if kind == PLAYER and not player:
            player = time.monotonic() - start
    return Seen(server, player, time.monotonic() - start)


def in_chromium(address: str, name: str, bell: threading.Barrier) -> Seen:
    """The same in a real browser: run all cells by the menu, see the first player, make a step."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=os.environ.get("CHROMIUM", "/usr/bin/chromium"), args=["--no-sandbox"]
        )
        page = browser.new_page(viewport={"width": 1366, "height": 768})
        page.set_default_timeout(PATIENCE_S * 1000)
        bell.wait()
        start = time.monotonic()
        page.goto(f"{address}/hub/login")
        page.fill("input[name=username]", name)
        page.fill("input[name=password]", PASSWORD)
        page.click("#login_submit")
        page.wait_for_url("**/lab/tree/**")
        server = time.monotonic() - start
        page.wait_for_selector(".jp-Notebook .jp-MarkdownOutput h1")
        page.get_by_role("menuitem", name="Run", exact=True).click()
        page.get_by_role("menuitem", name="Run All Cells", exact=True).click()
        sentence = page.locator(".mf-sentence").first
        sentence.wait_for()
        player = time.monotonic() - start
        before = sentence.inner_text()
        page.locator("[data-part=player]").first.focus()
        page.keyboard.press("ArrowRight")
        page.wait_for_function("before => document.querySelector('.mf-sentence').innerText !== before", arg=before)
        finished = time.monotonic() - start
        browser.close()
    return Seen(server, player, finished)


@contextmanager
def running_hub(python: str, proxy: str, learners: Sequence[str], home: Path) -> Iterator[tuple[str, int]]:
    """A hub on loopback: its address and its process."""
    ports = [free_port() for _ in range(3)]
    address = f"http://127.0.0.1:{ports[0]}"
    environment = {
        **os.environ,
        "MAILFLOW_CLASS": ",".join(learners),
        "MAILFLOW_PASSWORD": PASSWORD,
        "MAILFLOW_TEACHER": secrets.token_hex(24),
        "MAILFLOW_HUB": str(home),
        "MAILFLOW_ADDRESS": address,
        "MAILFLOW_SPAWNER": "simple",
        "MAILFLOW_PROXY": proxy,
        "PATH": os.pathsep.join([str(Path(python).parent), os.environ["PATH"]]),
    }
    command = [python, "-m", "jupyterhub", "-f", str(ROOT / "hub" / "jupyterhub_config.py"), "--log-level=WARN"]
    command += [f"--JupyterHub.hub_port={ports[1]}", f"--ConfigurableHTTPProxy.api_url=http://127.0.0.1:{ports[2]}"]
    log = (home / "log").open("wb")
    hub = subprocess.Popen(command, cwd=home, env=environment, stdout=log, stderr=log, start_new_session=True)
    try:
        _wait_for(f"{address}/hub/health", hub)
        yield address, hub.pid
    except BaseException:
        print((home / "log").read_text(errors="replace")[-3000:], file=sys.stderr)
        raise
    finally:
        hub.send_signal(signal.SIGTERM)
        try:
            hub.wait(60)
        except subprocess.TimeoutExpired:
            os.killpg(hub.pid, signal.SIGKILL)
        log.close()


def _wait_for(address: str, hub: subprocess.Popen[bytes]) -> None:
    web = requests.Session()
    web.trust_env = False
    for _ in range(240):
        if hub.poll() is not None:
            raise SystemExit(f"the hub stopped with {hub.returncode}")
        try:
            if web.get(address, timeout=2).ok:
                return
        except requests.ConnectionError:
            pass
        time.sleep(0.25)
    raise SystemExit("the hub did not start")


def memory(learners: Path) -> list[float]:
    """Megabytes of each learner's server and kernels: each page counted in the share that falls on them (Linux)."""
    found: dict[str, float] = {}
    for process in Path("/proc").glob("[0-9]*"):
        try:
            folder = (process / "cwd").resolve(strict=True)
            text = (process / "smaps_rollup").read_text(encoding="ascii")
        except OSError:
            continue
        if folder.is_relative_to(learners) and folder != learners:
            name = folder.relative_to(learners).parts[0]
            kilobytes = int(text.split("Pss:")[1].split()[0])
            found[name] = found.get(name, 0.0) + kilobytes / 1024
    return sorted(found.values())


def main(arguments: Sequence[str] | None = None) -> int:
    """Ring the bell, and print what was seen."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--learners", type=int, default=30, help="by default 30, one of them in Chromium")
    parser.add_argument("--python", default=sys.executable, help="of an environment with jupyterhub and the course")
    parser.add_argument("--proxy", default="configurable-http-proxy", help="the command that starts the proxy")
    options = parser.parse_args(arguments)
    names = [f"learner{number:02}" for number in range(1, options.learners + 1)]
    bell = threading.Barrier(len(names) + 1)
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder).resolve()
        with (
            running_hub(options.python, options.proxy, names, home) as (address, _),
            ThreadPoolExecutor(len(names)) as pool,
        ):
            chromium = pool.submit(in_chromium, address, names[0], bell)
            scripted = [pool.submit(by_script, address, name, bell) for name in names[1:]]
            bell.wait()
            results = [item.result() for item in (*scripted, chromium)]
            sizes = memory(home / "learners")
    for what in Seen._fields:
        waits = sorted(getattr(item, what) for item in results)
        print(
            f"{what:10} median {median(waits):6.1f} s, last {waits[-1]:6.1f} s, in Chromium {getattr(results[-1], what):6.1f} s"
        )
    print(
        f"memory     median {median(sizes):6.0f} MB a learner, most {sizes[-1]:6.0f} MB, together {sum(sizes):6.0f} MB"
    )
    return int(max(item.player for item in results) > 3 * 90)


if __name__ == "__main__":
    sys.exit(main())
