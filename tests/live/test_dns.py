"""The real DNS server: dnspython and dig as clients, large answers, and noise."""

import contextlib
import shutil
import socket
import struct
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace

import dns.flags
import dns.message
import dns.query
import dns.rcode
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import mailflow
from mailflow.live import DnsServer, NoSocketsError, SmtpServer
from mailflow.live import dns as live
from mailflow.organization import Organization, Zone

MANY = "@ 60 IN SOA ns.many.example. h.many.example. 1 1 1 1 1\n" + "".join(
    f"@ 60 IN MX {number} host-with-a-long-name-{number}\n" for number in range(200)
)


@pytest.fixture(scope="module")
def organization() -> Organization:
    base = mailflow.load("one server")
    return replace(base, zones=(*base.zones, Zone(name="many.example", records=MANY)))


@pytest.fixture(scope="module")
def server(organization: Organization) -> Iterator[DnsServer]:
    with DnsServer(organization) as running:
        yield running


def replied(server: DnsServer, packet: bytes) -> bytes:
    reply = server.reply_to(packet)
    assert reply is not None
    return reply


def test_udp_and_tcp_say_the_same(server: DnsServer) -> None:
    query = dns.message.make_query("fabrikam.com", "MX")
    over_udp = dns.query.udp(query, "127.0.0.1", port=server.port, timeout=5)
    over_tcp = dns.query.tcp(query, "127.0.0.1", port=server.port, timeout=5)
    assert over_udp == over_tcp
    assert sorted(str(item) for item in over_udp.answer[0]) == ["10 mail.fabrikam.com.", "20 backup.fabrikam.com."]


def test_a_large_answer_is_cut_over_udp_and_whole_over_tcp(server: DnsServer) -> None:
    query = dns.message.make_query("many.example", "MX", use_edns=False)
    cut = dns.query.udp(query, "127.0.0.1", port=server.port, timeout=5)
    assert cut.flags & dns.flags.TC
    assert not cut.answer
    whole, used_tcp = dns.query.udp_with_fallback(query, "127.0.0.1", port=server.port, timeout=5)
    assert used_tcp
    assert len(whole.answer[0]) == 200


def test_several_queries_on_one_connection(server: DnsServer) -> None:
    with socket.create_connection(("127.0.0.1", server.port), timeout=5) as connection:
        for name in ("fabrikam.com", "contoso.com"):
            packet = dns.message.make_query(name, "MX").to_wire()
            connection.sendall(struct.pack("!H", len(packet)) + packet)
            length = struct.unpack("!H", connection.recv(2))[0]
            assert dns.message.from_wire(connection.recv(length)).rcode() == dns.rcode.NOERROR
        connection.sendall(struct.pack("!H", 3) + b"abc")
        assert connection.recv(2) == b"", "noise ends the connection"


def test_silent_clients_and_too_many(organization: Organization, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "IDLE_SECONDS", 0.2)
    with DnsServer(organization) as running, socket.create_connection(("127.0.0.1", running.port), timeout=5) as idle:
        assert idle.recv(1) == b""
    monkeypatch.setattr(live, "MOST_TCP_CLIENTS", 0)
    with DnsServer(organization) as running, socket.create_connection(("127.0.0.1", running.port), timeout=5) as late:
        assert late.recv(1) == b""


def test_many_silent_clients_do_not_shut_tcp(organization: Organization) -> None:
    query = dns.message.make_query("fabrikam.com", "MX")
    with DnsServer(organization) as running, contextlib.ExitStack() as stack:
        for _ in range(150):
            stack.enter_context(socket.create_connection(("127.0.0.1", running.port), timeout=5))
        time.sleep(live.PATIENCE + 0.1)
        for source in ("127.0.0.1", "127.0.0.2"):
            assert dns.query.tcp(query, "127.0.0.1", port=running.port, timeout=5, source=source).answer
        assert running.clients.count <= live.MOST_TCP_CLIENTS


def test_a_packet_that_is_no_query_gets_silence(server: DnsServer) -> None:
    assert server.reply_to(b"\0") is None
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
        client.sendto(b"\0", ("127.0.0.1", server.port))
        query = dns.message.make_query("fabrikam.com", "MX")
        client.sendto(query.to_wire(), ("127.0.0.1", server.port))
        client.settimeout(5)
        assert dns.message.from_wire(client.recv(4096)).id == query.id, "the first answer is for the second packet"


