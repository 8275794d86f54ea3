"""One message: real bytes (P2) and an envelope of its own (P1).

Source: T161.
"""

from __future__ import annotations

import base64
import email.policy
import hashlib
import os
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from email.headerregistry import HeaderRegistry
from email.message import EmailMessage
from email.message import Message as StandardMessage
from email.parser import BytesFeedParser, BytesParser
from email.utils import format_datetime, parsedate_to_datetime
from functools import cached_property
from pathlib import Path
from typing import Literal, NamedTuple, TypeVar

from mailflow.facts.kinds import misfit, need_one_of
from mailflow.facts.mistake import Mistake
from mailflow.facts.words import a, counted
from mailflow.messages.address import addresses_in
from mailflow.names import EmailAddress

WRITTEN = datetime(2003, 10, 6, 9, 0, tzinfo=UTC)
"""The date of messages written by `Message.write`, so that equal calls give equal bytes."""

DEEPEST = 100
"""So many levels of parts are read; what lies deeper stays as it is, as one part. Postfix stops there, too."""

LARGEST = 1_000_000_000
"""So many bytes an attachment may have that is filled to a size."""

PRIORITIES = ("high", "normal", "low")

LARGE = 10_000
"""Bytes from which on an attachment is put into a message as a whole."""

PIECE = 8192
"""Bytes that a parser is given at a time."""

MOST_PARTS = 1_000
"""So many parts of a message are looked at."""

MOST_FIELDS = 1_000
"""So many header fields of a part are looked at."""

LONGEST_HEADER = 256 * 1024
"""So many bytes of the header of a message are looked at."""

Format = Literal["plain", "html", "mime", "tnef"]

_SIGNATURES = ("application/pkcs7-signature", "application/x-pkcs7-signature", "application/pgp-signature")
_HEADERS = HeaderRegistry()
_SUBJECT_FIELD = re.compile(rb"(?im)^subject:[^\r\n]*\r\n(?:[ \t][^\r\n]*\r\n)*")
_ID_FIELD = re.compile(rb"(?im)^message-id[ \t]*:([^\r\n]*(?:\r?\n[ \t][^\r\n]*)*)")
_LONE = re.compile(r"[\ud800-\udbff\udc00-\udc7f\udd00-\udfff]")

T = TypeVar("T")
M = TypeVar("M", bound=StandardMessage)


class MessageError(Mistake, ValueError):
    """A message that cannot be read or sent at all. Says what is missing and what to do.

    Example:
        >>> import mailflow
        >>> mailflow.Message.write("anna", "ben@contoso.com")
        Traceback (most recent call last):
            ...
        mailflow.messages.message.MessageError: 'anna' is no address; write name@domain, for instance 'anna@contoso.com'
    """


class _Inside(NamedTuple):
    """What is known about the parts of a message."""

    format: Format
    attachments: int
    defects: tuple[str, ...]
    too_deep: bool
    too_many: bool
    overhead: int
    outline: str


