"""The first command of the README on a bare machine: with the pip that Python brings, with uv, interrupted, offline."""

import os
import signal
import time

import pytest

from tests.doors.conftest import UNREACHABLE, Door, Stopwatch

OFFLINE = {
    "PIP_INDEX_URL": UNREACHABLE,
    "PIP_EXTRA_INDEX_URL": "",
    "PIP_FIND_LINKS": "",
    "PIP_CONFIG_FILE": os.devnull,
    "PIP_NO_CACHE_DIR": "1",
    "UV_INDEX_URL": UNREACHABLE,
    "UV_DEFAULT_INDEX": UNREACHABLE,
    "UV_FIND_LINKS": "",
    "UV_NO_CACHE": "1",
    "UV_NO_CONFIG": "1",
}


def told(how: str, door: Door, stopwatch: Stopwatch) -> None:
    fetched, lying = door.megabytes()
    size = f"{fetched:.0f} MB fetched, " if fetched else ""
    print(f"\ndoors: {how}: {stopwatch.seconds:.0f} s, {size}{lying:.0f} MB on disk, {door.installed()} packages")


def test_with_the_pip_that_python_brings(clone: Door, stopwatch: Stopwatch) -> None:
    done = clone.make("install")
    assert done.returncode == 0, done.stdout + done.stderr
    assert not done.stderr
    assert len(done.stdout.splitlines()) < 30, "progress is one line, not the log of the installer"
    told("pip", clone, stopwatch)
    clone.works()


def test_with_uv(uv: Door, stopwatch: Stopwatch) -> None:
    done = uv.make("install")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "with uv" in done.stdout
    told("uv", uv, stopwatch)
    uv.works()


def test_an_interrupted_installation_is_repeated(clone: Door, stopwatch: Stopwatch) -> None:
    process = clone.start("install")
    while clone.installed() < 20:
        assert process.poll() is None, process.communicate()[0]
        time.sleep(0.1)
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate()
    assert not (clone.folder / ".venv" / "stamp.json").exists()
    assert clone.make("install").returncode == 0
    told("pip, interrupted and repeated", clone, stopwatch)
    clone.works()


@pytest.mark.parametrize("way", ["clone", "uv"])
def test_without_a_network_one_line_says_so(way: str, request: pytest.FixtureRequest) -> None:
    done = request.getfixturevalue(way).make("lab", **OFFLINE)
    assert done.returncode != 0
    said = [line for line in done.stderr.splitlines() if not line.startswith("make")]
    assert len(said) == 1, done.stderr
    assert "no network" in said[0]
    assert "HTTPS_PROXY" in said[0]
