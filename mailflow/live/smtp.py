"""A real SMTP listener that answers as one server of an organization would. Nothing that it accepts leaves the machine.

Connections, time-outs and the thread are aiosmtpd's and asyncio's; every word of the session is
`mailflow.transport.session`'s.
"""

from __future__ import annotations

import asyncio
import ipaddress
import logging
import ssl
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import AnyStr, NamedTuple

from aiosmtpd.smtp import SMTP, TLSSetupException

from mailflow.facts.kinds import need
from mailflow.facts.mistake import InputError
from mailflow.facts.words import counted
from mailflow.live import tls
from mailflow.live.background import Listener
from mailflow.live.clients import Clients, Memory, Pace, Visit
from mailflow.messages import Message, stamped
from mailflow.messages.requests import Requests
from mailflow.organization.change import virtual_server_of
from mailflow.organization.model import Mailbox, Organization
from mailflow.simulation import Parameters, Scenario
from mailflow.simulation.world import World
from mailflow.trace import Trace
from mailflow.transport.session import LONGEST_LINE, NO_MEMORY, RECIPIENT, TOO_LARGE, Reply, Session
from mailflow.transport.smtp import ExchangeReceiver
from mailflow.transport.wire import Client

log = logging.getLogger("mailflow.live")

STRANGER = "203.0.113.99"
PASSWORD = "exchange"
LARGEST_MESSAGE = 32 * 1024 * 1024
MOST_BYTES = 1024 * 1024 * 1024
MOST_SESSIONS = 500
PATIENCE = 2.0
"""Seconds of silence after which a session makes way for another one of the same address, when all are taken."""
ANY_WRONG_VERBS = 50
ERRORS = (200, 20.0)
"""So many errors of an address are answered at once, then so many a second."""
GUESSES = (3, 1.0)
"""So many passwords of an address are looked at at once, then so many a second."""
LONGEST_WAIT = 10.0
"""Who would have to wait longer than so many seconds for an answer gets 421 instead."""
TURN = 0.01
"""After so many seconds of work a conversation lets the others speak."""

TOO_MANY = "421 4.3.2 Too many connections, closing transmission channel"
TOO_WRONG = "421 4.7.0 Too many errors, closing transmission channel"

OWN = ("127.0.0.1", "::1")
"""The loopback addresses that clients have who choose none."""


class Accepted(NamedTuple):
    """A message that the listener took: the message with its envelope, who brought it, and the account it logged on with.

    ``hello`` is what the client called itself, ``chunked`` whether the content came by BDAT, ``tls`` whether it was encrypted,
    ``requests`` what the client asked of reports, and ``stamps`` what the server wrote on top. With
    ``helo`` it said HELO, not EHLO.
    """

    message: Message
    client_ip: str
    account: str
    hello: str = ""
    chunked: bool = False
    tls: bool = False
    requests: Requests = Requests()
    stamps: bytes = b""
    helo: bool = False

    @property
    def stored(self) -> Message:
        """The message as it lies in the Queue folder: with the Received line of this server, and the Message-ID that it lacked.

        When it goes through a run, the run writes these lines anew, at its own time.

        Source: T109, T110.
        """
        return stamped(self.message, self.stamps)


