"""Every verb of the registry: it refuses what an organization does not have, happens, and reads back as code and data."""

import json
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import pytest

import mailflow
from mailflow.simulation import Action, Verb, verb
from mailflow.simulation.recipe import recipe
from mailflow.simulation.verbs import (
    AddConnector,
    ChangeConnector,
    Delete,
    DeleteMailbox,
    DeleteServer,
    DeleteSilently,
    DisableOutboundMail,
    EnableOutboundMail,
    Fail,
    ForceConnection,
    Freeze,
    MoveMailbox,
    Pause,
    Read,
    RemoveConnector,
    Restore,
    Resume,
    Send,
    SetMaster,
    Start,
    Stop,
    Unfreeze,
    verbs,
)
from mailflow.simulation.verbs.base import Enclosed
from mailflow.simulation.world import World

ORGANIZATION = mailflow.load("two sites")
SECOND = replace(ORGANIZATION.connector["London-Paris"], name="Second", cost=5)
MESSAGE = mailflow.Message.write("anna@contoso.com", "pierre@contoso.com", subject="It's")
STRANGER = mailflow.Message.write("kim@fabrikam.com", "anna@contoso.com")
CASES: dict[type[Verb], tuple[Verb, Verb, str]] = {
    Send: (Send(STRANGER, server="LON02", client="192.0.2.9", tls=True), Send(STRANGER, by="mapi"), "has no mailbox"),
    Stop: (Stop("SMTP", "LON01"), Stop("SMPT", "LON01"), "did you mean 'SMTP'"),
    Pause: (Pause("", "LON02"), Pause("Second", "LON02"), "LON02 has no virtual server 'Second'"),
    Read: (Read("anna@contoso.com", "http", "LONFE", tls=True), Read("ana"), "nobody has a mailbox 'ana'"),
    Resume: (Resume("Default SMTP Virtual Server", "LON01"), Resume(), "say on which server"),
    Start: (Start("Mailbox Store", "LON01"), Start("SMTP"), "say on which server"),
    Fail: (Fail("London-Paris"), Fail("London-Pari"), "did you mean 'London-Paris'"),
    Restore: (Restore("DNS"), Restore("PAR9"), "nothing is called 'PAR9'"),
    Freeze: (Freeze("London-Paris", "LON02"), Freeze("Failed message retry queue", "LON02"), "is a system queue"),
    Unfreeze: (Unfreeze("London-Paris", "LON02"), Unfreeze("London-Paris", "LON9"), "no server 'LON9'"),
    ForceConnection: (
        ForceConnection("London-Paris", "LON02"),
        ForceConnection("Local delivery", "LON02"),
        "is a system queue",
    ),
    Delete: (Delete("London-Paris", "LON02"), Delete("London-Paris", "LON9"), "delete: no server 'LON9'"),
    DeleteSilently: (DeleteSilently("x", "LON02"), DeleteSilently("x"), "delete: say on which server"),
    DisableOutboundMail: (DisableOutboundMail("LON01"), DisableOutboundMail("LON9"), "no server 'LON9'"),
    EnableOutboundMail: (EnableOutboundMail("LON01"), EnableOutboundMail(), "say on which server"),
    SetMaster: (SetMaster("London", "LON02", 2.5), SetMaster("London", "PAR01"), "is not in London"),
    MoveMailbox: (
        MoveMailbox("anna", "PAR01", 60.0),
        MoveMailbox("ana", "PAR01"),
        "nobody has a mailbox 'ana'; did you mean 'anna'",
    ),
    DeleteMailbox: (DeleteMailbox("anna"), DeleteMailbox("nobody"), "nobody has a mailbox 'nobody'"),
    DeleteServer: (DeleteServer("PAR02"), DeleteServer(""), "no server ''"),
    ChangeConnector: (
        ChangeConnector("Internet", {"address_spaces": [{"pattern": "*.org", "cost": 3, "type": "SMTP"}], "cost": 2}),
        ChangeConnector("Internet", {"cost": "3"}),
        "cost: must be a whole number, 0 or more, is '3'",
    ),
    AddConnector: (AddConnector(SECOND), AddConnector("Second"), "a str is no connector"),  # type: ignore[arg-type]  # on purpose
    RemoveConnector: (RemoveConnector("Paris-London"), RemoveConnector("Second"), "no connector 'Second'"),
}
"""Of every verb: one that works in *two sites*, one that does not, and why not."""

EVERY = pytest.mark.parametrize("kind", list(verbs().values()), ids=list(verbs()))


def case(kind: type[Verb]) -> tuple[Verb, Verb, str]:
    assert kind in CASES, f"add an example of {kind.__name__} to CASES"
    return CASES[kind]


