"""What the SMTP listener withstands: clients from anywhere, in crowds, silent, slow or greedy, and content of any kind."""

import asyncio
import contextlib
import gc
import smtplib
import socket
import ssl
import struct
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

import mailflow
from mailflow.live import Accepted, DnsServer, SmtpServer
from mailflow.live import clients as fair
from mailflow.live import smtp as live
from mailflow.live.clients import Clients, Pace
from mailflow.live.terminal import main
from mailflow.organization import Organization, Zone
from tests.live.test_smtp import BODY, Raw, until, with_settings

READY = b"EHLO c\r\nMAIL FROM:<kim@fabrikam.com>\r\nRCPT TO:<anna@contoso.com>\r\n"


@pytest.fixture(scope="module")
def organization() -> Organization:
    return mailflow.load("one server")


class From(Raw):
    """A client that binds to a loopback address of its choice."""

    def __init__(self, listener: SmtpServer, address: str = "127.0.0.1") -> None:
        self.socket = socket.create_connection(("127.0.0.1", listener.port), timeout=20, source_address=(address, 0))
        self.file = self.socket.makefile("rb")
        self.banner = self.reply()


def rcpt(listener: SmtpServer, address: str, recipient: str = "victim@elsewhere.example") -> str:
    raw = From(listener, address)
    try:
        raw.say("EHLO c")
        raw.say("MAIL FROM:<kim@fabrikam.com>")
        return raw.say(f"RCPT TO:<{recipient}>").strip()
    finally:
        raw.close()


# -- who it is --------------------------------------------------------------------------------------------------------


def test_a_client_is_the_address_that_it_binds_to(organization: Organization) -> None:
    with SmtpServer(with_settings(organization, relay_list=("127.0.0.9", "198.51.100.0/24"))) as running:
        assert rcpt(running, "127.0.0.9") == "250 2.1.5 victim@elsewhere.example"
        assert rcpt(running, "127.0.0.8") == "550 5.7.1 Unable to relay for victim@elsewhere.example"
        assert "Hello [127.0.0.9]" in From(running, "127.0.0.9").say("EHLO c")
        assert f"Hello [{live.STRANGER}]" in From(running).say("EHLO c")


def test_a_table_says_what_loopback_addresses_stand_for(organization: Organization) -> None:
    lists: dict[str, Any] = {
        "relay_list": ("198.51.100.9", "fabrikam.com"),
        "denied_clients": ("198.51.100.66",),
        "filters": ("connection",),
    }
    changed = with_settings(organization, **lists)
    zone = Zone(name="list.example", records="@ 60 IN SOA ns h 1 1 1 1 1\n77.100.51.198 60 IN A 127.0.0.2\n")
    everywhere = replace(changed.global_settings, block_lists=("list.example",))
    changed = replace(changed, global_settings=everywhere, zones=(*changed.zones, zone))
    host = next(item for item in changed.external_hosts if item.name == "mail.fabrikam.com")
    table = {
        "127.0.0.9": "198.51.100.9",
        "127.0.0.66": "198.51.100.66",
        "127.0.0.77": "198.51.100.77",
        "127.0.0.5": host.ip,
    }
    with SmtpServer(changed, addresses=table) as running:
        assert rcpt(running, "127.0.0.9").startswith("250")
        assert rcpt(running, "127.0.0.5").startswith("250"), "a list may name a host outside by its domain"
        assert From(running, "127.0.0.66").banner.startswith("421 4.3.2")
        assert rcpt(running, "127.0.0.77") == "550 5.7.1 198.51.100.77 has been blocked by list.example"
        assert rcpt(running, "127.0.0.1").startswith("550 5.7.1 Unable")


@pytest.mark.parametrize("table", [{"192.0.2.1": "192.0.2.2"}, {"127.0.0.9": "printer"}, {"x": "192.0.2.1"}])
def test_a_table_holds_addresses(organization: Organization, table: dict[str, str]) -> None:
    with pytest.raises(ValueError, match=r"addresses: .* must be a loopback address"):
        SmtpServer(organization, addresses=table)


