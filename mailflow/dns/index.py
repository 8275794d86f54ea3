"""The records of one zone by name, so that a look-up costs the same however large the zone is (RFC 1034, 4.3.2)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import dns.name
import dns.rdataclass
import dns.rdatatype
import dns.rrset
import dns.zone

Key = tuple[bytes, ...]
"""A name as its labels in lower case."""

Sets = Mapping[dns.rdatatype.RdataType, dns.rrset.RRset]
"""The records of one name by their type."""

NOTHING: Sets = {}


class Found(NamedTuple):
    """What a zone knows about a name: its records, whether it exists, and the records that hand it over to other name servers."""

    sets: Sets
    exists: bool
    handed_over: dns.rrset.RRset | None = None


def key_of(name: dns.name.Name) -> Key:
    """The name for comparing: upper and lower case are one."""
    return tuple([label.lower() for label in name.labels])


class Index:
    """A zone, ready to be asked."""

    def __init__(self, zone: dns.zone.Zone) -> None:
        origin = zone.origin
        assert origin is not None, "zones of an organization have names"
        self.key = key_of(origin)
        self._names: dict[Key, Sets] = {}
        self._cuts: dict[Key, dns.rrset.RRset] = {}
        for name, node in zone.nodes.items():
            sets = {item.rdtype: dns.rrset.from_rdata_list(name, item.ttl, list(item)) for item in node}
            key = key_of(name)
            self._names[key] = sets
            if dns.rdatatype.NS in sets and key != self.key:
                self._cuts[key] = sets[dns.rdatatype.NS]
            self._above(key)
        self.denial = _denial(self._names.get(self.key, NOTHING))

    def _above(self, key: Key) -> None:
        """Names without records exist when there are names below them."""
        while len(key) > len(self.key) + 1:
            key = key[1:]
            if key in self._names:
                return
            self._names[key] = NOTHING

    def look(self, name: dns.name.Name, kind: dns.rdatatype.RdataType) -> Found:
        """What is known about a name at or below the origin, wild cards and delegations included."""
        key = key_of(name)
        if self._cuts and (cut := self._cut_above(key, kind)) is not None:
            return Found(NOTHING, True, cut)
        if (sets := self._names.get(key)) is not None:
            return Found(sets, True)
        closest = key
        while closest not in self._names and len(closest) > len(self.key):
            closest = closest[1:]
        star = self._names.get((b"*", *closest))
        if star is None:
            return Found(NOTHING, False)
        return Found(
            {kind: dns.rrset.from_rdata_list(name, found.ttl, list(found)) for kind, found in star.items()}, True
        )

    def _cut_above(self, key: Key, kind: dns.rdatatype.RdataType) -> dns.rrset.RRset | None:
        for start in range(len(key) - len(self.key) - 1, -1, -1):
            cut = self._cuts.get(key[start:])
            if cut is not None and not (start == 0 and kind == dns.rdatatype.DS):
                return cut
        return None

    def at(self, key: Key) -> Sets:
        """The records that stand in the zone at a name, also below a delegation, as addresses of name servers do."""
        return self._names.get(key, NOTHING)


def _denial(sets: Sets) -> dns.rrset.RRset | None:
    """The SOA that says for how long a name may be taken not to exist (RFC 2308)."""
    soa = sets.get(dns.rdatatype.SOA)
    return dns.rrset.from_rdata_list(soa.name, min(soa.ttl, soa[0].minimum), list(soa)) if soa else None
