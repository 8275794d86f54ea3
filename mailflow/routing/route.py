"""One question to the routing engine, with every candidate that lost and why.

Source: R100-R107, R111, R114, R115.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from html import escape
from typing import Any, Literal

from mailflow.facts import rule
from mailflow.organization.model import AddressSpace, AnyConnector, Mailbox, Organization
from mailflow.organization.query import restricted_as
from mailflow.organization.spaces import space_matches, specificity
from mailflow.routing.choice import Map, Question, in_scope, refusal
from mailflow.routing.entries import ConnectorEntry, bridgeheads, far_ends, targets
from mailflow.routing.recorded import table_of
from mailflow.routing.table import from_directory
from mailflow.trace import Trace

Outcome = Literal["local", "same routing group", "connector", "virtual server", "unreachable", "no route"]


@dataclass(frozen=True, slots=True)
class Candidate:
    """One way that was looked at: its connector and address space, the routing groups it passes, its cost, and the verdict."""

    connector: str
    path: tuple[str, ...]
    cost: float | None
    chosen: bool
    why: str


@dataclass(frozen=True, slots=True, repr=False)
class Route:
    """The answer of a server's routing engine, and how it came about.

    ``next_hop`` are the servers or hosts that may be next (one is taken at random), ``path`` the routing groups that the
    mail would pass if every table on the way said the same, ``legs`` its connectors.
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

    def __str__(self) -> str:
        cost = "" if self.cost is None else f", cost {self.cost:g}"
        head = f"{self.source} to {self.recipient}: {self.outcome}{cost}. {self.why[0].upper()}{self.why[1:]}."
        lines = [head]
        if self.path:
            lines.append(f"  path      {' > '.join(self.path)}")
        if self.next_hop:
            lines.append(f"  next hop  {' or '.join(self.next_hop)}")
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

    def as_data(self) -> dict[str, Any]:
        """The answer as plain JSON data."""
        return {name: getattr(self, name) for name in self.__slots__ if name != "candidates"} | {
            "candidates": [{name: getattr(item, name) for name in Candidate.__slots__} for item in self.candidates]
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
) -> Route:
    """Ask the routing engine of a server where mail for a recipient goes next.

    Args:
        where: a trace (the table that the server holds after step ``at``), or an organization (everything up).
        source: the server that is asked.
        recipient: an address, or the name of a server.
        at: the step of the trace.
        size_kb, sender, priority, system: what connector restrictions look at; ``sender`` is a recipient's name.

    Raises:
        ValueError: no such server or recipient, or a server whose routing engine is stopped.
    """
    directory = _Directory(where)
    if source not in directory.groups:
        raise ValueError(f"no server {source!r}; there is {', '.join(list(directory.groups)[:8])}")
    table = from_directory(where) if isinstance(where, Organization) else table_of(where, source, at)
    question = Question(int(size_kb * 1024), sender, directory.memberships(sender), priority, system)
    return _Asked(Map(table), directory.groups, source, recipient, question).answer(directory)


class _Directory:
    """What the question needs from the directory: where servers and mailboxes are."""

    def __init__(self, where: Trace | Organization) -> None:
        self.organization = where if isinstance(where, Organization) else None
        if isinstance(where, Organization):
            self.groups: Mapping[str, str] = {item.name: item.routing_group for item in where.servers}
            self.homes: Mapping[str, str] = {
                address.lower(): item.server
                for item in where.recipients
                if isinstance(item, Mailbox)
                for address in item.addresses
            }
            self.domains = set(where.local_domains)
        else:
            self.groups = {item["name"]: item["routing_group"] for item in where.organization["servers"]}
            self.homes = {address.lower(): server for address, server in where.organization["homes"].items()}
            self.domains = {where.organization["domain"]}

    def home(self, recipient: str) -> str:
        """The server of a recipient; "" for somebody outside."""
        if recipient in self.groups:
            return recipient
        found = self.homes.get(recipient.lower(), "")
        domain = recipient.rpartition("@")[2].lower()
        if not found and (domain in self.domains or "." not in domain):
            known = ", ".join([*list(self.homes)[:6]])
            raise ValueError(f"no mailbox or server {recipient!r}; there is {known}")
        return found

    def memberships(self, sender: str) -> frozenset[str]:
        """The sender and its groups; a trace knows no groups (Source: R24)."""
        if self.organization is None or not sender:
            return frozenset({sender} - {""})
        return restricted_as(self.organization, sender)


