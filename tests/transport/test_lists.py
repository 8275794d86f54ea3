"""What takes long, or never ends well: lists of senders, a scanner inside a store, a host that answers DATA late, missing permissions."""

from dataclasses import replace
from typing import Any

import pytest

import mailflow
from mailflow import Parameters
from mailflow.organization import Organization, complete
from mailflow.organization.model import AddressSpace, MailboxStore, X400Connector
from mailflow.tools.events import event_log
from mailflow.tools.protocol import protocol_log
from mailflow.tools.queue_viewer import queues
from mailflow.trace import Trace
from mailflow.transport.parameters import Durations
from mailflow.transport.tellings import ListsLookedThrough, PermissionsMissing, ScannerDeleted
from mailflow.transport.tellings_smtp import AnswerMistaken

SLOW = Parameters(durations=Durations(restriction=100.0))
ANNA, BEN, KIM = "anna@contoso.com", "ben@contoso.com", "kim@fabrikam.com"
HOUR = 3_600.0


def one(**server: Any) -> Organization:
    made = mailflow.load("one server")
    return replace(made, servers=(replace(made.servers[0], message_tracking=True, **server),))


def sent(
    organization: Organization, to: str, until: float = HOUR, parameters: Parameters | None = None, **text: Any
) -> Trace:
    message = mailflow.Message.write(ANNA, to, **text)
    return mailflow.Scenario(organization, parameters=parameters or SLOW).send(message).run(until=until)


def seen(trace: Trace, kind: type) -> list[Any]:
    return [event.telling for event in trace if isinstance(event.telling, kind)]


def reports(trace: Trace) -> list[str]:
    return [str(item["subject"]) for item in trace.messages.values() if item["kind"] != "message"]


def names(trace: Trace) -> list[int]:
    return [item.names for item in seen(trace, ListsLookedThrough)]


def restricted(*people: str, check: bool = True, x400: bool = False) -> Organization:
    base = one(check_connector_restrictions=check)
    (internet,) = (item for item in base.connectors if item.name == "Internet")
    listed = () if x400 else people
    connectors = [replace(item, only_from=listed) if item is internet else item for item in base.connectors]
    if x400:
        old = X400Connector(
            name="Old", routing_group="First Routing Group", local_bridgehead="LON01", remote_bridgehead="old.fabrikam.com",
            only_from=people, address_spaces=(AddressSpace(pattern="*", type="X400"),),
        )  # fmt: skip
        connectors.append(old)
    return complete(replace(base, connectors=tuple(connectors)))


def test_each_name_on_a_list_takes_its_time_with_the_members_of_groups() -> None:
    base = one()
    strict = tuple(
        replace(item, accept_from=("sales",), reject_from=("carla",)) if item.name == "ben" else item
        for item in base.recipients
    )
    trace = sent(replace(base, recipients=strict), BEN)
    assert names(trace) == [4]  # the group, its two members, and who is rejected
    assert trace[-1].time == pytest.approx(400.1, abs=0.1)
    assert names(sent(base, BEN)) == []
    assert names(sent(replace(base, recipients=strict), BEN, parameters=Parameters())) == []


def test_the_lists_of_connectors_are_looked_through_where_they_are_checked() -> None:
    assert names(sent(restricted("anna", "ben"), KIM)) == [2]
    assert names(sent(restricted("anna", "ben", x400=True), KIM)) == [2]
    assert names(sent(restricted("anna", check=False), KIM)) == []
    assert names(sent(restricted(), KIM)) == []


def test_mail_inside_a_routing_group_asks_no_connector() -> None:
    base = mailflow.load("two servers")
    servers = tuple(replace(item, check_connector_restrictions=True) for item in base.servers)
    connectors = tuple(replace(item, only_from=("anna",)) for item in base.connectors)
    organization = replace(base, servers=servers, connectors=connectors)
    assert names(sent(organization, BEN)) == []
    assert names(sent(organization, KIM)) == [1]


