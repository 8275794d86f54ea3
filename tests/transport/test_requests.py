"""What a sender asks of reports: NOTIFY, RET, ENVID and ORCPT, in a run and on the wire."""

import email
import email.policy
import smtplib
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

import mailflow
from mailflow.live import SmtpServer
from mailflow.messages import Message
from mailflow.messages.requests import for_members, plain, wanted
from mailflow.organization.model import Organization
from mailflow.simulation import ScenarioError
from mailflow.simulation.verbs import Send
from mailflow.trace import Trace

KIM, NOBODY, OTHER = "kim@fabrikam.com", "nobody@contoso.com", "nil@contoso.com"


@pytest.fixture
def one() -> Organization:
    return mailflow.load("one server")


def run(
    one: Organization, to: Sequence[str] = (NOBODY,), attachments: dict[str, int] | None = None, **asked: Any
) -> Trace:
    message = Message.write(KIM, to, subject="Lunch?", text="Caf\u00e9 at noon", attachments=attachments)
    return mailflow.Scenario(one).send(message, client="mail.fabrikam.com", **asked).run()


def reports(trace: Trace) -> list[Message]:
    return [trace.letters[name] for name, told in trace.messages.items() if told["kind"] != "message"]


def parts(report: Message) -> tuple[str, Any]:
    """The text of the delivery-status part, and the third part."""
    read = email.message_from_bytes(report.content, policy=email.policy.SMTP)
    _, status, third = read.iter_parts()
    return "".join(map(str, status.get_payload())).replace("\r\n", "\n"), third


@pytest.mark.parametrize(
    ("notify", "told"),
    [("", 1), ("FAILURE", 1), ("delay,failure", 1), ("SUCCESS", 0), ("DELAY", 0), ("NEVER", 0), ("never", 0)],
)
def test_notify_says_whether_a_failure_is_reported(one: Organization, notify: str, told: int) -> None:
    trace = run(one, notify=notify)
    assert trace.status()["m1"][0][1:] == ("bounced", "5.1.1")
    assert len(reports(trace)) == told
    unwanted = [event for event in trace if event.step.key == "notification.unwanted"]
    assert len(unwanted) == 1 - told
    assert all(f"NOTIFY={notify}." in event.sentence and NOBODY in event.sentence for event in unwanted)


@pytest.mark.parametrize(("notify", "told"), [("", 1), ("DELAY", 1), ("FAILURE", 0), ("NEVER", 0)])
def test_notify_says_whether_a_delay_is_reported(one: Organization, notify: str, told: int) -> None:
    message = Message.write(KIM, "ben@contoso.com")
    scenario = mailflow.Scenario(one).send(message, client="mail.fabrikam.com", notify=notify)
    trace = scenario.stop("Mailbox Store", at=0.01).run(until=40 * 3600)
    late = [event.sentence for event in trace if event.step.key == "notification.late"]
    assert len(late) == len(reports(trace)) == told


def test_a_report_names_only_those_whose_sender_wants_it(one: Organization) -> None:
    looping = (
        b"".join(b"Received: from a by b\r\n" for _ in range(40)) + Message.write(KIM, ["ben@contoso.com"]).content
    )
    message = Message(looping, KIM, ["anna@contoso.com", "ben@contoso.com", "carla@contoso.com"])
    trace = mailflow.Scenario(one).send(message, notify={"ben@contoso.com": "NEVER"}).run()
    assert {row[1:] for row in trace.status()["m1"]} == {("bounced", "4.4.6")}
    [report] = reports(trace)
    status = parts(report)[0]
    assert ["anna@" in status, "ben@" in status, "carla@" in status] == [True, False, True]


