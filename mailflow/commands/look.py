"""`mailflow look queues two-sites --to kim@fabrikam.com --fail DNS`: run a message, and look at it with a tool of an administrator."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Mapping
from typing import Final, NamedTuple

import mailflow
from mailflow.commands.page import address, people
from mailflow.tools.queue_viewer import queues


class Shown(NamedTuple):
    """What a tool shows: as text, and as plain data."""

    text: str
    data: object


def _queues(trace: mailflow.Trace, server: str) -> Shown:
    found = queues(trace, server)
    return Shown(str(found), found.rows)


TOOLS: Final[Mapping[str, Callable[[mailflow.Trace, str], Shown]]] = {"queues": _queues}
"""The tools that look at a run, by the word for each."""


def fill(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    parser.description = "Run one message in an organization, and look at a server of it with a tool."
    parser.add_argument("tool", choices=list(TOOLS), help="what to look with")
    parser.add_argument(
        "organization",
        nargs="?",
        default="one-server",
        help='a ready-made organization, such as "two-sites", or a .toml file; by default "one-server"',
    )
    parser.add_argument("--server", default="", help="which server to look at; by default the first one")
    parser.add_argument(
        "--from", dest="writer", type=address, metavar="ADDRESS", help="who writes; by default the first mailbox"
    )
    parser.add_argument(
        "--to",
        action="append",
        type=address,
        default=[],
        metavar="ADDRESS",
        help="by default the second mailbox; may be given again",
    )
    parser.add_argument("--subject", default="Hello", help='by default "Hello"')
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
    parser.add_argument("--json", action="store_true", help="print plain data")


def run(options: argparse.Namespace) -> int:
    """Run the message, and print what the tool shows."""
    organization = mailflow.load(options.organization)
    server = options.server or organization.servers[0].name
    scenario = mailflow.Scenario(organization)
    for name in options.fail:
        scenario.fail(name)
    for service in options.stop:
        scenario.stop(service, server)
    first, second = people(organization)
    scenario.send(mailflow.Message.write(options.writer or first, options.to or second, subject=options.subject))
    shown = TOOLS[options.tool](scenario.run(options.seconds), server)
    print(json.dumps(shown.data, ensure_ascii=False, indent=2) if options.json else shown.text)  # noqa: T201
    return 0
