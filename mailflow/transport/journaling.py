"""Message journaling: a mailbox store can archive everything its mailboxes send or receive.

Source: T159, T160, S4.
"""

from __future__ import annotations

from mailflow.facts import rule
from mailflow.organization.model import AnyRecipient, Mailbox, MailboxStore
from mailflow.trace import step
from mailflow.transport.mail import Mail, MailRecipient
from mailflow.transport.node import Node

JOURNALED = step(
    "categorizer.journaled",
    "Journal recipient added",
    "categorizer",
    rule="journal",
    sentence=(
        "The mailbox store {store} archives its mail, so the categorizer adds the journal mailbox "
        "{journal} ({kind} journaling)."
    ),
)


@rule
def journal(node: Node, mail: Mail, sender: AnyRecipient | None) -> None:
    """The categorizer adds the journal mailbox of the sender's store and of every recipient's store on this server,
    once.

    Which journal mailboxes have their copy already is a mark of the message that crosses to other servers inside
    XEXCH50. Reports are archived by envelope journaling only.

    Source: T75, T159, T160.
    """
    for store in _stores(node, mail, sender):
        target = node.organization.recipient[store.journal_to]
        if target.primary in mail.journaled or (mail.is_report and store.journal_kind != "envelope"):
            continue
        mail.journaled = mail.journaled | {target.primary}
        made = MailRecipient(mail.letter.recipient_index(), target.primary, "journal", target)
        made.journal_kind = store.journal_kind
        mail.recipients.append(made)
        mail.letter.archived[target.primary] = (store.journal_kind, mail.expanded)
        added = ("recipient", mail.id, made.index, made.address, "journal", None)
        node.note(JOURNALED, mail.id, None, (store.name, target.primary, store.journal_kind), (added,))


def _stores(node: Node, mail: Mail, sender: AnyRecipient | None) -> list[MailboxStore]:
    """The journaling stores of this server that the message concerns: the sender's first, then the recipients'."""
    if not node.journals:
        return []
    people = [sender, *(item.entry for item in mail.recipients if not item.journal_kind)]
    names = [item.store for item in people if isinstance(item, Mailbox) and item.server == node.name]
    return [node.store_settings[name] for name in dict.fromkeys(names) if node.store_settings[name].journal_to]
