"""Each fact is modelled, told or left out, and the page that lists them all says so."""

import re

from mailflow.facts import WHERE, facts
from scripts.facts_page import PAGE, PARTS, in_engine, in_prose, in_rules, page

FACTS = facts()
NEEDED = ["T96", "T101", "T103", "T109", "T110", "T125", "T145", "T155", "T186", "T187", "R23", "R91", "R135", "C2"]


def those(where: str) -> list[str]:
    return [number for number, fact in FACTS.items() if fact.where == where]


def test_a_modelled_fact_is_cited_by_the_model() -> None:
    assert [number for number in those("modelled") if number not in in_rules() and number not in in_engine()] == []


def test_a_told_fact_is_cited_where_people_read() -> None:
    assert [number for number in those("told") if number not in in_prose()] == []


def test_what_is_left_out_says_why_and_is_used_nowhere() -> None:
    for number in those("left out"):
        assert FACTS[number].why, number
        assert number not in in_engine(), f"{number} is modelled now: say so in facts.toml"
        assert number not in in_prose(), f"{number} is told now: say so in facts.toml"


def test_nothing_else_needs_a_reason() -> None:
    assert [number for number in those("modelled") + those("told") if FACTS[number].why] == []
    assert {fact.where for fact in FACTS.values()} <= set(WHERE)


def test_little_is_left_out_and_nothing_important() -> None:
    assert len(those("left out")) <= 60
    assert {FACTS[number].where for number in NEEDED} <= {"modelled", "told"}


def test_the_page_is_up_to_date() -> None:
    assert PAGE.read_text("utf-8") == page(), "run: python scripts/facts_page.py"


def test_the_page_has_each_fact_once() -> None:
    assert sorted(re.findall(r"^#### (.+)$", PAGE.read_text("utf-8"), re.MULTILINE)) == sorted(FACTS)


def test_the_contents_lead_to_headings_of_their_own() -> None:
    text = PAGE.read_text("utf-8")
    headings = re.findall(r"^##+ (.+)$", text, re.MULTILINE)
    assert len(headings) == len(set(headings))
    anchors = {re.sub("[^a-z0-9 -]", "", heading.lower()).replace(" ", "-") for heading in headings}
    assert set(re.findall(r"\]\(#([a-z0-9-]+)\)", text)) <= anchors
    assert all(number in FACTS for _, sections in PARTS.values() for number in sections)


def test_links_of_the_pages_lead_to_files() -> None:
    for path in PAGE.parent.glob("*.md"):
        for target in re.findall(r"\]\(([^)#]+)\)", path.read_text("utf-8")):
            assert (PAGE.parent / target).is_file(), f"{path.name}: {target}"
