"""What happens to the world from outside: services stop, links break, an administrator presses a button."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from mailflow.facts import rule
from mailflow.linkstate.tellings import ConfigurationChanged
from mailflow.names import NO_MAIL, USUAL, Place, QueueName, RuleName, ServerName, rule_of
from mailflow.organization.change import with_connector, without_recipient
from mailflow.organization.model import AnyConnector, Mailbox
from mailflow.simulation.tellings import (
    MailboxDeleted,
    MailboxMoved,
    MessageChanged,
    NetworkChanged,
    OutboundSwitched,
    QueueChanged,
    ServiceChanged,
)
from mailflow.trace.effects import NetworkState, ServiceState
from mailflow.transport import places
from mailflow.transport.node import DISABLED_BY_SETUP, IIS_ADMIN, IN_IIS, SERVICES, Gate
from mailflow.transport.notification import non_delivery
from mailflow.transport.work import Steps

if TYPE_CHECKING:
    from mailflow.simulation.world import World
    from mailflow.transport.mail import Mail
    from mailflow.transport.node import LinkQueue, Node


@rule
def change_service(world: World, node: Node, service: str, up: bool) -> None:
    """A stopped service fills the queue in front of it; started again, it works the queue off.

    With the SMTP service all virtual servers of a server stop. One of them alone takes nothing and sends nothing, and what
    it holds stays where it is; link state is not told of it.

    Source: T24, T41, T42, T43, T44, T46, O-19.
    """
    if service == IIS_ADMIN and not up:
        stop_with_iis_admin(world, node)
    elif up and service in IN_IIS and not node.gates[IIS_ADMIN].open:
        _turn(world, node, IIS_ADMIN, up, "runs again", rule_of(stop_with_iis_admin))
    runs = "runs" if service in DISABLED_BY_SETUP else "runs again"
    _turn(world, node, service, up, runs if up else "stops", USUAL)


@rule
def stop_with_iis_admin(world: World, node: Node) -> None:
    """With IIS Admin every service stops that lives in IIS; a service that is started again starts it, too, and the others stay down.

    That the routing engine depends on it is documented. That the others do follows from the process they share with it; for HTTP,
    and for how they start again, it is unconfirmed.

    Source: T1, T8, T19, T21.
    """
    for service in IN_IIS:
        if node.gates[service].open:
            _turn(world, node, service, False, "stops, as it needs IIS Admin", rule_of(stop_with_iis_admin))


def _turn(world: World, node: Node, service: str, up: bool, change: str, fired: RuleName) -> None:
    gate = node.gate(service)
    telling = ServiceChanged(service=service, change=change)
    node.note(telling, NO_MAIL, None, (ServiceState(node.name, service, up),), fired)
    if gate.open is not up:
        gate.set(up)
        if service in SERVICES:  # of a mailbox store link state hears nothing
            world.detection.service_changed(node.name, service, up)


@rule
def pause_virtual_server(world: World, node: Node, name: str, paused: bool) -> None:
    """A virtual server that is paused goes on delivering what it has and takes no new connections: so its queues drain.

    Source: K58.
    """
    node.instances[name].paused = paused
    change = (
        "is paused: it takes no new connections, and delivers what it has" if paused else "takes new connections again"
    )
    node.note(
        ServiceChanged(service=name or node.virtual_server.name, change=change),
        NO_MAIL,
        rule=rule_of(pause_virtual_server),
    )
    if not paused:
        world.detection.reachable_again()


@rule
def change_network(world: World, name: str, up: bool) -> None:
    """A network failure is seen by nobody until somebody tries to connect, or asks whether the other side is there.

    Source: R80, R84, R86.
    """
    changes = (name in world.broken) is up
    (world.broken.discard if up else world.broken.add)(name)
    change = "works again" if up else "fails; nobody notices before somebody tries to use or to reach it"
    world.note(NetworkChanged(name=name, change=change), (NetworkState(name, up),))
    if changes:
        world.detection.network_changed(name, up)


@rule
def change_configuration(world: World, name: str, made: AnyConnector | None, what: str) -> None:
    """An administrator's change stands in the directory; the master of the connector's routing group is told of it.

    Source: R9, R48.
    """
    concerned = made or world.organization.connector[name]
    world.note(ConfigurationChanged(what=what))
    world.configured(with_connector(world.organization, name, made), [concerned.routing_group])


@rule
def move_mailbox(world: World, name: str, other: str, lasts: float) -> Steps:
    """While a mailbox is moved to another server, mail for it waits in the queue for deferred delivery; then it is there, with all it holds.

    That nothing else of the move is seen in the flow of mail is inferred.

    Source: K51.
    Sure: inferred.
    """
    box = world.organization.recipient[name]
    assert isinstance(box, Mailbox)
    gate = world.moving[name] = Gate(world.env, name, set())
    gate.set(False)
    target = ServerName(other)
    world.note(
        MailboxMoved(mailbox=box.display_name, change="is being moved to", other=target), rule=rule_of(move_mailbox)
    )
    yield lasts
    del world.moving[name]
    if name not in world.organization.recipient:
        gate.set(True)
        return
    here, there = world.nodes[box.server], world.nodes[other]
    there.used_kb[name] = here.used_kb.pop(name)
    there.mailboxes[name] = here.mailboxes.pop(name, [])
    moved = replace(box, server=other, store=there.server.mailbox_stores[0].name)
    recipients = tuple(moved if item.name == name else item for item in world.organization.recipients)
    world.configured(replace(world.organization, recipients=recipients), ())
    world.note(MailboxMoved(mailbox=box.display_name, change="is on", other=target), rule=rule_of(move_mailbox))
    gate.set(True)


@rule
def delete_mailbox(world: World, name: str) -> None:
    """A mailbox that is deleted is gone from the directory and from its groups; a store that archives into it still names it.

    Source: K52.
    Sure: inferred.
    """
    told = MailboxDeleted(mailbox=world.organization.recipient[name].display_name)
    world.note(told, rule=rule_of(delete_mailbox))
    world.configured(without_recipient(world.organization, name), ())


@rule
def change_queue(node: Node, verb: str, name: str, treat: Callable[[Node, LinkQueue], None]) -> None:
    """In Queue Viewer a link queue can be frozen, thawed or forced to connect, and its messages deleted with or without
    a report.

    Source: T115, T175, T176, T177, O-20.
    Sure: documented.
    """
    link = node.links.get(name)
    found = "" if link else " There is no such queue now, so nothing happens."
    node.note(QueueChanged(verb=verb, queue=QueueName(name), found=found), NO_MAIL)
    if link is not None:
        treat(node, link)
        link.wake()


@rule
def freeze_system_queue(node: Node, verb: str, place: Place, frozen: bool) -> None:
    """System queues can be frozen and thawed, too.

    Source: K49, T177.
    """
    state = node.queue_state(place, "Frozen" if frozen else "")
    told = QueueChanged(verb=verb, queue=places.name_of(place), found="")
    node.note(told, NO_MAIL, None, (state,), rule_of(freeze_system_queue))
    node.frozen[place].set(not frozen)


@rule
def freeze_message(node: Node, verb: str, queue: str, message: str, frozen: bool) -> None:
    """A message in a link queue that is frozen stays there until it is unfrozen, and the others go past it.

    A message that is being transferred cannot be caught any more. That one lines up at the end when it is unfrozen, and that it is
    reported late and expires as the others do, is inferred. Single messages in system queues are left out of this model.

    Source: T177.
    Sure: inferred.
    """
    link = node.links.get(queue)
    found = [mail for mail in link.there(message) if (mail in link.held) is not frozen] if link else []
    _tell_message(node, verb, queue, message, found, rule_of(freeze_message))
    if link is not None and found:
        for mail in found:
            (link.hold if frozen else link.let_go)(mail)


@rule
def delete_message(node: Node, verb: str, queue: str, message: str, with_report: bool) -> None:
    """A message is deleted from its queue alone, frozen or not, with a report to its sender or without.

    Source: T115, T177.
    Sure: documented.
    """
    link = node.links.get(queue)
    found = link.there(message) if link else []
    _tell_message(node, verb, queue, message, found, rule_of(delete_message))
    if link is not None and found:
        delete(node, link, found, with_report)


def _tell_message(node: Node, verb: str, queue: str, message: str, found: list[Mail], fired: RuleName) -> None:
    """Write down what is done to each MailMsg of a message that is found."""
    for mail in found:
        node.note(MessageChanged(verb, mail.letter.id, QueueName(queue), ""), mail.id, rule=fired)
    if not found:
        why = " It is not there to be treated so now, so nothing happens."
        node.note(MessageChanged(verb, message, QueueName(queue), why), NO_MAIL, rule=fired)


def delete(node: Node, link: LinkQueue, mails: list[Mail], with_report: bool) -> None:
    """Take messages out of a queue and end them, with or without telling their senders."""
    for mail in mails:
        link.take_out(mail)
        if with_report:
            non_delivery(node, mail, list(mail.recipients), "4.3.2", "an administrator deleted it from the queue")
        else:
            effects = mail.end(mail.recipients, "deleted", "by an administrator, without a report")
            telling = QueueChanged(verb="deleted without a report", queue=link.name, found="")
            node.note(telling, mail.id, None, effects)


@rule
def switch_outbound(node: Node, disabled: bool) -> None:
    """Disable Outbound Mail stops every link queue of a server; its system queues and the MTA go on.

    Source: T174, O-19.
    Sure: inferred.
    """
    button = "Disable Outbound Mail" if disabled else "Enable Outbound Mail"
    meaning = "Link queues take mail in and send none; system queues go on." if disabled else "Link queues send again."
    node.note(OutboundSwitched(button=button, meaning=meaning), NO_MAIL)
    node.outbound_disabled = disabled
    for link in list(node.links.values()):
        link.wake()
