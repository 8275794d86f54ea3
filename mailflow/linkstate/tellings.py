"""What the routing engines say and do, in words."""

from mailflow.names import ConnectorName, GroupName, ServerName
from mailflow.trace import Telling, telling


@telling(
    "administrator.configured",
    "administrator",
    level="story",
    rules=("change_configuration",),
    sentence="An administrator changes the configuration in the directory: {what}.",
)
class ConfigurationChanged(Telling):
    """Configuration changed."""

    what: str


@telling(
    "routing.reported",
    "routing engine",
    level="story",
    rules=("report",),
    sentence="{server} tells its routing group master {peer} over TCP port 691: {what}.",
)
class Reported(Telling):
    """Reported to the master."""

    peer: ServerName
    what: str


@telling(
    "routing.kept",
    "routing engine",
    level="story",
    rules=("report",),
    sentence="{server} has news: {what}. Its routing group master {master} does not answer, so the report waits and the tables stay as they are.",
)
class ReportKept(Telling):
    """Report kept."""

    what: str
    master: str


@telling(
    "routing.raised",
    "routing engine",
    level="story",
    rules=("written", "configured", "is_up", "_virtual_server"),
    decision="version",
    sentence="{server}, the master of {group}, takes it in: {what}. It raises the {part} number of its routing group, from version {old} to {new}.",
)
class VersionRaised(Telling):
    """Version raised."""

    group: GroupName
    what: str
    part: str
    old: str
    new: str


@telling(
    "routing.pushed",
    "routing engine",
    level="story",
    rules=("_push",),
    decision="table",
    sentence="{server} gets the whole table from its master {peer} over TCP port 691 ({size} bytes). New in it: {news}.",
)
class TablePushed(Telling):
    """Table pushed."""

    peer: ServerName
    size: int
    news: str


@telling(
    "routing.given",
    "routing engine",
    level="story",
    rules=("give_to_master",),
    sentence="{server} hands what it learned to its own master {peer} over TCP port 691 ({size} bytes). New for the master: {news}.",
)
class TableGiven(Telling):
    """Passed on to the master."""

    peer: ServerName
    size: int
    news: str


@telling(
    "routing.held-back",
    "routing engine",
    level="detail",
    rules=("_hold_back",),
    sentence="{server} hears that {what} and holds it back for {seconds} seconds{cancelled}.",
)
class ChangeHeldBack(Telling):
    """Change held back."""

    what: str
    seconds: float
    cancelled: str


@telling(
    "routing.oscillates",
    "routing engine",
    level="story",
    rules=("_oscillates",),
    sentence="{server} hears of change number {number} of {connector} within {seconds} seconds. It takes the connector for an oscillating one and leaves it up.",
)
class Oscillates(Telling):
    """Oscillating connector left up."""

    number: int
    connector: ConnectorName
    seconds: float


@telling(
    "routing.conflict",
    "routing engine",
    level="story",
    rules=("learned",),
    sentence="{server} holds itself for the master of {group}, and the table that comes in names {other}. It rejects that entry.",
)
class TwoMasters(Telling):
    """Two masters."""

    group: GroupName
    other: str


@telling(
    "routing.read",
    "routing engine",
    level="everything",
    rules=("_reading",),
    sentence="{server} reads the routing group {group} from the directory, because no master speaks for it.",
)
class DirectoryRead(Telling):
    """Read from the directory."""

    group: GroupName


@telling(
    "routing.digest",
    "SMTP service",
    level="detail",
    rules=("compare", "digest"),
    sentence="{server} shows {peer} the digest of its table with {command}. {reply}",
)
class DigestsCompared(Telling):
    """Digests compared."""

    peer: ServerName
    command: str
    reply: str


@telling(
    "routing.orginfo",
    "SMTP service",
    level="story",
    rules=("send_table", "merged"),
    decision="table",
    sentence="{server} sends {peer} its whole table with {command} ({size} bytes in {chunks} chunks). New for {peer}: {news}.",
)
class TableSent(Telling):
    """Link state table sent."""

    peer: ServerName
    command: str
    size: int
    chunks: int
    news: str


@telling(
    "routing.by-mta",
    "MTA",
    level="story",
    rules=("by_mta",),
    decision="table",
    sentence="The MTA of {server} carries the whole table to {peer} over the X.400 connector {connector} ({size} bytes). New for {peer}: {news}.",
)
class TableCarried(Telling):
    """Link state table sent by the MTA."""

    peer: ServerName
    connector: ConnectorName
    size: int
    news: str


