"""The scenario and its run: the only room that knows transport and routing alike."""

from mailflow.simulation.description import map_data
from mailflow.simulation.errors import ScenarioError
from mailflow.simulation.plan import Action, Plan
from mailflow.simulation.scenario import Scenario
from mailflow.simulation.sharing import Shared, shared
from mailflow.simulation.verbs import Verb, verb
from mailflow.transport.parameters import Durations, Parameters

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
