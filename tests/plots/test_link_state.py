"""Charts about link state: what is drawn and what is said are counted anew from the run."""

from dataclasses import replace
from itertools import pairwise

import pytest

import mailflow
from mailflow.linkstate.tellings import TableCarried, TableGiven, TablePushed, TableSent
from mailflow.plots import flapping, informed, sent, traffic, versions
from mailflow.plots.themed import DPI
from mailflow.routing.entries import Version
from mailflow.routing.recorded import table_of
from mailflow.trace import Trace
from tests.plots.reading import across, axes_of, up, widths

CARRIERS = (TablePushed, TableGiven, TableSent, TableCarried)
TO_BRUSSELS = mailflow.Message.write("anna@contoso.com", "bruno@contoso.com")


@pytest.fixture(scope="module")
def trace() -> Trace:
    return mailflow.Scenario(mailflow.load("worldwide")).fail("London-Brussels").send(TO_BRUSSELS).run(until=3000)


def holders_of_the_newest(trace: Trace, group: str) -> tuple[Version, list[float]]:
    """The step at which each server first holds the newest version of a routing group, in order."""
    names = [item["name"] for item in trace.organization["servers"]]
    newest = table_of(trace, names[0]).groups[group].version
    firsts: dict[str, float] = {}
    for event in trace:
        for name in set(names) - set(firsts):
            if table_of(trace, name, event.number).groups[group].version == newest:
                firsts[name] = event.time
    return newest, sorted(firsts.values())


def test_informed_counts_the_servers_that_hold_the_newest_version(trace: Trace) -> None:
    chart = informed(trace, "London")
    newest, firsts = holders_of_the_newest(trace, "London")
    raised = next(event.time for event in trace if event.step.key == "routing.raised")
    line = axes_of(chart).lines[0]
    times, counts = across(line), up(line)
    assert (times[0], counts[0]) == (0, 0)
    assert counts == sorted(set(counts)), "the line rises only where somebody learned something"
    assert [counts[-1], times[-1]] == [len(firsts), pytest.approx(firsts[-1] - raised)]
    for time, count in zip(times[1:], counts[1:], strict=True):
        assert sum(first <= raised + time + 1e-9 for first in firsts) >= count
    assert repr(chart) == (
        f"Line chart: 25 of 25 servers know version {newest} of London, the last one after {times[-1]:.2f} seconds."
    )


def test_informed_counts_from_the_step_that_is_named(trace: Trace) -> None:
    earlier, raised = (
        next(event.time for event in trace if event.step.key == key) for key in ("link.failed", "routing.raised")
    )
    assert earlier < raised
    usual, longer = (
        across(axes_of(chart).lines[0])[1:]
        for chart in (informed(trace, "London"), informed(trace, "London", since="link.failed"))
    )
    assert longer == pytest.approx([time + raised - earlier for time in usual])


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [(("Atlantis",), "no routing group 'Atlantis'"), (("London", "mail.lost"), "no step 'mail.lost' in this trace")],
)
def test_informed_refuses_what_is_not_in_the_run(trace: Trace, arguments: tuple[str, ...], complaint: str) -> None:
    group, *since = arguments
    with pytest.raises(ValueError, match=complaint):
        informed(trace, group, **({"since": since[0]} if since else {}))


def test_sent_counts_every_whole_table_and_nothing_else(trace: Trace) -> None:
    changed = mailflow.Scenario(mailflow.load("two sites")).change("Paris-London", cost=3).run()
    runs = (trace, changed)
    seen = set()
    for run in runs:
        sizes = [event.telling.size for event in run if isinstance(event.telling, CARRIERS)]
        seen |= {type(event.telling) for event in run}
        assert sent(run) == (len(sizes), sum(sizes))
    assert seen >= set(CARRIERS), "each way for a table is in one of the runs"
    quiet = mailflow.Scenario(mailflow.load("one server")).send(
        mailflow.Message.write("anna@contoso.com", "ben@contoso.com")
    )
    assert sent(quiet.run()) == (0, 0)


