"""The protocol log of the SMTP service, in W3C extended format: a record for each command, and for each reply of an outgoing session.

Source: K74, K75, K76, K77, K78, K79, T181.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Final, NamedTuple

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

COMMAND, RESPONSE = "OutboundConnectionCommand", "OutboundConnectionResponse"
PAIRS = ("MAIL FROM", "RCPT TO")
"""Verbs of two words. That a record has both is published for the first of them (K-E11)."""


class ProtocolLog(NamedTuple):
    """The log of one server: ``listing`` has the fields as columns, ``str`` is the file."""

    listing: Listing

    def __str__(self) -> str:
        head = ["#Version: 1.0", f"#Fields: {' '.join(self.listing.columns)}"]
        return "\n".join([*head, *(" ".join(row) for row in self.listing.rows)])

    def __repr__(self) -> str:
        return repr(self.listing)

    def _repr_html_(self) -> str:
        return self.listing._repr_html_()


def protocol_log(
    trace: Trace, server: str, at: int = -1, *, fields: Sequence[str] = DEFAULT_FIELDS, virtual_server: int = 1
) -> ProtocolLog:
    """What the protocol log of a virtual server holds after a step, were it switched on from the start.

    A session that comes in has a record for each command, with the status of its reply; one that goes out has one for the command and
    one for the reply, which say so in the user's field. Nothing is logged by default. Times are UTC, which is unconfirmed (K79).

    Example:
        >>> import mailflow
        >>> from mailflow.tools import protocol_log
        >>> message = mailflow.Message.write("anna@contoso.com", "carla@contoso.com")
        >>> trace = mailflow.Scenario(mailflow.load("two servers")).send(message).run()
        >>> print(str(protocol_log(trace, "LON02")).splitlines()[4])
        09:00:00 192.0.2.10 MAIL FROM - 250

    Args:
        fields: which ones, of `FIELDS`.
        virtual_server: its number, which stands in the name of the service.

    Raises:
        ValueError: no such server or field.
        IndexError: there is no such step.
    """
    known = {item["name"]: item for item in trace.organization["servers"]}
    if server not in known:
        raise ValueError(f"no server {server!r}; there is {', '.join(list(known)[:8])}")
    for name in fields:
        if name not in FIELDS:
            raise ValueError(f"fields: no field {name!r}; there is {', '.join(FIELDS)}")
    last = range(len(trace))[at] if len(trace) else -1
    writer = _Writer(trace, server, f"SMTPSVC{virtual_server}")
    chosen = [FIELDS.index(name) for name in fields]
    rows = tuple(
        tuple(row[number] for number in chosen) for record in trace.records[: last + 1] for row in writer.over(record)
    )
    return ProtocolLog(Listing(f"Protocol log of {server}", tuple(fields), rows))


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
            yield self._row(time, self._ip(server), self._user(server), method, query, status)

    def _ip(self, host: str) -> str:
        return self.hosts.get(host.lower(), host if host.replace(".", "").isdigit() else "-")

    @staticmethod
    def _user(host: str) -> str:
        return host.replace(" ", "+") or "-"

    def _row(self, time: float, ip: str, user: str, method: str, query: str, status: str) -> tuple[str, ...]:
        when = START + timedelta(seconds=time)
        query = query.replace(" ", "+")
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
