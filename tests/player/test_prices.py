"""What labels of connectors say of costs, where a script changes them."""

import mailflow
from mailflow.player.aside import aside
from mailflow.player.layout import layout
from mailflow.player.picture import picture
from mailflow.player.prices import prices
from mailflow.trace import Trace


def run(*costs: tuple[str, int]) -> Trace:
    """Two sites, where connectors get other costs, one each second."""
    scenario = mailflow.Scenario(mailflow.load("two sites"))
    scenario.send(mailflow.Message.write("anna@contoso.com", "pierre@contoso.com"))
    for second, (name, cost) in enumerate(costs, 1):
        scenario.change(name, at=second, cost=cost)
    return scenario.run()


def test_one_label_for_both_ways_says_both_costs_where_they_differ() -> None:
    trace = run(("London-Paris", 40), ("Paris-London", 40), ("Internet", 5))
    found = prices(trace, layout(trace))
    assert found == {"London-Paris": [(0.0, "cost 10"), (1.0, "cost 40/10"), (2.0, "cost 40")]}


def test_where_nothing_changes_nothing_is_told() -> None:
    assert aside(run())["prices"] == [{}]
    trace = (
        mailflow.Scenario(mailflow.load("two sites")).change("London-Paris", at=1, local_bridgeheads=["LON01"]).run()
    )
    assert prices(trace, layout(trace)) == {}


def test_each_of_two_runs_has_its_own_costs_on_the_map_of_both() -> None:
    assert aside(run(), run(("London-Paris", 40)))["prices"] == [
        {},
        {"London-Paris": [(0.0, "cost 10"), (1.0, "cost 40/10")]},
    ]


def test_a_still_picture_says_what_a_connector_costs_at_its_step() -> None:
    trace = run(("London-Paris", 40))
    assert ">cost 10<" in picture(trace, 0)
    assert ">cost 40/10<" in picture(trace, len(trace) - 1)
