"""Every setting works: for each field of the organization model there is a story that goes otherwise when it is set."""

from collections.abc import Callable
from dataclasses import dataclass, fields, is_dataclass, replace
from functools import cache
from typing import Any, Unpack

import pytest

import mailflow
from mailflow import Scenario
from mailflow.organization import model
from mailflow.organization.model import (
    AddressSpace,
    Contact,
    ExternalHost,
    GlobalSettings,
    Group,
    Mailbox,
    MailboxStore,
    MessageFormat,
    Organization,
    PolicyDomain,
    QueryGroup,
    RecipientPolicy,
    RoutingGroup,
    RoutingGroupConnector,
    Server,
    ServerPolicy,
    SmtpConnector,
    VirtualServer,
    X400Connector,
    Zone,
)
from mailflow.routing.gwart import GwartLine, gwart
from mailflow.routing.referrals import referrals
from mailflow.routing.table import from_directory
from tests.conftest import Sending, Wording

Setting = tuple[type, str]
"""A class of the model, and a field of it."""

SHOWN_ONLY: dict[Setting, str] = {
    (Organization, "title"): "the heading of a map",
    (Server, "role"): "the sign on a map; the SMTP transport of a front-end server is the ordinary one",
    (RecipientPolicy, "name"): "the place in a fault",
    (ServerPolicy, "name"): "the place in a fault",
    (RoutingGroup, "position"): "the middle of its frame on a map",
    (Server, "position"): "the place in its frame on a map",
    (ExternalHost, "position"): "where the frame of the hosts outside stands on a map",
}
"""What a view shows and no rule reads."""

COLLECTIONS: dict[type, str] = {
    Server: "servers",
    ServerPolicy: "server_policies",
    RoutingGroup: "routing_groups",
    RoutingGroupConnector: "connectors",
    SmtpConnector: "connectors",
    X400Connector: "connectors",
    Mailbox: "recipients",
    Contact: "recipients",
    Group: "recipients",
    QueryGroup: "recipients",
    Zone: "zones",
    ExternalHost: "external_hosts",
}
CLOSED = ("20:00-21:00",)
KIM, ANNA, BEN, PIERRE = "kim@fabrikam.com", "anna@contoso.com", "ben@contoso.com", "pierre@contoso.com"


# -- organizations ------------------------------------------------------------------------------------------------------


def edit(organization: Organization, kind: type, of: str = "", /, **changes: Any) -> Organization:
    """The organization with other settings of one object. Parts are found by the object that they belong to."""
    if kind is Organization:
        return replace(organization, **changes)
    if kind is GlobalSettings:
        return replace(organization, global_settings=replace(organization.global_settings, **changes))
    if kind is MessageFormat:
        formats = organization.global_settings.message_formats
        return edit(organization, GlobalSettings, message_formats=(replace(formats[0], **changes), *formats[1:]))
    if kind is PolicyDomain:
        policy = organization.recipient_policies[0]
        first = replace(policy.domains[0], **changes)
        return replace(organization, recipient_policies=(replace(policy, domains=(first, *policy.domains[1:])),))
    if kind is RecipientPolicy:
        return replace(organization, recipient_policies=(replace(organization.recipient_policies[0], **changes),))
    if kind is VirtualServer:
        doors = organization.server[of].virtual_servers
        return edit(organization, Server, of, virtual_servers=(replace(doors[0], **changes), *doors[1:]))
    if kind is MailboxStore:
        stores = organization.server[of].mailbox_stores
        return edit(organization, Server, of, mailbox_stores=(replace(stores[0], **changes), *stores[1:]))
    if kind is AddressSpace:
        connector = organization.connector[of]
        assert not isinstance(connector, RoutingGroupConnector)
        spaces = (replace(connector.address_spaces[0], **changes),)
        return edit(organization, type(connector), of, address_spaces=spaces)
    items = getattr(organization, COLLECTIONS[kind])
    assert any(item.name == of and type(item) is kind for item in items), (kind, of)
    made = tuple(replace(item, **changes) if item.name == of else item for item in items)
    whole: dict[str, Any] = {COLLECTIONS[kind]: made}
    return replace(organization, **whole)


