"""One question to the routing engine, with every candidate that lost and why.

Source: R100-R107, R111, R114, R115.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from random import Random
from typing import TYPE_CHECKING, Literal

from mailflow.facts.kinds import need, need_one_of, need_server
from mailflow.facts.mistake import InputError
from mailflow.organization.model import PRIORITIES, Mailbox, Organization, VirtualServer
from mailflow.organization.query import restricted_as
from mailflow.routing.choice import Map
from mailflow.routing.decision import BY_VIRTUAL_SERVER, Candidate, Decision, Directory, Place, Sender, decide
from mailflow.routing.recorded import table_of
from mailflow.routing.restrictions import Question
from mailflow.routing.sending import keep_to_size, sent_by
from mailflow.routing.table import from_directory
from mailflow.trace import Trace
from mailflow.trace.hop import Hop

if TYPE_CHECKING:
    from mailflow.trace.described import ServerData

__all__ = ["Route", "route"]

DEFAULT = VirtualServer().name

Outcome = Literal["local", "same routing group", "connector", "virtual server", "unreachable", "no route"]


@dataclass(frozen=True, slots=True, repr=False)
class Route:
    """The answer of a server's routing engine, and how it came about.

    ``next_hop`` are the servers or hosts that may be next (one is taken at random), ``path`` the routing groups that the
    mail would pass if every table on the way said the same, ``legs`` its connectors. ``rule`` is the rule of the model
    that made this the answer; empty for a mailbox on the server itself, for which no routing engine is asked.
    ``virtual_server`` names the virtual server that sends; empty for the default one.
    """

    source: str
    recipient: str
    outcome: Outcome
    next_hop: tuple[str, ...]
    connector: str
    path: tuple[str, ...]
    legs: tuple[str, ...]
    cost: float | None
    why: str
    candidates: tuple[Candidate, ...]
    rule: str = ""
    virtual_server: str = ""

    def __str__(self) -> str:
        cost = "" if self.cost is None else f", cost {self.cost:g}"
        head = f"{self.source} to {self.recipient}: {self.outcome}{cost}. {self.why[0].upper()}{self.why[1:]}."
        lines = [head]
        if self.path:
            lines.append(f"  path      {' > '.join(self.path)}")
        if self.next_hop:
            lines.append(f"  next hop  {' or '.join(self.next_hop)}")
        if self.virtual_server:
            lines.append(f"  sent by   {self.virtual_server}")
        for item in self.candidates:
            shown = "-" if item.cost is None else f"{item.cost:g}"
            lines.append(f"  {'>' if item.chosen else ' '} {item.connector:<24} {shown:>4}  {item.why}")
        return "\n".join(lines)

    __repr__ = __str__

    def _repr_html_(self) -> str:
        rows = "".join(
            f"<tr><td>{'➤' if item.chosen else ''}</td><td>{escape(item.connector)}</td>"
            f"<td>{escape(' > '.join(item.path))}</td><td>{'' if item.cost is None else f'{item.cost:g}'}</td>"
            f"<td style='text-align:left'>{escape(item.why)}</td></tr>"
            for item in self.candidates
        )
        head = "<tr><th></th><th>connector</th><th>path</th><th>cost</th><th style='text-align:left'>verdict</th></tr>"
        return f"<p>{escape(str(self).splitlines()[0])}</p><table>{head}{rows}</table>"

    def as_data(self) -> dict[str, object]:
        """The answer as plain JSON data."""
        return {
            name: getattr(self, name) for name in self.__slots__ if name not in ("candidates", "rule", "virtual_server")
        } | {
            "candidates": [
                {name: getattr(item, name) for name in Candidate.__slots__ if name not in ("reason", "name")}
                for item in self.candidates
            ]
        }


def route(
    where: Trace | Organization,
    source: str,
    recipient: str,
    *,
    at: int = -1,
    size_kb: float = 0,
    sender: str = "",
    priority: str = "normal",
    system: bool = False,
    virtual_server: str = "",
) -> Route:
    """Ask the routing engine of a server where mail for a recipient goes next.

    Example:
        >>> import mailflow
        >>> print(mailflow.route(mailflow.load("two sites"), "LON01", "pierre@contoso.com"))
        LON01 to pierre@contoso.com: connector, cost 10. The least cost to Paris, through London-Paris.
          path      London > Paris
          next hop  LON02
          > London-Paris               10  least cost

    Args:
        where: a trace (the table that the server holds after step ``at``), or an organization (everything up).
        source: the server that is asked.
        recipient: an address, or the name of a server.
        at: the step of the trace.
        size_kb, sender, priority, system: what connector restrictions look at; ``sender`` is a recipient's name
            or one of its addresses.
        virtual_server: the virtual server of ``source`` that holds the mail, because it arrived there; by default the default one,
            which holds what comes from Outlook. It sends what no connector takes, with its own smart host (Source: T58, T133).

    Raises:
        ValueError: no such server, virtual server or recipient, or a server whose routing engine is stopped.
    """
    need("route", where, (Trace, Organization), "trace or organization", "give one from mailflow.load(...) or .run()")
    need("route(recipient)", recipient, str, "address or server", "write, for example, 'pierre@contoso.com'")
    need("route(size_kb)", size_kb, (int, float), "size in KB", "write a number without quotes")
    need_one_of("route(priority)", priority, PRIORITIES)
    if not 0 <= size_kb < float("inf"):
        raise InputError(f"route(size_kb): {size_kb} is no size; write 0 or more")
    need("route(sender)", sender, str, "sender", "write a name or an address, for example, 'anna@contoso.com'")
    book = _Book(where)
    book.need_sender(sender)
    need_server(source, book.directory.servers)
    table = from_directory(where) if isinstance(where, Organization) else table_of(where, source, at)
    home = book.home(recipient)
    if home == source:
        why = f"the mailbox is on {home} itself"
        return Route(source, recipient, "local", (home,), "", (book.group(source),), (), 0, why, ())
    question = Question(int(size_kb * 1024), sender, book.memberships(sender), priority, system)
    target = ("server", home) if home else ("domain", recipient.rpartition("@")[2].lower())
    holder = book.directory.servers[source].sender(virtual_server)
    directory = book.directory.with_smart_host(source, holder.smart_host)
    decision = decide(Map(table), directory, source, target, question, Random(0))
    return _told(recipient, decision._replace(hop=_sent(decision, holder)))


def _sent(decision: Decision, holder: Sender) -> Hop:
    """The hop of a decision with the virtual server that sends to it, if that one takes the size."""
    case, hop = decision.case, decision.hop
    entry = case.map.table.connectors.get(hop.connector)
    connector = entry.connector if entry else None
    hop = sent_by(hop, connector, case.here.name, case.here.sender().name, holder.name)
    limit = case.here.sender(hop.virtual_server).max_message_kb
    return (
        hop if limit is None else keep_to_size(hop, connector, limit, case.question.size, system=case.question.system)
    )


def _told(recipient: str, decision: Decision) -> Route:
    """A decision as an answer to somebody who asks."""
    here = decision.case.here
    outcome = _outcome(decision)
    inside = outcome == "same routing group"
    return Route(
        here.name,
        recipient,
        outcome,
        _next(decision, outcome),
        decision.hop.through or _closest(decision),
        () if outcome == "no route" else (here.group, *(group for _, group in decision.legs)),
        tuple(name for name, _ in decision.legs),
        0 if inside else decision.cost,
        _why(decision, outcome),
        decision.candidates,
        decision.rule,
        decision.hop.virtual_server,
    )


def _outcome(decision: Decision) -> Outcome:
    hop = decision.hop
    if hop.type == "unreachable" or hop.type == "no route":
        return hop.type
    if decision.rule in BY_VIRTUAL_SERVER:
        return "virtual server"
    return "connector" if hop.through else "same routing group"


def _next(decision: Decision, outcome: Outcome) -> tuple[str, ...]:
    """Who may be next; for a connector that delivers by DNS the domain, because DNS says."""
    return decision.hosts or ((decision.case.target,) if outcome == "connector" else ())


def _closest(decision: Decision) -> str:
    return decision.case.offer.connector.name if decision.case.offer else ""


def _why(decision: Decision, outcome: Outcome) -> str:
    case = decision.case
    if outcome == "same routing group":
        return f"{case.target} is in the same routing group, where servers hand mail to each other directly"
    if outcome == "connector" and case.offer is None:
        return f"the least cost to {case.goal}, through {decision.hop.through}"
    if outcome == "connector" or decision.rule == "wait_for_closest_space":
        assert case.offer is not None
        wait = "" if outcome == "connector" else " and is down: its mail waits"
        return f"{case.offer.connector.name} has the closest address space {case.offer.space.pattern}{wait}"
    return decision.hop.why


class _Book:
    """What the question needs from the directory: where servers and mailboxes are."""

    def __init__(self, where: Trace | Organization) -> None:
        self.organization = where if isinstance(where, Organization) else None
        self.senders: Mapping[str, Sequence[str]] = {}
        if isinstance(where, Organization):
            self.directory = Directory.of(where)
            self.homes: Mapping[str, str] = {
                address.lower(): item.server
                for item in where.recipients
                if isinstance(item, Mailbox)
                for address in item.addresses
            }
            self.domains = set(where.local_domains)
        else:
            self.directory = _recorded(where)
            self.homes = {address.lower(): server for address, server in where.organization["homes"].items()}
            self.domains = {where.organization["domain"]}
            self.senders = where.organization.get("senders", {})

    def group(self, server: str) -> str:
        """The routing group of a server."""
        return self.directory.servers[server].group

    def home(self, recipient: str) -> str:
        """The server of a recipient; "" for somebody outside."""
        if recipient in self.directory.servers:
            return recipient
        found = self.homes.get(recipient.lower(), "")
        domain = recipient.rpartition("@")[2].lower()
        if not found and (domain in self.domains or "." not in domain):
            known = ", ".join([*list(self.homes)[:6]])
            raise InputError(f"no mailbox or server {recipient!r}; there is {known}")
        return found

    def need_sender(self, sender: str) -> None:
        """See that a sender without an @ is the name of a recipient.

        Raises:
            ValueError: nobody is called so.
        """
        named = self.organization.recipient if self.organization else self.senders
        if sender and "@" not in sender and (self.organization or self.senders):
            need_one_of("route(sender)", sender, named)

    def memberships(self, sender: str) -> frozenset[str]:
        """The sender and the groups that restrictions name it by; an address or a name will do (Source: R24)."""
        if self.organization is not None:
            entry = self.organization.by_address.get(sender.lower())
            name = entry.name if entry else sender
            return restricted_as(self.organization, name) if name in self.organization.recipient else frozenset()
        known = (names for address, names in self.senders.items() if sender.lower() == address or sender == names[0])
        return frozenset(next(known, (sender,)))


def _senders(item: ServerData) -> tuple[Sender, ...]:
    """The virtual servers of a server in a trace; where it tells of none there is one, without a limit."""
    usual = Sender(DEFAULT, item.get("smart_host", ""))
    told = (Sender(one["name"], one["smart_host"], one["max_message_kb"]) for one in item.get("virtual_servers", ()))
    return tuple(told) or (usual,)


def _recorded(trace: Trace) -> Directory:
    """What a trace knows of the directory."""
    data = trace.organization
    servers = {
        item["name"]: Place(
            item["name"],
            item["routing_group"],
            item["fqdn"],
            item.get("product") == "5.5",
            item.get("smart_host", ""),
            _senders(item),
            item.get("own_domain", False),
        )
        for item in data["servers"]
    }
    checking = frozenset(item["name"] for item in data["servers"] if item.get("check_connector_restrictions"))
    return Directory(servers, data.get("no_route_waits", False), data.get("unmatched_returned", False), checking)
