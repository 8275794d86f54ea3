"""Exercises: a check never raises, says "not answered yet" first, and knows a solution from a wrong one."""

import inspect
from collections.abc import Callable
from dataclasses import replace
from importlib import import_module
from pkgutil import iter_modules
from typing import Any, Literal

import pytest
from matplotlib.axes._axes import Axes

import mailflow
from mailflow import plots
from mailflow.course import SETTINGS as AN_ORGANIZATION
from mailflow.course import exercise
from mailflow.course.exercises import TASKS, goal
from mailflow.organization import AddressSpace, Organization, SmtpConnector
from mailflow.plots import Chart, backscatter, holders, mx_choices, queue_lengths, relay_decisions, retry_timetable
from mailflow.trace import Trace


def partner(organization: Organization, pattern: str = "partner.example") -> Organization:
    relay = SmtpConnector(
        name="Partner", routing_group="First Routing Group", local_bridgeheads=("LON01",), relay_to_address_spaces=True,
        address_spaces=(AddressSpace(pattern=pattern),),
    )  # fmt: skip
    return replace(organization, connectors=(*organization.connectors, relay))


def change(**settings: Any) -> Callable[[Organization], Organization]:
    return lambda organization: mailflow.reconfigure(organization, "LON01", **settings)


ADDRESSES = "\na A 192.0.2.91\nb A 192.0.2.92\nc A 192.0.2.93"
SETTINGS: dict[str, Callable[[Organization], object]] = {
    "two and a spare": lambda _: "@ MX 10 a\n@ MX 10 b\n@ MX 20 c" + ADDRESSES,
    "close the relay": change(relay_list=["192.0.2.200"]),
    "one partner": partner,
    "travelling user": lambda organization: organization,
}
EVERYBODY = change(relay_mode="all except the list below")
WRONG = [
    ("two and a spare", lambda _: "@ MX 10 a\n@ MX 20 b\n@ MX 30 c" + ADDRESSES, "Every sender tries a.branch.example first"),
    ("two and a spare", lambda _: "@ MX 10 a\n@ MX 10 b\n@ MX 10 c" + ADDRESSES, "needs a higher number"),
    ("two and a spare", lambda _: "@ MX 10 a" + ADDRESSES, "It finds: a.branch.example"),
    ("two and a spare", lambda _: "@ MX ten a", "Running it failed: ValueError: line 1"),
    ("close the relay", EVERYBODY, "A stranger at 203.0.113.99 still reaches"),
    ("close the relay", change(anonymous=False), "nobody outside can write to"),
    ("close the relay", lambda organization: organization, "The branch printer at 192.0.2.200"),
    ("close the relay", change(relay_list=["192.0.2.200"], authenticated_may_relay=False), "A travelling user"),
    ("one partner", lambda organization: organization, "Which rule lets anybody relay to one domain?"),
    ("one partner", lambda organization: partner(organization, "*"), "still reaches"),
    ("travelling user", change(authenticated_may_relay=False), "Look at the rule that refuses"),
    ("travelling user", EVERYBODY, "still reaches"),
]  # fmt: skip


@pytest.mark.parametrize(("task", "make", "hint"), WRONG)
def test_a_wrong_answer_gets_a_hint_about_what_happened(
    task: str, make: Callable[[Organization], object], hint: str
) -> None:
    feedback = mailflow.check(task, make(mailflow.load("one server")))
    assert feedback.solved is False
    assert hint in feedback.text


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


def dead_link() -> Trace:
    letter = mailflow.Message.write("sara@contoso.com", "bruno@contoso.com")
    return mailflow.Scenario(mailflow.load("four corners")).fail("Tokyo-Brussels").send(letter, at=1).run(until=300)


def solution(task: str) -> object:
    write = mailflow.Message.write
    one = mailflow.Scenario(mailflow.load("one server"))
    to_ben = write("anna@contoso.com", "ben@contoso.com")
    if task == "first delivery":
        return one.send(write("anna@contoso.com", "carla@contoso.com"))
    if task == "exipc backs up":
        return one.stop("SMTP").send(to_ben).send(to_ben).send(to_ben).start("SMTP", at=9)
    if task == "three ways in":
        return one.send(to_ben).send(to_ben, by="smtp", server="LON01").send(to_ben, by="pickup")
    if task == "three queues":
        one.stop("antivirus").start("antivirus", at=20).send(to_ben)
        one.stop("global catalog", at=30).start("global catalog", at=50).send(to_ben, at=30)
        return one.stop("Mailbox Store", at=60).send(to_ben, at=60)
    if task in SETTINGS:
        return SETTINGS[task](mailflow.load("one server"))
    if task == "by London":
        return mailflow.reconfigure(mailflow.load("four corners"), "Tokyo-Brussels", cost=30)
    if task == "second bridgehead":
        return mailflow.reconfigure(mailflow.load("two sites"), "London-Paris", local_bridgeheads=["LON01", "LON02"])
    if task == "who is wrong":
        return (dead_link(), 90.0, [item["name"] for item in dead_link().organization["servers"]])
    sites = mailflow.Scenario(mailflow.load("two sites"))
    return sites.send(
        write("ben@contoso.com", ["ben@contoso.com", "anna@contoso.com", "pierre@contoso.com", "kim@fabrikam.com"])
    )


