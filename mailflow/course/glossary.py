"""What a word of the field means: terms, queues, status codes, and event numbers of message tracking and of the event log."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from html import escape
from importlib.resources import files

from mailflow.facts import SURE, cited_in, fact, weakest
from mailflow.facts.closest import closest
from mailflow.facts.mistake import NoSuchWord
from mailflow.messages.dsn import STATUS
from mailflow.trace.telling import step_of, tellings

KINDS = ("term", "queue", "status code", "tracking event", "event")
FIRST_OF_TRANSPORT = 1019
"""Tracking events below this number come from the MTA, gateways and Exchange 5.5 (Source: T170, T171)."""


@dataclass(frozen=True, slots=True, repr=False)
class Entry:
    """One entry: what it is called, which kind of word it is, what it means, and the facts behind it by number.

    The words of a notebook are an entry as well, with an entry for each of them.
    """

    name: str
    kind: str
    says: str
    numbers: tuple[str, ...]
    words: tuple[Entry, ...] = ()

    @property
    def sure(self) -> str:
        """How sure the least sure of its facts is; of a code or an event the least sure clause that names its number."""
        if self.kind in ("term", "queue"):
            return weakest(self.numbers)
        named = re.compile(rf"(?<![\d.]){re.escape(self.name)}(?!\.?\d)")
        clauses = [clause for number in self.numbers for clause in fact(number).clauses]
        return max((item.sure for item in clauses if named.search(item.says)), key=SURE.index)

    def __repr__(self) -> str:
        if self.words:
            return f"{self.name}: {self.says}"
        return f"{self.name} ({self.kind}): {self.says} [{', '.join(self.numbers)}; {self.sure}]"

    __str__ = __repr__

    def _repr_html_(self) -> str:
        if self.words:
            told = "".join(item._repr_html_() for item in self.words)
            return f"<details><summary>New words: {escape(self.says)}</summary>{told}</details>"
        where = f"{', '.join(self.numbers)}; {self.sure}"
        return f"<p><b>{escape(self.name)}</b> ({self.kind}): {escape(self.says)} <small>[{escape(where)}]</small></p>"


@cache
def _data() -> dict[str, dict[str, list[str]]]:
    told: dict[str, dict[str, list[str]]] = tomllib.loads(
        (files(__package__) / "glossary.toml").read_text(encoding="utf-8")
    )
    return told


def first_words() -> Mapping[str, list[str]]:
    """The words that each notebook is the first to use, by its number."""
    return _data()["first"]


def also_called() -> Mapping[str, list[str]]:
    """What a term or a queue is called besides, by its name."""
    return _data()["also"]


@cache
def _others() -> Mapping[str, str]:
    """The name under which the glossary has what is called so, in lower case."""
    return {other.lower(): name.lower() for name, others in also_called().items() for other in others}


@cache
def _words() -> Mapping[str, Entry]:
    """The terms and queues by name in lower case, which the words of a notebook are among."""
    data = _data()
    return {
        name.lower(): Entry(name, kind, says, tuple(cited_in(numbers)))
        for kind, table in (("term", data["terms"]), ("queue", data["queues"]))
        for name, (says, numbers) in table.items()
    }


@cache
def entries() -> Mapping[str, Entry]:
    """Every entry by its name in lower case."""
    made = [*_words().values()]
    made += [
        Entry(name, "event", says, tuple(cited_in(numbers))) for name, (says, numbers) in _data()["events"].items()
    ]
    made += [Entry(code, "status code", f"{says[0].upper()}{says[1:]}.", ("T115",)) for code, says in STATUS.items()]
    made += [
        Entry(str(number), "tracking event", title, ("T170" if number < FIRST_OF_TRANSPORT else "T171",))
        for number, title in _tracked().items()
    ]
    return {item.name.lower(): item for item in made}


def _tracked() -> dict[int, str]:
    """The events of message tracking by number, with the titles of the steps that log them."""
    import mailflow.linkstate.tellings  # its events are tracked as well, and nobody else may have needed it
    import mailflow.transport.tellings
    import mailflow.transport.tellings_smtp  # noqa: F401  # as above

    found: dict[int, list[str]] = {}
    for kind in tellings().values():
        step = step_of(kind)
        if step.tracking is not None:
            found.setdefault(step.tracking, []).append(step.title)
    return {number: f"{'; '.join(dict.fromkeys(titles))}." for number, titles in sorted(found.items())}


def what_is(word: object) -> Entry:
    """What a term, a queue, a status code or the number of an event means, with its facts.

    Example:
        >>> import mailflow
        >>> mailflow.what_is("bridgehead")
        bridgehead (term): A server at the end of a connector: all mail over the connector passes it. [R20, R25; unconfirmed]
        >>> mailflow.what_is("5.2.2").says
        'Mailbox full.'

    Args:
        word: as you met it; capitals and a final s do not count. A number may be given without quotes. The number of a
            notebook, such as "03", brings the words that are new there.

    Raises:
        LookupError: the glossary does not have it.
    """
    name = " ".join(str(word).lower().split())
    if name in first_words():
        words = tuple(_words()[word.lower()] for word in first_words()[name])
        return Entry(f"New words of notebook {name}", "words", ", ".join(item.name for item in words), (), words)
    if re.fullmatch(r"0\d|1[01]", name):
        raise NoSuchWord(f"what_is: notebook {name} brings no new words; {', '.join(first_words())} do")
    known, others = entries(), _others()
    single = name.removesuffix("s")
    for form in (name, single, re.sub("ies$", "y", name), f"{single} server", single.removesuffix(" server")):
        if others.get(form, form) in known:
            return known[others.get(form, form)]
    like = others.get(closest(name, [*known, *others]) or "", closest(name, known))
    hint = (
        f"; did you mean {known[like].name!r}?"
        if like
        else "; ask for a term, a queue, a code such as '5.7.1' or an event number"
    )
    raise NoSuchWord(f"what_is: the glossary has no {word!r}{hint}")


__all__ = ["KINDS", "Entry", "also_called", "entries", "first_words", "what_is"]