@cache
def one() -> Organization:
    """One server, with a group that finds what is called Nobody or belongs to the department Odd, and an X.400 connector."""
    base = mailflow.load("one server")
    found = "(|(displayName=Nobody)(department=Odd))"
    more = (
        QueryGroup(name="odd", filter=found, display_name="Odd", addresses=("odd@contoso.com",)),
        QueryGroup(name="few", filter="(name=ben)", display_name="Few", addresses=("few@contoso.com",)),
        Contact(name="old", target_address="X400:c=US;s=Kim", display_name="Old", addresses=("old@contoso.com",)),
    )
    x400 = X400Connector(
        name="X400", routing_group="First Routing Group", local_bridgehead="LON01",
        remote_bridgehead="mail.fabrikam.com", address_spaces=(AddressSpace(pattern="*", type="X400"),),
    )  # fmt: skip
    return mailflow.organization.complete(
        replace(base, recipients=(*base.recipients, *more), connectors=(*base.connectors, x400))
    )


@cache
def two() -> Organization:
    return mailflow.load("two servers")


@cache
def sites() -> Organization:
    """Two sites with an X.400 connector beside the other one; both directions have it, and it costs more."""
    base = mailflow.load("two sites")
    x400 = [
        X400Connector(
            name=f"X400 {here}", routing_group=here, local_bridgehead=one_end, remote_bridgehead=other_end,
            connected_routing_groups=(there,), cost=20,
        )
        for here, there, one_end, other_end in (("London", "Paris", "LON01", "PAR02"), ("Paris", "London", "PAR02", "LON01"))
    ]  # fmt: skip
    return mailflow.organization.complete(replace(base, connectors=(*base.connectors, *x400)))


def with_spare_group(organization: Organization) -> Organization:
    return replace(organization, routing_groups=(*organization.routing_groups, RoutingGroup(name="Spare")))


def with_internet(organization: Organization) -> Organization:
    first = organization.servers[0]
    internet = VirtualServer(name="Internet", ip="192.0.2.60", retry_minutes=(33, 33, 33, 33))
    return edit(organization, Server, first.name, virtual_servers=(*first.virtual_servers, internet))


def without_connectors(organization: Organization) -> Organization:
    return replace(organization, connectors=())


# -- stories ------------------------------------------------------------------------------------------------------------


def told(
    organization: Organization,
    sender: str = ANNA,
    to: list[str] | str = KIM,
    *,
    kb: int = 0,
    until: int | None = None,
    script: Callable[[mailflow.Scenario], object] | None = None,
    way: Sending | None = None,
    times: int = 1,
    whole: bool = False,
    **fields: Unpack[Wording],
) -> list[tuple[float, str]] | str:
    """What happens to a message; what is refused before it begins is told as well.

    Events of no message are left out unless they are asked for: they tell how many bytes a table has, and any setting of
    a connector makes that differ.
    """
    scenario = mailflow.Scenario(organization)
    entering: Sending = {"at": 1, **(way or {})}
    try:
        if script is not None:
            script(scenario)
        if kb:
            fields["attachments"] = {"a": kb * 1024}
        for _ in range(times):
            scenario.send(mailflow.Message.write(sender, to, **fields), **entering)
    except mailflow.ScenarioError as error:
        return str(error)
    return [(event.time, event.sentence) for event in scenario.run(until) if whole or event.mail]


Story = Callable[[Organization], Any]


def story(**given: Any) -> Story:
    return lambda organization: told(organization, **given)


def from_outside(**given: Any) -> Story:
    way = {"server": "LON01", **given.pop("way", {})}
    return story(**{"sender": KIM, "to": ANNA, "way": way, **given})


