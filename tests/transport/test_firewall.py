"""A firewall that filters SMTP: asterisks, 500 to EHLO, seven commands, and no link state."""

import mailflow
from mailflow.routing.recorded import table_of
from mailflow.tools import telnet
from mailflow.transport.wire import BASIC

PARIS = mailflow.reconfigure(mailflow.load("two sites"), "PAR01", filtering_firewall=True)
LETTER = mailflow.Message.write("anna@contoso.com", "pierre@contoso.com")


def test_telnet_from_outside_meets_asterisks_and_seven_commands() -> None:
    shown = str(
        telnet(PARIS, "PAR01", ["EHLO me", "HELO me", "AUTH LOGIN", "VRFY pierre", "NOOP", "QUIT"])
    ).splitlines()
    assert set(shown[0].removeprefix("220 ")) == set("*02 ")
    assert [line[:3] for line in shown[2::2]] == ["500", "250", "500", "500", "250", "221"]
    assert len(BASIC) == 7
    assert str(telnet(PARIS, "PAR02", "EHLO me")).splitlines()[0].startswith("220 par02.contoso.com")


def test_servers_of_the_routing_group_stand_behind_the_same_firewall() -> None:
    trace = mailflow.Scenario(PARIS).send(LETTER).run(until=60)
    spoken = {
        event.server: str(event.values["command"])[:4]
        for event in trace
        if event.step.key in ("smtp.helo", "smtp.ehlo")
    }
    assert spoken == {"LON01": "EHLO", "LON02": "HELO", "PAR01": "EHLO"}
    assert trace.status()["m1"][0][1] == "delivered"
    asked = [event.server for event in trace if event.step.key == "smtp.authenticated"]
    assert "LON02" not in asked


def test_no_news_of_a_line_passes_it() -> None:
    four = mailflow.reconfigure(mailflow.load("four corners"), "SEA01", filtering_firewall=True)
    other = mailflow.Message.write("taro@contoso.com", "bruno@contoso.com")
    for organization, known in ((four, {"TOK01"}), (mailflow.load("four corners"), {"TOK01", "SEA01"})):
        trace = mailflow.Scenario(organization).fail("Tokyo-Brussels").send(other, at=1).run(until=900)
        held = {name for name in ("TOK01", "SEA01") if "Tokyo-Brussels" in table_of(trace, name, len(trace) - 1).down}
        assert held == known
