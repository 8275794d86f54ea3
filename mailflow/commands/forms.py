"""The three forms in which a command prints what it found: text, an HTML page, and plain data as JSON."""

from __future__ import annotations

import argparse
import codecs
import json
import re
import sys
from html import escape
from typing import NamedTuple, Protocol

CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
"""Control characters, which a terminal would obey: a subject comes from outside. Tabs and line ends are ours."""


class Shows(Protocol):
    """What a tool gives: ``str()`` of it is the text, and notebooks show its HTML."""

    def _repr_html_(self) -> str: ...


class Shown(NamedTuple):
    """What is printed: what a tool gave, and the same as plain data."""

    found: Shows
    data: object


def fill(parser: argparse.ArgumentParser) -> None:
    """Add the two arguments that choose a form; without them it is text."""
    forms = parser.add_mutually_exclusive_group()
    forms.add_argument("--json", action="store_true", help="print plain data")
    forms.add_argument("--html", action="store_true", help="print a page for the browser")


def show(shown: Shown, options: argparse.Namespace) -> None:
    """Print in the form that the arguments choose."""
    if options.json:
        print(json.dumps(shown.data, ensure_ascii=not _in_utf_8(), indent=2))  # noqa: T201
    elif options.html:
        page = _page(str(shown.found).partition("\n")[0], shown.found._repr_html_())
        print(page if _in_utf_8() else page.encode("ascii", "xmlcharrefreplace").decode())  # noqa: T201
    else:
        print(CONTROLS.sub("?", str(shown.found)))  # noqa: T201


def _in_utf_8() -> bool:
    """Whether what is printed is written in UTF-8, which plain data and pages are read as."""
    return codecs.lookup(getattr(sys.stdout, "encoding", None) or "utf-8").name == "utf-8"


def _page(title: str, body: str) -> str:
    head = f'<meta charset="utf-8"><title>{escape(title)}</title><style>body {{ font-family: sans-serif }}</style>'
    return f'<!DOCTYPE html>\n<html lang="en"><head>{head}</head><body>{body}</body></html>'
