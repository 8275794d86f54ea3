"""The last steps on a server: into a mailbox through the store driver, or over to the MTA."""

from __future__ import annotations

from mailflow.facts import rule
from mailflow.names import Place, QueueName, rule_of
from mailflow.organization.model import Mailbox
from mailflow.trace.clock import seconds_until_open, time_of_day
from mailflow.trace.effects import Effects
from mailflow.trace.hop import Hop
from mailflow.transport import places
from mailflow.transport.mail import Mail, MailRecipient, addresses
from mailflow.transport.node import MTA_STACKS, Node
from mailflow.transport.notification import delay_notification, non_delivery
from mailflow.transport.tellings import (
    CrossedToStore,
    Delivered,
    HandedToMta,
    MailboxNotReady,
    MtaScheduled,
    MtaWaits,
    QueuedLocally,
    QueueFrozen,
    ScannerDeleted,
    StoreWaits,
)
from mailflow.transport.work import Steps

ROUND_SECONDS = 1800.0
"""So often mail in the queue for deferred delivery comes round (Source: K51)."""
MTA_RETRY_SECONDS = 600.0
MTA_ATTEMPTS = 144


def deliver(node: Node, mail: Mail, store: str) -> Steps:
    """Local delivery: queue, EXIPC, mailbox (Source: T32, T55, S5)."""
    queue_for_local_delivery(node, mail, store)
    yield node.durations.submission
    if node.closed:
        yield from hold_frozen(node, mail, places.LOCAL_DELIVERY)
        yield from wait_for_store(node, mail, store)
        if not mail.recipients:
            return
    network = node.network
    if (network.some_without_master or network.moving) and not put_off(node, mail):
        return
    cross_exipc_to_store(node, mail)
    yield node.durations.exipc + node.durations.store
    if node.closed:
        yield from wait_for_store(node, mail, store)
        if not mail.recipients:
            return
    if network.scanners and (deleted := _deleted(node, mail, store)):
        yield from wait_for_success(node, mail, store, deleted)
        return
    deliver_to_mailbox(node, mail, store)


def _deleted(node: Node, mail: Mail, store: str) -> str:
    """The attachment for which a virus scanner inside the store deletes a message; empty when it deletes none."""
    endings = node.network.scanners.get((node.name, store), ())
    return next((name for name in mail.message.file_names if name.lower().endswith(endings)), "")


def _late_and_end(node: Node, mail: Mail) -> tuple[float, float]:
    """When a delay of local delivery is told, and when the mail expires, in seconds of the run (Source: T44, T105)."""
    settings = node.holder(mail).settings
    late, end = settings.local_delay_notification_hours, settings.local_expiration_hours
    return mail.submitted + late * 3600, mail.submitted + end * 3600


@rule
def wait_for_success(node: Node, mail: Mail, store: str, attachment: str) -> Steps:
    """What a virus scanner inside the store deletes never becomes a success: SMTP waits for one, and the message stays in Local
    delivery. A delay is told after 12 hours, and it expires after 2 days.

    That the time is that of local delivery is inferred, and so is that others pass it.

    Source: K127, T44, T105.
    Sure: inferred.
    """
    node.note(ScannerDeleted(store=store, attachment=attachment), mail.id, places.LOCAL_DELIVERY)
    late, end = _late_and_end(node, mail)
    yield max(0.0, min(late, end) - node.env.now)
    if late < end:
        delay_notification(node, mail)
        yield max(0.0, end - node.env.now)
    why = f"{store} told no success in time"
    non_delivery(node, mail, list(mail.recipients), "4.4.7", why, rule_of(wait_for_success))


@rule
def queue_for_local_delivery(node: Node, mail: Mail, store: str) -> None:
    """Mail for a mailbox of this server goes to the local delivery queue and meets no SMTP session.

    Source: T32, T55, S5.
    Sure: inferred.
    """
    node.jot(QueuedLocally, (store, addresses(mail.recipients)), mail.id, places.LOCAL_DELIVERY)


def put_off(node: Node, mail: Mail) -> bool:
    """Let each recipient whose mailbox takes nothing now wait on its own; whether the MailMsg still carries others."""
    for item in list(mail.recipients):
        if why := unready(node, item):
            alone = len(mail.recipients) == 1
            part, effects = (mail, ()) if alone else _apart(mail, item)
            defer_for_mailbox(node, part, why, effects)
            if alone:
                return False
    return True


def _apart(mail: Mail, item: MailRecipient) -> tuple[Mail, Effects]:
    part, made = mail.split([item])
    return part, (made,)


def unready(node: Node, item: MailRecipient) -> str:
    """Why the mailbox of a recipient takes nothing now; empty when it does."""
    box = node.look_up(item.address).entry
    if not isinstance(box, Mailbox):
        return ""
    if box.name in node.network.moving:
        return "is being moved"
    return "belongs to a disabled account without a master SID" if box.without_master else ""


@rule
def defer_for_mailbox(node: Node, mail: Mail, why: str, effects: Effects) -> None:
    """Mail for a mailbox that is being moved, or for a disabled account without a master SID, waits in the queue for deferred
    delivery. It comes round every 30 minutes, and nobody is told.

    The half hours count from when it came there, and it is looked up anew in its turn: both are inferred, the second because
    the mailbox may be on another server by then.

    Source: K51.
    Sure: inferred.
    """
    node.note(MailboxNotReady(recipient=mail.recipients[0].address, why=why), mail.id, places.DEFERRED, effects)
    node.env.start(come_round(node, mail))


