"""How mail flows in Microsoft Exchange Server 2003: a model of it, and a course that shows it.

    import mailflow

    organization = mailflow.load("one server")
    message = mailflow.Message.write("anna@contoso.com", "ben@contoso.com", subject="Lunch?")
    trace = mailflow.Scenario(organization).send(message).run()
    mailflow.play(trace)

Everything is imported when it is first used, so that ``import mailflow`` costs next to nothing.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mailflow.capstone import brief as brief
    from mailflow.course import check as check
    from mailflow.course.bet import bet as bet
    from mailflow.course.glossary import what_is as what_is
    from mailflow.course.recall import progress as progress
    from mailflow.course.recall import recall as recall
    from mailflow.facts import fact as fact
    from mailflow.faults.game import fault as fault
    from mailflow.messages import Message as Message
    from mailflow.organization import Organization as Organization
    from mailflow.organization import OrganizationError as OrganizationError
    from mailflow.organization import grown as grown
    from mailflow.organization import load as load
    from mailflow.organization import loads as loads
    from mailflow.organization import one_routing_group as one_routing_group
    from mailflow.organization import ready_made as ready_made
    from mailflow.organization import reconfigure as reconfigure
    from mailflow.player.beats import story as story
    from mailflow.player.page import page as page
    from mailflow.player.picture import picture as picture
    from mailflow.player.queue_widget import queue_viewer as queue_viewer
    from mailflow.player.relay_lab import relay_lab as relay_lab
    from mailflow.player.show import compare as compare
    from mailflow.player.show import play as play
    from mailflow.routing.restrictions import restriction as restriction
    from mailflow.routing.route import route as route
    from mailflow.simulation import Parameters as Parameters
    from mailflow.simulation import Scenario as Scenario
    from mailflow.simulation import ScenarioError as ScenarioError
    from mailflow.simulation import shared as shared
    from mailflow.tools.nslookup import nslookup as nslookup
    from mailflow.tools.queue_viewer import queues as queues
    from mailflow.tools.received import received as received
    from mailflow.tools.tracking_center import tracking_center as tracking_center
    from mailflow.tools.tracking_log import tracking_log as tracking_log
    from mailflow.tools.tracking_reader import read_tracking_log as read_tracking_log
    from mailflow.tools.winroute import winroute as winroute
    from mailflow.trace import Trace as Trace
    from mailflow.transport.relay import open_relay as open_relay

__version__ = "0.1.0"

_HOME = {
    "Message": "mailflow.messages",
    "Organization": "mailflow.organization",
    "OrganizationError": "mailflow.organization",
    "Parameters": "mailflow.simulation",
    "Scenario": "mailflow.simulation",
    "ScenarioError": "mailflow.simulation",
    "Trace": "mailflow.trace",
    "bet": "mailflow.course.bet",
    "brief": "mailflow.capstone",
    "check": "mailflow.course",
    "compare": "mailflow.player.show",
    "fact": "mailflow.facts",
    "fault": "mailflow.faults.game",
    "grown": "mailflow.organization",
    "load": "mailflow.organization",
    "loads": "mailflow.organization",
    "nslookup": "mailflow.tools.nslookup",
    "one_routing_group": "mailflow.organization",
    "open_relay": "mailflow.transport.relay",
    "page": "mailflow.player.page",
    "picture": "mailflow.player.picture",
    "play": "mailflow.player.show",
    "progress": "mailflow.course.recall",
    "queue_viewer": "mailflow.player.queue_widget",
    "queues": "mailflow.tools.queue_viewer",
    "read_tracking_log": "mailflow.tools.tracking_reader",
    "ready_made": "mailflow.organization",
    "recall": "mailflow.course.recall",
    "received": "mailflow.tools.received",
    "reconfigure": "mailflow.organization",
    "relay_lab": "mailflow.player.relay_lab",
    "restriction": "mailflow.routing.restrictions",
    "route": "mailflow.routing.route",
    "shared": "mailflow.simulation",
    "story": "mailflow.player.beats",
    "tracking_center": "mailflow.tools.tracking_center",
    "tracking_log": "mailflow.tools.tracking_log",
    "what_is": "mailflow.course.glossary",
    "winroute": "mailflow.tools.winroute",
}

__all__ = ["__version__", *_HOME]


def __getattr__(name: str) -> object:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(_HOME[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
