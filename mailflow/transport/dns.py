"""How a mail server finds the hosts of a domain: MX records, in the order in which to try them.

Source: T126, T127, T128, T132.
"""

from __future__ import annotations

import random
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

import dns.exception
import dns.name
import dns.rdatatype
import dns.zone

from mailflow.facts import rule
from mailflow.organization.model import Zone


@dataclass(frozen=True, slots=True)
class MxAnswer:
    """``outcome``: deliver to ``hosts`` in this order, bounce with ``code``, or defer. ``why`` is the answer in
    words.
    """

    outcome: Literal["deliver", "bounce", "defer"]
    hosts: tuple[str, ...]
    why: str
    code: str = ""


class Resolver:
    """Answers from the zones of an organization file."""

    def __init__(self, zones: Iterable[Zone]) -> None:
        self._zones = {
            dns.name.from_text(zone.name): dns.zone.from_text(
                zone.records, origin=zone.name, relativize=False, check_origin=False
            )
            for zone in zones
        }

    def records(self, name: str, kind: str) -> tuple[str, list[str]]:
        """("found" | "empty" | "no such name" | "no zone", records as text) for one name and type, following no
        CNAME.
        """
        owner = dns.name.from_text(name)
        zone = self._zone(owner)
        if zone is None:
            return "no zone", []
        node = zone.get_node(owner)
        if node is None:
            below = any(known.is_subdomain(owner) for known in zone.nodes)
            return ("empty" if below else "no such name"), []
        rdataset = node.get_rdataset(zone.rdclass, dns.rdatatype.from_text(kind))
        return ("found", sorted(str(item) for item in rdataset)) if rdataset else ("empty", [])

    def _zone(self, owner: dns.name.Name) -> dns.zone.Zone | None:
        name = owner
        while name not in self._zones:
            if name == dns.name.root:
                return None
            name = name.parent()
        return self._zones[name]

    def canonical(self, name: str) -> str | None:
        """The name at the end of a chain of CNAMEs; None when the chain is circular."""
        seen: set[str] = set()
        while name not in seen:
            seen.add(name)
            _, target = self.records(name, "CNAME")
            if not target:
                return name
            name = target[0].rstrip(".").lower()
        return None

    def has_address(self, name: str) -> bool:
        """Whether a host name leads to an address."""
        target = self.canonical(name)
        return target is not None and any(self.records(target, kind)[0] == "found" for kind in ("A", "AAAA"))


@rule
def ask_mx(resolver: Resolver, domain: str, rng: random.Random, own_name: str = "") -> MxAnswer:
    """Mail exchangers by preference, lowest first, equal ones in random order; no MX but an address means the domain
    itself.

    A server that finds itself in the list drops every exchanger that is not closer than itself (unconfirmed for
    Exchange).

    Source: T126, T127, T128, T130, T132, O-15.
    """
    target = resolver.canonical(domain)
    if target is None:
        return MxAnswer("bounce", (), f"the names of {domain} point at each other", "5.4.0")
    found, records = resolver.records(target, "MX")
    if found in ("no zone", "no such name"):
        return MxAnswer("bounce", (), f"no such domain as {domain} (NXDOMAIN)", "5.4.0")
    if not records:
        if resolver.has_address(target):
            return MxAnswer("deliver", (target,), f"no MX, but {target} has an address, which counts as preference 0")
        return MxAnswer("bounce", (), f"{domain} has neither MX nor address", "5.4.0")
    return _in_order(resolver, records, rng, own_name.lower())


def _in_order(resolver: Resolver, records: list[str], rng: random.Random, own: str) -> MxAnswer:
    exchangers = sorted((int(number), host.rstrip(".").lower()) for number, host in (text.split() for text in records))
    told = ", ".join(f"{number} {host}" for number, host in exchangers)
    mine = [number for number, host in exchangers if own and host == own]
    closer = [item for item in exchangers if not mine or item[0] < min(mine)]
    usable = [(number, rng.random(), host) for number, host in closer if resolver.has_address(host)]
    if mine and not closer:
        return MxAnswer("bounce", (), f"{told}: this server is the closest mail exchanger itself", "5.4.6")
    if not usable:
        return MxAnswer("bounce", (), f"{told}: no mail exchanger has an address", "5.4.0")
    return MxAnswer("deliver", tuple(host for _, _, host in sorted(usable)), told)