def read(content: bytes, sender: str, to: str) -> Story:
    message = mailflow.Message.read(content, sender=sender, to=[to])
    return lambda organization: mailflow.Scenario(organization).send(message, server="LON01").run().transcript()


def away(scenario: Scenario) -> None:
    for host in ("mail.fabrikam.com", "backup.fabrikam.com"):
        scenario.fail(host).restore(host, at=10_000)


def store_away(scenario: Scenario) -> None:
    scenario.stop("Mailbox Store", "LON01").start("Mailbox Store", "LON01", at=10_000)


def line_down(scenario: Scenario) -> None:
    scenario.fail("London-Paris")


def logged(organization: Organization) -> str:
    """The tracking log of LON01 after two messages, three days apart."""
    scenario = mailflow.Scenario(organization).send(mailflow.Message.write(ANNA, BEN), at=1)
    trace = scenario.send(mailflow.Message.write(BEN, ANNA), at=3 * 86_400).run()
    try:
        return str(mailflow.tracking_log(trace, "LON01"))
    except ValueError as error:
        return str(error)


def map_of(organization: Organization) -> str:
    """The link state table as the directory describes it: equal digests are equal knowledge."""
    return from_directory(organization).digest


@dataclass(frozen=True)
class Case:
    """An organization, the object whose field is set, the value, and the story that is compared."""

    base: Organization
    name: str
    value: Any
    story: Story


OUT = story()
INSIDE = story(to=BEN)
LOCAL_TO_ODD = story(to="odd@contoso.com")
LARGE = story(kb=50)
ACROSS = story(to=PIERRE, until=600)
ACROSS_LARGE = story(to=PIERRE, kb=50, until=600)
SPAM: Sending = {"by": "smtp", "client": "198.51.100.77"}


def virtual_server_cases() -> dict[Setting, Case]:
    filtered = edit(one(), GlobalSettings, blocked_senders=(KIM,))
    made = {
        "name": Case(one(), "LON01", "Inside", story(script=lambda s: s.stop("Inside", "LON01"))),
        "ip": Case(two(), "LON02", "192.0.2.99", story(to=BEN, until=600)),
        "port": Case(two(), "LON02", 2525, story(to=BEN, until=600)),
        "anonymous": Case(one(), "LON01", False, from_outside()),
        "authentication": Case(two(), "LON02", (), INSIDE),
        "certificate": Case(two(), "LON02", True, INSIDE),
        "require_tls": Case(one(), "LON01", True, from_outside()),
        "allowed_clients": Case(one(), "LON01", ("192.0.2.1",), from_outside()),
        "denied_clients": Case(one(), "LON01", ("198.51.100.0/24",), from_outside()),
        "relay_mode": Case(one(), "LON01", "all except the list below", from_outside(to="lee@fabrikam.com")),
        "relay_list": Case(one(), "LON01", ("198.51.100.0/24",), from_outside(to="lee@fabrikam.com")),
        "authenticated_may_relay": Case(
            one(), "LON01", False, from_outside(to="lee@fabrikam.com", way={"account": "anna"})
        ),
        "filters": Case(filtered, "LON01", ("sender",), from_outside()),
        "max_message_kb": Case(one(), "LON01", 10, LARGE),
        "max_session_kb": Case(one(), "LON01", 10, from_outside(kb=50)),
        "max_messages_per_connection": Case(one(), "LON01", 1, story(times=3)),
        "max_recipients": Case(two(), "LON02", 1, story(to=[BEN, "carla@contoso.com"])),
        "max_hop_count": Case(one(), "LON01", 10, read(b"Received: x\r\n" * 12 + b"\r\n", KIM, ANNA)),
        "smart_host": Case(without_connectors(one()), "LON01", "backup.fabrikam.com", OUT),
        "external_dns": Case(one(), "LON01", ("192.0.2.250",), story(script=lambda s: s.fail("DNS"), until=60)),
        "forward_unresolved_to": Case(one(), "LON01", "backup.fabrikam.com", story(to="nobody@contoso.com")),
        "copy_ndr_to": Case(one(), "LON01", BEN, story(to="nobody@contoso.com")),
        "retry_minutes": Case(one(), "LON01", (1, 1, 1, 1), story(script=away)),
        "delay_notification_hours": Case(one(), "LON01", 1, story(script=away)),
        "expiration_hours": Case(one(), "LON01", 1, story(script=away)),
        "local_delay_notification_hours": Case(one(), "LON01", 1, story(to=BEN, script=store_away)),
        "local_expiration_hours": Case(one(), "LON01", 1, story(to=BEN, script=store_away)),
    }
    return {(VirtualServer, name): case for name, case in made.items()}


