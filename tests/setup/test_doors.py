"""All doors open on the same packages, and nothing in the repository names a place that its users do not have."""

import re
import subprocess
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LOCK = (ROOT / "requirements" / "lock.txt").read_text(encoding="utf-8")


def locked() -> dict[str, set[str]]:
    pins: dict[str, set[str]] = {}
    for name, version in re.findall(r"^([A-Za-z0-9._-]+)==([^\s;\\]+)", LOCK, re.MULTILINE):
        pins.setdefault(re.sub(r"[._-]+", "-", name).lower(), set()).add(version)
    return pins


def test_every_pin_has_hashes_and_no_index():
    entries = re.split(r"^(?=[A-Za-z0-9._-]+==)", LOCK, flags=re.MULTILINE)[1:]
    assert entries
    assert all("--hash=sha256:" in entry for entry in entries)
    assert "://" not in LOCK
    assert "index" not in LOCK


def test_pins_lie_in_the_ranges_of_pyproject():
    packaging = pytest.importorskip("packaging.requirements")
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    named = [*project["dependencies"], *(item for extra in project["optional-dependencies"].values() for item in extra)]
    pins = locked()
    for text in named:
        requirement = packaging.Requirement(text)
        name = re.sub(r"[._-]+", "-", requirement.name).lower()
        assert name in pins, text
        assert all(requirement.specifier.contains(version) for version in pins[name]), text


@pytest.mark.parametrize(
    ("path", "lock"),
    [("environment.yml", "requirements/lock.txt"), ("binder/environment.yml", "../requirements/lock.txt")],
)
def test_conda_and_binder_install_the_lock_itself(path, lock):
    text = (ROOT / path).read_text(encoding="utf-8")
    assert f"- -r {lock}\n" in text
    assert "==" not in text, "a version beside the lock could differ from it"
    assert (ROOT / path).parent.joinpath(lock).resolve() == ROOT / "requirements" / "lock.txt"


def test_binder_stores_the_setting_that_the_local_door_stores():
    text = (ROOT / "binder" / "postBuild").read_text(encoding="utf-8")
    for name in ("share/jupyter/lab/settings/overrides.json", "etc/jupyter/jupyter_nbconvert_config.json"):
        assert name in text
        assert (ROOT / name).is_file()
    assert not (ROOT / "binder" / "postBuild").is_symlink()


def test_the_commands_of_the_readme_exist():
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for path in ("README.md", "CONTRIBUTING.md"):
        for command in re.findall(r"\bmake ([a-z]+)\b(?=[ `\n])", (ROOT / path).read_text(encoding="utf-8")):
            if command not in ("made", "things"):
                assert re.search(rf"^[a-z ]*\b{command}\b[a-z ]*:", makefile, re.MULTILINE), (
                    f"{path} says make {command}"
                )


def test_no_file_names_a_registry_or_a_machine():
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
