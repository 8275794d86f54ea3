"""Who knows the newest link state, at one step of a trace."""

from __future__ import annotations

from typing import NamedTuple

from mailflow.trace import State, Trace

WITHOUT_TABLE = ("5.5", "2007")
"""Products that keep no link state table (Source: R130, R134)."""


class Knowledge(NamedTuple):
    """The servers that hold the newest entry of every routing group that has news, and how many could."""

    informed: frozenset[str]
    total: int

    @property
    def sentence(self) -> str:
        """How far the news has come."""
        return f"{len(self.informed)} of {self.total} servers know the newest link state"


def knowledge(trace: Trace, state: State) -> Knowledge | None:
    """Who knows the news; None while no table is other than it was at the start."""
    newest: dict[str, str] = {}
    for table in state.tables.values():
        for group, entry in (table or {}).items():
            newest[group] = max(newest.get(group, entry), entry, key=_age)
    if not newest:
        return None
    servers = [item["name"] for item in trace.organization["servers"] if item.get("product") not in WITHOUT_TABLE]
    informed = (
        name
        for name in servers
        if all((state.tables.get(name) or {}).get(group) == entry for group, entry in newest.items())
    )
    return Knowledge(frozenset(informed), len(servers))


def _age(entry: str) -> int:
    """Entries are named in the order in which they came up."""
    return int(entry[1:])
