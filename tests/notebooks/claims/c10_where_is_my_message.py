"""What notebook 10 claims."""

import re
from datetime import timedelta

import mailflow
from mailflow.facts import fact
from mailflow.faults import start, stop
from mailflow.organization.model import Mailbox, Organization
from mailflow.tools import event_log
from mailflow.tools.phases import PHASES, of_queue
from mailflow.tools.queue_viewer import PILE_UP
from mailflow.trace import Trace
from mailflow.trace.clock import START

from .reading import Said, Shown, claim, flat, of_kind, silent

FOUND = {
    "antivirus": ("Messages pending submission", "the virus scanner hangs"),
    "global catalog": ("Messages awaiting directory lookup", "the global catalog is away"),
    "routing engine": ("Messages waiting to be routed", "the routing engine is stopped"),
    "Mailbox Store": ("Local delivery", "the mailbox store is dismounted"),
    "London-Paris": ("link queues", "the line to Paris is broken"),
}


def home(organization: Organization, name: str) -> str:
    (found,) = (item.server for item in organization.recipients if isinstance(item, Mailbox) and item.name == name)
    return found


def entries(trace: Trace, server: str, sender: str) -> list[int]:
    """The numbers that a server has written of the first message from somebody, in order."""
    rows = [row for row in mailflow.tracking_log(trace, server) if row.sender.endswith((sender, "CN=BEN"))]
    return [row.event for row in rows if row.message_id == rows[0].message_id]


@claim(
    "10-06",
    "Microsoft's support looks for a message in {n} phases: **submission**, **processing**, **delivery** (K101). Here is one that arrives.",
    of="10-07",
)
def three_phases(said: Said, shown: Shown) -> None:
    assert said["n"] == len(PHASES) == 3
    well = shown.names["well"]
    rungs = mailflow.tracking_center(well).find(sender="ben@contoso.com")[0].ladder.rungs
    name = next(row.message_id for row in mailflow.tracking_log(well, "LON02"))
    assert shown.text == f"Ladder: {name} from ben@contoso.com, {len(rungs)} rungs"
    assert well.status()["m1"] == [("pierre@contoso.com", "delivered", "PAR02, Mailbox Store")]


@claim("10-06", "Ben sits in London, on `{ben:text}`; Pierre in Paris, on `{pierre:text}`.")
def they_sit(said: Said, shown: Shown) -> None:
    company = shown.names["company"]
    assert (said["ben"], said["pierre"]) == (home(company, "ben"), home(company, "pierre"))


@claim(
    "10-08",
    "Each server goes through the same {phases} phases, and an arrow leads to the next. {n} numbers do most of the work: `{arrived}` it came in, "
    "`{link}` it lies in a link queue, `{on}` it was handed on, `{done}` it lies in a mailbox.",
    of="10-07",
)
def four_numbers(said: Said, shown: Shown) -> None:
    numbers = [said[name] for name in ("arrived", "link", "on", "done")]
    assert numbers == [1019, 1034, 1031, 1028]
    assert said["n"] == len(numbers)
    ladder = mailflow.tracking_center(shown.names["well"]).find(sender="ben@contoso.com")[0].ladder
    for server in ("LON02", "PAR01", "PAR02"):
        assert len({rung.phase for rung in ladder.rungs if rung.server == server}) == said["phases"]
        assert said["arrived"] in entries(shown.names["well"], server, "ben@contoso.com")
    assert entries(shown.names["well"], "PAR02", "ben@contoso.com")[-1] == said["done"]
    assert re.search(r", 11 rungs$", shown.text)


@claim(
    "10-08",
    "That is the complaint on each of {n} mornings, and each has a cause of its own.",
    of="10-09",
)
def five_mornings(said: Said, shown: Shown) -> None:
    causes, mornings = shown.names["causes"], shown.names["mornings"]
    assert said["n"] == len(mornings) == len(set(causes))
    told = dict(re.findall(r"(\w+day): (\d+ in [\w ]+)", shown.text))
    for (day, run), cause in zip(mornings.items(), causes, strict=True):
        queue = mailflow.queues(run, "LON02").by_number[0]
        assert told[day] == f"{queue.number} in {FOUND[cause][0]}"
        states = [state for rows in run.status().values() for _, state, _ in rows]
        assert "waiting" in states
        assert "bounced" not in states
    assert shown.text.startswith("Chart of where messages wait on LON02. Monday: ")


@claim("10-08", "*Ben wrote to Pierre, Anna wrote to Ben.", of="10-09")
def who_wrote(said: Said, shown: Shown) -> None:
    for run in shown.names["mornings"].values():
        ways = {(data["sender"], *run.status()[name][0][:1]) for name, data in run.messages.items()}
        assert ways == {("ben@contoso.com", "pierre@contoso.com"), ("anna@contoso.com", "ben@contoso.com")}
        count = 8 if len(mailflow.queues(run, "LON02").by_number[0].messages) in (8, 16) else 0
        assert len(run.messages) == 2 * count


