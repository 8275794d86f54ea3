"""Notebook 04: all four kinds of destination, fewer sessions, and other ways out of the house."""

from collections import Counter

from mailflow.course.exercises import SCRIPT, SETTINGS, Verdict, exercise
from mailflow.course.probes import (
    connectors_used,
    ends,
    first_server,
    letter,
    needs,
    only_connectors,
    only_in,
    runs,
    sent_by_people,
)
from mailflow.facts.words import counted, listed
from mailflow.organization import Organization
from mailflow.simulation import Scenario
from mailflow.trace import Trace
from mailflow.trace.effects import Ended

LINE = "London-Paris"
LETTERS = 16
"""So many messages of Anna show whether bridgeheads are drawn: of two, all would draw the same one in one of 32,768 runs."""
KINDS = ("the same server", "the same routing group", "another routing group", "the Internet")


def destinations(trace: Trace, message: str) -> set[str]:
    """The kinds of destination at which a message arrived, seen from the server where it began."""
    group_of = {item["name"]: item["routing_group"] for item in trace.organization["servers"]}
    start = first_server(trace, message)
    found = set()
    for event in trace:
        if event.message != message:
            continue
        for effect in event.effects:
            if isinstance(effect, Ended) and effect.state == "relayed":
                found.add(KINDS[3])
            if isinstance(effect, Ended) and effect.state == "delivered":
                same = group_of[start] == group_of[event.server]
                found.add(KINDS[0] if start == event.server else KINDS[1] if same else KINDS[2])
    return found


@exercise(
    "four destinations",
    'In "worldwide", let one single message reach all four kinds of destination.',
    takes=SCRIPT,
    notebook="04",
    hints=(
        "Look first who lives where: [(person.name, person.server) for person in world.recipients if hasattr(person, 'server')].",
        "Each person has a server of their own here. Who has their mailbox on the same server as the sender, whoever that is?",
        "Only one routing group has two people on different servers: London, with Anna and Ben.",
    ),
    solution="""
world = mailflow.load("worldwide")
everybody = ["ben@contoso.com", "anna@contoso.com", "yuki@contoso.com", "kim@fabrikam.com"]
attempt = mailflow.Scenario(world).send(mailflow.Message.write("ben@contoso.com", everybody))

# Why: the kind of destination depends on where the message is, not on who gets it. From LON03, Ben's own server, Ben is
# local, Anna is in the same routing group, Yuki in another one, and Kim is nowhere in the directory.
""",
)
def four_destinations(scenario: Scenario) -> Verdict:
    """Reports are no messages of people, and what several messages reached together does not count."""
    only_in(scenario.organization, "worldwide")
    for trace in runs(scenario, until=7200):
        own = sent_by_people(trace)
        needs(own, "Nobody sent a message. Add .send(...) to the scenario.")
        best = max((destinations(trace, name) for name in own), key=len)
        missing = [kind for kind in KINDS if kind not in best]
        needs(
            not missing,
            f"No single message reached all four. The best one did not reach {listed(map(str, missing), 'or')}.",
        )
    return True, "One message reached all four kinds of destination."


