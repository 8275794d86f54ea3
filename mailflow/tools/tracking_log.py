"""The message tracking log of a server, made from the trace of a run.

Source: K5, K14, K18, K19, K20, K29, T162, T164, T167, O-10.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple, cast

from mailflow.facts import rule
from mailflow.facts.kinds import need
from mailflow.messages.stamps import SERVICE
from mailflow.names import MailId, MessageId, message_of
from mailflow.tools.tracking_rows import TrackingLog, TrackingRow, plain, stamp_written, time_written
from mailflow.trace import Record, Trace
from mailflow.trace.clock import START
from mailflow.trace.effects import Added, Created, Ended, Split
from mailflow.trace.telling import Kind, step_of

if TYPE_CHECKING:
    from mailflow.trace.described import TrackingData

__all__ = ["TrackingLog", "tracking_log"]

FROM_STORE, SUBMITTED, REDIRECTED, TO_MTA, MTA_IN, MTA_OUT = 1027, 1019, 1042, 1038, 0, 7
BEGUN, SENT = 1020, 1031
ENDS = (1021, 1028, 1030)
HANDED_TO_MTA = 1029
SPECIAL = (FROM_STORE, REDIRECTED, TO_MTA, MTA_OUT, BEGUN, SENT, *ENDS)
"""Events whose rows need more than the recipients that a MailMsg has."""
BEFORE_CATEGORIZATION = (FROM_STORE, SUBMITTED, 1024, 1025, 1032)
COMPONENTS = {1023: "STORE", 1028: "STORE", 1029: "X400", 1038: "X400"}
PRIORITY = {"high": 1, "normal": 0, "low": -1}
VERSION = f"Version: {SERVICE.partition('(')[2].rstrip(')')}"
FAILED = "failure"


def tracking_log(trace: Trace, server: str, at: int = -1) -> TrackingLog:
    """The message tracking log that a server has after a step of a trace.

    A server that is not told to does not track: switch it on with ``message_tracking=True`` before the run, as a log can only tell what
    was recorded at the time (K3, K13). Rows go on beyond the categorizer, as those of Exchange 2003 do (K12, T163). They are made one
    after the other as somebody reads them.

    What no document says is inferred here: that a client stands in the row with which a message arrives, and the other host of a
    transfer as the partner; that a mailbox stands in its directory form, made of the names of organization and mailbox, until the
    message is categorized, and a contact in the form of its target address from there on. The size is that of the message as its
    sender made it, without the lines that servers write on top, and ``Encryption`` is always 0 (K19, T165, T167).

    Example:
        >>> import mailflow
        >>> organization = mailflow.reconfigure(mailflow.load("one server"), "LON01", message_tracking=True)
        >>> message = mailflow.Message.write("anna@contoso.com", "ben@contoso.com", subject="Lunch?")
        >>> trace = mailflow.Scenario(organization).send(message).run()
        >>> [row.event for row in mailflow.tracking_log(trace, "LON01")]
        [1027, 1019, 1025, 1024, 1033, 1036, 1023, 1028]

    Raises:
        ValueError: no such server, or one that does not track messages.
        IndexError: there is no such step.
    """
    need("tracking_log", trace, Trace, "trace", "give what a scenario's .run() returned")
    settings = _settings(trace, server)
    last = trace.number(at) if len(trace) else -1
    ip = next(item["ip"] for item in trace.organization["servers"] if item["name"] == server)

    def entries() -> Iterator[_Entry]:
        return _entries(trace, server, settings, last)

    return TrackingLog(
        f"Message tracking log of {server}",
        lambda: _rows(server, ip, entries()),
        lines=lambda: _lines(server, ip, entries()),
    )


def tracked(trace: Trace) -> dict[str, bool]:
    """Each server of the organization, and whether it tracks messages (Source: K3)."""
    return {item["name"]: "tracking" in item for item in trace.organization["servers"]}


def _settings(trace: Trace, server: str) -> TrackingData:
    for item in trace.organization["servers"]:
        if item["name"] == server:
            if "tracking" in item:
                return item["tracking"]
            remedy = f'mailflow.reconfigure(organization, "{server}", message_tracking=True)'
            raise ValueError(f"{server} does not track messages; switch it on before the run: {remedy}")
    raise ValueError(f"no server {server!r}; there is {', '.join(list(tracked(trace))[:8])}")


@rule
def kept_from(last: datetime, days: int | None) -> datetime | None:
    """Files that are older than the number of days are removed: the first day that is still there, None for all of them.

    Source: K7, K9.
    """
    return (
        None if days is None else datetime(last.year, last.month, last.day, tzinfo=last.tzinfo) - timedelta(days=days)
    )


def _entries(trace: Trace, server: str, settings: TrackingData, last: int) -> Iterator[_Entry]:
    now = START + timedelta(seconds=trace.records[last][0]) if len(trace) else START
    first = kept_from(now, settings["days"])
    since = float("-inf") if first is None else (first - START).total_seconds()
    records = trace.records[: last + 1] if last + 1 < len(trace) else trace.records
    found = _Walk(trace, server, subjects=settings["subjects"]).over(records)
    return found if since <= 0 else (entry for entry in found if entry[0] >= since)


def _rows(server: str, ip: str, entries: Iterable[_Entry]) -> Iterator[TrackingRow]:
    """The entries as rows with names, one for each recipient."""
    # In the order of the columns, and without their names: this makes every row of a busy server.
    make = TrackingRow._make
    for second, event, partner, mail, names, linked in entries:
        about = mail.about
        client_ip, client = mail.client if event == SUBMITTED else NOBODY
        head = (_second(second), client_ip, client, partner, server, ip)
        middle = (event, about.message_id, about.priority, about.report_status, about.total_bytes, len(names))
        sender = about.store_sender if event == FROM_STORE else about.sender
        tail = (_second(about.originated), 0, VERSION if client else "", linked, about.subject, sender)
        for name in names:
            yield make((*head, name, *middle, *tail))


def _lines(server: str, ip: str, entries: Iterable[_Entry]) -> Iterator[str]:
    """The entries as lines of the file, the same as `written` makes of the rows: what all lines of a message share is made once."""
    before = f"\t{_cell(server)}\t{_cell(ip)}\t"
    last, stamp, known, start = -1, "", "", ""
    cells: dict[str, str] = {"": "-"}
    for second, event, partner, mail, names, linked in entries:
        # Every line of a busy server passes here, so what is as it was before is not made again.
        if second != last:
            last, stamp, known = second, stamp_written(_second(second)), "\n"
        if partner != known:
            known, start = partner, f"{stamp}\t-\t-\t{_cell(partner)}{before}"
        about, count, begins = mail.about, len(names), start
        rest = about.rest if count == about.count else about.counted(count)
        if event == FROM_STORE:
            rest = about.with_cells(count, linked=linked or "-", sender=about.store_sender)
        elif event == SUBMITTED and mail.client is not NOBODY:
            client_ip, client = mail.client
            begins = f"{stamp}\t{_cell(client_ip)}\t{_cell(client)}\t{_cell(partner)}{before}"
            rest = about.with_cells(count, version=VERSION if client else "-")
        for name in names:
            yield f"{begins}{cells.get(name) or cells.setdefault(name, _cell(name))}\t{event}{rest}"


def _cell(text: str) -> str:
    return plain(text) or "-"


NOBODY = ("", "")


class _About:
    """What the rows of a message say of it. ``originated`` is in seconds of the run.

    ``rest`` is what most of its lines have behind their event when they name ``count`` recipients.
    """

    __slots__ = (
        "count",
        "message_id",
        "originated",
        "priority",
        "report_status",
        "rest",
        "sender",
        "store_sender",
        "subject",
        "total_bytes",
    )

    def __init__(
        self,
        message_id: str,
        sender: str,
        store_sender: str,
        subject: str,
        total_bytes: int,
        priority: int,
        originated: int,
        report_status: int | None,
    ) -> None:
        self.message_id = message_id
        self.sender = sender
        self.store_sender = store_sender
        self.subject = subject
        self.total_bytes = total_bytes
        self.priority = priority
        self.originated = originated
        self.report_status = report_status
        self.count = -1
        self.rest = ""

    def but(self, *, message_id: str = "", sender: str = "", total_bytes: int = -1) -> _About:
        """The same with another id, or another sender and size."""
        return _About(
            message_id or self.message_id,
            sender or self.sender,
            self.store_sender,
            self.subject,
            self.total_bytes if total_bytes < 0 else total_bytes,
            self.priority,
            self.originated,
            self.report_status,
        )

    def counted(self, count: int) -> str:
        """Make ``rest`` for so many recipients."""
        self.count, self.rest = count, self.with_cells(count)
        return self.rest

    def with_cells(self, count: int, *, version: str = "-", linked: str = "-", sender: str = "") -> str:
        """What a line has behind its event, with cells that only some lines have."""
        status = "-" if self.report_status is None else self.report_status
        return (
            f"\t{self.message_id or '-'}\t{self.priority}\t{status}\t{self.total_bytes}\t{count}\t{time_written(_second(self.originated))}"
            f"\t0\t{version}\t{linked}\t{self.subject or '-'}\t{sender or self.sender or '-'}"
        )


class _Carried:
    """What is known of a MailMsg on its way: its recipients by number, their addresses, its id, and how it came to where it is."""

    __slots__ = ("about", "awaits_mta", "client", "from_store", "people", "recipients")

    def __init__(self, recipients: list[int], people: list[str], about: _About) -> None:
        self.recipients = recipients
        self.people = people  # shared by all copies of a message
        self.about = about
        self.client = NOBODY
        self.from_store = False
        self.awaits_mta = False


_Entry = tuple[int, int, str, _Carried, list[str], str]
"""What a server writes down at once: second of the run, event, partner, MailMsg, the recipients as they are named, and the linked id."""


class _Kind(NamedTuple):
    """What a kind of event means for the log: its number, whether anything but a plain row comes of it, what it tells besides, and who is the
    partner.
    """

    event: int | None
    is_plain: bool
    is_written: bool
    is_told: bool
    is_early: bool
    partner: str


UNKNOWN = _Kind(None, False, False, False, False, "")


class _Walk:
    """A walk through a trace that knows what one server would write down. It forgets each message that has come to its end."""

    def __init__(self, trace: Trace, server: str, *, subjects: bool) -> None:
        self.trace = trace
        self.server = server
        self.subjects = subjects
        organization = trace.organization
        self.hosts: dict[str, str] = {item["name"]: item["ip"] for item in organization["external_hosts"]}
        self.full = {item["name"]: item["fqdn"] for item in organization["servers"]}
        self.hosts |= {item["name"]: item["ip"] for item in organization["servers"]}
        self.mails: dict[MailId, _Carried] = {}
        self.submissions = 0
        self.linked_at, self.linked = datetime.min, ""
        self.last_letter: object = None
        self.last_cells = ("", "", "", "", 0, 0)
        self.directory_names: dict[str, str] = {}
        self.kinds: dict[object, _Kind | None] = {}

    def over(self, records: Iterable[Record]) -> Iterator[_Entry]:
        """Go over events: the entries that the server writes about them. Each holds until the next one is asked for."""
        mails, kinds, server, directory = self.mails, self.kinds, self.server, self.directory_names
        for record in records:
            kind = kinds.get(record[2], UNKNOWN)
            if kind is UNKNOWN:
                kind = self._kind(record[2])
            # Most events of a busy server write nothing: they are done with at once.
            if kind is not None and (mail := mails.get(record[4])) is not None:
                event, is_plain, is_written, is_told, is_early, partner = kind
                if is_written and record[1] == server:
                    if is_plain and event is not None and not mail.awaits_mta:
                        people, whom = mail.people, mail.recipients
                        names = [people[whom[0]]] if len(whom) == 1 else [people[number] for number in whom]
                        if is_early and mail.from_store:
                            names = [directory.get(person) or self._directory_name(person) for person in names]
                        yield int(record[0]), event, partner, mail, names, ""
                    else:
                        yield from self._written(record, event, mail)
                if is_told:
                    self._told(record, mail)
            if record[6]:
                for effect in record[6]:
                    self._follow(record, effect)

    def _kind(self, key: Kind) -> _Kind | None:
        step = step_of(key)
        event = step.tracking
        of_mta, told = step.key.startswith("mta."), step.key == "categorizer.target"
        is_written = event is not None or of_mta
        made = _Kind(
            event=event,
            is_plain=event is not None and event not in SPECIAL and not of_mta,
            is_written=is_written,
            is_told=told,
            is_early=event in BEFORE_CATEGORIZATION,
            partner="" if event is None else COMPONENTS.get(event, ""),
        )
        self.kinds[key] = made if is_written or told else None
        return self.kinds[key]

    # -- what is written ----------------------------------------------------------------------------------------------

    def _written(self, record: Record, event: int | None, mail: _Carried) -> list[_Entry]:
        before = []
        if mail.awaits_mta and step_of(record[2]).key.startswith("mta."):
            mail.awaits_mta = False
            before = [self._entry(record, HANDED_TO_MTA, mail, mail.recipients, "")]
        if event is None:
            return before
        values = record[3]
        partner, whom = "", mail.recipients
        if event in ENDS or event in (SENT, MTA_OUT):
            whom = [number for effect in record[6] for number in _moved(effect)]
        if event in (BEGUN, SENT, MTA_OUT):
            partner = str(values[1 if event == MTA_OUT else 0])
        elif event == REDIRECTED:
            whom = [number for number in whom if mail.people[number] == values[0]][:1]
        elif event == FROM_STORE:
            mail.from_store = True
            self.submissions += 1
        mail.awaits_mta = event == TO_MTA
        return [*before, self._entry(record, event, mail, whom, partner)]

    def _entry(self, record: Record, event: int, mail: _Carried, whom: list[int], partner: str) -> _Entry:
        second = int(record[0])
        names = [mail.people[number] for number in whom]
        if mail.from_store and event in BEFORE_CATEGORIZATION:
            names = [self._directory_name(name) for name in names]
        linked = self._linked(_second(second)) if event == FROM_STORE else ""
        return second, event, partner or COMPONENTS.get(event, ""), mail, names, linked

    def _directory_name(self, address: str) -> str:
        """A mailbox as the directory names it; every other address as it is (Source: K19)."""
        known = self.directory_names.get(address)
        if known is not None:
            return known
        if address not in self.trace.organization["homes"]:
            return address
        name = f"/O={self.trace.organization['name']}/OU=First Administrative Group/CN=Recipients/CN={address.partition('@')[0]}"
        made = self.directory_names[address] = plain(name.upper())
        return made

    def _linked(self, when: datetime) -> str:
        """The id that ties a submission to the store, in the style of X.400 (Source: K25)."""
        if when != self.linked_at:
            name = self.trace.organization["name"]
            self.linked_at, self.linked = when, plain(f"c=us;a= ;p={name};l={self.server}-{when:%y%m%d%H%M%S}Z-")
        return f"{self.linked}{self.submissions}"

    # -- what is remembered -------------------------------------------------------------------------------------------

    def _told(self, record: Record, mail: _Carried) -> None:
        """What a target address tells besides its effects."""
        values, people = record[3], mail.people
        target = str(values[1]).rpartition(":")[2]
        for number in mail.recipients:
            people[number] = target if people[number] == values[0] else people[number]

    def _follow(self, record: Record, effect: object) -> None:
        match effect:
            case Ended(mail, number):
                self._leave(mail, (number,))
            case Created(_, mail, addresses):
                status = 1 if step_of(record[2]).key == "notification.made" and record[3][0] == FAILED else None
                about = self._about(mail, int(record[0]), status)
                self.mails[mail] = _Carried(list(range(len(addresses))), list(addresses), about)
            case Split():
                self._split(record, effect)
            case Added(mail, number, address):
                self.mails[mail].people.append(address)
                self.mails[mail].recipients.append(number)

    def _split(self, record: Record, effect: Split) -> None:
        old = self.mails[effect.source]
        made = self.mails[effect.made] = _Carried(list(effect.recipients), old.people, old.about)
        if effect.made in self.trace.message_ids:
            made.about = made.about.but(message_id=_bare(self.trace.message_ids[effect.made]))
        if step_of(record[2]).key == "categorizer.journal-report":
            made.about = made.about.but(sender="<>", total_bytes=cast(int, record[3][1]))
        event = step_of(record[2]).tracking
        if event == SENT:
            name = str(record[1])
            made.client = (
                self.hosts.get(name, name if name.replace(".", "").isdigit() else ""),
                self.full.get(name, name),
            )
        elif event != MTA_OUT:
            made.from_store, made.client = old.from_store, old.client
        self._leave(effect.source, effect.recipients)

    def _leave(self, mail: MailId, numbers: tuple[int, ...]) -> None:
        carried = self.mails[mail].recipients
        if len(carried) == len(numbers):
            del self.mails[mail]
            return
        for number in numbers:
            carried.remove(number)

    def _about(self, mail: MailId, begun: int, status: int | None) -> _About:
        message = message_of(mail)
        letter: object = self.trace.letters.get(message) or self.trace.messages[message]
        if letter is not self.last_letter:
            self.last_letter, self.last_cells = letter, self._cells(message)
        own, sender, store_sender, subject, size, priority = self.last_cells
        given = self.trace.message_ids.get(mail)
        return _About(_bare(given) if given else own, sender, store_sender, subject, size, priority, begun, status)

    def _cells(self, message: MessageId) -> tuple[str, str, str, str, int, int]:
        """What a letter says of itself: its own id, its sender, who that is to the store, its subject, its size and its priority."""
        letter = self.trace.letters.get(message)
        if letter is not None:
            own, writer, subject = letter.own_id, str(letter.sender), letter.subject
            size, priority = letter.size, str(letter.priority)
        else:
            item = self.trace.messages[message]
            own, writer, subject = item.get("id", ""), item["sender"], item["subject"]
            size, priority = item["size"], item["priority"]
        sender = _text(writer) or "<>"
        kept = _text(subject) if self.subjects else ""
        return _bare(own), sender, f"EX:{self._directory_name(sender)}", kept, size, PRIORITY.get(priority, 0)


@lru_cache(maxsize=256)
def _second(number: int) -> datetime:
    return START + timedelta(seconds=number)


def _moved(effect: object) -> tuple[int, ...]:
    """The recipients that leave a MailMsg by an effect."""
    match effect:
        case Split():
            return effect.recipients
        case Ended():
            return (effect.recipient,)
    return ()


def _bare(name: str) -> str:
    """A Message-ID without its brackets, as the column has it."""
    return _text(name.strip().removeprefix("<").removesuffix(">"))


def _text(text: str) -> str:
    """A text as a field can hold it; a hyphen alone stands for an empty one."""
    return "" if text == "-" else plain(text)
