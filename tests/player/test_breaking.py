"""Breaking things in the player: what Python makes of it, the script that comes out, and how it feels in a real browser."""

import json
import subprocess
import sys
from collections.abc import Iterator
from itertools import combinations, pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import mailflow
from mailflow.player.breakable import BreakablePlayer
from mailflow.player.page import html
from mailflow.player.source import PARTS, source, style
from tests.pages import failures, in_both_themes, serious, theme

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Locator, Page

LETTER = mailflow.Message.write("sara@contoso.com", "bruno@contoso.com", subject="Which way?")
VIEWS = ("Map", "Server", "Link state")


def opened_player(**options: Any) -> BreakablePlayer:
    scenario = mailflow.Scenario(mailflow.load("four corners")).fail("Tokyo-Brussels").send(LETTER, at=1)
    made = mailflow.play(scenario, until=700, views=list(VIEWS), **options)
    assert isinstance(made, BreakablePlayer)
    return made


def calls(player: BreakablePlayer) -> list[str]:
    """The lines of the script that the learner did not begin with."""
    first = opened_player().scenario.code().splitlines()
    return [line for line in player.scenario.code().splitlines() if line not in first]


FRESH = """
import json, sys
made = []
for code in json.load(sys.stdin):
    names = {}
    exec(code, names)
    made.append(names["trace"].to_json())
json.dump(made, sys.stdout)
"""


def test_the_script_makes_the_same_trace_byte_for_byte_in_a_fresh_interpreter(tmp_path: Path) -> None:
    player = opened_player()
    seen: list[tuple[str, str]] = []

    def look() -> None:
        seen.append((player.options["script"], player.shown.to_json()))

    look()
    steps = iter(range(8, 60, 4))
    for name in ("London-Brussels", "LON01", "routing engine of SEA01", "SMTP of LON02", "Mailbox Store of BRU02"):
        player.break_(name, next(steps))
        look()
    player.set_cost("Seattle-London", 40, next(steps))
    look()
    for _ in range(4):
        player.undo()
    look()
    player.redo()
    look()
    player.break_("SMTP of BRU02", 7)
    look()
    assert len(set(seen)) == len(seen) - 2, "only what is undone and done again was there before"
    given = json.dumps([script for script, _ in seen])
    ran = subprocess.run([sys.executable, "-c", FRESH], input=given, capture_output=True, text=True, cwd=tmp_path)
    assert ran.returncode == 0, ran.stderr
    assert json.loads(ran.stdout) == [trace for _, trace in seen]
    for script, _ in seen:
        assert script.startswith("import mailflow\n")
        assert script.endswith("scenario.run(until=700)")


def test_a_second_time_at_the_same_step_takes_it_back() -> None:
    player = opened_player()
    before = player.trace
    assert player.break_("London-Brussels", 30).startswith("London-Brussels goes down at ")
    assert player.trace != before
    assert player.break_("London-Brussels", 30).startswith("London-Brussels stays as it was")
    assert player.trace == before
    player.break_("London-Brussels", 30)
    assert player.break_("London-Brussels", 50).startswith("London-Brussels comes back at ")
    assert [line.split("(")[0] for line in calls(player)] == ["scenario.fail", "scenario.restore"]


def test_undo_and_redo_go_both_ways_and_a_new_change_ends_what_could_be_redone() -> None:
    player = opened_player()
    traces = [player.trace]
    for name in ("London-Brussels", "SMTP of LON01"):
        player.break_(name, 30)
        traces.append(player.trace)
    assert (player.options["undo"], player.options["redo"]) == (2, 0)
    assert player.undo().startswith("Undone: SMTP of LON01 goes down")
    assert player.trace == traces[1]
    assert (player.options["undo"], player.options["redo"]) == (1, 1)
    assert player.redo().startswith("SMTP of LON01 goes down")
    assert player.trace == traces[2]
    assert player.redo() == "Nothing to do again."
    player.undo()
    player.undo()
    assert player.undo() == "Nothing to undo."
    assert player.trace == traces[0]
    player.break_("TOK01", 30)
    assert (player.options["undo"], player.options["redo"]) == (1, 0)