class Message:
    """A message with its envelope. Build it with `read` or `write`; it never changes afterwards. Two with the same bytes
    and the same envelope are equal.

    A damaged message is taken as a mail server would take it: what is wrong stands in ``defects``, nothing is lost and
    nothing is raised.

    Example:
        >>> import mailflow
        >>> message = mailflow.Message.write("anna@contoso.com", ["ben@contoso.com"], bcc=["carla@contoso.com"], subject="Lunch?")
        >>> message.subject, message.recipients
        ('Lunch?', ('ben@contoso.com', 'carla@contoso.com'))
        >>> b"carla" in message.content
        False

    Attributes:
        content: the bytes as they travel; with CRLF line ends and without a Bcc field, unless it `arrived` otherwise.
        size: how many bytes these are.
        sender: the envelope sender; "" is the empty sender of a notification.
        recipients: the envelope recipients in order, Bcc included.

    Raises:
        MessageError: the content is something else than bytes.
    """

    def __init__(self, content: bytes, sender: str, recipients: Sequence[str]) -> None:
        if not isinstance(content, bytes):
            raise MessageError(
                misfit(
                    "Message", content, "message as it travels", "use Message.write(sender, to) or Message.read(file)"
                )
            )
        self.content = content
        self.size = len(content)
        self.sender = EmailAddress(sender)
        self.recipients = tuple(map(EmailAddress, recipients))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Message) and self._key == other._key

    def __hash__(self) -> int:
        return hash(self._key)

    @property
    def _key(self) -> tuple[bytes, str, tuple[str, ...]]:
        return self.content, self.sender, self.recipients

    def __repr__(self) -> str:
        count = counted(len(self.recipients), "recipient")
        return f"Message from {self.sender or '<>'} to {count}, {self.size} bytes: {self.subject!r}"

    # -- making
    # ---------------------------------------------------------------------------------------------------------

    @classmethod
    def read(
        cls,
        source: StandardMessage | bytes | str | os.PathLike[str],
        *,
        sender: str | None = None,
        to: Iterable[str] | None = None,
    ) -> Message:
        """Read a message from an ``EmailMessage``, from bytes, or from the path of an ``.eml`` file.

        The envelope comes from the header fields unless you give one.

        Raises:
            MessageError: the file cannot be read, or there is no recipient to send to.
        """
        data = _bytes_of(source)
        named = None if to is None else [to] if isinstance(to, str) else _listed("to", to)
        if named is None or sender is None:
            parsed = _parse(data.partition(b"\r\n\r\n")[0] + b"\r\n\r\n")
            named = (
                addresses_in(*(value for name in ("to", "cc", "bcc") for value in _all(parsed, name)))
                if named is None
                else named
            )
            sender = (
                next(iter(addresses_in(*_all(parsed, "sender"), *_all(parsed, "from"))), "")
                if sender is None
                else sender
            )
        if not named:
            raise MessageError("the message has no recipients; give them: to=['ben@contoso.com']")
        if "" in named:
            raise MessageError("a recipient is empty; write name@domain")
        for address in (sender, *named):
            if not isinstance(address, str):
                raise MessageError(misfit("read", address, "address", "write name@domain in quotes"))
            if re.search(r"[\x00-\x20\x7f<>]", address):
                raise MessageError(f"{address!r} cannot be an envelope address; write name@domain")
        return cls.arrived(_without_bcc(data), sender, named)

    @classmethod
    def arrived(cls, content: bytes, sender: str, recipients: Iterable[str]) -> Message:
        """A message as it came over the wire: not a byte of it is changed, and nobody is named twice."""
        unique: dict[str, str] = {}
        for address in recipients:
            unique.setdefault(address.lower(), address)
        return cls(content, sender, list(unique.values()))

    @classmethod
    def write(
        cls,
        sender: str,
        to: str | Iterable[str],
        subject: str = "Hello",
        text: str = "Hello from the course.",
        *,
        html: str = "",
        cc: Iterable[str] = (),
        bcc: Iterable[str] = (),
        attachments: Mapping[str, bytes | int] | None = None,
        priority: Literal["high", "normal", "low"] = "normal",
        deliver_after: datetime | None = None,
        receipt: bool = False,
    ) -> Message:
        """Write a message. Equal arguments give equal bytes.

        It has no Message-ID: Outlook leaves that to the information store, and who sends it by SMTP from outside to the host that
        sends (Source: T110, K22).

        ``attachments`` maps a file name to its content, or to a size in bytes to be filled. ``deliver_after`` is
        Outlook's "do not deliver before". With ``receipt`` the sender asks for a read receipt.

        Raises:
            MessageError: no recipient, or an address that cannot be used.
        """
        _need_wording(subject=subject, text=text, html=html)
        _need_choices(priority, deliver_after, attachments or {})
        made = EmailMessage(policy=email.policy.SMTP)
        names = _listed("to", [to] if isinstance(to, str) else to)
        cc, bcc = _listed("cc", cc), _listed("bcc", bcc)
        _need_domains(sender, *names, *cc, *bcc)
        digest = hashlib.sha256(repr((sender, names, subject, text, cc, bcc)).encode()).hexdigest()
        fields = {
            "From": sender,
            "To": ", ".join(names),
            "Cc": ", ".join(cc),
            "Subject": " ".join(subject.split()),
            "Date": WRITTEN,
            "Importance": "" if priority == "normal" else priority,
            "Deferred-Delivery": format_datetime(deliver_after) if deliver_after else "",
            "Disposition-Notification-To": sender if receipt else "",
        }
        _write_header(made, fields)
        large = _write_body(made, text, html, attachments or {}, digest)
        for number, part in enumerate(part for part in made.walk() if part.is_multipart()):
            part.set_boundary(f"----_=_NextPart_{number:03d}_{digest[:16].upper()}")
        return cls.read(_with_large(_bytes_of(made), large), sender=sender, to=[*names, *cc, *bcc])

    # -- what it is
    # -----------------------------------------------------------------------------------------------------

    @cached_property
    def _head(self) -> StandardMessage:
        """The header fields. The parts below them are read when they are asked for and not kept: a message of tiny parts takes
        many times its size as objects.
        """
        return _parse(_header(self.content))

    @cached_property
    def _inside(self) -> _Inside:
        made = _Parts()
        parsed = _parse(self.content, made)
        parts = list(parsed.walk())
        return _Inside(_format(parts), _attachments(parsed), tuple(_defect(item) for part in parts for item in part.defects),
                       any(isinstance(part, _Part) and part.sealed for part in parts), made.surplus,
                       sum(map(_overhead, parts)), "\n".join(_outline(parsed)))  # fmt: skip

    @property
    def email(self) -> EmailMessage:
        """A fresh ``EmailMessage`` of the content, yours to change. A body whose parts cannot be told apart is one text."""
        policy = email.policy.SMTP
        return _tolerant(
            lambda: _fed(BytesFeedParser(_EmailPart, policy=policy), self.content),
            lambda: BytesParser(_EmailPart, policy=policy).parsebytes(self.content, headersonly=True),
        )

    @cached_property
    def size_kb(self) -> str:
        """The size in KB for people, with one decimal."""
        return f"{self.size / 1024:.1f}"

    @cached_property
    def uncoded_size(self) -> int:
        """The size in bytes with every base64 part as the bytes that it stands for, as a mailbox store keeps them.

        Source: T101, K117.
        """
        if b"base64" not in self.content.lower():
            return self.size
        return self.size - self._inside.overhead

    @cached_property
    def subject(self) -> str:
        """The subject, decoded."""
        return _decoded(next((value for name, value in self._head.raw_items() if name.lower() == "subject"), ""))

    @cached_property
    def header_from(self) -> str:
        """The address in the From field (P2), which need not be the envelope sender."""
        return next(iter(addresses_in(*_all(self._head, "from"))), "")

    @cached_property
    def message_id(self) -> str:
        """The Message-ID, or one derived from the content where it is missing."""
        return self.own_id or f"<{hashlib.sha256(self.content).hexdigest()[:32]}@message.invalid>"

    @cached_property
    def _digests(self) -> dict[str, str]:
        return {}

    def digest_with(self, name: str) -> str:
        """SHA-256 of the content and a name, in hexadecimal digits. It is kept: many megabytes may be sent many times."""
        if name not in self._digests:
            self._digests[name] = hashlib.sha256(self.content + name.encode()).hexdigest()
        return self._digests[name]

    @cached_property
    def own_id(self) -> str:
        """The Message-ID that stands in the header; "" where it is missing. Found without parsing the message."""
        header = _header(self.content)
        # To look for the word first is ten times as fast as to let the pattern try every line without regard to case.
        place = header.lower().find(b"message-id")
        found = _ID_FIELD.search(header, place) if place >= 0 else None
        named = re.search(rb"<[^<>\s\x80-\xff]{1,250}>", found.group(1)) if found else None
        return named.group(0).decode("ascii") if named else ""

    @cached_property
    def arrived_before(self) -> bool:
        """Whether the header says already when it came to its first server of Exchange (Source: T109)."""
        return b"\nx-originalarrivaltime:" in b"\n" + _header(self.content).lower()

    @cached_property
    def subject_field(self) -> bytes:
        """The first Subject field as it stands in the header, folded lines and all; empty where it is missing."""
        header = self.content.partition(b"\r\n\r\n")[0] + b"\r\n"
        place = header.lower().find(b"subject:")  # as fast as in `own_id`
        found = _SUBJECT_FIELD.search(header, place) if place >= 0 else None
        return found[0] if found else b""

    @cached_property
    def priority(self) -> Literal["high", "normal", "low"]:
        """Importance, Priority or X-Priority, as one of high, normal and low."""
        words = " ".join(_text(self._head.get(name, "")).lower() for name in ("importance", "priority", "x-priority"))
        if re.search(r"\b(high|urgent|[12])\b", words) and "non-urgent" not in words:
            return "high"
        return "low" if re.search(r"\b(low|non-urgent|[45])\b", words) else "normal"

    @cached_property
    def received(self) -> int:
        """How many Received lines it carries: its hops so far (Source: T107)."""
        return len(_all(self._head, "received"))

    @cached_property
    def deferred_until(self) -> datetime | None:
        """Not to be delivered before this time (Source: T38)."""
        value = _text(self._head.get("deferred-delivery", ""))
        try:
            found = parsedate_to_datetime(value) if value else None
        except (ValueError, TypeError, IndexError):
            return None
        return found.replace(tzinfo=UTC) if found and found.tzinfo is None else found

    @cached_property
    def receipt_requested(self) -> bool:
        """Whether the sender asks for a receipt."""
        return any(name in self._head for name in ("disposition-notification-to", "return-receipt-to"))

    @cached_property
    def format(self) -> Format:
        """What the body is: TNEF, several MIME parts, HTML, or plain text."""
        return self._inside.format

    @cached_property
    def attachments(self) -> int:
        """How many parts a mail program would show as attachments: those that say so or have a file name, messages inside
        the message, and what is neither text nor a picture that the text shows. What lies in an attached message is its own.
        """
        return self._inside.attachments

    @property
    def file_names(self) -> tuple[str, ...]:
        """The names that parts of the message give to files, in order."""
        return tuple(_decoded(name) for part in _parse(self.content).walk() if (name := _filename(part)))

    def outline(self) -> str:
        """The MIME structure as an indented text, one line a part with its type and size in bytes."""
        return self._inside.outline

    @cached_property
    def defects(self) -> tuple[str, ...]:
        """What is wrong with the bytes, in words; empty for a sound message."""
        head = self.content.partition(b"\r\n\r\n")[0]
        checks = {
            "no From field": "from" not in self._head,
            "no Date field": "date" not in self._head,
            "8-bit bytes in the header": any(byte > 127 for byte in head),
            "NUL bytes": b"\0" in self.content,
            f"parts more than {DEEPEST} levels deep": self._inside.too_deep,
            f"more than {MOST_PARTS} parts": self._inside.too_many,
            "a line of more than 998 bytes": any(len(line) > 998 for line in self.content.split(b"\r\n")),
        }
        return tuple(dict.fromkeys([*self._inside.defects, *(name for name, wrong in checks.items() if wrong)]))


