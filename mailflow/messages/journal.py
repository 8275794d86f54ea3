"""What a journal mailbox receives: the three kinds of message journaling.

Source: T159, T160.
"""

from __future__ import annotations

import email.policy
import re
from collections.abc import Mapping, Sequence
from email.message import EmailMessage
from typing import Literal

from mailflow.messages.message import Message, set_field


def journal_copy(
    message: Message,
    kind: Literal["standard", "bcc", "envelope"],
    *,
    journal: str,
    recipients: Sequence[str],
    expanded: Mapping[str, Sequence[str]],
) -> Message:
    """The copy for a journal mailbox.

    *standard* is the message itself, which names no Bcc recipients. *bcc* names them in a field of its own. *envelope*
    is a report with the
    P1 sender, all recipients and the members of expanded groups, and the message attached. How the last two look inside
    is not documented: the
    layout is this model's own.

    Source: T160, T161.
    """
    if kind == "standard":
        return Message(message.content, message.sender, (journal,))
    if kind == "bcc":
        shown = message.content.partition(b"\r\n\r\n")[0].decode("ascii", "replace").lower()
        hidden = [address for address in recipients if address.lower() not in shown]
        field = f"X-Journal-Bcc: {', '.join(hidden)}\r\n".encode("ascii", "replace") if hidden else b""
        return Message(field + message.content, message.sender, (journal,))
    made = EmailMessage(policy=email.policy.SMTP)
    made["From"] = f"system@{journal.rpartition('@')[2]}"
    made["To"] = journal
    set_field(made, "Subject", message.subject, re.sub(r"[^ -<>-~]", "?", message.subject))
    set_field(made, "Message-ID", f"<journal.{message.message_id.strip('<>')}>", "<journal@message.invalid>")
    lines = [f"Sender: {message.sender}", f"Message-ID: {message.message_id}", "Recipients:"]
    for address in recipients:
        members = expanded.get(address, ())
        lines.append(f"  {address}" + (f" (expanded to {', '.join(members)})" if members else ""))
    made.set_content("\n".join(lines).encode("utf-8", "replace").decode() + "\n")
    made.add_attachment(message.content, maintype="application", subtype="octet-stream", filename="message.eml")
    made.set_boundary("----_=_Journal_001")
    return Message.read(made, sender="", to=[journal])
