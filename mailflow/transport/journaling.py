"""Message journaling: a mailbox store can archive everything its mailboxes send or receive.

Source: K111, K112, T159, T160, S4.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from mailflow.facts import rule
from mailflow.messages import Message, journal_copy
from mailflow.messages.stamps import NO_STAMPS
from mailflow.names import EmailAddress
from mailflow.organization.model import Group, JournalKind, MailboxStore
from mailflow.trace.clock import START
from mailflow.trace.effects import Added, Split
from mailflow.transport.mail import IN_STORE, NOBODY, Mail, MailRecipient, addresses
from mailflow.transport.node import Node
from mailflow.transport.tellings import Journaled, JournalGone, JournalReported


@rule
def journal(node: Node, mail: Mail, stores: list[MailboxStore]) -> None:
    """The categorizer adds the journal mailbox of the sender's store and of every recipient's store on this server,
    once.

    Which journal mailboxes have their copy already is a mark of the message that crosses to other servers inside
    XEXCH50. Reports are archived by envelope journaling only.

    Source: T75, T159, T160.
    Sure: documented.
    """
    kind = node.organization.journal_kind(node.server)
    if not mail.sender and kind != "envelope":
        return
    for store in stores:
        target = node.organization.recipient[store.journal_to]
        address = EmailAddress(target.primary)
        if address in mail.journaled:
            continue
        mail.letter.archived[address] = _copy(node, mail, kind, address)
        mail.journaled = mail.journaled | {address}
        made = MailRecipient(mail.letter.recipient_index(), address, "journal", target)
        made.journal_kind = kind
        mail.recipients.append(made)
        added = Added(mail.id, made.index, address, "journal", None)
        node.jot(Journaled, (store.name, address, kind), mail.id, None, (added,))


def journal_gone(node: Node, stores: list[MailboxStore]) -> MailboxStore | None:
    """The first of these stores whose journal mailbox is not in the directory; None when all are."""
    known = node.organization.recipient
    for store in stores:
        if store.journal_to not in known:
            return store
    return None


@rule
def hold_without_journal(node: Node, mail: Mail, store: MailboxStore) -> None:
    """Mail that a store has to archive stays in Messages awaiting directory lookup when the journal mailbox is gone, and nobody is told.

    That it is the mail of this store alone, and stays for good, is inferred.

    Source: K52, K71.
    Sure: inferred.
    """
    node.note(JournalGone(store=store.name, mailbox=store.journal_to), mail.id)


def _copy(node: Node, mail: Mail, kind: JournalKind, journal: EmailAddress) -> Message:
    members = {address for found in mail.expanded.values() for address in found} if mail.expanded else ()
    there = [item.address for item in mail.recipients if not item.journal_kind and item.address not in members]
    return journal_copy(
        mail.message,
        kind,
        journal=journal,
        recipients=[*mail.expanded, *there] if kind == "envelope" or mail.content_in == IN_STORE else (),
        expanded=mail.expanded if kind == "envelope" else revealed(node, mail),
        written=START + timedelta(0, node.env.now),
        server=node.fqdn,
        stamps=mail.stamps,
        start=START,
        message_id=mail.given_id or mail.message.own_id,
    )


@rule
def revealed(node: Node, mail: Mail) -> Mapping[str, tuple[str, ...]]:
    """Journaling of Bcc recipients names the members of groups that were expanded here and may be seen: none of a hidden
    or of a query-based group.

    Source: K112, T160.
    """
    found = {address: node.look_up(address).entry for address in mail.expanded}
    return {
        address: mail.expanded[address]
        for address, group in found.items()
        if isinstance(group, Group) and not group.hidden_membership
    }


@rule
def report_envelope(node: Node, copy: Mail, made: Split) -> None:
    """An envelope journal report is a message of its own, with its own size and the empty sender.

    Source: K111, T160, T161.
    """
    copy.message, copy.sender = copy.letter.archived[copy.recipients[0].address], NOBODY
    copy.stamps, copy.given_id, copy.hops, copy.coded = NO_STAMPS, "", 0, True
    node.named(copy, copy.message.message_id)
    node.jot(JournalReported, (addresses(copy.recipients), copy.size), copy.id, None, (made,))


def journaling_stores(node: Node, mail: Mail) -> list[MailboxStore]:
    """The journaling stores of this server that the message concerns: the sender's first, then the recipients'."""
    found: list[MailboxStore] = []
    for person in (mail.sender, *[item.address for item in mail.recipients if not item.journal_kind]):
        store = node.look_up(person).journal
        if store is not None and store not in found:
            found.append(store)
    return found
