"""`mailflow lab`: the course in JupyterLab, in a copy that is the learner's own."""

from __future__ import annotations

import argparse
from pathlib import Path

from mailflow.commands import jupyter, working_copy
from mailflow.commands.terminal import say

FIRST = "00"


def fill(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    parser.description = (
        "Open the course in JupyterLab, in a folder of your own. A newer version never overwrites a notebook whose cells you changed: "
        "it is put beside yours. A notebook that you only ran is refreshed."
    )
    parser.add_argument(
        "folder",
        nargs="?",
        default="",
        help='where to work; by default "mailflow-course" here, or "my-course" in a checkout of the project',
    )
    parser.add_argument(
        "--again", metavar="NN", default="", help="start a notebook again, such as 03; yours is kept under another name"
    )
    parser.add_argument("--port", type=_port, default=8888, help="by default 8888; the next free one while it is taken")
    parser.add_argument("--no-browser", action="store_true", help="only print the address")
    parser.add_argument("--verbose", action="store_true", help="show JupyterLab's own log")


def _port(text: str) -> int:
    if text.isdecimal() and 0 < int(text) < 65536:
        return int(text)
    raise argparse.ArgumentTypeError(f"{text!r} is not a port; ports are 1 to 65535")


def run(options: argparse.Namespace) -> int:
    """Bring the working copy up to date and open it, until Ctrl+C."""
    folder = Path(options.folder).expanduser().resolve() if options.folder else working_copy.usual()
    again = working_copy.find(options.again) if options.again else ""
    for line in working_copy.bring(folder, again):
        say(line)
    notebook = again or working_copy.find(FIRST)
    return jupyter.open_lab(
        folder, notebook, port=options.port, browser=not options.no_browser, verbose=options.verbose
    )
