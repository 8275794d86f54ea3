"""What the routing engine answers to advanced queuing: a next hop and its type, never a whole path.

Source: R101, T31, T54.
"""

from __future__ import annotations

from typing import Literal, NamedTuple

from mailflow.names import USUAL, ConnectorName, QueueName, RuleName

HopType = Literal["server", "connector", "smart host", "dns", "mta", "unreachable", "no route"]

NO_CONNECTOR = ConnectorName("")
NO_QUEUE = QueueName("")


class Hop(NamedTuple):
    """The next hop for one destination.

    ``link`` is the name of the link queue. ``hosts`` are the hosts that may be asked, already in the order in which to
    ask them (empty for ``dns``: the MX records say). ``why`` is the reason as a clause for a sentence. ``target`` is
    the server or domain at the far end. ``connector`` is the one that this server itself uses, ``through`` the one that
    was chosen: they differ on the way to its bridgehead. ``rule`` is the rule of the model that made this the answer.
    ``virtual_server`` names the virtual server that sends, empty for the default one.
    """

    type: HopType
    link: QueueName
    target: str
    why: str
    hosts: tuple[str, ...] = ()
    connector: ConnectorName = NO_CONNECTOR
    schedule: tuple[str, ...] = ()
    remote_triggered: bool = False
    code: str = ""
    through: ConnectorName = NO_CONNECTOR
    rule: RuleName = USUAL
    virtual_server: str = ""
