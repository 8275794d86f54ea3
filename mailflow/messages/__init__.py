"""Real mail: messages with an envelope of their own, addresses, delivery status notifications and journal copies."""

from typing import TYPE_CHECKING

from mailflow.lazily import lazily
from mailflow.messages.address import Address, AddressError, addresses_in, parse_path
from mailflow.messages.dsn import DOCUMENTED, STATUS, Report, delivery_status, outlook_text, reason
from mailflow.messages.message import WRITTEN, Message, MessageError
from mailflow.messages.stamps import Stamps, stamped

if TYPE_CHECKING:
    from mailflow.messages.journal import journal_copy as journal_copy

_HOME = {
    "journal_copy": "mailflow.messages.journal",
}

__all__ = [
    "DOCUMENTED",
    "STATUS",
    "WRITTEN",
    "Address",
    "AddressError",
    "Message",
    "MessageError",
    "Report",
    "Stamps",
    "addresses_in",
    "delivery_status",
    "journal_copy",
    "outlook_text",
    "parse_path",
    "reason",
    "stamped",
]

__getattr__ = lazily(__name__, _HOME)