def test_traffic_measures_one_change_in_each_organization() -> None:
    small, large = (mailflow.grown(groups, 2, shape="hub") for groups in (2, 4))
    chart = traffic([small, large])
    measured, claimed = axes_of(chart).lines
    assert across(measured) == across(claimed) == [4, 8]
    for organization, size, claim in zip((small, large), up(measured), up(claimed), strict=True):
        first = organization.connectors[0]
        count, total = sent(mailflow.Scenario(organization).change(first.name, cost=first.cost + 1).run())
        assert size == total / 1024
        # An entry for each routing group, server and connector, 32 bytes each.
        objects = len(organization.routing_groups) + len(organization.servers) + len(organization.connectors)
        assert claim == count * objects * 32 / 1024
        assert f"{len(organization.servers)} servers: {size:,.0f} KB" in repr(chart)


def test_a_change_of_the_greatest_cost_is_a_change() -> None:
    organization = mailflow.grown(2, 2, shape="hub")
    dear = replace(organization, connectors=tuple(replace(item, cost=100) for item in organization.connectors))
    assert up(axes_of(traffic([dear])).lines[0])[0] > 0


def test_flapping_costs_most_by_the_rules_of_2000_and_nothing_when_suppressed() -> None:
    chart = flapping(
        mailflow.load("four corners"),
        "Tokyo-Brussels",
        mailflow.Message.write("sara@contoso.com", "bruno@contoso.com"),
        times=3,
    )
    axes = axes_of(chart)
    old, new, suppressed = widths(axes.patches)
    assert [label.get_text() for label in axes.get_yticklabels()] == [
        "Exchange 2000 rules",
        "Exchange 2003 rules",
        "suppressed",
    ]
    assert old > new > suppressed == 0
    assert axes.get_title() == "Tokyo-Brussels fails 3 times"
    assert f"Exchange 2000 rules: {axes.texts[0].get_text()}, {old:,.0f} KB" in repr(chart)
    assert repr(chart).endswith("suppressed: 0 tables, 0 KB.")


def test_versions_marks_whoever_is_behind(trace: Trace) -> None:
    step = next(event.number for event in trace if event.step.key == "routing.raised")
    master = trace[step].server
    names = [master, *(item["name"] for item in trace.organization["servers"] if item["name"] != master)][:4]
    chart = versions(trace, step, servers=names)
    groups = [item["name"] for item in trace.organization["routing_groups"]]
    told = {text.get_position(): text.get_text() for text in axes_of(chart).texts}
    assert len(told) == 4 * len(groups)
    for x, group in enumerate(groups):
        held = [table_of(trace, name, step).groups[group].version for name in names]
        assert [told[x, y] for y in range(4)] == [str(one) if one == max(held) else f"○ {one}" for one in held]
    assert sum("○" in text for text in told.values()) == 3, "all but the master lack one version"
    assert repr(chart) == f"Table of versions: 1 of 4 servers are up to date. Behind: {', '.join(names[1:])}."


def test_versions_shows_every_server_at_the_end_and_nobody_behind(trace: Trace) -> None:
    chart = versions(trace)
    servers = [item["name"] for item in trace.organization["servers"]]
    assert [label.get_text() for label in axes_of(chart).get_yticklabels()] == servers
    assert repr(chart) == f"Table of versions: {len(servers)} of {len(servers)} servers are up to date. Behind: nobody."
    assert not any("○" in text.get_text() for text in axes_of(chart).texts)


def test_the_names_of_routing_groups_stand_upright_and_apart() -> None:
    chart = versions(mailflow.Scenario(mailflow.load("worldwide")).run())
    chart.figure.draw_without_rendering()
    labels = axes_of(chart).get_xticklabels()
    assert {label.get_rotation() for label in labels} == {0.0}
    assert chart.size[0] * DPI < 920, "no wider than JupyterLab shows at 1366x768"
    boxes = [label.get_window_extent() for label in labels]
    assert all(left.x1 + 4 < right.x0 for left, right in pairwise(boxes))
