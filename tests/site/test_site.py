"""The site, built once, in a real browser with nothing but its own origin: as files, and from a server below a path."""

import functools
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from html.parser import HTMLParser
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

import pytest

from scripts.website.__main__ import KEPT, SHARED
from tests.pages import failures
from tests.site.reader import Reader

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

ROOT = Path(__file__).resolve().parents[2]
BELOW = "some/where/below"
"""The path at which the site is served."""

HEAVIEST = 600_000
"""Bytes of a page with its pictures, without what all pages share."""

KINDS = (
    "index.html",
    "search.html",
    "glossary.html",
    "notebooks/05-mx-records.html",
    "docs/facts-worked-examples.html",
    "reference/transport.html",
)
"""One page of each kind: on these, colours are looked at, which takes longest; they come from one style sheet."""

COLOURS = {"rules": {"color-contrast": {"enabled": False}}}

A4 = 718
"""Pixels between the margins of a sheet."""

CUT = """() => [...document.querySelectorAll("main pre")]
  .filter((text) => text.checkVisibility() && text.scrollWidth > text.clientWidth)
  .map((text) => text.textContent.slice(0, 60))"""
"""Texts that stick out of their boxes."""

QUIET = 100
"""Milliseconds that a page without a player takes where nothing else runs."""


class Links(HTMLParser):
    """What a page links to or loads, and the places in it that can be linked to."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.targets: list[str] = []
        self.loaded: list[str] = []
        self.anchors: set[str] = set()
        self.feed(text)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        """Collect from one element."""
        known = dict(attributes)
        self.targets += [value for name in ("href", "src", "action") if (value := known.get(name)) is not None]
        self.loaded += [value for value in [known.get("src")] if value]
        self.anchors |= {value for name in ("id", "name") if (value := known.get(name)) is not None}


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site as `make site` builds it, below a path."""
    folder = tmp_path_factory.mktemp("served") / BELOW
    (folder / KEPT).mkdir(parents=True)
    (folder / KEPT / "kept.txt").write_text("built by itself", encoding="utf-8")
    (folder / "old.html").write_text("from an earlier build", encoding="utf-8")
    command = [sys.executable, "-m", "scripts.website", str(folder)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "mailflow: the site is in" in done.stdout
    return folder


@pytest.fixture
def visited(pages: dict[str, Links], all_of_them: bool) -> list[str]:
    """The pages that a browser opens: of those that are made from one template, one; `make soak` opens each."""
    return [name for name in pages if all_of_them or name in KINDS or name.startswith("notebooks/")]


@pytest.fixture(scope="module")
def pages(site: Path) -> dict[str, Links]:
    return {
        path.relative_to(site).as_posix(): Links(path.read_text(encoding="utf-8"))
        for path in sorted(site.rglob("*.html"))
    }


class Quiet(SimpleHTTPRequestHandler):
    """Serves files without a word."""

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@pytest.fixture(scope="module")
def served(site: Path) -> Iterator[str]:
    """The address of the site on a server of this machine, below a path."""
    root = site.parents[BELOW.count("/")]
    server = ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=root))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/{BELOW}/"
    server.shutdown()
    thread.join()
    server.server_close()


@contextmanager
def reading(chromium: "Browser", base: str, **looks: Any) -> "Iterator[Page]":
    """A tab that reaches nothing but the site, on which nothing may fail."""
    context = chromium.new_context(**({"viewport": {"width": 1366, "height": 768}} | looks))
    wrong: list[str] = []
    context.route("**/*", lambda route: route.continue_() if ours(route.request.url, base) else route.abort())
    page = context.new_page()
    errors = failures(page)
    page.on("requestfailed", lambda request: wrong.append(f"failed: {request.url}"))
    page.on("response", lambda answer: wrong.append(f"{answer.status}: {answer.url}") if answer.status >= 400 else None)
    page.on("console", lambda message: wrong.append(message.text) if message.type == "error" else None)
    yield page
    assert (errors, wrong) == ([], [])
    context.close()


