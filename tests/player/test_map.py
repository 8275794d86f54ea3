"""The map in a real browser: what is painted is measured, for every ready-made organization with a failure."""

import json
import random
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import mailflow
from mailflow.organization import Zone
from mailflow.player.layout import layouts
from mailflow.player.layout.cast import cast_of
from mailflow.trace import Trace
from tests.pages import Looks, opened_page, serious, with_all_parts
from tests.simulation.test_golden import CASES

if TYPE_CHECKING:
    from playwright.sync_api import Browser

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


@pytest.mark.browser
def test_a_message_travels_along_its_line(chromium: "Browser", tmp_path: Path) -> None:
    trace = run("four corners")
    number = next(event.number for event in trace if event.step.key == "smtp.content" and event.mail)
    server, peer = trace[number].server, str(trace[number].values["peer"]).partition(".")[0].upper()
    path = mailflow.page(trace, tmp_path / "page.html", views=["Map"])
    watch = f"""async () => {{
      player.tellAt({{ level: "everything" }});
      player.go({number - 1});
      player.go({number});
      const chips = [...document.querySelectorAll(".mf-token")].filter((chip) => chip.getAnimations().length);
      const beam = document.querySelector(".mf-beam"), matrix = beam.getScreenCTM();
      const far = (x, y) => {{
        let least = 1e9;
        for (let way = 0, end = beam.getTotalLength(); way <= end; way += 1) {{
          const point = beam.getPointAtLength(way).matrixTransform(matrix);
          least = Math.min(least, Math.hypot(point.x - x, point.y - y));
        }}
        return least;
      }};
      const seen = [];
      for (const share of [0.15, 0.3, 0.5, 0.7, 0.9]) {{
        const flight = chips[0].getAnimations()[0];
        flight.pause();
        flight.currentTime = share * 0.75 * flight.effect.getTiming().duration;
        const box = chips[0].getBoundingClientRect();
        seen.push([far(box.x + box.width / 2, box.y + box.height / 2), box.x, box.y]);
      }}
      const [start, end] = [0, beam.getTotalLength()].map((way) => beam.getPointAtLength(way).matrixTransform(matrix));
      return {{ count: chips.length, home: chips[0].dataset.home, seen, start: [start.x, start.y], end: [end.x, end.y] }};
    }}"""
    with opened_page(chromium, path, ".mf-map", width=966, height=768, **MOVING) as page:
        moved = page.evaluate(watch)
        assert moved["count"] == 1
        assert moved["home"] == peer
        assert [round(far) for far, _, _ in moved["seen"] if far >= 2] == []
        (_, x, y), (_, last_x, last_y) = moved["seen"][0], moved["seen"][-1]
        (from_x, from_y), (to_x, to_y) = moved["start"], moved["end"]
        assert (last_x - x) * (to_x - from_x) + (last_y - y) * (to_y - from_y) > 0, f"from {server} to {peer}"
    with opened_page(chromium, path, ".mf-map", width=966, height=768, **STILL) as page:
        page.evaluate(f"player.go({number - 1}); player.go({number})")
        assert page.evaluate("document.querySelector('.mf-map').getAnimations({ subtree: true }).length") == 0


@pytest.mark.browser
def test_a_table_travels_along_its_line(chromium: "Browser", tmp_path: Path) -> None:
    letter = mailflow.Message.write("sara@contoso.com", "bruno@contoso.com")
    scenario = mailflow.Scenario(mailflow.load("four corners")).fail("Tokyo-Brussels").send(letter, at=1)
    trace = scenario.run(700)
    number = next(event.number for event in trace if event.step.key == "routing.orginfo")
    path = mailflow.page(trace, tmp_path / "page.html", views=["Map", "Link state"])
    with opened_page(chromium, path, ".mf-legend", width=966, height=768, **MOVING) as page:
        page.evaluate(f"player.show('Map'); player.tellAt({{ level: 'everything' }}); player.go({number - 1})")
        assert page.locator(".mf-news").count() == 0
        page.evaluate(f"player.go({number})")
        assert page.locator(".mf-news").count() == 1
        page.wait_for_function("document.querySelectorAll('.mf-news').length === 0")


