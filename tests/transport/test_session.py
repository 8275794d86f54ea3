"""The text of a session: replies word for word, any order of commands, and the simulation as the other witness."""

import base64
import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import mailflow
from mailflow.organization import VirtualServer
from mailflow.simulation import Parameters
from mailflow.simulation.world import World
from mailflow.transport.session import LONGEST_LINE, Reply, Session
from mailflow.transport.smtp import ExchangeReceiver
from mailflow.transport.wire import Client

STRANGER = "203.0.113.7"


class Talk:
    """A session with a memory."""

    def __init__(
        self, *, sinks: bool = True, limit: int = 90_000, session: dict[str, Any] | None = None, **fields: Any
    ) -> None:
        base = mailflow.load("one server")
        server = replace(base.servers[0], virtual_servers=(VirtualServer(**fields),), exchange_sinks=sinks)
        world = World(replace(base, servers=(server,)), Parameters(mailmsg_limit=limit), 0)
        receiver = ExchangeReceiver(world.nodes["LON01"], Client(name="c", ip=STRANGER))
        self.taken: list[mailflow.Message] = []
        self.session = Session(
            receiver,
            lambda message, _: self.taken.append(message),
            passwords={"anna": "secret"},
            **{"largest": 2**25, **(session or {})},
        )
        self.reply = self.session.greet()

    def say(self, *lines: str) -> str:
        for line in lines:
            self.reply = self.session.command(line.encode("latin-1") + b"\r\n")
        return self.reply.text


