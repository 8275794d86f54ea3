"""Real listeners on loopback that answer as the configured servers would. They bind to this machine only."""

from mailflow.live.background import NoSocketsError
from mailflow.live.dns import DnsServer
from mailflow.live.smtp import Accepted, SmtpServer

__all__ = ["Accepted", "DnsServer", "NoSocketsError", "SmtpServer"]
