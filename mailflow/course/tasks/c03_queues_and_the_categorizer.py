"""Notebook 03: three waits on one way, mail that is stuck though every service runs, and mail that comes back."""

from mailflow.course.exercises import SCRIPT, Verdict, exercise
from mailflow.course.probes import DAY, Objection, ends, needs, only_in, runs, sent_by_people, services_stopped
from mailflow.facts.words import listed
from mailflow.names import MessageId, Place, message_of
from mailflow.organization.model import Mailbox
from mailflow.simulation import Scenario
from mailflow.simulation.verbs import Send
from mailflow.trace import Trace
from mailflow.transport import places

SECONDS = 10
TRAYS = (places.PENDING_SUBMISSION, places.AWAITING_LOOKUP, places.LOCAL_DELIVERY)


def waits(trace: Trace, message: MessageId) -> dict[Place, float]:
    """How long a message lay at each place, in seconds; in the end, until the last thing that happened."""
    found: dict[Place, float] = {}
    last, since = Place(""), 0.0
    for state in trace.states():
        here = next((item.place for mail, item in state.mails.items() if message_of(mail) == message), Place(""))
        if here != last:
            found[last] = found.get(last, 0.0) + state.time - since
            last, since = here, state.time
    return found


@exercise(
    "three queues",
    'In "one server", let one and the same message wait ten seconds or more in each of three queues: Messages pending submission, '
    "Messages awaiting directory lookup, Local delivery. In the end it arrives.",
    takes=SCRIPT,
    notebook="03",
    hints=(
        "The message comes to the three queues one after another. In front of which part does each of them stand?",
        "The parts are the antivirus sink, the global catalog and the Mailbox Store. All three may be away from the start.",
        "Start them again one by one, the antivirus sink first, each at least ten seconds after the one before.",
    ),
    solution="""
attempt = mailflow.Scenario(mailflow.load("one server")).stop("antivirus").stop("global catalog").stop("Mailbox Store")
attempt.send(mailflow.Message.write("anna@contoso.com", "ben@contoso.com"), at=1)
attempt.start("antivirus", at=20).start("global catalog", at=40).start("Mailbox Store", at=60)

# Why: each queue stands in front of one part, and a message is in front of one part at a time. Start them in the order
# of its way. The Mailbox Store would take it at once if it came back before the message does. Anna's Outlook submits to
# the information store, and that runs all the time; only one of its databases is dismounted.
""",
)
def three_queues(scenario: Scenario) -> Verdict:
    """One message has all three waits behind it, and lies in a mailbox in the end."""
    only_in(scenario.organization, "one server")
    for trace in runs(scenario):
        own = [name for name in sent_by_people(trace) if _arrived(trace, name)]
        needs(own, "No message of anybody arrived in the end.")
        each = {name: waits(trace, name) for name in own}
        best = max(own, key=lambda name: sum(each[name].get(tray, 0.0) >= SECONDS for tray in TRAYS))
        short = [places.name_of(tray) for tray in TRAYS if each[best].get(tray, 0.0) < SECONDS]
        needs(
            not short, f"The message {best} arrived, and did not wait ten seconds in {listed(map(str, short), 'or')}."
        )
    return True, "The same message waited in each of the three queues, and arrived."


def _arrived(trace: Trace, message: str) -> bool:
    rows = ends(trace, message)
    return bool(rows) and all(state in ("delivered", "relayed", "expanded", "redirected") for state, _ in rows.values())