@pytest.mark.browser
def test_mail_arrives_by_name_and_is_counted_after(chromium: "Browser", tmp_path: Path) -> None:
    trace = (
        mailflow.Scenario(mailflow.load("two servers"))
        .send(mailflow.Message.write("anna@contoso.com", ["ben@contoso.com", "carla@contoso.com"]))
        .run()
    )
    delivered = [e.number for e in trace if any("delivered" in str(effect) for effect in e.effects)]
    path = mailflow.page(trace, tmp_path / "page.html", views=["Map"])
    with opened_page(chromium, path, ".mf-map", width=966, height=768, **STILL) as page:
        page.evaluate("player.tellAt({ level: 'everything' })")
        told = []
        for number in (delivered[0], delivered[0] + 1, delivered[-1], len(trace) - 1):
            page.evaluate(f"player.go({number})")
            told.append(sorted(text for text in page.locator(".mf-done").all_text_contents() if text))
        assert told[0][0].endswith(" ✔")
        assert told[0][0].removesuffix(" ✔") in {"Ben", "Carla", "Ben, Carla"}
        assert any(text.startswith("✓ ") for text in told[1])
        assert told[-1] != told[0]


def breakable(trace: Trace, path: Path) -> Path:
    """A page whose player believes that a kernel listens, and keeps what it asks for in `asked`."""
    text = mailflow.page(trace, path, views=["Map", "Link state"]).read_text(encoding="utf-8")
    told = '{ ...read("options"), breakable: true, script: "" }, { act: (message) => asked.push(message) })'
    assert 'read("options"))' in text
    path.write_text(text.replace('read("options"))', told), encoding="utf-8")
    return path


@pytest.mark.browser
def test_what_is_broken_in_the_picture_is_pending_at_once(chromium: "Browser", tmp_path: Path) -> None:
    path = breakable(run("four corners"), tmp_path / "page.html")
    with opened_page(chromium, path, ".mf-grip", width=966, height=768, **STILL) as page:
        page.evaluate("globalThis.asked = []; player.show('Map')")
        press = page.get_by_role("button", name="connector Tokyo-Brussels: take down or bring back")
        wait = page.locator(".mf-line.mf-pending .mf-wait")
        press.focus()
        page.keyboard.press("Enter")
        assert wait.first.is_visible()
        assert (
            page.evaluate("getComputedStyle(document.querySelector('.mf-pending .mf-wire')).strokeDasharray")
            == "2px, 4px"
        )
        page.keyboard.press("Enter")
        assert wait.count() == 0
        page.get_by_role("button", name="server TOK01: take down or bring back").click()
        page.get_by_role("button", name="routing engine of SEA01, the master: stop or start").click()
        assert page.locator(".mf-node.mf-pending").evaluate_all("all => all.map((node) => node.dataset.node)") == [
            "SEA01",
            "TOK01",
        ]
        kinds = page.evaluate("asked.map((message) => message.name ?? message.type)")
        assert kinds == ["Tokyo-Brussels", "Tokyo-Brussels", "TOK01", "routing engine of SEA01"], (
            "a second time takes it back"
        )
        page.evaluate("for (const _ of asked) player.heard({ text: 'Not possible' })")
        assert page.locator(".mf-pending").count() == 0
        point = page.evaluate("""() => {
          const path = document.querySelector('[data-spot="connector:Tokyo-Brussels"] .mf-wire');
          const at = path.getPointAtLength(path.getTotalLength() * 0.35).matrixTransform(path.getScreenCTM());
          return [at.x, at.y];
        }""")
        page.mouse.move(*point)
        width = (
            "getComputedStyle(document.querySelector('[data-spot=\"connector:Tokyo-Brussels\"] .mf-wire')).strokeWidth"
        )
        assert page.evaluate(width) == "3.5px", "under the mouse a line is stronger"
        page.mouse.click(*point)
        assert page.evaluate("asked.at(-1).name") == "Tokyo-Brussels"


@pytest.mark.browser
def test_a_map_says_what_a_connector_costs_at_the_step(chromium: "Browser", tmp_path: Path) -> None:
    scenario = mailflow.Scenario(mailflow.load("two sites"))
    scenario.send(mailflow.Message.write("anna@contoso.com", "pierre@contoso.com"))
    scenario.change("London-Paris", at=2, cost=40).change("London-Paris", at=4, local_bridgeheads=["LON01"])
    trace = scenario.run()
    path = mailflow.page(trace, tmp_path / "page.html", views=("Map",))
    with opened_page(chromium, path, ".mf-map", width=1366, height=768, **STILL) as page:
        page.evaluate("player.tellAt({ level: 'everything' })")
        told = page.locator('[data-spot="connector:London-Paris"] title').all_text_contents()
        assert told == ["London-Paris: routing group connector, cost 10, then cost 40/10"] * 2
        for seconds, label in ((1, "cost 10"), (3, "cost 40/10"), (5, "cost 40/10")):
            page.evaluate(f"player.go({trace.step_at(seconds)})")
            assert label in page.locator(".mf-wiretext").all_text_contents()
        page.evaluate("player.go(0)")
        assert "cost 10" in page.locator(".mf-wiretext").all_text_contents()


