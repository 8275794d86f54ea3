"""Notebook 08: who is wrong after a failure of one's own, secrets, and tables that part."""

from collections.abc import Iterable

from mailflow.course.exercises import ANSWER, SCRIPT, Verdict, exercise
from mailflow.course.probes import needs, only_in, replayed
from mailflow.facts.closest import closest
from mailflow.facts.words import counted, listed
from mailflow.routing.recorded import table_of
from mailflow.simulation import Scenario
from mailflow.trace import Trace

FEW = 5


def names_in(given: object) -> set[str]:
    """Names of servers as somebody may write them: a list, a set, servers themselves, or one text with commas."""
    items = given.replace(";", ",").split(",") if isinstance(given, str) else given
    needs(
        isinstance(items, Iterable) and not isinstance(items, (bytes, dict)),
        'The third part is a list of names of servers, such as ["LON01", "PAR02"].',
    )
    assert isinstance(items, Iterable)
    texts = [item if isinstance(item, str) else getattr(item, "name", None) for item in items]
    needs(all(isinstance(text, str) for text in texts), 'Each name is a text, such as "LON01".')
    return {str(text).strip() for text in texts if str(text).strip()}


def held_for_up(trace: Trace, step: int, dead: set[str]) -> set[str]:
    """The servers whose table says UP for a dead connector. One without a table says nothing."""
    found = set()
    for item in trace.organization["servers"]:
        has_none = trace.at(step).tables.get(item["name"], {}) is None
        if not has_none and dead.difference(table_of(trace, item["name"], step).down):
            found.add(item["name"])
    return found


def dead_at(trace: Trace, step: int) -> set[str]:
    """The connectors without a network."""
    known = {item["name"] for item in trace.organization["connectors"]}
    return {name for name, up in trace.at(step).outside.items() if not up and name in known}


@exercise(
    "who is wrong",
    'In "worldwide", break a connector that does not start in London. Give (trace, seconds, names): a moment when at least five servers '
    "know it and at least five do not, and the names of all whose table still says UP.",
    takes=ANSWER,
    notebook="08",
    hints=(
        "Somebody has to try the line, or nobody notices: send a message that takes it. The news begins after three glitch retries.",
        "plots.informed(trace, group) shows when how many servers know. Take a moment in the middle of the curve.",
        "mailflow.winroute(trace, name, at=trace.step_at(seconds)).table.down names what a server holds for down. Ask each server of world.servers.",
    ),
    solution="""
world = mailflow.load("worldwide")
letter = mailflow.Message.write("nora@contoso.com", "sam@contoso.com")
mine = mailflow.Scenario(world).fail("New York-Seattle").send(letter, at=1).run(until=300)
seconds = 181.7
step = mine.step_at(seconds)
wrong = [
    server.name
    for server in world.servers
    if "New York-Seattle" not in mailflow.winroute(mine, server.name, at=step).table.down
]
attempt = (mine, seconds, wrong)

# Why: news goes from the bridgehead to its master, from there to the members, and by the bridgeheads from group to group.
# Whoever is more hops away knows later, and until then sends mail towards the dead line.
""",
)
def who_is_wrong(attempt: tuple[object, ...]) -> Verdict:
    """The learner's own run, at a moment when the answer is neither everybody nor nobody."""
    needs(len(attempt) == 3, f"Give three things, (trace, seconds, names). You gave {len(attempt)}.")
    trace, seconds, names = attempt
    if isinstance(trace, Scenario):
        trace = trace.run(until=600)
    needs(isinstance(trace, Trace), "The first part is the trace of your run.")
    assert isinstance(trace, Trace)
    needs(
        isinstance(seconds, (int, float)) and not isinstance(seconds, bool) and seconds >= 0,
        "The second part is a time in seconds from the start, a number without quotes.",
    )
    assert isinstance(seconds, (int, float))
    servers = [item["name"] for item in trace.organization["servers"]]
    needs(len(servers) == 25, 'This is about mailflow.load("worldwide").')
    given = set()
    for name in sorted(names_in(names)):
        meant = next((server for server in servers if server.lower() == name.lower()), "")
        like = closest(name, servers)
        needs(meant, f"There is no server {name}{f'; did you mean {like}?' if like else '.'}")
        given.add(meant)
    after = f"After {seconds:g} second{'' if seconds == 1 else 's'}"
    step = trace.step_at(seconds)
    dead = dead_at(trace, step)
    needs(dead, f"{after} no connector is dead.")
    london = [item["name"] for item in trace.organization["connectors"] if item["name"] in dead and item["routing_group"] == "London"]  # fmt: skip
    needs(not london, f"{london[0] if london else ''} starts in London. Break another one.")
    wrong = held_for_up(trace, step, dead)
    right = len(servers) - len(wrong)
    needs(
        len(wrong) >= FEW and right >= FEW,
        f"{after} {right} of {len(servers)} servers know it. Choose a moment when at least {FEW} do and {FEW} do not.",
    )
    missed, extra = sorted(wrong - given), sorted(given - wrong)
    needs(
        not missed,
        f"{missed[0] if missed else ''} is not in your answer, and its table says UP for a connector that is dead.",
    )
    needs(not extra, f"{extra[0] if extra else ''} is in your answer, and its table knows already.")
    return True, f"{len(wrong)} of {len(servers)} servers would still route to the dead connector."


