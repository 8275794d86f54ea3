"""How one routing group stands in an OrgInfo packet: identity, addresses, members, connectors.

The nesting, the order of the fields and the words CONFIG, ARROWS, BH, TARGBH and STATE follow the one published sample.
Strings carry their length in hexadecimal before them. What the sample does not show (the names of single settings) is
this model's own. The whole packet, written and read, is in `mailflow.routing.orginfo`.

Source: R43, R45, R47, R50, R51, R52.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Iterator
from functools import lru_cache

from mailflow.facts import rule
from mailflow.organization.model import AnyConnector
from mailflow.routing.entries import ConnectorEntry, Member, Version, bridgeheads, changed_settings, far_ends

HEADER = len("{00000000}") + 32
"""Characters before the first routing group: the total length and the digest."""

BUILD = "1aae"
"""Build 6830 of the published sample (Source: R50)."""

_ELSEWHERE = frozenset(
    {"name", "address_spaces", "local_bridgeheads", "local_bridgehead", "remote_bridgeheads", "remote_bridgehead"}
    | {"only_from", "not_from", "routing_group"}
)
_GUID = re.compile("[0-9a-f]{32}")


@rule
@lru_cache(maxsize=65_536)
def guid(organization: str, kind: str, name: str) -> str:
    """Objects are known by their objectGUID: 32 hexadecimal digits.

    A real one is random. Here it is derived from the names, so that equal runs give equal packets. An object that the
    directory does not know has its GUID for a name.

    Source: R45.
    """
    if _GUID.fullmatch(name):
        return name
    text = "|".join((organization, kind, name))
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()


def hyphenated(digits: str) -> str:
    """The same GUID as it stands in addresses: with hyphens, bytes not swapped (Source: R45)."""
    return "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:])).upper()


def prefixed(text: str) -> str:
    """A string with its length in front (Source: R51)."""
    return f"{{{len(text):x}}}{text}"


def group_text(
    organization: str,
    name: str,
    master: str,
    version: Version,
    members: Iterable[Member],
    connectors: Iterable[ConnectorEntry],
) -> str:
    """One routing group: identity, addresses, members, connectors (Source: R43, R50)."""
    own = guid(organization, "routing group", name)
    head = guid(organization, "server", master) if master else "0" * 32
    servers = "".join(
        f"({guid(organization, 'server', item.server)} {'YES' if item.connected else 'NO'} 1 {BUILD} {'0' * 16})"
        for item in members
    )
    ways = "".join(_connector_text(organization, item) for item in connectors)
    addresses = " ".join(map(prefixed, _addresses(organization, own)))
    return f"({own} {head} {version} {'0' * 32} {addresses} ({servers}) ({ways}))"


def _addresses(organization: str, own: str) -> tuple[str, str, str]:
    """The addresses of a routing group in SMTP, X.400 and X.500 form (Source: R45, R50)."""
    name = hyphenated(own)
    return (
        f"*.{name}",
        f"c=US;a= ;p={organization};o=Exchange;cn={name};*",
        f"/o={organization}/ou=First Administrative Group/*/{name}",
    )


def _connector_text(organization: str, item: ConnectorEntry) -> str:
    connector = item.connector
    home = f"/o={organization}/ou=First Administrative Group"
    people = [f"{home}/cn=Recipients/cn={name}" for name in (*connector.only_from, *connector.not_from)]
    settings = [f"{name}={json.dumps(value)}" for name, value in _settings(connector)]
    heads = "".join(
        f"({guid(organization, 'server', head.server)} {head.availability} {prefixed(head.fqdn)})"
        for head in item.bridgeheads
    )
    arrows = "".join(
        f"({space.type} {prefixed(space.pattern)} {space.cost:x})" for space in getattr(connector, "address_spaces", ())
    )
    parts = (
        guid(organization, "connector", item.name),
        f"CONFIG ({prefixed(connector.kind)} {prefixed(item.name)} "
        f"{prefixed(f'{home}/cn=Connections/cn={item.name}')} ({' '.join(map(prefixed, settings))}) "
        f"({len(connector.only_from):x} {' '.join(map(prefixed, people))}))",
        f"ARROWS ({arrows})",
        f"BH ({heads})",
        f"TARGBH ({' '.join(map(prefixed, far_ends(connector)))})",
        f"STATE {'UP' if item.up else 'DOWN'}",
    )
    return f"({' '.join(parts)})"


def _settings(connector: AnyConnector) -> Iterator[tuple[str, object]]:
    """The settings that differ from their default; those with a place of their own in the packet are left out."""
    if not bridgeheads(connector):
        yield "any_local_server", True
    yield from changed_settings(connector, _ELSEWHERE).items()
