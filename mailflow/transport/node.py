"""One running server: its services, its queues, and what it needs from the world around it.

The parts that work on a MailMsg stand above this module and import it. What lies below and must call them back finds them
in ``queuing`` of its server.
"""

from __future__ import annotations

import random
from collections import deque
from collections.abc import Callable, Iterable
from functools import lru_cache, partial
from typing import TYPE_CHECKING, Protocol

import simpy

from mailflow.messages import Message
from mailflow.names import EmailAddress, HostName, MessageId, QueueName, ServerName
from mailflow.organization.model import Organization, Server, VirtualServer
from mailflow.trace import Record, Telling
from mailflow.trace.effects import QueueState
from mailflow.trace.hop import Hop
from mailflow.transport import places
from mailflow.transport.directory import look_up
from mailflow.transport.mail import Destination, Letter, Mail, MailRecipient, Memory
from mailflow.transport.parameters import Parameters
from mailflow.transport.record import Speaker
from mailflow.transport.work import Clock, Steps

if TYPE_CHECKING:
    from mailflow.dns import MxAnswer
    from mailflow.transport.relay import Verb, Verdict
    from mailflow.transport.wire import Client, Receiver

INFORMATION_STORE = "information store"
SMTP = "SMTP"
ROUTING_ENGINE = "routing engine"
MTA_STACKS = "MTA"
GLOBAL_CATALOG = "global catalog"
ANTIVIRUS = "antivirus"
IIS_ADMIN = "IIS Admin"
HTTP, POP3, IMAP4 = "HTTP", "POP3", "IMAP4"
PERMISSIONS = "object of the server in the directory"
"""What the categorizer needs beside the services: to read the directory as this server."""
SERVICES = (
    INFORMATION_STORE,
    SMTP,
    ROUTING_ENGINE,
    MTA_STACKS,
    GLOBAL_CATALOG,
    ANTIVIRUS,
    IIS_ADMIN,
    HTTP,
    POP3,
    IMAP4,
)
IN_IIS = (SMTP, ROUTING_ENGINE, HTTP, POP3, IMAP4)
"""The services that need IIS Admin."""
DISABLED_BY_SETUP = (POP3, IMAP4)
"""The services that do not run before somebody starts them (Source: T26)."""


class Gate:
    """Something that can stop: a service, a store, a directory. Work that needs it waits until it is open again. While it is
    closed it lies in ``among``, the closed gates of its server.
    """

    __slots__ = ("_among", "_env", "_opened", "name", "open")

    def __init__(self, env: simpy.Environment, name: str, among: set[Gate]) -> None:
        self._env = env
        self._opened: simpy.Event | None = None
        self._among = among
        self.name = name
        self.open = True

    def opened(self) -> simpy.Event:
        """An event that fires when the gate opens next."""
        if self._opened is None:
            self._opened = self._env.event()
        return self._opened

    def set(self, is_open: bool) -> None:
        """Open or close; everybody who waits is told."""
        self.open = is_open
        if not is_open:
            self._among.add(self)
            return
        self._among.discard(self)
        if self._opened is not None:
            waiting, self._opened = self._opened, None
            waiting.succeed()


class Instance:
    """One SMTP virtual server as it runs: ``settings``, and ``gates``, the SMTP service that it is part of and its own. A ``paused`` one
    takes no new connection and goes on with the rest.
    """

    __slots__ = ("gates", "own", "paused", "settings", "smtp")

    def __init__(self, settings: VirtualServer, smtp: Gate, own: Gate) -> None:
        self.settings = settings
        self.smtp = smtp
        self.own = own
        self.gates = (smtp, own)
        self.paused = False

    @property
    def open(self) -> bool:
        """Whether it runs."""
        return self.smtp.open and self.own.open


def _decide(
    organization: Organization,
    server: str,
    virtual_server: str,
    at: Verb,
    client_ip: str,
    address: str,
    sender: str,
    client_name: str,
    authenticated: bool,
    tls: bool,
) -> Verdict:
    from mailflow.transport.relay import Attempt, decide  # a server that nobody connects to decides nothing

    attempt = Attempt(client_ip, address, sender, client_name, authenticated, tls)
    return decide(organization, server, attempt, at=at, virtual_server=virtual_server)


def _full_address(organization: Organization, text: str) -> EmailAddress:
    from mailflow.transport.relay import canonical  # as in `_decide`

    return EmailAddress(str(canonical(organization, text) or text))