@pytest.mark.browser
def test_two_runs_of_one_organization_share_a_map(chromium: "Browser", tmp_path: Path) -> None:
    letter = mailflow.Message.write("anna@contoso.com", "kim@fabrikam.com")
    pairs = {
        "one": ("two sites", "two sites"),
        "two": ("two sites", "two servers"),
    }
    for number, names in pairs.items():
        traces = [mailflow.Scenario(mailflow.load(name)).send(letter).run() for name in names]
        plans = [item.as_data() for item in layouts(*traces)]
        path = mailflow.page(traces[0], tmp_path / "page.html", views=["Map"])
        given = json.dumps({"traces": [trace.to_dict() for trace in traces], "map": plans, "labels": ["a", "b"]})
        text = path.read_text(encoding="utf-8").replace('read("options"))', '{ ...read("options"), ...GIVEN })')
        path.write_text(with_all_parts(text).replace("GIVEN", given.replace("<", "\\u003c")), encoding="utf-8")
        with opened_page(chromium, path, ".mf-compare .mf-map", width=1800, height=768, **STILL) as page:
            shown = [
                set(part.locator(".mf-node").evaluate_all("all => all.map((node) => node.dataset.node)"))
                for part in page.locator(".mf-compare > div").all()
            ]
        inside = [{server["name"] for server in trace.organization["servers"]} for trace in traces]
        assert [nodes & (inside[0] | inside[1]) for nodes in shown] == inside, number


@pytest.mark.browser
def test_every_host_that_dns_names_is_on_the_map_and_who_only_is_named_is_no_client(
    chromium: "Browser", tmp_path: Path
) -> None:
    one = mailflow.load("one server")
    letter = mailflow.Message.write("anna@contoso.com", "kim@fabrikam.com")
    assert cast_of(mailflow.Scenario(one).send(letter).run()).outside == ("mail.fabrikam.com", "backup.fabrikam.com")
    zone = Zone(name="pair.example", records="@ MX 10 nowhere\n@ MX 20 mail.fabrikam.com.\nnowhere A 192.0.2.81")
    lost = mailflow.Message.write("anna@contoso.com", "x@pair.example")
    trace = mailflow.Scenario(replace(one, zones=(*one.zones, zone))).send(lost).run(until=10)
    assert cast_of(trace).outside == ("mail.fabrikam.com", "nowhere.pair.example")
    spam = mailflow.Message.write("offers@spam.example", "anna@contoso.com")
    stranger = mailflow.Scenario(one).send(spam, by="smtp", server="LON01", client="198.51.100.4").run()
    for run, name, kind in ((trace, "nowhere.pair.example", "mail host outside"), (stranger, "198.51.100.4", "client")):
        path = mailflow.page(run, tmp_path / "page.html", views=["Map"])
        with opened_page(chromium, path, ".mf-map", width=966, height=768, **STILL) as page:
            assert page.locator(f'[data-spot="server:{name}"]').get_attribute("aria-label") == f"{kind} {name}"


@pytest.mark.browser
def test_a_map_says_what_its_parts_are(chromium: "Browser", tmp_path: Path) -> None:
    path = mailflow.page(run("two sites"), tmp_path / "page.html", views=["Map"])
    with opened_page(chromium, path, ".mf-map", width=966, height=768, **STILL) as page:
        titles = page.locator(".mf-grip title").all_text_contents()
        assert "London-Paris: routing group connector, cost 10" in titles
        assert any("address spaces SMTP:*" in title for title in titles)
        spots = set(page.locator("[data-spot]").evaluate_all("all => all.map((part) => part.dataset.spot)"))
        assert {"server:LON01", "connector:London-Paris", "group:London"} <= spots
        page.evaluate("player.go(player.tape.events.findIndex((event) => event.step.key === 'outside.down') + 1)")
        assert page.locator('.mf-down[data-spot="connector:London-Paris"] .mf-cross').is_visible()
        assert page.locator('[data-spot="connector:London-Paris"] .mf-wiretext').text_content() == "✕ cost 10"
        page.evaluate("player.go(player.tape.length - 1)")
        assert "✕ SMTP" in page.locator(".mf-state").all_text_contents()
        assert serious(page) == []
        page.locator('[data-spot="server:PAR01"]').focus()
        page.keyboard.press("Enter")
        assert page.evaluate("[player.server, player.visible()]") == ["PAR01", ["Server"]]


