"""Messages that nobody means well: whatever the bytes are, they can be read, shown and delivered."""

import time
import tracemalloc
from datetime import UTC, datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.message import Message as StandardMessage

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from mailflow.messages import (
    AddressError,
    Message,
    MessageError,
    Report,
    addresses_in,
    delivery_status,
    journal_copy,
    parse_path,
)
from mailflow.messages import message as reading
from mailflow.messages.message import DEEPEST, MOST_FIELDS, MOST_PARTS, set_field


def read(content: bytes) -> Message:
    return Message.read(content, sender="kim@fabrikam.com", to=["anna@contoso.com"])


def nested(levels: int) -> bytes:
    """Containers that lie in each other, and a text in the innermost."""
    heads = (b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (i, i) for i in range(levels))
    return b"From: kim@fabrikam.com\r\n" + b"".join(heads) + b"Content-Type: text/plain\r\n\r\ntext\r\n"


@pytest.mark.parametrize(
    ("field", "subject"),
    [
        (b"=?utf-8?b?a?=", "a"),
        (b"=?iso-8859-1?q?caf\xe9_f=FCr?= x", "café für x"),
        (b"=?utf-8?q?caf=C3=A9?=\r\n =?utf-8?q?_noir?=", "café noir"),
        (b"caf\xc3\xa9", "café"),
        (b"caf\xe9", "caf\ufffd"),
        (b"=?utf-8?q?a=0D=0Ab=00=C2=9Bc?=", "a b c"),
        (b"=?no-such-charset?q?x?=", "x"),
        (b"plain   and\r\n folded", "plain and folded"),
    ],
)
def test_a_subject_can_always_be_read(field: bytes, subject: str) -> None:
    assert read(b"Subject: " + field + b"\r\n\r\n").subject == subject


@pytest.mark.parametrize("levels", [DEEPEST - 1, DEEPEST, DEEPEST + 1, 970, 5000])
def test_parts_are_read_to_a_certain_depth_and_kept_below_it(levels: int) -> None:
    message = read(nested(levels))
    told = f"parts more than {DEEPEST} levels deep"
    assert (told in message.defects) == (levels > DEEPEST)
    assert len(message.outline().splitlines()) == min(levels, DEEPEST) + 1
    assert message.content == nested(levels)
    assert message.email.get_content_type() == "multipart/mixed"
    assert sum(1 for _ in message.email.walk()) == min(levels, DEEPEST) + 1


def test_a_message_object_that_is_nested_too_deeply_cannot_be_sent() -> None:
    inner = EmailMessage()
    inner["From"], inner["To"] = "a@x.example", "b@x.example"
    for _ in range(2000):
        outer = EmailMessage()
        outer["From"], outer["To"] = "a@x.example", "b@x.example"
        outer["Content-Type"] = "multipart/mixed"
        outer.attach(inner)
        inner = outer
    with pytest.raises(MessageError, match="cannot be turned into bytes"):
        Message.read(inner)


@pytest.mark.parametrize("field", [b"(" * 5000, b"a@b.example (" + b"(" * 5000, b":" * 5000])
def test_comments_in_comments_do_not_hide_the_message(field: bytes) -> None:
    message = read(b"From: " + field + b"\r\nTo: " + field + b"\r\nBcc: " + field + b"\r\n\r\n")
    assert message.header_from == ""
    assert message.recipients == ("anna@contoso.com",)
    assert addresses_in(field.decode(), "ben@contoso.com") == ["ben@contoso.com"]


@pytest.mark.parametrize(
    "kind",
    [b"a/b\r\n c", b"text/\x0bplain", b"text/pl\xe9in", b'text/plain; name="a\r\n b"', b"multipart/\x1ex; boundary=b"],
)
def test_the_outline_has_one_line_a_part(kind: bytes) -> None:
    message = read(b"Content-Type: " + kind + b"\r\n\r\n--b\r\n\r\nx\r\n--b--\r\n")
    assert len(message.outline().splitlines()) == len(list(message.email.walk()))


def part(kind: bytes, more: bytes = b"") -> bytes:
    return b"--b\r\nContent-Type: " + kind + b"\r\n" + more + b"\r\nx\r\n"


PDF = b"application/pdf; name=a.pdf"
PICTURE = part(b"image/png; name=logo.png", b"Content-ID: <logo>\r\n")