def _outline(part: StandardMessage, depth: int = 0) -> Iterator[str]:
    """A line for a part, and one for each part below it."""
    name = _filename(part)
    label = f" {_decoded(name)}" if name else ""
    payload = part.get_payload()
    kind = " ".join(_shown(part.get_content_type()).split())
    if not isinstance(payload, list):
        yield f"{'  ' * depth}{kind}{label}, {len(str(payload))} bytes"
        return
    yield f"{'  ' * depth}{kind}{label}"
    for child in payload:
        if isinstance(child, StandardMessage):  # pragma: no branch: parsing makes nothing else
            yield from _outline(child, depth + 1)


def _overhead(part: StandardMessage) -> int:
    """How many bytes base64 adds to a part."""
    payload = part.get_payload()
    if not isinstance(payload, str) or _text(part.get("content-transfer-encoding", "")).strip().lower() != "base64":
        return 0
    coded = payload.encode("utf-8", "surrogateescape")
    raw = part.get_payload(decode=True)
    return max(0, len(coded) - len(raw if isinstance(raw, bytes) else coded))


def _need_domains(sender: str, *recipients: str) -> None:
    """A bare name such as "anna" is nobody's address. Only the sender may be empty, as in a notification."""
    for address in (*([] if sender == "" else [sender]), *recipients):
        if not isinstance(address, str):
            raise MessageError(misfit("write", address, "address", "write name@domain in quotes"))
        if address.upper().startswith("X400:"):
            raise MessageError(
                f"write: {address!r} cannot stand in the header of a message; name somebody with name@domain, and give it to send(..., to=...)"
            )
        local, _, domain = address.rpartition("@")
        if '"' not in address and re.search(r"@.*[;,]|[;,].*@", address):
            raise MessageError(
                f"{address!r} is more than one address; give a list, for instance ['anna@contoso.com', ...]"
            )
        if not local or not domain:
            named = f"{address!r} is no address" if address else "a recipient is empty"
            raise MessageError(f"{named}; write name@domain, for instance '{address.strip('@') or 'anna'}@contoso.com'")


