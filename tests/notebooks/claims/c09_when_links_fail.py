"""What notebook 09 claims."""

import ast
import itertools
import re
from collections import Counter

import mailflow
from mailflow import plots
from mailflow.facts import fact

from .reading import Said, Shown, claim, keys, of_kind, word


@claim(
    "09-04",
    "Seattle writes to Brussels, by Tokyo, which is cheaper. {one} line is broken already, from Tokyo to Brussels",
    of="09-05",
)
def by_tokyo(said: Said, shown: Shown) -> None:
    lab = shown.names["lab"]
    shown.plays(lab.shown)
    cost = {name: item.cost for name, item in shown.names["four"].connector.items()}
    assert cost["Seattle-Tokyo"] + cost["Tokyo-Brussels"] < cost["Seattle-London"] + cost["London-Brussels"]
    broken = of_kind(lab.shown, "administrator.network")
    assert len(broken) == said["one"]
    assert "Tokyo-Brussels" in broken[0].sentence


@claim(
    "09-06",
    "It had reached Tokyo before anybody knew of the broken line. So Tokyo chose again, from *its* table, and sent it back by Seattle.",
    of="09-05",
)
def it_turned_round(said: Said, shown: Shown) -> None:
    run = shown.names["lab"].shown
    ways = [(event.server[:3], word(event, "peer")[:3].upper()) for event in of_kind(run, "smtp.content")]
    assert ways[:4] == [("SEA", "SEA"), ("SEA", "TOK"), ("TOK", "SEA"), ("SEA", "LON")]
    assert run.status()["m1"][0][1] == "delivered"


TOLD = {"link.failed": "Connection failed", "routing.gave-up": "Connector given up"}
TOLD |= {"routing.raised": "Version raised", "link.rerouted": "Routed anew"}


@claim("09-06", "Here are the times of that run.", of="09-07")
def the_times(said: Said, shown: Shown) -> None:
    events = of_kind(shown.names["lab"].shown, *TOLD)
    rows = [re.fullmatch(r" *(\d+\.\d\d) s  (\w+)  (.+)", line) for line in shown.lines]
    assert [row and (float(row[1]), row[2], row[3]) for row in rows] == [
        (round(event.time, 2), event.server, TOLD[event.step.key]) for event in events
    ]


@claim(
    "09-08",
    "{waits} waits of {seconds} seconds, then the report (R80, R81). Some read the documents as {attempts} attempts in all, which would be "
    "{total} seconds. So it is a parameter here: `mailflow.Parameters(glitch_retries={retries})`.",
    of="09-07",
)
def three_waits(said: Said, shown: Shown) -> None:
    failed = [float(line.split()[0]) for line in shown.lines if line.endswith("Connection failed")]
    assert [round(later - earlier) for earlier, later in itertools.pairwise(failed)] == [said["seconds"]] * said[
        "waits"
    ]
    given_up = [float(line.split()[0]) for line in shown.lines if line.endswith("Connector given up")]
    assert given_up == failed[-1:]
    other = mailflow.Scenario(shown.names["four"], parameters=mailflow.Parameters(glitch_retries=said["retries"]))
    run = other.fail("Tokyo-Brussels").send(shown.names["letter"], at=1).run(until=700)
    assert len(of_kind(run, "link.failed")) == said["attempts"]
    assert round(of_kind(run, "routing.gave-up")[0].time - of_kind(run, "link.failed")[0].time) == said["total"]


@claim(
    "09-08", "From then on the bridgehead tries the far end every {seconds} seconds, even with no mail waiting (R86)."
)
def the_far_end(said: Said, shown: Shown) -> None:
    assert mailflow.Parameters().probe_seconds == said["seconds"]
    assert f"every {said['seconds']} seconds" in " ".join(str(fact("R86")).split())


