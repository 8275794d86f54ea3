"""The SMTP service of one server, as a client on the other end of the wire meets it: verbs in, replies out.

A `Receiver` is one session. It knows no sockets and no clock, so that the simulated and a real session can share it.
"""

from __future__ import annotations

from functools import cache
from typing import NamedTuple, Protocol

from mailflow.facts import rule
from mailflow.organization.model import ExternalHost, VirtualServer
from mailflow.transport.mail import Mail
from mailflow.transport.node import Node
from mailflow.transport.relay import Verdict, decide_recipient, may_connect

BUILD = "6.0.3790.3959"
"""Build of the Windows SMTP service in the banner: Windows Server 2003 SP2 (Source: T81)."""


class Client(NamedTuple):
    """Who connects: name for EHLO, IP address, and the organization it belongs to if it is one of its Exchange
    servers.
    """

    name: str
    ip: str
    exchange: str = ""
    account: str = ""


class Receiver(Protocol):
    """One SMTP session, seen from the client: each method is a verb and gives the reply."""

    name: str
    keywords: frozenset[str]
    authenticated: bool

    def greet(self) -> str:
        """The banner, or the refusal to talk."""
        ...

    def ehlo(self, name: str) -> str:
        """Reply to EHLO, with the keywords on lines of their own."""
        ...

    def authenticate(self) -> str:
        """Reply to X-EXPS GSSAPI or AUTH."""
        ...

    def mail(self, sender: str, size: int) -> str:
        """Reply to MAIL FROM."""
        ...

    def rcpt(self, address: str) -> Verdict:
        """Reply to RCPT TO, with its reason."""
        ...

    def data(self, mail: Mail) -> str:
        """Reply to the end of the content. After 250 the message belongs to this side."""
        ...


class ExchangeReceiver:
    """The SMTP virtual server of an Exchange 2003 server.

    Source: T60, T81, T82, T92, T94.
    """

    def __init__(self, node: Node, client: Client) -> None:
        self.node = node
        self.client = client
        self.name = node.fqdn
        self.keywords: frozenset[str] = frozenset()
        self.authenticated = False
        self.sender = ""
        self.accepted: list[str] = []

    @rule
    def greet(self) -> str:
        """The virtual server opens with its banner, or refuses a computer that connection control keeps out.

        Source: T81, O-7.
        """
        if not may_connect(self.node.virtual_server, self.client.ip, self.client.name):
            return "421 4.3.2 Service not available, closing transmission channel"
        return f"220 {self.name} Microsoft ESMTP MAIL Service, Version: {BUILD} ready"

    @rule
    def ehlo(self, name: str) -> str:
        """A healthy Exchange server lists its keywords in a fixed order; the X verbs come from the Exchange sinks.

        Source: T82, T83, T84, O-2.
        """
        lines, self.keywords = offered(self.node.virtual_server)
        return f"250-{self.name} Hello [{self.client.ip}]\n{lines}\n250 OK"

    @rule
    def authenticate(self) -> str:
        """Exchange servers of one organization know each other by X-EXPS GSSAPI; other clients log on with AUTH.

        Source: T85, T111.
        """
        allowed = self.node.virtual_server.authentication
        known = self.client.exchange == self.node.organization.name and "integrated" in allowed
        if known or (self.client.account and allowed):
            self.authenticated = True
            return "235 2.7.0 Authentication successful"
        return "535 5.7.3 Authentication unsuccessful"

    @rule
    def mail(self, sender: str, size: int) -> str:
        """MAIL FROM creates the MailMsg; anonymous access, the message size and the MailMsg limit are checked here.

        Source: T17, T60, T84, T92, T94, T157.
        """
        settings = self.node.virtual_server
        if not settings.anonymous and not self.authenticated:
            return "454 5.7.3 Client does not have permission to submit mail to this server."
        if self.node.mailmsgs >= self.node.parameters.mailmsg_limit:
            return "452 4.3.1 Out of memory"
        if settings.max_message_kb is not None and size > settings.max_message_kb * 1024:
            return "552 5.3.4 Message size exceeds fixed maximum message size"
        self.sender = sender
        self.accepted = []
        return f"250 2.1.0 {sender}....Sender OK"

    @rule
    def rcpt(self, address: str) -> Verdict:
        """RCPT TO is where a recipient is accepted or refused, one at a time, up to the limit of the virtual server.

        Source: T73, T94, T98, T138, C9.
        """
        settings = self.node.virtual_server
        if len(self.accepted) >= settings.max_recipients:
            return Verdict(False, "452 4.5.3 Too many recipients", "this transaction is full", ("recipient limit",))
        verdict = decide_recipient(
            self.node.organization,
            settings,
            client_ip=self.client.ip,
            client_name=self.client.name,
            authenticated=self.authenticated,
            address=address,
            server=self.node.name,
        )
        if verdict.accepted:
            self.accepted.append(address)
        return verdict

    @rule
    def data(self, mail: Mail) -> str:
        """After the end of the content the message lies in the Queue folder and is acknowledged: from here on this
        server answers for it.

        Source: T29, T50, T59, T60, T92.
        """
        if self.node.mailmsgs >= self.node.parameters.mailmsg_limit:
            return "452 4.3.1 Out of memory"
        return f"250 2.6.0 {mail.letter.message.message_id} Queued mail for delivery"


