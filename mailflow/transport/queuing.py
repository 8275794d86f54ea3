"""Advanced queuing: every message passes it, from submission to the queue for its next destination.

Source: T11, T54, T55.
"""

from __future__ import annotations

from collections.abc import Iterable

from mailflow.facts import rule
from mailflow.messages.stamps import Stamps
from mailflow.names import Place, rule_of
from mailflow.trace.clock import START
from mailflow.trace.hop import Hop
from mailflow.transport import delivery, places
from mailflow.transport.categorizer import categorize
from mailflow.transport.mail import UNDECIDED, Mail, MailRecipient
from mailflow.transport.node import ANTIVIRUS, GLOBAL_CATALOG, PERMISSIONS, ROUTING_ENGINE, LinkQueue, Node
from mailflow.transport.notification import non_delivery
from mailflow.transport.tellings import (
    AwaitingLookup,
    Deferred,
    HeldBack,
    LookupRetry,
    PendingSubmission,
    PermissionsMissing,
    Routed,
    RoutedAnew,
    RoutingWaits,
    SinkHangs,
    Submitted,
    TooManyHops,
    Unreachable,
)
from mailflow.transport.wire import code_in
from mailflow.transport.work import Steps, Wait


@rule
def submit(node: Node, mail: Mail) -> Steps:
    """Every message is submitted to the advanced queuing engine, whatever way it came and wherever it goes.

    Source: T11, T12, T54, T164.
    """
    mail.submitted = node.env.now
    if mail.stamps.arrived is None and not mail.message.arrived_before:
        note_arrival(mail)
    node.jot(Submitted, (), mail.id)
    yield node.durations.submission
    if mail.hops and mail.hops > node.holder(mail).settings.max_hop_count:
        count_hops(node, mail)
        return
    run_submission_sinks(node, mail)
    yield node.durations.sinks
    if node.closed:
        yield from delivery.hold_frozen(node, mail, places.PENDING_SUBMISSION)
        yield from node.until_open((node.gates[ANTIVIRUS],), SinkHangs, mail, places.name_of(places.PENDING_SUBMISSION))
        yield from wait_for_service(node, mail, places.PENDING_SUBMISSION)
    if mail.letter.message.deferred_until is not None:
        yield from defer_delivery(node, mail)
    # As in `look_up_again`. A generator between would cost at each of the many pauses that follow.
    wait_for_directory(node, mail)
    if node.closed:
        yield from hold_before_lookup(node, mail)
    copies = yield from categorize(node, mail)
    yield from ways_on(node, copies)


def look_up_again(node: Node, mail: Mail) -> Steps:
    """What came round in the queue for deferred delivery is categorized as if it were new (Source: K51)."""
    yield from wait_for_service(node, mail, places.DEFERRED)
    for item in mail.recipients:
        item.destination, item.entry = UNDECIDED, None
    wait_for_directory(node, mail)
    yield from hold_before_lookup(node, mail)
    copies = yield from categorize(node, mail)
    yield from ways_on(node, copies)


@rule
def note_arrival(mail: Mail) -> None:
    """The first server of Exchange that a message comes to writes the time of its arrival on top of it, once.

    That the line is written at submission, for every way in, and by the first server alone, is inferred from its name.

    Source: T109.
    Sure: inferred.
    """
    mail.stamps = Stamps(mail.stamps.above, mail.submitted)


@rule
def count_hops(node: Node, mail: Mail) -> None:
    """A message with more Received lines than the maximum hop count is returned with 4.4.6.

    Source: T107, T115, R118, O-13, O28.
    Sure: inferred.
    """
    most = node.holder(mail).settings.max_hop_count
    node.note(TooManyHops(hops=mail.hops, most=most), mail.id)
    non_delivery(node, mail, list(mail.recipients), "4.4.6", f"more than {most} hops")


@rule
def run_submission_sinks(node: Node, mail: Mail) -> None:
    """New mail is pending until the sinks of the OnSubmission event have seen it; a slow sink makes this queue grow.

    Source: T12, T13, T29, T41.
    Sure: documented.
    """
    node.jot(PendingSubmission, (), mail.id, places.PENDING_SUBMISSION)


@rule
def wait_for_service(node: Node, mail: Mail, place: Place) -> Steps:
    """Queues live in Inetinfo.exe: while the SMTP service is stopped nothing moves, and what is queued stays queued.

    Source: T8, T15, T21.
    Sure: inferred.
    """
    yield from node.until_open(node.holder(mail).gates, HeldBack, mail, places.name_of(place))


@rule
def defer_delivery(node: Node, mail: Mail) -> Steps:
    """A message with a deferred delivery time waits in its own queue until then.

    Source: T38.
    """
    until = mail.letter.message.deferred_until
    seconds = (until - START).total_seconds() - node.env.now if until else 0.0
    if seconds > 0:
        node.note(Deferred(f"{until:%Y-%m-%d %H:%M} UTC"), mail.id, places.DEFERRED)
        yield seconds
        yield from wait_for_service(node, mail, places.DEFERRED)


