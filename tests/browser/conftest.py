"""A real JupyterLab on loopback, with copies of the notebooks, and pages of a real browser."""

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
ARTEFACTS = ROOT / "test-artefacts"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture(scope="session")
def lab(tmp_path_factory, chromium):
    """The address of a running JupyterLab whose notebooks may be changed."""
    folder = tmp_path_factory.mktemp("lab")
    shutil.copytree(ROOT / "notebooks", folder / "notebooks")
    settings = folder / "settings"
    settings.mkdir()
    shutil.copy(ROOT / "share" / "jupyter" / "lab" / "settings" / "overrides.json", settings)
    port = free_port()
    environment = {**os.environ, "JUPYTER_CONFIG_DIR": str(folder / "config"), "JUPYTER_DATA_DIR": str(folder / "data")}
    environment |= {"JUPYTERLAB_SETTINGS_DIR": str(folder / "user"), "PYTHONPATH": str(ROOT)}
    command = [
        *[sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root", "--ip=127.0.0.1", f"--port={port}"],
        *["--IdentityProvider.token=", "--ServerApp.password=", f"--ServerApp.root_dir={folder}"],
        *[
            "--LabApp.app_settings_dir=" + str(settings),
            "--LabApp.expose_app_in_browser=True",
            "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
        ],
    ]
    log = (folder / "log").open("wb")
    server = subprocess.Popen(command, env=environment, stdout=log, stderr=log)
    address = f"http://127.0.0.1:{port}"
    try:
        wait_for(address, server, folder / "log")
        yield address
    finally:
        server.terminate()
        server.wait(20)
        log.close()


def wait_for(address: str, server: subprocess.Popen, log: Path) -> None:
    for _ in range(120):
        if server.poll() is not None:
            pytest.fail(f"JupyterLab stopped:\n{log.read_text()[-2000:]}")
        try:
            urllib.request.urlopen(f"{address}/api", timeout=2).close()
            return
        except OSError:
            time.sleep(0.5)
    pytest.fail(f"JupyterLab did not answer:\n{log.read_text()[-2000:]}")


@pytest.fixture
def page(chromium):
    """A page that remembers errors of its scripts."""
    context = chromium.new_context(viewport={"width": 1300, "height": 1000})
    opened = context.new_page()
    opened.set_default_timeout(60_000)
    opened.errors = []
    opened.on("pageerror", lambda error: opened.errors.append(str(error)))
    yield opened
    context.close()


@pytest.fixture
def shoot():
    """Keep a screenshot as an artefact of the tests."""

    def take(target, name: str) -> None:
        ARTEFACTS.mkdir(exist_ok=True)
        target.screenshot(path=str(ARTEFACTS / f"{name}.png"))

    return take
