"""The two ends of an SMTP connection: who connects, which virtual server listens, what a session answers, and the dates and ids that the
SMTP service writes.

This stands apart from the service itself, `mailflow.transport.smtp`, which is loaded when the first session begins: most first runs have
none. The server behind a session is a `Host`: the wire lies below `mailflow.transport.node` and asks no more of it than this.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Hashable
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple, Protocol

from mailflow.facts import rule
from mailflow.messages import Message
from mailflow.names import EmailAddress, HostName, RuleName, ServerName, rule_of
from mailflow.organization.model import Organization, Server, VirtualServer
from mailflow.trace.clock import START
from mailflow.transport.mail import Mail, Memory
from mailflow.transport.parameters import Parameters
from mailflow.transport.work import Clock, Steps

if TYPE_CHECKING:
    from mailflow.transport.relay import Verb, Verdict


class Host(Protocol):
    """The server at one end of the wire, as far as a session needs it. `mailflow.transport.node.Node` is one."""

    name: ServerName
    fqdn: HostName
    env: Clock
    server: Server
    virtual_server: VirtualServer
    organization: Organization
    parameters: Parameters
    memory: Memory

    def decide(self, virtual_server: str, at: Verb, /, *attempt: Hashable) -> Verdict:
        """Whether a virtual server allows what a client attempts: ``at`` a verb, with the fields of an `Attempt`."""
        ...

    def full_address(self, text: str, /) -> EmailAddress:
        """An address as the directory would write it."""
        ...

    def named(self, mail: Mail, name: str) -> None:
        """A MailMsg got this Message-ID here."""
        ...

    def receive(self, mail: Mail) -> Steps:
        """Go on with a MailMsg that has arrived."""
        ...


class Client(NamedTuple):
    """Who connects: name for EHLO, IP address, and the organization it belongs to if it is one of its Exchange
    servers.
    """

    name: str
    ip: str
    exchange: str = ""
    account: str = ""
    tls: bool = False


def client_of(node: Host, settings: VirtualServer) -> Client:
    """A virtual server of an Exchange server as the client of another server.

    One with an address of its own comes from there, which is a choice of this model.
    """
    return Client(name=node.fqdn, ip=settings.ip or node.server.ip, exchange=node.organization.name)


SMTP_PORT = 25

BASIC = ("HELO", "MAIL", "RCPT", "DATA", "RSET", "NOOP", "QUIT")
"""The commands that a firewall lets pass that filters SMTP (Source: K81; which seven they are stands in the standard)."""
UNKNOWN = "500 5.3.3 Unrecognized command"


@rule
def filter_commands(organization: Organization, here: str, there: str) -> bool:
    """A firewall that filters SMTP lets seven basic commands pass: the banner is asterisks, and EHLO gets 500.

    So servers do not log on, and no link state passes. It filters in both directions, and what a server sends to the
    Internet passes as it is: both are choices of this model. That sessions break and messages come twice is left out.

    Args:
        here: the FQDN of the server that is connected to.
        there: the name of the computer that connects.

    Source: K81.
    Sure: inferred.
    """
    if not organization.behind_firewall.intersection((here, there)):
        return False
    group_of = {item.fqdn: item.routing_group for item in organization.servers}
    return group_of[here] != group_of.get(there, "")


FILTERS = rule_of(filter_commands)
Elsewhere = tuple[()] | tuple[int, str]


@rule
def listening(server: Server, ip: str, port: int = SMTP_PORT) -> VirtualServer | None:
    """Who connects reaches the virtual server that listens on that IP address and port, if there is one.

    One that names the address comes before one for all unassigned addresses.

    Source: T24, T25.
    """
    there = [item for item in server.virtual_servers if item.port == port and item.ip in ("", ip)]
    return max(there, key=lambda item: item.ip, default=None)


class Receiver(Protocol):
    """One SMTP session, seen from the client: each method is a verb and gives the reply.

    ``elsewhere`` is empty at the default virtual server on port 25, otherwise port and name of the virtual server.
    ``fired`` is the rule behind the last reply to a connection, MAIL FROM or content, where it is not the usual one.
    ``late`` says whether DATA is answered late and in several lines.
    """

    name: HostName
    elsewhere: Elsewhere
    keywords: frozenset[str]
    authenticated: bool
    fired: RuleName
    late: bool

    def greet(self) -> str:
        """The banner, or the refusal to talk."""
        ...

    def ehlo(self, name: str) -> str:
        """Reply to EHLO, with the keywords on lines of their own."""
        ...

    def helo(self, name: str) -> str:
        """Reply to HELO: no keywords."""
        ...

    def authenticate(self) -> str:
        """Reply to X-EXPS GSSAPI or AUTH."""
        ...

    def mail(self, sender: str, size: int) -> str:
        """Reply to MAIL FROM."""
        ...

    def rcpt(self, address: str) -> Verdict:
        """Reply to RCPT TO, with its reason."""
        ...

    def data(self, message: Message, size: int = 0, given_id: str = "") -> str:
        """Reply to the end of the content. After 250 the message belongs to this side.

        ``size`` is that of the message with what servers wrote on top of it, ``given_id`` a Message-ID among that.
        """
        ...

    @property
    def tarpit(self) -> float:
        """Seconds that a refusal is held back."""
        ...


@rule
def service_id(node: Host, message: Message) -> str:
    """A message without a Message-ID gets one from the SMTP service: the NetBIOS name, some characters, eight hexadecimal digits and
    the FQDN.

    The characters are random in the product; here they come from the content, so that equal runs give equal replies.

    Source: T110.
    """
    digest = hashlib.sha256(message.content[:65_536]).digest()
    characters = re.sub(r"[^A-Za-z0-9]", "x", base64.b64encode(digest).decode())[:15]
    return f"<{node.name.upper()}{characters}{node.memory.mailmsgs & 0xFFFFFFFF:08x}@{node.fqdn}>"


def code_in(reply: str) -> str:
    """The enhanced status code of a reply; the basic codes map to the generic protocol error 5.5.0 (Source: T115)."""
    found = re.match(r"\d{3}[ -](\d\.\d+\.\d+)", reply)
    return found.group(1) if found else "5.5.0"


@lru_cache(maxsize=64)
def date_at(second: int) -> str:
    """When a second of the simulation is. Many sessions begin in the same one."""
    return dated(START + timedelta(seconds=second))


def dated(when: datetime) -> str:
    """A time as banners show it: a day below ten has one digit (Source: T81)."""
    return f"{_day(when.date())} {when.hour:02d}:{when.minute:02d}:{when.second:02d} +0000"


@lru_cache(maxsize=16)
def _day(day: date) -> str:
    return f"{day:%a}, {day.day} {day:%b %Y}"
