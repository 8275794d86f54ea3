"""Messages, addresses and notifications, with sound and with damaged mail."""

import hashlib
from datetime import UTC, datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.message import Message as StandardMessage
from email.policy import default
from pathlib import Path
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

import mailflow
from mailflow.messages import (
    AddressError,
    Message,
    MessageError,
    Report,
    delivery_status,
    journal_copy,
    outlook_text,
    parse_path,
    reason,
    stamped,
)
from mailflow.messages.message import WRITTEN
from mailflow.messages.stamps import Stamps
from tests.messages.corpus import corpus
from tests.simulation.test_properties import check_invariant


def test_bcc_lives_in_the_envelope() -> None:
    message = Message.read(b"From: a@x.example\nTo: b@x.example\nBcc: c@x.example,\n d@x.example\nSubject: s\n\nhi")
    assert message.recipients == ("b@x.example", "c@x.example", "d@x.example")
    assert b"c@x.example" not in message.content
    assert message.content.endswith(b"\r\n\r\nhi")


def test_envelope_may_differ_from_the_header() -> None:
    message = Message.read(b"From: a@x.example\nTo: b@x.example\n\n", sender="", to=["q@y.example"])
    assert (message.sender, message.recipients, message.header_from) == ("", ("q@y.example",), "a@x.example")


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("no-such-file.eml", "No such file"),
        (b"Subject: x\n\n", "no recipients"),
        (5, "an int is no message"),
        ("From: a\n" * 40, "path of an .eml"),
    ],
)
def test_unusable_sources_say_what_to_do(source: bytes | int | str, text: str) -> None:
    with pytest.raises(MessageError, match=text):
        Message.read(source)  # type: ignore[arg-type]  # a number is none of them, on purpose


def test_an_envelope_address_cannot_carry_commands() -> None:
    with pytest.raises(MessageError, match="cannot be an envelope address"):
        Message.read(b"\n", to=["a@b.example>\r\nRCPT TO:<c@d.example"])
    with pytest.raises(MessageError, match="header field"):
        Message.write("a@b.example\r\nX: y", "c@d.example")


def test_structure_priority_and_receipts() -> None:
    message = Message.write(
        "a@x.example", "b@x.example", html="<b>x</b>", attachments={"f.bin": 10}, priority="high", receipt=True
    )
    assert (message.format, message.attachments, message.priority, message.receipt_requested) == (
        "mime",
        1,
        "high",
        True,
    )
    assert "application/octet-stream f.bin" in message.outline()
    assert message.defects == ()
    assert message.email["Subject"] == "Hello"
    again = Message.write(
        "a@x.example", "b@x.example", html="<b>x</b>", attachments={"f.bin": 10}, priority="high", receipt=True
    )
    assert again.content == message.content


@pytest.mark.parametrize(
    ("head", "defect"),
    [
        (b"To: b@x.example\n", "no From field"),
        (b"From: \xe4@x.example\nTo: b@x.example\n", "8-bit bytes in the header"),
        (
            b"From: a@x.example\nTo: b@x.example\nContent-Type: multipart/mixed; boundary=q\n",
            "no boundary in multipart",
        ),
        (b"From: a@x.example\nTo: b@x.example\nX: \0\n", "NUL bytes"),
        (b"From: a@x.example\nTo: b@x.example\nX: " + b"y" * 1000 + b"\n", "a line of more than 998 bytes"),
    ],
)
def test_damage_is_recorded_and_delivered_all_the_same(head: bytes, defect: str) -> None:
    message = Message.read(head + b"\nbody\n")
    assert any(defect in item or "start boundary" in item or "boundary" in item for item in message.defects)
    scenario = mailflow.Scenario(mailflow.load("one server"))
    trace = scenario.send(message, to="anna@contoso.com", sender="kim@fabrikam.com").run()
    assert trace.status()["m1"][0][1] == "delivered"


