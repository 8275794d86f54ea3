"""What frozen data reads, compares and hashes by: as dataclasses do."""

from dataclasses import dataclass, field, make_dataclass, replace
from typing import Any

import pytest

from mailflow.plain import Plain


@dataclass(frozen=True, slots=True, repr=False, eq=False)
class Ours(Plain):
    one: int
    position: int = field(default=0, compare=False)
    settings: dict[str, int] = field(default_factory=dict, hash=False)
    secret: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Theirs:
    one: int
    position: int = field(default=0, compare=False)
    settings: dict[str, int] = field(default_factory=dict, hash=False)
    secret: str = field(default="", repr=False)


CHANGES: tuple[dict[str, Any], ...] = ({}, {"one": 2}, {"position": 2}, {"settings": {"a": 1}}, {"secret": "x"})


@pytest.mark.parametrize("first", CHANGES)
@pytest.mark.parametrize("second", CHANGES)
def test_it_behaves_as_a_dataclass_that_writes_its_own(first: dict[str, Any], second: dict[str, Any]) -> None:
    ours, others = (replace(Ours(1), **change) for change in (first, second))
    theirs, its_others = (replace(Theirs(1), **change) for change in (first, second))
    assert (ours == others) is (theirs == its_others)
    assert (hash(ours) == hash(others)) is (hash(theirs) == hash(its_others))
    assert repr(ours) == repr(theirs).replace("Theirs", "Ours")


def test_another_class_with_the_same_fields_is_something_else() -> None:
    derived = make_dataclass("Derived", [], bases=(Ours,), frozen=True, eq=False, repr=False)
    assert Ours(1) != derived(1)
    assert Ours(1) != 1
    assert len({Ours(1), derived(1), Ours(1)}) == 2
