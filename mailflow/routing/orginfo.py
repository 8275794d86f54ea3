"""The OrgInfo packet: a link state table as the text that servers send to each other, written and read back.

How one routing group is written stands in `mailflow.routing.packet`.

Source: R43, R44, R45, R47, R50, R51, R52.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Concatenate, ParamSpec, TypeVar

from mailflow.facts.words import counted
from mailflow.organization.load import made
from mailflow.organization.model import CONNECTOR_KINDS, AddressSpace, RoutingGroupConnector, X400Connector
from mailflow.routing.entries import Bridgehead, ConnectorEntry, Member, Version
from mailflow.routing.packet import guid
from mailflow.routing.table import GroupEntry, Table
from mailflow.trace.described import AVAILABILITIES

_TOKEN = re.compile(r"\s*(?:\{([0-9a-f]+)\}|([()])|([^\s(){}]+))")

Part = str | list["Part"]
"""What a packet consists of: words, and lists of parts."""

P = ParamSpec("P")
T = TypeVar("T")
L = TypeVar("L", bound=str)


class OrgInfoError(ValueError):
    """A text that is no OrgInfo packet. Says at which character, and what should stand there."""


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


def _parse(text: str, start: int) -> list[Part]:
    """Tokens and nested lists of the packet from ``start`` on."""
    stack: list[list[Part]] = [[]]
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
            inner: list[Part] = []
            stack[-1].append(inner)
            stack.append(inner)
        elif found[2]:
            if len(stack) == 1:
                raise OrgInfoError(f"character {place}: a closing bracket too many")
            stack.pop()
        else:
            stack[-1].append(found[3])
    if len(stack) > 1:
        raise OrgInfoError(f"{counted(len(stack) - 1, 'closing bracket')} missing at the end")
    return stack[0]


def _shaped(read_part: Callable[Concatenate[Part, P], T]) -> Callable[Concatenate[Part, P], T]:
    """Turn a part of the wrong shape into one clear error."""

    def checked(item: Part, /, *args: P.args, **kwargs: P.kwargs) -> T:
        try:
            return read_part(item, *args, **kwargs)
        except (ValueError, TypeError, KeyError, IndexError, AttributeError) as error:
            if isinstance(error, OrgInfoError):
                raise
            raise OrgInfoError(
                f"{str(item)[:60]} is no {read_part.__name__.strip('_')} of a packet: {error}"
            ) from error

    return checked


def _word(item: Part) -> str:
    if not isinstance(item, str):
        raise ValueError("a word is missing, a list stands there")
    return item


def _list(item: Part) -> list[Part]:
    if not isinstance(item, list):
        raise ValueError(f"a list is missing, {item[:20]!r} stands there")
    return item


def _words(item: Part) -> list[str]:
    return [_word(part) for part in _list(item)]


def _one_of(known: tuple[L, ...], word: str) -> L:
    for item in known:
        if item == word:
            return item
    raise ValueError(f"{word[:20]!r} is none of {', '.join(known)}")


@_shaped
def _group(item: Part, names: Mapping[str, str]) -> GroupEntry:
    *head, members, connectors = _list(item)
    own, master, version, _, *addresses = map(_word, head)
    group = names.get(own, own)
    return GroupEntry(
        addresses[2].split("/")[1].removeprefix("o="),
        group,
        "" if set(master) == {"0"} else names.get(master, master),
        Version.read(version),
        tuple(Member(names.get(key, key), connected == "YES") for key, connected, *_ in map(_words, _list(members))),
        tuple(_connector(part, group, names) for part in _list(connectors)),
    )


@_shaped
def _connector(item: Part, group: str, names: Mapping[str, str]) -> ConnectorEntry:
    _, *rest = _list(item)
    parts = dict(zip(map(_word, rest[::2]), rest[1::2], strict=True))
    *head, settings, people = _list(parts["CONFIG"])
    kind, name, _ = map(_word, head)
    given: dict[str, object] = {"name": name, "routing_group": group}
    for setting in _words(settings):
        key, _, value = setting.partition("=")
        loaded = json.loads(value)
        given[key] = tuple(loaded) if isinstance(loaded, list) else loaded
    heads = tuple(
        Bridgehead(names.get(key, key), fqdn, _one_of(AVAILABILITIES, availability))
        for key, availability, fqdn in map(_words, _list(parts["BH"]))
    )
    count, *dns = _words(people)
    allowed, persons = int(count, 16), [dn.rpartition("=")[2] for dn in dns]
    given |= {"only_from": tuple(persons[:allowed]), "not_from": tuple(persons[allowed:])}
    given |= _ends(kind, () if given.pop("any_local_server", False) else tuple(head.server for head in heads), parts)
    return ConnectorEntry(made(CONNECTOR_KINDS[kind], given), heads, parts["STATE"] == "UP")


def _ends(kind: str, local: tuple[str, ...], parts: Mapping[str, Part]) -> dict[str, object]:
    """Bridgeheads and address spaces, under the names that each kind of connector gives them."""
    spaces = tuple(
        AddressSpace(type=_one_of(("SMTP", "X400"), type_), pattern=pattern, cost=int(cost, 16))
        for type_, pattern, cost in map(_words, _list(parts["ARROWS"]))
    )
    far = tuple(_words(parts["TARGBH"]))
    if kind == RoutingGroupConnector.kind:
        return {"local_bridgeheads": local, "remote_bridgeheads": far}
    if kind == X400Connector.kind:
        return {"local_bridgehead": local[0], "remote_bridgehead": far[0], "address_spaces": spaces}
    return {"local_bridgeheads": local, "address_spaces": spaces}