@telling(
    "routing.suppressed",
    "routing engine",
    level="story",
    rules=("suppress",),
    sentence="{server} has used up its glitch retries on {connector}, but its registry says SuppressStateChanges. The connector stays up and its mail waits.",
)
class ChangeSuppressed(Telling):
    """State change suppressed."""

    connector: ConnectorName


@telling(
    "routing.stays-up",
    "routing engine",
    level="story",
    rules=("stays_up",),
    sentence="{server} has used up its glitch retries on {connector}, but this connector is never marked down: {why}.",
)
class NeverDown(Telling):
    """Never marked down."""

    connector: ConnectorName
    why: str


@telling(
    "routing.left-up",
    "routing engine",
    level="story",
    rules=("leave_up_without_alternative",),
    sentence="{server} has used up its glitch retries on {connector}, but there is no other way, so the connector stays up and its mail waits in the link queue.",
)
class LeftUp(Telling):
    """Connector left up."""

    connector: ConnectorName


@telling(
    "routing.gave-up",
    "routing engine",
    level="story",
    rules=("connection_failed",),
    sentence="{server} has used up its glitch retries on {connector}. From now on it tries the other end every {seconds} seconds, with or without mail.",
)
class GivenUp(Telling):
    """Connector given up."""

    connector: ConnectorName
    seconds: float


@telling(
    "routing.reached",
    "routing engine",
    level="story",
    rules=("probe",),
    sentence="{server} reaches the other end of {connector} again when it tries it, as it does every {seconds} seconds.",
)
class Reached(Telling):
    """Connector works again."""

    connector: ConnectorName
    seconds: float


@telling(
    "routing.lost",
    "routing engine",
    level="story",
    rules=("lose_master", "_polled"),
    sentence="{server} loses the connection to its routing group master {peer}. It goes on with the table it has, and nobody takes over the role.",
)
class MasterLost(Telling):
    """Master lost."""

    peer: ServerName


@telling(
    "routing.stopped",
    "routing engine",
    level="story",
    rules=("forget_table",),
    sentence="The routing engine of {server} stops. Its link state table was in memory only and is gone.",
)
class TableForgotten(Telling):
    """Table forgotten."""


@telling(
    "routing.started",
    "routing engine",
    level="story",
    rules=("start_engine", "from_directory"),
    sentence="The routing engine of {server} starts. It reads the directory{contact}. New for it: {news}.",
)
class TableRebuilt(Telling):
    """Table rebuilt."""

    contact: str
    news: str


@telling(
    "routing.returned",
    "routing engine",
    level="story",
    rules=("master_returns",),
    sentence="{server}, the master of {group}, is back. It checks the state of the other servers, rebuilds its table and works off its State Change Queue (length {number}).",
)
class MasterReturned(Telling):
    """Master back."""

    group: GroupName
    number: int


@telling(
    "routing.attached",
    "routing engine",
    level="everything",
    rules=("_returns",),
    sentence="{server} connects to its master {peer} on TCP port 691 again.",
)
class Attached(Telling):
    """Attached again."""

    peer: ServerName


@telling(
    "routing.moved",
    "administrator",
    level="story",
    rules=("move_master",),
    sentence="An administrator makes {name} the master of {group} in place of {old}.{lag}",
)
class MasterMoved(Telling):
    """Master moved."""

    name: ServerName
    group: GroupName
    old: str
    lag: str


@telling(
    "routing.stood-down",
    "routing engine",
    level="detail",
    rules=("move_master",),
    sentence="The directory has reached {server}: it learns that {peer} is the master of {group} now, and attaches to it.",
)
class StoodDown(Telling):
    """Old master stands down."""

    peer: ServerName
    group: GroupName


@telling(
    "routing.no-master",
    "routing engine",
    level="story",
    rules=("miss_master",),
    sentence="{server} logs event 958, a warning of MSExchangeTransport: the master of {group} is an object that no longer exists. No link state updates until an administrator names another master.",
)
class NoMaster(Telling):
    """No valid master."""

    group: GroupName


@telling(
    "administrator.deleted",
    "administrator",
    level="story",
    rules=("delete_server",),
    sentence="Somebody deletes the server {name} from the directory and switches it off. {master}",
)
class ServerDeleted(Telling):
    """Server deleted."""

    name: ServerName
    master: str
