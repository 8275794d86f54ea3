"""Reading a mailbox: by Outlook from the store, by every other client from a service of IIS, directly or through a front-end."""

from collections.abc import Callable
from dataclasses import replace
from typing import Literal

import pytest

import mailflow
from mailflow.organization import Mailbox
from mailflow.player.breakable import BreakablePlayer
from mailflow.simulation import Scenario
from mailflow.trace import Trace

SITES = mailflow.load("two sites")
INBOUND = mailflow.Message.write("kim@fabrikam.com", "anna@contoso.com", subject="From outside")
Web = Literal["http", "pop3", "imap4"]
WEB: tuple[Web, ...] = ("http", "pop3", "imap4")
SERVICE = {"http": "HTTP", "pop3": "POP3", "imap4": "IMAP4"}


def delivered() -> Scenario:
    """One message in Anna's mailbox on LON01, and every protocol enabled there and on the front-end server."""
    scenario = mailflow.Scenario(SITES).send(INBOUND)
    for service in ("POP3", "IMAP4"):
        scenario.start(service, "LON01").start(service, "LONFE")
    return scenario


def told(trace: Trace) -> list[tuple[str, str]]:
    """The steps of reading, with the server of each."""
    return [
        (event.server, event.step.key.removeprefix("reading."))
        for event in trace
        if event.step.key.startswith("reading.")
    ]


def failure(trace: Trace) -> tuple[str, str]:
    """Why nothing was seen, and the rule that says so."""
    (failed,) = [event for event in trace if event.step.key == "reading.failed"]
    later = [event for event in trace[failed.number + 1 :] if event.step.key.startswith("reading.")]
    assert not later, "nothing comes after it"
    return str(failed.values["why"]), failed.rule.name


def found(trace: Trace) -> list[object]:
    return [event.values["messages"] for event in trace if event.step.key == "reading.read"]


def test_no_client_but_outlook_is_told_as_outlook() -> None:
    trace = delivered().read("anna", by="http", at=60).read("anna", at=70).run()
    parts = [event.component for event in trace if event.step.key in ("reading.asked", "reading.mapi", "reading.shown")]
    assert parts == ["mail client", "mail client", "client", "mail client"]


def test_outlook_reads_from_the_store_and_needs_no_service_of_iis() -> None:
    trace = delivered().stop("IIS Admin", "LON01", at=30).read("anna", at=60).run()
    assert told(trace) == [("LON01", "mapi"), ("LON01", "read"), ("LON01", "shown")]
    assert found(trace) == [("m1",)]


@pytest.mark.parametrize("by", WEB)
def test_a_client_reads_through_the_service_of_the_server_with_the_mailbox(by: Web) -> None:
    trace = delivered().read("anna@contoso.com", by=by, at=60).run()
    assert told(trace) == [("LON01", "asked"), ("LON01", "to-store"), ("LON01", "read"), ("LON01", "shown")]
    assert found(trace) == [("m1",)]


@pytest.mark.parametrize(("by", "ports"), [("http", (443, 80)), ("pop3", (995, 110)), ("imap4", (993, 143))])
def test_a_front_end_server_looks_the_home_server_up_and_passes_the_request_on(by: Web, ports: tuple[int, int]) -> None:
    trace = delivered().read("anna", by=by, server="LONFE", tls=True, at=60).run()
    assert told(trace) == [
        ("LONFE", "asked"),
        ("LONFE", "home"),
        ("LONFE", "passed-on"),
        ("LON01", "to-store"),
        ("LON01", "read"),
        ("LON01", "shown"),
    ]
    assert tuple(event.values["port"] for event in trace if "port" in event.values and event.time >= 60) == ports
    assert "goes back through LONFE" in trace[-1].sentence
    assert found(trace) == [("m1",)]


@pytest.mark.parametrize("by", ["pop3", "imap4"])
def test_setup_leaves_pop3_and_imap4_disabled(by: Web) -> None:
    trace = mailflow.Scenario(SITES).read("anna", by=by).run()
    assert failure(trace) == (f"the {SERVICE[by]} service of LON01 does not run", "service_listens")


