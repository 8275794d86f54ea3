"""The OrgInfo packet: a link state table as the text that servers send to each other, written and read back.

The nesting, the order of the fields and the words CONFIG, ARROWS, BH, TARGBH and STATE follow the one published sample.
Strings carry their length in hexadecimal before them. What the sample does not show (the names of single settings) is
this model's own.

Source: R43, R44, R45, R47, R50, R51, R52.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import lru_cache
from typing import Any

from mailflow.facts import rule
from mailflow.organization.model import (
    CONNECTOR_KINDS,
    AddressSpace,
    AnyConnector,
    RoutingGroupConnector,
    X400Connector,
)
from mailflow.routing.table import (
    Bridgehead,
    ConnectorEntry,
    GroupEntry,
    Member,
    Table,
    Version,
    bridgeheads,
    changed_settings,
    far_ends,
)

HEADER = len("{00000000}") + 32
"""Characters before the first routing group: the total length and the digest."""

BUILD = "1aae"
"""Build 6830 of the published sample (Source: R50)."""

_ELSEWHERE = frozenset(
    {"name", "address_spaces", "local_bridgeheads", "local_bridgehead", "remote_bridgeheads", "remote_bridgehead"}
    | {"only_from", "not_from", "routing_group"}
)
_GUID = re.compile("[0-9a-f]{32}")
_TOKEN = re.compile(r"\s*(?:\{([0-9a-f]+)\}|([()])|([^\s(){}]+))")


class OrgInfoError(ValueError):
    """A text that is no OrgInfo packet. Says at which character, and what should stand there."""


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


def group_text(entry: GroupEntry) -> str:
    """One routing group: identity, addresses, members, connectors (Source: R43, R50)."""
    own = guid(entry.organization, "routing group", entry.name)
    master = guid(entry.organization, "server", entry.master) if entry.master else "0" * 32
    members = "".join(
        f"({guid(entry.organization, 'server', item.server)} {'YES' if item.connected else 'NO'} 1 {BUILD} {'0' * 16})"
        for item in entry.members
    )
    connectors = "".join(_connector_text(entry, item) for item in entry.connectors)
    addresses = " ".join(map(prefixed, _addresses(entry, own)))
    return f"({own} {master} {entry.version} {'0' * 32} {addresses} ({members}) ({connectors}))"


def _addresses(entry: GroupEntry, own: str) -> tuple[str, str, str]:
    """The addresses of a routing group in SMTP, X.400 and X.500 form (Source: R45, R50)."""
    name = hyphenated(own)
    return (
        f"*.{name}",
        f"c=US;a= ;p={entry.organization};o=Exchange;cn={name};*",
        f"/o={entry.organization}/ou=First Administrative Group/*/{name}",
    )


def _connector_text(entry: GroupEntry, item: ConnectorEntry) -> str:
    connector = item.connector
    home = f"/o={entry.organization}/ou=First Administrative Group"
    people = [f"{home}/cn=Recipients/cn={name}" for name in (*connector.only_from, *connector.not_from)]
    settings = [f"{name}={json.dumps(value)}" for name, value in _settings(connector)]
    heads = "".join(
        f"({guid(entry.organization, 'server', head.server)} {head.availability} {prefixed(head.fqdn)})"
        for head in item.bridgeheads
    )
    arrows = "".join(
        f"({space.type} {prefixed(space.pattern)} {space.cost:x})" for space in getattr(connector, "address_spaces", ())
    )
    parts = (
        guid(entry.organization, "connector", item.name),
        f"CONFIG ({prefixed(connector.kind)} {prefixed(item.name)} "
        f"{prefixed(f'{home}/cn=Connections/cn={item.name}')} ({' '.join(map(prefixed, settings))}) "
        f"({len(connector.only_from):x} {' '.join(map(prefixed, people))}))",
        f"ARROWS ({arrows})",
        f"BH ({heads})",
        f"TARGBH ({' '.join(map(prefixed, far_ends(connector)))})",
        f"STATE {'UP' if item.up else 'DOWN'}",
    )
    return f"({' '.join(parts)})"


def _settings(connector: AnyConnector) -> Iterator[tuple[str, Any]]:
    """The settings that differ from their default; those with a place of their own in the packet are left out."""
    if not bridgeheads(connector):
        yield "any_local_server", True
    yield from changed_settings(connector, _ELSEWHERE).items()


def write(table: Table) -> str:
    """The whole table as one packet: total length, digest, routing groups (Source: R44, R50)."""
    body = table.digest + "".join(entry.text for entry in table.groups.values())
    return f"{{{len(body) + 10:08x}}}{body}"


def directory_names(organization: str, groups: Iterable[str], servers: Iterable[str]) -> dict[str, str]:
    """The name of each routing group and server of a directory by GUID."""
    known = {guid(organization, "routing group", name): name for name in groups}
    return known | {guid(organization, "server", name): name for name in servers}


def read(text: str, names: Mapping[str, str]) -> Table:
    """The table that a packet holds.

    Args:
        text: what `write` wrote.
        names: the directory: a name for each GUID, see `directory_names`. An object that it lacks has its GUID for a name.

    Raises:
        OrgInfoError: the text is damaged, or its length or digest does not fit.
    """
    total = re.match(r"\{([0-9a-f]{8})\}([0-9a-f]{32})", text)
    if total is None:
        raise OrgInfoError(
            "character 1: a packet starts with its length, such as {00000457}, and 32 hexadecimal digits"
        )
    if int(total[1], 16) != len(text):
        raise OrgInfoError(
            f"the packet says it has {int(total[1], 16)} characters and has {len(text)}: part of it is missing"
        )
    groups = [_group(item, names) for item in _parse(text, total.end())]
    organization = groups[0].organization if groups else ""
    table = Table(organization, {item.name: item for item in groups})
    if table.digest != total[2]:
        raise OrgInfoError(f"the digest is {total[2]}, but the content gives {table.digest}: the packet was changed")
    return table


def _parse(text: str, start: int) -> list[Any]:
    """Tokens and nested lists of the packet from ``start`` on."""
    stack: list[list[Any]] = [[]]
    place = start
    while place < len(text.rstrip()):
        found = _TOKEN.match(text, place)
        if found is None:
            raise OrgInfoError(f"character {place + 1}: neither a bracket nor a word nor a string with its length")
        place = found.end()
        if found[1]:
            length = int(found[1], 16)
            stack[-1].append(text[place : place + length])
            place += length
        elif found[2] == "(":
            stack[-1].append([])
            stack.append(stack[-1][-1])
        elif found[2]:
            if len(stack) == 1:
                raise OrgInfoError(f"character {place}: a closing bracket too many")
            stack.pop()
        else:
            stack[-1].append(found[3])
    if len(stack) > 1:
        raise OrgInfoError(f"{len(stack) - 1} closing brackets are missing at the end")
    return stack[0]


def _shaped(read_part: Callable[..., Any]) -> Callable[..., Any]:
    """Turn a part of the wrong shape into one clear error."""

    def checked(item: Any, *rest: Any) -> Any:
        try:
            return read_part(item, *rest)
        except (ValueError, TypeError, KeyError, IndexError, AttributeError) as error:
            if isinstance(error, OrgInfoError):
                raise
            raise OrgInfoError(
                f"{str(item)[:60]} is no {read_part.__name__.strip('_')} of a packet: {error}"
            ) from error

    return checked


@_shaped
def _group(item: Any, names: Mapping[str, str]) -> GroupEntry:
    own, master, version, _, *addresses, members, connectors = item
    group = names.get(own, own)
    return GroupEntry(
        addresses[2].split("/")[1].removeprefix("o="),
        group,
        "" if set(master) == {"0"} else names.get(master, master),
        Version.read(version),
        tuple(Member(names.get(key, key), connected == "YES") for key, connected, *_ in members),
        tuple(_connector(part, group, names) for part in connectors),
    )


@_shaped
def _connector(item: Any, group: str, names: Mapping[str, str]) -> ConnectorEntry:
    parts = dict(zip(item[1::2], item[2::2], strict=True))
    kind, name, _, settings, people = parts["CONFIG"]
    given: dict[str, Any] = {}
    for setting in settings:
        key, _, value = setting.partition("=")
        loaded = json.loads(value)
        given[key] = tuple(loaded) if isinstance(loaded, list) else loaded
    heads = tuple(Bridgehead(names.get(key, key), fqdn, availability) for key, availability, fqdn in parts["BH"])
    allowed, persons = int(people[0], 16), [dn.rpartition("=")[2] for dn in people[1:]]
    given |= {"only_from": tuple(persons[:allowed]), "not_from": tuple(persons[allowed:])}
    given |= _ends(kind, () if given.pop("any_local_server", False) else tuple(head.server for head in heads), parts)
    return ConnectorEntry(CONNECTOR_KINDS[kind](name=name, routing_group=group, **given), heads, parts["STATE"] == "UP")


def _ends(kind: str, local: tuple[str, ...], parts: Mapping[str, Any]) -> dict[str, Any]:
    """Bridgeheads and address spaces, under the names that each kind of connector gives them."""
    spaces = tuple(
        AddressSpace(type=type_, pattern=pattern, cost=int(cost, 16)) for type_, pattern, cost in parts["ARROWS"]
    )
    if kind == RoutingGroupConnector.kind:
        return {"local_bridgeheads": local, "remote_bridgeheads": tuple(parts["TARGBH"])}
    if kind == X400Connector.kind:
        return {"local_bridgehead": local[0], "remote_bridgehead": parts["TARGBH"][0], "address_spaces": spaces}
    return {"local_bridgeheads": local, "address_spaces": spaces}
