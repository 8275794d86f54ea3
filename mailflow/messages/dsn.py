"""Delivery status notifications as Exchange 2003 writes them, with the documented codes and texts.

Source: T112, T115, T117, T118, O-6.
"""

from __future__ import annotations

import email.policy
import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime
from typing import Literal

from mailflow.messages.message import Message, set_field
from mailflow.messages.requests import plain
from mailflow.plain import Plain

Kind = Literal["failure", "delay"]

STATUS: dict[str, str] = {
    "4.2.2": "mailbox over its limit (up to Exchange 2000 SP2)",
    "4.3.1": "out of memory or disk space",
    "4.3.2": "an administrator deleted or stopped it in a queue",
    "4.4.1": "the host does not respond",
    "4.4.2": "the connection was dropped",
    "4.4.6": "the maximum hop count was exceeded",
    "4.4.7": "the message expired in a queue",
    "4.4.9": "no route: DNS, connector or smart host is set up wrongly",
    "5.0.0": "generic failure, often no route for the address space",
    "5.1.0": "address status, a categorizer failure",
    "5.1.1": "the mailbox does not exist here",
    "5.1.3": "bad address syntax",
    "5.1.4": "two objects share one address",
    "5.2.1": "mailbox disabled, or message too large for this recipient",
    "5.2.2": "mailbox full",
    "5.2.3": "message too long",
    "5.2.4": "a group could not be expanded",
    "5.3.3": "the remote host is out of disk space",
    "5.3.4": "message too big for the system",
    "5.3.5": "the system is configured to loop to itself",
    "5.4.0": "authoritative host not found",
    "5.4.4": "no next hop found",
    "5.4.6": "forwarding loop found by the categorizer",
    "5.4.8": "looping condition",
    "5.5.0": "generic SMTP protocol error",
    "5.5.3": "too many recipients",
    "5.7.1": "not authorized",
    "5.7.3": "not authenticated",
}
"""Status codes and their meaning (Source: T115)."""

DOCUMENTED: dict[str, str] = {
    "5.1.1": (
        "The e-mail account does not exist at the organization this message was sent to. "
        "Check the e-mail address, or contact the recipient directly to find out the correct address."
    ),
    "5.2.3": (
        "This message is larger than the current system limit or the recipient's mailbox is full. "
        "Create a shorter message body or remove attachments and try sending it again."
    ),
    "5.0.0": (
        "The e-mail system was unable to deliver the message, but did not report a specific reason. "
        "Check the address and try again. If it still fails, contact your system administrator."
    ),
    "5.7.1": "You do not have permission to send to this recipient.",
}
"""The texts that documents quote word for word (Source: O-6)."""


def reason(code: str) -> str:
    """What the sender reads about a code: the documented text where there is one, otherwise the meaning of the code."""
    meaning = STATUS.get(code, "the other side refused it")
    return DOCUMENTED.get(code, f"{meaning[0].upper()}{meaning[1:]}.")


@dataclass(frozen=True, slots=True, kw_only=True, repr=False, eq=False)
class Report(Plain):
    """What a notification tells: who reports, about which message, and which (address, code, diagnostic) failed or is
    late.

    ``server`` is the reporting server, which need not be the one at fault (Source: T112). With ``full`` a failure brings back the whole
    message, not its header alone. ``envid`` and ``originals``, by address, are ENVID and ORCPT as the sender gave them.
    """

    server: str
    message: Message
    kind: Kind
    recipients: tuple[tuple[str, str, str], ...]
    arrival: datetime
    now: datetime
    sender: str
    full: bool = False
    envid: str = ""
    originals: Mapping[str, str] = field(default_factory=dict)


def outlook_text(report: Report) -> str:
    """The text that Outlook shows (Source: T117, O-6)."""
    sent = f"{report.arrival.month}/{report.arrival.day}/{report.arrival:%Y %I:%M %p}"
    lines = [
        "Your message did not reach some or all of the intended recipients.",
        "",
        f"   Subject: {report.message.subject}",
        f"   Sent:    {sent}",
        "",
        "The following recipient(s) could not be reached:",
        "",
    ]
    for address, code, _ in report.recipients:
        lines += [f"   {_line(address)} on {sent}", f"      {reason(code)}", f"      <{report.server} #{code}>", ""]
    return "\n".join(lines)


