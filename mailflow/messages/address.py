"""E-mail addresses: strict on the wire, lenient in header fields. The grammar is the standard library's, without comments."""

from __future__ import annotations

import re
from dataclasses import dataclass
from email.headerregistry import Address as StandardAddress
from email.utils import getaddresses
from functools import lru_cache

from mailflow.facts.mistake import Mistake
from mailflow.plain import Plain

_ROUTE = re.compile(r"^(?:@[^:,]+,)*@[^:,]+:")
_QUOTED = re.compile(r'"(?:[^"\\]|\\.)*"')
_UNSAFE = re.compile(r"[\x00-\x20\x7f]")
_DOMAIN = re.compile(r"\w(?:[\w-]*\w)?(?:\.\w(?:[\w-]*\w)?)*|\[[^\[\]\\()]+\]")
"""Labels that neither begin nor end with a hyphen, or an address literal. How long they may be is for DNS to say."""


class AddressError(Mistake, ValueError):
    """An address that cannot be used on the wire. Names the text and what would be right."""


@dataclass(frozen=True, slots=True, repr=False, eq=False)
class Address(Plain):
    """A mailbox: ``local@domain``. An address without a domain has "" there; the server that takes it adds its own
    (Source: T93).
    """

    local: str
    domain: str

    def __str__(self) -> str:
        return f"{self.local}@{self.domain}" if self.domain else self.local


@lru_cache(maxsize=4096)
def parse_path(text: str) -> Address | None:
    """The address of a MAIL FROM or RCPT TO command, with or without angle brackets; ``<>`` is the empty sender,
    ``None``.

    A source route (``<@a,@b:c@d>``) is dropped, as the standard asks.

    Raises:
        AddressError: the text is no address.
    """
    bare = text.strip(" \t")
    if bare.startswith("<") != bare.endswith(">"):
        raise AddressError(f"{text!r} opens or closes an angle bracket only; write <name@domain>")
    bare = bare.removeprefix("<").removesuffix(">")
    if not bare:
        return None
    bare = _ROUTE.sub("", bare)
    quoted = bare.startswith('"')
    if _UNSAFE.search(bare.split('"@')[-1] if quoted else bare) or re.search(r"[\r\n<>]", bare):
        raise AddressError(f"{text!r} contains a blank, a bracket or a control character; write <name@domain>")
    if "@" not in bare or _QUOTED.fullmatch(bare):
        return Address(bare, "")
    local, _, domain = bare.rpartition("@")
    if not local or not domain:
        raise AddressError(f"{text!r} lacks a name or a domain; write <name@domain>")
    if not _DOMAIN.fullmatch(domain) or re.search(r"[()]", _QUOTED.sub("", local)):
        raise AddressError(f"{text!r} has a comment, or a domain that is no name; write <name@domain>")
    try:
        StandardAddress(addr_spec=bare)
    except Exception as error:  # the parser raises nearly anything
        raise AddressError(f"{text!r} is no address ({type(error).__name__}); write <name@domain>") from error
    return Address(local, domain)


def addresses_in(*values: str) -> list[str]:
    """The addresses in header field values, whatever else stands there; what is no address is left out."""
    found = [address for value in values for address in _listed(str(value))]
    return [address for address in found if "@" in address and not _UNSAFE.search(address)]


def _listed(value: str) -> list[str]:
    try:
        return [address for _, address in getaddresses([value])]
    except RecursionError:  # comments or groups that lie in each other by the hundred
        return []
