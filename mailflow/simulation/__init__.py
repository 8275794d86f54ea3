"""The scenario and its run: the only room that knows transport and routing alike."""

from typing import TYPE_CHECKING

from mailflow.lazily import lazily
from mailflow.simulation.description import map_data
from mailflow.simulation.errors import ScenarioError
from mailflow.simulation.plan import Action, Plan
from mailflow.simulation.scenario import Scenario
from mailflow.simulation.verbs import Verb, verb
from mailflow.transport.parameters import Durations, Parameters

if TYPE_CHECKING:
    from mailflow.simulation.sharing import Shared as Shared
    from mailflow.simulation.sharing import shared as shared

_HOME = {
    "Shared": "mailflow.simulation.sharing",
    "shared": "mailflow.simulation.sharing",
}

__all__ = [
    "Action",
    "Durations",
    "Parameters",
    "Plan",
    "Scenario",
    "ScenarioError",
    "Shared",
    "Verb",
    "map_data",
    "shared",
    "verb",
]

__getattr__ = lazily(__name__, _HOME)