@pytest.mark.parametrize("task", TASKS)
def test_solutions_pass_and_nothing_else_does(task: str) -> None:
    assert repr(mailflow.check(task, ...)).startswith("Not answered yet")
    assert mailflow.check(task, None).text == goal(task)
    assert mailflow.check(task, solution(task)).solved is True, mailflow.check(task, solution(task)).text
    assert mailflow.check(task, mailflow.Scenario(mailflow.load("one server"))).solved is False
    solved = solution(task)
    if isinstance(solved, mailflow.Scenario):
        assert mailflow.check(task, solved.run(until=86_400)).solved is True
    wrong = mailflow.Scenario(mailflow.load("one server")).send(
        mailflow.Message.write("finn@contoso.com", "nix@contoso.com")
    )
    assert mailflow.check(task, wrong).solved is False


def test_hints_about_link_state() -> None:
    four, two = mailflow.load("four corners"), mailflow.load("two sites")
    assert "London has to be the cheaper way" in mailflow.check("by London", four).text
    blocked = mailflow.reconfigure(four, "Tokyo-Brussels", cost=30, max_message_kb=0)
    assert "It should go by Tokyo" in mailflow.check("by London", blocked).text
    assert "LON02 stopped" in mailflow.check("second bridgehead", two).text
    assert "is gone" in mailflow.check("second bridgehead", mailflow.one_routing_group(two)).text
    trace = dead_link()
    assert "is not in your answer" in mailflow.check("who is wrong", (trace, 90.0, ["SEA01"])).text
    assert "knows already" in mailflow.check("who is wrong", (trace, 299.0, ["SEA01"])).text
    assert "no server XYZ" in mailflow.check("who is wrong", (trace, 90.0, ["XYZ"])).text


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


def test_hints_say_what_is_missing() -> None:
    other = mailflow.Scenario(mailflow.load("one server")).send(
        mailflow.Message.write("anna@contoso.com", "ben@contoso.com")
    )
    assert "ben@contoso.com: delivered" in mailflow.check("first delivery", other).text


def test_mistakes_become_hints() -> None:
    assert "no task" in mailflow.check("x", None).text
    assert "This needs an organization, and you gave a str" in mailflow.check("one partner", "Carla").text
    assert "you gave a str" in mailflow.check("first delivery", "Carla").text
    assert "<b>" not in mailflow.check("first delivery", "x")._repr_html_().replace("<b>", "", 1)
    broken = mailflow.Scenario(mailflow.load("one server"))
    vars(broken)["organization"] = None
    assert "Running it failed" in mailflow.check("first delivery", broken).text


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


def test_an_exercise_from_outside_is_checked_like_the_others() -> None:
    def declare(answer: str) -> None:
        @exercise("a cheap line", "Make London-Paris cheaper than 10.", takes=AN_ORGANIZATION)
        def cheap_line(organization: Organization) -> tuple[bool, str]:
            return organization.connector["London-Paris"].cost < 10, answer

    two = mailflow.load("two sites")
    try:
        declare("first")
        declare("It costs what it costs.")  # as in a cell that runs twice
        assert repr(mailflow.check("a cheap line", ...)) == "Not answered yet: Make London-Paris cheaper than 10."
        assert repr(mailflow.check("a cheap line", two)) == "Not yet: It costs what it costs."
        assert mailflow.check("a cheap line", mailflow.reconfigure(two, "London-Paris", cost=3)).solved is True
        assert "needs an organization" in mailflow.check("a cheap line", "3").text
        with pytest.raises(ValueError, match="two exercises are called 'a cheap line'"):
            exercise("a cheap line", "Another one.")(lambda trace: (True, ""))
    finally:
        del TASKS["a cheap line"]
    with pytest.raises(ValueError, match="takes is RUN, SETTINGS, RECORDS or ANSWER"):
        exercise("a cheap line", "Make it cheap.", takes=(int,))


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


def test_who_waits_in_another_queue_at_the_end_fills_none_of_the_three() -> None:
    letter = mailflow.Message.write("anna@contoso.com", "pierre@contoso.com")
    scenario = mailflow.Scenario(mailflow.load("two sites")).fail("London-Paris").send(letter)
    waiting = [item.place for item in scenario.run(until=86_400).at().mails.values()]
    assert waiting
    assert mailflow.check("three queues", scenario).text.startswith(
        "Nobody waited ten seconds in: Messages pending submission, Messages awaiting directory lookup, Local delivery."
    )


def test_what_happens_outside_the_servers_is_no_start_of_a_message() -> None:
    write = mailflow.Message.write
    scenario = mailflow.Scenario(mailflow.load("two sites"))
    scenario.send(write("kim@fabrikam.com", "ben@contoso.com"), by="smtp", server="LON02")
    trace = scenario.run()
    assert "mail.fabrikam.com" in {event.server for event in trace}
    assert mailflow.check("four destinations", trace).text == (
        "Still missing: same routing group, other routing group, the Internet."
    )
