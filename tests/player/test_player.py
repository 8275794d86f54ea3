"""The player: predictions, pictures, escaping, size; and the page in a real browser, with axe-core."""

import random
import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import anywidget
import pytest
import traitlets

import mailflow
from mailflow.facts import facts
from mailflow.player.aside import on_card
from mailflow.player.esm_widget import EsmWidget
from mailflow.player.page import html
from mailflow.player.picture import alternative, picture
from mailflow.trace import Trace
from tests.pages import Looks, in_both_themes, opened_page, serious, theme

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

EVIL = '</script><img src=x onerror="window.hacked=1">'


@pytest.fixture(scope="module")
def trace() -> Trace:
    message = mailflow.Message.write(
        "anna@contoso.com", ["both-sites@contoso.com", "kim@fabrikam.com", "nix@contoso.com"], subject=EVIL
    )
    return (
        mailflow.Scenario(mailflow.load("two sites"))
        .fail("London-Paris")
        .restore("London-Paris", at=70)
        .send(message)
        .run()
    )


def test_picture_is_the_same_every_time_and_escapes(trace: Trace) -> None:
    assert picture(trace, 5) == picture(trace, 5)
    assert "<img" not in picture(trace, 0)
    assert len(picture(trace, len(trace) - 1)) < 16_000
    assert alternative(trace, 0).startswith(f"Step 1 of {len(trace)}.")
    assert "<script" not in html(trace).split('id="trace">')[1].split("</script>")[0]


def test_page_is_one_file(trace: Trace, tmp_path: Path) -> None:
    path = mailflow.page(trace, tmp_path / "page.html", title="A & B")
    text = path.read_text(encoding="utf-8")
    assert "<title>A &amp; B</title>" in text
    assert "https://" not in text
    assert "import(" not in text


def test_a_widget_says_what_anywidget_says() -> None:
    class Theirs(anywidget.AnyWidget):
        _esm, _css = "export default {}", "p {}"

    class Ours(EsmWidget):
        _esm = traitlets.Unicode("export default {}").tag(sync=True)
        _css = traitlets.Unicode("p {}").tag(sync=True)

    theirs, ours = Theirs(), Ours()
    wanted, state = theirs.get_state(), ours.get_state()
    assert state.pop("_anywidget_id") == wanted.pop("_anywidget_id").replace("Theirs", "Ours")
    for each in (wanted, state):
        assert each.pop("layout").startswith("IPY_MODEL_")
    assert state == wanted
    bundle = theirs._repr_mimebundle_()
    assert bundle is not None
    (wanted_data, wanted_more), (data, more) = bundle, ours._repr_mimebundle_()
    view = "application/vnd.jupyter.widget-view+json"
    assert data.pop(view) == wanted_data.pop(view) | {"model_id": ours.model_id}
    assert (data.keys(), more) == (wanted_data.keys(), wanted_more)


def test_widget_shows_itself_in_three_ways(trace: Trace) -> None:
    player = mailflow.play(trace, ask=["queue"])
    data, _ = player._repr_mimebundle_()
    assert set(data) >= {"application/vnd.jupyter.widget-view+json", "text/html", "text/plain"}
    assert data["text/plain"] == repr(player)
    assert re.fullmatch(
        r"Player: Two sites, \d+ steps, \d+ predictions\. Run this cell to step through it\.", repr(player)
    )
    assert "onerror=" not in re.sub(r'alt="[^"]*"', "", str(data["text/html"]))
    player.answers = {"queue-2": {"right": True}}
    assert player.score.startswith("1 of ")
    assert player.level == "story"
    with pytest.raises(traitlets.TraitError):
        player.level = "gossip"


