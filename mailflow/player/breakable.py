"""A player in which things can be broken at the step that is shown: the script that the learner writes with it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple, Unpack

from mailflow.facts.mistake import InputError
from mailflow.organization.model import AnyConnector, Organization, RoutingGroupConnector
from mailflow.player.aside import aside
from mailflow.player.questions import questions
from mailflow.player.source import Part, offered
from mailflow.player.widget import Player, Scripted, Shown, packed_json
from mailflow.simulation import Scenario, ScenarioError, Verb
from mailflow.simulation.verbs import AddConnector, ChangeConnector, Fail, Restore, Start, Stop
from mailflow.trace import clock
from mailflow.trace.packing import packed
from mailflow.trace.state import State
from mailflow.transport.node import DISABLED_BY_SETUP, INFORMATION_STORE, ROUTING_ENGINE, SMTP

__all__ = ["BreakablePlayer"]

AFTER = 0.001
"""Seconds between the step that is shown and what the learner does after it."""

MOST_SERVERS = 30
"""With more servers the list of what can be broken leaves their services out; they can be clicked in the picture."""


class Change(NamedTuple):
    """What the learner did: to what, after which step, when (in seconds), and the verb of the script."""

    name: str
    step: int
    at: float
    verb: Verb


class Version(NamedTuple):
    """All that the learner did up to some moment, and the last of it in words."""

    changes: tuple[Change, ...] = ()
    told: str = ""


class BreakablePlayer(Player):
    """A player in which something can fail or come back at the step that is shown; the run is made anew from there.

    Attributes:
        scenario: the script as it is now; ``scenario.code(until)`` is its text.
    """

    def __init__(
        self,
        scenario: Scenario,
        until: float | None,
        ask: Iterable[str],
        route: tuple[str, str] | None,
        **options: Unpack[Shown],
    ) -> None:
        self.scenario = self._first = scenario
        self._until, self._ask, self._route = until, tuple(ask), route
        self._versions = [Version()]
        self._now = 0
        trace = scenario.run(until)
        asked = questions(trace, ask, tell=options.get("tell", ()), start=options.get("cursor", 0))
        # There may be bets in another future.
        parts: tuple[Part, ...] = ("link_state", "bets") if self._ask else ("link_state",)
        super().__init__(trace, questions=asked, parts=parts, route=route, **options, **self._scripted())

    @property
    def _changes(self) -> tuple[Change, ...]:
        return self._versions[self._now].changes

    def _scripted(self) -> Scripted:
        """What the browser shows of the script."""
        return {
            "breakable": True,
            "script": self.scenario.code(self._until),
            "things": [[label, names] for label, names in _things(self.scenario.organization).items() if names],
            "changes": [
                {"name": item.name, "step": item.step, "at": item.at, "word": item.verb.word} for item in self._changes
            ],
            "costs": _costs(self.scenario),
            "undo": self._now,
            "redo": len(self._versions) - self._now - 1,
        }

    def _heard(self, widget: object, message: Mapping[str, object], buffers: object) -> None:
        """The browser asks for another future, and is told how it went."""
        if message.get("type") == "focus":
            super()._heard(widget, message, buffers)
            return
        try:
            self.send({"text": self._done(message)})
        except (ValueError, LookupError, TypeError) as error:
            self.send({"text": f"Not possible: {error}"})

    def _done(self, message: Mapping[str, object]) -> str:
        match message:
            case {"type": "undo"}:
                return self.undo()
            case {"type": "redo"}:
                return self.redo()
            case {"type": "cost", "name": str(name), "step": int(step), "cost": int(cost)}:
                return self.set_cost(name, cost, step)
            case {"type": "break", "name": str(name), "step": int(step)}:
                return self.break_(name, step)
        raise InputError(f"the player asked for {dict(message)!r}")

    def break_(self, name: str, step: int) -> str:
        """Take something down, or bring it back, right after a step; what the script holds for later still happens.

        Done once more at the same step, it is taken back.

        Args:
            name: a connector, a server, whatever else `Scenario.fail` knows, or a service and " of " and its server,
                such as "SMTP of LON01".
            step: the event number.

        Returns:
            What happened, in words.

        Raises:
            ScenarioError: nothing of that name, or no such step.
        """
        at = self._moment(step)
        kept = tuple(item for item in self._changes if (item.name, item.at) != (name, at) or _is_cost(item))
        if kept != self._changes:
            return self._become(Version(kept, f"{name} stays as it was at {clock(at)}."))
        verb, up = _turned(name, self.shown.at(step), self.scenario.organization)
        told = f"{name} {'comes back' if up else 'goes down'} at {clock(at)}."
        return self._become(Version((*kept, Change(name, step, at, verb)), told))

    def set_cost(self, connector: str, cost: int, step: int) -> str:
        """Give a connector another cost, right after a step.

        Args:
            step: the event number.

        Returns:
            What happened, in words.

        Raises:
            ScenarioError: no such connector or step, or a cost that the organization does not allow.
        """
        at = self._moment(step)
        kept = tuple(item for item in self._changes if (item.name, item.at) != (connector, at) or not _is_cost(item))
        change = Change(connector, step, at, ChangeConnector(connector, {"cost": cost}))
        return self._become(Version((*kept, change), f"{connector} costs {cost} from {clock(at)}."))

    def undo(self) -> str:
        """Take the last change back, and say which one it was."""
        if not self._now:
            return "Nothing to undo."
        undone = self._versions[self._now].told
        self._replay(self._now - 1, f"Undone: {undone}")
        return f"Undone: {undone}"

    def redo(self) -> str:
        """Do again what was undone last, and say what it is."""
        if self._now + 1 == len(self._versions):
            return "Nothing to do again."
        told = self._versions[self._now + 1].told
        self._replay(self._now + 1, told)
        return told

    def _moment(self, step: int) -> float:
        if not 0 <= step < len(self.shown):
            raise ScenarioError(f"no step {step}; there are steps 0 to {len(self.shown) - 1}")
        return round(self.shown[step].time + AFTER, 6)

    def _become(self, version: Version) -> str:
        # Refused first, so that a change that is not possible leaves everything as it was.
        self._made(version)
        self._versions[self._now + 1 :] = [version]
        self._replay(self._now + 1, version.told)
        return version.told

    def _made(self, version: Version) -> Scenario:
        made = self._first.copy()
        for change in version.changes:
            made.act(change.verb, at=change.at)
        return made

    def _replay(self, number: int, told: str) -> None:
        self._now = number
        self.scenario = self._made(self._versions[number])
        self.shown = scene = self.scenario.run(self._until)
        self.options = {**self.options, **self._scripted(), "told": told, "share": offered(scene)}
        self.answers = {}
        self.cursor = min(self.cursor, len(scene) - 1)
        tell = self.options.get("tell", ())
        self.questions = tuple(questions(scene, self._ask, tell=tell, start=self.cursor))
        self.beside = packed_json(aside(scene, questions=self.questions, route=self._route, tell=tell))
        self.trace = packed(scene.to_json())


def _is_cost(change: Change) -> bool:
    return isinstance(change.verb, ChangeConnector)


def _turned(name: str, state: State, organization: Organization) -> tuple[Verb, bool]:
    """The verb that takes something down or brings it back, and whether it is up then."""
    service, _, server = name.rpartition(" of ")
    if service and server in organization.server and name not in organization.connector:
        up = not state.services.get((server, service), service not in DISABLED_BY_SETUP)
        return (Start if up else Stop)(service, server), up
    up = not state.outside.get(name, True)
    return (Restore if up else Fail)(name), up


def _things(organization: Organization) -> dict[str, list[str]]:
    """What a learner can take down, by kind."""
    masters = [group.master for group in organization.routing_groups if group.master]
    services = [
        f"{service} of {server.name}"
        for server in organization.servers
        for service in (SMTP, INFORMATION_STORE, *(() if server.name in masters else (ROUTING_ENGINE,)))
    ]
    return {
        "Connectors": list(organization.connector),
        "Servers": list(organization.server),
        "Routing group masters": [f"{ROUTING_ENGINE} of {name}" for name in masters],
        "Services": services if len(organization.servers) <= MOST_SERVERS else [],
        "Outside": list(organization.external_host),
    }


def _costs(scenario: Scenario) -> dict[str, list[list[float]]]:
    """For each connector that joins routing groups its cost over time: pairs of seconds and cost."""
    found = {item.name: [[0.0, cost]] for item in scenario.organization.connectors if (cost := _cost(item))}
    for action in scenario.script:
        match action.verb:
            case ChangeConnector(name, {"cost": int(cost)}) if name in found:
                found[name].append([action.at, cost])
            case AddConnector(connector) if cost := _cost(connector):
                found.setdefault(connector.name, []).append([action.at, cost])
    return found


def _cost(connector: AnyConnector) -> float:
    """What routes through a connector cost between routing groups; 0 where it joins none (Source: R26)."""
    joins = isinstance(connector, RoutingGroupConnector) or connector.connected_routing_groups
    return connector.cost if joins else 0
