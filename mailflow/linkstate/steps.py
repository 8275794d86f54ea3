"""The steps of link state: what the routing engines say and do, in words."""

from __future__ import annotations

from mailflow.trace import step

ENGINE = "routing engine"

REPORTED = step(
    "routing.reported",
    "Reported to the master",
    ENGINE,
    rule="report",
    sentence="{server} tells its routing group master {peer} over TCP port 691: {what}.",
)
KEPT = step(
    "routing.kept",
    "Report kept",
    ENGINE,
    rule="report",
    sentence=(
        "{server} has news: {what}. Its routing group master {master} does not answer, so the report waits "
        "and the tables stay as they are."
    ),
)
RAISED = step(
    "routing.raised",
    "Version raised",
    ENGINE,
    rule="written",
    decision="version",
    sentence=(
        "{server}, the master of {group}, takes it in: {what}. It raises the {part} number of its routing "
        "group, from version {old} to {new}."
    ),
)
PUSHED = step(
    "routing.pushed",
    "Table pushed",
    ENGINE,
    rule="_push",
    decision="table",
    sentence="{server} gets the whole table from its master {peer} over TCP port 691 ({size} bytes). New in it: {news}.",
)
GIVEN = step(
    "routing.given",
    "Passed on to the master",
    ENGINE,
    rule="_push",
    sentence=(
        "{server} hands what it learned to its own master {peer} over TCP port 691 ({size} bytes). New for "
        "the master: {news}."
    ),
)
HELD_BACK = step(
    "routing.held-back",
    "Change held back",
    ENGINE,
    rule="_hold_back",
    sentence="{server} hears that {what} and holds it back for {seconds} seconds{cancelled}.",
)
OSCILLATES = step(
    "routing.oscillates",
    "Oscillating connector left up",
    ENGINE,
    rule="_oscillates",
    sentence=(
        "{server} hears of change number {count} of {connector} within {seconds} seconds. It takes the "
        "connector for an oscillating one and leaves it up."
    ),
)
CONFLICT = step(
    "routing.conflict",
    "Two masters",
    ENGINE,
    rule="learned",
    sentence=(
        "{server} holds itself for the master of {group}, and the table that comes in names {other}. It "
        "rejects that entry."
    ),
)
READ = step(
    "routing.read",
    "Read from the directory",
    ENGINE,
    rule="_reading",
    sentence="{server} reads the routing group {group} from the directory, because no master speaks for it.",
)
DIGEST = step(
    "routing.digest",
    "Digests compared",
    "SMTP service",
    rule="compare",
    sentence="{server} shows {peer} the digest of its table with {command}. {reply}",
)
ORGINFO = step(
    "routing.orginfo",
    "Link state table sent",
    "SMTP service",
    rule="send_table",
    decision="table",
    sentence=(
        "{server} sends {peer} its whole table with {command} ({size} bytes in {chunks} chunks). New for "
        "{peer}: {news}."
    ),
)
BY_MTA = step(
    "routing.by-mta",
    "Link state table sent by the MTA",
    "MTA",
    rule="by_mta",
    decision="table",
    sentence=(
        "The MTA of {server} carries the whole table to {peer} over the X.400 connector {connector} ({size} "
        "bytes). New for {peer}: {news}."
    ),
)
SUPPRESSED = step(
    "routing.suppressed",
    "State change suppressed",
    ENGINE,
    rule="suppress",
    sentence=(
        "{server} has used up its glitch retries on {connector}, but its registry says SuppressStateChanges. "
        "The connector stays up and its mail waits."
    ),
)
STAYS_UP = step(
    "routing.stays-up",
    "Never marked down",
    ENGINE,
    rule="stays_up",
    sentence="{server} has used up its glitch retries on {connector}, but this connector is never marked down: {why}.",
)
LEFT_UP = step(
    "routing.left-up",
    "Connector left up",
    ENGINE,
    rule="leave_up_without_alternative",
    sentence=(
        "{server} has used up its glitch retries on {connector}, but there is no other way, so the connector "
        "stays up and its mail waits in the link queue."
    ),
)
GAVE_UP = step(
    "routing.gave-up",
    "Connector given up",
    ENGINE,
    rule="connection_failed",
    sentence=(
        "{server} has used up its glitch retries on {connector}. From now on it tries the other end every "
        "{seconds} seconds, with or without mail."
    ),
)
REACHED = step(
    "routing.reached",
    "Connector works again",
    ENGINE,
    rule="probe",
    sentence="{server} reaches the other end of {connector} again when it tries it, as it does every {seconds} seconds.",
)
LOST = step(
    "routing.lost",
    "Master lost",
    ENGINE,
    rule="lose_master",
    sentence=(
        "{server} loses the connection to its routing group master {peer}. It goes on with the table it has, "
        "and nobody takes over the role."
    ),
)
STOPPED = step(
    "routing.stopped",
    "Table forgotten",
    ENGINE,
    rule="forget_table",
    sentence="The routing engine of {server} stops. Its link state table was in memory only and is gone.",
)
STARTED = step(
    "routing.started",
    "Table rebuilt",
    ENGINE,
    rule="start_engine",
    sentence=(
        "The routing engine of {server} starts. It reads the directory, connects to {peer} on TCP port 691 "
        "and asks for the current states. New for it: {news}."
    ),
)
RETURNED = step(
    "routing.returned",
    "Master back",
    ENGINE,
    rule="master_returns",
    sentence=(
        "{server}, the master of {group}, is back. It checks the state of the other servers, rebuilds its "
        "table and works off its State Change Queue ({count} changes)."
    ),
)
ATTACHED = step(
    "routing.attached",
    "Attached again",
    ENGINE,
    rule="start_engine",
    sentence="{server} connects to its master {peer} on TCP port 691 again.",
)
MOVED = step(
    "routing.moved",
    "Master moved",
    "administrator",
    rule="move_master",
    sentence="An administrator makes {name} the master of {group} in place of {old}.{lag}",
)
STOOD_DOWN = step(
    "routing.stood-down",
    "Old master stands down",
    ENGINE,
    rule="move_master",
    sentence="The directory has reached {server}: it learns that {peer} is the master of {group} now, and attaches to it.",
)
NO_MASTER = step(
    "routing.no-master",
    "No valid master",
    ENGINE,
    rule="miss_master",
    sentence=(
        "{server} logs event 958, a warning of MSExchangeTransport: the master of {group} is an object that "
        "no longer exists. No link state updates until an administrator names another master."
    ),
)
DELETED = step(
    "administrator.deleted",
    "Server deleted",
    "administrator",
    rule="delete_server",
    sentence="Somebody deletes the server {name} from the directory and switches it off. {master}",
)
CONFIGURED = step(
    "administrator.configured",
    "Configuration changed",
    "administrator",
    rule="change_configuration",
    sentence="An administrator changes the configuration in the directory: {what}.",
)
