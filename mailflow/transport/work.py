"""What a component does over time: generators that wait for seconds or for events, run by the clock of SimPy."""

from __future__ import annotations

from collections.abc import Callable, Generator
from typing import Any

import simpy
from simpy.core import Environment
from simpy.events import NORMAL, URGENT

Wait = float | simpy.Event
"""What work can wait for: a number of seconds, or an event."""

Steps = Generator[Wait, Any, None]
"""What a component does over time."""


class Work(simpy.Event):
    """One piece of work under way.

    It does what a SimPy process does, for pauses of so many seconds without a new event object each time: most of a
    run is such pauses. An error in the work ends the run.
    Nothing here waits for an event that has fired already.
    """

    def __init__(self, env: Environment, steps: Steps) -> None:
        super().__init__(env)
        self._ok, self._value = True, None
        self._send = steps.send
        self._then: list[Callable[[Any], None]] = [self._go_on]
        self.callbacks = self._then
        env.schedule(self, URGENT)

    def _go_on(self, _event: simpy.Event) -> None:
        try:
            wanted = self._send(None)
        except StopIteration:
            self._then.clear()
            return
        if isinstance(wanted, simpy.Event):
            wanted.callbacks.append(self._go_on)
            return
        self.callbacks = self._then
        self.env.schedule(self, NORMAL, wanted)
