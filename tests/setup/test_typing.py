"""How much of the package is typed by `Any`, which switches the type checker off: next to nothing, and none of it in hiding."""

import ast
import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FILES = sorted((ROOT / "mailflow").rglob("*.py"))
MOST = 3.0
"""Times that the word may stand in 1,000 lines, imports and prose included."""


def any_in(text: str) -> int:
    return len(re.findall(r"\bAny\b", text))


def hidden(tree: ast.AST) -> list[int]:
    """The lines that give `Any` another name."""
    lines = []
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            lines += [node.lineno for alias in node.names if alias.name == "Any" and alias.asname not in (None, "Any")]
        elif isinstance(node, ast.Assign | ast.AnnAssign) and node.value is not None:
            named = {item.id for item in ast.walk(node.value) if isinstance(item, ast.Name)}
            named |= {item.attr for item in ast.walk(node.value) if isinstance(item, ast.Attribute)}
            lines += [node.lineno] if "Any" in named else []
    return lines


def test_any_is_rarer_than_three_in_a_thousand_lines() -> None:
    texts = {path.relative_to(ROOT): path.read_text(encoding="utf-8") for path in FILES}
    found = {str(path): count for path, text in texts.items() if (count := any_in(text))}
    lines = sum(text.count("\n") for text in texts.values())
    assert lines > 10_000, "the package was not found"
    assert sum(found.values()) * 1000 / lines < MOST, found


def test_any_has_no_other_name() -> None:
    for path in FILES:
        assert not hidden(ast.parse(path.read_text(encoding="utf-8"))), path


def test_another_name_for_any_is_noticed() -> None:
    text = "from typing import Any as Whatever\nJson = dict[str, Any]\nx: int = 1\nJ: TypeAlias = typing.Any\n"
    assert hidden(ast.parse(text)) == [1, 2, 4]
    assert any_in("Any, typing.Any, Anything, AnyConnector, many") == 2
