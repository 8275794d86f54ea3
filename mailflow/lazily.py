"""Names of a package, and modules, that are loaded when somebody first asks for them: most runs of a learner need few of them."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from importlib import import_module

__all__ = ["Later", "lazily"]


def lazily(package: str, home: Mapping[str, str]) -> Callable[[str], object]:
    """The ``__getattr__`` of a package, which finds each name in the module that ``home`` gives for it and keeps it.

    Raises AttributeError for any other name, as every module does.
    """

    def find(name: str) -> object:
        if name not in home:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        value = getattr(import_module(home[name]), name)
        setattr(sys.modules[package], name, value)
        return value

    return find


class Later:
    """A module that is loaded when somebody first asks for a name in it. For a type checker, import the module itself."""

    def __init__(self, module: str) -> None:
        self._module = module

    def __getattr__(self, name: str) -> object:
        return getattr(import_module(self._module), name)