def ours(url: str, base: str) -> bool:
    return url.startswith((base, "data:", "blob:"))


def base_of(site: Path) -> str:
    return f"{site.as_uri()}/"


def come_alive(page: "Page") -> int:
    """Wait until all players of a page are live; how many there are."""
    page.wait_for_function("document.querySelectorAll('.alive:not(.is-live)').length === 0")
    return page.locator(".alive.is-live:has(.mf)").count()


def test_what_was_there_before_is_gone_but_for_the_browser_edition(site: Path) -> None:
    assert not (site / "old.html").exists()
    assert (site / KEPT / "kept.txt").exists()


def test_every_notebook_and_each_further_page_is_there(pages: dict[str, Links]) -> None:
    notebooks = {f"notebooks/{path.stem}.html" for path in (ROOT / "notebooks").glob("*.ipynb")}
    further = {
        "index.html",
        "run.html",
        "search.html",
        "glossary.html",
        "docs/facts.html",
        "docs/facts-transport.html",
        "docs/more.html",
    }
    assert notebooks | further | {"docs/then-and-now.html", "reference/index.html"} <= set(pages)


def test_a_page_weighs_at_most_600_kb_plus_what_all_share(site: Path, pages: dict[str, Links]) -> None:
    weights = {}
    for name, links in pages.items():
        pictures = {(site / name).parent.joinpath(unquote(src)).resolve() for src in links.loaded if "_images/" in src}
        weights[name] = sum(path.stat().st_size for path in [site / name, *pictures])
    assert {name: weight for name, weight in weights.items() if weight > HEAVIEST} == {}


def test_the_code_of_the_player_lies_there_once(site: Path, pages: dict[str, Links]) -> None:
    for shared, made in SHARED.items():
        assert (site / "_static" / shared).read_text(encoding="utf-8") == made()
    for name in pages:
        text = (site / name).read_text(encoding="utf-8")
        assert not name.startswith("notebooks/") or "_esm" not in text
        assert ("_static/player.js" in text) == ('data-kind="player"' in text)
        assert ("_static/relay_lab.js" in text) == ('data-kind="lab"' in text)


def test_every_link_and_anchor_resolves_and_none_leads_elsewhere(site: Path, pages: dict[str, Links]) -> None:
    broken = []
    for name, links in pages.items():
        for target in links.targets:
            parts = urlsplit(target)
            if parts.scheme in ("data", "javascript"):
                continue
            path = (site / name).parent.joinpath(unquote(parts.path)).resolve() if parts.path else site / name
            anchors = (
                pages[path.relative_to(site).as_posix()].anchors if path.suffix == ".html" and path.is_file() else set()
            )
            found = not parts.scheme and path.is_file() and path.is_relative_to(site)
            if not found or (parts.fragment and unquote(parts.fragment) not in anchors):
                broken.append(f"{name}: {target}")
    assert broken == []


def test_numbers_in_prose_lead_to_their_fact_and_terms_to_the_glossary(site: Path) -> None:
    text = (site / "notebooks/06-relaying.html").read_text(encoding="utf-8")
    assert re.search(r'<a class="fact[^"]*" href="\.\./docs/facts-transport\.html#t94" title="T94, documented', text)
    assert re.search(r'<a class="term[^"]*" href="\.\./glossary\.html#term-open-relay"', text)
    assert text.count('href="../glossary.html#term-open-relay"') == 1
    code = re.findall(r"<code[^>]*>.*?</code>|<pre>.*?</pre>", text, re.DOTALL)
    assert code
    assert not any('class="fact' in piece for piece in code)


