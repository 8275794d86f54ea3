"""The command line: `mailflow`, which is also `python -m mailflow`.

A command is a line in `COMMANDS` and a module of that name here, with two functions: ``fill(parser)`` adds its arguments, ``run(options)``
does the work and returns the exit status. Only the module of the command that was asked for is imported.
"""

from __future__ import annotations

import argparse
import errno
import io
import os
import sys
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import NoReturn

import mailflow

COMMANDS = {
    "lab": "open the course in JupyterLab",
    "page": "write one HTML file that plays a run",
    "smtp": "run a real SMTP listener on this machine",
    "dns": "run a real DNS server on this machine",
    "look": "look at a run with the tools of an administrator",
    "received": "read the way of a real message from its Received lines",
    "report": "say who solved what of what a class handed in",
    "tracking": "search message tracking logs, of a run or of real files",
}


class Parser(argparse.ArgumentParser):
    """A parser that says what is wrong in one line."""

    def error(self, message: str) -> NoReturn:
        """End with status 2."""
        self.exit(2, f"{self.prog}: {message} (see {self.prog} --help)\n")


PIPE_CLOSED = 141
"""What a shell gives for a program that wrote into a pipe nobody read any more: 128 and the number of that signal."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command. Returns its exit status: 0 when all went well, 2 when something was refused, which is said in one line."""
    words = sys.argv[1:] if arguments is None else list(arguments)
    if isinstance(sys.stdout, io.TextIOWrapper):
        # A subject may have letters that the terminal, or a file in its encoding, has not.
        sys.stdout.reconfigure(errors="backslashreplace")
    try:
        try:
            return _run(words)
        finally:
            # A closed pipe is noticed here, and not when Python ends.
            print(end="", flush=True)  # noqa: T201
    except (OSError, ValueError) as error:
        if _is_closed_pipe(error):
            # What was not written yet must go somewhere when Python ends.
            with Path(os.devnull).open("w") as nowhere:
                os.dup2(nowhere.fileno(), sys.stdout.fileno())
            return PIPE_CLOSED
        print(f"mailflow: {_reason(error)}", file=sys.stderr)  # noqa: T201
        return 2
    except KeyboardInterrupt:
        return 130


def _run(words: Sequence[str]) -> int:
    parser = _parser(next((word for word in words if not word.startswith("-")), ""))
    options = parser.parse_args(words)
    if not options.command:
        parser.print_help()
        return 0
    return int(import_module(f"mailflow.commands.{options.command}").run(options))


def _is_closed_pipe(error: Exception) -> bool:
    """Whether nobody reads any more what is written. On Windows this is an invalid argument, but one of no file."""
    named = isinstance(error, OSError) and error.filename is not None
    return isinstance(error, BrokenPipeError) or (getattr(error, "errno", None) == errno.EINVAL and not named)


def _reason(error: Exception) -> str:
    if isinstance(error, OSError) and error.strerror:
        return f"{error.filename}: {error.strerror}" if error.filename else error.strerror
    return str(error)


def _parser(wanted: str) -> Parser:
    parser = Parser(
        prog="mailflow", description="How mail flows in Microsoft Exchange Server 2003: a course and a model."
    )
    parser.add_argument("--version", action="version", version=f"mailflow {mailflow.__version__}")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", title="commands")
    for name, purpose in COMMANDS.items():
        command = commands.add_parser(name, help=purpose, description=f"{purpose[0].upper()}{purpose[1:]}.")
        if name == wanted:
            import_module(f"mailflow.commands.{name}").fill(command)
    return parser