def test_mail_waits_to_be_routed_meanwhile() -> None:
    trace = sent(restricted("anna", "ben"), KIM, until=60)
    (waiting,) = (queue for queue in queues(trace, "LON01") if queue.messages)
    assert waiting.name == "Messages waiting to be routed"


def scanned(**hours: Any) -> Organization:
    base = one(mailbox_stores=(MailboxStore(scanner_deletes=(".EXE",)), MailboxStore(name="Archived Store")))
    first = base.servers[0]
    door = replace(first.virtual_servers[0], **hours)
    return replace(base, servers=(replace(first, virtual_servers=(door,)),))


def test_what_a_scanner_inside_the_store_deletes_waits_in_local_delivery_until_its_time_is_up() -> None:
    file = {"Setup.exe": b"MZ"}
    trace = sent(scanned(), BEN, until=47 * HOUR, attachments=file)
    (waiting,) = (queue for queue in queues(trace, "LON01") if queue.messages)
    assert (waiting.name, waiting.state) == ("Local delivery", "Ready")
    assert seen(trace, ScannerDeleted) == [ScannerDeleted("Mailbox Store", "Setup.exe")]
    assert reports(trace) == ["Delivery Status Notification (Delay)"]
    ended = sent(scanned(), BEN, until=49 * HOUR, attachments=file)
    assert ended.status()["m1"][0][1] == "bounced"
    assert "4.4.7" in ended.transcript()


def test_where_no_delay_is_told_first_the_message_just_expires() -> None:
    trace = sent(
        scanned(local_delay_notification_hours=3.0, local_expiration_hours=2.0),
        BEN,
        3 * HOUR,
        attachments={"a.exe": b""},
    )
    assert reports(trace) == ["Delivery Status Notification (Failure)"]


def test_a_scanner_lets_everything_else_pass() -> None:
    assert sent(scanned(), BEN, attachments={"plan.pdf": b"%PDF"}).status()["m1"][0][1] == "delivered"
    assert sent(scanned(), "carla@contoso.com", attachments={"a.exe": b"MZ"}).status()["m1"][0][1] == "delivered"


def late(*esmtp: str) -> Organization:
    base = one()
    hosts = tuple(replace(item, late_answer_to_data=True, esmtp=(*item.esmtp, *esmtp)) for item in base.external_hosts)
    return replace(base, external_hosts=hosts)


def test_a_late_answer_to_data_makes_copies_until_the_message_expires() -> None:
    trace = sent(late(), "office@example.com")
    copies = seen(trace, AnswerMistaken)
    assert len(copies) > 3
    assert trace.status()["m1"][0][1] == "waiting"
    (link,) = (queue for queue in queues(trace, "LON01") if queue.is_link)
    assert link.state == "Retry"
    assert "4006" in event_log(trace, "LON01").column("Event")
    assert "1031" not in str(mailflow.tracking_log(trace, "LON01"))
    assert "DATA" in str(protocol_log(trace, "LON01"))
    ended = sent(late(), "office@example.com", until=49 * HOUR)
    assert "4.4.7" in ended.transcript()
    assert ended.status()["m1"][0][1] == "bounced"


def test_who_is_sent_chunks_is_not_asked_with_data() -> None:
    assert sent(late("CHUNKING"), "office@example.com").status()["m1"][0][1] == "relayed"


def test_without_permissions_mail_stays_before_the_categorizer_and_no_event_says_why() -> None:
    trace = sent(one(inherited_permissions=False), BEN)
    (waiting,) = (queue for queue in queues(trace, "LON01") if queue.messages)
    assert waiting.name == "Messages awaiting directory lookup"
    assert len(seen(trace, PermissionsMissing)) == 1
    assert event_log(trace, "LON01", level="Maximum").column("Event") == []
    assert "1032" not in str(mailflow.tracking_log(trace, "LON01"))
