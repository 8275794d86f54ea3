"""What can be sent: messages in all the forms that a learner may have."""

from __future__ import annotations

import os
from collections.abc import Sequence
from email.message import Message as StandardMessage

from mailflow.messages import Message

Source = Message | StandardMessage | bytes | str | os.PathLike[str]


class Sources:
    """Reads what is to be sent. A standard message is read once, however often it is sent."""

    def __init__(self) -> None:
        self._read: dict[int, tuple[StandardMessage, Message]] = {}

    def message(self, source: Source, sender: str | None, to: str | Sequence[str] | None) -> Message:
        """The message, with another envelope if one is given.

        Raises:
            MessageError: it cannot be read, or has no recipients.
        """
        recipients = [to] if isinstance(to, str) else to
        if sender is None and recipients is None:
            return self._as_it_is(source)
        if not isinstance(source, Message):
            return Message.read(source, sender=sender, to=recipients)
        return Message.read(
            source.content,
            sender=source.sender if sender is None else sender,
            to=source.recipients if recipients is None else recipients,
        )

    def _as_it_is(self, source: Source) -> Message:
        if isinstance(source, Message):
            return source
        if not isinstance(source, StandardMessage):
            return Message.read(source)
        known = self._read.get(id(source))
        if known is None:
            known = self._read[id(source)] = (source, Message.read(source))
        return known[1]
