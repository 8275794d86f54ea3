"""All of a player on one screen: measured from what is painted, for every player of every notebook, wherever it is shown."""

import base64
import gzip
import json
import random
from collections.abc import Iterator, Sequence
from functools import cache
from itertools import combinations, product
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import pytest
from playwright.sync_api import Locator, Page

from mailflow.player.page import html
from mailflow.player.widget import Player
from tests.browser.conftest import Shoot
from tests.browser.test_lab import PATIENCE, open_notebook, run_all
from tests.pages import Looks, opened_page, serious, with_all_parts
from tests.player.notebooks import NOTEBOOKS, shown

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = [pytest.mark.browser, pytest.mark.timeout(900)]

MEASURE = Path(__file__).with_name("measure.js").read_text(encoding="utf-8")
"""Defines `measure`: what is wrong with players as they are painted."""
STILL: Looks = {"reduced_motion": "reduce"}
LAB = (966, 768)
"""The window of a page whose player is as large as one in JupyterLab at 1366x768 with the file browser open."""
SIZES = {
    "JupyterLab 1366x768": LAB,
    "JupyterLab 1024x640": (624, 640),
    "JupyterLab 1920x1080": (1520, 1080),
    # What a browser zooms to 200 % is laid out in a window of half the size: the window is 1920x1080 device pixels, a CSS
    # pixel is two of them, and `test_zoom_is_a_window_of_half_the_size` compares the two.
    "JupyterLab 1920x1080 at 200 %": (560, 540),
    "Notebook 1366x768": (1198, 768),
    "page 1920x1080": (1920, 1080),
    "phone 390x844": (390, 844),
}
Look = Literal["light", "dark", "forced"]
LOOKS: tuple[Look, ...] = ("light", "dark", "forced")
STEPS = ("first", "fullest", "last")


@cache
def players(notebook: str) -> tuple[Player, ...]:
    """The players of a notebook; two runs that are compared are in one."""
    return tuple({id(item.player): item.player for item in shown(notebook)}.values())


def said(found: Sequence[str]) -> str:
    return "\n".join([f"{len(found)} faults", *dict.fromkeys(found)])


def unpacked(text: str) -> Any:
    return json.loads(gzip.decompress(base64.b64decode(text)))


def page_of(player: Player, path: Path) -> Path:
    """The player of a notebook as a page, with all that its widget tells the browser."""
    told = {**player.options, **unpacked(player.beside), "cursor": player.cursor}
    if player.other:
        told["traces"] = [unpacked(player.trace), unpacked(player.other)]
    text = with_all_parts(html(player.shown))
    start = text.index('id="options">') + len('id="options">')
    end = text.index("</script>", start)
    given = json.dumps(told).replace("<", "\\u003c")
    mounted = text[end:].replace('read("options"))', 'read("options"), { act: () => {} })')
    path.write_text(text[:start] + given + mounted, encoding="utf-8")
    return path


def looks_of(look: Look) -> dict[str, str]:
    return {
        "color_scheme": "dark" if look == "dark" else "light",
        "forced_colors": "active" if look == "forced" else "none",
    }


# -- every player ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("notebook", NOTEBOOKS)
def test_every_player_of_a_notebook_is_whole_at_its_beats_steps_and_bets(
    chromium: "Browser", notebook: str, all_of_them: bool, tmp_path: Path
) -> None:
    found: list[str] = []
    for number, player in enumerate(players(notebook)):
        rng = random.Random(f"{notebook} {number}")
        path = page_of(player, tmp_path / f"{number}.html")
        with opened_page(chromium, path, ".mf-sentence", width=LAB[0], height=LAB[1], **STILL) as page:
            page.evaluate(MEASURE)
            beats = page.evaluate("player.levels.stops")
            some = page.evaluate("[player.cursor, measure.longest(player), player.levels.stops.at(-1)]")
            told = beats if all_of_them else sorted({*some, *rng.sample(beats, min(2, len(beats)))})
            steps = range(len(player.shown))
            drawn = rng.sample(steps, min(20 if all_of_them else 3, len(steps)))
            found += page.evaluate("([steps, where]) => measure.walk(player, steps, where)", [told, f"player {number}"])
            found += page.evaluate(
                "([steps, where]) => measure.walk(player, steps, where)", [drawn, f"player {number}"]
            )
            if all_of_them or number == 0:
                found += page.evaluate("(where) => measure.bets(player, where)", f"player {number}")
    assert not found, said(found)


# -- everywhere, in every look -----------------------------------------------------------------------------------------


class Situation(NamedTuple):
    """Where, how and when a player is looked at."""

    size: str
    look: Look
    step: str
    view: str


