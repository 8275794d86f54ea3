"""The vocabulary of a trace: which steps exist, in which component, under which rule, and how they are told."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, eq=False)
class Step:
    """One kind of thing that can happen.

    ``sentence`` is a template: ``{server}``, ``{mail}`` and the names in ``fields`` are filled from the event. ``rule``
    names the rule of the model that makes it happen (see `mailflow.facts`). ``tracking`` is the message tracking event
    that Exchange would log, if any. ``decision`` marks the steps at which a learner can be asked what comes next.
    """

    key: str
    title: str
    component: str
    rule: str
    sentence: str
    fields: tuple[str, ...] = field(default=())
    tracking: int | None = None
    decision: str = ""


_STEPS: dict[str, Step] = {}


def step(
    key: str,
    title: str,
    component: str,
    *,
    rule: str,
    sentence: str,
    leading: tuple[str, ...] = (),
    tracking: int | None = None,
    decision: str = "",
) -> Step:
    """Declare a step once, beside the code that makes it happen.

    Values are given in the order in which the sentence names them, after those of ``leading``.

    Raises:
        ValueError: two steps share a key.
    """
    if key in _STEPS:
        raise ValueError(f"step {key!r} is declared twice")
    fields = tuple(dict.fromkeys((*leading, *_fields(sentence))))
    made = Step(key, title, component, rule, sentence, fields, tracking, decision)
    _STEPS[key] = made
    return made


def steps() -> dict[str, Step]:
    """Every step declared so far, by key."""
    return dict(_STEPS)


def _fields(sentence: str) -> tuple[str, ...]:
    names = (part.split("}", 1)[0] for part in sentence.split("{")[1:])
    return tuple(name for name in names if name not in ("server", "mail"))


def told(value: object) -> str:
    """How a value of an event reads inside a sentence. The lines of an SMTP reply are joined without their reply
    code.
    """
    if isinstance(value, (tuple, list)):
        words = [str(item) for item in value]
        return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)
    if isinstance(value, float):
        return f"{value:g}"
    text = "" if value is None else str(value)
    return text if "\n" not in text else ", ".join(line[4:] for line in text.splitlines())
