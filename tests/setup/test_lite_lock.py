"""The lock of the browser edition is complete for the Python of a page, and names pure wheels by one hash each."""

import json
import re
from pathlib import Path
from typing import Any

from packaging.requirements import Requirement

from scripts.lock import DEVELOP, LITE, LITE_IN, LITE_PYTHON, LITE_REQUIRES, LITE_STAND_IN, LITE_WITHOUT, pins
from tests.setup.test_doors import PROJECT, canonical

ROOT = Path(__file__).resolve().parents[2]
PAGE = {
    **{"sys_platform": "emscripten", "os_name": "posix", "platform_system": "Emscripten", "platform_machine": "wasm32"},
    **{"python_version": LITE_PYTHON, "python_full_version": f"{LITE_PYTHON}.2", "extra": ""},
    **{"implementation_name": "cpython", "platform_python_implementation": "CPython"},
}
REQUIRES: dict[str, list[str]] = json.loads(LITE_REQUIRES.read_text(encoding="utf-8"))
LOCKED = dict(pin.split("==") for pin in pins(LITE))


def asked() -> list[str]:
    """What the page and its builder ask for themselves."""
    listed = [line.partition("#")[0].strip() for line in LITE_IN.read_text(encoding="utf-8").splitlines()]
    project: list[str] = PROJECT["project"]["dependencies"]
    return [line for line in listed if line] + [text for text in project if not text.startswith(LITE_WITHOUT)]


def missing(locked: dict[str, str]) -> set[str]:
    """Every requirement that the lock does not fulfil."""
    waiting = [(Requirement(text), "") for text in asked()]
    seen: set[tuple[str, str]] = set()
    faults: set[str] = set()
    while waiting:
        wanted, extra = waiting.pop()
        name = canonical(wanted.name)
        if (wanted.marker and not wanted.marker.evaluate({**PAGE, "extra": extra})) or name == LITE_STAND_IN:
            continue
        version = locked.get(name)
        if version is None or not wanted.specifier.contains(version, prereleases=True):
            faults.add(f"{wanted} is asked for, the lock has {version}")
            continue
        for option in {"", *wanted.extras} - {known for pin, known in seen if pin == name}:
            seen.add((name, option))
            waiting += [(Requirement(text), option) for text in REQUIRES.get(f"{name}=={version}", [])]
    return faults


def test_nothing_has_to_be_resolved_when_the_edition_is_built() -> None:
    assert missing(LOCKED) == set()


def test_a_hole_is_noticed() -> None:
    for hole in ("simpy", "psygnal", "wcwidth", "doit"):
        assert any(hole in fault for fault in missing({name: LOCKED[name] for name in LOCKED if name != hole})), hole
    assert missing({**LOCKED, "traitlets": "1.0"})


def test_what_is_recorded_beside_the_lock_is_what_it_pins() -> None:
    assert set(REQUIRES) == set(pins(LITE))


def test_a_page_runs_the_versions_that_a_developer_tests() -> None:
    developer = dict(pin.split("==") for pin in pins(DEVELOP))
    both = LOCKED.keys() & developer.keys()
    assert len(both) > 20
    assert {name: LOCKED[name] for name in both} == {name: developer[name] for name in both}


def test_every_pin_has_one_hash_and_no_index() -> None:
    text = LITE.read_text(encoding="utf-8")
    assert re.fullmatch(r"([a-z0-9-]+==\S+ \\\n    --hash=sha256:[0-9a-f]{64}\n)+", text)


def test_pyodide_is_pinned_to_one_version_with_its_hash_and_no_address() -> None:
    wanted: dict[str, Any] = json.loads((ROOT / "package.json").read_text(encoding="utf-8"))["devDependencies"]
    locked = json.loads((ROOT / "package-lock.json").read_text(encoding="utf-8"))["packages"]["node_modules/pyodide"]
    assert re.fullmatch(r"\d+\.\d+\.\d+", wanted["pyodide"])
    assert locked["version"] == wanted["pyodide"]
    assert locked["integrity"].startswith("sha512-")
    assert "resolved" not in locked