def test_a_cost_is_changed_at_its_time_and_once_more_only_once() -> None:
    player = opened_player()
    assert player.options["costs"]["Seattle-London"] == [[0.0, 10]]
    player.set_cost("Seattle-London", 40, 30)
    player.set_cost("Seattle-London", 41, 30)
    at = round(player.shown[30].time + 0.001, 6)
    assert player.options["costs"]["Seattle-London"] == [[0.0, 10], [at, 41]]
    assert calls(player) == [f"scenario.change('Seattle-London', cost=41, at={at})"]
    player.break_("Seattle-London", 30)
    assert len(calls(player)) == 2, "its cost and its network are two things"
    with pytest.raises(mailflow.ScenarioError, match="cost"):
        player.set_cost("Seattle-London", 1000, 30)
    assert player.options["undo"] == 3, "what is refused changes nothing"
    assert player.undo().startswith("Undone: Seattle-London goes down")


def test_costs_are_those_of_connectors_between_routing_groups_also_of_added_ones() -> None:
    organization = mailflow.load("two sites")
    made = organization.connector["Paris-London"]
    scenario = mailflow.Scenario(organization).remove("Paris-London", at=1).add(made, at=2)
    scenario.change("London-Paris", cost=7, at=3).change("Internet", cost=9, at=4)
    player = mailflow.play(scenario, until=20)
    assert player.options["costs"]["Paris-London"] == [[0.0, made.cost], [2, made.cost]]
    assert player.options["costs"]["London-Paris"][1:] == [[3, 7]]
    assert "Internet" not in player.options["costs"]


def test_what_can_be_broken_is_named_and_works() -> None:
    player = opened_player()
    things = dict(player.options["things"])
    assert list(things) == ["Connectors", "Servers", "Routing group masters", "Services"]
    assert "routing engine of SEA01" in things["Routing group masters"]
    assert "routing engine of SEA01" not in things["Services"]
    for names in things.values():
        player.break_(names[-1], 10)
    grown = mailflow.play(mailflow.Scenario(mailflow.grown(12, 3, seed=1)), until=1)
    assert "Services" not in dict(grown.options["things"])


def test_every_request_of_the_browser_is_answered() -> None:
    player = opened_player()
    told: list[str] = []
    player.send = lambda message: told.append(message["text"])
    for message in (
        {"type": "break", "name": "nothing", "step": 3},
        {"type": "break", "name": "TOK01", "step": 30_000},
        {"type": "break", "name": "TOK01", "step": -1},
        {"type": "cost", "name": "TOK01", "cost": 3, "step": 3},
        {"type": "break"},
        {"type": "break", "name": "TOK01", "step": 3},
        {"type": "cost", "name": "Seattle-London", "cost": 3, "step": 3},
        {"type": "undo"},
        {"type": "redo"},
    ):
        player._heard(player, message, None)
    assert [text.startswith("Not possible: ") for text in told] == [True] * 5 + [False] * 4
    assert "there are steps 0 to" in told[1]
    assert told[-2].startswith("Undone: Seattle-London costs 3")


def test_a_step_that_is_not_there_any_more_is_left() -> None:
    player = opened_player()
    player.cursor = len(player.shown) - 1
    player.break_("SMTP of SEA01", 10)
    assert player.cursor == len(player.shown) - 1 < 30


# ---- in the browser ----

MODEL = """
async ([[code, ...parts], css, traits]) => {
  const sheet = document.createElement("style");
  sheet.textContent = css;
  document.head.append(sheet);
  const address = (text) => URL.createObjectURL(new Blob([text], { type: "text/javascript" }));
  const player = address(code);
  const module = await import(player);
  for (const part of parts) await import(address(part.replaceAll('"mailflow"', JSON.stringify(player))));
  const heard = {};
  const say = (name, message) => (heard[name] || []).slice().forEach((act) => act(message));
  const model = {
    get: (name) => traits[name],
    set: (name, value) => { traits[name] = value; },
    save_changes: () => {},
    on: (name, act) => { (heard[name] ||= []).push(act); },
    off: (name, act) => { heard[name] = heard[name].filter((other) => other !== act); },
    send: async (message) => {
      globalThis.requests = (globalThis.requests || 0) + 1;
      await globalThis.held;
      const [news, texts] = await globalThis.kernel(message, traits.cursor);
      const changed = Object.keys(news).filter((name) => news[name] !== traits[name]);
      Object.assign(traits, news);
      if (changed.includes("trace")) say("change:trace");
      for (const text of texts) say("msg:custom", { text });
    },
  };
  const unpack = (text) => new Response(new Blob([Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0))])
    .stream().pipeThrough(new DecompressionStream("gzip"))).text();
  Object.assign(globalThis, { say, traits });
  await module.render({ model, el: document.querySelector("main"), unpack });
}
"""
NAMES = ("trace", "other", "beside", "options", "answers")


