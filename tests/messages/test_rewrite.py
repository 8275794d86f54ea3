"""A message as the call that writes it again, or none."""

from datetime import UTC, datetime

import pytest

from mailflow.messages import Message
from mailflow.messages.rewrite import LARGEST, Written, written_as


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"to": ["b@x.example", "c@x.example"]},
        {"subject": "Grüße", "text": "Two\nlines, and ünïcode"},
        {"text": "", "subject": ""},
        {"cc": ["d@x.example"], "bcc": ["e@x.example", "f@x.example"]},
        {"html": "<p>Hi</p>", "priority": "high", "receipt": True},
        {"attachments": {"a.bin": 3000, "b.txt": b"hello"}, "priority": "low"},
        {"sender": ""},
    ],
)
def test_what_was_written_is_written_again(fields: Written) -> None:
    whole: Written = {"sender": "a@x.example", "to": "b@x.example", **fields}
    message = Message.write(**whole)
    found = written_as(message)
    assert found is not None
    assert Message.write(**found) == message
    assert {key: value for key, value in found.items() if key in fields} == fields


def test_the_usual_is_left_out() -> None:
    assert written_as(Message.write("a@x.example", "b@x.example")) == {"sender": "a@x.example", "to": "b@x.example"}


@pytest.mark.parametrize(
    "message",
    [
        Message.read(b"From: a@x.example\nTo: b@x.example\nX-Own: 1\n\nhi"),
        Message.read(b"Content-Type: text/plain; charset=none\n\nhi\xff", sender="a@x.example", to=["b@x.example"]),
        Message.write("a@x.example", "b@x.example", deliver_after=datetime(2003, 10, 7, tzinfo=UTC)),
        Message.write("a@x.example", "b@x.example", attachments={"large.bin": LARGEST}),
        Message(b"", "a", ["b"]),
    ],
)
def test_what_nobody_could_have_written_is_not(message: Message) -> None:
    assert written_as(message) is None


def test_equal_messages_are_equal() -> None:
    one, other = (Message.write("a@x.example", "b@x.example") for _ in range(2))
    assert one == other
    assert len({one, other}) == 1
    assert one != Message(one.content, one.sender, ["c@x.example"])
    assert one != one.content
