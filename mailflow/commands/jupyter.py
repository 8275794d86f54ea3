"""JupyterLab as a process of its own, on loopback, with the settings of the course and a short word to the learner."""

from __future__ import annotations

import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
import webbrowser
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from types import FrameType
from typing import IO
from urllib.parse import quote

from mailflow.commands.terminal import Refused, say
from mailflow.commands.working_copy import PACKAGE

SETTINGS = PACKAGE / "course" / "jupyter"
PATIENCE_S = 15


def open_lab(folder: Path, notebook: str, *, port: int = 8888, browser: bool = True, verbose: bool = False) -> int:
    """Open a notebook of a folder in JupyterLab, until Ctrl+C. Returns 0.

    Args:
        port: the first port to try; while it is taken, the next ones are.
        browser: whether a browser may be opened; without a display none is.
        verbose: whether JupyterLab's own log is shown.

    Raises:
        Refused: JupyterLab is missing, or stops by itself with an error.
    """
    if not find_spec("jupyterlab"):
        raise Refused(f"JupyterLab is not installed. Install it: {sys.executable} -m pip install jupyterlab")
    browser = browser and has_browser()
    open_already = _answering(folder)
    if open_already:
        say("JupyterLab has this folder open already.")
        return _show(address(open_already, notebook), browser=browser)
    if is_root():
        say("you are root: JupyterLab starts with --allow-root, on 127.0.0.1 only, and asks for its token.")
    say(f"JupyterLab is starting on {folder}. Ctrl+C stops it.")
    token = secrets.token_hex(24)
    with _interruptible(), tempfile.TemporaryFile() as log:
        process = _start(folder, port, token, None if verbose else log)
        try:
            _accompany(process, token, notebook, port, browser)
        except KeyboardInterrupt:
            _end(process)
        if process.returncode > 0:
            raise Refused(f"JupyterLab stopped with an error: {_last_line(log)}")
    say(f"stopped. Your work is in {folder}.")
    return 0


def _start(folder: Path, port: int, token: str, log: IO[bytes] | None) -> subprocess.Popen[bytes]:
    """JupyterLab and its kernels write into a log of their own, so that the address stays the last thing to be read.

    A session of its own keeps Ctrl+C from JupyterLab, which may hang when it is interrupted and terminated at once. (Not on Windows.)
    """
    return subprocess.Popen(
        command(folder, port, verbose=log is None),
        env=environment(token),
        stdin=subprocess.DEVNULL,
        stdout=log,
        stderr=log,
        start_new_session=True,
    )


def command(folder: Path, port: int, *, verbose: bool = False) -> list[str]:
    """How JupyterLab is started. The browser is opened from here, once the address is known."""
    options = [
        "--no-browser",
        "--ip=127.0.0.1",
        f"--port={port}",
        "--ServerApp.port_retries=50",
        f"--ServerApp.root_dir={folder}",
        f"--log-level={'INFO' if verbose else 'ERROR'}",
    ]
    return [sys.executable, "-m", "jupyterlab", *options, *(["--allow-root"] if is_root() else [])]


TRIM = str(128 * 1024)
"""Bytes of free memory that a kernel keeps at most at the end of its heap. The C library of Linux starts with as much, but left alone
it learns from one large message to keep tens of megabytes. Other systems do not read this.
"""


def environment(token: str) -> dict[str, str]:
    """The environment of JupyterLab: its token, which the command line would show to everybody, and the settings of the course."""
    path = os.pathsep.join([str(SETTINGS), *filter(None, [os.environ.get("JUPYTER_CONFIG_PATH")])])
    return {"MALLOC_TRIM_THRESHOLD_": TRIM, **os.environ, "JUPYTER_TOKEN": token, "JUPYTER_CONFIG_PATH": path}


def is_root() -> bool:
    """Whether this is the superuser, as in most containers. Windows has none."""
    return getattr(os, "geteuid", lambda: 1)() == 0