@pytest.mark.browser
def test_each_page_as_a_file_has_living_players_and_nothing_that_keeps_somebody_out(
    chromium: "Browser", site: Path, visited: list[str]
) -> None:
    alive = 0
    with reading(chromium, base_of(site), color_scheme="light") as page:
        for name in visited:
            page.goto(f"{base_of(site)}{name}")
            alive += come_alive(page)
            assert kept_out(page, colours=name in KINDS) == [], name
    assert alive == sum(text.count('class="alive"') for text in texts(site))
    assert alive >= 30


def kept_out(page: "Page", *, colours: bool) -> list[tuple[str, str]]:
    """What axe-core finds serious or critical on a page: the rule, and the first element. A player inside has a test of its own."""
    from axe_playwright_python.sync_playwright import Axe

    # It would fetch the style sheets, which a page that was opened as a file may not.
    options = {"preload": False, "resultTypes": ["violations"], **({} if colours else COLOURS)}
    found = Axe().run(page, {"exclude": [".live > .mf"]}, options).response["violations"]
    return [(item["id"], item["nodes"][0]["html"]) for item in found if item["impact"] in ("serious", "critical")]


def texts(site: Path) -> list[str]:
    return [path.read_text(encoding="utf-8") for path in site.rglob("*.html")]


@pytest.mark.browser
def test_dark_and_as_wide_as_a_telephone_no_page_is_wider_than_its_window(
    chromium: "Browser", site: Path, visited: list[str]
) -> None:
    with reading(chromium, base_of(site), color_scheme="dark", viewport={"width": 390, "height": 844}) as page:
        for name in visited:
            page.goto(f"{base_of(site)}{name}")
            come_alive(page)
            assert page.evaluate("document.documentElement.scrollWidth") == 390, name
            if name in KINDS:
                assert kept_out(page, colours=True) == [], name
            page.evaluate("for (const fold of document.querySelectorAll('main details')) fold.open = true")
            assert page.evaluate("document.documentElement.scrollWidth") == 390, f"{name} with its folds open"
        page.goto(f"{base_of(site)}index.html")
        page.get_by_role("button", name="Contents").click()
        page.get_by_role("link", name="06 · Relaying").click()
        assert page.inner_text("h1").startswith("06 · Relaying")


@pytest.mark.browser
def test_each_page_works_from_a_server_below_a_path(chromium: "Browser", served: str, visited: list[str]) -> None:
    with reading(chromium, served) as page:
        for name in visited:
            page.goto(f"{served}{name}")
            come_alive(page)


@pytest.mark.browser
def test_a_player_is_stepped_and_a_bet_answered_by_keyboard(chromium: "Browser", site: Path) -> None:
    with reading(chromium, base_of(site)) as page:
        page.goto(f"{base_of(site)}notebooks/00-start-here.html")
        come_alive(page)
        page.locator(".mf").first.focus()
        first = page.locator(".mf-sentence").first.inner_text()
        choices = page.locator(".mf-option")
        for _ in range(12):
            page.keyboard.press("ArrowRight")
            if choices.count():
                break
        assert choices.count() > 1
        assert page.locator(".mf-sentence").first.inner_text() != first
        page.keyboard.press("2")
        assert page.locator(".mf-right, .mf-wrong").count() == 1
        assert page.locator(".mf-break, [data-part=break]").count() == 0


@pytest.mark.browser
def test_the_relay_lab_answers(chromium: "Browser", site: Path) -> None:
    with reading(chromium, base_of(site)) as page:
        page.goto(f"{base_of(site)}notebooks/06-relaying.html")
        come_alive(page)
        lab = page.locator(".mf-lab")
        assert "This is no open relay" in lab.inner_text()
        lab.get_by_label("The list of computers names").select_option(label="all except the list below")
        assert "This is no open relay" not in lab.inner_text()


