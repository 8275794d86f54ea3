"""What a connector asks of a message: each restriction is declared once, and everything that routes obeys it.

A restriction is a function of a connector and a `Question` that answers with a reason as a clause, or with "" when it
lets the message pass. `restriction` declares one, from here or from outside this package.

Source: R20, R21, R24, R105, R114.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields
from functools import cache
from typing import NamedTuple, TypeVar

from mailflow.facts import rule
from mailflow.organization.model import CONNECTOR_KINDS, AnyConnector
from mailflow.plain import Plain

__all__ = ["Question", "Reason", "Restriction", "restriction", "restrictions", "withdraw"]


class Question(NamedTuple):
    """What routing needs to know of a message: its size, sender, priority and whether a system sent it.

    ``checked`` are the connectors whose lists of senders are looked at (see `senders_are_checked`).
    """

    size: int = 0
    sender: str = ""
    sender_groups: frozenset[str] = frozenset()
    priority: str = "normal"
    system: bool = False
    checked: frozenset[str] = frozenset()


class Reason(NamedTuple):
    """Why a candidate lost: the name of what spoke against it, the clause, and the code of a report when nothing else is
    left.
    """

    name: str
    why: str
    code: str = "5.0.0"


Says = Callable[[AnyConnector, Question], str]
Declared = TypeVar("Declared", bound=Says)


@dataclass(frozen=True, slots=True, repr=False, eq=False)
class Restriction(Plain):
    """One restriction: its name, what it says, the settings of a connector that switch it on, and the code of a report."""

    name: str
    says: Says
    settings: tuple[str, ...]
    code: str


_RESTRICTIONS: dict[str, Restriction] = {}


@cache
def _switches(kind: str) -> tuple[tuple[Restriction, tuple[tuple[str, object], ...]], ...]:
    """Each restriction that this kind of connector can have, with the settings that switch it on and their defaults.

    Worked out once for each kind: a map of a thousand routing groups asks for every connector.
    """
    defaults = {item.name: item.default for item in fields(CONNECTOR_KINDS[kind])}
    found = (
        (item, tuple((name, defaults[name]) for name in item.settings if name in defaults))
        for item in _RESTRICTIONS.values()
    )
    return tuple((item, pairs) for item, pairs in found if pairs or not item.settings)


def restriction(*settings: str, code: str = "5.0.0") -> Callable[[Declared], Declared]:
    """Declare a restriction: the function below becomes one, under its own name.

    Every run, `mailflow.route` and the player obey and tell it from then on, inside an organization and out of it. The
    same function declared again, as in a notebook cell that runs twice, takes the place of the first.

    Example:
        >>> import mailflow
        >>> @mailflow.restriction("cost")
        ... def no_large_mail_on_dear_lines(connector, question):
        ...     return "it is too dear for this" if connector.cost > 50 and question.size > 100_000 else ""
        >>> two_sites = mailflow.reconfigure(mailflow.load("two sites"), "London-Paris", cost=60)
        >>> print(mailflow.route(two_sites, "LON01", "pierre@contoso.com", size_kb=200))
        LON01 to pierre@contoso.com: no route. The connectors from London to Paris do not admit this message.
            London-Paris                -  it is too dear for this
        >>> from mailflow.routing.restrictions import withdraw
        >>> withdraw("no_large_mail_on_dear_lines")

    Args:
        settings: the settings of a connector that switch it on; a connector on which all of them have their default is
            never asked. Without any, every connector is asked about every message.
        code: the code of the report when this restriction alone keeps a message from every way (Source: T115).

    Raises:
        ValueError: no connector has such a setting, or another restriction has that name.
    """
    known = {item.name for kind in CONNECTOR_KINDS.values() for item in fields(kind)}
    for name in settings:
        if name not in known:
            raise ValueError(f"no connector has a setting {name!r}; there is {', '.join(sorted(known))}")

    def declare(says: Declared) -> Declared:
        name, before = says.__name__, _RESTRICTIONS.get(says.__name__)
        if before is not None and (before.says.__module__, before.says.__qualname__) != (
            says.__module__,
            says.__qualname__,
        ):
            raise ValueError(f"two restrictions are called {name!r}: {before.says.__module__} and {says.__module__}")
        _RESTRICTIONS[name] = Restriction(name, says, settings, code)
        _switches.cache_clear()
        return says

    return declare


def withdraw(name: str) -> None:
    """Take a restriction back, by the name of its function.

    Raises:
        KeyError: there is none.
    """
    del _RESTRICTIONS[name]
    _switches.cache_clear()


def restrictions() -> tuple[Restriction, ...]:
    """Every restriction, in the order in which they are asked."""
    return tuple(_RESTRICTIONS.values())


def restrictions_on(connector: AnyConnector) -> tuple[Restriction, ...]:
    """The restrictions that are set on a connector: some of their settings is not the default, or they have none."""
    return tuple(
        item
        for item, pairs in _switches(connector.kind)
        if not pairs or any(getattr(connector, name) != default for name, default in pairs)
    )


def first_refusal(asked: tuple[Restriction, ...], connector: AnyConnector, question: Question) -> Reason | None:
    """What the first restriction says that excludes the message; None when all let it pass (Source: R114)."""
    for item in asked:
        if why := item.says(connector, question):
            return Reason(item.name, why, item.code)
    return None


@restriction("max_message_kb", code="5.2.3")
@rule
def size_limit(connector: AnyConnector, question: Question) -> str:
    """A connector takes messages up to a size.

    Source: R20, R21, R105.
    Sure: documented.
    """
    limit = connector.max_message_kb
    if limit is None or question.size <= limit * 1024:
        return ""
    return f"it takes messages of at most {limit:,} KB and this one has {question.size / 1024:,.0f} KB"


@restriction("priorities")
@rule
def allowed_priorities(connector: AnyConnector, question: Question) -> str:
    """A connector takes messages of the priorities that are ticked.

    Source: R20, R105.
    Sure: documented.
    """
    return "" if question.priority in connector.priorities else f"it takes no messages of {question.priority} priority"


@restriction("message_types")
@rule
def allowed_types(connector: AnyConnector, question: Question) -> str:
    """A connector takes system messages, others, or both.

    Source: R20, R105.
    Sure: documented.
    """
    kind = "system" if question.system else "non-system"
    return "" if kind in connector.message_types else f"it takes no {kind} messages"


@rule
def senders_are_checked(connector: AnyConnector, question: Question) -> bool:
    """Lists of senders are looked at only where CheckConnectorRestrictions is set on a source bridgehead of the connector.

    Source: T43, R24.
    """
    return connector.name in question.checked


@restriction("only_from", code="5.7.1")
@rule
def accepted_senders(connector: AnyConnector, question: Question) -> str:
    """A connector with a list of accepted senders takes mail of those people and groups alone.

    Source: R24, R114.
    Sure: documented.
    """
    if not connector.only_from or not senders_are_checked(connector, question):
        return ""
    if question.sender_groups.intersection(connector.only_from):
        return ""
    return f"only {', '.join(connector.only_from)} may use it"


@restriction("not_from", code="5.7.1")
@rule
def rejected_senders(connector: AnyConnector, question: Question) -> str:
    """A connector takes no mail of the people and groups on its list of rejected senders.

    Source: R24, R114.
    Sure: documented.
    """
    if not question.sender_groups.intersection(connector.not_from) or not senders_are_checked(connector, question):
        return ""
    return f"{', '.join(connector.not_from)} may not use it"
