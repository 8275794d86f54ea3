"""Bets in the prose: a question with its choices, and the answer, which the model gives, after the choice."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pprint import pformat

from mailflow.course.progress import Progress
from mailflow.facts.kinds import misfit, need
from mailflow.facts.mistake import InputError
from mailflow.player.bet_widget import Asked, Bet
from mailflow.trace import Event

__all__ = ["bet"]


def bet(
    name: str,
    ask: str,
    choices: Mapping[str, object] | Iterable[object],
    answer: object,
    *,
    show: object = "",
    why: str | Event = "",
) -> Bet:
    """Ask what will happen, and show the answer after the choice. The choice is kept in the learner's progress.

    Example:
        >>> import mailflow
        >>> typo = mailflow.Message.write("anna@contoso.com", "bem@contoso.com")
        >>> trace = mailflow.Scenario(mailflow.load("one server")).send(typo).run()
        >>> choices = {"Ben has it": "delivered", "Anna gets a report": "bounced"}
        >>> mailflow.bet("00 typo", "What becomes of it?", choices, trace.status()["m1"][0][1])
        Bet: What becomes of it?
          1 Ben has it
          2 Anna gets a report

    Args:
        name: the number of the notebook and a word, such as "03 copies".
        ask: the question.
        choices: the choices, or each in words with the answer that it stands for.
        answer: what came out, or a function without arguments that finds out: let the model say it, do not type it in.
        show: what to show with the answer: a text as it is, anything else as Python prints it.
        why: the reason, or the event that shows it: then its sentence.

    Raises:
        ValueError: fewer than two choices, or none or several of them are the answer.
    """
    need("bet(name)", name, str, "name", 'write, for example, "03 copies"')
    need("bet(ask)", ask, str, "question", "write it as text")
    if isinstance(choices, str) or not isinstance(choices, Iterable):
        raise InputError(misfit("bet(choices)", choices, "list", 'write, for example, ["one copy", "two copies"]'))
    meanings = dict(choices) if isinstance(choices, Mapping) else {str(item): item for item in choices}
    if len(meanings) < 2:
        raise InputError(f"bet(choices): a bet needs two choices, and this has {len(meanings)}")
    found = _found(answer)
    right = [number for number, meant in enumerate(meanings.values(), start=1) if meant == found]
    if len(right) != 1:
        raise InputError(f"bet {name!r}: the answer is {found!r}, and {len(right)} of the choices stand for it")
    told = why.sentence if isinstance(why, Event) else why
    text = show if isinstance(show, str) else pformat(show, width=100, sort_dicts=False)
    before = Progress.here().bet(name)

    def keep(_: int, chosen: int) -> None:
        Progress.here().placed(name, chosen, chosen == right[0])

    chosen = [before if 0 < before <= len(meanings) else 0]
    return Bet([Asked(ask, tuple(meanings), right[0], told, text.rstrip("\n"))], "Bet", keep, chosen=chosen)


def _found(answer: object) -> object:
    ask: Callable[[], object] = answer if callable(answer) else lambda: answer
    return ask()