@exercise(
    "stuck without a stop",
    'In "two servers", strand a message from Anna to Ben for a day and stop no service: find three different reasons why it waits.',
    takes=SCRIPT,
    notebook="03",
    ways=3,
    hints=(
        "Queue Viewer shows a state beside each queue. Which states can the link queue of LON01 to LON02 have?",
        "Something can be away (fail), an administrator can do something to a queue (freeze) or to the server, and a sender can ask for it.",
        'freeze("lon02.contoso.com", "LON01") needs a queue that is there already: let LON02 fail first, and freeze a bit later.',
    ),
    solution="""
letter = mailflow.Message.write("anna@contoso.com", "ben@contoso.com")
two = mailflow.load("two servers")
attempt = [
    mailflow.Scenario(two).fail("LON02").send(letter, at=1),
    mailflow.Scenario(two).fail("LON02").send(letter, at=1).freeze("lon02.contoso.com", "LON01", at=5),
    mailflow.Scenario(two).disable_outbound_mail("LON01").send(letter, at=1),
]

# Why: a queue waits for its next try, because it is frozen, or because outbound mail is disabled. Queue Viewer shows which.
# A message that its sender deferred (deliver_after=...) waits in a queue of its own.
""",
)  # fmt: skip
def stuck(scenario: Scenario) -> Verdict:
    """The way is the state of the queue in which the message still lies after a day."""
    only_in(scenario.organization, "two servers")
    trace = scenario.run(until=DAY)
    stopped = services_stopped(trace)
    needs(not stopped, f"A service was stopped: {', '.join(stopped[:1])}. Here everything runs.")
    name = _from_anna_to_ben(trace)
    state = trace.at()
    mail = next((item for mark, item in state.mails.items() if message_of(mark) == name), None)
    end = ends(trace, name)["ben@contoso.com"][0]
    needs(mail is not None and end == "waiting", f"After a day the message to Ben is {end}. It should still wait.")
    assert mail is not None
    shown = state.queue_states.get((mail.server, _queue(mail.place)), "")
    return True, shown or str(places.name_of(mail.place))


def _queue(place: Place) -> str:
    """The place of a queue as Queue Viewer names its state: of a link queue without the destination behind the hop."""
    return "/".join(place.split("/")[:2])


def _from_anna_to_ben(trace: Trace) -> MessageId:
    for name in sent_by_people(trace):
        if trace.messages[name]["sender"].lower() == "anna@contoso.com" and [*ends(trace, name)][:1] == [
            "ben@contoso.com"
        ]:
            return name
    raise Objection("There is no message from anna@contoso.com to ben@contoso.com alone.")


@exercise(
    "back to Anna",
    'In "two servers", Anna writes to Ben, who exists, and her message comes back: find three different status codes.',
    takes=SCRIPT,
    notebook="03",
    ways=3,
    hints=(
        "A report is written where somebody gives up: the categorizer, a server that is refused, a queue that waited too long, an administrator.",
        'A size limit counts at each server it meets: mailflow.reconfigure(two, "LON02", max_message_kb=100).',
        "Let LON02 fail for longer than two days; or delete the queue to it while the message waits there.",
    ),
    solution="""
two = mailflow.load("two servers")
letter = mailflow.Message.write("anna@contoso.com", "ben@contoso.com", attachments={"plan.doc": 200_000})
small = mailflow.reconfigure(two, "LON02", max_message_kb=100)
attempt = [
    mailflow.Scenario(small).send(letter),
    mailflow.Scenario(two).fail("LON02").send(letter, at=1),
    mailflow.Scenario(two).fail("LON02").send(letter, at=1).delete("lon02.contoso.com", "LON01", at=60),
]

# Why: 5.3.4 is the size limit of the next server, 4.4.7 means that the message waited for two days, and 4.3.2 is the
# administrator who deleted the queue. The code is the first hint of who gave up, before you read a word of the report.
""",
)
def back_to_anna(scenario: Scenario) -> Verdict:
    """The way is the status code with which the message comes back, and a report that lies in Anna's mailbox."""
    found = scenario.organization.by_address
    needs(
        isinstance(found.get("ben@contoso.com"), Mailbox) and isinstance(found.get("anna@contoso.com"), Mailbox),
        "Ben and Anna must both have a mailbox.",
    )
    needs(len(scenario.organization.servers) == 2, 'This is about mailflow.load("two servers").')
    needs(
        sum(isinstance(action.verb, Send) for action in scenario.script) == 1,
        "Send one message, from Anna to Ben, and nothing else.",
    )
    trace = scenario.run(until=3 * DAY)
    state, code = ends(trace, _from_anna_to_ben(trace))["ben@contoso.com"]
    needs(state == "bounced", f"The message to Ben is {state}. It should come back.")
    told = any(rows.get("anna@contoso.com", ("", ""))[0] == "delivered" for rows in (ends(trace, name) for name in trace.messages))  # fmt: skip
    needs(told, f"The message came back with {code}, but no report reached Anna.")
    return True, code
