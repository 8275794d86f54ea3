"""The wheel: what it carries, where it puts it, and that the course is found in it."""

import shutil
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import pytest

import mailflow

ROOT = Path(__file__).resolve().parents[2]
NEEDED = ("pyproject.toml", "setup.py", "MANIFEST.in", "README.md", "LICENSE", "CHANGELOG.md", "CITATION.cff")


SOURCES = ("js", "css")
"""Folders of the player from which its bundles are made; only the source archive carries them."""


def setuptools_can_build() -> bool:
    try:
        return int(version("setuptools").split(".")[0]) >= 77
    except PackageNotFoundError:
        return False


def build(kind: str, source: Path) -> Path:
    """Build as every front end does: by asking the back end that pyproject.toml names."""
    code = f"from setuptools.build_meta import build_{kind} as build; print('built', build('dist'))"
    done = subprocess.run([sys.executable, "-c", code], cwd=source, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return source / "dist" / done.stdout.splitlines()[-1].removeprefix("built ")


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the sources, so that building leaves nothing behind."""
    if not setuptools_can_build():
        pytest.skip("building needs setuptools 77 or newer")
    folder = tmp_path_factory.mktemp("source")
    for name in ("mailflow", "notebooks"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__", ".ipynb_checkpoints"))
    for name in NEEDED:
        shutil.copy(ROOT / name, folder)
    return folder


@pytest.fixture(scope="module")
def wheel(source: Path) -> Path:
    return build("wheel", source)


def names(wheel: Path) -> set[str]:
    with zipfile.ZipFile(wheel) as archive:
        return set(archive.namelist())


def test_the_wheel_carries_every_file_of_the_package_and_every_notebook(wheel: Path) -> None:
    wanted = {
        str(path.relative_to(ROOT).as_posix())
        for path in (ROOT / "mailflow").rglob("*")
        if path.is_file() and "__pycache__" not in path.parts and path.parent.name not in SOURCES
    }
    wanted |= {f"mailflow/course/notebooks/{path.name}" for path in (ROOT / "notebooks").glob("*.ipynb")}
    installed = {name for name in names(wheel) if ".dist-info/" not in name}
    assert installed == wanted
    assert {Path(name).suffix for name in wanted} == {
        ".py",
        ".typed",
        ".toml",
        ".js",
        ".css",
        ".json",
        ".svg",
        ".ipynb",
    }


def test_nothing_is_installed_outside_the_package(wheel: Path) -> None:
    assert {name.split("/")[0] for name in names(wheel)} == {
        "mailflow",
        f"exchange_mailflow-{mailflow.__version__}.dist-info",
    }


def test_the_source_archive_builds_the_same_wheel(source: Path, wheel: Path, tmp_path: Path) -> None:
    with tarfile.open(build("sdist", source)) as archive:
        if hasattr(tarfile, "data_filter"):  # a Python of Debian 12 has none
            archive.extraction_filter = tarfile.data_filter
        archive.extractall(tmp_path)
    (unpacked,) = tmp_path.iterdir()
    for folder in SOURCES:
        carried = {path.name for path in (unpacked / "mailflow" / "player" / folder).iterdir()}
        assert carried == {path.name for path in (ROOT / "mailflow" / "player" / folder).iterdir()}
    assert names(build("wheel", unpacked)) == names(wheel)


def test_installed_in_an_empty_folder_it_knows_its_version_and_finds_its_course(wheel: Path, tmp_path: Path) -> None:
    site, here = tmp_path / "site", tmp_path / "here"
    here.mkdir()
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(site)
    code = f"""
import sys
sys.path.insert(0, {str(site)!r})
from mailflow.commands import jupyter, working_copy
print(working_copy.original(), jupyter.SETTINGS, working_copy.usual(), working_copy.bring(working_copy.usual()), sep="\\n")
from mailflow.commands import main
main(["--version"])
"""
    done = subprocess.run([sys.executable, "-I", "-c", code], cwd=here, capture_output=True, text=True)
    assert done.stderr == ""
    course = site / "mailflow" / "course"
    told = [
        str(course / "notebooks"),
        str(course / "jupyter"),
        str(here / "mailflow-course"),
        "[]",
        f"mailflow {mailflow.__version__}",
    ]
    assert done.stdout.splitlines() == told
    copied = {path.name for path in (here / "mailflow-course").glob("*.ipynb")}
    assert copied == {path.name for path in (ROOT / "notebooks").glob("*.ipynb")}


def test_the_distribution_has_a_name_of_its_own_and_the_import_keeps_its() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert project["name"] == "exchange-mailflow"
    citation = (ROOT / "CITATION.cff").read_text(encoding="utf-8")
    assert f"\nversion: {mailflow.__version__}\n" in citation
    assert "exchange-mailflow" in citation
