"""The verbs of a script, one class each: what it needs, what it does, how it reads as Python and as data.

A verb of your own is a frozen dataclass with the decorator `verb`; `Scenario.act` takes it, shared texts carry it.
"""

from mailflow.simulation.verbs.base import Verb, verb, verbs
from mailflow.simulation.verbs.directory import (
    AddConnector,
    ChangeConnector,
    DeleteMailbox,
    DeleteServer,
    MoveMailbox,
    RemoveConnector,
    SetMaster,
)
from mailflow.simulation.verbs.queues import Delete, DeleteSilently, ForceConnection, Freeze, Unfreeze
from mailflow.simulation.verbs.read import Read
from mailflow.simulation.verbs.send import Send
from mailflow.simulation.verbs.services import (
    DisableOutboundMail,
    EnableOutboundMail,
    Fail,
    Pause,
    Restore,
    Resume,
    Start,
    Stop,
)

__all__ = [
    "AddConnector",
    "ChangeConnector",
    "Delete",
    "DeleteMailbox",
    "DeleteServer",
    "DeleteSilently",
    "DisableOutboundMail",
    "EnableOutboundMail",
    "Fail",
    "ForceConnection",
    "Freeze",
    "MoveMailbox",
    "Pause",
    "Read",
    "RemoveConnector",
    "Restore",
    "Resume",
    "Send",
    "SetMaster",
    "Start",
    "Stop",
    "Unfreeze",
    "Verb",
    "verb",
    "verbs",
]
