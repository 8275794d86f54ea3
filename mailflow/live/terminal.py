"""`mailflow smtp two-sites LON02 --port 2525`: a listener in a terminal, until Ctrl+C."""

from __future__ import annotations

import argparse
import ipaddress
import logging
import queue
import sys
import threading
from collections.abc import Sequence

import mailflow
from mailflow.live import Accepted, DnsServer, SmtpServer
from mailflow.live.smtp import PASSWORD, STRANGER
from mailflow.organization import OrganizationError
from mailflow.organization.model import Mailbox, Organization
from mailflow.simulation import Scenario
from mailflow.transport.mail import some


def main(arguments: Sequence[str] | None = None, *, forever: bool = True) -> int:
    """Run one listener. Returns 0 after Ctrl+C, 2 when it cannot start."""
    options = _parser().parse_args(arguments)
    try:
        return listen(options.kind, options, forever=forever)
    except (OrganizationError, OSError, ValueError) as error:
        print(f"mailflow: {error}", file=sys.stderr)  # noqa: T201
        return 2


def listen(kind: str, options: argparse.Namespace, *, forever: bool = True) -> int:
    """Run the listener of a kind, "smtp" or "dns", with the options its parser read, until Ctrl+C.

    Raises:
        OrganizationError, OSError, ValueError: it cannot start.
    """
    logging.basicConfig(level=logging.INFO if options.verbose else logging.WARNING, format="%(message)s")
    organization = mailflow.load(options.organization)
    return (_smtp if kind == "smtp" else _dns)(organization, options, forever)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m mailflow.live",
        description="Real listeners on this machine that answer as an organization's servers would.",
    )
    kinds = parser.add_subparsers(dest="kind", required=True)
    smtp_arguments(kinds.add_parser("smtp", help="an SMTP virtual server"))
    dns_arguments(kinds.add_parser("dns", help="a DNS server with the organization's zones, over UDP and TCP"))
    return parser


def smtp_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what an SMTP listener can be told."""
    parser.add_argument("organization", help='a ready-made organization, such as "one-server", or a .toml file')
    parser.add_argument("server", nargs="?", default="", help="which server answers; by default the first")
    parser.add_argument(
        "--virtual-server", default="", metavar="NAME", help="which virtual server of it; by default the first"
    )
    parser.add_argument("--port", type=_port, default=2525, help="by default 2525; 0 takes a free one")
    parser.add_argument("--host", default="127.0.0.1", help="this machine only")
    parser.add_argument(
        "--client-ip",
        default=STRANGER,
        type=_address,
        help=f"who you seem to be from 127.0.0.1, by default a stranger, {STRANGER}",
    )
    parser.add_argument(
        "--as", dest="addresses", metavar="LOOPBACK=ADDRESS", type=_stands_for, action="append", default=[],
        help="who binds to this loopback address seems to come from that address, such as 127.0.0.9=198.51.100.9; may be "
        "given again. Without it 127.0.0.9 is 127.0.0.9. macOS has 127.0.0.1 alone until more are added with ifconfig",
    )  # fmt: skip
    parser.add_argument("--verbose", action="store_true", help="show every line of every session")


def _stands_for(text: str) -> tuple[str, str]:
    peer, found, ip = text.partition("=")
    if not found:
        raise argparse.ArgumentTypeError(f"{text!r}: write a loopback address, =, and the address it stands for")
    return peer, ip


def _address(text: str) -> str:
    try:
        return str(ipaddress.ip_address(text))
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{text!r} is no IP address; write, for example, {STRANGER}") from error


def _port(text: str) -> int:
    if text.isdecimal() and int(text) < 65536:
        return int(text)
    raise argparse.ArgumentTypeError(f"{text!r} is not a port; ports are 1 to 65535, and 0 takes a free one")


def dns_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what a DNS server can be told."""
    parser.add_argument("organization", help='a ready-made organization, such as "one-server", or a .toml file')
    parser.add_argument("--port", type=_port, default=8053, help="by default 8053; 0 takes a free one")
    parser.add_argument("--host", default="127.0.0.1", help="this machine only")
    parser.add_argument("--verbose", action="store_true", help=argparse.SUPPRESS)


