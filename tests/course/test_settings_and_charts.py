"""Organizations that grow, settings that change, and charts that say what they show."""

import inspect
from importlib import import_module
from pkgutil import iter_modules
from typing import Any, Literal

import pytest
from matplotlib.axes._axes import Axes

import mailflow
from mailflow import plots
from mailflow.plots import Chart, backscatter, holders, mx_choices, queue_lengths, relay_decisions, retry_timetable


def test_reconfigure_says_what_is_wrong() -> None:
    organization = mailflow.load("one server")
    with pytest.raises(ValueError, match="no server or connector 'LON9'; did you mean 'LON01'"):
        mailflow.reconfigure(organization, "LON9")
    with pytest.raises(
        ValueError, match="no setting 'relay_lists' of a virtual server or server; did you mean 'relay_list'"
    ):
        mailflow.reconfigure(organization, "LON01", relay_lists=[])
    with pytest.raises(ValueError, match="no setting 'zzzzzz' of a virtual server or server; there is name"):
        mailflow.reconfigure(organization, "LON01", zzzzzz=1)
    assert mailflow.reconfigure(organization, "LON01") == organization


def test_reconfigure_takes_servers_and_connectors() -> None:
    two = mailflow.load("two sites")
    assert mailflow.reconfigure(two, "LON01", product="2007").server["LON01"].product == "2007"
    assert mailflow.reconfigure(two, "London-Paris", cost=3).connector["London-Paris"].cost == 3
    with pytest.raises(ValueError, match="no setting 'price' of a routing group connector"):
        mailflow.reconfigure(two, "London-Paris", price=3)
    with pytest.raises(mailflow.OrganizationError, match="must be 1 to 100"):
        mailflow.reconfigure(two, "London-Paris", cost=300)
    with pytest.raises(ValueError, match="there is LON01"):
        mailflow.reconfigure(two, "zzzzzz")


@pytest.mark.parametrize("shape", ["hub", "ring", "random"])
def test_grown_organizations_are_sound(shape: Literal["hub", "ring", "random"]) -> None:
    from mailflow.organization.check import faults

    organization = mailflow.grown(6, 3, shape=shape, seed=4)
    assert faults(organization) == []
    assert len(organization.servers) == 18
    for number in range(1, 6):
        assert mailflow.route(organization, "G0S0", f"user{number}@contoso.com").outcome == "connector"
    assert mailflow.grown(2, 1, shape=shape).connectors


@pytest.mark.parametrize(
    "arguments", [{"groups": 1}, {"groups": 3, "servers": 0}, {"groups": 3, "shape": "star"}], ids=str
)
def test_impossible_sizes_are_refused(arguments: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="grown"):
        mailflow.grown(**arguments)


def bytes_of(data: dict[str, object]) -> bytes:
    """The picture in a chart's data."""
    picture = data["image/png"]
    assert isinstance(picture, bytes)
    return picture


def alt_of(metadata: dict[str, object]) -> str:
    """The alternative text in a chart's metadata."""
    told = metadata["image/png"]
    assert isinstance(told, dict)
    return str(told["alt"])


def test_charts_say_what_they_show() -> None:
    scenario = mailflow.Scenario(mailflow.load("one server")).stop("global catalog").start("global catalog", at=9)
    for second in range(3):
        scenario.send(mailflow.Message.write("anna@contoso.com", "ben@contoso.com"), at=second)
    trace = scenario.run()
    chart = queue_lengths(trace, "LON01")
    assert "Messages awaiting directory lookup: at most 3" in repr(chart)
    data, metadata = chart._repr_mimebundle_()
    assert bytes_of(data).startswith(b"\x89PNG")
    assert alt_of(metadata) == repr(chart)
    assert "LON01: Inetinfo.exe" in repr(holders(trace))
    with pytest.raises(ValueError, match="no server"):
        queue_lengths(trace, "LON9")
    assert "0 attempts" in repr(retry_timetable(trace, "LON01"))


def test_charts_about_the_outside_say_what_they_show() -> None:
    organization = mailflow.load("one server")
    assert "14 of 18 combinations are accepted" in repr(relay_decisions(organization, "LON01"))
    wide = mailflow.reconfigure(organization, "LON01", relay_mode="all except the list below")
    assert "Refused: none." in repr(relay_decisions(wide, "LON01"))
    assert "mail.fabrikam.com first 20 times" in repr(mx_choices(organization, "fabrikam.com", tries=20))
    assert "no exchanger" in repr(mx_choices(organization, "nowhere.test", tries=2))
    assert "0 are refused and 3 reports" in repr(backscatter(organization, "LON01", messages=3))
    assert "3 are refused and 0 reports" in repr(backscatter(organization, "LON01", messages=3))


def test_every_chart_is_listed() -> None:
    files = [import_module(f"mailflow.plots.{item.name}") for item in iter_modules(plots.__path__)]
    made = {
        name: function
        for file in files
        for name, function in inspect.getmembers(file, inspect.isfunction)
        if function.__module__ == file.__name__ and function.__annotations__.get("return") == "Chart"
    }
    assert len(made) > 8
    assert not [name for name in made if name not in plots.__all__]


def test_a_chart_from_outside_is_shown_like_the_others() -> None:
    def draw(axes: Axes) -> None:
        axes.plot([1, 2], color=plots.COLOURS[0], linestyle=plots.STYLES[1])

    data, metadata = Chart((3.0, 2.0), "Line chart: 1, then 2.", draw)._repr_mimebundle_()
    assert bytes_of(data).startswith(b"\x89PNG")
    assert alt_of(metadata) == "Line chart: 1, then 2."
