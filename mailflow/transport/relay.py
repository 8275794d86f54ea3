"""Who may send to whom through an SMTP virtual server: one decision, rule by rule, each at its verb.

Everything here is pure: organization, server and attempt in; verdict, reply and every rule that was looked at, in
order, out.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from typing import Literal, NamedTuple

from mailflow.dns import resolver_of
from mailflow.facts import rule
from mailflow.facts.kinds import need, need_one_of
from mailflow.messages import Address, AddressError, parse_path
from mailflow.names import USUAL, RuleName, rule_of
from mailflow.organization.model import Organization, SmtpConnector, VirtualServer, Zone, bridgehead_virtual_server
from mailflow.organization.spaces import space_matches

__all__ = ["Attempt", "Look", "OpenRelay", "Verdict", "decide", "open_relay"]

Outcome = Literal["passes", "accepts", "refuses"]
Verb = Literal["connect", "MAIL FROM", "RCPT TO"]


class Attempt(NamedTuple):
    """One client that wants to send to one recipient.

    ``client_name`` is what a reverse look-up of ``client_ip`` gives, ``address`` the text of RCPT TO without its angle
    brackets or with them.
    """

    client_ip: str
    address: str = ""
    sender: str = "someone@elsewhere.example"
    client_name: str = ""
    authenticated: bool = False
    tls: bool = False


class Look(NamedTuple):
    """One rule that was looked at: its name in `RULES`, what it said, and why as a clause."""

    rule: str
    outcome: Outcome
    why: str


class Verdict(NamedTuple):
    """``accepted``, the reply on the wire, a reason as a clause, the rules that were looked at, in order, the verb that
    was answered, and the rule of the model that decided, if one did.
    """

    accepted: bool
    reply: str
    why: str
    looks: tuple[Look, ...] = ()
    verb: Verb = "RCPT TO"
    rule: RuleName = USUAL


class Question(NamedTuple):
    """What a single rule may look at: the attempt, and the settings it meets."""

    organization: Organization
    server: str
    settings: VirtualServer
    attempt: Attempt
    address: str
    domain: str


class Answer(NamedTuple):
    """What a single rule says; ``reply`` is empty while it passes the question on."""

    outcome: Outcome
    why: str
    reply: str = ""


# -- at connect -------------------------------------------------------------------------------------------------------


@rule
def connection_control(question: Question) -> Answer:
    """Connection control is a list of computers that alone may connect, or of computers that may not.

    That the answer is 421, and its words, are unconfirmed.

    Source: T98, T156, O-7.
    """
    attempt, settings = question.attempt, question.settings
    reply = "421 4.3.2 Service not available, closing transmission channel"
    if named := _first_match(settings.denied_clients, attempt):
        return Answer("refuses", f"connection control keeps {named} out", reply)
    if settings.allowed_clients and not _first_match(settings.allowed_clients, attempt):
        return Answer("refuses", f"connection control lets only a list in, and {attempt.client_ip} is not on it", reply)
    return Answer("passes", f"{attempt.client_ip} may connect")


# -- at MAIL FROM -----------------------------------------------------------------------------------------------------


@rule
def access_control(question: Question) -> Answer:
    """Without anonymous access, only clients that have authenticated may start a message.

    Source: T94, T157, T158.
    Sure: documented.
    """
    if question.attempt.authenticated:
        return Answer("passes", "the client has authenticated")
    if question.settings.anonymous:
        return Answer("passes", "anonymous access is allowed")
    reply = "454 5.7.3 Client does not have permission to submit mail to this server."
    return Answer("refuses", "anonymous access is off, and the client has not authenticated", reply)


@rule
def transport_security(question: Question) -> Answer:
    """A virtual server that requires TLS takes no mail before STARTTLS; the text of the reply is unconfirmed.

    Source: T94.
    """
    if question.attempt.tls or not question.settings.require_tls:
        return Answer("passes", "the channel is encrypted" if question.attempt.tls else "TLS is not required")
    return Answer("refuses", "this virtual server requires TLS", "530 5.7.0 Must issue a STARTTLS command first")


@rule
def sender_filter(question: Question) -> Answer:
    """The sender filter refuses listed senders, and blank ones if asked to; that it answers at MAIL FROM and its reply are unconfirmed.

    Source: T150, T151, T153.
    """
    if spared := _spared(question, "sender"):
        return Answer("passes", spared)
    sender = question.attempt.sender.lower()
    listed = [item for item in question.organization.global_settings.blocked_senders if _is_sender(item, sender)]
    if listed:
        return Answer("refuses", f"the sender filter lists {listed[0]}", "554 5.1.0 Sender Denied")
    if not sender and question.organization.global_settings.filter_blank_sender:
        return Answer("refuses", "the sender filter refuses blank senders", "554 5.1.0 Sender Denied")
    return Answer("passes", f"the sender filter does not list {sender or 'the empty sender'}")


# -- at RCPT TO -------------------------------------------------------------------------------------------------------


@rule
def connection_filter(question: Question) -> Answer:
    """Accept list, deny list, block lists: looked up at connect, answered at RCPT TO, so that exceptions can still be reached.

    Source: T97, T150, T152, T153.
    Sure: documented.
    """
    if spared := _spared(question, "connection"):
        return Answer("passes", spared)
    settings, attempt = question.organization.global_settings, question.attempt
    if question.address.lower() in (item.lower() for item in settings.block_list_exceptions):
        return Answer("passes", f"{question.address} is an exception of the connection filter")
    reply = f"550 5.7.1 {attempt.client_ip} has been blocked"
    if named := _first_match(settings.blocked_clients, attempt):
        return Answer("refuses", f"the deny list of the connection filter names {named}", reply)
    for provider in settings.block_lists:
        if listed_by(question.organization.zones, provider, attempt.client_ip):
            return Answer("refuses", f"the block list {provider} lists {attempt.client_ip}", f"{reply} by {provider}")
    return Answer("passes", f"no list of the connection filter names {attempt.client_ip}")


@rule
def recipient_filter(question: Question) -> Answer:
    """The recipient filter refuses listed recipients, and those of local domains that are not in the directory if asked to.

    The words of the reply for the latter are unconfirmed.

    Source: T95, T147, T149, T153, O-23.
    """
    if spared := _spared(question, "recipient"):
        return Answer("passes", spared)
    settings, address = question.organization.global_settings, question.address.lower()
    if address in (item.lower() for item in settings.blocked_recipients):
        reply = "550 5.7.1 Requested action not taken; mailbox not available"
        return Answer("refuses", f"the recipient filter lists {question.address}", reply)
    ours = question.organization.local_domains.get(question.domain)
    if settings.filter_unknown_recipients and ours and address not in question.organization.by_address:
        return Answer("refuses", f"{question.address} is not in the directory", "550 5.1.1 User unknown")
    return Answer("passes", f"the recipient filter has nothing against {question.address}")


@rule
def local_domain(question: Question) -> Answer:
    """A recipient in a domain of a recipient policy is accepted from anybody; whether it exists is not asked here.

    Source: T138, T143, T158.
    Sure: documented.
    """
    if question.domain in question.organization.local_domains:
        return _accept(question, f"{question.domain} is on a recipient policy")
    return Answer("passes", f"{question.domain} is on no recipient policy")


@rule
def connector_relay(question: Question) -> Answer:
    """A connector that relays for its address spaces lets anybody send there through its bridgeheads; the text of that option is unconfirmed.

    A bridgehead is one virtual server: that the others of its server do not relay follows from that.

    Source: R20, T142.
    """
    for connector in question.organization.connectors:
        if (
            isinstance(connector, SmtpConnector)
            and connector.relay_to_address_spaces
            and question.server in connector.local_bridgeheads
            and _is_bridgehead(connector, question)
            and any(space_matches(space.pattern, question.domain) for space in connector.address_spaces)
        ):
            return _accept(question, f'connector "{connector.name}" relays for {question.domain}')
    return Answer("passes", f"no connector relays for {question.domain}")


def _is_bridgehead(connector: SmtpConnector, question: Question) -> bool:
    server = question.organization.server[question.server]
    # By identity: an organization has each virtual server once, and to compare two means to look at every setting.
    return server.virtual_server(bridgehead_virtual_server(connector, server.name)) is question.settings


@rule
def authenticated_relay(question: Question) -> Answer:
    """Clients that have authenticated may relay while that box is ticked, regardless of the list.

    Source: T139, T141, T144.
    Sure: documented.
    """
    if not question.attempt.authenticated:
        return Answer("passes", "the client has not authenticated")
    if not question.settings.authenticated_may_relay:
        return Answer("passes", "authenticated clients have no special right here")
    return _accept(question, "the client has authenticated")


@rule
def list_of_computers(question: Question) -> Answer:
    """The list of computers comes last: it names those that may relay, or those that may not. Who is left is refused.

    Source: T94, T139, T140.
    Sure: documented twice.
    """
    ip, settings = question.attempt.client_ip, question.settings
    named = _first_match(settings.relay_list, question.attempt)
    on_list = f"{named} is on the list" if named else f"{ip} is not on the list"
    if bool(named) == (settings.relay_mode == "only the list below"):
        return _accept(question, f"the list of computers lets {ip} relay ({settings.relay_mode}; {on_list})")
    why = f"{question.domain} is no local domain and {ip} may not relay ({settings.relay_mode}; {on_list})"
    return Answer("refuses", why, f"550 5.7.1 Unable to relay for {question.address}")


RULES: tuple[tuple[str, Verb, Callable[[Question], Answer]], ...] = (
    ("connection control", "connect", connection_control),
    ("access control", "MAIL FROM", access_control),
    ("transport security", "MAIL FROM", transport_security),
    ("sender filter", "MAIL FROM", sender_filter),
    ("connection filter", "RCPT TO", connection_filter),
    ("recipient filter", "RCPT TO", recipient_filter),
    ("local domain", "RCPT TO", local_domain),
    ("relay domains of a connector", "RCPT TO", connector_relay),
    ("authenticated clients", "RCPT TO", authenticated_relay),
    ("list of computers", "RCPT TO", list_of_computers),
)
"""Every rule: its name, the verb at which it speaks, and what it says. The order is the order of looking
(Source: T150, T156)."""

SILENT = {"connect": "220", "MAIL FROM": "250 2.1.0"}


@rule
def decide(
    organization: Organization, server: str, attempt: Attempt, *, at: Verb | None = None, virtual_server: str = ""
) -> Verdict:
    """Rules are looked at in a fixed order, and the first that accepts or refuses decides.

    With ``at`` only the rules of that verb are looked at. ``virtual_server`` names the virtual server that the client
    reached, if it is not the default one. The sender address never opens a way out: it is used by the
    sender filter alone.

    Source: T138, T156, O-7.

    Raises:
        KeyError: there is no server or virtual server of that name.
    """
    settings = organization.server[server].virtual_server(virtual_server)
    if at == "MAIL FROM" and canonical(organization, attempt.sender) is None:
        return Verdict(False, "501 5.5.4 Invalid Address", f"{attempt.sender!r} is no address", (), at)
    address = canonical(organization, attempt.address)
    if address is None:
        why = f"{attempt.address!r} is no address"
        return Verdict(False, "501 5.5.4 Invalid Address", why, (), "RCPT TO", rule_of(canonical))
    question = Question(organization, server, settings, attempt, str(address), address.domain.lower())
    looks: list[Look] = []
    for name, verb, says in RULES:
        if at not in (None, verb):
            continue
        answer = says(question)
        looks.append(Look(name, answer.outcome, answer.why))
        if answer.outcome != "passes":
            return Verdict(answer.outcome == "accepts", answer.reply, answer.why, tuple(looks), verb, rule_of(says))
    return Verdict(True, SILENT[at or "connect"], "nothing speaks against it", tuple(looks), at or "connect")


@rule
def canonical(organization: Organization, text: str) -> Address | None:
    """An address without a domain gets the default one; percent signs, bangs and quotes before the last @ say nothing to this server.

    A source route is dropped. None when the text is no address.

    Source: T93, T146.
    """
    try:
        address = parse_path(text)
    except AddressError:
        return None
    if address is None:
        return Address("", organization.domain)
    return address if address.domain else Address(address.local, organization.domain)


# -- is it an open relay? ---------------------------------------------------------------------------------------------

WIDEST_LIST_ENTRY = 8
"""An IPv4 network with a shorter prefix than this on a list names nobody in particular: it stands for everybody."""


class OpenRelay(NamedTuple):
    """The proof that a server is an open relay: this client, whom nobody named, got this verdict for this recipient."""

    client_ip: str
    recipient: str
    verdict: Verdict


@rule
def open_relay(organization: Organization, server: str, virtual_server: str = "") -> OpenRelay | None:
    """A server is an open relay if some stranger, without authentication, gets a foreign recipient accepted.

    A stranger is a public address that no list names in particular; a foreign recipient is in a domain that is neither
    local nor one of the relay domains that a connector names. Each virtual server answers for itself; without a name the
    default one does. Returns the counter-example, or None. That some entries
    are too wide to name anybody is this model's reading.

    Example:
        >>> import mailflow
        >>> organization = mailflow.load("one server")
        >>> mailflow.open_relay(organization, "LON01")
        >>> wide = mailflow.reconfigure(organization, "LON01", relay_mode="all except the list below")
        >>> proof = mailflow.open_relay(wide, "LON01")
        >>> proof.client_ip, proof.recipient
        ('203.0.113.99', 'victim@elsewhere.example')

    Source: T137, T140, T142, O-7, S6, S7.
    """
    need("open_relay", organization, Organization, "organization", "give one from mailflow.load(...)")
    need_one_of("open_relay(server)", server, organization.server)
    if virtual_server != "":
        known = (item.name for item in organization.server[server].virtual_servers)
        need_one_of("open_relay(virtual_server)", virtual_server, known)
    for ip in strangers(organization, server, virtual_server):
        for address in _foreign(organization):
            verdict = decide(organization, server, Attempt(ip, address), virtual_server=virtual_server)
            if verdict.accepted:
                return OpenRelay(ip, address, verdict)
    return None


def strangers(organization: Organization, server: str, virtual_server: str = "") -> Iterator[str]:
    """Public addresses of every kind that the lists of a virtual server can tell apart, except those named in particular."""
    settings = organization.server[server].virtual_server(virtual_server)
    everywhere = organization.global_settings
    lists = (settings.relay_list, settings.allowed_clients, settings.denied_clients, everywhere.blocked_clients)
    networks = [item for entries in lists for text in entries if (item := _network(text)) is not None]
    named = [item for item in map(_network, settings.relay_list) if item and item.prefixlen >= WIDEST_LIST_ENTRY]
    for ip in _samples(networks):
        if _public(ip) and (settings.relay_mode != "only the list below" or not any(ip in item for item in named)):
            yield str(ip)


ELSEWHERE = tuple(map(ipaddress.IPv4Network, ("198.51.100.0/24", "203.0.113.0/24")))
"""Addresses for documents. In the organizations of this package they belong to everybody outside, and the third network for
documents, 192.0.2.0/24, to the organization itself.
"""


def _public(ip: ipaddress.IPv4Address) -> bool:
    return ip.is_global or any(ip in network for network in ELSEWHERE)


def _samples(networks: Iterable[ipaddress.IPv4Network]) -> Iterator[ipaddress.IPv4Address]:
    """Two addresses far apart, then the edges of every network and their neighbours."""
    numbers = [int(ipaddress.IPv4Address(text)) for text in ("203.0.113.99", "198.51.100.77")]
    for item in networks:
        first, last = int(item.network_address), int(item.broadcast_address)
        numbers += [first - 1, first, first + 1, last - 1, last, last + 1]
    for number in dict.fromkeys(numbers):
        if 0 <= number < 2**32:
            yield ipaddress.IPv4Address(number)


def _foreign(organization: Organization) -> Iterator[str]:
    """Recipients in a domain that nobody in the organization has anything to do with."""
    yield "victim@elsewhere.example"
    yield from (
        f"victim@{host.accepts[0]}"
        for host in organization.external_hosts
        if host.accepts and _stranger_domain(organization, host.accepts[0])
    )


def _stranger_domain(organization: Organization, domain: str) -> bool:
    named = {
        space.pattern.lower().removeprefix("*.")
        for item in organization.connectors
        if isinstance(item, SmtpConnector)
        for space in item.address_spaces
    }
    return domain.lower() not in organization.local_domains and domain.lower() not in named


# -- small helpers ----------------------------------------------------------------------------------------------------


def _accept(question: Question, why: str) -> Answer:
    return Answer("accepts", why, f"250 2.1.5 {question.address} ")


def _spared(question: Question, kind: Literal["connection", "sender", "recipient"]) -> str:
    """Why a filter does not look at this client, as a clause; empty when it does (Source: T149, T150, T153)."""
    if question.attempt.authenticated:
        return "filters look at anonymous clients only"
    if kind not in question.settings.filters:
        return f"the {kind} filter is not switched on for this virtual server"
    if named := _first_match(question.organization.global_settings.accepted_clients, question.attempt):
        return f"the global accept list names {named}"
    return ""


def _is_sender(entry: str, sender: str) -> bool:
    """Whether an entry of the sender filter, ``name@domain`` or ``@domain``, is this sender."""
    wanted = entry.lower().removeprefix("*")
    return sender == wanted or (wanted.startswith("@") and sender.endswith(wanted))


def _first_match(entries: Iterable[str], attempt: Attempt) -> str:
    """The first list entry that names the client; empty when none does."""
    return next((entry for entry in entries if matches(entry, attempt.client_ip, attempt.client_name)), "")


@lru_cache(maxsize=4096)
def matches(entry: str, client_ip: str, client_name: str) -> bool:
    """Whether a list entry (address, network or domain) names the client; domain names cost a reverse look-up
    (Source: T140).
    """
    try:
        return ipaddress.ip_address(client_ip) in ipaddress.ip_network(entry, strict=False)
    except ValueError:
        name, wanted = client_name.lower(), entry.lower().removeprefix("*.")
        return bool(name) and (name == wanted or name.endswith("." + wanted))


def _network(entry: str) -> ipaddress.IPv4Network | None:
    try:
        return ipaddress.IPv4Network(entry, strict=False)
    except ValueError:
        return None


@lru_cache(maxsize=4096)
def listed_by(zones: tuple[Zone, ...], provider: str, client_ip: str) -> bool:
    """Whether a block list lists an address: its octets reversed, as a name below the provider, lead to 127.0.0.x
    (Source: T152).
    """
    name = ".".join([*reversed(client_ip.split(".")), provider])
    return any(answer.startswith("127.0.0.") for answer in resolver_of(zones).records(name, "A"))
