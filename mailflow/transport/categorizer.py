"""The message categorizer: whose address is it, may it pass, and how many copies are needed.

The order is the documented one: sender, recipients, groups, unknown recipients, restrictions and limits, copies, marks
(Source: T64).
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Generator
from functools import cache, lru_cache
from typing import TypeVar

from mailflow.facts import rule
from mailflow.messages.requests import for_members
from mailflow.messages.stamps import Stamps
from mailflow.names import USUAL, EmailAddress, ServerName, rule_of
from mailflow.organization.model import AnyRecipient, Contact, Group, Mailbox, QueryGroup
from mailflow.organization.query import members as members_of
from mailflow.trace.effects import Added, Effects
from mailflow.transport import directory, places
from mailflow.transport.journaling import (
    hold_without_journal,
    journal,
    journal_gone,
    journaling_stores,
    report_envelope,
)
from mailflow.transport.mail import (
    AS_RECEIVED,
    IN_STORE,
    UNDECIDED,
    Destination,
    Mail,
    MailRecipient,
    addresses,
    some,
)
from mailflow.transport.node import Node
from mailflow.transport.notification import non_delivery
from mailflow.transport.tellings import (
    Bifurcated,
    Categorized,
    Expanded,
    ExpandsElsewhere,
    Forwarded,
    LimitsChecked,
    RecipientsResolved,
    RecipientUnknown,
    Rewritten,
    SenderResolved,
)
from mailflow.transport.work import Steps, Wait

RESOLVE = rule_of(directory.resolve)
NO_SENDER = "<>", "the empty sender of a notification"
RECIPIENT_LIMIT, SEND_LIMIT = rule_of(directory.recipient_limit), rule_of(directory.send_limit_kb)

Inspection = Callable[[Node, Mail, AnyRecipient | None], None]
"""What looks at a message after resolution and expansion, and before copies are made: a server, the MailMsg, its sender."""

Inspects = TypeVar("Inspects", bound=Inspection)
_INSPECTIONS: dict[str, Inspection] = {}


def inspection(function: Inspects) -> Inspects:
    """Declare a rule of the categorizer: every message passes it after those declared before, the limits first of all.

    Exchange has the event OnCategorize for programs of others (Source: T12). An inspection tells what it finds with
    ``node.note`` and ends recipients with `non_delivery`; when none is left, no other is asked. The same function
    declared again, as in a notebook cell that runs twice, takes the place of the first.

    Raises:
        ValueError: another inspection has that name.
    """
    name, known = function.__name__, _INSPECTIONS.get(function.__name__, function)
    if (known.__module__, known.__qualname__) != (function.__module__, function.__qualname__):
        raise ValueError(f"two inspections are called {name!r}: {known.__module__} and {function.__module__}")
    _INSPECTIONS[name] = function
    return function


def withdraw(name: str) -> None:
    """Take an inspection back, by the name of its function.

    Raises:
        KeyError: there is none.
    """
    del _INSPECTIONS[name]


@rule
def resolve_sender(node: Node, mail: Mail) -> AnyRecipient | None:
    """First the categorizer resolves the envelope sender against the proxyAddresses.

    Source: T18, T64.
    """
    if not mail.sender:
        node.jot(SenderResolved, NO_SENDER, mail.id)
        return None
    found = node.look_up(mail.sender)
    node.jot(SenderResolved, (mail.sender, found.called or "nobody here"), mail.id)
    return found.entry


@rule
def resolve_recipients(node: Node, mail: Mail) -> bool:
    """Then it resolves every envelope recipient against the proxyAddresses.

    Returns whether each of them is a mailbox that keeps its mail: then nothing is to be expanded, forwarded or rewritten.
    Where one was found by an address that is not its primary one, the event says so by its rule.

    Source: T18, T64.
    """
    words: list[str] = []
    mailboxes = True
    fired = USUAL
    for item in mail.recipients:
        found = node.look_up(item.address)
        item.entry = found.entry
        if len(words) < 6:
            words.append(found.called or "not in the directory")
        if not found.keeps:
            mailboxes = False
        if not found.primary:
            fired = RESOLVE
    node.jot(RecipientsResolved, (addresses(mail.recipients), tuple(words)), mail.id, None, (), fired)
    return mailboxes


def categorize(node: Node, mail: Mail) -> Generator[Wait, object, list[Mail]]:
    """Run one MailMsg through the categorizer. What is left waits to be routed, one MailMsg for each copy.

    Returns (as the value of the process) the list of MailMsgs to route, possibly empty.

    Source: T64.
    """
    durations = node.durations
    sender = resolve_sender(node, mail)
    yield durations.lookup
    if not resolve_recipients(node, mail):
        yield from _expand_all(node, mail, sender)
        for item in [item for item in mail.recipients if item.entry is None and item.destination is UNDECIDED]:
            treat_unknown(node, mail, item)
        if not mail.recipients:
            return []
    yield durations.decision
    if durations.restriction:
        from mailflow.transport.lists import look_through_lists  # a usual run looks through nothing

        yield from look_through_lists(node, mail)
    for inspect in _INSPECTIONS.values():
        inspect(node, mail, sender)
        if not mail.recipients:
            return []
    if node.journaling:
        stores = journaling_stores(node, mail)
        if (store := journal_gone(node, stores)) is not None:
            hold_without_journal(node, mail, store)
            return []
        journal(node, mail, stores)
    copies = bifurcate(node, mail)
    yield durations.decision
    for copy in copies:
        code_for_transport(copy)
        mark_recipients(node, copy)
    return copies


def _expand_all(node: Node, mail: Mail, sender: AnyRecipient | None) -> Steps:
    known = {item.address.lower() for item in mail.recipients}
    waiting = deque(mail.recipients)
    while waiting:
        item = waiting.popleft()
        entry = item.entry
        if isinstance(entry, Contact):
            rewrite_to_target(node, mail, item, entry)
        elif isinstance(entry, Mailbox) and entry.forward_to and not item.forwarded:
            waiting.extend(forward(node, mail, item, entry, known))
        elif isinstance(entry, (Group, QueryGroup)):
            made = expand_group(node, mail, item, entry, known, sender)
            if made is not None:
                yield node.durations.expansion + node.durations.expansion_per_member * len(made)
                waiting.extend(made)


@rule
def expand_group(
    node: Node,
    mail: Mail,
    item: MailRecipient,
    group: Group | QueryGroup,
    known: set[str],
    sender: AnyRecipient | None,
) -> list[MailRecipient] | None:
    """A group is replaced by its members, here or on the expansion server it names; each member gets one copy.

    A group that the sender may not use, or that takes no message of this size, is not expanded: that this check comes
    first is inferred. Only a limit of the group's own counts here; the global one is held against each member. Circular
    groups end, because nobody is added twice.

    Source: T30, T64, T68, T69, T70, T71.
    """
    if group.expansion_server and group.expansion_server != node.name:
        item.destination = "server", group.expansion_server
        node.note(ExpandsElsewhere(group=group.display_name, other=ServerName(group.expansion_server)), mail.id)
        return None
    if not directory.may_send_to(node.organization, group, sender, mail.authenticated):
        _turned_away(node, mail, item, group)
        return None
    if directory.too_large_for_group(group, mail.size) and not mail.is_report:
        why = f"larger than the {group.max_receive_kb} KB that {group.display_name} may receive"
        non_delivery(node, mail, [item], "5.2.3", why, rule_of(directory.too_large_for_group))
        return None
    members = members_of(node.organization, group)
    fresh = [entry for entry in members if entry.primary.lower() not in known]
    made = [
        _add(mail, item, entry, "member", receipts=item.receipts and not group.hidden_membership) for entry in fresh
    ]
    known.update(entry.primary.lower() for entry in fresh)
    skipped = f" {len(members) - len(fresh)} already on the list." if len(fresh) < len(members) else ""
    if not members:
        skipped = " It has no members, so nobody receives anything."
    mail.expanded[item.address] = tuple(entry.primary for entry in members)
    added = tuple(Added(mail.id, new.index, new.address, "member", item.index) for new in made)
    names = some(entry.display_name for entry in fresh) or ("nobody",)
    telling = Expanded(kind=group.kind, group=group.display_name, members=names, skipped=skipped)
    node.note(telling, mail.id, None, (*added, *mail.end([item], "expanded", group.name)))
    return made


@rule
def forward(node: Node, mail: Mail, item: MailRecipient, entry: Mailbox, known: set[str]) -> list[MailRecipient]:
    """A mailbox with an alternate recipient passes its mail on, alone or in addition; two that point at each other
    loop.

    Source: T67, T115.
    """
    other = node.organization.recipient[entry.forward_to]
    item.forwarded = True
    if other.name in (*item.chain, entry.name):
        if not entry.deliver_and_redirect:
            why = f"{entry.display_name} and {other.display_name} forward to each other"
            non_delivery(node, mail, [item], "5.4.6", why, rule_of(forward))
        return []
    made: list[MailRecipient] = []
    if other.primary.lower() not in known:
        known.add(other.primary.lower())
        made = [_add(mail, item, other, "forward", receipts=item.receipts)]
    effects: Effects = tuple(Added(mail.id, new.index, new.address, "forward", item.index) for new in made)
    kept = "and to the mailbox itself" if entry.deliver_and_redirect else "instead"
    if not entry.deliver_and_redirect:
        effects = (*effects, *mail.end([item], "redirected", other.primary))
    telling = Forwarded(recipient=item.address, other=EmailAddress(other.primary), kept=kept)
    node.note(telling, mail.id, None, effects)
    return made


@rule
def rewrite_to_target(node: Node, mail: Mail, item: MailRecipient, contact: Contact) -> None:
    """A contact stands for an address outside: the recipient is rewritten to the target address and routed there.

    Source: T62, T67.
    """
    scheme, _, rest = contact.target_address.rpartition(":")
    item.target = EmailAddress(rest)
    if scheme.upper() == "X400":
        item.destination = "gateway", rest
    else:
        item.destination = "domain", directory.domain_of(rest)
    node.note(Rewritten(recipient=item.address, target=contact.target_address), mail.id)
    if scheme.upper() != "X400" and _leads_back(node, item.target, contact):
        return_from_own_domain(node, mail, item, contact)


def _leads_back(node: Node, target: EmailAddress, contact: Contact) -> bool:
    """Whether the target address is again one of this organization. In a domain that is shared it may be the other
    system's, unless it is the contact itself.
    """
    return (
        bool(node.organization.local_domains.get(directory.domain_of(target))) or node.look_up(target).entry == contact
    )


@rule
def return_from_own_domain(node: Node, mail: Mail, item: MailRecipient, contact: Contact) -> None:
    """A contact whose target address lies in a domain of the organization itself would come back for ever: the
    categorizer gives up (event 9026).

    Source: K113, T115.
    Sure: documented.
    """
    why = f"the target address {contact.target_address} of {contact.display_name} lies in this organization itself"
    non_delivery(node, mail, [item], "5.4.6", why, rule_of(return_from_own_domain))


@rule
def treat_unknown(node: Node, mail: Mail, item: MailRecipient) -> None:
    """An unknown address in an authoritative domain bounces; in a shared or a foreign domain it is routed onwards.

    Source: T64, T76, T79, T123.
    """
    domain = directory.domain_of(item.address)
    authoritative = node.organization.local_domains.get(domain)
    elsewhere = node.holder(mail).settings.forward_unresolved_to
    if authoritative is None:
        why = f"{domain} is on no recipient policy, so this is a remote domain."
    elif elsewhere:
        why = f"This virtual server forwards mail with unresolved recipients to {elsewhere}."
    elif authoritative:
        why = f"This organization is authoritative for {domain}, so nobody else could know it either."
    else:
        why = f"The recipient policy shares {domain} with another system, so the message is forwarded."
    node.note(RecipientUnknown(recipient=item.address, why=why), mail.id)
    if authoritative is not None and elsewhere:
        item.destination = "host", elsewhere
    elif authoritative:
        non_delivery(node, mail, [item], "5.1.1", f"{item.address} does not exist")
    else:
        item.destination = "domain", domain


@inspection
@rule
def apply_limits(node: Node, mail: Mail, _sender: AnyRecipient | None) -> None:
    """Restrictions, message size and number of recipients are checked after expansion and before copies are made.

    Notifications are exempt from size limits, which is inferred: a report about a message that is too large must get
    through.

    Source: T64, T70, T71, T72, O-18.
    """
    size, sender = mail.size, node.look_up(mail.sender)
    limit, most = sender.send_kb, sender.most
    count = len(mail.recipients)
    if most is not None and count > most:
        exceeded, verdict = RECIPIENT_LIMIT, "too many recipients"
    elif limit is not None and size > limit * 1024 and mail.sender:
        exceeded, verdict = SEND_LIMIT, "the message is too large"
    else:
        exceeded, verdict = USUAL, "the message may pass"
    node.jot(LimitsChecked, _checked(size, limit, count, most, verdict), mail.id, None, (), exceeded)
    if exceeded is RECIPIENT_LIMIT:
        non_delivery(node, mail, list(mail.recipients), "5.5.3", f"more than {most} recipients")
    elif exceeded is SEND_LIMIT:
        non_delivery(node, mail, list(mail.recipients), "5.2.3", f"larger than the sending limit of {limit} KB")
    elif mail.sender:
        _apply_recipient_limits(node, mail, sender.entry, size)


@lru_cache(maxsize=4096)
def _checked(
    size: int, limit: int | None, count: int, most: int | None, verdict: str
) -> tuple[str, str, int, int | str, str]:
    """How the limits are told, of which many messages have the same."""
    shown = "none" if limit is None else f"{limit} KB"
    return f"{size / 1024:.1f}", shown, count, most or "any number of", verdict


def _apply_recipient_limits(node: Node, mail: Mail, sender: AnyRecipient | None, size: int) -> None:
    for item in list(mail.recipients):
        found = node.look_up(item.address)
        entry, most = found.entry, found.receive_kb
        if entry is None or isinstance(entry, (Group, QueryGroup)):
            continue
        if not found.open and not directory.may_send_to(node.organization, entry, sender, mail.authenticated):
            _turned_away(node, mail, item, entry)
        elif most is not None and size > most * 1024:
            why = f"larger than the {most} KB that {entry.display_name} may receive"
            non_delivery(node, mail, [item], "5.2.3", why, rule_of(directory.receive_limit_kb))


def _turned_away(node: Node, mail: Mail, item: MailRecipient, entry: AnyRecipient) -> None:
    why = f"{entry.display_name} does not accept mail from this sender"
    non_delivery(node, mail, [item], "5.7.1", why, rule_of(directory.may_send_to))


@inspection
@rule
def return_from_journals(node: Node, mail: Mail, _sender: AnyRecipient | None) -> None:
    """Mail that somebody sends to a mailbox that is the journal of its own store goes round in circles: 5.4.6.

    Source: K114, T115.
    Sure: documented.
    """
    for item in list(mail.recipients) if node.journaling else ():
        box = item.entry
        if not isinstance(box, Mailbox) or item.journal_kind or box.server != node.name:
            continue
        if box.store in node.journaling and node.journaling[box.store].journal_to == box.name:
            why = f"{box.display_name} is the journal of its own store"
            non_delivery(node, mail, [item], "5.4.6", why, rule_of(return_from_journals))


Copy = tuple[Destination, str, str, bool]
"""What the recipients of one copy have in common: destination, format, kind of journaling, receipts or none."""


@rule
def bifurcate(node: Node, mail: Mail) -> list[Mail]:
    """Recipients that need a different copy get one: another content format, no receipts, or a journal copy.

    A message is also split by destination here, one MailMsg for each route, as Exchange 2003 does right after
    resolution.

    Source: R117, T16, T64, T75, S2.
    """
    if len(mail.recipients) == 1:
        _decide(node, mail, mail.recipients[0])
        return [mail]
    groups: dict[Copy, list[MailRecipient]] = {}
    for item in mail.recipients:
        _decide(node, mail, item)
        groups.setdefault((item.destination, item.format, item.journal_kind, item.receipts), []).append(item)
    if len(groups) == 1:
        return [mail]
    first, *others = groups.items()
    copies = [mail]
    for key, items in others:
        copy, made = mail.split(items)
        why = _why_split(first[0], key)
        copy.delay_told = copy.delay_told or bool(key[2])
        if key[2] == "envelope":
            report_envelope(node, copy, made)
        else:
            node.jot(Bifurcated, (addresses(items), why), copy.id, None, (made,))
        copies.append(copy)
    return copies


def _decide(node: Node, mail: Mail, item: MailRecipient) -> None:
    """Fill in where a recipient's mail goes and in which content format it leaves."""
    if item.destination is UNDECIDED:
        item.destination = node.look_up(item.address).destination  # whatever is no mailbox has one by now
    kind, target = item.destination
    if kind == "store" or kind == "gateway":
        item.format = ""
    elif mail.content_in != IN_STORE:
        item.format = AS_RECEIVED
    elif kind == "server":
        item.format = "S/TNEF"
    else:
        item.format = directory.content_format(node.organization, target, item.entry)


