"""A report of one page, to print or to hand in: one HTML file with the organization, its map and its figures."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape

from mailflow.capstone.figures import gateways, hired
from mailflow.capstone.sheet import Sheet
from mailflow.organization import RoutingGroupConnector
from mailflow.player.picture import picture
from mailflow.simulation import Scenario

STYLE = """
@page { size: A4; margin: 12mm }
:root { color-scheme: light dark }
body { font: 13px/1.4 system-ui, "Segoe UI", "DejaVu Sans", sans-serif; max-width: 186mm; margin: 16px auto; padding: 0 12px }
h1 { font-size: 20px; margin: 0 } h2 { font-size: 14px; margin: 12px 0 4px } p { margin: 2px 0 }
table { border-collapse: collapse; width: 100% } th, td { text-align: left; padding: 2px 8px 2px 0; border-bottom: 1px solid #8a929c; vertical-align: top }
td.n, th.n { text-align: right; padding-right: 16px } svg { display: block; width: auto; max-width: 100%; height: auto; max-height: 76mm; margin: 0 auto }
.two { display: grid; grid-template-columns: 2fr 3fr; gap: 20px }
@media print { :root { color-scheme: light } body { margin: 0; padding: 0; max-width: none; font-size: 10px; line-height: 1.25 }
  h2 { margin: 7px 0 2px } td, th { padding-block: 1px } svg { max-height: 64mm } h2, table, svg { break-inside: avoid } }
@media (max-width: 600px) { .two { grid-template-columns: 1fr } }
"""


def report(sheet: Sheet, author: str = "") -> str:
    """The page as text. Every name in it is escaped."""
    title = sheet.terms.title
    by = f"<p>Designed by {escape(author)}</p>" if author else ""
    faults = "".join(f"<li>{escape(line)}</li>" for line in sheet.faults)
    body = _judged(sheet) if sheet.yours else f"<ul>{faults}</ul>"
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
        f"<title>{escape(title)}</title><style>{STYLE}</style></head><body><main><h1>{escape(title)}</h1>{by}"
        f"<p><b>{escape(sheet.title)}</b></p>{body}</main></body></html>"
    )


def _judged(sheet: Sheet) -> str:
    figures = _table(sheet.columns, sheet.rows, numbers=range(1, 5))
    said = "".join(f"<p>{escape(line)}</p>" for line in sheet.remarks)
    still = picture(Scenario(sheet.design).run(until=0))
    return f"<h2>Figures</h2>{figures}{said}<h2>Map</h2>{still}<div class='two'><div>{_servers(sheet)}</div><div>{_connectors(sheet)}</div></div>"


def _servers(sheet: Sheet) -> str:
    out = gateways(sheet.design)
    rows = [
        (item.name, item.routing_group, ", ".join(word for word in (_people(sheet, item.name), "gateway" if item.name in out else "") if word))
        for item in sheet.design.servers
    ]  # fmt: skip
    return f"<h2>Servers</h2>{_table(('Server', 'Site', 'Carries'), rows)}"


def _people(sheet: Sheet, server: str) -> str:
    count = sum(getattr(item, "server", "") == server for item in sheet.design.recipients)
    return f"{count} people" if count else ""


def _connectors(sheet: Sheet) -> str:
    inside = [item for item in sheet.design.connectors if isinstance(item, RoutingGroupConnector)]
    rows = [
        (item.name, str(item.cost), ", ".join(item.local_bridgeheads) or "any", ", ".join(item.remote_bridgeheads))
        for item in inside
    ]
    lines = ", ".join(line.name for line in hired(sheet.terms, sheet.design))
    return f"<h2>Connectors</h2>{_table(('Connector', 'Cost', 'From', 'To'), rows, numbers=(1,))}<p>Lines hired: {escape(lines)}</p>"


def _table(columns: Sequence[str], rows: Iterable[Sequence[str]], numbers: Iterable[int] = ()) -> str:
    right = set(numbers)
    head = "".join(f"<th scope='col'{_class(at in right)}>{escape(name)}</th>" for at, name in enumerate(columns))
    body = "".join(
        f"<tr>{''.join(f'<td{_class(at in right)}>{escape(cell)}</td>' for at, cell in enumerate(row))}</tr>"
        for row in rows
    )
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def _class(number: bool) -> str:
    return " class='n'" if number else ""
