"""`mailflow smtp two-sites LON02 --port 2525`: one virtual server of an organization, on loopback."""

from __future__ import annotations

import argparse

from mailflow.live import terminal


def fill(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    terminal.smtp_arguments(parser)


def run(options: argparse.Namespace) -> int:
    """Listen until Ctrl+C."""
    return terminal.listen("smtp", options)
