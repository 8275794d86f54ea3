"""The text of an SMTP session on the server's side: command lines in, replies out.

It knows no sockets: a real listener feeds it what arrives, and the replies are those of `ExchangeReceiver`, which the
simulation asks too.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable, Mapping
from typing import Literal, NamedTuple

from mailflow.facts import rule
from mailflow.messages import AddressError, Message, parse_path
from mailflow.messages.requests import OF_MAIL, OF_RCPT, XTEXT, Requests
from mailflow.transport.smtp import ExchangeReceiver
from mailflow.transport.wire import BASIC, UNKNOWN

Then = Literal["command", "content", "chunk", "credentials", "tls", "close"]

LONGEST_LINE = 1042
"""Bytes of a command line, with its end: 512 (RFC 5321), and 530 for NOTIFY and ORCPT (RFC 3461)."""

RECIPIENT = 300
"""Bytes of memory that a recipient counts for."""

HELP = "HELO EHLO STARTTLS RCPT DATA RSET MAIL QUIT HELP AUTH TURN ETRN BDAT VRFY"
SYNTAX = "501 5.5.4 Invalid arguments"
UNSUPPORTED = "555 5.5.4 Unsupported parameter"
TOO_LARGE = "552 5.3.4 Message size exceeds fixed maximum message size"
NO_MEMORY = "452 4.3.1 Out of memory"
WITHOUT_CERTIFICATE = ("250-TLS", "250-STARTTLS")
WITHOUT_MECHANISM = ("250-AUTH", "250-X-EXPS")

_PATH = r"\s*(<[^<>]*>|[^\s<>]+)"
_MAIL = re.compile(rf"FROM:{_PATH}((?:\s+\S+)*)\s*", re.IGNORECASE)
_RCPT = re.compile(rf"TO:{_PATH}((?:\s+\S+)*)\s*", re.IGNORECASE)
_BLANK = re.compile(r"[\x00-\x20\x7f]")
_DOMAINS = re.compile(r" (GSSAPI|NTLM)\b")
_OF_MAIL = {
    "SIZE": re.compile(r"\d{1,20}"),
    "BODY": re.compile("7BIT|8BITMIME|BINARYMIME", re.IGNORECASE),
    "AUTH": re.compile(rf"<>|{XTEXT}+"),
    **OF_MAIL,
}
_HOST = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?|\[[0-9A-Fa-f.:IPv]+\]")


class Reply(NamedTuple):
    """What goes back on the wire (lines without their end), and what the server reads next.

    After "chunk" follow ``size`` bytes, after "content" lines up to a lone dot, after "credentials" one line.
    """

    text: str
    then: Then = "command"
    size: int = 0


class Session:
    """One session with an Exchange server, as text.

    Args:
        receiver: the virtual server that answers.
        take: called with each message before it is acknowledged. It must have stored the message when it returns.
        passwords: who may log on, by account in lower case.
        certificate: whether whoever reads the wire has a certificate, so that STARTTLS can be offered where the virtual server has one.
        largest: no message of more bytes is taken, whatever the virtual server allows.
        room: how many bytes of memory are left for messages.

    ``options`` and ``notify`` hold the parameters of MAIL FROM, and those of RCPT TO by address (RFC 3461).
    """

    def __init__(
        self,
        receiver: ExchangeReceiver,
        take: Callable[[Message, Session], None],
        *,
        passwords: Mapping[str, str] | None = None,
        certificate: bool = False,
        largest: int | None = None,
        room: Callable[[], int] | None = None,
    ) -> None:
        self.receiver = receiver
        self.take = take
        self.passwords = passwords or {}
        self.certificate = certificate
        self.largest = largest
        self.account = ""
        self.hello = ""
        self.chunked = False
        self.extended = True
        self.options: dict[str, str] = {}
        self.notify: dict[str, dict[str, str]] = {}
        self._asked = 0
        self._room = room or (lambda: 1 << 62)
        self._greeted = False
        self._started = False
        self._chunks: bytearray | None = None
        self._last_chunk = False
        self._user: str | None = None
        self._verbs: dict[str, Callable[[str], Reply]] = {
            "HELO": self._helo, "EHLO": self._ehlo, "MAIL": self._mail, "RCPT": self._rcpt, "DATA": self._data,
            "BDAT": self._bdat, "RSET": self._rset, "NOOP": self._noop, "QUIT": self._quit, "HELP": self._help,
            "VRFY": self._vrfy, "AUTH": self._auth, "X-EXPS": self._auth,
            "XEXCH50": self._only_exchange, "X-LINK2STATE": self._only_exchange,
            "STARTTLS": self._starttls,
            "TURN": self._no_queue, "ATRN": self._no_queue, "ETRN": self._no_queue,
        }  # fmt: skip

    def greet(self) -> Reply:
        """The banner, or the refusal to talk."""
        return self._answer(self.receiver.greet())

    @rule
    def command(self, line: bytes) -> Reply:
        """A command line is a verb and its arguments; what this server does not know gets 500 5.3.3.

        Source: T90, T99.
        Sure: documented.
        """
        if len(line) > LONGEST_LINE:
            return Reply("500 5.3.3 Line too long")
        try:
            text = line.rstrip(b"\r\n").decode("ascii")
        except UnicodeDecodeError:
            return Reply(UNKNOWN)
        verb, _, rest = text.strip().partition(" ")
        known = self._verbs.get(verb.upper())
        filtered = self.receiver.filtered and verb.upper() not in BASIC
        if known is None or filtered or "\r" in text or "\x00" in text:
            return Reply(UNKNOWN)
        return known(rest.strip())

    # -- who is there ---------------------------------------------------------------------------------------------

    def _helo(self, name: str) -> Reply:
        if not _HOST.fullmatch(name):
            return Reply("501 5.5.4 Invalid Address/domain" if name else "501 5.5.4 Invalid Address")
        self._greeted, self.extended = True, False
        self.hello = name
        self._forget()
        return Reply(self.receiver.helo(name))

    def _ehlo(self, name: str) -> Reply:
        if not _HOST.fullmatch(name):
            return Reply("501 5.5.4 Invalid Address/domain" if name else "501 5.5.4 Invalid Address")
        self._greeted = self.extended = True
        self.hello = name
        self._forget()
        lines = [_DOMAINS.sub("", line) for line in self.receiver.ehlo(name).split("\n")]
        left_out = WITHOUT_MECHANISM if self._may_encrypt else (*WITHOUT_MECHANISM, *WITHOUT_CERTIFICATE)
        return Reply("\r\n".join(line for line in lines if line not in left_out))

    @property
    def _may_encrypt(self) -> bool:
        return self.certificate and self.receiver.settings.certificate and not self.receiver.tls

    @rule
    def _starttls(self, rest: str) -> Reply:
        """STARTTLS is there when a certificate is installed; the text of its reply is unconfirmed.

        No record read here shows it: the words are this model's own.

        Source: T82, T90.
        Sure: unconfirmed.
        """
        if not self._may_encrypt:
            return Reply(UNKNOWN)
        return Reply(SYNTAX) if rest else Reply("220 2.0.0 SMTP server ready", "tls")

    def encrypted(self) -> None:
        """The channel is encrypted now. What was said before may have been somebody else's, so the session begins anew."""
        self.receiver.tls = True
        self.receiver.authenticated = False
        self.receiver.client = self.receiver.client._replace(account="", tls=True)
        self.account, self.hello, self._greeted = "", "", False
        self._forget()

    @rule
    def _auth(self, rest: str) -> Reply:
        """LOGIN takes name and password in base64. GSSAPI and NTLM need a Windows domain, which nobody here has, and are not offered.

        That AUTH inside a transaction gets 503 is the standard's (RFC 4954); the words after the code are this model's own.

        Source: T82, T85, T111.
        """
        if not self._greeted:
            return Reply("503 5.5.2 Send hello first")
        mechanism, _, first = rest.partition(" ")
        if mechanism.upper() != "LOGIN" or "basic" not in self.receiver.settings.authentication:
            return Reply("504 5.7.4 Unrecognized authentication type")
        if self.receiver.authenticated:
            return Reply("503 5.5.2 Already authenticated")
        if self._started:
            return Reply("503 5.5.2 Not allowed during a mail transaction")
        self._user = None
        return self.credentials(first.encode()) if first else Reply("334 VXNlcm5hbWU6", "credentials")

    @property
    def awaits_password(self) -> bool:
        """Whether the next line of credentials is a password."""
        return self._user is not None

    def credentials(self, line: bytes) -> Reply:
        """One line of the conversation after AUTH LOGIN: the name, then the password."""
        try:
            given = base64.b64decode(line.strip(), validate=True).decode("utf-8")
        except (binascii.Error, UnicodeDecodeError, ValueError):
            return Reply("501 5.5.4 Invalid arguments")
        if self._user is None:
            self._user = given
            return Reply("334 UGFzc3dvcmQ6", "credentials")
        user = self._user.rpartition("\\")[2].partition("@")[0]
        self._user = None
        if self.passwords.get(user.lower()) != given:
            return Reply("535 5.7.3 Authentication unsuccessful")
        self.account = user
        self.receiver.client = self.receiver.client._replace(account=user)
        return Reply(self.receiver.authenticate())

    # -- a transaction --------------------------------------------------------------------------------------------

    @rule
    def _mail(self, rest: str) -> Reply:
        """MAIL FROM starts a transaction, once, after HELO or EHLO; the texts for a wrong order are unconfirmed.

        Source: T92, T99.
        """
        if not self._greeted:
            return Reply("503 5.5.2 Send hello first")
        if self._started:
            return Reply("503 5.5.2 Sender already specified")
        found = _MAIL.fullmatch(rest)
        if not found or _BLANK.search(found.group(1)):
            return Reply(SYNTAX)
        options = _options(found.group(2), _OF_MAIL)
        if isinstance(options, Reply):
            return options
        try:
            address = parse_path(found.group(1))
        except AddressError:
            return Reply("501 5.5.4 Invalid Address")
        size = int(options.get("SIZE", 0))
        if self.largest is not None and size > self.largest:
            return Reply(TOO_LARGE)
        reply = self._answer(self.receiver.mail(str(address or ""), size))
        if reply.text.startswith("250") and max(size, 1) > self._room():
            return Reply(NO_MEMORY)
        self._started = reply.text.startswith("250")
        self.options = options
        return reply

    def _rcpt(self, rest: str) -> Reply:
        if not self._started:
            return Reply("503 5.5.2 Need mail command.")
        found = _RCPT.fullmatch(rest)
        if not found or found.group(1) == "<>" or _BLANK.search(found.group(1)):
            return Reply(SYNTAX)
        options = _options(found.group(2), OF_RCPT) if found.group(2) else {}
        if isinstance(options, Reply):
            return options
        if self._room() < RECIPIENT:
            return Reply(NO_MEMORY)
        verdict = self.receiver.rcpt(found.group(1))
        if verdict.accepted and options:
            self.notify[self.receiver.accepted[-1]] = options
            self._asked += RECIPIENT + len(found.group(2))
        return self._answer(verdict.reply)

    def _data(self, rest: str) -> Reply:
        if refused := self._not_ready():
            return refused
        if rest or self._chunks is not None or self.options.get("BODY", "").upper() == "BINARYMIME":
            return Reply(SYNTAX if rest else "503 5.5.2 Need BDAT command")
        return Reply("354 Start mail input; end with <CRLF>.<CRLF>", "content")

    @rule
    def _bdat(self, rest: str) -> Reply:
        """BDAT announces a chunk by its length; LAST ends the message. Nothing in it needs to be escaped.

        Source: T89.
        """
        found = re.fullmatch(r"(\d{1,15})(\s+LAST)?", rest, re.IGNORECASE)
        if not found:
            return Reply(SYNTAX)
        self._last_chunk = bool(found.group(2))
        return Reply("", "chunk", int(found.group(1)))

    def chunk(self, data: bytes | None) -> Reply:
        """The bytes that BDAT announced have arrived; None when they were too many to keep."""
        if refused := self._not_ready():
            return refused
        if data is None:
            return self.refuse(TOO_LARGE)
        self._chunks = self._chunks or bytearray()
        self._chunks += data
        if not self._last_chunk:
            return Reply(f"250 2.0.0 {len(data)} octets received")
        self.chunked = True
        return self._complete(bytes(self._chunks))

    def content(self, data: bytes | None) -> Reply:
        """The content has arrived, without its last line and with its dots taken back; None when it was too large."""
        if data is None:
            return self.refuse(TOO_LARGE)
        self.chunked = False
        return self._complete(data)

    def refuse(self, reply: str) -> Reply:
        """The content cannot be taken; the transaction is over."""
        self._forget()
        return Reply(reply)

    def _complete(self, data: bytes) -> Reply:
        message = Message.arrived(data, self.receiver.sender, self.receiver.accepted)
        reply = self.receiver.data(message)
        if reply.startswith("250"):
            self.take(message, self)
        self._forget()
        return Reply(reply)

    @property
    def requests(self) -> Requests:
        """What the sender of the present message asks of reports."""

        def each(name: str) -> dict[str, str]:
            return {address: options[name] for address, options in self.notify.items() if name in options}

        return Requests(self.options.get("RET", ""), self.options.get("ENVID", ""), each("NOTIFY"), each("ORCPT"))

    def pending(self) -> int:
        """Bytes of the chunks that have arrived for a message that is not complete."""
        return len(self._chunks or b"")

    @property
    def held(self) -> int:
        """Bytes of memory that the transaction under way takes."""
        return self.pending() + RECIPIENT * len(self.receiver.accepted) + self._asked

    def _not_ready(self) -> Reply | None:
        if not self._started:
            return Reply("503 5.5.2 Need mail command.")
        return None if self.receiver.accepted else Reply("503 5.5.2 Need Rcpt command.")

    def _forget(self) -> None:
        """Drop the transaction that is under way."""
        self._started = False
        self._chunks = None
        self.options, self.notify, self._asked = {}, {}, 0
        self.receiver.accepted = []

    # -- the rest -------------------------------------------------------------------------------------------------

    def _rset(self, _rest: str) -> Reply:
        self._forget()
        return Reply("250 2.0.0 Resetting")

    def _noop(self, _rest: str) -> Reply:
        return Reply("250 2.0.0 OK")

    def _quit(self, _rest: str) -> Reply:
        return Reply(f"221 2.0.0 {self.receiver.name} Service closing transmission channel", "close")

    def _help(self, _rest: str) -> Reply:
        verbs = HELP if self._may_encrypt else HELP.replace(" STARTTLS", "")
        return Reply(f"214-This server supports the following commands:\r\n214 {verbs}")

    @rule
    def _vrfy(self, rest: str) -> Reply:
        """VRFY is offered, but it verifies nobody.

        Source: K124, T91.
        Sure: documented twice.
        """
        return Reply(f"252 2.1.5 Cannot VRFY user, but will take message for <{rest}>" if rest else SYNTAX)

    @rule
    def _only_exchange(self, _rest: str) -> Reply:
        """Exchange verbs are for Exchange servers of the same organization; others are told to authenticate first.

        Source: T87, T88.
        Sure: documented.
        """
        return Reply("504 Need to authenticate first")

    def _no_queue(self, _rest: str) -> Reply:
        """TURN, ATRN and ETRN ask for mail that waits; this listener holds none for anybody."""
        return Reply("502 5.3.3 Command is not implemented")

    def _answer(self, text: str) -> Reply:
        return Reply(text, "close" if self.receiver.closing else "command")


def _options(text: str, known: Mapping[str, re.Pattern[str]]) -> dict[str, str] | Reply:
    """The parameters after a path, by name, or why they are refused: 555 for one that nobody knows, 501 for one that is malformed
    or stands twice (RFC 5321, 1870, 3461). The codes are the standards', the words after them this model's own: no record read here
    shows what Exchange answers.
    """
    found: dict[str, str] = {}
    for word in text.split():
        name, _, value = word.partition("=")
        name = name.upper()
        if name not in known:
            return Reply(UNSUPPORTED)
        if name in found or not known[name].fullmatch(value):
            return Reply(SYNTAX)
        found[name] = value
    return found
