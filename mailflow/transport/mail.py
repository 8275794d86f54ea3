"""The MailMsg object: an envelope in memory with a pointer to the content, never the content itself."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cache, lru_cache
from typing import Literal

from mailflow.messages import Message, stamped
from mailflow.messages.requests import wanted, written
from mailflow.messages.stamps import NO_STAMPS, Stamps
from mailflow.names import EmailAddress, MailId, MessageId, Place, ServerName
from mailflow.organization.model import AnyRecipient
from mailflow.trace.clock import START
from mailflow.trace.effects import Effects, End, Ended, Moved, Split

IN_STORE = "the streaming database"
AS_RECEIVED = "as received"
IN_QUEUE_FOLDER = r"\Mailroot\vsi 1\Queue"


@cache
def queue_folder(number: int) -> str:
    """Where a virtual server, numbered from 1 in the order of the server, keeps what arrived by SMTP (Source: T50)."""
    return IN_QUEUE_FOLDER.replace("vsi 1", f"vsi {number}")


Arrival = tuple[tuple[EmailAddress, ...], Message, Stamps]
"""Recipients, the content that they got, and what servers wrote on top of it."""


@dataclass(slots=True)
class Letter:
    """A message of one run, whatever number of MailMsgs point to it.

    It hands out the numbers of its recipients and MailMsgs. ``via`` says how it entered; ``archived`` holds what each
    journal mailbox gets of it, and ``arrived`` who got it where it ended, with which lines on top. ``ret`` and ``envid`` are what
    its sender asked of reports.
    """

    id: MessageId
    message: Message
    kind: str
    via: str = ""
    next_mail: int = 1
    next_recipient: int = 0
    archived: dict[str, Message] = field(default_factory=dict)
    arrived: list[Arrival] = field(default_factory=list)
    ret: str = ""
    envid: str = ""

    def mail_id(self) -> MailId:
        """The next free MailMsg name of this message."""
        made = MailId(f"{self.id}.{self.next_mail}")
        self.next_mail += 1
        return made

    def recipient_index(self) -> int:
        """The next free recipient number of this message."""
        made = self.next_recipient
        self.next_recipient += 1
        return made

    @property
    def requests(self) -> str:
        """What its sender asked of reports, as it follows MAIL FROM."""
        return written(RET=self.ret, ENVID=self.envid) if self.ret or self.envid else ""


Destination = tuple[Literal["undecided", "store", "server", "host", "domain", "gateway"], str]
"""What the categorizer decides for a recipient, and the name of it: a mailbox store here, another server of the
organization, a smart host, a domain outside, or an X.400 address.
"""

UNDECIDED: Destination = ("undecided", "")
NOBODY = EmailAddress("")


@dataclass(slots=True, eq=False)
class MailRecipient:
    """One recipient that a MailMsg carries. ``destination`` and ``format`` are what the categorizer decided for it, ``notify`` and
    ``orcpt`` what the sender asked of reports about it.
    """

    index: int
    address: EmailAddress
    how: str = "envelope"
    entry: AnyRecipient | None = None
    destination: Destination = UNDECIDED
    format: str = ""
    journal_kind: str = ""
    receipts: bool = True
    target: EmailAddress = NOBODY
    forwarded: bool = False
    chain: tuple[str, ...] = ()
    notify: str = ""
    orcpt: str = ""

    def enter_next_server(self) -> None:
        """Carry on as the address that crossed: what one categorizer decided is the next one's to decide anew (Source: T63)."""
        if self.target:
            self.address, self.target = self.target, NOBODY
        self.destination, self.format, self.entry = UNDECIDED, "", None

    @property
    def requests(self) -> str:
        """What the sender asked of reports about it, as it follows RCPT TO."""
        return written(NOTIFY=self.notify, ORCPT=self.orcpt) if self.notify or self.orcpt else ""

    def reported(self, kind: str) -> bool:
        """Whether the sender wants to hear of a "failure" or a "delay" of this recipient."""
        return wanted(self.notify, kind)


@dataclass(slots=True, eq=False)
class Memory:
    """The memory of one server: how many MailMsg objects lie in it, which is held against the limit (Source: T17, T98).

    A `Mail` counts itself: it enters one memory, and leaves it when it enters another or with its last recipient. The
    methods that do so give the effect for the trace at the same time, so that nobody counts by hand.
    """

    mailmsgs: int = 0


