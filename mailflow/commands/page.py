"""`mailflow page two-sites --from anna@contoso.com --to kim@fabrikam.com`: a run as one HTML file, without Jupyter."""

from __future__ import annotations

import argparse

import mailflow
from mailflow.commands.terminal import say
from mailflow.messages import AddressError, parse_path
from mailflow.organization.model import Mailbox, Organization


def fill(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    parser.add_argument(
        "organization",
        nargs="?",
        default="one-server",
        help='a ready-made organization, such as "two-sites", or a .toml file; by default "one-server"',
    )
    parser.add_argument(
        "--from",
        dest="sender",
        type=address,
        metavar="ADDRESS",
        help="who writes; by default the first mailbox",
    )
    parser.add_argument(
        "--to",
        action="append",
        type=address,
        metavar="ADDRESS",
        default=[],
        help="who shall get it, may be given again; by default the second mailbox",
    )
    parser.add_argument("--subject", default="Hello", help='by default "Hello"')
    parser.add_argument(
        "--output", metavar="FILE", default="mailflow.html", help='the page, by default "mailflow.html"'
    )


def address(text: str) -> str:
    """An address as an argument of a command."""
    try:
        found = parse_path(text)
    except AddressError:
        found = None
    if not found or not found.domain:
        raise argparse.ArgumentTypeError(f"{text!r} is not an address; write name@domain")
    return str(found)


def run(options: argparse.Namespace) -> int:
    """Run one message and write the page."""
    organization = mailflow.load(options.organization)
    first, second = people(organization)
    message = mailflow.Message.write(options.sender or first, options.to or second, subject=options.subject)
    trace = mailflow.Scenario(organization).send(message).run()
    path = mailflow.page(trace, options.output)
    say(f"{path} plays {len(trace)} steps in any browser.")
    return 0


def people(organization: Organization) -> tuple[str, str]:
    """Two addresses to write from and to: the first mailboxes, or a stranger where there are none."""
    found = [item.primary for item in organization.recipients if isinstance(item, Mailbox)]
    found += [f"postmaster@{organization.domain}"] * 2
    return found[0], found[1]
