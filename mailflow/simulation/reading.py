"""How somebody reads the mail in a mailbox: Outlook asks the store itself, every other client asks a service of IIS, on the
server with the mailbox or on a front-end server that passes the request on.

What no document of the fact base tells is left out: the commands of POP3, IMAP4 and WebDAV, passwords, certificates, what a
client marks as read or takes away, how long it waits for an answer, and what a server that is neither front-end nor home of the
mailbox would do (`mailflow.simulation.verbs.Read` refuses it). Outlook over RPC over HTTP, Outlook Mobile Access and ActiveSync
are left out, too.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, NamedTuple

from mailflow.facts import rule
from mailflow.names import NO_MAIL, USUAL, Named, RuleName, ServerName, rule_of
from mailflow.organization.model import Mailbox
from mailflow.simulation.tellings_reading import (
    HomeFound,
    MailAsked,
    MailboxEmpty,
    MailFound,
    MailShown,
    MapiAsked,
    ReadingFailed,
    RequestPassedOn,
    StoreAsked,
)
from mailflow.simulation.world import World
from mailflow.transport.node import GLOBAL_CATALOG, HTTP, IMAP4, INFORMATION_STORE, POP3, Node
from mailflow.transport.work import Steps


class Protocol(NamedTuple):
    """A protocol by which clients read mail: its service, its port without and with TLS, and the process that it lives in."""

    service: str
    port: int
    tls_port: int
    process: str


PROTOCOLS: Final[Mapping[str, Protocol]] = MappingProxyType(
    {
        "http": Protocol(HTTP, 80, 443, "w3wp.exe"),
        "pop3": Protocol(POP3, 110, 995, "Inetinfo.exe"),
        "imap4": Protocol(IMAP4, 143, 993, "Inetinfo.exe"),
    }
)
"""The protocols of IIS by what `Scenario.read` calls them (Source: T21, T186, T187)."""


OUTLOOK = Protocol("MAPI", 135, 135, "Store.exe")
"""The way of Outlook, which no service of IIS is on; RPC has no port with TLS (Source: T1, T186)."""


class Request(NamedTuple):
    """Who reads, what the mailbox is, and by which protocol."""

    world: World
    mailbox: Mailbox
    protocol: Protocol

    @property
    def person(self) -> str:
        """The owner, as people are called."""
        return self.mailbox.display_name or self.mailbox.name

    def failed(self, node: Node, why: str, fired: Named) -> None:
        """No answer comes."""
        node.note(ReadingFailed(self.person, self.protocol.service, why), NO_MAIL, rule=rule_of(fired))


def read(world: World, name: str, by: str, server: ServerName, tls: bool) -> None:
    """Let somebody look into the mailbox of that name, from a client that asks ``server``."""
    mailbox = world.organization.recipient.get(name)
    protocol = PROTOCOLS.get(by, OUTLOOK)
    if not isinstance(mailbox, Mailbox):
        find_no_mailbox(world.nodes[server], name, protocol)
    elif by == "mapi":
        world.env.start(read_by_mapi(world, mailbox))
    else:
        world.env.start(ask_by_protocol(Request(world, mailbox, protocol), world.nodes[server], tls))


@rule
def find_no_mailbox(node: Node, name: str, protocol: Protocol) -> None:
    """Who reads a mailbox that was deleted sees no mail: the directory does not know it any more.

    Source: K52.
    Sure: inferred.
    """
    told = ReadingFailed(name, protocol.service, "the mailbox was deleted")
    node.note(told, NO_MAIL, rule=rule_of(find_no_mailbox))


@rule
def read_by_mapi(world: World, mailbox: Mailbox) -> Steps:
    """Outlook reads from the store process itself, on the server with the mailbox, and uses no front-end server.

    Source: T1, T27.
    """
    node = world.nodes[mailbox.server]
    request = Request(world, mailbox, OUTLOOK)
    node.note(MapiAsked(request.person), NO_MAIL)
    why = world.linked("", node.name, "") or _closed(node, mailbox)
    if why:
        request.failed(node, why, read_by_mapi)
        return
    yield node.durations.rpc
    yield node.durations.store
    _look(node, request, rule_of(read_by_mapi))
    node.note(MailShown(request.person, ""), NO_MAIL, rule=rule_of(read_by_mapi))


@rule
def ask_by_protocol(request: Request, node: Node, tls: bool) -> Steps:
    """A client that reads mail connects to the port of its protocol: 80 for HTTP, 110 for POP3, 143 for IMAP4; with TLS 443, 995, 993.

    Source: T1, T186, T187.
    Sure: documented.
    """
    service, port, tls_port, _ = request.protocol
    node.note(MailAsked(request.person, service, tls_port if tls else port), NO_MAIL)
    if why := request.world.linked("", node.name, "") or service_listens(node, request.protocol):
        request.failed(node, why, service_listens)
        return
    yield node.durations.round_trip
    if node.name == request.mailbox.server:
        yield from ask_store(request, node, "", rule_of(ask_by_protocol))
    else:
        yield from find_home_server(request, node)


@rule
def service_listens(node: Node, protocol: Protocol) -> str:
    """Each Internet protocol is a service of IIS; setup leaves POP3 and IMAP4 disabled, and where a service does not run, nobody listens.

    Returns why nobody listens, as a clause; empty when somebody does.

    Source: T1, T2, T26.
    """
    return "" if node.gates[protocol.service].open else f"the {protocol.service} service of {node.name} does not run"


@rule
def find_home_server(request: Request, node: Node) -> Steps:
    """A front-end server holds no mailboxes that people use: it looks in Active Directory for the server of this one.

    Source: T27.
    """
    yield node.durations.lookup
    if not node.gates[GLOBAL_CATALOG].open:
        why = f"{node.name} reaches no global catalog and cannot tell which server holds the mailbox"
        request.failed(node, why, find_home_server)
        return
    home = ServerName(request.mailbox.server)
    node.note(HomeFound(request.person, request.protocol.service, home), NO_MAIL)
    yield from pass_request_on(request, node, request.world.nodes[home])


@rule
def pass_request_on(request: Request, node: Node, home: Node) -> Steps:
    """The front-end server speaks the same protocol with the back-end server, on the port without TLS, whatever the client uses.

    The port is documented for HTTP; for POP3 and IMAP4 it is inferred, and so is that the back-end server is found by its address
    record, as for mail.

    Source: T27, T28, K120.
    """
    world, (service, port, _, _) = request.world, request.protocol
    node.note(RequestPassedOn(service, port, home.fqdn), NO_MAIL)
    why = world.find_by_name(node.name, home.name) or world.linked(node.name, home.name, "")
    if why := why or service_listens(home, request.protocol):
        request.failed(node, why, pass_request_on)
        return
    yield node.durations.round_trip
    yield from ask_store(request, home, f" goes back through {node.name} and", rule_of(pass_request_on))


@rule
def ask_store(request: Request, node: Node, way: str, fired: RuleName) -> Steps:
    """A service of IIS reaches mailboxes through EXIPC alone, which has a pair of queues for each protocol; the store gives the answer.

    Source: T3, T4, T6, T21.
    Sure: inferred.
    """
    service, _, _, process = request.protocol
    node.note(StoreAsked(service, process), NO_MAIL)
    yield node.durations.exipc
    if why := _closed(node, request.mailbox):
        request.failed(node, why, ask_store)
        return
    yield node.durations.store
    _look(node, request, USUAL)
    yield node.durations.exipc + node.durations.round_trip
    node.note(MailShown(request.person, way), NO_MAIL, rule=fired)


def _closed(node: Node, mailbox: Mailbox) -> str:
    """Why the store cannot open a mailbox, as a clause; empty when it can."""
    if not node.store.open:
        return f"the {INFORMATION_STORE} of {node.name} is stopped"
    return "" if node.stores[mailbox.store].open else f"{mailbox.store} of {node.name} is dismounted"


def _look(node: Node, request: Request, fired: RuleName) -> None:
    """Tell what lies in the mailbox."""
    found, store = node.mailboxes.get(request.mailbox.name), request.mailbox.store
    told = MailFound(request.person, store, tuple(found)) if found else MailboxEmpty(request.person, store)
    node.note(told, NO_MAIL, rule=fired)


__all__ = ["PROTOCOLS", "Protocol", "read"]
