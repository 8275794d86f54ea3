"""WinRoute: three panes, what is not found, and its file."""

from pathlib import Path

import pytest

import mailflow
from mailflow.routing.orginfo import OrgInfoError
from mailflow.tools.winroute import NOT_FOUND, WinRoute
from mailflow.trace import Trace


def failed() -> Trace:
    message = mailflow.Message.write("anna@contoso.com", "bruno@contoso.com")
    return mailflow.Scenario(mailflow.load("worldwide")).fail("London-Brussels").send(message, at=1).run(until=300)


def test_three_panes() -> None:
    shown = mailflow.winroute(failed(), "SYD02")
    assert "London-Brussels (routing group) to Brussels, cost 5, STATE DOWN" in shown.tree
    assert "LON01              CONN_NOT_AVAIL" in shown.tree
    assert "version 1.1.0" in shown.tree
    assert "fabrikam.com" in shown.address_spaces
    assert shown.raw.startswith(f"{{{len(shown.raw):08x}}}")
    assert str(shown).endswith(shown.raw)
    assert (
        repr(shown) == f"WinRoute: Link state table of SYD02, TCP port 691, 10 routing groups, {len(shown.raw)} bytes"
    )
    assert shown._repr_html_().count("<details") == 3


def test_an_address_space_carries_the_cost_and_a_connector_without_a_group_has_none_of_its_own() -> None:
    tree = mailflow.winroute(failed(), "SYD02").tree
    assert "Internet Europe (SMTP), * cost 10, STATE UP" in tree
    assert "Fabrikam (SMTP), fabrikam.com cost 50, STATE UP" in tree
    assert "Berlin-Sao Paulo X400 (X.400) to Sao Paulo, cost 80, STATE UP" in tree


def test_versions_compared_on_two_servers_show_how_far_the_news_came() -> None:
    trace = failed()
    raised = next(event for event in trace if event.step.key == "routing.raised")
    assert "version 1.1.0" in mailflow.winroute(trace, "LON01", raised.number).tree
    assert "version 1.1.0" not in mailflow.winroute(trace, "SYD02", raised.number).tree


def test_a_trace_from_json_shows_the_same() -> None:
    trace = failed()
    again = mailflow.Trace.from_json(trace.to_json())
    assert str(mailflow.winroute(again, "SYD02")) == str(mailflow.winroute(trace, "SYD02"))


def test_a_deleted_server_is_not_found_in_the_directory() -> None:
    scenario = mailflow.Scenario(mailflow.load("two sites")).delete_server("LON01", at=1)
    trace = scenario.run()
    assert NOT_FOUND in mailflow.winroute(trace, "PAR01").tree
    assert NOT_FOUND not in mailflow.winroute(trace, "PAR01", 0).tree or trace[0].step.key == "administrator.deleted"


def test_save_and_open(tmp_path: Path) -> None:
    trace, path = failed(), tmp_path / "organization.rte"
    shown = mailflow.winroute(trace, "SYD02")
    shown.save(path)
    assert WinRoute.open(path, trace).tree.splitlines()[1:] == shown.tree.splitlines()[1:]
    assert NOT_FOUND in WinRoute.open(path).tree, "without a directory no object has a name"
    path.write_text("hello")
    with pytest.raises(OrgInfoError, match=r"organization\.rte: character 1"):
        WinRoute.open(path)


def test_nobody_answers_on_a_server_whose_routing_engine_is_stopped() -> None:
    trace = mailflow.Scenario(mailflow.load("two sites")).stop("routing engine", "PAR02").run()
    with pytest.raises(ValueError, match="stopped at this step"):
        mailflow.winroute(trace, "PAR02")
    with pytest.raises(ValueError, match="no server 'PAR99'"):
        mailflow.winroute(trace, "PAR99")