def test_pop3_must_be_enabled_on_both_servers() -> None:
    trace = mailflow.Scenario(SITES).start("POP3", "LONFE").read("anna", by="pop3", server="LONFE", at=1).run()
    assert failure(trace) == ("the POP3 service of LON01 does not run", "pass_request_on")
    assert trace[0].sentence == "On LONFE: POP3 runs."


Breaking = Callable[[Scenario], Scenario]
FAULTS: dict[str, tuple[Breaking, str, str]] = {
    "service": (
        lambda it: it.stop("HTTP", "LONFE", at=30),
        "the HTTP service of LONFE does not run",
        "service_listens",
    ),
    "front-end": (lambda it: it.fail("LONFE", at=30), "LONFE is down", "service_listens"),
    "IIS Admin": (
        lambda it: it.stop("IIS Admin", "LON01", at=30),
        "the HTTP service of LON01 does not run",
        "pass_request_on",
    ),
    "back-end": (lambda it: it.fail("LON01", at=30), "LON01 is down", "pass_request_on"),
    "DNS": (
        lambda it: it.fail("DNS", at=30),
        "no DNS server answers, and LON01 is found by the address record of its full name",
        "pass_request_on",
    ),
    "directory": (
        lambda it: it.stop("global catalog", "LONFE", at=30),
        "LONFE reaches no global catalog and cannot tell which server holds the mailbox",
        "find_home_server",
    ),
    "store": (
        lambda it: it.stop("information store", "LON01", at=30),
        "the information store of LON01 is stopped",
        "ask_store",
    ),
    "dismounted": (
        lambda it: it.stop("Mailbox Store", "LON01", at=30),
        "Mailbox Store of LON01 is dismounted",
        "ask_store",
    ),
}
"""What can break on the way through the front-end server LONFE, what the reader hears, and the rule that says so."""


@pytest.mark.parametrize(("breaking", "why", "fired"), FAULTS.values(), ids=FAULTS)
def test_what_fails_on_the_way_through_a_front_end_server(breaking: Breaking, why: str, fired: str) -> None:
    trace = breaking(delivered()).read("anna", by="http", server="LONFE", at=60).run()
    assert failure(trace) == (why, fired)


@pytest.mark.parametrize(("stop", "why"), [("information store", "is stopped"), ("Mailbox Store", "is dismounted")])
def test_outlook_sees_nothing_without_the_store(stop: str, why: str) -> None:
    trace = delivered().stop(stop, "LON01", at=30).read("anna", at=60).run()
    assert failure(trace)[0].endswith(why)
    assert failure(trace)[1] == "read_by_mapi"


@pytest.mark.parametrize(("by", "protocol"), [("mapi", "MAPI"), ("http", "HTTP")])
def test_who_reads_a_deleted_mailbox_sees_no_mail(by: Literal["mapi", "http"], protocol: str) -> None:
    scenario = mailflow.Scenario(SITES).read("ben", by=by, at=60).delete_mailbox("ben", at=30)
    trace = scenario.send(mailflow.Message.write("kim@fabrikam.com", "ben@contoso.com"), at=90).run()
    assert failure(trace) == ("the mailbox was deleted", "find_no_mailbox")
    assert f"ben sees no mail by {protocol}: the mailbox was deleted." in trace.transcript()
    assert trace.status()["m1"][0][1] in ("refused", "bounced"), "the run goes on"


def test_an_empty_mailbox_and_two_messages() -> None:
    scenario = mailflow.Scenario(SITES).read("anna", by="http").send(INBOUND, at=10).send(INBOUND, at=20)
    trace = scenario.read("anna", by="http", at=60).run()
    assert [event.sentence for event in trace if event.step.key == "reading.empty"] == [
        "Store.exe of LON01 opens the mailbox of Anna in Mailbox Store and finds no message."
    ]
    assert found(trace) == [("m1", "m2")]


