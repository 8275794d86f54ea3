"""What a tool lists: a title, columns, rows of text, and remarks below; as a text, as a table of a notebook, and as data."""

from __future__ import annotations

import re
from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass
from html import escape
from itertools import islice
from typing import Protocol

from mailflow.facts.mistake import InputError

__all__ = ["Listing", "Verbatim", "aligned", "table"]

SHOWN = 200
"""So many rows does a table in a notebook have; the text has them all."""
HANGING = "display:block;padding-left:8ch;text-indent:-8ch"
"""The style of a line of text whose end may stand below its beginning."""


class Printer(Protocol):
    """Who writes down what a notebook shows as text."""

    def text(self, obj: str) -> None: ...


class Verbatim(str):
    """A text whose lines count. In a notebook a line that is too long goes on below, further to the right, so that nothing is out of
    sight and each line is told from the next one. In all else it is a text.
    """

    __slots__ = ()

    def _repr_html_(self) -> str:
        lines = (f'<span style="{HANGING}">{escape(line)}\n</span>' for line in self.splitlines())
        return f'<pre style="white-space:pre-wrap;word-break:normal;overflow-wrap:anywhere">{"".join(lines)}</pre>'

    def _repr_pretty_(self, printer: Printer, cycle: bool) -> None:
        printer.text(str(self))


@dataclass(frozen=True, slots=True)
class Listing:
    """Rows under columns. ``print`` it for a text, show it in a notebook for a table, take ``data`` for a dictionary a row.

    Attributes:
        title: what is listed.
        columns: the names of the columns.
        rows: the cells of each row, as texts.
        remarks: what else is to be said, in sentences.
    """

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    remarks: tuple[str, ...] = ()

    def __iter__(self) -> Iterator[tuple[str, ...]]:
        return iter(self.rows)

    def __len__(self) -> int:
        return len(self.rows)

    @property
    def data(self) -> list[dict[str, str]]:
        """A dictionary for each row, by column."""
        return [dict(zip(self.columns, row, strict=True)) for row in self.rows]

    def column(self, name: str) -> list[str]:
        """One column, from top to bottom.

        Raises:
            ValueError: no such column.
        """
        if name not in self.columns:
            raise InputError(f"no column {name!r}; there is {', '.join(self.columns)}")
        return [row[self.columns.index(name)] for row in self.rows]

    def __str__(self) -> str:
        return "\n".join([self.title, *aligned([self.columns, *self.rows]), *self.remarks])

    def __repr__(self) -> str:
        return f"{self.title}: {len(self.rows)} rows"

    def _repr_html_(self) -> str:
        more = f"<p>The first {SHOWN} rows.</p>" if len(self.rows) > SHOWN else ""
        said = "".join(f"<p>{escape(text)}</p>" for text in self.remarks)
        return (
            f"<div><p>{escape(self.title)}</p>{table(self.columns, list(islice(self.rows, SHOWN)))}{more}{said}</div>"
        )


def aligned(rows: Sequence[tuple[str, ...]]) -> list[str]:
    """Rows of text as lines in which the columns stand below each other."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]


def table(columns: Sequence[str], rows: Sequence[Sequence[str]], hosts: Container[int] = ()) -> str:
    """Rows of text as an HTML table that scrolls by itself. In the columns of hosts a long name or address goes on below."""
    head = "".join(f"<th scope='col' style='text-align:left'>{escape(name)}</th>" for name in columns)
    body = "".join(f"<tr>{''.join(_cell(text, at in hosts) for at, text in enumerate(row))}</tr>" for row in rows)
    return f"<div style='overflow-x:auto'><table style='line-height:1.3'><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>"


def _cell(text: str, is_host: bool) -> str:
    shown = re.sub(r"(?<=[.:])(?=\w)", "<wbr>", escape(text)) if is_host else escape(text)
    return f"<td style='text-align:left'>{shown}</td>"
