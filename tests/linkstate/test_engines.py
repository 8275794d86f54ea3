"""Link state over time: detection, 691 and 25, the master's role, and that it all comes to rest in agreement."""

from collections.abc import Callable
from dataclasses import replace
from typing import Literal

import networkx as nx
import pytest
from hypothesis import given
from hypothesis import strategies as st

import mailflow
from mailflow.names import ServerName
from mailflow.organization.load import complete
from mailflow.organization.model import (
    Mailbox,
    Organization,
    PolicyDomain,
    RecipientPolicy,
    RoutingGroup,
    RoutingGroupConnector,
    Server,
    SmtpConnector,
    X400Connector,
)
from mailflow.routing.choice import Map
from mailflow.routing.entries import ConnectorEntry, far_ends, targets
from mailflow.routing.recorded import Register, table_of
from mailflow.routing.table import Table
from mailflow.simulation import Parameters, Scenario, ScenarioError
from mailflow.simulation.world import World
from mailflow.trace import Event, Trace
from tests.conftest import altered

LETTER = mailflow.Message.write("anna@contoso.com", "bruno@contoso.com")
OLD_RULES = Parameters.exchange_2000()


def keys(trace: Trace, prefix: str = "routing.") -> list[str]:
    return [event.step.key for event in trace if event.step.key.startswith(prefix)]


def first(trace: Trace, key: str, **where: object) -> Event:
    return next(
        event for event in trace if event.step.key == key and all(getattr(event, k) == v for k, v in where.items())
    )


def version(trace: Trace, holder: str, group: str, step: int = -1) -> str:
    return str(table_of(trace, holder, step).groups[group].version)


def tables(trace: Trace, step: int = -1) -> dict[str, Table]:
    return {item["name"]: table_of(trace, item["name"], step) for item in trace.organization["servers"]}


def worldwide() -> Scenario:
    return mailflow.Scenario(mailflow.load("worldwide"))


# -- detection ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seconds", [60.0, 20.0])
def test_glitch_retries_come_before_the_report(seconds: float) -> None:
    scenario = mailflow.Scenario(mailflow.load("worldwide"), parameters=Parameters(glitch_seconds=seconds))
    trace = scenario.fail("London-Brussels").send(LETTER).run(until=4000)
    failures = [event.time for event in trace if event.step.key == "link.failed"]
    assert [round(time - failures[0]) for time in failures] == [0, seconds, 2 * seconds, 3 * seconds]
    assert first(trace, "routing.gave-up").time == failures[3]


def test_a_retry_that_works_reports_nothing() -> None:
    trace = worldwide().fail("London-Brussels").send(LETTER).restore("London-Brussels", at=90).run()
    assert not keys(trace, "routing.gave-up")
    assert len({table.digest for table in tables(trace).values()}) == 1


def test_the_chain_of_a_failure_bridgehead_master_members_neighbours() -> None:
    scenario = mailflow.Scenario(mailflow.load("two sites"), parameters=OLD_RULES)
    letter = mailflow.Message.write("anna@contoso.com", "pierre@contoso.com")
    trace = scenario.fail("London-Paris").send(letter).run(until=400)
    story = [(event.server, event.step.key) for event in trace if event.step.key.startswith("routing.")]
    assert story[:5] == [
        ("LON02", "routing.gave-up"),
        ("LON02", "routing.reported"),
        ("LON01", "routing.raised"),
        ("LON02", "routing.pushed"),
        ("LONFE", "routing.pushed"),
    ]
    assert first(trace, "routing.raised").values["part"] == "minor"
    assert version(trace, "PAR02", "London") == "1.0.0", "the only way to Paris is the link that is broken"
    reported = first(trace, "routing.reported")
    assert version(trace, "LON02", "London", reported.number) == "1.0.0", "its own copy stays until the master answers"


def test_the_news_crosses_port_25_in_a_whole_smtp_session() -> None:
    trace = worldwide().fail("London-Brussels").send(LETTER).run(until=300)
    talk = [
        event.step.key
        for event in trace
        if event.server == "LON01" and event.values.get("peer") in ("NYC01", "nyc01.contoso.com")
    ]
    start = talk.index("smtp.connect")
    assert talk[start : start + 6] == [
        "smtp.connect",
        "smtp.ehlo",
        "smtp.authenticate",
        "routing.digest",
        "routing.orginfo",
        "smtp.quit",
    ]
    assert len({table.digest for table in tables(trace).values()}) == 1


def test_equal_digests_send_nothing_more() -> None:
    quiet = worldwide().send(LETTER).run()
    assert keys(quiet) == ["routing.digest"]
    assert "the same one" in first(quiet, "routing.digest").sentence


def test_the_whole_table_is_sent_again_for_every_change() -> None:
    trace = worldwide().fail("London-Brussels").send(LETTER).restore("London-Brussels", at=900).run()
    sizes = {
        int(str(event.values["size"])) for event in trace if event.step.key in ("routing.pushed", "routing.orginfo")
    }
    assert min(sizes) > 14_000, "never only the entry that changed"


def test_recovery_is_probed_every_minute_without_mail() -> None:
    trace = worldwide().fail("London-Brussels").send(LETTER).restore("London-Brussels", at=1000).run()
    given_up, reached = first(trace, "routing.gave-up").time, first(trace, "routing.reached").time
    assert reached >= 1000
    assert (reached - given_up) % 60 == pytest.approx(0, abs=1e-6)
    assert version(trace, "SYD02", "London") == "1.2.0"


def test_a_remote_bridgehead_that_comes_back_is_found_too() -> None:
    scenario = worldwide().fail("BRU01").send(LETTER).restore("BRU01", at=1000)
    trace = scenario.run()
    assert trace.status()["m1"][0][1] == "delivered"
    assert not table_of(trace, "LON02").down


def test_suppressed_servers_report_nothing_and_administrators_still_reach_all() -> None:
    organization = mailflow.load("worldwide")
    servers = tuple(replace(item, suppress_state_changes=True) for item in organization.servers)
    scenario = mailflow.Scenario(replace(organization, servers=servers)).fail("London-Brussels").send(LETTER)
    trace = scenario.change("London-Paris", cost=7, at=1000).run(until=4000)
    assert keys(trace).count("routing.suppressed") == 1
    assert not table_of(trace, "LON02").down
    assert trace.status()["m1"][0][1] == "waiting"
    assert version(trace, "SYD02", "London") == "2.0.0"


