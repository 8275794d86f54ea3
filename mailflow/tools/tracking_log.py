"""The message tracking log of a server, made from the trace of a run.

Source: K5, K14, K18, K19, K20, K29, T162, T164, T167, O-10.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple, cast

from mailflow.facts import rule
from mailflow.facts.kinds import need
from mailflow.messages.stamps import SERVICE
from mailflow.names import MailId, MessageId, message_of
from mailflow.tools.tracking_rows import TrackingLog, TrackingRow, plain
from mailflow.trace import Record, Trace
from mailflow.trace.clock import START
from mailflow.trace.effects import Added, Created, Ended, Split
from mailflow.trace.telling import step_of

if TYPE_CHECKING:
    from mailflow.trace.described import TrackingData

__all__ = ["TrackingLog", "tracking_log"]

FROM_STORE, SUBMITTED, REDIRECTED, TO_MTA, MTA_IN, MTA_OUT = 1027, 1019, 1042, 1038, 0, 7
BEGUN, SENT = 1020, 1031
ENDS = (1021, 1028, 1030)
HANDED_TO_MTA = 1029
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
    return TrackingLog(f"Message tracking log of {server}", lambda: _rows(trace, server, settings, last))


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


def _rows(trace: Trace, server: str, settings: TrackingData, last: int) -> Iterator[TrackingRow]:
    now = START + timedelta(seconds=trace.records[last][0]) if len(trace) else START
    first = kept_from(now, settings["days"])
    walk = _Walk(trace, server, subjects=settings["subjects"])
    for record in trace.records[: last + 1] if last + 1 < len(trace) else trace.records:
        for row in walk.over(record):
            if first is None or row.when >= first:
                yield row


class _About(NamedTuple):
    """What the rows of a message say of it."""

    message_id: str
    sender: str
    subject: str
    total_bytes: int
    priority: int
    originated: datetime
    report_status: int | None


class _Carried:
    """What is known of a MailMsg on its way: its recipients by number, its id, and how it came to where it is."""

    __slots__ = ("about", "awaits_mta", "client", "from_store", "recipients")

    def __init__(self, recipients: list[int], about: _About) -> None:
        self.recipients = recipients
        self.about = about
        self.client = ("", "")
        self.from_store = False
        self.awaits_mta = False


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
        self.people: dict[MessageId, list[str]] = {}
        self.alive: dict[MessageId, int] = {}
        self.submissions = 0
        self.directory_names: dict[str, str] = {}
        self.kinds: dict[object, tuple[int | None, bool, bool]] = {}

    def over(self, record: Record) -> list[TrackingRow]:
        """Go over one event: the rows that the server writes about it."""
        found: list[TrackingRow] = []
        known = self.kinds.get(record[2])
        if known is None:
            step = step_of(record[2])
            of_mta, about = step.key.startswith("mta."), step.key == "categorizer.target" or step.tracking == FROM_STORE
            known = self.kinds[record[2]] = (step.tracking, step.tracking is not None or of_mta, about)
        event, is_written, is_told = known
        # Most events of a busy server write nothing: they are done with at once.
        if (is_written or is_told) and (mail := self.mails.get(record[4])) is not None:
            if is_written and record[1] == self.server:
                found = self._written(record, event, mail)
            if is_told:
                self._told(record, mail)
        for effect in record[6]:
            self._follow(record, effect)
        return found

    # -- what is written ----------------------------------------------------------------------------------------------

    def _written(self, record: Record, event: int | None, mail: _Carried) -> list[TrackingRow]:
        before: list[TrackingRow] = []
        if mail.awaits_mta and step_of(record[2]).key.startswith("mta."):
            mail.awaits_mta = False
            before = self._table(record, HANDED_TO_MTA, mail, mail.recipients, "")
        if event is None:
            return before
        values = record[3]
        partner, whom = "", mail.recipients
        if event in (SENT, MTA_OUT, *ENDS):
            whom = [number for effect in record[6] for number in _moved(effect)]
        if event in (BEGUN, SENT, MTA_OUT):
            partner = str(values[1 if event == MTA_OUT else 0])
        if event == REDIRECTED:
            people = self.people[message_of(record[4])]
            whom = [number for number in whom if people[number] == values[0]][:1]
        mail.awaits_mta = event == TO_MTA
        if event == FROM_STORE:
            mail.from_store = True
            self.submissions += 1
        return before + self._table(record, event, mail, whom, partner)

    def _table(self, record: Record, event: int, mail: _Carried, whom: list[int], partner: str) -> list[TrackingRow]:
        about, when = mail.about, _second(int(record[0]))
        people = self.people[message_of(record[4])]
        early = mail.from_store and event in BEFORE_CATEGORIZATION
        client_ip, client = mail.client if event == SUBMITTED else ("", "")
        linked = self._linked(when) if event == FROM_STORE else ""
        sender = f"EX:{self._directory_name(about.sender)}" if event == FROM_STORE else about.sender
        head = (when, client_ip, client, partner or COMPONENTS.get(event, ""), self.server, self.hosts[self.server])
        middle = (event, about.message_id, about.priority, about.report_status, about.total_bytes, len(whom))
        tail = (about.originated, 0, VERSION if client else "", linked, about.subject, sender)
        # In the order of the columns, and without their names: this makes every row of a busy server.
        make = TrackingRow._make
        return [
            make((*head, self._directory_name(people[number]) if early else people[number], *middle, *tail))
            for number in whom
        ]

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
        name = self.trace.organization["name"]
        return plain(f"c=us;a= ;p={name};l={self.server}-{when:%y%m%d%H%M%S}Z-{self.submissions}")

    # -- what is remembered -------------------------------------------------------------------------------------------

    def _told(self, record: Record, mail: _Carried) -> None:
        """What a target address, or a submission from the store, tells besides its effects."""
        key, values = step_of(record[2]).key, record[3]
        if key == "categorizer.target":
            people = self.people[message_of(record[4])]
            target = str(values[1]).rpartition(":")[2]
            for number in mail.recipients:
                people[number] = target if people[number] == values[0] else people[number]
        else:
            mail.about = self._about(record[4], mail.about.originated, mail.about.report_status)

    def _follow(self, record: Record, effect: object) -> None:
        match effect:
            case Created(message, mail, addresses):
                status = 1 if step_of(record[2]).key == "notification.made" and record[3][0] == FAILED else None
                begun = _second(int(record[0]))
                self.people[message] = list(addresses)
                self.mails[mail] = _Carried(list(range(len(addresses))), self._about(mail, begun, status))
                self.alive[message] = 1
            case Added(mail, number, address):
                self.people[message_of(mail)].append(address)
                self.mails[mail].recipients.append(number)
            case Split():
                self._split(record, effect)
            case Ended(mail, number):
                self._leave(mail, (number,))

    def _split(self, record: Record, effect: Split) -> None:
        old = self.mails[effect.source]
        made = self.mails[effect.made] = _Carried(list(effect.recipients), old.about)
        if effect.made in self.trace.message_ids:
            made.about = made.about._replace(message_id=_bare(self.trace.message_ids[effect.made]))
        if step_of(record[2]).key == "categorizer.journal-report":
            made.about = made.about._replace(sender="<>", total_bytes=cast(int, record[3][1]))
        event = step_of(record[2]).tracking
        if event == SENT:
            name = str(record[1])
            made.client = (
                self.hosts.get(name, name if name.replace(".", "").isdigit() else ""),
                self.full.get(name, name),
            )
        elif event != MTA_OUT:
            made.from_store, made.client = old.from_store, old.client
        self.alive[message_of(effect.made)] += 1
        self._leave(effect.source, effect.recipients)

    def _leave(self, mail: MailId, numbers: tuple[int, ...]) -> None:
        carried = self.mails[mail].recipients
        for number in numbers:
            carried.remove(number)
        if carried:
            return
        del self.mails[mail]
        message = message_of(mail)
        self.alive[message] -= 1
        if not self.alive[message]:
            del self.alive[message], self.people[message]

    def _about(self, mail: MailId, begun: datetime, status: int | None) -> _About:
        message = message_of(mail)
        given = self.trace.message_ids.get(mail, "")
        letter = self.trace.letters.get(message)
        if letter is not None:
            own, writer, subject = letter.own_id, str(letter.sender), letter.subject
            size, priority = letter.size, str(letter.priority)
        else:
            item = self.trace.messages[message]
            own, writer, subject = item.get("id", ""), item["sender"], item["subject"]
            size, priority = item["size"], item["priority"]
        return _About(
            message_id=_bare(given or own),
            sender=_text(writer) or "<>",
            subject=_text(subject) if self.subjects else "",
            total_bytes=size,
            priority=PRIORITY.get(priority, 0),
            originated=begun,
            report_status=status,
        )


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
