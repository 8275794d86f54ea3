"""The sending side of an SMTP session: which verbs, in which order, and who answers for the message afterwards.

Source: T56, T85, T86, T89, T108.
"""

from __future__ import annotations

from collections.abc import Generator
from functools import partial
from typing import Any, Protocol

from mailflow.facts import rule
from mailflow.trace import Step, step
from mailflow.transport import places
from mailflow.transport.mail import IN_QUEUE_FOLDER, Mail, MailRecipient, addresses
from mailflow.transport.parameters import Durations
from mailflow.transport.smtp import ExchangeReceiver, Receiver
from mailflow.transport.work import Wait

Talk = Generator[Wait, Any, bool]

verb = partial(step, leading=("peer", "command", "reply"))

CONNECT = verb(
    "smtp.connect",
    "SMTP connection",
    "SMTP service",
    rule="open_session",
    sentence="{server} opens TCP port 25 of {peer} ({command}). {peer} answers {reply}.",
)
EHLO = verb(
    "smtp.ehlo",
    "EHLO",
    "SMTP service",
    rule="ehlo",
    sentence="{server} says {command} to {peer}, which lists what it can do: {reply}.",
)
AUTHENTICATE = verb(
    "smtp.authenticate",
    "Authentication",
    "SMTP service",
    rule="authenticate",
    sentence="{server} proves to {peer} who it is with {command}. Answer: {reply}.",
)
MAIL_FROM = verb(
    "smtp.mail",
    "MAIL FROM",
    "SMTP service",
    rule="mail",
    sentence="{server} starts to send {mail} with {command}. {peer} answers {reply}.",
    tracking=1020,
)
RCPT_TO = verb(
    "smtp.rcpt",
    "RCPT TO",
    "SMTP service",
    rule="decide",
    sentence="{server} names a recipient with {command}. {peer} answers {reply}, because {why}.",
    decision="verdict",
)
XEXCH50 = verb(
    "smtp.xexch50",
    "XEXCH50",
    "SMTP service",
    rule="send_exchange_properties",
    sentence=(
        "{server} sends the Exchange properties of {mail} ahead of the content with {command}, so that "
        "{peer} knows what has been done to it. Answer: {reply}."
    ),
)
CONTENT = verb(
    "smtp.content",
    "Content transferred",
    "SMTP service",
    rule="hand_over",
    sentence=(
        "{server} sends the content with {command}. {peer} answers {reply}: from now on {peer} answers "
        "for {recipients}, and {server} forgets them."
    ),
    tracking=1031,
)
CONTENT_REFUSED = verb(
    "smtp.content-refused",
    "Content refused",
    "SMTP service",
    rule="hand_over",
    sentence="{server} sends the content with {command}. {peer} does not take it: {reply}.",
)
QUIT = verb(
    "smtp.quit",
    "QUIT",
    "SMTP service",
    rule="close_session",
    sentence="{server} has nothing more to send to {peer} and says {command}. {peer} answers {reply}.",
)


class Speaker(Protocol):
    """Whoever sends: an Exchange server, or a client or host outside."""

    name: str
    fqdn: str
    durations: Durations

    def note(
        self,
        step: Step,
        mail: str,
        place: str | None = None,
        values: tuple[Any, ...] = (),
        effects: tuple[Any, ...] = (),
    ) -> None:
        """Record one event of the speaker."""
        ...

    def refused(self, mail: Mail, recipients: list[MailRecipient], verb: str, reply: str) -> None:
        """The other side refused these recipients for good."""
        ...

    def gone(self, mail: Mail) -> None:
        """The last recipient of this MailMsg has left."""
        ...


