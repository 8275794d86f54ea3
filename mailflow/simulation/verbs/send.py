"""Sending a message."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING, Self

from mailflow.messages import Message
from mailflow.messages.requests import Requests
from mailflow.organization.model import Mailbox, Organization
from mailflow.simulation.entry import Way, enter
from mailflow.simulation.errors import ScenarioError
from mailflow.simulation.verbs.base import Enclosed, Verb, listening_server, server_named, verb

if TYPE_CHECKING:
    from mailflow.simulation.world import World
    from mailflow.simulation.writing import Writer

WAYS = ("mapi", "smtp", "pickup")
_WAY = tuple(item.name for item in fields(Way))


@verb
@dataclass(frozen=True, repr=False, eq=False)
class Send(Verb, Way):
    """Somebody sends a message. ``by`` is one of `WAYS`, or "" for the one that suits the sender."""

    word = method = "send"
    message: Message

    def checked(self, organization: Organization) -> Self:
        entry = organization.by_address.get(self.message.sender.lower())
        by = self.by or ("mapi" if isinstance(entry, Mailbox) else "smtp")
        if by not in WAYS:
            raise ScenarioError(f'send(by={by!r}): a message enters by "mapi", "smtp" or "pickup"')
        if fault := self._requests().fault(self.message.recipients):
            raise ScenarioError(f"send: {fault}")
        if by != "smtp" and any(self._requests()):
            raise ScenarioError('send: ret, envid, notify and orcpt are parameters of an SMTP session; use by="smtp"')
        if self.helo and (self.account or any(self._requests())):
            raise ScenarioError("send: after HELO there is no logging on and no parameter; leave helo=True out")
        if by == "mapi":
            if not isinstance(entry, Mailbox):
                raise ScenarioError(self._no_mailbox(organization))
            if self.server:
                server_named(organization, self.server, "send(server)")
            for address in self.message.recipients:
                _need_domain(address, organization)
            if self.virtual_server:
                raise ScenarioError(
                    'send(virtual_server=...): Outlook reaches no virtual server; use by="smtp" or by="pickup"'
                )
            return replace(self, by=by, server=entry.server)
        if self.server or by == "pickup" or self.virtual_server:
            found = listening_server(organization, self.server, self.virtual_server, "send")
            return replace(self, by=by, server=found.name)
        return replace(self, by=by)

    def _no_mailbox(self, organization: Organization) -> str:
        some = [item.primary for item in organization.recipients if isinstance(item, Mailbox)][:4]
        remedy = f'use by="smtp" or one of {", ".join(some)}'
        return f'send(by="mapi"): {self.message.sender or "<>"} has no mailbox in {organization.name}; {remedy}'

    def perform(self, world: World) -> None:
        world.env.start(enter(world, self.message, self))

    def arguments(self, writer: Writer) -> list[str]:
        by_outlook = self.by == "mapi"
        told = ("client", "account", "tls") if by_outlook else _WAY
        given = [f"{name}={writer.value(getattr(self, name))}" for name in told if getattr(self, name)]
        return [writer.message(self.message), *given]

    def as_data(self) -> dict[str, object]:
        envelope = {"sender": self.message.sender, "to": list(self.message.recipients), "subject": self.message.subject}
        return {key: value for key, value in {**envelope, **self._way()}.items() if value}

    def _requests(self) -> Requests:
        return Requests(self.ret, self.envid, self.notify, self.orcpt)

    def _way(self) -> dict[str, object]:
        return {name: value for name in _WAY if (value := getattr(self, name))}

    @classmethod
    def from_data(cls, data: Mapping[str, object]) -> Self:
        raise ScenarioError("a trace describes a message and does not hold it; share the run, or send the message anew")

    def to_recipe(self, enclosed: Enclosed) -> dict[str, object]:
        return {**self._way(), "message": enclosed.place(self.message)}

    @classmethod
    def from_recipe(cls, data: Mapping[str, object], messages: Sequence[Message]) -> Self:
        place = data["message"]
        if not isinstance(place, int):
            raise TypeError("the message of 'send' must be a whole number, its place among the messages")
        for name in ("notify", "orcpt"):
            given = data.get(name, {})
            if not isinstance(given, Mapping) or not all(
                isinstance(item, str) for pair in given.items() for item in pair
            ):
                raise TypeError(f"{name} of 'send' must map addresses to texts")
        return super().from_data({**data, "message": messages[place]})


def _need_domain(address: str, organization: Organization) -> None:
    """See that a recipient in Outlook has a domain; an X.400 address has none."""
    if "@" in address or address.upper().startswith("X400:"):
        return
    found = organization.recipient.get(address.lower())
    hint = f"did you mean {found.primary!r}?" if found else f"write, for example, '{address}@{organization.domain}'"
    raise ScenarioError(f"send(to): {address!r} is no address; {hint}")
