"""What notebook 07 claims."""

import re
from dataclasses import replace
from typing import Any

import mailflow
from mailflow.facts import fact
from mailflow.organization import Organization

from .reading import PATHS, Said, Shown, claim, of_kind, read, word


def cheapest(organization: Organization, start: str) -> dict[str, int]:
    """The least cost from a routing group to each other, worked out anew and without the package's own search."""
    lines = [
        (item.routing_group, target, item.cost)
        for item in organization.connectors
        for target in ([item.to] if hasattr(item, "to") else item.connected_routing_groups)
    ]
    known = {start: 0}
    for _ in organization.routing_groups:
        for near, far, cost in lines:
            if near in known:
                known[far] = min(known.get(far, known[near] + cost), known[near] + cost)
    return known


@claim(
    "07-01",
    "- name {n} reasons for a further routing group, and what each of them costs, - choose between the {kinds} kinds of connector,",
)
def reasons_and_kinds(said: Said, shown: Shown) -> None:
    prose = "\n".join(cell.source for cell in read(PATHS["07"]).cells.values())
    reasons = re.findall(r"^## Reason (\d):", prose, re.MULTILINE)
    assert reasons == [str(number) for number in range(1, said["n"] + 1)]
    assert prose.count("**It helps:**") == prose.count("**It costs:**") == said["n"]
    (heads,) = re.findall(r"^\| \| (.*connector) \|$", prose, re.MULTILINE)
    assert len(heads.split("|")) == said["kinds"]


@claim(
    "07-04", "Here is one company {times}. In the first run all {servers} servers are in one routing group.", of="07-05"
)
def one_company_twice(said: Said, shown: Shown) -> None:
    shown.plays(shown.names["one"])
    together, split = shown.names["together"], shown.names["split"]
    assert [len(item.servers) for item in (together, split)] == [said["servers"]] * said["times"]
    assert len({server.routing_group for server in together.servers}) == 1


@claim(
    "07-04", "In the second, London and Paris are a routing group each. Anna writes to {n} people in Paris.", of="07-05"
)
def two_people_in_paris(said: Said, shown: Shown) -> None:
    split = shown.names["split"]
    people = [split.by_address[address] for address in shown.names["letter"].recipients]
    assert [split.server[person.server].routing_group for person in people] == ["Paris"] * said["n"]


@claim(
    "07-06",
    "Inside it every server reaches every other (R1). Between {n} of them, mail passes a bridgehead at each end.",
    of="07-05",
)
def a_bridgehead_at_each_end(said: Said, shown: Shown) -> None:
    hops = [
        [(event.server, word(event, "peer")[:5].upper()) for event in of_kind(shown.names[run], "smtp.connect")]
        for run in ("one", "two")
    ]
    assert sorted(hops[0]) == [("LON01", "PAR01"), ("LON01", "PAR02")]
    assert hops[1] == [("LON01", "LON02"), ("LON02", "PAR01"), ("PAR01", "PAR02")]
    assert len({"LON02", "PAR01"}) == said["n"]


@claim(
    "07-08",
    "**It helps:** fewer sessions, and all of them between {n} known servers. **It costs:** more hops, so each message takes longer.",
    of="07-07",
)
def fewer_sessions_later_mail(said: Said, shown: Shown) -> None:
    found = re.findall(
        r"^(\w+) routing groups? ?: sessions across the line: (\d+), last delivery after ([\d.]+) s$",
        shown.text,
        re.MULTILINE,
    )
    assert [name for name, *_ in found] == ["one", "two"]
    (before, soon), (after, late) = ((int(sessions), float(seconds)) for _, sessions, seconds in found)
    assert after < before
    assert soon < late
    assert [(before, soon), (after, late)] == [shown.names["line"](shown.names[name]) for name in ("together", "split")]
    assert len({"LON02", "PAR01"}) == said["n"]


def tables(shown: Shown) -> dict[str, int]:
    rows = re.findall(r"^(.+?), (one group|two groups): +(\d+) tables sent$", shown.text, re.MULTILINE)
    assert len(rows) == len(shown.lines)
    return {f"{what}, {groups}": int(number) for what, groups, number in rows}


