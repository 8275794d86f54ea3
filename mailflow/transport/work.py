"""What a component does over time: generators that wait for seconds or for events, run by the clock of SimPy."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import suppress
from functools import partial
from heapq import heappop, heappush, heappushpop
from itertools import count
from math import inf

import simpy
from simpy.events import NORMAL, EventPriority

Wait = float | simpy.Event
"""What work can wait for: a number of seconds, or an event that has not fired yet."""

Steps = Generator[Wait, object, None]
"""What a component does over time."""

# How work is numbered: by turns, with a part that is the lower the sooner it comes among what is due at the same time.
SOONER = 1 << 60
AT_ONCE = 2 * SOONER


class Clock(simpy.Environment):
    """SimPy's environment, with a short way for work that pauses.

    Most of a run is such pauses. Work waits in one queue with SimPy's events and in SimPy's order, but as the generator that it is:
    a pause of so many seconds needs no process, no event and no list of callbacks. An error in any work ends the run.
    """

    now: float = 0  # SimPy has a property here: a call for each of the many times that a run looks at the clock

    def __init__(self) -> None:
        super().__init__()
        self._work: list[tuple[float, float, Steps]] = []
        self._turns = count()

    def start(self, steps: Steps) -> None:
        """Let this work run beside the others, from now on."""
        heappush(self._work, (self.now, next(self._turns) - SOONER, steps))

    def schedule(self, event: simpy.Event, priority: EventPriority = NORMAL, delay: float = 0) -> None:
        """Let an event of SimPy fire in its turn."""
        turn = next(self._turns) - (NORMAL - priority) * SOONER
        heappush(self._work, (self.now + delay, turn, _firing(event)))

    def run_before(self, end: float = inf) -> None:
        """Run everything that happens before ``end``, in seconds. Then it is that time, if there is an end."""
        if end == inf:
            self._run()
            return
        heappush(self._work, (end, -inf, _ending()))  # before anything else at that time
        with suppress(_Ended):
            self._run()

    def _run(self) -> None:
        work, turns = self._work, self._turns
        if not work:
            return
        head = heappop(work)
        # Python makes such a loop fast in its first rounds, one with a condition only when it is begun often.
        while True:
            now, _, steps = head
            self.now = now
            for wanted in steps:  # at most one turn: a loop resumes work, and notices its end, faster than `send` does
                try:
                    due = now + wanted  # type: ignore[operator]  # to ask first what it is would cost more than all the rest here
                except TypeError:
                    wanted.callbacks.append(partial(self._go_on, steps))  # type: ignore[union-attr]  # then it is an event
                    if not work:
                        return
                    head = heappop(work)
                else:
                    # To line up again and take the next out is one step of the heap, not two.
                    head = heappushpop(work, (due, next(turns), steps))
                break
            else:
                if not work:
                    return
                head = heappop(work)

    def _go_on(self, steps: Steps, _event: simpy.Event) -> None:
        """What this work waited for has happened: it goes on before anything else does at this time."""
        heappush(self._work, (self.now, next(self._turns) - AT_ONCE, steps))


class _Ended(Exception):
    """The time has come at which a run ends."""


def _ending() -> Steps:
    """Work that ends the run."""
    raise _Ended
    yield  # pragma: no cover: never reached, but it makes this work, as the rest is


def _firing(event: simpy.Event) -> Steps:
    """What SimPy does when the turn of an event has come."""
    callbacks, event.callbacks = event.callbacks, None  # type: ignore[assignment]  # so SimPy says that it has fired
    for callback in callbacks:
        callback(event)
    return
    yield  # pragma: no cover: never reached, but it makes this work, as the rest is
