"""What happens to a message on one server, in words."""

from mailflow.names import ConnectorName, EmailAddress, HostName, QueueName, ServerName
from mailflow.trace import Telling, telling


@telling(
    "submission.outbox-waits",
    "client",
    level="story",
    rules=("submit_by_mapi",),
    sentence="{mail} stays in {queue}: Outlook cannot submit it while the {gate} of {server} is stopped.",
)
class OutboxWaits(Telling):
    """Waiting in the Outbox."""

    queue: QueueName
    gate: str


@telling(
    "submission.to-store",
    "information store",
    level="detail",
    rules=("submit_by_mapi",),
    sentence="Outlook hands {mail} from {sender} to Store.exe on {server} by MAPI, inside remote procedure calls. The store puts it into its send queue.",
)
class HandedToStore(Telling):
    """Handed to the information store."""

    sender: str


@telling(
    "submission.to-exipc",
    "EXIPC",
    level="detail",
    rules=("cross_exipc_to_iis",),
    decision="queue",
    sentence="Store.exe puts a handle on {mail} into Store_out_queue of EXIPC. The content stays in the store; only the handle crosses to Inetinfo.exe.",
)
class HandedToExipc(Telling):
    """Handed to EXIPC."""


@telling(
    "submission.exipc-backs-up",
    "EXIPC",
    level="story",
    rules=("cross_exipc_to_iis",),
    sentence="{mail} stays in {queue} of {server}: the {gate} service on the other side does not take it. The growing queue shows which process is the slower one.",
)
class ExipcBacksUp(Telling):
    """EXIPC backs up."""

    queue: QueueName
    gate: str


@telling(
    "submission.from-store",
    "store driver",
    level="detail",
    rules=("make_mailmsg",),
    tracking=1027,
    sentence="The store driver in Inetinfo.exe makes the MailMsg object {mail}: an envelope for {recipients} and a pointer to the content in {content}.",
)
class MailMsgMade(Telling):
    """MailMsg made."""

    recipients: tuple[str, ...]
    content: str


@telling(
    "submission.picked-up",
    "SMTP service",
    level="detail",
    rules=("submit_by_pickup",),
    sentence="A text file lies in the Pickup folder of {server}. The SMTP service reads the envelope for {recipients} from it and makes the MailMsg {mail}. Nobody is asked for a password.",
)
class PickedUp(Telling):
    """Picked up."""

    recipients: tuple[str, ...]


@telling(
    "submission.pickup-waits",
    "SMTP service",
    level="story",
    rules=("submit_by_pickup",),
    sentence="The file of {mail} stays in {queue} of {server}: the {gate} service does not run.",
)
class PickupWaits(Telling):
    """Waiting in Pickup."""

    queue: QueueName
    gate: str


@telling(
    "submission.from-mta",
    "MTA",
    level="detail",
    rules=("submit_from_mta",),
    tracking=0,
    sentence="The MTA of {server} passes {mail} to the store driver, which submits it to advanced queuing.",
)
class TakenFromMta(Telling):
    """Taken over from the MTA."""


@telling(
    "queuing.submitted",
    "advanced queuing",
    level="detail",
    rules=("submit",),
    tracking=1019,
    sentence="{mail} is submitted to the advanced queuing engine of {server}, which every message passes, even one that stays on this server.",
)
class Submitted(Telling):
    """Submitted to advanced queuing."""


@telling(
    "queuing.pending",
    "advanced queuing",
    level="detail",
    rules=("run_submission_sinks",),
    tracking=1025,
    sentence="{mail} enters Messages pending submission, where the sinks of the OnSubmission event, such as a virus scanner, see it first.",
)
class PendingSubmission(Telling):
    """Pending submission."""


@telling(
    "queuing.awaiting-lookup",
    "advanced queuing",
    level="detail",
    rules=("wait_for_directory",),
    tracking=1024,
    decision="queue",
    sentence="{mail} moves to Messages awaiting directory lookup and stays there while the categorizer works on it.",
)
class AwaitingLookup(Telling):
    """Awaiting directory lookup."""


