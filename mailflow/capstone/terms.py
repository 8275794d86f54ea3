"""The terms of the brief as data: sites, lines, money, goals; and how a design becomes an organization."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from mailflow.facts.kinds import misfit
from mailflow.organization import Organization, OrganizationError, loads
from mailflow.simulation.errors import meant

ROOM = Path(__file__).parent
REFERENCES = ("star", "ring", "mesh")
"""The designs to beat, from cheap and fragile to dear and robust."""
DESIGNS = (*REFERENCES, "pairs")
"""Every design that comes with the brief."""


class Site(NamedTuple):
    """A place where people work. ``people`` are the names of their mailboxes."""

    name: str
    position: tuple[float, float]
    people: tuple[str, ...]


class Line(NamedTuple):
    """A line for hire, in both directions: ``price`` in euros a month, ``fails`` the chance that a storm breaks it."""

    between: tuple[str, str]
    price: int
    fails: float

    @property
    def name(self) -> str:
        """Both sites in one word, such as "Brussels-London"."""
        return "-".join(self.between)

    def joins(self, one: str, other: str) -> bool:
        """Whether it leads from the one site to the other."""
        return {one, other} == set(self.between)


class Goal(NamedTuple):
    """What one figure must reach: at least, or at most. With ``than`` the bound is so much more than that of a reference."""

    column: str
    least: float | None = None
    most: float | None = None
    than: str = ""


class Storm(NamedTuple):
    """What a storm is drawn from: ``storms`` of so many ``hours`` judge a design, each with so many ``messages``.

    ``outside`` is the share of messages to the Internet, ``server_fails`` the chance of each server, and ``minutes`` the
    shortest and the longest failure.
    """

    storms: int
    hours: float
    messages: int
    outside: float
    in_time_minutes: float
    server_fails: float
    minutes: tuple[float, float]

    @property
    def seconds(self) -> float:
        """How long a storm lasts."""
        return self.hours * 3600


class Outside(NamedTuple):
    """The correspondent on the Internet, and the host that takes the mail."""

    person: str
    host: str
    ip: str
    position: tuple[float, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What is asked for. ``server`` and ``gateway`` are prices in euros a month, ``servers`` is how many there may be."""

    name: str
    title: str
    domain: str
    server: int
    gateway: int
    servers: int
    goals: tuple[Goal, ...]
    storm: Storm
    outside: Outside
    sites: tuple[Site, ...]
    lines: tuple[Line, ...]

    def line(self, one: str, other: str) -> Line | None:
        """The line for hire between two sites."""
        return next((line for line in self.lines if line.joins(one, other)), None)

    def fixed(self, homes: Mapping[str, str]) -> dict[str, Any]:
        """What no design decides, as the data of an organization file. ``homes`` names, for each site, where its people live."""
        host, _, domain = self.outside.host.partition(".")
        people = [
            {"name": person, "display_name": person.title(), "server": homes[site.name]}
            for site in self.sites
            if site.name in homes
            for person in site.people
        ]
        return {
            "name": self.name,
            "title": self.title,
            "recipient_policies": [{"name": "Default Policy", "domains": [{"domain": self.domain}]}],
            "routing_groups": [{"name": site.name, "position": list(site.position)} for site in self.sites],
            "mailboxes": people,
            "zones": [{"name": domain, "records": f"@ MX 10 {host}\n{host} A {self.outside.ip}\n"}],
            "external_hosts": [
                {
                    "name": self.outside.host,
                    "ip": self.outside.ip,
                    "accepts": [domain],
                    "position": list(self.outside.position),
                }
            ],
        }


@cache
def terms() -> Terms:
    """The terms as they come with the course."""
    data = tomllib.loads((ROOM / "brief.toml").read_text(encoding="utf-8"))
    data["goals"] = tuple(Goal(**row) for row in data["goals"])
    data["storm"] = Storm(**_tuples(data["storm"]))
    data["outside"] = Outside(**_tuples(data["outside"]))
    data["sites"] = tuple(Site(**_tuples(row)) for row in data["sites"])
    data["lines"] = tuple(Line(**_tuples(row)) for row in data["lines"])
    return Terms(**data)


def _tuples(row: Mapping[str, Any]) -> dict[str, Any]:
    return {key: tuple(value) if isinstance(value, list) else value for key, value in row.items()}


def text_of(name: str) -> str:
    """The TOML of a design that comes with the brief.

    Raises:
        OrganizationError: there is no such design.
    """
    if name not in DESIGNS:
        raise OrganizationError("design", [f"no design is called {name!r}{meant(name, DESIGNS)}"])
    return (ROOM / "designs" / f"{name}.toml").read_text(encoding="utf-8")


def organization_of(asked: Terms, text: str) -> Organization:
    """A design as an organization: what the text says, and what the terms fix.

    Raises:
        OrganizationError: the text is not TOML, or has faults: all of them, each with its place.
    """
    if not isinstance(text, str):
        raise OrganizationError("design", [misfit("text", text, "TOML text", 'give it in quotes, or "star"')])
    if "=" not in text:
        text = text_of(text.strip())
    try:
        given = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise OrganizationError("design", [f"not TOML: {error}"]) from error
    fixed = asked.fixed(_homes(given))
    if taken := [key for key in fixed if key in given and key != "mailboxes"]:
        raise OrganizationError("design", [f"{key}: the brief says it; leave it out" for key in taken])
    return loads(_toml({**fixed, **given}), name="design")


def _homes(given: Mapping[str, Any]) -> dict[str, str]:
    """The first server of each site, as far as the text names any."""
    found: dict[str, str] = {}
    rows = given.get("servers")
    for row in rows if isinstance(rows, list) else ():
        group, name = (row.get("routing_group"), row.get("name")) if isinstance(row, dict) else (None, None)
        if isinstance(group, str) and isinstance(name, str):
            found.setdefault(group, name)
    return found


def _toml(data: Mapping[str, Any]) -> str:
    import tomli_w  # only those who design need it

    return tomli_w.dumps(data)
