"""Private parts of libraries: each is named where it is used, and the library is held below its next minor release."""

import inspect
import re
import tomllib
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path

import pytest
from aiosmtpd.smtp import SMTP
from packaging.requirements import Requirement
from packaging.version import Version

from mailflow.live.smtp import Conversation

ROOT = Path(__file__).resolve().parents[2]
REQUIRED = {
    wanted.name: wanted
    for text in tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["dependencies"]
    for wanted in [Requirement(text)]
}
REACHES = r"\b(?!(?:self|cls|other|made)\b)[a-z_]\w*\._(?!replace|fields|field_defaults|asdict|make|repr_)[a-z]\w*"
"""``name._part`` of anything but one of its own class (which is called other or made here); the methods of named tuples, and those by which Jupyter asks for a picture, are public in spite of their names."""

private = pytest.mark.parametrize(("ours", "theirs", "library"), [(Conversation, SMTP, "aiosmtpd")])
own_names = re.compile(r"(?:self\.|def |super\(\)\.|^    )(_[a-z]\w*)", re.MULTILINE).findall


def used(ours: type, theirs: type) -> set[str]:
    """The private names of a library's class that a class of ours uses or replaces."""
    return set(own_names(inspect.getsource(ours))) & set(own_names(inspect.getsource(theirs)))


def explained(ours: type) -> set[str]:
    """The names that the comments of a class speak of."""
    comments = re.findall(r"^\s*# (.*)$", inspect.getsource(ours), re.MULTILINE)
    return set(re.findall(r"`(\w+)`", "\n".join(comments)))


@private
def test_the_comment_names_each_private_part_that_is_used(ours: type, theirs: type, library: str) -> None:
    assert used(ours, theirs)
    assert used(ours, theirs) - {"__init__"} <= explained(ours), f"of {library}"


@private
def test_the_library_is_held_below_its_next_minor_release(ours: type, theirs: type, library: str) -> None:
    here = Version(version(library))
    assert REQUIRED[library].specifier.contains(str(here))
    assert not REQUIRED[library].specifier.contains(f"{here.major}.{here.minor + 1}")


def test_a_private_part_without_a_word_about_it_is_noticed() -> None:
    class Theirs:
        def _one(self) -> None: ...
        def _two(self) -> None: ...

    class Ours(Theirs):
        # `_one` has no public sister.
        def both(self, then: Callable[[], None]) -> None:
            self._one()
            self._two()

    assert used(Ours, Theirs) == {"_one", "_two"}
    assert explained(Ours) == {"_one"}


def test_no_other_class_of_ours_reaches_into_another_object() -> None:
    found = {
        f"{path.relative_to(ROOT)}: {reached}"
        for path in sorted((ROOT / "mailflow").rglob("*.py"))
        for reached in re.findall(REACHES, path.read_text(encoding="utf-8"))
    }
    assert found == {"mailflow/live/smtp.py: _reader._buffer"}
