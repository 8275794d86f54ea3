"""All doors open on the same packages, and nothing in the repository names a place that its users do not have."""

import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib import import_module
from itertools import product
from pathlib import Path
from typing import Any, TypedDict

import pytest
from packaging.markers import Marker
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet


class Needs(TypedDict):
    """What is recorded of a pin: what it asks for, and on which Python it runs."""

    requires: list[str]
    python: str


ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "requirements"
ROLES = {"learn": ["build"], "develop": ["develop"], "hub": ["hub"]}
LOCKS = {role: FOLDER / f"{role}.txt" for role in ROLES}
PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
REQUIRES: dict[str, Needs] = json.loads((FOLDER / "requires.json").read_text(encoding="utf-8"))
NOTHING: Needs = {"requires": [], "python": ""}
SYSTEMS = {
    "linux": {"sys_platform": "linux", "os_name": "posix", "platform_system": "Linux", "platform_machine": "x86_64"},
    "macos": {"sys_platform": "darwin", "os_name": "posix", "platform_system": "Darwin", "platform_machine": "arm64"},
    "windows": {"sys_platform": "win32", "os_name": "nt", "platform_system": "Windows", "platform_machine": "AMD64"},
}
PYTHONS = {"3.11": "3.11.7", "3.12": "3.12.1", "3.13": "3.13.0", "3.14": "3.14.2"}
CPYTHON = {"implementation_name": "cpython", "platform_python_implementation": "CPython"}


def canonical(name: str) -> str:
    return re.sub(r"[._-]+", "-", name).lower()


def pins(lock: str) -> list[tuple[str, str, str]]:
    """Name, version and marker of every pin; a name may have a pin for each Python."""
    text = LOCKS[lock].read_text(encoding="utf-8")
    found = re.findall(r"^([A-Za-z0-9._-]+)==([^\s;\\]+)(?: ; ([^\\\n]+))?", text, re.MULTILINE)
    return [(canonical(name), version, marker.strip()) for name, version, marker in found]


def environment(system: str, python: str) -> dict[str, str]:
    return {**SYSTEMS[system], **CPYTHON, "python_version": python, "python_full_version": PYTHONS[python], "extra": ""}


def active(lock: str, where: dict[str, str]) -> dict[str, str]:
    """What the lock installs in such an environment."""
    chosen = [(name, version) for name, version, marker in pins(lock) if not marker or Marker(marker).evaluate(where)]
    assert len(chosen) == len(dict(chosen)), "a package is pinned twice for one environment"
    return dict(chosen)


def grouped(group: str) -> list[str]:
    """The requirements of a dependency group, those of the groups in it included."""
    found: list[str] = []
    for item in PROJECT["dependency-groups"][group]:
        found += [item] if isinstance(item, str) else grouped(item["include-group"])
    return found


def asked(lock: str) -> list[str]:
    return [*PROJECT["project"]["dependencies"]] + [item for group in ROLES[lock] for item in grouped(group)]


def missing(
    lock: str, installed: dict[str, str], where: dict[str, str], requires: Mapping[str, Needs] = REQUIRES
) -> set[str]:
    """Every requirement, direct or of a package in the lock, that the lock does not fulfil."""
    waiting = [(Requirement(text), "pyproject.toml", "") for text in asked(lock)]
    seen: set[tuple[str, str]] = set()
    faults: set[str] = set()
    while waiting:
        wanted, by, extra = waiting.pop()
        if wanted.marker is not None and not wanted.marker.evaluate({**where, "extra": extra}):
            continue
        name = canonical(wanted.name)
        version = installed.get(name)
        if version is None or not wanted.specifier.contains(version, prereleases=True):
            faults.add(f"{by} asks for {wanted}, the lock has {version}")
            continue
        for extra in {"", *wanted.extras} - {known for pin, known in seen if pin == name}:
            seen.add((name, extra))
            waiting += [
                (Requirement(text), name, extra) for text in requires.get(f"{name}=={version}", NOTHING)["requires"]
            ]
    return faults


@pytest.mark.parametrize("lock", LOCKS)
@pytest.mark.parametrize(("system", "python"), list(product(SYSTEMS, PYTHONS)))
def test_nothing_has_to_be_resolved_at_installation(lock: str, system: str, python: str) -> None:
    where = environment(system, python)
    installed = active(lock, where)
    assert not missing(lock, installed, where)
    for name, version in installed.items():
        allowed = SpecifierSet(REQUIRES[f"{name}=={version}"]["python"])
        assert allowed.contains(PYTHONS[python]), f"{name} {version} does not run on Python {python}"


def test_a_lock_with_a_hole_is_noticed() -> None:
    where = environment("linux", "3.11")
    installed = active("learn", where)
    for hole in ("jsonschema", "setuptools", "rfc3339-validator"):  # the last one is asked for by an extra only
        faults = missing("learn", {name: pin for name, pin in installed.items() if name != hole}, where)
        assert any(f"asks for {hole}" in canonical(fault) for fault in faults), hole
    assert missing("learn", {**installed, "traitlets": "1.0"}, where)


def test_no_package_works_out_a_grammar_when_jupyterlab_starts() -> None:
    assert "rfc3987-syntax" not in {name for lock in LOCKS for name, _, _ in pins(lock)}


