"""What the categorizer asks Active Directory: who an address belongs to, and who may send to whom.

Every function here is pure: it reads the organization and nothing else.
"""

from __future__ import annotations

from dataclasses import dataclass

from mailflow.facts import rule
from mailflow.organization.model import (
    AnyRecipient,
    Contact,
    Group,
    Mailbox,
    MailboxStore,
    Organization,
    QueryGroup,
    Recipient,
    Server,
)
from mailflow.organization.query import everybody
from mailflow.transport.mail import UNDECIDED, Destination


@rule
def resolve(organization: Organization, address: str) -> AnyRecipient | None:
    """An address belongs to the object that has it among its proxyAddresses.

    Source: T64, T65.
    """
    return organization.by_address.get(address.lower())


@dataclass(slots=True, eq=False)
class Lookup:
    """What the directory says of an address, as one server asks: the same for every message.

    ``entry`` is the object, if there is one, and ``called`` what a sentence calls it. ``keeps`` says whether it is a mailbox that
    keeps its mail, ``primary`` whether the address is the primary one, ``open`` whether everybody may send to it.
    ``destination`` is where the mail of a mailbox goes, ``journal`` the store of it, if that is on this server and
    journals. The limits are in KB, but for ``most``, the number of recipients that one message of it may have.
    """

    entry: AnyRecipient | None
    called: str
    keeps: bool
    primary: bool
    open: bool
    destination: Destination
    journal: MailboxStore | None
    send_kb: int | None
    receive_kb: int | None
    most: int | None


def look_up(organization: Organization, server: Server, address: str) -> Lookup:
    """What the directory says of an address (Source: T64, T65)."""
    entry = resolve(organization, address)
    most = recipient_limit(organization, entry)
    if entry is None:
        return Lookup(None, "", False, True, True, UNDECIDED, None, None, None, most)
    destination, journal = UNDECIDED, None
    if isinstance(entry, Mailbox):
        here = entry.server == server.name
        destination = ("store", entry.store) if here else ("server", entry.server)
        journal = next(
            (item for item in server.mailbox_stores if here and item.name == entry.store and item.journal_to), None
        )
    return Lookup(
        entry,
        f"{entry.kind} {entry.display_name}",
        keeps=isinstance(entry, Mailbox) and not entry.forward_to,
        primary=entry.addresses[0] == address,
        open=not (entry.authenticated_only or entry.accept_from or entry.reject_from),
        destination=destination,
        journal=journal,
        send_kb=send_limit_kb(organization, entry),
        receive_kb=receive_limit_kb(organization, entry),
        most=most,
    )


def domain_of(address: str) -> str:
    """The domain of an address, in lower case; empty for an address without one."""
    return address.rpartition("@")[2].lower() if "@" in address else ""


@rule
def may_send_to(organization: Organization, entry: Recipient, sender: AnyRecipient | None, authenticated: bool) -> bool:
    """A recipient can accept mail only from some senders, reject others, or ask for authenticated senders.

    Source: T70.
    """
    if entry.authenticated_only and not authenticated:
        return False
    if not (entry.accept_from or entry.reject_from):
        return True
    name = sender.name if sender else ""
    if entry.accept_from and not any(name in everybody(organization, allowed) for allowed in entry.accept_from):
        return False
    return not any(name in everybody(organization, denied) for denied in entry.reject_from)


@rule
def send_limit_kb(organization: Organization, sender: AnyRecipient | None) -> int | None:
    """The sender's own sending limit overrides the global one; a global limit in one direction only counts for both.

    Source: T71.
    """
    if isinstance(sender, Mailbox) and sender.max_send_kb is not None:
        return sender.max_send_kb
    settings = organization.global_settings
    return _either(settings.max_send_kb, settings.max_receive_kb)


@rule
def receive_limit_kb(organization: Organization, entry: AnyRecipient) -> int | None:
    """The recipient's own receiving limit overrides the global one.

    Source: T71.
    """
    if entry.max_receive_kb is not None:
        return entry.max_receive_kb
    settings = organization.global_settings
    return _either(settings.max_receive_kb, settings.max_send_kb)


@rule
def too_large_for_group(group: Group | QueryGroup, size: int) -> bool:
    """A group may have a receiving limit of its own, which a message of so many bytes keeps before it is expanded.

    That a group has one is documented for its later versions and by practitioners for Exchange 2003; that Exchange 2003
    asks for it at expansion is unconfirmed.

    Source: T71.
    Sure: unconfirmed.
    """
    return group.max_receive_kb is not None and size > group.max_receive_kb * 1024


def _either(own: int | None, other: int | None) -> int | None:
    """The global limit of one direction; without one, that of the other direction counts (Source: T71)."""
    return own if own is not None else other


@rule
def recipient_limit(organization: Organization, sender: AnyRecipient | None) -> int | None:
    """How many recipients one message may have is a property of its originator; the global value is 5,000.

    Source: T72.
    Sure: documented twice.
    """
    if isinstance(sender, Mailbox) and sender.max_recipients is not None:
        return sender.max_recipients
    return organization.global_settings.max_recipients


@rule
def content_format(organization: Organization, domain: str, entry: AnyRecipient | None) -> str:
    """The body for the outside follows the Internet Message Format of the domain and the contact's own setting.

    The most specific entry counts: the domain itself, then ``*.parent``, then ``*``.

    Source: T58, T75.
    Sure: documented.
    """
    candidates = {item.domain.lower(): item for item in organization.global_settings.message_formats}
    labels = domain.split(".")
    names = [domain, *(f"*.{'.'.join(labels[i:])}" for i in range(1, len(labels))), "*"]
    chosen = next((candidates[name] for name in names if name in candidates), None)
    if chosen is None:
        return "MIME"
    rich = chosen.rich_text == "always" or (
        chosen.rich_text == "per contact" and isinstance(entry, Contact) and entry.rich_text
    )
    return "TNEF" if rich else {"mime": "MIME", "uuencode": "uuencode", "plain": "plain text"}[chosen.body]