@pytest.mark.browser
def test_code_and_tables_in_folds_are_whole(chromium: "Browser", site: Path) -> None:
    """At the width of a laptop no line of up to 100 signs of a solution breaks, and no table in a fold is scrolled."""
    wide = "(all) => all.filter((item) => item.scrollWidth > item.clientWidth).map((item) => item.textContent)"
    broken = """(all) => all.filter((item) => {
      const { lineHeight, paddingTop, paddingBottom } = getComputedStyle(item);
      const lines = (item.clientHeight - parseFloat(paddingTop) - parseFloat(paddingBottom)) / parseFloat(lineHeight);
      const told = item.textContent.trimEnd().split("\\n");
      return lines > told.length + told.filter((line) => line.length > 100).length + 0.5;
    }).map((item) => item.textContent)"""
    with reading(chromium, base_of(site)) as page:
        for name in ("08-link-state", "10-where-is-my-message"):
            page.goto(f"{base_of(site)}notebooks/{name}.html")
            come_alive(page)
            page.get_by_role("button", name="Show all answers").first.click()
            assert page.locator("main details .wide").evaluate_all(wide) == [], name
            assert page.locator(".exercise pre").evaluate_all(broken) == [], name


@pytest.mark.browser
def test_nothing_that_needs_a_kernel_looks_as_if_it_worked(chromium: "Browser", site: Path) -> None:
    with reading(chromium, base_of(site)) as page:
        page.goto(f"{base_of(site)}notebooks/09-when-links-fail.html")
        come_alive(page)
        assert "Running a cell, and keeping a score, need a kernel" in page.locator(".needs").first.inner_text()
        assert "Breaking it needs a kernel" in page.locator(".needs").last.inner_text()
        assert page.locator("[data-part=break]").count() == 0
        exercise = page.locator(".exercise").first
        assert "Checking an answer needs a kernel" in exercise.inner_text()
        assert exercise.locator("button").count() == 0
        exercise.get_by_role("link", name="All ways to run it").click()
        assert "make lab" in page.inner_text("main")


@pytest.mark.browser
def test_one_switch_turns_page_and_players_and_is_remembered(chromium: "Browser", served: str) -> None:
    colours = "[document.body, document.querySelector('.mf')].map((item) => getComputedStyle(item).backgroundColor)"
    with reading(chromium, served, color_scheme="light") as page:
        page.goto(f"{served}index.html")
        come_alive(page)
        light = page.evaluate(colours)
        assert light == ["rgb(255, 255, 255)"] * 2
        page.get_by_role("button", name="Dark").click()
        dark = page.evaluate(colours)
        assert dark == ["rgb(14, 16, 19)", "rgb(21, 24, 28)"]
        page.goto(f"{served}notebooks/00-start-here.html")
        come_alive(page)
        assert page.evaluate(colours) == dark
        page.get_by_role("button", name="Light").click()
        assert page.evaluate(colours) == light


@pytest.mark.browser
def test_folds_open_one_by_one_and_all_at_once_with_the_bets(chromium: "Browser", site: Path) -> None:
    with reading(chromium, base_of(site)) as page:
        page.goto(f"{base_of(site)}notebooks/06-relaying.html")
        come_alive(page)
        folds = page.locator("main details")
        folds.first.locator("summary").focus()
        page.keyboard.press("Enter")
        assert page.locator("main details[open]").count() == 1
        page.get_by_role("button", name="Show all answers").click()
        assert page.locator("main details[open]").count() == folds.count()
        page.locator(".mf").first.focus()
        page.keyboard.press("n")
        assert page.locator(".mf-option").count() == 0, "what would have been asked is told"


