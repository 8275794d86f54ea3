"""What the parts of the model call things: texts that must not be mixed up, each with a type of its own.

They are plain texts at run time. A type checker refuses a server where a connector belongs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from typing import NewType
else:

    def NewType(_name, plain):  # noqa: N802 - as `typing` calls it
        """The text itself: what `typing` makes would cost a call each time that a text is said to be of such a type."""
        return plain


ServerName = NewType("ServerName", str)
"""A server of the organization, as the directory names it ("LON01"), or the computer outside that acts in an event."""

HostName = NewType("HostName", str)
"""The other end of a connection: a fully qualified name, a host outside, or an address in brackets."""

ConnectorName = NewType("ConnectorName", str)
"""A connector, as the directory names it."""

GroupName = NewType("GroupName", str)
"""A routing group, as the directory names it."""

EmailAddress = NewType("EmailAddress", str)
"""An address with an @, or the name that an envelope gives instead."""

Place = NewType("Place", str)
"""Where a MailMsg is on a server: "queue/Local delivery", "link/London-Paris/PAR01" (see `mailflow.transport.places`)."""

QueueName = NewType("QueueName", str)
"""A queue as Queue Viewer names it: "Local delivery", or the next hop of a link queue."""

MailId = NewType("MailId", str)
"""A MailMsg: its message and a number, "m1.2". Empty where an event concerns none."""

MessageId = NewType("MessageId", str)
"""A message of a run: "m1"."""

RuleName = NewType("RuleName", str)
"""A rule of the model, by the name of its function. Empty stands for the rule that a step cites without being told."""

NO_MAIL = MailId("")
USUAL = RuleName("")


class Named(Protocol):
    """A function or a class, of which only the name is asked."""

    __name__: str


def rule_of(function: Named) -> RuleName:
    """The name of a rule, for an event that it made happen."""
    return RuleName(function.__name__)


def message_of(mail: MailId) -> MessageId:
    """The message that a MailMsg points to; empty for an event that concerns none."""
    return MessageId(mail.partition(".")[0])
