"""Where a message goes: the worked examples O-10 (tracking), O-19 (queues), O-20, O-23, and the states of recipients."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

import mailflow
from mailflow.names import QueueName
from mailflow.organization import Organization, VirtualServer
from mailflow.simulation import Parameters
from mailflow.trace import Trace
from mailflow.transport import places
from tests.conftest import Script, Sending, SendOne, changed, ends


def tracking(trace: Trace, server: str | None = None, message: str = "m1") -> list[int]:
    return [
        event.tracking
        for event in trace
        if event.tracking is not None and event.message == message and server in (None, event.server)
    ]


def waits_in(trace: Trace, message: str = "m1") -> set[tuple[str, str]]:
    state = trace.at()
    return {(item.server, item.place) for item in state.mails.values() if item.message == message}


def test_mapi_to_the_same_server_follows_o10(send: SendOne) -> None:
    trace = send("anna@contoso.com", "ben@contoso.com")
    assert tracking(trace) == [1027, 1019, 1025, 1024, 1033, 1036, 1023, 1028]
    assert ends(trace) == {"ben@contoso.com": ("delivered", "LON01, Mailbox Store")}
    assert not any(event.step.key.startswith("smtp.") for event in trace), "local delivery needs no SMTP session (S5)"


def test_mapi_to_another_server_follows_o10_on_both(send: SendOne) -> None:
    trace = send("anna@contoso.com", "ben@contoso.com", org="two servers")
    assert tracking(trace, "LON01")[:8] == [1027, 1019, 1025, 1024, 1033, 1034, 1020, 1031]
    received = [number for number in tracking(trace, "LON02") if number]
    assert received[:4] == [1019, 1025, 1024, 1033]
    assert received[-2:] == [1023, 1028] or 1028 in received


def test_smtp_in_to_local_starts_with_1019(send: SendOne) -> None:
    trace = send("kim@fabrikam.com", "anna@contoso.com")
    assert tracking(trace, "LON01") == [1019, 1025, 1024, 1033, 1036, 1023, 1028]


def test_authenticated_client_relays_out_without_1027(send: SendOne) -> None:
    way: Sending = {"by": "smtp", "server": "LON01", "account": "anna", "client": "198.51.100.77"}
    trace = send("anna@contoso.com", "kim@fabrikam.com", way=way)
    assert tracking(trace, "LON01") == [1019, 1025, 1024, 1033, 1034, 1020, 1031]
    assert ends(trace) == {"kim@fabrikam.com": ("relayed", "mail.fabrikam.com")}


def test_anonymous_client_is_refused_at_rcpt(send: SendOne) -> None:
    way: Sending = {"by": "smtp", "server": "LON01", "client": "198.51.100.77"}
    trace = send("spam@example.com", ["kim@fabrikam.com", "anna@contoso.com"], way=way)
    assert ends(trace)["kim@fabrikam.com"] == ("refused", "RCPT TO: 550 5.7.1 Unable to relay for kim@fabrikam.com")
    assert ends(trace)["anna@contoso.com"][0] == "delivered"


@pytest.mark.parametrize(
    ("action", "to", "place"),
    [
        (lambda s: s.stop("antivirus"), "ben@contoso.com", places.PENDING_SUBMISSION),
        (lambda s: s.stop("global catalog"), "ben@contoso.com", places.AWAITING_LOOKUP),
        (lambda s: s.stop("routing engine"), "kim@fabrikam.com", places.WAITING_TO_BE_ROUTED),
        (lambda s: s.stop("SMTP"), "ben@contoso.com", places.STORE_OUT),
        (lambda s: s.stop("information store"), "ben@contoso.com", places.OUTBOX),
        (
            lambda s: s.disable_outbound_mail(),
            "kim@fabrikam.com",
            places.link(QueueName("fabrikam.com"), "fabrikam.com"),
        ),
    ],
)
def test_the_queue_that_should_fill_fills_o19(action: Script, to: str, place: str) -> None:
    organization = mailflow.load("one server")
    scenario = mailflow.Scenario(organization)
    action(scenario)
    scenario.send(mailflow.Message.write("anna@contoso.com", to))
    assert waits_in(scenario.run(until=60)) == {("LON01", place)}


def test_dismounted_store_fills_local_delivery_in_retry() -> None:
    scenario = mailflow.Scenario(mailflow.load("one server")).stop("Mailbox Store")
    trace = scenario.send(mailflow.Message.write("carla@contoso.com", "ben@contoso.com")).run(until=60)
    assert ("LON01", places.LOCAL_DELIVERY) in waits_in(trace)
    assert trace.at().queue_states["LON01", places.LOCAL_DELIVERY] == "Retry"
    assert 1037 in tracking(trace)


@pytest.mark.parametrize("broken", [["DNS"], ["mail.fabrikam.com", "backup.fabrikam.com"]])
def test_unreachable_outside_leaves_the_link_in_retry(broken: list[str]) -> None:
    scenario = mailflow.Scenario(mailflow.load("one server"))
    for name in broken:
        scenario.fail(name)
    trace = scenario.send(mailflow.Message.write("anna@contoso.com", "kim@fabrikam.com")).run(until=30)
    assert waits_in(trace) == {("LON01", "link/fabrikam.com/fabrikam.com")}
    assert trace.at().queue_states["LON01", "link/fabrikam.com"] == "Retry"


def test_deferred_delivery_waits_in_its_queue_until_the_hour() -> None:
    late = datetime(2003, 10, 6, 11, 0, tzinfo=UTC)
    scenario = mailflow.Scenario(mailflow.load("one server"))
    scenario.send(mailflow.Message.write("anna@contoso.com", "ben@contoso.com", deliver_after=late))
    assert waits_in(scenario.run(until=3600)) == {("LON01", places.DEFERRED)}
    trace = scenario.run()
    assert ends(trace)["ben@contoso.com"][0] == "delivered"
    assert trace[-1].time == pytest.approx(7200, abs=1)


def test_notifications_wait_while_the_store_is_stopped() -> None:
    scenario = mailflow.Scenario(mailflow.load("one server")).stop("information store", at=0.06)
    trace = scenario.send(mailflow.Message.write("anna@contoso.com", "nix@contoso.com")).run(until=60)
    assert waits_in(trace, "m2") == {("LON01", places.DSN_PENDING)}


def test_only_connector_down_makes_mail_unreachable_with_the_rules_of_exchange_2000() -> None:
    rules = Parameters(keep_up_without_alternative=False)
    scenario = mailflow.Scenario(mailflow.load("two sites"), parameters=rules).fail("London-Paris")
    trace = scenario.send(mailflow.Message.write("ben@contoso.com", "pierre@contoso.com")).run(until=300)
    assert waits_in(trace) == {("LON02", places.UNREACHABLE)}


def test_only_connector_down_stays_up_and_mail_waits_with_the_rules_of_exchange_2003() -> None:
    scenario = mailflow.Scenario(mailflow.load("two sites")).fail("London-Paris")
    trace = scenario.send(mailflow.Message.write("ben@contoso.com", "pierre@contoso.com")).run(until=300)
    assert waits_in(trace) == {("LON02", "link/London-Paris/PAR02")}


def test_unreachable_mail_goes_on_when_the_connector_is_repaired() -> None:
    rules = Parameters(keep_up_without_alternative=False)
    scenario = (
        mailflow.Scenario(mailflow.load("two sites"), parameters=rules)
        .fail("London-Paris")
        .restore("London-Paris", at=1000)
    )
    trace = scenario.send(mailflow.Message.write("ben@contoso.com", "pierre@contoso.com")).run()
    assert ends(trace)["pierre@contoso.com"][0] == "delivered"
    marked = next(event for event in trace if event.step.key == "routing.reached")
    down = next(event for event in trace if event.step.key == "routing.gave-up")
    assert marked.time >= 1000
    assert (marked.time - down.time) % 60 == pytest.approx(0, abs=1e-6)


def test_a_failed_connector_is_routed_around_when_there_is_another_way() -> None:
    scenario = mailflow.Scenario(mailflow.load("worldwide")).fail("London-Paris")
    trace = scenario.send(mailflow.Message.write("anna@contoso.com", "pierre@contoso.com")).run()
    assert ends(trace)["pierre@contoso.com"][0] == "delivered"
    assert any(event.step.key == "routing.raised" for event in trace)
    assert any(event.server.startswith("BRU") for event in trace), "round by Brussels"


def test_schedule_and_size_limit_of_a_connector() -> None:
    scenario = mailflow.Scenario(mailflow.load("worldwide"))
    scenario.send(mailflow.Message.write("anna@contoso.com", "thabo@contoso.com"))
    scenario.send(mailflow.Message.write("anna@contoso.com", "thabo@contoso.com", attachments={"big.bin": 5_000_000}))
    early = scenario.run(until=3600)
    assert early.at().queue_states["LON01", "link/London-Cape Town"] == "Scheduled"
    late = scenario.run()
    assert ends(late)["thabo@contoso.com"][0] == "delivered"
    delivered = next(event for event in late if event.step.key == "delivery.delivered" and event.message == "m1")
    assert delivered.time > 11 * 3600, "the line opens at 20:00, eleven hours after the start"
    assert ends(late, "m2")["thabo@contoso.com"] == ("bounced", "5.2.3"), (
        "no way for a message of this size (R114, T115)"
    )


def test_x400_carries_mail_through_the_mta() -> None:
    scenario = mailflow.Scenario(mailflow.load("worldwide")).fail("New York-Sao Paulo")
    trace = scenario.send(mailflow.Message.write("dora@contoso.com", "paulo@contoso.com")).run()
    assert ends(trace)["paulo@contoso.com"][0] == "delivered"


def test_closest_address_space_wins_over_cost(send: SendOne) -> None:
    trace = send("anna@contoso.com", "kim@fabrikam.com", org="worldwide")
    assert any(event.server == "NYC01" for event in trace), "the space fabrikam.com is closer than * (R103)"


def test_retry_timetable_o11() -> None:
    organization = mailflow.load("one server")
    scenario = mailflow.Scenario(organization).fail("mail.fabrikam.com").fail("backup.fabrikam.com")
    trace = scenario.send(mailflow.Message.write("anna@contoso.com", "kim@fabrikam.com")).run()
    failed = [event.time for event in trace if event.step.key == "link.failed"]
    glitch = [round(time - failed[0]) // 60 for time in failed[:4]]
    assert glitch == [0, 1, 2, 3]
    after = [(time - failed[3]) / 60 for time in failed[4:9]]
    assert after == pytest.approx([10, 20, 30, 45, 60], abs=0.1)
    assert ends(trace) == {"kim@fabrikam.com": ("bounced", "4.4.7")}
    late = [event.time / 3600 for event in trace if event.step.key == "notification.late"]
    assert late == pytest.approx([12], abs=0.01), "the sender is told once (O-11)"
    bounced = next(event for event in trace if event.step.key == "notification.bounced")
    assert bounced.time / 3600 == pytest.approx(48, abs=0.01)


def test_hop_count_o13(send: SendOne) -> None:
    head = b"".join(b"Received: from a by b\r\n" for _ in range(30))
    content = b"From: kim@fabrikam.com\r\nTo: anna@contoso.com\r\nDate: x\r\n\r\nHi\r\n"
    organization = mailflow.load("one server")
    passed = mailflow.Scenario(organization).send(head[: 23 * 29] + content).run()
    assert ends(passed)["anna@contoso.com"][0] == "delivered"
    looping = mailflow.Scenario(organization).send(head + content).run()
    assert ends(looping)["anna@contoso.com"] == ("bounced", "4.4.6")


def test_mailmsg_limit_answers_out_of_memory() -> None:
    scenario = mailflow.Scenario(mailflow.load("one server"), parameters=Parameters(mailmsg_limit=0))
    trace = scenario.send(mailflow.Message.write("kim@fabrikam.com", "anna@contoso.com")).run()
    replies = [event.values["reply"] for event in trace if event.step.key == "smtp.mail"]
    assert replies == ["452 4.3.1 Out of memory"]
    assert ends(trace)["anna@contoso.com"][0] == "waiting"


def test_freeze_unfreeze_and_force_connection_o20() -> None:
    scenario = mailflow.Scenario(mailflow.load("one server")).fail("DNS")
    scenario.send(mailflow.Message.write("anna@contoso.com", "kim@fabrikam.com"))
    scenario.freeze("fabrikam.com", at=30).restore("DNS", at=40).force_connection("fabrikam.com", at=50)
    trace = scenario.run(until=100)
    assert trace.at().queue_states["LON01", "link/fabrikam.com"] == "Frozen"
    trace = scenario.unfreeze("fabrikam.com", at=200).run()
    assert ends(trace)["kim@fabrikam.com"][0] == "relayed"
    assert trace[-1].time < 202


def test_force_connection_acts_as_if_the_interval_had_passed() -> None:
    scenario = mailflow.Scenario(mailflow.load("one server")).fail("DNS").restore("DNS", at=300)
    scenario.send(mailflow.Message.write("anna@contoso.com", "kim@fabrikam.com")).force_connection(
        "fabrikam.com", at=301
    )
    assert scenario.run()[-1].time < 303


@pytest.mark.parametrize(("ndr", "state"), [(True, "bounced"), (False, "deleted")])
def test_delete_messages_of_a_link(ndr: bool, state: str) -> None:
    scenario = mailflow.Scenario(mailflow.load("one server")).fail("DNS")
    scenario.send(mailflow.Message.write("anna@contoso.com", "kim@fabrikam.com")).delete("fabrikam.com", ndr=ndr, at=30)
    trace = scenario.run()
    assert ends(trace)["kim@fabrikam.com"][0] == state
    assert ("m2" in trace.messages) == ndr


def test_disabled_outbound_mail_still_delivers_locally() -> None:
    scenario = mailflow.Scenario(mailflow.load("one server")).disable_outbound_mail()
    scenario.send(mailflow.Message.write("anna@contoso.com", ["ben@contoso.com", "kim@fabrikam.com"]))
    trace = scenario.run(until=100)
    assert ends(trace)["ben@contoso.com"][0] == "delivered"
    assert ends(trace)["kim@fabrikam.com"][0] == "waiting"
    assert ends(scenario.enable_outbound_mail(at=200).run())["kim@fabrikam.com"][0] == "relayed"


def test_greylisting_and_refusal_outside(send: SendOne) -> None:
    trace = send("anna@contoso.com", ["busy@fabrikam.com", "nobody@fabrikam.com", "kim@fabrikam.com"])
    assert ends(trace)["nobody@fabrikam.com"] == ("bounced", "5.1.1")
    assert ends(trace)["kim@fabrikam.com"][0] == "relayed"
    assert ends(trace)["busy@fabrikam.com"] == ("relayed", "backup.fabrikam.com"), (
        "4.x.x: the next exchanger is tried (T129)"
    )


def test_put_off_by_every_exchanger() -> None:
    organization = mailflow.load("one server")
    hosts = tuple(
        replace(host, replies={**host.replies, "busy@fabrikam.com": "451 4.7.1 Try again later"})
        for host in organization.external_hosts
    )
    scenario = mailflow.Scenario(replace(organization, external_hosts=hosts))
    trace = scenario.send(mailflow.Message.write("anna@contoso.com", "busy@fabrikam.com")).run()
    assert ends(trace)["busy@fabrikam.com"] == ("bounced", "4.4.7"), "put off for two days, then returned"


def test_store_stopped_after_submission_moves_outgoing_mail_to_failed_retry() -> None:
    scenario = (
        mailflow.Scenario(mailflow.load("one server"))
        .stop("information store", at=0.05)
        .start("information store", at=50)
    )
    scenario.send(mailflow.Message.write("anna@contoso.com", "kim@fabrikam.com"))
    assert waits_in(scenario.run(until=20)) == {("LON01", places.FAILED_RETRY)}
    assert ends(scenario.run())["kim@fabrikam.com"][0] == "relayed"


def test_pickup_needs_no_password(send: SendOne) -> None:
    trace = send("anybody@example.com", "kim@fabrikam.com", way={"by": "pickup", "server": "LON01"})
    assert ends(trace)["kim@fabrikam.com"][0] == "relayed"
    assert trace[0].component == "Pickup folder", "and no Outlook"


def test_front_end_takes_internet_mail_in(send: SendOne) -> None:
    trace = send("kim@fabrikam.com", "pierre@contoso.com", org="two sites")
    assert [name for name in dict.fromkeys(e.server for e in trace) if name.isupper() or name[:3].isupper()] == [
        "LONFE",
        "LON02",
        "PAR01",
        "PAR02",
    ]


def test_conversion_happens_only_after_the_session_stands(send: SendOne) -> None:
    trace = send("anna@contoso.com", "kim@fabrikam.com")
    keys = [event.step.key for event in trace]
    assert keys.index("smtp.ehlo") < keys.index("link.converted") < keys.index("smtp.mail")


def test_recipients_beyond_the_limit_of_the_server_go_in_further_transactions() -> None:
    organization = changed(mailflow.load("two servers"), "LON02", virtual_servers=(VirtualServer(max_recipients=1),))
    scenario = mailflow.Scenario(organization)
    trace = scenario.send(mailflow.Message.write("anna@contoso.com", ["ben@contoso.com", "carla@contoso.com"])).run()
    assert {state for state, _ in ends(trace).values()} == {"delivered"}
    assert (
        sum(event.step.key == "smtp.mail" and event.message == "m1" and event.server == "LON01" for event in trace) == 2
    )
    told = [event.values["reply"] for event in trace if event.step.key == "smtp.rcpt" and event.server == "LON01"]
    assert [str(reply)[:9] for reply in told] == ["250 2.1.5", "552 5.5.3", "250 2.1.5"]


def test_a_recipient_that_gets_552_when_it_is_alone_is_refused() -> None:
    one = mailflow.load("one server")
    replies = {"kim@fabrikam.com": "552 5.2.2 Mailbox full"}
    hosts = tuple(replace(host, replies=replies) for host in one.external_hosts)
    scenario = mailflow.Scenario(replace(one, external_hosts=hosts))
    trace = scenario.send(mailflow.Message.write("anna@contoso.com", ["lee@fabrikam.com", "kim@fabrikam.com"])).run()
    assert ends(trace)["lee@fabrikam.com"][0] == "relayed"
    assert ends(trace)["kim@fabrikam.com"] == ("bounced", "5.2.2")


def test_tarpit_holds_refusals_back_t154() -> None:
    organization = mailflow.load("one server")
    slow = replace(organization, servers=(replace(organization.servers[0], tarpit_seconds=5.0),))
    message = mailflow.Message.write("kim@fabrikam.com", ["victim@elsewhere.example", "anna@contoso.com"])

    def refused_after(organization: Organization) -> float:
        trace = mailflow.Scenario(organization).send(message, by="smtp", server="LON01").run()
        assert ends(trace)["anna@contoso.com"][0] == "delivered"
        times = {event.step.key: event.time for event in trace}
        first = next(event.time for event in trace if event.step.key == "smtp.rcpt")
        return times["smtp.refused"] - first

    assert refused_after(organization) == 0
    assert refused_after(slow) == pytest.approx(5.0)


def test_a_link_waits_for_its_smtp_service() -> None:
    scenario = mailflow.Scenario(mailflow.load("one server")).fail("mail.fabrikam.com").fail("backup.fabrikam.com")
    scenario.stop("SMTP", at=30).start("SMTP", at=500).restore("mail.fabrikam.com", at=400)
    trace = scenario.send(mailflow.Message.write("anna@contoso.com", "kim@fabrikam.com")).run()
    assert ends(trace)["kim@fabrikam.com"][0] == "relayed"
    assert trace.records[-1][0] >= 500


def test_a_copy_of_every_non_delivery_report_t121() -> None:
    organization = mailflow.load("one server")
    server = organization.servers[0]
    virtual = replace(server.virtual_servers[0], copy_ndr_to="ben@contoso.com")
    watched = replace(organization, servers=(replace(server, virtual_servers=(virtual,)),))
    trace = mailflow.Scenario(watched).send(mailflow.Message.write("anna@contoso.com", "nobody@contoso.com")).run()
    told = [(address, state) for address, state, _ in trace.status()["m2"]]
    assert told == [("anna@contoso.com", "delivered"), ("ben@contoso.com", "delivered")]


def test_domainless_addresses_get_the_domain_of_the_server_t93() -> None:
    message = mailflow.Message.read(b"Subject: x\r\n\r\n", sender="kim", to=["ben"])
    trace = mailflow.Scenario(mailflow.load("one server")).send(message, by="smtp", server="LON01").run()
    assert ends(trace)["ben"][0] == "delivered"
    assert "kim@contoso.com....Sender OK" in trace.transcript()


def test_a_file_in_pickup_waits_for_the_smtp_service() -> None:
    scenario = mailflow.Scenario(mailflow.load("one server")).stop("SMTP").start("SMTP", at=50)
    trace = scenario.send(mailflow.Message.write("anna@contoso.com", "ben@contoso.com"), at=1, by="pickup").run()
    assert ends(trace)["ben@contoso.com"][0] == "delivered"
    assert "Waiting in Pickup" in [event.step.title for event in trace]


def test_mail_for_a_store_that_never_comes_back_is_returned_from_local_delivery() -> None:
    scenario = mailflow.Scenario(mailflow.load("one server")).stop("Mailbox Store")
    trace = scenario.send(
        mailflow.Message.write("kim@fabrikam.com", "ben@contoso.com"), at=1, by="smtp", server="LON01"
    ).run()
    assert ends(trace)["ben@contoso.com"] == ("bounced", "4.4.7")
    again = mailflow.Scenario(mailflow.load("one server"))
    again.send(mailflow.Message.write("kim@fabrikam.com", "ben@contoso.com"), by="smtp", server="LON01")
    queued = next(event.time for event in again.run() if event.step.key == "delivery.to-store")
    for delay in (0.0005, 0.005):
        closing = mailflow.Scenario(mailflow.load("one server")).stop("Mailbox Store", at=queued + delay)
        closing.send(mailflow.Message.write("kim@fabrikam.com", "ben@contoso.com"), by="smtp", server="LON01")
        assert ends(closing.run())["ben@contoso.com"] == ("bounced", "4.4.7")


def test_freezing_a_queue_that_is_not_there_changes_nothing() -> None:
    scenario = mailflow.Scenario(mailflow.load("one server")).freeze("fabrikam.com")
    trace = scenario.send(mailflow.Message.write("anna@contoso.com", "kim@fabrikam.com"), at=1).run()
    assert "There is no such queue now" in trace.transcript()
    assert ends(trace)["kim@fabrikam.com"][0] == "relayed"