class SmtpServer(Listener):
    """An SMTP virtual server of an organization on a port of this machine.

    Who connects from 127.0.0.1 counts as ``client_ip``, which you can change while it runs, so that you can be a stranger, the
    branch printer or a partner. Who binds to another loopback address, such as 127.0.0.9, is that address, or the one that
    ``addresses`` says (Linux and Windows have all of 127.0.0.0/8; macOS has 127.0.0.1 alone until more are added). Use it in a
    ``with`` statement, or call `start` and `stop`.

    No client locks others out: when all sessions are taken, the address with the most gives up the one that has been silent for
    longest; errors and wrong passwords of one address are answered ever more slowly.

    Args:
        server: which server answers; by default the first one of the organization.
        virtual_server: which virtual server of it; by default the default one. The port in the organization file does not
        matter here.
        port: 0 takes a free port; read it in `port` afterwards.
        addresses: for loopback addresses the ones they stand for, such as {"127.0.0.9": "198.51.100.9"}.
        passwords: who may log on; by default every mailbox, by its name, with the password "exchange".
        most_messages: how many accepted messages are kept; after that the server answers 452 4.3.1.
        most_bytes: how much memory messages may take together, accepted or still arriving; after that the answer is 452 4.3.1 as well.
        seconds: a client that is silent for so long loses its connection.
        taken: called in the thread of the listener after each accepted message.

    Raises:
        ValueError: there is no such server or virtual server, ``host`` is not this machine, ``port`` is no port, or
            ``addresses`` holds something else than addresses.
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
        addresses: Mapping[str, str] | None = None,
        passwords: Mapping[str, str] | None = None,
        most_messages: int = 10_000,
        most_bytes: int = MOST_BYTES,
        seconds: float = 300.0,
        taken: Callable[[Accepted], object] | None = None,
    ) -> None:
        need("SmtpServer", organization, Organization, "organization", "give one from mailflow.load(...)")
        self.organization = organization
        self.server = server or organization.servers[0].name
        if self.server not in organization.server:
            raise InputError(f"server: no server {server!r}; there is {', '.join(list(organization.server)[:8])}")
        self.settings = virtual_server_of(organization.server[self.server], virtual_server)
        self.virtual_server = virtual_server
        super().__init__(f"SMTP {self.place}", host, port)
        self.client_ip = client_ip
        self.addresses = _loopback(addresses or {})
        self.passwords = _every_mailbox(organization) if passwords is None else _lower(passwords)
        self.seconds = seconds
        self.accepted: list[Accepted] = []
        self.clients = Clients(MOST_SESSIONS, PATIENCE)
        self.errors = Pace(*ERRORS)
        self.guesses = Pace(*GUESSES)
        self.memory = Memory(most_bytes)
        self.tls_context: ssl.SSLContext | None = None
        self._taken = taken
        self._hosts = {host.ip: host.name for host in organization.external_hosts}
        self._node = World(organization, Parameters(mailmsg_limit=most_messages), 0).nodes[self.server]
        self._listening: asyncio.Server | None = None

    @property
    def place(self) -> str:
        """The server and, if it is not the default one, the virtual server."""
        return f"{self.server}, {self.virtual_server}" if self.virtual_server else self.server

    # -- start and stop ---------------------------------------------------------------------------------------------

    async def _listen(self) -> None:
        loop = asyncio.get_running_loop()
        if self.settings.certificate and self.tls_context is None and tls.available():
            self.tls_context = tls.context(self.organization.server[self.server].fqdn)
        self._listening = await loop.create_server(lambda: Conversation(self), self.host, self.port, backlog=512)
        self.port = self._listening.sockets[0].getsockname()[1]

    def _close(self) -> None:
        if self._listening is not None:
            self._listening.close()

    def __repr__(self) -> str:
        state = f"on {self.host} port {self.port}" if self.running else "not started"
        return f"SMTP virtual server of {self.place}, {state}, {counted(len(self.accepted), 'message')} accepted"

    # -- sessions -----------------------------------------------------------------------------------------------------

    @property
    def sessions(self) -> int:
        """How many clients are connected."""
        return self.clients.count

    def counts_as(self, peer: str) -> str:
        """The address that a client counts as who connects from ``peer``."""
        return self.addresses.get(peer) or (self.client_ip if peer in OWN else peer)

    def session(self, peer: str = OWN[0]) -> Session:
        """A fresh session with a client that connects from ``peer``."""
        ip = self.counts_as(peer)
        client = Client(name=self._hosts.get(ip, "client"), ip=ip)
        receiver = ExchangeReceiver(self._node, client, lambda: datetime.now(UTC), self.settings)
        return Session(
            receiver, self._take, passwords=self.passwords, certificate=self.tls_context is not None, largest=LARGEST_MESSAGE,
            room=lambda: self.memory.room,
        )  # fmt: skip

    def _take(self, message: Message, session: Session) -> None:
        client = session.receiver.client
        made = Accepted(
            message,
            client.ip,
            session.account,
            session.hello,
            session.chunked,
            client.tls,
            session.requests,
            session.receiver.stamp(),
            not session.extended,
        )
        self.accepted.append(made)
        self._node.memory.mailmsgs += 1
        self.memory.held += _weight(made)
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
            tls=item.tls,
            hello=item.hello,
            data=not item.chunked,
            # Who said HELO and used an extension all the same is shown as if it had said EHLO, which offers it.
            helo=item.helo and not (item.account or item.chunked or any(item.requests)),
            **item.requests._asdict(),
        )

    def forget(self) -> list[Accepted]:
        """Give away what was accepted so far: the listener holds it no longer and has room for more."""
        if self._background is None:  # stopped: nobody else touches what it holds
            return self._given_away()

        async def taken() -> list[Accepted]:
            return self._given_away()

        return list(self._background.run(taken))

    def _given_away(self) -> list[Accepted]:
        gone = self.accepted[:]
        self.accepted.clear()
        self._node.memory.mailmsgs -= len(gone)
        self.memory.held -= sum(map(_weight, gone))
        return gone

    def trace(self) -> Trace:
        """What became of the accepted messages: they go through the simulated pipeline, and nothing leaves the machine."""
        return self.scenario().run()


class Conversation(SMTP):
    """One connection: reads what the session asks for and writes what it answers, each reply in one piece."""

    # aiosmtpd's public hooks come verb by verb and leave order, limits and many replies to aiosmtpd; here the session says
    # every word. So its loop `_handle_client` is replaced; its streams `_reader` and `_writer`, its timer `_reset_timeout` with
    # `_timeout_handle`, `_timeout_duration` and `_timeout_cb`, and the mark `_tls_protocol` of a connection in the middle of
    # STARTTLS are used. All of them are private. pyproject.toml holds aiosmtpd below the next minor release for that.

    def __init__(self, listener: SmtpServer) -> None:
        super().__init__(
            listener, hostname=listener.organization.server[listener.server].fqdn, timeout=listener.seconds,
            loop=asyncio.get_running_loop(), tls_context=listener.tls_context,
        )  # fmt: skip
        self.listener = listener
        self.wrong = 0
        self._answered = False
        self.peer = OWN[0]
        self._visit: Visit | None = None
        self._held = 0
        self._since = self._heard = self.loop.time()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Somebody connected, or the channel is encrypted now."""
        if self._tls_protocol is None:
            self._admit(transport)
        super().connection_made(transport)

    def _admit(self, transport: asyncio.BaseTransport) -> None:
        self.peer = (transport.get_extra_info("peername") or OWN)[0]
        self._visit = self.listener.clients.admit(self.peer, self._make_way, self.loop.time())

    def connection_lost(self, error: Exception | None) -> None:
        """They are gone."""
        self._leave()
        super().connection_lost(error)

    def _leave(self) -> None:
        if self._visit is not None:
            self.listener.clients.left(self._visit)
        self._keep(0)

    def data_received(self, data: bytes) -> None:
        """The client was heard, whether or not it has said all of its line."""
        self._reset_timeout()
        super().data_received(data)

    def eof_received(self) -> bool:
        """The client says no more. What has arrived is still answered; then the connection is closed.

        aiosmtpd's own would cancel the conversation here.
        """
        return bool(asyncio.StreamReaderProtocol.eof_received(self))

    def _make_way(self) -> None:
        """End this conversation for another one."""
        self._writer.write(TOO_MANY.encode() + b"\r\n")
        self._writer.close()

    def _reset_timeout(self, duration: float | None = None) -> None:
        """The client was heard. The timer is set once and looks then how long ago that was."""
        self._heard = self.loop.time()
        if self._visit is not None:
            self._visit.heard = self._heard
        if self._timeout_handle is None:
            self._timeout_handle = self.loop.call_later(self._timeout_duration, self._timeout_cb)

    def _timeout_cb(self) -> None:
        left = self._heard + self._timeout_duration - self.loop.time()
        if left > 0:
            self._timeout_handle = self.loop.call_later(left, self._timeout_cb)
        else:
            super()._timeout_cb()  # type: ignore[no-untyped-call]  # aiosmtpd's has no types

    def _keep(self, total: int) -> None:
        """Account for the memory that this conversation takes."""
        self.listener.memory.held += total - self._held
        self._held = total

    async def _handle_client(self) -> None:
        """The whole conversation. aiosmtpd calls it once for each connection and cancels it when the connection breaks."""
        try:
            if self._visit is None:
                await self.push(TOO_MANY)
            else:
                await self._converse(self.listener.session(self.peer))
        except (ConnectionError, asyncio.IncompleteReadError, TLSSetupException):
            log.info("the client left")
        except Exception:
            log.exception("a session failed")
            await self.push("421 4.3.0 Service failed, closing transmission channel")
        finally:
            self._leave()  # nobody tells of a connection that ends during a handshake
            self._writer.close()

    async def _converse(self, session: Session) -> None:
        reply = session.greet()
        while True:
            await self._say(reply, session)
            if reply.then == "close":
                return
            if self.loop.time() - self._since > TURN:
                await asyncio.sleep(0)
                self._since = self.loop.time()
            reply = await self._next(reply, session)
            self._keep(session.held)

    async def _say(self, reply: Reply, session: Session) -> None:
        if not reply.text:
            return
        if reply.text[0] == "5":
            self.wrong += 1
            slow = min(LONGEST_WAIT, self.listener.errors.wait(self.peer, self.loop.time()))
            if slow or session.receiver.tarpit:
                await asyncio.sleep(max(slow, session.receiver.tarpit))
        log.info("%s < %s", session.receiver.client.ip, reply.text)
        await self.push(reply.text.encode("ascii", "backslashreplace"))

    async def _next(self, reply: Reply, session: Session) -> Reply:
        """Read what comes next and let the session answer."""
        if reply.then == "tls":
            await self._encrypt()
            session.encrypted()
        if self.wrong >= ANY_WRONG_VERBS:
            return Reply(TOO_WRONG, "close")
        if reply.then == "content":
            content = await self._content(self._room(session), session.held)
            return session.refuse(content) if isinstance(content, str) else session.content(content)
        if reply.then == "chunk":
            chunk = await self._chunk(reply.size, self._room(session) - session.pending(), session.held)
            return session.refuse(chunk) if isinstance(chunk, str) else session.chunk(chunk)
        line = await self._line()
        if reply.then == "credentials":
            log.info("%s > (credentials)", session.receiver.client.ip)
            return await self._credentials(line, session)
        log.info("%s > %r", session.receiver.client.ip, line[:80])
        return session.command(line)

    async def _encrypt(self) -> None:
        """Let aiosmtpd's own STARTTLS follow the reply that has been given. What came before the handshake is forgotten."""
        self._answered = True
        await self.smtp_STARTTLS("")
        self._answered = False
        if self.session is None or self.session.ssl is None:
            raise ConnectionResetError("the client left during the handshake")

    async def push(self, status: AnyStr) -> None:
        """Write one reply; not the one of aiosmtpd's STARTTLS, which the session has said in its own words."""
        if not self._answered:
            await super().push(status)

    async def _credentials(self, line: bytes, session: Session) -> Reply:
        """The answer to a name, or to a password when it is this one's turn. A right one costs no turn."""
        if not session.awaits_password:
            return session.credentials(line)
        wait = self.listener.guesses.wait(self.peer, self.loop.time())
        if wait > LONGEST_WAIT:
            self.listener.guesses.back(self.peer)
            return Reply(TOO_WRONG, "close")
        await asyncio.sleep(wait)
        reply = session.credentials(line)
        if reply.text[0] == "2":
            self.listener.guesses.back(self.peer)
        return reply

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

    async def _content(self, room: int, held: int) -> bytes | str:
        """The content up to CR LF dot CR LF, and nothing else ends it, or the reply that refuses it."""
        # The end may be the first line, after the CR LF of the command that has been read: it is put back.
        self._reader._buffer[:0] = b"\r\n"  # type: ignore[attr-defined]  # asyncio has no public way to put back
        kept, carried, refused = bytearray(), b"", ""
        while True:
            part, last = await self._until_end()
            part = carried + part
            cut = len(part) - (0 if last else 2 if part.endswith(b"\r\n") else part.endswith(b"\r"))
            carried = part[cut:]
            refused = refused or self._refusal(len(kept) + cut - 2, room, held)
            if refused:
                kept.clear()
                self._keep(held)
            else:
                kept += lines_of(part[:cut].replace(b"\r\n.", b"\r\n"))
                self._keep(held + len(kept))
            if last:
                return refused or bytes(memoryview(kept)[2:])

    async def _until_end(self) -> tuple[bytes, bool]:
        """The next piece of content, and whether it is the last one, then without its dot."""
        try:
            part: bytes = await self._reader.readuntil(b"\r\n.\r\n")
            return part[:-3], True
        except asyncio.LimitOverrunError as error:
            return await self._reader.read(error.consumed), False

    async def _chunk(self, size: int, room: int, held: int) -> bytes | str:
        """So many bytes, just as they are, or the reply that refuses them."""
        kept, left, refused = bytearray(), size, self._refusal(size, room, held)
        while left:
            part: bytes = await self._reader.read(min(left, 65_536))
            if not part:
                raise ConnectionResetError("the client left in the middle of a chunk")
            left -= len(part)
            refused = refused or self._refusal(len(kept) + len(part), room, held)
            if not refused:
                kept += part
                self._keep(held + len(kept))
        return refused or bytes(kept)

    def _refusal(self, size: int, room: int, held: int) -> str:
        """Why no message of so many bytes can be kept; empty when it can."""
        if size > room:
            return TOO_LARGE
        return NO_MEMORY if held + size - self._held > self.listener.memory.room else ""


def lines_of(part: bytes) -> bytes:
    """Content with CR LF at the end of every line; no part may end between the two."""
    return part.replace(b"\r\n", b"\n").replace(b"\r", b"\n").replace(b"\n", b"\r\n")


def _loopback(addresses: Mapping[str, str]) -> dict[str, str]:
    for peer, ip in addresses.items():
        try:
            wrong = not (ipaddress.ip_address(peer).is_loopback and ipaddress.ip_address(ip))
        except ValueError:
            wrong = True
        if wrong:
            raise InputError(f"addresses: {peer}={ip} must be a loopback address and the address it stands for")
    return dict(addresses)


def _weight(item: Accepted) -> int:
    """Bytes that a message counts for, with what was asked of reports about each of its recipients."""
    asked = (*item.requests.notify.values(), *item.requests.orcpt.values())
    return item.message.size + RECIPIENT * (len(item.message.recipients) + len(asked)) + sum(map(len, asked))


def _every_mailbox(organization: Organization) -> dict[str, str]:
    return {item.name.lower(): PASSWORD for item in organization.recipients if isinstance(item, Mailbox)}


def _lower(passwords: Mapping[str, str]) -> dict[str, str]:
    return {name.lower(): password for name, password in passwords.items()}