def test_connectors_by_dns_are_never_marked_down() -> None:
    letter = mailflow.Message.write("anna@contoso.com", "kim@fabrikam.com")
    scenario = mailflow.Scenario(mailflow.load("two sites"), parameters=OLD_RULES).fail("Internet").send(letter)
    assert keys(scenario.run(until=300)) == ["routing.stays-up"]
    without = Parameters.exchange_2000(some_stay_up=False)
    assert "routing.raised" in keys(
        mailflow.Scenario(mailflow.load("two sites"), parameters=without).fail("Internet").send(letter).run(until=300)
    )


def test_no_alternative_leaves_the_connector_up_in_2003_and_not_in_2000() -> None:
    letter = mailflow.Message.write("ben@contoso.com", "pierre@contoso.com")
    new = mailflow.Scenario(mailflow.load("two sites")).fail("London-Paris").send(letter).run(until=5000)
    old = (
        mailflow.Scenario(mailflow.load("two sites"), parameters=OLD_RULES)
        .fail("London-Paris")
        .send(letter)
        .run(until=5000)
    )
    assert keys(new) == ["routing.left-up"], "said once, not with every retry"
    assert "routing.raised" in keys(old)


def flapping(parameters: Parameters) -> Trace:
    scenario = mailflow.Scenario(mailflow.load("worldwide"), parameters=parameters)
    for start in range(0, 1500, 300):
        scenario.fail("London-Brussels", at=start).send(LETTER, at=start + 1).restore("London-Brussels", at=start + 200)
    return scenario.run()


def test_an_oscillating_connector_is_left_up_in_2003() -> None:
    new, old = flapping(Parameters()), flapping(OLD_RULES)
    raised = [keys(trace).count("routing.raised") for trace in (new, old)]
    assert raised[1] == 10, "five times down, five times up"
    assert raised[0] < raised[1]
    assert "routing.oscillates" in keys(new)
    assert "routing.oscillates" not in keys(old)


def test_changes_can_be_held_back_and_cancel_each_other() -> None:
    held = Parameters(hold_back_seconds=600)
    brief = mailflow.Scenario(mailflow.load("worldwide"), parameters=held).fail("London-Brussels").send(LETTER)
    trace = brief.restore("London-Brussels", at=300).run()
    assert keys(trace, "routing.held-back") == ["routing.held-back"] * 2
    assert "cancel" in [event for event in trace if event.step.key == "routing.held-back"][1].sentence
    assert "routing.raised" not in keys(trace)
    long = (
        mailflow.Scenario(mailflow.load("worldwide"), parameters=held)
        .fail("London-Brussels")
        .send(LETTER)
        .run(until=4000)
    )
    assert first(long, "routing.raised").time == pytest.approx(first(long, "routing.gave-up").time + 600)


# -- bridgeheads ----------------------------------------------------------------------------------------------------------


def test_a_second_bridgehead_keeps_the_connector_up_and_takes_the_mail() -> None:
    organization = mailflow.load("two sites")
    connectors = tuple(
        altered(item, local_bridgeheads=("LON01", "LON02")) if item.name == "London-Paris" else item
        for item in organization.connectors
    )
    letter = mailflow.Message.write("anna@contoso.com", "pierre@contoso.com")
    scenario = mailflow.Scenario(replace(organization, connectors=connectors)).stop("SMTP", "LON02").send(letter, at=5)
    trace = scenario.run()
    entry = table_of(trace, "LONFE").connectors["London-Paris"]
    assert entry.up
    assert entry.available() == ("LON01",)
    assert first(trace, "routing.raised").values["part"] == "user"
    assert trace.status()["m1"][0][1] == "delivered"


def test_of_two_bridgeheads_the_first_may_give_up_and_the_last_one_may_not() -> None:
    organization = mailflow.reconfigure(
        mailflow.load("two sites"), "London-Paris", local_bridgeheads=["LON01", "LON02"]
    )
    scenario = mailflow.Scenario(organization).fail("London-Paris")
    scenario.send(mailflow.Message.write("anna@contoso.com", "pierre@contoso.com"), at=1)
    trace = scenario.send(mailflow.Message.write("ben@contoso.com", "pierre@contoso.com"), at=300).run(until=2000)
    entry = table_of(trace, "LONFE").connectors["London-Paris"]
    assert entry.up
    assert entry.available() == ("LON02",)
    assert first(trace, "routing.gave-up").server == "LON01"
    assert first(trace, "routing.left-up").server == "LON02"
    assert "LON01: link/London-Paris" in trace.status()["m1"][0][2], "no move between bridgeheads"


def test_mail_on_its_way_to_a_dead_bridgehead_is_sent_to_another_one() -> None:
    organization = mailflow.load("two sites")
    connectors = tuple(
        altered(item, local_bridgeheads=("LON02", "LONFE")) if item.name == "London-Paris" else item
        for item in organization.connectors
    )
    letter = mailflow.Message.write("anna@contoso.com", "pierre@contoso.com")
    ended = set()
    for seed in range(6):
        scenario = (
            mailflow.Scenario(replace(organization, connectors=connectors), seed=seed).fail("LON02").send(letter, at=1)
        )
        trace = scenario.run(until=2000)
        ended.add(trace.status()["m1"][0][1])
        waited = [event for event in trace if event.step.key == "link.failed"]
        assert not waited or "link.rerouted" in keys(trace, "link.rerouted")
    assert ended == {"delivered"}


def test_a_better_way_that_comes_back_takes_what_still_waits() -> None:
    parameters = Parameters(glitch_seconds=600)
    scenario = (
        mailflow.Scenario(mailflow.load("worldwide"), parameters=parameters)
        .fail("London-Paris")
        .fail("London-Brussels")
    )
    letter = mailflow.Message.write("anna@contoso.com", "pierre@contoso.com")
    trace = scenario.send(letter, at=1).change("London-New York", cost=90, at=50).restore("London-Paris", at=5000).run()
    assert trace.status()["m1"][0][1] == "delivered"


# -- the master -----------------------------------------------------------------------------------------------------------


def test_without_its_master_a_group_keeps_its_tables_and_mail_flows() -> None:
    other = mailflow.Message.write("anna@contoso.com", "ben@contoso.com")
    scenario = (
        worldwide().stop("routing engine", "BRU01").fail("London-Brussels", at=1).send(LETTER, at=2).send(other, at=3)
    )
    trace = scenario.run(until=500)
    assert [event.server for event in trace if event.step.key == "routing.lost"] == ["BRU02"]
    assert version(trace, "BRU02", "London") == "1.0.0", "no news reach a group without its master"
    assert version(trace, "SYD02", "London") == "1.1.0"
    assert trace.status()["m2"][0][1] == "delivered"


