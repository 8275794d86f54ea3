"""Route choice, the candidates that lost, and what stands beside it: Dijkstra, referrals, the GWART."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import networkx as nx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import mailflow
from mailflow.organization.model import (
    AddressSpace,
    Organization,
    PolicyDomain,
    RecipientPolicy,
    RoutingGroup,
    RoutingGroupConnector,
    Server,
    SmtpConnector,
)
from mailflow.routing.choice import Map
from mailflow.routing.dijkstra import dijkstra
from mailflow.routing.gwart import GwartLine, gwart
from mailflow.routing.referrals import referrals
from mailflow.routing.restrictions import Question
from mailflow.routing.table import Table, from_directory

POLICY = (RecipientPolicy(domains=(PolicyDomain(domain="contoso.com"),)),)


Edge = tuple[str, str, int]
Space = tuple[str, str, int, Mapping[str, Any]]


def company(edges: Iterable[Edge], spaces: Sequence[Space] = (), names: str = "ABCDEF") -> Organization:
    """Routing groups of one server each; edges are (from, to, cost); spaces are (group, pattern, cost, settings)."""
    return Organization(
        name="Contoso",
        servers=tuple(
            Server(name=f"{name}1", routing_group=name, fqdn=f"{name}1.contoso.com".lower()) for name in names
        ),
        routing_groups=tuple(RoutingGroup(name=name) for name in names),
        connectors=(
            *(
                RoutingGroupConnector(
                    name=f"{a}-{b}",
                    routing_group=a,
                    to=b,
                    cost=cost,
                    local_bridgeheads=(f"{a}1",),
                    remote_bridgeheads=(f"{b}1",),
                )
                for a, b, cost in edges
            ),
            *(
                SmtpConnector(
                    name=f"out {number}",
                    routing_group=group,
                    local_bridgeheads=(f"{group}1",),
                    address_spaces=(AddressSpace(pattern=pattern, cost=cost),),
                    **more,
                )
                for number, (group, pattern, cost, more) in enumerate(spaces)
            ),
        ),
        recipient_policies=POLICY,
    )


graphs = st.lists(
    st.tuples(st.sampled_from("ABCDEF"), st.sampled_from("ABCDEF"), st.integers(1, 100)).filter(
        lambda edge: edge[0] != edge[1]
    ),
    max_size=18,
    unique_by=lambda edge: edge[:2],
)


@given(graphs)
@settings(max_examples=80, deadline=None)
def test_costs_and_ways_are_those_of_networkx(edges: list[Edge]) -> None:
    organization = company(edges)
    oracle: nx.DiGraph[str] = nx.DiGraph()
    oracle.add_nodes_from("ABCDEF")
    oracle.add_weighted_edges_from(edges)
    map_ = Map(from_directory(organization))
    costs = nx.single_source_dijkstra_path_length(oracle, "A")
    slow = {item.group: item.cost for item in dijkstra(map_.table, "A")}
    assert slow == costs, "Dijkstra in slow motion comes to the same costs"
    for target in "BCDEF":
        found = mailflow.route(organization, "A1", f"{target}1")
        assert found.cost == costs.get(target)
        if found.cost is not None:
            assert found.outcome == "connector"
            assert (
                sum(oracle.edges[edge]["weight"] for edge in zip(found.path, found.path[1:], strict=False))
                == found.cost
            )
            assert [item.connector for item in found.candidates if item.chosen] == [found.connector]
            assert all(item.cost is None or item.cost >= found.cost for item in found.candidates)
        else:
            assert found.outcome == "no route"


def test_least_cost_and_the_reasons_of_the_losers() -> None:
    organization = company([("A", "B", 10), ("A", "C", 5), ("C", "B", 4), ("A", "D", 1), ("B", "A", 1)])
    found = mailflow.route(organization, "A1", "B1")
    assert (found.connector, found.cost, found.path, found.next_hop) == ("A-C", 9, ("A", "C", "B"), ("C1",))
    assert {item.connector: item.why for item in found.candidates} == {
        "A-C": "least cost",
        "A-B": "costs 10, the best way 9",
        "A-D": "no way leads on from there to B",
    }
    assert [item.costs for item in found.candidates if item.chosen] == [(5, 4)], "a leg each"
    assert "A > C > B" in str(found)
    assert "<table>" in found._repr_html_()
    candidates = found.as_data()["candidates"]
    assert isinstance(candidates, list)
    assert candidates[0]["chosen"] is True


def test_equal_cost_is_said_to_be_equal() -> None:
    found = mailflow.route(company([("A", "B", 5), ("A", "C", 2), ("C", "B", 3)]), "A1", "B1")
    assert "the same cost; another one was taken" in {item.why for item in found.candidates}


def test_a_local_mailbox_and_a_neighbour_need_no_connector() -> None:
    organization = mailflow.load("two sites")
    assert mailflow.route(organization, "LON01", "anna@contoso.com").outcome == "local"
    assert mailflow.route(organization, "LON01", "ben@contoso.com").outcome == "same routing group"
    onward = mailflow.route(organization, "LON01", "pierre@contoso.com")
    assert onward.next_hop == ("LON02",), "LON01 is no bridgehead"
    assert mailflow.route(organization, "LON02", "pierre@contoso.com").next_hop == ("PAR01",)


def test_closest_space_before_cost() -> None:
    organization = company(
        [("A", "B", 1)],
        [("A", "*", 1, {}), ("B", "*.net", 50, {}), ("B", "example.net", 100, {}), ("B", "*.com", 1, {})],
    )
    found = mailflow.route(organization, "A1", "kim@example.net")
    assert found.why.startswith("out 2")
    assert (found.connector, found.cost, found.path) == ("A-B", 101, ("A", "B"))
    reasons = {item.connector: item.why for item in found.candidates}
    assert reasons["out 0 (*)"] == "less specific than example.net"
    assert reasons["out 3 (*.com)"] == "does not match example.net"


def test_external_costs_add_the_way_and_the_space() -> None:
    """The published numbers: 5 + 5 + 10 = 20 against 5 + 10 = 15."""
    organization = company([("A", "B", 5), ("B", "C", 5)], [("C", "*", 10, {}), ("B", "*", 10, {})])
    found = mailflow.route(organization, "A1", "kim@example.net")
    assert found.cost == 15
    assert {item.cost for item in found.candidates} == {15, 20}
    assert "costs 20, the best way 15" in {item.why for item in found.candidates}


def test_scope_and_restrictions_make_mail_fall_through() -> None:
    organization = company(
        [("A", "B", 1)],
        [
            ("B", "example.net", 1, {"scope": "routing group"}),
            ("A", "*.net", 1, {"max_message_kb": 100}),
            ("A", "*", 9, {}),
        ],
    )
    small = mailflow.route(organization, "A1", "kim@example.net", size_kb=50)
    large = mailflow.route(organization, "A1", "kim@example.net", size_kb=500)
    assert (small.connector, large.connector) == ("out 1", "out 2")
    reasons = {item.connector: item.why for item in large.candidates}
    assert reasons["out 0 (example.net)"] == "only for servers of B"
    assert reasons["out 1 (*.net)"] == "it takes messages of at most 100 KB and this one has 500 KB"


@pytest.mark.parametrize(
    ("settings_", "question", "why"),
    [
        ({"priorities": ("high",)}, {}, "it takes no messages of normal priority"),
        ({"message_types": ("non-system",)}, {"system": True}, "it takes no system messages"),
        ({"only_from": ("pierre",)}, {"sender": "anna"}, "only pierre may use it"),
        ({"not_from": ("both-sites",)}, {"sender": "anna"}, "both-sites may not use it"),
    ],
)
def test_each_restriction_is_named(settings_: dict[str, Any], question: dict[str, Any], why: str) -> None:
    organization = mailflow.load("two sites")
    servers = tuple(replace(item, check_connector_restrictions=True) for item in organization.servers)
    organization = replace(organization, servers=servers)
    connectors = tuple(
        replace(item, **settings_) if item.name == "London-Paris" else item for item in organization.connectors
    )
    found = mailflow.route(replace(organization, connectors=connectors), "LON01", "pierre@contoso.com", **question)
    assert found.outcome == "no route"
    assert found.candidates[0].why == why


def test_a_specific_connector_that_is_down_makes_mail_wait_and_a_restricted_one_does_not() -> None:
    organization = mailflow.load("worldwide")
    table = from_directory(organization)
    entry = table.groups["New York"]
    down = replace(entry, connectors=tuple(replace(item, up=item.name != "Fabrikam") for item in entry.connectors))
    found = Map(table.with_group(down)).closest_space("London", "fabrikam.com", Question())
    assert found is not None
    assert found[0].name == "Fabrikam"


def test_nothing_matches_or_leads_there() -> None:
    organization = company([("B", "A", 1)], [("B", "*", 1, {})])
    found = mailflow.route(organization, "A1", "kim@example.net")
    assert (found.outcome, found.connector, found.why) == ("no route", "out 0", "no connector leads from A to B")
    assert mailflow.route(company([]), "A1", "kim@example.net").outcome == "virtual server"
    assert mailflow.route(organization, "A1", "B1").outcome == "no route"


@pytest.mark.parametrize(
    ("source", "recipient", "complaint"),
    [
        ("XYZ", "anna@contoso.com", "no server 'XYZ'"),
        ("LON01", "nobody@contoso.com", "no mailbox or server"),
        ("LON01", "PAR99", "no mailbox"),
    ],
)
def test_unknown_names_get_a_clear_error(source: str, recipient: str, complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        mailflow.route(mailflow.load("two sites"), source, recipient)


def test_dijkstra_tells_its_steps() -> None:
    steps = dijkstra(from_directory(company([("A", "B", 1), ("B", "C", 1), ("A", "C", 5)])), "A")
    assert [str(item) for item in steps] == [
        "A is settled at cost 0; better ways now to B, C.",
        "B is settled at cost 1 by A-B; better ways now to C.",
        "C is settled at cost 2 by B-C.",
    ]
    assert steps[0].tentative == {"B": 1, "C": 5}
    with pytest.raises(ValueError, match="no routing group 'X'"):
        dijkstra(from_directory(company([])), "X")


def test_referrals_go_on_from_group_to_group_and_can_be_blocked() -> None:
    organization = company([("A", "B", 3), ("B", "C", 4), ("A", "C", 90)])
    assert referrals(organization, "A") == {"B": 3, "C": 7}
    blocked = tuple(replace(item, no_public_folder_referrals=item.name == "B-C") for item in organization.connectors)
    assert referrals(replace(organization, connectors=blocked), "A") == {"B": 3, "C": 90}
    with pytest.raises(ValueError, match="no routing group"):
        referrals(organization, "Z")


def test_referrals_to_old_servers_are_blocked_by_default() -> None:
    organization = company([("A", "B", 3), ("B", "C", 4)])
    old = tuple(replace(item, product="5.5") if item.routing_group == "C" else item for item in organization.servers)
    mixed = replace(organization, servers=old, mode="mixed")
    assert referrals(mixed, "A") == {"B": 3}
    allowed = tuple(replace(item, no_public_folder_referrals=False) for item in mixed.connectors)
    assert referrals(replace(mixed, connectors=allowed), "A") == {"B": 3, "C": 7}


def test_the_gwart_knows_costs_and_next_hops_and_never_up_or_down() -> None:
    organization = replace(company([("A", "B", 3), ("B", "C", 4)], [("B", "*", 5, {})]), mode="mixed")
    assert [str(line) for line in gwart(organization, "A")] == [
        "EX,/O=CONTOSO/OU=B;,3,A-B,",
        "EX,/O=CONTOSO/OU=C;,7,A-B,",
        "SMTP,*;,8,out 0,",
    ]
    with pytest.raises(ValueError, match="native mode"):
        gwart(company([]), "A")
    with pytest.raises(ValueError, match="no routing group"):
        gwart(organization, "Z")


def test_lines_of_the_published_gwart_can_be_read() -> None:
    lines = [
        "EX,/O=WYNNWARE/OU=FRISCO;,1, Connection to Frisco",
        "EX,/O=MICROSOFT/OU=BSD;,1,Site Connector (BSD),",
        "SMTP,*;,1,Internet Mail Connector (SATURN),",
        "X400,c=GB;a=TMAILUK;p=*,1,Connection to Frisco,",
    ]
    read = [GwartLine.read(line) for line in lines]
    assert [item.cost for item in read] == [1, 1, 1, 1]
    assert str(read[1]) == lines[1]
    with pytest.raises(ValueError, match="no line of a GWART"):
        GwartLine.read("EX,1")


def test_a_connector_to_a_routing_group_that_the_table_lacks_leads_nowhere() -> None:
    table = from_directory(company([("A", "B", 3), ("A", "C", 4)], names="ABC"))
    rest = Table(table.organization, {name: entry for name, entry in table.groups.items() if name != "C"})
    assert [(connector.name, target) for connector, target in Map(table).edges()] == [("A-B", "B"), ("A-C", "C")]
    assert [(connector.name, target) for connector, target in Map(rest).edges()] == [("A-B", "B")]


def test_the_gwart_leaves_out_what_no_way_leads_to() -> None:
    spaces: list[Space] = [("B", "*", 5, {}), ("C", "near.example", 1, {})]
    lines = gwart(replace(company([("A", "B", 3)], spaces, names="ABC"), mode="mixed"), "A")
    assert [str(line) for line in lines] == ["EX,/O=CONTOSO/OU=B;,3,A-B,", "SMTP,*;,8,out 0,"]


def test_a_route_is_told_in_as_many_lines_as_it_has_parts() -> None:
    organization = mailflow.load("two sites")
    far = str(mailflow.route(organization, "LON01", "pierre@contoso.com")).splitlines()
    assert far[1:3] == ["  path      London > Paris", "  next hop  LON02"]
    nowhere = mailflow.route(company([], names="AB"), "A1", "B1")
    assert "next hop" not in str(nowhere)
    assert "path" not in str(nowhere)