@pytest.mark.parametrize("scripted", [False, True])
def test_only_a_player_that_was_shown_just_now_may_take_the_focus(
    trace: Trace, scripted: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    player = mailflow.play(mailflow.Scenario(mailflow.load("one server")) if scripted else trace)
    told: list[object] = []
    monkeypatch.setattr(player, "send", told.append)

    def ask(after: float = 0.0) -> list[object]:
        told.clear()
        now = time.monotonic() + after
        with monkeypatch.context() as later:
            later.setattr(time, "monotonic", lambda: now)
            player._heard(player, {"type": "focus"}, None)
        return list(told)

    assert ask() == [], "it was made, and is not shown yet"
    player._repr_mimebundle_()
    assert ask() == [{"focus": True}]
    assert ask() == [], "another view of it is none that was run"
    player._repr_mimebundle_()
    assert ask(after=60.0) == [], "whoever opens it again has moved on"


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        ({"views": ["Globe"]}, "no view 'Globe'"),
        ({"server": "LON9"}, "no server 'LON9'"),
        ({"ask": ["x"]}, "no such kind"),
    ],
)
def test_wrong_arguments(trace: Trace, arguments: dict[str, Any], text: str) -> None:
    with pytest.raises(ValueError, match=text):
        mailflow.play(trace, **arguments)


@pytest.fixture
def opened(request: pytest.FixtureRequest, chromium: "Browser", trace: Trace, tmp_path: Path) -> "Iterator[Page]":
    path = mailflow.page(trace, tmp_path / "page.html", ask=["queue"], views=["Map", "Server"])
    settings: Looks = {"color_scheme": theme(request), "reduced_motion": "reduce"}
    with opened_page(chromium, path, ".mf-sentence", width=1000, height=1100, **settings) as page:
        yield page


def test_a_card_quotes_the_names_that_a_fact_sets_off_and_keeps_commands() -> None:
    says = {number: str(on_card(number)["clauses"]) for number in facts()}
    assert "The queue “Messages pending submission” (pre-submission)" in says["T29"]
    assert "`*.contoso.com` and `abc.*.contoso.com` count" in "".join(says.values())
    assert [number for number, text in says.items() if "*" in re.sub("`[^`]*`", "", text)] == []


