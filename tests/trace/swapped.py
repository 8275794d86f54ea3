"""Ten calls that mix things up. Python would run each of them; `test_types` expects that a type checker refuses them."""

from mailflow.linkstate.tellings import GivenUp, TablePushed
from mailflow.names import ConnectorName, EmailAddress, GroupName, HostName, MailId, Place, QueueName, ServerName
from mailflow.trace.effects import Ended, Marked, Moved, QueueState, Split
from mailflow.transport.node import Node
from mailflow.transport.tellings import QueuedLocally, Rewritten, Routed
from mailflow.transport.tellings_smtp import LinkHeld, RcptTo, Rerouted


def right(node: Node, mail: MailId, server: ServerName, place: Place, connector: ConnectorName) -> None:
    node.note(GivenUp(connector=connector, seconds=60.0), mail, place, (Moved(mail, server, place),))
    node.jot(QueuedLocally, ("Mailbox Store", ("ben@contoso.com",)), mail, place)


def wrong(
    node: Node,
    mail: MailId,
    server: ServerName,
    place: Place,
    queue: QueueName,
    connector: ConnectorName,
    group: GroupName,
    address: EmailAddress,
    host: HostName,
) -> None:
    Moved(mail, place, server)  # swapped
    Split(mail, server, (0,))  # a server is no MailMsg
    Ended(mail, 0, "delayed", "")  # no recipient ends so
    Marked(server, True)  # a server is no connector
    QueueState(server, queue, "Retry")  # the name of a queue is no place
    node.note(GivenUp(connector=group, seconds=60.0), mail)  # a routing group is no connector
    node.note(Rewritten(recipient=mail, target=address), mail)  # a MailMsg is no recipient
    node.note(LinkHeld(link=queue, state="Frozen", why="", seconds=None), place, mail)  # swapped
    node.jot(Routed, (host, "", connector, queue), mail, place)  # swapped
    node.jot(RcptTo, (server, "RCPT TO:<x@y.example>", "250 2.1.5 Ok", ""), mail)  # a server's name is no host's name
    node.note(TablePushed(peer=group, size=1, news=""), mail)  # a routing group is no server
    node.note(Rerouted, mail)  # nothing is told yet
