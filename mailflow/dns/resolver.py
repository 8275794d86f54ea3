"""What name servers say: DNS queries in, DNS answers out, and the records behind a chain of names.

Zones answer with real DNS messages, so that the simulation, `mailflow.nslookup` and the real DNS server on loopback all
say the same.

Source: T122, T126, T127, T132.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal, NamedTuple

import dns.exception
import dns.flags
import dns.message
import dns.name
import dns.opcode
import dns.rcode
import dns.rdataclass
import dns.rdatatype
import dns.rdtypes.mxbase
import dns.rrset

from mailflow.dns.index import NOTHING, Index, Key, Sets, key_of
from mailflow.organization.model import Zone
from mailflow.organization.zones import parsed

LONGEST_CHAIN = 16
"""So many CNAMEs are followed."""


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


End = Literal["here", "absent", "nowhere", "elsewhere", "failing", "silent", "long", "circular"]

RCODES: dict[End, dns.rcode.Rcode] = {
    "here": dns.rcode.NOERROR,
    "absent": dns.rcode.NXDOMAIN,
    "nowhere": dns.rcode.NXDOMAIN,
    "elsewhere": dns.rcode.SERVFAIL,
    "failing": dns.rcode.SERVFAIL,
    "silent": dns.rcode.SERVFAIL,
    "long": dns.rcode.SERVFAIL,
    "circular": dns.rcode.NOERROR,
}
"""What each end of a look-up means to a mail server."""

WHOLE_ZONES = (dns.rdatatype.AXFR, dns.rdatatype.IXFR)


class _End(NamedTuple):
    """How a look-up ends, and where: the last name, the CNAMEs before it, the zone that knows it, its records, or who else knows."""

    how: End
    name: dns.name.Name
    aliases: list[dns.rrset.RRset]
    zone: Index | None = None
    sets: Sets = NOTHING
    handed_over: dns.rrset.RRset | None = None


class Resolver:
    """Answers from zones, as their name servers would.

    Zones in ``failing`` answer SERVFAIL, those in ``silent`` never.
    """

    def __init__(self, zones: Iterable[Zone], *, failing: Iterable[str] = (), silent: Iterable[str] = ()) -> None:
        indexes = [Index(parsed(zone)) for zone in zones]
        self._zones = {index.key: index for index in indexes}
        self._lengths = sorted({len(key) for key in self._zones}, reverse=True)
        self._failing = {key_of(dns.name.from_text(name)) for name in failing}
        self._silent = {key_of(dns.name.from_text(name)) for name in silent}

    # -- as a name server -------------------------------------------------------------------------------------------

    def answer(self, query: dns.message.Message) -> dns.message.Message | None:
        """The answer to a query, or None where no answer comes.

        It has the AA flag, follows CNAMEs through its own zones, adds the addresses of mail exchangers, and gives the
        SOA of the zone with NXDOMAIN and with an empty answer. Names in no zone do not exist. Names below a delegation are
        somebody else's: the answer names the servers to ask. A chain of CNAMEs that is too long, or leads to itself, gets
        SERVFAIL. Whole zones are given to nobody.
        """
        reply = dns.message.make_response(query)
        if refused := _refusal(query):
            reply.set_rcode(refused)
            return reply
        asked = query.question[0]
        end = self._follow(asked.name, asked.rdtype)
        if end.how == "silent" and not end.aliases:
            return None
        if end.how in ("long", "circular") or (end.how == "failing" and not end.aliases):
            reply.set_rcode(dns.rcode.SERVFAIL)
            return reply
        reply.answer.extend(end.aliases)
        if end.aliases or end.how in ("here", "absent"):
            reply.flags |= dns.flags.AA
        if end.how == "absent" or (end.how == "nowhere" and not end.aliases):
            reply.set_rcode(dns.rcode.NXDOMAIN)
        self._fill(reply, end, asked.rdtype)
        return reply

    def _fill(self, reply: dns.message.Message, end: _End, kind: dns.rdatatype.RdataType) -> None:
        if end.handed_over is not None:
            reply.authority.append(end.handed_over)
            self._addresses(reply, [record.target for record in end.handed_over])
            return
        found = list(end.sets.values()) if kind == dns.rdatatype.ANY else [end.sets[kind]] if kind in end.sets else []
        reply.answer.extend(found)
        for rrset in found:
            if rrset.rdtype == dns.rdatatype.MX:
                self._addresses(reply, [record.exchange for record in sorted(rrset, key=_preference)])
        if not found and end.zone is not None and end.zone.denial is not None:
            reply.authority.append(end.zone.denial)

    def _addresses(self, reply: dns.message.Message, hosts: Iterable[dns.name.Name]) -> None:
        for key in dict.fromkeys(map(key_of, hosts)):
            zone = self._zone(key)
            sets = zone.at(key) if zone is not None else NOTHING
            reply.additional.extend(sets[kind] for kind in (dns.rdatatype.A, dns.rdatatype.AAAA) if kind in sets)

    def _follow(self, name: dns.name.Name, kind: dns.rdatatype.RdataType) -> _End:
        """Where a name leads: through all CNAMEs that the zones here know."""
        aliases: list[dns.rrset.RRset] = []
        seen: set[Key] = set()
        while len(aliases) <= LONGEST_CHAIN:
            zone = self._zone(key_of(name))
            if zone is None:
                return _End("nowhere", name, aliases)
            if zone.key in self._silent or zone.key in self._failing:
                return _End("silent" if zone.key in self._silent else "failing", name, aliases)
            found = zone.look(name, kind)
            if found.handed_over is not None:
                return _End("elsewhere", name, aliases, zone, handed_over=found.handed_over)
            alias = found.sets.get(dns.rdatatype.CNAME)
            if alias is None or kind in (dns.rdatatype.CNAME, dns.rdatatype.ANY):
                return _End("here" if found.exists else "absent", name, aliases, zone, found.sets)
            seen.add(key_of(name))
            aliases.append(alias)
            name = alias[0].target
            if key_of(name) in seen:
                return _End("circular", name, aliases)
        return _End("long", name, aliases)

    def _zone(self, key: Key) -> Index | None:
        for length in self._lengths:
            if length <= len(key) and (found := self._zones.get(key[len(key) - length :])) is not None:
                return found
        return None

    # -- as a mail server sees it -----------------------------------------------------------------------------------

    def ask(self, name: str, kind: str) -> Found:
        """Ask for records of a type and follow CNAMEs. No answer counts as SERVFAIL, for both mean "try later"; so does a name that is
        handed over to servers which are not here.

        Any text is a name to ask for. One that no zone can hold does not exist: NXDOMAIN.
        """
        try:
            wanted = dns.name.from_text(name)
        except (dns.exception.DNSException, UnicodeError):
            return Found(name.rstrip(".").lower(), dns.rcode.NXDOMAIN, ())
        rdtype = dns.rdatatype.from_text(kind)
        end = self._follow(wanted, rdtype)
        records = tuple(sorted(str(item) for item in end.sets.get(rdtype, ())))
        return Found(_text(end.name), RCODES[end.how], records, end.how == "circular")

    def records(self, name: str, kind: str) -> tuple[str, ...]:
        """The records of a type as text, at the end of all CNAMEs; empty when there is none or no answer."""
        return self.ask(name, kind).records

    def addresses(self, host: str) -> tuple[tuple[str, ...], bool]:
        """The addresses of a host, and whether some of them could not be asked for just now."""
        asked = [self.ask(host, kind) for kind in ("A", "AAAA")]
        later = any(item.later for item in asked)
        return tuple(record for item in asked for record in item.records), later


def _refusal(query: dns.message.Message) -> dns.rcode.Rcode | None:
    """Why a query gets no look-up at all; None when it does."""
    if query.opcode() != dns.opcode.QUERY:
        return dns.rcode.NOTIMP
    if query.edns > 0:
        return dns.rcode.BADVERS
    if len(query.question) != 1:
        return dns.rcode.FORMERR
    asked = query.question[0]
    return dns.rcode.REFUSED if asked.rdclass != dns.rdataclass.IN or asked.rdtype in WHOLE_ZONES else None


def _preference(record: dns.rdtypes.mxbase.MXBase) -> int:
    return record.preference


def _text(name: dns.name.Name) -> str:
    return name.to_text(omit_final_dot=True).lower()