@pytest.mark.browser
def test_page_without_a_kernel_follows_the_python_state(opened: "Page", trace: Trace) -> None:
    assert opened.evaluate("player.tape.length") == len(trace)
    opened.get_by_label("How much is told").select_option("everything")
    for number in (0, 7, len(trace) // 2, len(trace) - 1):
        opened.evaluate(f"player.go({number})")
        assert opened.inner_text(".mf-sentence") == " ".join(trace[number].sentence.split())
        shown = opened.evaluate("[...player.tape.at(player.cursor).mails].map(([k, m]) => [k, m.server, m.place])")
        assert {tuple(row) for row in shown} == {
            (key, item.server, item.place) for key, item in trace.at(number).mails.items()
        }
    assert opened.evaluate("window.hacked") is None


@in_both_themes("opened")
@pytest.mark.browser
def test_a_pressed_button_stays_readable_under_the_mouse(opened: "Page") -> None:
    looks = "(tab) => [getComputedStyle(tab).color, getComputedStyle(tab).backgroundColor]"
    tab = opened.get_by_role("button", name="Map view")
    before = tab.evaluate(looks)
    tab.hover()
    assert tab.evaluate(looks) == before
    other = opened.get_by_role("button", name="Tables view")
    before = other.evaluate(looks)
    other.hover()
    assert other.evaluate(looks) != before, "one that is not pressed says that it can be"


@pytest.mark.browser
def test_keys_move_by_beats_steps_and_chapters(opened: "Page", trace: Trace) -> None:
    beats = mailflow.story(trace).beats
    stops = [beat.at for beat in beats]
    opened.evaluate("player.questions.skipAll = () => {}; if (player.questions) player.questions.silenced = true")
    opened.focus(".mf")
    assert opened.evaluate("player.levels.stops") == stops
    opened.keyboard.press("ArrowRight")
    assert opened.evaluate("player.cursor") == stops[1]
    assert opened.inner_text(".mf-sentence") == " ".join(beats[1].text.split())
    opened.keyboard.press("Shift+ArrowRight")
    assert opened.evaluate("player.cursor") == stops[1] + 1
    opened.keyboard.press("ArrowLeft")
    assert opened.evaluate("player.cursor") == stops[1]
    opened.keyboard.press("]")
    assert opened.evaluate("player.cursor") == stops[mailflow.story(trace).chapters[2].beat]
    opened.keyboard.press("End")
    assert opened.evaluate("player.cursor") == stops[-1]
    opened.locator("input[type=range]").fill("3")
    assert opened.evaluate("player.cursor") == stops[3]
    waits = opened.evaluate(
        """() => player.levels.stops.slice(0, 6).map((stop) => {
          const later = globalThis.setTimeout;
          let found = 0;
          globalThis.setTimeout = (_, wait) => { found = wait; return 1; };
          player.go(stop);
          player.controls.play();
          player.controls.pause();
          globalThis.setTimeout = later;
          return [player.say.textContent.length, found];
        })"""
    )
    lengths, stands = zip(*sorted(waits), strict=True)
    assert list(stands) == sorted(stands), "a long sentence stands longer"
    assert (len(set(lengths)) > 1, len(set(stands)) == len(set(lengths)), stands[0] > 2000) == (True, True, True)
    opened.evaluate("number => player.go(number)", stops[3])
    opened.focus(".mf")
    opened.keyboard.press("l")
    assert opened.evaluate("player.levels.level") == "detail"
    opened.keyboard.press("p")
    assert opened.locator(".mf-present").count() == 1
    opened.keyboard.press("Escape")
    assert opened.locator(".mf-present").count() == 0


def on_to_a_bet(page: "Page") -> None:
    """Go from decision to decision until a bet is offered."""
    for _ in range(60):
        page.keyboard.press("n")
        if page.locator(".mf-option").count():
            return
    raise AssertionError("no bet is offered")


@pytest.mark.browser
def test_a_bet_is_answered_skipped_or_refused_by_keyboard(opened: "Page") -> None:
    opened.focus(".mf")
    on_to_a_bet(opened)
    choices = opened.locator(".mf-option")
    assert choices.first.evaluate("choice => choice === document.activeElement")
    opened.keyboard.press("ArrowRight")
    assert choices.nth(1).evaluate("choice => choice === document.activeElement")
    opened.keyboard.press("p")
    assert "Answer first, or skip" in opened.inner_text(".mf-prompt")
    opened.keyboard.press("Enter")
    assert opened.locator(".mf-right, .mf-wrong").count() == 1
    assert opened.evaluate("Object.values(player.answers).map((item) => item.chosen)") == [1]
    on_to_a_bet(opened)
    opened.keyboard.press("Escape")
    assert opened.locator(".mf-skipped").count() == 1
    on_to_a_bet(opened)
    opened.get_by_role("button", name="Skip all").click()
    opened.keyboard.press("End")
    assert opened.locator(".mf-option").count() == 0


@pytest.mark.browser
def test_whoever_jumps_to_a_bet_stands_at_its_step_when_it_is_answered(chromium: "Browser", tmp_path: Path) -> None:
    """The question to DNS is no decision, so a jump from one to the next would pass over it."""
    letter = mailflow.Message.write("anna@contoso.com", "kim@fabrikam.com")
    run = mailflow.Scenario(mailflow.load("one server")).send(letter).run()
    path = mailflow.page(
        run, tmp_path / "page.html", ask=["host", "verdict"], tell=["dns", "smtp.connect", "smtp.rcpt"]
    )
    with opened_page(chromium, path, ".mf-sentence", width=1000, height=1100) as page:
        page.focus(".mf")
        for at in page.evaluate("player.questions.all.map(({ at }) => at)"):
            on_to_a_bet(page)
            page.keyboard.press("1")
            assert page.evaluate("player.cursor") == at, "the verdict stands beside the step that it is about"
            assert page.locator(".mf-right, .mf-wrong").count() == 1


@pytest.mark.browser
def test_a_view_that_gave_way_to_a_bet_comes_back_without_its_marks(chromium: "Browser", tmp_path: Path) -> None:
    """The head of the server is an answer, too, and the map is brought to the front for the others."""
    letter = mailflow.Message.write("anna@contoso.com", "pierre@contoso.com")
    run = mailflow.Scenario(mailflow.load("two sites")).send(letter).run()
    path = mailflow.page(run, tmp_path / "page.html", ask=["next hop"], views=["Server"])
    with opened_page(chromium, path, ".mf-sentence", width=1000, height=800) as page:
        page.evaluate("player.server = 'LON02'; player.draw()")
        page.focus(".mf")
        on_to_a_bet(page)
        assert page.locator(".mf-map .mf-choice").count() > 1
        page.keyboard.press("1")
        page.evaluate("player.show('Server')")
        assert page.locator(".mf-inside").is_visible()
        assert page.locator(".mf-choice").count() == 0


@pytest.mark.browser
def test_the_score_is_told_at_the_end(opened: "Page") -> None:
    opened.evaluate(
        "for (const { id, answer } of player.questions.all) player.answers[id] = { chosen: answer, right: true }"
    )
    opened.focus(".mf")
    opened.keyboard.press("End")
    assert re.fullmatch(r"Your bets: (\d+) of \1 bets right\.", opened.inner_text(".mf-verdict"))
    opened.keyboard.press("ArrowRight")
    assert opened.locator(".mf-verdict").count() == 1, "whoever steps on at the end still reads it, once"


@pytest.mark.browser
def test_all_answers_of_a_notebook_can_be_shown_at_once(opened: "Page") -> None:
    opened.focus(".mf")
    on_to_a_bet(opened)
    opened.get_by_role("button", name="Show all answers").click()
    opened.keyboard.press("Home")
    opened.keyboard.press("n")
    assert opened.locator(".mf-option").count() == 0
    assert opened.locator(".mf-verdict").count() == 1, "what would have been asked is told"
    opened.evaluate("player.go(0); player.go(player.levels.stops.at(-2))")
    chips = "[...document.querySelectorAll('.mf-verdict [data-part=fact]')].map((chip) => chip.textContent)"
    asked = "player.tape.rule(player.tape.events[player.options.questions[0].at]).numbers"
    assert opened.evaluate(chips) == opened.evaluate(asked), (
        "with the facts of its own step, not of the one that is shown"
    )
    here = "player.tape.rule(player.event).numbers"
    assert opened.evaluate(here) != opened.evaluate(asked)
    opened.focus(".mf")
    opened.keyboard.press("Home")
    opened.keyboard.press("End")
    assert opened.inner_text(".mf-verdict").startswith("Your bets: "), "at the end the score stands alone"


@in_both_themes("opened")
@pytest.mark.browser
def test_a_chip_opens_its_fact_and_escape_closes_it(opened: "Page") -> None:
    chip = opened.locator("[data-part=fact]").first
    number = chip.inner_text()
    chip.click()
    card = opened.locator(".mf-card")
    said = card.inner_text().replace("\n", " ")
    assert all(clause.says.replace("`", "")[:40] in said for clause in mailflow.fact(number).clauses)
    assert mailflow.fact(number).origin in said
    opened.keyboard.press("Escape")
    assert not card.is_visible()
    assert chip.evaluate("chip => chip === document.activeElement")
    opened.keyboard.press("?")
    assert "a single step" in card.inner_text()
    assert serious(opened) == []


@pytest.mark.browser
@pytest.mark.parametrize(
    ("view", "pressed"),
    [
        ("Server", ".mf-inside [data-part=chip]"),
        ("Map", "[data-node=LON01]"),
        ("Server", "[data-part=fact]"),
        ("Server", "[data-part=fact], Escape"),
        ("Server", ".mf-opens, [data-part=tree] button"),
    ],
)
def test_whoever_pressed_what_is_gone_then_still_has_the_keys(opened: "Page", view: str, pressed: str) -> None:
    """A chip, a box on the map, a fact that is read while the run goes on, and a tree that is opened and closed."""
    opened.evaluate("player.questions.silenced = true; player.go(player.tape.events.findIndex(({ mail }) => mail))")
    opened.evaluate("view => player.show(view)", view)
    for part in pressed.split(", "):
        if part == "Escape":
            opened.keyboard.press(part)
        else:
            opened.locator(part).first.click()
    for _ in range(2):
        before = opened.inner_text(".mf-counter >> nth=0")
        opened.keyboard.press("ArrowRight")
        assert opened.inner_text(".mf-counter >> nth=0") != before
    opened.keyboard.press("?")
    assert opened.locator(".mf-card").is_visible(), "and so on"


@pytest.mark.browser
def test_the_story_unfolds_the_beat_that_is_shown(opened: "Page", trace: Trace) -> None:
    opened.focus(".mf")
    opened.keyboard.press("5")
    told = mailflow.story(trace)
    assert opened.locator(".mf-beat").all_inner_texts() == [" ".join(beat.text.split()) for beat in told.beats]
    assert opened.locator(".mf-storyview h4").all_inner_texts() == [chapter.title for chapter in told.chapters]
    opened.evaluate("player.show('Map'); player.go(player.levels.stops.at(-1)); player.show('Story')")
    current = opened.locator(".mf-storyview [aria-current]").first.bounding_box()
    pane = opened.locator(".mf-storyview").bounding_box()
    assert current is not None
    assert pane is not None
    assert pane["y"] <= current["y"] < pane["y"] + pane["height"] - 10, "the beat that is told is in sight at once"
    longest = max(told.beats, key=lambda beat: beat.last - beat.first)
    opened.locator(f'.mf-beat[data-step="{longest.at}"]').click()
    assert opened.locator(".mf-single").count() == longest.last - longest.first + 1
    opened.locator(".mf-single").first.click()
    assert opened.evaluate("player.cursor") == longest.first


def test_a_shared_text_plays(trace: Trace) -> None:
    player = mailflow.play(trace.share(9))
    assert (player.cursor, player.shown.to_json()) == (9, trace.to_json())
    assert mailflow.play(trace.share(9), step=4).cursor == 4
    assert mailflow.play(f"{trace.recipe}:99999").cursor == len(trace) - 1
    assert player.options["share"] == trace.recipe
    with pytest.raises(mailflow.ScenarioError, match="copy it whole"):
        mailflow.play("London")


def test_what_nobody_could_paste_is_not_offered() -> None:
    heavy = mailflow.Message.write(
        "anna@contoso.com", "ben@contoso.com", attachments={"a.bin": random.Random(0).randbytes(20_000)}
    )
    trace = mailflow.Scenario(mailflow.load("one server")).send(heavy).run()
    assert mailflow.play(trace).options["share"] == ""
    assert mailflow.play(trace.share(2)).cursor == 2, "it can be shared all the same"
    assert "share" not in mailflow.compare(trace, trace).options


def test_a_break_is_in_the_shared_text() -> None:
    scenario = mailflow.Scenario(mailflow.load("two sites")).send(
        mailflow.Message.write("anna@contoso.com", "pierre@contoso.com")
    )
    player = mailflow.play(scenario, until=600)
    before = player.options["share"]
    player.break_("London-Paris", 5)
    assert player.options["share"] != before
    assert mailflow.play(f"{player.options['share']}:5").shown.to_json() == player.shown.to_json()


@pytest.mark.browser
def test_share_gives_a_line_that_opens_the_same_step(opened: "Page", trace: Trace) -> None:
    opened.focus(".mf")
    opened.keyboard.press("ArrowRight")
    opened.keyboard.press("s")
    line = opened.inner_text(".mf-card code")
    player = eval(line, {"mailflow": mailflow})
    assert (player.cursor, player.shown.to_json()) == (opened.evaluate("player.cursor"), trace.to_json())
    assert opened.inner_text(".mf-card [role=status]") in ("Copied.", "Copy what is selected.")
    assert serious(opened) == []
    opened.get_by_role("button", name="Close (Escape)").click()
    assert not opened.locator(".mf-card").is_visible()
    opened.keyboard.press("s")
    opened.keyboard.press("End")
    assert not opened.locator(".mf-card").is_visible(), "a line for another step would mislead"
    opened.get_by_role("button", name="Share this step").click()
    assert opened.inner_text(".mf-card code").endswith(f':{mailflow.story(trace).beats[-1].at}")')


FOCUSED = """() => {
  const part = document.activeElement, shape = part.querySelector(":scope > rect") ?? part;
  const { outlineStyle, outlineWidth } = getComputedStyle(part), { stroke, strokeWidth } = getComputedStyle(shape);
  part.dataset.walked = "yes";
  return { inside: part.closest(".mf") !== null, what: part.outerHTML.slice(0, 120),
    ringed: (outlineStyle !== "none" && parseFloat(outlineWidth) >= 2) || (stroke !== "none" && parseFloat(strokeWidth) >= 3) };
}"""


@pytest.mark.browser
@pytest.mark.parametrize("view", ["Map", "Server", "Ladder", "Tables", "Story"])
def test_tab_walks_through_every_control_and_out_again(opened: "Page", view: str) -> None:
    opened.evaluate(f"if (player.questions) player.questions.silenced = true; player.show('{view}'); player.go(60)")
    opened.focus(".mf")
    for _ in range(150):
        opened.keyboard.press("Tab")
        here = opened.evaluate(FOCUSED)
        if not here["inside"]:
            break
        assert here["ringed"], f"nobody sees that the focus is on {here['what']}"
    else:
        pytest.fail("the focus never leaves the player")
    forgotten = """[...document.querySelectorAll(".mf button, .mf select, .mf input, .mf [tabindex='0']")]
      .filter((part) => !part.disabled && part.checkVisibility({ visibilityProperty: true }) && !part.dataset.walked)
      .map((part) => part.outerHTML.slice(0, 120))"""
    assert opened.evaluate(forgotten) == []


@pytest.mark.browser
def test_what_a_screen_reader_says(opened: "Page") -> None:
    opened.evaluate("if (player.questions) player.questions.silenced = true")
    for view in ("Map", "Server", "Ladder", "Tables", "Story"):
        opened.evaluate(f"player.show('{view}'); player.go(60)")
        said = opened.locator(".mf").aria_snapshot().splitlines()
        unnamed = re.compile(r"\s*- (button|combobox|slider|spinbutton|group|img|region|dialog|table)( \[[^\]]*\])*:?$")
        assert [line for line in said if unnamed.match(line)] == [], view
        for wanted in (
            'region "Player: Two sites"',
            'group "Views"',
            f'button "{view} view" [pressed]',
            'button "Back (left arrow)"',
            'button "On (right arrow)"',
            'slider "Step"',
            'combobox "How much is told (l)"',
            'combobox "Speed"',
        ):
            assert any(wanted in line for line in said), (view, wanted, said)
    sentence = opened.locator(".mf-sentence")
    assert (sentence.get_attribute("aria-live"), sentence.get_attribute("aria-atomic")) == ("polite", "true")


@in_both_themes("opened")
@pytest.mark.browser
@pytest.mark.parametrize("views", [["Map", "Server"], ["Ladder", "Tables"], ["Story"]])
def test_axe_finds_nothing_serious(opened: "Page", views: list[str]) -> None:
    opened.evaluate(f"player.open = {views}; player.columns = 2; player.go(60)")
    assert serious(opened) == []


@in_both_themes("opened")
@pytest.mark.browser
@pytest.mark.parametrize("width", [966, 390])
@pytest.mark.parametrize(
    ("what", "shows"),
    [
        ("player.show('Story')", ".mf-storyview"),
        ("player.questions.pose(player.questions.all[0])", ".mf-option"),
        ("document.querySelector('[data-part=fact]').click()", ".mf-card h3"),
        ("player.keys['?']()", ".mf-card dl"),
        ("player.keys.p()", ".mf-present"),
    ],
)
def test_axe_finds_nothing_serious_whatever_is_open(opened: "Page", width: int, what: str, shows: str) -> None:
    opened.set_viewport_size({"width": width, "height": 768})
    opened.evaluate(f"{what}; 0")
    assert opened.locator(shows).first.is_visible()
    assert serious(opened) == []


@pytest.mark.browser
def test_presented_on_a_projector_all_is_in_sight_in_large_type(opened: "Page") -> None:
    opened.set_viewport_size({"width": 1280, "height": 720})
    opened.evaluate("document.documentElement.requestFullscreen = undefined")
    opened.focus(".mf")
    opened.keyboard.press("p")
    opened.wait_for_function("player.columns === 1 && document.querySelector('.mf-stage').children.length === 1")
    revealed = 0
    for _ in range(6):
        opened.keyboard.press("PageDown")
        for part in (".mf-head", ".mf-stage", ".mf-slot", ".mf-controls"):
            box = opened.locator(part).bounding_box()
            assert box
            assert box["y"] >= 0
            assert box["y"] + box["height"] <= 720, part
        if opened.locator(".mf-option").count():
            opened.keyboard.press("PageDown")
            revealed += opened.locator(".mf-skipped").count()
            assert revealed, "a remote control reveals the answer"
    assert revealed
    here = opened.evaluate("player.cursor")
    opened.evaluate("player.questions.pose(player.questions.all[0]); 0")
    opened.keyboard.press("PageUp")
    assert opened.locator(".mf-option").count() == 0
    assert opened.evaluate("player.cursor") < here, "who wants to look once more before the vote goes back"
    opened.keyboard.press("PageDown")
    assert opened.evaluate("player.cursor") == here, "the keys still come to the player"
    opened.evaluate("player.questions.pose(player.questions.all[0]); 0")
    opened.keyboard.press("Escape")
    assert opened.locator(".mf-option").count() == 0
    assert opened.locator(".mf-present").count() == 1, "who skips a bet stays in the presentation"
    size = "say => parseFloat(getComputedStyle(say).fontSize)"
    assert opened.locator(".mf-sentence").evaluate(size) >= 18
    opened.evaluate("player.tellAt({ level: 'everything' })")
    opened.evaluate("player.go(player.tape.events.findIndex(({ step }) => step.key === 'smtp.ehlo'))")
    assert opened.locator(".mf-sentence.mf-long").evaluate(size) >= 18, "a long sentence is read from afar, too"
    opened.keyboard.press("Escape")
    assert opened.locator(".mf-present").count() == 0


@pytest.mark.browser
def test_presented_on_a_projector_a_server_is_in_sight_without_scrolling(opened: "Page") -> None:
    opened.set_viewport_size({"width": 1280, "height": 720})
    opened.evaluate("document.documentElement.requestFullscreen = undefined; player.show('Server'); 0")
    opened.focus(".mf")
    opened.keyboard.press("p")
    opened.wait_for_function("player.columns === 1 && document.querySelector('.mf-stage').children.length === 1")
    assert opened.locator(".mf-inside").evaluate("view => view.scrollHeight - view.clientHeight") <= 0


@pytest.mark.browser
def test_a_presentation_fills_the_screen_and_ends_with_it(windowed: "Browser", trace: Trace, tmp_path: Path) -> None:
    path = mailflow.page(trace, tmp_path / "page.html")
    with opened_page(windowed, path, ".mf-sentence", width=1280, height=720) as page:
        page.focus(".mf")
        page.keyboard.press("p")
        page.wait_for_function("document.fullscreenElement === player.root")
        page.evaluate("document.exitFullscreen()")
        page.wait_for_function("!player.root.matches('.mf-present')")
