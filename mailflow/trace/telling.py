"""The vocabulary of a trace: what can happen, in which component, under which rules, and how it is told.

A telling is a `Telling`, declared with `telling`: one field for each value of its sentence, and its title as docstring.
An event carries one, so code reads ``event.telling.target``, and never a sentence.
"""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import ClassVar, Literal, NotRequired, Self, TypedDict, TypeVar, cast, dataclass_transform

from mailflow.names import RuleName
from mailflow.plain import Plain

T = TypeVar("T", bound="Telling")

Kind = Callable[..., "Telling"]
"""What makes a telling from its values: the class itself. The arguments are open, because each class has fields of its own, and
those of a stored trace are known only when it is read."""

Level = Literal["story", "detail", "everything"]
"""How closely one must look to be told: a person tells the *story*; *detail* adds each station and each SMTP verb."""


class StepData(TypedDict):
    """A `Step` as plain JSON data; older traces lack some of it."""

    key: str
    title: str
    component: str
    rule: str
    sentence: str
    fields: Sequence[str]
    level: NotRequired[Level]
    tracking: NotRequired[int | None]
    decision: NotRequired[str]


@dataclass(frozen=True, slots=True, repr=False, eq=False)
class Step(Plain):
    """One kind of thing that can happen.

    ``sentence`` is a template: ``{server}``, ``{mail}`` and the names in ``fields`` are filled from the event. ``rules``
    are the rules of the model that can make it happen (see `mailflow.facts`), the usual one first. ``tracking`` is the
    message tracking event that Exchange would log, if any. ``decision`` marks the steps at which a learner can be asked
    what comes next.
    """

    key: str
    title: str
    component: str
    rules: tuple[RuleName, ...]
    sentence: str
    fields: tuple[str, ...]
    level: Level = "everything"
    tracking: int | None = None
    decision: str = ""

    def as_data(self) -> StepData:
        """The step as plain JSON data, with the usual rule only."""
        return {
            "key": self.key,
            "title": self.title,
            "component": self.component,
            "rule": self.rules[0],
            "sentence": self.sentence,
            "fields": self.fields,
            "level": self.level,
            "tracking": self.tracking,
            "decision": self.decision,
        }


_Sample = namedtuple("_Sample", "a b c d e f g h i j k l m n o p")
_BY_POSITION = [vars(_Sample)[name] for name in _Sample._fields]
"""The attributes by which a named tuple reads itself. Every kind of telling has these very ones."""


@dataclass_transform(frozen_default=True)
class Telling(tuple[object, ...]):
    """What happened, as a tuple with named fields: those that a subclass annotates.

    It does what tellings need of `typing.NamedTuple`, which writes six functions for each class: with a hundred kinds of tellings
    these take 0.4 MB of every kernel and a few milliseconds of every first run.
    """

    __slots__ = ()
    _fields: ClassVar[tuple[str, ...]] = ()
    step: ClassVar[Step]

    def __init_subclass__(cls) -> None:
        cls._fields = tuple(cls.__annotations__)
        for place, name in enumerate(cls._fields):
            setattr(cls, name, _BY_POSITION[place])

    def __new__(cls, *values: object, **named: object) -> Self:
        """Tell something, by the values of its fields in their order, or by name.

        Raises:
            TypeError: they do not fit the fields.
        """
        fields = cls._fields
        if named:
            values += tuple([named.pop(name) for name in fields[len(values) :] if name in named])
        if named or len(values) != len(fields):
            raise TypeError(f"{cls.__name__} takes {', '.join(fields) or 'nothing'}")
        return tuple.__new__(cls, values)

    def __getnewargs__(self) -> tuple[object, ...]:
        return tuple(self)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(f'{name}={value!r}' for name, value in self._asdict().items())})"

    def _asdict(self) -> dict[str, object]:
        return dict(zip(self._fields, self, strict=True))


_TELLINGS: dict[str, type[Telling]] = {}


def telling(
    key: str,
    component: str,
    *,
    rules: tuple[str, ...],
    sentence: str,
    level: Level,
    unsaid: tuple[str, ...] = (),
    tracking: int | None = None,
    decision: str = "",
) -> Callable[[type[T]], type[T]]:
    """Declare what a tuple tells. The first line of its docstring is the title of the step; ``unsaid`` names the fields that its sentence leaves out.
    The same class declared again, as in a notebook cell that runs twice, takes the place of the first.

    Raises:
        ValueError: two tellings share a key, or the sentence and the tuple do not name the same fields.
    """

    def declare(kind: type[T]) -> type[T]:
        known = _TELLINGS.get(key, kind)
        if (known.__module__, known.__qualname__) != (kind.__module__, kind.__qualname__):
            raise ValueError(f"step {key!r} is declared twice")
        fields = kind._fields
        if differ := (_fields(sentence) | set(unsaid)) ^ set(fields):
            raise ValueError(f"step {key!r}: its sentence and its tuple differ in {', '.join(sorted(differ))}")
        title = (kind.__doc__ or "").split("\n", 1)[0].removesuffix(".")
        names = tuple(map(RuleName, rules))
        _TELLINGS[key] = attach(kind, Step(key, title, component, names, sentence, fields, level, tracking, decision))
        return kind

    return declare


def attach(kind: type[T], step: Step) -> type[T]:
    """Let a tuple know what it tells."""
    kind.step = step
    return kind


def step_of(told: Telling | Kind) -> Step:
    """What a telling, or a kind of it, tells."""
    return cast(Telling, told).step


def kind_of(step: Step) -> type[Telling]:
    """The tuple that tells this step: the declared one, or one of its own for a step that was told otherwise."""
    declared = _TELLINGS.get(step.key)
    if declared is not None and step_of(declared).as_data() == step.as_data():
        return declared
    return attach(cast("type[Telling]", namedtuple("Told", step.fields)), step)


def tellings() -> dict[str, type[Telling]]:
    """Every telling declared so far, by key."""
    return dict(_TELLINGS)


def _fields(sentence: str) -> set[str]:
    return {part.split("}", 1)[0] for part in sentence.split("{")[1:]} - {"server", "mail"}


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