def test_a_master_that_is_back_works_off_what_happened_meanwhile() -> None:
    """O22: the tables still say UP while the master is away, and DOWN on all once it is back."""
    organization = mailflow.load("two sites")
    letter = mailflow.Message.write("ben@contoso.com", "pierre@contoso.com")
    scenario = (
        mailflow.Scenario(organization, parameters=OLD_RULES).stop("routing engine", "LON01").fail("London-Paris", at=1)
    )
    trace = scenario.send(letter, at=2).start("routing engine", "LON01", at=1000).run(until=1100)
    kept = first(trace, "routing.kept")
    assert kept.server == "LON02"
    assert not table_of(trace, "LONFE", kept.number).down
    back = first(trace, "routing.returned")
    assert back.values["number"] == 1
    assert all("London-Paris" in table_of(trace, name).down for name in ("LON01", "LON02", "LONFE"))
    assert version(trace, "LONFE", "London") == "1.1.1", "minor for the connector, user for the service"


def test_a_member_that_restarts_forgets_and_asks_again() -> None:
    scenario = worldwide().fail("London-Brussels").send(LETTER, at=1)
    trace = scenario.stop("routing engine", "LON03", at=400).start("routing engine", "LON03", at=500).run(until=600)
    stopped, started = first(trace, "routing.stopped"), first(trace, "routing.started")
    with pytest.raises(ValueError, match="stopped"):
        table_of(trace, "LON03", stopped.number)
    assert "London 1.1.1" in started.sentence
    assert table_of(trace, "LON03") == table_of(trace, "LON01")
    parts = [event.values["part"] for event in trace if event.step.key == "routing.raised"]
    assert parts == ["minor", "user", "user"]


def test_a_master_that_forgot_is_told_its_own_past_and_tops_it() -> None:
    scenario = mailflow.Scenario(mailflow.load("hub and spokes"), parameters=OLD_RULES)
    organization = scenario.organization
    spoke = next(item for item in organization.routing_groups if len(organization.members_of(item.name)) == 1 or True)
    master = organization.members_of(spoke.name)[0].name
    for item in organization.members_of(spoke.name):
        scenario.stop("routing engine", item.name, at=100)
    for item in organization.members_of(spoke.name):
        scenario.start("routing engine", item.name, at=200)
    trace = scenario.run()
    everywhere = {str(table.groups[spoke.name].version) for table in tables(trace).values()}
    assert len(everywhere) == 1
    assert len({table.digest for table in tables(trace).values()}) == 1
    assert version(trace, master, spoke.name) != "1.0.0"


def test_a_server_without_network_is_missed_at_the_next_poll() -> None:
    trace = mailflow.Scenario(mailflow.load("two sites")).fail("LON02", at=10).restore("LON02", at=1000).run()
    lost = first(trace, "routing.raised")
    assert lost.time == 300
    assert "LON02 is not connected" in lost.sentence
    assert not table_of(trace, "LON01", lost.number).connectors["London-Paris"].up
    assert first(trace, "routing.attached").time == 1120
    assert table_of(trace, "PAR02").connectors["London-Paris"].up


def test_a_break_that_nobody_noticed_ends_without_a_word() -> None:
    trace = mailflow.Scenario(mailflow.load("two sites")).fail("LON01", at=10).restore("LON01", at=20).run()
    assert keys(trace) == []
    trace = mailflow.Scenario(mailflow.load("two sites")).fail("LON02", at=10).restore("LON02", at=20).run()
    assert keys(trace) == []


def test_a_master_without_network_is_missed_and_comes_back() -> None:
    trace = mailflow.Scenario(mailflow.load("two sites")).fail("LON01", at=10).restore("LON01", at=1000).run()
    assert keys(trace)[:2] == ["routing.lost", "routing.lost"]
    assert first(trace, "routing.returned").time == 1120
    assert len({table.digest for table in tables(trace).values()}) == 1


def test_the_role_moves_by_hand_and_raises_user() -> None:
    trace = mailflow.Scenario(mailflow.load("two sites")).set_master("London", "LON02", at=5).run()
    assert first(trace, "routing.raised").values["part"] == "user"
    assert {table.groups["London"].master for table in tables(trace).values()} == {"LON02"}
    assert "routing.stood-down" in keys(trace)


def test_two_masters_reject_each_other_until_the_directory_has_reached_both() -> None:
    organization = mailflow.load("worldwide")
    connectors = tuple(
        altered(item, local_bridgeheads=("LON02",)) if item.name == "London-Paris" else item
        for item in organization.connectors
    )
    scenario = mailflow.Scenario(replace(organization, connectors=connectors)).set_master(
        "London", "LON02", replication_lag=3000
    )
    trace = scenario.run()
    during = tables(trace, trace.step_at(2999))
    assert during["LON01"].groups["London"].master == "LON01"
    assert during["SYD02"].groups["London"].master == "LON02"
    conflict = first(trace, "routing.conflict")
    assert (conflict.server, conflict.values["other"]) == ("LON01", "LON02")
    assert len({table.digest for table in tables(trace).values()}) == 1
    assert table_of(trace, "SYD02").groups["London"].master == "LON02"


def test_a_role_that_has_moved_on_is_not_taken_by_the_server_that_the_directory_named_before() -> None:
    scenario = mailflow.Scenario(mailflow.load("two sites")).set_master("London", "LON02", replication_lag=3000)
    trace = scenario.set_master("London", "LON01", at=100).run()
    stood_down = [(event.time, event.server) for event in trace if event.step.key == "routing.stood-down"]
    assert stood_down == [(100, "LON02")], "and nobody does so when the first change has reached all servers"
    assert {table_of(trace, name).groups["London"].master for name in ("LON01", "LON02", "LONFE")} == {"LON01"}


@pytest.mark.parametrize("lag", [0, 3000])
def test_a_role_that_moves_to_a_stopped_routing_engine_is_taken_up_when_that_starts(lag: int) -> None:
    scenario = mailflow.Scenario(mailflow.load("two sites")).stop("routing engine", "LON02")
    scenario.set_master("London", "LON02", replication_lag=lag, at=5).start("routing engine", "LON02", at=4000)
    trace = scenario.run()
    assert {table.groups["London"].master for table in tables(trace).values()} == {"LON02"}