@pytest.mark.browser
@pytest.mark.parametrize("served_as", ["file", "http"])
def test_search_finds_a_term_and_a_fact(chromium: "Browser", site: Path, served: str, served_as: str) -> None:
    base = base_of(site) if served_as == "file" else served
    with reading(chromium, base) as page:
        page.goto(f"{base}index.html")
        page.get_by_role("searchbox").fill("backscatter")
        page.keyboard.press("Enter")
        found = page.locator("#search-results li a")
        found.first.wait_for()
        assert any("06 · Relaying" in text for text in found.all_inner_texts())
        if served_as == "http":
            page.locator("#search-results .context").first.wait_for()
        # It reads the pages that it found; whoever leaves earlier breaks that off, and this would look like a failure.
        page.wait_for_load_state("networkidle")
        page.goto(f"{base}search.html?q=backscatterer+xyzzy")
        page.get_by_text("No page has all of these words.").wait_for()
        page.goto(f"{base}search.html?q=T94")
        page.locator("#search-results li a", has_text="T94").first.wait_for()
        page.wait_for_load_state("networkidle")
        page.locator("#search-results li a", has_text="T94").first.click()
        page.wait_for_url("**/facts-transport.html#t94")


@pytest.mark.browser
def test_on_paper_stand_the_pictures_and_the_answers_and_no_controls(chromium: "Browser", site: Path) -> None:
    with reading(chromium, base_of(site)) as page:
        page.goto(f"{base_of(site)}notebooks/06-relaying.html")
        come_alive(page)
        page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        assert page.locator("main:target").evaluate("main => getComputedStyle(main).backgroundImage") == "none"
        page.emulate_media(media="print")
        page.evaluate("dispatchEvent(new Event('beforeprint'))")
        page.set_viewport_size({"width": A4, "height": 1000})
        assert page.evaluate(CUT) == [], "paper does not scroll"
        assert page.locator(".still img").first.is_visible()
        assert page.locator("main details").first.evaluate("fold => fold.open")
        for hidden in (".live", ".top", ".side", ".ways"):
            assert not page.locator(hidden).first.is_visible(), hidden
        page.evaluate("dispatchEvent(new Event('afterprint'))")
        assert not page.locator("main details").first.evaluate("fold => fold.open")


@pytest.mark.browser
def test_without_scripts_everything_can_be_read_and_no_button_is_dead(chromium: "Browser", site: Path) -> None:
    with reading(chromium, base_of(site), java_script_enabled=False) as page:
        page.goto(f"{base_of(site)}notebooks/06-relaying.html")
        assert page.locator(".still img").first.is_visible()
        assert page.locator("button:visible").count() == 0


@pytest.mark.browser
def test_the_first_player_is_live_within_half_a_second(chromium: "Browser", served: str) -> None:
    with reading(chromium, served) as page:
        bare = min(seen_after(page, f"{served}run.html", "domContentLoadedEventEnd") for _ in range(4))
        live = min(seen_after(page, f"{served}notebooks/09-when-links-fail.html", "mailflow-live") for _ in range(4))
    print(f"a page without a player {bare:.0f} ms, the first player {live:.0f} ms")
    # On a machine that does other things as well, everything takes longer.
    assert live < 500 * max(1, bare / QUIET)


def seen_after(page: "Page", address: str, what: str) -> float:
    """Milliseconds from the request for a page to a moment of its own."""
    page.goto(address)
    come_alive(page)
    marks = "[...performance.getEntriesByType('navigation'), ...performance.getEntriesByName('mailflow-live')]"
    took: float = page.evaluate(
        f"(what) => {marks}.map((mark) => mark.name === what ? mark.startTime : mark[what]).find(Boolean)", what
    )
    return took


WALKED = sorted(f"notebooks/{path.stem}.html" for path in (ROOT / "notebooks").glob("*.ipynb"))


@pytest.mark.browser
def test_a_reader_walks_a_page_by_keyboard_alone(
    chromium: "Browser", served: str, pages: dict[str, Links], all_of_them: bool
) -> None:
    asked = 0
    with reading(chromium, served) as page:
        for name in pages if all_of_them else WALKED[:1]:
            page.goto(f"{served}{name}")
            alive = come_alive(page)
            reader = Reader(page)
            reader.walk()
            asked += reader.bets
            assert reader.found == [], name
            assert reader.players >= alive - page.locator(".mf-lab").count(), name
            assert reader.stops > 5, name
    assert asked >= 3
