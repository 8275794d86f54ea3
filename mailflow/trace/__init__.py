"""What is recorded of a run: steps, events, and the state after each of them. Every view needs this room and no other.

Nothing here knows how mail flows; `mailflow.transport` and `mailflow.routing` declare the steps, `mailflow.simulation`
records them.
"""

from mailflow.trace.clock import START, clock
from mailflow.trace.state import FINAL_STATES, MailState, RecipientState, State
from mailflow.trace.step import Step, step, steps, told
from mailflow.trace.trace import Event, Record, Trace, TraceError

__all__ = [
    "FINAL_STATES",
    "START",
    "Event",
    "MailState",
    "RecipientState",
    "Record",
    "State",
    "Step",
    "Trace",
    "TraceError",
    "clock",
    "step",
    "steps",
    "told",
]
