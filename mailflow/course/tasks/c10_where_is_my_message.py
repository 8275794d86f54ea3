"""Notebook 10: logs for the Internet on as few servers as will do, last entries of mail that is stuck, and what logs do not know."""

from dataclasses import replace

from mailflow.course.exercises import SCRIPT, SETTINGS, Verdict, exercise
from mailflow.course.probes import DAY, Objection, ends, letter, needs, sent_by_people, with_people
from mailflow.facts.words import counted, listed
from mailflow.organization import Organization, load
from mailflow.simulation import Scenario
from mailflow.tools.tracking_center import WAITING, Answer, tracking_center
from mailflow.tools.tracking_log import tracked
from mailflow.tools.tracking_rows import TrackingRow
from mailflow.tools.tracking_walk import SENT
from mailflow.trace import Trace

OUTSIDE = ("kim@fabrikam.com", "lee@northwindtraders.com")
GATEWAYS = ("LON01", "NYC01", "SEA01")
DAYS = 30
SAME = {"delivered": "delivered", "returned": "bounced", "stuck": "waiting", "handed on": "relayed"}
"""What became of a message when the log is right and complete, by its verdict."""


def only_tracking(organization: Organization, name: str) -> None:
    """See that nothing but message tracking differs from a ready-made organization.

    Raises:
        Objection: something else does.
    """
    usual = load(name)
    servers = tuple(
        replace(item, message_tracking=False, subject_logging=False, tracking_days=7) for item in organization.servers
    )
    needs(
        replace(organization, servers=servers, server_policies=()) == usual,
        f"Change the tracking of the servers of mailflow.load({name!r}) and nothing else.",
    )


@exercise(
    "only the gateways",
    'In "worldwide", have a log of every message that leaves for the Internet, whoever writes it and whichever gateway takes it. Keep it for '
    "at least thirty days, without subjects, and let no server track for nothing.",
    takes=SETTINGS,
    notebook="10",
    hints=(
        "Which servers hand mail to hosts outside? Look for the SMTP connectors.",
        "There are three, each with one bridgehead. Not all have the address space *, and which one is taken depends on where the writer sits.",
        'mailflow.reconfigure(world, "LON01", message_tracking=True, tracking_days=30) is a third of it.',
    ),
    solution="""
world = mailflow.load("worldwide")
for name in ("LON01", "NYC01", "SEA01"):
    world = mailflow.reconfigure(world, name, message_tracking=True, tracking_days=30)
attempt = world

# Why: handing over to a foreign system is visible in the log of the server with the connector, and nowhere else. New York
# takes mail for Fabrikam, London or Seattle the rest, whichever is cheaper from where the writer sits, and either of them
# everything while the other is away. Any other log would cost room for nothing.
""",
)
def only_the_gateways(organization: Organization) -> Verdict:
    """People of every routing group write out, with every gateway at work and with each of them away."""
    only_tracking(organization, "worldwide")
    on = {name: organization.tracking(item) for name, item in organization.server.items()}
    used: set[str] = set()
    for away in ("", *GATEWAYS):
        used |= _handed_out(organization, away)
    for name, policy in on.items():
        if policy is None:
            continue
        needs(name in used, f"{name} tracks messages, and hands nothing to the Internet.")
        needs(not policy.subject_logging, f"The log of {name} holds subjects.")
        kept = policy.tracking_days
        needs(kept is None or kept >= DAYS, f"{name} keeps its log for {counted(kept or 0, 'day')}. It takes {DAYS}.")
    return True, f"The logs of {listed(sorted(used))} have all of it, and no other server tracks."


def _handed_out(organization: Organization, away: str) -> set[str]:
    """The servers that handed mail to hosts outside, after each message was seen to be in a log that says so."""
    groups = {item.routing_group: item.name for item in organization.servers if item.name != away}
    crowd = with_people(organization, **{f"probe{number}": name for number, name in enumerate(groups.values())})
    scenario = Scenario(crowd)
    if away:
        scenario.fail(away)
    for number in range(len(groups)):
        scenario.send(letter(f"probe{number}@{crowd.domain}", OUTSIDE), at=600 + number)
    trace = scenario.run(until=7200)
    center, outside = tracking_center(trace), {item.name for item in crowd.external_hosts}
    logs = {address: center.find(recipients=address) for address in OUTSIDE}
    used = set()
    for name in sent_by_people(trace):
        sender = str(trace.messages[name]["sender"])
        for address in (item for item, (state, _) in ends(trace, name).items() if state == "relayed"):
            rows = [row for item in logs[address] if item.sender == sender for stop in item.stops for row in stop.rows]
            logged = {
                row.server for row in rows if row.event == SENT and row.recipient == address and row.partner in outside
            }
            home = trace.organization["homes"][sender]
            without = f" while {away} is away" if away else ""
            needs(logged, f"Somebody on {home} writes to {address}{without}: no log says who handed it out.")
            used |= logged
    return used