def test_a_deleted_master_leaves_its_group_without_news_until_another_one_is_named() -> None:
    letter = mailflow.Message.write("anna@contoso.com", "bruno@contoso.com")
    scenario = worldwide().delete_server("BRU01", at=1).fail("London-Paris", at=2)
    scenario.send(mailflow.Message.write("anna@contoso.com", "pierre@contoso.com"), at=3)
    trace = scenario.run(until=900)
    event = first(trace, "routing.no-master")
    assert event.server == "BRU02"
    assert "event 958" in event.sentence
    assert version(trace, "BRU02", "London") == "1.0.0"
    named = scenario.copy().set_master("Brussels", "BRU02", at=1000).send(letter, at=2000).run(until=3000)
    assert named.at().deleted == {"BRU01"}
    assert table_of(named, "BRU02").groups["Brussels"].master == "BRU02"


def test_a_deleted_member_leaves_the_table_when_the_master_reads_the_directory() -> None:
    trace = mailflow.Scenario(mailflow.load("two sites")).delete_server("PAR02", at=1).run()
    assert [item.server for item in table_of(trace, "LON01").groups["Paris"].members] == ["PAR01"]
    assert {event.values["part"] for event in trace if event.step.key == "routing.raised"} == {"user", "major"}


# -- the administrator ----------------------------------------------------------------------------------------------------


def test_configuration_travels_as_major_and_changes_routes() -> None:
    scenario = worldwide().change("London-Brussels", cost=60, at=1).send(LETTER, at=10)
    trace = scenario.run()
    assert first(trace, "routing.raised").values["part"] == "major"
    assert version(trace, "SYD02", "London") == "2.0.0"
    assert table_of(trace, "SYD02").connectors["London-Brussels"].connector.cost == 60
    assert mailflow.route(trace, "LON02", "bruno@contoso.com").connector == "London-Paris"
    assert mailflow.Trace.from_json(trace.to_json()).to_json() == trace.to_json()


def test_connectors_can_be_added_and_removed() -> None:
    new = RoutingGroupConnector(
        name="Quick",
        routing_group="London",
        to="Berlin",
        cost=1,
        local_bridgeheads=("LON03",),
        remote_bridgeheads=("BER01",),
    )
    trace = worldwide().add(new, at=1).remove("London-Brussels", at=10).run()
    table = table_of(trace, "SYD02")
    assert table.connectors["Quick"].connector == new
    assert "London-Brussels" not in table.connectors
    assert version(trace, "SYD02", "London") == "3.0.0"


def test_spaces_can_be_changed() -> None:
    internet = mailflow.load("two sites").connector["Internet"]
    assert isinstance(internet, SmtpConnector)
    spaces = [internet.address_spaces[0], {"pattern": "*.org", "cost": 3}]
    scenario = mailflow.Scenario(mailflow.load("two sites")).change("Internet", address_spaces=spaces)
    trace = scenario.run()
    changed = table_of(trace, "PAR01").connectors["Internet"].connector
    assert isinstance(changed, SmtpConnector)
    assert [item.pattern for item in changed.address_spaces] == [
        "*",
        "*.org",
    ]
    assert "*.org at cost 3" in trace.transcript()


@pytest.mark.parametrize(
    ("act", "complaint"),
    [
        (lambda s: s.change("London-Pari", cost=3), "did you mean 'London-Paris'"),
        (lambda s: s.change("London-Paris", price=3), "no setting 'price'"),
        (lambda s: s.change("London-Paris", cost=300), "must be 1 to 100"),
        (lambda s: s.remove("nothing"), "no connector 'nothing'"),
        (lambda s: s.add(mailflow.load("two sites").connector["London-Paris"]), "London-Paris"),
        (lambda s: s.set_master("Londn", "LON01"), "no routing group 'Londn'"),
        (lambda s: s.set_master("London", "PAR01"), "is not in London"),
        (lambda s: s.set_master("London", "LON02", replication_lag=-1), "0 or more"),
        (lambda s: s.delete_server("LON9"), "no server 'LON9'"),
    ],
)
def test_impossible_actions_get_a_clear_error(act: Callable[[Scenario], object], complaint: str) -> None:
    with pytest.raises(ScenarioError, match=complaint):
        act(mailflow.Scenario(mailflow.load("two sites")))


def test_a_script_with_every_verb_is_plain_data() -> None:
    new = replace(mailflow.load("two sites").connector["London-Paris"], name="Second")
    scenario = mailflow.Scenario(mailflow.load("two sites")).add(new).change("Second", cost=4).remove("Second")
    scenario.set_master("London", "LON02").delete_server("PAR02")
    trace = scenario.run()
    assert [action["verb"] for action in trace.script] == [
        "add connector",
        "change connector",
        "remove connector",
        "set master",
        "delete server",
    ]
    assert mailflow.Trace.from_json(trace.to_json()).script == list(trace.script)


# -- other ways, other products -------------------------------------------------------------------------------------------


Product = Literal["2003", "2000", "5.5", "2007"]


def line(here: str, there: str, cost: int = 1) -> RoutingGroupConnector:
    """A connector between two routing groups, from the first server of the one to the first of the other."""
    return RoutingGroupConnector(
        name=f"{here}-{there}",
        routing_group=here,
        to=there,
        cost=cost,
        local_bridgeheads=(f"{here[0]}1",),
        remote_bridgeheads=(f"{there[0]}1",),
    )


def island(**products: Product) -> Organization:
    """North - Middle - South in a row, two servers each, joined as the arguments say."""
    groups = ("North", "Middle", "South")
    return Organization(
        name="Contoso",
        mode="mixed" if "5.5" in products.values() else "native",
        servers=tuple(
            Server(
                name=f"{group[0]}{number}",
                routing_group=group,
                ip=f"192.0.2.{10 * place + number}",
                product=products.get(group, "2003"),
            )
            for place, group in enumerate(groups, 1)
            for number in (1, 2)
        ),
        routing_groups=tuple(RoutingGroup(name=group, master=f"{group[0]}1") for group in groups),
        connectors=tuple(
            line(a, b) for a, b in (("North", "Middle"), ("Middle", "North"), ("Middle", "South"), ("South", "Middle"))
        ),
        recipients=(
            Mailbox(name="nora", server="N2"),
            Mailbox(name="sven", server="S2"),
            Mailbox(name="mia", server="M2"),
        ),
        recipient_policies=(RecipientPolicy(domains=(PolicyDomain(domain="contoso.com"),)),),
    )