class Desk:
    """A player in a page, with a kernel behind it: the widget in this process."""

    def __init__(self, page: "Page", player: BreakablePlayer) -> None:
        self.page, self.player = page, player
        self.texts: list[str] = []
        player.send = lambda message: self.texts.append(message["text"])
        page.expose_function("kernel", self._asked)
        page.evaluate(MODEL, [[source(), *map(source, PARTS)], style(), self._traits() | {"cursor": 0}])

    def _traits(self) -> dict[str, object]:
        return {name: getattr(self.player, name) for name in NAMES}

    def _asked(self, message: dict[str, object], cursor: int) -> list[object]:
        self.player.cursor = cursor
        self.texts.clear()
        self.player._heard(self.player, message, None)
        return [self._traits(), list(self.texts)]

    def part(self, name: str) -> "Locator":
        return self.page.locator(f'[data-key="{name}"]')

    def told(self, text: str) -> None:
        """Wait until this was told, by the player of the newest future."""
        self.page.wait_for_function("text => document.querySelector('.mf-told').textContent.includes(text)", arg=text)
        number = self.player.options["undo"]
        name = f"Undo ({number})" if number else "Undo"
        self.page.get_by_role("button", name=name, exact=True).wait_for()

    def hold(self) -> None:
        """The kernel is busy with something else."""
        self.page.evaluate("globalThis.held = new Promise((go) => { globalThis.goOn = go; }), 0")

    def go_on(self) -> None:
        self.page.evaluate("globalThis.goOn()")


@pytest.fixture
def asked() -> dict[str, Any]:
    """What the player of the desk is asked for besides its views; a test may say something else."""
    return {}


@pytest.fixture
def desk(request: pytest.FixtureRequest, chromium: "Browser", asked: dict[str, Any]) -> Iterator[Desk]:
    context = chromium.new_context(
        viewport={"width": 966, "height": 768}, color_scheme=theme(request), reduced_motion="reduce"
    )
    page = context.new_page()
    errors = failures(page)
    page.set_content("<!doctype html><html lang=en><title>Player</title><body><main></main></body></html>")
    made = Desk(page, opened_player(**asked))
    page.wait_for_selector(".mf-break")
    yield made
    assert errors == []
    context.close()


def step(page: "Page", number: int) -> None:
    page.get_by_label("How much is told").select_option("everything")
    page.evaluate(
        "number => { const slider = document.querySelector('.mf-controls [type=range]');"
        "slider.value = number; slider.dispatchEvent(new Event('input')); }",
        number,
    )


def counter(page: "Page") -> str:
    return page.locator(".mf-controls .mf-counter").first.inner_text()


@pytest.mark.browser
def test_it_is_drawn_at_once_and_told_at_once_and_step_view_and_level_stay(desk: Desk) -> None:
    page = desk.page
    step(page, 30)
    desk.hold()
    grip = page.locator('[data-breaks="London-Brussels"]').first
    assert "mf-pending" not in (grip.get_attribute("class") or "")
    grip.focus()
    page.keyboard.press("Enter")
    assert "mf-pending" in (grip.get_attribute("class") or "")
    assert page.inner_text(".mf-told").startswith("London-Brussels goes down now")
    assert desk.part("now").inner_text() == "Bring back"
    desk.go_on()
    desk.told("London-Brussels goes down at")
    assert counter(page).startswith("step 31 of ")
    assert page.locator('[data-view="Map"]').get_attribute("aria-pressed") == "true"
    assert page.get_by_label("How much is told").input_value() == "everything"
    assert "mf-pending" in (grip.get_attribute("class") or ""), "the picture shows it only at the next step"
    assert page.evaluate("document.activeElement.dataset.breaks") == "London-Brussels"
    page.keyboard.press("Enter")
    desk.told("London-Brussels stays as it was at")
    assert "mf-pending" not in (grip.get_attribute("class") or "")
    assert calls(desk.player) == []


@pytest.mark.browser
def test_two_clicks_before_the_kernel_answers_cancel_each_other(desk: Desk) -> None:
    page = desk.page
    desk.hold()
    lever = page.locator('[data-breaks="LON01"]').first
    lever.click()
    assert "mf-pending" in (lever.get_attribute("class") or "")
    lever.click()
    assert "mf-pending" not in (lever.get_attribute("class") or "")
    desk.go_on()
    desk.told("LON01 stays as it was at")
    assert page.evaluate("requests") == 2
    assert calls(desk.player) == []