def test_the_command_line_takes_the_table(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mailflow.live.terminal._tell", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
    table = ["--as", "127.0.0.9=198.51.100.9", "--as", "127.0.0.8=192.0.2.8"]
    assert main(["smtp", "one-server", "--port", "0", *table], forever=False) == 0
    assert "from 127.0.0.9 from 198.51.100.9, from 127.0.0.8 from 192.0.2.8." in capsys.readouterr().out
    assert main(["smtp", "one-server", "--as", "203.0.113.4=203.0.113.8"]) == 2
    with pytest.raises(SystemExit):
        main(["smtp", "one-server", "--as", "127.0.0.9"])
    assert "the address it stands for" in capsys.readouterr().err


# -- crowds -----------------------------------------------------------------------------------------------------------


def crowd(listener: SmtpServer, size: int, address: str = "127.0.0.1") -> list[tuple[socket.socket, bytes]]:
    """So many connections at once, each with the first line it was told."""
    connections = []
    for _ in range(size):
        made = socket.socket()
        made.bind((address, 0))
        made.setblocking(False)
        made.connect_ex(("127.0.0.1", listener.port))
        connections.append(made)
    for made in connections:
        made.settimeout(20)
    return [(made, made.recv(200)) for made in connections]


def test_of_a_burst_as_many_come_in_as_fit(organization: Organization) -> None:
    with SmtpServer(organization) as running, contextlib.ExitStack() as stack:
        connections = crowd(running, live.MOST_SESSIONS + 20)
        for made, _ in connections:
            stack.enter_context(made)
        told = [line for _, line in connections]
        assert sum(line.startswith(b"220") for line in told) == live.MOST_SESSIONS
        assert sum(line.startswith(b"421 4.3.2") for line in told) == 20
        assert running.sessions == live.MOST_SESSIONS


def test_silent_clients_lock_nobody_out(organization: Organization, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "PATIENCE", 0.5)
    with SmtpServer(organization) as running, contextlib.ExitStack() as stack:
        silent = [stack.enter_context(made) for made, _ in crowd(running, live.MOST_SESSIONS)]
        assert rcpt(running, "127.0.0.2", "anna@contoso.com").startswith("250"), "another address comes in at once"
        time.sleep(0.6)
        for _ in range(20):
            assert rcpt(running, "127.0.0.1", "anna@contoso.com").startswith("250"), "the same one after a while"
        assert silent[0].recv(200).startswith(b"421 4.3.2"), "the one that was silent longest is told"
        assert running.sessions <= live.MOST_SESSIONS


def test_places_are_shared_fairly() -> None:
    left: list[int] = []
    clients = Clients(4, 2.0)
    visits = [visit for n in range(4) if (visit := clients.admit("a", partial(left.append, n), float(n)))]
    assert len(visits) == 4
    assert clients.admit("a", print, 4.0 - 2.1 + 0.05) is None, "nobody was silent long enough"
    assert clients.admit("b", print, 4.0) is not None
    assert clients.admit("b", print, 4.0) is not None
    assert left == [0, 1]
    assert clients.admit("c", print, 4.0) is not None, "two, two and none: somebody must give way"
    assert clients.count == 4
    clients.left(visits[0])
    clients.left(visits[3])
    clients.left(visits[3])
    assert clients.count == 3
    assert Clients(0, 2.0).admit("a", print, 0.0) is None


def test_a_pace_lets_some_through_and_then_one_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    pace = Pace(3, 2.0)
    assert [pace.wait("a", 10.0) for _ in range(5)] == [0.0, 0.0, 0.0, 0.5, 1.0]
    assert pace.wait("b", 10.0) == 0.0
    pace.back("a")
    pace.back("nobody")
    assert pace.wait("a", 10.0) == 1.0
    assert pace.wait("a", 100.0) == 0.0
    monkeypatch.setattr(fair, "REMEMBERED", 1)
    pace.wait("c", 200.0)
    assert set(pace._due) == {"c"}


def test_passwords_are_guessed_slowly_over_all_connections(
    organization: Organization, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "GUESSES", (3, 10.0))
    with SmtpServer(organization) as running:
        tried = []

        def guess() -> None:
            raw = From(running)
            raw.say("EHLO c")
            with contextlib.suppress(OSError, IndexError):
                while raw.say("AUTH LOGIN YW5uYQ==").startswith("334"):
                    tried.append(raw.say("eA=="))
            raw.close()

        started = time.monotonic()
        threads = [threading.Thread(target=guess) for _ in range(5)]
        for thread in threads:
            thread.start()
        time.sleep(1.5)
        right = smtplib.SMTP("127.0.0.1", running.port, timeout=10, source_address=("127.0.0.2", 0))
        begun = time.monotonic()
        right.login("anna", "exchange")
        assert time.monotonic() - begun < 1.0, "another address need not wait"
        assert len(tried) <= 3 + 10 * (time.monotonic() - started) + 1
        assert len(tried) >= 5
        right.close()
        running.stop()
        for thread in threads:
            thread.join(10)


def test_who_would_wait_too_long_for_a_password_is_sent_away(
    organization: Organization, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "GUESSES", (1, 0.01))
    with SmtpServer(organization) as running:
        raw = From(running)
        raw.say("EHLO c")
        raw.say("AUTH LOGIN YW5uYQ==")
        assert raw.say("eA==").startswith("535")
        raw.say("AUTH LOGIN YW5uYQ==")
        assert raw.say("eA==").startswith("421 4.7.0")
        raw.close()


def test_a_right_password_costs_nothing(organization: Organization) -> None:
    with SmtpServer(organization) as running:
        started = time.monotonic()
        for _ in range(10):
            with smtplib.SMTP("127.0.0.1", running.port, timeout=10) as connected:
                connected.login("anna", "exchange")
        assert time.monotonic() - started < 3


def test_errors_of_an_address_are_answered_ever_more_slowly(
    organization: Organization, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "ERRORS", (5, 10.0))
    with SmtpServer(organization) as running:
        for seconds, address in ((0.0, "127.0.0.1"), (0.4, "127.0.0.1"), (0.0, "127.0.0.2")):
            raw = From(running, address)
            started = time.monotonic()
            for _ in range(5):
                assert raw.say("NONSENSE").startswith("500")
            took = time.monotonic() - started
            assert seconds <= took < seconds + 0.4
            raw.close()


# -- content ----------------------------------------------------------------------------------------------------------


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.sampled_from([b"\r\n", b".", b"\r", b"\n", b"x", b"\r\n.\r\n"[:4], b"y" * 700, b"z" * 1500]), max_size=12
    ),
    st.lists(st.integers(1, 900), max_size=5),
)
@example([], [])
@example([b"."], [1, 1, 1])
@example([b"\r\n"], [])
@example([b"x" * 1000, b"\r", b"\n", b".", b"\r\n"], [1001, 1, 1])
def test_content_arrives_whole_however_it_is_cut(shared: SmtpServer, pieces: list[bytes], cuts: list[int]) -> None:
    content = live.lines_of(b"".join(pieces))
    content += b"" if not content or content.endswith(b"\r\n") else b"\r\n"
    stuffed = (b"\r\n" + content).replace(b"\r\n.", b"\r\n..")[2:] + b".\r\nQUIT\r\n"
    raw = From(shared)
    raw.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    raw.send(READY + b"DATA\r\n")
    for _ in range(4):
        raw.reply()
    for cut in cuts:
        raw.send(stuffed[:cut])
        stuffed = stuffed[cut:]
    raw.send(stuffed)
    assert raw.reply().startswith("250 2.6.0")
    assert raw.reply().startswith("221")
    raw.close()
    assert shared.accepted[-1].message.content == content


