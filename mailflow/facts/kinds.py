"""Values of the wrong kind, said in one line: where they stand, what they are, what belongs there, and what to write."""

from __future__ import annotations

from collections.abc import Iterable

from mailflow.facts.closest import closest
from mailflow.facts.mistake import InputError
from mailflow.facts.words import a


def described(value: object) -> str:
    """What a value is, in words: "a list", "the class Message itself", "nothing (None)"."""
    if value is None:
        return "nothing (None)"
    if isinstance(value, type):
        return f"the class {value.__name__} itself"
    word = {"str": "text", "int": "number", "float": "number", "bool": "truth value"}.get(type(value).__name__)
    return f"the {word} {value!r}" if word else a(type(value).__name__)


def misfit(place: str, value: object, wanted: str, remedy: str) -> str:
    """The line about a value that is no ``wanted``; ``remedy`` says what to write."""
    return f"{place}: {described(value)} is no {wanted}; {remedy}"


def need(place: str, value: object, kind: type | tuple[type, ...], wanted: str, remedy: str) -> None:
    """See that a value is of the kind that belongs here.

    Raises:
        ValueError: it is not.
    """
    if not isinstance(value, kind) or (isinstance(value, bool) and kind in (int, float, (int, float))):
        raise InputError(misfit(place, value, wanted, remedy))


def need_list(place: str, value: object, example: str) -> None:
    """See that a value is a list of several things, and not a single text, which is a list of letters.

    Raises:
        ValueError: it is not.
    """
    if isinstance(value, str):
        raise InputError(f"{place}: {value!r} is one text, and this takes a list; write [{value!r}]")
    if not isinstance(value, Iterable):
        raise InputError(misfit(place, value, "list", f"write, for example, {example}"))


def need_one_of(place: str, value: object, known: Iterable[str]) -> None:
    """See that a value is one of a few names.

    Raises:
        ValueError: it is not.
    """
    names = list(known)
    if value not in names:
        like = closest(str(value), names) or closest(str(value).lower(), names)
        hint = f"did you mean {like!r}?" if like else f"there is {', '.join(map(repr, names)) or 'none'}"
        raise InputError(f"{place}: no {value!r}; {hint}")


def need_server(server: object, known: Iterable[str]) -> None:
    """See that a value is the name of one of the known servers.

    Raises:
        ValueError: it is not.
    """
    need("server", server, str, "name of a server", "write, for example, 'LON01'")
    names = list(known)
    if server not in names:
        raise InputError(f"no server {server!r}; there is {', '.join(names[:8])}")
