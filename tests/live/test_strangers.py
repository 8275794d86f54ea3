"""Whole sessions of strangers, through the listener's session and the simulation, to the state of each recipient."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.live.strangers import CLIENTS, ORGANIZATIONS, SESSIONS, Step, check_listener


@settings(max_examples=5 * settings().max_examples)
@given(st.sampled_from(ORGANIZATIONS), CLIENTS, SESSIONS)
def test_every_recipient_of_every_stranger_ends_in_one_known_state(name: str, client: str, steps: list[Step]) -> None:
    check_listener(name, client, steps)


@pytest.mark.parametrize("name", ORGANIZATIONS)
def test_such_sessions_do_get_messages_in(name: str) -> None:
    said = [
        (b"EHLO c", b""),
        (b"MAIL FROM:<kim@" + b"a" * 64 + b".test>", b""),
        (b"RCPT TO:<nobody@contoso.com>", b""),
        (b"DATA", b"x"),
    ]
    check_listener(name, "203.0.113.99", said)
