"""`mailflow page two-sites --from anna@contoso.com --to kim@fabrikam.com`: a run as one HTML file, without Jupyter."""

from __future__ import annotations

import argparse

import mailflow
from mailflow.commands import letter
from mailflow.commands.terminal import say


def fill(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    parser.add_argument(
        "organization",
        nargs="?",
        default="one-server",
        help='a ready-made organization, such as "two-sites", or a .toml file; by default "one-server"',
    )
    letter.fill(parser)
    parser.add_argument(
        "--output", metavar="FILE", default="mailflow.html", help='the page, by default "mailflow.html"'
    )


def run(options: argparse.Namespace) -> int:
    """Run one message and write the page."""
    organization = mailflow.load(options.organization)
    trace = mailflow.Scenario(organization).send(letter.written(options, organization)).run()
    path = mailflow.page(trace, options.output)
    say(f"{path} plays {len(trace)} steps in any browser.")
    return 0