@pytest.mark.browser
def test_the_bar_follows_and_undo_and_redo_work(desk: Desk) -> None:
    page = desk.page
    step(page, 12)
    desk.part("pick").select_option("SMTP of LON01")
    assert desk.part("now").inner_text() == "Take down"
    desk.part("now").click()
    desk.told("SMTP of LON01 goes down at")
    assert desk.part("pick").input_value() == "SMTP of LON01"
    assert desk.part("now").inner_text() == "Bring back"
    desk.part("undo").click()
    desk.told("Undone: SMTP of LON01 goes down")
    assert desk.part("now").inner_text() == "Take down"
    assert desk.part("undo").is_disabled()
    desk.part("redo").click()
    desk.told("SMTP of LON01 goes down at")
    assert len(calls(desk.player)) == 1
    assert counter(page).startswith("step 13 of ")


@pytest.mark.browser
def test_a_cost_by_field_key_and_drag(desk: Desk) -> None:
    page = desk.page
    step(page, 12)
    desk.part("pick").select_option("LON01")
    assert not desk.part("cost").is_visible()
    desk.part("pick").select_option("Seattle-London")
    assert desk.part("cost").input_value() == "10"
    desk.part("cost").fill("25")
    desk.part("cost").press("Enter")
    desk.told("Seattle-London costs 25 from")
    assert desk.part("cost").input_value() == "25"
    desk.part("cost").fill("0")
    desk.part("cost").press("Tab")
    desk.told("A cost is a whole number from 1 to 100.")
    other = page.get_by_role("spinbutton", name="Cost of Seattle-London", exact=True).locator("text")
    assert other.text_content() == "cost 25/10", "one way costs something else than the way back"
    label = page.get_by_role("spinbutton", name="Cost of London-Brussels", exact=True).and_(page.locator("g"))
    label.focus()
    for key in ("+", "+", "-", "ArrowUp"):
        page.keyboard.press(key)
    assert label.get_attribute("aria-valuenow") == "12"
    assert "mf-pending" not in (label.get_attribute("class") or "")
    desk.told("London-Brussels costs 12 from")
    assert len(calls(desk.player)) == 2, "a row of keys is one change"
    assert label.evaluate("element => element === document.activeElement")
    box = label.bounding_box()
    assert box
    assert box["height"] >= 23, "as the levers have it"
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.click(x, y)
    assert len(calls(desk.player)) == 2, "a click alone changes nothing"
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 30, y, steps=5)
    desk.told("London-Brussels: cost 17 instead of 12.")
    assert label.locator("text").text_content() == "cost 17/10", "it is drawn while it is dragged"
    page.mouse.up()
    desk.told("London-Brussels costs 17 from")
    assert len(calls(desk.player)) == 2
    page.locator('[data-breaks="Brussels-London"]').first.focus()
    page.keyboard.press("-")
    desk.told("Brussels-London costs 9 from")
    assert label.locator("text").text_content() == "cost 17/9", "the way back by the keys of its line"
    page.keyboard.press("Home")
    assert label.locator("text").text_content() == "cost 10", "a cost is that of the step that is shown"


@in_both_themes("desk")
@pytest.mark.browser
def test_a_service_is_stopped_where_it_is_drawn(desk: Desk) -> None:
    page = desk.page
    step(page, 12)
    page.get_by_role("button", name="Server view").click()
    page.get_by_label("Server to look inside").select_option("LON01")
    for component, service in (
        ("SMTP service", "SMTP"),
        ("Store.exe", "information store"),
        ("Routing engine", "routing engine"),
    ):
        lever = page.locator(f'.mf-inside [aria-label="{component}"]').get_by_role(
            "button", name=f"{service} of LON01: stop or start"
        )
        box = lever.bounding_box()
        assert box
        assert min(box["width"], box["height"]) >= 24
        lever.click()
        desk.told(f"{service} of LON01 goes down at")
        assert "mf-pending" in (lever.get_attribute("class") or "")
        lever.focus()
        page.keyboard.press("Enter")
        desk.told(f"{service} of LON01 stays as it was at")
        assert "mf-pending" not in (lever.get_attribute("class") or "")
        assert lever.evaluate("element => element === document.activeElement")
    assert calls(desk.player) == []
    page.get_by_label("Server to look inside").select_option("TOK02")
    page.get_by_role("button", name="SMTP of TOK02: stop or start").press("Space")
    desk.told("SMTP of TOK02 goes down at")
    assert [line.split(", at=")[0] for line in calls(desk.player)] == ["scenario.stop('SMTP', 'TOK02'"]
    assert page.locator(".mf-halt").count() == 3
    assert serious(page) == []