@given(st.binary(max_size=400))
def test_no_bytes_crash_the_reader(data: bytes) -> None:
    message = Message.read(data, sender="a@x.example", to=["b@x.example"])
    for name in (
        "subject",
        "message_id",
        "priority",
        "received",
        "deferred_until",
        "format",
        "attachments",
        "defects",
        "header_from",
    ):
        getattr(message, name)
    assert isinstance(message.outline(), str)
    assert message.size == len(message.content)
    report = Report(
        server="s.example", message=message, kind="failure", sender="a@x.example",
        recipients=(("b@x.example", "5.1.1", ""),), arrival=datetime(2003, 10, 6, tzinfo=UTC), now=datetime(2003, 10, 6, tzinfo=UTC),
    )  # fmt: skip
    assert message_from_bytes(delivery_status(report).content).get_content_type() == "multipart/report"


def second(message: StandardMessage) -> StandardMessage:
    """The second part of a container."""
    parts = message.get_payload()
    assert isinstance(parts, list)
    part = parts[1]
    assert isinstance(part, StandardMessage)
    return part


@given(st.text(max_size=60), st.text(max_size=60), st.sampled_from(["failure", "delay"]))
def test_nothing_from_outside_can_add_fields_to_a_report(
    address: str, diagnostic: str, kind: Literal["failure", "delay"]
) -> None:
    message = Message.write("a@x.example", "b@x.example")
    moment = datetime(2003, 10, 6, tzinfo=UTC)
    report = Report(
        server="s.example", message=message, kind=kind, sender="a@x.example",
        recipients=((address + "\r\nX-Evil: 1", "5.1.1", diagnostic + "\r\nAction: delivered"),), arrival=moment, now=moment,
    )  # fmt: skip
    parsed = message_from_bytes(delivery_status(report).content)
    status = second(second(parsed))
    assert set(status.keys()) <= {"Final-Recipient", "Action", "Status", "Diagnostic-Code"}
    assert status["Action"] == ("failed" if kind == "failure" else "delayed")
    assert parsed["X-Evil"] is None


def test_documented_texts_o6() -> None:
    assert reason("5.7.1") == "You do not have permission to send to this recipient."
    assert reason("5.4.6") == "Forwarding loop found by the categorizer."
    moment = datetime(2001, 7, 11, 9, 20, tzinfo=UTC)
    message = Message.write("a@x.example", "b@x.example", subject="s")
    report = Report(server="server.nwtraders.com", message=message, kind="failure", sender="a@x.example",
                    recipients=(("user@nwtraders.com", "5.1.1", ""),), arrival=moment, now=moment)  # fmt: skip
    text = outlook_text(report)
    assert text.startswith("Your message did not reach some or all of the intended recipients.")
    assert "<server.nwtraders.com #5.1.1>" in text
    assert "The e-mail account does not exist at the organization" in text


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("<a@b.example>", "a@b.example"), ("a@b.example", "a@b.example"), ("<>", None), ("<spamtest>", "spamtest"),
        ("<@x.example,@y.example:a@b.example>", "a@b.example"), ('<"a b"@c.example>', '"a b"@c.example'), ("<a%b@c.example>", "a%b@c.example"),
    ],
)  # fmt: skip
def test_paths_on_the_wire(text: str, address: str | None) -> None:
    parsed = parse_path(text)
    assert (str(parsed) if parsed else None) == address


@pytest.mark.parametrize(
    "text", ["<a@b", "a b@c.example", "<a@>", "<@b>", "a@b@c.example", "a\x00@b.example", "a@[b", "(c)@b.example"]
)
def test_bad_paths(text: str) -> None:
    with pytest.raises(AddressError, match="write <name@domain>"):
        parse_path(text)


@given(st.text(max_size=40))
def test_no_path_crashes_the_parser(text: str) -> None:
    try:
        parsed = parse_path(text)
    except AddressError:
        return
    assert parsed is None or str(parsed)


@pytest.mark.parametrize("kind", ["standard", "bcc", "envelope"])
def test_journal_copies(kind: Literal["standard", "bcc", "envelope"]) -> None:
    message = Message.write("a@x.example", "all@x.example", bcc=["secret@x.example"])
    copy = journal_copy(
        message, kind, journal="j@x.example", recipients=message.recipients, expanded={"all@x.example": ["m@x.example"]}
    )
    assert copy.recipients == ("j@x.example",)
    assert (b"secret@x.example" in copy.content) == (kind != "standard")
    assert (b"m@x.example" in copy.content) == (kind != "standard")


