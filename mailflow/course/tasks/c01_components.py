"""Notebook 01: which queue of EXIPC fills, and whose."""

from collections.abc import Iterator

from mailflow.course.exercises import SCRIPT, Verdict, exercise
from mailflow.course.probes import DAY, ends, needs, only_in, replayed, runs, sent_by_people
from mailflow.facts.words import counted, listed
from mailflow.names import MailId, message_of
from mailflow.simulation import Scenario
from mailflow.trace import Trace
from mailflow.transport import places

SECONDS = 10


def held(trace: Trace, server: str) -> Iterator[tuple[float, set[MailId]]]:
    """Which MailMsgs lie in Store_out_queue of a server, each time that changes."""
    last: set[MailId] | None = None
    for state in trace.states():
        now = {mail for mail, item in state.mails.items() if item.server == server and item.place == places.STORE_OUT}
        if now != last:
            yield state.time, now
        last = now


def longest(trace: Trace, server: str, count: int) -> float:
    """How long, in seconds, so many messages of people lay in Store_out_queue of a server at the same time."""
    people = set(sent_by_people(trace))
    best, since = 0.0, None
    for time, mails in [*held(trace, server), (DAY, set[MailId]())]:
        full = len({message_of(mail) for mail in mails} & people) >= count
        if since is not None:
            best = max(best, time - since)
        since = (since if since is not None else time) if full else None
    return best


@exercise(
    "exipc backs up",
    f'In "two servers", let three messages lie in Store_out_queue of LON02 together for {SECONDS} seconds, and arrive in the end.',
    takes=SCRIPT,
    notebook="01",
    hints=(
        "Store_out_queue leads from Store.exe to Inetinfo.exe. Which of the two has to be away so that it fills?",
        "Only somebody whose mailbox is on LON02 puts mail into the queue of LON02: Ben or Carla.",
        'Stop "SMTP" on "LON02", send three messages of Ben, and start it again with at=60.',
    ),
    solution="""
attempt = mailflow.Scenario(mailflow.load("two servers")).stop("SMTP", "LON02")
for second in (1, 2, 3):
    attempt.send(mailflow.Message.write("ben@contoso.com", "anna@contoso.com"), at=second)
attempt.start("SMTP", "LON02", at=60)

# Why: the SMTP service is a part of Inetinfo.exe, which takes the handles out of Store_out_queue. While it is away,
# Store.exe goes on putting them in. The queue belongs to the server of the sender.
""",
)
def exipc_backs_up(scenario: Scenario) -> Verdict:
    """The queue fills because one service is away, and for no other reason: without the stop it is empty at once."""
    only_in(scenario.organization, "two servers")
    stopped = {(action.verb.as_data()["service"], action.verb.as_data()["server"]) for action in scenario.script if action.verb.word == "stop"}  # fmt: skip
    needs(len(stopped) == 1, f"Stop one service on one server. You stopped {len(stopped) or 'none'}.")
    for trace in runs(scenario):
        most = max((len(mails) for _, mails in held(trace, "LON02")), default=0)
        needs(most >= 3, f"Store_out_queue of LON02 held {counted(most, 'message')} at most. It takes 3.")
        seconds = longest(trace, "LON02", 3)
        needs(
            seconds >= SECONDS,
            f"Three messages of people lay there together for {counted(int(seconds), 'second')}. It takes {SECONDS}.",
        )
        waiting = [
            address
            for name in sent_by_people(trace)
            for address, (state, _) in ends(trace, name).items()
            if state not in ("delivered", "relayed", "expanded")
        ]
        needs(not waiting, f"Mail for {listed(dict.fromkeys(waiting[:3]))} did not arrive in the end.")
    calm = replayed(scenario, leave_out="stop").run(until=1000)
    needs(longest(calm, "LON02", 3) < SECONDS, "The queue fills without the stop, too: something else holds it up.")
    return True, "Store_out_queue of LON02 held three messages: the side that should take them was not there."
