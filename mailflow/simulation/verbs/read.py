"""Reading the mail in a mailbox."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal, Self

from mailflow.names import ServerName
from mailflow.organization.model import Organization
from mailflow.simulation.errors import ScenarioError
from mailflow.simulation.verbs.base import Verb, mailbox_named, server_named, verb
from mailflow.simulation.verbs.later import reading

if TYPE_CHECKING:
    from mailflow.simulation.world import World
    from mailflow.simulation.writing import Writer

Reader = Literal["mapi", "http", "pop3", "imap4"]
"""What somebody reads mail with."""


@verb
@dataclass(frozen=True)
class Read(Verb):
    """Somebody looks at the mail in a mailbox, by Outlook ("mapi") or from a client of HTTP, POP3 or IMAP4 (Source: T1, T27)."""

    word = method = "read"
    mailbox: str
    by: str = "mapi"
    server: str = ""
    tls: bool = False

    def checked(self, organization: Organization) -> Self:
        entry = mailbox_named(organization, self.mailbox, self.method)
        if self.by != "mapi" and self.by not in reading.PROTOCOLS:
            raise ScenarioError(f'read(by={self.by!r}): mail is read by "mapi", "http", "pop3" or "imap4"')
        if self.by == "mapi" and self.tls:
            raise ScenarioError('read: Outlook opens no port with TLS; leave tls=True out, or use by="http"')
        server = server_named(organization, self.server or entry.server, "read")
        front = [item.name for item in organization.servers if item.role == "front-end"]
        asked = front if self.by != "mapi" else []
        if server.name not in (entry.server, *asked):
            remedy = " or a front-end server, such as " + front[0] if asked else ""
            raise ScenarioError(
                f"read(server={server.name!r}): the mailbox of {entry.name} is on {entry.server}; use that server{remedy}"
            )
        return replace(self, mailbox=entry.name, server=server.name)

    def perform(self, world: World) -> None:
        reading.read(world, self.mailbox, self.by, ServerName(self.server), self.tls)

    def arguments(self, writer: Writer) -> list[str]:
        by_outlook = self.by == "mapi"
        told = () if by_outlook else ("by", "server", "tls")
        given = [f"{name}={writer.value(getattr(self, name))}" for name in told if getattr(self, name)]
        return [writer.value(self.mailbox), *given]