def code(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


READY = ("EHLO client", "MAIL FROM:<kim@fabrikam.com>", "RCPT TO:<anna@contoso.com>")


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (["NONSENSE"], "500 5.3.3 Unrecognized command"),
        ([""], "500 5.3.3 Unrecognized command"),
        (["EHLO"], "501 5.5.4 Invalid Address"),
        (["HELO"], "501 5.5.4 Invalid Address"),
        (["EHLO a b"], "501 5.5.4 Invalid Address/domain"),
        (["HELO <x>"], "501 5.5.4 Invalid Address/domain"),
        (["HELO client"], "250 lon01.contoso.com Hello [203.0.113.7]"),
        (["MAIL FROM:<a@b.example>"], "503 5.5.2 Send hello first"),
        (["AUTH LOGIN"], "503 5.5.2 Send hello first"),
        (["EHLO c", "RCPT TO:<anna@contoso.com>"], "503 5.5.2 Need mail command."),
        (["EHLO c", "DATA"], "503 5.5.2 Need mail command."),
        (["EHLO c", "MAIL FROM:<a@b.example>", "DATA"], "503 5.5.2 Need Rcpt command."),
        (["EHLO c", "MAIL FROM:<a@b.example>", "MAIL FROM:<a@b.example>"], "503 5.5.2 Sender already specified"),
        (["EHLO c", "MAIL a@b.example"], "501 5.5.4 Invalid arguments"),
        (["EHLO c", "MAIL FROM:<a b@c.example>"], "501 5.5.4 Invalid arguments"),
        (["EHLO c", "MAIL FROM:<a@b@c.example>"], "501 5.5.4 Invalid Address"),
        (["EHLO c", "MAIL FROM:<a@-b.example>"], "501 5.5.4 Invalid Address"),
        ([*READY, "RCPT TO:<anna@contoso.com(c)>"], "501 5.5.4 Invalid Address"),
        (["EHLO c", "MAIL FROM:<a@b.example> SIZE=10 BODY=8BITMIME"], "250 2.1.0 a@b.example....Sender OK"),
        (["EHLO c", "MAIL FROM:<>"], "250 2.1.0 <>....Sender OK"),
        (["EHLO c", "MAIL FROM: a@b.example"], "250 2.1.0 a@b.example....Sender OK"),
        (["EHLO c", "MAIL FROM:<spamtest>"], "250 2.1.0 spamtest@contoso.com....Sender OK"),
        ([*READY], "250 2.1.5 anna@contoso.com "),
        ([*READY, "RCPT TO:<anna>"], "250 2.1.5 anna@contoso.com "),
        ([*READY, "RCPT TO:<>"], "501 5.5.4 Invalid arguments"),
        ([*READY, "RCPT TO:<a@b@c>"], "501 5.5.4 Invalid Address"),
        ([*READY, "RCPT TO:<x@fabrikam.com>"], "550 5.7.1 Unable to relay for x@fabrikam.com"),
        ([*READY, "DATA"], "354 Start mail input; end with <CRLF>.<CRLF>"),
        ([*READY, "DATA now"], "501 5.5.4 Invalid arguments"),
        ([*READY, "RSET"], "250 2.0.0 Resetting"),
        ([*READY, "RSET", "DATA"], "503 5.5.2 Need mail command."),
        ([*READY, "EHLO c", "DATA"], "503 5.5.2 Need mail command."),
        (["NOOP"], "250 2.0.0 OK"),
        (["QUIT"], "221 2.0.0 lon01.contoso.com Service closing transmission channel"),
        (["VRFY anna"], "252 2.1.5 Cannot VRFY user, but will take message for <anna>"),
        (["VRFY"], "501 5.5.4 Invalid arguments"),
        (["XEXCH50 100 2"], "504 Need to authenticate first"),
        (["X-LINK2STATE LAST CHUNK={}"], "504 Need to authenticate first"),
        (["ETRN contoso.com"], "502 5.3.3 Command is not implemented"),
        (["STARTTLS"], "500 5.3.3 Unrecognized command"),
        (["EHLO c", "MAIL FROM:<a@b.example> SIZE=abc"], "501 5.5.4 Invalid arguments"),
        (["EHLO c", "MAIL FROM:<a@b.example> SIZE"], "501 5.5.4 Invalid arguments"),
        (["EHLO c", "MAIL FROM:<a@b.example> SIZE=1 SIZE=2"], "501 5.5.4 Invalid arguments"),
        (["EHLO c", f"MAIL FROM:<a@b.example> SIZE={10**20}"], "501 5.5.4 Invalid arguments"),
        (["EHLO c", f"MAIL FROM:<a@b.example> SIZE={10**15}"], "552 5.3.4 Message size exceeds fixed maximum message size"),
        (["EHLO c", f"MAIL FROM:<a@b.example> SIZE={10**20 - 1}"], "552 5.3.4 Message size exceeds fixed maximum message size"),
        (["EHLO c", "MAIL FROM:<a@b.example> FOO=BAR"], "555 5.5.4 Unsupported parameter"),
        (["EHLO c", "MAIL FROM:<a@b.example> BODY=9BIT"], "501 5.5.4 Invalid arguments"),
        (["EHLO c", "MAIL FROM:<a@b.example> RET=HDRS ENVID=a+2Bb AUTH=<>"], "250 2.1.0 a@b.example....Sender OK"),
        (["EHLO c", "MAIL FROM:<a@b.example> RET=SOME"], "501 5.5.4 Invalid arguments"),
        (["EHLO c", "MAIL FROM:<a@b.example> ENVID=a+2"], "501 5.5.4 Invalid arguments"),
        (["EHLO c", f"MAIL FROM:<a@b.example> ENVID={'x' * 101}"], "501 5.5.4 Invalid arguments"),
        ([*READY, "RCPT TO:<ben@contoso.com> NOTIFY=SUCCESS,delay ORCPT=rfc822;ben@x.example"], "250 2.1.5 ben@contoso.com "),
        ([*READY, "RCPT TO:<ben@contoso.com> NOTIFY=BOGUS"], "501 5.5.4 Invalid arguments"),
        ([*READY, "RCPT TO:<ben@contoso.com> NOTIFY=NEVER,DELAY"], "501 5.5.4 Invalid arguments"),
        ([*READY, "RCPT TO:<ben@contoso.com> ORCPT=ben@x.example"], "501 5.5.4 Invalid arguments"),
        ([*READY, "RCPT TO:<ben@contoso.com> SIZE=1"], "555 5.5.4 Unsupported parameter"),
        ([*READY, "AUTH LOGIN"], "503 5.5.2 Not allowed during a mail transaction"),
        ([*READY, "RSET", "AUTH LOGIN"], "334 VXNlcm5hbWU6"),
        (["EHLO c", "MAIL FROM:<a@b.example> BODY=BINARYMIME", "RCPT TO:<anna@contoso.com>", "DATA"], "503 5.5.2 Need BDAT command"),
        (["BDAT x"], "501 5.5.4 Invalid arguments"),
        (["EHLO c", "AUTH GSSAPI"], "504 5.7.4 Unrecognized authentication type"),
        (["EHLO c", "X-EXPS NTLM"], "504 5.7.4 Unrecognized authentication type"),
        (["x" * 1041], "500 5.3.3 Line too long"),
        (["x" * 1040], "500 5.3.3 Unrecognized command"),
        ([*READY, f"RCPT TO:<ben@contoso.com> NOTIFY=SUCCESS,FAILURE,DELAY ORCPT=rfc822;{'x' * 493}"], "250 2.1.5 ben@contoso.com "),
        (["MAIL FROM:<\xe4@b.example>"], "500 5.3.3 Unrecognized command"),
        (["NOOP\rQUIT"], "500 5.3.3 Unrecognized command"),
    ],
)  # fmt: skip
def test_replies(lines: list[str], expected: str) -> None:
    assert Talk().say(*lines) == expected


