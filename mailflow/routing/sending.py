"""Which virtual server of a server sends to the next hop, and whether it takes the size. The run asks it, and so does `mailflow.route`."""

from __future__ import annotations

from mailflow.facts import rule
from mailflow.names import QueueName, rule_of
from mailflow.organization.model import AnyConnector, bridgehead_virtual_server
from mailflow.trace.hop import NO_CONNECTOR, Hop

BY_SMTP = frozenset({"server", "connector", "smart host", "dns"})
"""The types of hops that a virtual server sends to."""


@rule
def sent_by(hop: Hop, connector: AnyConnector | None, server: str, default: str, holder: str) -> Hop:
    """A connector's mail is sent by the virtual server that is its bridgehead here, mail that no connector takes by the one that holds it.

    What goes directly to another server is sent by the default virtual server. That, and how mail gets from one virtual
    server to another of the same server, is unconfirmed: here it costs nothing. The link queue of another than the default
    one bears its name. ``default`` is the name of the default one, ``holder`` the one that holds the mail.

    Source: R20, R26, T50, T58, T133.
    """
    name = holder if hop.type in ("dns", "smart host") else ""
    if connector is not None:
        name = bridgehead_virtual_server(connector, server)
    if name in ("", default) or not hop.link:
        return hop
    return hop._replace(virtual_server=name, link=QueueName(f"{hop.link} ({name})"))


@rule
def keep_to_size(hop: Hop, connector: AnyConnector | None, limit: int, size: int, *, system: bool) -> Hop:
    """The size limit of a virtual server holds for what it sends, too, unless the connector has a limit of its own.

    Notifications are exempt, which is inferred as for the other limits. ``limit`` is in KB, ``size`` in bytes.

    Source: K116, R27, T71, T100.
    """
    if size <= limit * 1024 or system or hop.type not in BY_SMTP:
        return hop
    if connector is not None and connector.max_message_kb is not None:
        return hop
    why = f"larger than the {limit} KB that the virtual server sends"
    return hop._replace(
        type="no route", hosts=(), through=NO_CONNECTOR, code="5.2.3", why=why, rule=rule_of(keep_to_size)
    )
