"""Values as Python code, with the imports that the code needs."""

from __future__ import annotations

import base64
import zlib
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import MISSING, Field, fields, is_dataclass
from math import isfinite

from mailflow.messages import Message
from mailflow.messages.rewrite import written_as
from mailflow.organization import OrganizationError, dumps, loads
from mailflow.organization.model import Organization

PUBLIC = {"mailflow.organization": "mailflow.organization", "mailflow.transport": "mailflow.simulation"}
"""From which room a class is imported, by the room that it lies in."""

READABLE = 400
"""Letters of a content that stands in code as it is; a longer one is compressed if that makes it shorter."""


class Writer:
    """Writes the values of one script. A message that is sent more than once gets a name.

    Attributes:
        organization: what ``organization`` stands for in the code.
        imports: lines that must stand on top.
        named: the messages with a name: the code of each, in order.
    """

    def __init__(self, organization: Organization, messages: Iterable[Message] = ()) -> None:
        self.organization = organization
        self.imports = {"import mailflow"}
        often = [message for message, count in Counter(messages).items() if count > 1]
        self._names = {message: f"message_{number + 1}" for number, message in enumerate(often)}
        self.named = {name: self._made(message) for message, name in self._names.items()}

    @staticmethod
    def number(value: float) -> str:
        """A number as short as it can be without becoming another one."""
        return repr(int(value)) if value == int(value) and abs(value) < 1e15 else repr(value)

    def organization_made(self) -> str:
        """The organization: by name if it comes with the package, else as the text of its file, or object by object
        when it holds what no file can say.
        """
        if self.organization.ready_made:
            return f"mailflow.load({self.organization.ready_made!r})"
        text = dumps(self.organization)
        if _read_again(text) != self.organization:
            return self.value(self.organization)
        return f"mailflow.loads({text!r})" if "'''" in text else f"mailflow.loads(r'''\n{text}''')"

    def message(self, message: Message) -> str:
        """A message: its name, or code that makes it again, byte for byte."""
        return self._names.get(message) or self._made(message)

    def _made(self, message: Message) -> str:
        arguments = written_as(message)
        if arguments is None:
            recipients = ", ".join(map(repr, message.recipients))
            return f"mailflow.Message({self._bytes(message.content)}, {message.sender!r}, [{recipients}])"
        sender, to, *named = arguments.items()
        return (
            f"mailflow.Message.write({sender[1]!r}, {to[1]!r}{''.join(f', {key}={value!r}' for key, value in named)})"
        )

    def _bytes(self, content: bytes) -> str:
        plain = repr(content)
        if len(plain) <= READABLE:
            return plain
        small = base64.b85encode(zlib.compress(content, 9)).decode()
        if len(small) + 50 >= len(plain):
            return plain
        self.imports |= {"import base64", "import zlib"}
        return f"zlib.decompress(base64.b85decode({small!r}))"

    def value(self, value: object) -> str:
        """Any value. Of a dataclass, only what differs from the default is written."""
        if is_dataclass(value) and not isinstance(value, type):
            kind = type(value)
            home = next(
                (public for room, public in PUBLIC.items() if kind.__module__.startswith(room)), kind.__module__
            )
            self.imports.add(f"from {home} import {kind.__qualname__}")
            given = {item.name: getattr(value, item.name) for item in fields(value) if item.init}
            telling = [item for item in fields(value) if item.init and given[item.name] != _default(item)]
            return (
                f"{kind.__qualname__}({', '.join(f'{item.name}={self.value(given[item.name])}' for item in telling)})"
            )
        if isinstance(value, Message):
            return self.message(value)
        if isinstance(value, Mapping):
            return f"{{{', '.join(f'{self.value(key)}: {self.value(item)}' for key, item in value.items())}}}"
        if isinstance(value, (list, tuple)):
            inner = ", ".join(map(self.value, value))
            comma = "," if isinstance(value, tuple) and len(value) == 1 else ""
            return f"[{inner}]" if isinstance(value, list) else f"({inner}{comma})"
        return repr(value) if not isinstance(value, float) or isfinite(value) else f"float({str(value)!r})"


def _read_again(text: str) -> Organization | None:
    """The organization that a file of this text gives, if it gives one."""
    try:
        return loads(text)
    except OrganizationError:
        return None


def _default(item: Field[object]) -> object:
    return item.default_factory() if item.default_factory is not MISSING else item.default