def has_browser() -> bool:
    """Whether a browser with windows can be opened: a text browser cannot show JupyterLab."""
    windows = os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY") or os.environ.get("BROWSER")
    if sys.platform.startswith("linux") and not windows:
        return False
    try:
        webbrowser.get()
    except webbrowser.Error:
        return False
    return True


def address(server: dict[str, object], notebook: str) -> str:
    """Where a server shows a notebook, with its token."""
    token = f"?token={server['token']}" if server["token"] else ""
    return f"{server['url']}lab/tree/{quote(notebook)}{token}"


def servers() -> list[dict[str, object]]:
    """What the running servers of this user wrote down about themselves."""
    from jupyter_core.paths import jupyter_runtime_dir  # missing where JupyterLab is, which is said first

    found = []
    for path in Path(jupyter_runtime_dir()).glob("jpserver-*.json"):
        try:
            server = json.loads(path.read_text(encoding="utf-8"))
            found.append({key: server[key] for key in ("url", "token", "root_dir", "port", "pid")})
        except (OSError, ValueError, KeyError, TypeError):
            continue
    return found


def _answering(folder: Path) -> dict[str, object] | None:
    """The server that has a folder open."""
    return next((server for server in servers() if Path(str(server["root_dir"])) == folder and _is_alive(server)), None)


def _is_alive(server: dict[str, object]) -> bool:
    """Whether a server still takes its token: one that died leaves its record behind, and its port to others."""
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        direct.open(f"{server['url']}api/status?token={server['token']}", timeout=2).close()
    except OSError:
        return False
    return True


def _listens(server: dict[str, object]) -> bool:
    """Whether a server takes connections: it writes its record a moment before."""
    try:
        socket.create_connection(("127.0.0.1", int(str(server["port"]))), timeout=2).close()
    except OSError:
        return False
    return True


def _accompany(process: subprocess.Popen[bytes], token: str, notebook: str, port: int, browser: bool) -> None:
    server = _started(process, token)
    if server:
        if server["port"] != port:
            say(f"port {port} is taken; JupyterLab has port {server['port']}.")
        _show(address(server, notebook), browser=browser)
    # Not process.wait(): after Ctrl+C it waits a quarter of a second more, in which whoever started this program may kill it.
    while process.poll() is None:
        time.sleep(0.1)


def _last_line(log: IO[bytes]) -> str:
    log.seek(0)
    lines = [line.strip() for line in log.read().decode(errors="replace").splitlines() if line.strip()]
    return lines[-1] if lines else "it said nothing; --verbose may show more"


def _started(process: subprocess.Popen[bytes], token: str) -> dict[str, object] | None:
    """What the new server wrote down, once it listens; None when it stopped before."""
    while process.poll() is None:
        for server in servers():
            if (token == server["token"] or process.pid == server["pid"]) and _listens(server):
                return server
        time.sleep(0.1)
    return None


def _show(place: str, *, browser: bool) -> int:
    say("the course is open in your browser. Its address:" if browser else "open this address in a browser:")
    print(place, flush=True)  # noqa: T201
    if browser:
        webbrowser.open(place)
    return 0


def _end(process: subprocess.Popen[bytes]) -> None:
    """Let JupyterLab end its kernels. On Windows Ctrl+C has reached it already, and terminating is killing."""
    if os.name != "nt":
        process.terminate()
    try:
        process.wait(PATIENCE_S)
    except (subprocess.TimeoutExpired, KeyboardInterrupt):
        process.kill()
        process.wait()


@contextmanager
def _interruptible() -> Iterator[None]:
    """Here, to be terminated or to lose the terminal is the same as Ctrl+C, so that JupyterLab does not stay behind."""

    def interrupt(_number: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    asked = [signal.SIGTERM, *([signal.SIGHUP] if hasattr(signal, "SIGHUP") else [])]
    before = {number: signal.signal(number, interrupt) for number in asked}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