def test_banner_and_ehlo_list_o2() -> None:
    talk = Talk(max_message_kb=5120, certificate=True)
    assert talk.reply.text == (
        "220 lon01.contoso.com Microsoft ESMTP MAIL Service, Version: 6.0.3790.3959 ready at  "
        "Mon, 6 Oct 2003 09:00:00 +0000"
    )
    lines = talk.say("EHLO client").split("\r\n")
    assert lines[0] == "250-lon01.contoso.com Hello [203.0.113.7]"
    assert [line[4:] for line in lines[1:]] == [
        "TURN", "ATRN", "SIZE 5242880", "ETRN", "PIPELINING", "DSN", "ENHANCEDSTATUSCODES", "8bitmime", "BINARYMIME",
        "CHUNKING", "VRFY", "X-EXPS LOGIN", "X-EXPS=LOGIN", "AUTH LOGIN", "AUTH=LOGIN",
        "X-LINK2STATE", "XEXCH50", "OK",
    ]  # fmt: skip
    assert [line[:4] for line in lines] == ["250-"] * (len(lines) - 1) + ["250 "]


def test_without_the_exchange_sinks_t83() -> None:
    words = {line[4:].split()[0] for line in Talk(sinks=False).say("EHLO client").split("\r\n")[1:]}
    assert not {word for word in words if word.startswith("X")}
    assert {"AUTH", "SIZE", "VRFY"} <= words


def test_a_client_that_may_not_connect_is_sent_away() -> None:
    talk = Talk(denied_clients=(STRANGER,))
    assert talk.reply == ("421 4.3.2 Service not available, closing transmission channel", "close", 0)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (["anna", "secret"], "235 2.7.0 Authentication successful"),
        (["CONTOSO\\Anna", "secret"], "235 2.7.0 Authentication successful"),
        (["anna@contoso.com", "secret"], "235 2.7.0 Authentication successful"),
        (["anna", "guess"], "535 5.7.3 Authentication unsuccessful"),
        (["nobody", "secret"], "535 5.7.3 Authentication unsuccessful"),
    ],
)
def test_log_on(given: list[str], expected: str) -> None:
    talk = Talk()
    assert talk.say("EHLO c", "AUTH LOGIN") == "334 VXNlcm5hbWU6"
    assert talk.session.credentials(code(given[0]).encode()).text == "334 UGFzc3dvcmQ6"
    assert talk.session.credentials(code(given[1]).encode()).text == expected
    again = talk.say(f"AUTH LOGIN {code(given[0])}")
    assert again == ("503 5.5.2 Already authenticated" if expected[0] == "2" else "334 UGFzc3dvcmQ6")
    assert talk.session.credentials(b"***").text == "501 5.5.4 Invalid arguments"