def _listed(place: str, given: Iterable[str]) -> list[str]:
    """Recipients as a list; a single text belongs into one."""
    if isinstance(given, str):
        raise MessageError(f"write({place}): {given!r} is one text, and this takes a list; write [{given!r}]")
    if not isinstance(given, Iterable):
        raise MessageError(misfit(f"write({place})", given, "list of addresses", "write ['ben@contoso.com']"))
    return list(given)


def _need_wording(**given: object) -> None:
    for place, value in given.items():
        if not isinstance(value, str):
            raise MessageError(misfit(f"write({place})", value, "text", "write it in quotes"))


def _need_choices(priority: object, deliver_after: object, attachments: object) -> None:
    try:
        need_one_of("write(priority)", priority, PRIORITIES)
    except ValueError as error:
        raise MessageError(str(error)) from None
    if not isinstance(deliver_after, (datetime, type(None))):
        remedy = "write datetime(2003, 10, 7, 8, tzinfo=UTC)"
        raise MessageError(misfit("write(deliver_after)", deliver_after, "time of a day", remedy))
    if not isinstance(attachments, Mapping):
        remedy = "write {'plan.doc': 20_000} or {'plan.doc': b'...'}"
        raise MessageError(misfit("write(attachments)", attachments, "table of names and contents", remedy))
    for name, content in attachments.items():
        sized = isinstance(content, int) and not isinstance(content, bool) and 0 <= content <= LARGEST
        if not isinstance(name, str) or not (sized or isinstance(content, bytes)):
            raise MessageError(
                misfit(
                    f"write(attachments): {name!r}", content, "content", f"give bytes, or a size from 0 to {LARGEST:,}"
                )
            )