def come_round(node: Node, mail: Mail) -> Steps:
    """Wait in half hours until the mailbox takes mail. For an account without a master that is never: nothing more happens."""
    since = node.env.now
    (item,) = mail.recipients
    assert item.entry is not None
    while unready(node, item):
        moving = node.network.moving.get(item.entry.name)
        if moving is None:
            return
        yield moving.opened()
        yield ROUND_SECONDS - (node.env.now - since) % ROUND_SECONDS
    yield from node.queuing.look_up_again(node, mail)


@rule
def wait_for_store(node: Node, mail: Mail, store: str) -> Steps:
    """A stopped or dismounted store leaves mail in Local delivery; a delay is told after 12 hours and it expires after
    2 days.

    Source: T44, T105.
    """
    late, end = _late_and_end(node, mail)
    told = False
    while closed := [gate for gate in (node.store, node.stores[store]) if not gate.open]:
        if not told:
            state = node.queue_state(places.LOCAL_DELIVERY, "Retry")
            node.note(StoreWaits(gate=closed[0].name), mail.id, places.LOCAL_DELIVERY, (state,))
            told = node.local_retry = True
        if node.env.now >= end:
            non_delivery(
                node,
                mail,
                list(mail.recipients),
                "4.4.7",
                f"{closed[0].name} did not come back in time",
                rule_of(wait_for_store),
            )
            return
        if node.env.now >= late:
            delay_notification(node, mail)
        next_look = end if mail.delay_told or node.env.now >= late else min(late, end)
        yield closed[0].opened() | node.env.timeout(next_look - node.env.now)


@rule
def hold_frozen(node: Node, mail: Mail, place: Place) -> Steps:
    """A system queue that an administrator froze takes mail in and lets none out.

    Source: K49.
    """
    yield from node.until_open((node.frozen[place],), QueueFrozen, mail, places.name_of(place))


@rule
def cross_exipc_to_store(node: Node, mail: Mail) -> None:
    """The way into the store leads through the EXIPC queue from IIS to the store.

    Source: T3, T4, T6, T14.
    Sure: documented.
    """
    node.jot(CrossedToStore, (), mail.id, places.CLIENT_OUT)


@rule
def deliver_to_mailbox(node: Node, mail: Mail, store: str) -> None:
    """The store writes the message into each mailbox, unless the mailbox is over its prohibit-receive quota (5.2.2).

    Source: T14, T74.
    """
    for item in list(mail.recipients):
        entry = item.entry
        assert isinstance(entry, Mailbox)  # nobody else is delivered to here
        if entry.quota_kb is not None and node.used_kb[entry.name] > entry.quota_kb:
            non_delivery(
                node,
                mail,
                [item],
                "5.2.2",
                f"the mailbox of {entry.display_name} is over its quota",
                rule_of(deliver_to_mailbox),
            )
    size, message = mail.size / 1024, mail.letter.id
    for item in mail.recipients:
        name = item.entry.name  # type: ignore[union-attr]  # only mailboxes are here
        node.used_kb[name] += size
        node.mailboxes.setdefault(name, []).append(message)
    if mail.recipients:
        names = addresses(mail.recipients)
        mail.arrive(mail.recipients)
        effects = mail.end(mail.recipients, "delivered", f"{node.name}, {store}")
        if node.local_retry:
            node.local_retry = False
            effects = (*effects, node.queue_state(places.LOCAL_DELIVERY, ""))
        node.jot(Delivered, (store, names), mail.id, None, effects)


@rule
def hand_to_mta(node: Node, mail: Mail, hop: Hop) -> Steps:
    """What leaves by X.400 or RPC is the MTA's: the store driver hands it over, and the MTA takes it to the other end.

    It waits until the schedule of the connector opens. It tries every 10 minutes, 144 times; these figures are documented
    for Exchange 5.5.

    Source: R20, R78, R120, T20, T62.
    Sure: documented.
    """
    told = mail.recipients[0].destination[1]
    node.note(HandedToMta(destination=told, why=hop.why), mail.id, places.MTA, (), hop.rule)
    yield node.durations.mta
    if seconds := seconds_until_open(hop.schedule, node.env.now):
        opens = time_of_day(node.env.now + seconds)
        node.note(MtaScheduled(queue=QueueName("the MTA queue"), opens=opens), mail.id)
        yield seconds
    for attempt in range(MTA_ATTEMPTS):
        if node.gates[MTA_STACKS].open and not node.network.linked(node.name, hop.hosts[0], hop.connector):
            yield from node.network.transfer_by_mta(node, mail, hop)
            return
        if attempt == 0:
            node.note(MtaWaits(queue=QueueName("the MTA queue"), gate=MTA_STACKS), mail.id)
        yield MTA_RETRY_SECONDS
    non_delivery(
        node, mail, list(mail.recipients), "4.4.7", "the MTA could not transfer it in time", rule_of(hand_to_mta)
    )