@pytest.fixture(scope="module")
def shared(organization: Organization) -> Iterator[SmtpServer]:
    with SmtpServer(organization) as running:
        yield running


def test_binary_chunks_keep_every_byte(shared: SmtpServer) -> None:
    content = b"Subject: x\nBcc: y@b.example\r\n\r\n\r\r\n\n.\r\n.\n" + bytes(range(256)) * 300
    raw = From(shared)
    raw.send(
        READY.replace(b"com>\r\nRCPT", b"com> BODY=BINARYMIME\r\nRCPT")
        + b"BDAT 70 \r\n".replace(b" \r", b"\r")
        + content[:70]
    )
    raw.send(b"BDAT %d LAST\r\n" % len(content[70:]) + content[70:])
    assert [raw.reply()[:3] for _ in range(5)] == ["250"] * 5
    raw.close()
    assert shared.accepted[-1].message.content == content


GREEDY = b"z" * 998 + b"\r\n"


def test_what_is_still_arriving_counts_and_nothing_is_lost(organization: Organization) -> None:
    with SmtpServer(organization, most_bytes=10_000_000) as running:
        first = From(running)
        first.send(READY + b"DATA\r\n" + GREEDY * 6000)
        chunks = From(running)
        chunks.send(READY + b"BDAT 3000000\r\n" + GREEDY * 3000)
        until(lambda: running.memory.held > 8_990_000)
        late = From(running)
        late.send(READY + b"DATA\r\n" + GREEDY * 2000 + b".\r\n")
        assert [late.reply()[:9] for _ in range(5)][-1] == "452 4.3.1"
        assert late.say("MAIL FROM:<kim@fabrikam.com> SIZE=2000000").startswith("452 4.3.1")
        late.send(READY + b"BDAT 2000000 LAST\r\n" + GREEDY * 2000)
        assert [late.reply()[:9] for _ in range(4)][-1] == "452 4.3.1"
        first.send(b".\r\n")
        assert [first.reply()[:9] for _ in range(5)][-1] == "250 2.6.0"
        chunks.close()
        until(lambda: running.memory.held < 7_000_000)
        assert late.say("MAIL FROM:<kim@fabrikam.com> SIZE=2000000").startswith("250")
        assert [len(item.message.content) for item in running.accepted] == [6_000_000]
        for raw in (first, late):
            raw.close()
        until(lambda: running.sessions == 0)
        assert running.memory.held == 6_000_000 + 300


