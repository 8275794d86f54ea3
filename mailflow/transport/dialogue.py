"""The sending side of an SMTP session: which verbs, in which order, and who answers for the message afterwards.

Source: T56, T85, T86, T89, T108.
"""

from __future__ import annotations

from collections.abc import Generator
from functools import cache

from mailflow.facts import rule
from mailflow.names import USUAL, MailId, RuleName, rule_of
from mailflow.trace.effects import Effects, Moved
from mailflow.transport import places
from mailflow.transport.mail import Mail, MailRecipient, addresses
from mailflow.transport.record import Speaker
from mailflow.transport.smtp import ExchangeReceiver
from mailflow.transport.tellings_smtp import (
    AnswerMistaken,
    Authenticated,
    Connected,
    ConnectedElsewhere,
    ContentRefused,
    ContentSent,
    Ehlo,
    Helo,
    MailFrom,
    Quit,
    RcptTo,
    Xexch50,
)
from mailflow.transport.wire import Receiver
from mailflow.transport.work import Wait

Talk = Generator[Wait, object, bool]
LATE = "354-One moment, please\n354 Start mail input; end with <CRLF>.<CRLF>"


@cache
def _properties_of(recipients: int) -> str:
    return f"XEXCH50 {1024 + 128 * recipients} 2"


