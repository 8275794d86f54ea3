"""Notebook 07: a second bridgehead at both ends, fates of a large message, and reasons to go another way."""

from dataclasses import replace

from mailflow.course.exercises import SETTINGS, Verdict, exercise
from mailflow.course.mail_of_a_day import Way, carried, with_full
from mailflow.course.probes import connectors_used, ends, groups_passed, letter, needs, only_connectors, with_people
from mailflow.facts.words import counted
from mailflow.organization import Organization, load
from mailflow.organization.model import Mailbox
from mailflow.routing.entries import bridgeheads, far_ends
from mailflow.simulation import Scenario

LINE = "London-Paris"
HOUR = 3600.0


@exercise(
    "second bridgehead",
    "Set up London-Paris so that mail from London to Paris still flows when any one of its bridgeheads stops, at either end.",
    takes=SETTINGS,
    notebook="07",
    hints=(
        "A connector has bridgeheads at both ends. Which of the two ends has only one?",
        "Both have. local_bridgeheads are those in London, remote_bridgeheads those in Paris.",
        'local_bridgeheads=["LON01", "LON02"] is half of it.',
    ),
    solution="""
attempt = mailflow.reconfigure(
    split, "London-Paris", local_bridgeheads=["LON01", "LON02"], remote_bridgeheads=["PAR01", "PAR02"]
)

# Why: whichever end has a single server, the whole line stands still with it. The servers of London choose among the
# local bridgeheads that answer, and those choose among the remote ones.
""",
)
def second_bridgehead(organization: Organization) -> Verdict:
    """Each server that the connector names stops or loses its network; people on the others write to each other. And all mail of a day
    passes, there, back and out.
    """
    entry = organization.connector.get(LINE)
    needs(entry is not None, "The connector London-Paris is gone. Give it more bridgeheads instead.")
    assert entry is not None
    only_connectors(organization, "two sites")
    crowd = with_people(organization, nina="LONFE")
    london = bridgeheads(entry) or [item.name for item in organization.members_of("London")]
    for server in ["", *london, *far_ends(entry)]:
        for how in ("stops", "is off the network") if server else ("",):
            _mail_flows(crowd, server, how)
    carried(with_full(organization, "LON02"), Way("ben@contoso.com", "pierre@contoso.com"))
    carried(with_full(organization, "PAR02"), Way("pierre@contoso.com", "ben@contoso.com"))
    carried(with_full(organization, "PAR02"), Way("pierre@contoso.com", "kim@fabrikam.com"))
    return True, "Each bridgehead may stop, at either end, and the mail still arrives."


def _mail_flows(organization: Organization, server: str, how: str) -> None:
    """See that mail flows from London to Paris between all people whose server is not the one that is away."""
    people = [item for item in organization.recipients if isinstance(item, Mailbox) and item.server != server]
    paris = [item.primary for item in people if item.server.startswith("PAR")]
    scenario = Scenario(organization)
    if how == "stops":
        scenario.stop("SMTP", server)
    elif server:
        scenario.fail(server)
    senders = [item.primary for item in people if item.server.startswith("LON")]
    for number, sender in enumerate(senders):
        scenario.send(letter(sender, paris), at=5 + number)
    trace = scenario.run(until=HOUR)
    for name, sender in zip(trace.messages, senders, strict=False):
        for address, (state, _) in ends(trace, name).items():
            away = f"When {server} {how}" if server else "With every server up"
            needs(state == "delivered", f"{away}, a message from {sender} to {address} is {state}.")


