"""How a message could have been written: the arguments of `Message.write` that make it again."""

from __future__ import annotations

from email.message import EmailMessage
from typing import Any

from mailflow.messages.address import addresses_in
from mailflow.messages.message import Message, MessageError

LARGEST = 65_536
"""Bytes of a message for which it is worth trying: writing a large one takes long."""

USUAL = {"subject": "Hello", "text": "Hello from the course."}


def written_as(message: Message) -> dict[str, Any] | None:
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


def _short(message: Message) -> dict[str, Any]:
    """As if everybody in the envelope stood in To, and the text were the usual one."""
    to = list(message.recipients)
    guess = {"sender": message.sender, "to": to[0] if len(to) == 1 else to, "subject": message.subject}
    return _telling(guess)


def _long(message: Message) -> dict[str, Any]:
    """As its header fields and its text say."""
    try:
        found = message.email
        to, cc = addresses_in(str(found.get("to", ""))), addresses_in(str(found.get("cc", "")))
        guess: dict[str, Any] = {"sender": message.sender, "to": to[0] if len(to) == 1 else to}
        guess |= {"subject": message.subject, **_texts(found), "cc": cc}
    except (ValueError, LookupError, AttributeError, TypeError):
        return {}
    guess["bcc"] = [address for address in message.recipients if address not in (*to, *cc)]
    guess["attachments"] = {
        part.get_filename() or "": _size_or_bytes(part.get_payload(decode=True)) for part in found.iter_attachments()
    }
    guess["priority"] = "" if message.priority == "normal" else message.priority
    guess["receipt"] = message.receipt_requested
    return _telling(guess)


def _texts(found: EmailMessage) -> dict[str, str]:
    texts: dict[str, str] = {}
    for name, kind in (("text", "plain"), ("html", "html")):
        part = found.get_body((kind,))
        content = part.get_content() if part is not None else ""
        texts[name] = content.replace("\r\n", "\n").removesuffix("\n")
    return texts


def _size_or_bytes(content: Any) -> bytes | int:
    data = bytes(content or b"")
    return data if any(data) else len(data)


def _telling(guess: dict[str, Any]) -> dict[str, Any]:
    """Without what is empty or as usual."""
    return {
        key: value
        for key, value in guess.items()
        if key in ("sender", "to") or (value and value != USUAL.get(key)) or (key in USUAL and not value)
    }
