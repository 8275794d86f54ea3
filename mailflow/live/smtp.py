"""A real SMTP listener that answers as one server of an organization would. Nothing that it accepts leaves the machine.

Connections, time-outs and the thread are aiosmtpd's and asyncio's; every word of the session is
`mailflow.transport.session`'s.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import NamedTuple

from aiosmtpd.smtp import SMTP

from mailflow.live.background import Listener
from mailflow.messages import Message
from mailflow.organization.change import virtual_server_of
from mailflow.organization.model import Mailbox, Organization
from mailflow.simulation import Parameters, Scenario
from mailflow.simulation.world import World
from mailflow.trace import Trace
from mailflow.transport.session import LONGEST_LINE, Reply, Session
from mailflow.transport.smtp import Client, ExchangeReceiver

log = logging.getLogger("mailflow.live")

STRANGER = "203.0.113.99"
PASSWORD = "exchange"
LARGEST_MESSAGE = 32 * 1024 * 1024
ALL_MESSAGES = 256 * 1024 * 1024
MOST_SESSIONS = 500
ANY_WRONG_VERBS = 50


class Accepted(NamedTuple):
    """A message that the listener took: the message with its envelope, who brought it, and the account it logged on with."""

    message: Message
    client_ip: str
    account: str


class SmtpServer(Listener):
    """An SMTP virtual server of an organization on a port of this machine.

    Everybody who connects comes from 127.0.0.1; the listener treats them as ``client_ip``, which you can change while it
    runs, so that you can be a stranger, the branch printer or a partner. Use it in a ``with`` statement, or call
    `start` and `stop`.

    Args:
        server: which server answers; by default the first one of the organization.
        virtual_server: which virtual server of it; by default the default one. The port in the organization file does not
        matter here.
        port: 0 takes a free port; read it in `port` afterwards.
        passwords: who may log on; by default every mailbox, by its name, with the password "exchange".
        most_messages: how many accepted messages are kept; after that the server answers 452 4.3.1.
        seconds: a client that is silent for so long loses its connection.
        taken: called in the thread of the listener after each accepted message.

    Raises:
        ValueError: there is no such server or virtual server, or ``host`` is not this machine.
        OSError: the port is in use.
    """

    def __init__(
        self,
        organization: Organization,
        server: str = "",
        *,
        virtual_server: str = "",
        port: int = 0,
        host: str = "127.0.0.1",
        client_ip: str = STRANGER,
        passwords: Mapping[str, str] | None = None,
        most_messages: int = 10_000,
        seconds: float = 300.0,
        taken: Callable[[Accepted], object] | None = None,
    ) -> None:
        self.organization = organization
        self.server = server or organization.servers[0].name
        if self.server not in organization.server:
            raise ValueError(f"server: no server {server!r}; there is {', '.join(list(organization.server)[:8])}")
        self.settings = virtual_server_of(organization.server[self.server], virtual_server)
        self.virtual_server = virtual_server
        super().__init__(f"SMTP {self.place}", host, port)
        self.client_ip = client_ip
        self.passwords = _every_mailbox(organization) if passwords is None else _lower(passwords)
        self.seconds = seconds
        self.accepted: list[Accepted] = []
        self.sessions = 0
        self._taken = taken
        self._bytes = 0
        self._node = World(organization, Parameters(mailmsg_limit=most_messages), 0).nodes[self.server]
        self._listening: asyncio.Server | None = None

    @property
    def place(self) -> str:
        """The server and, if it is not the default one, the virtual server."""
        return f"{self.server}, {self.virtual_server}" if self.virtual_server else self.server

    # -- start and stop ---------------------------------------------------------------------------------------------

    async def _listen(self) -> None:
        loop = asyncio.get_running_loop()
        self._listening = await loop.create_server(lambda: Conversation(self), self.host, self.port, backlog=512)
        self.port = self._listening.sockets[0].getsockname()[1]

    def _close(self) -> None:
        if self._listening is not None:
            self._listening.close()

    def __repr__(self) -> str:
        state = f"on {self.host} port {self.port}" if self.running else "not started"
        return f"SMTP virtual server of {self.place}, {state}, {len(self.accepted)} messages accepted"

    # -- sessions -----------------------------------------------------------------------------------------------------

    def session(self) -> Session:
        """A fresh session with a client that counts as ``client_ip``."""
        client = Client(name="client", ip=self.client_ip)
        receiver = ExchangeReceiver(self._node, client, lambda: datetime.now(UTC), self.settings)
        return Session(receiver, self._take, passwords=self.passwords)

    def _take(self, message: Message, session: Session) -> None:
        made = Accepted(message, session.receiver.client.ip, session.account)
        self.accepted.append(made)
        self._node.mailmsgs += 1
        self._bytes += message.size
        if self._bytes > ALL_MESSAGES:
            # The limit of the product counts messages; the memory of this machine counts bytes.
            self._node.mailmsgs = self._node.parameters.mailmsg_limit
        if self._taken is not None:
            self._taken(made)

    # -- what happens then ------------------------------------------------------------------------------------------

    def scenario(self) -> Scenario:
        """A scenario in which the accepted messages arrive, one each second."""
        made = Scenario(self.organization)
        for number, item in enumerate(list(self.accepted)):
            self.send(made, item, at=float(number))
        return made

    def send(self, scenario: Scenario, item: Accepted, *, at: float = 0.0) -> None:
        """Let an accepted message arrive in a scenario as it arrived here."""
        scenario.send(
            item.message,
            at=at,
            by="smtp",
            server=self.server,
            client=item.client_ip,
            account=item.account,
            virtual_server=self.virtual_server,
        )

    def trace(self) -> Trace:
        """What became of the accepted messages: they go through the simulated pipeline, and nothing leaves the machine."""
        return self.scenario().run()


class Conversation(SMTP):
    """One connection: reads what the session asks for and writes what it answers, each reply in one piece."""

    # aiosmtpd's public hooks come verb by verb and leave order, limits and many replies to aiosmtpd; here the session says
    # every word. So its loop `_handle_client` is replaced, and its streams `_reader` and `_writer` and its timer
    # `_reset_timeout` are used, all of them private. pyproject.toml holds aiosmtpd below the next minor release for that.

    def __init__(self, listener: SmtpServer) -> None:
        super().__init__(
            listener, hostname=listener.organization.server[listener.server].fqdn, timeout=listener.seconds,
            loop=asyncio.get_running_loop(),
        )  # fmt: skip
        self.listener = listener
        self.wrong = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Somebody connected."""
        self.listener.sessions += 1
        super().connection_made(transport)

    def connection_lost(self, error: Exception | None) -> None:
        """They are gone."""
        self.listener.sessions -= 1
        super().connection_lost(error)

    def eof_received(self) -> bool:
        """The client says no more. What has arrived is still answered; then the connection is closed.

        aiosmtpd's own would cancel the conversation here.
        """
        return bool(asyncio.StreamReaderProtocol.eof_received(self))

    async def _handle_client(self) -> None:
        """The whole conversation. aiosmtpd calls it once for each connection and cancels it when the connection breaks."""
        try:
            if self.listener.sessions > MOST_SESSIONS:
                await self.push("421 4.3.2 Too many connections, closing transmission channel")
            else:
                await self._converse(self.listener.session())
        except (ConnectionError, asyncio.IncompleteReadError):
            log.info("the client left")
        except Exception:
            log.exception("a session failed")
            await self.push("421 4.3.0 Service failed, closing transmission channel")
        finally:
            self._writer.close()

    async def _converse(self, session: Session) -> None:
        reply = session.greet()
        while True:
            await self._say(reply, session)
            if reply.then == "close":
                return
            self._reset_timeout()
            reply = await self._next(reply, session)

    async def _say(self, reply: Reply, session: Session) -> None:
        if not reply.text:
            return
        if reply.text[0] == "5":
            self.wrong += 1
            if session.receiver.tarpit:
                await asyncio.sleep(session.receiver.tarpit)
        log.info("%s < %s", session.receiver.client.ip, reply.text)
        await self.push(reply.text.encode("ascii", "backslashreplace"))

    async def _next(self, reply: Reply, session: Session) -> Reply:
        """Read what comes next and let the session answer."""
        if self.wrong >= ANY_WRONG_VERBS:
            return Reply("421 4.7.0 Too many errors, closing transmission channel", "close")
        if reply.then == "content":
            return session.content(await self._content(self._room(session)))
        if reply.then == "chunk":
            room = self._room(session) - session.pending()
            return session.chunk(await self._bytes(reply.size, room))
        line = await self._line()
        if reply.then == "credentials":
            log.info("%s > (credentials)", session.receiver.client.ip)
            return session.credentials(line)
        log.info("%s > %r", session.receiver.client.ip, line[:80])
        return session.command(line)

    @staticmethod
    def _room(session: Session) -> int:
        limit = session.receiver.settings.max_message_kb
        return LARGEST_MESSAGE if limit is None else min(LARGEST_MESSAGE, limit * 1024)

    async def _line(self) -> bytes:
        """One command line; of a line that is too long only so much that the session can say so."""
        line = b""
        while True:
            try:
                part: bytes = await self._reader.readuntil(b"\n")
                return (line + part)[: LONGEST_LINE + 1]
            except asyncio.LimitOverrunError as error:
                line = (line + await self._reader.read(error.consumed))[: LONGEST_LINE + 1]

    async def _content(self, room: int) -> bytes | None:
        """The content up to CR LF dot CR LF, and nothing else ends it; None when there is no room for it."""
        kept = bytearray()
        fresh, fits = True, True
        while True:
            try:
                line: bytes = await self._reader.readuntil(b"\r\n")
            except asyncio.LimitOverrunError as error:
                line = await self._reader.read(error.consumed)
            self._reset_timeout()
            if fresh and line == b".\r\n":
                return bytes(kept) if fits else None
            kept += line[1:] if fresh and line[:1] == b"." else line
            fresh = line.endswith(b"\r\n")
            if len(kept) > room:
                fits = False
                kept.clear()

    async def _bytes(self, size: int, room: int) -> bytes | None:
        """So many bytes; None when there is no room for them."""
        kept = bytearray()
        left = size
        while left:
            part: bytes = await self._reader.read(min(left, 65_536))
            if not part:
                raise ConnectionResetError("the client left in the middle of a chunk")
            self._reset_timeout()
            left -= len(part)
            if size <= room:
                kept += part
        return bytes(kept) if size <= room else None


def _every_mailbox(organization: Organization) -> dict[str, str]:
    return {item.name.lower(): PASSWORD for item in organization.recipients if isinstance(item, Mailbox)}


def _lower(passwords: Mapping[str, str]) -> dict[str, str]:
    return {name.lower(): password for name, password in passwords.items()}
