"""What a journal mailbox receives: the three kinds of message journaling.

Source: K111, K112, T159, T160.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from email.utils import format_datetime
from typing import Literal

from mailflow.messages.message import WRITTEN, Message

_SUBJECT = re.compile(rb"(?im)^subject:[^\r\n]*\r\n(?:[ \t][^\r\n]*\r\n)*")


def journal_copy(
    message: Message,
    kind: Literal["standard", "bcc", "envelope"],
    *,
    journal: str,
    recipients: Sequence[str],
    expanded: Mapping[str, Sequence[str]],
    written: datetime = WRITTEN,
    server: str = "",
) -> Message:
    """The copy for a journal mailbox. ``server`` is the FQDN of the server that makes it.

    *standard* is the message itself, which names no Bcc recipients. *bcc* names, in a field of its own, those of
    ``recipients`` and of the members in ``expanded`` who stand in no header field; how the product shows them is not
    documented. *envelope* is a report of its own from the empty sender: plain text with sender, message id and
    recipients, and the message attached.

    Source: K111, K112, T160, T161.
    """
    if kind == "standard":
        return Message(message.content, message.sender, (journal,))
    if kind == "bcc":
        return Message(_bcc_field(message, recipients, expanded) + message.content, message.sender, (journal,))
    return _report(message, journal, recipients, expanded, written, server)


def _bcc_field(message: Message, recipients: Sequence[str], expanded: Mapping[str, Sequence[str]]) -> bytes:
    shown = message.content.partition(b"\r\n\r\n")[0].decode("ascii", "replace").lower()
    known = [*recipients, *(address for members in expanded.values() for address in members)]
    hidden = [address for address in dict.fromkeys(known) if address.lower() not in shown]
    return f"X-Journal-Bcc: {', '.join(hidden)}\r\n".encode("ascii", "replace") if hidden else b""


def _report(
    message: Message,
    journal: str,
    recipients: Sequence[str],
    expanded: Mapping[str, Sequence[str]],
    written: datetime,
    server: str,
) -> Message:
    digest = hashlib.sha256(repr((message.content, journal, recipients, written)).encode()).hexdigest().upper()
    domain = journal.rpartition("@")[2]
    limit = f"----_=_NextPart_001_{digest[:16]}"
    subject = _SUBJECT.search(message.content.partition(b"\r\n\r\n")[0] + b"\r\n")
    head = [f"From: system@{domain}", f"To: {journal}", f"Date: {format_datetime(written)}"]
    head += [f"Message-ID: <{digest[:36]}@{server or domain}>", "MIME-Version: 1.0"]
    head += [f'Content-Type: multipart/mixed; boundary="{limit}"', "", f"--{limit}"]
    text = ['Content-Type: text/plain; charset="utf-8"', "Content-Transfer-Encoding: 8bit", ""]
    text += [*_lines(message, recipients, expanded), f"--{limit}", "Content-Type: message/rfc822"]
    text += [f"Content-Transfer-Encoding: {'7bit' if message.content.isascii() else '8bit'}"]
    text += ["Content-Disposition: attachment", "", ""]
    lines = "\r\n".join([*head, *text]).encode("utf-8", "replace")
    made = (subject[0] if subject else b"") + lines + message.content + f"\r\n--{limit}--\r\n".encode()
    return Message(made, "", (journal,))


def _lines(message: Message, recipients: Sequence[str], expanded: Mapping[str, Sequence[str]]) -> Iterator[str]:
    yield from (f"Sender: {message.sender}", f"Message-ID: {message.message_id}", "Recipients:")
    for address in recipients:
        members = expanded.get(address, ())
        yield f"  {address}" + (f" (expanded to {', '.join(members)})" if members else "")