@pytest.mark.parametrize(
    ("container", "parts", "attachments"),
    [
        (b"mixed", [part(b"text/plain"), part(PDF)], 1),
        (b"mixed", [part(b"text/plain"), part(b"application/pdf")], 1),
        (b"mixed", [part(b"text/plain"), part(b"text/plain", b"Content-Disposition: attachment\r\n")], 1),
        (b"mixed", [part(b"text/plain"), part(b"text/plain", b"Content-Disposition: inline; filename=a.txt\r\n")], 1),
        (b"mixed", [part(b"text/plain"), part(b"message/rfc822", b"\r\nSubject: inner\r\n"), part(PDF)], 2),
        (b"related", [part(b"text/html"), PICTURE], 0),
        (b"mixed", [part(b"text/html"), PICTURE], 1),
        (b"alternative", [part(b"text/plain"), part(b"text/html")], 0),
        (b"signed", [part(b"text/plain"), part(b"application/pkcs7-signature; name=smime.p7s")], 0),
        (b"mixed", [], 0),
    ],
)
def test_attachments_are_what_a_mail_program_shows_as_such(
    container: bytes, parts: list[bytes], attachments: int
) -> None:
    head = b"Content-Type: multipart/" + container + b"; boundary=b\r\n\r\n"
    assert read(head + b"".join(parts) + b"--b--\r\n").attachments == attachments


def test_a_message_that_is_a_file_and_one_that_is_a_message() -> None:
    assert read(b"Content-Type: application/pdf; name=a.pdf\r\n\r\nx").attachments == 1
    assert read(b"Content-Type: message/rfc822\r\n\r\nSubject: inner\r\n\r\nx").attachments == 0


def test_a_field_that_cannot_be_written_is_something_else_instead() -> None:
    made = EmailMessage()
    set_field(made, "To", "two\nlines", "undisclosed-recipients:;")
    assert made["To"] == "undisclosed-recipients:;"


def test_many_recipients_are_sorted_out_at_once() -> None:
    names = [f"user{number}@contoso.com" for number in range(64_000)]
    start = time.perf_counter()
    message = Message.read(b"\r\n", sender="", to=[*names, *(name.upper() for name in names)])
    assert time.perf_counter() - start < 2
    assert message.recipients == tuple(names)


PIECES = [
    b"=?utf-8?q?", b"?=", b"=?big5?b?", b"=?utf-8?b?a?=", b"=?iso-2022-jp?b?GyRC?=", b"=?utf-8?b?7aCA?=", b"=?idna?q?x?=", b"\xff",
    b"\xed\xa0\x80", b"\x85", b"\xe2\x80\xa8", b"\0", b"\x0b", b" ", b"\t", b"\r\n ", b"\r\n", b"\r\n\r\n", b"a" * 90, b"=E4", b"(", b"[",
    b"<", b">", b"@", b'"', b"\\", b",", b";", b":", b".", b"*0*=", b"*=utf-8''%ff", b"=", b"x", b"--b", b"boundary=", b"name=",
    b"multipart/mixed", b"multipart/digest", b"message/rfc822", b"message/delivery-status", b"text/plain", b"/", b"attachment", b"base64",
]  # fmt: skip
HEADERS = [b"From", b"To", b"Bcc", b"Subject", b"Message-ID", b"Content-Type", b"Content-Disposition", b"Content-Transfer-Encoding",
           b"Deferred-Delivery", b"Importance", b"Received"]  # fmt: skip
VALUES = st.lists(st.sampled_from(PIECES), max_size=8).map(b"".join)
FIELD = st.builds(lambda name, value: name + b": " + value + b"\r\n", st.sampled_from(HEADERS), VALUES)
DAMAGED = st.builds(lambda fields, body: b"".join(fields) + b"\r\n" + body, st.lists(FIELD, max_size=6), VALUES)
"""The content of messages that damage as much as they can."""


@given(DAMAGED)
@example(b"Content-Type: multipart/mixed; boundary=\xff\r\n\r\n--\xff\r\n")
@example(b"Content-Type: text/plain; name*=\x00''x\r\n\r\n")
def test_whatever_stands_in_a_message_it_can_be_read_and_shown(content: bytes) -> None:
    message = read(content)
    for name in (
        "subject",
        "message_id",
        "priority",
        "received",
        "deferred_until",
        "format",
        "defects",
        "header_from",
    ):
        assert str(getattr(message, name)).encode() is not None
    assert message.attachments >= 0
    assert isinstance(message.email, EmailMessage)
    assert len(message.subject.splitlines()) <= 1
    assert len(message.outline().splitlines()) == len(list(reading._parse(message.content).walk()))


@given(DAMAGED)
@example(b"Subject: =?utf-8?q?=ED=A0=80?=\r\n\r\n")
@example(b"Subject: =?utf-8?b?7aCA?=a=?idna?q?x?=\r\nMessage-ID: <x@[>\r\n\r\n")
@example(b"Subject: x\r\nMessage-ID: <=?=?@>\r\n\r\n")
def test_every_message_can_be_archived(content: bytes) -> None:
    message = read(content)
    for kind in ("standard", "bcc", "envelope"):
        copy = journal_copy(message, kind, journal="j@x.example", recipients=message.recipients, expanded={})
        assert copy.recipients == ("j@x.example",)
    parts = message_from_bytes(copy.content).get_payload()
    assert isinstance(parts, list)
    text, original = parts
    assert isinstance(text, StandardMessage)
    assert isinstance(original, StandardMessage)
    assert (text.get_content_type(), original.get_content_type()) == ("text/plain", "message/rfc822")
    assert message.content in copy.content