@rule
def wait_for_directory(node: Node, mail: Mail) -> None:
    """The categorizer takes mail from its queue and needs a global catalog server; without one the mail stays there.

    Source: T18, T30, T42, T78.
    """
    node.jot(AwaitingLookup, (), mail.id, places.AWAITING_LOOKUP)


def hold_before_lookup(node: Node, mail: Mail) -> Steps:
    """Keep a MailMsg in Messages awaiting directory lookup while something is closed that it needs there."""
    yield from delivery.hold_frozen(node, mail, places.AWAITING_LOOKUP)
    yield from hold_without_permissions(node, mail)
    yield from node.until_open((node.gates[GLOBAL_CATALOG],), LookupRetry, mail, places.name_of(places.AWAITING_LOOKUP))
    yield from wait_for_service(node, mail, places.AWAITING_LOOKUP)


@rule
def hold_without_permissions(node: Node, mail: Mail) -> Steps:
    """Where the Exchange server groups lack the permissions that the object of a server inherits, its categorizer does not go on, and mail
    stays in Messages awaiting directory lookup.

    No document names an event, in the log or in message tracking, so there is none. That all mail stays there is inferred.

    Source: K52.
    Sure: inferred.
    """
    yield from node.until_open(
        (node.gates[PERMISSIONS],), PermissionsMissing, mail, places.name_of(places.AWAITING_LOOKUP)
    )


def ways_on(node: Node, copies: list[Mail]) -> Iterable[Wait]:
    """What follows for the first of the MailMsgs that the categorizer left, if there is one; the others go on by themselves."""
    if not copies:
        return ()
    for copy in copies[1:]:
        node.env.start(route(node, copy))
    return route(node, copies[0]) if node.closed else way_on(node, copies[0])


def route(node: Node, mail: Mail) -> Steps:
    """Take one categorized MailMsg out of Messages waiting to be routed, to the queue for its destination (Source:
    T31, T54).
    """
    if node.closed:
        yield from delivery.hold_frozen(node, mail, places.WAITING_TO_BE_ROUTED)
        yield from wait_for_service(node, mail, places.WAITING_TO_BE_ROUTED)
    yield from way_on(node, mail)


def way_on(node: Node, mail: Mail) -> Steps:
    """Where a categorized MailMsg goes: into a mailbox here, or on to the next hop."""
    kind, target = mail.recipients[0].destination
    return delivery.deliver(node, mail, target) if kind == "store" else ask_routing_engine(node, mail)


@rule
def ask_routing_engine(node: Node, mail: Mail) -> Steps:
    """Advanced queuing asks the routing engine for the next hop and puts the message into the link queue of that hop.

    Source: R101, T19, T31, T33, T43, T54, S3.
    Sure: documented.
    """
    yield node.durations.routing
    if node.durations.restriction:
        from mailflow.transport.lists import look_through_connectors  # a usual run looks through nothing

        yield from look_through_connectors(node, mail, mail.recipients[0].destination)
    if node.closed:
        queue = places.name_of(places.WAITING_TO_BE_ROUTED)
        yield from node.until_open((node.gates[ROUTING_ENGINE],), RoutingWaits, mail, queue)
    destination = mail.recipients[0].destination
    hop = node.network.next_hop(node, mail, destination)
    told = destination[1]
    if hop.type == "no route":
        non_delivery(node, mail, list(mail.recipients), hop.code, hop.why, hop.rule)
    elif hop.type == "unreachable":
        yield from keep_unreachable(node, mail, hop, told)
    elif hop.type == "mta":
        yield from delivery.hand_to_mta(node, mail, hop)
    else:
        link = node.links.get(hop.link) or _new_link(node, hop)
        values = (told, hop.why, link.name, hop.through)
        node.jot(Routed, values, mail.id, places.link(link.name, told), (), hop.rule)
        link.put(mail)


def _new_link(node: Node, hop: Hop) -> LinkQueue:
    """The link queue to a next hop appears when it is needed (Source: T33)."""
    from mailflow.transport.links import Link  # a first run keeps its mail on one server

    link = node.links[hop.link] = Link(node, hop)
    return link


@rule
def keep_unreachable(node: Node, mail: Mail, hop: Hop, told: str) -> Steps:
    """With every way down, mail waits as unreachable; it is looked at again only when the routes change, and it
    expires.

    Source: R115, T35, T45, T105.
    """
    node.note(Unreachable(destination=told, why=hop.why), mail.id, places.UNREACHABLE, (), hop.rule)
    deadline = mail.submitted + node.holder(mail).settings.expiration_hours * 3600
    changed = node.network.map_changed(node)
    yield changed | node.env.timeout(max(0.0, deadline - node.env.now))
    if node.env.now >= deadline:
        non_delivery(
            node, mail, list(mail.recipients), "4.4.7", "it expired before a way was found", rule_of(keep_unreachable)
        )
        return
    node.note(RoutedAnew(), mail.id, places.WAITING_TO_BE_ROUTED)
    yield from ask_routing_engine(node, mail)


def report_refusal(node: Node, mail: Mail, recipients: list[MailRecipient], verb: str, reply: str) -> None:
    """Another server refused recipients for good: the sender gets a report with the code of the reply (Source: T115)."""
    non_delivery(node, mail, recipients, code_in(reply), f"the next server answered {reply} to {verb}")