@pytest.mark.parametrize("product", ["5.5", "2007"])
def test_a_product_without_link_state_in_between_makes_islands(product: Product) -> None:
    organization = complete(island(Middle=product))
    trace = mailflow.Scenario(organization).change("North-Middle", cost=9).run()
    assert version(trace, "N2", "North") == "2.0.0"
    assert version(trace, "S2", "North") == "1.0.0"
    cure = tuple(line(a, b, 100) for a, b in (("North", "South"), ("South", "North")))
    cured = complete(replace(organization, connectors=(*organization.connectors, *cure)))
    trace = mailflow.Scenario(cured).change("North-Middle", cost=9).run()
    assert version(trace, "S2", "North") == "2.0.0", "a connector of cost 100 carries link state"
    assert mailflow.route(trace, "N2", "sven@contoso.com").path == ("North", "Middle", "South"), "and no mail"


def test_mail_to_an_old_server_goes_by_rpc() -> None:
    letter = mailflow.Message.write("nora@contoso.com", "sven@contoso.com")
    trace = mailflow.Scenario(complete(island(Middle="5.5"))).send(letter).run()
    assert trace.status()["m1"][0][1] == "delivered"
    carried = [event for event in trace if event.step.key == "mta.transferred"]
    assert [event.values["target"] for event in carried] == ["M1", "S1"]
    assert all("by RPC" in event.sentence for event in carried)


def test_a_group_without_a_master_of_its_own_kind_is_read_from_the_directory() -> None:
    trace = mailflow.Scenario(complete(island(Middle="5.5"))).change("Middle-South", cost=9).run()
    assert {version(trace, name, "Middle") for name in ("N1", "N2", "S1", "S2")} == {"2.0.0"}
    assert keys(trace).count("routing.read") == 4


def loop_company(suppressed: bool) -> Organization:
    """An old side of two groups, each joined with the same Exchange 2007 group."""
    organization = island(Middle="2007")
    direct = tuple(line(a, b, cost) for a, b, cost in (("North", "South", 1), ("South", "North", 1)))
    connectors = tuple(
        replace(item, cost=50) if item.name == "Middle-South" else item for item in organization.connectors
    )
    servers = tuple(replace(item, suppress_state_changes=suppressed) for item in organization.servers)
    return complete(replace(organization, connectors=(*connectors, *direct), servers=servers))


def test_mail_loops_between_2003_and_2007_until_link_state_is_suppressed() -> None:
    letter = mailflow.Message.write("nora@contoso.com", "sven@contoso.com")
    loop = mailflow.Scenario(loop_company(False)).fail("North-South").send(letter, at=1).run(until=3000)
    assert loop.status()["m1"][0][1] == "bounced", "round and round until the hop count ends it"
    assert sum(event.step.key == "smtp.content" and event.message == "m1" for event in loop) > 20
    calm = (
        mailflow.Scenario(loop_company(True))
        .fail("North-South")
        .send(letter, at=1)
        .restore("North-South", at=900)
        .run(until=3000)
    )
    assert calm.status()["m1"][0][1] == "delivered"
    assert sum(event.step.key == "smtp.content" and event.message == "m1" for event in calm) < 5


def joins(organization: Organization) -> list[RoutingGroupConnector]:
    return [item for item in organization.connectors if isinstance(item, RoutingGroupConnector)]


def by_x400() -> Organization:
    organization = island()
    connectors = tuple(
        X400Connector(
            name=item.name,
            routing_group=item.routing_group,
            local_bridgehead=item.local_bridgeheads[0],
            remote_bridgehead=item.remote_bridgeheads[0],
            connected_routing_groups=(item.to,),
        )
        for item in joins(organization)
    )
    return complete(replace(organization, connectors=connectors))


def test_over_x400_the_mta_carries_the_table() -> None:
    trace = mailflow.Scenario(by_x400()).change("North-Middle", cost=9).run()
    assert version(trace, "S2", "North") == "2.0.0"
    assert "routing.orginfo" not in keys(trace)
    assert "routing.by-mta" in keys(trace)


def test_smtp_connectors_between_groups_carry_link_state_by_smart_host_and_by_dns() -> None:
    for host in ("smart", ""):
        organization = island()
        connectors = tuple(
            SmtpConnector(
                name=item.name,
                routing_group=item.routing_group,
                local_bridgeheads=item.local_bridgeheads,
                connected_routing_groups=(item.to,),
                smart_host=item.remote_bridgeheads[0] if host else "",
            )
            for item in joins(organization)
        )
        trace = (
            mailflow.Scenario(complete(replace(organization, connectors=connectors)))
            .change("North-Middle", cost=9)
            .run()
        )
        assert version(trace, "S2", "North") == "2.0.0"


def test_link_state_before_mail_can_be_switched_off() -> None:
    parameters = Parameters(link_state_before_mail=False)
    trace = mailflow.Scenario(mailflow.load("worldwide"), parameters=parameters).send(LETTER).run()
    assert keys(trace) == []
    assert trace.status()["m1"][0][1] == "delivered"


def test_without_sessions_of_their_own_news_wait_for_mail() -> None:
    parameters = Parameters(link_state_without_mail=False)
    organization = complete(island())
    quiet = mailflow.Scenario(organization, parameters=parameters).change("North-Middle", cost=9).run()
    assert version(quiet, "M2", "North") == "1.0.0"
    letter = mailflow.Message.write("nora@contoso.com", "mia@contoso.com")
    talking = (
        mailflow.Scenario(organization, parameters=parameters).change("North-Middle", cost=9).send(letter, at=60).run()
    )
    assert version(talking, "M2", "North") == "2.0.0"
    assert version(talking, "S2", "North") == "1.0.0"


# -- bad moments --------------------------------------------------------------------------------------------------------------


def test_a_repair_while_the_master_is_away_takes_the_kept_report_back() -> None:
    letter = mailflow.Message.write("ben@contoso.com", "pierre@contoso.com")
    scenario = mailflow.Scenario(mailflow.load("two sites"), parameters=OLD_RULES).stop("routing engine", "LON01")
    scenario.fail("London-Paris", at=1).send(letter, at=2).restore("London-Paris", at=500)
    trace = scenario.start("routing engine", "LON01", at=1000).run()
    assert keys(trace).count("routing.kept") == 2
    assert first(trace, "routing.returned").values["number"] == 0
    assert not table_of(trace, "LONFE").down


