"""Delivery status notifications: what the sender is told when a message fails or is late."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from mailflow.facts import rule
from mailflow.messages import Report, delivery_status, reason
from mailflow.trace import step
from mailflow.trace.clock import START
from mailflow.transport import places
from mailflow.transport.mail import IN_STORE, Mail, MailRecipient
from mailflow.transport.node import Node
from mailflow.transport.work import Steps

BOUNCED = step(
    "notification.bounced",
    "Non-delivery decided",
    "advanced queuing",
    rule="non_delivery",
    sentence="{server} gives up on {recipients} with status {code}: {why}. {text}",
    tracking=1030,
)
BADMAIL = step(
    "notification.badmail",
    "Moved to Badmail",
    "advanced queuing",
    rule="never_report_a_report",
    sentence=(
        "{server} cannot deliver {mail}, which is itself a notification ({code}: {why}). Nobody is "
        "notified about a notification, so it goes to the BadMail folder."
    ),
    tracking=1021,
)
REPORTED = step(
    "notification.made",
    "Notification made",
    "advanced queuing",
    rule="report_to_sender",
    sentence=(
        "{server} writes a delivery status notification ({kind}, {code}) to {sender} and puts it into DSN"
        " messages pending submission, because a sender must learn what became of the mail."
    ),
)
DSN_WAITS = step(
    "notification.waiting",
    "Notification waits",
    "advanced queuing",
    rule="dsn_needs_store",
    sentence="{mail} stays in {queue} of {server}: the {gate} is stopped, and notifications are submitted through it.",
)
LATE = step(
    "notification.late",
    "Delay noticed",
    "advanced queuing",
    rule="delay_notification",
    sentence=(
        "{mail} has waited {hours} hours on {server} for {recipients}. Delivery goes on, but the sender "
        "will be told about the delay."
    ),
)


@rule
def non_delivery(node: Node, mail: Mail, recipients: list[MailRecipient], code: str, why: str) -> None:
    """Recipients that cannot be served end with a status code, and the sender gets a non-delivery report.

    Source: T112, T115, T117.
    """
    if mail.is_report:
        never_report_a_report(node, mail, recipients, code, why)
        return
    names = tuple(item.address for item in recipients)
    node.note(BOUNCED, mail.id, None, (names, code, why, reason(code)), settle(node, mail, recipients, "bounced", code))
    report_to_sender(node, mail, recipients, "failure", code, why)


@rule
def never_report_a_report(node: Node, mail: Mail, recipients: list[MailRecipient], code: str, why: str) -> None:
    """A notification is never answered with a notification; what cannot be delivered goes to BadMail.

    Source: T52, T114.
    """
    node.note(BADMAIL, mail.id, None, (code, why), settle(node, mail, recipients, "badmail", code))


@rule
def report_to_sender(node: Node, mail: Mail, recipients: list[MailRecipient], kind: Any, code: str, why: str) -> None:
    """A notification is a new message with an empty envelope sender, from the server that reports.

    A virtual server can send a copy of every non-delivery report to an address of its own.

    Source: T36, T112, T114, T118, T121.
    """
    report = Report(
        server=node.fqdn,
        message=mail.letter.message,
        kind=kind,
        recipients=tuple((item.address, code, why) for item in recipients),
        arrival=START + timedelta(seconds=mail.submitted),
        now=START + timedelta(seconds=node.env.now),
        sender=mail.sender,
    )
    copied = node.virtual_server.copy_ndr_to if kind == "failure" else ""
    told = (mail.sender, *([copied] if copied else []))
    letter = node.network.new_letter("delivery status notification", delivery_status(report), "notification")
    made = Mail(
        letter.mail_id(),
        letter,
        "",
        [MailRecipient(letter.recipient_index(), address) for address in told],
        IN_STORE,
        authenticated=True,
        submitted=node.env.now,
    )
    node.mailmsgs += 1
    effects = (("message", letter.id, made.id, told),)
    node.note(REPORTED, made.id, places.DSN_PENDING, (kind, code, mail.sender), effects)
    node.env.start(dsn_needs_store(node, made))


@rule
def dsn_needs_store(node: Node, mail: Mail) -> Steps:
    """Notifications wait in their own queue until the information store and the SMTP service can submit them.

    Source: T36, T46.
    """
    yield node.durations.store
    yield from node.until_open((node.store, node.smtp), DSN_WAITS, mail, places.name_of(places.DSN_PENDING))
    yield from node.queuing.submit(node, mail)


@rule
def delay_notification(node: Node, mail: Mail) -> None:
    """After twelve hours, by default, the sender is told once that the message is late. That it is once is unconfirmed.

    Source: T105, O-11.
    """
    if mail.delay_told or mail.is_report:
        return
    mail.delay_told = True
    hours = (node.env.now - mail.submitted) / 3600
    names = tuple(item.address for item in mail.recipients)
    node.note(LATE, mail.id, None, (f"{hours:.0f}", names))
    report_to_sender(node, mail, mail.recipients, "delay", "4.4.7", f"still waiting after {hours:.0f} hours")


def settle(
    node: Node, mail: Mail, recipients: list[MailRecipient], state: str, detail: str
) -> tuple[tuple[object, ...], ...]:
    """Take recipients off a MailMsg for good; the effects say with which end."""
    mail.drop(recipients)
    if not mail.recipients:
        node.mailmsgs -= 1
    return tuple([("end", mail.id, item.index, state, detail) for item in recipients])
