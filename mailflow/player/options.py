"""What a player and a page can be told, and what they say of anything else."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from mailflow.facts.kinds import misfit, need, need_list
from mailflow.facts.mistake import InputError
from mailflow.player.source import LINK_STATE_VIEWS, VIEWS
from mailflow.trace import Trace


def need_options(
    place: str,
    views: Sequence[str],
    tell: Iterable[str],
    title: str = "",
    ask: Iterable[str] = (),
    route: tuple[str, str] | None = None,
) -> None:
    """See that lists are lists, texts are texts, and a route is a server and a recipient.

    Raises:
        ValueError: one is not.
    """
    need_list("views", views, "views=['Map']")
    need_list("tell", tell, "tell=['dns']")
    need("title", title, str, "text", "write it in quotes")
    need_list(f"{place}(ask)", ask, "ask=['queue']")
    if route is None:
        return
    if not isinstance(route, (tuple, list)) or len(route) != 2 or not all(isinstance(name, str) for name in route):
        remedy = "write, for example, route=('LON01', 'kim@fabrikam.com')"
        raise InputError(misfit(f"{place}(route)", route, "server with a recipient", remedy))


def servers_of(trace: Trace) -> list[str]:
    """The servers of a run, by name."""
    return [item["name"] for item in trace.organization["servers"]]


def need_there(known: Sequence[str], views: Sequence[str], *servers: str) -> None:
    """See that there are these views, and these servers among the known ones.

    Raises:
        ValueError: there is no such view or server.
    """
    for name in views:
        if name not in (*VIEWS, *LINK_STATE_VIEWS):
            raise InputError(f"views: no view {name!r}; there is {', '.join((*VIEWS, *LINK_STATE_VIEWS))}")
    for server in servers:
        if server and server not in known:
            raise InputError(f"server: no server {server!r}; there is {', '.join(known[:8])}")