def test_accepted_messages_count(organization: Organization) -> None:
    with SmtpServer(organization, most_bytes=len(BODY) + 400) as running:
        with smtplib.SMTP("127.0.0.1", running.port, timeout=10) as connected:
            connected.sendmail("kim@fabrikam.com", "anna@contoso.com", BODY)
            with pytest.raises(smtplib.SMTPRecipientsRefused) as refused:
                connected.sendmail("kim@fabrikam.com", "anna@contoso.com", BODY)
        assert refused.value.recipients["anna@contoso.com"] == (452, b"4.3.1 Out of memory")
        assert len(running.accepted) == 1


def test_what_was_accepted_can_be_taken_out_and_makes_room(organization: Organization) -> None:
    with SmtpServer(organization, most_messages=1) as running:
        for _ in range(3):
            with smtplib.SMTP("127.0.0.1", running.port, timeout=10) as connected:
                connected.sendmail("kim@fabrikam.com", "anna@contoso.com", BODY)
            assert [item.message.content for item in running.forget()] == [BODY]
        until(lambda: running.memory.held == 0)
    assert running.forget() == running.accepted == []


def test_what_is_left_can_be_taken_out_of_a_stopped_listener_in_a_notebook(organization: Organization) -> None:
    with SmtpServer(organization) as running, smtplib.SMTP("127.0.0.1", running.port, timeout=10) as connected:
        connected.sendmail("kim@fabrikam.com", "anna@contoso.com", BODY)

    async def cell() -> list[Accepted]:
        return running.forget()

    with ThreadPoolExecutor(1) as thread:  # this one may have a loop of its own already
        assert [item.message.content for item in thread.submit(asyncio.run, cell()).result(10)] == [BODY]


AT_MOST = 0.1
"""Seconds that one session may make another one wait; a test fails at three times that, because machines are noisy."""

