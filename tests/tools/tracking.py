"""Organizations whose servers track messages, for the tests of the tracking tools."""

from dataclasses import replace

import mailflow
from mailflow.organization import Organization, ServerPolicy
from mailflow.tools.tracking_log import tracked
from mailflow.trace import Trace


def tracking(organization: Organization | str, *, without: str = "", subjects: bool = True) -> Organization:
    """The organization with message tracking on every server but one."""
    made = mailflow.load(organization) if isinstance(organization, str) else organization
    servers = tuple(item.name for item in made.servers if item.name != without)
    policy = ServerPolicy(name="Tracking", servers=servers, subject_logging=subjects, tracking_days=None)
    return replace(made, server_policies=(policy,))


def events(trace: Trace, server: str, recipient: str = "", message_id: str = "") -> list[int]:
    """The event numbers in the log of a server, of one recipient or message if it is named."""
    rows = mailflow.tracking_log(trace, server)
    return [row.event for row in rows if recipient in ("", row.recipient) and message_id in ("", row.message_id)]


__all__ = ["events", "tracked", "tracking"]