def server_cases() -> dict[Setting, Case]:
    antivirus = story(to=BEN, script=lambda s: s.stop("antivirus", "LON01").start("antivirus", "LON01", at=60))
    quiet = story(to=PIERRE, script=line_down, until=600, whole=True)
    made = {
        "name": Case(one(), "LON01", "LON09", map_of),
        "routing_group": Case(sites(), "LON02", "Paris", INSIDE),
        "fqdn": Case(one(), "LON01", "mx.contoso.com", OUT),
        "ip": Case(edit(two(), VirtualServer, "LON02", denied_clients=("192.0.2.77",)), "LON01", "192.0.2.77", story(to=BEN, until=60)),
        "product": Case(two(), "LON02", "5.5", INSIDE),
        "virtual_servers": Case(two(), "LON02", (VirtualServer(port=26),), story(to=BEN, until=60)),
        "mailbox_stores": Case(one(), "LON01", (MailboxStore(), MailboxStore(name="Archived Store")), story(to="carla@contoso.com")),
        "antivirus": Case(two(), "LON01", True, antivirus),
        "exchange_sinks": Case(two(), "LON02", False, INSIDE),
        "check_connector_restrictions": Case(
            edit(one(), SmtpConnector, "Internet", only_from=("ben",)), "LON01", True, OUT
        ),
        "bcc_journaling": Case(edit(one(), MailboxStore, "LON01", journal_to="journal"), "LON01", True, INSIDE),
        "message_tracking": Case(one(), "LON01", True, logged),
        "subject_logging": Case(edit(one(), Server, "LON01", message_tracking=True), "LON01", True, logged),
        "tracking_days": Case(edit(one(), Server, "LON01", message_tracking=True), "LON01", 2, logged),
        "inherited_permissions": Case(one(), "LON01", False, story(to=BEN, until=60)),
        "filtering_firewall": Case(sites(), "PAR01", True, story(to=PIERRE, until=60)),
        "tarpit_seconds": Case(one(), "LON01", 5.0, from_outside(to="lee@fabrikam.com")),
        "suppress_state_changes": Case(sites(), "LON02", True, quiet),
    }  # fmt: skip
    return {(Server, name): case for name, case in made.items()}


