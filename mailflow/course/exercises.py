"""Exercises. A check runs the learner's scenario and looks at what happened; it never compares with a typed answer
and never raises.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from html import escape

from mailflow.dns import ask_mx, resolver_of
from mailflow.facts.words import a
from mailflow.messages import Message
from mailflow.names import MailId, Place
from mailflow.organization import Organization, Zone
from mailflow.organization.model import Mailbox
from mailflow.plain import Plain
from mailflow.routing.entries import bridgeheads
from mailflow.routing.recorded import table_of
from mailflow.simulation import Scenario
from mailflow.trace import Trace
from mailflow.trace.effects import Ended
from mailflow.transport import places
from mailflow.transport.examples import FOREIGN_DOMAIN, PARTNER_DOMAIN, PRINTER, STRANGER
from mailflow.transport.relay import Attempt, decide, open_relay
from mailflow.transport.tellings import Delivered

FOREIGN = f"victim@{FOREIGN_DOMAIN}"

Verdict = tuple[bool, str]


@dataclass(frozen=True, slots=True, eq=False)
class Feedback(Plain):
    """What a check says. ``solved`` is True, False, or None before an attempt."""

    task: str
    solved: bool | None
    text: str

    def __repr__(self) -> str:
        mark = {True: "Solved", False: "Not yet", None: "Not answered yet"}[self.solved]
        return f"{mark}: {self.text}"

    def _repr_html_(self) -> str:
        colour = {True: "#00694d", False: "#a83a00", None: "#0060a0"}[self.solved]
        mark = {True: "✔ Solved.", False: "✘ Not yet.", None: "… Not answered yet."}[self.solved]
        box = f"border-left:4px solid {colour};padding:4px 12px;margin:4px 0"
        return f'<div role="status" style="{box}"><b>{mark}</b> {escape(self.text)}</div>'


RUN: tuple[type, ...] = (Scenario, Trace)
SETTINGS: tuple[type, ...] = (Organization,)
RECORDS: tuple[type, ...] = (str,)
ANSWER: tuple[type, ...] = (tuple,)
WANTED = {
    RUN: "a scenario or a trace",
    SETTINGS: "an organization",
    RECORDS: "the records of a zone, as text",
    ANSWER: "a trace, a time in seconds and names, as (trace, seconds, names)",
}


Judge = Callable[..., Verdict]
"""Who judges an attempt: a function of the one thing that the exercise takes. What that is stands in ``takes`` and is held
against the attempt before the judge sees it, which a type for all exercises in one table cannot say."""


@dataclass(frozen=True, slots=True, repr=False, eq=False)
class Task(Plain):
    """What an exercise asks for, which kinds of attempt it takes, and who judges what came of it."""

    goal: str
    judge: Judge
    takes: tuple[type, ...] = RUN


TASKS: dict[str, Task] = {}
"""Every exercise by its name, in the order in which they are declared."""


def exercise(name: str, goal: str, *, takes: tuple[type, ...] = RUN) -> Callable[[Judge], Judge]:
    """Declare an exercise, here or outside this package: the function below judges what an attempt came to.

    It gets the trace of a run, or what ``takes`` names instead, and answers whether that solves the task, and with a
    sentence: what happened, and when it does not, a hint. The same function declared again takes the place of the first.

    Args:
        name: what `check` is asked for.
        goal: what is to be done, in a sentence.
        takes: RUN (a scenario, which is run, or a trace), SETTINGS (an organization), RECORDS (a zone) or ANSWER.

    Raises:
        ValueError: another exercise has that name, or there is no such kind of attempt.
    """
    if takes not in WANTED:
        raise ValueError(f"{name!r}: takes is RUN, SETTINGS, RECORDS or ANSWER, not {takes!r}")

    def declare(judge: Judge) -> Judge:
        known = TASKS[name].judge if name in TASKS else judge
        if (known.__module__, known.__qualname__) != (judge.__module__, judge.__qualname__):
            raise ValueError(f"two exercises are called {name!r}: {known.__module__} and {judge.__module__}")
        TASKS[name] = Task(goal, judge, takes)
        return judge

    return declare


def check(task: str, attempt: object) -> Feedback:
    """Check an attempt at a task: a scenario (it is run), a trace, an organization, the records of a zone, or an answer.

    ``None`` and ``...`` count as "not answered yet". Whatever goes wrong while running becomes a hint.

    Example:
        >>> import mailflow
        >>> mailflow.check("first delivery", ...)
        Not answered yet: Send any message so that Carla receives it.
        >>> message = mailflow.Message.write("anna@contoso.com", "carla@contoso.com")
        >>> mailflow.check("first delivery", mailflow.Scenario(mailflow.load("one server")).send(message))
        Solved: Carla has the message.
    """
    if task not in TASKS:
        return Feedback(task, False, f"There is no task {task!r}. Tasks: {', '.join(TASKS)}.")
    asked = TASKS[task]
    if attempt is None or attempt is ... or (isinstance(attempt, tuple) and any(item is ... for item in attempt)):
        return Feedback(task, None, asked.goal)
    if not isinstance(attempt, asked.takes):
        return Feedback(task, False, f"This needs {WANTED[asked.takes]}, and you gave {a(type(attempt).__name__)}.")
    try:
        solved, text = asked.judge(attempt.run(until=86_400.0) if isinstance(attempt, Scenario) else attempt)
    except Exception as error:  # a learner's mistake must end as a hint, whatever it is
        return Feedback(task, False, f"Running it failed: {type(error).__name__}: {error}")
    return Feedback(task, solved, text)


def _ends(trace: Trace) -> list[tuple[str, str, str]]:
    return [row for rows in trace.status().values() for row in rows]


@exercise("first delivery", "Send any message so that Carla receives it.")
def _first_delivery(trace: Trace) -> Verdict:
    rows = _ends(trace)
    done = [address for address, state, _ in rows if state == "delivered"]
    if len(trace) == 0:
        return False, "Nothing was sent. Add .send(...) to the scenario."
    if any(address == "carla@contoso.com" for address in done):
        return True, "Carla has the message."
    return False, "Carla has no message. What happened instead: " + "; ".join(f"{a}: {s}" for a, s, _ in rows)


@exercise("exipc backs up", "Send three messages and stop one service, so that Store_out_queue holds all three.")
def _exipc_backs_up(trace: Trace) -> Verdict:
    fullest = max(
        (sum(item.place == places.STORE_OUT for item in state.mails.values()) for state in trace.states()), default=0
    )
    if fullest >= 3:
        return True, f"Store_out_queue held {fullest} messages: the side that should take them was not there."
    return False, f"Store_out_queue held at most {fullest} of the 3 messages. Which process takes messages out of it?"


@exercise("three ways in", "Deliver one message by MAPI, one by SMTP and one by the Pickup folder.")
def _three_ways(trace: Trace) -> Verdict:
    ways = {item["via"] for item in trace.messages.values() if item["kind"] == "message"}
    arrived = {event.message for event in trace if isinstance(event.telling, Delivered)}
    missing = {"mapi", "smtp", "pickup"} - {trace.messages[name]["via"] for name in arrived if name in trace.messages}
    if not missing:
        return True, "All three ways lead into the same advanced queuing engine."
    return (
        False,
        f"Delivered so far by way of: {', '.join(sorted(ways - missing)) or 'none'}. Missing: {', '.join(sorted(missing))}.",
    )


@exercise("three queues", "Make mail wait for ten seconds or more in each of three queues.")
def _three_queues(trace: Trace) -> Verdict:
    wanted = (places.PENDING_SUBMISSION, places.AWAITING_LOOKUP, places.LOCAL_DELIVERY)
    held = dict.fromkeys(wanted, 0.0)
    waiting: dict[MailId, tuple[Place, float]] = {}
    for state in trace.states():
        for mail, item in state.mails.items():
            since = waiting.get(mail)
            if since is None or since[0] != item.place:
                waiting[mail] = (item.place, state.time)
            elif item.place in held:
                held[item.place] = max(held[item.place], state.time - since[1])
    waits = {item.place for item in trace.at().mails.values()}  # at the end, and so for good
    short = [places.name_of(name) for name, seconds in held.items() if seconds < 10 and name not in waits]
    if not short:
        return True, "Each of the three queues held a message for ten seconds or more."
    return False, f"Nobody waited ten seconds in: {', '.join(short)}. What must stop so that this queue fills?"


@exercise("four destinations", "Send mail to all four kinds of destination, and have it arrive.")
def _four_destinations(trace: Trace) -> Verdict:
    found = set()
    servers = {item["name"]: item["routing_group"] for item in trace.organization["servers"]}
    first: dict[str, str] = {}
    for event in trace:
        if event.server in servers:
            first.setdefault(event.message, event.server)
        for state in [effect.state for effect in event.effects if isinstance(effect, Ended)]:
            if state == "relayed":
                found.add("the Internet")
            if state == "delivered":
                start, end = first[event.message], event.server
                same_group = servers[start] == servers[end]
                found.add(
                    "same server" if start == end else "same routing group" if same_group else "other routing group"
                )
    missing = [
        name
        for name in ("same server", "same routing group", "other routing group", "the Internet")
        if name not in found
    ]
    if not missing:
        return True, "All four destinations were reached."
    return False, f"Still missing: {', '.join(missing)}."


@exercise(
    "two and a spare", "Give branch.example three exchangers: two that share the mail, and a spare one.", takes=RECORDS
)
def _two_and_a_spare(records: str) -> Verdict:
    resolver = resolver_of((Zone(name="branch.example", records=records),))
    orders = Counter(ask_mx(resolver, "branch.example", random.Random(seed)).hosts for seed in range(40))
    if len({frozenset(order) for order in orders}) != 1 or any(len(order) != 3 for order in orders):
        last = ask_mx(resolver, "branch.example", random.Random(0))
        return False, f"A sender does not find three hosts. It finds: {', '.join(last.hosts) or last.why}."
    spare = {order[-1] for order in orders}
    if len(spare) > 1:
        return (
            False,
            f"Each of {', '.join(sorted(spare))} is tried last by somebody. The spare host needs a higher number.",
        )
    if len(orders) < 2:
        return False, f"Every sender tries {next(iter(orders))[0]} first. Which number makes two hosts share the load?"
    return True, f"Two hosts share the mail, and {spare.pop()} waits until both are gone."


def _asked(organization: Organization, address: str, *, client_ip: str = STRANGER, authenticated: bool = False) -> bool:
    """Whether a recipient is accepted from a stranger, or from another client."""
    attempt = Attempt(client_ip, address, authenticated=authenticated)
    return decide(organization, organization.servers[0].name, attempt).accepted


def _still_works(organization: Organization) -> str:
    """What every server on the Internet must do, as a hint about what it no longer does."""
    server = organization.servers[0].name
    if found := open_relay(organization, server):
        return f"A stranger at {found.client_ip} still reaches {found.recipient}."
    local = next(item.primary for item in organization.recipients if isinstance(item, Mailbox))
    if not _asked(organization, local):
        return f"Now nobody outside can write to {local}, who is your own user."
    return ""


@exercise(
    "close the relay", "Close the open relay, but let the branch printer and those who log on relay.", takes=SETTINGS
)
def _close_the_relay(organization: Organization) -> Verdict:
    if hint := _still_works(organization):
        return False, hint
    if not _asked(organization, FOREIGN, client_ip=PRINTER):
        return False, f"The branch printer at {PRINTER} cannot send its scans to {FOREIGN} any more."
    if not _asked(organization, FOREIGN, authenticated=True):
        return False, f"A travelling user who logs on cannot write to {FOREIGN} any more."
    return True, "Strangers are refused; the printer and the travelling users still get through."


@exercise("one partner", f"Let anybody relay to {PARTNER_DOMAIN}, and to no other foreign domain.", takes=SETTINGS)
def _one_partner(organization: Organization) -> Verdict:
    if not _asked(organization, f"pat@{PARTNER_DOMAIN}"):
        return (
            False,
            f"A stranger's mail for pat@{PARTNER_DOMAIN} is refused. Which rule lets anybody relay to one domain?",
        )
    if hint := _still_works(organization):
        return False, hint
    return True, f"Anybody may relay to {PARTNER_DOMAIN}, and nowhere else."


@exercise(
    "travelling user", "Let the travelling user relay after logging on, without opening the server.", takes=SETTINGS
)
def _travelling_user(organization: Organization) -> Verdict:
    if hint := _still_works(organization):
        return False, hint
    if not _asked(organization, FOREIGN, authenticated=True):
        return False, f"The user logs on and still cannot write to {FOREIGN}. Look at the rule that refuses."
    return True, "Who logs on may relay from anywhere, and nobody else."


def _legs(organization: Organization, *failing: str) -> list[str]:
    """The routing groups that a real message from Seattle to Brussels passes; empty when it does not arrive."""
    scenario = Scenario(organization)
    for name in failing:
        scenario.fail(name)
    letter = Message.write("sara@contoso.com", "bruno@contoso.com", subject="Which way?")
    trace = scenario.send(letter, at=1).run(until=7200)
    if trace.status()["m1"][0][1] != "delivered":
        return []
    group_of = {item["name"]: item["routing_group"] for item in trace.organization["servers"]}
    carried = (group_of[event.server] for event in trace if event.message == "m1" and event.server in group_of)
    return list(dict.fromkeys(carried))


@exercise(
    "by London",
    "Give costs so that Seattle reaches Brussels by London while it is up, and by Tokyo otherwise.",
    takes=SETTINGS,
)
def _by_london(organization: Organization) -> Verdict:
    usual = _legs(organization)
    if "London" not in usual:
        return (
            False,
            f"With everything up the message went {' > '.join(usual) or 'nowhere'}. London has to be the cheaper way.",
        )
    for failing in ("Seattle-London", "London-Brussels"):
        other = _legs(organization, failing)
        if "Tokyo" not in other or not other:
            return (
                False,
                f"With {failing} down the message went {' > '.join(other) or 'nowhere'}. It should go by Tokyo.",
            )
    return True, "By London while it is up, and by Tokyo otherwise."


@exercise(
    "second bridgehead",
    "Set up London-Paris so that mail still flows when any one of its bridgeheads stops.",
    takes=SETTINGS,
)
def _second_bridgehead(organization: Organization) -> Verdict:
    entry = organization.connector.get("London-Paris")
    if entry is None:
        return False, "The connector London-Paris is gone. Give it another bridgehead instead."
    people = {"LON01": "ben@contoso.com"}
    for server in bridgeheads(entry) or [item.name for item in organization.members_of("London")]:
        letter = Message.write(people.get(server, "anna@contoso.com"), "pierre@contoso.com", subject="Still there?")
        trace = Scenario(organization).stop("SMTP", server).send(letter, at=5).run(until=3600)
        if trace.status()["m1"][0][1] != "delivered":
            return False, f"With the SMTP service of {server} stopped, a message from London to Pierre does not arrive."
    return True, "Each bridgehead may stop, and the mail still arrives."


@exercise(
    "who is wrong",
    "Name every server whose table still says UP for the dead link: give (trace, seconds, names).",
    takes=ANSWER,
)
def _still_wrong(attempt: tuple[Trace, float, Iterable[str]]) -> Verdict:
    trace, seconds, names = attempt
    given = set(names)
    step = trace.step_at(seconds)
    servers = [item["name"] for item in trace.organization["servers"]]
    if unknown := sorted(given.difference(servers)):
        return False, f"There is no server {unknown[0]}."
    dead = {name for name, up in trace.at(step).outside.items() if not up and name in _connectors(trace)}
    wrong = {name for name in servers if dead.difference(table_of(trace, name, step).down)}
    if missed := sorted(wrong - given):
        return False, f"{missed[0]} is not in your answer, and its table says UP for a link that is dead."
    if extra := sorted(given - wrong):
        return False, f"{extra[0]} is in your answer, and its table knows already."
    return True, f"{len(wrong)} of {len(servers)} servers would still route to the dead link."


def _connectors(trace: Trace) -> set[str]:
    return {item["name"] for item in trace.organization["connectors"]}


def goal(task: str) -> str:
    """What a task asks for."""
    return TASKS[task].goal
