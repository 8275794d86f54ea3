"""The layout: who may import whom, and what `import mailflow` must not pull in."""

import ast
import subprocess
import sys
import time
from importlib import import_module
from pathlib import Path
from pkgutil import walk_packages

import networkx as nx
import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "mailflow"
ALLOWED: dict[str, set[str]] = {
    "plain": set(),
    "facts": {"plain"},
    "names": set(),
    "messages": {"plain", "facts", "names"},
    "trace": {"plain", "facts", "names", "messages"},
    "organization": {"plain", "facts"},
    "dns": {"plain", "facts", "organization"},
    "transport": {"plain", "facts", "names", "messages", "trace", "organization", "dns"},
    "routing": {"plain", "facts", "names", "trace", "organization"},
}
ALLOWED["linkstate"] = {"transport", "routing", *ALLOWED["transport"], *ALLOWED["routing"]}
ALLOWED["simulation"] = {"linkstate", *ALLOWED["linkstate"]}
for view in ("tools", "live", "player", "plots"):
    ALLOWED[view] = {"simulation", *ALLOWED["simulation"]}
ALLOWED["player"] |= {"tools"}  # a tool with buttons shows the tool; no tool knows of a player
ALLOWED["plots"] |= {"tools"}  # a chart of counters shows what the tool found
ALLOWED["capstone"] = {*ALLOWED}
ALLOWED["course"] = {*ALLOWED, "course"}
ALLOWED["faults"] = {*ALLOWED}
ALLOWED["commands"] = {"course", "facts", "live", "messages", "organization", "tools"}
VIEWS_ONLY: dict[str, set[str]] = {
    "matplotlib": {"plots"},
    "ipywidgets": {"player"},
    "anywidget": set(),
    "traitlets": {"player"},
    "aiosmtpd": {"live"},
    "numpy": set(),
}


FILES = sorted(PACKAGE.rglob("*.py"))


def module_of(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


MODULES = {module_of(path): path for path in FILES}
files = pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(PACKAGE)))


def names_in(node: ast.AST) -> set[str]:
    """What one statement imports: modules, and of "from x import y" both x and x.y, whichever of them is a module."""
    if isinstance(node, ast.Import):
        return {alias.name for alias in node.names}
    if isinstance(node, ast.ImportFrom):
        assert node.level == 0, "imports are written out in full here"
        return {str(node.module), *(f"{node.module}.{alias.name}" for alias in node.names)}
    return set()


def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def imports(path: Path) -> set[str]:
    """Everything a file imports, in functions and for the type checker, too."""
    return {name for node in ast.walk(tree_of(path)) for name in names_in(node)}


def needs() -> dict[str, set[str]]:
    """For each file of the package the files that it imports. A package itself counts only for what it defines."""
    found: dict[str, set[str]] = {}
    for module, path in MODULES.items():
        found[module] = set()
        for node in ast.walk(tree_of(path)):
            known = names_in(node) & MODULES.keys()
            submodules = {name for name in known if any(name.startswith(f"{other}.") for other in known)}
            everything = isinstance(node, ast.ImportFrom) and len(submodules) == len(node.names)
            found[module] |= submodules if everything else known
    return found


def circles(graph: dict[str, set[str]]) -> list[list[str]]:
    """The files that need each other, whichever way round."""
    needed: nx.DiGraph[str] = nx.DiGraph()
    needed.add_edges_from((module, other) for module, others in graph.items() for other in others)
    return sorted(sorted(group) for group in nx.strongly_connected_components(needed) if len(group) > 1)


def test_no_file_needs_a_file_that_needs_it() -> None:
    graph = needs()
    assert circles(graph) == []
    assert not [module for module, needed in graph.items() if module in needed]