def delivery_status(report: Report) -> Message:
    """The notification as a real multipart/report, from the empty sender to the sender of the message.

    Exchange marks the text as unicode-1-1-utf-7; this one is UTF-8, so that today's mail programs can read it. A report of a delay never
    carries the whole message (RFC 3461, 6.2).

    Source: T114, T118.
    """
    failed = report.kind == "failure"
    made = EmailMessage(policy=email.policy.SMTP)
    digest = hashlib.sha256(
        repr((report.server, report.recipients, report.now, report.message.message_id)).encode()
    ).hexdigest()
    made["From"] = f"postmaster@{report.server}"
    set_field(made, "To", _line(report.sender), "undisclosed-recipients:;")
    made["Subject"] = f"Delivery Status Notification ({'Failure' if failed else 'Delay'})"
    made["Date"] = report.now
    made["Message-ID"] = f"<{digest[:24]}{digest[24:32]}@{report.server}>"
    made["X-DSNContext"] = f"{digest[32:40]} - {digest[40:44]} - 00000002 - {'00000000' if failed else '00000001'}"
    made.set_content(_text(report))
    made.make_mixed()
    made.set_type("multipart/report")
    made.set_param("report-type", "delivery-status")
    made.attach(_status_part(report))
    made.attach(_message_part(report.message, digest) if failed and report.full else _headers_part(report.message))
    made.set_boundary(f"9B095B5ADSN=_{digest[:20].upper()}{report.server}")
    written = made.as_bytes()
    if failed and report.full:
        before, _, after = written.rpartition(digest.encode())
        written = before + report.message.content + after
    return Message(written, "", (report.sender,))


def _text(report: Report) -> str:
    what = (
        "Delivery to the following recipients failed."
        if report.kind == "failure"
        else "Delivery to the following recipients has been delayed."
    )
    names = "\n".join(f"       {_line(address)}" for address, _, _ in report.recipients)
    return f"This is an automatically generated Delivery Status Notification.\n\n{what}\n\n{names}\n\n{outlook_text(report)}"


def _status_part(report: Report) -> EmailMessage:
    envelope = f"Original-Envelope-Id: {_line(plain(report.envid))}\r\n" if report.envid else ""
    blocks = [f"{envelope}Reporting-MTA: dns;{report.server}\r\nArrival-Date: {format_datetime(report.arrival)}\r\n"]
    for address, code, diagnostic in report.recipients:
        action = "failed" if report.kind == "failure" else "delayed"
        original = report.originals.get(address)
        block = f"Original-Recipient: {_line(plain(original))}\r\n" if original else ""
        block += f"Final-Recipient: rfc822;{_line(address)}\r\nAction: {action}\r\nStatus: {code}\r\n"
        blocks.append(f"{block}Diagnostic-Code: smtp;{_line(diagnostic)}\r\n" if diagnostic else block)
    part = EmailMessage(policy=email.policy.SMTP)
    part["Content-Type"] = "message/delivery-status"
    part.set_payload([email.message_from_string(block, policy=email.policy.SMTP) for block in blocks])
    return part


def _headers_part(message: Message) -> EmailMessage:
    head = message.content.partition(b"\r\n\r\n")[0][:8000]
    part = EmailMessage(policy=email.policy.SMTP)
    part.set_content(head.decode("ascii", "replace").replace("\r\n", "\n") + "\n")
    part.replace_header("Content-Type", 'text/rfc822-headers; charset="utf-8"')
    return part


def _message_part(message: Message, place: str) -> EmailMessage:
    """The part that holds the whole message, with ``place`` where its bytes belong: parsed and written anew they might be others."""
    part = EmailMessage(policy=email.policy.SMTP)
    part["Content-Type"] = "message/rfc822"
    part["Content-Transfer-Encoding"] = "7bit" if message.content.isascii() else "8bit"
    part.set_payload(place)
    return part


def _line(text: str) -> str:
    """Text from outside as one line of printable ASCII, so that it cannot start a field of its own."""
    return re.sub(r"[^\x21-\x7e]+", " ", text).strip()
