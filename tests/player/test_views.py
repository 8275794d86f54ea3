"""The ladder and the tables of the player, measured as they are painted."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import mailflow
from mailflow.player.source import style
from mailflow.trace import Trace
from tests.pages import Looks, in_both_themes, opened_page, serious, theme

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

ARTEFACTS = Path(__file__).resolve().parents[2] / "test-artefacts"
SIZES = {"laptop": (966, 768), "phone": (390, 844)}
LEAST_TYPE = 11
"""CSS pixels."""

PAINTED = """(view) => {
  const found = { small: [], cut: [] };
  const element = document.querySelector(view);
  const walker = document.createTreeWalker(element, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const own = node.parentElement;
    if (!node.data.trim() || own.closest(".mf-hidden, [hidden]") || !own.getClientRects().length) continue;
    if (parseFloat(getComputedStyle(own).fontSize) < LEAST) found.small.push(node.data);
    const range = document.createRange();
    range.selectNodeContents(node);
    const box = range.getBoundingClientRect();
    for (let around = own; around !== element; around = around.parentElement) {
      const frame = around.getBoundingClientRect();
      const scrolls = /auto|scroll/.test(getComputedStyle(around).overflowX);
      const titled = around.closest("[title]")?.title.includes(node.data.trim());
      if (scrolls || titled) break;
      if (box.right > frame.right + 1 || box.left < frame.left - 1) { found.cut.push(node.data); break; }
    }
  }
  return found;
}""".replace("LEAST", str(LEAST_TYPE))


@pytest.fixture(scope="module")
def busy() -> Trace:
    """A host that puts a recipient off, and its backup."""
    letter = mailflow.Message.write("anna@contoso.com", "busy@fabrikam.com")
    return mailflow.Scenario(mailflow.load("one server")).send(letter).run()


@pytest.fixture(scope="module")
def sites() -> Trace:
    """A group, a recipient who does not exist, one outside, and a connector that is down for a while."""
    message = mailflow.Message.write(
        "anna@contoso.com", ["both-sites@contoso.com", "kim@fabrikam.com", "nix@contoso.com"]
    )
    scenario = mailflow.Scenario(mailflow.load("two sites")).fail("London-Paris").restore("London-Paris", at=70)
    return scenario.send(message).run()


def page_of(trace: Trace, folder: Path, view: str) -> Path:
    return mailflow.page(trace, folder / "page.html", views=[view], tell=["dns", "smtp"])


def keep(page: "Page", name: str) -> None:
    ARTEFACTS.mkdir(exist_ok=True)
    page.screenshot(path=str(ARTEFACTS / f"{name}.png"))


def show_all(page: "Page") -> None:
    page.evaluate("if (player.questions) player.questions.silenced = true; player.tellAt({ level: 'everything' })")


@pytest.fixture
def ladder(request: pytest.FixtureRequest, chromium: "Browser", busy: Trace, tmp_path: Path) -> "Iterator[Page]":
    looks: Looks = {"color_scheme": theme(request), "reduced_motion": "reduce"}
    with opened_page(chromium, page_of(busy, tmp_path, "Ladder"), ".mf-ladder", width=966, height=768, **looks) as page:
        show_all(page)
        yield page


@in_both_themes("ladder")
@pytest.mark.browser
def test_all_who_talk_are_columns_of_one_ladder(ladder: "Page", busy: Trace) -> None:
    ladder.evaluate("player.go(player.tape.length - 1)")
    assert ladder.locator(".mf-peer").all_inner_texts() == ["LON01", "DNS", "mail.fabrikam.com", "backup.fabrikam.com"]
    rows = ladder.locator(".mf-talk li").all_text_contents()
    assert len(rows) == sum("peer" in event.values for event in busy)
    assert "LON01 to DNS: fabrikam.com IN MX?DNS to LON01: 10 mail.fabrikam.com, 20 backup.fabrikam.com" in rows
    assert "LON01 to mail.fabrikam.com: RCPT TO:<busy@fabrikam.com>" in "".join(rows)
    assert "LON01 to backup.fabrikam.com: RCPT TO:<busy@fabrikam.com>" in "".join(rows)
    refused = ladder.locator(".mf-bad")
    assert refused.all_inner_texts() == ["mail.fabrikam.com to LON01:\n✕ 451 4.7.1 Please try again later"]
    assert refused.locator(".mf-wire").evaluate("wire => getComputedStyle(wire).borderTopStyle") == "dashed"
    keep(
        ladder, f"ladder-{'dark' if ladder.evaluate('matchMedia(`(prefers-color-scheme: dark)`).matches') else 'light'}"
    )
    assert serious(ladder) == []


@pytest.mark.browser
def test_an_arrow_ends_at_the_columns_of_those_who_talk(ladder: "Page") -> None:
    ladder.evaluate("player.go(player.tape.length - 1)")
    ends = ladder.evaluate(
        """[...document.querySelectorAll(".mf-arrow")].map((arrow) => {
          const who = arrow.firstChild.textContent.replace(": ", "").split(" to ");
          const middle = (name) => {
            const box = document.querySelector(`[data-spot="server:${name}"]`).getBoundingClientRect();
            return box.left + box.width / 2;
          };
          const wire = arrow.querySelector(".mf-wire").getBoundingClientRect();
          const [left, right] = who.map(middle).sort((one, other) => one - other);
          return [wire.left - left, right - wire.right];
        })"""
    )
    assert len(ends) > 20
    assert all(abs(gap) <= 4 for pair in ends for gap in pair), ends


@pytest.mark.browser
def test_of_many_columns_those_of_a_routing_group_are_neighbours(chromium: "Browser", tmp_path: Path) -> None:
    letter = mailflow.Message.write("sara@contoso.com", "bruno@contoso.com")
    scenario = mailflow.Scenario(mailflow.load("four corners")).fail("Tokyo-Brussels").send(letter, at=1)
    route = ("TOK01", "bruno@contoso.com")
    path = mailflow.page(scenario.run(until=700), tmp_path / "page.html", views=["Ladder"], route=route)
    with opened_page(chromium, path, ".mf-ladder", width=966, height=768) as page:
        names = page.locator(".mf-peer").all_inner_texts()
        assert len(names) == 8
        assert [name[:3] for name in names[::2]] == [name[:3] for name in names[1::2]]
        show_all(page)
        page.evaluate("player.go(player.tape.length - 1)")
        for row in page.locator(".mf-talk li").all():
            who, _, whom = row.locator(".mf-arrow .mf-hidden").first.inner_text().partition(" to ")
            far = abs(names.index(who) - names.index(whom.rstrip(": "))) >= 6
            assert far == (" → " in row.inner_text()), row.inner_text()


@pytest.mark.browser
def test_who_does_not_answer_is_on_the_ladder_too(chromium: "Browser", sites: Trace, tmp_path: Path) -> None:
    number = next(event.number for event in sites if event.step.key == "link.failed")
    with opened_page(chromium, page_of(sites, tmp_path, "Ladder"), ".mf-ladder", width=966, height=768) as page:
        show_all(page)
        page.evaluate(f"player.go({number})")
        row = page.locator(".mf-talk li.mf-current")
        assert "✕" in row.inner_text()
        assert str(sites[number].values["why"]) in row.inner_text()
        assert row.get_attribute("aria-current") == "step"
        page.evaluate("player.go(0)")
        assert "Nobody has spoken yet" in page.inner_text(".mf-ladder")
        assert page.locator(".mf-talk li").count() == 0


@pytest.mark.browser
@pytest.mark.parametrize("size", SIZES)
def test_a_reply_unfolds_in_place_and_nothing_else_moves(
    chromium: "Browser", sites: Trace, tmp_path: Path, size: str
) -> None:
    width, height = SIZES[size]
    hello = next(event for event in sites if event.step.key == "smtp.ehlo")
    lines = str(hello.values["reply"]).splitlines()
    with opened_page(chromium, page_of(sites, tmp_path, "Ladder"), ".mf-ladder", width=width, height=height) as page:
        show_all(page)
        place = page.locator(".mf-step").bounding_box()
        for number in range(hello.number - 2, hello.number + 3):
            page.evaluate(f"player.go({number})")
            assert page.locator(".mf-step").bounding_box() == place
        page.evaluate(f"player.go({hello.number})")
        opener = page.locator(".mf-current .mf-fold")
        assert opener.inner_text() == f"▸ 250 ({len(lines)} lines)"
        verbs = {line[4:].split()[0].split("=")[0] for line in lines if line[4] == "X"}
        assert set(page.locator(".mf-current .mf-arrow mark").all_inner_texts()) == verbs
        opener.press("Enter")
        assert opener.get_attribute("aria-expanded") == "true"
        assert page.inner_text(".mf-current pre").split() == " ".join(lines).split()
        assert page.locator(".mf-step").bounding_box() == place
        assert page.evaluate("player.cursor") == hello.number, "Enter opens, and does not step"
        opener.click()
        assert not page.is_visible(".mf-current pre")


@pytest.mark.browser
@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("name", ["busy", "sites"])
def test_the_current_line_is_in_sight_and_no_type_is_small(
    chromium: "Browser", request: pytest.FixtureRequest, tmp_path: Path, size: str, name: str
) -> None:
    width, height = SIZES[size]
    trace: Trace = request.getfixturevalue(name)
    with opened_page(chromium, page_of(trace, tmp_path, "Ladder"), ".mf-ladder", width=width, height=height) as page:
        show_all(page)
        for event in trace:
            page.evaluate(f"player.go({event.number})")
            seen = page.evaluate(
                """() => {
                  const row = document.querySelector(".mf-talk li.mf-current");
                  if (!row) return null;
                  const inner = document.querySelector(".mf-ladder").getBoundingClientRect();
                  const head = document.querySelector(".mf-peers").getBoundingClientRect();
                  const box = row.getBoundingClientRect();
                  const words = row.querySelector(".mf-words").getBoundingClientRect();
                  const wire = row.querySelector(".mf-wire")?.getBoundingClientRect() ?? words;
                  const long = Math.max(words.right, wire.right) - Math.min(words.left, wire.left) > inner.width - 20;
                  return [box.top - head.bottom, inner.bottom - box.bottom, wire.left - inner.left,
                    inner.right - Math.min(wire.right, wire.left + inner.width - 120), long ? 0 : words.left - inner.left];
                }"""
            )
            assert seen is None or min(seen) >= -1.5, (event.number, seen)
        assert page.evaluate(PAINTED, ".mf-ladder") == {"small": [], "cut": []}
        keep(page, f"ladder-{name}-{size}")


@pytest.mark.browser
def test_on_a_phone_a_ladder_shows_who_talks_to_whom_before_the_begin_of_long_words(
    chromium: "Browser", tmp_path: Path
) -> None:
    scenario = mailflow.Scenario(mailflow.load("four corners"))
    trace = scenario.send(mailflow.Message.write("sara@contoso.com", "bruno@contoso.com")).run(3)
    with opened_page(chromium, page_of(trace, tmp_path, "Ladder"), ".mf-ladder", width=390, height=844) as page:
        show_all(page)
        page.evaluate(f"player.go({len(trace) - 1})")
        inner, wire = page.evaluate(
            """[".mf-ladder", ".mf-talk li:last-child .mf-wire"].map((part) => {
              const { left, right } = document.querySelector(part).getBoundingClientRect();
              return [left, right];
            })"""
        )
        assert inner[0] <= wire[0] < wire[1] <= inner[1]


def sheet(page: "Page", name: str) -> None:
    page.get_by_role("button", name=f"{name} table").click()


@pytest.mark.browser
def test_recipients_say_how_they_came_and_where_they_are(chromium: "Browser", sites: Trace, tmp_path: Path) -> None:
    with opened_page(chromium, page_of(sites, tmp_path, "Tables"), ".mf-tables", width=966, height=768) as page:
        show_all(page)
        for number in (20, 60, len(sites) - 1):
            page.evaluate(f"player.go({number})")
            state = sites.at(number)
            rows = page.locator(".mf-tables tbody tr").evaluate_all(
                "rows => rows.map((row) => [row.dataset.spot, ...[...row.children].map((cell) => cell.textContent)])"
            )
            shown = {(row[2], row[0].partition(":")[2]): row[4:] for row in rows}
            assert len(rows) == sum(len(items) for items in state.messages.values())
            for id_, items in state.messages.items():
                for item in items.values() if isinstance(items, dict) else items:
                    how, where, end = shown[id_, item.address]
                    assert item.how != "member" or how == "member of both-sites@contoso.com"
                    assert item.state in end if item.state else end == "under way"
                    if item.mail:
                        assert state.mails[item.mail].server in where


BROKEN = """cells => cells.flatMap((cell) => {
  const text = document.createTreeWalker(cell, NodeFilter.SHOW_TEXT);
  const found = [];
  while (text.nextNode())
    for (const word of text.currentNode.data.matchAll(cell.tagName === "TH" ? /\\S+/g : /\\S+@\\S+/g)) {
      const range = document.createRange();
      range.setStart(text.currentNode, word.index);
      range.setEnd(text.currentNode, word.index + word[0].length);
      if (range.getClientRects().length > 1) found.push(word[0]);
    }
  return found;
})"""


@pytest.mark.browser
def test_no_address_and_no_head_is_broken_over_two_lines(chromium: "Browser", tmp_path: Path) -> None:
    to = ["everybody@contoso.com", "david@contoso.com"]
    sent = mailflow.Scenario(mailflow.load("one server")).send(mailflow.Message.write("anna@contoso.com", to)).run()
    with opened_page(chromium, page_of(sent, tmp_path, "Tables"), ".mf-tables", width=966, height=768) as page:
        page.evaluate("player.go(player.tape.length - 1)")
        cells = page.locator(".mf-tables").locator("th:not(:first-child), td")
        assert "redirected: emma@contoso.com" in " ".join(cells.all_inner_texts())
        assert cells.evaluate_all(BROKEN) == []


@pytest.mark.browser
def test_rows_that_changed_are_marked_and_others_are_dimmed(chromium: "Browser", sites: Trace, tmp_path: Path) -> None:
    number = [event.number for event in sites if event.step.key == "delivery.delivered"][-1]
    with opened_page(chromium, page_of(sites, tmp_path, "Tables"), ".mf-tables", width=966, height=768) as page:
        show_all(page)
        page.evaluate(f"player.go({number})")
        page.add_style_tag(content=style())
        fresh = page.locator(".mf-fresh-row")
        assert fresh.count() == 1
        assert fresh.locator("td").last.evaluate("cell => getComputedStyle(cell).fontWeight") == "600", "in all parts"
        assert fresh.inner_text().startswith("✱ new")
        assert "✔ delivered" in fresh.inner_text()
        sheet(page, "Tracking")
        logged = [event for event in sites[: number + 1] if event.step.tracking is not None]
        assert page.locator(".mf-tables tbody tr").count() == len(logged)
        assert page.locator(".mf-fresh-row").count() == (sites[number].step.tracking is not None)
        sheet(page, "Sessions")
        talked = sum("command" in event.values or event.step.key == "link.failed" for event in sites[: number + 1])
        assert page.locator(".mf-tables tbody tr").count() == talked
        assert page.locator(".mf-tables tr.mf-aside").count() == 0, "nobody is followed"
        whom = next(i for i, item in enumerate(page.evaluate("player.levels.follows")) if "ben" in item["name"].lower())
        page.evaluate(f"player.tellAt({{ followed: {whom} }})")
        page.evaluate(f"player.go({number})")
        rows = page.locator(".mf-tables tbody tr").evaluate_all(
            "rows => rows.map((row) => [row.classList.contains('mf-aside'), row.textContent])"
        )
        dimmed = [text for aside, text in rows if aside]
        assert any("RCPT TO:<kim@fabrikam.com>" in text for text in dimmed)
        assert not any("RCPT TO:<ben@contoso.com>" in text for text in dimmed)
        assert 0 < len(dimmed) < len(rows)


@pytest.mark.browser
@pytest.mark.parametrize("size", SIZES)
def test_no_table_is_cut_and_its_head_stays(chromium: "Browser", sites: Trace, tmp_path: Path, size: str) -> None:
    width, height = SIZES[size]
    with opened_page(chromium, page_of(sites, tmp_path, "Tables"), ".mf-tables", width=width, height=height) as page:
        show_all(page)
        page.evaluate("player.go(Math.floor(player.tape.length * 0.6))")
        place = page.locator(".mf-step").bounding_box()
        for name in ("Recipients", "Queues", "Tracking", "Sessions", "Message"):
            sheet(page, name)
            assert page.evaluate(PAINTED, ".mf-tables") == {"small": [], "cut": []}
            assert page.locator(".mf-step").bounding_box() == place
            assert page.evaluate(
                "(() => { const view = document.querySelector('.mf-tables'); return view.scrollHeight <= view.clientHeight; })()"
            ), "the table scrolls, not the view around it"
            if name in ("Tracking", "Sessions"):
                scroller = page.locator(".mf-tables .mf-scroll")
                scroller.evaluate("part => { part.scrollTop = part.scrollHeight; }")
                gap = "part => part.querySelector('th').getBoundingClientRect().top - part.getBoundingClientRect().top"
                assert scroller.evaluate("part => part.scrollTop") > 0
                assert abs(scroller.evaluate(gap)) <= 1
            if size == "laptop":
                wide = "part => part.scrollWidth - part.clientWidth"
                assert page.locator(".mf-tables .mf-scroll").evaluate(wide) <= 0, "nothing lies beyond the edge"
        assert serious(page) == []
        keep(page, f"tables-{size}")


@pytest.mark.browser
def test_mail_that_has_left_is_at_the_host_that_took_it(chromium: "Browser", tmp_path: Path) -> None:
    outward = mailflow.Message.write("anna@contoso.com", "kim@fabrikam.com")
    run = mailflow.Scenario(mailflow.load("one server")).send(outward).run()
    with opened_page(chromium, page_of(run, tmp_path, "Tables"), ".mf-tables", width=966, height=768) as page:
        page.evaluate("if (player.questions) player.questions.silenced = true; player.go(player.tape.length - 1)")
        sheet(page, "Recipients")
        *_, where, end = page.inner_text(".mf-tables tbody tr").split("\t")
        assert (where, end) == ("mail.fabrikam.com", "✔ relayed: mail.fabrikam.com")


@pytest.mark.browser
def test_one_message_can_be_picked(chromium: "Browser", sites: Trace, tmp_path: Path) -> None:
    with opened_page(chromium, page_of(sites, tmp_path, "Tables"), ".mf-tables", width=966, height=768) as page:
        page.evaluate("if (player.questions) player.questions.silenced = true; player.go(0)")
        sheet(page, "Sessions")
        assert "Nobody has spoken yet" in page.inner_text(".mf-tables")
        sheet(page, "Recipients")
        page.evaluate("player.go(player.tape.length - 1)")
        page.get_by_label("Message to show").select_option("m2")
        assert {row.split("\t")[1] for row in page.locator(".mf-tables tbody tr").all_inner_texts()} == {"m2"}
        sheet(page, "Message")
        assert "m2" in page.inner_text(".mf-tables dl")
        page.evaluate("player.go(0)")
        assert page.get_by_label("Message to show").input_value() == ""


@pytest.mark.browser
def test_the_help_explains_the_signs_of_these_views(ladder: "Page") -> None:
    for view, sign in (("Ladder", "refused"), ("Tables", "made or changed in this step")):
        ladder.evaluate(f"player.show('{view}')")
        ladder.get_by_role("button", name="Signs and keys").click()
        assert sign in ladder.inner_text(".mf-card")


def test_a_bet_is_answered_by_a_click_on_a_verb_and_on_a_recipient(chromium: "Browser", tmp_path: Path) -> None:
    one = mailflow.load("one server")
    spam = mailflow.Message.write("offers@spam.example", ["kim@fabrikam.com", "anna@contoso.com"])
    door = mailflow.Scenario(one).send(spam, by="smtp", server="LON01", client="198.51.100.4").run()
    letter = mailflow.Message.write("anna@contoso.com", ["ben@contoso.com", "nix@contoso.com"])
    inside = mailflow.Scenario(one).send(letter).run()
    for trace, kind, view, spot in (
        (door, "command", "Ladder", "verb:RCPT"),
        (inside, "recipient", "Server", "recipient:nix@contoso.com"),
    ):
        path = mailflow.page(trace, tmp_path / f"{kind}.html", ask=[kind], views=[view])
        with opened_page(chromium, path, ".mf-sentence", width=966, height=768) as page:
            page.evaluate("player.tellAt({ level: 'everything' }); player.go(player.options.questions[0].at - 1)")
            page.evaluate("player.forward()")
            choice = page.locator(f".mf-choice[data-spot='{spot}']")
            box = choice.bounding_box()
            assert box is not None
            assert box["height"] >= 24
            page.screenshot(path=ARTEFACTS / f"bet on a {kind}.png")
            choice.click()
            assert page.locator(".mf-verdict.mf-right").count() == 1
            assert page.locator(".mf-coming:visible").count() == 0
