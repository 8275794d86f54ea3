"""The recipes of CONTRIBUTING.md: followed as they stand, through the public interface, from outside the package."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import mailflow
from mailflow.facts import _RULES
from mailflow.organization.model import AnyRecipient
from mailflow.routing import restrictions
from mailflow.trace.telling import _TELLINGS
from mailflow.transport import categorizer
from mailflow.transport.mail import Mail
from mailflow.transport.node import Node

ROOT = Path(__file__).resolve().parents[2]
TEXT = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")


def recipe(title: str) -> str:
    """The text under a heading, up to the next one."""
    return re.split(r"^##", TEXT.split(f"### {title}\n", 1)[1], flags=re.MULTILINE)[0]


def follow(title: str) -> None:
    """Run the Python of a recipe, as in a module of somebody else."""
    (code,) = re.findall(r"```python\n(.*?)```", recipe(title), re.DOTALL)
    exec(compile(code, title, "exec"), {"__name__": "elsewhere"})


@pytest.fixture
def chain_letters() -> Iterator[None]:
    follow("A rule of the categorizer")
    yield
    categorizer.withdraw("stop_chain_letters")
    # A telling and a rule stay known, since traces of earlier runs speak of them; other tests look at all there are.
    del _TELLINGS["categorizer.chain-letter"], _RULES["stop_chain_letters"]


def sent(subject: str) -> mailflow.Trace:
    message = mailflow.Message.write("anna@contoso.com", "ben@contoso.com", subject=subject)
    return mailflow.Scenario(mailflow.load("one server")).send(message).run()


@pytest.mark.usefixtures("chain_letters")
def test_a_rule_of_the_categorizer_from_outside_is_told_and_obeyed() -> None:
    trace = sent("FW: FW: luck")
    (event,) = [item for item in trace if item.step.key == "categorizer.chain-letter"]
    assert event.sentence == "The categorizer of LON01 stops m1.1: FW: FW: luck is a chain letter."
    assert event.sentence in trace.transcript()
    assert (event.rule.name, event.rule.numbers) == ("stop_chain_letters", ("T64",))
    assert trace.status()["m1"] == [("ben@contoso.com", "bounced", "5.7.1")]
    assert sent("Luck").status()["m1"][0][1] == "delivered"
    read = mailflow.Trace.from_json(trace.to_json())
    assert read.transcript() == trace.transcript()
    assert "categorizer.chain-letter" in mailflow.page(trace, "run.html").read_text(encoding="utf-8")


@pytest.fixture(autouse=True)
def _somewhere_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_a_rule_of_the_categorizer_that_is_withdrawn_leaves_nothing(chain_letters: None) -> None:
    follow("A rule of the categorizer")  # as in a cell that runs twice
    categorizer.withdraw("stop_chain_letters")
    trace = sent("FW: FW: luck")
    assert trace.status()["m1"][0][1] == "delivered"
    follow("A rule of the categorizer")


@pytest.mark.usefixtures("chain_letters")
def test_two_rules_of_the_categorizer_cannot_share_a_name() -> None:
    def stop_chain_letters(node: Node, mail: Mail, sender: AnyRecipient | None) -> None:
        raise AssertionError("never asked")

    with pytest.raises(ValueError, match="two inspections are called 'stop_chain_letters': elsewhere and tests"):
        categorizer.inspection(stop_chain_letters)


def test_a_restriction_of_a_connector_from_outside_is_told_and_obeyed() -> None:
    two = mailflow.reconfigure(mailflow.load("two sites"), "London-Paris", cost=60)
    message = mailflow.Message.write("anna@contoso.com", "pierre@contoso.com", text="x" * 200_000)
    scenario = mailflow.Scenario(two).send(message)

    def answers() -> tuple[str, str, str]:
        found = mailflow.route(two, "LON01", "pierre@contoso.com", size_kb=200)
        return found.outcome, str(found), scenario.run().status()["m1"][0][1]

    before = answers()
    assert (before[0], before[2]) == ("connector", "delivered")
    follow("A restriction of a connector")
    try:
        outcome, told, state = answers()
        code = scenario.run().status()["m1"][0][2]
    finally:
        restrictions.withdraw("no_large_mail_on_dear_lines")
    assert (outcome, state, code) == ("no route", "bounced", "5.7.1")
    assert "London-Paris                -  it is too dear for this" in told
    assert answers() == before


@pytest.mark.parametrize("title", re.findall(r"^### (.+)$", TEXT, re.MULTILINE))
def test_every_place_that_a_recipe_names_is_there(title: str) -> None:
    text = re.sub(r"```.*?```", "", recipe(title), flags=re.DOTALL)
    places = [word for word in re.findall(r"`([^`\s]+)`", text) if "/" in word and "<" not in word]
    assert places
    for place in places:
        assert list(ROOT.glob(place)), f"{title}: {place} is not there"
