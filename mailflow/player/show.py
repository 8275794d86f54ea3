"""Showing runs: one in a player, or two side by side."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from mailflow.facts.kinds import need, need_list
from mailflow.facts.mistake import InputError
from mailflow.player.options import need_options, need_there, servers_of
from mailflow.player.questions import questions
from mailflow.player.source import wanted
from mailflow.player.widget import Player, Shown
from mailflow.simulation import Scenario
from mailflow.simulation.errors import seconds
from mailflow.trace import Trace

__all__ = ["compare", "play"]


def play(
    trace: Trace | Scenario | str,
    *,
    ask: Iterable[str] = (),
    views: Sequence[str] = ("Map", "Server"),
    server: str = "",
    step: int = 0,
    title: str = "",
    still_step: int | None = None,
    route: tuple[str, str] | None = None,
    tables: tuple[str, str] = ("", ""),
    until: float | None = None,
    tell: Iterable[str] = (),
) -> Player:
    """Show a trace in the player. Given a scenario, run it and let the learner break things in it. Given a shared text,
    open the same run at the same step.

    Example:
        >>> import mailflow
        >>> message = mailflow.Message.write("anna@contoso.com", "ben@contoso.com")
        >>> mailflow.play(mailflow.Scenario(mailflow.load("one server")).send(message).run(), ask=["queue"])
        Player: One server, 14 steps, 3 predictions. Run this cell to step through it.

    Args:
        ask: kinds of predictions, see `mailflow.player.questions.questions`; at most five are asked, at forks only that lie ahead.
        views: which views are open: "Map", "Server", "Ladder", "Tables", "Link state", "Route".
        server: look inside this server; by default the one where the message is.
        step: the event to start at.
        still_step: the event on the still picture; by default the one to start at, so that it gives no prediction away.
        route: (server, recipient) for the view "Route".
        tables: the two servers whose link state tables stand side by side; "" follows the step, or leaves it at one.
        until: where the clock stops, in seconds, when a scenario is given.
        tell: what belongs to this story besides the usual, as in `mailflow.story`.

    Raises:
        ValueError: a view, server, kind of question or of step that does not exist.
        ScenarioError: a text that opens no scenario.
    """
    need(
        "play",
        trace,
        (Trace, Scenario, str),
        "trace, scenario or shared text",
        "give a scenario, or what its .run() returned",
    )
    need_options("play", views, tell, title, ask, route)
    need_list("play(tables)", tables, "tables=('LON01', 'LON02')")
    if still_step is not None:
        need("play(still_step)", still_step, int, "step", "write a whole number without quotes")
    need("play(step)", step, int, "step", "write a whole number without quotes; trace.step_at(seconds) gives one")
    if until is not None:
        seconds("play(until=%)", until)
    if isinstance(trace, str):
        from mailflow.simulation import shared  # for a shared text alone

        found = shared(trace)
        trace = found.scenario.run(found.until)
        step = step or min(found.step, max(0, len(trace) - 1))
    options: Shown = {
        "server": server,
        "title": title,
        "cursor": step,
        "views": list(views),
        "tables": list(tables),
        "still": still_step,
        "tell": list(tell),
    }
    if isinstance(trace, Scenario):
        known = list(trace.organization.server)
        need_there(known, views, server, *tables)
        # Most players are given a trace.
        from mailflow.player.breakable import BreakablePlayer

        return BreakablePlayer(trace, until, ask, route, **options)
    need_there(servers_of(trace), views, server, *tables)
    asked = questions(trace, ask, tell=tell, start=step)
    return Player(trace, questions=asked, parts=wanted(views, route), route=route, **options)


def compare(
    before: Trace,
    after: Trace,
    *,
    labels: tuple[str, str] = ("before", "after"),
    views: Sequence[str] = ("Map",),
    tell: Iterable[str] = (),
) -> Player:
    """Show two traces side by side with one cursor; the first step at which they differ is named.

    Example:
        >>> import mailflow
        >>> message = mailflow.Message.write("anna@contoso.com", "ben@contoso.com")
        >>> scenario = mailflow.Scenario(mailflow.load("one server")).send(message)
        >>> mailflow.compare(scenario.run(), scenario.stop("SMTP").run())
        Player: One server, 14 steps. Run this cell to step through it.

    Args:
        labels: what the two are called.
        views, tell: as in `mailflow.play`.

    Raises:
        ValueError: a view, or a kind of step, that does not exist.
    """
    need("compare(before)", before, Trace, "trace", "give what a scenario's .run() returned")
    need("compare(after)", after, Trace, "trace", "give what a scenario's .run() returned")
    need_options("compare", views, tell)
    need_list("compare(labels)", labels, "labels=('before', 'after')")
    if len(labels) != 2:
        raise InputError(f"compare(labels): {len(labels)} instead of 2; write labels=('before', 'after')")
    need_there(servers_of(before), views)
    return Player(
        before,
        other=after,
        parts=wanted(views),
        views=list(views),
        labels=list(labels),
        tell=list(tell),
    )
