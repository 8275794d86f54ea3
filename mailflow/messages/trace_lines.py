"""Received lines of real mail: what stands in one of them, whoever wrote it.

The standard gives them a shape (RFC 5321, 4.4), and hardly a program keeps to it. So nothing here refuses a line: what is not found stays empty.

Source: T109.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from ipaddress import ip_address
from typing import Final, Literal, NamedTuple

__all__ = ["ReceivedLine", "read_line"]

Part = Literal["word", "comment", "end"]

CLAUSES: Final = ("from", "by", "via", "with", "id", "for")
"""The words that begin a part of a line (RFC 5321, 4.4)."""

MOST = 20_000
"""Characters of a line that are read: the standard allows 998 in a line of the file, and a header field may have several."""

_ADDRESS = re.compile(r"\[?(?:IPv6:)?([0-9A-Fa-f:.]{3,45})\]?(?::\d+)?[.,]?", re.IGNORECASE)
_HELLO = re.compile(r"(?:HELO|EHLO|helo)[ =:]+\"?([^\s\")]+)", re.IGNORECASE)
_NAME = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9_.-]*[A-Za-z0-9_])?")
_DATE = re.compile(
    r"(?:(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun),? +)?\d{1,2} (?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)\w* \d{2,4} "
    r"\d{1,2}:\d\d(?::\d\d)?(?: *[+-]\d{4}| [A-Z]{2,4})?",
    re.IGNORECASE,
)
_TLS = re.compile(r"\b(?:TLS|SSL|TLSv\d|SSLv\d|STARTTLS)|cipher[= ]", re.IGNORECASE)
_NOBODY = ("unknown", "may", "verified", "unverified", "using", "authenticated", "localhost)")


class Token(NamedTuple):
    """A word, the inside of a comment, or the semicolon before the date; ``at`` is where it begins."""

    part: Part
    text: str
    at: int


@dataclass(frozen=True)
class ReceivedLine:
    """One Received line. A field that the line does not have is empty.

    Attributes:
        text: the line, on one line, without control characters.
        said: the name that the sending host gave itself: anybody can say anything.
        known: the name that the server found for its address.
        ip: the address that the server saw.
        by: the server that wrote the line.
        protocol: how the message came, in the words of the server: "ESMTP", "Microsoft SMTPSVC".
        id: the server's own name for the message.
        recipient: whom it was for, if the server told.
        when: when it came, in UTC, by the clock of the server; None where no date can be read.
        tls: whether the line says that the channel was encrypted.
    """

    text: str
    said: str = ""
    known: str = ""
    ip: str = ""
    by: str = ""
    protocol: str = ""
    id: str = ""
    recipient: str = ""
    when: datetime | None = None
    tls: bool = False


def read_line(value: str) -> ReceivedLine:
    """Read the value of one Received header field, folded or not."""
    seen = "".join(letter if letter.isprintable() else "?" for letter in " ".join(value.split())[:MOST])
    tokens = list(_tokens(seen))
    end = max((token.at for token in tokens if token.part == "end"), default=len(seen))
    when = _moment(seen[end + 1 :]) or _moment(seen)
    clauses = _clauses([token for token in tokens if token.at < end])
    said, known, ip = _sender(clauses.get("from", []))
    protocol = " ".join(token.text for token in clauses.get("with", []) if token.part == "word")
    return ReceivedLine(
        text=seen,
        said=said,
        known=known,
        ip=ip,
        by=_first(clauses.get("by", [])).strip("[]"),
        protocol=protocol,
        id=_first(clauses.get("id", [])).strip("<>"),
        recipient=_first(clauses.get("for", [])).strip("<>,"),
        when=when,
        tls=protocol.upper() in ("ESMTPS", "ESMTPSA") or _TLS.search(seen[:end]) is not None,
    )


def _tokens(text: str) -> Iterator[Token]:
    """Words, comments (with what they hold, also other comments) and semicolons outside of both."""
    at = 0
    while at < len(text):
        letter = text[at]
        if letter == "(":
            end = _closing(text, at)
            yield Token("comment", text[at + 1 : end], at)
            at = end + 1
        elif letter == ";":
            yield Token("end", ";", at)
            at += 1
        elif letter == " ":
            at += 1
        else:
            end = at + 1
            while end < len(text) and text[end] not in " (;":
                end += 1
            yield Token("word", text[at:end], at)
            at = end


def _closing(text: str, at: int) -> int:
    """Where the comment that opens here ends; at the end of the text if nobody closed it."""
    depth = 0
    for number in range(at, len(text)):
        depth += (text[number] == "(") - (text[number] == ")")
        if not depth:
            return number
    return len(text)


def _clauses(tokens: list[Token]) -> dict[str, list[Token]]:
    """The tokens of each part by the word that begins it; the first of two parts with one word counts."""
    found: dict[str, list[Token]] = {}
    now: list[Token] = []
    for token in tokens:
        word = token.text.lower()
        if token.part == "word" and word in CLAUSES and word not in found and (word != "from" or not found):
            now = found[word] = []
        else:
            now.append(token)
    return found


def _first(tokens: list[Token]) -> str:
    return next((token.text for token in tokens if token.part == "word"), "")


def _sender(tokens: list[Token]) -> tuple[str, str, str]:
    """What the part after *from* says of the sending host: the name it gave, the name found for it, and its address."""
    words = [token.text for token in tokens if token.part == "word"]
    comments = [token.text for token in tokens if token.part == "comment"]
    named = [word.strip("<>") for word in words if not _ip(word)]
    said = " ".join(named) if _is_phrase(named) else next(iter(named), "")
    ip = next((found for comment in comments for word in comment.split() if (found := _ip(word))), "")
    ip = ip or next((found for word in words if (found := _ip(word))), "")
    known = next((found for comment in comments if (found := _host(comment))), "")
    hello = next((match.group(1) for comment in comments if (match := _HELLO.search(comment))), "")
    if known and not any("[" in comment for comment in comments) and words[1:] and words[-1].startswith("["):
        # Exim until 3: the name it found, (the HELO), and the address outside of the comment.
        return known, said, ip
    if hello:
        # With a HELO of its own in the comment, the word in front is what the server found.
        return hello, "" if said.lower() == "unknown" else said, ip
    return said, known, ip


def _is_phrase(words: list[str]) -> bool:
    """Whether the sender is several words, such as "mail pickup service" (T109)."""
    return len(words) > 1 and not any("." in word or "@" in word for word in words)


def _host(comment: str) -> str:
    """The host that a comment names: its only word, or the one before an address, without the user that some put in front of it."""
    words = comment.split()
    if len(words) > 1 and not any(map(_ip, words)):
        return ""
    word = next(iter(words), "").rpartition("@")[2]
    known = word.removesuffix(".")
    if _ip(word) or known.lower() in _NOBODY or not _NAME.fullmatch(known) or _HELLO.match(comment):
        return ""
    return known


def _ip(word: str) -> str:
    found = _ADDRESS.fullmatch(word)
    try:
        return str(ip_address(found.group(1))) if found else ""
    except ValueError:
        return ""


def _moment(text: str) -> datetime | None:
    found = _DATE.search(text)
    if found is None:
        return None
    try:
        when = parsedate_to_datetime(found.group(0))
    except (ValueError, IndexError, TypeError, OverflowError):
        return None
    try:
        return when.replace(tzinfo=UTC) if when.tzinfo is None else when.astimezone(UTC)
    except OverflowError:
        return None