@claim(
    "09-08",
    "{n} states travel: **up** and **down**. Whether a queue is active or waiting for its next try is known on its own server only (R83).",
    of="09-09",
)
def two_states_travel(said: Said, shown: Shown) -> None:
    own, neighbour = shown.lines
    assert ast.literal_eval(own.split(": ", 1)[1]) == {("TOK01", "link/Tokyo-Brussels"): "Retry"}
    assert own.startswith("TOK01 itself: ")
    assert neighbour == "in the table of SEA01: UP"
    assert len({"UP", "DOWN"}) == said["n"]


@claim(
    "09-10",
    "{one} cursor for {n} runs. The failure itself is {more} step more, so from there on they move by time.",
    of="09-11",
)
def with_and_without(said: Said, shown: Shown) -> None:
    shown.plays(shown.names["calm"])
    broken = [event for event in shown.names["lab"].shown if event.step.key == "administrator.network"]
    assert len(broken) == said["more"]
    assert (said["one"], said["n"]) == (1, 2)
    assert "administrator.network" not in keys(shown.names["calm"])


@claim(
    "09-12",
    "London and Paris have {one} line between them. It breaks. Paris has no other neighbour: it is a *leaf*. Exchange 2003 leaves a "
    "connector to a leaf **up** and lets its mail wait (R89); Exchange 2000 marked it down.",
    of="09-13",
)
def no_other_way(said: Said, shown: Shown) -> None:
    new, old = shown.lines
    assert new == "rules of 2003: 0 tables sent; the message waits in LON02: link/London-Paris/PAR02"
    found = re.fullmatch(
        r"rules of 2000: (\d+) tables sent; the message waits in LON02: queue/Messages with an unreachable destination",
        old,
    )
    assert found
    two, note = shown.names["two"], shown.names["note"]
    run = (
        mailflow.Scenario(two, parameters=mailflow.Parameters.exchange_2000())
        .fail("London-Paris")
        .send(note, at=1)
        .run(until=300)
    )
    assert int(found[1]) == plots.sent(run)[0] > 0
    assert len([item for item in two.connectors if getattr(item, "to", "") == "Paris"]) == said["one"]


@claim("09-12", "Paris has no other neighbour: it is a *leaf*.")
def documented_for_a_leaf(said: Said, shown: Shown) -> None:
    assert {item.to for item in shown.names["two"].connectors if item.routing_group == "Paris"} == {"London"}
    leaf = fact("R89").clauses[0]
    assert ("leaf routing group" in leaf.says, leaf.sure) == (True, "documented")


@claim(
    "09-14",
    "The mail waits in both cases. Marking the connector down would only spread news that helps nobody.",
    of="09-13",
)
def it_waits_in_both_cases(said: Said, shown: Shown) -> None:
    tables = [int(number) for number in re.findall(r"(\d+) tables sent; the message waits in LON02", shown.text)]
    assert len(tables) == 2
    assert tables[0] < tables[1]


@claim(
    "09-14", "makes every server of the company busy, because each change sends whole tables (R77, R79).", of="09-15"
)
def every_server_is_busy(said: Said, shown: Shown) -> None:
    found = re.findall(r"(Exchange 2000 rules|Exchange 2003 rules|suppressed): (\d+) tables, ([\d,]+) KB", shown.text)
    (old, *_), (new, *_), (suppressed, *_) = ((int(number), size) for _, number, size in found)
    assert old > len(shown.names["world"].servers)
    assert new < old
    assert suppressed == 0
    assert shown.text.strip() == repr(
        plots.flapping(shown.names["world"], "London-Brussels", shown.names["to_brussels"])
    )


@claim(
    "09-16",
    "One book says that news of connectors is held back for {minutes} minutes (R88); others say that a member reports at once, and that the master tells everybody (R62). Here it goes at once. `mailflow.Parameters(hold_back_seconds={seconds})` shows the other reading.",
    of="09-15",
)
def held_back(said: Said, shown: Shown) -> None:
    assert f"for {said['minutes']} minutes" in " ".join(str(fact("R88")).split())
    assert 60 * said["minutes"] == said["seconds"]
    assert mailflow.Parameters().hold_back_seconds == 0
    assert mailflow.Parameters(hold_back_seconds=said["seconds"])