LETTERS = ["a", ".", "@", '"', "\\", "(", ")", "[", "]", ",", ";", ":", "-", "%", "!", "=?", "?=", "utf-8?q?", "<", ">", "\x7f", "\r", "\n",
           " ", "_", "=", "\xe9", "\u2028", "\ud800", "a" * 70, "`", "{", "/", "*", "@b.example"]  # fmt: skip


@given(st.lists(st.sampled_from(LETTERS), min_size=1, max_size=9).map("".join))
@example("kim@")
@example("kim@x.example]")
@example(f"=?{'a' * 70}@b.example`(\\\x7f/")
def test_every_sender_can_be_told(sender: str) -> None:
    moment = datetime(2003, 10, 6, tzinfo=UTC)
    report = Report(server="s.example", message=read(b"\r\n"), kind="failure", sender=sender, arrival=moment, now=moment,
                    recipients=((sender, "5.1.1", ""),))  # fmt: skip
    made = delivery_status(report)
    assert made.recipients == (sender,)
    assert message_from_bytes(made.content).get_content_type() == "multipart/report"
    try:
        address = parse_path(sender)
    except AddressError:
        return
    assert not address or not any(letter in str(address) for letter in "\r\n<>")


@pytest.mark.parametrize(
    "text",
    [
        "a@-b.example", "a@b-.example", "a@b.-example", "a@b.example-", "a@b.example.", "a@.b.example", "a@b..example", "a@b.example(c)",
        "a(c)@b.example", "(c)a@b.example", "a@(c)b.example", "a@b.example\r\n", "\r\na@b.example", "a\r\n", "a@b.example\n", "a<b",
        "<a@<b.example>", '"a\r\nb"@c.example', "a@b\\c.example", "a@[b(c)]", "(" * 2000 + "a@b.example", "a@b,c.example",
    ],
)  # fmt: skip
def test_more_bad_paths(text: str) -> None:
    with pytest.raises(AddressError, match="write <name@domain>"):
        parse_path(text)


@pytest.mark.parametrize(
    "text",
    ["a@xn--mnchen-3ya.example", "a@b_c.example", '"(c)"@b.example', "a@[192.0.2.1]", "a@[IPv6:2001:db8::1]", " a@b "],
)
def test_more_good_paths(text: str) -> None:
    assert str(parse_path(text)) == text.strip()


TINY = b"Content-Type: multipart/mixed; boundary=b\r\n\r\n" + b"--b\r\n\r\n" * 20_000 + b"--b--\r\n"
FIELDS = b"A: b\r\n" * 40_000 + b"\r\n"


@pytest.mark.parametrize(("content", "defect"), [(TINY, f"more than {MOST_PARTS} parts"), (FIELDS, "no From field")])
def test_what_is_kept_of_a_message_is_little_whatever_is_in_it(content: bytes, defect: str) -> None:
    message = read(content)
    tracemalloc.start()
    assert defect in message.defects
    assert (message.format, message.attachments, message.subject) in [("mime", 0, ""), ("plain", 0, "")]
    assert len(message.outline().splitlines()) <= MOST_PARTS
    kept, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert kept < 500_000
    assert len(message._head) <= MOST_FIELDS


def test_as_many_parts_as_are_looked_at_are_all_there() -> None:
    most = b"Content-Type: multipart/mixed; boundary=b\r\n\r\n" + b"--b\r\n\r\n" * (MOST_PARTS - 1) + b"--b--\r\n"
    assert len(read(most).outline().splitlines()) == MOST_PARTS
    assert not any("parts" in defect for defect in read(most).defects)


def test_a_message_of_many_lines_has_its_number_at_once() -> None:
    for content in (TINY * 30, FIELDS[:-2] * 20, b"Subject: x\r\n" + FIELDS):
        started = time.process_time()
        assert read(content).message_id.endswith("@message.invalid>")
        assert time.process_time() - started < 0.2


@pytest.mark.parametrize(
    ("head", "found"),
    [
        (b"Message-ID: <a@b.example>\r\n", "<a@b.example>"),
        (b"Subject: x\r\nmessage-id :\r\n\t<a@b.example> (x)\r\nTo: c\r\n", "<a@b.example>"),
        (b"X-Message-ID: <a@b.example>\r\n", ""),
        (b"Message-ID: a@b.example\r\nSubject: <c@d>\r\n", ""),
        (b"Message-ID: <\xe4@b.example>\r\n", ""),
        (b"\r\nMessage-ID: <a@b.example>\r\n", ""),
    ],
)
def test_the_number_of_a_message_is_found_in_its_header(head: bytes, found: str) -> None:
    assert read(head + b"\r\n").own_id == found
