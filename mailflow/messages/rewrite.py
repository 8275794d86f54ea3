"""How a message could have been written: the arguments of `Message.write` that make it again."""

from __future__ import annotations

from email.message import EmailMessage
from typing import Final, Literal, TypedDict

from mailflow.messages.address import addresses_in
from mailflow.messages.message import Message, MessageError

LARGEST = 65_536
"""Bytes of a message for which it is worth trying: writing a large one takes long."""

USUAL = {"subject": "Hello", "text": "Hello from the course."}


class Written(TypedDict, total=False):
    """Arguments of `Message.write`."""

    sender: str
    to: str | list[str]
    subject: str
    text: str
    html: str
    cc: list[str]
    bcc: list[str]
    attachments: dict[str, bytes | int]
    priority: Literal["high", "normal", "low"]
    receipt: bool


_MAY_BE_LEFT_OUT: Final = ("subject", "text", "html", "cc", "bcc", "attachments", "priority", "receipt")


def written_as(message: Message) -> Written | None:
    """The arguments of `Message.write` that give exactly this message, envelope and bytes; None if there are none.

    "sender" and "to" come first; what is as usual is left out.
    """
    if message.size > LARGEST:
        return None
    for guess in (_short(message), _long(message)):
        try:
            if guess and Message.write(**guess) == message:
                return guess
        except (MessageError, ValueError, LookupError):
            continue
    return None


def _short(message: Message) -> Written:
    """As if everybody in the envelope stood in To, and the text were the usual one."""
    to: list[str] = list(message.recipients)
    guess: Written = {"sender": message.sender, "to": to[0] if len(to) == 1 else to, "subject": message.subject}
    return _telling(guess)


def _long(message: Message) -> Written:
    """As its header fields and its text say."""
    try:
        found = message.email
        to, cc = addresses_in(str(found.get("to", ""))), addresses_in(str(found.get("cc", "")))
        guess: Written = {"sender": message.sender, "to": to[0] if len(to) == 1 else to, "subject": message.subject}
        guess["text"], guess["html"], guess["cc"] = _text(found, "plain"), _text(found, "html"), cc
    except (ValueError, LookupError, AttributeError, TypeError):
        return {}
    guess["bcc"] = [address for address in message.recipients if address not in (*to, *cc)]
    guess["attachments"] = {
        part.get_filename() or "": _size_or_bytes(part.get_payload(decode=True)) for part in found.iter_attachments()
    }
    if message.priority != "normal":
        guess["priority"] = message.priority
    guess["receipt"] = message.receipt_requested
    return _telling(guess)


def _text(found: EmailMessage, kind: Literal["plain", "html"]) -> str:
    part = found.get_body((kind,))
    content: str = part.get_content() if part is not None else ""
    return content.replace("\r\n", "\n").removesuffix("\n")


def _size_or_bytes(content: object) -> bytes | int:
    data = content if isinstance(content, bytes) else b""
    return data if any(data) else len(data)


def _telling(guess: Written) -> Written:
    """Without what is empty or as usual."""
    told = guess.copy()
    for key in _MAY_BE_LEFT_OUT:
        value = guess.get(key)
        if key in guess and (value == USUAL[key] if key in USUAL else not value):
            del told[key]
    return told
