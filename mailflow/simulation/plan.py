"""What a run depends on: an organization, a script of timed actions, a seed and the settings of the model."""

from __future__ import annotations

from dataclasses import dataclass

from mailflow.organization.model import Organization
from mailflow.plain import Plain
from mailflow.simulation.verbs.base import Verb
from mailflow.transport.parameters import Parameters


@dataclass(frozen=True, slots=True, kw_only=True, repr=False, eq=False)
class Action(Plain):
    """One timed action of a script: ``at`` in seconds, and what happens then."""

    at: float
    verb: Verb

    def as_data(self) -> dict[str, object]:
        """The action as plain JSON data."""
        return {"at": self.at, "verb": self.verb.word, **self.verb.as_data()}


@dataclass(frozen=True, slots=True, kw_only=True, repr=False, eq=False)
class Plan(Plain):
    """Everything that a run depends on: equal plans give equal traces. The script is in the order of time."""

    organization: Organization
    script: tuple[Action, ...]
    seed: int
    parameters: Parameters
