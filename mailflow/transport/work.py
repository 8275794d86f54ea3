"""What a component does over time: generators that wait for seconds or for events, run by the clock of SimPy."""

from __future__ import annotations

from collections.abc import Generator
from functools import partial
from heapq import heappop, heappush, heappushpop
from itertools import count
from math import inf
from types import GeneratorType
from typing import Any

import simpy
from simpy.events import NORMAL, URGENT, EventPriority

Wait = float | simpy.Event
"""What work can wait for: a number of seconds, or an event that has not fired yet."""

Steps = Generator[Wait, object, None]
"""What a component does over time."""

AT_ONCE = EventPriority(-1)


class Clock(simpy.Environment):
    """SimPy's environment, with a short way for work that pauses.

    Most of a run is such pauses. Work waits in SimPy's own queue and in SimPy's order, but as the generator that it is:
    a pause of so many seconds needs no process, no event and no list of callbacks. An error in any work ends the run.
    """

    # These names are SimPy's own and private. Its scheduler is the heap `_queue` of (time, priority, number, event), numbered
    # by `_eid`, and `step` takes the first one off and sets `_now`. Work must lie in that very heap to keep its turn among
    # SimPy's events, and SimPy has no public way in but events: a process, an event and its callbacks for every pause.
    # pyproject.toml holds SimPy below the next minor release, so that a change there meets our tests before a learner.
    now: float = 0  # SimPy has a property here: a call for each of the many times that a run looks at the clock
    _queue: list[tuple[float, int, int, Any]]  # type: ignore[assignment]  # in SimPy's words only events lie in it
    _eid: count[int]

    def start(self, steps: Steps) -> None:
        """Let this work run beside the others, from now on."""
        heappush(self._queue, (self.now, URGENT, next(self._eid), steps))

    def run_before(self, end: float = inf) -> None:
        """Run everything that happens before ``end``, in seconds. Then it is that time, if there is an end."""
        queue, number = self._queue, self._eid
        head = heappop(queue) if queue else None
        while head is not None:
            now, _, _, steps = head
            if now >= end:
                heappush(queue, head)
                break
            self._now = self.now = now
            if type(steps) is not GeneratorType:
                heappush(queue, head)
                self.step()
            else:
                try:
                    wanted = steps.send(None)
                except StopIteration:
                    pass
                else:
                    # Nearly every pause is a float, which costs less to tell than that it is no event.
                    if type(wanted) is float or not isinstance(wanted, simpy.Event):
                        # To line up again and take the next out is one step of the heap, not two.
                        head = heappushpop(queue, (now + wanted, NORMAL, next(number), steps))
                        continue
                    wanted.callbacks.append(partial(self._go_on, steps))
            head = heappop(queue) if queue else None
        if end != inf:
            self._now = self.now = end

    def _go_on(self, steps: Steps, _event: simpy.Event) -> None:
        """What this work waited for has happened: it goes on before anything else does at this time."""
        heappush(self._queue, (self.now, AT_ONCE, next(self._eid), steps))
