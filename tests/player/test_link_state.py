"""Link state in the player: versions on the map, tables side by side, the route, large organizations, breaking things."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import mailflow
from mailflow.player.knowledge import knowledge
from mailflow.player.page import html
from mailflow.player.source import script, source, style
from mailflow.routing.recorded import table_of
from mailflow.trace import Trace
from mailflow.trace.packing import packed, unpacked
from tests.pages import Looks, failures, in_both_themes, opened_page, serious, theme, with_all_parts
from tests.player.test_views import PAINTED, SIZES

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

ARTEFACTS = Path(__file__).resolve().parents[2] / "test-artefacts"
LETTER = mailflow.Message.write("sara@contoso.com", "bruno@contoso.com", subject="Which way?")
ROUTE = ("TOK01", "bruno@contoso.com")


def scenario() -> mailflow.Scenario:
    return mailflow.Scenario(mailflow.load("four corners")).fail("Tokyo-Brussels").send(LETTER, at=1)


@pytest.fixture(scope="module")
def trace() -> Trace:
    return scenario().run(until=700)


def test_the_part_for_link_state_is_there_only_where_it_is_needed() -> None:
    assert "mf-linkstate" not in source() + script(()) + style(())
    for text in (source("link_state"), script(["link_state"]), style(["link_state"])):
        assert "mf-linkstate" in text


def test_packed_texts_are_the_same_every_time_and_come_back() -> None:
    text = "ein Text, mit Umlauten äöü, " * 500
    assert unpacked(packed(text)) == text
    assert packed(text) == packed(text)
    assert len(packed(text)) < len(text) / 10


def test_breaking_and_undoing_from_python() -> None:
    player = mailflow.play(scenario(), until=700, route=ROUTE, views=["Map", "Route"])
    before = player.trace
    player.break_("Tokyo-Brussels", 40)
    assert "scenario.restore('Tokyo-Brussels'" in player.scenario.code()
    player.break_("SEA02", 10)
    player.break_("routing engine of SEA01", 10)
    assert "scenario.stop('routing engine', 'SEA01'" in player.scenario.code()
    assert player.options["undo"] == 3
    assert unpacked(player.trace) == player.shown.to_json()
    for _ in range(4):
        player.undo()
    assert player.trace == before
    assert player.options["undo"] == 0


def test_the_steps_before_a_break_stay_as_they_were() -> None:
    player = mailflow.play(scenario(), until=700)
    old = player.shown.transcript().splitlines()
    player.break_("Seattle-London", 50)
    assert player.shown.transcript().splitlines()[:51] == old[:51]
    assert player.shown.transcript().splitlines() != old


def test_the_script_as_code_runs_and_gives_the_same_trace() -> None:
    organization = mailflow.load("two sites")
    made = mailflow.Scenario(organization, seed=3).send(
        mailflow.Message.write("anna@contoso.com", "pierre@contoso.com")
    )
    made.fail("London-Paris", at=1).restore("London-Paris", at=90).stop("SMTP", "PAR01", at=2).start(
        "SMTP", "PAR01", at=80
    )
    made.send(
        mailflow.Message.write("x@fabrikam.com", ["anna@contoso.com", "ben@contoso.com"]),
        by="smtp",
        server="LONFE",
        at=3,
    )
    made.change("London-Paris", cost=3, at=4).set_master("London", "LON02", replication_lag=30, at=5)
    made.freeze("London-Paris", "LON02", at=6).unfreeze("London-Paris", "LON02", at=7).delete(
        "London-Paris", "LON02", ndr=False, at=8
    )
    made.disable_outbound_mail("LON01", at=9).enable_outbound_mail("LON01", at=10).force_connection(
        "London-Paris", "LON02", at=11
    )
    made.remove("Paris-London", at=400).add(organization.connector["Paris-London"], at=500).delete_server(
        "PAR02", at=600
    )
    player = mailflow.play(made, until=700)
    names: dict[str, Any] = {}
    exec(player.options["script"], names)
    assert names["scenario"].script == made.script
    assert names["trace"].to_json() == player.shown.to_json()


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [({"tables": ("LON1", "")}, "no server 'LON1'"), ({"route": ("TOK9", "bruno@contoso.com")}, "no server 'TOK9'")],
)
def test_wrong_arguments(trace: Trace, arguments: dict[str, Any], complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        mailflow.play(trace, **arguments)


@pytest.fixture
def opened(request: pytest.FixtureRequest, chromium: "Browser", trace: Trace, tmp_path: Path) -> "Iterator[Page]":
    path = tmp_path / "page.html"
    path.write_text(html(trace, views=["Map", "Link state", "Route"], route=ROUTE, ask=["version"]), encoding="utf-8")
    settings: Looks = {"color_scheme": theme(request), "reduced_motion": "reduce"}
    with opened_page(chromium, path, ".mf-legend", width=1400, height=1100, **settings) as page:
        yield page


def step_of(trace: Trace, key: str, **where: object) -> int:
    return next(
        event.number for event in trace if event.step.key == key and all(event.values[k] == v for k, v in where.items())
    )


def spoken(page: "Page", element: str) -> str:
    """The words of a picture, which has no inner text."""
    return page.text_content(element) or ""


@pytest.mark.browser
def test_the_map_shows_who_holds_which_version(opened: "Page", trace: Trace) -> None:
    number = step_of(trace, "routing.raised")
    opened.evaluate(f"player.go({number})")
    assert "1 of 8 servers know the newest link state (Tokyo 1.1.0)" in opened.inner_text(".mf-legend")
    marks = opened.evaluate(
        """Object.fromEntries([...document.querySelectorAll(".mf-node:has(.mf-version)")].map((node) =>
          [node.dataset.node, [node.querySelector(".mf-version").textContent, node.querySelector(".mf-fill").width.baseVal.value > 0]]))"""
    )
    assert marks == {name: ["● 1.1.0", True] if name == "TOK01" else ["○ 1.0.0", False] for name in marks}
    assert len(marks) == 8
    bar = "document.querySelector('.mf-newsbar > i').getBoundingClientRect().width / document.querySelector('.mf-newsbar').clientWidth"
    assert opened.evaluate(bar) == pytest.approx(1 / 8, abs=0.01)
    opened.evaluate("player.go(player.tape.length - 1)")
    assert "8 of 8 servers know" in opened.inner_text(".mf-legend")
    assert opened.evaluate(bar) == pytest.approx(1, abs=0.01)
    opened.evaluate("player.go(0)")
    assert "No news of link state yet" in opened.inner_text(".mf-legend")


@pytest.mark.browser
def test_who_is_informed_is_what_python_says(opened: "Page", trace: Trace) -> None:
    for number in range(0, len(trace), 7):
        opened.evaluate(f"player.go({number})")
        known = knowledge(trace, trace.at(number))
        filled = opened.evaluate(
            """[...document.querySelectorAll(".mf-node")].filter((node) => node.querySelector(".mf-fill").width.baseVal.value)
              .map((node) => node.dataset.node)"""
        )
        assert set(filled) == (known.informed if known else set())


@pytest.mark.browser
def test_the_wave_names_its_port(opened: "Page", trace: Trace) -> None:
    opened.evaluate(f"player.go({step_of(trace, 'routing.pushed')})")
    assert "691" in spoken(opened, ".mf-port")
    assert opened.locator(".mf-port .mf-table").count() == 1
    opened.evaluate(f"player.go({step_of(trace, 'routing.orginfo')})")
    assert "25" in spoken(opened, ".mf-port")
    assert opened.locator(".mf-port .mf-table").count() == 1


@pytest.mark.browser
def test_the_ladder_shows_691_and_25(opened: "Page", trace: Trace) -> None:
    opened.evaluate("player.show('Ladder')")
    opened.evaluate(f"player.go({step_of(trace, 'routing.pushed')})")
    assert "TCP 691: the whole table" in spoken(opened, ".mf-ladder")
    opened.evaluate(f"player.go({step_of(trace, 'routing.orginfo')})")
    words = spoken(opened, ".mf-ladder")
    assert "X-LINK2STATE FIRST CHUNK" in words
    assert "undefined" not in words


def shown_rows(page: "Page", *servers: str) -> dict[str, list[str]]:
    """Of each routing group in the link state table: the mark, then version, master and states for each server."""
    rows: list[list[str]] = page.evaluate(
        """(servers) => [...document.querySelectorAll(".mf-linkstate tbody tr")].map((row) => [
          row.querySelector("th"), row.querySelector("td"),
          ...servers.flatMap((server) => [...row.querySelectorAll(`[data-server="${server}"]`)])].map(
          (cell) => cell.textContent))""",
        list(servers),
    )
    return {group: cells for group, *cells in rows}


@pytest.mark.browser
def test_the_tables_of_two_servers_are_one_and_say_what_python_says(opened: "Page", trace: Trace) -> None:
    opened.evaluate("player.tellAt({ level: 'everything' })")
    opened.get_by_label("First table").select_option("TOK02")
    opened.get_by_label("Second table").select_option("BRU02")
    for number in (step_of(trace, "routing.raised"), step_of(trace, "routing.pushed"), len(trace) - 1):
        opened.evaluate(f"player.go({number})")
        rows = shown_rows(opened, "TOK02", "BRU02")
        now, before = ({name: table_of(trace, name, at) for name in ("TOK02", "BRU02")} for at in (number, number - 1))
        for place, held in zip((1, 4), now.values(), strict=True):
            assert {name: cells[place : place + 2] for name, cells in rows.items()} == {
                name: [str(entry.version), entry.master]
                if entry == before[list(now)[place // 4]].groups[name]
                else [f"{entry.version} (was {before[list(now)[place // 4]].groups[name].version})", entry.master]
                for name, entry in held.groups.items()
            }
        first, second = now.values()
        differs = {name for name, entry in first.groups.items() if second.groups[name] != entry}
        fresh = {
            name
            for server, held in now.items()
            for name in held.groups
            if held.groups[name] != before[server].groups[name]
        }
        assert {name for name, cells in rows.items() if "≠" in cells[0]} == differs
        assert {name for name, cells in rows.items() if "✱ new" in cells[0]} == fresh
        assert set(list(rows)[: len(fresh | differs)]) == fresh | differs, "these come first"
    opened.evaluate(f"player.go({step_of(trace, 'routing.pushed')})")
    assert shown_rows(opened, "TOK02", "BRU02")["Tokyo"][0] == "✱ new ≠"
    assert shown_rows(opened, "TOK02")["Tokyo"][3] == "Tokyo-Brussels DOWN"


@pytest.mark.browser
def test_what_is_new_is_new_since_the_last_stop(opened: "Page", trace: Trace) -> None:
    opened.evaluate("player.show('Link state')")
    opened.get_by_label("First table").select_option("TOK02")
    number = step_of(trace, "routing.pushed", peer="TOK01")
    stop = opened.evaluate("(at) => player.levels.stops.find((stop) => stop >= at)", number)
    opened.evaluate("if (player.questions) player.questions.silenced = true")
    opened.evaluate(f"player.go({stop})")
    assert opened.evaluate("player.levels.before(player.cursor)") < number
    assert shown_rows(opened, "TOK02")["Tokyo"][0] == "✱ new"
    opened.evaluate("player.go(player.levels.after(player.cursor))")
    assert shown_rows(opened, "TOK02")["Tokyo"][0] == ""


@pytest.mark.browser
def test_the_table_of_the_server_of_this_step_is_not_that_of_the_one_looked_into(
    chromium: "Browser", tmp_path: Path
) -> None:
    calm = mailflow.Scenario(mailflow.load("four corners")).send(LETTER, at=1).run()
    path = mailflow.page(calm, tmp_path / "page.html", views=["Map", "Link state"])
    with opened_page(chromium, path, ".mf-map", width=966, height=768) as page:
        page.locator('[data-node="BRU01"]').click()
        page.get_by_role("button", name="Link state view").click()
        assert page.get_by_label("First table").input_value() == ""
        assert page.inner_text(".mf-linkstate .mf-of") == calm[0].server != "BRU01"


@pytest.mark.browser
def test_a_stopped_routing_engine_has_no_table(chromium: "Browser", tmp_path: Path) -> None:
    halted = mailflow.Scenario(mailflow.load("four corners")).stop("routing engine", "TOK02").run(until=60)
    path = mailflow.page(halted, tmp_path / "page.html", views=["Link state"])
    with opened_page(chromium, path, ".mf-linkstate", width=966, height=768) as page:
        page.evaluate("player.go(player.tape.length - 1)")
        page.get_by_label("First table").select_option("TOK02")
        assert "TOK02: its routing engine is stopped, and its table is gone" in page.inner_text(".mf-linkstate thead")
        assert {tuple(cells[1:]) for cells in shown_rows(page, "TOK02").values()} == {("none", "none", "")}


@pytest.mark.browser
def test_the_route_adds_up_costs_and_follows_the_table(opened: "Page", trace: Trace) -> None:
    opened.get_by_role("button", name="Route view").click()
    assert "cost 5" in opened.inner_text(".mf-answer")
    opened.evaluate("player.go(player.tape.length - 1)")
    assert "cost 30" in opened.inner_text(".mf-answer")
    assert "10 + 10 + 10 = 30" in opened.inner_text('.mf-route [data-spot="connector:Tokyo-Seattle"]')
    assert "it is DOWN in this server's table" in opened.inner_text('.mf-route [data-spot="connector:Tokyo-Brussels"]')


@pytest.mark.browser
def test_the_learner_does_dijkstra_and_is_told_why_not(opened: "Page", trace: Trace) -> None:
    opened.evaluate("player.show('Route')")
    told = opened.locator(".mf-route [role=status]")

    def settle(group: str) -> str:
        opened.locator(f'.mf-settle [data-spot="group:{group}"]').press("Enter")
        return told.inner_text()

    assert "No way to London is known yet" in settle("London")
    assert settle("Tokyo") == "✔ Tokyo is settled at cost 0. Seattle ∞ → 10, Brussels ∞ → 5."
    assert settle("Seattle") == "✘ Seattle stands at 10; Brussels at 5 is less."
    assert "settled already, at 0" in settle("Tokyo")
    assert "2 wrong" in opened.inner_text(".mf-dijkstra .mf-counter")
    assert settle("Brussels") == "✔ Brussels is settled at cost 5. London ∞ → 15."
    for _ in range(3):
        opened.get_by_role("button", name="Settle the next routing group").click()
    assert "All are settled, with 2 wrong choices." in told.inner_text()
    assert settle("London") == "London is settled already, at 15. "[:-1]
    opened.evaluate("player.show('Map')")
    assert opened.locator(".mf-lit-done").count() == 4
    opened.evaluate(f"player.go({len(trace) - 1})")
    assert "0 of 4 settled, 0 wrong" in opened.inner_text(".mf-dijkstra .mf-counter"), "another table, another start"
    for _ in range(4):
        opened.get_by_role("button", name="Settle the next routing group").click()
    assert "Brussels is settled at cost 30" in told.inner_text()
    opened.get_by_role("button", name="Start Dijkstra's algorithm again").click()
    assert opened.evaluate("Object.keys(player.settled)") == ["Tokyo"]


@pytest.mark.browser
def test_of_equal_costs_the_name_decides_and_nobody_is_wrong(chromium: "Browser", tmp_path: Path) -> None:
    letter = mailflow.Message.write("sara@contoso.com", "bruno@contoso.com")
    calm = mailflow.Scenario(mailflow.load("four corners")).send(letter).run()
    text = html(calm, views=["Route"], route=ROUTE).replace(
        '"tentative":{"Seattle":10,"Brussels":5}', '"tentative":{"Seattle":5,"Brussels":5}'
    )
    path = tmp_path / "page.html"
    path.write_text(text, encoding="utf-8")
    with opened_page(chromium, path, ".mf-route", width=966, height=768) as page:
        page.click('[data-spot="group:Tokyo"]')
        page.click('[data-spot="group:Seattle"]')
        assert "Seattle stands at 5 as well" in page.inner_text(".mf-route [role=status]")
        assert "0 wrong" in page.inner_text(".mf-dijkstra .mf-counter")


@pytest.mark.browser
def test_the_route_is_hidden_while_it_is_asked(chromium: "Browser", trace: Trace, tmp_path: Path) -> None:
    path = tmp_path / "page.html"
    route = ("SEA02", "bruno@contoso.com")
    path.write_text(html(trace, views=["Route"], route=route, ask=["connector"]), encoding="utf-8")
    with opened_page(chromium, path, ".mf-route", width=966, height=768) as page:
        before = page.inner_text(".mf-route")
        assert "a bet on it comes first" in before
        page.evaluate("player.bet(player.questions.all[0].at)")
        assert page.locator(".mf-option").count() > 1
        hidden = page.inner_text(".mf-route")
        assert "answer first" in hidden
        for word in ("least cost", "costs", "next hop", "➤", "= "):
            assert word not in before, word
            assert word not in hidden, word
        assert not page.is_visible(".mf-dijkstra")
        choices = page.locator(".mf-route .mf-choice")
        assert choices.count() > 1
        choices.first.click()
        assert page.locator(".mf-verdict").count() == 1
        assert "least cost" in page.inner_text(".mf-route")
        assert page.is_visible(".mf-dijkstra")
        page.evaluate("player.answers = {}; player.keys.Home()")
        assert "least cost" not in page.inner_text(".mf-route")
        page.evaluate("document.dispatchEvent(new Event('mailflow:show-all-answers')); player.redraw('Route')")
        assert "least cost" in page.inner_text(".mf-route"), "who wants all answers is not asked"


@pytest.mark.browser
@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("view", ["Link state", "Route"])
def test_nothing_of_these_views_is_cut_or_small(
    chromium: "Browser", trace: Trace, tmp_path: Path, size: str, view: str
) -> None:
    width, height = SIZES[size]
    path = mailflow.page(trace, tmp_path / "page.html", views=[view], route=ROUTE)
    element = {"Link state": ".mf-linkstate", "Route": ".mf-route"}[view]
    with opened_page(chromium, path, element, width=width, height=height) as page:
        place = page.locator(".mf-step").bounding_box()
        if view == "Link state":
            page.get_by_label("First table").select_option("TOK02")
            page.get_by_label("Second table").select_option("BRU02")
        for number in (0, step_of(trace, "routing.raised"), step_of(trace, "routing.pushed"), len(trace) - 1):
            page.evaluate(f"player.go({number})")
            assert page.evaluate(PAINTED, element) == {"small": [], "cut": []}
            assert page.locator(".mf-step").bounding_box() == place
            if size == "laptop":
                wide = "part => [...part.querySelectorAll('.mf-scroll'), part].every((p) => p.scrollWidth <= p.clientWidth)"
                assert page.locator(element).evaluate(wide), "nothing lies beyond the edge"
        assert serious(page) == []


@in_both_themes("opened")
@pytest.mark.browser
def test_axe_finds_nothing_serious(opened: "Page", trace: Trace) -> None:
    opened.get_by_label("Second table").select_option("BRU02")
    opened.evaluate(f"player.go({step_of(trace, 'routing.pushed')})")
    ARTEFACTS.mkdir(exist_ok=True)
    dark = opened.evaluate("matchMedia('(prefers-color-scheme: dark)').matches")
    opened.screenshot(path=str(ARTEFACTS / f"link-state-{'dark' if dark else 'light'}.png"), full_page=True)
    assert serious(opened) == []


@pytest.mark.browser
def test_a_large_organization_starts_with_its_groups_closed(chromium: "Browser", tmp_path: Path) -> None:
    organization = mailflow.grown(40, 5, seed=2)
    letter = mailflow.Message.write("user0@contoso.com", "user1@contoso.com")
    first = mailflow.route(organization, "G0S0", "user1@contoso.com").connector
    rules = mailflow.Parameters.exchange_2000()
    trace = mailflow.Scenario(organization, parameters=rules).fail(first).send(letter, at=1).run(until=300)
    path = tmp_path / "page.html"
    path.write_text(html(trace, views=["Map", "Link state"]), encoding="utf-8")
    page = chromium.new_page()
    errors = failures(page)
    page.goto(path.as_uri())
    page.wait_for_selector(".mf-legend")
    assert page.locator('[aria-label="server G3S0"]').count() == 0
    door = page.locator('[data-door="G3"]')
    door.focus()
    page.keyboard.press("Enter")
    assert page.locator('.mf-opened [aria-label="server G3S0"]').count() == 1
    assert page.locator(".mf-opened button").count() == 6, "five servers, and one to close it"
    page.evaluate("player.go(player.tape.length - 1)")
    assert re.search(r"\d+ of 200 servers know", page.inner_text(".mf-legend"))
    known = knowledge(trace, trace.at(len(trace) - 1))
    assert known
    for group in ("G3", "G0"):
        count = sum(name.startswith(f"{group}S") for name in known.informed)
        words = spoken(page, f'[data-door="{group}"]')
        assert re.search(rf"{count} of 5 (informed|know)|{count}/5", words)
    page.keyboard.press("Escape")
    assert not page.locator(".mf-opened").is_visible()
    assert door.evaluate("door => door === document.activeElement")
    door.press("Enter")
    page.locator('[aria-label="server G3S0"]').click()
    assert "G3S0" in page.inner_text(".mf-inside, .mf-server")
    page.get_by_role("button", name="Link state view").click()
    assert "more routing groups are as they were at the start" in page.inner_text(".mf-linkstate")
    page.get_by_role("button", name="Show all").click()
    assert page.locator(".mf-linkstate tbody tr").count() == 40
    assert errors == []
    page.close()


@pytest.mark.browser
def test_two_runs_move_by_time_after_their_first_difference(chromium: "Browser", trace: Trace, tmp_path: Path) -> None:
    calm = mailflow.Scenario(mailflow.load("four corners")).send(LETTER, at=1).run()
    path = tmp_path / "page.html"
    text = html(calm, views=["Map"])
    both = text.replace(
        'read("options"))',
        f'{{...read("options"), traces: [read("trace"), {trace.to_json().replace("<", chr(92) + "u003c")}], labels: ["a", "b"]}})',
    )
    path.write_text(with_all_parts(both), encoding="utf-8")
    page = chromium.new_page()
    page.goto(path.as_uri())
    page.wait_for_selector(".mf-compare .mf-sentence")
    page.get_by_label("How much is told").first.select_option("everything")
    page.get_by_role("button", name="Go there").click()
    second = page.locator(".mf-compare > div").nth(1)
    second.get_by_role("button", name="To the end (End)").click()
    clocks = page.locator(".mf-time").all_inner_texts()
    assert clocks[0] <= clocks[1]
    page.locator(".mf-compare > div").nth(0).get_by_role("button", name="To the start (Home)").click()
    shown = [text.split()[1] for text in page.locator(".mf-counter:not(.mf-time)").all_inner_texts()]
    assert shown == ["1", "2"], "the run with the failure has one event more at that time"
    page.close()
