"""Opening a scenario that somebody shared as a short text."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping
from typing import NamedTuple

from mailflow.facts.kinds import misfit
from mailflow.messages import Message
from mailflow.organization import load, loads, ready_made
from mailflow.organization.load import made
from mailflow.simulation.errors import LATEST, ScenarioError
from mailflow.simulation.recipe import FORMAT, RecipeData
from mailflow.simulation.scenario import Scenario
from mailflow.simulation.verbs import Verb, verbs
from mailflow.trace.packing import unpacked
from mailflow.transport.parameters import Durations, Parameters


class Shared(NamedTuple):
    """What a shared text holds: ``step`` is an event number, from 0, ``until`` where the clock stops, in seconds."""

    scenario: Scenario
    until: float | None
    step: int


def shared(text: str) -> Shared:
    """Open what a player gave under *Share*, or what `Trace.share` gave. Line breaks in it do no harm.

    Example:
        >>> import mailflow
        >>> message = mailflow.Message.write("anna@contoso.com", "ben@contoso.com")
        >>> text = mailflow.Scenario(mailflow.load("one server")).send(message).run().share(step=7)
        >>> found = mailflow.shared(text)
        >>> found.scenario, found.step
        (Scenario in 'Contoso' with 1 action, 7)

    Raises:
        ScenarioError: the text is no shared scenario, or it holds what no scenario allows.
    """
    if not isinstance(text, str):
        raise ScenarioError(misfit("shared", text, "text", "give what a player showed under Share, in quotes"))
    letters, _, step = "".join(text.split()).partition(":")
    try:
        data = json.loads(unpacked(letters))
        if data["format"] != FORMAT:
            raise ValueError(f"its format is {data['format']!r}, not {FORMAT!r}")
        until = None if data["until"] is None else float(data["until"])
        return Shared(_scenario(data), until, max(0, int(step or 0)))
    except (ValueError, LookupError, TypeError, AttributeError, OverflowError, RecursionError) as error:
        remedy = "copy it whole, from the first letter to the number behind the colon"
        raise ScenarioError(f"this text opens no scenario: {error}; {remedy}") from error


def _scenario(data: RecipeData) -> Scenario:
    known = data.get("ready_made")
    if known and known not in ready_made():
        raise ValueError(f"no ready-made organization is called {known!r}")
    if not known and any("file" in zone for zone in tomllib.loads(data["organization"]).get("zones", ())):
        raise ValueError("a zone in it names a file of another computer")
    organization = load(known) if known else loads(data["organization"])
    scenario = Scenario(organization, seed=int(data["seed"]), parameters=_parameters(data["parameters"]))
    messages = [_message(*item) for item in data["messages"]]
    for item in data["script"]:
        given = dict(item)
        kind, at = _verb(given.pop("verb")), given.pop("at")
        if not isinstance(at, (int, float)):
            raise ValueError("at must be a number of seconds")
        scenario.act(kind.from_recipe(given, messages), at=at)
    return scenario


def _message(content: str, sender: str, to: list[str]) -> Message:
    """A message, byte for byte; its envelope is checked as that of any other."""
    data = content.encode("latin-1")
    checked = Message.read(data, sender=sender, to=to)
    return Message(data, checked.sender, checked.recipients)


def _verb(word: object) -> type[Verb]:
    if not isinstance(word, str) or word not in verbs():
        raise ValueError(f"no scenario has the verb {word!r}")
    return verbs()[word]


def _parameters(data: object) -> Parameters:
    if not isinstance(data, Mapping):
        raise ValueError("the parameters must be a table")
    given = dict(data)
    durations = given.pop("durations", {})
    if not isinstance(durations, Mapping):
        raise ValueError("durations must be a table")
    for name, value in {**given, **durations}.items():
        if not isinstance(value, (bool, int, float)) or not 0 <= value <= LATEST:
            raise ValueError(f"the parameter {name} must be a number from 0 to {LATEST:g}, or true or false")
    return made(Parameters, {**given, "durations": made(Durations, durations)})