def pairwise(*choices: Sequence[str], seed: int) -> list[tuple[str, ...]]:
    """Some of the product of all choices, such that any two choices meet in one of them."""
    rng = random.Random(seed)
    rows = list(product(*choices))
    rng.shuffle(rows)

    def pairs(row: tuple[str, ...]) -> set[tuple[int, int, str, str]]:
        return {(one, other, row[one], row[other]) for one, other in combinations(range(len(row)), 2)}

    left = set().union(*(pairs(row) for row in rows))
    chosen = []
    while left:
        best = max(rows, key=lambda row: len(pairs(row) & left))
        chosen.append(best)
        left -= pairs(best)
    return sorted(chosen)


ANY = tuple("01234567")
"""Stand for the views of a player, whichever it has."""


@cache
def course() -> list[tuple[str, ...]]:
    """Notebooks with sizes, looks, steps and views, such that any two of them meet somewhere in the course."""
    return pairwise(NOTEBOOKS, tuple(SIZES), LOOKS, STEPS, ANY, seed=13)


def situations(notebook: str, views: Sequence[str], *, thorough: bool) -> list[Situation]:
    """All pairs of size, look, step and view; without time for that, this notebook's share of those of the course."""
    if thorough:
        rows = pairwise(tuple(SIZES), LOOKS, STEPS, tuple(views), seed=13)
    else:
        rows = [(*row[1:4], views[int(row[4]) % len(views)]) for row in course() if row[0] == notebook]
    return [Situation(*row) for row in rows]  # type: ignore[arg-type]  # a look is one of LOOKS


def test_any_two_choices_meet() -> None:
    rows = pairwise("abc", "de", "fgh", seed=1)
    assert len(rows) < 18
    for one, other in combinations(("abc", "de", "fgh"), 2):
        assert all(any({x, y} <= set(row) for row in rows) for x, y in product(one, other))
    for first, second in combinations(range(5), 2):
        choices = (NOTEBOOKS, tuple(SIZES), LOOKS, STEPS, ANY)
        assert {(row[first], row[second]) for row in course()} == set(product(choices[first], choices[second]))


def look_at(page: Page, situation: Situation) -> list[str]:
    """What is wrong with the player of a page in a situation."""
    width, height = SIZES[situation.size]
    page.set_viewport_size({"width": width, "height": height})
    page.emulate_media(reduced_motion="reduce", **looks_of(situation.look))  # type: ignore[arg-type]  # as `looks_of` says
    found: list[str] = page.evaluate(
        """async ([{ size, look, step, view }]) => {
          const at = { first: 0, fullest: measure.fullest(player), last: player.tape.length - 1 }[step];
          player.show(view);
          await measure.settled();
          return measure.walk(player, [at], `${size}, ${look}, ${view}, ${step}:`);
        }""",
        [situation._asdict()],
    )
    return found


@pytest.mark.parametrize("notebook", NOTEBOOKS)
def test_at_every_size_in_every_look_and_view(
    chromium: "Browser", notebook: str, all_of_them: bool, shoot: Shoot, tmp_path: Path
) -> None:
    found: list[str] = []
    several = players(notebook)
    chosen = several if all_of_them else random.Random(notebook).sample(several, 1)
    for player in chosen:
        path = page_of(player, tmp_path / "page.html")
        with opened_page(chromium, path, ".mf-sentence", width=LAB[0], height=LAB[1], **STILL) as page:
            page.evaluate(MEASURE)
            views = page.evaluate("[...player.tabs.keys()]")
            for number, situation in enumerate(situations(notebook, views, thorough=all_of_them)):
                found += look_at(page, situation)
                if number % (2 if all_of_them else 4) == 0:
                    found += [f"{situation}: axe finds {item}" for item in serious(page)]
                    name = " ".join((notebook[:2], str(several.index(player)), *situation)).replace(" ", "-")
                    shoot(page, f"geometry/{name}")
    assert not found, said(found)


def test_zoom_is_a_window_of_half_the_size(chromium: "Browser", four_destinations: Path) -> None:
    """Zoom sets the number of device pixels in a CSS pixel, which rounds borders and type otherwise, and moves nothing."""
    shapes = []
    for scale in (1, 2):
        context = chromium.new_context(
            viewport={"width": 560, "height": 540}, device_scale_factor=scale, reduced_motion="reduce"
        )
        page = context.new_page()
        page.goto(four_destinations.as_uri())
        page.wait_for_selector(".mf-sentence")
        assert page.evaluate("devicePixelRatio") == scale
        page.evaluate(MEASURE)
        assert page.evaluate("measure.walk(player, [0, player.tape.length - 1], '200 %')") == []
        shapes.append(page.locator(".mf").first.evaluate(SHAPE))
        context.close()
    assert shapes[0] == shapes[1]


