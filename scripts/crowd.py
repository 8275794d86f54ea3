"""Honest and hostile clients at both listeners, until the time is up: what is accepted ends in a known state, memory stays flat.

    python scripts/crowd.py                 ten minutes
    python scripts/crowd.py --seconds 20

Prints how long honest clients waited. Ends with 1 if something was lost, or if memory grew.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import random
import smtplib
import socket
import sys
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import median

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

import dns.exception  # noqa: E402
import dns.message  # noqa: E402
import dns.query  # noqa: E402

import mailflow  # noqa: E402
from mailflow.live import Accepted, DnsServer, SmtpServer  # noqa: E402
from mailflow.trace.state import FINAL_STATES  # noqa: E402

HONEST, HOSTILE = "127.0.0.1", "127.0.0.2" if sys.platform != "darwin" else "127.0.0.1"
PAUSE = 0.05
BATCH = 2.0
BACKLOG = 200
"""The clients wait while so many messages have still to be followed to their end."""
GROWTH = 100 * 1024 * 1024
"""So many bytes may memory grow from the first third to the end: what is under way differs from moment to moment."""
SLOWEST = 10.0
READY = b"EHLO crowd\r\nMAIL FROM:<kim@fabrikam.com>\r\nRCPT TO:<anna@contoso.com>\r\nDATA\r\n"
PARTS = b"Content-Type: multipart/mixed; boundary=b\r\n\r\n" + b"--b\r\n\r\n" * 5_000 + b"--b--\r\n.\r\n"


class Crowd:
    """The clients, and what they saw."""

    def __init__(self, smtp: SmtpServer, names: DnsServer) -> None:
        self.smtp, self.names = smtp, names
        self.waits: dict[str, list[float]] = {"message": [], "look-up": []}
        self.acknowledged: set[str] = set()
        self.failed: list[str] = []
        self.over = threading.Event()

    def run(self, client: Callable[[random.Random], None], seed: int) -> threading.Thread:
        """Let a client come again and again."""

        def work() -> None:
            rng = random.Random(seed)
            while not self.over.wait(PAUSE):
                if len(self.smtp.accepted) < BACKLOG:
                    client(rng)

        thread = threading.Thread(target=work, name=client.__name__, daemon=True)
        thread.start()
        return thread

    def send(self, rng: random.Random) -> None:
        """An honest message."""
        subject, started = f"{rng.getrandbits(64):x}", time.perf_counter()
        to = rng.sample(["anna@contoso.com", "ben@contoso.com", "nobody@contoso.com"], rng.randint(1, 3))
        try:
            with smtplib.SMTP(HONEST, self.smtp.port, "crowd", timeout=30, source_address=(HONEST, 0)) as client:
                client.sendmail("kim@fabrikam.com", to, f"Subject: {subject}\r\n\r\n{'x' * rng.randint(0, 20_000)}\r\n")
        except (OSError, smtplib.SMTPException) as error:
            self.failed.append(f"message: {error!r}")
        else:
            self.acknowledged.add(subject)
            self.waits["message"].append(time.perf_counter() - started)

    def look_up(self, rng: random.Random) -> None:
        """An honest question."""
        query = dns.message.make_query(rng.choice(["fabrikam.com", "nix.fabrikam.com", "nowhere.test"]), "MX")
        asks: list[Callable[..., dns.message.Message]] = [dns.query.udp, dns.query.tcp]
        ask, started = rng.choice(asks), time.perf_counter()
        try:
            ask(query, HONEST, port=self.names.port, timeout=30, source=HONEST)
        except (OSError, EOFError, dns.exception.DNSException) as error:
            self.failed.append(f"look-up: {error!r}")
        else:
            self.waits["look-up"].append(time.perf_counter() - started)

    def hostile(self, rng: random.Random) -> None:
        """Silence, noise, half a message, tiny parts, guesses: whatever comes to mind."""
        kind = rng.choice(["silent", "noise", "half", "parts", "guess", "dns"])
        with contextlib.suppress(OSError), contextlib.ExitStack() as stack:
            for _ in range(rng.randint(1, 60) if kind == "silent" else 1):
                port = self.names.port if kind == "dns" or (kind == "silent" and rng.random() < 0.5) else self.smtp.port
                client = stack.enter_context(socket.create_connection((HONEST, port), 5, (HOSTILE, 0)))
            if kind == "silent":
                self.over.wait(1.0)
            said = {
                "noise": rng.randbytes(rng.randint(1, 20_000)) + b"\r\n" * rng.randint(0, 100),
                "half": READY + b"x" * 70 * rng.randint(1, 20_000),
                "parts": READY + PARTS + b"QUIT\r\n",
                "guess": b"EHLO c\r\n" + b"AUTH LOGIN YW5uYQ==\r\neA==\r\n" * 10,
                "dns": rng.randbytes(rng.randint(1, 200)),
            }.get(kind, b"")
            client.sendall(said)
            if kind == "parts":
                while client.recv(4096):
                    pass


def ended(smtp: SmtpServer, items: Sequence[Accepted]) -> int:
    """How many recipients of these messages end in a final state."""
    scenario = mailflow.Scenario(smtp.organization)
    for number, item in enumerate(items):
        smtp.send(scenario, item, at=float(number))
    trace = scenario.run()
    status = trace.status()
    return sum(
        row[1] in FINAL_STATES
        for name, told in trace.messages.items()
        if told["kind"] == "message"
        for row in status[name]
    )


def memory() -> int:
    """Bytes of this process in memory; 0 where the system does not say."""
    with contextlib.suppress(OSError):
        return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    return 0


def soak(seconds: float) -> list[str]:
    """Let the crowd in for so long. Returns what went wrong."""
    organization = mailflow.load("one server")
    wrong: list[str] = []
    seen: set[str] = set()
    accepted = 0
    sizes: list[int] = []
    with SmtpServer(organization) as smtp, DnsServer(organization) as names:
        crowd = Crowd(smtp, names)
        clients = (crowd.send, crowd.send, crowd.look_up, crowd.hostile, crowd.hostile, crowd.hostile)
        threads = [crowd.run(client, seed) for seed, client in enumerate(clients)]
        end = time.monotonic() + seconds
        while threads:
            if time.monotonic() >= end:
                crowd.over.set()
                for thread in threads:
                    thread.join(60)
                threads = []
            crowd.over.wait(min(BATCH, seconds / 10))
            items = smtp.forget()
            accepted += len(items)
            seen |= {item.message.subject for item in items}
            if ended(smtp, items) != sum(len(item.message.recipients) for item in items):
                wrong.append("a recipient of an accepted message is in no final state")
            sizes.append(memory())
    grown = max(sizes[-2:]) - max(sizes[: len(sizes) // 3 + 1])
    print(
        f"{accepted} messages accepted, {len(crowd.acknowledged)} of them honest; memory grew by {grown / 2**20:.0f} MB"
    )
    for what, waits in crowd.waits.items():
        ordered = sorted(waits) or [SLOWEST]
        print(f"{what}: {len(waits)}, median {median(ordered):.3f} s, longest {ordered[-1]:.3f} s")
        wrong += [f"a {what} took {ordered[-1]:.1f} s"] if ordered[-1] >= SLOWEST else []
    wrong += crowd.failed
    wrong += ["an acknowledged message is lost"] if crowd.acknowledged - seen else []
    wrong += [f"memory grew by {grown} bytes"] if grown > GROWTH else []
    return wrong


def main(arguments: Sequence[str] | None = None) -> int:
    """Run, and say what went wrong."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--seconds", type=float, default=600, help="how long, by default ten minutes")
    wrong = soak(parser.parse_args(arguments).seconds)
    for line in wrong[:20]:
        print(line)
    return int(bool(wrong))


if __name__ == "__main__":
    sys.exit(main())
