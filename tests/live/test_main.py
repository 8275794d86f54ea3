"""The listener in a terminal."""

import os
import re
import signal
import smtplib
import subprocess
import sys
from pathlib import Path

import pytest

from mailflow.live import SmtpServer
from mailflow.live.__main__ import main

ROOT = Path(__file__).resolve().parents[2]


def test_it_listens_tells_and_stops():
    command = [sys.executable, "-m", "mailflow.live", "smtp", "one-server", "--port", "0"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment
    ) as running:
        port = int(re.search(r"port (\d+)\.", running.stdout.readline()).group(1))
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
        (["smtp", "one-server", "--host", "0.0.0.0"], "this machine only"),
    ],
)
def test_what_is_wrong_is_said(arguments, told, capsys):
    assert main(arguments) == 2
    assert told in capsys.readouterr().err


def test_a_port_that_is_taken(capsys):
    import mailflow

    with SmtpServer(mailflow.load("one server")) as first:
        assert main(["smtp", "one-server", "--port", str(first.port)]) == 2
    assert "in use" in capsys.readouterr().err


def test_it_tells_each_message(capsys, monkeypatch):
    import mailflow
    from mailflow.live import Accepted
    from mailflow.live import __main__ as program

    message = mailflow.Message.write("kim@fabrikam.com", "anna@contoso.com")
    real = program.queue.SimpleQueue

    class Filled(real):
        def __init__(self):
            self.put(Accepted(message, "203.0.113.99", ""))

    monkeypatch.setattr(program.queue, "SimpleQueue", Filled)
    monkeypatch.setattr(program.mailflow, "load", lambda name: mailflow.organization.load("two-servers"))
    assert main(["smtp", "two-servers", "--port", "0", "--verbose"], forever=False) == 0
    assert "Accepted 'Hello' from kim@fabrikam.com" in capsys.readouterr().out
    monkeypatch.setattr(program, "_tell", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
    assert main(["smtp", "two-servers", "--port", "0"]) == 0
    assert "Stopped." in capsys.readouterr().out


def test_the_dns_server_says_what_it_serves(capsys, monkeypatch):
    from mailflow.live import __main__ as program

    assert main(["dns", "one-server", "--port", "0"], forever=False) == 0
    assert "dig @127.0.0.1" in capsys.readouterr().out

    def stopped(_):
        raise KeyboardInterrupt

    monkeypatch.setattr(program, "_wait", stopped)
    assert main(["dns", "one-server", "--port", "0"]) == 0
    assert "Stopped." in capsys.readouterr().out
