"""A scenario as Python: pasted into a fresh interpreter, it makes the same trace, byte for byte."""

import random
import subprocess
import sys
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import mailflow
from mailflow.messages import Message
from mailflow.organization import Organization, SmtpConnector, Zone
from mailflow.simulation import Durations
from mailflow.simulation.writing import Writer
from tests.simulation.test_properties import scenarios
from tests.simulation.test_sharing import everything

SITES = mailflow.load("two sites")
MESSAGE = mailflow.Message.write("anna@contoso.com", "ben@contoso.com")


def elsewhere(code: str) -> str:
    """What a fresh interpreter makes of the code: its trace."""
    script = f"{code}\nimport sys\nsys.stdout.buffer.write(trace.to_json().encode())"
    done = subprocess.run([sys.executable, "-"], input=script.encode(), capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout.decode()


def here(code: str) -> str:
    names: dict[str, Any] = {}
    exec(code, names)
    trace: mailflow.Trace = names["trace"]
    return trace.to_json()


@settings(max_examples=5)
@given(scenarios(), st.sampled_from([None, 90.5, 4000]))
def test_a_random_scenario_runs_in_a_fresh_interpreter(scenario: mailflow.Scenario, until: float | None) -> None:
    assert elsewhere(scenario.code(until)) == scenario.run(until).to_json()


@settings(max_examples=20)
@given(scenarios(), st.sampled_from([None, 90.5, 4000]))
def test_a_random_scenario_is_its_code(scenario: mailflow.Scenario, until: float | None) -> None:
    assert here(scenario.code(until)) == scenario.run(until).to_json()


def test_every_verb_runs_in_a_fresh_interpreter() -> None:
    scenario = everything()
    assert elsewhere(scenario.code(4000)) == scenario.run(4000).to_json()


def test_the_code_of_a_simple_scenario_is_simple() -> None:
    scenario = mailflow.Scenario(SITES, seed=3).send(MESSAGE, at=1.5).fail("London-Paris")
    assert scenario.code(until=90.0).splitlines() == [
        "import mailflow",
        "",
        "organization = mailflow.load('two sites')",
        "scenario = mailflow.Scenario(organization, seed=3)",
        "scenario.fail('London-Paris')",
        "scenario.send(mailflow.Message.write('anna@contoso.com', 'ben@contoso.com'), at=1.5)",
        "trace = scenario.run(until=90)",
    ]


def test_a_message_that_is_sent_twice_is_written_once() -> None:
    code = mailflow.Scenario(SITES).send(MESSAGE).send(MESSAGE, at=2).code()
    assert code.count("Message.write") == 1
    assert "scenario.send(message_1, at=2)" in code


ODD = Zone(name="odd.example", records="@ 60 IN MX 10 host\n@ 60 IN TXT \"a\\\\b ''' c\"\n")


@pytest.mark.parametrize(
    ("organization", "settings"),
    [
        (mailflow.reconfigure(SITES, "LON01", retry_minutes=(1, 2, 3, 4), tarpit_seconds=0.5), {}),
        (mailflow.grown(3), {}),
        (replace(SITES, title="It's ''' \\ odd\n"), {}),
        (replace(SITES, zones=(*SITES.zones, ODD)), {}),
        (replace(SITES, title="", mode="mixed"), {}),
        (replace(SITES, routing_groups=(*SITES.routing_groups, SITES.routing_groups[0])), {}),
        (SITES, {"parameters": mailflow.Parameters(hold_back_seconds=float("inf"), durations=Durations(rpc=1))}),
        (SITES, {"parameters": mailflow.Parameters.exchange_2000(), "seed": -4}),
    ],
)
def test_what_is_not_ready_made_is_written_out(organization: Organization, settings: dict[str, Any]) -> None:
    sender = next(item.primary for item in organization.recipients if hasattr(item, "server"))
    scenario = mailflow.Scenario(organization, **settings).send(MESSAGE, sender=sender, at=1)
    scenario.fail(organization.connectors[0].name, at=0.1 + 0.2)
    assert here(scenario.code(until=1 / 3 + 90)) == scenario.run(until=1 / 3 + 90).to_json()


@pytest.mark.parametrize(
    "message",
    [
        mailflow.Message.read(b"From: a@x.example\nX: \xff\\'\"\n\nhi\0", to=["ben@contoso.com", "carla@contoso.com"]),
        mailflow.Message(MESSAGE.content, "", ["nix@contoso.com", "nix@contoso.com"]),
        mailflow.Message.write("anna@contoso.com", "ben@contoso.com", attachments={"zeros": 200_000}),
        mailflow.Message.write(
            "anna@contoso.com", "ben@contoso.com", attachments={"noise": random.Random(1).randbytes(90_000)}
        ),
        mailflow.Message(random.Random(2).randbytes(300), "anna@contoso.com", ["ben@contoso.com"]),
    ],
)
def test_a_message_that_nobody_wrote_stands_there_with_its_bytes(message: Message) -> None:
    scenario = mailflow.Scenario(SITES).send(message, by="pickup", server="LON01", at=1)
    assert here(scenario.code()) == scenario.run().to_json()
    assert len(scenario.code()) < 1000 + 2 * message.size


def test_what_cannot_be_made_shorter_is_left_as_it_is() -> None:
    letters = "".join(random.Random(3).choices("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789", k=420))
    message = mailflow.Message(letters.encode(), "anna@contoso.com", ["ben@contoso.com"])
    assert letters in mailflow.Scenario(SITES).send(message).code()
    names: dict[str, Any] = {"mailflow": mailflow}
    exec(f"value = {Writer(SITES).value({'messages': (message,), 'pair': (1, None)})}", names)
    assert names["value"] == {"messages": (message,), "pair": (1, None)}


def test_a_changed_address_space_and_a_new_connector_are_written_out() -> None:
    internet = SITES.connector["Internet"]
    assert isinstance(internet, SmtpConnector)
    scenario = mailflow.Scenario(SITES).send(MESSAGE, at=9).add(replace(internet, name="Second Internet"), at=1)
    scenario.change("Internet", address_spaces=internet.address_spaces, only_from=("anna",), at=2)
    code = scenario.code()
    assert "from mailflow.organization import SmtpConnector" in code
    assert here(code) == scenario.run().to_json()
