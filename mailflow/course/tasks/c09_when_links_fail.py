"""Notebook 09: costs that hold without luck, places to wait, and rescues."""

from dataclasses import replace

from mailflow.course.exercises import SCRIPT, SETTINGS, Verdict, exercise
from mailflow.course.mail_of_a_day import Way, carried, with_full
from mailflow.course.probes import (
    HOUR,
    SEEDS,
    Objection,
    ends,
    groups_passed,
    letter,
    needs,
    only_connectors,
    only_in,
    passed,
    replayed,
    sent_by_people,
    with_people,
)
from mailflow.facts.words import counted
from mailflow.names import message_of
from mailflow.organization import Organization, SmtpConnector, load
from mailflow.simulation import Scenario
from mailflow.trace import Trace

HALF = 1800.0
HALVES = ("Seattle-London", "London-Brussels")
PAIRS = (("sara@contoso.com", "bruno@contoso.com"), ("newcomer@contoso.com", "colleague@contoso.com"))


@exercise(
    "by London",
    "Give costs so that Seattle reaches Brussels by London while that way is up, and by Tokyo otherwise.",
    takes=SETTINGS,
    notebook="09",
    hints=(
        "The cost of a way is the sum of its connectors. By London it is 20, and by Tokyo 15.",
        "Documents do not agree which of two equal sums wins (R109). London has to be strictly cheaper.",
        'mailflow.reconfigure(four, "Tokyo-Brussels", cost=...): what has to be added to the 10 from Seattle to Tokyo to be more than 20?',
    ),
    solution="""
attempt = mailflow.reconfigure(four, "Tokyo-Brussels", cost=30)

# Why: the least total cost wins among the ways that are up. By London it is 20 now, by Tokyo 40, and 40 is better than
# nothing when London is gone. A limit on the connector would close the way for good.
""",
)
def by_london(organization: Organization) -> Verdict:
    """Other people, other seeds, connectors in another order and all mail of a day: a tie or a limit shows in one of them."""
    only_connectors(organization, "four corners")
    for name in load("four corners").connector:
        needs(name in organization.connector, f"The connector {name} is gone. Costs are enough.")
    crowd = with_full(with_people(organization, newcomer="SEA01", colleague="BRU01"), "SEA02")
    turned = replace(crowd, connectors=tuple(reversed(crowd.connectors)))
    for world in (crowd, turned):
        for seed in SEEDS:
            _goes(world, "London", seed=seed)
        _goes(_nearly_dearer(world), "London", why="It is a tie")
        for half in HALVES:
            _goes(world, "Tokyo", half)
    for by, failing in (("London", ""), *(("Tokyo", half) for half in HALVES)):
        _all_goes(crowd, by, failing)
    carried(with_full(organization, "BRU02"), Way("bruno@contoso.com", "sara@contoso.com"))
    return True, "By London while it is up, and by Tokyo otherwise."


def _all_goes(organization: Organization, by: str, failing: str) -> None:
    """See that all mail of a day goes this way."""
    group_of = {item.name: item.routing_group for item in organization.servers}
    for servers in carried(organization, Way(*PAIRS[0]), failing=failing).values():
        groups = list(dict.fromkeys(group_of[name] for name in servers))
        with_it = f"With {failing} down" if failing else "With everything up"
        needs(groups[-2] == by, f"{with_it}, some mail went {' > '.join(groups)}. All of it should go by {by}.")


def _nearly_dearer(organization: Organization) -> Organization:
    """Every cost twice, and the way by London one more: a way that is cheaper stays so, and a tie is none any more."""
    made = tuple(
        item if isinstance(item, SmtpConnector) else replace(item, cost=2 * item.cost + (item.name == HALVES[1]))
        for item in organization.connectors
    )
    return replace(organization, connectors=made)


def _goes(organization: Organization, by: str, failing: str = "", *, seed: int = 0, why: str = "") -> None:
    """See that everybody's mail goes this way; which turns it takes before it learns of a failure does not count."""
    scenario = Scenario(organization, seed=seed)
    if failing:
        scenario.fail(failing)
    for number, (sender, to) in enumerate(PAIRS):
        scenario.send(letter(sender, to), at=1 + number)
    trace = scenario.run(until=7200)
    with_it = f"With {failing} down" if failing else why or "With everything up"
    for name, (sender, to) in zip(("m1", "m2"), PAIRS, strict=True):
        state = ends(trace, name)[to][0]
        needs(state == "delivered", f"{with_it}, a message from {sender} is {state}.")
        way = groups_passed(trace, name)
        needs(
            way[-2] == by and (failing or way == ["Seattle", by, "Brussels"]),
            f"{with_it}, a message from {sender} went {' > '.join(way)}. It should go by {by}.",
        )


def from_sara(trace: Trace) -> str:
    """The message from Sara to Bruno."""
    for name in sent_by_people(trace):
        if trace.messages[name]["sender"].lower() == "sara@contoso.com" and "bruno@contoso.com" in ends(trace, name):
            return name
    raise Objection("There is no message from sara@contoso.com to bruno@contoso.com.")


