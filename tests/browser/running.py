"""A real JupyterLab on loopback, for the browser tests and the benchmarks."""

import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from mailflow.course.progress import WHERE

ROOT = Path(__file__).resolve().parents[2]


class LabError(RuntimeError):
    """JupyterLab did not start; says what it printed last."""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def running_lab(folder: Path) -> Iterator[str]:
    """The address of a JupyterLab that serves ``folder``, with the settings that the course ships.

    What is done in a notebook counts as progress, which is kept beside it.
    """
    port = free_port()
    environment = {**os.environ, "JUPYTER_CONFIG_DIR": str(folder / "config"), "JUPYTER_DATA_DIR": str(folder / "data")}
    environment |= {"JUPYTER_CONFIG_PATH": str(ROOT / "mailflow" / "course" / "jupyter")}
    environment |= {"JUPYTERLAB_SETTINGS_DIR": str(folder / "user"), "PYTHONPATH": str(ROOT)}
    environment.pop(WHERE, None)
    command = [
        *[sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root", "--ip=127.0.0.1", f"--port={port}"],
        *["--IdentityProvider.token=", "--ServerApp.password=", f"--ServerApp.root_dir={folder}"],
        *[
            "--LabApp.expose_app_in_browser=True",
            "--JupyterNotebookApp.expose_app_in_browser=True",
            "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
        ],
    ]
    log = folder / "log"
    with log.open("wb") as printed:
        server = subprocess.Popen(command, env=environment, stdout=printed, stderr=printed)
        address = f"http://127.0.0.1:{port}"
        try:
            _wait_for(address, server, log)
            yield address
        finally:
            server.terminate()
            try:
                server.wait(20)
            except subprocess.TimeoutExpired:
                server.kill()


def _wait_for(address: str, server: subprocess.Popen[bytes], log: Path) -> None:
    for _ in range(120):
        if server.poll() is not None:
            raise LabError(f"JupyterLab stopped:\n{log.read_text()[-2000:]}")
        try:
            urllib.request.urlopen(f"{address}/api", timeout=2).close()
            return
        except OSError:
            time.sleep(0.5)
    raise LabError(f"JupyterLab did not answer:\n{log.read_text()[-2000:]}")
