"""The listener in a terminal."""

import errno
import io
import os
import queue
import re
import signal
import smtplib
import subprocess
import sys
from pathlib import Path

import pytest

import mailflow
from mailflow.live import Accepted, SmtpServer
from mailflow.live.background import refused
from mailflow.live.terminal import main
from tests.simulation.test_properties import check_invariant

ROOT = Path(__file__).resolve().parents[2]


def port_in(line: str) -> int:
    found = re.search(r"port (\d+)\.", line)
    assert found, line
    return int(found[1])


def test_it_listens_tells_and_stops() -> None:
    command = [sys.executable, "-m", "mailflow.live", "smtp", "one-server", "--port", "0"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment
    ) as running:
        assert running.stdout
        assert running.stderr
        port = port_in(running.stdout.readline())
        told = [running.stdout.readline() for _ in range(6)]
        assert any("swaks --server" in line for line in told)
        with smtplib.SMTP("127.0.0.1", port, timeout=10) as client:
            client.sendmail("kim@fabrikam.com", "anna@contoso.com", b"Subject: hello\r\n\r\n")
        while "anna@contoso.com can read it" not in (line := running.stdout.readline()):
            assert line, running.stderr.read()
        running.send_signal(signal.SIGINT)
        assert "Stopped." in running.stdout.read()
        assert running.wait(10) == 0
        assert running.stderr.read() == ""


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["smtp", "nowhere"], "nowhere"),
        (["smtp", "one-server", "LON9"], "no server 'LON9'; there is LON01"),
        (
            ["smtp", "one-server", "--virtual-server", "Internet"],
            "LON01 has no virtual server 'Internet'; there is Default",
        ),
        (["smtp", "one-server", "--host", "0.0.0.0"], "this machine only"),
    ],
)
def test_what_is_wrong_is_said(arguments: list[str], told: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(arguments) == 2
    assert told in capsys.readouterr().err


def test_a_port_that_is_taken(capsys: pytest.CaptureFixture[str]) -> None:
    with SmtpServer(mailflow.load("one server")) as first:
        assert main(["smtp", "one-server", "--port", str(first.port)]) == 2
    assert "the port is in use; choose another one, such as 0, which takes a free one" in capsys.readouterr().err


def test_it_tells_each_message(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    from mailflow.live import terminal as program

    message = mailflow.Message.write("kim@fabrikam.com", "anna@contoso.com")

    class Filled(queue.SimpleQueue[Accepted]):
        def __init__(self) -> None:
            self.put(Accepted(message, "203.0.113.99", ""))

    monkeypatch.setattr(queue, "SimpleQueue", Filled)
    monkeypatch.setattr(mailflow, "load", lambda name: mailflow.organization.load("two-servers"))
    assert main(["smtp", "two-servers", "--port", "0", "--verbose"], forever=False) == 0
    assert "Accepted 'Hello' from kim@fabrikam.com" in capsys.readouterr().out
    monkeypatch.setattr(program, "_tell", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
    assert main(["smtp", "two-servers", "--port", "0"]) == 0
    assert "Stopped." in capsys.readouterr().out


def test_a_message_that_cannot_be_told_hides_no_other(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from mailflow.live import terminal as program

    def broken(*_: object) -> None:
        raise RuntimeError("it went\nwrong")

    with SmtpServer(mailflow.load("one server")) as listener:
        good = Accepted(mailflow.Message.write("kim@fabrikam.com", "anna@contoso.com", "second"), "203.0.113.99", "")
        with monkeypatch.context() as patch:
            patch.setattr(mailflow.Scenario, "run", broken)
            program._tell(listener, good)
        program._tell(listener, good)
    first, second = capsys.readouterr().out.strip().split("\nAccepted 'second'")
    assert first.splitlines() == [
        "Accepted a message from kim@fabrikam.com for anna@contoso.com, but the simulation cannot tell it: RuntimeError: it went wrong"
    ]
    assert "anna@contoso.com can read it" in second


def test_a_terminal_that_cannot_show_a_letter_gets_an_escape(monkeypatch: pytest.MonkeyPatch) -> None:
    from mailflow.live import terminal as program

    shown = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    monkeypatch.setattr(sys, "stdout", shown)
    program._say("café \U0001f600")
    assert shown.buffer.getvalue() == b"caf\\xe9 \\U0001f600\n"


HOSTILE = [
    (f"kim@{'a' * 64}.test", "nobody@contoso.com", b"Subject: label\r\n\r\n"),
    (f"kim@{'a.' * 130}test", "nobody@contoso.com", b"Subject: name\r\n\r\n"),
    ("kim@fabrikam.com", "anna@contoso.com", b"Subject: =?utf-8?b?a?=\r\n\r\n"),
    ("kim@fabrikam.com", "nobody@contoso.com", b"Subject: =?utf-8?q?=C2=9B31m_=F0=9F=98=80?=\r\nBcc: " + b"(" * 900 + b"\r\n\r\n"),
    ("kim@fabrikam.com", "anna@contoso.com", b"".join(
        b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (i, i) for i in range(3000))),
]  # fmt: skip


def test_hostile_mail_ends_nothing_and_hides_nothing() -> None:
    command = [sys.executable, "-m", "mailflow.live", "smtp", "one-server", "LON01", "--port", "0"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "ascii"}
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment
    ) as running:
        assert running.stdout
        assert running.stderr
        port = port_in(running.stdout.readline())
        deliver(port)
        told: list[str] = []
        while "anna@contoso.com can read it" not in (line := running.stdout.readline()) or "'good'" not in "".join(
            told
        ):
            assert line, running.stderr.read()
            told.append(line)
        running.send_signal(signal.SIGINT)
        assert running.wait(10) == 0
        assert running.stderr.read() == ""
    assert sum(line.startswith("Accepted '") for line in told) == len(HOSTILE) + 1


def test_hostile_mail_and_the_trace_of_a_listener() -> None:
    with SmtpServer(mailflow.load("one server")) as listener:
        deliver(listener.port)
        trace = listener.trace()
    assert [item.message.subject for item in listener.accepted][-1] == "good"
    good = next(name for name, shown in trace.messages.items() if shown["subject"] == "good")
    assert trace.status()[good] == [("anna@contoso.com", "delivered", "LON01, Mailbox Store")]
    check_invariant(trace)
    assert "kim@fabrikam.com" in trace.transcript()


def deliver(port: int) -> None:
    """Every hostile message, and then a good one."""
    with smtplib.SMTP("127.0.0.1", port, timeout=10) as client:
        client.ehlo("client")
        for sender, recipient, content in [
            *HOSTILE,
            ("kim@fabrikam.com", "anna@contoso.com", b"Subject: good\r\n\r\n"),
        ]:
            assert client.docmd(f"MAIL FROM:<{sender}>")[0] == 250
            assert client.rcpt(recipient)[0] == 250
            assert client.data(content)[0] == 250


def test_the_dns_server_says_what_it_serves(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from mailflow.live import terminal as program

    assert main(["dns", "one-server", "--port", "0"], forever=False) == 0
    assert "dig @127.0.0.1" in capsys.readouterr().out

    def stopped(_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(program, "_wait", stopped)
    assert main(["dns", "one-server", "--port", "0"]) == 0
    assert "Stopped." in capsys.readouterr().out


def test_a_port_that_is_not_for_everybody() -> None:
    told = refused(PermissionError(errno.EACCES, "error while attempting to bind"), "127.0.0.1", 25)
    assert isinstance(told, PermissionError)
    assert told.filename == "127.0.0.1 port 25"
    assert str(told.strerror).startswith("this port needs an administrator's rights; choose another one")
    other = OSError(errno.ENOMEM, "no memory")
    assert refused(other, "127.0.0.1", 25) is other