@claim("07-08", "Between {n} groups the line belongs to a connector. Nobody tries it until mail needs it.")
def nobody_tries_it(said: Said, shown: Shown) -> None:
    split = shown.names["split"]
    assert len(split.routing_groups) == said["n"]
    idle = mailflow.Scenario(split).fail("London-Paris").restore("London-Paris", at=600).run()
    assert not of_kind(idle, "link.failed")


@claim(
    "07-08",
    "The next cell breaks the line {times} times and writes to Paris each time. Then it lets a single server fail {again} times "
    "instead.",
    of="07-09",
)
def the_same_failures(said: Said, shown: Shown) -> None:
    assert len(range(0, 6000, 2000)) == said["times"] == said["again"]
    assert len({what.rsplit(",", 1)[0] for what in tables(shown)}) == 2


@claim(
    "07-10",
    "**It helps:** a line that breaks makes no news. A server that fails makes more of it in {n} groups than in {one}, so split for "
    "lines, not for servers.",
    of="07-09",
)
def split_for_lines(said: Said, shown: Shown) -> None:
    found = tables(shown)
    assert found["the line breaks, two groups"] == 0 < found["the line breaks, one group"]
    assert found["PAR02 fails, two groups"] > found["PAR02 fails, one group"]
    split, together, breaks = (shown.names[name] for name in ("split", "together", "breaks"))
    assert (len(split.routing_groups), len({server.routing_group for server in together.servers})) == (
        said["n"],
        said["one"],
    )
    assert found == {
        "the line breaks, one group": breaks(together, "PAR01", "PAR02"),
        "the line breaks, two groups": breaks(split, "London-Paris", "Paris-London"),
        "PAR02 fails, one group": breaks(together, "PAR02"),
        "PAR02 fails, two groups": breaks(split, "PAR02"),
    }


@claim("07-10", "When its SMTP service stops, a direct way would still have worked:", of="07-11")
def a_direct_way(said: Said, shown: Shown) -> None:
    rows = shown.rows(":")
    assert rows == {"one routing group": "['delivered', 'delivered']", "two routing groups": "['waiting', 'waiting']"}


@claim(
    "07-12",
    "In {n} routing group every server opens a session straight to every other, and whether that works is up to the network below. "
    "With a routing group for each town you lay the way out, and mail goes from neighbour to neighbour.",
    of="07-13",
)
def from_neighbour_to_neighbour(said: Said, shown: Shown) -> None:
    hub = shown.names["hub"]
    assert shown.lines[:2] == [
        "hub and spokes    LON01 calls bru01.contoso.com, BRU01 calls par01.contoso.com",
        f"{'one' if said['n'] == 1 else said['n']} routing group LON01 calls par01.contoso.com",
    ]
    route = mailflow.route(hub, "LON01", "pierre@contoso.com")
    assert "\n".join(shown.lines[2:]).strip() == str(route)
    assert "path      London > Brussels > Paris" in shown.text
    assert shown.number(r"connector, cost (\d+)\.") == cheapest(hub, "London")["Paris"]
    towns = {name: {item.to for item in hub.connectors if item.routing_group == name} for name in ("London", "Paris")}
    assert towns == {"London": {"Brussels"}, "Paris": {"Brussels"}}, "no line of their own"


@claim(
    "07-14",
    "**It helps:** each session crosses {n} line, and what has come as far as Brussels stays there when the next line is down. "
    "**It costs:** no Brussels, no mail.",
    of="07-15",
)
def no_brussels_no_mail(said: Said, shown: Shown) -> None:
    rows = shown.rows(" with BRU01 gone:")
    assert rows == {"hub and spokes": "waiting", "one routing group": "delivered"}
    run = (
        mailflow.Scenario(shown.names["hub"]).fail("Brussels-Paris").send(shown.names["greeting"], at=1).run(until=300)
    )
    assert run.status()["m1"][0][1:] == ("waiting", "BRU01: link/Brussels-Paris/PAR01")
    assert len(of_kind(run, "smtp.connect")) == said["n"]


