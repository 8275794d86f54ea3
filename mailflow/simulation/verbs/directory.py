"""What an administrator changes in the directory: masters, servers and connectors."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, ClassVar, Self, get_args

from mailflow.facts.words import a
from mailflow.names import GroupName, ServerName
from mailflow.organization.check import faults
from mailflow.organization.model import AddressSpace, AnyConnector, Organization
from mailflow.routing.recorded import connector_data, connector_from, is_connector
from mailflow.simulation.directory import Directory
from mailflow.simulation.errors import ScenarioError, meant, seconds
from mailflow.simulation.verbs.base import Verb, mailbox_named, server_named, verb
from mailflow.simulation.verbs.later import actions, change

if TYPE_CHECKING:
    from mailflow.simulation.world import World
    from mailflow.simulation.writing import Writer


@verb
@dataclass(frozen=True, repr=False, eq=False)
class SetMaster(Verb):
    """Another server becomes the master of its routing group; the directory needs ``lag`` seconds to tell the others
    (Source: R12, R15).
    """

    word = "set master"
    method = "set_master"
    group: str
    server: str
    lag: float = 0.0

    def checked(self, organization: Organization) -> Self:
        if self.group not in organization.routing_group:
            hint = meant(self.group, organization.routing_group)
            raise ScenarioError(f"set_master: no routing group {self.group!r}{hint}")
        members = [item.name for item in organization.members_of(self.group)]
        if self.server not in members:
            raise ScenarioError(f"set_master: {self.server!r} is not in {self.group}{meant(self.server, members)}")
        return type(self)(self.group, self.server, seconds("set_master(replication_lag=%)", self.lag))

    def perform(self, world: World) -> None:
        world.env.start(world.detection.move_master(GroupName(self.group), ServerName(self.server), self.lag))

    def arguments(self, writer: Writer) -> list[str]:
        lag = [f"replication_lag={writer.number(self.lag)}"] if self.lag else []
        return [repr(self.group), repr(self.server), *lag]


@verb
@dataclass(frozen=True, repr=False, eq=False)
class DeleteServer(Verb):
    """A server is deleted from the directory and switched off (Source: R14, R57)."""

    word = "delete server"
    method = "delete_server"
    server: str

    def checked(self, organization: Organization) -> Self:
        return type(self)(server_named(organization, self.server, "delete_server").name)

    def perform(self, world: World) -> None:
        world.detection.delete_server(ServerName(self.server))


@verb
@dataclass(frozen=True, repr=False, eq=False)
class MoveMailbox(Verb):
    """A mailbox is moved to another server, which takes ``lasts`` seconds (Source: K51)."""

    word = "move mailbox"
    method = "move_mailbox"
    mailbox: str
    server: str
    lasts: float = 600.0

    def checked(self, organization: Organization) -> Self:
        entry = mailbox_named(organization, self.mailbox, self.method)
        server = server_named(organization, self.server, "move_mailbox")
        if server.name == entry.server:
            raise ScenarioError(
                f"move_mailbox: the mailbox of {entry.name} is on {server.name} already; name another server"
            )
        return type(self)(entry.name, server.name, seconds("move_mailbox(lasts=%)", self.lasts))

    def perform(self, world: World) -> None:
        if self.mailbox not in world.moving and self.mailbox in world.organization.recipient:
            world.env.start(actions.move_mailbox(world, self.mailbox, self.server, self.lasts))

    def arguments(self, writer: Writer) -> list[str]:
        return [repr(self.mailbox), repr(self.server), f"lasts={writer.number(self.lasts)}"]


@verb
@dataclass(frozen=True, repr=False, eq=False)
class DeleteMailbox(Verb):
    """A mailbox is deleted from the directory (Source: K52)."""

    word = "delete mailbox"
    method = "delete_mailbox"
    mailbox: str

    def checked(self, organization: Organization) -> Self:
        name = mailbox_named(organization, self.mailbox, self.method).name
        servers = tuple(
            replace(item, mailbox_stores=tuple(replace(store, journal_to="") for store in item.mailbox_stores))
            for item in organization.servers
        )
        if wrong := faults(replace(change.without_recipient(organization, name), servers=servers)):
            place = wrong[0].partition(": ")[0]
            raise ScenarioError(f"delete_mailbox: {name} still stands in {place}; take it out there first")
        return type(self)(name)

    def perform(self, world: World) -> None:
        if self.mailbox in world.organization.recipient:
            actions.delete_mailbox(world, self.mailbox)


class _Connector(Verb):
    """A change of one connector. What `after` makes of it is what the script is checked by and what the run does."""

    adds: ClassVar[bool] = False

    @property
    def connector_name(self) -> str:
        """Which connector changes."""
        raise NotImplementedError

    def after(self, before: AnyConnector | None) -> AnyConnector | None:
        """The connector as this leaves it."""
        raise NotImplementedError

    def told(self, after: AnyConnector | None) -> str:
        """The change in words."""
        raise NotImplementedError

    def plan(self, directory: Directory, at: float) -> None:
        directory.plan(self.connector_name, self, at)

    def perform(self, world: World) -> None:
        after = self.after(world.organization.connector.get(self.connector_name))
        actions.change_configuration(world, self.connector_name, after, self.told(after))


@verb
@dataclass(frozen=True, repr=False, eq=False)
class ChangeConnector(_Connector):
    """A connector gets other settings, which are kept as plain data (Source: R9, R48)."""

    word = "change connector"
    method = "change"
    name: str
    settings: Mapping[str, object] = field(default_factory=dict)

    @property
    def connector_name(self) -> str:
        return self.name

    def checked(self, organization: Organization) -> Self:
        if not self.settings:
            raise ScenarioError(f"change({self.name!r}): nothing changes; say what, for instance cost=5")
        return type(self)(self.name, {key: _plain(value) for key, value in self.settings.items()})

    def after(self, before: AnyConnector | None) -> AnyConnector | None:
        assert before is not None
        try:
            return change.set_connector(before, self.settings)
        except ValueError as error:
            raise ScenarioError(f"change({self.name!r}): {error}") from error

    def told(self, after: AnyConnector | None) -> str:
        return f"{self.name}: {', '.join(f'{key} is {_shown(getattr(after, key))} now' for key in self.settings)}"

    def arguments(self, writer: Writer) -> list[str]:
        return [repr(self.name), *(f"{key}={writer.value(value)}" for key, value in self.settings.items())]


@verb
@dataclass(frozen=True, repr=False, eq=False)
class AddConnector(_Connector):
    """A new connector (Source: R9, R48)."""

    word = "add connector"
    method = "add"
    adds = True
    connector: AnyConnector

    @property
    def connector_name(self) -> str:
        return self.connector.name

    def checked(self, organization: Organization) -> Self:
        if not isinstance(self.connector, get_args(AnyConnector)):
            kind = type(self.connector).__name__
            raise ScenarioError(
                f"add: {a(kind)} is no connector; give one such as organization.connector['London-Paris'], with another name"
            )
        return self

    def after(self, before: AnyConnector | None) -> AnyConnector | None:
        return self.connector

    def told(self, after: AnyConnector | None) -> str:
        return f"{self.connector_name} is added"

    def arguments(self, writer: Writer) -> list[str]:
        if writer.organization.connector.get(self.connector_name) == self.connector:
            return [f"organization.connector[{self.connector_name!r}]"]
        return [writer.value(self.connector)]

    def as_data(self) -> dict[str, object]:
        return {"connector": connector_data(self.connector)}

    @classmethod
    def from_data(cls, data: Mapping[str, object]) -> Self:
        connector = data["connector"]
        if not is_connector(connector):
            raise TypeError("the connector of 'add connector' must be a table with all that a connector has")
        return cls(connector_from(connector))


@verb
@dataclass(frozen=True, repr=False, eq=False)
class RemoveConnector(_Connector):
    """A connector is removed (Source: R9, R48)."""

    word = "remove connector"
    method = "remove"
    name: str

    @property
    def connector_name(self) -> str:
        return self.name

    def after(self, before: AnyConnector | None) -> AnyConnector | None:
        return None

    def told(self, after: AnyConnector | None) -> str:
        return f"{self.name} is removed"


def _plain(value: object) -> object:
    if isinstance(value, AddressSpace):
        return {"pattern": value.pattern, "cost": value.cost, "type": value.type}
    return [_plain(item) for item in value] if isinstance(value, (list, tuple)) else value


def _shown(value: object) -> str:
    if isinstance(value, AddressSpace):
        return f"{value.pattern} at cost {value.cost}"
    return (", ".join(map(_shown, value)) or "empty") if isinstance(value, tuple) else str(value)
