"""What the categorizer decides: expansion, forwarding, limits, restrictions, copies, journaling."""

from dataclasses import replace

import pytest

import mailflow
from mailflow.organization import MailboxStore, Organization, VirtualServer
from mailflow.trace import Trace
from tests.conftest import Sending, SendOne, Wording, altered, changed, ends


def test_the_documented_order_t64(send: SendOne) -> None:
    trace = send("anna@contoso.com", ["everybody@contoso.com", "nix@contoso.com"])
    keys = [event.step.key for event in trace if event.message == "m1" and event.component == "categorizer"]
    order = ["sender", "recipients", "expanded", "unknown", "limits", "bifurcated", "categorized"]
    first = [keys.index(f"categorizer.{name}") for name in order]
    assert first == sorted(first)


def test_nested_and_circular_groups_give_each_member_one_copy(send: SendOne) -> None:
    nested = ends(send("carla@contoso.com", ["everybody@contoso.com", "anna@contoso.com"]))
    assert [address for address, (state, _) in nested.items() if state == "delivered"].count("anna@contoso.com") == 1
    assert nested["sales@contoso.com"][0] == "expanded"
    circular = ends(send("carla@contoso.com", "circle-a@contoso.com"))
    assert circular["anna@contoso.com"][0] == circular["ben@contoso.com"][0] == "delivered"


def test_query_based_group_is_evaluated_when_used(send: SendOne) -> None:
    assert ends(send("anna@contoso.com", "finance@contoso.com"))["carla@contoso.com"][0] == "delivered"


def test_expansion_server_elsewhere_gets_the_group_unexpanded(send: SendOne) -> None:
    trace = send("anna@contoso.com", "project@contoso.com", org="two servers")
    expanded = next(event for event in trace if event.step.key == "categorizer.expanded")
    assert expanded.server == "LON02"
    assert {ends(trace)[f"{name}@contoso.com"][0] for name in ("anna", "ben", "carla")} == {"delivered"}


def test_hidden_membership_makes_a_copy_of_its_own(send: SendOne) -> None:
    trace = send("anna@contoso.com", ["finn@contoso.com", "advisors@contoso.com"], receipt=True)
    why = [event.values["why"] for event in trace if event.step.key == "categorizer.bifurcated"]
    assert why == ["members of a hidden group must not be revealed by receipts"]


def test_forwarding_with_and_without_keeping(send: SendOne) -> None:
    states = ends(send("anna@contoso.com", "david@contoso.com"))
    assert states["david@contoso.com"] == ("redirected", "emma@contoso.com")
    assert states["emma@contoso.com"][0] == states["finn@contoso.com"][0] == "delivered"


def test_mutual_forwarding_is_a_loop_5_4_6(send: SendOne) -> None:
    states = ends(send("anna@contoso.com", "gina@contoso.com"))
    assert ("bounced", "5.4.6") in states.values()


@pytest.mark.parametrize(
    ("sender", "to", "size", "code"),
    [
        ("iris@contoso.com", "ben@contoso.com", 200_000, "5.2.3"),
        ("anna@contoso.com", "iris@contoso.com", 200_000, "5.2.3"),
        ("anna@contoso.com", "ben@contoso.com", 11_000_000, "5.2.3"),
        ("finn@contoso.com", "board@contoso.com", 10, "5.7.1"),
        ("anna@contoso.com", "jack@contoso.com", 10, "5.2.2"),
        ("anna@contoso.com", "nix@contoso.com", 10, "5.1.1"),
        ("anna@contoso.com", "kim@nowhere.example", 10, "5.4.0"),
    ],
)
def test_limits_and_restrictions_bounce_with_the_documented_code(
    send: SendOne, sender: str, to: str, size: int, code: str
) -> None:
    trace = send(sender, to, attachments={"a.bin": size})
    assert ("bounced", code) in ends(trace).values()
    notification = trace.letters["m2"]
    assert notification.sender == ""
    assert notification.recipients == (sender,)
    assert f"Status: {code}" in notification.content.decode()
    body = notification.email.get_body()
    assert body
    assert f"lon01.contoso.com #{code}" in body.get_content()


def test_group_with_authenticated_senders_only(send: SendOne) -> None:
    assert ends(send("anna@contoso.com", "board@contoso.com"))["carla@contoso.com"][0] == "delivered"
    way: Sending = {"by": "smtp", "server": "LON01", "client": "203.0.113.9"}
    assert ends(send("anna@contoso.com", "board@contoso.com", way=way))["board@contoso.com"] == ("bounced", "5.7.1")


def test_too_many_recipients_bounce_all_of_them(send: SendOne) -> None:
    trace = send("iris@contoso.com", [f"{name}@contoso.com" for name in ("anna", "ben", "carla", "finn")])
    assert set(ends(trace).values()) == {("bounced", "5.5.3")}