@claim(
    "07-15a",
    "The help of the product has {n} more reason that looks the same: mail shall *pass known servers*, to be tracked or archived there "
    "(R6). A hub does that, too. The article does not name it.",
)
def one_more_reason(said: Said, shown: Shown) -> None:
    assert said["n"] == 1
    assert "pass known servers" in " ".join(str(fact("R6")).split())


@claim("07-16", "Times are in UTC, and every run starts at {hour} in the morning.", of="07-17")
def at_nine_in_the_morning(said: Said, shown: Shown) -> None:
    found = dict(re.findall(r"^(.+) arrives after ([\d.]+) hours$", shown.text, re.MULTILINE))
    night = f"{22 - said['hour']:.1f}"
    assert found == {
        "all mail by night: Small": night,
        "all mail by night: Large": night,
        "large mail by night: Small": "0.0",
        "large mail by night: Large": night,
    }
    assert len(shown.lines) == len(found)
    assert mailflow.trace.clock(0).startswith(f"{said['hour']:02}") or mailflow.trace.START.hour == said["hour"]


@claim("07-18", "After {late} hours its sender hears that it is late.", of="07-17")
def told_that_it_is_late(said: Said, shown: Shown) -> None:
    (delay,) = [event for event in shown.names["trace"] if event.step.key == "notification.made"]
    assert "(Delay)" in shown.names["trace"].messages["m3"]["subject"]
    assert round(delay.time / 3600, 1) == said["late"]
    server = shown.names["large_by_night"].server["LON01"].virtual_servers[0]
    assert server.delay_notification_hours == said["late"]


@claim(
    "07-18",
    "Referrals follow the costs of connectors, and go on from group to group (R30). Each connector can block them.",
    of="07-19",
)
def referrals_follow_costs(said: Said, shown: Shown) -> None:
    *rows, blocked = shown.lines
    costs = cheapest(shown.names["world"], "Cape Town")
    costs.pop("Cape Town")
    told = [re.fullmatch(r"as it is: (\S.*?) +(\d+)", row) for row in rows]
    assert {row[1]: int(row[2]) for row in told if row} == costs
    assert [int(row[2]) for row in told if row] == sorted(costs.values())
    assert len(rows) == len(costs)
    assert blocked == "blocked:  {}"


@claim("07-20", "| cost {least} to {most} | on the connector | on each address space | on each address space |")
def costs_have_limits(said: Said, shown: Shown) -> None:
    limits = (said["least"] - 1, said["least"], said["most"], said["most"] + 1)
    assert [allowed(shown.names["world"], cost) for cost in limits] == [False, True, True, False]


def allowed(organization: Organization, cost: int) -> bool:
    try:
        mailflow.reconfigure(organization, "London-Paris", cost=cost)
    except mailflow.OrganizationError:
        return False
    return True


def looked(shown: Shown) -> list[tuple[str, str, str]]:
    """Who was looked at: the mark of the winner, the connector, the cost."""
    return re.findall(r"^ {2}(>| ) (\S.*?) {2,}(\d+)  ", shown.text, re.MULTILINE)


@claim(
    "07-20",
    "Only the first one and the SMTP connector put mail between London and Paris on SMTP. Let each kind carry the same message, and "
    "put Exchange 5.5 at the far end in the last run.",
    of="07-20a",
)
def what_each_kind_carries_mail_by(said: Said, shown: Shown) -> None:
    assert shown.unbroken == [
        "routing group SMTP connection, delivered: LON02 opens TCP port 25 of par01.contoso.com",
        "SMTP          SMTP connection, delivered: LON02 opens TCP port 25 of par01.contoso.com",
        "X.400         Transferred by the MTA, delivered: The MTA of LON02 transfers m1.2 over the X.400 connector London-Paris to PAR01.",
        "to 5.5        Transferred by the MTA, delivered: The MTA of LON02 transfers m1.2 by RPC, because an Exchange 5.5 server takes "
        "part, to PAR01.",
    ]