HARD = {
    "fields": b"A: b\r\n" * 830_000 + b"\r\n",
    "parts": b"Content-Type: multipart/mixed; boundary=b\r\n\r\n" + b"--b\r\n\r\n" * 700_000 + b"--b--\r\n",
    "ends of lines": b"\r\n" * 2_500_000,
    "dots": b"..\r\n" * 1_250_000,
    "line feeds": b"\n" * 5_000_000 + b"\r\n",
}


@pytest.mark.parametrize("what", HARD)
def test_nobody_waits_while_a_large_message_arrives(organization: Organization, what: str) -> None:
    with SmtpServer(organization) as running:
        raw, other, waits = From(running), From(running), []
        sender = threading.Thread(target=raw.send, args=(READY + b"DATA\r\n" + HARD[what] + b".\r\n",))
        sender.start()
        while not running.accepted:
            started = time.monotonic()
            assert other.say("NOOP").startswith("250")
            waits.append(time.monotonic() - started)
        sender.join()
        assert [raw.reply()[:9] for _ in range(5)][-1] == "250 2.6.0"
        for connection in (raw, other):
            connection.close()
    assert max(waits) < 3 * AT_MOST


def test_nobody_waits_while_thousands_of_commands_are_answered(shared: SmtpServer) -> None:
    raw, other, waits = From(shared), From(shared), []
    raw.send(b"NOOP\r\n" * 40_000)
    for _ in range(20):
        started = time.monotonic()
        assert other.say("NOOP").startswith("250")
        waits.append(time.monotonic() - started)
    for connection in (raw, other):
        connection.close()
    assert max(waits) < 3 * AT_MOST


def test_many_recipients_take_no_memory_beyond_the_bound(organization: Organization) -> None:
    with SmtpServer(organization, most_bytes=300 * 1000) as running:
        raw = From(running)
        raw.send(
            b"EHLO c\r\nMAIL FROM:<kim@fabrikam.com>\r\n"
            + b"".join(b"RCPT TO:<u%d@contoso.com>\r\n" % n for n in range(1500))
        )
        replies = [raw.reply()[:3] for _ in range(1502)]
        assert replies.count("452") == 500
        raw.close()


def test_recipients_cost_the_same_however_many_there_are(organization: Organization) -> None:
    with SmtpServer(organization) as running:
        took = []
        for many in (4_000, 16_000):
            raw = From(running)
            lines = b"".join(b"RCPT TO:<u%d@contoso.com>\r\n" % n for n in range(many))
            started = time.monotonic()
            threading.Thread(
                target=raw.send, args=(b"EHLO c\r\nMAIL FROM:<k@f.example>\r\n" + lines + b"DATA\r\n.\r\n",)
            ).start()
            while not raw.reply().startswith("250 2.6.0"):
                pass
            took.append((time.monotonic() - started) / many)
            raw.close()
        assert took[1] < 2 * took[0]
        assert len(running.accepted[-1].message.recipients) == 16_000


def test_a_client_that_drips_keeps_its_connection_as_long_as_it_is_heard(organization: Organization) -> None:
    with SmtpServer(organization, seconds=0.6) as running:
        raw = From(running)
        raw.send(READY + b"DATA\r\n")
        for _ in range(5):
            time.sleep(0.3)
            raw.send(b"x\r\n")
        raw.send(b".\r\n")
        assert [raw.reply()[:9] for _ in range(5)][-1] == "250 2.6.0"
        assert raw.file.read() == b""
        raw.close()


# -- TLS --------------------------------------------------------------------------------------------------------------


def trusting() -> ssl.SSLContext:
    made = ssl.create_default_context()
    made.check_hostname = False
    made.verify_mode = ssl.CERT_NONE
    return made