@claim(
    "09-16",
    "Here the master of Seattle stops, then a link in Seattle breaks, then the master returns. When does the table of `{server:text}` say that it is down?",
    of=("09-17", "09-18"),
)
def when_the_master_returns(said: Said, shown: Shown, played: Shown) -> None:
    rows = dict(re.findall(r"^ *(\d+) s: (.*)$", shown.text, re.MULTILINE))
    assert rows == {"100": "all up", "500": "all up", "999": "all up", "1099": "Seattle-Tokyo"}
    away = shown.names["away"]
    returned = of_kind(away, "routing.returned")[0].time
    assert 999 < returned < 1099
    for seconds, down in rows.items():
        assert ", ".join(
            mailflow.winroute(away, said["server"], away.step_at(float(seconds))).table.down
        ) == down.replace("all up", "")
    played.plays(away)


@claim(
    "09-19",
    "Event {event} is logged, and the group hears nothing from outside until an administrator names another master. Such a group can stop mail as well (R14).",
)
def event_958(said: Said, shown: Shown) -> None:
    text = " ".join(str(fact("R14")).split())
    assert f"Event {said['event']} says so, and such a group can stop mail as well." in text


@claim(
    "09-19",
    "Seattle knows that its line to London is down and sends by Tokyo. Tokyo knows nothing of that, and sends back by the way that is cheapest on paper.",
    of="09-20",
)
def round_in_circles(said: Said, shown: Shown) -> None:
    run = (
        mailflow.Scenario(shown.names["mixed"]).fail("Seattle-London").send(shown.names["letter"], at=1).run(until=3000)
    )
    ways = Counter((event.server[:3], word(event, "peer")[:3].upper()) for event in of_kind(run, "smtp.content"))
    assert ways["SEA", "TOK"] > 5
    assert ways["TOK", "SEA"] > 5
    assert shown.text == "31 hops, then bounced: 4.4.6"


@claim("09-21", "The hop count ended it: {lines} `Received` lines are allowed (R118).", of="09-20")
def the_hop_count(said: Said, shown: Shown) -> None:
    hops, ended = shown.number(r"^(\d+) hops"), shown.text.split(", then ")[1]
    assert shown.names["mixed"].server["SEA01"].virtual_servers[0].max_hop_count == said["lines"]
    assert hops == said["lines"] + 1
    assert ended == "bounced: 4.4.6", "R118"


@claim("09-21", "Then nobody routes round the broken line, and the message waits for it:", of="09-22")
def nobody_routes_round(said: Said, shown: Shown) -> None:
    assert shown.text.strip() == "1 hop, then waiting: SEA01: link/Seattle-London/BRU02", (
        "from SEA02 to SEA01, and no further"
    )


@claim(
    "09-27",
    "A failed connection is tried again {times} times, {seconds} seconds apart. Only then is it news.",
    of="09-07",
)
def recap_of_glitches(said: Said, shown: Shown) -> None:
    failed = [float(line.split()[0]) for line in shown.lines if line.endswith("Connection failed")]
    assert len(failed) - 1 == said["times"]
    assert {round(later - earlier) for earlier, later in itertools.pairwise(failed)} == {said["seconds"]}
    assert keys(shown.names["lab"].shown).index("routing.raised") > keys(shown.names["lab"].shown).index(
        "routing.gave-up"
    )


@claim(
    "09-27",
    "The only way to a leaf: 2003 leaves the connector up. Flapping: 2003 stops listening to it.",
    of=("09-13", "09-15"),
)
def recap_of_2003(said: Said, leaf: Shown, flapping: Shown) -> None:
    assert leaf.lines[0].startswith("rules of 2003: 0 tables sent")
    assert "Exchange 2003 rules: " in flapping.text
    assert of_kind(
        mailflow.Scenario(leaf.names["two"]).fail("London-Paris").send(leaf.names["note"]).run(until=300),
        "routing.left-up",
    )
