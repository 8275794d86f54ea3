"""Services that stop, links that break, and the switch for outbound mail."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, ClassVar, Self

from mailflow.organization.model import Organization
from mailflow.simulation.errors import ScenarioError, meant
from mailflow.simulation.verbs.base import Verb, listening_server, server_or_only, verb
from mailflow.simulation.verbs.later import actions
from mailflow.transport.node import ANTIVIRUS, SERVICES

if TYPE_CHECKING:
    from mailflow.simulation.world import World


@dataclass(frozen=True, repr=False, eq=False)
class _Service(Verb):
    service: str
    server: str = ""
    up: ClassVar[bool]

    def checked(self, organization: Organization) -> Self:
        found = server_or_only(organization, self.server, f"{self.word}({self.service!r})")
        stores = [store.name for store in found.mailbox_stores]
        known = [*SERVICES, *stores, *(item.name for item in found.virtual_servers)]
        if self.service not in known:
            hint = meant(self.service, known)
            raise ScenarioError(
                f"{self.word}: {found.name} has no service, store or virtual server {self.service!r}{hint}"
            )
        if self.service == ANTIVIRUS and not found.antivirus:
            raise ScenarioError(f"{self.word}: {found.name} has no virus scanner; its server needs antivirus = true")
        return replace(self, server=found.name)

    def perform(self, world: World) -> None:
        actions.change_service(world, world.nodes[self.server], self.service, self.up)


@verb
class Stop(_Service):
    """A service stops, a mailbox store is dismounted, or the "antivirus" sink hangs."""

    word = method = "stop"
    up = False


@verb
class Start(_Service):
    """What `Stop` stopped runs again."""

    word = method = "start"
    up = True


@dataclass(frozen=True, repr=False, eq=False)
class _Pause(Verb):
    virtual_server: str = ""
    server: str = ""
    paused: ClassVar[bool]

    def checked(self, organization: Organization) -> Self:
        found = listening_server(organization, self.server, self.virtual_server, self.word)
        return replace(self, server=found.name)

    def perform(self, world: World) -> None:
        actions.pause_virtual_server(world, world.nodes[self.server], self.virtual_server, self.paused)


@verb
class Pause(_Pause):
    """An SMTP virtual server takes no new connections and goes on delivering (Source: K58)."""

    word = method = "pause"
    paused = True


@verb
class Resume(_Pause):
    """What `Pause` paused takes new connections again (Source: K58)."""

    word = method = "resume"
    paused = False


@dataclass(frozen=True, repr=False, eq=False)
class _Network(Verb):
    name: str
    up: ClassVar[bool]

    def checked(self, organization: Organization) -> Self:
        known = [*organization.connector, *organization.server, *organization.external_host, "DNS"]
        known += [zone.name for zone in organization.zones]
        for server in organization.servers:
            known += [ip for item in server.virtual_servers for ip in item.external_dns]
        if self.name not in known:
            raise ScenarioError(f"{self.word}: nothing is called {self.name!r}{meant(self.name, known)}")
        return self

    def perform(self, world: World) -> None:
        actions.change_network(world, self.name, self.up)


@verb
class Fail(_Network):
    """The network of something breaks."""

    word = method = "fail"
    up = False


@verb
class Restore(_Network):
    """What `Fail` broke is repaired."""

    word = method = "restore"
    up = True


@dataclass(frozen=True, repr=False, eq=False)
class _Outbound(Verb):
    server: str = ""
    disabled: ClassVar[bool]

    def checked(self, organization: Organization) -> Self:
        return replace(self, server=server_or_only(organization, self.server, self.method).name)

    def perform(self, world: World) -> None:
        actions.switch_outbound(world.nodes[self.server], self.disabled)


@verb
class DisableOutboundMail(_Outbound):
    """Every link queue of a server stops (Source: T174)."""

    word = "disable outbound mail"
    method = "disable_outbound_mail"
    disabled = True


@verb
class EnableOutboundMail(_Outbound):
    """The link queues of a server go on (Source: T174)."""

    word = "enable outbound mail"
    method = "enable_outbound_mail"
    disabled = False
