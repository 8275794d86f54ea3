"""What the link state table says of a connector, a member and a version, each of them a value.

Source: R20, R25, R29, R42, R47, R50, R52.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING, Literal, NamedTuple

from mailflow.facts import rule
from mailflow.facts.mistake import InputError
from mailflow.organization.model import AnyConnector, RoutingGroupConnector, Server, X400Connector
from mailflow.organization.write import default
from mailflow.plain import Plain

if TYPE_CHECKING:
    from mailflow.trace.described import Availability

Part = Literal["major", "minor", "user"]


class Version(NamedTuple):
    """``major.minor.user`` of one routing group; written in hexadecimal, compared major first.

    No document says whether minor and user start again when major rises: here they do not. A routing group starts with
    1.0.0, which is this model's choice.

    Source: R47, R48.
    """

    major: int = 1
    minor: int = 0
    user: int = 0

    def __str__(self) -> str:
        return f"{self.major:x}.{self.minor:x}.{self.user:x}"

    @classmethod
    def read(cls, text: str) -> Version:
        """The version written as ``text``.

        Raises:
            ValueError: it is not three hexadecimal numbers with dots between them.
        """
        parts = text.split(".")
        if len(parts) != 3:
            raise InputError(f"{text!r} is no version; it has three hexadecimal numbers, such as a.0.0")
        return cls(*(int(part, 16) for part in parts))

    def raised(self, part: Part) -> Version:
        """The next version after a change of that kind."""
        return self._replace(**{part: getattr(self, part) + 1})


class Member(NamedTuple):
    """One server of a routing group, and whether its master sees it connected (Source: R50)."""

    server: str
    connected: bool = True


class Bridgehead(NamedTuple):
    """One source bridgehead of a connector, its host name, and whether it can use the connector (Source: R50, R52)."""

    server: str
    fqdn: str
    availability: Availability = "CONN_AVAIL"


@dataclass(frozen=True, repr=False, eq=False)
class ConnectorEntry(Plain):
    """A connector in the table: its configuration, its source bridgeheads, and its state."""

    connector: AnyConnector
    bridgeheads: tuple[Bridgehead, ...]
    up: bool = True

    @property
    def name(self) -> str:
        """The name of the connector."""
        return self.connector.name

    def available(self) -> tuple[str, ...]:
        """The source bridgeheads that can use the connector."""
        return tuple(item.server for item in self.bridgeheads if item.availability == "CONN_AVAIL")

    def with_bridgehead(self, server: str, availability: Availability) -> ConnectorEntry:
        """The entry after one bridgehead changed; the state follows from all of them."""
        heads = tuple(
            item._replace(availability=availability) if item.server == server else item for item in self.bridgeheads
        )
        return replace(self, bridgeheads=heads, up=is_up(heads))


@rule
def is_up(heads: Iterable[Bridgehead]) -> bool:
    """A connector is DOWN only when none of its source bridgeheads can use it.

    Source: R52, R85.
    Sure: documented.
    """
    return any(item.availability == "CONN_AVAIL" for item in heads)


@rule
def targets(connector: AnyConnector) -> tuple[str, ...]:
    """A routing group connector leads to one routing group; the other kinds to as many as they are connected with.

    Source: R20.
    Sure: documented.
    """
    if isinstance(connector, RoutingGroupConnector):
        return (connector.to,)
    return connector.connected_routing_groups


@rule
def bridgeheads(connector: AnyConnector) -> tuple[str, ...]:
    """The local bridgehead servers that a connector names; none means "any local server".

    Source: R20, R25.
    Sure: documented.
    """
    return (connector.local_bridgehead,) if isinstance(connector, X400Connector) else connector.local_bridgeheads


def far_ends(connector: AnyConnector) -> tuple[str, ...]:
    """The remote bridgeheads of a connector: servers or hosts by name (Source: R29)."""
    if isinstance(connector, RoutingGroupConnector):
        return connector.remote_bridgeheads
    if isinstance(connector, X400Connector):
        return (connector.remote_bridgehead,)
    return tuple(item.strip() for item in connector.smart_host.replace(";", ",").split(",") if item.strip())


def entry_of(connector: AnyConnector, members: Iterable[Server]) -> ConnectorEntry:
    """A connector as the directory describes it; with "any local server" every member is a bridgehead (Source: R25)."""
    named = bridgeheads(connector)
    heads = (item for item in members if not named or item.name in named)
    return ConnectorEntry(connector, tuple(Bridgehead(item.name, item.fqdn) for item in heads))


def changed_settings(connector: AnyConnector, without: Collection[str]) -> dict[str, object]:
    """The settings of a connector that differ from their default, but for some that stand elsewhere."""
    return {
        item.name: getattr(connector, item.name)
        for item in fields(connector)
        if item.name not in without and getattr(connector, item.name) != default(item)
    }