@dataclass(slots=True, eq=False)
class Mail:
    """A MailMsg: transfer envelope and a pointer to the physical message.

    ``message`` is the content: that of its letter, or the journal report that this MailMsg carries instead.
    ``content_in`` says where the content lies; ``submitted`` is when the MailMsg entered this server's advanced
    queuing. ``journaled`` are the journal mailboxes that have their copy already; the mark crosses to the next server
    inside XEXCH50. ``virtual_server`` names the virtual server of the present server whose queues hold it; empty stands
    for the default one. ``stamps`` are what servers wrote on top of the content, one Received line for each of ``hops``, and ``given_id`` the Message-ID
    that one of them gave it. ``coded`` says that the content is coded for transport, not as the store keeps it.
    ``memory`` is that of the present server, and None while a client holds it or once it carries nobody.

    Source: K117, T101, T15, T16, T50, T109, T110, T160.
    """

    id: MailId
    letter: Letter
    message: Message
    sender: EmailAddress
    recipients: list[MailRecipient]
    content_in: str
    authenticated: bool = False
    submitted: float = 0.0
    hops: int = 0
    journaled: frozenset[str] = frozenset()
    delay_told: bool = False
    expanded: dict[str, tuple[str, ...]] = field(default_factory=dict)
    virtual_server: str = ""
    stamps: Stamps = NO_STAMPS
    given_id: str = ""
    coded: bool = False
    memory: Memory | None = None

    @property
    def size(self) -> int:
        """Size of the content in bytes, with what servers wrote on top."""
        return (self.message.size if self.coded else self.message.uncoded_size) + self.stamps.size

    @property
    def whole(self) -> Message:
        """The content with what servers wrote on top of it."""
        return stamped(self.message, self.stamps.written(START))

    def arrive(self, recipients: list[MailRecipient]) -> None:
        """These recipients have it now."""
        one = alone(recipients[0].address) if len(recipients) == 1 else tuple([item.address for item in recipients])
        self.letter.arrived.append((one, self.message, self.stamps))

    @property
    def is_report(self) -> bool:
        """Whether this is a notification: an empty envelope sender (Source: T114)."""
        return not self.sender

    def enter(self, memory: Memory) -> None:
        """Lie in the memory of this server from now on."""
        if self.memory is not None:
            self.memory.mailmsgs -= 1
        self.memory = memory
        memory.mailmsgs += 1

    def move(self, server: ServerName, place: Place, memory: Memory) -> Moved:
        """Be at another server from now on."""
        self.enter(memory)
        return Moved(self.id, server, place)

    def split(self, recipients: list[MailRecipient]) -> tuple[Mail, Split]:
        """A new MailMsg with the same pointer that takes these recipients over."""
        indexes = (recipients[0].index,) if len(recipients) == 1 else tuple([item.index for item in recipients])
        memory = self.memory
        self._drop(recipients)
        if memory is not None:
            memory.mailmsgs += 1
        made = Mail(
            self.letter.mail_id(),
            self.letter,
            self.message,
            self.sender,
            recipients,
            self.content_in,
            self.authenticated,
            self.submitted,
            self.hops,
            self.journaled,
            self.delay_told,
            self.expanded,
            self.virtual_server,
            self.stamps,
            self.given_id,
            self.coded,
            memory=memory,
        )
        return made, Split(made.id, self.id, indexes)

    def cross(
        self,
        recipients: list[MailRecipient],
        sender: EmailAddress,
        content_in: str,
        virtual_server: str,
        stamps: Stamps,
        given_id: str,
        *,
        authenticated: bool,
        journaled: frozenset[str],
        memory: Memory,
    ) -> tuple[Mail, Split]:
        """A new MailMsg at another server, which took these recipients over by SMTP: it knows what that session told it."""
        indexes = (recipients[0].index,) if len(recipients) == 1 else tuple([item.index for item in recipients])
        self._drop(recipients)
        memory.mailmsgs += 1
        made = Mail(
            self.letter.mail_id(),
            self.letter,
            self.message,
            sender,
            recipients,
            content_in,
            authenticated,
            self.submitted,
            self.hops + 1,
            journaled,
            self.delay_told,
            {},
            virtual_server,
            stamps,
            given_id,
            self.coded,
            memory,
        )
        return made, Split(made.id, self.id, indexes)

    def end(self, recipients: list[MailRecipient], state: End, detail: str) -> Effects:
        """These recipients have come to their end."""
        ended: Effects
        if len(recipients) == 1:
            ended = (Ended(self.id, recipients[0].index, state, detail),)
        else:
            ended = tuple([Ended(self.id, item.index, state, detail) for item in recipients])
        self._drop(recipients)
        return ended

    def _drop(self, recipients: list[MailRecipient]) -> None:
        """Carry these recipients no longer; without any, leave the memory."""
        if len(recipients) == len(self.recipients):
            self.recipients = []
            if self.memory is not None:
                self.memory.mailmsgs -= 1
                self.memory = None
        else:
            # By identity: one address may be carried twice, and only the very recipients that were handed over go.
            gone = set(map(id, recipients))
            self.recipients = [item for item in self.recipients if id(item) not in gone]


def some(names: Iterable[str], most: int = 6) -> tuple[str, ...]:
    """The names as a sentence can bear them: all of a few, otherwise the first ones and how many more there are."""
    every = tuple(names)
    return every if len(every) <= most else (*every[: most - 1], f"{len(every) - most + 1} more")


def addresses(recipients: list[MailRecipient]) -> tuple[EmailAddress | str, ...]:
    """The addresses of recipients, for a sentence."""
    return alone(recipients[0].address) if len(recipients) == 1 else some(item.address for item in recipients)


@lru_cache(maxsize=4096)
def alone(address: EmailAddress) -> tuple[EmailAddress]:
    """One address as a tuple: the same one for every sentence that names it alone."""
    return (address,)
