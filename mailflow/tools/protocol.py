"""The protocol log of the SMTP service, in W3C extended or in IIS format: a record for each command, and for each reply of an outgoing session.

Of the third format of files, NCSA, no document says more than that its fields are fixed; it is left out.

Source: K74, K75, K76, K77, K78, K79, T181.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Final, Literal, NamedTuple, get_args

from mailflow.facts.kinds import need_server
from mailflow.facts.mistake import InputError
from mailflow.tools.listing import Listing
from mailflow.trace import Record, Trace
from mailflow.trace.clock import START
from mailflow.trace.telling import step_of

__all__ = ["DEFAULT_FIELDS", "FIELDS", "ProtocolLog", "protocol_log"]

FIELDS: Final = (
    "date",
    "time",
    "c-ip",
    "cs-username",
    "s-sitename",
    "s-computername",
    "s-ip",
    "cs-method",
    "cs-uri-stem",
    "cs-uri-query",
    "sc-status",
)
"""The fields that can be chosen here, in their order."""

DEFAULT_FIELDS: Final = ("time", "c-ip", "cs-method", "cs-uri-stem", "sc-status")
"""What is logged unless somebody chooses more: time, client, verb, target, status (Source: K77)."""

IIS_FIELDS: Final = (
    *("client", "domain of the client", "date", "time", "service", "server", "address of the server", "milliseconds"),
    *("bytes received", "bytes sent", "status", "code of the system", "verb", "target", "parameters"),
)
"""The fields of the IIS format, which are fixed and have no names in its file (Source: K74)."""

COMMAND, RESPONSE = "OutboundConnectionCommand", "OutboundConnectionResponse"
PAIRS = ("MAIL FROM", "RCPT TO")
"""Verbs of two words. That a record has both is published for the first of them (K-E11)."""


Form = Literal["W3C", "IIS"]


class ProtocolLog(NamedTuple):
    """The log of one server: ``listing`` has the fields as columns, ``str`` is the file."""

    listing: Listing
    form: Form = "W3C"

    def __str__(self) -> str:
        if self.form == "IIS":
            return "\n".join(f"{', '.join(row)}," for row in self.listing.rows)
        head = ["#Version: 1.0", f"#Fields: {' '.join(self.listing.columns)}"]
        return "\n".join([*head, *(" ".join(row) for row in self.listing.rows)])

    def __repr__(self) -> str:
        return repr(self.listing)

    def _repr_html_(self) -> str:
        return self.listing._repr_html_()


def protocol_log(
    trace: Trace,
    server: str,
    at: int = -1,
    *,
    fields: Sequence[str] = DEFAULT_FIELDS,
    virtual_server: int = 1,
    form: Form = "W3C",
) -> ProtocolLog:
    """What the protocol log of a virtual server holds after a step, were it switched on from the start.

    A session that comes in has a record for each command, with the status of its reply; one that goes out has one for the command and
    one for the reply, which say so in the user's field. That nothing is logged by default and that times are UTC is unconfirmed (K74, K79).

    Example:
        >>> import mailflow
        >>> from mailflow.tools import protocol_log
        >>> message = mailflow.Message.write("anna@contoso.com", "carla@contoso.com")
        >>> trace = mailflow.Scenario(mailflow.load("two servers")).send(message).run()
        >>> print(str(protocol_log(trace, "LON02")).splitlines()[4])
        09:00:00 192.0.2.10 MAIL FROM - 250

    Args:
        fields: which ones, of `FIELDS`; the IIS format always has its own.
        virtual_server: its number, which stands in the name of the service.
        form: "W3C", or "IIS" with fields between commas. There a hyphen stands for the milliseconds and the bytes: in this model a command
            and its reply are one moment, and no document says which bytes are counted. That its date is month, day, year of two digits is
            read from the one record that is published; how an hour below ten is written, it does not show.

    Raises:
        ValueError: no such server, field or format.
        IndexError: there is no such step.
    """
    known = {item["name"]: item for item in trace.organization["servers"]}
    need_server(server, known)
    for name in fields:
        if name not in FIELDS:
            raise InputError(f"fields: no field {name!r}; there is {', '.join(FIELDS)}")
    if form not in get_args(Form):
        raise InputError(f"form: no format {form!r}; there is {', '.join(get_args(Form))}")
    last = trace.number(at) if len(trace) else -1
    writer = _Writer(trace, server, f"SMTPSVC{virtual_server}")
    found = [row for record in trace.records[: last + 1] for row in writer.over(record)]
    title = f"Protocol log of {server}"
    if form == "IIS":
        return ProtocolLog(Listing(title, IIS_FIELDS, tuple(map(_fixed, found))), form)
    chosen = [FIELDS.index(name) for name in fields]
    return ProtocolLog(
        Listing(title, tuple(fields), tuple(tuple(_word(row, number) for number in chosen) for row in found))
    )


def _word(row: tuple[str, ...], number: int) -> str:
    """A field between spaces: a text from outside has none, while some verbs are published with one (K-E11)."""
    return row[number].replace(" ", "+") if FIELDS[number] in ("cs-username", "cs-uri-query") else row[number]


def _fixed(row: tuple[str, ...]) -> tuple[str, ...]:
    """A record in the fields of the IIS format, which keeps spaces as they are (K-E11)."""
    day, time, ip, user, service, computer, own_ip, method, target, query, status = row
    year, month, date = day.split("-")
    written = f"{int(month)}/{int(date)}/{year[2:]}"
    return (ip, user, written, time, service, computer, own_ip, "-", "-", "-", status, "0", method, target, query)


class _Writer:
    """Goes over a trace and knows what one server writes down of its sessions."""

    def __init__(self, trace: Trace, server: str, service: str) -> None:
        organization = trace.organization
        (data,) = (item for item in organization["servers"] if item["name"] == server)
        self.server, self.fqdn, self.ip, self.service = server, data["fqdn"].lower(), data["ip"], service
        self.hosts = {item["name"].lower(): item["ip"] for item in organization["external_hosts"]}
        for item in organization["servers"]:
            self.hosts |= {item["name"].lower(): item["ip"], item["fqdn"].lower(): item["ip"]}

    def over(self, record: Record) -> Iterator[tuple[str, ...]]:
        time, server, kind, values, *_ = record
        step = step_of(kind)
        if not step.key.startswith("smtp.") or "command" not in step.fields:
            return
        told = dict(zip(step.fields, map(str, values), strict=True))
        command, peer, status = told["command"], told["peer"], told["reply"][:3]
        if command == "connect":
            # The banner is the first reply of an outgoing session; whom it greets writes nothing before a command.
            command = ""
        verb, _, rest = command.partition(" ")
        pair = next((name for name in PAIRS if command.startswith(f"{name}:")), "")
        method, query = (pair, rest) if pair else (verb or "-", rest or "-")
        if server == self.server:
            if command:
                yield self._row(time, self._ip(peer), COMMAND, method, query, "-")
            yield self._row(time, self._ip(peer), RESPONSE, "-", "-", status)
        elif peer.lower() == self.fqdn and command:
            yield self._row(time, self._ip(server), server or "-", method, query, status)

    def _ip(self, host: str) -> str:
        return self.hosts.get(host.lower(), host if host.replace(".", "").isdigit() else "-")

    def _row(self, time: float, ip: str, user: str, method: str, query: str, status: str) -> tuple[str, ...]:
        when = START + timedelta(seconds=time)
        return (
            f"{when:%Y-%m-%d}",
            f"{when:%H:%M:%S}",
            ip,
            user,
            self.service,
            self.server,
            self.ip,
            method,
            "-",
            query,
            status,
        )