def test_names_in_no_zone_do_not_exist_t132(server: DnsServer) -> None:
    told = dns.query.udp(dns.message.make_query("nowhere.test", "MX"), "127.0.0.1", port=server.port, timeout=5)
    assert told.rcode() == dns.rcode.NXDOMAIN


def test_answers_take_at_most_twice_what_reading_and_writing_packets_takes(server: DnsServer) -> None:
    packet = dns.message.make_query("fabrikam.com", "MX").to_wire()
    answer = dns.message.from_wire(replied(server, packet))

    def seconds(work: Callable[[], object]) -> float:
        started = time.perf_counter()
        for _ in range(300):
            work()
        return time.perf_counter() - started

    ratios = [
        seconds(lambda: server.reply_to(packet, most=4096))
        / seconds(lambda: (dns.message.from_wire(packet), answer.to_wire()))
        for _ in range(5)
    ]
    assert min(ratios) < 2


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=200))
def test_any_packet_gets_an_answer_or_silence(server: DnsServer, packet: bytes) -> None:
    reply = server.reply_to(packet, most=4096)
    if reply is not None:
        assert reply[:2] == packet[:2]
        assert reply[2] & 0x80


def test_answers_and_broken_queries(organization: Organization, server: DnsServer) -> None:
    answer = dns.message.make_response(dns.message.make_query("contoso.com", "MX"))
    assert server.reply_to(answer.to_wire()) is None
    query = dns.message.make_query("contoso.com", "MX").to_wire()
    assert dns.message.from_wire(replied(server, query[:-4])).rcode() == dns.rcode.FORMERR
    quiet = DnsServer(organization)
    quiet._resolver._silent = set(quiet._resolver._zones)
    assert quiet.reply_to(query) is None
    quiet.stop()


def test_clear_errors(organization: Organization, server: DnsServer) -> None:
    with pytest.raises(ValueError, match="this machine only"):
        DnsServer(organization, host="0.0.0.0")
    with pytest.raises(OSError, match="in use"):
        DnsServer(organization, port=server.port).start()


@pytest.mark.skipif(not shutil.which("dig"), reason="dig is not installed")
def test_dig(server: DnsServer) -> None:
    for extra in ("+notcp", "+tcp"):
        command = ["dig", "@127.0.0.1", "-p", str(server.port), "fabrikam.com", "MX", "+short", extra]
        found = subprocess.run(command, capture_output=True, text=True, timeout=30, check=True).stdout
        assert sorted(found.split("\n"))[1:] == ["10 mail.fabrikam.com.", "20 backup.fabrikam.com."]


def test_a_datagram_that_is_an_answer_gets_none(server: DnsServer, caplog: pytest.LogCaptureFixture) -> None:
    query = dns.message.make_query("fabrikam.com", "MX")
    stray = dns.message.make_response(dns.message.make_query("contoso.com", "MX"))
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
        client.settimeout(5)
        client.connect(("127.0.0.1", server.port))
        client.send(stray.to_wire())
        client.send(query.to_wire())
        assert dns.message.from_wire(client.recv(4096)).id == query.id
        client.settimeout(0.2)
        with pytest.raises(TimeoutError):
            client.recv(4096)
    assert not caplog.records, "asyncio writes down what goes wrong in the listener"


def test_a_port_that_is_taken_for_udp_alone_is_left_free_for_tcp(organization: Organization) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        half = DnsServer(organization, port=port)
        with pytest.raises(OSError, match="in use"):
            half.start()
        assert not half.running
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", port), timeout=5)


def test_in_a_page_a_server_says_in_one_line_why_it_cannot_run(
    organization: Organization, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "platform", "emscripten")
    for server in (DnsServer(organization), SmtpServer(organization)):
        with pytest.raises(NoSocketsError, match="a page in a browser has no sockets"):
            server.start()
        assert not server.running
    assert NoSocketsError()._render_traceback_() == [f"NoSocketsError: {NoSocketsError()}"]