def test_log_on_only_where_basic_authentication_is_ticked() -> None:
    assert Talk(authentication=("integrated",)).say("EHLO c", "AUTH LOGIN").startswith("504")


def test_content_and_chunks() -> None:
    talk = Talk()
    talk.say(*READY, "DATA")
    assert talk.session.content(b"Subject: a\r\n\r\nb\r\n").text.startswith("250 2.6.0 <")
    talk.say("MAIL FROM:<kim@fabrikam.com>", "RCPT TO:<anna@contoso.com>")
    assert talk.session.command(b"BDAT 6\r\n") == ("", "chunk", 6)
    assert talk.session.chunk(b"Subjec").text == "250 2.0.0 6 octets received"
    assert talk.session.pending() == 6
    assert talk.say("DATA") == "503 5.5.2 Need BDAT command"
    talk.session.command(b"bdat 6 last\r\n")
    assert talk.session.chunk(b"t: c\r\n").text.startswith("250 2.6.0 <")
    assert [message.subject for message in talk.taken] == ["a", "c"]
    assert talk.session.chunk(b"x").text == "503 5.5.2 Need mail command."
    assert talk.taken[0].recipients == ("anna@contoso.com",)


def test_what_is_too_large_is_refused_and_nothing_is_taken() -> None:
    talk = Talk(max_message_kb=1)
    assert talk.say("EHLO c", "MAIL FROM:<a@b.example> SIZE=2000").startswith("552 5.3.4")
    finishes: tuple[Callable[[], Reply], ...] = (
        lambda: talk.session.content(b"x" * 2000),
        lambda: talk.session.content(None),
        lambda: talk.session.chunk(None),
    )
    for finish in finishes:
        talk.say("RSET", "MAIL FROM:<a@b.example>", "RCPT TO:<anna@contoso.com>", "DATA")
        assert finish().text == "552 5.3.4 Message size exceeds fixed maximum message size"
        assert talk.say("DATA").startswith("503")
    assert talk.taken == []


def test_limits_of_session_and_memory() -> None:
    talk = Talk(max_session_kb=1)
    for _ in range(2):
        talk.say("RSET", *READY, "DATA")
        last = talk.session.content(b"x" * 700).text
    assert last == "552 5.3.4 Session size exceeds fixed maximum session size"
    assert Talk(limit=0).say(*READY[:2]) == "452 4.3.1 Out of memory"
    full = Talk()
    full.say(*READY, "DATA")
    full.session.receiver.node.memory.mailmsgs = 90_000
    assert full.session.content(b"x").text == "452 4.3.1 Out of memory"


def test_a_listed_sender_loses_the_connection_t151() -> None:
    filtering = Talk(filters=("sender",)).session.receiver.node.organization
    blocked = replace(filtering.global_settings, blocked_senders=("@bad.example",))
    organization = replace(filtering, global_settings=blocked)
    receiver = ExchangeReceiver(World(organization, Parameters(), 0).nodes["LON01"], Client(name="c", ip=STRANGER))
    session = Session(receiver, lambda *_: None)
    session.greet()
    session.command(b"EHLO c\r\n")
    assert session.command(b"MAIL FROM:<x@bad.example>\r\n") == ("554 5.1.0 Sender Denied", "close", 0)


COMMANDS = st.one_of(
    st.sampled_from(
        [*READY, "DATA", "RSET", "QUIT", "BDAT 5", "BDAT 5 LAST", "AUTH LOGIN", "HELP", "MAIL FROM:<>", "NOOP"]
    ).map(str.encode),
    st.binary(max_size=LONGEST_LINE + 10),
    st.from_regex(rb"(MAIL FROM|RCPT TO|EHLO|AUTH|BDAT|VRFY)[: ][ -~]{0,40}", fullmatch=True),
)


