"""What an event changes in the state of a run: small tuples, written to JSON as lists behind the word for their kind."""

from collections.abc import Sequence
from typing import Final, Literal, NamedTuple

from mailflow.names import ConnectorName, EmailAddress, MailId, MessageId, Place, ServerName

__all__ = [
    "KINDS",
    "Added",
    "Created",
    "Deleted",
    "Effect",
    "Effects",
    "End",
    "Ended",
    "Marked",
    "Moved",
    "NetworkState",
    "QueueState",
    "ServiceState",
    "Split",
    "TableState",
    "effects_from",
    "plain",
]

End = Literal["delivered", "relayed", "bounced", "refused", "expanded", "redirected", "badmail", "deleted"]
"""The states that end a recipient.

*expanded* and *redirected* stand for groups and forwarded mailboxes: their recipients carry on. *badmail* ends a
delivery status notification that can be neither delivered nor returned; *deleted* is an administrator's doing in Queue
Viewer (Source: T52, T114, T177).
"""


class Created(NamedTuple):
    """A message exists, and its first MailMsg carries all recipients."""

    message: MessageId
    mail: MailId
    addresses: tuple[EmailAddress, ...]


class Added(NamedTuple):
    """A MailMsg carries one recipient more; ``parent`` is the one that it comes from. Both by number."""

    mail: MailId
    recipient: int
    address: EmailAddress
    how: str
    parent: int | None


class Split(NamedTuple):
    """A new MailMsg takes these recipients, by number, over from another one, and lies beside it."""

    made: MailId
    source: MailId
    recipients: tuple[int, ...]


class Moved(NamedTuple):
    """A MailMsg is at another server."""

    mail: MailId
    server: ServerName
    place: Place


class Ended(NamedTuple):
    """A recipient has come to its end and leaves its MailMsg."""

    mail: MailId
    recipient: int
    state: End
    detail: str


class QueueState(NamedTuple):
    """The state that Queue Viewer shows of a queue; empty when it has none."""

    server: ServerName
    place: Place
    state: str


class ServiceState(NamedTuple):
    """A service of a server runs, or does not."""

    server: ServerName
    service: str
    up: bool


class NetworkState(NamedTuple):
    """A connector, server, host or name service has a network, or has none."""

    name: str
    up: bool


class Marked(NamedTuple):
    """The routing engines mark a connector up or down."""

    connector: ConnectorName
    up: bool


class TableState(NamedTuple):
    """Entries of a server's link state table are others now, by routing group; None when the table is gone."""

    server: ServerName
    entries: tuple[tuple[str, str], ...] | None


class Deleted(NamedTuple):
    """An object is gone from the directory."""

    name: str


Effect = (
    Created | Added | Split | Moved | Ended | QueueState | ServiceState | NetworkState | Marked | TableState | Deleted
)
Effects = tuple[Effect, ...]

KINDS: Final[dict[str, type[Effect]]] = {
    "message": Created,
    "recipient": Added,
    "mail": Split,
    "at": Moved,
    "end": Ended,
    "queue": QueueState,
    "service": ServiceState,
    "outside": NetworkState,
    "marked": Marked,
    "table": TableState,
    "deleted": Deleted,
}
"""The word for each kind in JSON."""

_WORDS = {kind: word for word, kind in KINDS.items()}
_MARKED = "marked:"


def plain(effects: Effects) -> list[list[object]]:
    """Effects as JSON lists."""
    return [[_WORDS[type(effect)], *effect] for effect in effects]


def effects_from(data: Sequence[Sequence[object]]) -> Effects:
    """What `plain` wrote. Older traces name a marked connector with a prefix.

    Raises:
        KeyError, IndexError, TypeError, ValueError: there is no such kind, or it holds something else.
    """
    return tuple([_effect(item) for item in data])


def _effect(item: Sequence[object]) -> Effect:
    word, *values = item
    if word == "outside" and str(values[0]).startswith(_MARKED):
        return Marked(ConnectorName(str(values[0]).removeprefix(_MARKED)), bool(values[1]))
    return KINDS[str(word)]._make(values)
