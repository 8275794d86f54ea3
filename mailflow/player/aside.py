"""What the browser is told beside a trace: the story, whom one can follow, the maps, the facts behind the rules, bets and routes."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence

from mailflow.facts import fact
from mailflow.player.beats import outline
from mailflow.player.layout import layouts
from mailflow.player.prices import prices
from mailflow.player.questions import Question
from mailflow.player.routes import answers
from mailflow.player.source import PARTS, Part
from mailflow.trace import Trace


def aside(
    *traces: Trace,
    questions: Sequence[Question] = (),
    route: tuple[str, str] | None = None,
    tell: Iterable[str] = (),
) -> dict[str, object]:
    """All of it as plain JSON data, for a player of one trace or of two.

    Raises:
        ValueError: no such server or recipient for ``route``; ``tell`` names nothing that can be told.
    """
    plans = layouts(*traces)
    return {
        **outline(*traces, tell=tell),
        "map": [item.as_data() for item in plans],
        "prices": [prices(trace, plans[min(place, len(plans) - 1)]) for place, trace in enumerate(traces)],
        "facts": _facts(traces),
        "questions": [item.as_data() for item in questions],
        "routes": answers(traces[0], route),
    }


def parts(*traces: Trace, questions: Sequence[Question] = (), wanted: Collection[Part] = ()) -> tuple[Part, ...]:
    """The parts of the player that these traces and questions need, and those that are wanted besides."""
    needed: dict[Part, bool] = {
        "bets": bool(questions),
        "compare": len(traces) > 1,
        "groups": any(item.level == "groups" for item in layouts(*traces)),
    }
    return tuple(part for part in PARTS if part in wanted or needed.get(part))


def _facts(traces: Iterable[Trace]) -> dict[str, object]:
    """The facts behind the rules that fired, by number."""
    rules = {event.rule for trace in traces for event in trace}
    return {number: on_card(number) for number in sorted({number for rule in rules for number in rule.numbers})}


def on_card(number: str) -> dict[str, object]:
    """What the card of a fact says: its clauses, each with how sure it is, and the documents.

    Raises:
        UnknownFact: there is no such number.
    """
    found = fact(number)
    return {"clauses": [[clause.sure, _quoted(clause.says)] for clause in found.clauses], "origin": found.origin}


def _quoted(says: str) -> str:
    """A clause without the asterisks around a name, which a card does not read as Markdown; commands keep theirs."""
    return re.sub(r"(`[^`]*`)|\*([^*`]+)\*", lambda found: found[1] or f"“{found[2]}”", says)
