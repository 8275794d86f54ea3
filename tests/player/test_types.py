"""What Python hands to the browser, and what the browser's type checker takes it for: field by field the same."""

import re
from typing import NotRequired, get_origin, get_type_hints

import pytest

from mailflow.player.questions import Question
from mailflow.player.widget import ChangeData, Options
from mailflow.trace import described
from mailflow.trace.telling import StepData
from mailflow.transport import matrix
from scripts.node import ROOT

TEXT = (ROOT / "mailflow" / "player" / "js" / "types.d.ts").read_text(encoding="utf-8")
SAME: dict[str, type] = {
    **{name: getattr(described, name) for name in described.__all__ if name not in ("RoutingData", "SettingsData")},
    "StepData": StepData,
    "Question": Question,
    "ChangeData": ChangeData,
    "MatrixData": matrix.MatrixData,
    "SettingData": matrix.SettingData,
    "RelayRuleData": matrix.RuleData,
    "VerdictData": matrix.VerdictData,
}
IN_PYTHON_ONLY = {"still"}
"""Told to the browser, and of no use there."""
BESIDE = {"facts", "follow", "map", "prices", "questions", "routes", "stories"}
"""What `mailflow.player.aside` adds."""
ADDED = {"answers", "level", "parts", "reopened", "share", "traces"}
"""What the widget adds, or the browser itself."""


def fields(name: str, kind: str = r"\??") -> set[str]:
    """The fields of an interface; with "?" as kind those that may be missing."""
    found = re.search(rf"^export interface {name} {{\n(.*?)^}}", TEXT, re.DOTALL | re.MULTILINE)
    assert found, f"types.d.ts has no {name}"
    return set(re.findall(rf"^  (\w+){kind}:", found[1], re.MULTILINE))


@pytest.mark.parametrize("name", SAME)
def test_an_interface_has_the_fields_of_its_twin_in_python(name: str) -> None:
    twin = SAME[name]
    hints = get_type_hints(twin, include_extras=True)
    missing = {field for field, hint in hints.items() if get_origin(hint) is NotRequired}
    assert fields(name) == set(hints)
    assert fields(name, r"\?") == missing | getattr(twin, "__optional_keys__", frozenset())


def test_the_options_of_a_player_are_known_on_both_sides() -> None:
    assert fields("Options") == (set(get_type_hints(Options)) - IN_PYTHON_ONLY) | BESIDE | ADDED


def test_nothing_is_of_any_type() -> None:
    for path in (ROOT / "mailflow" / "player" / "js").iterdir():
        assert not re.search(r"[{<|(:,\[] *any\b|@ts-(ignore|nocheck)", path.read_text(encoding="utf-8")), path.name
