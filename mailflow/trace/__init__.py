"""What is recorded of a run: steps, events, and the state after each of them. Every view needs this room and no other.

Nothing here knows how mail flows; `mailflow.transport` and `mailflow.routing` declare the steps, `mailflow.simulation`
records them.
"""

from mailflow.trace.clock import START, clock
from mailflow.trace.state import FINAL_STATES, MailState, RecipientState, Record, State
from mailflow.trace.telling import Step, Telling, step_of, telling, tellings, told
from mailflow.trace.trace import Change, Event, Trace, TraceError

__all__ = [
    "FINAL_STATES",
    "START",
    "Change",
    "Event",
    "MailState",
    "RecipientState",
    "Record",
    "State",
    "Step",
    "Telling",
    "Trace",
    "TraceError",
    "clock",
    "step_of",
    "telling",
    "tellings",
    "told",
]
