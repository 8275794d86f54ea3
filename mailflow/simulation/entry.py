"""How a message of the script enters the world: from Outlook, by SMTP from anywhere, or as a file in Pickup."""

from __future__ import annotations

from typing import Any, NamedTuple

from mailflow.messages import Message
from mailflow.simulation.actions import ADMINISTRATOR
from mailflow.simulation.world import Outsider, World, client_keeps
from mailflow.transport import places
from mailflow.transport.dialogue import Dialogue
from mailflow.transport.directory import domain_of
from mailflow.transport.mail import IN_QUEUE_FOLDER, IN_STORE, Mail, MailRecipient
from mailflow.transport.smtp import Client
from mailflow.transport.submission import submit_by_mapi, submit_by_pickup
from mailflow.transport.work import Steps


class Way(NamedTuple):
    """How a message enters: ``by`` is "mapi", "smtp" or "pickup", ``server`` where, or "" for where MX records lead.

    For SMTP, ``client`` is the name or IP address of the sending computer, ``account`` what it logs on with, and ``tls``
    whether it has encrypted the channel.
    """

    by: str
    server: str = ""
    client: str = ""
    account: str = ""
    tls: bool = False


def enter(world: World, message: Message, way: Way) -> Steps:
    """Let one message of the script enter the world."""
    letter = world.new_letter("message", message, way.by)
    recipients = [MailRecipient(letter.recipient_index(), address) for address in message.recipients]
    mail = Mail(letter.mail_id(), letter, message.sender, recipients, IN_STORE, hops=message.received)
    node = world.nodes.get(way.server)
    created = ("message", letter.id, mail.id, message.recipients)
    if way.by == "smtp":
        mail.content_in = IN_QUEUE_FOLDER
        return _by_smtp(world, mail, created, way)
    assert node is not None
    if way.by == "pickup":
        mail.content_in = IN_QUEUE_FOLDER
        node.note(ADMINISTRATOR["drop"], mail.id, places.PICKUP, (message.subject,), (created,))
        return submit_by_pickup(node, mail)
    mail.authenticated = True
    node.note(
        ADMINISTRATOR["compose"],
        mail.id,
        places.OUTBOX,
        (message.sender, message.subject, tuple(message.recipients[:6])),
        (created,),
    )
    return submit_by_mapi(node, mail)


def _by_smtp(world: World, mail: Mail, created: tuple[Any, ...], way: Way) -> Steps:
    client = _client(world, mail, way)
    outsider = Outsider(world, client)
    message = mail.letter.message
    values = (mail.sender or "<>", message.subject, tuple(message.recipients[:6]))
    outsider.note(ADMINISTRATOR["compose"], mail.id, places.OUTBOX, values, (created,))
    for host, items in _hosts(world, mail, way):
        part = mail
        if len(items) < len(mail.recipients):
            part = mail.split(items)
            outsider.note(
                ADMINISTRATOR["copy"],
                part.id,
                places.OUTBOX,
                (host,),
                (("mail", part.id, mail.id, Mail.indexes(items)),),
            )
        yield from _talk(world, outsider, part, host, way.account, way.tls)


def _talk(world: World, outsider: Outsider, mail: Mail, host: str, account: str, tls: bool) -> Steps:
    why = world.reachable(outsider.name, host, "")
    if why:
        client_keeps(outsider, mail, why)
        return
    client = outsider.client._replace(account=account, tls=tls)
    receiver = world.receiver(client, host)
    dialogue = Dialogue(outsider, receiver, exchange=False, account=account)
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
