"""Organizations and people to draw cases from."""

from __future__ import annotations

from dataclasses import replace
from random import Random

from mailflow.organization import Organization, load
from mailflow.organization.model import Mailbox, SmtpConnector

INTERNET = ("kim@fabrikam.com", "lee@northwindtraders.com")


def drawn(random: Random, *names: str) -> Organization:
    """One of these ready-made organizations, in which every server tracks messages, with their subjects."""
    organization = load(random.choice(names))
    servers = (replace(item, message_tracking=True, subject_logging=True) for item in organization.servers)
    return replace(organization, servers=tuple(servers))


PLAIN: dict[str, object] = {
    **{
        "max_send_kb": None,
        "max_receive_kb": None,
        "max_recipients": None,
        "quota_kb": None,
        "authenticated_only": False,
    },
    **{"forward_to": "", "accept_from": (), "reject_from": ()},
}
"""The settings of a mailbox that nothing is special about."""


def people(organization: Organization, server: str = "") -> list[Mailbox]:
    """Whoever has a mailbox, on one server or anywhere; nobody who restricts mail, forwards it or collects it."""
    boxes = (item for item in organization.recipients if isinstance(item, Mailbox) and item.name != "journal")
    return [
        item
        for item in boxes
        if server in ("", item.server) and all(getattr(item, key) == value for key, value in PLAIN.items())
    ]


def address(box: Mailbox) -> str:
    """The address at which somebody gets mail."""
    return box.addresses[0]


def two(random: Random, organization: Organization, server: str) -> tuple[Mailbox, Mailbox]:
    """Somebody on a server, and somebody on another one."""
    here = random.choice(people(organization, server))
    return here, random.choice([item for item in people(organization) if item.server != server])


def inhabited(organization: Organization) -> list[str]:
    """The servers with people on them."""
    return [name for name in organization.server if people(organization, name)]


def moment(random: Random) -> float:
    """When a fault begins, in seconds after nine: somewhen in the first half hour."""
    return float(random.randrange(60, 1_800, 30))


def front_door(organization: Organization) -> str:
    """The server at which mail from the Internet comes in and goes out: the bridgehead of its connector."""
    return next(item.local_bridgeheads[0] for item in organization.connectors if isinstance(item, SmtpConnector))