@claim("07-20b", "It answers with the winner and with everybody who lost.", of="07-21")
def the_winner_and_the_losers(said: Said, shown: Shown) -> None:
    assert shown.text == repr(mailflow.route(shown.names["world"], "PAR02", "bruno@contoso.com"))
    first = {item.to: item.cost for item in shown.names["world"].connectors if item.routing_group == "Paris"}
    costs = {f"Paris-{to}": str(cost + cheapest(shown.names["world"], to)["Brussels"]) for to, cost in first.items()}
    assert {name: cost for _, name, cost in looked(shown)} == costs
    assert looked(shown)[0] == (">", "Paris-Brussels", min(costs.values(), key=int))


@claim("07-22", "Mail from Paris to Fabrikam has {n} ways out.", of="07-23")
def ways_out(said: Said, shown: Shown) -> None:
    assert shown.text == repr(mailflow.route(shown.names["world"], "PAR02", "kim@fabrikam.com"))
    assert len(looked(shown)) == said["n"]


@claim("07-24", "The dearest one, because it names Fabrikam (R103).", of="07-23")
def the_dearest_one(said: Said, shown: Shown) -> None:
    costs = {name: int(cost) for _, name, cost in looked(shown)}
    assert looked(shown)[0][:2] == (">", "Fabrikam (fabrikam.com)")
    assert costs["Fabrikam (fabrikam.com)"] == max(costs.values())
    assert costs == ways_outside(shown.names["world"])


def ways_outside(world: Any) -> dict[str, int]:
    """What each SMTP connector costs from Paris: the way to its group, and its address space."""
    groups = cheapest(world, "Paris")
    outside = [item for item in world.connectors if getattr(item, "address_spaces", ())]
    return {
        f"{item.name} ({space.pattern})": groups[item.routing_group] + space.cost
        for item in outside
        for space in item.address_spaces
    }


@claim("07-24", "Now give that connector a limit, and ask again for a large message.", of="07-25")
def a_limit(said: Said, shown: Shown) -> None:
    assert shown.text == repr(mailflow.route(shown.names["limited"], "PAR02", "kim@fabrikam.com", size_kb=500))
    assert looked(shown)[0][:2] == (">", "Internet Europe (*)")
    assert {name: int(cost) for _, name, cost in looked(shown)} == ways_outside(shown.names["limited"])
    assert "it takes messages of at most 100 KB and this one has 500 KB" in shown.text


@claim("07-26", "For an address outside, keep these {n} apart (R105):", of="07-25")
def restricted_and_down(said: Said, shown: Shown) -> None:
    (prose,) = (cell.source for key, cell in read(PATHS["07"]).cells.items() if key == "07-26")
    assert len(re.findall(r"^- ", prose, re.MULTILINE)) == said["n"]
    world = shown.names["world"]
    letter = mailflow.Message.write("pierre@contoso.com", "kim@fabrikam.com")
    down = mailflow.Scenario(world).fail("Fabrikam").send(letter, at=1).run(until=1500)
    assert down.status()["m1"][0][1] == "waiting"


@claim("07-26", "The next best one is taken, and if none is left the message is returned (R115, *inferred*).")
def none_is_left(said: Said, shown: Shown) -> None:
    world = shown.names["world"]
    outside = [item for item in world.connectors if getattr(item, "address_spaces", ())]
    small = {item.name: replace(item, max_message_kb=1) for item in outside}
    strict = replace(world, connectors=tuple(small.get(item.name, item) for item in world.connectors))
    large = mailflow.Message.write("pierre@contoso.com", "kim@fabrikam.com", attachments={"plan.pdf": 50_000})
    assert mailflow.Scenario(strict).send(large).run().status()["m1"][0][1] == "bounced"


@claim("07-26", "There you can run Dijkstra's algorithm by hand", of="07-27")
def by_hand(said: Said, shown: Shown) -> None:
    shown.plays(shown.names["trace"])


@claim(
    "07-32", "Down means *wait* for the closest address space outside. Inside, another way is taken if there is one."
)
def recap_of_down(said: Said, shown: Shown) -> None:
    letter = mailflow.Message.write("anna@contoso.com", "bruno@contoso.com")
    run = mailflow.Scenario(shown.names["world"]).fail("London-Brussels").send(letter).run(until=600)
    assert of_kind(run, "link.rerouted")
    assert run.status()["m1"][0][1] == "delivered"