class Network(Protocol):
    """What a server can ask of the world outside it. `mailflow.simulation` provides it."""

    env: Clock
    rng: random.Random
    organization: Organization
    parameters: Parameters
    nodes: dict[str, Node]
    moving: dict[str, Gate]
    """The mailboxes that are being moved now, by name; the gate of one opens when the move ends."""
    some_without_master: bool
    """Whether the directory has mailboxes whose accounts lack a master SID."""
    scanners: dict[tuple[str, str], tuple[str, ...]]
    """By server and store, the endings of attachments for which a virus scanner inside the store deletes a message."""

    def next_hop(self, node: Node, mail: Mail, destination: Destination) -> Hop:
        """The routing engine's answer for one MailMsg and destination."""
        ...

    def map_changed(self, node: Node) -> simpy.Event:
        """Fires when the routing engine of this server calculates anew."""
        ...

    def linked(self, source: str, target: str, connector: str) -> str:
        """Why no network leads from ``source`` to ``target``; empty when one does."""
        ...

    def reachable(self, source: str, target: str, connector: str) -> str:
        """Why a connection from ``source`` to ``target`` cannot be made; empty when it can."""
        ...

    def connected(self, source: str, target: str, connector: str) -> str:
        """Why a connection from ``source`` to ``target`` that was made stands no longer; empty when it does."""
        ...

    def connection_failed(self, node: Node, connector: str) -> None:
        """Tell the routing engine that the glitch retries of a connector are used up."""
        ...

    def stands(self, node: Node, hop: Hop, mail: Mail) -> bool:
        """Whether the routing engine would still choose this hop for the MailMsg."""
        ...

    def link_state_first(self, node: Node, host: str) -> Steps:
        """What two bridgeheads tell each other in a session before any mail."""
        ...

    def ask_mx(self, domain: str, node: Node | None, external_dns: tuple[str, ...] = ()) -> MxAnswer:
        """The mail exchangers of a domain, for a server or (None) for somebody outside, asked of the external DNS servers
        if there are any; outcome "defer" while no DNS server can be reached.
        """
        ...

    def transfer_by_mta(self, node: Node, mail: Mail, hop: Hop) -> Steps:
        """Carry a MailMsg over an X.400 connector."""
        ...

    def receiver(self, source: Client, target: str) -> Receiver:
        """The SMTP service that answers at ``target``."""
        ...

    def unused_id(self, name: str) -> str:
        """A Message-ID that nobody has given yet: this one, or one that goes on from it."""
        ...

    def named(self, mail: Mail, name: str) -> None:
        """A server gave a MailMsg this Message-ID."""
        ...

    def new_letter(self, kind: str, message: Message, via: str) -> Letter:
        """Register a message that the transport itself made (a delivery status notification)."""
        ...


class Queuing(Protocol):
    """The advanced queuing engine, for whoever hands mail back to it. `mailflow.transport.queuing` is it."""

    def submit(self, node: Node, mail: Mail) -> Steps:
        """Take a MailMsg in."""
        ...

    def look_up_again(self, node: Node, mail: Mail) -> Steps:
        """Categorize a MailMsg anew whose mailbox may be elsewhere by now."""
        ...

    def ask_routing_engine(self, node: Node, mail: Mail) -> Steps:
        """Put a categorized MailMsg into the link queue of its next hop."""
        ...

    def report_refusal(self, node: Node, mail: Mail, recipients: list[MailRecipient], verb: str, reply: str) -> None:
        """Another server refused these recipients for good."""
        ...


class LinkQueue(Protocol):
    """A link queue, for whoever looks at it or changes its state. `mailflow.transport.links.Link` is one.

    ``name`` is what Queue Viewer calls it, ``waiting`` the mail in it, ``held`` the messages in it that an administrator froze, ``frozen``
    whether one stopped it as a whole.
    """

    hop: Hop
    name: QueueName
    waiting: deque[Mail]
    held: deque[Mail]
    frozen: bool

    def put(self, mail: Mail) -> None:
        """Add a MailMsg."""
        ...

    def wake(self) -> None:
        """Something changed: look again now."""
        ...

    def there(self, message: str = "") -> list[Mail]:
        """The mail in it, of one message or all, except what is being transferred right now."""
        ...

    def hold(self, mail: Mail) -> None:
        """Keep a MailMsg back, while the others go on."""
        ...

    def let_go(self, mail: Mail) -> None:
        """Let a MailMsg that was held back line up again."""
        ...

    def take_out(self, mail: Mail) -> None:
        """Take a MailMsg out."""
        ...

    def state_effect(self, state: str) -> QueueState:
        """The effect that sets the state Queue Viewer shows."""
        ...

    def reset_routes(self) -> None:
        """The server's link state table changed: send mail that now has another way back to be routed."""
        ...


