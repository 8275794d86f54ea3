"""The fact base: what documents say, from which source, and how sure it is; and the registry of rules that cite it.

Every rule of the model is a function marked with `rule`. Its docstring ends with ``Source: T64, R105.``; that line is
the rule's tie to the facts. A rule is as sure as the least sure of them. Where its words say something else, a line
``Sure: unconfirmed.`` follows. Nothing is read or parsed before somebody asks.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from itertools import takewhile
from pathlib import Path
from textwrap import fill
from typing import Final, ParamSpec, Protocol, TypeVar

from mailflow.facts.closest import closest
from mailflow.facts.mistake import Mistake
from mailflow.plain import Plain

__all__ = ["SURE", "Fact", "Rule", "UnknownFact", "cited_in", "fact", "facts", "rule", "rule_named", "rules", "weakest"]

P = ParamSpec("P")
R = TypeVar("R")

SURE: Final = ("documented twice", "documented", "inferred", "unconfirmed")
"""How sure a fact is, from the surest to the least sure."""

WHERE: Final = ("modelled", "told", "left out")
"""What became of a fact: a rule or another part of the model cites it, a notebook or page explains it, or neither."""

_NUMBER = re.compile(r"\b(?:[TRSCKN]\d{1,3}|O-?\d{1,2})\b")
_RANGE = re.compile(r"\b([TRSCKN])(\d{1,3})-\1?(\d{1,3})\b")


class UnknownFact(Mistake, LookupError):
    """A number that the fact base does not have."""


@dataclass(frozen=True, slots=True, repr=False, eq=False)
class Clause(Plain):
    """One statement of a fact, and how sure it is."""

    sure: str
    says: str


@dataclass(frozen=True, slots=True, repr=False, eq=False)
class Fact(Plain):
    """One numbered fact: what it says, clause by clause, and the documents behind it, as codes and as titles.

    ``where`` is one of `WHERE`; ``why`` gives the reason for what is left out.
    """

    number: str
    clauses: tuple[Clause, ...]
    codes: tuple[str, ...]
    where: str
    why: str = ""

    @property
    def says(self) -> str:
        """All its clauses as one text."""
        return " ".join(clause.says for clause in self.clauses)

    @property
    def marks(self) -> tuple[str, ...]:
        """The marks of its clauses, each once, the surest first."""
        return tuple(sorted({clause.sure for clause in self.clauses}, key=SURE.index))

    @property
    def sure(self) -> str:
        """How sure its least sure clause is."""
        return self.marks[-1]

    @property
    def sources(self) -> tuple[str, ...]:
        """The titles of its documents."""
        return tuple(_titles()[code] for code in self.codes)

    @property
    def origin(self) -> str:
        """Where it comes from. Only what is unconfirmed has no document."""
        return "; ".join(self.sources) or "no document at hand"

    def __str__(self) -> str:
        mixed = len(self.marks) > 1
        clauses = [f"{clause.says} [{clause.sure}]" if mixed else clause.says for clause in self.clauses]
        body = [
            fill(text, 100, initial_indent="  ", subsequent_indent="    ")
            for text in [*clauses, f"From: {self.origin}."]
        ]
        return "\n".join([f"{self.number} ({', in part '.join(self.marks)})", *body])

    __repr__ = __str__


@dataclass(frozen=True, slots=True, repr=False, eq=False)
class Rule(Plain):
    """One rule of the model: its title, the facts it implements, and how sure it is. All of it stands in its docstring."""

    name: str
    title: str
    numbers: tuple[str, ...]
    sure: str
    qualname: str


def _file() -> Path:
    return Path(__file__).with_name("facts.toml")


@cache
def _index() -> tuple[Mapping[str, int], int]:
    """Where the entry of each fact begins in the file, in bytes, and where the titles of the documents begin.

    A run cites a few facts of hundreds: each is read and parsed when it is asked for, and the text of the others is not kept.
    """
    begins: dict[str, int] = {}
    position = 0
    with _file().open("rb") as lines:
        for line in lines:
            if line.startswith(b"["):
                begins[line.strip(b'[]"\r\n').decode()] = position
            position += len(line)
    sources = begins.pop("sources")
    return begins, sources


def _entries() -> Mapping[str, int]:
    """Where each fact begins, by its number."""
    return _index()[0]


def _entry(begin: int) -> str:
    """The text of the entry that begins there."""
    with _file().open("rb") as lines:
        lines.seek(begin)
        entry = [lines.readline()]
        entry += takewhile(lambda line: not line.startswith(b"["), iter(lines.readline, b""))
    return b"".join(entry).decode()


@cache
def _titles() -> Mapping[str, str]:
    """The title of each document by its code."""
    import tomllib  # for the same reason

    titles: dict[str, str] = tomllib.loads(_entry(_index()[1]))["sources"]
    return titles


def facts() -> Mapping[str, Fact]:
    """All facts by number."""
    return {number: fact(number) for number in _entries()}


@cache
def fact(number: str) -> Fact:
    """The fact of that number.

    Example:
        >>> import mailflow
        >>> mailflow.fact("R16").sure
        'documented'

    Raises:
        UnknownFact: there is none.
    """
    import tomllib  # for the same reason

    known = _entries()
    if number not in known:
        meant = closest(str(number).upper(), known)
        raise UnknownFact(f"no fact {number!r}" + (f"; did you mean {meant}?" if meant else ""))
    item = tomllib.loads(_entry(known[number]))[number]
    clauses = tuple(Clause(clause["sure"], clause["says"]) for clause in item["clauses"])
    return Fact(number, clauses, tuple(item["sources"]), item["where"], item.get("why", ""))


def weakest(numbers: Iterable[str]) -> str:
    """How sure the least sure of these facts is."""
    return SURE[max(SURE.index(fact(number).sure) for number in numbers)]


def cited_in(text: str) -> list[str]:
    """The fact numbers in a text, in order, ranges such as ``R100-R106`` written out where the fact base has them."""
    known = _entries()
    found: list[str] = []
    for match in re.finditer(rf"{_RANGE.pattern}|{_NUMBER.pattern}", text):
        if match.group(1):
            letter, first, last = match.group(1), int(match.group(2)), int(match.group(3))
            found += [name for name in (f"{letter}{n}" for n in range(first, last + 1)) if name in known]
        else:
            found.append(match.group(0))
    return list(dict.fromkeys(found))


class Declared(Hashable, Protocol):
    """A function, of which is asked what it is called, where it stands, and what its docstring says."""

    __module__: str
    __name__: str
    __qualname__: str
    __doc__: str | None


_RULES: dict[str, Declared] = {}


def rule(function: Callable[P, R]) -> Callable[P, R]:
    """Mark a function as a rule of the model. The very same function comes back; its name becomes the name of the rule.

    Raises:
        ValueError: another rule has that name already.
    """
    name = function.__name__
    known = _RULES.setdefault(name, function)
    if known.__module__ != function.__module__ or known.__qualname__ != function.__qualname__:
        raise ValueError(f"two rules are called {name!r}: {known.__module__} and {function.__module__}")
    _RULES[name] = function
    return function


def rules() -> Mapping[str, Rule]:
    """Every rule of the modules that are imported, by name."""
    return {name: rule_named(name) for name in sorted(_RULES)}


def rule_named(name: str) -> Rule:
    """The rule of that name, read from its docstring.

    Raises:
        UnknownFact: no such rule, or it cites a number that the fact base does not have.
        ValueError: the docstring has no ``Source:`` line.
    """
    if name not in _RULES:
        raise UnknownFact(f"no rule {name!r}")
    return _described(_RULES[name])


@cache
def _described(function: Declared) -> Rule:
    """What the docstring says. Kept by function and not by name: a cell that runs again declares the same rule anew."""
    where = f"{function.__module__}.{function.__qualname__}"
    text = function.__doc__ or ""
    source = re.search(r"^\s*Source: (.+)$", text, re.MULTILINE)
    if source is None:
        raise ValueError(f"the rule {where} cites no fact: end its docstring with a line such as 'Source: T64.'")
    numbers = tuple(cited_in(source.group(1)))
    stated = re.search(r"^\s*Sure: ([a-z ]+)\.$", text, re.MULTILINE)
    sure = stated.group(1) if stated else weakest(numbers)
    title = " ".join(text.strip().split("\n\n")[0].split())
    return Rule(function.__name__, title, numbers, sure, where)
