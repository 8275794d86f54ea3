"""`mailflow dns one-server --port 8053`: the zones of an organization, on loopback."""

from __future__ import annotations

import argparse

from mailflow.live import terminal


def fill(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    terminal.dns_arguments(parser)


def run(options: argparse.Namespace) -> int:
    """Answer until Ctrl+C."""
    return terminal.listen("dns", options)