class OutsideReceiver:
    """A mail host outside the organization: takes mail for its domains, with the replies that its description gives.

    Source: T108, T126.
    """

    def __init__(self, host: ExternalHost) -> None:
        self.host = host
        self.name = host.name
        self.keywords: frozenset[str] = frozenset()
        self.authenticated = False

    def greet(self) -> str:
        """The banner of some other mail server."""
        return f"220 {self.name} ESMTP"

    def ehlo(self, name: str) -> str:
        """The extensions listed in the organization file."""
        self.keywords = frozenset(line.split()[0].upper() for line in self.host.esmtp)
        lines = [self.name, *self.host.esmtp]
        return "\n".join([*(f"250-{line}" for line in lines[:-1]), f"250 {lines[-1]}"])

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
            return Verdict(special.startswith("2"), special, "this host says so", ("the host's own rules",))
        domain = address.rpartition("@")[2].lower()
        if domain in (item.lower() for item in self.host.accepts):
            return Verdict(True, "250 2.1.5 Ok", f"{self.name} takes mail for {domain}", ("the host's own domains",))
        return Verdict(
            False,
            "554 5.7.1 Relay access denied",
            f"{self.name} takes no mail for {domain}",
            ("the host's own domains",),
        )

    def data(self, mail: Mail) -> str:
        """Takes the message over, unless its description has a reply of its own for DATA."""
        return self.host.replies.get("DATA", "250 2.0.0 Ok: queued")


@cache
def offered(settings: VirtualServer) -> tuple[str, frozenset[str]]:
    """The EHLO lines between greeting and OK, with their reply codes, and the verbs they start with."""
    lines = keywords(settings)
    return "\n".join(f"250-{line}" for line in lines), frozenset(line.split()[0] for line in lines)


def keywords(settings: VirtualServer) -> list[str]:
    """The EHLO lines of a healthy server between greeting and OK (Source: T82, T84, O-2)."""
    size = "SIZE" if settings.max_message_kb is None else f"SIZE {settings.max_message_kb * 1024}"
    mechanisms = [*(["GSSAPI", "NTLM"] if "integrated" in settings.authentication else [])]
    mechanisms += ["LOGIN"] if "basic" in settings.authentication else []
    lines = ["TURN", *(["ATRN"] if mechanisms else []), size, "ETRN", "PIPELINING", "DSN", "ENHANCEDSTATUSCODES"]
    lines += ["8bitmime", "BINARYMIME", "CHUNKING", "VRFY"]
    lines += ["TLS", "STARTTLS"] if settings.certificate else []
    if mechanisms:
        names = " ".join(mechanisms)
        lines += [f"X-EXPS {names}", "X-EXPS=LOGIN", f"AUTH {names}", "AUTH=LOGIN"]
    return [*lines, "X-LINK2STATE", "XEXCH50"]
