"""Delivery status notifications: what the sender is told when a message fails or is late."""

from __future__ import annotations

from datetime import timedelta

from mailflow.facts import rule
from mailflow.messages import Report, delivery_status, reason
from mailflow.messages.dsn import Kind
from mailflow.names import USUAL, EmailAddress, RuleName
from mailflow.trace.clock import START
from mailflow.trace.effects import Created
from mailflow.transport import places
from mailflow.transport.mail import IN_STORE, NOBODY, Mail, MailRecipient, addresses
from mailflow.transport.node import Node
from mailflow.transport.tellings import (
    Bounced,
    DelayNoticed,
    JournalCopyLost,
    MovedToBadMail,
    NotificationMade,
    NotificationWaits,
    ReportUnwanted,
)
from mailflow.transport.work import Steps

MOST_RETURNED = 32 * 1024 * 1024
"""RET=FULL is granted while so many bytes do for a report about each recipient; the standard allows such a limit (RFC 3461, 6.2)."""


@rule
def non_delivery(
    node: Node, mail: Mail, recipients: list[MailRecipient], code: str, why: str, rule: RuleName = USUAL
) -> None:
    """Recipients that cannot be served end with a status code, and the sender gets a non-delivery report.

    ``rule`` is the rule by which they cannot be served, where no event before this one tells it.

    Source: T112, T115, T117.
    Sure: documented.
    """
    if recipients[0].journal_kind:
        drop_journal_copy(node, mail, recipients, code, why)
        return
    if mail.is_report:
        never_report_a_report(node, mail, recipients, code, why)
        return
    names = tuple(item.address for item in recipients)
    ended = mail.end(recipients, "bounced", code)
    node.note(Bounced(recipients=names, code=code, why=why, text=reason(code)), mail.id, None, ended, rule)
    if told := keep_silent(node, mail, recipients, "failure"):
        report_to_sender(node, mail, told, "failure", code, why)


@rule
def keep_silent(node: Node, mail: Mail, recipients: list[MailRecipient], kind: Kind) -> list[MailRecipient]:
    """NOTIFY says of what a sender wants to hear: NEVER stands for nothing, a list without FAILURE or DELAY for no report of that kind.

    Exchange offers the parameter; that it does as the standard says is inferred. Reports of success are left out of this model.

    Returns those of the recipients of whom the sender is told.

    Source: N86, T82, T112.
    """
    silent = [item for item in recipients if item.notify and not item.reported(kind)]
    if not silent:
        return recipients
    told = ReportUnwanted(kind=kind, recipients=addresses(silent), notify=silent[0].notify)
    node.note(told, mail.id)
    return [item for item in recipients if item.reported(kind)]


@rule
def never_report_a_report(node: Node, mail: Mail, recipients: list[MailRecipient], code: str, why: str) -> None:
    """A notification is never answered with a notification; what cannot be delivered goes to BadMail.

    Source: T52, T114.
    """
    node.note(MovedToBadMail(code=code, why=why), mail.id, None, mail.end(recipients, "badmail", code))


@rule
def drop_journal_copy(node: Node, mail: Mail, recipients: list[MailRecipient], code: str, why: str) -> None:
    """The sender of a message hears nothing of its journal copy. That a copy which cannot be delivered goes to BadMail
    is unconfirmed.

    Source: T52, T159.
    Sure: unconfirmed.
    """
    ended = mail.end(recipients, "badmail", code)
    node.note(JournalCopyLost(code=code, why=why), mail.id, None, ended)


@rule
def report_to_sender(node: Node, mail: Mail, recipients: list[MailRecipient], kind: Kind, code: str, why: str) -> None:
    """A notification is a new message with an empty envelope sender, from the server that reports.

    A virtual server can send a copy of every non-delivery report to an address of its own. The report carries the header of the
    message, or with RET=FULL all of it, unless that is too much; and what the sender gave as ENVID and ORCPT.

    Source: T36, T112, T114, T118, T121.
    """
    report = Report(
        server=node.fqdn,
        message=mail.whole,
        kind=kind,
        recipients=tuple((item.address, code, why) for item in recipients),
        arrival=START + timedelta(seconds=mail.submitted),
        now=START + timedelta(seconds=node.env.now),
        sender=mail.sender,
        full=mail.letter.ret.upper() == "FULL"
        and mail.whole.size * len(mail.letter.message.recipients) <= MOST_RETURNED,
        envid=mail.letter.envid,
        originals={item.address: item.orcpt for item in recipients if item.orcpt},
    )
    copied = node.holder(mail).settings.copy_ndr_to if kind == "failure" else ""
    told = (mail.sender, *([EmailAddress(copied)] if copied else []))
    letter = node.network.new_letter("delivery status notification", delivery_status(report), "notification")
    made = Mail(
        letter.mail_id(),
        letter,
        letter.message,
        NOBODY,
        [MailRecipient(letter.recipient_index(), address) for address in told],
        IN_STORE,
        authenticated=True,
        submitted=node.env.now,
        virtual_server=mail.virtual_server,
    )
    made.enter(node.memory)
    telling = NotificationMade(kind=kind, code=code, sender=mail.sender)
    node.note(telling, made.id, places.DSN_PENDING, (Created(letter.id, made.id, told),))
    node.env.start(dsn_needs_store(node, made))


@rule
def dsn_needs_store(node: Node, mail: Mail) -> Steps:
    """Notifications wait in their own queue until the information store and the SMTP service can submit them.

    Source: T36, T46.
    """
    yield node.durations.store
    gates = node.store, *node.holder(mail).gates
    yield from node.until_open(gates, NotificationWaits, mail, places.name_of(places.DSN_PENDING))
    yield from node.queuing.submit(node, mail)


@rule
def delay_notification(node: Node, mail: Mail) -> None:
    """After twelve hours, by default, the sender is told once that the message is late. That it is once is unconfirmed.

    Source: T105, O-11.
    """
    if mail.delay_told or mail.is_report:
        return
    mail.delay_told = True
    told = keep_silent(node, mail, mail.recipients, "delay")
    if not told:
        return
    hours = (node.env.now - mail.submitted) / 3600
    names = tuple(item.address for item in told)
    node.note(DelayNoticed(hours=f"{hours:.0f}", recipients=names), mail.id)
    report_to_sender(node, mail, told, "delay", "4.4.7", f"still waiting after {hours:.0f} hours")
