"""What the tools show of a run, each as an administrator would open it; and all of them at once, to compare two runs."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from functools import partial
from typing import TypeAlias

from mailflow.organization import Organization
from mailflow.tools.bad_mail import badmail
from mailflow.tools.diagnosis import TIMED_OUT, smtpdiag
from mailflow.tools.events import event_log
from mailflow.tools.listing import Listing
from mailflow.tools.nslookup import Lookup, nslookup
from mailflow.tools.port25 import NO_HOST, Telnet, telnet
from mailflow.tools.protocol import protocol_log
from mailflow.tools.queue_viewer import queues
from mailflow.tools.tracking_log import tracked, tracking_log
from mailflow.tools.winroute import winroute
from mailflow.trace import Trace

MADE_UP = re.compile(r"[0-9A-Fa-f]{16,}(?=@)")
"""The part of a Message-ID that a server makes up."""
LEVEL = "Medium"
"""Of diagnostics logging, which was raised before."""
STRANGER = ("EHLO test.example", "MAIL FROM:<test@test.example>", "RCPT TO:<somebody@elsewhere.example>")
"""What every server is asked by somebody from outside, to see who may relay."""


class Tools:
    """The tools on one run, at its end, that show it otherwise than `mailflow.tools` does: as the network is by then."""

    def __init__(self, trace: Trace, organization: Organization) -> None:
        self.trace, self._organization = trace, organization

    def event_log(self, server: str) -> Listing:
        """The application log, at `LEVEL`."""
        return event_log(self.trace, server, level=LEVEL)

    def telnet(self, server: str, typed: str | Iterable[str] = ()) -> Telnet:
        """Port 25 as it is now: a server whose SMTP service is stopped, or whose network is broken, gives no connection."""
        return telnet(self._organization, server, typed) if self._listens(server) else Telnet(NO_HOST, ())

    def nslookup(self, name: str, kind: str = "MX") -> Lookup:
        """A name as the servers look it up: no answer comes while their way to DNS is broken."""
        if not self.trace.at(-1).outside.get("DNS", True):
            return Lookup(TIMED_OUT, None)
        return nslookup(self._organization, name, kind)

    def smtpdiag(self, sender: str, recipient: str) -> Listing:
        """SMTPDiag, on the same network as `nslookup`."""
        outside = self.trace.at(-1).outside
        away = {name for name, works in outside.items() if not works}
        return smtpdiag(self._organization, sender, recipient, away=away)

    def _listens(self, server: str) -> bool:
        state = self.trace.at(-1)
        stopped = (not state.services.get((server, name), True) for name in ("SMTP", "IIS Admin"))
        return state.outside.get(server, True) and server not in state.deleted and not any(stopped)


Signs: TypeAlias = dict[tuple[str, str], str]


def signs(tools: Tools) -> Signs:
    """What each tool shows of each server, as text."""
    trace = tools.trace
    servers = [str(item["name"]) for item in trace.organization["servers"]]
    follows = tracked(trace)
    looks: dict[str, Callable[[str], object]] = {
        "Queue Viewer": partial(queues, trace),
        "the application log": tools.event_log,
        "the protocol log": partial(protocol_log, trace),
        "BadMail": partial(badmail, trace),
        "telnet": lambda server: tools.telnet(server, STRANGER),
        "WinRoute": partial(_answered, trace),
    }
    shown = {(name, server): str(look(server)) for name, look in looks.items() for server in servers}
    shown |= {("the tracking log", server): str(tracking_log(trace, server)) for server in servers if follows[server]}
    return _numbered(shown)


def _numbered(shown: Signs) -> Signs:
    """The same with Message-IDs as numbers in order of appearance: how a server makes one up, nobody asks."""
    known: dict[str, str] = {}

    def number(found: re.Match[str]) -> str:
        return known.setdefault(found[0], f"id {len(known)}")

    return {place: MADE_UP.sub(number, text) for place, text in shown.items()}


def _answered(trace: Trace, server: str) -> str:
    try:
        return str(winroute(trace, server))
    except ValueError as error:
        return str(error)