def test_what_is_recorded_beside_the_locks_is_what_they_pin() -> None:
    assert set(REQUIRES) == {f"{name}=={version}" for name, version, _ in pins("develop")}


def test_a_developer_has_all_that_a_learner_has_at_the_same_versions() -> None:
    assert set(pins("learn")) <= set(pins("develop"))


def test_a_learner_downloads_no_tool_of_a_developer() -> None:
    tools = {"playwright", "ruff", "mypy", "pytest", "nbval", "hypothesis", "coverage", "uv"}
    assert not tools & {name for name, _, _ in pins("learn")}
    assert tools <= {name for name, _, _ in pins("develop")}


@pytest.mark.parametrize("lock", LOCKS)
def test_every_pin_has_hashes_and_no_index(lock: str) -> None:
    text = LOCKS[lock].read_text(encoding="utf-8")
    entries = re.split(r"^(?=[A-Za-z0-9._-]+==)", text, flags=re.MULTILINE)[1:]
    assert entries
    assert all("--hash=sha256:" in entry for entry in entries)
    assert "://" not in text
    assert "index" not in text


@pytest.mark.parametrize(
    ("path", "lock"),
    [("environment.yml", "requirements/learn.txt"), ("binder/environment.yml", "../requirements/learn.txt")],
)
def test_conda_and_binder_install_the_lock_itself(path: str, lock: str) -> None:
    text = (ROOT / path).read_text(encoding="utf-8")
    assert f"- -r {lock}\n" in text
    assert (ROOT / path).parent.joinpath(lock).resolve() == FOLDER / "learn.txt"
    assert "==" not in text, "a version beside the lock could differ from it"
    # A requirements file cannot carry --no-deps, and an older pip refuses a pin that is asked for with an extra.
    assert "- pip>=24.3\n" in text


def test_binder_stores_the_settings_that_the_local_door_uses(tmp_path: Path) -> None:
    script = ROOT / "binder" / "postBuild"
    assert not script.is_symlink()
    python = tmp_path / "python"
    python.write_text(
        f'#!/bin/sh\n[ "$1" = -c ] && echo {tmp_path} || echo "$@" >> {tmp_path}/called\n', encoding="utf-8"
    )
    python.chmod(0o755)
    path = os.pathsep.join([str(tmp_path), os.environ["PATH"]])
    subprocess.run(["bash", script], cwd=ROOT, check=True, env={**os.environ, "PATH": path})
    ours = ROOT / "mailflow" / "course" / "jupyter"
    for setting in ours.rglob("*.json"):
        stored = tmp_path / "etc" / "jupyter" / setting.relative_to(ours)
        assert stored.read_bytes() == setting.read_bytes()
    assert "--no-deps --no-build-isolation" in (tmp_path / "called").read_text(encoding="utf-8")


def test_the_commands_of_the_readme_exist() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for path in ("README.md", "CONTRIBUTING.md"):
        text = (ROOT / path).read_text(encoding="utf-8")
        commands = re.findall(r"(?:^|`)make ([a-z-]+)\b", text, re.MULTILINE)
        assert "test" in commands
        for command in commands:
            assert re.search(rf"^[a-z -]*\b{command}\b[a-z -]*:", makefile, re.MULTILINE), f"{path} says make {command}"


def test_no_file_names_a_registry_or_a_machine() -> None:
    tracked = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True).stdout.split("\0")
    if tracked == [""]:
        pytest.skip("not a git checkout")
    forbidden = re.compile(
        "|".join(
            [
                "py" + r"pi\.org",
                "python" + "hosted",
                "npm" + r"js\.",
                "deb" + r"\.debian",
                "/wo" + "rk/",
                "/tm" + "p/bash",
            ]
        )
    )
    for name in filter(None, tracked):
        path = ROOT / name
        if path.is_file():
            found = forbidden.search(path.read_bytes().decode("utf-8", "replace"))
            assert found is None, f"{name} names {found.group(0) if found else ''}"


def test_packages_are_counted_once_the_old_environment_is_gone(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    happened: list[str] = []

    @contextmanager
    def counting(*_: object) -> Iterator[None]:
        happened.append("counting")
        yield
        happened.append("counted")

    monkeypatch.syspath_prepend(ROOT / "scripts")
    bootstrap = import_module("bootstrap")
    changed = {
        "ROOT": tmp_path,
        "VENV": tmp_path,
        "ready": lambda _: False,
        "wanted": lambda _: {"learn": "these"},
        "make_environment": lambda *_: happened.append("environment"),
        "Progress": counting,
        "run": lambda *_: happened.append("run"),
    }
    for name, value in changed.items():
        monkeypatch.setattr(bootstrap, name, value)
    bootstrap.install("learn")
    assert happened == ["environment", "counting", "run", "run", "run", "counted"]


@pytest.mark.skipif(not shutil.which("make"), reason="make is not installed")
def test_make_again_asks_for_a_notebook() -> None:
    done = subprocess.run(["make", "again", f"PYTHON={sys.executable}"], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode
    assert done.stderr.startswith("mailflow: say which notebook, for instance: make again N=03\n")
