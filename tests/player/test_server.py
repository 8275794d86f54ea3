"""The inside of a server as it is painted: nothing cut, nothing that moves but what happens, every chip where its MailMsg is."""

import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import mailflow
from mailflow.names import message_of
from mailflow.trace import Trace
from mailflow.transport import places
from tests.pages import Looks, opened_page, serious

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser

WRITE = mailflow.Message.write
STILL: Looks = {"reduced_motion": "reduce"}
MOST = 60
"""So many steps of a run are looked at without time for all."""
LAPTOP, HALF, PHONE = (966, 768), (1352, 768), (390, 844)


@cache
def party() -> Trace:
    """Groups, somebody forwarded, somebody reached twice, somebody unknown, and a journal."""
    to = ["everybody@contoso.com", "david@contoso.com", "nix@contoso.com"]
    return mailflow.Scenario(mailflow.load("one server")).send(WRITE("anna@contoso.com", to)).run()


@cache
def sites() -> Trace:
    """Several messages at once to two sites and outside, with a service that stops for a while."""
    scenario = mailflow.Scenario(mailflow.load("two sites")).stop("SMTP", "PAR01").start("SMTP", "PAR01", at=60)
    for number in range(3):
        to = ["both-sites@contoso.com", "kim@fabrikam.com", "nix@contoso.com"]
        scenario.send(WRITE("anna@contoso.com", to), at=number)
    return scenario.run(600)


@cache
def jam() -> Trace:
    """Everything piles up: what leaves the store, what waits for the directory, and for a store that is dismounted."""
    scenario = mailflow.Scenario(mailflow.load("one server")).stop("SMTP").start("SMTP", at=10)
    scenario.stop("global catalog", at=1).start("global catalog", at=100).stop("routing engine", at=2)
    scenario.start("routing engine", at=120).stop("Mailbox Store").start("Mailbox Store", at=300)
    for number in range(5):
        scenario.send(WRITE("anna@contoso.com", ["ben@contoso.com", "carla@contoso.com"]), at=number / 10)
    return scenario.run(2000)


RUNS: dict[str, Callable[[], Trace]] = {"party": party, "two sites": sites, "jam": jam}

# Texts that leave their part, or the view; a list that scrolls may hide what is below, but nothing beside.
PAINTED = """() => {
  const view = document.querySelector(".mf-inside"), cut = [], small = [];
  const walker = document.createTreeWalker(view, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const holder = node.parentElement, range = document.createRange();
    range.selectNodeContents(node);
    const box = range.getBoundingClientRect();
    if (!box.width || !node.data.trim() || holder.closest("select")) continue;
    if (parseFloat(getComputedStyle(holder).fontSize) < 11) small.push(node.data);
    const scrolls = holder.closest(".mf-linklist, .mf-people, .mf-stores");
    const frames = [view, holder.closest("[data-part=queue]"), holder.closest("[data-part=box]"), scrolls];
    for (const frame of frames.filter(Boolean)) {
      const { left, right, top, bottom } = frame.getBoundingClientRect();
      const beside = box.left < left - 1 || box.right > right + 1;
      const below = box.top < top - 2 || box.bottom > bottom + 2;
      if (beside || (below && !scrolls)) cut.push([node.data, frame.className]);
    }
  }
  for (const item of [view, ...view.querySelectorAll("*")])
    if (item.clientWidth && item.scrollWidth > item.clientWidth + 1 && getComputedStyle(item).display !== "inline")
      cut.push([item.className, item.scrollWidth, item.clientWidth]);
  if (view.scrollHeight > view.clientHeight) cut.push(["view", view.scrollHeight, view.clientHeight]);
  return [cut, small];
}"""
PARTS = """() => Object.fromEntries(
  [...document.querySelectorAll(".mf-inside :is([data-part=box], [data-part=queue]):not(.mf-link *)")].map((part) => {
    const { x, y, width, height } = part.getBoundingClientRect();
    return [part.getAttribute("aria-label") ?? part.querySelector(".mf-label").textContent, [x, y, width, height]];
  }))"""
CHIPS = """() => [...document.querySelectorAll(".mf-inside [data-part=chip]")].map((chip) => {
  const queue = chip.closest("[data-place]"), box = chip.getBoundingClientRect(), slot = queue.getBoundingClientRect();
  const within = box.left >= slot.left && box.right <= slot.right && box.top >= slot.top - 1 && box.bottom <= slot.bottom + 1;
  return [chip.dataset.mail, queue.dataset.place, within];
})"""
COUNTS = """() => Object.fromEntries([...document.querySelectorAll(".mf-inside [data-place]")].map(
  (queue) => [queue.dataset.place, Number(queue.querySelector(".mf-count").textContent)]))"""
