"""The SMTP service of one server, as a client on the other end of the wire meets it: verbs in, replies out.

A receiver is one session. It knows no sockets and no clock, so that the simulated and a real session can share it.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime
from functools import cache

from mailflow.facts import rule
from mailflow.messages import Message
from mailflow.messages.stamps import message_id_line, received
from mailflow.names import USUAL, HostName, RuleName, rule_of
from mailflow.organization.model import ExternalHost, VirtualServer
from mailflow.transport.mail import NOBODY, queue_folder
from mailflow.transport.relay import Verb, Verdict, sender_filter
from mailflow.transport.wire import (
    FILTERS,
    SMTP_PORT,
    UNKNOWN,
    Client,
    Elsewhere,
    Host,
    date_at,
    dated,
    filter_commands,
    service_id,
)

GREET, SENDER_FILTER = RuleName("greet"), rule_of(sender_filter)
BUILD = "6.0.3790.3959"
"""Build of the Windows SMTP service in the banner: Windows Server 2003 SP2 (Source: T81)."""


class ExchangeReceiver:
    """The SMTP virtual server of an Exchange 2003 server: one session, verb by verb.

    The simulation and the real listener both answer with it. ``clock`` gives the time in the banner; without it that is
    the time of the simulation, and without ``settings`` the default virtual server answers. ``virtual_server``
    is its name, empty for the default one, and ``queue_folder`` where it keeps what arrives. ``closing`` is set once the server hangs
    up after its reply.

    Source: T60, T81, T82, T92, T94.
    """

    late = False

    def __init__(
        self,
        node: Host,
        client: Client,
        clock: Callable[[], datetime] | None = None,
        settings: VirtualServer | None = None,
    ) -> None:
        self.node = node
        self.client = client
        self.clock = clock
        self.name = node.fqdn
        self.settings = settings or node.virtual_server
        # By identity: the caller has the settings from the node's own server, where each virtual server is there once.
        self.virtual_server = self.settings.name if self.settings is not node.virtual_server else ""
        usual = not self.virtual_server and self.settings.port == SMTP_PORT
        self.elsewhere: Elsewhere = () if usual else (self.settings.port, self.settings.name)
        self.keywords: frozenset[str] = frozenset()
        self.authenticated = False
        self.fired = USUAL
        self.tls = client.tls
        self.sender = NOBODY
        self.accepted: list[str] = []
        self.bytes = 0
        self.closing = False
        self.hello = client.name
        self.queue_folder = queue_folder(node.server.virtual_servers.index(self.settings) + 1)
        self.filtered = filter_commands(node.organization, node.fqdn, client.name)
        self.given_id = ""
        self.stamps = b""

    def _decide(self, at: Verb, address: str = "", sender: str = "") -> Verdict:
        client = self.client
        return self.node.decide(
            self.virtual_server, at, client.ip, address, sender, client.name, self.authenticated, self.tls
        )

    @rule
    def greet(self) -> str:
        """The virtual server opens with its banner, or refuses a computer that connection control keeps out.

        Source: T81, T156, O-7.
        """
        verdict = self._decide("connect")
        self.fired = verdict.rule or GREET
        if not verdict.accepted:
            self.closing = True
            return verdict.reply
        banner = f"{self.name} Microsoft ESMTP MAIL Service, Version: {BUILD} ready at  {self._now()}"
        if self.filtered:
            self.fired = FILTERS
            banner = re.sub("[^02 ]", "*", banner)
        return f"220 {banner}"

    @rule
    def ehlo(self, name: str) -> str:
        """A healthy Exchange server lists its keywords in a fixed order; the X verbs come from the Exchange sinks.

        Source: T82, T83, T84, O-2.
        Sure: documented.
        """
        self.hello = name
        if self.filtered:
            return UNKNOWN
        lines, self.keywords = offered(self.settings, self.node.server.exchange_sinks)
        return f"250-{self.name} Hello [{self.client.ip}]\n{lines}\n250 OK"

    @rule
    def helo(self, name: str) -> str:
        """Who says HELO is greeted, and may use no extension: no size, no BDAT, no logging on.

        Source: T81, T90.
        """
        self.hello = name
        self.keywords = frozenset()
        return f"250 {self.name} Hello [{self.client.ip}]"

    @rule
    def authenticate(self) -> str:
        """Exchange servers of one organization know each other by X-EXPS GSSAPI; other clients log on with AUTH.

        Source: T85, T111.
        """
        allowed = self.settings.authentication
        known = self.client.exchange == self.node.organization.name and "integrated" in allowed
        if known or (self.client.account and allowed):
            self.authenticated = True
            return "235 2.7.0 Authentication successful"
        return "535 5.7.3 Authentication unsuccessful"

    @rule
    def mail(self, sender: str, size: int) -> str:
        """MAIL FROM creates the MailMsg; access, the sender filter, the message size and the MailMsg limit are checked here.

        That the connection of a sender on the filter list is dropped is documented, the text of the reply is not.

        Source: T17, T60, T84, T92, T93, T94, T151, T157.
        Sure: documented.
        """
        text = self.node.full_address(sender) if sender else NOBODY
        verdict = self._decide("MAIL FROM", sender=text)
        self.fired = verdict.rule
        if not verdict.accepted:
            self.closing = verdict.rule == SENDER_FILTER
            return verdict.reply
        if full := self._no_room(size):
            return full
        self.sender = text
        self.accepted = []
        return f"250 2.1.0 {text or '<>'}....Sender OK"

    @rule
    def rcpt(self, address: str) -> Verdict:
        """RCPT TO is where a recipient is accepted or refused, one at a time, up to the limit of the virtual server.

        Source: K118, T73, T94, T98, T138, C9.
        Sure: documented.
        """
        if len(self.accepted) >= self.settings.max_recipients:
            reply, why = "552 5.5.3 Too many recipients", "this transaction is full"
            return Verdict(False, reply, why, rule=rule_of(ExchangeReceiver.rcpt))
        verdict = self._decide("RCPT TO", address)
        if verdict.accepted:
            self.accepted.append(self.node.full_address(address))
        return verdict

    @rule
    def data(self, message: Message, size: int = 0, given_id: str = "") -> str:
        """After the end of the content the message lies in the Queue folder and is acknowledged: from here on this
        server answers for it.

        A message without a Message-ID gets one. The reply for a session that grows too large is unconfirmed.

        Source: T29, T50, T59, T60, T92, T100, T110.
        """
        size = size or message.size
        if full := self._no_room(size):
            return full
        most = self.settings.max_session_kb
        if most is not None and self.bytes + size > most * 1024:
            return "552 5.3.4 Session size exceeds fixed maximum session size"
        self.bytes += size
        known = given_id or message.own_id
        self.given_id = known or service_id(self.node, message)
        self.stamps = b"" if known else message_id_line(self.given_id)
        return f"250 2.6.0 {self.given_id} Queued mail for delivery"

    @rule
    def stamp(self) -> bytes:
        """What this server writes on top of the message that it has just taken: a Received line, always. It says if the channel was
        encrypted.

        Source: T107, T109, T110.
        Sure: documented.
        """
        return received(self.hello, self.client.ip, self.name, self._now(), tls=self.tls) + self.stamps

    def _now(self) -> str:
        return dated(self.clock()) if self.clock else date_at(int(self.node.env.now))

    def _no_room(self, size: int) -> str:
        """The refusal where no more MailMsg objects fit into memory, or where a message of so many bytes is over the limit of the
        virtual server (Source: T17, T84, T98).
        """
        if self.node.memory.mailmsgs >= self.node.parameters.mailmsg_limit:
            return "452 4.3.1 Out of memory"
        most = self.settings.max_message_kb
        if most is not None and size > most * 1024:
            return "552 5.3.4 Message size exceeds fixed maximum message size"
        return ""

    @property
    def tarpit(self) -> float:
        """Seconds that every 5.x.x reply to an anonymous client is held back (Source: T154)."""
        return 0.0 if self.authenticated else self.node.server.tarpit_seconds


class OutsideReceiver:
    """A mail host outside the organization: takes mail for its domains, with the replies that its description gives.

    Source: T108, T126.
    """

    def __init__(self, host: ExternalHost) -> None:
        self.host = host
        self.late = host.late_answer_to_data
        self.name = HostName(host.name)
        self.elsewhere: Elsewhere = ()
        self.keywords: frozenset[str] = frozenset()
        self.authenticated = False
        self.fired = USUAL

    def greet(self) -> str:
        """The banner of some other mail server."""
        return f"220 {self.name} ESMTP"

    def ehlo(self, name: str) -> str:
        """The extensions listed in the organization file."""
        self.keywords = frozenset(line.split()[0].upper() for line in self.host.esmtp)
        lines = [self.name, *self.host.esmtp]
        return "\n".join([*(f"250-{line}" for line in lines[:-1]), f"250 {lines[-1]}"])

    def helo(self, name: str) -> str:
        """The greeting alone."""
        self.keywords = frozenset()
        return f"250 {self.name}"

    def authenticate(self) -> str:
        """Strangers offer no authentication."""
        return "504 5.5.4 Unrecognized authentication type"

    def mail(self, sender: str, size: int) -> str:
        """Refuses only what is too large."""
        if self.host.max_message_kb is not None and size > self.host.max_message_kb * 1024:
            return "552 5.3.4 Message size exceeds fixed limit"
        return "250 2.1.0 Ok"

    def rcpt(self, address: str) -> Verdict:
        """Takes its own domains, with exceptions for single recipients."""
        special = {key.lower(): value for key, value in self.host.replies.items()}.get(address.lower())
        if special:
            return Verdict(special.startswith("2"), special, "this host says so")
        domain = address.rpartition("@")[2].lower()
        if domain in (item.lower() for item in self.host.accepts):
            return Verdict(True, "250 2.1.5 Ok", f"{self.name} takes mail for {domain}")
        return Verdict(
            False,
            "554 5.7.1 Relay access denied",
            f"{self.name} takes no mail for {domain}",
        )

    def data(self, message: Message, size: int = 0, given_id: str = "") -> str:
        """Takes the message over, unless its description has a reply of its own for DATA."""
        return self.host.replies.get("DATA", "250 2.0.0 Ok: queued")

    @property
    def tarpit(self) -> float:
        """Strangers do not hold replies back."""
        return 0.0


@cache
def offered(settings: VirtualServer, exchange_sinks: bool = True) -> tuple[str, frozenset[str]]:
    """The EHLO lines between greeting and OK, with their reply codes, and the verbs they start with."""
    lines = keywords(settings, exchange_sinks)
    return "\n".join(f"250-{line}" for line in lines), frozenset(line.split()[0] for line in lines)


def keywords(settings: VirtualServer, exchange_sinks: bool = True) -> list[str]:
    """The EHLO lines between greeting and OK, of a healthy server or of one whose Exchange sinks are not loaded
    (Source: T82, T83, T84, O-2).
    """
    size = "SIZE" if settings.max_message_kb is None else f"SIZE {settings.max_message_kb * 1024}"
    mechanisms = [*(["GSSAPI", "NTLM"] if "integrated" in settings.authentication else [])]
    mechanisms += ["LOGIN"] if "basic" in settings.authentication else []
    lines = ["TURN", *(["ATRN"] if mechanisms else []), size, "ETRN", "PIPELINING", "DSN", "ENHANCEDSTATUSCODES"]
    lines += ["8bitmime", "BINARYMIME", "CHUNKING", "VRFY"]
    lines += ["TLS", "STARTTLS"] if settings.certificate else []
    if mechanisms:
        names = " ".join(mechanisms)
        exchange = [f"X-EXPS {names}", "X-EXPS=LOGIN"] if exchange_sinks else []
        lines += [*exchange, f"AUTH {names}", "AUTH=LOGIN"]
    return [*lines, "X-LINK2STATE", "XEXCH50"] if exchange_sinks else lines
