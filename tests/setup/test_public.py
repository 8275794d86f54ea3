"""What a learner sees of the package: few names, each with an example that runs, and nothing in them that is hidden."""

import ast
import doctest
import inspect
import typing
from collections.abc import Iterator
from functools import cached_property
from importlib import import_module
from pathlib import Path
from pkgutil import walk_packages

import pytest

import mailflow

NAMES = [name for name in mailflow.__all__ if name != "__version__"]
HOMES = mailflow._HOME
PUBLIC = [item.name for item in walk_packages(mailflow.__path__, "mailflow.") if not item.name.endswith("__main__")]


def tables(text: str) -> tuple[dict[str, str], dict[str, str]]:
    """Where each public name comes from: for the type checker, and when it is first used."""
    checked: dict[str, str] = {}
    used: dict[str, str] = {}
    for node in ast.parse(text).body:
        if isinstance(node, ast.If):
            for line in node.body:
                assert isinstance(line, ast.ImportFrom)
                checked |= {alias.asname or alias.name: str(line.module) for alias in line.names}
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "_HOME":
            used = ast.literal_eval(node.value)
    return checked, used


def test_what_a_learner_sees_stays_small() -> None:
    assert len(mailflow.__all__) <= 40
    assert len(mailflow.__all__) == len(set(mailflow.__all__))


def test_the_type_checker_sees_every_public_name_where_it_is_found_at_run_time() -> None:
    checked, used = tables(Path(mailflow.__file__).read_text(encoding="utf-8"))
    assert checked == used
    assert list(used) == sorted(used)
    assert [*used] == NAMES
    assert dir(mailflow) == sorted(mailflow.__all__)


def test_a_name_that_stands_in_one_of_the_tables_only_is_noticed() -> None:
    checked, used = tables('if X:\n    from a.b import c as c\n_HOME = {"c": "a.b", "d": "a.b"}')
    assert (checked, used) == ({"c": "a.b"}, {"c": "a.b", "d": "a.b"})


@pytest.mark.parametrize("name", NAMES)
def test_the_room_of_a_public_name_lists_it_too(name: str) -> None:
    room = import_module(HOMES[name])
    assert name in room.__all__
    assert getattr(room, name) is getattr(mailflow, name)


def examples_of(name: str) -> doctest.DocTest:
    text = inspect.getdoc(getattr(mailflow, name)) or ""
    return doctest.DocTestParser().get_doctest(text, {"__name__": "__main__"}, f"mailflow.{name}", None, None)


def told_by(test: doctest.DocTest) -> str:
    """What an example says when it does not give what it promises; "" when it does."""
    told: list[str] = []
    doctest.DocTestRunner(verbose=False).run(test, out=told.append)
    return "".join(told)


@pytest.mark.parametrize("name", NAMES)
def test_every_public_name_has_an_example_that_gives_what_it_promises(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    test = examples_of(name)
    if inspect.isfunction(getattr(mailflow, name)):
        assert any(f"mailflow.{name}(" in example.source for example in test.examples)
    assert any(example.want for example in test.examples)
    assert told_by(test) == ""


def test_an_example_that_promises_something_else_is_noticed() -> None:
    test = doctest.DocTestParser().get_doctest(">>> 1 + 1\n3", {}, "wrong", None, None)
    assert "Expected:\n    3\nGot:\n    2" in told_by(test)


def classes_in(hint: object) -> Iterator[type]:
    """The classes of this package that a type mentions."""
    if isinstance(hint, type) and hint.__module__.startswith("mailflow"):
        yield hint
    if isinstance(hint, typing.TypeVar):
        yield from classes_in(hint.__bound__)
    for part in typing.get_args(hint):
        for item in part if isinstance(part, list) else [part]:
            yield from classes_in(item)


def callables_of(value: object) -> Iterator[object]:
    """A function itself; of a class its fields, and the functions behind its public methods and properties."""
    yield value
    if not isinstance(value, type):
        return
    for key, item in vars(value).items():
        if key.startswith("_") and key != "__init__":
            continue
        if isinstance(item, property):
            yield item.fget
        elif isinstance(item, cached_property):
            yield item.func
        elif isinstance(item, (classmethod, staticmethod)):
            yield item.__func__
        elif inspect.isfunction(item):
            yield item


def named_with(name: str) -> set[type]:
    """Every class of this package that a learner meets in the signatures of a public name."""
    return {
        found
        for item in callables_of(getattr(mailflow, name))
        for hint in hints_of(item).values()
        for found in classes_in(hint)
    }


def hints_of(item: object) -> dict[str, object]:
    try:
        return typing.get_type_hints(item)
    except NameError:  # what is imported for the type checker alone is looked for in the rooms, as a learner would
        return typing.get_type_hints(item, localns={kind.__name__: kind for kind in listed()})


def listed() -> set[type]:
    """Every class that a room, or a file in it, lists."""
    rooms = [import_module(name) for name in PUBLIC]
    found = [getattr(room, name) for room in rooms for name in getattr(room, "__all__", [])]
    return {item for item in found if isinstance(item, type)}


def described(kind: type) -> bool:
    """Whether somebody wrote what a class is; dataclasses and named tuples begin with a signature unless somebody did."""
    return bool(kind.__doc__) and not str(kind.__doc__).startswith(f"{kind.__name__}(")


@pytest.mark.parametrize("name", NAMES)
def test_whatever_stands_in_a_public_signature_can_be_imported_from_a_room_and_is_described(name: str) -> None:
    known = listed()
    for kind in sorted(named_with(name), key=str):
        assert kind in known, f"{name} mentions {kind.__module__}.{kind.__qualname__}, which nothing lists"
        assert described(kind), f"{kind.__module__}.{kind.__qualname__} is not described"


class Bare(typing.NamedTuple):
    field: int


def test_signatures_are_looked_into_however_deep() -> None:
    assert {kind.__name__ for kind in classes_in(dict[str, tuple[mailflow.Trace, ...] | None])} == {"Trace"}
    assert {kind.__name__ for kind in named_with("fact")} == {"Fact"}
    assert not described(Bare)
