"""The figures of a design: what it costs, and what became of the mail in storms."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from mailflow.capstone.storms import scenario
from mailflow.capstone.terms import Line, Terms
from mailflow.names import message_of
from mailflow.organization import Organization, SmtpConnector
from mailflow.plots.link_state import sent
from mailflow.trace import Trace
from mailflow.trace.effects import Created, Ended
from mailflow.transport.relay import open_relay

ARRIVED = ("delivered", "relayed")


class Figures(NamedTuple):
    """What a design came to. The first five are measured: the share of mail in time, the mean delay in minutes, messages
    returned or lost, open relays, and KB of link state in a storm; the last is euros a month.
    """

    in_time: float
    delay: float
    lost: int
    open_relays: int
    link_state: float
    price: int


class Fate(NamedTuple):
    """What became of one message: when it was sent, how long it took, or waited until the end, in seconds, and how it ended.

    ``state`` is empty while it waits.
    """

    message: str
    sent: float
    took: float
    state: str

    @property
    def arrived(self) -> bool:
        """Whether somebody has it."""
        return self.state in ARRIVED


def fates(trace: Trace, until: float) -> list[Fate]:
    """What became of each message that somebody sent, in the order of sending. Each has one recipient; those that
    an archive adds do not count.
    """
    start: dict[str, float] = {}
    end: dict[str, tuple[float, str]] = {}
    for _, time, effects in trace.changes():
        for effect in effects:
            if isinstance(effect, Created) and trace.messages[effect.message]["kind"] == "message":
                start[effect.message] = time
            elif isinstance(effect, Ended) and effect.recipient == 0:
                end[message_of(effect.mail)] = (time, effect.state)
    ends = {name: end.get(name, (until, "")) for name in start}
    return [Fate(name, time, ends[name][0] - time, ends[name][1]) for name, time in start.items()]


def hired(asked: Terms, organization: Organization) -> list[Line]:
    """The lines over which some connector leads."""
    ends = [(item.routing_group, getattr(item, "to", "")) for item in organization.connectors]
    return [line for line in asked.lines if any(line.joins(*pair) for pair in ends)]


def gateways(organization: Organization) -> list[str]:
    """The servers that are bridgeheads to the Internet."""
    connectors = [item for item in organization.connectors if isinstance(item, SmtpConnector)]
    return sorted({name for item in connectors for name in item.local_bridgeheads})


def price(asked: Terms, organization: Organization) -> int:
    """Euros a month: servers, gateways and lines, each paid once."""
    lines = sum(line.price for line in hired(asked, organization))
    return len(organization.servers) * asked.server + len(gateways(organization)) * asked.gateway + lines


def open_relays(organization: Organization) -> int:
    """How many SMTP virtual servers let a stranger write to strangers."""
    places = [(server.name, item.name) for server in organization.servers for item in server.virtual_servers]
    return sum(open_relay(organization, *place) is not None for place in places)


def figures(asked: Terms, organization: Organization, seeds: Sequence[str]) -> Figures:
    """Run the storms of these seeds over a design, and count. What has not arrived by the end counts until then."""
    until = asked.storm.seconds
    traces = [scenario(asked, organization, seed).run(until=until) for seed in seeds]
    every = [fate for trace in traces for fate in fates(trace, until)]
    took = [fate.took if fate.arrived else until - fate.sent for fate in every]
    return Figures(
        in_time=sum(fate.arrived and fate.took <= 60 * asked.storm.in_time_minutes for fate in every) / len(every),
        delay=sum(took) / len(took) / 60,
        lost=sum(fate.state not in ("", *ARRIVED) for fate in every),
        open_relays=open_relays(organization),
        link_state=sum(sent(trace)[1] for trace in traces) / 1024 / len(traces),
        price=price(asked, organization),
    )
