"""What a journal mailbox receives: the three kinds of message journaling.

Source: K111, K112, T159, T160.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime
from email.utils import format_datetime
from functools import lru_cache
from typing import Literal

from mailflow.messages.message import WRITTEN, Message
from mailflow.messages.stamps import stamped


def journal_copy(
    message: Message,
    kind: Literal["standard", "bcc", "envelope"],
    *,
    journal: str,
    recipients: Sequence[str],
    expanded: Mapping[str, Sequence[str]],
    written: datetime = WRITTEN,
    server: str = "",
    stamps: bytes = b"",
    message_id: str = "",
) -> Message:
    """The copy for a journal mailbox. ``server`` is the FQDN of the server that makes it, ``stamps`` the lines that servers wrote
    on top of the message. Who knows the ``message_id`` need not have it looked for.

    *standard* is the message itself, which names no Bcc recipients. *bcc* names, in a field of its own, those of
    ``recipients`` and of the members in ``expanded`` who stand in no header field; how the product shows them is not
    documented. *envelope* is a report of its own from the empty sender: plain text with sender, message id and
    recipients, and the message attached.

    Source: K111, K112, T160, T161.
    """
    if kind == "envelope":
        named = message_id or stamped(message, stamps).message_id
        return _report(message, stamps, named, journal, recipients, expanded, written, server)
    shown = _bcc_field(message, recipients, expanded) if kind == "bcc" else b""
    return Message(shown + stamps + message.content, message.sender, (journal,))


def _bcc_field(message: Message, recipients: Sequence[str], expanded: Mapping[str, Sequence[str]]) -> bytes:
    shown = message.content.partition(b"\r\n\r\n")[0].decode("ascii", "replace").lower()
    known = [*recipients, *(address for members in expanded.values() for address in members)]
    hidden = [address for address in dict.fromkeys(known) if address.lower() not in shown]
    return f"X-Journal-Bcc: {', '.join(hidden)}\r\n".encode("ascii", "replace") if hidden else b""


def _report(
    message: Message,
    stamps: bytes,
    named: str,
    journal: str,
    recipients: Sequence[str],
    expanded: Mapping[str, Sequence[str]],
    written: datetime,
    server: str,
) -> Message:
    # Not of the content: it can have many megabytes, and a report is made for every message of a journaling store.
    told = " ".join((named, journal, written.isoformat(), *recipients))
    digest = hashlib.sha256(told.encode("utf-8", "replace")).hexdigest().upper()
    domain = journal.rpartition("@")[2]
    limit = f"----_=_NextPart_001_{digest[:16]}"
    own_id = f"<{digest[:36]}@{server or domain}>"
    names = "".join([_line(address, expanded.get(address, ())) for address in recipients])
    lines = (
        f"From: system@{domain}\r\nTo: {journal}\r\nDate: {_date(written.replace(microsecond=0))}\r\n"
        f"Message-ID: {own_id}\r\nMIME-Version: 1.0\r\n"
        f'Content-Type: multipart/mixed; boundary="{limit}"\r\n\r\n--{limit}\r\n'
        'Content-Type: text/plain; charset="utf-8"\r\nContent-Transfer-Encoding: 8bit\r\n\r\n'
        f"Sender: {message.sender}\r\nMessage-ID: {named}\r\nRecipients:\r\n{names}--{limit}\r\n"
        f"Content-Type: message/rfc822\r\n"
        f"Content-Transfer-Encoding: {'7bit' if message.content.isascii() else '8bit'}\r\n"
        "Content-Disposition: attachment\r\n\r\n"
    ).encode("utf-8", "replace")
    end = f"\r\n--{limit}--\r\n".encode()
    made = Message(b"".join((message.subject_field, lines, stamps, message.content, end)), "", (journal,))
    made.own_id = own_id
    return made


@lru_cache(maxsize=64)
def _date(second: datetime) -> str:
    """A time as a header field shows it. Many messages are written in the same second."""
    return format_datetime(second)


def _line(address: str, members: Sequence[str]) -> str:
    return f"  {address}" + (f" (expanded to {', '.join(members)})" if members else "") + "\r\n"