def test_a_master_that_vanishes_while_the_report_is_on_its_way() -> None:
    letter = mailflow.Message.write("ben@contoso.com", "pierre@contoso.com")
    scenario = mailflow.Scenario(mailflow.load("two sites"), parameters=OLD_RULES).fail("London-Paris").send(letter)
    given_up = first(scenario.run(until=400), "routing.gave-up").time
    trace = scenario.stop("routing engine", "LON01", at=given_up + 0.01).run(until=400)
    assert first(trace, "routing.kept").time > given_up


def test_a_server_that_fails_again_before_it_could_connect() -> None:
    scenario = mailflow.Scenario(mailflow.load("two sites")).fail("LON02", at=10).restore("LON02", at=400)
    trace = scenario.fail("LON02", at=450).run()
    assert "routing.attached" not in keys(trace)
    assert first(trace, "routing.raised").time == 300


def test_a_connector_that_is_removed_while_it_is_down_is_tried_no_more() -> None:
    scenario = worldwide().fail("London-Brussels").send(LETTER).remove("London-Brussels", at=300)
    trace = scenario.restore("London-Brussels", at=600).run()
    assert "routing.reached" not in keys(trace)
    assert "London-Brussels" not in table_of(trace, "SYD02").connectors


def test_an_x400_transfer_that_finds_nobody_at_the_far_end_any_more() -> None:
    trace = mailflow.Scenario(by_x400()).change("North-Middle", cost=9).fail("M1", at=2.1).run(until=250)
    assert "routing.by-mta" not in keys(trace)


def test_services_of_a_product_without_link_state_are_nobody_s_news() -> None:
    trace = mailflow.Scenario(complete(island(Middle="2007"))).stop("SMTP", "M1").start("SMTP", "M1", at=5).run()
    assert "routing.raised" not in keys(trace)


def test_a_link_waits_for_its_own_smtp_service() -> None:
    letter = mailflow.Message.write("anna@contoso.com", "ben@contoso.com")
    scenario = (
        mailflow.Scenario(mailflow.load("two sites")).fail("LON02").send(letter, at=1).stop("SMTP", "LON01", at=30)
    )
    trace = scenario.restore("LON02", at=40).start("SMTP", "LON01", at=100).run()
    assert trace.status()["m1"][0][1] == "delivered"
    assert first(trace, "smtp.content").time > 100


def test_a_member_that_heard_of_another_master_outside_follows_its_own_one() -> None:
    organization = mailflow.load("worldwide")
    heads = {"London-Paris": {"local_bridgeheads": ("LON02",)}, "Brussels-London": {"remote_bridgeheads": ("LON03",)}}
    connectors = tuple(altered(item, **heads.get(item.name, {})) for item in organization.connectors)
    scenario = mailflow.Scenario(replace(organization, connectors=connectors))
    scenario.set_master("London", "LON02", replication_lag=3000).stop("SMTP", "LON01", at=100)
    trace = scenario.run()
    heard = table_of(trace, "LON03", trace.step_at(99)).groups["London"]
    assert heard.master == "LON02", "its bridgehead heard of the other master from Brussels"
    assert table_of(trace, "LON03", trace.step_at(2999)).groups["London"].master == "LON01"
    assert len({table.digest for table in tables(trace).values()}) == 1


def test_a_trace_without_link_state_says_so() -> None:
    organization = mailflow.Scenario(mailflow.load("two sites")).run().organization
    with pytest.raises(ValueError, match="holds no link state"):
        table_of(mailflow.Trace([], organization=organization, messages={}), "LON01")


def test_what_failed_far_away_is_named_among_the_candidates() -> None:
    scenario = mailflow.Scenario(mailflow.load("four corners")).fail("Tokyo-Brussels")
    trace = scenario.send(mailflow.Message.write("sara@contoso.com", "bruno@contoso.com"), at=1).run(until=700)
    found = mailflow.route(trace, "SEA02", "bruno@contoso.com")
    assert found.connector == "Seattle-London"
    assert "Tokyo-Brussels" in {item.connector for item in found.candidates if "would be cheaper" in item.why}


# -- convergence ----------------------------------------------------------------------------------------------------------

NAMES = "ABCDE"


@st.composite
def companies(draw: st.DrawFn) -> Organization:
    edges = draw(
        st.lists(
            st.tuples(st.sampled_from(NAMES), st.sampled_from(NAMES), st.integers(1, 9)).filter(
                lambda edge: edge[0] < edge[1]
            ),
            min_size=3,
            max_size=8,
            unique_by=lambda edge: edge[:2],
        )
    )
    return complete(
        Organization(
            name="Contoso",
            servers=tuple(
                Server(name=f"{name}{number}", routing_group=name, ip=f"192.0.2.{10 * place + number}")
                for place, name in enumerate(NAMES)
                for number in (1, 2)
            ),
            routing_groups=tuple(RoutingGroup(name=name, master=f"{name}1") for name in NAMES),
            connectors=tuple(
                RoutingGroupConnector(
                    name=f"{a}-{b}",
                    routing_group=a,
                    to=b,
                    cost=cost,
                    local_bridgeheads=draw(st.sampled_from([(f"{a}1",), (f"{a}2",), (f"{a}1", f"{a}2")])),
                    remote_bridgeheads=draw(st.sampled_from([(f"{b}1",), (f"{b}2",), (f"{b}1", f"{b}2")])),
                )
                for one, two, cost in edges
                for a, b in ((one, two), (two, one))
            ),
            recipients=tuple(Mailbox(name=f"user{name}".lower(), server=f"{name}2") for name in NAMES),
            recipient_policies=(RecipientPolicy(domains=(PolicyDomain(domain="contoso.com"),)),),
        )
    )


@st.composite
def scripts(draw: st.DrawFn, organization: Organization) -> Scenario:
    scenario = mailflow.Scenario(
        organization,
        seed=draw(st.integers(0, 9)),
        parameters=draw(
            st.sampled_from(
                [
                    Parameters(),
                    OLD_RULES,
                    Parameters(hold_back_seconds=100),
                    Parameters.exchange_2000(some_stay_up=False),
                ]
            )
        ),
    )
    things = [*organization.connector, *organization.server]
    at = 0
    for _ in range(draw(st.integers(1, 8))):
        at += draw(st.integers(1, 400))
        act = draw(st.sampled_from(["fail", "fail", "restore", "stop", "start", "send", "send", "cost", "master"]))
        if act in ("fail", "restore"):
            getattr(scenario, act)(draw(st.sampled_from(things)), at=at)
        elif act in ("stop", "start"):
            getattr(scenario, act)(
                draw(st.sampled_from(["SMTP", "routing engine"])),
                draw(st.sampled_from(list(organization.server))),
                at=at,
            )
        elif act == "cost":
            scenario.change(draw(st.sampled_from(list(organization.connector))), cost=draw(st.integers(1, 20)), at=at)
        elif act == "master":
            group = draw(st.sampled_from(NAMES))
            scenario.set_master(
                group, f"{group}{draw(st.sampled_from('12'))}", replication_lag=draw(st.sampled_from([0, 500])), at=at
            )
        else:
            one, two = draw(st.sampled_from(NAMES)), draw(st.sampled_from(NAMES))
            scenario.send(
                mailflow.Message.write(f"user{one}@contoso.com".lower(), f"user{two}@contoso.com".lower()), at=at
            )
    return scenario