@claim("10-10", "Read a row as: *everything before the pile has worked.*", of=("10-09", "10-10a"))
def the_causes(said: Said, chart: Shown, told: Shown) -> None:
    mornings, causes = told.names["mornings"], told.names["causes"]
    assert told.lines == [f"{day}: {cause}" for day, cause in zip(mornings, causes, strict=True)]
    for cause, day in told.names["when"].items():
        assert re.search(rf"{day}: \d+ in {re.escape(FOUND[cause][0])}", chart.text)
    assert len(set(told.names["when"].values())) == len(causes)


@claim("10-10b", "each queue has a first suspicion and a next tool.", of="10-11")
def first_suspicions(said: Said, shown: Shown) -> None:
    lines = iter(shown.lines)
    for day, cause in zip(shown.names["mornings"], shown.names["causes"], strict=True):
        name = FOUND[cause][0]
        suspicion = PILE_UP.get(name) or PILE_UP["a link queue"]
        assert next(lines) == f"{day:9}  {cause if name == 'link queues' else name}"
        assert next(lines).strip() == f"think of: {suspicion.first}"
        assert next(lines).strip() == f"ask next: {suspicion.next_tool}"
    assert list(lines) == []


@claim(
    "10-12", "Now step through one message of the morning with the broken line. In which queue does it end?", of="10-13"
)
def it_ends_in_the_link_queue(said: Said, shown: Shown) -> None:
    stuck = shown.names["stuck"]
    shown.plays(stuck)
    assert stuck.status()["m1"][0][1:] == ("waiting", "LON02: link/London-Paris/PAR02")


@claim("10-14", "The order of reading: the biggest number, then its state, then what is in it (K63).", of="10-15")
def the_biggest(said: Said, shown: Shown) -> None:
    viewer = mailflow.queues(shown.names["cut"], "LON02")
    (queue,) = viewer.by_number
    assert shown.text == f"Queue Viewer: LON02, {len(list(viewer))} queues, {queue.number} messages"


@claim("10-16", "*Retry* means that at least one attempt has failed (K48).", of="10-15")
def it_is_in_retry(said: Said, shown: Shown) -> None:
    assert mailflow.queues(shown.names["cut"], "LON02")["London-Paris"].state == "Retry"
    assert of_kind(shown.names["cut"], "link.failed")


@claim(
    "10-18",
    "There is a `{link}` and no `{on}`: it lies in a link queue, and Microsoft's own tool judges so, too (K31).",
    of="10-17",
)
def stuck_by_the_log(said: Said, shown: Shown) -> None:
    cut = shown.names["cut"]
    *answer, second = shown.lines
    first = " ".join(answer)
    written = entries(cut, "LON02", "ben@contoso.com")
    assert written[-1] == said["link"]
    assert said["on"] == 1031
    assert said["on"] not in written
    assert second == f"last entries: {' '.join(map(str, written))}"
    when = next(row.when for row in mailflow.tracking_log(cut, "LON02") if row.event == 1034)
    clock = f"{when.year}-{when.month}-{when.day} {when.hour}:{when:%M:%S} GMT"
    assert first == (
        f"pierre@contoso.com: stuck in a link queue of LON02, as far as its log goes: the last entry is 1034 at {clock} [documented]"
    )
    assert when == START + timedelta(seconds=1)
    assert "1034" in str(fact("K31"))


@claim("10-18", "{one} broken line, seen by {n} tools.", of="10-19")
def four_tools(said: Said, shown: Shown) -> None:
    cut = shown.names["cut"]
    assert len(shown.lines) == said["n"]
    assert len(of_kind(cut, "administrator.network")) == said["one"]
    assert shown.lines == [
        "WinRoute   London-Paris is UP",
        "queue      London-Paris is in Retry",
        f"tracking   the last entry is {entries(cut, 'LON02', 'ben@contoso.com')[-1]}",
        f"event log  {' '.join(sorted(set(event_log(cut, 'LON02').column('Event'))))}",
    ]
    assert mailflow.queues(cut, "LON02")["London-Paris"].state == "Retry"
    assert not mailflow.winroute(cut, "LON02").table.down


@claim(
    "10-20",
    "Event `{number}` says that sending failed (K71), and Paris is a leaf, so its connector stays up (R89).",
    of="10-19",
)
def the_event(said: Said, shown: Shown) -> None:
    assert shown.lines[-1] == f"event log  {said['number']}"
    assert f"{said['number']} a remote server" in " ".join(str(fact("K71")).split())


@claim("10-20", "Now `PAR01` keeps no log. Nothing is broken.", of="10-21")
def the_trail_ends(said: Said, shown: Shown) -> None:
    quiet = shown.names["quiet"]
    when = max(row.when for row in mailflow.tracking_log(quiet, "LON02"))
    says, truth = shown.lines
    assert (
        says
        == f"handed on by LON02 at {when.year}-{when.month}-{when.day} {when.hour}:{when:%M:%S} GMT to PAR01, which does not track messages"
    )
    assert truth == f"in truth: {' '.join(quiet.status()['m1'][0])}"
    assert quiet.status()["m1"][0][1] == "delivered"
    assert not of_kind(quiet, "administrator.network")