# -- the measure itself notices what is wrong ---------------------------------------------------------------------------

MAP = """
const all = (selector) => [...player.root.querySelectorAll(selector)];
const styled = (selector, style) => { for (const part of all(selector)) Object.assign(part.style, style); };
const far = (part, x, y) => { part.style.transform = `translate(${x}px, ${y}px)`; };
"""


@pytest.mark.parametrize(
    ("view", "spoil", "says"),
    [
        ("Map", "styled('.mf-controls', { position: 'relative', top: '300px' })", ".mf-controls is not inside the player"),
        ("Map", "styled('.mf', { height: '2000px' }); player.root.style.height = '2000px'", "the player is higher"),
        ("Map", "player.root.style.marginTop = '200px'", ".mf-controls is not in sight"),
        ("Map", "player.say.textContent = 'word '.repeat(300)", "px of the words are cut off"),
        ("Map", "styled('.mf-step', { marginLeft: '5px' })", "the step button is at"),
        ("Map", "far(all('.mf-map > .mf-sheet')[0], 0, 900)", "what acts in mf-map is not in sight"),
        ("Map", "styled('.mf-tabs button', { background: 'red' })", "looks like the others"),
        ("Map", "styled('.mf-why', { fontSize: '10px' })", "is 10.0 px"),
        ("Map", "styled('.mf-name', { fontSize: '9px' })", "px"),
        ("Map", "all('.mf-head > b')[0].title = ''; styled('.mf-head > b', { width: '20px', flex: 'none' })", "is cut"),
        ("Map", "styled('.mf-time', { position: 'relative', left: '900px' })", "leaves the player"),
        ("Map", "styled('.mf-why', { marginTop: '-20px' })", "lies on"),
        ("Map", "styled('.mf-play', { height: '10px', minHeight: '10px' })", "can be pressed on"),
        (
            "Map",
            "all('[data-spot=\"connector:London-Paris\"] .mf-wire')[0].setAttribute('d', all('.mf-box')"
            ".map((part) => part.getBBox()).map(({ x, y }) => `M${x + 9} ${y + 9}h20`).join(''))",
            "the line of London-Paris runs through",
        ),
        ("Map", "const [one, other] = all('.mf-wiretext'); other.replaceWith(one.cloneNode(true))", "lies on “"),
        ("Map", "const [one] = all('.mf-wiretext'); one.setAttribute('x', all('.mf-box')[0].getBBox().x + 9); "
         "one.setAttribute('y', all('.mf-box')[0].getBBox().y + 19)", "lies on the box"),
        ("Map", "styled('[data-part=label]', { transform: 'translate(-2000px, 0)' })", "leaves the picture"),
        ("Map", "all('.mf-name')[0].setAttribute('x', 2000)", "leaves its box"),
        ("Map", "far(all('.mf-token')[0], 5, 5)", "is not in the box"),
        ("Map", "all('.mf-token[data-mail]')[0].remove()", "and chips for"),
        ("Map", "all('.mf-token')[0].dataset.mail = 'm9.9'", "has a chip and is nowhere"),
        ("Map", "all('.mf-token')[0].dataset.home = all('.mf-node:not(.mf-active)')[0].dataset.node", "its chip in"),
        ("Map", "all('.mf-token')[0].after(all('.mf-token')[0].cloneNode(true))", "lies on"),
        ("Server", "all('[data-place=outbox] .mf-chips')[0].append(all('[data-part=chip]')[0])", "its chip in outbox"),
        ("Server", "far(all('[data-part=chip]')[0], 300, 300)", "leaves"),
        ("Server", "all('[data-part=chip]')[0].remove()", "has no chip"),
        ("Server", "far(all('.mf-inside [data-part=box]')[0], 0, 60)", "Outlook lies on Store.exe"),
    ],
)  # fmt: skip
def test_a_fault_is_noticed(spoilt: Page, view: str, spoil: str, says: str) -> None:
    spoilt.evaluate(
        "([view]) => { if (player.questions) player.questions.silenced = true; player.show(view); player.tellAt({ level: 'everything' }); "
        "player.go(player.tape.events.findIndex((event) => event.place === 'queue/Messages waiting to be routed')); }",
        [view],
    )
    spoilt.wait_for_timeout(100)
    assert spoilt.evaluate("measure.all(player, '')") == []
    spoilt.evaluate(f"() => {{ {MAP} {spoil} }}")
    found = spoilt.evaluate("measure.all(player, '')")
    assert any(says in fault for fault in found), said(found)