@pytest.mark.browser
def test_a_map_that_is_too_large_keeps_in_sight_who_acts(chromium: "Browser", tmp_path: Path) -> None:
    trace = run("worldwide")
    path = mailflow.page(trace, tmp_path / "page.html", views=["Map"])
    inside = """() => {
      const sheet = document.querySelector(".mf-sheet").getBoundingClientRect();
      const node = document.querySelector(`[data-node="${player.event.server}"] .mf-box`).getBoundingClientRect();
      return node.left >= sheet.left && node.right <= sheet.right && node.top >= sheet.top && node.bottom <= sheet.bottom;
    }"""
    with opened_page(chromium, path, ".mf-map", width=520, height=640, **STILL) as page:
        for number in range(0, len(trace), max(1, len(trace) // 20)):
            page.evaluate(f"player.go({number})")
            if page.evaluate(
                "player.event.server && document.querySelector(`[data-node='${player.event.server}']`) !== null"
            ):
                assert page.evaluate(inside), number


@pytest.mark.browser
def test_a_connector_that_fails_comes_into_sight_on_a_phone(chromium: "Browser", tmp_path: Path) -> None:
    scenario = mailflow.Scenario(mailflow.load("worldwide"))
    names = ("London-Brussels", "Berlin-Sao Paulo X400", "Tokyo-Sydney")
    for number, name in enumerate(names):
        scenario.fail(name, at=number)
    trace = scenario.send(mailflow.Message.write("anna@contoso.com", "ben@contoso.com")).run(10)
    path = mailflow.page(trace, tmp_path / "page.html", views=["Map"])
    with opened_page(chromium, path, ".mf-map", width=390, height=844, **STILL) as page:
        for name in names:
            step = next(event.number for event in trace if event.values.get("name") == name)
            page.evaluate(f"player.go({step})")
            shown = page.evaluate(
                """name => {
                  const [cross, sheet] = [`[data-spot="connector:${name}"] .mf-cross`, ".mf-sheet"].map((part) =>
                    document.querySelector(part).getBoundingClientRect());
                  return cross.width && cross.left >= sheet.left && cross.right <= sheet.right
                    && cross.top >= sheet.top && cross.bottom <= sheet.bottom;
                }""",
                name,
            )
            assert shown, name


@pytest.mark.browser
def test_no_type_of_a_small_map_is_below_eleven_pixels_in_small_windows(chromium: "Browser", tmp_path: Path) -> None:
    message = mailflow.Message.write("anna@contoso.com", "ben@contoso.com")
    trace = mailflow.Scenario(mailflow.load("one server")).send(message).run()
    path = mailflow.page(trace, tmp_path / "page.html")
    with opened_page(chromium, path, ".mf", width=560, height=540, **STILL) as page:
        page.evaluate("player.show('Map')")
        for width, height in ((560, 540), (540, 480), (390, 844)):
            page.set_viewport_size({"width": width, "height": height})
            page.wait_for_timeout(100)
            painted = page.evaluate(PAINTED)
            assert painted["texts"]
            assert [text for text, size, _ in painted["texts"] if size < 10.99] == []


@pytest.mark.browser
def test_a_long_title_stays_in_its_frame_on_a_telephone(chromium: "Browser", tmp_path: Path) -> None:
    letter = mailflow.Message.write("anna@contoso.com", "ben@contoso.com")
    path = mailflow.page(mailflow.Scenario(mailflow.load("one server")).send(letter).run(), tmp_path / "page.html")
    with opened_page(chromium, path, ".mf-grouptext", width=390, height=844) as page:
        text, over = page.locator(".mf-grouptext").first.evaluate(
            """title => [title.textContent,
              title.getBoundingClientRect().right - title.previousSibling.getBoundingClientRect().right]"""
        )
    assert text.startswith("First Rout")
    assert over <= 0
