"""Which steps of a trace concern one message, one recipient's copy of it, or one server."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from typing import NamedTuple

from mailflow.facts.mistake import InputError
from mailflow.names import MailId, MessageId, message_of
from mailflow.trace.effects import Added, Created, Ended, NetworkState, Split
from mailflow.trace.state import RecipientState, State
from mailflow.trace.trace import Event, Trace

__all__ = ["Cargo", "Copy", "Followed", "Manifest", "follow"]


class Copy(NamedTuple):
    """One recipient of one message, by its place among the recipients of that message."""

    message: MessageId
    recipient: int


class Cargo(NamedTuple):
    """Whom a step is about: the recipients of a message, by number, that its MailMsg carries or that it changes."""

    message: MessageId
    recipients: frozenset[int]


NOTHING = Cargo(MessageId(""), frozenset())


class Manifest:
    """What each MailMsg of a trace carries at each step, worked out in one walk through it."""

    def __init__(self, trace: Trace) -> None:
        self.trace = trace

    @cached_property
    def cargo(self) -> list[Cargo]:
        """For each step the recipients that its MailMsg carries: before the step, or after it where the step makes it."""
        found: list[Cargo] = []
        walk, before = self.trace.states(), State()
        for _, _, _, _, mail, *_ in self.trace.records:
            carried = _aboard(before, mail)
            before = next(walk)
            found.append(carried if carried.recipients else _aboard(before, mail))
        return found

    @cached_property
    def recipients(self) -> dict[str, list[RecipientState]]:
        """Every recipient of every message, with the one that it comes from and its end."""
        return self.trace.at().messages

    def touched(self, number: int) -> Cargo:
        """Whom a step is about: those whom it changes, or where it changes nobody all whom its MailMsg carries."""
        cargo = self.cargo[number]
        changed = frozenset(_changed(self.trace, number))
        return Cargo(cargo.message, changed) if changed else cargo

    def line(self, copy: Copy) -> frozenset[int]:
        """A recipient with the groups and forwarding mailboxes that it comes from, by number."""
        known, found = self.recipients[copy.message], [copy.recipient]
        while (parent := known[found[-1]].parent) is not None:
            found.append(parent)
        return frozenset(found)


def _aboard(state: State, mail: MailId) -> Cargo:
    item = state.mails.get(mail)
    return Cargo(message_of(mail), frozenset(item.recipients)) if item else NOTHING


def _changed(trace: Trace, number: int) -> Iterator[int]:
    for effect in trace.records[number][6]:
        match effect:
            case Created():
                yield from range(len(effect.addresses))
            case Added():
                yield from (effect.recipient, *([] if effect.parent is None else [effect.parent]))
            case Split():
                yield from effect.recipients
            case Ended():
                yield effect.recipient


class Followed(NamedTuple):
    """Somebody or something that can be followed, and the steps that concern it. ``kind`` is what ``name`` names."""

    kind: str
    name: str
    steps: tuple[int, ...]

    @property
    def ranges(self) -> str:
        """The steps as a short text: ``0-5,7,9-12``."""
        runs: list[list[int]] = []
        for step in self.steps:
            if runs and step == runs[-1][1] + 1:
                runs[-1][1] = step
            else:
                runs.append([step, step])
        return ",".join(str(first) if first == last else f"{first}-{last}" for first, last in runs)


def follow(trace: Trace, *, message: str = "", recipient: str = "", server: str = "") -> list[int]:
    """The steps that concern one message, one recipient's copy of it, or one server.

    Example:
        >>> import mailflow
        >>> from mailflow.trace.follow import follow
        >>> message = mailflow.Message.write("anna@contoso.com", ["ben@contoso.com", "nix@contoso.com"])
        >>> trace = mailflow.Scenario(mailflow.load("one server")).send(message).run()
        >>> trace[follow(trace, recipient="nix@contoso.com")[-1]].step.title
        'Non-delivery decided'

    Args:
        message: the name of a message ("m1"). With ``recipient``, the message whose recipient is meant; the first one.
        recipient: an address. The steps of a group or a forwarding mailbox that it comes from are its own, too.
        server: a server of the organization or a host outside: where it acts, is spoken to, or is changed.

    Raises:
        ValueError: nothing of that name, or none or several named.
    """
    if bool(server) == bool(message or recipient):
        raise InputError("follow: name a message, a recipient (with or without its message), or a server")
    if server:
        return _of_server(trace, server)
    manifest = Manifest(trace)
    message = message or _message_to(manifest, recipient)
    if message not in manifest.recipients:
        raise InputError(f"message={message!r}: no such message; there is {', '.join(manifest.recipients)}")
    if not recipient:
        return [number for number, (_, _, _, _, mail, *_) in enumerate(trace.records) if message_of(mail) == message]
    known = manifest.recipients[message]
    numbers = [index for index, item in enumerate(known) if item.address == recipient]
    if not numbers:
        raise InputError(f"recipient={recipient!r}: not among {', '.join(item.address for item in known)}")
    lines = [manifest.line(Copy(MessageId(message), index)) for index in numbers]
    return steps_of(manifest, MessageId(message), frozenset().union(*lines))


def steps_of(manifest: Manifest, message: MessageId, recipients: frozenset[int]) -> list[int]:
    """The steps about any of these recipients of a message."""
    touched = map(manifest.touched, range(len(manifest.trace)))
    return [number for number, (name, whom) in enumerate(touched) if name == message and whom & recipients]


def _message_to(manifest: Manifest, recipient: str) -> str:
    for name, known in manifest.recipients.items():
        if any(item.address == recipient for item in known):
            return name
    raise InputError(f"recipient={recipient!r}: no message of this trace has such a recipient")


def _of_server(trace: Trace, server: str) -> list[int]:
    names = {server.lower()}
    names |= {item["fqdn"].lower() for item in trace.organization["servers"] if item["name"].lower() in names}
    found = [event.number for event in trace if _concerns(event, names)]
    known = [item["name"] for item in (*trace.organization["servers"], *trace.organization["external_hosts"])]
    if not found and server not in known:
        raise InputError(f"server={server!r}: no such server; there is {', '.join(known[:8])}")
    return found


def _concerns(event: Event, names: set[str]) -> bool:
    told = {value.lower() for value in event.telling if isinstance(value, str)}
    held = {str(getattr(effect, "server", "")).lower() for effect in event.effects}
    cut = {effect.name.lower() for effect in event.effects if isinstance(effect, NetworkState)}
    return bool({event.server.lower(), *told, *held, *cut} & names)


def followable(trace: Trace, most: int = 12) -> list[Followed]:
    """What a reader may want to follow: each message, each copy of a message with several recipients, each server that acts."""
    manifest = Manifest(trace)
    found: list[Followed] = []
    for message, known in manifest.recipients.items():
        found.append(Followed("message", message, tuple(follow(trace, message=message))))
        people = [index for index, item in enumerate(known) if item.state not in ("expanded", "redirected")]
        for index in people[:most] if len(people) > 1 else []:
            steps = steps_of(manifest, MessageId(message), manifest.line(Copy(MessageId(message), index)))
            found.append(Followed("copy", f"{message} {known[index].address}", tuple(steps)))
    acting = dict.fromkeys(str(name) for _, name, *_ in trace.records if name)
    found += [Followed("server", name, tuple(_of_server(trace, name))) for name in list(acting)[:most]]
    return found