@pytest.fixture(scope="module")
def four_destinations(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return page_of(players(NOTEBOOKS[4])[0], tmp_path_factory.mktemp("spoilt") / "page.html")


@pytest.fixture
def spoilt(chromium: "Browser", four_destinations: Path) -> "Iterator[Page]":
    with opened_page(chromium, four_destinations, ".mf-sentence", width=LAB[0], height=LAB[1], **STILL) as page:
        page.evaluate(MEASURE)
        yield page


# -- in the notebook itself --------------------------------------------------------------------------------------------

SHAPE = """(root) => [root, ...root.querySelectorAll(":scope > *, .mf-stage, .mf-stage > div, .mf-step, .mf-sentence")]
  .map((part) => { const { x, y } = root.getBoundingClientRect(), box = part.getBoundingClientRect();
    return [part.className, ...[box.x - x, box.y - y, box.width, box.height].map(Math.round)]; })"""


OUTSIDE = """(root) => {
  const view = document.querySelector(".jp-WindowedPanel-outer").getBoundingClientRect();
  return [".mf-head", ".mf-stage", ".mf-sentence", ".mf-slot", ".mf-controls"].filter((part) => {
    const box = root.querySelector(part).getBoundingClientRect();
    return box.top < view.top || box.bottom > view.bottom || box.left < view.left || box.right > view.right;
  });
}"""


def shown_in(page: Page) -> Iterator[Locator]:
    """Each player of a notebook that was run, in sight."""
    roots = page.locator(".mf:has(.mf-stage)")
    for number in range(roots.count()):
        root = roots.nth(number)
        # JupyterLab draws the cells around the window anew while one scrolls, and they move then: look until it stands.
        stood = 0
        for _ in range(20):
            page.wait_for_timeout(300)
            stood = 0 if root.evaluate(OUTSIDE) else stood + 1
            if stood == 3:
                break
            if not stood:
                root.evaluate("root => root.scrollIntoView({ block: 'center' })")
        yield root


def stepped(root: Locator, beats: int) -> list[str]:
    """What is wrong with a player of a notebook while one steps through some beats by mouse."""
    found: list[str] = root.evaluate(OUTSIDE)
    step = root.locator(".mf-step")
    before = step.bounding_box()
    for beat in range(2, beats + 2):
        step.click()
        if step.bounding_box() != before:
            found.append(f"beat {beat}: the step button is not under the mouse any more")
        if root.locator(".mf-option").count():
            root.get_by_role("button", name="Skip", exact=False).first.click()
        found += [f"beat {beat}: {part} is not in sight" for part in root.evaluate(OUTSIDE)]
    return found


def test_a_player_in_jupyterlab_is_as_large_as_on_the_page_that_stands_for_it(
    chromium: "Browser", page: Page, lab: str, shoot: Shoot, tmp_path: Path
) -> None:
    notebook = NOTEBOOKS[0]
    page.set_viewport_size({"width": 1366, "height": 768})
    page.emulate_media(reduced_motion="reduce")
    open_notebook(page, lab, f"notebooks/{notebook}")
    run_all(page)
    page.wait_for_selector(".mf-stage", timeout=PATIENCE)
    assert page.locator(".jp-DirListing").first.is_visible()
    root = next(shown_in(page))
    assert stepped(root, 3) == []
    root.focus()
    page.keyboard.press("Home")
    shoot(page, "geometry/jupyterlab")
    inside = root.evaluate(SHAPE)
    path = page_of(players(notebook)[0], tmp_path / "page.html")
    with opened_page(chromium, path, ".mf-sentence", width=LAB[0], height=LAB[1], **STILL) as alone:
        assert alone.locator(".mf").first.evaluate(SHAPE) == inside


@pytest.mark.parametrize("notebook", NOTEBOOKS)
def test_every_player_in_jupyterlab_with_its_file_browser_open(
    page: Page, lab: str, notebook: str, all_of_them: bool
) -> None:
    if not all_of_them and notebook != NOTEBOOKS[5]:
        pytest.skip("`make soak` looks at all notebooks")
    page.set_viewport_size({"width": 1366, "height": 768})
    page.emulate_media(reduced_motion="reduce")
    open_notebook(page, lab, f"notebooks/{notebook}")
    run_all(page)
    page.wait_for_selector(".mf-stage", timeout=PATIENCE)
    assert {number: found for number, root in enumerate(shown_in(page)) if (found := stepped(root, 4))} == {}