SECRETS = {
    "routing.left-up": "left up: it is the only way",
    "routing.stays-up": "left up: it is of a kind that is never marked down",
    "routing.suppressed": "state changes are suppressed",
    "routing.oscillates": "left up: it changed too often",
    "routing.held-back": "the news is held back",
}


@exercise(
    "keep it a secret",
    "A connector is dead for half an hour, mail tried it four times or more, and no table says DOWN: find three reasons.",
    takes=SCRIPT,
    notebook="08",
    ways=3,
    hints=(
        "Any ready-made organization will do. What is special about the only line to a routing group?",
        "A value in the registry of the bridgehead keeps it quiet: suppress_state_changes=True.",
        "A connector that delivers by DNS is never marked down (R90, unconfirmed): let the one called Internet fail, and write to somebody outside.",
    ),
    solution="""
sites, four = mailflow.load("two sites"), mailflow.load("four corners")
quiet = mailflow.reconfigure(four, "TOK01", suppress_state_changes=True)
write = mailflow.Message.write
attempt = [
    mailflow.Scenario(sites).fail("London-Paris").send(write("ben@contoso.com", "pierre@contoso.com"), at=1),
    mailflow.Scenario(quiet).fail("Tokyo-Brussels").send(write("sara@contoso.com", "bruno@contoso.com"), at=1),
    mailflow.Scenario(sites).fail("Internet").send(write("anna@contoso.com", "kim@fabrikam.com"), at=1),
]

# Why: news helps only who can go another way. Where nobody can, or where an administrator said so, the connector stays
# up in every table. So UP means that nobody has reported otherwise.
""",
)
def secret(scenario: Scenario) -> Verdict:
    """The way is the step in which the failure was not reported."""
    end = 2400.0
    trace = scenario.run(until=end)
    needs(len(trace), "Nothing happens in this scenario.")
    dead = dead_at(trace, len(trace) - 1)
    needs(dead, "In the end no connector is dead. fail(...) breaks one.")
    broken = max(action.at for action in scenario.script if action.verb.word == "fail")
    needs(broken <= end - 1800, "Break it within the first ten minutes, so that half an hour is left.")
    tries = sum(event.step.key == "link.failed" for event in trace)
    needs(tries >= 4, f"Mail tried a dead line {counted(tries, 'time')}. It takes 4: send some that takes it.")
    telling = [name for name in SECRETS if any(event.step.key == name for event in trace)]
    for item in trace.organization["servers"]:
        held = trace.at().tables.get(item["name"], {})
        told = set() if held is None else dead.intersection(table_of(trace, item["name"]).down)
        needs(not told, f"The table of {item['name']} says DOWN for {listed(sorted(told))}.")
    if not telling:
        return True, "nobody has reported it yet"
    return True, SECRETS[telling[0]]


PARTED = {
    "stop": "a routing engine stopped",
    "fail": "the network parted them",
    "set master": "two masters at once",
    "delete server": "a master was deleted",
}


@exercise(
    "two truths",
    'In "four corners", split the company: for the last ten minutes of an hour two servers hold different tables. Find two reasons.',
    takes=SCRIPT,
    notebook="08",
    ways=2,
    hints=(
        "News needs a way. Which lines have to be down so that news cannot pass, although mail made it?",
        "News inside a routing group needs the master. What if its routing engine is stopped while something changes elsewhere?",
        "A change that everybody should hear of is .change(connector, cost=...). Cut somebody off before it.",
    ),
    solution="""
four = mailflow.load("four corners")
attempt = [
    mailflow.Scenario(four).fail("TOK01").fail("TOK02").change("Seattle-London", cost=20, at=60),
    mailflow.Scenario(four).stop("routing engine", "LON01").change("Seattle-Tokyo", cost=20, at=60),
]

# Why: a table changes when somebody brings news. Behind a dead network, and in a group whose master is away, nobody does.
""",
)
def two_truths(scenario: Scenario) -> Verdict:
    """The way is the kind of verb without which all tables agree."""
    only_in(scenario.organization, "four corners")
    needs(_parted(scenario), "For the last ten minutes all servers that have a table hold the same one.")
    for word, reason in PARTED.items():
        if any(action.verb.word == word for action in scenario.script) and not _parted(
            replayed(scenario, leave_out=word)
        ):
            return True, reason
    return False, "The tables differ, and no single kind of event is the reason. Change one thing at a time."


def _parted(scenario: Scenario) -> bool:
    trace = scenario.run(until=3600)
    if not len(trace):
        return False
    servers = [item["name"] for item in trace.organization["servers"]]
    for step in {trace.step_at(3000), len(trace) - 1}:
        tables = trace.at(step).tables
        running = [name for name in servers if tables.get(name, {}) is not None]
        if len({table_of(trace, name, step).digest for name in running}) < 2:
            return False
    return True
