"""The map in a real browser: what is painted is measured, for every ready-made organization with a failure."""

import random
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import mailflow
from mailflow.trace import Trace
from tests.pages import Looks, failures, opened_page, serious
from tests.simulation.test_golden import CASES

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

STILL: Looks = {"reduced_motion": "reduce"}
MOVING: Looks = {"reduced_motion": "no-preference"}

PAINTED = """() => {
  const map = document.querySelector(".mf-map"), svg = map.querySelector(".mf-svg");
  const box = (part) => { const r = part.getBoundingClientRect(); return [r.x, r.y, r.right, r.bottom]; };
  const all = (selector) => [...svg.querySelectorAll(selector)].filter((part) => part.getClientRects().length);
  const at = (path) => {
    const matrix = path.getScreenCTM(), found = [];
    for (let way = 0, end = path.getTotalLength(); way <= end; way += 4) {
      const point = path.getPointAtLength(way).matrixTransform(matrix);
      found.push([point.x, point.y]);
    }
    return found;
  };
  const own = (path) => {
    const spot = path.closest("[data-spot]");
    return spot ? spot.dataset.spot : "session";
  };
  return {
    svg: box(svg),
    scrolls: map.querySelector(".mf-sheet").scrollHeight > map.querySelector(".mf-sheet").clientHeight + 1,
    boxes: all(".mf-node").map((node) => [node.dataset.node, box(node.querySelector(".mf-box"))]),
    lines: all(".mf-wire, .mf-beam").map((path) => [own(path), at(path)]),
    labels: all("[data-part=label]").map((label) => [label.textContent || "port", box(label)]),
    titles: all(".mf-grouptext").map((text) => [text.textContent, box(text)]),
    texts: all("text").filter((text) => text.textContent).map((text) =>
      [text.textContent, parseFloat(getComputedStyle(text).fontSize) * text.getScreenCTM().a, box(text)]),
    chips: all(".mf-token").map((chip) => [chip.dataset.mail || "more", chip.dataset.home, box(chip)]),
    parts: all("*").filter((part) => part.childElementCount === 0 && !part.matches("title, .mf-grip"))
      .map((part) => [part.getAttribute("class"), box(part)]),
  };
}"""

Rect = list[float]


@cache
def run(name: str) -> Trace:
    """A run of a ready-made organization with a failure in it."""
    case, organization = CASES[name], mailflow.load(name)
    scenario = mailflow.Scenario(organization)
    connector = organization.connectors[0].name
    scenario.fail(connector).restore(connector, at=400)
    if len(organization.servers) > 1:
        scenario.stop("SMTP", organization.servers[-1].name, at=0.5)
    for number in range(3):
        scenario.send(mailflow.Message.write(case.sender, [*case.to, "kim@fabrikam.com"]), at=1 + number)
    return scenario.run(900)


def fullest(trace: Trace) -> int:
    """The step after which most is under way."""
    return max(range(len(trace)), key=lambda number: len(trace.at(number).mails))


def meets(one: Rect, other: Rect, slack: float = 1.5) -> bool:
    return (
        one[0] + slack < other[2]
        and other[0] + slack < one[2]
        and one[1] + slack < other[3]
        and other[1] + slack < one[3]
    )


def within(outer: Rect, inner: Rect, slack: float = 1.5) -> bool:
    return (
        outer[0] - slack <= inner[0]
        and outer[1] - slack <= inner[1]
        and inner[2] <= outer[2] + slack
        and inner[3] <= outer[3] + slack
    )


def faults(painted: dict[str, Any], ends: dict[str, set[str]], acting: set[str]) -> Iterator[str]:
    """What is wrong with a map as it is painted; ``ends`` are the boxes that a connector may touch."""
    boxes: dict[str, Rect] = dict(painted["boxes"])
    for name, points in painted["lines"]:
        own = acting if name == "session" else ends[name.removeprefix("connector:")]
        for other, (left, top, right, bottom) in boxes.items():
            inside = [1 for x, y in points if left + 1 < x < right - 1 and top + 1 < y < bottom - 1]
            if other not in own and inside:
                yield f"the line of {name} runs through {other}"
    for text, size, _ in painted["texts"]:
        if size < 10.99:
            yield f"{text} is painted with {size:.1f} pixels"
    labels = painted["labels"]
    for number, (text, place) in enumerate(labels):
        yield from (f"{text} lies on {other}" for other, there in labels[number + 1 :] if meets(place, there))
        yield from (f"{text} lies on the box {other}" for other, there in boxes.items() if meets(place, there))
        yield from (f"{text} lies on the title {other}" for other, there in painted["titles"] if meets(place, there))
    for mail, home, place in painted["chips"]:
        if not within(boxes[home], place):
            yield f"the chip of {mail} is not in the box of {home}"
    chips = [place for _, _, place in painted["chips"]]
    yield from (
        "two chips overlap" for number, one in enumerate(chips) for two in chips[number + 1 :] if meets(one, two)
    )
    for kind, place in painted["parts"]:
        if place[2] > place[0] and not within(painted["svg"], place, 1):
            yield f"{kind} leaves the picture"
    if painted["scrolls"]:
        yield "the map does not fit its place"


def ends_of(trace: Trace) -> dict[str, set[str]]:
    """The boxes of the bridgeheads of every connector; where it names none, all of the routing group."""
    groups: dict[str, set[str]] = {}
    for server in trace.organization["servers"]:
        groups.setdefault(server["routing_group"], set()).add(server["name"])
    found = {}
    for item in trace.organization["connectors"]:
        far = set(item["remote_bridgeheads"]) or {name for group in item["to"] for name in groups[group]}
        found[item["name"]] = (set(item["local_bridgeheads"]) or groups[item["routing_group"]]) | far
    return found


@pytest.mark.browser
@pytest.mark.parametrize("name", CASES)
def test_what_is_painted_keeps_the_promises_of_a_map(name: str, chromium: "Browser", tmp_path: Path) -> None:
    trace = run(name)
    views = ["Map"] if name.startswith(("one", "two")) else ["Map", "Link state"]
    path = mailflow.page(trace, tmp_path / "page.html", views=views)
    steps = {0, fullest(trace), len(trace) - 1, *random.Random(name).sample(range(len(trace)), 10)}
    with opened_page(chromium, path, ".mf-map", width=966, height=768, **STILL) as page:
        page.evaluate("player.show('Map')")
        wrong = []
        for number in sorted(steps):
            page.evaluate(f"player.go({number})")
            painted = page.evaluate(PAINTED)
            acting = set(page.evaluate("[...document.querySelectorAll('.mf-active')].map((node) => node.dataset.node)"))
            state = trace.at(number)
            wrong += [f"step {number}: {fault}" for fault in faults(painted, ends_of(trace), acting)]
            shown = {(mail, home) for mail, home, _ in painted["chips"] if mail != "more"}
            assert shown <= {(mail, item.server) for mail, item in state.mails.items()}
            more = [home for mail, home, _ in painted["chips"] if mail == "more"]
            assert {item.server for item in state.mails.values()} == {home for _, home in shown} | set(more)
        assert sorted(set(wrong)) == []
