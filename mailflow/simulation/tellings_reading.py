"""How people read the mail in their mailboxes, in words."""

from mailflow.names import HostName, MessageId, ServerName
from mailflow.trace import Telling, telling


@telling(
    "reading.asked",
    "mail client",
    level="story",
    rules=("ask_by_protocol",),
    sentence="The client of {person} asks for new mail by {protocol}: it opens TCP port {port} of {server}.",
)
class MailAsked(Telling):
    """Asked for new mail."""

    person: str
    protocol: str
    port: int


@telling(
    "reading.mapi",
    "client",
    level="story",
    rules=("read_by_mapi",),
    sentence="Outlook of {person} asks Store.exe on {server} for new mail by MAPI, inside remote procedure calls. No service of IIS takes part.",
)
class MapiAsked(Telling):
    """Asked the store for new mail."""

    person: str


@telling(
    "reading.failed",
    "mail client",
    level="story",
    rules=("service_listens", "find_home_server", "pass_request_on", "ask_store", "read_by_mapi", "find_no_mailbox"),
    sentence="{person} sees no mail by {protocol}: {why}.",
)
class ReadingFailed(Telling):
    """No mail is seen."""

    person: str
    protocol: str
    why: str


@telling(
    "reading.home",
    "IIS",
    level="story",
    rules=("find_home_server",),
    sentence="{server} is a front-end server. Its {protocol} service asks Active Directory which server holds the mailbox of {person}: {home}.",
)
class HomeFound(Telling):
    """Home server looked up."""

    person: str
    protocol: str
    home: ServerName


@telling(
    "reading.passed-on",
    "IIS",
    level="story",
    rules=("pass_request_on",),
    sentence="{server} passes the request on: it opens TCP port {port} of {host} and speaks {protocol} there, as a client would.",
)
class RequestPassedOn(Telling):
    """Request passed on to the back-end server."""

    protocol: str
    port: int
    host: HostName


@telling(
    "reading.to-store",
    "EXIPC",
    level="detail",
    rules=("ask_store",),
    sentence="The {protocol} service in {process} of {server} asks Store.exe through the pair of queues that EXIPC keeps for {protocol}.",
)
class StoreAsked(Telling):
    """Asked the store through EXIPC."""

    protocol: str
    process: str


@telling(
    "reading.read",
    "information store",
    level="story",
    rules=("ask_store", "read_by_mapi"),
    sentence="Store.exe of {server} opens the mailbox of {person} in {store} and finds {messages}.",
)
class MailFound(Telling):
    """Mail found in the mailbox."""

    person: str
    store: str
    messages: tuple[MessageId, ...]


@telling(
    "reading.empty",
    "information store",
    level="story",
    rules=("ask_store", "read_by_mapi"),
    sentence="Store.exe of {server} opens the mailbox of {person} in {store} and finds no message.",
)
class MailboxEmpty(Telling):
    """Mailbox is empty."""

    person: str
    store: str


@telling(
    "reading.shown",
    "mail client",
    level="story",
    rules=("ask_by_protocol", "pass_request_on", "read_by_mapi"),
    sentence="The answer{way} reaches the client of {person}, which shows it.",
)
class MailShown(Telling):
    """Answer shown."""

    person: str
    way: str