# Python finds the attributes of an object at once as long as there are at most 29; with one more it looks up each of them, and each
# method, slowly. A server has no more, because a run asks its servers more often than anything else.
class Node(Speaker):
    """One running server.

    ``used_kb`` is how full each mailbox is, ``mailboxes`` what was delivered to it; ``memory`` holds the MailMsg objects, which count against a limit;
    ``closed`` are the gates that are closed now: none, mostly, and then no mail need ask for the one in its way.
    ``frozen`` has a gate for each system queue that can be frozen.
    ``queuing`` is the advanced queuing engine. ``virtual_server`` is the default one; ``instances`` are all by name, with
    the default one under the empty name, too; ``unlimited`` says that there is no other and that it takes mail of any size.

    Source: T8, T16, T17, T21, T24, T26.
    """

    def __init__(
        self, server: Server, network: Network, queuing: Queuing, records: list[Record], used_kb: dict[str, float]
    ) -> None:
        super().__init__(ServerName(server.name), network.env, records)
        self.server = server
        self.queuing = queuing
        self.fqdn = HostName(server.fqdn)
        self.network = network
        self.organization = network.organization
        self.parameters = network.parameters
        self.durations = network.parameters.durations
        self.closed: set[Gate] = set()
        self.gates = {name: self._gate(name) for name in (*SERVICES, PERMISSIONS)}
        for service in DISABLED_BY_SETUP:
            self.gates[service].open = False  # not among the closed ones: no mail has to pass there
        self.gates[PERMISSIONS].set(server.inherited_permissions)
        self.stores = {store.name: self._gate(store.name) for store in server.mailbox_stores}
        self.frozen = {place: self._gate("an administrator froze it") for place in places.FREEZABLE}
        self.virtual_server = server.virtual_servers[0]
        self.unlimited = len(server.virtual_servers) == 1 and self.virtual_server.max_message_kb is None
        self.journaling = {store.name: store for store in server.mailbox_stores if store.journal_to}
        self.links: dict[str, LinkQueue] = {}
        self.outbound_disabled = False
        self.memory = Memory()
        self.local_retry = False
        self.used_kb = used_kb
        self.mailboxes: dict[str, list[MessageId]] = {}
        smtp = self.gates[SMTP]
        self.instances = {item.name: Instance(item, smtp, self._gate(item.name)) for item in server.virtual_servers}
        self.instances[""] = self.instances[self.virtual_server.name]
        self.store = self.gates[INFORMATION_STORE]
        self.configured(self.organization)
        self.queue_state = lru_cache(maxsize=4096)(partial(QueueState, self.name))

    def configured(self, organization: Organization) -> None:
        """The directory holds this organization now (Source: R9).

        ``decide`` (virtual server, verb and fields of an `Attempt`), ``full_address`` (`canonical` as text; what is no
        address stays as it is) and ``look_up`` remember what they said until the directory changes.
        """
        self.organization = organization
        self.decide = lru_cache(maxsize=4096)(partial(_decide, organization, self.name))
        self.full_address = lru_cache(maxsize=4096)(partial(_full_address, organization))
        self.look_up = lru_cache(maxsize=4096)(partial(look_up, organization, self.server))

    def _gate(self, name: str) -> Gate:
        return Gate(self.env, name, self.closed)

    def gate(self, name: str) -> Gate:
        """A service, a mailbox store or a virtual server by its name."""
        found = self.gates.get(name) or self.stores.get(name)
        return found or self.instances[name].own

    def holder(self, mail: Mail) -> Instance:
        """The virtual server whose queues hold this MailMsg."""
        return self.instances[mail.virtual_server]

    def named(self, mail: Mail, name: str) -> None:
        """A MailMsg got this Message-ID here."""
        self.network.named(mail, name)

    def receive(self, mail: Mail) -> Steps:
        """What arrived by SMTP lies in the Queue folder and is submitted (Source: T50, T59)."""
        return self.queuing.submit(self, mail)

    def refused(self, mail: Mail, recipients: list[MailRecipient], verb: str, reply: str) -> None:
        """Another server refused recipients for good."""
        self.queuing.report_refusal(self, mail, recipients, verb, reply)

    def until_open(
        self, gates: Iterable[Gate], waiting: Callable[[QueueName, str], Telling], mail: Mail, queue: QueueName
    ) -> Steps:
        """Hold a MailMsg where it is until every gate is open. Says once why it waits."""
        told = False
        while closed := [gate for gate in gates if not gate.open]:
            if not told:
                self.note(waiting(queue, closed[0].name), mail.id)
                told = True
            yield closed[0].opened()
