"""What a learner's server does before it is one: bring the copy of the course up to date."""

import os
import sys
from pathlib import Path

import pytest

from hub import start
from mailflow.commands import working_copy
from mailflow.commands.terminal import Refused


@pytest.fixture
def became(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[str]:
    """The command line of the server that it becomes."""
    found: list[str] = []
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(os, "environ", {**os.environ, "JUPYTER_CONFIG_PATH": "/etc/mine"})
    monkeypatch.setattr(sys, "argv", ["start.py", "--allow-root"])
    monkeypatch.setattr(os, "execv", lambda _program, command: found.extend(command))
    return found


def test_the_course_is_there_before_the_server_starts(became: list[str], tmp_path: Path) -> None:
    start.main()
    assert len(list((tmp_path / "mailflow-course").glob("0*.ipynb"))) == len(list(working_copy.original().glob("0*")))
    assert became[1:3] == ["-m", "jupyterhub.singleuser"]
    assert f"--ServerApp.root_dir={tmp_path / 'mailflow-course'}" in became
    assert became[-1] == "--allow-root"
    assert "--KernelManager.transport=ipc" in became, "thirty kernels at once choose the same ports"
    runtime = Path(os.environ["JUPYTER_RUNTIME_DIR"])
    assert runtime.stat().st_mode & 0o077 == 0
    runtime.rmdir()
    assert os.environ["JUPYTER_CONFIG_PATH"].endswith(f"{os.pathsep}/etc/mine")


def test_a_copy_that_fails_keeps_nobody_out(
    became: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    def full(_folder: Path) -> list[str]:
        raise Refused("no space left")

    monkeypatch.setattr(working_copy, "bring", full)
    monkeypatch.setenv("MAILFLOW_FOLDER", str(tmp_path / "elsewhere"))
    start.main()
    assert capsys.readouterr().out == "mailflow: the course could not be refreshed: no space left\n"
    assert not any(item.startswith("--ServerApp.root_dir") for item in became)
