"""What an administrator configures: the objects of one Exchange 2003 organization.

Everything here is plain, frozen data. The objects hold what stands in the organization file and nothing else; what
follows from it (which server is a bridgehead, who expands a group) is worked out by the rooms that need it.
Sizes are in kilobytes (KB, 1,024 bytes) as Exchange System Manager shows them; ``None`` means "no limit".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import ClassVar, Literal

from mailflow.plain import Plain

Role = Literal["back-end", "front-end"]
JournalKind = Literal["standard", "bcc", "envelope"]
RelayMode = Literal["only the list below", "all except the list below"]
Priority = Literal["high", "normal", "low"]
BodyFormat = Literal["mime", "uuencode", "plain"]
RichText = Literal["never", "always", "per contact"]
Scope = Literal["organization", "routing group"]
Product = Literal["2003", "2000", "5.5", "2007"]

Position = tuple[float, float] | tuple[()]
"""Where something stands on a map: [x, y], from the left and from the top, in units of any size; empty for "anywhere".

What differs in it alone is equal: nothing that happens depends on it.
"""

PRIORITIES: tuple[Priority, ...] = ("high", "normal", "low")


@dataclass(frozen=True, slots=True, kw_only=True, repr=False, eq=False)
class VirtualServer(Plain):
    """One SMTP virtual server: an instance of the SMTP stack on an IP address and port of its own.

    ``ip`` is "" for "all unassigned". Retry intervals are minutes: first, second, third, then every subsequent one; the
    default 10/10/10/15 is unconfirmed, 15/30/60/240 is documented for Exchange 2000. ``max_message_kb`` holds for what it
    takes and for what it sends, ``max_messages_per_connection`` and the times for what it sends.

    Source: R27, T24, T94, T100, T104, T105, T107, T133, T139, T140.
    """

    name: str = "Default SMTP Virtual Server"
    ip: str = ""
    port: int = 25
    anonymous: bool = True
    authentication: tuple[Literal["basic", "integrated"], ...] = ("integrated", "basic")
    certificate: bool = False
    require_tls: bool = False
    allowed_clients: tuple[str, ...] = ()
    denied_clients: tuple[str, ...] = ()
    relay_mode: RelayMode = "only the list below"
    relay_list: tuple[str, ...] = ()
    authenticated_may_relay: bool = True
    filters: tuple[Literal["connection", "sender", "recipient"], ...] = ()
    max_message_kb: int | None = None
    max_session_kb: int | None = None
    max_messages_per_connection: int | None = 20
    max_recipients: int = 64_000
    max_hop_count: int = 30
    smart_host: str = ""
    external_dns: tuple[str, ...] = ()
    forward_unresolved_to: str = ""
    copy_ndr_to: str = ""
    retry_minutes: tuple[int, int, int, int] = (10, 10, 10, 15)
    delay_notification_hours: float = 12
    expiration_hours: float = 48
    local_delay_notification_hours: float = 12
    local_expiration_hours: float = 48


@dataclass(frozen=True, slots=True, kw_only=True, repr=False, eq=False)
class MailboxStore(Plain):
    """One mailbox store of a server. ``journal_to`` names the mailbox that archives its mail.

    Which kind of journaling that is, is no setting of a store: see `Organization.journal_kind`.
    ``scanner_deletes`` are endings of file names, such as ".exe": a virus scanner inside the store deletes each message that
    has such a file attached.

    Source: K127, T1, T159.
    """

    name: str = "Mailbox Store"
    journal_to: str = ""
    scanner_deletes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True, repr=False, eq=False)
class Server(Plain):
    """One Exchange server. ``fqdn`` is filled with ``name.domain`` of the organization when it is left out.

    The first of the ``virtual_servers`` is the default one. ``ip`` is the address that the FQDN leads to.

    A front-end server holds no mailboxes that users use; its SMTP transport is the ordinary one. Without
    ``exchange_sinks`` only the SMTP service of Windows answers. With ``antivirus`` a virus scanner sees each message first,
    as a sink of the OnSubmission event, and can hang. ``tarpit_seconds`` holds every 5.x.x reply to an
    anonymous client back. With ``suppress_state_changes`` (a value in the registry) it reports no failure of a connector.
    ``check_connector_restrictions`` is another such value: without it, the lists of senders on the connectors of which
    this server is a source bridgehead are not looked at.
    ``bcc_journaling`` is a third: what this server archives names recipients who stand in no header field.
    Without ``inherited_permissions`` the Exchange server groups lack the permissions on its object in the directory that they would
    inherit, and its categorizer does not go on.
    With ``filtering_firewall`` a firewall that filters SMTP stands between it and whoever is not in its routing group.
    ``message_tracking`` keeps a log of what happens to each message, with subjects if ``subject_logging`` is on. Its files of each
    day are removed after ``tracking_days``; the default of 7 is unconfirmed. A server policy counts instead of all three.
    ``position`` is its column and row in the frame of its routing group, which counts when every server there has one.
    A server whose ``product`` is "5.5" or "2007" keeps no link state table; what else it does is modelled as if it were
    Exchange 2003.

    Source: K1, K3, K7, K52, K81, K112, R5, R97, R130, R134, T13, T21, T26, T27, T41, T43, T83, T154, T160, T162.
    """

    name: str
    routing_group: str
    fqdn: str = ""
    ip: str = ""
    role: Role = "back-end"
    product: Product = "2003"
    virtual_servers: tuple[VirtualServer, ...] = (VirtualServer(),)
    mailbox_stores: tuple[MailboxStore, ...] = (MailboxStore(),)
    antivirus: bool = False
    exchange_sinks: bool = True
    tarpit_seconds: float = 0.0
    suppress_state_changes: bool = False
    check_connector_restrictions: bool = False
    bcc_journaling: bool = False
    inherited_permissions: bool = True
    filtering_firewall: bool = False
    message_tracking: bool = False
    subject_logging: bool = False
    tracking_days: int | None = 7
    position: Position = field(default=(), compare=False)

    def virtual_server(self, name: str = "") -> VirtualServer:
        """The SMTP virtual server of that name; without a name the first one, which is the default virtual server.

        Raises:
            KeyError: there is no such virtual server.
        """
        for item in self.virtual_servers:
            if name in ("", item.name):
                return item
        raise KeyError(name)


@dataclass(frozen=True, slots=True, kw_only=True, repr=False, eq=False)
class ServerPolicy(Plain):
    """A server policy: the same options of message tracking for many ``servers``.

    That they count instead of what a server says itself, and that a server has one such policy at most, is inferred.

    Source: K2.
    """

    name: str
    servers: tuple[str, ...]
    message_tracking: bool = True
    subject_logging: bool = False
    tracking_days: int | None = 7


@dataclass(frozen=True, slots=True, kw_only=True, repr=False, eq=False)
class RoutingGroup(Plain):
    """A set of servers that hand mail directly to each other. ``master`` defaults to the first server listed.

    ``position`` is the middle of its frame on a map, which counts when every routing group has one.

    Source: R1, R8.
    """

    name: str
    master: str = ""
    position: Position = field(default=(), compare=False)


@dataclass(frozen=True, slots=True, kw_only=True, repr=False, eq=False)
class Connector(Plain):
    """What the three kinds of connector share. All are one-way.

    ``schedule`` and ``oversize_schedule`` are lists of "HH:MM-HH:MM" windows in UTC; empty means "always".
    ``only_from`` and ``not_from`` name recipients of the organization (people or groups).
    ``no_public_folder_referrals`` left out means: off, and on where Exchange 5.5 servers are involved.

    Source: R20, R21, R24, R27, R30.
    """

    kind: ClassVar[str]
    name: str
    routing_group: str
    max_message_kb: int | None = None
    priorities: tuple[Priority, ...] = PRIORITIES
    message_types: tuple[Literal["system", "non-system"], ...] = ("system", "non-system")
    only_from: tuple[str, ...] = ()
    not_from: tuple[str, ...] = ()
    schedule: tuple[str, ...] = ()
    oversize_kb: int | None = None
    oversize_schedule: tuple[str, ...] = ()
    no_public_folder_referrals: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True, repr=False, eq=False)
class AddressSpace(Plain):
    """A pattern of addresses that a connector can reach, with its own cost from 1 to 100.

    Source: R20, R103, R104.
    """

    pattern: str = "*"
    cost: int = 1
    type: Literal["SMTP", "X400"] = "SMTP"


@dataclass(frozen=True, slots=True, kw_only=True, repr=False, eq=False)
class RoutingGroupConnector(Connector):
    """Joins this routing group to another one. No local bridgeheads listed means "any local server".

    ``bridgehead_virtual_servers`` names, for a server, the SMTP virtual server that is the bridgehead there; where it says
    nothing, that is the default one.

    Source: R20, R25, R26, R29.
    """

    kind: ClassVar[str] = "routing group"
    to: str
    cost: int = 1
    local_bridgeheads: tuple[str, ...] = ()
    remote_bridgeheads: tuple[str, ...]
    bridgehead_virtual_servers: Mapping[str, str] = field(default_factory=dict, hash=False)


@dataclass(frozen=True, slots=True, kw_only=True, repr=False, eq=False)
class SmtpConnector(Connector):
    """Leads to the Internet or a foreign system, or to connected routing groups, over SMTP.

    With ``smart_host`` empty it delivers by DNS. ``relay_to_address_spaces`` is "Allow messages to be relayed to these
    domains". ``remote_triggered`` marks mail that waits for the other side to ask with ETRN or TURN.
    ``bridgehead_virtual_servers`` names, for a server, the SMTP virtual server that is the bridgehead there; where it says
    nothing, that is the default one.

    Source: R20, R26, R28, T133, T142, T175.
    """

    kind: ClassVar[str] = "SMTP"
    local_bridgeheads: tuple[str, ...]
    address_spaces: tuple[AddressSpace, ...] = ()
    connected_routing_groups: tuple[str, ...] = ()
    cost: int = 1
    scope: Scope = "organization"
    smart_host: str = ""
    relay_to_address_spaces: bool = False
    remote_triggered: bool = False
    bridgehead_virtual_servers: Mapping[str, str] = field(default_factory=dict, hash=False)


@dataclass(frozen=True, slots=True, kw_only=True, repr=False, eq=False)
class X400Connector(Connector):
    """Leads to a foreign X.400 system or a routing group through the MTA, with exactly one bridgehead at each end.

    Source: R20, R22, T20.
    """

    kind: ClassVar[str] = "X.400"
    local_bridgehead: str
    remote_bridgehead: str
    address_spaces: tuple[AddressSpace, ...] = ()
    connected_routing_groups: tuple[str, ...] = ()
    cost: int = 1
    scope: Scope = "organization"


AnyConnector = RoutingGroupConnector | SmtpConnector | X400Connector


def bridgehead_virtual_server(connector: AnyConnector, server: str) -> str:
    """The name of the virtual server that is the bridgehead on a server; empty for the default one, and where the MTA is
    (Source: R20).
    """
    return "" if isinstance(connector, X400Connector) else connector.bridgehead_virtual_servers.get(server, "")


CONNECTOR_KINDS: Mapping[str, type[AnyConnector]] = {
    item.kind: item for item in (RoutingGroupConnector, SmtpConnector, X400Connector)
}
"""The kinds of connector by the name that a file gives them."""


@dataclass(frozen=True, slots=True, kw_only=True, repr=False, eq=False)
class Recipient(Plain):
    """What every mail-enabled object of the directory has.

    ``addresses`` are its proxyAddresses, the primary one first; an object without any gets ``name@domain``.
    ``accept_from`` and ``reject_from`` name other recipients (people or groups). ``attributes`` feed query-based
    groups.

    Source: T64, T65, T70, T71.
    """

    kind: ClassVar[str]
    name: str
    display_name: str = ""
    addresses: tuple[str, ...] = ()
    max_receive_kb: int | None = None
    accept_from: tuple[str, ...] = ()
    reject_from: tuple[str, ...] = ()
    authenticated_only: bool = False
    attributes: Mapping[str, str] = field(default_factory=dict)

    @property
    def primary(self) -> str:
        """The primary SMTP address."""
        return self.addresses[0]


@dataclass(frozen=True, slots=True, kw_only=True, repr=False, eq=False)
class Mailbox(Recipient):
    """A user with a mailbox in a store of a server.

    ``forward_to`` names another recipient (altRecipient); with ``deliver_and_redirect`` both get the message.
    ``quota_kb`` is the prohibit-receive quota, ``used_kb`` how full the mailbox is at the start. With ``account_disabled`` the user
    cannot log on, and unless an ``external_account`` is associated, such as "SELF", the account has no master SID.

    Source: K51, T66, T67, T71, T72, T74.
    """

    kind: ClassVar[str] = "mailbox"
    server: str
    store: str = ""
    max_send_kb: int | None = None
    max_recipients: int | None = None
    quota_kb: int | None = None
    used_kb: int = 0
    forward_to: str = ""
    deliver_and_redirect: bool = False
    account_disabled: bool = False
    external_account: str = ""

    @property
    def without_master(self) -> bool:
        """Whether its account is disabled and has no master SID (Source: K51)."""
        return self.account_disabled and not self.external_account


@dataclass(frozen=True, slots=True, kw_only=True, repr=False, eq=False)
class Contact(Recipient):
    """Somebody outside: mail is rewritten to ``target_address`` and routed there.

    Source: T67, T75.
    """

    kind: ClassVar[str] = "contact"
    target_address: str
    rich_text: bool = False


@dataclass(frozen=True, slots=True, kw_only=True, repr=False, eq=False)
class Group(Recipient):
    """A distribution group. ``expansion_server`` empty means "any server", that is: the first that categorizes.

    Source: T68, T70.
    """

    kind: ClassVar[str] = "group"
    members: tuple[str, ...] = ()
    expansion_server: str = ""
    hidden_membership: bool = False


@dataclass(frozen=True, slots=True, kw_only=True, repr=False, eq=False)
class QueryGroup(Recipient):
    """A query-based distribution group: ``filter`` is an LDAP filter, evaluated each time somebody sends to it.

    The filter reads ``objectClass`` (mailbox, contact, group), ``name``, ``displayName``, ``mail``, ``server``,
    ``store`` and every key of ``attributes``.

    Source: T69.
    """

    kind: ClassVar[str] = "query-based group"
    filter: str
    expansion_server: str = ""
    hidden_membership: bool = False


AnyRecipient = Mailbox | Contact | Group | QueryGroup


@dataclass(frozen=True, slots=True, kw_only=True, repr=False, eq=False)
class PolicyDomain(Plain):
    """One SMTP domain of a recipient policy. Authoritative: "this organization is responsible for all mail delivery".

    Source: T76, T143.
    """

    domain: str
    authoritative: bool = True


@dataclass(frozen=True, slots=True, kw_only=True, repr=False, eq=False)
class RecipientPolicy(Plain):
    """A recipient policy: the SMTP domains that the organization accepts mail for. The first is the primary one.

    Source: T76, T79, T80, T143.
    """

    name: str = "Default Policy"
    domains: tuple[PolicyDomain, ...]


@dataclass(frozen=True, slots=True, kw_only=True, repr=False, eq=False)
class MessageFormat(Plain):
    """Internet Message Format for a domain outside: how the body is rendered when it leaves.

    Source: T58, T75.
    """

    domain: str = "*"
    body: BodyFormat = "mime"
    rich_text: RichText = "per contact"


@dataclass(frozen=True, slots=True, kw_only=True, repr=False, eq=False)
class GlobalSettings(Plain):
    """Global message delivery limits and formats. 10,240 KB and 5,000 recipients are the defaults of Exchange 2003.

    The connection filter knows ``accepted_clients``, ``blocked_clients`` and ``block_lists`` (DNS zones of providers), and spares
    the recipients in ``block_list_exceptions``. Senders are ``name@domain`` or ``@domain``. A filter works only where a
    virtual server switches it on. ``envelope_journaling`` is one value for every store of the organization that archives.

    Source: K111, T71, T72, T75, T97, T149, T150, T151, T152.
    """

    max_send_kb: int | None = 10_240
    max_receive_kb: int | None = 10_240
    max_recipients: int | None = 5_000
    message_formats: tuple[MessageFormat, ...] = (MessageFormat(),)
    accepted_clients: tuple[str, ...] = ()
    blocked_clients: tuple[str, ...] = ()
    block_lists: tuple[str, ...] = ()
    block_list_exceptions: tuple[str, ...] = ()
    blocked_senders: tuple[str, ...] = ()
    filter_blank_sender: bool = False
    blocked_recipients: tuple[str, ...] = ()
    filter_unknown_recipients: bool = False
    envelope_journaling: bool = False


@dataclass(frozen=True, slots=True, kw_only=True, repr=False, eq=False)
class Zone(Plain):
    """A DNS zone: ``records`` is the text of a master file (RFC 1035), relative to ``name``.

    Source: T122, T126, T127.
    """

    name: str
    records: str


@dataclass(frozen=True, slots=True, kw_only=True, repr=False, eq=False)
class ExternalHost(Plain):
    """A mail host outside the organization, seen only from its SMTP side.

    ``position`` is where the frame of the hosts outside stands on a map; the first host that takes part says it.
    ``accepts`` are the domains it takes mail for. ``replies`` maps a recipient address to the reply line that this host
    gives at RCPT TO, for instance "550 5.1.1 User unknown" or "451 4.7.1 Try again later"; the key "DATA" is its reply to the content.
    With ``late_answer_to_data`` its reply to DATA comes late and in several lines; how late, no document says, so that has no
    figure here.

    Source: K126, T108, T126.
    """

    name: str
    ip: str
    accepts: tuple[str, ...] = ()
    max_message_kb: int | None = None
    esmtp: tuple[str, ...] = ("PIPELINING", "SIZE", "DSN", "8BITMIME")
    replies: Mapping[str, str] = field(default_factory=dict)
    late_answer_to_data: bool = False
    position: Position = field(default=(), compare=False)


@dataclass(frozen=True, kw_only=True, repr=False, eq=False)
class Organization(Plain):
    """One Exchange 2003 organization and the piece of the Internet around it.

    It is data: two organizations read from equal files compare equal. Look-ups by name are worked out once, when they
    are first asked for.

    Example:
        >>> import mailflow
        >>> organization = mailflow.load("two sites")
        >>> [server.name for server in organization.servers]
        ['LON01', 'LON02', 'LONFE', 'PAR01', 'PAR02']
        >>> organization.connector["London-Paris"].cost
        10

    Source: R4, R7, R16.
    """

    name: str
    title: str = ""
    mode: Literal["native", "mixed"] = "native"
    servers: tuple[Server, ...]
    server_policies: tuple[ServerPolicy, ...] = ()
    routing_groups: tuple[RoutingGroup, ...]
    connectors: tuple[AnyConnector, ...] = ()
    recipients: tuple[AnyRecipient, ...] = ()
    recipient_policies: tuple[RecipientPolicy, ...]
    global_settings: GlobalSettings = GlobalSettings()
    zones: tuple[Zone, ...] = ()
    external_hosts: tuple[ExternalHost, ...] = ()

    @property
    def domain(self) -> str:
        """The default SMTP domain: the primary one of the first recipient policy."""
        return self.recipient_policies[0].domains[0].domain

    def journal_kind(self, server: Server) -> JournalKind:
        """How a server archives: by one value of the organization, else by a value in its own registry.

        That the first counts where both are set is inferred: the report on the envelope names everybody the other would.

        Source: K111, K112, T160.
        """
        if self.global_settings.envelope_journaling:
            return "envelope"
        return "bcc" if server.bcc_journaling else "standard"

    def tracking(self, server: Server) -> Server | ServerPolicy | None:
        """What says how a server tracks messages: its server policy, or itself; None when it does not (Source: K1, K2, K3)."""
        policy = next((item for item in self.server_policies if server.name in item.servers), None)
        found = policy or server
        return found if found.message_tracking else None

    @cached_property
    def ready_made(self) -> str:
        """The name under which this organization comes with the package; empty for one of your own, or a changed one."""
        return ""  # `load` puts the name here; what a cached property holds is not copied to a changed organization

    @cached_property
    def server(self) -> Mapping[str, Server]:
        """Servers by name."""
        return {item.name: item for item in self.servers}

    @cached_property
    def behind_firewall(self) -> frozenset[str]:
        """The FQDNs of servers behind a firewall that filters SMTP (Source: K81)."""
        return frozenset(item.fqdn for item in self.servers if item.filtering_firewall)

    @cached_property
    def routing_group(self) -> Mapping[str, RoutingGroup]:
        """Routing groups by name."""
        return {item.name: item for item in self.routing_groups}

    @cached_property
    def connector(self) -> Mapping[str, AnyConnector]:
        """Connectors by name."""
        return {item.name: item for item in self.connectors}

    @cached_property
    def recipient(self) -> Mapping[str, AnyRecipient]:
        """Recipients by name."""
        return {item.name: item for item in self.recipients}

    @cached_property
    def external_host(self) -> Mapping[str, ExternalHost]:
        """External hosts by name."""
        return {item.name: item for item in self.external_hosts}

    @cached_property
    def by_address(self) -> Mapping[str, AnyRecipient]:
        """Recipients by each of their proxyAddresses, in lower case (Source: T64)."""
        return {address.lower(): item for item in self.recipients for address in item.addresses}

    @cached_property
    def local_domains(self) -> Mapping[str, bool]:
        """Domains on a recipient policy, in lower case, and whether the organization is authoritative (Source: T143)."""
        return {
            entry.domain.lower(): entry.authoritative for policy in self.recipient_policies for entry in policy.domains
        }

    @cached_property
    def _members(self) -> Mapping[str, tuple[Server, ...]]:
        found: dict[str, list[Server]] = {}
        for item in self.servers:
            found.setdefault(item.routing_group, []).append(item)
        return {group: tuple(items) for group, items in found.items()}

    def members_of(self, routing_group: str) -> tuple[Server, ...]:
        """The servers of a routing group, in the order of the file."""
        return self._members.get(routing_group, ())
