"""Binder: what its builder makes of the folder binder/, as far as that shows without building an image."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def dockerfile(folder: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "repo2docker", "--no-build", "--debug", str(folder)]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)


@pytest.fixture
def copied(tmp_path: Path) -> Path:
    """What the builder looks at, alone in a folder."""
    (tmp_path / "binder").mkdir()
    for path in (ROOT / "binder").iterdir():
        target = tmp_path / "binder" / path.name
        target.write_bytes(path.read_bytes())
        target.chmod(path.stat().st_mode)
    return tmp_path


@pytest.mark.skipif(sys.platform != "linux", reason="the builder runs where Binder does")
def test_the_builder_installs_what_a_learner_needs_and_then_the_course(copied: Path) -> None:
    done = dockerfile(copied)
    assert done.returncode == 0, done.stderr
    lines = [line.strip() for line in done.stdout.splitlines()]
    installed = next(number for number, line in enumerate(lines) if '--file "binder/environment.yml"' in line)
    finished = lines.index("RUN ./binder/postBuild")
    assert installed < finished
    assert "python=3.12" in done.stderr
    wanted = (ROOT / "binder" / "environment.yml").read_text(encoding="utf-8")
    assert "requirements/learn.txt" in wanted
    assert "develop" not in wanted


@pytest.mark.skipif(sys.platform != "linux", reason="the builder runs where Binder does")
def test_the_builder_finds_a_file_that_it_cannot_read(copied: Path) -> None:
    (copied / "binder" / "environment.yml").write_text("dependencies: [", encoding="utf-8")
    assert dockerfile(copied).returncode != 0
