"""The lines that a server writes into its message tracking log, made in one walk through a trace.

Source: K18, K19, K25, K29, T164, T167, O-10.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from functools import lru_cache
from itertools import islice
from typing import TYPE_CHECKING, Final, Literal, NamedTuple, Self, TypeVar, cast

from mailflow.messages.stamps import SERVICE
from mailflow.names import MailId
from mailflow.tools.tracking_rows import TWO, clock_spelt, day_spelt, plain, stamped
from mailflow.trace import Record, Trace
from mailflow.trace.clock import START
from mailflow.trace.effects import Added, Created, Effect, Ended, Split
from mailflow.trace.telling import Kind, step_of

if TYPE_CHECKING:
    from mailflow.messages import Message
    from mailflow.names import EmailAddress
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
MORNING: Final = START.hour * 3600 + START.minute * 60 + START.second
V = TypeVar("V")


class _Made(dict[str, V]):
    """Something about each text, made when it is asked for the first time."""

    def __init__(self, make: Callable[[str], V]) -> None:
        self.make = make

    def __missing__(self, key: str) -> V:
        made = self[key] = self.make(key)
        return made


class _Said(NamedTuple):
    """What all rows of a message say of it, as cells. ``submitted`` is the end of the row with which it comes from the store."""

    own_id: str
    sender: str
    submitted: str
    subject: str
    size: int
    priority: int
    status: str


class _Letter:
    """A message in its rows: what they say of it, and what stands behind the id in a row of so many recipients, made for the last number.

    ``front`` goes to the encryption, and ``rest`` to the sender, as most rows have it.
    """

    __slots__ = ("begun", "count", "front", "rest", "said")

    def __init__(self, said: _Said, begun: str) -> None:
        self.said = said
        self.begun = begun
        self.count = 0
        self.front = self.rest = ""

    def to(self, count: int) -> Self:
        """The same letter, in a row of so many recipients."""
        if count != self.count:
            said, self.count = self.said, count
            self.front = f"\t{said.priority}\t{said.status}\t{said.size}\t{count}\t{self.begun}\t0\t"
            self.rest = self.by("-")
        return self

    def by(self, version: str) -> str:
        """What stands behind the id in a row that a service of this version wrote."""
        return f"{self.front}{version}\t-\t{self.said.subject}\t{self.said.sender}"


class _Form:
    """What all rows say of new messages of one second that are the same to the same people: somebody may send them again and again.

    Most servers write nothing of a message, so its letter is read by one that does, and what comes of it filled in. ``late`` are its
    recipients as rows name them, and ``early`` as they do before categorization where it came from the store.
    """

    __slots__ = ("addresses", "early", "late", "letter", "record", "rest", "source", "until")

    def __init__(self, record: Record, source: Message | MessageData, addresses: tuple[EmailAddress, ...]) -> None:
        self.record = record
        self.source = source
        self.addresses = addresses
        self.until = int(record[0]) + 1.0
        self.letter: _Letter | None = None
        self.early: list[str] = []
        self.late: list[str] = []
        self.rest = ""


_Cells = tuple[list[str], list[str], str, bool, str, _Letter, "_Form | None"]
"""A MailMsg in its rows: the recipients before categorization and after it, what stands behind the event, whether it is a usual one, the id,
the letter, and the form if nothing has happened to it since it was made.

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
needs nobody to be asked; and another row, if there is one: then it is not spared.
"""


class _Mail:
    """A MailMsg to which something has happened: whom it carries by number, and how it came to where it is.

    ``key`` is the MailMsg that was given its Message-ID, ``report`` the size of a journal report, and ``arrival`` what a row says of the
    client that handed it over: from the client to the server, and the version of the service that took it.
    """

    __slots__ = ("arrival", "form", "from_store", "key", "people", "report")

    def __init__(self, people: dict[int, str], key: MailId, form: _Form) -> None:
        self.people = people
        self.key = key
        self.form = form
        self.report: int | None = None
        self.from_store = False
        self.arrival: tuple[str, str] | None = None


class Walk:
    """A walk through a trace that knows what one server writes down. It forgets each message that has come to its end.

    ``fresh`` are the MailMsgs to which nothing has happened since they were made, not even a row, and ``mails`` those to which something
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
        self.fresh: dict[MailId, _Form] = {}
        self.mails: dict[MailId, _Mail] = {}
        self.cells: dict[MailId, _Cells] = {}
        self.at_mta: set[MailId] = set()
        self.cell = _Made(cell).__getitem__
        self.directory_name = _Made(self._directory_name).__getitem__
        self.stems = _Made(self._stem)
        self.arrivals = _Made(self._arrival)
        self.submissions = 0
        self.linked, self.digits = plain(f"c=us;a= ;p={self.organization};l={server}-"), ""
        self.newest: _Form | None = None
        self.read: _Form | None = None

    def lines(self, records: Sequence[Record], first: int, end: int) -> Iterator[str]:
        """Go over events from the very first: the lines about those from number ``first`` to before ``end``."""
        coming = iter(records)
        for _ in self._lines(islice(coming, first)):
            pass
        return self._lines(islice(coming, end - first))

    def _lines(self, records: Iterator[Record]) -> Iterator[str]:
        # Every event of a busy server passes here, so as little is looked up as can be.
        here, kinds, cells = self.server, self.kinds, self.cells
        stamp, until = "", -1.0
        for record in records:
            try:
                row = kinds[record[2]]
            except KeyError:
                row = kinds[record[2]] = self._row(record[2])
            if row is not None and (record[1] == here or row is TARGET):
                mail = cells.get(record[4]) or self._prepared(record[4], row)
                if record[0] >= until:
                    until = int(record[0]) + 1.0
                    _, stamp, self.digits = _times(int(record[0]))
                stem, event, whom, _, spared, _ = row
                if spared and mail[3]:
                    yield f"{stamp}{stem}{mail[whom][0]}{event}{mail[2]}"
                else:
                    yield from self._asked(stamp, record, mail, row)
            if record[6]:
                for effect in record[6]:
                    if type(effect) in FOLLOWED:
                        FOLLOWED[type(effect)](self, record, effect)

    def _asked(self, stamp: str, record: Record, mail: _Cells, row: _Row | None) -> Iterator[str]:
        while row is not None:
            stem, event, whom, special, _, row = row
            names, rest = mail[whom], mail[2]
            if special is not None:
                stem, names, rest = special(self, record, mail, stem)
            for name in names:
                yield f"{stamp}{stem}{name}{event}{rest}"

    # -- what a MailMsg is in its rows --------------------------------------------------------------------------------

    def _prepared(self, name: MailId, row: _Row) -> _Cells:
        """The cells of a MailMsg that has its first row, or its first one since something happened to it."""
        form = self.fresh.pop(name, None)
        if form is None:
            made = self._changed_cells(self.mails[name])
        else:
            letter = form.letter or self._read(form)
            message_id = self._id(name, letter)
            early = form.early if row[3] is Walk._from_store else form.late
            made = early, form.late, f"{message_id}{form.rest}", len(early) == 1, message_id, letter, form
        self.cells[name] = made
        return made

    def _changed_cells(self, mail: _Mail) -> _Cells:
        letter = mail.form.letter or self._read(mail.form)
        if mail.report is not None:
            letter = _Letter(letter.said._replace(sender="<>", size=mail.report), letter.begun)
        late = list(map(self.cell, mail.people.values()))
        early = list(map(self.directory_name, late)) if mail.from_store else late
        message_id, rest = self._id(mail.key, letter), letter.to(len(late)).rest
        return early, late, f"{message_id}{rest}", mail.arrival is None and len(late) == 1, message_id, letter, None

    def _id(self, name: MailId, letter: _Letter) -> str:
        given = self.ids.get(name)  # a server writes it in brackets
        return given[1:-1] if given else letter.said.own_id

    def _read(self, form: _Form) -> _Letter:
        """Fill in a form: the letter is that of the last one, but for its time, if that was about the same message."""
        last, self.read = self.read, form
        known = last.letter if last is not None and last.source is form.source else None
        said = self._said(form.record, form.source) if known is None else known.said
        form.letter = letter = _Letter(said, _times(int(form.record[0]))[0])
        form.late = list(map(self.cell, form.addresses))
        form.early = list(map(self.directory_name, form.late))
        form.rest = letter.to(len(form.late)).rest
        return letter

    def _directory_name(self, address: str) -> str:
        """A mailbox as the directory names it, and every other address as it is (Source: K19)."""
        if address not in self.homes:
            return address
        name = f"/O={self.organization}/OU=First Administrative Group/CN=Recipients/CN={address.partition('@')[0]}"
        return plain(name.upper())

    def _said(self, record: Record, source: Message | MessageData) -> _Said:
        failed = step_of(record[2]).key == "notification.made" and record[3][0] == FAILED
        if isinstance(source, dict):
            own, sender, subject = source.get("id", ""), source["sender"], source["subject"]
            size, priority = source["size"], source["priority"]
        else:
            own, sender, subject = source.own_id, str(source.sender), source.subject
            size, priority = source.size, str(source.priority)
        own, sender = _bare(own) if own else "-", self.cell(sender) if sender else "<>"
        subject = cell(subject) if self.subjects else "-"
        submitted = f"\t{subject}\tEX:{self.directory_name(sender)}"
        return _Said(own, sender, submitted, subject, size, PRIORITY.get(priority, 0), "1" if failed else "-")

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
        return (
            stem,
            f"\t{event}\t",
            EARLY if event in BEFORE_CATEGORIZATION else LATE,
            special,
            special is None or event in SPARED,
            None,
        )

    def _arrival(self, name: str) -> tuple[str, str]:
        """What a row says of a host that hands something over, by its address and its full name."""
        ip, full = self.ips.get(name, name if name.replace(".", "").isdigit() else ""), self.full.get(name, name)
        return self._stem("", (ip, full)), VERSION if full else "-"

    def _stem(self, partner: str, client: tuple[str, str] = ("", "")) -> str:
        """From the client to the server."""
        return "\t".join(("", *map(cell, (*client, partner, self.server, self.ips[self.server])), ""))

    def _from_store(self, record: Record, mail: _Cells, stem: str) -> _Named:
        """The only row with an id that ties the message to the store, in the style of X.400 (Source: K25)."""
        early, _, _, _, message_id, letter, _ = mail
        self.submissions += 1
        front, end = letter.to(len(early)).front, letter.said.submitted
        return stem, early, f"{message_id}{front}-\t{self.linked}{self.digits}{self.submissions}{end}"

    def _submitted(self, record: Record, mail: _Cells, stem: str) -> _Named:
        early, _, rest, _, message_id, letter, _ = mail
        arrived = self.mails.get(record[4])
        if arrived is None or arrived.arrival is None:
            return stem, early, rest
        stem, version = arrived.arrival
        return stem, early, f"{message_id}{letter.to(len(early)).by(version)}"

    def _redirected(self, record: Record, mail: _Cells, stem: str) -> _Named:
        _, late, _, _, message_id, letter, _ = mail
        who = cell(str(record[3][0]))
        return stem, [name for name in late if name == who][:1], f"{message_id}{letter.to(1).rest}"

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
        _, late, rest, _, message_id, letter, _ = mail
        if len(late) == 1:
            return stem, late, rest
        people = self._changed(record[4]).people
        effects = [effect for effect in record[6] if isinstance(effect, (Ended, Split))]
        names = [self.cell(people[number]) for effect in effects for number in _gone(effect)]
        return stem, names, f"{message_id}{letter.to(len(names)).rest}"

    # -- what is remembered -------------------------------------------------------------------------------------------

    def _created(self, record: Record, effect: Created) -> None:
        message, name, addresses = effect
        source = self.letters.get(message) or self.trace.messages[message]
        form = self.newest
        if form is None or source is not form.source or addresses != form.addresses or record[0] >= form.until:
            form = self.newest = _Form(record, source, addresses)
        self.fresh[name] = form

    def _added(self, record: Record, effect: Added) -> None:
        self._changed(effect.mail).people[effect.recipient] = effect.address

    def _changed(self, name: MailId) -> _Mail:
        """A MailMsg to which something happens, so that its cells are to be made anew."""
        cells = self.cells.pop(name, None)
        if name not in self.mails:
            form = (cells and cells[6]) or self.fresh.pop(name)
            made = self.mails[name] = _Mail(dict(enumerate(form.addresses)), name, form)
            made.from_store = cells is not None and cells[0] is not cells[1]
        return self.mails[name]

    def _rename(self, record: Record, mail: _Cells, stem: str) -> _Named:
        """Nothing is written where a contact stands for an address outside: only its rows name that from here on."""
        people = self._changed(record[4]).people
        target = str(record[3][1]).rpartition(":")[2]
        for number, address in people.items():
            people[number] = target if address == record[3][0] else address
        return stem, [], ""

    def _ended(self, record: Record, effect: Ended) -> None:
        name = effect.mail
        cells = self.cells.get(name)
        form = self.fresh.get(name) if cells is None else cells[6]
        if form is not None and len(form.addresses) == 1:
            del (self.fresh if cells is None else self.cells)[name]
            return
        people = self._changed(name).people
        del people[effect.recipient]
        if not people:
            del self.mails[name]

    def _split(self, record: Record, effect: Split) -> None:
        old, step = self._changed(effect.source), step_of(record[2])
        people = {number: old.people.pop(number) for number in effect.recipients}
        if not old.people:
            del self.mails[effect.source]
        made = _Mail(people, effect.made if effect.made in self.ids else old.key, old.form)
        made.report = old.report
        if step.key == "categorizer.journal-report":
            made.report = cast(int, record[3][1])
        if step.tracking == SENT:
            made.arrival = self.arrivals[str(record[1])]
        elif step.tracking != MTA_OUT:
            made.from_store, made.arrival = old.from_store, old.arrival
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
FOLLOWED: Final[dict[type[Effect], Callable[..., None]]] = {
    Created: Walk._created,
    Added: Walk._added,
    Split: Walk._split,
    Ended: Walk._ended,
}
TARGET: Final[_Row] = ("", "", LATE, Walk._rename, False, None)


def cell(text: str) -> str:
    """A text as a field of a line has it; a hyphen stands for an empty one."""
    return plain(text) or "-"


@lru_cache(maxsize=1024)
def _times(second: int) -> tuple[str, str, str]:
    """A second as a single column has it, as the first two columns have it, and as an id of the store has it."""
    # Without a `datetime`, which would take three times as long: a log of sparse mail has as many seconds as messages.
    days, second = divmod(MORNING + second, 86_400)
    minute, second = divmod(second, 60)
    hour, minute = divmod(minute, 60)
    day, digits = _day(days)
    written = f"{day} {clock_spelt(hour, minute, second)}"
    return written, stamped(written), f"{digits}{TWO[hour]}{TWO[minute]}{TWO[second]}Z-"


@lru_cache(maxsize=16)
def _day(number: int) -> tuple[str, str]:
    day = START.date() + timedelta(days=number)
    return day_spelt(day), f"{day:%y%m%d}"


def _gone(effect: Ended | Split) -> tuple[int, ...]:
    return effect.recipients if isinstance(effect, Split) else (effect.recipient,)


def _bare(name: str) -> str:
    """A Message-ID without its brackets, as the column has it."""
    return plain(name.strip().removeprefix("<").removesuffix(">")) or "-"