def _bytes_of(source: StandardMessage | bytes | str | os.PathLike[str]) -> bytes:
    if isinstance(source, StandardMessage):
        try:
            data = source.as_bytes()
        except (UnicodeError, KeyError, LookupError, TypeError, ValueError, AttributeError, RecursionError) as error:
            raise MessageError(
                f"the message cannot be turned into bytes: {error}; check its charset and its parts"
            ) from error
    elif isinstance(source, bytes):
        data = source
    elif isinstance(source, (str, os.PathLike)):
        data = _file(source)
    else:
        raise MessageError(
            f"{a(type(source).__name__)} is no message; give an EmailMessage, bytes, or the path of an .eml file"
        )
    return data.replace(b"\r\n", b"\n").replace(b"\r", b"\n").replace(b"\n", b"\r\n")


def _file(source: str | os.PathLike[str]) -> bytes:
    try:
        return Path(source).read_bytes()
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        shown = str(source) if len(str(source)) < 80 else f"{str(source)[:77]}..."
        raise MessageError(
            f"{shown!r}: {reason}; a text is read as the path of an .eml file, so pass content as bytes"
        ) from error


class _Sealing:
    """A part that knows its depth. Containers deeper than `DEEPEST` levels say that they are plain bytes, so that the parser
    looks no further.
    """

    depth = 0

    def attach(self, payload: object) -> None:
        """Take a part in."""
        if isinstance(payload, _Sealing):  # pragma: no branch: parsing makes nothing else
            payload.depth = self.depth + 1
        super().attach(payload)  # type: ignore[misc]  # the class that it is mixed into has it

    def get_content_type(self) -> str:
        """The type that the part says, unless it is a container that lies too deep."""
        return "application/octet-stream" if self.sealed else self._said()

    @property
    def sealed(self) -> bool:
        """Whether this is a container that lies too deep."""
        return self.depth >= DEEPEST and self._said().startswith(("multipart/", "message/"))

    def _said(self) -> str:
        return str(_tolerant(super().get_content_type, lambda: "text/plain"))  # type: ignore[misc]  # as above


