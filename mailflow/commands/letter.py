"""The message that a command runs: how a terminal asks for it, and what is written when nothing is said."""

from __future__ import annotations

import argparse

import mailflow
from mailflow.messages import AddressError, Message, parse_path
from mailflow.organization.model import Mailbox, Organization


def fill(parser: argparse._ActionsContainer) -> None:  # what parsers and groups have in common has no public name
    """Add the arguments that `written` reads."""
    parser.add_argument(
        "--from", dest="writer", type=address, metavar="ADDRESS", help="who writes; by default the first mailbox"
    )
    parser.add_argument(
        "--to",
        action="append",
        type=address,
        default=[],
        metavar="ADDRESS",
        help="who shall get it, may be given again; by default the second mailbox",
    )
    parser.add_argument("--subject", default="Hello", help='by default "Hello"')


def address(text: str) -> str:
    """An address as an argument of a command."""
    try:
        found = parse_path(text)
    except AddressError:
        found = None
    if not found or not found.domain:
        raise argparse.ArgumentTypeError(f"{text!r} is not an address; write name@domain")
    return str(found)


def written(options: argparse.Namespace, organization: Organization) -> Message:
    """The message that was asked for."""
    first, second = _people(organization)
    return mailflow.Message.write(options.writer or first, options.to or second, subject=options.subject)


def _people(organization: Organization) -> tuple[str, str]:
    """Two addresses to write from and to: the first mailboxes, or a stranger where there are none."""
    found = [item.primary for item in organization.recipients if isinstance(item, Mailbox)]
    found += [f"postmaster@{organization.domain}"] * 2
    return found[0], found[1]
