"""The lines that servers write on top of a message: where it was received, when it arrived, and the Message-ID that it lacked.

Source: T109, T110, K22.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from functools import lru_cache

from mailflow.messages.message import Message

SERVICE = "Microsoft SMTPSVC(6.0.3790.3959)"
"""What the SMTP service of Windows Server 2003 SP2 calls itself (Source: T81, T109)."""


@lru_cache(maxsize=64)
def received(client: str, ip: str, server: str, date: str, *, tls: bool = False) -> bytes:
    """The line of a server that took a message by SMTP, from a client that called itself ``client`` (Source: T109).

    One client hands over many in the same second.

    It has no id: those of this service had none.
    """
    secured = " over TLS secured channel" if tls else ""
    return _line(f"Received: from {_word(client)} ([{_word(ip)}]) by {server}{secured} with {SERVICE};", date)


def received_from_pickup(server: str, date: str) -> bytes:
    """The line of a server that found a message in its Pickup folder; the words in front of the server are inferred."""
    return _line(f"Received: from mail pickup service by {server} with {SERVICE};", date)


def received_by_mta(server: str, organization: str, date: str) -> bytes:
    """What the trace of an X.400 transfer becomes in a header field (RFC 2156)."""
    domain = f"/PRMD={_word(organization)}/ADMD= /C=US/"
    return _line(f"X400-Received: by mta {server} in {domain}; Relayed;", date)


PRODUCED = b"X-MimeOLE: Produced By Microsoft Exchange V6.5\r\n"
"""What the store writes when it makes a message for the Internet of what Outlook submitted (Source: T109)."""

ARRIVAL = b"X-OriginalArrivalTime: "
FILETIME_ZERO = datetime(1601, 1, 1, tzinfo=UTC)


def original_arrival(when: datetime) -> bytes:
    """When a message came to its first server of Exchange: the time, and the same as Windows counts it, in 100 nanoseconds since
    1601, the low half before the high one (Source: T109).
    """
    ticks = (when - FILETIME_ZERO) // timedelta(microseconds=1) * 10
    told = f"{_second(when.replace(microsecond=0))}.{when.microsecond // 100:04d} (UTC)"
    return ARRIVAL + f"{told} FILETIME=[{ticks & 0xFFFFFFFF:08X}:{ticks >> 32:08X}]\r\n".encode()


@lru_cache(maxsize=64)
def _second(when: datetime) -> str:
    """A second as that line shows it. Many messages arrive in the same one."""
    return f"{when:%d %b %Y %H:%M:%S}"


ARRIVAL_SIZE = len(original_arrival(FILETIME_ZERO))
"""Bytes of that line, the same for every time."""


class Stamps:
    """What servers wrote on top of a message, as data: most of it is never read, and is written out only where it is.

    ``above`` are the Received lines, the newest first, and the Message-ID that it lacked. Below stand ``arrived``, when it came to its
    first server of Exchange, in seconds since the start, and, where it was ``produced`` for the Internet, the line that says so.
    ``size`` is the number of bytes of all these lines. Nothing of it changes.
    """

    __slots__ = ("above", "arrived", "produced", "size")

    def __init__(self, above: bytes = b"", arrived: float | None = None, produced: bool = False) -> None:
        self.above = above
        self.arrived = arrived
        self.produced = produced
        self.size = len(above)
        if arrived is not None:
            self.size += ARRIVAL_SIZE
        if produced:
            self.size += len(PRODUCED)

    def under(self, line: bytes) -> Stamps:
        """The same with another line on top."""
        return Stamps(line + self.above, self.arrived, self.produced)

    def written(self, start: datetime) -> bytes:
        """The lines themselves; ``start`` is when the seconds began."""
        arrival = b"" if self.arrived is None else original_arrival(start + timedelta(seconds=self.arrived))
        return self.above + arrival + (PRODUCED if self.produced else b"")


NO_STAMPS = Stamps()


def message_id_line(name: str) -> bytes:
    """The field with the Message-ID that a server gave a message."""
    return f"Message-ID: {name}\r\n".encode()


def id_by_store(message: Message, fqdn: str) -> str:
    """The Message-ID that the information store makes: 36 hexadecimal digits and the FQDN of its server (Source: K22)."""
    return f"<{message.digest_with(fqdn)[:36].upper()}@{fqdn}>"


def id_once_more(name: str, times: int) -> str:
    """The Message-ID of an equal message that was sent so many times before: the counter at the end of its digits goes on (Source: K22)."""
    before, first, four, six, host = _counted(name)
    counter = first + times
    return f"{before}{(four if counter < 0x10000 else six) % counter}{host}"


@lru_cache(maxsize=256)
def _counted(name: str) -> tuple[str, int, str, str, str]:
    """A Message-ID around the counter at the end of its digits: what stands before, the counter, how four and six digits of it are
    written, and the host.
    """
    digits, _, host = name.rpartition("@")
    case = "X" if digits.isupper() else "x"
    return digits[:-4], int(digits[-4:], 16), f"%04{case}", f"%06{case}", f"@{host}"


def stamped(message: Message, lines: bytes) -> Message:
    """The message with these lines on top; itself when there are none."""
    return Message(lines + message.content, message.sender, message.recipients) if lines else message


def _line(text: str, date: str) -> bytes:
    return f"{text}\r\n\t {date}\r\n".encode("ascii", "replace")


@lru_cache(maxsize=256)
def _word(text: str) -> str:
    """Text from outside as one word of printable ASCII, without what would end a comment or a field."""
    return re.sub(r"[^\x21-\x7e]|[()\[\]\\;]", "", text)[:255] or "unknown"
