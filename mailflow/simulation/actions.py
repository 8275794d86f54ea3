"""What happens to the world from outside: services stop, links break, an administrator presses a button."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from mailflow.facts import rule
from mailflow.linkstate.steps import CONFIGURED
from mailflow.organization.change import with_connector
from mailflow.organization.model import AnyConnector
from mailflow.trace import step
from mailflow.transport.notification import non_delivery, settle

if TYPE_CHECKING:
    from mailflow.simulation.world import World
    from mailflow.transport.node import LinkQueue, Node

ADMINISTRATOR = {
    "compose": step(
        "client.compose",
        "Message written",
        "client",
        rule="write_message",
        sentence="{sender} writes {subject} to {recipients}. It lies in the outbox as {mail}.",
    ),
    "copy": step(
        "client.copy",
        "Another host",
        "client",
        rule="write_message",
        sentence="Some recipients are served by {host}, so the sender starts the copy {mail} for them.",
    ),
    "drop": step(
        "client.drop",
        "File dropped into Pickup",
        "client",
        rule="write_message",
        sentence="Somebody puts {subject} as a text file into the Pickup folder of {server}. It becomes {mail}.",
    ),
    "service": step(
        "administrator.service",
        "Service changed",
        "administrator",
        rule="change_service",
        sentence="On {server}: {service} {change}.",
    ),
    "network": step(
        "administrator.network",
        "Network changed",
        "administrator",
        rule="change_network",
        sentence="{name}: {change}.",
    ),
    "queue": step(
        "administrator.queue",
        "Queue changed",
        "administrator",
        rule="change_queue",
        sentence="An administrator opens Queue Viewer on {server}: {verb}, {queue}.{found}",
    ),
    "outbound": step(
        "administrator.outbound",
        "Outbound mail switched",
        "administrator",
        rule="switch_outbound",
        sentence="An administrator presses {button} on {server}. {meaning}",
    ),
}


@rule
def write_message() -> None:
    """A message has an envelope (P1) and header fields (P2), and the two may differ.

    Source: T161.
    """


@rule
def change_service(world: World, node: Node, service: str, up: bool) -> None:
    """A stopped service fills the queue in front of it; started again, it works the queue off.

    Source: T41, T42, T43, T44, T46, O-19.
    """
    gate = node.gates.get(service) or node.stores[service]
    change = "runs again" if up else "stops"
    node.note(ADMINISTRATOR["service"], "", None, (service, change), (("service", node.name, service, up),))
    if gate.open is not up:
        gate.set(up)
        world.detection.service_changed(node.name, service, up)


@rule
def change_network(world: World, name: str, up: bool) -> None:
    """A network failure is seen by nobody until somebody tries to connect.

    Source: R80, R84, R86.
    """
    changes = (name in world.broken) is up
    (world.broken.discard if up else world.broken.add)(name)
    change = "works again" if up else "fails; nobody notices until somebody tries to connect"
    world.records.append(
        (world.env.now, "", ADMINISTRATOR["network"], "", None, (name, change), (("outside", name, up),))
    )
    if changes:
        world.detection.network_changed(name, up)


@rule
def change_configuration(world: World, name: str, made: AnyConnector | None, what: str) -> None:
    """An administrator's change stands in the directory; the master of the connector's routing group is told of it.

    Source: R9, R48.
    """
    concerned = made or world.organization.connector[name]
    values = (what,)
    world.records.append((world.env.now, "", CONFIGURED, "", None, values, ()))
    world.configured(with_connector(world.organization, name, made), [concerned.routing_group])


@rule
def change_queue(node: Node, verb: str, name: str, treat: Callable[[Node, LinkQueue], None]) -> None:
    """In Queue Viewer a link queue can be frozen, thawed or forced to connect, and its messages deleted with or without
    a report.

    Source: T115, T175, T176, T177, O-20.
    """
    link = node.links.get(name)
    found = "" if link else " There is no such queue now, so nothing happens."
    node.note(ADMINISTRATOR["queue"], "", None, (verb, name, found))
    if link is not None:
        treat(node, link)
        link.wake()


def delete_all(node: Node, link: LinkQueue, with_report: bool) -> None:
    """Take every message out of a queue and end it, with or without telling its sender."""
    for mail in link.take_out():
        if with_report:
            non_delivery(node, mail, list(mail.recipients), "4.3.2", "an administrator deleted it from the queue")
        else:
            effects = settle(node, mail, list(mail.recipients), "deleted", "by an administrator, without a report")
            node.note(ADMINISTRATOR["queue"], mail.id, None, ("deleted without a report", link.hop.link, ""), effects)


@rule
def switch_outbound(node: Node, disabled: bool) -> None:
    """Disable Outbound Mail stops every link queue of a server; its system queues and the MTA go on.

    Source: T174, O-19.
    """
    button = "Disable Outbound Mail" if disabled else "Enable Outbound Mail"
    meaning = "Link queues take mail in and send none; system queues go on." if disabled else "Link queues send again."
    node.note(ADMINISTRATOR["outbound"], "", None, (button, meaning))
    node.outbound_disabled = disabled
    for link in list(node.links.values()):
        link.wake()
