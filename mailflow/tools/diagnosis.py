"""SMTPDiag as far as documents describe it: the SOA record of the remote domain, the records of both sides, and a session with each server.

Source: K84, T183.
"""

from __future__ import annotations

import random
from collections.abc import Collection
from typing import Final

from mailflow.dns.exchangers import ask_mx, resolver_of
from mailflow.facts.mistake import InputError
from mailflow.messages import AddressError, parse_path
from mailflow.organization.model import Organization
from mailflow.tools.listing import Listing

__all__ = ["smtpdiag"]

COLUMNS: Final = ("Step", "Asked", "Found", "Result")
TIMED_OUT = "DNS request timed out."
"""What is shown of a name while no DNS server answers."""
PASSED, FAILED, INFORMATION = "passed", "failed", "information"
STEPS: Final = (
    "SOA record",
    "mail exchangers of the sender",
    "mail exchangers of the recipient",
    "connection to port 25",
)
"""The first step is documented, the order of the others is not (Source: T183)."""


def smtpdiag(organization: Organization, sender: str, recipient: str, *, away: Collection[str] = ()) -> Listing:
    """Check names and connections for mail from one address to another, from a server of the organization.

    The real tool asks over UDP and TCP, which this model does not tell apart. It tests connections as they are without a run: a host
    outside answers, if it is in the file and not away (Source: K84, T183).

    Example:
        >>> import mailflow
        >>> from mailflow.tools import smtpdiag
        >>> smtpdiag(mailflow.load("one server"), "anna@contoso.com", "kim@nowhere.example").column("Result")
        ['information', 'passed', 'failed']

    Args:
        away: names of what cannot be reached: "DNS", a zone whose name servers fail, or a host.

    Raises:
        ValueError: what is no address.
    """
    here, there = (_domain(word, text) for word, text in (("sender", sender), ("recipient", recipient)))
    if "DNS" in away:
        asked = ((STEPS[0], f"{there} IN SOA"), (STEPS[1], f"{here} IN MX"), (STEPS[2], f"{there} IN MX"))
        silent = tuple((step, what, TIMED_OUT, FAILED) for step, what in asked)
        return Listing(f"SMTPDiag from {sender} to {recipient}", COLUMNS, silent)
    resolver = resolver_of(organization.zones, frozenset(zone.name for zone in organization.zones if zone.name in away))
    soa = resolver.records(there, "SOA")
    rows = [(STEPS[0], f"{there} IN SOA", ", ".join(soa) or "no record", PASSED if soa else INFORMATION)]
    found: tuple[str, ...] = ()
    for step, domain in ((STEPS[1], here), (STEPS[2], there)):
        answer = ask_mx(resolver, domain, random.Random(0))
        found = answer.hosts
        rows.append((step, f"{domain} IN MX", ", ".join(found) or answer.why, PASSED if found else FAILED))
    hosts = {item.name.lower(): item for item in organization.external_hosts}
    for name in found:
        host = hosts.get(name.lower())
        reply = (
            "no such host is reachable" if host is None or name in away else host.replies.get(recipient, "250 2.1.5 Ok")
        )
        rows.append((STEPS[3], f"{name}, RCPT TO:<{recipient}>", reply, PASSED if reply[0] == "2" else FAILED))
    return Listing(f"SMTPDiag from {sender} to {recipient}", COLUMNS, tuple(rows))


def _domain(what: str, text: str) -> str:
    try:
        found = parse_path(text)
    except AddressError:
        found = None
    if not found or not found.domain:
        raise InputError(f"{what}={text!r} is not an address; write name@domain")
    return found.domain
