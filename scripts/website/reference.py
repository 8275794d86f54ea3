"""The reference: a page of what a learner uses, and one for each room of the package, from the docstrings."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from importlib import import_module
from pkgutil import walk_packages
from textwrap import indent
from types import ModuleType

from sphinx.pycode import ModuleAnalyzer

import mailflow

INDEX = "reference/index"
ABOUT = """Everything that ``import mailflow`` offers, with an example for each name. Below it the package lies in rooms, a page for
each. The numbers in ``Source`` lines are `facts <../docs/facts.html>`_."""


def pages() -> Iterator[tuple[str, str]]:
    """Every page: its place, without an ending, and its text as reStructuredText."""
    names = [name for name in mailflow.__all__ if name != "__version__"]
    described = {id(getattr(mailflow, name)) for name in names}
    rooms = sorted(rooms_of_the_package().items())
    listed = "\n".join(f"   {room}" for room, _ in rooms)
    body = "\n".join(directive("mailflow", name) for name in names)
    yield (
        INDEX,
        f"{title('Reference', '=')}{ABOUT}\n\n.. toctree::\n   :hidden:\n\n{listed}\n\n{title('Rooms', '-')}{links(rooms)}\n{title('For learners', '-')}{body}",
    )
    for room, modules in rooms:
        yield f"reference/{room}", page(room, modules, described)


def rooms_of_the_package() -> dict[str, list[ModuleType]]:
    """By room, the modules in it that list what is public."""
    rooms: dict[str, list[ModuleType]] = {}
    for item in walk_packages(mailflow.__path__, "mailflow."):
        if not item.name.endswith("__main__"):
            module = import_module(item.name)
            if hasattr(module, "__all__"):
                rooms.setdefault(item.name.split(".")[1], []).append(module)
    return rooms


def links(rooms: list[tuple[str, list[ModuleType]]]) -> str:
    """A list of the rooms, each with what it is for."""
    rows = [f"- :doc:`mailflow.{room} <{room}>`: {summary(import_module(f'mailflow.{room}'))}" for room, _ in rooms]
    return "\n".join(rows) + "\n"


def summary(item: object) -> str:
    """The first paragraph of a docstring."""
    return " ".join((inspect.getdoc(item) or "").split("\n\n")[0].split())


def page(room: str, modules: list[ModuleType], described: set[int]) -> str:
    """The page of one room: each module in it, with whatever no page before has described."""
    text = f"{title(f'mailflow.{room}', '=')}{summary(import_module(f'mailflow.{room}'))}\n\n"
    for module in modules:
        new = [name for name in module.__all__ if id(getattr(module, name)) not in described]
        described |= {id(getattr(module, name)) for name in new}
        if module.__name__ != f"mailflow.{room}":
            text += f"{title(module.__name__, '-')}{summary(module)}\n\n"
        text += "\n".join(directive(module.__name__, name) for name in new) + "\n"
    return text


def directive(module: str, name: str) -> str:
    """What Sphinx is to describe: a class with its members, a function, or a constant that has words to it."""
    item = getattr(import_module(module), name)
    if inspect.isclass(item):
        return f".. autoclass:: {module}.{name}\n   :members:\n"
    if inspect.isroutine(item):
        return f".. autofunction:: {module}.{name}\n"
    words = ModuleAnalyzer.for_module(module).find_attr_docs().get(("", name))
    return f".. py:data:: {module}.{name}\n\n{indent(chr(10).join(words), '   ')}\n" if words else ""


def title(text: str, line: str) -> str:
    """A heading."""
    return f"{text}\n{line * len(text)}\n\n"