@pytest.mark.parametrize("kind", ["standard", "bcc", "envelope"])
def test_a_journal_copy_holds_what_servers_wrote_on_top(kind: Literal["standard", "bcc", "envelope"]) -> None:
    message = Message.write("a@x.example", "all@x.example", bcc=["secret@x.example"])
    lines = b"Received: from x by y; z\r\nMessage-ID: <1@x.example>\r\n"
    journal, names = "j@x.example", message.recipients
    whole = journal_copy(stamped(message, lines), kind, journal=journal, recipients=names, expanded={})
    assert journal_copy(message, kind, journal=journal, recipients=names, expanded={}, stamps=Stamps(lines)) == whole
    assert lines in whole.content


@pytest.mark.parametrize("text", ["Hi.", "Grüße"])
@pytest.mark.parametrize("server", ["", "lon01.x.example"])
@pytest.mark.parametrize("seconds", [None, 90_061.25])
def test_the_size_of_a_report_is_known_before_it_is_written(text: str, server: str, seconds: float | None) -> None:
    message = Message.write("a@x.example", ["all@x.example", "grün@x.example"], text=text)
    stamps = Stamps(b"Message-ID: <1@x.example>\r\n", seconds, produced=True)
    members = {"all@x.example": ["m@x.example", "n@x.example"]}
    made = journal_copy(
        message, "envelope", journal="j@x.example", recipients=message.recipients, expanded=members, stamps=stamps,
        server=server, written=datetime(2004, 12, 31, 23, 59, 59, 5, tzinfo=UTC), message_id="<ü@x.example>",
    )  # fmt: skip
    assert "content" not in vars(made)
    size, own_id = made.size, made.own_id
    assert size == len(made.content)
    assert own_id == Message(made.content, "", ()).own_id
    assert made.arrived_before is Message(made.content, "", ()).arrived_before is False
    assert stamps.written(WRITTEN) in made.content


def test_a_digest_is_of_the_content_and_a_name_however_often_it_is_asked() -> None:
    message = Message(b"Subject: x\r\n\r\nHi.\r\n", "", ())
    for name in ("lon01.x.example", "par01.x.example", "lon01.x.example"):
        assert message.digest_with(name) == hashlib.sha256(message.content + name.encode()).hexdigest()


def test_an_envelope_report_is_plain_text_with_the_original_attached() -> None:
    written = Message.write("a@x.example", "all@x.example", text="Grüße", bcc=["secret@x.example"])
    message = stamped(written, b"Message-ID: <1@x.example>\r\n")
    members = {"all@x.example": ["m@x.example"]}
    made = journal_copy(message, "envelope", journal="j@x.example", recipients=message.recipients, expanded=members)
    text, original = message_from_bytes(made.content, policy=default).iter_parts()
    assert made.sender == ""
    assert made.defects == ()
    assert text.get_content_type() == "text/plain"
    assert text.get_content().splitlines() == [
        "Sender: a@x.example",
        f"Message-ID: {message.message_id}",
        "Recipients:",
        "  all@x.example (expanded to m@x.example)",
        "  secret@x.example",
    ]
    assert original.get_content_type() == "message/rfc822"
    assert original.is_attachment()
    assert original.get_content()["Message-ID"] == message.message_id
    assert made.own_id == Message(made.content, "", ()).own_id != ""