TREE = """() => [...document.querySelectorAll(".mf-inside [data-part=tree]:not([hidden]) [data-part=recipient]")].map(
  (one) => one.dataset.spot.slice("recipient:".length))"""
WIDTH = "document.querySelector('.mf-inside').offsetWidth"


@contextmanager
def opened(
    chromium: "Browser", tmp_path: Path, trace: Trace, size: tuple[int, int] = LAPTOP, looks: Looks = STILL
) -> "Iterator[Page]":
    views = ("Map", "Server") if size == HALF else ("Server",)
    path = mailflow.page(trace, tmp_path / "page.html", views=views, ask=["queue"])
    width, height = size
    with opened_page(chromium, path, ".mf-sentence", width=width, height=height, **looks) as page:
        yield page


def beats(page: "Page") -> list[int]:
    return list(page.evaluate("player.levels.stops"))


def at_every(page: "Page", steps: list[int], script: str) -> list[Any]:
    """What a script finds at each of the steps."""
    found = page.evaluate(f"(steps) => steps.map((step) => (player.go(step), ({script})()))", steps)
    assert len(found) == len(steps)
    return list(found)


def every_step(page: "Page", trace: Trace) -> list[int]:
    page.evaluate("player.tellAt({ level: 'everything' })")
    return list(range(len(trace)))


def some_steps(page: "Page", trace: Trace, *, all_of_them: bool) -> list[int]:
    """Enough steps to go on for long, each drawn after the one before it; all of them where there is time."""
    steps = every_step(page, trace)
    return steps if all_of_them else sorted(random.Random(len(steps)).sample(steps, min(MOST, len(steps))))


@pytest.mark.parametrize("size", [LAPTOP, HALF])
@pytest.mark.parametrize("name", RUNS)
def test_all_of_a_server_is_in_sight_at_every_beat(
    chromium: "Browser", tmp_path: Path, name: str, size: tuple[int, int]
) -> None:
    with opened(chromium, tmp_path, RUNS[name](), size) as page:
        assert page.evaluate(WIDTH) == pytest.approx(908 if size == LAPTOP else 640, abs=8)
        found = at_every(page, beats(page), PAINTED)
        assert [(number, cut) for number, (cut, _) in enumerate(found) if cut] == []
        assert [small for _, small in found if small] == []


@pytest.mark.parametrize("size", [LAPTOP, HALF, PHONE])
@pytest.mark.parametrize("name", RUNS)
def test_no_part_moves_from_step_to_step(
    chromium: "Browser", tmp_path: Path, name: str, size: tuple[int, int], all_of_them: bool
) -> None:
    trace = RUNS[name]()
    scroll = "document.querySelector('.mf-inside').scrollTop"
    script = f"() => [player.shownServer(), {scroll}, ({PARTS})()]"
    first: dict[str, dict[str, list[float]]] = {}
    with opened(chromium, tmp_path, trace, size) as page:
        steps = some_steps(page, trace, all_of_them=all_of_them)
        for step, (server, scrolled, parts) in zip(steps, at_every(page, steps, script), strict=True):
            placed = {label: [x, y + scrolled, w, h] for label, (x, y, w, h) in parts.items() if w}
            before = first.setdefault(server, placed)
            assert placed.keys() == before.keys()
            assert {label: pytest.approx(box, abs=1) for label, box in before.items()} == placed, (
                f"step {step} on {server}"
            )
            assert len(placed) >= 12


@pytest.mark.parametrize("size", [LAPTOP, HALF])
@pytest.mark.parametrize("name", RUNS)
def test_a_chip_stands_where_the_state_says(
    chromium: "Browser", tmp_path: Path, name: str, size: tuple[int, int], all_of_them: bool
) -> None:
    trace = RUNS[name]()
    script = f"() => [player.shownServer(), ({CHIPS})(), ({COUNTS})()]"
    with opened(chromium, tmp_path, trace, size) as page:
        steps = some_steps(page, trace, all_of_them=all_of_them)
        for step, (server, chips, counts) in zip(steps, at_every(page, steps, script), strict=True):
            here = {mail: item.place for mail, item in trace.at(step).mails.items() if item.server == server}
            for mail, place, within in chips:
                assert place == here[mail]
                assert within or place.startswith("link/"), (step, mail, place)
            assert {place for place, count in counts.items() if count} == set(here.values())
            assert all(count == list(here.values()).count(place) for place, count in counts.items())
            moved = trace[step].mail
            assert moved not in here or moved in [mail for mail, _, _ in chips], f"step {step}"


