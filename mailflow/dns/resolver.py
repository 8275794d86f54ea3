"""What name servers say: DNS queries in, DNS answers out, and the records behind a chain of names.

Zones answer with real DNS messages, so that the simulation, `mailflow.nslookup` and the real DNS server on loopback all
say the same.

Source: T122, T126, T127, T132.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

import dns.exception
import dns.flags
import dns.message
import dns.name
import dns.node
import dns.opcode
import dns.rcode
import dns.rdataclass
import dns.rdatatype
import dns.rrset
import dns.zone

from mailflow.organization.model import Zone
from mailflow.organization.zones import parsed

LONGEST_CHAIN = 16


class Found(NamedTuple):
    """The end of a look-up that follows CNAMEs: the last name, the code of the answer, and the records as text."""

    name: str
    rcode: dns.rcode.Rcode
    records: tuple[str, ...]
    circular: bool = False

    @property
    def later(self) -> bool:
        """Whether no usable answer came just now."""
        return self.rcode == dns.rcode.SERVFAIL

    @property
    def exists(self) -> bool:
        """Whether there is such a name."""
        return self.rcode == dns.rcode.NOERROR


class Resolver:
    """Answers from zones, as their name servers would.

    Zones in ``failing`` answer SERVFAIL, those in ``silent`` never.
    """

    def __init__(self, zones: Iterable[Zone], *, failing: Iterable[str] = (), silent: Iterable[str] = ()) -> None:
        self._zones = {dns.name.from_text(zone.name): parsed(zone) for zone in zones}
        self._failing = {dns.name.from_text(name) for name in failing}
        self._silent = {dns.name.from_text(name) for name in silent}

    # -- as a name server -------------------------------------------------------------------------------------------

    def answer(self, query: dns.message.Message) -> dns.message.Message | None:
        """The answer to a query, or None where no answer comes.

        It has the AA flag, follows CNAMEs through its own zones, adds the addresses of mail exchangers, and gives the
        SOA of the zone with NXDOMAIN and with an empty answer.
        """
        reply = dns.message.make_response(query)
        if query.opcode() != dns.opcode.QUERY:
            reply.set_rcode(dns.rcode.NOTIMP)
            return reply
        if len(query.question) != 1:
            reply.set_rcode(dns.rcode.FORMERR)
            return reply
        asked = query.question[0]
        zone = self._zone(asked.name)
        if zone is None or asked.rdclass != dns.rdataclass.IN:
            reply.set_rcode(dns.rcode.REFUSED)
            return reply
        if zone.origin in self._silent:
            return None
        if zone.origin in self._failing:
            reply.set_rcode(dns.rcode.SERVFAIL)
            return reply
        reply.flags |= dns.flags.AA
        self._fill(reply, asked.name, asked.rdtype)
        return reply

    def _fill(self, reply: dns.message.Message, name: dns.name.Name, kind: dns.rdatatype.RdataType) -> None:
        for _ in range(LONGEST_CHAIN):
            zone = self._zone(name)
            if zone is None or zone.origin in self._silent | self._failing:
                return
            node = _node(zone, name)
            if node is None:
                self._nothing(reply, zone, dns.rcode.NXDOMAIN if not _below(zone, name) else dns.rcode.NOERROR)
                return
            alias = node.get_rdataset(zone.rdclass, dns.rdatatype.CNAME)
            if alias is None or kind in (dns.rdatatype.CNAME, dns.rdatatype.ANY):
                self._records(reply, zone, node, name, kind)
                return
            reply.answer.append(dns.rrset.from_rdata_list(name, alias.ttl, list(alias)))
            name = alias[0].target

    def _records(
        self, reply: dns.message.Message, zone: dns.zone.Zone, node: dns.node.Node, name: dns.name.Name,
        kind: dns.rdatatype.RdataType,
    ) -> None:  # fmt: skip
        wanted = [item for item in node if kind in (item.rdtype, dns.rdatatype.ANY)]
        if not wanted:
            self._nothing(reply, zone, dns.rcode.NOERROR)
        for item in wanted:
            reply.answer.append(dns.rrset.from_rdata_list(name, item.ttl, list(item)))
            if item.rdtype == dns.rdatatype.MX:
                for record in sorted(item):
                    self._glue(reply, record.exchange)

    def _glue(self, reply: dns.message.Message, host: dns.name.Name) -> None:
        zone = self._zone(host)
        node = _node(zone, host) if zone is not None else None
        for kind in (dns.rdatatype.A, dns.rdatatype.AAAA):
            found = node.get_rdataset(dns.rdataclass.IN, kind) if node is not None else None
            if found:
                made = dns.rrset.from_rdata_list(host, found.ttl, list(found))
                if made not in reply.additional:
                    reply.additional.append(made)

    @staticmethod
    def _nothing(reply: dns.message.Message, zone: dns.zone.Zone, rcode: dns.rcode.Rcode) -> None:
        reply.set_rcode(rcode)
        node = zone.get_node(zone.origin) if zone.origin is not None else None
        soa = node.get_rdataset(zone.rdclass, dns.rdatatype.SOA) if node is not None else None
        if soa and zone.origin is not None:
            reply.authority.append(dns.rrset.from_rdata_list(zone.origin, soa.ttl, list(soa)))

    def _zone(self, owner: dns.name.Name) -> dns.zone.Zone | None:
        name = owner
        while name not in self._zones:
            if name == dns.name.root:
                return None
            name = name.parent()
        return self._zones[name]

    # -- as a mail server sees it -----------------------------------------------------------------------------------

    def ask(self, name: str, kind: str) -> Found:
        """Ask for records of a type and follow CNAMEs; no answer counts as SERVFAIL, for both mean "try later".

        Any text is a name to ask for. One that no zone can hold does not exist: NXDOMAIN.
        """
        seen: list[str] = []
        target = name.rstrip(".").lower()
        while target not in seen and len(seen) < LONGEST_CHAIN:
            seen.append(target)
            query = _query(target, kind)
            if query is None:
                return Found(target, dns.rcode.NXDOMAIN, ())
            reply = self.answer(query)
            if reply is None:
                return Found(target, dns.rcode.SERVFAIL, ())
            for rrset in reply.answer:
                if rrset.rdtype == dns.rdatatype.from_text(kind):
                    return Found(_text(rrset.name), reply.rcode(), tuple(sorted(str(item) for item in rrset)))
            aliases = {_text(rrset.name): _text(rrset[0].target) for rrset in reply.answer}
            if target not in aliases:
                return Found(target, reply.rcode(), ())
            last = target
            for _ in aliases:
                last = aliases.get(last, last)
            if last in aliases:
                return Found(last, reply.rcode(), (), circular=True)
            if reply.rcode() != dns.rcode.NOERROR or reply.authority:
                return Found(last, reply.rcode(), ())
            target = last
        return Found(target, dns.rcode.NOERROR, (), circular=True)

    def records(self, name: str, kind: str) -> tuple[str, ...]:
        """The records of a type as text, at the end of all CNAMEs; empty when there is none or no answer."""
        return self.ask(name, kind).records

    def addresses(self, host: str) -> tuple[tuple[str, ...], bool]:
        """The addresses of a host, and whether some of them could not be asked for just now."""
        asked = [self.ask(host, kind) for kind in ("A", "AAAA")]
        later = any(item.later for item in asked)
        return tuple(record for item in asked for record in item.records), later


def _query(name: str, kind: str) -> dns.message.Message | None:
    """The question for these records; None for a name that DNS cannot hold: a label that is empty or over 63 octets, more
    than 255 octets in all, or characters that have no form on the wire.
    """
    try:
        return dns.message.make_query(dns.name.from_text(name), kind)
    except (dns.exception.DNSException, UnicodeError):
        return None


def _text(name: dns.name.Name) -> str:
    return name.to_text(omit_final_dot=True).lower()


def _node(zone: dns.zone.Zone, name: dns.name.Name) -> dns.node.Node | None:
    """The records of a name: its own, or those of the wild card that covers it."""
    if (found := zone.get_node(name)) is not None or _below(zone, name):
        return found
    closest = name
    while closest != zone.origin:
        closest = closest.parent()
        star = zone.get_node(dns.name.Name((b"*", *closest.labels)))
        if star is not None:
            return star
        if zone.get_node(closest) is not None or _below(zone, closest):
            break
    return None


def _below(zone: dns.zone.Zone, name: dns.name.Name) -> bool:
    """Whether a name without records of its own has names below it."""
    return any(known != name and known.is_subdomain(name) for known in zone.nodes)
