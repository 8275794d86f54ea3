"""Who belongs to a group: members at any depth, and LDAP filters (RFC 4515) for query-based groups.

Source: T69.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import lru_cache

from mailflow.facts.mistake import Mistake
from mailflow.organization.model import AnyRecipient, Group, Mailbox, Organization, QueryGroup

Test = Callable[[Mapping[str, tuple[str, ...]]], bool]

_COMPARISON = re.compile(r"\(\s*([A-Za-z][\w.;-]*)\s*(>=|<=|~=|=)((?:[^()\\]|\\[0-9A-Fa-f]{2})*)\)")


class FilterError(Mistake, ValueError):
    """An LDAP filter that cannot be read. Says at which character."""


@lru_cache(maxsize=256)
def parse(text: str) -> Test:
    """The filter as a test of an object's attributes (lower-case names to values).

    Raises:
        FilterError: the text is no filter.
    """
    test, end = _filter(text, 0)
    if text[end:].strip():
        raise FilterError(
            f"character {end + 1}: nothing may follow the closing parenthesis, found {text[end : end + 10]!r}"
        )
    return test


def _filter(text: str, at: int) -> tuple[Test, int]:
    at = _skip(text, at)
    if not text.startswith("(", at):
        raise FilterError(f"character {at + 1}: a filter starts with '(', found {text[at : at + 10]!r}")
    kind = text[_skip(text, at + 1) : _skip(text, at + 1) + 1]
    if kind in ("&", "|", "!") and kind:
        return _compound(text, _skip(text, at + 1) + 1, kind)
    found = _COMPARISON.match(text, at)
    if found is None:
        raise FilterError(f"character {at + 1}: expected (attribute=value), found {text[at : at + 20]!r}")
    return _comparison(found.group(1).lower(), found.group(2), found.group(3)), found.end()


def _compound(text: str, at: int, kind: str) -> tuple[Test, int]:
    tests: list[Test] = []
    at = _skip(text, at)
    while text.startswith("(", at):
        test, at = _filter(text, at)
        tests.append(test)
        at = _skip(text, at)
    if not text.startswith(")", at):
        raise FilterError(f"character {at + 1}: ')' is missing")
    if not tests or (kind == "!" and len(tests) > 1):
        raise FilterError(
            f"character {at + 1}: '{kind}' needs {'one filter' if kind == '!' else 'at least one filter'}"
        )
    if kind == "!":
        return (lambda item: not tests[0](item)), at + 1
    combine = all if kind == "&" else any
    return (lambda item: combine(test(item) for test in tests)), at + 1


def _comparison(name: str, operator: str, value: str) -> Test:
    if operator == "=" and value == "*":
        return lambda item: bool(item.get(name))
    if operator in (">=", "<="):
        wanted = _plain(value)
        return lambda item: any(_ordered(have, wanted, operator) for have in item.get(name, ()))
    pattern = re.compile(".*".join(re.escape(_plain(part)) for part in value.split("*")), re.IGNORECASE | re.DOTALL)
    return lambda item: any(pattern.fullmatch(have) for have in item.get(name, ()))


def _ordered(have: str, wanted: str, operator: str) -> bool:
    if have.isdecimal() and wanted.isdecimal():
        return int(have) >= int(wanted) if operator == ">=" else int(have) <= int(wanted)
    return have.lower() >= wanted.lower() if operator == ">=" else have.lower() <= wanted.lower()


def _plain(value: str) -> str:
    return re.sub(r"\\([0-9A-Fa-f]{2})", lambda found: chr(int(found.group(1), 16)), value)


def _skip(text: str, at: int) -> int:
    while at < len(text) and text[at].isspace():
        at += 1
    return at


def attributes(recipient: AnyRecipient) -> dict[str, tuple[str, ...]]:
    """The attributes that a filter can ask for, by lower-case name."""
    classes = {"mailbox": ("user", "mailbox"), "contact": ("contact",)}.get(recipient.kind, ("group",))
    found = {
        "objectclass": classes,
        "name": (recipient.name,),
        "displayname": (recipient.display_name,),
        "mail": recipient.addresses[:1],
        "proxyaddresses": recipient.addresses,
    }
    if isinstance(recipient, Mailbox):
        found |= {"server": (recipient.server,), "store": (recipient.store,)}
    return found | {key.lower(): (value,) for key, value in recipient.attributes.items()}


def members_by_query(organization: Organization, group: QueryGroup) -> tuple[AnyRecipient, ...]:
    """Whom the filter of a query-based group finds now, in the order of the file, without the group itself (Source:
    T69).
    """
    test = parse(group.filter)
    return tuple(item for item in organization.recipients if item.name != group.name and test(attributes(item)))


def members(organization: Organization, group: Group | QueryGroup) -> tuple[AnyRecipient, ...]:
    """The direct members of a group. A query-based group is evaluated now, each time it is asked (Source: T68, T69)."""
    if isinstance(group, QueryGroup):
        return members_by_query(organization, group)
    return tuple(organization.recipient[name] for name in group.members)


def everybody(organization: Organization, name: str) -> Iterator[str]:
    """The name itself and, for a group, the names of all members at any depth. Circular groups end."""
    seen: set[str] = set()
    waiting = [name]
    while waiting:
        current = waiting.pop()
        if current in seen:
            continue
        seen.add(current)
        yield current
        entry = organization.recipient[current]
        if isinstance(entry, (Group, QueryGroup)):
            waiting.extend(item.name for item in members(organization, entry))


def named_by_connectors(organization: Organization) -> frozenset[str]:
    """The people and groups that the restrictions of connectors name (Source: R24)."""
    return frozenset(name for item in organization.connectors for name in (*item.only_from, *item.not_from))


def any_without_master(organization: Organization) -> bool:
    """Whether the account of some mailbox is disabled and has no master SID (Source: K51)."""
    return any(isinstance(item, Mailbox) and item.without_master for item in organization.recipients)


def restricted_as(organization: Organization, name: str) -> frozenset[str]:
    """A recipient, and the groups with it that the restrictions of connectors name (Source: R24, R114)."""
    named = named_by_connectors(organization)
    return frozenset({name, *(group for group in named if name in everybody(organization, group))})


def senders(organization: Organization, named: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """By address, everybody whom these names stand for: the recipient's name first, then the names it counts as."""
    counted: dict[str, list[str]] = {}
    for group in sorted(named):
        for name in everybody(organization, group):
            counted.setdefault(name, [name]).extend([group] * (group != name))
    return {
        address.lower(): tuple(counted[item.name])
        for item in organization.recipients
        if item.name in counted
        for address in item.addresses
    }