def recipient_cases() -> dict[Setting, Case]:
    made: dict[Setting, Case] = {}
    for kind, name in ((Mailbox, "ben"), (Contact, "partner"), (Group, "sales"), (QueryGroup, "few")):
        address = f"{name}@contoso.com"
        values = {
            "display_name": ("Nobody", LOCAL_TO_ODD),
            "addresses": (("other@contoso.com",), story(to=address)),
            "max_receive_kb": (10, story(to=address, kb=50)),
            "accept_from": (("iris",), story(to=address)),
            "reject_from": (("anna",), story(to=address)),
            "authenticated_only": (True, from_outside(to=address)),
            "attributes": ({"department": "Odd"}, LOCAL_TO_ODD),
        }
        made |= {(kind, field): Case(one(), name, value, how) for field, (value, how) in values.items()}
    by_name = {Mailbox: "ben", Contact: "partner", Group: "sales", QueryGroup: "few"}
    named = edit(one(), QueryGroup, "odd", filter="(name=other)")
    made |= {(kind, "name"): Case(named, name, "other", LOCAL_TO_ODD) for kind, name in by_name.items()}
    to_few, to_sales = story(to="few@contoso.com"), story(to="sales@contoso.com")
    special = {
        (Mailbox, "server"): Case(two(), "ben", "LON01", INSIDE),
        (Mailbox, "store"): Case(one(), "ben", "Archived Store", INSIDE),
        (Mailbox, "max_send_kb"): Case(one(), "anna", 10, LARGE),
        (Mailbox, "max_recipients"): Case(one(), "anna", 1, story(to=[BEN, KIM])),
        (Mailbox, "quota_kb"): Case(edit(one(), Mailbox, "ben", used_kb=20), "ben", 10, INSIDE),
        (Mailbox, "used_kb"): Case(edit(one(), Mailbox, "ben", quota_kb=10), "ben", 20, INSIDE),
        (Mailbox, "forward_to"): Case(one(), "ben", "finn", INSIDE),
        (Mailbox, "account_disabled"): Case(one(), "ben", True, INSIDE),
        (Mailbox, "external_account"): Case(edit(one(), Mailbox, "ben", account_disabled=True), "ben", "SELF", INSIDE),
        (Mailbox, "deliver_and_redirect"): Case(edit(one(), Mailbox, "ben", forward_to="finn"), "ben", True, INSIDE),
        (Contact, "target_address"): Case(one(), "partner", "lee@northwindtraders.com", story(to="partner@contoso.com")),
        (Contact, "rich_text"): Case(one(), "partner", False, story(to="partner@contoso.com")),
        (Group, "members"): Case(one(), "sales", ("finn",), to_sales),
        (Group, "expansion_server"): Case(two_with_query(), "all", "LON02", story(to="all@contoso.com")),
        (Group, "hidden_membership"): Case(one(), "sales", True, story(to=["sales@contoso.com", "finn@contoso.com"])),
        (QueryGroup, "filter"): Case(one(), "few", "(name=finn)", to_few),
        (QueryGroup, "expansion_server"): Case(two_with_query(), "few", "LON02", to_few),
        (QueryGroup, "hidden_membership"): Case(one(), "few", True, story(to=["few@contoso.com", "finn@contoso.com"])),
    }  # fmt: skip
    return made | special


def two_with_query() -> Organization:
    few = QueryGroup(name="few", filter="(name=ben)", display_name="Few", addresses=("few@contoso.com",))
    everybody = Group(name="all", members=("ben",), display_name="All", addresses=("all@contoso.com",))
    return replace(two(), recipients=(*two().recipients, few, everybody))


def connector_cases() -> dict[Setting, Case]:
    made: dict[Setting, Case] = {}
    x400_out = story(to="old@contoso.com")
    for kind, base, name, small, large in (
        (RoutingGroupConnector, sites(), "London-Paris", ACROSS, ACROSS_LARGE),
        (SmtpConnector, one(), "Internet", OUT, LARGE),
        (X400Connector, one(), "X400", x400_out, story(to="old@contoso.com", kb=50)),
    ):
        late = edit(base, kind, name, oversize_schedule=CLOSED)
        heads = tuple(replace(item, check_connector_restrictions=True) for item in base.servers)
        checked = replace(base, servers=heads)
        big = edit(base, kind, name, oversize_kb=10)
        values = {
            "name": (base, "Other", map_of),
            "routing_group": (with_spare_group(base), "Spare", map_of),
            "max_message_kb": (base, 10, large),
            "priorities": (base, ("high",), small),
            "message_types": (base, ("system",), small),
            "only_from": (checked, ("ben",), small),
            "not_from": (checked, ("anna",), small),
            "schedule": (base, CLOSED, small),
            "oversize_kb": (late, 10, large),
            "oversize_schedule": (big, CLOSED, large),
            "no_public_folder_referrals": (sites(), True, lambda organization: referrals(organization, "London")),
        }
        if kind is not RoutingGroupConnector:
            values.pop("no_public_folder_referrals")
        made |= {(kind, field): Case(where, name, value, how) for field, (where, value, how) in values.items()}
    return made | special_connector_cases()