@exercise(
    "three, two, one",
    'In "two sites", Anna\'s mail to Pierre takes three SMTP sessions. Change London-Paris so that it takes two, and so that it takes one: count all three.',
    takes=SETTINGS,
    notebook="04",
    ways=3,
    hints=(
        "The organization as it comes is one of the three. A session ends at each bridgehead on the way.",
        "Which bridgeheads can be left out? The one that is Pierre's own server, and the one that is Anna's.",
        'mailflow.reconfigure(organization, "London-Paris", local_bridgeheads=[...], remote_bridgeheads=[...])',
    ),
    solution="""
sites = mailflow.load("two sites")
attempt = [
    sites,
    mailflow.reconfigure(sites, "London-Paris", remote_bridgeheads=["PAR02"]),
    mailflow.reconfigure(sites, "London-Paris", local_bridgeheads=["LON01"], remote_bridgeheads=["PAR02"]),
]

# Why: a message stops at every bridgehead that is not its own server already. Fewer hops are quicker; a bridgehead that
# also holds mailboxes has two jobs to do.
""",
)
def sessions(organization: Organization) -> Verdict:
    """Anna writes often, so that a choice among bridgeheads shows; and mail between the others still flows."""
    only_connectors(organization, "two sites")
    scenario = Scenario(organization)
    for number in range(LETTERS):
        scenario.send(letter("anna@contoso.com", "pierre@contoso.com"), at=60 * number)
    trace = scenario.run(until=3600)
    arrived = all(ends(trace, name)["pierre@contoso.com"][0] == "delivered" for name in trace.messages)
    needs(arrived, "Anna's message does not reach Pierre any more.")
    other = Scenario(organization).send(letter("ben@contoso.com", "odile@contoso.com")).run(until=3600)
    needs(ends(other, "m1")["odile@contoso.com"][0] == "delivered", "Ben's message to Odile does not arrive any more.")
    aside = [name for message in trace.messages for name in connectors_used(trace, message) if name != LINE]
    needs(not aside, f"Anna's mail takes {''.join(aside[:1])}. It should take {LINE}.")
    opened = Counter(event.message for event in trace if event.step.key == "smtp.connect")
    counts = sorted(set(opened.values()))
    needs(
        len(counts) == 1,
        f"Of {LETTERS} messages some take {counts[0]} and some {counts[-1]} sessions, as bridgeheads are drawn. Leave no choice.",
    )
    return True, counted(counts[0], "session")


@exercise(
    "out of the house",
    'In "two sites", bring Odile\'s mail for lee@northwindtraders.com out in three ways: another server hands it over, or another host takes it.',
    takes=SCRIPT,
    notebook="04",
    ways=3,
    hints=(
        "Two hosts take mail for northwindtraders.com. Which one is asked first is drawn; make sure of it by letting the other one fail.",
        "The connector called Internet says which server hands mail over: its local bridgeheads.",
        'mailflow.reconfigure(organization, "Internet", local_bridgeheads=["LON01"]) moves the door.',
    ),
    solution="""
sites = mailflow.load("two sites")
other_door = mailflow.reconfigure(sites, "Internet", local_bridgeheads=["LON01"])
letter = mailflow.Message.write("odile@contoso.com", "lee@northwindtraders.com")
attempt = [
    mailflow.Scenario(sites).fail("mx2.northwindtraders.com").send(letter, at=1),
    mailflow.Scenario(sites).fail("mx1.northwindtraders.com").send(letter, at=1),
    mailflow.Scenario(other_door).fail("mx1.northwindtraders.com").send(letter, at=1),
]

# Why: the connector says where mail leaves your house, and the MX records say where it enters the other one. Whoever has
# the connector decides the first, and the owner of the domain the second.
""",
)
def out_of_the_house(scenario: Scenario) -> Verdict:
    """The way is who hands the message over, and to whom. Whoever has another name is still the same, so names stay."""
    only_connectors(scenario.organization, "two sites")
    trace = scenario.run(until=7200)
    for name in sent_by_people(trace):
        if trace.messages[name]["sender"].lower() == "odile@contoso.com":
            state, host = ends(trace, name).get("lee@northwindtraders.com", ("", ""))
            needs(state, "Odile's message is not for lee@northwindtraders.com.")
            needs(state == "relayed", f"Odile's message for lee@northwindtraders.com is {state}.")
            return True, f"{_door(trace, name)} to {host}"
    return False, "Odile sent no message."


def _door(trace: Trace, message: str) -> str:
    """The server that handed the message over to a host outside."""
    return next(
        event.server
        for event in trace
        if event.message == message
        and any(isinstance(effect, Ended) and effect.state == "relayed" for effect in event.effects)
    )