@pytest.mark.browser
def test_the_script_opens_as_a_card_and_is_there_after_a_break(desk: Desk) -> None:
    page = desk.page
    desk.part("script").click()
    text = page.get_by_label("The script so far", exact=True)
    assert text.inner_text().startswith("import mailflow\n")
    desk.part("pick").select_option("TOK02")
    desk.part("now").click()
    desk.told("TOK02 goes down at")
    assert "scenario.fail('TOK02'" in text.inner_text()
    assert serious(page) == []
    page.get_by_role("button", name="Copy the script").click()
    page.keyboard.press("Escape")
    assert not text.is_visible()
    desk.part("undo").click()
    desk.told("Undone")
    assert not text.is_visible()


@pytest.mark.browser
def test_the_bar_is_one_row_inside_the_frame_and_nothing_jumps(desk: Desk) -> None:
    page = desk.page

    names = ["[data-part=player]", "[data-part=break]", "[data-part=told]", "[data-part=step]", "[data-key=undo]"]

    def boxes() -> list[list[float]]:
        found: list[list[float]] = page.evaluate(
            """names => names.map((name) => {
              const { x, y, width, height } = document.querySelector(name).getBoundingClientRect();
              return [x, y, width, height];
            })""",
            names,
        )
        return found

    first = boxes()
    (_, top, _, height), (_, bar, _, slim), _, (_, step_top, _, step_height), _ = first
    assert slim <= 40
    assert top < bar < bar + slim < top + height
    assert step_top + step_height <= top + height
    desk.part("pick").select_option("routing engine of SEA01")
    desk.part("now").click()
    desk.told("routing engine of SEA01 goes down at")
    assert boxes() == first
    told = page.locator(".mf-told")
    assert told.evaluate("element => element.scrollHeight <= element.clientHeight + 1"), "the longest text has room"
    page.get_by_role("button", name="Server view").click()
    inside = page.locator(".mf-inside")
    assert inside.evaluate("element => element.scrollHeight <= element.clientHeight"), "a server is whole above the bar"


@in_both_themes("desk")
@pytest.mark.browser
@pytest.mark.parametrize(("width", "height"), [(1024, 640), (552, 900), (390, 844)])
def test_the_bar_fits_small_windows(desk: Desk, width: int, height: int) -> None:
    page = desk.page
    page.set_viewport_size({"width": width, "height": height})
    cut = page.evaluate(
        """() => {
          const bar = document.querySelector(".mf-break").getBoundingClientRect();
          return [...document.querySelectorAll(".mf-break > *")].filter((item) => {
            const box = item.getBoundingClientRect();
            return box.left < bar.left || box.right > bar.right || box.top < bar.top || box.bottom > bar.bottom;
          }).map((item) => item.outerHTML);
        }"""
    )
    assert cut == []
    assert serious(page, context=".mf-break") == []


@pytest.mark.browser
def test_without_a_kernel_the_control_says_so(chromium: "Browser", tmp_path: Path) -> None:
    trace = opened_player().shown
    path = tmp_path / "page.html"
    text = html(trace, views=["Map", "Link state"]).replace(
        '{"views"', '{"breakable":true,"script":"scenario","things":[["Servers",["LON01"]]],"views"'
    )
    path.write_text(text, encoding="utf-8")
    page = chromium.new_page()
    page.goto(path.as_uri())
    page.locator('[data-breaks="LON01"]').first.click()
    assert "No kernel runs here" in page.inner_text(".mf-told")
    assert page.locator(".mf-pending").count() == 0
    page.close()


@pytest.mark.browser
def test_a_kernel_that_is_gone_is_told(desk: Desk) -> None:
    page = desk.page
    page.evaluate(
        "globalThis.held = new Promise(() => {}); globalThis.setTimeout = ((later) => (act, ms) => later(act, ms / 100))(setTimeout)"
    )
    # Looked at right after the click: on a busy machine a hundredth of the patience is soon over.
    pending = """() => {
      const click = new MouseEvent("click", { bubbles: true });
      document.querySelector('[data-breaks="LON01"]').dispatchEvent(click);
      return document.querySelectorAll(".mf-pending").length;
    }"""
    assert page.evaluate(pending) > 0
    desk.told("No answer from the kernel.")
    assert page.locator(".mf-pending").count() == 0