@telling(
    "queuing.lookup-retry",
    "categorizer",
    level="story",
    rules=("wait_for_directory",),
    tracking=1032,
    sentence="{mail} stays in {queue} of {server}: the categorizer cannot work, because the {gate} does not answer.",
)
class LookupRetry(Telling):
    """Categorization put off."""

    queue: QueueName
    gate: str


@telling(
    "categorizer.no-journal",
    "categorizer",
    level="story",
    rules=("hold_without_journal",),
    sentence="{mail} stays in Messages awaiting directory lookup of {server}: {store} archives its mail in the mailbox {mailbox}, which is gone.",
)
class JournalGone(Telling):
    """Journal mailbox gone."""

    store: str
    mailbox: str


@telling(
    "categorizer.no-permissions",
    "categorizer",
    level="story",
    rules=("hold_without_permissions",),
    sentence="{mail} stays in {queue} of {server}: the categorizer cannot go on, because permissions are missing on the {gate}.",
)
class PermissionsMissing(Telling):
    """Permissions missing."""

    queue: QueueName
    gate: str


@telling(
    "queuing.lists",
    "advanced queuing",
    level="story",
    rules=("look_through_lists", "look_through_connectors"),
    sentence="{mail} stays in {queue} of {server} while {names} names on the lists of senders of {what} are looked through.",
)
class ListsLookedThrough(Telling):
    """Lists of senders looked through."""

    names: int
    what: str
    queue: QueueName


@telling(
    "queuing.held",
    "advanced queuing",
    level="story",
    rules=("wait_for_service",),
    sentence="{mail} stays in {queue} of {server}, because the {gate} service does not run.",
)
class HeldBack(Telling):
    """Held back."""

    queue: QueueName
    gate: str


@telling(
    "queuing.frozen",
    "advanced queuing",
    level="story",
    rules=("hold_frozen",),
    sentence="{mail} stays in {queue} of {server}: {gate}.",
)
class QueueFrozen(Telling):
    """Queue is frozen."""

    queue: QueueName
    gate: str


@telling(
    "queuing.sink-hangs",
    "advanced queuing",
    level="story",
    rules=("run_submission_sinks",),
    sentence="{mail} stays in {queue} of {server}: the {gate} sink does not come back.",
)
class SinkHangs(Telling):
    """Sink does not answer."""

    queue: QueueName
    gate: str


@telling(
    "queuing.deferred",
    "advanced queuing",
    level="story",
    rules=("defer_delivery",),
    sentence="{mail} goes to Messages queued for deferred delivery: its sender asked not to deliver it before {until}.",
)
class Deferred(Telling):
    """Deferred."""

    until: str


@telling(
    "delivery.deferred",
    "advanced queuing",
    level="story",
    rules=("defer_for_mailbox",),
    sentence="{mail} goes to Messages queued for deferred delivery on {server}: the mailbox of {recipient} {why}. It comes round every 30 minutes.",
)
class MailboxNotReady(Telling):
    """Mailbox takes nothing now."""

    recipient: EmailAddress
    why: str


@telling(
    "queuing.hops",
    "advanced queuing",
    level="story",
    rules=("count_hops",),
    sentence="{mail} carries {hops} Received lines, more than the {most} that the virtual server of {server} allows: it goes in circles.",
)
class TooManyHops(Telling):
    """Hops counted."""

    hops: int
    most: int


@telling(
    "categorizer.sender",
    "categorizer",
    level="everything",
    rules=("resolve_sender",),
    sentence="The categorizer of {server} looks up the sender {sender} among the proxyAddresses in Active Directory: {found}. Limits and restrictions depend on who sends.",
)
class SenderResolved(Telling):
    """Sender resolved."""

    sender: str
    found: str