@pytest.mark.parametrize("name", RUNS)
def test_the_tree_has_all_recipients_and_stands_while_the_categorizer_works(
    chromium: "Browser", tmp_path: Path, name: str
) -> None:
    trace = RUNS[name]()
    open_at: set[int] = set()
    with opened(chromium, tmp_path, trace) as page:
        for step, shown in enumerate(at_every(page, every_step(page, trace), TREE)):
            event = trace[step]
            if event.step.component == "categorizer":
                recipients = trace.at(step).messages[message_of(event.mail)]
                assert sorted(shown) == sorted(item.address for item in recipients), f"step {step}"
            if shown:
                open_at.add(step)
        made = [event.number for event in trace if event.step.key == "notification.made"]
        done = [event.number for event in trace if event.step.key == "delivery.delivered"]
        assert not made or open_at >= set(made[:1]), "a notification is made while the categorizer works"
        assert not open_at & set(done[-1:])


def test_the_tree_tells_who_became_whom(chromium: "Browser", tmp_path: Path) -> None:
    trace = party()
    steps = {event.step.key: event.number for event in trace}
    with opened(chromium, tmp_path, trace) as page:
        every_step(page, trace)
        page.evaluate(f"player.go({steps['categorizer.bifurcated']})")
        tree = page.locator("[data-part=tree]")
        lines = [" ".join(text.split()) for text in tree.locator("[data-part=recipient]").all_inner_texts()]
        assert "▾ Everybody group of 4 recipients" in lines
        assert any(line.startswith("⤳ David") for line in lines)
        assert any("⤲ also from Emma: one copy" in line for line in lines)
        assert any("→ kim@fabrikam.com" in line for line in lines)
        nix = tree.locator("[data-spot='recipient:nix@contoso.com']")
        assert nix.inner_text().split() == ["✕", "Nix", "unknown,", "bounced", "5.1.1"]
        assert nix.evaluate("(one) => getComputedStyle(one).borderStyle") == "dashed"
        journal = tree.locator("[data-spot='recipient:journal@contoso.com']")
        assert "m1.4" in journal.inner_text()
        assert "mf-fresh" in (journal.get_attribute("class") or "")
        inner = tree.evaluate("(one) => one.querySelector('ul ul ul').parentElement.innerText")
        assert inner.split()[1] == "Sales"


def test_the_tree_opens_and_closes_at_will(chromium: "Browser", tmp_path: Path) -> None:
    with opened(chromium, tmp_path, party()) as page:
        every_step(page, party())
        tree, opens = page.locator("[data-part=tree]"), page.get_by_role("button", name="Who becomes whom")
        page.evaluate("player.go(1)")
        opens.click()
        assert "Nothing was categorized here yet." in tree.inner_text()
        tree.get_by_role("button", name="Close the tree").click()
        assert not tree.is_visible()
        page.evaluate("player.go(9)")
        assert tree.is_visible()
        tree.get_by_role("button", name="Close the tree").click()
        page.evaluate("player.go(10)")
        assert not tree.is_visible()
        page.evaluate("player.go(35)")
        opens.click()
        assert "delivered" in tree.inner_text()
        assert serious(page) == []


def test_who_has_his_mail_stays_in_the_mailbox_store(chromium: "Browser", tmp_path: Path) -> None:
    trace = party()
    with opened(chromium, tmp_path, trace) as page:
        every_step(page, trace)
        store = page.locator(".mf-mailboxes").filter(has_text="Mailbox Store")
        assert "✔" not in store.inner_text()
        page.evaluate("player.go(36)")
        assert store.locator("[data-part=arrival]").all_inner_texts() == ["Ben ✔", "Anna ✔", "Emma ✔"]
        assert "+1" in store.inner_text()
        archived = page.locator(".mf-mailboxes").filter(has_text="Archived Store")
        assert archived.locator("[data-part=arrival]").all_inner_texts() == ["Carla ✔"]
        page.evaluate(f"player.go({len(trace) - 1})")
        assert store.locator("[data-part=arrival]").first.inner_text() == "Anna ✔", "the one who is told of the failure"