def test_non_authoritative_domain_is_forwarded_and_bounces_without_a_way_o23(send: SendOne) -> None:
    assert ends(send("anna@contoso.com", "who@shared.contoso.com"))["who@shared.contoso.com"] == ("bounced", "5.4.0")


@pytest.mark.parametrize(("to", "body"), [("partner@contoso.com", "TNEF"), ("customer@contoso.com", "MIME")])
def test_contact_is_rewritten_and_rendered_in_its_format(send: SendOne, to: str, body: str) -> None:
    trace = send("anna@contoso.com", to)
    assert ends(trace)[to][0] == "relayed"
    assert [e.values["format"] for e in trace if e.step.key == "link.converted"] == [body]
    assert any(e.step.key == "smtp.rcpt" and to not in str(e.values["command"]) for e in trace)


def sizes(trace: Trace) -> list[int]:
    """The sizes that a run announces with MAIL FROM, in KB."""
    said = [str(event.values["command"]) for event in trace if event.step.key == "smtp.mail"]
    return [int(command.rpartition("=")[2]) // 1024 for command in said if "SIZE=" in command]


EIGHT_MB: Wording = {"attachments": {"film.mpg": 8 * 1024 * 1024}}


def test_eight_megabytes_stay_eight_inside_and_become_eleven_outside(send: SendOne) -> None:
    inside = send("anna@contoso.com", "ben@contoso.com", org="two servers", **EIGHT_MB)
    outside = send("anna@contoso.com", "kim@fabrikam.com", org="two servers", **EIGHT_MB)
    assert round(sizes(inside)[0] / 1024) == 8
    assert round(sizes(outside)[0] / 1024) == 11
    assert ends(inside)["ben@contoso.com"][0] == "delivered"


def test_what_grew_on_its_way_out_fails_a_limit_of_the_next_server_5_2_3(send: SendOne) -> None:
    trace = send("ben@contoso.com", "kim@fabrikam.com", org="two servers", **EIGHT_MB)
    assert ends(trace)["kim@fabrikam.com"] == ("bounced", "5.2.3")
    checked = [event for event in trace if event.step.key == "categorizer.limits"][:2]
    assert [(event.server, round(float(str(event.values["size"])) / 1024)) for event in checked] == [
        ("LON02", 8),
        ("LON01", 11),
    ]


def test_eight_megabytes_from_outside_arrive_as_eleven_and_fail_5_2_3(send: SendOne) -> None:
    way: Sending = {"by": "smtp", "server": "LON01"}
    trace = send("kim@fabrikam.com", "anna@contoso.com", way=way, **EIGHT_MB)
    assert ends(trace)["anna@contoso.com"] == ("bounced", "5.2.3")


@pytest.mark.parametrize("target", ["anna@contoso.com", "nobody@contoso.com", "SMTP:anna@CONTOSO.com"])
def test_a_contact_with_a_target_in_an_own_domain_is_returned_by_the_categorizer_5_4_6(target: str) -> None:
    one = mailflow.load("one server")
    recipients = tuple(
        altered(item, target_address=target) if item.name == "customer" else item for item in one.recipients
    )
    scenario = mailflow.Scenario(replace(one, recipients=recipients))
    trace = scenario.send(mailflow.Message.write("ben@contoso.com", ["anna@contoso.com", "customer@contoso.com"])).run()
    assert ends(trace)["customer@contoso.com"] == ("bounced", "5.4.6")
    assert ends(trace)["anna@contoso.com"][0] == "delivered"
    assert next(e.rule.name for e in trace if e.step.key == "notification.bounced") == "return_from_own_domain"


def test_between_servers_the_body_travels_as_s_tnef(send: SendOne) -> None:
    trace = send("anna@contoso.com", "ben@contoso.com", org="two servers")
    assert next(e.values["format"] for e in trace if e.step.key == "link.converted") == "S/TNEF"
    assert any(str(e.values.get("command")).startswith("BDAT") for e in trace)


def journaling(organization: Organization, kind: str) -> Organization:
    """The organization with one kind of journaling."""
    settings = replace(organization.global_settings, envelope_journaling=kind == "envelope")
    servers = tuple(replace(server, bcc_journaling=kind == "bcc") for server in organization.servers)
    return replace(organization, servers=servers, global_settings=settings)


@pytest.mark.parametrize("kind", ["standard", "bcc", "envelope"])
def test_journaling_store_archives_once(kind: str) -> None:
    scenario = mailflow.Scenario(journaling(mailflow.load("one server"), kind))
    trace = scenario.send(mailflow.Message.write("carla@contoso.com", ["anna@contoso.com", "ben@contoso.com"])).run()
    journaled = [event for event in trace if event.step.key == "categorizer.journaled"]
    assert [event.values["kind"] for event in journaled] == [kind]
    assert ends(trace)["journal@contoso.com"][0] == "delivered"
    copy = trace.archived("m1")["journal@contoso.com"]
    _, _, written = copy.content.partition(b"@lon01.contoso.com>\r\n")
    arrival, _, written = written.partition(b"\r\n")
    assert arrival.startswith(b"X-OriginalArrivalTime: ") == (kind != "envelope")
    assert (written == trace.letters["m1"].content) == (kind != "envelope")
    assert (b"message/rfc822" in copy.content) == (kind == "envelope")


def test_an_envelope_report_travels_with_its_own_size_and_the_empty_sender(send: SendOne) -> None:
    trace = send("kim@fabrikam.com", "ben@contoso.com", org="two servers")
    report = trace.archived("m1")["journal@contoso.com"]
    said = [event.values["command"] for event in trace if event.server == "LON02" and "command" in event.values]
    assert f"MAIL FROM:<> SIZE={report.size}" in said
    assert f"BDAT {report.size} LAST" in said
    assert report.size > trace.letters["m1"].size
    assert any(report.message_id in str(event.values.get("reply")) for event in trace)


@pytest.mark.parametrize("kind", ["standard", "bcc", "envelope"])
def test_the_sender_hears_nothing_of_a_journal_copy_that_is_late_or_lost(kind: str) -> None:
    organization = journaling(mailflow.load("two servers"), kind)
    scenario = mailflow.Scenario(organization).stop("SMTP", "LON01", at=0.1)
    scenario.send(mailflow.Message.write("ben@contoso.com", "carla@contoso.com"), at=1)
    trace = scenario.run()
    assert ends(trace)["carla@contoso.com"][0] == "delivered"
    assert ends(trace)["journal@contoso.com"] == ("badmail", "4.4.7")
    assert list(trace.messages) == ["m1"], "neither a delay notice nor a report"


@pytest.mark.parametrize("kind", ["standard", "envelope"])
def test_mail_to_the_journal_of_its_own_store_is_returned_5_4_6(kind: str) -> None:
    own = changed(
        mailflow.load("one server"),
        "LON01",
        mailbox_stores=(MailboxStore(journal_to="journal"), MailboxStore(name="Archived Store")),
    )
    trace = (
        mailflow.Scenario(journaling(own, kind))
        .send(mailflow.Message.write("anna@contoso.com", ["ben@contoso.com", "journal@contoso.com"]))
        .run()
    )
    states = [(address, state, detail) for address, state, detail in trace.status()["m1"]]
    assert ("journal@contoso.com", "bounced", "5.4.6") in states
    assert [state for address, state, _ in states if address == "journal@contoso.com"] == ["bounced", "delivered"]
    assert next(e.rule.name for e in trace if e.step.key == "notification.bounced") == "return_from_journals"


@pytest.mark.parametrize(
    ("group", "revealed"),
    [("sales@contoso.com", True), ("advisors@contoso.com", False), ("finance@contoso.com", False)],
)
def test_bcc_journaling_reveals_no_members_of_hidden_or_query_based_groups(group: str, revealed: bool) -> None:
    scenario = mailflow.Scenario(journaling(mailflow.load("one server"), "bcc"))
    trace = scenario.send(mailflow.Message.write("carla@contoso.com", "jack@contoso.com", bcc=[group])).run()
    members = [e.values["members"] for e in trace if e.step.key == "categorizer.expanded"]
    head = trace.archived("m1")["journal@contoso.com"].content.partition(b"\r\n\r\n")[0]
    assert members
    assert group.encode() in head
    assert (b"ben@contoso.com" in head) == revealed


def test_bcc_is_known_on_the_server_where_the_message_was_written_only() -> None:
    organization = journaling(mailflow.load("two servers"), "bcc")
    trace = mailflow.Scenario(organization).send(
        mailflow.Message.write("anna@contoso.com", "customer@contoso.com", bcc=["ben@contoso.com"])
    )
    assert b"ben@" not in trace.run().archived("m1")["journal@contoso.com"].content


def test_journal_mark_crosses_with_xexch50_and_is_lost_without(send: SendOne) -> None:
    store = (MailboxStore(journal_to="journal"),)
    both = changed(changed(mailflow.load("two servers"), "LON01", mailbox_stores=store), "LON02", mailbox_stores=store)
    basic = changed(both, "LON02", virtual_servers=(VirtualServer(authentication=("basic",)),))
    message = mailflow.Message.write("anna@contoso.com", "ben@contoso.com")
    once = mailflow.Scenario(both).send(message).run()
    twice = mailflow.Scenario(basic).send(message).run()
    count = [sum(e.step.key == "categorizer.journaled" for e in trace) for trace in (once, twice)]
    assert count == [1, 2], "without XEXCH50 the second server does not know (T160)"


def test_no_notification_about_a_notification(send: SendOne) -> None:
    way: Sending = {"by": "smtp", "server": "LON01", "client": "203.0.113.9"}
    trace = send("nobody-home@contoso.com", "nix@contoso.com", way=way)
    assert ends(trace, "m2") == {"nobody-home@contoso.com": ("badmail", "5.1.1")}
    assert list(trace.messages) == ["m1", "m2"]
