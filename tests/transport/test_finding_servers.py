"""Servers that find each other by name, names that are domains as well, and virtual servers that are paused."""

from dataclasses import replace

import pytest

import mailflow
from mailflow.organization.model import Organization, PolicyDomain
from mailflow.trace import Trace
from tests.conftest import ends

ANNA, BEN, CARLA, KIM = "anna@contoso.com", "ben@contoso.com", "carla@contoso.com", "kim@fabrikam.com"


@pytest.fixture
def two() -> Organization:
    """Anna is on LON01, Ben and Carla are on LON02."""
    return mailflow.load("two servers")


def letter(sender: str, to: str) -> mailflow.Message:
    return mailflow.Message.write(sender, to)


def sentences(trace: Trace) -> str:
    return " ".join(event.sentence for event in trace)


def test_without_dns_a_server_finds_no_other_one_t136(two: Organization) -> None:
    scenario = mailflow.Scenario(two).fail("DNS").send(letter(ANNA, CARLA), at=1).send(letter(CARLA, BEN), at=1)
    trace = scenario.run(until=600)
    assert ends(trace)[CARLA][0] == "waiting"
    assert "LON02 is found by the address record of its full name" in sentences(trace)
    assert trace.status()["m2"][0][1] == "delivered", "on one server nobody is looked up"
    trace = scenario.restore("DNS", at=700).run()
    assert ends(trace)[CARLA][0] == "delivered"
    assert trace.messages["m1"]["kind"] == "message"


def test_a_session_that_stands_needs_no_dns(two: Organization) -> None:
    moment = next(
        event.time for event in mailflow.Scenario(two).send(letter(ANNA, CARLA)).run() if event.step.key == "smtp.mail"
    )
    trace = mailflow.Scenario(two).send(letter(ANNA, CARLA)).fail("DNS", at=moment).run(until=60)
    assert ends(trace)[CARLA][0] == "delivered"


def test_a_route_over_a_connector_that_failed_for_want_of_dns_comes_back_with_it() -> None:
    scenario = mailflow.Scenario(mailflow.load("two sites"), parameters=mailflow.Parameters.exchange_2000())
    scenario.fail("DNS").send(letter(ANNA, "pierre@contoso.com"), at=1).restore("DNS", at=3000)
    assert ends(scenario.run())["pierre@contoso.com"][0] == "delivered"


def test_a_server_whose_name_is_a_domain_of_a_policy_gets_no_mail_t80(two: Organization) -> None:
    policies = tuple(
        replace(item, domains=(*item.domains, PolicyDomain(domain="lon02.contoso.com")))
        for item in two.recipient_policies
    )
    wrong = replace(two, recipient_policies=policies)
    trace = mailflow.Scenario(wrong).send(letter(ANNA, CARLA)).run()
    assert ends(trace)[CARLA] == ("bounced", "5.4.8")
    for where in (wrong, trace, Trace.from_json(trace.to_json())):
        found = mailflow.route(where, "LON01", CARLA)
        assert (found.outcome, found.rule) == ("no route", "own_name_is_a_domain")
    back = mailflow.Scenario(wrong).send(letter(CARLA, ANNA)).run()
    assert ends(back)[ANNA][0] == "delivered", "the way to LON01 is whole"


def test_a_paused_virtual_server_drains_k58(two: Organization) -> None:
    scenario = mailflow.Scenario(two).fail("LON02").send(letter(ANNA, CARLA), at=1).pause("", "LON01", at=100)
    scenario.restore("LON02", at=200).send(letter(KIM, ANNA), at=300).send(letter(CARLA, ANNA), at=300)
    trace = scenario.run(until=3000)
    assert trace.status()["m1"][0][1] == "delivered", "what it has it delivers"
    assert trace.status()["m2"][0][1] == trace.status()["m3"][0][1] == "waiting"
    assert "Default SMTP Virtual Server of lon01.contoso.com is paused and takes no new connection" in sentences(trace)
    ended = scenario.resume("", "LON01", at=3000).run()
    assert ended.status()["m3"][0][1] == "delivered"
    assert ended.status()["m2"][0][1] == "waiting", "the host outside does not try again in this model"


def test_a_session_under_way_outlives_a_pause(two: Organization) -> None:
    moment = next(
        event.time for event in mailflow.Scenario(two).send(letter(ANNA, CARLA)).run() if event.step.key == "smtp.mail"
    )
    trace = mailflow.Scenario(two).send(letter(ANNA, CARLA)).pause("", "LON02", at=moment).run(until=60)
    assert ends(trace)[CARLA][0] == "delivered"