def test_rules_about_tls_are_seen_on_the_wire_t94(organization: Organization) -> None:
    pytest.importorskip("trustme")
    with SmtpServer(with_settings(organization, certificate=True, require_tls=True)) as running:
        with smtplib.SMTP("127.0.0.1", running.port, "client", timeout=10) as connected:
            connected.ehlo()
            assert connected.has_extn("starttls")
            assert b"STARTTLS" in connected.docmd("HELP")[1]
            assert connected.docmd("STARTTLS now")[0] == 501
            assert connected.mail("kim@fabrikam.com")[0] == 530
            connected.login("anna", "exchange")
            assert connected.starttls(context=trusting())[0] == 220
            assert connected.docmd("MAIL FROM:<kim@fabrikam.com>")[0] == 503, "the session begins anew"
            connected.ehlo()
            assert not connected.has_extn("starttls")
            assert connected.docmd("STARTTLS")[0] == 500
            connected.sendmail("kim@fabrikam.com", "anna@contoso.com", BODY)
            assert connected.sendmail("kim@fabrikam.com", "anna@contoso.com", BODY * 10_000) == {}
        assert [(item.tls, item.account) for item in running.accepted] == [(True, "")] * 2
        assert running.trace().status()["m1"][0][1] == "delivered"
        until(lambda: running.sessions == 0)


def test_what_was_said_before_the_handshake_is_forgotten(organization: Organization) -> None:
    pytest.importorskip("trustme")
    with SmtpServer(with_settings(organization, certificate=True)) as running:
        raw = From(running)
        raw.say("EHLO c")
        raw.send(b"STARTTLS\r\nMAIL FROM:<smuggled@b.example>\r\nRCPT TO:<anna@contoso.com>\r\n")
        assert raw.reply().startswith("220 2.0.0")
        secret = trusting().wrap_socket(raw.socket)
        secret.sendall(b"EHLO c\r\nRCPT TO:<anna@contoso.com>\r\n")
        told = b""
        while b"mail command" not in told:
            told += secret.recv(4096)
        assert b"503 5.5.2 Need mail command." in told
        secret.close()
        raw.close()


def test_no_handshake_and_the_listener_lives(organization: Organization) -> None:
    pytest.importorskip("trustme")
    with SmtpServer(with_settings(organization, certificate=True), seconds=1.0) as running:
        for noise, patient in ((b"NOOP\r\n" * 100, True), (b"", False), (b"", True)):
            raw = From(running)
            raw.say("EHLO c")
            assert raw.say("STARTTLS").startswith("220")
            raw.send(noise)
            with contextlib.suppress(OSError):
                assert not patient or len(raw.file.read()) < 100
            raw.close()
        until(lambda: running.sessions == 0)
        assert From(running).say("NOOP").startswith("250")


@pytest.mark.parametrize(("certificate", "installed"), [(False, True), (True, False)])
def test_without_a_certificate_there_is_no_starttls(
    organization: Organization, monkeypatch: pytest.MonkeyPatch, certificate: bool, installed: bool
) -> None:
    monkeypatch.setattr("mailflow.live.tls.available", lambda: installed)
    with SmtpServer(with_settings(organization, certificate=certificate)) as running:
        raw = From(running)
        assert "STARTTLS" not in raw.say("EHLO c")
        assert "STARTTLS" not in raw.say("HELP")
        assert raw.say("STARTTLS").startswith("500")
        raw.close()


@pytest.mark.parametrize("kind", [SmtpServer, DnsServer])
def test_nothing_is_said_of_clients_that_reset_or_are_there_when_it_stops(
    organization: mailflow.Organization, kind: type[SmtpServer] | type[DnsServer]
) -> None:
    said: list[str] = []
    with kind(organization) as running:
        assert running._background is not None
        running._background.loop.set_exception_handler(lambda _, context: said.append(context["message"]))
        for number in range(20):
            client = socket.create_connection(("127.0.0.1", running.port), 5)
            client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            client.sendall(b"EHLO c\r\n" * number)
            client.close()
        silent = [socket.create_connection(("127.0.0.1", running.port), 5) for _ in range(20)]
        until(lambda: running.clients.count == 20)
        gc.collect()
    for client in silent:
        client.close()
    gc.collect()
    assert said == []
