"""What frozen data reads, compares and hashes by."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import Field, fields
from functools import cache
from operator import attrgetter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

__all__ = ["Plain"]


class Plain:
    """Base of a frozen dataclass that is declared with ``repr=False, eq=False``: it behaves as if both were left out.

    `dataclasses.dataclass` writes these functions anew for each class, 4 KB of them: half a megabyte for the classes of a first run.
    """

    __slots__ = ()

    def __repr__(self) -> str:
        kind: type = type(self)
        shown = (f"{item.name}={getattr(self, item.name)!r}" for item in _fields(kind) if item.repr)
        return f"{kind.__qualname__}({', '.join(shown)})"

    def __eq__(self, other: object) -> bool:
        if type(other) is not type(self):
            return NotImplemented
        kind: type = type(self)
        compared = _compared(kind)
        return compared(self) == compared(other)

    def __hash__(self) -> int:
        kind: type = type(self)
        return hash(_hashed(kind)(self))


@cache
def _compared(kind: type) -> Callable[[object], object]:
    return attrgetter("__class__", *(item.name for item in _fields(kind) if item.compare))


@cache
def _hashed(kind: type) -> Callable[[object], object]:
    hashed = (item.name for item in _fields(kind) if (item.compare if item.hash is None else item.hash))
    return attrgetter("__class__", *hashed)


def _fields(kind: type[DataclassInstance]) -> tuple[Field[object], ...]:
    return fields(kind)
