"""`nslookup` as Windows prints it, asked of the zones of an organization (Source: T134)."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape

import dns.exception
import dns.message
import dns.name
import dns.rcode
import dns.rdata
import dns.rdatatype
import dns.rdtypes.ANY.MX
import dns.rdtypes.ANY.SOA
import dns.rrset

from mailflow.dns.resolver import Resolver
from mailflow.facts.kinds import need
from mailflow.facts.mistake import InputError
from mailflow.organization.model import Organization

__all__ = ["Lookup", "nslookup"]

SERVER, ADDRESS = "dns.internet.example", "192.0.2.53"
WORDS = {dns.rcode.NXDOMAIN: "Non-existent domain", dns.rcode.SERVFAIL: "Server failed"}
TYPES = ("MX", "A", "AAAA", "NS", "SOA", "CNAME", "TXT")


@dataclass(frozen=True, slots=True)
class Lookup:
    """One look-up: ``text`` is what Windows would print, ``answer`` the DNS message behind it (None: no answer came)."""

    text: str
    answer: dns.message.Message | None

    def __str__(self) -> str:
        return self.text

    def __repr__(self) -> str:
        return self.text

    def _repr_html_(self) -> str:
        return f"<pre>{escape(self.text)}</pre>"


def nslookup(organization: Organization, name: str, kind: str = "MX") -> Lookup:
    r"""Look up records of a name, by default its mail exchangers, as ``nslookup`` with ``set type=mx`` does.

    Example:
        >>> import mailflow
        >>> lookup = mailflow.nslookup(mailflow.load("one server"), "mail.fabrikam.com", "A")
        >>> str(lookup).splitlines()[-1]
        'mail.fabrikam.com\tinternet address = 198.51.100.10'

    Raises:
        ValueError: the name or the kind of record cannot be asked for.
    """
    need("nslookup", organization, Organization, "organization", "give one from mailflow.load(...)")
    need("nslookup", name, str, "domain name", "write, for example, 'fabrikam.com'")
    need("nslookup(kind)", kind, str, "kind of record", f"use one of {', '.join(TYPES)}")
    if not name.strip():
        raise InputError("nslookup: the name is empty; write, for example, 'fabrikam.com'")
    wanted = kind.upper()
    if wanted not in TYPES:
        raise InputError(f"kind={kind!r}: no such kind of record here; use one of {', '.join(TYPES)}")
    try:
        query = dns.message.make_query(dns.name.from_text(name), wanted)
    except dns.exception.DNSException as error:
        raise InputError(f"name={name!r} is no domain name ({error}); write, for example, contoso.com") from error
    answer = Resolver(organization.zones).answer(query)
    lines = [f"Server:  {SERVER}", f"Address:  {ADDRESS}", "", *_lines(name, wanted, answer)]
    return Lookup("\n".join(lines), answer)


def _lines(name: str, kind: str, answer: dns.message.Message | None) -> list[str]:
    if answer is None or answer.rcode() != dns.rcode.NOERROR:
        return [f"*** {SERVER} can't find {name}: {WORDS[answer.rcode()] if answer else 'No response from server'}"]
    found = any(rrset.rdtype == dns.rdatatype.from_text(kind) for rrset in answer.answer)
    shown = _section(answer.answer)
    more = _section(answer.additional if found else answer.authority)
    if not shown and not more:
        return [f"*** No {kind} records available for {name}"]
    return [*shown, *([""] if shown and more else []), *more]


def _section(section: list[dns.rrset.RRset]) -> list[str]:
    return [line for rrset in section for item in sorted(rrset) for line in _line(rrset.name, rrset.rdtype, item)]


def _line(owner: dns.name.Name, rdtype: dns.rdatatype.RdataType, item: dns.rdata.Rdata) -> list[str]:
    """The line or lines that Windows prints for one record."""
    name = _bare(owner)
    if isinstance(item, dns.rdtypes.ANY.MX.MX):
        return [f"{name}\tMX preference = {item.preference}, mail exchanger = {_bare(item.exchange)}"]
    if isinstance(item, dns.rdtypes.ANY.SOA.SOA):
        return [
            name,
            f"\tprimary name server = {_bare(item.mname)}",
            f"\tresponsible mail addr = {_bare(item.rname)}",
            f"\tserial  = {item.serial}",
            f"\tdefault TTL = {item.minimum}",
        ]
    words = {
        dns.rdatatype.A: "internet address = {}",
        dns.rdatatype.AAAA: "AAAA IPv6 address = {}",
        dns.rdatatype.CNAME: "canonical name = {}",
        dns.rdatatype.NS: "nameserver = {}",
    }.get(rdtype, "text = {}")
    return [f"{name}\t{words.format(str(item).rstrip('.'))}"]


def _bare(name: dns.name.Name) -> str:
    return name.to_text().rstrip(".") or "(root)"