@pytest.mark.browser
def test_where_there_is_little_room_the_bar_is_slim_and_leaves_a_picture(desk: Desk) -> None:
    """On a phone its last button stands before what was told: what may fail has its name."""
    page = desk.page
    page.add_style_tag(content="body { margin: 16px; }")
    for width, height, least in ((624, 640, 140), (560, 540, 90), (683, 384, 80), (450, 540, 20), (390, 844, 228)):
        page.set_viewport_size({"width": width, "height": height})
        parts = page.locator(".mf-break > :not(.mf-told)").evaluate_all(
            "all => all.map((part) => { const { x, y, right, height } = part.getBoundingClientRect();"
            "return [x, right, Math.round(y + height / 2), height]; })"
        )
        row = parts if width > 420 else parts[:-1]
        assert len({middle for *_, middle, _ in row}) == 1, (width, parts)
        assert all(part[1] <= after[0] for part, after in pairwise(row)), (width, parts)
        assert parts[0][1] - parts[0][0] >= 80, (width, parts)
        assert all(tall >= 24 for *_, tall in parts[:2] + parts[3:]), (width, parts)
        bar = page.locator(".mf-break").bounding_box()
        stage = page.locator(".mf-stage").bounding_box()
        assert bar
        assert stage
        assert parts[-1][1] <= bar["x"] + bar["width"], (width, parts)
        assert bar["height"] <= (36 if width > 500 else 48 if width > 420 else 62), width
        assert stage["height"] >= least, width


@pytest.mark.browser
@pytest.mark.parametrize("asked", [{"route": ("SEA01", "bruno@contoso.com")}])
def test_no_tab_of_a_player_with_every_view_lies_on_another(desk: Desk) -> None:
    page = desk.page
    page.add_style_tag(content="body { margin: 16px; }")
    for width, height in ((560, 540), (520, 480), (518, 410), (480, 560), (480, 800), (390, 560), (390, 844)):
        page.set_viewport_size({"width": width, "height": height})
        tabs = page.locator(".mf-head button").evaluate_all(
            """all => all.map((tab) => {
              const words = document.createRange();
              words.selectNodeContents(tab);
              const [{ x, y, right, bottom }, { width }] = [tab, words].map((item) => item.getBoundingClientRect());
              return [x, y, right, bottom, right - x - width];
            })"""
        )
        assert len(tabs) == 10
        assert all(room >= 4 for *_, room in tabs), (width, height, "words are wider than their tab")
        for one, two in combinations(tabs, 2):
            assert one[2] <= two[0] or two[2] <= one[0] or one[3] <= two[1] or two[3] <= one[1], (width, height)
        if width > 500:
            assert len({top for _, top, *_ in tabs}) == 1, "the picture needs the room"


@pytest.mark.browser
def test_in_the_story_too_the_step_stays(desk: Desk) -> None:
    page = desk.page
    assert page.get_by_label("How much is told").input_value() == "story"
    for _ in range(4):
        page.get_by_role("button", name="On (right arrow)").click()
    # Within a beat, where the story does not stop.
    page.locator(".mf").focus()
    page.keyboard.press("Shift+ArrowRight")
    sentence = page.inner_text(".mf-sentence")
    desk.part("pick").select_option("SMTP of TOK01")
    desk.part("now").click()
    desk.told("SMTP of TOK01 goes down at")
    assert page.inner_text(".mf-sentence") == sentence
    assert page.get_by_label("How much is told").input_value() == "story"
    page.evaluate("traits.level = 'detail'; say('change:level')")
    assert page.get_by_label("How much is told").input_value() == "detail", "Python says how closely it is told, too"
    page.locator(".mf").evaluate("root => { root.requestFullscreen = undefined; root.focus(); }")
    page.keyboard.press("p")
    assert page.locator(".mf-break > *").evaluate_all(
        "all => all.every((item) => item.offsetHeight <= item.parentElement.clientHeight)"
    ), "in large type, too, the bar is one row"
    desk.part("undo").click()
    desk.told("Undone: SMTP of TOK01 goes down")
    assert page.locator(".mf-present").count() == 1, "who presents goes on presenting"