class Dialogue:
    """One SMTP session from the sender's side. ``exchange`` says whether the sender is an Exchange server of this
    organization, ``chunks`` whether it uses BDAT where it may, ``extended`` whether it says EHLO; otherwise it says HELO.
    """

    def __init__(
        self,
        speaker: Speaker,
        receiver: Receiver,
        *,
        exchange: bool,
        account: str = "",
        chunks: bool = True,
        extended: bool = True,
    ) -> None:
        self.extended = extended
        self.chunks = chunks
        self.speaker = speaker
        self.receiver = receiver
        self.peer = receiver.name
        self.exchange = exchange
        self.account = account

    @rule
    def open_session(self, mail: MailId, effects: Effects = (), rule: RuleName = USUAL) -> Talk:
        """Connect, read the banner, say EHLO and, between Exchange servers, authenticate. False when the other side
        does not talk.

        ``rule`` says why this host is asked, if it is not the first one.

        Source: T56, T81, T85, T108.
        """
        yield self.speaker.durations.round_trip
        banner = self.receiver.greet()
        fired = rule or self.receiver.fired
        if elsewhere := self.receiver.elsewhere:
            self.speaker.note(ConnectedElsewhere(self.peer, "connect", banner, *elsewhere), mail, None, effects, fired)
        else:
            self.speaker.jot(Connected, (self.peer, "connect", banner), mail, None, effects, fired)
        if not banner.startswith("220"):
            return False
        yield self.speaker.durations.round_trip
        if not self.extended:
            self._say_helo(mail)
            return True
        reply = self.receiver.ehlo(self.speaker.fqdn)
        self.speaker.jot(Ehlo, (self.peer, f"EHLO {self.speaker.fqdn}", reply), mail)
        if reply[0] == "5":
            yield self.speaker.durations.round_trip
            self._say_helo(mail)
            return True
        verb = (
            "X-EXPS GSSAPI"
            if self.exchange and "X-EXPS" in self.receiver.keywords
            else "AUTH LOGIN"
            if self.account
            else ""
        )
        if verb:
            yield self.speaker.durations.round_trip
            self.speaker.jot(Authenticated, (self.peer, verb, self.receiver.authenticate()), mail)
        return True

    def _say_helo(self, mail: MailId) -> None:
        reply = self.receiver.helo(self.speaker.fqdn)
        self.speaker.jot(Helo, (self.peer, f"HELO {self.speaker.fqdn}", reply), mail)

    def send(self, mail: Mail) -> Talk:
        """Send one MailMsg, in as many transactions as the receiver's recipient limit asks for. False when some of it
        must be tried again.
        """
        speaker, receiver = self.speaker, self.receiver
        round_trip = speaker.durations.round_trip
        while mail.recipients:
            yield round_trip
            size = mail.size
            reply = self._say_mail_from(mail, size)
            if reply[0] != "2":
                if reply[0] == "5" or reply.startswith("454 5."):
                    yield from self._tarpit(reply)
                    speaker.refused(mail, list(mail.recipients), "MAIL FROM", reply)
                break
            yield round_trip
            accepted = yield from self._recipients(mail)
            if not accepted:
                break
            properties = False
            if self.exchange and "XEXCH50" in receiver.keywords:
                yield round_trip
                properties = self.send_exchange_properties(mail)
            yield round_trip
            if not self.hand_over(mail, size, accepted, properties):
                break
        return not mail.recipients

    def _say_mail_from(self, mail: Mail, size: int) -> str:
        receiver = self.receiver
        reply = receiver.mail(mail.sender, size)
        told = f" SIZE={size}" if "SIZE" in receiver.keywords else ""
        if mail.letter.ret or mail.letter.envid:
            told += self._pass_on(mail.letter.requests)
        values = (self.peer, f"MAIL FROM:<{mail.sender}>{told}", reply)
        self.speaker.jot(MailFrom, values, mail.id, None, (), receiver.fired)
        return reply

    @rule
    def _pass_on(self, requests: str) -> str:
        """What the sender asked of reports is passed on to a next hop that offers DSN, as it came; another one is not told.

        That Exchange does as the standard says is inferred.

        Source: N86, T82, T112.
        """
        return requests if requests and "DSN" in self.receiver.keywords else ""

    @rule
    def _recipients(self, mail: Mail) -> Generator[Wait, object, list[MailRecipient]]:
        """A recipient that the other side refuses for good is done with, unless 552 says that the transaction is full:
        then it goes in a further one.

        Source: C9, K118, T73.
        """
        accepted: list[MailRecipient] = []
        for item in list(mail.recipients):
            address = item.target or item.address
            accepts, reply, why, _, _, fired = self.receiver.rcpt(address)
            command = f"RCPT TO:<{address}>"
            if item.notify or item.orcpt:
                command += self._pass_on(item.requests)
            self.speaker.jot(RcptTo, (self.peer, command, reply.rstrip(), why), mail.id, None, (), fired)
            if accepts:
                accepted.append(item)
            elif reply[0] == "5" and not (accepted and reply.startswith("552")):
                yield from self._tarpit(reply)
                self.speaker.refused(mail, [item], "RCPT TO", reply)
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
    def send_exchange_properties(self, mail: Mail) -> bool:
        """Between authenticated Exchange servers XEXCH50 carries what the envelope cannot; strangers are told to
        authenticate first.

        Source: T63, T86, T87.
        """
        known = self.receiver.authenticated
        reply = "354 Send binary data" if known else "504 Need to authenticate first"
        self.speaker.jot(Xexch50, (self.peer, _properties_of(len(mail.recipients)), reply), mail.id)
        return known

    @rule
    def hand_over(self, mail: Mail, size: int, accepted: list[MailRecipient], properties: bool) -> bool:
        """The content follows with BDAT or DATA. With the 250 after it the receiver answers for the accepted
        recipients, all in one instant.

        Source: T29, T56, T60, T89, T172.
        """
        reply = self.receiver.data(mail.message, size, mail.given_id)
        command = f"BDAT {size} LAST" if self.chunks and "CHUNKING" in self.receiver.keywords else "DATA"
        if command == "DATA" and self.receiver.late:
            return self.mistake_late_answer(mail)
        if reply[0] != "2":
            rule = rule_of(ExchangeReceiver.data) if isinstance(self.receiver, ExchangeReceiver) else USUAL
            self.speaker.note(ContentRefused(peer=self.peer, command=command, reply=reply), mail.id, rule=rule)
            if reply[0] == "5":
                self.speaker.refused(mail, accepted, command, reply)
            return False
        if isinstance(self.receiver, ExchangeReceiver):
            self._over_to_exchange(self.receiver, mail, accepted, properties, command, reply)
        else:
            names = addresses(accepted)
            mail.arrive(accepted)
            ended = mail.end(accepted, "relayed", self.peer)
            self.speaker.jot(ContentSent, (self.peer, command, reply, names), mail.id, None, ended)
        return True

    @rule
    def mistake_late_answer(self, mail: Mail) -> bool:
        """A host that answers DATA late and in several lines has the message, and the sender does not know: it tries again
        until the message expires, and each time the recipient gets it once more.

        The words of the reply are this model's own. That the content was taken each time follows from the copies that arrive; that
        every such answer is mistaken, and none after a while, is inferred.

        Source: K125, K126, T105.
        Sure: inferred.
        """
        self.speaker.note(AnswerMistaken(peer=self.peer, command="DATA", reply=LATE), mail.id)
        return False

    def _over_to_exchange(
        self,
        receiver: ExchangeReceiver,
        mail: Mail,
        accepted: list[MailRecipient],
        properties: bool,
        command: str,
        reply: str,
    ) -> None:
        node, names = receiver.node, addresses(accepted)
        made, split = mail.cross(
            accepted,
            receiver.sender,
            receiver.queue_folder,
            receiver.virtual_server,
            mail.stamps.under(receiver.stamp()),
            receiver.given_id,
            authenticated=(mail.authenticated and properties) or (receiver.authenticated and not self.exchange),
            journaled=mail.journaled if properties else frozenset(),
            memory=node.memory,
        )
        if receiver.stamps:
            node.named(made, made.given_id)
        for item in accepted:
            item.enter_next_server()
            if "@" not in item.address or item.address[0] in '@"':
                item.address = node.full_address(item.address)
        effects = split, Moved(made.id, node.name, places.RECEIVING)
        self.speaker.jot(ContentSent, (self.peer, command, reply, names), mail.id, None, effects)
        node.env.start(node.receive(made))

    @rule
    def close_session(self, mail: MailId, effects: Effects = ()) -> Talk:
        """With nothing left to send, the sender says QUIT.

        Source: T92, T182.
        """
        yield self.speaker.durations.round_trip
        reply = f"221 2.0.0 {self.peer} Service closing transmission channel"
        self.speaker.jot(Quit, (self.peer, "QUIT", reply), mail, None, effects)
        return True
