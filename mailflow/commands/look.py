"""`mailflow look queues two-sites --to kim@fabrikam.com --fail DNS`: run a message, and look at it with a tool of an administrator."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping
from typing import Final

import mailflow
from mailflow.commands import forms, letter
from mailflow.commands.forms import Shown
from mailflow.organization.model import Organization
from mailflow.tools.bad_mail import badmail
from mailflow.tools.diagnosis import smtpdiag
from mailflow.tools.events import event_log
from mailflow.tools.listing import Listing
from mailflow.tools.performance import counters
from mailflow.tools.port25 import telnet
from mailflow.tools.protocol import protocol_log
from mailflow.tools.queue_viewer import queues
from mailflow.tools.winroute import winroute


def _queues(trace: mailflow.Trace, server: str, _level: str) -> Shown:
    found = queues(trace, server)
    return Shown(found, found.rows)


def _events(trace: mailflow.Trace, server: str, level: str) -> Shown:
    return _listed(event_log(trace, server, level=level))


def _protocol(trace: mailflow.Trace, server: str, _level: str) -> Shown:
    found = protocol_log(trace, server)
    return Shown(found, found.listing.data)


def _counters(trace: mailflow.Trace, server: str, _level: str) -> Shown:
    return _listed(counters(trace, server).listing)


def _winroute(trace: mailflow.Trace, server: str, _level: str) -> Shown:
    found = winroute(trace, server)
    return Shown(found, {"tree": found.tree, "address spaces": found.address_spaces, "raw": found.raw})


def _badmail(trace: mailflow.Trace, server: str, _level: str) -> Shown:
    return _listed(badmail(trace, server))


def _listed(found: Listing) -> Shown:
    return Shown(found, found.data)


def _nslookup(organization: Organization, typed: list[str]) -> Shown:
    found = mailflow.nslookup(organization, *_some(typed, 1, 2, "a name, and a kind of record if it is not MX"))
    return Shown(found, str(found).splitlines())


def _telnet(organization: Organization, typed: list[str]) -> Shown:
    host, *lines = _some(typed, 1, 1000, "a server, and the lines to type")
    found = telnet(organization, host, lines)
    return Shown(found, str(found).splitlines())


def _smtpdiag(organization: Organization, typed: list[str]) -> Shown:
    return _listed(smtpdiag(organization, *_some(typed, 2, 2, "the addresses of a sender and of a recipient")))


def _some(typed: list[str], least: int, most: int, what: str) -> list[str]:
    if not least <= len(typed) <= most:
        raise ValueError(f"give {what}")
    return typed


TOOLS: Final[Mapping[str, Callable[[mailflow.Trace, str, str], Shown]]] = {
    "queues": _queues,
    "events": _events,
    "protocol": _protocol,
    "counters": _counters,
    "badmail": _badmail,
    "winroute": _winroute,
}
"""The tools that look at a run, by the word for each."""

ON_WIRE: Final[Mapping[str, Callable[[Organization, list[str]], Shown]]] = {
    "nslookup": _nslookup,
    "telnet": _telnet,
    "smtpdiag": _smtpdiag,
}
"""The tools that ask an organization, without a run."""


def fill(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    parser.description = "Run one message in an organization and look at a server of it with a tool, or ask its name service and its servers."
    parser.add_argument("tool", choices=[*TOOLS, *ON_WIRE], help="what to look with")
    parser.add_argument(
        "organization",
        nargs="?",
        default="one-server",
        help='a ready-made organization, such as "two-sites", or a .toml file; by default "one-server"',
    )
    parser.add_argument(
        "typed",
        nargs="*",
        default=[],
        help="for nslookup a name and a kind of record, for telnet a server and lines, for smtpdiag two addresses",
    )
    parser.add_argument(
        "--level", default="None", help='for events, the level of diagnostics logging, such as "Medium"'
    )
    parser.add_argument("--server", default="", help="which server to look at; by default the first one")
    letter.fill(parser)
    parser.add_argument(
        "--fail", action="append", default=[], metavar="NAME", help="what has no network, as `Scenario.fail` names it"
    )
    parser.add_argument(
        "--stop",
        action="append",
        default=[],
        metavar="SERVICE",
        help="a service that is stopped on the server that is looked at, as `Scenario.stop` names it",
    )
    parser.add_argument("--seconds", type=float, default=60.0, help="when to look, by default after 60 seconds")
    forms.fill(parser)


def run(options: argparse.Namespace) -> int:
    """Run the message, and print what the tool shows."""
    organization = mailflow.load(options.organization)
    if options.tool in ON_WIRE:
        shown = ON_WIRE[options.tool](organization, options.typed)
    else:
        server = options.server or organization.servers[0].name
        shown = TOOLS[options.tool](_run(options, organization, server), server, options.level)
    forms.show(shown, options)
    return 0


def _run(options: argparse.Namespace, organization: Organization, server: str) -> mailflow.Trace:
    _some(options.typed, 0, 0, "nothing more: what this tool looks at is a run")
    scenario = mailflow.Scenario(organization)
    for name in options.fail:
        scenario.fail(name)
    for service in options.stop:
        scenario.stop(service, server)
    return scenario.send(letter.written(options, organization)).run(options.seconds)
