"""The scenario and its run: the only room that knows transport and routing alike."""

from mailflow.simulation.scenario import Action, Scenario, ScenarioError, map_data
from mailflow.simulation.sharing import Shared, shared
from mailflow.transport.parameters import Durations, Parameters

__all__ = ["Action", "Durations", "Parameters", "Scenario", "ScenarioError", "Shared", "map_data", "shared"]
