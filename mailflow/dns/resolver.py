"""How a mail server finds the hosts of a domain: DNS messages in, and the exchangers in the order in which to try them.

Zones answer with real DNS messages, so that the simulation, `mailflow.nslookup` and the real DNS server on loopback all
say the same.

Source: T122, T126, T127, T128, T132.
"""

from __future__ import annotations

import random
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, NamedTuple

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

from mailflow.facts import rule
from mailflow.organization.model import Zone
from mailflow.organization.zones import parsed

LONGEST_CHAIN = 16
NO_HOST = "5.4.0"
LOOP = "5.3.5"


class Exchanger(NamedTuple):
    """One line of an MX list: preference, host, its addresses, and why it is not used (empty when it is)."""

    preference: int
    host: str
    addresses: tuple[str, ...]
    note: str = ""


@dataclass(frozen=True, slots=True)
class MxAnswer:
    """What a look-up says: deliver to ``hosts`` in this order, bounce with ``code``, defer, or stop a loop with ``code``.

    ``why`` is the answer in words, ``exchangers`` the whole list with what was left out and why.
    """

    outcome: Literal["deliver", "bounce", "defer", "loop"]
    hosts: tuple[str, ...]
    why: str
    code: str = ""
    exchangers: tuple[Exchanger, ...] = ()


class Found(NamedTuple):
    """The end of a look-up that follows CNAMEs: the last name, the code of the answer, and the records as text."""

    name: str
    rcode: dns.rcode.Rcode
    records: tuple[str, ...]
    circular: bool = False


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
        later = any(item.rcode == dns.rcode.SERVFAIL for item in asked)
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


# -- the decision -----------------------------------------------------------------------------------------------------


@rule
def ask_mx(
    resolver: Resolver, domain: str, rng: random.Random, own_names: Iterable[str] = (), *, null_mx: bool = False
) -> MxAnswer:
    """Mail exchangers by preference, lowest first, equal ones in random order; no MX but an address means the domain itself.

    Where the list exists but leads nowhere, the address of the domain does not help. A server that finds itself in the
    list drops every exchanger that is not closer than itself (unconfirmed for Exchange). No answer means "try later", a
    name that does not exist is final. With ``null_mx`` a single "." says that the domain takes no mail, a rule that is
    younger than Exchange 2003.

    Source: T126, T127, T128, T130, T131, T132, O-15.
    """
    found = resolver.ask(domain, "MX")
    if found.circular:
        return MxAnswer("bounce", (), f"the names of {domain} point at each other", NO_HOST)
    if found.rcode == dns.rcode.SERVFAIL:
        return MxAnswer("defer", (), f"the name servers of {domain} give no usable answer just now")
    if found.rcode != dns.rcode.NOERROR:
        whose = domain if found.name == domain.lower() else f"{found.name}, where {domain} points"
        return MxAnswer("bounce", (), f"no such domain as {whose} (NXDOMAIN)", NO_HOST)
    if null_mx and [record.split()[1] for record in found.records] == ["."]:
        return MxAnswer("bounce", (), f"{domain} says with a null MX that it takes no mail", NO_HOST)
    if not found.records:
        return _implicit(resolver, domain, found.name)
    return _in_order(resolver, found.records, rng, {name.rstrip(".").lower() for name in own_names})


def _implicit(resolver: Resolver, domain: str, name: str) -> MxAnswer:
    """Without MX the domain itself counts as exchanger with preference 0, if it has an address (Source: T127)."""
    addresses, _ = resolver.addresses(name)
    if addresses:
        why = f"no MX, but {name} has an address, which counts as preference 0"
        return MxAnswer("deliver", (name,), why, "", (Exchanger(0, name, addresses),))
    return MxAnswer("bounce", (), f"{domain} has neither MX nor address", NO_HOST)


def _in_order(resolver: Resolver, records: tuple[str, ...], rng: random.Random, own: set[str]) -> MxAnswer:
    listed = sorted((int(number), host.rstrip(".").lower()) for number, host in (text.split() for text in records))
    told = ", ".join(f"{number} {host}" for number, host in listed)
    mine = min((number for number, host in listed if host in own), default=None)
    exchangers, later = _judge(resolver, listed, mine)
    usable = [(item.preference, rng.random(), item.host) for item in exchangers if not item.note]
    hosts = tuple(host for _, _, host in sorted(usable))
    if hosts:
        return MxAnswer("deliver", hosts, told, "", exchangers)
    if later:
        return MxAnswer("defer", (), f"{told}: no address can be asked for just now", "", exchangers)
    if mine is not None and all(number >= mine for number, _ in listed):
        return MxAnswer("loop", (), f"{told}: this server is the closest mail exchanger itself", LOOP, exchangers)
    return MxAnswer("bounce", (), f"{told}: no mail exchanger has an address", NO_HOST, exchangers)


def _judge(resolver: Resolver, listed: list[tuple[int, str]], mine: int | None) -> tuple[tuple[Exchanger, ...], bool]:
    """Each line of the list with its addresses and what speaks against it; and whether one may do better later."""
    judged: list[Exchanger] = []
    waiting = False
    seen: set[str] = set()
    for preference, host in listed:
        addresses, later = resolver.addresses(host) if host else ((), False)
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