def test_what_was_not_delivered_is_not_found() -> None:
    anna = SITES.recipient["anna"]
    assert isinstance(anna, Mailbox)
    others = tuple(item for item in SITES.recipients if item is not anna)
    full = replace(SITES, recipients=(replace(anna, quota_kb=1, used_kb=2), *others))
    trace = mailflow.Scenario(full).send(INBOUND).read("anna", by="http", at=60).run()
    assert not found(trace)


def test_iis_admin_takes_its_services_with_it_and_comes_back_with_one_of_them() -> None:
    trace = mailflow.Scenario(SITES).stop("IIS Admin", "LON01", at=1).start("HTTP", "LON01", at=9).run(until=20)
    told = [(event.values["service"], event.rule.name) for event in trace if event.step.key == "administrator.service"]
    down = [("SMTP", "stop_with_iis_admin"), ("routing engine", "stop_with_iis_admin"), ("HTTP", "stop_with_iis_admin")]
    back = [("IIS Admin", "stop_with_iis_admin"), ("HTTP", "change_service")]
    assert told == [*down, ("IIS Admin", "change_service"), *back]
    services = {service: up for (_, service), up in trace.at().services.items()}
    assert services == {"SMTP": False, "routing engine": False, "HTTP": True, "IIS Admin": True}


def test_mail_waits_in_exipc_while_iis_admin_is_stopped() -> None:
    one = mailflow.load("one server")
    letter = mailflow.Message.write("anna@contoso.com", "ben@contoso.com")
    trace = mailflow.Scenario(one).stop("IIS Admin").send(letter, at=1).run()
    assert trace.at().queues("LON01") == {"exipc/Store_out_queue": ["m1.1"]}


def test_a_protocol_can_be_started_in_a_player() -> None:
    player = mailflow.play(mailflow.Scenario(SITES).send(INBOUND))
    assert isinstance(player, BreakablePlayer)
    assert player.break_("POP3 of LON01", 3).startswith("POP3 of LON01 comes back")
    assert player.break_("HTTP of LON01", 3).startswith("HTTP of LON01 goes down")


REFUSED: list[tuple[Callable[[Scenario], object], str]] = [
    (lambda it: it.read("ana"), "nobody has a mailbox 'ana'; did you mean 'anna'"),
    (lambda it: it.read("sales@contoso.com"), "nobody has a mailbox 'sales@contoso.com'"),
    (lambda it: it.read("anna", by="nntp"), 'mail is read by "mapi", "http", "pop3" or "imap4"'),  # type: ignore[arg-type]  # on purpose
    (lambda it: it.read("anna", tls=True), "Outlook opens no port with TLS"),
    (lambda it: it.read("anna", server="LONFE"), "the mailbox of anna is on LON01; use that server$"),
    (
        lambda it: it.read("anna", by="http", server="PAR01"),
        "the mailbox of anna is on LON01; use that server or a front-end server, such as LONFE",
    ),
    (lambda it: it.read("anna", by="http", server="LON9"), "no server 'LON9'"),
]


@pytest.mark.parametrize(("reading", "why"), REFUSED)
def test_what_cannot_be_read_is_refused(reading: Callable[[Scenario], object], why: str) -> None:
    with pytest.raises(mailflow.ScenarioError, match=why):
        reading(mailflow.Scenario(SITES))


def test_without_a_front_end_server_none_is_offered() -> None:
    with pytest.raises(mailflow.ScenarioError, match=r"is on LON01; use that server$"):
        mailflow.Scenario(mailflow.load("two servers")).read("anna", by="http", server="LON02")


def test_the_code_of_a_reading_by_outlook_is_short() -> None:
    scenario = mailflow.Scenario(SITES).read("anna@contoso.com").read("anna", by="http", server="LONFE", tls=True)
    assert "scenario.read('anna')" in scenario.code()
    assert "scenario.read('anna', by='http', server='LONFE', tls=True)" in scenario.code()
