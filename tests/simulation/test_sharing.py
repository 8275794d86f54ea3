"""A scenario as a short text: it opens the same run, and what is no such text is told so."""

import copy
import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

import mailflow
from mailflow.simulation import Durations
from mailflow.simulation.recipe import recipe
from mailflow.simulation.sharing import _parameters
from mailflow.trace import TraceError
from mailflow.trace.packing import packed, unpacked
from tests.simulation.test_golden import CASES


def everything() -> mailflow.Scenario:
    """A scenario with every verb, parameters of its own, and a message that is sent twice."""
    slow = mailflow.Parameters(glitch_retries=1, no_route_waits=True, durations=Durations(rpc=0.5))
    message = mailflow.Message.write(
        "anna@contoso.com", "pierre@contoso.com", text="Grüße", attachments={"a.bin": b"\0\xff"}
    )
    organization = mailflow.load("two sites")
    new = replace(organization.connector["London-Paris"], name="Second", cost=5)
    return (
        mailflow.Scenario(organization, seed=7, parameters=slow)
        .send(message)
        .send(message, at=3)
        .send(
            "anna@contoso.com".join(["From: <", ">\r\nTo: ben@contoso.com\r\n\r\nHi\r\n"]).encode(),
            at=4,
            by="pickup",
            server="LON01",
        )
        .send(
            mailflow.Message.write("kim@fabrikam.com", "anna@contoso.com"),
            at=5,
            client="192.0.2.9",
            server="LON02",
            tls=True,
        )
        .stop("SMTP", "PAR01", at=6)
        .start("SMTP", "PAR01", at=8)
        .fail("PAR01", at=9)
        .restore("PAR01", at=10)
        .freeze("LON02", "LON01", at=11)
        .unfreeze("LON02", "LON01", at=12)
        .force_connection("LON02", "LON01", at=13)
        .delete("LON02", "LON01", ndr=False, at=14)
        .delete("LON02", "LON01", at=15)
        .disable_outbound_mail("LON01", at=16)
        .enable_outbound_mail("LON01", at=17)
        .set_master("London", "LON02", replication_lag=3, at=18)
        .add(new, at=19)
        .change("Second", cost=7, at=20)
        .remove("Second", at=21)
        .delete_server("LON01", at=30)
    )


@pytest.mark.parametrize("name", sorted(mailflow.ready_made()))
def test_a_shared_text_opens_the_same_run(name: str) -> None:
    case = CASES[name]
    scenario = mailflow.Scenario(mailflow.load(name), parameters=case.parameters).fail(case.fails)
    scenario.send(mailflow.Message.write(*case.met_by), at=1).restore(case.fails, at=1000)
    trace = scenario.run(until=4000)
    found = mailflow.shared(trace.share(3))
    assert (found.until, found.step) == (4000, 3)
    assert found.scenario.script == scenario.script
    assert found.scenario.run(found.until).to_json() == trace.to_json()


def test_every_verb_and_parameter_travels() -> None:
    scenario = everything()
    found = mailflow.shared(f"{recipe(scenario.plan())}:0").scenario
    assert (found.seed, found.parameters) == (7, scenario.parameters)
    assert found.script == scenario.script
    assert found.run(until=4000).to_json() == scenario.run(until=4000).to_json()
    assert recipe(found.plan()) == recipe(scenario.plan())


def test_a_text_stays_short_and_a_mail_may_wrap_it() -> None:
    message = mailflow.Message.write("anna@contoso.com", "ben@contoso.com")
    scenario = mailflow.Scenario(mailflow.load("two servers"))
    for second in range(50):
        scenario.send(message, at=second)
    trace = scenario.run()
    text = trace.share(-1)
    assert len(text) < 1500, "a ready-made organization goes by name, a message once"
    wrapped = "\n".join(text[start : start + 60] for start in range(0, len(text), 60))
    assert mailflow.shared(wrapped).step == len(trace) - 1


def test_an_organization_that_was_changed_travels_whole() -> None:
    changed = mailflow.reconfigure(mailflow.load("one server"), "LON01", tarpit_seconds=5.0)
    assert (mailflow.load("one-server").ready_made, changed.ready_made) == ("one server", "")
    assert mailflow.shared(recipe(mailflow.Scenario(changed).plan())).scenario.organization == changed


def test_a_trace_from_json_cannot_be_shared() -> None:
    trace = mailflow.Scenario(mailflow.load("one server")).run()
    assert mailflow.shared(trace.share()).step == 0
    with pytest.raises(TraceError, match="share the JSON instead"):
        mailflow.Trace.from_json(trace.to_json()).share()