@exercise(
    "where it strands",
    'In "four corners", let only networks fail, and strand Sara\'s message to Bruno for half an hour: on three different servers.',
    takes=SCRIPT,
    notebook="09",
    ways=3,
    hints=(
        "It strands where the next step is impossible and no other way is left. Think from Brussels back to Seattle.",
        "fail(...) takes a connector, a server or several of them, one after another.",
        "If both lines out of Seattle are dead, it stays in Seattle. If both lines into Brussels are dead, how far does it come?",
    ),
    solution="""
four = mailflow.load("four corners")
letter = mailflow.Message.write("sara@contoso.com", "bruno@contoso.com")
attempt = [
    mailflow.Scenario(four).fail("SEA01").send(letter, at=1),
    mailflow.Scenario(four).fail("Seattle-London").fail("Seattle-Tokyo").send(letter, at=1),
    mailflow.Scenario(four).fail("BRU02").send(letter, at=1),
]

# Why: each server decides about the next hop alone. The message goes as far as somebody believes in a way, and waits there.
""",
)
def where_it_strands(scenario: Scenario) -> Verdict:
    """The way is the server on which it lay for half an hour, without a break, because networks were down."""
    only_in(scenario.organization, "four corners")
    needs(
        all(action.verb.word in ("fail", "send", "restore") for action in scenario.script),
        "Let networks fail and send mail; nothing is stopped, frozen or changed here.",
    )
    trace = scenario.run(until=3 * HOUR)
    server, seconds = _longest_stay(trace, from_sara(trace))
    minutes = counted(int(seconds // 60), "minute")
    needs(seconds >= HALF, f"The message stayed on one server for {minutes} at most, on {server}. It takes 30.")
    calm = replayed(scenario, leave_out="fail").run(until=3 * HOUR)
    needs(
        _longest_stay(calm, from_sara(calm))[1] < HALF,
        "It waits as long when no network fails: that is not the reason.",
    )
    return True, server


def _longest_stay(trace: Trace, message: str) -> tuple[str, float]:
    """On which server of the organization a message lay longest without a break, and for how many seconds."""
    end = 3 * HOUR
    servers = {item["name"] for item in trace.organization["servers"]}
    stays: list[tuple[str, float]] = []
    last, since = "", 0.0
    for state in trace.states():
        here = next((str(item.server) for mail, item in state.mails.items() if message_of(mail) == message), "")
        if here != last:
            stays.append((last, state.time - since))
            last, since = here, state.time
    stays.append((last, end - since))
    return max((stay for stay in stays if stay[0] in servers), key=lambda stay: stay[1], default=("no server", 0.0))


RESCUES = {
    "restore": "a line was repaired",
    "change connector": "an administrator changed a connector",
    "add connector": "an administrator added a connector",
    "start": "a service was started",
    "unfreeze": "a queue was released",
    "enable outbound mail": "outbound mail was enabled again",
}


@exercise(
    "to the rescue",
    'In "four corners", Sara\'s message to Bruno is delivered after ten minutes or more on its way: find three things that rescued it.',
    takes=SCRIPT,
    notebook="09",
    ways=3,
    hints=(
        "It has to be stuck first: two lines into Brussels can fail. Then something has to happen after ten minutes.",
        "A line can be repaired (restore). An administrator can add a connector, or start what was stopped.",
        'replace(four.connector["Seattle-Tokyo"], name="Direct", to="Brussels", remote_bridgeheads=("BRU01",)) is a new connector for .add(..., at=900).',
    ),
    solution="""
from dataclasses import replace

four = mailflow.load("four corners")
letter = mailflow.Message.write("sara@contoso.com", "bruno@contoso.com")
direct = replace(four.connector["Seattle-Tokyo"], name="Direct", to="Brussels", remote_bridgeheads=("BRU01",))


def cut():
    return mailflow.Scenario(four).fail("Tokyo-Brussels").fail("London-Brussels").send(letter, at=1)


attempt = [
    cut().restore("London-Brussels", at=900),
    cut().add(direct, at=900),
    mailflow.Scenario(four).stop("SMTP", "BRU02").send(letter, at=1).start("SMTP", "BRU02", at=900),
]

# Why: a waiting message is lost to nobody. It goes on when a line is tried again and answers, or when a table changes
# and the servers work out their routes anew.
""",
)
def rescue(scenario: Scenario) -> Verdict:
    """The way is the kind of verb without which the message is not delivered."""
    needs(len(scenario.organization.servers) == 8, 'This is about mailflow.load("four corners").')
    trace = scenario.run(until=7200)
    name = from_sara(trace)
    state = ends(trace, name)["bruno@contoso.com"][0]
    needs(state == "delivered", f"The message is {state}. It should be delivered in the end.")
    times = [event.time for event in trace if event.message == name]
    needs(
        times[-1] - times[0] >= 600,
        f"It was on its way for {counted(round(times[-1] - times[0]), 'second')}. It takes 600 or more.",
    )
    for word, reason in RESCUES.items():
        if any(action.verb.word == word for action in scenario.script) and not _saved(
            replayed(scenario, leave_out=word)
        ):
            return True, reason
    return False, f"It came by {' > '.join(passed(trace, name))}, and no single kind of event rescued it."


def _saved(scenario: Scenario) -> bool:
    trace = scenario.run(until=7200)
    return any(ends(trace, name).get("bruno@contoso.com", ("", ""))[0] == "delivered" for name in sent_by_people(trace))