def scenario() -> mailflow.Scenario:
    """Mail that waits for Paris, so that there is a queue to work on."""
    return mailflow.Scenario(ORGANIZATION).fail("London-Paris").send(MESSAGE, at=1)


@EVERY
def test_a_verb_refuses_what_the_organization_does_not_have(kind: type[Verb]) -> None:
    made, wrong = scenario(), case(kind)[1]
    before = made.script
    with pytest.raises(mailflow.ScenarioError, match=case(kind)[2]):
        made.act(wrong, at=5)
    assert made.script == before, "what was refused is not in the script"


@EVERY
def test_a_verb_is_checked_for_its_time(kind: type[Verb]) -> None:
    with pytest.raises(mailflow.ScenarioError, match="write the number without quotes"):
        scenario().act(case(kind)[0], at="5")  # type: ignore[arg-type]  # on purpose
    with pytest.raises(mailflow.ScenarioError, match="0 or more"):
        scenario().act(case(kind)[0], at=-1)


@EVERY
def test_a_verb_happens(kind: type[Verb]) -> None:
    without, made = scenario().run(until=90), scenario().act(case(kind)[0], at=5).run(until=90)
    assert len(made) > len(without) or made.at().mails != without.at().mails
    assert any(event.time == 5 for event in made)
    assert made.script[-1]["verb"] == kind.word


@EVERY
def test_a_verb_reads_back_from_its_code(kind: type[Verb]) -> None:
    made = scenario().act(case(kind)[0], at=5.25)
    names: dict[str, Any] = {}
    exec(made.code(until=90), names)
    assert names["scenario"].script == made.script
    assert names["trace"].to_json() == made.run(until=90).to_json()


@EVERY
def test_a_verb_reads_back_from_data(kind: type[Verb]) -> None:
    checked = case(kind)[0].checked(ORGANIZATION)
    enclosed = Enclosed()
    data = json.loads(json.dumps(checked.to_recipe(enclosed)))
    assert kind.from_recipe(data, enclosed.messages) == checked
    assert json.loads(json.dumps(Action(at=5, verb=checked).as_data()))["verb"] == kind.word
    with pytest.raises((TypeError, LookupError)):
        kind.from_recipe({**data, "surplus": 1}, enclosed.messages) if kind is not AddConnector else kind.from_data({})


@EVERY
def test_a_verb_has_a_method_of_the_scenario_with_a_docstring(kind: type[Verb]) -> None:
    assert getattr(mailflow.Scenario, kind.method).__doc__
    assert kind.__doc__


def test_a_message_cannot_be_read_back_from_a_trace() -> None:
    with pytest.raises(mailflow.ScenarioError, match="does not hold it"):
        Send.from_data(scenario().script[1].as_data())


# -- a verb from outside ------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class PullThePlug(Verb):
    """Everything on a server stops at once."""

    word = "pull the plug"
    server: str

    def perform(self, world: World) -> None:
        for service in ("SMTP", "information store"):
            Stop(service, self.server).perform(world)


@pytest.fixture
def plug(monkeypatch: pytest.MonkeyPatch) -> type[PullThePlug]:
    monkeypatch.setattr("mailflow.simulation.verbs.base._VERBS", dict(verbs()))
    return verb(PullThePlug)


def test_a_verb_of_your_own_is_as_good_as_any(plug: type[PullThePlug]) -> None:
    made = scenario().act(plug("LON01"), at=5)
    trace = made.run(until=90)
    services = [event.values["service"] for event in trace if event.step.key == "administrator.service"]
    assert services == ["SMTP", "information store"]
    assert made.code().splitlines()[-2:] == [
        "scenario.act(PullThePlug(server='LON01'), at=5)",
        "trace = scenario.run()",
    ]
    assert f"from {__name__} import PullThePlug" in made.code()
    names: dict[str, Any] = {}
    exec(made.code(90), names)
    assert names["trace"].to_json() == trace.to_json()
    found = mailflow.shared(recipe(made.plan(), 90)).scenario
    assert found.script == made.script


def test_a_verb_needs_a_word_of_its_own(plug: type[PullThePlug]) -> None:
    with pytest.raises(ValueError, match="'pull the plug' is PullThePlug already"):
        verb(plug)


def test_only_registered_verbs_are_taken() -> None:
    with pytest.raises(mailflow.ScenarioError, match="decorate its class"):
        scenario().act(PullThePlug("LON01"))
    with pytest.raises(mailflow.ScenarioError, match="'stop' is no verb"):
        scenario().act("stop")  # type: ignore[arg-type]  # on purpose
    with pytest.raises(NotImplementedError):
        Verb().perform(None)  # type: ignore[arg-type]  # on purpose


# -- connectors over time -----------------------------------------------------------------------------------------------


