"""What a journal mailbox receives: the three kinds of message journaling.

Source: K111, K112, T159, T160.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from email.utils import format_datetime
from functools import cached_property, lru_cache, partial
from typing import Literal, NamedTuple

from mailflow.messages.message import WRITTEN, Message
from mailflow.messages.stamps import NO_STAMPS, Stamps, stamped
from mailflow.names import EmailAddress


def journal_copy(
    message: Message,
    kind: Literal["standard", "bcc", "envelope"],
    *,
    journal: str,
    recipients: Sequence[str],
    expanded: Mapping[str, Sequence[str]],
    written: datetime = WRITTEN,
    server: str = "",
    stamps: Stamps = NO_STAMPS,
    start: datetime = WRITTEN,
    message_id: str = "",
) -> Message:
    """The copy for a journal mailbox. ``server`` is the FQDN of the server that makes it, ``stamps`` what servers wrote
    on top of the message since the ``start``. Who knows the ``message_id`` need not have it looked for.

    *standard* is the message itself, which names no Bcc recipients. *bcc* names, in a field of its own, those of
    ``recipients`` and of the members in ``expanded`` who stand in no header field; how the product shows them is not
    documented. *envelope* is a report of its own from the empty sender: plain text with sender, message id and
    recipients, and the message attached.

    Source: K111, K112, T160, T161.
    """
    if kind == "envelope":
        named = message_id or stamped(message, stamps.written(start)).message_id
        return _report(message, stamps, start, named, journal, recipients, expanded, written, server)
    shown = _bcc_field(message, recipients, expanded) if kind == "bcc" else b""
    return Message(shown + stamps.written(start) + message.content, message.sender, (journal,))


def _bcc_field(message: Message, recipients: Sequence[str], expanded: Mapping[str, Sequence[str]]) -> bytes:
    shown = message.content.partition(b"\r\n\r\n")[0].decode("ascii", "replace").lower()
    known = [*recipients, *(address for members in expanded.values() for address in members)]
    hidden = [address for address in dict.fromkeys(known) if address.lower() not in shown]
    return f"X-Journal-Bcc: {', '.join(hidden)}\r\n".encode("ascii", "replace") if hidden else b""


class _Report(Message):
    """A report by envelope journaling. It is written when somebody reads it, as few do; how long it is, is known before."""

    def __init__(self, size: int, own_id: str, journal: str, write: Callable[[], bytes]) -> None:
        self.size = size
        self.own_id = self.message_id = own_id
        self.sender = EmailAddress("")
        self.recipients = (EmailAddress(journal),)
        self.arrived_before = False
        self._write = write

    @cached_property
    def content(self) -> bytes:  # type: ignore[override]  # mypy takes no lazy value for the plain one of a message
        """The bytes as they travel."""
        return self._write()


def _report(
    message: Message,
    stamps: Stamps,
    start: datetime,
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
    names = tuple([(address, tuple(expanded.get(address, ()))) for address in recipients])
    encoding = "7bit" if message.content.isascii() else "8bit"
    frame, around = _framed(message.sender, journal, server, names, encoding)
    size = around + len(named.encode("utf-8", "replace")) + stamps.size + len(message.subject_field) + message.size
    return _Report(
        size, frame.own_id(digest), journal, partial(_written, frame, digest, named, written, message, stamps, start)
    )


def _written(
    frame: _Frame, digest: str, named: str, written: datetime, message: Message, stamps: Stamps, start: datetime
) -> bytes:
    lines, end = frame.lines(digest, named, written)
    return b"".join((message.subject_field, lines, stamps.written(start), message.content, end))


class _Frame(NamedTuple):
    """What stands around the message in a report: the same for many, but for the time, the Message-ID, and a digest of both."""

    sender: str
    journal: str
    server: str
    names: tuple[tuple[str, tuple[str, ...]], ...]
    encoding: str

    def own_id(self, digest: str) -> str:
        return f"<{digest[:36]}@{self.server or self.journal.rpartition('@')[2]}>"

    def lines(self, digest: str, named: str, written: datetime) -> tuple[bytes, bytes]:
        """What stands before the message and behind it."""
        limit = f"----_=_NextPart_001_{digest[:16]}"
        names = "".join([_line(address, members) for address, members in self.names])
        lines = (
            f"From: system@{self.journal.rpartition('@')[2]}\r\nTo: {self.journal}\r\n"
            f"Date: {_date(written.replace(microsecond=0))}\r\n"
            f"Message-ID: {self.own_id(digest)}\r\nMIME-Version: 1.0\r\n"
            f'Content-Type: multipart/mixed; boundary="{limit}"\r\n\r\n--{limit}\r\n'
            'Content-Type: text/plain; charset="utf-8"\r\nContent-Transfer-Encoding: 8bit\r\n\r\n'
            f"Sender: {self.sender}\r\nMessage-ID: {named}\r\nRecipients:\r\n{names}--{limit}\r\n"
            "Content-Type: message/rfc822\r\n"
            f"Content-Transfer-Encoding: {self.encoding}\r\n"
            "Content-Disposition: attachment\r\n\r\n"
        )
        return lines.encode("utf-8", "replace"), f"\r\n--{limit}--\r\n".encode()

    def size(self) -> int:
        """Bytes of both without the Message-ID: a time and a digest are always of the same length."""
        return sum(map(len, self.lines("0" * 64, "", WRITTEN)))


@lru_cache(maxsize=256)
def _framed(
    sender: str, journal: str, server: str, names: tuple[tuple[str, tuple[str, ...]], ...], encoding: str
) -> tuple[_Frame, int]:
    """What stands around a message, and its size."""
    frame = _Frame(sender, journal, server, names, encoding)
    return frame, frame.size()


@lru_cache(maxsize=64)
def _date(second: datetime) -> str:
    """A time as a header field shows it. Many messages are written in the same second."""
    return format_datetime(second)


def _line(address: str, members: Sequence[str]) -> str:
    return f"  {address}" + (f" (expanded to {', '.join(members)})" if members else "") + "\r\n"