@claim(
    "10-22",
    "| it came in here: `{arrived}` | what came before, on a server without a log (K34) |\n"
    "| it was handed on: `{on}` | what a foreign system did with it (K37) |\n"
    "| it lies in the mailbox: `{done}` | whether anybody has read it |\n"
    "| a report was decided on: `{report}` | whether that was right: read the code (K32) |\n"
    "| a transfer has begun: `{begun}` | that it ended; only `{ended}` says so (K30) |",
)
def what_is_proved(said: Said, shown: Shown) -> None:
    assert [said[name] for name in ("arrived", "on", "done", "report", "begun", "ended")] == [
        1019,
        1031,
        1028,
        1030,
        1020,
        1031,
    ]


@claim("10-22a", "You get the complaint and the tools; the configuration stays hidden.", of="10-22b")
def the_complaint(said: Said, shown: Shown) -> None:
    again = mailflow.fault("F3", seed=1)
    assert shown.lines == [again.complaint, again.goal, f"Servers: {', '.join(again.servers)}"]
    assert "Mailbox Store" not in shown.text


@claim("10-22e", "Delivery is where it stops: the last thing before the mailbox.", of="10-22d")
def it_stops_before_the_mailbox(said: Said, shown: Shown) -> None:
    again = mailflow.fault("F3", seed=1)
    (answer,) = again.tracking_center().find(recipients="anna@contoso.com")[0].answers
    (queue,) = again.queues(answer.server).by_number
    assert shown.lines == [answer.says, f"{queue.name}, {queue.state}: think of {PILE_UP['Local delivery'].first}"]
    assert of_queue(queue.name) == "delivery"


@claim("10-22e", "A repair counts when the goal holds and nothing else broke.", of="10-22f")
def found_and_cured(said: Said, shown: Shown) -> None:
    again = mailflow.fault("F3", seed=1)
    server = again.tracking_center().find(recipients="anna@contoso.com")[0].answers[0].server
    again.queues(server)
    found, cured = again.diagnose(stop("Mailbox Store", server)), again.repair(start("Mailbox Store", server))
    assert found.solved
    assert cured.solved
    assert shown.words == flat(f"{found.text} {cured.text}")


@claim(
    "10-29", "First one of Anna's, whose line to Paris was broken for {minutes} minutes: where did it wait?", of="10-30"
)
def it_waited(said: Said, shown: Shown) -> None:
    late = shown.names["late"]
    failed = of_kind(late, "administrator.network")
    assert [event.time for event in failed] == [0, 60 * said["minutes"]]
    assert shown.text == f"Received: {mailflow.received(shown.names['letter']).findings[0]}"
    assert shown.text.startswith("Received: 3 hops, 13 min 1 s from")


@claim(
    "10-31",
    "The line was back after {minutes} minutes, and the message came after {later}. Why? {glitches} glitch retries had failed, and the queue's next "
    "turn was {interval} minutes later (the interval is unconfirmed, T104).",
    of=("10-30", "10-32"),
)
def thirteen_minutes(said: Said, shown: Shown, mine: Shown) -> None:
    late = shown.names["late"]
    assert mine.text == shown.text
    back = of_kind(late, "administrator.network")[-1]
    assert back.time == 60 * said["minutes"]
    slowest = mailflow.received(shown.names["letter"]).slowest
    assert slowest
    assert slowest.line.by.startswith("par01")
    assert slowest.delay
    assert slowest.delay // 60 == said["later"]
    failed = [event.time for event in of_kind(late, "link.failed")]
    assert len(failed) == said["glitches"] + 1
    assert round((slowest.delay + 1 - failed[-1]) / 60) == said["interval"]


TWO_CLOCKS = """Received: from a.example ([192.0.2.1]) by b.example; Mon, 6 Oct 2003 09:00:00 +0000
Received: from [192.0.2.7] by a.example; Mon, 6 Oct 2003 09:00:07 +0000

"""


@claim("10-33", "A negative delay is {n} clocks that differ.")
def clocks(said: Said, shown: Shown) -> None:
    found = mailflow.received(TWO_CLOCKS)
    assert found.skew == 7
    assert len({hop.line.by for hop in found.hops}) == said["n"]


@claim(
    "10-now", "Today it is on, kept for {days} days, with commas and names: `RECEIVE`, `SEND`, `DELIVER`, `FAIL` (N67)."
)
def today(said: Said, shown: Shown) -> None:
    known = " ".join(str(fact("N67")).split())
    assert f"{said['days']} days" in known
    for word in ("RECEIVE", "SEND", "DELIVER", "FAIL"):
        assert word in known


silent("10-08", r"`mailflow\.what_is\(\"1033\"\)`", "an example of a call")