@pytest.mark.parametrize("ret", ["", "HDRS", "FULL", "full"])
def test_ret_says_what_the_report_brings_back(one: Organization, ret: str) -> None:
    [report] = reports(run(one, ret=ret))
    third = parts(report)[1]
    if ret.upper() == "FULL":
        assert third.get_content_type() == "message/rfc822"
        [original] = third.iter_parts() if third.is_multipart() else [third.get_content()]
        assert original["Subject"] == "Lunch?"
        assert original.get_content().strip() == "Caf\u00e9 at noon"
        sent = Message.write(KIM, NOBODY, subject="Lunch?", text="Caf\u00e9 at noon").content
        assert sent in report.content, "byte for byte"
    else:
        assert third.get_content_type() == "text/rfc822-headers"
        assert "Subject: Lunch?" in third.get_content()
        assert b"noon" not in report.content
    assert report.defects == ()


def test_a_delay_never_brings_the_whole_message_back(one: Organization) -> None:
    scenario = mailflow.Scenario(one).stop("Mailbox Store", at=0.01)
    scenario.send(Message.write(KIM, "ben@contoso.com"), client="mail.fabrikam.com", ret="FULL")
    [report] = reports(scenario.run(until=40 * 3600))
    assert parts(report)[1].get_content_type() == "text/rfc822-headers"


def test_what_is_too_much_comes_back_as_a_header(one: Organization, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mailflow.transport.notification.MOST_RETURNED", 20_000)
    few, many = (
        run(one, ret="FULL", attachments={"a": 6_000}),
        run(one, [NOBODY, OTHER, "no@contoso.com"], {"a": 6_000}, ret="FULL"),
    )
    assert {parts(report)[1].get_content_type() for report in reports(few)} == {"message/rfc822"}
    assert {parts(report)[1].get_content_type() for report in reports(many)} == {"text/rfc822-headers"}


def test_envid_and_orcpt_come_back_as_they_were_meant(one: Organization) -> None:
    trace = run(one, [NOBODY, OTHER], envid="a+2Bb+0D", orcpt={NOBODY: "rfc822;no+2Bbody@old.example"})
    told = [parts(report)[0] for report in reports(trace)]
    status = "".join(told)
    assert status.count("Original-Envelope-Id: a+b\n") == len(told)
    assert (
        status.count("Original-Recipient: rfc822;no+body@old.example\nFinal-Recipient: rfc822;nobody@contoso.com\n")
        == 1
    )
    assert status.count("Original-Recipient") == 1, "a recipient without ORCPT has none (RFC 3461, 6.3)"
    assert "Original-Envelope-Id" not in "".join(parts(report)[0] for report in reports(run(one)))


def test_it_crosses_to_the_next_server_and_out_to_a_host_that_offers_dsn(one: Organization) -> None:
    asked: dict[str, Any] = {
        "ret": "HDRS", "envid": "q7", "notify": {KIM: "FAILURE", "pierre@contoso.com": "NEVER"}, "orcpt": {KIM: "rfc822;k@old.example"},
    }  # fmt: skip
    two = mailflow.load("two sites")
    for offers in (True, False):
        hosts = tuple(replace(host, esmtp=("SIZE", "DSN") if offers else ("SIZE",)) for host in two.external_hosts)
        made = replace(two, external_hosts=hosts)
        message = Message.write("anna@contoso.com", [KIM, "pierre@contoso.com"])
        trace = mailflow.Scenario(made).send(message, by="smtp", server="LON01", account="anna", **asked).run()
        said = [str(event.values["command"]) for event in trace if event.step.key in ("smtp.mail", "smtp.rcpt")]
        inside = [line for line in said if "pierre@" in line]
        assert len(inside) > 2, said
        assert all(line.endswith(" NOTIFY=NEVER") for line in inside)
        last = [line for line in said if KIM in line][-1]
        assert last.endswith(" NOTIFY=FAILURE ORCPT=rfc822;k@old.example") is offers
        named = {host.name for host in hosts}
        out = [str(event.values["command"]) for event in trace if event.values.get("peer") in named]
        assert any("RET=HDRS ENVID=q7" in line for line in out) is offers


def test_a_group_hands_on_what_was_asked_but_for_success(one: Organization) -> None:
    assert (for_members(""), for_members("SUCCESS,delay"), for_members("SUCCESS"), for_members("never")) == (
        "",
        "DELAY",
        "NEVER",
        "NEVER",
    )
    small = tuple(replace(item, max_receive_kb=1) if item.kind == "mailbox" else item for item in one.recipients)
    made = replace(one, recipients=small)
    group = next(item for item in one.recipients if item.kind == "group" and not item.accept_from)
    for notify, told in (("SUCCESS", 0), ("SUCCESS,FAILURE", 1)):
        trace = run(made, [group.primary], {"big": 20_000}, notify=notify)
        assert bool(reports(trace)) is bool(told), trace.status()


def test_xtext_and_notify() -> None:
    assert plain("a+2Bb+3D") == "a+b="
    assert wanted("", "delay")
    assert not wanted("NEVER", "failure")


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({"ret": "ALL"}, "ret: 'ALL' must be FULL or HDRS"),
        ({"envid": "a b"}, "envid: 'a b' must be 1 to 100 visible"),
        ({"notify": "NEVER,DELAY"}, "notify: 'NEVER,DELAY' must be NEVER, or some of"),
        ({"notify": {"x@y.example": "NEVER"}}, "notify: 'x@y.example' is none of the recipients nobody@contoso.com"),
        ({"orcpt": {NOBODY: "old@x.example"}}, "orcpt: 'old@x.example' must be a kind of address"),
        ({"notify": "NEVER", "by": "pickup", "server": "LON01"}, "are parameters of an SMTP session"),
        ({"notify": "NEVER", "helo": True}, "after HELO there is no logging on and no parameter"),
    ],
)
def test_what_is_malformed_is_refused(one: Organization, asked: dict[str, Any], message: str) -> None:
    with pytest.raises(ScenarioError, match=f"send: .*{message}"):
        mailflow.Scenario(one).send(Message.write(KIM, NOBODY), **asked)