@telling(
    "categorizer.recipients",
    "categorizer",
    level="everything",
    rules=("resolve_recipients", "resolve"),
    sentence="The categorizer looks up {recipients} in the same way: {found}.",
)
class RecipientsResolved(Telling):
    """Recipients resolved."""

    recipients: tuple[str, ...]
    found: tuple[str, ...]


@telling(
    "categorizer.expanded",
    "categorizer",
    level="story",
    rules=("expand_group",),
    sentence="The categorizer replaces the {kind} {group} by its members: {members}.{skipped}",
)
class Expanded(Telling):
    """Group expanded."""

    kind: str
    group: str
    members: tuple[str, ...]
    skipped: str


@telling(
    "categorizer.expands-elsewhere",
    "categorizer",
    level="detail",
    rules=("expand_group",),
    sentence="The group {group} names {other} as its expansion server, so {server} leaves it whole and sends the message there.",
)
class ExpandsElsewhere(Telling):
    """Left to the expansion server."""

    group: str
    other: ServerName


@telling(
    "categorizer.forwarded",
    "categorizer",
    level="story",
    rules=("forward",),
    tracking=1042,
    sentence="{recipient} has an alternate recipient: the message goes to {other} {kept}.",
)
class Forwarded(Telling):
    """Sent on to another recipient."""

    recipient: EmailAddress
    other: EmailAddress
    kept: str


@telling(
    "categorizer.target",
    "categorizer",
    level="detail",
    rules=("rewrite_to_target",),
    sentence="{recipient} is a contact: the message is addressed to its target address {target} from here on.",
)
class Rewritten(Telling):
    """Rewritten to the target address."""

    recipient: EmailAddress
    target: str


@telling(
    "categorizer.unknown",
    "categorizer",
    level="detail",
    rules=("treat_unknown",),
    sentence="Nobody in the directory has the address {recipient}. {why}",
)
class RecipientUnknown(Telling):
    """Recipient unknown."""

    recipient: EmailAddress
    why: str


@telling(
    "categorizer.limits",
    "categorizer",
    level="everything",
    rules=("apply_limits", "recipient_limit", "send_limit_kb"),
    sentence="The categorizer checks restrictions and limits. {size} KB, sending limit {limit}, {number} of at most {most} recipients: {verdict}.",
)
class LimitsChecked(Telling):
    """Restrictions and limits checked."""

    size: str
    limit: str
    number: int
    most: int | str
    verdict: str


@telling(
    "categorizer.journaled",
    "categorizer",
    level="detail",
    rules=("journal",),
    sentence="The mailbox store {store} archives its mail, so the categorizer adds the journal mailbox {journal} ({kind} journaling).",
)
class Journaled(Telling):
    """Journal recipient added."""

    store: str
    journal: EmailAddress
    kind: str


@telling(
    "categorizer.journal-report",
    "categorizer",
    level="story",
    rules=("report_envelope",),
    sentence="The categorizer makes the journal report {mail} for {recipients}: a message of its own, {size} bytes, from the empty sender, with the original attached.",
)
class JournalReported(Telling):
    """Journal report made."""

    recipients: tuple[str, ...]
    size: int


@telling(
    "categorizer.bifurcated",
    "categorizer",
    level="story",
    rules=("bifurcate",),
    sentence="The categorizer makes the copy {mail} for {recipients}, because {why}. The copy lies in the temp tables of the store and shares the content.",
)
class Bifurcated(Telling):
    """Copy made."""

    recipients: tuple[str, ...]
    why: str


@telling(
    "categorizer.categorized",
    "categorizer",
    level="story",
    rules=("mark_recipients",),
    tracking=1033,
    decision="queue",
    sentence="{mail} is marked {mark} for {recipients}{format} and moves to Messages waiting to be routed.",
)
class Categorized(Telling):
    """Categorized."""

    mark: str
    recipients: tuple[str, ...]
    format: str