def test_only_a_handle_crosses_exipc(chromium: "Browser", tmp_path: Path) -> None:
    with opened(chromium, tmp_path, party()) as page:
        every_step(page, party())
        page.evaluate("player.go(2)")
        chip = page.locator("[data-place='exipc/Store_out_queue'] [data-part=chip]")
        assert chip.inner_text() == "○ m1.1"
        assert chip.evaluate("(one) => getComputedStyle(one).borderStyle") == "dashed"
        assert "does not cross" in (chip.get_attribute("title") or "")
        content = page.locator("[data-place='store/send queue'] [data-part=content]")
        assert content.inner_text() == "⋯ ● m1.1"
        page.evaluate("player.go(3)")
        assert content.count() == 0
        assert page.locator(f"[data-place='{places.PENDING_SUBMISSION}'] [data-part=chip]").inner_text() == "● m1.1"


def test_what_waits_in_exipc_has_all_its_content_in_the_store(chromium: "Browser", tmp_path: Path) -> None:
    scenario = mailflow.Scenario(mailflow.load("one server")).stop("SMTP")
    for second in (1, 2, 3):
        scenario.send(WRITE("anna@contoso.com", "ben@contoso.com"), at=second)
    trace = scenario.run()
    waits = [event.number for event in trace if event.step.key == "submission.exipc-backs-up"]
    tags = "() => [...document.querySelectorAll('[data-part=content]')].map((one) => one.textContent)"
    with opened(chromium, tmp_path, trace) as page:
        every_step(page, trace)
        assert at_every(page, waits, tags) == [["⋯ ● m1.1"], ["⋯ ×2"], ["⋯ ×3"]]
        assert page.evaluate(PAINTED) == [[], []]


def test_a_chip_flies_to_where_it_goes_and_into_the_mailbox(chromium: "Browser", tmp_path: Path) -> None:
    with opened(chromium, tmp_path, party(), looks={"reduced_motion": "no-preference"}) as page:
        every_step(page, party())
        for step in (3, 36):
            page.evaluate(f"player.go({step - 1})")
            page.wait_for_function("!document.querySelector('.mf-flies')")
            page.evaluate(f"player.go({step})")
            flying = page.evaluate("""() => document.getAnimations().map(({ effect }) => effect.target)
                .filter((one) => one.matches(".mf-flies")).map((one) => one.textContent)""")
            flying = [name for name in flying if step == 3 or "✔" in name]
            assert flying == (["● m1.1"] if step == 3 else ["Ben ✔", "Anna ✔", "Emma ✔"])
        page.wait_for_function("!document.querySelector('.mf-flies')")


def test_who_wants_no_motion_sees_where_it_stands(chromium: "Browser", tmp_path: Path) -> None:
    with opened(chromium, tmp_path, party()) as page:
        assert page.evaluate("[2, 3].map((n) => (player.go(n), document.querySelectorAll('.mf-flies').length))") == [
            0,
            0,
        ]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_what_acts_and_what_is_stopped_is_told_by_text_and_shape(
    chromium: "Browser", tmp_path: Path, scheme: Any
) -> None:
    trace = jam()
    down = next(event.number for event in trace if event.time >= 2)
    acts = "(one) => getComputedStyle(one.querySelector('h4'), '::after').visibility"
    with opened(chromium, tmp_path, trace, looks={**STILL, "color_scheme": scheme}) as page:
        every_step(page, trace)
        page.evaluate("player.go(2)")
        smtp, categorizer = (page.locator(f"[data-component='{name}']") for name in ("SMTP service", "categorizer"))
        assert "✕ stopped" in smtp.inner_text()
        assert smtp.evaluate("(one) => getComputedStyle(one).borderTopStyle") == "dashed"
        assert "✕ dismounted" in page.locator(".mf-mailboxes").first.inner_text()
        page.evaluate(f"player.go({down})")
        assert "✕ no catalog" in categorizer.inner_text()
        for event in [trace[number] for number in range(40)]:
            page.evaluate(f"player.go({event.number})")
            lit = page.locator("[data-part=box].mf-active").evaluate_all(
                "(all) => all.map((one) => one.dataset.component)"
            )
            assert lit in ([event.step.component], [])
            assert all(page.locator(f"[data-component='{name}']").evaluate(acts) == "visible" for name in lit)
        assert serious(page) == []


