"""What notebook 11 claims."""

from functools import cache

import mailflow
from mailflow.capstone import Presentation, Sheet
from mailflow.capstone.terms import DESIGNS

from .reading import Said, Shown, claim, keys, of_kind

BRIEF = mailflow.brief()


@cache
def practised(name: str) -> Sheet:
    """The sheet of a design of the brief; each change of a cell asks for it again."""
    return BRIEF.practise(BRIEF.design(name))


@cache
def presented() -> Presentation:
    """What the notebook presents as long as nobody has designed anything."""
    return BRIEF.present(BRIEF.judge(BRIEF.design("star")))


@cache
def still_up(name: str) -> bool:
    """Whether Brussels-Madrid counts as up in a design when it has failed and somebody has written over it."""
    letter = mailflow.Message.write("bruno@contoso.com", "maria@contoso.com")
    run = mailflow.Scenario(BRIEF.design(name)).fail("Brussels-Madrid").send(letter, at=1).run(until=600)
    return run.at(-1).marked.get("Brussels-Madrid", True)


@claim(
    "11-03",
    "Contoso has people in {cities} cities. It hires lines, buys servers, and pays for each. Storms come: lines and servers fail, and are mended after a while.",
    of="11-04",
)
def the_brief(said: Said, shown: Shown) -> None:
    brief = shown.names["brief"]
    assert shown.text == str(brief)
    assert len(brief.terms.sites) == said["cities"]
    assert brief.terms.server > 0
    assert all(line.price > 0 for line in brief.terms.lines)


@claim(
    "11-05",
    "This is the star. Under `servers` stands who is where. Under `connectors` each line has its entry for each direction, and the last one leads to the Internet.",
    of="11-06",
)
def the_star(said: Said, shown: Shown) -> None:
    star = shown.names["brief"].design(shown.text)
    assert shown.text.rstrip() == shown.names["brief"].text("star").rstrip()
    *inside, last = star.connectors
    assert (last.kind, last.address_spaces[0].pattern) == ("SMTP", "*")
    ways = {(item.routing_group, item.to) for item in inside}
    assert ways == {(to, one) for one, to in ways}


@claim("11-07", "A slip of the pen is named with its place and its remedy.", of="11-08")
def the_slip(said: Said, shown: Shown) -> None:
    try:
        shown.names["brief"].design('servers = [{ nmae = "BRU01", routing_group = "Brussels" }]')
    except mailflow.OrganizationError as error:
        assert shown.text.rstrip() == str(error)
    assert 'server number 1.nmae: unknown key; did you mean "name"?' in shown.text


@claim(
    "11-09",
    "judges a design in storms that are always the same, so that you see what a change of yours does. The reference designs meet the same storms.",
    of="11-10",
)
def the_practice(said: Said, shown: Shown) -> None:
    sheet = shown.names["sheet"]
    assert shown.text == str(sheet)
    assert sheet.references["star"] == sheet.yours


@claim(
    "11-11",
    "The star is the cheapest, and sends no link state at all: every site but Brussels is a leaf, so no connector is ever marked down. Its mail waits instead.",
    of="11-10",
)
def the_cheapest(said: Said, shown: Shown) -> None:
    sheet = shown.names["sheet"]
    assert sheet.yours.price == min(item.price for item in sheet.references.values())
    assert sheet.yours.link_state == 0
    ends = [{item.routing_group, item.to} for item in shown.names["star"].connectors if item.kind == "routing group"]
    assert all("Brussels" in pair for pair in ends)
    assert sheet.yours.delay == max(item.delay for item in sheet.references.values())
    assert sheet.yours.lost == 0


@claim("11-11", "The player opens in the storm, at the first connection that failed.", of="11-12")
def in_the_storm(said: Said, shown: Shown) -> None:
    slide = shown.names["slides"][1]
    found = mailflow.shared(slide.line)
    shown.plays(slide.trace)
    assert found.step == keys(slide.trace).index("link.failed")


@claim(
    "11-13",
    "The *pairs* have every line there is, and in each site a second server. Both servers are bridgeheads of every connector. That is twice the hardware.",
    of="11-14",
)
def the_pairs(said: Said, shown: Shown) -> None:
    brief = shown.names["brief"]
    pairs, mesh = brief.design("pairs"), brief.design("mesh")
    assert len(pairs.servers) == 2 * len(mesh.servers)
    assert [item.name for item in pairs.connectors] == [item.name for item in mesh.connectors]
    assert all(len(item.local_bridgeheads) == 2 for item in pairs.connectors)
    assert shown.text == str(practised("pairs"))


@claim("11-15", "They deliver less, for more money.", of="11-14")
def less_for_more(said: Said, shown: Shown) -> None:
    sheet = practised("pairs")
    assert shown.text == str(sheet)
    figures = {row["figure"]: row for row in sheet.data}
    assert figures["in_time"]["yours"] < figures["in_time"]["mesh"]
    assert figures["price"]["yours"] > figures["price"]["mesh"]


@claim(
    "11-15",
    "A bridgehead that has no mail to send notices nothing, so the connector stays up, and mail goes on walking into the dead line.",
    of="11-14",
)
def notices_nothing(said: Said, shown: Shown) -> None:
    assert (still_up("mesh"), still_up("pairs")) == (False, True)


@claim("11-17", "shows the figures of that check.", of="11-18")
def that_check(said: Said, shown: Shown) -> None:
    assert shown.text == str(shown.names["judged"])
    assert shown.names["judged"].word != "practice"


@claim(
    "11-19",
    "A design that beats all of them in everything does not exist: whoever has the most lines pays the most.",
    of="11-18",
)
def most_lines_pay_most(said: Said, shown: Shown) -> None:
    brief = shown.names["brief"]
    costs = [shown.names["judged"].references[name].price for name in ("star", "ring", "mesh")]
    lines = [len(brief.design(name).connectors) for name in DESIGNS[:3]]
    assert costs == sorted(costs)
    assert lines == sorted(lines)


@claim("11-19", "{one} page with your organization, its map and its figures.", of="11-20")
def the_page(said: Said, shown: Shown) -> None:
    assert said["one"] == 1
    assert shown.value == "capstone-report.html"


@claim(
    "11-21", "A presentation needs {slides} pictures: a calm day, the moment of the failure, and the end.", of="11-22"
)
def the_slides(said: Said, shown: Shown) -> None:
    made = presented()
    assert shown.text == str(made)
    assert len(made) == said["slides"]
    assert of_kind(made[1].trace, "link.failed")
