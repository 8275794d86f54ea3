"""A scenario as a short text that opens the same run elsewhere."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, NamedTuple

from mailflow.messages import Message
from mailflow.organization import dumps, load, loads, ready_made
from mailflow.organization.write import plain
from mailflow.routing.recorded import connector_from
from mailflow.simulation.scenario import LATEST, Scenario, ScenarioError, method_of
from mailflow.trace.packing import packed, unpacked
from mailflow.transport.parameters import Durations, Parameters

FORMAT = "mailflow scenario 1"
SAME_ARGUMENTS = (
    "stop", "start", "fail", "restore", "freeze", "unfreeze", "force_connection",
    "disable_outbound_mail", "enable_outbound_mail", "delete_server",
)  # fmt: skip
"""Methods whose arguments stand in a script under the same names."""

NO_TEXTS = ("message", "tls", "lag", "settings", "connector")
"""Arguments in a script that are no texts. The methods check these."""


class Shared(NamedTuple):
    """What a shared text holds: ``step`` is an event number, from 0, ``until`` where the clock stops, in seconds."""

    scenario: Scenario
    until: float | None
    step: int


def recipe(scenario: Scenario, until: float | None = None) -> str:
    """The text that `shared` reads, without a step. A ready-made organization is in it by name, any other one whole."""
    letters: dict[int, int] = {}
    messages: list[list[Any]] = []
    script = []
    for action, letter in scenario.actions():
        data = action.as_data()
        if letter is not None:
            if id(letter) not in letters:
                letters[id(letter)] = len(messages)
                messages.append([letter.content.decode("latin-1"), letter.sender, list(letter.recipients)])
            data["message"] = letters[id(letter)]
            for name in ("sender", "to", "subject"):
                data.pop(name, None)
        script.append(data)
    organization = scenario.organization
    known = organization.ready_made
    data = {
        "format": FORMAT,
        **({"ready_made": known} if known else {"organization": dumps(organization)}),
        "seed": scenario.seed,
        "parameters": plain(scenario.parameters),
        "until": until,
        "messages": messages,
        "script": script,
    }
    return packed(json.dumps(data, separators=(",", ":")))


def shared(text: str) -> Shared:
    """Open what a player gave under *Share*, or what `Trace.share` gave. Line breaks in it do no harm.

    Raises:
        ScenarioError: the text is no shared scenario, or it holds what no scenario allows.
    """
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


def _scenario(data: Mapping[str, Any]) -> Scenario:
    known = data.get("ready_made")
    if known and known not in ready_made():
        raise ValueError(f"no ready-made organization is called {known!r}")
    if not known and any("file" in zone for zone in tomllib.loads(data["organization"]).get("zones", ())):
        raise ValueError("a zone in it names a file of another computer")
    organization = load(known) if known else loads(data["organization"])
    made = Scenario(organization, seed=int(data["seed"]), parameters=_parameters(data["parameters"]))
    messages = [
        Message.read(content.encode("latin-1"), sender=sender, to=to) for content, sender, to in data["messages"]
    ]
    for item in data["script"]:
        _again(made, dict(item), messages)
    return made


def _again(scenario: Scenario, given: dict[str, Any], messages: list[Message]) -> None:
    """Add one action by the public method that checks it."""
    verb, at = given.pop("verb"), given.pop("at")
    for name, value in given.items():
        if name not in NO_TEXTS and not isinstance(value, str):
            raise TypeError(f"{name} of {verb!r} must be a text")
    method = method_of(verb)
    if method == "send":
        scenario.send(messages[given.pop("message")], at=at, **given)
    elif method in SAME_ARGUMENTS:
        getattr(scenario, method)(**given, at=at)
    elif method == "delete":
        scenario.delete(**given, ndr=verb == "delete (NDR)", at=at)
    elif method == "set_master":
        scenario.set_master(given["group"], given["server"], replication_lag=given["lag"], at=at)
    elif method == "add":
        scenario.add(connector_from(given["connector"]), at=at)
    elif method == "change":
        scenario.change(given["name"], at=at, **given["settings"])
    elif method == "remove":
        scenario.remove(given["name"], at=at)
    else:
        raise ValueError(f"no scenario has the verb {verb!r}")


def _parameters(data: Mapping[str, Any]) -> Parameters:
    given = dict(data)
    durations = given.pop("durations", {})
    for name, value in {**given, **durations}.items():
        if not isinstance(value, (bool, int, float)) or not 0 <= value <= LATEST:
            raise ValueError(f"the parameter {name} must be a number from 0 to {LATEST:g}, or true or false")
    return Parameters(**given, durations=replace(Durations(), **durations))