def test_a_thousand_changes_take_no_longer_each_than_one() -> None:
    calls: list[int] = []
    made = mailflow.Scenario(ORGANIZATION)
    sys.setprofile(lambda _frame, what, _arg: calls.append(1) if what == "call" else None)
    try:
        counts = []
        for number in range(200):
            made.change("London-Paris", cost=number % 90 + 1, at=number)
            counts.append(len(calls))
            calls.clear()
    finally:
        sys.setprofile(None)
    assert counts[-1] <= 1.2 * counts[1], "each call costs the same, however many were before"


def test_changes_written_backwards_are_checked_where_they_stand() -> None:
    made = mailflow.Scenario(ORGANIZATION)
    made.change("Internet", connected_routing_groups=["Paris"], at=20)
    with pytest.raises(mailflow.ScenarioError, match="needs an address space"):
        made.change("Internet", address_spaces=[], at=10)
    made.change("Internet", address_spaces=[], at=30)
    with pytest.raises(mailflow.ScenarioError, match="needs an address space"):
        made.change("Internet", connected_routing_groups=[], at=25)
    assert len(made.script) == 2


def test_a_change_that_a_later_one_covers_is_no_news_there(monkeypatch: pytest.MonkeyPatch) -> None:
    made = mailflow.Scenario(ORGANIZATION)
    for at in range(50, 1, -1):
        made.change("London-Paris", cost=at, at=at)
    looked: list[tuple[object, ...]] = []

    def nothing_wrong(*given: object) -> list[str]:
        looked.append(given)
        return []

    monkeypatch.setattr("mailflow.simulation.directory.connector_faults", nothing_wrong)
    made.change("London-Paris", cost=1, at=1)
    assert len(looked) <= 2, "the forty-nine later ones are not looked at again"
    costs = [event.values["what"] for event in made.run(until=60) if event.step.key == "administrator.configured"]
    assert costs == [f"London-Paris: cost is {cost} now" for cost in range(1, 51)]


def test_a_copy_has_connectors_of_its_own() -> None:
    made = mailflow.Scenario(ORGANIZATION)
    other = made.copy().add(SECOND)
    with pytest.raises(mailflow.ScenarioError, match="no connector 'Second'"):
        made.remove("Second", at=1)
    other.remove("Second", at=1)


def test_a_routing_group_has_its_limit_of_connectors_in_a_script(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mailflow.organization.check.MOST_CONNECTORS", 2)
    with pytest.raises(mailflow.ScenarioError, match=r"Second is added is not possible:\n.*3 connectors are more than"):
        mailflow.Scenario(ORGANIZATION).add(SECOND)


def test_a_limit_can_be_lifted_and_a_connector_without_a_name_is_refused() -> None:
    made = mailflow.Scenario(ORGANIZATION).change("London-Paris", oversize_kb=10, at=1)
    made.change("London-Paris", oversize_kb=None, at=2)
    assert "oversize_kb is None now" in made.run(until=5).transcript()
    with pytest.raises(mailflow.ScenarioError, match="a name is empty"):
        made.add(replace(SECOND, name=" "))


# -- errors -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("act", "text"),
    [
        (lambda: mailflow.Scenario("one server"), "write Scenario(mailflow.load('one server'))"),  # type: ignore[arg-type]  # on purpose
        (lambda: mailflow.Scenario(None), "a NoneType is no organization; write Scenario(mailflow.load(...))"),  # type: ignore[arg-type]  # on purpose
        (lambda: scenario().stop("SMTP", "LON01", at="3"), "stop(at='3'): time is in seconds"),  # type: ignore[arg-type]  # on purpose
        (lambda: scenario().run(until="3"), "run(until='3'): time is in seconds"),  # type: ignore[arg-type]  # on purpose
        (lambda: scenario().run(until=-1), "0 or more"),
        (lambda: scenario().set_master("London", "LON02", replication_lag=float("inf")), "replication_lag=inf"),
        (lambda: scenario().send(MESSAGE, to=""), "a recipient is empty"),
        (lambda: scenario().send(MESSAGE, to=[]), "has no recipients"),
        (lambda: mailflow.Message.write("anna", "ben@contoso.com"), "'anna' is no address; write name@domain"),
        (lambda: mailflow.Message.write("anna@contoso.com", ["ben"]), "for instance 'ben@contoso.com'"),
        (lambda: mailflow.Message.write("anna@contoso.com", ""), "a recipient is empty; write name@domain"),
        (lambda: mailflow.Message.write("anna@contoso.com", "b@x.example", cc=["carla"]), "'carla' is no address"),
    ],
)
def test_what_learners_get_wrong_is_one_clear_error(act: Callable[[], object], text: str) -> None:
    with pytest.raises(ValueError, match=r".") as caught:
        act()
    assert type(caught.value).__name__ in ("ScenarioError", "MessageError")
    assert text in str(caught.value)
    assert "\n" not in str(caught.value)
