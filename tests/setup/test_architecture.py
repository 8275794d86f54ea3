"""The layout: who may import whom, and what `import mailflow` must not pull in."""

import ast
import subprocess
import sys
from importlib import import_module
from pathlib import Path
from pkgutil import walk_packages

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "mailflow"
ALLOWED = {
    "facts": set(),
    "messages": {"facts"},
    "trace": {"facts", "messages"},
    "organization": {"facts"},
    "dns": {"facts", "organization"},
    "transport": {"facts", "messages", "trace", "organization", "dns"},
    "routing": {"facts", "trace", "organization"},
}
ALLOWED["linkstate"] = {"transport", "routing", *ALLOWED["transport"], *ALLOWED["routing"]}
ALLOWED["simulation"] = {"linkstate", *ALLOWED["linkstate"]}
for view in ("tools", "live", "player", "plots"):
    ALLOWED[view] = {"simulation", *ALLOWED["simulation"]}
ALLOWED["course"] = {*ALLOWED, "course"}
VIEWS_ONLY = {
    "matplotlib": {"plots"},
    "ipywidgets": {"player"},
    "anywidget": {"player"},
    "traitlets": {"player"},
    "aiosmtpd": {"live"},
    "numpy": set(),
}


def imports(path: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module)
    return found


@pytest.mark.parametrize("path", sorted(PACKAGE.rglob("*.py")), ids=lambda path: str(path.relative_to(PACKAGE)))
def test_imports_follow_the_arrows(path):
    room = path.relative_to(PACKAGE).parts[0]
    if room.endswith(".py"):
        return
    for name in imports(path):
        parts = name.split(".")
        if parts[0] == "mailflow" and len(parts) > 1:
            assert parts[1] in ALLOWED[room] | {room}, f"{room} may not import {name}"
        if parts[0] in VIEWS_ONLY:
            assert room in VIEWS_ONLY[parts[0]], f"{room} may not import {name}"


def loaded_after(code: str) -> set[str]:
    script = f"{code}\nimport sys\nprint(' '.join(sorted({{name.split('.')[0] for name in sys.modules}})))"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, cwd=ROOT)
    return set(done.stdout.split())


def test_import_mailflow_is_light():
    heavy = {
        "matplotlib",
        "networkx",
        "ipywidgets",
        "anywidget",
        "simpy",
        "dns",
        "IPython",
        "asyncio",
        "numpy",
        "tomllib",
        "email",
    }
    assert not loaded_after("import mailflow") & heavy


def test_a_whole_run_needs_no_view_and_nothing_compiled():
    code = "import mailflow as m\nm.Scenario(m.load('two sites')).send(m.Message.write('anna@contoso.com', 'kim@fabrikam.com')).run().to_json()"
    assert not loaded_after(code) & {"matplotlib", "ipywidgets", "anywidget", "IPython", "numpy"}


def test_every_rule_cites_facts_and_every_step_names_a_rule():
    for module in walk_packages([str(PACKAGE)], "mailflow."):
        if not module.name.endswith("__main__"):
            import_module(module.name)
    from mailflow.facts import fact, rules
    from mailflow.trace import steps

    known = rules()
    for step in steps().values():
        assert step.rule in known, f"{step.key} names the rule {step.rule!r}, which does not exist"
    for rule in known.values():
        assert all(fact(number) for number in rule.numbers), rule
        assert rule.title.endswith("."), f"the title of {rule.name} is cut off: {rule.title}"