@st.composite
def runs(draw: st.DrawFn) -> Scenario:
    return draw(scripts(draw(companies())))


def true_state(trace: Trace) -> tuple[set[str], set[tuple[str, str]], dict[str, str]]:
    """What is broken, stopped, and who is master at the end, from the script alone."""
    broken: set[str] = set()
    stopped: set[tuple[str, str]] = set()
    masters: dict[str, str] = {item["name"]: item["master"] for item in trace.organization["routing_groups"]}
    for action in trace.script:
        word = {key: str(value) for key, value in action.items()}
        if action["verb"] in ("fail", "restore"):
            (broken.add if action["verb"] == "fail" else broken.discard)(word["name"])
        elif action["verb"] in ("stop", "start"):
            (stopped.add if action["verb"] == "stop" else stopped.discard)((word["server"], word["service"]))
        elif action["verb"] == "set master":
            masters[word["group"]] = word["server"]
    return broken, stopped, masters


def near_ends(entry: ConnectorEntry) -> tuple[str, ...]:
    assert isinstance(entry.connector, RoutingGroupConnector)
    return entry.connector.local_bridgeheads


class Ending:
    """The true state at the end of a run, worked out from the script and the final tables alone."""

    def __init__(self, trace: Trace) -> None:
        self.broken, self.stopped, self.masters = true_state(trace)
        self.group_of = {item["name"]: item["routing_group"] for item in trace.organization["servers"]}
        self.held = {name: table_of(trace, name) for name in self.group_of if self.takes_part(name)}

    def runs(self, server: str) -> bool:
        return server not in self.broken and (server, "routing engine") not in self.stopped

    def takes_part(self, server: str) -> bool:
        return self.runs(server) and self.runs(self.masters[self.group_of[server]])

    def listens(self, server: str) -> bool:
        return server not in self.broken and (server, "SMTP") not in self.stopped

    def tells(self) -> "nx.DiGraph[str]":
        """Who hands news to whom: member and master on 691, the first bridgehead of each working connector on 25."""
        graph: nx.DiGraph[str] = nx.DiGraph()
        for name, table in self.held.items():
            graph.add_edge(name, self.masters[self.group_of[name]])
            graph.add_edge(self.masters[self.group_of[name]], name)
            for entry in table.groups[self.group_of[name]].connectors:
                heads = [head for head in near_ends(entry) if self.takes_part(head)]
                far = [end for end in far_ends(entry.connector) if self.takes_part(end) and self.listens(end)]
                if heads[:1] == [name] and far and entry.up and entry.name not in self.broken:
                    graph.add_edge(name, far[0])
        return graph

    def usable(self, entry: ConnectorEntry) -> list[str]:
        """The source bridgeheads that could use a connector."""
        return [
            head
            for head in near_ends(entry)
            if self.runs(head)
            and self.listens(head)
            and entry.name not in self.broken
            and any(self.listens(end) for end in far_ends(entry.connector))
        ]


@pytest.mark.no_cover
@given(runs())
def test_once_quiet_all_who_reach_each_other_agree_and_choose_true_routes(scenario: Scenario) -> None:
    ending = Ending(scenario.run())
    for part in nx.strongly_connected_components(ending.tells()):
        assert len({ending.held[name].digest for name in part}) == 1, "all who can reach each other hold one table"
    for name, table in ending.held.items():
        for entry in table.groups[ending.group_of[name]].connectors:
            assert entry.up or not ending.usable(entry), f"{entry.name} is DOWN for {name} and could be used"
        oracle: nx.DiGraph[str] = nx.DiGraph()
        oracle.add_nodes_from(table.groups)
        for entry in table.connectors.values():
            if entry.up:
                oracle.add_edge(entry.connector.routing_group, targets(entry.connector)[0], weight=entry.connector.cost)
        costs = nx.single_source_dijkstra_path_length(oracle, ending.group_of[name])
        assert Map(table).tree(ending.group_of[name], table.down).costs == costs


def test_a_table_that_servers_share_never_changes(monkeypatch: pytest.MonkeyPatch) -> None:
    intern, shared = Register.intern, dict[str, Table]()

    def interned(self: Register, table: Table) -> Table:
        made = intern(self, table)
        shared.setdefault(made.digest, made)
        assert shared[made.digest] is made
        return made

    monkeypatch.setattr(Register, "intern", interned)
    scenario = worldwide().fail("London-Brussels").send(LETTER).stop("routing engine", "LON01", at=600)
    scenario.start("routing engine", "LON01", at=900).restore("London-Brussels", at=1200).run(until=4000)
    assert len(shared) > 3
    for digest, table in shared.items():
        afresh = Table(table.organization, {name: replace(entry) for name, entry in table.groups.items()})
        assert afresh.digest == digest


def two_triangles() -> Organization:
    """Two triangles of routing groups, A B C and D E F, with one server each and a bridge between C and D."""
    pairs = ("AB", "BC", "CA", "DE", "EF", "FD", "CD")
    connectors = []
    for one, other in [pair for ends in pairs for pair in ((ends[0], ends[1]), (ends[1], ends[0]))]:
        made = RoutingGroupConnector(
            name=f"{one}-{other}", routing_group=one, to=other, local_bridgeheads=(f"S{one}",),
            remote_bridgeheads=(f"S{other}",),
        )  # fmt: skip
        connectors.append(made)
    return complete(
        replace(
            island(),
            servers=tuple(Server(name=f"S{name}", routing_group=name) for name in "ABCDEF"),
            routing_groups=tuple(RoutingGroup(name=name) for name in "ABCDEF"),
            connectors=tuple(connectors),
            recipients=(Mailbox(name="ann", server="SA"), Mailbox(name="fay", server="SF")),
        )
    )


