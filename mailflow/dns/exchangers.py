"""Which mail exchangers a domain has, and in which order to try them. The answers come from a resolver; nothing here needs
the DNS library before somebody asks.

Source: T126, T127, T128, T132.
"""

from __future__ import annotations

import random
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Literal, NamedTuple

from mailflow.facts import rule
from mailflow.organization.model import Zone
from mailflow.plain import Plain

if TYPE_CHECKING:
    from mailflow.dns.resolver import Resolver

NO_HOST = "5.4.0"
LOOP = "5.3.5"


class Exchanger(NamedTuple):
    """One line of an MX list: preference, host, its addresses, and why it is not used (empty when it is)."""

    preference: int
    host: str
    addresses: tuple[str, ...]
    note: str = ""


@dataclass(frozen=True, slots=True, repr=False, eq=False)
class MxAnswer(Plain):
    """What a look-up says: deliver to ``hosts`` in this order, bounce with ``code``, defer, or stop a loop with ``code``.

    ``why`` is the answer in words, ``exchangers`` the whole list with what was left out and why.
    """

    outcome: Literal["deliver", "bounce", "defer", "loop"]
    hosts: tuple[str, ...]
    why: str
    code: str = ""
    exchangers: tuple[Exchanger, ...] = ()


@lru_cache(maxsize=64)
def resolver_of(zones: tuple[Zone, ...], failing: frozenset[str] = frozenset()) -> Resolver:
    """The resolver that answers from these zones; those named in ``failing`` give no answer."""
    from mailflow.dns.resolver import Resolver  # dnspython is heavy, and most runs look up no name

    return Resolver(zones, failing=failing)


@rule
def ask_mx(
    resolver: Resolver, domain: str, rng: random.Random, own_names: Iterable[str] = (), *, null_mx: bool = False
) -> MxAnswer:
    """Mail exchangers by preference, lowest first, equal ones in random order; no MX but an address means the domain itself.

    Where the list exists but leads nowhere, the address of the domain does not help. A server that finds itself in the
    list, by its name, by an alias or by its address (``own_names`` holds names and addresses), drops every exchanger that
    is not closer than itself (unconfirmed for Exchange). No answer means "try later", a
    name that does not exist is final. With ``null_mx`` a single "." says that the domain takes no mail, a rule that is
    younger than Exchange 2003.

    Source: T126, T127, T128, T130, T131, T132, O-15.
    """
    found = resolver.ask(domain, "MX")
    if found.circular:
        return MxAnswer("bounce", (), f"the names of {domain} point at each other", NO_HOST)
    if found.later:
        return MxAnswer("defer", (), f"the name servers of {domain} give no usable answer just now")
    if not found.exists:
        whose = domain if found.name == domain.lower() else f"{found.name}, where {domain} points"
        return MxAnswer("bounce", (), f"no such domain as {whose} (NXDOMAIN)", NO_HOST)
    if null_mx and [record.split()[1] for record in found.records] == ["."]:
        return MxAnswer("bounce", (), f"{domain} says with a null MX that it takes no mail", NO_HOST)
    own = {name.rstrip(".").lower() for name in own_names}
    if not found.records:
        return _implicit(resolver, domain, found.name, own)
    return _in_order(resolver, found.records, rng, own)


class _Listed(NamedTuple):
    """A line of an MX list, with what a look-up of the host gives: its addresses, whether some are missing just now, whether it
    is this server itself.
    """

    preference: int
    host: str
    addresses: tuple[str, ...]
    later: bool
    own: bool


def _looked_up(resolver: Resolver, preference: int, host: str, own: set[str]) -> _Listed:
    """Look a host up. It is this server if its name is, or the one that it is an alias of, or one of its addresses."""
    if not host:
        return _Listed(preference, host, (), False, False)
    addresses, later = resolver.addresses(host)
    names = {host, resolver.ask(host, "A").name} if own else set()
    return _Listed(preference, host, addresses, later, not own.isdisjoint([*names, *addresses]))


def _implicit(resolver: Resolver, domain: str, name: str, own: set[str]) -> MxAnswer:
    """Without MX the domain itself counts as exchanger with preference 0, if it has an address (Source: T127)."""
    found = _looked_up(resolver, 0, name, own)
    if found.own:
        return MxAnswer("loop", (), f"no MX, and {name} is this server itself", LOOP, _judge([found], 0)[0])
    if found.addresses:
        why = f"no MX, but {name} has an address, which counts as preference 0"
        return MxAnswer("deliver", (name,), why, "", (Exchanger(0, name, found.addresses),))
    return MxAnswer("bounce", (), f"{domain} has neither MX nor address", NO_HOST)


def _in_order(resolver: Resolver, records: tuple[str, ...], rng: random.Random, own: set[str]) -> MxAnswer:
    pairs = sorted((int(number), host.rstrip(".").lower()) for number, host in (text.split() for text in records))
    told = ", ".join(f"{number} {host}" for number, host in pairs)
    listed = [_looked_up(resolver, number, host, own) for number, host in pairs]
    mine = min((item.preference for item in listed if item.own), default=None)
    exchangers, later = _judge(listed, mine)
    usable = [(item.preference, rng.random(), item.host) for item in exchangers if not item.note]
    hosts = tuple(host for _, _, host in sorted(usable))
    if hosts:
        return MxAnswer("deliver", hosts, told, "", exchangers)
    if later:
        return MxAnswer("defer", (), f"{told}: no address can be asked for just now", "", exchangers)
    if mine is not None and all(item.preference >= mine for item in listed):
        return MxAnswer("loop", (), f"{told}: this server is the closest mail exchanger itself", LOOP, exchangers)
    return MxAnswer("bounce", (), f"{told}: no mail exchanger has an address", NO_HOST, exchangers)


def _judge(listed: list[_Listed], mine: int | None) -> tuple[tuple[Exchanger, ...], bool]:
    """Each line of the list with what speaks against it; and whether one may do better later."""
    judged: list[Exchanger] = []
    waiting = False
    seen: set[str] = set()
    for preference, host, addresses, later, _ in listed:
        note = ""
        if mine is not None and preference >= mine:
            note = "not closer than this server itself"
        elif host in seen:
            note = "listed before with a better preference"
        elif not addresses:
            note = "no answer about its address just now" if later else "no address"
            waiting = waiting or later
        seen.add(host)
        judged.append(Exchanger(preference, host or ".", addresses, note))
    return tuple(judged), waiting