class Dialogue:
    """One SMTP session from the sender's side. ``exchange`` says whether the sender is an Exchange server of this
    organization.
    """

    def __init__(self, speaker: Speaker, receiver: Receiver, *, exchange: bool, account: str = "") -> None:
        self.speaker = speaker
        self.receiver = receiver
        self.exchange = exchange
        self.account = account

    def _note(
        self, step_: Step, mail: str, command: str, reply: str, *more: Any, effects: tuple[Any, ...] = ()
    ) -> None:
        """Record one exchange of command and reply; ``more`` fills the fields of the step beyond those three."""
        self.speaker.note(step_, mail, None, (self.receiver.name, command, reply, *more), effects)

    @rule
    def open_session(self, mail: str, effects: tuple[Any, ...] = ()) -> Talk:
        """Connect, read the banner, say EHLO and, between Exchange servers, authenticate. False when the other side
        does not talk.

        Source: T56, T81, T85, T108.
        """
        yield self.speaker.durations.round_trip
        banner = self.receiver.greet()
        self._note(CONNECT, mail, "connect", banner, effects=effects)
        if not banner.startswith("220"):
            return False
        yield self.speaker.durations.round_trip
        self._note(EHLO, mail, f"EHLO {self.speaker.fqdn}", self.receiver.ehlo(self.speaker.fqdn))
        verb = (
            "X-EXPS GSSAPI"
            if self.exchange and "X-EXPS" in self.receiver.keywords
            else "AUTH LOGIN"
            if self.account
            else ""
        )
        if verb:
            yield self.speaker.durations.round_trip
            self._note(AUTHENTICATE, mail, verb, self.receiver.authenticate())
        return True

    def send(self, mail: Mail) -> Talk:
        """Send one MailMsg, in as many transactions as the receiver's recipient limit asks for. False when some of it
        must be tried again.
        """
        while mail.recipients:
            before = len(mail.recipients)
            done = yield from self._transaction(mail)
            if not done or len(mail.recipients) == before:
                break
        return not mail.recipients

    def _transaction(self, mail: Mail) -> Talk:
        yield self.speaker.durations.round_trip
        size = mail.size
        reply = self.receiver.mail(mail.sender, size)
        told = f" SIZE={size}" if "SIZE" in self.receiver.keywords else ""
        self._note(MAIL_FROM, mail.id, f"MAIL FROM:<{mail.sender}>{told}", reply)
        if reply[0] == "5" or reply.startswith("454 5."):
            yield from self._tarpit(reply)
            self.speaker.refused(mail, list(mail.recipients), "MAIL FROM", reply)
            return True
        if reply[0] != "2":
            return False
        accepted = yield from self._recipients(mail)
        if not accepted:
            return False
        properties = yield from self.send_exchange_properties(mail)
        return (yield from self.hand_over(mail, accepted, properties))

    def _recipients(self, mail: Mail) -> Generator[Wait, Any, list[MailRecipient]]:
        yield self.speaker.durations.round_trip
        accepted: list[MailRecipient] = []
        for item in list(mail.recipients):
            verdict = self.receiver.rcpt(item.rcpt)
            self._note(RCPT_TO, mail.id, f"RCPT TO:<{item.rcpt}>", verdict.reply.rstrip(), verdict.why)
            if verdict.accepted:
                accepted.append(item)
            elif verdict.reply[0] == "5":
                yield from self._tarpit(verdict.reply)
                self.speaker.refused(mail, [item], "RCPT TO", verdict.reply)
        return accepted

    @rule
    def _tarpit(self, reply: str) -> Talk:
        """Tarpitting holds every 5.x.x reply to an anonymous client back for some seconds; it is off by default.

        Source: T154.
        """
        if reply[0] == "5" and self.receiver.tarpit:
            yield self.receiver.tarpit
        return True

    @rule
    def send_exchange_properties(self, mail: Mail) -> Talk:
        """Between authenticated Exchange servers XEXCH50 carries what the envelope cannot; strangers are told to
        authenticate first.

        Source: T63, T86, T87.
        """
        if not (self.exchange and "XEXCH50" in self.receiver.keywords):
            return False
        yield self.speaker.durations.round_trip
        known = self.receiver.authenticated
        reply = "354 Send binary data" if known else "504 Need to authenticate first"
        length = 1024 + 128 * len(mail.recipients)
        self._note(XEXCH50, mail.id, f"XEXCH50 {length} 2", reply)
        return known

    @rule
    def hand_over(self, mail: Mail, accepted: list[MailRecipient], properties: bool) -> Talk:
        """The content follows with BDAT or DATA. With the 250 after it the receiver answers for the accepted
        recipients, all in one instant.

        Source: T29, T56, T60, T89, T172.
        """
        yield self.speaker.durations.round_trip
        reply = self.receiver.data(mail.letter.message)
        command = f"BDAT {mail.size} LAST" if "CHUNKING" in self.receiver.keywords else "DATA"
        if reply[0] != "2":
            self._note(CONTENT_REFUSED, mail.id, command, reply)
            if reply[0] == "5":
                self.speaker.refused(mail, accepted, command, reply)
            return False
        names = addresses(accepted)
        if isinstance(self.receiver, ExchangeReceiver):
            self._over_to_exchange(mail, accepted, properties, command, reply, names)
        else:
            effects = tuple(("end", mail.id, item.index, "relayed", self.receiver.name) for item in accepted)
            self._note(CONTENT, mail.id, command, reply, names, effects=effects)
            self._forget(mail, accepted)
        return True

    def _over_to_exchange(
        self,
        mail: Mail,
        accepted: list[MailRecipient],
        properties: bool,
        command: str,
        reply: str,
        names: tuple[str, ...],
    ) -> None:
        receiver = self.receiver
        assert isinstance(receiver, ExchangeReceiver)
        made = mail.split(accepted)
        made.content_in = IN_QUEUE_FOLDER
        made.hops = mail.hops + 1
        made.authenticated = (mail.authenticated and properties) or (receiver.authenticated and not self.exchange)
        made.journaled = mail.journaled if properties else frozenset()
        made.sender = receiver.sender
        for item in accepted:
            item.enter_next_server()
            if "@" not in item.address or item.address[0] in '@"':
                item.address = receiver.node.full_address(item.address)
        effects = (
            ("mail", made.id, mail.id, Mail.indexes(accepted)),
            ("at", made.id, receiver.node.name, places.RECEIVING),
        )
        self._note(CONTENT, mail.id, command, reply, names, effects=effects)
        receiver.node.mailmsgs += 1
        if not mail.recipients:
            self.speaker.gone(mail)
        receiver.node.env.start(receiver.node.receive(made))

    def _forget(self, mail: Mail, accepted: list[MailRecipient]) -> None:
        mail.drop(accepted)
        if not mail.recipients:
            self.speaker.gone(mail)

    @rule
    def close_session(self, mail: str, effects: tuple[Any, ...] = ()) -> Talk:
        """With nothing left to send, the sender says QUIT.

        Source: T92, T182.
        """
        yield self.speaker.durations.round_trip
        reply = f"221 2.0.0 {self.receiver.name} Service closing transmission channel"
        self._note(QUIT, mail, "QUIT", reply, effects=effects)
        return True
