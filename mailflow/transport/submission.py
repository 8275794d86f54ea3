"""How mail enters a server: from Outlook through the information store, from the Pickup folder, or from the MTA.

What comes by SMTP enters through `mailflow.transport.smtp`.
"""

from __future__ import annotations

from mailflow.facts import rule
from mailflow.messages.stamps import Stamps, id_by_store, message_id_line, received_from_pickup
from mailflow.names import QueueName
from mailflow.transport import places
from mailflow.transport.mail import Mail, addresses
from mailflow.transport.node import Node
from mailflow.transport.queuing import submit
from mailflow.transport.tellings import (
    ExipcBacksUp,
    HandedToExipc,
    HandedToStore,
    MailMsgMade,
    OutboxWaits,
    PickedUp,
    PickupWaits,
    TakenFromMta,
)
from mailflow.transport.wire import date_at, service_id
from mailflow.transport.work import Steps


@rule
def submit_by_mapi(node: Node, mail: Mail) -> Steps:
    """Outlook submits to the information store by MAPI, which the store process serves itself.

    Source: T1, T55.
    Sure: inferred.
    """
    if node.closed:
        yield from node.until_open((node.store,), OutboxWaits, mail, QueueName("the Outbox"))
    yield node.durations.rpc
    mail.enter(node.memory)
    node.jot(HandedToStore, (mail.sender,), mail.id, places.SEND_QUEUE)
    yield node.durations.store
    cross_exipc_to_iis(node, mail)
    yield node.durations.exipc
    if node.closed:
        yield from node.until_open(node.holder(mail).gates, ExipcBacksUp, mail, places.name_of(places.STORE_OUT))
    make_mailmsg(node, mail)
    yield node.durations.submission
    yield from submit(node, mail)


@rule
def cross_exipc_to_iis(node: Node, mail: Mail) -> None:
    """The way out of the store leads through the EXIPC queue from the store to IIS; both processes must be there.

    Source: T3, T4, T5, T6, T7.
    Sure: documented.
    """
    node.jot(HandedToExipc, (), mail.id, places.STORE_OUT)


@rule
def make_mailmsg(node: Node, mail: Mail) -> None:
    """The store driver makes a MailMsg: transfer envelope plus a pointer to the content, which it does not copy.

    Source: T14, T15, T164, S17.
    Sure: documented.
    """
    _name(node, mail)
    node.jot(MailMsgMade, (addresses(mail.recipients), mail.content_in), mail.id, places.PENDING_SUBMISSION)


@rule
def submit_by_pickup(node: Node, mail: Mail) -> Steps:
    """A text file dropped into the Pickup folder is submitted without authentication; that no relay check is made is
    unconfirmed.

    Source: T12, T51.
    """
    if node.closed:
        yield from node.until_open(node.holder(mail).gates, PickupWaits, mail, places.name_of(places.PICKUP))
    yield node.durations.submission
    mail.enter(node.memory)
    _stamp(node, mail)
    node.note(PickedUp(addresses(mail.recipients)), mail.id, places.PENDING_SUBMISSION)
    yield from submit(node, mail)


def _name(node: Node, mail: Mail) -> None:
    """A message without a Message-ID gets one from the store, with the name of its server (Source: K22)."""
    if not mail.message.own_id:
        mail.given_id = node.network.unused_id(id_by_store(mail.message, node.fqdn))
        node.named(mail, mail.given_id)
        mail.stamps = Stamps(message_id_line(mail.given_id))


def _stamp(node: Node, mail: Mail) -> None:
    """What the SMTP service writes on top of a message from the Pickup folder (Source: T109, T110)."""
    mail.hops += 1
    if not mail.message.own_id:
        mail.given_id = service_id(node, mail.message)
        node.named(mail, mail.given_id)
        mail.stamps = Stamps(message_id_line(mail.given_id))
    mail.stamps = mail.stamps.under(received_from_pickup(node.fqdn, date_at(int(node.env.now))))


@rule
def submit_from_mta(node: Node, mail: Mail) -> Steps:
    """What the MTA received goes through the store driver into advanced queuing.

    Source: T54, T62.
    """
    node.note(TakenFromMta(), mail.id, places.STORE_OUT)
    yield node.durations.exipc
    if node.closed:
        yield from node.until_open(node.holder(mail).gates, ExipcBacksUp, mail, places.name_of(places.STORE_OUT))
    yield from submit(node, mail)