def smtp_between_sites() -> Organization:
    made = SmtpConnector(
        name="SMTP", routing_group="London", local_bridgeheads=("LON01",), connected_routing_groups=("Paris",),
        smart_host="par02.contoso.com", cost=1,
    )  # fmt: skip
    return replace(sites(), connectors=(*sites().connectors, made))


def special_connector_cases() -> dict[Setting, Case]:
    from_london = lambda organization: referrals(organization, "London")  # noqa: E731
    x400_only = replace(sites(), connectors=tuple(item for item in sites().connectors if item.kind == "X.400"))
    x400_out = story(to="old@contoso.com")
    spaced = edit(sites(), X400Connector, "X400 London", address_spaces=(AddressSpace(type="X400"),))
    spaced = replace(spaced, recipients=(*spaced.recipients, one().recipient["old"]))
    pierre_out = story(sender=PIERRE, until=600)
    both = with_internet(one())
    split = edit(
        sites(), Server, "LON02", virtual_servers=(VirtualServer(), VirtualServer(name="Out", ip="192.0.2.60"))
    )
    return {
        (RoutingGroupConnector, "to"): Case(sites(), "London-Paris", "London", ACROSS),
        (RoutingGroupConnector, "cost"): Case(sites(), "London-Paris", 90, ACROSS),
        (RoutingGroupConnector, "local_bridgeheads"): Case(sites(), "London-Paris", ("LON01",), ACROSS),
        (RoutingGroupConnector, "remote_bridgeheads"): Case(sites(), "London-Paris", ("PAR02",), ACROSS),
        (RoutingGroupConnector, "bridgehead_virtual_servers"): Case(split, "London-Paris", {"LON02": "Out"}, ACROSS),
        (SmtpConnector, "no_public_folder_referrals"): Case(smtp_between_sites(), "SMTP", True, from_london),
        (SmtpConnector, "local_bridgeheads"): Case(sites(), "Internet", ("LON02",), OUT),
        (SmtpConnector, "address_spaces"): Case(one(), "Internet", (AddressSpace(pattern="*.net"),), OUT),
        (SmtpConnector, "connected_routing_groups"): Case(smtp_between_sites(), "SMTP", ("London",), ACROSS),
        (SmtpConnector, "cost"): Case(smtp_between_sites(), "SMTP", 90, ACROSS),
        (SmtpConnector, "scope"): Case(sites(), "Internet", "routing group", pierre_out),
        (SmtpConnector, "smart_host"): Case(one(), "Internet", "backup.fabrikam.com", OUT),
        (SmtpConnector, "relay_to_address_spaces"): Case(one(), "Internet", True, from_outside(to="lee@fabrikam.com")),
        (SmtpConnector, "remote_triggered"): Case(one(), "Internet", True, story(until=60)),
        (SmtpConnector, "bridgehead_virtual_servers"): Case(both, "Internet", {"LON01": "Internet"}, OUT),
        (X400Connector, "no_public_folder_referrals"): Case(x400_only, "X400 London", True, from_london),
        (X400Connector, "local_bridgehead"): Case(x400_only, "X400 London", "LON02", ACROSS),
        (X400Connector, "remote_bridgehead"): Case(x400_only, "X400 London", "PAR01", ACROSS),
        (X400Connector, "address_spaces"): Case(one(), "X400", (AddressSpace(pattern="c=DE", type="X400"),), x400_out),
        (X400Connector, "connected_routing_groups"): Case(x400_only, "X400 London", ("London",), ACROSS),
        (X400Connector, "cost"): Case(sites(), "X400 London", 1, ACROSS),
        (X400Connector, "scope"): Case(spaced, "X400 London", "routing group", story(sender=PIERRE, to="old@contoso.com", until=600)),
        (AddressSpace, "pattern"): Case(one(), "Internet", "*.net", OUT),
        (AddressSpace, "cost"): Case(one(), "Internet", 7, OUT),
        (AddressSpace, "type"): Case(one(), "Internet", "X400", OUT),
    }  # fmt: skip