@exercise(
    "last entries",
    'In "four corners" with message tracking, leave Sara\'s message to Bruno stuck for a day: with three different last entries in the log.',
    takes=SCRIPT,
    notebook="10",
    ways=3,
    hints=(
        "The last entry names the queue, and the queue names the part that is away. Which parts are there on the way from Sara to Bruno?",
        "The global catalog, the routing engine, the next server, the store at the end. Stop or fail one of them in each run.",
        'stop("global catalog", "SEA02") leaves 1032, fail("BRU02") leaves 1034 on the way to it. Now the store of BRU02.',
    ),
    solution="""
four = mailflow.load("four corners")
for name in four.server:
    four = mailflow.reconfigure(four, name, message_tracking=True)
which = mailflow.Message.write("sara@contoso.com", "bruno@contoso.com")
attempt = [
    mailflow.Scenario(four).stop("global catalog", "SEA02").send(which, at=1),
    mailflow.Scenario(four).fail("BRU02").send(which, at=1),
    mailflow.Scenario(four).stop("Mailbox Store", "BRU02").send(which, at=1),
]

# Why: a message waits in front of the part that is away, and the last entry tells what was done before. So from the last
# entry one knows the queue, and from the queue the part. On which server it is does not matter for that.
""",
)
def last_entries(scenario: Scenario) -> Verdict:
    """The way is the number of the last entry, as the tracking center finds it."""
    only_tracking(scenario.organization, "four corners")
    trace = scenario.run(until=DAY)
    answer, rows = _followed(trace, "sara@contoso.com", "bruno@contoso.com")
    state = ends(trace, sent_by_people(trace)[0])["bruno@contoso.com"][0]
    needs(state == "waiting", f"After a day the message to Bruno is {state}. It should still wait.")
    needs(answer.verdict == "stuck", f"The message waits, and the log says only: {answer.says}.")
    last = rows[-1].event
    return True, f"{last}, {WAITING[last]}"


@exercise(
    "log and truth",
    'In "two sites" with message tracking where you like, let the log say one thing of a message, and something else be true a day later: find '
    "three such pairs.",
    takes=SCRIPT,
    notebook="10",
    ways=3,
    hints=(
        "A log says what was written down. Who writes nothing down?",
        "Leave tracking off on PAR02: the log of PAR01 has handed the message on. What may happen to it on PAR02 then?",
        "It may be delivered, wait for a store, or come back because Pierre has no room for it. An administrator can delete from a queue, too.",
    ),
    solution="""
two = mailflow.load("two sites")
for name in ("LON01", "LON02", "PAR01"):
    two = mailflow.reconfigure(two, name, message_tracking=True)
plan = mailflow.Message.write("anna@contoso.com", "pierre@contoso.com")
attempt = [
    mailflow.Scenario(two).send(plan, at=1),
    mailflow.Scenario(two).stop("Mailbox Store", "PAR02").send(plan, at=1),
    mailflow.Scenario(two).fail("London-Paris").send(plan, at=1).delete("London-Paris", "LON02", ndr=False, at=60),
]

# Why: the trail ends at the first server that does not track, and whatever happens there is not in it. And somebody who
# deletes a message from a queue leaves no entry: its last one still says that it waits there.
""",
)
def log_and_truth(scenario: Scenario) -> Verdict:
    """The way is what the log says, and what is true."""
    only_tracking(scenario.organization, "two sites")
    needs(any(tracked(scenario.run(until=0)).values()), "No server tracks messages, so no log says anything.")
    trace = scenario.run(until=DAY)
    names = sent_by_people(trace)
    needs(
        len(names) == 1 and len(ends(trace, names[0])) == 1,
        "Send one message to one person, so that the log speaks of it alone.",
    )
    ((address, (state, _)),) = ends(trace, names[0]).items()
    answer, _ = _followed(trace, str(trace.messages[names[0]]["sender"]), address)
    if SAME.get(answer.verdict) == state:
        raise Objection(f"The log says: {answer.says}. That is so: the message is {state}.")
    return True, f"the log says {answer.verdict}, and it is {state}"


def _followed(trace: Trace, sender: str, recipient: str) -> tuple[Answer, list[TrackingRow]]:
    """What the tracking center says of the one message from somebody to somebody alone, with the rows of the server that it speaks of."""
    wanted = [name for name in sent_by_people(trace) if list(ends(trace, name)) == [recipient]]
    wanted = [name for name in wanted if str(trace.messages[name]["sender"]).lower() == sender.lower()]
    needs(len(wanted) == 1, f"There is no message from {sender} to {recipient} alone, or more than one.")
    found = tracking_center(trace).find(sender=sender)
    needs(found, "The logs know nothing of this message. Which servers track?")
    (answer,) = found[0].answers
    (rows,) = (stop.rows for stop in found[0].stops if stop.server == answer.server)
    return answer, list(rows)