class _Asked:
    """One question under way."""

    def __init__(self, map_: Map, groups: Mapping[str, str], source: str, recipient: str, question: Question) -> None:
        self.map = map_
        self.table = map_.table
        self.source = source
        self.recipient = recipient
        self.question = question
        self.here = groups[source]
        self.groups = groups
        self.shut = self.table.down | map_.shut(question)

    def answer(self, directory: _Directory) -> Route:
        home = directory.home(self.recipient)
        if home == self.source:
            return self._made("local", (home,), "", 0, f"the mailbox is on {home} itself", ())
        if home and self.groups[home] == self.here:
            why = f"{home} is in the same routing group, where servers hand mail to each other directly"
            return self._made("same routing group", (home,), "", 0, why, ())
        if home:
            return self._inside(self.groups[home])
        return self._outside(self.recipient.rpartition("@")[2])

    def _made(
        self,
        outcome: Outcome,
        next_hop: Iterable[str],
        connector: str,
        cost: float | None,
        why: str,
        candidates: Iterable[Candidate],
        legs: tuple[tuple[str, str], ...] = (),
    ) -> Route:
        path = (self.here, *(group for _, group in legs)) if legs or outcome != "no route" else ()
        names = tuple(name for name, _ in legs)
        return Route(
            self.source, self.recipient, outcome, tuple(next_hop), connector, path, names, cost, why, tuple(candidates)
        )

    # -- inside -----------------------------------------------------------------------------------------------------

    def _inside(self, target: str) -> Route:
        way = self.map.way(self.here, target, self.shut)
        best = way.cost if way else None
        first = way.first if way else ""
        candidates = sorted(self._first_legs(target, first, best), key=_order)
        candidates += self._would_be(target, best)
        if way is None:
            connected = self.map.connected(self.here, target, self.question)
            why = (
                f"every way to {target} is marked down"
                if connected
                else f"no connector leads to {target} for this message"
            )
            return self._made("unreachable" if connected else "no route", (), "", None, why, candidates)
        why = f"the least cost to {target}, through {first}"
        return self._made("connector", self._next(first), first, best, why, candidates, way.legs)

    def _first_legs(self, target: str, first: str, best: float | None) -> Iterator[Candidate]:
        leaving = [item for item in self.table.groups[self.here].connectors if targets(item.connector)]
        others = self.shut | {item.name for item in leaving}
        for item in leaving:
            connector = item.connector
            if reason := self._excluded(item):
                yield Candidate(item.name, (self.here, *targets(connector)), None, False, reason)
                continue
            ways = [
                (connector.cost + rest.cost, (self.here, near, *(group for _, group in rest.legs)))
                for near in targets(connector)
                if near in self.table.groups and (rest := self.map.way(near, target, others)) is not None
            ]
            if not ways:
                yield Candidate(
                    item.name, (self.here, *targets(connector)), None, False, f"no way leads on from there to {target}"
                )
                continue
            cost, path = min(ways)
            chosen = item.name == first
            yield Candidate(item.name, path, cost, chosen, "least cost" if chosen else _dearer(cost, best))

    def _would_be(self, target: str, best: float | None) -> Iterator[Candidate]:
        """Connectors further away that would give a cheaper way if they were up and took the message."""
        for name in sorted(self.shut):
            entry = self.table.connectors[name]
            if entry.connector.routing_group == self.here:
                continue
            way = self.map.way(self.here, target, self.shut - {name})
            if way is not None and (best is None or way.cost < best):
                path = (self.here, *(group for _, group in way.legs))
                yield Candidate(name, path, way.cost, False, f"would be cheaper, but {self._excluded(entry)}")

    def _excluded(self, entry: ConnectorEntry) -> str:
        if not entry.up:
            return "it is DOWN in this server's table"
        return refusal(entry.connector, self.question)

    @rule
    def _next(self, connector: str) -> tuple[str, ...]:
        """A bridgehead sends to the far end; any other server sends to one of the bridgeheads that are available.

        Source: R101, R111.
        """
        entry = self.table.connectors[connector]
        heads = bridgeheads(entry.connector)
        if heads and self.source not in heads:
            return entry.available() or heads
        return far_ends(entry.connector)

    # -- outside ----------------------------------------------------------------------------------------------------

    def _outside(self, domain: str) -> Route:
        found = self.map.closest_space(self.here, domain, self.question)
        if found is None:
            why = f"no connector matches {domain}, so the virtual server of {self.source} sends by itself"
            return self._made("virtual server", (), "", None, why, self._spaces(domain, None))
        connector, space, cost = found
        candidates = sorted(self._spaces(domain, found), key=_order)
        way = self.map.way(self.here, connector.routing_group, self.shut)
        if connector.name in self.table.down or way is None:
            why = f"{connector.name} has the closest address space {space.pattern} and is down: its mail waits"
            return self._made("unreachable", (), connector.name, None, why, candidates)
        first = connector.name if connector.routing_group == self.here else way.first
        why = f"{connector.name} has the closest address space {space.pattern}"
        hop = self._next(first) or (domain,)
        return self._made("connector", hop, first, cost, why, candidates, way.legs)

    def _spaces(self, domain: str, found: tuple[AnyConnector, AddressSpace, float] | None) -> Iterator[Candidate]:
        for connector, space in self.map.spaces("SMTP"):
            name = f"{connector.name} ({space.pattern})"
            chosen = found is not None and (connector.name, space.pattern) == (found[0].name, found[1].pattern)
            total = self.map.inside(self.here, connector.routing_group, self.question) + space.cost
            way = self.map.way(self.here, connector.routing_group, self.shut)
            path = (self.here, *(group for _, group in way.legs)) if way else (self.here,)
            cost = total if total < float("inf") else None
            yield Candidate(name, path, cost, chosen, self._verdict(connector, space, domain, chosen, total, found))

    def _verdict(
        self,
        connector: AnyConnector,
        space: AddressSpace,
        domain: str,
        chosen: bool,
        total: float,
        found: tuple[AnyConnector, AddressSpace, float] | None,
    ) -> str:
        if not space_matches(space.pattern, domain):
            return f"does not match {domain}"
        if not in_scope(connector, self.here):
            return f"only for servers of {connector.routing_group}"
        if reason := refusal(connector, self.question):
            return reason
        if chosen:
            return "closest address space" + (", DOWN: mail waits for it" if connector.name in self.table.down else "")
        assert found is not None
        if specificity(space.pattern) < specificity(found[1].pattern):
            return f"less specific than {found[1].pattern}"
        return "it is DOWN in this server's table" if connector.name in self.table.down else _dearer(total, found[2])


def _dearer(cost: float, best: float | None) -> str:
    if best is None or cost == best:
        return "the same cost; another one was taken"
    return f"costs {cost:g}, the best way {best:g}" if cost < float("inf") else "no way leads to its routing group"


def _order(item: Candidate) -> tuple[bool, float, str]:
    return (not item.chosen, float("inf") if item.cost is None else item.cost, item.connector)