def test_it_is_shared_and_written_as_code(one: Organization) -> None:
    asked: dict[str, Any] = {
        "ret": "FULL",
        "envid": "7",
        "notify": "FAILURE",
        "orcpt": {NOBODY: "rfc822;n@old.example"},
    }
    scenario = mailflow.Scenario(one).send(Message.write(KIM, NOBODY), **asked)
    trace, scope = scenario.run(), dict[str, Any]()
    exec(scenario.code(), scope)
    assert scope["trace"].to_json() == trace.to_json()
    assert mailflow.shared(trace.share()).scenario.run().to_json() == trace.to_json()
    wrong = {"message": 0, "notify": {"x@y.example": 5}}
    with pytest.raises(TypeError, match="notify of 'send' must map addresses to texts"):
        Send.from_recipe(wrong, [Message.write(KIM, NOBODY)])


def test_the_listener_takes_it_into_the_run(one: Organization) -> None:
    with SmtpServer(one) as server:
        with smtplib.SMTP("127.0.0.1", server.port, "c", timeout=30) as client:
            client.ehlo()
            assert client.mail(KIM, ["RET=FULL", "ENVID=e+2B1"])[0] == 250
            assert client.rcpt(NOBODY, ["NOTIFY=FAILURE", "ORCPT=rfc822;o@old.example"])[0] == 250
            assert client.rcpt(OTHER, ["NOTIFY=NEVER"])[0] == 250
            assert client.data(b"Subject: Lunch?\r\n\r\nNoon.\r\n")[0] == 250
            assert client.mail(KIM)[0] == client.rcpt(NOBODY)[0] == 250
            assert client.data(b"Subject: Dinner?\r\n\r\nEight.\r\n")[0] == 250
        trace = server.trace()
        held = server.memory.held
        server.forget()
        assert server.memory.held == 0 < held
    full, plainly = sorted((parts(report) for report in reports(trace)), key=lambda item: item[1].get_content_type())
    assert "Original-Envelope-Id: e+1\n" in full[0]
    assert "Original-Recipient: rfc822;o@old.example\n" in full[0]
    assert full[1].get_content_type() == "message/rfc822"
    assert "Original-" not in plainly[0]