def test_the_only_way_is_left_up_at_a_leaf_and_marked_down_between_two_parts_that_are_none() -> None:
    letter = mailflow.Message.write("ann@contoso.com", "fay@contoso.com")
    bridge = mailflow.Scenario(two_triangles()).fail("C-D").send(letter).run(until=2000)
    assert "C-D" in table_of(bridge, "SA").down
    assert "routing.left-up" not in {event.step.key for event in bridge}
    cut = mailflow.Scenario(mailflow.load("two sites")).fail("London-Paris")
    leaf = cut.send(mailflow.Message.write("ben@contoso.com", "pierre@contoso.com")).run(until=2000)
    assert not table_of(leaf, "LON01").down


def test_a_failure_that_no_master_heard_of_and_that_is_over_is_not_reported() -> None:
    letter = mailflow.Message.write("ben@contoso.com", "pierre@contoso.com")
    scenario = mailflow.Scenario(mailflow.load("two sites"), parameters=OLD_RULES).fail("London-Paris")
    scenario.fail("LON01", at=1).send(letter, at=2).restore("London-Paris", at=265).restore("LON01", at=270)
    trace = scenario.run(until=1500)
    told = keys(trace)
    assert told[:3] == ["routing.gave-up", "routing.kept", "routing.reached"]
    assert first(trace, "routing.kept").time < 270 < first(trace, "routing.reached").time, "the master is back"
    assert not {"routing.reported", "routing.raised", "routing.pushed"} & set(told)


def test_a_connector_that_works_again_wakes_its_own_queue_only() -> None:
    both = mailflow.reconfigure(mailflow.load("two sites"), "Internet", local_bridgeheads=("LON02",))
    letter = mailflow.Message.write("ben@contoso.com", ["pierre@contoso.com", "kim@fabrikam.com"])

    def tried(restored: bool) -> list[float]:
        scenario = mailflow.Scenario(both, parameters=OLD_RULES).fail("London-Paris")
        scenario.fail("mail.fabrikam.com").fail("backup.fabrikam.com").send(letter, at=2)
        if restored:
            scenario.restore("London-Paris", at=1000)
        trace = scenario.run(until=3000)
        assert ("routing.reached" in keys(trace)) == restored
        return [
            event.time for event in trace if event.step.key == "link.failed" and "fabrikam" in str(event.values["peer"])
        ]

    assert tried(True) == tried(False)
    assert any(time > 1100 for time in tried(True)), "the other queue is tried at its own times"


def test_a_bridgehead_that_is_not_let_in_learns_and_tells_nothing() -> None:
    world = mailflow.load("two sites")
    trace = mailflow.Scenario(world).change("London-Paris", cost=3).run()
    assert "routing.digest" in keys(trace)
    barred = mailflow.reconfigure(world, "PAR01", denied_clients=["192.0.2.11"])
    trace = mailflow.Scenario(barred).change("London-Paris", cost=3).run()
    refused = first(trace, "smtp.connect")
    assert (refused.server, str(refused.values["reply"])[:3]) != ("LON02", "220")
    assert not {"routing.digest", "routing.orginfo"} & set(keys(trace))
    assert version(trace, "LON02", "London") != version(trace, "PAR01", "London") == "1.0.0"


def london(*knowing: str) -> tuple[World, Table, Table]:
    """The world of two sites before anything runs, and a table with newer news of Paris, which some servers know already."""
    world = World(mailflow.load("two sites"), Parameters(), 0)
    old = world.link_state.engines["LON01"].table
    paris = old.groups["Paris"]
    new = old.with_group(replace(paris, version=paris.version.raised("user")))
    for name in knowing:
        world.link_state.take(ServerName(name), new)
    return world, old, new


def told_of_tables(world: World) -> list[tuple[str, str]]:
    return [(record[1], record[2].__name__) for record in world.records if record[2].__name__.startswith("Table")]


def test_a_member_that_knows_more_than_its_master_takes_nothing_from_a_push() -> None:
    world, old, new = london("LON02")
    world.link_state._receive(world.link_state.engines["LON02"], old)
    assert world.link_state.engines["LON02"].table == new
    assert told_of_tables(world) == []
    world, old, new = london()
    world.link_state._receive(world.link_state.engines["LON02"], new)
    assert world.link_state.engines["LON02"].table == new
    assert told_of_tables(world) == [("LON02", "TablePushed")]


@pytest.mark.parametrize(("knowing", "told"), [(("LON02",), True), (("LON02", "LON01"), False)], ids=str)
def test_a_bridgehead_hands_over_only_what_its_master_does_not_know_yet(knowing: tuple[str, ...], told: bool) -> None:
    world, _, new = london(*knowing)
    world.link_state.give_to_master(ServerName("LON02"))
    world.env.run_before(1)
    assert world.link_state.engines["LON01"].table == new
    assert (("LON02", "TableGiven") in told_of_tables(world)) == told


def test_a_bridgehead_hands_nothing_over_to_a_master_that_vanishes_meanwhile() -> None:
    world, old, _ = london("LON02")
    world.link_state.give_to_master(ServerName("LON02"))
    world.broken.add("LON01")
    world.env.run_before(1)
    assert world.link_state.engines["LON01"].table == old
    assert told_of_tables(world) == []


@pytest.mark.parametrize(
    ("service", "called"),
    [("SMTP", "the SMTP service"), ("information store", "the information store"), ("MTA", "the MTA")],
)
def test_a_service_raises_the_user_number_on_any_server_r48(service: str, called: str) -> None:
    """LON01 of "two sites" is no bridgehead."""
    scenario = mailflow.Scenario(mailflow.load("two sites"))
    trace = scenario.stop(service, "LON01", at=10).start(service, "LON01", at=20).run(until=60)
    assert version(trace, "LON02", "London") == version(trace, "PAR01", "London") == "1.0.2"
    said = " ".join(event.sentence for event in trace)
    assert f"{called} of LON01 stopped" in said
    assert f"{called} of LON01 runs again" in said


def test_a_role_that_comes_back_before_the_directory_has_followed_ends_in_one_table_r15() -> None:
    scenario = mailflow.Scenario(mailflow.load("two sites"))
    scenario.set_master("London", "LON02", replication_lag=500, at=10).set_master("London", "LON01", at=20)
    trace = scenario.run()
    assert len({table.digest for table in tables(trace).values()}) == 1
    assert version(trace, "PAR02", "London") == version(trace, "LON02", "London") == "1.0.2"
