"""Whatever is handed to a check, it ends as one line."""

from collections.abc import Iterator

import pytest

import mailflow
from mailflow.course.exercises import tasks


class Mute(Exception):
    """An error that cannot say what it is."""

    def __str__(self) -> str:
        raise ValueError("no words")


class Torn(list[object]):
    """A list that cannot be gone through."""

    def __iter__(self) -> Iterator[object]:
        raise Mute


class Sly(tuple[object, ...]):
    """A tuple that fails in the middle."""

    def __iter__(self) -> Iterator[object]:
        yield from super().__iter__()
        raise LookupError("the end\nis missing")


class Masked:
    """Something that does not say of which class it is."""

    @property  # type: ignore[misc]  # on purpose
    def __class__(self) -> type:
        raise OSError("nobody")


@pytest.mark.parametrize("name", tasks())
def test_what_cannot_be_looked_at_ends_as_one_line(name: str) -> None:
    for given, told in (
        (Torn([1]), "Mute"),
        (Sly([1]), "LookupError: the end is missing"),
        (Masked(), "OSError: nobody"),
    ):
        said = mailflow.check(name, given)
        assert (said.task, said.solved, said.text) == (name, False, f"Running it failed: {told}")
        assert "\n" not in repr(said)


def test_what_is_no_name_of_a_task_is_told_without_a_name() -> None:
    said = mailflow.check(Masked(), ...)  # type: ignore[arg-type]  # as somebody may write it
    assert (said.task, said.text) == ("", "Running it failed: OSError: nobody")