def global_cases() -> dict[Setting, Case]:
    filters = edit(one(), VirtualServer, "LON01", filters=("connection", "sender", "recipient"))
    listed = replace(
        filters, zones=(*filters.zones, Zone(name="list.example", records="10.100.51.198 60 IN A 127.0.0.2"))
    )
    blocked = edit(filters, GlobalSettings, blocked_clients=("198.51.100.0/24",))
    made = {
        "max_send_kb": (one(), 10, LARGE),
        "max_receive_kb": (one(), 10, from_outside(kb=50)),
        "max_recipients": (one(), 1, story(to=[BEN, KIM])),
        "message_formats": (one(), (MessageFormat(body="plain"),), OUT),
        "accepted_clients": (blocked, ("198.51.100.0/24",), from_outside()),
        "blocked_clients": (filters, ("198.51.100.0/24",), from_outside()),
        "block_lists": (listed, ("list.example",), from_outside()),
        "block_list_exceptions": (blocked, (ANNA,), from_outside()),
        "blocked_senders": (filters, (KIM,), from_outside()),
        "filter_blank_sender": (filters, True, read(b"Subject: s\r\n\r\n", "", ANNA)),
        "blocked_recipients": (filters, (ANNA,), from_outside()),
        "filter_unknown_recipients": (filters, True, from_outside(to="nobody@contoso.com")),
    }
    made["envelope_journaling"] = edit(one(), MailboxStore, "LON01", journal_to="journal"), True, INSIDE
    return {(GlobalSettings, field): Case(base, "", value, how) for field, (base, value, how) in made.items()}


def with_server_policy(organization: Organization) -> Organization:
    return replace(organization, server_policies=(ServerPolicy(name="Tracking", servers=("LON01",)),))


