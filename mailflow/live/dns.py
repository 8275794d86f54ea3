"""A real DNS server on loopback that serves the zones of an organization, over UDP and TCP."""

from __future__ import annotations

import asyncio
import struct

import dns.exception
import dns.flags
import dns.message
import dns.rcode

from mailflow.dns.resolver import Resolver
from mailflow.facts.kinds import need
from mailflow.live.background import Listener
from mailflow.live.clients import Clients
from mailflow.organization.model import Organization

MOST_TCP_CLIENTS = 100
IDLE_SECONDS = 10.0
PATIENCE = 0.2
"""Seconds of silence after which a TCP connection makes way for another one, when all are taken."""
PLAIN_UDP = 512


class DnsServer(Listener):
    """The zones of an organization on a port of this machine. Use it in a ``with`` statement, or `start` and `stop`.

    Args:
        port: 0 takes a free port; read it in `port` afterwards.

    Raises:
        ValueError: this is no organization, ``host`` is not this machine, or ``port`` is no port.
        OSError: the port is in use.
    """

    def __init__(self, organization: Organization, *, port: int = 0, host: str = "127.0.0.1") -> None:
        need("DnsServer", organization, Organization, "organization", "give one from mailflow.load(...)")
        self.organization = organization
        super().__init__("DNS", host, port)
        self.clients = Clients(MOST_TCP_CLIENTS, PATIENCE)
        self._resolver = Resolver(organization.zones)
        self._tcp: asyncio.Server | None = None
        self._udp: asyncio.DatagramTransport | None = None

    async def _listen(self) -> None:
        self._tcp = await asyncio.start_server(self._converse, self.host, self.port)
        self.port = self._tcp.sockets[0].getsockname()[1]
        loop = asyncio.get_running_loop()
        self._udp, _ = await loop.create_datagram_endpoint(lambda: _Datagrams(self), (self.host, self.port))

    def _close(self) -> None:
        if self._tcp is not None:
            self._tcp.close()
        if self._udp is not None:
            self._udp.close()

    def reply_to(self, packet: bytes, *, most: int = 65_535) -> bytes | None:
        """The answer to one packet; None where silence is the only answer."""
        try:
            query = dns.message.from_wire(packet, ignore_trailing=True)
            if query.flags & dns.flags.QR:
                return None
            reply = self._resolver.answer(query)
        except (dns.exception.DNSException, ValueError, struct.error):
            return _format_error(packet)
        if reply is None:
            return None
        room = min(most, max(PLAIN_UDP, query.payload)) if most < 65_535 else most
        try:
            return reply.to_wire(max_size=room)
        except dns.exception.TooBig:
            reply.answer.clear()
            reply.additional.clear()
            reply.authority.clear()
            reply.flags |= dns.flags.TC
            return reply.to_wire()

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        peer = (writer.get_extra_info("peername") or ("",))[0]
        visit = self.clients.admit(peer, writer.close, asyncio.get_running_loop().time())
        try:
            while visit is not None:
                length = struct.unpack("!H", await asyncio.wait_for(reader.readexactly(2), IDLE_SECONDS))[0]
                reply = self.reply_to(await asyncio.wait_for(reader.readexactly(length), IDLE_SECONDS))
                visit.heard = asyncio.get_running_loop().time()
                if reply is None:
                    break
                writer.write(struct.pack("!H", len(reply)) + reply)
                await writer.drain()
        except (TimeoutError, asyncio.IncompleteReadError, ConnectionError):
            pass  # A client that leaves or falls silent needs no answer.
        except asyncio.CancelledError:
            pass  # The listener stops. Python 3.11 would print a traceback for each conversation that ends as cancelled.
        finally:
            if visit is not None:
                self.clients.left(visit)
            writer.close()


class _Datagrams(asyncio.DatagramProtocol):
    def __init__(self, server: DnsServer) -> None:
        self._server = server
        self._transport: asyncio.DatagramTransport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport  # type: ignore[assignment]  # asyncio gives this kind to a datagram protocol

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        reply = self._server.reply_to(data, most=4096)
        if reply is not None:
            self._transport.sendto(reply, addr)


def _format_error(packet: bytes) -> bytes | None:
    """FORMERR with the number of the query, if so much of it can be read and it is no answer itself."""
    if len(packet) < 12 or packet[2] & 0x80:
        return None
    return packet[:2] + struct.pack("!HHHHH", 0x8000 | int(dns.rcode.FORMERR), 0, 0, 0, 0)
