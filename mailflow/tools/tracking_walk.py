"""The lines that a server writes into its message tracking log, made in one walk through a trace.

Source: K18, K19, K25, K29, T164, T167, O-10.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from itertools import chain
from typing import TYPE_CHECKING, Final, Literal, NamedTuple, TypeVar, cast

from mailflow.messages.stamps import SERVICE
from mailflow.names import MailId
from mailflow.tools.tracking_rows import plain, stamp_written, time_written
from mailflow.trace import Record, Trace
from mailflow.trace.clock import START
from mailflow.trace.effects import Added, Created, Ended, Split
from mailflow.trace.telling import Kind, step_of

if TYPE_CHECKING:
    from mailflow.messages import Message
    from mailflow.trace.described import MessageData

__all__ = ["SENT", "Walk"]

FROM_STORE, SUBMITTED, REDIRECTED, BEGUN, SENT = 1027, 1019, 1042, 1020, 1031
TO_MTA, HANDED_TO_MTA, MTA_OUT = 1038, 1029, 7
BADMAIL, DELIVERED, RETURNED = 1021, 1028, 1030
BEFORE_CATEGORIZATION = (FROM_STORE, SUBMITTED, 1024, 1025, 1032)
SPARED = (SUBMITTED, BADMAIL, DELIVERED, RETURNED)
COMPONENTS: Final = {1023: "STORE", DELIVERED: "STORE", HANDED_TO_MTA: "X400", TO_MTA: "X400"}
PRIORITY: Final = {"high": 1, "normal": 0, "low": -1}
VERSION = f"Version: {SERVICE.partition('(')[2].rstrip(')')}"
FAILED = "failure"
V = TypeVar("V")
CHUNK = 1000
"""So many events are gone through at once, and the lines about them are all that is held of a log."""


class _Made(dict[str, V]):
    """Something about each text, made when it is asked for the first time."""

    def __init__(self, make: Callable[[str], V]) -> None:
        self.make = make

    def __missing__(self, key: str) -> V:
        made = self[key] = self.make(key)
        return made


class _Letter(NamedTuple):
    """What all rows of a message say of it, as cells."""

    own_id: str
    sender: str
    store_sender: str
    subject: str
    size: int
    priority: int
    status: str
    begun: str

    def front(self, count: int) -> str:
        """Behind the id, from the priority to the encryption, in a row of so many recipients."""
        return f"\t{self.priority}\t{self.status}\t{self.size}\t{count}\t{self.begun}\t0\t"

    def rest(self, count: int, version: str = "-") -> str:
        """Behind the id, to the sender, in most rows of so many recipients."""
        return f"{self.front(count)}{version}\t-\t{self.subject}\t{self.sender}"


class _Form:
    """What all rows say of a message to the same people: somebody may send it again and again.

    ``late`` are its recipients as rows name them, ``early`` as they do before categorization where it came from the store.
    """

    __slots__ = ("alone", "early", "front", "late", "letter", "rest", "store_sender")

    def __init__(self, letter: _Letter, early: list[str], late: list[str]) -> None:
        self.letter = letter
        self.early = early
        self.late = late
        self.alone = len(late) == 1
        self.front = letter.front(len(late))
        self.rest = letter.rest(len(late))
        self.store_sender = f"\t{letter.subject}\t{letter.store_sender}"

    def later(self, begun: str) -> _Form:
        """The same of a message that came to be at another time."""
        return _Form(_Letter(*self.letter[:-1], begun), self.early, self.late)


_Begun = tuple[Record, Created]
"""The event with which a message came to be, and what it says of it."""

_Cells = tuple[list[str], list[str], str, bool, str, _Form, _Begun | None]
"""A MailMsg in its rows: the recipients before categorization and after it, what stands behind the event, whether it is a usual one, the id,
the rest that is said of it, and how it came to be if nothing has happened to it since.

