"""What every verb of a script has, and the list of all of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields
from functools import cache
from types import MappingProxyType
from typing import TYPE_CHECKING, ClassVar, Self, TypeVar, get_type_hints

from mailflow.facts.kinds import misfit
from mailflow.messages import Message
from mailflow.organization.model import Mailbox, Organization, Server
from mailflow.plain import Plain
from mailflow.simulation.directory import Directory
from mailflow.simulation.errors import ScenarioError, meant

if TYPE_CHECKING:
    from mailflow.simulation.world import World
    from mailflow.simulation.writing import Writer

_VERBS: dict[str, type[Verb]] = {}
Kind = TypeVar("Kind", bound="type[Verb]")


class Enclosed:
    """The messages of a shared text, each of them once."""

    def __init__(self) -> None:
        self.messages: list[Message] = []
        self._places: dict[int, int] = {}

    def place(self, message: Message) -> int:
        """Where a message lies, from 0; it is put there if it is new."""
        if id(message) not in self._places:
            self._places[id(message)] = len(self.messages)
            self.messages.append(message)
        return self._places[id(message)]


class Verb(Plain):
    """One thing that a script can make happen. A subclass is a frozen dataclass whose fields are its arguments.

    It says what it needs of an organization (`checked`), what it does to the running world (`perform`), how it reads as
    Python (`call`) and how it travels (`as_data`, `from_data`). Decorate it with `verb`; `Scenario.act` takes it then,
    and so does everything that reads or writes scripts.

    Attributes:
        word: its name in traces and shared texts, such as "set master".
        method: the method of `Scenario` that makes it; without one it is written as ``act(...)``.
    """

    word: ClassVar[str]
    method: ClassVar[str] = ""

    def checked(self, organization: Organization) -> Self:
        """The verb with everything filled in that may be left out.

        Raises:
            ScenarioError: the organization does not allow it.
        """
        return self

    def need_kinds(self) -> None:
        """See that a text is given where one belongs, and a truth value where one does.

        Raises:
            ScenarioError: it is not.
        """
        kind: type = type(self)
        for name, wanted in _simple(kind).items():
            value = getattr(self, name)
            if not isinstance(value, wanted):
                what, remedy = (
                    ("text", "write it in quotes") if wanted is str else ("truth value", "write True or False")
                )
                raise ScenarioError(misfit(f"{self.method or self.word}({name})", value, what, remedy))

    def plan(self, directory: Directory, at: float) -> None:
        """Put what it changes in the directory into the order of time; most verbs change nothing there.

        Raises:
            ScenarioError: the directory does not allow it at that time.
        """

    def perform(self, world: World) -> None:
        """Make it happen in the running world, at the time at which it is called."""
        raise NotImplementedError

    def call(self, writer: Writer, at: float) -> str:
        """The call that makes it, without the scenario in front."""
        moment = [f"at={writer.number(at)}"] if at else []
        if self.method:
            return f"{self.method}({', '.join([*self.arguments(writer), *moment])})"
        return f"act({', '.join([writer.value(self), *moment])})"

    def arguments(self, writer: Writer) -> list[str]:
        """The arguments of its method as Python, without the time."""
        return [writer.value(getattr(self, name)) for name in _names(type(self))]

    def as_data(self) -> dict[str, object]:
        """Its arguments as plain JSON data, as they stand in a trace."""
        return {name: getattr(self, name) for name in _names(type(self))}

    @classmethod
    def from_data(cls, data: Mapping[str, object]) -> Self:
        """The verb that `as_data` wrote, not yet checked.

        Raises:
            TypeError: an argument is missing, unknown, or of the wrong kind.
        """
        kind: type = cls
        for name, wanted in _simple(kind).items():
            if not isinstance(data.get(name, wanted()), wanted):
                raise TypeError(f"{name} of {cls.word!r} must be {'a text' if wanted is str else 'true or false'}")
        return cls(**data)

    def messages(self) -> list[Message]:
        """The messages that it holds."""
        return [value for name in _names(type(self)) if isinstance(value := getattr(self, name), Message)]

    def to_recipe(self, enclosed: Enclosed) -> dict[str, object]:
        """Its arguments in a shared text, in which messages lie beside the script."""
        return self.as_data()

    @classmethod
    def from_recipe(cls, data: Mapping[str, object], messages: Sequence[Message]) -> Self:
        """The verb that `to_recipe` wrote, not yet checked."""
        return cls.from_data(data)


def verb(kind: Kind) -> Kind:
    """Register a class as a verb, by its ``word``.

    Raises:
        ValueError: another class has this word.
    """
    if kind.word in _VERBS:
        raise ValueError(f"{kind.word!r} is {_VERBS[kind.word].__qualname__} already; a verb needs a word of its own")
    _VERBS[kind.word] = kind
    return kind


def verbs() -> Mapping[str, type[Verb]]:
    """All verbs by their word."""
    return MappingProxyType(_VERBS)


def _names(kind: type[Verb]) -> list[str]:
    return [item.name for item in fields(kind)]  # type: ignore[arg-type]  # subclasses are dataclasses


@cache
def _simple(kind: type) -> dict[str, type]:
    return {name: wanted for name, wanted in get_type_hints(kind).items() if wanted in (str, bool)}


def server_or_only(organization: Organization, name: str, place: str) -> Server:
    """A server by its name; without a name the only one. ``place`` is where the name was asked for."""
    servers = organization.server
    if not name and len(servers) == 1:
        return next(iter(servers.values()))
    if not name:
        raise ScenarioError(f"{place}: say on which server, for instance server={next(iter(servers))!r}")
    return server_named(organization, name, place)


def listening_server(organization: Organization, server: str, virtual_server: str, place: str) -> Server:
    """A server by its name, as in `server_or_only`, that has this SMTP virtual server; "" stands for its default one."""
    found = server_or_only(organization, server, place)
    known = [item.name for item in found.virtual_servers]
    if virtual_server and virtual_server not in known:
        raise ScenarioError(
            f"{place}: {found.name} has no virtual server {virtual_server!r}{meant(virtual_server, known)}"
        )
    return found


def server_named(organization: Organization, name: str, place: str) -> Server:
    """A server by its name. ``place`` is where the name was asked for."""
    servers = organization.server
    if name not in servers:
        raise ScenarioError(f"{place}: no server {name!r}{meant(name, servers)}")
    return servers[name]


def mailbox_named(organization: Organization, name: str, place: str) -> Mailbox:
    """A mailbox by its name or one of its addresses. ``place`` is where the name was asked for."""
    entry = organization.recipient.get(name) or organization.by_address.get(name.lower())
    if isinstance(entry, Mailbox):
        return entry
    known = [item.name for item in organization.recipients if isinstance(item, Mailbox)]
    raise ScenarioError(f"{place}: nobody has a mailbox {name!r}{meant(name, known)}")
