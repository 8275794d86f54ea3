"""What a journal mailbox receives: the three kinds of message journaling.

Source: K111, K112, T159, T160.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from email.utils import format_datetime
from functools import lru_cache
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
    message_id: str = "",
) -> Message:
    """The copy for a journal mailbox. ``server`` is the FQDN of the server that makes it. Who knows the ``message_id`` need
    not have it looked for.

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
    named = message_id or message.message_id
    return _report(message, named, journal, recipients, expanded, written, server)


def _bcc_field(message: Message, recipients: Sequence[str], expanded: Mapping[str, Sequence[str]]) -> bytes:
    shown = message.content.partition(b"\r\n\r\n")[0].decode("ascii", "replace").lower()
    known = [*recipients, *(address for members in expanded.values() for address in members)]
    hidden = [address for address in dict.fromkeys(known) if address.lower() not in shown]
    return f"X-Journal-Bcc: {', '.join(hidden)}\r\n".encode("ascii", "replace") if hidden else b""


def _report(
    message: Message,
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
    header = message.content.partition(b"\r\n\r\n")[0] + b"\r\n"
    place = header.lower().find(b"subject:")  # as fast as in `Message.own_id`
    subject = _SUBJECT.search(header, place) if place >= 0 else None
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
    made = Message(
        b"".join((subject[0] if subject else b"", lines, message.content, f"\r\n--{limit}--\r\n".encode())),
        "",
        (journal,),
    )
    made.own_id = own_id
    return made


@lru_cache(maxsize=64)
def _date(second: datetime) -> str:
    """A time as a header field shows it. Many messages are written in the same second."""
    return format_datetime(second)


def _line(address: str, members: Sequence[str]) -> str:
    return f"  {address}" + (f" (expanded to {', '.join(members)})" if members else "") + "\r\n"