class _Part(_Sealing, StandardMessage):
    """A part as it is read: the compat32 policy never raises on damaged fields, it keeps what it finds."""

    fields = 0
    surplus = False

    def attach(self, payload: object) -> None:
        """Take a part in, if there are not too many."""
        if isinstance(payload, _Part):  # pragma: no branch: parsing makes nothing else
            payload.depth = self.depth + 1
            if payload.surplus:
                return
        super().attach(payload)

    def set_raw(self, name: str, value: str) -> None:
        """Take a header field in, if there are not too many."""
        self.fields += 1
        if self.fields <= MOST_FIELDS and not self.surplus:
            super().set_raw(name, value)


class _Parts:
    """Makes the parts of one message, and lets the parser forget those beyond `MOST_PARTS`."""

    def __init__(self) -> None:
        self.made = 0

    def __call__(self, *, policy: email.policy.Policy[StandardMessage] = email.policy.compat32) -> _Part:
        self.made += 1
        part = _Part(policy)
        part.surplus = self.surplus
        return part

    @property
    def surplus(self) -> bool:
        """Whether there were too many."""
        return self.made > MOST_PARTS + 1  # the parser makes one part to see whether it can


class _EmailPart(_Sealing, EmailMessage):
    """A part as it is given away."""


def _parse(content: bytes, parts: _Parts | None = None) -> StandardMessage:
    return _fed(BytesFeedParser(parts or _Parts(), policy=email.policy.compat32), content)


def _fed(parser: BytesFeedParser[M], content: bytes) -> M:
    """What a parser reads from bytes. Given all at once, the standard library would first make a text of five times the size."""
    for start in range(0, len(content), PIECE):
        parser.feed(content[start : start + PIECE])
    return parser.close()


def _write_header(made: EmailMessage, fields: Mapping[str, object]) -> None:
    """Write the fields that have a value."""
    try:
        for name, value in fields.items():
            if value:
                made[name] = value
    except (ValueError, IndexError) as error:
        raise MessageError(f"a header field cannot be written: {error}") from error


def _write_body(
    made: EmailMessage, text: str, html: str, attachments: Mapping[str, bytes | int], digest: str
) -> dict[bytes, bytes]:
    """Write the body. Large attachments are given back by what stands in for them there: the standard library would write them
    line by line, which takes ten times as long.
    """
    large: dict[bytes, bytes] = {}
    made.set_content(text)
    if html:
        made.add_alternative(html, subtype="html")
    for number, (name, content) in enumerate(attachments.items()):
        data = bytes(content) if isinstance(content, int) else content
        if len(data) > LARGE:
            stand_in = hashlib.sha256(f"{digest} {number}".encode()).digest()
            large[stand_in], data = data, stand_in
        made.add_attachment(data, maintype="application", subtype="octet-stream", filename=name)
    return large


