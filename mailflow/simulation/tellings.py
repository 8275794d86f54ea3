"""What people and computers outside do, in words."""

from mailflow.names import HostName, QueueName, ServerName
from mailflow.trace import Telling, telling


@telling(
    "client.compose",
    "client",
    level="story",
    rules=("write_message",),
    sentence="{sender} writes “{subject}” to {recipients}. It lies in the Outbox as {mail}.",
)
class Composed(Telling):
    """Message written."""

    sender: str
    subject: str
    recipients: tuple[str, ...]


@telling(
    "administrator.move",
    "administrator",
    level="story",
    rules=("move_mailbox",),
    sentence="The mailbox of {mailbox} {change} {other}.",
)
class MailboxMoved(Telling):
    """Mailbox moved."""

    mailbox: str
    change: str
    other: ServerName


@telling(
    "administrator.delete-mailbox",
    "administrator",
    level="story",
    rules=("delete_mailbox",),
    sentence="An administrator deletes the mailbox of {mailbox}.",
)
class MailboxDeleted(Telling):
    """Mailbox deleted."""

    mailbox: str


@telling(
    "client.copy",
    "client",
    level="story",
    rules=("write_message",),
    sentence="Some recipients are served by {host}, so the sender starts the copy {mail} for them.",
)
class Copied(Telling):
    """Another host."""

    host: HostName


@telling(
    "client.drop",
    "Pickup folder",
    level="story",
    rules=("write_message",),
    sentence="Somebody puts “{subject}” as a text file into the Pickup folder of {server}. It becomes {mail}.",
)
class Dropped(Telling):
    """File dropped into Pickup."""

    subject: str


@telling(
    "smtp.refused",
    "SMTP service",
    level="story",
    rules=("end_at_refusal",),
    sentence="{server} gives up on {recipients}: {reply} at {verb}. For them the message never entered the organization.",
)
class Refused(Telling):
    """Refused."""

    recipients: tuple[str, ...]
    reply: str
    verb: str


@telling(
    "smtp.client-waits",
    "client",
    level="story",
    rules=("client_keeps",),
    sentence="{server} keeps {mail} for {recipients}: {why}.",
)
class KeptByClient(Telling):
    """Kept by the client."""

    recipients: tuple[str, ...]
    why: str


@telling(
    "administrator.service",
    "administrator",
    level="story",
    rules=("change_service", "pause_virtual_server", "stop_with_iis_admin"),
    sentence="On {server}: {service} {change}.",
)
class ServiceChanged(Telling):
    """Service changed."""

    service: str
    change: str


@telling(
    "administrator.network",
    "administrator",
    level="story",
    rules=("change_network",),
    sentence="{name}: {change}.",
)
class NetworkChanged(Telling):
    """Network changed."""

    name: str
    change: str


@telling(
    "administrator.queue",
    "administrator",
    level="story",
    rules=("change_queue", "freeze_system_queue"),
    sentence="An administrator opens Queue Viewer on {server}: {verb}, {queue}.{found}",
)
class QueueChanged(Telling):
    """Queue changed."""

    verb: str
    queue: QueueName
    found: str


@telling(
    "administrator.message",
    "administrator",
    level="story",
    rules=("freeze_message", "delete_message"),
    sentence="An administrator opens Queue Viewer on {server}: {verb}, the message {message} in {queue}.{found}",
)
class MessageChanged(Telling):
    """Message in a queue changed."""

    verb: str
    message: str
    queue: QueueName
    found: str


@telling(
    "administrator.outbound",
    "administrator",
    level="story",
    rules=("switch_outbound",),
    sentence="An administrator presses {button} on {server}. {meaning}",
)
class OutboundSwitched(Telling):
    """Outbound mail switched."""

    button: str
    meaning: str