def test_outlook_is_lit_only_where_outlook_acts(chromium: "Browser", tmp_path: Path) -> None:
    """A file in the Pickup folder comes from anybody but Outlook, and a browser that asks for mail is no Outlook either."""
    scenario = mailflow.Scenario(mailflow.load("one server"))
    scenario.send(WRITE("scanner@contoso.com", "ben@contoso.com"), by="pickup", server="LON01")
    scenario.send(WRITE("anna@contoso.com", "ben@contoso.com"), at=5).read("ben", by="http", server="LON01", at=10)
    trace = scenario.read("ben", at=20).run()
    lit = "() => [...document.querySelectorAll('.mf-active')].map((it) => it.dataset.component ?? it.dataset.place)"
    with opened(chromium, tmp_path, trace) as page:
        shown = at_every(page, every_step(page, trace), lit)
    [dropped] = (event.number for event in trace if event.step.key == "client.drop")
    assert shown[dropped] == [places.PICKUP]
    assert [trace[number].step.key for number, now in enumerate(shown) if "client" in now] == [
        "client.compose",
        "reading.mapi",
    ]


def test_both_ends_of_a_session_are_lit_and_no_server_that_cannot_be_reached(
    chromium: "Browser", tmp_path: Path
) -> None:
    scenario = mailflow.Scenario(mailflow.load("two servers")).fail("LON02").restore("LON02", at=90)
    trace = scenario.send(WRITE("anna@contoso.com", "ben@contoso.com")).run()
    talks = {event.step.key: event.number for event in trace if event.server == "LON01" and event.values.get("peer")}
    lit = "() => [...document.querySelectorAll('[data-part=box].mf-active')].map((it) => it.dataset.component)"
    with opened(chromium, tmp_path, trace) as page:
        page.get_by_label("Server to look inside").select_option("LON02")
        steps = [talks[key] for key in ("link.failed", "smtp.connect", "smtp.content")]
        assert at_every(page, steps, lit) == [[], ["SMTP service"], ["SMTP service"]]


def test_every_queue_that_is_asked_for_can_be_clicked(chromium: "Browser", tmp_path: Path) -> None:
    with opened(chromium, tmp_path, party()) as page:
        asked = page.evaluate("player.options.questions.flatMap(({ where }) => where)")
        assert {spot["kind"] for spot in asked} == {"queue"}
        spots = page.locator(".mf-inside [data-spot]").evaluate_all("(all) => all.map((one) => one.dataset.spot)")
        assert {f"{spot['kind']}:{spot['name']}" for spot in asked} <= set(spots)
        names = {places.name_of(place) for place in (*places.SYSTEM_QUEUES, places.OUTBOX, places.CLIENT_OUT)}
        assert {f"queue:{name}" for name in names} <= set(spots)
        assert "server:LON01" in spots


def test_another_server_can_be_looked_into(chromium: "Browser", tmp_path: Path) -> None:
    with opened(chromium, tmp_path, sites()) as page:
        page.evaluate(f"player.go({next(event.number for event in sites() if event.server == 'LON01')})")
        pick = page.get_by_label("Server to look inside")
        assert pick.input_value() == ""
        assert page.locator(".mf-inside [data-spot='server:LON01']").count() == 1
        pick.select_option("LONFE")
        assert "front-end · now LON01 acts" in page.locator(".mf-inside .mf-bar").inner_text()
        assert page.locator("[data-part=box].mf-active").count() == 0
        pick.select_option("")
        assert page.locator(".mf-inside [data-spot='server:LON01']").count() == 1


def test_on_a_phone_the_part_that_acts_is_in_sight(chromium: "Browser", tmp_path: Path) -> None:
    trace = party()
    script = """() => {
      const view = document.querySelector(".mf-inside"), frame = view.getBoundingClientRect();
      const acting = view.querySelector("[data-part=tree]:not([hidden])") ?? view.querySelector(".mf-queue.mf-active")
        ?? view.querySelector("[data-part=box].mf-active");
      const { top, bottom } = acting.getBoundingClientRect();
      return [scrollY, top >= frame.top - 1, Math.min(bottom, top + 40) <= frame.bottom + 1, view.scrollWidth <= view.clientWidth];
    }"""
    with opened(chromium, tmp_path, trace, PHONE) as page:
        assert set(map(tuple, at_every(page, every_step(page, trace), script))) == {(0, True, True, True)}
