"""A fresh clone in a fresh folder, and the ways to go through its doors as a stranger does."""

import os
import re
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

RUN = """
import mailflow
message = mailflow.Message.write("anna@contoso.com", "ben@contoso.com", subject="Lunch?")
trace = mailflow.Scenario(mailflow.load("one server")).send(message).run()
print(trace.status()["m1"])
"""
SHOW = """
import nbformat
from nbclient import NotebookClient
cell = '''import mailflow
message = mailflow.Message.write("anna@contoso.com", "ben@contoso.com")
mailflow.play(mailflow.Scenario(mailflow.load("one server")).send(message).run())'''
notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell)])
NotebookClient(notebook, kernel_name="python3", timeout=120).execute()
print(sorted(notebook.cells[0].outputs[-1].data))
"""
UNREACHABLE = "http://127.0.0.1:9/simple"


@dataclass
class Door:
    """A clone, and the environment variables of whoever stands before it."""

    folder: Path
    environment: dict[str, str]

    @property
    def python(self) -> Path:
        return self.folder / ".venv" / "bin" / "python"

    def make(self, *words: str, **variables: str) -> subprocess.CompletedProcess[str]:
        environment = {**self.environment, **variables}
        return subprocess.run(
            ["make", *words], cwd=self.folder, env=environment, capture_output=True, text=True, timeout=280
        )

    def start(self, *words: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            ["make", *words],
            cwd=self.folder,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )

    def says(self, code: str) -> str:
        done = subprocess.run(
            [self.python, "-c", code],
            cwd=self.folder,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=120,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def installed(self) -> int:
        return sum(1 for _ in self.folder.glob(".venv/lib/*/site-packages/*.dist-info"))

    def works(self) -> None:
        """Every package fits, a message arrives, and a player is shown."""
        checked = subprocess.run(
            [self.python, "-m", "pip", "check"], env=self.environment, capture_output=True, text=True
        )
        if "No module named pip" not in checked.stderr:  # uv makes environments without pip
            assert checked.returncode == 0, checked.stdout
        assert "delivered" in self.says(RUN)
        assert "application/vnd.jupyter.widget-view+json" in self.says(SHOW)

    def megabytes(self) -> tuple[float, float]:
        """What was fetched, as far as the installer tells, and what lies on the disk."""
        log = (self.folder / ".venv-install.log").read_text(encoding="utf-8")
        scale = {"kB": 1e-3, "MB": 1.0}
        fetched = sum(float(size) * scale[unit] for size, unit in re.findall(r"\((\d+(?:\.\d+)?) (kB|MB)\)", log))
        lying = sum(path.stat().st_size for path in (self.folder / ".venv").rglob("*") if path.is_file()) / 1e6
        return fetched, lying


def bare_path(*first: Path) -> str:
    """The PATH of this machine without any uv, and without an environment of ours."""
    ours = Path(sys.prefix) / "bin"
    kept = [
        part for part in os.environ["PATH"].split(os.pathsep) if Path(part) != ours and not Path(part, "uv").exists()
    ]
    return os.pathsep.join([*map(str, first), *kept])


@pytest.fixture
def clone(tmp_path: Path) -> Door:
    """A fresh clone, for somebody with the pip that their Python brought, and no uv."""
    folder = tmp_path / "mailflow"
    subprocess.run(["git", "clone", "--quiet", "--no-local", ROOT, folder], check=True)
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("PYTHON", "VIRTUAL_ENV", "COV", "PYTEST", "MAKE", "MFLAGS", "JUPYTER"))
    }
    return Door(folder, {**kept, "PATH": bare_path(), "HOME": str(tmp_path)})


@pytest.fixture
def uv(clone: Door, tmp_path: Path) -> Door:
    """The same for somebody who has uv on the PATH."""
    found = shutil.which("uv")
    assert found, "uv is among the packages of a developer"
    folder = tmp_path / "bin"
    folder.mkdir()
    (folder / "uv").symlink_to(found)
    return Door(clone.folder, {**clone.environment, "PATH": bare_path(folder)})


@pytest.fixture
def stopwatch() -> "Stopwatch":
    return Stopwatch()


class Stopwatch:
    """Seconds since it was made."""

    def __init__(self) -> None:
        self._start = time.monotonic()

    @property
    def seconds(self) -> float:
        return time.monotonic() - self._start
