"""The way of a real message, read from its Received lines: hops, delays, clocks that differ, and how far the lines can be trusted.

Source: K106, T109.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, replace
from datetime import datetime
from email.message import Message as StandardMessage
from email.parser import BytesHeaderParser
from email.policy import compat32
from html import escape
from pathlib import Path
from typing import Final

from mailflow.facts.kinds import misfit, need, need_list
from mailflow.facts.mistake import Mistake
from mailflow.facts.words import counted
from mailflow.messages import Message
from mailflow.messages.trace_lines import ReceivedLine, read_line
from mailflow.tools.listing import table

__all__ = ["COLUMNS", "ReceivedError", "ReceivedHop", "ReceivedLine", "ReceivedLines", "received"]

COLUMNS: Final = ("Hop", "Time (UTC)", "Delay", "From, as it said", "From, as it was seen", "By", "With", "Trust")
HOSTS: Final = [place for place, name in enumerate(COLUMNS) if name.startswith(("From", "By"))]
YOURS, LAST, CLAIMED = "your side", "your side, the last line", "claimed"
TRUST: Final = {
    YOURS: "written by a server of your side",
    LAST: "the oldest line of your side: the address that it saw is the last thing that nobody else could invent",
    CLAIMED: "came with the message: whoever sent it may have written anything here",
}

MOST = 1 << 20
"""Bytes of a message that are read: Received lines stand on top."""

_SHORT = re.compile(r"(?<![\w.+=-])([\w])[\w.+=-]*@([\w.-]+)")
_SECOND_LEVEL = ("ac", "co", "com", "edu", "gov", "net", "or", "org", "go", "ne")


class ReceivedError(Mistake, ValueError):
    """What was given is no message. Says what to give instead.

    Example:
        >>> from mailflow.tools.received import received
        >>> received("x.eml")
        Traceback (most recent call last):
            ...
        mailflow.tools.received.ReceivedError: x.eml: cannot be read (No such file or directory); give a file, a text with a header, or bytes
    """


@dataclass(frozen=True, slots=True)
class ReceivedHop:
    """One hop, by the line that the receiving server wrote.

    Attributes:
        number: 1 is the first hop, whose line stands lowest.
        line: the fields of the line.
        delay: seconds since the line before, by the two clocks; below 0 where they differ; None where a time is missing.
        trust: one of the words of `TRUST`.
        faults: what does not fit, in words.
    """

    number: int
    line: ReceivedLine
    delay: float | None
    trust: str
    faults: tuple[str, ...]

    def cells(self) -> tuple[str, ...]:
        """The hop as texts, in the order of `COLUMNS`."""
        line = self.line
        seen = " ".join(text for text in (line.known, f"[{line.ip}]" if line.ip else "") if text)
        return (
            str(self.number),
            f"{line.when:%Y-%m-%d %H:%M:%S}" if line.when else "?",
            "" if self.delay is None else told_delay(self.delay),
            line.said,
            seen,
            line.by,
            f"{line.protocol}{' over TLS' if line.tls else ''}".strip(),
            self.trust,
        )


@dataclass(frozen=True, slots=True)
class ReceivedLines:
    """The way of one message, the first hop first. ``print`` it, show it in a notebook, or take ``rows`` for data.

    Attributes:
        hops: one for each Received line.
        own: the domain or domains that count as your side.
    """

    hops: tuple[ReceivedHop, ...]
    own: tuple[str, ...]

    @property
    def total(self) -> float | None:
        """Seconds from the first dated line to the last one; None with fewer than two."""
        dated = [hop.line.when for hop in self.hops if hop.line.when]
        return (dated[-1] - dated[0]).total_seconds() if len(dated) > 1 else None

    @property
    def slowest(self) -> ReceivedHop | None:
        """The hop with the longest delay, None where no delay is known."""
        known = [hop for hop in self.hops if hop.delay is not None]
        return max(known, key=lambda hop: hop.delay or 0.0, default=None)

    @property
    def skew(self) -> float:
        """By so many seconds at least do two clocks on the way differ: the largest step back in time, 0 if there is none."""
        return max((-hop.delay for hop in self.hops if hop.delay is not None and hop.delay < 0), default=0.0)

    @property
    def rows(self) -> list[dict[str, str]]:
        """The hops as data: a dictionary for each, by column."""
        return [dict(zip(COLUMNS, hop.cells(), strict=True)) for hop in self.hops]

    @property
    def ladder(self) -> str:
        """The way as a ladder in text: a rung for each hop, from host to host."""
        lines = []
        for hop in self.hops:
            sender = hop.line.known or hop.line.said or hop.line.ip or "(here)"
            told = ", ".join(text for text in hop.cells()[2:3] + hop.cells()[6:7] if text)
            mark = "-->" if hop.trust != CLAIMED else "-?>"
            lines.append(
                f"{hop.cells()[1]}  {sender} {mark} {hop.line.by or '(not named)'}{f'  ({told})' if told else ''}"
            )
        return "\n".join(lines)

    @property
    def findings(self) -> list[str]:
        """What the lines say together, in sentences."""
        if not self.hops:
            return [
                "There is no Received line: no server has written on this message yet, or somebody took the lines away."
            ]
        found = [f"{counted(len(self.hops), 'hop')}"]
        if self.total is not None and self.total >= 0:
            found[0] += f", {told_delay(self.total)} from the first line to the last"
        found[0] += "."
        if (slow := self.slowest) and slow.delay and slow.delay > 0:
            found.append(f"The longest delay is {told_delay(slow.delay)}, before hop {slow.number} was written.")
        if self.skew:
            found.append(
                f"Clocks differ by at least {told_delay(self.skew)}: a later line has an earlier time. Delays across such a step say little."
            )
        claimed = sum(hop.trust == CLAIMED for hop in self.hops)
        sides = ", ".join(self.own) or "nobody"
        if claimed:
            found.append(
                f"{counted(claimed, 'line')} came with the message when it reached your side ({sides}): nobody vouches for what stands there."
            )
        return found + [f"Hop {hop.number}: {fault}" for hop in self.hops for fault in hop.faults]

    def __str__(self) -> str:
        rows = [COLUMNS, *(hop.cells() for hop in self.hops)]
        widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
        table = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
        return "\n".join([*(table if self.hops else []), *self.findings])

    def __repr__(self) -> str:
        return f"Received: {self.findings[0]}"

    def _repr_html_(self) -> str:
        shown = table(COLUMNS, [hop.cells() for hop in self.hops], HOSTS) if self.hops else ""
        said = "".join(f"<li>{escape(text)}</li>" for text in self.findings)
        return f"<div>{shown}<ul>{said}</ul></div>"


def received(
    source: str | bytes | os.PathLike[str] | StandardMessage | Message,
    *,
    own: str | tuple[str, ...] = (),
    full: bool = False,
) -> ReceivedLines:
    r"""Read the Received lines of any real message: its text, its bytes, or the path of an .eml file.

    Each server writes its line above those that are there. So the newest line is from the server that gave you the message, and what is
    below the last line of your own side was in the hands of strangers. A name that a host gave itself proves nothing; the address that a
    server of your side saw does. Nothing is sent or stored anywhere, and addresses of people are shortened (Source: T109).

    Example:
        >>> import mailflow
        >>> text = '''Received: from mx.fabrikam.com ([198.51.100.10]) by lon01.contoso.com with Microsoft SMTPSVC(6.0.3790.3959);
        ... \t Mon, 6 Oct 2003 09:00:07 +0000
        ... Received: from [192.0.2.7] by mx.fabrikam.com with SMTP; Mon, 6 Oct 2003 09:00:02 +0000
        ... Subject: Lunch?
        ... '''
        >>> print(mailflow.received(text).ladder)
        2003-10-06 09:00:02  192.0.2.7 -?> mx.fabrikam.com  (SMTP)
        2003-10-06 09:00:07  mx.fabrikam.com --> lon01.contoso.com  (5 s, Microsoft SMTPSVC)

    Args:
        own: your own domain, or several: lines of their servers are those of your side. By default that of the newest line whose server
            has a name; a line above it whose server gave its address only, as those of Gmail do, is of your side, too.
        full: whether addresses are shown as they are.

    Raises:
        ReceivedError: a file that cannot be read, or a text that is no message.
        ValueError: ``own`` is no domain.
    """
    if not isinstance(own, str):
        need_list("received(own)", own, "own=['contoso.com']")
        for domain in own:
            need("received(own)", domain, str, "domain", "write, for example, 'contoso.com'")
    lines = [read_line(value) for value in reversed(_values(source))]
    servers = [line.by for line in reversed(lines) if line.by]
    newest = next((name for name in servers if not _is_address(name)), servers[0] if servers else "")
    mine = (own,) if isinstance(own, str) else tuple(own)
    mine = mine or ((site(newest),) if newest else ())
    shown = lines if full else [_shortened(line) for line in lines]
    return ReceivedLines(tuple(_hops(shown, mine)), mine)


def _values(source: str | bytes | os.PathLike[str] | StandardMessage | Message) -> list[str]:
    if isinstance(source, StandardMessage):
        return [str(value) for value in source.get_all("Received", [])]
    content, place = _content(source)
    content = _ON_TOP.sub(b"", content[:MOST])
    if content.startswith(b">"):  # quoted in an answer, every line
        content = re.sub(rb"(?m)^> ?", b"", content)
    header = BytesHeaderParser(policy=compat32).parsebytes(content)
    if not header.keys():
        raise ReceivedError(f"{place}: there is no header; {REMEDY}")
    return [str(value) for value in header.get_all("Received", [])]


_ON_TOP = re.compile(rb"\A(?:\xef\xbb\xbf|\s+|>?From [^\n]*\n|Microsoft Mail Internet Headers Version [^\n]*\n)+")
"""What stands above the header: a byte order mark, blank lines, the line of a mailbox file, the line that Outlook puts there."""

REMEDY = "give a file, a text with a header, or bytes"


def _content(source: str | bytes | os.PathLike[str] | Message) -> tuple[bytes, str]:
    if isinstance(source, Message):
        return source.content, "message"
    if isinstance(source, bytes):
        return source, "message"
    if isinstance(source, str) and (not source.strip() or "\n" in source or re.match(r"[\w-]+:\s", source)):
        return source.encode("utf-8", "surrogateescape"), "message"
    if not isinstance(source, (str, os.PathLike)):
        raise ReceivedError(misfit("received", source, "message", REMEDY))
    try:
        return Path(source).read_bytes(), os.fspath(source)
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) else str(error)
        raise ReceivedError(f"{os.fspath(source)}: cannot be read ({why}); {REMEDY}") from error


def _hops(lines: list[ReceivedLine], own: tuple[str, ...]) -> list[ReceivedHop]:
    border = _border(lines, own)
    made: list[ReceivedHop] = []
    before: datetime | None = None
    for number, line in enumerate(lines):
        delay = (line.when - before).total_seconds() if line.when and before else None
        before = line.when or before
        trust = CLAIMED if number < border else LAST if number == border and border else YOURS
        older = lines[number - 1] if number else None
        made.append(ReceivedHop(number + 1, line, delay, trust, tuple(_faults(line, older, delay))))
    return made


def _border(lines: list[ReceivedLine], own: tuple[str, ...]) -> int:
    """The index of the oldest line of your side: from the newest one on, as far as servers of these domains wrote them. A server that gave
    no name stands between them or above them.
    """
    border = len(lines)
    for number in reversed(range(len(lines))):
        by = lines[number].by
        if belongs(by, own):
            border = number
        elif by and not _is_address(by):
            break
    return border


def _faults(line: ReceivedLine, older: ReceivedLine | None, delay: float | None) -> list[str]:
    found = []
    if line.when is None:
        found.append("no time can be read in it.")
    if delay is not None and delay < 0:
        found.append(f"it is {told_delay(-delay)} older than the line before it, by the clocks of two servers.")
    both = "." in line.said and "." in line.known and not _own(line.ip)
    if both and site(line.said) != site(line.known):
        found.append(f"the host called itself {line.said}, and its address belongs to {line.known}.")
    names = {name for name in (line.said, line.known, line.ip) if name and "@" not in name}
    if older and older.by and names and not _joins(older.by, names):
        told = line.said or line.known or line.ip
        found.append(
            f"it came from {told}, but the line before it was written by {older.by}: a second name, a hop that wrote nothing, or a line that was made up."
        )
    return found


def _own(ip: str) -> bool:
    return ip in ("::1", "") or ip.startswith("127.")


def _joins(by: str, names: set[str]) -> bool:
    """Whether the server that wrote a line may be the one that the next line names as the sender: a short name may be any host."""
    return any(site(by) == site(name) or name.startswith("127.") or "." not in name for name in names)


def belongs(host: str, domains: tuple[str, ...]) -> bool:
    """Whether a host is in one of these domains."""
    name = host.lower().rstrip(".")
    return any(name == domain.lower() or name.endswith(f".{domain.lower()}") for domain in domains)


def site(host: str) -> str:
    """The domain that somebody registered, by a rule of thumb: two labels, or three as in example.co.uk. An address stays as it is."""
    labels = host.lower().rstrip(".").split(".")
    if _is_address(host):
        return host.lower()
    country = len(labels) > 2 and len(labels[-1]) == 2 and labels[-2] in _SECOND_LEVEL
    return ".".join(labels[-3 if country else -2 :])


def _is_address(host: str) -> bool:
    return ":" in host or all(label.isdigit() for label in host.rstrip(".").split("."))


def shortened(text: str) -> str:
    """A text in which the names of people are cut to their first letter: kim@fabrikam.com is k…@fabrikam.com."""
    return _SHORT.sub(r"\1…@\2", text)


def _shortened(line: ReceivedLine) -> ReceivedLine:
    return replace(line, text=shortened(line.text), said=shortened(line.said), recipient=shortened(line.recipient))


def told_delay(seconds: float) -> str:
    """A time span in words: "5 s", "3 min 20 s", "2 h 5 min", "3 d 4 h"; a step back has a minus."""
    sign, left = ("-" if seconds < 0 else ""), abs(round(seconds))
    for unit, size, smaller, part in (("d", 86_400, "h", 3600), ("h", 3600, "min", 60), ("min", 60, "s", 1)):
        if left >= size:
            rest = left % size // part
            return f"{sign}{left // size} {unit}" + (f" {rest} {smaller}" if rest else "")
    return f"{sign}{left} s"