@pytest.mark.parametrize(
    ("header", "named"),
    [
        (b"Subject: my message-id is lost\r\nMessage-ID: <a@x.example>", "<a@x.example>"),
        (b"Subject: my message-id is lost\r\nX-Message-ID: <a@x.example>", ""),
        (b"X-Seen: message-id\r\nMESSAGE-id :\r\n <a@x.example>\r\nSubject: x", "<a@x.example>"),
        (b"Subject: x", ""),
    ],
)
def test_a_message_id_is_found_whatever_names_it_before(header: bytes, named: str) -> None:
    message = Message(header + b"\r\n\r\nMessage-ID: <b@x.example>\r\n", "a@x.example", ("b@x.example",))
    assert message.own_id == named
    report = journal_copy(message, "envelope", journal="j@x.example", recipients=(), expanded={})
    subject = next((line for line in header.split(b"\r\n") if line.startswith(b"Subject")), b"")
    assert report.content.split(b"\r\n")[0] == subject


def test_the_corpus_is_there() -> None:
    assert len(corpus()) > 20


@pytest.mark.parametrize("path", corpus(), ids=lambda path: path.name)
def test_real_mail_goes_through_the_whole_pipeline(path: Path) -> None:
    scenario = mailflow.Scenario(mailflow.load("two servers"))
    scenario.send(path, sender="kim@fabrikam.com", to=["anna@contoso.com", "ben@contoso.com", "partner@contoso.com"])
    trace = scenario.run()
    check_invariant(trace)
    states = {address: state for address, state, _ in trace.status()["m1"]}
    hops = trace.letters["m1"].received
    if hops < 28:
        assert states["anna@contoso.com"] == states["ben@contoso.com"] == "delivered"
        assert states["partner@contoso.com"] == "relayed"
    normal = path.read_bytes().replace(b"\r\n", b"\n").replace(b"\r", b"\n").replace(b"\n", b"\r\n")
    assert len(trace.letters["m1"].content) <= len(normal)


def test_an_email_message_object_can_be_read() -> None:
    made = EmailMessage()
    made["From"], made["To"] = "a@x.example", "B <b@x.example>"
    made.set_content("x")
    assert Message.read(made).recipients == ("b@x.example",)


def test_a_message_object_that_cannot_become_bytes() -> None:
    made = EmailMessage()
    made["From"], made["To"] = "a@x.example", "b@x.example"
    made["Content-Type"] = "multipart/mixed"
    vars(made)["_payload"] = [5]
    with pytest.raises(MessageError, match="cannot be turned into bytes"):
        Message.read(made)


def test_rich_text_odd_dates_and_odd_subjects() -> None:
    head = b"From: a@x.example\nTo: b@x.example\n"
    assert Message.read(head + b"Content-Type: application/ms-tnef\n\nx").format == "tnef"
    assert Message.read(head + b"Deferred-Delivery: soon\n\nx").deferred_until is None
    assert Message.read(head + b"Deferred-Delivery: Mon, 6 Oct 2003 11:00:00 -0000\n\nx").deferred_until is not None
    assert Message.read(head + b"Subject: =?no-such-charset?q?x?=\n\nx").subject
    assert repr(Message.read(head + b"Subject: s\n\n")).startswith("Message from a@x.example to 1 recipient, ")
    assert "2 recipients" in repr(Message.write("a@x.example", ["b@x.example", "c@x.example"]))
    assert Message.read(head + b"Importance: low\n\n").priority == "low"


def test_a_size_for_people_has_one_decimal() -> None:
    assert Message.read(b"From: a@b.example\r\nTo: c@d.example\r\n\r\n".ljust(1536, b"y")).size_kb == "1.5"


@pytest.mark.parametrize("size", [0, 56, 57, 10_000, 10_001, 57 * 200, 123_457])
def test_a_large_attachment_is_written_as_the_standard_library_would(
    size: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    def written() -> Message:
        attached: dict[str, bytes | int] = {
            "zeros.bin": size,
            "bytes.bin": bytes(range(256)) * (size // 256 + 1),
            "note.txt": b"short",
        }
        return Message.write("anna@contoso.com", "ben@contoso.com", html="<p>Hello</p>", attachments=attached)

    whole = written()
    monkeypatch.setattr("mailflow.messages.message.LARGE", 10**9)
    assert whole.content == written().content
    parts = [part.get_content() for part in whole.email.iter_attachments()]
    assert parts == [bytes(size), bytes(range(256)) * (size // 256 + 1), b"short"]