def test_a_circle_is_found_wherever_its_imports_stand(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    texts = {
        "one": "import mailflow.two",
        "two": "def f():\n    from mailflow import three",
        "three": "if TYPE_CHECKING:\n    from mailflow.one import x",
        "four": "from mailflow.one import x",
    }
    for name, text in texts.items():
        (tmp_path / f"{name}.py").write_text(text)
    made = {f"mailflow.{name}": tmp_path / f"{name}.py" for name in texts}
    monkeypatch.setattr(sys.modules[__name__], "MODULES", made)
    assert circles(needs()) == [["mailflow.one", "mailflow.three", "mailflow.two"]]


def local_imports(path: Path) -> dict[int, ast.AST]:
    """Every import inside a function, by its line."""
    functions = [node for node in ast.walk(tree_of(path)) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    inside = [node for function in functions for node in ast.walk(function)]
    return {node.lineno: node for node in inside if isinstance(node, ast.Import | ast.ImportFrom)}


def reason(lines: list[str], number: int) -> str:
    """The comment on a line or on the line above; imports in a row may share the one above the first of them."""
    line, above = lines[number - 1], lines[number - 2].strip()
    if "#" in line:
        return line.partition("#")[2].strip()
    if above.startswith("#"):
        return above[1:].strip()
    return reason(lines, number - 1) if above.startswith(("import ", "from ")) else ""


@files
def test_an_import_inside_a_function_says_why_it_stands_there(path: Path) -> None:
    lines = path.read_text(encoding="utf-8").splitlines()
    for number in local_imports(path):
        assert len(reason(lines, number).split()) > 2, (
            f"{path.relative_to(ROOT)}:{number}: say why this import is local"
        )


def test_a_missing_reason_is_noticed() -> None:
    lines = [
        "def f():",
        "    # slow to load",
        "    import a",
        "    import b",
        "    x = 1",
        "    import c",
        "    import d  # why",
    ]
    assert [reason(lines, number) for number in (3, 4, 6, 7)] == ["slow to load", "slow to load", "", "why"]


@files
def test_imports_follow_the_arrows(path: Path) -> None:
    room = path.relative_to(PACKAGE).parts[0]
    if room.endswith(".py"):
        return
    for name in sorted(imports(path)):
        parts = name.split(".")
        if parts[0] == "mailflow" and len(parts) > 1:
            assert parts[1] in ALLOWED[room] | {room, "lazily"}, f"{room} may not import {name}"
        if parts[0] in VIEWS_ONLY:
            assert room in VIEWS_ONLY[parts[0]], f"{room} may not import {name}"


def loaded_after(code: str) -> set[str]:
    script = f"{code}\nimport sys\nprint(' '.join(sorted({{name.split('.')[0] for name in sys.modules}})))"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, cwd=ROOT)
    return set(done.stdout.split())


def test_import_mailflow_is_light() -> None:
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


def test_asking_for_the_version_reads_no_model() -> None:
    code = "from mailflow.commands import main\ntry:\n    main(['--version'])\nexcept SystemExit:\n    print()"
    assert not loaded_after(code) & {"simpy", "dns", "tomllib", "email", "asyncio", "json", "jupyter_core"}


RUN = """import mailflow as m
trace = m.Scenario(m.load({name!r})).send(m.Message.write("anna@contoso.com", {to!r})).run()"""
VIEWS = {"matplotlib", "ipywidgets", "anywidget", "traitlets", "psygnal", "IPython", "numpy"}
UNUSED = VIEWS | {"difflib", "networkx", "dns", "idna", "aiosmtpd", "asyncio", "tomli_w"}


@pytest.mark.parametrize("name", ["one server", "two servers"])
def test_a_first_run_loads_only_what_it_uses(name: str) -> None:
    assert not loaded_after(RUN.format(name=name, to="ben@contoso.com")) & UNUSED


def test_each_library_is_loaded_by_what_needs_it_alone() -> None:
    outside = loaded_after(RUN.format(name="one server", to="kim@fabrikam.com")) & UNUSED
    assert "dns" in outside
    assert "networkx" not in outside
    assert loaded_after(RUN.format(name="two sites", to="pierre@contoso.com")) & UNUSED == {"networkx"}


def test_a_whole_run_and_its_json_need_no_view_and_nothing_compiled() -> None:
    assert not loaded_after(RUN.format(name="two sites", to="kim@fabrikam.com") + "\ntrace.to_json()") & VIEWS


def test_a_run_parses_no_fact() -> None:
    code = RUN.format(name="one server", to="ben@contoso.com") + "\nfrom mailflow.facts import _index, fact"
    code += "\nassert _index.cache_info().misses == fact.cache_info().misses == 0"
    loaded_after(code)


def seconds(code: str) -> float:
    start = time.perf_counter()
    subprocess.run([sys.executable, "-c", code], check=True, cwd=ROOT)
    return time.perf_counter() - start


def test_the_first_run_takes_about_the_time_of_the_libraries_it_needs() -> None:
    libraries = "import simpy, email.message, email.policy, email.headerregistry, tomllib, dataclasses"
    run = RUN.format(name="one server", to="ben@contoso.com")
    pairs = [(seconds(run), seconds(libraries)) for _ in range(4)]
    times = min(item[0] for item in pairs) / min(item[1] for item in pairs)
    assert times < 3 * 2.5, f"2.5 times is the aim; this is {times:.1f}"


def test_only_one_module_knows_the_graph_library() -> None:
    assert [path.name for path in sorted(PACKAGE.rglob("*.py")) if "networkx" in imports(path)] == ["graph.py"]


def test_every_rule_cites_facts_and_every_step_names_a_rule() -> None:
    for module in walk_packages([str(PACKAGE)], "mailflow."):
        if not module.name.endswith("__main__"):
            import_module(module.name)
    from mailflow.facts import fact, rules
    from mailflow.trace import step_of, tellings

    known = rules()
    for step in map(step_of, tellings().values()):
        assert set(step.rules) <= set(known), f"{step.key} names the rules {step.rules}"
    for rule in known.values():
        assert all(fact(number) for number in rule.numbers), rule
        assert rule.title.endswith("."), f"the title of {rule.name} is cut off: {rule.title}"
