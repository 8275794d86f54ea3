"""Message journaling: a mailbox store can archive everything its mailboxes send or receive.

Source: T159, T160, S4.
"""

from __future__ import annotations

from mailflow.facts import rule
from mailflow.names import EmailAddress
from mailflow.organization.model import AnyRecipient, Mailbox, MailboxStore
from mailflow.trace.effects import Added
from mailflow.transport.mail import Mail, MailRecipient
from mailflow.transport.node import Node
from mailflow.transport.tellings import Journaled


@rule
def journal(node: Node, mail: Mail, sender: AnyRecipient | None) -> None:
    """The categorizer adds the journal mailbox of the sender's store and of every recipient's store on this server,
    once.

    Which journal mailboxes have their copy already is a mark of the message that crosses to other servers inside
    XEXCH50. Reports are archived by envelope journaling only.

    Source: T75, T159, T160.
    Sure: documented.
    """
    for store in _stores(node, mail, sender):
        target = node.organization.recipient[store.journal_to]
        address = EmailAddress(target.primary)
        if address in mail.journaled or (mail.is_report and store.journal_kind != "envelope"):
            continue
        mail.journaled = mail.journaled | {address}
        made = MailRecipient(mail.letter.recipient_index(), address, "journal", target)
        made.journal_kind = store.journal_kind
        mail.recipients.append(made)
        mail.letter.archived[address] = (store.journal_kind, mail.expanded)
        added = Added(mail.id, made.index, address, "journal", None)
        node.jot(Journaled, (store.name, address, store.journal_kind), mail.id, None, (added,))


def _stores(node: Node, mail: Mail, sender: AnyRecipient | None) -> list[MailboxStore]:
    """The journaling stores of this server that the message concerns: the sender's first, then the recipients'."""
    found: list[MailboxStore] = []
    for person in (sender, *[item.entry for item in mail.recipients if not item.journal_kind]):
        if isinstance(person, Mailbox) and person.server == node.name and person.store in node.journaling:
            store = node.journaling[person.store]
            if store not in found:
                found.append(store)
    return found
