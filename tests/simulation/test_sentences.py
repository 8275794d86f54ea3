"""What a step says is true in each case in which it is said."""

import mailflow
from mailflow.organization import VirtualServer
from tests.conftest import changed


def said(trace: mailflow.Trace, key: str) -> list[str]:
    return [event.sentence for event in trace if event.step.key == key]


def test_a_broken_server_is_noticed_by_its_master_without_any_mail() -> None:
    trace = mailflow.Scenario(mailflow.load("two sites")).fail("LON02").run(until=700)
    assert said(trace, "administrator.network") == [
        "LON02: fails; nobody notices before somebody tries to use or to reach it."
    ]
    assert any(event.component == "routing engine" and "LON02" in event.sentence for event in trace)


def test_a_refused_recipient_did_not_enter_though_another_one_did() -> None:
    message = mailflow.Message.write("kim@fabrikam.com", ["victim@elsewhere.example", "anna@contoso.com"])
    trace = mailflow.Scenario(mailflow.load("one server")).send(message, by="smtp", server="LON01").run()
    assert said(trace, "smtp.refused")[0].endswith("For them the message never entered the organization.")
    assert ("anna@contoso.com", "delivered") in [item[:2] for item in trace.status()["m1"]]


def test_an_engine_that_starts_asks_its_master_only_where_one_answers() -> None:
    for stopped, words in (
        ((), "connects to LON01 on TCP port 691 and asks for the current states"),
        (("LON01",), "but no routing engine answers it at LON01 on TCP port 691"),
    ):
        scenario = mailflow.Scenario(mailflow.load("worldwide"))
        for name in ("LON03", *stopped):
            scenario.stop("routing engine", name, at=10)
        trace = scenario.start("routing engine", "LON03", at=20).run(until=25)
        assert words in said(trace, "routing.started")[0]


def test_an_offer_that_is_turned_down_is_told_as_an_offer() -> None:
    door = VirtualServer(authentication=("basic",))
    organization = changed(mailflow.load("two servers"), "LON02", virtual_servers=(door,))
    trace = mailflow.Scenario(organization).send(mailflow.Message.write("anna@contoso.com", "ben@contoso.com")).run()
    for key, reply in (("smtp.authenticate", "535"), ("smtp.xexch50", "504")):
        told = said(trace, key)[0]
        assert " offers " in told
        assert f"Answer: {reply}" in told