def _with_large(content: bytes, large: Mapping[bytes, bytes]) -> bytes:
    """A message with its large attachments in place of what stood in for them."""
    for stand_in, data in large.items():
        content = content.replace(_coded(stand_in), _coded(data), 1)
    return content


def _coded(data: bytes) -> bytes:
    """Bytes in base64, as they stand in a message."""
    return base64.encodebytes(data).replace(b"\n", b"\r\n")


def _header(content: bytes) -> bytes:
    """The header of a message, as far as it is looked at."""
    return (b"\r\n" + content[:LONGEST_HEADER]).partition(b"\r\n\r\n")[0][2:] + b"\r\n\r\n"


def _format(parts: list[StandardMessage]) -> Format:
    types = [part.get_content_type() for part in parts if not part.is_multipart()]
    if any(name in ("application/ms-tnef", "application/vnd.ms-tnef") for name in types):
        return "tnef"
    if len(types) > 1:
        return "mime"
    return "html" if types == ["text/html"] else "plain" if types == ["text/plain"] else "mime"


def _without_bcc(content: bytes) -> bytes:
    head, gap, body = content.partition(b"\r\n\r\n")
    return (
        re.sub(rb"(?im)^bcc:[^\r\n]*(\r\n[ \t][^\r\n]*)*(\r\n|\Z)", b"", head + b"\r\n").removesuffix(b"\r\n")
        + gap
        + body
    )


def _all(parsed: StandardMessage, name: str) -> list[str]:
    return [_text(value) for value in parsed.get_all(name, [])]


def _text(value: object) -> str:
    return str(value).encode("utf-8", "replace").decode("utf-8")


def set_field(made: EmailMessage, name: str, value: str, otherwise: str) -> None:
    """Set a header field to text from outside; to ``otherwise`` where the library cannot write it, or not as one field."""

    def written() -> str:
        probe = EmailMessage(policy=email.policy.SMTP)
        probe[name] = value
        again = _parse(probe.as_bytes())
        alone = again.keys() == [name] and not again.get_payload()
        return value if alone and (value.isascii() or name == "Subject") else otherwise

    made[name] = _tolerant(written, lambda: otherwise)


def _tolerant(read: Callable[[], T], otherwise: Callable[[], T]) -> T:
    """What the standard library reads from a field or a part; on a damaged one it can raise nearly anything."""
    try:
        return read()
    except Exception:
        return otherwise()


def _decoded(value: str) -> str:
    """A field as people read it: encoded words decoded, 8-bit bytes as UTF-8, on one line without control characters."""
    if "=?" in value:
        value = _tolerant(lambda: str(_HEADERS("subject", " ".join(value.splitlines()))), lambda: value)
    return " ".join(_shown(value).split())


def _shown(text: str) -> str:
    """Text without control characters; bytes that the parser kept aside are read as UTF-8."""
    whole = _LONE.sub("\ufffd", text).encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    return re.sub(r"[\x00-\x1f\x7f-\x9f]", " ", whole)


def _filename(part: StandardMessage) -> str:
    return _tolerant(lambda: part.get_filename() or "", str)


def _attachments(part: StandardMessage, inside: str = "") -> int:
    """The attachments in a part that lies inside a container of this type."""
    kind = part.get_content_type()
    shown = inside == "multipart/related" and "content-id" in part
    if part.get_content_disposition() == "attachment" or (_filename(part) and not shown):
        return int(kind not in _SIGNATURES)
    if kind == "message/rfc822":
        return int(bool(inside))
    payload = part.get_payload()
    if isinstance(payload, list) and kind.startswith("multipart/"):
        return sum(_attachments(child, kind) for child in payload if isinstance(child, StandardMessage))
    body = kind.startswith(("text/", "message/", "multipart/")) or kind in _SIGNATURES
    return int(not body and bool(inside) and inside != "multipart/related")


def _defect(defect: object) -> str:
    """The name of the parser's defect class, split into words."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", type(defect).__name__).removesuffix(" Defect").lower()
