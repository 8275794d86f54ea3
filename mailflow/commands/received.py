"""`mailflow received letter.eml`: the way of a real message, from its Received lines."""

from __future__ import annotations

import argparse

from mailflow.commands import forms
from mailflow.tools.received import received


def fill(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    parser.description = "Read the Received lines of real messages: hops, delays, clocks that differ, and what nobody vouches for. Nothing is sent or stored."
    parser.add_argument("file", nargs="+", help="a message as a file, such as letter.eml")
    parser.add_argument(
        "--own",
        action="append",
        default=[],
        metavar="DOMAIN",
        help="your own domain, may be given again; by default that of the newest line",
    )
    parser.add_argument("--full", action="store_true", help="show addresses as they are")
    forms.fill(parser)


def run(options: argparse.Namespace) -> int:
    """Read the files, and print what they say."""
    named = len(options.file) > 1 and not (options.json or options.html)
    for name in options.file:
        found = received(name, own=tuple(options.own), full=options.full)
        if named:
            print(f"{name}:")  # noqa: T201
        forms.show(forms.Shown(found, found.rows), options)
    return 0