@telling(
    "queuing.routing-waits",
    "advanced queuing",
    level="story",
    rules=("ask_routing_engine",),
    tracking=1035,
    sentence="{mail} stays in {queue} of {server}: the {gate} is stopped, so nobody can say where it goes next.",
)
class RoutingWaits(Telling):
    """Not routed yet."""

    queue: QueueName
    gate: str


@telling(
    "queuing.routed",
    "routing engine",
    level="story",
    rules=(
        "same_routing_group",
        "cheapest_way",
        "own_connector",
        "forward_unresolved",
        "smart_host_of_virtual_server",
        "dns_of_virtual_server",
    ),
    tracking=1034,
    decision="next hop",
    unsaid=("connector",),
    sentence="The routing engine of {server} gives the next hop for {destination}: {why}. {mail} joins the link queue {link}.",
)
class Routed(Telling):
    """Routed."""

    destination: str
    why: str
    link: QueueName
    connector: ConnectorName


@telling(
    "queuing.unreachable",
    "routing engine",
    level="story",
    rules=("keep_unreachable", "wait_for_closest_space", "every_way_down", "no_connector_leads_there"),
    decision="queue",
    sentence="The routing engine of {server} finds no way to {destination}: {why}. {mail} waits in Messages with an unreachable destination until the routes are worked out anew.",
)
class Unreachable(Telling):
    """Destination unreachable."""

    destination: str
    why: str


@telling(
    "queuing.routed-anew",
    "advanced queuing",
    level="everything",
    rules=("keep_unreachable",),
    sentence="The routes of {server} were worked out anew, so {mail} goes back to Messages waiting to be routed.",
)
class RoutedAnew(Telling):
    """Routed anew."""


@telling(
    "delivery.queued",
    "advanced queuing",
    level="detail",
    rules=("queue_for_local_delivery",),
    tracking=1036,
    decision="queue",
    sentence="The mailbox store {store} of {recipients} is on {server} itself, so {mail} goes to Local delivery. No SMTP session is needed.",
)
class QueuedLocally(Telling):
    """Queued for local delivery."""

    store: str
    recipients: tuple[str, ...]


@telling(
    "delivery.waits",
    "advanced queuing",
    level="story",
    rules=("wait_for_store",),
    tracking=1037,
    sentence="{mail} stays in Local delivery of {server}, which is in state Retry: {gate} cannot take it.",
)
class StoreWaits(Telling):
    """Local delivery in retry."""

    gate: str


@telling(
    "delivery.no-success",
    "advanced queuing",
    level="story",
    rules=("wait_for_success",),
    sentence="{mail} stays in Local delivery of {server}: the virus scanner inside {store} deleted it because of {attachment}, and no success is told.",
)
class ScannerDeleted(Telling):
    """Deleted in the store, success awaited."""

    store: str
    attachment: str


@telling(
    "delivery.to-store",
    "EXIPC",
    level="detail",
    rules=("cross_exipc_to_store",),
    tracking=1023,
    sentence="The store driver in Inetinfo.exe puts {mail} into Client_out_queue of EXIPC, which leads to the store process.",
)
class CrossedToStore(Telling):
    """Handed to the store."""


@telling(
    "delivery.delivered",
    "information store",
    level="story",
    rules=("deliver_to_mailbox",),
    tracking=1028,
    sentence="The information store of {server} takes {mail} from EXIPC and writes it into {store}. {recipients} can read it.",
)
class Delivered(Telling):
    """Delivered."""

    store: str
    recipients: tuple[str, ...]


@telling(
    "mta.handed",
    "advanced queuing",
    level="detail",
    rules=("hand_to_mta", "cheapest_way", "own_connector", "same_routing_group"),
    tracking=1038,
    decision="next hop",
    sentence="{destination} is reached by X.400 ({why}), so {server} queues {mail} for the Microsoft MTA instead of a link queue.",
)
class HandedToMta(Telling):
    """Queued for the MTA."""

    destination: str
    why: str


