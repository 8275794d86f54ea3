"""`telnet` to port 25 of a server of an organization, as text: what the server answers to each line that is typed.

Source: K80, T182.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from html import escape

from mailflow.messages import Message
from mailflow.organization.change import virtual_server_of
from mailflow.organization.model import Organization
from mailflow.simulation import Parameters
from mailflow.simulation.world import World
from mailflow.transport.session import Reply, Session
from mailflow.transport.smtp import ExchangeReceiver
from mailflow.transport.wire import Client

__all__ = ["Telnet", "telnet"]

STRANGER = "203.0.113.99"
NO_HOST = "Could not open connection to the host, on port 25: Connect failed"


@dataclass(frozen=True, slots=True)
class Telnet:
    """One telnet session: ``text`` is what stands on the screen, ``taken`` the messages that the server took."""

    text: str
    taken: tuple[Message, ...]

    def __str__(self) -> str:
        return self.text

    def __repr__(self) -> str:
        return self.text

    def _repr_html_(self) -> str:
        return f"<pre>{escape(self.text)}</pre>"


def telnet(
    organization: Organization, host: str, typed: Iterable[str] | str = (), *, client_ip: str = STRANGER, port: int = 25
) -> Telnet:
    r"""Connect to a server and type some lines. Nothing leaves this machine, and a message that is taken goes nowhere.

    Example:
        >>> import mailflow
        >>> from mailflow.tools import telnet
        >>> shown = telnet(mailflow.load("one server"), "LON01", "EHLO me\nMAIL FROM:<a@example.com>\nRCPT TO:<b@example.com>")
        >>> str(shown).splitlines()[-1]
        '550 5.7.1 Unable to relay for b@example.com'

    Args:
        host: a server, by its name, its FQDN or its IP address; another host gives no connection.
        typed: the lines, or a text of several.
        client_ip: the address of the computer from which you connect.
        port: another virtual server listens on another port.
    """
    lines = typed.splitlines() if isinstance(typed, str) else list(typed)
    server = next(
        (item for item in organization.servers if host.lower() in (item.name.lower(), item.fqdn.lower(), item.ip)), None
    )
    listens = server and next((item for item in server.virtual_servers if item.port == port), None)
    if server is None or listens is None:
        return Telnet(NO_HOST.replace("port 25", f"port {port}"), ())
    node = World(organization, Parameters(), 0).nodes[server.name]
    settings = virtual_server_of(node.server, listens.name)
    taken: list[Message] = []
    session = Session(
        ExchangeReceiver(node, Client(client_ip, client_ip), settings=settings),
        lambda message, _: taken.append(message),
    )
    return Telnet("\n".join(_talk(session, lines)), tuple(taken))


def _talk(session: Session, lines: list[str]) -> Iterator[str]:
    reply = session.greet()
    yield _shown(reply)
    held: list[str] = []
    for line in lines:
        if reply.then == "close":
            yield "Connection to host lost."
            return
        yield line
        held.append(line)
        answered = _answer(session, reply, held)
        if answered:
            reply, held = answered, []
            yield _shown(reply)


def _answer(session: Session, before: Reply, held: list[str]) -> Reply | None:
    """The reply to what was typed since the last one, None while the server waits for more of it."""
    match before.then:
        case "content":
            whole = "".join(f"{one[1:] if one.startswith('.') else one}\r\n" for one in held[:-1])
            return session.content(whole.encode()) if held[-1] == "." else None
        case "chunk":
            data = "".join(f"{one}\r\n" for one in held).encode()
            return session.chunk(data[: before.size]) if len(data) >= before.size else None
        case "credentials":
            return session.credentials(held[-1].encode())
        case _:
            return session.command(f"{held[-1]}\r\n".encode("utf-8", "replace"))


def _shown(reply: Reply) -> str:
    return reply.text.replace("\r\n", "\n")