def other_cases() -> dict[Setting, Case]:
    by_policy = with_server_policy(one())
    outside = from_outside(to="lee@fabrikam.com", way={"client": "mail.fabrikam.com"})
    named = edit(one(), VirtualServer, "LON01", relay_list=("198.51.100.10",))
    mixed = edit(sites(), Server, "PAR02", product="5.5")
    unknown = story(to="nobody@contoso.com")
    return {
        (ServerPolicy, "servers"): Case(by_policy, "Tracking", (), logged),
        (ServerPolicy, "message_tracking"): Case(by_policy, "Tracking", False, logged),
        (ServerPolicy, "subject_logging"): Case(by_policy, "Tracking", True, logged),
        (ServerPolicy, "tracking_days"): Case(by_policy, "Tracking", 2, logged),
        (Organization, "server_policies"): Case(one(), "", by_policy.server_policies, logged),
        (MailboxStore, "name"): Case(one(), "LON01", "Other", story(script=lambda s: s.stop("Mailbox Store", "LON01"))),
        (MailboxStore, "scanner_deletes"): Case(one(), "LON01", ("a",), story(to=BEN, kb=1)),
        (MailboxStore, "journal_to"): Case(one(), "LON01", "journal", INSIDE),
        (RoutingGroup, "name"): Case(with_spare_group(one()), "Spare", "Other", map_of),
        (RoutingGroup, "master"): Case(sites(), "London", "LON02", story(to=PIERRE, script=line_down, until=600, whole=True)),
        (MessageFormat, "domain"): Case(edit(one(), MessageFormat, domain="*", body="plain"), "", "example.com", OUT),
        (MessageFormat, "body"): Case(one(), "", "uuencode", OUT),
        (MessageFormat, "rich_text"): Case(one(), "", "always", OUT),
        (PolicyDomain, "domain"): Case(one(), "", "elsewhere.example", from_outside()),
        (PolicyDomain, "authoritative"): Case(one(), "", False, unknown),
        (RecipientPolicy, "domains"): Case(one(), "", (PolicyDomain(domain="elsewhere.example"),), from_outside()),
        (Zone, "name"): Case(one(), "fabrikam.com", "other.example", OUT),
        (Zone, "records"): Case(one(), "fabrikam.com", "@ 60 IN MX 10 backup.fabrikam.com.\nbackup 60 IN A 198.51.100.11", OUT),
        (ExternalHost, "name"): Case(edit(one(), SmtpConnector, "Internet", smart_host="mail.fabrikam.com"), "mail.fabrikam.com", "mx.fabrikam.com", OUT),
        (ExternalHost, "ip"): Case(named, "mail.fabrikam.com", "198.51.100.99", outside),
        (ExternalHost, "accepts"): Case(one(), "mail.fabrikam.com", (), OUT),
        (ExternalHost, "max_message_kb"): Case(one(), "mail.fabrikam.com", 10, LARGE),
        (ExternalHost, "esmtp"): Case(one(), "mail.fabrikam.com", (), OUT),
        (ExternalHost, "late_answer_to_data"): Case(one(), "mail.fabrikam.com", True, OUT),
        (ExternalHost, "replies"): Case(one(), "mail.fabrikam.com", {KIM: "550 5.1.1 No"}, OUT),
        (Organization, "name"): Case(one(), "", "Other", map_of),
        (Organization, "mode"): Case(mixed, "", "mixed", gwart_of),
        (Organization, "servers"): Case(one(), "", (replace(one().servers[0], fqdn="mx.contoso.com"),), OUT),
        (Organization, "routing_groups"): Case(one(), "", with_spare_group(one()).routing_groups, map_of),
        (Organization, "connectors"): Case(one(), "", (), OUT),
        (Organization, "recipients"): Case(one(), "", one().recipients[:1], INSIDE),
        (Organization, "recipient_policies"): Case(one(), "", (RecipientPolicy(domains=(PolicyDomain(domain="a.example"),)),), from_outside()),
        (Organization, "global_settings"): Case(one(), "", GlobalSettings(max_send_kb=10), LARGE),
        (Organization, "zones"): Case(one(), "", (), OUT),
        (Organization, "external_hosts"): Case(one(), "", (), story(until=60)),
    }  # fmt: skip


def gwart_of(organization: Organization) -> list[GwartLine] | str:
    """The table that Exchange 5.5 servers keep; none in an organization without them."""
    try:
        return gwart(organization, "London")
    except ValueError as error:
        return str(error)


@cache
def cases() -> dict[Setting, Case]:
    return (
        virtual_server_cases() | server_cases() | recipient_cases() | connector_cases() | global_cases() | other_cases()
    )


def settings() -> list[Setting]:
    """Every field of every class of the model; a class that only others are made from is left out."""
    kinds = [item for item in vars(model).values() if isinstance(item, type) and is_dataclass(item)]
    whole = [kind for kind in kinds if not any(other is not kind and issubclass(other, kind) for other in kinds)]
    return [(kind, item.name) for kind in whole for item in fields(kind)]


@pytest.mark.parametrize(
    ("kind", "field"),
    [item for item in settings() if item not in SHOWN_ONLY],
    ids=lambda item: getattr(item, "__name__", item),
)
def test_a_setting_makes_a_difference(kind: type, field: str) -> None:
    assert (kind, field) in cases(), f"{kind.__name__}.{field}: write a story that it changes, or refuse it"
    case = cases()[kind, field]
    changed = edit(case.base, kind, case.name, **{field: case.value})
    assert changed != case.base
    assert case.story(changed) != case.story(case.base)


def test_the_table_names_nothing_that_is_gone() -> None:
    assert {*cases(), *SHOWN_ONLY} == set(settings())
    assert not cases().keys() & SHOWN_ONLY.keys()
