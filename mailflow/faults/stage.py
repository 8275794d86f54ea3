"""A variant on the stage: it runs with any steps in place of the fault, and goes on with any repair."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

from mailflow.faults.draft import Draft, Letter
from mailflow.faults.steps import Step, with_settings
from mailflow.messages import Message
from mailflow.organization import Organization
from mailflow.simulation import Scenario, Verb
from mailflow.trace import Trace

PAUSE = 1.0
"""Seconds between two messages."""
ROUNDS = ("before", "after")
EARLIER = "Earlier"


class Stage:
    """Runs a variant. The same steps give the same trace."""

    def __init__(self, draft: Draft, seed: int) -> None:
        self.draft, self.seed = draft, seed

    def scenario(self, steps: Iterable[Step], repair: Iterable[Step] | None = None) -> Scenario:
        """The script of a run: with a repair, the same mail is sent once more after it.

        Raises:
            ValueError: a step does not fit this organization; ScenarioError and OrganizationError are such errors.
        """
        draft, steps = self.draft, tuple(steps)
        organization = self.organization(steps, repair or ())
        made = Scenario(organization, seed=self.seed, parameters=draft.parameters)
        for step in steps:
            if isinstance(step, Verb):
                made.act(step, at=draft.begins)
        for delay, what in draft.around:
            if isinstance(what, Letter):
                _send(made, what, EARLIER, draft.begins + delay)
            else:
                made.act(what, at=draft.begins + delay)
        self._round(made, ROUNDS[0], draft.begins + draft.first)
        if repair is not None:
            for step in repair:
                if isinstance(step, Verb):
                    made.act(step, at=draft.now)
            self._round(made, ROUNDS[1], draft.now + draft.first)
        return made

    def organization(self, steps: Iterable[Step], repair: Iterable[Step] = ()) -> Organization:
        """The organization with the settings among the steps, and then those of a repair."""
        return with_settings(with_settings(self.draft.healthy, steps), repair)

    def now(self, steps: Iterable[Step]) -> Trace:
        """What happened until the learner is asked, had these steps been the fault."""
        return self.scenario(steps).run(until=self.draft.now)

    def later(self, steps: Iterable[Step], repair: Iterable[Step]) -> Trace:
        """What happens after a repair, until the goal is looked at."""
        return self.scenario(steps, tuple(repair)).run(until=self.draft.now + self.draft.within)

    def _round(self, scenario: Scenario, round_: str, at: float) -> None:
        for number, letter in enumerate(self.mail()):
            _send(scenario, letter, subject(number, round_), at + number * PAUSE)

    def mail(self) -> list[Letter]:
        """All mail of a round: that of the complaint, then the other."""
        return [*(letter for letter, _ in self.draft.letters), *self.draft.controls]


def _send(scenario: Scenario, letter: Letter, named: str, at: float) -> None:
    scenario.send(_message(letter, named), at=at, by=letter.by, server=letter.server or None, client=letter.client)


def subject(number: int, round_: str) -> str:
    """By which a message is known in a trace."""
    return f"No. {number + 1}" + (", once more" if round_ == ROUNDS[1] else "")


def ends(trace: Trace, round_: str) -> list[list[tuple[str, str]]]:
    """For each message of a round, in order: each recipient with the state it ended in, or "waiting"; for a group, each member."""
    found: dict[str, list[tuple[str, str]]] = {}
    for name, states in trace.status().items():
        data = trace.messages[name]
        if data["kind"] == "message":
            group = any(state == "expanded" for _, state, _ in states)
            found[str(data["subject"])] = [
                (address, state)
                for address, state, _ in states
                if state != "expanded" and (group or address in data["recipients"])
            ]
    wanted = 0
    listed = []
    while (name := subject(wanted, round_)) in found:
        listed.append(found[name])
        wanted += 1
    return listed


@lru_cache(maxsize=256)
def _message(letter: Letter, named: str) -> Message:
    attached = {"attachment.bin": letter.kb * 1024} if letter.kb else None
    return Message.write(letter.sender, letter.to, subject=named, text="As agreed.", attachments=attached)