def _dns(organization: Organization, options: argparse.Namespace, forever: bool) -> int:
    with DnsServer(organization, port=options.port, host=options.host) as server:
        zones = ", ".join(zone.name for zone in organization.zones)
        first = organization.zones[0].name if organization.zones else organization.domain
        _say(
            f"DNS of {organization.name} listens on {server.host} port {server.port}, with the zones {zones or 'none'}. Try:"
        )
        _say(f"  dig @127.0.0.1 -p {server.port} {first} MX\nStop with Ctrl+C.")
        try:
            _wait(forever)
        except KeyboardInterrupt:
            _say("\nStopped.")
    return 0


def _wait(forever: bool) -> None:
    threading.Event().wait(None if forever else 0)


def _smtp(organization: Organization, options: argparse.Namespace, forever: bool) -> int:
    arrived: queue.SimpleQueue[Accepted] = queue.SimpleQueue()
    listener = SmtpServer(
        organization,
        options.server,
        virtual_server=options.virtual_server,
        port=options.port,
        host=options.host,
        client_ip=options.client_ip,
        addresses=dict(options.addresses),
        taken=arrived.put,
    )
    with listener:
        _say(_welcome(listener))
        try:
            while forever or not arrived.empty():
                _tell(listener, arrived.get())
        except KeyboardInterrupt:
            _say("\nStopped.")
    return 0


def _welcome(listener: SmtpServer) -> str:
    people = [item for item in listener.organization.recipients if isinstance(item, Mailbox)]
    someone = people[0].primary if people else f"postmaster@{listener.organization.domain}"
    account = people[0].name if people else "nobody"
    where = f"127.0.0.1:{listener.port}"
    return "\n".join(
        [
            f"{listener.place} of {listener.organization.name} listens on {listener.host} port {listener.port}. Nothing leaves this machine.",
            f"From 127.0.0.1 you seem to come from {listener.client_ip}{_others(listener)}. Every mailbox may log on with the password {PASSWORD!r}. Try:",
            f"  telnet 127.0.0.1 {listener.port}",
            f"  swaks --server {where} --from kim@fabrikam.com --to {someone}",
            f"  swaks --server {where} --from kim@fabrikam.com --to victim@elsewhere.example",
            f"  swaks --server {where} --from {someone} --to kim@fabrikam.com --auth LOGIN --auth-user {account} --auth-password {PASSWORD}",
            "Stop with Ctrl+C.",
        ]
    )


def _others(listener: SmtpServer) -> str:
    return "".join(f", from {peer} from {ip}" for peer, ip in listener.addresses.items())


def _tell(listener: SmtpServer, item: Accepted) -> None:
    """Say what becomes of a message in the simulated organization. A message about which nothing can be said hides no other."""
    try:
        told = _story(listener, item)
    except Exception as error:
        what = f"{item.message.sender or '<>'} for {', '.join(some(item.message.recipients))}"
        why = " ".join(f"{type(error).__name__}: {error}".split())
        told = f"\nAccepted a message from {what}, but the simulation cannot tell it: {why}"
    _say(told)


def _story(listener: SmtpServer, item: Accepted) -> str:
    scenario = Scenario(listener.organization)
    listener.send(scenario, item)
    trace = scenario.run()
    who = item.message.sender or "<>"
    return (
        f"\nAccepted {item.message.subject!r} from {who}. In the simulation it goes on like this:\n{trace.transcript()}"
    )


def _say(text: str) -> None:
    """Print text that may come from outside: what the terminal cannot show is written as an escape."""
    encoding = sys.stdout.encoding or "utf-8"
    print(text.encode(encoding, "backslashreplace").decode(encoding), flush=True)  # noqa: T201
