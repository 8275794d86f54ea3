"""What servers say to each other on port 25, and what becomes of a link queue, in words."""

from mailflow.names import HostName, QueueName
from mailflow.trace import Telling, telling


@telling(
    "dns.mx",
    "SMTP service",
    level="detail",
    rules=("ask_mx",),
    sentence="{server} asks {peer} about the mail exchangers of a domain: {command} The answer: {reply}.{choice}",
)
class MxAsked(Telling):
    """MX records asked for."""

    peer: HostName
    command: str
    reply: str
    choice: str


@telling(
    "link.failed",
    "SMTP service",
    level="story",
    rules=("retry",),
    unsaid=("seconds", "cause"),
    sentence="{server} cannot reach {peer}: {why}. The link queue {link} goes into Retry; attempt {attempt} follows in {pause}, {phase}.",
)
class ConnectionFailed(Telling):
    """Connection failed."""

    peer: HostName
    why: str
    link: QueueName
    attempt: int
    pause: str
    phase: str
    seconds: float
    cause: str


@telling(
    "link.put-off",
    "SMTP service",
    level="story",
    rules=("retry",),
    unsaid=("seconds",),
    sentence="{peer} did not take all of it for now. What is left stays in the link queue {link}, in Retry; attempt {attempt} follows in {pause}, {phase}.",
)
class PutOff(Telling):
    """Put off by the other side."""

    peer: HostName
    link: QueueName
    attempt: int
    pause: str
    phase: str
    seconds: float


@telling(
    "link.held",
    "advanced queuing",
    level="story",
    rules=("hold_link",),
    unsaid=("seconds",),
    sentence="{mail} stays in the link queue {link} of {server}, which is in state {state}: {why}.",
)
class LinkHeld(Telling):
    """Link held."""

    link: QueueName
    state: str
    why: str
    seconds: float | None


@telling(
    "link.converted",
    "information store",
    level="detail",
    rules=("fetch_content", "content_format"),
    decision="format",
    sentence="Only now, with the session standing, does the SMTP service ask the store for the body of {mail}. IMAIL renders it as {format}.",
)
class Converted(Telling):
    """Content fetched and converted."""

    format: str


@telling(
    "link.no-content",
    "advanced queuing",
    level="story",
    rules=("fetch_content",),
    sentence="The body of {mail} lies in the store, and the {service} of {server} is stopped. The message moves to the Failed message retry queue.",
)
class ContentMissing(Telling):
    """Content not available."""

    service: str


@telling(
    "link.content-back",
    "advanced queuing",
    level="everything",
    rules=("fetch_content",),
    sentence="The store of {server} runs again, so {mail} goes back to Messages waiting to be routed.",
)
class ContentBack(Telling):
    """Content available again."""


@telling(
    "link.rerouted",
    "advanced queuing",
    level="story",
    rules=("reset_routes",),
    sentence="The table of {server} has changed, and the way of {mail} with it: it leaves the link queue {link} and is routed anew.",
)
class Rerouted(Telling):
    """Routed anew."""

    link: QueueName


@telling(
    "smtp.connect",
    "SMTP service",
    level="detail",
    rules=("open_session", "greet", "connection_control", "filter_commands", "_try_hosts"),
    sentence="{server} opens TCP port 25 of {peer} ({command}). {peer} answers {reply}.",
)
class Connected(Telling):
    """SMTP connection."""

    peer: HostName
    command: str
    reply: str


@telling(
    "smtp.connect-elsewhere",
    "SMTP service",
    level="detail",
    rules=("greet", "connection_control", "_try_hosts"),
    sentence=(
        "{server} opens TCP port {port} of {peer}, where the virtual server {virtual_server} listens ({command}). {peer} "
        "answers {reply}."
    ),
)
class ConnectedElsewhere(Telling):
    """SMTP connection to a virtual server that is not the usual one."""

    peer: HostName
    command: str
    reply: str
    port: int
    virtual_server: str


@telling(
    "smtp.ehlo",
    "SMTP service",
    level="detail",
    rules=("ehlo",),
    sentence="{server} says {command} to {peer}, which lists what it can do: {reply}.",
)
class Ehlo(Telling):
    """EHLO."""

    peer: HostName
    command: str
    reply: str


@telling(
    "smtp.helo",
    "SMTP service",
    level="detail",
    rules=("helo",),
    sentence="{server} says {command} to {peer}, the greeting without extensions. Answer: {reply}.",
)
class Helo(Telling):
    """HELO."""

    peer: HostName
    command: str
    reply: str


@telling(
    "smtp.authenticate",
    "SMTP service",
    level="detail",
    rules=("authenticate",),
    sentence="{server} offers {peer} a proof of who it is with {command}. Answer: {reply}.",
)
class Authenticated(Telling):
    """Authentication."""

    peer: HostName
    command: str
    reply: str


@telling(
    "smtp.mail",
    "SMTP service",
    level="detail",
    rules=("mail", "access_control", "transport_security", "sender_filter"),
    tracking=1020,
    sentence="{server} starts to send {mail} with {command}. {peer} answers {reply}.",
)
class MailFrom(Telling):
    """MAIL FROM."""

    peer: HostName
    command: str
    reply: str


@telling(
    "smtp.rcpt",
    "SMTP service",
    level="detail",
    rules=(
        "decide",
        "local_domain",
        "connection_filter",
        "recipient_filter",
        "connector_relay",
        "authenticated_relay",
        "list_of_computers",
        "canonical",
        "rcpt",
    ),
    decision="verdict",
    sentence="{server} names a recipient with {command}. {peer} answers {reply}, because {why}.",
)
class RcptTo(Telling):
    """RCPT TO."""

    peer: HostName
    command: str
    reply: str
    why: str


@telling(
    "smtp.xexch50",
    "SMTP service",
    level="detail",
    rules=("send_exchange_properties",),
    sentence="{server} offers {peer} the Exchange properties of {mail} with {command}: they say what has been done to it. Answer: {reply}.",
)
class Xexch50(Telling):
    """XEXCH50."""

    peer: HostName
    command: str
    reply: str


@telling(
    "smtp.content",
    "SMTP service",
    level="story",
    rules=("hand_over",),
    tracking=1031,
    sentence="{server} sends the content with {command}. {peer} answers {reply}: from now on {peer} answers for {recipients}, and {server} forgets them.",
)
class ContentSent(Telling):
    """Content transferred."""

    peer: HostName
    command: str
    reply: str
    recipients: tuple[str, ...]


@telling(
    "smtp.late-answer",
    "SMTP service",
    level="story",
    rules=("mistake_late_answer",),
    sentence="{server} sends {command} and waits. {peer} answers late and in several lines, {reply}. It takes {mail}, and {server} does "
    "not see that and will send it again.",
)
class AnswerMistaken(Telling):
    """Taken, and not noticed."""

    peer: HostName
    command: str
    reply: str


@telling(
    "smtp.content-refused",
    "SMTP service",
    level="detail",
    rules=("hand_over", "data"),
    sentence="{server} sends the content with {command}. {peer} does not take it: {reply}.",
)
class ContentRefused(Telling):
    """Content refused."""

    peer: HostName
    command: str
    reply: str


@telling(
    "smtp.quit",
    "SMTP service",
    level="detail",
    rules=("close_session",),
    sentence="{server} has nothing more to send to {peer} and says {command}. {peer} answers {reply}.",
)
class Quit(Telling):
    """QUIT."""

    peer: HostName
    command: str
    reply: str
