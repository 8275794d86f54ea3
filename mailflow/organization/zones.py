"""Zones as master files (RFC 1035). Records without a time to live get an hour."""

from __future__ import annotations

import re

import dns.exception
import dns.zone

from mailflow.organization.model import Zone

DIRECTIVES = ("$ORIGIN", "$TTL")
"""The directives of RFC 1035 but `$INCLUDE`. `$GENERATE` of BIND makes millions of records of one line: a text from outside could stop
whoever opens it."""


def parsed(zone: Zone) -> dns.zone.Zone:
    """The records of a zone, with absolute names.

    Raises:
        ValueError: a line cannot be read; says which.
    """
    try:
        return dns.zone.from_text(
            f"$TTL 3600\n{zone.records}",
            origin=zone.name,
            relativize=False,
            check_origin=False,
            allow_directives=DIRECTIVES,
        )
    except (dns.exception.DNSException, ValueError, IndexError) as error:
        text = str(error).strip() or type(error).__name__
        # The line with the default time to live is not one of the file's own.
        told = re.sub(r"<string>:(\d+)", lambda found: f"line {int(found.group(1)) - 1}", text)
        raise ValueError(told) from error