@exercise(
    "fates of a large message",
    "Small mail from Anna to Pierre passes at once, and a message of 4,000 KB shall not take London-Paris by day: find three fates for it.",
    takes=SETTINGS,
    notebook="07",
    ways=3,
    hints=(
        "A connector has a limit (max_message_kb), and a size from which mail counts as oversize (oversize_kb) with a schedule of its own.",
        'Oversize mail can wait for the night: oversize_schedule=["20:00-06:00"].',
        "Beside a connector with a limit there may be a dearer one without: replace(old, name=..., cost=...) makes one like it.",
    ),
    solution="""
limited = mailflow.reconfigure(split, "London-Paris", max_message_kb=1000)
slow = replace(split.connector["London-Paris"], name="London-Paris slow", cost=50)
attempt = [
    limited,
    mailflow.reconfigure(split, "London-Paris", oversize_kb=1000, oversize_schedule=["20:00-06:00"]),
    replace(limited, connectors=(*limited.connectors, slow)),
]

# Why: a limit makes as if the connector did not exist for this message. Without another one it comes back, with another
# one it takes that. A schedule only makes it wait.
""",
)
def fates(organization: Organization) -> Verdict:
    """The way is what becomes of the large message; the small one must pass London-Paris in a minute."""
    only_connectors(organization, "two sites")
    small = Scenario(organization).send(letter("anna@contoso.com", "pierre@contoso.com", 10)).run(until=60)
    needs(
        ends(small, "m1")["pierre@contoso.com"][0] == "delivered", "A small message no longer arrives within a minute."
    )
    needs(connectors_used(small) == [LINE], "A small message no longer takes London-Paris.")
    large = Scenario(organization).send(letter("anna@contoso.com", "pierre@contoso.com", 4000)).run(until=86_400)
    state, _ = ends(large, "m1")["pierre@contoso.com"]
    if state == "bounced":
        return True, "it comes back"
    needs(state == "delivered", f"After a day the large message is {state}.")
    time = next(event.time for event in large if event.step.key == "delivery.delivered" and event.message == "m1")
    if connectors_used(large) != [LINE]:
        return True, "it takes another connector"
    needs(
        time >= HOUR, f"The large message took London-Paris, too, and was there after {counted(round(time), 'second')}."
    )
    return True, "it waits for the night"


REASONS = {
    "max_message_kb": "a limit on size",
    "priorities": "a limit on priority",
    "message_types": "a limit on the type of message",
    "schedule": "a schedule",
    "only_from": "a limit on senders",
    "not_from": "a limit on senders",
}


@exercise(
    "turn it round",
    'In "four corners", nothing fails, and Sara\'s mail to Bruno goes by London all the same: find three different reasons.',
    takes=SETTINGS,
    notebook="07",
    ways=3,
    hints=(
        "Tokyo wins by the lower cost. Cost is one reason to lose. What else makes a connector lose a message?",
        "A connector can refuse by size, by priority and by the type of message. Then another one is looked for.",
        'mailflow.reconfigure(four, "Tokyo-Brussels", ...) with max_message_kb=..., priorities=["high"] or message_types=["system"].',
    ),
    solution="""
attempt = [
    mailflow.reconfigure(four, "Tokyo-Brussels", cost=40),
    mailflow.reconfigure(four, "Tokyo-Brussels", priorities=["high"]),
    mailflow.reconfigure(four, "Tokyo-Brussels", message_types=["system"]),
]

# Why: SEA01 knows the restrictions of every connector from the link state table, so it does not send a message to Tokyo
# that Tokyo could not send on.
""",
)
def turn_it_round(organization: Organization) -> Verdict:
    """The way is what has to be as it was for the message to go by Tokyo again."""
    only_connectors(organization, "four corners")
    needs(
        _way(organization) == ["Seattle", "London", "Brussels"],
        f"It goes {' > '.join(_way(organization)) or 'nowhere'}. It should go Seattle > London > Brussels.",
    )
    gone = [name for name in load("four corners").connector if name not in organization.connector]
    if gone:
        return True, "a connector is missing"
    for names, reason in {("cost",): "cost", **{(name,): reason for name, reason in REASONS.items()}}.items():
        if "Tokyo" in _way(_as_it_was(organization, names)):
            return True, reason
    return False, "It goes by London, and no single setting is the reason. Change one thing at a time."


def _way(organization: Organization) -> list[str]:
    trace = Scenario(organization).send(letter("sara@contoso.com", "bruno@contoso.com")).run(until=HOUR)
    return groups_passed(trace) if ends(trace, "m1")["bruno@contoso.com"][0] == "delivered" else []


def _as_it_was(organization: Organization, names: tuple[str, ...]) -> Organization:
    """The organization with some settings of every connector as they come."""
    usual = load("four corners").connector
    made = tuple(
        replace(item, **{name: getattr(usual[item.name], name) for name in names}) if item.name in usual else item
        for item in organization.connectors
    )
    return replace(organization, connectors=made)
