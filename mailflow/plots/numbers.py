"""The numbers of a chart as a table: what it shows where nothing can be drawn."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import NamedTuple

Cell = str | int | float
"""A name, a count, or a measured number, which is shown with two decimals."""


class Numbers(NamedTuple):
    """What a chart draws. A column of one kind of numbers, with its unit in the heading; rows in the order of the chart."""

    columns: Sequence[str]
    rows: Sequence[Sequence[Cell]]

    def html(self, words: str) -> str:
        """The words, and below them the table, which scrolls where it is long."""
        if not self.rows:
            return f"<p>{escape(words)}</p>"
        heads = zip(self.columns, self.rows[0], strict=True)
        head = "".join(f'<th scope="col" {_aligned(cell)}>{escape(name)}</th>' for name, cell in heads)
        body = "".join(f"<tr>{''.join(map(_cell, row))}</tr>" for row in self.rows)
        scrolls = (
            'role="region" aria-label="the numbers of the chart" tabindex="0" style="max-height:22em;overflow:auto"'
        )
        return f"<p>{escape(words)}</p><div {scrolls}><table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>"

    def text(self, words: str) -> str:
        """The same without markup."""
        if not self.rows:
            return words
        lines = [list(self.columns), *([*map(_written, row)] for row in self.rows)]
        widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
        table = ["  ".join(map(str.ljust, line, widths)).rstrip() for line in lines]
        return "\n".join([words, "", *table])


def _written(cell: Cell) -> str:
    return cell if isinstance(cell, str) else f"{cell:,.2f}" if isinstance(cell, float) else f"{cell:,}"


def _cell(cell: Cell) -> str:
    return f"<td {_aligned(cell)}>{escape(_written(cell))}</td>"


def _aligned(cell: Cell) -> str:
    """Names to the left, numbers to the right; JupyterLab alone would put all to the right."""
    return f'style="text-align:{"left" if isinstance(cell, str) else "right"}"'