The first two are one list unless it came from the store of this server. A usual one has one recipient and no client: most of its rows
need no thought.
"""

_Named = tuple[str, list[str], str]
"""What a row has before its recipients, these, and what it has behind its event."""

_Special = Callable[["Walk", Record, _Cells, str], _Named]

EARLY: Final = 0
LATE: Final = 1
_Row = tuple[str, str, Literal[0, 1], "_Special | None", bool, "_Row | None"]
"""What a kind of event writes: from the client to the server; the event; whether the recipients stand there as before categorization,
`EARLY`, or as after it, `LATE`; who is asked where the cells of the MailMsg alone are not what the row has; whether a usual MailMsg
needs nobody to be asked; and another row, if there is one.
"""


class _Mail:
    """A MailMsg to which something has happened: whom it carries by number, and how it came to where it is.

    ``key`` is the MailMsg that was given its Message-ID, and ``report`` the size of a journal report. Most servers write nothing of it, so
    its letter is read by one that does.
    """

    __slots__ = ("begun", "client", "from_store", "key", "letter", "people", "report")

    def __init__(self, people: dict[int, str], key: MailId, begun: _Begun, letter: _Letter | None) -> None:
        self.people = people
        self.key = key
        self.begun = begun
        self.letter = letter
        self.report: int | None = None
        self.from_store = False
        self.client: tuple[str, str] | None = None


class Walk:
    """A walk through a trace that knows what one server writes down. It forgets each message that has come to its end.

    ``begun`` are the MailMsgs to which nothing has happened since they were made, not even a row, and ``mails`` those to which something
    has. ``cells`` are what those have in their rows that have had one since.
    """

    def __init__(self, trace: Trace, server: str, *, subjects: bool) -> None:
        self.server = server
        self.subjects = subjects
        self.trace = trace
        self.letters, self.ids = trace.letters, trace.message_ids
        organization = trace.organization
        self.organization, self.homes = organization["name"], organization["homes"]
        self.full = {item["name"]: item["fqdn"] for item in organization["servers"]}
        self.ips = {item["name"]: item["ip"] for item in (*organization["external_hosts"], *organization["servers"])}
        self.kinds: dict[Kind, _Row | None] = {}
        self.begun: dict[MailId, _Begun] = {}
        self.mails: dict[MailId, _Mail] = {}
        self.cells: dict[MailId, _Cells] = {}
        self.at_mta: set[MailId] = set()
        self.cell = _Made(cell).__getitem__
        self.directory_name = _Made(self._directory_name).__getitem__
        self.stems = _Made(self._stem)
        self.clients = _Made(self._client)
        self.submissions = 0
        self.linked, self.linked_until = "", -1.0
        self.last: tuple[object, Collection[str], float, float] = (None, (), 0.0, 0.0)
        self.last_form: _Form

    def lines(self, records: Sequence[Record], first: int, end: int) -> Iterator[str]:
        """Go over events from the very first: the lines about those from number ``first`` to before ``end``."""
        for _ in self._chunks(records, 0, first):
            pass
        return chain.from_iterable(self._chunks(records, first, end))

    def _chunks(self, records: Sequence[Record], first: int, end: int) -> Iterator[list[str]]:
        for start in range(first, end, CHUNK):
            yield self._written(records[start : min(start + CHUNK, end)])

    def _written(self, records: Sequence[Record]) -> list[str]:
        # Every event of a busy server passes here, so as little is looked up as can be.
        here, kinds, cells, lines = self.server, self.kinds, self.cells, []
        stamp, until = "", -1.0
        for record in records:
            try:
                row = kinds[record[2]]
            except KeyError:
                row = kinds[record[2]] = self._row(record[2])
            if row is not None and (record[1] == here or row is TARGET):
                mail = cells.get(record[4]) or self._prepared(record[4])
                if record[0] >= until:
                    until = int(record[0]) + 1.0
                    stamp = stamp_written(_second(int(record[0])))
                while row is not None:
                    stem, event, whom, special, spared, row = row
                    if special is None or (spared and mail[3]):
                        names, rest = mail[whom], mail[2]
                    else:
                        stem, names, rest = special(self, record, mail, stem)
                    for name in names:
                        lines.append(f"{stamp}{stem}{name}{event}{rest}")
            if record[6]:
                self._follow(record)
        return lines

    # -- what a MailMsg is in its rows --------------------------------------------------------------------------------

    def _prepared(self, name: MailId) -> _Cells:
        """The cells of a MailMsg that has its first row, or its first one since something happened to it."""
        begun = self.begun.pop(name, None)
        if begun is not None:
            form, key, from_store, no_client = self._form_of(*begun), name, False, True
        else:
            mail = self.mails[name]
            form, key = self._form(self._letter_of(mail), mail.people.values()), mail.key
            from_store, no_client = mail.from_store, mail.client is None
        given = self.ids.get(key)  # a server writes it in brackets
        message_id = given[1:-1] if given else form.letter.own_id
        early, usual = form.early if from_store else form.late, no_client and form.alone
        made = self.cells[name] = early, form.late, f"{message_id}{form.rest}", usual, message_id, form, begun
        return made

    def _letter_of(self, mail: _Mail) -> _Letter:
        if mail.letter is None:
            letter = self._read(*mail.begun)
            mail.letter = letter if mail.report is None else letter._replace(sender="<>", size=mail.report)
        return mail.letter

    def _form_of(self, record: Record, created: Created) -> _Form:
        """What is said of a new message: that of the last one, but for its time, if that was the same to the same people."""
        message, _, addresses = created
        source = self.letters.get(message) or self.trace.messages[message]
        last, to, since, until = self.last
        same = source is last and addresses == to
        if not same or not since <= record[0] < until:
            second = int(record[0])
            self.last = source, addresses, float(second), second + 1.0
            self.last_form = (
                self.last_form.later(time_written(_second(second)))
                if same
                else self._form(self._read(record, created), addresses)
            )
        return self.last_form

    def _form(self, letter: _Letter, people: Iterable[str]) -> _Form:
        late = list(map(self.cell, people))
        return _Form(letter, list(map(self.directory_name, late)), late)

    def _directory_name(self, address: str) -> str:
        """A mailbox as the directory names it, and every other address as it is (Source: K19)."""
        if address not in self.homes:
            return address
        name = f"/O={self.organization}/OU=First Administrative Group/CN=Recipients/CN={address.partition('@')[0]}"
        return plain(name.upper())

    def _read(self, record: Record, created: Created) -> _Letter:
        source: Message | MessageData = self.letters.get(created.message) or self.trace.messages[created.message]
        failed = step_of(record[2]).key == "notification.made" and record[3][0] == FAILED
        status, begun = "1" if failed else "-", time_written(_second(int(record[0])))
        if isinstance(source, dict):
            own, sender, subject = source.get("id", ""), source["sender"], source["subject"]
            size, priority = source["size"], source["priority"]
        else:
            own, sender, subject = source.own_id, str(source.sender), source.subject
            size, priority = source.size, str(source.priority)
        sender = "<>" if cell(sender) == "-" else cell(sender)
        store_sender = f"EX:{self.directory_name(sender)}"
        subject = cell(subject) if self.subjects else "-"
        return _Letter(_bare(own), sender, store_sender, subject, size, PRIORITY.get(priority, 0), status, begun)

    # -- what is written ----------------------------------------------------------------------------------------------

    def _row(self, kind: Kind) -> _Row | None:
        step = step_of(kind)
        if step.key == "categorizer.target":
            return TARGET
        row = None if step.tracking is None else self._usual(step.tracking)
        if step.key.startswith("mta."):
            return self.stems[COMPONENTS[HANDED_TO_MTA]], f"\t{HANDED_TO_MTA}\t", LATE, Walk._handed, False, row
        return row

    def _usual(self, event: int) -> _Row:
        stem, special = self.stems[COMPONENTS.get(event, "")], SPECIAL.get(event)
        return stem, f"\t{event}\t", EARLY if event in BEFORE_CATEGORIZATION else LATE, special, event in SPARED, None

    def _client(self, name: str) -> tuple[str, str]:
        """The address and the full name of a host that hands something over."""
        return self.ips.get(name, name if name.replace(".", "").isdigit() else ""), self.full.get(name, name)

    def _stem(self, partner: str, client: tuple[str, str] = ("", "")) -> str:
        """From the client to the server."""
        return "\t".join(("", *map(cell, (*client, partner, self.server, self.ips[self.server])), ""))

    def _from_store(self, record: Record, mail: _Cells, stem: str) -> _Named:
        _, late, rest, usual, message_id, form, begun = mail
        self.cells[record[4]] = form.early, late, rest, usual, message_id, form, begun
        self.submissions += 1
        if record[0] >= self.linked_until:
            second = int(record[0])
            self.linked_until, self.linked = second + 1.0, self._linked(second)
        return stem, form.early, f"{message_id}{form.front}-\t{self.linked}{self.submissions}{form.store_sender}"

    def _linked(self, second: int) -> str:
        """How an id begins that ties a submission to the store, in the style of X.400 (Source: K25)."""
        when = _second(second)  # written out, as `strftime` takes three times as long
        day = f"{when.year % 100:02}{when.month:02}{when.day:02}"
        clock = f"{when.hour:02}{when.minute:02}{when.second:02}"
        return plain(f"c=us;a= ;p={self.organization};l={self.server}-{day}{clock}Z-")

    def _submitted(self, record: Record, mail: _Cells, stem: str) -> _Named:
        early, _, rest, _, message_id, form, _ = mail
        arrived = self.mails.get(record[4])
        if arrived is None or arrived.client is None:
            return stem, early, rest
        version = VERSION if arrived.client[1] else "-"
        return self._stem("", arrived.client), early, f"{message_id}{form.letter.rest(len(early), version)}"

    def _redirected(self, record: Record, mail: _Cells, stem: str) -> _Named:
        _, late, _, _, message_id, form, _ = mail
        who = cell(str(record[3][0]))
        return stem, [name for name in late if name == who][:1], f"{message_id}{form.letter.rest(1)}"

    def _to_mta(self, record: Record, mail: _Cells, stem: str) -> _Named:
        self.at_mta.add(record[4])
        return stem, mail[1], mail[2]

    def _handed(self, record: Record, mail: _Cells, stem: str) -> _Named:
        if record[4] not in self.at_mta:
            return stem, [], ""
        self.at_mta.remove(record[4])
        return stem, mail[1], mail[2]

    def _starts(self, record: Record, mail: _Cells, stem: str) -> _Named:
        return self.stems[str(record[3][0])], mail[1], mail[2]

    def _sent(self, record: Record, mail: _Cells, stem: str) -> _Named:
        return self._leaving(record, mail, self.stems[str(record[3][0])])

    def _sent_by_mta(self, record: Record, mail: _Cells, stem: str) -> _Named:
        return self._leaving(record, mail, self.stems[str(record[3][1])])

    def _leaving(self, record: Record, mail: _Cells, stem: str) -> _Named:
        """Those with whom the server has done: not always all."""
        _, late, rest, _, message_id, form, _ = mail
        if len(late) == 1:
            return stem, late, rest
        people = self._changed(record[4]).people
        effects = [effect for effect in record[6] if isinstance(effect, (Ended, Split))]
        names = [self.cell(people[number]) for effect in effects for number in _gone(effect)]
        return stem, names, f"{message_id}{form.letter.rest(len(names))}"

    # -- what is remembered -------------------------------------------------------------------------------------------

    def _follow(self, record: Record) -> None:
        for effect in record[6]:
            if isinstance(effect, Created):
                self.begun[effect.mail] = record, effect
            elif isinstance(effect, Ended):
                self._leave(effect.mail, effect.recipient)
            elif isinstance(effect, Split):
                self._split(record, effect)
            elif isinstance(effect, Added):
                self._changed(effect.mail).people[effect.recipient] = effect.address

    def _changed(self, name: MailId) -> _Mail:
        """A MailMsg to which something happens, so that its cells are to be made anew."""
        cells = self.cells.pop(name, None)
        if name not in self.mails:
            begun = (cells and cells[6]) or self.begun.pop(name)
            people: dict[int, str] = dict(enumerate(begun[1].addresses))
            made = self.mails[name] = _Mail(people, name, begun, cells[5].letter if cells else None)
            made.from_store = cells is not None and cells[0] is not cells[1]
        return self.mails[name]

    def _rename(self, record: Record, mail: _Cells, stem: str) -> _Named:
        """Nothing is written where a contact stands for an address outside: only its rows name that from here on."""
        people = self._changed(record[4]).people
        target = str(record[3][1]).rpartition(":")[2]
        for number, address in people.items():
            people[number] = target if address == record[3][0] else address
        return stem, [], ""

    def _leave(self, name: MailId, number: int) -> None:
        cells = self.cells.get(name)
        begun = self.begun.get(name) if cells is None else cells[6]
        if begun is not None and len(begun[1].addresses) == 1:
            del (self.begun if cells is None else self.cells)[name]
            return
        people = self._changed(name).people
        del people[number]
        if not people:
            del self.mails[name]

    def _split(self, record: Record, effect: Split) -> None:
        old, step = self._changed(effect.source), step_of(record[2])
        people = {number: old.people.pop(number) for number in effect.recipients}
        if not old.people:
            del self.mails[effect.source]
        made = _Mail(people, effect.made if effect.made in self.ids else old.key, old.begun, old.letter)
        made.report = old.report
        if step.key == "categorizer.journal-report":
            made.letter, made.report = None, cast(int, record[3][1])
        if step.tracking == SENT:
            made.client = self.clients[str(record[1])]
        elif step.tracking != MTA_OUT:
            made.from_store, made.client = old.from_store, old.client
        self.mails[effect.made] = made


SPECIAL: Final[dict[int, _Special]] = {
    FROM_STORE: Walk._from_store,
    SUBMITTED: Walk._submitted,
    REDIRECTED: Walk._redirected,
    TO_MTA: Walk._to_mta,
    BEGUN: Walk._starts,
    SENT: Walk._sent,
    MTA_OUT: Walk._sent_by_mta,
    BADMAIL: Walk._leaving,
    DELIVERED: Walk._leaving,
    RETURNED: Walk._leaving,
}
TARGET: Final[_Row] = ("", "", LATE, Walk._rename, False, None)


def cell(text: str) -> str:
    """A text as a field of a line has it; a hyphen stands for an empty one."""
    return plain(text) or "-"


def _second(number: int) -> datetime:
    return START + timedelta(seconds=number)


def _gone(effect: Ended | Split) -> tuple[int, ...]:
    return effect.recipients if isinstance(effect, Split) else (effect.recipient,)


def _bare(name: str) -> str:
    """A Message-ID without its brackets, as the column has it."""
    return plain(name.strip().removeprefix("<").removesuffix(">")) or "-"
