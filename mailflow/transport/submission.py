"""How mail enters a server: from Outlook through the information store, from the Pickup folder, or from the MTA.

What comes by SMTP enters through `mailflow.transport.smtp`.
"""

from __future__ import annotations

from mailflow.facts import rule
from mailflow.trace import step
from mailflow.transport import places
from mailflow.transport.mail import Mail, addresses
from mailflow.transport.node import Node
from mailflow.transport.queuing import submit
from mailflow.transport.work import Steps

OUTBOX_WAITS = step(
    "submission.outbox-waits",
    "Waiting in the Outbox",
    "client",
    rule="submit_by_mapi",
    sentence="{mail} stays in {queue}: Outlook cannot submit it while the {gate} of {server} is stopped.",
)
TO_INFORMATION_STORE = step(
    "submission.to-store",
    "Handed to the information store",
    "information store",
    rule="submit_by_mapi",
    sentence=(
        "Outlook hands {mail} from {sender} to Store.exe on {server} by MAPI, inside remote procedure "
        "calls. The store puts it into its send queue."
    ),
)
TO_EXIPC = step(
    "submission.to-exipc",
    "Handed to EXIPC",
    "EXIPC",
    rule="cross_exipc_to_iis",
    sentence=(
        "Store.exe puts a handle on {mail} into Store_out_queue of EXIPC. The content stays in the store;"
        " only the handle crosses to Inetinfo.exe."
    ),
    decision="queue",
)
EXIPC_BACKS_UP = step(
    "submission.exipc-backs-up",
    "EXIPC backs up",
    "EXIPC",
    rule="cross_exipc_to_iis",
    sentence=(
        "{mail} stays in {queue} of {server}: the {gate} service on the other side does not take it. The "
        "growing queue shows which process is the slower one."
    ),
)
FROM_STORE = step(
    "submission.from-store",
    "MailMsg made",
    "store driver",
    rule="make_mailmsg",
    sentence=(
        "The store driver in Inetinfo.exe makes the MailMsg object {mail}: an envelope for {recipients} "
        "and a pointer to the content in {content}."
    ),
    tracking=1027,
)
PICKED_UP = step(
    "submission.picked-up",
    "Picked up",
    "SMTP service",
    rule="submit_by_pickup",
    sentence=(
        "A text file lies in the Pickup folder of {server}. The SMTP service reads the envelope for "
        "{recipients} from it and makes the MailMsg {mail}. Nobody is asked for a password."
    ),
)
PICKUP_WAITS = step(
    "submission.pickup-waits",
    "Waiting in Pickup",
    "SMTP service",
    rule="submit_by_pickup",
    sentence="The file of {mail} stays in {queue} of {server}: the {gate} service does not run.",
)
FROM_MTA = step(
    "submission.from-mta",
    "Taken over from the MTA",
    "MTA",
    rule="submit_from_mta",
    sentence="The MTA of {server} passes {mail} to the store driver, which submits it to advanced queuing.",
    tracking=0,
)


@rule
def submit_by_mapi(node: Node, mail: Mail) -> Steps:
    """Outlook submits to the information store by MAPI, which the store process serves itself.

    Source: T1, T55.
    """
    if not node.store.open:
        yield from node.until_open((node.store,), OUTBOX_WAITS, mail, "the Outbox")
    yield node.durations.rpc
    node.mailmsgs += 1
    node.note(TO_INFORMATION_STORE, mail.id, places.SEND_QUEUE, (mail.sender,))
    yield node.durations.store
    yield from cross_exipc_to_iis(node, mail)
    yield from make_mailmsg(node, mail)
    yield from submit(node, mail)


@rule
def cross_exipc_to_iis(node: Node, mail: Mail) -> Steps:
    """The way out of the store leads through the EXIPC queue from the store to IIS; both processes must be there.

    Source: T3, T4, T5, T6, T7.
    """
    node.note(TO_EXIPC, mail.id, places.STORE_OUT)
    yield node.durations.exipc
    if not node.smtp.open:
        yield from node.until_open((node.smtp,), EXIPC_BACKS_UP, mail, places.name_of(places.STORE_OUT))


@rule
def make_mailmsg(node: Node, mail: Mail) -> Steps:
    """The store driver makes a MailMsg: transfer envelope plus a pointer to the content, which it does not copy.

    Source: T14, T15, T164, S17.
    """
    node.note(FROM_STORE, mail.id, places.PENDING_SUBMISSION, (addresses(mail.recipients), mail.content_in))
    yield node.durations.submission


@rule
def submit_by_pickup(node: Node, mail: Mail) -> Steps:
    """A text file dropped into the Pickup folder is submitted without authentication; that no relay check is made is
    unconfirmed.

    Source: T12, T51.
    """
    if not node.smtp.open:
        yield from node.until_open((node.smtp,), PICKUP_WAITS, mail, places.name_of(places.PICKUP))
    yield node.durations.submission
    node.mailmsgs += 1
    node.note(PICKED_UP, mail.id, places.PENDING_SUBMISSION, (addresses(mail.recipients),))
    yield from submit(node, mail)


@rule
def submit_from_mta(node: Node, mail: Mail) -> Steps:
    """What the MTA received goes through the store driver into advanced queuing.

    Source: T54, T62.
    """
    node.note(FROM_MTA, mail.id, places.STORE_OUT)
    yield node.durations.exipc
    if not node.smtp.open:
        yield from node.until_open((node.smtp,), EXIPC_BACKS_UP, mail, places.name_of(places.STORE_OUT))
    yield from submit(node, mail)