def _why_split(first: Copy, other: Copy) -> str:
    if other[2]:
        return "the journal gets a copy of its own"
    if first[3] != other[3]:
        return "members of a hidden group must not be revealed by receipts"
    if first[1] != other[1] and first[1] and other[1]:
        return f"these recipients need the body as {other[1]}, not as {first[1]}"
    return "these recipients take another way"


@rule
def code_for_transport(mail: Mail) -> None:
    """What leaves the organization is coded in characters, so that attachments grow by a third; servers of it and the
    store keep the bytes as they are. Exchange says in an X-MimeOLE line that it made the message.

    Source: K117, T101, T109.
    """
    if not mail.coded and mail.recipients[0].format not in ("", "S/TNEF"):
        mail.coded = True
        if mail.content_in == IN_STORE and mail.sender:
            mail.stamps = Stamps(mail.stamps.above, mail.stamps.arrived, produced=True)


MARKS = {"store": "local", "gateway": "gateway"}
"""The marks of destinations that are not remote (Source: T66)."""


@rule
def mark_recipients(node: Node, mail: Mail) -> None:
    """Last, each recipient is marked local (mailbox here), gateway (reached through the MTA) or remote.

    Source: T64, T66.
    Sure: documented.
    """
    first = mail.recipients[0]
    mark = MARKS.get(first.destination[0], "remote")
    values = (mark, addresses(mail.recipients), _told_body(first.format))
    node.jot(Categorized, values, mail.id, places.WAITING_TO_BE_ROUTED)


@cache
def _told_body(content_format: str) -> str:
    if not content_format:
        return ""
    return ", body as it came," if content_format == AS_RECEIVED else f", body as {content_format},"


def _add(mail: Mail, parent: MailRecipient, entry: AnyRecipient, how: str, *, receipts: bool) -> MailRecipient:
    made = MailRecipient(mail.letter.recipient_index(), EmailAddress(entry.primary), how, entry, receipts=receipts)
    named = parent.entry.name if parent.entry else ""
    made.chain = (*parent.chain, named)
    made.notify, made.orcpt = for_members(parent.notify) if how == "member" else parent.notify, parent.orcpt
    mail.recipients.append(made)
    return made