@telling(
    "mta.waits",
    "MTA",
    level="story",
    rules=("hand_to_mta",),
    sentence="{mail} stays in {queue} of {server}: the {gate} is stopped or the other end cannot be reached.",
)
class MtaWaits(Telling):
    """MTA does not run."""

    queue: QueueName
    gate: str


@telling(
    "mta.scheduled",
    "MTA",
    level="story",
    rules=("hand_to_mta",),
    sentence="{mail} stays in {queue} of {server}: the connector opens at {opens}.",
)
class MtaScheduled(Telling):
    """MTA waits for the schedule."""

    queue: QueueName
    opens: str


@telling(
    "mta.transferred",
    "MTA",
    level="story",
    rules=("hand_to_mta", "by_rpc"),
    tracking=7,
    sentence="The MTA of {server} transfers {mail} {way} to {target}.",
)
class MtaTransferred(Telling):
    """Transferred by the MTA."""

    way: str
    target: HostName


@telling(
    "notification.bounced",
    "advanced queuing",
    level="story",
    rules=(
        "non_delivery",
        "may_send_to",
        "receive_limit_kb",
        "forward",
        "return_from_own_domain",
        "return_from_journals",
        "wait_for_store",
        "wait_for_success",
        "deliver_to_mailbox",
        "hand_to_mta",
        "keep_unreachable",
        "_named_hosts",
        "no_way_admits",
        "no_connector_leads_there",
        "no_space_admits",
        "no_space_matches",
        "no_gateway",
        "own_name_is_a_domain",
        "too_large_for_group",
        "keep_to_size",
    ),
    tracking=1030,
    sentence="{server} gives up on {recipients} with status {code}: {why}. {text}",
)
class Bounced(Telling):
    """Non-delivery decided."""

    recipients: tuple[str, ...]
    code: str
    why: str
    text: str


@telling(
    "notification.badmail",
    "advanced queuing",
    level="story",
    rules=("never_report_a_report",),
    tracking=1021,
    sentence="{server} cannot deliver {mail}, which is itself a notification ({code}: {why}). Nobody is notified about a notification, so it goes to the BadMail folder.",
)
class MovedToBadMail(Telling):
    """Moved to Badmail."""

    code: str
    why: str


@telling(
    "journal.badmail",
    "advanced queuing",
    level="story",
    rules=("drop_journal_copy",),
    tracking=1021,
    sentence="{server} cannot deliver {mail}, the copy for a journal mailbox ({code}: {why}). The sender did not ask for it and is told nothing, so it goes to the BadMail folder.",
)
class JournalCopyLost(Telling):
    """Journal copy moved to Badmail."""

    code: str
    why: str


@telling(
    "notification.unwanted",
    "advanced queuing",
    level="story",
    rules=("keep_silent",),
    sentence="{server} tells nobody of this {kind} for {recipients}, because the sender asked for it: NOTIFY={notify}.",
)
class ReportUnwanted(Telling):
    """Report unwanted."""

    kind: str
    recipients: tuple[str, ...]
    notify: str


@telling(
    "notification.made",
    "advanced queuing",
    level="story",
    rules=("report_to_sender",),
    sentence="{server} writes a delivery status notification ({kind}, {code}) to {sender} and puts it into DSN messages pending submission, because a sender must learn what became of the mail.",
)
class NotificationMade(Telling):
    """Notification made."""

    kind: str
    code: str
    sender: EmailAddress


@telling(
    "notification.waiting",
    "advanced queuing",
    level="story",
    rules=("dsn_needs_store",),
    sentence="{mail} stays in {queue} of {server}: the {gate} is stopped, and notifications are submitted through it.",
)
class NotificationWaits(Telling):
    """Notification waits."""

    queue: QueueName
    gate: str


@telling(
    "notification.late",
    "advanced queuing",
    level="story",
    rules=("delay_notification",),
    sentence="{mail} has waited {hours} hours on {server} for {recipients}. Delivery goes on, but the sender will be told about the delay.",
)
class DelayNoticed(Telling):
    """Delay noticed."""

    hours: str
    recipients: tuple[str, ...]