TEXT = recipe(everything().plan())
WHOLE = json.loads(unpacked(TEXT))


def damaged(**changes: object) -> str:
    return packed(json.dumps({**WHOLE, **changes}))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "not the letters|cut off"),
        ("hello", "not the letters"),
        (TEXT[:200], "cut off"),
        (packed("[]"), "opens no scenario"),
        (packed("no JSON"), "opens no scenario"),
        (TEXT + ":x", "opens no scenario"),
        (damaged(format="mailflow scenario 9"), "not 'mailflow scenario 1'"),
        (damaged(ready_made="/etc/passwd"), "no ready-made organization"),
        (damaged(ready_made="", organization="name = 3"), "opens no scenario"),
        (
            damaged(ready_made="", organization='[[zones]]\nname = "a"\nfile = "/etc/passwd"'),
            "a file of another computer",
        ),
        (damaged(script=[{"at": 0, "verb": "explode"}]), "no scenario has the verb 'explode'"),
        (damaged(script=[{"at": 0, "verb": "fail", "name": "PAR09"}]), "nothing is called 'PAR09'; did you mean"),
        (damaged(script=[{"at": 0, "verb": "send", "message": 9}]), "opens no scenario"),
        (
            damaged(script=[{"at": 0, "verb": "freeze", "queue": ["LON02"], "server": "LON01"}]),
            "queue of 'freeze' must be a text",
        ),
        (damaged(until="soon"), "opens no scenario"),
        (damaged(seed=float("inf")), "opens no scenario"),
        (packed("[" * 100_000), "opens no scenario"),
        (damaged(script=[{"at": "x", "verb": "fail", "name": "PAR01"}]), "opens no scenario"),
        (damaged(messages=[["no header", "a b", ["c"]]]), "opens no scenario"),
        (damaged(parameters={"glitch_retries": "many"}), "must be a number"),
        (damaged(parameters={"durations": {"rpc": float("nan")}}), "rpc must be a number"),
        (damaged(parameters={"probe_seconds": -1}), "probe_seconds must be a number"),
        (damaged(script=[{"at": 1e300, "verb": "fail", "name": "PAR01"}]), "at most 1e\\+09"),
        (damaged(parameters={"glitch": 1}), "opens no scenario"),
        (damaged(parameters={"durations": 5}), "durations must be a table"),
        (damaged(script=[{"at": "noon", "verb": "fail", "name": "PAR01"}]), "at must be a number"),
        (damaged(script=[{"at": 0, "verb": "send", "message": "first"}]), "must be a whole number"),
        (damaged(script=[{"at": 0, "verb": "add connector", "connector": {"name": "X"}}]), "all that a connector has"),
    ],
)
def test_a_text_that_opens_nothing_is_told_so(text: str, message: str) -> None:
    with pytest.raises(mailflow.ScenarioError, match=message) as caught:
        mailflow.shared(text)
    assert "copy it whole" in str(caught.value)


Path = tuple[str | int, ...]
"""Where something stands in a text: the keys and numbers that lead there."""


def places(data: object, path: Path = ()) -> list[Path]:
    inner = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    return [path, *(found for key, value in inner for found in places(value, (*path, key)))]


JUNK = [None, True, -1, 1e308, float("inf"), float("nan"), "", "LON01", "a@b", "\ud800", [], ["x"], {}, {"a": 1}]


@given(st.sampled_from(places(WHOLE)[1:]), st.sampled_from(JUNK))
def test_whatever_stands_in_it_a_text_opens_or_is_refused(path: Path, junk: object) -> None:
    changed = copy.deepcopy(WHOLE)
    inside = changed
    for key in path[:-1]:
        inside = inside[key]
    inside[path[-1]] = junk
    try:
        found = mailflow.shared(packed(json.dumps(changed)))
        found.scenario.run(found.until if found.until is not None else 100)
    except mailflow.ScenarioError:
        pass


def test_a_small_text_cannot_fill_the_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mailflow.trace.packing.LARGEST", 1000)
    with pytest.raises(mailflow.ScenarioError, match="too large"):
        mailflow.shared(packed("0" * 100_000))


def test_parameters_that_are_no_table_are_refused() -> None:
    with pytest.raises(ValueError, match="the parameters must be a table"):
        _parameters([["seed", 1]])


def test_a_grown_organization_travels_byte_for_byte() -> None:
    message = mailflow.Message.write("user0@contoso.com", "user1@contoso.com")
    trace = mailflow.Scenario(mailflow.grown(3, 1, seed=1)).send(message).run()
    assert mailflow.shared(trace.share()).scenario.run().to_json() == trace.to_json()
