"""How a message of the script enters the world: from Outlook, by SMTP from anywhere, or as a file in Pickup."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from mailflow.facts import rule
from mailflow.messages import Message
from mailflow.messages.stamps import Stamps, message_id_line
from mailflow.names import HostName
from mailflow.simulation.tellings import Composed, Copied, Dropped
from mailflow.simulation.world import Outsider, World, client_keeps
from mailflow.trace.effects import Created
from mailflow.transport import places
from mailflow.transport.directory import domain_of
from mailflow.transport.mail import IN_QUEUE_FOLDER, IN_STORE, Mail, MailRecipient
from mailflow.transport.submission import submit_by_mapi, submit_by_pickup
from mailflow.transport.wire import Client
from mailflow.transport.work import Steps


@rule
def write_message() -> None:
    """A message has an envelope (P1) and header fields (P2), and the two may differ.

    Source: T161.
    """


@dataclass(frozen=True, kw_only=True, repr=False, eq=False)
class Way:
    """How a message enters: ``by`` is "mapi", "smtp" or "pickup", ``server`` where, or "" for where MX records lead.

    For SMTP, ``client`` is the name or IP address of the sending computer, ``account`` what it logs on with, and ``tls``
    whether it has encrypted the channel. ``hello`` is the name that it says after EHLO, if not its own; with ``data`` it sends
    the content by DATA, though it might use BDAT. ``virtual_server`` names one of the server; for SMTP and Pickup, "" is its default
    one. With ``helo`` it says HELO, not EHLO. The rest is what the client asks of reports: RET and ENVID, NOTIFY and ORCPT by recipient.
    """

    by: str = ""
    server: str = ""
    client: str = ""
    account: str = ""
    tls: bool = False
    virtual_server: str = ""
    hello: str = ""
    data: bool = False
    helo: bool = False
    ret: str = ""
    envid: str = ""
    notify: Mapping[str, str] = field(default_factory=dict)
    orcpt: Mapping[str, str] = field(default_factory=dict)


def enter(world: World, message: Message, way: Way) -> Steps:
    """Let one message of the script enter the world."""
    letter = world.new_letter("message", message, way.by)
    recipients = [MailRecipient(index, address) for index, address in enumerate(message.recipients)]
    letter.next_recipient = len(recipients)
    mail = Mail(letter.mail_id(), letter, message, message.sender, recipients, IN_STORE, hops=message.received)
    node = world.nodes.get(way.server)
    created = Created(letter.id, mail.id, message.recipients)
    if way.by == "smtp":
        mail.content_in, mail.coded = IN_QUEUE_FOLDER, True
        _ask(mail, way)
        _name(world, mail, way)
        return _by_smtp(world, mail, created, way)
    assert node is not None
    if way.by == "pickup":
        mail.content_in, mail.coded = IN_QUEUE_FOLDER, True
        mail.virtual_server = way.virtual_server
        node.note(Dropped(subject=message.subject), mail.id, places.PICKUP, (created,))
        return submit_by_pickup(node, mail)
    mail.authenticated = True
    values = (message.sender, message.subject, tuple(message.recipients[:6]))
    node.jot(Composed, values, mail.id, places.OUTBOX, (created,))
    return submit_by_mapi(node, mail)


def _ask(mail: Mail, way: Way) -> None:
    """Write on the envelope what the client asks of reports."""
    mail.letter.ret, mail.letter.envid = way.ret, way.envid
    notify, orcpt = ({key.lower(): value for key, value in given.items()} for given in (way.notify, way.orcpt))
    for item in mail.recipients if notify or orcpt else ():
        item.notify, item.orcpt = notify.get(item.address.lower(), ""), orcpt.get(item.address.lower(), "")


def _name(world: World, mail: Mail, way: Way) -> None:
    """A mail host outside hands over no message without a Message-ID: what lacks one gets it there. A client that is no host may
    send it as it is; then the server that takes it gives it one (Source: T110).
    """
    host = _client(world, mail, way).name
    if host in world.organization.external_host and not mail.message.own_id:
        digest = mail.message.digest_with(host)
        mail.given_id = world.unused_id(f"<{digest[:12]}${digest[12:20]}${digest[20:28]}@{host}>")
        mail.stamps = Stamps(message_id_line(mail.given_id))
        world.named(mail, mail.given_id)


def _by_smtp(world: World, mail: Mail, created: Created, way: Way) -> Steps:
    client = _client(world, mail, way)
    outsider = Outsider(world, client, way.hello)
    message = mail.letter.message
    telling = Composed(mail.sender or "<>", message.subject, tuple(message.recipients[:6]))
    outsider.note(telling, mail.id, places.OUTBOX, (created,))
    for host, items in _hosts(world, mail, way):
        part = mail
        if len(items) < len(mail.recipients):
            part, made = mail.split(items)
            outsider.note(Copied(host=HostName(host)), part.id, places.OUTBOX, (made,))
        yield from _talk(world, outsider, part, host, way)


def _talk(world: World, outsider: Outsider, mail: Mail, host: str, way: Way) -> Steps:
    from mailflow.transport.dialogue import Dialogue  # a message from Outlook needs no SMTP

    listener = way.virtual_server
    if way.server and not listener:
        listener = world.organization.server[way.server].virtual_server().name
    why = world.reachable(outsider.name, host, "", listener)
    if why:
        client_keeps(outsider, mail, why)
        return
    client = outsider.client._replace(account=way.account, tls=way.tls)
    receiver = world.receiver(client, host, listener)
    dialogue = Dialogue(
        outsider, receiver, exchange=False, account=way.account, chunks=not way.data, extended=not way.helo
    )
    name = mail.id
    if not (yield from dialogue.open_session(name)):
        client_keeps(outsider, mail, "the server does not accept the connection")
        return
    yield from dialogue.send(mail)
    yield from dialogue.close_session(name)
    if mail.recipients:
        client_keeps(outsider, mail, "the server asked to try again later")


def _client(world: World, mail: Mail, way: Way) -> Client:
    """Who connects: an external host by name, an IP address, or any name; by default the host that takes mail for the
    sender's domain.
    """
    hosts = world.organization.external_hosts
    if not way.client:
        domain = domain_of(mail.sender)
        found = next((host for host in hosts if domain in host.accepts), None)
        return Client(name=found.name, ip=found.ip) if found else Client(name="client", ip="203.0.113.99")
    given = way.client
    known = next((host for host in hosts if way.client in (host.name, host.ip)), None)
    if known:
        return Client(name=known.name, ip=known.ip)
    return Client(name=given, ip=given if given.replace(".", "").isdigit() or ":" in given else "203.0.113.99")


def _hosts(world: World, mail: Mail, way: Way) -> list[tuple[str, list[MailRecipient]]]:
    """The server to talk to for each recipient: the one given, or what MX records say."""
    if way.server:
        return [(way.server, list(mail.recipients))]
    groups: dict[str, list[MailRecipient]] = {}
    for item in mail.recipients:
        answer = world.ask_mx(domain_of(item.address), None)
        groups.setdefault(answer.hosts[0] if answer.hosts else f"({answer.why})", []).append(item)
    return list(groups.items())