@settings(max_examples=200, deadline=None)
@given(st.lists(st.tuples(COMMANDS, st.binary(max_size=40)), max_size=25))
def test_any_stream_of_commands_gets_replies_and_loses_nothing(stream: list[tuple[bytes, bytes]]) -> None:
    talk = Talk()
    acknowledged = 0
    reply = talk.reply
    for line, data in stream:
        if reply.then == "close":
            break
        if reply.then == "content":
            reply = talk.session.content(data)
        elif reply.then == "chunk":
            reply = talk.session.chunk(data[: reply.size])
        elif reply.then == "credentials":
            reply = talk.session.credentials(data)
        else:
            reply = talk.session.command(line)
        assert reply.text[:3].isdigit() or reply.then == "chunk"
        assert "\n" not in reply.text.replace("\r\n", "")
        acknowledged += reply.text.startswith("250 2.6.0")
    assert len(talk.taken) == acknowledged


def test_the_simulation_refuses_a_sender_that_is_no_address_as_the_wire_does() -> None:
    scenario = mailflow.Scenario(mailflow.load("one server"))
    scenario.send(mailflow.Message(b"\r\n", "kim@-x.example", ("anna@contoso.com",)), by="smtp", server="LON01")
    address, state, detail = scenario.run().status()["m1"][0]
    assert (address, state) == ("anna@contoso.com", "refused")
    assert detail == f"MAIL FROM: {Talk().say('EHLO c', 'MAIL FROM:<kim@-x.example>')}"


def test_chunks_arrive_as_they_are_t89() -> None:
    content = b"Subject: x\nBcc: y@b.example\r\n\r\n\r\r\n\n.\n\x00\xff"
    talk = Talk()
    talk.say(
        "EHLO c",
        "MAIL FROM:<kim@fabrikam.com> BODY=BINARYMIME",
        "RCPT TO:<anna@contoso.com>",
        "RCPT TO:<ANNA@contoso.com>",
    )
    for piece, last in ((content[:5], ""), (content[5:], " LAST")):
        talk.say(f"BDAT {len(piece)}{last}")
        assert talk.session.chunk(piece).text.startswith("250 2.")
    assert [(message.content, message.recipients) for message in talk.taken] == [(content, ("anna@contoso.com",))]


def test_a_message_without_a_number_gets_one_as_the_smtp_service_makes_them_t110() -> None:
    talk = Talk()
    talk.say(*READY, "DATA")
    number = talk.session.content(b"Subject: a\r\n\r\nb\r\n").text.split()[2]
    assert re.fullmatch(r"<LON01[A-Za-z0-9]{15}00000000@lon01\.contoso\.com>", number)
    talk.say(*READY[1:], "DATA")
    assert talk.session.content(b"Message-ID: <a@b.example>\r\n\r\n").text.split()[2] == "<a@b.example>"


def test_what_the_sender_wants_to_be_told_is_kept_for_each_recipient() -> None:
    kept = []
    talk = Talk()
    talk.session.take = lambda _, session: kept.append((session.options, session.notify))
    talk.say("EHLO c", "MAIL FROM:<kim@fabrikam.com> RET=HDRS ENVID=7", "RCPT TO:<anna@contoso.com>")
    talk.say("RCPT TO:<ben@contoso.com> NOTIFY=NEVER", "DATA")
    talk.session.content(b"x")
    assert kept == [({"RET": "HDRS", "ENVID": "7"}, {"ben@contoso.com": {"NOTIFY": "NEVER"}})]


def test_what_finds_no_memory_is_told_to_come_again() -> None:
    room = 1000
    talk = Talk(session={"room": lambda: room})
    assert talk.say("EHLO c", "MAIL FROM:<a@b.example> SIZE=1001") == "452 4.3.1 Out of memory"
    assert talk.say("MAIL FROM:<a@b.example>", "RCPT TO:<anna@contoso.com>").startswith("250")
    room = 100
    assert talk.say("RCPT TO:<ben@contoso.com>") == "452 4.3.1 Out of memory"
    assert talk.session.refuse("452 4.3.1 Out of memory").text == "452 4.3.1 Out of memory"
    room = 0
    assert talk.say("MAIL FROM:<a@b.example>") == "452 4.3.1 Out of memory"
