"""Exercises: a check never raises, says "not answered yet" first, and knows a solution from a wrong one."""

import pytest

import mailflow
from mailflow.course.exercises import TASKS, goal
from mailflow.plots import holders, queue_lengths, retry_timetable


def solution(task):
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
    sites = mailflow.Scenario(mailflow.load("two sites"))
    return sites.send(
        write("ben@contoso.com", ["ben@contoso.com", "anna@contoso.com", "pierre@contoso.com", "kim@fabrikam.com"])
    )


@pytest.mark.parametrize("task", TASKS)
def test_solutions_pass_and_nothing_else_does(task):
    assert repr(mailflow.check(task, ...)).startswith("Not answered yet")
    assert mailflow.check(task, None).text == goal(task)
    assert mailflow.check(task, solution(task)).solved is True, mailflow.check(task, solution(task)).text
    assert mailflow.check(task, mailflow.Scenario(mailflow.load("one server"))).solved is False
    assert mailflow.check(task, solution(task).run(until=86_400)).solved is True
    wrong = mailflow.Scenario(mailflow.load("one server")).send(
        mailflow.Message.write("finn@contoso.com", "nix@contoso.com")
    )
    assert mailflow.check(task, wrong).solved is False


def test_hints_say_what_is_missing():
    other = mailflow.Scenario(mailflow.load("one server")).send(
        mailflow.Message.write("anna@contoso.com", "ben@contoso.com")
    )
    assert "ben@contoso.com: delivered" in mailflow.check("first delivery", other).text


def test_mistakes_become_hints():
    assert "no task" in mailflow.check("x", None).text
    assert "you gave a str" in mailflow.check("first delivery", "Carla").text
    assert "<b>" not in mailflow.check("first delivery", "x")._repr_html_().replace("<b>", "", 1)
    broken = mailflow.Scenario(mailflow.load("one server"))
    broken.organization = None
    assert "Running it failed" in mailflow.check("first delivery", broken).text


def test_charts_say_what_they_show():
    scenario = mailflow.Scenario(mailflow.load("one server")).stop("global catalog").start("global catalog", at=9)
    for second in range(3):
        scenario.send(mailflow.Message.write("anna@contoso.com", "ben@contoso.com"), at=second)
    trace = scenario.run()
    chart = queue_lengths(trace, "LON01")
    assert "Messages awaiting directory lookup: at most 3" in repr(chart)
    data, metadata = chart._repr_mimebundle_()
    assert data["image/png"].startswith(b"\x89PNG")
    assert metadata["image/png"]["alt"] == repr(chart)
    assert "LON01: Inetinfo.exe" in repr(holders(trace))
    with pytest.raises(ValueError, match="no server"):
        queue_lengths(trace, "LON9")
    assert "0 attempts" in repr(retry_timetable(trace, "LON01"))
